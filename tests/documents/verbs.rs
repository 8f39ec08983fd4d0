//! `db …` from outside: what is answered, what is said on standard error, what is left on the disk.

use super::{copy_of, names, real};
use mitoscope::model::RaterId;
use mitoscope::store::{Access, Database};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn db(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mitoscope"))
        .arg("db")
        .args(words)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The one JSON value of a verb that went well and had nothing to say besides.
fn json(words: &[&str]) -> Value {
    let output = db(&[words, &["--json"]].concat());
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {}", err(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn picture(path: &Path, width: u32, height: u32) -> String {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::RgbImage::from_pixel(width, height, image::Rgb([200, 150, 180])).save(path).unwrap();
    path.to_str().unwrap().into()
}

#[test]
fn a_study_is_set_up_and_nothing_is_added_twice() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let path = at("study.sqlite").to_str().unwrap().to_owned();
    assert_eq!(json(&["create", &path])["classes"], serde_json::json!([]));
    let again = db(&["create", &path]);
    assert_eq!(again.status.code(), Some(1));
    assert!(err(&again).contains("exists already"), "{}", err(&again));

    let first = picture(&at("a/slide.png"), 40, 30);
    let moved = picture(&at("b/slide.png"), 40, 30);
    let other = picture(&at("c/slide.png"), 41, 30);
    let text = at("text.svs").to_str().unwrap().to_owned();
    std::fs::write(&text, "no slide").unwrap();
    let broken = db(&["add", &path, &first, &text]);
    assert_eq!(broken.status.code(), Some(1));
    assert!(err(&broken).contains("text.svs"), "{}", err(&broken));
    assert_eq!(json(&["info", &path])["slides"], serde_json::json!([]), "all of them or none");

    let said = json(&["add", &path, &first, &first, "--case", "case 7"]);
    assert_eq!((said["added"].as_array().unwrap().len(), said["present"].as_array().unwrap().len()), (1, 1));
    let row = &said["added"][0];
    assert_eq!(
        (&row["filename"], &row["width"], &row["case"]),
        (&"slide.png".into(), &40.into(), &"case 7".into())
    );
    assert_eq!(row["directory"], at("a").canonicalize().unwrap().to_str().unwrap());
    let said = json(&["add", &path, &moved, &other]);
    assert_eq!((&said["present"][0]["uid"], &said["added"][0]["uid"]), (&1.into(), &2.into()), "{said}");
    // Another slide of the same name and size.
    let elsewhere = tempfile::tempdir().unwrap();
    let namesake = elsewhere.path().join("slide.png");
    image::RgbImage::from_pixel(41, 30, image::Rgb([9, 9, 9])).save(&namesake).unwrap();
    let copy = elsewhere.path().join("copy.sqlite").to_str().unwrap().to_owned();
    db(&["copy", &path, &copy]);
    assert_eq!(json(&["add", &copy, namesake.to_str().unwrap()])["added"][0]["uid"], 3);

    // With --case the slide that is there changes its case, once, and back; without, it stays in it.
    let cases = |said: &Value, key: &str| -> Vec<Value> {
        said[key].as_array().unwrap().iter().map(|row| row["case"].clone()).collect()
    };
    let said = json(&["add", &path, &first, &other, "--case", "case 8"]);
    assert_eq!(cases(&said, "added"), [Value::Null; 0]);
    assert_eq!(
        (cases(&said, "present"), cases(&said, "changed")),
        (vec!["case 8".into(); 2], vec!["case 8".into(); 2])
    );
    for words in [&["add", &path, &first, "--case", "case 8"][..], &["add", &path, &first]] {
        let said = json(words);
        assert_eq!((cases(&said, "present"), cases(&said, "changed")), (vec!["case 8".into()], vec![]));
    }
    let out = db(&["add", &path, &first, "--case", "case 9"]).stdout;
    assert!(String::from_utf8_lossy(&out).contains("case set: slide 1 slide.png: case case 9"));
    let mut undone = Database::open(Path::new(&path), Access::ReadWrite).unwrap();
    undone.undo(RaterId(0)).unwrap().unwrap();
    drop(undone);
    assert_eq!(json(&["info", &path])["slides"][0]["case"], "case 8");
    assert_eq!(json(&["add", &path, &other, "--case", ""])["changed"][0]["case"], Value::Null);

    let name = "Jörg \"JM\" Müller";
    for key in ["added", "present"] {
        assert_eq!(json(&["rater", "add", &path, name])[key][0]["name"], name, "{key}");
    }
    assert!(
        String::from_utf8_lossy(&db(&["rater", "add", &path, name]).stdout)
            .starts_with("there already: rater 1")
    );

    let said = json(&["class", "add", &path, "Mitose", "--color", "#12ab34", "--role", "mitotic-figure"]);
    assert_eq!(
        (&said["added"][0]["color"], &said["added"][0]["role"]),
        (&"#12ab34".into(), &"mitotic-figure".into())
    );
    let said = json(&["class", "add", &path, "non-mitotic cells"]);
    assert_eq!(said["added"][0]["role"], "look-alike");
    assert_eq!(
        json(&["class", "add", &path, "Mitose", "--role", "other"])["present"][0]["role"],
        "mitotic-figure"
    );
    for wrong in [["--color", "red"], ["--role", "cell"]] {
        assert_eq!(
            db(&[&["class", "add", path.as_str(), "X"], wrong.as_slice()].concat()).status.code(),
            Some(2)
        );
    }

    let info = json(&["info", &path]);
    let sizes = ["slides", "classes", "persons"].map(|k| info[k].as_array().unwrap().len());
    assert_eq!((sizes, &info["generation"]), ([2, 2, 1], &3.into()));
    assert_eq!(json(&["check", &path])["ok"], true);
    let copy = at("copy.sqlite").to_str().unwrap().to_owned();
    json(&["copy", &path, &copy]);
    assert_eq!(json(&["info", &copy]), info);
    assert_eq!(db(&["copy", &path, &copy]).status.code(), Some(1));
    assert_eq!(
        json(&["create", at("with.sqlite").to_str().unwrap(), "--with-classes"])["classes"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        names(folder.path()),
        ["a", "b", "c", "copy.sqlite", "study.sqlite", "text.svs", "with.sqlite"]
    );
}

#[test]
fn an_older_generation_is_written_after_a_backup_which_is_said() {
    let test = "an_older_generation_is_written_after_a_backup_which_is_said";
    let Some(source) = real(test).into_iter().find(|p| p.ends_with("SlideRunner__doc_demo.sqlite")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of(folder.path(), &source);
    let before = Database::open(&path, Access::ReadOnly).unwrap().summary().unwrap();
    let text = path.to_str().unwrap();
    let answer = db(&["rater", "add", text, "Expert 2", "--json"]);
    assert!(answer.status.success());
    assert!(
        err(&answer).contains("upgraded from generation 0c to 3c") && err(&answer).contains(".backup-gen0c-")
    );
    assert_eq!(serde_json::from_slice::<Value>(&answer.stdout).unwrap()["added"][0]["uid"], 2);
    let backup = names(folder.path()).into_iter().find(|n| n.contains("backup")).unwrap();
    let kept = Database::open(&folder.path().join(backup), Access::ReadOnly).unwrap().summary().unwrap();
    assert_eq!(kept, before);
    let said = json(&["upgrade", text]);
    assert_eq!(
        (&said["upgraded"], &said["to"], &said["backup"]),
        (&false.into(), &"3c".into(), &Value::Null)
    );
    assert_eq!(names(folder.path()).len(), 2);
}

#[test]
fn a_document_with_a_problem_ends_with_one_and_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    drop(super::document(&path));
    let plain = rusqlite::Connection::open(&path).unwrap();
    plain.execute_batch("DROP TRIGGER updateAnnotation_fromLabelINSERT; INSERT INTO Annotations_label (person, class, annoId) VALUES (1, 1, 99);").unwrap();
    drop(plain);
    let answer = db(&["check", path.to_str().unwrap(), "--json"]);
    assert_eq!(answer.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(
        (&said["ok"], &said["problems"]),
        (&false.into(), &serde_json::json!(["1 labels without their annotation"]))
    );
    assert!(err(&answer).contains("study.sqlite") && err(&answer).lines().count() == 1, "{}", err(&answer));
}
