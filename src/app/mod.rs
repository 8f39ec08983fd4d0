//! The window.
//!
//! [`window::Window`] is its state and one frame of it: results of jobs are taken, keys become [`action::Action`]s,
//! panels and the slide are drawn. What takes time is done by `jobs` and by the document's writing thread.

mod act;
pub mod action;
pub mod dialogs;
pub mod document;
mod fields;
pub mod headless;
mod input;
mod jobs;
mod layout;
pub mod modes;
pub mod motion;
pub mod opened;
mod opening;
mod overlay;
pub mod pace;
mod panels;
pub mod parts;
pub mod report;
mod results;
pub mod settings;
mod shelf;
mod study_sheet;
pub mod theme;
pub mod tour;
mod viewport;
mod vote_screen;
pub mod window;
mod work;
mod worker;

pub use worker::Wake;

use crate::render::gpu::{self, Gpu};
use dialogs::NativeDialogs;
use eframe::egui::{IconData, ViewportBuilder};
use eframe::{NativeOptions, egui_wgpu};
use settings::Store;
use std::sync::Arc;

/// What to open at the start.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Slides.
    pub slides: Vec<std::path::PathBuf>,
    /// The document.
    pub database: Option<std::path::PathBuf>,
    /// The demo slide, made where it is not there yet.
    pub demo: bool,
}

/// Opens the window and returns when it is closed.
///
/// # Errors
/// One sentence when there is no display or no graphics adapter.
pub fn run(start: Start) -> Result<(), String> {
    let settings = Store::open();
    let [w, h] = settings.get().window;
    let viewport = ViewportBuilder::default()
        .with_title("Mitoscope")
        .with_app_id("mitoscope")
        .with_inner_size([w, h])
        .with_min_inner_size([640.0, 480.0])
        .with_maximized(settings.get().maximised)
        .with_drag_and_drop(true)
        .with_icon(icon());
    let options = NativeOptions {
        viewport,
        wgpu_options: egui_wgpu::WgpuConfiguration {
            wgpu_setup: gpu::window_setup(),
            ..egui_wgpu::WgpuConfiguration::default()
        },
        ..NativeOptions::default()
    };
    let opened = eframe::run_native(
        "Mitoscope",
        options,
        Box::new(move |cc| {
            let state = cc.wgpu_render_state.as_ref().ok_or("the window has no graphics adapter")?;
            let ctx = cc.egui_ctx.clone();
            let wake: Wake = Arc::new(move || ctx.request_repaint());
            let of_dialogs = Arc::clone(&wake);
            let dialogs = Box::new(NativeDialogs::new(move || of_dialogs()));
            let gpu = Gpu::of_window(state);
            Ok(Box::new(window::Window::new(&cc.egui_ctx, gpu, settings, dialogs, wake, start)))
        }),
    );
    opened.map_err(|e| {
        tracing::error!("the window can't be opened: {e}");
        // The library's own words quote its source; what helps is what to look at.
        let why = match e {
            eframe::Error::Wgpu(e) => format!("the graphics driver says: {e}"),
            eframe::Error::AppCreation(e) => e.to_string(),
            _ => "no display was found".into(),
        };
        format!(
            "the window can't be opened ({why}); it needs a desktop and a graphics driver (mesa-vulkan-drivers has \
             one in software); `mitoscope demo --headless` needs no desktop"
        )
    })
}

/// A ring with two plates in it: an anaphase, drawn here so that no file is needed.
fn icon() -> IconData {
    const SIDE: u32 = 64;
    let mut rgba = Vec::with_capacity((4 * SIDE * SIDE) as usize);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let (dx, dy) = (f64::from(x) - 31.5, f64::from(y) - 31.5);
            let ring = (dx.hypot(dy) - 27.0).abs() < 3.0;
            let plate = [-8.0, 8.0].iter().any(|at| ((dx - at) / 4.0).hypot(dy / 15.0) < 1.0);
            rgba.extend_from_slice(match (ring, plate) {
                (true, _) => &[0xe5, 0x38, 0x3b, 255],
                (_, true) => &[0x3d, 0x2a, 0x6b, 255],
                _ if dx.hypot(dy) < 27.0 => &[0xf3, 0xd9, 0xe6, 255],
                _ => &[0, 0, 0, 0],
            });
        }
    }
    IconData { rgba, width: SIDE, height: SIDE }
}
