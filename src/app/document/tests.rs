//! A document driven without a window.

use super::work::matching;
use super::*;
use crate::model::people::DEFAULT_CLASSES;
use crate::store::Database;
use crossbeam_channel::Receiver;
use std::time::Duration;

const FIGURE: Choice = Choice::Role(Role::MitoticFigure);
const LOOK_ALIKE: Choice = Choice::Role(Role::LookAlike);

fn facts(filename: &str) -> SlideFacts {
    SlideFacts {
        filename: filename.into(),
        directory: "/slides".into(),
        size: (1000, 800),
        resolution: Resolution::new(0.25, 0.25),
        case: None,
    }
}

fn entry(id: i64, filename: &str, directory: &str, size: Option<(u32, u32)>) -> SlideEntry {
    SlideEntry {
        id: SlideId(id),
        filename: filename.into(),
        directory: directory.into(),
        size,
        resolution: None,
        case: None,
        objects: 0,
    }
}

/// A document, and the bell that its writing thread rings after every request.
struct Desk {
    document: Document,
    bell: Receiver<()>,
}

impl Desk {
    fn open(path: PathBuf, create: bool) -> Self {
        let (ring, bell) = crossbeam_channel::unbounded();
        let wake = Box::new(move || {
            let _ = ring.send(());
        });
        Self { document: Document::open(path, create, wake), bell }
    }

    /// Takes events until `done`.
    fn until(&mut self, done: impl Fn(&Document, &[News]) -> bool) -> Vec<News> {
        let mut all = Vec::new();
        loop {
            all.extend(self.document.poll());
            if done(&self.document, &all) {
                return all;
            }
            self.bell.recv_timeout(Duration::from_secs(60)).expect("the writing thread does not answer");
        }
    }

    /// Takes events until nothing is on its way.
    fn quiet(&mut self) -> Vec<News> {
        self.until(|d, _| d.is_open() && d.pending() == 0)
    }
}

/// A new document on a slide, with somebody who labels, and nothing in it yet.
fn begun(folder: &Path) -> (Desk, Arc<SlideFacts>) {
    let mut desk = Desk::open(folder.join("study.sqlite"), true);
    desk.document.choose_rater("C.B.");
    desk.document.show_slide(Some(facts("a.svs")));
    let slide = desk.document.facts.clone().unwrap();
    (desk, slide)
}

#[test]
fn a_slide_is_found_by_name_then_folder_then_size_and_never_guessed() {
    let facts = SlideFacts { directory: "/b".into(), size: (10, 20), ..facts("01.tif") };
    let find = |slides: &[SlideEntry]| matching(slides, &facts, &HashMap::new()).map(|s| s.id.0);
    assert_eq!(find(&[entry(1, "01.tif", "/a", Some((10, 20))), entry(2, "01.tif", "/b", None)]), Some(2));
    assert_eq!(find(&[entry(1, "01.tif", "/a", None), entry(2, "01.tif", "/c", Some((10, 20)))]), Some(2));
    assert_eq!(find(&[entry(1, "01.tif", "/a", Some((1, 2)))]), None, "another slide of the same name");
    assert_eq!(find(&[entry(1, "02.tif", "/b", Some((10, 20)))]), None);
    assert_eq!(find(&[entry(1, "01.tif", "gone", None)]), Some(1));
    assert_eq!(
        find(&[entry(1, "01.tif", "/a", None), entry(2, "01.tif", "/c", None)]),
        None,
        "two may be meant"
    );
    let twins = [entry(1, "01.tif", "/a", Some((10, 20))), entry(2, "01.tif", "/c", Some((10, 20)))];
    assert_eq!(find(&twins), None, "two may be meant");
}

#[test]
fn a_label_waits_for_rater_and_slide_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, slide) = begun(folder.path());
    assert!(desk.document.place(&slide, SlidePx::new(10.0, 20.0), FIGURE));
    assert!(desk.document.on_its_way(SlidePx::new(12.0, 20.0), 5.0));
    desk.until(|d, _| d.loaded() && d.shown() == 1);
    assert!(!desk.document.on_its_way(SlidePx::new(12.0, 20.0), 5.0));
    let cell = desk.document.nearest_cell(SlidePx::new(12.0, 20.0), 25.0).unwrap();
    assert_eq!((cell.agreed, cell.labels.len()), (desk.document.classes()[0].id, 1));
    let id = cell.id;
    desk.document.label(id, Choice::Class(desk.document.classes()[1].id));
    desk.until(|d, _| d.object(id).is_some_and(|o| o.agreed == d.classes()[1].id));
    assert_eq!(
        (
            desk.document.count(desk.document.classes()[0].id),
            desk.document.count(desk.document.classes()[1].id)
        ),
        (0, 1)
    );
    assert!(desk.document.can_undo() && !desk.document.can_redo());
    desk.document.undo();
    let news = desk.until(|d, _| d.can_redo());
    assert!(news.iter().any(|n| matches!(n, News::Saved(_, How::Undo, None))), "{news:?}");
    assert_eq!(desk.document.object(id).unwrap().agreed, desk.document.classes()[0].id);
    desk.document.undo();
    desk.until(|d, _| !d.can_undo());
    assert!(
        desk.document.object(id).is_none() && desk.document.nearest(SlidePx::new(10.0, 20.0), 25.0).is_none()
    );
    assert_eq!((desk.document.shown(), desk.document.count(desk.document.classes()[0].id)), (0, 0));

    let progress = Progress { current: 3, done: [0, 1, 2].into(), plan: 7 };
    assert!(desk.document.keep_progress(&progress));
    let path = desk.document.path().to_owned();
    drop(desk);
    let mut again = Desk::open(path, false);
    again.document.choose_rater("C.B.");
    again.document.show_slide(Some(SlideFacts { directory: "/moved".into(), ..facts("a.svs") }));
    let read = |n: &[News]| n.iter().any(|n| matches!(n, News::Progress(1, p) if p.current == 3));
    let news = again.until(|d, n| read(n) && d.can_redo());
    assert!(news.contains(&News::Progress(1, progress)));
    assert!(!again.document.can_undo());
}

#[test]
fn what_waits_goes_to_the_slide_and_the_rater_it_was_meant_for() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, first) = begun(folder.path());
    desk.document.place(&first, SlidePx::new(10.0, 20.0), FIGURE);
    // Before anything is on disk: another slide, another rater.
    desk.document.show_slide(Some(facts("b.svs")));
    desk.document.choose_rater("R.K.");
    let second = desk.document.facts.clone().unwrap();
    desk.document.place(&second, SlidePx::new(30.0, 40.0), LOOK_ALIKE);
    desk.quiet();
    let database = Database::open(desk.document.path(), crate::store::Access::ReadOnly).unwrap();
    let raters = database.raters().unwrap();
    for (slide, x, rater) in [("a.svs", 10.0, "C.B."), ("b.svs", 30.0, "R.K.")] {
        let id = database.slides().unwrap().into_iter().find(|s| s.filename == slide).unwrap().id;
        let objects = database.objects(id).unwrap();
        let [object] = objects.as_slice() else { panic!("{slide}: {objects:?}") };
        assert_eq!(object.shape.center().unwrap().x, x);
        let by = raters.iter().find(|r| r.id == object.labels[0].rater).unwrap();
        assert_eq!(by.name, rater);
    }
}

#[test]
fn acts_keep_their_order_and_the_last_opinion_stands() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, slide) = begun(folder.path());
    // Undo comes after the label that waits before it, not before it.
    desk.document.place(&slide, SlidePx::new(10.0, 20.0), FIGURE);
    desk.document.undo();
    desk.quiet();
    assert_eq!(desk.document.shown(), 0);
    desk.document.redo();
    desk.quiet();
    assert_eq!(desk.document.shown(), 1);
    let id = desk.document.objects()[0].id;
    let (one, two) = (desk.document.classes()[0].id, desk.document.classes()[1].id);
    // Both before the first is on disk.
    desk.document.label(id, Choice::Class(two));
    desk.document.label(id, Choice::Class(one));
    desk.quiet();
    assert_eq!(desk.document.object(id).unwrap().agreed, one);
    assert_eq!(desk.document.object(id).unwrap().labels.len(), 1);
}

#[test]
fn a_class_chosen_before_the_document_was_open_is_found_by_what_it_stands_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("theirs.sqlite");
    let mut theirs = Database::create_without_classes(&path).unwrap();
    for (name, role) in [
        ("non-mitotic", Role::LookAlike),
        ("mitosis", Role::MitoticFigure),
        ("atypical", Role::MitoticFigure),
    ] {
        let class = Class { id: ClassId(0), name: name.into(), color: crate::model::Rgb(1, 2, 3), role };
        theirs.apply(RaterId(0), Edit::AddClass { class }).unwrap();
    }
    drop(theirs);
    let mut desk = Desk::open(path, false);
    desk.document.choose_rater("C.B.");
    desk.document.show_slide(Some(facts("a.svs")));
    let slide = desk.document.facts.clone().unwrap();
    desk.document.place(&slide, SlidePx::new(10.0, 20.0), LOOK_ALIKE);
    desk.document.place(&slide, SlidePx::new(90.0, 20.0), FIGURE);
    let news = desk.until(|d, n| {
        d.shown() == 1
            && n.iter().any(|n| matches!(n, News::Refused(_, why) if why.contains("several classes")))
    });
    assert!(!news.iter().any(|n| matches!(n, News::Lost(..))));
    assert_eq!(
        desk.document.objects()[0].agreed,
        desk.document.classes()[0].id,
        "the only look-alike, whatever its number"
    );
}

#[test]
fn a_spot_never_gets_a_class_of_regions() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, slide) = begun(folder.path());
    desk.document.place(&slide, SlidePx::new(10.0, 20.0), Choice::Role(Role::TumourRegion));
    let news = desk.until(|d, n| d.pending() == 0 && n.iter().any(|n| matches!(n, News::Refused(..))));
    assert!(news.iter().any(|n| matches!(n, News::Refused(_, why) if why.contains("regions"))));
    assert_eq!(desk.document.shown(), 0);
}

#[test]
fn another_refusal_does_not_cost_a_label_that_waits() {
    let folder = tempfile::tempdir().unwrap();
    let (mut desk, slide) = begun(folder.path());
    desk.until(|d, _| d.is_open());
    desk.document.writer.send(Request::Undo(RaterId(77)));
    desk.document.place(&slide, SlidePx::new(10.0, 20.0), FIGURE);
    let news = desk.until(|d, _| d.shown() == 1);
    assert!(news.iter().any(|n| matches!(n, News::Refused(what, _) if what == "undo")));
}

#[test]
fn nobody_labels_without_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk::open(folder.path().join("a.sqlite"), true);
    desk.document.show_slide(Some(facts("a.svs")));
    let slide = desk.document.facts.clone().unwrap();
    assert!(!desk.document.place(&slide, SlidePx::new(1.0, 1.0), FIGURE));
    assert!(!desk.document.keep_progress(&Progress::default()));
}

#[test]
fn a_document_without_classes_gets_the_default_ones_with_its_first_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bare.sqlite");
    drop(Database::create_without_classes(&path).unwrap());
    let mut desk = Desk::open(path, false);
    desk.document.choose_rater("C.B.");
    desk.document.show_slide(Some(facts("a.svs")));
    let slide = desk.document.facts.clone().unwrap();
    desk.until(|d, _| d.is_open());
    assert!(desk.document.classes().is_empty());
    desk.document.place(&slide, SlidePx::new(5.0, 6.0), LOOK_ALIKE);
    desk.until(|d, _| d.objects().len() == 1);
    assert_eq!(desk.document.classes().len(), DEFAULT_CLASSES.len());
    assert_eq!(desk.document.objects()[0].agreed, desk.document.classes()[1].id);
}

#[test]
fn what_another_program_added_meanwhile_does_not_cost_a_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shared.sqlite");
    drop(Database::create(&path).unwrap());
    let mut desk = Desk::open(path.clone(), false);
    desk.document.choose_rater("C.B.");
    desk.document.show_slide(Some(facts("a.svs")));
    desk.quiet();
    let mut other = Database::open(&path, crate::store::Access::ReadWrite).unwrap();
    let rater = Rater { id: RaterId(0), name: "C.B.".into() };
    other.apply(RaterId(0), Edit::AddRater { rater }).unwrap();
    let slide = Edit::AddSlide {
        slide: None,
        filename: "a.svs".into(),
        directory: "/slides".into(),
        size: Some((1000, 800)),
        mpp: None,
        case: None,
    };
    other.apply(RaterId(1), slide).unwrap();
    drop(other);
    let slide = desk.document.facts.clone().unwrap();
    desk.document.place(&slide, SlidePx::new(10.0, 20.0), FIGURE);
    let news = desk.until(|d, _| d.shown() == 1);
    assert!(!news.iter().any(|n| matches!(n, News::Lost(..))), "{news:?}");
}

#[test]
fn two_files_of_one_name_are_two_slides() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.sqlite");
    let mut made = Database::create(&path).unwrap();
    let slide = Edit::AddSlide {
        slide: None,
        filename: "01.tif".into(),
        directory: "/gone".into(),
        size: None,
        mpp: None,
        case: None,
    };
    made.apply(RaterId(0), slide).unwrap();
    drop(made);
    let mut desk = Desk::open(path, false);
    desk.document.choose_rater("C.B.");
    for (directory, size) in [("/a", (10, 20)), ("/b", (30, 40)), ("/c", (10, 20))] {
        let told = SlideFacts { directory: directory.into(), size, ..facts("01.tif") };
        desk.document.show_slide(Some(told));
        let slide = desk.document.facts.clone().unwrap();
        desk.document.place(&slide, SlidePx::new(5.0, 6.0), FIGURE);
        desk.quiet();
        assert_eq!(desk.document.shown(), 1, "{directory}: its own label and no other");
    }
    assert_eq!(desk.document.slides().len(), 3);
}
