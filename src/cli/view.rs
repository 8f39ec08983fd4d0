//! `view`.

use super::Failure;
use clap::Args;

/// Opens the window.
#[derive(Args)]
pub(super) struct ViewArgs {}

pub(super) fn run(_: ViewArgs) -> Result<(), Failure> {
    todo!()
}
