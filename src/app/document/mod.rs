//! The open document as the window sees it: what is on disk, and what was asked of the writing thread.

use crate::model::{
    Class, ClassId, Edit, Object, ObjectId, Progress, Rater, RaterId, Rect, Resolution, Role, Shape, SlideId,
    SlidePx,
};
use crate::store::tasks::{Incoming, Merged};
use crate::store::{Access, Event, Generation, How, ObjectIndex, Request, SlideEntry, Writer};
use std::collections::{HashMap, HashSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

mod work;

use work::Act;
pub use work::Deed;

/// What happened to the document since the last look.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// It is open; or classes, raters or slides changed.
    Facts,
    /// It is of an older generation and must be upgraded before it can be changed.
    NeedsUpgrade(Generation),
    /// It was upgraded; the copy of it as it was lies here.
    Upgraded(PathBuf),
    /// An edit is on disk: new, taken back or made again, and the slide's name where it is not the one on the screen.
    Saved(Edit, How, Option<String>),
    /// How far the rater came on the slide in this pass, from the document.
    Progress(u32, Progress),
    /// Something could not be done: what and why.
    Refused(String, String),
    /// A task is in the document: its name, who is asked, and how many items it has.
    TaskMade(String, String, u32),
    /// A kit is whole on disk: the file, the rater it is for, items that bring their picture.
    KitMade(PathBuf, String, usize),
    /// What came back in a kit, and what of it was new.
    KitMerged(Box<Incoming>, Merged),
    /// So many labels or places that waited were not saved, and why.
    Lost(usize, String),
    /// Nothing can be read: the document is closed.
    Failed(String),
}

/// What the document is told of a slide.
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
    /// The case it belongs to, where it is not in the document yet.
    pub case: Option<String>,
}

/// Which class a label gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Class(ClassId),
    /// The only one of this role: chosen before the document was open.
    Role(Role),
}

/// Numbers of states: no two documents ever have the same one, so that one's marks are never taken for another's.
fn next_version() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}

/// The open document.
pub struct Document {
    writer: Writer,
    path: PathBuf,
    access: Option<Access>,
    classes: Vec<Class>,
    raters: Vec<Rater>,
    slides: Vec<SlideEntry>,
    wanted_rater: Option<String>,
    rater: Option<RaterId>,
    facts: Option<Arc<SlideFacts>>,
    slide: Option<SlideId>,
    pass: u32,
    /// What waits, in order, until its rater, slide and class are in the document.
    queue: VecDeque<Act>,
    /// Titles of the edits on their way that the first of the queue waits for.
    adding: Vec<String>,
    /// Was something added, or refused, since the document said what is in it?
    stale: bool,
    /// Why what the first of the queue waits for could not be added.
    refusal: Option<String>,
    /// Folders that slides were matched in: two files of one name are not one slide.
    bound: HashMap<SlideId, String>,
    /// Edits that were sent and are not answered yet, in order.
    flying: VecDeque<Edit>,
    /// Slides whose size and resolution the document was told.
    remembered: HashSet<SlideId>,
    news: Vec<News>,
    objects: Vec<Object>,
    places: HashMap<ObjectId, usize>,
    index: ObjectIndex,
    counts: HashMap<ClassId, usize>,
    shown: usize,
    loaded: bool,
    version: u64,
    can_undo: bool,
    can_redo: bool,
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
            wanted_rater: None,
            rater: None,
            facts: None,
            slide: None,
            pass: 1,
            queue: VecDeque::new(),
            adding: Vec::new(),
            stale: false,
            refusal: None,
            bound: HashMap::new(),
            flying: VecDeque::new(),
            remembered: HashSet::new(),
            news: Vec::new(),
            objects: Vec::new(),
            places: HashMap::new(),
            index: ObjectIndex::default(),
            counts: HashMap::new(),
            shown: 0,
            loaded: false,
            version: 0,
            can_undo: false,
            can_redo: false,
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

    /// The document's entry of the slide on the screen.
    pub fn entry(&self) -> Option<&SlideEntry> {
        self.slides.iter().find(|s| Some(s.id) == self.slide)
    }

    /// The slide's objects, soft-deleted ones included.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Objects of the slide that are not deleted.
    pub fn shown(&self) -> usize {
        self.shown
    }

    /// Objects of the slide with this agreed class that are not deleted.
    pub fn count(&self, class: ClassId) -> usize {
        self.counts.get(&class).copied().unwrap_or(0)
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
        self.can_undo || !self.queue.is_empty()
    }

    /// Can the rater make something again?
    pub fn can_redo(&self) -> bool {
        self.can_redo
    }

    /// Requests that are not carried out yet, and what waits to be asked for.
    pub fn pending(&self) -> usize {
        self.writer.pending() + if self.writable() { self.queue.len() } else { 0 }
    }

    /// The screening pass that progress is kept for.
    pub fn pass(&self) -> u32 {
        self.pass
    }

    /// From now on this person labels; added to the document with the first act where it does not know the name.
    pub fn choose_rater(&mut self, name: &str) {
        let name = Some(name.trim().to_owned()).filter(|n| !n.is_empty());
        if name == self.wanted_rater {
            return;
        }
        self.wanted_rater = name;
        self.rater = None;
        (self.can_undo, self.can_redo) = (false, false);
        self.pass = 1;
        self.find();
    }

    /// From now on this slide is on the screen, or none. What waits goes to the slide that it was meant for.
    pub fn show_slide(&mut self, facts: Option<SlideFacts>) {
        if self.facts.as_deref() == facts.as_ref() {
            return;
        }
        self.facts = facts.map(Arc::new);
        self.slide = None;
        self.pass = 1;
        self.replace(Vec::new());
        self.loaded = false;
        self.find();
    }

    /// Asks how far the rater came: in the newest pass, or in this one, which is the rater's from now on.
    pub fn ask_progress(&mut self, pass: Option<u32>) {
        self.pass = pass.unwrap_or(self.pass);
        if let (Some(slide), Some(rater)) = (self.slide, self.rater) {
            self.writer.send(Request::LoadProgress { slide, rater, pass });
        }
    }

    /// Brings an older generation to the newest, after a backup.
    pub fn upgrade(&self) {
        self.writer.send(Request::Upgrade);
    }

    /// What has happened since the last call.
    pub fn poll(&mut self) -> Vec<News> {
        while let Some(event) = self.writer.poll() {
            self.take(event);
        }
        std::mem::take(&mut self.news)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Facts { path: _, access, classes, raters, slides } => {
                self.access = Some(access);
                self.classes = classes;
                self.raters = raters;
                self.slides = slides;
                self.stale = false;
                self.version = next_version();
                self.news.push(News::Facts);
                self.find();
                self.settle();
            }
            Event::NeedsUpgrade { generation } => self.news.push(News::NeedsUpgrade(generation)),
            Event::Upgraded { backup } => self.news.push(News::Upgraded(backup)),
            Event::History { rater, can_undo, can_redo } => {
                if Some(rater) == self.rater {
                    (self.can_undo, self.can_redo) = (can_undo, can_redo);
                }
            }
            Event::Objects { slide, objects } => {
                if Some(slide) == self.slide {
                    self.replace(objects);
                    self.loaded = true;
                }
            }
            Event::Progress { slide, rater, pass, progress } => {
                if (Some(slide), Some(rater)) == (self.slide, self.rater) && pass >= self.pass {
                    self.pass = pass;
                    self.news.push(News::Progress(pass, progress));
                }
            }
            Event::Applied { applied, can_undo, can_redo } => {
                if Some(applied.rater) == self.rater {
                    (self.can_undo, self.can_redo) = (can_undo, can_redo);
                }
                self.stale |= applied.edit.object().is_none();
                self.answered(&applied.edit.title(), applied.how);
                let elsewhere = applied
                    .object
                    .as_ref()
                    .filter(|o| Some(o.slide) != self.slide)
                    .and_then(|o| self.slides.iter().find(|s| s.id == o.slide))
                    .map(|s| s.filename.clone());
                if let Some(object) = applied.object {
                    self.put(object);
                }
                if matches!(applied.edit, Edit::SetAgreed { .. }) {
                    self.load_again();
                }
                self.news.push(News::Saved(applied.edit, applied.how, elsewhere));
            }
            Event::TaskMade { name, rater, items } => self.news.push(News::TaskMade(name, rater, items)),
            Event::KitMade { to, rater, pictures } => self.news.push(News::KitMade(to, rater, pictures)),
            Event::Merged { incoming, merged } => {
                if merged.sealed {
                    self.load_again();
                }
                self.news.push(News::KitMerged(incoming, merged));
            }
            Event::Refused { what, why } if what == "open" && self.access.is_none() => {
                self.news.push(News::Failed(why));
            }
            Event::Refused { what, why } => self.refused(what, why),
        }
    }

    /// Many objects changed at once: those of the slide are read anew.
    fn load_again(&self) {
        if let Some(slide) = self.slide {
            self.writer.send(Request::Load(slide));
        }
    }

    fn replace(&mut self, objects: Vec<Object>) {
        self.objects = objects;
        self.places = self.objects.iter().enumerate().map(|(at, o)| (o.id, at)).collect();
        self.index = ObjectIndex::new(&self.objects);
        self.counts.clear();
        self.shown = 0;
        for object in &self.objects {
            if object.deleted {
                self.index.remove(object.id);
            } else {
                *self.counts.entry(object.agreed).or_default() += 1;
                self.shown += 1;
            }
        }
        self.version = next_version();
    }

    fn put(&mut self, object: Object) {
        if Some(object.slide) != self.slide {
            return;
        }
        if let Some(before) = self.object(object.id).map(|o| o.agreed) {
            self.counts.entry(before).and_modify(|n| *n -= 1);
            self.shown -= 1;
        }
        if object.deleted {
            self.index.remove(object.id);
        } else {
            self.index.insert(&object);
            *self.counts.entry(object.agreed).or_default() += 1;
            self.shown += 1;
        }
        match self.places.get(&object.id) {
            Some(at) => self.objects[*at] = object,
            None => {
                self.places.insert(object.id, self.objects.len());
                self.objects.push(object);
            }
        }
        self.version = next_version();
    }
}

#[cfg(test)]
mod tests;
