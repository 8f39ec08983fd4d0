//! All opinions of a document at once, for agreement and outcomes.

use super::database::Database;
use super::error::StoreError;
use super::read::{real, whole};
use super::standing::Standing;
use crate::model::{ClassId, Label, ObjectId, RaterId, SlideId};
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
        let opinion = |row: &Standing, label: &Label| Opinion {
            object: row.object,
            slide: row.slide,
            rater: label.rater,
            class: label.class,
            label: label.uid,
        };
        let rows = self.standings()?;
        let mut out: Vec<Opinion> =
            rows.iter().flat_map(|row| row.labels.iter().map(move |label| opinion(row, label))).collect();
        out.sort_unstable_by_key(|o| o.label);
        Ok(out)
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
