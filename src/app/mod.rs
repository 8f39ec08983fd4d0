//! The window.

pub mod dialogs;
pub mod parts;
pub mod settings;
pub mod theme;

/// What to open at the start.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Slides.
    pub slides: Vec<std::path::PathBuf>,
    /// The document.
    pub database: Option<std::path::PathBuf>,
}

pub mod tour;

/// Opens the window and returns when it is closed.
///
/// # Errors
/// One sentence when there is no display or no graphics adapter.
pub fn run(start: Start) -> Result<(), String> {
    let _ = start;
    todo!()
}
