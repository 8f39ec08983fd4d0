//! The line at the bottom: who, with what, where, and what happened last.

use super::hint;
use crate::app::action::Action;
use crate::app::modes::Mode;
use crate::app::parts::message::Pressed;
use crate::app::parts::{self, progress};
use crate::app::theme;
use crate::app::window::Window;
use crate::model::{Resolution, SlidePx};
use eframe::egui::{Align, Button, Color32, Layout, Popup, Role, Sense, Ui, vec2};
use std::time::Duration;

/// `x 1.204 y 0.377 mm`, where the resolution is known.
pub fn mm_text(p: SlidePx, resolution: Option<Resolution>) -> Option<String> {
    resolution.map(|r| format!("x {:.3} y {:.3} mm", p.x * r.x / 1000.0, p.y * r.y / 1000.0))
}

/// `4816,1508 px`.
pub fn px_text(p: SlidePx) -> String {
    format!("{:.0},{:.0} px", p.x.floor(), p.y.floor())
}

/// `x 1.204 y 0.377 mm · 4816,1508 px`.
pub fn place_text(p: SlidePx, resolution: Option<Resolution>) -> String {
    let parts: Vec<String> = mm_text(p, resolution).into_iter().chain([px_text(p)]).collect();
    parts.join(" · ")
}

/// Draws the line.
pub fn show(window: &mut Window, ui: &mut Ui, now: Duration) {
    ui.horizontal_centered(|ui| {
        rater(window, ui, now);
        if window.mode != Mode::Vote {
            separator(ui);
            tool_and_class(window, ui);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            work(window, ui);
            if let Some((p, resolution)) = window.pointer.zip(window.opened().map(|o| o.resolution())) {
                let words = place_text(p, resolution);
                let label = ui.label(&words);
                parts::name(&label, Role::Label, &format!("Position {words}"));
                separator(ui);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                separator(ui);
                let pressed = window.messages.show(ui, now);
                let ctx = ui.ctx().clone();
                match pressed {
                    Some(Pressed::Undo) => window.act(Action::Undo, &ctx, now),
                    Some(Pressed::Log) => window.act(Action::LogPlace, &ctx, now),
                    Some(Pressed::Dismiss) | None => {}
                }
            });
        });
    });
}

fn separator(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(9.0, 14.0), Sense::hover());
    let line = theme::tokens(ui.ctx()).line;
    ui.painter().vline(rect.center().x, rect.y_range(), (1.0, line));
}

/// Who labels is always to be seen.
fn rater(window: &mut Window, ui: &mut Ui, now: Duration) {
    let name = window.document().and_then(|d| d.wanted_rater()).map(str::to_owned);
    // Tasks are listed for who sits here, with a document or without.
    let here = Some(window.rater_here()).filter(|name| window.mode == Mode::Vote && !name.is_empty());
    let words = name.or(here).unwrap_or_else(|| "No rater".to_owned());
    let pass = window.document().map_or(1, |d| d.pass());
    let words = match pass {
        1 => words,
        2 => format!("{words} (second pass)"),
        n => format!("{words} (pass {n})"),
    };
    let response = ui.add(Button::new(&words).frame(false)).on_hover_text(hint(Action::ChooseRater));
    parts::name(&response, Role::Button, &format!("Rater: {words}"));
    if response.clicked() {
        let ctx = ui.ctx().clone();
        window.act(Action::ChooseRater, &ctx, now);
    }
}

fn tool_and_class(window: &mut Window, ui: &mut Ui) {
    ui.label(window.tool.title());
    separator(ui);
    let Some((name, colour)) = window.class_shown() else {
        ui.weak("no class");
        return;
    };
    let (rect, response) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    parts::name(&response, Role::Image, "Colour of the class");
    ui.painter().circle_filled(rect.center(), 5.0, colour);
    let label = ui.label(&name);
    parts::name(&label, Role::Label, &format!("Class: {name}"));
}

/// What runs beside the window, under one button.
fn work(window: &mut Window, ui: &mut Ui) {
    let items = window.work(ui.ctx());
    let saving = window.document().map_or(0, |d| d.pending());
    if saving > 0 {
        ui.weak("saving…");
    }
    if items.is_empty() {
        return;
    }
    let words = if items.len() == 1 { "1 job".to_owned() } else { format!("{} jobs", items.len()) };
    let response = ui.add(Button::new(words).fill(Color32::TRANSPARENT));
    let cancelled = Popup::menu(&response).width(320.0).show(|ui| {
        // All of them are drawn, whichever was pressed.
        items.iter().fold(false, |cancelled, work| progress::work_item(ui, work) | cancelled)
    });
    if cancelled.is_some_and(|c| c.inner) {
        window.cancel_work();
    }
    separator(ui);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_mm_and_px() {
        let resolution = Resolution::new(0.25, 0.25);
        assert_eq!(place_text(SlidePx::new(4816.4, 1508.9), resolution), "x 1.204 y 0.377 mm · 4816,1508 px");
        assert_eq!(place_text(SlidePx::new(-0.5, 3.0), None), "-1,3 px");
    }
}
