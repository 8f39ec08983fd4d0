//! The question before the page while a blind task is open. Kits can be made and merged without an answer: neither
//! tells what anybody thinks.

use super::{accent_enabled, card, quiet, said, tasks};
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::study::stages::TaskRow;
use eframe::egui::{Role, Ui};

/// `Blind tasks are open (second, Expert 2: 12 of 40).`
pub fn sentence(open: &[TaskRow]) -> String {
    let each: Vec<String> =
        open.iter().map(|t| format!("{}, {}: {} of {}", t.name, t.rater, t.done, t.items)).collect();
    let is = if open.len() == 1 { "A blind task is open" } else { "Blind tasks are open" };
    format!("{is} ({}). What this page tells must not reach whoever is asked.", each.join("; "))
}

/// Draws it.
pub fn show(window: &mut Window, ui: &mut Ui) {
    let Some(open) = window.study().gate().map(<[TaskRow]>::to_vec) else { return };
    said(window, ui);
    card(ui, |ui| {
        ui.heading("Are you the coordinator?");
        ui.add_space(theme::STEP);
        let words = sentence(&open);
        let label = ui.add(eframe::egui::Label::new(&words).wrap());
        parts::name(&label, Role::Label, &words);
        ui.add_space(2.0 * theme::STEP);
        let writable = window.document().is_some_and(|d| d.writable());
        let looking = window.study().is_looking();
        if accent_enabled(ui, "Look as the coordinator", writable && !looking).clicked() {
            window.look_as_coordinator();
        }
        ui.add_space(theme::STEP);
        if writable {
            quiet(
                ui,
                "The look is kept in the document's journal and listed on the page. Whoever holds the whole file can \
                 look with other means: only a kit is proof that nobody did.",
            );
        } else {
            quiet(
                ui,
                "The document is open for looking only, and a look must be kept in its journal: open it where it can \
                 be written.",
            );
        }
    });
    ui.add_space(3.0 * theme::STEP);
    ui.horizontal(|ui| {
        super::title(ui, "Open blind tasks");
        super::again(window, ui);
    });
    tasks::rows(window, ui, &open);
    ui.add_space(theme::STEP);
    quiet(
        ui,
        "A kit holds the task and nothing that others think. It can be made and merged without looking at this page.",
    );
}
