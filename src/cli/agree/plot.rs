//! Plots of the page, as SVG.

use crate::study::figures::kappa_axis;
use maud::{Markup, html};

/// A line of a plot: a dot, with whiskers where there is an interval.
pub(super) struct Dot {
    pub name: String,
    pub value: Option<f64>,
    pub bounds: Option<(f64, f64)>,
    /// Is it a figure of all raters?
    pub all: bool,
}

const WIDTH: f64 = 920.0;
const LEFT: f64 = 300.0;
const RIGHT: f64 = 190.0;
const LINE: f64 = 30.0;
const TOP: f64 = 12.0;

/// Dots with whiskers on one axis, which ends at 1 and begins at 0, or lower where a figure does.
pub(super) fn dots(dots: &[Dot]) -> Markup {
    let values = dots.iter().flat_map(|d| d.value.into_iter().chain(d.bounds.map(|b| b.0)));
    let (from, steps) = kappa_axis(values);
    let x = |value: f64| LEFT + (value.clamp(from, 1.0) - from) / (1.0 - from) * (WIDTH - LEFT - RIGHT);
    let bottom = TOP + LINE * dots.len() as f64;
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {}", bottom + 30.0)) role="img" aria-label="kappa of each two raters with its interval" {
            @for step in -steps..=5 {
                @let at = x(f64::from(step) / 5.0);
                line.grid.zero[step == 0] x1=(px(at)) x2=(px(at)) y1=(px(TOP)) y2=(px(bottom)) {}
                text.axis x=(px(at)) y=(px(bottom + 20.0)) text-anchor="middle" { (format!("{:.1}", f64::from(step) / 5.0)) }
            }
            @for (i, dot) in dots.iter().enumerate() {
                @let y = TOP + LINE * (i as f64 + 0.5);
                text.name x=(px(LEFT - 16.0)) y=(px(y + 5.0)) text-anchor="end" { title { (dot.name) } (shortened(&dot.name)) }
                @if let Some((low, high)) = dot.bounds {
                    line.whisker.all[dot.all] x1=(px(x(low))) x2=(px(x(high))) y1=(px(y)) y2=(px(y)) {}
                    @for end in [low, high] {
                        line.whisker.all[dot.all] x1=(px(x(end))) x2=(px(x(end))) y1=(px(y - 5.0)) y2=(px(y + 5.0)) {}
                    }
                }
                @if let Some(value) = dot.value {
                    @if dot.all {
                        rect.dot.all x=(px(x(value) - 5.5)) y=(px(y - 5.5)) width="11" height="11" transform=(format!("rotate(45 {} {})", px(x(value)), px(y))) {}
                    } @else {
                        circle.dot cx=(px(x(value))) cy=(px(y)) r="6" {}
                    }
                }
                text.value x=(px(WIDTH - RIGHT + 24.0)) y=(px(y + 5.0)) { (words(dot)) }
            }
        }
    }
}

fn words(dot: &Dot) -> String {
    match (dot.value, dot.bounds) {
        (None, _) => "no value".to_owned(),
        (Some(v), None) => format!("{v:.3}"),
        (Some(v), Some((low, high))) => format!("{v:.3}  [{low:.3}, {high:.3}]"),
    }
}

/// As many letters as fit left of the axis.
fn shortened(name: &str) -> String {
    const MOST: usize = 40;
    match name.chars().count() > MOST {
        true => name.chars().take(MOST - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

fn px(v: f64) -> String {
    format!("{v:.1}")
}

/// A bar of a share, 0 to 1, for a table's cell.
pub(super) fn bar(share: Option<f64>) -> Markup {
    let width = share.unwrap_or(0.0).clamp(0.0, 1.0) * 100.0;
    html! { span.bar { span style=(format!("width:{width:.1}%")) {} } }
}
