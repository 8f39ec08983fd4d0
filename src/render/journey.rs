//! Many views in a row over a slow reader: what a hand on the mouse does to the tile layer.

use super::gpu::Gpu;
use super::offscreen;
use super::scene::Scene;
use super::twin::{GROUND, gpu};
use super::view::{Frame, FrameReport, Options, SlideView};
use crate::model::{Camera, ScreenPx, SlidePx};
use crate::slide::SlideSource;
use crate::slide::testing::{Checker, Failing, Slowed};
use std::sync::Arc;
use std::time::Duration;

const SIZE: [u32; 2] = [320, 200];

fn look(gpu: &Gpu, view: &mut SlideView, camera: Camera, step: u64) -> FrameReport {
    let frame = Frame {
        camera,
        viewport: SIZE,
        scene: &Scene::default(),
        now: Duration::from_millis(16 * step),
        ahead: &[],
        ground: GROUND,
    };
    view.frame(gpu, &frame)
}

/// The same numbers on every run, 0 to 1.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A pan, a zoom about a place, a turn, or a jump; the slide fills the view.
fn next(camera: Camera, dice: &mut Dice, slide: [f64; 2]) -> Camera {
    let viewport = SIZE.map(f64::from);
    let mut next = match (dice.roll() * 20.0) as u32 {
        0 => Camera { center: SlidePx::new(dice.roll() * slide[0], dice.roll() * slide[1]), ..camera },
        1 => camera.turned(dice.roll()),
        2..=7 => {
            let at = ScreenPx::new(dice.roll() * viewport[0], dice.roll() * viewport[1]);
            camera.zoomed(2f64.powf(2.0 * dice.roll() - 1.0), at, viewport)
        }
        _ => camera.panned(120.0 * (dice.roll() - 0.5), 120.0 * (dice.roll() - 0.5)),
    };
    next.zoom = next.zoom.clamp(0.03, 4.0);
    let reach = 0.5 * viewport[0].hypot(viewport[1]) / next.zoom;
    next.center.x = next.center.x.clamp(reach, slide[0] - reach);
    next.center.y = next.center.y.clamp(reach, slide[1] - reach);
    next
}

#[test]
fn no_pixel_is_ever_blank_and_memory_stays_bounded() {
    let Some(gpu) = gpu("no_pixel_is_ever_blank_and_memory_stays_bounded") else { return };
    let slow = Arc::new(Slowed::new(Arc::new(Checker::new(40_000, 30_000)), Duration::from_millis(20)));
    let options = Options {
        cpu_bytes: 40 << 20,
        gpu_bytes: 24 << 20,
        upload_per_frame: 2 << 20,
        threads: 4,
        ..Options::default()
    };
    let mut view = SlideView::new(&gpu, slow.clone(), options, Box::new(|| {}));
    let slide = [40_000.0, 30_000.0];
    let mut camera = Camera::fit(view.facts().bounds(), SIZE.map(f64::from), 0.4);
    let mut report = look(&gpu, &mut view, camera, 0);
    assert!(report.blank && report.tiles == 0, "nothing can be there yet");
    while report.blank {
        assert!(view.wait(Duration::from_secs(60)), "the base does not come");
        report = look(&gpu, &mut view, camera, 0);
    }
    let (mut dice, mut coarser, mut most_tiles) = (Dice(0x2545_f491_4f6c_dd1d), 0.0, 0);
    for step in 1..=500u64 {
        camera = next(camera, &mut dice, slide);
        // One tile at least arrives between two frames: what follows does not depend on the machine's speed.
        assert!(!view.waiting() || view.wait(Duration::from_secs(60)), "no tile comes");
        let report = look(&gpu, &mut view, camera, step);
        gpu.queue.submit([]);
        assert!(!report.blank, "blank at step {step}, {camera:?}");
        assert!(report.upload_bytes <= options.upload_per_frame as u64);
        let (cpu, on_gpu) = view.resident();
        assert!(cpu <= options.cpu_bytes && on_gpu <= options.gpu_bytes, "{cpu} and {on_gpu} bytes");
        coarser += f64::from(report.coarser);
        most_tiles = most_tiles.max(report.tiles);
        if step % 5 == 0 {
            let picture = offscreen::draw_once(&gpu, &view, SIZE).unwrap();
            let blank = picture.rgba.chunks_exact(4).filter(|p| p[..3] == GROUND).count();
            assert_eq!(blank, 0, "ground shows at step {step}, {camera:?}");
        }
    }
    let mut frames = 0;
    while !look(&gpu, &mut view, camera, 600 + frames).sharp {
        gpu.queue.submit([]);
        assert!(!view.waiting() || view.wait(Duration::from_secs(60)), "no tile comes");
        frames += 1;
        // A frame for each tile that was missing, and those of the fade.
        assert!(frames < 60, "not sharp after {frames} frames");
    }
    let share = coarser / 500.0;
    eprintln!(
        "500 views: {:.1} % of the pixels from coarser tiles, {most_tiles} tiles at most, sharp after {frames} frames at rest, {} regions read",
        100.0 * share,
        slow.calls()
    );
    assert!(share < 0.9, "{share}");
    // Five levels of at most four tiles each beside the view's own.
    assert!(most_tiles < 60, "{most_tiles}");
}

#[test]
fn coming_views_are_decoded_once_this_one_is_sharp() {
    let Some(gpu) = gpu("coming_views_are_decoded_once_this_one_is_sharp") else { return };
    let slow = Arc::new(Slowed::new(Arc::new(Checker::new(20_000, 20_000)), Duration::ZERO));
    let options = Options { fade: Duration::ZERO, ..Options::default() };
    let mut view = SlideView::new(&gpu, slow.clone(), options, Box::new(|| {}));
    let here = Camera::new(SlidePx::new(5000.0, 5000.0), 1.0);
    let there = Camera::new(SlidePx::new(15_000.0, 12_000.0), 1.0);
    let scene = Scene::default();
    let frame = |camera, ahead| Frame {
        camera,
        viewport: SIZE,
        scene: &scene,
        now: Duration::ZERO,
        ahead,
        ground: GROUND,
    };
    let coming = [there];
    while view.frame(&gpu, &frame(here, &coming)).missing > 0 {
        view.wait(Duration::from_secs(60));
    }
    // All that is wished now is ahead of this view.
    while view.waiting() {
        assert!(view.wait(Duration::from_secs(60)));
    }
    let report = view.frame(&gpu, &frame(there, &[]));
    assert!(report.sharp, "{report:?}");
    while view.waiting() {
        assert!(view.wait(Duration::from_secs(60)));
    }
    let calls = slow.calls();
    offscreen::render(&gpu, &mut view, there, SIZE, &scene, GROUND).unwrap();
    assert_eq!(slow.calls(), calls, "nothing is read twice");
}

#[test]
fn a_tile_that_cannot_be_read_is_striped_and_the_rest_is_whole() {
    let Some(gpu) = gpu("a_tile_that_cannot_be_read_is_striped_and_the_rest_is_whole") else { return };
    let checker = Arc::new(Checker::new(4000, 4000));
    let bad = crate::model::Rect::new(2100.0, 2100.0, 50.0, 50.0);
    let failing = Arc::new(Failing::new(checker.clone(), bad));
    let mut views = [checker as Arc<dyn SlideSource>, failing]
        .map(|source| SlideView::new(&gpu, source, Options::default(), Box::new(|| {})));
    let mut draw = |x: f64| {
        let camera = Camera::new(SlidePx::new(x, 2176.0), 1.0);
        let [whole, broken] = &mut views;
        let scene = Scene::default();
        let whole = offscreen::render(&gpu, whole, camera, [200, 200], &scene, GROUND).unwrap();
        (whole, offscreen::render(&gpu, broken, camera, [200, 200], &scene, GROUND).unwrap())
    };
    let (whole, broken) = draw(2176.0);
    assert!(whole != broken && broken.rgba.chunks_exact(4).all(|p| p[0] == p[1] && p[1] == p[2]));
    let (whole, broken) = draw(3000.0);
    assert_eq!(whole, broken);
}

#[cfg(target_os = "linux")]
#[test]
fn threads_end_with_the_view() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let Some(gpu) = gpu("threads_end_with_the_view") else { return };
    // Other tests have threads of the same names: those of this view are told by what they hold.
    let woken = Arc::new(AtomicUsize::new(0));
    let (inner, counter) = (Arc::clone(&woken), Arc::clone(&woken));
    let wake = move || {
        inner.fetch_add(1, Ordering::Relaxed);
    };
    let slow = Arc::new(Slowed::new(Arc::new(Checker::new(40_000, 30_000)), Duration::from_millis(5)));
    let mut view =
        SlideView::new(&gpu, slow.clone(), Options { threads: 3, ..Options::default() }, Box::new(wake));
    let camera = Camera::new(SlidePx::new(15_000.0, 15_000.0), 0.5);
    look(&gpu, &mut view, camera, 0);
    assert!(view.wait(Duration::from_secs(60)));
    let named = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let name = |t: std::fs::DirEntry| std::fs::read_to_string(t.path().join("comm")).unwrap_or_default();
        tasks.flatten().filter(|t| t.path().exists()).map(name).filter(|n| n.starts_with("tiles-")).count()
    };
    assert!(named() >= 3, "{}", named());
    drop(view);
    assert_eq!(Arc::strong_count(&counter), 2, "a thread still holds the wake");
    assert_eq!(Arc::strong_count(&slow), 1, "a thread still holds the slide");
}
