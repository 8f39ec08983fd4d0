//! The command line: one file a noun, all answers through `output`.
//!
//! Exit codes: 0 done, 1 could not be done (one sentence on standard error), 2 wrong usage.

mod agree;
mod bench;
mod count;
mod db;
mod demo;
mod evaluate;
mod export;
mod import;
mod info;
mod output;
mod region;
mod render;
mod screen;
mod study;
mod synthesize;
mod view;
mod within;

pub use output::Failure;

use clap::{CommandFactory as _, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// The window, as the command line sees it: it can be opened, and it can show the tour. The binary hands it in, so
/// that the command line knows nothing of windows.
pub trait Window {
    /// Opens slides with a document. Returns when the window is closed.
    ///
    /// # Errors
    /// One sentence when there is no display or no graphics adapter.
    fn open(&self, slides: Vec<PathBuf>, database: Option<PathBuf>) -> Result<(), String>;

    /// The tour on the demo slide; headless, it leaves pictures and a report in `folder`.
    ///
    /// # Errors
    /// One sentence.
    fn demo(&self, headless: bool, folder: PathBuf) -> Result<(), String>;

    /// What a frame of the whole window costs while it pans over a slide, as a JSON value with `cpu_ms`,
    /// `cpu_ms_max`, `upload_kib`, `upload_kib_max` and `blank`.
    ///
    /// # Errors
    /// One sentence.
    fn pace(&self, slide: &std::path::Path, size: [u32; 2]) -> Result<serde_json::Value, String>;
}

/// Whole-slide images screened, labelled and counted for mitotic figures.
#[derive(Parser)]
#[command(name = "mitoscope", bin_name = "mitoscope", version = output::versions(), propagate_version = false, arg_required_else_help = false)]
#[command(
    after_help = "`mitoscope FILE…` without a verb opens the window.\n\nExample: mitoscope view case-07.svs --db study.sqlite"
)]
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
    Import(import::ImportArgs),
    Export(export::ExportArgs),
    #[command(subcommand)]
    Task(study::task::TaskVerb),
    #[command(subcommand)]
    Kit(study::kit::KitVerb),
    Outcome(study::outcome::OutcomeArgs),
    Study(study::stages::StudyArgs),
    Count(count::CountArgs),
    Agree(agree::AgreeArgs),
    Evaluate(evaluate::EvaluateArgs),
    Bench(bench::BenchArgs),
    Demo(demo::DemoArgs),
}

/// Runs the program with the process' arguments.
pub fn main(window: &dyn Window) -> ExitCode {
    let arguments = with_view_for_files(std::env::args_os().collect());
    match Cli::try_parse_from(arguments) {
        Ok(cli) => {
            crate::logs::start(matches!(cli.verb, Verb::View(_) | Verb::Demo(_)));
            output::finish(run(cli, window))
        }
        Err(e) => output::usage(&e),
    }
}

fn run(cli: Cli, window: &dyn Window) -> Result<(), Failure> {
    match cli.verb {
        Verb::View(args) => view::run(args, window),
        Verb::Info(args) => info::run(&args),
        Verb::Region(args) => region::run(&args),
        Verb::Render(args) => render::run(&args),
        Verb::Synthesize(args) => synthesize::run(&args),
        Verb::Db(verb) => db::run(verb),
        Verb::Screen(verb) => screen::run(&verb),
        Verb::Import(args) => import::run(&args),
        Verb::Export(args) => export::run(&args),
        Verb::Task(verb) => study::task::run(&verb),
        Verb::Kit(verb) => study::kit::run(&verb),
        Verb::Outcome(args) => study::outcome::run(&args),
        Verb::Study(args) => study::stages::run(&args),
        Verb::Count(args) => count::run(&args),
        Verb::Agree(args) => agree::run(&args),
        Verb::Evaluate(args) => evaluate::run(&args),
        Verb::Bench(args) => bench::run(&args, window),
        Verb::Demo(args) => demo::run(args, window),
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

/// All verbs, as they are typed: "info", "db check".
pub fn verbs() -> Vec<String> {
    let mut found = Vec::new();
    each_verb(&mut Cli::command(), &mut |path, _| found.push(path.to_owned()));
    found
}

/// The reference page: each verb's help, as Markdown.
pub fn reference() -> String {
    let mut page = String::from("# The command line\n\nMade from the program's own help.\n");
    each_verb(&mut Cli::command(), &mut |path, command| {
        let help = command.clone().term_width(100).render_long_help().to_string();
        let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
        page.push_str(&format!("\n## mitoscope {path}\n\n```text\n{}\n```\n", lines.join("\n").trim_end()));
    });
    page
}

/// Calls `visit` with each verb that has no further verbs under it.
fn each_verb(command: &mut clap::Command, visit: &mut dyn FnMut(&str, &clap::Command)) {
    fn walk(command: &clap::Command, path: &str, visit: &mut dyn FnMut(&str, &clap::Command)) {
        for verb in command.get_subcommands().filter(|c| c.get_name() != "help") {
            let path = if path.is_empty() {
                verb.get_name().to_owned()
            } else {
                format!("{path} {}", verb.get_name())
            };
            if verb.has_subcommands() {
                walk(verb, &path, visit);
            } else {
                visit(&path, verb);
            }
        }
    }
    command.build();
    walk(command, "", visit);
}
