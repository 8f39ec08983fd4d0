//! `region`.

use super::Failure;
use clap::Args;

/// Pixels of a region, as a PNG picture.
#[derive(Args)]
pub(super) struct RegionArgs {}

pub(super) fn run(_: RegionArgs) -> Result<(), Failure> {
    todo!()
}
