//! A task that is to be made: what is filled in, and what that means.

use crate::model::outcome::CONSENSUS;
use crate::model::{ClassId, ObjectId, RaterId, SlideId, TaskKind, TaskView};
use crate::study::select::Choice;
use crate::study::stages::Next;
use crate::study::task::{Order, Wish};

use super::read::Read;

/// What a task would ask, as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Cells.
    pub cells: usize,
    /// On so many slides.
    pub slides: usize,
}

/// What a task asks, whom.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// What is asked.
    pub kind: TaskKind,
    /// Who is asked.
    pub rater: String,
    /// On these slides; on all where empty.
    pub slides: Vec<SlideId>,
    /// Objects of these agreed classes; of all where empty.
    pub classes: Vec<ClassId>,
    /// Raters who are compared, or whose cells are asked about; all where empty.
    pub raters: Vec<RaterId>,
    /// These objects alone.
    pub objects: Vec<ObjectId>,
}

impl Wanted {
    /// The same for the library.
    pub fn choice(&self) -> Choice {
        Choice {
            slides: self.slides.clone(),
            classes: self.classes.clone(),
            raters: self.raters.clone(),
            objects: self.objects.iter().map(|o| o.0.to_string()).collect(),
            ..Choice::default()
        }
    }
}

/// A line that can be ticked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick<T> {
    /// What it stands for.
    pub id: T,
    /// Its name.
    pub name: String,
    /// Is it ticked?
    pub on: bool,
}

/// The form.
#[derive(Debug, Clone)]
pub struct Form {
    /// The task's name.
    pub name: String,
    /// Who is asked.
    pub rater: String,
    /// What is asked.
    pub kind: TaskKind,
    /// Are all slides asked about?
    pub all_slides: bool,
    /// The slides.
    pub slides: Vec<Tick<SlideId>>,
    /// The classes that cells are chosen by; none ticked is all.
    pub classes: Vec<Tick<ClassId>>,
    /// The raters that are compared; none ticked is all.
    pub raters: Vec<Tick<RaterId>>,
    /// Shuffled, or slide after slide?
    pub shuffled: bool,
    /// What the order is shuffled by, as it is typed.
    pub seed: String,
    /// Share that is asked twice, in percent.
    pub repeats: f64,
    /// How the cells are shown first.
    pub view: TaskView,
    /// These objects alone.
    pub objects: Vec<ObjectId>,
    /// What was counted.
    pub counted: Option<Result<Counted, String>>,
    /// What was asked to be counted.
    pub asked: Option<Wanted>,
    /// By which ticket.
    pub ticket: u64,
    /// Is it being made?
    pub making: bool,
    /// Why it could not be made.
    pub refusal: Option<String>,
    /// Was it not drawn yet?
    pub fresh: bool,
}

impl Form {
    /// A form with what makes sense next filled in.
    pub fn new(read: &Read) -> Self {
        let tick = |id, name: &str| Tick { id, name: name.to_owned(), on: false };
        let mut form = Self {
            name: String::new(),
            rater: String::new(),
            kind: TaskKind::Label,
            all_slides: true,
            slides: read.slides.iter().map(|s| tick_slide(s.id, &s.filename)).collect(),
            classes: crate::study::task::choices(&read.classes)
                .into_iter()
                .map(|c| Tick { id: c.id, name: c.name, on: false })
                .collect(),
            raters: Vec::new(),
            shuffled: true,
            seed: "1".into(),
            repeats: 5.0,
            view: TaskView::Context,
            objects: Vec::new(),
            counted: None,
            asked: None,
            ticket: 0,
            making: false,
            refusal: None,
            fresh: true,
        };
        // Whoever has judged most comes first: these are who is compared.
        let judged = |name: &str| read.study.total.judged.get(name).copied().unwrap_or(0);
        let mut raters: Vec<_> =
            read.raters.iter().filter(|r| r.name != CONSENSUS && judged(&r.name) > 0).collect();
        raters.sort_by_key(|r| std::cmp::Reverse(judged(&r.name)));
        form.raters = raters.iter().map(|r| tick(r.id, &r.name)).collect();
        // The only one who is known and has said nothing yet is likely the one to be asked.
        let mut idle = read.raters.iter().filter(|r| r.name != CONSENSUS && judged(&r.name) == 0);
        if let (Some(one), None) = (idle.next(), idle.next()) {
            form.rater.clone_from(&one.name);
        }
        let wish = match read.study.next {
            Next::Third { .. } => "third",
            Next::Consensus { .. } => "consensus",
            _ => "second",
        };
        match wish {
            "third" => {
                form.kind = TaskKind::Adjudicate;
                form.raters.iter_mut().take(2).for_each(|r| r.on = true);
            }
            "consensus" => form.set_kind(TaskKind::Consensus),
            _ => {}
        }
        form.name = free_name(read, wish);
        form
    }

    /// The same for the objects that a rule leaves undecided.
    pub fn of_undecided(read: &Read, objects: Vec<ObjectId>) -> Self {
        let mut form = Self::new(read);
        form.kind = TaskKind::Adjudicate;
        form.name = free_name(read, "undecided");
        form.raters.iter_mut().for_each(|r| r.on = false);
        form.objects = objects;
        form
    }

    /// Another kind: the person who gives a joint opinion has a name of its own.
    pub fn set_kind(&mut self, kind: TaskKind) {
        if kind == TaskKind::Consensus {
            self.rater = CONSENSUS.into();
            self.repeats = 0.0;
        } else if self.kind == TaskKind::Consensus {
            self.rater.clear();
        }
        self.view = if kind == TaskKind::Confirm { TaskView::Patches } else { TaskView::Context };
        self.kind = kind;
    }

    /// What it asks.
    pub fn wanted(&self) -> Wanted {
        let slides = self.slides.iter().filter(|t| t.on && !self.all_slides).map(|t| t.id);
        Wanted {
            kind: self.kind,
            rater: self.rater.trim().to_owned(),
            slides: slides.collect(),
            classes: self.classes.iter().filter(|t| t.on).map(|t| t.id).collect(),
            raters: self.raters.iter().filter(|t| t.on).map(|t| t.id).collect(),
            objects: self.objects.clone(),
        }
    }

    /// Why it can't be made yet; `None` where it can.
    pub fn obstacle(&self) -> Option<String> {
        let none_ticked = !self.all_slides && self.slides.iter().all(|t| !t.on);
        if self.name.trim().is_empty() {
            return Some("Give the task a name.".into());
        }
        if self.name.trim().parse::<i64>().is_ok() {
            return Some("A number is no name for a task.".into());
        }
        if self.rater.trim().is_empty() {
            return Some("Say who is asked.".into());
        }
        if self.shuffled && self.seed().is_none() {
            return Some("The seed is a whole number from 0.".into());
        }
        if none_ticked {
            return Some("Tick a slide, or ask about all of them.".into());
        }
        match &self.counted {
            Some(Ok(Counted { cells: 0, .. })) => {
                Some(format!("Nothing is left to ask {} with this choice.", self.rater.trim()))
            }
            Some(Err(why)) => Some(why.clone()),
            _ => None,
        }
    }

    fn seed(&self) -> Option<u64> {
        self.seed.trim().parse().ok()
    }

    /// The share that is asked twice, 0 to 0.1.
    pub fn share(&self) -> f64 {
        (self.repeats / 100.0).clamp(0.0, crate::study::task::MOST_REPEATS)
    }

    /// `672 items on 2 slides: 640 cells and 32 hidden repeats`.
    pub fn line(&self) -> Option<String> {
        let Some(Ok(Counted { cells, slides })) = &self.counted else { return None };
        let again = (self.share() * *cells as f64).round() as usize;
        let s = |n: usize| if n == 1 { "" } else { "s" };
        let items = cells + again;
        let mut words = format!("{items} item{} on {slides} slide{}", s(items), s(*slides));
        if again > 0 {
            words.push_str(&format!(": {cells} cells, {again} hidden repeat{}", s(again)));
        }
        Some(words)
    }

    /// What the library plans.
    pub fn wish(&self) -> Wish {
        let named =
            |what: &str, list: Vec<&str>| (!list.is_empty()).then(|| format!("{what} {}", list.join(", ")));
        let slides: Vec<&str> =
            self.slides.iter().filter(|t| t.on && !self.all_slides).map(|t| t.name.as_str()).collect();
        let ticked = |list: Vec<&str>, what| named(what, list);
        let mut words = vec![self.kind.id().to_owned()];
        words.extend(ticked(slides, "slides"));
        words.extend(ticked(names(&self.classes), "classes"));
        words.extend(ticked(names(&self.raters), "raters"));
        if !self.objects.is_empty() {
            words.push(format!("{} objects that the rule left undecided", self.objects.len()));
        }
        Wish {
            name: self.name.trim().to_owned(),
            rater: self.rater.trim().to_owned(),
            kind: self.kind,
            order: if self.shuffled { Order::Shuffled(self.seed().unwrap_or(1)) } else { Order::Slide },
            repeats: self.share(),
            view: Some(self.view),
            classes: Vec::new(),
            chosen: words.join("; "),
        }
    }
}

fn names<T>(list: &[Tick<T>]) -> Vec<&str> {
    list.iter().filter(|t| t.on).map(|t| t.name.as_str()).collect()
}

fn tick_slide(id: SlideId, name: &str) -> Tick<SlideId> {
    Tick { id, name: name.to_owned(), on: true }
}

/// A name that no task has: `second`, `second 2`.
fn free_name(read: &Read, wish: &str) -> String {
    let taken = |name: &str| read.study.tasks.iter().any(|t| t.name == name);
    let numbered = (2..).map(|n| format!("{wish} {n}"));
    std::iter::once(wish.to_owned()).chain(numbered).find(|n| !taken(n)).unwrap_or_default()
}
