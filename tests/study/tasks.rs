//! Tasks in a document: who is asked what, what is kept, what the seal writes.

use super::*;
use mitoscope::model::Digest;
use mitoscope::store::TaskFile;
use mitoscope::study::ballot;
use mitoscope::study::blind::{BlindTask, ConsensusTask};
use std::collections::BTreeSet;

#[test]
fn a_task_asks_about_cells_alone_and_its_seal_writes_labels_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 30);
    let before = objects(&db);
    let name = task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.1);
    let mut open = ballots(&path, &name);
    assert_eq!((open.task().items, open.task().done), (33, 0), "30 cells, 3 of them twice");
    // What was chosen at last counts; can't tell writes no label; repeats write none either.
    for item in 1..=33 {
        open.vote(item, &vote(LOOK_ALIKE)).unwrap();
    }
    for item in (1..=33).step_by(2) {
        open.vote(item, &vote(FIGURE)).unwrap();
    }
    open.vote(5, &vote(ClassId::UNKNOWN)).unwrap();
    assert!(open.vote(34, &vote(FIGURE)).is_err() && open.vote(0, &vote(FIGURE)).is_err());
    assert!(open.vote(3, &vote(ClassId(3))).is_err(), "a region's class is no choice");
    let (_, items) = db.task_items(open.task().id).unwrap();
    let repeats = items.iter().filter(|i| i.repeats.is_some()).count();
    let unsure = usize::from(items[4].repeats.is_none());
    let done = open.seal().unwrap();
    assert_eq!((repeats, done.labels as usize), (3, 30 - unsure));
    assert_eq!(done.seal.ballots, 33 + 17 + 1);
    assert!(open.vote(1, &vote(FIGURE)).is_err() && open.seal().is_err(), "sealed is sealed");

    let two = db.rater_named("Expert 2").unwrap().id;
    let after = objects(&db);
    assert_eq!(before.len(), after.len());
    for (b, a) in before.iter().zip(&after) {
        assert_eq!((b.agreed, b.deleted, &b.shape, &b.guid), (a.agreed, a.deleted, &a.shape, &a.guid));
        assert_eq!(a.labels[..b.labels.len()], b.labels[..], "opinions stay in their order");
        let item = items.iter().find(|i| i.object == Some(a.id) && i.repeats.is_none());
        let wanted = item.map(|i| match i.item.number {
            5 => ClassId::UNKNOWN,
            n if n % 2 == 1 => FIGURE,
            _ => LOOK_ALIKE,
        });
        let wanted = wanted.filter(|c| *c != ClassId::UNKNOWN);
        assert_eq!(a.label_by(two).map(|l| l.class), wanted, "{a:?}");
    }
    assert!(db.check().unwrap().ok);
    let sealed = TaskFile::open(&path, Access::ReadOnly).unwrap();
    let found = sealed.task(Some("second")).unwrap();
    let keys = ballot::verify(
        &found,
        &sealed.slides(found.id).unwrap(),
        &sealed.items(found.id).unwrap(),
        &sealed.ballots(found.id).unwrap(),
    );
    assert_eq!(keys, Ok(vec![signer().public()]));
}

#[test]
fn each_kind_asks_about_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 12);
    let (one, two) = (db.rater_named("Expert 1").unwrap().id, rater(&mut db, "Expert 2"));
    let cells: Vec<_> = objects(&db).into_iter().filter(select::is_cell).collect();
    assert_eq!(cells.len(), 12);
    // Expert 2 agrees on six, differs on four, and has not seen two.
    for (i, cell) in cells.iter().take(10).enumerate() {
        let own = cell.labels[0].class;
        let other = if own == FIGURE { LOOK_ALIKE } else { FIGURE };
        let after = Some(if i < 6 { own } else { other });
        db.apply(two, Edit::SetLabel { object: cell.id, before: None, after }).unwrap();
    }
    // Expert 1 has changed the label of two.
    for cell in &cells[..2] {
        let now = db.object(cell.id).unwrap().unwrap().label_by(one).unwrap().class;
        let other = if now == FIGURE { LOOK_ALIKE } else { FIGURE };
        db.apply(one, Edit::SetLabel { object: cell.id, before: Some(now), after: Some(other) }).unwrap();
    }
    let asked = |db: &Database, kind, rater: Option<RaterId>, choice: &Choice| {
        let (_, things) = select::things(db, kind, rater, choice, &mut |_, _| Ok(true)).unwrap();
        things.len()
    };
    let all = Choice::default();
    assert_eq!(asked(&db, TaskKind::Label, None, &all), 12);
    assert_eq!(asked(&db, TaskKind::Label, Some(two), &all), 2, "what is not judged yet");
    assert_eq!(asked(&db, TaskKind::Label, Some(two), &Choice { again: true, ..all.clone() }), 12);
    assert_eq!(asked(&db, TaskKind::Label, None, &Choice { raters: vec![two], ..all.clone() }), 10);
    let slides: Vec<SlideId> = db.slides().unwrap().iter().take(1).map(|s| s.id).collect();
    assert_eq!(asked(&db, TaskKind::Label, None, &Choice { slides, ..all.clone() }), 6);
    let disagreeing = objects(&db).iter().filter(|o| select::disagree(&o.labels, &[])).count();
    assert_eq!(disagreeing, 6, "four, and the two that were changed");
    assert_eq!(asked(&db, TaskKind::Adjudicate, None, &all), disagreeing);
    assert_eq!(asked(&db, TaskKind::Confirm, None, &all), 2);
    let guid = cells[3].guid.clone();
    assert_eq!(asked(&db, TaskKind::Confirm, None, &Choice { objects: vec![guid], ..all.clone() }), 1);

    // A consensus shows both opinions, and no other kind shows any.
    let name = task(&mut db, "joint", "Consensus", TaskKind::Consensus, &all, 0.0);
    let file = TaskFile::open(&path, Access::ReadOnly).unwrap();
    let joint = file.task(Some(&name)).unwrap();
    for item in file.items(joint.id).unwrap() {
        let names: Vec<&str> = item.shown.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["Expert 1", "Expert 2"]);
        assert_ne!(item.shown[0].1, item.shown[1].1);
    }
    let mut open = ballots(&path, &name);
    for item in 1..=open.task().items {
        open.vote(item, &vote(FIGURE)).unwrap();
    }
    open.seal().unwrap();
    let consensus = db.rater_named("Consensus").unwrap().id;
    let joint = objects(&db).iter().filter(|o| o.label_by(consensus).is_some()).count();
    assert_eq!(joint, disagreeing);
    let name = task(&mut db, "third", "Expert 3", TaskKind::Adjudicate, &all, 0.0);
    let third = file.task(Some(&name)).unwrap();
    assert!(file.items(third.id).unwrap().iter().all(|i| i.shown.is_empty()));
}

#[test]
fn nothing_can_be_asked_where_nothing_fits_and_names_are_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 4);
    let classes = task::choices(&db.classes().unwrap());
    let wish = |name: &str| Wish {
        name: name.into(),
        rater: "Expert 2".into(),
        kind: TaskKind::Adjudicate,
        order: Order::Slide,
        repeats: 0.0,
        view: None,
        classes: classes.clone(),
        chosen: "adjudicate".into(),
    };
    let why = task::plan(&path, wish("third"), Vec::new(), &[], 0.0).unwrap_err().to_string();
    assert!(why.contains("nothing to ask Expert 2"), "{why}");
    assert!(
        task::plan(&path, wish("17"), Vec::new(), &[], 0.0).is_err(),
        "a number would be taken for an id"
    );
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let (slides, things) =
        select::things(&db, TaskKind::Label, None, &Choice::default(), &mut |_, _| Ok(true)).unwrap();
    let twice =
        task::plan(&path, Wish { kind: TaskKind::Label, ..wish("second") }, slides, &things, 0.0).unwrap();
    assert!(db.create_task(&twice).unwrap_err().to_string().contains("already"));
}

/// Two studies that differ in everything that must be hidden: what the rater may see is the same.
#[test]
fn what_a_rater_may_see_knows_nothing_of_what_is_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let seen: Vec<_> = (0..6u32)
        .map(|variant| {
            let path = folder.path().join(format!("study-{variant}.sqlite"));
            let mut db = Database::create(&path).unwrap();
            let experts: Vec<RaterId> =
                ["Expert 1", "Expert 9"].map(|n| rater(&mut db, n)).into_iter().collect();
            let slide = slide(&mut db, "case-07.svs");
            let mut places: Vec<(f64, f64)> =
                (0..40u32).map(|i| (f64::from(i * 7919 % 15_000), f64::from(i * 104_729 % 11_000))).collect();
            // Another history: order, uids, authors, classes, deleted and doubled objects.
            places.rotate_left(7 * variant as usize % 40);
            if variant % 2 == 1 {
                places.reverse();
            }
            for (i, (x, y)) in places.iter().enumerate() {
                let class = if (i as u32).is_multiple_of(variant + 2) { FIGURE } else { LOOK_ALIKE };
                let author = experts[(i + variant as usize) % 2];
                let object = db.apply(author, spot(slide, *x, *y, class)).unwrap().object.unwrap().id;
                if i % 5 == variant as usize {
                    let after = Some(LOOK_ALIKE);
                    db.apply(experts[0], Edit::SetLabel { object, before: None, after }).unwrap();
                    let extra = db.apply(author, spot(slide, 3.0, 3.0, class)).unwrap().object.unwrap().id;
                    db.apply(author, Edit::SetDeleted { object: extra, deleted: true }).unwrap();
                }
            }
            task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.1);
            let file = TaskFile::open(&path, Access::ReadOnly).unwrap();
            let mut found = file.task(None).unwrap();
            let mut items = file.items(found.id).unwrap();
            // The identities are random; all else must be equal.
            found.guid.clear();
            found.fingerprint = Digest::default();
            let guids: BTreeSet<String> = items.iter_mut().map(|i| std::mem::take(&mut i.guid)).collect();
            assert_eq!(guids.len(), items.len());
            (found, file.slides(mitoscope::model::TaskId(1)).unwrap(), items)
        })
        .collect();
    for other in &seen[1..] {
        assert_eq!(&seen[0], other);
    }
}

#[test]
fn candidates_are_judged_apart_by_two_and_become_objects_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 6);
    // Boxes of odd size have their middle between two pixels: a click never has.
    let mut rows = String::from("slide,x1,y1,x2,y2,cls,score\n");
    for i in 0..20 {
        let (x, y) = (200 + 300 * i, 5000);
        rows.push_str(&format!(
            "case-07.svs,{x},{y},{},{},1,{}\n",
            x + 49,
            y + 49,
            0.03 + 0.05 * f64::from(i)
        ));
    }
    let reading = exchange::parse(rows.as_bytes(), exchange::Format::Csv).unwrap();
    let source = Source { file: "run.csv".into(), slide: None, rater: None };
    db.import_candidates(reading, "first run", &source).unwrap();
    assert_eq!(db.candidates(Some("first run")).unwrap().len(), 20);

    let asked = |db: &Database, choice: &Choice| {
        select::things(db, TaskKind::Candidates, None, choice, &mut |_, _| Ok(true)).unwrap().1
    };
    let all = Choice::default();
    assert_eq!(asked(&db, &all).len(), 20);
    // Tenths of the score: 0.43 and 0.48 are in group 5, 0.93 and 0.98 in group 10.
    assert_eq!(asked(&db, &Choice { groups: vec![5, 10], ..all.clone() }).len(), 4);
    assert_eq!(asked(&db, &Choice { least_score: Some(0.9), ..all.clone() }).len(), 2);
    assert_eq!(asked(&db, &Choice { run: Some("another".into()), ..all.clone() }).len(), 0);
    let mixed = Choice { mixed: true, ..all.clone() };
    assert_eq!(asked(&db, &mixed).len(), 26);

    // Human objects and candidates look alike: whole pixels, no word of where they come from.
    let name = task(&mut db, "both", "Expert 2", TaskKind::Candidates, &mixed, 0.0);
    let file = TaskFile::open(&path, Access::ReadOnly).unwrap();
    let both = file.task(Some(&name)).unwrap();
    for item in file.items(both.id).unwrap() {
        assert_eq!((item.at.x.fract(), item.at.y.fract(), item.turn), (0.0, 0.0, 0));
        assert!(item.shown.is_empty());
    }
    let known = objects(&db).len();
    for (name, rater) in [("both", "Expert 2"), ("again", "Expert 3")] {
        if name == "again" {
            task(&mut db, name, rater, TaskKind::Candidates, &all, 0.0);
        }
        let mut open = ballots(&path, name);
        let items = open.task().items;
        for item in 1..=items {
            open.vote(item, &vote(if item % 4 == 0 { FIGURE } else { LOOK_ALIKE })).unwrap();
        }
        assert_eq!(open.seal().unwrap().labels, u64::from(items));
    }
    let after = objects(&db);
    assert_eq!(after.len(), known + 20, "each candidate is one object, whoever judged it first");
    let found: Vec<_> =
        after.iter().filter(|o| o.labels.len() == 2 && o.shape.center().unwrap().y > 4999.0).collect();
    let of_candidates = found.iter().filter(|o| o.agreed == ClassId::UNKNOWN).count();
    assert_eq!(of_candidates, 20, "nobody but the outcome gives them a class");
    let origins = db.origins().unwrap();
    assert_eq!(origins.values().filter(|s| *s == "candidates").count(), 20);
    assert!(db.check().unwrap().ok);
    let stages = mitoscope::study::stages::study(&db).unwrap();
    assert_eq!(stages.total.stages["candidates"].all(), 20);
    assert_eq!(stages.total.stages["import"].all(), 6);
}

#[test]
fn nobody_is_asked_the_same_twice_by_two_tasks_or_by_an_object_and_its_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 6);
    let known = objects(&db).into_iter().find(select::is_cell).unwrap();
    let at = known.shape.center().unwrap();
    let name = db.slides().unwrap().into_iter().find(|s| s.id == known.slide).unwrap().filename;
    let (x, y) = (at.x + 20.0, at.y);
    let rows = format!(
        "slide,x1,y1,x2,y2,cls,score\n{name},{},{},{},{},1,0.9\n{name},14900,10900,14950,10950,1,0.8\n",
        x - 25.0,
        y - 25.0,
        x + 25.0,
        y + 25.0
    );
    let reading = exchange::parse(rows.as_bytes(), exchange::Format::Csv).unwrap();
    let source = Source { file: "run.csv".into(), slide: None, rater: None };
    db.import_candidates(reading, "run", &source).unwrap();
    let asked = |db: &Database, rater: &str, choice: &Choice| {
        let rater = db.raters().unwrap().into_iter().find(|r| r.name == rater).map(|r| r.id);
        select::things(db, TaskKind::Candidates, rater, choice, &mut |_, _| Ok(true)).unwrap().1.len()
    };
    let all = Choice::default();
    assert_eq!(asked(&db, "Expert 2", &all), 1, "the other one lies on a known cell");
    assert_eq!(asked(&db, "Expert 2", &Choice { near_known: true, ..all.clone() }), 2);
    // The candidate becomes an object; from then on it is one thing, for everybody.
    task(&mut db, "one", "Expert 1", TaskKind::Candidates, &all, 0.0);
    let mut open = ballots(&path, "one");
    open.vote(1, &vote(FIGURE)).unwrap();
    open.seal().unwrap();
    assert_eq!(asked(&db, "Expert 1", &all), 0, "judged already");
    assert_eq!(asked(&db, "Expert 2", &Choice { mixed: true, ..all.clone() }), 7);
    task(&mut db, "two", "Expert 2", TaskKind::Candidates, &all, 0.0);
    assert_eq!(asked(&db, "Expert 2", &all), 0, "asked in another task");
    let (_, things) = select::things(
        &db,
        TaskKind::Label,
        Some(db.rater_named("Expert 2").unwrap().id),
        &all,
        &mut |_, _| Ok(true),
    )
    .unwrap();
    assert_eq!(things.len(), 6, "the six known cells, and not the one of the open task");
    // A deleted object's candidate is not asked about again.
    let made = objects(&db).into_iter().max_by_key(|o| o.id).unwrap();
    let one = db.rater_named("Expert 1").unwrap().id;
    db.apply(one, Edit::SetDeleted { object: made.id, deleted: true }).unwrap();
    assert_eq!(asked(&db, "Expert 3", &all), 0);
}

#[test]
fn a_seal_writes_no_label_on_what_was_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 6);
    let name = task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let mut open = ballots(&path, &name);
    (1..=6).for_each(|item| drop(open.vote(item, &vote(FIGURE)).unwrap()));
    let one = db.rater_named("Expert 1").unwrap().id;
    let cells: Vec<_> = objects(&db).into_iter().filter(select::is_cell).collect();
    let moved = Shape::Spot(SlidePx::new(500.0, 500.0));
    db.apply(one, Edit::SetShape { object: cells[0].id, before: cells[0].shape.clone(), after: moved })
        .unwrap();
    db.apply(one, Edit::SetDeleted { object: cells[1].id, deleted: true }).unwrap();
    let two = db.rater_named("Expert 2").unwrap().id;
    db.apply(two, Edit::SetLabel { object: cells[2].id, before: None, after: Some(LOOK_ALIKE) }).unwrap();
    let done = open.seal().unwrap();
    assert_eq!((done.labels, done.left_out, done.again), (4, 2, 1));
    for cell in &cells[..2] {
        assert_eq!(db.object(cell.id).unwrap().unwrap().label_by(two), None);
    }
}

#[test]
fn what_was_changed_behind_the_programs_back_is_not_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 6);
    let name = task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let mut open = ballots(&path, &name);
    (1..=6).for_each(|item| drop(open.vote(item, &vote(FIGURE)).unwrap()));
    let connection = rusqlite::Connection::open(&path).unwrap();
    assert!(
        connection.execute("UPDATE mitoscope_ballots SET class = 2", []).is_err(),
        "a trigger refuses it"
    );
    connection
        .execute_batch(
            "DROP TRIGGER mitoscope_ballots_stay; UPDATE mitoscope_ballots SET class = 2 WHERE item = 3",
        )
        .unwrap();
    let why = open.seal().unwrap_err().to_string();
    assert!(why.contains("ballot 3 was changed"), "{why}");
    assert!(BallotBox::open(&path, Some(&name), Access::ReadWrite, signer()).is_err());
    let two = db.rater_named("Expert 2").unwrap().id;
    assert!(objects(&db).iter().all(|o| o.label_by(two).is_none()));
}

#[test]
fn what_shows_opinions_is_no_blind_task_and_a_blind_task_shows_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = study(&path, 6);
    let all = Choice::default();
    task(&mut db, "second", "Expert 2", TaskKind::Label, &all, 0.0);
    let mut second = ballots(&path, "second");
    for item in 1..=6 {
        second.vote(item, &vote(LOOK_ALIKE)).unwrap();
    }
    second.seal().unwrap();
    let differ = objects(&db).iter().filter(|o| select::disagree(&o.labels, &[])).count();
    assert!(differ > 0);
    task(&mut db, "third", "Expert 3", TaskKind::Label, &all, 0.0);
    task(&mut db, "joint", "Consensus", TaskKind::Consensus, &all, 0.0);
    let blind = |name| BlindTask::open(&path, Some(name), signer(), Box::new(|| {}));
    let joint = |name| ConsensusTask::open(&path, Some(name), signer(), Box::new(|| {}));
    assert_eq!(blind("third").map(|t| t.items().len()).unwrap(), 6);
    assert_eq!(joint("joint").map(|t| t.task.items().len()).unwrap(), differ);
    let why = blind("joint").err().unwrap().to_string();
    assert!(why.contains("\"joint\" shows opinions, it is not blind"), "{why}");
    let why = joint("third").err().unwrap().to_string();
    assert!(why.contains("\"third\" is blind, it shows no opinions"), "{why}");
}
