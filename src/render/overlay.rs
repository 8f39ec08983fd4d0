//! From objects, fields and counts to a [`Scene`]: the same for the window, pictures and reports.
