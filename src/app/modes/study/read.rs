//! What is read beside the window for the coordinator's page. Each job opens the document for looking, and closes it.

use super::{Counted, Key, KitParts, KitSlides, KitWish, Told, Wanted};
use crate::app::jobs::{Done, Jobs};
use crate::files;
use crate::model::{Class, Digest, ObjectId, Rater, RaterId, Rule, SlideId, SlidePx, Task, TaskId};
use crate::slide::{self, SlideSource, patch};
use crate::store::schema::now;
use crate::store::tasks::{NewTask, Plan};
use crate::store::{Access, Database, SlideEntry};
use crate::study::ballot::{Pace, pace};
use crate::study::disputes::{Dispute, disputes};
use crate::study::figures::{self, Asked, Compared};
use crate::study::stages::{self, Study, TaskRow};
use crate::study::task::{self, PATCH_UM, Wish};
use crate::study::{StudyError, kit, outcome, select};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A kit of more items brings no pictures from here: they would be held in memory, some 40 KB each.
pub const MOST_PICTURES: u32 = 5000;

/// The stages, as they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Stages, tasks, looks, merges.
    pub study: Study,
    /// All raters.
    pub raters: Vec<Rater>,
    /// All classes.
    pub classes: Vec<Class>,
    /// All slides.
    pub slides: Vec<SlideEntry>,
    /// What else is known of each task.
    pub tasks: BTreeMap<i64, TaskFacts>,
}

/// What is known of a task beside its row.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskFacts {
    /// How it was planned.
    pub plan: Plan,
    /// When ballots were cast.
    pub pace: Pace,
    /// The hash that its seal signs.
    pub hash: Option<Digest>,
}

/// Agreement and disagreements, as they were read.
#[derive(Debug, Clone, PartialEq)]
pub struct Figures {
    /// All figures; a sentence where there are none.
    pub compared: Result<Compared, String>,
    /// The cells on which raters differ.
    pub disputes: Vec<Dispute>,
}

/// Where slides may lie that were opened from elsewhere than the document says: by base name.
pub type Places = HashMap<String, PathBuf>;

/// Reads the page: the stages, then the figures. Nothing but the open tasks where one of them is blind and was not let
/// through.
pub(super) fn page(
    jobs: &Jobs,
    path: PathBuf,
    key: Key,
    let_through: BTreeSet<i64>,
    left_out: BTreeSet<RaterId>,
) {
    jobs.run(move |out| {
        out.put(told(Told::Began(stamp(&path))));
        let read = || -> Result<(), StudyError> {
            let database = Database::open(&path, Access::ReadOnly)?;
            let open = database.open_blind_tasks()?;
            if open.iter().any(|t| !let_through.contains(&t.id.0)) {
                out.put(told(Told::Gate(key, open.iter().map(TaskRow::from).collect())));
                return Ok(());
            }
            out.put(told(Told::Stages(key, Arc::new(stages(&database)?))));
            let mut raters = figures::heard(&database, &database.opinions()?)?;
            raters.retain(|r| !left_out.contains(&r.id));
            let compared = match raters.len() {
                0 | 1 => Err("fewer than two raters are compared".into()),
                _ => {
                    let asked = Asked { raters, ..Asked::default() };
                    figures::compare(&database, asked).map_err(|e| e.to_string())
                }
            };
            let disputes = disputes(&database)?;
            out.put(told(Told::Figures(key, Arc::new(Figures { compared, disputes }))));
            Ok(())
        };
        if let Err(why) = read() {
            out.put(told(Told::Failed(key, why.to_string())));
        }
    });
}

/// When the document was changed last, and its length: whoever changed it.
pub type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &Path) -> Stamp {
    let facts = path.metadata().ok()?;
    Some((facts.modified().ok()?, facts.len()))
}

/// Looks whether the document was changed.
pub(super) fn watch(jobs: &Jobs, path: PathBuf) {
    jobs.run(move |out| out.put(told(Told::Stamp(stamp(&path)))));
}

fn told(told: Told) -> Done {
    Done::Study(Box::new(told))
}

fn stages(database: &Database) -> Result<Read, StudyError> {
    let mut tasks = BTreeMap::new();
    for task in database.tasks()? {
        let times: Vec<f64> = database.task_ballots(task.id)?.iter().map(|b| b.time).collect();
        tasks.insert(
            task.id.0,
            TaskFacts {
                plan: database.task_plan(task.id)?,
                pace: pace(&times),
                hash: task.seal.map(|s| s.signed.hash),
            },
        );
    }
    Ok(Read {
        study: stages::study(database)?,
        raters: database.raters()?,
        classes: database.classes()?,
        slides: database.slides()?,
        tasks,
    })
}

/// Counts what the task of a form would ask.
pub(super) fn count(jobs: &Jobs, path: PathBuf, ticket: u64, wanted: Wanted) {
    jobs.run(move |out| {
        let count = || -> Result<Counted, StudyError> {
            let database = Database::open(&path, Access::ReadOnly)?;
            let (slides, things) = things(&database, &wanted)?;
            Ok(Counted { cells: things.len(), slides: slides.len() })
        };
        out.put(told(Told::Counted(ticket, count().map_err(|e| e.to_string()))));
    });
}

type Things = (Vec<crate::model::TaskSlide>, Vec<task::Thing>);

fn things(database: &Database, wanted: &Wanted) -> Result<Things, StudyError> {
    let known = database.raters()?.into_iter().find(|r| r.name == wanted.rater).map(|r| r.id);
    select::things(database, wanted.kind, known, &wanted.choice(), &mut |_, _| Ok(true))
}

/// Plans the task of a form. The slides are looked at, so that a rater's copies can be known by their content.
pub(super) fn plan(jobs: &Jobs, path: PathBuf, places: Places, wanted: Wanted, wish: Wish) {
    jobs.run(move |out| {
        let plan = || -> Result<NewTask, StudyError> {
            let database = Database::open(&path, Access::ReadOnly)?;
            let (mut slides, things) = things(&database, &wanted)?;
            for slide in &mut slides {
                let name = slide.filename.clone().unwrap_or_default();
                let folder = slide.directory.clone().unwrap_or_default();
                if let Some(source) = find(&path, &places, &name, &folder) {
                    let facts = source.facts();
                    slide.size = Some((facts.width, facts.height));
                    slide.resolution = facts.resolution.or(slide.resolution);
                    slide.print = files::print(&facts.path).ok().map(Digest);
                }
            }
            task::plan(
                &path,
                Wish { classes: task::choices(&database.classes()?), ..wish },
                slides,
                &things,
                now(),
            )
        };
        out.put(told(Told::Planned(plan().map(Box::new).map_err(|e| e.to_string()))));
    });
}

/// A slide's file: where the document says, where it was opened from, beside the document.
fn find(document: &Path, places: &Places, name: &str, folder: &str) -> Option<Arc<dyn SlideSource>> {
    let beside = document.parent().map(|p| p.join(name));
    let hint = (!folder.is_empty()).then(|| Path::new(folder).join(name));
    let all = hint.into_iter().chain(places.get(name).cloned()).chain(beside);
    all.filter(|p| p.is_file()).find_map(|p| slide::open(&p).ok())
}

/// What a rule comes to.
pub(super) fn preview(jobs: &Jobs, path: PathBuf, ticket: u64, rule: Rule, raters: Vec<String>) {
    jobs.run(move |out| {
        let derive = || -> Result<outcome::Outcome, StudyError> {
            let database = Database::open(&path, Access::ReadOnly)?;
            let raters = raters.iter().map(|name| Ok(database.rater_named(name)?.id));
            let raters = raters.collect::<Result<Vec<RaterId>, StudyError>>()?;
            let settlement = outcome::settlement(&database, rule, raters)?;
            outcome::derive(&database, settlement)
        };
        out.put(told(Told::Preview(ticket, derive().map(Arc::new).map_err(|e| e.to_string()))));
    });
}

/// Verifies a kit that came back.
pub(super) fn look_at_kit(jobs: &Jobs, path: PathBuf, file: PathBuf) {
    jobs.run(move |out| {
        let look = || -> Result<_, StudyError> {
            let database = Database::open(&path, Access::ReadOnly)?;
            kit::look(&database, &file)
        };
        out.put(told(Told::Kit(look().map(Box::new).map_err(|e| e.to_string()))));
    });
}

/// Gets ready what goes into a kit.
pub(super) fn kit_parts(jobs: &Jobs, path: PathBuf, places: Places, wish: KitWish, to: PathBuf) {
    jobs.run(move |out| {
        let parts = || -> Result<KitParts, String> {
            let database = Database::open(&path, Access::ReadOnly).map_err(|e| e.to_string())?;
            let tasks = database.tasks().map_err(|e| e.to_string())?;
            let task = tasks.into_iter().find(|t| t.id == wish.task);
            let Some(task) = task else {
                return Err(format!("{}: has no task “{}” any more", path.display(), wish.name));
            };
            let pictures = match wish.slides {
                KitSlides::Pictures => pictures(&database, &places, &task, &|| out.stopped())?,
                KitSlides::Codes | KitSlides::Names => HashMap::new(),
            };
            Ok(KitParts { task, to, named: wish.slides == KitSlides::Names, pictures })
        };
        out.put(told(Told::KitReady(parts().map(Box::new))));
    });
}

fn pictures(
    database: &Database,
    places: &Places,
    task: &Task,
    stopped: &dyn Fn() -> bool,
) -> Result<HashMap<u32, Vec<u8>>, String> {
    let (slides, items) = database.task_items(task.id).map_err(|e| e.to_string())?;
    let mut out = HashMap::new();
    for place in &slides {
        let name = place.filename.clone().unwrap_or_default();
        let folder = place.directory.clone().unwrap_or_default();
        let source = find(database.path(), places, &name, &folder).ok_or_else(|| {
            format!(
                "{}: the slide {name} is not found, so its cells can't be cut out; open it once, or put it beside the \
                 document",
                database.path().display()
            )
        })?;
        for row in items.iter().filter(|r| r.item.slide == place.number) {
            if stopped() {
                return Err("the kit was not made: the program closes".into());
            }
            let image = patch::encoded(&*source, row.item.at, 2.0 * PATCH_UM, place.resolution)?;
            out.insert(row.item.number, image);
        }
    }
    Ok(out)
}

/// Cells of one slide whose pictures are wanted.
pub(super) struct PatchWish {
    /// The slide.
    pub entry: SlideEntry,
    /// Where it is open already.
    pub open: Option<Arc<dyn SlideSource>>,
    /// The cells.
    pub cells: Vec<(ObjectId, SlidePx)>,
}

/// Reads pictures of cells.
pub(super) fn patches(jobs: &Jobs, path: PathBuf, places: Places, wish: PatchWish) {
    jobs.run(move |out| {
        let PatchWish { entry, open, cells } = wish;
        let source = open.or_else(|| find(&path, &places, &entry.filename, &entry.directory));
        for (object, at) in cells {
            if out.stopped() {
                return;
            }
            let cut = source.as_ref().and_then(|s| {
                patch::patch(&**s, at, PATCH_UM, entry.resolution)
                    .map_err(|why| tracing::warn!("no picture of a cell: {why}"))
                    .ok()
            });
            out.put(told(Told::Patch(object, cut)));
        }
    });
}

impl Read {
    /// A slide by its uid.
    pub fn slide(&self, id: SlideId) -> Option<&SlideEntry> {
        self.slides.iter().find(|s| s.id == id)
    }

    /// A task's row.
    pub fn task(&self, id: TaskId) -> Option<&TaskRow> {
        self.study.tasks.iter().find(|t| t.id == id.0)
    }
}
