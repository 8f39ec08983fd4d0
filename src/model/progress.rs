//! What was looked at.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far one rater's pass over one slide has come. Fields are numbered as in the plan, so numbers of one plan mean
/// nothing in another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The field on the screen.
    pub current: u32,
    /// Fields that were left by a step forward.
    pub done: BTreeSet<u32>,
    /// The fingerprint of the plan that the numbers belong to; 0 where it is not known, as in older files.
    #[serde(default)]
    pub plan: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_older_files_hold_is_of_no_known_plan() {
        let old: Progress = serde_json::from_str(r#"{"current": 4, "done": [0, 1, 3]}"#).unwrap();
        assert_eq!(old, Progress { current: 4, done: [0, 1, 3].into(), plan: 0 });
        let new = Progress { plan: u64::MAX, ..old };
        let text = serde_json::to_string(&new).unwrap();
        assert_eq!(serde_json::from_str::<Progress>(&text).unwrap(), new, "{text}");
    }
}
