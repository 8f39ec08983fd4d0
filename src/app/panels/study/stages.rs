//! Slides by stages, cells by where they came from, who has what open, and what makes sense next.

use super::grid::{self, Cell, figures, words};
use super::{accent, card, class_of, quiet, scroll, tasks, title};
use crate::app::modes::study::{Read, Sort};
use crate::app::theme;
use crate::app::window::Window;
use crate::model::Role;
use crate::study::stages::{Next, SlideStages};
use eframe::egui::{Align, Color32, Layout, RichText, ScrollArea, Ui};

/// Rows of slides that are shown without scrolling.
const ROWS: usize = 12;

/// Draws the page.
pub fn show(window: &mut Window, ui: &mut Ui) {
    let Some(read) = window.study().read().cloned() else { return };
    next(window, ui, &read);
    ui.add_space(3.0 * theme::STEP);
    scroll(ui, "stages", |ui| {
        slides(window, ui, &read);
        ui.add_space(3.0 * theme::STEP);
        origins(window, ui, &read);
        ui.add_space(3.0 * theme::STEP);
        title(ui, "Who has what open");
        if read.study.tasks.is_empty() {
            ui.label("Nobody was asked anything yet.");
            quiet(
                ui,
                "A task asks one rater about cells, blind: what others think is not in it. Make one for a second \
                 expert, here or as a kit that travels.",
            );
        } else {
            tasks::rows(window, ui, &read.study.tasks);
        }
        journal(ui, &read);
    });
}

/// What makes sense next, in a sentence, and the button that does it.
fn next(window: &mut Window, ui: &mut Ui, read: &Read) {
    let next = &read.study.next;
    let verb = match next {
        Next::Screen => Some("Screen a slide"),
        Next::Wait { .. } => None,
        Next::Second { .. } => Some("Ask a second expert…"),
        Next::Third { .. } => Some("Ask a third expert…"),
        Next::Consensus { .. } => Some("Make a consensus task…"),
        Next::Outcome => Some("See the outcome"),
    };
    card(ui, |ui| {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(verb) = verb
                    && accent(ui, verb).clicked()
                {
                    window.do_next();
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.label(RichText::new("Next").small().weak());
                    let words = RichText::new(next.sentence()).font(theme::semibold(14.0));
                    ui.add(eframe::egui::Label::new(words).wrap());
                });
            });
        });
    });
}

/// Cells that lack a second opinion, and those on which two differ that lack a third.
pub fn to_do(slide: &SlideStages) -> u64 {
    (slide.cells.all() - slide.second) + slide.disagreements.saturating_sub(slide.third)
}

/// The slides' places in the order that was chosen.
pub fn sorted(slides: &[SlideStages], by: Sort) -> Vec<usize> {
    let mut order: Vec<usize> = (0..slides.len()).collect();
    match by {
        Sort::Document => {}
        Sort::Name => order.sort_by(|a, b| slides[*a].filename.cmp(&slides[*b].filename)),
        Sort::ToDo => order.sort_by_key(|at| std::cmp::Reverse(to_do(&slides[*at]))),
    }
    order
}

/// The colour of the first class of a role, as it is drawn.
fn colour(window: &Window, role: Role) -> Option<Color32> {
    let classes = window.classes_shown();
    let class = classes.iter().find(|c| c.role == role)?;
    Some(class_of(&classes, class.id).0)
}

fn slides(window: &mut Window, ui: &mut Ui, read: &Read) {
    let study = &read.study;
    title(ui, "Slides by stages");
    if study.slides.is_empty() {
        ui.label("The document has no slides yet.");
        quiet(ui, "Open a slide and place a first label, or import labels with `mitoscope import`.");
        return;
    }
    let screened = study.slides.iter().any(|s| !s.screened.is_empty());
    let mut cols = vec![words("Slide", 0.0)];
    if screened {
        cols.push(words("Fields seen", 84.0));
    }
    let first = cols.len();
    let wide = if screened { 42.0 } else { 48.0 };
    cols.extend([
        figures("Cells", 44.0),
        figures("2nd", wide),
        figures("3rd", wide),
        figures("Differ", wide),
        figures("Agreed", wide),
        figures("To do", wide),
        figures("MF", 44.0),
        figures("Look-alikes", 66.0),
        figures("Other", 40.0),
        figures("Undecided", 62.0),
    ]);
    let todo = first + 5;
    let sort = window.study().sort;
    let on = match sort {
        Sort::Document => None,
        Sort::Name => Some(0),
        Sort::ToDo => Some(todo),
    };
    let colours = [colour(window, Role::MitoticFigure), colour(window, Role::LookAlike)];
    ui.spacing_mut().item_spacing.y = 0.0;
    if let Some(at) = grid::head(ui, &cols, &[0, todo], on) {
        let wanted = if at == 0 { Sort::Name } else { Sort::ToDo };
        window.study.sort = if sort == wanted { Sort::Document } else { wanted };
    }
    let total = cells(&study.total, screened, colours).into_iter().map(Cell::strong).collect::<Vec<_>>();
    grid::row(ui, &cols, &total, &row_name("All slides", &study.total), None);
    let order = sorted(&study.slides, sort);
    let t = theme::tokens(ui.ctx());
    let line = ui.cursor().top();
    ui.painter().hline(ui.max_rect().x_range(), line, (1.0, t.line));
    ScrollArea::vertical()
        .id_salt("slides")
        .max_height(ROWS as f32 * grid::ROW)
        .auto_shrink([false, true])
        .show_rows(ui, grid::ROW, order.len(), |ui, range| {
            for at in range {
                let slide = &study.slides[order[at]];
                let response = grid::row(
                    ui,
                    &cols,
                    &cells(slide, screened, colours),
                    &row_name(&slide.filename, slide),
                    None,
                );
                response.on_hover_text(tip(slide));
            }
        });
    ui.spacing_mut().item_spacing.y = theme::STEP;
    let seen = if screened { " Fields seen: by each rater's initials, /2 for the second pass." } else { "" };
    quiet(
        ui,
        format!(
            "Numbers are cells. 2nd, 3rd: with opinions of two raters or more, of three or more. Differ: the first two \
             opinions differ. MF: mitotic figures, then look-alikes, other and undecided, by agreed class.{seen}"
        ),
    );
}

fn cells(slide: &SlideStages, screened: bool, colours: [Option<Color32>; 2]) -> Vec<Cell> {
    let all = slide.cells.all();
    let name = if slide.filename == "total" && slide.uid == 0 { "All slides" } else { &slide.filename };
    let mut out = vec![Cell::new(name)];
    if screened {
        let passes = slide.screened.iter().map(|s| match s.pass {
            1 => format!("{}: {}", short(&s.rater), s.fields),
            pass => format!("{}/{pass}: {}", short(&s.rater), s.fields),
        });
        out.push(Cell::new(passes.collect::<Vec<_>>().join("  ")).quiet());
    }
    out.extend([
        Cell::number(all),
        Cell::share(slide.second, all, None),
        Cell::share(slide.third, all, None),
        Cell::share(slide.disagreements, all, None),
        Cell::share(slide.resolved, all, None),
        Cell::number(to_do(slide)),
        Cell::share(slide.cells.mitotic, all, colours[0]),
        Cell::share(slide.cells.look_alike, all, colours[1]),
        Cell::number(slide.cells.other),
        Cell::number(slide.cells.undecided),
    ]);
    out
}

/// Initials, as far as they tell: "Expert 1" is E1.
fn short(name: &str) -> String {
    name.split_whitespace().filter_map(|w| w.chars().next()).take(3).collect()
}

fn row_name(name: &str, s: &SlideStages) -> String {
    format!(
        "{name}: {} cells, {} with a second opinion, {} with a third, {} differ, {} agreed, {} to do, {} mitotic \
         figures, {} look-alikes, {} other, {} undecided",
        s.cells.all(),
        s.second,
        s.third,
        s.disagreements,
        s.resolved,
        to_do(s),
        s.cells.mitotic,
        s.cells.look_alike,
        s.cells.other,
        s.cells.undecided
    )
}

fn tip(s: &SlideStages) -> String {
    let mut lines = vec![s.filename.clone()];
    lines.extend(s.case.as_ref().map(|c| format!("case {c}")));
    lines
        .extend(s.screened.iter().map(|p| format!("{}, pass {}: {} fields seen", p.rater, p.pass, p.fields)));
    lines.extend(s.judged.iter().map(|(rater, n)| format!("{rater}: {n} cells judged")));
    lines.join("\n")
}

/// Cells by where they came from, as the published data set's Table 1 counts them.
fn origins(window: &Window, ui: &mut Ui, read: &Read) {
    title(ui, "Cells by where they came from");
    let cols = [
        words("Stage", 0.0),
        figures("Mitotic figures", 100.0),
        figures("Look-alikes", 100.0),
        figures("Other", 80.0),
        figures("Undecided", 90.0),
        figures("Together", 80.0),
    ];
    let colours = [colour(window, Role::MitoticFigure), colour(window, Role::LookAlike)];
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        grid::head(ui, &cols, &[], None);
        let stages = &read.study.total.stages;
        let last = ["candidates", "confirmation"];
        let first = stages.keys().map(String::as_str).filter(|id| !last.contains(id));
        let first: Vec<&str> = if stages.is_empty() { vec!["manual"] } else { first.collect() };
        for id in first.into_iter().chain(last) {
            let name = match id {
                "manual" => "by hand, no screening pass known".to_owned(),
                "import" => "imported".to_owned(),
                "candidates" => "candidates of a detector".to_owned(),
                "confirmation" => "of these, judged anew in a confirmation".to_owned(),
                other => other.to_owned(),
            };
            let n = stages.get(id).copied().unwrap_or_default();
            let all = n.all();
            let cells = [
                Cell::new(&name),
                Cell::share(n.mitotic, all, colours[0]),
                Cell::share(n.look_alike, all, colours[1]),
                Cell::number(n.other),
                Cell::number(n.undecided),
                Cell::number(all),
            ];
            let words = format!(
                "Stage {id}: {} mitotic figures, {} look-alikes, {} other, {} undecided",
                n.mitotic, n.look_alike, n.other, n.undecided
            );
            grid::row(ui, &cols, &cells, &words, None);
        }
    });
}

/// Kits that came back, and looks as the coordinator while a blind task was open.
fn journal(ui: &mut Ui, read: &Read) {
    let study = &read.study;
    if !study.merges.is_empty() {
        ui.add_space(3.0 * theme::STEP);
        title(ui, "Kits that came back");
        for (time, task, ballots, verdict) in study.merges.iter().rev().take(50) {
            ui.label(format!("{}  “{task}”: {ballots} new ballots, key {verdict}", day(*time)));
        }
    }
    ui.add_space(3.0 * theme::STEP);
    title(ui, "Looks as the coordinator while a blind task was open");
    if study.looked_as_coordinator.is_empty() {
        ui.weak("None.");
    }
    for (time, command) in study.looked_as_coordinator.iter().rev().take(50) {
        ui.label(format!("{}  {command}", day(*time)));
    }
    quiet(
        ui,
        "Whoever holds the whole file can look with other means, which no journal keeps: only a kit, which holds \
         nothing to hide, is proof of blindness.",
    );
}

/// A moment as `2026-02-03 14:05 UTC`: the journal has no time zone.
pub fn day(unix: f64) -> String {
    // In range: clamped to the years 1970 to 9999.
    let seconds = unix.clamp(0.0, 253_402_300_799.0) as u64;
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for days from 1970 on.
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02} {:02}:{:02} UTC", rest / 3600, rest / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_as_a_day() {
        assert_eq!(day(0.0), "1970-01-01 00:00 UTC");
        assert_eq!(day(951_782_399.0), "2000-02-28 23:59 UTC");
        assert_eq!(day(951_782_400.0), "2000-02-29 00:00 UTC");
        assert_eq!(day(1_767_225_600.0), "2026-01-01 00:00 UTC");
    }

    #[test]
    fn slides_are_sorted_by_name_and_by_what_is_to_do() {
        let slide = |name: &str, undecided, second| {
            let mut s = SlideStages { filename: name.into(), second, ..SlideStages::default() };
            s.cells.undecided = undecided;
            s
        };
        let slides = [slide("b", 5, 5), slide("a", 9, 2), slide("c", 3, 0)];
        assert_eq!(sorted(&slides, Sort::Document), [0, 1, 2]);
        assert_eq!(sorted(&slides, Sort::Name), [1, 0, 2]);
        assert_eq!(sorted(&slides, Sort::ToDo), [1, 2, 0]);
    }
}
