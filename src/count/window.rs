//! The exact maximum over all positions of a rectangle.
//!
//! A window can be pushed right and down until its left and its upper edge touch points without losing any. So it is
//! enough to try corners whose x and y are those of points: a sweep over y, with a segment tree over x that counts
//! the points in each window of the row. n points take O(n log n).

use crate::model::{Rect, SlidePx};
use serde::Serialize;

/// Area of ten high power fields in mm2.
pub const TEN_HPF_MM2: f64 = 2.37;
/// Area of one high power field in mm2.
pub const HPF_MM2: f64 = 0.237;

/// A rectangle that holds the most points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Maximum {
    /// Points inside.
    pub count: u32,
    /// Where: half-open, [x, x+w) x [y, y+h).
    pub rect: Rect,
}

/// The rectangle of `w` x `h` level-0 pixels with the most `points`, over all real positions.
///
/// Ties: of the windows whose left and upper edges touch points, the one with the smallest y, then the smallest x. It
/// is then moved so that the points which it holds lie in its middle. The order of `points` plays no part. A point
/// that is not finite lies in no window. Without points: count 0 at 0,0.
pub fn max_rectangle(points: &[SlidePx], w: f64, h: f64) -> Maximum {
    first_of(top_rectangles(points, w, h, None, 1), w, h)
}

/// As [`max_rectangle`]; the window is moved into `bounds` (the slide) where it keeps its points there. Where `bounds`
/// are narrower than the window, it hangs over both sides alike.
pub fn max_rectangle_in(points: &[SlidePx], w: f64, h: f64, bounds: Rect) -> Maximum {
    first_of(top_rectangles(points, w, h, Some(bounds), 1), w, h)
}

fn first_of(found: Vec<Maximum>, w: f64, h: f64) -> Maximum {
    found.into_iter().next().unwrap_or(Maximum { count: 0, rect: Rect::new(0.0, 0.0, w, h) })
}

/// The best window, then the best of those that share no area with it, and so on: `most` windows at most, none of
/// them empty.
pub fn top_rectangles(points: &[SlidePx], w: f64, h: f64, bounds: Option<Rect>, most: usize) -> Vec<Maximum> {
    let sane = |v: f64| v.is_finite() && v > 0.0;
    let points = finite(points);
    let mut found: Vec<Maximum> = Vec::new();
    while sane(w) && sane(h) && found.len() < most {
        let taken: Vec<Rect> = found.iter().map(|m| m.rect).collect();
        // Beside points, a window pushed right and down stops at those that are taken.
        let xs = sorted(points.iter().map(|p| p.x).chain(taken.iter().map(|t| t.x - w)));
        let ys = sorted(points.iter().map(|p| p.y).chain(taken.iter().map(|t| t.y - h)));
        let Some((count, corner)) = best_corner(&points, &xs, &ys, [w, h], &taken) else { break };
        let rect = placed(&points, Rect::new(corner.x, corner.y, w, h), count, bounds, &taken);
        found.push(Maximum { count, rect });
    }
    found
}

/// Points with finite coordinates, and without a negative zero.
fn finite(points: &[SlidePx]) -> Vec<SlidePx> {
    let whole = points.iter().filter(|p| p.x.is_finite() && p.y.is_finite());
    whole.map(|p| SlidePx::new(p.x + 0.0, p.y + 0.0)).collect()
}

/// In rising order, each once.
pub(super) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut out: Vec<f64> = values.collect();
    out.sort_by(f64::total_cmp);
    out.dedup();
    out
}

/// What happens when the sweep comes to a row: `add` goes to the windows `from..to`.
struct Event {
    row: usize,
    from: usize,
    to: usize,
    add: i64,
}

/// Heavier than any number of points: a window that may not be used.
const FORBIDDEN: i64 = 1 << 40;

/// Of the windows with a corner in `xs` x `ys` (both rising), the one with the most points, the smallest y, then the
/// smallest x, that shares no area with what is taken. `None` where all are empty.
pub(super) fn best_corner(
    points: &[SlidePx],
    xs: &[f64],
    ys: &[f64],
    [w, h]: [f64; 2],
    taken: &[Rect],
) -> Option<(u32, SlidePx)> {
    // The same comparisons as in Rect::contains, so that the answer holds to the last bit.
    let holding = |v: f64, side: f64, corners: &[f64]| {
        (corners.partition_point(|c| c + side <= v), corners.partition_point(|c| *c <= v))
    };
    let touching = |low: f64, high: f64, side: f64, corners: &[f64]| {
        (corners.partition_point(|c| *c <= low - side), corners.partition_point(|c| *c < high))
    };
    let mut events = Vec::with_capacity(2 * (points.len() + taken.len()));
    let mut put = |(from, to): (usize, usize), (first, last): (usize, usize), add: i64| {
        if from < to && first < last {
            events.push(Event { row: first, from, to, add });
            events.push(Event { row: last, from, to, add: -add });
        }
    };
    for p in points {
        put(holding(p.x, w, xs), holding(p.y, h, ys), 1);
    }
    for t in taken {
        put(touching(t.x, t.right(), w, xs), touching(t.y, t.bottom(), h, ys), -FORBIDDEN);
    }
    events.sort_by_key(|e| e.row);
    let mut tree = Tree::new(xs.len());
    let mut best: Option<(i64, SlidePx)> = None;
    let mut rest = events.as_slice();
    for (row, y) in ys.iter().enumerate() {
        let now = rest.partition_point(|e| e.row <= row);
        for e in &rest[..now] {
            tree.add(e.from, e.to, e.add);
        }
        let risen = now > 0;
        rest = &rest[now..];
        if risen && tree.max() > best.map_or(0, |(n, _)| n) {
            best = Some((tree.max(), SlidePx::new(xs[tree.first_max()], *y)));
        }
    }
    best.map(|(n, corner)| (u32::try_from(n).unwrap_or(u32::MAX), corner))
}

/// The window with the points of `corner` in its middle, in the bounds, beside what is taken: as far as it holds
/// `count` points there.
fn placed(points: &[SlidePx], corner: Rect, count: u32, bounds: Option<Rect>, taken: &[Rect]) -> Rect {
    let held = points.iter().filter(|p| corner.contains(**p));
    let Some(around) = held.map(|p| Rect::new(p.x, p.y, 0.0, 0.0)).reduce(|a, b| a.union(&b)) else {
        return corner;
    };
    let middle = Rect::around(around.center(), corner.w, corner.h);
    let good = |r: &Rect| {
        points.iter().filter(|p| r.contains(**p)).count() == count as usize
            && !taken.iter().any(|t| t.intersects(r))
    };
    let choices =
        [bounds.map(|b| moved_into(middle, b)), Some(middle), bounds.map(|b| moved_into(corner, b))];
    choices.into_iter().flatten().find(good).unwrap_or(corner)
}

/// Moved by as little as it takes to lie in `bounds`; where they are too narrow, to their middle.
pub(super) fn moved_into(rect: Rect, bounds: Rect) -> Rect {
    let along = |v: f64, side: f64, low: f64, room: f64| {
        if room >= side { v.max(low).min(low + room - side) } else { low + (room - side) / 2.0 }
    };
    Rect {
        x: along(rect.x, rect.w, bounds.x, bounds.w),
        y: along(rect.y, rect.h, bounds.y, bounds.h),
        ..rect
    }
}

/// Numbers in a row: a range of them rises at once, the largest is known at any time.
struct Tree {
    leaves: usize,
    /// The largest number under a node, without what was added above it.
    largest: Vec<i64>,
    /// What was added to all of a node.
    added: Vec<i64>,
}

impl Tree {
    fn new(n: usize) -> Self {
        let leaves = n.next_power_of_two();
        Self { leaves, largest: vec![0; 2 * leaves], added: vec![0; 2 * leaves] }
    }

    fn max(&self) -> i64 {
        self.largest[1]
    }

    /// Adds to the numbers `from..to`.
    fn add(&mut self, from: usize, to: usize, value: i64) {
        self.add_under(1, 0, self.leaves, from, to, value);
    }

    fn add_under(&mut self, node: usize, low: usize, high: usize, from: usize, to: usize, value: i64) {
        if from <= low && high <= to {
            self.largest[node] += value;
            self.added[node] += value;
            return;
        }
        let middle = low.midpoint(high);
        if from < middle {
            self.add_under(2 * node, low, middle, from, to, value);
        }
        if to > middle {
            self.add_under(2 * node + 1, middle, high, from, to, value);
        }
        self.largest[node] = self.largest[2 * node].max(self.largest[2 * node + 1]) + self.added[node];
    }

    /// Where the largest number stands first.
    fn first_max(&self) -> usize {
        let mut node = 1;
        while node < self.leaves {
            node = if self.largest[2 * node] >= self.largest[2 * node + 1] { 2 * node } else { 2 * node + 1 };
        }
        node - self.leaves
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All corners that are worth a try, each point looked at.
    fn by_force(points: &[SlidePx], w: f64, h: f64, taken: &[Rect]) -> u32 {
        let xs = points.iter().map(|p| p.x).chain(taken.iter().flat_map(|t| [t.x - w, t.right()]));
        let ys: Vec<f64> =
            points.iter().map(|p| p.y).chain(taken.iter().flat_map(|t| [t.y - h, t.bottom()])).collect();
        let mut best = 0;
        for x in xs {
            for y in &ys {
                let rect = Rect::new(x, *y, w, h);
                let free =
                    taken.iter().all(|t| x <= t.x - w || x >= t.right() || *y <= t.y - h || *y >= t.bottom());
                if free {
                    best = best.max(held(points, &rect));
                }
            }
        }
        best
    }

    fn held(points: &[SlidePx], rect: &Rect) -> u32 {
        points.iter().filter(|p| rect.contains(**p)).count() as u32
    }

    /// Points on whole numbers, so that many of them share a line, lie twice in a place, or lie one window apart.
    fn crowd() -> impl Strategy<Value = Vec<SlidePx>> {
        prop::collection::vec((-20..20_i32, -20..20_i32), 0..40)
            .prop_map(|v| v.into_iter().map(|(x, y)| SlidePx::new(x.into(), y.into())).collect())
    }

    /// Points anywhere, far out too.
    fn scattered() -> impl Strategy<Value = Vec<SlidePx>> {
        let place = prop_oneof![-50.0..50.0_f64, 1e9 - 30.0..1e9_f64];
        prop::collection::vec((place.clone(), place), 0..30)
            .prop_map(|v| v.into_iter().map(|(x, y)| SlidePx::new(x, y)).collect())
    }

    proptest! {
        #[test]
        fn equals_brute_force(points in prop_oneof![crowd(), scattered()], w in 1..12_i32, h in 1..12_i32) {
            let (w, h) = (f64::from(w), f64::from(h));
            let got = max_rectangle(&points, w, h);
            prop_assert_eq!(got.count, by_force(&points, w, h, &[]));
            prop_assert_eq!(held(&points, &got.rect), got.count);
            prop_assert_eq!((got.rect.w, got.rect.h), (w, h));
        }

        #[test]
        fn the_order_of_points_is_nothing(mut points in crowd(), turn in 0..40_usize) {
            let before = max_rectangle(&points, 7.0, 5.0);
            points.reverse();
            let n = points.len().max(1);
            points.rotate_left(turn % n);
            prop_assert_eq!(max_rectangle(&points, 7.0, 5.0), before);
        }

        #[test]
        fn in_a_slide_it_keeps_its_points_and_stays_inside(points in crowd(), side in 40..60_i32, w in 1..50_i32) {
            let (w, h) = (f64::from(w), f64::from(w) * 0.75);
            // The points span 40 x 40: all of them lie on the slide.
            let slide = Rect::new(-20.0, -20.0, side.into(), side.into());
            let got = max_rectangle_in(&points, w, h, slide);
            prop_assert_eq!(got.count, max_rectangle(&points, w, h).count);
            prop_assert_eq!(held(&points, &got.rect), got.count);
            if got.count > 0 && w <= slide.w {
                prop_assert!(got.rect.x >= slide.x && got.rect.right() <= slide.right() + 1e-9, "{:?}", got.rect);
            }
            if got.count > 0 && h <= slide.h {
                prop_assert!(got.rect.y >= slide.y && got.rect.bottom() <= slide.bottom() + 1e-9, "{:?}", got.rect);
            }
        }

        #[test]
        fn each_next_best_is_the_best_beside_the_ones_before(points in crowd(), w in 2..10_i32, h in 2..10_i32) {
            let (w, h) = (f64::from(w), f64::from(h));
            let got = top_rectangles(&points, w, h, None, 4);
            for (i, m) in got.iter().enumerate() {
                let before: Vec<Rect> = got[..i].iter().map(|b| b.rect).collect();
                prop_assert_eq!(m.count, by_force(&points, w, h, &before));
                prop_assert_eq!(held(&points, &m.rect), m.count);
                prop_assert!(m.count > 0 && !before.iter().any(|b| b.intersects(&m.rect)), "{:?}", got);
            }
            let rects: Vec<Rect> = got.iter().map(|m| m.rect).collect();
            prop_assert!(got.len() == 4 || by_force(&points, w, h, &rects) == 0);
        }
    }

    #[test]
    fn points_one_window_apart_do_not_both_count() {
        let points = [SlidePx::new(0.0, 0.0), SlidePx::new(4000.0, 0.0), SlidePx::new(0.0, 3000.0)];
        assert_eq!(max_rectangle(&points, 4000.0, 3000.0).count, 1);
        assert_eq!(max_rectangle(&points, 4000.1, 3000.0).count, 2);
        assert_eq!(max_rectangle(&points, 4000.1, 3000.1).count, 3);
    }

    #[test]
    fn nothing_is_counted_where_nothing_can_be() {
        let nan = [SlidePx::new(f64::NAN, 1.0), SlidePx::new(f64::INFINITY, 1.0)];
        for (points, w) in [(&nan[..], 5.0), (&[], 5.0), (&[SlidePx::new(1.0, 1.0)], f64::NAN)] {
            let got = max_rectangle(points, w, 5.0);
            assert_eq!((got.count, got.rect.x, got.rect.y), (0, 0.0, 0.0));
        }
        assert_eq!(max_rectangle(&[SlidePx::new(1.0, 1.0)], 0.0, 5.0).count, 0);
    }
}
