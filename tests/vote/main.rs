//! A blind task in the real window, from its start to its seal.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![cfg(feature = "gui")]

mod same;
mod study;
#[path = "../support/mod.rs"]
mod support;

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mitoscope::app::modes::Mode;
use mitoscope::app::modes::vote::{Page, Pane};
use mitoscope::app::{Start, dialogs::Answer};
use mitoscope::model::{ClassId, TaskKind, TaskView, Vote};
use mitoscope::store::{Access, Database, TaskFile};
use mitoscope::study::blind::BallotBox;
use mitoscope::study::key::Signer;
use mitoscope::study::kit;
use mitoscope::study::task::Order;
use std::sync::{RwLock, RwLockReadGuard};
use study::{CELLS, Study, ballots, settings};
use support::{Desk, Setup};

/// Held for writing by the test that reads the log, which all windows of this process share.
pub static LOG: RwLock<()> = RwLock::new(());

fn beside_the_log() -> RwLockReadGuard<'static, ()> {
    LOG.read().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn marked(slides: usize) -> Study {
    let study = Study::new(slides);
    for (i, at) in CELLS.iter().enumerate() {
        study.mark(i % slides, *at, 1 + (i % 2) as i64);
    }
    study
}

/// The window in the task of its document.
fn in_task(test: &str, study: &Study) -> Option<Desk> {
    let mut desk = Desk::open(test, study.setup())?;
    desk.settle();
    desk.harness.get_by_label("Go to the task").click();
    desk.until("the task", |w| w.voting().is_some());
    desk.settle();
    Some(desk)
}

fn at(desk: &Desk) -> u32 {
    desk.window().voting().unwrap().at
}

#[test]
fn a_task_is_voted_with_keys_and_sealed() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Shuffled(3), TaskView::Context);
    let before = study.objects();
    let Some(mut desk) = in_task("voted", &study) else { return };
    assert_eq!((at(&desk), desk.window().mode()), (1, Mode::Vote));
    desk.harness.get_by_label("1 of 12");
    desk.harness.get_by_label("Blind: opinions of others are not loaded");
    desk.key(Key::Num1);
    assert_eq!(at(&desk), 2, "the digit goes on");
    desk.key(Key::Num2);
    desk.key(Key::Num0);
    desk.key(Key::N);
    assert_eq!(at(&desk), 5, "without a vote");
    desk.key_with(Modifiers::SHIFT, Key::N);
    desk.key_with(Modifiers::SHIFT, Key::N);
    assert_eq!(at(&desk), 3);
    let chosen = desk.harness.get_by_label("0 can't tell").accesskit_node().toggled();
    assert_eq!(format!("{chosen:?}"), "Some(True)", "the rater's own earlier answer");
    // A comment on an item that has a vote is another vote.
    desk.key(Key::C);
    desk.type_text("out of focus");
    desk.key(Key::Enter);
    assert_eq!(at(&desk), 3);
    desk.key(Key::Num1);
    desk.key(Key::Space);
    assert_eq!(at(&desk), 5);
    // A comment before the vote waits for it.
    desk.key(Key::C);
    desk.type_text("a ring");
    desk.key(Key::Enter);
    desk.harness.get_by_label("2 non-mitotic look-alike").click();
    desk.harness.run_steps(2);
    for _ in 6..=12 {
        desk.key(Key::Num1);
    }
    assert_eq!(at(&desk), 4, "the one that was left open");
    desk.key(Key::Num2);
    assert_eq!(desk.window().voting().unwrap().page, Page::Seal);
    desk.settle();
    desk.harness.get_by_label("12 of 12 answered · 0 can't tell");
    let cast = [
        (1, 1, ""),
        (2, 2, ""),
        (3, 0, ""),
        (3, 0, "out of focus"),
        (3, 1, "out of focus"),
        (5, 2, "a ring"),
        (6, 1, ""),
        (7, 1, ""),
        (8, 1, ""),
        (9, 1, ""),
        (10, 1, ""),
        (11, 1, ""),
        (12, 1, ""),
        (4, 2, ""),
    ];
    assert_eq!(study.ballots(), cast.map(|(i, c, t)| (i, c, t.to_owned())));
    desk.harness.get_by_label("Seal").click();
    desk.until("the seal", |w| w.voting().is_some_and(|v| v.sealed()));
    desk.settle();
    desk.harness.get_by_label("12 labels written.");
    assert!(desk.harness.query_by_label_contains("Hash of the seal").is_some());
    // Read-only from now on.
    desk.key_with(Modifiers::SHIFT, Key::N);
    desk.key(Key::Num1);
    desk.key_with(Modifiers::COMMAND, Key::W);
    desk.until("the list", |w| w.voting().is_none());
    desk.settle();
    desk.harness.get_by_label("Look “second”");
    assert_eq!(study.ballots().len(), cast.len());
    drop(desk);
    let after = study.objects();
    let rater = study.read().rater_named("R.K.").unwrap().id;
    let file = TaskFile::open(&study.path, Access::ReadOnly).unwrap();
    let items = file.items(study.stored_task().id).unwrap();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.agreed, after.agreed, "the outcome is nobody's vote");
        let place = after.shape.center().unwrap();
        let item = items.iter().find(|i| i.at == place).unwrap();
        let last = cast.iter().rfind(|(n, ..)| *n == item.number).unwrap().1;
        assert_eq!(after.label_by(rater).unwrap().class, ClassId(last), "item {}", item.number);
    }
}

#[test]
fn cant_tell_writes_no_label_and_ballots_say_how_it_was_looked_at() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Slide, TaskView::Context);
    let Some(mut desk) = in_task("looked", &study) else { return };
    desk.harness.run_steps(8);
    desk.key(Key::Num0);
    desk.key(Key::P);
    desk.settle();
    assert_eq!(desk.window().voting().unwrap().pane, Pane::Patch);
    desk.key(Key::Num1);
    desk.key(Key::P);
    desk.settle();
    desk.key(Key::Num2);
    desk.key_with(Modifiers::COMMAND, Key::Enter);
    desk.settle();
    desk.harness.get_by_label("3 of 12 answered · 1 can't tell");
    desk.harness.get_by_label("Go to item 4").click();
    desk.harness.run_steps(2);
    assert_eq!(at(&desk), 4);
    desk.key_with(Modifiers::COMMAND, Key::Enter);
    desk.settle();
    desk.harness.get_by_label("Seal").click();
    desk.until("the seal", |w| w.voting().is_some_and(|v| v.sealed()));
    drop(desk);
    let file = TaskFile::open(&study.path, Access::ReadOnly).unwrap();
    let cast = file.ballots(study.stored_task().id).unwrap();
    let seen: Vec<f64> = cast.iter().map(|b| b.vote.magnification.unwrap().round()).collect();
    assert_eq!(seen, [40.0, 160.0, 40.0]);
    assert!(cast[0].vote.dwell.unwrap() >= 2.0, "eight frames of a quarter of a second");
    let rater = study.read().rater_named("R.K.").unwrap().id;
    let labelled = study.objects().iter().filter(|o| o.label_by(rater).is_some()).count();
    assert_eq!(labelled, 2);
}

#[test]
fn the_next_item_is_sharp_in_the_next_frame() {
    let _quiet = beside_the_log();
    // Items on two slides, shuffled: every other step goes to the other slide.
    let study = Study::new(2);
    {
        let mut database = study.write();
        let rater = study::rater(&mut database, "Expert 1");
        let slides = &study.slides;
        for i in 0..320u32 {
            let at = (200.0 + f64::from(i * 37 % 1800), 200.0 + f64::from(i * 91 % 2500));
            study::add(&mut database, rater, slides[(i % 2) as usize], at, 1, "");
        }
    }
    study.task("second", Order::Shuffled(5), TaskView::Context);
    let Some(mut desk) = in_task("sharp", &study) else { return };
    for n in 1..=150u32 {
        assert_eq!(at(&desk), n);
        desk.harness.key_press(if n % 3 == 0 { Key::Num2 } else { Key::Num1 });
        // The frame that reads the key shows the next item.
        desk.harness.step();
        let voting = desk.window().voting().unwrap();
        assert_eq!(voting.at, n + 1);
        assert!(voting.sharp, "item {} in context", n + 1);
        desk.settle();
    }
    desk.key(Key::P);
    desk.key(Key::P);
    desk.settle();
    for n in 151..=310u32 {
        desk.harness.key_press(Key::Num1);
        desk.harness.step();
        let voting = desk.window().voting().unwrap();
        assert_eq!(voting.at, n + 1);
        assert!(voting.sharp, "item {} as a patch", n + 1);
        desk.settle();
    }
    drop(desk);
    let cast = study.ballots();
    assert_eq!(cast.len(), 310);
    assert!(cast.iter().zip(1..).all(|((item, ..), n)| *item == n));
}

#[test]
fn twelve_thousand_items_are_answered_in_their_order() {
    let _quiet = beside_the_log();
    let study = Study::new(1);
    study.large_task("second", 12_000);
    let signer = Signer::from_secret([3; 32]);
    let mut ballots = BallotBox::open(&study.path, None, Access::ReadWrite, signer).unwrap();
    assert_eq!(ballots.task().items, 12_000);
    for item in 1..=12_000 {
        let class = ClassId(i64::from(item % 3));
        ballots.vote(item, &Vote { class, ..Vote::default() }).unwrap();
    }
    assert_eq!(ballots.task().done, 12_000);
    let sealed = ballots.seal().unwrap();
    assert_eq!(sealed.seal.ballots, 12_000);
    assert_eq!(study.ballots().iter().zip(1..).find(|((item, ..), n)| item != n), None);
}

#[test]
fn a_kit_is_voted_sealed_and_merged() {
    let _quiet = beside_the_log();
    let study = marked(2);
    study.task("second", Order::Shuffled(1), TaskView::Context);
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("second.kit");
    let task = study.stored_task();
    study.write().make_kit(&task, &path, true, &mut |_, _| Ok(None)).unwrap();
    for n in 0..2 {
        let name = format!("case-{n:02}.svs");
        std::fs::copy(study.folder.path().join(&name), away.path().join(&name)).unwrap();
    }
    // As `mitoscope second.kit` opens it; nobody is asked, for a kit has nothing to hide.
    let start = Start { slides: vec![path.clone()], ..Start::default() };
    let setup = Setup { settings: settings("", &study.key()), start, ..Setup::default() };
    let Some(mut desk) = Desk::open("kit", setup) else { return };
    desk.until("the kit", |w| w.voting().is_some());
    desk.settle();
    for n in 1..=12 {
        desk.key(if n % 2 == 0 { Key::Num2 } else { Key::Num1 });
    }
    desk.settle();
    desk.harness.get_by_label("Seal").click();
    desk.until("the seal", |w| w.voting().is_some_and(|v| v.sealed()));
    desk.settle();
    desk.harness.get_by_label("Send the file second.kit back to the coordinator.");
    drop(desk);
    assert_eq!(ballots(&path).len(), 12);
    let report = kit::merge(&mut study.write(), &path).unwrap();
    assert_eq!((report.merged.ballots, report.merged.sealed, report.merged.labels), (12, true, 12));
}

#[test]
fn a_kit_brings_its_pictures() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Slide, TaskView::Context);
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("second.kit");
    let task = study.stored_task();
    let mut picture = |_: &mitoscope::model::TaskSlide, item: &mitoscope::model::Item| {
        let colour = image::Rgba([20 * item.number as u8, 120, 200, 255]);
        let mut png = std::io::Cursor::new(Vec::new());
        let made = image::RgbaImage::from_pixel(512, 512, colour);
        made.write_to(&mut png, image::ImageFormat::Png).map_err(|e| e.to_string())?;
        // One is broken: its item says so, the others are whole.
        Ok(Some(if item.number == 3 { b"broken".to_vec() } else { png.into_inner() }))
    };
    study.write().make_kit(&task, &path, false, &mut picture).unwrap();
    let setup = Setup {
        settings: settings("", &study.key()),
        answers: vec![Answer::Chosen(vec![path.clone()])],
        ..Setup::default()
    };
    let Some(mut desk) = Desk::open("pictures", setup) else { return };
    desk.key(Key::F5);
    desk.settle();
    desk.harness.get_by_label("No document is open.");
    desk.harness.get_by_label("Open kit…").click();
    desk.until("the kit", |w| w.voting().is_some());
    desk.settle();
    let middle = |desk: &mut Desk| {
        let area = desk.window().slide_rect();
        *desk.picture().get_pixel(area.center().x as u32, area.center().y as u32)
    };
    assert_eq!(middle(&mut desk).0, [20, 120, 200, 255]);
    desk.key(Key::Num1);
    assert_eq!(middle(&mut desk).0, [40, 120, 200, 255]);
    desk.key(Key::P);
    desk.settle();
    assert_eq!(middle(&mut desk).0, [40, 120, 200, 255]);
    desk.key(Key::Num1);
    desk.settle();
    assert!(desk.harness.query_by_label_contains("can't be read").is_some());
    desk.key(Key::N);
    assert_eq!(middle(&mut desk).0, [80, 120, 200, 255]);
    // A kit is remembered like any document, its task is not.
    assert_eq!(ballots(&path).len(), 2);
}

#[test]
fn a_turned_item_is_turned_in_every_view() {
    let _quiet = beside_the_log();
    let mut study = marked(1);
    study.repeats = 0.1;
    for i in 0..8 {
        study.mark(0, (500.0 + 90.0 * f64::from(i), 1100.0), 1);
    }
    study.task("second", Order::Slide, TaskView::Context);
    let task = study.stored_task();
    let file = TaskFile::open(&study.path, Access::ReadOnly).unwrap();
    let turned = file.items(task.id).unwrap().into_iter().find(|i| i.turn != 0).unwrap();
    assert!(turned.number > 20, "one of the repeats at the end");
    let away = tempfile::tempdir().unwrap();
    let path = away.path().join("second.kit");
    // A colour for each quarter, clockwise from the upper left.
    let colours = [[250, 0, 0, 255], [0, 250, 0, 255], [0, 0, 250, 255], [250, 250, 0, 255]];
    study
        .write()
        .make_kit(&task, &path, false, &mut |_, _| {
            let made = image::RgbaImage::from_fn(512, 512, |x, y| {
                image::Rgba(
                    colours[match (x < 256, y < 256) {
                        (true, true) => 0,
                        (false, true) => 1,
                        (false, false) => 2,
                        (true, false) => 3,
                    }],
                )
            });
            let mut png = std::io::Cursor::new(Vec::new());
            made.write_to(&mut png, image::ImageFormat::Png).map_err(|e| e.to_string())?;
            Ok(Some(png.into_inner()))
        })
        .unwrap();
    let start = Start { database: Some(path), ..Start::default() };
    let Some(mut desk) = Desk::open("turned", study.setup_for("R.K.", start)) else { return };
    desk.until("the kit", |w| w.voting().is_some());
    desk.settle();
    let upper_left = |desk: &mut Desk, off: f32| {
        let at = desk.window().slide_rect().center();
        desk.picture().get_pixel((at.x - off) as u32, (at.y - off) as u32).0
    };
    assert_eq!(upper_left(&mut desk, 20.0), colours[0]);
    for _ in 1..turned.number {
        desk.key(Key::N);
    }
    desk.settle();
    // A quarter turn clockwise brings the lower left to the upper left.
    let expected = colours[(4 - usize::from(turned.turn)) % 4];
    assert_eq!(upper_left(&mut desk, 20.0), expected);
    desk.key(Key::P);
    desk.settle();
    assert_eq!(upper_left(&mut desk, 60.0), expected);
}

#[test]
fn no_label_is_shown_before_the_rater_has_answered() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Slide, TaskView::Context);
    let slide = study.folder.path().join("case-00.svs");
    let start = Start { slides: vec![slide], database: Some(study.path.clone()), demo: false };
    let setup = || study.setup_for("R.K.", start.clone());
    let Some(mut desk) = Desk::open("gate", setup()) else { return };
    for _ in 0..40 {
        desk.harness.step();
        assert!(desk.window().document().is_none());
    }
    desk.settle();
    let words = "You have a blind task open in this document: “second”, 0 of 12.";
    desk.harness.get_by_label(words);
    assert!(desk.window().document().is_none() && desk.window().asks());
    assert!(desk.harness.query_by_label_contains("case-00").is_none());
    // Neither: the slide is there, without a document.
    desk.key(Key::Escape);
    desk.settle();
    assert!(desk.window().document().is_none() && desk.window().opened().is_some());
    drop(desk);
    assert!(study.read().looks().unwrap().is_empty());

    let Some(mut desk) = Desk::open("gate", setup()) else { return };
    desk.settle();
    desk.harness.get_by_label("Open as the coordinator").click();
    desk.until("the labels", |w| w.document().is_some_and(|d| d.objects().len() == 12));
    desk.settle();
    drop(desk);
    assert_eq!(study.read().looks().unwrap().len(), 1);

    // Another rater sits down at the open document.
    let Some(mut desk) = Desk::open("gate", study.setup_for("Expert 1", start.clone())) else { return };
    desk.until("the labels", |w| w.document().is_some_and(|d| d.objects().len() == 12));
    desk.settle();
    desk.harness.get_by_label_contains("Rater: Expert 1").click();
    desk.settle();
    desk.harness.get_by_label("R.K.").click();
    desk.harness.run_steps(2);
    desk.harness.get_by_label("Choose").click();
    desk.settle();
    desk.harness.run_steps(2);
    desk.harness.get_by_label(words);
    desk.harness.get_by_label("Go to the task").click();
    desk.until("the task", |w| w.voting().is_some());
    assert!(desk.window().document().is_none() && desk.window().opened().is_none());
}

#[test]
fn a_slide_that_is_missing_is_a_calm_sentence() {
    let _quiet = beside_the_log();
    let study = marked(2);
    study.task("second", Order::Slide, TaskView::Context);
    let gone = study.folder.path().join("case-00.svs");
    let aside = study.folder.path().join("aside");
    std::fs::rename(&gone, &aside).unwrap();
    let Some(mut desk) = in_task("missing", &study) else { return };
    let words = "slide 1 is not here; put the slides beside the document";
    desk.harness.get_by_label(words);
    desk.key(Key::P);
    desk.settle();
    desk.harness.get_by_label(words);
    desk.key(Key::P);
    desk.settle();
    desk.key(Key::P);
    desk.settle();
    for _ in 0..6 {
        desk.key(Key::N);
    }
    desk.settle();
    assert!(desk.harness.query_by_label(words).is_none(), "the other slide is there");
    for _ in 0..6 {
        desk.key_with(Modifiers::SHIFT, Key::N);
    }
    std::fs::rename(&aside, &gone).unwrap();
    desk.settle();
    desk.harness.get_by_label("Look again").click();
    desk.settle();
    assert!(desk.harness.query_by_label(words).is_none());
    assert!(desk.window().voting().unwrap().sharp);
}

#[test]
fn two_raters_agree_with_both_opinions_before_them() {
    let _quiet = beside_the_log();
    let study = Study::new(1);
    let object = study.mark(0, CELLS[0], 1);
    {
        let mut database = study.write();
        let second = study::rater(&mut database, "Expert 2");
        let edit = mitoscope::model::Edit::SetLabel { object, before: None, after: Some(ClassId(2)) };
        database.apply(second, edit).unwrap();
    }
    study.task_of("together", TaskKind::Consensus, Order::Slide, None, "Consensus");
    let Some(mut desk) = Desk::open("consensus", study.setup_for("Expert 2", study.setup().start)) else {
        return;
    };
    desk.settle();
    assert!(desk.window().document().is_some(), "not blind: nobody is asked");
    desk.key(Key::F5);
    desk.settle();
    desk.harness.get_by_label("Start “together”").click();
    desk.until("the task", |w| w.voting().is_some());
    desk.settle();
    desk.harness.get_by_label("Consensus: not blind, both opinions are shown");
    desk.harness.get_by_label_contains("Expert 1: mitotic figure");
}

#[test]
fn a_task_leaves_no_trace_in_what_is_remembered() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Slide, TaskView::Context);
    let kept = tempfile::tempdir().unwrap();
    let mut settings = mitoscope::app::settings::Store::at(kept.path());
    settings.change(|s| {
        s.reduced_motion = true;
        s.rater = "R.K.".into();
        s.signing_key = Some(study.key());
    });
    let setup = Setup { settings, ..study.setup() };
    let Some(mut desk) = Desk::open("trace", setup) else { return };
    desk.settle();
    desk.harness.get_by_label("Go to the task").click();
    desk.until("the task", |w| w.voting().is_some());
    desk.settle();
    desk.key(Key::Num1);
    desk.key_with(Modifiers::COMMAND, Key::W);
    desk.until("the list", |w| w.voting().is_none());
    desk.settle();
    drop(desk);
    let text = std::fs::read_to_string(kept.path().join("settings.json")).unwrap();
    for trace in ["study.sqlite", "case-00", "second"] {
        assert!(!text.contains(trace), "{trace} in {text}");
    }
    assert_eq!(Database::open(&study.path, Access::ReadOnly).unwrap().looks().unwrap().len(), 0);
}

#[test]
fn the_screen_is_measured_with_a_bank_card() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Slide, TaskView::Context);
    let Some(mut desk) = in_task("calibrate", &study) else { return };
    let zoom = |desk: &Desk| desk.window().voting().unwrap().motion.camera().zoom;
    let before = zoom(&desk);
    desk.key_with(Modifiers::COMMAND, Key::P);
    desk.type_text("calibrate");
    desk.key(Key::Enter);
    desk.harness.get_by_label("Width of the card").set_value_accesskit(647.0);
    desk.harness.run_steps(2);
    desk.harness.get_by_label("It fits").click();
    desk.settle();
    // The card takes twice as many points as was thought: so do cells.
    let factor = 647.0 * 25.4 / 96.0 / 85.6;
    assert!((zoom(&desk) / before - factor).abs() < 0.01, "{} {}", zoom(&desk), before);
    // In a task the palette knows of no files and of nothing but the task.
    desk.key_with(Modifiers::COMMAND, Key::P);
    desk.settle();
    assert!(desk.harness.query_by_label("Undo").is_none());
    assert!(desk.harness.query_by_label_contains("study.sqlite").is_none());
    desk.key(Key::Escape);
}

#[test]
fn a_comment_is_not_lost_unsaid_and_a_drag_with_space_is_no_step() {
    let _quiet = beside_the_log();
    let study = marked(1);
    study.task("second", Order::Shuffled(3), TaskView::Context);
    let Some(mut desk) = in_task("comment_and_space", &study) else { return };
    // Space held, the slide dragged, Space let go: the item stays.
    let space = |pressed| eframe::egui::Event::Key {
        key: Key::Space,
        physical_key: None,
        pressed,
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    let from = desk.window().slide_rect().center();
    desk.harness.event(space(true));
    desk.harness.step();
    desk.harness.drag_at(from);
    desk.harness.step();
    for i in 1..=5 {
        desk.harness.hover_at(from + eframe::egui::vec2(-12.0 * i as f32, 0.0));
        desk.harness.step();
    }
    desk.harness.drop_at(from + eframe::egui::vec2(-60.0, 0.0));
    desk.harness.step();
    desk.harness.event(space(false));
    desk.harness.run_steps(2);
    assert_eq!(at(&desk), 1);
    desk.key(Key::Space);
    assert_eq!(at(&desk), 2, "tapped, it goes on");

    desk.key(Key::C);
    desk.type_text("a ring");
    desk.key(Key::Enter);
    desk.key_with(Modifiers::COMMAND, Key::W);
    desk.settle();
    assert!(desk.window().voting().is_some());
    desk.harness.get_by_label_contains("The comment on item 2 has no answer yet");
    desk.key_with(Modifiers::COMMAND, Key::W);
    desk.until("the list", |w| w.voting().is_none());
}
