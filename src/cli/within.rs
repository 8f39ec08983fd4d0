//! What a verb takes from a document and from the command line alike: regions, resolutions, amounts.

use super::Failure;
use crate::model::{Class, Resolution, Role, Shape};
use crate::slide::{self, SlideSource};
use crate::store::{Database, SlideEntry};
use std::path::PathBuf;
use std::sync::Arc;

/// The outlines on a slide that `--within WHAT` means: `tumor` or `tumour` the regions of that role, `polygon` all
/// polygons, else the class of that name or uid.
pub(super) fn regions(database: &Database, slide: &SlideEntry, what: &str) -> Result<Vec<Shape>, Failure> {
    let any = what == "polygon";
    let classes = if any {
        Vec::new()
    } else if matches!(what, "tumor" | "tumour") {
        database.classes_of_role(Role::TumourRegion)?.into_iter().map(|c| c.id).collect()
    } else {
        vec![database.class_of(what)?]
    };
    let mut found = database.objects(slide.id)?;
    found.retain(|o| !o.deleted && (any || classes.contains(&o.agreed)));
    let found: Vec<Shape> = found
        .into_iter()
        .map(|o| o.shape)
        .filter(|s| match s {
            Shape::Polygon(_) => true,
            Shape::Rectangle(_) | Shape::Circle { .. } => !any,
            _ => false,
        })
        .collect();
    if found.is_empty() {
        return Err(Failure::Failed(format!(
            "{}: {} has no region \"{what}\"; outline one first, or leave out --within",
            database.path().display(),
            slide.filename
        )));
    }
    Ok(found)
}

/// The class that was asked for, or all with the role of mitotic figures.
pub(super) fn counted_classes(database: &Database, wanted: Option<&str>) -> Result<Vec<Class>, Failure> {
    let all = database.classes()?;
    if let Some(wanted) = wanted {
        let id = database.class_of(wanted)?;
        return Ok(all.into_iter().filter(|c| c.id == id).collect());
    }
    let found = database.classes_of_role(Role::MitoticFigure)?;
    if found.is_empty() {
        let there = if all.is_empty() { "none".to_owned() } else { listed(&all) };
        return Err(Failure::Failed(format!(
            "{}: has no class of mitotic figures; say which one counts with --class, it has {there}",
            database.path().display()
        )));
    }
    Ok(found)
}

/// Does it name regions by what they are, and not by their class?
pub(super) fn is_a_word_for_regions(what: &str) -> bool {
    matches!(what, "polygon" | "tumor" | "tumour")
}

/// The slide's file, where the document says or beside it. `None` where it is not there or can't be read: much can be
/// told without it.
pub(super) fn slide_file(database: &Database, entry: &SlideEntry) -> Option<Arc<dyn SlideSource>> {
    let beside = database.path().parent().map(|folder| folder.join(&entry.filename));
    let places = [Some(PathBuf::from(&entry.directory).join(&entry.filename)), beside];
    places.into_iter().flatten().filter(|p| p.is_file()).find_map(|p| slide::open(&p).ok())
}

/// What the words of an option name: each word as a whole if something has that name, commas and all, else its parts.
pub(super) fn each_named<T>(
    words: &[String],
    find: impl Fn(&str) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let mut found = Vec::new();
    for word in words {
        match find(word) {
            Ok(one) => found.push(one),
            Err(e) if !word.contains(',') => return Err(e),
            Err(_) => {
                for part in word.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                    found.push(find(part)?);
                }
            }
        }
    }
    Ok(found)
}

/// `"name" (uid), …`
pub(super) fn listed(classes: &[Class]) -> String {
    classes.iter().map(|c| format!("\"{}\" ({})", c.name, c.id.0)).collect::<Vec<_>>().join(", ")
}

/// Reads micrometres per pixel.
pub(super) fn mpp(text: &str) -> Result<Resolution, String> {
    let value = text.trim().parse().ok();
    value
        .and_then(|v| Resolution::new(v, v))
        .ok_or_else(|| "write micrometres per pixel, above 0 and up to 100, for example 0.25".into())
}

/// Reads an amount above 0 and up to a million.
pub(super) fn amount(text: &str) -> Result<f64, String> {
    let value = text.trim().parse().ok();
    value
        .filter(|v| *v >= 1e-6 && *v <= 1e6)
        .ok_or_else(|| "write a number above 0 and up to 1000000, for example 2.37".into())
}

/// Reads `W:H` or one number, as width divided by height.
pub(super) fn ratio(text: &str) -> Result<f64, String> {
    let part = |s: &str| s.trim().parse::<f64>().ok().filter(|v| *v > 0.0 && *v <= 1e6);
    let (w, h) = text.split_once(':').unwrap_or((text, "1"));
    part(w)
        .zip(part(h))
        .map(|(w, h)| w / h)
        .ok_or_else(|| "write width and height as W:H, both above 0, for example 4:3".into())
}
