//! Slides through the OpenSlide library.

use super::{Facts, Level, Pixels, Reader, SlideError, SlideSource};
use crate::model::Resolution;
use openslide_rs::errors::OpenSlideError;
use openslide_rs::{Address, OpenSlide, Region, Size};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// No region may have more pixels (1 GiB as RGBA).
pub(super) const MOST_PIXELS: u64 = 1 << 28;
/// Decoded tiles that OpenSlide keeps, in bytes, where its version lets us say.
#[cfg(feature = "openslide4")]
const CACHE_BYTES: usize = 128 << 20;

/// The version of the library that is loaded, e.g. "3.4.1".
pub fn version() -> String {
    OpenSlide::version().unwrap_or_else(|_| "unknown".into())
}

/// A slide that OpenSlide opened.
pub struct OpenSlideSource {
    facts: Facts,
    /// An error sticks to OpenSlide's handle for good, so that one bad tile would end the whole slide: after an
    /// error a new handle takes its place.
    handle: RwLock<Arc<OpenSlide>>,
}

impl OpenSlideSource {
    /// Opens a slide of any vendor that OpenSlide knows.
    ///
    /// # Errors
    /// [`SlideError::Unknown`] when OpenSlide does not know the format, [`SlideError::Broken`] when it does.
    pub fn open(path: &Path) -> Result<Self, SlideError> {
        let handle = new_handle(path)?;
        let facts = facts(path, &handle)?;
        Ok(Self { facts, handle: RwLock::new(Arc::new(handle)) })
    }

    fn handle(&self) -> Arc<OpenSlide> {
        self.handle.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs `read`; after an error the handle `used` is replaced, unless another thread did so already.
    fn with_handle<T>(
        &self,
        what: impl Fn() -> String,
        read: impl Fn(&OpenSlide) -> Result<T, OpenSlideError>,
    ) -> Result<T, SlideError> {
        let used = self.handle();
        read(&used).map_err(|e| {
            let mut current = self.handle.write().unwrap_or_else(PoisonError::into_inner);
            if Arc::ptr_eq(&current, &used)
                && let Ok(fresh) = new_handle(&self.facts.path)
            {
                *current = Arc::new(fresh);
            }
            SlideError::Broken { path: self.facts.path.clone(), what: what(), why: e.to_string() }
        })
    }
}

fn new_handle(path: &Path) -> Result<OpenSlide, SlideError> {
    #[cfg(feature = "openslide4")]
    let opened = OpenSlide::new_with_cache(path, CACHE_BYTES);
    #[cfg(not(feature = "openslide4"))]
    let opened = OpenSlide::new(path);
    opened.map_err(|e| match e {
        OpenSlideError::UnsupportedFile(_) => {
            SlideError::Unknown { path: path.to_owned(), why: "OpenSlide does not know it".into() }
        }
        other => {
            SlideError::Broken { path: path.to_owned(), what: "the slide".into(), why: other.to_string() }
        }
    })
}

fn facts(path: &Path, handle: &OpenSlide) -> Result<Facts, SlideError> {
    let broken = |what: &str, e: OpenSlideError| SlideError::Broken {
        path: path.to_owned(),
        what: what.into(),
        why: e.to_string(),
    };
    let mut properties = BTreeMap::new();
    for name in handle.property_names().map_err(|e| broken("the list of properties", e))? {
        if let Ok(value) = handle.property_value(&name) {
            properties.insert(name, value);
        }
    }
    let number = |name: &str| properties.get(name).and_then(|v| v.trim().parse::<f64>().ok());
    let mut levels = Vec::new();
    for (i, (size, downsample)) in
        handle.all_level_dimensions().iter().zip(handle.all_level_downsamples()).enumerate()
    {
        let tile = |side: &str| {
            let value = properties.get(&format!("openslide.level[{i}].tile-{side}"))?;
            value.parse::<u32>().ok().filter(|v| *v > 0)
        };
        levels.push(Level {
            width: size.w,
            height: size.h,
            downsample: *downsample,
            tile_width: tile("width"),
            tile_height: tile("height"),
        });
    }
    let Some(base) = levels.first().filter(|l| l.width > 0 && l.height > 0) else {
        return Err(SlideError::Broken {
            path: path.to_owned(),
            what: "the slide".into(),
            why: "it has no pixels".into(),
        });
    };
    let resolution = number("openslide.mpp-x").zip(number("openslide.mpp-y"));
    let background = properties
        .get("openslide.background-color")
        .and_then(|v| v.parse::<crate::model::Rgb>().ok())
        .map_or([255; 3], |c| [c.0, c.1, c.2]);
    #[cfg(feature = "openslide4")]
    let icc = handle.icc_profile().is_ok_and(|p| p.is_some());
    #[cfg(not(feature = "openslide4"))]
    let icc = false;
    Ok(Facts {
        path: path.to_owned(),
        reader: Reader::OpenSlide,
        vendor: properties.get("openslide.vendor").cloned().unwrap_or_default(),
        width: base.width,
        height: base.height,
        resolution: resolution.and_then(|(x, y)| Resolution::new(x, y)),
        objective: number("openslide.objective-power").filter(|v| v.is_finite() && *v > 0.0),
        associated: handle
            .associated_image_names()
            .map_err(|e| broken("the list of associated pictures", e))?,
        levels,
        properties,
        icc,
        background,
    })
}

impl SlideSource for OpenSlideSource {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, SlideError> {
        let info = check_request(&self.facts, level, w, h)?;
        // OpenSlide's Rust binding takes no negative positions. The library itself leaves out the whole pixels of the
        // level that lie before the slide, and reads the rest from the slide's edge.
        let cut = |at: i64, side: u32| {
            let pixels = (-(at.min(0) as f64) / info.downsample).trunc();
            (pixels.min(f64::from(side)) as u32, at.max(0) as f64)
        };
        let ((left, from_x), (top, from_y)) = (cut(x, w), cut(y, h));
        let most = f64::from(u32::MAX);
        if left == w || top == h || from_x > most || from_y > most {
            return Ok(Pixels::filled(w, h, [0; 4]));
        }
        let (part_w, part_h) = (w - left, h - top);
        let region = Region {
            size: Size { w: part_w, h: part_h },
            level: level as u32,
            address: Address { x: from_x as u32, y: from_y as u32 },
        };
        let part = self
            .with_handle(|| format!("level {level} at {x},{y}"), |handle| handle.read_image_rgba(&region))?
            .into_raw();
        if (left, top) == (0, 0) {
            return Ok(Pixels { width: w, height: h, rgba: part });
        }
        let mut whole = Pixels::filled(w, h, [0; 4]);
        for (row, line) in part.chunks_exact(4 * part_w as usize).enumerate() {
            let start = 4 * ((top as usize + row) * w as usize + left as usize);
            whole.rgba[start..start + line.len()].copy_from_slice(line);
        }
        Ok(whole)
    }

    fn associated(&self, name: &str) -> Result<Pixels, SlideError> {
        if !self.facts.associated.iter().any(|n| n == name) {
            return Err(no_associated(&self.facts, name));
        }
        let picture =
            self.with_handle(|| format!("the picture \"{name}\""), |h| h.read_associated_image_rgba(name))?;
        Ok(Pixels { width: picture.width(), height: picture.height(), rgba: picture.into_raw() })
    }
}

/// The level, if the request makes sense.
pub(super) fn check_request(facts: &Facts, level: usize, w: u32, h: u32) -> Result<&Level, SlideError> {
    let wrong = |why: String| SlideError::Request { path: facts.path.clone(), why };
    let found = facts.levels.get(level).ok_or_else(|| {
        wrong(format!(
            "there is no level {level}; the levels are 0 to {}",
            facts.levels.len().saturating_sub(1)
        ))
    })?;
    let pixels = u64::from(w) * u64::from(h);
    if pixels == 0 || pixels > MOST_PIXELS {
        return Err(wrong(format!(
            "a region of {w} x {h} px can't be read; it needs 1 to {MOST_PIXELS} pixels"
        )));
    }
    Ok(found)
}

pub(super) fn no_associated(facts: &Facts, name: &str) -> SlideError {
    let there = if facts.associated.is_empty() { "none".into() } else { facts.associated.join(", ") };
    SlideError::Request {
        path: facts.path.clone(),
        why: format!("there is no associated picture \"{name}\"; there: {there}"),
    }
}
