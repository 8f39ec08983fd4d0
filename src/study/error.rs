//! Why something in a study can't be done, in the user's words.

use crate::store::StoreError;
use std::path::PathBuf;

/// Why something in a study can't be done. Each message names the file and says what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// The document or the kit says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was asked does not fit the study.
    #[error("{path}: {why}")]
    Refused {
        /// The document or kit.
        path: PathBuf,
        /// What does not fit and what would.
        why: String,
    },
    /// The rater's key can't be used.
    #[error("{path}: the key that signs ballots {why}")]
    Key {
        /// The key's file.
        path: PathBuf,
        /// What is wrong and what to do.
        why: String,
    },
}

impl StudyError {
    /// What does not fit.
    pub(super) fn refused(path: &std::path::Path, why: impl Into<String>) -> Self {
        Self::Refused { path: path.to_owned(), why: why.into() }
    }
}
