//! What is counted.

use crate::model::{Class, ClassId, Object, Role, Shape, SlidePx};

/// Centres of the objects whose agreed class is a mitotic figure by its role, in level-0 pixels. Deleted objects,
/// flags and image labels don't count.
pub fn figures(objects: &[Object], classes: &[Class]) -> Vec<SlidePx> {
    let mitotic = |id: ClassId| classes.iter().any(|c| c.id == id && c.role == Role::MitoticFigure);
    objects
        .iter()
        .filter(|o| !o.deleted && !matches!(o.shape, Shape::Flag(_) | Shape::Image) && mitotic(o.agreed))
        .filter_map(|o| o.shape.center())
        .collect()
}
