//! What is asked before a document is opened in which the rater has a blind task: others' labels must not flash up.

use crate::app::document::Document;
use crate::app::jobs;
use crate::app::modes::Mode;
use crate::app::overlay::Over;
use crate::app::parts::message::Message;
use crate::app::window::Window;
use crate::model::Task;
use std::path::PathBuf;
use std::time::Duration;

use super::work::{self, Look};
use super::{Wanted, named_as_kit};

/// The question.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The document.
    pub path: PathBuf,
    /// The rater's open blind tasks; none where they can't be read.
    pub tasks: Vec<Task>,
    /// Why they can't be read.
    pub why: Option<String>,
}

impl Window {
    /// Opens a document or a kit. What it is, and whether its rater judges blind in it, is looked at first.
    pub fn open_document(&mut self, path: PathBuf, create: bool) {
        if self.vote.is_open() || self.vote.wanted.is_some() {
            return;
        }
        if create {
            self.carry_on(path, true);
            return;
        }
        self.vote.looking = Some(path.clone());
        work::look(&self.vote.jobs, path);
    }

    /// What a file is that was to be opened.
    pub(super) fn looked(&mut self, path: PathBuf, look: Option<Look>, now: Duration) {
        if self.vote.looking.as_ref() != Some(&path) {
            return;
        }
        self.vote.looking = None;
        match look {
            Some(Look { kit: true, .. }) => {
                self.settings.change(|s| s.opened_document(path.clone()));
                self.nothing_labelled(now);
                self.open_task(path, None);
            }
            Some(Look { tasks: Ok(tasks), .. }) => {
                let rater = self.rater_here();
                let open = |t: &Task| t.kind.is_blind() && t.seal.is_none() && t.rater == rater;
                let tasks: Vec<Task> = tasks.into_iter().filter(open).collect();
                if tasks.is_empty() {
                    self.carry_on(path, false);
                } else {
                    self.over = Over::Gate(Gate { path, tasks, why: None });
                }
            }
            Some(Look { tasks: Err(why), .. }) => {
                self.over = Over::Gate(Gate { path, tasks: Vec::new(), why: Some(why) });
            }
            None if named_as_kit(&path) => {
                let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                let words = format!("{name} is no kit, or it is damaged; ask the coordinator for it again");
                self.settings.change(|s| s.forget(&path));
                self.say(Message::error(words), now);
            }
            // The document itself says what is wrong with it.
            None => self.carry_on(path, false),
        }
    }

    /// Who sits here.
    pub(in crate::app) fn rater_here(&self) -> String {
        let known = self.document.as_ref().and_then(Document::wanted_rater);
        known.unwrap_or(&self.settings.get().rater).trim().to_owned()
    }

    /// A label that waited for a document is lost with the question.
    fn nothing_labelled(&mut self, now: Duration) {
        if self.after_setup.take().is_some_and(|a| a.deed.is_some()) {
            self.say(Message::warning("The document was not opened; nothing was labelled"), now);
        }
    }

    /// The rater goes to the task.
    pub(in crate::app) fn gate_to_task(&mut self, gate: Gate, now: Duration) {
        self.nothing_labelled(now);
        if let Some(task) = gate.tasks.first() {
            self.open_task(gate.path, Some(task.id.0.to_string()));
        }
    }

    /// The coordinator looks; the journal keeps it.
    pub(in crate::app) fn gate_as_coordinator(&mut self, gate: Gate) {
        if self.document.as_ref().is_some_and(|d| d.path() == gate.path) {
            // It was hidden behind the question only.
            self.vote.coordinating = Some(gate.path);
            self.note_coordinator();
            return;
        }
        self.vote.coordinating = Some(gate.path.clone());
        self.carry_on(gate.path, false);
    }

    /// Neither: nothing is opened, and a document that is open already is closed.
    pub(in crate::app) fn gate_closed(&mut self, gate: &Gate, now: Duration) {
        self.nothing_labelled(now);
        if self.document.as_ref().is_some_and(|d| d.path() == gate.path) {
            self.close_document();
        }
    }

    /// Writes into the journal that somebody looks as the coordinator, once the document can be written.
    pub(in crate::app) fn note_coordinator(&mut self) {
        let Some(document) = &mut self.document else { return };
        let due = |path: &mut PathBuf| document.writable() && document.path() == path;
        if self.vote.coordinating.take_if(due).is_some() {
            document.edit(crate::model::Edit::LookedAsCoordinator { command: "window".into() });
        }
    }

    /// Another rater sits down at a document that is open: is there a blind task for them?
    pub(in crate::app) fn look_for_rater(&mut self) {
        if let Some(document) = self.document.as_ref().filter(|_| self.next.is_none()) {
            let path = document.path().to_owned();
            self.vote.looking = Some(path.clone());
            work::look(&self.vote.jobs, path);
        }
    }

    /// Opens a task once all is saved.
    pub fn open_task(&mut self, path: PathBuf, task: Option<String>) {
        self.mode = Mode::Vote;
        self.vote.wanted = Some(Wanted { path, task, asked: false });
    }

    /// Lets the document go; what it has to write still is written.
    pub(in crate::app) fn close_document(&mut self) {
        if let Some(document) = self.document.take() {
            self.leaving.push(document);
            self.shelf.document_closed();
        }
        if let Some(next) = self.next.take() {
            jobs::retire(&self.ending, next);
        }
        self.selected = None;
        self.old_generation = None;
        self.scene_of = None;
        (self.count, self.counting) = (None, None);
    }
}
