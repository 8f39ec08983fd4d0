//! The coordinator's page in the real window: tasks made, ballots followed, the outcome written, kits out and back.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![cfg(feature = "gui")]

mod support;

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use mitoscope::app::Start;
use mitoscope::app::dialogs::Answer;
use mitoscope::app::modes::Mode;
use mitoscope::app::modes::study::Page;
use mitoscope::model::{ClassId, Edit, Object, RaterId, TaskKind};
use mitoscope::store::{Access, Database, TaskFile};
use mitoscope::study::figures::{Asked, compare, from_to, three};
use mitoscope::study::stages::Next;
use mitoscope::study::{disputes, outcome, stages};
use std::path::Path;
use support::study::{FIGURE, LOOK_ALIKE, TwoSlides, answer_all, two_slides};
use support::{Desk, Setup};

fn open(path: &Path) -> Database {
    Database::open(path, Access::ReadOnly).unwrap()
}

fn desk(test: &str, case: &TwoSlides, answers: Vec<Answer>) -> Option<Desk> {
    let mut setup = Setup { answers, ..Setup::default() };
    setup.settings.change(|s| s.rater = "Coordinator".into());
    setup.start = Start { slides: case.slides.clone(), database: Some(case.document.clone()), demo: false };
    let mut desk = Desk::open(test, setup)?;
    desk.settle();
    desk.key(Key::F6);
    desk.settle();
    Some(desk)
}

fn press(desk: &mut Desk, label: &str) {
    desk.harness.get_by_label(label).click();
    desk.harness.run_steps(2);
    desk.settle();
}

fn read(desk: &Desk) -> stages::Study {
    desk.window().study().read().unwrap().study.clone()
}

fn objects(path: &Path) -> Vec<Object> {
    let db = open(path);
    db.slides().unwrap().iter().flat_map(|s| db.objects(s.id).unwrap()).collect()
}

/// The second expert differs on every fourth item, the third sides with the first on every second of those.
fn second(item: u32, first: ClassId) -> ClassId {
    match (item.is_multiple_of(4), first) {
        (true, FIGURE) => LOOK_ALIKE,
        (true, _) => FIGURE,
        (false, same) => same,
    }
}

#[test]
fn a_study_goes_from_the_second_opinion_to_the_outcome() {
    let case = two_slides(40);
    let Some(mut desk) = desk("study", &case, vec![]) else { return };
    assert_eq!(desk.window().mode(), Mode::Study);
    assert_eq!(read(&desk).next, Next::Second { cells: 40 });
    desk.harness.get_by_label("Ask a second expert about 40 cells.");

    // The form, filled in by what makes sense next; the rater is typed.
    press(&mut desk, "Ask a second expert…");
    assert!(desk.window().asks());
    desk.type_text("Expert 2");
    desk.settle();
    desk.harness.get_by_label("42 items on 2 slides: 40 cells, 2 hidden repeats");
    press(&mut desk, "Make the task");
    assert!(!desk.window().asks());
    let made = open(&case.document).tasks().unwrap();
    assert_eq!((made.len(), made[0].name.as_str(), made[0].items), (1, "second", 42));

    // The page is behind the question now; the look is kept.
    assert!(desk.window().study().read().is_none() && desk.window().study().figures().is_none());
    press(&mut desk, "Look as the coordinator");
    let study = read(&desk);
    assert_eq!(study.looked_as_coordinator.len(), 1);
    assert_eq!(study.looked_as_coordinator[0].1, "window: study");
    assert!(matches!(study.next, Next::Wait { left: 42, .. }));

    // The page follows what another program writes.
    answer_all(&case.document, "second", second);
    desk.until("the ballots", |w| w.study().read().is_some_and(|r| r.study.tasks.iter().all(|t| t.sealed)));
    desk.settle();
    let study = read(&desk);
    assert_eq!(study, stages::study(&open(&case.document)).unwrap());
    assert_eq!(study.next, Next::Third { cells: study.total.disagreements });
    assert!(study.total.disagreements >= 8 && study.total.second == 40);

    // Agreement and disagreements are the library's.
    let wanted = compare(&open(&case.document), Asked::default()).unwrap();
    assert_eq!(desk.window().study().figures().unwrap().compared.as_ref(), Ok(&wanted));
    press(&mut desk, "Study page Agreement");
    let pair = &wanted.found.pairs[0];
    let (low, high) = pair.interval.unwrap().bounds.unwrap();
    let kappa = pair.figures.kappa.unwrap();
    desk.harness.get_by_label(&format!("Expert 1 / Expert 2: kappa {kappa:.3}  ({low:.3} to {high:.3})"));
    desk.harness.get_by_label(&format!("Krippendorff's alpha {}", three(wanted.found.alpha)));
    desk.harness.get_by_label(&format!(
        "Expert 1 / Expert 2: 40 objects, raw {}, kappa {}, 95 % {}, PABAK {}",
        three(pair.figures.raw),
        three(pair.figures.kappa),
        from_to(pair.interval),
        three(pair.figures.pabak)
    ));
    assert_eq!(wanted.own.len(), 1, "one task is sealed");
    assert_eq!(wanted.own[0].repeats.as_ref().unwrap().figures.n, 2);
    let n = disputes::disputes(&open(&case.document)).unwrap().len();
    assert_eq!(n as u64, study.total.disagreements);
    press(&mut desk, &format!("Show the {n} disagreements"));
    assert_eq!(desk.window().study().page, Page::Disagreements);
    desk.harness.get_by_label(&format!("{n} disagreements"));
    let sheet = desk.harness.get_all_by_label_contains("Disagreement on case-0").count();
    assert!(sheet > 0 && sheet <= n);
    // A click shows the cell on its slide.
    let first = disputes::disputes(&open(&case.document)).unwrap().remove(0);
    desk.harness.get_all_by_label_contains("Disagreement on case-07").next().unwrap().click();
    desk.harness.run_steps(2);
    desk.settle();
    assert_eq!(desk.window().mode(), Mode::View);
    let camera = desk.window().opened().unwrap().motion.camera();
    let at = first.at.unwrap();
    assert!(camera.center.distance(at) < 300.0, "{camera:?} and {at:?}");

    // A third expert where the two differ.
    desk.key(Key::F6);
    desk.settle();
    press(&mut desk, "Study page Stages");
    press(&mut desk, "Ask a third expert…");
    desk.type_text("Expert 3");
    desk.settle();
    press(&mut desk, "Make the task");
    let third = open(&case.document).tasks().unwrap().pop().unwrap();
    assert_eq!((third.name.as_str(), third.kind), ("third", TaskKind::Adjudicate));
    assert!(u64::from(third.items) >= study.total.disagreements);
    answer_all(&case.document, "third", |item, first| if item % 2 == 0 { first } else { LOOK_ALIKE });
    press(&mut desk, "Read again");
    assert_eq!(desk.window().study().gate(), None);
    assert_eq!(read(&desk).next, Next::Outcome);

    // The outcome: seen, written, taken back.
    press(&mut desk, "See the outcome");
    let db = open(&case.document);
    let rule = desk.window().study().trial.rule;
    let wanted = outcome::derive(&db, outcome::settlement(&db, rule, Vec::new()).unwrap()).unwrap();
    assert!(!wanted.changes.is_empty());
    let shown = desk.window().study().trial.preview.clone().unwrap().unwrap();
    assert_eq!(*shown, wanted);
    let before = objects(&case.document);
    press(&mut desk, "Write the outcome");
    desk.until("the rule", |w| w.study().read().is_some_and(|r| r.study.rule.is_some()));
    desk.settle();
    let after = objects(&case.document);
    for (object, _, class) in &wanted.changes {
        assert_eq!(after.iter().find(|o| o.id == *object).unwrap().agreed, *class);
    }
    let slide = desk.window().document().unwrap().slide().unwrap();
    let here: Vec<_> = after.iter().filter(|o| o.slide == slide).cloned().collect();
    assert_eq!(desk.window().document().unwrap().objects(), here, "the open slide follows");
    assert_eq!(read(&desk).rule.as_deref(), Some("majority"));
    assert!(desk.window().study().trial.preview.clone().unwrap().unwrap().changes.is_empty());
    desk.key_with(Modifiers::COMMAND, Key::Z);
    desk.settle();
    let agreed = |list: &[Object]| list.iter().map(|o| (o.id, o.agreed)).collect::<Vec<_>>();
    assert_eq!(agreed(&objects(&case.document)), agreed(&before), "Ctrl+Z takes it back");
    let here: Vec<_> = before.iter().filter(|o| o.slide == slide).cloned().collect();
    let here = agreed(&here);
    desk.until("the marks", |w| {
        let shown = w.document().unwrap().objects();
        shown.iter().map(|o| (o.id, o.agreed)).collect::<Vec<_>>() == here
    });
}

#[test]
fn a_kit_is_made_answered_and_merged_and_a_spoilt_one_is_refused() {
    let case = two_slides(30);
    case.task("second", "Expert 2", TaskKind::Label, 0.0);
    let folder = case.document.parent().unwrap().to_owned();
    let (kit, spoilt) = (folder.join("second.kit"), folder.join("spoilt.kit"));
    let chosen = |path: &Path| Answer::Chosen(vec![path.to_owned()]);
    let answers = vec![chosen(&kit), chosen(&spoilt), chosen(&kit), chosen(&kit)];
    let Some(mut desk) = desk("kits", &case, answers) else { return };
    // A kit is made and merged without looking at what others think.
    assert!(desk.window().study().gate().is_some());
    press(&mut desk, "Make a kit…");
    press(&mut desk, "With pictures");
    press(&mut desk, "Choose the place…");
    desk.until("the kit", |w| w.study().said.is_some());
    desk.settle();
    let said = desk.window().study().said.clone().unwrap();
    assert!(!said.error && said.words.contains("it brings 30 pictures"), "{}", said.words);
    assert!(TaskFile::open(&kit, Access::ReadOnly).unwrap().is_kit());

    answer_all(&kit, "second", |item, _| if item % 3 == 0 { FIGURE } else { LOOK_ALIKE });
    let connection = rusqlite::Connection::open(&kit).unwrap();
    connection.execute("VACUUM INTO ?1", [spoilt.to_str().unwrap()]).unwrap();
    let other = rusqlite::Connection::open(&spoilt).unwrap();
    other.execute("UPDATE mitoscope_ballots SET class = 1 WHERE class = 2", []).unwrap();
    drop((connection, other));

    press(&mut desk, "Merge a kit…");
    desk.settle();
    let said = desk.window().study().said.clone().unwrap();
    assert!(said.error, "{said:?}");
    for word in ["spoilt.kit", "was changed after it was cast", "ask the rater"] {
        assert!(said.words.contains(word), "{word} is not in {}", said.words);
    }
    assert_eq!(open(&case.document).tasks().unwrap()[0].done, 0, "nothing was merged");

    press(&mut desk, "Merge a kit…");
    desk.settle();
    let said = desk.window().study().said.clone().unwrap();
    assert!(!said.error, "{said:?}");
    for word in ["30 ballots added, sealed, 30 labels written", "not registered for Expert 2"] {
        assert!(said.words.contains(word), "{word} is not in {}", said.words);
    }
    // Nothing blind is open any more, so there is no question.
    assert_eq!(desk.window().study().gate(), None);
    assert_eq!(read(&desk).total.second, 30);
    press(&mut desk, "Merge a kit…");
    desk.settle();
    assert!(desk.window().study().said.clone().unwrap().words.contains("merged already"));
}

#[test]
fn nothing_is_read_before_the_coordinator_looks() {
    let case = two_slides(20);
    case.task("second", "Expert 2", TaskKind::Label, 0.0);
    let Some(mut desk) = desk("gate", &case, vec![]) else { return };
    let words = "A blind task is open (second, Expert 2: 0 of 20). What this page tells must not reach whoever is asked.";
    desk.harness.get_by_label(words);
    assert!(desk.window().study().read().is_none() && desk.window().study().figures().is_none());
    assert!(desk.harness.query_by_label("Study page Agreement").is_none());
    assert_eq!(open(&case.document).looks().unwrap().len(), 0);
    // A task can't be planned before the look: how many cells differ would be told.
    assert!(desk.harness.query_by_label("Make a task…").is_none());
    press(&mut desk, "Look as the coordinator");
    assert_eq!(open(&case.document).looks().unwrap().len(), 1);
    assert!(desk.window().study().read().is_some());
    // Coming back asks no second time for the same tasks.
    desk.key(Key::F2);
    desk.key(Key::F6);
    desk.settle();
    assert!(desk.window().study().read().is_some());
    assert_eq!(open(&case.document).looks().unwrap().len(), 1);
    // Another blind task does.
    case.task("more", "Expert 3", TaskKind::Label, 0.0);
    press(&mut desk, "Read again");
    assert_eq!(desk.window().study().gate().map(<[_]>::len), Some(2));
}

#[test]
fn the_form_asks_what_was_chosen_and_says_what_stands_in_its_way() {
    let case = two_slides(24);
    case.task("second", "Expert 2", TaskKind::Label, 0.0);
    answer_all(&case.document, "second", second);
    let Some(mut desk) = desk("form", &case, vec![]) else { return };
    press(&mut desk, "Make a task…");
    desk.harness.get_by_label("Say who is asked.");
    desk.type_text("Expert 3");
    desk.settle();
    let all = disputes::disputes(&open(&case.document)).unwrap();
    let first = open(&case.document).slides().unwrap()[0].id;
    let here = all.iter().filter(|d| d.slide == first).count();
    assert!(here > 0 && here < all.len());
    let line = |n: usize, slides: &str| format!("{n} item{} on {slides}", if n == 1 { "" } else { "s" });
    desk.harness.get_by_label(&line(all.len(), "2 slides"));
    press(&mut desk, "Slide after slide");
    press(&mut desk, "All 2 slides");
    desk.harness.get_by_role_and_label(Role::CheckBox, "case-08.svs").click();
    desk.harness.run_steps(2);
    desk.settle();
    desk.harness.get_by_label(&line(here, "1 slide"));
    press(&mut desk, "Make the task");
    let db = open(&case.document);
    let made = db.tasks().unwrap().pop().unwrap();
    let plan = db.task_plan(made.id).unwrap();
    assert_eq!((made.name.as_str(), made.items as usize, plan.order.as_str()), ("third", here, "slide"));
    assert_eq!(plan.chosen, "adjudicate; slides case-07.svs; raters Expert 1, Expert 2");
    let (slides, _) = db.task_items(made.id).unwrap();
    assert!(slides.len() == 1 && slides[0].print.is_some(), "a rater's copy is known by its content");

    // A name that is taken is refused in the form, which stays.
    press(&mut desk, "Look as the coordinator");
    press(&mut desk, "Make a task…");
    desk.type_text("Expert 4");
    desk.harness.get_by_label("Name of the task").focus();
    desk.harness.run_steps(2);
    desk.key_with(Modifiers::COMMAND, Key::A);
    desk.type_text("third");
    desk.settle();
    press(&mut desk, "Make the task");
    assert!(desk.window().asks());
    desk.harness.get_by_label("Not made");
    desk.harness.get_by_label_contains("has a task named \"third\" already");
    assert_eq!(open(&case.document).tasks().unwrap().len(), 2);
    desk.key(Key::Escape);
    assert!(!desk.window().asks());
}

#[test]
fn of_many_slides_only_those_in_view_are_drawn() {
    let case = two_slides(4);
    let mut db = Database::open(&case.document, Access::ReadWrite).unwrap();
    for i in 0..1200 {
        let add = Edit::AddSlide {
            slide: None,
            filename: format!("many-{:04}.svs", 1200 - i),
            directory: "/slides".into(),
            size: Some((16_000, 12_000)),
            mpp: Some((0.25, 0.25)),
            case: None,
        };
        db.apply(RaterId(0), add).unwrap();
    }
    drop(db);
    let Some(mut desk) = desk("many slides", &case, vec![]) else { return };
    assert_eq!(read(&desk).slides.len(), 1202);
    let rows = |desk: &Desk| desk.harness.get_all_by_label_contains(".svs: ").count();
    assert!((10..40).contains(&rows(&desk)), "{} rows", rows(&desk));
    desk.harness.get_by_label_contains("case-07.svs: 2 cells");
    press(&mut desk, "Sort by slide");
    press(&mut desk, "Sort by to do");
    desk.harness.get_by_label_contains("case-07.svs: 2 cells");
    let begun = std::time::Instant::now();
    desk.harness.run_steps(60);
    println!("{:.1} ms a frame with 1202 slides", begun.elapsed().as_secs_f64() * 1000.0 / 60.0);
}

#[test]
fn a_document_of_one_rater_says_what_to_do() {
    let case = two_slides(10);
    let Some(mut desk) = desk("one rater", &case, vec![]) else { return };
    press(&mut desk, "Study page Agreement");
    desk.harness.get_by_label("Agreement needs two raters");
    press(&mut desk, "Study page Disagreements");
    desk.harness.get_by_label("Nobody differs");
    press(&mut desk, "Study page Outcome");
    desk.harness.get_by_label("Write the outcome");
    // A digit over the page changes no cell.
    let before = objects(&case.document);
    desk.key(Key::Num2);
    desk.key(Key::Delete);
    desk.settle();
    assert_eq!(objects(&case.document), before);
    // Without a document the tab is closed.
    let Some(mut empty) = Desk::open("one rater", Setup::default()) else { return };
    empty.key(Key::F6);
    assert_eq!(empty.window().mode(), Mode::View);
    assert!(empty.harness.get_by_label("Study").accesskit_node().is_disabled());
}
