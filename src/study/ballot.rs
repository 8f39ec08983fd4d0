//! Ballots that can't be changed unnoticed: each is hashed together with the one before it, the first one with the
//! task itself, and each hash is signed.

use super::key;
use crate::model::{Ballot, ClassId, Digest, Item, Seal, Task, TaskSlide, Vote};

/// BLAKE3 over everything that a task asks: its rater, its choices, its slides and items, and the opinions that a
/// consensus task shows. File names and folders are left out, since a kit may go without them.
pub fn fingerprint(task: &Task, slides: &[TaskSlide], items: &[Item]) -> Digest {
    let mut feed = Feed::new("mitoscope task 1");
    let settings = serde_json::to_string(&task.settings).unwrap_or_default();
    for text in [&task.guid, &task.name, &task.rater, task.kind.id(), &settings] {
        feed.text(text);
    }
    feed.real(task.created);
    feed.count(slides.len());
    for slide in slides {
        feed.count(slide.number as usize);
        feed.text(&slide.code);
        let (w, h) = slide.size.unwrap_or_default();
        feed.count(w as usize);
        feed.count(h as usize);
        feed.optional(slide.resolution.map(|r| r.x));
        feed.optional(slide.resolution.map(|r| r.y));
        feed.bytes(&slide.print.unwrap_or_default().0);
    }
    feed.count(items.len());
    for item in items {
        feed.count(item.number as usize);
        feed.text(&item.guid);
        feed.count(item.slide as usize);
        feed.real(item.at.x);
        feed.real(item.at.y);
        feed.count(item.turn.into());
        feed.count(item.shown.len());
        for (name, class) in &item.shown {
            feed.text(name);
            feed.bytes(&class.0.to_le_bytes());
        }
    }
    feed.done()
}

/// The hash of a ballot that follows `before`.
pub fn chained(before: Digest, item: u32, vote: &Vote, time: f64) -> Digest {
    let mut feed = Feed::new("mitoscope ballot 1");
    feed.bytes(&before.0);
    feed.count(item as usize);
    feed.bytes(&vote.class.0.to_le_bytes());
    feed.text(&vote.comment);
    feed.real(time);
    feed.optional(vote.dwell);
    feed.optional(vote.magnification);
    feed.text(vote.adjustment.as_deref().unwrap_or_default());
    feed.done()
}

/// The hash that a seal signs: over the last ballot, and so over all of them.
pub fn sealed(last: Digest, time: f64) -> Digest {
    let mut feed = Feed::new("mitoscope seal 1");
    feed.bytes(&last.0);
    feed.real(time);
    feed.done()
}

/// May this class be chosen? "Can't tell" always may.
pub fn is_choice(task: &Task, class: ClassId) -> bool {
    class == ClassId::UNKNOWN || task.settings.classes.iter().any(|c| c.id == class)
}

/// Checks a task that comes from elsewhere: its own hash, each ballot's place in the chain and its signature, the
/// seal. Gives the public keys that have signed, in their order.
///
/// # Errors
/// What is wrong, as the end of a sentence that begins with the file's name.
pub fn verify(
    task: &Task,
    slides: &[TaskSlide],
    items: &[Item],
    ballots: &[Ballot],
) -> Result<Vec<[u8; 32]>, String> {
    verify_chain(task, slides, items, ballots)?;
    if let Some(wrong) = ballots.iter().find(|b| !key::is_valid(&b.signed)) {
        return Err(format!("the signature of its ballot {} is not right", wrong.number));
    }
    if task.seal.as_ref().is_some_and(|s| !key::is_valid(&s.signed)) {
        return Err("the signature of its seal is not right".into());
    }
    let mut keys = Vec::new();
    for key in ballots.iter().map(|b| b.signed.key).chain(task.seal.as_ref().map(|s| s.signed.key)) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The same without the signatures: quick enough for each opening.
///
/// # Errors
/// As [`verify`].
pub fn verify_chain(
    task: &Task,
    slides: &[TaskSlide],
    items: &[Item],
    ballots: &[Ballot],
) -> Result<(), String> {
    if fingerprint(task, slides, items) != task.fingerprint {
        return Err("its task or its items were changed after it was made".into());
    }
    let mut last = task.fingerprint;
    for ballot in ballots {
        let number = ballot.number;
        if ballot.item == 0 || ballot.item as usize > items.len() || !is_choice(task, ballot.vote.class) {
            return Err(format!("its ballot {number} answers what was not asked"));
        }
        if chained(last, ballot.item, &ballot.vote, ballot.time) != ballot.signed.hash {
            return Err(format!(
                "its ballot {number} was changed after it was cast, or one before it is missing"
            ));
        }
        last = ballot.signed.hash;
    }
    match &task.seal {
        Some(Seal { time, ballots: n, signed })
            if *n as usize != ballots.len() || sealed(last, *time) != signed.hash =>
        {
            Err("its ballots are not those that were sealed".into())
        }
        _ => Ok(()),
    }
}

/// A pause longer than this, in seconds, is no part of the work.
const BREAK: f64 = 120.0;

/// How the work went.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pace {
    /// Ballots a minute, pauses left out; `None` with fewer than two.
    pub per_minute: Option<f64>,
    /// Pauses of more than two minutes.
    pub pauses: u32,
    /// Unix time of the first ballot.
    pub first: Option<f64>,
    /// Unix time of the last ballot.
    pub last: Option<f64>,
}

/// The pace of ballots that were cast at these times (Unix seconds, in their order).
pub fn pace(times: &[f64]) -> Pace {
    let steps: Vec<f64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    let work: Vec<f64> = steps.iter().copied().filter(|s| (0.0..=BREAK).contains(s)).collect();
    let seconds: f64 = work.iter().sum();
    Pace {
        per_minute: (seconds > 0.0).then(|| 60.0 * work.len() as f64 / seconds),
        pauses: steps.iter().filter(|s| **s > BREAK).count() as u32,
        first: times.first().copied(),
        last: times.last().copied(),
    }
}

/// Feeds a hash so that no two different sequences of values give the same bytes.
struct Feed(blake3::Hasher);

impl Feed {
    fn new(what: &str) -> Self {
        Self(blake3::Hasher::new_derive_key(what))
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn count(&mut self, n: usize) {
        self.bytes(&(n as u64).to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.bytes(text.as_bytes());
    }

    fn real(&mut self, value: f64) {
        // SQLite gives minus zero back as zero: both are one value here.
        self.bytes(&(value + 0.0).to_bits().to_le_bytes());
    }

    fn optional(&mut self, value: Option<f64>) {
        self.bytes(&[u8::from(value.is_some())]);
        self.real(value.unwrap_or(0.0));
    }

    fn done(self) -> Digest {
        Digest(*self.0.finalize().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqlite_gives_back_hashes_the_same() {
        let vote = |dwell| Vote { dwell: Some(dwell), ..Vote::default() };
        let of = |dwell| chained(Digest::default(), 1, &vote(dwell), 5.0);
        assert_eq!(of(-0.0), of(0.0));
        assert_ne!(of(0.0), of(1e-300));
        assert_ne!(of(0.0), chained(Digest::default(), 1, &Vote::default(), 5.0), "none is not zero");
    }

    #[test]
    fn pauses_are_no_work() {
        let pace = pace(&[0.0, 2.0, 4.0, 1000.0, 1002.0]);
        assert_eq!((pace.per_minute, pace.pauses), (Some(30.0), 1));
        assert_eq!((pace.first, pace.last), (Some(0.0), Some(1002.0)));
        assert_eq!(super::pace(&[]), Pace::default());
    }
}
