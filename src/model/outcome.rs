//! How several opinions on one object become one class.

use super::object::{Label, unanimous};
use super::people::{ClassId, RaterId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The person whose labels are the joint opinion of several raters.
pub const CONSENSUS: &str = "Consensus";

/// A rule. All label rows count in their order, also two of one rater and those of class 0, as in SlideRunner (but for
/// [`Rule::ThirdOnDisagreement`], where each rater has one opinion, the newest); a tie is decided by nobody and stays
/// undecided ([`ClassId::UNKNOWN`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The class that all labels name.
    Unanimity,
    /// The class that more than half of the labels name.
    Majority,
    /// The class that the first two raters agree on; where they don't, the one that the third sides with.
    ThirdOnDisagreement,
    /// The label of the person "Consensus"; where there is none, the class that all labels name.
    Consensus,
}

impl Rule {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Unanimity, Self::Majority, Self::ThirdOnDisagreement, Self::Consensus];

    /// The word for files and the command line.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unanimity => "unanimity",
            Self::Majority => "majority",
            Self::ThirdOnDisagreement => "third-on-disagreement",
            Self::Consensus => "consensus",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|r| r.id() == s).ok_or_else(|| {
            format!("\"{s}\" is no rule; choose unanimity, majority, third-on-disagreement or consensus")
        })
    }
}

/// A study's rule: how opinions become the agreed class, and whose opinions count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The rule.
    pub rule: Rule,
    /// Whose labels count; empty for everybody's. A detector that stands among the raters is left out so.
    pub raters: Vec<RaterId>,
    /// The person "Consensus", where there is one.
    pub consensus: Option<RaterId>,
}

impl Settlement {
    /// Does a label count?
    pub fn counts(&self, label: &Label) -> bool {
        self.raters.is_empty()
            || self.raters.contains(&label.rater)
            || (self.rule == Rule::Consensus && Some(label.rater) == self.consensus)
    }

    /// The class that the labels of one object come to; [`ClassId::UNKNOWN`] where they come to none. `labels` in the
    /// order of their uids, which is the order of opinions.
    pub fn decide(&self, labels: &[Label]) -> ClassId {
        let joint = labels.iter().find(|l| Some(l.rater) == self.consensus);
        let labels: Vec<Label> = labels.iter().copied().filter(|l| self.counts(l)).collect();
        match self.rule {
            Rule::Unanimity => unanimous(&labels),
            Rule::Majority => majority(&labels),
            Rule::ThirdOnDisagreement => third(&labels),
            Rule::Consensus => match joint {
                Some(joint) => joint.class,
                None => unanimous(&labels),
            },
        }
    }
}

/// The class that more than half of the labels name.
fn majority(labels: &[Label]) -> ClassId {
    let mut votes: BTreeMap<ClassId, usize> = BTreeMap::new();
    for label in labels {
        *votes.entry(label.class).or_default() += 1;
    }
    let most = votes.into_iter().find(|(_, n)| 2 * n > labels.len());
    most.map_or(ClassId::UNKNOWN, |(class, _)| class)
}

/// One opinion of each rater, the newest, in the order in which they first spoke; of the first three the class that two
/// name.
fn third(labels: &[Label]) -> ClassId {
    let mut opinions: Vec<Label> = Vec::new();
    for label in labels {
        match opinions.iter_mut().find(|l| l.rater == label.rater) {
            Some(opinion) => opinion.class = label.class,
            None => opinions.push(*label),
        }
    }
    match opinions.as_slice() {
        [] => ClassId::UNKNOWN,
        [only] => only.class,
        [one, two, ..] if one.class == two.class => one.class,
        [one, two, three, ..] if three.class == one.class || three.class == two.class => three.class,
        _ => ClassId::UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(rows: &[(i64, i64)]) -> Vec<Label> {
        let label = |(uid, (rater, class)): (usize, &(i64, i64))| Label {
            uid: uid as i64,
            rater: RaterId(*rater),
            class: ClassId(*class),
        };
        rows.iter().enumerate().map(label).collect()
    }

    fn decided(rule: Rule, rows: &[(i64, i64)]) -> i64 {
        Settlement { rule, raters: Vec::new(), consensus: Some(RaterId(9)) }.decide(&labels(rows)).0
    }

    #[test]
    fn each_rule_says_what_it_says() {
        use Rule::{Consensus, Majority, ThirdOnDisagreement, Unanimity};
        // Two agree; two differ; a third decides; a third says something else; nobody; one alone.
        let rows: [&[(i64, i64)]; 8] = [
            &[(1, 1), (2, 1)],
            &[(1, 1), (2, 2)],
            &[(1, 1), (2, 2), (3, 2)],
            &[(1, 1), (2, 2), (3, 3)],
            &[],
            &[(1, 2)],
            &[(1, 1), (2, 1), (9, 2)],
            &[(1, 1), (2, 0)],
        ];
        let wanted = [
            (Unanimity, [1, 0, 0, 0, 0, 2, 0, 0]),
            (Majority, [1, 0, 2, 0, 0, 2, 1, 0]),
            (ThirdOnDisagreement, [1, 0, 2, 0, 0, 2, 1, 0]),
            (Consensus, [1, 0, 0, 0, 0, 2, 2, 0]),
        ];
        for (rule, wanted) in wanted {
            assert_eq!(rows.map(|r| decided(rule, r)), wanted, "{rule}");
            assert_eq!(rule.id().parse(), Ok(rule));
        }
    }

    #[test]
    fn only_the_named_raters_count() {
        let with = |raters: &[i64]| {
            let raters = raters.iter().map(|r| RaterId(*r)).collect();
            let settlement = Settlement { rule: Rule::Majority, raters, consensus: None };
            settlement.decide(&labels(&[(7, 2), (1, 1), (2, 2), (3, 1)])).0
        };
        assert_eq!((with(&[]), with(&[1, 2, 3])), (0, 1));
    }

    proptest! {
        #[test]
        fn a_majority_is_more_than_half(rows in prop::collection::vec((1..5i64, 0..4i64), 0..9)) {
            let won = decided(Rule::Majority, &rows);
            let votes = |class: i64| rows.iter().filter(|r| r.1 == class).count();
            let wanted = (1..4).find(|class| 2 * votes(*class) > rows.len()).unwrap_or(0);
            prop_assert_eq!(won, wanted);
        }

        #[test]
        fn what_all_say_holds_under_every_rule(raters in prop::collection::hash_set(1..9i64, 1..6), class in 1..4i64) {
            let rows: Vec<(i64, i64)> = raters.into_iter().map(|r| (r, class)).collect();
            for rule in Rule::ALL {
                prop_assert_eq!(decided(rule, &rows), class);
            }
        }
    }
}
