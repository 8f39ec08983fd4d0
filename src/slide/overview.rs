//! A small picture of a whole slide.

use super::{Pixels, SlideError, SlideSource};

/// Side of the parts that are read at once, in pixels of the level.
const PART: u32 = 1024;
/// A picture has no longer side than this, whatever is asked for.
const LONGEST: u32 = 16_384;

/// The whole slide, opaque, averaged (box filter over level pixels) to at most `um_per_pixel` micrometres per
/// pixel where the slide has a resolution, and to `max_side` pixels at the longer side at most.
///
/// Reads a level in parts of bounded size, so that a level of any size costs little memory.
///
/// # Errors
/// When the slide can't be read.
pub fn overview(
    source: &dyn SlideSource,
    um_per_pixel: Option<f64>,
    max_side: u32,
) -> Result<Pixels, SlideError> {
    let facts = source.facts();
    let longest = f64::from(facts.width.max(facts.height));
    let by_side = longest / f64::from(max_side.clamp(1, LONGEST));
    let by_um = um_per_pixel.zip(facts.resolution).map_or(1.0, |(um, r)| um / r.mean());
    let wanted = by_side.max(by_um).max(1.0);
    let (level, info) = facts
        .levels
        .iter()
        .enumerate()
        .filter(|(_, l)| l.downsample <= wanted * 1.01)
        .max_by(|a, b| a.1.downsample.total_cmp(&b.1.downsample))
        .or_else(|| facts.levels.iter().enumerate().next())
        .ok_or_else(|| SlideError::Request {
            path: facts.path.clone(),
            why: "the slide has no levels".into(),
        })?;
    let side = |level0: u32, of_level: u32| ((f64::from(level0) / wanted).round() as u32).clamp(1, of_level);
    let (w, h) = (side(facts.width, info.width), side(facts.height, info.height));
    let (columns, rows) = (shares(info.width, w), shares(info.height, h));
    let mut sums = vec![0.0_f32; 3 * w as usize * h as usize];
    for top in (0..info.height).step_by(PART as usize) {
        for left in (0..info.width).step_by(PART as usize) {
            let (part_w, part_h) = (PART.min(info.width - left), PART.min(info.height - top));
            let at = |v: u32| (f64::from(v) * info.downsample).round() as i64;
            let mut part = source.region(at(left), at(top), level, part_w, part_h)?;
            part.flatten(facts.background);
            for (y, line) in part.rgba.chunks_exact(4 * part_w as usize).enumerate() {
                let row = &rows[top as usize + y];
                for (x, pixel) in line.chunks_exact(4).enumerate() {
                    let column = &columns[left as usize + x];
                    for (to_y, share_y) in [(row.first, row.share), (row.first + 1, 1.0 - row.share)] {
                        for (to_x, share_x) in
                            [(column.first, column.share), (column.first + 1, 1.0 - column.share)]
                        {
                            let weight = share_x * share_y;
                            if weight > 0.0 {
                                let i = 3 * (to_y * w as usize + to_x);
                                for (sum, value) in sums[i..i + 3].iter_mut().zip(pixel) {
                                    *sum += weight * f32::from(*value);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    let area = (f64::from(info.width) / f64::from(w) * f64::from(info.height) / f64::from(h)) as f32;
    let rgba = sums
        .chunks_exact(3)
        .flat_map(|s| {
            let mean = |v: f32| (v / area).round().clamp(0.0, 255.0) as u8;
            [mean(s[0]), mean(s[1]), mean(s[2]), 255]
        })
        .collect();
    Ok(Pixels { width: w, height: h, rgba })
}

/// Into which pixels of the smaller picture a pixel goes: `share` of it into `first`, the rest into the next one.
struct Share {
    first: usize,
    share: f32,
}

fn shares(from: u32, to: u32) -> Vec<Share> {
    let scale = f64::from(to) / f64::from(from);
    (0..from)
        .map(|i| {
            let (a, b) = (f64::from(i) * scale, f64::from(i + 1) * scale);
            let first = a.floor();
            let border = first + 1.0;
            let whole = b <= border || first as u32 + 1 >= to;
            let share = if whole { 1.0 } else { (border - a) / (b - a) };
            Share { first: first as usize, share: share as f32 }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::Checker;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_overview_keeps_the_mean_colour_and_the_bounds() {
        let source = Checker::new(5000, 3100);
        let small = overview(&source, Some(8.0), 4096).unwrap();
        assert_eq!((small.width, small.height), (156, 97));
        let bounded = overview(&source, None, 64).unwrap();
        assert_eq!((bounded.width, bounded.height), (64, 40));
        let mean = |p: &Pixels| {
            p.rgba.chunks_exact(4).map(|c| f64::from(c[1])).sum::<f64>() / f64::from(p.width * p.height)
        };
        assert!((mean(&small) - mean(&bounded)).abs() < 2.0, "{} {}", mean(&small), mean(&bounded));
    }

    proptest! {
        #[test]
        fn shares_give_each_target_pixel_the_same_area(from in 1_u32..400, part in 0.01_f64..1.0) {
            let to = ((f64::from(from) * part) as u32).clamp(1, from);
            let mut got = vec![0.0_f64; to as usize + 1];
            for share in shares(from, to) {
                got[share.first] += f64::from(share.share);
                got[share.first + 1] += 1.0 - f64::from(share.share);
            }
            let wanted = f64::from(from) / f64::from(to);
            for area in &got[..to as usize] {
                prop_assert!((area - wanted).abs() < 1e-3, "{area} {wanted}");
            }
            prop_assert!(got[to as usize].abs() < 1e-9);
        }
    }
}
