//! Labels of other programs come into a document and go out of it: nothing twice, nothing half, nothing lost.

#![allow(clippy::unwrap_used, reason = "helpers of tests: what can't go on has failed")]

use mitoscope::model::{ClassId, Edit, ObjectId, RaterId, Role, Shape, SlideId, SlidePx};
use mitoscope::store::exchange::{self, Format};
use mitoscope::store::{Access, Database, Imported, Source};
use proptest::prelude::*;
use rusqlite::Connection;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A real document of the shared data; `None`, with a word on standard output, where it is not there.
fn real(test: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(name);
    if !path.is_file() {
        println!("skipped: {test}: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn mitoscope(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mitoscope")).args(words).env_remove("RUST_LOG").output().unwrap()
}

/// The one JSON value of a verb that went well.
fn json(words: &[&str]) -> Value {
    let output = mitoscope(&[words, &["--json"]].concat());
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The one sentence of a verb that could not be done.
fn refused(words: &[&str]) -> String {
    let output = mitoscope(words);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{words:?}: {said}");
    said
}

fn empty(folder: &Path) -> Database {
    Database::create_without_classes(&folder.join("study.sqlite")).unwrap()
}

fn by(rater: &str) -> Source {
    Source { file: "cells.csv".into(), slide: Some("case-07.svs".into()), rater: Some(rater.into()) }
}

fn take(db: &mut Database, text: &str, source: &Source) -> Imported {
    db.import(exchange::parse(text.as_bytes(), Format::Csv).unwrap(), source).unwrap()
}

/// New objects, new labels, rows that were there, rows left out.
fn sums(out: &Imported) -> [u64; 4] {
    [out.objects.len() as u64, out.labels, out.present, out.skipped.len() as u64]
}

fn number(db: &Database, sql: &str) -> i64 {
    Connection::open(db.path()).unwrap().query_row(sql, [], |r| r.get(0)).unwrap()
}

const CELLS: &str = "x,y,class\n10,20.5,Mitosis\n100.25,50,non-mitotic\n10,20.5,Mitosis\n";

#[test]
fn what_comes_in_is_there_and_sound_and_nothing_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    let out = take(&mut db, CELLS, &by("Jörg"));
    assert_eq!(sums(&out), [2, 2, 1, 0], "the third row is the first again");
    let made = |list: &[mitoscope::store::Named]| list.iter().map(|n| n.name.clone()).collect::<Vec<_>>();
    assert_eq!(made(&out.created.slides), ["case-07.svs"]);
    assert_eq!(made(&out.created.classes), ["Mitosis", "non-mitotic"]);
    assert_eq!(made(&out.created.raters), ["Jörg"]);
    let objects = db.objects(SlideId(1)).unwrap();
    assert_eq!(objects[0].shape, Shape::Spot(SlidePx::new(10.0, 20.5)));
    assert_eq!(objects.iter().map(|o| o.agreed.0).collect::<Vec<_>>(), [1, 2]);
    assert!(objects.iter().all(|o| o.guid.len() == 36 && o.modified > 1.5e9));
    assert_eq!(db.classes_of_role(Role::LookAlike).unwrap()[0].name, "non-mitotic");
    assert!(db.check().unwrap().ok, "{:?}", db.check());
    for (sql, wanted) in [
        ("SELECT count(*) FROM Log", 2),
        (
            "SELECT count(*) FROM Annotations_coordinates WHERE orderIdx = 1 AND coordinateZ = 0 AND slide = 1",
            2,
        ),
        ("SELECT count(*) FROM Annotations_coordinates WHERE typeof(coordinateX) = 'integer'", 1),
        ("SELECT count(*) FROM mitoscope_origins WHERE stage = 'import' AND detail = 'cells.csv'", 2),
        ("SELECT count(*) FROM mitoscope_journal", 1),
    ] {
        assert_eq!(number(&db, sql), wanted, "{sql}");
    }
    let before = std::fs::read(db.path()).unwrap();
    let again = take(&mut db, CELLS, &by("Jörg"));
    assert_eq!(sums(&again), [0, 0, 3, 0]);
    assert!(std::fs::read(db.path()).unwrap() == before, "nothing was added, nothing is written");
    // An import stays: it is no act of a hand that is taken back.
    assert!(!db.can_undo(RaterId(1)).unwrap());
}

#[test]
fn several_raters_speak_of_one_cell() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    take(&mut db, CELLS, &by("A"));
    // 0.04 px beside it is the same place; 0.1 px is another.
    let other = "x,y,class\n10.04,20.5,Mitosis\n100.25,50,Mitosis\n10.1,20.5,Mitosis\n";
    assert_eq!(sums(&take(&mut db, other, &by("B"))), [1, 3, 0, 0]);
    let objects = db.objects(SlideId(1)).unwrap();
    let seen: Vec<(usize, i64)> = objects.iter().map(|o| (o.labels.len(), o.agreed.0)).collect();
    assert_eq!(seen, [(2, 1), (2, 0), (1, 1)], "agreed where all name one class");
    // The same rater with another class: another object, once.
    let changed = "x,y,class\n10,20.5,non-mitotic\n";
    assert_eq!(sums(&take(&mut db, changed, &by("A"))), [1, 1, 0, 0]);
    assert_eq!(sums(&take(&mut db, changed, &by("A"))), [0, 0, 1, 0]);
    // A third one's label goes where its class is.
    assert_eq!(sums(&take(&mut db, changed, &by("C"))), [0, 1, 0, 0]);
    assert_eq!(db.objects(SlideId(1)).unwrap()[3].labels.len(), 2);
    assert!(db.check().unwrap().ok);
}

#[test]
fn what_was_settled_by_hand_or_deleted_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    take(&mut db, CELLS, &by("A"));
    take(&mut db, "x,y,class\n10,20.5,non-mitotic\n", &by("B"));
    let plain = Connection::open(db.path()).unwrap();
    // A third one settled it: no trigger's function is needed for that here.
    plain
        .execute_batch(
            "DROP TRIGGER updateAnnotation_UPDATE; UPDATE Annotations SET agreedClass = 2 WHERE uid = 1",
        )
        .unwrap();
    drop(plain);
    let path = db.path().to_owned();
    drop(db);
    let mut db = Database::open(&path, Access::ReadWrite).unwrap();
    assert_eq!(sums(&take(&mut db, "x,y,class\n10,20.5,Mitosis\n7,7,Mitosis\n", &by("A"))), [1, 1, 1, 0]);
    assert_eq!(db.object(ObjectId(1)).unwrap().unwrap().agreed, ClassId(2));
    db.apply(RaterId(1), Edit::SetDeleted { object: ObjectId(2), deleted: true }).unwrap();
    let out = take(&mut db, "x,y,class\n100.25,50,non-mitotic\n", &by("A"));
    assert_eq!(sums(&out), [0, 0, 0, 1]);
    assert!(out.skipped[0].line == 2 && out.skipped[0].reason.contains("deleted"), "{out:?}");
}

#[test]
fn a_guid_is_the_object_wherever_the_row_lies() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    let text = "x,y,class,rater,guid,slide\n1,2,m,A,g-1,a.svs\n1,2,m,B,g-1,a.svs\n1,2,n,B,g-1,a.svs\n1,2,m,A,g-2,a.svs\n";
    let source = Source { file: "f".into(), ..Source::default() };
    assert_eq!(sums(&take(&mut db, text, &source)), [2, 4, 0, 0]);
    let first = &db.objects(SlideId(1)).unwrap()[0];
    assert_eq!((first.guid.as_str(), first.labels.len(), first.agreed), ("g-1", 3, ClassId(0)));
    assert_eq!(sums(&take(&mut db, text, &source)), [0, 0, 4, 0]);
    let moved = "x,y,class,rater,guid,slide\n90,90,m,C,g-2,a.svs\n90,90,n,A,g-2,a.svs\n1,2,m,A,g-1,b.svs\n";
    let out = take(&mut db, moved, &source);
    assert_eq!(sums(&out), [0, 1, 0, 2]);
    let reasons: Vec<&str> = out.skipped.iter().map(|s| s.reason.as_str()).collect();
    assert!(reasons[0].contains("A has labelled") && reasons[1].contains("elsewhere"), "{reasons:?}");
    assert!(db.check().unwrap().ok);
}

#[test]
fn slides_that_share_a_name_are_told_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    let source = Source { file: "f".into(), rater: Some("A".into()), ..Source::default() };
    let text = "slide,x,y,class\n1/a.tif,1,1,m\n11/a.tif,1,1,m\n2\\a.tif,1,1,m\n";
    assert_eq!(sums(&take(&mut db, text, &source)), [3, 3, 0, 0]);
    assert_eq!(sums(&take(&mut db, text, &source)), [0, 0, 3, 0]);
    let reading = exchange::parse(b"slide,x,y,class\nnew.tif,1,1,m\na.tif,1,1,m\n", Format::Csv).unwrap();
    let why = db.import(reading, &source).unwrap_err().to_string();
    assert!(why.contains("3 slides named \"a.tif\"") && why.contains("in \"11\""), "{why}");
    assert_eq!(db.slides().unwrap().len(), 3, "nothing of a refused file is there");
    // A uid counts where a person typed it, not where a file has a number.
    let typed = Source { slide: Some("2".into()), ..source.clone() };
    take(&mut db, "x,y,class\n5,5,m\n", &typed);
    take(&mut db, "slide,x,y,class\n3,5,5,m\n", &source);
    let slides: Vec<(String, u64)> =
        db.slides().unwrap().into_iter().map(|s| (s.filename, s.objects)).collect();
    assert_eq!(slides[1].1, 2);
    assert_eq!(slides[3], ("3".into(), 1));
}

#[test]
fn candidates_stay_apart_from_labels() {
    let folder = tempfile::tempdir().unwrap();
    let db = empty(folder.path());
    let (path, file) = (db.path().to_str().unwrap().to_owned(), folder.path().join("found.csv"));
    let file = file.to_str().unwrap();
    let rows = "slide,x1,y1,x2,y2,cls,score\na.svs,0,0,50,50,0,0.9\na.svs,0,0,50,50,0,0.9\na.svs,10,0,61,50,0,0.25\n";
    std::fs::write(file, rows).unwrap();
    let out = json(&["import", &path, file]);
    assert_eq!((&out["imported"], &out["candidates"], &out["labels"]), (&3.into(), &3.into(), &0.into()));
    assert_eq!(
        (out["run"].as_str(), out["created"]["slides"][0]["name"].as_str()),
        (Some("found"), Some("a.svs"))
    );
    std::fs::write(file, format!("{rows}b.svs,1,1,2,2,0,0.5\n")).unwrap();
    let out = json(&["import", &path, file]);
    assert_eq!((&out["imported"], &out["present"]), (&1.into(), &3.into()));
    assert_eq!(json(&["import", &path, file, "--run", "second"])["imported"], 4);
    assert_eq!(number(&db, "SELECT count(*) FROM mitoscope_runs"), 2);
    assert_eq!(number(&db, "SELECT count(*) FROM mitoscope_candidates WHERE x = 35.5 AND score = 0.25"), 2);
    assert_eq!(number(&db, "SELECT count(*) FROM Annotations"), 0);
    assert!(refused(&["import", &path, file, "--as", "labels"]).contains("--rater"));
    let out = json(&["import", &path, file, "--as", "labels", "--rater", "RetinaNet"]);
    assert_eq!((&out["labels"], &out["present"]), (&3.into(), &1.into()));
}

#[test]
fn what_cannot_be_read_leaves_the_document_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let db = empty(folder.path());
    let path = db.path().to_str().unwrap().to_owned();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let bad = folder.path().join("bad.csv");
    let bad = bad.to_str().unwrap();
    for (text, says) in [
        ("x,y\n1,2\n", "no column class"),
        ("x,y,class\nnorth,2,m\n", "line 2: x is \"north\""),
        ("x,y,class\n1,2,m\n", "--slide"),
        ("slide,x,y,class\na,1,2,m\n", "--rater"),
        ("\0\0", "not a table"),
    ] {
        std::fs::write(bad, text).unwrap();
        let said = refused(&["import", &path, bad]);
        assert!(said.contains(says) && said.contains("bad.csv"), "{said}");
        assert!(std::fs::read(&path).unwrap() == before, "{text}");
    }
    std::fs::write(bad, "x,y,class\n").unwrap();
    assert_eq!(json(&["import", &path, bad])["read"], 0);
    assert!(std::fs::read(&path).unwrap() == before);
    for format in ["geojson", "asap", "imagescope"] {
        assert!(refused(&["import", &path, bad, "--format", format]).contains("not read yet"));
        assert!(refused(&["export", &path, "--format", format, "-o", bad]).contains("not written yet"));
    }
    refused(&["import", &path, "/nowhere/cells.csv"]);
    assert_eq!(mitoscope(&["import", &path, bad, "--format", "word"]).status.code(), Some(2));
}

#[test]
fn labels_go_round_through_every_format() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    take(&mut db, CELLS, &by("A \"1\", Köln"));
    take(&mut db, "x,y,class\n10,20.5,Mitosis\n", &by("B"));
    let path = db.path().to_str().unwrap().to_owned();
    let before = std::fs::read(&path).unwrap();
    let seen = |db: &Database, labels: bool| -> Vec<(String, Shape, ClassId, usize)> {
        let objects = db.objects(SlideId(1)).unwrap().into_iter();
        objects.map(|o| (o.guid, o.shape, o.agreed, if labels { o.labels.len() } else { 1 })).collect()
    };
    for format in ["csv", "coco", "midog"] {
        let file = folder.path().join(format!("out.{format}"));
        let file = file.to_str().unwrap();
        let out = json(&["export", &path, "--format", format, "-o", file]);
        assert_eq!((&out["exported"], &out["left_out"]), (&2.into(), &serde_json::json!({})));
        assert!(std::fs::read(&path).unwrap() == before, "{format}");
        let second = folder.path().join(format!("{format}.sqlite"));
        let mut other = Database::create_without_classes(&second).unwrap();
        let reading = exchange::read(Path::new(file), Some(format_named(format))).unwrap();
        assert_eq!(reading.skipped, []);
        let out = other.import(reading, &Source { rater: Some("X".into()), ..Source::default() }).unwrap();
        assert_eq!(out.objects.len(), 2);
        let labels = format == "csv";
        assert_eq!(seen(&other, labels), seen(&db, labels), "{format}");
        if labels {
            let names: Vec<String> = other.raters().unwrap().into_iter().map(|r| r.name).collect();
            assert_eq!(names, ["A \"1\", Köln", "B"]);
        }
    }
    let file = folder.path().join("b.json");
    let file = file.to_str().unwrap();
    let out = json(&["export", &path, "--format", "coco", "--rater", "B", "--class", "Mitosis", "-o", file]);
    assert_eq!(out["exported"], 1);
    let text: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(text["annotations"][0]["rater"], "B");
    assert_eq!(text["annotations"][0]["bbox"], serde_json::json!([-15, -4.5, 50, 50]));
    for wrong in [["--slide", "no.svs"], ["--rater", "nobody"], ["--class", "none"]] {
        let words = [&["export", &path, "--format", "csv", "-o", file][..], &wrong].concat();
        assert!(refused(&words).contains(wrong[1]));
    }
    assert!(refused(&["export", &path, "--format", "csv", "-o", &path]).contains("another name"));
}

fn format_named(id: &str) -> Format {
    Format::ALL.into_iter().find(|f| f.id() == id).unwrap()
}

#[test]
fn polygons_and_rectangles_travel_in_coco_and_are_closed_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    let text = r#"{"images":[{"id":1,"file_name":"a.svs"}],"categories":[{"id":1,"name":"tumour region"}],"annotations":[
        {"image_id":1,"category_id":1,"segmentation":[[0,0,900,0.5,900,900,0,0]]},
        {"image_id":1,"category_id":1,"bbox":[1,2,300,400]}]}"#;
    let source = Source { file: "a.json".into(), rater: Some("A".into()), ..Source::default() };
    let reading = exchange::parse(text.as_bytes(), Format::Coco).unwrap();
    assert_eq!(sums(&db.import(reading.clone(), &source).unwrap()), [2, 2, 0, 0]);
    assert_eq!(sums(&db.import(reading, &source).unwrap()), [0, 0, 2, 0]);
    assert_eq!(number(&db, "SELECT count(*) FROM Annotations_coordinates WHERE annoId = 1"), 4);
    let (file, path) = (folder.path().join("out.json"), db.path().to_str().unwrap().to_owned());
    let out = json(&["export", &path, "--format", "coco", "-o", file.to_str().unwrap()]);
    assert_eq!(out["exported"], 2);
    let back = exchange::read(&file, None).unwrap();
    let shapes: Vec<Shape> = db.objects(SlideId(1)).unwrap().into_iter().map(|o| o.shape).collect();
    assert_eq!(back.records.iter().map(|r| r.shape.clone()).collect::<Vec<_>>(), shapes);
    let output =
        mitoscope(&["export", &path, "--format", "csv", "-o", folder.path().join("o.csv").to_str().unwrap()]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("polygon: 1, rectangle: 1"), "{said}");
}

#[test]
fn an_older_generation_is_upgraded_first_and_its_own_labels_are_known() {
    let name = "an_older_generation_is_upgraded_first_and_its_own_labels_are_known";
    for document in ["SlideRunner__doc_demo.sqlite", "TUPAC_AL__training.sqlite"] {
        let Some(source) = real(name, &format!("databases/{document}")) else { continue };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(document);
        std::fs::write(&path, std::fs::read(source).unwrap()).unwrap();
        let file = folder.path().join("out.csv");
        let (path, file) = (path.to_str().unwrap(), file.to_str().unwrap());
        let exported = json(&["export", path, "--format", "csv", "-o", file]);
        let output = mitoscope(&["import", path, file, "--json"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && said.contains("upgraded from generation"), "{said}");
        let out: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&out["imported"], &out["present"]), (&0.into(), &exported["rows"]), "{out}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3, "document, file, backup");
    }
}

#[test]
fn thousands_of_rows_come_in_quickly_and_a_late_refusal_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    let rows: String = (0..20_000).map(|i| format!("a.svs,{},{},m\n", i % 200 * 30, i / 200 * 30)).collect();
    let source = Source { file: "many.csv".into(), rater: Some("A".into()), ..Source::default() };
    // The last row's class is one that this document has twice.
    let two = folder.path().join("two.sqlite");
    let mut refusing = Database::create_without_classes(&two).unwrap();
    let classes = "DROP TRIGGER setRandomcolor;
                   INSERT INTO Classes (name, color) VALUES ('t', '#000000'), ('t', '#000000')";
    Connection::open(&two).unwrap().execute_batch(classes).unwrap();
    let before = std::fs::read(&two).unwrap();
    let text = format!("slide,x,y,class\n{rows}a.svs,1,1,t\n");
    let reading = exchange::parse(text.as_bytes(), Format::Csv).unwrap();
    let why = refusing.import(reading, &source).unwrap_err().to_string();
    assert!(why.contains("several classes named \"t\""), "{why}");
    assert!(std::fs::read(&two).unwrap() == before, "all or nothing");
    let begun = std::time::Instant::now();
    let out = take(&mut db, &format!("slide,x,y,class\n{rows}"), &source);
    assert_eq!(sums(&out), [20_000, 20_000, 0, 0]);
    let again = take(&mut db, &format!("slide,x,y,class\n{rows}"), &source);
    assert_eq!(sums(&again), [0, 0, 20_000, 0]);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
    assert!(db.check().unwrap().ok);
}

#[test]
fn a_file_that_names_something_else_as_class_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = empty(folder.path());
    let before = std::fs::read(db.path()).unwrap();
    let rows: String = (0..1_001).map(|i| format!("{i},1,{i}\n")).collect();
    let reading = exchange::parse(format!("x,y,class\n{rows}").as_bytes(), Format::Csv).unwrap();
    let why = db.import(reading, &by("A")).unwrap_err().to_string();
    assert!(why.contains("new classes") && std::fs::read(db.path()).unwrap() == before, "{why}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]

    /// Whatever rows say of the same few cells: a second time adds nothing, and agreed is what all labels name.
    #[test]
    fn any_file_comes_in_once(rows in proptest::collection::vec((0..3, 0..3, 0..3, 0..4, 0..2), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let mut db = empty(folder.path());
        let mut text = String::from("x,y,class,rater,guid,slide\n");
        for (x, class, rater, guid, slide) in &rows {
            let guid = if *guid < 2 { String::new() } else { format!("g{guid}") };
            text.push_str(&format!("{x},1,c{class},r{rater},{guid},s{slide}.svs\n"));
        }
        let source = Source { file: "f".into(), ..Source::default() };
        let first = take(&mut db, &text, &source);
        prop_assert_eq!(first.rows + first.present + first.skipped.len() as u64, rows.len() as u64);
        let before = std::fs::read(db.path()).unwrap();
        let again = take(&mut db, &text, &source);
        prop_assert_eq!(again.rows, 0);
        prop_assert_eq!(&again.skipped, &first.skipped);
        prop_assert!(std::fs::read(db.path()).unwrap() == before);
        for slide in db.slides().unwrap() {
            for object in db.objects(slide.id).unwrap() {
                prop_assert_eq!(object.agreed, mitoscope::model::object::unanimous(&object.labels));
            }
        }
        let check = db.check().unwrap();
        prop_assert!(check.ok, "{:?}", check);
    }
}
