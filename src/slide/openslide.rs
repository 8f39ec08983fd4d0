//! Slides through the OpenSlide library.

/// The version of the library that is loaded, e.g. "3.4.1".
pub fn version() -> String {
    todo!()
}
