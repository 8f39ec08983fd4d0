//! Pieces of tissue: where they lie on the glass, their outlines, and what is where in each.

use super::noise::Dice;

/// One piece of tissue.
pub(super) struct Fragment {
    /// Centre.
    pub(super) at: [f32; 2],
    /// Half its width and height before it is turned.
    pub(super) radii: [f32; 2],
    turn: [f32; 2],
    waves: [[f32; 2]; 3],
    /// Unit vector towards the fat.
    pub(super) fat: [f32; 2],
    /// Middle of the tumour.
    pub(super) tumour: [f32; 2],
    /// Middle of what is dead.
    pub(super) dead: [f32; 2],
    /// A place on the fold, its direction, half its length.
    pub(super) fold: ([f32; 2], [f32; 2], f32),
}

impl Fragment {
    fn new(seed: u64, index: usize, at: [f32; 2], radii: [f32; 2]) -> Self {
        let mut dice = Dice::new(seed, 11, index as i64, 0);
        let tilt = dice.between(-0.3, 0.3);
        let waves = [0.2, 0.13, 0.07].map(|a| [a * dice.between(0.5, 1.0), dice.angle()]);
        let size = radii[0].min(radii[1]);
        let (s, c) = dice.angle().sin_cos();
        let place = |far: f32, turn: f32| {
            let (s, c) = (s * turn.cos() + c * turn.sin(), c * turn.cos() - s * turn.sin());
            [at[0] + c * radii[0] * far, at[1] + s * radii[1] * far]
        };
        let tumour = place(-0.2, dice.between(-0.4, 0.4));
        let dead = place(-0.42, dice.between(0.5, 0.9));
        let fold = place(0.45, dice.between(1.2, 1.8));
        let (fs, fc) = dice.angle().sin_cos();
        Self {
            at,
            radii,
            turn: [tilt.cos(), tilt.sin()],
            waves,
            fat: [c, s],
            tumour,
            dead,
            fold: (fold, [fc, fs], size * dice.between(0.35, 0.6)),
        }
    }

    /// The smaller half axis.
    pub(super) fn size(&self) -> f32 {
        self.radii[0].min(self.radii[1])
    }

    /// No tissue is farther from the centre than this.
    pub(super) fn reach(&self) -> f32 {
        1.5 * self.radii[0].max(self.radii[1]) + 60.0
    }

    /// Distance to the outline, about; positive inside.
    pub(super) fn edge(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.at[0], y - self.at[1]);
        let dx_t = (dx * self.turn[0] + dy * self.turn[1]) / self.radii[0];
        let dy_t = (dy * self.turn[0] - dx * self.turn[1]) / self.radii[1];
        let angle = dy_t.atan2(dx_t);
        let mut r = 0.92;
        for (k, [a, phase]) in [2.0, 3.0, 5.0].into_iter().zip(self.waves) {
            r += a * (k * angle + phase).cos();
        }
        (r - dx_t.hypot(dy_t)) * self.size()
    }
}

/// One to four pieces that share the slide between them.
pub(super) fn pieces(seed: u64, w: f32, h: f32) -> Vec<Fragment> {
    let mut dice = Dice::new(seed, 3, 0, 0);
    let (long, short) = (w.max(h), w.min(h));
    let n = if long < 5000.0 {
        1
    } else if short < 3000.0 {
        2
    } else {
        [2, 3, 3, 4][dice.below(4) as usize]
    };
    // Columns and rows along the longer side; four make a square.
    let (columns, rows) = match n {
        4 => (2, 2),
        n => (n, 1),
    };
    let (columns, rows) = if w >= h { (columns, rows) } else { (rows, columns) };
    let (cw, ch) = (w / columns as f32, h / rows as f32);
    (0..n)
        .map(|k| {
            let (i, j) = (k % columns, k / columns);
            let at = [
                (i as f32 + 0.5 + dice.between(-0.03, 0.03)) * cw,
                (j as f32 + 0.5 + dice.between(-0.03, 0.03)) * ch,
            ];
            let radii = [cw * dice.between(0.36, 0.42), ch * dice.between(0.35, 0.42)];
            // A piece is at most three times as long as wide.
            let radii = [radii[0].min(3.0 * radii[1]), radii[1].min(3.0 * radii[0])];
            Fragment::new(seed, k, at, radii)
        })
        .collect()
}

/// Small islands far apart: at most a dozen on a jittered grid.
pub(super) fn islands(seed: u64, w: f32, h: f32) -> Vec<Fragment> {
    let mut dice = Dice::new(seed, 4, 0, 0);
    let cells = [(w / 9000.0).clamp(1.0, 4.0) as usize, (h / 9000.0).clamp(1.0, 3.0) as usize];
    let (cw, ch) = (w / cells[0] as f32, h / cells[1] as f32);
    let mut found = Vec::new();
    for j in 0..cells[1] {
        for i in 0..cells[0] {
            let r = (cw.min(ch) * 0.3).min(dice.between(900.0, 1500.0));
            let free = [cw * 0.5 - 1.35 * r, ch * 0.5 - 1.35 * r];
            let at = [
                (i as f32 + 0.5) * cw + dice.sign() * free[0].max(0.0),
                (j as f32 + 0.5) * ch + dice.sign() * free[1].max(0.0),
            ];
            found.push(Fragment::new(seed, found.len(), at, [r, r * dice.between(0.75, 1.0)]));
        }
    }
    found
}
