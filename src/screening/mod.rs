//! Nothing left out: which tissue there is, in which fields it is looked at, what was looked at.

pub mod fields;
pub mod ledger;
pub mod tissue;
