//! The writing thread: the window sends requests and reads what came of them, and never waits.

use super::tasks::{Incoming, Merged, NewTask};
use super::{Access, Applied, Database, Generation, SlideEntry, StoreError};
use crate::model::{Class, Edit, Object, Progress, Rater, RaterId, Resolution, SlideId, Task};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

/// What the window asks for. Requests are carried out in their order.
#[derive(Debug, Clone)]
pub enum Request {
    /// Write an edit. Answered by [`Event::Applied`] or [`Event::Refused`].
    Edit {
        /// The author.
        rater: RaterId,
        /// The change.
        edit: Edit,
    },
    /// Take back the newest edit.
    Undo(RaterId),
    /// Make the newest undone edit again.
    Redo(RaterId),
    /// Ask what a rater can take back and make again. Answered by [`Event::History`].
    History(RaterId),
    /// Read a slide's objects. Answered by [`Event::Objects`].
    Load(SlideId),
    /// Read how far a rater came. Answered by [`Event::Progress`].
    LoadProgress {
        /// The slide.
        slide: SlideId,
        /// The rater.
        rater: RaterId,
        /// From 1; `None` for the newest that is remembered, 1 where none is.
        pass: Option<u32>,
    },
    /// Remember how far a rater came, beside what is remembered of the same plan. Answered only where it fails.
    SetProgress {
        /// The slide.
        slide: SlideId,
        /// The rater.
        rater: RaterId,
        /// From 1.
        pass: u32,
        /// How far.
        progress: Progress,
    },
    /// Remember what an opened slide says of itself. Answered only where it fails.
    Remember {
        /// The slide.
        slide: SlideId,
        /// Level-0 width and height.
        size: (u32, u32),
        /// Micrometres per pixel, if known.
        resolution: Option<Resolution>,
    },
    /// Upgrade an older generation, after a backup, and open it for writing. Answered by [`Event::Upgraded`] and
    /// [`Event::Facts`], or by [`Event::Refused`].
    Upgrade,
    /// Put a planned task into the document. Answered by [`Event::TaskMade`] and [`Event::Facts`].
    CreateTask(Box<NewTask>),
    /// Write a task into a file of its own. Answered by [`Event::KitMade`].
    MakeKit {
        /// The task.
        task: Box<Task>,
        /// The file, which must not be there yet.
        to: PathBuf,
        /// Do the slides keep their names?
        named: bool,
        /// Encoded images for its items, by their numbers, cut out by the caller.
        pictures: HashMap<u32, Vec<u8>>,
    },
    /// Take up what came back in a kit, verified by the caller. Answered by [`Event::Merged`] and [`Event::Facts`].
    MergeKit(Box<Incoming>),
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum Event {
    /// The document is open. Also sent after classes, raters or slides changed.
    Facts {
        /// The file.
        path: PathBuf,
        /// Read-only when another program holds it, the medium can't be written, or it must be upgraded first.
        access: Access,
        /// Its classes.
        classes: Vec<Class>,
        /// Its raters.
        raters: Vec<Rater>,
        /// Its slides.
        slides: Vec<SlideEntry>,
    },
    /// The document is of an older generation: it can be looked at, and changed after [`Request::Upgrade`].
    NeedsUpgrade {
        /// The one it has.
        generation: Generation,
    },
    /// The document was upgraded.
    Upgraded {
        /// The copy of it as it was.
        backup: PathBuf,
    },
    /// What a rater can take back and make again.
    History {
        /// The rater.
        rater: RaterId,
        /// Can something be undone?
        can_undo: bool,
        /// Can something be redone?
        can_redo: bool,
    },
    /// A slide's objects.
    Objects {
        /// The slide.
        slide: SlideId,
        /// All of them, soft-deleted ones included.
        objects: Vec<Object>,
    },
    /// How far a rater came.
    Progress {
        /// The slide.
        slide: SlideId,
        /// The rater.
        rater: RaterId,
        /// The one that was read, from 1.
        pass: u32,
        /// How far.
        progress: Progress,
    },
    /// An edit is on disk.
    Applied {
        /// What was written.
        applied: Box<Applied>,
        /// Can its author undo something now?
        can_undo: bool,
        /// Can its author redo something now?
        can_redo: bool,
    },
    /// A task is in the document.
    TaskMade {
        /// Its name.
        name: String,
        /// Who is asked.
        rater: String,
        /// How many items it has.
        items: u32,
    },
    /// A kit is whole on disk.
    KitMade {
        /// The file.
        to: PathBuf,
        /// The task's rater.
        rater: String,
        /// Items that bring their picture.
        pictures: usize,
    },
    /// What came back is in the document.
    Merged {
        /// What came.
        incoming: Box<Incoming>,
        /// What was new.
        merged: Merged,
    },
    /// A request could not be carried out; the document is as it was.
    Refused {
        /// What was asked for: "label set", "undo", "open".
        what: String,
        /// Why, in a sentence.
        why: String,
    },
}

/// The writing thread. Dropping it finishes what was asked for and joins the thread.
pub struct Writer {
    requests: Option<Sender<Request>>,
    events: Receiver<Event>,
    pending: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Opens (or with `create` makes) a document on a new thread named `store`. `wake` is called after every event.
    ///
    /// The first event is [`Event::Facts`], or [`Event::Refused`] with "open" when nothing can be read: then the
    /// thread has ended. A document that can be read but not written is opened read-only: [`Event::Refused`] with
    /// "open for writing" says why, after the facts.
    pub fn start(path: PathBuf, create: bool, wake: Box<dyn Fn() + Send>) -> Self {
        let (requests, inbox) = unbounded::<Request>();
        let (outbox, events) = unbounded();
        let pending = Arc::new(AtomicUsize::new(0));
        let desk = Desk { outbox: outbox.clone(), wake, pending: Arc::clone(&pending) };
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || work(&path, create, &inbox, &desk));
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(e) => {
                let why = format!("no thread can be started ({e}); close other programs");
                let _ = outbox.send(Event::Refused { what: "open".into(), why });
                None
            }
        };
        Self { requests: Some(requests), events, pending, thread }
    }

    /// Queues a request.
    pub fn send(&self, request: Request) {
        self.pending.fetch_add(1, Ordering::AcqRel);
        let sent = self.requests.as_ref().is_some_and(|r| r.send(request).is_ok());
        if !sent {
            // The thread has ended and said why; nothing will be answered.
            self.pending.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// The next event, if one came.
    pub fn poll(&self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// The next event; waits for it. `None` when the thread has ended. For tests and the headless tour.
    pub fn wait(&self) -> Option<Event> {
        self.events.recv().ok()
    }

    /// Requests that were sent and are not carried out yet.
    pub fn pending(&self) -> usize {
        self.pending.load(Ordering::Acquire)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Without a sender the thread ends after the last request.
        self.requests = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of the document ended in a panic");
        }
    }
}

/// Where answers go.
struct Desk {
    outbox: Sender<Event>,
    wake: Box<dyn Fn() + Send>,
    pending: Arc<AtomicUsize>,
}

impl Desk {
    fn tell(&self, event: Event) {
        // Nobody listens any more while the last requests are finished at the end.
        let _ = self.outbox.send(event);
        (self.wake)();
    }

    fn refuse(&self, what: &str, why: &StoreError) {
        tracing::warn!(what, %why, "refused");
        self.tell(Event::Refused { what: what.into(), why: why.to_string() });
    }
}

fn work(path: &Path, create: bool, inbox: &Receiver<Request>, desk: &Desk) {
    let Some(mut database) = open(path, create, desk) else {
        // What was asked for in the meantime will not be answered.
        for _ in inbox.try_iter() {
            desk.pending.fetch_sub(1, Ordering::AcqRel);
        }
        return;
    };
    for request in inbox {
        let what = name(&request);
        // Another program may have added the very thing: what is there now tells.
        let of_document = matches!(
            &request,
            Request::Edit {
                edit: Edit::AddClass { .. }
                    | Edit::AddRater { .. }
                    | Edit::AddSlide { .. }
                    | Edit::SetRole { .. }
                    | Edit::SetCase { .. },
                ..
            }
        );
        // A fault in here must not end the thread: the window would wait for an answer for ever.
        let answered = catch_unwind(AssertUnwindSafe(|| answer(&mut database, request, desk)));
        let refused = match answered {
            Ok(Ok(())) => false,
            Ok(Err(why)) => {
                desk.refuse(&what, &why);
                true
            }
            Err(_) => {
                let why = "the program failed at it; what was saved before is safe, the log says more".into();
                desk.tell(Event::Refused { what, why });
                true
            }
        };
        if refused
            && of_document
            && let Err(why) = facts(&database, desk)
        {
            desk.refuse("document read again", &why);
        }
        desk.pending.fetch_sub(1, Ordering::AcqRel);
        (desk.wake)();
    }
}

/// Opens for writing where that needs no question, else for looking.
fn open(path: &Path, create: bool, desk: &Desk) -> Option<Database> {
    if create {
        let made = Database::create(path).and_then(|d| facts(&d, desk).map(|()| d));
        return made.map_err(|why| desk.refuse("open", &why)).ok();
    }
    let looked = Database::open(path, Access::ReadOnly);
    let old = looked.as_ref().is_ok_and(Database::needs_upgrade);
    let (database, obstacle) = if old {
        (looked, None)
    } else {
        // Also where looking failed: opening for writing takes a stopped program's unfinished change back.
        match (Database::open(path, Access::ReadWrite), looked) {
            (Ok(database), _) => (Ok(database), None),
            (Err(why), Ok(looked)) => (Ok(looked), Some(why)),
            (Err(why), Err(_)) => (Err(why), None),
        }
    };
    match database.and_then(|d| facts(&d, desk).map(|()| d)) {
        Ok(database) => {
            if old {
                desk.tell(Event::NeedsUpgrade { generation: database.generation() });
            }
            if let Some(why) = obstacle {
                desk.refuse("open for writing", &why);
            }
            Some(database)
        }
        Err(why) => {
            desk.refuse("open", &why);
            None
        }
    }
}

fn name(request: &Request) -> String {
    match request {
        Request::Edit { edit, .. } => edit.title(),
        Request::Undo(_) => "undo".into(),
        Request::Redo(_) => "redo".into(),
        Request::History(_) => "history".into(),
        Request::Load(_) => "objects loaded".into(),
        Request::LoadProgress { .. } => "progress loaded".into(),
        Request::SetProgress { .. } => "progress remembered".into(),
        Request::Remember { .. } => "slide remembered".into(),
        Request::Upgrade => "upgrade".into(),
        Request::CreateTask(_) => "task made".into(),
        Request::MakeKit { .. } => "kit made".into(),
        Request::MergeKit(_) => "kit merged".into(),
    }
}

fn answer(database: &mut Database, request: Request, desk: &Desk) -> Result<(), StoreError> {
    match request {
        Request::Edit { rater, edit } => {
            let applied = database.apply(rater, edit)?;
            applied_event(database, applied, desk);
            Ok(())
        }
        Request::Undo(rater) => stepped(database, rater, "undo", Database::undo, desk),
        Request::Redo(rater) => stepped(database, rater, "redo", Database::redo, desk),
        Request::History(rater) => {
            let (can_undo, can_redo) = (database.can_undo(rater)?, database.can_redo(rater)?);
            desk.tell(Event::History { rater, can_undo, can_redo });
            Ok(())
        }
        Request::Load(slide) => {
            let objects = database.objects(slide)?;
            desk.tell(Event::Objects { slide, objects });
            Ok(())
        }
        Request::LoadProgress { slide, rater, pass } => {
            let (pass, progress) = match pass {
                Some(pass) => (pass, database.progress(slide, rater, pass)?),
                None => database.newest_progress(slide, rater)?,
            };
            desk.tell(Event::Progress { slide, rater, pass, progress });
            Ok(())
        }
        Request::SetProgress { slide, rater, pass, progress } => {
            database.set_progress(slide, rater, pass, &progress)
        }
        Request::Remember { slide, size, resolution } => {
            database.remember_size(slide, size)?;
            resolution.map_or(Ok(()), |r| database.remember_resolution(slide, r))
        }
        Request::Upgrade => {
            *database = Database::open(database.path(), Access::ReadWrite)?;
            if let Some(upgrade) = database.upgraded_from() {
                desk.tell(Event::Upgraded { backup: upgrade.backup.clone() });
            }
            facts(database, desk)
        }
        Request::CreateTask(new) => {
            database.create_task(&new)?;
            let items = new.items.len() as u32;
            desk.tell(Event::TaskMade { name: new.task.name, rater: new.task.rater, items });
            facts(database, desk)
        }
        Request::MakeKit { task, to, named, mut pictures } => {
            let n = pictures.len();
            database.make_kit(&task, &to, named, &mut |_, item| Ok(pictures.remove(&item.number)))?;
            desk.tell(Event::KitMade { to, rater: task.rater, pictures: n });
            Ok(())
        }
        Request::MergeKit(incoming) => {
            let merged = database.take_up(&incoming)?;
            desk.tell(Event::Merged { incoming, merged });
            facts(database, desk)
        }
    }
}

fn stepped(
    database: &mut Database,
    rater: RaterId,
    what: &str,
    step: fn(&mut Database, RaterId) -> Result<Option<Applied>, StoreError>,
    desk: &Desk,
) -> Result<(), StoreError> {
    match step(database, rater)? {
        Some(applied) => applied_event(database, applied, desk),
        None => desk.tell(Event::Refused { what: what.into(), why: format!("there is nothing to {what}") }),
    }
    Ok(())
}

fn applied_event(database: &mut Database, applied: Applied, desk: &Desk) {
    let rater = applied.rater;
    // The change is on disk whatever happens to these questions; undo says itself when there is nothing.
    let can_undo = database.can_undo(rater).unwrap_or(true);
    let can_redo = database.can_redo(rater).unwrap_or(true);
    let facts_changed = applied.edit.object().is_none();
    desk.tell(Event::Applied { applied: Box::new(applied), can_undo, can_redo });
    if facts_changed && let Err(why) = facts(database, desk) {
        desk.refuse("document read again", &why);
    }
}

fn facts(database: &Database, desk: &Desk) -> Result<(), StoreError> {
    desk.tell(Event::Facts {
        path: database.path().to_owned(),
        access: database.access(),
        classes: database.classes()?,
        raters: database.raters()?,
        slides: database.slides()?,
    });
    Ok(())
}
