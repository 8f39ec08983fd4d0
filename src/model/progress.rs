//! What was looked at.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far one rater's pass over one slide has come. Fields are numbered as in the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The field on the screen.
    pub current: u32,
    /// Fields that were left by a step forward.
    pub done: BTreeSet<u32>,
}
