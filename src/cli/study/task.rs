//! `task …`: what raters are asked.

use super::super::{Failure, output, within};
use super::{coordinator, create};
use crate::model::{Ballot, ClassId, Task, Vote};
use crate::store::{Access, Database, TaskFile};
use crate::study::ballot::{self, pace};
use crate::study::blind::BallotBox;
use crate::study::key::{self, Signer};
use crate::study::kit;
use crate::study::stages::TaskRow;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Tasks: what a rater is asked, blind, and what was answered. Everything but `create` and `export` works on a kit too.
#[derive(Subcommand)]
pub(in crate::cli) enum TaskVerb {
    Create(create::CreateArgs),
    List(ListArgs),
    Status(StatusArgs),
    Vote(VoteArgs),
    Seal(SealArgs),
    Export(ExportArgs),
}

pub(in crate::cli) fn run(verb: &TaskVerb) -> Result<(), Failure> {
    match verb {
        TaskVerb::Create(args) => create::run(args),
        TaskVerb::List(args) => list(args),
        TaskVerb::Status(args) => status(args),
        TaskVerb::Vote(args) => vote(args),
        TaskVerb::Seal(args) => seal(args),
        TaskVerb::Export(args) => export(args),
    }
}

/// Lists the tasks of a document or a kit.
#[derive(Args)]
#[command(after_help = "Example: mitoscope task list study.sqlite --json")]
pub(in crate::cli) struct ListArgs {
    /// The document or kit.
    file: PathBuf,
    /// One JSON value on standard output: tasks.
    #[arg(long)]
    json: bool,
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let tasks = TaskFile::open(&args.file, Access::ReadOnly)?.tasks()?;
    let rows: Vec<TaskRow> = tasks.iter().map(TaskRow::from).collect();
    if args.json {
        return output::json(&json!({"tasks": rows}));
    }
    if rows.is_empty() {
        return output::line("no tasks; `mitoscope task create` makes one");
    }
    rows.iter().try_for_each(|t| output::line(&line(t)))
}

fn line(t: &TaskRow) -> String {
    let end = if t.sealed { "sealed" } else { "open" };
    format!("{:3}  {:20}  {:16}  {:10}  {} of {} done, {end}", t.id, t.name, t.rater, t.kind, t.done, t.items)
}

/// Says how far tasks have come: ballots, changes, pauses.
#[derive(Args)]
#[command(after_help = "Example: mitoscope task status study.sqlite --task second")]
pub(in crate::cli) struct StatusArgs {
    /// The document or kit.
    file: PathBuf,
    /// One task alone, by number or name.
    #[arg(long, value_name = "T")]
    task: Option<String>,
    /// One JSON value on standard output: tasks, each with cant_tell, changed, pauses, first and last (Unix
    /// seconds), verified (all hashes and signatures are right), hash.
    #[arg(long)]
    json: bool,
}

fn status(args: &StatusArgs) -> Result<(), Failure> {
    let file = TaskFile::open(&args.file, Access::ReadOnly)?;
    let tasks = match &args.task {
        Some(task) => vec![file.task(Some(task))?],
        None => file.tasks()?,
    };
    // While somebody judges blind, what others answered is told of the task alone that is asked about.
    let all_told =
        args.task.is_some() || file.is_kit() || !tasks.iter().any(|t| t.kind.is_blind() && t.seal.is_none());
    let mut rows = Vec::new();
    for task in &tasks {
        if !all_told && tasks.len() > 1 {
            if !args.json {
                output::line(&line(&TaskRow::from(task)))?;
            }
            rows.push(serde_json::to_value(TaskRow::from(task))?);
            continue;
        }
        let ballots = file.ballots(task.id)?;
        let verified = ballot::verify(task, &file.slides(task.id)?, &file.items(task.id)?, &ballots);
        let pace = pace(&ballots.iter().map(|b| b.time).collect::<Vec<_>>());
        let last = last_by_item(&ballots);
        let unsure = last.values().filter(|b| b.vote.class == ClassId::UNKNOWN).count();
        let mut row = serde_json::to_value(TaskRow::from(task))?;
        let more = json!({
            "cant_tell": unsure,
            "changed": ballots.len() - last.len(),
            "pauses": pace.pauses,
            "first": pace.first,
            "last": pace.last,
            "verified": verified.is_ok(),
            "hash": task.seal.map(|s| s.signed.hash.to_string()),
        });
        if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
            row.extend(more);
        }
        if !args.json {
            output::line(&line(&TaskRow::from(task)))?;
            output::line(&format!(
                "     {unsure} can't tell, {} changed, {} pauses",
                ballots.len() - last.len(),
                pace.pauses
            ))?;
            if let Err(why) = &verified {
                output::line(&format!("     NOT AS IT WAS ANSWERED: {why}"))?;
            }
        }
        rows.push(row);
    }
    if args.json {
        return output::json(&json!({"tasks": rows}));
    }
    Ok(())
}

/// The ballot that counts, by item.
fn last_by_item(ballots: &[Ballot]) -> HashMap<u32, &Ballot> {
    ballots.iter().map(|b| (b.item, b)).collect()
}

/// Casts one ballot, for scripted raters. A later ballot on the same item replaces the earlier one, until the task is
/// sealed.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope task vote study.sqlite --task second --item 17 --class \"mitotic figure\""
)]
pub(in crate::cli) struct VoteArgs {
    /// The document or kit.
    file: PathBuf,
    /// The task, by number or name; a kit has but one.
    #[arg(long, value_name = "T")]
    task: Option<String>,
    /// The item, from 1 in the task's own order.
    #[arg(long, value_name = "N")]
    item: u32,
    /// The class, by name or uid; 0 for "can't tell".
    #[arg(long, value_name = "NAME|UID")]
    class: String,
    /// A remark.
    #[arg(long, default_value = "")]
    comment: String,
    /// One JSON value on standard output: item, recorded_at (Unix seconds), class.
    #[arg(long)]
    json: bool,
}

fn vote(args: &VoteArgs) -> Result<(), Failure> {
    let mut ballots =
        BallotBox::open(&args.file, args.task.as_deref(), Access::ReadWrite, Signer::of_user()?)?;
    let class = class_of(&args.file, ballots.task(), &args.class)?;
    if args.comment.len() > 2000 {
        return Err(Failure::Usage("a comment may have 2000 bytes at most".into()));
    }
    let vote = Vote { class, comment: args.comment.clone(), ..Vote::default() };
    let cast = ballots.vote(args.item, &vote)?;
    if args.json {
        return output::json(&json!({"item": cast.item, "recorded_at": cast.time, "class": class.0}));
    }
    let task = ballots.task();
    output::line(&format!("item {}: recorded, {} of {} done", cast.item, task.done, task.items))
}

/// A class that the task offers, by name or uid.
fn class_of(path: &Path, task: &Task, text: &str) -> Result<ClassId, Failure> {
    let offered = &task.settings.classes;
    let named = offered.iter().find(|c| c.name == text);
    let uid = text.trim().parse().ok().map(ClassId);
    let by_uid = || offered.iter().find(|c| Some(c.id) == uid);
    match named.or_else(by_uid) {
        Some(class) => Ok(class.id),
        None if uid == Some(ClassId::UNKNOWN) => Ok(ClassId::UNKNOWN),
        None => Err(Failure::Failed(format!(
            "{}: the task \"{}\" offers no class \"{text}\"; it offers {}, and 0 for \"can't tell\"",
            path.display(),
            task.name,
            within::listed(offered)
        ))),
    }
}

/// Seals a task: it is read-only from then on. In a document its ballots become labels of the rater; agreed classes
/// stay as they are (`outcome` sets them). A kit goes back to the coordinator.
#[derive(Args)]
#[command(after_help = "Example: mitoscope task seal study.sqlite --task second")]
pub(in crate::cli) struct SealArgs {
    /// The document or kit.
    file: PathBuf,
    /// The task, by number or name; a kit has but one.
    #[arg(long, value_name = "T")]
    task: Option<String>,
    /// One JSON value on standard output: sealed, ballots, open, labels, left_out, labelled_before,
    /// hash, key.
    #[arg(long)]
    json: bool,
}

fn seal(args: &SealArgs) -> Result<(), Failure> {
    let mut ballots =
        BallotBox::open(&args.file, args.task.as_deref(), Access::ReadWrite, Signer::of_user()?)?;
    let done = ballots.seal()?;
    let task = ballots.task();
    let (open, hash) = (task.items - task.done, done.seal.signed.hash.to_string());
    if open > 0 {
        let _ = writeln!(std::io::stderr(), "mitoscope: {open} of {} items were left open", task.items);
    }
    if args.json {
        return output::json(&json!({
            "sealed": true, "ballots": done.seal.ballots, "open": open, "labels": done.labels,
            "left_out": done.left_out, "labelled_before": done.again, "hash": hash,
            "key": key::text(&done.seal.signed.key),
        }));
    }
    output::line(&format!(
        "\"{}\" sealed: {} items answered, {}, hash {hash}",
        task.name,
        task.done,
        kit::labels_words(done.labels, done.left_out, done.again)
    ))
}

/// Writes a task's ballots as a CSV table, for the coordinator: all of them in their order, with the object that each
/// item stands for.
#[derive(Args)]
#[command(after_help = "Example: mitoscope task export study.sqlite --task second -o second.csv")]
pub(in crate::cli) struct ExportArgs {
    /// The document.
    db: PathBuf,
    /// The task, by number or name.
    #[arg(long, value_name = "T")]
    task: Option<String>,
    /// The table.
    #[arg(short, long, value_name = "FILE.csv")]
    output: PathBuf,
    /// Goes on though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: exported.
    #[arg(long)]
    json: bool,
}

fn export(args: &ExportArgs) -> Result<(), Failure> {
    output::not_an_input(&args.output, &[&args.db])?;
    coordinator(&args.db, args.as_coordinator, "task export")?;
    let task = TaskFile::open(&args.db, Access::ReadOnly)?.task(args.task.as_deref())?;
    let db = Database::open(&args.db, Access::ReadOnly)?;
    let (slides, items) = db.task_items(task.id)?;
    let ballots = db.task_ballots(task.id)?;
    let last = last_by_item(&ballots);
    output::write_whole(&args.output, |file| {
        let mut csv = csv::Writer::from_writer(file);
        csv.write_record([
            "item",
            "slide",
            "x",
            "y",
            "object",
            "candidate",
            "repeats",
            "turn",
            "class",
            "class_name",
            "counts",
            "comment",
            "time",
            "dwell_s",
            "magnification",
            "adjustment",
            "hash",
        ])?;
        for ballot in &ballots {
            let Some(row) = (ballot.item as usize).checked_sub(1).and_then(|at| items.get(at)) else {
                continue;
            };
            let slide = slides.iter().find(|s| s.number == row.item.slide);
            let name = slide.and_then(|s| s.filename.as_deref()).unwrap_or_default();
            let class = task.settings.classes.iter().find(|c| c.id == ballot.vote.class);
            let counts = last.get(&ballot.item).is_some_and(|b| b.number == ballot.number);
            let optional = |v: Option<String>| v.unwrap_or_default();
            csv.write_record([
                ballot.item.to_string(),
                name.to_owned(),
                row.item.at.x.to_string(),
                row.item.at.y.to_string(),
                optional(row.object.map(|o| o.0.to_string())),
                optional(row.candidate.map(|c| c.to_string())),
                optional(row.repeats.map(|r| r.to_string())),
                row.item.turn.to_string(),
                ballot.vote.class.0.to_string(),
                class.map_or_else(|| "can't tell".to_owned(), |c| c.name.clone()),
                u8::from(counts).to_string(),
                ballot.vote.comment.clone(),
                ballot.time.to_string(),
                optional(ballot.vote.dwell.map(|d| d.to_string())),
                optional(ballot.vote.magnification.map(|m| m.to_string())),
                optional(ballot.vote.adjustment.clone()),
                ballot.signed.hash.to_string(),
            ])?;
        }
        csv.flush()?;
        Ok(())
    })?;
    if args.json {
        return output::json(&json!({"exported": ballots.len()}));
    }
    output::line(&format!("{} ballots written to {}", ballots.len(), args.output.display()))
}
