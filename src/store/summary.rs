//! What a document holds, in numbers.

use super::database::Database;
use super::error::StoreError;
use super::read::{text, whole};
use crate::model::{Resolution, Role};
use serde::Serialize;
use std::collections::BTreeMap;

/// Numbers of objects by a uid or a type; soft-deleted ones left out.
pub type Counts = BTreeMap<i64, u64>;

/// A slide in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SlideSummary {
    /// Its uid.
    pub uid: i64,
    /// Base name.
    pub filename: String,
    /// Folder, a hint only.
    pub directory: String,
    /// Level-0 width, if it was ever opened.
    pub width: Option<u32>,
    /// Level-0 height.
    pub height: Option<u32>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Micrometres per pixel along x that the document remembers.
    pub mpp_x: Option<f64>,
    /// Micrometres per pixel along y.
    pub mpp_y: Option<f64>,
    /// Objects that are not deleted.
    pub annotations: u64,
    /// The same by SlideRunner's type number.
    pub by_type: Counts,
    /// The same by agreed class.
    pub by_class: Counts,
}

/// A class of the document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassSummary {
    /// Its uid.
    pub uid: i64,
    /// Its name.
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
    /// What it stands for.
    pub role: Role,
}

/// A rater of the document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonSummary {
    /// The uid.
    pub uid: i64,
    /// The name.
    pub name: String,
    /// Label rows.
    pub labels: u64,
}

/// A document in numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// SlideRunner's generation by the columns, 0 to 3.
    pub generation: u8,
    /// The same with its stage: "0c".
    pub stage: &'static str,
    /// The number in the file, which may say something else.
    pub user_version: i64,
    /// Is something missing that is added before the first change?
    pub needs_upgrade: bool,
    /// Slides in the order of their uids.
    pub slides: Vec<SlideSummary>,
    /// Classes in the order of their uids.
    pub classes: Vec<ClassSummary>,
    /// Raters in the order of their uids.
    pub persons: Vec<PersonSummary>,
    /// Objects that are not deleted.
    pub annotations: u64,
    /// All label rows.
    pub labels: u64,
    /// Soft-deleted objects.
    pub deleted: u64,
    /// Objects by type.
    pub by_type: Counts,
    /// Objects by agreed class.
    pub by_class: Counts,
}

impl Database {
    /// The document in numbers, straight from its tables: objects that can't be drawn count too.
    ///
    /// # Errors
    /// When the document can't be read.
    pub fn summary(&self) -> Result<Summary, StoreError> {
        self.at_one_moment(|| self.counted())
    }

    fn counted(&self) -> Result<Summary, StoreError> {
        let deleted = self.layout.or("Annotations", "deleted", "0");
        let mut of_slide: BTreeMap<i64, (Counts, Counts)> = BTreeMap::new();
        let (mut by_type, mut by_class) = (Counts::new(), Counts::new());
        let (mut annotations, mut removed) = (0, 0);
        let sql = format!(
            "SELECT slide, type, agreedClass, count(*), {deleted} IS 1 AS gone FROM Annotations
             GROUP BY slide, type, agreedClass, gone"
        );
        self.each(&sql, |r| {
            let n = whole(r, 3).unwrap_or(0).unsigned_abs();
            if whole(r, 4) == Some(1) {
                removed += n;
                return;
            }
            let (kind, class) = (whole(r, 1).unwrap_or(0), whole(r, 2).unwrap_or(0));
            annotations += n;
            *by_type.entry(kind).or_default() += n;
            *by_class.entry(class).or_default() += n;
            if let Some(slide) = whole(r, 0) {
                let (types, classes) = of_slide.entry(slide).or_default();
                *types.entry(kind).or_default() += n;
                *classes.entry(class).or_default() += n;
            }
        })?;
        let mut of_person = Counts::new();
        self.each("SELECT person, count(*) FROM Annotations_label GROUP BY person", |r| {
            // NULL and 0 both mean nobody named.
            *of_person.entry(whole(r, 0).unwrap_or(0)).or_default() +=
                whole(r, 1).unwrap_or(0).unsigned_abs();
        })?;
        let slides = self.slides()?.into_iter().map(|s| {
            let (by_type, by_class) = of_slide.remove(&s.id.0).unwrap_or_default();
            SlideSummary {
                uid: s.id.0,
                filename: s.filename,
                directory: s.directory,
                width: s.size.map(|v| v.0),
                height: s.size.map(|v| v.1),
                case: s.case,
                mpp_x: s.resolution.map(|Resolution { x, .. }| x),
                mpp_y: s.resolution.map(|Resolution { y, .. }| y),
                annotations: by_type.values().sum(),
                by_type,
                by_class,
            }
        });
        Ok(Summary {
            generation: self.generation().number(),
            stage: self.generation().id(),
            user_version: self.layout.user_version,
            needs_upgrade: self.needs_upgrade(),
            slides: slides.collect(),
            classes: self
                .classes()?
                .into_iter()
                .map(|c| ClassSummary { uid: c.id.0, name: c.name, color: c.color.to_string(), role: c.role })
                .collect(),
            persons: self
                .raters()?
                .into_iter()
                .map(|p| PersonSummary {
                    uid: p.id.0,
                    labels: of_person.get(&p.id.0).copied().unwrap_or(0),
                    name: p.name,
                })
                .collect(),
            annotations,
            labels: of_person.values().sum(),
            deleted: removed,
            by_type,
            by_class,
        })
    }

    /// The first column of what a question answers.
    pub(super) fn first_column(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        let mut out = Vec::new();
        self.each(sql, |r| out.push(text(r, 0)))?;
        Ok(out)
    }
}
