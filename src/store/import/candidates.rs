//! What a detector proposes: a run of its own, apart from the raters' labels.

use super::super::database::Database;
use super::super::error::{InWords as _, StoreError};
use super::super::exchange::{Reading, Record, Skipped};
use super::super::read::{self, real, text, whole};
use super::super::rows::LONGEST_NAME;
use super::super::schema;
use super::super::write::Act;
use super::names::Names;
use super::{Imported, Source, named};
use rusqlite::OptionalExtension as _;
use std::collections::HashMap;

/// Slide, centre in tenths of a pixel, class, score to the last bit.
type Key = (i64, i64, i64, String, Option<u64>);

fn key(slide: i64, x: f64, y: f64, class: &str, score: Option<f64>) -> Key {
    let tenths = |v: f64| (v * 10.0).round() as i64;
    (slide, tenths(x), tenths(y), class.to_owned(), score.map(f64::to_bits))
}

impl Database {
    /// Takes in what was read as the candidates of a detector's run: centre, class as the file names it, score. A run of
    /// this name gets only what it does not have yet; a candidate that the file has twice is kept twice.
    ///
    /// # Errors
    /// When no row has a slide and none is given, several slides have a name, or the document can't be written. It is
    /// then as it was.
    pub fn import_candidates(
        &mut self,
        reading: Reading,
        run: &str,
        source: &Source,
    ) -> Result<Imported, StoreError> {
        source.fills(&reading, false).map_err(|why| StoreError::refused(&self.path, why))?;
        self.taking_in(reading, source, |act, records, out| {
            if records.is_empty() {
                return Ok(());
            }
            if run.trim().is_empty() || run.len() > LONGEST_NAME {
                return act.refuse(format!("a run needs a name of 1 to {LONGEST_NAME} bytes"));
            }
            let run = run_named(act, run, source)?;
            let (mut there, mut names) = (candidates_of(act, run)?, named(act, source)?);
            for record in records {
                take(act, run, &record, source, &mut names, &mut there, out)?;
            }
            out.created = names.created;
            Ok(())
        })
    }
}

/// The uid of a run, made where there is none.
fn run_named(act: &Act<'_>, run: &str, source: &Source) -> Result<i64, StoreError> {
    let there: Option<i64> = act
        .tx
        .query_row("SELECT run FROM mitoscope_runs WHERE name = ?1", [run], |r| r.get(0))
        .optional()
        .at(act.path)?;
    if let Some(run) = there {
        return Ok(run);
    }
    let facts = serde_json::json!({"imported_from": source.file}).to_string();
    act.tx
        .execute(
            "INSERT INTO mitoscope_runs (name, created, facts) VALUES (?1, ?2, ?3)",
            (run, schema::now(), facts),
        )
        .at(act.path)?;
    Ok(act.tx.last_insert_rowid())
}

/// How often the run has each candidate.
fn candidates_of(act: &Act<'_>, run: i64) -> Result<HashMap<Key, u64>, StoreError> {
    let mut there = HashMap::new();
    let sql = "SELECT slide, x, y, class, score FROM mitoscope_candidates WHERE run = ?1";
    read::each(act.tx, sql, [run], |r| {
        let (x, y) = (real(r, 1).unwrap_or(0.0), real(r, 2).unwrap_or(0.0));
        *there.entry(key(whole(r, 0).unwrap_or(0), x, y, &text(r, 3), real(r, 4))).or_default() += 1;
    })
    .at(act.path)?;
    Ok(there)
}

fn take(
    act: &Act<'_>,
    run: i64,
    record: &Record,
    source: &Source,
    names: &mut Names,
    there: &mut HashMap<Key, u64>,
    out: &mut Imported,
) -> Result<(), StoreError> {
    let mut skip = |reason: &str| out.skipped.push(Skipped { line: record.line, reason: reason.into() });
    let Some(slide) = record.slide.as_ref().or(source.slide.as_ref()) else {
        skip("names no slide, and none was given with --slide");
        return Ok(());
    };
    let Some(at) = record.shape.center() else {
        skip("has no place");
        return Ok(());
    };
    let slide = match names.slide(act, slide)? {
        Some(uid) => uid,
        None => names.make_slide(act, slide)?,
    };
    let left = there.entry(key(slide, at.x, at.y, &record.class, record.score)).or_default();
    if *left > 0 {
        *left -= 1;
        out.present += 1;
        return Ok(());
    }
    act.tx
        .prepare_cached(
            "INSERT INTO mitoscope_candidates (run, slide, x, y, class, score) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut s| s.execute((run, slide, at.x, at.y, &record.class, record.score)))
        .at(act.path)?;
    out.candidates += 1;
    out.rows += 1;
    Ok(())
}
