//! Which objects and candidates a task is about.

use super::StudyError;
use super::task::{Subject, Thing};
use crate::model::{
    ClassId, Label, Object, ObjectId, RaterId, Rect, Shape, SlideId, SlidePx, TaskKind, TaskSlide,
};
use crate::store::{Database, SlideEntry};
use std::collections::{HashMap, HashSet};

/// A rectangle or polygon larger than this, in level-0 pixels, is a region and no cell.
const LARGEST_CELL: f64 = 256.0;

/// Is it a cell: something that is judged, and not a region, a flag or a label of the slide?
pub fn is_cell(object: &Object) -> bool {
    let small = |r: Rect| r.w <= LARGEST_CELL && r.h <= LARGEST_CELL;
    !object.deleted
        && match &object.shape {
            Shape::Spot(_) => true,
            Shape::Flag(_) | Shape::Image => false,
            shape => shape.bounds().is_some_and(small),
        }
}

/// What is chosen. Empty lists choose all.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// These slides.
    pub slides: Vec<SlideId>,
    /// Objects whose agreed class is one of these.
    pub classes: Vec<ClassId>,
    /// Objects that one of these has labelled; for the kinds that compare, the raters who are compared.
    pub raters: Vec<RaterId>,
    /// Objects that the rater has labelled already, too.
    pub again: bool,
    /// Candidates of this run.
    pub run: Option<String>,
    /// Candidates of these score groups, 1 (lowest scores) to 10.
    pub groups: Vec<u8>,
    /// Candidates with this score or more.
    pub least_score: Option<f64>,
    /// Human objects among the candidates, so that nobody can tell which is which.
    pub mixed: bool,
    /// These objects alone, by uid or guid.
    pub objects: Vec<String>,
}

/// The group, 1 to 10, of a score between 0 and 1: tenths, as the candidates of the published data set were grouped.
pub fn score_group(score: f64) -> u8 {
    // In range: clamped to 0..=9.
    (score * 10.0).floor().clamp(0.0, 9.0) as u8 + 1
}

/// What a task of this kind for this rater is about: slides, and things on them. `inside` says whether a place lies in
/// the region that was asked for.
///
/// # Errors
/// When the document can't be read.
pub fn things(
    database: &Database,
    kind: TaskKind,
    rater: Option<RaterId>,
    choice: &Choice,
    inside: &mut dyn FnMut(&SlideEntry, SlidePx) -> Result<bool, StudyError>,
) -> Result<(Vec<TaskSlide>, Vec<Thing>), StudyError> {
    let names: HashMap<RaterId, String> = database.raters()?.into_iter().map(|r| (r.id, r.name)).collect();
    let changed: HashSet<ObjectId> = match kind {
        TaskKind::Confirm => {
            let all: Vec<RaterId> = names.keys().copied().collect();
            let by = if choice.raters.is_empty() { &all } else { &choice.raters };
            let mut changed = HashSet::new();
            for rater in by {
                changed.extend(database.changed_by(*rater)?);
            }
            changed
        }
        _ => HashSet::new(),
    };
    let mut candidates: HashMap<SlideId, Vec<(i64, SlidePx)>> = HashMap::new();
    if kind == TaskKind::Candidates {
        for c in database.candidates(choice.run.as_deref())? {
            let scored = c.score.is_none_or(|s| {
                choice.least_score.is_none_or(|least| s >= least)
                    && (choice.groups.is_empty() || choice.groups.contains(&score_group(s)))
            });
            if scored {
                candidates.entry(c.slide).or_default().push((c.candidate, c.at));
            }
        }
    }
    let (mut slides, mut things) = (Vec::new(), Vec::new());
    for entry in database.slides()? {
        if !choice.slides.is_empty() && !choice.slides.contains(&entry.id) {
            continue;
        }
        // Numbered by the slides that are asked about, in the document's order.
        let slide = slides.len();
        let mut here: Vec<Thing> = Vec::new();
        if kind != TaskKind::Candidates || choice.mixed {
            for object in database.objects(entry.id)?.iter().filter(|o| is_cell(o)) {
                if wanted(object, kind, rater, choice, &changed)
                    && let Some(at) = object.shape.center()
                {
                    let shown = opinions(object, kind, choice, &names);
                    here.push(Thing { subject: Subject::Object(object.id), slide, at, shown });
                }
            }
        }
        for (candidate, at) in candidates.remove(&entry.id).unwrap_or_default() {
            here.push(Thing { subject: Subject::Candidate(candidate), slide, at, shown: Vec::new() });
        }
        let before = things.len();
        for thing in here {
            if inside(&entry, thing.at)? {
                things.push(thing);
            }
        }
        if things.len() > before {
            slides.push(task_slide(slide, &entry));
        }
    }
    Ok((slides, things))
}

fn task_slide(at: usize, entry: &SlideEntry) -> TaskSlide {
    TaskSlide {
        number: at as u32 + 1,
        code: format!("slide {}", at + 1),
        filename: Some(entry.filename.clone()),
        directory: Some(entry.directory.clone()).filter(|d| !d.is_empty()),
        size: entry.size,
        resolution: entry.resolution,
        print: None,
    }
}

fn wanted(
    object: &Object,
    kind: TaskKind,
    rater: Option<RaterId>,
    choice: &Choice,
    changed: &HashSet<ObjectId>,
) -> bool {
    let judged = rater.is_some_and(|r| object.label_by(r).is_some());
    if judged && !choice.again && kind != TaskKind::Confirm {
        return false;
    }
    if !choice.objects.is_empty() {
        let uid = object.id.0.to_string();
        if !choice.objects.iter().any(|o| *o == uid || *o == object.guid) {
            return false;
        }
    }
    if !choice.classes.is_empty() && !choice.classes.contains(&object.agreed) {
        return false;
    }
    match kind {
        TaskKind::Label | TaskKind::Candidates => {
            choice.raters.is_empty() || choice.raters.iter().any(|r| object.label_by(*r).is_some())
        }
        TaskKind::Adjudicate | TaskKind::Consensus => disagree(&object.labels, &choice.raters),
        TaskKind::Confirm => !choice.objects.is_empty() || changed.contains(&object.id),
    }
}

/// Do the first labels of these raters (of all, where none is named) differ?
pub fn disagree(labels: &[Label], raters: &[RaterId]) -> bool {
    let mut seen: Vec<RaterId> = Vec::new();
    let mut classes: HashSet<ClassId> = HashSet::new();
    for label in labels {
        let counts = raters.is_empty() || raters.contains(&label.rater);
        if counts && label.class != ClassId::UNKNOWN && !seen.contains(&label.rater) {
            seen.push(label.rater);
            classes.insert(label.class);
        }
    }
    classes.len() > 1
}

/// Names and first labels that a consensus task shows.
fn opinions(
    object: &Object,
    kind: TaskKind,
    choice: &Choice,
    names: &HashMap<RaterId, String>,
) -> Vec<(String, ClassId)> {
    if kind.is_blind() {
        return Vec::new();
    }
    let mut seen: Vec<RaterId> = Vec::new();
    let mut out = Vec::new();
    for label in &object.labels {
        if (choice.raters.is_empty() || choice.raters.contains(&label.rater)) && !seen.contains(&label.rater)
        {
            seen.push(label.rater);
            let name = names.get(&label.rater).cloned().unwrap_or_else(|| "nobody named".into());
            out.push((name, label.class));
        }
    }
    out
}
