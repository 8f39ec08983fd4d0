//! The window.

/// What to open at the start.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Slides.
    pub slides: Vec<std::path::PathBuf>,
    /// The document.
    pub database: Option<std::path::PathBuf>,
}
