//! The panels around the slide.

pub mod bar;
pub mod count;
pub mod inspector;
pub mod screening;
pub mod slides;
pub mod status;
pub mod study;

use super::action::{Action, find};
use super::theme;
use super::window::{Window, now};
use eframe::egui::{Button, Response, RichText, Ui, vec2};

/// A heading over a part of a panel.
fn heading(ui: &mut Ui, words: &str) {
    ui.add_space(theme::STEP);
    let t = theme::tokens(ui.ctx());
    let label = ui.label(RichText::new(words).font(theme::semibold(11.0)).color(t.quiet));
    super::parts::name(&label, eframe::egui::Role::Heading, words);
    ui.add_space(2.0);
}

/// A value with its name before it.
fn fact(ui: &mut Ui, name: &str, value: impl Into<String>) {
    ui.scope(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0 * theme::STEP;
            ui.weak(name);
            let value: String = value.into();
            ui.add(eframe::egui::Label::new(&value).truncate()).on_hover_text(value);
        });
    });
}

/// What an action does, and its keys, as a tooltip.
fn hint(action: Action) -> String {
    let spec = find(action);
    if spec.keys.is_empty() { spec.help.to_owned() } else { format!("{}\n{}", spec.help, spec.keys_text()) }
}

/// A button that does an action; grey where it is not possible.
fn button(window: &mut Window, ui: &mut Ui, action: Action, words: &str) -> Response {
    let enabled = window.enabled(action);
    let button = Button::new(words).min_size(vec2(0.0, theme::CONTROL));
    let response =
        ui.add_enabled(enabled, button).on_hover_text(hint(action)).on_disabled_hover_text(hint(action));
    if response.clicked() {
        let ctx = ui.ctx().clone();
        window.act(action, &ctx, now(&ctx));
    }
    response
}
