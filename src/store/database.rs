//! One connection to a document.

use super::error::{InWords as _, StoreError};
use super::generation::{Generation, Layout};
use super::journal::Stacks;
use super::upgrade::{self, Upgrade};
use super::{open, schema};
use crate::model::people::DEFAULT_CLASSES;
use crate::model::{Edit, Object, RaterId, Resolution, SlideId};
use rusqlite::{Connection, TransactionBehavior};
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

/// Why an edit was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// For the first time.
    New,
    /// To take an earlier one back.
    Undo,
    /// To make an undone one again.
    Redo,
}

/// An edit that is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Its number in the journal.
    pub entry: i64,
    /// Why it was written.
    pub how: How,
    /// The edit with the uids that it got.
    pub edit: Edit,
    /// Its author.
    pub rater: RaterId,
    /// The object as it is now, where the edit has one.
    pub object: Option<Object>,
}

/// One connection to a document.
pub struct Database {
    pub(super) path: PathBuf,
    pub(super) connection: Connection,
    pub(super) layout: Layout,
    pub(super) access: Access,
    pub(super) stacks: Stacks,
    upgraded: Option<Upgrade>,
}

impl Database {
    /// Makes a new document with SlideRunner's schema 3c, our tables and the default classes.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        open::make(path, |connection| fill(connection, true).at(path))?;
        Self::open(path, Access::ReadWrite)
    }

    /// The same without any class, for a study that brings its own.
    ///
    /// # Errors
    /// When the file exists or can't be written.
    pub fn create_without_classes(path: &Path) -> Result<Self, StoreError> {
        open::make(path, |connection| fill(connection, false).at(path))?;
        Self::open(path, Access::ReadWrite)
    }

    /// Opens a document of any generation. With [`Access::ReadOnly`] no byte of it changes; with
    /// [`Access::ReadWrite`] an older generation is brought to the newest first, after a backup beside the file
    /// ([`Self::upgraded_from`] tells).
    ///
    /// # Errors
    /// When the file is missing, no SlideRunner database, damaged, of a newer version, or locked.
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        let (connection, layout, upgraded) = match access {
            Access::ReadOnly => {
                let (connection, layout) = open::read_only(path)?;
                (connection, layout, None)
            }
            Access::ReadWrite => {
                let (mut connection, layout) = open::read_write(path)?;
                let upgraded = upgrade::upgrade(path, &mut connection, &layout)?;
                let layout = if upgraded.is_some() { Layout::read(&connection).at(path)? } else { layout };
                (connection, layout, upgraded)
            }
        };
        Ok(Self { path: path.to_owned(), connection, layout, access, stacks: Stacks::default(), upgraded })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// May it be changed?
    pub fn access(&self) -> Access {
        self.access
    }

    /// The schema's generation, by its columns.
    pub fn generation(&self) -> Generation {
        self.layout.generation()
    }

    /// Must it be brought to the newest generation before it can be written? Opening for writing does that.
    pub fn needs_upgrade(&self) -> bool {
        !self.layout.is_whole()
    }

    /// What [`Self::open`] upgraded, if it had to.
    pub fn upgraded_from(&self) -> Option<&Upgrade> {
        self.upgraded.as_ref()
    }

    /// Writes a copy of the whole document, as it is at one moment.
    ///
    /// # Errors
    /// When `to` exists or can't be written.
    pub fn copy_to(&self, to: &Path) -> Result<(), StoreError> {
        upgrade::copy(&self.path, &self.connection, to)
    }

    /// Starts a change: the lock is taken now, so that what is read next stays true until the commit, and our own
    /// tables are there.
    pub(super) fn begin(&mut self) -> Result<rusqlite::Transaction<'_>, StoreError> {
        if self.access == Access::ReadOnly {
            return Err(StoreError::NotWritable {
                path: self.path.clone(),
                why: "it is open for looking only".into(),
            });
        }
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).at(&self.path)?;
        if !self.layout.has_own() {
            schema::create_own(&tx).at(&self.path)?;
        }
        Ok(tx)
    }

    /// Lets `read` see the document as it is at one moment, whoever writes meanwhile.
    pub(super) fn at_one_moment<T>(
        &self,
        read: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // Dropped without a commit: nothing was written.
        let _moment = match self.connection.is_autocommit() {
            true => Some(self.connection.unchecked_transaction().at(&self.path)?),
            false => None,
        };
        read()
    }
}

/// Commits a change; nothing that follows can fail, so that what is on disk is never called refused. Gives back the
/// layout where `known` does not have all of our tables yet.
pub(super) fn commit(tx: rusqlite::Transaction<'_>, known: &Layout) -> rusqlite::Result<Option<Layout>> {
    let grown = if known.has_own() { None } else { Some(Layout::read(&tx)?) };
    tx.commit()?;
    Ok(grown)
}

/// Everything of a new document, in one transaction.
fn fill(connection: &mut Connection, classes: bool) -> rusqlite::Result<()> {
    let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for table in &schema::TABLES {
        schema::create_table(&tx, table)?;
    }
    schema::create_triggers(&tx)?;
    schema::create_own(&tx)?;
    for (name, color, role) in DEFAULT_CLASSES.into_iter().filter(|_| classes) {
        tx.execute("INSERT INTO Classes (name, color) VALUES (?1, ?2)", (name, color.to_string()))?;
        tx.execute(
            "INSERT INTO mitoscope_roles (class, role) VALUES (?1, ?2)",
            (tx.last_insert_rowid(), role.id()),
        )?;
    }
    tx.pragma_update(None, "user_version", schema::USER_VERSION)?;
    tx.commit()
}
