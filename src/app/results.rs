//! What came of jobs, of the document and of dialogs since the last frame.

use super::document::News;
use super::jobs::{self, Done};
use super::modes::Mode;
use super::modes::screening::Screening;
use super::opened::{LabelImage, Opened, Tissue};
use super::overlay::Over;
use super::parts::message::Message;
use super::window::{Window, slide_facts};
use crate::model::Edit;
use crate::render::view::Options;
use crate::slide::Pixels;
use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};
use std::sync::Arc;
use std::time::Duration;

/// Takes everything that has arrived.
pub(super) fn take(window: &mut Window, ctx: &Context, now: Duration) {
    while let Some(done) = window.jobs.poll() {
        take_job(window, ctx, done, now);
    }
    while let Some(done) = window.slow.poll() {
        take_job(window, ctx, done, now);
    }
    let news = window.document.as_mut().map(|d| d.poll()).unwrap_or_default();
    for news in news {
        take_news(window, news, now);
    }
    if let Some((request, answer)) = window.dialogs.poll() {
        window.chosen(request, answer);
    }
    if let Some(warning) = window.settings.warning() {
        window.say(Message::warning(warning.to_string()), now);
    }
    if window.mode == Mode::Screen {
        survey(window);
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
            open.thumbnail = window.shelf.slides()[at].thumbnail.clone();
            if open.thumbnail.is_none() {
                jobs::thumbnail(&window.jobs, &open.source);
            }
            if let Some(document) = &mut window.document {
                document.show_slide(Some(slide_facts(&open)));
            }
            window.open = Some(open);
            window.settings.change(|s| s.opened_slide(path));
        }
        Done::Opened { source, .. } => jobs::retire(&window.jobs, source),
        Done::NotOpened { ticket, path, why } => {
            if ticket == window.ticket {
                window.opening = None;
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
            open.tissue = match survey {
                Ok(survey) => {
                    open.screening = Some(Screening::new(Arc::new(survey.plan.clone())));
                    Tissue::Found(survey)
                }
                Err(why) => Tissue::Failed(why),
            };
            // What the document remembers of the pass was read when the slide was opened: it is asked for again.
            if let Some(document) = &mut window.document {
                document.start_pass(1);
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
        Done::DocumentPlace { path, exists } => {
            window.open_document(path, !exists);
            window.begin_work();
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
        News::NeedsUpgrade(generation) => window.over = Over::Upgrade(generation),
        News::Upgraded(backup) => {
            let words = format!("Document upgraded; as it was it is kept as {}", backup.display());
            window.say(Message::note(words), now);
        }
        News::Loaded => {}
        News::Saved(edit) => {
            let undo = edit.inverse().is_some();
            let words = window.title(&edit);
            window.say(if undo { Message::done(words) } else { Message::note(words) }, now);
            let count = window.document.as_ref().map(|d| d.objects().iter().filter(|o| !o.deleted).count());
            if let (Some(n), Some(open)) = (count, &window.open) {
                window.shelf.set_objects(open.path(), n as u64);
            }
            if let Edit::SetDeleted { object, deleted: true } = edit {
                window.selected = window.selected.filter(|s| *s != object);
            }
        }
        News::Progress(progress) => {
            if let Some(pass) = window.open.as_mut().and_then(|o| o.screening.as_mut()) {
                pass.take_up(&progress);
                window.show_field(true);
            }
        }
        News::Refused(what, why) => {
            let message = match what.as_str() {
                "undo" | "redo" => Message::note(sentence(&why)),
                "open for writing" => Message::warning(format!("Open for looking only: {why}")),
                _ => Message::error(format!("Not saved ({what}): {why}")),
            };
            window.say(message, now);
        }
        News::Failed(why) => {
            if let Some(document) = window.document.take() {
                let path = document.path().to_owned();
                window.settings.change(|s| s.forget(&path));
                jobs::retire(&window.jobs, document);
            }
            window.say(Message::error(why), now);
        }
    }
}

/// Asks for tissue and fields, once.
fn survey(window: &mut Window) {
    let Some(open) = &mut window.open else { return };
    if let (Tissue::Unknown, Some(resolution)) = (&open.tissue, open.resolution()) {
        jobs::survey(&window.jobs, &open.source, resolution);
        open.tissue = Tissue::Searching;
    }
}

fn texture(ctx: &Context, name: &str, pixels: &Pixels) -> TextureHandle {
    let size = [pixels.width as usize, pixels.height as usize];
    let image = ColorImage::from_rgba_unmultiplied(size, &pixels.rgba);
    ctx.load_texture(name, image, TextureOptions::LINEAR)
}

/// With a capital at its head.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Window {
    /// A document was opened in order to label: the place that was reached goes into it, and the label that waited.
    fn begin_work(&mut self) {
        let begun = self.open.as_ref().and_then(|o| o.screening.as_ref()).is_some_and(|s| s.begun());
        if begun {
            self.keep_progress();
        }
        let class = self.class;
        if let (Some(at), Some(document)) = (self.after_setup.take(), &mut self.document) {
            document.place(at, class);
        }
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
