//! Any sequence of edits, undone, redone and interrupted by restarts, does what a plain list in memory does.

use super::{document, number};
use mitoscope::model::{ClassId, Edit, Label, ObjectId, RaterId, Rect, Shape, SlideId, SlidePx, object};
use mitoscope::store::{Access, Database};
use proptest::prelude::*;
use rusqlite::Connection;
use std::path::Path;

/// What a rater does. Objects are picked by their place in the list, wrapped around.
#[derive(Debug, Clone)]
enum Act {
    Add { shape: Shape, class: i64 },
    Label { pick: usize, class: Option<i64> },
    Delete { pick: usize, deleted: bool },
    Move { pick: usize, by: f64 },
    Undo,
    Redo,
    Restart,
}

fn shape() -> impl Strategy<Value = Shape> {
    // Thirds have no end in binary or decimal; corners of rectangles and circles are exact in quarters.
    let third = || (0..300_000i32).prop_map(|v| f64::from(v) / 3.0);
    let quarter = |from: i32| (from..40_000i32).prop_map(|v| f64::from(v) / 4.0);
    let place = move || (third(), third()).prop_map(|(x, y)| SlidePx::new(x, y));
    prop_oneof![
        4 => place().prop_map(Shape::Spot),
        1 => place().prop_map(Shape::Flag),
        1 => (quarter(0), quarter(0), quarter(1), quarter(1)).prop_map(|(x, y, w, h)| Shape::Rectangle(Rect::new(x, y, w, h))),
        1 => (quarter(0), quarter(0), quarter(1))
            .prop_map(|(x, y, radius)| Shape::Circle { center: SlidePx::new(x, y), radius }),
        1 => prop::collection::vec(place(), 3..6)
            .prop_filter("a ring", |p| p.first() != p.last())
            .prop_map(Shape::Polygon),
        1 => Just(Shape::Image),
    ]
}

fn act() -> impl Strategy<Value = (i64, Act)> {
    let pick = || 0..64usize;
    let act = prop_oneof![
        4 => (shape(), 0..4i64).prop_map(|(shape, class)| Act::Add { shape, class }),
        5 => (pick(), prop::option::weighted(0.8, 1..4i64)).prop_map(|(pick, class)| Act::Label { pick, class }),
        2 => (pick(), any::<bool>()).prop_map(|(pick, deleted)| Act::Delete { pick, deleted }),
        2 => (pick(), 1..9i32).prop_map(|(pick, by)| Act::Move { pick, by: f64::from(by) / 4.0 }),
        5 => Just(Act::Undo),
        3 => Just(Act::Redo),
        1 => Just(Act::Restart),
    ];
    (1..3i64, act)
}

fn moved(shape: &Shape, by: f64) -> Shape {
    let to = |p: &SlidePx| SlidePx::new(p.x + by, p.y - by);
    match shape {
        Shape::Spot(p) => Shape::Spot(to(p)),
        Shape::Flag(p) => Shape::Flag(to(p)),
        Shape::Rectangle(r) => Shape::Rectangle(Rect::new(r.x + by, r.y - by, r.w, r.h)),
        Shape::Circle { center, radius } => Shape::Circle { center: to(center), radius: *radius },
        Shape::Polygon(points) => Shape::Polygon(points.iter().map(to).collect()),
        Shape::Image => Shape::Image,
    }
}

/// A label: its place in the order of all labels, rater, class.
type Opinion = (usize, i64, i64);

#[derive(Debug, Clone, PartialEq)]
struct Thing {
    shape: Shape,
    labels: Vec<Opinion>,
    deleted: bool,
}

impl Thing {
    fn of(&self, rater: i64) -> Option<Opinion> {
        self.labels.iter().copied().find(|l| l.1 == rater)
    }

    fn others(&self, rater: i64) -> bool {
        self.labels.iter().any(|l| l.1 != rater)
    }

    fn put(&mut self, rater: i64, opinion: Option<Opinion>) {
        self.labels.retain(|l| l.1 != rater);
        self.labels.extend(opinion);
        self.labels.sort_unstable();
    }
}

/// What was done and can be taken back.
#[derive(Debug, Clone)]
enum Done {
    Added(usize),
    Labelled(usize, Option<Opinion>, Option<Opinion>),
    Deleted(usize, bool),
    Moved(usize, Shape, Shape),
}

#[derive(Default)]
struct Model {
    things: Vec<Thing>,
    labels: usize,
    done: [Vec<Done>; 3],
    undone: [Vec<Done>; 3],
}

impl Model {
    /// A new edit; is it taken?
    fn act(&mut self, rater: i64, act: &Act) -> bool {
        let n = self.things.len();
        let done = match act {
            Act::Add { shape, class } => {
                let mine = |t: &Thing| t.shape == Shape::Image && !t.deleted && t.of(rater).is_some();
                if *shape == Shape::Image && self.things.iter().any(mine) {
                    return false;
                }
                let mut thing = Thing { shape: shape.clone(), labels: Vec::new(), deleted: false };
                if *class != 0 && !matches!(shape, Shape::Flag(_)) {
                    thing.labels.push((self.labels, rater, *class));
                    self.labels += 1;
                }
                self.things.push(thing);
                Done::Added(n)
            }
            Act::Label { pick, class } => {
                let at = pick % n;
                let before = self.things[at].of(rater);
                if self.things[at].deleted || (before.is_none() && class.is_none()) {
                    return false;
                }
                let after = class.map(|c| {
                    let place = before.map_or(self.labels, |b| b.0);
                    (place, rater, c)
                });
                if before.is_none() {
                    self.labels += 1;
                }
                self.things[at].put(rater, after);
                Done::Labelled(at, before, after)
            }
            Act::Delete { pick, deleted } => {
                let at = pick % n;
                if self.things[at].deleted == *deleted {
                    return false;
                }
                self.things[at].deleted = *deleted;
                Done::Deleted(at, *deleted)
            }
            Act::Move { pick, by } => {
                let thing = &mut self.things[pick % n];
                if thing.deleted {
                    return false;
                }
                let (before, after) = (thing.shape.clone(), moved(&thing.shape, *by));
                thing.shape = after.clone();
                Done::Moved(pick % n, before, after)
            }
            Act::Undo | Act::Redo | Act::Restart => return false,
        };
        self.done[rater as usize].push(done);
        self.undone[rater as usize].clear();
        true
    }

    /// Undo or redo; `None` when there is nothing, else whether it fits.
    fn step(&mut self, rater: i64, again: bool) -> Option<bool> {
        let (done, undone) = (&mut self.done[rater as usize], &mut self.undone[rater as usize]);
        let (from, to) = if again { (undone, done) } else { (done, undone) };
        let fits = match from.last()? {
            Done::Added(at) => {
                let thing = &mut self.things[*at];
                let fits = thing.deleted == again && (again || !thing.others(rater));
                thing.deleted = if fits { !again } else { thing.deleted };
                fits
            }
            Done::Deleted(at, deleted) => {
                let wanted = *deleted == again;
                let fits = self.things[*at].deleted != wanted;
                self.things[*at].deleted = wanted;
                fits
            }
            Done::Labelled(at, before, after) => {
                let (now, then) = if again { (before, after) } else { (after, before) };
                let thing = &mut self.things[*at];
                let fits = !thing.deleted && thing.of(rater) == *now;
                if fits {
                    thing.put(rater, *then);
                }
                fits
            }
            Done::Moved(at, before, after) => {
                let (now, then) = if again { (before, after) } else { (after, before) };
                let thing = &mut self.things[*at];
                let fits = !thing.deleted && thing.shape == *now;
                if fits {
                    thing.shape = then.clone();
                }
                fits
            }
        };
        if fits && let Some(line) = from.pop() {
            to.push(line);
        }
        Some(fits)
    }
}

fn as_edit(act: &Act, ids: &[ObjectId], model: &Model) -> Option<Edit> {
    let n = ids.len();
    Some(match act {
        Act::Add { shape, class } => Edit::AddObject {
            object: None,
            slide: SlideId(1),
            shape: shape.clone(),
            class: ClassId(*class),
            description: String::new(),
        },
        // What was before is left for the store to find out.
        Act::Label { pick, class } => {
            Edit::SetLabel { object: ids[pick % n], before: None, after: class.map(ClassId) }
        }
        Act::Delete { pick, deleted } => Edit::SetDeleted { object: ids[pick % n], deleted: *deleted },
        Act::Move { pick, by } => Edit::SetShape {
            object: ids[pick % n],
            before: Shape::Image,
            after: moved(&model.things[pick % n].shape, *by),
        },
        Act::Undo | Act::Redo | Act::Restart => return None,
    })
}

/// The document's objects as the model has them; labels by rater and class in their order.
fn compare(db: &Database, model: &Model) -> Result<(), TestCaseError> {
    let objects = db.objects(SlideId(1)).unwrap();
    prop_assert_eq!(objects.len(), model.things.len());
    for (object, thing) in objects.iter().zip(&model.things) {
        let labels: Vec<(i64, i64)> = object.labels.iter().map(|l| (l.rater.0, l.class.0)).collect();
        let wanted: Vec<(i64, i64)> = thing.labels.iter().map(|l| (l.1, l.2)).collect();
        prop_assert_eq!(&object.shape, &thing.shape);
        prop_assert_eq!(object.deleted, thing.deleted);
        prop_assert_eq!(labels, wanted);
        let all: Vec<Label> =
            thing.labels.iter().map(|l| Label { uid: 0, rater: RaterId(l.1), class: ClassId(l.2) }).collect();
        prop_assert_eq!(object.agreed, object::unanimous(&all));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn edits_undone_and_redone_do_what_a_list_in_memory_does(acts in prop::collection::vec(act(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        let mut db = document(&path);
        let mut model = Model::default();
        let mut ids: Vec<ObjectId> = Vec::new();
        for (rater, act) in &acts {
            let who = RaterId(*rater);
            match act {
                Act::Restart => {
                    drop(db);
                    db = Database::open(&path, Access::ReadWrite).unwrap();
                }
                Act::Undo | Act::Redo => {
                    let again = matches!(act, Act::Redo);
                    let there = if again { db.can_redo(who) } else { db.can_undo(who) }.unwrap();
                    let stack = if again { &model.undone } else { &model.done };
                    prop_assert_eq!(there, !stack[*rater as usize].is_empty());
                    let got = if again { db.redo(who) } else { db.undo(who) };
                    match model.step(*rater, again) {
                        None => prop_assert!(matches!(got, Ok(None)), "{act:?}: {got:?}"),
                        Some(true) => prop_assert!(matches!(got, Ok(Some(_))), "{act:?}: {got:?}"),
                        Some(false) => prop_assert!(got.is_err(), "{act:?}: {got:?}"),
                    }
                }
                _ => {
                    if ids.is_empty() && !matches!(act, Act::Add { .. }) {
                        continue;
                    }
                    let edit = as_edit(act, &ids, &model).unwrap();
                    let got = db.apply(who, edit);
                    prop_assert_eq!(got.is_ok(), model.act(*rater, act), "{:?}: {:?}", act, got);
                    if let (Ok(applied), Act::Add { .. }) = (&got, act) {
                        ids.extend(applied.edit.object());
                    }
                }
            }
            compare(&db, &model)?;
        }
        drop(db);
        let db = Database::open(&path, Access::ReadOnly).unwrap();
        compare(&db, &model)?;
        let check = db.check().unwrap();
        prop_assert!(check.ok, "{:?}", check);
    }
}

/// Another program's connection, with what the triggers call.
fn sliderunner(path: &Path) -> Connection {
    let plain = Connection::open(path).unwrap();
    let flags = rusqlite::functions::FunctionFlags::SQLITE_UTF8;
    plain.create_scalar_function("pycurrent_time", 0, flags, |_| Ok(1.7e9)).unwrap();
    plain
}

#[test]
fn what_another_program_changed_since_is_not_undone_over() {
    for (change, label_first) in [
        ("UPDATE Annotations_label SET class = 3", true),
        ("DELETE FROM Annotations_label", true),
        ("UPDATE Annotations SET deleted = 1", true),
        ("UPDATE Annotations_coordinates SET coordinateX = 77", false),
        // SlideRunner's "Change ID", and a slide removed for good.
        ("UPDATE Annotations SET uid = 50; UPDATE Annotations_coordinates SET annoId = 50", false),
        ("DELETE FROM Annotations; DELETE FROM Annotations_coordinates; DELETE FROM Annotations_label", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        let mut db = document(&path);
        let rater = RaterId(1);
        let object = db.apply(rater, super::spot(5.0, 5.0, 1)).unwrap().edit.object().unwrap();
        let edit = if label_first {
            Edit::SetLabel { object, before: None, after: Some(ClassId(2)) }
        } else {
            Edit::SetShape { object, before: Shape::Image, after: Shape::Spot(SlidePx::new(9.0, 9.0)) }
        };
        db.apply(rater, edit).unwrap();
        sliderunner(&path).execute_batch(change).unwrap();
        let before = db.objects(SlideId(1)).unwrap();
        let refused = db.undo(rater).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(refused.contains("study.sqlite"), "{change}: {refused}");
        assert_eq!(db.objects(SlideId(1)).unwrap(), before, "{change}");
        // The next act is taken all the same.
        db.apply(rater, super::spot(6.0, 6.0, 1)).unwrap();
        db.undo(rater).unwrap().unwrap();
    }
}

#[test]
fn a_class_settled_by_hand_comes_back_and_others_labels_count_when_one_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("study.sqlite");
    let mut db = document(&path);
    let (one, two) = (RaterId(1), RaterId(2));
    let label = |object, class| Edit::SetLabel { object, before: None, after: Some(ClassId(class)) };
    let agreed = |db: &Database, id| db.object(id).unwrap().unwrap().agreed;

    let id = db.apply(one, super::spot(5.0, 5.0, 0)).unwrap().edit.object().unwrap();
    db.apply(one, label(id, 1)).unwrap();
    db.apply(two, label(id, 1)).unwrap();
    db.undo(one).unwrap();
    assert_eq!(agreed(&db, id), ClassId(1), "the other rater's label is the only one now");

    // Split, and settled by SlideRunner's "Set agreed class".
    db.apply(one, label(id, 2)).unwrap();
    assert_eq!(agreed(&db, id), ClassId(0));
    let plain = sliderunner(&path);
    plain.execute("UPDATE Annotations SET agreedClass = 2 WHERE uid = ?1", [id.0]).unwrap();
    db.apply(one, label(id, 3)).unwrap();
    assert_eq!(agreed(&db, id), ClassId(0));
    db.undo(one).unwrap();
    assert_eq!(agreed(&db, id), ClassId(2));
    assert_eq!(number(&plain, "SELECT count(*) FROM mitoscope_journal WHERE undoes IS NOT NULL"), 2);
}
