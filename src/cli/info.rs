//! `info`.

use super::{Failure, output};
use crate::slide;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// A slide's facts: size, levels, resolution, objective, vendor, associated pictures and all properties.
#[derive(Args)]
#[command(after_help = "Example: mitoscope info case-07.svs --json")]
pub(super) struct InfoArgs {
    /// The slide.
    slide: PathBuf,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &InfoArgs) -> Result<(), Failure> {
    let source = slide::open(&args.slide)?;
    let f = source.facts();
    if args.json {
        return output::json(&json!({
            "path": output::path(&f.path),
            "reader": f.reader,
            "vendor": f.vendor,
            "width": f.width,
            "height": f.height,
            "mpp_x": f.resolution.map(|r| r.x),
            "mpp_y": f.resolution.map(|r| r.y),
            "objective": f.objective,
            "levels": f.levels,
            "associated": f.associated,
            "properties": f.properties,
            "icc": f.icc,
            "background": f.background,
        }));
    }
    output::line(&format!("{}: {} x {} px", f.path.display(), f.width, f.height))?;
    output::line(&format!("vendor      {} (reader {})", f.vendor, output::word(&f.reader)))?;
    output::line(&match f.resolution {
        Some(r) => {
            let mm = |px: u32, um: f64| f64::from(px) * um / 1000.0;
            format!(
                "resolution  {} x {} um/px, {:.2} x {:.2} mm",
                r.x,
                r.y,
                mm(f.width, r.x),
                mm(f.height, r.y)
            )
        }
        None => "resolution  unknown: nothing can be measured in um or mm2".into(),
    })?;
    output::line(&f.objective.map_or_else(|| "objective   unknown".into(), |o| format!("objective   {o}x")))?;
    for (i, l) in f.levels.iter().enumerate() {
        let tiles =
            l.tile_width.zip(l.tile_height).map_or_else(String::new, |(w, h)| format!(", tiles {w} x {h}"));
        output::line(&format!(
            "level {i}     {} x {} px, 1 : {:.3}{tiles}",
            l.width, l.height, l.downsample
        ))?;
    }
    if !f.associated.is_empty() {
        output::line(&format!("pictures    {}", f.associated.join(", ")))?;
    }
    output::line(&format!(
        "colour      {}",
        if f.icc { "with a colour profile" } else { "no colour profile found" }
    ))
}
