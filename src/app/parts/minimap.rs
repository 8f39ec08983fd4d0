//! The whole slide in small: what the view shows, what was seen, where the count's rectangle lies.

use crate::app::theme::{self, Marks};
use crate::model::{Rect as SlideRect, SlidePx};
use eframe::egui::{
    Color32, CursorIcon, Mesh, Painter, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, TextureHandle,
    Ui, Vec2, pos2, vec2,
};

/// Longer side of the map over the slide's corner, in points.
pub const CORNER: f32 = 180.0;

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FieldState {
    /// Not looked at yet.
    Open,
    /// Looked at.
    Done,
    /// Left out, for a reason.
    Skipped,
    /// On the screen.
    Current,
}

impl FieldState {
    const ALL: [Self; 4] = [Self::Done, Self::Current, Self::Open, Self::Skipped];

    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "seen",
            Self::Skipped => "skipped",
            Self::Current => "now",
        }
    }

    /// Fill and edge, over tissue.
    fn colours(self) -> (Color32, Color32) {
        let (accent, amber) = (Color32::from_rgb(0x2f, 0xb6, 0xc6), Color32::from_rgb(0xf0, 0xb2, 0x3e));
        match self {
            Self::Open => (Color32::from_white_alpha(70), Color32::from_black_alpha(120)),
            Self::Done => (Color32::from_black_alpha(130), Color32::TRANSPARENT),
            Self::Skipped => (amber, Color32::TRANSPARENT),
            Self::Current => (Color32::TRANSPARENT, accent),
        }
    }
}

/// What the map shows. Positions are level-0 pixels.
#[derive(Clone, Copy)]
pub struct Minimap<'a> {
    /// Width and height of the slide.
    pub slide: [f64; 2],
    /// Its picture; a plain ground until it has come.
    pub thumbnail: Option<&'a TextureHandle>,
    /// Corners of what the view shows, in order round it.
    pub view: Option<[SlidePx; 4]>,
    /// Fields of the screening plan.
    pub fields: &'a [(SlideRect, FieldState)],
    /// Rectangle of the count.
    pub count: Option<SlideRect>,
    /// How many of the fields were seen, the one on the screen too if it was.
    pub seen: usize,
    /// Colours of the marks.
    pub palette: Marks,
}

/// Between the slide and the map on the screen.
#[derive(Clone, Copy)]
struct Fit {
    rect: Rect,
    scale: f64,
}

impl Fit {
    /// The slide as large as fits into `room`.
    fn size(slide: [f64; 2], room: Vec2) -> Option<(Vec2, f64)> {
        let scale = (f64::from(room.x) / slide[0]).min(f64::from(room.y) / slide[1]);
        let size = vec2((slide[0] * scale) as f32, (slide[1] * scale) as f32);
        (slide.iter().all(|side| side.is_finite() && *side > 0.0) && scale > 0.0)
            .then(|| (size.max(Vec2::splat(4.0)), scale))
    }

    fn to_map(self, p: SlidePx) -> Pos2 {
        self.rect.min + vec2((p.x * self.scale) as f32, (p.y * self.scale) as f32)
    }

    fn to_slide(self, p: Pos2, slide: [f64; 2]) -> SlidePx {
        let along = |offset: f32, length: f64| (f64::from(offset) / self.scale).clamp(0.0, length);
        SlidePx::new(along(p.x - self.rect.left(), slide[0]), along(p.y - self.rect.top(), slide[1]))
    }

    fn rect(self, r: SlideRect) -> Rect {
        Rect::from_min_max(
            self.to_map(SlidePx::new(r.x, r.y)),
            self.to_map(SlidePx::new(r.right(), r.bottom())),
        )
    }
}

impl Minimap<'_> {
    /// Draws the map over the slide's corner; returns where the view's middle is to go.
    pub fn corner(&self, ui: &mut Ui) -> Option<SlidePx> {
        self.map(ui, Vec2::splat(CORNER))
    }

    /// Draws the map as wide as the panel, at most `height` points high, with its legend below.
    pub fn large(&self, ui: &mut Ui, height: f32) -> Option<SlidePx> {
        let to = self.map(ui, vec2(ui.available_width(), height));
        ui.scope(|ui| self.legend(ui));
        to
    }

    fn map(&self, ui: &mut Ui, room: Vec2) -> Option<SlidePx> {
        let (size, scale) = Fit::size(self.slide, room)?;
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        super::name(&response, Role::Image, &self.words());
        let fit = Fit { rect, scale };
        let t = theme::tokens(ui.ctx());
        let painter = ui.painter_at(rect.expand(1.0));
        painter.rect_filled(rect, 0.0, Color32::from_gray(0xec));
        if let Some(thumbnail) = self.thumbnail {
            let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            painter.image(thumbnail.id(), rect, whole, Color32::WHITE);
        }
        self.paint_fields(&painter, fit);
        if let Some(count) = self.count {
            let rect = fit.rect(count);
            painter.rect_stroke(rect, 0.0, Stroke::new(3.0, theme::HALO), StrokeKind::Middle);
            painter.rect_stroke(rect, 0.0, Stroke::new(1.5, self.palette.count), StrokeKind::Middle);
        }
        self.paint_view(&painter, fit);
        painter.rect_stroke(rect, 0.0, Stroke::new(1.0, t.line), StrokeKind::Outside);
        let response = response.on_hover_cursor(CursorIcon::Crosshair);
        let held = response.clicked() || response.dragged();
        response.interact_pointer_pos().filter(|_| held).map(|p| fit.to_slide(p, self.slide))
    }

    fn paint_fields(&self, painter: &Painter, fit: Fit) {
        // Thousands of fields are one mesh; the current one comes last and on top.
        let mut fills = Mesh::default();
        let fine = self.fields.first().is_some_and(|(field, _)| fit.rect(*field).width() < 5.0);
        let mut edges = Vec::new();
        for (field, state) in self.fields {
            let (fill, edge) = state.colours();
            let rect = fit.rect(*field);
            if fill != Color32::TRANSPARENT {
                fills.add_colored_rect(rect, fill);
            }
            if edge != Color32::TRANSPARENT && *state != FieldState::Current && !fine {
                edges.push(Shape::rect_stroke(rect, 0.0, Stroke::new(0.5, edge), StrokeKind::Inside));
            }
        }
        painter.add(fills);
        painter.extend(edges);
        for (field, _) in self.fields.iter().filter(|(_, state)| *state == FieldState::Current) {
            let rect = at_least(fit.rect(*field), 6.0);
            painter.rect_stroke(rect, 0.0, Stroke::new(4.0, theme::HALO), StrokeKind::Middle);
            painter.rect_stroke(
                rect,
                0.0,
                Stroke::new(2.0, FieldState::Current.colours().1),
                StrokeKind::Middle,
            );
        }
    }

    fn paint_view(&self, painter: &Painter, fit: Fit) {
        let Some(corners) = self.view else { return };
        let points = corners.map(|p| fit.to_map(p));
        let around = Rect::from_points(&points);
        // Deep in, the view is a dot that nobody finds: a cross of four ticks stands round it instead.
        let lines: Vec<Vec<Pos2>> = if around.width().max(around.height()) < 8.0 {
            let c = around.center();
            [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)]
                .map(|d| vec![c + d * 4.0, c + d * 11.0])
                .into()
        } else {
            vec![points.iter().chain(&points[..1]).copied().collect()]
        };
        for stroke in [Stroke::new(3.5, theme::HALO), Stroke::new(1.5, Color32::WHITE)] {
            painter.extend(lines.iter().map(|line| Shape::line(line.clone(), stroke)));
        }
    }

    fn of(&self, state: FieldState) -> usize {
        self.fields.iter().filter(|(_, s)| *s == state).count()
    }

    fn words(&self) -> String {
        if self.fields.is_empty() {
            return "Minimap".to_owned();
        }
        format!("Minimap: {} of {} fields seen", self.seen, self.fields.len())
    }

    fn legend(&self, ui: &mut Ui) {
        ui.spacing_mut().interact_size.y = 16.0;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::STEP;
            for state in FieldState::ALL {
                let n = if state == FieldState::Done { self.seen } else { self.of(state) };
                if n == 0 {
                    continue;
                }
                let (fill, edge) = state.colours();
                let words = if state == FieldState::Current {
                    "now".to_owned()
                } else {
                    format!("{n} {}", state.word())
                };
                swatch(ui, fill, edge, &words);
            }
            if self.count.is_some() {
                swatch(ui, Color32::TRANSPARENT, self.palette.count, "count");
            }
        });
    }
}

fn at_least(rect: Rect, side: f32) -> Rect {
    Rect::from_center_size(rect.center(), rect.size().max(Vec2::splat(side)))
}

/// A colour and its word, as one thing that no line break parts.
fn swatch(ui: &mut Ui, fill: Color32, edge: Color32, words: &str) {
    let quiet = theme::tokens(ui.ctx()).quiet;
    let text = ui.painter().layout_no_wrap(words.to_owned(), theme::font(11.0), quiet);
    let (rect, response) = ui.allocate_exact_size(vec2(16.0 + text.size().x + 8.0, 16.0), Sense::hover());
    super::name(&response, Role::Label, words);
    let sample = Rect::from_center_size(pos2(rect.left() + 6.0, rect.center().y), Vec2::splat(10.0));
    if fill != Color32::TRANSPARENT {
        // On the map it lies over tissue.
        ui.painter().rect_filled(sample, 0.0, Color32::from_rgb(226, 190, 210));
        ui.painter().rect_filled(sample, 0.0, fill);
    }
    ui.painter().rect_stroke(sample, 0.0, Stroke::new(1.5, edge), StrokeKind::Inside);
    ui.painter().galley(pos2(rect.left() + 16.0, rect.center().y - text.size().y / 2.0), text, quiet);
}

#[cfg(test)]
#[path = "minimap_tests.rs"]
mod tests;
