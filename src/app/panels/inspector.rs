//! The panel at the right: what is selected, then the mode's controls.

use super::{button, count, fact, heading, hint, screening, status, study};
use crate::app::action::Action;
use crate::app::modes::Mode;
use crate::app::parts::{self, keys};
use crate::app::theme;
use crate::app::window::Window;
use crate::model::Class;
use eframe::egui::{Color32, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// Classes listed at most: nine have keys.
const LISTED: usize = 30;

/// Draws the panel.
pub fn show(window: &mut Window, ui: &mut Ui) {
    ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.take_available_width();
        if window.mode == Mode::Study {
            study::side(window, ui);
            return;
        }
        match window.mode {
            Mode::Screen => screening::show(window, ui),
            Mode::Count => count::show(window, ui),
            Mode::View | Mode::Vote | Mode::Study => {}
        }
        classes(window, ui);
        if !selected(window, ui) {
            slide(window, ui);
        }
    });
}

/// The classes with their keys; a click chooses the one to draw with.
fn classes(window: &mut Window, ui: &mut Ui) {
    let classes = window.classes_shown();
    if classes.is_empty() {
        return;
    }
    heading(ui, "CLASSES");
    for (at, class) in classes.iter().take(LISTED).enumerate() {
        let key = u8::try_from(at + 1).ok().filter(|n| *n <= 9);
        let n = window.document().map_or(0, |d| d.count(class.id));
        if class_row(ui, class, key, n, at == window.class) {
            window.class = at;
        }
    }
}

fn class_row(ui: &mut Ui, class: &Class, key: Option<u8>, n: usize, active: bool) -> bool {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    let name = if class.name.is_empty() { "unnamed class" } else { class.name.as_str() };
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, active, format!("Class {name}")));
    if active || response.hovered() {
        ui.painter().rect_filled(rect, 4.0, if active { t.selection } else { t.hover });
    }
    let colour = Color32::from_rgb(class.color.0, class.color.1, class.color.2);
    ui.painter().circle_filled(pos2(rect.left() + 12.0, rect.center().y), 5.0, colour);
    let mut right = rect.right() - 6.0;
    if let Some(key) = key {
        let text = key.to_string();
        right -= keys::size(ui.painter(), &text).x;
        keys::paint(ui.painter(), pos2(right, rect.center().y), &text);
        right -= 8.0;
    }
    let count = ui.painter().layout_no_wrap(n.to_string(), theme::font(13.0), t.quiet);
    right -= count.size().x;
    ui.painter().galley(pos2(right, rect.center().y - count.size().y / 2.0), count, t.quiet);
    let left = rect.left() + 24.0;
    let mut job = eframe::egui::text::LayoutJob::simple_singleline(name.into(), theme::font(13.0), t.text);
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width((right - left - 8.0).max(20.0));
    let words = ui.painter().layout_job(job);
    ui.painter().galley(pos2(left, rect.center().y - words.size().y / 2.0), words, t.text);
    response.on_hover_text(format!("{name}: {}", class.role.title())).clicked()
}

/// The selected object; `false` when there is none.
fn selected(window: &mut Window, ui: &mut Ui) -> bool {
    let resolution = window.opened().and_then(|o| o.resolution());
    let Some(object) = window.selected_object().cloned() else { return false };
    let Some(document) = window.document() else { return false };
    heading(ui, "SELECTED");
    let class = document.class(object.agreed).map_or("no agreed class", |c| c.name.as_str());
    fact(ui, "Class", class);
    fact(ui, "Kind", object.shape.title());
    if let Some(p) = object.shape.center() {
        if let Some(mm) = status::mm_text(p, resolution) {
            fact(ui, "Place", mm);
        }
        fact(ui, "Pixel", status::px_text(p));
    }
    let opinions: Vec<(String, String)> = object
        .labels
        .iter()
        .map(|l| {
            let class = document.class(l.class).map_or_else(|| "unknown".into(), |c| c.name.clone());
            (document.rater_name(l.rater).to_owned(), class)
        })
        .collect();
    heading(ui, "LABELS, IN THEIR ORDER");
    if opinions.is_empty() {
        ui.weak("none");
    }
    for (rater, class) in opinions {
        fact(ui, &rater, class);
    }
    if !object.description.is_empty() {
        heading(ui, "NOTE");
        ui.label(&object.description);
    }
    ui.add_space(2.0 * theme::STEP);
    button(window, ui, Action::Delete, "Delete");
    true
}

/// What the slide says of itself.
fn slide(window: &mut Window, ui: &mut Ui) {
    let Some(open) = window.opened() else { return };
    let (facts, label) = (open.facts(), open.has_label());
    heading(ui, "SLIDE");
    fact(ui, "Name", facts.file_name());
    if let Some(r) = facts.resolution {
        let mm = |px: u32, um: f64| f64::from(px) * um / 1000.0;
        fact(ui, "Size", format!("{:.2} × {:.2} mm", mm(facts.width, r.x), mm(facts.height, r.y)));
        let mpp = if (r.x - r.y).abs() < 1e-9 {
            format!("{} µm/px", r.x)
        } else {
            format!("{} × {} µm/px", r.x, r.y)
        };
        fact(ui, "Resolution", mpp);
    } else {
        fact(ui, "Resolution", "unknown");
        parts::caption(ui, "Nothing can be measured in µm or mm², so there are no fields and no count.");
    }
    fact(ui, "Pixels", format!("{} × {}", facts.width, facts.height));
    fact(ui, "Objective", facts.objective.map_or_else(|| "unknown".into(), |o| format!("{o}x")));
    fact(ui, "Vendor", facts.vendor.as_str());
    if label {
        ui.add_space(theme::STEP);
        button(window, ui, Action::LabelImage, "Show label image")
            .on_hover_text(format!("{}\nHidden until asked for.", hint(Action::LabelImage)));
    }
}
