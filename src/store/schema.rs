//! SlideRunner's tables, triggers and functions, and ours beside them.

/// The version of SQLite that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
