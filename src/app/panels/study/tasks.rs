//! Who has what open: a row a task, and the facts of the chosen one at the side.

use super::grid::{self, Cell, figures, words};
use super::{fact, heading};
use crate::app::modes::study::Read;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::{TaskId, TaskKind};
use crate::study::stages::TaskRow;
use eframe::egui::{Align, Button, Layout, Ui, vec2};

/// What a kind is called on the screen.
pub const fn kind_title(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Label => "own opinion",
        TaskKind::Adjudicate => "where others differ",
        TaskKind::Consensus => "consensus",
        TaskKind::Candidates => "candidates",
        TaskKind::Confirm => "changed labels",
    }
}

/// Rows of tasks, each with what can be done.
pub fn rows(window: &mut Window, ui: &mut Ui, tasks: &[TaskRow]) {
    let cols = [
        words("Task", 0.0),
        words("Rater", 110.0),
        words("Kind", 120.0),
        figures("Done", 110.0),
        words("State", 50.0),
    ];
    const BUTTON: f32 = 100.0;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let inner = |ui: &mut Ui, draw: &mut dyn FnMut(&mut Ui)| {
            ui.allocate_ui_with_layout(
                vec2(ui.available_width() - BUTTON - 8.0, grid::ROW),
                Layout::top_down(Align::Min),
                |ui| draw(ui),
            );
        };
        inner(ui, &mut |ui| {
            grid::head(ui, &cols, &[], None);
        });
        for task in tasks {
            let chosen = window.study().chosen == Some(TaskId(task.id));
            let state = if task.sealed { "sealed" } else { "open" };
            let done = Cell::share(u64::from(task.done), u64::from(task.items), None);
            let cells = [
                Cell::new(&task.name),
                Cell::new(&task.rater),
                Cell::new(kind_title(task.kind)).quiet(),
                Cell { text: format!("{} of {}", task.done, task.items), quiet: false, ..done },
                Cell { strong: !task.sealed, quiet: task.sealed, ..Cell::new(state) },
            ];
            let name = format!(
                "Task {}, {}, {}: {} of {} items done, {state}",
                task.name,
                task.rater,
                kind_title(task.kind),
                task.done,
                task.items
            );
            ui.horizontal(|ui| {
                let mut pressed = false;
                inner(ui, &mut |ui| {
                    pressed = grid::row(ui, &cols, &cells, &name, Some(chosen)).clicked();
                });
                if pressed {
                    window.study.chosen = Some(TaskId(task.id));
                }
                let writable = window.document().is_some_and(|d| d.writable());
                if task.sealed {
                    ui.add_space(BUTTON);
                } else {
                    let button = Button::new("Make a kit…").min_size(vec2(BUTTON, 24.0));
                    let help =
                        "Writes the task into a file of its own, which holds nothing that others think";
                    if ui.add_enabled(writable, button).on_hover_text(help).clicked() {
                        window.ask_kit(TaskId(task.id), &task.name, &task.rater, task.items);
                    }
                }
            });
        }
    });
}

/// The chosen task at the side.
pub fn side(window: &Window, ui: &mut Ui, read: &Read) {
    let Some(task) = window.study().chosen.and_then(|id| read.task(id)) else { return };
    heading(ui, "TASK");
    fact(ui, "Name", task.name.as_str());
    fact(ui, "Rater", task.rater.as_str());
    fact(ui, "Asked for", kind_title(task.kind));
    fact(ui, "Done", format!("{} of {} items", task.done, task.items));
    if let Some(facts) = read.tasks.get(&task.id) {
        let order = match facts.plan.order.as_str() {
            "slide" => "slide after slide".to_owned(),
            _ => format!("shuffled, seed {}", facts.plan.seed),
        };
        fact(ui, "Order", order);
        fact(ui, "Asked twice", format!("{:.0} %", 100.0 * facts.plan.repeats));
        fact(ui, "Chosen", facts.plan.chosen.as_str());
        if let Some(rate) = facts.pace.per_minute {
            fact(ui, "Pace", format!("{rate:.1} ballots/min, {} pauses", facts.pace.pauses));
        }
        match facts.hash {
            Some(hash) => fact(ui, "Seal", hash.to_string()),
            None => fact(ui, "Seal", "open"),
        }
    }
    ui.add_space(2.0 * theme::STEP);
}
