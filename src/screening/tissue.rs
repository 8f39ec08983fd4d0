//! Where the slide has tissue.

use super::pieces::Bits;
use crate::model::{Resolution, SlidePx};
use crate::slide::Pixels;

/// Tissue found on an overview: `bits` has `width * height` values, rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Mask {
    /// Width in mask pixels.
    pub width: u32,
    /// Height in mask pixels.
    pub height: u32,
    /// Level-0 pixels per mask pixel, along x.
    pub scale_x: f64,
    /// Level-0 pixels per mask pixel, along y.
    pub scale_y: f64,
    /// Is there tissue?
    pub bits: Vec<bool>,
}

/// Strength of stain (0 to 255) that is tissue for sure, at least and at most, whatever Otsu says: glass with dust
/// alone and a slide without any glass have no two classes to part.
const SURE: (u8, u8) = (20, 60);
/// Strength that glass never has.
const GLASS: u8 = 12;
/// What is missing on the slide may be black: brightest channel below this, in a piece of so many pixels.
const BLACK: (u8, u32) = (24, 64);
/// Mask pixels up to which a gap is closed, in each direction.
const CLOSING: usize = 2;
/// Holes up to this many mask pixels (0.1 mm2 at 8 um) belong to the tissue: lumina, vessels, fat cells.
const HOLE: u32 = 1600;
/// Pieces below this many mask pixels (50 um square at 8 um) are dust.
const DUST: u32 = 40;

/// Finds tissue on an overview of about 8 um per pixel of a slide of `slide_size` level-0 pixels.
///
/// The strength of stain of a pixel is its saturation or its darkness, whichever is more, after the glass' own colour
/// is taken out; Otsu's threshold (1979) parts tissue from glass. Paler tissue (fat, little eosin) is taken from half
/// the threshold on where it hangs together with sure tissue. Gaps and holes are closed, dust and missing areas
/// (black) left out. The same overview gives the same mask everywhere.
pub fn detect(overview: &Pixels, slide_size: (u32, u32)) -> Mask {
    let (w, h) = (overview.width as usize, overview.height as usize);
    let picture = |bits| Bits { width: w, height: h, bits };
    let missing = missing(overview);
    let mut strength = strength(overview);
    for (value, _) in strength.iter_mut().zip(&missing).filter(|(_, m)| **m) {
        *value = 0;
    }
    let sure = otsu(&strength, &missing).clamp(SURE.0, SURE.1);
    let pale = (sure / 2).max(GLASS);

    let perhaps: Vec<bool> = strength.iter().map(|s| *s > pale).collect();
    let pieces = picture(&perhaps).pieces(true);
    let mut holds_sure = vec![false; pieces.sizes.len() + 1];
    for (piece, value) in pieces.of.iter().zip(&strength) {
        holds_sure[*piece as usize] |= *value > sure;
    }
    let found: Vec<bool> = pieces.of.iter().map(|p| *p != 0 && holds_sure[*p as usize]).collect();

    let mut bits = picture(&found).closed(CLOSING);
    let pieces = picture(&bits).pieces(true);
    let outside: Vec<bool> = (0..bits.len()).map(|i| pieces.size_at(i) < DUST).collect();
    let holes = picture(&outside).pieces(false);
    let mut open = vec![false; holes.sizes.len() + 1];
    for i in (0..bits.len()).filter(|i| [0, w - 1].contains(&(i % w)) || [0, h - 1].contains(&(i / w))) {
        open[holes.of[i] as usize] = true;
    }
    for (i, bit) in bits.iter_mut().enumerate() {
        let closed = holes.size_at(i) <= HOLE && !open[holes.of[i] as usize];
        *bit = (!outside[i] || closed) && !missing[i];
    }
    let scale = |level0: u32, side: u32| f64::from(level0) / f64::from(side.max(1));
    Mask {
        width: overview.width,
        height: overview.height,
        scale_x: scale(slide_size.0, overview.width),
        scale_y: scale(slide_size.1, overview.height),
        bits,
    }
}

impl Mask {
    /// A mask of a slide's size without any tissue.
    pub fn empty(width: u32, height: u32, slide_size: (u32, u32)) -> Self {
        let scale = |level0: u32, side: u32| f64::from(level0) / f64::from(side.max(1));
        Self {
            width,
            height,
            scale_x: scale(slide_size.0, width),
            scale_y: scale(slide_size.1, height),
            bits: vec![false; width as usize * height as usize],
        }
    }

    /// Pixels with tissue.
    pub fn count(&self) -> u64 {
        self.bits.iter().filter(|b| **b).count() as u64
    }

    /// The area of the tissue in mm2.
    pub fn mm2(&self, resolution: Resolution) -> f64 {
        self.count() as f64 * self.scale_x * self.scale_y * resolution.pixel_mm2()
    }

    /// Takes out the tissue for whose middle, in level-0 pixels, `inside` says no.
    pub fn restrict(&mut self, inside: impl Fn(SlidePx) -> bool) {
        for (i, bit) in self.bits.iter_mut().enumerate().filter(|(_, b)| **b) {
            let (x, y) = (i % self.width as usize, i / self.width as usize);
            *bit = inside(SlidePx::new((x as f64 + 0.5) * self.scale_x, (y as f64 + 0.5) * self.scale_y));
        }
    }
}

/// Pixels where the slide has nothing: black without a trace of stain, and their blurred border.
fn missing(overview: &Pixels) -> Vec<bool> {
    let (width, height) = (overview.width as usize, overview.height as usize);
    let black: Vec<bool> = overview.rgba.chunks_exact(4).map(|p| brightest(p) < BLACK.0).collect();
    let pieces = Bits { width, height, bits: &black }.pieces(true);
    let large: Vec<bool> = (0..black.len()).map(|i| pieces.size_at(i) >= BLACK.1).collect();
    Bits { width, height, bits: &large }.grown(2, 2)
}

fn brightest(pixel: &[u8]) -> u8 {
    pixel[0].max(pixel[1]).max(pixel[2])
}

fn darkest(pixel: &[u8]) -> u8 {
    pixel[0].min(pixel[1]).min(pixel[2])
}

/// The colour of the glass: the mean of the most frequent colour among bright and hardly stained ones; white where
/// there is none.
fn glass(overview: &Pixels) -> [u32; 3] {
    // Colours in steps of 4; bright ones alone, so the tables stay small.
    let step = |v: u8| usize::from(v.saturating_sub(180) / 4);
    let bright =
        || overview.rgba.chunks_exact(4).filter(|p| darkest(p) >= 180 && brightest(p) - darkest(p) <= 24);
    let cell = |p: &[u8]| (step(p[0]) * 20 + step(p[1])) * 20 + step(p[2]);
    let mut frequent = vec![0_u32; 20 * 20 * 20];
    for p in bright() {
        frequent[cell(p)] += 1;
    }
    // The first one of several that are as frequent.
    let Some(most) = frequent.iter().copied().max().filter(|n| *n > 0) else { return [255; 3] };
    let chosen = frequent.iter().position(|n| *n == most).unwrap_or(0);
    let mut sums = [0_u64; 3];
    for p in bright().filter(|p| cell(p) == chosen) {
        for (sum, value) in sums.iter_mut().zip(p) {
            *sum += u64::from(*value);
        }
    }
    sums.map(|s| ((s + u64::from(most) / 2) / u64::from(most)) as u32)
}

/// Strength of stain of each pixel, 0 to 255, on the mean of 3 x 3 pixels.
fn strength(overview: &Pixels) -> Vec<u8> {
    let (w, h) = (overview.width as usize, overview.height as usize);
    let glass = glass(overview);
    let mut out = Vec::with_capacity(w * h);
    for y in 0..h {
        for x in 0..w {
            let mut sums = [0_u32; 3];
            let mut n = 0;
            for row in y.saturating_sub(1)..(y + 2).min(h) {
                for column in x.saturating_sub(1)..(x + 2).min(w) {
                    let i = 4 * (row * w + column);
                    for (sum, value) in sums.iter_mut().zip(&overview.rgba[i..i + 3]) {
                        *sum += u32::from(*value);
                    }
                    n += 1;
                }
            }
            // As if the glass were white.
            let mut colour = [0_u32; 3];
            for ((c, sum), g) in colour.iter_mut().zip(sums).zip(glass) {
                *c = (sum * 255 / (n * g.max(1))).min(255);
            }
            let [r, g, b] = colour;
            let (most, least) = (r.max(g).max(b), r.min(g).min(b));
            let saturation = (most - least) * 255 / most.max(1);
            // Shade and dirt on the glass are a little dark too.
            let darkness = (255 - (2 * r + 5 * g + b) / 8).saturating_sub(10);
            out.push(saturation.max(darkness).min(255) as u8);
        }
    }
    out
}

/// Otsu's threshold: values above it and those up to it differ the most.
fn otsu(values: &[u8], left_out: &[bool]) -> u8 {
    let mut frequent = [0_u64; 256];
    for (value, _) in values.iter().zip(left_out).filter(|(_, out)| !**out) {
        frequent[usize::from(*value)] += 1;
    }
    let total: u64 = frequent.iter().sum();
    let total_sum: u64 = frequent.iter().zip(0..).map(|(n, v)| n * v).sum();
    let (mut below, mut below_sum) = (0_u64, 0_u64);
    let (mut best, mut chosen) = (0.0, 0_u8);
    for value in 0..=255_u8 {
        below += frequent[usize::from(value)];
        below_sum += frequent[usize::from(value)] * u64::from(value);
        let above = total - below;
        if below == 0 || above == 0 {
            continue;
        }
        // The variance between both, up to a factor.
        let difference = below_sum as f64 * total as f64 - total_sum as f64 * below as f64;
        let between = difference * difference / (below as f64 * above as f64);
        if between > best {
            (best, chosen) = (between, value);
        }
    }
    chosen
}
