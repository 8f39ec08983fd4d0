//! Agreement as JSON, as a CSV table, as text.

use super::{Answer, base_name, group_name};
use crate::cli::{Failure, output};
use crate::study::agreement::drift::{Share, Trend};
use crate::study::agreement::{Figures, Interval, Pair, Part};
use crate::study::figures::{from_to, three};
use serde_json::{Value, json};
use std::io;

/// Bounds as JSON has them: two numbers, or null.
fn bounds(interval: Option<Interval>) -> Value {
    json!(interval.and_then(|i| i.bounds).map(|(low, high)| [low, high]))
}

fn figures(answer: &Answer, pair: &Pair, f: &Figures) -> Value {
    json!({
        "a": answer.rater(pair.a),
        "b": answer.rater(pair.b),
        "n": f.n,
        "raw": f.raw,
        "kappa": f.kappa,
        "pabak": f.pabak,
    })
}

fn part(answer: &Answer, part: &Part) -> Value {
    let pairs = answer.found.pairs.iter().zip(&part.pairs);
    json!({
        "n_objects": part.n_objects,
        "fleiss_kappa": part.fleiss,
        "krippendorff_alpha": part.alpha,
        "pairs": pairs.map(|(p, f)| figures(answer, p, f)).collect::<Vec<_>>(),
    })
}

pub(super) fn json(answer: &Answer) -> Value {
    let found = &answer.found;
    let skipped = |i: Option<Interval>| i.map(|i| i.skipped);
    let pairs = found.pairs.iter().map(|p| {
        let mut value = figures(answer, p, &p.figures);
        value["kappa_ci"] = bounds(p.interval);
        value["draws_skipped"] = json!(skipped(p.interval));
        value["drawn_from"] = json!(p.interval.map(|i| json!({"unit": i.unit, "units": i.units})));
        value["classes"] = json!(p.classes);
        value["confusion"] = json!(p.confusion.rows());
        value
    });
    let by_slide = found.by_slide.iter().map(|s| {
        let mut value = part(answer, s);
        value["uid"] = json!(answer.slides.get(s.key).map(|s| s.id));
        value["filename"] = json!(answer.slide(s.key));
        value
    });
    let by_class = found.by_class.iter().map(|c| {
        let pairs = found.pairs.iter().zip(&c.pairs).map(|(p, (kappa, specific))| {
            json!({
                "a": answer.rater(p.a),
                "b": answer.rater(p.b),
                "kappa": kappa,
                "specific_agreement": specific,
            })
        });
        json!({
            "class": c.class,
            "name": answer.class(c.class),
            "labels": c.labels,
            "specific_agreement": c.specific,
            "fleiss_kappa": c.fleiss,
            "pairs": pairs.collect::<Vec<_>>(),
        })
    });
    let by_group = found.by_group.iter().map(|g| {
        let mut value = part(answer, g);
        value["score"] = json!(group_name(g.key));
        value
    });
    json!({
        "raters": answer.raters.iter().map(|r| json!({"uid": r.id, "name": r.name})).collect::<Vec<_>>(),
        "classes": answer
            .used
            .iter()
            .map(|c| json!({"uid": c, "name": answer.class(*c)}))
            .collect::<Vec<_>>(),
        "n_objects": found.n_objects,
        "n_judged_by_all": found.n_complete,
        "n_judged": found.n_judged,
        "pairs": pairs.collect::<Vec<_>>(),
        "fleiss_kappa": found.fleiss,
        "fleiss_kappa_ci": bounds(found.fleiss_interval),
        "fleiss_draws_skipped": skipped(found.fleiss_interval),
        "krippendorff_alpha": found.alpha,
        "krippendorff_alpha_ci": bounds(found.alpha_interval),
        "krippendorff_draws_skipped": skipped(found.alpha_interval),
        "bootstrap": {"draws": answer.resampling.draws, "seed": answer.resampling.seed},
        "notes": notes(answer),
        "by_slide": by_slide.collect::<Vec<_>>(),
        "by_class": by_class.collect::<Vec<_>>(),
        "by_score_group": by_group.collect::<Vec<_>>(),
        "intra_rater": intra_rater(answer),
        "drift": drift(answer),
    })
}

/// One row for each two raters: over all slides, then on each slide, then in each score group.
pub(super) fn csv(answer: &Answer, to: &mut dyn io::Write) -> Result<(), Failure> {
    let mut table = csv::Writer::from_writer(to);
    table.write_record(["of", "name", "a", "b", "n", "raw", "kappa", "kappa_low", "kappa_high", "pabak"])?;
    let mut row = |of: &str, name: &str, pair: &Pair, f: &Figures, interval: Option<Interval>| {
        let number = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
        let bounds = interval.and_then(|i| i.bounds);
        table.write_record([
            of,
            name,
            answer.rater(pair.a),
            answer.rater(pair.b),
            &f.n.to_string(),
            &number(f.raw),
            &number(f.kappa),
            &number(bounds.map(|b| b.0)),
            &number(bounds.map(|b| b.1)),
            &number(f.pabak),
        ])
    };
    let found = &answer.found;
    for pair in &found.pairs {
        row("all", "", pair, &pair.figures, pair.interval)?;
    }
    for slide in &found.by_slide {
        for (pair, f) in found.pairs.iter().zip(&slide.pairs) {
            row("slide", answer.slide(slide.key), pair, f, None)?;
        }
    }
    for group in &found.by_group {
        for (pair, f) in found.pairs.iter().zip(&group.pairs) {
            row("score", &group_name(group.key), pair, f, None)?;
        }
    }
    table.flush()?;
    Ok(())
}

/// What a reader of the figures must know, in whole sentences.
pub(super) fn notes(answer: &Answer) -> Vec<String> {
    let notes = answer.notes().into_iter();
    notes.map(|(name, words)| format!("{words}; --raters without {name} compares the others.")).collect()
}

/// Each rater against the own earlier answers, as JSON.
fn intra_rater(answer: &Answer) -> Value {
    let rows = answer.own.iter().map(|own| {
        let pair = own.repeats.as_ref();
        let f = pair.map(|p| &p.figures);
        json!({
            "rater": own.rater.name,
            "tasks": own.tasks,
            "asked_again": own.asked_again,
            "n": f.map_or(0, |f| f.n),
            "raw": f.and_then(|f| f.raw),
            "kappa": f.and_then(|f| f.kappa),
            "kappa_ci": bounds(pair.and_then(|p| p.interval)),
            "pabak": f.and_then(|f| f.pabak),
            "classes": pair.map(|p| &p.classes),
            "confusion": pair.map(|p| p.confusion.rows()),
        })
    });
    Value::Array(rows.collect())
}

/// Each rater's cut-off over time, as JSON.
fn drift(answer: &Answer) -> Value {
    let share = |s: &Share| {
        let (low, high) = s.interval;
        json!({"mitotic": s.mitotic, "ballots": s.ballots, "share": s.share, "ci": [low, high]})
    };
    let trend = |t: Option<Trend>| t.map(|t| json!({"z": t.z, "p": t.p}));
    let rows = answer.own.iter().map(|own| {
        let windows = own.drift.windows.iter().map(|w| {
            let mut value = share(&w.all);
            value["from"] = json!(w.from);
            value["to"] = json!(w.to);
            value["where_majority"] = share(&w.where_majority);
            value["where_not"] = share(&w.where_not);
            value
        });
        json!({
            "rater": own.rater.name,
            "tasks": own.tasks,
            "ballots": own.calls,
            "window": own.window,
            "trend": trend(own.drift.trend),
            "trend_by_majority": trend(own.drift.trend_by_majority),
            "windows": windows.collect::<Vec<_>>(),
        })
    });
    Value::Array(rows.collect())
}

pub(super) fn text(answer: &Answer) -> Result<(), Failure> {
    let found = &answer.found;
    output::line(&format!(
        "{}: {} objects with two labels or more, on {} slide{}",
        base_name(&answer.file),
        found.n_objects,
        found.by_slide.len(),
        if found.by_slide.len() == 1 { "" } else { "s" }
    ))?;
    let titles: Vec<String> =
        found.pairs.iter().map(|p| format!("{} / {}", answer.rater(p.a), answer.rater(p.b))).collect();
    let wide = titles.iter().map(|t| t.chars().count()).max().unwrap_or(0).max(20);
    output::line(&format!(
        "\n{:wide$}  {:>8}  {:>6}  {:>6}  {:<16}  {:>6}",
        "raters", "objects", "raw", "kappa", "95 % interval", "PABAK"
    ))?;
    for (title, pair) in titles.iter().zip(&found.pairs) {
        let f = &pair.figures;
        output::line(&format!(
            "{title:wide$}  {:>8}  {:>6}  {:>6}  {:<16}  {:>6}",
            f.n,
            three(f.raw),
            three(f.kappa),
            from_to(pair.interval),
            three(f.pabak)
        ))?;
    }
    output::line("")?;
    for (name, n, value, interval) in [
        ("Fleiss' kappa", found.n_complete, found.fleiss, found.fleiss_interval),
        ("Krippendorff's alpha", found.n_objects, found.alpha, found.alpha_interval),
    ] {
        output::line(&format!(
            "{name:wide$}  {n:>8}  {:>6}  {:>6}  {}",
            "",
            three(value),
            from_to(interval)
        ))?;
    }
    output::line(&format!("\n{:wide$}  {:>8}  {:>6}  {:>6}", "class", "labels", "agreed", "kappa"))?;
    for class in &found.by_class {
        output::line(&format!(
            "{:wide$}  {:>8}  {:>6}  {:>6}",
            answer.class(class.class),
            class.labels,
            three(class.specific),
            three(class.fleiss)
        ))?;
    }
    own(answer)?;
    if let Some(how) = answer.how_intervals_came() {
        output::line(&format!("\n{how}."))?;
    }
    for note in notes(answer) {
        output::line(&format!("Note: {note}"))?;
    }
    output::line("By slide: --csv FILE, --html FILE or --json.")
}

/// A line each: the rater against the own earlier answers, and whether the cut-off moved.
fn own(answer: &Answer) -> Result<(), Failure> {
    for (i, own) in answer.own.iter().enumerate() {
        let lead = if i == 0 { "\n" } else { "" };
        output::line(&format!("{lead}{} again: {}", own.rater.name, own.again_words()))?;
        output::line(&format!("{} over time: {}", own.rater.name, own.drift_words()))?;
    }
    Ok(())
}
