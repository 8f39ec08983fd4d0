//! What the coordinator of a study has open: what was read of the document, what is asked of it, and what was let
//! through the question that stands before the page while a blind task is open.

mod acts;
mod form;
mod read;

pub(in crate::app) use acts::pictures_fit;
pub use form::{Counted, Form, Tick, Wanted};
pub use read::{Figures, Places, Read, Stamp, TaskFacts};

use crate::app::jobs::{Done, Jobs};
use crate::app::opened::Opened;
use crate::app::worker::Wake;
use crate::model::{Camera, Magnification, ObjectId, RaterId, Rule, SlidePx, TaskId};
use crate::slide::Pixels;
use crate::store::tasks::{Incoming, NewTask};
use crate::study::outcome::Outcome;
use crate::study::stages::TaskRow;
use eframe::egui::TextureHandle;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// Slides by stages, and who has what open.
    #[default]
    Stages,
    /// The agreed classes by a rule.
    Outcome,
    /// How well the raters agree.
    Agreement,
    /// The cells on which they differ.
    Disagreements,
}

impl Page {
    /// All of them, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Stages, Self::Outcome, Self::Agreement, Self::Disagreements];

    /// The tab's name.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Stages => "Stages",
            Self::Outcome => "Outcome",
            Self::Agreement => "Agreement",
            Self::Disagreements => "Disagreements",
        }
    }
}

/// What the rows of slides are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// As the document has them.
    #[default]
    Document,
    /// By their names.
    Name,
    /// Those with the most to do first.
    ToDo,
}

/// Which state of the document something was read from, and what was let through then.
pub type Key = (u64, u64, usize);

/// What came of a job.
pub enum Told {
    /// Blind tasks are open that nobody has let through: nothing else was read.
    Gate(Key, Vec<TaskRow>),
    /// The stages.
    Stages(Key, Arc<Read>),
    /// Agreement and disagreements.
    Figures(Key, Arc<Figures>),
    /// The document is being read as it was changed then.
    Began(Stamp),
    /// The document as it was changed last.
    Stamp(Stamp),
    /// The document could not be read.
    Failed(Key, String),
    /// How many items the task of a form would have.
    Counted(u64, Result<Counted, String>),
    /// A task, planned; it is not in the document yet.
    Planned(Result<Box<NewTask>, String>),
    /// What a rule comes to.
    Preview(u64, Result<Arc<Outcome>, String>),
    /// A kit that was verified, or why it is refused.
    Kit(Result<Box<Incoming>, String>),
    /// The pictures of a kit that is to be made, or why there are none.
    KitReady(Result<Box<KitParts>, String>),
    /// The picture around a cell; `None` where the slide is not there.
    Patch(ObjectId, Option<Pixels>),
}

/// What a kit is made of.
pub struct KitParts {
    /// The task.
    pub task: crate::model::Task,
    /// The file.
    pub to: PathBuf,
    /// Do the slides keep their names?
    pub named: bool,
    /// Encoded images by item.
    pub pictures: HashMap<u32, Vec<u8>>,
}

/// How the rater of a kit gets to see the cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KitSlides {
    /// The rater has the slides, which are known by their content.
    #[default]
    Codes,
    /// The same, with their file names.
    Names,
    /// The kit brings the image around every cell.
    Pictures,
}

/// A kit that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KitWish {
    /// The task.
    pub task: TaskId,
    /// Its name.
    pub name: String,
    /// Whose.
    pub rater: String,
    /// How many items it has.
    pub items: u32,
    /// How the cells are seen.
    pub slides: KitSlides,
}

/// What was said last of a task, a kit or an outcome; it stays on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The sentence.
    pub words: String,
    /// Was it refused?
    pub error: bool,
}

/// The rule that is tried out.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// The rule.
    pub rule: Rule,
    /// Raters whose labels don't count.
    pub left_out: BTreeSet<RaterId>,
    /// What it comes to.
    pub preview: Option<Result<Arc<Outcome>, String>>,
    asked: Option<(Key, Rule, BTreeSet<RaterId>)>,
    ticket: u64,
}

/// A small picture of a cell.
pub enum Patch {
    /// Being read.
    Asked,
    /// There.
    Shown(TextureHandle),
    /// Not to be had: the slide is not found, or can't be read there.
    Missing,
}

/// Where a click on a cell leads.
struct Way {
    filename: String,
    at: SlidePx,
    object: ObjectId,
}

/// All of it.
pub struct State {
    pub(super) jobs: Jobs,
    pub(super) pictures: Jobs,
    /// The page on the screen.
    pub page: Page,
    /// Sorted by.
    pub sort: Sort,
    /// The task whose facts stand at the side.
    pub chosen: Option<TaskId>,
    /// The pair whose matrix is shown.
    pub pair: usize,
    /// Raters who are left out of the agreement.
    pub not_compared: BTreeSet<RaterId>,
    /// Only disagreements of these two.
    pub between: Option<(RaterId, RaterId)>,
    /// The rule that is tried out.
    pub trial: Trial,
    /// What was said last.
    pub said: Option<Said>,
    /// Pictures of cells.
    pub patches: HashMap<ObjectId, Patch>,
    asked: Option<Key>,
    told: Option<Key>,
    acts: u64,
    stamp: Stamp,
    watched: Duration,
    let_through: BTreeSet<i64>,
    looking: Option<BTreeSet<i64>>,
    gate: Option<Vec<TaskRow>>,
    read: Option<Arc<Read>>,
    figures: Option<Arc<Figures>>,
    failure: Option<String>,
    kit: Option<KitWish>,
    busy: Option<&'static str>,
    way: Option<Way>,
    tickets: u64,
}

impl State {
    /// Nothing read yet.
    pub fn new(wake: &Wake) -> Self {
        Self {
            jobs: Jobs::start("study", Arc::clone(wake), || Done::Fault),
            pictures: Jobs::start("study patches", Arc::clone(wake), || Done::Fault),
            page: Page::default(),
            sort: Sort::default(),
            chosen: None,
            pair: 0,
            not_compared: BTreeSet::new(),
            between: None,
            trial: Trial::new(),
            said: None,
            patches: HashMap::new(),
            asked: None,
            told: None,
            acts: 0,
            stamp: None,
            watched: Duration::ZERO,
            let_through: BTreeSet::new(),
            looking: None,
            gate: None,
            read: None,
            figures: None,
            failure: None,
            kit: None,
            busy: None,
            way: None,
            tickets: 0,
        }
    }

    /// Its two workers.
    pub(in crate::app) fn workers(&self) -> [&Jobs; 2] {
        [&self.jobs, &self.pictures]
    }

    /// The document has become another one: nothing of the one before is shown, and nothing was let through.
    pub fn other_document(&mut self) {
        (self.read, self.figures, self.gate, self.failure) = (None, None, None, None);
        (self.asked, self.told, self.said, self.kit, self.busy) = (None, None, None, None, None);
        (self.chosen, self.pair, self.between, self.way) = (None, 0, None, None);
        self.let_through.clear();
        self.not_compared.clear();
        self.looking = None;
        self.patches.clear();
        self.trial = Trial::new();
    }

    /// The document is read again.
    pub fn read_again(&mut self) {
        self.acts += 1;
    }

    /// Is nothing on its way to the page?
    pub fn settled(&self) -> bool {
        self.asked == self.told && self.looking.is_none() && self.busy.is_none()
    }

    /// Is the page being read?
    pub fn is_reading(&self) -> bool {
        self.asked != self.told
    }

    /// The open blind tasks that nobody has let through.
    pub fn gate(&self) -> Option<&[TaskRow]> {
        self.gate.as_deref()
    }

    /// The stages, once they were read.
    pub fn read(&self) -> Option<&Arc<Read>> {
        self.read.as_ref()
    }

    /// Agreement and disagreements, once they were read.
    pub fn figures(&self) -> Option<&Arc<Figures>> {
        self.figures.as_ref()
    }

    /// Why the document could not be read.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// What is being done beside reading.
    pub fn busy(&self) -> Option<&'static str> {
        self.busy
    }

    /// Is the look on its way to the journal?
    pub fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// The look is in the journal: what stood at the question is let through.
    pub fn looked(&mut self) {
        if let Some(tasks) = self.looking.take() {
            self.let_through.extend(tasks);
            self.acts += 1;
        }
    }

    /// A job ended in a fault of the program.
    pub fn faulted(&mut self) {
        self.told = self.asked;
        self.busy = None;
    }

    /// The slide that a cell was clicked for is open: the view on the cell, and the cell.
    pub fn arrived(&mut self, open: &Opened) -> Option<(Camera, ObjectId)> {
        let way = self.way.take()?;
        (open.facts().file_name() == way.filename).then(|| (camera_on(way.at, open), way.object))
    }

    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

impl Trial {
    fn new() -> Self {
        Self { rule: Rule::Majority, left_out: BTreeSet::new(), preview: None, asked: None, ticket: 0 }
    }
}

/// The view on a cell as a 40x objective shows it.
fn camera_on(at: SlidePx, open: &Opened) -> Camera {
    match open.resolution() {
        Some(resolution) => Camera::at(at, Magnification(40.0), resolution),
        None => Camera::new(at, 1.0),
    }
}
