//! Real and made documents: looking changes nothing, changing loses nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests: what can't go on has failed")]

mod edits;
mod held;
mod killed;
mod memory;
mod verbs;

use mitoscope::model::{ClassId, Edit, Object, Rater, RaterId, Shape, SlideId, SlidePx};
use mitoscope::store::{Access, Database, StoreError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Real databases and fixtures; empty where the data were not handed over.
fn real(test: &str) -> Vec<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/databases"));
    let mut out = Vec::new();
    for folder in [root.to_owned(), root.join("fixtures")] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        out.extend(
            entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "sqlite")),
        );
    }
    out.sort();
    if out.is_empty() {
        eprintln!("skipped: {test}: no shared data");
    }
    out
}

fn copy_of(folder: &Path, source: &Path) -> PathBuf {
    let to = folder.join(source.file_name().unwrap());
    std::fs::write(&to, std::fs::read(source).unwrap()).unwrap();
    to
}

fn number(connection: &Connection, sql: &str) -> i64 {
    connection.query_row(sql, [], |r| r.get(0)).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// A document with a slide and raters 1 and 2; classes 1 to 3 are the default ones.
fn document(path: &Path) -> Database {
    let mut db = Database::create(path).unwrap();
    for name in ["Christof", "Jörg \"JM\" Müller"] {
        let rater = Rater { id: RaterId(0), name: name.into() };
        db.apply(RaterId(0), Edit::AddRater { rater }).unwrap();
    }
    db.apply(RaterId(0), slide("case-07.svs")).unwrap();
    db
}

fn slide(filename: &str) -> Edit {
    Edit::AddSlide {
        slide: None,
        filename: filename.into(),
        directory: "/slides".into(),
        size: Some((16000, 12000)),
        mpp: Some((0.25, 0.26)),
        case: Some("case 7".into()),
    }
}

fn spot(x: f64, y: f64, class: i64) -> Edit {
    Edit::AddObject {
        object: None,
        slide: SlideId(1),
        shape: Shape::Spot(SlidePx::new(x, y)),
        class: ClassId(class),
        description: String::new(),
    }
}

#[test]
fn looking_at_real_databases_changes_nothing_and_counts_as_sql_does() {
    for source in real("looking_at_real_databases_changes_nothing_and_counts_as_sql_does") {
        let folder = tempfile::tempdir().unwrap();
        let path = copy_of(folder.path(), &source);
        let before = std::fs::read(&path).unwrap();
        let name = path.display();
        let (sum, check, drawn) = {
            let db = Database::open(&path, Access::ReadOnly).unwrap();
            let drawn: Vec<Object> =
                db.slides().unwrap().iter().flat_map(|s| db.objects(s.id).unwrap()).collect();
            (db.summary().unwrap(), db.check().unwrap(), drawn)
        };
        assert_eq!(std::fs::read(&path).unwrap(), before, "{name}");
        assert_eq!(names(folder.path()).len(), 1, "{name}: files beside");

        let plain = Connection::open(&path).unwrap();
        assert_eq!(
            sum.annotations + sum.deleted,
            number(&plain, "SELECT count(*) FROM Annotations") as u64,
            "{name}"
        );
        assert_eq!(sum.labels, number(&plain, "SELECT count(*) FROM Annotations_label") as u64, "{name}");
        assert_eq!(sum.slides.len() as i64, number(&plain, "SELECT count(*) FROM Slides"), "{name}");
        assert_eq!(drawn.len() as u64, sum.annotations + sum.deleted, "{name}: every object can be drawn");
        let orphans = number(
            &plain,
            "SELECT count(*) FROM Annotations_label WHERE annoId NOT IN (SELECT uid FROM Annotations)",
        );
        let labels: usize = drawn.iter().map(|o| o.labels.len()).sum();
        assert_eq!(labels as u64, sum.labels - orphans as u64, "{name}");
        assert_eq!(
            orphans > 0,
            check.problems.iter().any(|p| p.contains("labels without their annotation")),
            "{name}"
        );
        for (kind, n) in &sum.by_type {
            let live = drawn.iter().filter(|o| !o.deleted && o.shape.type_number() == *kind).count();
            assert_eq!(live as u64, *n, "{name}: type {kind}");
        }
    }
}

#[test]
fn a_new_document_is_whole_and_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new #1 ü.sqlite");
    let mut db = document(&path);
    assert!(matches!(Database::create(&path), Err(StoreError::Exists { .. })));
    assert!(!db.needs_upgrade());
    let applied = db.apply(RaterId(1), spot(100.0, 50.5, 1)).unwrap();
    let object = applied.object.unwrap();
    assert_eq!(object.agreed, ClassId(1));
    assert_eq!(object.shape, Shape::Spot(SlidePx::new(100.0, 50.5)));
    assert!(object.modified > 1.5e9 && object.guid.len() == 36);
    drop(db);
    assert_eq!(names(folder.path()).len(), 1);
    let db = Database::open(&path, Access::ReadOnly).unwrap();
    assert_eq!(db.objects(SlideId(1)).unwrap(), vec![object]);
    assert!(db.check().unwrap().ok, "{:?}", db.check());
    let entry = db.slide_named("case-07.svs").unwrap();
    assert_eq!((entry.size, entry.case.as_deref(), entry.objects), (Some((16000, 12000)), Some("case 7"), 1));
    assert_eq!(db.class_of("mitotic figure").unwrap(), ClassId(1));
    assert_eq!(db.figures(SlideId(1), &[ClassId(1)]).unwrap(), [SlidePx::new(100.0, 50.5)]);
    let plain = Connection::open(&path).unwrap();
    let types: (String, String) = plain
        .query_row("SELECT typeof(coordinateX), typeof(coordinateY) FROM Annotations_coordinates", [], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .unwrap();
    assert_eq!(types, ("integer".into(), "real".into()));
}

#[test]
fn an_upgrade_keeps_what_is_there_and_leaves_the_document_as_it_was_beside_it() {
    for source in real("an_upgrade_keeps_what_is_there_and_leaves_the_document_as_it_was_beside_it") {
        let folder = tempfile::tempdir().unwrap();
        let path = copy_of(folder.path(), &source);
        let name = path.display();
        let before = Database::open(&path, Access::ReadOnly).unwrap();
        let (old, count) = (before.summary().unwrap(), names(folder.path()).len());
        drop(before);
        let db = Database::open(&path, Access::ReadWrite).unwrap();
        let new = db.summary().unwrap();
        assert_eq!(
            (new.annotations, new.labels, new.deleted, &new.by_type, &new.by_class, &new.persons),
            (old.annotations, old.labels, old.deleted, &old.by_type, &old.by_class, &old.persons),
            "{name}"
        );
        assert_eq!(db.upgraded_from().is_some(), old.needs_upgrade, "{name}");
        if let Some(upgrade) = db.upgraded_from() {
            let kept = Database::open(&upgrade.backup, Access::ReadOnly).unwrap();
            assert_eq!(kept.summary().unwrap(), old, "{name}: the backup");
        }
        drop(db);
        assert_eq!(
            names(folder.path()).len(),
            count + usize::from(old.needs_upgrade),
            "{name}: files beside"
        );
        let bytes = std::fs::read(&path).unwrap();
        assert!(Database::open(&path, Access::ReadWrite).unwrap().upgraded_from().is_none(), "{name}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{name}: opening it again writes nothing");
    }
}
