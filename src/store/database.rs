//! One connection to a document.

use crate::model::{Class, ClassId, Edit, Object, Rater, RaterId, Resolution, SlideId};
use crate::screening::ledger::Progress;
use std::path::{Path, PathBuf};

/// May the document be changed?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its bytes stay the same.
    ReadOnly,
    /// Labels can be added.
    ReadWrite,
}

/// A slide that the document knows.
#[derive(Debug, Clone, PartialEq)]
pub struct SlideEntry {
    /// Its uid.
    pub id: SlideId,
    /// Base name.
    pub filename: String,
    /// Folder, a hint only.
    pub directory: String,
    /// Level-0 width and height, if it was ever opened.
    pub size: Option<(u32, u32)>,
    /// Micrometres per pixel that the document remembers.
    pub resolution: Option<Resolution>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Objects that are not deleted.
    pub objects: u64,
}

/// An edit that is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Its number in the journal.
    pub entry: i64,
    /// The edit with the uids that it got.
    pub edit: Edit,
    /// Its author.
    pub rater: RaterId,
    /// The object as it is now, where the edit has one.
    pub object: Option<Object>,
}

/// One connection to a document.
pub struct Database {
    path: PathBuf,
}

impl Database {
    /// Makes a new document with SlideRunner's schema 3c, our tables and the default classes.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let _ = path;
        todo!()
    }

    /// Opens a document of any generation. With [`Access::ReadOnly`] no byte of it changes.
    ///
    /// # Errors
    /// When the file is missing, no SlideRunner database, damaged, of a newer version, or locked.
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        let _ = (path, access);
        todo!()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Classes in the order of their uids.
    pub fn classes(&self) -> Result<Vec<Class>, StoreError> {
        todo!()
    }

    /// Raters in the order of their uids.
    pub fn raters(&self) -> Result<Vec<Rater>, StoreError> {
        todo!()
    }

    /// Slides in the order of their uids.
    pub fn slides(&self) -> Result<Vec<SlideEntry>, StoreError> {
        todo!()
    }

    /// All objects of a slide with their labels, soft-deleted ones included.
    pub fn objects(&self, slide: SlideId) -> Result<Vec<Object>, StoreError> {
        let _ = slide;
        todo!()
    }

    /// Writes one edit and its line in the journal. On disk when it returns.
    pub fn apply(&mut self, author: RaterId, edit: Edit) -> Result<Applied, StoreError> {
        let _ = (author, edit);
        todo!()
    }

    /// Takes the newest edit back that was not taken back yet; `None` when there is none.
    pub fn undo(&mut self, author: RaterId) -> Result<Option<Applied>, StoreError> {
        let _ = author;
        todo!()
    }

    /// Makes the newest undone edit again; `None` when there is none.
    pub fn redo(&mut self, author: RaterId) -> Result<Option<Applied>, StoreError> {
        let _ = author;
        todo!()
    }

    /// How far a rater's pass (from 1) over a slide has come.
    pub fn progress(&self, slide: SlideId, rater: RaterId, pass: u32) -> Result<Progress, StoreError> {
        let _ = (slide, rater, pass);
        todo!()
    }

    /// Remembers it.
    pub fn set_progress(
        &mut self,
        slide: SlideId,
        rater: RaterId,
        pass: u32,
        progress: &Progress,
    ) -> Result<(), StoreError> {
        let _ = (slide, rater, pass, progress);
        todo!()
    }

    /// The default class of a role: the first with it.
    pub fn class_of(&self, name_or_uid: &str) -> Result<ClassId, StoreError> {
        let _ = name_or_uid;
        todo!()
    }
}

/// Why the document can't be read or written. Each message names the file and says what to do.
#[derive(Debug, thiserror::Error)]
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
    /// SQLite refused.
    #[error("{path}: {why}")]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What SQLite said, in words, and what to do.
        why: String,
    },
}
