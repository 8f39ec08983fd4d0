//! The writing thread: the window sends requests and reads what came of them, and never waits.

use super::{Access, Applied, SlideEntry};
use crate::model::{Class, Edit, Object, Rater, RaterId, SlideId};
use crate::screening::ledger::Progress;
use std::path::PathBuf;

/// What the window asks for. Requests are carried out in their order.
#[derive(Debug, Clone)]
pub enum Request {
    /// Write an edit. Answered by [`Event::Applied`] or [`Event::Refused`].
    Edit {
        /// The author.
        rater: RaterId,
        /// The change.
        edit: Edit,
    },
    /// Take back the newest edit.
    Undo(RaterId),
    /// Make the newest undone edit again.
    Redo(RaterId),
    /// Read a slide's objects. Answered by [`Event::Objects`].
    Load(SlideId),
    /// Read how far a rater came. Answered by [`Event::Progress`].
    LoadProgress {
        /// The slide.
        slide: SlideId,
        /// The rater.
        rater: RaterId,
        /// From 1.
        pass: u32,
    },
    /// Remember how far a rater came.
    SetProgress {
        /// The slide.
        slide: SlideId,
        /// The rater.
        rater: RaterId,
        /// From 1.
        pass: u32,
        /// How far.
        progress: Progress,
    },
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum Event {
    /// The document is open. Also sent after classes, raters or slides changed.
    Facts {
        /// The file.
        path: PathBuf,
        /// Read-only when another program holds it or the medium can't be written.
        access: Access,
        /// Its classes.
        classes: Vec<Class>,
        /// Its raters.
        raters: Vec<Rater>,
        /// Its slides.
        slides: Vec<SlideEntry>,
    },
    /// A slide's objects.
    Objects {
        /// The slide.
        slide: SlideId,
        /// All of them, soft-deleted ones included.
        objects: Vec<Object>,
    },
    /// How far a rater came.
    Progress {
        /// The slide.
        slide: SlideId,
        /// The rater.
        rater: RaterId,
        /// From 1.
        pass: u32,
        /// How far.
        progress: Progress,
    },
    /// An edit is on disk.
    Applied {
        /// What was written.
        applied: Box<Applied>,
        /// Can something be undone now?
        can_undo: bool,
        /// Can something be redone now?
        can_redo: bool,
    },
    /// A request could not be carried out; the document is as it was.
    Refused {
        /// What was asked for: "label set", "undo".
        what: String,
        /// Why, in a sentence.
        why: String,
    },
}

/// The writing thread. Dropping it finishes what was asked for and joins the thread.
pub struct Writer {}

impl Writer {
    /// Opens (or with `create` makes) a document on a new thread named `store`. `wake` is called after every event.
    pub fn start(path: PathBuf, create: bool, wake: Box<dyn Fn() + Send>) -> Self {
        let _ = (path, create, wake);
        todo!()
    }

    /// Queues a request.
    pub fn send(&self, request: Request) {
        let _ = request;
        todo!()
    }

    /// The next event, if one came.
    pub fn poll(&self) -> Option<Event> {
        todo!()
    }

    /// The next event; waits for it. For tests and the headless tour.
    pub fn wait(&self) -> Option<Event> {
        todo!()
    }

    /// Requests that were sent and are not answered yet.
    pub fn pending(&self) -> usize {
        todo!()
    }
}
