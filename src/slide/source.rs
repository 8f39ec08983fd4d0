//! What every reader of slides offers, and how it fails.

use crate::model::Resolution;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Which reader opened a slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reader {
    /// The OpenSlide library.
    OpenSlide,
    /// The program's own reader of tiled TIFF.
    Tiff,
    /// One plain picture with a pyramid made in memory.
    Image,
}

/// One level of the pyramid.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// Width in pixels of this level.
    pub width: u32,
    /// Height in pixels of this level.
    pub height: u32,
    /// Level-0 pixels per pixel of this level, as OpenSlide computes it.
    pub downsample: f64,
    /// Width of the file's own tiles; `None` where it has none.
    pub tile_width: Option<u32>,
    /// Height of the file's own tiles.
    pub tile_height: Option<u32>,
}

/// What a slide says about itself.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The file.
    pub path: PathBuf,
    /// Who reads it.
    pub reader: Reader,
    /// The vendor in OpenSlide's word, for pictures the format's name.
    pub vendor: String,
    /// Level-0 width.
    pub width: u32,
    /// Level-0 height.
    pub height: u32,
    /// Micrometres per pixel; `None` when unknown or not believable.
    pub resolution: Option<Resolution>,
    /// The scanner's objective.
    pub objective: Option<f64>,
    /// Level 0 first, downsample growing.
    pub levels: Vec<Level>,
    /// Names of associated pictures (label, macro, thumbnail).
    pub associated: Vec<String>,
    /// Everything the file says, by OpenSlide's names.
    pub properties: BTreeMap<String, String>,
    /// Is there a colour profile?
    pub icc: bool,
    /// What shows where the slide has no pixels.
    pub background: [u8; 3],
}

impl Facts {
    /// The whole slide as a rectangle of level-0 pixels.
    pub fn bounds(&self) -> crate::model::Rect {
        crate::model::Rect::new(0.0, 0.0, f64::from(self.width), f64::from(self.height))
    }

    /// The file's base name.
    pub fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    }
}

/// A picture: `rgba` has `4 * width * height` bytes, rows from the top, straight (not premultiplied) alpha.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Red, green, blue, alpha of each pixel.
    pub rgba: Vec<u8>,
}

impl Pixels {
    /// A picture of one colour.
    pub fn filled(width: u32, height: u32, rgba: [u8; 4]) -> Self {
        Self { width, height, rgba: rgba.repeat(width as usize * height as usize) }
    }

    /// Red, green, blue, alpha of the pixel at `x`, `y`.
    pub fn at(&self, x: u32, y: u32) -> [u8; 4] {
        let i = 4 * (y as usize * self.width as usize + x as usize);
        [self.rgba[i], self.rgba[i + 1], self.rgba[i + 2], self.rgba[i + 3]]
    }

    /// Laid on a ground of one colour: alpha becomes 255 everywhere.
    pub fn flatten(&mut self, ground: [u8; 3]) {
        for pixel in self.rgba.chunks_exact_mut(4) {
            let alpha = u32::from(pixel[3]);
            if alpha < 255 {
                for (value, under) in pixel[..3].iter_mut().zip(ground) {
                    *value =
                        ((u32::from(*value) * alpha + u32::from(under) * (255 - alpha) + 127) / 255) as u8;
                }
                pixel[3] = 255;
            }
        }
    }
}

/// A slide that is open. Any thread may read from it.
pub trait SlideSource: Send + Sync {
    /// What the slide says about itself.
    fn facts(&self) -> &Facts;

    /// A region as OpenSlide defines it: `x`, `y` are level-0 positions of its upper-left corner, `w`, `h` its
    /// size in pixels of `level`. Outside the slide, and where it has no tile, the picture is transparent.
    ///
    /// # Errors
    /// When the file can't be read there, or `level` does not exist, or the region has no or more than 2^28 pixels.
    fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, SlideError>;

    /// An associated picture.
    ///
    /// # Errors
    /// When there is none of this name or it can't be read.
    fn associated(&self, name: &str) -> Result<Pixels, SlideError>;
}

/// Why a slide, or a part of it, can't be shown. Each message names the file and says what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SlideError {
    /// There is no such file, or it may not be read.
    #[error("{path}: {why}; check the name, the drive and your rights")]
    NotReadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// No reader knows it.
    #[error(
        "{path}: not a slide that can be read here ({why}); whole-slide formats, TIFF, PNG, JPEG and BMP are"
    )]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What the readers said.
        why: String,
    },
    /// A part can't be read.
    #[error("{path}: {what} can't be read ({why}); the rest of the slide may be whole, copy the file again")]
    Broken {
        /// The file.
        path: PathBuf,
        /// Which part.
        what: String,
        /// What the reader said.
        why: String,
    },
    /// The request makes no sense for this slide.
    #[error("{path}: {why}")]
    Request {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and what would be right.
        why: String,
    },
}
