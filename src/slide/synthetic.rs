//! A procedural slide: H&E tissue with known mitotic figures and look-alikes.

/// A cell of the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Centre in level-0 pixels.
    pub x: f64,
    /// Centre in level-0 pixels.
    pub y: f64,
    /// Mitotic figure, or look-alike?
    pub mitotic: bool,
    /// prophase, metaphase, anaphase, telophase; pyknotic, hyperchromatic, apoptotic.
    pub phase: &'static str,
}
