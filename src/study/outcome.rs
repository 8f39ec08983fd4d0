//! The outcome: agreed classes derived from all opinions by the study's rule, as a preview or as one act that can be
//! taken back.

use super::StudyError;
use crate::model::outcome::CONSENSUS;
use crate::model::{ClassId, Edit, ObjectId, RaterId, Rule, Settlement};
use crate::store::Database;
use std::collections::BTreeMap;

/// What a rule comes to, for all objects that are not deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The rule.
    pub settlement: Settlement,
    /// Objects whose agreed class becomes another one: before and after.
    pub changes: Vec<(ObjectId, ClassId, ClassId)>,
    /// Objects with a class.
    pub agreed: u64,
    /// Objects that the rule gives no class: to be adjudicated.
    pub undecided: Vec<ObjectId>,
    /// Objects by class.
    pub by_class: BTreeMap<ClassId, u64>,
}

/// The rule, and whose labels count; without any, everybody's.
///
/// # Errors
/// When the rule needs the person "Consensus" and there is none.
pub fn settlement(database: &Database, rule: Rule, raters: Vec<RaterId>) -> Result<Settlement, StudyError> {
    let all = database.raters()?;
    let consensus = all.iter().find(|r| r.name == CONSENSUS).map(|r| r.id);
    if rule == Rule::Consensus && consensus.is_none() {
        return Err(StudyError::refused(
            database.path(),
            format!("has no rater named \"{CONSENSUS}\", whose label would decide; choose another rule"),
        ));
    }
    Ok(Settlement { rule, raters, consensus })
}

/// Derives the outcome; changes nothing.
///
/// # Errors
/// When the document can't be read.
pub fn derive(database: &Database, settlement: Settlement) -> Result<Outcome, StudyError> {
    let (mut changes, mut undecided) = (Vec::new(), Vec::new());
    let mut by_class: BTreeMap<ClassId, u64> = BTreeMap::new();
    let mut agreed = 0;
    for row in database.standings()? {
        let class = settlement.decide(&row.labels);
        if class == ClassId::UNKNOWN {
            undecided.push(row.object);
        } else {
            agreed += 1;
            *by_class.entry(class).or_default() += 1;
        }
        if class != row.agreed {
            changes.push((row.object, row.agreed, class));
        }
    }
    Ok(Outcome { settlement, changes, agreed, undecided, by_class })
}

/// The act that writes an outcome. It can be taken back as one.
pub fn edit(outcome: &Outcome) -> Edit {
    let after = Some(outcome.settlement.clone());
    Edit::SetAgreed { before: None, after, changes: outcome.changes.clone() }
}
