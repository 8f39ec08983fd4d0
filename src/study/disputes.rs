//! The cells on which raters differ, each with who said what: for the coordinator's eyes.

use super::StudyError;
use crate::model::{ClassId, Label, ObjectId, RaterId, SlideId, SlidePx};
use crate::store::Database;

/// An object whose first labels differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Dispute {
    /// Which one.
    pub object: ObjectId,
    /// Its slide.
    pub slide: SlideId,
    /// Its centre in level-0 pixels; `None` for what has no place.
    pub at: Option<SlidePx>,
    /// Each rater's first label, in the order in which they came.
    pub said: Vec<(RaterId, ClassId)>,
    /// Its agreed class.
    pub agreed: ClassId,
}

impl Dispute {
    /// Do these two differ on it?
    pub fn between(&self, a: RaterId, b: RaterId) -> bool {
        let of = |rater| self.said.iter().find(|(r, _)| *r == rater).map(|(_, class)| *class);
        of(a).zip(of(b)).is_some_and(|(a, b)| a != b)
    }
}

/// All of them, slide by slide.
///
/// # Errors
/// When the document can't be read.
pub fn disputes(database: &Database) -> Result<Vec<Dispute>, StudyError> {
    let mut out = Vec::new();
    for row in database.standings()? {
        let said = first_labels(&row.labels);
        if said.iter().any(|(_, class)| *class != said[0].1) {
            let at = database.object(row.object)?.and_then(|o| o.shape.center());
            out.push(Dispute { object: row.object, slide: row.slide, at, said, agreed: row.agreed });
        }
    }
    out.sort_by_key(|d| (d.slide, d.object));
    Ok(out)
}

/// Each rater's first label that says a class.
fn first_labels(labels: &[Label]) -> Vec<(RaterId, ClassId)> {
    let mut said: Vec<(RaterId, ClassId)> = Vec::new();
    for label in labels.iter().filter(|l| l.class != ClassId::UNKNOWN) {
        if said.iter().all(|(rater, _)| *rater != label.rater) {
            said.push((label.rater, label.class));
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_labels_count_and_class_0_says_nothing() {
        let label = |uid, rater, class| Label { uid, rater: RaterId(rater), class: ClassId(class) };
        let said = first_labels(&[label(1, 1, 0), label(2, 1, 1), label(3, 2, 2), label(4, 1, 2)]);
        assert_eq!(said, [(RaterId(1), ClassId(1)), (RaterId(2), ClassId(2))]);
        let dispute =
            Dispute { object: ObjectId(1), slide: SlideId(1), at: None, said, agreed: ClassId::UNKNOWN };
        assert!(dispute.between(RaterId(2), RaterId(1)) && !dispute.between(RaterId(1), RaterId(3)));
    }
}
