//! Below the item: its number, the classes to choose from, a comment, and the status line.

use super::Asked;
use crate::app::action::{Action, find};
use crate::app::modes::vote::{Page, Pane, Voting};
use crate::app::parts::message::Pressed;
use crate::app::parts::{self, keys};
use crate::app::theme;
use crate::app::window::Window;
use crate::model::{Class, ClassId};
use eframe::egui::{
    Align, Align2, Button, Color32, Key, Layout, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind,
    TextEdit, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};
use std::time::Duration;

/// Room for the item's number at the left, and for the rate at the right.
const SIDE: f32 = 176.0;
const GAP: f32 = 8.0;

/// Item number, classes, rate.
pub fn classes(voting: &Voting, ui: &mut Ui, now: Duration, asked: &mut Option<Asked>) {
    let t = theme::tokens(ui.ctx());
    let area = ui.available_rect_before_wrap();
    let number = format!("{} of {}", voting.at, voting.items());
    let left = Rect::from_min_size(area.min, vec2(SIDE, area.height()));
    let response = ui.interact(left, ui.scope_id().with("number"), Sense::hover());
    parts::name(&response, Role::Label, &number);
    ui.painter().text(left.left_center(), Align2::LEFT_CENTER, number, theme::semibold(16.0), t.text);
    let pace = voting.pace.words(now);
    let room = area.width() - 2.0 * SIDE;
    let rate = ui.painter().layout_no_wrap(pace.clone(), theme::font(11.0), t.quiet);
    let right = Rect::from_min_max(pos2(area.right() - SIDE.max(rate.size().x), area.top()), area.max);
    if !pace.is_empty() && room > 320.0 {
        let response = ui.interact(right, ui.scope_id().with("rate"), Sense::hover());
        parts::name(&response, Role::Label, &pace);
        let at = pos2(area.right() - rate.size().x, area.center().y - rate.size().y / 2.0);
        ui.painter().galley(at, rate, t.quiet);
    }
    let task = voting.held.task();
    let chosen = task.class_of(voting.at);
    let choices = choices(&task.task().settings.classes);
    let sealed = voting.sealed();
    let names: Vec<f32> = choices.iter().map(|c| width(ui, &c.1)).collect();
    let wanted: f32 = names.iter().sum::<f32>() + GAP * (names.len() as f32 - 1.0);
    // Where all of them do not fit they are all made narrower, and their names cut.
    let room = area.width() - SIDE - if room > 320.0 { SIDE } else { 0.0 };
    let share = (room / wanted.max(1.0)).min(1.0);
    let start =
        if wanted < area.width() - 2.0 * SIDE { area.center().x - wanted / 2.0 } else { area.left() + SIDE };
    let mut x = start;
    for ((digit, name, class), width) in choices.iter().zip(names) {
        let width = width * share;
        let rect =
            Rect::from_min_size(pos2(x, area.center().y - 22.0), vec2(width - GAP * (1.0 - share), 44.0));
        x += width + GAP * share;
        let response = choice(ui, rect, *digit, name, chosen == Some(*class), !sealed);
        if response.clicked() {
            *asked = Some(Asked::Do(if *digit == 0 { Action::CantTell } else { Action::Class(*digit) }));
        }
    }
}

/// Digit, name and class of what can be answered.
fn choices(classes: &[Class]) -> Vec<(u8, String, ClassId)> {
    let named = |c: &Class| if c.name.is_empty() { "unnamed class".to_owned() } else { c.name.clone() };
    let digits = (1..=9).zip(classes).map(|(digit, c)| (digit, named(c), c.id));
    digits.chain([(0, "can't tell".to_owned(), ClassId::UNKNOWN)]).collect()
}

fn width(ui: &Ui, name: &str) -> f32 {
    let words = ui.painter().layout_no_wrap(name.to_owned(), theme::font(13.0), Color32::PLACEHOLDER);
    words.size().x.clamp(40.0, 260.0) + 60.0
}

/// A class to press. No colour: one class must not look more likely than another.
fn choice(ui: &mut Ui, rect: Rect, digit: u8, name: &str, chosen: bool, enabled: bool) -> Response {
    let t = theme::tokens(ui.ctx());
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("choice", digit)), sense);
    response
        .widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, chosen, format!("{digit} {name}")));
    let fill = match (chosen, response.hovered() && enabled) {
        (true, _) => t.selection,
        (false, true) => t.hover,
        _ => t.control,
    };
    let edge = if response.has_focus() || chosen { t.accent } else { t.line };
    ui.painter().rect(rect, 4.0, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    keys::paint(ui.painter(), pos2(rect.left() + 12.0, rect.center().y), &digit.to_string());
    let colour = if enabled || chosen { t.text } else { t.quiet };
    let font = if chosen { theme::semibold(13.0) } else { theme::font(13.0) };
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(name.to_owned(), font, colour);
    let room = (rect.width() - 52.0).max(8.0);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width(room);
    let words = ui.painter().layout_job(job);
    let at = pos2(rect.left() + 40.0, rect.center().y - words.size().y / 2.0);
    ui.painter().galley(at, words, colour);
    if chosen { response.on_hover_text("Your answer") } else { response }
}

/// The field of the comment.
pub fn comment(voting: &mut Voting, ui: &mut Ui, asked: &mut Option<Asked>) {
    let at = voting.at;
    let Some(comment) = &mut voting.comment else { return };
    ui.horizontal_centered(|ui| {
        let label = ui.label(format!("Comment on item {at}"));
        let field = TextEdit::singleline(&mut comment.text)
            .hint_text("Enter keeps it with your vote, Esc leaves it as it was")
            .desired_width((ui.available_width() - 96.0).max(120.0))
            .char_limit(2000)
            .min_size(vec2(0.0, theme::CONTROL))
            .align(Align2::LEFT_CENTER);
        let response = ui
            .scope(|ui| {
                theme::accent_focus(ui);
                ui.add(field)
            })
            .inner
            .labelled_by(label.id);
        if std::mem::take(&mut comment.fresh) {
            response.request_focus();
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let escaped = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Escape));
        let kept = ui.add(Button::new("Keep").min_size(vec2(72.0, theme::CONTROL))).clicked();
        if entered || kept {
            *asked = Some(Asked::KeepComment);
        } else if escaped {
            *asked = Some(Asked::DropComment);
        }
    });
}

/// Blind or not, in calm words; then what can be done.
pub fn status(window: &mut Window, voting: &Voting, ui: &mut Ui, now: Duration, asked: &mut Option<Asked>) {
    ui.horizontal_centered(|ui| {
        let words = if voting.held.is_blind() {
            "Blind: opinions of others are not loaded"
        } else {
            "Consensus: not blind, both opinions are shown"
        };
        ui.label(words);
        opinions(voting, ui);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let mut tool = |ui: &mut Ui, action: Action, words: &str| {
                let enabled = enabled(voting, action);
                let button = Button::new(RichText::new(words).font(theme::font(13.0)));
                let button = button.fill(Color32::TRANSPARENT).min_size(vec2(0.0, 24.0));
                let response = ui.add_enabled(enabled, button).on_hover_text(hint(action));
                parts::name(&response, Role::Button, words);
                if response.clicked() {
                    *asked = Some(Asked::Do(action));
                }
            };
            tool(ui, Action::LeaveTask, "Leave");
            tool(ui, Action::SealTask, "Seal…");
            tool(ui, Action::CheatSheet, "Keys");
            if voting.page == Page::Item {
                tool(ui, Action::Comment, comment_word(voting));
                tool(ui, Action::Patches, &view_word(voting.pane));
            }
            let saving = !voting.held.task().saved();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                if window.messages.show(ui, now) == Some(Pressed::Log) {
                    *asked = Some(Asked::Do(Action::LogPlace));
                }
                if saving {
                    // Room is kept for nothing: the words come and go within milliseconds.
                    ui.ctx().request_repaint();
                }
            });
        });
    });
}

/// Both opinions, in a consensus task.
fn opinions(voting: &Voting, ui: &mut Ui) {
    let shown = voting.held.opinions(voting.at);
    if shown.is_empty() || voting.page == Page::Seal {
        return;
    }
    let classes = &voting.held.task().task().settings.classes;
    let class = |id: ClassId| match classes.iter().find(|c| c.id == id) {
        Some(class) => class.name.clone(),
        None => "another class".to_owned(),
    };
    let words: Vec<String> = shown.iter().map(|(name, id)| format!("{name}: {}", class(*id))).collect();
    ui.label(RichText::new(words.join("  ·  ")).font(theme::semibold(13.0)));
}

fn comment_word(voting: &Voting) -> &'static str {
    if voting.comment_on(voting.at).is_empty() { "Comment…" } else { "Comment ✓" }
}

fn view_word(pane: Pane) -> String {
    format!("View: {}", pane.title())
}

fn enabled(voting: &Voting, action: Action) -> bool {
    match action {
        Action::Comment => !voting.sealed(),
        Action::SealTask => voting.page == Page::Item,
        _ => true,
    }
}

fn hint(action: Action) -> String {
    let spec = find(action);
    format!("{}\n{}", spec.help, spec.keys_text())
}

/// A part of the window with its own place, for what is painted by hand.
pub fn child<R>(ui: &mut Ui, rect: Rect, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().max_rect(rect), contents).inner
}
