//! `count`.

use super::{Failure, output, within};
use crate::count::circle::top_circles;
use crate::count::interval::poisson;
use crate::count::map32::map32;
use crate::count::points;
use crate::count::window::{HPF_MM2, Maximum, top_rectangles};
use crate::model::{ClassId, Rect, Resolution, SlidePx};
use crate::store::{Access, Database};
use clap::{ArgGroup, Args, ValueEnum};
use serde::Serialize;
use serde_json::json;
use std::f64::consts::PI;
use std::path::{Path, PathBuf};

/// The window's shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A rectangle of 4:3.
    #[value(name = "4:3")]
    FourToThree,
    /// A square.
    Square,
    /// A circle, closed.
    Circle,
}

/// How a rectangle lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Orientation {
    /// The long side across, as published.
    Lie,
    /// Whichever way holds more; lying where both hold the same.
    Any,
    /// The long side up.
    Portrait,
}

/// How the maximum is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    /// Over all positions.
    Exact,
    /// The published way, on a map of 32 px cells.
    Map32,
}

/// The mitotic count: the window of ten high power fields (2.37 mm2) that holds the most mitotic figures, wherever it
/// lies on the slide.
///
/// Places are level-0 pixels: x and y of a rectangle's upper-left corner, of a circle's centre. The interval is the
/// exact 95 % interval of the count. It informs, it does not diagnose.
#[derive(Args)]
#[command(
    after_help = "Example: mitoscope count study.sqlite --slide case-07.svs --json\nExample: mitoscope count --points figures.csv --size 60000x45000 --mpp 0.25 --hpf 10"
)]
#[command(group(ArgGroup::new("from").required(true).args(["db", "points"])))]
pub(super) struct CountArgs {
    /// The document.
    #[arg(requires = "slide")]
    db: Option<PathBuf>,
    /// The slide, by the name that the document has for it.
    #[arg(long, value_name = "NAME", conflicts_with = "points")]
    slide: Option<String>,
    /// Points in place of a document: a CSV file with columns x and y.
    #[arg(long, value_name = "FILE.csv")]
    points: Option<PathBuf>,
    /// Width and height of the slide that the points lie on.
    #[arg(long, value_name = "WxH", requires = "points", value_parser = size)]
    size: Option<(u32, u32)>,
    /// Micrometres per pixel where neither the slide nor the document says them.
    #[arg(long, value_name = "UM", value_parser = within::mpp)]
    mpp: Option<Resolution>,
    /// Whose opinion counts: agreed, or rater:NAME.
    #[arg(long, value_name = "SOURCE", default_value = "agreed", conflicts_with = "points")]
    source: String,
    /// The class to count, by name or uid; by default every class with the role of mitotic figures.
    #[arg(long, value_name = "NAME|UID", conflicts_with = "points")]
    class: Option<String>,
    /// Area of the window in high power fields of 0.237 mm2.
    #[arg(long, value_name = "N", default_value = "10", value_parser = within::amount)]
    hpf: f64,
    /// Area of the window in mm2.
    #[arg(long, value_name = "MM2", conflicts_with = "hpf", value_parser = within::amount)]
    area_mm2: Option<f64>,
    /// The window's shape.
    #[arg(long, value_enum, default_value = "4:3")]
    shape: Form,
    /// How a rectangle lies.
    #[arg(long, value_enum, default_value = "lie")]
    orientation: Orientation,
    /// Figures within these outlines alone: tumor, polygon (all polygons), or a class by name or uid.
    #[arg(long, value_name = "WHAT", conflicts_with = "points")]
    within: Option<String>,
    /// How the maximum is found.
    #[arg(long, value_enum, default_value = "exact")]
    method: Method,
    /// The best window, the best beside it, and so on: this many.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1000))]
    top: u16,
    /// Goes on though a blind task is open in the document, which is kept in its journal.
    #[arg(long, conflicts_with = "points")]
    as_coordinator: bool,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let part = |s: &str| s.trim().parse::<u32>().ok().filter(|v| (1..=10_000_000).contains(v));
    text.split_once(['x', 'X', '×'])
        .and_then(|(w, h)| Some((part(w)?, part(h)?)))
        .ok_or_else(|| "write a slide's size as WxH, for example 60000x45000; each 1 to 10000000".into())
}

/// What is counted, on what.
struct Figures {
    points: Vec<SlidePx>,
    resolution: Option<Resolution>,
    slide: Option<Rect>,
    /// In words.
    source: String,
    file: PathBuf,
}

/// A window with its figures. A circle has `r` in place of `w` and `h`.
#[derive(Serialize)]
struct Window {
    count: u32,
    x: f64,
    y: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    w: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    h: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r: Option<f64>,
}

impl From<Maximum> for Window {
    fn from(m: Maximum) -> Self {
        let Rect { x, y, w, h } = m.rect;
        Self { count: m.count, x, y, w: Some(w), h: Some(h), r: None }
    }
}

pub(super) fn run(args: &CountArgs) -> Result<(), Failure> {
    let figures = match (&args.db, &args.points) {
        (Some(db), _) => of_document(args, db)?,
        (None, Some(file)) => of_points(args, file)?,
        (None, None) => return Err(Failure::Usage("give a document or --points".into())),
    };
    let Some(resolution) = figures.resolution else {
        return Err(Failure::Failed(format!(
            "{}: the slide's resolution is not known, so an area in mm2 has no size here; give micrometres per pixel \
             with --mpp",
            figures.file.display()
        )));
    };
    let wanted = args.area_mm2.unwrap_or(args.hpf * HPF_MM2);
    let windows = windows(args, &figures, resolution, wanted)?;
    let area = match &windows[0] {
        Window { w: Some(w), h: Some(h), .. } if args.method == Method::Map32 => {
            w * h * resolution.pixel_mm2()
        }
        _ => wanted,
    };
    answer(args, &figures, &windows, area)
}

fn of_points(args: &CountArgs, file: &Path) -> Result<Figures, Failure> {
    Ok(Figures {
        points: points::read(file)?,
        resolution: args.mpp,
        slide: args.size.map(|(w, h)| Rect::new(0.0, 0.0, w.into(), h.into())),
        source: format!("points:{}", file.display()),
        file: file.to_owned(),
    })
}

fn of_document(args: &CountArgs, db: &Path) -> Result<Figures, Failure> {
    super::study::coordinator(db, args.as_coordinator, "count")?;
    let database = Database::open(db, Access::ReadOnly)?;
    let entry = database.slide_named(args.slide.as_deref().unwrap_or_default())?;
    let classes = within::counted_classes(&database, args.class.as_deref())?;
    let ids: Vec<ClassId> = classes.iter().map(|c| c.id).collect();
    let mut points = match args.source.split_once(':') {
        None if args.source == "agreed" => database.figures(entry.id, &ids)?,
        Some(("rater", name)) => {
            let rater = database.rater_named(name)?;
            database.figures_by(entry.id, rater.id, &ids)?
        }
        Some(("detections", run)) => {
            return Err(Failure::Failed(format!(
                "{}: holds no detector's run \"{run}\"; choose --source agreed or rater:NAME",
                db.display()
            )));
        }
        _ => {
            return Err(Failure::Usage(format!(
                "\"{}\" is no source; write agreed or rater:NAME",
                args.source
            )));
        }
    };
    let mut source = format!("{} of {}", args.source, within::listed(&classes));
    if let Some(what) = &args.within {
        let regions = within::regions(&database, &entry, what)?;
        points.retain(|p| regions.iter().any(|r| r.holds(*p)));
        source = format!("{source} within {what}");
    }
    let file = within::slide_file(&database, &entry);
    let facts = file.as_ref().map(|f| f.facts());
    let known = facts.and_then(|f| f.resolution).or(entry.resolution).or(args.mpp);
    let size = facts.map(|f| (f.width, f.height)).or(entry.size);
    Ok(Figures {
        points,
        resolution: known,
        slide: size.map(|(w, h)| Rect::new(0.0, 0.0, w.into(), h.into())),
        source,
        file: db.to_owned(),
    })
}

/// The windows that were asked for, the best one first; one empty window where there are no figures.
fn windows(
    args: &CountArgs,
    figures: &Figures,
    resolution: Resolution,
    mm2: f64,
) -> Result<Vec<Window>, Failure> {
    let most = usize::from(args.top);
    if args.shape == Form::Circle {
        if args.method == Method::Map32 {
            return Err(Failure::Usage("--method map32 has rectangles alone; choose another --shape".into()));
        }
        return Ok(circles(figures, resolution, mm2, most));
    }
    let ratio = if args.shape == Form::Square { 1.0 } else { 4.0 / 3.0 };
    let sides = |lies: bool| resolution.rectangle_px(mm2, if lies { ratio } else { 1.0 / ratio });
    let best = |lies: bool| {
        let (w, h) = sides(lies);
        let found: Vec<Maximum> = match args.method {
            Method::Exact => top_rectangles(&figures.points, w, h, figures.slide, most),
            Method::Map32 => vec![map32(&figures.points, w, h)],
        };
        if found.is_empty() { vec![Maximum { count: 0, rect: Rect::new(0.0, 0.0, w, h) }] } else { found }
    };
    if args.method == Method::Map32 && most > 1 {
        return Err(Failure::Usage("--method map32 finds one window; leave out --top".into()));
    }
    let found = match args.orientation {
        Orientation::Lie => best(true),
        Orientation::Portrait => best(false),
        Orientation::Any => {
            let (lying, upright) = (best(true), best(false));
            if upright[0].count > lying[0].count { upright } else { lying }
        }
    };
    Ok(found.into_iter().map(Window::from).collect())
}

fn circles(figures: &Figures, resolution: Resolution, mm2: f64, most: usize) -> Vec<Window> {
    // In a picture of one resolution a circle is round: rows are spread to the columns' one.
    let spread = resolution.y / resolution.x;
    let radius = (mm2 / PI).sqrt() * 1000.0 / resolution.x;
    let points: Vec<SlidePx> = figures.points.iter().map(|p| SlidePx::new(p.x, p.y * spread)).collect();
    let slide = figures.slide.map(|s| Rect { h: s.h * spread, ..s });
    let mut found: Vec<Window> = top_circles(&points, radius, slide, most)
        .into_iter()
        .map(|m| Window {
            count: m.count,
            x: m.center.x,
            y: m.center.y / spread,
            w: None,
            h: None,
            r: Some(radius),
        })
        .collect();
    if found.is_empty() {
        found.push(Window { count: 0, x: 0.0, y: 0.0, w: None, h: None, r: Some(radius) });
    }
    found
}

fn answer(args: &CountArgs, figures: &Figures, windows: &[Window], area: f64) -> Result<(), Failure> {
    let first = &windows[0];
    let (low, high) = poisson(first.count);
    if args.json {
        let mut value = json!({
            "area_mm2": area,
            "per_mm2": f64::from(first.count) / area,
            "poisson_ci": [low, high],
            "method": args.method,
            "source": figures.source,
            "n_points": figures.points.len(),
        });
        for (key, part) in serde_json::to_value(first)?.as_object().into_iter().flatten() {
            value[key] = part.clone();
        }
        if args.top > 1 {
            value["windows"] = serde_json::to_value(windows)?;
        }
        return output::json(&value);
    }
    output::line(&format!(
        "{} mitotic figures in {area:.4} mm2 ({:.3} per mm2), 95 % interval {low:.2} to {high:.2}",
        first.count,
        f64::from(first.count) / area
    ))?;
    output::line(&format!("source      {}, {} figures in all", figures.source, figures.points.len()))?;
    output::line(&format!(
        "method      {}",
        match args.method {
            Method::Exact => "exact, over all positions",
            Method::Map32 => "map32, as published: cells of 32 px, so the window is a little smaller",
        }
    ))?;
    windows.iter().try_for_each(|w| {
        let sides = match (w.w, w.h, w.r) {
            (Some(wide), Some(high), _) => format!("{wide:.1} x {high:.1} px"),
            (_, _, Some(r)) => format!("circle of radius {r:.1} px"),
            _ => String::new(),
        };
        output::line(&format!("window      {:5} at {:.1},{:.1}, {sides}", w.count, w.x, w.y))
    })
}
