//! `region`.

use super::{Failure, output};
use crate::slide::{self, Reader};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which reader.
#[derive(Clone, Copy, ValueEnum)]
enum ReaderName {
    Openslide,
    Tiff,
    Image,
}

/// Pixels of a region as a PNG picture; transparent where the slide has none.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope region case-07.svs --x 12000 --y 8000 --w 512 --h 512 -o cell.png"
)]
pub(super) struct RegionArgs {
    /// The slide.
    slide: PathBuf,
    /// Left edge in level-0 pixels.
    #[arg(long, allow_negative_numbers = true)]
    x: i64,
    /// Upper edge in level-0 pixels.
    #[arg(long, allow_negative_numbers = true)]
    y: i64,
    /// Width in pixels of the level.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    w: u32,
    /// Height in pixels of the level.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    h: u32,
    /// The level; 0 is the finest.
    #[arg(long, default_value_t = 0, allow_negative_numbers = true)]
    level: usize,
    /// This reader and no other; by default the one that fits the file.
    #[arg(long)]
    reader: Option<ReaderName>,
    /// The picture.
    #[arg(short, long, value_name = "OUT.png")]
    output: PathBuf,
}

pub(super) fn run(args: &RegionArgs) -> Result<(), Failure> {
    output::not_an_input(&args.output, &[&args.slide])?;
    let source = match args.reader {
        None => slide::open(&args.slide)?,
        Some(ReaderName::Openslide) => slide::open_with(&args.slide, Reader::OpenSlide)?,
        Some(ReaderName::Tiff) => slide::open_with(&args.slide, Reader::Tiff)?,
        Some(ReaderName::Image) => slide::open_with(&args.slide, Reader::Image)?,
    };
    let pixels = source.region(args.x, args.y, args.level, args.w, args.h)?;
    output::png(&args.output, &pixels)
}
