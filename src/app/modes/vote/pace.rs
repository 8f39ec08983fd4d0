//! How fast the votes come, and how long since the last pause. By the window's clock.

use std::collections::VecDeque;
use std::time::Duration;

/// A step that takes longer than this was a pause.
const PAUSE: Duration = Duration::from_secs(120);
/// The rate is that of so many steps.
const STEPS: usize = 30;
/// With fewer steps no rate is told.
const LEAST: usize = 5;

/// The pace of one sitting.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    last: Option<Duration>,
    /// When the present stretch without a pause began.
    since: Option<Duration>,
    steps: VecDeque<Duration>,
}

impl Pace {
    /// A vote was cast.
    pub fn step(&mut self, now: Duration) {
        let took = self.last.map(|last| now.saturating_sub(last));
        match took {
            Some(took) if took < PAUSE => {
                self.steps.push_back(took);
                if self.steps.len() > STEPS {
                    self.steps.pop_front();
                }
            }
            _ => self.since = Some(now),
        }
        self.last = Some(now);
    }

    /// Votes a minute: of the latest steps, pauses left out.
    pub fn per_minute(&self) -> Option<f64> {
        let seconds: f64 = self.steps.iter().map(Duration::as_secs_f64).sum();
        (self.steps.len() >= LEAST && seconds > 0.0).then(|| 60.0 * self.steps.len() as f64 / seconds)
    }

    /// `24 votes/min · 12 min since a pause`, as far as it is known.
    pub fn words(&self, now: Duration) -> String {
        let rate = self.per_minute().map(|rate| format!("{rate:.0} votes/min"));
        let minutes = self.since.map_or(0, |since| now.saturating_sub(since).as_secs() / 60);
        let resting = self.last.is_none_or(|last| now.saturating_sub(last) >= PAUSE);
        let pause = (minutes > 0 && !resting).then(|| format!("{minutes} min since a pause"));
        rate.into_iter().chain(pause).collect::<Vec<_>>().join(" · ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_left_out_and_told() {
        let mut pace = Pace::default();
        let s = Duration::from_secs;
        for i in 0..7 {
            pace.step(s(10 * i));
        }
        assert_eq!(pace.per_minute(), Some(6.0));
        assert_eq!(pace.words(s(61)), "6 votes/min · 1 min since a pause");
        pace.step(s(1000));
        assert_eq!(pace.words(s(1001)), "6 votes/min", "the pause was just now");
        assert_eq!(Pace::default().words(s(500)), "");
    }
}
