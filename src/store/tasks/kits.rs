//! Kits: a task as a file of its own, and what comes back in it.

use super::plans::{insert_item, insert_slides, insert_task, shows_opinions};
use super::{TaskFile, ballots, grown, read};
use crate::model::{Ballot, Digest, Edit, Item, RaterId, Seal, Task, TaskId, TaskSlide};
use crate::store::database::Database;
use crate::store::error::{InWords as _, StoreError};
use crate::store::journal::{self, Trace};
use crate::store::read::{real, text, whole};
use crate::store::write::Mode;
use crate::store::{open, schema};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeSet;
use std::path::Path;

/// The version of kits.
const VERSION: i64 = 1;

/// Gives an encoded image for an item of a slide, or none.
pub type Picture<'a> = dyn FnMut(&TaskSlide, &Item) -> Result<Option<Vec<u8>>, String> + 'a;

/// What merging ballots came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Merged {
    /// Ballots that were new.
    pub ballots: u32,
    /// Was the task sealed by it?
    pub sealed: bool,
    /// Labels that were written by the seal.
    pub labels: u64,
    /// Answers that became no label: the object was moved, deleted or removed since the task was made.
    pub left_out: u64,
    /// Labels on objects that the rater had labelled before.
    pub again: u64,
}

/// What came back in a kit, verified: its ballots and its seal, and what is known of the key.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// The study's own task, as it stood when the kit was looked at.
    pub task: Task,
    /// All ballots of the kit.
    pub ballots: Vec<Ballot>,
    /// The kit's seal.
    pub seal: Option<Seal>,
    /// The public keys that signed, in their order.
    pub keys: Vec<[u8; 32]>,
    /// What is known of them: a word that the document keeps.
    pub verdict: &'static str,
    /// Was the kit made by this very document?
    pub known_kit: bool,
}

/// A merge as the document remembers it.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeRecord {
    /// Unix time in seconds.
    pub time: f64,
    /// The task.
    pub task: TaskId,
    /// Ballots that were new.
    pub ballots: u32,
    /// What was said of the key.
    pub verdict: String,
}

/// The longest value that a kit may hold, in bytes: an item's picture.
const LONGEST_VALUE: i32 = 32 << 20;

/// Is the file a kit that this program reads? It may come from anywhere: nothing in it may run (a trigger, a view, a
/// computed column), so its tables must be those of a kit, to the letter, and no others.
pub(super) fn check(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE).at(path)?;
    for (what, on) in [
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    ] {
        connection.set_db_config(what, on).at(path)?;
    }
    let right =
        Connection::open_in_memory().and_then(|c| fill(&c, "").and_then(|()| schema_of(&c))).at(path)?;
    let version = || -> rusqlite::Result<Option<i64>> {
        connection
            .query_row("SELECT value FROM mitoscope_kit WHERE key = 'version'", [], |r| Ok(whole(r, 0)))
            .optional()
            .map(Option::flatten)
    };
    let same = schema_of(connection).is_ok_and(|schema| schema == right);
    match if same { version().at(path)? } else { None } {
        Some(VERSION) => Ok(()),
        Some(v) if v > VERSION => {
            Err(StoreError::unusable(path, "is a kit of a newer Mitoscope; update the program to open it"))
        }
        _ => Err(read::spoilt(path)),
    }
}

/// Keeps how many ballots a kit holds.
pub(super) fn set_number(tx: &Connection, ballots: u32) -> rusqlite::Result<()> {
    tx.prepare_cached("INSERT OR REPLACE INTO mitoscope_kit (key, value) VALUES ('ballots', ?1)")?
        .execute([ballots.to_string()])
        .map(|_| ())
}

/// Everything that a schema has, in the words in which it was made.
fn schema_of(connection: &Connection) -> rusqlite::Result<BTreeSet<(String, String, Option<String>)>> {
    let mut statement = connection.prepare("SELECT type, name, sql FROM sqlite_master")?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    rows.collect()
}

impl TaskFile {
    /// A kit's own identity.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn kit_id(&self) -> Result<String, StoreError> {
        self.connection
            .query_row("SELECT value FROM mitoscope_kit WHERE key = 'kit'", [], |r| Ok(text(r, 0)))
            .optional()
            .at(&self.path)?
            .filter(|id| !id.is_empty() && id.len() <= 100)
            .ok_or_else(|| read::spoilt(&self.path))
    }

    /// Is the file whole, as far as SQLite can tell, and does the kit hold as many ballots as were cast in it?
    ///
    /// # Errors
    /// When it is not.
    pub fn sound(&self, ballots: usize) -> Result<(), StoreError> {
        let verdict: String =
            self.connection.query_row("PRAGMA integrity_check(1)", [], |r| r.get(0)).at(&self.path)?;
        let number: Option<i64> = self
            .connection
            .query_row("SELECT value FROM mitoscope_kit WHERE key = 'ballots'", [], |r| Ok(whole(r, 0)))
            .optional()
            .at(&self.path)?
            .flatten();
        if verdict == "ok" && number.and_then(|n| usize::try_from(n).ok()) == Some(ballots) {
            return Ok(());
        }
        Err(read::spoilt(&self.path))
    }

    /// A hash over all pictures that a kit brings, in the order of the items.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn pictures_hash(&self) -> Result<Digest, StoreError> {
        let mut hasher = blake3::Hasher::new();
        let mut statement = self
            .connection
            .prepare("SELECT item, picture FROM mitoscope_items WHERE picture IS NOT NULL ORDER BY item")
            .at(&self.path)?;
        let mut rows = statement.query([]).at(&self.path)?;
        while let Some(row) = rows.next().at(&self.path)? {
            let picture = row.get_ref(1).at(&self.path)?.as_blob().map_err(|_| read::spoilt(&self.path))?;
            hash_picture(&mut hasher, whole(row, 0).unwrap_or(0), picture);
        }
        Ok(Digest(*hasher.finalize().as_bytes()))
    }
}

fn hash_picture(hasher: &mut blake3::Hasher, item: i64, picture: &[u8]) {
    hasher.update(&item.to_le_bytes());
    hasher.update(&(picture.len() as u64).to_le_bytes());
    hasher.update(picture);
}

impl Database {
    /// Writes a task into a file of its own: its slides (with their names or by their codes), its items, the ballots
    /// that its rater has cast already; nothing that anybody else thinks. `picture` gives an encoded image for an item,
    /// or none. The file appears whole or not at all.
    ///
    /// # Errors
    /// When the task is not there, `to` exists or can't be written, or `picture` fails.
    pub fn make_kit(
        &mut self,
        task: &Task,
        to: &Path,
        named: bool,
        picture: &mut Picture<'_>,
    ) -> Result<(), StoreError> {
        let path = self.path.clone();
        let slides = read::slides(&path, &self.connection, task.id)?;
        let items = read::items(&path, &self.connection, task.id)?;
        let cast = read::ballots(&path, &self.connection, task.id)?;
        if !shows_opinions(task.kind) && items.iter().any(|i| !i.shown.is_empty()) {
            return Err(read::spoilt(&path));
        }
        let kit = uuid::Uuid::new_v4().to_string();
        let mut hasher = blake3::Hasher::new();
        open::make(to, |target| {
            let tx = target.transaction().at(to)?;
            fill(&tx, &kit).at(to)?;
            let id = insert_task(&tx, task).at(to)?;
            insert_slides(&tx, id, &slides, named).at(to)?;
            for item in &items {
                let slide = slides.iter().find(|s| s.number == item.slide);
                let Some(slide) = slide else { return Err(read::spoilt(&path)) };
                let bytes = picture(slide, item).map_err(|why| StoreError::unusable(to, why))?;
                if let Some(bytes) = &bytes {
                    hash_picture(&mut hasher, item.number.into(), bytes);
                }
                insert_item(&tx, id, item, bytes.as_deref()).at(to)?;
            }
            cast.iter().try_for_each(|b| ballots::insert(&tx, id, b)).at(to)?;
            set_number(&tx, cast.len() as u32).at(to)?;
            tx.commit().at(to)
        })?;
        let noted = self.note_kit(&kit, task.id, hasher.finalize().as_bytes());
        if noted.is_err() {
            // A kit that nobody knows of must not travel.
            let _ = std::fs::remove_file(to);
        }
        noted
    }

    fn note_kit(&mut self, kit: &str, task: TaskId, pictures: &[u8; 32]) -> Result<(), StoreError> {
        let path = self.path.clone();
        let tx = self.begin()?;
        tx.execute(
            "INSERT INTO mitoscope_kits (kit, task, made, pictures) VALUES (?1, ?2, ?3, ?4)",
            (kit, task.0, schema::now(), pictures),
        )
        .at(&path)?;
        tx.commit().at(&path)
    }

    /// The hash of the pictures that a kit was given when it was made; `None` for a kit that was not made here.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn kit_pictures(&self, kit: &str) -> Result<Option<Digest>, StoreError> {
        if !self.layout.has_own() {
            return Ok(None);
        }
        self.connection
            .query_row("SELECT pictures FROM mitoscope_kits WHERE kit = ?1", [kit], |r| r.get(0))
            .optional()
            .at(&self.path)
            .map(|found: Option<[u8; 32]>| found.map(Digest))
    }

    /// Takes up ballots that came back, verified by the caller, and the seal where there is one. What is here already
    /// must be the beginning of what comes, or what comes the beginning of what is here.
    ///
    /// # Errors
    /// When both went on differently, or the task is sealed with other ballots, or the document can't be written. It is
    /// then as it was.
    pub fn merge_ballots(
        &mut self,
        task: &Task,
        incoming: &[Ballot],
        seal: Option<&Seal>,
        key: [u8; 32],
        verdict: &str,
    ) -> Result<Merged, StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        // As it is now, and not when it was looked at: two merges may have begun at once.
        let Some(task) = read::tasks(&path, &tx, Some(task.id))?.pop() else {
            return Err(read::spoilt(&path));
        };
        let here = read::ballots(&path, &tx, task.id)?;
        let common = here.len().min(incoming.len());
        let diverged = here.iter().zip(incoming).any(|(a, b)| a.signed.hash != b.signed.hash);
        let more = incoming.len() > common;
        if diverged || (task.seal.is_some() && more) {
            let why = if task.seal.is_some() {
                format!(
                    "the task \"{}\" is sealed, and the kit has other ballots; nothing was merged",
                    task.name
                )
            } else {
                format!(
                    "the task \"{}\" went on in two places with different ballots; nothing was merged, decide with \
                     the rater which one counts",
                    task.name
                )
            };
            return Err(StoreError::refused(&path, why));
        }
        let mut merged = Merged::default();
        for ballot in &incoming[common..] {
            ballots::insert(&tx, task.id, ballot).at(&path)?;
            merged.ballots += 1;
        }
        if let Some(seal) = seal.filter(|_| task.seal.is_none()) {
            if (seal.ballots as usize) < here.len() {
                let why = format!(
                    "the kit was sealed with {} ballots, and {} are here: its seal does not cover them; nothing was \
                     merged, ask the rater which ones count",
                    seal.ballots,
                    here.len()
                );
                return Err(StoreError::refused(&path, why));
            }
            merged.sealed = true;
            (merged.labels, merged.left_out, merged.again) =
                ballots::set_seal(&path, &tx, task.id, seal, false)?;
        }
        if merged.ballots == 0 && !merged.sealed {
            // Merged before: not even a line about it.
            return Ok(merged);
        }
        tx.execute(
            "INSERT INTO mitoscope_merges (time, task, ballots, key, verdict) VALUES (?1, ?2, ?3, ?4, ?5)",
            (schema::now(), task.id.0, merged.ballots, key, verdict),
        )
        .at(&path)?;
        let edit = Edit::MergeKit { name: task.name.clone(), ballots: merged.ballots };
        journal::record(&tx, RaterId(0), &edit, &Trace::default(), &Mode::New).at(&path)?;
        let now = grown(&tx, &layout).at(&path)?;
        tx.commit().at(&path)?;
        self.layout = now.unwrap_or(layout);
        Ok(merged)
    }

    /// Takes up what came back in a kit.
    ///
    /// # Errors
    /// As [`Self::merge_ballots`].
    pub fn take_up(&mut self, incoming: &Incoming) -> Result<Merged, StoreError> {
        let Incoming { task, ballots, seal, keys, verdict, known_kit } = incoming;
        let signer = keys.last().copied().unwrap_or_default();
        let copy = if *known_kit { "" } else { ", kit of another copy" };
        self.merge_ballots(task, ballots, seal.as_ref(), signer, &format!("{verdict}{copy}"))
    }

    /// Kits that came back, oldest first.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn merges(&self) -> Result<Vec<MergeRecord>, StoreError> {
        let mut out = Vec::new();
        if self.layout.has_own() {
            self.each("SELECT time, task, ballots, verdict FROM mitoscope_merges ORDER BY merge", |r| {
                out.push(MergeRecord {
                    time: real(r, 0).unwrap_or(0.0),
                    task: TaskId(whole(r, 1).unwrap_or(0)),
                    ballots: whole(r, 2).and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
                    verdict: text(r, 3),
                });
            })?;
        }
        Ok(out)
    }
}

/// The tables of an empty kit.
fn fill(tx: &Connection, kit: &str) -> rusqlite::Result<()> {
    tx.pragma_update(None, "application_id", schema::KIT)?;
    schema::create_tasks(tx)?;
    tx.execute_batch("CREATE TABLE mitoscope_kit (key TEXT PRIMARY KEY, value TEXT NOT NULL)")?;
    let mut insert = tx.prepare("INSERT INTO mitoscope_kit (key, value) VALUES (?1, ?2)")?;
    insert.execute(("version", VERSION.to_string()))?;
    insert.execute(("kit", kit))?;
    Ok(())
}
