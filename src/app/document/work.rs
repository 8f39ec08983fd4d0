//! Work on a document. Each act waits in one queue until its rater, its slide and its class are in the document, and
//! goes to the slide and the rater that it was meant for, whatever is on the screen by then.

use super::{Choice, Document, News, SlideFacts};
use crate::model::Rgb;
use crate::model::people::DEFAULT_CLASSES;
use crate::model::{Class, ClassId, Edit, ObjectId, Progress, Rater, RaterId, Role, Shape, SlideId, SlidePx};
use crate::store::{How, Request, SlideEntry};
use std::collections::HashMap;
use std::sync::Arc;

/// Something that somebody did, for a slide.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Act {
    rater: String,
    slide: Option<Arc<SlideFacts>>,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Place(SlidePx, Choice),
    Label(ObjectId, Choice),
    Delete(ObjectId),
    Whole(Arc<Edit>),
    Progress(u32, Progress),
    Undo,
    Redo,
}

/// Something to do with a cell that may have to wait for a name or a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// A new spot on this slide.
    Place(Arc<SlideFacts>, SlidePx, Choice),
    /// An opinion on an object of the open document.
    Label(ObjectId, Choice),
    /// Takes an object of the open document away.
    Delete(ObjectId),
    /// Changes the document as a whole, in the rater's name.
    Whole(Arc<Edit>),
}

impl Document {
    /// Does it; `false` where nobody labels.
    pub fn do_it(&mut self, deed: &Deed) -> bool {
        match deed {
            Deed::Place(slide, at, choice) => self.place(slide, *at, *choice),
            Deed::Label(object, choice) => self.label(*object, *choice),
            Deed::Delete(object) => self.delete(*object),
            Deed::Whole(edit) => self.act(None, Kind::Whole(Arc::clone(edit))),
        }
    }

    /// A new spot on `slide`; waits where rater, slide or class are not in the document yet. `false` where nobody
    /// labels.
    pub fn place(&mut self, slide: &Arc<SlideFacts>, at: SlidePx, choice: Choice) -> bool {
        self.act(Some(Arc::clone(slide)), Kind::Place(at, choice))
    }

    /// The rater's opinion on an object of the slide on the screen; nothing where it is that already.
    pub fn label(&mut self, object: ObjectId, choice: Choice) -> bool {
        self.act(self.facts.clone(), Kind::Label(object, choice))
    }

    /// Soft-deletes an object.
    pub fn delete(&mut self, object: ObjectId) -> bool {
        self.act(self.facts.clone(), Kind::Delete(object))
    }

    /// Takes the rater's newest change back.
    pub fn undo(&mut self) -> bool {
        self.act(None, Kind::Undo)
    }

    /// Makes the rater's newest undone change again.
    pub fn redo(&mut self) -> bool {
        self.act(None, Kind::Redo)
    }

    /// Remembers how far the rater came on the slide on the screen; `false` where it can't be remembered.
    pub fn keep_progress(&mut self, progress: &Progress) -> bool {
        let (pass, facts) = (self.pass, self.facts.clone());
        // Of several that wait for one slide and rater the newest says it all.
        let rater = self.wanted_rater.clone();
        let same = |a: &Act| {
            a.slide == facts
                && Some(&a.rater) == rater.as_ref()
                && matches!(a.kind, Kind::Progress(p, _) if p == pass)
        };
        self.queue.retain(|a| !same(a));
        self.writable() && self.act(facts, Kind::Progress(pass, progress.clone()))
    }

    /// Is a spot on its way to the disk within `reach` of this place of the slide on the screen?
    pub fn on_its_way(&self, p: SlidePx, reach: f64) -> bool {
        let waits = self.queue.iter().any(|a| {
            a.slide == self.facts && matches!(a.kind, Kind::Place(at, _) if at.distance(p) <= reach)
        });
        waits
            || self.flying.iter().any(|e| {
                matches!(e, Edit::AddObject { slide, shape: Shape::Spot(at), .. }
                    if Some(*slide) == self.slide && at.distance(p) <= reach)
            })
    }

    /// Sends an edit of the document itself: classes, roles, raters, cases.
    pub fn edit(&mut self, edit: Edit) {
        let rater = self.rater.unwrap_or_default();
        self.writer.send(Request::Edit { rater, edit });
    }

    /// Sends what the coordinator of a study asks for.
    pub fn ask(&self, request: Request) {
        self.writer.send(request);
    }

    fn act(&mut self, slide: Option<Arc<SlideFacts>>, kind: Kind) -> bool {
        let Some(rater) = self.wanted_rater.clone() else { return false };
        self.queue.push_back(Act { rater, slide, kind });
        self.settle();
        true
    }

    /// Looks for rater and slide among what the document knows, and asks for what belongs to them.
    pub(super) fn find(&mut self) {
        if self.access.is_none() {
            return;
        }
        let mut found = false;
        if self.rater.is_none()
            && let Some(rater) = self.wanted_rater.as_deref().and_then(|n| self.rater_named(n))
        {
            self.rater = Some(rater);
            self.writer.send(Request::History(rater));
            found = true;
        }
        if self.slide.is_none()
            && let Some(id) =
                self.facts.as_ref().and_then(|f| matching(&self.slides, f, &self.bound)).map(|e| e.id)
        {
            self.slide = Some(id);
            self.writer.send(Request::Load(id));
            found = true;
        }
        if found {
            self.ask_progress(None);
        }
    }

    fn rater_named(&self, name: &str) -> Option<RaterId> {
        self.raters.iter().find(|r| r.name == name).map(|r| r.id)
    }

    /// Does what waits, in order, as far as what it needs is there; adds what is not.
    pub(super) fn settle(&mut self) {
        while self.access.is_some() && self.adding.is_empty() && !self.stale {
            let Some(act) = self.queue.front().cloned() else { return };
            if !self.writable() {
                self.lost("the document is open for looking only".into());
                return;
            }
            if let Some(request) = self.ready(&act) {
                self.queue.pop_front();
                self.refusal = None;
                if let Some(request) = request {
                    if let Request::Edit { edit, .. } = &request {
                        self.flying.push_back(edit.clone());
                    }
                    self.writer.send(request);
                }
            }
        }
    }

    /// What an act asks for; `Some(None)` where nothing is to be done, `None` where something must be added first.
    fn ready(&mut self, act: &Act) -> Option<Option<Request>> {
        let steps = matches!(act.kind, Kind::Undo | Kind::Redo);
        let Some(rater) = self.rater_named(&act.rater) else {
            if steps {
                return Some(None);
            }
            let rater = Rater { id: RaterId(0), name: act.rater.clone() };
            self.need(vec![Edit::AddRater { rater }]);
            return None;
        };
        match act.kind {
            Kind::Undo => return Some(Some(Request::Undo(rater))),
            Kind::Redo => return Some(Some(Request::Redo(rater))),
            Kind::Whole(ref edit) => {
                return Some(Some(Request::Edit { rater, edit: Edit::clone(edit) }));
            }
            _ => {}
        }
        let Some(facts) = &act.slide else { return Some(None) };
        let Some(entry) = matching(&self.slides, facts, &self.bound).cloned() else {
            self.need(vec![Edit::AddSlide {
                slide: None,
                filename: facts.filename.clone(),
                directory: facts.directory.clone(),
                size: Some(facts.size),
                mpp: facts.resolution.map(|r| (r.x, r.y)),
                case: facts.case.clone(),
            }]);
            return None;
        };
        self.bound.entry(entry.id).or_insert_with(|| facts.directory.clone());
        self.remember(&entry, facts);
        let class = match &act.kind {
            Kind::Place(_, choice) | Kind::Label(_, choice) => {
                if self.classes.is_empty() {
                    let class = |(name, color, role): (&str, Rgb, Role)| Edit::AddClass {
                        class: Class { id: ClassId(0), name: name.into(), color, role },
                    };
                    self.need(DEFAULT_CLASSES.into_iter().map(class).collect());
                    return None;
                }
                match self.chosen(*choice) {
                    Ok(class) => class,
                    Err(why) => {
                        self.news.push(News::Refused("label".into(), why));
                        return Some(None);
                    }
                }
            }
            _ => ClassId::UNKNOWN,
        };
        Some(self.request(&act.kind, entry.id, rater, class))
    }

    fn request(&self, kind: &Kind, slide: SlideId, rater: RaterId, class: ClassId) -> Option<Request> {
        let edit = match kind {
            Kind::Place(at, _) => Edit::AddObject {
                object: None,
                slide,
                shape: Shape::Spot(*at),
                class,
                description: String::new(),
            },
            Kind::Label(object, _) => {
                let before = self.object(*object).and_then(|o| o.label_by(rater)).map(|l| l.class);
                let after = Some(class);
                // What is on its way may change it: only a screen that shows the disk's state can say that it is so.
                if before == after && self.quiet() {
                    return None;
                }
                Edit::SetLabel { object: *object, before, after }
            }
            Kind::Delete(object) => Edit::SetDeleted { object: *object, deleted: true },
            Kind::Progress(pass, progress) => {
                let (pass, progress) = (*pass, progress.clone());
                return Some(Request::SetProgress { slide, rater, pass, progress });
            }
            Kind::Undo | Kind::Redo | Kind::Whole(_) => return None,
        };
        Some(Request::Edit { rater, edit })
    }

    /// The class of a choice; a sentence where there is none or it is no cell's.
    fn chosen(&self, choice: Choice) -> Result<ClassId, String> {
        let class = match choice {
            Choice::Class(id) => self.class(id).ok_or("this class is not in the document any more")?,
            Choice::Role(role) => {
                let mut of_role = self.classes.iter().filter(|c| c.role == role);
                match (of_role.next(), of_role.next()) {
                    (Some(class), None) => class,
                    (found, _) => {
                        let how_many = if found.is_some() { "several classes" } else { "no class" };
                        let role = role.title();
                        return Err(format!(
                            "{} has {how_many} for \u{201c}{role}\u{201d}: choose one and label again",
                            self.name()
                        ));
                    }
                }
            }
        };
        if class.role == Role::TumourRegion {
            return Err(format!(
                "\u{201c}{}\u{201d} is for regions; a spot marks a cell: choose another class",
                class.name
            ));
        }
        Ok(class.id)
    }

    /// Is nothing on its way?
    fn quiet(&self) -> bool {
        self.flying.is_empty() && self.queue.len() <= 1 && self.writer.pending() == 0
    }

    /// Adds what the first of the queue waits for; where that was refused already, what waits is lost.
    fn need(&mut self, edits: Vec<Edit>) {
        if let Some(why) = self.refusal.take() {
            self.lost(why);
            return;
        }
        for edit in edits {
            self.adding.push(edit.title());
            self.edit(edit);
        }
    }

    /// Tells the document a slide's size and resolution, once, where it does not know them.
    fn remember(&mut self, entry: &SlideEntry, facts: &SlideFacts) {
        let (slide, size) = (entry.id, entry.size.unwrap_or(facts.size));
        let resolution = facts.resolution.or(entry.resolution);
        let unknown = entry.size.is_none() || entry.resolution != resolution;
        if self.remembered.insert(slide) && unknown {
            self.writer.send(Request::Remember { slide, size, resolution });
            // From now on another file of this name and another size is another slide.
            if let Some(entry) = self.slides.iter_mut().find(|s| s.id == slide) {
                (entry.size, entry.resolution) = (Some(size), resolution);
            }
        }
    }

    /// An edit is on disk.
    pub(super) fn answered(&mut self, title: &str, how: How) {
        if how != How::New {
            return;
        }
        if let Some(at) = self.adding.iter().position(|t| t == title) {
            self.adding.remove(at);
        } else if self.flying.front().is_some_and(|e| e.title() == title) {
            self.flying.pop_front();
        }
    }

    /// A request was refused. Where something should have been added, what the document says next tells whether it is
    /// there all the same; else what waited for it is lost, and that is said.
    pub(super) fn refused(&mut self, what: String, why: String) {
        if self.adding.contains(&what) {
            self.adding.clear();
            self.refusal = Some(why);
            self.stale = true;
            return;
        }
        if what == "document read again" {
            self.stale = false;
            self.lost(why.clone());
        }
        if self.flying.front().is_some_and(|e| e.title() == what) {
            self.flying.pop_front();
        }
        self.news.push(News::Refused(what, why));
        self.settle();
    }

    fn lost(&mut self, why: String) {
        let labels = self.queue.drain(..).count();
        if labels > 0 {
            self.news.push(News::Lost(labels, why));
        }
    }
}

/// The document's entry of a slide: the same name and folder, else the only one of the same name and size, else the
/// only one of this name whose size is not known. An entry that is `bound` to a file in one folder is no other file's.
pub(super) fn matching<'a>(
    slides: &'a [SlideEntry],
    facts: &SlideFacts,
    bound: &HashMap<SlideId, String>,
) -> Option<&'a SlideEntry> {
    let free = |s: &SlideEntry| bound.get(&s.id).is_none_or(|folder| *folder == facts.directory);
    let only = |fits: &dyn Fn(&SlideEntry) -> bool| {
        let mut found = slides.iter().filter(|s| s.filename == facts.filename && fits(s));
        found.next().filter(|_| found.next().is_none())
    };
    only(&|s| s.directory == facts.directory)
        .or_else(|| only(&|s| free(s) && s.size == Some(facts.size)))
        .or_else(|| only(&|s| free(s) && s.size.is_none()))
}
