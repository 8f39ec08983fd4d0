//! Casting ballots, and the seal that ends a task and writes its labels.

use super::{TaskFile, read};
use crate::model::{
    Ballot, ClassId, Digest, Edit, Item, ObjectId, RaterId, Seal, Shape, Signed, SlidePx, Task, TaskId, Vote,
};
use crate::store::error::{InWords as _, StoreError};
use crate::store::generation::Layout;
use crate::store::journal::{self, Trace};
use crate::store::read::{Which, objects, text, whole};
use crate::store::write::Mode;
use crate::store::{Access, rows};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use std::path::Path;

/// A task that was sealed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sealed {
    /// The seal.
    pub seal: Seal,
    /// Labels that were written; none in a kit.
    pub labels: u64,
    /// Answers that became no label: the object was moved, deleted or removed since the task was made.
    pub left_out: u64,
    /// Labels on objects that the rater had labelled before.
    pub again: u64,
}

/// What a signer is told: the hash that the new one follows.
pub type Sign<'a> = dyn FnMut(Digest) -> Signed + 'a;

impl TaskFile {
    fn begin(&mut self) -> Result<Transaction<'_>, StoreError> {
        if self.access == Access::ReadOnly {
            return Err(StoreError::NotWritable {
                path: self.path.clone(),
                why: "it is open for looking only".into(),
            });
        }
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate).at(&self.path)
    }

    /// Writes a ballot after the task's last one. On disk when it returns. `sign` gets the hash of the ballot before,
    /// of the task's fingerprint for the first one.
    ///
    /// # Errors
    /// When the task is sealed, or the file can't be written. It is then as it was.
    pub fn cast(
        &mut self,
        task: TaskId,
        item: u32,
        vote: &Vote,
        time: f64,
        sign: &mut Sign<'_>,
    ) -> Result<Ballot, StoreError> {
        let (path, kit) = (self.path.clone(), self.kit);
        let tx = self.begin()?;
        let (before, count) = open_head(&path, &tx, task)?;
        let signed = sign(before);
        let ballot = Ballot { number: count + 1, item, vote: vote.clone(), time, signed };
        insert(&tx, task, &ballot).at(&path)?;
        if kit {
            // Ballots that vanish at the end, by damage or by hand, are noticed by their number.
            super::kits::set_number(&tx, count + 1).at(&path)?;
        }
        tx.commit().at(&path)?;
        Ok(ballot)
    }

    /// Ends a task: it is read-only from now on. In a document each item's last ballot becomes a label of the rater
    /// (none for "can't tell" and for repeats); agreed classes stay what they are. In one transaction. `expected` is the
    /// hash of the last ballot that the caller has verified.
    ///
    /// # Errors
    /// When it is sealed already, another program has answered meanwhile, or the file can't be written. It is then as
    /// it was.
    pub fn seal(
        &mut self,
        task: TaskId,
        expected: Digest,
        time: f64,
        sign: &mut Sign<'_>,
    ) -> Result<Sealed, StoreError> {
        let (path, kit) = (self.path.clone(), self.kit);
        let tx = self.begin()?;
        let (last, ballots) = open_head(&path, &tx, task)?;
        if last != expected {
            let why = "another program answered in this task meanwhile; open it again and seal it then";
            return Err(StoreError::refused(&path, why));
        }
        let seal = Seal { time, ballots, signed: sign(last) };
        let (labels, left_out, again) = set_seal(&path, &tx, task, &seal, kit)?;
        tx.commit().at(&path)?;
        Ok(Sealed { seal, labels, left_out, again })
    }
}

/// The last hash and the number of ballots of a task that is open.
fn open_head(path: &Path, tx: &Connection, task: TaskId) -> Result<(Digest, u32), StoreError> {
    let found = tx
        .prepare_cached("SELECT name, fingerprint, seal IS NOT NULL FROM mitoscope_tasks WHERE task = ?1")
        .and_then(|mut s| {
            s.query_row([task.0], |r| Ok((text(r, 0), r.get::<_, Vec<u8>>(1)?, r.get::<_, bool>(2)?)))
                .optional()
        })
        .at(path)?;
    let Some((name, fingerprint, sealed)) = found else { return Err(read::spoilt(path)) };
    if sealed {
        return Err(StoreError::refused(
            path,
            format!("the task \"{name}\" is sealed; its ballots stay as they are"),
        ));
    }
    let last: Option<Vec<u8>> = tx
        .prepare_cached("SELECT hash FROM mitoscope_ballots WHERE task = ?1 ORDER BY ballot DESC LIMIT 1")
        .and_then(|mut s| s.query_row([task.0], |r| r.get(0)).optional())
        .at(path)?;
    let count: u32 = tx
        .prepare_cached("SELECT count(*) FROM mitoscope_ballots WHERE task = ?1")
        .and_then(|mut s| s.query_row([task.0], |r| r.get(0)))
        .at(path)?;
    let last = last.unwrap_or(fingerprint).try_into().map_err(|_| read::spoilt(path))?;
    Ok((Digest(last), count))
}

/// Adds a row.
pub(super) fn insert(tx: &Connection, task: TaskId, ballot: &Ballot) -> rusqlite::Result<()> {
    let Ballot { item, vote, time, signed, .. } = ballot;
    tx.prepare_cached(
        "INSERT INTO mitoscope_ballots
             (task, item, class, comment, time, dwell, magnification, adjustment, hash, key, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute((
        task.0,
        item,
        vote.class.0,
        &vote.comment,
        time,
        vote.dwell,
        vote.magnification,
        &vote.adjustment,
        signed.hash.0,
        signed.key,
        signed.signature,
    ))
    .map(|_| ())
}

/// Stores the seal and, in a document, writes the labels: how many, how many answers were left out, and how many labels
/// went to objects that the rater had labelled before.
pub(super) fn set_seal(
    path: &Path,
    tx: &Connection,
    task: TaskId,
    seal: &Seal,
    kit: bool,
) -> Result<(u64, u64, u64), StoreError> {
    let sealed = tx
        .execute(
            "UPDATE mitoscope_tasks SET seal = ?2 WHERE task = ?1 AND seal IS NULL",
            (task.0, read::seal_text(seal)),
        )
        .at(path)?;
    if sealed != 1 {
        return Err(StoreError::refused(path, "the task is sealed already"));
    }
    if kit {
        return Ok((0, 0, 0));
    }
    let Some(found) = read::tasks(path, tx, Some(task))?.pop() else { return Err(read::spoilt(path)) };
    let rater = rater(tx, &found.rater).at(path)?;
    let (labels, left_out, again) = write_labels(path, tx, &found, rater)?;
    let edit = Edit::SealTask { name: found.name, labels };
    journal::record(tx, rater, &edit, &Trace::default(), &Mode::New).at(path)?;
    Ok((labels, left_out, again))
}

/// The rater's uid, who is put into the document where there is none of this name.
pub(super) fn rater(tx: &Connection, name: &str) -> rusqlite::Result<RaterId> {
    let known = tx
        .query_row("SELECT uid FROM Persons WHERE name = ?1 ORDER BY uid LIMIT 1", [name], |r| r.get(0))
        .optional()?;
    if let Some(uid) = known {
        return Ok(RaterId(uid));
    }
    tx.execute("INSERT INTO Persons (name, isExactUser) VALUES (?1, 0)", [name])?;
    Ok(RaterId(tx.last_insert_rowid()))
}

/// The labels of each item's last ballot, in the order of the items.
fn write_labels(
    path: &Path,
    tx: &Connection,
    task: &Task,
    rater: RaterId,
) -> Result<(u64, u64, u64), StoreError> {
    let items = read::items(path, tx, task.id)?;
    let mut last: Vec<ClassId> = vec![ClassId::UNKNOWN; items.len()];
    for ballot in read::ballots(path, tx, task.id)? {
        if let Some(class) = (ballot.item as usize).checked_sub(1).and_then(|i| last.get_mut(i)) {
            *class = ballot.vote.class;
        }
    }
    let layout = Layout::read(tx).at(path)?;
    let (mut written, mut left_out, mut again) = (0, 0, 0);
    for (item, class) in items.iter().zip(last).filter(|(_, class)| *class != ClassId::UNKNOWN) {
        match target(tx, &layout, task, item).at(path)? {
            Target::Object(object) => {
                again += u64::from(has_label(tx, object, rater).at(path)?);
                rows::insert_label(tx, None, object, rater, class, None).at(path)?;
                written += 1;
            }
            Target::Repeat => {}
            Target::Gone => left_out += 1,
        }
    }
    Ok((written, left_out, again))
}

fn has_label(tx: &Connection, object: i64, rater: RaterId) -> rusqlite::Result<bool> {
    tx.prepare_cached("SELECT 1 FROM Annotations_label WHERE annoId = ?1 AND person = ?2 LIMIT 1")?
        .query_row((object, rater.0), |_| Ok(()))
        .optional()
        .map(|found| found.is_some())
}

/// What an answer is about.
enum Target {
    /// This object.
    Object(i64),
    /// The same as an earlier item: no label of its own.
    Repeat,
    /// Something that is not there any more, or not where it was judged.
    Gone,
}

/// Farther from where it was judged, in level-0 pixels, it is not what was judged. Items lie on whole pixels.
const MOVED: f64 = 1.5;

/// What an item stands for; a candidate becomes an object with its first label.
fn target(tx: &Connection, layout: &Layout, task: &Task, item: &Item) -> rusqlite::Result<Target> {
    let known = tx
        .prepare_cached(
            "SELECT object, candidate, repeats FROM mitoscope_item_objects WHERE task = ?1 AND item = ?2",
        )?
        .query_row((task.id.0, item.number), |r| Ok((whole(r, 0), whole(r, 1), whole(r, 2))))
        .optional()?;
    match known {
        Some((_, _, Some(_))) => Ok(Target::Repeat),
        Some((Some(object), ..)) => there(tx, layout, object, item),
        Some((None, Some(candidate), _)) => {
            let row = tx
                .prepare_cached(
                    "SELECT slide, x, y, object, run FROM mitoscope_candidates WHERE candidate = ?1",
                )?
                .query_row([candidate], |r| {
                    let place = SlidePx::new(r.get(1)?, r.get(2)?);
                    Ok((r.get::<_, i64>(0)?, place, whole(r, 3), r.get::<_, i64>(4)?))
                })
                .optional()?;
            let Some((slide, place, object, run)) = row else { return Ok(Target::Gone) };
            if let Some(object) = object {
                return there(tx, layout, object, item);
            }
            let object = add_spot(tx, slide, place)?;
            tx.execute(
                "UPDATE mitoscope_candidates SET object = ?2 WHERE candidate = ?1",
                (candidate, object),
            )?;
            tx.execute(
                "INSERT OR REPLACE INTO mitoscope_origins (object, stage, detail)
                 VALUES (?1, 'candidates', (SELECT name FROM mitoscope_runs WHERE run = ?2))",
                (object, run),
            )?;
            Ok(Target::Object(object))
        }
        Some((None, None, None)) | None => Ok(Target::Gone),
    }
}

/// Is the object still there, and where it was judged?
fn there(tx: &Connection, layout: &Layout, object: i64, item: &Item) -> rusqlite::Result<Target> {
    let found = objects(tx, layout, Which::One(ObjectId(object)))?.pop().filter(|o| !o.deleted);
    let place = found.and_then(|o| o.shape.center());
    let near = place.is_some_and(|p| p.distance(item.at) <= MOVED);
    Ok(if near { Target::Object(object) } else { Target::Gone })
}

/// A spot without a label and without an agreed class.
fn add_spot(tx: &Connection, slide: i64, place: SlidePx) -> rusqlite::Result<i64> {
    tx.execute(
        "INSERT INTO Annotations (slide, guid, deleted, type, agreedClass, description, clickable)
         VALUES (?1, generate_uuid(), 0, 1, 0, '', 1)",
        [slide],
    )?;
    let object = tx.last_insert_rowid();
    rows::store_shape(tx, object, &Shape::Spot(place))?;
    Ok(object)
}
