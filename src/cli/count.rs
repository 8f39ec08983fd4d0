//! `count`.

use super::Failure;
use clap::Args;

/// The mitotic count.
#[derive(Args)]
pub(super) struct CountArgs {}

pub(super) fn run(_: CountArgs) -> Result<(), Failure> {
    todo!()
}
