//! Opening: slides and documents, by the list, by dialogs, by what is dropped on the window.

use super::dialogs::{Answer, PathPrompt};
use super::document::Document;
use super::jobs;
use super::opened::Opened;
use super::overlay::Over;
use super::window::{Window, slide_facts};
use eframe::egui::Context;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Window {
    /// Opens a slide from a file.
    pub fn open_slide(&mut self, path: &Path) {
        let at = self.shelf.add(path);
        self.open_listed(at);
    }

    /// Opens a slide of the list.
    pub fn open_listed(&mut self, at: usize) {
        let Some(listed) = self.shelf.slides().get(at) else { return };
        self.opening = Some(listed.name.clone());
        self.listed = at;
        self.ticket += 1;
        let places = self.shelf.places(at, self.document.as_ref().map(Document::path));
        jobs::open(&self.jobs, self.ticket, places);
    }

    /// Opens, or makes, a document that was looked at; the one before is closed when this one is open and its own last act is on disk.
    pub(super) fn carry_on(&mut self, path: PathBuf, create: bool) {
        let wake = Arc::clone(&self.wake);
        if let Some(before) = self.next.take() {
            jobs::retire(&self.ending, before);
        }
        let mut document = Document::open(path.clone(), create, Box::new(move || wake()));
        document.choose_rater(&self.settings.get().rater.clone());
        document.show_slide(self.open.as_ref().map(slide_facts));
        self.next = Some(document);
        self.settings.change(|s| s.opened_document(path));
    }

    /// The document that was being opened is open: it takes the place of the one before.
    pub(super) fn take_next(&mut self) {
        let Some(next) = self.next.take() else { return };
        let class = self.drawing_role();
        if let Some(before) = self.document.replace(next) {
            self.leaving.push(before);
            self.shelf.document_closed();
            // What was seen belongs to the document it was kept in.
            self.screen_afresh();
        } else {
            // What was seen without one goes into this one.
            self.keep_begun();
        }
        if matches!(self.over, Over::Setup(_) | Over::Study(_) | Over::Task(_) | Over::Kit(_)) {
            // The question was about the document before, or about none.
            self.over = Over::Nothing;
        }
        self.class = class.and_then(|role| self.digit_of(role)).map_or(0, |digit| digit - 1);
        self.selected = None;
        self.old_generation = None;
        self.study.other_document();
        self.scene_of = None;
        (self.count, self.counting) = (None, None);
    }

    /// The screening of the slide begins anew; what was seen is in the document of who saw it.
    pub(super) fn screen_afresh(&mut self) {
        if let Some(pass) = self.open.as_mut().and_then(|o| o.screening.as_mut()) {
            *pass = pass.afresh();
            self.show_field(true);
        }
    }

    /// What was seen before anybody could keep it is kept now.
    pub(super) fn keep_begun(&mut self) {
        if self.open.as_ref().and_then(|o| o.screening.as_ref()).is_some_and(|s| s.begun()) {
            self.keep_progress();
        }
    }

    /// Who labels from now on.
    pub(super) fn choose_rater(&mut self, name: &str) {
        self.settings.change(|s| s.rater = name.to_owned());
        if let Some(next) = &mut self.next {
            next.choose_rater(name);
        }
        let Some(document) = &mut self.document else { return };
        let before = document.wanted_rater().map(str::to_owned);
        document.choose_rater(name);
        if before.as_deref() != Some(name) {
            self.look_for_rater();
        }
        // What was seen without a name goes with the name that is given now; one rater's fields are not another's.
        if before.is_some() && before.as_deref() != Some(name) {
            self.screen_afresh();
        }
    }

    /// Takes the slide off the screen; its loader ends elsewhere.
    pub fn close_slide(&mut self) {
        // A slide that is still being opened is not wanted any more either.
        self.ticket += 1;
        self.opening = None;
        if let Some(open) = self.open.take() {
            self.remember_view(&open);
            jobs::retire(&self.ending, open);
        }
        self.selected = None;
        self.pointer = None;
        (self.count, self.counting) = (None, None);
        for document in self.document.iter_mut().chain(&mut self.next) {
            document.show_slide(None);
        }
    }

    pub(super) fn remember_view(&mut self, open: &Opened) {
        let (slide, camera) = (open.path().display().to_string(), open.motion.target());
        if open.placed {
            self.settings.change(|s| s.left_view(&slide, camera));
        }
    }

    pub(super) fn take_dropped(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> =
            ctx.input(|i| i.raw.dropped_files.iter().map(|f| f.path().to_owned()).collect());
        if !self.vote.is_open() {
            self.open_files(dropped);
        }
    }

    /// Opens files of either kind: databases and kits as the document, the rest as slides.
    pub(super) fn open_files(&mut self, files: Vec<PathBuf>) {
        let is_database = |p: &PathBuf| {
            p.extension().is_some_and(|e| {
                let e = e.to_string_lossy().to_lowercase();
                e == "sqlite" || e == "sqlite3" || e == "db" || e == "kit"
            })
        };
        let (databases, slides): (Vec<_>, Vec<_>) = files.into_iter().partition(is_database);
        if let Some(database) = databases.into_iter().next() {
            self.open_document(database, false);
        }
        let places: Vec<usize> = slides.iter().map(|s| self.shelf.add(s)).collect();
        if let Some(first) = places.first() {
            self.open_listed(*first);
        }
        for slide in slides.into_iter().skip(1) {
            jobs::thumbnail_of(&self.pictures, slide);
        }
    }

    /// Carries on with what a dialog or the typed path gave.
    pub(super) fn chosen(&mut self, request: super::dialogs::Request, answer: Answer) {
        use super::dialogs::Request;
        match (request, answer) {
            (_, Answer::Cancelled) => {}
            (request, Answer::Unavailable) => {
                let folder = self.open.as_ref().and_then(|o| o.path().parent().map(PathBuf::from));
                let folder = folder.or_else(|| std::env::current_dir().ok());
                self.prompt = Some(PathPrompt::new(request, folder.as_deref()));
            }
            (Request::Slides, Answer::Chosen(paths)) => self.open_files(paths),
            (Request::Database | Request::Kit, Answer::Chosen(paths)) => {
                if let Some(path) = paths.into_iter().next() {
                    self.open_document(path, false);
                }
            }
            (Request::SaveDatabase(_), Answer::Chosen(paths)) => {
                if let Some(path) = paths.into_iter().next() {
                    match &mut self.over {
                        // The question who labels waits for the place.
                        Over::Setup(setup) => setup.path = path.display().to_string(),
                        _ => jobs::look(&self.jobs, path),
                    }
                }
            }
            (Request::SaveKit(_), Answer::Chosen(paths)) => self.kit_to(paths.into_iter().next()),
            (Request::MergeKit, Answer::Chosen(paths)) => self.merge_kit(paths.into_iter().next()),
            (Request::Folder, Answer::Chosen(_)) => {}
        }
    }
}
