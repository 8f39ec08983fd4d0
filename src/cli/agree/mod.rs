//! `agree`.

mod answer;
mod page;
mod plot;

use super::{Failure, output, within};
use crate::model::{Class, ClassId, Rater, RaterId, SlideId};
use crate::store::{Access, Database, Opinion, SlideEntry};
use crate::study::agreement::{Agreement, Resampling, Table, agreement};
use crate::study::select::score_group;
use clap::Args;
use std::collections::HashSet;
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

/// What was asked, by name, and what came of it.
struct Answer {
    file: PathBuf,
    raters: Vec<Rater>,
    /// All of the document.
    classes: Vec<Class>,
    slides: Vec<SlideEntry>,
    used: Vec<ClassId>,
    resampling: Resampling,
    found: Agreement,
}

impl Answer {
    fn rater(&self, at: usize) -> &str {
        self.raters.get(at).map_or("", |r| &r.name)
    }

    fn class(&self, id: ClassId) -> String {
        let known = self.classes.iter().find(|c| c.id == id).map(|c| c.name.clone());
        known.unwrap_or_else(|| format!("class {}", id.0))
    }

    fn slide(&self, at: usize) -> &str {
        self.slides.get(at).map_or("", |s| &s.filename)
    }
}

/// Score groups: tenths of the detector's score.
const GROUPS: usize = 10;

fn group_of(score: f64) -> usize {
    usize::from(score_group(score)) - 1
}

fn group_name(group: usize) -> String {
    let bound = |g: usize| g as f64 / GROUPS as f64;
    format!("{:.1} to {:.1}", bound(group), bound(group + 1))
}

pub(super) fn run(args: &AgreeArgs) -> Result<(), Failure> {
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
    let opinions = database.opinions()?;
    let raters = match args.raters.is_empty() {
        true => all_with_labels(&database, &opinions)?,
        false => chosen_raters(&database, &args.raters)?,
    };
    let scores = database.candidate_scores()?;
    let ids: Vec<RaterId> = raters.iter().map(|r| r.id).collect();
    let places: Vec<SlideId> = slides.iter().map(|s| s.id).collect();
    let table = Table::of_opinions(&ids, classes.as_deref(), &places, &opinions, |object| {
        scores.get(&object).map(|score| group_of(*score))
    });
    let resampling = Resampling { draws: args.bootstrap, seed: args.seed };
    Ok(Answer {
        file: args.db.clone(),
        raters,
        classes: database.classes()?,
        slides,
        used: table.classes().to_vec(),
        resampling,
        found: agreement(&table, resampling),
    })
}

/// All raters with a label that counts.
fn all_with_labels(database: &Database, opinions: &[Opinion]) -> Result<Vec<Rater>, Failure> {
    let heard: HashSet<RaterId> =
        opinions.iter().filter(|o| o.class != ClassId::UNKNOWN).map(|o| o.rater).collect();
    let mut raters = database.raters()?;
    raters.retain(|r| heard.contains(&r.id));
    if raters.len() < 2 {
        let who = match raters.first() {
            Some(one) => format!("only \"{}\" has", one.name),
            None => "nobody has".to_owned(),
        };
        return Err(Failure::Failed(format!(
            "{}: {who} labels in it, and agreement needs two raters; let a second one label its objects first",
            database.path().display()
        )));
    }
    Ok(raters)
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
