//! How the command line answers: JSON, sentences, exit codes, whole files.

use serde::Serialize;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// Why a verb did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// Wrong usage: exit 2.
    Usage(String),
    /// Could not be done: exit 1.
    Failed(String),
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(e: E) -> Self {
        Self::Failed(e.to_string())
    }
}

/// The versions of the program, OpenSlide and SQLite.
pub(super) fn versions() -> &'static str {
    static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        format!(
            "{} (OpenSlide {}, SQLite {})",
            env!("CARGO_PKG_VERSION"),
            crate::slide::openslide::version(),
            crate::store::schema::sqlite_version()
        )
    });
    &TEXT
}

/// Ends the process' main function.
pub(super) fn finish(result: Result<(), Failure>) -> ExitCode {
    let (code, text) = match result {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Usage(text)) => (2, text),
        Err(Failure::Failed(text)) => (1, text),
    };
    // One sentence on one line, whatever a library put into its message.
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "\u{fffd}");
    let _ = writeln!(io::stderr(), "mitoscope: {line}");
    ExitCode::from(code)
}

/// Help and version go to standard output, wrong usage to standard error with code 2.
pub(super) fn usage(e: &clap::Error) -> ExitCode {
    let _ = e.print();
    if e.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
}

/// Prints one JSON value on standard output.
pub(super) fn json(value: &impl Serialize) -> Result<(), Failure> {
    put(&serde_json::to_string_pretty(value)?)
}

/// Prints a line on standard output. Names come from files: a control character in one must not reach the terminal.
pub(super) fn line(text: &str) -> Result<(), Failure> {
    put(&text.replace(char::is_control, "\u{fffd}"))
}

/// Prints a text on standard output; a closed pipe is no error.
fn put(text: &str) -> Result<(), Failure> {
    match writeln!(io::stdout(), "{text}") {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e.into()),
        _ => Ok(()),
    }
}

/// Writes a file whole or not at all: beside its place first, then renamed.
pub(super) fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let wrong = |e: io::Error| {
        Failure::Failed(format!(
            "{}: can't be written ({e}); check the folder and its free space",
            path.display()
        ))
    };
    if let Some(what) = precious(path) {
        return Err(Failure::Failed(format!(
            "{}: would be replaced, and it is {what}; choose another name for the output",
            path.display()
        )));
    }
    let mut file = crate::files::beside(path).map_err(wrong)?;
    {
        let mut buffered = io::BufWriter::new(file.as_file_mut());
        write(&mut buffered)?;
        buffered.flush().map_err(wrong)?;
    }
    file.as_file().sync_all().map_err(wrong)?;
    file.persist(path).map_err(|e| wrong(e.error))?;
    Ok(())
}

/// What an output must never take the place of: a document, a kit, a slide. By its first bytes.
fn precious(path: &Path) -> Option<&'static str> {
    use io::Read as _;
    let mut start = [0; 16];
    let mut file = std::fs::File::open(path).ok().filter(|f| f.metadata().is_ok_and(|m| m.is_file()))?;
    let n = file.read(&mut start).ok()?;
    match &start[..n] {
        [b'S', b'Q', b'L', b'i', b't', b'e', b' ', ..] => Some("a document or a kit"),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some("a slide"),
        _ => None,
    }
}

/// Reads `WxH`, two whole numbers of 1 to 16384.
pub(super) fn size(text: &str) -> Result<[u32; 2], String> {
    let part = |s: &str| s.trim().parse::<u32>().ok().filter(|v| (1..=16_384).contains(v));
    text.split_once(['x', 'X', '×'])
        .and_then(|(w, h)| Some([part(w)?, part(h)?]))
        .ok_or_else(|| "write a size as WxH, for example 1280x800; each 1 to 16384".into())
}

/// A value of a small enumeration in the word that JSON has for it.
pub(super) fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A path as JSON can hold it: names that are no Unicode get a mark where they are not.
pub(super) fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Refuses an output that is one of the files that were read.
pub(super) fn not_an_input(output: &Path, inputs: &[&Path]) -> Result<(), Failure> {
    let Ok(real) = output.canonicalize() else { return Ok(()) };
    if inputs.iter().any(|i| i.canonicalize().is_ok_and(|i| i == real)) {
        return Err(Failure::Failed(format!(
            "{}: would be replaced, and it is what is read here; choose another name for the output",
            output.display()
        )));
    }
    Ok(())
}

/// Writes a PNG picture, whole or not at all.
pub(super) fn png(path: &Path, pixels: &crate::slide::Pixels) -> Result<(), Failure> {
    use image::ImageEncoder as _;
    write_whole(path, |file| {
        image::codecs::png::PngEncoder::new(file)
            .write_image(&pixels.rgba, pixels.width, pixels.height, image::ExtendedColorType::Rgba8)
            .map_err(|e| Failure::Failed(format!("{}: can't be written ({e})", path.display())))
    })
}
