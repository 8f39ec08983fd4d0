//! Pictures of items: patches read from slides, or what a kit brings, read ahead.

use crate::model::{Item, Resolution, SlidePx};
use crate::slide::{Pixels, SlideSource};
use eframe::egui::TextureHandle;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ops::RangeInclusive;

/// Pictures that are read ahead, and kept behind.
const AHEAD: u32 = 48;
const BEHIND: u32 = 24;
/// The same for what a kit brings, which is larger.
const AHEAD_OF_KIT: u32 = 24;
/// Questions at a time: a hand that runs ahead leaves few behind.
const ASKED: usize = 8;
/// Rows and columns of the sheet.
pub const SHEET: [u32; 2] = [4, 6];
/// Side of a patch where the slide states no resolution, in pixels.
const SIDE_PX: f64 = 128.0;
/// Longest side of a picture, in pixels.
const MOST_SIDE: u32 = 2048;

/// A picture that is there: its middle is the object.
pub struct Ready {
    /// The picture.
    pub texture: TextureHandle,
    /// Its size in level-0 pixels of the slide.
    pub size: [f64; 2],
}

enum Picture {
    Asked,
    Ready(Ready),
    Missing(String),
}

/// The pictures.
pub struct Pictures {
    by_item: HashMap<u32, Picture>,
    /// Does the kit bring them? Not known until it was asked.
    of_kit: Option<bool>,
    probing: bool,
}

impl Pictures {
    /// None yet.
    pub fn new(kit: bool) -> Self {
        Self { by_item: HashMap::new(), of_kit: (!kit).then_some(false), probing: false }
    }

    /// Does the kit bring the pictures? `None` until that is known.
    pub fn of_kit(&self) -> Option<bool> {
        self.of_kit
    }

    /// Is the kit to be asked whether it brings pictures? Once.
    pub fn probe(&mut self) -> bool {
        self.of_kit.is_none() && !std::mem::replace(&mut self.probing, true)
    }

    /// The kit brings pictures, or does not.
    pub fn known(&mut self, of_kit: bool) {
        self.of_kit.get_or_insert(of_kit);
    }

    /// A picture that is there, or why there is none.
    pub fn get(&self, item: u32) -> Option<Result<&Ready, &str>> {
        match self.by_item.get(&item)? {
            Picture::Asked => None,
            Picture::Ready(ready) => Some(Ok(ready)),
            Picture::Missing(why) => Some(Err(why)),
        }
    }

    /// A picture came, or why not.
    pub fn put(&mut self, item: u32, ready: Result<Ready, String>) {
        // What was left behind meanwhile is not kept.
        if let Some(picture) = self.by_item.get_mut(&item) {
            *picture = match ready {
                Ok(ready) => Picture::Ready(ready),
                Err(why) => Picture::Missing(why),
            };
        }
    }

    /// What was missing may be asked for anew.
    pub fn look_again(&mut self) {
        self.by_item.retain(|_, p| !matches!(p, Picture::Missing(_)));
    }

    /// Is a picture being read?
    pub fn waits(&self) -> bool {
        self.by_item.values().any(|p| matches!(p, Picture::Asked))
    }

    /// The items to ask for now, the most urgent first; those far from `at` are let go.
    pub fn wishes(&mut self, at: u32, items: u32) -> Vec<u32> {
        let [ahead, behind] =
            if self.of_kit == Some(true) { [AHEAD_OF_KIT, BEHIND] } else { [AHEAD, BEHIND] };
        let (first, last) = (at.saturating_sub(behind).max(1), at.saturating_add(ahead).min(items));
        self.by_item.retain(|n, _| (first..=last).contains(n));
        let asked = self.by_item.values().filter(|p| matches!(p, Picture::Asked)).count();
        let page = page_of(at, items);
        let order = std::iter::once(at)
            .chain(page)
            .chain(at.saturating_add(1)..=last)
            .chain((first..at).rev())
            .filter(|n| (first..=last).contains(n));
        let mut wishes = Vec::new();
        for n in order {
            if asked + wishes.len() >= ASKED {
                break;
            }
            if let Entry::Vacant(place) = self.by_item.entry(n) {
                place.insert(Picture::Asked);
                wishes.push(n);
            }
        }
        wishes
    }
}

/// The items on the sheet that holds `at`.
pub fn page_of(at: u32, items: u32) -> RangeInclusive<u32> {
    let n = SHEET[0] * SHEET[1];
    let first = (at.max(1) - 1) / n * n + 1;
    first..=(first + n - 1).min(items)
}

/// Side of a patch in level-0 pixels.
pub fn patch_px(patch_um: f64, resolution: Option<Resolution>) -> f64 {
    let side = resolution.map_or(SIDE_PX, |r| patch_um / r.mean());
    if side.is_finite() { side.clamp(8.0, 8192.0) } else { SIDE_PX }
}

/// Reads a patch around an item. Not for the window's thread.
///
/// # Errors
/// A sentence that names no file.
pub fn read(source: &dyn SlideSource, item: &Item, side: f64) -> Result<(Pixels, [f64; 2]), String> {
    let facts = source.facts();
    // The coarsest level that still has as many pixels as are shown.
    let level = facts.levels.iter().rposition(|l| side / l.downsample >= SIDE_PX).unwrap_or(0);
    let downsample = facts.levels.get(level).map_or(1.0, |l| l.downsample);
    let px = (side / downsample).round().clamp(1.0, f64::from(MOST_SIDE));
    let SlidePx { x, y } = item.at;
    let corner = |middle: f64| (middle - px * downsample / 2.0).round() as i64;
    let mut pixels = source
        .region(corner(x), corner(y), level, px as u32, px as u32)
        .map_err(|_| "this part of the slide can't be read".to_owned())?;
    pixels.flatten(facts.background);
    Ok((pixels, [px * downsample; 2]))
}

/// Decodes a picture that a kit brings. Not for the window's thread.
///
/// # Errors
/// A sentence.
pub fn decode(bytes: &[u8]) -> Result<(Pixels, [f64; 2]), String> {
    let wrong = |_| "the picture of this item can't be read; ask for the kit again".to_owned();
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes));
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(8192);
    limits.max_image_height = Some(8192);
    reader.limits(limits);
    let reader = reader.with_guessed_format().map_err(|e| wrong(e.into()))?;
    let mut picture = reader.decode().map_err(wrong)?;
    let size = [f64::from(picture.width()), f64::from(picture.height())];
    if picture.width().max(picture.height()) > MOST_SIDE {
        picture = picture.resize(MOST_SIDE, MOST_SIDE, image::imageops::FilterType::Triangle);
    }
    let picture = picture.into_rgba8();
    let pixels = Pixels { width: picture.width(), height: picture.height(), rgba: picture.into_raw() };
    Ok((pixels, size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slide::testing::Checker;

    fn item(x: f64, y: f64) -> Item {
        Item { number: 1, guid: String::new(), slide: 1, at: SlidePx::new(x, y), turn: 0, shown: Vec::new() }
    }

    #[test]
    fn the_item_and_its_page_come_first_and_the_rest_is_let_go() {
        let mut pictures = Pictures::new(false);
        assert_eq!(pictures.wishes(30, 640), [30, 25, 26, 27, 28, 29, 31, 32]);
        assert!(pictures.wishes(30, 640).is_empty(), "so many at a time");
        for n in 25..=32 {
            pictures.put(n, Err("gone".into()));
        }
        assert_eq!(pictures.wishes(30, 640)[0], 33);
        assert_eq!(pictures.get(30).unwrap().err(), Some("gone"));
        pictures.wishes(600, 640);
        assert!(pictures.get(30).is_none());
        assert_eq!(page_of(24, 640), 1..=24);
        assert_eq!(page_of(25, 30), 25..=30);
    }

    #[test]
    fn a_patch_has_the_object_in_its_middle() {
        let source = Checker::new(4000, 3000);
        let side = patch_px(32.0, source.facts().resolution);
        assert_eq!(side, 128.0);
        let (pixels, size) = read(&source, &item(1000.0, 900.0), side).unwrap();
        assert_eq!((pixels.width, size), (128, [128.0, 128.0]));
        let [r, g, b] = Checker::color(1000.5, 900.5);
        assert_eq!(pixels.at(64, 64), [r, g, b, 255]);
        // Over the edge the slide's ground shows.
        assert_eq!(read(&source, &item(2.0, 2.0), side).unwrap().0.at(0, 0), [255; 4]);
    }

    #[test]
    fn a_broken_picture_is_a_sentence() {
        assert!(decode(b"no picture").unwrap_err().contains("can't be read"));
        let mut png = std::io::Cursor::new(Vec::new());
        image::RgbaImage::new(30, 20).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let (pixels, size) = decode(png.get_ref()).unwrap();
        assert_eq!((pixels.width, size), (30, [30.0, 20.0]));
    }
}
