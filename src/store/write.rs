//! Writing one act: the rows, the line in the journal, one transaction.

use super::database::{self, Applied, Database, How};
use super::error::{InWords as _, StoreError};
use super::generation::Layout;
use super::journal::{self, Trace};
use super::memory;
use super::read::{self, Which};
use super::rows;
use crate::model::{ClassId, Edit, Label, Object, ObjectId, RaterId, Settlement, Shape, object};
use rusqlite::{Connection, OptionalExtension as _};
use std::path::Path;

/// Why an edit is written.
#[derive(Debug, Clone)]
pub(super) enum Mode {
    /// For the first time: what it says was before is taken from the document.
    New,
    /// To take back a line: what was before must be as the line left it.
    Undo {
        /// The line.
        line: i64,
        /// What it touched.
        trace: Trace,
        /// Did the line add the object?
        takes_object_away: bool,
    },
    /// To make a line again that was taken back.
    Redo(i64, Trace),
}

impl Mode {
    fn how(&self) -> How {
        match self {
            Self::New => How::New,
            Self::Undo { .. } => How::Undo,
            Self::Redo(..) => How::Redo,
        }
    }
}

/// What the writing functions need.
pub(super) struct Act<'a> {
    pub tx: &'a Connection,
    pub path: &'a Path,
    pub layout: &'a Layout,
    pub author: RaterId,
}

impl Act<'_> {
    pub fn refuse<T>(&self, why: impl Into<String>) -> Result<T, StoreError> {
        Err(StoreError::refused(self.path, why))
    }

    fn object(&self, id: ObjectId) -> Result<Object, StoreError> {
        match read::objects(self.tx, self.layout, Which::One(id)).at(self.path)?.pop() {
            Some(object) => Ok(object),
            None => self.refuse(format!("object {} is not there any more; load the slide again", id.0)),
        }
    }

    fn living(&self, id: ObjectId) -> Result<Object, StoreError> {
        let object = self.object(id)?;
        if object.deleted {
            return self.refuse(format!("object {} is deleted; bring it back first", id.0));
        }
        Ok(object)
    }

    /// Is there such a row?
    pub fn known(&self, table: &str, uid: i64) -> Result<bool, StoreError> {
        self.tx
            .query_row(&format!("SELECT 1 FROM {table} WHERE uid = ?1"), [uid], |_| Ok(()))
            .optional()
            .at(self.path)
            .map(|found| found.is_some())
    }

    fn class(&self, class: ClassId) -> Result<(), StoreError> {
        if self.known("Classes", class.0)? {
            return Ok(());
        }
        self.refuse(format!("has no class {}; load the classes again", class.0))
    }

    fn rater(&self) -> Result<(), StoreError> {
        if self.known("Persons", self.author.0)? {
            return Ok(());
        }
        self.refuse("a label needs a rater; choose who you are first")
    }

    /// The class that an object's labels come to: by the rule of the study's outcome, where one was recorded, else by
    /// SlideRunner's.
    pub fn derived(&self, labels: &[Label]) -> Result<ClassId, StoreError> {
        let settled = memory::settlement(self.tx, self.layout).at(self.path)?;
        Ok(settled.map_or_else(|| object::unanimous(labels), |s| s.decide(labels)))
    }

    pub fn set_agreed(&self, object: ObjectId, class: ClassId) -> Result<(), StoreError> {
        self.tx
            .prepare_cached("UPDATE Annotations SET agreedClass = ?2 WHERE uid = ?1")
            .and_then(|mut s| s.execute((object.0, class.0)))
            .at(self.path)
            .map(|_| ())
    }
}

impl Database {
    /// Writes one edit and its line in the journal. On disk when it returns.
    ///
    /// What the edit says was before (`before`) is replaced by what the document holds, so that it can be taken
    /// back rightly; [`Applied::edit`] is the edit as written.
    ///
    /// # Errors
    /// When the edit does not fit the document, or the document can't be written. It is then as it was.
    pub fn apply(&mut self, author: RaterId, edit: Edit) -> Result<Applied, StoreError> {
        self.write(author, edit, &Mode::New)
    }

    pub(super) fn write(&mut self, author: RaterId, edit: Edit, mode: &Mode) -> Result<Applied, StoreError> {
        let (path, layout) = (self.path.clone(), self.layout.clone());
        let tx = self.begin()?;
        let act = Act { tx: &tx, path: &path, layout: &layout, author };
        let (edit, trace) = perform(&act, edit, mode)?;
        let entry = journal::record(&tx, author, &edit, &trace, mode).at(&path)?;
        let object = match edit.object() {
            Some(id) => Some(act.object(id)?),
            None => None,
        };
        let grown = database::commit(tx, &layout).at(&path)?;
        self.layout = grown.unwrap_or(layout);
        Ok(Applied { entry, how: mode.how(), edit, rater: author, object })
    }
}

fn perform(act: &Act<'_>, edit: Edit, mode: &Mode) -> Result<(Edit, Trace), StoreError> {
    let plain = |edit| (edit, Trace::default());
    match edit {
        Edit::AddObject { slide, shape, class, description, .. } => {
            let edit = add_object(act, Edit::AddObject { object: None, slide, shape, class, description })?;
            Ok(plain(edit))
        }
        Edit::SetDeleted { object, deleted } => set_deleted(act, object, deleted, mode).map(plain),
        Edit::SetLabel { object, before, after } => match mode {
            Mode::New => new_label(act, object, after),
            Mode::Undo { trace, .. } => label_back(act, object, before, after, trace, true),
            Mode::Redo(_, trace) => label_back(act, object, before, after, trace, false),
        },
        Edit::SetShape { object, before, after } => set_shape(act, object, &before, after, mode).map(plain),
        Edit::SetRole { class, before, after } => rows::set_role(act, class, before, after, mode).map(plain),
        Edit::AddClass { class } => rows::add_class(act, class).map(plain),
        Edit::AddRater { rater } => rows::add_rater(act, rater).map(plain),
        Edit::AddSlide { .. } => rows::add_slide(act, edit).map(plain),
        Edit::SetCase { slide, before, after } => {
            rows::set_case(act, slide, before.as_deref(), after, mode).map(plain)
        }
        Edit::SetAgreed { after, changes, .. } => set_agreed_classes(act, after, changes, mode).map(plain),
        Edit::LookedAsCoordinator { .. } => Ok(plain(edit)),
        Edit::CreateTask { .. }
        | Edit::SealTask { .. }
        | Edit::MergeKit { .. }
        | Edit::RegisterKey { .. } => act.refuse("a task is made, sealed and merged by its own commands"),
        Edit::Import { .. } => act.refuse("an import is made from its file; import the file"),
    }
}

fn add_object(act: &Act<'_>, mut edit: Edit) -> Result<Edit, StoreError> {
    let Edit::AddObject { object, slide, shape, class, description } = &mut edit else { return Ok(edit) };
    if !act.known("Slides", slide.0)? {
        return act.refuse(format!("has no slide {}; add it first", slide.0));
    }
    rows::check_shape(act, shape)?;
    // A flag marks a place; SlideRunner gives it no label.
    let labelled = *class != ClassId::UNKNOWN && !matches!(shape, Shape::Flag(_));
    if labelled {
        act.class(*class)?;
        act.rater()?;
    }
    if matches!(shape, Shape::Image) && image_label_of(act, slide.0)? {
        return act.refuse("you have labelled this slide as a whole already; change that label");
    }
    let agreed = if labelled { class.0 } else { 0 };
    let insert = || -> rusqlite::Result<i64> {
        act.tx
            .prepare_cached(
                "INSERT INTO Annotations (slide, guid, deleted, type, agreedClass, description, clickable)
                 VALUES (?1, generate_uuid(), 0, ?2, ?3, ?4, 1)",
            )?
            .execute((slide.0, shape.type_number(), agreed, &*description))?;
        let uid = act.tx.last_insert_rowid();
        rows::store_shape(act.tx, uid, shape)?;
        rows::store_origin(act.tx, uid, slide.0, act.author)?;
        if labelled {
            rows::insert_label(act.tx, None, uid, act.author, *class, None)?;
        }
        Ok(uid)
    };
    *object = Some(ObjectId(insert().at(act.path)?));
    Ok(edit)
}

fn image_label_of(act: &Act<'_>, slide: i64) -> Result<bool, StoreError> {
    act.tx
        .query_row(
            "SELECT count(*) FROM Annotations a JOIN Annotations_label l ON l.annoId = a.uid
             WHERE a.slide = ?1 AND a.type = 6 AND a.deleted IS NOT 1 AND l.person = ?2",
            (slide, act.author.0),
            |r| r.get::<_, i64>(0),
        )
        .at(act.path)
        .map(|n| n > 0)
}

fn set_deleted(act: &Act<'_>, id: ObjectId, deleted: bool, mode: &Mode) -> Result<Edit, StoreError> {
    let object = act.object(id)?;
    if object.deleted == deleted {
        let state = if deleted { "is deleted already" } else { "is not deleted" };
        return act.refuse(format!("object {} {state}; load the slide again", id.0));
    }
    if let Mode::Undo { takes_object_away: true, .. } = mode
        && object.labels.iter().any(|l| l.rater != act.author)
    {
        return act.refuse(format!(
            "object {} was labelled by others since; delete it if that is what you want",
            id.0
        ));
    }
    act.tx
        .execute("UPDATE Annotations SET deleted = ?2 WHERE uid = ?1", (id.0, i64::from(deleted)))
        .at(act.path)?;
    Ok(Edit::SetDeleted { object: id, deleted })
}

/// The author's first label is set, changed or taken back.
fn new_label(act: &Act<'_>, id: ObjectId, after: Option<ClassId>) -> Result<(Edit, Trace), StoreError> {
    let object = act.living(id)?;
    act.rater()?;
    if let Some(class) = after {
        act.class(class)?;
    }
    let first = object.label_by(act.author);
    let mut trace = Trace { label: first.map(|l| l.uid), ..Trace::default() };
    match (first, after) {
        (None, None) => return act.refuse(format!("object {} has no label of yours to take back", id.0)),
        (None, Some(class)) => {
            trace.label = Some(rows::insert_label(act.tx, None, id.0, act.author, class, None).at(act.path)?);
        }
        (Some(label), Some(class)) => rows::update_label(act.tx, label.uid, class).at(act.path)?,
        (Some(label), None) => trace.exact = rows::delete_label(act.tx, label.uid).at(act.path)?,
    }
    let agreed = act.derived(&act.object(id)?.labels)?;
    act.set_agreed(id, agreed)?;
    trace.agreed = Some((object.agreed.0, agreed.0));
    trace.settled = object.agreed != act.derived(&object.labels)?;
    Ok((Edit::SetLabel { object: id, before: first.map(|l| l.class), after }, trace))
}

/// Puts back (or again) exactly the row that a line touched.
fn label_back(
    act: &Act<'_>,
    id: ObjectId,
    before: Option<ClassId>,
    after: Option<ClassId>,
    line: &Trace,
    back: bool,
) -> Result<(Edit, Trace), StoreError> {
    let object = act.living(id)?;
    let Some(row) = line.label else {
        return act.refuse("its journal does not say which label was touched; set the label by hand");
    };
    let now = object.labels.iter().find(|l| l.uid == row);
    if now.map(|l| l.class) != before || now.is_some_and(|l| l.rater != act.author) {
        return act.refuse(format!(
            "the label of object {} was changed by another program since; load the slide again and set it by hand",
            id.0
        ));
    }
    let mut trace = Trace { label: Some(row), exact: line.exact, ..Trace::default() };
    match (before, after) {
        (_, Some(class)) if now.is_some() => rows::update_label(act.tx, row, class).at(act.path)?,
        (_, Some(class)) => {
            if act.known("Annotations_label", row)? {
                return act.refuse(format!("the label's row {row} is in use since; set the label by hand"));
            }
            rows::insert_label(act.tx, Some(row), id.0, act.author, class, line.exact).at(act.path)?;
        }
        (_, None) => trace.exact = rows::delete_label(act.tx, row).at(act.path)?,
    }
    // A class that was settled by hand comes back, unless it was settled anew. Else the labels tell, those that
    // others gave in between too.
    let agreed = match line.agreed {
        Some((settled, left)) if back && line.settled && left == object.agreed.0 => ClassId(settled),
        _ => act.derived(&act.object(id)?.labels)?,
    };
    act.set_agreed(id, agreed)?;
    trace.agreed = Some((object.agreed.0, agreed.0));
    Ok((Edit::SetLabel { object: id, before, after }, trace))
}

/// Sets agreed classes, those that are so already left out. Taken back only where nothing else has set them since.
fn set_agreed_classes(
    act: &Act<'_>,
    after: Option<Settlement>,
    changes: Vec<(ObjectId, ClassId, ClassId)>,
    mode: &Mode,
) -> Result<Edit, StoreError> {
    let mut written = Vec::with_capacity(changes.len());
    for (object, before, after) in changes {
        let now = act
            .tx
            .prepare_cached("SELECT agreedClass FROM Annotations WHERE uid = ?1")
            .and_then(|mut s| s.query_row([object.0], |r| Ok(read::whole(r, 0))).optional())
            .at(act.path)?;
        let Some(now) = now.map(|class| ClassId(class.unwrap_or(0))) else {
            return act
                .refuse(format!("object {} is not there any more; ask for the outcome again", object.0));
        };
        if !matches!(mode, Mode::New) && now != before {
            return act.refuse(format!(
                "the agreed class of object {} was set anew since; ask for the outcome again",
                object.0
            ));
        }
        if after != ClassId::UNKNOWN {
            act.class(after)?;
        }
        if now != after {
            act.set_agreed(object, after)?;
            written.push((object, now, after));
        }
    }
    // From now on the labels of an object come to its class by this rule.
    let before = memory::settlement(act.tx, act.layout).at(act.path)?;
    memory::store_settlement(act.tx, after.as_ref()).at(act.path)?;
    Ok(Edit::SetAgreed { before, after, changes: written })
}

fn set_shape(
    act: &Act<'_>,
    id: ObjectId,
    before: &Shape,
    mut after: Shape,
    mode: &Mode,
) -> Result<Edit, StoreError> {
    let object = act.living(id)?;
    rows::check_shape(act, &mut after)?;
    if object.shape.type_number() != after.type_number() {
        return act.refuse(format!(
            "a {} can't become a {}; delete it and make a new one",
            object.shape.title(),
            after.title()
        ));
    }
    if !matches!(mode, Mode::New) && !rows::same_place(&object.shape, before) {
        return act.refuse(format!(
            "object {} was moved by another program since; load the slide again and move it by hand",
            id.0
        ));
    }
    rows::store_shape(act.tx, id.0, &after).at(act.path)?;
    Ok(Edit::SetShape { object: id, before: object.shape, after })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Rater, SlideId, SlidePx};
    use crate::store::Access;

    /// SQLite's own limit on the number of pages stands for the full disk: it is told as one.
    #[test]
    fn a_full_disk_refuses_the_act_and_harms_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        let mut db = Database::create(&path).unwrap();
        let rater = Rater { id: RaterId(0), name: "Christof".into() };
        db.apply(RaterId(0), Edit::AddRater { rater }).unwrap();
        let slide = Edit::AddSlide {
            slide: None,
            filename: "case-07.svs".into(),
            directory: String::new(),
            size: None,
            mpp: None,
            case: None,
        };
        db.apply(RaterId(0), slide).unwrap();
        let pages: i64 = db.connection.query_row("PRAGMA page_count", [], |r| r.get(0)).unwrap();
        db.connection.query_row(&format!("PRAGMA max_page_count = {}", pages + 2), [], |_| Ok(())).unwrap();
        let add = |n: usize| Edit::AddObject {
            object: None,
            slide: SlideId(1),
            shape: Shape::Polygon((0..4 + 40 * n).map(|i| SlidePx::new(i as f64 / 3.0, n as f64)).collect()),
            class: ClassId(1),
            description: String::new(),
        };
        let mut taken = 0;
        let why = loop {
            match db.apply(RaterId(1), add(taken)) {
                Ok(_) => taken += 1,
                Err(why) => break why.to_string(),
            }
        };
        assert!(why.contains("disk is full") && why.contains("study.sqlite"), "{why}");
        assert!(taken > 0);
        assert_eq!(db.objects(SlideId(1)).unwrap().len(), taken);
        let check = Database::open(&path, Access::ReadOnly).unwrap().check().unwrap();
        assert!(check.ok, "{check:?}");
        // With room again it goes on, and the newest edit that can be undone is the last one that was taken.
        db.connection.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(())).unwrap();
        db.apply(RaterId(1), add(taken)).unwrap();
        db.undo(RaterId(1)).unwrap().unwrap();
        db.undo(RaterId(1)).unwrap().unwrap();
        let living = db.objects(SlideId(1)).unwrap().iter().filter(|o| !o.deleted).count();
        assert_eq!(living, taken - 1);
    }
}
