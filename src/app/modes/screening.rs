//! One rater's pass over one slide: which field is on the screen, which were seen, how fast it goes.

use crate::app::parts::minimap::FieldState;
use crate::app::parts::progress;
use crate::model::{Progress, Rect};
use crate::screening::fields::{Field, Plan};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A step that takes longer than this was a break, not screening.
const BREAK: Duration = Duration::from_secs(120);
/// The rate is that of so many steps.
const STEPS: usize = 30;
/// With fewer steps no rate is told.
const LEAST: usize = 5;

/// What a step forward came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Another field is on the screen.
    Moved,
    /// There is none in this direction; going forward, the last one counts as seen now.
    End,
}

/// A pass over a slide.
#[derive(Debug, Clone)]
pub struct Screening {
    plan: Arc<Plan>,
    progress: Progress,
    /// What names the plan: field numbers of another one mean other places.
    fingerprint: u64,
    /// Tissue in each field that no field before it shows, in mm2.
    shares: Arc<Vec<f64>>,
    seen_mm2: f64,
    last_step: Option<Duration>,
    steps: VecDeque<Duration>,
}

impl Screening {
    /// A pass that has not begun. `shares` has the tissue of each field that no field before it shows, in mm2.
    pub fn new(plan: Arc<Plan>, shares: Arc<Vec<f64>>) -> Self {
        let fingerprint = plan.fingerprint();
        let progress = Progress { plan: fingerprint, ..Progress::default() };
        Self { plan, progress, fingerprint, shares, seen_mm2: 0.0, last_step: None, steps: VecDeque::new() }
    }

    /// Was a step made?
    pub fn begun(&self) -> bool {
        self.progress.current != 0 || !self.progress.done.is_empty()
    }

    /// The same plan, from the start.
    pub fn afresh(&self) -> Self {
        Self::new(Arc::clone(&self.plan), Arc::clone(&self.shares))
    }

    /// Was this remembered of fields that were laid otherwise?
    pub fn of_another_plan(&self, remembered: &Progress) -> bool {
        remembered.plan != 0 && remembered.plan != self.fingerprint && !remembered.done.is_empty()
    }

    /// Takes up what was remembered, beside what was seen since: numbers beyond the plan are dropped, and all of
    /// another plan's.
    pub fn take_up(&mut self, remembered: &Progress) {
        if self.of_another_plan(remembered) {
            return;
        }
        let fresh = !self.begun();
        let known = |n: &u32| (*n as usize) < self.plan.fields.len();
        self.progress.done.extend(remembered.done.iter().copied().filter(known));
        if fresh {
            let last = self.plan.fields.len().saturating_sub(1) as u32;
            self.progress.current = remembered.current.min(last);
        }
        let share = |n: &u32| self.shares.get(*n as usize).copied().unwrap_or(0.0);
        // From zero on: the sum of nothing is -0.0, which is shown as such.
        self.seen_mm2 = self.progress.done.iter().map(share).fold(0.0, |sum, mm2| sum + mm2);
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// How far it came.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The field on the screen; `None` where the slide has no tissue.
    pub fn field(&self) -> Option<&Field> {
        self.plan.fields.get(self.progress.current as usize)
    }

    /// Were all fields seen?
    pub fn complete(&self) -> bool {
        !self.plan.fields.is_empty() && self.progress.done.len() == self.plan.fields.len()
    }

    /// The first field that was not seen.
    pub fn first_gap(&self) -> Option<u32> {
        (0..self.plan.fields.len() as u32).find(|n| !self.progress.done.contains(n))
    }

    /// The fields that come next, nearest first.
    pub fn ahead(&self, n: usize) -> impl Iterator<Item = Rect> + '_ {
        self.plan.fields.iter().skip(self.progress.current as usize + 1).take(n).map(|f| f.rect)
    }

    /// This field was seen; on to the next one.
    pub fn next(&mut self, now: Duration) -> Step {
        let Some(current) = self.field().map(|f| f.index) else { return Step::End };
        let took = self.last_step.map(|last| now.saturating_sub(last)).filter(|t| *t < BREAK);
        if self.progress.done.insert(current) {
            self.seen_mm2 += self.shares.get(current as usize).copied().unwrap_or(0.0);
            self.steps.extend(took);
            if self.steps.len() > STEPS {
                self.steps.pop_front();
            }
        }
        self.last_step = Some(now);
        if current as usize + 1 < self.plan.fields.len() {
            self.progress.current = current + 1;
            Step::Moved
        } else {
            Step::End
        }
    }

    /// Back to the field before.
    pub fn previous(&mut self, now: Duration) -> Step {
        self.last_step = Some(now);
        match self.progress.current.checked_sub(1) {
            Some(before) => {
                self.progress.current = before;
                Step::Moved
            }
            None => Step::End,
        }
    }

    /// Goes to the field at a place of the slide: the one whose middle is nearest among those that hold it.
    pub fn go_to(&mut self, p: crate::model::SlidePx) -> bool {
        let nearest = self.plan.fields.iter().filter(|f| f.rect.contains(p)).min_by(|a, b| {
            a.rect.center().distance(p).total_cmp(&b.rect.center().distance(p)).then(a.index.cmp(&b.index))
        });
        let found = nearest.map(|f| f.index);
        self.progress.current = found.unwrap_or(self.progress.current);
        found.is_some()
    }

    /// Goes to a field by its number.
    pub fn go_to_field(&mut self, index: u32) {
        if (index as usize) < self.plan.fields.len() {
            self.progress.current = index;
        }
    }

    /// Each field with what became of it.
    pub fn states(&self) -> Vec<(Rect, FieldState)> {
        let state = |f: &Field| match () {
            () if f.index == self.progress.current => FieldState::Current,
            () if self.progress.done.contains(&f.index) => FieldState::Done,
            () => FieldState::Open,
        };
        self.plan.fields.iter().map(|f| (f.rect, state(f))).collect()
    }

    /// Fields a minute: of the latest steps, breaks left out.
    pub fn per_minute(&self) -> Option<f64> {
        let seconds: f64 = self.steps.iter().map(Duration::as_secs_f64).sum();
        (self.steps.len() >= LEAST && seconds > 0.0).then(|| 60.0 * self.steps.len() as f64 / seconds)
    }

    /// For the progress line.
    pub fn figures(&self) -> progress::Screening {
        let (fields, done) = (self.plan.fields.len(), self.progress.done.len());
        let per_minute = self.per_minute();
        let left = per_minute
            .filter(|_| done < fields)
            .map(|rate| Duration::from_secs_f64(60.0 * (fields - done) as f64 / rate));
        progress::Screening {
            field: (self.progress.current as usize + 1).min(fields) as u32,
            fields: fields as u32,
            seen_mm2: self.seen_mm2,
            tissue_mm2: self.plan.tissue_mm2,
            per_minute,
            left,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SlidePx;
    use crate::screening::fields::Settings;

    fn fresh(n: u32) -> Screening {
        Screening::new(plan(n), Arc::new(vec![0.2; n as usize]))
    }

    fn plan(n: u32) -> Arc<Plan> {
        let field = |index: u32| Field {
            index,
            rect: Rect::new(90.0 * f64::from(index), 0.0, 100.0, 75.0),
            fragment: 0,
        };
        Arc::new(Plan {
            fields: (0..n).map(field).collect(),
            tissue_mm2: f64::from(n) * 0.2,
            travel_px: 0.0,
            settings: Settings::default(),
        })
    }

    fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_pass_ends_when_every_field_was_left_forward() {
        let mut pass = fresh(3);
        assert_eq!((pass.next(s(1)), pass.previous(s(2))), (Step::Moved, Step::Moved));
        assert_eq!(pass.previous(s(3)), Step::End);
        assert!(!pass.complete());
        assert_eq!(
            [pass.next(s(4)), pass.next(s(5)), pass.next(s(6))],
            [Step::Moved, Step::Moved, Step::End]
        );
        assert!(pass.complete() && pass.first_gap().is_none());
        assert!((pass.figures().seen_mm2 - pass.plan().tissue_mm2).abs() < 1e-9);
    }

    #[test]
    fn a_jump_leaves_gaps_that_are_known() {
        let mut pass = fresh(5);
        assert!(pass.go_to(SlidePx::new(275.0, 30.0)));
        assert_eq!(pass.field().unwrap().index, 2, "the nearer middle of two that hold the place");
        assert!(!pass.go_to(SlidePx::new(0.0, 500.0)));
        pass.next(s(1));
        assert_eq!(pass.first_gap(), Some(0));
        let states: Vec<FieldState> = pass.states().into_iter().map(|(_, state)| state).collect();
        use FieldState::{Current, Done, Open};
        assert_eq!(states, [Open, Open, Done, Current, Open]);
    }

    #[test]
    fn the_rate_leaves_breaks_out() {
        let mut pass = fresh(40);
        for i in 0..7 {
            pass.next(s(10 * i));
        }
        assert_eq!(pass.per_minute(), Some(6.0));
        pass.next(s(5000));
        pass.next(s(5010));
        assert_eq!(pass.per_minute(), Some(6.0));
        assert_eq!(pass.figures().left, Some(s(310)));
    }

    #[test]
    fn what_was_remembered_is_taken_up_within_the_plan() {
        let mut pass = fresh(4);
        pass.take_up(&Progress { current: 900, done: [0, 2, 77].into(), plan: 0 });
        assert_eq!((pass.progress().current, pass.progress().done.len()), (3, 2));
        let mut begun = fresh(4);
        begun.next(s(0));
        begun.take_up(&Progress { current: 3, done: [2].into(), plan: begun.plan().fingerprint() });
        assert_eq!((begun.progress().current, begun.progress().done.clone()), (1, [0, 2].into()));
        let mut nothing = fresh(4);
        nothing.take_up(&Progress::default());
        assert!(nothing.figures().seen_mm2.is_sign_positive());
        let other = Progress { current: 3, done: [3].into(), plan: 99 };
        assert!(begun.of_another_plan(&other));
        begun.take_up(&other);
        assert!(!begun.progress().done.contains(&3), "numbers of another plan mean other places");
        assert!(fresh(0).field().is_none());
    }
}
