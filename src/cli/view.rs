//! `view`.

use super::{Failure, Window};
use clap::Args;
use std::path::PathBuf;

/// Opens the window on slides, with a document for labels, or on a kit.
#[derive(Args)]
#[command(after_help = "Example: mitoscope view case-07.svs --db study.sqlite")]
pub(super) struct ViewArgs {
    /// Slides to open; the first one is shown. Or a kit: its task is opened. Without any the window offers ways to open
    /// one.
    slides: Vec<PathBuf>,
    /// The document: a SlideRunner database.
    #[arg(long, value_name = "DB")]
    db: Option<PathBuf>,
}

pub(super) fn run(args: ViewArgs, window: &dyn Window) -> Result<(), Failure> {
    let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
    let slides = args.slides.into_iter().map(absolute).collect();
    window.open(slides, args.db.map(absolute)).map_err(Failure::Failed)
}
