//! What stands where: bar, lists, slide, inspector, status line.

use super::modes::Mode;
use super::panels;
use super::parts::progress;
use super::theme;
use super::vote_screen;
use super::window::Window;
use eframe::egui::{CentralPanel, Frame, Margin, Panel, Ui};
use std::time::Duration;

const BAR: f32 = 40.0;
const STATUS: f32 = 28.0;

/// Draws the window.
pub(super) fn show(window: &mut Window, ui: &mut Ui, now: Duration) {
    let panel = theme::tokens(ui.ctx()).panel;
    if vote_screen::alone(window, ui, now) {
        return;
    }
    let frame = |x: i8, y: i8| Frame::new().fill(panel).inner_margin(Margin::symmetric(x, y));
    if !window.alone {
        Panel::top("bar")
            .exact_size(BAR)
            .frame(frame(8, 4))
            .show(ui, |ui| panels::bar::show(window, ui, now));
        if window.mode == Mode::Screen {
            Panel::top("progress").exact_size(3.0).frame(Frame::new()).show_separator_line(false).show(
                ui,
                |ui| {
                    let figures = window.opened().and_then(|o| o.screening.as_ref()).map(|s| s.figures());
                    let (share, words) = figures.map_or((0.0, String::new()), |f| {
                        let share = if f.tissue_mm2 > 0.0 { f.seen_mm2 / f.tissue_mm2 } else { 0.0 };
                        (share as f32, progress::screening_text(&f))
                    });
                    progress::line(ui, share, &format!("Screening: {words}"));
                },
            );
        }
    }
    if !window.alone || window.messages.grave() {
        Panel::bottom("status")
            .exact_size(STATUS)
            .frame(frame(8, 0))
            .show(ui, |ui| panels::status::show(window, ui, now));
    }
    if window.mode == Mode::Vote {
        CentralPanel::default().frame(frame(0, 0)).show(ui, |ui| vote_screen::tasks::show(window, ui, now));
        return;
    }
    if !window.alone && !window.settings.get().left_folded {
        let width = window.settings.get().left_width;
        let shown = Panel::left("slides")
            .default_size(width)
            .size_range(140.0..=420.0)
            .resizable(true)
            .frame(frame(8, 8))
            .show(ui, |ui| panels::slides::show(window, ui));
        keep(window, shown.response.rect.width(), width, |s, width| s.left_width = width);
    }
    let study = window.mode == Mode::Study;
    if !window.alone && !window.settings.get().right_folded && (window.opened().is_some() || study) {
        let width = window.settings.get().right_width;
        let shown = Panel::right("inspector")
            .default_size(width)
            .size_range(200.0..=460.0)
            .resizable(true)
            .frame(frame(12, 8))
            .show(ui, |ui| panels::inspector::show(window, ui));
        keep(window, shown.response.rect.width(), width, |s, width| s.right_width = width);
    }
    CentralPanel::no_frame().show(ui, |ui| match study {
        true => panels::study::show(window, ui, now),
        false => window.slide_area(ui, now),
    });
}

/// Remembers a panel's width once it was dragged.
fn keep(window: &mut Window, width: f32, known: f32, set: fn(&mut super::settings::Settings, f32)) {
    if (known - width).abs() > 1.0 {
        window.settings.change(|s| set(s, width));
    }
}
