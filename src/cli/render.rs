//! `render`.

use super::Failure;
use clap::Args;

/// What the window would show, as a PNG picture.
#[derive(Args)]
pub(super) struct RenderArgs {}

pub(super) fn run(_: RenderArgs) -> Result<(), Failure> {
    todo!()
}
