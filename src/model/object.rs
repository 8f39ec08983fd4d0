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

    /// Does `p` lie within the shape? A polygon that crosses itself holds what its line goes around an odd number of
    /// times; spots, flags and image labels hold nothing.
    pub fn holds(&self, p: SlidePx) -> bool {
        match self {
            Self::Rectangle(r) => r.contains(p),
            Self::Circle { center, radius } => center.distance(p) <= *radius,
            Self::Polygon(points) => {
                let before = points.iter().cycle().skip(points.len().saturating_sub(1));
                let crossed = points.iter().zip(before).filter(|(a, b)| {
                    (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x
                });
                crossed.count() % 2 == 1
            }
            Self::Spot(_) | Self::Flag(_) | Self::Image => false,
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
    /// Can it be counted at all? Deleted objects, flags and image labels are no cells and no regions.
    pub fn countable(&self) -> bool {
        !self.deleted && !matches!(self.shape, Shape::Flag(_) | Shape::Image)
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygons_hold_what_lies_within() {
        let at = |(x, y): (f64, f64)| SlidePx::new(x, y);
        // An L, and a bow tie that crosses itself.
        let l = [(0.0, 0.0), (10.0, 0.0), (10.0, 4.0), (4.0, 4.0), (4.0, 10.0), (0.0, 10.0)].map(at);
        let shape = Shape::Polygon(l.to_vec());
        for (p, inside) in [((1.0, 1.0), true), ((9.0, 1.0), true), ((1.0, 9.0), true), ((9.0, 9.0), false)] {
            assert_eq!(shape.holds(at(p)), inside, "{p:?}");
        }
        let bow = Shape::Polygon([(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)].map(at).to_vec());
        assert!(bow.holds(at((1.0, 5.0))) && !bow.holds(at((5.0, 1.0))));
        assert!(!Shape::Polygon(Vec::new()).holds(at((0.0, 0.0))));
        let circle = Shape::Circle { center: at((5.0, 5.0)), radius: 2.0 };
        assert!(circle.holds(at((7.0, 5.0))) && !circle.holds(at((6.9, 6.9))));
        assert!(Shape::Rectangle(Rect::new(0.0, 0.0, 5.0, 5.0)).holds(at((0.0, 4.9))));
        assert!(!Shape::Spot(at((1.0, 1.0))).holds(at((1.0, 1.0))));
    }
}
