//! Carrying out actions.

use super::action::{Action, Needs, find};
use super::dialogs::Request;
use super::document::{Choice, Deed, Document};
use super::jobs;
use super::modes::Mode;
use super::opened::LabelImage;
use super::overlay::{Over, Setup};
use super::parts::lens::OBJECTIVES;
use super::parts::message::Message;
use super::settings::Settings;
use super::study_sheet::Study;
use super::theme::{self, Theme};
use super::window::{DemoWork, Tool, Window, slide_facts};
use crate::model::people::DEFAULT_CLASSES;
use crate::model::{Camera, Magnification, ObjectId, Role, ScreenPx, SlidePx, Um};
use eframe::egui::Context;
use std::f64::consts::FRAC_PI_2;
use std::sync::Arc;
use std::time::Duration;

/// One key of zoom.
const ZOOM_STEP: f64 = std::f64::consts::SQRT_2;
/// Part of the view that an arrow key moves.
const PAN_PART: f64 = 0.125;
/// Within this distance a digit labels the cell that is there, by the matching rule of the published method.
const CELL: Um = Um(6.25);
/// The same in level-0 pixels where the resolution is not known.
const CELL_PX: f64 = 25.0;

impl Window {
    /// Can it be done now?
    pub fn enabled(&self, action: Action) -> bool {
        if self.vote.is_open() {
            return self.enabled_in_task(action);
        }
        let screening = || self.open.as_ref().and_then(|o| o.screening.as_ref());
        // The list of tasks lies over the slide.
        let covered = self.mode == Mode::Vote && action != Action::CloseSlide;
        match find(action).needs {
            Needs::Nothing => !(covered && matches!(action, Action::Class(_))),
            Needs::Slide | Needs::Resolution | Needs::LabelImage | Needs::Object if covered => false,
            Needs::Slide => self.open.is_some(),
            Needs::Resolution => self.open.as_ref().is_some_and(|o| o.resolution().is_some()),
            Needs::LabelImage => self.open.as_ref().is_some_and(super::opened::Opened::has_label),
            Needs::Task | Needs::Item | Needs::Unsealed => false,
            Needs::Slides => self.shelf.slides().len() > 1,
            Needs::Plan | Needs::Steps => {
                self.mode == Mode::Screen && screening().is_some_and(|s| s.field().is_some())
            }
            Needs::Seen => self.mode == Mode::Screen && screening().is_some_and(|s| s.complete()),
            Needs::Object => self.target().is_some(),
            Needs::Undo => self.document.as_ref().is_some_and(|d| d.can_undo()),
            Needs::Redo => self.document.as_ref().is_some_and(|d| d.can_redo()),
            Needs::AnyDocument => self.document.is_some(),
            Needs::Study => self.study_is_open() && self.document.as_ref().is_some_and(|d| d.writable()),
            Needs::Document => self.document.as_ref().is_some_and(|d| d.writable()),
            Needs::OldDocument => self.old_generation.is_some(),
            Needs::Count => self.count.is_some_and(|c| c.maximum.count > 0),
        }
    }

    /// Does it. Whether it is possible was asked before.
    pub fn act(&mut self, action: Action, ctx: &Context, now: Duration) {
        if self.act_in_task(action, now) {
            return;
        }
        tracing::debug!(action = find(action).id, "action");
        match action {
            Action::OpenSlide => self.ask(Request::Slides),
            Action::OpenDocument => self.ask(Request::Database),
            Action::OpenKit => self.ask(Request::Kit),
            Action::NewDocument => self.ask(Request::SaveDatabase(self.document_name())),
            Action::Demo => self.start_demo(now),
            Action::CloseSlide => self.close_slide(),
            Action::Quit => self.closing = true,
            Action::Undo => self.step_back(Document::undo),
            Action::Redo => self.step_back(Document::redo),
            Action::Delete => self.delete(now),
            Action::ChooseRater => self.over = Over::Setup(Setup::new(self, None)),
            Action::Class(n) => self.digit(n, now),
            Action::Place => self.place_at_crosshair(now),
            Action::Crosshair => self.crosshair = !self.crosshair,
            Action::ToolSelect => self.tool = Tool::Select,
            Action::ToolSpot => self.tool = Tool::Spot,
            Action::ModeView => self.set_mode(Mode::View),
            Action::ModeScreen => self.set_mode(Mode::Screen),
            Action::ModeVote => self.set_mode(Mode::Vote),
            Action::ModeCount => self.set_mode(Mode::Count),
            Action::ModeStudy => self.set_mode(Mode::Study),
            Action::MakeTask => self.next_task(),
            Action::MergeKit => self.ask(Request::MergeKit),
            Action::SlideList => self.settings.change(|s| s.left_folded = !s.left_folded),
            Action::Inspector => self.settings.change(|s| s.right_folded = !s.right_folded),
            Action::SlideAlone => self.alone = !self.alone,
            Action::Minimap => self.settings.change(|s| s.minimap = !s.minimap),
            Action::Dim => self.settings.change(|s| s.dim_outside = !s.dim_outside),
            Action::Marks => self.marks = !self.marks,
            Action::LabelImage => self.toggle_label_image(),
            Action::NextSlide => self.step_slide(1),
            Action::PreviousSlide => self.step_slide(-1),
            Action::Next => self.next_field(now),
            Action::Previous => self.previous_field(now),
            Action::ReturnToField => self.show_field(false),
            Action::SecondPass => self.second_pass(now),
            Action::GoToCount => self.go_to_count(),
            Action::ThemeDark => self.set_theme(ctx, Theme::Dark),
            Action::ThemeLight => self.set_theme(ctx, Theme::Light),
            Action::ThemeGrey => self.set_theme(ctx, Theme::Grey),
            Action::ThemeSystem => self.set_theme(ctx, Theme::System),
            Action::ColourBlind => self.settings.change(|s| s.colour_blind = !s.colour_blind),
            Action::ReducedMotion => self.toggle_motion(ctx),
            Action::Calibrate => self.over = Over::Calibrate(self.settings.get().mm_per_point),
            Action::Palette => self.palette.toggle(),
            Action::CheatSheet => self.over = Over::CheatSheet,
            Action::About => self.over = Over::About,
            Action::Upgrade => self.ask_upgrade(),
            Action::Study => self.over = Over::Study(Study::new(self)),
            Action::LogPlace => self.say_log(now),
            Action::Cancel => self.cancel(),
            Action::ZoomIn
            | Action::ZoomOut
            | Action::Fit
            | Action::OneToOne
            | Action::Objective(_)
            | Action::PanLeft
            | Action::PanRight
            | Action::PanUp
            | Action::PanDown
            | Action::RotateLeft
            | Action::RotateRight => self.move_view(action),
            // Of a task, which is not open here.
            Action::CantTell
            | Action::Comment
            | Action::Patches
            | Action::ReturnToItem
            | Action::FirstOpen
            | Action::SealTask
            | Action::LeaveTask => {}
        }
    }

    pub(super) fn ask(&mut self, request: Request) {
        self.dialogs.start(request);
    }

    /// A name for a new document: the slide's.
    pub(super) fn document_name(&self) -> String {
        let slide = self.open.as_ref().and_then(|o| o.path().file_stem());
        slide.map_or_else(|| "study.sqlite".into(), |s| format!("{}.sqlite", s.to_string_lossy()))
    }

    fn step_back(&mut self, step: fn(&mut Document) -> bool) {
        if let Some(document) = &mut self.document {
            step(document);
        }
    }

    fn move_view(&mut self, action: Action) {
        let (viewport, pointer) = (self.viewport, self.pointer.filter(|_| !self.crosshair));
        let Some(open) = &mut self.open else { return };
        let (target, middle) = (open.motion.target(), ScreenPx::new(viewport[0] / 2.0, viewport[1] / 2.0));
        // As the wheel does: about the pointer, while it is over the slide.
        let at = pointer.map_or(middle, |p| target.to_screen(p, viewport));
        let pan =
            |dx: f64, dy: f64| target.panned(-dx * viewport[0] * PAN_PART, -dy * viewport[1] * PAN_PART);
        let to = match action {
            Action::ZoomIn => target.zoomed(ZOOM_STEP, at, viewport),
            Action::ZoomOut => target.zoomed(1.0 / ZOOM_STEP, at, viewport),
            Action::Fit => {
                let fit = Camera::fit(open.facts().bounds(), viewport, 1.05);
                if target.angle == 0.0 { fit } else { Camera { angle: target.angle, ..fit } }
            }
            Action::OneToOne => Camera { zoom: 1.0, ..target },
            Action::Objective(n) => {
                let Some((objective, resolution)) = OBJECTIVES.get(usize::from(n)).zip(open.resolution())
                else {
                    return;
                };
                let at = Camera::at(target.center, Magnification(*objective), resolution);
                Camera { zoom: at.zoom, ..target }
            }
            Action::PanLeft => pan(-1.0, 0.0),
            Action::PanRight => pan(1.0, 0.0),
            Action::PanUp => pan(0.0, -1.0),
            Action::PanDown => pan(0.0, 1.0),
            Action::RotateLeft => target.turned(-FRAC_PI_2),
            Action::RotateRight => target.turned(FRAC_PI_2),
            _ => return,
        };
        let to = super::motion::kept(to, open.facts().bounds(), viewport);
        open.motion.go(to, viewport);
    }

    fn ask_upgrade(&mut self) {
        if let Some(generation) = self.old_generation {
            self.over = Over::Upgrade(generation);
        }
    }

    pub(super) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
        match mode {
            Mode::Screen => self.show_field(true),
            // Tasks may have been made since.
            Mode::Vote => self.vote.list = super::modes::vote::List::default(),
            Mode::Study => self.study.read_again(),
            Mode::View | Mode::Count => {}
        }
    }

    fn step_slide(&mut self, by: isize) {
        let n = self.shelf.slides().len();
        if n == 0 {
            return;
        }
        self.open_listed((self.listed as isize + by).rem_euclid(n as isize) as usize);
    }

    /// How near a pointer must be to a cell, in level-0 pixels: the matching rule's radius, or what a hand can aim at.
    pub(super) fn reach(&self) -> f64 {
        let Some(open) = &self.open else { return CELL_PX };
        let rule = open.resolution().map_or(CELL_PX, |r| r.px(CELL));
        rule.max(8.0 / open.motion.camera().zoom)
    }

    /// The cell under the pointer.
    fn under_pointer(&self) -> Option<ObjectId> {
        let document = self.document.as_ref()?;
        self.pointer.and_then(|p| document.nearest_cell(p, self.reach())).map(|o| o.id)
    }

    /// The object that Delete takes: the one under the pointer, else the selected one while it is in view.
    pub(super) fn target(&self) -> Option<ObjectId> {
        self.under_pointer().or_else(|| self.visible_selection())
    }

    fn visible_selection(&self) -> Option<ObjectId> {
        // The coordinator's page hides the slide: nothing on it is labelled or deleted unseen.
        if self.mode == Mode::Study {
            return None;
        }
        let (open, document) = (self.open.as_ref()?, self.document.as_ref()?);
        let object = document.object(self.selected?)?;
        let shown = open.motion.camera().visible(self.viewport);
        let in_view = object.shape.bounds().is_none_or(|b| b.grown(1e-6).intersects(&shown));
        in_view.then_some(object.id)
    }

    /// A digit: labels what is there, or places a label there; with the pointer elsewhere it chooses the class.
    fn digit(&mut self, n: u8, now: Duration) {
        let class = usize::from(n.saturating_sub(1));
        // A document without classes gets the default ones with its first label.
        let classes = self.document.as_ref().map_or(0, |d| d.classes().len());
        let have = if classes == 0 { DEFAULT_CLASSES.len() } else { classes };
        if class >= have {
            self.say(Message::note(format!("There is no class {n}: there are {have}")), now);
            return;
        }
        self.class = class;
        // With the pointer over the slide the digit is for what is there; the selection may be a cell of long ago.
        match self.pointer {
            Some(place) => match self.under_pointer() {
                Some(object) => self.relabel(object, now),
                None => self.place(place, now),
            },
            None => {
                if let Some(object) = self.visible_selection() {
                    self.relabel(object, now);
                }
            }
        }
    }

    fn relabel(&mut self, object: ObjectId, now: Duration) {
        if let Some(choice) = self.choice() {
            self.do_it(&Deed::Label(object, choice), now);
        }
    }

    /// Does it, or asks first who does it and where it goes.
    pub(super) fn do_it(&mut self, deed: &Deed, now: Duration) {
        if self.ready_to_label(deed, now)
            && let Some(document) = &mut self.document
        {
            document.do_it(deed);
        }
    }

    /// A new spot of the chosen class.
    pub(super) fn place(&mut self, at: SlidePx, now: Duration) {
        let Some(open) = &self.open else { return };
        if !open.facts().bounds().contains(at) {
            return;
        }
        // Level-0 pixels are whole in the files that other programs write.
        let at = SlidePx::new(at.x.round(), at.y.round());
        let slide = Arc::new(slide_facts(open));
        let Some(choice) = self.choice() else { return };
        if choice == Choice::Role(Role::TumourRegion) {
            self.say(
                Message::note("This class is for regions; a spot marks a cell: choose another class"),
                now,
            );
            return;
        }
        let reach = self.reach();
        if self.document.as_ref().is_some_and(|d| d.on_its_way(at, reach)) {
            self.say(Message::note("A label is being saved here: try again in a moment"), now);
            return;
        }
        self.do_it(&Deed::Place(slide, at, choice), now);
    }

    fn place_at_crosshair(&mut self, now: Duration) {
        match (self.crosshair, self.pointer) {
            (true, Some(at)) => self.place(at, now),
            _ => self.say(Message::note("Enter labels at the crosshair: K shows it"), now),
        }
    }

    /// Is there a document that can be written, and a rater? Else it is asked for, and the deed comes afterwards.
    fn ready_to_label(&mut self, deed: &Deed, now: Duration) -> bool {
        if self.next.is_some() || self.after_setup.is_some() || self.vote.busy() {
            self.say(Message::note("The document is still being opened; try again in a moment"), now);
            return false;
        }
        let Some(document) = &self.document else {
            self.over = Over::Setup(Setup::new(self, Some(deed.clone())));
            return false;
        };
        if !document.writable() {
            let words = format!("{} is open for looking only: nothing was labelled", document.name());
            self.say(Message::warning(words), now);
            false
        } else if document.slide().is_some() && !document.loaded() {
            // A cell that has a mark already would get a second one.
            let words = format!("The labels of this slide are not read yet from {}", document.name());
            self.say(Message::note(words), now);
            false
        } else if document.wanted_rater().is_none() {
            self.over = Over::Setup(Setup::new(self, Some(deed.clone())));
            false
        } else {
            true
        }
    }

    fn delete(&mut self, now: Duration) {
        if let Some(object) = self.target() {
            self.do_it(&Deed::Delete(object), now);
        }
    }

    fn go_to_count(&mut self) {
        let viewport = self.viewport;
        if let (Some(count), Some(open)) = (&self.count, &mut self.open) {
            open.motion.go(Camera::fit(count.maximum.rect, viewport, 1.1), viewport);
        }
    }

    fn toggle_label_image(&mut self) {
        let Some(open) = &mut self.open else { return };
        match open.label_image {
            LabelImage::Hidden => {
                open.label_image = LabelImage::Reading;
                jobs::label_image(&self.jobs, &open.source);
            }
            LabelImage::Reading | LabelImage::Shown(_) => open.label_image = LabelImage::Hidden,
        }
    }

    fn set_theme(&mut self, ctx: &Context, theme: Theme) {
        self.settings.change(|s| s.theme = theme);
        theme::apply(ctx, theme);
        theme::reduce_motion(ctx, self.settings.get().reduced_motion);
    }

    fn toggle_motion(&mut self, ctx: &Context) {
        self.settings.change(|s: &mut Settings| s.reduced_motion = !s.reduced_motion);
        let reduced = self.settings.get().reduced_motion;
        theme::reduce_motion(ctx, reduced);
        if let Some(open) = &mut self.open {
            open.motion.reduced = reduced;
        }
    }

    pub(super) fn say_log(&mut self, now: Duration) {
        let words = match crate::logs::folder() {
            Some(folder) => format!("Logs and crash reports are in {}", folder.display()),
            None => "There is no home folder: logs go to the terminal only".to_owned(),
        };
        self.say(Message::note(words), now);
    }

    pub(super) fn start_demo(&mut self, now: Duration) {
        if self.demo.is_some() {
            return;
        }
        let Some(folder) = crate::logs::folder() else {
            self.say(Message::error("There is no home folder to make the demo slide in"), now);
            return;
        };
        self.demo = Some(DemoWork { done: (0, 0), since: now, cancelling: false });
        jobs::demo(&self.slow, folder.join("demo"));
    }

    fn cancel(&mut self) {
        if self.selected.take().is_none() {
            if let Some(open) = &mut self.open {
                open.label_image = LabelImage::Hidden;
                open.motion.stop();
            }
            self.crosshair = false;
            self.tool = Tool::Select;
        }
    }
}
