//! `screen` and `count` from outside: real slides, made documents, and what is refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests: what can't go on has failed")]

use mitoscope::model::{ClassId, Edit, Progress, Rater, RaterId, Resolution, Shape, SlideId, SlidePx};
use mitoscope::store::{Access, Database};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SLIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo/CMU-1-Small-Region.svs");

fn run(words: &[&str]) -> Output {
    let home = std::env::temp_dir();
    Command::new(env!("CARGO_BIN_EXE_mitoscope"))
        .args(words)
        .env("XDG_CONFIG_HOME", &home)
        .env("XDG_STATE_HOME", &home)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

fn json(words: &[&str]) -> Value {
    let answer = run(&[words, &["--json"]].concat());
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert!(answer.status.success() && said.is_empty(), "{words:?}: {said}");
    serde_json::from_slice(&answer.stdout).unwrap()
}

/// What it said on standard error, which is one line.
fn refused(words: &[&str], code: i32) -> String {
    let answer = run(words);
    let said = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert_eq!(answer.status.code(), Some(code), "{words:?}: {said}");
    assert!(answer.stdout.is_empty() && !said.contains("panicked"), "{words:?}: {said}");
    assert!(code == 2 || said.lines().count() == 1, "{words:?}: {said}");
    said
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A document with a slide, two raters and some cells: Anna and Ben agree on the first ones alone.
fn document(folder: &Path, slide: &str) -> PathBuf {
    let path = folder.join("study.sqlite");
    let mut db = Database::create(&path).unwrap();
    for name in ["Anna", "Ben"] {
        db.apply(RaterId(0), Edit::AddRater { rater: Rater { id: RaterId(0), name: name.into() } }).unwrap();
    }
    let slide = Edit::AddSlide {
        slide: None,
        filename: slide.into(),
        directory: String::new(),
        size: None,
        mpp: None,
        case: None,
    };
    db.apply(RaterId(1), slide).unwrap();
    let mut add = |shape: Shape, class: i64, second: Option<i64>| {
        let (slide, class) = (SlideId(1), ClassId(class));
        let edit = Edit::AddObject { object: None, slide, shape, class, description: String::new() };
        let object = db.apply(RaterId(1), edit).unwrap().object.unwrap().id;
        if let Some(class) = second {
            db.apply(RaterId(2), Edit::SetLabel { object, before: None, after: Some(ClassId(class)) })
                .unwrap();
        }
    };
    for i in 0..5 {
        add(Shape::Spot(SlidePx::new(100.0 + f64::from(i), 100.0)), 1, Some(1));
    }
    for i in 0..7 {
        add(Shape::Spot(SlidePx::new(1500.0 + f64::from(i), 2500.0)), 1, Some(2));
    }
    let corners = [(0.0, 0.0), (1100.0, 0.0), (1100.0, 900.0), (0.0, 900.0)];
    add(Shape::Polygon(corners.map(|(x, y)| SlidePx::new(x, y)).to_vec()), 3, None);
    path
}

#[test]
fn a_real_slide_is_planned_whole() {
    let plan = json(&["screen", "plan", SLIDE]);
    let fields = plan["fields"].as_array().unwrap();
    assert!((6..=9).contains(&fields.len()), "{} fields", fields.len());
    let tissue = plan["tissue_mm2"].as_f64().unwrap();
    assert!((0.6..0.75).contains(&tissue), "{tissue} mm2");
    assert_eq!(plan["field_mm2"], 0.237);
    for (i, f) in fields.iter().enumerate() {
        assert_eq!(f["index"], i);
        let of = |key: &str| f[key].as_f64().unwrap();
        assert!((of("w") * of("h") * 0.499 * 0.499 / 1e6 - 0.237).abs() < 1e-9);
        assert!(
            of("x") >= 0.0 && of("x") + of("w") <= 2220.0 && of("y") >= 0.0 && of("y") + of("h") <= 2967.0
        );
    }
    assert_eq!(plan, json(&["screen", "plan", SLIDE]));
    let answer = run(&["screen", "plan", SLIDE]);
    assert_eq!(String::from_utf8_lossy(&answer.stdout).lines().count(), fields.len() + 1);
}

#[test]
fn a_plan_within_outlines_holds_less() {
    let folder = tempfile::tempdir().unwrap();
    let db = document(folder.path(), "CMU-1-Small-Region.svs");
    let whole = json(&["screen", "plan", SLIDE, "--field-mm2", "0.05"]);
    for what in ["tumour", "polygon", "tumour region", "3"] {
        let part =
            json(&["screen", "plan", SLIDE, "--field-mm2", "0.05", "--db", text(&db), "--within", what]);
        let (a, b) = (part["tissue_mm2"].as_f64().unwrap(), whole["tissue_mm2"].as_f64().unwrap());
        assert!(a > 0.0 && a < 0.4 * b, "{what}: {a} of {b}");
        assert!(part["fields"].as_array().unwrap().iter().all(|f| f["x"].as_f64().unwrap() < 1100.0));
    }
    let said = refused(&["screen", "plan", SLIDE, "--db", text(&db), "--within", "mitotic figure"], 1);
    assert!(said.contains("no region"), "{said}");
}

#[test]
fn plans_that_make_no_sense_are_refused() {
    for (words, code) in [
        (&["--overlap=1.5"][..], 2),
        (&["--overlap=-0.1"], 2),
        (&["--overlap=nan"], 2),
        (&["--field-mm2=0"], 2),
        (&["--field-mm2=nan"], 2),
        (&["--aspect=0:3"], 2),
        (&["--aspect=4:"], 2),
        (&["--mpp=0"], 2),
        (&["--within=tumour"], 2),
        (&["--field-mm2=0.001", "--overlap=0.9", "--mpp=0.25", "--db=nowhere.sqlite"], 1),
    ] {
        refused(&[&["screen", "plan", SLIDE][..], words].concat(), code);
    }
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("photo.png");
    image::RgbImage::from_pixel(64, 48, image::Rgb([200, 120, 180])).save(&picture).unwrap();
    let said = refused(&["screen", "plan", text(&picture)], 1);
    assert!(said.contains("--mpp") && said.contains("photo.png"), "{said}");
    assert_eq!(
        json(&["screen", "plan", text(&picture), "--mpp", "5"])["fields"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn status_tells_what_is_remembered_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = document(folder.path(), "case-07.svs");
    let mut db = Database::open(&path, Access::ReadWrite).unwrap();
    let progress = Progress { current: 4, done: [0, 1, 3].into(), plan: 0 };
    db.set_progress(SlideId(1), RaterId(2), 2, &progress).unwrap();
    db.set_progress(SlideId(1), RaterId(2), 5, &Progress { current: 1, done: [0].into(), plan: 8 }).unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let status = json(&["screen", "status", text(&path)]);
    let slides = status["slides"].as_array().unwrap();
    assert_eq!(slides.len(), 1);
    assert_eq!(slides[0]["filename"], "case-07.svs");
    let wanted = serde_json::json!([
        {"rater": "Ben", "pass": 2, "done": 3, "current": 4},
        {"rater": "Ben", "pass": 5, "done": 1, "current": 1},
    ]);
    assert_eq!(slides[0]["passes"], wanted);
    assert!(
        run(&["screen", "status", text(&path)])
            .stdout
            .starts_with(b"case-07.svs: Ben, pass 2: 3 fields done")
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_document_is_counted_by_role_class_rater_and_region() {
    let folder = tempfile::tempdir().unwrap();
    let path = document(folder.path(), "case-07.svs");
    let count = |more: &[&str]| {
        json(
            &[&["count", text(&path), "--slide", "case-07.svs", "--mpp", "0.25", "--hpf", "0.5"][..], more]
                .concat(),
        )
    };
    let of = |more: &[&str]| {
        let got = count(more);
        (got["count"].as_u64().unwrap(), got["n_points"].as_u64().unwrap())
    };
    assert_eq!(of(&[]), (5, 5));
    assert_eq!(of(&["--source", "rater:Anna"]), (7, 12));
    assert_eq!(of(&["--source", "rater:Ben"]), (5, 5));
    assert_eq!(of(&["--source", "rater:Ben", "--class", "2"]), (7, 7));
    assert_eq!(of(&["--source", "rater:Anna", "--within", "tumor"]), (5, 5));
    assert_eq!(of(&["--source", "rater:Anna", "--shape", "circle"]), (7, 12));
    let both = count(&["--source", "rater:Anna", "--top", "5"]);
    let windows: Vec<u64> =
        both["windows"].as_array().unwrap().iter().map(|w| w["count"].as_u64().unwrap()).collect();
    assert_eq!(windows, [7, 5]);
    let source = count(&[])["source"].as_str().unwrap().to_owned();
    assert!(source.starts_with("agreed of \"mitotic figure\" (1)"), "{source}");

    let words = |more: &[&'static str]| {
        let path = text(&path).to_owned();
        let mut words = vec!["count".to_owned(), path, "--slide".into(), "case-07.svs".into()];
        words.extend(more.iter().map(|w| (*w).to_owned()));
        words
    };
    for (more, says) in [
        (&["--mpp", "0.25", "--source", "detections:RUN@0.62"][..], "no detector's run"),
        (&["--mpp", "0.25", "--source", "rater:Nobody"], "no rater"),
        (&["--mpp", "0.25", "--class", "nothing"], "no class"),
        (&["--mpp", "0.25", "--within", "2"], "no region"),
        (&[], "--mpp"),
    ] {
        let words = words(more);
        let said = refused(&words.iter().map(String::as_str).collect::<Vec<_>>(), 1);
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_remembered_resolution_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = document(folder.path(), "case-07.svs");
    let mut db = Database::open(&path, Access::ReadWrite).unwrap();
    db.remember_resolution(SlideId(1), Resolution::new(0.5, 0.5).unwrap()).unwrap();
    drop(db);
    let got = json(&["count", text(&path), "--slide", "case-07.svs"]);
    assert!((got["w"].as_f64().unwrap() - 3555.278).abs() < 1e-3, "{got}");
    assert_eq!(got["area_mm2"], 2.37);
}

#[test]
fn points_are_counted_and_wrong_files_are_refused_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("points.csv");
    let words = ["count", "--points", text(&file), "--size", "20000x15000", "--mpp", "0.25"];
    std::fs::write(&file, "x,y\n0,0\n100,50\n19999,14999\n").unwrap();
    let got = json(&words);
    assert_eq!((got["count"].as_u64(), got["n_points"].as_u64()), (Some(2), Some(3)));
    assert_eq!((got["x"].as_f64(), got["y"].as_f64()), (Some(0.0), Some(0.0)));
    let ci = got["poisson_ci"].as_array().unwrap();
    assert!((ci[0].as_f64().unwrap() - 0.242_209_278_544).abs() < 1e-9, "{ci:?}");
    assert!((ci[1].as_f64().unwrap() - 7.224_687_667_27).abs() < 1e-9, "{ci:?}");
    let upright = json(&[&words[..], &["--orientation", "portrait"]].concat());
    assert!(upright["h"].as_f64() > upright["w"].as_f64());
    let map = json(&[&words[..], &["--method", "map32"]].concat());
    assert_eq!((map["method"].as_str(), map["w"].as_f64()), (Some("map32"), Some(7104.0)));

    for (content, says) in [
        (&b"x,y\n1,2\nnan,5\n"[..], "line 3"),
        (b"x,y\n1,2\n\n1e300,5\n", "line 4"),
        (b"a,b\n1,2\n", "no columns"),
        (b"\x89PNG\r\n\0\0\0", "not a CSV"),
    ] {
        std::fs::write(&file, content).unwrap();
        let said = refused(&words, 1);
        assert!(said.contains(says) && said.contains("points.csv"), "{said}");
    }
    std::fs::write(&file, "x,y\n1,2\n").unwrap();
    for wrong in [
        &["--hpf=-1"][..],
        &["--hpf=nan"],
        &["--area-mm2=0"],
        &["--shape=triangle"],
        &["--method=guess"],
        &["--top=0"],
        &["--source=rater:Anna"],
        &["--shape=circle", "--method=map32"],
    ] {
        refused(&[&words[..], wrong].concat(), 2);
    }
    refused(&["count", "--points", text(&file), "--size", "0x0", "--mpp", "0.25"], 2);
    refused(&["count", "--points", text(&file), "--mpp", "0"], 2);
    refused(&["count", "--points", text(&file)], 1);
}
