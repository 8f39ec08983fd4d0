//! The outcome: agreed classes derived from all opinions by the study's rule, as a preview or as one act that can be
//! taken back.

use super::StudyError;
use crate::model::outcome::CONSENSUS;
use crate::model::{ClassId, Edit, ObjectId, RaterId, Rule, Settlement};
use crate::store::Database;
use std::collections::{BTreeMap, BTreeSet};

/// What a rule comes to, for all objects that are not deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The rule.
    pub settlement: Settlement,
    /// Objects whose agreed class becomes another one: before and after.
    pub changes: Vec<(ObjectId, ClassId, ClassId)>,
    /// Objects with a class.
    pub agreed: u64,
    /// Objects without a class.
    pub undecided: u64,
    /// Those of them that have labels which count: to be adjudicated.
    pub open: Vec<ObjectId>,
    /// Objects that no rater who counts has labelled: they keep the class that they have.
    pub untouched: u64,
    /// Classes that labels name and the document does not have; they decide nothing.
    pub unknown_classes: Vec<ClassId>,
    /// Objects by class.
    pub by_class: BTreeMap<ClassId, u64>,
}

/// The rule, and whose labels count; without any, everybody's.
///
/// # Errors
/// When the document can't be read.
pub fn settlement(database: &Database, rule: Rule, raters: Vec<RaterId>) -> Result<Settlement, StudyError> {
    let consensus = database.raters()?.iter().find(|r| r.name == CONSENSUS).map(|r| r.id);
    Ok(Settlement { rule, raters, consensus })
}

/// Derives the outcome; changes nothing.
///
/// # Errors
/// When the document can't be read.
pub fn derive(database: &Database, settlement: Settlement) -> Result<Outcome, StudyError> {
    let known: BTreeSet<ClassId> = database.classes()?.into_iter().map(|c| c.id).collect();
    let mut outcome = Outcome {
        settlement,
        changes: Vec::new(),
        agreed: 0,
        undecided: 0,
        open: Vec::new(),
        untouched: 0,
        by_class: BTreeMap::new(),
        unknown_classes: Vec::new(),
    };
    for row in database.standings()? {
        let judged = row.labels.iter().any(|l| outcome.settlement.counts(l));
        let mut class = if judged { outcome.settlement.decide(&row.labels) } else { row.agreed };
        if judged && class != ClassId::UNKNOWN && !known.contains(&class) {
            if !outcome.unknown_classes.contains(&class) {
                outcome.unknown_classes.push(class);
            }
            class = ClassId::UNKNOWN;
        }
        outcome.untouched += u64::from(!judged && class != ClassId::UNKNOWN);
        if class == ClassId::UNKNOWN {
            outcome.undecided += 1;
            if judged {
                outcome.open.push(row.object);
            }
        } else {
            outcome.agreed += 1;
            *outcome.by_class.entry(class).or_default() += 1;
        }
        if class != row.agreed {
            outcome.changes.push((row.object, row.agreed, class));
        }
    }
    Ok(outcome)
}

/// The act that writes an outcome. It can be taken back as one.
pub fn edit(outcome: &Outcome) -> Edit {
    let after = Some(outcome.settlement.clone());
    Edit::SetAgreed { before: None, after, changes: outcome.changes.clone() }
}
