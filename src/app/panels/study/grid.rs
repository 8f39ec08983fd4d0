//! Tables of the coordinator's page: a head, rows of equal height, thin bars under figures.

use crate::app::theme;
use eframe::egui::text::{LayoutJob, TextWrapping};
use eframe::egui::{Color32, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

/// Height of a row in points.
pub const ROW: f32 = 28.0;
/// Between two columns.
const GAP: f32 = 10.0;
/// Left and right of a row.
const EDGE: f32 = 8.0;

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Col<'a> {
    /// Its heading.
    pub title: &'a str,
    /// Its width in points; 0 for what the others leave.
    pub width: f32,
    /// Does it hold figures, which stand at its right end?
    pub right: bool,
}

/// A column of words.
pub const fn words(title: &str, width: f32) -> Col<'_> {
    Col { title, width, right: false }
}

/// A column of figures.
pub const fn figures(title: &str, width: f32) -> Col<'_> {
    Col { title, width, right: true }
}

/// What stands in a cell.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// The words.
    pub text: String,
    /// A share, 0 to 1, as a bar under them, in a colour (the text's own where none is given).
    pub bar: Option<(f32, Option<Color32>)>,
    /// A dot before them.
    pub dot: Option<Color32>,
    /// Does it step back?
    pub quiet: bool,
    /// Does it stand out?
    pub strong: bool,
}

impl Cell {
    /// Words.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number; zero steps back.
    pub fn number(n: u64) -> Self {
        Self { text: grouped(n), quiet: n == 0, ..Self::default() }
    }

    /// A number with a bar: its share of `all`.
    pub fn share(n: u64, all: u64, colour: Option<Color32>) -> Self {
        let share = if all == 0 { 0.0 } else { n as f32 / all as f32 };
        Self { bar: (n > 0).then_some((share, colour)), ..Self::number(n) }
    }

    /// The same in the semibold font.
    pub fn strong(self) -> Self {
        Self { strong: true, quiet: false, ..self }
    }

    /// The same, stepping back.
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// The same with a dot before it.
    pub fn dot(self, colour: Color32) -> Self {
        Self { dot: Some(colour), ..self }
    }
}

/// `39 868`: thin blanks between thousands.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (i, digit) in digits.chars().enumerate() {
        // Four digits are read at once.
        if digits.len() > 4 && i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out
}

/// Where the columns stand: left and right end of each, within `width`.
fn places(cols: &[Col<'_>], width: f32) -> Vec<(f32, f32)> {
    let fixed: f32 = cols.iter().map(|c| c.width).sum::<f32>() + GAP * cols.len().saturating_sub(1) as f32;
    let open = cols.iter().filter(|c| c.width == 0.0).count().max(1) as f32;
    let rest = ((width - 2.0 * EDGE - fixed) / open).max(40.0);
    let mut x = EDGE;
    cols.iter()
        .map(|c| {
            let wide = if c.width == 0.0 { rest } else { c.width };
            let place = (x, x + wide);
            x += wide + GAP;
            place
        })
        .collect()
}

/// The headings; the place of the column that was pressed, among those that sort.
pub fn head(ui: &mut Ui, cols: &[Col<'_>], sorts: &[usize], sorted: Option<usize>) -> Option<usize> {
    let t = theme::tokens(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::hover());
    let mut pressed = None;
    for (at, (col, (left, right))) in cols.iter().zip(places(cols, rect.width())).enumerate() {
        let place = Rect::from_min_max(
            pos2(rect.left() + left, rect.top()),
            pos2(rect.left() + right, rect.bottom()),
        );
        let mut colour = t.quiet;
        let mut title = col.title.to_owned();
        if sorts.contains(&at) {
            let response = ui.interact(place, ui.scope_id().with(("sort", at)), Sense::click());
            let on = sorted == Some(at);
            response.widget_info(|| {
                WidgetInfo::selected(Role::Button, true, on, format!("Sort by {}", col.title.to_lowercase()))
            });
            if on || response.hovered() {
                colour = t.text;
            }
            if on {
                title.push_str(" ↓");
            }
            if response.on_hover_text("Sorts the rows by it, or no more").clicked() {
                pressed = Some(at);
            }
        }
        line(ui, place, &title, theme::semibold(11.0), colour, col.right);
    }
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, (1.0, t.line));
    pressed
}

/// A row; `name` is what a screen reader says of it.
pub fn row(ui: &mut Ui, cols: &[Col<'_>], cells: &[Cell], name: &str, chosen: Option<bool>) -> Response {
    let t = theme::tokens(ui.ctx());
    let sense = if chosen.is_some() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    response.widget_info(|| match chosen {
        Some(on) => WidgetInfo::selected(Role::Row, true, on, name),
        None => WidgetInfo::labeled(Role::Row, true, name),
    });
    if chosen == Some(true) || (chosen.is_some() && response.hovered()) {
        ui.painter().rect_filled(rect, 4.0, if chosen == Some(true) { t.selection } else { t.hover });
    }
    for ((col, (left, right)), cell) in cols.iter().zip(places(cols, rect.width())).zip(cells) {
        let mut place = Rect::from_min_max(
            pos2(rect.left() + left, rect.top()),
            pos2(rect.left() + right, rect.bottom()),
        );
        if let Some((share, colour)) = cell.bar {
            let trough = Rect::from_min_max(
                pos2(place.left(), rect.bottom() - 6.0),
                pos2(place.right(), rect.bottom() - 3.0),
            );
            ui.painter().rect_filled(trough, 1.0, t.line);
            let wide = (trough.width() * share.clamp(0.0, 1.0)).max(1.0);
            let done = trough.with_max_x(trough.left() + wide);
            ui.painter().rect_filled(done, 1.0, colour.unwrap_or(t.quiet));
            place.max.y -= 4.0;
        }
        if let Some(colour) = cell.dot {
            ui.painter().circle_filled(pos2(place.left() + 5.0, place.center().y), 4.5, colour);
            place.min.x += 16.0;
        }
        let font = if cell.strong { theme::semibold(13.0) } else { theme::font(13.0) };
        let colour = if cell.quiet { t.quiet } else { t.text };
        line(ui, place, &cell.text, font, colour, col.right);
    }
    response
}

/// One line of words in a place, cut with an ellipsis where it is too long.
fn line(ui: &Ui, place: Rect, text: &str, font: eframe::egui::FontId, colour: Color32, right: bool) {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    job.wrap = TextWrapping::truncate_at_width(place.width().max(10.0));
    let galley = ui.painter().layout_job(job);
    let x = if right { place.right() - galley.size().x } else { place.left() };
    let at = pos2(x, place.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_what_is_left_and_thousands_are_grouped() {
        let cols = [words("slide", 0.0), figures("cells", 60.0)];
        assert_eq!(places(&cols, 300.0), [(8.0, 222.0), (232.0, 292.0)]);
        assert_eq!(places(&cols, 50.0)[0], (8.0, 48.0), "never narrower than a hand can read");
        assert_eq!(
            (grouped(0), grouped(1268), grouped(39868)),
            ("0".into(), "1268".into(), "39\u{2009}868".into())
        );
    }
}
