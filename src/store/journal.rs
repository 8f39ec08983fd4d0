//! What was done, by whom and when, in lines that are only ever added; undo and redo follow from them.

use super::database::{Applied, Database};
use super::error::{InWords as _, StoreError};
use super::write::Mode;
use crate::model::{Edit, ObjectId, RaterId};
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A line of the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalEntry {
    /// Its number.
    pub entry: i64,
    /// Unix time in seconds.
    pub time: f64,
    /// Who did it.
    pub rater: RaterId,
    /// What was done.
    pub edit: Edit,
    /// The line that this one takes back.
    pub undoes: Option<i64>,
    /// The line that this one makes again.
    pub redoes: Option<i64>,
}

/// What an edit touched beyond what it says, so that it can be taken back exactly.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Trace {
    /// The row of the label that was given, changed or taken back.
    pub label: Option<i64>,
    /// That row's id on an EXACT server.
    pub exact: Option<i64>,
    /// The agreed class before and after.
    pub agreed: Option<(i64, i64)>,
    /// Was the agreed class before another one than the labels say, so settled by hand?
    #[serde(default)]
    pub settled: bool,
}

/// What is never taken back: what was added to the study, and what became of its tasks. By the edits' words.
const STAYS: [&str; 9] = [
    "import",
    "add-class",
    "add-rater",
    "add-slide",
    "create-task",
    "seal-task",
    "merge-kit",
    "register-key",
    "looked-as-coordinator",
];

/// A rater's lines that can be taken back, and those that can be made again, oldest first.
#[derive(Default)]
struct Stack {
    done: Vec<i64>,
    undone: Vec<i64>,
}

/// Each rater's lines that can be taken back and made again, oldest first. Read from the journal as far as it was
/// not read yet, so that lines of other programs count too.
#[derive(Default)]
pub(super) struct Stacks {
    seen: i64,
    by_rater: HashMap<RaterId, Stack>,
}

impl Stacks {
    fn catch_up(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare_cached(
            "SELECT entry, rater, undoes, redoes, json_extract(edit, '$.do') FROM mitoscope_journal
             WHERE entry > ?1 ORDER BY entry",
        )?;
        let mut rows = statement.query([self.seen])?;
        while let Some(row) = rows.next()? {
            let (entry, rater): (i64, i64) = (row.get(0)?, row.get(1)?);
            let kind: Option<String> = row.get(4)?;
            let Stack { done, undone } = self.by_rater.entry(RaterId(rater)).or_default();
            match (row.get::<_, Option<i64>>(2)?, row.get::<_, Option<i64>>(3)?) {
                (Some(line), _) => {
                    done.retain(|e| *e != line);
                    undone.push(line);
                }
                (None, Some(line)) => {
                    undone.retain(|e| *e != line);
                    done.push(line);
                }
                (None, None) => {
                    if !kind.as_deref().is_some_and(|k| STAYS.contains(&k)) {
                        done.push(entry);
                        undone.clear();
                    }
                }
            }
            self.seen = entry;
        }
        Ok(())
    }
}

impl Database {
    /// Takes back the newest edit of `author` that was not taken back yet; `None` when there is none. Other raters'
    /// edits are theirs to take back.
    ///
    /// # Errors
    /// When the document was changed in between so that the edit can't be taken back rightly.
    pub fn undo(&mut self, author: RaterId) -> Result<Option<Applied>, StoreError> {
        self.step(author, false)
    }

    /// Makes `author`'s newest undone edit again; `None` when there is none.
    ///
    /// # Errors
    /// As [`Self::undo`].
    pub fn redo(&mut self, author: RaterId) -> Result<Option<Applied>, StoreError> {
        self.step(author, true)
    }

    /// Can `author` take something back?
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn can_undo(&mut self, author: RaterId) -> Result<bool, StoreError> {
        Ok(self.stacks_of(author)?.is_some_and(|s| !s.done.is_empty()))
    }

    /// Can `author` make something again?
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn can_redo(&mut self, author: RaterId) -> Result<bool, StoreError> {
        Ok(self.stacks_of(author)?.is_some_and(|s| !s.undone.is_empty()))
    }

    /// Everything that was done to an object in this program, oldest first.
    ///
    /// # Errors
    /// When the journal can't be read, or a line of it was changed by something else.
    pub fn history(&self, object: ObjectId) -> Result<Vec<JournalEntry>, StoreError> {
        if !self.layout.has_table("mitoscope_journal") {
            return Ok(Vec::new());
        }
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT entry, time, rater, edit, undoes, redoes FROM mitoscope_journal WHERE object = ?1 ORDER BY entry",
            )
            .at(&self.path)?;
        let mut rows = statement.query([object.0]).at(&self.path)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next().at(&self.path)? {
            let line = || -> rusqlite::Result<_> {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get::<_, String>(3)?,
                    row.get(4)?,
                    row.get(5)?,
                ))
            };
            let (entry, time, rater, edit, undoes, redoes) = line().at(&self.path)?;
            let edit = self.parsed(entry, &edit)?;
            out.push(JournalEntry { entry, time, rater: RaterId(rater), edit, undoes, redoes });
        }
        Ok(out)
    }

    fn stacks_of(&mut self, rater: RaterId) -> Result<Option<&Stack>, StoreError> {
        if !self.layout.has_table("mitoscope_journal") {
            return Ok(None);
        }
        self.stacks.catch_up(&self.connection).at(&self.path)?;
        Ok(self.stacks.by_rater.get(&rater))
    }

    fn parsed<T: for<'a> Deserialize<'a>>(&self, entry: i64, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|_| {
            StoreError::refused(
                &self.path,
                format!("line {entry} of its journal can't be read; it was changed by something else"),
            )
        })
    }

    fn step(&mut self, author: RaterId, again: bool) -> Result<Option<Applied>, StoreError> {
        let Some(Stack { done, undone }) = self.stacks_of(author)? else { return Ok(None) };
        let Some(&line) = (if again { undone.last() } else { done.last() }) else { return Ok(None) };
        let stored: Option<(String, String)> = self
            .connection
            .query_row("SELECT edit, trace FROM mitoscope_journal WHERE entry = ?1", [line], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .optional()
            .at(&self.path)?;
        let Some((edit, trace)) = stored else { return Ok(None) };
        let (edit, trace): (Edit, Trace) = (self.parsed(line, &edit)?, self.parsed(line, &trace)?);
        let Some(back) = edit.inverse() else { return Ok(None) };
        let (edit, mode) = if again {
            // An added object is brought back, not added twice.
            let forth = if matches!(edit, Edit::AddObject { .. }) { back.inverse() } else { Some(edit) };
            let Some(forth) = forth else { return Ok(None) };
            (forth, Mode::Redo(line, trace))
        } else {
            let takes_object_away = matches!(edit, Edit::AddObject { .. });
            (back, Mode::Undo { line, trace, takes_object_away })
        };
        self.write(author, edit, &mode).map(Some)
    }
}

/// Adds a line; its number.
pub(super) fn record(
    tx: &Connection,
    author: RaterId,
    edit: &Edit,
    trace: &Trace,
    mode: &Mode,
) -> rusqlite::Result<i64> {
    let (undoes, redoes) = match mode {
        Mode::New => (None, None),
        Mode::Undo { line, .. } => (Some(*line), None),
        Mode::Redo(line, _) => (None, Some(*line)),
    };
    let json = |e: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(e));
    tx.prepare_cached(
        "INSERT INTO mitoscope_journal (time, rater, object, edit, trace, undoes, redoes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute((
        super::schema::now(),
        author.0,
        edit.object().map(|o| o.0),
        serde_json::to_string(edit).map_err(json)?,
        serde_json::to_string(trace).map_err(json)?,
        undoes,
        redoes,
    ))?;
    Ok(tx.last_insert_rowid())
}
