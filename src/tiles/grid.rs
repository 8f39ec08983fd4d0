//! The pyramid as tiles of one size: the slide's own levels, and averaged ones between and above them.

use crate::model::{Rect, SlidePx};
use crate::slide::Facts;

/// Pixels of a tile's side that are its own.
pub const CONTENT: u32 = 256;
/// Pixels beside them on every side that repeat the neighbours', so that bilinear sampling shows no seam.
pub const GUTTER: u32 = 1;
/// Side of a tile as a texture.
pub const SIDE: u32 = CONTENT + 2 * GUTTER;
/// Bytes of a tile.
pub const BYTES: usize = 4 * SIDE as usize * SIDE as usize;

/// One tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileKey {
    /// Level of the [`Grid`], 0 the finest.
    pub level: u8,
    /// Column from 0.
    pub x: u32,
    /// Row from 0.
    pub y: u32,
}

/// One level of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GridLevel {
    /// The slide's level it is read from.
    pub source: usize,
    /// Pixels of the source level, along one axis, that make one pixel here.
    pub factor: u32,
    /// Size of the source level in its pixels.
    pub source_size: [u32; 2],
    /// Level-0 pixels per pixel of the source level.
    pub source_downsample: f64,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Level-0 pixels per pixel.
    pub downsample: f64,
}

impl GridLevel {
    /// Number of columns.
    pub fn columns(&self) -> u32 {
        self.width.div_ceil(CONTENT)
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        self.height.div_ceil(CONTENT)
    }

    /// Level-0 pixels of a tile's side.
    pub fn step(&self) -> f64 {
        f64::from(CONTENT) * self.downsample
    }
}

/// All levels, the finest first. The last one is a single tile: the base.
#[derive(Debug, Clone)]
pub struct Grid {
    /// The levels; never empty.
    pub levels: Vec<GridLevel>,
    /// Size of the slide in level-0 pixels.
    pub size: [f64; 2],
}

impl Grid {
    /// The grid of a slide. Levels that make no sense (no pixels, no coarser than the one before) are left out.
    pub fn new(facts: &Facts) -> Self {
        let (width, height) = (facts.width.max(1), facts.height.max(1));
        let mut real: Vec<(usize, [u32; 2], f64)> = Vec::new();
        for (i, level) in facts.levels.iter().enumerate() {
            let coarser = real.last().is_none_or(|last| level.downsample > 1.05 * last.2);
            if level.width > 0 && level.height > 0 && level.downsample.is_finite() && coarser {
                let downsample = if i == 0 { 1.0 } else { level.downsample };
                real.push((i, [level.width, level.height], downsample));
            }
        }
        if real.is_empty() {
            real.push((0, [width, height], 1.0));
        }
        let mut levels = Vec::new();
        for (n, &(source, size, downsample)) in real.iter().enumerate() {
            let next = real.get(n + 1).map(|l| l.2 / downsample);
            let mut factor = 1u32;
            loop {
                let level = GridLevel {
                    source,
                    factor,
                    source_size: size,
                    source_downsample: downsample,
                    width: size[0].div_ceil(factor),
                    height: size[1].div_ceil(factor),
                    downsample: downsample * f64::from(factor),
                };
                levels.push(level);
                if level.width.max(level.height) <= CONTENT {
                    return Self { levels, size: [f64::from(width), f64::from(height)] };
                }
                factor *= 2;
                if next.is_some_and(|ratio| f64::from(factor) * 1.5 > ratio) {
                    break;
                }
            }
        }
        Self { levels, size: [f64::from(width), f64::from(height)] }
    }

    /// The level of one tile.
    pub fn base(&self) -> usize {
        self.levels.len() - 1
    }

    /// The one tile that shows the whole slide.
    pub fn base_tile(&self) -> TileKey {
        TileKey { level: self.base() as u8, x: 0, y: 0 }
    }

    /// The slide in level-0 pixels.
    pub fn bounds(&self) -> Rect {
        Rect::new(0.0, 0.0, self.size[0], self.size[1])
    }

    /// What a tile shows, in level-0 pixels. Tiles of a level cover the slide exactly and don't overlap: those at
    /// the right and lower edge end where the slide does.
    pub fn rect(&self, key: TileKey) -> Rect {
        let level = &self.levels[usize::from(key.level)];
        let side = |at: u32, count: u32, end: f64| {
            let from = (f64::from(at) * level.step()).min(end);
            let to = if at + 1 >= count { end } else { (f64::from(at + 1) * level.step()).min(end) };
            (from, to)
        };
        let (left, right) = side(key.x, level.columns(), self.size[0]);
        let (top, bottom) = side(key.y, level.rows(), self.size[1]);
        Rect::from_corners(SlidePx::new(left, top), SlidePx::new(right, bottom))
    }

    /// Columns and rows, ends not included, of the tiles of `level` that share an area with `rect`.
    pub fn span(&self, level: usize, rect: &Rect) -> Option<[std::ops::Range<u32>; 2]> {
        let shared = rect.intersection(&self.bounds())?;
        let grid = &self.levels[level];
        let side = |from: f64, to: f64, count: u32| {
            let last = f64::from(count - 1);
            let first = (from / grid.step()).floor().clamp(0.0, last) as u32;
            let end = (to / grid.step()).ceil().clamp(1.0, last + 1.0) as u32;
            first..end.max(first + 1)
        };
        Some([side(shared.x, shared.right(), grid.columns()), side(shared.y, shared.bottom(), grid.rows())])
    }

    /// The tiles of `level` that share an area with `rect`.
    pub fn tiles(&self, level: usize, rect: &Rect) -> impl Iterator<Item = TileKey> + use<> {
        let [columns, rows] = self.span(level, rect).unwrap_or([0..0, 0..0]);
        rows.flat_map(move |y| columns.clone().map(move |x| TileKey { level: level as u8, x, y }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slide::SlideSource as _;
    use crate::slide::testing::Checker;

    #[test]
    fn levels_double_down_to_one_tile() {
        let grid = Grid::new(Checker::new(46_000, 32_914).facts());
        let base = grid.levels[grid.base()];
        assert!(base.width <= CONTENT && base.height <= CONTENT);
        for pair in grid.levels.windows(2) {
            let ratio = pair[1].downsample / pair[0].downsample;
            assert!((1.3..3.01).contains(&ratio), "{ratio}");
        }
    }

    #[test]
    fn nonsense_levels_are_left_out() {
        let mut facts = Checker::new(5000, 300).facts().clone();
        let mut odd = facts.levels[0].clone();
        odd.width = 0;
        facts.levels = vec![facts.levels[0].clone(), odd.clone(), facts.levels[0].clone()];
        facts.levels[2].downsample = f64::NAN;
        assert!(Grid::new(&facts).levels.iter().all(|l| l.source == 0));
        facts.levels.clear();
        assert_eq!(Grid::new(&facts).levels[0].width, 5000);
    }
}
