//! Native file dialogs that never hold up the window, and a typed path where there are none.

use crossbeam_channel::{Receiver, TryRecvError, bounded};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

mod path_prompt;

pub use path_prompt::{PathPrompt, expand_home};

/// What is to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// One slide or several.
    Slides,
    /// A document to open.
    Database,
    /// Where a new document goes, with a name to start from.
    SaveDatabase(String),
    /// Where a new kit goes, with a name to start from.
    SaveKit(String),
    /// A kit to open.
    Kit,
    /// A kit that came back.
    MergeKit,
    /// A folder.
    Folder,
}

impl Request {
    /// What the dialog is called.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Slides => "Open slide",
            Self::Database => "Open document",
            Self::Kit => "Open kit",
            Self::SaveDatabase(_) => "Create document",
            Self::SaveKit(_) => "Make a kit",
            Self::MergeKit => "Merge a kit",
            Self::Folder => "Choose folder",
        }
    }

    /// The word on the button that does it.
    pub const fn verb(&self) -> &'static str {
        match self {
            Self::Slides | Self::Database | Self::Kit => "Open",
            Self::SaveDatabase(_) => "Create",
            Self::SaveKit(_) => "Make",
            Self::MergeKit => "Merge",
            Self::Folder => "Choose",
        }
    }
}

/// How a dialog ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// These paths; at least one.
    Chosen(Vec<PathBuf>),
    /// Nothing.
    Cancelled,
    /// This desktop has no dialog to show: ask for a typed path with [`PathPrompt`].
    Unavailable,
}

/// Asks for files. Start with [`Dialogs::start`], look with [`Dialogs::poll`] in each frame.
pub trait Dialogs: Send {
    /// Shows a dialog; `false` when one is open already.
    fn start(&mut self, request: Request) -> bool;

    /// How the dialog ended, once, and what it was asked for.
    fn poll(&mut self) -> Option<(Request, Answer)>;

    /// Is a dialog open?
    fn is_open(&self) -> bool;

    /// Asks for slides.
    fn pick_slides(&mut self) -> bool {
        self.start(Request::Slides)
    }

    /// Asks for a document.
    fn pick_database(&mut self) -> bool {
        self.start(Request::Database)
    }

    /// Asks where a new document goes; `name` is offered.
    fn save_database(&mut self, name: &str) -> bool {
        self.start(Request::SaveDatabase(name.to_owned()))
    }

    /// Asks for a folder.
    fn pick_folder(&mut self) -> bool {
        self.start(Request::Folder)
    }
}

/// File names that slides have, for the dialog's filter.
pub const SLIDE_ENDINGS: [&str; 19] = [
    "svs", "tif", "tiff", "ndpi", "mrxs", "scn", "bif", "vms", "vmu", "svslide", "czi", "dcm", "dicom",
    "btf", "png", "jpg", "jpeg", "bmp", "qptiff",
];

/// A dialog that ends sooner than a hand can cancel it was never shown: rfd says `None` for both.
const TOO_QUICK: Duration = Duration::from_millis(150);

/// The desktop's own dialogs.
pub struct NativeDialogs {
    wake: Arc<dyn Fn() + Send + Sync>,
    folder: Option<PathBuf>,
    open: Option<(Request, Receiver<Answer>)>,
}

impl NativeDialogs {
    /// `wake` is called when a dialog has ended, from another thread: it asks for a repaint.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { wake: Arc::new(wake), folder: None, open: None }
    }

    /// Where the next dialog starts.
    pub fn start_in(&mut self, folder: PathBuf) {
        self.folder = Some(folder);
    }

    fn dialog(&self, request: &Request) -> rfd::AsyncFileDialog {
        let mut dialog = rfd::AsyncFileDialog::new().set_title(request.title());
        if let Some(folder) = &self.folder {
            dialog = dialog.set_directory(folder);
        }
        match request {
            Request::Slides => dialog.add_filter("Slides", &SLIDE_ENDINGS).add_filter("All files", &["*"]),
            Request::Database => {
                dialog.add_filter("SlideRunner database", &["sqlite", "db"]).add_filter("All files", &["*"])
            }
            Request::Kit | Request::MergeKit => {
                dialog.add_filter("Kit", &["kit"]).add_filter("All files", &["*"])
            }
            Request::SaveDatabase(name) => {
                dialog.add_filter("SlideRunner database", &["sqlite"]).set_file_name(name)
            }
            Request::SaveKit(name) => dialog.add_filter("Kit", &["kit"]).set_file_name(name),
            Request::Folder => dialog,
        }
    }
}

/// Is there a desktop that could show a dialog?
fn has_desktop() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// What a dialog's end means, given how long it was open.
fn answer(paths: Option<Vec<PathBuf>>, open_for: Duration) -> Answer {
    match paths {
        Some(paths) if !paths.is_empty() => Answer::Chosen(paths),
        _ if open_for < TOO_QUICK => Answer::Unavailable,
        _ => Answer::Cancelled,
    }
}

impl Dialogs for NativeDialogs {
    fn start(&mut self, request: Request) -> bool {
        if self.open.is_some() {
            return false;
        }
        let (sender, receiver) = bounded(1);
        if !has_desktop() {
            // The channel holds one answer, so this can't wait; nor can it fail with the receiver at hand.
            let _ = sender.try_send(Answer::Unavailable);
            self.open = Some((request, receiver));
            (self.wake)();
            return true;
        }
        let dialog = self.dialog(&request);
        let (of_thread, wake) = (request.clone(), Arc::clone(&self.wake));
        // Not joined when the window closes: the thread waits for a person, and holds nothing that must be saved.
        let spawned = std::thread::Builder::new().name("file dialog".to_owned()).spawn(move || {
            let since = Instant::now();
            let one = |file: Option<rfd::FileHandle>| file.map(|file| vec![file.path().to_owned()]);
            let paths = match of_thread {
                Request::Slides => pollster::block_on(dialog.pick_files())
                    .map(|files| files.iter().map(|file| file.path().to_owned()).collect()),
                Request::Database | Request::Kit | Request::MergeKit => {
                    one(pollster::block_on(dialog.pick_file()))
                }
                Request::SaveDatabase(_) | Request::SaveKit(_) => one(pollster::block_on(dialog.save_file())),
                Request::Folder => one(pollster::block_on(dialog.pick_folder())),
            };
            let _ = sender.send(answer(paths, since.elapsed()));
            wake();
        });
        if let Err(error) = spawned {
            tracing::warn!("no thread for a file dialog: {error}");
        }
        self.open = Some((request, receiver));
        true
    }

    fn poll(&mut self) -> Option<(Request, Answer)> {
        let answer = match self.open.as_ref()?.1.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => return None,
            // The thread ended without a word: rfd panicked or there was no thread.
            Err(TryRecvError::Disconnected) => Answer::Unavailable,
        };
        self.open.take().map(|(request, _)| (request, answer))
    }

    fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

/// Answers from a list, for tests and for runs without a display.
#[derive(Debug, Default)]
pub struct FakeDialogs {
    answers: VecDeque<Answer>,
    open: Option<Request>,
    asked: Vec<Request>,
}

impl FakeDialogs {
    /// Gives these answers one after the other, then [`Answer::Unavailable`].
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: answers.into_iter().collect(), ..Self::default() }
    }

    /// Everything that was asked for.
    pub fn asked(&self) -> &[Request] {
        &self.asked
    }
}

impl Dialogs for FakeDialogs {
    fn start(&mut self, request: Request) -> bool {
        if self.open.is_some() {
            return false;
        }
        self.asked.push(request.clone());
        self.open = Some(request);
        true
    }

    fn poll(&mut self) -> Option<(Request, Answer)> {
        let request = self.open.take()?;
        Some((request, self.answers.pop_front().unwrap_or(Answer::Unavailable)))
    }

    fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_too_quick_for_a_hand_means_no_dialog() {
        assert_eq!(answer(None, Duration::from_millis(6)), Answer::Unavailable);
        assert_eq!(answer(None, Duration::from_secs(3)), Answer::Cancelled);
        assert_eq!(answer(Some(Vec::new()), Duration::from_secs(3)), Answer::Cancelled);
        let chosen = vec![PathBuf::from("a.svs")];
        assert_eq!(answer(Some(chosen.clone()), Duration::ZERO), Answer::Chosen(chosen));
    }

    #[test]
    fn the_fake_answers_in_order_and_one_at_a_time() {
        let chosen = Answer::Chosen(vec!["a.sqlite".into()]);
        let mut dialogs = FakeDialogs::new([chosen.clone(), Answer::Cancelled]);
        assert_eq!(dialogs.poll(), None);
        assert!(dialogs.save_database("study.sqlite") && dialogs.is_open());
        assert!(!dialogs.pick_folder(), "one dialog at a time");
        assert_eq!(dialogs.poll(), Some((Request::SaveDatabase("study.sqlite".into()), chosen)));
        assert!(dialogs.pick_slides());
        assert_eq!(dialogs.poll(), Some((Request::Slides, Answer::Cancelled)));
        assert!(dialogs.pick_database());
        assert_eq!(dialogs.poll(), Some((Request::Database, Answer::Unavailable)));
        assert_eq!(dialogs.asked().len(), 3);
    }

    #[test]
    fn a_thread_that_died_counts_as_no_dialog() {
        let mut dialogs = NativeDialogs::new(|| {});
        let (sender, receiver) = bounded(1);
        dialogs.open = Some((Request::Folder, receiver));
        assert_eq!(dialogs.poll(), None);
        drop(sender);
        assert_eq!(dialogs.poll(), Some((Request::Folder, Answer::Unavailable)));
        assert!(!dialogs.is_open());
    }
}
