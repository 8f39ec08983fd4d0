//! One plain picture (PNG, JPEG, BMP, TIFF) as a slide, with a pyramid made in memory.

use super::openslide::{check_request, no_associated};
use super::{Facts, Level, Pixels, Reader, SlideError, SlideSource};
use image::ImageDecoder as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Pixels that a picture may have: 512 MiB as RGBA.
const MOST_PIXELS: u64 = 1 << 27;
/// What a decoder may allocate beside them.
const MOST_DECODER_BYTES: u64 = 1 << 30;
/// The pyramid ends with the first level that fits into this square.
const TOP_SIDE: u32 = 256;

/// A plain picture with its pyramid. Level 0 is there at once; the others follow from a thread of their own.
pub struct PictureSource {
    facts: Facts,
    pyramid: Arc<Pyramid>,
    maker: Option<std::thread::JoinHandle<()>>,
}

struct Pyramid {
    levels: Mutex<Vec<Option<Arc<Pixels>>>>,
    made: Condvar,
    stop: AtomicBool,
}

impl PictureSource {
    /// Opens a picture.
    ///
    /// # Errors
    /// When its format is not known, it is broken or has more than 2^27 pixels.
    pub fn open(path: &Path) -> Result<Self, SlideError> {
        let unknown = |why: String| SlideError::Unknown { path: path.to_owned(), why };
        let not_readable =
            |e: std::io::Error| SlideError::NotReadable { path: path.to_owned(), why: e.to_string() };
        let reader = image::ImageReader::open(path)
            .and_then(image::ImageReader::with_guessed_format)
            .map_err(not_readable)?;
        let format = reader.format().ok_or_else(|| unknown("no known picture format".into()))?;
        let mut decoder = reader.into_decoder().map_err(|e| unknown(reason(&e)))?;
        let (width, height) = decoder.dimensions();
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || pixels > MOST_PIXELS {
            return Err(unknown(format!(
                "a plain picture of {width} x {height} px is too large; save it as tiled TIFF"
            )));
        }
        let mut limits = image::Limits::default();
        limits.max_alloc = Some(MOST_DECODER_BYTES);
        decoder.set_limits(limits).map_err(|e| unknown(e.to_string()))?;
        let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
        let mut picture = image::DynamicImage::from_decoder(decoder).map_err(|e| unknown(reason(&e)))?;
        picture.apply_orientation(orientation);
        let picture = picture.into_rgba8();
        let base = Pixels { width: picture.width(), height: picture.height(), rgba: picture.into_raw() };
        let name = format.extensions_str().first().copied().unwrap_or("picture");
        Self::with_base(path, name, base)
            .map_err(|e| SlideError::NotReadable { path: path.to_owned(), why: e.to_string() })
    }

    fn with_base(path: &Path, format: &str, base: Pixels) -> std::io::Result<Self> {
        let mut levels = Vec::new();
        let (mut w, mut h) = (base.width, base.height);
        loop {
            let ratio = |whole: u32, part: u32| f64::from(whole) / f64::from(part);
            levels.push(Level {
                width: w,
                height: h,
                downsample: (ratio(base.width, w) + ratio(base.height, h)) / 2.0,
                tile_width: None,
                tile_height: None,
            });
            if w.max(h) <= TOP_SIDE {
                break;
            }
            (w, h) = (w.div_ceil(2), h.div_ceil(2));
        }
        let facts = Facts {
            path: path.to_owned(),
            reader: Reader::Image,
            vendor: format.into(),
            width: base.width,
            height: base.height,
            resolution: None,
            objective: None,
            associated: Vec::new(),
            properties: Default::default(),
            icc: false,
            background: [255; 3],
            levels,
        };
        let mut slots = vec![None; facts.levels.len()];
        slots[0] = Some(Arc::new(base));
        let pyramid = Arc::new(Pyramid {
            levels: Mutex::new(slots),
            made: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let for_maker = pyramid.clone();
        let maker = std::thread::Builder::new().name("pyramid".into()).spawn(move || for_maker.make())?;
        Ok(Self { facts, pyramid, maker: Some(maker) })
    }
}

/// Why a picture can't be decoded. Of a file that was cut short the decoders tell in words of their own trade.
fn reason(error: &image::ImageError) -> String {
    match error {
        image::ImageError::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "the file ends too early: it was cut short, fetch it again".into()
        }
        _ => error.to_string(),
    }
}

impl Drop for PictureSource {
    fn drop(&mut self) {
        self.pyramid.stop.store(true, Ordering::Relaxed);
        if let Some(maker) = self.maker.take() {
            let _ = maker.join();
        }
    }
}

impl Pyramid {
    fn make(&self) {
        let slots = |p: &Self| p.levels.lock().unwrap_or_else(PoisonError::into_inner).len();
        for level in 1..slots(self) {
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            let half = Arc::new(halved(&self.level(level - 1)));
            self.levels.lock().unwrap_or_else(PoisonError::into_inner)[level] = Some(half);
            self.made.notify_all();
        }
    }

    /// A level; waits until it is made.
    fn level(&self, level: usize) -> Arc<Pixels> {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(pixels) = &levels[level] {
                return pixels.clone();
            }
            levels = self.made.wait(levels).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Half the size, rounded up: each pixel is the mean of the up to four below it, colours weighted by alpha.
fn halved(from: &Pixels) -> Pixels {
    let (w, h) = (from.width.div_ceil(2), from.height.div_ceil(2));
    let mut rgba = Vec::with_capacity(4 * w as usize * h as usize);
    for y in 0..h {
        for x in 0..w {
            let (mut sum, mut alpha, mut n) = ([0_u32; 3], 0_u32, 0_u32);
            for (px, py) in [(2 * x, 2 * y), (2 * x + 1, 2 * y), (2 * x, 2 * y + 1), (2 * x + 1, 2 * y + 1)] {
                if px < from.width && py < from.height {
                    let pixel = from.at(px, py);
                    for (s, v) in sum.iter_mut().zip(pixel) {
                        *s += u32::from(v) * u32::from(pixel[3]);
                    }
                    alpha += u32::from(pixel[3]);
                    n += 1;
                }
            }
            let mean = |s: u32| s.checked_div(alpha).map_or(0, |_| ((s + alpha / 2) / alpha) as u8);
            rgba.extend([mean(sum[0]), mean(sum[1]), mean(sum[2]), ((alpha + n / 2) / n) as u8]);
        }
    }
    Pixels { width: w, height: h, rgba }
}

impl SlideSource for PictureSource {
    fn facts(&self) -> &Facts {
        &self.facts
    }

    fn region(&self, x: i64, y: i64, level: usize, w: u32, h: u32) -> Result<Pixels, SlideError> {
        let info = check_request(&self.facts, level, w, h)?;
        let from = self.pyramid.level(level);
        let (left, top) = ((x as f64 / info.downsample).round(), (y as f64 / info.downsample).round());
        let mut whole = Pixels::filled(w, h, [0; 4]);
        // The columns that both have, as indices into the region.
        let first = (-left).max(0.0);
        let last = (f64::from(from.width) - left).min(f64::from(w));
        if first < last {
            let bytes = 4 * (last - first) as usize;
            for row in 0..h {
                let y = top + f64::from(row);
                if y < 0.0 || y >= f64::from(from.height) {
                    continue;
                }
                let source = 4 * (y as usize * from.width as usize + (left + first) as usize);
                let target = 4 * (row as usize * w as usize + first as usize);
                whole.rgba[target..target + bytes].copy_from_slice(&from.rgba[source..source + bytes]);
            }
        }
        Ok(whole)
    }

    fn associated(&self, name: &str) -> Result<Pixels, SlideError> {
        Err(no_associated(&self.facts, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(w: u32, h: u32) -> Pixels {
        let rgba = (0..h).flat_map(|y| (0..w).flat_map(move |x| [x as u8, y as u8, 7, 255])).collect();
        Pixels { width: w, height: h, rgba }
    }

    #[test]
    fn the_pyramid_halves_until_it_fits_a_tile() {
        let source = PictureSource::with_base(Path::new("a.png"), "png", gradient(1001, 515)).unwrap();
        let sizes: Vec<_> = source.facts().levels.iter().map(|l| (l.width, l.height)).collect();
        assert_eq!(sizes, [(1001, 515), (501, 258), (251, 129)]);
        assert_eq!(source.region(0, 0, 2, 251, 129).unwrap().at(10, 10)[3], 255);
    }

    #[test]
    fn a_region_over_the_edge_is_transparent_outside() {
        let source = PictureSource::with_base(Path::new("a.png"), "png", gradient(20, 10)).unwrap();
        let part = source.region(-2, 8, 0, 5, 4).unwrap();
        assert_eq!(part.at(1, 0), [0; 4]);
        assert_eq!(part.at(2, 0), [0, 8, 7, 255]);
        assert_eq!(part.at(4, 1), [2, 9, 7, 255]);
        assert_eq!(part.at(4, 2), [0; 4]);
        assert_eq!(source.region(1 << 40, 0, 0, 5, 4).unwrap(), Pixels::filled(5, 4, [0; 4]));
        assert!(source.region(0, 0, 1, 5, 4).is_err() && source.region(0, 0, 0, 0, 4).is_err());
    }

    #[test]
    fn half_of_a_checkerboard_is_grey_and_transparency_has_no_colour() {
        let board = Pixels {
            width: 2,
            height: 2,
            rgba: [[0, 0, 0, 255], [255; 4], [255; 4], [0, 0, 0, 255]].concat(),
        };
        assert_eq!(halved(&board).at(0, 0), [128, 128, 128, 255]);
        let edge = Pixels { width: 2, height: 1, rgba: [[200, 100, 50, 255], [0, 0, 0, 0]].concat() };
        assert_eq!(halved(&edge).at(0, 0), [200, 100, 50, 128]);
    }
}
