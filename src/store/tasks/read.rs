//! Tasks, slides, items and ballots as values. What does not fit was changed by something else and is refused.

use crate::model::{
    Ballot, ClassId, Digest, Item, Resolution, Seal, Signed, SlidePx, Task, TaskId, TaskSettings, TaskSlide,
    Vote,
};
use crate::store::error::{InWords as _, StoreError};
use crate::store::read::{real, text, whole};
use rusqlite::{Connection, OptionalExtension as _, Row};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Longest name or comment, in bytes.
pub(super) const LONGEST: usize = 4000;
/// Largest picture of an item, in bytes.
const LARGEST_PICTURE: i64 = 16 << 20;

/// The columns of a task.
const TASK: &str =
    "SELECT t.task, t.guid, t.name, t.rater, t.kind, t.created, t.settings, t.fingerprint, t.seal,
        (SELECT count(*) FROM mitoscope_items i WHERE i.task = t.task),
        (SELECT count(DISTINCT b.item) FROM mitoscope_ballots b WHERE b.task = t.task)
    FROM mitoscope_tasks t";

/// All tasks, or one.
pub(super) fn tasks(
    path: &Path,
    connection: &Connection,
    one: Option<TaskId>,
) -> Result<Vec<Task>, StoreError> {
    let only = one.map_or_else(String::new, |t| format!(" WHERE t.task = {}", t.0));
    each(path, connection, &format!("{TASK}{only} ORDER BY t.task"), [], |r| {
        Some(Task {
            id: TaskId(whole(r, 0)?),
            guid: short(r, 1)?,
            name: short(r, 2)?,
            rater: short(r, 3)?,
            kind: text(r, 4).parse().ok()?,
            created: real(r, 5)?,
            settings: serde_json::from_str(&text(r, 6)).ok().filter(sensible)?,
            fingerprint: Digest(bytes(r, 7)?),
            items: u32::try_from(whole(r, 9)?).ok()?,
            done: u32::try_from(whole(r, 10)?).ok()?,
            seal: match r.get::<_, Option<String>>(8).ok()? {
                Some(seal) => Some(seal_from(&seal)?),
                None => None,
            },
        })
    })
}

/// Can the choices be shown? A kit may come from anywhere.
fn sensible(settings: &TaskSettings) -> bool {
    let named = settings.classes.iter().all(|c| !c.name.is_empty() && c.name.len() <= LONGEST);
    named && (1..=9).contains(&settings.classes.len()) && (1.0..=1000.0).contains(&settings.patch_um)
}

pub(super) fn slides(
    path: &Path,
    connection: &Connection,
    task: TaskId,
) -> Result<Vec<TaskSlide>, StoreError> {
    let sql = "SELECT slide, code, filename, directory, width, height, mpp_x, mpp_y, print
               FROM mitoscope_task_slides WHERE task = ?1 ORDER BY slide";
    each(path, connection, sql, [task.0], |r| {
        let side = |i| whole(r, i).and_then(|v| u32::try_from(v).ok()).filter(|v| *v > 0);
        let named = |i| Some(text(r, i)).filter(|t| !t.is_empty());
        Some(TaskSlide {
            number: u32::try_from(whole(r, 0)?).ok()?,
            code: short(r, 1)?,
            filename: named(2),
            directory: named(3),
            size: side(4).zip(side(5)),
            resolution: real(r, 6).zip(real(r, 7)).and_then(|(x, y)| Resolution::new(x, y)),
            print: bytes(r, 8).map(Digest),
        })
    })
}

pub(super) fn items(path: &Path, connection: &Connection, task: TaskId) -> Result<Vec<Item>, StoreError> {
    let sql =
        "SELECT item, guid, slide, x, y, turn, shown FROM mitoscope_items WHERE task = ?1 ORDER BY item";
    let mut next = 0;
    each(path, connection, sql, [task.0], |r| {
        next += 1;
        Some(Item {
            // From 1 without gaps: a missing row is noticed.
            number: u32::try_from(whole(r, 0)?).ok().filter(|n| *n == next)?,
            guid: short(r, 1)?,
            slide: u32::try_from(whole(r, 2)?).ok()?,
            at: SlidePx::new(real(r, 3)?, real(r, 4)?),
            turn: u8::try_from(whole(r, 5)?).ok().filter(|t| *t < 4)?,
            shown: serde_json::from_str::<Vec<(String, ClassId)>>(&text(r, 6)).ok()?,
        })
    })
}

pub(super) fn ballots(path: &Path, connection: &Connection, task: TaskId) -> Result<Vec<Ballot>, StoreError> {
    let sql = "SELECT item, class, comment, time, dwell, magnification, adjustment, hash, key, signature
               FROM mitoscope_ballots WHERE task = ?1 ORDER BY ballot";
    let mut number = 0;
    each(path, connection, sql, [task.0], |r| {
        number += 1;
        Some(Ballot {
            number,
            item: u32::try_from(whole(r, 0)?).ok()?,
            vote: Vote {
                class: ClassId(whole(r, 1)?),
                comment: Some(text(r, 2)).filter(|t| t.len() <= LONGEST)?,
                dwell: real(r, 4),
                magnification: real(r, 5),
                adjustment: Some(text(r, 6)).filter(|t| !t.is_empty()),
            },
            time: real(r, 3)?,
            signed: Signed { hash: Digest(bytes(r, 7)?), key: bytes(r, 8)?, signature: bytes(r, 9)? },
        })
    })
}

pub(super) fn picture(
    path: &Path,
    connection: &Connection,
    task: TaskId,
    item: u32,
) -> Result<Option<Vec<u8>>, StoreError> {
    connection
        .query_row(
            "SELECT picture FROM mitoscope_items WHERE task = ?1 AND item = ?2 AND length(picture) <= ?3",
            (task.0, item, LARGEST_PICTURE),
            |r| r.get(0),
        )
        .optional()
        .at(path)
        .map(Option::flatten)
}

/// Each row as a value; a row that is none ends it.
fn each<T>(
    path: &Path,
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    mut value: impl FnMut(&Row<'_>) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).at(path)?;
    let mut rows = statement.query(parameters).at(path)?;
    let mut out = Vec::new();
    while let Some(row) = rows.next().at(path)? {
        out.push(value(row).ok_or_else(|| spoilt(path))?);
    }
    Ok(out)
}

/// Something else wrote into the tables.
pub(super) fn spoilt(path: &Path) -> StoreError {
    StoreError::refused(
        path,
        "its task was changed by something else or damaged; get the file again from where it came",
    )
}

/// A text of sensible length.
fn short(row: &Row<'_>, column: usize) -> Option<String> {
    Some(text(row, column)).filter(|t| !t.is_empty() && t.len() <= LONGEST)
}

/// A blob of exactly so many bytes.
fn bytes<const N: usize>(row: &Row<'_>, column: usize) -> Option<[u8; N]> {
    row.get_ref(column).ok()?.as_blob().ok()?.try_into().ok()
}

/// A seal as it is stored.
#[derive(Serialize, Deserialize)]
struct StoredSeal {
    time: f64,
    ballots: u32,
    hash: String,
    key: String,
    signature: String,
}

pub(super) fn seal_text(seal: &Seal) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let stored = StoredSeal {
        time: seal.time,
        ballots: seal.ballots,
        hash: seal.signed.hash.to_string(),
        key: hex(&seal.signed.key),
        signature: hex(&seal.signed.signature),
    };
    // Numbers and texts alone: nothing that JSON can't hold.
    serde_json::to_string(&stored).unwrap_or_default()
}

fn seal_from(stored: &str) -> Option<Seal> {
    let stored: StoredSeal = serde_json::from_str(stored).ok()?;
    let (first, second) = stored.signature.split_at_checked(64)?;
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&Digest::from_hex(first)?.0);
    signature[32..].copy_from_slice(&Digest::from_hex(second)?.0);
    Some(Seal {
        time: stored.time,
        ballots: stored.ballots,
        signed: Signed {
            hash: Digest::from_hex(&stored.hash)?,
            key: Digest::from_hex(&stored.key)?.0,
            signature,
        },
    })
}
