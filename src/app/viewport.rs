//! The slide in the middle of the window: what the hand does to it, how it is drawn, and what lies over its corners.

use super::action::{Action, find};
use super::modes::Mode;
use super::opened::{self, Opened, Tissue};
use super::parts::minimap::Minimap;
use super::parts::scale_bar::{PerPoint, scale_bar};
use super::parts::{self, empty_state, lens, progress};
use super::settings::Settings;
use super::theme::{self, Marks};
use super::window::{Tool, Window};
use crate::model::{Camera, Class, ObjectId, Rect, Rgb, Role, ScreenPx, SlidePx};
use crate::render::overlay::{OverlayInput, scene};
use crate::render::view::{Frame, SlideView};
use crate::render::wgpu;
use eframe::egui::{
    self, Align2, CursorIcon, PointerButton, Pos2, Rect as UiRect, Response, Role as UiRole, Sense, Stroke,
    Ui, UiBuilder, pos2, vec2,
};
use eframe::egui_wgpu::{Callback, CallbackResources, CallbackTrait};
use std::f64::consts::TAU;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Points of the wheel that zoom by a factor of e.
const WHEEL: f64 = 220.0;
/// Fields that are decoded ahead.
const AHEAD: usize = 2;
/// Between the corner and what lies in it, in points.
const MARGIN: f32 = 12.0;

/// What the scene over the slide depends on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SceneKey {
    document: u64,
    selected: Option<ObjectId>,
    marks: bool,
    count: Option<Rect>,
    field: Option<Rect>,
    dim: bool,
    colour_blind: bool,
    slide: u64,
}

/// Draws the prepared view inside egui's own pass.
pub(super) struct Paint(pub Arc<Mutex<SlideView>>);

impl CallbackTrait for Paint {
    fn paint(
        &self,
        _info: egui::PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        _resources: &CallbackResources,
    ) {
        opened::lock(&self.0).paint(pass);
    }
}

impl Window {
    /// The middle of the window.
    pub(super) fn slide_area(&mut self, ui: &mut Ui, now: Duration) {
        let area = ui.available_rect_before_wrap();
        ui.painter().rect_filled(area, 0.0, theme::tokens(ui.ctx()).ground);
        let ppp = ui.ctx().pixels_per_point();
        let area = on_pixels(area, ppp);
        self.viewport = [f64::from(area.width() * ppp).max(1.0), f64::from(area.height() * ppp).max(1.0)];
        self.slide_rect = area;
        if self.open.is_none() {
            self.pointer = None;
            self.no_slide(ui, area);
            return;
        }
        let response = ui.interact(area, ui.scope_id().with("slide"), Sense::click_and_drag());
        let name =
            self.open.as_ref().map_or_else(String::new, |o| format!("Slide {}", o.facts().file_name()));
        parts::name(&response, UiRole::Canvas, &name);
        self.place_view();
        self.hand(ui, &response, area, ppp, now);
        self.draw(ui, area, now);
        self.corners(ui, area);
        let spot = self.tool == Tool::Spot;
        response.on_hover_cursor(if spot { CursorIcon::Crosshair } else { CursorIcon::Default });
    }

    /// Goes where the slide was left, the first time that the size of the view is known.
    fn place_view(&mut self) {
        let viewport = self.viewport;
        let Some(open) = self.open.as_mut().filter(|o| !o.placed) else { return };
        open.placed = true;
        let fit = Camera::fit(open.facts().bounds(), viewport, 1.05);
        open.motion.jump(open.start.unwrap_or(fit));
        self.show_field(true);
    }

    fn hand(&mut self, ui: &Ui, response: &Response, area: UiRect, ppp: f32, now: Duration) {
        let viewport = self.viewport;
        let to_screen = |p: Pos2| {
            let d = (p - area.min) * ppp;
            ScreenPx::new(f64::from(d.x), f64::from(d.y))
        };
        let hover = response.hover_pos().filter(|_| response.contains_pointer());
        let space = self.hands.space.is_some();
        let Some(open) = &mut self.open else { return };
        let (wheel, pinch, ctrl) =
            ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers.command));
        if let Some(at) = hover {
            // Two fingers on a trackpad move the slide as a hand would; with Ctrl egui makes a zoom of the wheel.
            let (zoom, pan) = if self.hands.trackpad { (0.0, wheel) } else { (wheel.y, vec2(wheel.x, 0.0)) };
            let factor = f64::from(pinch) * (f64::from(zoom) / WHEEL).exp();
            if (factor - 1.0).abs() > 1e-6 {
                open.motion.zoom(factor, to_screen(at), viewport);
            }
            if pan.length() > 0.01 {
                open.motion.drag(f64::from(pan.x * ppp), f64::from(pan.y * ppp));
            }
        }
        let panned =
            response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle);
        if panned {
            let delta = response.drag_delta() * ppp;
            if ctrl && !space && response.dragged_by(PointerButton::Primary) {
                if let Some(to) = response.interact_pointer_pos() {
                    let angle = |p: Pos2| f64::from((p - area.center()).angle());
                    let by = angle(to) - angle(to - response.drag_delta());
                    let turned = open.motion.camera().turned((by + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0);
                    open.motion.jump(turned);
                }
            } else {
                open.motion.drag(f64::from(delta.x), f64::from(delta.y));
            }
            if let Some(dragged) = &mut self.hands.space {
                *dragged = true;
            }
        }
        if response.drag_stopped() && !ctrl {
            let velocity = ui.input(|i| i.pointer.velocity()) * ppp;
            open.motion.throw([f64::from(velocity.x), f64::from(velocity.y)], now);
        }
        if response.is_pointer_button_down_on() && !panned {
            open.motion.stop();
        }
        let bounds = open.facts().bounds();
        let moving = open.motion.advance(now, bounds, viewport);
        if moving {
            ui.ctx().request_repaint();
        }
        let camera = open.motion.camera();
        self.pointer = if self.crosshair {
            Some(camera.center)
        } else {
            hover.map(|p| camera.to_slide(to_screen(p), viewport)).filter(|p| bounds.contains(*p))
        };
        if response.clicked_by(PointerButton::Primary)
            && let Some(p) = response.interact_pointer_pos()
        {
            self.click(camera.to_slide(to_screen(p), viewport), now);
        }
    }

    fn click(&mut self, at: SlidePx, now: Duration) {
        let reach = self.reach();
        let Some(document) = &self.document else {
            if self.tool == Tool::Spot {
                self.place(at, now);
            }
            return;
        };
        let cell = document.nearest_cell(at, reach).map(|o| o.id);
        match self.tool {
            // A click on a cell selects it with every tool: two spots on one cell are a mistake.
            Tool::Spot if cell.is_none() => self.place(at, now),
            _ => self.selected = cell.or_else(|| document.nearest(at, 0.0).map(|o| o.id)),
        }
    }

    fn draw(&mut self, ui: &Ui, area: UiRect, now: Duration) {
        self.build_scene();
        let viewport = self.viewport;
        let Some(open) = &mut self.open else { return };
        let camera = open.motion.camera();
        let ahead = ahead(open, self.mode, viewport);
        let [r, g, b, _] = theme::tokens(ui.ctx()).ground.to_array();
        let frame = Frame {
            camera,
            viewport: viewport.map(|v| v as u32),
            scene: &self.scene,
            now,
            ahead: &ahead,
            ground: [r, g, b],
        };
        let report = open.view().frame(&self.gpu, &frame);
        open.report = report;
        if report.repaint {
            ui.ctx().request_repaint();
        }
        ui.painter().add(Callback::new_paint_callback(area, Paint(open.shared_view())));
        if report.tiles == 0 && report.blank {
            let colour = theme::tokens(ui.ctx()).quiet;
            let words = format!("Reading {}…", open.facts().file_name());
            ui.painter().text(area.center(), Align2::CENTER_CENTER, words, theme::font(16.0), colour);
        }
        if self.crosshair {
            crosshair(ui, area);
        }
    }

    /// Fills the scene again where anything in it changed.
    fn build_scene(&mut self) {
        let Some(open) = &self.open else { return };
        let set = self.settings.get();
        let screening = (self.mode == Mode::Screen).then_some(open.screening.as_ref()).flatten();
        let key = SceneKey {
            document: self.document.as_ref().map_or(0, |d| d.version()),
            selected: self.selected,
            marks: self.marks,
            count: self
                .count
                .filter(|c| self.mode == Mode::Count && c.maximum.count > 0)
                .map(|c| c.maximum.rect),
            field: screening.and_then(|s| s.field()).map(|f| f.rect),
            dim: set.dim_outside,
            colour_blind: set.colour_blind,
            slide: self.ticket,
        };
        if self.scene_of == Some(key) {
            return;
        }
        let classes = self.document.as_ref().map_or_else(Vec::new, |d| shown_classes(d.classes(), set));
        self.scene = scene(&OverlayInput {
            objects: self.document.as_ref().map_or(&[], |d| d.objects()),
            classes: &classes,
            resolution: open.resolution(),
            selected: key.selected,
            show_marks: key.marks,
            count: key.count,
            field: key.field,
            fields_done: &[],
            dim_outside: key.dim,
            version: self.scene.version + 1,
        });
        self.scene_of = Some(key);
    }

    fn corners(&mut self, ui: &mut Ui, area: UiRect) {
        let Some(open) = &self.open else { return };
        let (camera, resolution) = (open.motion.camera(), open.resolution());
        let ppp = f64::from(ui.ctx().pixels_per_point());
        // Lower right: how large things are.
        let per_point = match resolution {
            Some(r) => PerPoint::Um(r.mean() * ppp / camera.zoom),
            None => PerPoint::Px(ppp / camera.zoom),
        };
        let lower = UiRect::from_min_max(
            pos2(area.right() - MARGIN - 320.0, area.bottom() - MARGIN - 64.0),
            pos2(area.right() - MARGIN, area.bottom() - MARGIN),
        );
        let layout = egui::Layout::bottom_up(egui::Align::Max);
        let picked = ui
            .scope_builder(UiBuilder::new().max_rect(lower).layout(layout), |ui| {
                let picked = lens::show(ui, &camera, resolution);
                if let Some(bar) = scale_bar(per_point, 160.0) {
                    parts::scale_bar::show(ui, &bar);
                }
                picked
            })
            .inner;
        let went = self.minimap_corner(ui, area);
        let viewport = self.viewport;
        if let Some(open) = &mut self.open {
            if let Some((magnification, resolution)) = picked.zip(resolution) {
                let zoom = Camera::at(camera.center, magnification, resolution).zoom;
                open.motion.go(Camera { zoom, ..open.motion.target() }, viewport);
            }
            if let Some(center) = went {
                open.motion.jump(Camera { center, ..camera });
            }
        }
        if self.mode == Mode::Screen {
            self.screening_words(ui, area);
        }
        self.hint(ui, area);
    }

    fn minimap_corner(&self, ui: &mut Ui, area: UiRect) -> Option<SlidePx> {
        // In the screening mode the large map stands at the right.
        let large = self.mode == Mode::Screen && !self.settings.get().right_folded && !self.alone;
        if !self.settings.get().minimap || large || area.width() < 480.0 {
            return None;
        }
        let lower = UiRect::from_min_max(
            pos2(area.left() + MARGIN, area.bottom() - MARGIN - parts::minimap::CORNER),
            pos2(area.left() + MARGIN + parts::minimap::CORNER, area.bottom() - MARGIN),
        );
        let layout = egui::Layout::bottom_up(egui::Align::Min);
        ui.scope_builder(UiBuilder::new().max_rect(lower).layout(layout), |ui| {
            self.map(&[]).and_then(|map| map.corner(ui))
        })
        .inner
    }

    /// The small map of the slide.
    pub(super) fn map<'a>(&'a self, fields: &'a [(Rect, parts::minimap::FieldState)]) -> Option<Minimap<'a>> {
        let open = self.open.as_ref()?;
        let (camera, [w, h]) = (open.motion.camera(), self.viewport);
        let corner = |x, y| camera.to_slide(ScreenPx::new(x, y), self.viewport);
        let facts = open.facts();
        Some(Minimap {
            slide: [f64::from(facts.width), f64::from(facts.height)],
            thumbnail: open.thumbnail.as_ref(),
            view: Some([corner(0.0, 0.0), corner(w, 0.0), corner(w, h), corner(0.0, h)]),
            fields,
            count: self
                .count
                .filter(|c| self.mode == Mode::Count && c.maximum.count > 0)
                .map(|c| c.maximum.rect),
            seen: open.screening.as_ref().map_or(0, |s| s.progress().done.len()),
            palette: Marks::of(self.settings.get().colour_blind),
        })
    }

    fn screening_words(&self, ui: &mut Ui, area: UiRect) {
        let Some(open) = &self.open else { return };
        let words = match (&open.screening, &open.tissue) {
            (Some(pass), _) if pass.field().is_some() => progress::screening_text(&pass.figures()),
            (Some(_), _) => "no tissue was found on this slide".into(),
            (None, Tissue::Searching) => "finding the tissue…".into(),
            (None, Tissue::Failed(_)) => "the tissue could not be found".into(),
            (None, _) => "without a resolution there are no fields".into(),
        };
        let font = theme::font(13.0);
        let width = ui.painter().layout_no_wrap(words.clone(), font.clone(), theme::HALO).size().x;
        let min = pos2((area.center().x - width / 2.0).round(), area.top() + MARGIN);
        let rect = parts::over_slide(ui.painter(), min, &words, font);
        let response = ui.interact(rect, ui.scope_id().with("progress words"), Sense::hover());
        parts::name(&response, UiRole::Label, &words);
    }

    /// A faint line while the slide has no labels.
    fn hint(&self, ui: &mut Ui, area: UiRect) {
        let labelled = self.document.as_ref().is_some_and(|d| d.shown() > 0);
        let loading = self.document.as_ref().is_some_and(|d| d.slide().is_some() && !d.loaded());
        if labelled || loading || self.mode == Mode::Count {
            return;
        }
        let words = match (self.digit_of(Role::MitoticFigure), self.digit_of(Role::LookAlike)) {
            (Some(figure), Some(other)) => {
                format!("{figure} labels a mitotic figure at the pointer, {other} a look-alike")
            }
            (Some(digit), None) => format!("{digit} labels a mitotic figure at the pointer"),
            (None, _) => "A digit labels the cell at the pointer with the class of that number".into(),
        };
        let font = theme::font(13.0);
        let width = ui.painter().layout_no_wrap(words.clone(), font.clone(), theme::HALO).size().x;
        let min = pos2((area.center().x - width / 2.0).round(), area.bottom() - MARGIN - 18.0);
        if area.width() > 2.0 * (parts::minimap::CORNER + 2.0 * MARGIN) + width {
            parts::over_slide(ui.painter(), min, &words, font);
        }
    }

    fn no_slide(&mut self, ui: &mut Ui, area: UiRect) {
        if let Some(name) = &self.opening {
            let words = format!("Opening {name}…");
            let colour = theme::tokens(ui.ctx()).quiet;
            ui.painter().text(area.center(), Align2::CENTER_CENTER, words, theme::font(16.0), colour);
            return;
        }
        let keys = [Action::OpenSlide, Action::Class(1), Action::Next].map(|a| find(a).keys_text());
        let recent = self.settings.get().recent_slides.clone();
        let state = empty_state::EmptyState {
            recent: &recent,
            demo: None,
            hovered: ui.input(|i| !i.raw.hovered_files.is_empty()),
            keys: [&keys[0], &keys[1], &keys[2]],
        };
        let ctx = ui.ctx().clone();
        match state.show(ui) {
            Some(empty_state::Choice::OpenSlide) => {
                self.act(Action::OpenSlide, &ctx, super::window::now(&ctx));
            }
            Some(empty_state::Choice::Demo) => self.act(Action::Demo, &ctx, super::window::now(&ctx)),
            Some(empty_state::Choice::Recent(at)) => {
                if let Some(path) = recent.get(at) {
                    self.open_slide(path);
                }
            }
            None => {}
        }
    }
}

/// The views that come next: the following fields at the zoom they will have.
fn ahead(open: &Opened, mode: Mode, viewport: [f64; 2]) -> Vec<Camera> {
    let Some(pass) = open.screening.as_ref().filter(|_| mode == Mode::Screen) else { return Vec::new() };
    let angle = open.motion.target().angle;
    pass.ahead(AHEAD).map(|field| super::fields::field_camera(field, viewport, angle)).collect()
}

/// The classes with the colours they are drawn in.
pub(super) fn shown_classes(classes: &[Class], settings: &Settings) -> Vec<Class> {
    let mut shown = classes.to_vec();
    if settings.colour_blind {
        let palette = Marks::COLOUR_BLIND;
        for class in &mut shown {
            let colour = match class.role {
                Role::MitoticFigure => palette.mitotic,
                Role::LookAlike => palette.look_alike,
                Role::TumourRegion => palette.tumour,
                Role::Other => continue,
            };
            class.color = Rgb(colour.r(), colour.g(), colour.b());
        }
    }
    shown
}

/// The rectangle with its edges on physical pixels: the slide's pixels are then the screen's.
fn on_pixels(rect: UiRect, ppp: f32) -> UiRect {
    let round = |v: f32| (v * ppp).round() / ppp;
    UiRect::from_min_max(
        pos2(round(rect.left()), round(rect.top())),
        pos2(round(rect.right()), round(rect.bottom())),
    )
}

fn crosshair(ui: &Ui, area: UiRect) {
    let c = area.center();
    for (width, colour) in [(4.0, theme::HALO), (1.5, egui::Color32::WHITE)] {
        for d in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
            ui.painter().line_segment([c + 14.0 * d, c + 30.0 * d], Stroke::new(width, colour));
        }
    }
}
