//! `evaluate`: detections against labels.

use super::{Failure, output, within};
use crate::detect::evaluate::{Counts, Found, Matching, RADIUS_PX, count, thin, thresholds};
use crate::model::{ClassId, SlidePx};
use crate::store::{Access, Database, exchange};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How detections and labels are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Match {
    /// As published: a figure with a detection near is found, a detection with a figure near is right.
    Published,
    /// Each detection finds one figure at most, the nearest, best scores first.
    OneToOne,
}

/// What a detector is worth: its detections against the agreed classes of a document.
///
/// Detections within the radius of a better one are dropped first. A detection counts when its score is above the
/// threshold. Without --threshold the one with the best F1 is taken, of 0.30 to 0.98 in steps of 0.01: on the slides of
/// --tune-on, which are then left out of the figures, else on the very slides that are scored, which flatters. Only
/// slides that the detections name are scored.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope evaluate --truth study.sqlite --detections run.csv.gz --threshold 0.62 --json\nExample: mitoscope evaluate --truth study.sqlite --detections study.sqlite:run-1 --tune-on case-01.svs,case-02.svs"
)]
pub(super) struct EvaluateArgs {
    /// The document with the labels.
    #[arg(long, value_name = "DB")]
    truth: PathBuf,
    /// A file of detections (CSV or the published pickles, packed or not), or a run in a document.
    #[arg(long, value_name = "FILE|DB:RUN")]
    detections: String,
    /// The class that is looked for, by name or uid; by default every class with the role of mitotic figures.
    #[arg(long, value_name = "NAME|UID")]
    class: Option<String>,
    /// How near is near, in level-0 pixels.
    #[arg(long, value_name = "PX", default_value_t = RADIUS_PX, value_parser = within::amount)]
    radius: f64,
    /// How detections and labels are brought together.
    #[arg(long = "match", value_enum, default_value = "published")]
    matching: Match,
    /// Detections with a higher score count.
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    threshold: Option<f64>,
    /// Slides on which the threshold is chosen; they are left out of the figures.
    #[arg(long, value_name = "NAME", conflicts_with = "threshold")]
    tune_on: Vec<String>,
    /// Goes on though a blind task is open in the document, which is kept in its journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: tp, fp, fn, precision, recall, f1, threshold, by_slide, curve.
    #[arg(long)]
    json: bool,
}

/// A slide with its thinned detections and its labels.
struct Slide {
    name: String,
    found: Vec<Found>,
    labels: Vec<SlidePx>,
}

pub(super) fn run(args: &EvaluateArgs) -> Result<(), Failure> {
    super::study::coordinator(&args.truth, args.as_coordinator, "evaluate")?;
    let database = Database::open(&args.truth, Access::ReadOnly)?;
    let classes = within::counted_classes(&database, args.class.as_deref())?;
    let ids: Vec<ClassId> = classes.iter().map(|c| c.id).collect();
    let (mut slides, mut unknown, mut raw) = (Vec::new(), Vec::new(), 0usize);
    for (name, found) in detections(args)? {
        raw += found.len();
        match database.slide_named(&name) {
            Ok(entry) => {
                let labels = database.figures(entry.id, &ids)?;
                slides.push(Slide { name, found: thin(&found, args.radius), labels });
            }
            Err(_) => unknown.push(name),
        }
    }
    if slides.is_empty() {
        return Err(Failure::Failed(format!(
            "{}: has none of the slides that the detections name ({}); give the document that belongs to them",
            args.truth.display(),
            unknown.iter().take(3).cloned().collect::<Vec<_>>().join(", ")
        )));
    }
    let (tuning, scored) = parts(args, slides)?;
    let (threshold, chosen_on) = match args.threshold {
        Some(t) => (t, "given"),
        None if tuning.is_empty() => (best(args, &scored), "the scored slides themselves"),
        None => (best(args, &tuning), "other slides"),
    };
    let by_slide: Vec<(String, Counts)> =
        scored.iter().map(|s| (s.name.clone(), counted(args, s, threshold))).collect();
    let all = by_slide.iter().fold(Counts::default(), |sum, (_, c)| sum.plus(*c));
    if args.json {
        let row = |c: &Counts| json!({"tp": c.tp, "fp": c.fp, "fn": c.missed, "precision": c.precision(), "recall": c.recall(), "f1": c.f1()});
        let mut answer = row(&all);
        answer["threshold"] = json!(threshold);
        answer["threshold_from"] = json!(chosen_on);
        answer["match"] = json!(args.matching);
        answer["radius_px"] = json!(args.radius);
        answer["classes"] = json!(within::listed(&classes));
        answer["detections"] = json!(raw);
        answer["thinned"] = json!(scored.iter().chain(&tuning).map(|s| s.found.len()).sum::<usize>());
        answer["unknown_slides"] = json!(unknown);
        answer["by_slide"] = by_slide
            .iter()
            .map(|(name, c)| {
                let mut row = row(c);
                row["filename"] = json!(name);
                row
            })
            .collect();
        answer["curve"] = thresholds()
            .into_iter()
            .map(|t| {
                let mut row = row(&pooled(args, &scored, t));
                row["threshold"] = json!(t);
                row
            })
            .collect();
        return output::json(&answer);
    }
    let figure = |v: Option<f64>| v.map_or_else(|| "none".into(), |v| format!("{v:.4}"));
    output::line(&format!(
        "F1 {}, precision {}, recall {}: {} found, {} false alarms, {} missed, on {} slides",
        figure(all.f1()),
        figure(all.precision()),
        figure(all.recall()),
        all.tp,
        all.fp,
        all.missed,
        by_slide.len()
    ))?;
    output::line(&format!("threshold   above {threshold:.4}, from {chosen_on}"))?;
    output::line(&format!(
        "rule        {}, radius {} px, classes {}",
        output::word(&args.matching),
        args.radius,
        within::listed(&classes)
    ))?;
    by_slide.iter().try_for_each(|(name, c)| {
        output::line(&format!(
            "{name:32} F1 {:>6}  {:5} found {:5} false {:5} missed",
            figure(c.f1()),
            c.tp,
            c.fp,
            c.missed
        ))
    })?;
    if !unknown.is_empty() {
        output::line(&format!("not in the document, so not scored: {}", unknown.join(", ")))?;
    }
    Ok(())
}

/// Detections by slide, in the order of the slides' names.
fn detections(args: &EvaluateArgs) -> Result<BTreeMap<String, Vec<Found>>, Failure> {
    let mut out: BTreeMap<String, Vec<Found>> = BTreeMap::new();
    let whole = Path::new(&args.detections);
    if let Some((db, run)) = args.detections.rsplit_once(':').filter(|_| !whole.is_file()) {
        let database = Database::open(Path::new(db), Access::ReadOnly)?;
        let names: BTreeMap<_, _> = database.slides()?.into_iter().map(|s| (s.id, s.filename)).collect();
        for c in database.candidates(Some(run))? {
            if let (Some(name), Some(score)) = (names.get(&c.slide), c.score) {
                out.entry(name.clone()).or_default().push(Found { at: c.at, score });
            }
        }
        if out.is_empty() {
            return Err(Failure::Failed(format!("{db}: has no run \"{run}\" with scored candidates")));
        }
        return Ok(out);
    }
    let reading = exchange::read(whole, None)?;
    if !reading.detections {
        return Err(Failure::Failed(format!(
            "{}: holds labels and no detections; a detector's CSV has the columns slide,x1,y1,x2,y2,cls,score",
            args.detections
        )));
    }
    for record in reading.records {
        if let (Some(slide), Some(at), Some(score)) = (record.slide, record.shape.center(), record.score) {
            out.entry(slide).or_default().push(Found { at, score });
        }
    }
    Ok(out)
}

/// The slides to choose a threshold on, and those to score.
fn parts(args: &EvaluateArgs, slides: Vec<Slide>) -> Result<(Vec<Slide>, Vec<Slide>), Failure> {
    let wanted = within::each_named(&args.tune_on, |name| {
        slides.iter().find(|s| s.name == name).map(|s| s.name.clone()).ok_or_else(|| {
            Failure::Failed(format!("{}: the detections name no slide \"{name}\"", args.detections))
        })
    })?;
    let (tuning, scored): (Vec<Slide>, Vec<Slide>) =
        slides.into_iter().partition(|s| wanted.contains(&s.name));
    if scored.is_empty() {
        return Err(Failure::Usage("--tune-on names every slide; leave some to be scored".into()));
    }
    Ok((tuning, scored))
}

fn counted(args: &EvaluateArgs, slide: &Slide, threshold: f64) -> Counts {
    let matching = match args.matching {
        Match::Published => Matching::Published,
        Match::OneToOne => Matching::OneToOne,
    };
    count(&slide.found, &slide.labels, threshold, args.radius, matching)
}

fn pooled(args: &EvaluateArgs, slides: &[Slide], threshold: f64) -> Counts {
    slides.iter().fold(Counts::default(), |sum, s| sum.plus(counted(args, s, threshold)))
}

/// The first threshold with the best pooled F1. As published, a slide without detections adds nothing here.
fn best(args: &EvaluateArgs, slides: &[Slide]) -> f64 {
    let mut best = (thresholds()[0], -1.0);
    for t in thresholds() {
        let f1 = pooled(args, slides, t).f1().unwrap_or(0.0);
        if f1 > best.1 {
            best = (t, f1);
        }
    }
    best.0
}
