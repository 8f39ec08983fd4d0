//! How well raters agree with their own earlier answers: items of a task that were shown twice.

use super::bootstrap::Resampling;
use super::report::{Pair, agreement};
use super::table::{Judged, Table};
use crate::model::{ClassId, RaterId};

/// An item that one rater answered twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// The slide, as a place in the caller's list.
    pub slide: usize,
    /// The first answer.
    pub first: ClassId,
    /// The answer to the hidden repeat.
    pub second: ClassId,
}

/// A rater's agreement with the own earlier answers, as if the first answers were one rater's and the second ones another's: n, raw,
/// kappa with its interval, PABAK, and the matrix (rows: first answers). `None` without repeats in which both answers
/// have a class.
pub fn repeats(rater: RaterId, repeats: &[Repeat], resampling: Resampling) -> Option<Pair> {
    let objects = repeats
        .iter()
        .filter(|r| r.first != ClassId::UNKNOWN && r.second != ClassId::UNKNOWN)
        .map(|r| Judged { slide: r.slide, group: None, labels: vec![Some(r.first), Some(r.second)] });
    let table = Table::new(&[rater, rater], None, objects);
    agreement(&table, resampling).pairs.pop().filter(|p| p.figures.n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_and_second_answers_are_compared() {
        let repeat = |slide, first, second| Repeat { slide, first: ClassId(first), second: ClassId(second) };
        let mut seen = Vec::new();
        for (n, first, second) in [(12, 1, 1), (3, 1, 2), (1, 2, 1), (20, 2, 2), (4, 0, 1)] {
            seen.extend((0..n).map(|i| repeat(i % 4, first, second)));
        }
        let own = repeats(RaterId(7), &seen, Resampling::default()).unwrap();
        assert_eq!(own.figures.n, 36);
        assert_eq!(own.figures.raw, Some(32.0 / 36.0));
        // p_e = (15 * 13 + 21 * 23) / 36^2 = 678 / 1296, so kappa = (1152 - 678) / (1296 - 678).
        assert!((own.figures.kappa.unwrap() - 474.0 / 618.0).abs() < 1e-15);
        let (low, high) = own.interval.unwrap().bounds.unwrap();
        assert!(low < 474.0 / 618.0 && 474.0 / 618.0 < high);
        assert_eq!(repeats(RaterId(7), &[repeat(0, 0, 1)], Resampling::default()), None);
    }
}
