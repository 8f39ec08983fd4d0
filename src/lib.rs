//! Mitoscope: whole-slide images screened, labelled and counted for mitotic figures.
//!
//! Data flows one way. A slide file is read by [`slide`], planned and cached as tiles by `tiles`, drawn by
//! `render`. Keys and clicks become [`model::Edit`]s, which [`store`] writes into a SlideRunner database before
//! the screen calls them done. [`screening`] and [`count`] are functions of what was read.
//!
//! `ARCHITECTURE.md` has the table of modules and the rules between them, which `tests/architecture.rs` holds.

pub mod cli;
pub mod count;
pub mod detect;
pub mod files;
pub mod logs;
pub mod model;
pub mod screening;
pub mod slide;
pub mod store;
pub mod study;
pub mod tiles;

#[cfg(feature = "gui")]
pub mod app;
#[cfg(feature = "gui")]
pub mod render;
