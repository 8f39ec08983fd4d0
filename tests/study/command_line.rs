//! What the command line tells a blind rater: the same, whatever must be hidden. And what it refuses to tell.

use super::*;
use mitoscope::store::TaskFile;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Numbers that depend on their seed alone.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

fn run(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_mitoscope"))
        .args(words)
        .current_dir(folder)
        .env("XDG_DATA_HOME", folder.join("home"))
        .env("XDG_STATE_HOME", folder.join("home"))
        .env("RUST_LOG", "debug")
        .output()
        .unwrap()
}

/// Runs of hexadecimal digits of guids and hashes, and Unix times, put out of the text.
fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    let flush = |word: &mut String, out: &mut String| {
        let time = word.parse::<f64>().is_ok_and(|t| (1.0e9..4.0e9).contains(&t));
        let hash = word.len() >= 32 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        out.push_str(if time || hash { "~" } else { word });
        word.clear();
    };
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == ':' {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    // Lines of a log begin with a time of their own.
    out.lines().map(|l| l.split_once("Z ").map_or(l, |(_, rest)| rest)).collect::<Vec<_>>().join("\n")
}

/// A document whose places and classes are always the same, and whose hidden facts are drawn by `seed`: who said what
/// in which order, agreed classes, descriptions, uids, deleted objects. Two experts differ on every third cell. `more`
/// cells are added that everybody may know of.
fn hidden(folder: &Path, seed: u64, more: u32) -> PathBuf {
    let path = folder.join("study.sqlite");
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut db = Database::create(&path).unwrap();
    let mut names = vec!["Expert 1", "Expert 9"];
    if chance.below(2) == 1 {
        names.reverse();
    }
    let experts: Vec<RaterId> = names.into_iter().map(|n| rater(&mut db, n)).collect();
    let slide = slide(&mut db, "case-07.svs");
    let mut cells: Vec<u32> = (0..30 + more).collect();
    for i in (1..cells.len()).rev() {
        cells.swap(i, chance.below(i as u64 + 1) as usize);
    }
    for i in cells {
        let (x, y) = (f64::from(i * 7919 % 15_013), f64::from(i * 104_729 % 11_003));
        let class = ClassId(1 + chance.below(2) as i64);
        let other = ClassId(3 - class.0);
        let who = chance.below(2) as usize;
        let add = Edit::AddObject {
            object: None,
            slide,
            shape: Shape::Spot(SlidePx::new(x, y)),
            class,
            description: format!("remark {}", chance.below(1000)),
        };
        let object = db.apply(experts[who], add).unwrap().object.unwrap().id;
        let second = if i % 3 == 0 { other } else { class };
        db.apply(experts[1 - who], Edit::SetLabel { object, before: None, after: Some(second) }).unwrap();
        if chance.below(4) == 0 {
            let gone = db.apply(experts[who], spot(slide, 5.0, 5.0, class)).unwrap().object.unwrap().id;
            db.apply(experts[who], Edit::SetDeleted { object: gone, deleted: true }).unwrap();
        }
    }
    path
}

/// The same places, of which `seed` makes some a human's clicks and the others a detector's boxes, with their halves of
/// pixels and their scores.
fn mixed(folder: &Path, seed: u64) {
    let path = folder.join("study.sqlite");
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut db = Database::create(&path).unwrap();
    let one = rater(&mut db, "Expert 1");
    let slide = slide(&mut db, "case-07.svs");
    let mut boxes = String::from("slide,x1,y1,x2,y2,cls,score\n");
    // A place of each kind whatever the seed is; bands of 1500 px begin where a half would matter.
    for i in 0..30u32 {
        let (x, y) = (f64::from(i * 7919 % 15_013), f64::from(1500 * (i % 7)));
        if i == 0 || (i > 1 && chance.below(2) == 0) {
            db.apply(one, spot(slide, x, y, ClassId(1 + chance.below(2) as i64))).unwrap();
        } else {
            let half = [0.0, -0.4, 0.4][chance.below(3) as usize];
            let score = chance.below(1000) as f64 / 1000.0;
            let row = [x - 25.0 + half, y - 25.0 + half, x + 25.0 + half, y + 25.0 + half];
            boxes.push_str(&format!("case-07.svs,{},{},{},{},0,{score}\n", row[0], row[1], row[2], row[3]));
        }
    }
    let reading = exchange::parse(boxes.as_bytes(), exchange::Format::Csv).unwrap();
    let source = Source { file: "run.csv".into(), slide: None, rater: None };
    db.import_candidates(reading, "run", &source).unwrap();
}

/// All that a blind rater is told over a whole task, the kit's facts included.
fn session(folder: &Path, kind: &str) -> Vec<String> {
    let mut told = Vec::new();
    let mut say = |words: &[&str]| {
        let answer = run(folder, words);
        let text = |bytes: &[u8]| plain(&String::from_utf8_lossy(bytes));
        told.push(format!(
            "{words:?} {:?}\n{}\n{}",
            answer.status.code(),
            text(&answer.stdout),
            text(&answer.stderr)
        ));
    };
    let db = "study.sqlite";
    let mut create = vec!["task", "create", db, "--name", "blind", "--rater", "Expert 2", "--kind", kind];
    create.extend(["--order", "shuffled", "--seed", "5", "--repeats", "0.1", "--json"]);
    if kind == "candidates" {
        create.extend(["--mixed", "--near-known"]);
    }
    say(&create);
    say(&["task", "list", db]);
    say(&["task", "status", db, "--json"]);
    say(&["db", "info", db]);
    say(&["db", "info", db, "--json"]);
    say(&["db", "check", db, "--json"]);
    for (item, class) in
        [("1", "mitotic figure"), ("2", "2"), ("3", "0"), ("1", "2"), ("99", "1"), ("2", "nothing")]
    {
        say(&["task", "vote", db, "--task", "blind", "--item", item, "--class", class, "--json"]);
    }
    for refused in [
        vec!["agree", db],
        vec!["study", db],
        vec!["count", db, "--slide", "case-07.svs"],
        vec!["outcome", db, "--rule", "majority"],
        vec!["export", db, "--format", "csv", "-o", "labels.csv"],
        vec!["task", "export", db, "--task", "blind", "-o", "ballots.csv"],
    ] {
        say(&refused);
    }
    say(&["kit", "make", db, "--task", "blind", "-o", "blind.kit"]);
    say(&["kit", "open", "blind.kit", "--json"]);
    say(&["task", "vote", "blind.kit", "--item", "4", "--class", "1"]);
    say(&["task", "status", "blind.kit", "--json"]);
    say(&["task", "seal", db, "--task", "blind", "--json"]);
    say(&["task", "vote", db, "--task", "blind", "--item", "1", "--class", "1"]);
    say(&["task", "list", db, "--json"]);
    let kit = TaskFile::open(&folder.join("blind.kit"), Access::ReadOnly).unwrap();
    let asked = kit.task(None).unwrap();
    let items = kit.items(asked.id).unwrap();
    told.extend(
        items.into_iter().map(|i| format!("{} {} {:?} {} {:?}", i.number, i.slide, i.at, i.turn, i.shown)),
    );
    told
}

fn told(kind: &str, seed: u64, more: u32) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    hidden(folder.path(), seed, more);
    session(folder.path(), kind)
}

#[test]
fn hidden_facts_change_no_word() {
    for kind in ["label", "adjudicate"] {
        let first = told(kind, 1, 0);
        assert!(first[0].contains("Some(0)"), "{}", first[0]);
        for seed in 2..5 {
            for (a, b) in first.iter().zip(told(kind, seed, 0)) {
                assert_eq!(*a, b, "{kind}, seed {seed}");
            }
        }
    }
}

#[test]
fn a_detectors_boxes_and_a_hands_clicks_are_the_same_to_the_rater() {
    let told = |seed| {
        let folder = tempfile::tempdir().unwrap();
        mixed(folder.path(), seed);
        let told = session(folder.path(), "candidates");
        // How many objects a document holds is no secret, and differs here by what is compared.
        told.into_iter().filter(|t| !t.starts_with("[\"db\", \"info\"")).collect::<Vec<_>>()
    };
    let first = told(1);
    assert!(first[0].contains("\"items\": 33"), "{}", first[0]);
    for seed in 2..6 {
        for (a, b) in first.iter().zip(told(seed)) {
            assert_eq!(*a, b, "seed {seed}");
        }
    }
}

#[test]
fn a_leak_would_be_found() {
    // One cell more is a fact that the rater may know: the comparison must see it.
    assert_ne!(told("label", 1, 0), told("label", 1, 1));
    // A word that tells, put where a rater reads it: the first expert's class in an item's place.
    let leaking = |seed| {
        let folder = tempfile::tempdir().unwrap();
        let path = hidden(folder.path(), seed, 0);
        let db = Database::open(&path, Access::ReadOnly).unwrap();
        let first =
            objects(&db).into_iter().find(|o| o.shape.center() == Some(SlidePx::new(0.0, 0.0))).unwrap();
        drop(db);
        let mut told = session(folder.path(), "label");
        told[1].push_str(&format!(" {}", first.labels[0].class.0));
        told
    };
    let leaks: Vec<Vec<String>> = (1..6).map(leaking).collect();
    assert!(leaks.iter().any(|l| *l != leaks[0]), "a planted leak is not seen");
    assert_eq!(plain("n 17 at 1764000000.25, 0123456789abcdef0123456789abcdef"), "n 17 at ~, ~");
}

#[test]
fn what_would_tell_needs_the_coordinators_word_which_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = hidden(folder.path(), 1, 0);
    let mut db = Database::open(&path, Access::ReadWrite).unwrap();
    task(&mut db, "blind", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    std::fs::write(folder.path().join("more.csv"), "x,y,class\n0,0,mitotic figure\n").unwrap();
    let verbs: [&[&str]; 8] = [
        &["agree", "study.sqlite", "--json"],
        &["study", "study.sqlite", "--json"],
        &["count", "study.sqlite", "--slide", "case-07.svs", "--json"],
        &["outcome", "study.sqlite", "--rule", "majority", "--dry-run", "--json"],
        &["export", "study.sqlite", "--format", "csv", "-o", "labels.csv", "--json"],
        &["task", "export", "study.sqlite", "--task", "blind", "-o", "ballots.csv", "--json"],
        &["import", "study.sqlite", "more.csv", "--rater", "Expert 1", "--slide", "case-07.svs"],
        &["task", "create", "study.sqlite", "--name", "x", "--rater", "E", "--kind", "adjudicate"],
    ];
    for words in verbs {
        let answer = run(folder.path(), words);
        let text = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert_eq!(answer.status.code(), Some(1), "{words:?}");
        assert!(text.contains("only a kit is proof") && answer.stdout.is_empty(), "{text}");
        let open: Vec<&str> = words.iter().copied().chain(["--as-coordinator"]).collect();
        assert!(run(folder.path(), &open).status.success(), "{open:?}");
    }
    let looks: Vec<String> = db.looks().unwrap().into_iter().map(|l| l.1).collect();
    assert_eq!(
        looks,
        ["agree", "study", "count", "outcome", "export", "task export", "import", "task create"]
    );
    let report = run(folder.path(), &["study", "study.sqlite", "--as-coordinator"]);
    let report = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(report.contains("looked at as the coordinator while a blind task was open: agree"), "{report}");
    // Once it is sealed nothing is held back.
    ballots(&path, "blind").seal().unwrap();
    ballots(&path, "x").seal().unwrap();
    for words in &verbs[..7] {
        assert!(run(folder.path(), words).status.success(), "{words:?}");
    }
    // What is precious is never replaced by an output.
    let onto = run(folder.path(), &["export", "study.sqlite", "--format", "csv", "-o", "blind.kit"]);
    assert!(onto.status.success());
    let other = folder.path().join("other.sqlite");
    Database::create(&other).unwrap();
    let onto = run(folder.path(), &["export", "study.sqlite", "--format", "csv", "-o", "other.sqlite"]);
    assert_eq!(onto.status.code(), Some(1));
    assert!(Database::open(&other, Access::ReadOnly).is_ok());
    // An outcome of the command line is taken back there.
    for words in [
        &["outcome", "study.sqlite", "--rule", "unanimity"][..],
        &["outcome", "study.sqlite", "--undo", "--json"],
    ] {
        assert!(run(folder.path(), words).status.success(), "{words:?}");
    }
    assert_eq!(run(folder.path(), &["outcome", "study.sqlite", "--undo"]).status.code(), Some(1));
}

/// Two slides of one name: each cell is cut out of its own.
#[test]
fn embedded_cells_come_from_their_own_slide() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut db = Database::create(&at.join("study.sqlite")).unwrap();
    let one = rater(&mut db, "Expert 1");
    for (k, sub) in ["a", "b"].into_iter().enumerate() {
        let shade = 60 + 120 * k as u8;
        std::fs::create_dir(at.join(sub)).unwrap();
        let picture = image::RgbImage::from_pixel(400, 400, image::Rgb([shade; 3]));
        picture.save(at.join(sub).join("x.png")).unwrap();
        let add = Edit::AddSlide {
            slide: None,
            filename: "x.png".into(),
            directory: at.join(sub).display().to_string(),
            size: Some((400, 400)),
            mpp: None,
            case: None,
        };
        db.apply(RaterId(0), add).unwrap();
        db.apply(one, spot(SlideId(k as i64 + 1), 200.0, 200.0, FIGURE)).unwrap();
    }
    drop(db);
    let said = |words: &[&str]| {
        let answer = run(at, words);
        assert!(answer.status.success(), "{words:?}: {}", String::from_utf8_lossy(&answer.stderr));
    };
    said(&["task", "create", "study.sqlite", "--name", "t", "--rater", "E", "--kind", "label"]);
    said(&["kit", "make", "study.sqlite", "--task", "t", "--embed", "-o", "t.kit"]);
    let kit = TaskFile::open(&at.join("t.kit"), Access::ReadOnly).unwrap();
    let asked = kit.task(None).unwrap();
    for item in kit.items(asked.id).unwrap() {
        let picture = kit.picture(asked.id, item.number).unwrap().unwrap();
        let picture = image::load_from_memory(&picture).unwrap().into_rgb8();
        let wanted = if item.slide == 1 { 60 } else { 180 };
        assert!(picture.get_pixel(128, 128).0[0].abs_diff(wanted) < 3, "item {}", item.number);
    }
    // A file of the right name with other contents is not taken for the slide.
    std::fs::create_dir(at.join("c")).unwrap();
    image::RgbImage::from_pixel(400, 400, image::Rgb([9; 3])).save(at.join("c/x.png")).unwrap();
    let wrong =
        run(at, &["kit", "make", "study.sqlite", "--task", "t", "--embed", "--slides", "c", "-o", "u.kit"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("not the slide"));
}

/// Two experts apart from each other, a third where they differ, the outcome: as scripts would do it.
#[test]
fn a_whole_study_by_commands() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut rows = String::from("x,y,class\n");
    for i in 0..24u32 {
        let class = if i % 2 == 0 { "mitotic figure" } else { "non-mitotic look-alike" };
        rows.push_str(&format!("{},{},{class}\n", 100 + 50 * i, 200));
    }
    std::fs::write(at.join("cells.csv"), rows).unwrap();
    let done = |words: &str| {
        let words: Vec<&str> = words.split('|').collect();
        let answer = run(at, &words);
        assert!(answer.status.success(), "{words:?}: {}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8(answer.stdout).unwrap()
    };
    done("db|create|study.sqlite|--with-classes");
    done("import|study.sqlite|cells.csv|--rater|Expert 1|--slide|case.svs");
    // Expert 2 votes on a kit and calls every third cell otherwise; by place, since the order is the task's.
    done("task|create|study.sqlite|--name|second|--rater|Expert 2|--kind|label|--order|shuffled");
    done("kit|make|study.sqlite|--task|second|-o|second.kit");
    let kit = TaskFile::open(&at.join("second.kit"), Access::ReadOnly).unwrap();
    for item in kit.items(kit.task(None).unwrap().id).unwrap() {
        let i = (item.at.x as u32 - 100) / 50;
        let class = if i.is_multiple_of(2) != i.is_multiple_of(3) { 1 } else { 2 };
        done(&format!("task|vote|second.kit|--item|{}|--class|{class}", item.number));
    }
    done("task|seal|second.kit");
    let merged = done("kit|merge|study.sqlite|second.kit|--json|--register-key");
    let merged: serde_json::Value = serde_json::from_str(&merged).unwrap();
    assert_eq!(
        (&merged["added"], &merged["sealed"], &merged["labels"]),
        (&24.into(), &true.into(), &24.into())
    );
    let study: serde_json::Value = serde_json::from_str(&done("study|study.sqlite|--json")).unwrap();
    assert_eq!(study["total"]["disagreements"], 8);
    assert_eq!(study["next"], serde_json::json!({"what": "third", "cells": 8}));
    // The third is asked about those eight alone and calls all of them figures.
    done(
        "task|create|study.sqlite|--name|third|--rater|Expert 3|--kind|adjudicate|--raters|Expert 1,Expert 2",
    );
    for item in 1..=8 {
        done(&format!("task|vote|study.sqlite|--task|third|--item|{item}|--class|mitotic figure"));
    }
    done("task|seal|study.sqlite|--task|third");
    let text = done("outcome|study.sqlite|--rule|third-on-disagreement|--json");
    let outcome: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&outcome["agreed"], &outcome["undecided"]), (&24.into(), &0.into()));
    // Twelve figures by Expert 1; of the eight disputed cells four were look-alikes before.
    assert_eq!(outcome["by_class"], serde_json::json!({"1": 16, "2": 8}));
    let db = Database::open(&at.join("study.sqlite"), Access::ReadOnly).unwrap();
    assert!(db.check().unwrap().ok);
    let order: Vec<&str> = vec!["Expert 1", "Expert 2", "Expert 3"];
    let names: std::collections::HashMap<RaterId, String> =
        db.raters().unwrap().into_iter().map(|r| (r.id, r.name)).collect();
    for object in objects(&db) {
        let by: Vec<&str> = object.labels.iter().map(|l| names[&l.rater].as_str()).collect();
        assert_eq!(by, order[..by.len()], "labels stand in the order of opinions");
    }
}
