//! Labels as a table: `x,y,class`, and `slide,rater,description,guid` where they are there.

use super::sheet::Sheet;
use super::{Reading, Record, class};
use crate::model::{Shape, SlidePx};

/// The longest description, in bytes.
const LONGEST_TEXT: usize = 10_000;

pub(super) fn parse(mut sheet: Sheet<'_>) -> Result<Reading, String> {
    const HEADER: &str = "x,y,class";
    let (x, y) = (sheet.needed("x", HEADER)?, sheet.needed("y", HEADER)?);
    let klass = sheet.needed("class", HEADER)?;
    let [slide, rater, description, guid] =
        ["slide", "rater", "description", "guid"].map(|c| sheet.column(c));
    let mut reading = Reading::default();
    while let Some(line) = sheet.next() {
        let row = || {
            let at = SlidePx::new(sheet.coordinate(x, "x")?, sheet.coordinate(y, "y")?);
            let text = sheet.text(description, "description")?.trim();
            if text.len() > LONGEST_TEXT {
                return Err(format!("description is longer than {LONGEST_TEXT} bytes"));
            }
            Ok(Record {
                line,
                slide: sheet.name(slide, "slide")?,
                shape: Shape::Spot(at),
                class: class(sheet.text(Some(klass), "class")?)?,
                rater: sheet.name(rater, "rater")?,
                description: text.to_owned(),
                guid: sheet.name(guid, "guid")?,
                score: None,
            })
        };
        let row = row();
        reading.take(line, row)?;
    }
    Ok(reading)
}
