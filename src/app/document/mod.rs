//! The open document as the window sees it: what is on disk, and what was asked of the writing thread.

use crate::model::{
    Class, ClassId, Edit, Object, ObjectId, Progress, Rater, RaterId, Rect, Resolution, Shape, SlideId,
    SlidePx,
};
use crate::store::{Access, Event, Generation, ObjectIndex, Request, SlideEntry, Writer};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

mod work;

use work::Act;

/// What happened to the document since the last look.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// It is open; or classes, raters or slides changed.
    Facts,
    /// It is of an older generation and must be upgraded before it can be changed.
    NeedsUpgrade(Generation),
    /// It was upgraded; the copy of it as it was lies here.
    Upgraded(PathBuf),
    /// The slide's objects were read.
    Loaded,
    /// An edit is on disk.
    Saved(Edit),
    /// How far the rater came on the slide, from the document.
    Progress(Progress),
    /// Something could not be done: what and why.
    Refused(String, String),
    /// Nothing can be read: the document is closed.
    Failed(String),
}

/// What the document is told of the slide on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct SlideFacts {
    /// Base name.
    pub filename: String,
    /// Absolute folder.
    pub directory: String,
    /// Level-0 width and height.
    pub size: (u32, u32),
    /// Micrometres per pixel.
    pub resolution: Option<Resolution>,
}

/// The open document.
pub struct Document {
    writer: Writer,
    path: PathBuf,
    access: Option<Access>,
    classes: Vec<Class>,
    raters: Vec<Rater>,
    slides: Vec<SlideEntry>,
    rater: Option<RaterId>,
    wanted_rater: Option<String>,
    slide: Option<SlideId>,
    facts: Option<SlideFacts>,
    /// Does somebody work on this slide? Who only looks changes no byte of the document.
    working: bool,
    /// Was the document told the slide's size and resolution?
    remembered: bool,
    /// Is an edit on its way that adds the rater, or the slide?
    adding: (bool, bool),
    /// Acts wait until the document has so many classes.
    expected_classes: usize,
    objects: Vec<Object>,
    places: HashMap<ObjectId, usize>,
    index: ObjectIndex,
    loaded: bool,
    version: u64,
    can_undo: bool,
    can_redo: bool,
    acts: Vec<Act>,
    waiting_progress: Option<Progress>,
    pass: u32,
}

impl Document {
    /// Opens (or with `create` makes) a document on the writing thread; `wake` asks for a frame.
    pub fn open(path: PathBuf, create: bool, wake: Box<dyn Fn() + Send>) -> Self {
        Self {
            writer: Writer::start(path.clone(), create, wake),
            path,
            access: None,
            classes: Vec::new(),
            raters: Vec::new(),
            slides: Vec::new(),
            rater: None,
            wanted_rater: None,
            slide: None,
            facts: None,
            working: false,
            remembered: false,
            adding: (false, false),
            expected_classes: 0,
            objects: Vec::new(),
            places: HashMap::new(),
            index: ObjectIndex::default(),
            loaded: false,
            version: 0,
            can_undo: false,
            can_redo: false,
            acts: Vec::new(),
            waiting_progress: None,
            pass: 1,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its base name.
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    }

    /// Can labels be added now?
    pub fn writable(&self) -> bool {
        self.access == Some(Access::ReadWrite)
    }

    /// Has the writing thread said what is in it?
    pub fn is_open(&self) -> bool {
        self.access.is_some()
    }

    /// Its classes, in the order of their uids.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// A class by its uid.
    pub fn class(&self, id: ClassId) -> Option<&Class> {
        self.classes.iter().find(|c| c.id == id)
    }

    /// Its raters.
    pub fn raters(&self) -> &[Rater] {
        &self.raters
    }

    /// Its slides.
    pub fn slides(&self) -> &[SlideEntry] {
        &self.slides
    }

    /// Who labels.
    pub fn rater(&self) -> Option<&Rater> {
        self.raters.iter().find(|r| Some(r.id) == self.rater)
    }

    /// The name of who labels, known to the document or not yet.
    pub fn wanted_rater(&self) -> Option<&str> {
        self.wanted_rater.as_deref()
    }

    /// The name of a rater.
    pub fn rater_name(&self, id: RaterId) -> &str {
        self.raters.iter().find(|r| r.id == id).map_or("nobody named", |r| r.name.as_str())
    }

    /// The slide on the screen, once it is in the document.
    pub fn slide(&self) -> Option<SlideId> {
        self.slide
    }

    /// The slide's objects, soft-deleted ones included.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Were the slide's objects read?
    pub fn loaded(&self) -> bool {
        self.loaded
    }

    /// Changes whenever objects or classes do.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// An object of the slide.
    pub fn object(&self, id: ObjectId) -> Option<&Object> {
        self.places.get(&id).and_then(|at| self.objects.get(*at)).filter(|o| !o.deleted)
    }

    /// The object nearest to `p`, within `reach` level-0 pixels; regions only by their own area.
    pub fn nearest(&self, p: SlidePx, reach: f64) -> Option<&Object> {
        self.index.nearest(p, reach).and_then(|id| self.object(id))
    }

    /// The cell (spot, flag or circle) nearest to `p`.
    pub fn nearest_cell(&self, p: SlidePx, reach: f64) -> Option<&Object> {
        let around = Rect::around(p, 2.0 * reach, 2.0 * reach);
        let cells = self.index.within(around).into_iter().filter_map(|id| self.object(id));
        cells
            .filter(|o| matches!(o.shape, Shape::Spot(_) | Shape::Flag(_) | Shape::Circle { .. }))
            .filter_map(|o| Some((o.shape.center()?.distance(p), o)))
            .filter(|(distance, _)| *distance <= reach)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(b.1.id.cmp(&a.1.id)))
            .map(|(_, o)| o)
    }

    /// Can the rater take something back?
    pub fn can_undo(&self) -> bool {
        self.can_undo
    }

    /// Can the rater make something again?
    pub fn can_redo(&self) -> bool {
        self.can_redo
    }

    /// Requests that are not carried out yet, and labels that wait for rater or slide.
    pub fn pending(&self) -> usize {
        self.writer.pending() + if self.writable() { self.acts.len() } else { 0 }
    }

    /// The screening pass that progress is kept for.
    pub fn pass(&self) -> u32 {
        self.pass
    }

    /// From now on this person labels; added to the document with the first act where it does not know the name.
    pub fn choose_rater(&mut self, name: &str) {
        self.wanted_rater = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
        self.rater = None;
        self.settle();
    }

    /// From now on this slide is on the screen, or none.
    pub fn show_slide(&mut self, facts: Option<SlideFacts>) {
        if self.facts == facts {
            return;
        }
        self.facts = facts;
        self.slide = None;
        (self.working, self.remembered) = (false, false);
        self.pass = 1;
        self.replace(Vec::new());
        self.loaded = false;
        // A label that could not be placed belongs to the slide it was meant for.
        self.acts.clear();
        self.waiting_progress = None;
        self.settle();
    }

    /// Starts another pass: its progress is asked for.
    pub fn start_pass(&mut self, pass: u32) {
        self.pass = pass;
        self.ask_progress();
    }

    /// Brings an older generation to the newest, after a backup.
    pub fn upgrade(&self) {
        self.writer.send(Request::Upgrade);
    }

    /// A new spot of the class at `class` in the list; waits where rater or slide are not in the document yet.
    pub fn place(&mut self, at: SlidePx, class: usize) {
        self.working = true;
        self.acts.push(Act::Place(at, class));
        self.settle();
    }

    /// The rater's opinion on an object; nothing where it is that already.
    pub fn label(&mut self, object: ObjectId, class: ClassId) {
        self.working = true;
        self.acts.push(Act::Label(object, class));
        self.settle();
    }

    /// Soft-deletes an object.
    pub fn delete(&mut self, object: ObjectId) {
        self.working = true;
        self.acts.push(Act::Delete(object));
        self.settle();
    }

    /// Takes the rater's newest change back.
    pub fn undo(&self) {
        if let Some(rater) = self.rater {
            self.writer.send(Request::Undo(rater));
        }
    }

    /// Makes the rater's newest undone change again.
    pub fn redo(&self) {
        if let Some(rater) = self.rater {
            self.writer.send(Request::Redo(rater));
        }
    }

    /// Remembers how far the rater came on the slide.
    pub fn keep_progress(&mut self, progress: &Progress) {
        self.working = true;
        self.waiting_progress = Some(progress.clone());
        self.settle();
    }

    /// What has happened since the last call.
    pub fn poll(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        while let Some(event) = self.writer.poll() {
            self.take(event, &mut news);
        }
        news
    }

    fn take(&mut self, event: Event, news: &mut Vec<News>) {
        match event {
            Event::Facts { path: _, access, classes, raters, slides } => {
                self.access = Some(access);
                self.classes = classes;
                self.raters = raters;
                self.slides = slides;
                self.adding = (false, false);
                self.version += 1;
                news.push(News::Facts);
                self.settle();
            }
            Event::NeedsUpgrade { generation } => news.push(News::NeedsUpgrade(generation)),
            Event::Upgraded { backup } => news.push(News::Upgraded(backup)),
            Event::History { rater, can_undo, can_redo } => {
                if Some(rater) == self.rater {
                    (self.can_undo, self.can_redo) = (can_undo, can_redo);
                }
            }
            Event::Objects { slide, objects } => {
                if Some(slide) == self.slide {
                    self.replace(objects);
                    self.loaded = true;
                    news.push(News::Loaded);
                }
            }
            Event::Progress { slide, rater, pass, progress } => {
                if (Some(slide), Some(rater), pass) == (self.slide, self.rater, self.pass) {
                    news.push(News::Progress(progress));
                }
            }
            Event::Applied { applied, can_undo, can_redo } => {
                if Some(applied.rater) == self.rater {
                    (self.can_undo, self.can_redo) = (can_undo, can_redo);
                }
                if let Some(object) = applied.object {
                    self.put(object);
                }
                news.push(News::Saved(applied.edit));
            }
            Event::Refused { what, why } => {
                if what == "open" && self.access.is_none() {
                    news.push(News::Failed(why));
                } else {
                    // What adds the rater or the slide may be asked for again by the next label.
                    self.adding = (false, false);
                    self.expected_classes = 0;
                    self.acts.clear();
                    self.waiting_progress = None;
                    news.push(News::Refused(what, why));
                }
            }
        }
    }

    fn replace(&mut self, objects: Vec<Object>) {
        self.objects = objects;
        self.places = self.objects.iter().enumerate().map(|(at, o)| (o.id, at)).collect();
        self.index = ObjectIndex::new(&self.objects);
        for object in self.objects.iter().filter(|o| o.deleted) {
            self.index.remove(object.id);
        }
        self.version += 1;
    }

    fn put(&mut self, object: Object) {
        if Some(object.slide) != self.slide {
            return;
        }
        if object.deleted {
            self.index.remove(object.id);
        } else {
            self.index.insert(&object);
        }
        match self.places.get(&object.id) {
            Some(at) => self.objects[*at] = object,
            None => {
                self.places.insert(object.id, self.objects.len());
                self.objects.push(object);
            }
        }
        self.version += 1;
    }
}

#[cfg(test)]
mod tests;
