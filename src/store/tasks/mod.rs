//! Tasks of raters: a document or a kit as one rater may see it, and what the coordinator keeps about tasks.
//!
//! [`TaskFile`] reads four tables and no others: tasks, their slides, their items, the ballots. None of them holds an
//! agreed class, a score, a uid or a history; of labels, the opinions that a consensus task shows alone. So no question
//! about a blind task is answered by what must be hidden.

mod ballots;
mod kits;
mod plans;
mod read;

pub use ballots::Sealed;
pub use kits::{Incoming, MergeRecord, Merged, Picture};
pub use plans::{Asked, CandidateRow, NewItem, NewTask, Plan};

use super::error::{InWords as _, StoreError};
use super::generation::Layout;
use super::{Access, open, schema};
use crate::model::{Ballot, Item, Task, TaskId, TaskSlide};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// A document or a kit, seen through the eyes of a rater.
pub struct TaskFile {
    path: PathBuf,
    connection: Connection,
    access: Access,
    kit: bool,
    /// A document that never had a task has no tables of tasks.
    empty: bool,
}

impl TaskFile {
    /// Opens a document or a kit. With [`Access::ReadOnly`] no byte of it changes.
    ///
    /// # Errors
    /// When the file is missing, neither a document nor a kit, damaged, or held by another program.
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        let connection = match access {
            Access::ReadOnly => open::look(path)?,
            Access::ReadWrite => open::reach(path)?,
        };
        let id: i64 = connection.query_row("PRAGMA application_id", [], |r| r.get(0)).at(path)?;
        let (kit, empty) = if id == schema::KIT {
            kits::check(path, &connection)?;
            (true, false)
        } else {
            let layout = open::known(path, &connection)?;
            if access == Access::ReadWrite {
                open::not_newer(path, &layout)?;
            }
            (false, !layout.has_own())
        };
        if access == Access::ReadWrite {
            open::whole(path, &connection)?;
        }
        Ok(Self { path: path.to_owned(), connection, access, kit, empty })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Is it a kit, which holds one task and nothing to hide?
    pub fn is_kit(&self) -> bool {
        self.kit
    }

    /// All tasks, in the order in which they were made.
    ///
    /// # Errors
    /// When the file can't be read, or a task in it was changed by something else.
    pub fn tasks(&self) -> Result<Vec<Task>, StoreError> {
        if self.empty {
            return Ok(Vec::new());
        }
        read::tasks(&self.path, &self.connection, None)
    }

    /// A task by its number, its name, or, where there is but one, by nothing.
    ///
    /// # Errors
    /// When there is none; the message lists what there is.
    pub fn task(&self, id_or_name: Option<&str>) -> Result<Task, StoreError> {
        let tasks = self.tasks()?;
        let list: Vec<String> = tasks.iter().map(|t| format!("\"{}\" ({})", t.name, t.id.0)).collect();
        let number = id_or_name.and_then(|t| t.parse().ok()).map(TaskId);
        let wanted = |t: &Task| Some(t.id) == number || id_or_name == Some(t.name.as_str());
        let found = match id_or_name {
            Some(_) => tasks.into_iter().find(wanted),
            None if tasks.len() == 1 => tasks.into_iter().next(),
            None => None,
        };
        let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        found.ok_or_else(|| {
            let why = match id_or_name {
                Some(name) => format!("has no task \"{name}\"; it has {list}"),
                None => format!("say which task; it has {list}"),
            };
            StoreError::refused(&self.path, why)
        })
    }

    /// The slides of a task.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn slides(&self, task: TaskId) -> Result<Vec<TaskSlide>, StoreError> {
        read::slides(&self.path, &self.connection, task)
    }

    /// The items of a task, in its order.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn items(&self, task: TaskId) -> Result<Vec<Item>, StoreError> {
        read::items(&self.path, &self.connection, task)
    }

    /// All ballots of a task, in the order in which they were cast. Of several on one item the last one counts.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn ballots(&self, task: TaskId) -> Result<Vec<Ballot>, StoreError> {
        read::ballots(&self.path, &self.connection, task)
    }

    /// The picture that a kit brings for an item: an encoded image (PNG or JPEG), its middle the object.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn picture(&self, task: TaskId, item: u32) -> Result<Option<Vec<u8>>, StoreError> {
        read::picture(&self.path, &self.connection, task, item)
    }
}

/// The layout once our own tables are there.
fn grown(connection: &Connection, known: &Layout) -> rusqlite::Result<Option<Layout>> {
    if known.has_own() { Ok(None) } else { Layout::read(connection).map(Some) }
}
