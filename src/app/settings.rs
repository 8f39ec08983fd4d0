//! What the window remembers between runs, and where it keeps it.
//!
//! Nothing that a blind task showed belongs here.

use super::theme::Theme;
use crate::model::Camera;
use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How many recent files are kept.
pub const RECENT: usize = 12;
/// How many slides' views are kept.
pub const VIEWS: usize = 200;
/// A settings file larger than this is not ours.
const MAX_BYTES: u64 = 4 << 20;
const FILE: &str = "settings.json";

/// Why settings could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file could not be written.
    #[error("settings could not be saved to {path}: {cause}; check the folder's permissions and free space")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The file is not what this program writes.
    #[error("the settings in {path} could not be read ({why}); defaults are used{}", kept_note(.kept.as_deref()))]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
        /// Where the broken file was moved to.
        kept: Option<PathBuf>,
    },
}

fn kept_note(kept: Option<&Path>) -> String {
    kept.map_or_else(String::new, |kept| format!(" and the old file is kept as {}", kept.display()))
}

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

/// What the writing thread is to do next; only the newest text counts.
#[derive(Default)]
struct Slot {
    text: Option<String>,
    writing: bool,
    closing: bool,
    failed: Option<SettingsError>,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
}

impl Shared {
    /// A panic elsewhere leaves the slot whole: each change to it is one assignment.
    fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, guard: MutexGuard<'a, Slot>) -> MutexGuard<'a, Slot> {
        self.changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Settings and the thread that writes them, so that the window never waits for the disk.
pub struct Store {
    settings: Settings,
    warning: Option<SettingsError>,
    writer: Option<(Arc<Shared>, JoinHandle<()>)>,
}

impl Store {
    /// The user's own settings. Reads the file: call it before the window opens.
    pub fn open() -> Self {
        config_dir().map_or_else(Self::memory, |folder| Self::at(&folder))
    }

    /// Settings kept in `folder`, which is made when something is first saved.
    pub fn at(folder: &Path) -> Self {
        let path = folder.join(FILE);
        let (settings, warning) = match load(&path) {
            Ok(settings) => (settings, None),
            Err(warning) => (Settings::default(), Some(warning)),
        };
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let writer = std::thread::Builder::new()
            .name("settings".to_owned())
            .spawn(move || write_until_closed(&of_thread, &path))
            .map_err(|error| tracing::warn!("settings will not be saved: {error}"))
            .ok()
            .map(|thread| (shared, thread));
        Self { settings, warning, writer }
    }

    /// Settings that are gone at the end of the run.
    pub fn memory() -> Self {
        Self { settings: Settings::default(), warning: None, writer: None }
    }

    /// The settings.
    pub fn get(&self) -> &Settings {
        &self.settings
    }

    /// Changes the settings; what really changed is saved soon, by another thread.
    pub fn change(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut changed = self.settings.clone();
        change(&mut changed);
        let changed = changed.bounded();
        if changed == self.settings {
            return;
        }
        self.settings = changed;
        let Some((shared, _)) = &self.writer else { return };
        match serde_json::to_string_pretty(&self.settings) {
            Ok(text) => {
                shared.lock().text = Some(text);
                shared.changed.notify_all();
            }
            Err(error) => tracing::error!("settings can't be written as JSON: {error}"),
        }
    }

    /// What went wrong since the last call: a broken file at the start, or one that could not be saved.
    pub fn warning(&mut self) -> Option<SettingsError> {
        let of_writer = self.writer.as_ref().and_then(|(shared, _)| shared.lock().failed.take());
        self.warning.take().or(of_writer)
    }

    /// Waits until all changes are on disk. Not for the window's thread.
    pub fn flush(&self) {
        let Some((shared, _)) = &self.writer else { return };
        let mut slot = shared.lock();
        while slot.text.is_some() || slot.writing {
            slot = shared.wait(slot);
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some((shared, thread)) = self.writer.take() {
            shared.lock().closing = true;
            shared.changed.notify_all();
            if thread.join().is_err() {
                tracing::error!("the thread that saves settings ended by a panic");
            }
        }
    }
}

fn write_until_closed(shared: &Shared, path: &Path) {
    let mut slot = shared.lock();
    loop {
        if let Some(text) = slot.text.take() {
            slot.writing = true;
            drop(slot);
            let result = save(path, &text);
            slot = shared.lock();
            slot.writing = false;
            if let Err(cause) = result {
                slot.failed = Some(SettingsError::Write { path: path.to_owned(), cause });
            }
            shared.changed.notify_all();
        } else if slot.closing {
            return;
        } else {
            slot = shared.wait(slot);
        }
    }
}

/// Writes beside the file and renames, so that a crash leaves the old one or the new one, never half of one.
fn save(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".settings-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn load(path: &Path) -> Result<Settings, SettingsError> {
    let why = match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(error) => error.to_string(),
        Ok(meta) if !meta.is_file() => "it is not a file".to_owned(),
        Ok(meta) if meta.len() > MAX_BYTES => "it is larger than 4 MiB".to_owned(),
        Ok(_) => match std::fs::read_to_string(path) {
            Err(error) => error.to_string(),
            Ok(text) => match serde_json::from_str::<Settings>(&text) {
                Ok(settings) => return Ok(settings.bounded()),
                Err(error) => error.to_string(),
            },
        },
    };
    let aside = path.with_file_name("settings.broken.json");
    let kept = std::fs::rename(path, &aside).is_ok().then_some(aside);
    Err(SettingsError::Broken { path: path.to_owned(), why, kept })
}

fn strategy() -> Option<impl AppStrategy> {
    let args = AppStrategyArgs {
        top_level_domain: "org".to_owned(),
        author: "Mitoscope".to_owned(),
        app_name: "Mitoscope".to_owned(),
    };
    choose_native_strategy(args).map_err(|error| tracing::warn!("no home folder: {error}")).ok()
}

/// Where settings live: `~/.config/mitoscope` on Linux; `None` without a home folder.
pub fn config_dir() -> Option<PathBuf> {
    // On macOS "Preferences" is for property lists that the system manages.
    strategy().map(|s| if cfg!(target_os = "macos") { s.data_dir() } else { s.config_dir() })
}

/// Where logs and crash reports go: `~/.local/state/mitoscope` on Linux; `None` without a home folder.
pub fn state_dir() -> Option<PathBuf> {
    strategy().map(|s| s.state_dir().unwrap_or_else(|| s.data_dir().join("state")))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
