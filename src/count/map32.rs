//! The published way to count, for comparison: figures in cells of 32 px, a box of whole cells moved over them.
//!
//! After the code to Aubreville et al., "Deep learning algorithms out-perform veterinary pathologists in detecting the
//! mitotically most active tumor region", Sci Rep 10:16447 (2020): the map has one cell for 32 x 32 level-0 pixels, the
//! kernel as many whole cells as fit into the window's sides cut to whole pixels, so that it is a little smaller than
//! the window (222 x 166 cells in place of 7110 x 5332 px). Beyond the slide nothing is counted.

use super::window::{Maximum, best_corner, sorted};
use crate::model::{Rect, SlidePx};

/// Side of a cell in level-0 pixels.
const CELL: f64 = 32.0;

/// The kernel's place with the most figures; of several the uppermost, of these the leftmost, as the published code
/// finds it. `w` and `h` are the window's sides in level-0 pixels; the rectangle of the answer is the kernel itself.
pub fn map32(points: &[SlidePx], w: f64, h: f64) -> Maximum {
    let cells = |side: f64| (side.trunc() / CELL).trunc().max(1.0);
    let (columns, rows) = (cells(w), cells(h));
    let cell = |v: f64| (v / CELL).trunc();
    let figures: Vec<SlidePx> = points
        .iter()
        .filter(|p| p.x.is_finite() && p.y.is_finite())
        .map(|p| SlidePx::new(cell(p.x) + 0.0, cell(p.y) + 0.0))
        .collect();
    // Moved up and to the left until its last row and column hold a figure: the first place of its kind in the map's
    // order. The kernel's middle stays in the map.
    let first = |v: f64, side: f64| (v - side + 1.0).max(-(side / 2.0).trunc());
    let xs = sorted(figures.iter().map(|f| first(f.x, columns)));
    let ys = sorted(figures.iter().map(|f| first(f.y, rows)));
    let size = (columns * CELL, rows * CELL);
    match best_corner(&figures, &xs, &ys, [columns, rows], &[]) {
        Some((count, corner)) => {
            Maximum { count, rect: Rect::new(corner.x * CELL, corner.y * CELL, size.0, size.1) }
        }
        None => Maximum { count: 0, rect: Rect::new(0.0, 0.0, size.0, size.1) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_a_walk_over_the_map(places in prop::collection::vec((0..1600_u32, 0..1300_u32), 1..25), w in 40..900_u32) {
            let points: Vec<SlidePx> = places.iter().map(|(x, y)| SlidePx::new((*x).into(), (*y).into())).collect();
            let (columns, rows) = ((w / 32).max(1) as i64, (w * 3 / 4 / 32).max(1) as i64);
            // All places whose middle lies in the map, in its order.
            let mut best = (0, 0, 0);
            for top in -(rows / 2)..50 {
                for left in -(columns / 2)..60 {
                    let inside = |(x, y): &&(u32, u32)| {
                        let (x, y) = (i64::from(x / 32), i64::from(y / 32));
                        (left..left + columns).contains(&x) && (top..top + rows).contains(&y)
                    };
                    let n = places.iter().filter(inside).count() as u32;
                    if n > best.0 {
                        best = (n, left, top);
                    }
                }
            }
            let got = map32(&points, w.into(), (w * 3 / 4).into());
            prop_assert_eq!((got.count, got.rect.x, got.rect.y), (best.0, best.1 as f64 * 32.0, best.2 as f64 * 32.0));
        }
    }

    #[test]
    fn the_kernel_is_the_published_one() {
        let (w, h) = crate::model::Resolution::new(0.25, 0.25).unwrap().rectangle_px(2.37, 4.0 / 3.0);
        let got = map32(&[SlidePx::new(50_000.0, 40_000.0)], w, h);
        assert_eq!((got.count, got.rect.w, got.rect.h), (1, 222.0 * 32.0, 166.0 * 32.0));
    }
}
