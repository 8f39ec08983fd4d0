//! A document driven without a window.

use super::work::matching;
use super::*;
use crate::model::people::DEFAULT_CLASSES;

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

#[test]
fn a_slide_is_found_by_name_then_folder_then_size() {
    let facts =
        SlideFacts { filename: "01.tif".into(), directory: "/b".into(), size: (10, 20), resolution: None };
    let find = |slides: &[SlideEntry]| matching(slides, &facts).map(|s| s.id.0);
    assert_eq!(find(&[entry(1, "01.tif", "/a", Some((10, 20))), entry(2, "01.tif", "/b", None)]), Some(2));
    assert_eq!(find(&[entry(1, "01.tif", "/a", None), entry(2, "01.tif", "/c", Some((10, 20)))]), Some(2));
    assert_eq!(find(&[entry(1, "01.tif", "/a", Some((1, 2)))]), None, "another slide of the same name");
    assert_eq!(find(&[entry(1, "02.tif", "/b", Some((10, 20)))]), None);
    assert_eq!(find(&[entry(1, "01.tif", "gone", None)]), Some(1));
}

/// Waits for events until `done`; the writer answers every request.
fn until(document: &mut Document, done: impl Fn(&Document, &[News]) -> bool) -> Vec<News> {
    let mut all = Vec::new();
    while !done(document, &all) {
        let event = document.writer.wait().expect("the writing thread has ended");
        document.take(event, &mut all);
    }
    all
}

#[test]
fn a_label_waits_for_rater_and_slide_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut document = Document::open(path.clone(), true, Box::new(|| {}));
    document.show_slide(Some(SlideFacts {
        filename: "a.svs".into(),
        directory: "/slides".into(),
        size: (1000, 800),
        resolution: Resolution::new(0.25, 0.25),
    }));
    document.place(SlidePx::new(10.0, 20.0), 0);
    document.choose_rater("C.B.");
    let saved = |d: &Document| d.objects().iter().filter(|o| !o.deleted).count();
    until(&mut document, |d, _| d.loaded() && saved(d) == 1);
    let cell = document.nearest_cell(SlidePx::new(12.0, 20.0), 25.0).unwrap();
    assert_eq!((cell.agreed, cell.labels.len()), (document.classes()[0].id, 1));
    let id = cell.id;
    document.label(id, document.classes()[1].id);
    until(&mut document, |d, _| d.object(id).is_some_and(|o| o.agreed == d.classes()[1].id));
    assert!(document.can_undo() && !document.can_redo());
    document.undo();
    until(&mut document, |d, _| d.can_redo());
    assert_eq!(document.object(id).unwrap().agreed, document.classes()[0].id);
    document.undo();
    until(&mut document, |d, _| !d.can_undo());
    assert!(document.object(id).is_none() && document.nearest(SlidePx::new(10.0, 20.0), 25.0).is_none());

    let progress = Progress { current: 3, done: [0, 1, 2].into(), plan: 0 };
    document.keep_progress(&progress);
    drop(document);
    let mut again = Document::open(path, false, Box::new(|| {}));
    again.choose_rater("C.B.");
    again.show_slide(Some(SlideFacts {
        filename: "a.svs".into(),
        directory: "/moved".into(),
        size: (1000, 800),
        resolution: None,
    }));
    let news = until(&mut again, |_, n| n.iter().any(|n| matches!(n, News::Progress(p) if p.current == 3)));
    assert!(news.contains(&News::Progress(progress)));
    assert!(again.can_redo() && !again.can_undo());
}

#[test]
fn a_document_without_classes_gets_the_default_ones_with_its_first_label() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bare.sqlite");
    drop(crate::store::Database::create_without_classes(&path).unwrap());
    let mut document = Document::open(path, false, Box::new(|| {}));
    document.choose_rater("C.B.");
    document.show_slide(Some(SlideFacts {
        filename: "a.svs".into(),
        directory: "/slides".into(),
        size: (1000, 800),
        resolution: None,
    }));
    until(&mut document, |d, _| d.is_open());
    assert!(document.classes().is_empty());
    document.place(SlidePx::new(5.0, 6.0), 1);
    until(&mut document, |d, _| d.objects().len() == 1);
    assert_eq!(document.classes().len(), DEFAULT_CLASSES.len());
    assert_eq!(document.objects()[0].agreed, document.classes()[1].id);
}
