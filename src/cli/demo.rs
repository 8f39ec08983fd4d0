//! `demo`.

use super::Failure;
use clap::Args;

/// The tour on the demo slide.
#[derive(Args)]
pub(super) struct DemoArgs {}

pub(super) fn run(_: DemoArgs) -> Result<(), Failure> {
    todo!()
}
