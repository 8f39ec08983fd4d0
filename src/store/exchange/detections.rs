//! What a detector found, as a table: `slide,x1,y1,x2,y2,cls,score`.

use super::sheet::Sheet;
use super::{Reading, Record, class};
use crate::model::{Shape, SlidePx};

/// Is it such a table, and not one of labels?
pub(super) fn fits(sheet: &Sheet<'_>) -> bool {
    ["x1", "y1", "x2", "y2"].iter().all(|c| sheet.column(c).is_some()) && sheet.column("x").is_none()
}

/// Each box becomes a spot at its centre.
pub(super) fn parse(mut sheet: Sheet<'_>) -> Result<Reading, String> {
    const HEADER: &str = "slide,x1,y1,x2,y2,cls,score";
    let needed = |column| sheet.needed(column, HEADER);
    let corners = [needed("x1")?, needed("y1")?, needed("x2")?, needed("y2")?];
    let (cls, score) = (needed("cls")?, needed("score")?);
    let [slide, guid] = ["slide", "guid"].map(|c| sheet.column(c));
    let mut reading = Reading { detections: true, ..Reading::default() };
    while let Some(line) = sheet.next() {
        let row = || {
            let corner = |i: usize, what| sheet.coordinate(corners[i], what);
            let (x1, y1) = (corner(0, "x1")?, corner(1, "y1")?);
            let (x2, y2) = (corner(2, "x2")?, corner(3, "y2")?);
            if x2 < x1 || y2 < y1 {
                return Err("the box ends before it begins".into());
            }
            Ok(Record {
                line,
                slide: sheet.name(slide, "slide")?,
                shape: Shape::Spot(SlidePx::new(f64::midpoint(x1, x2), f64::midpoint(y1, y2))),
                class: class(sheet.text(Some(cls), "cls")?)?,
                rater: None,
                description: String::new(),
                guid: sheet.name(guid, "guid")?,
                score: Some(sheet.number(score, "score")?),
            })
        };
        let row = row();
        reading.take(line, row)?;
    }
    Ok(reading)
}
