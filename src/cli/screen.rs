//! `screen …`.

use super::Failure;
use clap::Subcommand;

/// Screening.
#[derive(Subcommand)]
pub(super) enum ScreenVerb {
    #[command(hide = true)]
    Nothing,
}

pub(super) fn run(_: ScreenVerb) -> Result<(), Failure> {
    todo!()
}
