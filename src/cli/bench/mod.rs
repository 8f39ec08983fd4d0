//! `bench`: speed on a slide, each figure beside a plain loop over the same pixels in the same run.

#[cfg(feature = "gui")]
mod ballots;

use super::Failure;
use clap::Args;
use std::path::PathBuf;

/// How fast a slide is drawn here, as ratios within one run.
///
/// The plain loop reads the same field tile by tile with one thread, as a program without a tile layer does.
#[derive(Args)]
#[command(after_help = "Example: mitoscope bench case-07.svs --json")]
pub(super) struct BenchArgs {
    /// The slide.
    slide: PathBuf,
    /// Width and height of the view in pixels.
    #[arg(long, value_name = "WxH", default_value = "1920x1080", value_parser = super::output::size)]
    size: [u32; 2],
    /// Places to jump to.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=1000))]
    jumps: u32,
    /// One JSON value on standard output.
    #[arg(long)]
    json: bool,
}

#[cfg(not(feature = "gui"))]
pub(super) fn run(_: &BenchArgs, _: &dyn super::Window) -> Result<(), Failure> {
    Err(Failure::Failed("this build draws no pictures; build it with the feature gui".into()))
}

#[cfg(feature = "gui")]
pub(super) use measured::run;

#[cfg(feature = "gui")]
mod measured {
    use super::{BenchArgs, Failure};
    use crate::cli::{Window, output};
    use crate::model::{Camera, SlidePx};
    use crate::render::gpu::Gpu;
    use crate::render::scene::Scene;
    use crate::render::view::{Frame, FrameReport, Options, SlideView};
    use crate::slide::{self, SlideSource};
    use serde::Serialize;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    /// Side of the tiles of the plain loop.
    const TILE: u32 = 256;
    /// A view that is not sharp after this is given up.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// What was measured. Times are milliseconds; the median over the jumps where there are several.
    #[derive(Serialize)]
    struct Figures {
        slide: String,
        reader: slide::Reader,
        adapter: String,
        view: [u32; 2],
        threads: usize,
        first_picture_ms: f64,
        jump_coarse_ms: f64,
        jump_sharp_ms: f64,
        plain_loop_ms: f64,
        jump_to_plain_loop: f64,
        tiles_per_second: f64,
        plain_tiles_per_second: f64,
        /// The whole window while it pans, from [`Window::pace`].
        window: serde_json::Value,
        decoded_mib: f64,
        gpu_mib: f64,
        peak_memory_mib: Option<f64>,
        label_ms: f64,
        ballot_ms: f64,
        ballot_to_label: f64,
    }

    struct Bench {
        gpu: Gpu,
        size: [u32; 2],
        scene: Scene,
    }

    struct Running {
        view: SlideView,
        arrived: crossbeam_channel::Receiver<()>,
        begun: Instant,
    }

    impl Bench {
        fn open(&self, source: Arc<dyn SlideSource>) -> Running {
            let (send, arrived) = crossbeam_channel::bounded(1);
            let options = Options { fade: Duration::ZERO, ..Options::default() };
            let wake = Box::new(move || {
                // Full means that a wake-up is waiting already.
                let _ = send.try_send(());
            });
            Running { view: SlideView::new(&self.gpu, source, options, wake), arrived, begun: Instant::now() }
        }

        fn frame(&self, running: &mut Running, camera: Camera) -> FrameReport {
            running.view.frame(
                &self.gpu,
                &Frame {
                    camera,
                    viewport: self.size,
                    scene: &self.scene,
                    now: running.begun.elapsed(),
                    ahead: &[],
                    ground: [32, 32, 32],
                },
            )
        }

        /// Frames until `done`; the last report, and how long it took.
        fn until(
            &self,
            running: &mut Running,
            camera: Camera,
            done: impl Fn(&FrameReport) -> bool,
        ) -> Result<(FrameReport, Duration, u32), Failure> {
            let begun = Instant::now();
            let mut uploads = 0;
            loop {
                let report = self.frame(running, camera);
                uploads += report.uploads;
                if done(&report) {
                    return Ok((report, begun.elapsed(), uploads));
                }
                if begun.elapsed() > PATIENCE {
                    return Err(Failure::Failed("the view did not become sharp within a minute".into()));
                }
                if !report.repaint {
                    // Woken by a tile; the bound only guards against a lost wake-up.
                    let _ = running.arrived.recv_timeout(Duration::from_millis(100));
                }
            }
        }
    }

    fn ms(d: Duration) -> f64 {
        d.as_secs_f64() * 1000.0
    }

    pub(super) fn median(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    }

    /// Places inside the slide, spread evenly and the same in each run (the golden ratio's multiples).
    fn places(source: &dyn SlideSource, n: u32) -> Vec<SlidePx> {
        let bounds = source.facts().bounds();
        (1..=n)
            .map(|i| {
                let fraction = |step: f64| 0.1 + 0.8 * (f64::from(i) * step).fract();
                SlidePx::new(bounds.w * fraction(0.618_034), bounds.h * fraction(0.754_878))
            })
            .collect()
    }

    /// The field around `center` at level 0, tile after tile: tiles read and the time for them.
    fn plain_loop(
        source: &dyn SlideSource,
        center: SlidePx,
        size: [u32; 2],
    ) -> Result<(u32, Duration), Failure> {
        let begun = Instant::now();
        let first = |c: f64, side: u32| ((c - f64::from(side) / 2.0) / f64::from(TILE)).floor() as i64;
        let last = |c: f64, side: u32| ((c + f64::from(side) / 2.0) / f64::from(TILE)).floor() as i64;
        let mut tiles = 0;
        for row in first(center.y, size[1])..=last(center.y, size[1]) {
            for column in first(center.x, size[0])..=last(center.x, size[0]) {
                let (x, y) = (column * i64::from(TILE), row * i64::from(TILE));
                source.region(x, y, 0, TILE, TILE)?;
                tiles += 1;
            }
        }
        Ok((tiles, begun.elapsed()))
    }

    /// The largest resident size of this process so far, where the system tells.
    fn peak_memory_mib() -> Option<f64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
    }

    fn measure(path: &Path, size: [u32; 2], jumps: u32) -> Result<Figures, Failure> {
        let bench = Bench { gpu: Gpu::headless()?, size, scene: Scene::default() };
        let viewport = [f64::from(size[0]), f64::from(size[1])];

        let begun = Instant::now();
        let source = slide::open(path)?;
        let fit = Camera::fit(source.facts().bounds(), viewport, 1.05);
        let mut running = bench.open(source.clone());
        bench.until(&mut running, fit, |r| !r.blank && r.tiles > 0)?;
        let first_picture_ms = ms(begun.elapsed());

        let (mut coarse, mut sharp, mut plain) = (Vec::new(), Vec::new(), Vec::new());
        let (mut tiles, mut plain_tiles) = (0, 0);
        for place in places(&*source, jumps) {
            let camera = Camera::new(place, 1.0);
            coarse.push(ms(bench.until(&mut running, camera, |r| !r.blank)?.1));
            let (_, took, uploads) = bench.until(&mut running, camera, |r| r.sharp)?;
            sharp.push(ms(took) + coarse.last().copied().unwrap_or_default());
            tiles += uploads;
            // A fresh reader, so that the loop finds nothing in a cache.
            let (n, took) = plain_loop(&*slide::open(path)?, place, size)?;
            plain.push(ms(took));
            plain_tiles += n;
        }

        let (label_ms, ballot_ms) = super::ballots::measure()?;
        let (decoded, on_gpu) = running.view.resident();
        let total = |v: &[f64]| v.iter().sum::<f64>() / 1000.0;
        Ok(Figures {
            slide: path.display().to_string(),
            reader: source.facts().reader,
            adapter: bench.gpu.adapter.clone(),
            view: size,
            threads: Options::default().threads,
            first_picture_ms,
            tiles_per_second: f64::from(tiles) / total(&sharp),
            plain_tiles_per_second: f64::from(plain_tiles) / total(&plain),
            jump_coarse_ms: median(coarse),
            jump_to_plain_loop: median(sharp.clone()) / median(plain.clone()),
            jump_sharp_ms: median(sharp),
            plain_loop_ms: median(plain),
            window: serde_json::Value::Null,
            decoded_mib: decoded as f64 / f64::from(1 << 20),
            gpu_mib: on_gpu as f64 / f64::from(1 << 20),
            peak_memory_mib: peak_memory_mib(),
            label_ms,
            ballot_ms,
            ballot_to_label: ballot_ms / label_ms,
        })
    }

    pub(in crate::cli) fn run(args: &BenchArgs, window: &dyn Window) -> Result<(), Failure> {
        let mut figures = measure(&args.slide, args.size, args.jumps)?;
        figures.window = window.pace(&args.slide, args.size).map_err(Failure::Failed)?;
        if args.json {
            return output::json(&figures);
        }
        let f = &figures;
        output::line(&format!(
            "{} by {:?} on {}, view {}x{}, {} threads",
            f.slide, f.reader, f.adapter, f.view[0], f.view[1], f.threads
        ))?;
        output::line(&format!("first picture            {:8.1} ms after opening", f.first_picture_ms))?;
        output::line(&format!("jump, coarse             {:8.1} ms", f.jump_coarse_ms))?;
        output::line(&format!(
            "jump, sharp              {:8.1} ms = {:.2} x the plain loop of {:.1} ms",
            f.jump_sharp_ms, f.jump_to_plain_loop, f.plain_loop_ms
        ))?;
        output::line(&format!(
            "tiles                    {:8.0} /s against {:.0} /s of the plain loop",
            f.tiles_per_second, f.plain_tiles_per_second
        ))?;
        let of = |key: &str| f.window[key].as_f64().unwrap_or_default();
        output::line(&format!(
            "panning, window's thread {:8.2} ms CPU a frame (at most {:.2}), {:.0} KiB uploaded (at most {:.0}), {} blank frames of 120",
            of("cpu_ms"),
            of("cpu_ms_max"),
            of("upload_kib"),
            of("upload_kib_max"),
            of("blank")
        ))?;
        let peak = f.peak_memory_mib.map_or_else(|| "unknown".into(), |m| format!("{m:.0} MiB"));
        output::line(&format!(
            "memory                   {:8.0} MiB decoded, {:.0} MiB on the GPU, peak {peak}",
            f.decoded_mib, f.gpu_mib
        ))?;
        output::line(&format!(
            "a ballot on disk         {:8.2} ms = {:.2} x a label's {:.2} ms, in a task of 12,000 cells",
            f.ballot_ms, f.ballot_to_label, f.label_ms
        ))
    }
}
