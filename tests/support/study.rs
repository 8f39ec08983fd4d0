//! A study of two slides with several raters, for tests of the window.

use mitoscope::model::{ClassId, Edit, ObjectId, Progress, Rater, RaterId, Shape, SlidePx, TaskKind, Vote};
use mitoscope::store::{Access, Database};
use mitoscope::study::blind::BallotBox;
use mitoscope::study::key::Signer;
use mitoscope::study::select::{self, Choice};
use mitoscope::study::task::{self, Order, Wish};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

pub const FIGURE: ClassId = ClassId(1);
pub const LOOK_ALIKE: ClassId = ClassId(2);

pub struct TwoSlides {
    pub folder: tempfile::TempDir,
    pub document: PathBuf,
    pub slides: Vec<PathBuf>,
}

/// Two real slides and a document with `cells` cells of Expert 1, every third one a mitotic figure.
pub fn two_slides(cells: u32) -> TwoSlides {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("study.sqlite");
    let mut db = Database::create(&document).unwrap();
    let rater = Edit::AddRater { rater: Rater { id: RaterId(0), name: "Expert 1".into() } };
    db.apply(RaterId(0), rater).unwrap();
    let one = db.rater_named("Expert 1").unwrap().id;
    let (mut slides, mut ids) = (Vec::new(), Vec::new());
    for name in ["case-07.svs", "case-08.svs"] {
        let path = folder.path().join(name);
        std::fs::copy(super::real_slide(), &path).unwrap();
        let add = Edit::AddSlide {
            slide: None,
            filename: name.into(),
            directory: folder.path().display().to_string(),
            size: Some((2220, 2967)),
            mpp: Some((0.499, 0.499)),
            case: None,
        };
        match db.apply(RaterId(0), add).unwrap().edit {
            Edit::AddSlide { slide: Some(id), .. } => ids.push(id),
            other => panic!("{other:?}"),
        }
        slides.push(path);
    }
    let places = dark_places(&slides[0], cells);
    for i in 0..cells {
        let class = if i % 3 == 0 { FIGURE } else { LOOK_ALIKE };
        let at = places[i as usize];
        let edit = Edit::AddObject {
            object: None,
            slide: ids[(i % 2) as usize],
            shape: Shape::Spot(at),
            class,
            description: String::new(),
        };
        db.apply(one, edit).unwrap();
    }
    TwoSlides { folder, document, slides }
}

/// Places where the slide has tissue and no bare glass, spread over it.
fn dark_places(slide: &Path, n: u32) -> Vec<SlidePx> {
    let source = mitoscope::slide::open(slide).unwrap();
    let (w, h) = (source.facts().width, source.facts().height);
    let pixels = source.region(0, 0, 0, w, h).unwrap();
    let dark = |x: u32, y: u32| pixels.at(x, y)[..3].iter().map(|v| u32::from(*v)).sum::<u32>() < 400;
    let spread = (0..).map(|i: u64| {
        ((150 + i * 379 % u64::from(w - 300)) as u32, (150 + i * 523 % u64::from(h - 300)) as u32)
    });
    let on_tissue = spread.filter(|(x, y)| dark(*x, *y) && dark(x + 6, y + 6) && dark(x - 6, y - 6));
    on_tissue.take(n as usize).map(|(x, y)| SlidePx::new(f64::from(x), f64::from(y))).collect()
}

impl TwoSlides {
    /// The rater has seen so many fields of each slide.
    pub fn screened(&self, rater: &str, fields: u32) {
        let mut db = Database::open(&self.document, Access::ReadWrite).unwrap();
        let rater = db.rater_named(rater).unwrap().id;
        for slide in db.slides().unwrap() {
            let progress = Progress { current: 0, done: (0..fields).collect(), plan: 0 };
            db.set_progress(slide.id, rater, 1, &progress).unwrap();
        }
    }

    /// Makes a task as the command line does.
    pub fn task(&self, name: &str, rater: &str, kind: TaskKind, repeats: f64) {
        let mut db = Database::open(&self.document, Access::ReadWrite).unwrap();
        let known = db.raters().unwrap().into_iter().find(|r| r.name == rater).map(|r| r.id);
        let (slides, things) =
            select::things(&db, kind, known, &Choice::default(), &mut |_, _| Ok(true)).unwrap();
        let wish = Wish {
            name: name.into(),
            rater: rater.into(),
            kind,
            order: Order::Shuffled(7),
            repeats,
            view: None,
            classes: task::choices(&db.classes().unwrap()),
            chosen: kind.id().into(),
        };
        let new = task::plan(&self.document, wish, slides, &things, 1.7e9).unwrap();
        db.create_task(&new).unwrap();
    }
}

/// Answers all items of a task of a document or a kit, by the item's number and what the first label says (in a
/// document), and seals it.
pub fn answer_all(path: &Path, task: &str, say: impl Fn(u32, ClassId) -> ClassId) {
    let mut firsts: HashMap<u32, (u32, ClassId)> = HashMap::new();
    if let Ok(db) = Database::open(path, Access::ReadOnly) {
        let id = db.tasks().unwrap().into_iter().find(|t| t.name == task).unwrap().id;
        let first = |object: Option<ObjectId>| {
            object.and_then(|o| db.object(o).unwrap()).map_or(ClassId::UNKNOWN, |o| o.labels[0].class)
        };
        for row in db.task_items(id).unwrap().1 {
            // A repeat is answered as the first time.
            let number = row.repeats.unwrap_or(row.item.number);
            firsts.insert(row.item.number, (number, first(row.object)));
        }
    }
    let signer = Signer::from_secret([7; 32]);
    let mut ballots = BallotBox::open(path, Some(task), Access::ReadWrite, signer).unwrap();
    for item in 1..=ballots.task().items {
        let (number, first) = firsts.get(&item).copied().unwrap_or((item, ClassId::UNKNOWN));
        ballots.vote(item, &Vote { class: say(number, first), ..Vote::default() }).unwrap();
    }
    ballots.seal().unwrap();
}
