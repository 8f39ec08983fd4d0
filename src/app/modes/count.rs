//! The mitotic count of the slide on the screen, following every label.

use crate::count::interval::poisson;
use crate::count::window::{Maximum, TEN_HPF_MM2, max_rectangle_in};
use crate::model::{Rect, Resolution, SlidePx};

/// What is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Which state of the document it belongs to.
    pub version: u64,
    /// Centres of the mitotic figures in level-0 pixels.
    pub points: Vec<SlidePx>,
    /// The slide's resolution.
    pub resolution: Resolution,
    /// The whole slide.
    pub slide: Rect,
}

/// The count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Which state of the document it belongs to.
    pub version: u64,
    /// Mitotic figures on the whole slide.
    pub all: usize,
    /// The area with the most, and how many.
    pub maximum: Maximum,
    /// Exact 95 % interval of the expected count.
    pub interval: (f64, f64),
}

impl Question {
    /// Counts. Takes n log n steps of the number of points: not for the window's thread.
    pub fn answer(&self) -> Answer {
        let (w, h) = self.resolution.rectangle_px(TEN_HPF_MM2, 4.0 / 3.0);
        let maximum = max_rectangle_in(&self.points, w, h, self.slide);
        Answer { version: self.version, all: self.points.len(), maximum, interval: poisson(maximum.count) }
    }
}
