//! `outcome`: agreed classes by a rule.

use super::super::db::writable;
use super::super::{Failure, output, within};
use super::coordinator;
use crate::model::{RaterId, Rule};
use crate::store::{Access, Database};
use crate::study::outcome as outcomes;
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Most undecided objects that are listed.
const LISTED: usize = 1000;

/// Derives the agreed class of every object from its labels by a rule, and writes them as one act that can be taken
/// back. Labels stay as they are, in their order.
///
/// Rules: unanimity (all labels), majority (more than half), third-on-disagreement (two raters, and a third where they
/// differ), consensus (the label of the person "Consensus", else unanimity). A tie is decided by nobody: the object has
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
    #[arg(long, value_parser = str::parse::<Rule>)]
    rule: Rule,
    /// Only these raters' labels count; so a detector among the raters is left out. Names with commas between them; a
    /// name with a comma in it stands in a --raters of its own.
    #[arg(long, value_name = "NAME")]
    raters: Vec<String>,
    /// Only says what would be; changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Goes on though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: changed, agreed, undecided, by_class (by uid), undecided_objects.
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &OutcomeArgs) -> Result<(), Failure> {
    coordinator(&args.db, args.as_coordinator, "outcome")?;
    let mut db = if args.dry_run { Database::open(&args.db, Access::ReadOnly)? } else { writable(&args.db)? };
    let raters = within::each_named(&args.raters, |name| Ok(db.rater_named(name)?.id))?;
    let settlement = outcomes::settlement(&db, args.rule, raters)?;
    let outcome = outcomes::derive(&db, settlement)?;
    if !args.dry_run {
        db.apply(RaterId(0), outcomes::edit(&outcome))?;
    }
    let by_class: BTreeMap<String, u64> =
        outcome.by_class.iter().map(|(class, n)| (class.0.to_string(), *n)).collect();
    if args.json {
        let listed: Vec<i64> = outcome.undecided.iter().take(LISTED).map(|o| o.0).collect();
        return output::json(&json!({
            "changed": outcome.changes.len(),
            "agreed": outcome.agreed,
            "undecided": outcome.undecided.len(),
            "by_class": by_class,
            "rule": args.rule.id(),
            "written": !args.dry_run,
            "undecided_objects": listed,
        }));
    }
    let verb = if args.dry_run { "would change" } else { "changed" };
    output::line(&format!(
        "{}: {} objects {verb}, {} have a class, {} are undecided",
        args.rule,
        outcome.changes.len(),
        outcome.agreed,
        outcome.undecided.len()
    ))?;
    for class in db.classes()? {
        let n = outcome.by_class.get(&class.id).copied().unwrap_or(0);
        output::line(&format!("{:8}  {}", n, class.name))?;
    }
    if !outcome.undecided.is_empty() {
        output::line(
            "`mitoscope task create --kind adjudicate` asks another rater about the undecided ones",
        )?;
    }
    Ok(())
}
