//! What the mode has done elsewhere: documents looked at, tasks and slides opened, patches read.

use super::Held;
use super::finding::Finder;
use super::patches;
use crate::app::worker::{Wake, Worker};
use crate::model::{Item, Resolution, Task};
use crate::slide::{Pixels, SlideSource};
use crate::store::{Access, TaskFile};
use crate::study::blind::{BlindTask, ConsensusTask};
use crate::study::key::Signer;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a document or kit says of its tasks.
pub struct Look {
    /// Is it a kit?
    pub kit: bool,
    /// Its tasks, or why they can't be read.
    pub tasks: Result<Vec<Task>, String>,
}

/// A picture with its size in level-0 pixels.
pub type Read = Result<(Pixels, [f64; 2]), String>;

/// What came of a job.
pub enum Done {
    /// A file was looked at before it is opened; `None` where it is nothing that has tasks.
    Looked(PathBuf, Option<Look>),
    /// Is a file a kit, and its tasks.
    Listed(PathBuf, Result<(bool, Vec<Task>), String>),
    /// A task is open, or why not.
    Opened(u64, Result<(Box<Held>, Arc<Finder>), String>),
    /// A slide of a task is open, or why not.
    Slide(u64, u32, Result<Arc<dyn SlideSource>, String>),
    /// The picture of an item.
    Picture(u64, u32, Read),
    /// A job ended in a fault of the program.
    Fault,
}

fn look_at(path: &Path) -> Option<Look> {
    let file = TaskFile::open(path, Access::ReadOnly).ok()?;
    Some(Look { kit: file.is_kit(), tasks: file.tasks().map_err(|e| e.to_string()) })
}

/// Looks at a file before it is opened.
pub fn look(jobs: &Worker<Done>, path: PathBuf) {
    jobs.run(move |out| {
        let look = look_at(&path);
        out.put(Done::Looked(path, look));
    });
}

/// Reads the tasks of a file.
pub fn list(jobs: &Worker<Done>, path: PathBuf) {
    jobs.run(move |out| {
        let tasks = TaskFile::open(&path, Access::ReadOnly).and_then(|f| Ok((f.is_kit(), f.tasks()?)));
        out.put(Done::Listed(path, tasks.map_err(|e| e.to_string())));
    });
}

/// What a task needs to be opened.
pub struct Opening {
    /// What it is asked for by.
    pub ticket: u64,
    /// The document or kit.
    pub path: PathBuf,
    /// Which task.
    pub task: Option<String>,
    /// The file of the key; the user's own where there is none.
    pub key: Option<PathBuf>,
    /// Slides that were opened before: their folders are looked at.
    pub before: Vec<PathBuf>,
    /// Asks for a frame.
    pub wake: Wake,
}

/// Opens a task.
pub fn open(jobs: &Worker<Done>, opening: Opening) {
    jobs.run(move |out| {
        let ticket = opening.ticket;
        let opened = open_now(opening).map(|(held, finder)| (Box::new(held), finder));
        out.put(Done::Opened(ticket, opened));
    });
}

fn open_now(opening: Opening) -> Result<(Held, Arc<Finder>), String> {
    let Opening { path, task, key, before, wake, .. } = opening;
    let words = |e: crate::study::StudyError| e.to_string();
    let signer = match &key {
        Some(path) => Signer::at(path),
        None => Signer::of_user(),
    }
    .map_err(words)?;
    let blind = TaskFile::open(&path, Access::ReadOnly)
        .and_then(|f| f.task(task.as_deref()))
        .map_err(|e| e.to_string())?
        .kind
        .is_blind();
    let wake = Box::new(move || wake());
    let held = if blind {
        Held::Blind(BlindTask::open(&path, task.as_deref(), signer, wake).map_err(words)?)
    } else {
        Held::Consensus(ConsensusTask::open(&path, task.as_deref(), signer, wake).map_err(words)?)
    };
    let finder = Finder::new(held.task().slides(), &path, held.task().is_kit(), &before);
    Ok((held, Arc::new(finder)))
}

/// Opens a slide of a task.
pub fn slide(jobs: &Worker<Done>, ticket: u64, number: u32, finder: &Arc<Finder>) {
    let finder = Arc::clone(finder);
    jobs.run(move |out| out.put(Done::Slide(ticket, number, finder.source(number))));
}

/// Reads a patch.
pub fn patch(
    jobs: &Worker<Done>,
    ticket: u64,
    item: Item,
    finder: &Arc<Finder>,
    patch_um: f64,
    resolution: Option<Resolution>,
) {
    let finder = Arc::clone(finder);
    jobs.run(move |out| {
        let read = finder.source(item.slide).and_then(|source| {
            let resolution = resolution.or(source.facts().resolution);
            patches::read(&*source, &item, patches::patch_px(patch_um, resolution))
        });
        out.put(Done::Picture(ticket, item.number, read));
    });
}

/// Decodes a picture of a kit.
pub fn decode(jobs: &Worker<Done>, ticket: u64, item: u32, bytes: Option<Arc<[u8]>>) {
    jobs.run(move |out| {
        let read = bytes
            .ok_or_else(|| "this item has no picture in the kit; ask for the kit again".to_owned())
            .and_then(|bytes| patches::decode(&bytes));
        out.put(Done::Picture(ticket, item, read));
    });
}
