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

#[cfg(test)]
mod tests {
    use super::super::alpha::Alpha;
    use super::super::kappa::{FleissKappa, PairKappa};
    use super::*;

    /// Objects on `slides` slides, two or three labels each, which agree more often than not.
    fn rows(objects: usize, slides: usize) -> Vec<Row> {
        let mut numbers = Numbers::new(9, "rows of a test");
        (0..objects)
            .map(|_| {
                let truth = numbers.below(2);
                let mut label = || if numbers.below(4) == 0 { 1 - truth } else { truth };
                let labels = vec![Some(label()), Some(label()), Some(label())];
                Row { slide: numbers.below(slides), group: None, labels }
            })
            .map(|mut row| {
                row.labels[2] = row.labels[2].filter(|_| row.slide % 3 != 1);
                row
            })
            .collect()
    }

    /// The same draws, object by object.
    fn plainly(statistic: &impl Statistic, rows: &[Row], r: Resampling, name: &str) -> Vec<f64> {
        let speaks = |row: &&Row| counts(statistic, [*row]).iter().any(|n| *n > 0);
        let rows: Vec<&Row> = rows.iter().filter(speaks).collect();
        let mut slides: Vec<usize> = rows.iter().map(|r| r.slide).collect();
        slides.sort_unstable();
        slides.dedup();
        let mut numbers = Numbers::new(r.seed, name);
        let mut values = Vec::new();
        for _ in 0..r.draws {
            let drawn = (0..slides.len()).map(|_| slides[numbers.below(slides.len())]);
            let drawn: Vec<&Row> =
                drawn.flat_map(|s| rows.iter().copied().filter(move |r| r.slide == s)).collect();
            values.extend(statistic.value(&counts(statistic, drawn)));
        }
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn a_draw_of_sums_is_the_draw_of_its_objects() {
        let rows = rows(200, 7);
        let r = Resampling { draws: 300, seed: 3 };
        fn check(statistic: &impl Statistic, rows: &[Row], r: Resampling) {
            let values = plainly(statistic, rows, r, "some name");
            let got = interval(statistic, rows, r, "some name").unwrap();
            let wanted = (percentile(&values, 0.025).unwrap(), percentile(&values, 0.975).unwrap());
            assert_eq!(got.bounds, Some(wanted));
            assert_eq!((got.unit, got.skipped), (Unit::Slides, 0));
        }
        check(&PairKappa { a: 0, b: 2, classes: 2 }, &rows, r);
        check(&FleissKappa { raters: 3, classes: 2 }, &rows, r);
        check(&Alpha { raters: 3, classes: 2 }, &rows, r);
    }

    #[test]
    fn draws_are_the_same_for_ever() {
        // If this fails, published intervals can no longer be computed again.
        let mut numbers = Numbers::new(1, "pair 1 2");
        let first: Vec<usize> = (0..8).map(|_| numbers.below(1000)).collect();
        // Computed by the blake3 package of Python.
        assert_eq!(first, [204, 99, 280, 225, 243, 605, 538, 246]);
        let pair = PairKappa { a: 0, b: 1, classes: 2 };
        let got = interval(&pair, &rows(200, 7), Resampling::default(), "pair 1 2").unwrap();
        let (low, high) = got.bounds.unwrap();
        // The same draws by the blake3 package, scikit-learn's kappa and numpy's percentiles.
        let near = |got: f64, wanted: f64| (got - wanted).abs() < 1e-12;
        assert!(near(low, 0.135_498_956_172_537_1) && near(high, 0.337_888_617_734_676_7), "{low} {high}");
    }

    #[test]
    fn the_interval_is_as_wide_as_theory_says() {
        // 600 objects on one slide: kappa's large-sample error (Fleiss, Cohen and Everitt 1969) for equal margins and
        // two classes is sqrt(p_o (1 - p_o) / n) / (1 - p_e).
        let rows = rows(600, 1);
        let pair = PairKappa { a: 0, b: 1, classes: 2 };
        let got = interval(&pair, &rows, Resampling::default(), "x").unwrap();
        let (low, high) = got.bounds.unwrap();
        let agreed = rows.iter().filter(|r| r.labels[0] == r.labels[1]).count() as f64 / 600.0;
        let wide = 2.0 * 1.96 * (agreed * (1.0 - agreed) / 600.0).sqrt() / 0.5;
        assert_eq!((got.unit, got.units), (Unit::Objects, 600));
        assert!(((high - low) / wide - 1.0).abs() < 0.1, "{low} to {high}, {wide} wide in theory");
    }

    #[test]
    fn draws_without_a_value_are_left_out_and_told() {
        let row = |slide, a, b| Row { slide, group: None, labels: vec![Some(a), Some(b)] };
        // Only the last slide has a second class: a draw without it has no kappa.
        let rows = [row(0, 0, 0), row(1, 0, 0), row(2, 0, 1), row(2, 1, 1)];
        let pair = PairKappa { a: 0, b: 1, classes: 2 };
        let got = interval(&pair, &rows, Resampling { draws: 2000, seed: 1 }, "x").unwrap();
        // (2/3)^3 of all draws.
        assert!((f64::from(got.skipped) / 2000.0 - 8.0 / 27.0).abs() < 0.04, "{}", got.skipped);
        assert!(got.bounds.is_some());
        let none = interval(&pair, &rows[..2], Resampling { draws: 50, seed: 1 }, "x").unwrap();
        assert_eq!((none.bounds, none.skipped), (None, 50));
        assert_eq!(interval(&pair, &rows, Resampling { draws: 0, seed: 1 }, "x"), None);
        assert_eq!(interval(&pair, &[], Resampling::default(), "x"), None);
    }

    #[test]
    fn percentiles_are_numpys() {
        // numpy.percentile([1, 2, 4, 8, 16], [2.5, 50, 97.5]).
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        assert_eq!([0.025, 0.5, 0.975].map(|s| percentile(&values, s).unwrap()), [1.1, 4.0, 15.2]);
        assert_eq!((percentile(&[], 0.5), percentile(&[3.0], 0.975)), (None, Some(3.0)));
    }
}
