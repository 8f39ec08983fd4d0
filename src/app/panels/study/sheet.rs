//! The cells on which raters differ, as a sheet of patches with who said what.

use super::{class_of, grid};
use crate::app::modes::study::{Figures, Patch, Read};
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::{Class, RaterId};
use crate::study::disputes::Dispute;
use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{
    Align2, Color32, ComboBox, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

/// Side of a patch on the screen at least, in points: below it stands who said what.
const SIDE: f32 = 160.0;
const GAP: f32 = 12.0;
/// Lines of words under a patch: the slide, and what up to four raters said.
const LINES: usize = 4;
const LINE: f32 = 16.0;

/// Draws the page.
pub fn show(window: &mut Window, ui: &mut Ui) {
    let (Some(figures), Some(read)) = (window.study().figures().cloned(), window.study().read().cloned())
    else {
        ui.weak("Reading…");
        return;
    };
    if figures.disputes.is_empty() {
        ui.heading("Nobody differs");
        ui.add_space(theme::STEP);
        ui.label(match read.raters.len() {
            0 | 1 => "There is one rater at most: ask a second expert about the cells first.",
            _ => "All cells with several opinions have the same one.",
        });
        return;
    }
    let cells = window.disputes_shown();
    ui.horizontal(|ui| {
        filter(window, ui, &figures, &read);
        let (n, s) = (cells.len(), if cells.len() == 1 { "" } else { "s" });
        let words = format!("{} disagreement{s}", grid::grouped(n as u64));
        let label = ui.label(&words);
        parts::name(&label, Role::Label, &words);
        ui.weak("32 µm on a side · a click shows the cell on its slide");
    });
    ui.add_space(2.0 * theme::STEP);
    let classes = window.classes_shown();
    // Room for the scroll bar.
    let wide = ui.available_width() - 12.0;
    let across = (((wide + GAP) / (SIDE + GAP)).floor() as usize).max(1);
    let side = ((wide + GAP) / across as f32 - GAP).floor();
    let lines = 1 + figures.disputes.iter().map(|d| d.said.len()).max().unwrap_or(2).min(LINES);
    let high = side + 4.0 + lines as f32 * LINE;
    let mut pressed = None;
    let mut in_view = Vec::new();
    ui.spacing_mut().item_spacing.y = GAP;
    ScrollArea::vertical().id_salt("disagreements").auto_shrink([false, false]).show_rows(
        ui,
        high,
        cells.len().div_ceil(across),
        |ui, range| {
            for row in range {
                let shown: Vec<usize> = cells.iter().skip(row * across).take(across).copied().collect();
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = GAP;
                    for at in &shown {
                        let Some(dispute) = figures.disputes.get(*at) else { continue };
                        if cell(window, ui, dispute, &read, &classes, vec2(side, high)) {
                            pressed = Some(dispute.clone());
                        }
                    }
                });
                in_view.extend(shown);
            }
        },
    );
    window.ask_for_patches(&in_view);
    if let Some(dispute) = pressed {
        window.go_to_cell(&dispute);
    }
}

fn rater_name(read: &Read, id: RaterId) -> &str {
    read.raters.iter().find(|r| r.id == id).map_or("nobody named", |r| r.name.as_str())
}

/// Which two are compared.
fn filter(window: &mut Window, ui: &mut Ui, figures: &Figures, read: &Read) {
    let words = |pair: Option<(RaterId, RaterId)>| match pair {
        None => "All raters".to_owned(),
        Some((a, b)) => format!("{} / {}", rater_name(read, a), rater_name(read, b)),
    };
    let mut choices = vec![None];
    if let Ok(compared) = &figures.compared {
        let id = |at: usize| compared.raters.get(at).map(|r| r.id);
        choices.extend(compared.found.pairs.iter().map(|p| id(p.a).zip(id(p.b))).filter(Option::is_some));
    }
    let now = window.study().between;
    let shown = ComboBox::from_id_salt("pair").selected_text(words(now)).width(200.0).show_ui(ui, |ui| {
        for choice in choices {
            if ui.selectable_label(choice == now, words(choice)).clicked() {
                window.study.between = choice;
            }
        }
    });
    parts::name(&shown.response, Role::ComboBox, "Between which raters");
}

fn cell(window: &Window, ui: &mut Ui, dispute: &Dispute, read: &Read, classes: &[Class], size: Vec2) -> bool {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let slide = read.slide(dispute.slide).map_or("", |s| s.filename.as_str());
    let said: Vec<(Color32, String)> = dispute
        .said
        .iter()
        .map(|(rater, class)| {
            let (colour, class) = class_of(classes, *class);
            (colour, format!("{}: {class}", rater_name(read, *rater)))
        })
        .collect();
    let list = said.iter().map(|(_, w)| w.as_str()).collect::<Vec<_>>().join(", ");
    parts::name(&response, Role::Button, &format!("Disagreement on {slide}: {list}"));
    let picture = Rect::from_min_size(rect.min, vec2(size.x, size.x));
    ui.painter().rect_filled(picture, 2.0, t.panel);
    let middle = picture.center();
    let note = |words: &str| {
        ui.painter().text(middle, Align2::CENTER_CENTER, words, theme::font(11.0), t.quiet);
    };
    match window.study().patches.get(&dispute.object) {
        Some(Patch::Shown(texture)) => {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter().image(texture.id(), picture, whole, Color32::WHITE);
        }
        Some(Patch::Missing) => note("the slide is not found"),
        Some(Patch::Asked) => note("reading…"),
        None => note(if dispute.at.is_some() { "reading…" } else { "has no place" }),
    }
    if response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(picture, 2.0, Stroke::new(2.0, t.accent), StrokeKind::Outside);
    }
    let mut y = picture.bottom() + 4.0;
    let mut line = |dot: Option<Color32>, words: &str, colour: Color32| {
        let left = rect.left() + if dot.is_some() { 13.0 } else { 0.0 };
        if let Some(dot) = dot {
            ui.painter().circle_filled(pos2(rect.left() + 4.0, y + LINE / 2.0), 4.0, dot);
        }
        let mut job = LayoutJob::simple_singleline(words.to_owned(), theme::font(11.0), colour);
        job.wrap = TextWrapping::truncate_at_width((rect.right() - left).max(20.0));
        let galley = ui.painter().layout_job(job);
        ui.painter().galley(pos2(left, y + (LINE - galley.size().y) / 2.0), galley, colour);
        y += LINE;
    };
    for (colour, words) in said.iter().take(LINES) {
        line(Some(*colour), words, t.text);
    }
    line(None, slide, t.quiet);
    response.on_hover_text(format!("{slide}\n{}", list.replace(", ", "\n"))).clicked()
}
