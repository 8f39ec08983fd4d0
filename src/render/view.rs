//! One view of one slide.

use super::gpu::Gpu;
use super::scene::Scene;
use super::wgpu;
use crate::model::Camera;
use crate::slide::{Facts, SlideSource};
use std::sync::Arc;
use std::time::Duration;

/// Bounds of a view.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Decoded tiles kept in memory, in bytes.
    pub cpu_bytes: usize,
    /// Tiles kept on the GPU, in bytes.
    pub gpu_bytes: usize,
    /// Bytes uploaded in one frame at most.
    pub upload_per_frame: usize,
    /// Loader threads.
    pub threads: usize,
    /// How long a tile fades in; zero for none.
    pub fade: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cpu_bytes: 512 << 20,
            gpu_bytes: 256 << 20,
            upload_per_frame: 8 << 20,
            threads: std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 8)),
            fade: Duration::from_millis(80),
        }
    }
}

/// What a frame shows.
pub struct Frame<'a> {
    /// Where the view is.
    pub camera: Camera,
    /// Its size in physical pixels.
    pub viewport: [u32; 2],
    /// Marks and lines.
    pub scene: &'a Scene,
    /// Time since the view was made; drives fades.
    pub now: Duration,
    /// Where the view will go next (the next screening fields), decoded ahead once all visible is sharp.
    pub ahead: &'a [Camera],
    /// What shows around the slide: red, green, blue.
    pub ground: [u8; 3],
}

/// What a frame did.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct FrameReport {
    /// Tiles drawn.
    pub tiles: u32,
    /// Draw calls for tiles.
    pub draw_calls: u32,
    /// Tiles uploaded.
    pub uploads: u32,
    /// Bytes uploaded.
    pub upload_bytes: u64,
    /// Wanted tiles that are not on the GPU yet.
    pub missing: u32,
    /// Is a part of the visible slide without any tile at all?
    pub blank: bool,
    /// Are all wanted tiles drawn at full strength?
    pub sharp: bool,
    /// Should another frame follow soon (fading, or more to upload)?
    pub repaint: bool,
}

/// One view of one slide: its loader, caches and buffers.
pub struct SlideView {
    source: Arc<dyn SlideSource>,
}

impl SlideView {
    /// Starts the loader threads. `wake` is called from them when a tile has arrived.
    pub fn new(
        gpu: &Gpu,
        source: Arc<dyn SlideSource>,
        options: Options,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let _ = (gpu, options, wake);
        Self { source }
    }

    /// The slide's facts.
    pub fn facts(&self) -> &Facts {
        self.source.facts()
    }

    /// Plans, uploads what has arrived, fills the buffers. Never decodes, never waits.
    pub fn frame(&mut self, gpu: &Gpu, frame: &Frame<'_>) -> FrameReport {
        let _ = (gpu, frame);
        todo!()
    }

    /// Draws what [`Self::frame`] prepared. The pass' viewport must be the view's rectangle.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>) {
        let _ = pass;
        todo!()
    }

    /// Bytes of decoded tiles in memory and of tiles on the GPU.
    pub fn resident(&self) -> (usize, usize) {
        todo!()
    }
}
