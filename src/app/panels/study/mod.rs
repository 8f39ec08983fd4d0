//! The coordinator's page: its tabs, the question that stands before it while a blind task is open, and the side.

mod agreement;
pub mod form;
mod gate;
mod grid;
pub mod kit;
mod outcome;
mod plot;
mod sheet;
mod stages;
mod tasks;

use super::{fact, heading, hint};
use crate::app::action::{Action, find};
use crate::app::modes::study::Page;
use crate::app::parts;
use crate::app::theme;
use crate::app::window::{Window, now};
use crate::model::{Class, ClassId};
use eframe::egui::{
    Align, Button, Color32, Frame, Layout, Margin, Rect, Response, RichText, Role, ScrollArea, Sense, Stroke,
    Ui, WidgetInfo, pos2, vec2,
};
use std::time::Duration;

/// Draws the page in the middle of the window.
pub fn show(window: &mut Window, ui: &mut Ui, now: Duration) {
    window.pointer = None;
    let t = theme::tokens(ui.ctx());
    ui.painter().rect_filled(ui.available_rect_before_wrap(), 0.0, t.ground);
    Frame::new().inner_margin(Margin::symmetric(16, 12)).show(ui, |ui| {
        ui.take_available_space();
        // On the ground of the page a button's own fill is hardly seen in the light theme.
        let inactive = &mut ui.visuals_mut().widgets.inactive;
        (inactive.weak_bg_fill, inactive.bg_fill) = (t.panel, t.panel);
        inactive.bg_stroke = Stroke::new(1.0, t.line);
        if window.document().is_none() {
            no_document(window, ui, now);
        } else if window.study().gate().is_some() {
            gate::show(window, ui);
        } else if window.study().read().is_some() {
            tabs(window, ui);
            ui.add_space(2.0 * theme::STEP);
            said(window, ui);
            match window.study().page {
                Page::Stages => stages::show(window, ui),
                Page::Outcome => outcome::show(window, ui, now),
                Page::Agreement => agreement::show(window, ui),
                Page::Disagreements => sheet::show(window, ui),
            }
        } else if let Some(why) = window.study().failure().map(str::to_owned) {
            ui.heading("The study can't be read");
            ui.label(why);
            ui.add_space(2.0 * theme::STEP);
            if ui.button("Read again").clicked() {
                window.study.read_again();
            }
        } else {
            ui.weak("Reading the study…");
        }
    });
}

fn no_document(window: &mut Window, ui: &mut Ui, now: Duration) {
    ui.heading("No document is open");
    ui.add_space(theme::STEP);
    ui.label(
        "A study is a SlideRunner database with the labels of several raters. Open one to see its stages, to ask a \
         second expert, and to see how well they agree.",
    );
    ui.add_space(2.0 * theme::STEP);
    if accent(ui, "Open document…").on_hover_text(hint(Action::OpenDocument)).clicked() {
        let ctx = ui.ctx().clone();
        window.act(Action::OpenDocument, &ctx, now);
    }
}

/// The pages, and what is being done.
fn tabs(window: &mut Window, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        for page in Page::ALL {
            let disputes = window.study().figures().map_or(0, |f| f.disputes.len());
            let words = match page {
                Page::Disagreements if disputes > 0 => format!("{} {disputes}", page.title()),
                _ => page.title().to_owned(),
            };
            if tab(ui, page.title(), &words, window.study().page == page) {
                window.study.page = page;
            }
        }
        again(window, ui);
    });
}

/// At the right end: what is being done, and the way to read everything anew.
fn again(window: &mut Window, ui: &mut Ui) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let again = Button::new("Read again");
        let help = "Reads the document anew: ballots may have come from elsewhere";
        if ui.add(again).on_hover_text(help).clicked() {
            window.study.read_again();
        }
        let study = window.study();
        if let Some(words) = study.busy().or_else(|| study.is_reading().then_some("reading…")) {
            ui.weak(words);
        }
    });
}

fn tab(ui: &mut Ui, name: &str, words: &str, active: bool) -> bool {
    let t = theme::tokens(ui.ctx());
    let font = if active { theme::semibold(13.0) } else { theme::font(13.0) };
    let galley = ui.painter().layout_no_wrap(words.to_owned(), font, Color32::PLACEHOLDER);
    let (rect, response) =
        ui.allocate_exact_size(vec2(galley.size().x + 20.0, theme::CONTROL), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, active, format!("Study page {name}")));
    if response.hovered() {
        ui.painter().rect_filled(rect, 4.0, t.hover);
    }
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(at, galley, if active { t.text } else { t.quiet });
    if active {
        let under =
            Rect::from_min_max(pos2(rect.left() + 8.0, rect.bottom() - 2.0), rect.max - vec2(8.0, 0.0));
        ui.painter().rect_filled(under, 0.0, t.accent);
    }
    response.clicked()
}

/// What was said last of a task or a kit, until it is put away.
fn said(window: &mut Window, ui: &mut Ui) {
    let Some(said) = window.study().said.clone() else { return };
    let t = theme::tokens(ui.ctx());
    let mut away = false;
    let (word, colour) = if said.error { ("Refused", t.error) } else { ("Done", t.text) };
    Frame::new().fill(t.panel).corner_radius(6).inner_margin(Margin::symmetric(12, 8)).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.label(RichText::new(word).font(theme::semibold(13.0)).color(colour));
            let room = ui.available_width() - 70.0;
            ui.allocate_ui_with_layout(vec2(room, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(room);
                ui.add(eframe::egui::Label::new(said.words.as_str()).wrap());
            });
            ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
                away = ui.add(Button::new("Close").frame(false)).clicked();
            });
        });
    });
    ui.add_space(2.0 * theme::STEP);
    if away {
        window.study.said = None;
    }
}

/// The one button of a page.
fn accent(ui: &mut Ui, words: &str) -> Response {
    accent_enabled(ui, words, true)
}

fn accent_enabled(ui: &mut Ui, words: &str, enabled: bool) -> Response {
    let t = theme::tokens(ui.ctx());
    // Nearly black on the accent reads in all themes.
    let text = RichText::new(words).font(theme::semibold(13.0));
    let text = if enabled { text.color(Color32::from_gray(16)) } else { text };
    let button = Button::new(text).fill(if enabled { t.accent } else { t.control });
    ui.add_enabled(enabled, button.min_size(vec2(0.0, 32.0)))
}

/// Rings and boxes to choose from get an outline: in some themes their fill alone is hardly seen.
fn outlined(ui: &mut Ui) {
    let t = theme::tokens(ui.ctx());
    ui.visuals_mut().widgets.inactive.bg_stroke = Stroke::new(1.0, t.quiet);
}

/// A card on the ground of the page.
fn card<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let t = theme::tokens(ui.ctx());
    let frame = Frame::new().fill(t.panel).corner_radius(6).inner_margin(Margin::symmetric(12, 8));
    frame
        .show(ui, |ui| {
            ui.take_available_width();
            contents(ui)
        })
        .inner
}

/// A class' colour as it is drawn, and its name.
fn class_of(classes: &[Class], id: ClassId) -> (Color32, String) {
    match classes.iter().find(|c| c.id == id) {
        Some(c) => (Color32::from_rgb(c.color.0, c.color.1, c.color.2), c.name.clone()),
        None if id == ClassId::UNKNOWN => (Color32::GRAY, "undecided".into()),
        None => (Color32::GRAY, format!("class {}", id.0)),
    }
}

/// A line of quiet words that may be long.
fn quiet(ui: &mut Ui, words: impl Into<String>) {
    let words: String = words.into();
    ui.add(eframe::egui::Label::new(RichText::new(words).small().weak()).wrap());
}

/// The side: what can be done, and the facts of the chosen task.
pub fn side(window: &mut Window, ui: &mut Ui) {
    heading(ui, "STUDY");
    if window.document().is_none() {
        ui.weak("No document is open.");
        return;
    }
    if window.study().read().is_none() {
        actions(window, ui, &[Action::MergeKit]);
        return;
    }
    if let Some(read) = window.study().read().cloned() {
        let total = &read.study.total;
        fact(ui, "Slides", grid::grouped(read.study.slides.len() as u64));
        fact(ui, "Cells", grid::grouped(total.cells.all()));
        fact(
            ui,
            "Raters",
            if read.raters.is_empty() { "none yet".into() } else { grid::grouped(read.raters.len() as u64) },
        );
        fact(ui, "Rule", read.study.rule.clone().unwrap_or_else(|| "none written yet".into()));
        ui.add_space(theme::STEP);
        actions(window, ui, &[Action::MakeTask, Action::MergeKit]);
        tasks::side(window, ui, &read);
        raters(ui, &read);
    }
}

fn raters(ui: &mut Ui, read: &crate::app::modes::study::Read) {
    if read.raters.is_empty() {
        return;
    }
    heading(ui, "CELLS JUDGED, BY RATER");
    let all = read.study.total.cells.all();
    let cols = [grid::words("", 0.0), grid::figures("", 64.0)];
    for rater in &read.raters {
        let n = read.study.total.judged.get(&rater.name).copied().unwrap_or(0);
        let name = if rater.name.is_empty() { "unnamed" } else { &rater.name };
        let cells = [grid::Cell::new(name), grid::Cell::share(n, all, None)];
        grid::row(ui, &cols, &cells, &format!("{name} judged {n} of {all} cells"), None);
    }
}

/// Buttons below each other.
fn actions(window: &mut Window, ui: &mut Ui, list: &[Action]) {
    for action in list {
        let enabled = window.enabled(*action);
        let wide = vec2(ui.available_width(), theme::CONTROL);
        let button = Button::new(find(*action).title).min_size(wide);
        if ui.add_enabled(enabled, button).on_hover_text(hint(*action)).clicked() {
            let ctx = ui.ctx().clone();
            window.act(*action, &ctx, now(&ctx));
        }
    }
}

/// What the tables of a page need at least; a narrower window scrolls to the side.
const NARROWEST: f32 = 720.0;
/// Room for the bar that floats at the right end.
const SCROLL_BAR: f32 = 10.0;

/// A scroll area of a page's whole height.
fn scroll<R>(ui: &mut Ui, name: &str, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let wide = (ui.available_width() - SCROLL_BAR).max(NARROWEST);
    let area = ScrollArea::both().id_salt(name).auto_shrink([false, false]);
    area.show(ui, |ui| {
        ui.set_width(wide);
        contents(ui)
    })
    .inner
}

/// A heading on the page.
fn title(ui: &mut Ui, words: &str) {
    let label = ui.label(RichText::new(words).font(theme::semibold(13.0)));
    parts::name(&label, Role::Heading, words);
}
