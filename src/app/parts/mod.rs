//! Pieces of the window, each of which gets what it shows and returns what was asked for.
//!
//! None of them knows the window: they take values and give back values, so that each is tested alone.
