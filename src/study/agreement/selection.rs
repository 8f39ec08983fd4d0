//! Was a rater asked about disputed objects alone?
//!
//! A third expert often decides where two differ. Kappa with such a rater, and figures of all, are then over objects
//! chosen for being disputed: they fall below what the same raters would reach on all objects.

use super::table::Table;

/// Which objects a rater judged, as the other raters' opinions tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// The rater, as a place in the table's raters.
    pub rater: usize,
    /// Objects with two labels or more by others, which this rater judged.
    pub judged: u64,
    /// Those of them on which the others differ.
    pub judged_disputed: u64,
    /// Objects with two labels or more by others, which this rater did not judge.
    pub rest: u64,
    /// Those of them on which the others differ.
    pub rest_disputed: u64,
}

impl Selection {
    /// Most of what the rater judged is disputed among the others, and twice as often as the rest is.
    pub fn is_of_disputed(&self) -> bool {
        let Self { judged, judged_disputed, rest, rest_disputed, .. } = *self;
        let (here, there) = (
            u128::from(judged_disputed) * u128::from(rest),
            2 * u128::from(rest_disputed) * u128::from(judged),
        );
        rest > 0 && 2 * judged_disputed > judged && here > there
    }
}

/// One a rater, in the table's order.
pub fn selections(table: &Table) -> Vec<Selection> {
    (0..table.raters().len())
        .map(|rater| {
            let mut out = Selection { rater, judged: 0, judged_disputed: 0, rest: 0, rest_disputed: 0 };
            for row in &table.rows {
                let others =
                    || row.labels.iter().enumerate().filter(|(i, _)| *i != rater).filter_map(|(_, l)| *l);
                if others().count() < 2 {
                    continue;
                }
                let disputed = u64::from(others().any(|l| Some(l) != others().next()));
                if row.labels[rater].is_some() {
                    out.judged += 1;
                    out.judged_disputed += disputed;
                } else {
                    out.rest += 1;
                    out.rest_disputed += disputed;
                }
            }
            out
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::table::Judged;
    use super::*;
    use crate::model::{ClassId, RaterId};

    #[test]
    fn the_third_who_decides_is_found() {
        let judged = |labels: [i64; 3]| Judged {
            slide: 0,
            group: None,
            labels: labels.iter().map(|l| Some(ClassId(*l))).collect(),
        };
        let raters = [RaterId(1), RaterId(2), RaterId(3)];
        let mut objects = vec![judged([1, 1, 0]); 90];
        objects.extend(vec![judged([1, 2, 1]); 10]);
        let found = selections(&Table::new(&raters, None, objects.clone()));
        assert_eq!(
            found[2],
            Selection { rater: 2, judged: 10, judged_disputed: 10, rest: 90, rest_disputed: 0 }
        );
        assert_eq!(found.iter().map(Selection::is_of_disputed).collect::<Vec<_>>(), [false, false, true]);
        // Who judges everything is never told apart, however much the others differ.
        objects.iter_mut().for_each(|o| o.labels[2] = Some(ClassId(1)));
        assert!(!selections(&Table::new(&raters, None, objects)).iter().any(Selection::is_of_disputed));
    }
}
