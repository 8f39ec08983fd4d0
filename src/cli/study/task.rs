//! `task …`: what raters are asked.

use super::super::db::writable;
use super::super::{Failure, output, within};
use super::coordinator;
use crate::files;
use crate::model::outcome::CONSENSUS;
use crate::model::{Ballot, ClassId, Digest, RaterId, SlideId, Task, TaskKind, TaskView, Vote};
use crate::store::{Access, Database, TaskFile};
use crate::study::ballot::pace;
use crate::study::blind::BallotBox;
use crate::study::key::{self, Signer};
use crate::study::select::{self, Choice};
use crate::study::stages::TaskRow;
use crate::study::task::{self, Order, Wish};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Tasks: what a rater is asked, blind, and what was answered. Everything but `create` and `export` works on a kit too.
#[derive(Subcommand)]
pub(in crate::cli) enum TaskVerb {
    Create(CreateArgs),
    List(ListArgs),
    Status(StatusArgs),
    Vote(VoteArgs),
    Seal(SealArgs),
    Export(ExportArgs),
}

pub(in crate::cli) fn run(verb: &TaskVerb) -> Result<(), Failure> {
    match verb {
        TaskVerb::Create(args) => create(args),
        TaskVerb::List(args) => list(args),
        TaskVerb::Status(args) => status(args),
        TaskVerb::Vote(args) => vote(args),
        TaskVerb::Seal(args) => seal(args),
        TaskVerb::Export(args) => export(args),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OrderWord {
    /// Slide after slide, each in bands from the top.
    Slide,
    /// Shuffled over all slides.
    Shuffled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ViewWord {
    /// The slide, centred on the object.
    Context,
    /// Patches of 32 um (128 px).
    Patches,
}

/// Makes a task for a rater, for the coordinator of a study.
///
/// Kinds: label (an own opinion on every cell), adjudicate (where others disagree), consensus (two raters together, who
/// see what both said), candidates (what a detector proposed), confirm (cells whose label was changed, as plain
/// patches). All but consensus are blind. Without further choice a task is about all cells that the rater has not
/// judged; regions, flags and labels of whole slides are no cells.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope task create study.sqlite --name second --rater \"Expert 2\" --kind label --order shuffled --seed 7 --repeats 0.05\nExample: mitoscope task create study.sqlite --name third --rater \"Expert 3\" --kind adjudicate --raters \"Expert 1,Expert 2\""
)]
pub(in crate::cli) struct CreateArgs {
    /// The document.
    db: PathBuf,
    /// The task's name; not a number.
    #[arg(long)]
    name: String,
    /// Who is asked; put into the document where there is none of this name. A consensus is always that of the person
    /// "Consensus".
    #[arg(long)]
    rater: Option<String>,
    /// label, adjudicate, consensus, candidates or confirm.
    #[arg(long, value_parser = str::parse::<TaskKind>)]
    kind: TaskKind,
    /// In which order cells come.
    #[arg(long, value_enum, default_value = "slide")]
    order: OrderWord,
    /// What the order is shuffled by.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The share of cells that is asked twice, unseen, 0 to 0.1: the rater's agreement with himself.
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    repeats: f64,
    /// Cells on these slides alone.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    slides: Vec<String>,
    /// Cells whose agreed class is one of these, by name or uid.
    #[arg(long, value_name = "NAME|UID", value_delimiter = ',')]
    classes: Vec<String>,
    /// Cells that one of these has labelled; where opinions are compared, the raters who are compared.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    raters: Vec<String>,
    /// Cells within these outlines: tumor, polygon, or a class by name or uid.
    #[arg(long, value_name = "WHAT")]
    within: Option<String>,
    /// Candidates of this run alone.
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Candidates of these score groups, 1 (scores below 0.1) to 10.
    #[arg(long, value_name = "1-10", value_delimiter = ',', value_parser = clap::value_parser!(u8).range(1..=10))]
    groups: Vec<u8>,
    /// Candidates with this score or more.
    #[arg(long, value_name = "SCORE")]
    min_score: Option<f64>,
    /// Known cells among the candidates, which nobody can tell apart.
    #[arg(long)]
    mixed: bool,
    /// These cells alone: uids or guids.
    #[arg(long, value_name = "UID|GUID", value_delimiter = ',')]
    objects: Vec<String>,
    /// Cells that the rater has judged already, too.
    #[arg(long)]
    again: bool,
    /// How cells are looked at first.
    #[arg(long, value_enum)]
    view: Option<ViewWord>,
    /// One JSON value on standard output: the task, as `task list` shows it.
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<f64, String> {
    let value = text.trim().parse().ok();
    value
        .filter(|v| (0.0..=task::MOST_REPEATS).contains(v))
        .ok_or_else(|| "write a share from 0 to 0.1, for example 0.05".into())
}

fn create(args: &CreateArgs) -> Result<(), Failure> {
    let rater = match (args.kind, &args.rater) {
        (TaskKind::Consensus, _) => CONSENSUS.to_owned(),
        (_, Some(rater)) => rater.clone(),
        (_, None) => return Err(Failure::Usage("say who is asked with --rater".into())),
    };
    let mut db = writable(&args.db)?;
    let (choice, chosen) = choice(&db, args)?;
    let known = db.raters()?.into_iter().find(|r| r.name == rater).map(|r| r.id);
    let mut outlines = HashMap::new();
    let (mut slides, things) = select::things(&db, args.kind, known, &choice, &mut |slide, place| {
        let Some(what) = &args.within else { return Ok(true) };
        // A slide without such a region has no cell within it.
        let regions =
            outlines.entry(slide.id).or_insert_with(|| within::regions(&db, slide, what).unwrap_or_default());
        Ok(regions.iter().any(|r| r.holds(place)))
    })?;
    let entries = db.slides()?;
    for slide in &mut slides {
        let entry = entries.iter().find(|e| {
            Some(&e.filename) == slide.filename.as_ref()
                && e.directory == slide.directory.clone().unwrap_or_default()
        });
        if let Some(source) = entry.and_then(|e| within::slide_file(&db, e)) {
            let facts = source.facts();
            slide.size = Some((facts.width, facts.height));
            slide.resolution = facts.resolution.or(slide.resolution);
            slide.print = files::print(&facts.path).ok().map(Digest);
        }
    }
    let wish = Wish {
        name: args.name.clone(),
        rater,
        kind: args.kind,
        order: match args.order {
            OrderWord::Slide => Order::Slide,
            OrderWord::Shuffled => Order::Shuffled(args.seed),
        },
        repeats: args.repeats,
        view: args.view.map(|v| match v {
            ViewWord::Context => TaskView::Context,
            ViewWord::Patches => TaskView::Patches,
        }),
        classes: task::choices(&db.classes()?),
        chosen,
    };
    let mut new = task::plan(&args.db, wish, slides, &things, super::super::now())?;
    new.task.id = db.create_task(&new)?;
    let row = TaskRow::from(&new.task);
    if args.json {
        return output::json(&row);
    }
    output::line(&format!("task {} \"{}\" for {}: {} items", row.id, row.name, row.rater, row.items))
}

/// What was chosen, and the same in words.
fn choice(db: &Database, args: &CreateArgs) -> Result<(Choice, String), Failure> {
    let slides = args.slides.iter().map(|n| Ok(db.slide_named(n)?.id));
    let classes = args.classes.iter().map(|c| Ok(db.class_of(c)?));
    let raters = args.raters.iter().map(|r| Ok(db.rater_named(r)?.id));
    if let Some(run) = &args.run
        && db.candidates(Some(run))?.is_empty()
    {
        return Err(Failure::Failed(format!(
            "{}: has no run \"{run}\" with candidates; `mitoscope import --as candidates` brings them in",
            args.db.display()
        )));
    }
    let choice = Choice {
        slides: slides.collect::<Result<Vec<SlideId>, Failure>>()?,
        classes: classes.collect::<Result<Vec<ClassId>, Failure>>()?,
        raters: raters.collect::<Result<Vec<RaterId>, Failure>>()?,
        again: args.again,
        run: args.run.clone(),
        groups: args.groups.clone(),
        least_score: args.min_score,
        mixed: args.mixed,
        objects: args.objects.clone(),
    };
    let mut words = vec![args.kind.id().to_owned()];
    for (what, list) in [
        ("slides", &args.slides),
        ("classes", &args.classes),
        ("raters", &args.raters),
        ("objects", &args.objects),
    ] {
        if !list.is_empty() {
            words.push(format!("{what} {}", list.join(", ")));
        }
    }
    for (what, value) in [("within", &args.within), ("run", &args.run)] {
        words.extend(value.as_ref().map(|v| format!("{what} {v}")));
    }
    if !args.groups.is_empty() {
        words.push(format!("groups {:?}", args.groups));
    }
    words.extend(args.min_score.map(|s| format!("score from {s}")));
    for (set, word) in [(args.mixed, "mixed with known cells"), (args.again, "judged cells too")] {
        if set {
            words.push(word.into());
        }
    }
    Ok((choice, words.join("; ")))
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
    /// seconds), hash.
    #[arg(long)]
    json: bool,
}

fn status(args: &StatusArgs) -> Result<(), Failure> {
    let file = TaskFile::open(&args.file, Access::ReadOnly)?;
    let tasks = match &args.task {
        Some(task) => vec![file.task(Some(task))?],
        None => file.tasks()?,
    };
    let mut rows = Vec::new();
    for task in &tasks {
        let ballots = file.ballots(task.id)?;
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
    /// One JSON value on standard output: sealed, ballots, open, labels, hash, key.
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
            "sealed": true, "ballots": done.seal.ballots, "open": open, "labels": done.labels, "hash": hash,
            "key": key::text(&done.seal.signed.key),
        }));
    }
    output::line(&format!(
        "\"{}\" sealed: {} items answered, {} labels written, hash {hash}",
        task.name, task.done, done.labels
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
            let Some(row) = items.get(ballot.item as usize - 1) else { continue };
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
