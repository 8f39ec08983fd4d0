//! Pieces of the window, each of which gets what it shows and returns what was asked for.
//!
//! None of them knows the window: they take values and give back values, so that each is tested alone.

pub mod cheat_sheet;
pub mod empty_state;
pub mod keys;
pub mod lens;
pub mod message;
pub mod minimap;
pub mod palette;
pub mod progress;
pub mod scale_bar;

use super::theme;
use eframe::egui::{Color32, FontId, Painter, Pos2, Rect, Response, Role, Ui, WidgetInfo, vec2};

/// Gives a painted thing a name for screen readers and tests.
pub fn name(response: &Response, role: Role, words: &str) {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(role, enabled, words));
}

/// Draws words over the slide: white on a dark plate, so that they can be read on pink and on white. `min` is
/// the words' upper-left corner; returns where they lie. The plate reaches [`PLATE`] points farther.
pub fn over_slide(painter: &Painter, min: Pos2, text: &str, font: FontId) -> Rect {
    let galley = painter.layout_no_wrap(text.to_owned(), font, Color32::WHITE);
    let rect = Rect::from_min_size(min, galley.size());
    plate(painter, rect);
    painter.galley(min, galley, Color32::WHITE);
    rect
}

/// How far the plate behind words reaches, in points.
pub const PLATE: f32 = 5.0;

/// Darkens the slide behind `words`.
pub fn plate(painter: &Painter, words: Rect) {
    painter.rect_filled(words.expand2(vec2(PLATE, PLATE - 3.0)), 4.0, theme::HALO);
}

/// Words in the quiet colour at 11 points.
pub fn caption(ui: &mut Ui, text: impl Into<String>) -> Response {
    ui.label(eframe::egui::RichText::new(text).small().weak())
}

#[cfg(test)]
pub(crate) mod testing {
    use super::theme::{self, Theme};
    use eframe::egui;
    use egui_kittest::{Harness, HarnessBuilder};

    /// A window of this size in a theme, without a picture.
    pub fn window<S>(size: [f32; 2], theme: Theme) -> HarnessBuilder<S> {
        Harness::builder().with_size(size).with_context_setup(move |ctx| {
            theme::install_fonts(ctx);
            theme::apply(ctx, theme);
            theme::reduce_motion(ctx, true);
        })
    }

    /// Writes pictures of a part in all themes to the folder that `PART_PICTURES` names; without it, does nothing.
    pub fn pictures(name: &str, size: [f32; 2], mut draw: impl FnMut(&mut egui::Ui)) {
        let Some(folder) = std::env::var_os("PART_PICTURES") else { return };
        for theme in [Theme::Dark, Theme::Light, Theme::Grey] {
            let mut window = window::<()>(size, theme).wgpu().build_ui(|ui| {
                let back = ui.ctx().layer_painter(egui::LayerId::background());
                back.rect_filled(ui.ctx().content_rect(), 0.0, theme::tokens(ui.ctx()).panel);
                draw(ui);
            });
            window.run_steps(4);
            let path = std::path::Path::new(&folder).join(format!("{name}-{theme:?}.png"));
            window.render().unwrap().save(path).unwrap();
        }
    }

    /// Something like tissue, to draw over.
    pub fn tissue(ui: &egui::Ui, rect: egui::Rect) {
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 0.0, egui::Color32::from_rgb(243, 240, 243));
        let pink = rect.with_min_x(rect.center().x);
        painter.rect_filled(pink, 0.0, egui::Color32::from_rgb(226, 160, 196));
    }
}
