//! A small picture of a whole slide.

use super::{Pixels, SlideError, SlideSource};

/// The whole slide, opaque, averaged (box filter over level pixels) to at most `um_per_pixel` micrometres per
/// pixel where the slide has a resolution, and to `max_side` pixels at the longer side at most.
///
/// Reads a level in strips of bounded size, so that a level of any size costs little memory.
///
/// # Errors
/// When the slide can't be read.
pub fn overview(
    source: &dyn SlideSource,
    um_per_pixel: Option<f64>,
    max_side: u32,
) -> Result<Pixels, SlideError> {
    let _ = (source, um_per_pixel, max_side);
    todo!()
}
