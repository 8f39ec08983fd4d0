//! A study on the command line: tasks, kits, outcomes, and the coordinator's view of the whole.

mod create;
pub(super) mod kit;
pub(super) mod outcome;
pub(super) mod stages;
pub(super) mod task;

use super::Failure;
use super::db::writable;
use crate::model::{Edit, RaterId};
use crate::store::{Access, Database};
use std::path::Path;

/// Lets a command that would tell what a blind rater must not know go on: no blind task is open in the document, or
/// whoever asks says to be the coordinator, which is kept in the journal.
pub(super) fn coordinator(path: &Path, said: bool, command: &str) -> Result<(), Failure> {
    let open = Database::open(path, Access::ReadOnly)?.open_blind_tasks()?;
    let Some(task) = open.first() else { return Ok(()) };
    if said {
        let edit = Edit::LookedAsCoordinator { command: command.to_owned() };
        writable(path)?.apply(RaterId(0), edit)?;
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{}: the blind task \"{}\" of {} is open, and {command} would tell what others think; seal the task first, or \
         add --as-coordinator, which is kept in the document's journal (whoever holds the whole file can look with \
         other means: only a kit is proof that nobody did)",
        path.display(),
        task.name,
        task.rater
    )))
}
