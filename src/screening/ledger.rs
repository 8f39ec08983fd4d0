//! What was looked at.

pub use crate::model::Progress;
