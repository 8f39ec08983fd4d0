//! Plots of the agreement page: dots with whiskers on one axis, and a rater's share of mitotic figures over time.

use crate::app::parts;
use crate::app::theme;
use crate::study::agreement::drift::Window;
use crate::study::figures::kappa_axis;
use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Align2, Color32, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

/// A line of the plot.
pub struct Dot {
    /// What it is of.
    pub name: String,
    /// The figure.
    pub value: Option<f64>,
    /// Its interval.
    pub bounds: Option<(f64, f64)>,
    /// Is it a figure of all raters?
    pub all: bool,
    /// Is it the chosen one? `None` where it can't be chosen.
    pub chosen: Option<bool>,
}

const LINE: f32 = 26.0;
const LEFT: f32 = 190.0;
const RIGHT: f32 = 172.0;

fn words(dot: &Dot) -> String {
    match (dot.value, dot.bounds) {
        (None, _) => "no value".to_owned(),
        (Some(v), None) => format!("{v:.3}"),
        (Some(v), Some((low, high))) => format!("{v:.3}  ({low:.3} to {high:.3})"),
    }
}

/// Dots with whiskers on one axis, which ends at 1 and begins at 0, or lower where a figure does. The place of the one
/// that was pressed.
pub fn dots(ui: &mut Ui, dots: &[Dot]) -> Option<usize> {
    let t = theme::tokens(ui.ctx());
    let values = dots.iter().flat_map(|d| d.value.into_iter().chain(d.bounds.map(|b| b.0)));
    let (from, steps) = kappa_axis(values);
    let high = LINE * dots.len() as f32;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), high + 24.0), Sense::hover());
    let wide = (rect.width() - LEFT - RIGHT).max(60.0);
    let x = |v: f64| rect.left() + LEFT + ((v.clamp(from, 1.0) - from) / (1.0 - from)) as f32 * wide;
    let painter = ui.painter().clone();
    for step in -steps..=5 {
        let value = f64::from(step) / 5.0;
        let colour = if step == 0 { t.quiet } else { t.line };
        painter.vline(x(value), rect.top()..=rect.top() + high, (1.0, colour));
        let at = pos2(x(value), rect.top() + high + 4.0);
        painter.text(at, Align2::CENTER_TOP, format!("{value:.1}"), theme::font(11.0), t.quiet);
    }
    let mut pressed = None;
    for (at, dot) in dots.iter().enumerate() {
        let middle = rect.top() + LINE * (at as f32 + 0.5);
        let row = Rect::from_min_max(
            pos2(rect.left(), middle - LINE / 2.0),
            pos2(rect.right(), middle + LINE / 2.0),
        );
        let sense = if dot.chosen.is_some() { Sense::click() } else { Sense::hover() };
        let response = ui.interact(row, ui.scope_id().with(("dot", at)), sense);
        let name = format!("{}: kappa {}", dot.name, words(dot));
        match dot.chosen {
            Some(on) => response.widget_info(|| WidgetInfo::selected(Role::Row, true, on, &name)),
            None => parts::name(&response, Role::Row, &name),
        }
        if dot.chosen == Some(true) {
            let mark = Rect::from_min_size(row.min, vec2(3.0, LINE)).shrink2(vec2(0.0, 5.0));
            painter.rect_filled(mark, 1.0, t.accent);
        } else if response.hovered() && dot.chosen.is_some() {
            painter.rect_filled(row.with_max_x(rect.left() + LEFT - 8.0), 4.0, t.hover);
        }
        if response.clicked() {
            pressed = Some(at);
        }
        let mut job = LayoutJob::simple_singleline(dot.name.clone(), theme::font(13.0), t.text);
        job.wrap = TextWrapping::truncate_at_width(LEFT - 24.0);
        let galley = painter.layout_job(job);
        painter.galley(pos2(row.left() + 10.0, middle - galley.size().y / 2.0), galley, t.text);
        let stroke = Stroke::new(2.0, if dot.all { t.quiet } else { t.text });
        if let Some((low, high)) = dot.bounds {
            painter.hline(x(low)..=x(high), middle, stroke);
            for end in [low, high] {
                painter.vline(x(end), middle - 4.0..=middle + 4.0, stroke);
            }
        }
        if let Some(value) = dot.value {
            let centre = pos2(x(value), middle);
            if dot.all {
                painter.add(diamond(centre, 6.0, stroke.color, t.panel));
            } else {
                painter.circle(centre, 5.0, t.text, Stroke::new(1.5, t.panel));
            }
        }
        let end = pos2(rect.right() - RIGHT + 14.0, middle);
        painter.text(end, Align2::LEFT_CENTER, words(dot), theme::font(13.0), t.text);
    }
    pressed
}

fn diamond(at: Pos2, r: f32, fill: Color32, edge: Color32) -> Shape {
    let points = vec![at + vec2(0.0, -r), at + vec2(r, 0.0), at + vec2(0.0, r), at + vec2(-r, 0.0)];
    Shape::convex_polygon(points, fill, Stroke::new(1.5, edge))
}

/// The share of mitotic figures in windows of ballots, each with Wilson's interval. `name` says all of it in words.
pub fn drift(ui: &mut Ui, windows: &[Window], name: &str, colour: Color32) {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 120.0), Sense::hover());
    parts::name(&response, Role::Image, name);
    let plot = Rect::from_min_max(rect.min + vec2(44.0, 8.0), rect.max - vec2(8.0, 22.0));
    let painter = ui.painter_at(rect);
    let y = |share: f64| plot.bottom() - share as f32 * plot.height();
    for tick in [0.0, 0.5, 1.0] {
        painter.hline(plot.x_range(), y(tick), (1.0, t.line));
        let at = pos2(plot.left() - 6.0, y(tick));
        painter.text(at, Align2::RIGHT_CENTER, format!("{:.0} %", tick * 100.0), theme::font(11.0), t.quiet);
    }
    let all: u64 = windows.iter().map(|w| w.all.ballots).sum();
    let mut before = 0;
    let mut line = Vec::new();
    for window in windows {
        // In the middle of its ballots.
        let middle = before as f32 + window.all.ballots as f32 / 2.0;
        before += window.all.ballots;
        let x = plot.left() + middle / (all as f32).max(1.0) * plot.width();
        let Some(share) = window.all.share else { continue };
        let (low, high) = window.all.interval;
        painter.vline(x, y(high)..=y(low), (1.5, t.quiet));
        line.push(pos2(x, y(share)));
    }
    painter.add(Shape::line(line.clone(), Stroke::new(1.5, colour)));
    for point in line {
        painter.circle(point, 3.5, colour, Stroke::new(1.0, t.panel));
    }
    for (at, align, words) in [
        (plot.left(), Align2::LEFT_TOP, "ballot 1".to_owned()),
        (plot.right(), Align2::RIGHT_TOP, format!("ballot {all}")),
    ] {
        painter.text(pos2(at, plot.bottom() + 5.0), align, words, theme::font(11.0), t.quiet);
    }
}
