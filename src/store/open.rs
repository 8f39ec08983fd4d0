//! Opening a file without trusting it, and without changing a byte of it unless that is asked for.

use super::error::{InWords as _, StoreError};
use super::generation::Layout;
use super::schema::{self, OWN_VERSION, USER_VERSION};
use crate::files::{beside, folder_of};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait for another program's lock.
const PATIENCE: Duration = Duration::from_secs(5);

/// The length of SQLite's header.
const HEADER: usize = 100;

/// Opens for looking: no byte of the file changes and no file appears beside it.
pub(super) fn read_only(path: &Path) -> Result<(Connection, Layout), StoreError> {
    let connection = look(path)?;
    let layout = known(path, &connection)?;
    Ok((connection, layout))
}

/// The same for any SQLite file: whose it is, is for the caller to find out.
pub(super) fn look(path: &Path) -> Result<Connection, StoreError> {
    let base = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if keeps_a_log(path)? {
        // SQLite keeps the log beside the file that a link leads to.
        let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if sibling(&real, "-wal").metadata().is_ok_and(|m| m.len() > 0) {
            return Err(StoreError::unusable(
                path,
                "another program has not finished writing it (there is a -wal file beside it); close that program first",
            ));
        }
        // Without a log the file is complete; `immutable` keeps SQLite from making one.
        Connection::open_with_flags(immutable_uri(path), base | OpenFlags::SQLITE_OPEN_URI).at(path)?
    } else {
        Connection::open_with_flags(path, base).at(path)?
    };
    prepare(&connection).at(path)?;
    Ok(connection)
}

/// Opens for writing; the file must exist. It may be of an older generation. What a program that was stopped left
/// unfinished is taken back.
pub(super) fn read_write(path: &Path) -> Result<(Connection, Layout), StoreError> {
    let connection = reach(path)?;
    let layout = known(path, &connection)?;
    not_newer(path, &layout)?;
    whole(path, &connection)?;
    Ok((connection, layout))
}

/// A document of a newer SlideRunner is not written.
pub(super) fn not_newer(path: &Path, layout: &Layout) -> Result<(), StoreError> {
    if layout.user_version <= USER_VERSION {
        return Ok(());
    }
    Err(StoreError::unusable(
        path,
        format!(
            "was made by a newer SlideRunner (version {}, known up to {USER_VERSION}); it can be looked at, not changed",
            layout.user_version
        ),
    ))
}

/// The same for any SQLite file that can be written; [`whole`] must follow.
pub(super) fn reach(path: &Path) -> Result<Connection, StoreError> {
    keeps_a_log(path)?;
    let forbidden = |why: &str| StoreError::NotWritable { path: path.to_owned(), why: why.into() };
    // Asked even where the system would let us (an administrator may write anything): the mark is somebody's wish.
    if path.metadata().is_ok_and(|m| m.permissions().readonly()) {
        return Err(forbidden("the file is marked read-only"));
    }
    if !keeps_files(path) {
        return Err(forbidden(
            "its folder is read-only, where SQLite keeps what a stopped change is taken back by",
        ));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).at(path)?;
    if connection.is_readonly("main").at(path)? {
        return Err(forbidden("the file or its medium is read-only"));
    }
    prepare(&connection).at(path)?;
    Ok(connection)
}

/// Is the file sound and free? From now on a commit is on the medium when it returns.
pub(super) fn whole(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |r| r.get(0)).at(path)?;
    if verdict != "ok" {
        return Err(StoreError::unusable(
            path,
            format!("is damaged ({verdict}); take a backup of it, or look at it read-only"),
        ));
    }
    durable(connection).at(path)?;
    // Another program in the middle of a change is noticed now and not at the first label. Nothing is written.
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK").at(path)
}

/// A new document appears whole or not at all: `fill` writes it under another name in the same folder, then it is
/// renamed. Its folder entry is on the medium when this returns.
///
/// # Errors
/// When `path` exists, or the folder can't be written, or `fill` fails. Nothing is left then.
pub(super) fn make(
    path: &Path,
    fill: impl FnOnce(&mut Connection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if path.symlink_metadata().is_ok() {
        return Err(StoreError::Exists { path: path.to_owned() });
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(StoreError::unusable(
            path,
            format!("can't be made: the folder {} does not exist; make it first", folder.display()),
        ));
    }
    let cant = |e: &std::io::Error| {
        StoreError::unusable(path, format!("can't be made ({e}); check the folder and its free space"))
    };
    let file = beside(path).map_err(|e| cant(&e))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file.path(), flags).at(path)?;
    prepare(&connection).at(path)?;
    durable(&connection).at(path)?;
    fill(&mut connection)?;
    connection.close().map_err(|(_, e)| StoreError::sqlite(path, &e))?;
    file.as_file().sync_all().map_err(|e| cant(&e))?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        Err(e) if e.error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(StoreError::Exists { path: path.to_owned() });
        }
        Err(e) => return Err(cant(&e.error)),
    }
    #[cfg(unix)]
    File::open(folder).and_then(|f| f.sync_all()).map_err(|e| cant(&e))?;
    Ok(())
}

/// Can files be made beside this one? Tried with one that has no name; the mark on a folder counts as the mark on
/// a file does.
fn keeps_files(path: &Path) -> bool {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&real);
    // On Windows the mark means something else on folders.
    let marked = cfg!(unix) && folder.metadata().is_ok_and(|m| m.permissions().readonly());
    // Only a refusal counts: a full disk or a drive with its own rules is for SQLite to judge.
    let refused = |e: std::io::Error| {
        matches!(e.kind(), std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem)
    };
    !marked && !tempfile::tempfile_in(folder).is_err_and(refused)
}

/// The file of this name with `suffix` after it.
pub(super) fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// What every connection needs.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    schema::register_functions(connection)?;
    // A trigger of SlideRunner's writes the row that fired it.
    connection.pragma_update(None, "recursive_triggers", false)
}

/// A commit is on the medium when it returns, also after a power cut.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "EXTRA")
}

/// The layout of a SlideRunner database that we know.
pub(super) fn known(path: &Path, connection: &Connection) -> Result<Layout, StoreError> {
    let layout = Layout::read(connection).at(path)?;
    if !layout.is_sliderunner() {
        return Err(StoreError::unusable(
            path,
            "is an SQLite database of another program; choose a SlideRunner database",
        ));
    }
    if layout.own_version.is_some_and(|v| v > OWN_VERSION) {
        return Err(StoreError::unusable(
            path,
            "was written by a newer Mitoscope; update the program to open it",
        ));
    }
    Ok(layout)
}

/// Looks at the first bytes, so that a wrong file is refused for its own reason. Does it keep a write-ahead log (so
/// that even a reader writes files beside it)? Whether the file is whole is for SQLite to say, which holds the lock
/// and knows of a stopped program's change.
fn keeps_a_log(path: &Path) -> Result<bool, StoreError> {
    let wrong = |why: &str| Err(StoreError::unusable(path, why));
    let metadata = match path.metadata() {
        Ok(m) => m,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return wrong("does not exist; check the name, or make it with `mitoscope db create`");
        }
        Err(e) => return wrong(&format!("can't be read ({e}); check its permissions")),
    };
    if !metadata.is_file() {
        return wrong("is not a file; choose a SlideRunner database");
    }
    if metadata.len() == 0 {
        return wrong("is empty; choose a SlideRunner database, or make one with `mitoscope db create`");
    }
    let mut start = Vec::with_capacity(HEADER);
    if let Err(e) = File::open(path).and_then(|f| f.take(HEADER as u64).read_to_end(&mut start)) {
        return wrong(&format!("can't be read ({e}); check its permissions"));
    }
    if !start.starts_with(b"SQLite format 3\0") {
        let pointer = start.starts_with(b"version https://git-lfs");
        return wrong(if pointer {
            "is only a Git LFS pointer; fetch the file itself with `git lfs pull`"
        } else {
            "is not an SQLite database; choose a SlideRunner database"
        });
    }
    if start.len() < HEADER {
        return wrong("is cut short; fetch it again or take a backup of it");
    }
    Ok(start[19] == 2)
}

/// A URI for a file that nobody changes. The path's bytes are escaped.
fn immutable_uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                uri.push(char::from(*byte));
            }
            other => uri.push_str(&format!("%{other:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}
