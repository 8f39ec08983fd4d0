//! Several opinions on the same objects, none of them knowing the others, and what they come to.
//!
//! [`task`] plans what a rater is asked, [`ballot`] chains and signs the answers, [`blind`] is what the window holds
//! while a blind task is open, [`kit`] a task that travels, [`outcome`] the agreed class by a rule, [`agreement`] how
//! well raters agree ([`figures`] for a document, [`reliability`] for each rater alone, [`disputes`] cell by cell),
//! [`stages`] what the coordinator sees of the whole.

pub mod agreement;
pub mod ballot;
pub mod blind;
pub mod disputes;
mod error;
pub mod figures;
pub mod key;
pub mod kit;
pub mod outcome;
pub mod reliability;
pub mod select;
pub mod stages;
pub mod task;

pub use error::StudyError;
