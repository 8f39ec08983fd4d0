//! What the window remembers between runs, and where it keeps it.
//!
//! Nothing that a blind task showed belongs here.

use crate::app::theme::Theme;
use crate::model::Camera;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

mod store;

pub use store::{SettingsError, Store, config_dir};

/// How many recent files are kept.
pub const RECENT: usize = 12;
/// How many slides' views are kept.
pub const VIEWS: usize = 200;

/// Millimetres that a point takes until the screen is measured: 96 points to the inch.
pub const MM_PER_POINT: f64 = 25.4 / 96.0;

/// The view of one slide when it was last left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedView {
    /// What names the slide: its path, or an identity that survives a move.
    pub slide: String,
    /// Where the view was.
    pub camera: Camera,
}

/// Everything remembered. Fields that an older file lacks get their defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The look.
    pub theme: Theme,
    /// Size of the window's inside in points.
    pub window: [f32; 2],
    /// Was the window maximised?
    pub maximised: bool,
    /// Is the slide list folded away?
    pub left_folded: bool,
    /// Is the inspector folded away?
    pub right_folded: bool,
    /// Width of the slide list in points.
    pub left_width: f32,
    /// Width of the inspector in points.
    pub right_width: f32,
    /// Name of the mode that was last open.
    pub mode: String,
    /// Are fades and glides off?
    pub reduced_motion: bool,
    /// Is the palette the one safe for colour blindness?
    pub colour_blind: bool,
    /// Is what lies outside the field dimmed while screening?
    pub dim_outside: bool,
    /// Is the minimap shown over the slide?
    pub minimap: bool,
    /// Name of the rater to start with.
    pub rater: String,
    /// Decoded tiles kept in memory, in MiB.
    pub memory_mib: u32,
    /// Tiles kept on the graphics card, in MiB.
    pub gpu_mib: u32,
    /// Most that is uploaded in one frame, in MiB.
    pub upload_mib: u32,
    /// Millimetres of the screen that a point takes; measured with a bank card.
    pub mm_per_point: f64,
    /// The key that ballots are signed with, where it is not the one in the user's own folder.
    pub signing_key: Option<PathBuf>,
    /// Slides opened last, the newest first.
    pub recent_slides: Vec<PathBuf>,
    /// Documents opened last, the newest first.
    pub recent_documents: Vec<PathBuf>,
    /// Where each slide was left, the newest first.
    pub views: Vec<SavedView>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::Dark,
            window: [1280.0, 800.0],
            maximised: false,
            left_folded: false,
            right_folded: false,
            left_width: 200.0,
            right_width: 260.0,
            mode: "View".to_owned(),
            reduced_motion: false,
            colour_blind: false,
            dim_outside: true,
            minimap: true,
            rater: String::new(),
            memory_mib: 512,
            gpu_mib: 256,
            upload_mib: 8,
            mm_per_point: MM_PER_POINT,
            signing_key: None,
            recent_slides: Vec::new(),
            recent_documents: Vec::new(),
            views: Vec::new(),
        }
    }
}

fn remember(list: &mut Vec<PathBuf>, path: PathBuf) {
    list.retain(|known| *known != path);
    list.insert(0, path);
    list.truncate(RECENT);
}

impl Settings {
    /// Puts a slide at the head of the recent ones.
    pub fn opened_slide(&mut self, path: PathBuf) {
        remember(&mut self.recent_slides, path);
    }

    /// Puts a document at the head of the recent ones.
    pub fn opened_document(&mut self, path: PathBuf) {
        remember(&mut self.recent_documents, path);
    }

    /// Drops a file that is gone from both lists.
    pub fn forget(&mut self, path: &Path) {
        self.recent_slides.retain(|known| known != path);
        self.recent_documents.retain(|known| known != path);
    }

    /// Keeps where a slide was left; the view that was left longest ago makes room.
    pub fn left_view(&mut self, slide: &str, camera: Camera) {
        self.views.retain(|view| view.slide != slide);
        self.views.insert(0, SavedView { slide: slide.to_owned(), camera });
        self.views.truncate(VIEWS);
    }

    /// Where a slide was left.
    pub fn view_of(&self, slide: &str) -> Option<Camera> {
        self.views.iter().find(|view| view.slide == slide).map(|view| view.camera)
    }

    /// The same with every value in its bounds: a file may say anything.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let within = |value: f32, low: f32, high: f32, default: f32| {
            if value.is_finite() { value.clamp(low, high) } else { default }
        };
        self.window =
            [within(self.window[0], 640.0, 16_384.0, 1280.0), within(self.window[1], 480.0, 16_384.0, 800.0)];
        self.left_width = within(self.left_width, 120.0, 600.0, 200.0);
        self.right_width = within(self.right_width, 160.0, 600.0, 260.0);
        self.memory_mib = self.memory_mib.clamp(64, 65_536);
        self.gpu_mib = self.gpu_mib.clamp(64, 16_384);
        self.upload_mib = self.upload_mib.clamp(1, 256);
        let measured = Some(self.mm_per_point).filter(|mm| mm.is_finite());
        self.mm_per_point = measured.unwrap_or(MM_PER_POINT).clamp(0.05, 1.0);
        self.recent_slides.truncate(RECENT);
        self.recent_documents.truncate(RECENT);
        self.views.retain(|view| {
            let Camera { center, zoom, angle } = view.camera;
            [center.x, center.y, zoom, angle].iter().all(|v| v.is_finite()) && zoom > 0.0
        });
        self.views.truncate(VIEWS);
        self
    }
}

#[cfg(test)]
mod tests;
