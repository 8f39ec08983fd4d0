//! `db info` and `db check`: no byte of the document changes.

use super::super::{Failure, output};
use crate::store::summary::Counts;
use crate::store::{Access, Database, Summary};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// What a document holds: slides, classes, raters, and numbers of objects and labels. Nothing of it changes.
///
/// Objects are counted by SlideRunner's type (1 spot, 2 rectangle, 3 polygon, 4 flag, 5 circle, 6 image label) and by
/// agreed class (0: none); soft-deleted ones stand apart. Any generation of SlideRunner is read.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db info study.sqlite --json")]
pub(in crate::cli) struct InfoArgs {
    /// The document.
    db: PathBuf,
    /// Tells numbers of labels and of agreed classes though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

/// What is said in place of what a blind rater must not know.
const HIDDEN: &str =
    "a blind task is open: numbers of labels and of agreed classes are told with --as-coordinator";

pub(super) fn info(args: &InfoArgs) -> Result<(), Failure> {
    let database = Database::open(&args.db, Access::ReadOnly)?;
    let sum = database.summary()?;
    if !database.open_blind_tasks()?.is_empty() {
        if !args.as_coordinator {
            return info_for_all(args, &sum);
        }
        super::super::study::coordinator(&args.db, true, "db info")?;
    }
    if args.json {
        return output::json(&sum);
    }
    output::line(&format!("{}: generation {}", args.db.display(), sum.stage))?;
    if sum.needs_upgrade {
        output::line("            upgraded, after a backup, before the first change")?;
    }
    output::line(&format!(
        "objects     {}{}, {} labels, {} deleted objects",
        sum.annotations,
        listed(&sum.by_type, type_name),
        sum.labels,
        sum.deleted
    ))?;
    for p in &sum.persons {
        output::line(&format!("rater {:<5} {}: {} labels", p.uid, p.name, p.labels))?;
    }
    for c in &sum.classes {
        let n = sum.by_class.get(&c.uid).copied().unwrap_or(0);
        output::line(&format!(
            "class {:<5} {} ({}, {}): {n} objects",
            c.uid,
            c.name,
            c.role.title(),
            c.color
        ))?;
    }
    let open = sum.by_class.get(&0).copied().unwrap_or(0);
    if open > 0 {
        output::line(&format!("            without an agreed class: {open} objects"))?;
    }
    slides(&sum)
}

/// What anybody may know of a document in which a blind task is open.
fn info_for_all(args: &InfoArgs, sum: &Summary) -> Result<(), Failure> {
    if !args.json {
        output::line(&format!("{}: generation {}; {HIDDEN}", args.db.display(), sum.stage))?;
        for p in &sum.persons {
            output::line(&format!("rater {:<5} {}", p.uid, p.name))?;
        }
        for c in &sum.classes {
            output::line(&format!("class {:<5} {} ({}, {})", c.uid, c.name, c.role.title(), c.color))?;
        }
        return slides(sum);
    }
    let mut value = serde_json::to_value(sum)?;
    for key in ["labels", "deleted"] {
        value[key] = serde_json::Value::Null;
    }
    value["by_class"] = json!({});
    for (list, key, without) in [("slides", "by_class", json!({})), ("persons", "labels", json!(null))] {
        for row in value[list].as_array_mut().into_iter().flatten() {
            row[key] = without.clone();
        }
    }
    value["hidden"] = json!(HIDDEN);
    output::json(&value)
}

fn slides(sum: &Summary) -> Result<(), Failure> {
    for s in &sum.slides {
        let size = s.width.zip(s.height).map_or_else(String::new, |(w, h)| format!(", {w} x {h} px"));
        let mpp = s.mpp_x.zip(s.mpp_y).map_or_else(String::new, |(x, y)| format!(", {x} x {y} um/px"));
        let case = s.case.as_ref().map_or_else(String::new, |c| format!(", case {c}"));
        output::line(&format!(
            "slide {:<5} {}{size}{mpp}{case}: {} objects{}",
            s.uid,
            s.filename,
            s.annotations,
            listed(&s.by_type, type_name)
        ))?;
    }
    Ok(())
}

/// " (3 spots, 1 polygon)"; nothing where there is nothing.
fn listed(counts: &Counts, name: fn(i64) -> &'static str) -> String {
    let parts: Vec<String> = counts.iter().map(|(kind, n)| format!("{n} {}", name(*kind))).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn type_name(kind: i64) -> &'static str {
    match kind {
        1 => "spot",
        2 => "rectangle",
        3 => "polygon",
        4 => "flag",
        5 => "circle",
        6 => "image label",
        _ => "of an unknown type",
    }
}

/// Is a document sound? Looks for damage, for rows without their partners, and for what SlideRunner would stumble
/// over. Nothing is changed.
///
/// Ends with 0 when there is no problem and with 1 when there is one; each problem is a sentence with its number.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope db check study.sqlite && mitoscope db copy study.sqlite backup.sqlite"
)]
pub(in crate::cli) struct CheckArgs {
    /// The document.
    db: PathBuf,
    /// One JSON value on standard output: ok, problems, notes.
    #[arg(long)]
    json: bool,
}

pub(super) fn check(args: &CheckArgs) -> Result<(), Failure> {
    let check = Database::open(&args.db, Access::ReadOnly)?.check()?;
    let name = args.db.display();
    if args.json {
        output::json(&check)?;
    } else {
        for problem in &check.problems {
            output::line(&format!("problem: {problem}"))?;
        }
        for note in &check.notes {
            output::line(&format!("note: {note}"))?;
        }
        if check.ok {
            output::line(&format!("{name}: sound"))?;
        }
    }
    match check.problems.as_slice() {
        [] => Ok(()),
        problems => Err(Failure::Failed(format!(
            "{name}: {} found ({}); keep a copy with `mitoscope db copy` before anything is changed",
            if problems.len() == 1 {
                "a problem was".into()
            } else {
                format!("{} problems were", problems.len())
            },
            problems.join("; ")
        ))),
    }
}
