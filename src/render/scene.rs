//! What is drawn over the slide, as values in slide positions.

use crate::model::{Rect, SlidePx};

/// The figure of a mark. Shapes carry meaning beside colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum MarkKind {
    /// Mitotic figure: a ring.
    Ring = 0,
    /// Look-alike: a ring with a gap.
    GapRing = 1,
    /// Not labelled: a dashed ring.
    DashedRing = 2,
    /// Candidate: a square.
    Square = 3,
    /// Flag or crosshair: a cross.
    Cross = 4,
}

/// One mark: hollow, never thinner than 1.5 nor thicker than 3 physical pixels, with a thin dark halo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mark {
    /// Its centre.
    pub at: SlidePx,
    /// Its radius in level-0 pixels; drawn with at least `min_radius_px` on the screen.
    pub radius: f64,
    /// Smallest radius on the screen in physical pixels.
    pub min_radius_px: f32,
    /// The figure.
    pub kind: MarkKind,
    /// Red, green, blue, alpha; straight.
    pub color: [u8; 4],
    /// Selected ones are drawn thicker with a white outline.
    pub selected: bool,
}

/// A straight line between two slide positions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// From.
    pub a: SlidePx,
    /// To.
    pub b: SlidePx,
    /// Thickness in physical pixels.
    pub width_px: f32,
    /// Red, green, blue, alpha; straight.
    pub color: [u8; 4],
    /// Length of dashes in physical pixels; 0 for a solid line.
    pub dash_px: f32,
}

/// A filled upright rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fill {
    /// Where.
    pub rect: Rect,
    /// Red, green, blue, alpha; straight.
    pub color: [u8; 4],
}

/// Everything over the slide, drawn in this order: fills, lines, marks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scene {
    /// Filled rectangles.
    pub fills: Vec<Fill>,
    /// Lines.
    pub lines: Vec<Line>,
    /// Marks.
    pub marks: Vec<Mark>,
    /// Changes whenever the scene does, so that buffers are filled again only then.
    pub version: u64,
}

impl Scene {
    /// Adds the outline of a closed polygon.
    pub fn outline(&mut self, points: &[SlidePx], width_px: f32, color: [u8; 4], dash_px: f32) {
        for (i, &a) in points.iter().enumerate() {
            let b = points[(i + 1) % points.len()];
            self.lines.push(Line { a, b, width_px, color, dash_px });
        }
    }
}
