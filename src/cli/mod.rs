//! The command line: one file a noun, all answers through [`output`].
//!
//! Exit codes: 0 done, 1 could not be done (one sentence on standard error), 2 wrong usage.

mod count;
mod db;
mod demo;
mod info;
mod output;
mod region;
mod render;
mod screen;
mod synthesize;
mod view;

pub use output::Failure;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Whole-slide images screened, labelled and counted for mitotic figures.
#[derive(Parser)]
#[command(name = "mitoscope", version = output::versions(), propagate_version = false, arg_required_else_help = false)]
#[command(after_help = "`mitoscope FILE…` without a verb opens the window.\n\nExample: mitoscope view case-07.svs --db study.sqlite")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    View(view::ViewArgs),
    Info(info::InfoArgs),
    Region(region::RegionArgs),
    Render(render::RenderArgs),
    Synthesize(synthesize::SynthesizeArgs),
    #[command(subcommand)]
    Db(db::DbVerb),
    #[command(subcommand)]
    Screen(screen::ScreenVerb),
    Count(count::CountArgs),
    Demo(demo::DemoArgs),
}

/// Runs the program with the process' arguments.
pub fn main() -> ExitCode {
    let arguments = with_view_for_files(std::env::args_os().collect());
    match Cli::try_parse_from(arguments) {
        Ok(cli) => output::finish(run(cli)),
        Err(e) => output::usage(&e),
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    match cli.verb {
        Verb::View(args) => view::run(args),
        Verb::Info(args) => info::run(args),
        Verb::Region(args) => region::run(args),
        Verb::Render(args) => render::run(args),
        Verb::Synthesize(args) => synthesize::run(args),
        Verb::Db(verb) => db::run(verb),
        Verb::Screen(verb) => screen::run(verb),
        Verb::Count(args) => count::run(args),
        Verb::Demo(args) => demo::run(args),
    }
}

/// `mitoscope FILE…` and `mitoscope` alone mean `mitoscope view …`.
fn with_view_for_files(mut arguments: Vec<std::ffi::OsString>) -> Vec<std::ffi::OsString> {
    let opens = match arguments.get(1) {
        None => true,
        Some(first) => std::path::Path::new(first).is_file(),
    };
    if opens {
        arguments.insert(1, "view".into());
    }
    arguments
}
