//! What opens over the window: the question who labels, the upgrade of an old document, the end of a pass, the
//! keys, the label image, About, the palette.

use super::action::{self, ACTIONS, Action};
use super::dialogs::expand_home;
use super::document::Deed;
use super::modes::study;
use super::modes::vote::Gate;
use super::opened::LabelImage;
use super::panels::study::{form, kit};
use super::parts::{self, cheat_sheet, palette};
use super::study_sheet::{self, Study};
use super::theme;
use super::vote_screen;
use super::window::{AfterSetup, Window};
use crate::store::Generation;
use eframe::egui::{self, Align, Button, Context, Id, Key, Layout, Modal, RichText, TextEdit, Ui, vec2};
use std::path::PathBuf;
use std::time::Duration;

/// What is open over the window.
#[derive(Debug, Default)]
pub enum Over {
    /// Nothing.
    #[default]
    Nothing,
    /// All keys.
    CheatSheet,
    /// Versions.
    About,
    /// Who labels, and where the labels go.
    Setup(Setup),
    /// Classes, raters and the slide's case.
    Study(Study),
    /// An older document: upgrade it?
    Upgrade(Generation),
    /// All fields were seen.
    End,
    /// The rater has a blind task in the document that is to be opened.
    Gate(Gate),
    /// A bank card on the screen: millimetres of a point.
    Calibrate(f64),
    /// A task that is to be made.
    Task(Box<study::Form>),
    /// A kit that is to be made.
    Kit(study::KitWish),
}

impl Over {
    /// Does it take the keys?
    pub fn is_modal(&self) -> bool {
        !matches!(self, Self::Nothing)
    }
}

/// The question who labels, and where the labels go.
#[derive(Debug, Clone, PartialEq)]
pub struct Setup {
    /// The rater's name or initials.
    pub name: String,
    /// The document; asked for only where none is open.
    pub path: String,
    /// Is the document asked for too?
    pub with_document: bool,
    /// What is done after the answer.
    pub deed: Option<Deed>,
    fresh: bool,
}

impl Setup {
    /// The question, with what is likely filled in.
    pub fn new(window: &Window, deed: Option<Deed>) -> Self {
        let folder = window.open.as_ref().and_then(|o| o.path().parent().map(PathBuf::from));
        let path = folder.unwrap_or_default().join(window.document_name());
        let known = window.document.as_ref().and_then(|d| d.wanted_rater().map(str::to_owned));
        Self {
            name: known.unwrap_or_else(|| window.settings.get().rater.clone()),
            path: path.display().to_string(),
            with_document: window.document.is_none(),
            deed,
            fresh: true,
        }
    }
}

/// Draws what is open.
pub(super) fn show(window: &mut Window, ctx: &Context, now: Duration) {
    show_palette(window, ctx, now);
    show_prompt(window, ctx);
    label_image(window, ctx);
    let over = std::mem::take(&mut window.over);
    window.over = match over {
        Over::Nothing => std::mem::take(&mut window.over),
        Over::CheatSheet => {
            let sheet = action::sheet_in(window.vote.is_open().then_some(true));
            let groups: Vec<cheat_sheet::Group<'_>> =
                sheet.iter().map(|(title, rows)| cheat_sheet::Group { title, rows: rows.clone() }).collect();
            if cheat_sheet::show(ctx, &groups) { Over::CheatSheet } else { Over::Nothing }
        }
        Over::About => {
            if about(window, ctx) {
                Over::Nothing
            } else {
                Over::About
            }
        }
        Over::Setup(setup) => ask_setup(window, ctx, setup),
        Over::Study(study) => study_sheet::show(window, ctx, study),
        Over::Upgrade(generation) => ask_upgrade(window, ctx, generation),
        Over::End => end(window, ctx, now),
        Over::Gate(gate) => vote_screen::gate::show(window, ctx, gate, now),
        Over::Calibrate(mm) => vote_screen::calibrate::show(window, ctx, mm),
        Over::Task(task) => form::show(window, ctx, task),
        Over::Kit(wish) => kit::show(window, ctx, wish),
    };
}

fn show_palette(window: &mut Window, ctx: &Context, now: Duration) {
    if !window.palette.is_open() {
        return;
    }
    let (set, task) = (window.settings.get(), window.in_task());
    let recent = set.recent_slides.iter().chain(&set.recent_documents);
    // In a task there are no files.
    let recent: Vec<PathBuf> = recent.filter(|_| !task).cloned().collect();
    let names: Vec<String> = recent.iter().map(|p| p.display().to_string()).collect();
    let slides = window.settings.get().recent_slides.len();
    let mut rows: Vec<palette::Row<'_>> = ACTIONS
        .iter()
        .enumerate()
        .filter(|(_, s)| {
            !matches!(s.action, Action::Palette | Action::Cancel) && s.action.place().is_in(task)
        })
        .map(|(id, s)| palette::Row {
            id,
            title: s.title,
            keys: s.keys_text(),
            group: s.group.title(),
            enabled: window.enabled(s.action),
            help: s.help,
        })
        .collect();
    for (at, name) in names.iter().enumerate() {
        rows.push(palette::Row {
            id: ACTIONS.len() + at,
            title: name,
            keys: String::new(),
            group: if at < slides { "Recent slides" } else { "Recent documents" },
            enabled: true,
            help: "Opens this file.",
        });
    }
    let Some(chosen) = window.palette.show(ctx, &rows) else { return };
    if let Some(spec) = ACTIONS.get(chosen) {
        window.act(spec.action, ctx, now);
    } else if let Some(path) = recent.get(chosen - ACTIONS.len()) {
        if chosen - ACTIONS.len() < slides {
            window.open_slide(path);
        } else {
            window.open_document(path.clone(), false);
        }
    }
}

fn show_prompt(window: &mut Window, ctx: &Context) {
    let Some(mut prompt) = window.prompt.take() else { return };
    match prompt.show(ctx) {
        Some(answer) => window.chosen(prompt.request().clone(), answer),
        None => window.prompt = Some(prompt),
    }
}

/// A sheet in the middle of the window; `true` when it was closed by Esc or a click beside it.
pub(super) fn sheet<R>(
    ctx: &Context,
    name: &str,
    width: f32,
    contents: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let id = Id::unique(name);
    let area = Modal::default_area(id).accessible_name(name);
    let modal = Modal::new(id).area(area).frame(theme::sheet(ctx)).show(ctx, |ui| {
        ui.set_width(width.min(ctx.content_rect().width() - 64.0));
        contents(ui)
    });
    let close = modal.should_close();
    (modal.inner, close)
}

/// The button that does it, and the one that does not: `Some(true)`, `Some(false)`.
pub(super) fn buttons(ui: &mut Ui, verb: &str, other: &str, ready: bool) -> Option<bool> {
    ui.add_space(3.0 * theme::STEP);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let button = Button::new(RichText::new(verb).font(theme::semibold(13.0)));
        let done = ui.add_enabled(ready, button.min_size(vec2(96.0, theme::CONTROL))).clicked();
        let not = ui.add(Button::new(other).min_size(vec2(0.0, theme::CONTROL))).clicked();
        match (done, not) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    })
    .inner
}

pub(super) fn field(ui: &mut Ui, caption: &str, text: &mut String, width: f32) -> egui::Response {
    let label = ui.label(caption);
    let field = TextEdit::singleline(text)
        .desired_width(width)
        .char_limit(4096)
        .min_size(vec2(0.0, theme::CONTROL))
        .align(egui::Align2::LEFT_CENTER);
    let response = ui
        .scope(|ui| {
            theme::accent_focus(ui);
            ui.add(field)
        })
        .inner;
    response.labelled_by(label.id)
}

fn ask_setup(window: &mut Window, ctx: &Context, mut setup: Setup) -> Over {
    // A file dialog, or the typed path, is asked over this question.
    if window.prompt.is_some() {
        return Over::Setup(setup);
    }
    let mut browse = false;
    let (answer, close) = sheet(ctx, "Who labels", 480.0, |ui| {
        ui.heading(if setup.with_document {
            "Who labels, and where do the labels go?"
        } else {
            "Who labels?"
        });
        ui.add_space(2.0 * theme::STEP);
        let name = field(ui, "Your name or initials", &mut setup.name, 240.0);
        if std::mem::take(&mut setup.fresh) {
            name.request_focus();
        }
        let mut entered = name.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let raters: Vec<String> = window
            .document
            .as_ref()
            .map_or_else(Vec::new, |d| d.raters().iter().map(|r| r.name.clone()).collect());
        if !raters.is_empty() {
            ui.add_space(theme::STEP);
            ui.horizontal_wrapped(|ui| {
                parts::caption(ui, "In this document:");
                for rater in raters.iter().filter(|r| !r.is_empty()) {
                    if ui.add(Button::new(rater).selected(*rater == setup.name)).clicked() {
                        setup.name.clone_from(rater);
                    }
                }
            });
        }
        if setup.with_document {
            ui.add_space(2.0 * theme::STEP);
            ui.horizontal(|ui| {
                ui.vertical(|ui| {
                    let path = field(ui, "Labels go into (made if it is not there)", &mut setup.path, 384.0);
                    entered |= path.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
                });
                ui.with_layout(Layout::bottom_up(Align::Min), |ui| {
                    browse = ui.add(Button::new("Choose…").min_size(vec2(0.0, theme::CONTROL))).clicked();
                });
            });
            ui.add_space(theme::STEP);
            parts::caption(
                ui,
                "A SlideRunner database. Each label is on disk when its mark appears; Ctrl+Z takes it back.",
            );
        }
        let placeless = setup.with_document && setup.path.trim().is_empty();
        let ready = !setup.name.trim().is_empty() && !placeless;
        let pressed =
            buttons(ui, if setup.with_document { "Start labelling" } else { "Choose" }, "Cancel", ready);
        if entered && ready { Some(true) } else { pressed }
    });
    if browse {
        window.dialogs.save_database(&window.document_name());
    }
    match answer {
        Some(true) => {
            window.start_labelling(setup);
            Over::Nothing
        }
        Some(false) => Over::Nothing,
        None if close => Over::Nothing,
        None => Over::Setup(setup),
    }
}

fn ask_upgrade(window: &mut Window, ctx: &Context, generation: Generation) -> Over {
    let Some(document) = &window.document else { return Over::Nothing };
    let name = document.name();
    let (answer, close) = sheet(ctx, "Upgrade the document", 480.0, |ui| {
        ui.heading(format!("{name} is of an older kind"));
        ui.add_space(2.0 * theme::STEP);
        ui.label(format!(
            "It was written by an older SlideRunner (generation {generation}). It can be looked at as it is. To add \
             labels it must be brought to the present kind; a copy of it as it is now is kept beside it."
        ));
        buttons(ui, "Upgrade", "Only look", true)
    });
    match answer {
        Some(true) => {
            document.upgrade();
            Over::Nothing
        }
        None if !close => Over::Upgrade(generation),
        _ => Over::Nothing,
    }
}

fn end(window: &mut Window, ctx: &Context, now: Duration) -> Over {
    let Some(pass) = window.open.as_ref().and_then(|o| o.screening.as_ref()) else { return Over::Nothing };
    let figures = pass.figures();
    let again = window.document.as_ref().map_or(1, |d| d.pass());
    let count = window.count.map(|c| (c.all, c.maximum.count));
    let (answer, close) = sheet(ctx, "All fields seen", 420.0, |ui| {
        ui.label(RichText::new("All tissue was seen").text_style(theme::big()));
        ui.add_space(2.0 * theme::STEP);
        ui.label(format!(
            "{} fields · {:.1} mm² of tissue · pass {again}",
            figures.fields, figures.tissue_mm2
        ));
        if let Some((all, most)) = count {
            let s = if all == 1 { "" } else { "s" };
            ui.label(format!("{all} mitotic figure{s} on the slide, {most} in the densest 2.37 mm²"));
        }
        buttons(ui, "Second pass", "Done", true)
    });
    match answer {
        Some(true) => {
            window.act(Action::SecondPass, ctx, now);
            Over::Nothing
        }
        None if !close => Over::End,
        _ => Over::Nothing,
    }
}

fn label_image(window: &mut Window, ctx: &Context) {
    let Some(open) = &mut window.open else { return };
    let LabelImage::Shown(texture) = &open.label_image else { return };
    let texture = texture.clone();
    let (closed, close) = sheet(ctx, "Label image of the slide", 420.0, |ui| {
        ui.heading("Label image");
        parts::caption(ui, "It may name the patient. It is hidden again when it is closed.");
        ui.add_space(2.0 * theme::STEP);
        let size = fit(texture.size_vec2(), vec2(ui.available_width(), 420.0));
        ui.vertical_centered(|ui| {
            ui.add(egui::Image::new(&texture).fit_to_exact_size(size).alt_text("Label image"));
        });
        ui.add_space(2.0 * theme::STEP);
        ui.button("Close").clicked()
    });
    if closed || close {
        open.label_image = LabelImage::Hidden;
    }
}

fn fit(size: egui::Vec2, room: egui::Vec2) -> egui::Vec2 {
    size * (room / size.max(vec2(1.0, 1.0))).min_elem()
}

fn about(window: &Window, ctx: &Context) -> bool {
    let (closed, close) = sheet(ctx, "About Mitoscope", 420.0, |ui| {
        ui.heading("Mitoscope");
        ui.label(env!("CARGO_PKG_DESCRIPTION"));
        ui.add_space(2.0 * theme::STEP);
        egui::Grid::new("versions").num_columns(2).spacing(vec2(16.0, 4.0)).show(ui, |ui| {
            let mut row = |what: &str, value: &str| {
                ui.weak(what);
                ui.add(egui::Label::new(value).wrap());
                ui.end_row();
            };
            row("Version", env!("CARGO_PKG_VERSION"));
            row("OpenSlide", &crate::slide::openslide::version());
            row("SQLite", crate::store::schema::sqlite_version());
            row("Graphics", &window.gpu.adapter);
            let log = crate::logs::folder().map_or_else(|| "none".into(), |f| f.display().to_string());
            row("Logs", &log);
            row("Licence", "MIT or Apache-2.0");
        });
        ui.add_space(2.0 * theme::STEP);
        parts::caption(ui, "Mitoscope informs; it does not diagnose.");
        ui.add_space(2.0 * theme::STEP);
        ui.button("Close").clicked()
    });
    closed || close
}

impl Window {
    /// The answer to [`Setup`]: the rater is chosen, the document opened or made, the label placed.
    fn start_labelling(&mut self, setup: Setup) {
        self.choose_rater(setup.name.trim());
        if setup.with_document {
            let Some(path) = expand_home(setup.path.trim()) else { return };
            self.after_setup = Some(AfterSetup { path: path.clone(), deed: setup.deed });
            super::jobs::look(&self.analysis, path);
            return;
        }
        self.keep_begun();
        if let (Some(deed), Some(document)) = (setup.deed, &mut self.document) {
            document.do_it(&deed);
        }
    }
}
