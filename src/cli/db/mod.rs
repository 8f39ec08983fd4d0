//! `db …`: what a document holds, whether it is sound, and what a study needs before it starts.

mod add;
mod look;

use super::{Failure, output};
use crate::store::{Access, Database};
use clap::{Args, Subcommand};
use serde_json::json;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Documents: SlideRunner databases, looked at, checked, made, copied, filled.
#[derive(Subcommand)]
pub(super) enum DbVerb {
    Info(look::InfoArgs),
    Check(look::CheckArgs),
    Upgrade(UpgradeArgs),
    Create(CreateArgs),
    Copy(CopyArgs),
    Add(add::AddArgs),
    #[command(subcommand)]
    Rater(add::RaterVerb),
    #[command(subcommand)]
    Class(add::ClassVerb),
}

pub(super) fn run(verb: DbVerb) -> Result<(), Failure> {
    match verb {
        DbVerb::Info(args) => look::info(&args),
        DbVerb::Check(args) => look::check(&args),
        DbVerb::Upgrade(args) => upgrade(&args),
        DbVerb::Create(args) => create(&args),
        DbVerb::Copy(args) => copy(&args),
        DbVerb::Add(args) => add::slides(&args),
        DbVerb::Rater(add::RaterVerb::Add(args)) => add::rater(args),
        DbVerb::Rater(add::RaterVerb::Key(args)) => add::key(&args),
        DbVerb::Class(add::ClassVerb::Add(args)) => add::class(args),
    }
}

/// Opens a document for a verb that writes. An older generation is upgraded without a question, which is said on
/// standard error together with the backup's place.
pub(in crate::cli) fn writable(path: &Path) -> Result<Database, Failure> {
    let db = Database::open(path, Access::ReadWrite)?;
    if let Some(upgrade) = db.upgraded_from() {
        // A closed standard error is no reason not to do the work.
        let _ = writeln!(
            std::io::stderr(),
            "mitoscope: {}: upgraded from generation {} to {}; the document as it was is {}",
            path.display(),
            upgrade.from,
            db.generation(),
            upgrade.backup.display()
        );
    }
    Ok(db)
}

/// Brings a document of an older generation of SlideRunner to the newest, after a backup beside the file.
///
/// Objects, labels, classes and raters stay as they are; what the older generation lacks is added (guids, colours,
/// closing points of polygons, triggers). A document that is whole already stays as it is, to the byte.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db upgrade old-study.sqlite")]
pub(super) struct UpgradeArgs {
    /// The document.
    db: PathBuf,
    /// One JSON value on standard output: upgraded, from, to, backup.
    #[arg(long)]
    json: bool,
}

fn upgrade(args: &UpgradeArgs) -> Result<(), Failure> {
    let db = Database::open(&args.db, Access::ReadWrite)?;
    let (name, to) = (args.db.display(), db.generation());
    let done = db.upgraded_from();
    if args.json {
        return output::json(&json!({
            "upgraded": done.is_some(),
            "from": done.map_or(to, |u| u.from).id(),
            "to": to.id(),
            "backup": done.map(|u| &u.backup),
        }));
    }
    output::line(&match done {
        Some(u) => format!(
            "{name}: upgraded from generation {} to {to}; the document as it was is {}",
            u.from,
            u.backup.display()
        ),
        None => format!("{name}: is of the newest generation ({to}) already; nothing was changed"),
    })
}

/// Makes a new document: a SlideRunner database of the newest generation, with the program's own tables beside it.
///
/// It holds no slide, no rater and no class yet: `db add`, `db rater add` and `db class add` put them in. A file
/// that exists is never overwritten.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db create study.sqlite --with-classes")]
pub(super) struct CreateArgs {
    /// The new file.
    db: PathBuf,
    /// Put in the classes that the window starts with: mitotic figure, non-mitotic look-alike, tumour region.
    #[arg(long)]
    with_classes: bool,
    /// One JSON value on standard output: created, generation, classes.
    #[arg(long)]
    json: bool,
}

fn create(args: &CreateArgs) -> Result<(), Failure> {
    let make = if args.with_classes { Database::create } else { Database::create_without_classes };
    let db = make(&args.db)?;
    let classes: Vec<String> = db.classes()?.into_iter().map(|c| c.name).collect();
    if args.json {
        return output::json(
            &json!({"created": output::path(&args.db), "generation": db.generation().number(), "classes": classes}),
        );
    }
    let classes = if classes.is_empty() { "no classes yet".into() } else { classes.join(", ") };
    output::line(&format!("{}: made, generation {}, {classes}", args.db.display(), db.generation()))
}

/// Copies a document as it is at one moment, whoever writes to it meanwhile.
///
/// The copy is a whole backup in one file; it appears when it is complete, and never in place of a file that exists.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db copy study.sqlite /media/backup/study-2026-11-24.sqlite")]
pub(super) struct CopyArgs {
    /// The document.
    db: PathBuf,
    /// The new file.
    out: PathBuf,
    /// One JSON value on standard output: copied, bytes.
    #[arg(long)]
    json: bool,
}

fn copy(args: &CopyArgs) -> Result<(), Failure> {
    Database::open(&args.db, Access::ReadOnly)?.copy_to(&args.out)?;
    let bytes = std::fs::metadata(&args.out)?.len();
    if args.json {
        return output::json(&json!({"copied": args.out, "bytes": bytes}));
    }
    output::line(&format!("{}: a copy of {}, {bytes} bytes", args.out.display(), args.db.display()))
}
