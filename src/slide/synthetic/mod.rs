//! A procedural slide: H&E tissue with known mitotic figures and look-alikes.
//!
//! Everything is a function of the seed and the place, so any window can be drawn alone: [`region`] draws one without
//! a file, [`write()`] streams a whole Aperio-style pyramid, [`truth`] lists the cells without drawing.
//!
//! Drawing goes from the large to the small. `layout` says where tissue, tumour, fat and necrosis are; `matter` lays
//! the ground between the nuclei, `rings` glands and vessels, `cells` the nuclei on jittered grids, `places` and
//! `figures` the cells of the truth. All of them add haematoxylin and eosin on a `canvas`; `colour` turns the two into light.

mod canvas;
mod cells;
mod colour;
mod figures;
mod fragment;
mod label;
mod layout;
mod matter;
mod noise;
mod places;
mod pyramid;
mod rings;
mod tiff;

pub use pyramid::write;

use super::Pixels;
use cells::Tissue;
use colour::{GROUND, Light};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Micrometres per pixel.
pub const MPP: f64 = 0.25;
/// The largest width and height of a slide.
pub const LARGEST: u32 = 262_144;
/// The most pixels of a region: 2^28, as for slides that are read.
const LARGEST_REGION: u64 = 1 << 28;

/// What an artificial slide is made from. It has 0.25 um per pixel and says that its objective is a 40x.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// Level-0 width in pixels, 1 to [`LARGEST`].
    pub width: u32,
    /// Level-0 height in pixels, 1 to [`LARGEST`].
    pub height: u32,
    /// Two slides of one size and seed are the same, byte by byte.
    pub seed: u64,
    /// At most a dozen small islands of tissue on an empty slide, however large.
    pub sparse: bool,
}

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

impl Cell {
    /// The name of its class, in the words of the default classes.
    pub fn class(&self) -> &'static str {
        if self.mitotic { "mitotic figure" } else { "non-mitotic look-alike" }
    }
}

/// Why there is no artificial slide.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SynthesisError {
    /// A side of 0, or a larger one than can be made.
    #[error("a slide of {width} x {height} px can't be made; each side has 1 to {LARGEST} px")]
    Size {
        /// Width that was asked for.
        width: u32,
        /// Height that was asked for.
        height: u32,
    },
    /// A region without pixels or with too many.
    #[error("a region of {width} x {height} px can't be drawn at once; it has 1 to {LARGEST_REGION} px")]
    Region {
        /// Width that was asked for.
        width: u32,
        /// Height that was asked for.
        height: u32,
    },
    /// The file can't be written.
    #[error("{path}: can't be written ({source}); check the folder and its free space")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The JPEG library refused a tile.
    #[error("{path}: can't be written (JPEG: {why})")]
    Jpeg {
        /// The file.
        path: PathBuf,
        /// What the library said.
        why: String,
    },
    /// Whoever watched the progress ended it.
    #[error("{path}: not made, it was cancelled")]
    Cancelled {
        /// The file.
        path: PathBuf,
    },
}

impl Recipe {
    fn check(&self) -> Result<(), SynthesisError> {
        let fits = |side: u32| (1..=LARGEST).contains(&side);
        if fits(self.width) && fits(self.height) {
            Ok(())
        } else {
            Err(SynthesisError::Size { width: self.width, height: self.height })
        }
    }
}

/// The cells of a slide, from its grid's top down, without drawing it.
///
/// # Errors
/// When the recipe's size is out of bounds.
pub fn truth(recipe: &Recipe) -> Result<Vec<Cell>, SynthesisError> {
    recipe.check()?;
    Ok(Tissue::new(recipe).truth())
}

/// A region of level 0 as it would be in the file before JPEG; the tissue goes on beyond the slide's edge.
///
/// # Errors
/// When the recipe's size is out of bounds, or the region has no or more than 2^28 pixels.
pub fn region(recipe: &Recipe, x: i64, y: i64, width: u32, height: u32) -> Result<Pixels, SynthesisError> {
    recipe.check()?;
    let size = u64::from(width) * u64::from(height);
    let reach = i64::from(LARGEST);
    if size == 0 || size > LARGEST_REGION || !(-reach..=reach).contains(&x) || !(-reach..=reach).contains(&y)
    {
        return Err(SynthesisError::Region { width, height });
    }
    let painter = Painter::new(recipe);
    let mut pixels = Pixels::filled(width, height, [GROUND[0], GROUND[1], GROUND[2], 255]);
    let (w, h) = (width as usize, height as usize);
    for top in (0..h).step_by(TILE) {
        for left in (0..w).step_by(TILE) {
            let (tw, th) = (TILE.min(w - left), TILE.min(h - top));
            let Some(rgb) = painter.rgb(x + left as i64, y + top as i64, tw, th) else { continue };
            for (row, line) in rgb.chunks_exact(3 * tw).enumerate() {
                let start = 4 * ((top + row) * w + left);
                for (to, from) in pixels.rgba[start..].chunks_exact_mut(4).zip(line.chunks_exact(3)) {
                    to[..3].copy_from_slice(from);
                }
            }
        }
    }
    Ok(pixels)
}

/// Writes a truth as CSV with the columns `x,y,class,phase`, whole or not at all.
///
/// # Errors
/// When the file can't be written.
pub fn write_truth(path: &Path, cells: &[Cell]) -> Result<(), SynthesisError> {
    let wrong = |source| SynthesisError::Write { path: path.to_owned(), source };
    let mut file = crate::files::beside(path).map_err(wrong)?;
    let mut text = String::from("x,y,class,phase\n");
    for cell in cells {
        text.push_str(&format!("{:.1},{:.1},{},{}\n", cell.x, cell.y, cell.class(), cell.phase));
    }
    file.write_all(text.as_bytes()).map_err(wrong)?;
    file.as_file().sync_all().map_err(wrong)?;
    file.persist(path).map_err(|e| wrong(e.error))?;
    Ok(())
}

/// Width and height of a file's tiles.
const TILE: usize = 256;

/// Draws windows of one slide in colour.
struct Painter {
    tissue: Tissue,
    light: Light,
}

impl Painter {
    fn new(recipe: &Recipe) -> Self {
        Self { tissue: Tissue::new(recipe), light: Light::new() }
    }

    /// Red, green, blue of a window; `None` where there is nothing but ground.
    fn rgb(&self, x: i64, y: i64, w: usize, h: usize) -> Option<Vec<u8>> {
        let canvas = self.tissue.draw(x, y, w, h)?;
        let mut rgb = Vec::with_capacity(3 * w * h);
        for line in canvas.stain.chunks_exact(canvas.w).skip(1).take(h) {
            rgb.extend(line[1..=w].iter().flat_map(|&stain| self.light.of(stain)));
        }
        Some(rgb)
    }

    /// Is a tile of the file surely ground from edge to edge? Told without drawing it.
    fn is_empty(&self, column: usize, row: usize) -> bool {
        self.tissue.layout.is_empty((column * TILE) as f32, (row * TILE) as f32, TILE as f32)
    }

    /// A tile of the file: `None` where it is ground from edge to edge.
    fn tile(&self, column: usize, row: usize) -> Option<Vec<u8>> {
        if self.is_empty(column, row) {
            return None;
        }
        let rgb = self.rgb((column * TILE) as i64, (row * TILE) as i64, TILE, TILE)?;
        rgb.chunks_exact(3).any(|p| p != GROUND).then_some(rgb)
    }
}

#[cfg(test)]
mod tests;
