//! How the window opens a task, steps through it and leaves it.

use super::patches::Ready;
use super::work::{self, Done, Opening};
use super::{Comment, Page, Pane, Voting, ahead};
use crate::app::action::{Action, Needs, find};
use crate::app::jobs;
use crate::app::modes::Mode;
use crate::app::overlay::Over;
use crate::app::parts::message::Message;
use crate::app::shelf::Shelf;
use crate::app::window::Window;
use crate::model::{Camera, ClassId, ScreenPx};
use crate::render::view::Options;
use crate::slide::Pixels;
use crate::study::blind::Told;
use eframe::egui::{ColorImage, Context, TextureOptions};
use std::f64::consts::FRAC_PI_2;
use std::sync::Arc;
use std::time::Duration;

/// One key of zoom.
const ZOOM_STEP: f64 = std::f64::consts::SQRT_2;
/// Part of the view that an arrow key moves.
const PAN_PART: f64 = 0.125;

impl Window {
    /// Takes what came since the last frame, and carries on with what waits.
    pub(in crate::app) fn take_vote(&mut self, ctx: &Context, now: Duration) {
        while let Some(done) = self.vote.jobs.poll().or_else(|| self.vote.pictures.poll()) {
            self.take_vote_job(ctx, done, now);
        }
        self.open_wanted();
        self.note_coordinator();
        if self.vote.open.is_some() {
            self.take_told(now);
        } else if self.mode == Mode::Vote {
            self.ask_list();
        }
    }

    fn take_vote_job(&mut self, ctx: &Context, done: Done, now: Duration) {
        match done {
            Done::Looked(path, look) => self.looked(path, look, now),
            Done::Listed(path, tasks) => {
                if self.vote.list.of.as_ref().is_some_and(|(of, _)| *of == path) {
                    self.vote.list.kit = tasks.as_ref().is_ok_and(|(kit, _)| *kit);
                    self.vote.list.tasks = Some(tasks.map(|(_, tasks)| tasks));
                }
            }
            Done::Opened(ticket, opened) => {
                if ticket != self.vote.ticket {
                    if let Ok(held) = opened {
                        jobs::retire(&self.ending, held);
                    }
                    return;
                }
                let wanted = self.vote.wanted.take();
                match opened {
                    Ok((held, finder)) => {
                        self.vote.last = wanted.map(|w| w.path);
                        self.begin_task(Voting::new(
                            *held,
                            ticket,
                            finder,
                            self.settings.get().reduced_motion,
                        ));
                    }
                    Err(why) => self.say(Message::error(why), now),
                }
            }
            Done::Slide(ticket, number, source) => self.take_slide(ctx, ticket, number, source),
            Done::Picture(ticket, item, read) => {
                let Some(voting) = self.vote.open.as_mut().filter(|v| v.ticket == ticket) else { return };
                let ready = read.map(|(pixels, size)| Ready { texture: texture(ctx, &pixels), size });
                voting.pictures.put(item, ready);
            }
            Done::Fault => {
                self.vote.looking = None;
                self.vote.wanted = None;
                self.say(
                    Message::error("The program failed at something beside the window; votes are safe"),
                    now,
                );
            }
        }
    }

    fn take_slide(
        &mut self,
        ctx: &Context,
        ticket: u64,
        number: u32,
        source: Result<Arc<dyn crate::slide::SlideSource>, String>,
    ) {
        let set = self.settings.get();
        let fade = if set.reduced_motion { Duration::ZERO } else { Options::default().fade };
        let options = ahead::options(largest(ctx), Options { fade, ..Options::default() });
        let Some(voting) = self.vote.open.as_mut().filter(|v| v.ticket == ticket) else { return };
        match source {
            Ok(source) => {
                let wake = Arc::clone(&self.wake);
                let view = ahead::view(&self.gpu, &source, options, Box::new(move || wake()));
                if let Some(old) = voting.pool.opened(number, source, view) {
                    jobs::retire(&self.ending, old);
                }
            }
            Err(why) => voting.pool.failed(number, why),
        }
    }

    /// Opens the task that waits, once all that was done is on disk and nothing else is being opened.
    fn open_wanted(&mut self) {
        if self.vote.wanted.as_ref().is_none_or(|w| w.asked) || !self.saved() {
            return;
        }
        self.clear_desk();
        self.vote.ticket += 1;
        let set = self.settings.get();
        let Some(wanted) = &mut self.vote.wanted else { return };
        wanted.asked = true;
        let opening = Opening {
            ticket: self.vote.ticket,
            path: wanted.path.clone(),
            task: wanted.task.clone(),
            key: set.signing_key.clone(),
            before: set.recent_slides.clone(),
            wake: Arc::clone(&self.wake),
        };
        work::open(&self.vote.jobs, opening);
    }

    /// Nothing of slide, document and list stays: a task stands alone.
    fn clear_desk(&mut self) {
        self.close_slide();
        // On the thread that opens the task: the document's own thread has let go of the file by then.
        for document in self.document.take().into_iter().chain(self.next.take()).chain(self.leaving.drain(..))
        {
            self.vote.jobs.run(move |_| drop(document));
        }
        self.shelf = Shelf::default();
        self.filter.clear();
        self.listed = 0;
        self.over = Over::Nothing;
        self.prompt = None;
        self.palette.close();
        self.messages.clear();
        self.old_generation = None;
        self.scene_of = None;
        self.vote.list = super::List::default();
        self.alone = false;
    }

    fn begin_task(&mut self, voting: Voting) {
        self.mode = Mode::Vote;
        self.vote.open = Some(Box::new(voting));
    }

    /// Takes what the thread of the ballots said.
    fn take_told(&mut self, now: Duration) {
        let Some(voting) = &mut self.vote.open else { return };
        let (ticket, mut words) = (voting.ticket, Vec::new());
        for told in voting.held.task_mut().poll() {
            match told {
                Told::Cast(_) => {}
                Told::Sealed(_, labels) => {
                    voting.sealing = false;
                    voting.labels = Some(labels);
                }
                Told::Picture(item, bytes) => {
                    let brings = bytes.is_some();
                    voting.pictures.known(brings);
                    if voting.pictures.of_kit() == Some(true) {
                        work::decode(&self.vote.pictures, ticket, item, bytes);
                    }
                }
                Told::Refused(item, why) => {
                    voting.leaving = false;
                    if item.is_none() {
                        voting.sealing = false;
                        voting.pictures.known(false);
                    }
                    let what = item.map_or_else(String::new, |n| format!("Item {n} is not saved: "));
                    words.push(format!("{what}{why}"));
                }
            }
        }
        let leave = voting.leaving && voting.held.task().pending() == 0;
        for words in words {
            self.closing = false;
            self.say(Message::error(words), now);
        }
        if leave {
            self.leave_now();
        }
    }

    fn leave_now(&mut self) {
        if let Some(voting) = self.vote.open.take() {
            jobs::retire(&self.ending, voting);
        }
        self.vote.ticket += 1;
        self.vote.list = super::List::default();
        self.over = Over::Nothing;
        self.palette.close();
        self.messages.clear();
    }

    /// Asks for the tasks of what is open, or of what was open last.
    fn ask_list(&mut self) {
        let path = self.document.as_ref().map(|d| d.path().to_owned()).or_else(|| self.vote.last.clone());
        let of = path.map(|path| (path, self.rater_here()));
        if self.vote.list.of == of || self.next.is_some() || self.vote.busy() {
            return;
        }
        self.vote.list = super::List { of: of.clone(), ..super::List::default() };
        if let Some((path, _)) = of {
            work::list(&self.vote.jobs, path);
        }
    }

    /// Can it be done in the task that is open?
    pub(in crate::app) fn enabled_in_task(&self, action: Action) -> bool {
        let Some(voting) = self.vote.voting() else { return false };
        let item = voting.page == Page::Item && voting.item().is_some();
        if !action.place().is_in(true) {
            return false;
        }
        match (find(action).needs, action) {
            (_, Action::Class(n)) => {
                item && !voting.sealed() && usize::from(n) <= voting.held.task().task().settings.classes.len()
            }
            (Needs::Unsealed, _) => item && !voting.sealed(),
            (Needs::Item, _) => item,
            (Needs::Slide, _) => item && voting.pane == Pane::Context,
            (_, Action::FirstOpen) => voting.held.task().first_open(1).is_some(),
            _ => true,
        }
    }

    /// Does it in the task that is open; `false` where it is nothing of the task.
    pub(in crate::app) fn act_in_task(&mut self, action: Action, now: Duration) -> bool {
        if self.vote.open.is_none() {
            return false;
        }
        if !action.place().is_in(true) {
            return true;
        }
        let viewport = self.viewport;
        let Some(voting) = &mut self.vote.open else { return false };
        let task = voting.held.task();
        match action {
            Action::Class(n) => {
                let class = usize::from(n).checked_sub(1).and_then(|i| task.task().settings.classes.get(i));
                if let Some(class) = class.map(|c| c.id) {
                    voting.vote(class, now);
                }
            }
            Action::CantTell => {
                voting.vote(ClassId::UNKNOWN, now);
            }
            Action::Next => voting.next(),
            Action::Previous => {
                if !voting.previous() {
                    self.say(Message::note("This is the first item"), now);
                }
            }
            Action::Comment => {
                let text = voting.comment_on(voting.at);
                voting.comment = Some(Comment { text, fresh: true });
            }
            Action::Patches => voting.pane = voting.pane.next(),
            Action::ReturnToItem => voting.placed = false,
            Action::FirstOpen => {
                if let Some(open) = task.first_open(1) {
                    voting.go_to(open);
                }
            }
            Action::SealTask => voting.show_seal(),
            Action::LeaveTask => match voting.comments_waiting().as_slice() {
                [first, ..] if !voting.warned => {
                    voting.warned = true;
                    let words = format!(
                        "The comment on item {first} has no answer yet and would be lost: answer it, or leave again"
                    );
                    self.say(Message::warning(words), now);
                }
                _ => voting.leaving = true,
            },
            Action::Cancel => {
                if voting.comment.take().is_none() {
                    voting.motion.stop();
                }
            }
            Action::ZoomIn => zoom(voting, ZOOM_STEP, viewport),
            Action::ZoomOut => zoom(voting, 1.0 / ZOOM_STEP, viewport),
            Action::PanLeft => pan(voting, 1.0, 0.0, viewport),
            Action::PanRight => pan(voting, -1.0, 0.0, viewport),
            Action::PanUp => pan(voting, 0.0, 1.0, viewport),
            Action::PanDown => pan(voting, 0.0, -1.0, viewport),
            Action::RotateLeft => turn(voting, -FRAC_PI_2),
            Action::RotateRight => turn(voting, FRAC_PI_2),
            _ => return false,
        }
        true
    }

    /// Asks for the seal.
    pub(in crate::app) fn seal_task(&mut self) {
        if let Some(voting) = self.vote.open.as_mut().filter(|v| !v.sealed() && !v.sealing) {
            voting.sealing = true;
            voting.held.task_mut().ask_seal();
        }
    }

    /// Looks anew for slides that were not found.
    pub(in crate::app) fn look_for_slides(&mut self) {
        let Some(voting) = &mut self.vote.open else { return };
        let finder = Arc::clone(&voting.finder);
        // Each thread forgets what was missing before it is asked again.
        for worker in [&self.vote.jobs, &self.vote.pictures] {
            let finder = Arc::clone(&finder);
            worker.run(move |_| finder.look_again());
        }
        voting.pool.look_again();
        voting.pictures.look_again();
    }

    /// The task that is open.
    pub fn voting(&self) -> Option<&Voting> {
        self.vote.voting()
    }
}

/// Physical pixels of the window, or of the monitor that it may grow to.
fn largest(ctx: &Context) -> [f64; 2] {
    let monitor = ctx.input(|i| i.viewport().monitor_size).unwrap_or_default();
    let size = ctx.content_rect().size().max(monitor) * ctx.pixels_per_point();
    [f64::from(size.x), f64::from(size.y)]
}

fn zoom(voting: &mut Voting, factor: f64, viewport: [f64; 2]) {
    let middle = ScreenPx::new(viewport[0] / 2.0, viewport[1] / 2.0);
    voting.motion.zoom(factor, middle, viewport);
}

fn pan(voting: &mut Voting, x: f64, y: f64, viewport: [f64; 2]) {
    voting.motion.drag(x * viewport[0] * PAN_PART, y * viewport[1] * PAN_PART);
}

fn turn(voting: &mut Voting, by: f64) {
    let camera: Camera = voting.motion.target().turned(by);
    voting.motion.jump(camera);
}

fn texture(ctx: &Context, pixels: &Pixels) -> eframe::egui::TextureHandle {
    let size = [pixels.width as usize, pixels.height as usize];
    let image = ColorImage::from_rgba_unmultiplied(size, &pixels.rgba);
    ctx.load_texture("item", image, TextureOptions::LINEAR)
}
