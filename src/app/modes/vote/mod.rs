//! A rater's tasks, and the one that is open.
//!
//! While a task is open the window holds a [`Voting`] in place of document, slide, list and panels: what must be
//! hidden was never read. [`finding`] looks for slides, [`ahead`] and [`patches`] have the next items ready, `desk`
//! is how the window opens, steps through and leaves a task.

pub mod ahead;
mod desk;
pub mod finding;
mod gate;
mod pace;
pub mod patches;
pub mod scale;
mod voting;
pub mod work;

pub use gate::Gate;
pub use voting::{Comment, Held, Page, Pane, Voting};

use crate::app::worker::{Wake, Worker};
use crate::model::Task;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use work::Done;

/// Tasks of a document or of the last kit, for one rater.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct List {
    /// The file and the rater that it was read for.
    pub of: Option<(PathBuf, String)>,
    /// Is it a kit, whose one task is the rater's whatever name was typed here?
    pub kit: bool,
    /// The tasks; `None` while they are being read.
    pub tasks: Option<Result<Vec<Task>, String>>,
}

/// What is to be opened.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// The document or kit.
    pub path: PathBuf,
    /// Which task, by its number; `None` for the only one.
    pub task: Option<String>,
    /// Was the thread beside the window asked for it?
    pub asked: bool,
}

/// The state of the mode.
pub struct Vote {
    /// Opens tasks and slides, reads lists.
    pub(in crate::app) jobs: Worker<Done>,
    /// Reads patches.
    pub(in crate::app) pictures: Worker<Done>,
    pub(in crate::app) list: List,
    /// A task that is to be opened once all is saved.
    pub(in crate::app) wanted: Option<Wanted>,
    pub(in crate::app) open: Option<Box<Voting>>,
    /// The file of the task that was open last in this run; kept nowhere.
    pub(in crate::app) last: Option<PathBuf>,
    /// A document that is looked at before it is opened.
    pub(in crate::app) looking: Option<PathBuf>,
    /// A document that is opened as the coordinator: its journal is told.
    pub(in crate::app) coordinating: Option<PathBuf>,
    pub(in crate::app) ticket: u64,
}

impl Vote {
    /// No task.
    pub fn new(wake: &Wake) -> Self {
        Self {
            jobs: Worker::start("tasks", Arc::clone(wake), || Done::Fault),
            pictures: Worker::start("patches", Arc::clone(wake), || Done::Fault),
            list: List::default(),
            wanted: None,
            open: None,
            last: None,
            looking: None,
            coordinating: None,
            ticket: 0,
        }
    }

    /// Is a task open?
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The task that is open.
    pub fn voting(&self) -> Option<&Voting> {
        self.open.as_deref()
    }

    /// Is a document being looked at, or a task being opened?
    pub fn busy(&self) -> bool {
        self.looking.is_some() || self.wanted.is_some()
    }

    /// Is nothing on its way?
    pub fn settled(&self) -> bool {
        let still = self.open.as_ref().is_none_or(|v| v.rest && !v.sealing && !v.leaving);
        still && !self.busy() && self.jobs.idle() && self.pictures.idle()
    }

    /// Is every vote on disk?
    pub fn saved(&self) -> bool {
        self.open.as_ref().is_none_or(|v| v.held.task().saved() && !v.sealing)
    }
}

/// May a file be a kit, by its name?
pub(in crate::app) fn named_as_kit(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("kit"))
}
