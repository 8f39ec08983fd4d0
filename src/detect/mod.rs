//! Proposals: what a detector adds to what people found.

pub mod stain;
