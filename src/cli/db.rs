//! `db …`.

use super::Failure;
use clap::Subcommand;

/// Databases.
#[derive(Subcommand)]
pub(super) enum DbVerb {
    #[command(hide = true)]
    Nothing,
}

pub(super) fn run(_: DbVerb) -> Result<(), Failure> {
    todo!()
}
