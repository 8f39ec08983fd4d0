//! The question before a document in which the rater judges blind.

use crate::app::modes::vote::Gate;
use crate::app::overlay::{Over, sheet};
use crate::app::theme;
use crate::app::window::Window;
use eframe::egui::{Button, Context, RichText, vec2};
use std::time::Duration;

#[derive(Clone, Copy)]
enum Answer {
    Task,
    Coordinator,
    Neither,
}

/// Draws the question.
pub fn show(window: &mut Window, ctx: &Context, gate: Gate, now: Duration) -> Over {
    let (answer, close) = sheet(ctx, "A blind task is open", 520.0, |ui| {
        let mut answer = None;
        match (gate.tasks.first(), &gate.why) {
            (Some(task), _) => {
                ui.heading("You judge blind in this document");
                ui.add_space(2.0 * theme::STEP);
                ui.label(format!(
                    "You have a blind task open in this document: “{}”, {} of {}.",
                    task.name, task.done, task.items
                ));
                if gate.tasks.len() > 1 {
                    ui.label(format!("And {} more.", gate.tasks.len() - 1));
                }
            }
            (None, why) => {
                ui.heading("The tasks of this document can't be read");
                ui.add_space(2.0 * theme::STEP);
                ui.label(why.as_deref().unwrap_or_default());
            }
        }
        ui.add_space(theme::STEP);
        ui.label(
            "To open the document as its coordinator shows others' opinions. That you looked is kept in its journal.",
        );
        ui.add_space(theme::STEP);
        ui.weak(
            "Who holds the whole file can always look with other programs: only a kit, which has nothing to hide, is \
             proof.",
        );
        ui.add_space(3.0 * theme::STEP);
        ui.horizontal(|ui| {
            let button = |words: &str| Button::new(words).min_size(vec2(0.0, theme::CONTROL));
            if !gate.tasks.is_empty() {
                let go = Button::new(RichText::new("Go to the task").font(theme::semibold(13.0)));
                if ui.add(go.min_size(vec2(140.0, theme::CONTROL))).clicked() {
                    answer = Some(Answer::Task);
                }
            }
            if ui.add(button("Open as the coordinator")).clicked() {
                answer = Some(Answer::Coordinator);
            }
            if ui.add(button("Neither")).clicked() {
                answer = Some(Answer::Neither);
            }
        });
        answer
    });
    match answer {
        Some(Answer::Task) => window.gate_to_task(gate, now),
        Some(Answer::Coordinator) => window.gate_as_coordinator(gate),
        Some(Answer::Neither) => window.gate_closed(&gate, now),
        None if close => window.gate_closed(&gate, now),
        None => return Over::Gate(gate),
    }
    Over::Nothing
}
