//! What lies where already, so that nothing comes in twice.

use super::super::error::{InWords as _, StoreError};
use super::super::read::{self, Which, text, whole};
use super::super::rows::stored_points;
use super::super::write::Act;
use crate::model::{ClassId, Label, RaterId, Shape, SlideId};
use std::collections::{HashMap, HashSet};

/// Coordinates are compared in tenths of a level-0 pixel.
const TENTHS: f64 = 10.0;

/// Slide, type and rounded coordinates.
type Place = (i64, i64, Vec<i64>);

/// An object with what matters for an import.
pub(super) struct Known {
    pub uid: i64,
    pub labels: Vec<Label>,
    pub deleted: bool,
    /// Did it come with this file?
    pub fresh: bool,
    /// Did it get a label besides the one that it came with?
    pub touched: bool,
}

impl Known {
    fn has(&self, rater: RaterId, class: ClassId) -> bool {
        self.labels.iter().any(|l| l.rater == rater && l.class == class)
    }
}

/// What a row comes to.
pub(super) enum Verdict {
    /// A new object.
    Add,
    /// One more opinion on an object.
    Label(usize),
    /// All of it is there.
    Present,
    /// The object was deleted by somebody.
    Deleted,
    /// The rater has labelled the object with this class, which the row contradicts.
    Otherwise(ClassId),
    /// The object of this identity lies on another slide, or can't be shown.
    Elsewhere,
}

/// What a row is about: its slide, and rater and class where the document knows them.
pub(super) struct Opinion {
    pub slide: i64,
    pub rater: Option<RaterId>,
    pub class: Option<ClassId>,
}

/// The objects of the slides that a file names.
#[derive(Default)]
pub(super) struct Places {
    pub objects: Vec<Known>,
    at: HashMap<Place, Vec<usize>>,
    by_guid: HashMap<String, usize>,
    /// The slide of each identity in the document; empty until one is asked for.
    guids: Option<HashMap<String, i64>>,
    loaded: HashSet<i64>,
}

impl Places {
    /// Reads the objects of a slide, once.
    pub fn load(&mut self, act: &Act<'_>, slide: i64) -> Result<(), StoreError> {
        if !self.loaded.insert(slide) {
            return Ok(());
        }
        for object in read::objects(act.tx, act.layout, Which::Slide(SlideId(slide))).at(act.path)? {
            let (guid, place) = (object.guid, place(slide, &object.shape));
            let known = Known {
                uid: object.id.0,
                labels: object.labels,
                deleted: object.deleted,
                fresh: false,
                touched: false,
            };
            self.keep(place, Some(guid).filter(|g| !g.is_empty()), known);
        }
        Ok(())
    }

    fn keep(&mut self, place: Place, guid: Option<String>, known: Known) {
        let at = self.objects.len();
        self.at.entry(place).or_default().push(at);
        if let Some(guid) = guid {
            self.by_guid.entry(guid).or_insert(at);
        }
        self.objects.push(known);
    }

    /// An object that came in.
    pub fn add(&mut self, slide: i64, shape: &Shape, guid: Option<String>, known: Known) {
        if let (Some(guids), Some(guid)) = (&mut self.guids, &guid) {
            guids.insert(guid.clone(), slide);
        }
        self.keep(place(slide, shape), guid, known);
    }

    /// What a row comes to: by its identity if it has one, else by slide, type and place.
    pub fn judge(
        &mut self,
        act: &Act<'_>,
        opinion: &Opinion,
        shape: &Shape,
        guid: Option<&str>,
    ) -> Result<Verdict, StoreError> {
        let Some(guid) = guid else { return Ok(self.by_place(opinion, shape)) };
        if self.guids.is_none() {
            self.guids = Some(guids(act)?);
        }
        Ok(match self.guids.as_ref().and_then(|g| g.get(guid)) {
            None => Verdict::Add,
            Some(slide) if *slide != opinion.slide => Verdict::Elsewhere,
            Some(_) => self.by_guid.get(guid).map_or(Verdict::Elsewhere, |at| self.again(*at, opinion)),
        })
    }

    /// A row about an object of known identity.
    fn again(&self, at: usize, opinion: &Opinion) -> Verdict {
        let known = &self.objects[at];
        let Some(rater) = opinion.rater else {
            return if known.deleted { Verdict::Deleted } else { Verdict::Label(at) };
        };
        let earlier = known.labels.iter().find(|l| l.rater == rater);
        match earlier {
            _ if known.deleted => Verdict::Deleted,
            _ if opinion.class.is_some_and(|class| known.has(rater, class)) => Verdict::Present,
            // A file may hold several labels of one rater on an object, as documents do; one that was there stays.
            Some(label) if !known.fresh => Verdict::Otherwise(label.class),
            _ => Verdict::Label(at),
        }
    }

    fn by_place(&self, opinion: &Opinion, shape: &Shape) -> Verdict {
        let Some(there) = self.at.get(&place(opinion.slide, shape)) else { return Verdict::Add };
        let known = || there.iter().map(|at| (*at, &self.objects[*at]));
        if let (Some(rater), Some(class)) = (opinion.rater, opinion.class) {
            let mut same = known().filter(|(_, o)| o.has(rater, class)).peekable();
            if same.peek().is_some() {
                return if same.any(|(_, o)| !o.deleted) { Verdict::Present } else { Verdict::Deleted };
            }
        }
        // Another rater's opinion on the same cell, on the object of that class where there are several.
        let unlabelled = |o: &Known| opinion.rater.is_none_or(|r| o.labels.iter().all(|l| l.rater != r));
        let open: Vec<(usize, &Known)> = known().filter(|(_, o)| !o.deleted && unlabelled(o)).collect();
        let alike = open.iter().find(|(_, o)| o.labels.iter().any(|l| Some(l.class) == opinion.class));
        alike.or(open.first()).map_or(Verdict::Add, |(at, _)| Verdict::Label(*at))
    }
}

fn place(slide: i64, shape: &Shape) -> Place {
    // Within a billion pixels; beyond, the nearest number there is.
    let tenths = |v: f64| (v * TENTHS).round() as i64;
    let points = stored_points(shape).into_iter().flatten().flat_map(|p| [tenths(p.x), tenths(p.y)]);
    (slide, shape.type_number(), points.collect())
}

fn guids(act: &Act<'_>) -> Result<HashMap<String, i64>, StoreError> {
    let mut guids = HashMap::new();
    read::each(act.tx, "SELECT guid, slide FROM Annotations WHERE guid IS NOT NULL", [], |r| {
        guids.insert(text(r, 0), whole(r, 1).unwrap_or(0));
    })
    .at(act.path)?;
    Ok(guids)
}
