//! Items as patches: one, large, or a sheet of them with the present one framed.

use super::stage::{quad, screen, stated, unit};
use super::{Asked, sentence};
use crate::app::modes::vote::patches::{Ready, SHEET, page_of, patch_px};
use crate::app::modes::vote::{Pane, Voting};
use crate::app::parts;
use crate::app::theme;
use crate::app::window::Window;
use crate::model::ClassId;
use eframe::egui::{
    Align2, Color32, CursorIcon, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// Around patches: no tint, neither light nor dark.
const GROUND: Color32 = Color32::from_rgb(0x80, 0x80, 0x80);
/// Between patches of the sheet, in points.
const GAP: f32 = 10.0;

/// Draws one patch, or the sheet.
pub fn show(window: &Window, voting: &mut Voting, ui: &mut Ui, area: Rect) -> Option<Asked> {
    ui.painter().rect_filled(area, 0.0, GROUND);
    let screen = screen(window, ui);
    let patch_um = voting.held.task().task().settings.patch_um;
    let points = if voting.pane == Pane::Patch { screen.patch_points() } else { screen.sheet_points() };
    let side = (patch_um * points) as f32;
    let items = voting.items();
    voting.sharp = voting.pictures.get(voting.at).is_some();
    voting.rest = voting.pictures.of_kit().is_some() && !voting.pictures.waits();
    voting.rest &= page_of(voting.at, items).all(|n| voting.pictures.get(n).is_some());
    match voting.pane {
        Pane::Sheet => {
            let [rows, columns] = SHEET.map(|n| n as f32);
            let room = area.shrink(16.0);
            let fits = ((room.width() - (columns - 1.0) * GAP) / columns)
                .min((room.height() - (rows - 1.0) * GAP) / rows);
            let side = side.min(fits).max(16.0).floor();
            voting.magnification = Some(screen.magnification(f64::from(side) / patch_um).0);
            sheet(voting, ui, area, side)
        }
        Pane::Patch | Pane::Context => {
            let side = side.min(area.width() - 32.0).min(area.height() - 32.0).max(16.0).floor();
            voting.magnification = Some(screen.magnification(f64::from(side) / patch_um).0);
            single(voting, ui, area, side)
        }
    }
}

fn single(voting: &Voting, ui: &mut Ui, area: Rect, side: f32) -> Option<Asked> {
    let number = voting.at;
    let rect = on_points(Rect::from_center_size(area.center(), vec2(side, side)));
    let response = ui.interact(rect, ui.scope_id().with("patch"), Sense::hover());
    parts::name(&response, Role::Image, &format!("Item {number}, as a patch"));
    match voting.pictures.get(number) {
        Some(Ok(ready)) => {
            paint(voting, ui, rect, number, ready);
            None
        }
        Some(Err(why)) => {
            let why = why.to_owned();
            ui.painter().rect_filled(rect, 0.0, theme::tokens(ui.ctx()).ground);
            sentence(ui, rect, &why)
        }
        None => {
            wait(ui, rect);
            None
        }
    }
}

fn sheet(voting: &Voting, ui: &mut Ui, area: Rect, side: f32) -> Option<Asked> {
    let [rows, columns] = SHEET;
    let whole = vec2(
        columns as f32 * side + (columns - 1) as f32 * GAP,
        rows as f32 * side + (rows - 1) as f32 * GAP,
    );
    let origin = on_points(Rect::from_center_size(area.center(), whole)).min;
    let mut asked = None;
    for (i, number) in page_of(voting.at, voting.items()).enumerate() {
        let (row, column) = (i as u32 / columns, i as u32 % columns);
        let min = origin + vec2(column as f32 * (side + GAP), row as f32 * (side + GAP));
        let rect = Rect::from_min_size(min, vec2(side, side));
        let present = number == voting.at;
        let response = ui.interact(rect, ui.scope_id().with(("patch", number)), Sense::click());
        let words = words(voting, number);
        response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, true, present, words.as_str()));
        match voting.pictures.get(number) {
            Some(Ok(ready)) => paint(voting, ui, rect, number, ready),
            Some(Err(_)) => missing(ui, rect),
            None => wait(ui, rect),
        }
        if present {
            // Black and white: seen on every stain, and no class' colour.
            for (grow, width, colour) in [(5.0, 2.0, Color32::BLACK), (3.0, 3.0, Color32::WHITE)] {
                let stroke = Stroke::new(width, colour);
                ui.painter().rect_stroke(rect.expand(grow), 2.0, stroke, StrokeKind::Inside);
            }
        }
        if let Some(digit) = digit(voting, number) {
            badge(ui, rect, digit);
        }
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            asked = Some(Asked::GoTo(number));
        }
    }
    if let Some(Err(why)) = voting.pictures.get(voting.at) {
        let why = why.to_owned();
        let strip = Rect::from_min_max(pos2(area.left(), area.bottom() - 28.0), area.max);
        ui.painter().text(strip.center(), Align2::CENTER_CENTER, &why, theme::font(13.0), Color32::BLACK);
        let response = ui.interact(strip, ui.scope_id().with("why"), Sense::hover());
        parts::name(&response, Role::Label, &why);
    }
    asked
}

/// The middle of a picture, as large as a patch, turned as the task has it.
fn paint(voting: &Voting, ui: &Ui, rect: Rect, number: u32, ready: &Ready) {
    let Some(item) = voting.held.task().item(number) else { return };
    let task = voting.held.task();
    let part = if voting.pictures.of_kit() == Some(true) {
        // Of a larger picture the middle: the object.
        let side = patch_px(task.task().settings.patch_um, stated(voting, item));
        let share = ready.size.map(|s| (side / s.max(1.0)).min(1.0) as f32);
        Rect::from_center_size(pos2(0.5, 0.5), vec2(share[0], share[1]))
    } else {
        unit()
    };
    let mut corners: [Pos2; 4] = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom()];
    // A turn clockwise takes the picture's upper left to the upper right.
    corners.rotate_left(usize::from(item.turn % 4));
    ui.painter().add(quad(ready.texture.id(), corners, part));
}

/// The digit of the rater's own answer.
fn digit(voting: &Voting, number: u32) -> Option<u8> {
    let class = voting.held.task().class_of(number)?;
    if class == ClassId::UNKNOWN {
        return Some(0);
    }
    let classes = &voting.held.task().task().settings.classes;
    (1..=9).zip(classes).find(|(_, c)| c.id == class).map(|(digit, _)| digit)
}

fn words(voting: &Voting, number: u32) -> String {
    match digit(voting, number) {
        Some(digit) => format!("Item {number}, answered {digit}"),
        None => format!("Item {number}"),
    }
}

fn badge(ui: &Ui, rect: Rect, digit: u8) {
    let at = Rect::from_min_size(rect.right_bottom() - vec2(20.0, 20.0), vec2(20.0, 20.0));
    ui.painter().rect_filled(at, 2.0, theme::HALO);
    let font = theme::semibold(13.0);
    ui.painter().text(at.center(), Align2::CENTER_CENTER, digit.to_string(), font, Color32::WHITE);
}

fn wait(ui: &Ui, rect: Rect) {
    ui.painter().rect_filled(rect, 0.0, Color32::from_gray(0x70));
}

fn missing(ui: &Ui, rect: Rect) {
    wait(ui, rect);
    let font = theme::font(11.0);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, "not here", font, Color32::BLACK);
}

/// With its corner on whole points.
fn on_points(rect: Rect) -> Rect {
    rect.translate(rect.min.round() - rect.min)
}
