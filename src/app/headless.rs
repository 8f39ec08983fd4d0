//! The window without a screen: the same frames, keys and pictures, driven by a program.

use super::dialogs::FakeDialogs;
use super::settings::Store;
use super::window::Window;
use super::{Start, Wake};
use crate::model::{Camera, SlidePx};
use crate::render::gpu::{Gpu, RenderError};
use crate::render::{offscreen, wgpu};
use crate::slide::Pixels;
use crossbeam_channel::{Receiver, bounded};
use eframe::egui::{
    Context, Event, FullOutput, Key, Modifiers, PointerButton, Pos2, RawInput, Rect, TextureId, vec2,
};
use eframe::egui_wgpu::{Renderer, RendererOptions, ScreenDescriptor};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time between two frames, on the window's own clock.
const FRAME: f64 = 1.0 / 60.0;
/// What is not done after this is stuck.
const PATIENCE: Duration = Duration::from_secs(300);

/// A window and the hands that drive it.
pub struct Headless {
    /// The window.
    pub window: Window,
    ctx: Context,
    gpu: Gpu,
    renderer: Renderer,
    size: [u32; 2],
    scale: f32,
    frames: u64,
    events: Vec<Event>,
    output: Option<FullOutput>,
    unused: Vec<TextureId>,
    bell: Receiver<()>,
}

impl Headless {
    /// A window of `size` physical pixels at `scale` of them per point. File dialogs answer that there are none.
    ///
    /// # Errors
    /// When there is no graphics adapter.
    pub fn new(size: [u32; 2], scale: f32, settings: Store, start: Start) -> Result<Self, RenderError> {
        let gpu = Gpu::headless()?;
        let ctx = Context::default();
        ctx.set_pixels_per_point(scale);
        let (ring, bell) = bounded(1);
        // A full bell rings already.
        let wake: Wake = Arc::new(move || {
            let _ = ring.try_send(());
        });
        let renderer = Renderer::new(&gpu.device, gpu.format, RendererOptions::default());
        let dialogs = Box::new(FakeDialogs::default());
        let window = Window::new(&ctx, gpu.clone(), settings, dialogs, wake, start);
        Ok(Self {
            window,
            ctx,
            gpu,
            renderer,
            size,
            scale,
            frames: 0,
            events: Vec::new(),
            output: None,
            unused: Vec::new(),
            bell,
        })
    }

    /// The window's context.
    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// One frame, with the events that were queued.
    pub fn step(&mut self) {
        let points = vec2(self.size[0] as f32, self.size[1] as f32) / self.scale;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(Pos2::ZERO, points)),
            max_texture_side: Some(self.gpu.device.limits().max_texture_dimension_2d as usize),
            time: Some(self.frames as f64 * FRAME),
            predicted_dt: FRAME as f32,
            focused: true,
            events: std::mem::take(&mut self.events),
            ..RawInput::default()
        };
        self.frames += 1;
        let (ctx, window) = (self.ctx.clone(), &mut self.window);
        // What the last frame showed may be freed now: its picture was drawn, or never will be.
        for id in self.unused.drain(..) {
            self.renderer.free_texture(&id);
        }
        let mut output = ctx.run_ui(input, |ui| window.show(ui));
        let textures = &mut output.textures_delta;
        for (id, deltas) in &textures.set {
            for delta in deltas {
                self.renderer.update_texture(&self.gpu.device, &self.gpu.queue, *id, delta);
            }
        }
        self.unused.extend(&textures.free);
        textures.clear();
        // Hands uploads over, which would else pile up until a picture is drawn.
        self.gpu.queue.submit([]);
        self.output = Some(output);
    }

    /// Frames until nothing is on its way: slides opened, labels on disk, the view sharp and still.
    ///
    /// # Errors
    /// A sentence when that takes more than five minutes.
    pub fn settle(&mut self) -> Result<(), String> {
        self.until(Window::settled, "the window did not come to rest")
    }

    /// Frames until `done`; `what` is said where that never comes.
    ///
    /// # Errors
    /// A sentence when it takes more than five minutes.
    pub fn until(&mut self, done: impl Fn(&Window) -> bool, what: &str) -> Result<(), String> {
        let begun = Instant::now();
        // Two frames at least: one to read the events, one to show what came of them.
        self.step();
        self.step();
        while !done(&self.window) {
            if begun.elapsed() > PATIENCE {
                return Err(format!("{what} within five minutes"));
            }
            if !self.ctx.has_requested_repaint() {
                // The threads ring when something has arrived; the bound guards against a lost ring.
                let _ = self.bell.recv_timeout(Duration::from_millis(20));
            }
            self.step();
        }
        Ok(())
    }

    /// A key, pressed and let go, in a frame of its own.
    pub fn press(&mut self, key: Key, modifiers: Modifiers) {
        for pressed in [true, false] {
            self.events.push(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers });
        }
        self.step();
    }

    /// Types words into the field that has the focus.
    pub fn write(&mut self, words: &str) {
        self.events.push(Event::Text(words.to_owned()));
        self.step();
    }

    /// Moves the pointer to a place of the window, in points.
    pub fn point(&mut self, at: Pos2) {
        self.events.push(Event::PointerMoved(at));
        self.step();
    }

    /// Moves the pointer to a place of the slide; `false` where the view does not show it.
    pub fn point_at(&mut self, place: SlidePx) -> bool {
        let Some((camera, area)) = self.view() else { return false };
        let viewport = [f64::from(area.width() * self.scale), f64::from(area.height() * self.scale)];
        let p = camera.to_screen(place, viewport);
        let at = area.min + vec2(p.x as f32, p.y as f32) / self.scale;
        if area.shrink(1.0).contains(at) {
            self.point(at);
        }
        area.shrink(1.0).contains(at)
    }

    /// A click where the pointer is.
    pub fn click(&mut self, at: Pos2) {
        self.point(at);
        for pressed in [true, false] {
            let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
            self.events.push(Event::PointerButton { pos: at, button, pressed, modifiers });
            self.step();
        }
    }

    /// The view of the slide, and where it lies in the window in points.
    fn view(&self) -> Option<(Camera, Rect)> {
        let camera = self.window.opened()?.motion.camera();
        Some((camera, self.window.slide_rect()))
    }

    /// The window's picture.
    ///
    /// # Errors
    /// When the graphics adapter fails.
    pub fn picture(&mut self) -> Result<Pixels, RenderError> {
        self.step();
        let target = self.paint()?;
        offscreen::read_back(&self.gpu, &target)
    }

    /// Hands the last frame to the graphics adapter, as a window would, and does not wait for it.
    ///
    /// # Errors
    /// When there was no frame yet.
    pub fn paint(&mut self) -> Result<wgpu::Texture, RenderError> {
        let Some(output) = &self.output else {
            return Err(RenderError::Failed("there was no frame yet".into()));
        };
        let target = offscreen::target(&self.gpu, self.size);
        let jobs = self.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
        let screen =
            ScreenDescriptor { size_in_pixels: self.size, pixels_per_point: output.pixels_per_point };
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut commands =
            self.renderer.update_buffers(&self.gpu.device, &self.gpu.queue, &mut encoder, &jobs, &screen);
        let mut pass = offscreen::begin(&mut encoder, &target).forget_lifetime();
        self.renderer.render(&mut pass, &jobs, &screen);
        drop(pass);
        commands.push(encoder.finish());
        self.gpu.queue.submit(commands);
        Ok(target)
    }
}
