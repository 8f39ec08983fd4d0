//! The small picture around a cell.

use super::{Pixels, SlideSource, jpeg};
use crate::model::{Rect, Resolution, SlidePx};

/// Pixels per micrometre where no resolution is known: as at 0.25 um per pixel.
const GUESSED: f64 = 4.0;

/// The square of `side_um` micrometres around a place, in level-0 pixels; 16 to 2048 of them, whatever the resolution.
/// `known` is used where the slide itself states none.
///
/// # Errors
/// A sentence when the slide can't be read there.
pub fn patch(
    source: &dyn SlideSource,
    at: SlidePx,
    side_um: f64,
    known: Option<Resolution>,
) -> Result<Pixels, String> {
    let resolution = source.facts().resolution.or(known);
    let px = resolution.map_or(side_um * GUESSED, |r| side_um / r.mean());
    // In range: clamped.
    let side = px.round().clamp(16.0, 2048.0) as u32;
    let area = Rect::around(at, f64::from(side), f64::from(side));
    let mut pixels = source
        .region(area.x.round() as i64, area.y.round() as i64, 0, side, side)
        .map_err(|e| e.to_string())?;
    pixels.flatten(source.facts().background);
    Ok(pixels)
}

/// The same as JPEG of quality 95, for a kit.
///
/// # Errors
/// As [`patch`].
pub fn encoded(
    source: &dyn SlideSource,
    at: SlidePx,
    side_um: f64,
    known: Option<Resolution>,
) -> Result<Vec<u8>, String> {
    jpeg(&patch(source, at, side_um, known)?, 95).map_err(|e| e.to_string())
}
