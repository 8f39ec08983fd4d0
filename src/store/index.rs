//! Where objects lie: an R*-tree over one slide, for drawing what is in view and for picking with the pointer.

use crate::model::{Object, ObjectId, Rect, SlidePx};
use rstar::{AABB, PointDistance, RTree, RTreeObject};
use std::collections::HashMap;

/// An object's bounds in the tree.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Entry {
    id: ObjectId,
    bounds: Rect,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.bounds.x, self.bounds.y], [self.bounds.right(), self.bounds.bottom()])
    }
}

impl PointDistance for Entry {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        squared_distance(&self.bounds, SlidePx::new(point[0], point[1]))
    }
}

/// Squared distance in level-0 pixels from a point to a rectangle; 0 inside.
fn squared_distance(bounds: &Rect, p: SlidePx) -> f64 {
    let beyond = |v: f64, low: f64, high: f64| (low - v).max(v - high).max(0.0);
    let (dx, dy) = (beyond(p.x, bounds.x, bounds.right()), beyond(p.y, bounds.y, bounds.bottom()));
    dx * dx + dy * dy
}

/// The objects of one slide by place. Image labels have no place and are not in it; soft-deleted objects are, the
/// caller decides whether to show them.
#[derive(Debug, Clone, Default)]
pub struct ObjectIndex {
    tree: RTree<Entry>,
    bounds: HashMap<ObjectId, Rect>,
}

impl ObjectIndex {
    /// The index of these objects.
    pub fn new(objects: &[Object]) -> Self {
        let bounds: HashMap<ObjectId, Rect> =
            objects.iter().filter_map(|o| Some((o.id, o.shape.bounds()?))).collect();
        let entries = bounds.iter().map(|(id, bounds)| Entry { id: *id, bounds: *bounds }).collect();
        Self { tree: RTree::bulk_load(entries), bounds }
    }

    /// Number of objects in it.
    pub fn len(&self) -> usize {
        self.bounds.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.bounds.is_empty()
    }

    /// Puts an object in, or moves it to where it is now.
    pub fn insert(&mut self, object: &Object) {
        self.remove(object.id);
        if let Some(bounds) = object.shape.bounds() {
            self.tree.insert(Entry { id: object.id, bounds });
            self.bounds.insert(object.id, bounds);
        }
    }

    /// Takes an object out; was it in?
    pub fn remove(&mut self, id: ObjectId) -> bool {
        let Some(bounds) = self.bounds.remove(&id) else { return false };
        self.tree.remove(&Entry { id, bounds }).is_some()
    }

    /// Objects whose bounds touch `area` (its edges included), in no order.
    pub fn within(&self, area: Rect) -> Vec<ObjectId> {
        let area = AABB::from_corners([area.x, area.y], [area.right(), area.bottom()]);
        self.tree.locate_in_envelope_intersecting(area).map(|e| e.id).collect()
    }

    /// The object whose bounds are nearest to `p`, at `max_distance` level-0 pixels or less. Of several at the same
    /// distance (all that hold the point) the one with the smallest bounds, then the newest.
    pub fn nearest(&self, p: SlidePx, max_distance: f64) -> Option<ObjectId> {
        let mut best: Option<(f64, f64, ObjectId)> = None;
        for (entry, distance) in self.tree.nearest_neighbor_iter_with_distance_2([p.x, p.y]) {
            if distance > max_distance * max_distance || best.is_some_and(|(d, ..)| distance > d) {
                break;
            }
            let area = entry.bounds.w * entry.bounds.h;
            if best.is_none_or(|(_, a, id)| area < a || (area <= a && entry.id > id)) {
                best = Some((distance, area, entry.id));
            }
        }
        best.map(|(.., id)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClassId, Shape, SlideId};
    use proptest::prelude::*;

    fn object(id: i64, bounds: Rect) -> Object {
        let shape = if bounds.w > 0.0 {
            Shape::Rectangle(bounds)
        } else {
            Shape::Spot(SlidePx::new(bounds.x, bounds.y))
        };
        Object {
            id: ObjectId(id),
            guid: String::new(),
            slide: SlideId(1),
            shape,
            z: 0,
            agreed: ClassId(0),
            labels: Vec::new(),
            deleted: false,
            description: String::new(),
            modified: 0.0,
        }
    }

    fn place() -> impl Strategy<Value = Rect> {
        // Whole numbers, so that touching edges and equal distances occur.
        (0..40i32, 0..40i32, 0..6i32, 1..6i32).prop_map(|(x, y, w, h)| {
            Rect::new(x.into(), y.into(), w.into(), if w > 0 { h.into() } else { 0.0 })
        })
    }

    fn touches(a: &Rect, b: &Rect) -> bool {
        a.x <= b.right() && b.x <= a.right() && a.y <= b.bottom() && b.y <= a.bottom()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_finds_what_a_plain_search_finds(
            first in prop::collection::vec(place(), 0..60),
            moves in prop::collection::vec((0..80i64, prop::option::of(place())), 0..40),
            area in place(),
            (x, y, far) in (0..44i32, 0..44i32, 0..12i32),
        ) {
            let mut all: Vec<Object> = first.iter().enumerate().map(|(i, r)| object(i as i64, *r)).collect();
            let mut index = ObjectIndex::new(&all);
            for (id, to) in moves {
                let was = all.iter().any(|o| o.id == ObjectId(id));
                all.retain(|o| o.id != ObjectId(id));
                match to {
                    Some(to) => { all.push(object(id, to)); index.insert(&object(id, to)); }
                    None => prop_assert_eq!(index.remove(ObjectId(id)), was),
                }
            }
            prop_assert_eq!(index.len(), all.len());
            let bounds = |o: &Object| o.shape.bounds().unwrap();
            let mut wanted: Vec<ObjectId> = all.iter().filter(|o| touches(&bounds(o), &area)).map(|o| o.id).collect();
            let mut found = index.within(area);
            wanted.sort();
            found.sort();
            prop_assert_eq!(found, wanted);

            let (p, far) = (SlidePx::new(x.into(), y.into()), f64::from(far));
            let nearest = all.iter()
                .map(|o| (squared_distance(&bounds(o), p), bounds(o).w * bounds(o).h, -o.id.0))
                .filter(|(d, ..)| *d <= far * far)
                .min_by(|a, b| a.partial_cmp(b).unwrap())
                .map(|(.., id)| ObjectId(-id));
            prop_assert_eq!(index.nearest(p, far), nearest);
        }
    }
}
