//! `info`.

use super::Failure;
use clap::Args;

/// A slide's facts.
#[derive(Args)]
pub(super) struct InfoArgs {}

pub(super) fn run(_: InfoArgs) -> Result<(), Failure> {
    todo!()
}
