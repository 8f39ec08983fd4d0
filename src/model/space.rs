//! Places and lengths with their units.
//!
//! Slide positions are level-0 pixels as f64: the origin is the slide's upper-left corner, x runs to the
//! right, y down. Screen positions are physical pixels of the view, from its upper-left corner.

use serde::{Deserialize, Serialize};

/// A point on the slide in level-0 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct SlidePx {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl SlidePx {
    /// The point at `x`, `y`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    /// Distance to `other` in level-0 pixels.
    pub fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// A point of the view in physical pixels, from its upper-left corner.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ScreenPx {
    /// To the right.
    pub x: f64,
    /// Down.
    pub y: f64,
}

impl ScreenPx {
    /// The point at `x`, `y`.
    pub const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }
}

/// A length in micrometres.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize, Deserialize)]
pub struct Um(pub f64);

/// A rectangle on the slide in level-0 pixels, half-open: it holds x <= px < x + w and y <= py < y + h.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

impl Rect {
    /// The rectangle with this upper-left corner and size.
    pub const fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }

    /// The smallest rectangle that touches both corners, whichever way they lie.
    pub fn from_corners(a: SlidePx, b: SlidePx) -> Self {
        Self::new(a.x.min(b.x), a.y.min(b.y), (a.x - b.x).abs(), (a.y - b.y).abs())
    }

    /// The rectangle of this size around `center`.
    pub fn around(center: SlidePx, w: f64, h: f64) -> Self {
        Self::new(center.x - w / 2.0, center.y - h / 2.0, w, h)
    }

    /// Right edge, not part of the rectangle.
    pub fn right(&self) -> f64 {
        self.x + self.w
    }

    /// Lower edge, not part of the rectangle.
    pub fn bottom(&self) -> f64 {
        self.y + self.h
    }

    /// The middle.
    pub fn center(&self) -> SlidePx {
        SlidePx::new(self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Is `p` inside (left and upper edge included, right and lower edge not)?
    pub fn contains(&self, p: SlidePx) -> bool {
        p.x >= self.x && p.x < self.right() && p.y >= self.y && p.y < self.bottom()
    }

    /// Do the two share an area?
    pub fn intersects(&self, other: &Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }

    /// What both share; `None` where that has no area.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let (w, h) = (self.right().min(other.right()) - x, self.bottom().min(other.bottom()) - y);
        (w > 0.0 && h > 0.0).then(|| Self::new(x, y, w, h))
    }

    /// The smallest rectangle that holds both.
    pub fn union(&self, other: &Self) -> Self {
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }

    /// Grown by `by` on every side.
    pub fn grown(&self, by: f64) -> Self {
        Self::new(self.x - by, self.y - by, self.w + 2.0 * by, self.h + 2.0 * by)
    }

    /// The four corners, clockwise from the upper left.
    pub fn corners(&self) -> [SlidePx; 4] {
        [
            SlidePx::new(self.x, self.y),
            SlidePx::new(self.right(), self.y),
            SlidePx::new(self.right(), self.bottom()),
            SlidePx::new(self.x, self.bottom()),
        ]
    }
}

/// Micrometres per level-0 pixel, along x and y. Both are finite and above 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Resolution {
    /// Micrometres per pixel along x.
    pub x: f64,
    /// Micrometres per pixel along y.
    pub y: f64,
}

impl Resolution {
    /// A resolution, unless a value is not finite, not above 0, or above 100 um (a printer's, not a scanner's).
    pub fn new(x: f64, y: f64) -> Option<Self> {
        let plausible = |v: f64| v.is_finite() && v > 0.0 && v <= 100.0;
        (plausible(x) && plausible(y)).then_some(Self { x, y })
    }

    /// The mean of both axes in micrometres per pixel.
    pub fn mean(self) -> f64 {
        (self.x + self.y) / 2.0
    }

    /// The area of one pixel in mm2.
    pub fn pixel_mm2(self) -> f64 {
        self.x * self.y / 1e6
    }

    /// `length` in level-0 pixels (mean of both axes).
    pub fn px(self, length: Um) -> f64 {
        length.0 / self.mean()
    }

    /// Width and height in level-0 pixels of a rectangle of `mm2` with sides as `ratio` = width / height.
    pub fn rectangle_px(self, mm2: f64, ratio: f64) -> (f64, f64) {
        ((mm2 * ratio).sqrt() * 1000.0 / self.x, (mm2 / ratio).sqrt() * 1000.0 / self.y)
    }
}

/// Objective-equivalent magnification: 40 means 0.25 um per screen pixel, 20 means 0.5.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Magnification(pub f64);

impl Magnification {
    /// By convention a 40x view shows 0.25 um per pixel: objective x um per pixel = 10.
    const UM_TIMES_OBJECTIVE: f64 = 10.0;

    /// What a view with this many micrometres per screen pixel is called.
    pub fn from_um_per_pixel(um: f64) -> Self {
        Self(Self::UM_TIMES_OBJECTIVE / um)
    }

    /// Micrometres per screen pixel.
    pub fn um_per_pixel(self) -> f64 {
        Self::UM_TIMES_OBJECTIVE / self.0
    }
}

/// What part of the slide the view shows, and how.
///
/// A screen pixel at offset `d` from the view's middle shows the slide at `center + R(-angle) d / zoom`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Camera {
    /// The slide position in the middle of the view.
    pub center: SlidePx,
    /// Physical screen pixels per level-0 pixel; above 0.
    pub zoom: f64,
    /// Rotation of the picture in radians, clockwise on the screen.
    pub angle: f64,
}

impl Camera {
    /// An unrotated view.
    pub const fn new(center: SlidePx, zoom: f64) -> Self {
        Self { center, zoom, angle: 0.0 }
    }

    /// The view that shows all of `rect` in a window of `viewport` physical pixels, with `margin` (1.0 = none).
    pub fn fit(rect: Rect, viewport: [f64; 2], margin: f64) -> Self {
        let zoom = (viewport[0] / rect.w.max(1e-9)).min(viewport[1] / rect.h.max(1e-9)) / margin;
        Self::new(rect.center(), zoom.max(1e-9))
    }

    /// The view of `center` at an objective's magnification.
    pub fn at(center: SlidePx, magnification: Magnification, resolution: Resolution) -> Self {
        Self::new(center, resolution.mean() / magnification.um_per_pixel())
    }

    /// Objective-equivalent magnification of this view.
    pub fn magnification(&self, resolution: Resolution) -> Magnification {
        Magnification::from_um_per_pixel(resolution.mean() / self.zoom)
    }

    /// Level-0 pixels per screen pixel.
    pub fn downsample(&self) -> f64 {
        1.0 / self.zoom
    }

    /// Where a slide position appears in a view of `viewport` physical pixels.
    pub fn to_screen(&self, p: SlidePx, viewport: [f64; 2]) -> ScreenPx {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = ((p.x - self.center.x) * self.zoom, (p.y - self.center.y) * self.zoom);
        ScreenPx::new(viewport[0] / 2.0 + dx * cos - dy * sin, viewport[1] / 2.0 + dx * sin + dy * cos)
    }

    /// What slide position appears at `p` in a view of `viewport` physical pixels.
    pub fn to_slide(&self, p: ScreenPx, viewport: [f64; 2]) -> SlidePx {
        let (sin, cos) = self.angle.sin_cos();
        let (dx, dy) = ((p.x - viewport[0] / 2.0) / self.zoom, (p.y - viewport[1] / 2.0) / self.zoom);
        SlidePx::new(self.center.x + dx * cos + dy * sin, self.center.y - dx * sin + dy * cos)
    }

    /// The smallest upright slide rectangle that holds everything the view shows.
    pub fn visible(&self, viewport: [f64; 2]) -> Rect {
        let [w, h] = viewport;
        let corner = |x, y| self.to_slide(ScreenPx::new(x, y), viewport);
        [corner(w, 0.0), corner(0.0, h), corner(w, h)]
            .into_iter()
            .fold(Rect::from_corners(corner(0.0, 0.0), corner(0.0, 0.0)), |r, c| {
                r.union(&Rect::new(c.x, c.y, 0.0, 0.0))
            })
    }

    /// The same view moved so that what was under the pointer follows it by `dx`, `dy` screen pixels.
    #[must_use]
    pub fn panned(mut self, dx: f64, dy: f64) -> Self {
        let (sin, cos) = self.angle.sin_cos();
        self.center.x -= (dx * cos + dy * sin) / self.zoom;
        self.center.y -= (-dx * sin + dy * cos) / self.zoom;
        self
    }

    /// Zoomed by `factor`, while the slide position under `at` stays where it is.
    #[must_use]
    pub fn zoomed(mut self, factor: f64, at: ScreenPx, viewport: [f64; 2]) -> Self {
        let before = self.to_slide(at, viewport);
        self.zoom *= factor;
        let after = self.to_slide(at, viewport);
        self.center.x += before.x - after.x;
        self.center.y += before.y - after.y;
        self
    }

    /// Turned by `by` radians (clockwise) about the view's middle.
    #[must_use]
    pub fn turned(mut self, by: f64) -> Self {
        self.angle = (self.angle + by).rem_euclid(std::f64::consts::TAU);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn screen_and_slide_are_inverse(x in -1e5..3e5, y in -1e5..3e5, zoom in 1e-3..16.0, angle in 0.0..std::f64::consts::TAU, sx in 0.0..2000.0, sy in 0.0..1000.0) {
            let camera = Camera { center: SlidePx::new(x, y), zoom, angle };
            let viewport = [2000.0, 1000.0];
            let back = camera.to_screen(camera.to_slide(ScreenPx::new(sx, sy), viewport), viewport);
            prop_assert!((back.x - sx).abs() < 1e-5 && (back.y - sy).abs() < 1e-5);
        }

        #[test]
        fn zoom_keeps_the_place_under_the_pointer(zoom in 1e-2..8.0, factor in 0.2..5.0, angle in 0.0..std::f64::consts::TAU, sx in 0.0..2000.0, sy in 0.0..1000.0) {
            let viewport = [2000.0, 1000.0];
            let camera = Camera { center: SlidePx::new(5000.0, 700.0), zoom, angle };
            let at = ScreenPx::new(sx, sy);
            let (a, b) = (camera.to_slide(at, viewport), camera.zoomed(factor, at, viewport).to_slide(at, viewport));
            prop_assert!(a.distance(b) < 1e-6);
        }

        #[test]
        fn panning_moves_the_picture_with_the_hand(angle in 0.0..std::f64::consts::TAU, dx in -500.0..500.0, dy in -500.0..500.0) {
            let viewport = [800.0, 600.0];
            let camera = Camera { center: SlidePx::new(100.0, 200.0), zoom: 0.5, angle };
            let spot = SlidePx::new(130.0, 220.0);
            let (a, b) = (camera.to_screen(spot, viewport), camera.panned(dx, dy).to_screen(spot, viewport));
            prop_assert!((b.x - a.x - dx).abs() < 1e-6 && (b.y - a.y - dy).abs() < 1e-6);
        }
    }

    #[test]
    fn a_40x_view_shows_a_quarter_micrometre_per_pixel() {
        let quarter = Resolution::new(0.25, 0.25).unwrap();
        assert_eq!(Camera::at(SlidePx::default(), Magnification(40.0), quarter).zoom, 1.0);
        assert_eq!(Camera::at(SlidePx::default(), Magnification(20.0), quarter).zoom, 0.5);
        assert_eq!(Resolution::new(254.0, 254.0), None);
    }

    #[test]
    fn ten_high_power_fields_have_the_published_sides() {
        let (w, h) = Resolution::new(0.25, 0.25).unwrap().rectangle_px(2.37, 4.0 / 3.0);
        assert!((w - 7110.556).abs() < 0.01 && (h - 5332.917).abs() < 0.01, "{w} x {h}");
    }
}
