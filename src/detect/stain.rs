//! Colour deconvolution of H&E, and nuclei as blobs of haematoxylin.
//!
//! Light passes two dyes one after the other, so their optical densities add up (Ruifrok and Johnston, 2001). A dye is
//! a direction in the space of the densities in red, green and blue; the directions of a slide are read off its own
//! pixels after Macenko et al. (2009).

use crate::slide::Pixels;

type Vector = [f64; 3];

/// Pixels thinner than this in any channel say nothing about a dye's direction.
const THINNEST: f64 = 0.15;
/// Share of pixels beyond the directions that are taken for the dyes, on each side.
const BEYOND: f64 = 0.01;
/// Pixels that an estimate looks at, at most.
const SAMPLES: usize = 400_000;

/// Directions of the two dyes: unit vectors of optical density in red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stains {
    /// Haematoxylin: nuclei, blue.
    pub haematoxylin: Vector,
    /// Eosin: everything else, pink.
    pub eosin: Vector,
}

/// Optical density (base 10) of a colour where light of `ground` comes through bare glass.
pub fn density(colour: [u8; 3], ground: [u8; 3]) -> Vector {
    std::array::from_fn(|k| ((f64::from(ground[k]) + 1.0) / (f64::from(colour[k]) + 1.0)).log10())
}

fn dot(a: Vector, b: Vector) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn unit(v: Vector) -> Vector {
    let length = dot(v, v).sqrt().max(1e-12);
    v.map(|x| x / length)
}

/// The angle between two directions in degrees.
pub fn angle(a: Vector, b: Vector) -> f64 {
    dot(unit(a), unit(b)).clamp(-1.0, 1.0).acos().to_degrees()
}

impl Stains {
    /// The directions that Ruifrok and Johnston measured; for pictures too poor to be measured themselves.
    pub const PUBLISHED: Self = Self { haematoxylin: [0.650, 0.704, 0.286], eosin: [0.072, 0.990, 0.105] };

    /// The directions of a picture's own dyes: in the plane that holds most of the variance of its densities, the
    /// two borders of the cloud of pixels. `None` where fewer than 1000 pixels are stained, or all in one colour.
    pub fn estimate(pixels: &Pixels, ground: [u8; 3]) -> Option<Self> {
        let stride = (pixels.rgba.len() / 4).div_ceil(SAMPLES).max(1);
        let densities: Vec<Vector> = pixels
            .rgba
            .chunks_exact(4)
            .step_by(stride)
            .filter(|p| p[3] == 255)
            .map(|p| density([p[0], p[1], p[2]], ground))
            .filter(|d| d.iter().all(|v| *v > THINNEST))
            .collect();
        if densities.len() < 1000 {
            return None;
        }
        let [first, second] = plane(&densities)?;
        let mut angles: Vec<f64> = densities.iter().map(|d| dot(*d, second).atan2(dot(*d, first))).collect();
        let beyond = (BEYOND * angles.len() as f64) as usize;
        let last = angles.len() - 1 - beyond;
        let low = *angles.select_nth_unstable_by(beyond, f64::total_cmp).1;
        let high = *angles.select_nth_unstable_by(last, f64::total_cmp).1;
        if high - low < 1e-3 {
            return None;
        }
        let at = |a: f64| unit(std::array::from_fn(|k| a.cos() * first[k] + a.sin() * second[k]));
        let (a, b) = (at(low), at(high));
        // Haematoxylin takes more of the red.
        Some(if a[0] > b[0] {
            Self { haematoxylin: a, eosin: b }
        } else {
            Self { haematoxylin: b, eosin: a }
        })
    }

    /// How much haematoxylin and eosin make up a density; what neither explains is left out.
    pub fn amounts(&self, density: Vector) -> [f64; 2] {
        let (h, e) = (self.haematoxylin, self.eosin);
        let (hh, he, ee) = (dot(h, h), dot(h, e), dot(e, e));
        let (dh, de) = (dot(density, h), dot(density, e));
        let det = (hh * ee - he * he).max(1e-9);
        [(dh * ee - de * he) / det, (de * hh - dh * he) / det]
    }
}

/// Two unit vectors that span the plane of most variance; the first points into the densities.
fn plane(densities: &[Vector]) -> Option<[Vector; 2]> {
    let n = densities.len() as f64;
    let mut mean = [0.0; 3];
    for d in densities {
        mean = std::array::from_fn(|k| mean[k] + d[k] / n);
    }
    let mut spread = [[0.0; 3]; 3];
    for d in densities {
        for i in 0..3 {
            for j in 0..3 {
                spread[i][j] += (d[i] - mean[i]) * (d[j] - mean[j]) / n;
            }
        }
    }
    let (first, size) = largest(&spread, [1.0, 0.8, 0.6]);
    for (i, row) in spread.iter_mut().enumerate() {
        for (j, v) in row.iter_mut().enumerate() {
            *v -= size * first[i] * first[j];
        }
    }
    let (second, size) = largest(&spread, [0.5, -1.0, 0.7]);
    let first = if first.iter().sum::<f64>() < 0.0 { first.map(|v| -v) } else { first };
    (size > 1e-9).then_some([first, second])
}

/// The largest eigenvalue of a symmetric matrix and its vector, by repeated multiplication.
fn largest(matrix: &[Vector; 3], start: Vector) -> (Vector, f64) {
    let times = |v: Vector| matrix.map(|row| dot(row, v));
    let mut v = unit(start);
    for _ in 0..300 {
        v = unit(times(v));
    }
    (v, dot(times(v), v))
}

/// A blob of haematoxylin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Blob {
    /// Centre of gravity in the picture's pixels.
    pub x: f64,
    /// Centre of gravity in the picture's pixels.
    pub y: f64,
    /// Area in square pixels, holes filled.
    pub area: f64,
    /// Mean amount of haematoxylin.
    pub haematoxylin: f64,
}

impl Blob {
    /// Diameter in pixels of the circle of the same area.
    pub fn diameter(&self) -> f64 {
        2.0 * (self.area / std::f64::consts::PI).sqrt()
    }
}

/// Nuclei of a picture: where there is more haematoxylin than Otsu's threshold, in pieces that hang together over
/// their sides, holes filled. Pieces at the picture's border are left out, as are those outside of `area` (least and
/// most, in square pixels). Nuclei that touch are one piece.
pub fn nuclei(pixels: &Pixels, stains: &Stains, ground: [u8; 3], area: [f64; 2]) -> Vec<Blob> {
    let (w, h) = (pixels.width as usize, pixels.height as usize);
    let amounts: Vec<f32> = pixels
        .rgba
        .chunks_exact(4)
        .map(|p| stains.amounts(density([p[0], p[1], p[2]], ground))[0].max(0.0) as f32)
        .collect();
    let amounts = smooth(&smooth(&amounts, w, h), w, h);
    let threshold = otsu(&amounts);
    let dark: Vec<bool> = amounts.iter().map(|a| *a > threshold).collect();
    // Ground that does not reach the border is a hole.
    let mut filled = vec![true; w * h];
    pieces(
        w,
        h,
        |i| !dark[i],
        |piece, border| {
            if border {
                piece.iter().for_each(|&i| filled[i] = false);
            }
        },
    );
    let mut blobs = Vec::new();
    pieces(
        w,
        h,
        |i| filled[i],
        |piece, border| {
            let n = piece.len() as f64;
            if border || n < area[0] || n > area[1] {
                return;
            }
            let mean = |f: &dyn Fn(usize) -> f64| piece.iter().map(|&i| f(i)).sum::<f64>() / n;
            blobs.push(Blob {
                x: mean(&|i| (i % w) as f64),
                y: mean(&|i| (i / w) as f64),
                area: n,
                haematoxylin: mean(&|i| f64::from(amounts[i])),
            });
        },
    );
    blobs
}

/// The mean of three by three.
fn smooth(values: &[f32], w: usize, h: usize) -> Vec<f32> {
    let line = |a: f32, b: f32, c: f32| (a + b + c) / 3.0;
    let across: Vec<f32> = (0..w * h)
        .map(|i| {
            let (x, row) = (i % w, i - i % w);
            line(values[row + x.saturating_sub(1)], values[i], values[row + (x + 1).min(w - 1)])
        })
        .collect();
    (0..w * h)
        .map(|i| {
            let (x, y) = (i % w, i / w);
            line(across[y.saturating_sub(1) * w + x], across[i], across[(y + 1).min(h - 1) * w + x])
        })
        .collect()
}

/// The threshold that parts the values into the two most unlike classes (Otsu, 1979).
fn otsu(values: &[f32]) -> f32 {
    const BINS: usize = 256;
    let most = values.iter().copied().fold(0.0, f32::max).max(1e-6);
    let mut counts = [0.0f64; BINS];
    for v in values {
        counts[((v / most * BINS as f32) as usize).min(BINS - 1)] += 1.0;
    }
    let all: f64 = counts.iter().sum();
    let moment: f64 = counts.iter().enumerate().map(|(i, n)| i as f64 * n).sum();
    let (mut below, mut low, mut best) = (0.0, 0.0, (0.0, 0));
    for (i, n) in counts.iter().enumerate() {
        below += n;
        low += i as f64 * n;
        let above = all - below;
        if below > 0.0 && above > 0.0 {
            let apart = low / below - (moment - low) / above;
            let between = below * above * apart * apart;
            if between > best.0 {
                best = (between, i);
            }
        }
    }
    (best.1 + 1) as f32 / BINS as f32 * most
}

/// Calls `visit` with each piece of the picture that `inside` makes, joined over sides, and whether it touches the
/// picture's border.
fn pieces(w: usize, h: usize, inside: impl Fn(usize) -> bool, mut visit: impl FnMut(&[usize], bool)) {
    let mut seen = vec![false; w * h];
    let mut piece = Vec::new();
    for start in 0..w * h {
        if seen[start] || !inside(start) {
            continue;
        }
        piece.clear();
        piece.push(start);
        seen[start] = true;
        let mut border = false;
        let mut next = 0;
        while let Some(&i) = piece.get(next) {
            next += 1;
            let (x, y) = (i % w, i / w);
            border |= x == 0 || y == 0 || x + 1 == w || y + 1 == h;
            let sides = [
                (x > 0).then(|| i - 1),
                (x + 1 < w).then(|| i + 1),
                (y > 0).then(|| i - w),
                (y + 1 < h).then(|| i + w),
            ];
            for side in sides.into_iter().flatten() {
                if !seen[side] && inside(side) {
                    seen[side] = true;
                    piece.push(side);
                }
            }
        }
        visit(&piece, border);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GROUND: [u8; 3] = [243, 243, 243];

    /// The colour of so much of both dyes.
    fn colour(stains: &Stains, h: f64, e: f64) -> [u8; 4] {
        let through = |k: usize| 10f64.powf(-h * stains.haematoxylin[k] - e * stains.eosin[k]);
        [
            (244.0 * through(0) - 1.0) as u8,
            (244.0 * through(1) - 1.0) as u8,
            (244.0 * through(2) - 1.0) as u8,
            255,
        ]
    }

    fn stains(turn: f64) -> Stains {
        Stains { haematoxylin: unit([0.62 + turn, 0.68, 0.36]), eosin: unit([0.2 - turn, 0.85, 0.45]) }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn the_dyes_of_a_picture_are_found(turn in -0.06..0.06f64) {
            let truth = stains(turn);
            let mut pixels = Pixels::filled(120, 120, [243, 243, 243, 255]);
            for (i, p) in pixels.rgba.chunks_exact_mut(4).enumerate() {
                let t = (i * 37 % 101) as f64 / 100.0;
                let amount = 0.5 + (i * 53 % 89) as f64 / 100.0;
                if i % 3 > 0 {
                    p.copy_from_slice(&colour(&truth, amount * t, amount * (1.0 - t)));
                }
            }
            let found = Stains::estimate(&pixels, GROUND).unwrap();
            prop_assert!(angle(found.haematoxylin, truth.haematoxylin) < 2.5);
            prop_assert!(angle(found.eosin, truth.eosin) < 2.5);
        }

        #[test]
        fn mixing_and_unmixing_are_inverse(h in 0.0..1.2f64, e in 0.0..0.8f64, turn in -0.06..0.06f64) {
            let s = stains(turn);
            let mixed = std::array::from_fn(|k| h * s.haematoxylin[k] + e * s.eosin[k]);
            let [gh, ge] = s.amounts(mixed);
            prop_assert!((gh - h).abs() < 1e-9 && (ge - e).abs() < 1e-9);
        }
    }

    #[test]
    fn without_tissue_or_with_one_colour_there_is_no_estimate() {
        assert_eq!(Stains::estimate(&Pixels::filled(80, 80, [243, 243, 243, 255]), GROUND), None);
        assert_eq!(Stains::estimate(&Pixels::filled(80, 80, [120, 60, 110, 255]), GROUND), None);
        assert_eq!(Stains::estimate(&Pixels::filled(80, 80, [120, 60, 110, 0]), GROUND), None);
    }

    #[test]
    fn nuclei_are_found_with_their_size_holes_filled_and_none_at_the_border() {
        let s = stains(0.0);
        let mut pixels = Pixels::filled(200, 100, [243, 243, 243, 255]);
        // A disc, a ring, one cut by the border, a speck.
        let discs = [
            (50.0, 50.0, 15.0, 0.0),
            (120.0, 50.0, 20.0, 8.0),
            (199.0, 50.0, 15.0, 0.0),
            (80.0, 20.0, 2.0, 0.0),
        ];
        for (i, p) in pixels.rgba.chunks_exact_mut(4).enumerate() {
            let (x, y) = ((i % 200) as f64, (i / 200) as f64);
            let hit = discs.iter().any(|(cx, cy, r, hole)| {
                let d = (x - cx).hypot(y - cy);
                d <= *r && d >= *hole
            });
            p.copy_from_slice(&colour(&s, if hit { 0.6 } else { 0.02 }, 0.2));
        }
        let found = nuclei(&pixels, &s, GROUND, [60.0, 5000.0]);
        assert_eq!(found.len(), 2, "{found:?}");
        for (blob, (x, y, r, _)) in found.iter().zip([discs[1], discs[0]]) {
            assert!((blob.x - x).hypot(blob.y - y) < 1.0, "{blob:?}");
            assert!((blob.diameter() - 2.0 * r).abs() < 2.0, "{blob:?}");
            assert!(blob.haematoxylin > 0.3);
        }
    }
}
