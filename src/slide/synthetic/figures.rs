//! Mitotic figures in their phases and the look-alikes of the truth.

use super::canvas::{Canvas, Nucleus};
use super::layout::UM;
use super::noise::{Dice, Noise, bump, mix, step};

/// Phases of mitosis.
pub(super) const PHASES: [&str; 4] = ["prophase", "metaphase", "anaphase", "telophase"];
/// Kinds of look-alikes.
pub(super) const LOOK_ALIKES: [&str; 3] = ["pyknotic", "hyperchromatic", "apoptotic"];
/// No figure reaches farther from its centre, in pixels.
pub(super) const REACH: f32 = 66.0;

/// A cell of the truth as it is drawn.
pub(super) struct Figure {
    pub(super) at: [f32; 2],
    pub(super) phase: &'static str,
    pub(super) dice: Dice,
}

/// A piece of condensed chromatin: a thick bent line.
struct Rod {
    at: [f32; 2],
    half: f32,
    thick: f32,
    /// How far its ends bend aside.
    bend: f32,
}

impl Figure {
    /// Lays the figure on the canvas.
    pub(super) fn paint(mut self, canvas: &mut Canvas, noise: &Noise) {
        if !canvas.sees(self.at, REACH) {
            return;
        }
        match self.phase {
            "prophase" => self.prophase(canvas, noise),
            "metaphase" => self.metaphase(canvas, noise),
            "anaphase" => self.anaphase(canvas, noise),
            "telophase" => self.telophase(canvas, noise),
            "pyknotic" => self.pyknotic(canvas, noise),
            "hyperchromatic" => self.hyperchromatic(canvas, noise),
            _ => self.apoptotic(canvas, noise),
        }
    }

    /// The rounded cell around a figure: half axes in pixels, its stain, the strength of its border, a halo of
    /// empty ground outside of it.
    fn body(
        &self,
        canvas: &mut Canvas,
        noise: &Noise,
        (turn, [a, b]): (f32, [f32; 2]),
        stain: [f32; 2],
        (wall, halo): (f32, f32),
    ) {
        let (s, c) = turn.sin_cos();
        let [cx, cy] = self.at;
        canvas.around(self.at, a.max(b) * 1.12 + halo, |dx, dy| {
            let (u, v) = (dx * c + dy * s, dy * c - dx * s);
            let wobble = 1.0 + 0.09 * noise.at(cx + dx / 19.0, cy + dy / 19.0);
            let q = (u / a).hypot(v / b) / wobble;
            let d = (1.0 - q) * a.min(b);
            if d < -halo - 1.0 {
                return None;
            }
            if d < 0.0 && halo > 0.0 {
                let part = 0.75 + 0.6 * noise.at(cx + dx / 15.0 + 60.0, cy + dy / 15.0);
                let cover =
                    step(-halo * part.max(0.1), -0.2 * halo, d) * (0.35 + 0.65 * part).clamp(0.0, 1.0);
                return Some(([0.02, 0.04], cover));
            }
            let granules = noise.rough((cx + dx) / 4.3, (cy + dy) / 4.3);
            let rim = wall * bump(d - 1.5, 2.6);
            let e = stain[1] * (1.0 + 0.16 * granules) + rim;
            let h = stain[0] * (1.0 + 0.2 * granules) + 0.3 * rim;
            Some(([h, e], step(-1.2, 1.2, d)))
        });
    }

    /// Rods of chromatin with hairy edges.
    fn rods(&self, canvas: &mut Canvas, noise: &Noise, turn: f32, rods: &[Rod], dark: f32) {
        let (s, c) = turn.sin_cos();
        let [cx, cy] = self.at;
        canvas.around(self.at, REACH - 6.0, |dx, dy| {
            // u along the rods, v across.
            let (u, v) = (dx * c + dy * s, dy * c - dx * s);
            let near = rods.iter().fold(f32::MAX, |best, r| {
                let (ru, rv) = (u - r.at[0], v - r.at[1]);
                let t = (ru / r.half).clamp(-1.0, 1.0);
                let d = (ru - t * r.half).hypot(rv - r.bend * t * t) - r.thick * (1.0 - 0.25 * t * t);
                best.min(d)
            });
            if near > 5.0 {
                return None;
            }
            let hair =
                noise.at(cx + u / 3.1, cy + v / 5.5) + 0.45 * noise.at(cx + u / 7.5 + 9.0, cy + v / 7.5);
            let d = near + 1.5 * hair;
            let cover = step(1.3, -1.1, d);
            if cover <= 0.0 {
                return None;
            }
            let clump = 0.06 * noise.at(cx + u / 4.7, cy + v / 4.7 + 31.0);
            Some(([dark + clump, 0.1], cover))
        });
    }

    /// Clear cytoplasm of a cell in division.
    fn clear(&mut self) -> [f32; 2] {
        [self.dice.between(0.035, 0.07), self.dice.between(0.14, 0.21)]
    }

    fn prophase(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let stain = self.clear();
        let r = self.dice.between(7.6, 8.8) * UM;
        self.body(canvas, noise, (turn, [r, r * 0.93]), stain, (0.06, 0.0));
        let [a, b] = [self.dice.between(4.3, 5.3) * UM, self.dice.between(3.8, 4.5) * UM];
        let late = self.dice.unit();
        let (s, c) = turn.sin_cos();
        let [cx, cy] = self.at;
        canvas.around(self.at, a + 6.0, |dx, dy| {
            let (u, v) = (dx * c + dy * s, dy * c - dx * s);
            let edge =
                0.12 * noise.at(cx + u / 6.0, cy + v / 6.0) + 0.07 * noise.at(cx + u / 2.8, cy + v / 2.8);
            let q = (u / a).hypot(v / b) + edge;
            let cover = step(1.06, 0.9, q);
            if cover <= 0.0 {
                return None;
            }
            // Threads run where noise crosses zero; later they lie closer.
            let thread = noise.at(cx + u / 9.0, cy + v / 9.0).abs();
            let thread = thread.min(noise.at(cx + u / 6.8 + 40.0, cy + v / 6.8).abs());
            let k = step(mix(0.2, 0.34, late), 0.05, thread);
            Some(([mix(mix(0.36, 0.6, late), 1.02, k), 0.12], cover))
        });
    }

    fn metaphase(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let stain = self.clear();
        let r = self.dice.between(8.2, 9.6) * UM;
        self.body(canvas, noise, (turn, [r * 0.95, r]), stain, (0.06, 0.0));
        let dark = self.dice.between(0.98, 1.12);
        if self.dice.chance(0.22) {
            // Seen from the pole: a ring.
            let ring = self.dice.between(2.7, 3.5) * UM;
            let [cx, cy] = self.at;
            canvas.around(self.at, ring + 14.0, |dx, dy| {
                let hair = noise.at(cx + dx / 3.6, cy + dy / 3.6)
                    + 0.7 * noise.at(cx + dx / 8.0 + 5.0, cy + dy / 8.0);
                let d = (dx.hypot(dy * 1.08) - ring).abs() - 4.4 + 1.7 * hair;
                let cover = step(1.3, -1.1, d);
                (cover > 0.0).then_some(([dark, 0.1], cover))
            });
            return;
        }
        let half = self.dice.between(3.6, 4.9) * UM;
        let thick = self.dice.between(1.15, 1.6) * UM;
        let mut rods = vec![Rod { at: [0.0, 0.0], half: half - thick, thick, bend: self.dice.sign() * 3.5 }];
        // Arms that stand out of the plate, sometimes one that lags.
        for _ in 0..self.dice.below(4) {
            let at = [self.dice.sign() * half * 0.8, self.dice.sign() * 1.5 * thick];
            rods.push(Rod {
                at,
                half: self.dice.between(1.0, 3.0),
                thick: self.dice.between(1.6, 2.6),
                bend: 0.0,
            });
        }
        self.rods(canvas, noise, turn, &rods, dark);
    }

    fn anaphase(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let stain = self.clear();
        let apart = self.dice.between(2.8, 4.2) * UM;
        let r = self.dice.between(7.6, 8.6) * UM;
        self.body(canvas, noise, (turn, [r, r + 0.7 * apart]), stain, (0.06, 0.0));
        let rods = self.pair(apart, 3.5, 4.5, 4.5);
        self.rods(canvas, noise, turn, &rods, 1.05);
    }

    fn telophase(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let stain = self.clear();
        let apart = self.dice.between(5.4, 6.8) * UM;
        let r = self.dice.between(6.0, 6.8) * UM;
        // Two daughters that still touch; the wall between them is the furrow.
        let (s, c) = turn.sin_cos();
        let centre = self.at;
        for side in [-0.92, 0.92] {
            self.at = [centre[0] - s * apart * side, centre[1] + c * apart * side];
            self.body(canvas, noise, (turn, [r * 1.08, r * 0.97]), stain, (0.1, 0.0));
        }
        self.at = centre;
        let rods = self.pair(apart, 3.0, 3.9, 2.5);
        self.rods(canvas, noise, turn, &rods, 1.05);
    }

    /// Two plates side by side, bent as the spindle pulls them.
    fn pair(&mut self, apart: f32, least: f32, most: f32, bend: f32) -> Vec<Rod> {
        [-1.0, 1.0]
            .map(|side| {
                let half = self.dice.between(least, most) * UM;
                let thick = self.dice.between(0.95, 1.25) * UM;
                let shift = self.dice.sign() * 3.0;
                let bend = -side * bend * self.dice.between(0.3, 1.2);
                Rod { at: [shift, side * apart], half: half - thick, thick, bend }
            })
            .into()
    }

    fn pyknotic(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let r = self.dice.between(5.0, 6.4) * UM;
        let stain = [0.09, self.dice.between(0.27, 0.38)];
        let narrow = r * self.dice.between(0.75, 0.95);
        self.body(canvas, noise, (turn, [r, narrow]), stain, (0.03, 8.0));
        let a = self.dice.between(2.5, 3.2) * UM;
        let b = a * self.dice.between(0.82, 1.0);
        self.ball(canvas, [0.0, 0.0], [a, b], turn, 1.12);
    }

    fn apoptotic(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let r = self.dice.between(4.6, 5.8) * UM;
        let stain = [0.08, self.dice.between(0.48, 0.6)];
        self.body(canvas, noise, (turn, [r, r * 0.9]), stain, (0.0, 10.0));
        let pieces = 3 + self.dice.below(4);
        let start = self.dice.angle();
        for k in 0..pieces {
            let size = if k == 0 { self.dice.between(1.6, 2.1) } else { self.dice.between(0.7, 1.4) } * UM;
            let far = if k == 0 { 0.8 } else { self.dice.between(1.9, 3.2) } * UM;
            let (s, c) = (start + k as f32 * 6.3 / pieces as f32 + 0.3 * self.dice.sign()).sin_cos();
            self.ball(canvas, [far * c, far * s], [size, size * 0.92], turn, 1.1);
        }
    }

    fn hyperchromatic(&mut self, canvas: &mut Canvas, noise: &Noise) {
        let turn = self.dice.angle();
        let [a, b] = [self.dice.between(4.9, 6.2) * UM, self.dice.between(3.7, 4.5) * UM];
        self.body(canvas, noise, (turn, [a + 11.0, b + 11.0]), [0.11, 0.2], (0.07, 0.0));
        Nucleus {
            at: self.at,
            half: [a, b],
            turn,
            dark: self.dice.between(0.6, 0.7),
            clumps: 0.16,
            grain: 5.0,
            rim: 0.2,
            pink: 0.13,
            soft: 1.6,
            bend: 0.0,
            taper: 0.0,
            uneven: 0.1,
            nucleoli: [[0.0; 3]; 2],
        }
        .paint(canvas, noise);
    }

    /// A smooth, evenly dark ball of chromatin.
    fn ball(&self, canvas: &mut Canvas, off: [f32; 2], [a, b]: [f32; 2], turn: f32, dark: f32) {
        let (s, c) = turn.sin_cos();
        canvas.around([self.at[0] + off[0], self.at[1] + off[1]], a.max(b) + 3.0, |dx, dy| {
            let (u, v) = (dx * c + dy * s, dy * c - dx * s);
            let d = (1.0 - (u / a).hypot(v / b)) * a.min(b);
            let cover = step(-1.1, 1.1, d);
            (cover > 0.0).then_some(([dark - 0.1 * bump(d, 3.0), 0.16], cover))
        });
    }
}
