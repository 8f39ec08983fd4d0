//! `db add`, `db rater add`, `db class add`: slides, raters and classes of a study. What is there already stays, but for
//! a slide's case.

use super::super::{Failure, output};
use super::writable;
use crate::files;
use crate::model::people;
use crate::model::{Class, ClassId, Edit, Rater, RaterId, Resolution, Rgb, Role};
use crate::slide::{self, Facts};
use crate::store::{Database, SlideEntry};
use crate::study::key;
use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The command line itself, as an author in the journal: nobody named.
const NOBODY: RaterId = RaterId(0);

/// Puts slides into a document: file name, folder, size and resolution as the slides themselves say.
///
/// All slides are opened first; if one can't be read, none is added. A slide that the document has already (the same
/// name in the same folder, or the same name, size and contents elsewhere) is not added twice; with --case it is put into
/// that case.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db add study.sqlite scans/case-07-*.svs --case \"case 7\"")]
pub(in crate::cli) struct AddArgs {
    /// The document.
    db: PathBuf,
    /// The slides.
    #[arg(required = true)]
    slides: Vec<PathBuf>,
    /// The case (one patient's or animal's slides) that the slides belong to, those that are there already too. An
    /// empty name takes them out of their case.
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// One JSON value on standard output: added, present, changed (the present ones whose case was set).
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Serialize)]
struct Row {
    uid: i64,
    filename: String,
    directory: String,
    width: Option<u32>,
    height: Option<u32>,
    mpp_x: Option<f64>,
    mpp_y: Option<f64>,
    case: Option<String>,
}

impl From<&SlideEntry> for Row {
    fn from(s: &SlideEntry) -> Self {
        Self {
            uid: s.id.0,
            filename: s.filename.clone(),
            directory: s.directory.clone(),
            width: s.size.map(|v| v.0),
            height: s.size.map(|v| v.1),
            mpp_x: s.resolution.map(|r| r.x),
            mpp_y: s.resolution.map(|r| r.y),
            case: s.case.clone(),
        }
    }
}

pub(super) fn slides(args: &AddArgs) -> Result<(), Failure> {
    let mut opened = Vec::with_capacity(args.slides.len());
    for path in &args.slides {
        let facts = slide::open(path)?.facts().clone();
        let whole = path.canonicalize()?;
        let folder = whole.parent().map_or_else(String::new, |p| p.to_string_lossy().into_owned());
        opened.push((facts, folder));
    }
    let mut db = writable(&args.db)?;
    let case = args.case.clone().filter(|c| !c.trim().is_empty());
    let [mut added, mut present, mut changed] = [const { Vec::<Row>::new() }; 3];
    for (facts, folder) in opened {
        let known = db.slides()?;
        if let Some(entry) = same_slide(&known, &facts, &folder) {
            complete(&mut db, entry, &facts)?;
            let moves = args.case.is_some() && entry.case != case;
            if moves {
                let (before, after) = (entry.case.clone(), case.clone());
                db.apply(NOBODY, Edit::SetCase { slide: entry.id, before, after })?;
            }
            let rows = db.slides()?;
            let now = rows.iter().filter(|s| s.id == entry.id).map(Row::from);
            changed.extend(now.clone().filter(|_| moves));
            present.extend(now);
            continue;
        }
        let edit = Edit::AddSlide {
            slide: None,
            filename: facts.file_name(),
            directory: folder,
            size: Some((facts.width, facts.height)),
            mpp: facts.resolution.map(|r| (r.x, r.y)),
            case: case.clone(),
        };
        if let Edit::AddSlide { slide: Some(id), .. } = db.apply(NOBODY, edit)?.edit {
            added.extend(db.slides()?.iter().filter(|s| s.id == id).map(Row::from));
        }
    }
    if args.json {
        return output::json(&json!({"added": added, "present": present, "changed": changed}));
    }
    for row in &added {
        let size = row.width.zip(row.height).map_or_else(String::new, |(w, h)| format!(", {w} x {h} px"));
        let mpp = row.mpp_x.map_or_else(|| ", resolution unknown".into(), |x| format!(", {x} um/px"));
        output::line(&format!("added: slide {} {}{size}{mpp}", row.uid, row.filename))?;
    }
    for row in &present {
        output::line(&format!("there already: slide {} {}", row.uid, row.filename))?;
    }
    for row in &changed {
        let now = row.case.as_ref().map_or_else(|| "no case".into(), |c| format!("case {c}"));
        output::line(&format!("case set: slide {} {}: {now}", row.uid, row.filename))?;
    }
    Ok(())
}

/// The document's entry for a slide: the same name in the same folder, else the same name and size, unless the file in
/// the document's folder is there and is another one: two slides of one name may well be of the same size.
fn same_slide<'a>(known: &'a [SlideEntry], facts: &Facts, folder: &str) -> Option<&'a SlideEntry> {
    let name = facts.file_name();
    let trimmed = |s: &str| s.trim_end_matches(['/', '\\']).to_owned();
    let named = || known.iter().filter(|s| s.filename == name);
    named().find(|s| trimmed(&s.directory) == trimmed(folder)).or_else(|| {
        let another = |s: &SlideEntry| {
            let known = files::print(&Path::new(&s.directory).join(&s.filename));
            known.is_ok_and(|known| files::print(&facts.path).is_ok_and(|this| this != known))
        };
        named().find(|s| s.size == Some((facts.width, facts.height)) && !another(s))
    })
}

/// Fills in what the document does not know of a slide yet.
fn complete(db: &mut Database, entry: &SlideEntry, facts: &Facts) -> Result<(), Failure> {
    if entry.size.is_none() {
        db.remember_size(entry.id, (facts.width, facts.height))?;
    }
    match (entry.resolution, facts.resolution) {
        (None, Some(Resolution { x, y })) => Ok(db.remember_resolution(entry.id, Resolution { x, y })?),
        _ => Ok(()),
    }
}

/// Raters of a document.
#[derive(Subcommand)]
pub(in crate::cli) enum RaterVerb {
    Add(RaterArgs),
    Key(KeyArgs),
}

/// Registers the public key that a rater's ballots are signed with; `mitoscope kit key` prints it on the rater's
/// machine. At every merge of a kit an unknown or another key is named.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db rater key study.sqlite \"Expert 2\" 3b6a…29 (64 digits)")]
pub(in crate::cli) struct KeyArgs {
    /// The document.
    db: PathBuf,
    /// The rater's name.
    name: String,
    /// The key: 64 hexadecimal digits.
    key: String,
    /// One JSON value on standard output: registered, before.
    #[arg(long)]
    json: bool,
}

pub(super) fn key(args: &KeyArgs) -> Result<(), Failure> {
    let Some(key) = key::parse(&args.key) else {
        let why = "is no key; `mitoscope kit key` prints the 64 digits on the rater's machine";
        return Err(Failure::Usage(format!("\"{}\" {why}", args.key)));
    };
    let mut db = writable(&args.db)?;
    // A task's rater may not have labelled anything yet.
    let asked = db.tasks()?.iter().any(|t| t.rater == args.name);
    if !asked {
        db.rater_named(&args.name)?;
    }
    let before = db.keys()?.get(&args.name).map(key::text);
    db.register_key(&args.name, key)?;
    if args.json {
        return output::json(&json!({"registered": key::text(&key), "before": before}));
    }
    output::line(&match before.filter(|b| *b != key::text(&key)) {
        Some(before) => format!("{}: key registered in place of {before}", args.name),
        None => format!("{}: key registered", args.name),
    })
}

/// Puts a rater into a document: somebody whose labels it keeps (SlideRunner's *person*). A rater of this name who
/// is there already is not added again.
#[derive(Args)]
#[command(after_help = "Example: mitoscope db rater add study.sqlite \"Expert 1\"")]
pub(in crate::cli) struct RaterArgs {
    /// The document.
    db: PathBuf,
    /// The rater's name.
    name: String,
    /// One JSON value on standard output: added, present.
    #[arg(long)]
    json: bool,
}

pub(super) fn rater(args: RaterArgs) -> Result<(), Failure> {
    let mut db = writable(&args.db)?;
    if let Some(there) = db.raters()?.into_iter().find(|r| r.name == args.name) {
        return tell(args.json, false, "rater", &there.name, json!({"uid": there.id.0, "name": there.name}));
    }
    let rater = Rater { id: RaterId(0), name: args.name };
    if let Edit::AddRater { rater } = db.apply(NOBODY, Edit::AddRater { rater })?.edit {
        tell(args.json, true, "rater", &rater.name, json!({"uid": rater.id.0, "name": rater.name}))?;
    }
    Ok(())
}

/// Classes of a document.
#[derive(Subcommand)]
pub(in crate::cli) enum ClassVerb {
    Add(ClassArgs),
}

/// Puts a class into a document. Its role says what it stands for: count, area and evaluation go by role, never by
/// class number. A class of this name that is there already stays as it is.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope db class add study.sqlite \"mitotic figure\" --color #e5383b --role mitotic-figure"
)]
pub(in crate::cli) struct ClassArgs {
    /// The document.
    db: PathBuf,
    /// The class's name.
    name: String,
    /// Its colour; without it the usual one of its role, or one that no class has yet.
    #[arg(long, value_name = "#rrggbb", value_parser = str::parse::<Rgb>)]
    color: Option<Rgb>,
    /// mitotic-figure, look-alike, tumour-region or other; without it the name tells.
    #[arg(long, value_parser = str::parse::<Role>)]
    role: Option<Role>,
    /// One JSON value on standard output: added, present.
    #[arg(long)]
    json: bool,
}

pub(super) fn class(args: ClassArgs) -> Result<(), Failure> {
    let mut db = writable(&args.db)?;
    let known = db.classes()?;
    let row =
        |c: &Class| json!({"uid": c.id.0, "name": c.name, "color": c.color.to_string(), "role": c.role});
    if let Some(there) = known.iter().find(|c| c.name == args.name) {
        return tell(args.json, false, "class", &there.name, row(there));
    }
    let role = args.role.unwrap_or_else(|| Role::from_name(&args.name));
    let color = args.color.unwrap_or_else(|| people::free_color(&known, role));
    let class = Class { id: ClassId(0), name: args.name, color, role };
    if let Edit::AddClass { class } = db.apply(NOBODY, Edit::AddClass { class })?.edit {
        tell(args.json, true, "class", &class.name, row(&class))?;
    }
    Ok(())
}

/// Says what was added, or that it is there already.
fn tell(as_json: bool, added: bool, what: &str, name: &str, row: Value) -> Result<(), Failure> {
    if as_json {
        let (added, present) = if added { (vec![row], vec![]) } else { (vec![], vec![row]) };
        return output::json(&json!({"added": added, "present": present}));
    }
    let uid = row["uid"].as_i64().unwrap_or(0);
    output::line(&format!("{}: {what} {uid} {name}", if added { "added" } else { "there already" }))
}
