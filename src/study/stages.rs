//! What the coordinator sees of a study: each slide's way through its stages, who has what open, and what comes next.

use super::StudyError;
use super::select::disagree;
use crate::model::{ClassId, ObjectId, RaterId, Role, SlideId, Task, TaskKind};
use crate::store::{Database, Standing};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Cells by what they were agreed to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Cells {
    /// Mitotic figures.
    pub mitotic: u64,
    /// Non-mitotic look-alikes.
    pub look_alike: u64,
    /// Cells of other classes.
    pub other: u64,
    /// Cells without an agreed class.
    pub undecided: u64,
}

impl Cells {
    fn add(&mut self, role: Option<Role>) {
        *match role {
            Some(Role::MitoticFigure) => &mut self.mitotic,
            Some(Role::LookAlike) => &mut self.look_alike,
            Some(_) => &mut self.other,
            None => &mut self.undecided,
        } += 1;
    }

    fn sum(&mut self, more: &Self) {
        self.mitotic += more.mitotic;
        self.look_alike += more.look_alike;
        self.other += more.other;
        self.undecided += more.undecided;
    }

    /// All of them.
    pub fn all(&self) -> u64 {
        self.mitotic + self.look_alike + self.other + self.undecided
    }
}

/// A screening pass of a slide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Screened {
    /// Who.
    pub rater: String,
    /// Which pass, from 1.
    pub pass: u32,
    /// Fields that were seen.
    pub fields: u64,
}

/// A slide's way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SlideStages {
    /// Its uid.
    pub uid: i64,
    /// Base name.
    pub filename: String,
    /// Its case.
    pub case: Option<String>,
    /// Cells by agreed class.
    pub cells: Cells,
    /// Screening passes.
    pub screened: Vec<Screened>,
    /// Cells that each rater has judged.
    pub judged: BTreeMap<String, u64>,
    /// Cells with opinions of two raters or more.
    pub second: u64,
    /// Cells with opinions of three raters or more.
    pub third: u64,
    /// Cells whose first two opinions differ.
    pub disagreements: u64,
    /// Cells with an agreed class.
    pub resolved: u64,
    /// Cells by where they came from: `manual` (also those of a plain SlideRunner file), `screening pass 1` and so on,
    /// `import`, `candidates`; beside that `confirmation`, those of them that were judged anew in a confirm task.
    pub stages: BTreeMap<String, Cells>,
}

/// A task as the coordinator lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRow {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Who is asked.
    pub rater: String,
    /// What is asked.
    pub kind: TaskKind,
    /// Items, repeats included.
    pub items: u32,
    /// Items with a ballot.
    pub done: u32,
    /// Is it sealed?
    pub sealed: bool,
}

impl From<&Task> for TaskRow {
    fn from(t: &Task) -> Self {
        Self {
            id: t.id.0,
            name: t.name.clone(),
            rater: t.rater.clone(),
            kind: t.kind,
            items: t.items,
            done: t.done,
            sealed: t.seal.is_some(),
        }
    }
}

/// What makes sense next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "what")]
pub enum Next {
    /// There are no cells yet: screen, or import.
    Screen,
    /// A rater has a task open.
    Wait {
        /// The task's name.
        task: String,
        /// Whose.
        rater: String,
        /// Items without a ballot.
        left: u32,
    },
    /// A second opinion on cells that have one.
    Second {
        /// How many cells.
        cells: u64,
    },
    /// A third opinion where two differ.
    Third {
        /// How many cells.
        cells: u64,
    },
    /// The raters together, where three don't decide.
    Consensus {
        /// How many cells.
        cells: u64,
    },
    /// Nothing is open: the outcome can be derived.
    Outcome,
}

impl Next {
    /// A sentence.
    pub fn sentence(&self) -> String {
        let cells = |n: u64| if n == 1 { "1 cell".to_owned() } else { format!("{n} cells") };
        match self {
            Self::Screen => "No cells yet: screen a slide or import labels.".into(),
            Self::Wait { task, rater, left } => {
                format!("{rater} has the task “{task}” open: {left} to go.")
            }
            Self::Second { cells: n } => format!("Ask a second expert about {}.", cells(*n)),
            Self::Third { cells: n } => format!("Ask a third expert about {} where two differ.", cells(*n)),
            Self::Consensus { cells: n } => {
                format!("Settle {} together, where the opinions don't decide.", cells(*n))
            }
            Self::Outcome => "All cells have their opinions: derive the outcome.".into(),
        }
    }
}

/// The whole study.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Study {
    /// Slides in the order of their uids.
    pub slides: Vec<SlideStages>,
    /// All slides together.
    pub total: SlideStages,
    /// Tasks in the order in which they were made.
    pub tasks: Vec<TaskRow>,
    /// The rule of the outcome that was recorded last.
    pub rule: Option<String>,
    /// What makes sense next.
    pub next: Next,
    /// What was looked at as the coordinator while a blind task was open: Unix time and command.
    pub looked_as_coordinator: Vec<(f64, String)>,
    /// Kits that came back: Unix time, task, new ballots, what was known of the key.
    pub merges: Vec<(f64, String, u32, String)>,
}

/// Looks at the whole study; changes nothing.
///
/// # Errors
/// When the document can't be read.
pub fn study(database: &Database) -> Result<Study, StudyError> {
    let raters = database.raters()?;
    let facts = Known {
        roles: database.classes()?.into_iter().map(|c| (c.id, c.role)).collect(),
        names: raters.iter().map(|r| (r.id, r.name.clone())).collect(),
        origins: database.origins()?,
        confirmed: database.asked_about(TaskKind::Confirm)?,
    };
    let mut by_slide: HashMap<SlideId, Vec<Standing>> = HashMap::new();
    for row in database.standings()?.into_iter().filter(|r| is_cell(r, &facts.roles)) {
        by_slide.entry(row.slide).or_default().push(row);
    }
    let mut slides = Vec::new();
    let mut counts = Counts::default();
    let mut total = SlideStages { filename: "total".into(), ..SlideStages::default() };
    for entry in database.slides()? {
        let mut row = SlideStages {
            uid: entry.id.0,
            filename: entry.filename,
            case: entry.case,
            ..SlideStages::default()
        };
        for rater in &raters {
            for pass in database.passes(entry.id, rater.id)? {
                let fields = database.progress(entry.id, rater.id, pass)?.done.len() as u64;
                if fields > 0 {
                    row.screened.push(Screened { rater: rater.name.clone(), pass, fields });
                }
            }
        }
        for cell in by_slide.remove(&entry.id).unwrap_or_default() {
            counts.add(&cell);
            add_cell(&mut row, &cell, &facts);
        }
        add_row(&mut total, &row);
        slides.push(row);
    }
    let tasks = database.tasks()?;
    let task_name = |id| tasks.iter().find(|t| t.id == id).map_or_else(String::new, |t| t.name.clone());
    Ok(Study {
        next: next(&tasks, &counts),
        rule: database.settlement()?.map(|s| s.rule.id().to_owned()),
        looked_as_coordinator: database.looks()?,
        merges: database
            .merges()?
            .into_iter()
            .map(|m| (m.time, task_name(m.task), m.ballots, m.verdict))
            .collect(),
        tasks: tasks.iter().map(TaskRow::from).collect(),
        slides,
        total,
    })
}

/// Spots, circles, and rectangles and polygons that are no tumour region.
fn is_cell(row: &Standing, roles: &HashMap<ClassId, Role>) -> bool {
    let region = || {
        let tumour = |class: &ClassId| roles.get(class) == Some(&Role::TumourRegion);
        tumour(&row.agreed) || row.labels.iter().any(|l| tumour(&l.class))
    };
    match row.kind {
        1 | 5 => true,
        2 => !region(),
        _ => false,
    }
}

/// What is known of the whole study while its cells are counted.
struct Known {
    roles: HashMap<ClassId, Role>,
    names: HashMap<RaterId, String>,
    origins: HashMap<ObjectId, String>,
    confirmed: HashSet<ObjectId>,
}

fn add_cell(row: &mut SlideStages, cell: &Standing, facts: &Known) {
    let role = match cell.agreed {
        ClassId::UNKNOWN => None,
        class => Some(facts.roles.get(&class).copied().unwrap_or(Role::Other)),
    };
    row.cells.add(role);
    row.resolved += u64::from(role.is_some());
    let judges: BTreeSet<RaterId> = cell.labels.iter().map(|l| l.rater).collect();
    row.second += u64::from(judges.len() >= 2);
    row.third += u64::from(judges.len() >= 3);
    for rater in judges {
        let name = facts.names.get(&rater).map_or("nobody named", String::as_str);
        *row.judged.entry(name.to_owned()).or_default() += 1;
    }
    row.disagreements += u64::from(disagree(&cell.labels, &[]));
    let stage = facts.origins.get(&cell.object).map_or("manual", String::as_str);
    row.stages.entry(stage.to_owned()).or_default().add(role);
    if facts.confirmed.contains(&cell.object) {
        row.stages.entry("confirmation".to_owned()).or_default().add(role);
    }
}

fn add_row(total: &mut SlideStages, row: &SlideStages) {
    total.cells.sum(&row.cells);
    total.second += row.second;
    total.third += row.third;
    total.disagreements += row.disagreements;
    total.resolved += row.resolved;
    for (name, n) in &row.judged {
        *total.judged.entry(name.clone()).or_default() += n;
    }
    for (stage, cells) in &row.stages {
        total.stages.entry(stage.clone()).or_default().sum(cells);
    }
}

/// What [`next`] needs to know of the cells.
#[derive(Debug, Default)]
struct Counts {
    cells: u64,
    one_opinion: u64,
    two_that_differ: u64,
    undecided: u64,
}

impl Counts {
    fn add(&mut self, cell: &Standing) {
        let judges: BTreeSet<RaterId> = cell.labels.iter().map(|l| l.rater).collect();
        self.cells += 1;
        self.one_opinion += u64::from(judges.len() == 1);
        let differ = disagree(&cell.labels, &[]);
        self.two_that_differ += u64::from(judges.len() == 2 && differ);
        self.undecided += u64::from(judges.len() > 2 && differ && cell.agreed == ClassId::UNKNOWN);
    }
}

fn next(tasks: &[Task], counts: &Counts) -> Next {
    if let Some(open) = tasks.iter().find(|t| t.seal.is_none()) {
        return Next::Wait {
            task: open.name.clone(),
            rater: open.rater.clone(),
            left: open.items.saturating_sub(open.done),
        };
    }
    match counts {
        Counts { cells: 0, .. } => Next::Screen,
        Counts { one_opinion: n @ 1.., .. } => Next::Second { cells: *n },
        Counts { two_that_differ: n @ 1.., .. } => Next::Third { cells: *n },
        Counts { undecided: n @ 1.., .. } => Next::Consensus { cells: *n },
        Counts { .. } => Next::Outcome,
    }
}
