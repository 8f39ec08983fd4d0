//! What lies between the nuclei: stroma, cytoplasm, fat, dead tissue.

use super::canvas::{Canvas, Mosaic};
use super::layout::{Lattice, Place};
use super::noise::{Noise, bump, mix, step};

/// Noise for the texture of tissue.
pub(super) struct Matter {
    pub(super) fibre: Noise,
    pub(super) grain: Noise,
}

impl Matter {
    /// The textures of one seed.
    pub(super) fn new(seed: u64) -> Self {
        Self { fibre: Noise::new(seed, 21), grain: Noise::new(seed, 22) }
    }

    /// Collagen: wavy bands with finer lines, torn into clefts where it is loose.
    #[inline]
    fn stroma(&self, p: &Place, x: f32, y: f32) -> [f32; 2] {
        let (u, v) = (p.along, p.across);
        let knit = self.grain.at(x / 9.0, y / 9.0);
        let v = v + 1.2 * knit;
        let band = self.fibre.at(u / 210.0, v / 17.0);
        let line = self.fibre.at(u / 55.0 + 9.0, v / 4.6);
        let strand = self.fibre.at(u / 420.0 + 70.0, v / 52.0);
        let line = line * (0.35 + 0.65 * step(-0.4, 0.5, self.fibre.at(u / 130.0 + 210.0, v / 44.0)));
        let cleft = self.fibre.at(u / 240.0 + 33.0, v / 21.0) + 0.45 * strand + 0.25 * line;
        let from = mix(0.6, 0.02, p.loose);
        let open = step(from, from + 0.26, cleft);
        // Bundles part from each other along fine pale lines.
        let seam =
            bump(self.fibre.at(u / 190.0 + 140.0, v / 12.0), 0.16) * step(-0.5, 0.4, strand + 0.8 * band);
        let fleck = self.grain.at(x / 2.9, y / 2.9 + 30.0);
        let e = 0.295 + 0.16 * band + 0.14 * line + 0.1 * strand + 0.05 * fleck;
        // Some bundles are redder than eosin alone: less haematoxylin than none.
        let h = 0.002 - 0.045 * band + 0.02 * line + 0.016 * knit + 0.012 * fleck - 0.025 * strand;
        let keep = (1.0 - 0.97 * open) * (1.0 - mix(0.3, 0.6, p.loose) * seam);
        [h.max(-0.08) * keep, e.max(0.05) * keep]
    }

    /// Cytoplasm of the tumour's cells, packed side by side; gaps here and there.
    #[inline]
    fn cytoplasm(&self, x: f32, y: f32, cell: Option<(f32, f32, usize)>, tones: &[f32]) -> [f32; 2] {
        let granules = self.grain.at(x / 4.1, y / 4.1);
        let cloud = self.grain.at(x / 17.0 + 40.0, y / 17.0);
        let Some((border, from, owner)) = cell else {
            return [0.05 + 0.02 * granules, 0.24 + 0.03 * cloud];
        };
        let tone = tones[owner];
        let h = 0.055 + 0.035 * tone + 0.03 * cloud + 0.02 * granules;
        let e = 0.245 + 0.07 * tone + 0.085 * cloud + 0.09 * granules;
        let wall = bump(border, 2.6);
        let gap = step(0.0, 0.6, self.grain.at(x / 70.0, y / 70.0 + 77.0)) * step(4.2, 0.4, border);
        let fade = 1.0 - 0.2 * step(14.0, 30.0, from);
        [(h * fade + 0.02 * wall) * (1.0 - 0.85 * gap), (e * fade + 0.05 * wall) * (1.0 - 0.85 * gap)]
    }

    /// Fat: empty cells between thin walls.
    #[inline]
    fn fat(&self, x: f32, y: f32, cell: Option<(f32, f32, usize)>, outline: f32) -> [f32; 2] {
        let border = cell.map_or(0.0, |c| c.0).min(outline) + 1.8 * self.grain.at(x / 30.0, y / 30.0);
        let wall = step(3.4, 1.0, border);
        let tone = 0.75 + 0.4 * self.grain.at(x / 60.0, y / 60.0 + 11.0);
        [0.055 * wall * tone, 0.22 * wall * tone]
    }

    /// Dead tissue: smudged, granular, pale.
    #[inline]
    fn dead(&self, x: f32, y: f32) -> [f32; 2] {
        let smudge = self.grain.rough(x / 38.0, y / 38.0 + 5.0);
        let granules = self.grain.rough(x / 5.3, y / 5.3 + 50.0);
        [0.045 + 0.025 * smudge + 0.015 * granules, (0.255 + 0.085 * smudge + 0.055 * granules).max(0.02)]
    }

    /// Lays the ground of a whole canvas.
    pub(super) fn lay(&self, canvas: &mut Canvas, lattice: &Lattice, cells: &Cells) {
        let mut row = vec![Place::default(); canvas.w];
        for j in 0..canvas.h {
            let y = canvas.y + j as i64;
            lattice.row(canvas.x, y, &mut row);
            for (i, p) in row.iter().enumerate() {
                if p.edge < -30.0 {
                    continue;
                }
                let (x, y) = ((canvas.x + i as i64) as f32, y as f32);
                canvas.stain[j * canvas.w + i] = self.ground(p, x, y, i, j, cells);
            }
        }
    }

    /// One pixel of the ground.
    #[inline]
    fn ground(&self, p: &Place, x: f32, y: f32, i: usize, j: usize, cells: &Cells) -> [f32; 2] {
        let mut outline = 100.0;
        let fringe = if p.edge < 40.0 {
            let ragged = 13.0 * self.grain.rough(x / 31.0, y / 31.0)
                + 9.0 * self.fibre.at(p.along / 120.0, p.across / 9.0);
            outline = p.edge + ragged;
            step(-1.5, 1.5, outline)
        } else {
            1.0
        };
        if fringe <= 0.0 {
            return [0.0; 2];
        }
        let fat = if p.fat > -15.0 {
            step(-1.6, 1.6, p.fat + 9.0 * self.grain.at(x / 45.0, y / 45.0))
        } else {
            0.0
        };
        // Whole cells belong to a nest: its border runs along cells, not through them.
        let mut nest = 0.0;
        let mut cell = None;
        if let Some(mosaic) = &cells.tumour {
            let bend = [self.grain.at(x / 21.0, y / 21.0 + 3.0), self.grain.at(x / 21.0 + 47.0, y / 21.0)];
            cell = mosaic.at(i as f32 + 5.0 * bend[0], j as f32 + 5.0 * bend[1]);
            let cover = cell.map_or(0.0, |(_, from, _)| step(27.0, 24.0, from));
            nest = cover.max(step(16.0, 20.0, p.nest) * step(-20.0, -24.0, p.gland));
        }
        let lay = |under: [f32; 2], over: [f32; 2], cover: f32| {
            [mix(under[0], over[0], cover), mix(under[1], over[1], cover)]
        };
        let mut s = if nest < 1.0 && fat < 1.0 { self.stroma(p, x, y) } else { [0.0; 2] };
        if nest > 0.0 {
            s = lay(s, self.cytoplasm(x, y, cell, &cells.tones), nest);
        }
        if fat > 0.0 {
            let bend = [self.grain.at(x / 52.0, y / 52.0 + 8.0), self.grain.at(x / 52.0 + 91.0, y / 52.0)];
            let at = (i as f32 + 9.0 * bend[0], j as f32 + 9.0 * bend[1]);
            let cell = cells.fat.as_ref().and_then(|m| m.at(at.0, at.1));
            let outline = outline.min(p.fat.max(0.0) + 3.0);
            s = lay(s, self.fat(x, y, cell, outline), fat);
        }
        if p.dead > 0.0 {
            s = lay(s, self.dead(x, y), p.dead);
        }
        [s[0] * fringe, s[1] * fringe]
    }
}

/// Cells that fill the ground.
#[derive(Default)]
pub(super) struct Cells {
    pub(super) tumour: Option<Mosaic>,
    /// Tone of each tumour cell, -1 to 1.
    pub(super) tones: Vec<f32>,
    pub(super) fat: Option<Mosaic>,
}
