//! What a study needs beside labels: classes with what they stand for, raters, the slide's case.

use super::overlay::{Over, field, sheet};
use super::parts;
use super::theme;
use super::window::Window;
use crate::model::people::free_color;
use crate::model::{Class, ClassId, Edit, Rater, RaterId, Role};
use eframe::egui::{Button, Color32, ComboBox, Context, Role as UiRole, ScrollArea, Sense, Ui, vec2};

/// What is being typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    class: String,
    role: Role,
    rater: String,
    case: String,
}

impl Study {
    /// Nothing typed yet; the case is the slide's.
    pub fn new(window: &Window) -> Self {
        let case = window.document().and_then(|d| d.entry()).and_then(|e| e.case.clone());
        Self { class: String::new(), role: Role::Other, rater: String::new(), case: case.unwrap_or_default() }
    }
}

/// Draws the sheet.
pub(super) fn show(window: &mut Window, ctx: &Context, mut study: Study) -> Over {
    let Some(document) = window.document() else { return Over::Nothing };
    let (known, raters) = (document.classes().to_vec(), document.raters().to_vec());
    let entry = document.entry().map(|e| (e.id, e.filename.clone(), e.case.clone()));
    let name = document.name();
    let mut edits = Vec::new();
    let (closed, close) = sheet(ctx, "Classes, raters, case", 480.0, |ui| {
        ui.heading(&name);
        ui.add_space(2.0 * theme::STEP);
        parts::caption(ui, "CLASSES, AND WHAT EACH STANDS FOR");
        ScrollArea::vertical().max_height(220.0).show(ui, |ui| {
            for class in &known {
                edits.extend(class_row(ui, class));
            }
        });
        edits.extend(new_class(ui, &mut study, &known));
        ui.add_space(3.0 * theme::STEP);
        let names: Vec<&str> = raters.iter().map(|r| r.name.as_str()).collect();
        parts::caption(
            ui,
            if names.is_empty() { "NO RATERS YET".into() } else { format!("RATERS: {}", names.join(", ")) },
        );
        edits.extend(new_rater(ui, &mut study, &raters));
        if let Some((slide, filename, before)) = &entry {
            ui.add_space(3.0 * theme::STEP);
            ui.horizontal(|ui| {
                ui.vertical(|ui| field(ui, &format!("Case of {filename}"), &mut study.case, 240.0));
                let after = Some(study.case.trim().to_owned()).filter(|c| !c.is_empty());
                let other = after != *before;
                if below(ui, |ui| ui.add_enabled(other, Button::new("Set case")).clicked()) {
                    edits.push(Edit::SetCase { slide: *slide, before: before.clone(), after });
                }
            });
        }
        ui.add_space(3.0 * theme::STEP);
        ui.button("Close").clicked()
    });
    if let Some(document) = &mut window.document {
        for edit in edits {
            document.edit(edit);
        }
    }
    if closed || close { Over::Nothing } else { Over::Study(study) }
}

fn class_row(ui: &mut Ui, class: &Class) -> Option<Edit> {
    let mut role = class.role;
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
        let colour = Color32::from_rgb(class.color.0, class.color.1, class.color.2);
        ui.painter().circle_filled(rect.center(), 5.0, colour);
        let left = eframe::egui::Layout::left_to_right(eframe::egui::Align::Center);
        ui.allocate_ui_with_layout(vec2(220.0, theme::CONTROL), left, |ui| {
            ui.set_min_width(220.0);
            ui.add(eframe::egui::Label::new(&class.name).truncate());
        });
        choose_role(ui, &format!("Role of {}", class.name), &mut role);
    });
    (role != class.role).then_some(Edit::SetRole { class: class.id, before: class.role, after: role })
}

fn choose_role(ui: &mut Ui, name: &str, role: &mut Role) {
    let shown = ComboBox::from_id_salt(name).selected_text(role.title()).width(150.0).show_ui(ui, |ui| {
        for choice in Role::ALL {
            ui.selectable_value(role, choice, choice.title());
        }
    });
    parts::name(&shown.response, UiRole::ComboBox, name);
}

fn new_class(ui: &mut Ui, study: &mut Study, known: &[Class]) -> Option<Edit> {
    let mut edit = None;
    ui.horizontal(|ui| {
        let typed = ui.vertical(|ui| field(ui, "New class", &mut study.class, 240.0)).inner;
        if typed.changed() {
            study.role = Role::from_name(&study.class);
        }
        below(ui, |ui| {
            let ready = !study.class.trim().is_empty();
            if ui.add_enabled(ready, Button::new("Add class")).clicked() {
                let name = std::mem::take(&mut study.class).trim().to_owned();
                let color = free_color(known, study.role);
                edit =
                    Some(Edit::AddClass { class: Class { id: ClassId(0), name, color, role: study.role } });
            }
            choose_role(ui, "Role of the new class", &mut study.role);
        });
    });
    edit
}

fn new_rater(ui: &mut Ui, study: &mut Study, raters: &[Rater]) -> Option<Edit> {
    let mut edit = None;
    ui.horizontal(|ui| {
        ui.vertical(|ui| field(ui, "New rater", &mut study.rater, 240.0));
        below(ui, |ui| {
            let name = study.rater.trim();
            let ready = !name.is_empty() && raters.iter().all(|r| r.name != name);
            if ui.add_enabled(ready, Button::new("Add rater")).clicked() {
                edit = Some(Edit::AddRater { rater: Rater { id: RaterId(0), name: name.to_owned() } });
                study.rater.clear();
            }
        });
    });
    edit
}

/// Beside a field, level with it: its caption stands above it.
fn below<R>(ui: &mut Ui, contents: impl FnOnce(&mut Ui) -> R) -> R {
    ui.vertical(|ui| {
        ui.add_space(22.0);
        ui.horizontal(contents).inner
    })
    .inner
}
