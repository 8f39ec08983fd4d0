//! One tile from a source: regions, averaged, with its gutter.

use super::grid::{BYTES, CONTENT, GUTTER, GridLevel, SIDE, TileKey};
use crate::slide::{SlideError, SlideSource};
use std::sync::Arc;

/// Source pixels along a side of one read; bounds memory at 16 MiB a thread whatever the averaging factor.
const BLOCK: u32 = 2048;

/// A decoded tile: [`SIDE`] x [`SIDE`] pixels of red, green, blue, 255.
pub type TileBytes = Arc<[u8]>;

/// Where one axis of a tile lies in its source level.
#[derive(Clone, Copy)]
struct Axis {
    /// First grid pixel that is read, the gutter included.
    first: u32,
    /// Texture column that this pixel goes to.
    into: u32,
    /// Number of grid pixels that are read.
    count: u32,
    /// Source pixels of the level along this axis.
    end: u32,
}

impl Axis {
    fn new(tile: u32, grid_end: u32, source_end: u32) -> Self {
        let start = u64::from(tile) * u64::from(CONTENT);
        let first = start.saturating_sub(u64::from(GUTTER));
        let last = (start + u64::from(CONTENT + GUTTER)).min(u64::from(grid_end));
        Self {
            first: first as u32,
            into: (first + u64::from(GUTTER) - start) as u32,
            count: last.saturating_sub(first) as u32,
            end: source_end,
        }
    }

    /// First source pixel, and the one behind the last.
    fn source(&self, factor: u32) -> (u32, u32) {
        let at = |v: u64| (v * u64::from(factor)).min(u64::from(self.end)) as u32;
        (at(u64::from(self.first)), at(u64::from(self.first) + u64::from(self.count)))
    }
}

/// Reads a tile. `None` when `stop` said so before it was done.
///
/// # Errors
/// Those of the source.
pub fn read(
    source: &dyn SlideSource,
    level: &GridLevel,
    key: TileKey,
    stop: &dyn Fn() -> bool,
) -> Result<Option<TileBytes>, SlideError> {
    let across = Axis::new(key.x, level.width, level.source_size[0]);
    let down = Axis::new(key.y, level.height, level.source_size[1]);
    let (factor, ground) = (level.factor.max(1), source.facts().background);
    let (left, right) = across.source(factor);
    let (top, bottom) = down.source(factor);
    let mut sums = vec![[0u64; 4]; across.count as usize * down.count as usize];
    let mut y = top;
    while y < bottom {
        let h = (bottom - y).min(BLOCK);
        let mut x = left;
        while x < right {
            if stop() {
                return Ok(None);
            }
            let w = (right - x).min(BLOCK);
            // Level-0 positions are whole numbers, so the picture may shift by less than half a level-0 pixel.
            let at = |v: u32| (f64::from(v) * level.source_downsample).round() as i64;
            let mut part = source.region(at(x), at(y), level.source, w, h)?;
            part.flatten(ground);
            for (row, pixels) in part.rgba.chunks_exact(4 * w as usize).enumerate() {
                let cell_row = ((y - top + row as u32) / factor) as usize * across.count as usize;
                for (column, pixel) in pixels.chunks_exact(4).enumerate() {
                    let cell = &mut sums[cell_row + ((x - left + column as u32) / factor) as usize];
                    for (sum, &value) in cell.iter_mut().zip(&pixel[..3]) {
                        *sum += u64::from(value);
                    }
                    cell[3] += 1;
                }
            }
            x += w;
        }
        y += h;
    }
    Ok(Some(spread(&sums, across, down, ground)))
}

/// Averages into a texture; what lies beyond the pixels that were read repeats the nearest of them.
fn spread(sums: &[[u64; 4]], across: Axis, down: Axis, ground: [u8; 3]) -> TileBytes {
    let mut bytes = Vec::with_capacity(BYTES);
    for y in 0..SIDE {
        let row = y.saturating_sub(down.into).min(down.count.saturating_sub(1));
        for x in 0..SIDE {
            let column = x.saturating_sub(across.into).min(across.count.saturating_sub(1));
            match sums.get(row as usize * across.count as usize + column as usize) {
                Some([r, g, b, n]) if *n > 0 => {
                    let mean = |sum: &u64| ((sum + n / 2) / n) as u8;
                    bytes.extend([mean(r), mean(g), mean(b), 255]);
                }
                _ => bytes.extend([ground[0], ground[1], ground[2], 255]),
            }
        }
    }
    bytes.into()
}

/// What stands for a tile that can't be read: grey stripes, unlike any tissue.
pub fn broken() -> TileBytes {
    let mut bytes = Vec::with_capacity(BYTES);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let v = if (x + y) % 32 < 4 { 120 } else { 205 };
            bytes.extend([v, v, v, 255]);
        }
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::super::grid::Grid;
    use super::*;
    use crate::slide::testing::Checker;

    fn texel(tile: &[u8], x: u32, y: u32) -> [u8; 3] {
        let i = 4 * (y * SIDE + x) as usize;
        [tile[i], tile[i + 1], tile[i + 2]]
    }

    #[test]
    fn pixels_gutter_and_edge_are_the_slides() {
        let slide = Checker::new(700, 300);
        let grid = Grid::new(slide.facts());
        let key = TileKey { level: 0, x: 1, y: 1 };
        let tile = read(&slide, &grid.levels[0], key, &|| false).unwrap().unwrap();
        let color = |x: u32, y: u32| Checker::color(f64::from(x) + 0.5, f64::from(y) + 0.5);
        assert_eq!(texel(&tile, 1, 1), color(256, 256));
        assert_eq!(texel(&tile, 0, 0), color(255, 255));
        assert_eq!(texel(&tile, 257, 20), color(512, 275));
        for below in [45, 100, 257] {
            assert_eq!(texel(&tile, 9, below), color(264, 299), "the lower edge repeats");
        }
    }

    #[test]
    fn averaged_levels_are_means_of_the_finer_one() {
        let slide = Checker::new(5000, 3000);
        let grid = Grid::new(slide.facts());
        let level = grid.levels.iter().find(|l| l.factor == 2 && l.source == 0).unwrap();
        let tile = read(&slide, level, TileKey { level: 1, x: 2, y: 1 }, &|| false).unwrap().unwrap();
        let region = slide.region(1024, 512, 0, 512, 512).unwrap();
        for (x, y) in [(0, 0), (100, 31), (255, 255)] {
            for c in 0..3 {
                let sum: u32 = [(0, 0), (1, 0), (0, 1), (1, 1)]
                    .iter()
                    .map(|(i, j)| u32::from(region.at(2 * x + i, 2 * y + j)[c]))
                    .sum();
                assert_eq!(u32::from(texel(&tile, x + 1, y + 1)[c]), (sum + 2) / 4);
            }
        }
        assert!(read(&slide, level, TileKey { level: 1, x: 0, y: 0 }, &|| true).unwrap().is_none());
    }
}
