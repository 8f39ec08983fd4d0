//! The question how a kit is made.

use super::{accent_enabled, outlined, quiet};
use crate::app::modes::study::{KitSlides, KitWish, pictures_fit};
use crate::app::overlay::{Over, sheet};
use crate::app::theme;
use crate::app::window::Window;
use eframe::egui::{Align, Button, Context, Layout, vec2};

/// Draws it.
pub fn show(window: &mut Window, ctx: &Context, mut wish: KitWish) -> Over {
    let (answer, close) = sheet(ctx, "Make a kit", 480.0, |ui| {
        ui.heading(format!("A kit of “{}” for {}", wish.name, wish.rater));
        ui.add_space(theme::STEP);
        ui.label("The task as a file that travels. It holds nothing that anybody else thinks.");
        ui.add_space(2.0 * theme::STEP);
        outlined(ui);
        let fit = pictures_fit(wish.items);
        for (choice, name, help) in [
            (
                KitSlides::Codes,
                "Without slides' names",
                "The rater has the slides and puts the kit beside them; they are known by their content.",
            ),
            (KitSlides::Names, "With slides' names", "The same by file names, which may tell a patient."),
            (
                KitSlides::Pictures,
                "With pictures",
                "The kit brings 64 µm around every cell as JPEG of quality 95; the rater needs no slides.",
            ),
        ] {
            ui.add_enabled_ui(choice != KitSlides::Pictures || fit, |ui| {
                ui.radio_value(&mut wish.slides, choice, name);
            });
            ui.indent(name, |ui| quiet(ui, help));
        }
        if !fit {
            quiet(ui, "So many items take `mitoscope kit make --embed` to bring their pictures.");
        }
        ui.add_space(3.0 * theme::STEP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let make = accent_enabled(ui, "Choose the place…", true).clicked();
            let not = ui.add(Button::new("Cancel").min_size(vec2(0.0, theme::CONTROL))).clicked();
            if make { Some(true) } else { not.then_some(false) }
        })
        .inner
    });
    match answer {
        Some(true) => {
            window.place_kit(wish);
            Over::Nothing
        }
        Some(false) => Over::Nothing,
        None if close => Over::Nothing,
        None => Over::Kit(wish),
    }
}
