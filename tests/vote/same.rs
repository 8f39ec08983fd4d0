//! Two documents that differ only in what must be hidden give the same window.

use crate::study::{CELLS, Chance, Study, add, rater};
use crate::support::Desk;
use eframe::egui::{Event, Key, Modifiers, PointerButton, pos2};
use egui_kittest::kittest::{NodeT, Queryable as _};
use mitoscope::model::{ClassId, Edit, Rect, Shape, TaskKind, TaskView};
use mitoscope::study::task::Order;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// What the window showed and said after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    step: String,
    tree: String,
    picture: Vec<u8>,
    log: String,
}

/// Everything that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .without_time()
            .with_ansi(false)
            .with_env_filter("mitoscope=trace")
            .with_writer(log.clone())
            .finish();
        tracing::subscriber::set_global_default(subscriber).unwrap();
        log
    })
}

/// A document over the same places, with hidden facts drawn from `seed`.
fn hidden(seed: u64, places: &[(f64, f64)]) -> Study {
    hidden_in(seed, places, false)
}

fn hidden_in(seed: u64, places: &[(f64, f64)], turned: bool) -> Study {
    let study = Study { turned, ..Study::new(1) };
    let mut chance = Chance(seed);
    let mut database = study.write();
    let names = ["Expert 1", "A.B.", "Consensus", "RetinaNet", "Zoe"];
    let mut order: Vec<usize> = (0..places.len()).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, chance.below(i + 1));
    }
    let slide = study.slides[0];
    // Objects that were there once.
    for _ in 0..chance.below(5) {
        let author = rater(&mut database, names[chance.below(5)]);
        let object = add(&mut database, author, slide, (50.0, 60.0), 1 + chance.below(2) as i64, "gone");
        database.apply(author, Edit::SetDeleted { object, deleted: true }).unwrap();
    }
    for at in order {
        let author = rater(&mut database, names[chance.below(5)]);
        let words = ["", "atypical", "surely mitotic", "see Zoe"][chance.below(4)];
        let object = add(&mut database, author, slide, places[at], 1 + chance.below(2) as i64, words);
        for _ in 0..chance.below(4) {
            let other = rater(&mut database, names[chance.below(5)]);
            let class = Some(ClassId(1 + chance.below(2) as i64));
            let before = database.object(object).unwrap().unwrap().label_by(other).map(|l| l.class);
            if before != class {
                database.apply(other, Edit::SetLabel { object, before, after: class }).unwrap();
            }
            if other != author && chance.below(3) == 0 {
                database.apply(other, Edit::SetLabel { object, before: class, after: None }).unwrap();
            }
        }
    }
    // A region that is in no task.
    if chance.below(2) == 0 {
        let author = rater(&mut database, "Zoe");
        let shape = Shape::Rectangle(Rect::new(100.0, 100.0, 900.0, 700.0));
        let (object, description) = (None, String::new());
        let edit = Edit::AddObject { object, slide, shape, class: ClassId(3), description };
        let _ = database.apply(author, edit);
    }
    drop(database);
    study.task("second", Order::Shuffled(11), TaskView::Context);
    let raw = rusqlite::Connection::open(&study.path).unwrap();
    let uids: Vec<i64> = {
        let mut rows = raw.prepare("SELECT uid FROM Annotations").unwrap();
        rows.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    // Without the triggers the stamps stay what is written here.
    let triggers: Vec<String> = {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'update%'";
        let mut rows = raw.prepare(sql).unwrap();
        rows.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let texts: Vec<String> = triggers
        .iter()
        .map(|name| {
            raw.query_row("SELECT sql FROM sqlite_master WHERE name = ?1", [name], |r| r.get(0)).unwrap()
        })
        .collect();
    triggers.iter().for_each(|name| raw.execute_batch(&format!("DROP TRIGGER {name}")).unwrap());
    for uid in uids {
        let (class, time) = (chance.below(4) as i64, chance.below(2_000_000_000) as i64);
        let sql = "UPDATE Annotations SET agreedClass = ?2, lastModified = ?3 WHERE uid = ?1";
        raw.execute(sql, (uid, class, time)).unwrap();
    }
    texts.iter().for_each(|text| raw.execute_batch(text).unwrap());
    raw.execute("INSERT INTO mitoscope_runs (name, created, facts) VALUES ('run', 1.0, '{}')", []).unwrap();
    for (x, y) in places.iter().take(1 + chance.below(places.len())) {
        let sql = "INSERT INTO mitoscope_candidates (run, slide, x, y, class, score) VALUES (1, ?1, ?2, ?3, 'mf', ?4)";
        raw.execute(sql, (slide.0, x, y, chance.below(1000) as f64 / 1000.0)).unwrap();
    }
    study
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl eframe::egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|e| e.to_string())
    }
}

/// A step of the script.
enum Step {
    Press(Key, Modifiers),
    Type(&'static str),
    Click(&'static str),
    Wheel(f32),
    Back,
    Drop,
    Wait(f64),
}

fn script() -> Vec<Step> {
    let key = |k| Step::Press(k, Modifiers::NONE);
    let ctrl = |k| Step::Press(k, Modifiers::COMMAND);
    let shift = |k| Step::Press(k, Modifiers::SHIFT);
    vec![
        Step::Click("Go to the task"),
        key(Key::Num1),
        key(Key::Num2),
        key(Key::Num0),
        key(Key::N),
        shift(Key::N),
        Step::Back,
        key(Key::Num2),
        key(Key::C),
        Step::Type("a crushed nucleus"),
        key(Key::Enter),
        Step::Wheel(120.0),
        key(Key::Plus),
        key(Key::ArrowLeft),
        key(Key::Q),
        key(Key::P),
        key(Key::Num1),
        key(Key::P),
        key(Key::Num1),
        key(Key::ArrowRight),
        key(Key::P),
        // What shows labels elsewhere.
        ctrl(Key::P),
        Step::Type("un"),
        key(Key::Escape),
        ctrl(Key::F),
        ctrl(Key::Z),
        ctrl(Key::Y),
        ctrl(Key::O),
        ctrl(Key::D),
        key(Key::F1),
        key(Key::Escape),
        key(Key::F2),
        key(Key::F3),
        key(Key::F4),
        key(Key::F7),
        key(Key::F8),
        key(Key::F11),
        key(Key::M),
        key(Key::G),
        key(Key::Delete),
        key(Key::Period),
        key(Key::Tab),
        key(Key::Tab),
        Step::Drop,
        Step::Wait(200.0),
        key(Key::Num1),
        key(Key::Num1),
        key(Key::Num2),
        key(Key::Num1),
        key(Key::Num1),
        key(Key::Num1),
        key(Key::Num1),
        key(Key::Num1),
        ctrl(Key::Enter),
        Step::Click("Seal"),
        shift(Key::N),
        key(Key::Num1),
    ]
}

/// The whole accessibility tree, without what is random by design.
fn tree<'t>(node: &impl NodeT<'t>, depth: usize, out: &mut String) {
    let n = node.accesskit_node();
    // The seal's hash covers guids and times.
    let plain = |text: Option<String>| match text {
        Some(text) if text.starts_with("Hash of the seal") => Some("Hash of the seal".to_owned()),
        Some(text) if text.len() == 64 && text.chars().all(|c| c.is_ascii_hexdigit()) => {
            Some("hash".to_owned())
        }
        other => other,
    };
    let (label, value) = (plain(n.label()), plain(n.value()));
    out.push_str(&format!(
        "{:depth$}{:?} {label:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
        "",
        n.role(),
        value,
        n.numeric_value(),
        n.description(),
        n.raw_bounds(),
        n.is_disabled(),
        n.is_selected(),
        n.toggled(),
        n.is_focused(),
    ));
    for child in n.children() {
        tree(&node.new_related(child), depth + 1, out);
    }
}

fn frame(desk: &mut Desk, study: &Study, step: String) -> Frame {
    desk.settle();
    let mut text = String::new();
    tree(&desk.harness.root(), 0, &mut text);
    let mut picture = desk.picture();
    // The hash is drawn too.
    let hash = desk.harness.query_by_label_contains("Hash of the seal").map(|n| n.rect());
    if let Some(hash) = hash {
        for y in hash.top() as u32..hash.bottom().ceil() as u32 {
            for x in hash.left() as u32..hash.right().ceil() as u32 {
                picture.put_pixel(x, y, image::Rgba([0; 4]));
            }
        }
    }
    let mut log = log().0.lock().unwrap_or_else(PoisonError::into_inner);
    let said = String::from_utf8(std::mem::take(&mut log)).unwrap();
    let log = said.replace(&study.folder.path().display().to_string(), "FOLDER");
    Frame { step, tree: text, picture: picture.into_raw(), log }
}

/// The window's clock stands still but between steps.
fn set_time(desk: &mut Desk, time: f64) {
    desk.harness.input_mut().time = Some(time);
}

fn record(study: &Study) -> Option<Vec<Frame>> {
    let mut desk = Desk::open("same", study.setup())?;
    let mut time = 1.0;
    set_time(&mut desk, time);
    let mut frames = vec![frame(&mut desk, study, "the question".into())];
    for (i, step) in script().into_iter().enumerate() {
        time += 7.0;
        set_time(&mut desk, time);
        let words = match &step {
            Step::Press(key, held) => {
                desk.harness.key_press_modifiers(*held, *key);
                format!("{i}: {held:?} {key:?}")
            }
            Step::Type(words) => {
                desk.harness.event(Event::Text((*words).to_owned()));
                format!("{i}: {words}")
            }
            Step::Click(label) => {
                desk.harness.get_by_label(label).click();
                format!("{i}: {label}")
            }
            Step::Wheel(by) => {
                desk.harness.hover_at(pos2(700.0, 300.0));
                desk.harness.step();
                desk.harness.event(Event::MouseWheel {
                    unit: eframe::egui::MouseWheelUnit::Point,
                    source: eframe::egui::MouseWheelSource::Wheel,
                    delta: eframe::egui::vec2(0.0, *by),
                    phase: eframe::egui::TouchPhase::Move,
                    modifiers: Modifiers::NONE,
                });
                format!("{i}: wheel")
            }
            Step::Back => {
                desk.harness.event(Event::PointerButton {
                    pos: pos2(700.0, 300.0),
                    button: PointerButton::Extra1,
                    pressed: true,
                    modifiers: Modifiers::NONE,
                });
                format!("{i}: mouse back")
            }
            Step::Drop => {
                // The whole document, with every opinion in it, and its slide.
                for path in [study.path.clone(), study.folder.path().join("case-00.svs")] {
                    desk.harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
                }
                format!("{i}: drop")
            }
            Step::Wait(seconds) => {
                time += seconds;
                set_time(&mut desk, time);
                format!("{i}: {seconds} s")
            }
        };
        // Fixed numbers of frames for what follows the hand with a lag of its own.
        desk.harness.run_steps(if matches!(step, Step::Wheel(_)) { 12 } else { 2 });
        frames.push(frame(&mut desk, study, words));
    }
    Some(frames)
}

/// Where two records part, in words.
fn parted(one: &[Frame], two: &[Frame]) -> Option<String> {
    assert_eq!(one.len(), two.len());
    one.iter().zip(two).find(|(a, b)| a != b).map(|(a, b)| {
        let first = |a: &str, b: &str| {
            let line = a.lines().zip(b.lines()).find(|(a, b)| a != b);
            line.map_or_else(|| "one is longer".to_owned(), |(a, b)| format!("{a}\n{b}"))
        };
        let what = match () {
            () if a.tree != b.tree => first(&a.tree, &b.tree),
            () if a.log != b.log => format!("the log: {}", first(&a.log, &b.log)),
            () => {
                let parts: Vec<(usize, u8, u8)> =
                    (0..).zip(a.picture.iter().zip(&b.picture)).map(|(i, (a, b))| (i, *a, *b)).collect();
                let other: Vec<_> = parts.into_iter().filter(|(_, a, b)| a != b).collect();
                // Four bytes a pixel, 1280 pixels a row.
                let at = |i: usize| (i / 4 % 1280, i / 4 / 1280);
                let first: Vec<_> = other.iter().take(3).map(|(i, a, b)| (at(*i), *a, *b)).collect();
                format!("{} bytes of the picture, the first {first:?}", other.len())
            }
        };
        format!("after {}: {what}", a.step)
    })
}

/// A document in which two experts differ on the same cells: who says what, in which order, and what they agree on, is
/// drawn from `seed`.
fn disputed(seed: u64) -> Study {
    let study = Study::new(1);
    let mut chance = Chance(seed);
    let mut database = study.write();
    let mut experts = ["Expert 1", "Zoe"].map(|name| rater(&mut database, name));
    let slide = study.slides[0];
    let mut order: Vec<usize> = (0..CELLS.len()).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, chance.below(i + 1));
    }
    for at in order {
        if chance.below(2) == 0 {
            experts.reverse();
        }
        let class = 1 + chance.below(2) as i64;
        let object = add(&mut database, experts[0], slide, CELLS[at], class, "");
        let after = Some(ClassId(3 - class));
        database.apply(experts[1], Edit::SetLabel { object, before: None, after }).unwrap();
        // Cells on which they agree are none of the task's.
        for _ in 0..chance.below(3) {
            let place = (30.0 + chance.below(900) as f64, 30.0 + chance.below(900) as f64);
            let object = add(&mut database, experts[0], slide, place, class, "");
            let after = Some(ClassId(class));
            database.apply(experts[1], Edit::SetLabel { object, before: None, after }).unwrap();
        }
    }
    drop(database);
    study.task_of("third", TaskKind::Adjudicate, Order::Shuffled(5), Some(TaskView::Context), "R.K.");
    study
}

#[test]
fn who_said_what_changes_nothing_where_the_disagreements_are_the_same() {
    let _alone = crate::LOG.write().unwrap_or_else(PoisonError::into_inner);
    log();
    let Some(first) = record(&disputed(4)) else { return };
    let Some(other) = record(&disputed(9)) else { return };
    assert_eq!(parted(&first, &other), None);
    assert!(first.iter().any(|f| f.tree.contains("12 of 12")), "all of them were asked about");
}

#[test]
fn what_is_hidden_changes_nothing() {
    let _alone = crate::LOG.write().unwrap_or_else(PoisonError::into_inner);
    log();
    let Some(first) = record(&hidden(1, &CELLS)) else { return };
    for seed in [2, 3, 77] {
        let Some(other) = record(&hidden(seed, &CELLS)) else { return };
        assert_eq!(parted(&first, &other), None, "seed {seed}");
    }
    assert!(first.iter().all(|f| !f.tree.contains("Expert") && !f.tree.contains("Zoe")));
    assert!(first.iter().all(|f| !f.log.contains("item")), "nothing about the object in the log");
}

#[test]
fn a_planted_leak_is_found() {
    let _alone = crate::LOG.write().unwrap_or_else(PoisonError::into_inner);
    log();
    let Some(first) = record(&hidden(1, &CELLS)) else { return };
    // One cell lies one pixel to the right.
    let mut moved = CELLS;
    moved[4].0 += 1.0;
    let Some(other) = record(&hidden(1, &moved)) else { return };
    let found = parted(&first, &other).expect("an item that moved is seen");
    assert!(found.contains("picture"), "{found}");
    // The classes come in another order.
    let Some(other) = record(&hidden_in(1, &CELLS, true)) else { return };
    let found = parted(&first, &other).expect("another order of the classes is seen");
    assert!(found.contains("non-mitotic"), "{found}");
}
