//! A slide as pixels: readers behind one trait, and a procedural slide with its truth.

pub mod openslide;
pub mod overview;
pub mod patch;
pub mod picture;
pub mod source;
pub mod synthetic;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use source::{Facts, Level, Pixels, Reader, SlideError, SlideSource};

use std::path::Path;
use std::sync::Arc;

/// Opens a slide with the reader that fits it: OpenSlide for what it knows, else as one plain picture.
///
/// # Errors
/// A sentence for people when the file is missing, broken or of a kind that no reader knows.
pub fn open(path: &Path) -> Result<Arc<dyn SlideSource>, SlideError> {
    readable(path)?;
    let first = match openslide::OpenSlideSource::open(path) {
        Ok(source) => return Ok(Arc::new(source)),
        Err(e) => e,
    };
    match picture::PictureSource::open(path) {
        Ok(source) => Ok(Arc::new(source)),
        // OpenSlide knew the format and found it broken: that tells more than what an image reader makes of it.
        Err(_) if matches!(first, SlideError::Broken { .. }) => Err(first),
        Err(second) => Err(second),
    }
}

/// Opens a slide with this reader and no other.
///
/// # Errors
/// As [`open`].
pub fn open_with(path: &Path, reader: Reader) -> Result<Arc<dyn SlideSource>, SlideError> {
    readable(path)?;
    match reader {
        Reader::OpenSlide => Ok(Arc::new(openslide::OpenSlideSource::open(path)?)),
        Reader::Image => Ok(Arc::new(picture::PictureSource::open(path)?)),
        Reader::Tiff => Err(SlideError::Request {
            path: path.to_owned(),
            why: "the reader tiff is not there yet; use openslide or image".into(),
        }),
    }
}

/// A picture as JPEG without thinning of its colours; transparent pixels are black. `quality` from 1 to 100.
///
/// # Errors
/// What the encoder says.
pub fn jpeg(pixels: &Pixels, quality: i32) -> Result<Vec<u8>, turbojpeg::Error> {
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let image = turbojpeg::Image {
        pixels: pixels.rgba.as_slice(),
        width,
        pitch: 4 * width,
        height,
        format: turbojpeg::PixelFormat::RGBA,
    };
    Ok(turbojpeg::compress(image, quality, turbojpeg::Subsamp::None)?.to_vec())
}

/// Is there a file that may be read? Says in the system's words why not.
fn readable(path: &Path) -> Result<(), SlideError> {
    let wrong = |why: String| SlideError::NotReadable { path: path.to_owned(), why };
    let facts = std::fs::metadata(path).map_err(|e| wrong(e.to_string()))?;
    if facts.is_dir() {
        return Err(wrong("it is a folder, not a slide".into()));
    }
    // Reading from a pipe would wait for whoever writes to it.
    if !facts.is_file() {
        return Err(wrong("it is a device or a pipe, not a slide".into()));
    }
    std::fs::File::open(path).map_err(|e| wrong(e.to_string()))?;
    Ok(())
}
