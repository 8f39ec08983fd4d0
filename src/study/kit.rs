//! Kits: a task that travels as one file, and what is looked at when it comes back.

use super::{StudyError, ballot, key};
use crate::model::Task;
use crate::store::tasks::{Incoming, Merged};
use crate::store::{Access, Database, TaskFile};
use std::path::Path;

/// What is known of the key that signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyVerdict {
    /// It is the rater's registered one.
    Known,
    /// The rater has no registered key.
    Unknown,
    /// The rater has another registered key.
    Changed,
}

impl KeyVerdict {
    /// The word for files and the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Unknown => "unknown",
            Self::Changed => "changed",
        }
    }

    /// The verdict of a word; what is not known is not trusted.
    pub fn of(id: &str) -> Self {
        [Self::Known, Self::Changed].into_iter().find(|v| v.id() == id).unwrap_or(Self::Unknown)
    }
}

/// What a merge came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The task.
    pub task: Task,
    /// What was new.
    pub merged: Merged,
    /// Was everything here already?
    pub already: bool,
    /// The public keys that signed.
    pub keys: Vec<[u8; 32]>,
    /// What is known of them; the worst of several.
    pub verdict: KeyVerdict,
    /// Was the kit made by this very document, so that its pictures could be compared?
    pub known_kit: bool,
}

impl Report {
    /// What a merge came to, from what came and what was new.
    pub fn new(incoming: &Incoming, merged: Merged) -> Self {
        Self {
            task: incoming.task.clone(),
            merged,
            already: merged.ballots == 0 && !merged.sealed,
            keys: incoming.keys.clone(),
            verdict: KeyVerdict::of(incoming.verdict),
            known_kit: incoming.known_kit,
        }
    }

    /// The same in words: what was new, and what is known of the key.
    pub fn sentence(&self) -> String {
        let Merged { ballots, labels, sealed, left_out, again } = self.merged;
        let done = match (self.already, sealed) {
            (true, _) => "everything in it was merged already, nothing was added".to_owned(),
            (false, true) => {
                format!("{ballots} ballots added, sealed, {}", labels_words(labels, left_out, again))
            }
            (false, false) => format!("{ballots} ballots added, not sealed yet"),
        };
        let copy = if self.known_kit {
            ""
        } else {
            "; the kit was made by another copy of this document, so pictures in it can't be compared"
        };
        let words = key_words(&self.task.rater, &self.keys, self.verdict);
        format!("\"{}\" of {}: {done}; {words}{copy}", self.task.name, self.task.rater)
    }
}

/// Merges a kit that came back into its study. Hashes, signatures, the kit's items and its pictures are compared with
/// what the study gave out; the kit's bytes stay as they are.
///
/// # Errors
/// When the kit was altered, is cut short, belongs to another study, or does not fit what is here. The document is then
/// as it was.
pub fn merge(database: &mut Database, path: &Path) -> Result<Report, StudyError> {
    let incoming = look(database, path)?;
    let merged = database.take_up(&incoming)?;
    Ok(Report::new(&incoming, merged))
}

/// Looks at a kit that came back and verifies it; changes nothing.
///
/// # Errors
/// As [`merge`].
pub fn look(database: &Database, path: &Path) -> Result<Incoming, StudyError> {
    let refuse = |why: String| StudyError::refused(path, why);
    let kit = TaskFile::open(path, Access::ReadOnly)?;
    if !kit.is_kit() {
        return Err(refuse("is a document and no kit; `mitoscope kit make` makes kits".into()));
    }
    let theirs = kit.task(None)?;
    let Some(ours) = database.tasks()?.into_iter().find(|t| t.guid == theirs.guid) else {
        return Err(refuse(format!(
            "is a kit of another study: {} has no such task; nothing was merged",
            database.path().display()
        )));
    };
    let (slides, items, ballots) = (kit.slides(theirs.id)?, kit.items(theirs.id)?, kit.ballots(theirs.id)?);
    kit.sound(ballots.len())?;
    let keys = ballot::verify(&theirs, &slides, &items, &ballots)
        .map_err(|why| refuse(format!("{why}; nothing was merged, ask the rater for the kit again")))?;
    if theirs.fingerprint != ours.fingerprint {
        return Err(refuse(
            "asks something else than the study's task of this name; nothing was merged, ask the rater for the kit \
             again"
                .into(),
        ));
    }
    let known_kit = match database.kit_pictures(&kit.kit_id()?)? {
        None => false,
        Some(given) if kit.pictures_hash()? == given => true,
        Some(_) => {
            return Err(refuse(
                "its pictures are not those that it was made with; nothing was merged, ask the rater for the kit that \
                 was answered"
                    .into(),
            ));
        }
    };
    // What is here is trusted no more than what comes: the seal makes labels of it.
    let (our_slides, our_items) = database.task_items(ours.id)?;
    let our_items: Vec<_> = our_items.into_iter().map(|i| i.item).collect();
    ballot::verify_chain(&ours, &our_slides, &our_items, &database.task_ballots(ours.id)?).map_err(
        |why| {
            StudyError::refused(
                database.path(),
                format!("the task \"{}\": {why}; nothing was merged", ours.name),
            )
        },
    )?;
    let known = database.keys()?.get(&ours.rater).copied();
    let verdict = match known {
        None => KeyVerdict::Unknown,
        Some(known) if keys.iter().all(|k| *k == known) => KeyVerdict::Known,
        Some(_) => KeyVerdict::Changed,
    };
    Ok(Incoming { task: ours, ballots, seal: theirs.seal, keys, verdict: verdict.id(), known_kit })
}

/// What became of a seal's answers, in words.
pub fn labels_words(labels: u64, left_out: u64, again: u64) -> String {
    let mut words = format!("{labels} labels written");
    if again > 0 {
        words.push_str(&format!(" ({again} on cells that the rater had labelled before)"));
    }
    if left_out > 0 {
        words.push_str(&format!(
            ", {left_out} answers left out: their cells were moved or deleted since the task was made"
        ));
    }
    words
}

/// A key and what is known of it, in words.
pub fn key_words(rater: &str, keys: &[[u8; 32]], verdict: KeyVerdict) -> String {
    let list = keys.iter().map(key::text).collect::<Vec<_>>().join(", ");
    match verdict {
        _ if keys.is_empty() => "nothing is signed yet".into(),
        KeyVerdict::Known => format!("signed by the registered key of {rater}"),
        KeyVerdict::Unknown => format!(
            "signed by a key that is not registered for {rater}: {list}; compare it with the rater and register it \
             with `mitoscope db rater key`"
        ),
        KeyVerdict::Changed => format!(
            "signed by another key than the one that is registered for {rater}: {list}; ask the rater whether that \
             is right"
        ),
    }
}
