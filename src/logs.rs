//! Logs and crash reports, in the user's state folder.
//!
//! `RUST_LOG` sets what is logged (`info` in the file unless set, nothing on the terminal unless set). A crash
//! leaves a report; labels that the screen showed as saved are on disk whatever happens.

use std::backtrace::Backtrace;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt};

/// A log larger than this is set aside at the next start.
const KEEP_BYTES: u64 = 4 << 20;
/// That many crash reports are kept.
const KEEP_REPORTS: usize = 20;

/// The folder for logs and crash reports; `None` where the system names no home.
pub fn folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().ok()?;
    Some(base.state_dir().unwrap_or_else(|| base.data_dir()).join("mitoscope"))
}

/// The log of the window.
pub fn file() -> Option<PathBuf> {
    folder().map(|f| f.join("mitoscope.log"))
}

/// Starts logging: to the terminal if `RUST_LOG` is set, and to the log file if `to_file`.
///
/// A log file that can't be written is no reason not to start: the reason goes to the terminal.
pub fn start(to_file: bool) {
    let asked = std::env::var_os("RUST_LOG").is_some();
    let filter =
        || EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,wgpu=warn,naga=warn"));
    let terminal = asked.then(|| fmt::layer().with_writer(std::io::stderr).with_filter(filter()));
    let opened = to_file.then(file).flatten().map(|path| open_log(&path));
    let (log, problem) = match opened {
        Some(Ok(file)) => (Some(file), None),
        Some(Err(e)) => (None, Some(e)),
        None => (None, None),
    };
    let to_log = log.map(|f| fmt::layer().with_ansi(false).with_writer(Mutex::new(f)).with_filter(filter()));
    // A second start (tests) keeps the first subscriber.
    let _ = tracing_subscriber::registry().with(terminal).with(to_log).try_init();
    if let Some(e) = problem {
        tracing::warn!("the log file can't be written: {e}");
    }
}

fn open_log(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(path).is_ok_and(|m| m.len() > KEEP_BYTES) {
        fs::rename(path, path.with_extension("log.old"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// From now on a panic leaves a report in [`folder`] and says on standard error where.
pub fn report_crashes() {
    report_crashes_to(folder());
}

fn report_crashes_to(folder: Option<PathBuf>) {
    std::panic::set_hook(Box::new(move |info| {
        let message = info
            .payload()
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| info.payload().downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".into());
        let place = info.location().map_or_else(String::new, |l| format!(" at {}:{}", l.file(), l.line()));
        let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
        tracing::error!("fault in thread {thread}{place}: {message}");
        let text = format!(
            "Mitoscope {} on {} {}\nthread {thread}{place}\n{message}\n\n{}\n",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::OS,
            std::env::consts::ARCH,
            Backtrace::force_capture()
        );
        let written = folder.as_deref().and_then(|f| write_report(f, &text).ok());
        let mut err = std::io::stderr();
        let _ = match written {
            Some(path) => writeln!(
                err,
                "mitoscope: a fault in the program ({message}{place}). Saved labels are safe. The report is in {}",
                path.display()
            ),
            None => writeln!(err, "mitoscope: a fault in the program. Saved labels are safe.\n{text}"),
        };
    }));
}

fn write_report(folder: &Path, text: &str) -> std::io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let path = folder.join(format!("crash-{seconds}-{}.txt", std::process::id()));
    OpenOptions::new().create(true).append(true).open(&path)?.write_all(text.as_bytes())?;
    let mut old: Vec<PathBuf> = fs::read_dir(folder)?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("crash-")))
        .collect();
    old.sort();
    for path in old.iter().take(old.len().saturating_sub(KEEP_REPORTS)) {
        fs::remove_file(path)?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_leaves_a_report_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        for i in 0..30 {
            fs::write(folder.path().join(format!("crash-{i:03}-1.txt")), "old").unwrap();
        }
        let path = write_report(folder.path(), "what happened").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "what happened");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, KEEP_REPORTS);
    }

    #[test]
    fn a_large_log_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/mitoscope.log");
        open_log(&path).unwrap().set_len(KEEP_BYTES + 1).unwrap();
        open_log(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        assert!(path.with_extension("log.old").exists());
    }
}
