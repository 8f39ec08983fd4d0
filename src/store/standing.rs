//! Where all objects of a document stand: their agreed class and all opinions, in a few questions whatever the number
//! of slides.

use super::database::Database;
use super::error::StoreError;
use super::read::{real, whole};
use crate::model::{ClassId, Label, ObjectId, RaterId, SlideId};
use std::collections::HashMap;

/// An object that is not deleted, without its shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Its uid.
    pub object: ObjectId,
    /// Its slide.
    pub slide: SlideId,
    /// SlideRunner's type number.
    pub kind: i64,
    /// The longer side of its bounds in level-0 pixels.
    pub extent: f64,
    /// The agreed class.
    pub agreed: ClassId,
    /// Opinions in their order.
    pub labels: Vec<Label>,
}

impl Database {
    /// All objects that are not deleted, in the order of their uids. For documents of any generation.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn standings(&self) -> Result<Vec<Standing>, StoreError> {
        self.at_one_moment(|| {
            let mut labels: HashMap<i64, Vec<Label>> = HashMap::new();
            self.each("SELECT annoId, uid, person, class FROM Annotations_label ORDER BY uid", |r| {
                labels.entry(whole(r, 0).unwrap_or(0)).or_default().push(Label {
                    uid: whole(r, 1).unwrap_or(0),
                    rater: RaterId(whole(r, 2).unwrap_or(0)),
                    class: ClassId(whole(r, 3).unwrap_or(0)),
                });
            })?;
            let mut extents: HashMap<i64, f64> = HashMap::new();
            self.each(
                "SELECT annoId, max(coordinateX) - min(coordinateX), max(coordinateY) - min(coordinateY)
                 FROM Annotations_coordinates GROUP BY annoId",
                |r| {
                    let longer = real(r, 1).unwrap_or(0.0).max(real(r, 2).unwrap_or(0.0));
                    extents.insert(whole(r, 0).unwrap_or(0), longer);
                },
            )?;
            let deleted = self.layout.or("Annotations", "deleted", "0");
            let sql = format!(
                "SELECT uid, slide, type, agreedClass FROM Annotations WHERE {deleted} IS NOT 1 ORDER BY uid"
            );
            let mut out = Vec::new();
            self.each(&sql, |r| {
                let uid = whole(r, 0).unwrap_or(0);
                out.push(Standing {
                    object: ObjectId(uid),
                    slide: SlideId(whole(r, 1).unwrap_or(0)),
                    kind: whole(r, 2).unwrap_or(0),
                    extent: extents.get(&uid).copied().unwrap_or(0.0),
                    agreed: ClassId(whole(r, 3).unwrap_or(0)),
                    labels: labels.remove(&uid).unwrap_or_default(),
                });
            })?;
            Ok(out)
        })
    }
}
