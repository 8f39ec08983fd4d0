//! Every change there is.
//!
//! An edit carries what was before and what comes after, so that its inverse is known without the document.
//! The store writes an edit, and a line about it in its journal, in one transaction; undo writes the inverse
//! as a new line, so the journal only grows.

use super::object::{ObjectId, Shape, SlideId};
use super::outcome::Settlement;
use super::people::{Class, ClassId, Rater, Role};
use serde::{Deserialize, Serialize};

/// One change to the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Edit {
    /// A new object with its author's label. The store fills in `object` when it writes, and gives the object its
    /// guid, its identity from then on.
    AddObject {
        /// The uid it got; `None` until written.
        object: Option<ObjectId>,
        /// The slide.
        slide: SlideId,
        /// Where and what.
        shape: Shape,
        /// The author's opinion.
        class: ClassId,
        /// Free text.
        description: String,
    },
    /// Soft-deletes (`deleted`) an object, or brings it back.
    SetDeleted {
        /// Which.
        object: ObjectId,
        /// Deleted from now on?
        deleted: bool,
    },
    /// The author's opinion on an object: given (`before` none), changed, or taken back (`after` none).
    SetLabel {
        /// Which.
        object: ObjectId,
        /// The author's class until now.
        before: Option<ClassId>,
        /// The author's class from now on.
        after: Option<ClassId>,
    },
    /// Moves or reshapes an object.
    SetShape {
        /// Which.
        object: ObjectId,
        /// Its shape until now.
        before: Shape,
        /// Its shape from now on.
        after: Shape,
    },
    /// A new class.
    AddClass {
        /// Its id is given by the store when it writes.
        class: Class,
    },
    /// Sets what a class stands for.
    SetRole {
        /// Which class.
        class: ClassId,
        /// Its role until now.
        before: Role,
        /// Its role from now on.
        after: Role,
    },
    /// A new rater.
    AddRater {
        /// The id is given by the store when it writes.
        rater: Rater,
    },
    /// Puts a slide into the document.
    AddSlide {
        /// The uid it got; `None` until written.
        slide: Option<SlideId>,
        /// Base name.
        filename: String,
        /// Absolute folder.
        directory: String,
        /// Width and height in level-0 pixels, if the slide could be opened.
        size: Option<(u32, u32)>,
        /// Micrometres per pixel, if known.
        mpp: Option<(f64, f64)>,
        /// The case it belongs to.
        case: Option<String>,
    },
    /// Sets agreed classes by a rule, all at once.
    SetAgreed {
        /// The study's rule until now.
        before: Option<Settlement>,
        /// Its rule from now on: by it labels come to agreed classes.
        after: Option<Settlement>,
        /// Each object with its agreed class until now and from now on.
        changes: Vec<(ObjectId, ClassId, ClassId)>,
    },
    /// A task was made for a rater.
    CreateTask {
        /// Its name.
        name: String,
        /// For whom.
        rater: String,
        /// How many items it has.
        items: u32,
    },
    /// A task was sealed, and its labels were written.
    SealTask {
        /// Its name.
        name: String,
        /// How many labels.
        labels: u64,
    },
    /// A kit came back.
    MergeKit {
        /// The task's name.
        name: String,
        /// Ballots that were new.
        ballots: u32,
    },
    /// A rater's key was registered.
    RegisterKey {
        /// Whose.
        rater: String,
        /// The public key in hexadecimal digits.
        key: String,
    },
    /// Somebody looked at what a blind rater must not see, while a blind task was open, and said to be the coordinator.
    LookedAsCoordinator {
        /// With which command.
        command: String,
    },
    /// Puts a slide into a case (one patient's or animal's slides), or takes it out.
    SetCase {
        /// Which slide.
        slide: SlideId,
        /// Its case until now.
        before: Option<String>,
        /// Its case from now on.
        after: Option<String>,
    },
    /// What came in from a file, all of it at once. It stays; the file tells what it was.
    Import {
        /// The file's name.
        source: String,
        /// The objects that are new.
        objects: Vec<ObjectId>,
        /// Labels on new objects and on those that were there.
        labels: u64,
        /// Proposals of a detector.
        #[serde(default)]
        candidates: u64,
    },
}

impl Edit {
    /// The change that takes this one back; `None` for what stays (what was added to the study, and what became of its
    /// tasks).
    ///
    /// `self` must have been written: an added object needs its uid.
    pub fn inverse(&self) -> Option<Self> {
        match self {
            Self::AddObject { object, .. } => object.map(|object| Self::SetDeleted { object, deleted: true }),
            Self::SetDeleted { object, deleted } => {
                Some(Self::SetDeleted { object: *object, deleted: !deleted })
            }
            Self::SetLabel { object, before, after } => {
                Some(Self::SetLabel { object: *object, before: *after, after: *before })
            }
            Self::SetShape { object, before, after } => {
                Some(Self::SetShape { object: *object, before: after.clone(), after: before.clone() })
            }
            Self::SetRole { class, before, after } => {
                Some(Self::SetRole { class: *class, before: *after, after: *before })
            }
            Self::SetCase { slide, before, after } => {
                Some(Self::SetCase { slide: *slide, before: after.clone(), after: before.clone() })
            }
            Self::SetAgreed { before, after, changes } => Some(Self::SetAgreed {
                before: after.clone(),
                after: before.clone(),
                changes: changes.iter().map(|(object, before, after)| (*object, *after, *before)).collect(),
            }),
            Self::AddClass { .. }
            | Self::AddRater { .. }
            | Self::AddSlide { .. }
            | Self::Import { .. }
            | Self::CreateTask { .. }
            | Self::SealTask { .. }
            | Self::MergeKit { .. }
            | Self::RegisterKey { .. }
            | Self::LookedAsCoordinator { .. } => None,
        }
    }

    /// The object that is changed.
    pub fn object(&self) -> Option<ObjectId> {
        match self {
            Self::AddObject { object, .. } => *object,
            Self::SetDeleted { object, .. }
            | Self::SetLabel { object, .. }
            | Self::SetShape { object, .. } => Some(*object),
            Self::AddClass { .. }
            | Self::SetRole { .. }
            | Self::AddRater { .. }
            | Self::AddSlide { .. }
            | Self::SetAgreed { .. }
            | Self::Import { .. }
            | Self::CreateTask { .. }
            | Self::SealTask { .. }
            | Self::MergeKit { .. }
            | Self::RegisterKey { .. }
            | Self::LookedAsCoordinator { .. }
            | Self::SetCase { .. } => None,
        }
    }

    /// What was done, for the status line: "spot labelled", "spot deleted".
    pub fn title(&self) -> String {
        match self {
            Self::AddObject { shape, .. } => format!("{} added", shape.title()),
            Self::SetDeleted { deleted: true, .. } => "object deleted".into(),
            Self::SetDeleted { deleted: false, .. } => "object brought back".into(),
            Self::SetLabel { after: Some(_), .. } => "label set".into(),
            Self::SetLabel { after: None, .. } => "label taken back".into(),
            Self::SetShape { .. } => "object moved".into(),
            Self::AddClass { class } => format!("class \"{}\" added", class.name),
            Self::SetRole { .. } => "class role set".into(),
            Self::AddRater { rater } => format!("rater \"{}\" added", rater.name),
            Self::AddSlide { filename, .. } => format!("slide \"{filename}\" added"),
            Self::SetCase { .. } => "case set".into(),
            Self::SetAgreed { after, changes, .. } => {
                let by = after.as_ref().map_or_else(String::new, |s| format!(" by {}", s.rule));
                format!("{} agreed classes set{by}", changes.len())
            }
            Self::CreateTask { name, .. } => format!("task \"{name}\" made"),
            Self::SealTask { name, .. } => format!("task \"{name}\" sealed"),
            Self::MergeKit { name, .. } => format!("kit of task \"{name}\" merged"),
            Self::RegisterKey { rater, .. } => format!("key of \"{rater}\" registered"),
            Self::LookedAsCoordinator { .. } => "looked at as the coordinator".into(),
            Self::Import { source, objects, labels, candidates } => {
                let number = |n: u64, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
                let what = match candidates {
                    0 => {
                        format!("{} and {}", number(objects.len() as u64, "object"), number(*labels, "label"))
                    }
                    n => number(*n, "candidate"),
                };
                format!("{what} imported from {source}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rule;

    #[test]
    fn an_import_says_how_much_came_in() {
        let import = |objects: usize, labels, candidates| Edit::Import {
            source: "cells.csv".into(),
            objects: vec![ObjectId(1); objects],
            labels,
            candidates,
        };
        assert_eq!(import(12, 3, 0).title(), "12 objects and 3 labels imported from cells.csv");
        assert_eq!(import(0, 1, 0).title(), "0 objects and 1 label imported from cells.csv");
        assert_eq!(import(0, 0, 40).title(), "40 candidates imported from cells.csv");
    }

    #[test]
    fn the_inverse_of_the_inverse_is_the_edit() {
        let edits = [
            Edit::SetDeleted { object: ObjectId(3), deleted: true },
            Edit::SetLabel { object: ObjectId(3), before: None, after: Some(ClassId(2)) },
            Edit::SetShape { object: ObjectId(3), before: Shape::Image, after: Shape::Image },
            Edit::SetRole { class: ClassId(1), before: Role::Other, after: Role::LookAlike },
            Edit::SetCase { slide: SlideId(1), before: None, after: Some("case 7".into()) },
            Edit::SetAgreed {
                before: None,
                after: Some(Settlement { rule: Rule::Majority, raters: Vec::new(), consensus: None }),
                changes: vec![(ObjectId(3), ClassId(1), ClassId(0))],
            },
        ];
        for edit in edits {
            assert_eq!(edit.inverse().and_then(|e| e.inverse()), Some(edit));
        }
    }
}
