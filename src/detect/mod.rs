//! Proposals: what a detector adds to what people found, and what it is worth.

pub mod evaluate;
pub mod stain;
