//! What a detector is worth: its boxes against labels, by the rule of the published evaluation and by a stricter one.
//!
//! The published rule (Aubreville et al., Sci Data 7:417, 2020; the authors' scorer) is not one to one: one detection may
//! find several figures, and several detections near one figure are neither right nor wrong.

use crate::model::SlidePx;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Radius of the published rule in level-0 pixels: 6.25 um at 0.25 um per pixel.
pub const RADIUS_PX: f64 = 25.0;

/// Something that a detector found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// The box's centre in level-0 pixels.
    pub at: SlidePx,
    /// Its score.
    pub score: f64,
}

/// How detections and labels are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// As published: whatever has a partner near is found or right.
    Published,
    /// Each detection finds one label at most: the nearest that is left, best scores first (as the MIDOG challenge
    /// counts).
    OneToOne,
}

/// True and false positives, false negatives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Labels that were found.
    pub tp: u64,
    /// Detections without a label.
    pub fp: u64,
    /// Labels that were missed.
    pub missed: u64,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { tp: self.tp + other.tp, fp: self.fp + other.fp, missed: self.missed + other.missed }
    }

    /// tp / (tp + fp); `None` without detections.
    pub fn precision(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fp)
    }

    /// tp / (tp + fn); `None` without labels.
    pub fn recall(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.missed)
    }

    /// 2 tp / (2 tp + fp + fn); `None` where there is neither.
    pub fn f1(&self) -> Option<f64> {
        ratio(2 * self.tp, 2 * self.tp + self.fp + self.missed)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

type Point = GeomWithData<[f64; 2], usize>;

fn tree(places: impl Iterator<Item = SlidePx>) -> RTree<Point> {
    RTree::bulk_load(places.enumerate().map(|(i, p)| GeomWithData::new([p.x, p.y], i)).collect())
}

/// What lies within `radius` of a place, its edge included; in no order.
fn near(tree: &RTree<Point>, p: SlidePx, radius: f64) -> impl Iterator<Item = usize> + '_ {
    tree.locate_within_distance([p.x, p.y], radius * radius).map(|g| g.data)
}

/// Of detections within `radius` of each other (its edge included) the one with the highest score stays; of equal scores
/// the later one, as in the authors' code. In the order of falling scores.
pub fn thin(found: &[Found], radius: f64) -> Vec<Found> {
    let index = tree(found.iter().map(|f| f.at));
    let mut order: Vec<usize> = (0..found.len()).collect();
    order.sort_by(|a, b| found[*b].score.total_cmp(&found[*a].score).then(b.cmp(a)));
    let mut gone = vec![false; found.len()];
    let mut kept = Vec::new();
    for i in order {
        if gone[i] {
            continue;
        }
        kept.push(found[i]);
        near(&index, found[i].at, radius).for_each(|n| gone[n] = true);
    }
    kept
}

/// Counts one slide's thinned detections with a score above `threshold` against its labels.
pub fn count(
    thinned: &[Found],
    labels: &[SlidePx],
    threshold: f64,
    radius: f64,
    matching: Matching,
) -> Counts {
    let shown: Vec<Found> = thinned.iter().copied().filter(|f| f.score > threshold).collect();
    match matching {
        Matching::Published => published(&shown, labels, radius),
        Matching::OneToOne => one_to_one(&shown, labels, radius),
    }
}

/// Every place, of a detection or a label, whose neighbourhood holds both flags all in it.
fn published(shown: &[Found], labels: &[SlidePx], radius: f64) -> Counts {
    let (detections, figures) = (tree(shown.iter().map(|f| f.at)), tree(labels.iter().copied()));
    let (mut right, mut found) = (vec![false; shown.len()], vec![false; labels.len()]);
    for place in shown.iter().map(|f| f.at).chain(labels.iter().copied()) {
        let d: Vec<usize> = near(&detections, place, radius).collect();
        let l: Vec<usize> = near(&figures, place, radius).collect();
        if !d.is_empty() && !l.is_empty() {
            d.into_iter().for_each(|i| right[i] = true);
            l.into_iter().for_each(|i| found[i] = true);
        }
    }
    let tp = found.iter().filter(|f| **f).count() as u64;
    Counts { tp, fp: right.iter().filter(|r| !**r).count() as u64, missed: labels.len() as u64 - tp }
}

fn one_to_one(shown: &[Found], labels: &[SlidePx], radius: f64) -> Counts {
    let figures = tree(labels.iter().copied());
    let mut order: Vec<&Found> = shown.iter().collect();
    order.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut taken = vec![false; labels.len()];
    let mut tp = 0;
    for detection in order {
        let free = near(&figures, detection.at, radius).filter(|i| !taken[*i]);
        let nearest = free.min_by(|a, b| {
            let far = |i: usize| labels[i].distance(detection.at);
            far(*a).total_cmp(&far(*b)).then(a.cmp(b))
        });
        if let Some(i) = nearest {
            taken[i] = true;
            tp += 1;
        }
    }
    Counts { tp, fp: shown.len() as u64 - tp, missed: labels.len() as u64 - tp }
}

/// The thresholds that the published search tries: 0.30, 0.31 … 0.98, with the very digits that numpy's `arange(.3, .99,
/// .01)` has, since scores are compared with them.
pub fn thresholds() -> Vec<f64> {
    let step = (0.3 + 0.01) - 0.3;
    (0..69).map(|i| 0.3 + f64::from(i) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn place() -> impl Strategy<Value = SlidePx> {
        // Multiples of five, so that 3-4-5 triangles make distances of exactly 25 px.
        (0..40i32, 0..40i32).prop_map(|(x, y)| SlidePx::new(f64::from(5 * x), f64::from(5 * y)))
    }

    fn found() -> impl Strategy<Value = Vec<Found>> {
        prop::collection::vec((place(), 0..20u32), 0..40)
            .prop_map(|v| v.into_iter().map(|(at, s)| Found { at, score: f64::from(s) / 20.0 }).collect())
    }

    /// The same in the words of the specification, without an index.
    fn plainly_thinned(found: &[Found], radius: f64) -> Vec<Found> {
        let mut left: Vec<(usize, Found)> = found.iter().copied().enumerate().collect();
        let mut kept = Vec::new();
        while let Some(best) =
            left.iter().copied().max_by(|a, b| a.1.score.total_cmp(&b.1.score).then(a.0.cmp(&b.0)))
        {
            kept.push(best.1);
            left.retain(|f| f.1.at.distance(best.1.at) > radius);
        }
        kept
    }

    fn plainly_counted(shown: &[Found], labels: &[SlidePx], radius: f64) -> Counts {
        let all: Vec<(SlidePx, bool)> =
            shown.iter().map(|f| (f.at, true)).chain(labels.iter().map(|l| (*l, false))).collect();
        let mut flagged = vec![false; all.len()];
        for (p, _) in &all {
            let group: Vec<usize> = (0..all.len()).filter(|i| all[*i].0.distance(*p) <= radius).collect();
            if group.iter().any(|i| all[*i].1) && group.iter().any(|i| !all[*i].1) {
                group.into_iter().for_each(|i| flagged[i] = true);
            }
        }
        let n = |detection: bool, flag: bool| {
            all.iter().zip(&flagged).filter(|((_, d), f)| *d == detection && **f == flag).count() as u64
        };
        Counts { tp: n(false, true), fp: n(true, false), missed: n(false, false) }
    }

    proptest! {
        #[test]
        fn thinning_and_counting_are_as_written(found in found(), labels in prop::collection::vec(place(), 0..30), threshold in 0.0..1.0f64) {
            let thinned = thin(&found, RADIUS_PX);
            prop_assert_eq!(&thinned, &plainly_thinned(&found, RADIUS_PX));
            let shown: Vec<Found> = thinned.iter().copied().filter(|f| f.score > threshold).collect();
            let counts = count(&thinned, &labels, threshold, RADIUS_PX, Matching::Published);
            prop_assert_eq!(counts, plainly_counted(&shown, &labels, RADIUS_PX));
            prop_assert_eq!(counts.tp + counts.missed, labels.len() as u64);
            // Thinning before or after the threshold is the same.
            let above: Vec<Found> = found.iter().copied().filter(|f| f.score > threshold).collect();
            prop_assert_eq!(thin(&above, RADIUS_PX), shown.clone());
            // One to one never counts a detection twice.
            let strict = count(&thinned, &labels, threshold, RADIUS_PX, Matching::OneToOne);
            prop_assert_eq!(strict.tp + strict.fp, shown.len() as u64);
            prop_assert!(strict.tp <= counts.tp);
        }
    }

    #[test]
    fn thresholds_have_numpys_digits() {
        let all = thresholds();
        assert_eq!((all.len(), all[0]), (69, 0.3));
        // As numpy prints them.
        assert_eq!(all[32].to_string(), "0.6200000000000003");
        assert_eq!(all[44].to_string(), "0.7400000000000004");
    }
}
