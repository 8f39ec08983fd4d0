//! 95 % intervals by resampling whole slides.
//!
//! Cells of one slide are not independent (one stain, one tumour, one scanner), so slides are drawn with replacement,
//! each with all its cells: the cluster bootstrap of C. A. Field and A. H. Welsh, Bootstrapping clustered data,
//! J R Stat Soc B 69 (2007) 369. With one slide there is nothing to draw but its objects. The bounds are the 2.5th and
//! 97.5th percentile of the draws (B. Efron, 1979), between two draws by proportion.
//!
//! Random numbers are the output of BLAKE3, keyed by the seed and the statistic: the same in every version of the
//! program, on every machine, and for one pair of raters whoever else is asked about.

use super::table::Row;
use serde::Serialize;
use std::collections::HashMap;

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// How many draws; 0 for no intervals.
    pub draws: u32,
    /// One seed gives one answer.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Self {
        Self { draws: 2000, seed: 1 }
    }
}

/// What was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Whole slides.
    Slides,
    /// Single objects: all lie on one slide.
    Objects,
}

/// A 95 % interval and how it came to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower and upper bound; `None` where every draw was skipped.
    pub bounds: Option<(f64, f64)>,
    /// Draws without a value (all labels of one class), which were left out.
    pub skipped: u32,
    /// What was drawn.
    pub unit: Unit,
    /// From how many of them.
    pub units: u64,
}

/// A figure that is a function of counts, which sum over objects.
pub(super) trait Statistic {
    /// How many counts there are.
    fn width(&self) -> usize;
    /// What an object adds; nothing if the figure does not look at it.
    fn add(&self, row: &Row, counts: &mut dyn FnMut(usize, u64));
    /// The figure, where it has a value.
    fn value(&self, counts: &[u64]) -> Option<f64>;
}

/// The counts of a statistic over some objects.
pub(super) fn counts<'a>(statistic: &impl Statistic, rows: impl IntoIterator<Item = &'a Row>) -> Vec<u64> {
    let mut out = vec![0; statistic.width()];
    for row in rows {
        statistic.add(row, &mut |i, n| out[i] += n);
    }
    out
}

/// Counts of one slide, or of an object; `copies` of it can be drawn.
struct Draw {
    copies: u64,
    counts: Vec<(usize, u64)>,
}

/// The interval of a statistic; `name` tells it apart from others of the same seed. `None` without draws and where no
/// object has a say.
pub(super) fn interval(
    statistic: &impl Statistic,
    rows: &[Row],
    resampling: Resampling,
    name: &str,
) -> Option<Interval> {
    let (unit, pool) = pool(statistic, rows);
    let units: u64 = pool.iter().map(|d| d.copies).sum();
    if units == 0 || resampling.draws == 0 {
        return None;
    }
    let owner: Vec<usize> = pool
        .iter()
        .enumerate()
        .flat_map(|(i, d)| std::iter::repeat_n(i, usize::try_from(d.copies).unwrap_or(0)))
        .collect();
    let mut numbers = Numbers::new(resampling.seed, name);
    let mut times = vec![0_u64; pool.len()];
    let mut sums = vec![0_u64; statistic.width()];
    let mut values = Vec::with_capacity(resampling.draws as usize);
    for _ in 0..resampling.draws {
        times.fill(0);
        for _ in 0..owner.len() {
            times[owner[numbers.below(owner.len())]] += 1;
        }
        sums.fill(0);
        for (draw, times) in pool.iter().zip(&times).filter(|(_, times)| **times > 0) {
            for (i, n) in &draw.counts {
                sums[*i] += n * times;
            }
        }
        values.extend(statistic.value(&sums));
    }
    values.sort_by(f64::total_cmp);
    let skipped = resampling.draws - values.len() as u32;
    let bounds = percentile(&values, 0.025).zip(percentile(&values, 0.975));
    Some(Interval { bounds, skipped, unit, units })
}

/// What is drawn from: slides with something to say, or the objects of the only one, equal ones put together. Both in
/// the order of the document.
fn pool(statistic: &impl Statistic, rows: &[Row]) -> (Unit, Vec<Draw>) {
    let mut slides: Vec<(usize, Vec<u64>)> = Vec::new();
    let mut place: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        statistic.add(row, &mut |i, n| {
            let at = *place.entry(row.slide).or_insert_with(|| {
                slides.push((row.slide, vec![0; statistic.width()]));
                slides.len() - 1
            });
            slides[at].1[i] += n;
        });
    }
    if slides.len() > 1 {
        slides.sort_by_key(|(slide, _)| *slide);
        let filled = |counts: Vec<u64>| counts.into_iter().enumerate().filter(|(_, n)| *n > 0).collect();
        return (
            Unit::Slides,
            slides.into_iter().map(|(_, c)| Draw { copies: 1, counts: filled(c) }).collect(),
        );
    }
    let mut objects: Vec<Draw> = Vec::new();
    let mut place: HashMap<Vec<(usize, u64)>, usize> = HashMap::new();
    for row in rows {
        let mut counts = Vec::new();
        statistic.add(row, &mut |i, n| counts.push((i, n)));
        if counts.is_empty() {
            continue;
        }
        let at = *place.entry(counts).or_insert_with_key(|counts| {
            objects.push(Draw { copies: 0, counts: counts.clone() });
            objects.len() - 1
        });
        objects[at].copies += 1;
    }
    (Unit::Objects, objects)
}

/// The value below which a share of sorted values lies, by proportion between two neighbours (type 7 of Hyndman and
/// Fan 1996, as numpy has it).
fn percentile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let low = *sorted.get(at as usize)?;
    let high = *sorted.get(at as usize + 1).unwrap_or(&low);
    Some(low + (high - low) * at.fract())
}

/// Whole numbers from BLAKE3's endless output.
pub(super) struct Numbers {
    stream: blake3::OutputReader,
    buffer: [u8; 4096],
    at: usize,
}

impl Numbers {
    pub fn new(seed: u64, name: &str) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("Mitoscope agreement 1: draws of a bootstrap");
        hasher.update(&seed.to_le_bytes());
        hasher.update(name.as_bytes());
        Self { stream: hasher.finalize_xof(), buffer: [0; 4096], at: 4096 }
    }

    /// A number from 0 to `end` - 1, each as likely as any other (to one part in 2^64 / `end`).
    pub fn below(&mut self, end: usize) -> usize {
        if self.at == self.buffer.len() {
            self.stream.fill(&mut self.buffer);
            self.at = 0;
        }
        let mut word = [0; 8];
        word.copy_from_slice(&self.buffer[self.at..self.at + 8]);
        self.at += 8;
        ((u128::from(u64::from_le_bytes(word)) * end as u128) >> 64) as usize
    }
}
