//! `task create`: what a rater is asked.

use super::super::db::writable;
use super::super::{Failure, output, within};
use super::coordinator;
use crate::files;
use crate::model::outcome::CONSENSUS;
use crate::model::{Digest, TaskKind, TaskView};
use crate::store::Database;
use crate::store::schema::now;
use crate::study::select::{self, Choice};
use crate::study::stages::TaskRow;
use crate::study::task::{self, Order, Wish};
use clap::{Args, ValueEnum};
use std::collections::HashMap;
use std::path::PathBuf;

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
    #[arg(long, value_name = "NAME")]
    slides: Vec<String>,
    /// Cells whose agreed class is one of these, by name or uid.
    #[arg(long, value_name = "NAME|UID")]
    classes: Vec<String>,
    /// Cells that one of these has labelled; where opinions are compared, the raters who are compared. Names with commas
    /// between them; a name with a comma in it stands in a --raters of its own.
    #[arg(long, value_name = "NAME")]
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
    #[arg(long, value_name = "SCORE", value_parser = score)]
    min_score: Option<f64>,
    /// Known cells among the candidates, which nobody can tell apart.
    #[arg(long)]
    mixed: bool,
    /// Candidates that lie within 25 px of a known cell, too; else they are left out, as published.
    #[arg(long)]
    near_known: bool,
    /// These cells alone: uids or guids.
    #[arg(long, value_name = "UID|GUID", value_delimiter = ',')]
    objects: Vec<String>,
    /// Cells that the rater has judged already, too.
    #[arg(long)]
    again: bool,
    /// How cells are looked at first.
    #[arg(long, value_enum)]
    view: Option<ViewWord>,
    /// Goes on though a blind task is open and what is chosen would tell what others think; kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: the task, as `task list` shows it.
    #[arg(long)]
    json: bool,
}

fn score(text: &str) -> Result<f64, String> {
    let value = text.trim().parse().ok().filter(|v: &f64| v.is_finite());
    value.ok_or_else(|| "write a score, for example 0.5".into())
}

fn share(text: &str) -> Result<f64, String> {
    let value = text.trim().parse().ok();
    value
        .filter(|v| (0.0..=task::MOST_REPEATS).contains(v))
        .ok_or_else(|| "write a share from 0 to 0.1, for example 0.05".into())
}

pub(super) fn run(args: &CreateArgs) -> Result<(), Failure> {
    let rater = match (args.kind, &args.rater) {
        (TaskKind::Consensus, _) => CONSENSUS.to_owned(),
        (_, Some(rater)) => rater.clone(),
        (_, None) => return Err(Failure::Usage("say who is asked with --rater".into())),
    };
    let of_candidates = args.run.is_some()
        || !args.groups.is_empty()
        || args.min_score.is_some()
        || args.mixed
        || args.near_known;
    if of_candidates && args.kind != TaskKind::Candidates {
        let which = "--run, --groups, --min-score, --mixed and --near-known are for --kind candidates";
        return Err(Failure::Usage(which.into()));
    }
    // What these choose by is what a blind rater must not know: whether there is anything would be an answer.
    let tells = matches!(args.kind, TaskKind::Adjudicate | TaskKind::Consensus | TaskKind::Confirm)
        || !args.classes.is_empty()
        || !args.raters.is_empty()
        || !args.objects.is_empty();
    if tells {
        coordinator(&args.db, args.as_coordinator, "task create")?;
    }
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
    let mut new = task::plan(&args.db, wish, slides, &things, now())?;
    new.task.id = db.create_task(&new)?;
    let row = TaskRow::from(&new.task);
    if args.json {
        return output::json(&row);
    }
    output::line(&format!("task {} \"{}\" for {}: {} items", row.id, row.name, row.rater, row.items))
}

/// What was chosen, and the same in words.
fn choice(db: &Database, args: &CreateArgs) -> Result<(Choice, String), Failure> {
    let slides = within::each_named(&args.slides, |n| Ok(db.slide_named(n)?.id))?;
    let classes = within::each_named(&args.classes, |c| Ok(db.class_of(c)?))?;
    let raters = within::each_named(&args.raters, |r| Ok(db.rater_named(r)?.id))?;
    if let Some(what) = args.within.as_deref().filter(|w| !within::is_a_word_for_regions(w)) {
        db.class_of(what)?;
    }
    if let Some(run) = &args.run
        && db.candidates(Some(run))?.is_empty()
    {
        return Err(Failure::Failed(format!(
            "{}: has no run \"{run}\" with candidates; `mitoscope import --as candidates` brings them in",
            args.db.display()
        )));
    }
    let choice = Choice {
        slides,
        classes,
        raters,
        again: args.again,
        run: args.run.clone(),
        groups: args.groups.clone(),
        least_score: args.min_score,
        mixed: args.mixed,
        near_known: args.near_known,
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
