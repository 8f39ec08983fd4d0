//! What one frame of the window costs its own thread, while the hand moves over a slide.

use super::Start;
use super::headless::Headless;
use super::settings::Store;
use crate::model::Camera;
use serde::Serialize;
use std::path::Path;
use std::time::{Duration, Instant};

/// Frames of the pan.
const FRAMES: u32 = 120;
/// Physical pixels that a frame of the pan moves.
const STEP: f64 = 12.0;
/// Time between two frames.
const FRAME: Duration = Duration::from_micros(16_667);

/// Figures of a pan at level 0, at 60 frames a second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pace {
    /// CPU time of the window's thread for a frame, in milliseconds; where the system does not tell, the time it took.
    pub cpu_ms: f64,
    /// The dearest frame.
    pub cpu_ms_max: f64,
    /// Uploaded to the graphics adapter, in KiB a frame.
    pub upload_kib: f64,
    /// Most that one frame uploaded, in KiB.
    pub upload_kib_max: f64,
    /// Frames that showed a part of the slide without any tile.
    pub blank: u32,
}

/// Opens the whole window on a slide without a screen, and pans.
///
/// # Errors
/// One sentence when the slide can't be opened or there is no graphics adapter.
pub fn measure(slide: &Path, size: [u32; 2]) -> Result<Pace, String> {
    let start = Start { slides: vec![slide.to_owned()], ..Start::default() };
    let mut desk = Headless::new(size, 1.0, Store::memory(), start).map_err(|e| e.to_string())?;
    desk.until(|w| w.opened().is_some() || w.failed(), "the slide was not opened")?;
    let Some(center) = desk.window.opened().map(|o| o.facts().bounds().center()) else {
        return Err(format!("{}: can't be opened; `mitoscope info` says why", slide.display()));
    };
    let mut camera = Camera::new(center, 1.0);
    desk.window.look(camera);
    desk.settle()?;
    let (mut cpu, mut most, mut bytes, mut most_bytes, mut blank) = (0.0, 0.0_f64, 0, 0, 0);
    for _ in 0..FRAMES {
        let begun = Instant::now();
        let before = thread_time();
        camera = camera.panned(-STEP, 0.0);
        desk.window.look(camera);
        desk.step();
        desk.paint().map_err(|e| e.to_string())?;
        let took =
            thread_time().zip(before).map_or_else(|| begun.elapsed(), |(now, then)| now.saturating_sub(then));
        let ms = took.as_secs_f64() * 1000.0;
        cpu += ms;
        most = most.max(ms);
        if let Some(report) = desk.window.opened().map(|o| o.report) {
            bytes += report.upload_bytes;
            most_bytes = most_bytes.max(report.upload_bytes);
            blank += u32::from(report.blank);
        }
        // The pace of a screen: what is loaded meanwhile arrives as it would there.
        std::thread::sleep(FRAME.saturating_sub(begun.elapsed()));
    }
    let kib = |bytes: u64| bytes as f64 / 1024.0;
    Ok(Pace {
        cpu_ms: cpu / f64::from(FRAMES),
        cpu_ms_max: most,
        upload_kib: kib(bytes) / f64::from(FRAMES),
        upload_kib_max: kib(most_bytes),
        blank,
    })
}

/// CPU time of this thread so far, where the system tells.
fn thread_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
