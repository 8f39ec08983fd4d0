//! Which tile, when, and from where.
//!
//! [`plan`] is pure: a camera in, a wish list out. [`loader`] reads tiles on named threads from one priority
//! queue; [`cache`] keeps decoded tiles within a bound of bytes.

pub mod cache;
pub mod grid;
pub mod loader;
pub mod plan;
pub mod read;
