//! The form of a task: who is asked what, about which cells, in which order.

use super::tasks::kind_title;
use super::{accent_enabled, outlined, quiet};
use crate::app::modes::study::{Form, Tick};
use crate::app::overlay::{Over, field, sheet};
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::outcome::CONSENSUS;
use crate::model::{TaskKind, TaskView};
use eframe::egui::{
    Align, Button, ComboBox, Context, Key, Layout, RichText, Role, ScrollArea, Slider, TextEdit, Ui, vec2,
};

/// What a kind asks, in a sentence.
const fn help(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Label => "An own opinion on every cell that the rater has not judged yet, blind.",
        TaskKind::Adjudicate => "An own opinion where the compared raters differ, blind.",
        TaskKind::Consensus => "The joint opinion of the raters, who see what each of them said.",
        TaskKind::Candidates => "An opinion on what a detector proposed, blind.",
        TaskKind::Confirm => "An opinion on cells whose label was changed, as plain patches, blind.",
    }
}

/// Draws the form.
pub fn show(window: &mut Window, ctx: &Context, mut form: Box<Form>) -> Over {
    let raters: Vec<String> = window.document().map_or_else(Vec::new, |d| {
        d.raters().iter().map(|r| r.name.clone()).filter(|n| !n.is_empty() && n != CONSENSUS).collect()
    });
    let (make, close) = sheet(ctx, "Make a task", 640.0, |ui| {
        ui.heading("Make a task");
        ui.add_space(theme::STEP);
        let mut entered = false;
        outlined(ui);
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                entered = who(left, &mut form, &raters);
                what(right, &mut form);
            }
        });
        ui.add_space(2.0 * theme::STEP);
        ui.separator();
        let pressed = end(ui, &form);
        if entered && form.obstacle().is_none() && !form.making { Some(true) } else { pressed }
    });
    match make {
        Some(true) => {
            window.make_task(&mut form);
            Over::Task(form)
        }
        Some(false) => Over::Nothing,
        None if close => Over::Nothing,
        None => Over::Task(form),
    }
}

fn who(ui: &mut Ui, form: &mut Form, raters: &[String]) -> bool {
    parts::caption(ui, "WHAT IS ASKED");
    let mut kind = form.kind;
    let shown =
        ComboBox::from_id_salt("kind").selected_text(kind_title(kind)).width(200.0).show_ui(ui, |ui| {
            for choice in TaskKind::ALL {
                ui.selectable_value(&mut kind, choice, kind_title(choice)).on_hover_text(help(choice));
            }
        });
    parts::name(&shown.response, Role::ComboBox, "Kind of task");
    if kind != form.kind {
        form.set_kind(kind);
    }
    quiet(ui, help(form.kind));
    ui.add_space(theme::STEP);
    let name = field(ui, "Name of the task", &mut form.name, 240.0);
    let mut entered = name.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    ui.add_space(theme::STEP);
    ui.add_enabled_ui(form.kind != TaskKind::Consensus, |ui| {
        let rater = field(ui, "Who is asked (known or new)", &mut form.rater, 240.0);
        if std::mem::take(&mut form.fresh) {
            rater.request_focus();
        }
        entered |= rater.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if !raters.is_empty() {
            ui.horizontal_wrapped(|ui| {
                for known in raters.iter().take(12) {
                    if ui.add(Button::new(known).selected(*known == form.rater)).clicked() {
                        form.rater.clone_from(known);
                    }
                }
            });
        }
    });
    ui.add_space(2.0 * theme::STEP);
    parts::caption(ui, "ORDER");
    ui.horizontal(|ui| {
        ui.radio_value(&mut form.shuffled, true, "Shuffled");
        ui.radio_value(&mut form.shuffled, false, "Slide after slide");
    });
    ui.horizontal(|ui| {
        ui.add_enabled_ui(form.shuffled, |ui| {
            let label = ui.label("Seed");
            let seed = TextEdit::singleline(&mut form.seed).desired_width(80.0).char_limit(20);
            ui.add(seed).labelled_by(label.id);
        });
    });
    ui.horizontal(|ui| {
        let label = ui.label("Asked twice, hidden");
        let slider = Slider::new(&mut form.repeats, 0.0..=10.0).step_by(1.0).fixed_decimals(0).suffix(" %");
        ui.add(slider)
            .labelled_by(label.id)
            .on_hover_text("Hidden repeats tell how well the rater agrees with the own earlier answers");
    });
    entered
}

fn what(ui: &mut Ui, form: &mut Form) {
    parts::caption(ui, "SHOWN FIRST AS");
    ui.horizontal(|ui| {
        ui.radio_value(&mut form.view, TaskView::Context, "Cell on its slide");
        ui.radio_value(&mut form.view, TaskView::Patches, "Patches of 32 µm");
    });
    ui.add_space(theme::STEP);
    if !form.objects.is_empty() {
        parts::caption(ui, "CELLS");
        ui.label(format!("Only the {} objects that the rule leaves undecided.", form.objects.len()));
        ui.add_space(theme::STEP);
    }
    parts::caption(ui, "SLIDES");
    ui.checkbox(&mut form.all_slides, format!("All {} slides", form.slides.len()));
    if !form.all_slides {
        let high = ui.spacing().interact_size.y;
        ScrollArea::vertical().id_salt("slides").max_height(120.0).auto_shrink([false, true]).show_rows(
            ui,
            high,
            form.slides.len(),
            |ui, range| {
                for tick in &mut form.slides[range] {
                    ui.checkbox(&mut tick.on, &tick.name);
                }
            },
        );
    }
    let raters = match form.kind {
        TaskKind::Adjudicate | TaskKind::Consensus => "RATERS WHO ARE COMPARED (NONE TICKED: ALL)",
        TaskKind::Confirm => "CELLS CHANGED BY (NONE TICKED: ANYBODY)",
        TaskKind::Label | TaskKind::Candidates => "CELLS JUDGED BY (NONE TICKED: ANYBODY)",
    };
    ticks(ui, raters, &mut form.raters);
    ticks(ui, "CELLS OF THE AGREED CLASS (NONE TICKED: ALL)", &mut form.classes);
}

fn ticks<T>(ui: &mut Ui, caption: &str, list: &mut [Tick<T>]) {
    if list.is_empty() {
        return;
    }
    ui.add_space(theme::STEP);
    parts::caption(ui, caption);
    ui.horizontal_wrapped(|ui| {
        for tick in list {
            ui.checkbox(&mut tick.on, &tick.name);
        }
    });
}

/// What it comes to, and the buttons.
fn end(ui: &mut Ui, form: &Form) -> Option<bool> {
    let t = theme::tokens(ui.ctx());
    let obstacle = form.obstacle();
    // The whole width: a long reason must not move the buttons.
    let line = form.line().unwrap_or_else(|| "Counting…".into());
    match (&form.refusal, &obstacle) {
        (Some(why), _) => {
            ui.colored_label(t.error, "Not made");
            ui.add(eframe::egui::Label::new(why.as_str()).wrap());
        }
        (None, Some(why)) => {
            ui.add(eframe::egui::Label::new(RichText::new(why.as_str()).weak()).wrap());
        }
        (None, None) => {
            let label = ui.label(RichText::new(&line).font(theme::semibold(14.0)));
            parts::name(&label, Role::Label, &line);
        }
    }
    ui.add_space(2.0 * theme::STEP);
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let counted = matches!(form.counted, Some(Ok(_)));
        let ready = obstacle.is_none() && counted && !form.making;
        let words = if form.making { "Making the task…" } else { "Make the task" };
        let make = accent_enabled(ui, words, ready).clicked();
        let not = ui.add(Button::new("Cancel").min_size(vec2(0.0, theme::CONTROL))).clicked();
        match (make, not) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    })
    .inner
}
