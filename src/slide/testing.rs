//! Sources for tests: a procedural one of any size, a slow one, one that fails.

use super::{Facts, Level, Pixels, Reader, SlideError, SlideSource};
use crate::model::{Rect, Resolution};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A slide whose pixels are a function of their place, with levels at downsamples 1, 4, 16, … 0.25 um per pixel.
pub struct Checker {
    facts: Facts,
}

impl Checker {
    /// A slide of `width` x `height` level-0 pixels.
    pub fn new(width: u32, height: u32) -> Self {
        let mut levels = Vec::new();
        let mut factor = 1;
        while factor == 1 || width.max(height) / factor > 512 {
            let (w, h) = ((width / factor).max(1), (height / factor).max(1));
            levels.push(Level {
                width: w,
                height: h,
                downsample: (f64::from(width) / f64::from(w) + f64::from(height) / f64::from(h)) / 2.0,
                tile_width: Some(256),
                tile_height: Some(256),
            });
            factor *= 4;
        }
        let facts = Facts {
            path: PathBuf::from("checker.svs"),
            reader: Reader::Image,
            vendor: "checker".into(),
            width,
            height,
            resolution: Resolution::new(0.25, 0.25),
            objective: Some(40.0),
            levels,
            associated: Vec::new(),
            properties: Default::default(),
            icc: false,
            background: [255, 255, 255],
        };
        Self { facts }
    }

    /// Red, green, blue at a level-0 place: a slow gradient under squares of 64 px, never pure magenta.
    pub fn color(x: f64, y: f64) -> [u8; 3] {
        let dark = if ((x / 64.0).floor() as i64 + (y / 64.0).floor() as i64) & 1 == 0 { 0.0 } else { 60.0 };
        let wave = |v: f64, period: f64| 60.0 + 60.0 * (v / period).sin();
        [
            (80.0 + wave(x, 300.0) - dark) as u8,
            (100.0 + wave(y, 200.0) - dark) as u8,
            (90.0 + wave(x + y, 900.0) - dark) as u8,
        ]
    }
}

impl SlideSource for Checker {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, SlideError> {
        let Some(l) = self.facts.levels.get(level) else {
            return Err(SlideError::Request {
                path: self.facts.path.clone(),
                why: format!("no level {level}"),
            });
        };
        let (left, top) =
            ((x as f64 / l.downsample).round() as i64, (y as f64 / l.downsample).round() as i64);
        let mut pixels = Pixels::filled(w, h, [0; 4]);
        for row in 0..h {
            for column in 0..w {
                let (px, py) = (left + i64::from(column), top + i64::from(row));
                if px < 0 || py < 0 || px >= i64::from(l.width) || py >= i64::from(l.height) {
                    continue;
                }
                let at = |v: i64| (v as f64 + 0.5) * l.downsample;
                let [r, g, b] = Self::color(at(px), at(py));
                let i = 4 * (row as usize * w as usize + column as usize);
                pixels.rgba[i..i + 4].copy_from_slice(&[r, g, b, 255]);
            }
        }
        Ok(pixels)
    }

    fn associated(&self, name: &str) -> Result<Pixels, SlideError> {
        Err(SlideError::Request {
            path: self.facts.path.clone(),
            why: format!("no associated picture {name}"),
        })
    }
}

/// A source that takes its time, and counts.
pub struct Slowed {
    inner: Arc<dyn SlideSource>,
    each: Duration,
    calls: AtomicUsize,
}

impl Slowed {
    /// Each region of `inner` takes at least `each`.
    pub fn new(inner: Arc<dyn SlideSource>, each: Duration) -> Self {
        Self { inner, each, calls: AtomicUsize::new(0) }
    }

    /// Regions read so far.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

impl SlideSource for Slowed {
    fn facts(&self) -> &Facts {
        self.inner.facts()
    }

    fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, SlideError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(self.each);
        self.inner.region(x, y, level, w, h)
    }

    fn associated(&self, name: &str) -> Result<Pixels, SlideError> {
        self.inner.associated(name)
    }
}

/// A source that can't be read in one place.
pub struct Failing {
    inner: Arc<dyn SlideSource>,
    at: Rect,
}

impl Failing {
    /// Level-0 regions of `inner` that touch `at` fail.
    pub fn new(inner: Arc<dyn SlideSource>, at: Rect) -> Self {
        Self { inner, at }
    }
}

impl SlideSource for Failing {
    fn facts(&self) -> &Facts {
        self.inner.facts()
    }

    fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, SlideError> {
        if level == 0 && Rect::new(x as f64, y as f64, f64::from(w), f64::from(h)).intersects(&self.at) {
            let path = self.facts().path.clone();
            return Err(SlideError::Broken {
                path,
                what: format!("the region at {x},{y}"),
                why: "a test".into(),
            });
        }
        self.inner.region(x, y, level, w, h)
    }

    fn associated(&self, name: &str) -> Result<Pixels, SlideError> {
        self.inner.associated(name)
    }
}
