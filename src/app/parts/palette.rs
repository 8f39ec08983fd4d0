//! The command palette: every action and recent file, found by a few letters.

use crate::app::theme;
use eframe::egui::text::{LayoutJob, TextFormat};
use eframe::egui::{
    Align, Align2, Area, Context, Id, Key, Modal, Modifiers, Role, ScrollArea, Sense, TextEdit, Ui,
    WidgetInfo, pos2, vec2,
};
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

const WIDTH: f32 = 600.0;
const ROW: f32 = 30.0;
const ROWS: usize = 12;

/// Something to choose.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    /// What [`Palette::show`] returns for it.
    pub id: usize,
    /// Its name.
    pub title: &'a str,
    /// Its keys, as `Ctrl+Shift+Z`.
    pub keys: String,
    /// What it belongs to: `View`, `Labels`, `Recent slides`.
    pub group: &'a str,
    /// Can it be done now?
    pub enabled: bool,
    /// One sentence on what it does.
    pub help: &'a str,
}

/// The palette's state between frames.
pub struct Palette {
    open: bool,
    /// Has it just been opened, so that the field needs the focus?
    fresh: bool,
    query: String,
    selected: usize,
    matcher: Matcher,
}

impl Default for Palette {
    fn default() -> Self {
        Self {
            open: false,
            fresh: false,
            query: String::new(),
            selected: 0,
            matcher: Matcher::new(Config::DEFAULT),
        }
    }
}

/// A row that matches: its index, and which characters of its title do.
type Hit = (usize, Vec<u32>);

/// What comes first: what can be done now, a match in the title, the better match, the shorter title.
type Rank = (bool, bool, u32, std::cmp::Reverse<usize>);

impl Palette {
    /// Opens it, empty.
    pub fn open(&mut self) {
        self.open = true;
        self.fresh = true;
        self.query.clear();
        self.selected = 0;
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.open = false;
    }

    /// Opens or closes it.
    pub fn toggle(&mut self) {
        if self.open { self.close() } else { self.open() }
    }

    /// Is it open?
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Indices of the rows that match `query`, the best first; all of them in their order for an empty one.
    pub fn matches(&mut self, query: &str, rows: &[Row<'_>]) -> Vec<usize> {
        self.hits(query, rows).into_iter().map(|(index, _)| index).collect()
    }

    fn hits(&mut self, query: &str, rows: &[Row<'_>]) -> Vec<Hit> {
        let pattern = Pattern::new(query, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        let mut buffer = Vec::new();
        let mut hits: Vec<(Rank, Hit)> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let mut letters = Vec::new();
            let mut score = |text: &str, letters: &mut Vec<u32>| {
                pattern.indices(Utf32Str::new(text, &mut buffer), &mut self.matcher, letters)
            };
            let in_title = score(row.title, &mut letters);
            // Letters of the group help to tell alike titles apart ("view fit"), yet a title alone counts more.
            let found = in_title.or_else(|| {
                letters.clear();
                score(&format!("{} {}", row.title, row.group), &mut letters)
            });
            if let Some(found) = found {
                letters.sort_unstable();
                letters.dedup();
                let rank = (row.enabled, in_title.is_some(), found, std::cmp::Reverse(row.title.len()));
                hits.push((rank, (index, letters)));
            }
        }
        // Stable: rows of one rank keep their order.
        if !query.trim().is_empty() {
            hits.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        }
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// Draws it while it is open, at the top in the middle; returns the id of the row that was chosen, once.
    pub fn show(&mut self, ctx: &Context, rows: &[Row<'_>]) -> Option<usize> {
        if !self.open {
            return None;
        }
        let query = self.query.clone();
        let hits = self.hits(&query, rows);
        let moved = self.take_keys(ctx, hits.len());
        let id = Id::unique("command palette");
        let area: Area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 48.0));
        let frame = theme::sheet(ctx).inner_margin(8);
        let modal =
            Modal::new(id).area(area.accessible_name("Command palette")).frame(frame).show(ctx, |ui| {
                ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 48.0));
                let entered = self.field(ui);
                let clicked = self.list(ui, rows, &hits, moved);
                clicked.or_else(|| hits.get(self.selected).filter(|_| entered).map(|(index, _)| *index))
            });
        if let Some(row) = modal.inner.and_then(|index| rows.get(index)).filter(|row| row.enabled) {
            self.close();
            return Some(row.id);
        }
        if modal.should_close() {
            self.close();
        }
        None
    }

    /// Arrows and pages, before the field sees them; `true` when the choice moved.
    fn take_keys(&mut self, ctx: &Context, count: usize) -> bool {
        let before = self.selected;
        let last = count.saturating_sub(1);
        ctx.input_mut(|i| {
            let mut took = |key| i.count_and_consume_key(Modifiers::NONE, key);
            let (down, up) = (took(Key::ArrowDown), took(Key::ArrowUp));
            let pages = (took(Key::PageDown), took(Key::PageUp));
            self.selected = match (down, up) {
                // Round the ends, as one steps.
                (1.., _) if self.selected >= last => 0,
                (_, 1..) if self.selected == 0 => last,
                _ => (self.selected + down).saturating_sub(up),
            };
            self.selected = (self.selected + pages.0 * ROWS).saturating_sub(pages.1 * ROWS).min(last);
        });
        before != self.selected
    }

    /// The text field; `true` when Enter was pressed in it.
    fn field(&mut self, ui: &mut Ui) -> bool {
        let field = TextEdit::singleline(&mut self.query)
            .hint_text("Type a command or the name of a file")
            .desired_width(f32::INFINITY)
            .char_limit(200)
            .min_size(vec2(0.0, 32.0))
            .align(Align2::LEFT_CENTER);
        let response = ui
            .scope(|ui| {
                theme::accent_focus(ui);
                ui.add(field)
            })
            .inner;
        let text = self.query.clone();
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::TextInput, true, "Search commands");
            info.current_text_value = Some(text.clone());
            info
        });
        if response.changed() {
            self.selected = 0;
        }
        let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        if std::mem::take(&mut self.fresh) || entered {
            response.request_focus();
        }
        entered
    }

    fn list(&mut self, ui: &mut Ui, rows: &[Row<'_>], hits: &[Hit], moved: bool) -> Option<usize> {
        ui.add_space(theme::STEP);
        if hits.is_empty() {
            ui.add_space(2.0 * theme::STEP);
            ui.weak("Nothing has this name. Fewer letters find more.");
            ui.add_space(2.0 * theme::STEP);
            return None;
        }
        let mut clicked = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        let room = (ui.ctx().content_rect().height() - 160.0).max(2.0 * ROW);
        let mut scroll = ScrollArea::vertical().max_height((ROW * ROWS as f32).min(room));
        if moved {
            let offset = (self.selected as f32 - ROWS as f32 / 2.0) * ROW;
            scroll =
                scroll.vertical_scroll_offset(offset.clamp(0.0, (hits.len() as f32 * ROW - ROW).max(0.0)));
        }
        scroll.show_rows(ui, ROW, hits.len(), |ui, range| {
            for at in range {
                let (index, letters) = &hits[at];
                if draw_row(ui, &rows[*index], letters, at == self.selected) {
                    clicked = Some(*index);
                }
            }
        });
        let help = hits.get(self.selected).map_or("", |(index, _)| rows[*index].help);
        ui.add_space(2.0 * theme::STEP);
        super::caption(ui, if help.is_empty() { " " } else { help });
        clicked
    }
}

fn draw_row(ui: &mut Ui, row: &Row<'_>, letters: &[u32], selected: bool) -> bool {
    let t = theme::tokens(ui.ctx());
    let sense = if row.enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), sense);
    response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, row.enabled, selected, row.title));
    let fill = match (selected, response.hovered() && row.enabled) {
        (true, _) => t.selection,
        (false, true) => t.hover,
        _ => t.panel,
    };
    ui.painter().rect_filled(rect, 4.0, fill);
    let mut right = rect.right() - 8.0;
    if !row.keys.is_empty() {
        right -= super::keys::size(ui.painter(), &row.keys).x;
        super::keys::paint(ui.painter(), pos2(right, rect.center().y), &row.keys);
        right -= 12.0;
    }
    let words = if row.enabled { row.group.to_owned() } else { format!("{} · not now", row.group) };
    let group = ui.painter().layout_no_wrap(words, theme::font(11.0), t.quiet);
    right -= group.size().x;
    ui.painter().galley(pos2(right, rect.center().y - group.size().y / 2.0), group, t.quiet);
    let colour = if row.enabled { t.text } else { t.quiet };
    let mut job = LayoutJob::default();
    for (at, letter) in row.title.chars().enumerate() {
        let hit = u32::try_from(at).is_ok_and(|at| letters.binary_search(&at).is_ok());
        let font_id = if hit { theme::semibold(13.0) } else { theme::font(13.0) };
        let mut format =
            TextFormat { font_id, color: colour, valign: Align::Center, ..TextFormat::default() };
        if hit {
            format.underline = eframe::egui::Stroke::new(1.0, colour);
        }
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job.wrap = eframe::egui::text::TextWrapping::truncate_at_width((right - rect.left() - 20.0).max(40.0));
    let title = ui.painter().layout_job(job);
    ui.painter().galley(pos2(rect.left() + 8.0, rect.center().y - title.size().y / 2.0), title, colour);
    response.clicked()
}

#[cfg(test)]
#[path = "palette_tests.rs"]
mod tests;
