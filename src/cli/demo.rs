//! `demo`.

use super::{Failure, Window};
use clap::Args;
use std::path::PathBuf;

/// The tour on the demo slide: it is opened, screened, labelled and counted, by the same actions as in the window.
///
/// The demo slide is artificial and made on the first run. Headless, the tour leaves pictures, the document and a
/// report.
#[derive(Args)]
#[command(after_help = "Example: mitoscope demo --headless -o demo-out")]
pub(super) struct DemoArgs {
    /// No window: pictures and a report instead.
    #[arg(long)]
    headless: bool,
    /// The folder for pictures, document and report.
    #[arg(short, long, value_name = "DIR", default_value = "demo-out")]
    output: PathBuf,
}

pub(super) fn run(args: DemoArgs, window: &dyn Window) -> Result<(), Failure> {
    let folder = std::path::absolute(&args.output).unwrap_or(args.output);
    window.demo(args.headless, folder).map_err(Failure::Failed)
}
