//! The window: its state, and one frame of it.

use super::dialogs::{Dialogs, PathPrompt};
use super::document::{Choice, Deed, Document, SlideFacts};
use super::input::Hands;
use super::jobs::{self, Done, Jobs};
use super::modes::vote::{self, Vote};
use super::modes::{Mode, count, study};
use super::opened::{LabelImage, Opened};
use super::overlay::Over;
use super::parts::message::{Message, Messages};
use super::parts::palette::Palette;
use super::settings::Store;
use super::shelf::Shelf;
use super::worker::Wake;
use super::{Start, layout, overlay, results, theme, viewport};
use crate::model::people::DEFAULT_CLASSES;
use crate::model::{Camera, ObjectId, Role, SlidePx};
use crate::render::gpu::Gpu;
use crate::render::scene::Scene;
use crate::store::Generation;
use eframe::egui::{Context, Rect, Ui};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What a click does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tool {
    /// Selects.
    #[default]
    Select,
    /// Places a spot.
    Spot,
}

impl Tool {
    /// Its name in the status line.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Spot => "spot",
        }
    }
}

/// What making the demo slide has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoWork {
    /// Tiles made, and in all.
    pub done: (u64, u64),
    /// When it began.
    pub since: Duration,
    /// Was it asked to stop?
    pub cancelling: bool,
}

/// What waits until its document is open.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AfterSetup {
    /// The document.
    pub path: PathBuf,
    /// What is to be done then.
    pub deed: Option<Deed>,
}

/// The window.
pub struct Window {
    pub(super) gpu: Gpu,
    pub(super) wake: Wake,
    pub(super) settings: Store,
    pub(super) dialogs: Box<dyn Dialogs>,
    pub(super) prompt: Option<PathPrompt>,
    pub(super) messages: Messages,
    pub(super) palette: Palette,
    pub(super) over: Over,
    /// What somebody waits for: opening, looking for files.
    pub(super) jobs: Jobs,
    /// Tissue and counts.
    pub(super) analysis: Jobs,
    /// Small pictures for the list.
    pub(super) pictures: Jobs,
    /// What takes minutes.
    pub(super) slow: Jobs,
    /// Documents and views that end.
    pub(super) ending: Jobs,
    pub(super) demo: Option<DemoWork>,
    pub(super) shelf: Shelf,
    pub(super) filter: String,
    /// The slide of the list that was asked for last.
    pub(super) listed: usize,
    pub(super) ticket: u64,
    /// A slide that is being opened: its name.
    pub(super) opening: Option<String>,
    pub(super) open: Option<Opened>,
    pub(super) document: Option<Document>,
    /// A document that is being opened; the one before stays until this one is open.
    pub(super) next: Option<Document>,
    /// Documents that were left and have something to write still.
    pub(super) leaving: Vec<Document>,
    pub(super) mode: Mode,
    /// Tasks, and the one that is open in place of all the above.
    pub(super) vote: Vote,
    pub(super) tool: Tool,
    /// The class to draw with, by its place in the list.
    pub(super) class: usize,
    pub(super) selected: Option<ObjectId>,
    /// The place under the pointer, while it is over the slide.
    pub(super) pointer: Option<SlidePx>,
    pub(super) crosshair: bool,
    pub(super) marks: bool,
    pub(super) alone: bool,
    pub(super) hands: Hands,
    pub(super) count: Option<count::Answer>,
    /// The state of the document that was last asked to be counted.
    pub(super) counting: Option<u64>,
    /// The coordinator's page.
    pub(super) study: study::State,
    pub(super) scene: Scene,
    pub(super) scene_of: Option<viewport::SceneKey>,
    /// Size of the view in physical pixels.
    pub(super) viewport: [f64; 2],
    /// Where the view lies in the window, in points.
    pub(super) slide_rect: Rect,
    /// The generation of a document that must be upgraded before it can be changed.
    pub(super) old_generation: Option<Generation>,
    /// What comes when the document is open.
    pub(super) after_setup: Option<AfterSetup>,
    pub(super) closing: bool,
}

impl Window {
    /// A window on a context and a graphics device, with what to open.
    pub fn new(
        ctx: &Context,
        gpu: Gpu,
        settings: Store,
        dialogs: Box<dyn Dialogs>,
        wake: Wake,
        start: Start,
    ) -> Self {
        theme::install_fonts(ctx);
        theme::apply(ctx, settings.get().theme);
        theme::reduce_motion(ctx, settings.get().reduced_motion);
        // A press that moves farther than this pans; shorter ones are clicks.
        ctx.options_mut(|o| o.input_options.max_click_dist = 4.0);
        let mut window = Self {
            jobs: Jobs::start("slides", Arc::clone(&wake), || Done::Fault),
            analysis: Jobs::start("analysis", Arc::clone(&wake), || Done::Fault),
            pictures: Jobs::start("thumbnails", Arc::clone(&wake), || Done::Fault),
            slow: Jobs::start("demo slide", Arc::clone(&wake), || Done::Fault),
            ending: Jobs::start("ending", Arc::clone(&wake), || Done::Fault),
            vote: Vote::new(&wake),
            study: study::State::new(&wake),
            gpu,
            wake,
            mode: Mode::named(&settings.get().mode),
            settings,
            dialogs,
            prompt: None,
            messages: Messages::default(),
            palette: Palette::default(),
            over: Over::Nothing,
            demo: None,
            shelf: Shelf::default(),
            filter: String::new(),
            listed: 0,
            ticket: 0,
            opening: None,
            open: None,
            document: None,
            next: None,
            leaving: Vec::new(),
            tool: Tool::default(),
            class: 0,
            selected: None,
            pointer: None,
            crosshair: false,
            marks: true,
            alone: false,
            hands: Hands::default(),
            count: None,
            counting: None,
            scene: Scene::default(),
            scene_of: None,
            viewport: [800.0, 600.0],
            slide_rect: Rect::NOTHING,
            old_generation: None,
            after_setup: None,
            closing: false,
        };
        if window.mode == Mode::Study && start.database.is_none() {
            // There is no study to coordinate yet.
            window.mode = Mode::View;
        }
        let (kits, slides): (Vec<_>, Vec<_>) = start.slides.into_iter().partition(|p| vote::named_as_kit(p));
        for slide in &slides {
            window.shelf.add(slide);
        }
        if let Some(document) = start.database.or_else(|| kits.into_iter().next()) {
            window.open_document(document, false);
        }
        if !slides.is_empty() {
            window.open_listed(0);
        }
        for slide in slides.into_iter().skip(1) {
            jobs::thumbnail_of(&window.pictures, slide);
        }
        if start.demo {
            window.start_demo(Duration::ZERO);
        }
        window
    }

    /// One frame.
    pub fn show(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let now = now(&ctx);
        results::take(self, &ctx, now);
        self.take_dropped(&ctx);
        self.take_keys(&ctx, now);
        layout::show(self, ui, now);
        overlay::show(self, &ctx, now);
        self.ask_for_count();
        self.ask_for_study(&ctx, now);
        self.remember_size(&ctx);
        self.close(&ctx, now);
    }

    /// Is nothing on its way: no job, no edit, no tile, no movement?
    pub fn settled(&self) -> bool {
        // The coordinator's page and a task hide the slide, which waits.
        let covered = matches!(self.mode, Mode::Vote | Mode::Study) || matches!(self.over, Over::Gate(_));
        let sharp = |o: &Opened| o.report.sharp && !o.report.repaint && !o.motion.moving();
        let still = self.open.as_ref().is_none_or(|o| covered || sharp(o)) && self.vote.settled();
        let counted = self.counting.is_none() || self.count.map(|c| c.version) == self.counting;
        still
            && counted
            && self.saved()
            && self.opening.is_none()
            && self.next.is_none()
            && [&self.jobs, &self.analysis, &self.pictures, &self.slow].iter().all(|w| w.idle())
            && self.study.workers().iter().all(|w| w.idle())
            && self.study.settled()
    }

    /// Is everything that was done on disk?
    pub fn saved(&self) -> bool {
        // A document that is being opened has nothing to save, unless a label waits for it.
        let mut documents = self.document.iter().chain(&self.leaving);
        self.after_setup.is_none() && documents.all(|d| d.pending() == 0) && self.vote.saved()
    }

    /// Is a task open, or about to be: is nothing else to be shown?
    pub(super) fn in_task(&self) -> bool {
        self.vote.is_open() || self.vote.wanted.as_ref().is_some_and(|w| w.asked)
    }

    /// The open document.
    pub fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    /// The slide on the screen.
    pub fn opened(&self) -> Option<&Opened> {
        self.open.as_ref()
    }

    /// The count of the slide on the screen.
    pub fn count(&self) -> Option<&count::Answer> {
        self.count.as_ref()
    }

    /// The coordinator's page.
    pub fn study(&self) -> &study::State {
        &self.study
    }

    /// Where the slide's view lies in the window, in points.
    pub fn slide_rect(&self) -> Rect {
        self.slide_rect
    }

    /// The mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Is something open over the window that takes the keys?
    pub fn asks(&self) -> bool {
        let label = self.open.as_ref().is_some_and(|o| matches!(o.label_image, LabelImage::Shown(_)));
        self.over.is_modal() || self.prompt.is_some() || label
    }

    /// Is an error on the screen?
    pub fn failed(&self) -> bool {
        self.messages.grave()
    }

    /// Moves the view there at once.
    pub fn look(&mut self, camera: Camera) {
        if let Some(open) = &mut self.open {
            open.motion.jump(camera);
        }
    }

    /// Says something in the status line.
    pub(super) fn say(&mut self, message: Message, now: Duration) {
        self.messages.push(message, now);
    }

    /// What the class to draw with stands for.
    pub(super) fn drawing_role(&self) -> Option<Role> {
        let classes = self.document.as_ref().map_or(&[][..], |d| d.classes());
        match classes.get(self.class) {
            Some(class) => Some(class.role),
            None => DEFAULT_CLASSES.get(self.class).map(|(_, _, role)| *role),
        }
    }

    /// The class to draw with: one of the document's, or by its role where there is none yet.
    pub(super) fn choice(&self) -> Option<Choice> {
        let classes = self.document.as_ref().map_or(&[][..], |d| d.classes());
        if classes.is_empty() {
            return DEFAULT_CLASSES.get(self.class).map(|(_, _, role)| Choice::Role(*role));
        }
        classes.get(self.class).map(|c| Choice::Class(c.id))
    }

    /// Asks the document's newest state to be counted, unless that was done.
    fn ask_for_count(&mut self) {
        let (Some(open), Some(document)) = (&self.open, &self.document) else { return };
        let Some(resolution) = open.resolution() else { return };
        if !document.loaded() || self.counting == Some(document.version()) {
            return;
        }
        self.counting = Some(document.version());
        jobs::count(
            &self.analysis,
            count::Question {
                version: document.version(),
                points: crate::count::figures(document.objects(), document.classes()),
                resolution,
                slide: open.facts().bounds(),
            },
        );
    }

    /// Remembers the window's size, as it is when it is not maximised.
    fn remember_size(&mut self, ctx: &Context) {
        let (maximised, size) = ctx.input(|i| {
            let viewport = i.viewport();
            (viewport.maximized, viewport.inner_rect.map(|r| [r.width().round(), r.height().round()]))
        });
        let (Some(maximised), Some(size)) = (maximised, size) else { return };
        let set = self.settings.get();
        if set.maximised != maximised || (!maximised && set.window != size) {
            self.settings.change(|s| {
                s.maximised = maximised;
                s.window = if maximised { s.window } else { size };
            });
        }
    }

    /// Closes, once everything is on disk. Who asks twice does not want to wait.
    fn close(&mut self, ctx: &Context, now: Duration) {
        use eframe::egui::ViewportCommand::{CancelClose, Close};
        let asked = ctx.input(|i| i.viewport().close_requested());
        let again = asked && self.closing;
        self.closing |= asked;
        if !self.closing || again {
            return;
        }
        if self.saved() {
            if !asked {
                ctx.send_viewport_cmd(Close);
            }
        } else if asked {
            ctx.send_viewport_cmd(CancelClose);
            self.say(Message::note("Closing when everything is on disk; close again to leave at once"), now);
        }
    }

    /// Keeps what is remembered between runs.
    pub(super) fn remember(&mut self) {
        if let Some(open) = self.open.take() {
            self.remember_view(&open);
        }
        let mode = self.mode.title();
        self.settings.change(|s| s.mode = mode.to_owned());
    }
}

impl eframe::App for Window {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.show(ui);
    }

    fn on_exit(&mut self) {
        self.remember();
    }

    fn clear_color(&self, visuals: &eframe::egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// The window's clock.
pub(super) fn now(ctx: &Context) -> Duration {
    Duration::try_from_secs_f64(ctx.input(|i| i.time)).unwrap_or_default()
}

/// What the document is told of a slide.
pub(super) fn slide_facts(open: &Opened) -> SlideFacts {
    let facts = open.facts();
    SlideFacts {
        filename: facts.file_name(),
        directory: facts.path.parent().map_or_else(String::new, |p| p.display().to_string()),
        size: (facts.width, facts.height),
        resolution: facts.resolution,
        case: None,
    }
}
