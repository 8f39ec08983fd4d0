//! Several opinions on the same objects, none of them knowing the others, and what they come to.
//!
//! [`task`] plans what a rater is asked, [`ballot`] chains and signs the answers, [`blind`] is what the window holds
//! while a blind task is open, [`kit`] a task that travels, [`outcome`] the agreed class by a rule, [`agreement`] how
//! well raters agree, [`stages`] what the coordinator sees of the whole.

pub mod agreement;
pub mod ballot;
pub mod blind;
mod error;
pub mod key;
pub mod kit;
pub mod outcome;
pub mod select;
pub mod stages;
pub mod task;

pub use error::StudyError;
