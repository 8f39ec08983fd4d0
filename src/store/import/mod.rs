//! What was read from a file comes into the document: all of it in one transaction, nothing twice.

mod candidates;
mod names;
mod places;

pub use names::{Created, Named};

use super::database::{self, Database};
use super::error::{InWords as _, StoreError};
use super::exchange::{Reading, Record, Skipped};
use super::journal::{self, Trace};
use super::rows;
use super::write::{Act, Mode};
use crate::model::{ClassId, Edit, Label, ObjectId, RaterId};
use names::Names;
use places::{Known, Opinion, Places, Verdict};

/// Where rows come from, and what fills their gaps.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The file's name, for the journal and as the origin of its objects.
    pub file: String,
    /// The slide of rows that name none: base name, with its folder where names repeat, or uid.
    pub slide: Option<String>,
    /// The rater of rows that name none.
    pub rater: Option<String>,
}

impl Source {
    /// Are there a slide and, for labels, a rater for any row at all?
    ///
    /// # Errors
    /// One sentence that names what is to be given.
    pub fn fills(&self, reading: &Reading, labels: bool) -> Result<(), String> {
        let rows = &reading.records;
        if rows.is_empty() {
            return Ok(());
        }
        if self.slide.is_none() && rows.iter().all(|r| r.slide.is_none()) {
            return Err(format!("{} names no slide; give one with --slide", self.file));
        }
        if labels && self.rater.is_none() && rows.iter().all(|r| r.rater.is_none()) {
            return Err(format!("{} names no rater; give one with --rater", self.file));
        }
        Ok(())
    }
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// Rows that added something.
    pub rows: u64,
    /// Rows of which all was there already.
    pub present: u64,
    /// Objects that are new.
    pub objects: Vec<ObjectId>,
    /// Labels that are new, on new objects and on others.
    pub labels: u64,
    /// Candidates that are new.
    pub candidates: u64,
    /// Rows that were left out, those that could not be read too, by line.
    pub skipped: Vec<Skipped>,
    /// Slides, classes and raters that were made.
    pub created: Created,
}

/// What SlideRunner's trigger would do costs a second pass over the row; the identity is given at once.
const NEW_OBJECT: &str =
    "INSERT INTO Annotations (slide, guid, deleted, type, agreedClass, description, clickable)
     VALUES (?1, coalesce(?2, generate_uuid()), 0, ?3, ?4, ?5, 1)";

impl Database {
    /// Takes in the labels that were read. A row with a guid is that object; one without is the same object where slide,
    /// type and coordinates (to 0.1 px) are the same, unless its rater has labelled that object with another class:
    /// then it is a second object. A rater's label on an object that is there is added to it. What is there already is
    /// not added again. Of the objects that got a label the agreed class becomes what all labels name.
    ///
    /// # Errors
    /// When no row has a slide or a rater and none is given, several slides or classes have a name, or the document can't
    /// be written. It is then as it was.
    pub fn import(&mut self, reading: Reading, source: &Source) -> Result<Imported, StoreError> {
        source.fills(&reading, true).map_err(|why| StoreError::refused(&self.path, why))?;
        self.taking_in(reading, source, |act, records, out| {
            let mut desk = Desk { act, source, names: named(act, source)?, places: Places::default(), out };
            for record in records {
                desk.take(record)?;
            }
            desk.settle()?;
            desk.out.created = desk.names.created;
            Ok(())
        })
    }

    /// Runs `work` in one transaction with one line of the journal; nothing is written where nothing was added.
    fn taking_in(
        &mut self,
        reading: Reading,
        source: &Source,
        work: impl FnOnce(&Act<'_>, Vec<Record>, &mut Imported) -> Result<(), StoreError>,
    ) -> Result<Imported, StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        let mut act = Act { tx: &tx, path: &path, layout: &layout, author: RaterId(0) };
        let Reading { records, skipped, .. } = reading;
        let mut out = Imported { skipped, ..Imported::default() };
        work(&act, records, &mut out)?;
        out.skipped.sort_by_key(|s| s.line);
        if out.rows == 0 {
            return Ok(out);
        }
        if let Some(rater) = &source.rater {
            let id = "SELECT min(uid) FROM Persons WHERE name = ?1";
            let id: Option<i64> = act.tx.query_row(id, [rater], |r| r.get(0)).at(&path)?;
            act.author = RaterId(id.unwrap_or(0));
        }
        let edit = Edit::Import {
            source: source.file.clone(),
            objects: out.objects.clone(),
            labels: out.labels,
            candidates: out.candidates,
        };
        journal::record(&tx, act.author, &edit, &Trace::default(), &Mode::New).at(&path)?;
        let grown = database::commit(tx, &layout).at(&path)?;
        self.layout = grown.unwrap_or(layout);
        Ok(out)
    }
}

fn named(act: &Act<'_>, source: &Source) -> Result<Names, StoreError> {
    let mut names = Names::read(act)?;
    if let Some(slide) = &source.slide {
        names.slide_by_uid(slide);
    }
    Ok(names)
}

/// One import at work.
struct Desk<'a> {
    act: &'a Act<'a>,
    source: &'a Source,
    names: Names,
    places: Places,
    out: &'a mut Imported,
}

impl Desk<'_> {
    fn skip(&mut self, line: u64, reason: impl Into<String>) {
        self.out.skipped.push(Skipped { line, reason: reason.into() });
    }

    fn take(&mut self, mut record: Record) -> Result<(), StoreError> {
        let line = record.line;
        let Some(slide_name) = record.slide.take().or_else(|| self.source.slide.clone()) else {
            self.skip(line, "names no slide, and none was given with --slide");
            return Ok(());
        };
        let Some(rater_name) = record.rater.take().or_else(|| self.source.rater.clone()) else {
            self.skip(line, "names no rater, and none was given with --rater");
            return Ok(());
        };
        let slide = self.names.slide(self.act, &slide_name)?;
        let (rater, class) = (self.names.rater(&rater_name), self.names.class(self.act, &record.class)?);
        if let Some(slide) = slide {
            self.places.load(self.act, slide)?;
        }
        // No slide has this uid.
        let opinion = Opinion { slide: slide.unwrap_or(i64::MIN), rater, class };
        let verdict = self.places.judge(self.act, &opinion, &record.shape, record.guid.as_deref())?;
        match verdict {
            Verdict::Present => self.out.present += 1,
            Verdict::Deleted => self.skip(line, "the object is deleted in the document; bring it back there"),
            Verdict::Elsewhere => {
                self.skip(
                    line,
                    "the document has an object of this guid elsewhere; give the row's own slide",
                );
            }
            Verdict::Otherwise(class) => {
                let there = self.names.class_name(class);
                let reason = format!("{rater_name} has labelled this object as \"{there}\", which stays");
                self.skip(line, reason);
            }
            Verdict::Label(at) => {
                let (rater, class) = self.opinion(&rater_name, &record.class, rater, class)?;
                self.label(at, rater, class)?;
                self.places.objects[at].touched = true;
                self.out.rows += 1;
            }
            Verdict::Add => {
                let slide = match slide {
                    Some(slide) => slide,
                    None => self.names.make_slide(self.act, &slide_name)?,
                };
                self.places.load(self.act, slide)?;
                let (rater, class) = self.opinion(&rater_name, &record.class, rater, class)?;
                self.add(slide, record, rater, class)?;
                self.out.rows += 1;
            }
        }
        Ok(())
    }

    /// Rater and class, made where the document does not have them.
    fn opinion(
        &mut self,
        rater_name: &str,
        class_name: &str,
        rater: Option<RaterId>,
        class: Option<ClassId>,
    ) -> Result<(RaterId, ClassId), StoreError> {
        let rater = match rater {
            Some(rater) => rater,
            None => self.names.make_rater(self.act, rater_name)?,
        };
        let class = match class {
            Some(class) => class,
            None => self.names.make_class(self.act, class_name)?,
        };
        Ok((rater, class))
    }

    fn add(
        &mut self,
        slide: i64,
        mut record: Record,
        rater: RaterId,
        class: ClassId,
    ) -> Result<(), StoreError> {
        rows::check_shape(self.act, &mut record.shape)?;
        let (tx, path) = (self.act.tx, self.act.path);
        let insert = || -> rusqlite::Result<i64> {
            tx.prepare_cached(NEW_OBJECT)?.execute((
                slide,
                &record.guid,
                record.shape.type_number(),
                class.0,
                &record.description,
            ))?;
            let uid = tx.last_insert_rowid();
            rows::store_shape(tx, uid, &record.shape)?;
            tx.prepare_cached(
                "INSERT OR REPLACE INTO mitoscope_origins (object, stage, detail) VALUES (?1, 'import', ?2)",
            )?
            .execute((uid, &self.source.file))?;
            Ok(uid)
        };
        let uid = insert().at(path)?;
        let known = Known { uid, labels: Vec::new(), deleted: false, fresh: true, touched: false };
        let at = self.places.objects.len();
        self.places.add(slide, &record.shape, record.guid, known);
        self.out.objects.push(ObjectId(uid));
        self.label(at, rater, class)
    }

    fn label(&mut self, at: usize, rater: RaterId, class: ClassId) -> Result<(), StoreError> {
        let known = &mut self.places.objects[at];
        let uid = rows::insert_label(self.act.tx, None, known.uid, rater, class, None).at(self.act.path)?;
        known.labels.push(Label { uid, rater, class });
        self.out.labels += 1;
        Ok(())
    }

    /// The agreed class of what got a label is what the labels come to; what got none stays as it was settled.
    fn settle(&mut self) -> Result<(), StoreError> {
        for known in self.places.objects.iter().filter(|o| o.touched) {
            self.act.set_agreed(ObjectId(known.uid), self.act.derived(&known.labels)?)?;
        }
        Ok(())
    }
}
