//! All keys on one sheet.

use crate::app::theme;
use eframe::egui::{
    Align2, Context, Id, Key, Modal, Modifiers, Painter, Role, ScrollArea, Sense, Ui, pos2, vec2,
};

const ROW: f32 = 23.0;
const HEADING: f32 = 30.0;
const GAP: f32 = 32.0;
const KEYS_GAP: f32 = 16.0;
/// Around the sheet, in points.
const MARGIN: f32 = 24.0;

/// Keys that belong together.
#[derive(Debug, Clone)]
pub struct Group<'a> {
    /// Their heading.
    pub title: &'a str,
    /// What is done, and by which keys.
    pub rows: Vec<(&'a str, String)>,
}

/// One line of the sheet.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Line<'a> {
    Heading(&'a str),
    Row(&'a str, &'a str),
}

impl Line<'_> {
    const fn height(&self) -> f32 {
        match self {
            Self::Heading(_) => HEADING,
            Self::Row(..) => ROW,
        }
    }

    fn width(&self, painter: &Painter) -> f32 {
        let text = |text: &str, font| painter.layout_no_wrap(text.to_owned(), font, theme::HALO).size().x;
        match self {
            Self::Heading(title) => text(title, theme::semibold(13.0)),
            Self::Row(title, keys) => {
                text(title, theme::font(13.0)) + KEYS_GAP + super::keys::size(painter, keys).x
            }
        }
    }
}

/// Draws the sheet over the window; `false` when it was closed by Esc, F1, ? or a click beside it.
pub fn show(ctx: &Context, groups: &[Group<'_>]) -> bool {
    let closed = ctx.input_mut(|i| {
        i.consume_key(Modifiers::NONE, Key::F1) | i.consume_key(Modifiers::NONE, Key::Questionmark)
    });
    let room = ctx.content_rect().size() - vec2(2.0 * MARGIN, 2.0 * MARGIN) - vec2(34.0, 34.0);
    let id = Id::unique("cheat sheet");
    // An area is 400 points high at first, whatever is in it.
    let area = Modal::default_area(id).default_size(room).accessible_name("Cheat sheet");
    let modal = Modal::new(id).area(area).frame(theme::sheet(ctx)).show(ctx, |ui| sheet(ui, groups, room));
    !(closed || modal.inner || modal.should_close())
}

fn sheet(ui: &mut Ui, groups: &[Group<'_>], room: eframe::egui::Vec2) -> bool {
    let lines: Vec<Line<'_>> = groups
        .iter()
        .filter(|group| !group.rows.is_empty())
        .flat_map(|group| {
            let rows = group.rows.iter().map(|(title, keys)| Line::Row(title, keys));
            std::iter::once(Line::Heading(group.title)).chain(rows)
        })
        .collect();
    let width = lines.iter().map(|line| line.width(ui.painter())).fold(160.0, f32::max).min(room.x).ceil();
    let most = (((room.x + GAP) / (width + GAP)) as usize).clamp(1, 6);
    let height = room.y - 44.0;
    // As few columns as needed: a sheet wider than it must be makes the eye travel.
    let columns = (1..=most).map(|n| split(&lines, n)).find(|columns| tallest(columns) <= height * 0.8);
    let columns = columns.unwrap_or_else(|| split(&lines, most));
    let total = columns.len() as f32 * (width + GAP) - GAP;
    ui.set_width(total);
    let mut close = false;
    ui.horizontal(|ui| {
        ui.heading("Keys");
        ui.with_layout(eframe::egui::Layout::right_to_left(eframe::egui::Align::Center), |ui| {
            close = ui.button("Close").clicked();
            super::keys::show(ui, "Esc");
        });
    });
    ui.add_space(theme::STEP);
    ScrollArea::vertical().max_height(height.max(ROW)).show(ui, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
            for column in &columns {
                ui.vertical(|ui| {
                    ui.set_width(width);
                    for line in *column {
                        draw(ui, line, width);
                    }
                });
            }
        });
    });
    close
}

fn draw(ui: &mut Ui, line: &Line<'_>, width: f32) {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(width, line.height()), Sense::hover());
    match line {
        Line::Heading(title) => {
            super::name(&response, Role::Heading, title);
            let at = pos2(rect.left(), rect.bottom() - 5.0);
            ui.painter().text(at, Align2::LEFT_BOTTOM, title, theme::semibold(13.0), t.text);
            let under = rect.bottom() - 2.0;
            ui.painter().hline(rect.x_range(), under, eframe::egui::Stroke::new(1.0, t.line));
        }
        Line::Row(title, keys) => {
            super::name(&response, Role::Label, &format!("{title}: {keys}"));
            ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, title, theme::font(13.0), t.text);
            let size = super::keys::size(ui.painter(), keys);
            super::keys::paint(ui.painter(), pos2(rect.right() - size.x, rect.center().y), keys);
        }
    }
}

fn tallest(columns: &[&[Line<'_>]]) -> f32 {
    columns.iter().map(|column| column.iter().map(Line::height).sum()).fold(0.0, f32::max)
}

/// The lines in at most `n` columns, in order, as even as can be; no heading stands alone at a column's foot.
fn split<'a, 'b>(lines: &'a [Line<'b>], n: usize) -> Vec<&'a [Line<'b>]> {
    let total: f32 = lines.iter().map(Line::height).sum();
    let mut aim = total / n as f32;
    loop {
        let columns = fill(lines, aim);
        if columns.len() <= n {
            return columns;
        }
        // Ends: with the whole height as aim there is one column.
        aim += ROW / 2.0;
    }
}

fn fill<'a, 'b>(lines: &'a [Line<'b>], aim: f32) -> Vec<&'a [Line<'b>]> {
    let mut columns = Vec::new();
    let (mut start, mut height) = (0, 0.0);
    for (at, line) in lines.iter().enumerate() {
        // A heading takes its first row along.
        let needs = line.height() + if matches!(line, Line::Heading(_)) { ROW } else { 0.0 };
        let after_heading = at > start && matches!(lines[at - 1], Line::Heading(_));
        if height > 0.0 && !after_heading && height + needs > aim + 0.1 {
            columns.push(&lines[start..at]);
            (start, height) = (at, 0.0);
        }
        height += line.height();
    }
    if start < lines.len() {
        columns.push(&lines[start..]);
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::testing;
    use crate::app::theme::Theme;
    use egui_kittest::kittest::Queryable as _;
    use proptest::prelude::*;

    fn groups() -> Vec<Group<'static>> {
        let titles = ["Files", "Moving", "Magnification", "Tools", "Labels", "Screening", "Voting", "Window"];
        let words = [
            ("Next field, object or ballot", "N, Space"),
            ("Undo the last change", "Ctrl+Z"),
            ("Turn by 90° to the right", "]"),
        ];
        let group = |title| Group {
            title,
            rows: (0..10).map(|n| words[n % 3]).map(|(title, keys)| (title, keys.to_owned())).collect(),
        };
        titles.map(group).into()
    }

    #[test]
    fn nothing_is_cut_on_a_small_screen() {
        let mut window = testing::window::<()>([1280.0, 800.0], Theme::Dark).build_ui(|ui| {
            show(ui.ctx(), &groups());
        });
        window.run();
        let rows: Vec<_> =
            window.get_all_by_label("Undo the last change: Ctrl+Z").map(|n| n.rect()).collect();
        assert_eq!(rows.len(), 24);
        for rect in rows {
            assert!(
                rect.left() >= 0.0 && rect.right() <= 1280.0 && rect.top() >= 0.0 && rect.bottom() <= 800.0
            );
        }
        let close = window.get_by_label("Close").rect();
        assert!(close.top() > 0.0 && close.right() < 1280.0);
    }

    #[test]
    fn escape_f1_and_the_button_close_it() {
        for way in 0..3 {
            let mut window = testing::window([1280.0, 800.0], Theme::Light).build_ui_state(
                |ui, open: &mut bool| {
                    if *open {
                        *open = show(ui.ctx(), &groups());
                    }
                },
                true,
            );
            window.run();
            assert!(*window.state());
            match way {
                0 => window.key_press(Key::Escape),
                1 => window.key_press(Key::F1),
                _ => window.get_by_label("Close").click(),
            }
            window.run();
            assert!(!*window.state(), "way {way}");
        }
    }

    proptest! {
        #[test]
        fn columns_hold_every_line_in_order(groups in prop::collection::vec(1usize..20, 0..12), n in 1usize..6) {
            let lines: Vec<Line<'_>> = groups
                .iter()
                .flat_map(|rows| std::iter::once(Line::Heading("h")).chain(std::iter::repeat_n(Line::Row("r", "k"), *rows)))
                .collect();
            let columns = split(&lines, n);
            prop_assert!(columns.len() <= n);
            prop_assert_eq!(columns.concat(), lines.clone());
            for column in columns {
                prop_assert!(!matches!(column.last(), Some(Line::Heading(_)) | None));
            }
        }
    }

    #[test]
    fn pictures() {
        testing::pictures("cheat-sheet", [1280.0, 800.0], |ui| {
            show(ui.ctx(), &groups());
        });
    }
}
