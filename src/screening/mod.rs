//! Nothing left out: which tissue there is, in which fields it is looked at, what was looked at.

pub mod fields;
pub mod ledger;
mod pieces;
#[cfg(test)]
mod plan_tests;
mod route;
mod rows;
mod texture;
pub mod tissue;

use crate::model::{Resolution, SlidePx};
use crate::slide::overview::overview;
use crate::slide::{Pixels, SlideError, SlideSource};
use fields::{Plan, Settings};
use tissue::Mask;

/// Micrometres per pixel, and longest side in pixels, of the overview that tissue is looked for on.
const OVERVIEW_UM: f64 = 8.0;
const OVERVIEW_SIDE: u32 = 4096;
/// A plan for people has no more fields.
const MOST_FIELDS: f64 = 100_000.0;

/// Overview, tissue and plan of one slide.
#[derive(Debug, Clone)]
pub struct Survey {
    /// The whole slide at 8 um per pixel, coarser where that makes more than 4096 pixels.
    pub overview: Pixels,
    /// Its tissue.
    pub mask: Mask,
    /// Its fields.
    pub plan: Plan,
}

/// Looks at a slide and plans its fields. The same slide and settings give the same everywhere.
///
/// # Errors
/// When the slide can't be read, or settings make no sense ([`Settings::check`] says which).
pub fn survey(
    source: &dyn SlideSource,
    resolution: Resolution,
    settings: Settings,
) -> Result<Survey, SlideError> {
    survey_within(source, resolution, settings, &|_| true)
}

/// As [`survey`], with tissue alone for whose place `inside` says yes.
///
/// # Errors
/// As [`survey`].
pub fn survey_within(
    source: &dyn SlideSource,
    resolution: Resolution,
    settings: Settings,
    inside: &dyn Fn(SlidePx) -> bool,
) -> Result<Survey, SlideError> {
    let facts = source.facts();
    settings.check().map_err(|why| SlideError::Request { path: facts.path.clone(), why })?;
    let size = (facts.width, facts.height);
    let overview = if facts.resolution == Some(resolution) {
        overview(source, Some(OVERVIEW_UM), OVERVIEW_SIDE)?
    } else {
        // The resolution comes from elsewhere: the reader does not know how large 8 um are.
        let side = f64::from(size.0.max(size.1)) * resolution.mean() / OVERVIEW_UM;
        overview(source, None, (side.ceil() as u32).clamp(1, OVERVIEW_SIDE))?
    };
    let mut mask = tissue::detect(&overview, size);
    mask.restrict(inside);
    let (field, tissue) = (settings.field_mm2 * (1.0 - settings.overlap).powi(2), mask.mm2(resolution));
    if tissue / field > MOST_FIELDS {
        return Err(SlideError::Request {
            path: facts.path.clone(),
            why: format!(
                "{tissue:.1} mm2 of tissue make more than {MOST_FIELDS} such fields; take larger ones"
            ),
        });
    }
    let plan = fields::plan(&mask, size, resolution, settings);
    Ok(Survey { overview, mask, plan })
}
