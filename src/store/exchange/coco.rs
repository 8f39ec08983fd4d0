//! COCO's JSON: images, categories, annotations with boxes or outlines; and MIDOG.json, which looks like it but gives
//! each box by two corners.

use super::loose::{List, Members, Number, Text};
use super::{MOST_ROWS, Reading, Record, class, coordinate, name, polygon};
use crate::model::{Rect, Shape, SlidePx};
use crate::store::rows::MOST_POINTS;
use serde::Deserialize;
use std::collections::HashMap;

/// A square box up to this many level-0 pixels wide marks a cell.
const CELL_PX: f64 = 64.0;

/// MIDOG's boxes are this wide and high.
const MIDOG_PX: f64 = 50.0;

/// Box sides that differ by less are the same.
const SAME_PX: f64 = 1e-3;

/// Coordinates of an outline: two a point, and one more to see that there are too many.
const MOST_NUMBERS: usize = 2 * MOST_POINTS + 1;

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    images: List<Members<Image>, MOST_ROWS>,
    #[serde(default)]
    categories: List<Members<Category>, MOST_ROWS>,
    annotations: List<Members<Annotation>, MOST_ROWS>,
}

#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    file_name: Text,
}

#[derive(Deserialize)]
struct Category {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(default)]
    image_id: Text,
    #[serde(default)]
    category_id: Text,
    #[serde(default)]
    bbox: List<Number, 5>,
    #[serde(default)]
    segmentation: List<List<Number, MOST_NUMBERS>, 64>,
    #[serde(default)]
    rater: Text,
    #[serde(default)]
    attributes: Members<Attributes>,
    #[serde(default)]
    description: Text,
    #[serde(default)]
    guid: Text,
    #[serde(default)]
    score: Number,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default)]
    rater: Text,
}

impl Annotation {
    /// The four numbers of its box.
    fn numbers(&self) -> Option<[f64; 4]> {
        let items = self.bbox.items.as_deref().filter(|_| self.bbox.length == 4)?;
        let mut numbers = [0.0; 4];
        for (number, item) in numbers.iter_mut().zip(items) {
            *number = item.0?;
        }
        Some(numbers)
    }

    /// The outlines that are lists of numbers; run lengths are no outline.
    fn outlines(&self) -> impl Iterator<Item = &[Number]> {
        let parts = self.segmentation.items.iter().flatten();
        parts.filter_map(|part| part.items.as_deref()).filter(|numbers| !numbers.is_empty())
    }
}

/// Reads the file; with `corners` boxes are two corners whatever they look like.
pub(super) fn parse(bytes: &[u8], corners: bool) -> Result<Reading, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let whole: Members<Whole> = serde_json::from_slice(bytes).map_err(|e| said(&e))?;
    let whole =
        whole.0.ok_or("is no COCO file, it has no list \"annotations\"; give one that COCO tools write")?;
    let annotations = whole.annotations;
    if annotations.length > MOST_ROWS {
        return Err(format!("has more than {MOST_ROWS} annotations; split it"));
    }
    let annotations =
        annotations.items.ok_or("has no list \"annotations\"; give a file that COCO tools write")?;
    let images = by_id(whole.images.items, |i| (i.id, i.file_name));
    let categories = by_id(whole.categories.items, |c| (c.id, c.name));
    let corners = corners || looks_like_corners(&annotations);
    let mut reading = Reading { by_element: true, ..Reading::default() };
    for (i, annotation) in annotations.into_iter().enumerate() {
        // At most a million.
        let line = i as u64 + 1;
        match annotation.0.ok_or_else(|| "is no annotation".to_owned()).and_then(|a| {
            let shapes = shapes(&a, corners)?;
            Ok((facts(line, &a, &images, &categories)?, shapes))
        }) {
            Err(why) => reading.take(line, Err(why))?,
            Ok((record, shapes)) => {
                for (part, shape) in shapes.into_iter().enumerate() {
                    // An identity is one object's, which is the first part.
                    let guid = record.guid.clone().filter(|_| part == 0);
                    reading.take(line, Ok(Record { shape, guid, ..record.clone() }))?;
                }
            }
        }
    }
    Ok(reading)
}

fn said(e: &serde_json::Error) -> String {
    if e.is_data() {
        return format!("is no COCO file ({e}); give one with a list \"annotations\"");
    }
    format!("is not sound JSON ({e}); fetch it again")
}

type Names = HashMap<String, Option<String>>;

fn by_id<T>(items: Option<Vec<Members<T>>>, parts: impl Fn(T) -> (Text, Text)) -> Names {
    let items = items.into_iter().flatten().filter_map(|i| i.0).map(parts);
    items.filter_map(|(id, name)| Some((id.0?, name.0))).collect()
}

/// MIDOG's boxes, read as corners, are 50 px wide and high, all of them.
fn looks_like_corners(annotations: &[Members<Annotation>]) -> bool {
    let mut boxes = annotations.iter().filter_map(|a| a.0.as_ref()?.numbers()).peekable();
    let side = |a: f64, b: f64| (b - a - MIDOG_PX).abs() <= SAME_PX;
    boxes.peek().is_some() && boxes.all(|[x1, y1, x2, y2]| side(x1, x2) && side(y1, y2))
}

/// What a row says besides its place, which stays to be filled in.
fn facts(line: u64, a: &Annotation, images: &Names, categories: &Names) -> Result<Record, String> {
    let text = |text: &Text, what| name(text.0.as_deref().unwrap_or_default(), what);
    let image = a.image_id.0.as_ref().ok_or("image_id is missing")?;
    let file = images.get(image).ok_or_else(|| format!("there is no image with the id {}", short(image)))?;
    let id = a.category_id.0.as_ref().ok_or("category_id is missing")?;
    let category =
        categories.get(id).ok_or_else(|| format!("there is no category with the id {}", short(id)))?;
    let rater = match text(&a.rater, "rater")? {
        None => a.attributes.0.as_ref().map_or(Ok(None), |more| text(&more.rater, "rater"))?,
        rater => rater,
    };
    Ok(Record {
        line,
        slide: name(file.as_deref().unwrap_or_default(), "file_name")?,
        shape: Shape::Image,
        class: class(category.as_deref().unwrap_or_default())?,
        rater,
        description: text(&a.description, "description")?.unwrap_or_default(),
        guid: text(&a.guid, "guid")?,
        score: a.score.0.filter(|s| s.is_finite()),
    })
}

/// An id as it can be shown.
fn short(id: &str) -> String {
    id.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The outlines, or else the box: a spot where it marks a cell.
fn shapes(a: &Annotation, corners: bool) -> Result<Vec<Shape>, String> {
    let outlines: Vec<Shape> = a.outlines().map(outline).collect::<Result<_, _>>()?;
    if a.segmentation.length > a.segmentation.items.as_ref().map_or(0, Vec::len) {
        return Err("the outline has too many parts".into());
    }
    if !outlines.is_empty() {
        return Ok(outlines);
    }
    let Some([x, y, c, d]) = a.numbers() else {
        return Err("bbox is missing or has not four numbers".into());
    };
    let (w, h) = if corners { (c - x, d - y) } else { (c, d) };
    for (value, what) in [(x, "x"), (y, "y"), (x + w, "the right side"), (y + h, "the lower side")] {
        coordinate(value, what)?;
    }
    if w < 0.0 || h < 0.0 {
        return Err("the box ends before it begins".into());
    }
    let cell = (w - h).abs() <= SAME_PX && w <= CELL_PX;
    Ok(vec![if cell {
        Shape::Spot(SlidePx::new(x + w / 2.0, y + h / 2.0))
    } else {
        Shape::Rectangle(Rect::new(x, y, w, h))
    }])
}

fn outline(numbers: &[Number]) -> Result<Shape, String> {
    if numbers.len() % 2 == 1 {
        return Err("the outline has an odd number of coordinates, or too many".into());
    }
    let number = |n: &Number| n.0.ok_or("a coordinate of the outline is not a number".to_owned());
    let mut points = Vec::with_capacity(numbers.len() / 2);
    for pair in numbers.chunks_exact(2) {
        let (x, y) = (coordinate(number(&pair[0])?, "x")?, coordinate(number(&pair[1])?, "y")?);
        points.push(SlidePx::new(x, y));
    }
    polygon(points)
}
