//! `kit …`: tasks that travel.

use super::super::db::writable;
use super::super::{Failure, output, within};
use crate::files;
use crate::model::TaskSlide;
use crate::slide::{self, SlideSource, patch};
use crate::store::{Access, Database, SlideEntry, TaskFile};
use crate::study::key::{self, Signer};
use crate::study::kit::{self as kits, KeyVerdict};
use crate::study::stages::TaskRow;
use crate::study::task::PATCH_UM;
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::HashMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Kits: a task as one file that a rater takes away, answers and hands back. A kit holds nothing that others think: it is
/// the proof of blindness.
#[derive(Subcommand)]
pub(in crate::cli) enum KitVerb {
    Make(MakeArgs),
    Open(OpenArgs),
    Merge(MergeArgs),
    Key(KeyArgs),
}

pub(in crate::cli) fn run(verb: &KitVerb) -> Result<(), Failure> {
    match verb {
        KitVerb::Make(args) => make(args),
        KitVerb::Open(args) => open(args),
        KitVerb::Merge(args) => merge(args),
        KitVerb::Key(args) => own_key(args),
    }
}

/// Makes a kit of a task.
///
/// Slides go by codes, since file names may tell a patient: a rater who has the slides puts the kit beside them, and
/// they are known by their content. With --embed the kit brings the image around every cell, and the rater needs
/// nothing.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope kit make study.sqlite --task second --slides scans --embed -o second.kit"
)]
pub(in crate::cli) struct MakeArgs {
    /// The document.
    db: PathBuf,
    /// The task, by number or name.
    #[arg(long, value_name = "T")]
    task: Option<String>,
    /// The folder with the slides; else where the document says.
    #[arg(long, value_name = "DIR")]
    slides: Option<PathBuf>,
    /// Brings the image around each cell: 64 um on a side, as JPEG of quality 95.
    #[arg(long)]
    embed: bool,
    /// Keeps the slides' file names.
    #[arg(long)]
    names: bool,
    /// The kit.
    #[arg(short, long, value_name = "KIT")]
    output: PathBuf,
    /// One JSON value on standard output: items, slides, embedded.
    #[arg(long)]
    json: bool,
}

fn make(args: &MakeArgs) -> Result<(), Failure> {
    let task = TaskFile::open(&args.db, Access::ReadOnly)?.task(args.task.as_deref())?;
    let mut db = writable(&args.db)?;
    let (slides, items) = db.task_items(task.id)?;
    let entries = db.slides()?;
    let mut sources: HashMap<u32, Arc<dyn SlideSource>> = HashMap::new();
    if args.embed {
        for s in &slides {
            sources.insert(s.number, slide_of(args, &db, &entries, s)?);
        }
    }
    db.make_kit(&task, &args.output, args.names, &mut |slide, item| {
        let cut = |s: &Arc<dyn SlideSource>| patch::encoded(&**s, item.at, 2.0 * PATCH_UM, slide.resolution);
        sources.get(&slide.number).map(cut).transpose()
    })?;
    if !args.embed && !args.names && slides.iter().any(|s| s.print.is_none()) {
        let _ = writeln!(
            std::io::stderr(),
            "mitoscope: not all slides were found when the task was made, so the rater's can't be known by their \
             content; --names or --embed helps"
        );
    }
    if args.json {
        return output::json(&json!({"items": items.len(), "slides": slides.len(), "embedded": args.embed}));
    }
    output::line(&format!(
        "{}: {} items on {} slides for {}",
        args.output.display(),
        items.len(),
        slides.len(),
        task.rater
    ))
}

/// The file of a task's slide: in the folder that was named, else where the document says. Names repeat, and slides are
/// scanned again: where the task knows the file's content, no other one will do.
fn slide_of(
    args: &MakeArgs,
    db: &Database,
    entries: &[SlideEntry],
    wanted: &TaskSlide,
) -> Result<Arc<dyn SlideSource>, Failure> {
    let name = wanted.filename.as_deref().unwrap_or_default();
    let directory = wanted.directory.as_deref().unwrap_or_default();
    let entry = entries.iter().find(|e| e.filename == name && e.directory == directory);
    let there = args.slides.as_ref().map(|folder| folder.join(name)).filter(|p| p.is_file());
    let source = match there {
        Some(path) => Some(slide::open(&path)?),
        None => entry.and_then(|e| within::slide_file(db, e)),
    };
    let Some(source) = source else {
        return Err(Failure::Failed(format!(
            "{}: the slide {name} is not found, so its cells can't be cut out; say where the slides are with --slides",
            args.db.display()
        )));
    };
    let path = &source.facts().path;
    if wanted.print.is_some_and(|print| files::print(path).map_or(true, |now| now != print.0)) {
        return Err(Failure::Failed(format!(
            "{}: is not the slide that the task was made on, though it has its name; say where that one is with --slides",
            path.display()
        )));
    }
    Ok(source)
}

/// Says what a kit asks and how far it has come. `mitoscope KIT` opens it in the window.
#[derive(Args)]
#[command(after_help = "Example: mitoscope kit open second.kit")]
pub(in crate::cli) struct OpenArgs {
    /// The kit.
    kit: PathBuf,
    /// One JSON value on standard output: task, slides.
    #[arg(long)]
    json: bool,
}

fn open(args: &OpenArgs) -> Result<(), Failure> {
    let file = TaskFile::open(&args.kit, Access::ReadOnly)?;
    if !file.is_kit() {
        return Err(Failure::Failed(format!(
            "{}: is a document and no kit; `mitoscope task list` shows its tasks",
            args.kit.display()
        )));
    }
    let task = file.task(None)?;
    let slides = file.slides(task.id)?;
    let row = TaskRow::from(&task);
    let choices: Vec<&str> = task.settings.classes.iter().map(|c| c.name.as_str()).collect();
    if args.json {
        let slides: Vec<_> = slides.iter().map(|s| json!({"code": s.code, "filename": s.filename})).collect();
        return output::json(&json!({"task": row, "slides": slides, "classes": choices}));
    }
    let end = if row.sealed { "sealed: send it back" } else { "open" };
    output::line(&format!(
        "\"{}\" for {}: {} of {} items done on {} slides, {end}; choices: {}",
        row.name,
        row.rater,
        row.done,
        row.items,
        slides.len(),
        choices.join(", ")
    ))
}

/// Takes up what came back in a kit.
///
/// Each ballot's hash and signature is checked, and that the kit asks what the study gave out. A kit that was altered, is
/// cut short or belongs to another study is refused, and nothing is merged. The kit may be merged again when more was
/// answered.
#[derive(Args)]
#[command(after_help = "Example: mitoscope kit merge study.sqlite second.kit")]
pub(in crate::cli) struct MergeArgs {
    /// The document.
    db: PathBuf,
    /// The kit.
    kit: PathBuf,
    /// Registers the key that signed the kit as the rater's, who has none registered yet.
    #[arg(long)]
    register_key: bool,
    /// One JSON value on standard output: task, added, already_merged, sealed, labels, left_out,
    /// labelled_before, known_kit, key, keys.
    #[arg(long)]
    json: bool,
}

fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let mut db = writable(&args.db)?;
    let mut report = kits::merge(&mut db, &args.kit)?;
    if args.register_key && report.verdict != KeyVerdict::Known {
        let rater = &report.task.rater;
        match (report.verdict, report.keys.as_slice()) {
            (KeyVerdict::Unknown, [key]) => db.register_key(rater, *key)?,
            _ => {
                return Err(Failure::Failed(format!(
                    "{}: merged, but no key was registered: {}",
                    args.kit.display(),
                    kits::key_words(rater, &report.keys, report.verdict)
                )));
            }
        }
        report.verdict = KeyVerdict::Known;
    }
    if args.json {
        return output::json(&json!({
            "task": report.task.name,
            "rater": report.task.rater,
            "added": report.merged.ballots,
            "already_merged": report.already,
            "sealed": report.merged.sealed,
            "labels": report.merged.labels,
            "left_out": report.merged.left_out,
            "labelled_before": report.merged.again,
            "known_kit": report.known_kit,
            "key": report.verdict.id(),
            "keys": report.keys.iter().map(key::text).collect::<Vec<_>>(),
        }));
    }
    output::line(&report.sentence())
}

/// Prints the public key that this user's ballots are signed with, for the coordinator to register.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope kit key, then the coordinator: mitoscope db rater key study.sqlite \"Expert 2\" KEY"
)]
pub(in crate::cli) struct KeyArgs {
    /// One JSON value on standard output: key.
    #[arg(long)]
    json: bool,
}

fn own_key(args: &KeyArgs) -> Result<(), Failure> {
    let text = key::text(&Signer::of_user()?.public());
    if args.json { output::json(&json!({"key": text})) } else { output::line(&text) }
}
