//! One view of one slide.

use super::gpu::Gpu;
use super::marker_pass::MarkerPass;
use super::pipeline::{ViewBinding, ViewUniform};
use super::scene::Scene;
use super::slide_pass::{Draw, Quad, SlidePass};
use super::wgpu;
use crate::model::{Camera, Rect};
use crate::slide::{Facts, SlideSource};
use crate::tiles::cache::{Cache, Slots};
use crate::tiles::grid::{BYTES, GUTTER, Grid, SIDE, TileKey};
use crate::tiles::loader::{Loaded, Loader};
use crate::tiles::plan::{self, Plan};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Tiles on the GPU, whatever the bound says: fewer could not show one view.
const LEAST_TILES: usize = 64;

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
    /// Part of the visible slide, 0 to 1, that is drawn from coarser tiles than it should be.
    pub coarser: f32,
}

/// One view of one slide: its loader, caches and buffers.
pub struct SlideView {
    source: Arc<dyn SlideSource>,
    grid: Arc<Grid>,
    loader: Loader,
    cache: Cache,
    slots: Slots,
    options: Options,
    binding: ViewBinding,
    slide: SlidePass,
    marker: MarkerPass,
    /// Tiles that a picture has lacked: these fade in, others are there at once.
    lacking: HashSet<TileKey>,
}

impl SlideView {
    /// Starts the loader threads. `wake` is called from them when a tile has arrived.
    pub fn new(
        gpu: &Gpu,
        source: Arc<dyn SlideSource>,
        options: Options,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Self {
        let grid = Arc::new(Grid::new(source.facts()));
        let places = (options.gpu_bytes / BYTES).max(LEAST_TILES);
        let binding = ViewBinding::new(gpu);
        let loader = Loader::new(Arc::clone(&source), Arc::clone(&grid), options.threads, wake);
        loader.wish([grid.base_tile()]);
        Self {
            loader,
            cache: Cache::new(options.cpu_bytes),
            slots: Slots::new(places, grid.base_tile()),
            slide: SlidePass::new(gpu, &binding, places),
            marker: MarkerPass::new(gpu, &binding),
            lacking: HashSet::new(),
            source,
            grid,
            options,
            binding,
        }
    }

    /// The slide's facts.
    pub fn facts(&self) -> &Facts {
        self.source.facts()
    }

    /// Plans, uploads what has arrived, fills the buffers. Never decodes, never waits.
    pub fn frame(&mut self, gpu: &Gpu, frame: &Frame<'_>) -> FrameReport {
        let arrived = self.loader.take();
        self.keep(arrived);
        let viewport = frame.viewport.map(f64::from);
        // Half, so that what is under the finest level has room too.
        let most = self.slots.capacity().min(self.cache.capacity()) / 2;
        let plan = plan::plan(&self.grid, frame.camera, viewport, frame.ahead, most);
        let now = frame.now.as_secs_f64();
        let mut report = FrameReport::default();

        self.slots.begin();
        for &key in &plan.wanted {
            self.slots.touch(key);
        }
        for key in self.drawn(&plan, now).tiles {
            self.slots.touch(key);
        }
        self.upload(gpu, &plan, now, &mut report);

        let drawn = self.drawn(&plan, now);
        let shown = frame.camera.visible(viewport);
        let draws: Vec<Draw> =
            drawn.tiles.iter().filter_map(|&key| self.quad(key, &plan, frame.camera, &shown, now)).collect();
        report.tiles = draws.len() as u32;
        report.draw_calls = self.slide.prepare(gpu, draws);
        self.marker.prepare(gpu, frame.scene);
        self.binding.write(gpu, &ViewUniform::new(frame.camera, frame.viewport, frame.ground));

        report.blank = drawn.blank;
        report.sharp = drawn.sharp;
        report.coarser = self.coarser(&plan, &shown, now);
        report.repaint |= drawn.fading;
        self.wish(&plan);
        self.lacking = plan.visible.iter().copied().filter(|&k| self.slots.get(k).is_none()).collect();
        report
    }

    /// Draws what [`Self::frame`] prepared. The pass' viewport must be the view's rectangle.
    pub fn paint(&self, pass: &mut wgpu::RenderPass<'_>) {
        self.slide.paint(pass, &self.binding);
        self.marker.paint(pass, &self.binding);
    }

    /// Bytes of decoded tiles in memory and of tiles on the GPU.
    pub fn resident(&self) -> (usize, usize) {
        (self.cache.bytes(), self.slide.bytes())
    }

    /// Waits for the next tile to arrive; `false` when none did in this time.
    pub(super) fn wait(&mut self, timeout: Duration) -> bool {
        let arrived = self.loader.wait(timeout);
        let any = !arrived.is_empty();
        self.keep(arrived);
        any
    }

    /// Is a tile on its way or wished for? Also one that was wished for ahead.
    pub fn waiting(&self) -> bool {
        !self.loader.idle()
    }

    /// Sets how long tiles fade in; returns what it was.
    pub(super) fn set_fade(&mut self, fade: Duration) -> Duration {
        std::mem::replace(&mut self.options.fade, fade)
    }

    fn keep(&mut self, arrived: Vec<Loaded>) {
        for Loaded { key, bytes } in arrived {
            self.cache.insert(key, bytes);
        }
    }

    /// Strength of a tile that is on the GPU: the base is there at once, others fade in.
    fn strength(&self, key: TileKey, now: f64) -> Option<f32> {
        let slot = self.slots.get(key)?;
        let fade = self.options.fade.as_secs_f64();
        if fade <= 0.0 || usize::from(key.level) == self.grid.base() {
            return Some(1.0);
        }
        Some(((now - slot.since) / fade).clamp(0.0, 1.0) as f32)
    }

    /// The tiles of the picture: each tile of the view's level and, wherever that is not there at full strength,
    /// what lies under it, down to the base.
    fn drawn(&self, plan: &Plan, now: f64) -> Drawn {
        let base = self.grid.base();
        let mut drawn = Drawn { sharp: true, ..Drawn::default() };
        let mut level: Vec<TileKey> = plan.visible.clone();
        for depth in plan.fine..=base {
            let blended = depth == plan.fine && plan.weight < 1.0;
            let mut under = HashSet::new();
            for key in level {
                let strength = self.strength(key, now);
                if strength.is_some() {
                    drawn.tiles.push(key);
                }
                let full = strength.is_some_and(|s| s >= 1.0);
                drawn.fading |= strength.is_some_and(|s| s < 1.0);
                if !full && (depth == plan.fine || (depth == plan.fine + 1 && plan.weight < 1.0)) {
                    drawn.sharp = false;
                }
                if (!full || blended) && depth < base {
                    let parents = plan::parents(&self.grid, key);
                    under.extend(parents.filter(|&p| plan.window.shows(&self.grid.rect(p))));
                }
                drawn.blank |= !full && depth == base;
            }
            level = under.into_iter().collect();
            if level.is_empty() {
                break;
            }
        }
        drawn
    }

    fn upload(&mut self, gpu: &Gpu, plan: &Plan, now: f64, report: &mut FrameReport) {
        for &key in &plan.wanted {
            if self.slots.get(key).is_some() {
                continue;
            }
            // One at least, whatever the budget: else nothing would ever be shown.
            let spent =
                report.upload_bytes as usize + BYTES > self.options.upload_per_frame && report.uploads > 0;
            let bytes = if spent { None } else { self.cache.get(key) };
            report.repaint |= spent && self.cache.contains(key);
            let since = if self.lacking.contains(&key) { now } else { f64::NEG_INFINITY };
            match bytes.and_then(|bytes| Some((self.slots.place(key, since)?, bytes))) {
                Some((slot, bytes)) => {
                    self.slide.upload(gpu, slot, &bytes);
                    report.uploads += 1;
                    report.upload_bytes += bytes.len() as u64;
                }
                None => report.missing += 1,
            }
        }
    }

    fn wish(&self, plan: &Plan) {
        let absent = |key: &TileKey| self.slots.get(*key).is_none() && !self.cache.contains(*key);
        let mut wishes: Vec<TileKey> = plan.wanted.iter().copied().filter(absent).collect();
        if wishes.is_empty() {
            wishes.extend(plan.ahead.iter().take(self.cache.capacity() / 4).copied().filter(absent));
        }
        self.loader.wish(wishes);
    }

    fn quad(&self, key: TileKey, plan: &Plan, camera: Camera, shown: &Rect, now: f64) -> Option<Draw> {
        let slot = self.slots.get(key)?;
        let rect = self.grid.rect(key).intersection(shown)?;
        let level = &self.grid.levels[usize::from(key.level)];
        let weight = if usize::from(key.level) == plan.fine { plan.weight } else { 1.0 };
        let alpha = self.strength(key, now)? * weight;
        let screen = |p: f64, center: f64| ((p - center) * camera.zoom) as f32;
        let texture = |p: f64, tile: u32| {
            let pixel = (p - f64::from(tile) * level.step()) / level.downsample + f64::from(GUTTER);
            (pixel / f64::from(SIDE)) as f32
        };
        let (center, right, bottom) = (camera.center, rect.right(), rect.bottom());
        let quad = Quad {
            rect: [
                screen(rect.x, center.x),
                screen(rect.y, center.y),
                screen(right, center.x),
                screen(bottom, center.y),
            ],
            uv: [
                texture(rect.x, key.x),
                texture(rect.y, key.y),
                texture(right, key.x),
                texture(bottom, key.y),
            ],
            layer: 0,
            alpha,
        };
        (alpha > 0.0).then_some(Draw { level: key.level, slot: slot.index, quad })
    }

    fn coarser(&self, plan: &Plan, shown: &Rect, now: f64) -> f32 {
        let (mut all, mut coarse) = (0.0, 0.0);
        for &key in &plan.visible {
            let area = self.grid.rect(key).intersection(shown).map_or(0.0, |r| r.w * r.h);
            all += area;
            coarse += area * f64::from(1.0 - self.strength(key, now).unwrap_or(0.0));
        }
        if all > 0.0 { (coarse / all) as f32 } else { 0.0 }
    }
}

/// What a picture is made of.
#[derive(Default)]
struct Drawn {
    tiles: Vec<TileKey>,
    blank: bool,
    sharp: bool,
    fading: bool,
}
