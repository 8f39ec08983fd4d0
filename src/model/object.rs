//! Objects on a slide and the opinions about them.

use super::people::{ClassId, RaterId};
use super::space::{Rect, SlidePx};
use serde::{Deserialize, Serialize};

/// A slide's uid in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct SlideId(pub i64);

/// An object's uid in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct ObjectId(pub i64);

/// What an object looks like on the slide, in level-0 pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// A cell, by its centre.
    Spot(SlidePx),
    /// An upright rectangle.
    Rectangle(Rect),
    /// A polygon without its closing point; three points or more.
    Polygon(Vec<SlidePx>),
    /// A circle.
    Circle {
        /// Its centre.
        center: SlidePx,
        /// Its radius in level-0 pixels.
        radius: f64,
    },
    /// An important position.
    Flag(SlidePx),
    /// A label of the slide as a whole.
    Image,
}

impl Shape {
    /// SlideRunner's number for this type of object.
    pub fn type_number(&self) -> i64 {
        match self {
            Self::Spot(_) => 1,
            Self::Rectangle(_) => 2,
            Self::Polygon(_) => 3,
            Self::Flag(_) => 4,
            Self::Circle { .. } => 5,
            Self::Image => 6,
        }
    }

    /// The type's name for people.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Spot(_) => "spot",
            Self::Rectangle(_) => "rectangle",
            Self::Polygon(_) => "polygon",
            Self::Flag(_) => "flag",
            Self::Circle { .. } => "circle",
            Self::Image => "image label",
        }
    }

    /// The smallest rectangle around the shape; `None` for an image label.
    pub fn bounds(&self) -> Option<Rect> {
        match self {
            Self::Spot(p) | Self::Flag(p) => Some(Rect::new(p.x, p.y, 0.0, 0.0)),
            Self::Rectangle(r) => Some(*r),
            Self::Circle { center, radius } => Some(Rect::around(*center, 2.0 * radius, 2.0 * radius)),
            Self::Polygon(points) => {
                let (first, rest) = points.split_first()?;
                let start = Rect::new(first.x, first.y, 0.0, 0.0);
                Some(rest.iter().fold(start, |r, p| r.union(&Rect::new(p.x, p.y, 0.0, 0.0))))
            }
            Self::Image => None,
        }
    }

    /// The shape's middle; for a spot its place. `None` for an image label.
    pub fn center(&self) -> Option<SlidePx> {
        self.bounds().map(|r| r.center())
    }
}

/// One rater's opinion on one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The row's uid: the order in which opinions came.
    pub uid: i64,
    /// Whose opinion.
    pub rater: RaterId,
    /// The class.
    pub class: ClassId,
}

/// An object of a slide, with all opinions in their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// Its uid.
    pub id: ObjectId,
    /// Its identity across documents; empty in files older than generation 1.
    pub guid: String,
    /// The slide it lies on.
    pub slide: SlideId,
    /// Where and what.
    pub shape: Shape,
    /// Frame number from 0.
    pub z: i64,
    /// The outcome; [`ClassId::UNKNOWN`] where there is none.
    pub agreed: ClassId,
    /// Opinions in their order.
    pub labels: Vec<Label>,
    /// Soft-deleted: not shown, not counted.
    pub deleted: bool,
    /// Free text.
    pub description: String,
    /// Unix time of the last change, in seconds.
    pub modified: f64,
}

impl Object {
    /// The first label of a rater, which is the one that counts.
    pub fn label_by(&self, rater: RaterId) -> Option<Label> {
        self.labels.iter().copied().find(|l| l.rater == rater)
    }
}

/// SlideRunner's rule for the stored class after a label changed: the class that all labels name, else unknown.
pub fn unanimous(labels: &[Label]) -> ClassId {
    match labels.split_first() {
        Some((first, rest)) if rest.iter().all(|l| l.class == first.class) => first.class,
        _ => ClassId::UNKNOWN,
    }
}
