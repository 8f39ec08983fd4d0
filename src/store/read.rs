//! Reading any generation: what a file lacks is filled with what SlideRunner assumes.

use super::database::{Database, SlideEntry};
use super::error::{InWords as _, StoreError};
use super::generation::Layout;
use super::schema;
use crate::model::{
    Class, ClassId, Label, Object, ObjectId, Rater, RaterId, Rect, Resolution, Rgb, Role, Shape, SlideId,
    SlidePx,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use std::collections::HashMap;

/// Which objects to read.
#[derive(Clone, Copy)]
pub(super) enum Which {
    /// All of a slide.
    Slide(SlideId),
    /// One.
    One(ObjectId),
}

/// A number of any storage class; files hold texts and reals where whole numbers are declared.
pub(super) fn real(row: &Row<'_>, column: usize) -> Option<f64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(i) => Some(i as f64),
        ValueRef::Real(r) => Some(r),
        ValueRef::Text(t) => std::str::from_utf8(t).ok()?.trim().parse().ok(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
    .filter(|v: &f64| v.is_finite())
}

/// A whole number of any storage class.
pub(super) fn whole(row: &Row<'_>, column: usize) -> Option<i64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(i) => Some(i),
        _ => real(row, column).map(|r| r as i64),
    }
}

/// A text of any storage class; empty for NULL.
pub(super) fn text(row: &Row<'_>, column: usize) -> String {
    match row.get_ref(column) {
        Ok(ValueRef::Text(t)) => String::from_utf8_lossy(t).into_owned(),
        Ok(ValueRef::Integer(i)) => i.to_string(),
        Ok(ValueRef::Real(r)) => r.to_string(),
        _ => String::new(),
    }
}

impl Database {
    /// Classes in the order of their uids.
    pub fn classes(&self) -> Result<Vec<Class>, StoreError> {
        classes(&self.connection, &self.layout).at(&self.path)
    }

    /// Raters in the order of their uids.
    pub fn raters(&self) -> Result<Vec<Rater>, StoreError> {
        let mut out = Vec::new();
        self.each("SELECT uid, name FROM Persons ORDER BY uid", |r| {
            out.push(Rater { id: RaterId(whole(r, 0).unwrap_or(0)), name: text(r, 1) });
        })?;
        Ok(out)
    }

    /// Slides in the order of their uids.
    pub fn slides(&self) -> Result<Vec<SlideEntry>, StoreError> {
        let mut objects: HashMap<i64, u64> = HashMap::new();
        let deleted = self.layout.or("Annotations", "deleted", "0");
        self.each(
            &format!("SELECT slide, count(*) FROM Annotations WHERE {deleted} IS NOT 1 GROUP BY slide"),
            |r| {
                if let (Some(slide), Some(n)) = (whole(r, 0), whole(r, 1)) {
                    objects.insert(slide, n.unsigned_abs());
                }
            },
        )?;
        let mut own: HashMap<i64, (Option<String>, Option<Resolution>)> = HashMap::new();
        if self.layout.has_table("mitoscope_slides") {
            self.each("SELECT slide, case_name, mpp_x, mpp_y FROM mitoscope_slides", |r| {
                let case = Some(text(r, 1)).filter(|c| !c.is_empty());
                let resolution = real(r, 2).zip(real(r, 3)).and_then(|(x, y)| Resolution::new(x, y));
                own.insert(whole(r, 0).unwrap_or(0), (case, resolution));
            })?;
        }
        let column = |name: &'static str| self.layout.or("Slides", name, "NULL");
        let sql = format!(
            "SELECT uid, filename, {}, {}, {} FROM Slides ORDER BY uid",
            column("directory"),
            column("width"),
            column("height")
        );
        let mut out = Vec::new();
        self.each(&sql, |r| {
            let id = whole(r, 0).unwrap_or(0);
            let side = |i| whole(r, i).and_then(|v| u32::try_from(v).ok()).filter(|v| *v > 0);
            let (case, resolution) = own.remove(&id).unwrap_or_default();
            out.push(SlideEntry {
                id: SlideId(id),
                filename: text(r, 1),
                directory: text(r, 2),
                size: side(3).zip(side(4)),
                resolution,
                case,
                objects: objects.get(&id).copied().unwrap_or(0),
            });
        })?;
        Ok(out)
    }

    /// All objects of a slide with their labels, soft-deleted ones included. Left out is what can't be shown: rows
    /// of an unknown type or without a place ([`Self::check`] names them).
    pub fn objects(&self, slide: SlideId) -> Result<Vec<Object>, StoreError> {
        self.at_one_moment(|| objects(&self.connection, &self.layout, Which::Slide(slide)).at(&self.path))
    }

    /// One object.
    pub fn object(&self, id: ObjectId) -> Result<Option<Object>, StoreError> {
        let one = || objects(&self.connection, &self.layout, Which::One(id)).at(&self.path);
        Ok(self.at_one_moment(one)?.pop())
    }

    /// Centres of a slide's objects whose agreed class is one of `classes`; deleted ones, flags and image labels
    /// left out.
    pub fn figures(&self, slide: SlideId, classes: &[ClassId]) -> Result<Vec<SlidePx>, StoreError> {
        self.centres(slide, |o| classes.contains(&o.agreed))
    }

    /// The same by one rater's own first label in place of the agreed class.
    pub fn figures_by(
        &self,
        slide: SlideId,
        rater: RaterId,
        classes: &[ClassId],
    ) -> Result<Vec<SlidePx>, StoreError> {
        self.centres(slide, |o| o.label_by(rater).is_some_and(|l| classes.contains(&l.class)))
    }

    fn centres(&self, slide: SlideId, wanted: impl Fn(&Object) -> bool) -> Result<Vec<SlidePx>, StoreError> {
        let objects = self.objects(slide)?;
        Ok(objects.iter().filter(|o| o.countable() && wanted(o)).filter_map(|o| o.shape.center()).collect())
    }

    /// A class by its name, or by its uid where no class has that name.
    ///
    /// # Errors
    /// When there is none, or two classes have the name; the message lists what there is.
    pub fn class_of(&self, name_or_uid: &str) -> Result<ClassId, StoreError> {
        let classes = self.classes()?;
        let named: Vec<&Class> = classes.iter().filter(|c| c.name == name_or_uid).collect();
        match named.as_slice() {
            [one] => return Ok(one.id),
            [] => {}
            _ => {
                return Err(StoreError::refused(
                    &self.path,
                    format!("has several classes named \"{name_or_uid}\"; give the class's uid"),
                ));
            }
        }
        let uid = name_or_uid.parse().ok().map(ClassId);
        classes.iter().map(|c| c.id).find(|id| Some(*id) == uid).ok_or_else(|| {
            let list: Vec<String> = classes.iter().map(|c| format!("\"{}\" ({})", c.name, c.id.0)).collect();
            StoreError::refused(
                &self.path,
                format!("has no class \"{name_or_uid}\"; it has {}", or_none(&list.join(", "))),
            )
        })
    }

    /// Classes with this role, in the order of their uids.
    pub fn classes_of_role(&self, role: Role) -> Result<Vec<Class>, StoreError> {
        Ok(self.classes()?.into_iter().filter(|c| c.role == role).collect())
    }

    /// A rater by name.
    ///
    /// # Errors
    /// When there is none; the message lists who there is.
    pub fn rater_named(&self, name: &str) -> Result<Rater, StoreError> {
        let raters = self.raters()?;
        let list: Vec<String> = raters.iter().map(|r| format!("\"{}\"", r.name)).collect();
        raters.into_iter().find(|r| r.name == name).ok_or_else(|| {
            StoreError::refused(
                &self.path,
                format!("has no rater \"{name}\"; it has {}", or_none(&list.join(", "))),
            )
        })
    }

    /// A slide by its base name, by `folder/name` where names repeat, or by its uid.
    ///
    /// # Errors
    /// When there is none or several fit.
    pub fn slide_named(&self, name: &str) -> Result<SlideEntry, StoreError> {
        let slides = self.slides()?;
        let mut found = slides_with_name(&slides, name, |s| (&s.filename, &s.directory));
        if found.is_empty() {
            found = slides.iter().filter(|s| name.parse() == Ok(s.id.0)).collect();
        }
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(StoreError::refused(
                &self.path,
                format!(
                    "has no slide \"{name}\"; `mitoscope db info` lists its slides, `mitoscope db add` adds one"
                ),
            )),
            _ => Err(StoreError::refused(
                &self.path,
                format!(
                    "has {} slides named \"{name}\"; give the folder too, or the slide's uid",
                    found.len()
                ),
            )),
        }
    }

    /// Calls `take` for each row.
    pub(super) fn each(&self, sql: &str, take: impl FnMut(&Row<'_>)) -> Result<(), StoreError> {
        each(&self.connection, sql, [], take).at(&self.path)
    }
}

/// Folder, if there is one, and base name of a slide's name, whichever system wrote it.
pub(super) fn folder_and_base(name: &str) -> (Option<&str>, &str) {
    name.rsplit_once(['/', '\\']).map_or((None, name), |(f, b)| (Some(f), b))
}

/// The slides with this base name; where several have it, those whose folder fits too. `parts` gives a slide's base
/// name and folder.
pub(super) fn slides_with_name<'a, S>(
    slides: &'a [S],
    name: &str,
    parts: impl Fn(&S) -> (&str, &str),
) -> Vec<&'a S> {
    let (folder, base) = folder_and_base(name);
    let found: Vec<&S> = slides.iter().filter(|s| parts(s).0 == base).collect();
    let Some(folder) = folder else { return found };
    // Folders are hints: one that fits decides, the same one before one that ends alike; none that fits excludes nothing.
    let of = |fits: &dyn Fn(&str) -> bool| -> Vec<&'a S> {
        found.iter().copied().filter(|s| fits(parts(s).1)).collect()
    };
    let alike = |d: &str| d.ends_with(folder) || folder.ends_with(d) && !d.is_empty();
    [of(&|d| d == folder), of(&alike), found.clone()].into_iter().find(|f| !f.is_empty()).unwrap_or_default()
}

fn or_none(list: &str) -> &str {
    if list.is_empty() { "none" } else { list }
}

/// Calls `take` for each row.
pub(super) fn each(
    connection: &Connection,
    sql: &str,
    parameters: impl rusqlite::Params,
    mut take: impl FnMut(&Row<'_>),
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    while let Some(row) = rows.next()? {
        take(row);
    }
    Ok(())
}

/// Classes with colour and role, whatever the file stores of them.
pub(super) fn classes(connection: &Connection, layout: &Layout) -> rusqlite::Result<Vec<Class>> {
    let mut roles: HashMap<i64, Role> = HashMap::new();
    if layout.has_table("mitoscope_roles") {
        each(connection, "SELECT class, role FROM mitoscope_roles", [], |r| {
            if let (Some(class), Ok(role)) = (whole(r, 0), text(r, 1).parse()) {
                roles.insert(class, role);
            }
        })?;
    }
    let color = layout.or("Classes", "color", "NULL");
    let mut out = Vec::new();
    each(connection, &format!("SELECT uid, name, {color} FROM Classes ORDER BY uid"), [], |r| {
        let (id, name) = (whole(r, 0).unwrap_or(0), text(r, 1));
        let color = text(r, 2).parse().or_else(|_| schema::palette(id).parse()).unwrap_or(Rgb(128, 128, 128));
        let role = roles.get(&id).copied().unwrap_or_else(|| Role::from_name(&name));
        out.push(Class { id: ClassId(id), name, color, role });
    })?;
    Ok(out)
}

/// Objects in the order of their uids.
pub(super) fn objects(
    connection: &Connection,
    layout: &Layout,
    which: Which,
) -> rusqlite::Result<Vec<Object>> {
    let (of_annotation, of_row, key) = match which {
        Which::Slide(slide) => {
            ("slide = ?1", "annoId IN (SELECT uid FROM Annotations WHERE slide = ?1)", slide.0)
        }
        Which::One(object) => ("uid = ?1", "annoId = ?1", object.0),
    };
    let z = layout.or("Annotations_coordinates", "coordinateZ", "0");
    let mut points: HashMap<i64, Points> = HashMap::new();
    let sql = format!(
        "SELECT annoId, coordinateX, coordinateY, {z} FROM Annotations_coordinates WHERE {of_row}
         ORDER BY annoId, orderIdx, uid"
    );
    each(connection, &sql, [key], |r| {
        let entry = points
            .entry(whole(r, 0).unwrap_or(0))
            .or_insert_with(|| Points { z: whole(r, 3).unwrap_or(0), at: Vec::new() });
        if let (Some(x), Some(y)) = (real(r, 1), real(r, 2)) {
            entry.at.push(SlidePx::new(x, y));
        }
    })?;
    let mut labels: HashMap<i64, Vec<Label>> = HashMap::new();
    let sql = format!("SELECT annoId, uid, person, class FROM Annotations_label WHERE {of_row} ORDER BY uid");
    each(connection, &sql, [key], |r| {
        labels.entry(whole(r, 0).unwrap_or(0)).or_default().push(Label {
            uid: whole(r, 1).unwrap_or(0),
            rater: RaterId(whole(r, 2).unwrap_or(0)),
            class: ClassId(whole(r, 3).unwrap_or(0)),
        });
    })?;
    let column = |name: &'static str| layout.or("Annotations", name, "NULL");
    let sql = format!(
        "SELECT uid, slide, type, agreedClass, {}, {}, {}, {} FROM Annotations WHERE {of_annotation} ORDER BY uid",
        column("guid"),
        column("deleted"),
        column("description"),
        column("lastModified")
    );
    let mut out = Vec::new();
    each(connection, &sql, [key], |r| {
        let id = whole(r, 0).unwrap_or(0);
        let Some(Points { z, at }) = points.remove(&id) else { return };
        let Some(shape) = shape(whole(r, 2).unwrap_or(0), at) else { return };
        out.push(Object {
            id: ObjectId(id),
            guid: text(r, 4),
            slide: SlideId(whole(r, 1).unwrap_or(0)),
            shape,
            z,
            agreed: ClassId(whole(r, 3).unwrap_or(0)),
            labels: labels.remove(&id).unwrap_or_default(),
            deleted: whole(r, 5) == Some(1),
            description: text(r, 6),
            modified: real(r, 7).unwrap_or(0.0),
        });
    })?;
    Ok(out)
}

struct Points {
    z: i64,
    at: Vec<SlidePx>,
}

/// The shape that rows of a type mean; `None` for an unknown type or where the place is missing.
fn shape(kind: i64, mut points: Vec<SlidePx>) -> Option<Shape> {
    let two = |p: &[SlidePx]| Some(Rect::from_corners(*p.first()?, *p.get(1).or(p.first())?));
    match kind {
        1 => Some(Shape::Spot(*points.first()?)),
        2 => two(&points).map(Shape::Rectangle),
        3 => {
            let first = *points.first()?;
            while points.len() > 1 && points.last() == Some(&first) {
                points.pop();
            }
            // Fewer than three places is no polygon; the last one repeated keeps it visible and harmless.
            while points.len() < 3 {
                points.push(*points.last()?);
            }
            Some(Shape::Polygon(points))
        }
        4 => Some(Shape::Flag(*points.first()?)),
        // Half the width counts, as in SlideRunner.
        5 => two(&points).map(|square| Shape::Circle { center: square.center(), radius: square.w / 2.0 }),
        6 => Some(Shape::Image),
        _ => None,
    }
}
