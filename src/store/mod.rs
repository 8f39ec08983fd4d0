//! The document: a SlideRunner database, with tables of our own beside SlideRunner's.
//!
//! [`database`] is one connection; [`writer`] owns one on a thread of its own, for the window. Every change is
//! an [`crate::model::Edit`], written with its line in the journal in one transaction (rollback journal,
//! `synchronous=EXTRA`): when [`database::Database::apply`] returns, the change is on disk.

pub mod database;
pub mod index;
pub mod journal;
pub mod schema;
pub mod writer;

pub use database::{Access, Applied, Database, SlideEntry, StoreError};
pub use writer::{Event, Request, Writer};
