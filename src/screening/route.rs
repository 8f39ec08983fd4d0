//! The order of places: short ways, no detours.

use crate::model::SlidePx;

/// Something to walk through, from one end to the other or back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Leg {
    /// Its number among what was given.
    pub id: usize,
    /// Where it begins.
    pub first: SlidePx,
    /// Where it ends.
    pub last: SlidePx,
    /// Is it walked backwards?
    pub turned: bool,
}

impl Leg {
    /// A leg that is walked forwards.
    pub fn new(id: usize, first: SlidePx, last: SlidePx) -> Self {
        Self { id, first, last, turned: false }
    }

    fn back(self) -> Self {
        Self { first: self.last, last: self.first, turned: !self.turned, ..self }
    }
}

/// Places that a change may lie apart in the walk; bounds the time of long walks.
const REACH: usize = 600;
/// Rounds over the whole walk.
const ROUNDS: usize = 40;
/// Legs that are moved together.
const MOVED: usize = 3;

/// The distance. A square root is the same everywhere, hypot is not.
pub(super) fn distance(a: SlidePx, b: SlidePx) -> f64 {
    let (dx, dy) = (a.x - b.x, a.y - b.y);
    (dx * dx + dy * dy).sqrt()
}

/// Nearest next: from the first leg to the one with the nearest end, and so on.
pub(super) fn nearest_next(mut legs: Vec<Leg>) -> Vec<Leg> {
    for i in 1..legs.len() {
        let here = legs[i - 1].last;
        let mut best = (f64::INFINITY, i, false);
        for (j, leg) in legs.iter().enumerate().skip(i) {
            for (turned, end) in [(false, leg.first), (true, leg.last)] {
                let d = distance(here, end);
                if d < best.0 {
                    best = (d, j, turned);
                }
            }
        }
        // The others keep their order.
        let leg = legs.remove(best.1);
        legs.insert(i, if best.2 { leg.back() } else { leg });
    }
    legs
}

/// Makes an open walk shorter, by walking a part of it backwards (2-opt, Croes 1958) and by moving up to three legs to
/// another place (Or 1976), as long as each change saves more than `gain` level-0 pixels.
pub(super) fn shorten(legs: &mut [Leg], gain: f64) {
    for _ in 0..ROUNDS {
        let turned = turn_parts(legs, gain);
        let moved = move_parts(legs, gain);
        if !turned && !moved {
            break;
        }
    }
}

/// The way from the end of leg `a` to `b`; no way where the walk begins or ends.
fn way(a: Option<SlidePx>, b: Option<SlidePx>) -> f64 {
    a.zip(b).map_or(0.0, |(a, b)| distance(a, b))
}

fn turn(legs: &mut [Leg]) {
    legs.reverse();
    for leg in legs {
        *leg = leg.back();
    }
}

fn turn_parts(legs: &mut [Leg], gain: f64) -> bool {
    let mut better = false;
    for i in 0..legs.len() {
        for j in i..legs.len().min(i + REACH) {
            let (before, after) = (i.checked_sub(1).map(|k| legs[k].last), legs.get(j + 1).map(|l| l.first));
            let (first, last) = (Some(legs[i].first), Some(legs[j].last));
            if way(before, last) + way(first, after) < way(before, first) + way(last, after) - gain {
                turn(&mut legs[i..=j]);
                better = true;
            }
        }
    }
    better
}

fn move_parts(legs: &mut [Leg], gain: f64) -> bool {
    let n = legs.len();
    let mut better = false;
    for length in 1..=MOVED {
        let mut i = 0;
        while i + length <= n {
            let end = i + length;
            let (before, after) = (i.checked_sub(1).map(|k| legs[k].last), legs.get(end).map(|l| l.first));
            let (first, last) = (Some(legs[i].first), Some(legs[end - 1].last));
            let saved = way(before, first) + way(last, after) - way(before, after);
            let mut best: Option<(f64, usize, bool)> = None;
            // To before the leg at `to`, with the part itself left out.
            for to in (i.saturating_sub(REACH)..=(end + REACH).min(n)).filter(|to| *to < i || *to > end) {
                let (a, b) = (to.checked_sub(1).map(|k| legs[k].last), legs.get(to).map(|l| l.first));
                for (turned, from, upto) in [(false, first, last), (true, last, first)] {
                    let costs = way(a, from) + way(upto, b) - way(a, b);
                    let won = saved - costs;
                    if won > gain && best.is_none_or(|(w, ..)| won > w) {
                        best = Some((won, to, turned));
                    }
                }
            }
            if let Some((_, to, turned)) = best {
                if turned {
                    turn(&mut legs[i..end]);
                }
                if to < i {
                    legs[to..end].rotate_right(length);
                } else {
                    legs[i..to].rotate_left(length);
                }
                better = true;
            }
            i += 1;
        }
    }
    better
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn length(legs: &[Leg]) -> f64 {
        let inside: f64 = legs.iter().map(|l| distance(l.first, l.last)).sum();
        inside + legs.windows(2).map(|l| distance(l[0].last, l[1].first)).sum::<f64>()
    }

    proptest! {
        #[test]
        fn a_walk_gets_shorter_and_loses_nothing(ends in prop::collection::vec((0..50_i32, 0..50_i32, 0..9_i32, 0..9_i32), 1..25)) {
            let place = |x: i32, y: i32| SlidePx::new(x.into(), y.into());
            let legs: Vec<Leg> = ends
                .iter()
                .enumerate()
                .map(|(i, (x, y, w, h))| Leg::new(i, place(*x, *y), place(x + w, y + h)))
                .collect();
            let mut short = nearest_next(legs.clone());
            let first = length(&short);
            shorten(&mut short, 0.0);
            prop_assert!(length(&short) <= first + 1e-9);
            let mut back: Vec<Leg> =
                short.iter().map(|l| if l.turned { l.back() } else { *l }).collect();
            back.sort_by_key(|l| l.id);
            prop_assert_eq!(back, legs);
        }
    }

    #[test]
    fn a_jump_to_and_fro_is_straightened() {
        let mut legs: Vec<Leg> = [0.0, 1.0, 5.0, 2.0, 3.0, 4.0]
            .iter()
            .enumerate()
            .map(|(i, x)| Leg::new(i, SlidePx::new(*x, 0.0), SlidePx::new(*x, 0.0)))
            .collect();
        shorten(&mut legs, 0.1);
        assert_eq!(length(&legs), 5.0);
    }
}
