//! The program: crash reports, and the command line with the window handed in.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

struct Desk;

#[cfg(feature = "gui")]
impl mitoscope::cli::Window for Desk {
    fn open(&self, slides: Vec<PathBuf>, database: Option<PathBuf>) -> Result<(), String> {
        mitoscope::app::run(mitoscope::app::Start { slides, database, demo: false })
    }

    fn demo(&self, headless: bool, folder: PathBuf) -> Result<(), String> {
        mitoscope::app::tour::run(headless, &folder)
    }

    fn pace(&self, slide: &Path, size: [u32; 2]) -> Result<Value, String> {
        let pace = mitoscope::app::pace::measure(slide, size)?;
        serde_json::to_value(pace).map_err(|e| e.to_string())
    }
}

#[cfg(not(feature = "gui"))]
impl mitoscope::cli::Window for Desk {
    fn open(&self, _: Vec<PathBuf>, _: Option<PathBuf>) -> Result<(), String> {
        Err("this build has no window; build it with the feature gui".into())
    }

    fn demo(&self, _: bool, _: PathBuf) -> Result<(), String> {
        Err("this build has no window and no GPU pictures; build it with the feature gui".into())
    }

    fn pace(&self, _: &Path, _: [u32; 2]) -> Result<Value, String> {
        Err("this build has no window; build it with the feature gui".into())
    }
}

fn main() -> ExitCode {
    mitoscope::logs::report_crashes();
    mitoscope::cli::main(&Desk)
}
