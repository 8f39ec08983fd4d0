//! Planning a task: the order of its items, which of them are asked twice, and how those are turned. Pure: one seed
//! gives one plan, whatever is hidden.

use super::StudyError;
use super::ballot::fingerprint;
use crate::model::{
    Class, ClassId, Digest, Item, ObjectId, Role, SlidePx, Task, TaskId, TaskKind, TaskSettings, TaskSlide,
    TaskView,
};
use crate::store::tasks::{NewItem, NewTask, Plan};
use std::path::Path;
use uuid::Uuid;

/// Most items of a task.
pub const MOST_ITEMS: usize = 1_000_000;
/// The largest share of items that are asked twice.
pub const MOST_REPEATS: f64 = 0.1;
/// Side of a patch: 128 px at 0.25 um per pixel, as published.
pub const PATCH_UM: f64 = 32.0;
/// Height of the bands in which a slide is gone through, in level-0 pixels: about a field at 40x.
const BAND: f64 = 1500.0;
/// A repeat comes so many items after its first at least, where the task is long enough.
const APART: usize = 25;

/// In which order items come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Slide after slide, each in bands from the top, back and forth.
    Slide,
    /// Shuffled by a seed.
    Shuffled(u64),
}

/// What an item can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An object of the document.
    Object(ObjectId),
    /// Something that a detector proposed.
    Candidate(i64),
}

/// Something to be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Thing {
    /// What it is.
    pub subject: Subject,
    /// Its slide's place in the list of the task's slides, from 0.
    pub slide: usize,
    /// Its place in level-0 pixels.
    pub at: SlidePx,
    /// Others' opinions, for a consensus task.
    pub shown: Vec<(String, ClassId)>,
}

/// One item as planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// Which thing, from 0.
    pub thing: usize,
    /// Quarter turns clockwise.
    pub turn: u8,
    /// Is it asked for the second time?
    pub again: bool,
}

/// Lays things out in their order, some of them twice. `repeats` is the share that is asked twice, 0 to
/// [`MOST_REPEATS`]; every second one of those is turned. Nothing but places, slides and the seed decides.
pub fn lay_out(things: &[Thing], order: Order, repeats: f64) -> Vec<Planned> {
    let mut plain: Vec<usize> = (0..things.len()).collect();
    plain.sort_by(|a, b| canonical(&things[*a], &things[*b]));
    let seed = match order {
        Order::Slide => 0,
        Order::Shuffled(seed) => seed,
    };
    // Ranks by the place in the canonical order, so that neither uids nor guids play a part.
    let place: Vec<(usize, usize)> = plain.iter().copied().enumerate().collect();
    let by_rank = |what: &str, list: &[(usize, usize)]| {
        let mut ranked: Vec<(u64, usize, usize)> =
            list.iter().map(|(at, thing)| (draw(seed, what, *at), *at, *thing)).collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, at, thing)| (at, thing)).collect::<Vec<_>>()
    };
    let firsts = match order {
        Order::Slide => place.clone(),
        Order::Shuffled(_) => by_rank("order", &place),
    };
    let n = (repeats.clamp(0.0, MOST_REPEATS) * things.len() as f64).round() as usize;
    let mut chosen = by_rank("repeat", &place);
    chosen.truncate(n);
    let turned = |at: usize, i: usize| {
        // Every second repeat, by one to three quarters.
        if i.is_multiple_of(2) { 0 } else { 1 + (draw(seed, "turn", at) % 3) as u8 }
    };
    let mut out: Vec<Planned> =
        firsts.iter().map(|(_, thing)| Planned { thing: *thing, turn: 0, again: false }).collect();
    let mut seconds: Vec<(usize, Planned)> = chosen
        .into_iter()
        .enumerate()
        .map(|(i, (at, thing))| (at, Planned { thing, turn: turned(at, i), again: true }))
        .collect();
    match order {
        // A jump back to a slide would tell: the repeats are gone through like the slides, at the end.
        Order::Slide => {
            seconds.sort_by_key(|(at, _)| *at);
            out.extend(seconds.into_iter().map(|(_, p)| p));
        }
        Order::Shuffled(_) => {
            for (at, planned) in seconds {
                let first = out.iter().position(|p| p.thing == planned.thing).unwrap_or(0);
                let from = (first + APART).min(out.len());
                let room = (out.len() - from + 1) as u64;
                out.insert(from + (draw(seed, "place", at) % room) as usize, planned);
            }
        }
    }
    out
}

/// By slide, then in bands from the top, back and forth.
fn canonical(a: &Thing, b: &Thing) -> std::cmp::Ordering {
    let band = |t: &Thing| (t.at.y / BAND).floor();
    let across =
        if (band(a) / 2.0).fract() == 0.0 { a.at.x.total_cmp(&b.at.x) } else { b.at.x.total_cmp(&a.at.x) };
    a.slide.cmp(&b.slide).then(band(a).total_cmp(&band(b))).then(across).then(a.at.y.total_cmp(&b.at.y))
}

/// A number that depends on seed, purpose and place alone, today and in every later version of the program.
fn draw(seed: u64, what: &str, at: usize) -> u64 {
    let mut hasher = blake3::Hasher::new_derive_key("mitoscope order 1");
    hasher.update(&seed.to_le_bytes());
    hasher.update(what.as_bytes());
    hasher.update(&(at as u64).to_le_bytes());
    let bytes = hasher.finalize();
    u64::from_le_bytes(std::array::from_fn(|i| bytes.as_bytes()[i]))
}

/// What a task is to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// Who is asked.
    pub rater: String,
    /// What is asked.
    pub kind: TaskKind,
    /// In which order.
    pub order: Order,
    /// The share that is asked twice.
    pub repeats: f64,
    /// How items are looked at first; `None` for what fits the kind.
    pub view: Option<TaskView>,
    /// The classes to choose from.
    pub classes: Vec<Class>,
    /// What was chosen, in words, for the coordinator.
    pub chosen: String,
}

/// The classes that a cell can have: all but regions. Nine at most, one a digit.
pub fn choices(classes: &[Class]) -> Vec<Class> {
    classes.iter().filter(|c| c.role != Role::TumourRegion).take(9).cloned().collect()
}

/// Plans a task for a document. `slides` are numbered from 1 in their order.
///
/// # Errors
/// When nothing was chosen, or more than a task can have, or there is no class to choose from.
pub fn plan(
    document: &Path,
    wish: Wish,
    slides: Vec<TaskSlide>,
    things: &[Thing],
    now: f64,
) -> Result<NewTask, StudyError> {
    let Wish { name, rater, kind, order, repeats, view, classes, chosen } = wish;
    let refuse = |why: String| Err(StudyError::refused(document, why));
    let one_line = |text: &str, most| {
        !text.trim().is_empty() && text.len() <= most && !text.chars().any(char::is_control)
    };
    if !one_line(&name, 200) || name.trim().parse::<i64>().is_ok() {
        return refuse("a task needs a name of one line, 1 to 200 bytes, that is not a number".into());
    }
    if !one_line(&rater, 500) {
        return refuse("a task needs a rater; say who is asked".into());
    }
    if things.is_empty() {
        return refuse(format!("there is nothing to ask {rater}: no object fits what was chosen ({chosen})"));
    }
    if things.len() > MOST_ITEMS {
        return refuse(format!("a task may have {MOST_ITEMS} items at most; choose fewer slides"));
    }
    if classes.is_empty() {
        return refuse("it has no class to choose from; add one with `mitoscope db class add`".into());
    }
    // Whole pixels for all, before anything is ordered by them: a half would tell a detector's box from a hand's click.
    let things: Vec<Thing> = things
        .iter()
        .map(|t| Thing { at: SlidePx::new(t.at.x.round() + 0.0, t.at.y.round() + 0.0), ..t.clone() })
        .collect();
    let laid = lay_out(&things, order, repeats);
    let guid = Uuid::new_v4().to_string();
    let mut items: Vec<NewItem> = Vec::with_capacity(laid.len());
    let mut first: Vec<Option<u32>> = vec![None; things.len()];
    for (i, planned) in laid.iter().enumerate() {
        let thing = &things[planned.thing];
        // At most 1.1 million.
        let number = i as u32 + 1;
        let item = Item {
            number,
            guid: item_guid(&guid, number),
            // In range: the caller numbered the slides.
            slide: thing.slide as u32 + 1,
            at: thing.at,
            turn: planned.turn,
            shown: if kind.is_blind() { Vec::new() } else { thing.shown.clone() },
        };
        let (object, candidate) = match thing.subject {
            Subject::Object(object) => (Some(object), None),
            Subject::Candidate(candidate) => (None, Some(candidate)),
        };
        let repeats = first[planned.thing];
        first[planned.thing].get_or_insert(number);
        items.push(NewItem { item, object, candidate, repeats });
    }
    let view = view.unwrap_or(match kind {
        TaskKind::Confirm => TaskView::Patches,
        _ => TaskView::Context,
    });
    let mut task = Task {
        id: TaskId(0),
        guid,
        name,
        rater,
        kind,
        created: now,
        settings: TaskSettings { classes, view, patch_um: PATCH_UM },
        fingerprint: Digest::default(),
        items: items.len() as u32,
        done: 0,
        seal: None,
    };
    let shown: Vec<Item> = items.iter().map(|i| i.item.clone()).collect();
    task.fingerprint = fingerprint(&task, &slides, &shown);
    let (order, seed) = match order {
        Order::Slide => ("slide", 0),
        Order::Shuffled(seed) => ("shuffled", seed),
    };
    let plan = Plan { order: order.into(), seed, repeats, chosen };
    Ok(NewTask { task, slides, items, plan })
}

/// An item's identity: of its task and its number, so that it says nothing of the object.
fn item_guid(task: &str, number: u32) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("mitoscope item 1");
    hasher.update(task.as_bytes());
    hasher.update(&number.to_le_bytes());
    hasher.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn things(places: &[(usize, i32, i32)]) -> Vec<Thing> {
        let thing = |(i, (slide, x, y)): (usize, &(usize, i32, i32))| Thing {
            subject: Subject::Object(ObjectId(i as i64)),
            slide: *slide,
            at: SlidePx::new(f64::from(*x), f64::from(*y)),
            shown: Vec::new(),
        };
        places.iter().enumerate().map(thing).collect()
    }

    proptest! {
        #[test]
        fn everything_is_asked_once_and_some_twice(
            places in prop::collection::vec((0..4usize, 0..9000i32, 0..9000i32), 1..200),
            seed in any::<u64>(), repeats in 0.0..0.1f64, shuffled in any::<bool>(),
        ) {
            let things = things(&places);
            let order = if shuffled { Order::Shuffled(seed) } else { Order::Slide };
            let laid = lay_out(&things, order, repeats);
            let n = (repeats * places.len() as f64).round() as usize;
            prop_assert_eq!(laid.len(), places.len() + n);
            let mut times: HashMap<usize, Vec<usize>> = HashMap::new();
            for (i, planned) in laid.iter().enumerate() {
                times.entry(planned.thing).or_default().push(i);
                prop_assert_eq!(planned.again, times[&planned.thing].len() == 2);
                prop_assert!(planned.again || planned.turn == 0);
            }
            prop_assert_eq!(times.len(), places.len());
            prop_assert!(times.values().all(|t| t.len() <= 2));
            prop_assert_eq!(&laid, &lay_out(&things, order, repeats));
        }

        /// The same places under other uids, met in another order: the same plan.
        #[test]
        fn the_order_knows_places_alone(
            places in prop::collection::hash_set((0..4usize, 0..9000i32, 0..9000i32), 1..100),
            seed in any::<u64>(),
        ) {
            let one: Vec<_> = places.iter().copied().collect();
            let mut two = one.clone();
            two.reverse();
            let of = |list: &[(usize, i32, i32)]| {
                let laid = lay_out(&things(list), Order::Shuffled(seed), 0.1);
                laid.into_iter().map(|p| (list[p.thing], p.turn, p.again)).collect::<Vec<_>>()
            };
            prop_assert_eq!(of(&one), of(&two));
        }
    }

    #[test]
    fn a_slide_is_gone_through_in_bands_and_another_seed_gives_another_order() {
        let list = things(&[(1, 10, 10), (0, 900, 2000), (0, 10, 2000), (0, 800, 20), (0, 100, 1400)]);
        let order = |o| lay_out(&list, o, 0.0).into_iter().map(|p| p.thing).collect::<Vec<_>>();
        assert_eq!(order(Order::Slide), [4, 3, 1, 2, 0]);
        let many = things(&(0..60).map(|i| (0, i * 50, 100)).collect::<Vec<_>>());
        let shuffled = |seed| {
            lay_out(&many, Order::Shuffled(seed), 0.05).into_iter().map(|p| p.thing).collect::<Vec<_>>()
        };
        assert_ne!(shuffled(1), shuffled(2));
        let sorted: Vec<usize> = (0..60).collect();
        assert_ne!(&shuffled(1)[..20], &sorted[..20]);
    }

    #[test]
    fn a_repeat_is_not_recognised_by_coming_soon() {
        let list = things(&(0..400).map(|i| (0, i * 37 % 9000, i * 91 % 9000)).collect::<Vec<_>>());
        let laid = lay_out(&list, Order::Shuffled(3), 0.1);
        let mut turned = 0;
        for (i, planned) in laid.iter().enumerate().filter(|(_, p)| p.again) {
            let first = laid.iter().position(|p| p.thing == planned.thing).unwrap();
            assert!(i - first >= APART || first + APART > 400, "{first} and {i}");
            turned += usize::from(planned.turn > 0);
        }
        assert_eq!(turned, 20, "every second one is turned");
    }
}
