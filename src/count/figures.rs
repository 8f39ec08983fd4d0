//! What is counted.

use crate::model::{Class, ClassId, Object, Role, SlidePx};

/// Centres of the objects whose agreed class is a mitotic figure by its role, in level-0 pixels. Deleted objects,
/// flags and image labels don't count.
pub fn figures(objects: &[Object], classes: &[Class]) -> Vec<SlidePx> {
    let mitotic = |id: ClassId| classes.iter().any(|c| c.id == id && c.role == Role::MitoticFigure);
    objects.iter().filter(|o| o.countable() && mitotic(o.agreed)).filter_map(|o| o.shape.center()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ObjectId, Rect, Shape, SlideId};

    #[test]
    fn cells_and_regions_of_the_role_count_and_nothing_else() {
        let classes = crate::model::people::DEFAULT_CLASSES
            .into_iter()
            .zip(1..)
            .map(|((name, color, role), id)| Class { id: ClassId(id), name: name.into(), color, role });
        let classes: Vec<Class> = classes.collect();
        let object = |id: i64, shape: Shape, agreed: i64, deleted: bool| Object {
            id: ObjectId(id),
            guid: String::new(),
            slide: SlideId(1),
            shape,
            z: 0,
            agreed: ClassId(agreed),
            labels: Vec::new(),
            deleted,
            description: String::new(),
            modified: 0.0,
        };
        let at = |x: f64| SlidePx::new(x, 0.0);
        let objects = [
            object(1, Shape::Spot(at(1.0)), 1, false),
            object(2, Shape::Rectangle(Rect::new(1.0, -1.0, 2.0, 2.0)), 1, false),
            object(3, Shape::Flag(at(3.0)), 1, false),
            object(4, Shape::Image, 1, false),
            object(5, Shape::Spot(at(5.0)), 1, true),
            object(6, Shape::Spot(at(6.0)), 2, false),
            object(7, Shape::Spot(at(7.0)), 0, false),
            object(8, Shape::Spot(at(8.0)), 77, false),
        ];
        assert_eq!(figures(&objects, &classes), [at(1.0), at(2.0)]);
    }
}
