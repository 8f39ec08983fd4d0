//! The rules of ARCHITECTURE.md, read off the source: who may use whom, which crate belongs where, how long a
//! file may grow.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Folder (or top-level file) and the folders it may import.
const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("slide", &["model", "files"]),
    ("tiles", &["model", "slide"]),
    ("render", &["model", "slide", "tiles"]),
    ("store", &["model", "files"]),
    ("screening", &["model", "slide"]),
    ("study", &["model", "store", "files"]),
    ("count", &["model"]),
    ("detect", &["model", "slide"]),
    (
        "app",
        &[
            "model",
            "slide",
            "tiles",
            "render",
            "store",
            "screening",
            "study",
            "count",
            "detect",
            "logs",
            "files",
        ],
    ),
    (
        "cli",
        &[
            "model",
            "slide",
            "tiles",
            "render",
            "store",
            "screening",
            "study",
            "count",
            "detect",
            "logs",
            "files",
        ],
    ),
    ("logs", &[]),
    ("files", &[]),
    ("lib", &[]),
    ("main", &["app", "cli", "logs"]),
];

/// Crate names as they stand in paths, and the only folders that may name them.
const BELONGS: &[(&str, &[&str])] = &[
    ("egui", &["app"]),
    ("eframe", &["app", "render"]),
    ("egui_extras", &["app"]),
    ("rfd", &["app"]),
    ("rusqlite", &["store"]),
    ("openslide_rs", &["slide"]),
    ("openslide_sys", &["slide"]),
    ("candle_core", &["detect"]),
    ("candle_nn", &["detect"]),
    ("anyhow", &["main"]),
    ("clap", &["cli"]),
];

/// Lines a file may have; flat tables may have more.
const LONGEST: usize = 500;
const FLAT_TABLES: &[&str] = &["app/action.rs", "store/schema.rs"];

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Program text without comments and without the unit tests at a file's end.
fn program_text(text: &str) -> String {
    let program = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    program.lines().map(|l| l.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The names that follow `prefix` in `text`, `crate::{a, b::c}` included.
fn names_after(text: &str, prefix: &str) -> Vec<String> {
    let word =
        |s: &str| s.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for (at, _) in text.match_indices(prefix) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        let Some(list) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        let mut depth = 0;
        let mut item = String::new();
        for c in list.chars() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    names.push(word(&item));
                    item.clear();
                    continue;
                }
                _ => {}
            }
            item.push(c);
        }
        names.push(word(&item));
    }
    names.retain(|n| !n.is_empty());
    names
}

fn names_crate(text: &str, name: &str) -> bool {
    let prefix = format!("{name}::");
    text.match_indices(&prefix).any(|(at, _)| {
        // `crate::render::wgpu::…` and `eframe::egui::…` name somebody else's path, not this crate.
        let before = &text[..at];
        !before.ends_with("::")
            && !before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

/// Every broken rule under `src`, one sentence each.
fn violations(src: &Path) -> Vec<String> {
    let may_use: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in rust_files(src) {
        let relative = path.strip_prefix(src).unwrap().to_string_lossy().replace('\\', "/");
        let folder = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let Some(allowed) = may_use.get(folder.as_str()) else {
            wrong.push(format!("{relative}: no room of this name in the architecture"));
            continue;
        };
        let whole = fs::read_to_string(&path).unwrap();
        let text = program_text(&whole);
        for prefix in ["crate::", "mitoscope::"] {
            for name in names_after(&text, prefix) {
                if may_use.contains_key(name.as_str()) && name != folder && !allowed.contains(&name.as_str())
                {
                    wrong.push(format!("{relative}: {folder} may not use {name}"));
                }
            }
        }
        for (name, homes) in BELONGS {
            if names_crate(&text, name) && !homes.contains(&folder.as_str()) {
                wrong.push(format!("{relative}: {name} belongs in {}", homes.join(", ")));
            }
        }
        // wgpu is egui's own copy, re-exported by `render`; the paint callback in `app` takes it from there.
        if names_crate(&text, "wgpu") && !["render", "app"].contains(&folder.as_str()) {
            wrong.push(format!("{relative}: wgpu belongs in render"));
        }
        let lines = whole.lines().count();
        if lines > LONGEST && !FLAT_TABLES.contains(&relative.as_str()) {
            wrong.push(format!("{relative}: {lines} lines, more than {LONGEST}: it holds two things"));
        }
    }
    wrong.sort();
    wrong.dedup();
    wrong
}

#[test]
fn the_source_keeps_the_rules() {
    let wrong = violations(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn broken_rules_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file("model/a.rs", "use crate::store::Database;\n");
    file("count/a.rs", "use crate::{model::Rect, slide::{Facts, Pixels}};\n");
    file("cli/a.rs", "pub fn f() { crate::app::run() }\n");
    file("tiles/a.rs", "use rusqlite::Connection;\nfn f(d: &wgpu::Device) {}\n");
    file("study/a.rs", "use egui::Ui;\n");
    file("attic/a.rs", "");
    file("store/long.rs", &"// a line\n".repeat(501));
    // These are fine: a comment, a test at the end, an own name, a longer word.
    file(
        "screening/a.rs",
        "// use crate::app::x\nuse crate::slide::Pixels;\n#[cfg(test)]\nmod tests { use crate::app::X; }\n",
    );
    file(
        "render/a.rs",
        "use eframe::egui_wgpu;\nuse crate::render::wgpu::Device;\nfn f() { my_egui::x() }\n",
    );
    assert_eq!(
        violations(folder.path()),
        [
            "attic/a.rs: no room of this name in the architecture",
            "cli/a.rs: cli may not use app",
            "count/a.rs: count may not use slide",
            "model/a.rs: model may not use store",
            "store/long.rs: 501 lines, more than 500: it holds two things",
            "study/a.rs: egui belongs in app",
            "tiles/a.rs: rusqlite belongs in store",
            "tiles/a.rs: wgpu belongs in render",
        ]
    );
}

/// What a blind rater's program can ask of a file: no name of a table that could tell stands in it.
#[test]
fn what_a_blind_rater_holds_asks_for_nothing_hidden() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let hidden = [
        "Annotations",
        "Persons",
        "agreedClass",
        "_journal",
        "_origins",
        "_candidates",
        "_item_objects",
        "_plans",
    ];
    for (file, names) in [
        ("store/tasks/mod.rs", &hidden[..]),
        ("store/tasks/read.rs", &hidden[..]),
        ("study/blind.rs", &["Database", "Writer", "agreement", "outcome", "stages", "select"][..]),
    ] {
        let text = program_text(&fs::read_to_string(src.join(file)).unwrap());
        for name in names {
            assert!(!text.contains(name), "{file} names {name}");
        }
    }
}
