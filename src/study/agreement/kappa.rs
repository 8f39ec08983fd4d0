//! Chance-corrected agreement of two raters (Cohen) and of several (Fleiss).
//!
//! J. Cohen, A coefficient of agreement for nominal scales, Educ Psychol Meas 20 (1960) 37; T. Byrt, J. Bishop and
//! J. B. Carlin, Bias, prevalence and kappa, J Clin Epidemiol 46 (1993) 423 (PABAK); J. L. Fleiss, Measuring nominal
//! scale agreement among many raters, Psychol Bull 76 (1971) 378; D. V. Cicchetti and A. R. Feinstein, High agreement
//! but low kappa: II, J Clin Epidemiol 43 (1990) 551 (agreement on one class).

use super::bootstrap::Statistic;
use super::table::Row;

/// How often one rater said this while the other said that: k rows (the first rater's class) of k columns (the second
/// one's).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// From `classes` times `classes` counts, row by row; missing ones are 0.
    pub fn new(classes: usize, mut counts: Vec<u64>) -> Self {
        counts.resize(classes * classes, 0);
        Self { classes, counts }
    }

    /// The number of classes, k.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Objects to which the first rater gave class `a`, the second class `b`; 0 for classes that it does not have.
    pub fn get(&self, a: usize, b: usize) -> u64 {
        if a.max(b) < self.classes { self.counts[a * self.classes + b] } else { 0 }
    }

    /// The rows, for output.
    pub fn rows(&self) -> Vec<Vec<u64>> {
        (0..self.classes).map(|a| (0..self.classes).map(|b| self.get(a, b)).collect()).collect()
    }

    /// Objects that both judged.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    fn agreed(&self) -> u64 {
        (0..self.classes).map(|c| self.get(c, c)).sum()
    }

    /// How often either rater chose class `c`: the row's sum and the column's.
    pub fn margins(&self, c: usize) -> (u64, u64) {
        let all = 0..self.classes;
        (all.clone().map(|b| self.get(c, b)).sum(), all.map(|a| self.get(a, c)).sum())
    }

    /// Raw agreement, the share of objects with the same class; `None` without objects.
    pub fn raw(&self) -> Option<f64> {
        let n = self.n();
        (n > 0).then(|| self.agreed() as f64 / n as f64)
    }

    /// Cohen's kappa, (p_o - p_e) / (1 - p_e) (Cohen 1960); `None` where chance alone agrees always (p_e = 1: both used
    /// one and the same class) or without objects.
    pub fn kappa(&self) -> Option<f64> {
        let n = self.n();
        let by_chance: u128 = (0..self.classes)
            .map(|c| {
                let (row, column) = self.margins(c);
                u128::from(row) * u128::from(column)
            })
            .sum();
        let all = u128::from(n) * u128::from(n);
        // In whole numbers, so that p_e = 1 is seen exactly.
        let room = all.checked_sub(by_chance).filter(|room| *room > 0)?;
        let above_chance = (u128::from(n) * u128::from(self.agreed())) as i128 - by_chance as i128;
        Some(above_chance as f64 / room as f64)
    }

    /// Kappa adjusted for prevalence and bias, (k p_o - 1) / (k - 1) (Byrt 1993); `None` for fewer than two classes or
    /// without objects.
    pub fn pabak(&self) -> Option<f64> {
        let k = self.classes as f64;
        self.raw().filter(|_| self.classes > 1).map(|raw| (k * raw - 1.0) / (k - 1.0))
    }

    /// Class `c` against all others, as a matrix of two classes, `c` first.
    pub fn one_against_rest(&self, c: usize) -> Self {
        let (row, column) = self.margins(c);
        let both = self.get(c, c);
        Self::new(2, vec![both, row - both, column - both, self.n() + both - row - column])
    }

    /// Agreement on class `c` alone, 2 n_cc / (n_c. + n_.c): how likely the other one says `c` too when one does
    /// (Cicchetti and Feinstein 1990); `None` where nobody said `c`.
    pub fn specific(&self, c: usize) -> Option<f64> {
        let (row, column) = self.margins(c);
        (row + column > 0).then(|| 2.0 * self.get(c, c) as f64 / (row + column) as f64)
    }
}

/// Cohen's kappa of two raters, by their places in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct PairKappa {
    pub a: usize,
    pub b: usize,
    pub classes: usize,
}

impl Statistic for PairKappa {
    fn width(&self) -> usize {
        self.classes * self.classes
    }

    fn add(&self, row: &Row, counts: &mut dyn FnMut(usize, u64)) {
        if let (Some(a), Some(b)) = (row.labels[self.a], row.labels[self.b]) {
            counts(a * self.classes + b, 1);
        }
    }

    fn value(&self, counts: &[u64]) -> Option<f64> {
        Confusion::new(self.classes, counts.to_vec()).kappa()
    }
}

/// Fleiss' kappa over the objects that all raters judged. Counts: the number of objects, per class the labels, per
/// class the squares of the labels that an object has of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FleissKappa {
    pub raters: usize,
    pub classes: usize,
}

impl FleissKappa {
    /// 1 - (observed disagreement / expected one), both in whole numbers; `None` for fewer than two raters, without
    /// objects, and where one class has all labels.
    fn corrected(&self, objects: u64, labels: &[u64], squares: u128) -> Option<f64> {
        let (m, n) = (self.raters as u128, u128::from(objects));
        if m < 2 || n == 0 {
            return None;
        }
        let all = n * m;
        // Of n m (m - 1) ordered pairs of labels on one object these differ.
        let differ = (all * m).checked_sub(squares)?;
        // Of (n m)^2 pairs of labels drawn by chance these differ.
        let by_chance: u128 = all * all - labels.iter().map(|l| u128::from(*l).pow(2)).sum::<u128>();
        (by_chance > 0).then(|| 1.0 - (differ * all) as f64 / (by_chance * (m - 1)) as f64)
    }

    /// Fleiss' kappa of one class against all others (Fleiss 1971, equation 23).
    pub fn of_class(&self, counts: &[u64], class: usize) -> Option<f64> {
        let (&objects, &labels, &squares) =
            (counts.first()?, counts.get(1 + class)?, counts.get(1 + self.classes + class)?);
        let all = objects * self.raters as u64;
        // The rest's labels are m - n_c of each object, so their squares are known.
        let m = self.raters as u128;
        let (o, l, s) = (u128::from(objects), u128::from(labels), u128::from(squares));
        let rest = (o * m * m + s).checked_sub(2 * m * l)?;
        self.corrected(objects, &[labels, all.checked_sub(labels)?], s + rest)
    }
}

impl Statistic for FleissKappa {
    fn width(&self) -> usize {
        1 + 2 * self.classes
    }

    fn add(&self, row: &Row, counts: &mut dyn FnMut(usize, u64)) {
        if row.labels.iter().any(Option::is_none) {
            return;
        }
        counts(0, 1);
        for (class, n) in tally(row) {
            counts(1 + class, n);
            counts(1 + self.classes + class, n * n);
        }
    }

    fn value(&self, counts: &[u64]) -> Option<f64> {
        let (objects, rest) = counts.split_first()?;
        let (labels, squares) = rest.split_at(self.classes.min(rest.len()));
        self.corrected(*objects, labels, squares.iter().map(|s| u128::from(*s)).sum())
    }
}

/// The classes that a row's labels have, and how many labels have each.
pub(super) fn tally(row: &Row) -> Vec<(usize, u64)> {
    let mut out: Vec<(usize, u64)> = Vec::new();
    for class in row.labels.iter().copied().flatten() {
        match out.iter_mut().find(|(c, _)| *c == class) {
            Some((_, n)) => *n += 1,
            None => out.push((class, 1)),
        }
    }
    out.sort_unstable();
    out
}
