//! The tour on the demo slide.

use std::path::Path;

/// Shows the tour; headless, pictures and a report go into `folder`.
///
/// # Errors
/// One sentence.
pub fn run(headless: bool, folder: &Path) -> Result<(), String> {
    let _ = (headless, folder);
    todo!()
}
