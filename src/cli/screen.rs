//! `screen …`.

use super::{Failure, output, within};
use crate::model::Resolution;
use crate::screening::{fields::Settings, survey};
use crate::slide;
use crate::store::{Access, Database};
use clap::{Args, Subcommand};
use serde_json::json;
use std::path::PathBuf;

/// Screening: which fields there are on a slide, which of them were looked at.
#[derive(Subcommand)]
pub(super) enum ScreenVerb {
    Plan(PlanArgs),
    Status(StatusArgs),
}

/// The fields in which a slide is screened, in their order: together they hold all of its tissue.
///
/// It is the plan that the window walks. Sizes and places are in level-0 pixels.
#[derive(Args)]
#[command(after_help = "Example: mitoscope screen plan case-07.svs --field-mm2 0.237 --overlap 0.1 --json")]
pub(super) struct PlanArgs {
    /// The slide.
    slide: PathBuf,
    /// Area of a field in mm2.
    #[arg(long, value_name = "MM2", default_value = "0.237", value_parser = within::amount)]
    field_mm2: f64,
    /// A field's width and height.
    #[arg(long, value_name = "W:H", default_value = "4:3", value_parser = within::ratio)]
    aspect: f64,
    /// What neighbours share, as a part of their side: 0 to 0.9.
    #[arg(long, value_name = "PART", default_value_t = 0.1, allow_negative_numbers = true)]
    overlap: f64,
    /// Micrometres per pixel where neither the slide nor the document says them.
    #[arg(long, value_name = "UM", value_parser = within::mpp)]
    mpp: Option<Resolution>,
    /// The document that --within takes its outlines from.
    #[arg(long, value_name = "DB")]
    db: Option<PathBuf>,
    /// Tissue within these outlines alone: tumor, polygon (all polygons), or a class by name or uid; needs --db.
    #[arg(long, value_name = "WHAT", requires = "db")]
    within: Option<String>,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

/// How far each rater's passes over each slide have come, as the document remembers it. Nothing is written.
#[derive(Args)]
#[command(after_help = "Example: mitoscope screen status study.sqlite --json")]
pub(super) struct StatusArgs {
    /// The document; a plain SlideRunner database too.
    db: PathBuf,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(verb: &ScreenVerb) -> Result<(), Failure> {
    match verb {
        ScreenVerb::Plan(args) => plan(args),
        ScreenVerb::Status(args) => status(args),
    }
}

fn plan(args: &PlanArgs) -> Result<(), Failure> {
    let settings = Settings { field_mm2: args.field_mm2, aspect: args.aspect, overlap: args.overlap };
    settings.check().map_err(Failure::Usage)?;
    let source = slide::open(&args.slide)?;
    let database = args.db.as_ref().map(|db| Database::open(db, Access::ReadOnly)).transpose()?;
    let entry = database.as_ref().map(|d| d.slide_named(&source.facts().file_name())).transpose()?;
    let remembered = entry.as_ref().and_then(|e| e.resolution);
    let Some(resolution) = source.facts().resolution.or(remembered).or(args.mpp) else {
        return Err(Failure::Failed(format!(
            "{}: its resolution is not known, so a field in mm2 has no size here; give micrometres per pixel with --mpp",
            args.slide.display()
        )));
    };
    let outlines = match (&database, &entry, &args.within) {
        (Some(database), Some(entry), Some(what)) => Some(within::regions(database, entry, what)?),
        _ => None,
    };
    let plan = match &outlines {
        Some(outlines) => {
            crate::screening::survey_within(&*source, resolution, settings, &|p| {
                outlines.iter().any(|o| o.holds(p))
            })?
            .plan
        }
        None => survey(&*source, resolution, settings)?.plan,
    };
    let fragments = plan.fields.last().map_or(0, |f| f.fragment + 1);
    if args.json {
        let fields: Vec<_> = plan
            .fields
            .iter()
            .map(|f| {
                json!({"index": f.index, "x": f.rect.x, "y": f.rect.y, "w": f.rect.w, "h": f.rect.h, "fragment": f.fragment})
            })
            .collect();
        return output::json(&json!({
            "slide": output::path(&args.slide),
            "fields": fields,
            "fragments": fragments,
            "tissue_mm2": plan.tissue_mm2,
            "field_mm2": settings.field_mm2,
            "travel_px": plan.travel_px,
            "parameters": {
                "field_mm2": settings.field_mm2,
                "aspect": settings.aspect,
                "overlap": settings.overlap,
                "mpp_x": resolution.x,
                "mpp_y": resolution.y,
                "within": args.within,
            },
        }));
    }
    output::line(&format!(
        "{}: {} fields of {} mm2 over {:.3} mm2 of tissue in {fragments} fragments, {:.1} mm of way",
        args.slide.display(),
        plan.fields.len(),
        settings.field_mm2,
        plan.tissue_mm2,
        plan.travel_px * resolution.mean() / 1000.0
    ))?;
    plan.fields.iter().try_for_each(|f| {
        output::line(&format!(
            "{:5}  fragment {:3}  x {:8.0}  y {:8.0}  {:.0} x {:.0} px",
            f.index, f.fragment, f.rect.x, f.rect.y, f.rect.w, f.rect.h
        ))
    })
}

fn status(args: &StatusArgs) -> Result<(), Failure> {
    let database = Database::open(&args.db, Access::ReadOnly)?;
    let raters = database.raters()?;
    let mut slides = Vec::new();
    for slide in database.slides()? {
        let mut passes = Vec::new();
        for rater in &raters {
            for pass in database.passes(slide.id, rater.id)? {
                let progress = database.progress(slide.id, rater.id, pass)?;
                if !progress.done.is_empty() || progress.current > 0 {
                    passes.push((rater.name.clone(), pass, progress.done.len(), progress.current));
                }
            }
        }
        slides.push((slide.filename, passes));
    }
    if args.json {
        let slides: Vec<_> = slides
            .iter()
            .map(|(filename, passes)| {
                let passes: Vec<_> = passes
                    .iter()
                    .map(|(rater, pass, done, current)| {
                        json!({"rater": rater, "pass": pass, "done": done, "current": current})
                    })
                    .collect();
                json!({"filename": filename, "passes": passes})
            })
            .collect();
        return output::json(&json!({"slides": slides}));
    }
    for (filename, passes) in &slides {
        if passes.is_empty() {
            output::line(&format!("{filename}: not screened yet"))?;
        }
        for (rater, pass, done, current) in passes {
            output::line(&format!(
                "{filename}: {rater}, pass {pass}: {done} fields done, now at field {current}"
            ))?;
        }
    }
    if slides.is_empty() {
        output::line("no slides; `mitoscope db add` adds one")?;
    }
    Ok(())
}
