//! Tasks: what a rater is asked, and what was answered.
//!
//! Everything here is what the rater may know. Which object an item stands for, what others think of it, where it came
//! from and which items repeat others is not in these types.

use super::people::{Class, ClassId};
use super::space::{Resolution, SlidePx};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A task's number in its document or kit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TaskId(pub i64);

/// What a rater is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskKind {
    /// An own opinion on every object, blind.
    Label,
    /// An own opinion where others disagree, blind.
    Adjudicate,
    /// The joint opinion of two raters who see what both said; stored as the person "Consensus".
    Consensus,
    /// An opinion on what a detector proposed, blind.
    Candidates,
    /// An opinion on cells whose label was changed, as plain patches, blind.
    Confirm,
}

impl TaskKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Label, Self::Adjudicate, Self::Consensus, Self::Candidates, Self::Confirm];

    /// The word for files and the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Adjudicate => "adjudicate",
            Self::Consensus => "consensus",
            Self::Candidates => "candidates",
            Self::Confirm => "confirm",
        }
    }

    /// Must the rater not know what others think?
    pub const fn is_blind(self) -> bool {
        !matches!(self, Self::Consensus)
    }
}

impl fmt::Display for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for TaskKind {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|k| k.id() == s).ok_or_else(|| {
            format!("\"{s}\" is no kind of task; choose label, adjudicate, consensus, candidates or confirm")
        })
    }
}

/// How the items are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskView {
    /// The slide, centred on the object.
    #[default]
    Context,
    /// Patches cut out around the object.
    Patches,
}

/// What a task is, apart from its items.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Its number where it was read.
    pub id: TaskId,
    /// Its identity, in the study and in kits.
    pub guid: String,
    /// Its name.
    pub name: String,
    /// Who is asked.
    pub rater: String,
    /// What is asked.
    pub kind: TaskKind,
    /// Unix time in seconds.
    pub created: f64,
    /// What can be answered and how it is shown.
    pub settings: TaskSettings,
    /// BLAKE3 over all of the above and all items: ballots are chained to it.
    pub fingerprint: Digest,
    /// How many items.
    pub items: u32,
    /// How many of them have a ballot.
    pub done: u32,
    /// Read-only from now on.
    pub seal: Option<Seal>,
}

/// What can be answered and how it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskSettings {
    /// The classes to choose from, in the order of their digits.
    pub classes: Vec<Class>,
    /// How items are looked at first.
    pub view: TaskView,
    /// Side of a patch in micrometres.
    pub patch_um: f64,
}

/// A slide of a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskSlide {
    /// Its number in the task, from 1.
    pub number: u32,
    /// What it is called where its name must not be told.
    pub code: String,
    /// Base name; `None` where the items bring their pictures.
    pub filename: Option<String>,
    /// Folder, a hint only.
    pub directory: Option<String>,
    /// Level-0 width and height.
    pub size: Option<(u32, u32)>,
    /// Micrometres per pixel.
    pub resolution: Option<Resolution>,
    /// What the file is known by whatever its name is: a hash of its size, beginning and end.
    pub print: Option<Digest>,
}

/// One thing to judge.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// From 1, in the task's order.
    pub number: u32,
    /// Its identity; says nothing of the object's.
    pub guid: String,
    /// The slide's number in the task.
    pub slide: u32,
    /// Its place in level-0 pixels.
    pub at: SlidePx,
    /// Quarter turns clockwise that the picture is shown with, 0 to 3.
    pub turn: u8,
    /// Others' opinions, in a consensus task alone: name and class.
    pub shown: Vec<(String, ClassId)>,
}

/// An answer, before it is written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vote {
    /// The class; [`ClassId::UNKNOWN`] for "can't tell".
    pub class: ClassId,
    /// Free text.
    pub comment: String,
    /// Seconds that the item was on the screen.
    pub dwell: Option<f64>,
    /// Objective-equivalent magnification at which it was looked at.
    pub magnification: Option<f64>,
    /// Colour adjustment of the view, in words.
    pub adjustment: Option<String>,
}

/// A BLAKE3 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The hash that 64 hexadecimal digits write.
    pub fn from_hex(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Who vouches for something, and how: an ed25519 public key and its signature over a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// What is signed. Of a ballot it covers the ballot, the one before it, and so the whole task.
    pub hash: Digest,
    /// The public key.
    pub key: [u8; 32],
    /// The signature.
    pub signature: [u8; 64],
}

/// An answer that is on disk.
#[derive(Debug, Clone, PartialEq)]
pub struct Ballot {
    /// Its number among the task's ballots, from 1: a later one on the same item replaces an earlier one.
    pub number: u32,
    /// The item.
    pub item: u32,
    /// The answer.
    pub vote: Vote,
    /// Unix time in seconds.
    pub time: f64,
    /// Who signed it.
    pub signed: Signed,
}

/// The end of a task.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Seal {
    /// Unix time in seconds.
    pub time: f64,
    /// Ballots that it covers.
    pub ballots: u32,
    /// Who signed it, over the last ballot's hash.
    pub signed: Signed,
}
