//! Studies for tests: slides, cells that Expert 1 marked, tasks.

use mitoscope::app::Start;
use mitoscope::app::settings::Store;
use mitoscope::model::{
    ClassId, Edit, Object, ObjectId, Rater, RaterId, Shape, SlideId, SlidePx, Task, TaskKind, TaskView,
};
use mitoscope::store::{Access, Database, TaskFile};
use mitoscope::study::select::{self, Choice};
use mitoscope::study::task::{self, Order, Subject, Thing, Wish};
use std::path::{Path, PathBuf};

use crate::support::{Setup, real_slide};

/// Cells of the real slide.
pub const CELLS: [(f64, f64); 12] = [
    (1063.0, 466.0),
    (930.0, 560.0),
    (1180.0, 330.0),
    (985.0, 250.0),
    (1185.0, 620.0),
    (600.0, 800.0),
    (700.0, 1500.0),
    (1500.0, 900.0),
    (1300.0, 2000.0),
    (820.0, 1900.0),
    (1700.0, 2400.0),
    (400.0, 2500.0),
];

pub struct Study {
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
    pub slides: Vec<SlideId>,
    /// Do the classes come in the other order?
    pub turned: bool,
    /// The share of items that are asked twice.
    pub repeats: f64,
}

/// Random numbers from a seed.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n.max(1)
    }
}

impl Study {
    /// A document with copies of the real slide, so many of them.
    pub fn new(slides: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("study.sqlite");
        let mut database = Database::create(&path).unwrap();
        let mut ids = Vec::new();
        for n in 0..slides {
            let name = format!("case-{n:02}.svs");
            let file = folder.path().join(&name);
            std::fs::copy(real_slide(), &file).unwrap();
            let edit = Edit::AddSlide {
                slide: None,
                filename: name,
                directory: folder.path().display().to_string(),
                size: Some((2220, 2967)),
                mpp: Some((0.499, 0.499)),
                case: None,
            };
            let Edit::AddSlide { slide, .. } = database.apply(RaterId(0), edit).unwrap().edit else {
                panic!()
            };
            ids.push(slide.unwrap());
        }
        Self { folder, path, slides: ids, turned: false, repeats: 0.0 }
    }

    pub fn write(&self) -> Database {
        Database::open(&self.path, Access::ReadWrite).unwrap()
    }

    pub fn read(&self) -> Database {
        Database::open(&self.path, Access::ReadOnly).unwrap()
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("signing.key")
    }

    /// Expert 1 marks a cell.
    pub fn mark(&self, slide: usize, at: (f64, f64), class: i64) -> ObjectId {
        let mut database = self.write();
        let rater = rater(&mut database, "Expert 1");
        add(&mut database, rater, self.slides[slide], at, class, "")
    }

    /// A task for R.K. about all cells.
    pub fn task(&self, name: &str, order: Order, view: TaskView) {
        self.task_of(name, TaskKind::Label, order, Some(view), "R.K.");
    }

    pub fn task_of(&self, name: &str, kind: TaskKind, order: Order, view: Option<TaskView>, rater: &str) {
        let mut database = self.write();
        let mut classes = task::choices(&database.classes().unwrap());
        if self.turned {
            classes.reverse();
        }
        let (slides, things) =
            select::things(&database, kind, None, &Choice::default(), &mut |_, _| Ok(true)).unwrap();
        let wish = Wish {
            name: name.into(),
            rater: rater.into(),
            kind,
            order,
            repeats: self.repeats,
            view,
            classes,
            chosen: "all".into(),
        };
        let new = task::plan(&self.path, wish, slides, &things, 1000.0).unwrap();
        database.create_task(&new).unwrap();
    }

    /// A task for R.K. about so many places of the first slide, where no object is any more.
    pub fn large_task(&self, name: &str, items: u32) {
        let mut database = self.write();
        let choice = Choice::default();
        self.mark(0, CELLS[0], 1);
        let (slides, _) =
            select::things(&database, TaskKind::Label, None, &choice, &mut |_, _| Ok(true)).unwrap();
        let things: Vec<Thing> = (0..items)
            .map(|i| Thing {
                subject: Subject::Object(ObjectId(1_000_000 + i64::from(i))),
                slide: 0,
                at: SlidePx::new(f64::from(i % 2000), f64::from(i / 2000 * 40 + i % 37)),
                shown: Vec::new(),
            })
            .collect();
        let wish = Wish {
            name: name.into(),
            rater: "R.K.".into(),
            kind: TaskKind::Label,
            order: Order::Shuffled(9),
            repeats: 0.0,
            view: None,
            classes: task::choices(&database.classes().unwrap()),
            chosen: "all".into(),
        };
        let new = task::plan(&self.path, wish, slides, &things, 1000.0).unwrap();
        database.create_task(&new).unwrap();
    }

    /// A window for R.K. on the document.
    pub fn setup(&self) -> Setup {
        self.setup_for("R.K.", Start { database: Some(self.path.clone()), ..Start::default() })
    }

    pub fn setup_for(&self, rater: &str, start: Start) -> Setup {
        Setup { settings: settings(rater, &self.key()), start, ..Setup::default() }
    }

    pub fn objects(&self) -> Vec<Object> {
        let database = self.read();
        self.slides.iter().flat_map(|s| database.objects(*s).unwrap()).collect()
    }

    pub fn stored_task(&self) -> Task {
        TaskFile::open(&self.path, Access::ReadOnly).unwrap().task(None).unwrap()
    }

    /// Class and comment of the ballots, in the order in which they were cast.
    pub fn ballots(&self) -> Vec<(u32, i64, String)> {
        ballots(&self.path)
    }
}

pub fn ballots(path: &Path) -> Vec<(u32, i64, String)> {
    let file = TaskFile::open(path, Access::ReadOnly).unwrap();
    let task = file.task(None).unwrap();
    let ballots = file.ballots(task.id).unwrap();
    ballots.into_iter().map(|b| (b.item, b.vote.class.0, b.vote.comment)).collect()
}

pub fn settings(rater: &str, key: &Path) -> Store {
    let mut settings = Store::memory();
    settings.change(|s| {
        s.reduced_motion = true;
        s.rater = rater.to_owned();
        s.signing_key = Some(key.to_owned());
    });
    settings
}

pub fn rater(database: &mut Database, name: &str) -> RaterId {
    if let Some(known) = database.raters().unwrap().into_iter().find(|r| r.name == name) {
        return known.id;
    }
    let rater = Rater { id: RaterId(0), name: name.into() };
    database.apply(RaterId(0), Edit::AddRater { rater }).unwrap();
    database.rater_named(name).unwrap().id
}

pub fn add(
    database: &mut Database,
    rater: RaterId,
    slide: SlideId,
    at: (f64, f64),
    class: i64,
    description: &str,
) -> ObjectId {
    let edit = Edit::AddObject {
        object: None,
        slide,
        shape: Shape::Spot(SlidePx::new(at.0, at.1)),
        class: ClassId(class),
        description: description.into(),
    };
    database.apply(rater, edit).unwrap().object.unwrap().id
}
