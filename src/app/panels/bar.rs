//! The bar at the top: menus, what is open, the modes, the way to every command.

use super::hint;
use crate::app::action::{ACTIONS, Action, Group, find};
use crate::app::modes::Mode;
use crate::app::parts::{self, keys};
use crate::app::settings::Settings;
use crate::app::theme::{self, Theme};
use crate::app::window::{Tool, Window};
use eframe::egui::containers::menu::MenuButton;
use eframe::egui::{
    Align, Button, Color32, Label, Layout, Rect, RichText, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};
use std::path::PathBuf;
use std::time::Duration;

/// Draws the bar.
pub fn show(window: &mut Window, ui: &mut Ui, now: Duration) {
    ui.horizontal_centered(|ui| {
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for group in Group::ALL.into_iter().filter(|g| *g != Group::Vote) {
                let button = MenuButton::from_button(Button::new(group.title()).frame_when_inactive(false));
                button.ui(ui, |ui| menu(window, ui, group, now));
            }
        });
        ui.add_space(2.0 * theme::STEP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            search(window, ui, now);
            ui.add_space(3.0 * theme::STEP);
            for mode in Mode::ALL.into_iter().rev() {
                tab(window, ui, mode, now);
            }
            ui.add_space(2.0 * theme::STEP);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| title(window, ui));
        });
    });
}

fn menu(window: &mut Window, ui: &mut Ui, group: Group, now: Duration) {
    ui.set_min_width(260.0);
    for spec in ACTIONS.iter().filter(|s| s.group == group) {
        // Class keys are learnt from the class list; nine lines here would hide the rest.
        if matches!(spec.action, Action::Class(_) | Action::Cancel) || !spec.action.place().is_in(false) {
            continue;
        }
        if spec.action == Action::Study {
            recent(window, ui);
        }
        let on = state(window.settings.get(), spec.action, window);
        let mut button = Button::new(spec.title).shortcut_text(spec.keys_text());
        if on == Some(true) {
            button = button.selected(true);
        }
        let enabled = window.enabled(spec.action);
        let response = ui.add_enabled(enabled, button).on_hover_text(spec.help);
        if response.clicked() {
            let ctx = ui.ctx().clone();
            window.act(spec.action, &ctx, now);
            ui.close();
        }
    }
}

/// Slides and documents that were opened last.
fn recent(window: &mut Window, ui: &mut Ui) {
    let set = window.settings.get();
    let files: Vec<PathBuf> = set.recent_slides.iter().chain(&set.recent_documents).cloned().collect();
    let slides = set.recent_slides.len();
    ui.add_enabled_ui(!files.is_empty(), |ui| {
        ui.menu_button("Open recent", |ui| {
            for (at, path) in files.iter().enumerate() {
                if at == slides && at > 0 {
                    ui.separator();
                }
                let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                if ui.button(name).on_hover_text(path.display().to_string()).clicked() {
                    if at < slides {
                        window.open_slide(path);
                    } else {
                        window.open_document(path.clone(), false);
                    }
                    ui.close();
                }
            }
        });
    });
}

/// Is a switch on? `None` for what is no switch.
fn state(set: &Settings, action: Action, window: &Window) -> Option<bool> {
    match action {
        Action::Marks => Some(window.marks),
        Action::Crosshair => Some(window.crosshair),
        Action::SlideAlone => Some(window.alone),
        Action::ModeView => Some(window.mode == Mode::View),
        Action::ModeScreen => Some(window.mode == Mode::Screen),
        Action::ModeVote => Some(window.mode == Mode::Vote),
        Action::ModeCount => Some(window.mode == Mode::Count),
        Action::ModeStudy => Some(window.mode == Mode::Study),
        Action::Dim => Some(set.dim_outside),
        Action::Minimap => Some(set.minimap),
        Action::SlideList => Some(!set.left_folded),
        Action::Inspector => Some(!set.right_folded),
        Action::ColourBlind => Some(set.colour_blind),
        Action::ReducedMotion => Some(set.reduced_motion),
        Action::ThemeDark => Some(set.theme == Theme::Dark),
        Action::ThemeLight => Some(set.theme == Theme::Light),
        Action::ThemeGrey => Some(set.theme == Theme::Grey),
        Action::ThemeSystem => Some(set.theme == Theme::System),
        Action::ToolSelect => Some(window.tool == Tool::Select),
        Action::ToolSpot => Some(window.tool == Tool::Spot),
        _ => None,
    }
}

/// What is open: the slide, then the document.
fn title(window: &Window, ui: &mut Ui) {
    let slide = window.opened().map(|o| o.facts().file_name());
    let document = window.document().map(|d| d.name());
    let read_only = window.document().is_some_and(|d| d.is_open() && !d.writable());
    let words = match (slide, document) {
        (Some(slide), Some(document)) => format!("{slide}  ·  {document}"),
        (Some(name), None) | (None, Some(name)) => name,
        (None, None) => "Mitoscope".into(),
    };
    let words = if read_only { format!("{words}  (looking only)") } else { words };
    ui.add(Label::new(RichText::new(&words).strong()).truncate()).on_hover_text(words);
}

fn tab(window: &mut Window, ui: &mut Ui, mode: Mode, now: Duration) {
    let action = match mode {
        Mode::View => Action::ModeView,
        Mode::Screen => Action::ModeScreen,
        Mode::Vote => Action::ModeVote,
        Mode::Count => Action::ModeCount,
        Mode::Study => Action::ModeStudy,
    };
    let enabled = window.enabled(action) || window.mode == mode;
    let t = theme::tokens(ui.ctx());
    let active = window.mode == mode;
    let font = if active { theme::semibold(13.0) } else { theme::font(13.0) };
    let galley = ui.painter().layout_no_wrap(mode.title().into(), font, Color32::PLACEHOLDER);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 24.0, 32.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, enabled, active, mode.title()));
    if response.hovered() && enabled {
        ui.painter().rect_filled(rect, 4.0, t.hover);
    }
    let at = rect.center() - galley.size() / 2.0;
    ui.painter().galley(
        at,
        galley,
        if active { t.text } else { t.quiet.gamma_multiply(if enabled { 1.0 } else { 0.5 }) },
    );
    if active {
        let under =
            Rect::from_min_max(pos2(rect.left() + 8.0, rect.bottom() - 2.0), rect.max - vec2(8.0, 0.0));
        ui.painter().rect_filled(under, 0.0, t.accent);
    }
    if response.on_hover_text(hint(action)).clicked() && enabled {
        let ctx = ui.ctx().clone();
        window.act(action, &ctx, now);
    }
}

/// Looks like a field and opens the palette, which is one.
fn search(window: &mut Window, ui: &mut Ui, now: Duration) {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(220.0, theme::CONTROL), Sense::click());
    parts::name(&response, Role::Button, "Find a command");
    let edge = if response.hovered() { t.quiet } else { t.line };
    ui.painter().rect(rect, 4.0, t.field, Stroke::new(1.0, edge), eframe::egui::StrokeKind::Inside);
    let middle = rect.left_center() + vec2(8.0, 0.0);
    let words = "Search or command";
    ui.painter().text(middle, eframe::egui::Align2::LEFT_CENTER, words, theme::font(13.0), t.quiet);
    let shown = find(Action::Palette).keys.first().map_or_else(String::new, |k| k.text());
    let size = keys::size(ui.painter(), &shown);
    keys::paint(ui.painter(), pos2(rect.right() - 6.0 - size.x, rect.center().y), &shown);
    if response.on_hover_text(hint(Action::Palette)).clicked() {
        let ctx = ui.ctx().clone();
        window.act(Action::Palette, &ctx, now);
    }
}
