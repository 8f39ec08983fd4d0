//! The exact maximum over all positions of a window.

use crate::model::{Rect, SlidePx};
use serde::Serialize;

/// Area of ten high power fields in mm2.
pub const TEN_HPF_MM2: f64 = 2.37;
/// Area of one high power field in mm2.
pub const HPF_MM2: f64 = 0.237;

/// A rectangle that holds the most points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Maximum {
    /// Points inside.
    pub count: u32,
    /// Where: half-open, [x, x+w) x [y, y+h).
    pub rect: Rect,
}

/// The rectangle of `w` x `h` level-0 pixels with the most `points`, over all real positions.
///
/// Ties: a documented rule that does not depend on the order of `points`. Without points: count 0 at 0,0.
pub fn max_rectangle(points: &[SlidePx], w: f64, h: f64) -> Maximum {
    let _ = (points, w, h);
    todo!()
}
