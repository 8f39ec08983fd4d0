//! The exact maximum over all positions of a circle.
//!
//! A best circle can be moved until a point lies on its edge. So for each point the circle is rolled around it: the
//! others come in and go out at angles that are known, and the sorted angles give the most that it ever holds. n
//! points of which m lie within a diameter of each other take O(n m log m).

use crate::model::{Rect, SlidePx};
use serde::Serialize;
use std::collections::HashMap;
use std::f64::consts::{PI, TAU};

/// A point counts as held up to this part of the radius beyond it: three points on the edge of one circle are seldom
/// exactly there in binary numbers.
const TOLERANCE: f64 = 1e-9;

/// A circle that holds the most points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MaximumCircle {
    /// Points inside.
    pub count: u32,
    /// Its centre.
    pub center: SlidePx,
    /// Its radius in level-0 pixels; the disc is closed.
    pub radius: f64,
}

/// The best circle, then the best of those that share no area with it, and so on: `most` circles at most, none of
/// them empty. `radius` is in level-0 pixels.
///
/// Ties: the circle with the uppermost, then leftmost point on its edge that any of them has. It is then moved to the
/// centre of the smallest circle around its points, and into `bounds` (the slide), as far as it keeps its points.
pub fn top_circles(points: &[SlidePx], radius: f64, bounds: Option<Rect>, most: usize) -> Vec<MaximumCircle> {
    let mut found: Vec<MaximumCircle> = Vec::new();
    if !(radius.is_finite() && radius > 0.0) {
        return found;
    }
    let places = Places::new(points, radius);
    while found.len() < most {
        let taken: Vec<SlidePx> = found.iter().map(|m| m.center).collect();
        let Some((count, center)) = places.best(&taken) else { break };
        let center = places.placed(center, bounds, &taken);
        found.push(MaximumCircle { count, center, radius });
    }
    found
}

/// Points by their place, each place once, from the top to the bottom and from the left to the right.
struct Places {
    radius: f64,
    at: Vec<(SlidePx, u32)>,
    /// Which places lie in a square of twice the radius.
    cells: HashMap<(i64, i64), Vec<usize>>,
}

/// A disc that a rolling centre goes through.
struct Disc {
    center: SlidePx,
    radius: f64,
    weight: i64,
}

/// Heavier than any number of points: a place that may not be used.
const FORBIDDEN: i64 = 1 << 40;

impl Places {
    fn new(points: &[SlidePx], radius: f64) -> Self {
        let whole = points.iter().filter(|p| p.x.is_finite() && p.y.is_finite());
        let mut all: Vec<SlidePx> = whole.map(|p| SlidePx::new(p.x + 0.0, p.y + 0.0)).collect();
        all.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
        let mut at: Vec<(SlidePx, u32)> = Vec::new();
        for p in all {
            match at.last_mut() {
                Some((last, n)) if *last == p => *n += 1,
                _ => at.push((p, 1)),
            }
        }
        let mut places = Self { radius: radius * (1.0 + TOLERANCE), at, cells: HashMap::new() };
        for i in 0..places.at.len() {
            places.cells.entry(places.cell(places.at[i].0)).or_default().push(i);
        }
        places
    }

    fn cell(&self, p: SlidePx) -> (i64, i64) {
        let part = |v: f64| (v / (2.0 * self.radius)).floor() as i64;
        (part(p.x), part(p.y))
    }

    /// Places within `reach` of `p`, in their order.
    fn near(&self, p: SlidePx, reach: f64) -> Vec<usize> {
        let (low, high) = (
            self.cell(SlidePx::new(p.x - reach, p.y - reach)),
            self.cell(SlidePx::new(p.x + reach, p.y + reach)),
        );
        let mut out = Vec::new();
        for row in low.1..=high.1 {
            for column in low.0..=high.0 {
                let held = self.cells.get(&(column, row)).map_or(&[][..], Vec::as_slice);
                out.extend(held.iter().copied().filter(|i| self.at[*i].0.distance(p) <= reach));
            }
        }
        out.sort_unstable();
        out
    }

    fn weight(&self, places: &[usize]) -> u32 {
        places.iter().map(|i| self.at[*i].1).sum()
    }

    /// The best centre that keeps two radii from the taken ones. `None` where nothing can be held.
    fn best(&self, taken: &[SlidePx]) -> Option<(u32, SlidePx)> {
        // What is taken keeps others off by a little less than two radii, so that they may touch.
        let apart = 2.0 * self.radius * (1.0 - 2.0 * TOLERANCE);
        let keep_off =
            |t: &SlidePx| Disc { center: *t, radius: apart * (1.0 - TOLERANCE), weight: -FORBIDDEN };
        let mut best: Option<(i64, SlidePx)> = None;
        let mut roll = |around: SlidePx, radius: f64, own: Option<usize>, reach: f64| {
            let near = self.near(around, reach);
            // Neighbours at most: if these are no more than the best, it needs no look.
            if i64::from(self.weight(&near)) <= best.map_or(0, |(n, _)| n) {
                return;
            }
            let mut discs: Vec<Disc> = near
                .iter()
                .filter(|i| Some(**i) != own)
                .map(|i| Disc { center: self.at[*i].0, radius: self.radius, weight: self.at[*i].1.into() })
                .collect();
            discs.extend(taken.iter().map(keep_off));
            let base = own.map_or(0, |i| self.at[i].1.into());
            let (most, angle) = rolled(around, radius, base, &discs);
            if most > best.map_or(0, |(n, _)| n) {
                let (sin, cos) = angle.sin_cos();
                best = Some((most, SlidePx::new(around.x + radius * cos, around.y + radius * sin)));
            }
        };
        for i in 0..self.at.len() {
            roll(self.at[i].0, self.radius, Some(i), 2.0 * self.radius);
        }
        for t in taken {
            roll(*t, apart, None, apart + self.radius);
        }
        best.map(|(n, center)| (u32::try_from(n).unwrap_or(u32::MAX), center))
    }

    /// The centre moved so that its points lie in the middle, and into the bounds, where that keeps them.
    fn placed(&self, center: SlidePx, bounds: Option<Rect>, taken: &[SlidePx]) -> SlidePx {
        // The edge goes through points here: a hair more holds them for sure.
        let edge = self.radius * (1.0 + TOLERANCE);
        let held = self.near(center, edge);
        let points: Vec<SlidePx> = held.iter().map(|i| self.at[*i].0).collect();
        let count = self.weight(&held);
        let middle = smallest_around(&points);
        let inside = |c: SlidePx| {
            let square = Rect::around(c, 2.0 * self.radius, 2.0 * self.radius);
            bounds.map(|b| super::window::moved_into(square, b).center())
        };
        let good = |c: &SlidePx| {
            self.weight(&self.near(*c, self.radius)) >= count
                && taken.iter().all(|t| t.distance(*c) >= 2.0 * self.radius * (1.0 - 4.0 * TOLERANCE))
        };
        [inside(middle), Some(middle)].into_iter().flatten().find(good).unwrap_or(center)
    }
}

/// A centre goes once around `around` at `radius`: the most that the discs which it goes through weigh together, with
/// `base`, and the angle of the first such place.
fn rolled(around: SlidePx, radius: f64, base: i64, discs: &[Disc]) -> (i64, f64) {
    let mut now = base;
    // Where discs begin and end; at one angle all begin before one ends.
    let mut events: Vec<(f64, bool, i64)> = Vec::with_capacity(2 * discs.len());
    for disc in discs {
        let (dx, dy) = (disc.center.x - around.x, disc.center.y - around.y);
        let d = (dx * dx + dy * dy).sqrt();
        let cosine = (d * d + radius * radius - disc.radius * disc.radius) / (2.0 * d * radius);
        if d == 0.0 || cosine <= -1.0 {
            // The whole way lies in the disc, or none of it (then the disc is the smaller one).
            if disc.radius >= radius {
                now += disc.weight;
            }
            continue;
        }
        if cosine > 1.0 {
            continue;
        }
        let (direction, half) = (dy.atan2(dx), cosine.acos());
        let (begin, end) = (turned(direction - half), turned(direction + half));
        if begin > end {
            now += disc.weight;
        }
        events.push((begin, false, disc.weight));
        events.push((end, true, disc.weight));
    }
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut best = (now, -PI);
    for (angle, ends, weight) in events {
        now += if ends { -weight } else { weight };
        if now > best.0 {
            best = (now, angle);
        }
    }
    best
}

/// The same angle in [-pi, pi).
fn turned(angle: f64) -> f64 {
    if angle < -PI {
        angle + TAU
    } else if angle >= PI {
        angle - TAU
    } else {
        angle
    }
}

/// The centre of the smallest circle around points (Welzl 1991, without recursion; the order is shuffled by a fixed
/// rule, so that the mean time grows with n alone).
fn smallest_around(points: &[SlidePx]) -> SlidePx {
    let mut points = points.to_vec();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for i in (1..points.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        points.swap(i, (state >> 33) as usize % (i + 1));
    }
    let Some(first) = points.first().copied() else { return SlidePx::default() };
    // Relative to one of them, so that far-out places cost no digits.
    let at: Vec<SlidePx> = points.iter().map(|p| SlidePx::new(p.x - first.x, p.y - first.y)).collect();
    let mut circle = (at[0], 0.0);
    let out = |circle: (SlidePx, f64), p: SlidePx| circle.0.distance(p) > circle.1 * (1.0 + 1e-12);
    for i in 1..at.len() {
        if !out(circle, at[i]) {
            continue;
        }
        circle = (at[i], 0.0);
        for j in 0..i {
            if !out(circle, at[j]) {
                continue;
            }
            circle = through_two(at[i], at[j]);
            for k in 0..j {
                if out(circle, at[k]) {
                    circle = through_three(at[i], at[j], at[k]);
                }
            }
        }
    }
    SlidePx::new(circle.0.x + first.x, circle.0.y + first.y)
}

fn through_two(a: SlidePx, b: SlidePx) -> (SlidePx, f64) {
    let center = SlidePx::new(f64::midpoint(a.x, b.x), f64::midpoint(a.y, b.y));
    (center, center.distance(a).max(center.distance(b)))
}

fn through_three(a: SlidePx, b: SlidePx, c: SlidePx) -> (SlidePx, f64) {
    let (bx, by, cx, cy) = (b.x - a.x, b.y - a.y, c.x - a.x, c.y - a.y);
    let twice = 2.0 * (bx * cy - by * cx);
    if twice == 0.0 {
        // On one line: the two that lie farthest apart.
        return [through_two(a, b), through_two(b, c)]
            .into_iter()
            .fold(through_two(a, c), |far, other| if other.1 > far.1 { other } else { far });
    }
    let (b2, c2) = (bx * bx + by * by, cx * cx + cy * cy);
    let (x, y) = ((cy * b2 - by * c2) / twice, (bx * c2 - cx * b2) / twice);
    (SlidePx::new(a.x + x, a.y + y), (x * x + y * y).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Circles with two points on the edge, and circles around each point.
    fn by_force(points: &[SlidePx], r: f64) -> u32 {
        let mut centers = points.to_vec();
        for (i, a) in points.iter().enumerate() {
            for b in &points[..i] {
                let d = a.distance(*b);
                if d > 0.0 && d <= 2.0 * r {
                    let lift = (r * r - d * d / 4.0).max(0.0).sqrt() / d;
                    for side in [lift, -lift] {
                        centers.push(SlidePx::new(
                            f64::midpoint(a.x, b.x) - (b.y - a.y) * side,
                            f64::midpoint(a.y, b.y) + (b.x - a.x) * side,
                        ));
                    }
                }
            }
        }
        centers.iter().map(|c| held(points, *c, r)).max().unwrap_or(0)
    }

    fn held(points: &[SlidePx], center: SlidePx, r: f64) -> u32 {
        points.iter().filter(|p| p.distance(center) <= r * (1.0 + 3.0 * TOLERANCE)).count() as u32
    }

    fn points() -> impl Strategy<Value = Vec<SlidePx>> {
        let place = |(x, y): (f64, f64)| SlidePx::new(x, y);
        prop_oneof![
            prop::collection::vec((-20.0..20.0, -20.0..20.0).prop_map(place), 0..30),
            // On whole numbers: many lie on one circle, on one line, in one place.
            prop::collection::vec(
                (-9..9_i32, -9..9_i32).prop_map(|(x, y)| SlidePx::new(x.into(), y.into())),
                0..30
            ),
            prop::collection::vec((1e6..1e6 + 30.0, 2e6..2e6 + 30.0).prop_map(place), 0..30),
        ]
    }

    proptest! {
        #[test]
        fn equals_brute_force(points in points(), r in 1..10_i32) {
            let r = f64::from(r);
            let got = top_circles(&points, r, None, 1);
            prop_assert_eq!(got.first().map_or(0, |m| m.count), by_force(&points, r));
            for m in got {
                prop_assert_eq!(held(&points, m.center, r), m.count);
            }
        }

        #[test]
        fn the_order_of_points_is_nothing(mut points in points(), turn in 0..30_usize) {
            let before = top_circles(&points, 5.0, None, 3);
            points.reverse();
            let n = points.len().max(1);
            points.rotate_left(turn % n);
            prop_assert_eq!(top_circles(&points, 5.0, None, 3), before);
        }

        #[test]
        fn next_best_circles_share_no_area(points in points(), r in 1..6_i32) {
            let r = f64::from(r);
            let got = top_circles(&points, r, None, 4);
            for (i, m) in got.iter().enumerate() {
                prop_assert!(m.count > 0 && held(&points, m.center, r) == m.count);
                prop_assert!(i == 0 || m.count <= got[i - 1].count);
                prop_assert!(got[..i].iter().all(|b| b.center.distance(m.center) >= 2.0 * r * (1.0 - 1e-8)));
            }
            // No centre of a fine grid that keeps off holds more than the second best.
            if let Some(first) = points.first() {
                let second = got.get(1).map_or(0, |m| m.count);
                for step in 0..40 * 40 {
                    let c = SlidePx::new(first.x + f64::from(step % 40 - 20), first.y + f64::from(step / 40 - 20));
                    let free = got.first().is_none_or(|m| m.center.distance(c) >= 2.0 * r);
                    let n = points.iter().filter(|p| p.distance(c) <= r).count() as u32;
                    prop_assert!(!free || n <= second, "{n} at {c:?}, {got:?}");
                }
            }
        }

        #[test]
        fn in_a_slide_it_lies_inside_where_it_can(points in prop::collection::vec((0.0..40.0, 0.0..40.0), 1..20), r in 1..15_i32) {
            let points: Vec<SlidePx> = points.into_iter().map(|(x, y)| SlidePx::new(x, y)).collect();
            let r = f64::from(r);
            let slide = Rect::new(-r, -r, 40.0 + 2.0 * r, 40.0 + 2.0 * r);
            let got = top_circles(&points, r, Some(slide), 1)[0];
            prop_assert!((-1e-6..=40.0 + 1e-6).contains(&got.center.x) && (-1e-6..=40.0 + 1e-6).contains(&got.center.y));
            prop_assert_eq!(got.count, by_force(&points, r));
        }
    }

    #[test]
    fn the_disc_is_closed() {
        let on_the_edge = [(5.0, 0.0), (-5.0, 0.0), (0.0, 5.0), (0.0, -5.0), (3.0, 4.0), (-4.0, -3.0)]
            .map(|(x, y)| SlidePx::new(1000.0 + x, 2000.0 + y));
        let got = top_circles(&on_the_edge, 5.0, None, 1)[0];
        assert_eq!(got.count, 6);
        assert!(got.center.distance(SlidePx::new(1000.0, 2000.0)) < 1e-6, "{got:?}");
        assert!(top_circles(&on_the_edge, 4.999, None, 1)[0].count < 6);
    }

    #[test]
    fn nothing_is_counted_where_nothing_can_be() {
        assert_eq!(top_circles(&[], 5.0, None, 3), []);
        assert_eq!(top_circles(&[SlidePx::new(f64::NAN, 1.0)], 5.0, None, 3), []);
        assert_eq!(top_circles(&[SlidePx::new(1.0, 1.0)], f64::INFINITY, None, 3), []);
    }
}
