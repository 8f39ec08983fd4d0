//! What the document remembers of passes, whatever the order of events; cases; how an edit came about.

use super::{document, number, slide};
use mitoscope::model::{Edit, Progress, RaterId, SlideId};
use mitoscope::store::{Access, Database, Event, How, Request, Writer};
use proptest::prelude::*;
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// What two programs send: rater, pass, plan, fields.
type Sent = (i64, u32, u64, BTreeSet<u32>);

fn sent() -> impl Strategy<Value = (bool, Sent)> {
    let plan = prop_oneof![Just(0_u64), Just(7), Just(u64::MAX)];
    (any::<bool>(), (1..3_i64, 1..4_u32, plan, prop::collection::btree_set(0..20_u32, 0..5)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 100, ..ProptestConfig::default() })]
    #[test]
    fn no_order_of_events_loses_fields_of_a_plan(events in prop::collection::vec(sent(), 1..16)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        let mut one = document(&path);
        let mut two = Database::open(&path, Access::ReadWrite).unwrap();
        let mut wanted: BTreeMap<(i64, u32), Progress> = BTreeMap::new();
        for (current, (first, (rater, pass, plan, done))) in (0..).zip(events) {
            let progress = Progress { current, done, plan };
            let db = if first { &mut one } else { &mut two };
            db.set_progress(SlideId(1), RaterId(rater), pass, &progress).unwrap();
            let known = wanted.entry((rater, pass)).or_default();
            let keeps = known.plan == 0 || known.plan == plan;
            let before = if keeps { std::mem::take(&mut known.done) } else { BTreeSet::new() };
            *known = Progress { done: before.union(&progress.done).copied().collect(), ..progress };
        }
        for rater in 1..3 {
            let passes: Vec<u32> = wanted.keys().filter(|k| k.0 == rater).map(|k| k.1).collect();
            prop_assert_eq!(one.passes(SlideId(1), RaterId(rater)).unwrap(), passes.clone());
            let newest = passes.last().map_or((1, Progress::default()), |p| (*p, wanted[&(rater, *p)].clone()));
            prop_assert_eq!(two.newest_progress(SlideId(1), RaterId(rater)).unwrap(), newest);
        }
        for ((rater, pass), progress) in wanted {
            prop_assert_eq!(one.progress(SlideId(1), RaterId(rater), pass).unwrap(), progress);
        }
    }
}

#[test]
fn what_can_not_be_read_of_a_pass_is_said_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = document(&path);
    let (slide, rater) = (SlideId(1), RaterId(1));
    let progress = Progress { current: 2, done: [0, 1].into(), plan: 9 };
    for broken in
        ["'{\"current\": 1, \"done\": [0'", "''", "'{\"current\": -1, \"done\": []}'", "x'00ff'", "3"]
    {
        Connection::open(&path)
            .unwrap()
            .execute_batch(&format!("REPLACE INTO mitoscope_progress VALUES (1, 1, 3, {broken})"))
            .unwrap();
        assert!(db.progress(slide, rater, 3).is_err(), "{broken}");
        assert_eq!(db.passes(slide, rater).unwrap(), [3]);
        db.set_progress(slide, rater, 3, &progress).unwrap();
        assert_eq!(db.progress(slide, rater, 3).unwrap(), progress, "{broken}");
    }
    // Numbers that no pass can have are left out.
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "INSERT INTO mitoscope_progress VALUES (1, 1, -4, ''), (1, 1, 99999999999, ''), (1, 1, 'x', '')",
        )
        .unwrap();
    assert_eq!(db.passes(slide, rater).unwrap(), [3]);
    // Nor is anything written where nothing may be.
    let mut looking = Database::open(&path, Access::ReadOnly).unwrap();
    assert!(looking.set_progress(slide, rater, 3, &Progress::default()).is_err());
    assert_eq!(looking.progress(slide, rater, 3).unwrap(), progress);
}

#[test]
fn a_file_without_our_tables_remembers_no_pass_until_one_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plain.sqlite");
    drop(document(&path));
    let plain = Connection::open(&path).unwrap();
    for table in ["meta", "roles", "slides", "progress", "journal"] {
        plain.execute_batch(&format!("DROP TABLE mitoscope_{table}")).unwrap();
    }
    drop(plain);
    let (slide, rater) = (SlideId(1), RaterId(1));
    let mut db = Database::open(&path, Access::ReadWrite).unwrap();
    assert!(db.passes(slide, rater).unwrap().is_empty());
    assert_eq!(db.newest_progress(slide, rater).unwrap(), (1, Progress::default()));
    let progress = Progress { current: 1, done: [0].into(), plan: 5 };
    db.set_progress(slide, rater, 2, &progress).unwrap();
    assert_eq!(db.newest_progress(slide, rater).unwrap(), (2, progress));
}

#[test]
fn the_writing_thread_says_which_pass_it_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    drop(document(&path));
    let writer = Writer::start(path, false, Box::new(|| {}));
    let (slide, rater) = (SlideId(1), RaterId(1));
    let read = |pass| {
        writer.send(Request::LoadProgress { slide, rater, pass });
        loop {
            match writer.wait() {
                Some(Event::Progress { pass, progress, .. }) => return (pass, progress),
                Some(Event::Facts { .. }) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(read(None), (1, Progress::default()));
    let of = |current| Progress { current, done: [current].into(), plan: 7 };
    for pass in [3, 1] {
        writer.send(Request::SetProgress { slide, rater, pass, progress: of(pass) });
    }
    assert_eq!(read(None), (3, of(3)));
    assert_eq!(read(Some(1)), (1, of(1)));
    assert_eq!(read(Some(2)), (2, Progress::default()));
}

#[test]
fn a_slide_changes_its_case_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = document(&path);
    let who = RaterId(1);
    let case = |db: &Database| db.slides().unwrap()[0].case.clone();
    let set = |name: &str| Edit::SetCase { slide: SlideId(1), before: None, after: Some(name.into()) };

    let applied = db.apply(who, set("case 8")).unwrap();
    let written =
        Edit::SetCase { slide: SlideId(1), before: Some("case 7".into()), after: Some("case 8".into()) };
    assert_eq!((applied.how, &applied.edit, applied.object), (How::New, &written, None));
    assert_eq!(written.title(), "case set");
    // A name of blanks is no case; what else is known of the slide stays.
    db.apply(who, set("  ")).unwrap();
    assert_eq!((case(&db), db.slides().unwrap()[0].resolution.map(|r| r.y)), (None, Some(0.26)));

    let back = db.undo(who).unwrap().unwrap();
    assert_eq!((back.how, case(&db).as_deref()), (How::Undo, Some("case 8")));
    db.undo(who).unwrap().unwrap();
    assert_eq!(case(&db).as_deref(), Some("case 7"));
    let again = db.redo(who).unwrap().unwrap();
    assert_eq!((again.how, case(&db).as_deref()), (How::Redo, Some("case 8")));

    // Another rater's change since is not undone over, nor is what does not fit written.
    db.apply(RaterId(2), set("case 9")).unwrap();
    assert!(db.undo(who).err().is_some_and(|e| e.to_string().contains("case of slide 1 was changed")));
    for (id, name) in [(1, "x".repeat(501)), (5, "case 7".into())] {
        let edit = Edit::SetCase { slide: SlideId(id), before: None, after: Some(name.clone()) };
        assert!(db.apply(who, edit).is_err(), "{id}");
        let Edit::AddSlide { slide: new, filename, directory, size, mpp, .. } = slide("other.svs") else {
            panic!("a slide")
        };
        let edit = Edit::AddSlide { slide: new, filename, directory, size, mpp, case: Some(name) };
        assert_eq!(db.apply(who, edit).is_ok(), id == 5);
    }
    assert_eq!(case(&db).as_deref(), Some("case 9"));

    // SlideRunner's own slides have no row of ours yet.
    Connection::open(&path).unwrap().execute_batch("DELETE FROM mitoscope_slides").unwrap();
    db.apply(who, set("case 1")).unwrap();
    assert_eq!(case(&db).as_deref(), Some("case 1"));
    db.undo(who).unwrap().unwrap();
    assert_eq!(case(&db), None);
    let lines = "SELECT count(*) FROM mitoscope_journal WHERE json_extract(edit, '$.do') = 'set-case'";
    assert_eq!(number(&Connection::open(&path).unwrap(), lines), 8);
}

#[test]
fn the_window_gets_the_facts_anew_after_a_case_is_set_or_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    drop(document(&path));
    let writer = Writer::start(path, false, Box::new(|| {}));
    let rater = RaterId(1);
    let next_case = || match writer.wait() {
        Some(Event::Facts { slides, .. }) => slides[0].case.clone().unwrap(),
        other => panic!("{other:?}"),
    };
    let how = || match writer.wait() {
        Some(Event::Applied { applied, .. }) => applied.how,
        other => panic!("{other:?}"),
    };
    assert_eq!(next_case(), "case 7");
    let edit = Edit::SetCase { slide: SlideId(1), before: None, after: Some("case 8".into()) };
    writer.send(Request::Edit { rater, edit });
    assert_eq!((how(), next_case()), (How::New, "case 8".into()));
    writer.send(Request::Undo(rater));
    assert_eq!((how(), next_case()), (How::Undo, "case 7".into()));
    writer.send(Request::Redo(rater));
    assert_eq!((how(), next_case()), (How::Redo, "case 8".into()));
}
