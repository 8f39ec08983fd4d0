//! The document: a SlideRunner database, with tables of our own beside SlideRunner's.
//!
//! [`database`] is one connection; [`writer`] owns one on a thread of its own, for the window. Every change is
//! an [`crate::model::Edit`], written with its line in the journal in one transaction (rollback journal,
//! `synchronous=EXTRA`): when [`database::Database::apply`] returns, the change is on disk.

pub mod check;
pub mod database;
mod error;
pub mod exchange;
mod export;
pub mod generation;
mod import;
pub mod index;
pub mod journal;
mod memory;
mod open;
pub mod opinions;
mod read;
mod rows;
pub mod schema;
mod standing;
pub mod summary;
pub mod tasks;
mod upgrade;
mod write;
pub mod writer;

pub use database::{Access, Applied, Database, How, SlideEntry};
pub use error::StoreError;
pub use export::Wanted;
pub use generation::Generation;
pub use import::{Created, Imported, Named, Source};
pub use index::ObjectIndex;
pub use journal::JournalEntry;
pub use opinions::Opinion;
pub use standing::Standing;
pub use summary::Summary;
pub use tasks::TaskFile;
pub use upgrade::Upgrade;
pub use writer::{Event, Request, Writer};
