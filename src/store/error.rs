//! Why a document can't be read or written, in the user's words.

use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// SQLite's `SQLITE_READONLY_ROLLBACK`: a journal must be played back, and this connection may not.
const STOPPED_WRITER: i32 = 8 | (3 << 8);

/// Why the document can't be read or written. Each message names the file and says what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It exists already.
    #[error("{path}: exists already; choose another name or open it")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Nothing can be read.
    #[error("{path}: {why}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
    /// Another program holds it.
    #[error(
        "{path}: another program holds it (SlideRunner with changes that it has not saved yet, perhaps); \
         close it there and try again"
    )]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It can be read but not written.
    #[error("{path}: can't be written ({why}); copy it to a folder of your own, or change its permissions")]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What forbids it.
        why: String,
    },
    /// The change does not fit the document, which stays as it was.
    #[error("{path}: {why}")]
    Refused {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        why: String,
    },
    /// SQLite refused.
    #[error("{path}: {why}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said, in words, and what to do.
        why: String,
    },
}

impl StoreError {
    /// A change that does not fit.
    pub(super) fn refused(path: &Path, why: impl Into<String>) -> Self {
        Self::Refused { path: path.to_owned(), why: why.into() }
    }

    /// A file that is no document.
    pub(super) fn unusable(path: &Path, why: impl Into<String>) -> Self {
        Self::Unusable { path: path.to_owned(), why: why.into() }
    }

    /// What SQLite said, in words.
    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        if error.sqlite_error().is_some_and(|e| e.extended_code == STOPPED_WRITER) {
            let why = "a program was stopped while it wrote; open the document for writing once (the window does, or \
                       `mitoscope db upgrade`), which takes the unfinished change back";
            return Self::Unusable { path, why: why.into() };
        }
        let why = match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => return Self::Locked { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                return Self::NotWritable { path, why: "the file or its folder is read-only".into() };
            }
            Some(ErrorCode::NotADatabase) => {
                "is not an SQLite database; choose a SlideRunner database".into()
            }
            Some(ErrorCode::DatabaseCorrupt) => {
                "is damaged or cut short; take a backup of it or fetch it again".into()
            }
            Some(ErrorCode::DiskFull) => {
                "the disk is full, nothing was changed; free some space and try again".into()
            }
            Some(ErrorCode::CannotOpen) => {
                "can't be opened; check that the file and its folder exist and may be read and written".into()
            }
            Some(ErrorCode::SystemIoFailure) => {
                "the disk reports an error; check the medium or the network drive and try again".into()
            }
            _ => format!("SQLite says \"{error}\"; check the document with `mitoscope db check`"),
        };
        Self::Sqlite { path, why }
    }
}

/// Turns SQLite's errors into ours.
pub(super) trait InWords<T> {
    /// The value, or the error with the file's name.
    fn at(self, path: &Path) -> Result<T, StoreError>;
}

impl<T> InWords<T> for Result<T, rusqlite::Error> {
    fn at(self, path: &Path) -> Result<T, StoreError> {
        self.map_err(|e| StoreError::sqlite(path, &e))
    }
}
