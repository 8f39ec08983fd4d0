//! The demo without a window: what its report says is what the command line computes from what it leaves.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![cfg(feature = "gui")]

use mitoscope::app::tour;
use mitoscope::render::gpu::Gpu;
use mitoscope::slide::synthetic::Recipe;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn ask(folder: &Path, words: &[&str]) -> Value {
    let answer =
        Command::new(env!("CARGO_BIN_EXE_mitoscope")).args(words).current_dir(folder).output().unwrap();
    assert!(answer.status.success(), "{words:?}: {}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).unwrap()
}

#[test]
fn the_report_is_what_the_command_line_computes() {
    if let Err(e) = Gpu::headless() {
        println!("skipped: the_report_is_what_the_command_line_computes: {e}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let recipe = Recipe { width: 5000, height: 4000, seed: 3, sparse: false };
    let figures = tour::walk(folder.path(), &recipe, &mut |_, _| true).unwrap();
    assert_eq!(figures.fields_seen, figures.fields);
    assert_eq!((figures.mitotic, figures.look_alikes), (figures.truth_mitotic, figures.truth_look_alikes));
    assert!(figures.mitotic > 0 && figures.count > 0);

    let (db, slide) = (figures.database.as_str(), figures.slide.as_str());
    let count = ask(folder.path(), &["count", db, "--slide", slide, "--json"]);
    assert_eq!(count["count"], figures.count);
    assert_eq!(count["n_points"], figures.mitotic);
    for (key, value) in [("x", figures.rect.x), ("y", figures.rect.y), ("w", figures.rect.w)] {
        assert!((count[key].as_f64().unwrap() - value).abs() < 1e-6, "{key}: {count}");
    }
    let plan = ask(folder.path(), &["screen", "plan", slide, "--json"]);
    assert_eq!(plan["fields"].as_array().unwrap().len(), figures.fields);
    assert!((plan["tissue_mm2"].as_f64().unwrap() - figures.tissue_mm2).abs() < 1e-9);
    let status = ask(folder.path(), &["screen", "status", db, "--json"]);
    let pass = &status["slides"][0]["passes"][0];
    assert_eq!(
        (pass["done"].as_u64(), pass["rater"].as_str()),
        (Some(figures.fields as u64), Some("Demo rater"))
    );
    let check = ask(folder.path(), &["db", "check", db, "--json"]);
    assert_eq!(check["ok"], true);

    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    let mut pictures = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".png") {
            pictures += 1;
            assert!(page.contains(&name), "{name} is not on the page");
            let picture = image::open(entry.path()).unwrap().into_rgba8();
            assert_eq!(picture.dimensions(), (1280, 800));
        }
    }
    assert!(pictures >= 5);
    assert!(page.contains(&format!("MC {}", figures.count)));
}

#[test]
fn a_pan_shows_no_blank_and_uploads_within_its_budget() {
    if let Err(e) = Gpu::headless() {
        println!("skipped: a_pan_shows_no_blank_and_uploads_within_its_budget: {e}");
        return;
    }
    let slide = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/CMU-1-Small-Region.svs");
    let pace = mitoscope::app::pace::measure(&slide, [1280, 800]).unwrap();
    println!("{pace:?}");
    assert_eq!(pace.blank, 0);
    // 8 MiB a frame, and one tile more at most.
    assert!(pace.upload_kib_max <= (8 << 10) as f64 + 1024.0 && pace.upload_kib <= pace.upload_kib_max);
    assert!(pace.cpu_ms > 0.0 && pace.cpu_ms <= pace.cpu_ms_max);
}
