//! What the window has done elsewhere: slides opened, overviews read, tissue found, figures counted.

use super::modes::count;
use super::modes::study::Told;
use super::worker::{Outbox, Worker};
use crate::model::Resolution;
use crate::screening;
use crate::screening::fields::{self, Plan};
use crate::slide::overview::overview;
use crate::slide::synthetic::{self, Recipe};
use crate::slide::{self, Pixels, SlideSource};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longer side of the picture in the minimap and the slide list, in pixels.
const THUMBNAIL: u32 = 512;
/// Longer side of a label image on the screen, in pixels.
const LABEL_SIDE: u32 = 2048;

/// What came of a job.
pub enum Done {
    /// A slide is open.
    Opened {
        /// What it was asked for by: another wish may have come since.
        ticket: u64,
        /// The slide.
        source: Arc<dyn SlideSource>,
    },
    /// A slide could not be opened; the sentence names the file.
    NotOpened {
        /// What it was asked for by.
        ticket: u64,
        /// The file, or the name that was looked for.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A slide's small picture.
    Thumbnail {
        /// The slide.
        path: PathBuf,
        /// The picture.
        pixels: Pixels,
    },
    /// A slide's tissue and fields.
    Surveyed {
        /// The slide.
        path: PathBuf,
        /// The plan with each field's own tissue in mm2, or why there is none.
        survey: Result<(Arc<Plan>, Arc<Vec<f64>>), String>,
    },
    /// The count.
    Counted(count::Answer),
    /// A slide's label image.
    LabelImage {
        /// The slide.
        path: PathBuf,
        /// The picture, or why there is none.
        pixels: Result<Pixels, String>,
    },
    /// Is there a file at the place for a new document?
    DocumentPlace {
        /// The place.
        path: PathBuf,
        /// Is there one?
        exists: bool,
    },
    /// The demo slide is being made.
    DemoProgress {
        /// Tiles made.
        done: u64,
        /// Tiles in all.
        total: u64,
    },
    /// Something of a study.
    Study(Box<Told>),
    /// A job ended in a fault of the program.
    Fault,
    /// The demo slide is there, or why not.
    Demo(Result<PathBuf, String>),
}

/// The window's worker.
pub type Jobs = Worker<Done>;

/// Opens the first of `places` that is a slide; `name` is what the message names if there is none.
pub fn open(jobs: &Jobs, ticket: u64, places: Vec<PathBuf>) {
    jobs.run(move |out| {
        let found = places.iter().find(|p| p.is_file()).or_else(|| places.first());
        let Some(path) = found else { return };
        match slide::open(path) {
            Ok(source) => out.put(Done::Opened { ticket, source }),
            Err(e) => out.put(Done::NotOpened { ticket, path: path.clone(), why: e.to_string() }),
        }
    });
}

/// Reads the small picture of an open slide.
pub fn thumbnail(jobs: &Jobs, source: &Arc<dyn SlideSource>) {
    let source = Arc::clone(source);
    jobs.run(move |out| picture(out, &*source));
}

/// Reads the small picture of a slide in the list.
pub fn thumbnail_of(jobs: &Jobs, path: PathBuf) {
    jobs.run(move |out| match slide::open(&path) {
        Ok(source) => picture(out, &*source),
        Err(e) => tracing::info!("no thumbnail: {e}"),
    });
}

fn picture(out: &Outbox<Done>, source: &dyn SlideSource) {
    let path = source.facts().path.clone();
    match overview(source, None, THUMBNAIL) {
        Ok(pixels) => out.put(Done::Thumbnail { path, pixels }),
        Err(e) => tracing::warn!("no thumbnail: {e}"),
    }
}

/// Finds tissue and lays fields.
pub fn survey(jobs: &Jobs, source: &Arc<dyn SlideSource>, resolution: Resolution) {
    let source = Arc::clone(source);
    jobs.run(move |out| {
        let survey = screening::survey(&*source, resolution, fields::Settings::default()).map(|survey| {
            let shares = fields::shares(&survey.plan, &survey.mask, resolution);
            // Overview and mask may take 80 MB; nobody looks at them again.
            (Arc::new(survey.plan), Arc::new(shares))
        });
        let path = source.facts().path.clone();
        out.put(Done::Surveyed { path, survey: survey.map_err(|e| e.to_string()) });
    });
}

/// Counts.
pub fn count(jobs: &Jobs, question: count::Question) {
    jobs.run(move |out| out.put(Done::Counted(question.answer())));
}

/// Reads the label image.
pub fn label_image(jobs: &Jobs, source: &Arc<dyn SlideSource>) {
    let source = Arc::clone(source);
    jobs.run(move |out| {
        let pixels = source.associated("label").map_err(|e| e.to_string()).and_then(|p| {
            if p.width.max(p.height) <= LABEL_SIDE {
                Ok(p)
            } else {
                Err(format!("its label image has {} x {} pixels, which is no label", p.width, p.height))
            }
        });
        out.put(Done::LabelImage { path: source.facts().path.clone(), pixels });
    });
}

/// Looks whether a file is there already.
pub fn look(jobs: &Jobs, path: PathBuf) {
    jobs.run(move |out| {
        let exists = path.symlink_metadata().is_ok();
        out.put(Done::DocumentPlace { path, exists });
    });
}

/// Takes something apart elsewhere whose end may take time, such as the loader of a slide that was left.
pub fn retire(jobs: &Jobs, what: impl Send + 'static) {
    jobs.run(move |_| drop(what));
}

/// The demo slide: 3 by 2.25 mm of artificial tissue, with glands, nests, fat, necrosis and a fold.
pub const DEMO: Recipe = Recipe { width: 12_000, height: 9_000, seed: 6, sparse: false };

/// Makes the demo slide in `folder`, unless it is there.
pub fn demo(jobs: &Jobs, folder: PathBuf) {
    jobs.run(move |out| {
        let made = make_demo(&folder, &DEMO, &mut |done, total| {
            out.put(Done::DemoProgress { done, total });
            !out.stopped()
        });
        out.put(Done::Demo(made));
    });
}

/// Makes an artificial slide in `folder`, unless it is there; its path.
///
/// # Errors
/// One sentence.
pub fn make_demo(
    folder: &Path,
    recipe: &Recipe,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<PathBuf, String> {
    // Another recipe takes another seed, so that the name tells which slide it is.
    let path = folder.join(format!("demo-{}.svs", recipe.seed));
    if !path.is_file() {
        std::fs::create_dir_all(folder).map_err(|e| {
            format!("{}: can't be made ({e}); check the folder's permissions", folder.display())
        })?;
        synthetic::write(&path, recipe, progress).map_err(|e| e.to_string())?;
    }
    Ok(path)
}
