//! Two stains on a window of the slide, and the shapes that are laid on them.

use super::noise::{Noise, bump, mix, step};

/// Amounts of haematoxylin and eosin (optical density along the stain's vector) of a window of pixels.
pub(super) struct Canvas {
    /// Left edge on the slide.
    pub(super) x: i64,
    /// Upper edge on the slide.
    pub(super) y: i64,
    pub(super) w: usize,
    pub(super) h: usize,
    /// Haematoxylin, eosin.
    pub(super) stain: Vec<[f32; 2]>,
}

impl Canvas {
    /// An empty window.
    pub(super) fn new(x: i64, y: i64, w: usize, h: usize) -> Self {
        Self { x, y, w, h, stain: vec![[0.0; 2]; w * h] }
    }

    /// Calls `paint` with each pixel within `reach` of a place, and where that pixel lies from it. `paint` gives
    /// back what is laid on the pixel and how densely.
    #[inline]
    pub(super) fn around(
        &mut self,
        [cx, cy]: [f32; 2],
        reach: f32,
        mut paint: impl FnMut(f32, f32) -> Option<([f32; 2], f32)>,
    ) {
        let (lx, ly) = (cx - self.x as f32, cy - self.y as f32);
        let range = |c: f32, n: usize| {
            let from = (c - reach).ceil().max(0.0) as usize;
            (from, ((c + reach).floor() + 1.0).clamp(0.0, n as f32) as usize)
        };
        let ((x0, x1), (y0, y1)) = (range(lx, self.w), range(ly, self.h));
        for y in y0..y1 {
            let dy = y as f32 - ly;
            let row = y * self.w;
            for x in x0..x1 {
                if let Some((laid, cover)) = paint(x as f32 - lx, dy) {
                    let s = &mut self.stain[row + x];
                    *s = [mix(s[0], laid[0], cover), mix(s[1], laid[1], cover)];
                }
            }
        }
    }

    /// Does anything within `reach` of a place fall into the window?
    pub(super) fn sees(&self, [cx, cy]: [f32; 2], reach: f32) -> bool {
        let (x, y) = (cx - self.x as f32, cy - self.y as f32);
        x > -reach && y > -reach && x < self.w as f32 + reach && y < self.h as f32 + reach
    }

    /// The microscope's optics: a blur of one pixel.
    pub(super) fn blur(&mut self) {
        let (w, h) = (self.w, self.h);
        let mut before = vec![[0.0; 2]; w];
        let mut here = vec![[0.0; 2]; w];
        for y in 0..h {
            here.copy_from_slice(&self.stain[y * w..(y + 1) * w]);
            if y == 0 {
                before.copy_from_slice(&here);
            }
            for x in 0..w {
                let below = if y + 1 < h { self.stain[(y + 1) * w + x] } else { here[x] };
                self.stain[y * w + x] =
                    std::array::from_fn(|k| 0.6 * here[x][k] + 0.2 * (before[x][k] + below[k]));
            }
            std::mem::swap(&mut before, &mut here);
            let row = &mut self.stain[y * w..(y + 1) * w];
            let mut left = row[0];
            for x in 0..w {
                let (mid, right) = (row[x], row[(x + 1).min(w - 1)]);
                row[x] = std::array::from_fn(|k| 0.6 * mid[k] + 0.2 * (left[k] + right[k]));
                left = mid;
            }
        }
    }
}

/// An interphase nucleus.
#[derive(Debug, Clone)]
pub(super) struct Nucleus {
    pub(super) at: [f32; 2],
    /// Half its length and half its width in pixels.
    pub(super) half: [f32; 2],
    /// Direction of its length.
    pub(super) turn: f32,
    /// Haematoxylin of the sap between the chromatin.
    pub(super) dark: f32,
    /// Haematoxylin that the clumps add.
    pub(super) clumps: f32,
    /// Size of the clumps in pixels.
    pub(super) grain: f32,
    /// Haematoxylin that the membrane adds.
    pub(super) rim: f32,
    /// Eosin.
    pub(super) pink: f32,
    /// Pixels over which its border fades: more out of focus.
    pub(super) soft: f32,
    /// How far its ends bend aside and how much they taper, in half widths.
    pub(super) bend: f32,
    pub(super) taper: f32,
    /// How uneven its outline is, 0 to 0.3.
    pub(super) uneven: f32,
    /// Nucleoli: place in units of the half axes, radius in pixels (0: none).
    pub(super) nucleoli: [[f32; 3]; 2],
}

impl Nucleus {
    /// Lays the nucleus on the canvas.
    pub(super) fn paint(&self, canvas: &mut Canvas, noise: &Noise) {
        let [a, b] = self.half;
        let reach = a.max(b) * (1.0 + self.uneven) + self.soft + self.bend.abs() * b;
        if !canvas.sees(self.at, reach) {
            return;
        }
        let (s, c) = self.turn.sin_cos();
        let [cx, cy] = self.at;
        // Each nucleus looks at a part of the noise of its own, turned with it.
        let (ox, oy) = (cx * 1.7, cy * 1.3);
        let (ia, ib) = (1.0 / a, 1.0 / b);
        let thin = a.min(b);
        let outer = (1.0 + self.uneven + self.soft / thin).powi(2);
        let wave = 2.3 / (a + b);
        canvas.around(self.at, reach, |dx, dy| {
            let (u, v) = (dx * c + dy * s, dy * c - dx * s);
            let un = u * ia;
            let along = (un * un).min(1.6);
            let vn = (v * ib - self.bend * along) * (1.0 + self.taper * along);
            let q2 = un * un + vn * vn;
            if q2 > outer {
                return None;
            }
            let lobe = if self.uneven > 0.0 {
                self.uneven * noise.at(ox + u * wave + 0.5, oy + v * wave + 0.5)
            } else {
                0.0
            };
            let q = q2.sqrt() / (1.0 + lobe);
            let cover = ((1.0 - q) * thin / self.soft + 0.5).clamp(0.0, 1.0);
            if cover <= 0.0 {
                return None;
            }
            let clump = noise.rough(ox + u / self.grain, oy + v / self.grain);
            let mut h =
                self.dark + self.clumps * step(-0.1, 0.75, clump) + self.rim * bump((q - 0.9) * thin, 3.6);
            let mut e = self.pink;
            for [nx, ny, r] in self.nucleoli {
                if r > 0.0 {
                    let d = (un - nx) * a * ((un - nx) * a) + (vn - ny) * b * ((vn - ny) * b);
                    let k = step(r + 1.0, r - 0.8, d.sqrt());
                    h = mix(h, h.max(self.dark + 0.34), k);
                    e += 0.08 * k;
                }
            }
            Some(([h, e], cover))
        });
    }
}

/// Which of many centres is nearest to each pixel: cells packed side by side.
pub(super) struct Mosaic {
    /// Distance to the border with the neighbour, and the nearest centre's number.
    cells: Vec<([f32; 2], u32)>,
    w: usize,
    h: usize,
}

impl Mosaic {
    const FAR: f32 = 1e12;
    /// Pixels beyond the canvas on each side that can be asked for as well.
    const MARGIN: f32 = 12.0;

    /// Packs the cells of `centres` into the canvas' window; none reaches farther than `reach`.
    pub(super) fn new(canvas: &Canvas, centres: &[[f32; 2]], reach: f32) -> Self {
        let (x0, y0) = (canvas.x as f32 - Self::MARGIN, canvas.y as f32 - Self::MARGIN);
        let (w, h) = (canvas.w + 2 * Self::MARGIN as usize, canvas.h + 2 * Self::MARGIN as usize);
        let mut cells = vec![([Self::FAR; 2], u32::MAX); w * h];
        for (number, c) in centres.iter().enumerate() {
            let (lx, ly) = (c[0] - x0, c[1] - y0);
            let top = (ly - reach).ceil().max(0.0) as usize;
            let end = ((ly + reach).floor() + 1.0).clamp(0.0, h as f32) as usize;
            for y in top..end {
                let dy2 = (y as f32 - ly).powi(2);
                let half = (reach * reach - dy2).max(0.0).sqrt();
                let from = (lx - half).ceil().max(0.0) as usize;
                let to = ((lx + half).floor() + 1.0).clamp(0.0, w as f32) as usize;
                for x in from..to {
                    let dx = x as f32 - lx;
                    let d = dx * dx + dy2;
                    let (best, owner) = &mut cells[y * w + x];
                    if d < best[0] {
                        *best = [d, best[0]];
                        *owner = number as u32;
                    } else if d < best[1] {
                        best[1] = d;
                    }
                }
            }
        }
        Self { cells, w, h }
    }

    /// Of the pixel at a place from the canvas' corner: distance to the nearest border, distance to the centre, the centre's number.
    #[inline]
    pub(super) fn at(&self, x: f32, y: f32) -> Option<(f32, f32, usize)> {
        let x = ((x + Self::MARGIN + 0.5) as usize).min(self.w - 1);
        let y = ((y + Self::MARGIN + 0.5) as usize).min(self.h - 1);
        let ([first, second], owner) = self.cells[y * self.w + x];
        if owner == u32::MAX {
            return None;
        }
        let d = first.sqrt();
        let border = if second >= Self::FAR { 1e3 } else { 0.5 * (second.sqrt() - d) };
        Some((border, d, owner as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_mosaic_finds_what_a_search_of_all_centres_finds(
            centres in prop::collection::vec((0.0f32..40.0, 0.0f32..40.0), 2..9),
        ) {
            let canvas = Canvas::new(0, 0, 40, 40);
            let centres: Vec<[f32; 2]> = centres.into_iter().map(|(x, y)| [x, y]).collect();
            let mosaic = Mosaic::new(&canvas, &centres, 80.0);
            for y in 0..40 {
                for x in 0..40 {
                    let mut d: Vec<f32> =
                        centres.iter().map(|c| (c[0] - x as f32).hypot(c[1] - y as f32)).collect();
                    d.sort_by(f32::total_cmp);
                    let (border, to, owner) = mosaic.at(x as f32, y as f32).unwrap();
                    let c = centres[owner];
                    prop_assert!((to - d[0]).abs() < 1e-3);
                    prop_assert!(((c[0] - x as f32).hypot(c[1] - y as f32) - d[0]).abs() < 1e-3);
                    prop_assert!((border - 0.5 * (d[1] - d[0])).abs() < 1e-3);
                }
            }
        }
    }

    #[test]
    fn a_nucleus_covers_its_own_place_and_no_other() {
        let mut canvas = Canvas::new(1000, 2000, 80, 60);
        let nucleus = Nucleus {
            at: [1040.0, 2030.0],
            half: [18.0, 12.0],
            turn: 0.0,
            dark: 0.3,
            clumps: 0.2,
            grain: 5.0,
            rim: 0.2,
            pink: 0.1,
            soft: 1.5,
            bend: 0.0,
            taper: 0.0,
            uneven: 0.0,
            nucleoli: [[0.0; 3]; 2],
        };
        nucleus.paint(&mut canvas, &Noise::new(1, 1));
        let h = |x: usize, y: usize| canvas.stain[y * 80 + x][0];
        assert!(h(40, 30) >= 0.3 && h(55, 30) >= 0.3 && h(40, 40) >= 0.3);
        for (x, y) in [(61, 30), (40, 44), (19, 30), (40, 15), (0, 0)] {
            assert!(h(x, y).abs() < 1e-6, "{x},{y}");
        }
        let covered = canvas.stain.iter().filter(|s| s[0] > 0.15).count() as f32;
        let wanted = std::f32::consts::PI * 18.0 * 12.0;
        assert!((covered / wanted - 1.0).abs() < 0.06, "{covered} of {wanted}");
    }

    #[test]
    fn blurring_keeps_the_amount() {
        let mut canvas = Canvas::new(0, 0, 9, 9);
        canvas.stain[40] = [1.0, 2.0];
        canvas.blur();
        let sum: f32 = canvas.stain.iter().map(|s| s[0]).sum();
        assert!((sum - 1.0).abs() < 1e-5);
        assert!(canvas.stain[40][0] < 0.5 && canvas.stain[31][0] > 0.05 && canvas.stain[20][0] < 1e-6);
    }
}
