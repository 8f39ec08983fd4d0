//! The magnification, as read-out and as a choice of objectives.

use crate::app::theme;
use crate::model::{Camera, Magnification, Resolution};
use eframe::egui::{Button, Color32, CursorIcon, Popup, Response, Role, Sense, Stroke, StrokeKind, Ui, vec2};

/// The objectives to choose from.
pub const OBJECTIVES: [f64; 7] = [1.25, 2.5, 5.0, 10.0, 20.0, 40.0, 60.0];

/// `40x · 0.25 µm/px` (per screen pixel), or `1:2 · no resolution`.
pub fn text(camera: &Camera, resolution: Option<Resolution>) -> String {
    match resolution {
        Some(resolution) => {
            let um = resolution.mean() / camera.zoom;
            format!("{} · {} µm/px", objective_text(camera.magnification(resolution)), short(um))
        }
        None if camera.zoom > 1.0 => format!("{}:1 · no resolution", short(camera.zoom)),
        None => format!("1:{} · no resolution", short(1.0 / camera.zoom)),
    }
}

/// `40x`, `1.25x`.
pub fn objective_text(magnification: Magnification) -> String {
    format!("{}x", short(magnification.0))
}

/// Three digits that count, no zeros at the end.
fn short(value: f64) -> String {
    let decimals = match value {
        99.95.. => 0,
        9.995.. => 1,
        0.9995.. => 2,
        0.09995.. => 3,
        _ => 4,
    };
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The next stronger objective; after the strongest comes the weakest.
pub fn next_objective(current: Magnification) -> Magnification {
    let stronger = OBJECTIVES.into_iter().find(|objective| *objective > current.0 * 1.01);
    Magnification(stronger.unwrap_or(OBJECTIVES[0]))
}

/// Draws the read-out over the slide. A click opens the objectives, a double-click takes the next one; returns
/// the magnification that was chosen. A slide without a resolution has none to choose.
pub fn show(ui: &mut Ui, camera: &Camera, resolution: Option<Resolution>) -> Option<Magnification> {
    let words = text(camera, resolution);
    let font = theme::semibold(13.0);
    let size = ui.painter().layout_no_wrap(words.clone(), font.clone(), Color32::WHITE).size();
    let margin = vec2(2.0 * super::PLATE, 2.0 * super::PLATE - 6.0);
    let (rect, response) = ui.allocate_exact_size(size + margin, Sense::click());
    super::name(&response, Role::Button, &format!("Magnification {words}"));
    super::over_slide(ui.painter(), rect.min + margin / 2.0, &words, font);
    if response.hovered() || response.has_focus() {
        let edge = Stroke::new(1.0, Color32::WHITE);
        ui.painter().rect_stroke(rect, 4.0, edge, StrokeKind::Inside);
    }
    let Some(resolution) = resolution else {
        response.on_hover_text("The slide states no resolution: lengths and objectives are unknown");
        return None;
    };
    let current = camera.magnification(resolution);
    let picked = objectives(&response, current);
    let hint = "Click: choose an objective. Double-click: the next one.";
    let response = response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(hint);
    if response.double_clicked() { Some(next_objective(current)) } else { picked }
}

fn objectives(response: &Response, current: Magnification) -> Option<Magnification> {
    let popup = Popup::menu(response).accessible_name("Objectives").show(|ui| {
        let mut picked = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::STEP;
            for objective in OBJECTIVES {
                let name = objective_text(Magnification(objective));
                let chosen = (current.0 / objective - 1.0).abs() < 0.01;
                let button = Button::new(name).selected(chosen).min_size(vec2(40.0, theme::CONTROL));
                if ui.add(button).clicked() {
                    picked = Some(Magnification(objective));
                }
            }
        });
        picked
    });
    popup.and_then(|popup| popup.inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::testing;
    use crate::model::SlidePx;
    use egui_kittest::kittest::Queryable as _;

    fn quarter() -> Resolution {
        Resolution::new(0.25, 0.25).unwrap()
    }

    fn camera(zoom: f64) -> Camera {
        Camera::new(SlidePx::default(), zoom)
    }

    #[test]
    fn the_read_out_has_the_digits_that_count() {
        let of = |zoom| text(&camera(zoom), Some(quarter()));
        assert_eq!(of(1.0), "40x · 0.25 µm/px");
        assert_eq!(of(0.5), "20x · 0.5 µm/px");
        assert_eq!(of(1.25 / 40.0), "1.25x · 8 µm/px");
        assert_eq!(of(0.307), "12.3x · 0.814 µm/px");
        assert_eq!(of(4.0), "160x · 0.0625 µm/px");
        assert_eq!(text(&camera(0.5), None), "1:2 · no resolution");
        assert_eq!(text(&camera(1.0), None), "1:1 · no resolution");
        assert_eq!(text(&camera(2.5), None), "2.5:1 · no resolution");
    }

    #[test]
    fn the_next_objective_is_stronger_until_the_last() {
        let next = |m| next_objective(Magnification(m)).0;
        assert_eq!(next(0.3), 1.25);
        assert_eq!(next(20.0), 40.0);
        assert_eq!(next(19.9), 40.0, "a hair's breadth below 20x is 20x");
        assert_eq!(next(31.0), 40.0);
        assert_eq!(next(60.0), 1.25);
        assert_eq!(next(160.0), 1.25);
    }

    #[test]
    fn a_click_opens_the_objectives_and_one_can_be_taken() {
        let mut window = testing::window([600.0, 300.0], theme::Theme::Dark).build_ui_state(
            |ui, chosen: &mut Option<f64>| {
                if let Some(Magnification(m)) = show(ui, &camera(1.0), Some(quarter())) {
                    *chosen = Some(m);
                }
            },
            None,
        );
        window.run();
        window.get_by_label("Magnification 40x · 0.25 µm/px").click();
        window.run();
        assert_eq!(*window.state(), None);
        window.get_by_label("10x").click();
        window.run();
        assert_eq!(*window.state(), Some(10.0));
    }

    #[test]
    fn a_double_click_takes_the_next_objective() {
        let mut window =
            testing::window([600.0, 300.0], theme::Theme::Dark).with_step_dt(0.02).build_ui_state(
                |ui, chosen: &mut Vec<f64>| {
                    chosen.extend(show(ui, &camera(0.5), Some(quarter())).map(|m| m.0));
                },
                Vec::new(),
            );
        window.run_steps(2);
        for _ in 0..2 {
            window.get_by_label("Magnification 20x · 0.5 µm/px").click();
            window.run_steps(2);
        }
        assert_eq!(*window.state(), [40.0]);
        assert!(window.query_by_label("10x").is_none(), "the objectives don't stay open");
    }
}
