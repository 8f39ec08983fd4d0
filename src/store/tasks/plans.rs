//! What the coordinator keeps about tasks: which object an item is, what was planned, whose key is known.

use super::{grown, read};
use crate::model::{Edit, Item, ObjectId, RaterId, SlideId, SlidePx, Task, TaskId, TaskKind, TaskSlide};
use crate::store::database::Database;
use crate::store::error::{InWords as _, StoreError};
use crate::store::journal::{self, Trace};
use crate::store::read::{real, text, whole};
use crate::store::schema;
use crate::store::write::Mode;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// How a task was planned; not for its rater's eyes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// `slide` or `shuffled`.
    pub order: String,
    /// What the order was shuffled by.
    pub seed: u64,
    /// Share of items that are asked twice, 0 to 0.1.
    pub repeats: f64,
    /// What was chosen, in words.
    pub chosen: String,
}

/// An item with what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewItem {
    /// What the rater sees.
    pub item: Item,
    /// The object; `None` for a candidate.
    pub object: Option<ObjectId>,
    /// The candidate; `None` for an object.
    pub candidate: Option<i64>,
    /// The item that this one repeats.
    pub repeats: Option<u32>,
}

/// A task that is not in the document yet. Number, seal and progress of `task` are not looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// What it is.
    pub task: Task,
    /// Its slides.
    pub slides: Vec<TaskSlide>,
    /// Its items in their order.
    pub items: Vec<NewItem>,
    /// How it was planned.
    pub plan: Plan,
}

/// What a detector proposed.
#[derive(Debug, Clone, PartialEq)]
pub struct CandidateRow {
    /// Its number.
    pub candidate: i64,
    /// Its run's name.
    pub run: String,
    /// Its slide.
    pub slide: SlideId,
    /// Its place in level-0 pixels.
    pub at: SlidePx,
    /// The detector's class.
    pub class: String,
    /// The detector's score.
    pub score: Option<f64>,
    /// The object that it has become.
    pub object: Option<ObjectId>,
}

impl Database {
    /// Puts a task into the document, and its rater where there is none of this name. One transaction.
    ///
    /// # Errors
    /// When a task has the name, or the document can't be written.
    pub fn create_task(&mut self, new: &NewTask) -> Result<TaskId, StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        let taken: i64 = tx
            .query_row("SELECT count(*) FROM mitoscope_tasks WHERE name = ?1", [&new.task.name], |r| r.get(0))
            .at(&path)?;
        if taken > 0 {
            let why = format!("has a task named \"{}\" already; choose another name", new.task.name);
            return Err(StoreError::refused(&path, why));
        }
        super::ballots::rater(&tx, &new.task.rater).at(&path)?;
        let id = insert_task(&tx, &new.task).at(&path)?;
        insert_slides(&tx, id, &new.slides, true).at(&path)?;
        for row in &new.items {
            insert_item(&tx, id, &row.item, None).at(&path)?;
            tx.prepare_cached(
                "INSERT INTO mitoscope_item_objects (task, item, object, candidate, repeats)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )
            .and_then(|mut s| {
                s.execute((id.0, row.item.number, row.object.map(|o| o.0), row.candidate, row.repeats))
            })
            .at(&path)?;
        }
        let plan = serde_json::to_string(&new.plan).map_err(|e| StoreError::refused(&path, e.to_string()))?;
        tx.execute("INSERT INTO mitoscope_plans (task, plan) VALUES (?1, ?2)", (id.0, plan)).at(&path)?;
        let edit = Edit::CreateTask {
            name: new.task.name.clone(),
            rater: new.task.rater.clone(),
            // An item's number is one.
            items: new.items.len() as u32,
        };
        journal::record(&tx, RaterId(0), &edit, &Trace::default(), &Mode::New).at(&path)?;
        let now = grown(&tx, &layout).at(&path)?;
        tx.commit().at(&path)?;
        self.layout = now.unwrap_or(layout);
        Ok(id)
    }

    /// All tasks.
    ///
    /// # Errors
    /// When the document can't be read, or a task in it was changed by something else.
    pub fn tasks(&self) -> Result<Vec<Task>, StoreError> {
        if !self.layout.has_own() {
            return Ok(Vec::new());
        }
        read::tasks(&self.path, &self.connection, None)
    }

    /// Blind tasks that are not sealed.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn open_blind_tasks(&self) -> Result<Vec<Task>, StoreError> {
        let open = |t: &Task| t.kind.is_blind() && t.seal.is_none();
        Ok(self.tasks()?.into_iter().filter(open).collect())
    }

    /// A task's slides and items, with what they stand for.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn task_items(&self, task: TaskId) -> Result<(Vec<TaskSlide>, Vec<NewItem>), StoreError> {
        let items = read::items(&self.path, &self.connection, task)?;
        let plain = |item| NewItem { item, object: None, candidate: None, repeats: None };
        let mut items: Vec<NewItem> = items.into_iter().map(plain).collect();
        let sql = format!(
            "SELECT item, object, candidate, repeats FROM mitoscope_item_objects WHERE task = {}",
            task.0
        );
        self.each(&sql, |r| {
            // Items are numbered from 1 without gaps.
            let at = whole(r, 0).and_then(|n| usize::try_from(n - 1).ok());
            if let Some(item) = at.and_then(|at| items.get_mut(at)) {
                item.object = whole(r, 1).map(ObjectId);
                item.candidate = whole(r, 2);
                item.repeats = whole(r, 3).and_then(|n| u32::try_from(n).ok());
            }
        })?;
        Ok((read::slides(&self.path, &self.connection, task)?, items))
    }

    /// A task's ballots, in the order in which they were cast.
    ///
    /// # Errors
    /// As [`Self::tasks`].
    pub fn task_ballots(&self, task: TaskId) -> Result<Vec<crate::model::Ballot>, StoreError> {
        read::ballots(&self.path, &self.connection, task)
    }

    /// How a task was planned.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn task_plan(&self, task: TaskId) -> Result<Plan, StoreError> {
        let mut plan = Plan::default();
        let sql = format!("SELECT plan FROM mitoscope_plans WHERE task = {}", task.0);
        self.each(&sql, |r| plan = serde_json::from_str(&text(r, 0)).unwrap_or_default())?;
        Ok(plan)
    }

    /// Candidates of a run, of all runs without one, in the order in which they came.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn candidates(&self, run: Option<&str>) -> Result<Vec<CandidateRow>, StoreError> {
        let mut out = Vec::new();
        if !self.layout.has_own() {
            return Ok(out);
        }
        let sql = "SELECT c.candidate, r.name, c.slide, c.x, c.y, c.class, c.score, c.object
                   FROM mitoscope_candidates c JOIN mitoscope_runs r ON r.run = c.run ORDER BY c.candidate";
        self.each(sql, |r| {
            let Some((x, y)) = real(r, 3).zip(real(r, 4)) else { return };
            out.push(CandidateRow {
                candidate: whole(r, 0).unwrap_or(0),
                run: text(r, 1),
                slide: SlideId(whole(r, 2).unwrap_or(0)),
                at: SlidePx::new(x, y),
                class: text(r, 5),
                score: real(r, 6),
                object: whole(r, 7).map(ObjectId),
            });
        })?;
        out.retain(|c| run.is_none_or(|run| c.run == run));
        Ok(out)
    }

    /// Where objects came from, by the program's own tables: `manual`, `screening pass 1` and so on, `import`,
    /// `candidates`. Objects of a plain SlideRunner file are not in it.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn origins(&self) -> Result<HashMap<ObjectId, String>, StoreError> {
        let mut out = HashMap::new();
        if self.layout.has_own() {
            self.each("SELECT object, stage, detail FROM mitoscope_origins", |r| {
                let stage = match text(r, 1) {
                    stage if stage == "screening" => format!("screening pass {}", text(r, 2)),
                    stage => stage,
                };
                out.insert(ObjectId(whole(r, 0).unwrap_or(0)), stage);
            })?;
        }
        Ok(out)
    }

    /// Objects that a sealed task of this kind was about.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn asked_about(&self, kind: TaskKind) -> Result<HashSet<ObjectId>, StoreError> {
        let mut out = HashSet::new();
        if self.layout.has_own() {
            let sql = format!(
                "SELECT i.object FROM mitoscope_item_objects i JOIN mitoscope_tasks t ON t.task = i.task
                 WHERE t.seal IS NOT NULL AND t.kind = '{}'",
                kind.id()
            );
            self.each(&sql, |r| out.extend(whole(r, 0).map(ObjectId)))?;
        }
        Ok(out)
    }

    /// Objects on which a rater has changed a label: by the journal, or by several labels of different classes.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn changed_by(&self, rater: RaterId) -> Result<Vec<ObjectId>, StoreError> {
        let mut out = Vec::new();
        let several = format!(
            "SELECT annoId FROM Annotations_label WHERE person = {} GROUP BY annoId HAVING count(DISTINCT class) > 1",
            rater.0
        );
        self.each(&several, |r| out.extend(whole(r, 0).map(ObjectId)))?;
        if self.layout.has_table("mitoscope_journal") {
            let changed = format!(
                "SELECT DISTINCT object FROM mitoscope_journal WHERE rater = {} AND object IS NOT NULL
                     AND json_extract(edit, '$.do') = 'set-label'
                     AND json_extract(edit, '$.before') IS NOT NULL AND json_extract(edit, '$.after') IS NOT NULL",
                rater.0
            );
            self.each(&changed, |r| out.extend(whole(r, 0).map(ObjectId)))?;
        }
        out.sort();
        out.dedup();
        Ok(out)
    }

    /// Registered public keys by rater.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn keys(&self) -> Result<HashMap<String, [u8; 32]>, StoreError> {
        let mut out = HashMap::new();
        if self.layout.has_own() {
            self.each("SELECT rater, key FROM mitoscope_keys", |r| {
                let key = r.get_ref(1).ok().and_then(|v| v.as_blob().ok()?.try_into().ok());
                out.extend(key.map(|key| (text(r, 0), key)));
            })?;
        }
        Ok(out)
    }

    /// Registers a rater's public key, in place of the one before.
    ///
    /// # Errors
    /// When the document can't be written.
    pub fn register_key(&mut self, rater: &str, key: [u8; 32]) -> Result<(), StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        tx.execute(
            "INSERT OR REPLACE INTO mitoscope_keys (rater, key, registered) VALUES (?1, ?2, ?3)",
            (rater, key, schema::now()),
        )
        .at(&path)?;
        let key = key.iter().map(|b| format!("{b:02x}")).collect();
        let edit = Edit::RegisterKey { rater: rater.to_owned(), key };
        journal::record(&tx, RaterId(0), &edit, &Trace::default(), &Mode::New).at(&path)?;
        let now = grown(&tx, &layout).at(&path)?;
        tx.commit().at(&path)?;
        self.layout = now.unwrap_or(layout);
        Ok(())
    }

    /// What was looked at with `--as-coordinator` while a blind task was open: Unix time and command.
    ///
    /// # Errors
    /// When the journal can't be read.
    pub fn looks(&self) -> Result<Vec<(f64, String)>, StoreError> {
        let mut out = Vec::new();
        if self.layout.has_table("mitoscope_journal") {
            self.each(
                "SELECT time, json_extract(edit, '$.command') FROM mitoscope_journal
                 WHERE json_extract(edit, '$.do') = 'looked-as-coordinator' ORDER BY entry",
                |r| out.push((real(r, 0).unwrap_or(0.0), text(r, 1))),
            )?;
        }
        Ok(out)
    }
}

/// The row of a task; its number.
pub(super) fn insert_task(tx: &rusqlite::Connection, task: &Task) -> rusqlite::Result<TaskId> {
    let json = |e: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(e));
    tx.execute(
        "INSERT INTO mitoscope_tasks (guid, name, rater, kind, created, settings, fingerprint, seal)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            &task.guid,
            &task.name,
            &task.rater,
            task.kind.id(),
            task.created,
            serde_json::to_string(&task.settings).map_err(json)?,
            task.fingerprint.0,
            task.seal.as_ref().map(read::seal_text),
        ),
    )?;
    Ok(TaskId(tx.last_insert_rowid()))
}

/// The rows of a task's slides, with their names or without.
pub(super) fn insert_slides(
    tx: &rusqlite::Connection,
    task: TaskId,
    slides: &[TaskSlide],
    named: bool,
) -> rusqlite::Result<()> {
    let mut insert = tx.prepare_cached(
        "INSERT INTO mitoscope_task_slides (task, slide, code, filename, directory, width, height, mpp_x, mpp_y, print)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?;
    for s in slides {
        insert.execute((
            task.0,
            s.number,
            &s.code,
            s.filename.as_ref().filter(|_| named),
            s.directory.as_ref().filter(|_| named),
            s.size.map(|v| v.0),
            s.size.map(|v| v.1),
            s.resolution.map(|r| r.x),
            s.resolution.map(|r| r.y),
            s.print.map(|p| p.0),
        ))?;
    }
    Ok(())
}

/// The row of an item, with a picture or without.
pub(super) fn insert_item(
    tx: &rusqlite::Connection,
    task: TaskId,
    item: &Item,
    picture: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let json = |e: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(e));
    tx.prepare_cached(
        "INSERT INTO mitoscope_items (task, item, guid, slide, x, y, turn, shown, picture)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((
        task.0,
        item.number,
        &item.guid,
        item.slide,
        item.at.x,
        item.at.y,
        item.turn,
        serde_json::to_string(&item.shown).map_err(json)?,
        picture,
    ))
    .map(|_| ())
}

/// Does the kind show others' opinions on its items?
pub(super) fn shows_opinions(kind: TaskKind) -> bool {
    kind == TaskKind::Consensus
}
