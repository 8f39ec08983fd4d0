//! What has a lumen: glands of the tumour and vessels of the stroma.

use super::canvas::{Canvas, Nucleus};
use super::layout::{Layout, UM};
use super::matter::Matter;
use super::noise::{Dice, bump, mix, step};
use std::f32::consts::{PI, TAU};

/// Grid of the glands, in pixels.
const GLANDS: f32 = 370.0;
/// Grid of arteries and veins.
const VESSELS: f32 = 1000.0;
/// Grid of the capillaries.
const CAPILLARIES: f32 = 330.0;
/// No ring reaches farther from its place of the grid.
const REACH: f32 = 480.0;
const STEPS: usize = 128;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Gland,
    Vessel,
}

/// A closed wall around a lumen.
pub(super) struct Ring {
    pub(super) at: [f32; 2],
    kind: Kind,
    /// Mean radius in pixels.
    radius: f32,
    /// Thickness of the wall.
    wall: f32,
    turn: [f32; 2],
    /// Width by length.
    aspect: f32,
    /// Radius by angle.
    profile: [f32; STEPS + 1],
    place: [i64; 3],
}

impl Ring {
    fn new(kind: Kind, at: [f32; 2], radius: f32, wall: f32, place: [i64; 3], dice: &mut Dice) -> Self {
        let (s, c) = dice.angle().sin_cos();
        let rough = if kind == Kind::Gland { 1.0 } else { 0.6 };
        let waves = [(2.0, 0.075), (3.0, 0.075), (5.0, 0.045), (9.0, 0.015)]
            .map(|(k, a): (f32, f32)| (k, a * rough * dice.between(0.4, 1.0), dice.angle()));
        let profile = std::array::from_fn(|i| {
            let angle = i as f32 * TAU / STEPS as f32;
            radius * waves.iter().fold(1.0, |r, (k, a, p)| r + a * (k * angle + p).cos())
        });
        let aspect = dice.between(0.55, 1.0);
        Self {
            at,
            kind,
            radius,
            wall: wall.min(0.75 * radius * aspect),
            turn: [c, s],
            aspect,
            profile,
            place,
        }
    }

    /// Distance into the ring from its outer border, and the angle; of a place relative to the centre.
    #[inline]
    fn depth(&self, dx: f32, dy: f32) -> (f32, f32) {
        let u = dx * self.turn[0] + dy * self.turn[1];
        let v = (dy * self.turn[0] - dx * self.turn[1]) / self.aspect;
        let angle = v.atan2(u) + PI;
        let t = angle * (STEPS as f32 / TAU);
        let i = (t as usize).min(STEPS - 1);
        let r = mix(self.profile[i], self.profile[i + 1], t - i as f32);
        // Across the short way a step in v is longer than it is on the slide.
        ((r - u.hypot(v)) * (0.5 + 0.5 * self.aspect), angle)
    }

    /// The place at this depth and angle, and the direction outwards there.
    fn place_at(&self, depth: f32, angle: f32) -> ([f32; 2], f32) {
        let t = angle.rem_euclid(TAU) * (STEPS as f32 / TAU);
        let i = (t as usize).min(STEPS - 1);
        let r = mix(self.profile[i], self.profile[i + 1], t - i as f32) - depth / (0.5 + 0.5 * self.aspect);
        let (s, c) = (angle + PI).sin_cos();
        let (u, v) = (r * c, r * s * self.aspect);
        let (nu, nv) = (c * self.aspect, s);
        let [tc, ts] = self.turn;
        let out = (nv * tc + nu * ts).atan2(nu * tc - nv * ts);
        ([self.at[0] + u * tc - v * ts, self.at[1] + v * tc + u * ts], out)
    }

    /// Is the place within the ring or nearer than `margin` to it?
    pub(super) fn holds(&self, [x, y]: [f32; 2], margin: f32) -> bool {
        let (dx, dy) = (x - self.at[0], y - self.at[1]);
        let reach = 1.2 * self.radius + margin;
        dx.abs() < reach && dy.abs() < reach && self.depth(dx, dy).0 > -margin
    }

    fn dice(&self) -> Dice {
        Dice::new(self.place[0] as u64, 33, self.place[1], self.place[2])
    }

    /// Wall and lumen.
    pub(super) fn paint(&self, canvas: &mut Canvas, matter: &Matter) {
        let reach = 1.2 * self.radius + 3.0;
        if !canvas.sees(self.at, reach) {
            return;
        }
        let mut dice = self.dice();
        let filled = dice.unit();
        let tone = dice.sign();
        let columns = (TAU * self.radius / (6.2 * UM)).max(5.0).round();
        let [cx, cy] = self.at;
        canvas.around(self.at, reach, |dx, dy| {
            let (t, angle) = self.depth(dx, dy);
            if t < -2.0 {
                return None;
            }
            let (x, y) = (cx + dx, cy + dy);
            let cover = step(-1.5, 1.5, t);
            let uneven = matter.grain.at(x / 16.0, y / 16.0);
            let open = step(-1.6, 1.6, t - self.wall + 4.0 * uneven);
            let wall = match self.kind {
                Kind::Gland => {
                    let part = (angle / TAU * columns + 0.1 * uneven).fract();
                    let side = part.min(1.0 - part) * TAU * (self.radius - t) / columns;
                    let apex = step(0.45, 1.0, t / self.wall);
                    let granules = matter.grain.at(x / 4.3, y / 4.3);
                    let base = bump(t - 1.0, 3.0);
                    [
                        0.1 + 0.03 * tone + 0.02 * granules - 0.05 * apex + 0.02 * base,
                        0.23 + 0.03 * tone + 0.04 * granules - 0.05 * apex
                            + 0.14 * base
                            + 0.06 * bump(side, 1.8),
                    ]
                }
                Kind::Vessel => {
                    let turn = angle * self.radius / 70.0;
                    let line = matter.fibre.at(turn, t / 5.0 + cx);
                    [0.03 + 0.02 * line, 0.33 + 0.08 * line]
                }
            };
            let lumen = match self.kind {
                // Secretion in some glands, plasma in some vessels; it shrinks off the wall.
                Kind::Gland if filled > 0.55 => {
                    let clot = matter.grain.rough(x / 40.0, y / 40.0 + 70.0);
                    let k = step(8.0, 16.0, t - self.wall + 14.0 * clot);
                    [0.02 * k, k * (0.13 + 0.03 * clot)]
                }
                Kind::Vessel if filled > 0.6 => {
                    let clot = matter.grain.at(x / 70.0, y / 70.0 + 70.0) + 0.2 * uneven;
                    let k = step(-0.12, 0.02, clot);
                    [0.012 * k, 0.1 * k]
                }
                _ => [0.003, 0.006],
            };
            Some(([mix(wall[0], lumen[0], open), mix(wall[1], lumen[1], open)], cover))
        });
    }

    /// The nuclei of the wall, and red cells in a vessel.
    pub(super) fn contents(&self, canvas: &mut Canvas, nuclei: &mut Vec<Nucleus>) {
        if !canvas.sees(self.at, 1.2 * self.radius + 60.0) {
            return;
        }
        let mut dice = self.dice();
        let full = dice.unit();
        let tone = dice.sign();
        let round = TAU * self.radius * (0.5 + 0.5 * self.aspect);
        match self.kind {
            Kind::Gland => {
                let n = (round / (6.4 * UM)).max(4.0) as u32;
                for k in 0..n {
                    let angle = (k as f32 + 0.25 * dice.sign()) * TAU / n as f32;
                    let layer = if dice.chance(0.28) { 0.58 } else { 0.36 };
                    let (at, out) = self.place_at(self.wall * layer + 4.0 * dice.sign(), angle);
                    nuclei.push(epithelial(at, out + 0.2 * dice.sign(), tone, &mut dice));
                }
            }
            Kind::Vessel => {
                self.blood(canvas, full, &mut dice);
                let layers = (self.wall / (7.0 * UM)).max(0.0) as u32;
                let spread = if self.radius < 50.0 { 24.0 } else { 28.0 };
                let n = (round / (spread * UM) + dice.unit()) as u32 + 1;
                for k in 0..n * (layers + 1) {
                    let inner = k < n;
                    let angle = (k % n) as f32 * TAU / n as f32 + dice.between(-0.4, 0.4);
                    let depth = if inner { self.wall - 1.0 } else { self.wall * dice.between(0.15, 0.8) };
                    let (at, out) = self.place_at(depth, angle);
                    let mut nucleus = spindle(at, out + PI / 2.0 + 0.12 * dice.sign(), &mut dice);
                    if inner {
                        nucleus.half = [(0.7 * nucleus.half[0]).min(0.55 * self.radius), nucleus.half[1]];
                        nucleus.dark += 0.08;
                    }
                    nuclei.push(nucleus);
                }
            }
        }
    }

    /// Red cells in the lumen.
    fn blood(&self, canvas: &mut Canvas, full: f32, dice: &mut Dice) {
        let room = self.radius * self.aspect - self.wall;
        let most = (room / (3.6 * UM)).powi(2) * self.aspect.recip();
        let n = (most * (1.5 * full - 0.25)).clamp(0.0, 160.0) as u32;
        for _ in 0..n {
            let far = dice.unit().sqrt();
            let (s, c) = dice.angle().sin_cos();
            let (u, v) = (c * far * (self.radius - self.wall - 10.0), s * far * (room - 10.0));
            let [tc, ts] = self.turn;
            let at = [self.at[0] + u * tc - v * ts, self.at[1] + v * tc + u * ts];
            let (r, squash) = (dice.between(2.6, 3.3) * UM, dice.between(0.75, 1.0));
            let (s, c) = dice.angle().sin_cos();
            let dark = dice.between(0.36, 0.5);
            canvas.around(at, r + 2.0, |dx, dy| {
                let d = r - (dx * c + dy * s).hypot((dy * c - dx * s) / squash);
                let cover = step(-1.2, 1.2, d);
                let pale = bump(r - d, 0.6 * r);
                (cover > 0.0).then_some(([-0.035, dark * (1.0 - 0.25 * pale)], cover))
            });
        }
    }
}

/// The nucleus of a gland's cell.
fn epithelial(at: [f32; 2], turn: f32, tone: f32, dice: &mut Dice) -> Nucleus {
    let dark = 0.25 + 0.03 * tone + 0.05 * dice.sign();
    Nucleus {
        at,
        half: [dice.between(4.2, 5.4) * UM, dice.between(2.7, 3.4) * UM],
        turn,
        dark,
        clumps: dice.between(0.08, 0.16),
        grain: dice.between(3.6, 5.0),
        rim: 0.13,
        pink: 0.16,
        soft: dice.between(1.6, 3.0),
        bend: 0.0,
        taper: 0.0,
        uneven: 0.1,
        nucleoli: [
            [dice.sign() * 0.3, dice.sign() * 0.3, if dice.chance(0.5) { 3.2 } else { 0.0 }],
            [0.0; 3],
        ],
    }
}

/// The nucleus of a fibroblast, muscle cell or endothelium.
pub(super) fn spindle(at: [f32; 2], turn: f32, dice: &mut Dice) -> Nucleus {
    Nucleus {
        at,
        half: [dice.between(2.5, 6.2) * UM, dice.between(0.75, 1.55) * UM],
        turn,
        dark: dice.between(0.3, 0.56),
        clumps: 0.12,
        grain: 4.0,
        rim: 0.07,
        pink: 0.2,
        soft: dice.between(1.5, 3.2),
        bend: 0.9 * dice.sign(),
        taper: dice.between(0.1, 0.9),
        uneven: 0.2,
        nucleoli: [[0.0; 3]; 2],
    }
}

/// All rings that reach into a window, in an order that doesn't depend on the window.
pub(super) fn rings(layout: &Layout, window: [f32; 4]) -> Vec<Ring> {
    let mut found = Vec::new();
    super::cells::sites(window, CAPILLARIES, 90.0, |i, j| found.extend(capillary(layout, i, j)));
    super::cells::sites(window, VESSELS, REACH, |i, j| found.extend(vessel(layout, i, j)));
    super::cells::sites(window, GLANDS, REACH, |i, j| found.extend(gland(layout, i, j)));
    found
}

/// Is there no gland and no larger vessel within `margin` of a place?
pub(super) fn clear(layout: &Layout, at: [f32; 2], margin: f32) -> bool {
    let window = [at[0], at[1], 0.0, 0.0];
    let mut clear = true;
    super::cells::sites(window, VESSELS, REACH, |i, j| {
        clear = clear && vessel(layout, i, j).is_none_or(|r| !r.holds(at, margin));
    });
    super::cells::sites(window, GLANDS, REACH, |i, j| {
        clear = clear && gland(layout, i, j).is_none_or(|r| !r.holds(at, margin));
    });
    clear
}

fn gland(layout: &Layout, i: i64, j: i64) -> Option<Ring> {
    let mut dice = Dice::new(layout.seed, 31, i, j);
    let radius = dice.between(19.0, 34.0) * UM;
    let free = (GLANDS / 2.0 - 1.2 * radius - 6.0).max(0.0);
    let shift = if j % 2 == 0 { 0.0 } else { 0.5 };
    let (x, y) = ((i as f32 + 0.5 + shift) * GLANDS, (j as f32 + 0.5) * GLANDS);
    let (dx, dy) = layout.drift(x, y);
    let at = [x + dx + dice.sign() * free, y + dy + dice.sign() * free];
    if dice.chance(0.15) {
        return None;
    }
    let p = layout.place(at[0], at[1]);
    let fits = p.gland > 0.5 * radius
        && p.mass > 0.5 * radius
        && p.edge > radius + 50.0
        && p.fat < -radius
        && p.dead < 0.1;
    fits.then(|| {
        let wall = dice.between(13.0, 20.0) * UM;
        Ring::new(Kind::Gland, at, radius, wall, [layout.seed as i64, i, j], &mut dice)
    })
}

fn vessel(layout: &Layout, i: i64, j: i64) -> Option<Ring> {
    let mut dice = Dice::new(layout.seed, 32, i, j);
    let radius = if dice.chance(0.35) { dice.between(26.0, 48.0) } else { dice.between(12.0, 24.0) } * UM;
    let at =
        [(i as f32 + dice.between(0.25, 0.75)) * VESSELS, (j as f32 + dice.between(0.25, 0.75)) * VESSELS];
    let artery = dice.chance(0.45);
    let wall = radius * if artery { dice.between(0.32, 0.45) } else { dice.between(0.1, 0.16) };
    let p = layout.place(at[0], at[1]);
    let fits = p.mass < -radius - 16.0 && p.fat < -radius - 16.0 && p.edge > 1.2 * radius + 30.0;
    fits.then(|| Ring::new(Kind::Vessel, at, radius, wall, [layout.seed as i64, i, j + (1 << 40)], &mut dice))
}

fn capillary(layout: &Layout, i: i64, j: i64) -> Option<Ring> {
    let mut dice = Dice::new(layout.seed, 34, i, j);
    let radius = dice.between(4.5, 9.5) * UM;
    let at = [(i as f32 + dice.unit()) * CAPILLARIES, (j as f32 + dice.unit()) * CAPILLARIES];
    let p = layout.place(at[0], at[1]);
    let stroma = p.mass < -radius || p.nest < -radius && p.gland < -radius;
    if !stroma || p.fat > -radius - 8.0 || p.edge < 1.2 * radius + 20.0 || dice.chance(0.3) {
        return None;
    }
    let mut clash = false;
    let window = [at[0], at[1], 1.0, 1.0];
    super::cells::sites(window, VESSELS, REACH, |i, j| {
        clash |= vessel(layout, i, j).is_some_and(|v| v.holds(at, 1.3 * radius + 8.0));
    });
    let wall = dice.between(1.6, 2.6) * UM;
    (!clash)
        .then(|| Ring::new(Kind::Vessel, at, radius, wall, [layout.seed as i64, i, j + (1 << 41)], &mut dice))
}
