//! How well the raters agree: each two of them, all together, with themselves, over time.

use super::grid::{self, Cell, figures, words};
use super::plot::{self, Dot};
use super::{accent, card, class_of, outlined, quiet, scroll, title};
use crate::app::modes::study::Page;
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::Role;
use crate::study::agreement::{Pair, Part};
use crate::study::figures::{Compared, from_to, group_name, three};
use crate::study::reliability::Own;
use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{
    Align, Align2, Color32, Layout, Pos2, Rect, RichText, Role as UiRole, ScrollArea, Sense, Ui, pos2, vec2,
};

/// Draws the page.
pub fn show(window: &mut Window, ui: &mut Ui) {
    let Some(figures) = window.study().figures().cloned() else {
        ui.weak("Computing…");
        return;
    };
    compared_raters(window, ui);
    let Ok(compared) = &figures.compared else {
        ui.heading("Agreement needs two raters");
        ui.add_space(theme::STEP);
        ui.label("Let a second expert give an own opinion on the cells: make a task, here or as a kit.");
        ui.add_space(2.0 * theme::STEP);
        if window.enabled(crate::app::action::Action::MakeTask)
            && accent(ui, "Make a task for a second expert…").clicked()
        {
            window.next_task();
        }
        return;
    };
    scroll(ui, "agreement", |ui| {
        for (name, words) in compared.notes() {
            let t = theme::tokens(ui.ctx());
            ui.colored_label(t.warning, "Note");
            ui.label(format!("{words}. Take {name} out to compare the others."));
            ui.add_space(theme::STEP);
        }
        ui.columns(2, |columns| {
            if let [left, right] = columns {
                let found = &compared.found;
                // Columns stretch their words; these keep their own width.
                let down = Layout::top_down(Align::Min);
                let (alpha, fleiss) = (from_to(found.alpha_interval), from_to(found.fleiss_interval));
                left.with_layout(down, |ui| {
                    big(ui, "Krippendorff's alpha", found.alpha, &alpha, found.n_objects);
                });
                right.with_layout(down, |ui| {
                    big(ui, "Fleiss' kappa", found.fleiss, &fleiss, found.n_complete);
                });
            }
        });
        ui.add_space(2.0 * theme::STEP);
        title(ui, "Each two raters: Cohen's kappa with its 95 % interval");
        card(ui, |ui| {
            if let Some(at) = plot::dots(ui, &plotted(window, compared)) {
                window.study.pair = at.min(compared.found.pairs.len().saturating_sub(1));
            }
        });
        ui.add_space(2.0 * theme::STEP);
        pairs(window, ui, compared);
        ui.add_space(2.0 * theme::STEP);
        if let Some(pair) = compared.found.pairs.get(window.study().pair) {
            matrix(window, ui, compared, pair);
        }
        ui.add_space(2.0 * theme::STEP);
        by_class(window, ui, compared);
        if !compared.found.by_group.is_empty() {
            ui.add_space(2.0 * theme::STEP);
            title(ui, "By the detector's score");
            let name = |p: &Part| group_name(p.key);
            parts_table(window, ui, compared, &compared.found.by_group, "Score", &name);
        }
        ui.add_space(2.0 * theme::STEP);
        title(ui, "By slide");
        let name = |p: &Part| compared.slide(p.key).to_owned();
        parts_table(window, ui, compared, &compared.found.by_slide, "Slide", &name);
        ui.add_space(2.0 * theme::STEP);
        own(window, ui, compared);
        ui.add_space(2.0 * theme::STEP);
        quiet(
            ui,
            "A rater's first label on an object counts; deleted objects and labels without a class are left out. Raw \
             agreement, Cohen's kappa and PABAK are over the objects that both judged, Fleiss' kappa over those that \
             all judged, Krippendorff's alpha (nominal) over those with two labels or more. 1 is full agreement, 0 \
             what chance alone would give.",
        );
        if let Some(how) = compared.how_intervals_came() {
            quiet(ui, format!("{how}."));
        }
    });
}

/// Who is compared: a detector among the raters, or who judged disputed objects alone, can be left out.
fn compared_raters(window: &mut Window, ui: &mut Ui) {
    let Some(read) = window.study().read().cloned() else { return };
    let judged = |name: &str| read.study.total.judged.contains_key(name);
    let raters: Vec<_> = read.raters.iter().filter(|r| judged(&r.name)).collect();
    if raters.len() < 3 {
        return;
    }
    ui.scope(|ui| {
        outlined(ui);
        ui.horizontal_wrapped(|ui| {
            ui.weak("Compared");
            for rater in raters {
                let mut on = !window.study().not_compared.contains(&rater.id);
                if ui.checkbox(&mut on, rater.name.as_str()).changed() {
                    let out = &mut window.study.not_compared;
                    if on {
                        out.remove(&rater.id)
                    } else {
                        out.insert(rater.id)
                    };
                    window.study.read_again();
                }
            }
        });
    });
    ui.add_space(theme::STEP);
}

fn big(ui: &mut Ui, name: &str, value: Option<f64>, interval: &str, n: u64) {
    card(ui, |ui| {
        ui.weak(name);
        let label = ui.label(RichText::new(three(value)).text_style(theme::big()));
        parts::name(&label, UiRole::Label, &format!("{name} {}", three(value)));
        let s = if n == 1 { "" } else { "s" };
        ui.weak(format!("95 %: {interval} · {} object{s}", grid::grouped(n)));
    });
}

fn pair_title(compared: &Compared, pair: &Pair) -> String {
    format!("{} / {}", compared.rater(pair.a), compared.rater(pair.b))
}

fn plotted(window: &Window, compared: &Compared) -> Vec<Dot> {
    let found = &compared.found;
    let chosen = window.study().pair;
    let pairs = found.pairs.iter().enumerate().map(|(at, p)| Dot {
        name: pair_title(compared, p),
        value: p.figures.kappa,
        bounds: p.interval.and_then(|i| i.bounds),
        all: false,
        chosen: Some(at == chosen),
    });
    let all = |name: &str, value, interval: Option<crate::study::agreement::Interval>| Dot {
        name: name.to_owned(),
        value,
        bounds: interval.and_then(|i| i.bounds),
        all: true,
        chosen: None,
    };
    let all = [
        all("Fleiss, all raters", found.fleiss, found.fleiss_interval),
        all("Krippendorff, all raters", found.alpha, found.alpha_interval),
    ];
    pairs.chain(all).collect()
}

fn pairs(window: &mut Window, ui: &mut Ui, compared: &Compared) {
    let cols = [
        words("Raters", 0.0),
        figures("Objects", 64.0),
        figures("Differ", 64.0),
        figures("Raw", 64.0),
        figures("Kappa", 64.0),
        figures("95 % interval", 120.0),
        figures("PABAK", 64.0),
    ];
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        grid::head(ui, &cols, &[], None);
        for (at, pair) in compared.found.pairs.iter().enumerate() {
            let f = &pair.figures;
            let raw = Cell { bar: f.raw.map(|r| (r as f32, None)), ..Cell::new(three(f.raw)) };
            let name = pair_title(compared, pair);
            let row_name = format!(
                "{name}: {} objects, raw {}, kappa {}, 95 % {}, PABAK {}",
                f.n,
                three(f.raw),
                three(f.kappa),
                from_to(pair.interval),
                three(f.pabak)
            );
            let cells = [
                Cell::new(name),
                Cell::number(f.n),
                Cell::number(differ(pair)),
                raw,
                Cell::new(three(f.kappa)).strong(),
                Cell::new(from_to(pair.interval)),
                Cell::new(three(f.pabak)),
            ];
            let chosen = window.study().pair == at;
            if grid::row(ui, &cols, &cells, &row_name, Some(chosen)).clicked() {
                window.study.pair = at;
            }
        }
    });
}

/// Objects on which two differ.
fn differ(pair: &Pair) -> u64 {
    let agreed: u64 = (0..pair.confusion.classes()).map(|c| pair.confusion.get(c, c)).sum();
    pair.figures.n - agreed
}

const CELL: [f32; 2] = [128.0, 44.0];
const HEAD: f32 = 150.0;

/// Rows are the first rater's classes, columns the second one's. The deeper the colour, the more objects; framed where
/// both say the same.
fn matrix(window: &mut Window, ui: &mut Ui, compared: &Compared, pair: &Pair) {
    title(ui, &format!("Who said what: {}", pair_title(compared, pair)));
    let n = pair.figures.n;
    if n == 0 {
        ui.weak("No object was judged by both.");
        return;
    }
    let classes = window.classes_shown();
    let k = pair.classes.len();
    card(ui, |ui| {
        ui.horizontal_top(|ui| {
            let size = vec2(HEAD + CELL[0] * k as f32, 40.0 + CELL[1] * k as f32);
            ScrollArea::horizontal().id_salt("matrix").max_width(ui.available_width() - 220.0).show(
                ui,
                |ui| {
                    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                    paint_matrix(ui, rect, compared, pair, &classes);
                },
            );
            ui.add_space(2.0 * theme::STEP);
            ui.vertical(|ui| {
                quiet(
                    ui,
                    format!(
                        "Rows: {}. Columns: {}. Deeper: more objects. Framed: both say the same.",
                        compared.rater(pair.a),
                        compared.rater(pair.b)
                    ),
                );
                let n = differ(pair);
                let s = if n == 1 { "" } else { "s" };
                ui.add_space(theme::STEP);
                if n == 0 {
                    ui.label("They differ nowhere.");
                } else if accent(ui, &format!("Show the {} disagreement{s}", grid::grouped(n))).clicked() {
                    let id = |at: usize| compared.raters.get(at).map(|r| r.id);
                    window.study.between = id(pair.a).zip(id(pair.b));
                    window.study.page = Page::Disagreements;
                }
            });
        });
    });
}

fn paint_matrix(ui: &Ui, rect: Rect, compared: &Compared, pair: &Pair, classes: &[crate::model::Class]) {
    let t = theme::tokens(ui.ctx());
    let painter = ui.painter_at(rect.expand(2.0));
    // Cut where there is no room for all of a name.
    let words = |at: Pos2, align: Align2, text: &str, most: f32| {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), theme::font(11.0), t.text);
        job.wrap = TextWrapping::truncate_at_width(most);
        let galley = painter.layout_job(job);
        let place = align.anchor_size(at, galley.size());
        painter.galley(place.min, galley, t.text);
    };
    for (at, class) in pair.classes.iter().enumerate() {
        let (colour, name) = class_of(classes, *class);
        let x = rect.left() + HEAD + CELL[0] * (at as f32 + 0.5);
        painter.circle_filled(pos2(x, rect.top() + 6.0), 4.0, colour);
        words(pos2(x, rect.top() + 14.0), Align2::CENTER_TOP, &name, CELL[0] - 4.0);
        let y = rect.top() + 40.0 + CELL[1] * (at as f32 + 0.5);
        painter.circle_filled(pos2(rect.left() + 5.0, y), 4.0, colour);
        words(pos2(rect.left() + 14.0, y), Align2::LEFT_CENTER, &name, HEAD - 20.0);
    }
    let n = pair.figures.n.max(1);
    for a in 0..pair.classes.len() {
        for b in 0..pair.classes.len() {
            let count = pair.confusion.get(a, b);
            let share = count as f32 / n as f32;
            let min = rect.min + vec2(HEAD + CELL[0] * b as f32, 40.0 + CELL[1] * a as f32);
            let cell = Rect::from_min_size(min, vec2(CELL[0], CELL[1])).shrink(1.5);
            // The root keeps small counts apart from none; at its deepest the colour still carries the figures.
            let fill = heat(t.panel, t.text, share.sqrt() * 0.35);
            painter.rect_filled(cell, 3.0, fill);
            if a == b {
                let stroke = eframe::egui::Stroke::new(1.5, t.quiet);
                painter.rect_stroke(cell, 3.0, stroke, eframe::egui::StrokeKind::Inside);
            }
            let middle = cell.center();
            let up = middle - vec2(0.0, 7.0);
            painter.text(up, Align2::CENTER_CENTER, grid::grouped(count), theme::semibold(13.0), t.text);
            let share = format!("{:.1} %", f64::from(share) * 100.0);
            painter.text(middle + vec2(0.0, 9.0), Align2::CENTER_CENTER, share, theme::font(11.0), t.text);
            let response = ui.interact(cell, ui.scope_id().with(("matrix", a, b)), Sense::hover());
            let says = format!(
                "{} said {}, {} said {}: {count} objects",
                compared.rater(pair.a),
                compared.class(pair.classes[a]),
                compared.rater(pair.b),
                compared.class(pair.classes[b])
            );
            parts::name(&response, UiRole::Cell, &says);
            response.on_hover_text(says);
        }
    }
}

fn heat(from: Color32, to: Color32, share: f32) -> Color32 {
    from.lerp_to_gamma(to, share.clamp(0.0, 1.0))
}

fn by_class(window: &Window, ui: &mut Ui, compared: &Compared) {
    title(ui, "By class");
    let classes = window.classes_shown();
    let chosen = window.study().pair;
    let cols = [
        words("Class", 0.0),
        figures("Labels", 70.0),
        figures("Agreed on it", 90.0),
        figures("Fleiss' kappa", 90.0),
        figures("Kappa of the pair", 120.0),
    ];
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        grid::head(ui, &cols, &[], None);
        for class in &compared.found.by_class {
            let (colour, name) = class_of(&classes, class.class);
            let kappa = class.pairs.get(chosen).and_then(|p| p.0);
            let specific = Cell {
                bar: class.specific.map(|s| (s as f32, Some(colour))),
                ..Cell::new(three(class.specific))
            };
            let words = format!(
                "{name}: {} labels, agreed on it {}, Fleiss' kappa {}",
                class.labels,
                three(class.specific),
                three(class.fleiss)
            );
            let cells = [
                Cell::new(&name).dot(colour),
                Cell::number(class.labels),
                specific,
                Cell::new(three(class.fleiss)),
                Cell::new(three(kappa)),
            ];
            grid::row(ui, &cols, &cells, &words, None);
        }
    });
    quiet(
        ui,
        "Agreed on it: how likely another rater says the class where one does. Kappa: the class against all others.",
    );
}

fn parts_table(
    window: &Window,
    ui: &mut Ui,
    compared: &Compared,
    list: &[Part],
    what: &str,
    name: &dyn Fn(&Part) -> String,
) {
    let chosen = window.study().pair;
    let pair = compared.found.pairs.get(chosen).map_or_else(String::new, |p| pair_title(compared, p));
    let raw = format!("Raw, {pair}");
    let cols = [
        words(what, 0.0),
        figures("Objects", 64.0),
        figures("Alpha", 64.0),
        figures(&raw, 170.0),
        figures("Kappa", 64.0),
    ];
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        grid::head(ui, &cols, &[], None);
        ScrollArea::vertical()
            .id_salt(what)
            .max_height(10.0 * grid::ROW)
            .auto_shrink([false, true])
            .show_rows(ui, grid::ROW, list.len(), |ui, range| {
                for part in &list[range] {
                    let f = part.pairs.get(chosen);
                    let raw = f.and_then(|f| f.raw);
                    let kappa = f.and_then(|f| f.kappa);
                    let cells = [
                        Cell::new(name(part)),
                        Cell::number(part.n_objects),
                        Cell::new(three(part.alpha)),
                        Cell { bar: raw.map(|r| (r as f32, None)), ..Cell::new(three(raw)) },
                        Cell::new(three(kappa)),
                    ];
                    let words = format!(
                        "{}: {} objects, alpha {}, raw {}, kappa {}",
                        name(part),
                        part.n_objects,
                        three(part.alpha),
                        three(raw),
                        three(kappa)
                    );
                    grid::row(ui, &cols, &cells, &words, None);
                }
            });
    });
    quiet(ui, "A dash: nothing to compare, or both used one class alone. Kappas of few objects say little.");
}

/// Each rater against the own earlier answers, and over time.
fn own(window: &Window, ui: &mut Ui, compared: &Compared) {
    title(ui, "Each rater alone, from sealed tasks");
    if compared.own.is_empty() {
        ui.weak("No task is sealed yet: hidden repeats and the order of ballots come from tasks.");
        return;
    }
    let classes = window.classes_shown();
    let figure = classes.iter().find(|c| c.role == Role::MitoticFigure);
    let colour = figure.map_or(Color32::GRAY, |c| class_of(&classes, c.id).0);
    for own in &compared.own {
        one(ui, own, colour);
        ui.add_space(theme::STEP);
    }
}

fn one(ui: &mut Ui, own: &Own, colour: Color32) {
    card(ui, |ui| {
        ui.label(RichText::new(&own.rater.name).font(theme::semibold(13.0)));
        for (lead, words) in [("Again", own.again_words()), ("Over time", own.drift_words())] {
            ui.horizontal(|ui| {
                ui.weak(lead);
                let label = ui.add(eframe::egui::Label::new(&words).wrap());
                parts::name(&label, UiRole::Label, &format!("{} {lead}: {words}", own.rater.name));
            });
        }
        if own.drift.windows.len() > 1 {
            let name = format!("{}: share of mitotic figures, {}", own.rater.name, own.drift_words());
            plot::drift(ui, &own.drift.windows, &name, colour);
        }
        quiet(
            ui,
            format!(
                "Share of mitotic figures in windows of {} ballots, with Wilson's 95 % interval; tasks: {}.",
                own.window,
                own.tasks.join(", ")
            ),
        );
    });
}
