//! From objects, fields and counts to a [`Scene`]: the same for the window, pictures and reports.

use super::scene::{Fill, Mark, MarkKind, Scene};
use crate::model::{Class, ClassId, Object, ObjectId, Rect, Resolution, Rgb, Role, Shape, SlidePx, Um};

/// Radius of a spot's mark: the radius within which the published matching rule takes two spots for one cell.
const SPOT_RADIUS: Um = Um(6.25);
/// The same at the usual 0.25 um per pixel, for slides of unknown resolution.
const SPOT_RADIUS_PX: f64 = 25.0;
/// Smallest radius of a mark on the screen.
const LEAST_PX: f32 = 4.0;
/// Sides of the polygon that stands for a circle.
const CIRCLE_SIDES: usize = 64;
/// Half the side of a fill that reaches beyond every slide.
const FAR: f64 = 1e7;

const GREY: Rgb = Rgb(0xb4, 0xb4, 0xb4);
const COUNT_GREEN: [u8; 4] = [0x2d, 0xc6, 0x53, 255];
const DONE_TINT: [u8; 4] = [0x2d, 0xc6, 0x53, 26];
const FIELD_FRAME: [u8; 4] = [255, 255, 255, 230];
const OUTSIDE: [u8; 4] = [0, 0, 0, 38];

/// What is to be seen over the slide.
#[derive(Debug, Clone, Copy)]
pub struct OverlayInput<'a> {
    /// Objects of the slide; deleted ones are left out.
    pub objects: &'a [Object],
    /// The document's classes.
    pub classes: &'a [Class],
    /// The slide's resolution, if known.
    pub resolution: Option<Resolution>,
    /// The object that is selected.
    pub selected: Option<ObjectId>,
    /// Are objects shown at all?
    pub show_marks: bool,
    /// The rectangle of the count.
    pub count: Option<Rect>,
    /// The screening field.
    pub field: Option<Rect>,
    /// Fields that were looked at.
    pub fields_done: &'a [Rect],
    /// Is what lies around the field darkened?
    pub dim_outside: bool,
    /// Goes into [`Scene::version`]: another number whenever anything here is another.
    pub version: u64,
}

/// Figure and stroke that an object's class gives it.
struct Style {
    color: [u8; 4],
    role: Option<Role>,
}

fn style(object: &Object, classes: &[Class]) -> Style {
    let find = |id: ClassId| classes.iter().find(|c| c.id == id);
    let agreed = find(object.agreed).filter(|_| object.agreed != ClassId::UNKNOWN);
    let first = object.labels.first().and_then(|l| find(l.class));
    let Rgb(r, g, b) = agreed.or(first).map_or(GREY, |c| c.color);
    Style { color: [r, g, b, 255], role: agreed.map(|c| c.role) }
}

/// The scene of these objects, fields and counts.
pub fn scene(input: &OverlayInput<'_>) -> Scene {
    let mut scene = Scene { version: input.version, ..Scene::default() };
    for &rect in input.fields_done {
        scene.fills.push(Fill { rect, color: DONE_TINT });
    }
    if let Some(field) = input.field {
        if input.dim_outside {
            around(&mut scene, field);
        }
        scene.outline(&field.corners(), 1.0, FIELD_FRAME, 0.0);
    }
    if input.show_marks {
        let radius = input.resolution.map_or(SPOT_RADIUS_PX, |r| r.px(SPOT_RADIUS));
        for object in input.objects.iter().filter(|o| !o.deleted) {
            let style = style(object, input.classes);
            add(&mut scene, object, &style, radius, input.selected == Some(object.id));
        }
        // The selected one is drawn last, over its neighbours.
        scene.marks.sort_by_key(|m| m.selected);
    }
    if let Some(rect) = input.count {
        scene.outline(&rect.corners(), 2.0, COUNT_GREEN, 0.0);
    }
    scene
}

/// Everything but `field`, as four rectangles that don't overlap.
fn around(scene: &mut Scene, field: Rect) {
    let mut add = |x, y, w, h| scene.fills.push(Fill { rect: Rect::new(x, y, w, h), color: OUTSIDE });
    add(-FAR, -FAR, 2.0 * FAR, field.y + FAR);
    add(-FAR, field.bottom(), 2.0 * FAR, FAR - field.bottom());
    add(-FAR, field.y, field.x + FAR, field.h);
    add(field.right(), field.y, FAR - field.right(), field.h);
}

fn add(scene: &mut Scene, object: &Object, style: &Style, radius: f64, selected: bool) {
    let mark = |at, kind| Mark { at, radius, min_radius_px: LEAST_PX, kind, color: style.color, selected };
    let mut outline = |points: &[SlidePx]| {
        let dash = if style.role == Some(Role::TumourRegion) || style.role.is_none() { 8.0 } else { 0.0 };
        if selected {
            scene.outline(points, 5.0, [255; 4], dash);
        }
        scene.outline(points, if selected { 3.0 } else { 2.0 }, style.color, dash);
    };
    match &object.shape {
        Shape::Spot(at) => {
            let kind = match style.role {
                None => MarkKind::DashedRing,
                Some(Role::LookAlike) => MarkKind::GapRing,
                Some(_) => MarkKind::Ring,
            };
            scene.marks.push(mark(*at, kind));
        }
        Shape::Flag(at) => scene.marks.push(mark(*at, MarkKind::Cross)),
        Shape::Rectangle(rect) => outline(&rect.corners()),
        Shape::Polygon(points) => outline(points),
        Shape::Circle { center, radius } => {
            let point = |i: usize| {
                let (sin, cos) = (std::f64::consts::TAU * i as f64 / CIRCLE_SIDES as f64).sin_cos();
                SlidePx::new(center.x + radius * cos, center.y + radius * sin)
            };
            outline(&(0..CIRCLE_SIDES).map(point).collect::<Vec<_>>());
        }
        Shape::Image => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::people::DEFAULT_CLASSES;
    use crate::model::{Label, RaterId, SlideId};

    fn object(id: i64, shape: Shape, agreed: i64) -> Object {
        Object {
            id: ObjectId(id),
            guid: String::new(),
            slide: SlideId(1),
            shape,
            z: 0,
            agreed: ClassId(agreed),
            labels: vec![Label { uid: 1, rater: RaterId(1), class: ClassId(2) }],
            deleted: false,
            description: String::new(),
            modified: 0.0,
        }
    }

    fn classes() -> Vec<Class> {
        let class = |(i, (name, color, role)): (usize, (&str, Rgb, Role))| Class {
            id: ClassId(i as i64 + 1),
            name: name.into(),
            color,
            role,
        };
        DEFAULT_CLASSES.into_iter().enumerate().map(class).collect()
    }

    fn input<'a>(objects: &'a [Object], classes: &'a [Class]) -> OverlayInput<'a> {
        OverlayInput {
            objects,
            classes,
            resolution: Resolution::new(0.5, 0.5),
            selected: Some(ObjectId(1)),
            show_marks: true,
            count: None,
            field: None,
            fields_done: &[],
            dim_outside: true,
            version: 7,
        }
    }

    #[test]
    fn shape_and_colour_tell_the_class() {
        let at = Shape::Spot(SlidePx::new(5.0, 6.0));
        let mut objects: Vec<Object> = (1..=4).map(|i| object(i, at.clone(), i % 4)).collect();
        objects.push(object(5, Shape::Flag(SlidePx::default()), 1));
        objects.push(Object { deleted: true, ..object(6, at, 1) });
        let classes = classes();
        let scene = scene(&input(&objects, &classes));
        let kinds: Vec<MarkKind> = scene.marks.iter().map(|m| m.kind).collect();
        use MarkKind::{Cross, DashedRing, GapRing, Ring};
        assert_eq!(kinds, [GapRing, Ring, DashedRing, Cross, Ring], "the selected one is last");
        assert_eq!(scene.marks[2].color, [0x3a, 0x86, 0xff, 255], "undecided: the first label's colour");
        assert_eq!((scene.marks[0].radius, scene.version), (12.5, 7));
    }

    #[test]
    fn what_is_around_the_field_is_darkened_once() {
        let field = Rect::new(100.0, 200.0, 50.0, 40.0);
        let scene = scene(&OverlayInput { field: Some(field), ..input(&[], &[]) });
        for (x, y, dark) in
            [(120.0, 220.0, 0), (99.0, 220.0, 1), (5000.0, -3.0, 1), (120.0, 240.0, 1), (150.0, 199.0, 1)]
        {
            let n = scene.fills.iter().filter(|f| f.rect.contains(SlidePx::new(x, y))).count();
            assert_eq!(n, dark, "{x},{y}");
        }
        assert_eq!(scene.lines.len(), 4);
    }

    #[test]
    fn regions_are_outlines() {
        let points = vec![SlidePx::new(0.0, 0.0), SlidePx::new(9.0, 0.0), SlidePx::new(0.0, 9.0)];
        let objects = [
            object(2, Shape::Polygon(points), 3),
            object(3, Shape::Circle { center: SlidePx::default(), radius: 10.0 }, 1),
            object(4, Shape::Image, 1),
        ];
        let classes = classes();
        let scene = scene(&OverlayInput { selected: None, ..input(&objects, &classes) });
        assert_eq!(scene.lines.len(), 3 + CIRCLE_SIDES);
        assert!(scene.lines[0].dash_px > 0.0 && scene.lines[5].dash_px == 0.0);
        let none = super::scene(&OverlayInput { show_marks: false, ..input(&objects, &classes) });
        assert!(none.lines.is_empty());
    }
}
