//! `synthesize`.

use super::{Failure, output};
use crate::slide::synthetic::{self, LARGEST, Recipe};
use clap::Args;
use serde_json::json;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// An artificial H&E slide with its truth: a pyramid as Aperio's scanners write it, 0.25 um per pixel.
///
/// Beside the slide lies a table of the same name, ending in .csv, with the mitotic figures and the look-alikes that
/// were put into it: x, y, class, phase. The same size and seed give the same slide, byte by byte.
#[derive(Args)]
#[command(after_help = "Example: mitoscope synthesize demo.svs --size 12000x9000 --seed 7")]
pub(super) struct SynthesizeArgs {
    /// The slide to make; OUT.csv beside it gets the truth.
    #[arg(value_name = "OUT.svs")]
    output: PathBuf,
    /// Width and height in pixels.
    #[arg(long, value_name = "WxH", value_parser = size)]
    size: [u32; 2],
    /// Any whole number; another seed is another slide.
    #[arg(long)]
    seed: u64,
    /// A few small islands of tissue on an empty slide, however large it is.
    #[arg(long)]
    sparse: bool,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

/// Reads `WxH`, two whole numbers of 1 to the largest side of an artificial slide.
fn size(text: &str) -> Result<[u32; 2], String> {
    let part = |s: &str| s.trim().parse::<u32>().ok().filter(|v| (1..=LARGEST).contains(v));
    text.split_once(['x', 'X', '×'])
        .and_then(|(w, h)| Some([part(w)?, part(h)?]))
        .ok_or_else(|| format!("write a size as WxH, for example 12000x9000; each 1 to {LARGEST}"))
}

pub(super) fn run(args: &SynthesizeArgs) -> Result<(), Failure> {
    let [width, height] = args.size;
    let recipe = Recipe { width, height, seed: args.seed, sparse: args.sparse };
    let table = beside(&args.output)?;
    let shown = std::io::stderr().is_terminal();
    let mut percent = u64::MAX;
    let cells = synthetic::write(&args.output, &recipe, &mut |done, total| {
        let now = 100 * done / total.max(1);
        if shown && now != percent {
            percent = now;
            let _ = write!(std::io::stderr(), "\r{}: {now} %", args.output.display());
        }
        true
    })?;
    if shown {
        let _ = writeln!(std::io::stderr());
    }
    synthetic::write_truth(&table, &cells)?;
    let mitotic = cells.iter().filter(|c| c.mitotic).count();
    let non_mitotic = cells.len() - mitotic;
    if args.json {
        return output::json(&json!({
            "path": output::path(&args.output),
            "truth": output::path(&table),
            "width": width,
            "height": height,
            "mitotic": mitotic,
            "non_mitotic": non_mitotic,
        }));
    }
    output::line(&format!(
        "{}: {width} x {height} px, {mitotic} mitotic figures and {non_mitotic} look-alikes, listed in {}",
        args.output.display(),
        table.display()
    ))
}

/// The truth's place.
fn beside(slide: &Path) -> Result<PathBuf, Failure> {
    let table = slide.with_extension("csv");
    if table == slide || slide.file_name().is_none() {
        return Err(Failure::Usage(format!(
            "{}: the slide needs a name that does not end in .csv, for example demo.svs",
            slide.display()
        )));
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_within_their_bounds() {
        assert_eq!(size("12000x9000"), Ok([12000, 9000]));
        assert_eq!(size("1×262144"), Ok([1, LARGEST]));
        for wrong in ["", "x", "0x0", "100", "10x", "-5x5", "1x2x3", "262145x1", "99999999999x1", "1e3x1"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
