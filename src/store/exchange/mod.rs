//! Files of other programs, read row by row into what a document can take.
//!
//! Readers are given bytes that nobody vouches for: what is allocated is bounded first, what can't be read is told with
//! its line and a reason, nothing ends in a panic. Nothing here touches a document; [`crate::store::Database::import`] does.

mod coco;
mod csv;
mod detections;
mod loose;
mod sheet;
mod write;

pub use write::{Kept, Leaving, as_coco, fits_coco, fits_csv, write_csv};

use super::error::StoreError;
use super::rows::{LONGEST_NAME, MOST_POINTS};
use crate::model::{Shape, SlidePx};
use serde::Serialize;
use sheet::Sheet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// No file of annotations is larger, packed or unpacked.
const LARGEST: u64 = 128 << 20;

/// No file has more rows.
const MOST_ROWS: usize = 1_000_000;

/// No slide reaches farther, in level-0 pixels.
const FARTHEST: f64 = 1e9;

/// What kind of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table: labels `x,y,class`, or a detector's boxes.
    Csv,
    /// COCO's JSON.
    Coco,
    /// COCO's JSON with boxes given by two corners, as MIDOG.json has them.
    Midog,
    /// GeoJSON as QuPath writes it.
    Geojson,
    /// ASAP's XML.
    Asap,
    /// ImageScope's XML.
    Imagescope,
    /// Python's pickle of a detector's boxes.
    Pickle,
}

impl Format {
    /// All of them, those that are not read or written yet too.
    pub const ALL: [Self; 7] =
        [Self::Csv, Self::Coco, Self::Midog, Self::Geojson, Self::Asap, Self::Imagescope, Self::Pickle];

    /// The name used on the command line.
    pub fn id(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Coco => "coco",
            Self::Midog => "midog",
            Self::Geojson => "geojson",
            Self::Asap => "asap",
            Self::Imagescope => "imagescope",
            Self::Pickle => "pickle",
        }
    }
}

/// One row that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its line, the header being line 1; in JSON the number of its element, from 1.
    pub line: u64,
    /// The slide's name, if the row has one.
    pub slide: Option<String>,
    /// Where and what, in level-0 pixels.
    pub shape: Shape,
    /// The class's name.
    pub class: String,
    /// Whose opinion, if the row says so.
    pub rater: Option<String>,
    /// Free text.
    pub description: String,
    /// The object's identity across documents, if the row has one.
    pub guid: Option<String>,
    /// A detector's score.
    pub score: Option<f64>,
}

/// A row that can't be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// As in [`Record::line`].
    pub line: u64,
    /// Why, in the user's words.
    pub reason: String,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// Is it the answer of a detector: boxes with scores?
    pub detections: bool,
    /// Are rows numbered as elements of a list (JSON), not by the file's lines?
    pub by_element: bool,
    /// What can be taken, in the order of the file.
    pub records: Vec<Record>,
    /// What can't.
    pub skipped: Vec<Skipped>,
}

impl Reading {
    fn take(&mut self, line: u64, row: Result<Record, String>) -> Result<(), String> {
        if self.records.len() + self.skipped.len() >= MOST_ROWS {
            return Err(format!("has more than {MOST_ROWS} rows; split it"));
        }
        match row {
            Ok(record) => self.records.push(record),
            Err(reason) => self.skipped.push(Skipped { line, reason }),
        }
        Ok(())
    }
}

/// Reads a file, one packed by gzip or bzip2 too. Without a format its name and its first bytes tell.
///
/// # Errors
/// When the file can't be read, is too large, or nothing of it is what the format says. Rows that alone are wrong are in
/// [`Reading::skipped`].
pub fn read(path: &Path, format: Option<Format>) -> Result<Reading, StoreError> {
    let wrong = |why: String| StoreError::unusable(path, why);
    let bytes = unpacked(contents(path).map_err(wrong)?).map_err(wrong)?;
    let format = format.unwrap_or_else(|| guess(path, &bytes));
    parse(&bytes, format).map_err(wrong)
}

/// Reads the bytes of a file of this format.
///
/// # Errors
/// One half-sentence that follows the file's name, as [`read`] says.
pub fn parse(bytes: &[u8], format: Format) -> Result<Reading, String> {
    match format {
        Format::Csv => {
            let sheet = Sheet::open(bytes)?;
            if detections::fits(&sheet) { detections::parse(sheet) } else { csv::parse(sheet) }
        }
        Format::Coco => coco::parse(bytes, false),
        Format::Midog => coco::parse(bytes, true),
        Format::Geojson | Format::Asap | Format::Imagescope | Format::Pickle => {
            Err(format!("{} files are not read yet; give csv, coco or midog", format.id()))
        }
    }
}

fn contents(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => "does not exist; check the name".to_owned(),
        _ => format!("can't be read ({e}); check its permissions"),
    };
    let facts = path.metadata().map_err(unreadable)?;
    if !facts.is_file() {
        return Err("is not a file; give a file of annotations".into());
    }
    let file = File::open(path).map_err(unreadable)?;
    bounded(file).map_err(unreadable)?.ok_or_else(too_large)
}

fn too_large() -> String {
    format!("is larger than {} MiB; split it", LARGEST >> 20)
}

/// All that a reader gives; `None` when that is too much.
fn bounded(from: impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LARGEST).then_some(bytes))
}

/// The contents of a packed file; its first bytes tell, not its name.
fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let unpacked = match bytes.as_slice() {
        [0x1f, 0x8b, ..] => bounded(flate2::read::MultiGzDecoder::new(bytes.as_slice())),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => {
            bounded(bzip2::read::MultiBzDecoder::new(bytes.as_slice()))
        }
        _ => return Ok(bytes),
    };
    let broken = |e: std::io::Error| format!("can't be unpacked ({e}); fetch it again");
    unpacked
        .map_err(broken)?
        .ok_or_else(|| format!("is larger than {} MiB unpacked; split it", LARGEST >> 20))
}

fn guess(path: &Path, bytes: &[u8]) -> Format {
    let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".bz2")).unwrap_or(&name);
    let start = &bytes[..bytes.len().min(4096)];
    let has = |word: &str| start.windows(word.len()).any(|w| w == word.as_bytes());
    match name.rsplit('.').next().unwrap_or_default() {
        "csv" | "tsv" | "txt" => return Format::Csv,
        "geojson" => return Format::Geojson,
        "p" | "pkl" | "pickle" => return Format::Pickle,
        _ => {}
    }
    match start.iter().find(|b| !b.is_ascii_whitespace()) {
        Some(b'{' | b'[') if has("\"Feature") => Format::Geojson,
        Some(b'{' | b'[') => Format::Coco,
        Some(b'<') if has("<ASAP_Annotations") => Format::Asap,
        Some(b'<') => Format::Imagescope,
        Some(0x80) => Format::Pickle,
        _ => Format::Csv,
    }
}

/// A name or text as it is kept: without blanks around it, `None` when nothing is left.
fn name(text: &str, what: &str) -> Result<Option<String>, String> {
    let text = text.trim();
    if text.len() > LONGEST_NAME {
        return Err(format!("{what} is longer than {LONGEST_NAME} bytes"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{what} holds a line break or another control character"));
    }
    Ok(Some(text).filter(|t| !t.is_empty()).map(str::to_owned))
}

/// The class of a row, which must have one.
fn class(text: &str) -> Result<String, String> {
    name(text, "class")?.ok_or_else(|| "class is empty".into())
}

/// A coordinate that a slide can have.
fn coordinate(value: f64, what: &str) -> Result<f64, String> {
    if value.is_finite() && value.abs() <= FARTHEST {
        return Ok(value);
    }
    Err(format!("{what} is {value}; no slide reaches so far"))
}

/// A polygon of these points without its closing one.
fn polygon(mut points: Vec<SlidePx>) -> Result<Shape, String> {
    points.dedup();
    while points.len() > 1 && points.last() == points.first() {
        points.pop();
    }
    match points.len() {
        0..3 => Err("the polygon has fewer than three points".into()),
        n if n > MOST_POINTS => Err(format!("the polygon has more than {MOST_POINTS} points")),
        _ => Ok(Shape::Polygon(points)),
    }
}

#[cfg(test)]
mod tests;
