//! What was looked at.

pub use crate::model::Progress;

use super::fields::Plan;
use crate::model::Rect;

/// What was seen of a plan in any of these passes, in screening order. Passes over another plan are left out: their
/// numbers mean other fields. Where a pass does not know its plan, it is taken for this one.
pub fn seen(plan: &Plan, passes: &[Progress]) -> Vec<Rect> {
    let fingerprint = plan.fingerprint();
    let passes: Vec<&Progress> = passes.iter().filter(|p| p.plan == 0 || p.plan == fingerprint).collect();
    let done = |index: u32| passes.iter().any(|p| p.done.contains(&index));
    plan.fields.iter().filter(|f| done(f.index)).map(|f| f.rect).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screening::fields::{Field, Settings};

    #[test]
    fn what_was_seen_of_another_plan_is_not_seen_here() {
        let rect = |index: u32| Rect::new(f64::from(index) * 100.0, 0.0, 100.0, 80.0);
        let fields = (0..6).map(|index| Field { index, rect: rect(index), fragment: 0 }).collect();
        let plan = Plan { fields, tissue_mm2: 1.0, travel_px: 500.0, settings: Settings::default() };
        let this = plan.fingerprint();
        let pass =
            |plan: u64, done: &[u32]| Progress { current: 0, done: done.iter().copied().collect(), plan };
        let passes = [pass(this, &[4, 1]), pass(this ^ 1, &[2, 3]), pass(0, &[0, 1, 77])];
        assert_eq!(seen(&plan, &passes), [rect(0), rect(1), rect(4)]);
        assert!(seen(&plan, &passes[1..2]).is_empty() && seen(&plan, &[]).is_empty());
    }
}
