//! A study from its first label to its outcome: tasks, ballots, kits, and what must not be known.

#![allow(clippy::unwrap_used, reason = "helpers of tests: what can't go on has failed")]

mod command_line;
mod killed;
mod kits;
mod outcomes;
mod reliability;
mod tasks;
mod whole;

use mitoscope::model::{
    Class, ClassId, Edit, Object, Rater, RaterId, Role, Shape, SlideId, SlidePx, TaskKind, Vote,
};
use mitoscope::store::{Access, Database, Source, exchange};
use mitoscope::study::blind::BallotBox;
use mitoscope::study::key::Signer;
use mitoscope::study::select::{self, Choice};
use mitoscope::study::task::{self, Order, Wish};
use std::path::Path;

const FIGURE: ClassId = ClassId(1);
const LOOK_ALIKE: ClassId = ClassId(2);

fn signer() -> Signer {
    Signer::from_secret([7; 32])
}

fn rater(db: &mut Database, name: &str) -> RaterId {
    let edit = Edit::AddRater { rater: Rater { id: RaterId(0), name: name.into() } };
    match db.apply(RaterId(0), edit).unwrap().edit {
        Edit::AddRater { rater } => rater.id,
        other => panic!("{other:?}"),
    }
}

fn slide(db: &mut Database, filename: &str) -> SlideId {
    let edit = Edit::AddSlide {
        slide: None,
        filename: filename.into(),
        directory: "/slides".into(),
        size: Some((16000, 12000)),
        mpp: Some((0.25, 0.25)),
        case: None,
    };
    match db.apply(RaterId(0), edit).unwrap().edit {
        Edit::AddSlide { slide: Some(id), .. } => id,
        other => panic!("{other:?}"),
    }
}

fn spot(slide: SlideId, x: f64, y: f64, class: ClassId) -> Edit {
    Edit::AddObject {
        object: None,
        slide,
        shape: Shape::Spot(SlidePx::new(x, y)),
        class,
        description: String::new(),
    }
}

/// Two slides with `cells` cells in all, labelled by Expert 1: every third one a mitotic figure. Also a region, a flag
/// and a deleted cell, which nobody is asked about.
fn study(path: &Path, cells: u32) -> Database {
    let mut db = Database::create(path).unwrap();
    let one = rater(&mut db, "Expert 1");
    let slides = [slide(&mut db, "case-07.svs"), slide(&mut db, "case-08.svs")];
    // All in one act: this is not about the disk.
    let mut rows = String::from("x,y,class,slide\n");
    for i in 0..u64::from(cells) {
        let class = if i % 3 == 0 { "mitotic figure" } else { "non-mitotic look-alike" };
        let (x, y) = (i * 7919 % 15_013, i * 104_729 % 11_003);
        rows.push_str(&format!("{x},{y},{class},case-0{}.svs\n", 7 + i % 2));
    }
    let reading = exchange::parse(rows.as_bytes(), exchange::Format::Csv).unwrap();
    let source = Source { file: "cells.csv".into(), slide: None, rater: Some("Expert 1".into()) };
    assert_eq!(db.import(reading, &source).unwrap().objects.len(), cells as usize);
    let region =
        Shape::Polygon([(0.0, 0.0), (9000.0, 0.0), (9000.0, 9000.0)].map(|(x, y)| SlidePx::new(x, y)).into());
    for shape in [region, Shape::Flag(SlidePx::new(5.0, 5.0)), Shape::Spot(SlidePx::new(9.0, 9.0))] {
        let edit = Edit::AddObject {
            object: None,
            slide: slides[0],
            shape,
            class: ClassId(3),
            description: String::new(),
        };
        let added = db.apply(one, edit).unwrap().object.unwrap();
        if matches!(added.shape, Shape::Spot(_)) {
            db.apply(one, Edit::SetDeleted { object: added.id, deleted: true }).unwrap();
        }
    }
    db
}

/// A task for a rater; its name.
fn task(db: &mut Database, name: &str, rater: &str, kind: TaskKind, choice: &Choice, repeats: f64) -> String {
    let known = db.raters().unwrap().into_iter().find(|r| r.name == rater).map(|r| r.id);
    let (slides, things) = select::things(db, kind, known, choice, &mut |_, _| Ok(true)).unwrap();
    let wish = Wish {
        name: name.into(),
        rater: rater.into(),
        kind,
        order: Order::Shuffled(7),
        repeats,
        view: None,
        classes: task::choices(&db.classes().unwrap()),
        chosen: String::new(),
    };
    let new = task::plan(db.path(), wish, slides, &things, 1.0e9).unwrap();
    db.create_task(&new).unwrap();
    name.to_owned()
}

/// Opens a ballot box on a document or a kit.
fn ballots(path: &Path, task: &str) -> BallotBox {
    BallotBox::open(path, Some(task), Access::ReadWrite, signer()).unwrap()
}

fn vote(class: ClassId) -> Vote {
    Vote { class, ..Vote::default() }
}

/// All objects of both slides, in the order of their uids.
fn objects(db: &Database) -> Vec<Object> {
    db.slides().unwrap().iter().flat_map(|s| db.objects(s.id).unwrap()).collect()
}

/// Makes a class; its id.
fn class(db: &mut Database, name: &str, role: Role) -> ClassId {
    let color = "#808080".parse().unwrap();
    let class = Class { id: ClassId(0), name: name.into(), color, role };
    match db.apply(RaterId(0), Edit::AddClass { class }).unwrap().edit {
        Edit::AddClass { class } => class.id,
        other => panic!("{other:?}"),
    }
}
