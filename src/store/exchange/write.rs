//! A document's objects in the formats of other programs.

use crate::model::{ClassId, ObjectId, Rect, Shape, SlideId, SlidePx};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// SlideRunner's spots are this wide, in level-0 pixels, and so are MIDOG's boxes.
const SPOT_PX: f64 = 50.0;

/// A slide with the objects that go out.
#[derive(Debug, Clone, PartialEq)]
pub struct Leaving {
    /// Its uid.
    pub id: SlideId,
    /// Base name, with its folder where the name repeats in the document.
    pub name: String,
    /// Level-0 width and height, if they are known.
    pub size: Option<(u32, u32)>,
    /// The objects in the order of their uids.
    pub objects: Vec<Kept>,
}

/// What is written about an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Its uid.
    pub id: ObjectId,
    /// Its identity; empty where it has none.
    pub guid: String,
    /// Where and what, in level-0 pixels.
    pub shape: Shape,
    /// Free text.
    pub description: String,
    /// The agreed class; `None` where there is none.
    pub agreed: Option<(ClassId, String)>,
    /// The agreed class, or the rater's where one rater's labels go out; `None` where there is none.
    pub class: Option<(ClassId, String)>,
    /// Raters and classes of the labels that go out, in their order; labels without a class left out.
    pub labels: Vec<(String, String)>,
    /// The one rater whose labels go out.
    pub rater: Option<String>,
}

/// Can a table of points hold it?
pub fn fits_csv(shape: &Shape) -> bool {
    matches!(shape, Shape::Spot(_))
}

/// Can COCO hold it? MIDOG's corners (`corners`) are of cells only.
pub fn fits_coco(shape: &Shape, corners: bool) -> bool {
    matches!(shape, Shape::Spot(_)) || !corners && matches!(shape, Shape::Rectangle(_) | Shape::Polygon(_))
}

/// Writes `slide,x,y,class,rater,description,guid,agreed`, a row for each label; an object without a label has one row with its
/// agreed class and no rater.
///
/// # Errors
/// What the writer says.
pub fn write_csv(slides: &[Leaving], to: impl Write) -> std::io::Result<()> {
    let mut table = ::csv::Writer::from_writer(to);
    table.write_record(["slide", "x", "y", "class", "rater", "description", "guid", "agreed"])?;
    for slide in slides {
        for object in &slide.objects {
            let Shape::Spot(at) = object.shape else { continue };
            let (x, y) = (at.x.to_string(), at.y.to_string());
            let agreed = object.agreed.as_ref().map_or("", |c| &c.1);
            let alone = [(String::new(), agreed.to_owned())];
            let labels = if object.labels.is_empty() { &alone[..] } else { &object.labels };
            for (rater, class) in labels {
                table.write_record([
                    &slide.name,
                    &x,
                    &y,
                    class,
                    rater,
                    &object.description,
                    &object.guid,
                    agreed,
                ])?;
            }
        }
    }
    table.flush()
}

/// COCO's JSON: spots as boxes of 50 px, rectangles, polygons as outlines; with `corners` boxes are two corners, as
/// MIDOG.json has them. Objects without a class are not in it.
pub fn as_coco(slides: &[Leaving], corners: bool) -> Value {
    let mut categories = BTreeMap::new();
    let mut annotations = Vec::new();
    for slide in slides {
        for object in &slide.objects {
            let Some((class, name)) = &object.class else { continue };
            categories.insert(class.0, name.clone());
            let mut row = json!({
                "id": object.id.0, "image_id": slide.id.0, "category_id": class.0, "iscrowd": 0, "guid": object.guid,
            });
            place(&mut row, &object.shape, corners);
            if !object.description.is_empty() {
                row["description"] = json!(object.description);
            }
            if let Some(rater) = &object.rater {
                row["rater"] = json!(rater);
            }
            annotations.push(row);
        }
    }
    let images: Vec<Value> = slides
        .iter()
        .map(|s| {
            let mut image = json!({"id": s.id.0, "file_name": s.name});
            if let Some((width, height)) = s.size {
                image["width"] = json!(width);
                image["height"] = json!(height);
            }
            image
        })
        .collect();
    let categories: Vec<Value> =
        categories.into_iter().map(|(id, name)| json!({"id": id, "name": name})).collect();
    json!({"info": {"description": "exported by Mitoscope"}, "licenses": [], "images": images,
           "categories": categories, "annotations": annotations})
}

fn place(row: &mut Value, shape: &Shape, corners: bool) {
    let around = match shape {
        Shape::Spot(p) => Rect::around(*p, SPOT_PX, SPOT_PX),
        other => other.bounds().unwrap_or(Rect::new(0.0, 0.0, 0.0, 0.0)),
    };
    let (x, y, w, h) = (number(around.x), number(around.y), number(around.w), number(around.h));
    row["bbox"] = if corners {
        json!([x, y, number(around.right()), number(around.bottom())])
    } else {
        json!([x, y, w, h])
    };
    row["area"] = number(around.w * around.h);
    if let Shape::Polygon(points) = shape {
        let flat: Vec<Value> = points.iter().flat_map(|p| [number(p.x), number(p.y)]).collect();
        row["segmentation"] = json!([flat]);
        row["area"] = number(area(points));
    }
}

/// Whole numbers without a fraction, as such files have them.
fn number(v: f64) -> Value {
    // Exact up to 2^53; no slide reaches so far.
    if v.fract() == 0.0 && v.abs() < 9e15 { json!(v as i64) } else { json!(v) }
}

/// The area within a ring of points, in square pixels.
fn area(points: &[SlidePx]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points.iter().zip(next).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
}
