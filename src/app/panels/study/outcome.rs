//! The outcome: agreed classes by a rule, seen before they are written.

use super::grid::{self, Cell, figures, grouped, words};
use super::{accent_enabled, card, class_of, outlined, quiet, scroll, title};
use crate::app::modes::study::Read;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::{ClassId, Rule};
use crate::study::outcome::Outcome;
use eframe::egui::{Align, Layout, RichText, Ui};
use std::time::Duration;

/// What a rule does, in a sentence.
const fn words_of(rule: Rule) -> (&'static str, &'static str) {
    match rule {
        Rule::Unanimity => ("All agree", "The class that all labels name."),
        Rule::Majority => ("Majority", "The class that more than half of the labels name."),
        Rule::ThirdOnDisagreement => (
            "Third on disagreement",
            "The class that the first two raters agree on; where they don't, the one that the third sides with.",
        ),
        Rule::Consensus => (
            "Consensus",
            "The label of the person “Consensus”; where there is none, the class that all labels name.",
        ),
    }
}

/// Draws the page.
pub fn show(window: &mut Window, ui: &mut Ui, now: Duration) {
    let Some(read) = window.study().read().cloned() else { return };
    scroll(ui, "outcome", |ui| {
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                outlined(left);
                // Columns stretch what stands in them: words and buttons keep their own width.
                let down = Layout::top_down(Align::Min);
                left.with_layout(down, |ui| rule(window, ui, &read));
                right.with_layout(down, |ui| preview(window, ui, &read, now));
            }
        });
    });
}

fn rule(window: &mut Window, ui: &mut Ui, read: &Read) {
    title(ui, "Rule");
    for rule in Rule::ALL {
        let (name, help) = words_of(rule);
        if ui.radio(window.study().trial.rule == rule, name).clicked() {
            window.study.trial.rule = rule;
        }
        ui.indent(name, |ui| quiet(ui, help));
    }
    ui.add_space(2.0 * theme::STEP);
    title(ui, "Raters who count");
    if read.raters.is_empty() {
        ui.weak("Nobody has labelled anything yet.");
    }
    for rater in &read.raters {
        let mut on = !window.study().trial.left_out.contains(&rater.id);
        let name = if rater.name.is_empty() { "unnamed" } else { rater.name.as_str() };
        let n = read.study.total.judged.get(&rater.name).copied().unwrap_or(0);
        if ui.checkbox(&mut on, format!("{name}  ({} cells judged)", grouped(n))).changed() {
            let out = &mut window.study.trial.left_out;
            if on {
                out.remove(&rater.id)
            } else {
                out.insert(rater.id)
            };
        }
    }
    quiet(ui, "A detector that stands among the raters is left out here.");
}

fn preview(window: &mut Window, ui: &mut Ui, read: &Read, now: Duration) {
    title(ui, "What it comes to");
    let none_counts =
        !read.raters.is_empty() && read.raters.iter().all(|r| window.study().trial.left_out.contains(&r.id));
    let outcome = match window.study().trial.preview.clone() {
        _ if none_counts => {
            ui.label("Nobody counts: tick a rater.");
            return;
        }
        None => {
            ui.weak("Counting…");
            return;
        }
        Some(Err(why)) => {
            ui.add(eframe::egui::Label::new(why).wrap());
            return;
        }
        Some(Ok(outcome)) => outcome,
    };
    let (changed, open) = (outcome.changes.len() as u64, outcome.open.len() as u64);
    card(ui, |ui| {
        ui.label(
            RichText::new(format!(
                "{} object{} change{}",
                grouped(changed),
                plural(changed),
                if changed == 1 { "s" } else { "" }
            ))
            .text_style(theme::big()),
        );
        ui.label(format!(
            "{} object{} with an agreed class, {} undecided.",
            grouped(outcome.agreed),
            plural(outcome.agreed),
            grouped(outcome.undecided)
        ));
        if outcome.untouched > 0 {
            let n = outcome.untouched;
            let words = format!("{} keep their class: nobody who counts has labelled them.", grouped(n));
            quiet(ui, words);
        }
        let rule = read.study.rule.as_deref();
        quiet(
            ui,
            match rule {
                Some(rule) => {
                    format!("The rule in force is {rule}: labels that come later come to their class by it.")
                }
                None => "No rule was written yet: agreed classes are what labels and files have left.".into(),
            },
        );
        by_class(window, ui, &outcome);
    });
    ui.add_space(2.0 * theme::STEP);
    let other_rule = read.study.rule.as_deref() != Some(outcome.settlement.rule.id());
    let writable = window.document().is_some_and(|d| d.writable());
    let ready = writable && (changed > 0 || other_rule);
    if accent_enabled(ui, "Write the outcome", ready)
        .on_hover_text("One act, which Ctrl+Z takes back. Labels stay as they are.")
        .clicked()
    {
        window.write_outcome(now);
    }
    if !writable {
        quiet(ui, "The document is open for looking only: nothing can be written.");
    } else if !ready {
        quiet(ui, "It is written: nothing would change.");
    }
    ui.add_space(theme::STEP);
    let s = plural(open);
    let words = match open {
        0 => "Nothing is left to decide".to_owned(),
        n => format!("Make a task of the {} undecided object{s}…", grouped(n)),
    };
    if ui.add_enabled(open > 0 && writable, eframe::egui::Button::new(words)).clicked() {
        window.task_of_undecided();
    }
}

const fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn by_class(window: &Window, ui: &mut Ui, outcome: &Outcome) {
    let classes = window.classes_shown();
    let cols = [words("Agreed class", 0.0), figures("Objects", 70.0)];
    let all = outcome.agreed + outcome.undecided;
    ui.add_space(theme::STEP);
    ui.spacing_mut().item_spacing.y = 0.0;
    grid::head(ui, &cols, &[], None);
    let undecided = (ClassId::UNKNOWN, outcome.undecided);
    for (class, n) in outcome.by_class.iter().map(|(c, n)| (*c, *n)).chain([undecided]) {
        let (colour, name) = class_of(&classes, class);
        let cells = [Cell::new(&name).dot(colour), Cell::share(n, all, Some(colour))];
        grid::row(ui, &cols, &cells, &format!("{name}: {n} objects"), None);
    }
}
