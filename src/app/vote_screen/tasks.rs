//! The tasks of who sits here, and how one comes to have some.

use crate::app::action::Action;
use crate::app::modes::vote::List;
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::{Task, TaskKind};
use eframe::egui::{
    Button, Color32, Label, Rect, RichText, Role, ScrollArea, Sense, Ui, UiBuilder, pos2, vec2,
};
use std::path::Path;
use std::time::Duration;

const WIDTH: f32 = 640.0;
const ROW: f32 = 60.0;

/// Draws the list.
pub fn show(window: &mut Window, ui: &mut Ui, now: Duration) {
    let area = ui.available_rect_before_wrap();
    window.pointer = None;
    window.slide_rect = Rect::NOTHING;
    let width = WIDTH.min(area.width() - 48.0);
    let left = (area.center().x - width / 2.0).round();
    let room = Rect::from_min_max(pos2(left, area.top() + 32.0), pos2(left + width, area.bottom() - 8.0));
    ui.scope_builder(UiBuilder::new().max_rect(room), |ui| {
        ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.set_width(width - 16.0);
            contents(window, ui, now);
        });
    });
}

fn contents(window: &mut Window, ui: &mut Ui, now: Duration) {
    ui.label(RichText::new("Your tasks").text_style(theme::big()));
    ui.add_space(2.0 * theme::STEP);
    let rater = window.rater_here();
    let List { of, kit, tasks } = window.vote.list.clone();
    let wanted = window.vote.wanted.is_some() || window.vote.looking.is_some();
    match (of, tasks) {
        _ if wanted => {
            ui.weak("Opening…");
        }
        (None, _) => {
            nothing(ui, "No document is open.", "Open the study's document, or the kit that you were sent.");
        }
        (Some(_), None) => {
            ui.weak("Reading the tasks…");
        }
        (Some(_), Some(Err(why))) => {
            ui.label(RichText::new("The tasks can't be read").color(theme::tokens(ui.ctx()).error));
            ui.label(why);
        }
        (Some((path, _)), Some(Ok(tasks))) => {
            list(window, ui, &path, &rater, &tasks, kit);
        }
    }
    ui.add_space(5.0 * theme::STEP);
    ways(window, ui, now);
}

fn list(window: &mut Window, ui: &mut Ui, path: &Path, rater: &str, tasks: &[Task], kit: bool) {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    // A consensus is reached by two, whoever of them sits here.
    let mine: Vec<&Task> =
        tasks.iter().filter(|t| kit || t.rater == rater || t.kind == TaskKind::Consensus).collect();
    let whose = if kit || rater.is_empty() { name.clone() } else { format!("{name} · {rater}") };
    ui.label(RichText::new(whose).color(theme::tokens(ui.ctx()).quiet));
    ui.add_space(theme::STEP);
    if rater.is_empty() && !kit {
        nothing(ui, "Nobody has said who sits here.", "Tasks are for one rater each: choose who you are.");
        return;
    }
    if mine.is_empty() {
        nothing(ui, &format!("{name} has no task for {rater}."), "Is the name spelt as in the study?");
        return;
    }
    let mut chosen = None;
    for task in mine {
        if row(ui, task) {
            chosen = Some(task.id.0.to_string());
        }
        ui.add_space(theme::STEP);
    }
    if !kit {
        ui.add_space(theme::STEP);
        parts::caption(
            ui,
            "While a task is open, nothing here shows others' opinions. Who holds the whole document can look with \
             other programs: only a kit, which has nothing to hide, is proof.",
        );
    }
    if let Some(task) = chosen {
        window.open_task(path.to_owned(), Some(task));
    }
}

/// What is asked, in words.
const fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Label => "your own opinion on every cell, blind",
        TaskKind::Adjudicate => "your own opinion where others differ, blind",
        TaskKind::Consensus => "a joint opinion of two, who see what both said",
        TaskKind::Candidates => "your own opinion on what a detector proposed, blind",
        TaskKind::Confirm => "your own opinion on cells as plain patches, blind",
    }
}

fn row(ui: &mut Ui, task: &Task) -> bool {
    let t = theme::tokens(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    ui.painter().rect_filled(rect, 4.0, t.control);
    let share = task.done as f32 / task.items.max(1) as f32;
    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 3.0), rect.max);
    ui.painter().rect_filled(line, 1.0, t.line);
    ui.painter().rect_filled(line.with_max_x(line.left() + line.width() * share), 1.0, t.accent);
    let verb = match (task.seal.is_some(), task.done) {
        (true, _) => "Look",
        (false, 0) => "Start",
        (false, _) => "Go on",
    };
    let button = Rect::from_center_size(
        pos2(rect.right() - 68.0, rect.center().y - 1.0),
        vec2(112.0, theme::CONTROL_LARGE - 6.0),
    );
    let state =
        if task.seal.is_some() { "sealed".to_owned() } else { format!("{} of {}", task.done, task.items) };
    let at = pos2(button.left() - 16.0, rect.center().y - 1.0);
    let right = eframe::egui::Align2::RIGHT_CENTER;
    let shown = ui.painter().text(at, right, &state, theme::semibold(13.0), t.text);
    let words = Rect::from_min_max(rect.min + vec2(16.0, 9.0), pos2(shown.left() - 16.0, rect.bottom()));
    ui.scope_builder(UiBuilder::new().max_rect(words), |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let name = RichText::new(&task.name).font(theme::semibold(13.0)).color(t.text);
        let label = ui.add(Label::new(name).truncate());
        parts::name(&label, Role::Label, &format!("{}, {}, {state}", task.name, kind(task.kind)));
        ui.add(Label::new(RichText::new(kind(task.kind)).small().color(t.quiet)).truncate());
    });
    let fill = if task.seal.is_some() { Color32::TRANSPARENT } else { t.hover };
    let label = RichText::new(verb).font(theme::semibold(13.0));
    let response = ui.put(button, Button::new(label).fill(fill));
    parts::name(&response, Role::Button, &format!("{verb} “{}”", task.name));
    // What was put into the row has moved the place of the next one up.
    ui.advance_cursor_after_rect(rect);
    response.clicked()
}

fn nothing(ui: &mut Ui, what: &str, how: &str) {
    ui.label(RichText::new(what).font(theme::semibold(13.0)));
    ui.label(how);
    ui.add_space(2.0 * theme::STEP);
    ui.label("A task asks one rater about a list of cells, one key each, and shows nobody else's opinion.");
    ui.label(
        "A kit comes by mail, as one file. Tasks in the study's own document are made by its coordinator:",
    );
    ui.label("in the Study tab, or on the command line with");
    ui.label(RichText::new("mitoscope task create").monospace());
}

/// How to come by tasks.
fn ways(window: &mut Window, ui: &mut Ui, now: Duration) {
    ui.horizontal(|ui| {
        for (action, words) in [
            (Action::OpenKit, "Open kit…"),
            (Action::OpenDocument, "Open document…"),
            (Action::ChooseRater, "Choose rater…"),
        ] {
            if ui.add(Button::new(words).min_size(vec2(0.0, theme::CONTROL))).clicked() {
                let ctx = ui.ctx().clone();
                window.act(action, &ctx, now);
            }
        }
    });
    parts::caption(ui, "Kits and documents can be dropped into this window too.");
}
