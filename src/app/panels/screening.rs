//! The controls of the screening mode.

use super::{button, fact, heading};
use crate::app::action::Action;
use crate::app::opened::Tissue;
use crate::app::parts;
use crate::app::theme;
use crate::app::window::{Window, now};
use eframe::egui::Ui;

/// The large map's height at most, in points.
const MAP: f32 = 260.0;

/// Draws the controls.
pub fn show(window: &mut Window, ui: &mut Ui) {
    heading(ui, "SCREENING");
    let Some(open) = window.opened() else { return };
    let Some(pass) = open.screening.as_ref() else {
        match &open.tissue {
            Tissue::Failed(why) => {
                ui.label("The tissue could not be found.");
                parts::caption(ui, why.clone());
            }
            Tissue::Unknown if open.resolution().is_none() => {
                ui.label("This slide states no resolution.");
                parts::caption(ui, "Fields have a size in mm², so there are none here. Look around in View.");
            }
            _ => {
                ui.weak("Finding the tissue…");
            }
        }
        return;
    };
    let states = pass.states();
    let figures = pass.figures();
    let (fields, mm2) = (pass.plan().fields.len(), pass.plan().tissue_mm2);
    let field_mm2 = pass.plan().settings.field_mm2;
    let seen = pass.progress().done.len();
    if fields == 0 {
        ui.label("No tissue was found on this slide.");
        return;
    }
    let went = window.map(&states).and_then(|map| map.large(ui, MAP));
    if let Some(place) = went {
        let now = now(ui.ctx());
        window.go_to_field_at(place, now);
    }
    ui.add_space(theme::STEP);
    fact(ui, "Fields", format!("{seen} of {fields} seen, {field_mm2} mm² each"));
    fact(ui, "Tissue", format!("{:.1} of {mm2:.1} mm²", figures.seen_mm2));
    ui.add_space(theme::STEP);
    ui.horizontal(|ui| {
        button(window, ui, Action::Previous, "Back");
        button(window, ui, Action::Next, "Next field");
        button(window, ui, Action::ReturnToField, "To the field");
    });
    let kept = match window.document() {
        None => Some("Your place is kept once there is a document: the first label asks for one."),
        Some(d) if !d.writable() => Some("Your place is not kept: the document is open for looking only."),
        Some(d) if d.wanted_rater().is_none() => Some("Your place is kept once it is known who screens."),
        Some(_) => None,
    };
    if let Some(words) = kept {
        ui.add_space(theme::STEP);
        parts::caption(ui, words);
    }
    ui.add_space(2.0 * theme::STEP);
}
