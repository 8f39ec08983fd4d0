//! Where the cells of the truth lie: on a grid of their own, in solid nests, most of them in the hot spot.

use super::Cell;
use super::cells::{Tissue, sites};
use super::figures::{Figure, LOOK_ALIKES, PHASES};
use super::layout::{Layout, Place};
use super::noise::Dice;
use super::rings;

/// Grid of the places where a cell of the truth may be: two of them are at least half as far apart.
const FIGURES: f32 = 168.0;
/// Mitotic figures and look-alikes that a million pixels of tissue (1/16 mm2) are to have.
const WANTED: [f32; 2] = [1.1, 1.6];
/// At most so many of the places for cells of the truth are taken, of each kind, in the midst of the hot spot.
const FULLEST: [f32; 2] = [0.45, 0.4];

/// How much the heat of a place matters to mitotic figures and to look-alikes.
fn weights(heat: f32) -> [f32; 2] {
    [(0.08 + heat) / 1.08, 0.3 + 0.7 * heat]
}

/// Shares of the places for mitotic figures and look-alikes that are taken where it is hottest, found from samples, so
/// that slides of any seed have about as many as they should.
pub(super) fn rates(layout: &Layout) -> [f32; 2] {
    let (mut tissue, mut room) = (0.0, [0.0; 2]);
    for f in &layout.fragments {
        let r = f.reach();
        let pitch = FIGURES.max(r / 24.0);
        let n = (2.0 * r / pitch) as usize;
        for k in 0..n * n {
            let at = [f.at[0] - r + (k % n) as f32 * pitch, f.at[1] - r + (k / n) as f32 * pitch];
            let p = layout.place(at[0], at[1]);
            if p.edge > 0.0 {
                tissue += pitch * pitch / 1e6;
            }
            if hosts(&p) {
                let share = pitch * pitch / (FIGURES * FIGURES);
                let weights = weights(layout.heat(at[0], at[1]));
                room = std::array::from_fn(|k| room[k] + share * weights[k]);
            }
        }
    }
    std::array::from_fn(|k| (WANTED[k] * tissue / room[k].max(1e-3)).min(FULLEST[k]))
}

/// May a cell of the truth lie here? Deep in a solid nest of living tumour.
fn hosts(p: &Place) -> bool {
    p.edge > 90.0 && p.nest > 22.0 && p.gland < -16.0 && p.dead < 0.02 && p.layers < 1.01
}

impl Tissue {
    /// The cell of the truth at a place of its grid, if there is one.
    fn figure(&self, i: i64, j: i64) -> Option<Figure> {
        let layout = &self.layout;
        let mut dice = Dice::new(layout.seed, 51, i, j);
        let at = [
            (i as f32 + dice.between(0.26, 0.74)) * FIGURES,
            (j as f32 + dice.between(0.26, 0.74)) * FIGURES,
        ];
        let heat = layout.heat(at[0], at[1]);
        let weights = weights(heat);
        let [mitotic, look_alike] = [0, 1].map(|k| self.rates[k] * weights[k]);
        let drawn = dice.unit();
        if drawn >= mitotic + look_alike {
            return None;
        }
        let inside = |v: f32, side: u32| v >= 20.0 && v < side as f32 - 20.0;
        if !inside(at[0], layout.width) || !inside(at[1], layout.height) {
            return None;
        }
        let p = layout.place(at[0], at[1]);
        let kind = dice.unit();
        let pick = |names: &[&'static str], shares: &[f32]| {
            let mut sum = 0.0;
            let below = shares.iter().take_while(|share| {
                sum += **share;
                sum < kind
            });
            names[below.count().min(names.len() - 1)]
        };
        let free = hosts(&p) && rings::clear(layout, at, 44.0);
        free.then(|| {
            let phase = if drawn < mitotic {
                pick(&PHASES, &[0.28, 0.42, 0.17, 0.13])
            } else {
                pick(&LOOK_ALIKES, &[0.34, 0.33, 0.33])
            };
            Figure { at, phase, dice }
        })
    }

    /// The cells of the truth from which something within `reach` may fall into the window.
    pub(super) fn figures(&self, window: [f32; 4], reach: f32) -> Vec<Figure> {
        let mut found = Vec::new();
        sites(window, FIGURES, reach, |i, j| found.extend(self.figure(i, j)));
        found
    }

    /// All cells of the truth, from the top down.
    pub(super) fn truth(&self) -> Vec<Cell> {
        let mut places = std::collections::BTreeSet::new();
        for f in &self.layout.fragments {
            let r = f.reach();
            let window = [f.at[0] - r, f.at[1] - r, 2.0 * r, 2.0 * r];
            sites(window, FIGURES, 0.0, |i, j| {
                places.insert((j, i));
            });
        }
        places
            .into_iter()
            .filter_map(|(j, i)| self.figure(i, j))
            .map(|f| Cell {
                x: f64::from(f.at[0]),
                y: f64::from(f.at[1]),
                mitotic: PHASES.contains(&f.phase),
                phase: f.phase,
            })
            .collect()
    }
}
