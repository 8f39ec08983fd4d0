//! `import`: labels and proposals of other programs come into a document.

use super::db::writable;
use super::{Failure, output};
use crate::store::exchange::{self, Format, Reading};
use crate::store::{Access, Database, Imported, Source};
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::path::{Path, PathBuf};

/// How many of the rows that were left out are named when people read.
const NAMED: usize = 20;

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.id()))
    }
}

/// What rows become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// Objects with a rater's labels.
    Labels,
    /// A detector's proposals, apart from labels.
    Candidates,
}

/// Takes labels or a detector's proposals from a file into a document.
///
/// A CSV file has the header x,y,class, and slide, rater, description and guid where it wants; a detector's has
/// slide,x1,y1,x2,y2,cls,score. COCO boxes that are square and at most 64 px wide become spots, larger ones rectangles,
/// outlines polygons; boxes given by two corners, as in MIDOG.json, are recognised. Files may be packed by gzip or bzip2.
/// Places are level-0 pixels.
///
/// Slides, classes and raters that the document does not have are made and reported. All of the file comes in, or nothing
/// does; rows that can't be read are left out and named. Importing a file twice adds nothing: a row with a guid is that
/// object, one without is the same object where slide, type, coordinates (to 0.1 px), class and rater are. Another rater's
/// label on the same place is added to the object there. Agreed classes follow where all labels of an object that got one
/// name the same class.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope import study.sqlite cells.csv --rater \"Expert 1\" --slide case-07.svs\nExample: mitoscope import study.sqlite found.csv.gz --as candidates --run two-stage"
)]
pub(super) struct ImportArgs {
    /// The document; one of an older generation is upgraded first, after a backup beside it.
    db: PathBuf,
    /// The file.
    file: PathBuf,
    /// What the file is; without it its name and its first bytes tell. Read so far: csv, coco, midog.
    #[arg(long)]
    format: Option<Format>,
    /// What rows become; without it boxes with scores are candidates, all else labels.
    #[arg(long = "as", value_name = "WHAT")]
    what: Option<What>,
    /// The rater of rows that name none.
    #[arg(long, value_name = "NAME")]
    rater: Option<String>,
    /// The slide of rows that name none: base name, with its folder where names repeat, or uid.
    #[arg(long, value_name = "NAME")]
    slide: Option<String>,
    /// The run that candidates belong to; without it the file's name.
    #[arg(long, value_name = "NAME")]
    run: Option<String>,
    /// One JSON value on standard output: read, imported (rows that added something), present (rows that were there),
    /// skipped, objects, labels, candidates, run, created (slides, classes, raters).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ImportArgs) -> Result<(), Failure> {
    // Everything is read before the document is opened for writing: what can't be read leaves no trace in it.
    let reading = exchange::read(&args.file, args.format)?;
    if reading.records.is_empty() && !reading.skipped.is_empty() {
        return Err(Failure::Failed(unreadable(&args.file, &reading)));
    }
    let numbered = numbered(&reading);
    let read = reading.records.len() + reading.skipped.len();
    let by_itself = if reading.detections { What::Candidates } else { What::Labels };
    let what = args.what.unwrap_or(by_itself);
    let run_name = args.run.clone().unwrap_or_else(|| stem(&args.file));
    let source = Source {
        file: args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        slide: given(args.slide.as_deref(), "--slide")?,
        rater: given(args.rater.as_deref(), "--rater")?,
    };
    source.fills(&reading, what == What::Labels).map_err(Failure::Failed)?;
    let out = if reading.records.is_empty() {
        // Nothing to write: the document must be one, and stays as it is.
        Database::open(&args.db, Access::ReadOnly)?;
        Imported::default()
    } else {
        let mut db = writable(&args.db)?;
        match what {
            What::Labels => db.import(reading, &source)?,
            What::Candidates => db.import_candidates(reading, &run_name, &source)?,
        }
    };
    if args.json {
        return output::json(&json!({
            "read": read,
            "imported": out.rows,
            "present": out.present,
            "skipped": out.skipped,
            "objects": out.objects.len(),
            "labels": out.labels,
            "candidates": out.candidates,
            "run": (what == What::Candidates).then_some(run_name),
            "created": out.created,
        }));
    }
    tell(&args.file, what, numbered, read, &out)
}

fn tell(file: &Path, what: What, numbered: &str, read: usize, out: &Imported) -> Result<(), Failure> {
    let added = match what {
        What::Labels => format!("{} objects and {} labels", out.objects.len(), out.labels),
        What::Candidates => format!("{} candidates", out.candidates),
    };
    output::line(&format!(
        "{}: {read} rows read, {added} added, {} there already, {} left out",
        file.display(),
        out.present,
        out.skipped.len()
    ))?;
    for (made, what) in
        [(&out.created.slides, "slide"), (&out.created.classes, "class"), (&out.created.raters, "rater")]
    {
        for one in made {
            output::line(&format!("new {what}: {} {}", one.uid, one.name))?;
        }
    }
    for row in out.skipped.iter().take(NAMED) {
        output::line(&format!("left out: {numbered} {}: {}", row.line, row.reason))?;
    }
    if out.skipped.len() > NAMED {
        output::line(&format!("and {} more; --json names all", out.skipped.len() - NAMED))?;
    }
    Ok(())
}

fn unreadable(file: &Path, reading: &Reading) -> String {
    let numbered = numbered(reading);
    let first = reading.skipped.first();
    let first = first.map_or_else(String::new, |s| format!("{numbered} {}: {}", s.line, s.reason));
    format!(
        "{}: none of its {} rows can be read ({first}); correct the file or give its --format",
        file.display(),
        reading.skipped.len()
    )
}

/// What a row's number counts.
fn numbered(reading: &Reading) -> &'static str {
    if reading.by_element { "annotation" } else { "line" }
}

/// A name as it is kept.
fn given(name: Option<&str>, option: &str) -> Result<Option<String>, Failure> {
    match name.map(str::trim) {
        Some("") => Err(Failure::Usage(format!("{option} needs a name"))),
        name => Ok(name.map(str::to_owned)),
    }
}

/// The file's name without what tells its format.
fn stem(file: &Path) -> String {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".bz2")).unwrap_or(&name);
    let plain = plain.rsplit_once('.').map_or(plain, |(stem, _)| stem);
    if plain.is_empty() { name } else { plain.to_owned() }
}
