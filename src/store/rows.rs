//! The single rows that an edit writes.

use super::error::{InWords as _, StoreError};
use super::read;
use super::write::{Act, Mode};
use crate::model::{Class, ClassId, Edit, Rater, RaterId, Role, Shape, SlideId, SlidePx};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _};

/// No slide is wider; also keeps whole numbers exact in an f64.
const FARTHEST: f64 = 1e12;

/// More points than any hand draws.
pub(super) const MOST_POINTS: usize = 1_000_000;

/// Longest name of a class, rater or case, in bytes.
pub(super) const LONGEST_NAME: usize = 500;

/// Two places that differ by less are the same: what a circle or a rectangle loses on its way through corners.
const SAME_PX: f64 = 1e-6;

/// Whole numbers are stored as such, fractions as reals, as SlideRunner does.
fn number(v: f64) -> Value {
    if v.fract() == 0.0 && v.abs() <= FARTHEST { Value::Integer(v as i64) } else { Value::Real(v) }
}

/// The points that are stored for a shape; `None` is the placeless row of an image label.
pub(super) fn stored_points(shape: &Shape) -> Vec<Option<SlidePx>> {
    match shape {
        Shape::Spot(p) | Shape::Flag(p) => vec![Some(*p)],
        Shape::Rectangle(r) => vec![Some(SlidePx::new(r.x, r.y)), Some(SlidePx::new(r.right(), r.bottom()))],
        Shape::Circle { center: c, radius: r } => {
            vec![Some(SlidePx::new(c.x - r, c.y - r)), Some(SlidePx::new(c.x + r, c.y + r))]
        }
        Shape::Polygon(points) => points.iter().chain(points.first()).copied().map(Some).collect(),
        Shape::Image => vec![None],
    }
}

/// Refuses what can't be stored or drawn, and takes closing points off a polygon.
pub(super) fn check_shape(act: &Act<'_>, shape: &mut Shape) -> Result<(), StoreError> {
    if let Shape::Polygon(points) = shape {
        while points.len() > 1 && points.last() == points.first() {
            points.pop();
        }
        if points.len() < 3 {
            return act.refuse("a polygon needs three points or more");
        }
        if points.len() > MOST_POINTS {
            return act.refuse(format!("a polygon may have {MOST_POINTS} points at most; simplify it"));
        }
    }
    let sound = match shape {
        Shape::Circle { radius, .. } => *radius > 0.0,
        Shape::Rectangle(r) => r.w >= 0.0 && r.h >= 0.0,
        _ => true,
    };
    let near = |p: &SlidePx| p.x.abs() <= FARTHEST && p.y.abs() <= FARTHEST;
    if !sound || !stored_points(shape).iter().flatten().all(near) {
        return act.refuse(format!("a {} needs a place and a size on the slide", shape.title()));
    }
    Ok(())
}

/// Writes an object's points, in the rows that it has already where it has some. The frame number stays.
pub(super) fn store_shape(tx: &Connection, object: i64, shape: &Shape) -> rusqlite::Result<()> {
    let there: Vec<(i64, Option<i64>)> = tx
        .prepare_cached(
            "SELECT uid, coordinateZ FROM Annotations_coordinates WHERE annoId = ?1 ORDER BY orderIdx, uid",
        )?
        .query_map([object], |r| Ok((r.get(0)?, read::whole(r, 1))))?
        .collect::<rusqlite::Result<_>>()?;
    let z = there.first().and_then(|r| r.1).unwrap_or(0);
    let points = stored_points(shape);
    let mut update = tx.prepare_cached(
        "UPDATE Annotations_coordinates SET coordinateX = ?2, coordinateY = ?3, orderIdx = ?4 WHERE uid = ?1",
    )?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO Annotations_coordinates (coordinateX, coordinateY, coordinateZ, slide, annoId, orderIdx)
         VALUES (?1, ?2, ?3, (SELECT slide FROM Annotations WHERE uid = ?4), ?4, ?5)",
    )?;
    for (i, point) in points.iter().enumerate() {
        let (x, y) = point.map_or((Value::Null, Value::Null), |p| (number(p.x), number(p.y)));
        // At most a million points.
        let order = i as i64 + 1;
        match there.get(i) {
            Some((uid, _)) => update.execute((uid, x, y, order))?,
            None => insert.execute((x, y, z, object, order))?,
        };
    }
    for (uid, _) in there.iter().skip(points.len()) {
        tx.execute("DELETE FROM Annotations_coordinates WHERE uid = ?1", [uid])?;
    }
    Ok(())
}

/// Where a new object comes from: the newest screening pass of its author over the slide, where one has begun.
pub(super) fn store_origin(
    tx: &Connection,
    object: i64,
    slide: i64,
    author: RaterId,
) -> rusqlite::Result<()> {
    let pass: Option<i64> = tx
        .prepare_cached("SELECT max(pass) FROM mitoscope_progress WHERE slide = ?1 AND rater = ?2")?
        .query_row((slide, author.0), |r| r.get(0))?;
    let (stage, detail) = pass.map_or(("manual", String::new()), |pass| ("screening", pass.to_string()));
    tx.prepare_cached("INSERT OR REPLACE INTO mitoscope_origins (object, stage, detail) VALUES (?1, ?2, ?3)")?
        .execute((object, stage, detail))
        .map(|_| ())
}

/// Are two shapes of one kind at one place?
pub(super) fn same_place(a: &Shape, b: &Shape) -> bool {
    let near = |(p, q): (&Option<SlidePx>, &Option<SlidePx>)| match (p, q) {
        (Some(p), Some(q)) => (p.x - q.x).abs() <= SAME_PX && (p.y - q.y).abs() <= SAME_PX,
        (p, q) => p.is_none() && q.is_none(),
    };
    let (p, q) = (stored_points(a), stored_points(b));
    a.type_number() == b.type_number() && p.len() == q.len() && p.iter().zip(&q).all(near)
}

/// A label and its line in SlideRunner's log; the label's uid. With `uid` a row comes back as it was.
pub(super) fn insert_label(
    tx: &Connection,
    uid: Option<i64>,
    object: i64,
    rater: RaterId,
    class: ClassId,
    exact: Option<i64>,
) -> rusqlite::Result<i64> {
    tx.prepare_cached(
        "INSERT INTO Annotations_label (uid, person, class, exact_id, annoId) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((uid, rater.0, class.0, exact, object))?;
    let uid = tx.last_insert_rowid();
    // SlideRunner logs whole seconds.
    tx.prepare_cached("INSERT INTO Log (dateTime, labelId) VALUES (?1, ?2)")?
        .execute((super::schema::now().floor(), uid))?;
    Ok(uid)
}

/// Changes a label's class.
pub(super) fn update_label(tx: &Connection, uid: i64, class: ClassId) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE Annotations_label SET class = ?2 WHERE uid = ?1")?.execute((uid, class.0))?;
    Ok(())
}

/// Removes a label; its id on an EXACT server.
pub(super) fn delete_label(tx: &Connection, uid: i64) -> rusqlite::Result<Option<i64>> {
    let exact: Option<Option<i64>> = tx
        .query_row("SELECT exact_id FROM Annotations_label WHERE uid = ?1", [uid], |r| Ok(read::whole(r, 0)))
        .optional()?;
    tx.execute("DELETE FROM Annotations_label WHERE uid = ?1", [uid])?;
    Ok(exact.flatten())
}

fn name_taken(act: &Act<'_>, table: &str, name: &str, what: &str) -> Result<(), StoreError> {
    if name.trim().is_empty() || name.len() > LONGEST_NAME {
        return act.refuse(format!("a {what} needs a name of 1 to {LONGEST_NAME} bytes"));
    }
    let there: i64 = act
        .tx
        .query_row(&format!("SELECT count(*) FROM {table} WHERE name = ?1"), [name], |r| r.get(0))
        .at(act.path)?;
    if there > 0 {
        return act.refuse(format!("has a {what} named \"{name}\" already; choose another name"));
    }
    Ok(())
}

/// A new class; its id is the row's.
pub(super) fn add_class(act: &Act<'_>, mut class: Class) -> Result<Edit, StoreError> {
    name_taken(act, "Classes", &class.name, "class")?;
    act.tx
        .execute("INSERT INTO Classes (name, color) VALUES (?1, ?2)", (&class.name, class.color.to_string()))
        .at(act.path)?;
    class.id = ClassId(act.tx.last_insert_rowid());
    store_role(act, class.id, class.role)?;
    Ok(Edit::AddClass { class })
}

/// A new rater; the id is the row's.
pub(super) fn add_rater(act: &Act<'_>, mut rater: Rater) -> Result<Edit, StoreError> {
    name_taken(act, "Persons", &rater.name, "rater")?;
    act.tx.execute("INSERT INTO Persons (name, isExactUser) VALUES (?1, 0)", [&rater.name]).at(act.path)?;
    rater.id = RaterId(act.tx.last_insert_rowid());
    Ok(Edit::AddRater { rater })
}

/// A slide, unless one of this name and folder is there.
pub(super) fn add_slide(act: &Act<'_>, mut edit: Edit) -> Result<Edit, StoreError> {
    let Edit::AddSlide { slide, filename, directory, size, mpp, case } = &mut edit else { return Ok(edit) };
    if filename.trim().is_empty() {
        return act.refuse("a slide needs a file name");
    }
    check_case(act, case.as_deref())?;
    let there: Option<i64> = act
        .tx
        .query_row(
            "SELECT uid FROM Slides WHERE filename = ?1 AND coalesce(directory, '') = ?2",
            (&*filename, &*directory),
            |r| r.get(0),
        )
        .optional()
        .at(act.path)?;
    if let Some(uid) = there {
        return act.refuse(format!("has the slide \"{filename}\" already (uid {uid})"));
    }
    act.tx
        .execute(
            "INSERT INTO Slides (filename, width, height, directory, uuid) VALUES (?1, ?2, ?3, ?4, '')",
            (&*filename, size.map(|s| s.0), size.map(|s| s.1), &*directory),
        )
        .at(act.path)?;
    let id = act.tx.last_insert_rowid();
    *slide = Some(SlideId(id));
    act.tx
        .execute(
            "INSERT OR REPLACE INTO mitoscope_slides (slide, case_name, mpp_x, mpp_y) VALUES (?1, ?2, ?3, ?4)",
            (id, &*case, mpp.map(|m| m.0), mpp.map(|m| m.1)),
        )
        .at(act.path)?;
    Ok(edit)
}

fn check_case(act: &Act<'_>, case: Option<&str>) -> Result<(), StoreError> {
    if case.is_some_and(|c| c.len() > LONGEST_NAME) {
        return act.refuse(format!("a case's name may have {LONGEST_NAME} bytes at most"));
    }
    Ok(())
}

/// Puts a slide into a case, another one, or none. A name of blanks is none.
pub(super) fn set_case(
    act: &Act<'_>,
    slide: SlideId,
    before: Option<&str>,
    after: Option<String>,
    mode: &Mode,
) -> Result<Edit, StoreError> {
    if !act.known("Slides", slide.0)? {
        return act.refuse(format!("has no slide {}; add it first", slide.0));
    }
    let now = act
        .tx
        .query_row("SELECT case_name FROM mitoscope_slides WHERE slide = ?1", [slide.0], |r| {
            Ok(read::text(r, 0))
        })
        .optional()
        .at(act.path)?
        .filter(|case| !case.is_empty());
    let after = match mode {
        Mode::New => {
            check_case(act, after.as_deref())?;
            after.filter(|case| !case.trim().is_empty())
        }
        _ if now.as_deref() != before => {
            return act.refuse(format!("the case of slide {} was changed since; set it by hand", slide.0));
        }
        _ => after,
    };
    act.tx
        .execute(
            "INSERT INTO mitoscope_slides (slide, case_name) VALUES (?1, ?2)
             ON CONFLICT (slide) DO UPDATE SET case_name = excluded.case_name",
            (slide.0, &after),
        )
        .at(act.path)?;
    Ok(Edit::SetCase { slide, before: now, after })
}

/// Sets what a class stands for.
pub(super) fn set_role(
    act: &Act<'_>,
    class: ClassId,
    before: Role,
    after: Role,
    mode: &Mode,
) -> Result<Edit, StoreError> {
    let classes = read::classes(act.tx, act.layout).at(act.path)?;
    let Some(now) = classes.iter().find(|c| c.id == class) else {
        return act.refuse(format!("has no class {}; load the classes again", class.0));
    };
    if !matches!(mode, Mode::New) && now.role != before {
        return act.refuse(format!("the role of class \"{}\" was changed since; set it by hand", now.name));
    }
    store_role(act, class, after)?;
    Ok(Edit::SetRole { class, before: now.role, after })
}

fn store_role(act: &Act<'_>, class: ClassId, role: Role) -> Result<(), StoreError> {
    act.tx
        .execute("INSERT OR REPLACE INTO mitoscope_roles (class, role) VALUES (?1, ?2)", (class.0, role.id()))
        .at(act.path)
        .map(|_| ())
}
