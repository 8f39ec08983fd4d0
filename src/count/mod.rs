//! The mitotic count: the window of a given area that holds the most mitotic figures.

pub mod circle;
mod figures;
pub mod interval;
pub mod map32;
pub mod points;
pub mod window;

pub use figures::figures;
