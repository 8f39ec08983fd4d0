//! A few open slides: the one on the screen, and those of the items that come next, decoded beforehand.

use crate::app::opened;
use crate::model::{Item, Resolution};
use crate::render::gpu::Gpu;
use crate::render::view::{FrameReport, Options, SlideView};
use crate::slide::SlideSource;
use crate::tiles::grid;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// Slides that are open at most.
pub const OPEN: usize = 4;
/// Items whose views are decoded beforehand.
pub const AHEAD: u32 = 4;
/// Decoded tiles of one slide, in bytes.
const CPU_BYTES: usize = 128 << 20;
/// Tiles of one slide on the graphics card, in bytes, unless the window needs more.
const GPU_BYTES: usize = 64 << 20;

/// A slide that is open.
pub struct Shown {
    source: Arc<dyn SlideSource>,
    view: Arc<Mutex<SlideView>>,
    /// What its last frame did.
    pub report: FrameReport,
    used: u64,
}

impl Shown {
    /// Its resolution.
    pub fn resolution(&self) -> Option<Resolution> {
        self.source.facts().resolution
    }

    /// The whole slide.
    pub fn bounds(&self) -> crate::model::Rect {
        self.source.facts().bounds()
    }

    /// The view, for this thread alone.
    pub fn view(&self) -> MutexGuard<'_, SlideView> {
        opened::lock(&self.view)
    }

    /// The view, for the paint callback.
    pub fn shared_view(&self) -> Arc<Mutex<SlideView>> {
        Arc::clone(&self.view)
    }
}

/// A slide that is not open.
enum State {
    Asked,
    Missing(String),
}

/// The open slides.
#[derive(Default)]
pub struct Pool {
    open: HashMap<u32, Shown>,
    closed: HashMap<u32, State>,
    clock: u64,
}

impl Pool {
    /// An open slide.
    pub fn get(&mut self, slide: u32) -> Option<&mut Shown> {
        self.clock += 1;
        let shown = self.open.get_mut(&slide)?;
        shown.used = self.clock;
        Some(shown)
    }

    /// Is it to be opened? It is asked for once.
    pub fn ask(&mut self, slide: u32) -> bool {
        if self.open.contains_key(&slide) || self.closed.contains_key(&slide) {
            return false;
        }
        self.closed.insert(slide, State::Asked);
        true
    }

    /// Why a slide can't be shown.
    pub fn missing(&self, slide: u32) -> Option<&str> {
        match self.closed.get(&slide) {
            Some(State::Missing(why)) => Some(why),
            _ => None,
        }
    }

    /// Is a slide being opened?
    pub fn waits(&self) -> bool {
        self.closed.values().any(|s| matches!(s, State::Asked))
    }

    /// What was missing may be asked for anew.
    pub fn look_again(&mut self) {
        self.closed.retain(|_, s| matches!(s, State::Asked));
    }

    /// A slide can't be opened.
    pub fn failed(&mut self, slide: u32, why: String) {
        self.closed.insert(slide, State::Missing(why));
    }

    /// A slide is open; gives back the one that makes room, to be taken apart elsewhere.
    pub fn opened(&mut self, slide: u32, source: Arc<dyn SlideSource>, view: SlideView) -> Option<Shown> {
        self.closed.remove(&slide);
        self.clock += 1;
        let shown = Shown {
            source,
            view: Arc::new(Mutex::new(view)),
            report: FrameReport::default(),
            used: self.clock,
        };
        let before = self.open.insert(slide, shown);
        if before.is_some() || self.open.len() <= OPEN {
            return before;
        }
        let oldest = self.open.iter().min_by_key(|(_, s)| s.used).map(|(n, _)| *n);
        oldest.and_then(|n| self.open.remove(&n))
    }
}

/// Bounds of a view whose window has `viewport` physical pixels. All tiles of a view may be uploaded at once: they are
/// decoded already when its item comes.
pub fn options(viewport: [f64; 2], base: Options) -> Options {
    let tiles = viewport.iter().map(|side| (side / f64::from(grid::CONTENT)).ceil() + 2.0).product::<f64>();
    // Half of the places are for the view's own level, and a level may be shown at up to twice its scale.
    let needed = (4.0 * tiles) as usize * grid::BYTES;
    let gpu_bytes = GPU_BYTES.max(needed.min(8 * GPU_BYTES));
    Options {
        cpu_bytes: CPU_BYTES.max(gpu_bytes),
        gpu_bytes,
        upload_per_frame: gpu_bytes,
        threads: base.threads.clamp(1, 4),
        ..base
    }
}

/// A view for the pool.
pub fn view(
    gpu: &Gpu,
    source: &Arc<dyn SlideSource>,
    options: Options,
    wake: Box<dyn Fn() + Send + Sync>,
) -> SlideView {
    SlideView::new(gpu, Arc::clone(source), options, wake)
}

/// Items that come, by their slides: those of the present slide first, then the next slides in their order, so many
/// that all fit into the pool.
pub fn by_slide<'a>(present: u32, coming: impl Iterator<Item = &'a Item>) -> Vec<(u32, Vec<&'a Item>)> {
    let mut out: Vec<(u32, Vec<&Item>)> = vec![(present, Vec::new())];
    for item in coming {
        match out.iter().position(|(slide, _)| *slide == item.slide) {
            Some(at) => out[at].1.push(item),
            None if out.len() < OPEN => out.push((item.slide, vec![item])),
            None => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SlidePx;

    #[test]
    fn what_comes_is_gathered_by_slides_as_far_as_the_pool_reaches() {
        let item = |number, slide| Item {
            number,
            guid: String::new(),
            slide,
            at: SlidePx::default(),
            turn: 0,
            shown: Vec::new(),
        };
        let items: Vec<Item> =
            [(2, 1), (3, 5), (4, 1), (5, 2), (6, 5), (7, 9), (8, 4), (9, 1)].map(|(n, s)| item(n, s)).into();
        let got: Vec<(u32, Vec<u32>)> = by_slide(1, items.iter())
            .into_iter()
            .map(|(s, items)| (s, items.iter().map(|i| i.number).collect()))
            .collect();
        assert_eq!(got, [(1, vec![2, 4]), (5, vec![3, 6]), (2, vec![5]), (9, vec![7])]);
    }

    #[test]
    fn a_large_window_gets_room_for_its_tiles() {
        let small = options([1280.0, 800.0], Options::default());
        let large = options([3840.0, 2160.0], Options::default());
        assert!((64 << 20..=80 << 20).contains(&small.gpu_bytes), "{}", small.gpu_bytes);
        assert!(large.gpu_bytes / grid::BYTES / 2 >= 16 * 10, "{}", large.gpu_bytes);
        assert_eq!(large.upload_per_frame, large.gpu_bytes);
    }
}
