//! `study`: the coordinator's view.

use super::super::{Failure, output};
use super::coordinator;
use crate::store::{Access, Database};
use crate::study::stages::{self, SlideStages};
use clap::Args;
use std::path::PathBuf;

/// Counts a study's cells by slide and by the stage that they came from, as the published data set's Table 1 does, and
/// says who has what open and what comes next.
///
/// Stages: manual (also all of a plain SlideRunner file), screening pass 1 and so on, import, candidates (proposed by a
/// detector); beside those confirmation, cells that were judged anew in a confirm task.
#[derive(Args)]
#[command(after_help = "Example: mitoscope study study.sqlite --json")]
pub(in crate::cli) struct StudyArgs {
    /// The document.
    db: PathBuf,
    /// Goes on though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: slides, total, tasks, rule, next, looked_as_coordinator, merges.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &StudyArgs) -> Result<(), Failure> {
    coordinator(&args.db, args.as_coordinator, "study")?;
    let study = stages::study(&Database::open(&args.db, Access::ReadOnly)?)?;
    if args.json {
        return output::json(&study);
    }
    output::line(&format!(
        "{:32} {:>8} {:>10} {:>6} {:>9} {:>7} {:>6} {:>9} {:>9}",
        "slide", "mitotic", "look-alike", "other", "undecided", "second", "third", "disagree", "resolved"
    ))?;
    let line = |s: &SlideStages| {
        let name: String = s.filename.chars().take(32).collect();
        output::line(&format!(
            "{name:32} {:>8} {:>10} {:>6} {:>9} {:>7} {:>6} {:>9} {:>9}",
            s.cells.mitotic,
            s.cells.look_alike,
            s.cells.other,
            s.cells.undecided,
            s.second,
            s.third,
            s.disagreements,
            s.resolved
        ))
    };
    study.slides.iter().try_for_each(line)?;
    line(&study.total)?;
    for (stage, cells) in &study.total.stages {
        output::line(&format!(
            "stage {stage}: {} mitotic figures, {} look-alikes, {} others, {} undecided",
            cells.mitotic, cells.look_alike, cells.other, cells.undecided
        ))?;
    }
    for task in &study.tasks {
        let end = if task.sealed { "sealed" } else { "open" };
        output::line(&format!(
            "task \"{}\" ({}) of {}: {} of {} done, {end}",
            task.name, task.kind, task.rater, task.done, task.items
        ))?;
    }
    for (_, task, ballots, verdict) in &study.merges {
        output::line(&format!("kit of \"{task}\" came back: {ballots} ballots, key {verdict}"))?;
    }
    for (_, command) in &study.looked_as_coordinator {
        output::line(&format!("looked at as the coordinator while a blind task was open: {command}"))?;
    }
    output::line(&study.next.sentence())
}
