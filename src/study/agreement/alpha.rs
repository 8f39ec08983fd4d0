//! Agreement of any number of raters with gaps: Krippendorff's alpha for nominal classes.
//!
//! K. Krippendorff, Content analysis, 2nd ed. (2004), chapter 11; A. F. Hayes and K. Krippendorff, Answering the call
//! for a standard reliability measure for coding data, Commun Methods Meas 1 (2007) 77.

use super::bootstrap::Statistic;
use super::kappa::tally;
use super::table::Row;

/// Krippendorff's alpha over the objects with two labels or more. Counts: per class the labels (n_c), per class the
/// squares of the labels an object has of it, divided among the numbers of labels per object, and per number of labels
/// m the ordered pairs of labels that differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alpha {
    pub raters: usize,
    pub classes: usize,
}

impl Alpha {
    /// Agreement on one class: of the pairs of labels on one object of which one is `class`, weighted as in alpha, the
    /// share whose other one is too. `None` where no label is of the class.
    pub fn specific(&self, counts: &[u64], class: usize) -> Option<f64> {
        let labels = *counts.get(class).filter(|n| **n > 0)?;
        let same: f64 = (2..=self.raters)
            .filter_map(|m| counts.get(self.same_at(m, class)).map(|n| *n as f64 / (m - 1) as f64))
            .sum();
        Some(same / labels as f64)
    }

    /// Where the pairs with the same class stand, for objects of `m` labels.
    fn same_at(&self, m: usize, class: usize) -> usize {
        self.classes * m.saturating_sub(1) + class
    }
}

impl Statistic for Alpha {
    /// Labels, then one block of ordered pairs of the same class for each m of 2 to the number of raters.
    fn width(&self) -> usize {
        self.classes * self.raters.max(1)
    }

    fn add(&self, row: &Row, counts: &mut dyn FnMut(usize, u64)) {
        let tally = tally(row);
        let m: u64 = tally.iter().map(|(_, n)| n).sum();
        if m < 2 {
            return;
        }
        for (class, n) in tally {
            counts(class, n);
            if n > 1 {
                counts(self.same_at(m as usize, class), n * (n - 1));
            }
        }
    }

    /// `None` without objects, and where one class has all labels.
    fn value(&self, counts: &[u64]) -> Option<f64> {
        let labels = counts.get(..self.classes)?;
        let n: u128 = labels.iter().map(|l| u128::from(*l)).sum();
        let by_chance = n * n - labels.iter().map(|l| u128::from(*l).pow(2)).sum::<u128>();
        if by_chance == 0 {
            return None;
        }
        // The coincidences of all pairs sum to n; those on the diagonal are the same, the others differ.
        let same: f64 = (2..=self.raters)
            .map(|m| {
                let block = counts.get(self.same_at(m, 0)..self.same_at(m, self.classes)).unwrap_or_default();
                block.iter().sum::<u64>() as f64 / (m - 1) as f64
            })
            .sum();
        Some(1.0 - (n - 1) as f64 * (n as f64 - same) / by_chance as f64)
    }
}
