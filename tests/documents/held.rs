//! Documents that another program holds, that may not be written, or that a program left in the middle of a change.

use super::{document, number, spot};
use mitoscope::model::{RaterId, SlideId};
use mitoscope::store::{Access, Database, Event, Request, StoreError, Writer};
use rusqlite::Connection;
use std::path::Path;

fn start(path: &Path) -> Writer {
    Writer::start(path.to_owned(), false, Box::new(|| {}))
}

fn facts(writer: &Writer) -> Access {
    match writer.wait() {
        Some(Event::Facts { access, .. }) => access,
        other => panic!("not the facts: {other:?}"),
    }
}

fn refusal(writer: &Writer) -> (String, String) {
    match writer.wait() {
        Some(Event::Refused { what, why }) => (what, why),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_document_that_another_program_holds_is_shown_read_only_and_opens_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    document(&path).apply(RaterId(1), spot(1.0, 1.0, 1)).unwrap();
    let mut other = Connection::open(&path).unwrap();
    let change = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    change.execute("INSERT INTO Persons (name) VALUES ('by SlideRunner')", []).unwrap();

    let writer = start(&path);
    assert_eq!(facts(&writer), Access::ReadOnly);
    let (what, why) = refusal(&writer);
    assert_eq!(what, "open for writing");
    assert!(why.contains("another program holds it") && why.contains("study.sqlite"), "{why}");
    writer.send(Request::Load(SlideId(1)));
    assert!(matches!(writer.wait(), Some(Event::Objects { objects, .. }) if objects.len() == 1));
    writer.send(Request::Edit { rater: RaterId(1), edit: spot(2.0, 2.0, 1) });
    assert_eq!(refusal(&writer).0, "spot added");

    change.commit().unwrap();
    // The same request that follows the question about an older generation: it opens for writing.
    writer.send(Request::Upgrade);
    assert_eq!(facts(&writer), Access::ReadWrite);
    writer.send(Request::Edit { rater: RaterId(1), edit: spot(2.0, 2.0, 1) });
    assert!(matches!(writer.wait(), Some(Event::Applied { .. })));
    drop(writer);
    assert_eq!(number(&other, "SELECT count(*) FROM Persons WHERE name = 'by SlideRunner'"), 1);
    assert_eq!(number(&other, "SELECT count(*) FROM Annotations"), 2);
}

#[test]
fn an_edit_while_another_program_writes_is_refused_in_words_and_can_be_made_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = document(&path);
    let mut other = Connection::open(&path).unwrap();
    let change = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let refused = db.apply(RaterId(1), spot(1.0, 1.0, 1)).unwrap_err();
    assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
    assert!(db.objects(SlideId(1)).unwrap().is_empty());
    change.rollback().unwrap();
    db.apply(RaterId(1), spot(1.0, 1.0, 1)).unwrap();
    assert_eq!(db.objects(SlideId(1)).unwrap().len(), 1);
    assert_eq!(number(&other, "SELECT count(*) FROM mitoscope_journal WHERE object IS NOT NULL"), 1);
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_that_is_marked_read_only_is_shown_and_left_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    for (of_file, of_folder, word) in
        [(0o444, 0o755, "marked read-only"), (0o644, 0o555, "folder is read-only")]
    {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        document(&path).apply(RaterId(1), spot(1.0, 1.0, 1)).unwrap();
        let before = std::fs::read(&path).unwrap();
        let mark = |path: &Path, mode| {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        mark(&path, of_file);
        mark(folder.path(), of_folder);
        let direct = Database::open(&path, Access::ReadWrite).err().map(|e| e.to_string());
        let writer = start(&path);
        let (access, (what, why)) = (facts(&writer), refusal(&writer));
        drop(writer);
        // The temporary folder must be removable whatever is asserted.
        mark(folder.path(), 0o755);
        assert_eq!((access, what.as_str()), (Access::ReadOnly, "open for writing"));
        assert!(why.contains(word) && direct.is_some_and(|d| d == why), "{why}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

/// A file as a kill in the middle of a commit leaves it: some pages new, some old, the end not written yet, and the
/// journal that takes it back.
#[test]
fn a_change_that_was_stopped_in_the_middle_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    document(&path).apply(RaterId(1), spot(1.0, 1.0, 1)).unwrap();

    let killed = folder.path().join("killed.sqlite");
    let mut other = Connection::open(&path).unwrap();
    // A cache of ten pages: the change is spilled into the file before it is committed.
    other.execute_batch("PRAGMA cache_size = 10; PRAGMA cache_spill = 10").unwrap();
    let change = other.transaction().unwrap();
    for i in 0..3000 {
        change
            .execute("INSERT INTO Persons (name) VALUES (?1)", [format!("nobody {i} {}", "x".repeat(80))])
            .unwrap();
    }
    change.execute("UPDATE Slides SET filename = 'torn'", []).unwrap();
    let (mut bytes, journal) =
        (std::fs::read(&path).unwrap(), std::fs::read(folder.path().join("study.sqlite-journal")).unwrap());
    change.rollback().unwrap();
    assert!(!journal.is_empty() && journal[0] != 0, "the journal is on disk");
    // The header names more pages than the file has: it was written first.
    let pages = (bytes.len() / 4096) as u32 + 9;
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes.copy_within(24..28, 92);
    std::fs::write(&killed, &bytes).unwrap();
    std::fs::write(folder.path().join("killed.sqlite-journal"), &journal).unwrap();

    let looked = Database::open(&killed, Access::ReadOnly).err().map(|e| e.to_string()).unwrap_or_default();
    assert!(looked.contains("stopped while it wrote"), "{looked}");
    assert_eq!(std::fs::read(&killed).unwrap(), bytes, "looking changes nothing");
    let writer = start(&killed);
    assert_eq!(facts(&writer), Access::ReadWrite);
    drop(writer);
    let db = Database::open(&killed, Access::ReadOnly).unwrap();
    assert_eq!((db.raters().unwrap().len(), db.objects(SlideId(1)).unwrap().len()), (2, 1));
    assert_eq!(db.slides().unwrap()[0].filename, "case-07.svs");
    assert!(db.check().unwrap().ok);

    // Without its journal the same file is torn, and said to be.
    let torn = folder.path().join("torn.sqlite");
    std::fs::write(&torn, &bytes).unwrap();
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let why = Database::open(&torn, access).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(why.contains("cut short"), "{why}");
    }
    assert_eq!(std::fs::read(&torn).unwrap(), bytes);
}
