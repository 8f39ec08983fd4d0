//! What somebody holds who judges blind.
//!
//! [`BallotBox`] is a task with its items and the rater's own ballots; it reads nothing else ([`TaskFile`] can't).
//! [`BlindTask`] is the same for the window: a thread named `ballots` owns the file, so that the window never waits, and
//! there is no method that could answer others' labels, agreed classes, scores, origins, counts, uids, times or history.

use super::StudyError;
use super::ballot::{self, chained, is_choice, sealed};
use super::key::Signer;
use crate::model::{Ballot, ClassId, Item, Seal, Task, TaskSlide, Vote};
use crate::store::schema::now;
use crate::store::tasks::Sealed;
use crate::store::{Access, StoreError, TaskFile};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

/// A task, its items and its rater's own ballots, on the thread of whoever calls.
pub struct BallotBox {
    file: TaskFile,
    task: Task,
    slides: Vec<TaskSlide>,
    items: Vec<Item>,
    /// The ballot that counts, by item.
    last: Vec<Option<Ballot>>,
    signer: Signer,
}

impl BallotBox {
    /// Opens a task of a document or a kit, by its number or name, or the only one.
    ///
    /// # Errors
    /// When file or task can't be opened.
    pub fn open(path: &Path, task: Option<&str>, access: Access, signer: Signer) -> Result<Self, StudyError> {
        let file = TaskFile::open(path, access)?;
        let task = file.task(task)?;
        let (slides, mut items) = (file.slides(task.id)?, file.items(task.id)?);
        if task.kind.is_blind() {
            // Planned without; whatever else was written there is not looked at.
            items.iter_mut().for_each(|i| i.shown.clear());
        }
        let ballots = file.ballots(task.id)?;
        if access == Access::ReadWrite {
            // Before anybody works on it: what was altered on its way would be refused when it comes back.
            if file.is_kit() {
                file.sound(ballots.len())?;
            }
            ballot::verify_chain(&task, &slides, &items, &ballots).map_err(|why| {
                StudyError::refused(path, format!("{why}; get the file again from where it came"))
            })?;
        }
        let mut last = vec![None; items.len()];
        for ballot in ballots {
            if let Some(place) = place(ballot.item).and_then(|i| last.get_mut(i)) {
                *place = Some(ballot);
            }
        }
        Ok(Self { file, task, slides, items, last, signer })
    }

    /// The task.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// Casts a ballot on an item. On disk when it returns.
    ///
    /// # Errors
    /// When there is no such item or choice, the task is sealed, or the file can't be written.
    pub fn vote(&mut self, item: u32, vote: &Vote) -> Result<Ballot, StudyError> {
        let refuse = |why: String| Err(StudyError::refused(self.file.path(), why));
        let Some(at) = place(item).filter(|i| *i < self.items.len()) else {
            return refuse(format!("the task has items 1 to {}, there is no item {item}", self.items.len()));
        };
        if !is_choice(&self.task, vote.class) {
            return refuse(format!("class {} is none that the task offers", vote.class.0));
        }
        let time = now();
        let signer = &self.signer;
        let ballot = self.file.cast(self.task.id, item, vote, time, &mut |before| {
            signer.sign(chained(before, item, vote, time))
        })?;
        if self.last[at].replace(ballot.clone()).is_none() {
            self.task.done += 1;
        }
        Ok(ballot)
    }

    /// Ends the task: read-only from now on, and in a document its labels are written.
    ///
    /// # Errors
    /// When it is sealed already, or the file can't be written.
    pub fn seal(&mut self) -> Result<Sealed, StudyError> {
        let ballots = self.file.ballots(self.task.id)?;
        ballot::verify(&self.task, &self.slides, &self.items, &ballots)
            .map_err(|why| StudyError::refused(self.file.path(), format!("{why}; it can't be sealed so")))?;
        let expected = ballots.last().map_or(self.task.fingerprint, |b| b.signed.hash);
        let time = now();
        let signer = &self.signer;
        let done =
            self.file.seal(self.task.id, expected, time, &mut |last| signer.sign(sealed(last, time)))?;
        self.task.seal = Some(done.seal);
        Ok(done)
    }
}

/// An item's place in a list.
fn place(item: u32) -> Option<usize> {
    item.checked_sub(1).map(|i| i as usize)
}

/// What the window asks for.
enum Ask {
    Vote(u32, Vote),
    Seal,
    Picture(u32),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// A ballot is on disk.
    Cast(u32),
    /// The task is sealed; so many labels were written (none in a kit).
    Sealed(Seal, u64),
    /// A kit's picture of an item, encoded (PNG or JPEG), its middle the object.
    Picture(u32, Option<Arc<[u8]>>),
    /// Something was not done: which item, if it is about one, and why in a sentence.
    Refused(Option<u32>, String),
}

/// A blind task that is open: what the window holds in place of a document.
pub struct BlindTask {
    task: Task,
    path: PathBuf,
    kit: bool,
    slides: Vec<TaskSlide>,
    items: Vec<Item>,
    last: Vec<Option<Vote>>,
    /// What is on disk.
    saved: Vec<Option<Vote>>,
    /// Votes that are not on disk yet, oldest first.
    waiting: VecDeque<(u32, Vote)>,
    asks: Option<Sender<Ask>>,
    told: Receiver<Told>,
    sent: usize,
    thread: Option<JoinHandle<()>>,
}

impl BlindTask {
    /// Opens a task and starts its thread. Not for the window's thread: it reads the file. `wake` is called after every
    /// answer.
    ///
    /// # Errors
    /// When file, task or key can't be opened; a task that shows opinions is not blind and is refused.
    pub fn open(
        path: &Path,
        task: Option<&str>,
        signer: Signer,
        wake: Box<dyn Fn() + Send>,
    ) -> Result<Self, StudyError> {
        Self::open_of(path, task, signer, wake, true)
    }

    /// Opens a task that must be blind, or must not be.
    fn open_of(
        path: &Path,
        task: Option<&str>,
        signer: Signer,
        wake: Box<dyn Fn() + Send>,
        blind: bool,
    ) -> Result<Self, StudyError> {
        let ballots = BallotBox::open(path, task, Access::ReadWrite, signer)?;
        if ballots.task.kind.is_blind() == blind {
            return Self::start(ballots, wake);
        }
        let what = if blind { "shows opinions, it is not blind" } else { "is blind, it shows no opinions" };
        Err(StudyError::refused(path, format!("the task \"{}\" {what}", ballots.task.name)))
    }

    fn start(ballots: BallotBox, wake: Box<dyn Fn() + Send>) -> Result<Self, StudyError> {
        let path = ballots.file.path().to_owned();
        let (task, slides, items) = (ballots.task.clone(), ballots.slides.clone(), ballots.items.clone());
        let last: Vec<_> = ballots.last.iter().map(|b| b.as_ref().map(|b| b.vote.clone())).collect();
        let kit = ballots.file.is_kit();
        let (asks, inbox) = unbounded();
        let (outbox, told) = unbounded();
        let thread = std::thread::Builder::new()
            .name("ballots".into())
            .spawn(move || work(ballots, &inbox, &outbox, &*wake))
            .map_err(|e| StudyError::refused(&path, format!("no thread can be started ({e})")))?;
        Ok(Self {
            task,
            path,
            kit,
            slides,
            items,
            saved: last.clone(),
            last,
            waiting: VecDeque::new(),
            asks: Some(asks),
            told,
            sent: 0,
            thread: Some(thread),
        })
    }

    /// The task: its name, rater, choices.
    pub fn task(&self) -> &Task {
        &self.task
    }

    /// The document's or kit's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Is it a kit?
    pub fn is_kit(&self) -> bool {
        self.kit
    }

    /// Its slides.
    pub fn slides(&self) -> &[TaskSlide] {
        &self.slides
    }

    /// Its items, in their order.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// An item by its number, from 1.
    pub fn item(&self, number: u32) -> Option<&Item> {
        place(number).and_then(|i| self.items.get(i))
    }

    /// The rater's own answer on an item, on disk or on its way there.
    pub fn vote_on(&self, number: u32) -> Option<&Vote> {
        place(number).and_then(|i| self.last.get(i))?.as_ref()
    }

    /// The class chosen on an item; [`ClassId::UNKNOWN`] for "can't tell", `None` where nothing was said.
    pub fn class_of(&self, number: u32) -> Option<ClassId> {
        self.vote_on(number).map(|v| v.class)
    }

    /// Items that have an answer.
    pub fn done(&self) -> usize {
        self.last.iter().flatten().count()
    }

    /// The first item without an answer, at `from` or after it, else from the beginning.
    pub fn first_open(&self, from: u32) -> Option<u32> {
        let open = |n: &u32| self.vote_on(*n).is_none();
        let all = self.items.len() as u32;
        (from..=all).find(open).or_else(|| (1..from.min(all + 1)).find(open))
    }

    /// Is it sealed?
    pub fn seal(&self) -> Option<&Seal> {
        self.task.seal.as_ref()
    }

    /// Answers an item; the ballot is on disk when [`Told::Cast`] comes. `false` where it can't be answered.
    pub fn vote(&mut self, number: u32, vote: Vote) -> bool {
        let Some(at) = place(number).filter(|i| *i < self.items.len()) else { return false };
        if self.task.seal.is_some() || !is_choice(&self.task, vote.class) {
            return false;
        }
        self.last[at] = Some(vote.clone());
        self.waiting.push_back((number, vote.clone()));
        self.send(Ask::Vote(number, vote));
        true
    }

    /// Asks for the seal; the task is sealed when [`Told::Sealed`] comes.
    pub fn ask_seal(&mut self) {
        self.send(Ask::Seal);
    }

    /// Asks for a kit's picture of an item; answered by [`Told::Picture`].
    pub fn ask_picture(&mut self, number: u32) {
        self.send(Ask::Picture(number));
    }

    /// Is every ballot on disk?
    pub fn saved(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Asks that are not answered yet.
    pub fn pending(&self) -> usize {
        self.sent
    }

    /// What came since, oldest first.
    pub fn poll(&mut self) -> Vec<Told> {
        let told: Vec<Told> = self.told.try_iter().collect();
        told.into_iter().map(|told| self.take(told)).collect()
    }

    fn take(&mut self, told: Told) -> Told {
        self.sent = self.sent.saturating_sub(1);
        match &told {
            // Answers come in the order of the asks.
            Told::Cast(number) | Told::Refused(Some(number), _) => {
                let written = self.waiting.pop_front().map(|(_, vote)| vote);
                let Some(at) = place(*number).filter(|i| *i < self.items.len()) else { return told };
                if matches!(told, Told::Cast(_)) {
                    self.saved[at] = written;
                } else if self.waiting.iter().all(|(n, _)| n != number) {
                    // The screen shows what is on disk.
                    self.last[at] = self.saved[at].clone();
                }
                self.task.done = self.done() as u32;
            }
            Told::Sealed(seal, _) => self.task.seal = Some(*seal),
            Told::Picture(..) | Told::Refused(None, _) => {}
        }
        told
    }

    fn send(&mut self, ask: Ask) {
        if self.asks.as_ref().is_some_and(|a| a.send(ask).is_ok()) {
            self.sent += 1;
        }
    }
}

/// A consensus task that is open: two raters together, who see what both said. Its items bring those opinions.
pub struct ConsensusTask {
    /// Items and ballots, as those of a blind task.
    pub task: BlindTask,
}

impl ConsensusTask {
    /// Opens a task as [`BlindTask::open`] does.
    ///
    /// # Errors
    /// When file, task or key can't be opened, or the task is blind.
    pub fn open(
        path: &Path,
        task: Option<&str>,
        signer: Signer,
        wake: Box<dyn Fn() + Send>,
    ) -> Result<Self, StudyError> {
        Ok(Self { task: BlindTask::open_of(path, task, signer, wake, false)? })
    }

    /// Names and classes that are shown with an item.
    pub fn opinions(&self, number: u32) -> &[(String, ClassId)] {
        self.task.item(number).map_or(&[], |i| &i.shown)
    }
}

impl Drop for BlindTask {
    fn drop(&mut self) {
        // Without a sender the thread ends after the last ballot.
        self.asks = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the ballots ended in a panic");
        }
    }
}

fn work(mut ballots: BallotBox, inbox: &Receiver<Ask>, outbox: &Sender<Told>, wake: &dyn Fn()) {
    for ask in inbox {
        let told = match ask {
            Ask::Vote(number, vote) => match ballots.vote(number, &vote) {
                Ok(_) => Told::Cast(number),
                Err(why) => Told::Refused(Some(number), why.to_string()),
            },
            Ask::Seal => match ballots.seal() {
                Ok(Sealed { seal, labels, .. }) => Told::Sealed(seal, labels),
                Err(why) => Told::Refused(None, why.to_string()),
            },
            Ask::Picture(number) => match ballots.file.picture(ballots.task.id, number) {
                Ok(bytes) => Told::Picture(number, bytes.map(Into::into)),
                Err(why @ StoreError::Locked { .. }) => Told::Refused(None, why.to_string()),
                Err(why) => {
                    tracing::warn!("no picture: {why}");
                    Told::Picture(number, None)
                }
            },
        };
        let _ = outbox.send(told);
        wake();
    }
}
