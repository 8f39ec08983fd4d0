//! `synthesize`.

use super::Failure;
use clap::Args;

/// An artificial H&E slide with its truth.
#[derive(Args)]
pub(super) struct SynthesizeArgs {}

pub(super) fn run(_: SynthesizeArgs) -> Result<(), Failure> {
    todo!()
}
