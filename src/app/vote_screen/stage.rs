//! The item in its slide: in the middle, between four short ticks that leave the cell free.

use super::{Asked, sentence};
use crate::app::modes::vote::ahead::{self, AHEAD};
use crate::app::modes::vote::scale::Screen;
use crate::app::modes::vote::{Voting, work};
use crate::app::parts::scale_bar::{PerPoint, scale_bar};
use crate::app::parts::{self, scale_bar as bar};
use crate::app::theme;
use crate::app::viewport::Paint;
use crate::app::window::Window;
use crate::model::{Camera, Item, Rect as SlideRect, Resolution, ScreenPx, SlidePx, Um};
use crate::render::scene::Scene;
use crate::render::view::Frame;
use eframe::egui::{
    Align, Color32, Layout, Mesh, PointerButton, Pos2, Rect, Response, Role, Sense, Stroke, TextureId, Ui,
    UiBuilder, pos2, vec2,
};
use eframe::egui_wgpu::Callback;
use std::time::Duration;

/// Points of the wheel that zoom by a factor of e.
const WHEEL: f64 = 220.0;
/// The free circle between the ticks: the size of a spot.
const FREE: Um = Um(12.5);
/// The same in pixels where the resolution is not known.
const FREE_PX: f64 = 50.0;
/// Length of a tick, and how far it stays off the circle, in points.
const TICK: f32 = 12.0;
const MARGIN: f32 = 12.0;

/// What is known of the screen.
pub fn screen(window: &Window, ui: &Ui) -> Screen {
    Screen {
        mm_per_point: window.settings.get().mm_per_point,
        pixels_per_point: f64::from(ui.ctx().pixels_per_point()),
    }
}

/// The resolution that the task states for an item's slide.
pub fn stated(voting: &Voting, item: &Item) -> Option<Resolution> {
    voting.held.task().slides().iter().find(|s| s.number == item.slide).and_then(|s| s.resolution)
}

/// Asks for the pictures that are needed now and soon.
pub fn ask_pictures(window: &Window, voting: &mut Voting) {
    if voting.pictures.probe() {
        let first = voting.at;
        voting.held.task_mut().ask_picture(first);
    }
    let of_kit = voting.pictures.of_kit();
    let in_context = voting.pane == crate::app::modes::vote::Pane::Context;
    if of_kit.is_none() || (in_context && of_kit == Some(false)) {
        return;
    }
    let (ticket, items) = (voting.ticket, voting.items());
    let patch_um = voting.held.task().task().settings.patch_um;
    for n in voting.pictures.wishes(voting.at, items) {
        if of_kit == Some(true) {
            voting.held.task_mut().ask_picture(n);
        } else if let Some(item) = voting.held.task().item(n).cloned() {
            let stated = stated(voting, &item);
            work::patch(&window.vote.pictures, ticket, item, &voting.finder, patch_um, stated);
        }
    }
}

/// Draws the item in its slide.
pub fn show(
    window: &mut Window,
    voting: &mut Voting,
    ui: &mut Ui,
    area: Rect,
    now: Duration,
) -> Option<Asked> {
    let Some(item) = voting.item().cloned() else { return sentence(ui, area, "This task has no items.") };
    let response = ui.interact(area, ui.scope_id().with("item"), Sense::click_and_drag());
    parts::name(&response, Role::Canvas, &format!("Item {}, in context", item.number));
    let (screen, stated) = (screen(window, ui), stated(voting, &item));
    voting.sharp = false;
    if voting.pictures.of_kit() != Some(false) {
        return picture(window, voting, ui, area, &response, &item, screen);
    }
    ask_slides(window, voting, &item);
    if let Some(why) = voting.pool.missing(item.slide).map(str::to_owned) {
        voting.rest = !voting.pool.waits();
        return sentence(ui, area, &why);
    }
    voting.rest = false;
    let viewport = window.viewport;
    let Some(shown) = voting.pool.get(item.slide) else {
        quiet(ui, area, "Opening the slide…");
        return None;
    };
    let (resolution, bounds) = (stated.or(shown.resolution()), shown.bounds());
    if !voting.placed {
        voting.motion.jump(screen.standard(&item, resolution));
        voting.placed = true;
    }
    hand(voting, ui, &response, area, viewport, bounds, now);
    let camera = voting.motion.camera();
    draw(window, voting, ui, area, camera, screen, now);
    voting.magnification = resolution.map(|r| camera.magnification(r).0);
    marker(ui, area, &camera, item.at, resolution, viewport);
    corner(ui, area, &camera, resolution);
    None
}

/// Slides of this item and of those that come are opened beforehand.
fn ask_slides(window: &Window, voting: &mut Voting, item: &Item) {
    let coming: Vec<Item> = voting.ahead(2 * AHEAD).cloned().collect();
    for (slide, _) in ahead::by_slide(item.slide, coming.iter()) {
        if voting.pool.ask(slide) {
            work::slide(&window.vote.jobs, voting.ticket, slide, &voting.finder);
        }
    }
}

/// Draws the view, and has those of the next items decoded.
fn draw(
    window: &Window,
    voting: &mut Voting,
    ui: &Ui,
    area: Rect,
    camera: Camera,
    screen: Screen,
    now: Duration,
) {
    let [r, g, b, _] = theme::tokens(ui.ctx()).ground.to_array();
    let scene = Scene::default();
    let Some(item) = voting.item().cloned() else { return };
    let before = voting.at.checked_sub(1).and_then(|n| voting.held.task().item(n)).cloned();
    let coming: Vec<Item> = voting.ahead(2 * AHEAD).cloned().collect();
    let mut rest = !voting.motion.moving() && !voting.pool.waits();
    for (slide, items) in ahead::by_slide(item.slide, coming.iter()) {
        let present = slide == item.slide;
        let stated =
            voting.held.task().slides().iter().find(|s| s.number == slide).and_then(|s| s.resolution);
        let Some(shown) = voting.pool.get(slide) else { continue };
        let resolution = stated.or(shown.resolution());
        let standard = |item: &Item| screen.standard(item, resolution);
        let mut cameras = items.into_iter().take(AHEAD as usize).map(standard);
        let here = if present { Some(camera) } else { cameras.next() };
        let Some(here) = here else { continue };
        let back = before.iter().filter(|b| present && b.slide == slide).map(standard);
        let ahead: Vec<Camera> = cameras.chain(back).collect();
        let frame = Frame {
            camera: here,
            viewport: window.viewport.map(|v| v as u32),
            scene: &scene,
            now,
            ahead: &ahead,
            ground: [r, g, b],
        };
        let (report, waiting) = {
            let mut view = shown.view();
            (view.frame(&window.gpu, &frame), view.waiting())
        };
        shown.report = report;
        if report.repaint {
            ui.ctx().request_repaint();
        }
        rest &= report.sharp && !report.repaint && !waiting;
        if present {
            let paint = Paint(shown.shared_view());
            ui.painter().add(Callback::new_paint_callback(area, paint));
            voting.sharp = report.sharp;
            if report.tiles == 0 && report.blank {
                quiet(ui, area, "Reading the slide…");
            }
        }
    }
    voting.rest = rest;
}

/// A picture that the kit brings, as a small slide of its own.
fn picture(
    window: &Window,
    voting: &mut Voting,
    ui: &mut Ui,
    area: Rect,
    response: &Response,
    item: &Item,
    screen: Screen,
) -> Option<Asked> {
    let (viewport, resolution) = (window.viewport, stated(voting, item));
    voting.rest = voting.pictures.of_kit().is_some() && !voting.pictures.waits();
    let (texture, size) = match voting.pictures.get(item.number) {
        None => {
            voting.rest = false;
            quiet(ui, area, "Reading the picture…");
            return None;
        }
        Some(Err(why)) => {
            let why = why.to_owned();
            return sentence(ui, area, &why);
        }
        Some(Ok(ready)) => (ready.texture.id(), ready.size),
    };
    let middle = Item { at: SlidePx::new(size[0] / 2.0, size[1] / 2.0), ..item.clone() };
    if !voting.placed {
        voting.motion.jump(screen.standard(&middle, resolution));
        voting.placed = true;
    }
    let bounds = SlideRect::new(0.0, 0.0, size[0], size[1]);
    hand(voting, ui, response, area, viewport, bounds, Duration::ZERO);
    let camera = voting.motion.camera();
    let ppp = ui.ctx().pixels_per_point();
    let corners = bounds.corners().map(|p| to_window(&camera, p, viewport, area, ppp));
    ui.painter_at(area).add(quad(texture, corners, unit()));
    voting.sharp = true;
    voting.magnification = resolution.map(|r| camera.magnification(r).0);
    marker(ui, area, &camera, middle.at, resolution, viewport);
    corner(ui, area, &camera, resolution);
    None
}

/// The whole of a picture.
pub fn unit() -> Rect {
    Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0))
}

/// A part of a picture between four corners, clockwise from the upper left.
pub fn quad(texture: TextureId, corners: [Pos2; 4], part: Rect) -> Mesh {
    let mut mesh = Mesh::with_texture(texture);
    let parts = [part.left_top(), part.right_top(), part.right_bottom(), part.left_bottom()];
    for (pos, uv) in corners.into_iter().zip(parts) {
        mesh.vertices.push(eframe::epaint::Vertex { pos, uv, color: Color32::WHITE });
    }
    mesh.add_triangle(0, 1, 2);
    mesh.add_triangle(0, 2, 3);
    mesh
}

fn to_window(camera: &Camera, p: SlidePx, viewport: [f64; 2], area: Rect, ppp: f32) -> Pos2 {
    let at = camera.to_screen(p, viewport);
    area.min + vec2(at.x as f32, at.y as f32) / ppp
}

fn quiet(ui: &Ui, area: Rect, words: &str) {
    let colour = theme::tokens(ui.ctx()).quiet;
    let middle = eframe::egui::Align2::CENTER_CENTER;
    ui.painter().text(area.center(), middle, words, theme::font(16.0), colour);
}

/// Wheel, pinch and drag, as over any slide.
fn hand(
    voting: &mut Voting,
    ui: &Ui,
    response: &Response,
    area: Rect,
    viewport: [f64; 2],
    bounds: SlideRect,
    now: Duration,
) {
    let ppp = ui.ctx().pixels_per_point();
    let motion = &mut voting.motion;
    let (wheel, pinch) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta()));
    if let Some(at) = response.hover_pos().filter(|_| response.contains_pointer()) {
        let factor = f64::from(pinch) * (f64::from(wheel.y) / WHEEL).exp();
        if (factor - 1.0).abs() > 1e-6 {
            let d = (at - area.min) * ppp;
            motion.zoom(factor, ScreenPx::new(f64::from(d.x), f64::from(d.y)), viewport);
        }
    }
    if response.dragged_by(PointerButton::Primary) || response.dragged_by(PointerButton::Middle) {
        let delta = response.drag_delta() * ppp;
        motion.drag(f64::from(delta.x), f64::from(delta.y));
        voting.dragged = true;
    }
    let motion = &mut voting.motion;
    if motion.advance(now, bounds, viewport) {
        ui.ctx().request_repaint();
    }
}

/// Four short ticks around a free circle: black and white, whatever the item is.
fn marker(
    ui: &Ui,
    area: Rect,
    camera: &Camera,
    at: SlidePx,
    resolution: Option<Resolution>,
    viewport: [f64; 2],
) {
    let ppp = ui.ctx().pixels_per_point();
    let c = to_window(camera, at, viewport, area, ppp);
    let across = resolution.map_or(FREE_PX, |r| r.px(FREE));
    let free = ((across * camera.zoom / 2.0) as f32 / ppp).max(6.0);
    let painter = ui.painter_at(area);
    for (width, longer, colour) in [(4.0, 1.0, theme::HALO), (1.5, 0.0, Color32::WHITE)] {
        for d in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
            let ends = [c + (free - longer) * d, c + (free + TICK + longer) * d];
            painter.line_segment(ends, Stroke::new(width, colour));
        }
    }
}

/// How large things are.
fn corner(ui: &mut Ui, area: Rect, camera: &Camera, resolution: Option<Resolution>) {
    let ppp = f64::from(ui.ctx().pixels_per_point());
    let per_point = match resolution {
        Some(r) => PerPoint::Um(r.mean() * ppp / camera.zoom),
        None => PerPoint::Px(ppp / camera.zoom),
    };
    let lower = Rect::from_min_max(
        pos2(area.right() - MARGIN - 240.0, area.bottom() - MARGIN - 40.0),
        area.max - vec2(MARGIN, MARGIN),
    );
    let layout = Layout::bottom_up(Align::Max);
    ui.scope_builder(UiBuilder::new().max_rect(lower).layout(layout), |ui| {
        if let Some(length) = scale_bar(per_point, 120.0) {
            bar::show(ui, &length);
        }
    });
}
