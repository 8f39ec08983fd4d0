//! A slide as pixels: readers behind one trait, and a procedural slide with its truth.

pub mod openslide;
pub mod overview;
pub mod picture;
pub mod source;
pub mod synthetic;

pub use source::{Facts, Level, Pixels, Reader, SlideError, SlideSource};

use std::path::Path;
use std::sync::Arc;

/// Opens a slide with the reader that fits it: OpenSlide for what it knows, else as one plain picture.
///
/// # Errors
/// A sentence for people when the file is missing, broken or of a kind that no reader knows.
pub fn open(path: &Path) -> Result<Arc<dyn SlideSource>, SlideError> {
    let _ = path;
    todo!()
}

/// Opens a slide with this reader and no other.
///
/// # Errors
/// As [`open`].
pub fn open_with(path: &Path, reader: Reader) -> Result<Arc<dyn SlideSource>, SlideError> {
    let _ = (path, reader);
    todo!()
}
