//! One rater over time, from sealed tasks: how well the answers to hidden repeats agree with the first ones, and whether
//! the cut-off between mitotic figure and look-alike moves while a task goes on.

use super::StudyError;
use super::agreement::{Call, Drift, Pair, Repeat, Resampling, drift, repeats};
use super::figures::{from_to, three};
use crate::model::{Ballot, Class, ClassId, ObjectId, Rater, RaterId, Role, Task};
use crate::store::tasks::NewItem;
use crate::store::{Database, SlideEntry, Standing};
use std::collections::HashMap;

/// Ballots in a window of [`Own::drift`], where a rater cast enough.
const WINDOW: usize = 50;
/// Windows at most: of more ballots each one holds more.
const MOST_WINDOWS: usize = 24;

/// One rater's own reliability.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    /// Who.
    pub rater: Rater,
    /// The sealed tasks that it was read from, in the order in which they were made.
    pub tasks: Vec<String>,
    /// Hidden repeats that were asked.
    pub asked_again: u64,
    /// First answers against second ones; `None` without repeats that have both.
    pub repeats: Option<Pair>,
    /// Ballots that say a class, each cell once.
    pub calls: u64,
    /// Ballots in a window.
    pub window: usize,
    /// The share of mitotic figures over time.
    pub drift: Drift,
}

impl Own {
    /// The agreement with the own earlier answers, in words.
    pub fn again_words(&self) -> String {
        let Some(pair) = &self.repeats else {
            return match self.asked_again {
                0 => "no hidden repeats were asked".into(),
                n => format!("{n} hidden repeats, none with two answers"),
            };
        };
        let f = &pair.figures;
        let raw = f.raw.map_or_else(|| "–".to_owned(), |r| format!("{:.1} %", 100.0 * r));
        format!(
            "the same answer on {raw} of {} hidden repeats, kappa {} (95 % {})",
            f.n,
            three(f.kappa),
            from_to(pair.interval)
        )
    }

    /// Whether the cut-off moved, in words.
    pub fn drift_words(&self) -> String {
        // Among what the others called the same, where that is known: which cells were shown plays no part then.
        let (trend, among) = match (self.drift.trend_by_majority, self.drift.trend) {
            (Some(t), _) => (t, "among cells that the others called the same"),
            (None, Some(t)) => (t, "over all ballots"),
            (None, None) => return format!("{} ballots, no trend can be tested", self.calls),
        };
        let way = match (trend.p < 0.05, trend.z > 0.0) {
            (false, _) => "no trend",
            (true, true) => "mitotic figures get more frequent",
            (true, false) => "mitotic figures get rarer",
        };
        let p = if trend.p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {:.3}", trend.p) };
        format!("{way} {among} ({} ballots, {p})", self.calls)
    }
}

/// Reads the sealed tasks of these raters; raters without any are left out. With `classes`, answers of other classes
/// are left out of the repeats.
///
/// # Errors
/// When the document can't be read.
pub fn reliability(
    database: &Database,
    raters: &[Rater],
    slides: &[SlideEntry],
    classes: Option<&[ClassId]>,
    resampling: Resampling,
) -> Result<Vec<Own>, StudyError> {
    let sealed: Vec<Task> = database.tasks()?.into_iter().filter(|t| t.seal.is_some()).collect();
    if sealed.is_empty() {
        return Ok(Vec::new());
    }
    let facts = Facts::read(database)?;
    let mut out = Vec::new();
    for rater in raters {
        let (mut names, mut again, mut calls) = (Vec::new(), Vec::new(), Vec::new());
        for task in sealed.iter().filter(|t| t.rater == rater.name) {
            names.push(task.name.clone());
            let (places, items) = database.task_items(task.id)?;
            let ballots = database.task_ballots(task.id)?;
            let last: HashMap<u32, &Ballot> = ballots.iter().map(|b| (b.item, b)).collect();
            let slide_of = |item: &NewItem| {
                let place = places.iter().find(|p| p.number == item.item.slide)?;
                let directory = place.directory.as_deref().unwrap_or_default();
                let name = |s: &&SlideEntry| Some(&s.filename) == place.filename.as_ref();
                let same = |s: &SlideEntry| name(&s) && s.directory == directory;
                slides.iter().position(same).or_else(|| slides.iter().position(|s| name(&s)))
            };
            for item in &items {
                let Some(slide) = slide_of(item) else { continue };
                match item.repeats {
                    Some(first) => again.push(Repeat {
                        slide,
                        first: answer(&last, first, classes),
                        second: answer(&last, item.item.number, classes),
                    }),
                    None => calls.extend(last.get(&item.item.number).and_then(|ballot| {
                        facts.call(ballot, &task.settings.classes, facts.object(item), rater.id)
                    })),
                }
            }
        }
        if names.is_empty() {
            continue;
        }
        let window = WINDOW.max(calls.len().div_ceil(MOST_WINDOWS));
        out.push(Own {
            rater: rater.clone(),
            tasks: names,
            asked_again: again.len() as u64,
            repeats: repeats(rater.id, &again, resampling),
            calls: calls.len() as u64,
            window,
            drift: drift(&calls, window),
        });
    }
    Ok(out)
}

/// The class that counts on an item, where it is one of those that were asked for.
fn answer(last: &HashMap<u32, &Ballot>, item: u32, classes: Option<&[ClassId]>) -> ClassId {
    let class = last.get(&item).map_or(ClassId::UNKNOWN, |b| b.vote.class);
    if classes.is_none_or(|c| c.contains(&class)) { class } else { ClassId::UNKNOWN }
}

/// What the document says of all objects.
struct Facts {
    roles: HashMap<ClassId, Role>,
    standings: HashMap<ObjectId, Standing>,
    candidates: HashMap<i64, ObjectId>,
}

impl Facts {
    fn read(database: &Database) -> Result<Self, StudyError> {
        let candidates = database.candidates(None)?.into_iter();
        Ok(Self {
            roles: database.classes()?.into_iter().map(|c| (c.id, c.role)).collect(),
            standings: database.standings()?.into_iter().map(|s| (s.object, s)).collect(),
            candidates: candidates.filter_map(|c| Some((c.candidate, c.object?))).collect(),
        })
    }

    /// The object that an item stands for.
    fn object(&self, item: &NewItem) -> Option<ObjectId> {
        item.object.or_else(|| self.candidates.get(&item.candidate?).copied())
    }

    /// A ballot as a yes or no; `None` for "can't tell".
    fn call(
        &self,
        ballot: &Ballot,
        choices: &[Class],
        object: Option<ObjectId>,
        rater: RaterId,
    ) -> Option<Call> {
        let role = choices.iter().find(|c| c.id == ballot.vote.class)?.role;
        let mitotic = role == Role::MitoticFigure;
        Some(Call {
            time: ballot.time,
            mitotic,
            majority: object.and_then(|o| self.majority(self.standings.get(&o)?, rater)),
        })
    }

    /// Do most of the others say mitotic figure, by their first labels? `None` where nobody else says anything, or as
    /// many do as don't.
    fn majority(&self, standing: &Standing, rater: RaterId) -> Option<bool> {
        let mut seen: Vec<RaterId> = vec![rater];
        let (mut yes, mut all) = (0, 0);
        for label in standing.labels.iter().filter(|l| l.class != ClassId::UNKNOWN) {
            if !seen.contains(&label.rater) {
                seen.push(label.rater);
                all += 1;
                yes += usize::from(self.roles.get(&label.class) == Some(&Role::MitoticFigure));
            }
        }
        (2 * yes != all).then_some(2 * yes > all)
    }
}
