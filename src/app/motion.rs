//! How the view moves: with the hand, on after it, and in short glides. Pure functions of time.

use crate::model::{Camera, Rect, ScreenPx, SlidePx};
use std::time::Duration;

/// How long a glide takes.
const GLIDE: Duration = Duration::from_millis(120);
/// A thrown slide loses this part of its speed, as an exponent, in a second.
const FRICTION: f64 = 6.0;
/// Below this speed, in physical pixels a second, a thrown slide stands still.
const STILL: f64 = 12.0;
/// No throw is faster, in physical pixels a second.
const FASTEST: f64 = 6000.0;
/// Most screen pixels that a level-0 pixel is shown on, along one side.
const CLOSEST: f64 = 32.0;
/// The whole slide takes at least this part of the view.
const FARTHEST: f64 = 0.25;

/// A view in motion. Times are the caller's clock: any that only moves forward.
#[derive(Debug, Clone)]
pub struct Motion {
    camera: Camera,
    moves: Move,
    /// Are glides and throws off?
    pub reduced: bool,
}

#[derive(Debug, Clone, Copy)]
enum Move {
    None,
    /// On from here with a speed in physical pixels a second.
    Thrown {
        velocity: [f64; 2],
        last: Duration,
    },
    /// To a camera; the first frame after the order is its beginning.
    Glide {
        from: Camera,
        to: Camera,
        since: Option<Duration>,
    },
}

impl Motion {
    /// At rest.
    pub fn new(camera: Camera) -> Self {
        Self { camera, moves: Move::None, reduced: false }
    }

    /// Where the view is now.
    pub fn camera(&self) -> Camera {
        self.camera
    }

    /// Where it will come to rest: the end of a glide, else where it is.
    pub fn target(&self) -> Camera {
        match self.moves {
            Move::Glide { to, .. } => to,
            _ => self.camera,
        }
    }

    /// Is it in a throw or a glide?
    pub fn moving(&self) -> bool {
        !matches!(self.moves, Move::None)
    }

    /// Jumps.
    pub fn jump(&mut self, to: Camera) {
        self.camera = to;
        self.moves = Move::None;
    }

    /// Glides, or jumps where motion is reduced or the way is so far that a glide would show only a blur.
    pub fn go(&mut self, to: Camera, viewport: [f64; 2]) {
        let far = viewport[0].hypot(viewport[1]) * 3.0;
        let way = self.camera.center.distance(to.center) * self.camera.zoom.max(to.zoom);
        if self.reduced || way > far || (self.camera.angle - to.angle).abs() > 1e-9 {
            self.jump(to);
        } else {
            self.moves = Move::Glide { from: self.camera, to, since: None };
        }
    }

    /// Moves with the hand by physical pixels.
    pub fn drag(&mut self, dx: f64, dy: f64) {
        self.jump(self.camera.panned(dx, dy));
    }

    /// Lets go with a speed in physical pixels a second.
    pub fn throw(&mut self, velocity: [f64; 2], now: Duration) {
        let speed = velocity[0].hypot(velocity[1]);
        if !self.reduced && speed.is_finite() && speed > 4.0 * STILL {
            let by = (FASTEST / speed).min(1.0);
            self.moves = Move::Thrown { velocity: velocity.map(|v| v * by), last: now };
        }
    }

    /// Zooms about a place of the view.
    pub fn zoom(&mut self, factor: f64, at: ScreenPx, viewport: [f64; 2]) {
        if factor.is_finite() && factor > 0.0 {
            self.jump(self.camera.zoomed(factor, at, viewport));
        }
    }

    /// Stops where it is.
    pub fn stop(&mut self) {
        self.moves = Move::None;
    }

    /// Moves on to `now` and keeps the view on the slide; is it still moving?
    pub fn advance(&mut self, now: Duration, slide: Rect, viewport: [f64; 2]) -> bool {
        match self.moves {
            Move::None => {}
            Move::Thrown { velocity, last } => {
                let dt = now.saturating_sub(last).as_secs_f64();
                // The way of a speed that dies off exponentially: the same whatever the frame rate.
                let (left, way) = ((-FRICTION * dt).exp(), (1.0 - (-FRICTION * dt).exp()) / FRICTION);
                self.camera = self.camera.panned(velocity[0] * way, velocity[1] * way);
                let velocity = velocity.map(|v| v * left);
                self.moves = if velocity[0].hypot(velocity[1]) < STILL {
                    Move::None
                } else {
                    Move::Thrown { velocity, last: now }
                };
            }
            Move::Glide { from, to, since } => {
                let since = since.unwrap_or(now);
                let t = now.saturating_sub(since).as_secs_f64() / GLIDE.as_secs_f64();
                if t >= 1.0 {
                    self.jump(to);
                } else {
                    self.camera = between(from, to, t * t * (3.0 - 2.0 * t));
                    self.moves = Move::Glide { from, to, since: Some(since) };
                }
            }
        }
        self.camera = kept(self.camera, slide, viewport);
        self.moving()
    }
}

/// Part of the way from one view to another; the zoom goes in equal factors.
fn between(from: Camera, to: Camera, t: f64) -> Camera {
    let mix = |a: f64, b: f64| a + (b - a) * t;
    let center = SlidePx::new(mix(from.center.x, to.center.x), mix(from.center.y, to.center.y));
    Camera { center, zoom: from.zoom * (to.zoom / from.zoom).powf(t), angle: to.angle }
}

/// The nearest view that shows some of the slide at a sensible size.
pub fn kept(camera: Camera, slide: Rect, viewport: [f64; 2]) -> Camera {
    let fit = Camera::fit(slide, viewport, 1.0);
    let farthest = (fit.zoom * FARTHEST).min(CLOSEST);
    let sound = |v: f64, instead: f64| if v.is_finite() { v } else { instead };
    Camera {
        center: SlidePx::new(
            sound(camera.center.x, fit.center.x).clamp(slide.x, slide.right().max(slide.x)),
            sound(camera.center.y, fit.center.y).clamp(slide.y, slide.bottom().max(slide.y)),
        ),
        zoom: sound(camera.zoom, fit.zoom).clamp(farthest, CLOSEST),
        angle: sound(camera.angle, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const VIEW: [f64; 2] = [1000.0, 700.0];
    const SLIDE: Rect = Rect::new(0.0, 0.0, 40_000.0, 30_000.0);

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn a_throw_goes_as_far_at_any_frame_rate() {
        let way = |step: u64| {
            let mut motion = Motion::new(Camera::new(SlidePx::new(20_000.0, 15_000.0), 1.0));
            motion.throw([900.0, -300.0], at(0));
            let mut now = 0;
            while motion.advance(at(now), SLIDE, VIEW) {
                now += step;
                assert!(now < 5000, "it never stops");
            }
            motion.camera().center
        };
        let (fine, coarse) = (way(4), way(50));
        assert!(fine.distance(coarse) < 6.0, "{fine:?} {coarse:?}");
        assert!((20_000.0 - fine.x - 900.0 / FRICTION).abs() < 6.0, "{fine:?}");
    }

    #[test]
    fn a_glide_ends_at_its_aim_and_a_jump_is_at_once() {
        let mut motion = Motion::new(Camera::new(SlidePx::new(5000.0, 5000.0), 1.0));
        let to = Camera::new(SlidePx::new(5400.0, 5300.0), 2.0);
        motion.go(to, VIEW);
        assert!(motion.advance(at(1000), SLIDE, VIEW) && motion.camera() != to && motion.target() == to);
        assert!(motion.advance(at(1060), SLIDE, VIEW));
        assert!(!motion.advance(at(1121), SLIDE, VIEW));
        assert_eq!(motion.camera(), to);
        motion.reduced = true;
        motion.go(Camera::new(SlidePx::new(5000.0, 5000.0), 1.0), VIEW);
        assert!(!motion.advance(at(1130), SLIDE, VIEW));
        assert_eq!(motion.camera().zoom, 1.0);
    }

    proptest! {
        #[test]
        fn the_slide_is_never_lost(x in -1e9..1e9, y in -1e9..1e9, zoom in 1e-9..1e9) {
            let camera = kept(Camera::new(SlidePx::new(x, y), zoom), SLIDE, VIEW);
            prop_assert!(camera.visible(VIEW).intersects(&SLIDE));
            prop_assert_eq!(kept(camera, SLIDE, VIEW), camera);
        }
    }

    #[test]
    fn nonsense_is_mended() {
        let camera =
            Camera { center: SlidePx::new(f64::NAN, f64::INFINITY), zoom: f64::NAN, angle: f64::NAN };
        let kept = kept(camera, SLIDE, VIEW);
        assert!(kept.visible(VIEW).intersects(&SLIDE) && kept.angle == 0.0);
    }
}
