//! The slide on the screen.

use super::modes::screening::Screening;
use super::motion::Motion;
use crate::model::{Camera, Resolution};
use crate::render::gpu::Gpu;
use crate::render::view::{FrameReport, Options, SlideView};
use crate::slide::{Facts, SlideSource};
use eframe::egui::TextureHandle;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tissue and fields of a slide.
pub enum Tissue {
    /// Nobody has asked.
    Unknown,
    /// Being found.
    Searching,
    /// Found: the fields are in the screening pass.
    Found,
    /// Could not be found, and why.
    Failed(String),
}

/// The label image of a slide, which may name the patient.
pub enum LabelImage {
    /// Not asked for.
    Hidden,
    /// Being read.
    Reading,
    /// On the screen.
    Shown(TextureHandle),
}

/// The slide on the screen.
pub struct Opened {
    /// The slide.
    pub source: Arc<dyn SlideSource>,
    view: Arc<Mutex<SlideView>>,
    /// Where the view is.
    pub motion: Motion,
    /// Where to go once the size of the view is known; the whole slide when `None`.
    pub start: Option<Camera>,
    /// Was it on the screen yet?
    pub placed: bool,
    /// Its small picture.
    pub thumbnail: Option<TextureHandle>,
    /// Its tissue.
    pub tissue: Tissue,
    /// The screening pass.
    pub screening: Option<Screening>,
    /// Its label image.
    pub label_image: LabelImage,
    /// What the last frame did.
    pub report: FrameReport,
}

impl Opened {
    /// Starts the loader; `wake` asks for a frame.
    pub fn new(
        gpu: &Gpu,
        source: Arc<dyn SlideSource>,
        options: Options,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let view = SlideView::new(gpu, Arc::clone(&source), options, wake);
        let motion = Motion::new(Camera::fit(source.facts().bounds(), [800.0, 600.0], 1.05));
        Self {
            source,
            view: Arc::new(Mutex::new(view)),
            motion,
            start: None,
            placed: false,
            thumbnail: None,
            tissue: Tissue::Unknown,
            screening: None,
            label_image: LabelImage::Hidden,
            report: FrameReport::default(),
        }
    }

    /// What the slide says of itself.
    pub fn facts(&self) -> &Facts {
        self.source.facts()
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.facts().path
    }

    /// Micrometres per pixel.
    pub fn resolution(&self) -> Option<Resolution> {
        self.facts().resolution
    }

    /// The view, for this thread alone: the paint callback runs after the frame was prepared.
    pub fn view(&self) -> MutexGuard<'_, SlideView> {
        lock(&self.view)
    }

    /// The view, for the paint callback.
    pub fn shared_view(&self) -> Arc<Mutex<SlideView>> {
        Arc::clone(&self.view)
    }

    /// Has it a label image?
    pub fn has_label(&self) -> bool {
        self.facts().associated.iter().any(|name| name == "label")
    }
}

/// Locks a view. A panic while it was held leaves buffers of the last frame, which can still be drawn.
pub fn lock(view: &Mutex<SlideView>) -> MutexGuard<'_, SlideView> {
    view.lock().unwrap_or_else(PoisonError::into_inner)
}
