//! The mitotic count: the window of a given area that holds the most mitotic figures.

pub mod interval;
pub mod window;
