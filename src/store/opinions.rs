//! All opinions of a document at once, for agreement and outcomes.

use super::database::Database;
use super::error::StoreError;
use super::read::{real, whole};
use crate::model::{ClassId, ObjectId, RaterId, SlideId};
use std::collections::HashMap;

/// One label on an object that is not deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opinion {
    /// The object.
    pub object: ObjectId,
    /// The slide it lies on.
    pub slide: SlideId,
    /// Whose opinion.
    pub rater: RaterId,
    /// The class; [`ClassId::UNKNOWN`] where the label says none.
    pub class: ClassId,
    /// The label's uid: opinions came in this order.
    pub label: i64,
}

impl Database {
    /// Every label on every object that is not deleted, in the order of the labels' uids. Objects are counted by their
    /// row alone: what they look like is not read, so those that can't be shown are here too.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn opinions(&self) -> Result<Vec<Opinion>, StoreError> {
        self.at_one_moment(|| {
            // Two plain scans, joined here: older files have no index that a join could use.
            let mut slides: HashMap<i64, i64> = HashMap::new();
            let deleted = self.layout.or("Annotations", "deleted", "0");
            self.each(&format!("SELECT uid, slide FROM Annotations WHERE {deleted} IS NOT 1"), |r| {
                if let Some(uid) = whole(r, 0) {
                    slides.insert(uid, whole(r, 1).unwrap_or(0));
                }
            })?;
            let mut out = Vec::new();
            self.each("SELECT annoId, person, class, uid FROM Annotations_label ORDER BY uid", |r| {
                let Some(object) = whole(r, 0) else { return };
                let Some(slide) = slides.get(&object) else { return };
                out.push(Opinion {
                    object: ObjectId(object),
                    slide: SlideId(*slide),
                    rater: RaterId(whole(r, 1).unwrap_or(0)),
                    class: ClassId(whole(r, 2).unwrap_or(0)),
                    label: whole(r, 3).unwrap_or(0),
                });
            })?;
            Ok(out)
        })
    }

    /// The detector's score of each object that was made of a candidate; the highest where there are several. Empty for
    /// documents that no detector ever saw.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn candidate_scores(&self) -> Result<HashMap<ObjectId, f64>, StoreError> {
        let mut out: HashMap<ObjectId, f64> = HashMap::new();
        if self.layout.has_table("mitoscope_candidates") {
            let sql = "SELECT object, score FROM mitoscope_candidates WHERE object IS NOT NULL";
            self.each(sql, |r| {
                if let (Some(object), Some(score)) = (whole(r, 0), real(r, 1)) {
                    let known = out.entry(ObjectId(object)).or_insert(score);
                    *known = known.max(score);
                }
            })?;
        }
        Ok(out)
    }
}
