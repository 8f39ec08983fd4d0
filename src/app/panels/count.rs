//! The controls of the count.

use super::{button, fact, heading};
use crate::app::action::Action;
use crate::app::opened::Opened;
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::count::window::TEN_HPF_MM2;
use crate::model::Role;
use eframe::egui::{self, Response, RichText, Ui};

/// Draws the controls.
pub fn show(window: &mut Window, ui: &mut Ui) {
    heading(ui, "MITOTIC COUNT");
    if window.opened().is_some_and(|o| o.resolution().is_none()) {
        ui.label("This slide states no resolution.");
        parts::caption(ui, "The count is per 2.37 mm², which has no size here.");
        return;
    }
    let Some(answer) = window.count().copied() else {
        if window.document().is_some_and(|d| d.slide().is_some()) {
            ui.weak("Counting…");
        } else {
            ui.label("No labels on this slide yet.");
            if let Some(digit) = window.digit_of(Role::MitoticFigure) {
                parts::caption(ui, format!("Put the pointer on a mitotic figure and press {digit}."));
            }
        }
        ui.add_space(2.0 * theme::STEP);
        return;
    };
    let n = answer.maximum.count;
    big(ui, &format!("MC {n}"));
    let (low, high) = answer.interval;
    ui.label(format!("per {TEN_HPF_MM2} mm² (10 HPF)"));
    ui.add_space(theme::STEP);
    fact(ui, "95 % interval", format!("{low:.1} to {high:.1}"));
    fact(ui, "Source", "agreed class, role mitotic figure");
    let s = if answer.all == 1 { "" } else { "s" };
    fact(ui, "On the slide", format!("{} mitotic figure{s}", answer.all));
    fact(ui, "Method", "exact maximum, 4:3");
    if let Some(mm2) = window.opened().and_then(slide_mm2).filter(|mm2| *mm2 < TEN_HPF_MM2) {
        parts::caption(ui, format!("The whole slide has {mm2:.2} mm² only: this is less than ten fields."));
    }
    ui.add_space(theme::STEP);
    button(window, ui, Action::GoToCount, "Go to the area");
    ui.add_space(2.0 * theme::STEP);
}

fn slide_mm2(open: &Opened) -> Option<f64> {
    let facts = open.facts();
    open.resolution().map(|r| r.pixel_mm2() * f64::from(facts.width) * f64::from(facts.height))
}

fn big(ui: &mut Ui, words: &str) -> Response {
    let label = ui.label(RichText::new(words).text_style(theme::big()));
    parts::name(&label, egui::Role::Label, words);
    label
}
