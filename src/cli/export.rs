//! `export`: a document's labels in the formats of other programs.

use super::{Failure, output};
use crate::model::Shape;
use crate::store::exchange::{self, Format, Leaving};
use crate::store::{Access, Database, Wanted};
use clap::Args;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

/// Writes a document's labels into a file that other programs read. Nothing in the document changes.
///
/// csv has one row for each label: slide,x,y,class,rater,description,guid, and the agreed class, which import leaves to
/// the labels; it holds spots only. coco has one annotation
/// for each object, of its agreed class (with --rater of the rater's first label): spots as boxes of 50 px, rectangles,
/// polygons. midog is the same with boxes given by two corners, and spots only. Deleted objects never go out; what the
/// format can't hold is counted and said. Places are level-0 pixels.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope export study.sqlite --format csv -o labels.csv\nExample: mitoscope export study.sqlite --format coco --slide case-07.svs --rater \"Expert 1\" -o expert-1.json"
)]
pub(super) struct ExportArgs {
    /// The document.
    db: PathBuf,
    /// The file; one of this name is replaced.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// What the file is to be. Written so far: csv, coco, midog.
    #[arg(long)]
    format: Format,
    /// Only this slide: base name, with its folder where names repeat, or uid.
    #[arg(long, value_name = "NAME")]
    slide: Option<String>,
    /// Only this rater's labels.
    #[arg(long, value_name = "NAME")]
    rater: Option<String>,
    /// Only objects of this agreed class (with --rater: of this class by the rater's first label), by name or uid.
    #[arg(long, value_name = "NAME|UID")]
    class: Option<String>,
    /// Goes on though a blind task is open, which is kept in the journal.
    #[arg(long)]
    as_coordinator: bool,
    /// One JSON value on standard output: exported (objects), rows, slides, left_out (by kind of object).
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ExportArgs) -> Result<(), Failure> {
    let corners = args.format == Format::Midog;
    let takes: fn(&Shape, bool) -> bool = match args.format {
        Format::Csv => |shape, _| exchange::fits_csv(shape),
        Format::Coco | Format::Midog => exchange::fits_coco,
        other => {
            return Err(Failure::Failed(format!(
                "{}: {} files are not written yet; choose csv, coco or midog",
                args.output.display(),
                other.id()
            )));
        }
    };
    output::not_an_input(&args.output, &[&args.db])?;
    super::study::coordinator(&args.db, args.as_coordinator, "export")?;
    let db = Database::open(&args.db, Access::ReadOnly)?;
    let wanted = Wanted { slide: args.slide.clone(), rater: args.rater.clone(), class: args.class.clone() };
    let (mut slides, mut left_out) = db.leaving(&wanted, |shape| takes(shape, corners))?;
    let mut rows = 0;
    if args.format == Format::Csv {
        rows = slides.iter().flat_map(|s| &s.objects).map(|o| o.labels.len().max(1)).sum();
        output::write_whole(&args.output, |file| Ok(exchange::write_csv(&slides, file)?))?;
    } else {
        leave_classless(&mut slides, &mut left_out);
        let value = exchange::as_coco(&slides, corners);
        output::write_whole(&args.output, |file| Ok(serde_json::to_writer(file, &value)?))?;
    }
    let exported: usize = slides.iter().map(|s| s.objects.len()).sum();
    let rows = if args.format == Format::Csv { rows } else { exported };
    if !left_out.is_empty() {
        let list: Vec<String> = left_out.iter().map(|(what, n)| format!("{what}: {n}")).collect();
        // A closed standard error is no reason not to do the work.
        let _ = writeln!(
            std::io::stderr(),
            "mitoscope: {}: left out what {} files do not hold ({})",
            args.output.display(),
            args.format.id(),
            list.join(", ")
        );
    }
    let with_objects = slides.iter().filter(|s| !s.objects.is_empty()).count();
    if args.json {
        return output::json(&json!({
            "exported": exported, "rows": rows, "slides": with_objects, "left_out": left_out,
        }));
    }
    output::line(&format!(
        "{}: {exported} objects of {with_objects} slides in {rows} rows",
        args.output.display()
    ))
}

/// COCO has a category for each annotation: what has none stays behind.
fn leave_classless(slides: &mut [Leaving], left_out: &mut BTreeMap<String, u64>) {
    for slide in slides {
        let before = slide.objects.len();
        slide.objects.retain(|o| o.class.is_some());
        let gone = (before - slide.objects.len()) as u64;
        if gone > 0 {
            *left_out.entry("objects without a class".into()).or_default() += gone;
        }
    }
}
