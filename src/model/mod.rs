//! The words of the field as types: positions with units, objects on a slide, classes and raters,
//! and every change that can be made to a document.
//!
//! Nothing here knows a file, a thread or a screen.

pub mod edit;
pub mod object;
pub mod outcome;
pub mod people;
pub mod progress;
pub mod space;
pub mod task;

pub use edit::Edit;
pub use object::{Label, Object, ObjectId, Shape, SlideId};
pub use outcome::{Rule, Settlement};
pub use people::{Class, ClassId, Rater, RaterId, Rgb, Role};
pub use progress::Progress;
pub use space::{Camera, Magnification, Rect, Resolution, ScreenPx, SlidePx, Um};
pub use task::{
    Ballot, Digest, Item, Seal, Signed, Task, TaskId, TaskKind, TaskSettings, TaskSlide, TaskView, Vote,
};
