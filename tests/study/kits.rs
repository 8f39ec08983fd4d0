//! Kits: what is in them, what comes back, what is refused.

use super::*;
use mitoscope::model::Digest;
use mitoscope::store::TaskFile;
use mitoscope::study::kit::{KeyVerdict, merge};
use std::fs;
use std::path::PathBuf;

struct Case {
    folder: tempfile::TempDir,
    db: Database,
    kit: PathBuf,
}

/// A study with a task, and its kit.
fn case(cells: u32, named: bool) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let mut db = study(&folder.path().join("study.sqlite"), cells);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let kit = folder.path().join("second.kit");
    let asked = db.tasks().unwrap().pop().unwrap();
    db.make_kit(&asked, &kit, named, &mut |_, _| Ok(None)).unwrap();
    Case { folder, db, kit }
}

fn answer(kit: &Path, items: std::ops::RangeInclusive<u32>) {
    let mut open = ballots(kit, "second");
    items.for_each(|n| drop(open.vote(n, &vote(if n % 2 == 0 { FIGURE } else { LOOK_ALIKE })).unwrap()));
}

/// Everything in a document's own words.
fn dump(db: &Database) -> Vec<String> {
    let connection = rusqlite::Connection::open(db.path()).unwrap();
    let mut rows = Vec::new();
    for table in
        ["Annotations_label", "mitoscope_ballots", "mitoscope_tasks", "Annotations", "mitoscope_journal"]
    {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let line: Vec<_> = (0..columns).map(|i| format!("{:?}", row.get_ref(i).unwrap())).collect();
            rows.push(format!("{table} {}", line.join(" ")));
        }
    }
    rows
}

#[test]
fn a_kit_goes_out_and_comes_back_and_its_labels_are_the_raters() {
    let Case { folder: _folder, mut db, kit } = case(20, false);
    answer(&kit, 1..=12);
    let before = fs::read(&kit).unwrap();
    let report = merge(&mut db, &kit).unwrap();
    assert!(fs::read(&kit).unwrap() == before, "the kit stays as it is");
    assert_eq!((report.merged.ballots, report.already, report.merged.sealed), (12, false, false));
    assert_eq!((report.verdict, report.keys.clone()), (KeyVerdict::Unknown, vec![signer().public()]));
    let once = dump(&db);
    assert!(merge(&mut db, &kit).unwrap().already);
    assert_eq!(dump(&db), once, "merged before: not even a line about it");

    // It goes on, is sealed, and comes again; the key is known by now.
    answer(&kit, 13..=20);
    ballots(&kit, "second").seal().unwrap();
    db.register_key("Expert 2", signer().public()).unwrap();
    let report = merge(&mut db, &kit).unwrap();
    assert_eq!((report.merged.ballots, report.merged.sealed, report.merged.labels), (8, true, 20));
    assert_eq!(report.verdict, KeyVerdict::Known);
    let two = db.rater_named("Expert 2").unwrap().id;
    let (_, items) = db.task_items(report.task.id).unwrap();
    for item in items {
        let object = db.object(item.object.unwrap()).unwrap().unwrap();
        let wanted = if item.item.number % 2 == 0 { FIGURE } else { LOOK_ALIKE };
        assert_eq!(object.label_by(two).unwrap().class, wanted);
        assert_eq!(object.agreed, object.labels[0].class, "agreed classes stay what they were");
    }
    assert!(merge(&mut db, &kit).unwrap().already);
    assert!(db.check().unwrap().ok);
    // Another key is named.
    db.register_key("Expert 2", Signer::from_secret([9; 32]).public()).unwrap();
    assert_eq!(merge(&mut db, &kit).unwrap().verdict, KeyVerdict::Changed);
}

#[test]
fn a_kit_holds_no_word_of_anybody_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = study(&folder.path().join("study.sqlite"), 20);
    let secret = class(&mut db, "tumour region of Dr. Secret", Role::TumourRegion);
    let one = db.rater_named("Expert 1").unwrap().id;
    let first = db.slides().unwrap()[0].id;
    let place = Shape::Rectangle(mitoscope::model::Rect::new(0.0, 0.0, 5000.0, 5000.0));
    let note = Edit::AddObject {
        object: None,
        slide: first,
        shape: place,
        class: secret,
        description: "a remark that tells".into(),
    };
    db.apply(one, note).unwrap();
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.1);
    let kit = folder.path().join("second.kit");
    let asked = db.tasks().unwrap().pop().unwrap();
    db.make_kit(&asked, &kit, false, &mut |_, _| Ok(None)).unwrap();
    let bytes = fs::read(&kit).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|w| w == text.as_bytes());
    let guids: Vec<String> = objects(&db).into_iter().map(|o| o.guid).collect();
    for hidden in
        ["Expert 1", "Dr. Secret", "remark", "case-07", "case-08", "/slides", "Annotations", "agreedClass"]
    {
        assert!(!holds(hidden), "{hidden} is in the kit");
    }
    assert!(guids.iter().all(|g| !holds(g)), "an object's guid is in the kit");
    assert!(holds("Expert 2") && holds("mitotic figure"), "what the rater needs is there");
    // Neither uids nor repeats: the columns that could tell are not there.
    let connection = rusqlite::Connection::open(&kit).unwrap();
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1")
        .unwrap()
        .query_map([], |r| r.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(
        tables,
        ["mitoscope_ballots", "mitoscope_items", "mitoscope_kit", "mitoscope_task_slides", "mitoscope_tasks"]
    );
    let Case { folder: _named, kit, db: _db } = case(4, true);
    assert!(fs::read(kit).unwrap().windows(11).any(|w| w == b"case-07.svs"), "with --names they are there");
}

#[test]
fn what_was_altered_is_refused_and_changes_nothing() {
    let Case { folder, mut db, kit } = case(12, false);
    answer(&kit, 1..=12);
    ballots(&kit, "second").seal().unwrap();
    let before = dump(&db);
    let bad = folder.path().join("bad.kit");
    for (what, sql) in [
        ("a turned vote", "UPDATE mitoscope_ballots SET class = 3 - class WHERE ballot = 5"),
        ("a missing vote", "DELETE FROM mitoscope_ballots WHERE ballot = 5"),
        ("the last vote missing", "DELETE FROM mitoscope_ballots WHERE ballot = 12"),
        (
            "votes missing at the end",
            "UPDATE mitoscope_tasks SET seal = NULL; DELETE FROM mitoscope_ballots WHERE ballot > 5",
        ),
        ("a vote at another time", "UPDATE mitoscope_ballots SET time = time + 1 WHERE ballot = 5"),
        ("another comment", "UPDATE mitoscope_ballots SET comment = 'x' WHERE ballot = 5"),
        ("another signature", "UPDATE mitoscope_ballots SET signature = zeroblob(64) WHERE ballot = 5"),
        ("another place", "UPDATE mitoscope_items SET x = x + 1 WHERE item = 3"),
        (
            "items exchanged",
            "UPDATE mitoscope_items SET item = -item; UPDATE mitoscope_items SET item = CASE item WHEN -1 THEN 2 WHEN -2 THEN 1 ELSE -item END",
        ),
        ("an item less", "DELETE FROM mitoscope_items WHERE item = 12"),
        ("another rater", "UPDATE mitoscope_tasks SET rater = 'Expert 3'"),
        (
            "another name for a class",
            "UPDATE mitoscope_tasks SET settings = replace(settings, 'mitotic figure', 'mitosis')",
        ),
        (
            "an earlier seal",
            "UPDATE mitoscope_tasks SET seal = replace(seal, '\"ballots\":12', '\"ballots\":11')",
        ),
        ("a newer version", "UPDATE mitoscope_kit SET value = '9' WHERE key = 'version'"),
        ("a smuggled picture", "UPDATE mitoscope_items SET picture = x'00' WHERE item = 2"),
    ] {
        fs::copy(&kit, &bad).unwrap();
        let connection = rusqlite::Connection::open(&bad).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
        let merged = merge(&mut db, &bad);
        let why = merged.unwrap_err().to_string();
        assert!(why.contains("bad.kit") && !why.contains('\n'), "{what}: {why}");
        assert_eq!(dump(&db), before, "{what}");
    }
}

#[test]
fn kits_of_other_studies_cut_ones_and_documents_are_refused() {
    let Case { folder, mut db, kit } = case(12, false);
    answer(&kit, 1..=12);
    let before = dump(&db);
    let Case { kit: foreign, folder: _elsewhere, db: _other } = case(12, false);
    let why = merge(&mut db, &foreign).unwrap_err().to_string();
    assert!(why.contains("another study"), "{why}");
    let bytes = fs::read(&kit).unwrap();
    let cut = folder.path().join("cut.kit");
    for part in [0, 50, 512, 4096, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&cut, &bytes[..part]).unwrap();
        assert!(merge(&mut db, &cut).is_err(), "{part} bytes");
    }
    let itself = db.path().to_owned();
    assert!(merge(&mut db, &itself).is_err());
    assert!(merge(&mut db, &folder.path().join("nothing.kit")).is_err());
    assert_eq!(dump(&db), before);

    // The rater went on in two copies: the second one is refused with a reason.
    let fork = folder.path().join("fork.kit");
    let Case { folder: _two, mut db, kit } = case(12, false);
    answer(&kit, 1..=3);
    fs::copy(&kit, &fork).unwrap();
    answer(&kit, 4..=6);
    answer(&fork, 7..=9);
    merge(&mut db, &kit).unwrap();
    let why = merge(&mut db, &fork).unwrap_err().to_string();
    assert!(why.contains("two places"), "{why}");
}

#[test]
fn a_kit_with_pictures_notices_another_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = study(&folder.path().join("study.sqlite"), 6);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let kit = folder.path().join("second.kit");
    let asked = db.tasks().unwrap().pop().unwrap();
    db.make_kit(&asked, &kit, false, &mut |_, item| Ok(Some(vec![item.number as u8; 500]))).unwrap();
    let file = TaskFile::open(&kit, Access::ReadOnly).unwrap();
    assert_eq!(file.picture(file.task(None).unwrap().id, 3).unwrap(), Some(vec![3; 500]));
    assert_ne!(file.pictures_hash().unwrap(), Digest::default());
    answer(&kit, 1..=6);
    let bad = folder.path().join("bad.kit");
    fs::copy(&kit, &bad).unwrap();
    let connection = rusqlite::Connection::open(&bad).unwrap();
    connection.execute("UPDATE mitoscope_items SET picture = zeroblob(500) WHERE item = 3", []).unwrap();
    connection.close().unwrap();
    let why = merge(&mut db, &bad).unwrap_err().to_string();
    assert!(why.contains("pictures"), "{why}");
    assert_eq!(merge(&mut db, &kit).unwrap().merged.ballots, 6);
}

#[test]
fn a_kit_of_ten_thousand_items_comes_back() {
    let Case { folder: _folder, mut db, kit } = case(10_000, false);
    {
        // One transaction for all: this is about the kit, not about the disk.
        let file = TaskFile::open(&kit, Access::ReadOnly).unwrap();
        let asked = file.task(None).unwrap();
        let mut last = asked.fingerprint;
        let connection = rusqlite::Connection::open(&kit).unwrap();
        let tx = connection.unchecked_transaction().unwrap();
        for item in 1..=10_000u32 {
            let class = if item % 2 == 0 { FIGURE } else { LOOK_ALIKE };
            let signed = signer().sign(mitoscope::study::ballot::chained(last, item, &vote(class), 1.0e9));
            tx.prepare_cached(
                "INSERT INTO mitoscope_ballots (task, item, class, comment, time, hash, key, signature)
                 VALUES (?1, ?2, ?3, '', 1.0e9, ?4, ?5, ?6)",
            )
            .unwrap()
            .execute((asked.id.0, item, class.0, signed.hash.0, signed.key, signed.signature))
            .unwrap();
            last = signed.hash;
        }
        tx.execute("UPDATE mitoscope_kit SET value = '10000' WHERE key = 'ballots'", []).unwrap();
        tx.commit().unwrap();
    }
    ballots(&kit, "second").seal().unwrap();
    let report = merge(&mut db, &kit).unwrap();
    assert_eq!((report.merged.ballots, report.merged.labels), (10_000, 10_000));
    assert!(merge(&mut db, &kit).unwrap().already);
}

#[test]
fn nothing_in_a_kit_can_run() {
    let Case { folder, mut db, kit } = case(6, false);
    let bad = folder.path().join("bad.kit");
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    for (what, sql) in [
        ("a trigger", "CREATE TRIGGER t AFTER INSERT ON mitoscope_ballots BEGIN DELETE FROM mitoscope_ballots; END".to_owned()),
        (
            "a view in place of a table",
            format!("DROP TABLE mitoscope_task_slides; CREATE VIEW mitoscope_task_slides AS {endless}
                     SELECT 1 AS task, i AS slide, 'x' AS code, '' AS filename, '' AS directory, 1 AS width, 1 AS height,
                            1.0 AS mpp_x, 1.0 AS mpp_y, NULL AS print FROM n"),
        ),
        (
            "a view in place of the facts",
            "DROP TABLE mitoscope_kit; CREATE VIEW mitoscope_kit AS SELECT 'version' AS key, '1' AS value".to_owned(),
        ),
        ("a computed column", "ALTER TABLE mitoscope_items ADD COLUMN y2 AS (hex(zeroblob(1000)))".to_owned()),
        ("another table", "CREATE TABLE more (x)".to_owned()),
        ("an index less", "DROP INDEX mitoscope_ballots_task".to_owned()),
    ] {
        fs::copy(&kit, &bad).unwrap();
        let connection = rusqlite::Connection::open(&bad).unwrap();
        connection.execute_batch(&sql).unwrap();
        connection.close().unwrap();
        assert!(TaskFile::open(&bad, Access::ReadOnly).is_err(), "{what}");
        assert!(TaskFile::open(&bad, Access::ReadWrite).is_err(), "{what}");
        assert!(merge(&mut db, &bad).is_err(), "{what}");
    }
    // Names that would write to a terminal, and values that would fill the memory.
    for sql in [
        "UPDATE mitoscope_tasks SET name = 'a' || char(27) || '[2J'",
        "UPDATE mitoscope_tasks SET settings = hex(zeroblob(20000000))",
        "UPDATE mitoscope_kit SET value = '' WHERE key = 'kit'",
    ] {
        fs::copy(&kit, &bad).unwrap();
        let connection = rusqlite::Connection::open(&bad).unwrap();
        connection.execute_batch(sql).unwrap();
        connection.close().unwrap();
        assert!(merge(&mut db, &bad).is_err(), "{sql}");
    }
    assert!(BallotBox::open(&kit, None, Access::ReadWrite, signer()).is_ok(), "the kit itself is sound");
}

#[test]
fn two_merges_at_once_write_each_label_once() {
    let Case { folder: _folder, mut db, kit } = case(8, false);
    answer(&kit, 1..=8);
    ballots(&kit, "second").seal().unwrap();
    let file = TaskFile::open(&kit, Access::ReadOnly).unwrap();
    let sealed = file.task(None).unwrap();
    let cast = file.ballots(sealed.id).unwrap();
    // Both looked at the task before either had written.
    let stale = db.tasks().unwrap().pop().unwrap();
    let mut other = Database::open(db.path(), Access::ReadWrite).unwrap();
    let key = signer().public();
    let first = db.merge_ballots(&stale, &cast, sealed.seal.as_ref(), key, "known").unwrap();
    let second = other.merge_ballots(&stale, &cast, sealed.seal.as_ref(), key, "known").unwrap();
    assert_eq!((first.labels, second.labels, second.sealed), (8, 0, false));
    let two = db.rater_named("Expert 2").unwrap().id;
    let labels = objects(&db).iter().flat_map(|o| o.labels.clone()).filter(|l| l.rater == two).count();
    assert_eq!(labels, 8);
}

#[test]
fn a_seal_that_covers_less_than_what_is_here_is_refused() {
    let Case { folder, mut db, kit } = case(8, false);
    answer(&kit, 1..=3);
    let early = folder.path().join("early.kit");
    fs::copy(&kit, &early).unwrap();
    ballots(&early, "second").seal().unwrap();
    answer(&kit, 4..=8);
    merge(&mut db, &kit).unwrap();
    let why = merge(&mut db, &early).unwrap_err().to_string();
    assert!(why.contains("sealed with 3 ballots, and 8 are here"), "{why}");
}

#[test]
fn a_kit_made_by_another_copy_of_the_study_is_taken_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut db = study(&folder.path().join("study.sqlite"), 6);
    task(&mut db, "second", "Expert 2", TaskKind::Label, &Choice::default(), 0.0);
    let copy = folder.path().join("copy.sqlite");
    db.copy_to(&copy).unwrap();
    let mut other = Database::open(&copy, Access::ReadWrite).unwrap();
    let kit = folder.path().join("second.kit");
    let asked = other.tasks().unwrap().pop().unwrap();
    other.make_kit(&asked, &kit, false, &mut |_, _| Ok(Some(vec![7; 90]))).unwrap();
    answer(&kit, 1..=6);
    let report = merge(&mut db, &kit).unwrap();
    assert_eq!((report.merged.ballots, report.known_kit), (6, false));
    assert!(db.merges().unwrap()[0].verdict.contains("another copy"));
}

#[test]
fn what_was_altered_on_its_way_is_said_before_anybody_works_on_it() {
    let Case { folder: _folder, kit, db: _db } = case(6, false);
    let connection = rusqlite::Connection::open(&kit).unwrap();
    connection.execute("UPDATE mitoscope_items SET x = x + 1 WHERE item = 2", []).unwrap();
    connection.close().unwrap();
    let opened = BallotBox::open(&kit, None, Access::ReadWrite, signer());
    let why = opened.err().expect("refused").to_string();
    assert!(why.contains("changed after it was made"), "{why}");
}
