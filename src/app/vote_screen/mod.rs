//! How a task looks: the item, the classes to choose from, how far it has come, and nothing else.

mod bar;
pub mod calibrate;
pub mod gate;
mod sealing;
mod sheet;
mod stage;
pub mod tasks;

use super::action::Action;
use super::modes::vote::{Page, Pane, Voting};
use super::overlay::Over;
use super::parts::{self, progress};
use super::theme;
use super::window::Window;
use eframe::egui::{Align2, CentralPanel, Frame, Id, Margin, Panel, Role, Sense, Ui};
use std::time::Duration;

const STATUS: f32 = 32.0;
const BAR: f32 = 64.0;

/// What was asked for by the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Do(Action),
    GoTo(u32),
    Seal,
    LookAgain,
    KeepComment,
    DropComment,
}

/// Draws the task that is open, or the ground under the question before a document; `false` where there is neither.
pub(super) fn alone(window: &mut Window, ui: &mut Ui, now: Duration) -> bool {
    let t = theme::tokens(ui.ctx());
    let Some(mut voting) = window.vote.open.take() else {
        let hidden = window.in_task() || matches!(window.over, Over::Gate(_));
        if hidden {
            CentralPanel::default().frame(Frame::new().fill(t.ground)).show(ui, |ui| {
                if window.in_task() {
                    let area = ui.available_rect_before_wrap();
                    let words = "Opening the task…";
                    ui.painter().text(
                        area.center(),
                        Align2::CENTER_CENTER,
                        words,
                        theme::font(16.0),
                        t.quiet,
                    );
                }
            });
        }
        return hidden;
    };
    let asked = show(window, &mut voting, ui, now);
    window.vote.open = Some(voting);
    if let Some(asked) = asked {
        carry_out(window, ui, asked, now);
    }
    true
}

fn carry_out(window: &mut Window, ui: &Ui, asked: Asked, now: Duration) {
    let ctx = ui.ctx().clone();
    match asked {
        Asked::Do(action) => {
            if window.enabled(action) {
                window.act(action, &ctx, now);
            }
        }
        Asked::GoTo(item) => {
            if let Some(voting) = &mut window.vote.open {
                voting.go_to(item);
            }
        }
        Asked::Seal => window.seal_task(),
        Asked::LookAgain => window.look_for_slides(),
        Asked::KeepComment => {
            if let Some(voting) = &mut window.vote.open {
                voting.keep_comment();
            }
        }
        Asked::DropComment => {
            if let Some(voting) = &mut window.vote.open {
                voting.comment = None;
            }
        }
    }
    // What was asked for shows in the next frame.
    ctx.request_repaint();
}

fn show(window: &mut Window, voting: &mut Voting, ui: &mut Ui, now: Duration) -> Option<Asked> {
    let t = theme::tokens(ui.ctx());
    voting.look(now, ui.input(|i| i.focused) && !window.asks());
    let mut asked = None;
    let frame = |x: i8, y: i8| Frame::new().fill(t.panel).inner_margin(Margin::symmetric(x, y));
    Panel::bottom(Id::unique("task status"))
        .exact_size(STATUS)
        .frame(frame(12, 0))
        .show(ui, |ui| bar::status(window, voting, ui, now, &mut asked));
    if voting.page == Page::Item {
        Panel::bottom(Id::unique("task classes")).exact_size(BAR).frame(frame(12, 8)).show(ui, |ui| {
            match voting.comment {
                // In their place: the picture does not move when a comment is written.
                Some(_) => bar::comment(voting, ui, &mut asked),
                None => bar::classes(voting, ui, now, &mut asked),
            }
        });
    }
    let (done, all) = (voting.held.task().done(), voting.items());
    Panel::bottom(Id::unique("task progress"))
        .exact_size(3.0)
        .frame(Frame::new())
        .show_separator_line(false)
        .show(ui, |ui| {
            progress::line(ui, done as f32 / all.max(1) as f32, &format!("{done} of {all} answered"));
        });
    CentralPanel::no_frame().show(ui, |ui| {
        let page = match voting.page {
            Page::Seal => {
                voting.rest = true;
                sealing::show(voting, ui)
            }
            Page::Item => item(window, voting, ui, now),
        };
        asked = asked.take().or(page);
    });
    asked
}

/// The item on the screen.
fn item(window: &mut Window, voting: &mut Voting, ui: &mut Ui, now: Duration) -> Option<Asked> {
    let area = ui.available_rect_before_wrap();
    let ppp = ui.ctx().pixels_per_point();
    ui.painter().rect_filled(area, 0.0, theme::tokens(ui.ctx()).ground);
    window.viewport = [f64::from(area.width() * ppp).max(1.0), f64::from(area.height() * ppp).max(1.0)];
    window.slide_rect = area;
    window.pointer = None;
    stage::ask_pictures(window, voting);
    voting.dragged = false;
    let asked = match voting.pane {
        Pane::Context => stage::show(window, voting, ui, area, now),
        Pane::Patch | Pane::Sheet => sheet::show(window, voting, ui, area),
    };
    // Space held for a drag is no step to the next item when it is let go.
    if let Some(dragged) = window.hands.space.as_mut().filter(|_| voting.dragged) {
        *dragged = true;
    }
    asked
}

/// One calm sentence where a picture should be, and a way to look again.
fn sentence(ui: &mut Ui, area: eframe::egui::Rect, words: &str) -> Option<Asked> {
    let t = theme::tokens(ui.ctx());
    let middle = area.center();
    let font = theme::font(16.0);
    let galley = ui.painter().layout(words.to_owned(), font, t.text, (area.width() - 64.0).max(80.0));
    let rect = eframe::egui::Rect::from_center_size(middle, galley.size());
    let response = ui.interact(rect, ui.scope_id().with("sentence"), Sense::hover());
    parts::name(&response, Role::Label, words);
    ui.painter().galley(rect.min, galley, t.text);
    let button = eframe::egui::Rect::from_center_size(
        middle + eframe::egui::vec2(0.0, rect.height() / 2.0 + 32.0),
        eframe::egui::vec2(120.0, theme::CONTROL),
    );
    let pressed = ui.put(button, eframe::egui::Button::new("Look again")).clicked();
    pressed.then_some(Asked::LookAgain)
}
