//! `render`.

use super::{Failure, output};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What is drawn over the slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Overlay {
    /// Objects of the database.
    Marks,
    /// A detector's proposals.
    Detections,
    /// The rectangle of the mitotic count: 2.37 mm2, 4:3.
    Count,
    /// Screening fields that were looked at.
    Coverage,
}

/// What the window would show, as a PNG picture, by the same graphics path.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope render case-07.svs --center 12000,8000 --objective 20 --size 1280x800 --db study.sqlite --overlays marks,count -o view.png"
)]
pub(super) struct RenderArgs {
    /// The slide.
    slide: PathBuf,
    /// The middle of the picture in level-0 pixels.
    #[arg(long, value_name = "X,Y", value_parser = center, allow_hyphen_values = true)]
    center: [f64; 2],
    /// Magnification: 40 shows 0.25 um per pixel.
    #[arg(long, value_name = "N", value_parser = objective)]
    objective: f64,
    /// Width and height of the picture in pixels.
    #[arg(long, value_name = "WxH", default_value = "1280x800", value_parser = output::size)]
    size: [u32; 2],
    /// The database that overlays are taken from.
    #[arg(long, value_name = "DB")]
    db: Option<PathBuf>,
    /// What is drawn over the slide; needs --db.
    #[arg(long, value_enum, value_delimiter = ',', requires = "db")]
    overlays: Vec<Overlay>,
    /// Goes on though a blind task is open in the database, which is kept in its journal.
    #[arg(long, requires = "db")]
    as_coordinator: bool,
    /// The picture.
    #[arg(short, long, value_name = "OUT.png")]
    output: PathBuf,
}

fn center(text: &str) -> Result<[f64; 2], String> {
    let part = |s: &str| s.trim().parse::<f64>().ok().filter(|v| v.abs() <= 1e9);
    text.split_once(',')
        .and_then(|(x, y)| Some([part(x)?, part(y)?]))
        .ok_or_else(|| "write a place as X,Y in level-0 pixels, for example 12000,8000".into())
}

fn objective(text: &str) -> Result<f64, String> {
    let value = text.trim().trim_end_matches(['x', 'X']).parse::<f64>().ok();
    value
        .filter(|v| (0.01..=1000.0).contains(v))
        .ok_or_else(|| "write a magnification, for example 20; from 0.01 to 1000".into())
}

#[cfg(not(feature = "gui"))]
pub(super) fn run(_: &RenderArgs) -> Result<(), Failure> {
    Err(Failure::Failed(
        "this build draws no pictures by the graphics card; build it with the feature gui".into(),
    ))
}

#[cfg(feature = "gui")]
pub(super) use drawn::run;

#[cfg(feature = "gui")]
mod drawn {
    use super::{Failure, Overlay, RenderArgs, output};
    use crate::cli::study;
    use crate::count::figures;
    use crate::count::window::{TEN_HPF_MM2, max_rectangle_in};
    use crate::model::{Camera, Class, Magnification, Object, Rect, Resolution, SlidePx};
    use crate::render::gpu::Gpu;
    use crate::render::overlay::{OverlayInput, scene};
    use crate::render::view::{Options, SlideView};
    use crate::render::{offscreen, scene::Scene};
    use crate::screening::{fields, ledger, survey};
    use crate::slide::{self, Facts, SlideSource};
    use crate::store::{Access, Database, SlideEntry};
    use std::path::Path;

    /// The window's colour around the slide.
    const GROUND: [u8; 3] = [0x1b, 0x1d, 0x21];

    /// Draws and writes the picture.
    pub(in crate::cli) fn run(args: &RenderArgs) -> Result<(), Failure> {
        let inputs: Vec<&Path> =
            [Some(&args.slide), args.db.as_ref()].into_iter().flatten().map(|p| &**p).collect();
        output::not_an_input(&args.output, &inputs)?;
        let source = slide::open(&args.slide)?;
        let camera = camera(args, source.facts())?;
        let scene = match &args.db {
            Some(db) => overlays(args, db, &*source)?,
            None => Scene::default(),
        };
        let gpu = Gpu::headless()?;
        let mut view = SlideView::new(&gpu, source, Options::default(), Box::new(|| {}));
        let pixels = offscreen::render(&gpu, &mut view, camera, args.size, &scene, GROUND)?;
        output::png(&args.output, &pixels)
    }

    fn camera(args: &RenderArgs, facts: &Facts) -> Result<Camera, Failure> {
        let middle = SlidePx::new(args.center[0], args.center[1]);
        match (facts.resolution, facts.objective) {
            (Some(resolution), _) => Ok(Camera::at(middle, Magnification(args.objective), resolution)),
            (None, Some(scanner)) if scanner > 0.0 => Ok(Camera::new(middle, args.objective / scanner)),
            (None, _) => Err(Failure::Failed(format!(
                "{}: neither its resolution nor its scanner's objective is known, so {}x has no meaning here; \
                 `mitoscope region` takes pixels instead",
                args.slide.display(),
                args.objective
            ))),
        }
    }

    fn overlays(args: &RenderArgs, path: &Path, source: &dyn SlideSource) -> Result<Scene, Failure> {
        let wanted = |overlay| args.overlays.contains(&overlay);
        if wanted(Overlay::Detections) {
            return Err(Failure::Failed(format!(
                "{}: holds no detector's run; leave detections out of --overlays",
                path.display()
            )));
        }
        if wanted(Overlay::Marks) || wanted(Overlay::Count) {
            study::coordinator(path, args.as_coordinator, "render")?;
        }
        let database = Database::open(path, Access::ReadOnly)?;
        let entry = database.slide_named(&source.facts().file_name())?;
        let (objects, classes) = (database.objects(entry.id)?, database.classes()?);
        let resolution = source.facts().resolution.or(entry.resolution);
        let count = if wanted(Overlay::Count) {
            Some(count(path, &objects, &classes, resolution, source.facts().bounds())?)
        } else {
            None
        };
        let done = if wanted(Overlay::Coverage) { coverage(&database, &entry, source)? } else { Vec::new() };
        Ok(scene(&OverlayInput {
            objects: &objects,
            classes: &classes,
            resolution,
            selected: None,
            show_marks: wanted(Overlay::Marks),
            count,
            field: None,
            fields_done: &done,
            dim_outside: false,
            version: 1,
        }))
    }

    fn count(
        path: &Path,
        objects: &[Object],
        classes: &[Class],
        resolution: Option<Resolution>,
        slide: Rect,
    ) -> Result<Rect, Failure> {
        let Some(resolution) = resolution else {
            return Err(Failure::Failed(format!(
                "{}: the slide's resolution is not known, so 2.37 mm2 has no size here; leave count out of --overlays",
                path.display()
            )));
        };
        let (w, h) = resolution.rectangle_px(TEN_HPF_MM2, 4.0 / 3.0);
        Ok(max_rectangle_in(&figures(objects, classes), w, h, slide).rect)
    }

    /// Fields that anybody has looked at in any pass, in the plan that the window makes. What was looked at by another
    /// plan is left out: its numbers mean other fields.
    fn coverage(
        database: &Database,
        entry: &SlideEntry,
        source: &dyn SlideSource,
    ) -> Result<Vec<Rect>, Failure> {
        let mut passes = Vec::new();
        for rater in database.raters()? {
            for pass in database.passes(entry.id, rater.id)? {
                passes.push(database.progress(entry.id, rater.id, pass)?);
            }
        }
        let known = source.facts().resolution.or(entry.resolution);
        let Some(resolution) = known.filter(|_| passes.iter().any(|p| !p.done.is_empty())) else {
            return Ok(Vec::new());
        };
        let plan = survey(source, resolution, fields::Settings::default())?.plan;
        Ok(ledger::seen(&plan, &passes))
    }
}
