//! How large things are on the screen: the same micrometres per millimetre on every monitor.

use crate::app::settings::MM_PER_POINT;
use crate::model::{Camera, Item, Magnification, Resolution};
use std::f64::consts::FRAC_PI_2;

/// Micrometres that a point shows in context, on a screen of 96 points to the inch: 0.945 um to the millimetre.
const CONTEXT_UM: f64 = 0.25;
/// Points that a micrometre takes in the single patch, on such a screen.
const PATCH_POINTS: f64 = 16.0;
/// The same on the sheet of patches.
const SHEET_POINTS: f64 = 4.0;

/// A screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Screen {
    /// Millimetres that a point takes.
    pub mm_per_point: f64,
    /// Physical pixels per point.
    pub pixels_per_point: f64,
}

impl Screen {
    /// Micrometres that a point shows in context.
    pub fn context_um(&self) -> f64 {
        CONTEXT_UM * self.mm_per_point / MM_PER_POINT
    }

    /// Points that a micrometre takes in the single patch.
    pub fn patch_points(&self) -> f64 {
        PATCH_POINTS * MM_PER_POINT / self.mm_per_point
    }

    /// Points that a micrometre takes on the sheet of patches.
    pub fn sheet_points(&self) -> f64 {
        SHEET_POINTS * MM_PER_POINT / self.mm_per_point
    }

    /// The view of an item with which it begins: in the middle, turned as the task has it, at the standard scale.
    /// Without a resolution a pixel of the slide takes a point.
    pub fn standard(&self, item: &Item, resolution: Option<Resolution>) -> Camera {
        let per_point = resolution.map_or(1.0, |r| r.mean() / self.context_um());
        Camera {
            center: item.at,
            zoom: per_point * self.pixels_per_point,
            angle: f64::from(item.turn % 4) * FRAC_PI_2,
        }
    }

    /// Objective-equivalent magnification where a micrometre takes so many points.
    pub fn magnification(&self, points_per_um: f64) -> Magnification {
        Magnification::from_um_per_pixel(1.0 / (points_per_um * self.pixels_per_point))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SlidePx;

    fn item(turn: u8) -> Item {
        let at = SlidePx::new(100.0, 200.0);
        Item { number: 1, guid: String::new(), slide: 1, at, turn, shown: Vec::new() }
    }

    #[test]
    fn a_millimetre_of_any_screen_shows_as_much() {
        let quarter = Resolution::new(0.25, 0.25);
        let plain = Screen { mm_per_point: MM_PER_POINT, pixels_per_point: 1.0 };
        assert!((plain.standard(&item(0), quarter).zoom - 1.0).abs() < 1e-12);
        let mut per_mm = Vec::new();
        for (mm, ppp) in [(MM_PER_POINT, 1.0), (0.2, 1.0), (0.35, 2.0), (0.11, 1.5)] {
            let screen = Screen { mm_per_point: mm, pixels_per_point: ppp };
            for mpp in [0.25, 0.5, 0.1] {
                let zoom = screen.standard(&item(0), Resolution::new(mpp, mpp)).zoom;
                // Micrometres of a physical pixel, and how many of those make a millimetre.
                per_mm.push(mpp / zoom * ppp / mm);
            }
            assert!((screen.patch_points() * mm - PATCH_POINTS * MM_PER_POINT).abs() < 1e-12);
        }
        assert!(per_mm.iter().all(|v| (v - 0.944_881_9).abs() < 1e-6), "{per_mm:?}");
    }

    #[test]
    fn a_quarter_turn_is_one() {
        let screen = Screen { mm_per_point: MM_PER_POINT, pixels_per_point: 1.0 };
        assert_eq!(screen.standard(&item(3), None).angle, 3.0 * FRAC_PI_2);
        assert_eq!(screen.standard(&item(0), None).center, SlidePx::new(100.0, 200.0));
    }
}
