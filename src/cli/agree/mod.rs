//! `agree`.

mod answer;
mod page;
mod plot;

use super::{Failure, output, within};
use crate::model::{ClassId, Rater};
use crate::store::{Access, Database};
use crate::study::agreement::Resampling;
use crate::study::figures::{self, Asked, Compared as Answer, group_name};
use clap::Args;
use std::path::{Path, PathBuf};

/// How well raters agree: each two of them, and all together.
///
/// A rater's first label on an object counts; deleted objects and labels of class 0 are left out. Between two raters:
/// raw agreement, Cohen's kappa and PABAK on the objects that both judged. Among all: Fleiss' kappa over the objects
/// that all of them judged, Krippendorff's alpha over those with two labels or more. Intervals are of 95 %, by drawing
/// whole slides (single objects where there is one slide only). Nothing is written to the document.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope agree study.sqlite --raters \"Expert 1,Expert 2\" --html agreement.html\nExample: mitoscope agree study.sqlite --classes 1,2 --bootstrap 5000 --seed 7 --json"
)]
pub(super) struct AgreeArgs {
    /// The document.
    db: PathBuf,
    /// The raters to compare, by name; by default all who have labels. A name with a comma in it stands in a --raters
    /// of its own.
    #[arg(long, value_name = "A,B,C")]
    raters: Vec<String>,
    /// Objects of this slide alone.
    #[arg(long, value_name = "NAME")]
    slide: Option<String>,
    /// Labels of these classes alone, by name or uid; by default of all.
    #[arg(long, value_name = "1,2")]
    classes: Vec<String>,
    /// Draws for the intervals; 0 for none.
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    bootstrap: u32,
    /// Start of the random numbers: one seed gives one answer.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
    /// A table: one row for each two raters, over all slides and on each slide.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// A page with plots and tables, in one file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Goes on though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
}

pub(super) fn run(args: &AgreeArgs) -> Result<(), Failure> {
    if args.csv.is_some() && args.csv == args.html {
        return Err(Failure::Usage("--csv and --html name the same file; give each its own".into()));
    }
    for file in [&args.csv, &args.html].into_iter().flatten() {
        output::not_an_input(file, &[&args.db])?;
    }
    let found = compare(args)?;
    if let Some(file) = &args.csv {
        output::write_whole(file, |to| answer::csv(&found, to))?;
    }
    if let Some(file) = &args.html {
        let page = page::page(&found).into_string();
        output::write_whole(file, |to| Ok(to.write_all(page.as_bytes())?))?;
    }
    if args.json { output::json(&answer::json(&found)) } else { answer::text(&found) }
}

fn compare(args: &AgreeArgs) -> Result<Answer, Failure> {
    super::study::coordinator(&args.db, args.as_coordinator, "agree")?;
    let database = Database::open(&args.db, Access::ReadOnly)?;
    let slides = match &args.slide {
        Some(name) => vec![database.slide_named(name)?],
        None => database.slides()?,
    };
    let classes = match args.classes.is_empty() {
        true => None,
        false => Some(chosen_classes(&database, &args.classes)?),
    };
    let raters = match args.raters.is_empty() {
        true => Vec::new(),
        false => chosen_raters(&database, &args.raters)?,
    };
    let resampling = Resampling { draws: args.bootstrap, seed: args.seed };
    Ok(figures::compare(&database, Asked { raters, slides, classes, resampling })?)
}

fn chosen_raters(database: &Database, wanted: &[String]) -> Result<Vec<Rater>, Failure> {
    let raters = within::each_named(wanted, |name| Ok(database.rater_named(name)?))?;
    for (i, rater) in raters.iter().enumerate() {
        if raters[..i].contains(rater) {
            return Err(Failure::Usage(format!("\"{}\" stands twice in --raters", rater.name)));
        }
    }
    if raters.len() < 2 {
        return Err(Failure::Usage("--raters needs two names or more, with commas between them".into()));
    }
    Ok(raters)
}

fn chosen_classes(database: &Database, wanted: &[String]) -> Result<Vec<ClassId>, Failure> {
    let mut classes = within::each_named(wanted, |name| Ok(database.class_of(name)?))?;
    classes.sort_unstable();
    classes.dedup();
    if classes.len() < 2 {
        return Err(Failure::Usage("--classes needs two classes or more, with commas between them".into()));
    }
    Ok(classes)
}

/// The file's name without its folder, for titles.
fn base_name(path: &Path) -> String {
    path.file_name().map_or_else(|| output::path(path), |n| n.to_string_lossy().into_owned())
}
