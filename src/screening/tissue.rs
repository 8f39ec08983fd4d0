//! Where the slide has tissue.

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

/// Finds tissue on an overview of about 8 um per pixel of a slide of `slide_size` level-0 pixels.
pub fn detect(overview: &Pixels, slide_size: (u32, u32)) -> Mask {
    let _ = (overview, slide_size);
    todo!()
}
