//! Brings an older generation to the newest, after a backup. A half-migrated file is an older generation too.

use super::error::{InWords as _, StoreError};
use super::generation::{Generation, Layout};
use super::{open, schema};
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What was upgraded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upgrade {
    /// The generation it had.
    pub from: Generation,
    /// The copy of the document as it was.
    pub backup: PathBuf,
}

/// Upgrades where something is missing; `None` when the document is whole and stays as it is.
pub(super) fn upgrade(
    path: &Path,
    connection: &mut Connection,
    layout: &Layout,
) -> Result<Option<Upgrade>, StoreError> {
    if layout.is_whole() {
        return Ok(None);
    }
    let from = layout.generation();
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate).at(path)?;
    // The lock is held and nothing is written yet: another connection still reads the old state.
    let backup = back_up(path, from)?;
    migrate(&tx).at(path)?;
    tx.commit().at(path)?;
    tracing::info!(document = %path.display(), generation = %from, backup = %backup.display(), "upgraded");
    Ok(Some(Upgrade { from, backup }))
}

/// Copies a document through SQLite, so that the copy is whole whoever writes meanwhile, and appears whole or not
/// at all.
pub(super) fn copy(path: &Path, from: &Connection, to: &Path) -> Result<(), StoreError> {
    open::make(to, |target| {
        Backup::new(from, target).and_then(|b| b.run_to_completion(1024, Duration::ZERO, None)).at(path)
    })
}

/// The backup's name is the document's with generation and time (UTC) in it.
fn back_up(path: &Path, from: Generation) -> Result<PathBuf, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let reader = Connection::open_with_flags(path, flags).at(path)?;
    let stamp: String =
        reader.query_row("SELECT strftime('%Y%m%d-%H%M%S', 'now')", [], |r| r.get(0)).at(path)?;
    let base = format!(".backup-gen{from}-{stamp}");
    let mut last = Err(StoreError::unusable(path, "there are too many backups beside it; move them away"));
    for n in 0..100 {
        let suffix = if n == 0 { format!("{base}.sqlite") } else { format!("{base}-{n}.sqlite") };
        let stem = path.with_extension("");
        let to = open::sibling(&stem, &suffix);
        last = copy(path, &reader, &to).map(|()| to);
        if !matches!(last, Err(StoreError::Exists { .. })) {
            break;
        }
    }
    last
}

fn migrate(tx: &Connection) -> rusqlite::Result<()> {
    // Triggers would stamp every row that is touched with the time of the upgrade.
    schema::drop_triggers(tx)?;
    for table in &schema::TABLES {
        schema::create_table(tx, table)?;
    }
    for (table, column, text) in Layout::read(tx)?.missing_columns() {
        tx.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {}", schema::declaration(text)))?;
    }
    tx.execute_batch(
        "UPDATE Annotations SET guid = generate_uuid() WHERE guid IS NULL;
         UPDATE Annotations_coordinates SET coordinateZ = 0 WHERE coordinateZ IS NULL;
         UPDATE Annotations SET description = '' WHERE type = 6 AND description IS NULL;",
    )?;
    let colourless: Vec<i64> = tx
        .prepare("SELECT uid FROM Classes WHERE color IS NULL")?
        .query_map([], |r| r.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for class in colourless {
        tx.execute("UPDATE Classes SET color = ?2 WHERE uid = ?1", (class, schema::palette(class)))?;
    }
    close_polygons(tx)?;
    schema::create_triggers(tx)?;
    tx.pragma_update(None, "user_version", schema::USER_VERSION)
}

/// A stored point of a polygon: its row, its place as SQLite holds it, and its number in the ring.
struct Point {
    uid: i64,
    at: (rusqlite::types::Value, rusqlite::types::Value),
    order: Option<i64>,
}

/// Every polygon ends with its first point, once, and its points are numbered from 1 without gaps. Polygons that
/// are so already are not touched.
fn close_polygons(tx: &Connection) -> rusqlite::Result<()> {
    let mut polygons: BTreeMap<i64, Vec<Point>> = BTreeMap::new();
    let mut statement = tx.prepare(
        "SELECT c.annoId, c.uid, c.coordinateX, c.coordinateY, c.orderIdx FROM Annotations_coordinates c
         JOIN Annotations a ON a.uid = c.annoId WHERE a.type = 3 ORDER BY c.annoId, c.orderIdx, c.uid",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        polygons.entry(row.get(0)?).or_default().push(Point {
            uid: row.get(1)?,
            at: (row.get(2)?, row.get(3)?),
            order: row.get::<_, Option<i64>>(4).unwrap_or(None),
        });
    }
    for (polygon, mut points) in polygons {
        let open = 1 + points[1..].iter().rposition(|p| p.at != points[0].at).map_or(0, |i| i + 1);
        if open == 1 {
            // One place only, however often it is stored: no ring to close.
            continue;
        }
        for extra in points.drain((open + 1).min(points.len())..) {
            tx.execute("DELETE FROM Annotations_coordinates WHERE uid = ?1", [extra.uid])?;
        }
        for (i, point) in points.iter().enumerate() {
            // A ring of more points than an i64 counts can't be stored.
            let number = i as i64 + 1;
            if point.order != Some(number) {
                tx.execute(
                    "UPDATE Annotations_coordinates SET orderIdx = ?2 WHERE uid = ?1",
                    (point.uid, number),
                )?;
            }
        }
        if points.len() == open {
            tx.execute(
                "INSERT INTO Annotations_coordinates
                     (coordinateX, coordinateY, coordinateZ, slide, annoId, orderIdx)
                 SELECT coordinateX, coordinateY, coordinateZ, slide, ?2, ?3
                 FROM Annotations_coordinates WHERE uid = ?1",
                (points[0].uid, polygon, open as i64 + 1),
            )?;
        }
    }
    Ok(())
}
