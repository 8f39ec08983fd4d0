//! Work on a document: rater and slide are found in it, or added, and what waited for them is done.

use super::{Document, SlideFacts};
use crate::model::people::DEFAULT_CLASSES;
use crate::model::{Class, ClassId, Edit, ObjectId, Rater, RaterId, Shape, SlideId, SlidePx};
use crate::store::{Request, SlideEntry};

/// What waits until rater and slide are in the document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Act {
    /// A new spot, and its class by the place in the list.
    Place(SlidePx, usize),
    /// An opinion.
    Label(ObjectId, ClassId),
    /// Takes an object away.
    Delete(ObjectId),
}

impl Document {
    /// Finds or adds rater and slide, and places what waited for them.
    pub(super) fn settle(&mut self) {
        if self.access.is_none() {
            return;
        }
        self.find_rater();
        self.find_slide();
        let (Some(slide), Some(rater), true) = (self.slide, self.rater, self.writable()) else { return };
        if self.classes.is_empty() && self.expected_classes == 0 && !self.acts.is_empty() {
            self.add_classes(rater);
        }
        if self.classes.len() < self.expected_classes {
            return;
        }
        if self.working && !self.remembered {
            self.remembered = true;
            self.remember(slide);
        }
        if let Some(progress) = self.waiting_progress.take() {
            self.writer.send(Request::SetProgress { slide, rater, pass: self.pass, progress });
        }
        for act in std::mem::take(&mut self.acts) {
            if let Some(edit) = self.edit(act, slide, rater) {
                self.writer.send(Request::Edit { rater, edit });
            }
        }
    }

    /// A document that was made without classes gets the default ones with its first label.
    fn add_classes(&mut self, rater: RaterId) {
        self.expected_classes = DEFAULT_CLASSES.len();
        for (name, color, role) in DEFAULT_CLASSES {
            let class = Class { id: ClassId(0), name: name.into(), color, role };
            self.writer.send(Request::Edit { rater, edit: Edit::AddClass { class } });
        }
    }

    /// The edit of an act; `None` where nothing would change.
    fn edit(&self, act: Act, slide: SlideId, rater: RaterId) -> Option<Edit> {
        match act {
            Act::Place(at, class) => Some(Edit::AddObject {
                object: None,
                slide,
                shape: Shape::Spot(at),
                class: self.classes.get(class)?.id,
                description: String::new(),
            }),
            Act::Label(object, class) => {
                let before = self.object(object)?.label_by(rater).map(|l| l.class);
                let after = Some(class);
                (before != after).then_some(Edit::SetLabel { object, before, after })
            }
            Act::Delete(object) => {
                self.object(object).map(|o| Edit::SetDeleted { object: o.id, deleted: true })
            }
        }
    }

    fn find_rater(&mut self) {
        let Some(name) = &self.wanted_rater else { return };
        if self.rater.is_some() {
            return;
        }
        if let Some(rater) = self.raters.iter().find(|r| r.name == *name) {
            self.rater = Some(rater.id);
            (self.can_undo, self.can_redo) = (false, false);
            self.writer.send(Request::History(rater.id));
            self.ask_progress();
        } else if self.writable() && self.working && !self.adding.0 {
            self.adding.0 = true;
            let rater = Rater { id: RaterId(0), name: name.clone() };
            self.writer.send(Request::Edit { rater: RaterId(0), edit: Edit::AddRater { rater } });
        }
    }

    fn find_slide(&mut self) {
        let Some(facts) = &self.facts else { return };
        if self.slide.is_some() {
            return;
        }
        if let Some(entry) = matching(&self.slides, facts) {
            self.slide = Some(entry.id);
            self.writer.send(Request::Load(entry.id));
            self.ask_progress();
        } else if let (true, true, false, Some(rater)) =
            (self.working, self.writable(), self.adding.1, self.rater)
        {
            self.adding.1 = true;
            let edit = Edit::AddSlide {
                slide: None,
                filename: facts.filename.clone(),
                directory: facts.directory.clone(),
                size: Some(facts.size),
                mpp: facts.resolution.map(|r| (r.x, r.y)),
                case: None,
            };
            self.writer.send(Request::Edit { rater, edit });
        }
    }

    /// Tells the document the slide's size and resolution where it does not know them.
    fn remember(&self, slide: SlideId) {
        let (Some(facts), Some(entry)) = (&self.facts, self.slides.iter().find(|s| s.id == slide)) else {
            return;
        };
        if entry.size != Some(facts.size)
            || (facts.resolution.is_some() && entry.resolution != facts.resolution)
        {
            let (size, resolution) = (facts.size, facts.resolution);
            self.writer.send(Request::Remember { slide, size, resolution });
        }
    }

    pub(super) fn ask_progress(&self) {
        if let (Some(slide), Some(rater)) = (self.slide, self.rater) {
            self.writer.send(Request::LoadProgress { slide, rater, pass: Some(self.pass) });
        }
    }
}

/// The document's entry of a slide: the same name and folder, else the same name and size, else the only one of
/// this name whose size is not known.
pub(super) fn matching<'a>(slides: &'a [SlideEntry], facts: &SlideFacts) -> Option<&'a SlideEntry> {
    let named = || slides.iter().filter(|s| s.filename == facts.filename);
    let fits = |s: &&SlideEntry| s.size.is_none_or(|size| size == facts.size);
    named()
        .filter(fits)
        .find(|s| s.directory == facts.directory)
        .or_else(|| named().find(|s| s.size == Some(facts.size)))
        .or_else(|| named().find(|s| s.size.is_none()))
}
