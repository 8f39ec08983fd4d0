//! `outcome`: agreed classes by a rule.

use super::super::db::writable;
use super::super::{Failure, output, within};
use super::coordinator;
use crate::model::{Edit, RaterId, Rule};
use crate::store::{Access, Database};
use crate::study::outcome as outcomes;
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Most undecided objects that are listed.
const LISTED: usize = 1000;

/// Derives the agreed class of every object from its labels by a rule, and writes them as one act that can be taken
/// back (--undo). Labels stay as they are, in their order.
///
/// Rules: unanimity (all labels), majority (more than half), third-on-disagreement (two raters, and a third where they
/// differ), consensus (the label of the person "Consensus", else unanimity).
/// What nobody who counts has labelled keeps its class. A tie is decided by nobody: the object has
/// no agreed class, is counted as undecided, and `task create --kind adjudicate` asks somebody about it. From then on
/// the rule is the study's: a label that is changed later comes to its class by it.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope outcome study.sqlite --rule majority --dry-run --json\nExample: mitoscope outcome MIDOG.sqlite --rule majority --raters CB,RK,TD"
)]
pub(in crate::cli) struct OutcomeArgs {
    /// The document.
    db: PathBuf,
    /// unanimity, majority, third-on-disagreement or consensus.
    #[arg(long, value_parser = str::parse::<Rule>, required_unless_present = "undo")]
    rule: Option<Rule>,
    /// Only these raters' labels count; so a detector among the raters is left out. Names with commas between them; a
    /// name with a comma in it stands in a --raters of its own.
    #[arg(long, value_name = "NAME")]
    raters: Vec<String>,
    /// Only says what would be; changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Takes the outcome that was written last back, as one act.
    #[arg(long, conflicts_with_all = ["rule", "raters", "dry_run"])]
    undo: bool,
    /// Goes on though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: changed, agreed, undecided, by_class (by uid), untouched, undecided_objects,
    /// unknown_classes.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &OutcomeArgs) -> Result<(), Failure> {
    coordinator(&args.db, args.as_coordinator, "outcome")?;
    let Some(rule) = args.rule else { return undo(args) };
    // Looked at first: what can't be derived must not upgrade an older file.
    let mut db = Database::open(&args.db, Access::ReadOnly)?;
    let raters = within::each_named(&args.raters, |name| Ok(db.rater_named(name)?.id))?;
    if !args.dry_run {
        db = writable(&args.db)?;
    }
    let settlement = outcomes::settlement(&db, rule, raters)?;
    let outcome = outcomes::derive(&db, settlement)?;
    if !args.dry_run {
        db.apply(RaterId(0), outcomes::edit(&outcome))?;
    }
    let by_class: BTreeMap<String, u64> =
        outcome.by_class.iter().map(|(class, n)| (class.0.to_string(), *n)).collect();
    if args.json {
        let listed: Vec<i64> = outcome.open.iter().take(LISTED).map(|o| o.0).collect();
        let unknown: Vec<i64> = outcome.unknown_classes.iter().map(|c| c.0).collect();
        return output::json(&json!({
            "changed": outcome.changes.len(),
            "agreed": outcome.agreed,
            "undecided": outcome.undecided,
            "by_class": by_class,
            "rule": rule.id(),
            "written": !args.dry_run,
            "untouched": outcome.untouched,
            "to_adjudicate": outcome.open.len(),
            "undecided_objects": listed,
            "unknown_classes": unknown,
        }));
    }
    let verb = if args.dry_run { "would change" } else { "changed" };
    output::line(&format!(
        "{rule}: {} objects {verb}, {} have a class, {} are undecided",
        outcome.changes.len(),
        outcome.agreed,
        outcome.undecided
    ))?;
    for class in db.classes()? {
        let n = outcome.by_class.get(&class.id).copied().unwrap_or(0);
        output::line(&format!("{:8}  {}", n, class.name))?;
    }
    if outcome.untouched > 0 {
        output::line(&format!(
            "{} objects keep their class: nobody who counts has labelled them",
            outcome.untouched
        ))?;
    }
    for class in &outcome.unknown_classes {
        output::line(&format!("labels name class {}, which the document does not have: undecided", class.0))?;
    }
    if !outcome.open.is_empty() {
        output::line(&format!(
            "`mitoscope task create --kind adjudicate` asks another rater about the {} that are open",
            outcome.open.len()
        ))?;
    }
    Ok(())
}

/// Takes the last outcome back, if it is the last thing that the command line did.
fn undo(args: &OutcomeArgs) -> Result<(), Failure> {
    let mut db = writable(&args.db)?;
    let last = db.next_undo(RaterId(0))?;
    if !matches!(last, Some(Edit::SetAgreed { .. })) {
        return Err(Failure::Failed(format!(
            "{}: no outcome was written on the command line that could be taken back",
            args.db.display()
        )));
    }
    let changed = match db.undo(RaterId(0))?.map(|a| a.edit) {
        Some(Edit::SetAgreed { changes, .. }) => changes.len(),
        _ => 0,
    };
    if args.json {
        return output::json(&json!({"undone": true, "changed": changed}));
    }
    output::line(&format!("outcome taken back: {changed} objects have the class that they had before"))
}
