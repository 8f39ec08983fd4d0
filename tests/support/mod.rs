//! The real window for tests: driven by keys, pointer and AccessKit labels, drawn by the same graphics path.
#![allow(dead_code, reason = "each test file uses a part of it")]

pub mod study;

use eframe::egui::{self, Pos2, vec2};
use egui_kittest::{Harness, HarnessBuilder};
use mitoscope::app::dialogs::{Answer, FakeDialogs};
use mitoscope::app::settings::Store;
use mitoscope::app::window::Window;
use mitoscope::app::{Start, Wake};
use mitoscope::model::SlidePx;
use mitoscope::render::gpu::Gpu;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is not done after this is stuck.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a window starts.
pub struct Setup {
    pub size: [f32; 2],
    pub scale: f32,
    pub start: Start,
    pub settings: Store,
    pub answers: Vec<Answer>,
}

impl Default for Setup {
    fn default() -> Self {
        let mut settings = Store::memory();
        settings.change(|s| s.reduced_motion = true);
        Self { size: [1280.0, 800.0], scale: 1.0, start: Start::default(), settings, answers: Vec::new() }
    }
}

/// A real slide that the repository carries.
pub fn real_slide() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/demo/CMU-1-Small-Region.svs")
}

pub struct Desk {
    pub harness: Harness<'static, Window>,
    scale: f32,
}

impl Desk {
    /// The window; `None`, with a word on standard output, where there is no graphics adapter.
    pub fn open(test: &str, setup: Setup) -> Option<Self> {
        if let Err(e) = Gpu::headless() {
            println!("skipped: {test}: {e}");
            return None;
        }
        let Setup { size, scale, start, settings, answers } = setup;
        let builder: HarnessBuilder<Window> = Harness::builder()
            .with_size(vec2(size[0], size[1]))
            .with_pixels_per_point(scale)
            .with_max_steps(8);
        let harness = builder.wgpu().build_eframe(move |cc| {
            let ctx = cc.egui_ctx.clone();
            let wake: Wake = Arc::new(move || ctx.request_repaint());
            let gpu = Gpu::of_window(cc.wgpu_render_state.as_ref().unwrap());
            Window::new(&cc.egui_ctx, gpu, settings, Box::new(FakeDialogs::new(answers)), wake, start)
        });
        Some(Self { harness, scale })
    }

    pub fn window(&self) -> &Window {
        self.harness.state()
    }

    /// Frames until `done`.
    pub fn until(&mut self, what: &str, done: impl Fn(&Window) -> bool) {
        let begun = Instant::now();
        self.harness.run_steps(2);
        while !done(self.window()) {
            assert!(begun.elapsed() < PATIENCE, "{what} does not come");
            self.harness.step();
        }
    }

    /// Frames until nothing is on its way.
    pub fn settle(&mut self) {
        self.until("rest", Window::settled);
    }

    pub fn key(&mut self, key: egui::Key) {
        self.harness.key_press(key);
        self.harness.run_steps(2);
    }

    pub fn key_with(&mut self, modifiers: egui::Modifiers, key: egui::Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.harness.run_steps(2);
    }

    /// Where a place of the slide is in the window, in points.
    pub fn at(&self, place: SlidePx) -> Pos2 {
        let area = self.window().slide_rect();
        let camera = self.window().opened().unwrap().motion.camera();
        let viewport =
            [f64::from(area.width() * self.scale).round(), f64::from(area.height() * self.scale).round()];
        let p = camera.to_screen(place, viewport);
        area.min + vec2(p.x as f32, p.y as f32) / self.scale
    }

    pub fn point(&mut self, place: SlidePx) {
        let at = self.at(place);
        self.harness.hover_at(at);
        self.harness.run_steps(2);
    }

    pub fn click(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.harness.step();
        for pressed in [true, false] {
            self.harness.event(egui::Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: egui::Modifiers::NONE,
            });
            self.harness.step();
        }
        self.harness.step();
    }

    pub fn type_text(&mut self, words: &str) {
        self.harness.event(egui::Event::Text(words.to_owned()));
        self.harness.run_steps(2);
    }

    /// The window's picture.
    pub fn picture(&mut self) -> image::RgbaImage {
        self.harness.render().unwrap()
    }
}
