//! The modes of the window, each with its state and its controls.

pub mod count;
pub mod screening;
pub mod study;
pub mod vote;

use serde::{Deserialize, Serialize};

/// What the window is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Mode {
    /// Looking around freely.
    #[default]
    View,
    /// Field by field over all tissue.
    Screen,
    /// One rater's tasks, item by item.
    Vote,
    /// The mitotic count.
    Count,
    /// What the coordinator of a study sees.
    Study,
}

impl Mode {
    /// All of them, in the order of the tabs.
    pub const ALL: [Self; 5] = [Self::View, Self::Screen, Self::Vote, Self::Count, Self::Study];

    /// The tab's name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::View => "View",
            Self::Screen => "Screen",
            Self::Vote => "Vote",
            Self::Count => "Count",
            Self::Study => "Study",
        }
    }

    /// The mode of this name.
    pub fn named(title: &str) -> Self {
        Self::ALL.into_iter().find(|m| m.title() == title).unwrap_or_default()
    }
}
