//! Where the slide has tissue.

use super::pieces::Bits;
use super::texture::nets;
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
/// is taken out; Otsu's threshold (1979) parts tissue from glass. Paler tissue (fat, little eosin) is taken from a third of
/// the threshold on, and where a net of thin walls is, if it hangs together with sure tissue. Gaps and holes are closed, dust and missing areas
/// (black) left out. The same overview gives the same mask everywhere.
pub fn detect(overview: &Pixels, slide_size: (u32, u32)) -> Mask {
    let (w, h) = (overview.width as usize, overview.height as usize);
    let picture = |bits| Bits { width: w, height: h, bits };
    let missing = missing(overview);
    let (mut strength, brightness) = strength(overview);
    for (value, _) in strength.iter_mut().zip(&missing).filter(|(_, m)| **m) {
        *value = 0;
    }
    let sure = otsu(&strength, &missing).clamp(SURE.0, SURE.1);
    let pale = (sure / 3).max(GLASS);

    let stained: Vec<bool> = strength.iter().zip(&missing).map(|(s, m)| *s > pale || *m).collect();
    let nets = nets(&brightness, picture(&stained));
    let perhaps: Vec<bool> = (0..stained.len()).map(|i| (stained[i] || nets[i]) && !missing[i]).collect();
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

/// Strength of stain and brightness (of the green) of each pixel, 0 to 255, on the mean of 3 x 3 pixels.
fn strength(overview: &Pixels) -> (Vec<u8>, Vec<u8>) {
    let (w, h) = (overview.width as usize, overview.height as usize);
    let glass = glass(overview);
    let (mut out, mut brightness) = (Vec::with_capacity(w * h), Vec::with_capacity(w * h));
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
            brightness.push(g as u8);
        }
    }
    (out, brightness)
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

#[cfg(test)]
mod tests {
    use super::*;

    const GROUND: [u8; 4] = [243, 242, 240, 255];
    const EOSIN: [u8; 4] = [205, 140, 190, 255];
    const FAT: [u8; 4] = [236, 222, 234, 255];

    /// Glass with the noise of a camera and of JPEG, the same each time.
    fn slide(width: u32, height: u32) -> Pixels {
        let mut picture = Pixels::filled(width, height, GROUND);
        let mut state = 7_u32;
        for pixel in picture.rgba.chunks_exact_mut(4) {
            for value in &mut pixel[..3] {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *value = *value - 3 + (state >> 24) as u8 % 7;
            }
        }
        picture
    }

    fn paint(picture: &mut Pixels, [x, y, w, h]: [u32; 4], rgba: [u8; 4]) {
        for row in y..y + h {
            for column in x..x + w {
                let i = 4 * (row * picture.width + column) as usize;
                picture.rgba[i..i + 4].copy_from_slice(&rgba);
            }
        }
    }

    fn found(picture: &Pixels) -> Mask {
        detect(picture, (picture.width * 32, picture.height * 32))
    }

    fn at(mask: &Mask, x: u32, y: u32) -> bool {
        mask.bits[(y * mask.width + x) as usize]
    }

    #[test]
    fn glass_alone_has_no_tissue() {
        for picture in
            [slide(300, 200), Pixels::filled(50, 40, [255; 4]), Pixels::filled(50, 40, [0, 0, 0, 255])]
        {
            assert_eq!(found(&picture).count(), 0);
        }
        assert_eq!(detect(&Pixels::filled(1, 1, GROUND), (20, 20)).bits, [false]);
    }

    #[test]
    fn tissue_keeps_its_outline() {
        let mut picture = slide(300, 200);
        paint(&mut picture, [100, 60, 80, 50], EOSIN);
        let mask = found(&picture);
        assert_eq!((mask.scale_x, mask.scale_y), (32.0, 32.0));
        // The mean over 3 x 3 pixels moves the outline by one at most.
        for (x, y) in (0..300).flat_map(|x| (0..200).map(move |y| (x, y))) {
            let (inside, beside) = (
                (100..180).contains(&x) && (60..110).contains(&y),
                (98..182).contains(&x) && (58..112).contains(&y),
            );
            assert!(at(&mask, x, y) || !inside, "{x},{y} is tissue");
            assert!(!at(&mask, x, y) || beside, "{x},{y} is glass");
        }
    }

    #[test]
    fn pale_fat_beside_tissue_belongs_to_it() {
        let mut picture = slide(300, 200);
        paint(&mut picture, [40, 60, 80, 80], EOSIN);
        paint(&mut picture, [120, 60, 80, 80], FAT);
        let mask = found(&picture);
        assert!(at(&mask, 60, 100) && at(&mask, 150, 100) && at(&mask, 190, 130) && !at(&mask, 220, 100));
    }

    #[test]
    fn a_net_of_fat_beside_tissue_belongs_to_it_and_a_speck_does_not() {
        let mut picture = slide(300, 200);
        paint(&mut picture, [40, 60, 80, 80], EOSIN);
        for wall in 0..11 {
            paint(&mut picture, [120 + 8 * wall, 60, 1, 80], [220, 205, 215, 255]);
            paint(&mut picture, [120, 60 + 8 * wall.min(9), 80, 1], [220, 205, 215, 255]);
        }
        paint(&mut picture, [80, 150, 2, 2], [220, 205, 215, 255]);
        let mask = found(&picture);
        assert!((64..136).all(|y| (44..196).all(|x| at(&mask, x, y))));
        assert!(!at(&mask, 210, 100) && !at(&mask, 80, 145) && !at(&mask, 80, 150));
    }

    #[test]
    fn grey_tissue_is_found_by_its_darkness() {
        let mut picture = slide(300, 200);
        paint(&mut picture, [40, 60, 80, 80], [170, 170, 170, 255]);
        assert!(at(&found(&picture), 80, 100));
    }

    #[test]
    fn holes_close_dust_goes_and_large_holes_stay_open() {
        let mut picture = slide(400, 300);
        paint(&mut picture, [50, 50, 200, 200], EOSIN);
        paint(&mut picture, [70, 70, 30, 30], GROUND);
        paint(&mut picture, [130, 130, 90, 90], GROUND);
        paint(&mut picture, [350, 20, 3, 3], [60, 50, 60, 255]);
        let mask = found(&picture);
        assert!(at(&mask, 85, 85), "a lumen is tissue");
        assert!(!at(&mask, 175, 175), "a large hole is glass");
        assert!(!at(&mask, 351, 21), "dust is no tissue");
    }

    #[test]
    fn what_is_missing_is_never_tissue() {
        let mut picture = slide(400, 300);
        paint(&mut picture, [100, 100, 150, 150], EOSIN);
        paint(&mut picture, [150, 150, 30, 30], [0, 0, 0, 255]);
        paint(&mut picture, [0, 0, 400, 40], [0, 0, 0, 255]);
        let mask = found(&picture);
        assert!(at(&mask, 120, 120) && !at(&mask, 165, 165), "a black hole in tissue");
        assert!((0..400).all(|x| (0..44).all(|y| !at(&mask, x, y))), "a black border");
    }
}
