//! The tile layer once more, slowly and on the CPU: what the GPU's pictures are held against.

use super::gpu::Gpu;
use super::offscreen;
use super::scene::{Fill, Line, Mark, MarkKind, Scene};
use super::view::{Options, SlideView};
use crate::model::{Camera, Rect, ScreenPx, SlidePx};
use crate::slide::testing::Checker;
use crate::slide::{Pixels, SlideSource};
use crate::tiles::grid::{CONTENT, Grid, SIDE, TileKey};
use crate::tiles::plan::level_for;
use crate::tiles::read::{self, TileBytes};
use std::collections::HashMap;
use std::sync::Arc;

/// A colour that no test slide has.
pub const GROUND: [u8; 3] = [255, 0, 255];

/// A device, or a line that says why the test does nothing.
pub fn gpu(test: &str) -> Option<Gpu> {
    Gpu::headless().map_err(|e| eprintln!("skipped: {test}: {e}")).ok()
}

/// A picture as a file, where the variable MITOSCOPE_PICTURES names a folder: for looking at.
pub fn keep(pixels: &Pixels, name: &str) {
    if let Some(folder) = std::env::var_os("MITOSCOPE_PICTURES") {
        let path = std::path::Path::new(&folder).join(name);
        image::save_buffer(path, &pixels.rgba, pixels.width, pixels.height, image::ColorType::Rgba8).unwrap();
    }
}

struct Twin<'a> {
    source: &'a dyn SlideSource,
    grid: Grid,
    tiles: HashMap<TileKey, TileBytes>,
}

impl Twin<'_> {
    /// Bilinear, within the tile that holds the place.
    fn sample(&mut self, level: usize, p: SlidePx) -> [f64; 3] {
        let l = self.grid.levels[level];
        let tile = |v: f64, count: u32| ((v / l.step()).floor().max(0.0) as u32).min(count - 1);
        let key = TileKey { level: level as u8, x: tile(p.x, l.columns()), y: tile(p.y, l.rows()) };
        let source = self.source;
        let bytes =
            self.tiles.entry(key).or_insert_with(|| read::read(source, &l, key, &|| false).unwrap().unwrap());
        let local = |v: f64, t: u32| v / l.downsample - f64::from(t * CONTENT) + 1.0 - 0.5;
        let (u, v) = (local(p.x, key.x), local(p.y, key.y));
        let mut sum = [0.0; 3];
        for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            let weight = (1.0 - (u - u.floor() - dx).abs()) * (1.0 - (v - v.floor() - dy).abs());
            let at = |c: f64| c.clamp(0.0, f64::from(SIDE - 1)) as usize;
            let i = 4 * (at(v.floor() + dy) * SIDE as usize + at(u.floor() + dx));
            for (sum, byte) in sum.iter_mut().zip(&bytes[i..]) {
                *sum += weight * f64::from(*byte);
            }
        }
        sum
    }

    fn picture(&mut self, camera: Camera, size: [u32; 2]) -> Pixels {
        let viewport = size.map(f64::from);
        let (fine, weight) = level_for(&self.grid, camera.downsample());
        let mut pixels = Pixels::filled(size[0], size[1], [GROUND[0], GROUND[1], GROUND[2], 255]);
        for y in 0..size[1] {
            for x in 0..size[0] {
                let p = camera.to_slide(ScreenPx::new(f64::from(x) + 0.5, f64::from(y) + 0.5), viewport);
                if !self.grid.bounds().contains(p) {
                    continue;
                }
                let mut color = self.sample(fine, p);
                if weight < 1.0 {
                    let under = self.sample(fine + 1, p);
                    for c in 0..3 {
                        color[c] = color[c] * f64::from(weight) + under[c] * f64::from(1.0 - weight);
                    }
                }
                let i = 4 * (y * size[0] + x) as usize;
                for (to, value) in pixels.rgba[i..].iter_mut().zip(color) {
                    *to = value.round() as u8;
                }
            }
        }
        pixels
    }
}

/// Mean and largest difference of a channel.
fn difference(a: &Pixels, b: &Pixels) -> (f64, u8) {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let each = || a.rgba.iter().zip(&b.rgba).map(|(a, b)| a.abs_diff(*b));
    (each().map(f64::from).sum::<f64>() / a.rgba.len() as f64, each().max().unwrap_or(0))
}

#[test]
fn the_gpus_picture_is_the_cpus() {
    let Some(gpu) = gpu("the_gpus_picture_is_the_cpus") else { return };
    let source = Arc::new(Checker::new(9001, 6007));
    let mut twin = Twin { source: &*source, grid: Grid::new(source.facts()), tiles: HashMap::new() };
    let mut view = SlideView::new(&gpu, source.clone(), Options::default(), Box::new(|| {}));
    let inside = |x, y, zoom| Camera::new(SlidePx::new(x, y), zoom);
    let cameras = [
        ("level 0", inside(2304.0, 2048.0, 1.0)),
        ("between pixels, magnified", inside(1023.7, 1280.2, 3.3)),
        ("an averaged level", inside(4000.3, 3000.9, 0.5)),
        ("blended levels", inside(4000.3, 3000.9, 0.28)),
        ("a real level, upper-left edge", inside(50.0, 120.0, 0.25)),
        ("lower-right edge", inside(9000.0, 6000.0, 0.8)),
        ("right edge at a coarse level", inside(9000.0, 3000.0, 0.07)),
        ("turned", inside(3000.0, 3000.0, 0.7).turned(0.6)),
        ("turned, edge and blend", inside(100.0, 5900.0, 0.33).turned(2.5)),
        ("all", Camera::fit(source.facts().bounds(), [320.0, 200.0], 1.1)),
        ("far out", inside(4500.0, 3000.0, 0.004)),
        ("beside the slide", inside(-9000.0, 3000.0, 0.5)),
    ];
    for (name, camera) in cameras {
        let drawn =
            offscreen::render(&gpu, &mut view, camera, [320, 200], &Scene::default(), GROUND).unwrap();
        let (mean, most) = difference(&drawn, &twin.picture(camera, [320, 200]));
        eprintln!("{name}: mean {mean:.3}, most {most}");
        keep(&drawn, &format!("{name}.png").replace(' ', "-"));
        assert!(mean < 1.0, "{name}: mean {mean}, most {most}");
    }
}

#[test]
fn pieces_make_the_picture_that_one_draw_would() {
    let Some(gpu) = gpu("pieces_make_the_picture_that_one_draw_would") else { return };
    let source = Arc::new(Checker::new(3000, 3000));
    let mut view = SlideView::new(&gpu, source, Options::default(), Box::new(|| {}));
    let camera = Camera::new(SlidePx::new(1500.0, 1500.0), 0.8).turned(0.3);
    let size = [2100, 40];
    let whole = offscreen::render(&gpu, &mut view, camera, size, &Scene::default(), GROUND).unwrap();
    // The piece beyond 2048 pixels, on its own.
    let middle = camera.to_slide(ScreenPx::new(2074.0, 20.0), size.map(f64::from));
    let part = Camera { center: middle, ..camera };
    let alone = offscreen::render(&gpu, &mut view, part, [52, 40], &Scene::default(), GROUND).unwrap();
    let same = (0..40).all(|y| (0..52).all(|x| alone.at(x, y) == whole.at(2048 + x, y)));
    assert!(same && whole.at(2047, 20) != [0, 0, 0, 255]);
    for size in [[0, 5], [5, 16_385]] {
        assert!(offscreen::render(&gpu, &mut view, camera, size, &Scene::default(), GROUND).is_err());
    }
}

#[test]
fn a_windows_order_of_channels_gives_the_same_picture() {
    let Some(gpu) = gpu("a_windows_order_of_channels_gives_the_same_picture") else { return };
    let camera = Camera::new(SlidePx::new(1200.0, 1100.0), 0.9);
    let draw = |gpu: &Gpu| {
        let source = Arc::new(Checker::new(3000, 3000));
        let mut view = SlideView::new(gpu, source, Options::default(), Box::new(|| {}));
        offscreen::render(gpu, &mut view, camera, [333, 77], &marks(), GROUND).unwrap()
    };
    let window = Gpu { format: super::wgpu::TextureFormat::Bgra8Unorm, ..gpu.clone() };
    assert_eq!(draw(&gpu), draw(&window));
}

#[test]
fn a_scene_is_uploaded_once_and_follows_the_camera() {
    let Some(gpu) = gpu("a_scene_is_uploaded_once_and_follows_the_camera") else { return };
    let binding = super::pipeline::ViewBinding::new(&gpu);
    let mut pass = super::marker_pass::MarkerPass::new(&gpu, &binding);
    let scene = marks();
    assert!(pass.prepare(&gpu, &scene) && !pass.prepare(&gpu, &scene));
    assert!(pass.prepare(&gpu, &Scene { version: 2, ..scene }));
    // Far from the origin a mark still sits on its pixel: 32 bits alone would put it up to 4 pixels off here.
    let source = Arc::new(Checker::new(3000, 3000));
    let mut view = SlideView::new(&gpu, source, Options::default(), Box::new(|| {}));
    let far = SlidePx::new(30_000_001.3, 20_000_003.7);
    let mark = Mark {
        at: far,
        radius: 10.0,
        min_radius_px: 4.0,
        kind: MarkKind::Ring,
        color: [255, 255, 255, 255],
        selected: false,
    };
    let draw = |view: &mut SlideView, at: SlidePx, version| {
        let scene = Scene { marks: vec![Mark { at, ..mark }], version, ..Scene::default() };
        offscreen::render(&gpu, view, Camera::new(at, 2.0), [64, 64], &scene, GROUND).unwrap()
    };
    let near = SlidePx::new(-100.7, -200.3);
    let (a, b) = (draw(&mut view, far, 1), draw(&mut view, near, 2));
    assert!(difference(&a, &b).0 < 0.5, "{:?}", difference(&a, &b));
}

fn marks() -> Scene {
    let mut scene = Scene { version: 1, ..Scene::default() };
    let kinds = [MarkKind::Ring, MarkKind::GapRing, MarkKind::DashedRing, MarkKind::Square, MarkKind::Cross];
    for (column, kind) in kinds.into_iter().enumerate() {
        for (row, radius) in [5.0, 25.0, 25.0, 40.0].into_iter().enumerate() {
            scene.marks.push(Mark {
                at: SlidePx::new(1000.0 + 110.0 * column as f64, 1000.0 + 90.0 * row as f64),
                radius,
                min_radius_px: 4.0,
                kind,
                color: [[0xe5, 0x38, 0x3b, 255], [0x3a, 0x86, 0xff, 255]][column % 2],
                selected: row == 2,
            });
        }
    }
    scene.outline(&Rect::new(930.0, 930.0, 580.0, 420.0).corners(), 2.0, [0x2d, 0xc6, 0x53, 255], 0.0);
    let polygon = [(950.0, 1340.0), (1200.0, 1300.0), (1460.0, 1345.0), (1300.0, 1375.0), (1000.0, 1380.0)];
    scene.outline(&polygon.map(|(x, y)| SlidePx::new(x, y)), 2.0, [0xb0, 0x20, 0x30, 255], 8.0);
    scene.fills.push(Fill { rect: Rect::new(500.0, 500.0, 430.0, 3000.0), color: [0, 0, 0, 38] });
    scene.lines.push(Line {
        a: SlidePx::new(-1e6, -1e6),
        b: SlidePx::new(1e6, 1e6),
        width_px: 1.5,
        color: [255, 255, 255, 200],
        dash_px: 0.0,
    });
    scene
}

#[test]
fn marks_are_hollow_and_stay_where_they_are_on_the_slide() {
    let Some(gpu) = gpu("marks_are_hollow_and_stay_where_they_are_on_the_slide") else { return };
    let source = Arc::new(Checker::new(4000, 4000));
    let mut view = SlideView::new(&gpu, source, Options::default(), Box::new(|| {}));
    let scene = marks();
    let size = [700, 500];
    for (name, camera) in [
        ("marks", Camera::new(SlidePx::new(1220.0, 1150.0), 1.0)),
        ("marks-turned", Camera::new(SlidePx::new(1220.0, 1150.0), 0.8).turned(0.4)),
        ("marks-near", Camera::new(SlidePx::new(1110.0, 1090.0), 3.0)),
        ("marks-far", Camera::new(SlidePx::new(1220.0, 1150.0), 0.4)),
    ] {
        let plain = offscreen::render(&gpu, &mut view, camera, size, &Scene::default(), GROUND).unwrap();
        let drawn = offscreen::render(&gpu, &mut view, camera, size, &scene, GROUND).unwrap();
        keep(&drawn, &format!("{name}.png"));
        for mark in &scene.marks {
            let at = camera.to_screen(mark.at, size.map(f64::from));
            let radius = (mark.radius * camera.zoom).max(4.0);
            let pixel = |dx: f64, dy: f64| {
                let (x, y) = (at.x + dx, at.y + dy);
                (x > 0.0 && y > 0.0 && x < 700.0 && y < 500.0).then_some((x as u32, y as u32))
            };
            // The diagonal line runs through some middles; those two pixels from it tell nothing.
            if let Some((x, y)) =
                pixel(0.0, 0.0).filter(|_| (mark.at.x - mark.at.y).abs() * camera.zoom > 5.0)
            {
                assert_eq!(drawn.at(x, y), plain.at(x, y), "{name}: the middle of {mark:?} is covered");
            }
            if let Some((x, y)) = pixel(-radius, 0.0).filter(|_| mark.kind == MarkKind::Ring) {
                let [r, g, b, _] = drawn.at(x, y).map(i32::from);
                let [wr, wg, wb, _] = mark.color.map(i32::from);
                let off = (r - wr).abs() + (g - wg).abs() + (b - wb).abs();
                assert!(off < 150, "{name}: {mark:?} at {x},{y} is {r},{g},{b}");
            }
        }
    }
}
