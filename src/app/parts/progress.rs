//! How far work has come: a thin line, its words, and items of the list of work.

use crate::app::theme;
use eframe::egui::{Button, Rect, Response, Role, Sense, Ui, WidgetInfo, vec2};
use std::time::Duration;

/// How far a rater has come through a slide.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Screening {
    /// The field on the screen, counted from 1.
    pub field: u32,
    /// Fields in the plan.
    pub fields: u32,
    /// Tissue seen, in mm2.
    pub seen_mm2: f64,
    /// Tissue of the slide, in mm2.
    pub tissue_mm2: f64,
    /// Fields in a minute, once that is known.
    pub per_minute: Option<f64>,
    /// Time left, once that is known.
    pub left: Option<Duration>,
}

/// `field 118 of 412 · 27.9 of 97.6 mm² · 1.8 fields/min · about 2 h 40`.
pub fn screening_text(s: &Screening) -> String {
    let mut parts = vec![format!("field {} of {}", s.field, s.fields)];
    if s.tissue_mm2 > 0.0 {
        parts.push(format!("{:.1} of {:.1} mm²", s.seen_mm2, s.tissue_mm2));
    }
    if let Some(rate) = s.per_minute.filter(|rate| rate.is_finite() && *rate > 0.0) {
        parts.push(format!("{rate:.1} fields/min"));
    }
    if let Some(left) = s.left {
        parts.push(duration_text(left));
    }
    parts.join(" · ")
}

/// `about 2 h 40`, `about 12 min`, `less than a minute`: as exact as an estimate deserves.
pub fn duration_text(left: Duration) -> String {
    let minutes = (left.as_secs_f64() / 60.0).round() as u64;
    match minutes {
        0 => "less than a minute".to_owned(),
        1..60 => format!("about {minutes} min"),
        60..600 => format!("about {} h {:02}", minutes / 60, minutes % 60),
        _ => format!("about {} h", (minutes + 30) / 60),
    }
}

/// Draws the thin line under the tabs, as wide as there is room. `share` is 0 to 1.
pub fn line(ui: &mut Ui, share: f32, words: &str) -> Response {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 3.0), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, words);
        info.value = Some(f64::from(share) * 100.0);
        info
    });
    paint_line(ui, rect, share);
    response.on_hover_text(words)
}

fn paint_line(ui: &Ui, rect: Rect, share: f32) {
    let t = theme::tokens(ui.ctx());
    ui.painter().rect_filled(rect, 0.0, t.line);
    let done = rect.with_max_x(rect.left() + rect.width() * share);
    ui.painter().rect_filled(done, 0.0, t.accent);
}

/// Something that runs beside the window.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// What is done to what: `Making a pyramid of case-07.png`.
    pub title: String,
    /// How much is done, in `unit`.
    pub done: u64,
    /// How much there is, once that is known.
    pub total: Option<u64>,
    /// What is counted: `tiles`.
    pub unit: &'static str,
    /// How many in a second, once that is known.
    pub per_second: Option<f64>,
    /// Time left, once that is known.
    pub left: Option<Duration>,
    /// Can it be stopped, and was it asked to? `None` where it is soon over and can't be.
    pub cancelling: Option<bool>,
}

/// `312 of 1048 tiles · 96 tiles/s · about 2 min`.
pub fn work_text(work: &Work) -> String {
    if work.cancelling == Some(true) {
        return "stopping".to_owned();
    }
    let unit = work.unit;
    let mut parts = vec![match work.total {
        None if work.done == 0 => "running".to_owned(),
        Some(total) => format!("{} of {total} {unit}", work.done),
        None => format!("{} {unit}", work.done),
    }];
    if let Some(rate) = work.per_second.filter(|rate| rate.is_finite() && *rate > 0.0) {
        let decimals = usize::from(rate < 10.0);
        parts.push(format!("{rate:.decimals$} {unit}/s"));
    }
    if let Some(left) = work.left {
        parts.push(duration_text(left));
    }
    parts.join(" · ")
}

/// Draws one item of the list of work; `true` when its cancel button was pressed.
pub fn work_item(ui: &mut Ui, work: &Work) -> bool {
    let mut cancelled = false;
    ui.horizontal(|ui| {
        let words = (ui.available_width() - 76.0).max(80.0);
        ui.vertical(|ui| {
            ui.set_width(words);
            ui.add(eframe::egui::Label::new(&work.title).truncate());
            let (rect, response) = ui.allocate_exact_size(vec2(words, 3.0), Sense::hover());
            let share = work.total.map_or(0.0, |total| (work.done as f64 / total.max(1) as f64).min(1.0));
            response.widget_info(|| {
                let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, &work.title);
                info.value = Some(share * 100.0);
                info
            });
            paint_line(ui, rect, share as f32);
            super::caption(ui, work_text(work));
        });
        let Some(cancelling) = work.cancelling else { return };
        let cancel = Button::new("Cancel").min_size(vec2(64.0, theme::CONTROL));
        let cancel = ui.add_enabled(!cancelling, cancel);
        super::name(&cancel, Role::Button, &format!("Cancel: {}", work.title));
        cancelled = cancel.clicked();
    });
    cancelled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::testing;
    use egui_kittest::kittest::Queryable as _;

    #[test]
    fn the_line_of_the_screens_is_said() {
        let mut s = Screening {
            field: 118,
            fields: 412,
            seen_mm2: 27.94,
            tissue_mm2: 97.6,
            per_minute: Some(1.83),
            left: Some(Duration::from_secs(160 * 60 + 12)),
        };
        assert_eq!(screening_text(&s), "field 118 of 412 · 27.9 of 97.6 mm² · 1.8 fields/min · about 2 h 40");
        s.per_minute = None;
        s.left = None;
        assert_eq!(screening_text(&s), "field 118 of 412 · 27.9 of 97.6 mm²");
        s.per_minute = Some(f64::INFINITY);
        s.tissue_mm2 = 0.0;
        assert_eq!(screening_text(&s), "field 118 of 412");
    }

    #[test]
    fn time_left_is_as_exact_as_an_estimate_deserves() {
        for (seconds, words) in [
            (0, "less than a minute"),
            (29, "less than a minute"),
            (40, "about 1 min"),
            (59 * 60 + 40, "about 1 h 00"),
            (3600 + 5 * 60, "about 1 h 05"),
            (11 * 3600 + 1800, "about 12 h"),
        ] {
            assert_eq!(duration_text(Duration::from_secs(seconds)), words);
        }
        duration_text(Duration::MAX);
    }

    fn pyramid() -> Work {
        Work {
            title: "Making a pyramid of case-07.png".into(),
            done: 312,
            total: Some(1048),
            unit: "tiles",
            per_second: Some(96.2),
            left: Some(Duration::from_secs(120)),
            cancelling: Some(false),
        }
    }

    #[test]
    fn work_says_rate_and_time_left() {
        let mut work = pyramid();
        assert_eq!(work_text(&work), "312 of 1048 tiles · 96 tiles/s · about 2 min");
        work.total = None;
        work.left = None;
        work.per_second = Some(0.52);
        assert_eq!(work_text(&work), "312 tiles · 0.5 tiles/s");
        work.done = 0;
        assert_eq!(work_text(&Work { per_second: None, ..work.clone() }), "running");
        work.cancelling = Some(true);
        assert_eq!(work_text(&work), "stopping");
    }

    #[test]
    fn work_can_be_cancelled_once() {
        let mut window = testing::window([320.0, 120.0], theme::Theme::Dark).build_ui_state(
            |ui, pressed: &mut u32| {
                let work = Work { cancelling: Some(*pressed > 0), ..pyramid() };
                *pressed += u32::from(work_item(ui, &work));
            },
            0,
        );
        window.run();
        for _ in 0..3 {
            window.get_by_label("Cancel: Making a pyramid of case-07.png").click();
            window.run();
        }
        assert_eq!(*window.state(), 1);
    }

    #[test]
    fn what_cannot_be_cancelled_has_no_button() {
        let work = Work { cancelling: None, ..pyramid() };
        let mut window = testing::window::<()>([320.0, 120.0], theme::Theme::Dark).build_ui(|ui| {
            assert!(!work_item(ui, &work));
        });
        window.run();
        assert!(window.query_by_label_contains("Cancel").is_none());
    }

    #[test]
    fn pictures() {
        testing::pictures("progress", [340.0, 160.0], |ui| {
            line(ui, 0.3, "117 of 412 fields");
            ui.add_space(12.0);
            work_item(ui, &pyramid());
            ui.add_space(8.0);
            work_item(
                ui,
                &Work {
                    title: "A very long title of something that is done to some slide".into(),
                    cancelling: Some(true),
                    ..pyramid()
                },
            );
        });
    }
}
