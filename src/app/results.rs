//! What came of jobs, of the document and of dialogs since the last frame.

use super::document::News;
use super::jobs::{self, Done};
use super::modes::Mode;
use super::modes::screening::Screening;
use super::opened::{LabelImage, Opened, Tissue};
use super::overlay::Over;
use super::parts::message::{Level, Message};
use super::window::{Window, slide_facts};
use crate::model::Edit;
use crate::render::view::Options;
use crate::slide::Pixels;
use crate::store::How;
use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};
use std::sync::Arc;
use std::time::Duration;

/// Takes everything that has arrived.
pub(super) fn take(window: &mut Window, ctx: &Context, now: Duration) {
    while let Some(done) = window.done() {
        if window.in_task() {
            take_aside(window, done);
        } else {
            take_job(window, ctx, done, now);
        }
    }
    window.take_vote(ctx, now);
    take_next(window, now);
    let news = window.document.as_mut().map(|d| d.poll()).unwrap_or_default();
    for news in news {
        take_news(window, news, now);
    }
    take_leaving(window, now);
    if let Some((request, answer)) = window.dialogs.poll()
        && !window.in_task()
    {
        window.chosen(request, answer);
    }
    if let Some(warning) = window.settings.warning() {
        window.say(Message::warning(warning.to_string()), now);
    }
    if window.mode == Mode::Screen {
        survey(window);
    }
}

/// The document that is being opened takes the place of the one before when it is open, and not before.
fn take_next(window: &mut Window, now: Duration) {
    let Some(next) = &mut window.next else { return };
    let news = next.poll();
    if news.is_empty() {
        return;
    }
    if let Some(why) = news.iter().find_map(|n| match n {
        News::Failed(why) => Some(why.clone()),
        _ => None,
    }) {
        if let Some(next) = window.next.take() {
            let path = next.path().to_owned();
            window.settings.change(|s| s.forget(&path));
            jobs::retire(&window.ending, next);
        }
        let waited = window.after_setup.take().is_some_and(|a| a.deed.is_some());
        let lost = if waited { "; nothing was labelled" } else { "" };
        window.closing = false;
        window.say(Message::error(format!("{why}{lost}")), now);
        return;
    }
    window.take_next();
    for news in news {
        take_news(window, news, now);
    }
    window.begin_work();
}

/// Documents that were left are let go when all is written; what they refuse is said.
fn take_leaving(window: &mut Window, now: Duration) {
    let mut words = Vec::new();
    // Asked before the last look: what is answered in between is read the next time.
    let done: Vec<bool> = window.leaving.iter().map(|d| d.pending() == 0).collect();
    for document in &mut window.leaving {
        for news in document.poll() {
            match news {
                News::Refused(what, why) => words.push(format!("Not saved ({what}): {why}")),
                News::Lost(n, why) => words.push(format!("{n} not saved: {why}")),
                _ => {}
            }
        }
    }
    for words in words {
        window.closing = false;
        window.say(Message::error(words), now);
    }
    for at in (0..window.leaving.len()).rev() {
        if done[at] {
            jobs::retire(&window.ending, window.leaving.remove(at));
        }
    }
}

/// What was asked for before a task was opened: nothing of it comes into the task.
fn take_aside(window: &mut Window, done: Done) {
    match done {
        Done::Opened { source, .. } => jobs::retire(&window.ending, source),
        Done::Demo(_) | Done::Fault => {
            window.demo = None;
            window.slow.resume();
        }
        _ => {}
    }
}

fn take_job(window: &mut Window, ctx: &Context, done: Done, now: Duration) {
    match done {
        Done::Opened { ticket, source } if ticket == window.ticket => {
            window.opening = None;
            window.close_slide();
            let set = window.settings.get();
            let options = Options {
                cpu_bytes: (set.memory_mib as usize) << 20,
                gpu_bytes: (set.gpu_mib as usize) << 20,
                upload_per_frame: (set.upload_mib as usize) << 20,
                fade: if set.reduced_motion { Duration::ZERO } else { Options::default().fade },
                ..Options::default()
            };
            let wake = Arc::clone(&window.wake);
            let mut open = Opened::new(&window.gpu, source, options, Box::new(move || wake()));
            open.motion.reduced = set.reduced_motion;
            let path = open.path().to_owned();
            open.start = set.view_of(&path.display().to_string());
            let at = window.shelf.add(&path);
            window.shelf.tried(at, false);
            open.thumbnail = window.shelf.slides()[at].thumbnail.clone();
            if open.thumbnail.is_none() {
                jobs::thumbnail(&window.pictures, &open.source);
            }
            if let Some((at, object)) = window.study.arrived(&open) {
                (open.start, window.selected) = (Some(at), Some(object));
            }
            let told = slide_facts(&open);
            for document in window.document.iter_mut().chain(&mut window.next) {
                document.show_slide(Some(told.clone()));
            }
            window.open = Some(open);
            window.settings.change(|s| s.opened_slide(path));
        }
        Done::Opened { source, .. } => jobs::retire(&window.ending, source),
        Done::NotOpened { ticket, path, why } => {
            if ticket == window.ticket {
                window.opening = None;
                window.shelf.tried(window.listed, true);
            }
            window.settings.change(|s| s.forget(&path));
            window.say(Message::error(why), now);
        }
        Done::Thumbnail { path, pixels } => {
            let texture = texture(ctx, "thumbnail", &pixels);
            window.shelf.set_thumbnail(&path, texture.clone());
            if let Some(open) = window.open.as_mut().filter(|o| o.path() == path) {
                open.thumbnail = Some(texture);
            }
        }
        Done::Surveyed { path, survey } => {
            let Some(open) = window.open.as_mut().filter(|o| o.path() == path) else { return };
            if !matches!(open.tissue, Tissue::Searching) {
                return;
            }
            open.tissue = match survey {
                Ok((plan, shares)) => {
                    open.screening = Some(Screening::new(plan, shares));
                    Tissue::Found
                }
                Err(why) => Tissue::Failed(why),
            };
            // What the document remembers of the pass was read when the slide was opened: it is asked for again.
            if let Some(document) = &mut window.document {
                document.ask_progress(None);
            }
            window.show_field(true);
        }
        Done::Counted(answer) => {
            if window.counting == Some(answer.version) {
                window.count = Some(answer);
            }
        }
        Done::LabelImage { path, pixels } => {
            let Some(open) = window.open.as_mut().filter(|o| o.path() == path) else { return };
            match pixels {
                Ok(pixels) => open.label_image = LabelImage::Shown(texture(ctx, "label image", &pixels)),
                Err(why) => {
                    open.label_image = LabelImage::Hidden;
                    window.say(Message::error(why), now);
                }
            }
        }
        Done::Study(told) => window.take_read(ctx, *told, now),
        Done::DocumentPlace { path, exists } => {
            window.open_document(path, !exists);
        }
        Done::Fault => {
            window.opening = None;
            window.demo = None;
            window.after_setup = None;
            window.study.faulted();
            if let Some(open) = &mut window.open
                && matches!(open.tissue, Tissue::Searching)
            {
                open.tissue = Tissue::Failed("the program failed at it; the log says more".into());
            }
            window.say(
                Message::error("The program failed at something beside the window; labels are safe"),
                now,
            );
        }
        Done::DemoProgress { done, total } => {
            if let Some(demo) = &mut window.demo {
                demo.done = (done, total);
            }
        }
        Done::Demo(made) => {
            let cancelled = window.demo.take().is_some_and(|d| d.cancelling);
            window.slow.resume();
            match made {
                // Whoever went on to another slide meanwhile is not torn away from it.
                Ok(path) if window.open.is_some() || window.opening.is_some() => {
                    window.shelf.add(&path);
                    window.say(Message::note("The demo slide is made: it is in the slide list"), now);
                }
                Ok(path) => window.open_slide(&path),
                Err(_) if cancelled => window.say(Message::note("The demo slide was not made"), now),
                Err(why) => window.say(Message::error(why), now),
            }
        }
    }
}

fn take_news(window: &mut Window, news: News, now: Duration) {
    match news {
        News::Facts => {
            let Some(document) = &window.document else { return };
            window.shelf.merge(document.slides());
            if window.class >= document.classes().len() {
                window.class = 0;
            }
        }
        News::NeedsUpgrade(generation) => {
            window.old_generation = Some(generation);
            window.over = Over::Upgrade(generation);
        }
        News::Upgraded(backup) => {
            window.old_generation = None;
            window.keep_begun();
            let words = format!("Document upgraded; as it was it is kept as {}", backup.display());
            window.say(Message::note(words), now);
        }
        News::TaskMade(..) | News::KitMade(..) | News::KitMerged(..) => window.take_study(news, now),
        News::Saved(Edit::LookedAsCoordinator { .. }, ..) => window.study.looked(),
        News::Saved(edit, how, elsewhere) => {
            let words = window.title(&edit);
            let on = elsewhere.map_or_else(String::new, |slide| format!(" on {slide}"));
            window.say(
                match how {
                    How::New if edit.inverse().is_some() => Message::done(format!("{words}{on}")),
                    How::New => Message::note(format!("{words}{on}")),
                    // An undo is an edit itself: it says what is so now.
                    How::Undo => Message::note(format!("Undone{on}; now: {}", lower(&words))),
                    How::Redo => Message::note(format!("Made again{on}: {}", lower(&words))),
                },
                now,
            );
            if let (Some(document), Some(open)) = (&window.document, &window.open)
                && document.slide().is_some()
            {
                window.shelf.set_objects(open.path(), document.shown() as u64);
            }
            if let Edit::SetDeleted { object, deleted: true } = edit {
                window.selected = window.selected.filter(|s| *s != object);
            }
        }
        News::Progress(_, progress) => {
            if let Some(pass) = window.open.as_mut().and_then(|o| o.screening.as_mut()) {
                let (before, other_plan) = (pass.progress().current, pass.of_another_plan(&progress));
                pass.take_up(&progress);
                if pass.progress().current != before {
                    window.show_field(true);
                }
                if other_plan {
                    let words = "The fields of this slide are laid otherwise than in the earlier screening: all are open again";
                    window.say(Message::warning(words), now);
                }
            }
        }
        News::Lost(n, why) => {
            window.closing = false;
            let what = if n == 1 { "1 act was".to_owned() } else { format!("{n} acts were") };
            window.say(Message::error(format!("{what} not saved: {why}")), now);
        }
        News::Refused(what, why) => {
            let message = match what.as_str() {
                "undo" | "redo" => Message::note(sentence(&why)),
                "objects loaded" | "progress loaded" | "history" | "document read again" => {
                    Message::error(format!("The document could not be read: {why}"))
                }
                "task made" | "kit made" | "kit merged" | "looked at as the coordinator" => {
                    window.closing = false;
                    window.study_refused(&what, why, now);
                    return;
                }
                "open for writing" => Message::warning(format!("Open for looking only: {why}")),
                _ => Message::error(format!("Not saved ({what}): {why}")),
            };
            window.closing &= message.level != Level::Error;
            window.say(message, now);
        }
        News::Failed(why) => {
            if let Some(document) = window.document.take() {
                let path = document.path().to_owned();
                window.settings.change(|s| s.forget(&path));
                jobs::retire(&window.ending, document);
            }
            window.say(Message::error(why), now);
        }
    }
}

/// Asks for tissue and fields, once.
fn survey(window: &mut Window) {
    let Some(open) = &mut window.open else { return };
    if let (Tissue::Unknown, Some(resolution)) = (&open.tissue, open.resolution()) {
        jobs::survey(&window.analysis, &open.source, resolution);
        open.tissue = Tissue::Searching;
    }
}

fn texture(ctx: &Context, name: &str, pixels: &Pixels) -> TextureHandle {
    let size = [pixels.width as usize, pixels.height as usize];
    let image = ColorImage::from_rgba_unmultiplied(size, &pixels.rgba);
    ctx.load_texture(name, image, TextureOptions::LINEAR)
}

/// With a small letter at its head.
fn lower(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// With a capital at its head.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Window {
    /// The next result of any worker.
    fn done(&self) -> Option<Done> {
        let study = self.study.workers();
        [&self.jobs, &self.analysis, &self.pictures, &self.slow]
            .into_iter()
            .chain(study)
            .find_map(|w| w.poll())
    }

    /// A document was opened in order to label: the place that was reached goes into it, and the label that waited, on
    /// the slide it was meant for.
    fn begin_work(&mut self) {
        let Some(document) = &mut self.document else { return };
        let Some(after) = self.after_setup.take_if(|a| a.path == document.path()) else { return };
        if let Some(deed) = after.deed {
            document.do_it(&deed);
        }
        self.keep_begun();
    }

    /// What was done, for the status line, with the class' name: `Labelled "mitotic figure"`.
    fn title(&self, edit: &Edit) -> String {
        let name = |id| {
            let class = self.document.as_ref().and_then(|d| d.class(id));
            class.map_or_else(|| "unknown class".to_owned(), |c| c.name.clone())
        };
        match edit {
            Edit::AddObject { class, .. } => format!("Labelled “{}”", name(*class)),
            Edit::SetLabel { after: Some(class), .. } => format!("Labelled “{}”", name(*class)),
            other => sentence(&other.title()),
        }
    }
}
