//! The screen is measured with a bank card, which is equally large everywhere.

use crate::app::overlay::{Over, buttons, sheet};
use crate::app::parts;
use crate::app::settings::MM_PER_POINT;
use crate::app::theme;
use crate::app::window::Window;
use eframe::egui::{Context, Role, Sense, Slider, Stroke, StrokeKind, vec2};

/// A bank card in millimetres (ISO/IEC 7810 ID-1).
const CARD: [f64; 2] = [85.60, 53.98];
/// Its corners' radius.
const CORNER: f64 = 3.18;

/// Draws the question.
pub fn show(window: &mut Window, ctx: &Context, mm: f64) -> Over {
    // As wide as a card is on a screen of 200 points to the inch.
    let room = f64::from(ctx.content_rect().width() - 128.0).clamp(240.0, 674.0);
    let most = room.min(f64::from((ctx.content_rect().height() - 280.0).max(120.0)) * CARD[0] / CARD[1]);
    let mut width = (CARD[0] / mm).clamp(120.0, most.max(121.0));
    let (answer, close) = sheet(ctx, "Calibrate the screen", (most as f32 + 16.0).max(440.0), |ui| {
        ui.heading("How large is this screen?");
        ui.add_space(theme::STEP);
        ui.label("Hold a bank card against the screen and move the slider until the outline is as large.");
        ui.add_space(2.0 * theme::STEP);
        let (rect, response) = ui.allocate_exact_size(
            vec2(ui.available_width(), (most * CARD[1] / CARD[0]) as f32),
            Sense::hover(),
        );
        let t = theme::tokens(ui.ctx());
        let card = eframe::egui::Rect::from_center_size(
            rect.center(),
            vec2(width as f32, (width * CARD[1] / CARD[0]) as f32),
        );
        parts::name(&response, Role::Image, &format!("Outline of a bank card, {width:.0} points wide"));
        let corner = (CORNER * width / CARD[0]) as f32;
        ui.painter().rect(card, corner, t.control, Stroke::new(1.5, t.text), StrokeKind::Inside);
        ui.add_space(2.0 * theme::STEP);
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(120.0);
        let slider = ui.add(Slider::new(&mut width, 120.0..=most.max(121.0)).show_value(false));
        parts::name(&slider, Role::Slider, "Width of the card");
        parts::caption(ui, format!("{:.0} points to the inch", 25.4 * width / CARD[0]));
        buttons(ui, "It fits", "As the system says", true)
    });
    let measured = CARD[0] / width;
    match answer {
        Some(true) => window.measured(measured),
        Some(false) => window.measured(MM_PER_POINT),
        None if close => {}
        None => return Over::Calibrate(measured),
    }
    Over::Nothing
}

impl Window {
    fn measured(&mut self, mm: f64) {
        self.settings.change(|s| s.mm_per_point = mm);
        // The item begins anew at the scale that is right now.
        if let Some(voting) = &mut self.vote.open {
            voting.placed = false;
        }
    }
}
