//! The page before the seal: what will be sealed; and after it: the hash, and what is to be done.

use super::Asked;
use super::bar::child;
use crate::app::modes::vote::Voting;
use crate::app::parts;
use crate::app::theme;
use crate::model::{ClassId, Seal};
use eframe::egui::{Button, Rect, RichText, Role, ScrollArea, Ui, pos2, vec2};

const WIDTH: f32 = 560.0;
/// Open items that are listed at most.
const LISTED: usize = 24;

/// Draws the page.
pub fn show(voting: &Voting, ui: &mut Ui) -> Option<Asked> {
    let area = ui.available_rect_before_wrap();
    ui.painter().rect_filled(area, 0.0, theme::tokens(ui.ctx()).panel);
    let width = WIDTH.min(area.width() - 48.0);
    let left = (area.center().x - width / 2.0).round();
    let top = area.top() + (area.height() * 0.16).clamp(24.0, 140.0);
    let room = Rect::from_min_max(pos2(left, top), pos2(left + width, area.bottom() - 16.0));
    child(ui, room, |ui| {
        ScrollArea::vertical()
            .show(ui, |ui| {
                ui.set_width(width);
                match voting.held.task().seal() {
                    Some(seal) => sealed(voting, ui, seal),
                    None => before(voting, ui),
                }
            })
            .inner
    })
}

fn before(voting: &Voting, ui: &mut Ui) -> Option<Asked> {
    let task = voting.held.task();
    let (done, all) = (task.done(), voting.items() as usize);
    let unsure = task.items().iter().filter(|i| task.class_of(i.number) == Some(ClassId::UNKNOWN)).count();
    let mut asked = None;
    ui.label(RichText::new(format!("Seal “{}”", task.task().name)).text_style(theme::big()));
    ui.add_space(2.0 * theme::STEP);
    let words = format!("{done} of {all} answered · {unsure} can't tell");
    let label = ui.label(RichText::new(&words).font(theme::semibold(16.0)));
    parts::name(&label, Role::Label, &words);
    ui.add_space(theme::STEP);
    ui.label(if task.is_kit() {
        "The seal ends the task. The kit then goes back to the coordinator, and nothing in it can be changed."
    } else {
        "The seal ends the task. Your answers become labels, and can't be changed here any more."
    });
    let open: Vec<u32> =
        task.items().iter().map(|i| i.number).filter(|n| task.vote_on(*n).is_none()).collect();
    if !open.is_empty() {
        ui.add_space(3.0 * theme::STEP);
        ui.label(RichText::new(format!("{} without an answer", open.len())).font(theme::semibold(13.0)));
        ui.horizontal_wrapped(|ui| {
            for number in open.iter().take(LISTED) {
                let response = ui.add(Button::new(number.to_string()).min_size(vec2(44.0, theme::CONTROL)));
                parts::name(&response, Role::Button, &format!("Go to item {number}"));
                if response.on_hover_text("Go there").clicked() {
                    asked = Some(Asked::GoTo(*number));
                }
            }
            if open.len() > LISTED {
                ui.weak(format!("and {} more", open.len() - LISTED));
            }
        });
        parts::caption(ui, "An item without an answer gets no label.");
    }
    ui.add_space(5.0 * theme::STEP);
    ui.horizontal(|ui| {
        let ready = task.saved() && !voting.sealing && done > 0;
        let seal = Button::new(RichText::new("Seal").font(theme::semibold(16.0)));
        if ui.add_enabled(ready, seal.min_size(vec2(160.0, theme::CONTROL_LARGE))).clicked() {
            asked = Some(Asked::Seal);
        }
        let back = Button::new("Back to the items").min_size(vec2(0.0, theme::CONTROL_LARGE));
        if ui.add(back).clicked() {
            asked = Some(Asked::GoTo(voting.at));
        }
        if !task.saved() || voting.sealing {
            ui.weak("saving…");
        }
    });
    asked
}

fn sealed(voting: &Voting, ui: &mut Ui, seal: &Seal) -> Option<Asked> {
    let task = voting.held.task();
    ui.label(RichText::new(format!("“{}” is sealed", task.task().name)).text_style(theme::big()));
    ui.add_space(2.0 * theme::STEP);
    let words = if task.is_kit() {
        let name = task.path().file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        format!("Send the file {name} back to the coordinator.")
    } else {
        match voting.labels {
            Some(1) => "1 label written.".to_owned(),
            Some(n) => format!("{n} labels written."),
            None => "Its labels are in the document.".to_owned(),
        }
    };
    let label = ui.label(RichText::new(&words).font(theme::semibold(16.0)));
    parts::name(&label, Role::Label, &words);
    ui.add_space(3.0 * theme::STEP);
    let hash = format!("{}", seal.signed.hash);
    let label = ui.add(eframe::egui::Label::new(RichText::new(&hash).monospace()).wrap().selectable(true));
    parts::name(&label, Role::Label, &format!("Hash of the seal {hash}"));
    parts::caption(ui, "The hash covers every vote. Note it, and nobody can change one unnoticed.");
    ui.add_space(5.0 * theme::STEP);
    let look = Button::new("Look at the items").min_size(vec2(0.0, theme::CONTROL_LARGE));
    ui.add(look).clicked().then_some(Asked::GoTo(voting.at))
}
