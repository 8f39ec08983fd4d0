//! One picture a state, from the real window, into `screenshots/`: `UPDATE=1 cargo test --test screenshots`. Every
//! run draws them all and looks for what no picture of the window may have.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![cfg(feature = "gui")]

mod support;

use eframe::egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use mitoscope::app::Start;
use mitoscope::app::dialogs::Answer;
use mitoscope::app::settings::Store;
use mitoscope::app::theme::Theme;
use mitoscope::model::{SlidePx, TaskKind};
use std::path::Path;
use support::study::{FIGURE, LOOK_ALIKE, answer_all, two_slides};
use support::{Desk, Setup, real_slide};

/// Cells of the real slide: place and the digit that labels it.
const CELLS: [(f64, f64, Key); 5] = [
    (1063.0, 466.0, Key::Num1),
    (930.0, 560.0, Key::Num1),
    (1180.0, 330.0, Key::Num2),
    (985.0, 250.0, Key::Num1),
    (1185.0, 620.0, Key::Num2),
];

fn keep(desk: &mut Desk, name: &str) {
    desk.settle();
    let picture = desk.picture();
    let first = picture.get_pixel(0, 0);
    assert!(picture.pixels().any(|p| p != first), "{name} is blank");
    if std::env::var_os("UPDATE").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let file = std::fs::File::create(folder.join(format!("{name}.jpg"))).unwrap();
        let picture = image::DynamicImage::from(picture).into_rgb8();
        image::codecs::jpeg::JpegEncoder::new_with_quality(file, 88).encode_image(&picture).unwrap();
    }
}

fn settings(theme: Theme) -> Store {
    let mut settings = Store::memory();
    settings.change(|s| {
        s.reduced_motion = true;
        s.theme = theme;
        s.rater = "C.B.".into();
    });
    settings
}

struct Case {
    _folder: tempfile::TempDir,
    setup: Setup,
}

/// The real slide with a document, both in a folder of their own.
fn case(theme: Theme, database: bool) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let slide = folder.path().join("case-07.svs");
    std::fs::copy(real_slide(), &slide).unwrap();
    let path = folder.path().join("study.sqlite");
    if database {
        mitoscope::store::Database::create(&path).unwrap();
    }
    let start = Start { slides: vec![slide], database: database.then_some(path), demo: false };
    Case { _folder: folder, setup: Setup { settings: settings(theme), start, ..Setup::default() } }
}

fn label_cells(desk: &mut Desk) {
    for (x, y, key) in CELLS {
        desk.point(SlidePx::new(x, y));
        desk.key(key);
        desk.settle();
    }
}

/// Screens, labels and counts, with a picture of each state; only some of them where `all` is not set.
fn walk(theme: Theme, tag: &str, all: bool) -> Option<()> {
    let case = case(theme, true);
    let mut desk = Desk::open("pictures_of_every_state", case.setup)?;
    desk.settle();
    if all {
        keep(&mut desk, &format!("view-{tag}"));
    }
    desk.key(Key::F3);
    desk.until("fields", |w| w.opened().is_some_and(|o| o.screening.is_some()));
    desk.settle();
    label_cells(&mut desk);
    desk.key(Key::N);
    desk.key_with(Modifiers::SHIFT, Key::N);
    keep(&mut desk, &format!("screen-{tag}"));
    if !all {
        return Some(());
    }
    let (x, y, _) = CELLS[0];
    let at = desk.at(SlidePx::new(x, y));
    desk.click(at);
    desk.key(Key::F2);
    keep(&mut desk, &format!("selected-{tag}"));
    desk.key(Key::F4);
    desk.key(Key::Home);
    keep(&mut desk, &format!("count-{tag}"));
    desk.key(Key::F1);
    keep(&mut desk, &format!("keys-{tag}"));
    desk.key(Key::Escape);
    desk.key_with(Modifiers::COMMAND, Key::P);
    desk.type_text("obj");
    keep(&mut desk, &format!("palette-{tag}"));
    desk.key(Key::Escape);
    desk.key(Key::F11);
    keep(&mut desk, &format!("alone-{tag}"));
    desk.key(Key::F11);
    desk.key_with(Modifiers::COMMAND, Key::P);
    desk.type_text("classes, raters");
    desk.key(Key::Enter);
    keep(&mut desk, &format!("study-{tag}"));
    desk.key(Key::Escape);
    desk.key(Key::F3);
    while !desk.window().asks() {
        desk.key(Key::N);
    }
    keep(&mut desk, &format!("end-{tag}"));
    Some(())
}

#[test]
fn pictures_of_every_state() {
    if walk(Theme::Dark, "dark", true).is_none() {
        return;
    }
    walk(Theme::Light, "light", false);
    walk(Theme::Grey, "grey", false);
}

#[test]
fn pictures_of_the_beginning_and_of_what_is_asked() {
    let name = "pictures_of_the_beginning_and_of_what_is_asked";
    for (theme, tag) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let Some(mut desk) = Desk::open(name, Setup { settings: settings(theme), ..Setup::default() }) else {
            return;
        };
        keep(&mut desk, &format!("empty-{tag}"));
    }
    let case = case(Theme::Dark, false);
    let folder = case.setup.start.slides[0].parent().unwrap().to_owned();
    let Some(mut desk) = Desk::open(name, case.setup) else { return };
    desk.settle();
    desk.point(SlidePx::new(1063.0, 466.0));
    desk.key(Key::Num1);
    keep(&mut desk, "setup-dark");
    desk.key(Key::Escape);
    desk.harness.get_by_label("Show label image").click();
    desk.settle();
    keep(&mut desk, "label-image-dark");
    desk.key(Key::Escape);
    desk.settle();
    let broken = folder.join("broken.svs");
    std::fs::write(&broken, "no slide").unwrap();
    let start = Start { slides: vec![broken], ..Start::default() };
    let Some(mut desk) =
        Desk::open(name, Setup { settings: settings(Theme::Dark), start, ..Setup::default() })
    else {
        return;
    };
    keep(&mut desk, "error-dark");
}

#[test]
fn pictures_of_other_screens() {
    let name = "pictures_of_other_screens";
    for (size, scale, tag) in [([1920.0, 1080.0], 1.0, "1920x1080"), ([960.0, 640.0], 2.0, "960x640-at-2")] {
        let case = case(Theme::Dark, true);
        let Some(mut desk) = Desk::open(name, Setup { size, scale, ..case.setup }) else { return };
        desk.settle();
        desk.key(Key::F3);
        desk.until("fields", |w| w.opened().is_some_and(|o| o.screening.is_some()));
        desk.settle();
        label_cells(&mut desk);
        keep(&mut desk, &format!("screen-{tag}"));
    }
}

/// A blind task: the list, the three views, a comment, the seal, the question before the document.
#[test]
fn pictures_of_voting() {
    use mitoscope::model::{Edit, Rater, RaterId, Shape, TaskKind, TaskView};
    use mitoscope::store::{Access, Database};
    use mitoscope::study::select::{Choice, things};
    use mitoscope::study::task::{Order, Wish, choices, plan};
    let name = "pictures_of_voting";
    let case = |theme| {
        let case = case(theme, true);
        let path = case.setup.start.database.clone().unwrap();
        let mut database = Database::open(&path, Access::ReadWrite).unwrap();
        let rater = Rater { id: RaterId(0), name: "Expert 1".into() };
        database.apply(RaterId(0), Edit::AddRater { rater }).unwrap();
        let expert = database.rater_named("Expert 1").unwrap().id;
        let edit = Edit::AddSlide {
            slide: None,
            filename: "case-07.svs".into(),
            directory: path.parent().unwrap().display().to_string(),
            size: Some((2220, 2967)),
            mpp: Some((0.499, 0.499)),
            case: None,
        };
        database.apply(RaterId(0), edit).unwrap();
        let slide = database.slides().unwrap()[0].id;
        let classes = choices(&database.classes().unwrap());
        // Around the cells: more tissue.
        let spread = (0..35).map(|i| {
            let (x, y, _) = CELLS[i % 5];
            (x + (i as f64 * 37.0) % 130.0 - 65.0, y + (i as f64 * 53.0) % 150.0 - 75.0)
        });
        for (x, y) in CELLS.iter().map(|(x, y, _)| (*x, *y)).chain(spread) {
            let shape = Shape::Spot(SlidePx::new(x, y));
            let (object, class) = (None, classes[0].id);
            let edit = Edit::AddObject { object, slide, shape, class, description: String::new() };
            database.apply(expert, edit).unwrap();
        }
        for (task, kind) in [("second", TaskKind::Label), ("confirmed again", TaskKind::Label)] {
            let (slides, things) =
                things(&database, kind, None, &Choice::default(), &mut |_, _| Ok(true)).unwrap();
            let wish = Wish {
                name: task.into(),
                rater: "C.B.".into(),
                kind,
                order: Order::Slide,
                repeats: 0.0,
                view: Some(TaskView::Context),
                classes: classes.clone(),
                chosen: "all".into(),
            };
            database.create_task(&plan(&path, wish, slides, &things, 1000.0).unwrap()).unwrap();
        }
        case
    };
    let key = |setup: Setup| {
        let mut setup = setup;
        let folder = setup.start.database.as_ref().unwrap().parent().unwrap().to_owned();
        setup.settings.change(|s| s.signing_key = Some(folder.join("signing.key")));
        setup
    };
    for (theme, tag) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        let case = case(theme);
        let all = theme == Theme::Dark;
        let Some(mut desk) = Desk::open(name, key(case.setup)) else { return };
        desk.settle();
        keep(&mut desk, &format!("vote-gate-{tag}"));
        desk.harness.get_by_label("Go to the task").click();
        desk.until("the task", |w| w.voting().is_some());
        desk.settle();
        for n in 0..6 {
            desk.key(if n % 3 == 0 { Key::Num2 } else { Key::Num1 });
        }
        desk.key(Key::Num0);
        desk.key_with(Modifiers::SHIFT, Key::N);
        desk.key_with(Modifiers::SHIFT, Key::N);
        keep(&mut desk, &format!("vote-context-{tag}"));
        desk.key(Key::C);
        desk.type_text("out of focus");
        if all {
            keep(&mut desk, &format!("vote-comment-{tag}"));
        }
        desk.key(Key::Enter);
        desk.key(Key::P);
        keep(&mut desk, &format!("vote-patch-{tag}"));
        desk.key(Key::P);
        keep(&mut desk, &format!("vote-sheet-{tag}"));
        desk.key_with(Modifiers::COMMAND, Key::Enter);
        keep(&mut desk, &format!("vote-seal-{tag}"));
        if all {
            desk.key(Key::F1);
            keep(&mut desk, &format!("vote-keys-{tag}"));
            desk.key(Key::Escape);
            desk.key_with(Modifiers::COMMAND, Key::P);
            desk.type_text("calibrate");
            desk.key(Key::Enter);
            keep(&mut desk, &format!("vote-calibrate-{tag}"));
            desk.key(Key::Escape);
            desk.settle();
            desk.harness.get_by_label("Seal").click();
            desk.until("the seal", |w| w.voting().is_some_and(|v| v.sealed()));
            keep(&mut desk, &format!("vote-sealed-{tag}"));
        }
        desk.key_with(Modifiers::COMMAND, Key::W);
        desk.until("the list", |w| w.voting().is_none());
        keep(&mut desk, &format!("vote-tasks-{tag}"));
    }
    let settings = settings(Theme::Dark);
    let Some(mut desk) = Desk::open(name, Setup { settings, ..Setup::default() }) else { return };
    desk.key(Key::F5);
    keep(&mut desk, "vote-empty-dark");
    for (size, scale, tag) in [([1920.0, 1080.0], 1.0, "1920x1080"), ([640.0, 480.0], 2.0, "640x480-at-2")] {
        let case = case(Theme::Dark);
        let Some(mut desk) = Desk::open(name, Setup { size, scale, ..key(case.setup) }) else { return };
        desk.settle();
        desk.harness.get_by_label("Go to the task").click();
        desk.until("the task", |w| w.voting().is_some());
        desk.settle();
        keep(&mut desk, &format!("vote-context-{tag}"));
        desk.key(Key::P);
        desk.key(Key::P);
        keep(&mut desk, &format!("vote-sheet-{tag}"));
    }
}

fn press(desk: &mut Desk, label: &str) {
    desk.harness.get_by_label(label).click();
    desk.harness.run_steps(2);
    desk.settle();
}

/// A kit in which a ballot was changed.
fn spoilt_kit(document: &Path) -> std::path::PathBuf {
    let kit = document.with_file_name("second.kit");
    let mut db = mitoscope::store::Database::open(document, mitoscope::store::Access::ReadWrite).unwrap();
    let task = db.tasks().unwrap().remove(0);
    db.make_kit(&task, &kit, false, &mut |_, _| Ok(None)).unwrap();
    let spoilt = rusqlite::Connection::open(&kit).unwrap();
    spoilt.execute("UPDATE mitoscope_ballots SET class = 1 WHERE ballot = 17", []).unwrap();
    kit
}

#[test]
fn pictures_of_a_study() {
    let name = "pictures_of_a_study";
    for (theme, tag) in [(Theme::Dark, "dark"), (Theme::Light, "light"), (Theme::Grey, "grey")] {
        let case = two_slides(240);
        let second = |item: u32, first| match (item.is_multiple_of(6), first) {
            (true, FIGURE) => LOOK_ALIKE,
            (true, _) => FIGURE,
            (false, same) => same,
        };
        case.screened("Expert 1", 28);
        case.task("second", "Expert 2", TaskKind::Label, 0.1);
        answer_all(&case.document, "second", second);
        let start = Start { slides: case.slides.clone(), database: Some(case.document.clone()), demo: false };
        let answers = vec![Answer::Chosen(vec![spoilt_kit(&case.document)])];
        let setup = Setup { settings: settings(theme), start, answers, ..Setup::default() };
        let Some(mut desk) = Desk::open(name, setup) else { return };
        desk.settle();
        desk.key(Key::F6);
        desk.settle();
        press(&mut desk, "Ask a third expert…");
        desk.type_text("Expert 3");
        keep(&mut desk, &format!("study-task-form-{tag}"));
        desk.key(Key::Escape);
        press(&mut desk, "Study page Outcome");
        keep(&mut desk, &format!("study-outcome-{tag}"));
        press(&mut desk, "Study page Agreement");
        keep(&mut desk, &format!("study-agreement-{tag}"));
        desk.harness.get_by_label("Each rater alone, from sealed tasks").scroll_to_me();
        desk.harness.run_steps(4);
        keep(&mut desk, &format!("study-agreement-alone-{tag}"));
        press(&mut desk, "Study page Disagreements");
        keep(&mut desk, &format!("study-disagreements-{tag}"));
        press(&mut desk, "Study page Stages");
        press(&mut desk, "Merge a kit…");
        keep(&mut desk, &format!("study-refused-kit-{tag}"));
        case.task("third", "Expert 3", TaskKind::Adjudicate, 0.05);
        press(&mut desk, "Read again");
        keep(&mut desk, &format!("study-gate-{tag}"));
        press(&mut desk, "Look as the coordinator");
        press(&mut desk, "Close");
        keep(&mut desk, &format!("study-stages-{tag}"));
    }
}
