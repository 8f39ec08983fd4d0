//! Agreement of a document's raters, with the names of what is compared: what the command line and the window show.

use super::StudyError;
use super::agreement::{Agreement, Interval, Resampling, Table, Unit, agreement};
use super::reliability::{Own, reliability};
use super::select::score_group;
use crate::model::{Class, ClassId, Rater, RaterId, SlideId};
use crate::store::{Database, Opinion, SlideEntry};
use std::collections::HashSet;
use std::path::PathBuf;

/// What is compared.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// These raters; all who have labels where empty.
    pub raters: Vec<Rater>,
    /// These slides; all where empty.
    pub slides: Vec<SlideEntry>,
    /// Labels of these classes alone; of all without.
    pub classes: Option<Vec<ClassId>>,
    /// How intervals are made.
    pub resampling: Resampling,
}

/// What was compared, by name, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The document.
    pub file: PathBuf,
    /// The raters, in the order of all figures.
    pub raters: Vec<Rater>,
    /// All classes of the document.
    pub classes: Vec<Class>,
    /// The slides, in the order of the figures by slide.
    pub slides: Vec<SlideEntry>,
    /// The classes that count.
    pub used: Vec<ClassId>,
    /// How intervals were made.
    pub resampling: Resampling,
    /// The figures.
    pub found: Agreement,
    /// Each rater's agreement with the own earlier answers, and the cut-off over time.
    pub own: Vec<Own>,
}

impl Compared {
    /// A rater's name.
    pub fn rater(&self, at: usize) -> &str {
        self.raters.get(at).map_or("", |r| &r.name)
    }

    /// A class' name.
    pub fn class(&self, id: ClassId) -> String {
        let known = self.classes.iter().find(|c| c.id == id).map(|c| c.name.clone());
        known.unwrap_or_else(|| format!("class {}", id.0))
    }

    /// A slide's name.
    pub fn slide(&self, at: usize) -> &str {
        self.slides.get(at).map_or("", |s| &s.filename)
    }

    /// "95 % intervals from 2000 draws of whole slides, seed 1"; `None` where there are none.
    pub fn how_intervals_came(&self) -> Option<String> {
        let found = &self.found;
        let all: Vec<Interval> = found
            .pairs
            .iter()
            .map(|p| p.interval)
            .chain([found.fleiss_interval, found.alpha_interval])
            .flatten()
            .collect();
        let first = all.first()?;
        let what = match first.unit {
            Unit::Slides => "whole slides",
            Unit::Objects => "single objects",
        };
        let skipped: u32 = all.iter().map(|i| i.skipped).sum();
        let left_out = match skipped {
            0 => String::new(),
            1 => "; 1 draw without a value is left out".to_owned(),
            n => format!("; {n} draws without a value are left out"),
        };
        Some(format!(
            "95 % intervals from {} draws of {what}, seed {}{left_out}",
            self.resampling.draws, self.resampling.seed
        ))
    }

    /// What a reader of the figures must know: about which rater, and a sentence without its dot.
    pub fn notes(&self) -> Vec<(&str, String)> {
        let chosen = self.found.selections.iter().filter(|s| s.is_of_disputed());
        chosen
            .map(|s| {
                let name = self.rater(s.rater);
                let words = format!(
                    "{name} judged mostly objects on which others differ ({} of {}; elsewhere {} of {}), so kappas \
                     with {name} and the figures of all raters do not hold for all objects",
                    s.judged_disputed, s.judged, s.rest_disputed, s.rest
                );
                (name, words)
            })
            .collect()
    }
}

/// Score groups: tenths of the detector's score.
const GROUPS: usize = 10;

fn group_of(score: f64) -> usize {
    usize::from(score_group(score)) - 1
}

/// The bounds of a score group: "0.3 to 0.4".
pub fn group_name(group: usize) -> String {
    let bound = |g: usize| g as f64 / GROUPS as f64;
    format!("{:.1} to {:.1}", bound(group), bound(group + 1))
}

/// A figure with three digits, or a dash where it has no value.
pub fn three(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"))
}

/// "0.590 to 0.668", or a dash.
pub fn from_to(interval: Option<Interval>) -> String {
    let bounds = interval.and_then(|i| i.bounds);
    bounds.map_or_else(|| "–".to_owned(), |(low, high)| format!("{low:.3} to {high:.3}"))
}

/// Where an axis of kappas begins, which ends at 1: at 0, or lower where a figure does, in steps of 0.2. The begin, and how
/// many steps below 0 it lies.
pub fn kappa_axis(values: impl IntoIterator<Item = f64>) -> (f64, i32) {
    let lowest = values.into_iter().fold(0.0, f64::min).max(-1.0);
    // In range: 0 to 5.
    let steps = (-lowest * 5.0).ceil() as i32;
    (-f64::from(steps) / 5.0, steps)
}

/// All raters with a label that counts.
///
/// # Errors
/// When the document can't be read.
pub fn heard(database: &Database, opinions: &[Opinion]) -> Result<Vec<Rater>, StudyError> {
    let heard: HashSet<RaterId> =
        opinions.iter().filter(|o| o.class != ClassId::UNKNOWN).map(|o| o.rater).collect();
    let mut raters = database.raters()?;
    raters.retain(|r| heard.contains(&r.id));
    Ok(raters)
}

/// Computes all figures; changes nothing.
///
/// # Errors
/// When the document can't be read, or fewer than two raters have labels.
pub fn compare(database: &Database, asked: Asked) -> Result<Compared, StudyError> {
    let Asked { raters, slides, classes, resampling } = asked;
    let opinions = database.opinions()?;
    let raters = if raters.is_empty() { heard(database, &opinions)? } else { raters };
    if raters.len() < 2 {
        let who = match raters.first() {
            Some(one) => format!("only \"{}\" has", one.name),
            None => "nobody has".to_owned(),
        };
        return Err(StudyError::refused(
            database.path(),
            format!(
                "{who} labels in it, and agreement needs two raters; let a second one label its objects first"
            ),
        ));
    }
    let slides = if slides.is_empty() { database.slides()? } else { slides };
    let scores = database.candidate_scores()?;
    let ids: Vec<RaterId> = raters.iter().map(|r| r.id).collect();
    let places: Vec<SlideId> = slides.iter().map(|s| s.id).collect();
    let table = Table::of_opinions(&ids, classes.as_deref(), &places, &opinions, |object| {
        scores.get(&object).map(|score| group_of(*score))
    });
    let own = reliability(database, &raters, &slides, classes.as_deref(), resampling)?;
    Ok(Compared {
        file: database.path().to_owned(),
        raters,
        classes: database.classes()?,
        slides,
        used: table.classes().to_vec(),
        resampling,
        found: agreement(&table, resampling),
        own,
    })
}

#[cfg(test)]
mod tests {
    use super::kappa_axis;

    #[test]
    fn an_axis_of_kappas_holds_each_of_them() {
        assert_eq!(kappa_axis([]), (0.0, 0));
        assert_eq!(kappa_axis([0.3, 1.0]), (0.0, 0));
        assert_eq!(kappa_axis([0.3, -0.01]), (-0.2, 1));
        assert_eq!(kappa_axis([-0.2, 0.9]), (-0.2, 1));
        assert_eq!(kappa_axis([-0.21]), (-0.4, 2));
        assert_eq!(kappa_axis([-1.0, f64::NAN]), (-1.0, 5));
        for thousandth in -1000..=1000 {
            let value = f64::from(thousandth) / 1000.0;
            let (from, steps) = kappa_axis([value]);
            assert!(from <= value.min(0.0) && (0..=5).contains(&steps), "{value}: {from}, {steps}");
        }
    }
}
