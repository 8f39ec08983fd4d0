//! What the window shows while no slide is open, and the hint while a slide has no labels.

use crate::app::theme;
use eframe::egui::{
    Align2, Button, Color32, CursorIcon, Label, Painter, Pos2, Rect, Response, RichText, Role, Sense, Shape,
    Stroke, StrokeKind, TextureHandle, Ui, UiBuilder, pos2, vec2,
};
use std::path::{Path, PathBuf};

/// Recent files shown at most.
const SHOWN: usize = 6;
const WIDTH: f32 = 640.0;
const HEIGHT: f32 = 404.0;

/// What was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The dialog that opens slides.
    OpenSlide,
    /// The demo.
    Demo,
    /// The recent file of this index.
    Recent(usize),
}

/// What the empty window shows.
#[derive(Clone, Copy)]
pub struct EmptyState<'a> {
    /// Slides opened last, the newest first.
    pub recent: &'a [PathBuf],
    /// The demo's picture; until there is one, a drawn cell stands for it.
    pub demo: Option<&'a TextureHandle>,
    /// Is a file held over the window?
    pub hovered: bool,
    /// Keys that open a slide, place a label and go to the next field.
    pub keys: [&'a str; 3],
}

impl EmptyState<'_> {
    /// Draws it in the middle of the room; returns what was chosen.
    pub fn show(&self, ui: &mut Ui) -> Option<Choice> {
        let room = ui.available_rect_before_wrap();
        let size = vec2(WIDTH.min(room.width() - 32.0), HEIGHT);
        let middle = Rect::from_center_size(room.center(), size);
        let rect = Rect::from_min_size(pos2(middle.left(), middle.top().max(room.top() + 8.0)), size);
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| self.contents(ui, rect)).inner
    }

    fn contents(&self, ui: &mut Ui, rect: Rect) -> Option<Choice> {
        let mut choice = None;
        ui.label(RichText::new("Open a slide").text_style(theme::big()));
        ui.add_space(3.0 * theme::STEP);
        let top = ui.cursor().top();
        let gap = 40.0;
        let right = rect.with_min_x(rect.left() + rect.width() * 0.56).with_min_y(top);
        let left = rect.with_max_x(right.left() - gap).with_min_y(top);
        ui.scope_builder(UiBuilder::new().max_rect(left), |ui| self.ways(ui, &mut choice));
        ui.scope_builder(UiBuilder::new().max_rect(right), |ui| {
            if demo(ui, self.demo).clicked() {
                choice = Some(Choice::Demo);
            }
        });
        let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 44.0), rect.max);
        ui.scope_builder(UiBuilder::new().max_rect(foot), |ui| {
            ui.separator();
            ui.horizontal(|ui| {
                for (keys, words) in [
                    (self.keys[1], "places a label at the pointer"),
                    (self.keys[2], "goes to the next field"),
                ] {
                    super::keys::show(ui, keys);
                    ui.weak(words);
                    ui.add_space(5.0 * theme::STEP);
                }
            });
        });
        choice
    }

    fn ways(&self, ui: &mut Ui, choice: &mut Option<Choice>) {
        ui.horizontal(|ui| {
            let button = Button::new(RichText::new("Open slide…").font(theme::semibold(13.0)));
            if ui.add(button.min_size(vec2(132.0, theme::CONTROL_LARGE))).clicked() {
                *choice = Some(Choice::OpenSlide);
            }
            super::keys::show(ui, self.keys[0]);
        });
        ui.add_space(2.0 * theme::STEP);
        drop_place(ui, self.hovered);
        ui.add_space(2.0 * theme::STEP);
        if self.recent.is_empty() {
            super::caption(ui, "Slides you open are listed here.");
            return;
        }
        super::caption(ui, "Recent");
        ui.spacing_mut().item_spacing.y = 0.0;
        for (index, path) in self.recent.iter().take(SHOWN).enumerate() {
            if recent(ui, path).clicked() {
                *choice = Some(Choice::Recent(index));
            }
        }
    }
}

fn drop_place(ui: &mut Ui, hovered: bool) {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::hover());
    let words = if hovered { "Let go to open it" } else { "or drop a slide file into this window" };
    super::name(&response, Role::Label, words);
    let (edge, text) = if hovered { (t.accent, t.text) } else { (t.quiet.gamma_multiply(0.6), t.quiet) };
    let r = rect.shrink(1.0);
    let outline = [r.left_top(), r.right_top(), r.right_bottom(), r.left_bottom(), r.left_top()];
    ui.painter().extend(Shape::dashed_line(
        &outline,
        Stroke::new(if hovered { 2.0 } else { 1.0 }, edge),
        4.0,
        4.0,
    ));
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, words, theme::font(13.0), text);
}

fn recent(ui: &mut Ui, path: &Path) -> Response {
    let t = theme::tokens(ui.ctx());
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let folder = path.parent().map_or_else(String::new, |folder| folder.display().to_string());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    super::name(&response, Role::Button, &format!("Open {name}"));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect.expand2(vec2(6.0, 0.0)), 4.0, t.hover);
    }
    let mut inside = ui.new_child(
        UiBuilder::new()
            .max_rect(rect)
            .layout(eframe::egui::Layout::left_to_right(eframe::egui::Align::Center)),
    );
    inside.add(Label::new(name).truncate().sense(Sense::empty()));
    let folder = Label::new(RichText::new(folder).small().weak()).truncate().sense(Sense::empty());
    inside.add(folder);
    response.on_hover_text(path.display().to_string()).on_hover_cursor(CursorIcon::PointingHand)
}

/// The demo as a picture that can be pressed.
fn demo(ui: &mut Ui, picture: Option<&TextureHandle>) -> Response {
    let t = theme::tokens(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 180.0), Sense::click());
    super::name(&response, Role::Button, "Try the demo");
    let painter = ui.painter_at(rect);
    match picture {
        Some(picture) => {
            // As much of the picture's middle as has the button's shape.
            let [w, h] = picture.size().map(|side| side.max(1) as f32);
            let share = (rect.width() / rect.height()) / (w / h);
            let part = vec2(share.min(1.0), (1.0 / share).min(1.0));
            painter.image(picture.id(), rect, Rect::from_center_size(pos2(0.5, 0.5), part), Color32::WHITE);
        }
        None => tissue(&painter, rect),
    }
    let active = response.hovered() || response.has_focus();
    let edge = if active { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, t.line) };
    ui.painter().rect_stroke(rect, 2.0, edge, StrokeKind::Inside);
    ui.add_space(theme::STEP);
    ui.label(RichText::new("Try the demo").font(theme::semibold(13.0)));
    ui.weak("A made slide with known mitoses: step through its fields, label, count. Nothing to lose.");
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// Cells in H&E colours, one of them dividing.
fn tissue(painter: &Painter, rect: Rect) {
    painter.rect_filled(rect, 0.0, Color32::from_rgb(236, 200, 220));
    // A quasi-random sequence spreads the nuclei evenly without a generator.
    let spread = |n: u32, a: f64| (f64::from(n) * a).fract() as f32;
    let middle = rect.center();
    for n in 1..70 {
        let at = rect.lerp_inside(vec2(spread(n, 0.754_877_666), spread(n, 0.569_840_291)));
        if at.distance(middle) < 42.0 {
            continue;
        }
        let radius = 6.0 + 4.0 * spread(n, 0.618_034);
        painter.circle_filled(at, radius * 1.7, Color32::from_rgb(228, 176, 206));
        painter.circle_filled(at, radius, Color32::from_rgb(138, 104, 172));
        painter.circle_filled(at + vec2(-1.5, 1.0), radius * 0.35, Color32::from_rgb(100, 70, 142));
    }
    painter.circle_filled(middle, 26.0, Color32::from_rgb(242, 214, 228));
    for side in [-1.0, 1.0] {
        let plate = |dy: f32| Pos2::new(middle.x + side * 7.0 + side * dy * dy / 40.0, middle.y + dy);
        let line: Vec<Pos2> = (-10..=10).map(|dy| plate(dy as f32)).collect();
        painter.add(Shape::line(line, Stroke::new(6.0, Color32::from_rgb(62, 36, 96))));
    }
    for stroke in [Stroke::new(4.0, theme::HALO), Stroke::new(2.0, theme::Marks::PUBLISHED.mitotic)] {
        painter.circle_stroke(middle, 34.0, stroke);
    }
}

/// A faint line at the foot of a slide that has no labels yet. `keys` is the class digit to name.
pub fn label_hint(ui: &Ui, slide: Rect, keys: &str) {
    let words = format!("{keys} places a label at the pointer");
    let font = theme::font(13.0);
    let size = ui.painter().layout_no_wrap(words.clone(), font.clone(), Color32::WHITE).size();
    let at = pos2(slide.center().x - size.x / 2.0, slide.bottom() - size.y - 16.0);
    let rect = super::over_slide(&ui.painter_at(slide), at, &words, font);
    let response = ui.interact(rect, ui.scope_id().with("label hint"), Sense::hover());
    super::name(&response, Role::Label, &words);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::testing;
    use crate::app::theme::Theme;
    use egui_kittest::kittest::Queryable as _;

    fn state(recent: &[PathBuf]) -> EmptyState<'_> {
        EmptyState { recent, demo: None, hovered: false, keys: ["Ctrl+O", "1", "N"] }
    }

    fn files() -> Vec<PathBuf> {
        (1..9).map(|n| format!("/data/slides of the spring/case-{n:02}.svs").into()).collect()
    }

    #[test]
    fn each_way_can_be_taken() {
        for (label, wanted) in [
            ("Open slide…", Choice::OpenSlide),
            ("Try the demo", Choice::Demo),
            ("Open case-03.svs", Choice::Recent(2)),
        ] {
            let mut window = testing::window([1280.0, 800.0], Theme::Dark).build_ui_state(
                |ui, chosen: &mut Option<Choice>| *chosen = state(&files()).show(ui).or(*chosen),
                None,
            );
            window.run();
            window.get_all_by_label(label).next().unwrap().click();
            window.run();
            assert_eq!(*window.state(), Some(wanted));
        }
    }

    #[test]
    fn the_list_is_bounded_and_the_hint_can_be_read() {
        let mut window = testing::window::<()>([1280.0, 800.0], Theme::Dark).build_ui(|ui| {
            state(&files()).show(ui);
            label_hint(ui, ui.max_rect(), "1");
        });
        window.run();
        assert!(window.query_by_label("Open case-07.svs").is_none());
        window.get_by_label("1 places a label at the pointer");
    }

    #[test]
    fn pictures() {
        testing::pictures("empty", [1000.0, 600.0], |ui| {
            state(&files()).show(ui);
        });
        testing::pictures("empty-first", [760.0, 460.0], |ui| {
            EmptyState { hovered: true, ..state(&[]) }.show(ui);
        });
        testing::pictures("overlay", [500.0, 200.0], |ui| {
            use crate::model::{Camera, Resolution, SlidePx};
            testing::tissue(ui, ui.max_rect());
            let bar = super::super::scale_bar::scale_bar(super::super::scale_bar::PerPoint::Um(1.0), 120.0);
            ui.vertical_centered(|ui| {
                super::super::scale_bar::show(ui, &bar.unwrap());
                let camera = Camera::new(SlidePx::default(), 1.0);
                super::super::lens::show(ui, &camera, Resolution::new(0.25, 0.25));
                super::super::lens::show(ui, &camera, None);
            });
            label_hint(ui, ui.max_rect(), "1");
        });
    }
}
