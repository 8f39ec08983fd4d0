//! Settings on disk.

use super::Settings;
use etcetera::app_strategy::{AppStrategy, AppStrategyArgs, choose_native_strategy};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// A settings file larger than this is not ours.
const MAX_BYTES: u64 = 4 << 20;
pub(super) const FILE: &str = "settings.json";

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
    std::fs::create_dir_all(crate::files::folder_of(path))?;
    let mut file = crate::files::beside(path)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

pub(super) fn load(path: &Path) -> Result<Settings, SettingsError> {
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
