//! Which tiles a view needs: pure functions of camera, size and grid.

use super::grid::{Grid, TileKey};
use crate::model::{Camera, Rect};

/// Part of an octave, towards the coarser level, in which two levels are blended.
const BLEND: f64 = 0.3;
/// Most tiles that are decoded ahead.
const AHEAD_MAX: usize = 512;

/// What one view needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What the view shows.
    pub window: Window,
    /// Level that the view shows.
    pub fine: usize,
    /// Strength of that level over the next coarser one: 1 where nothing is blended.
    pub weight: f32,
    /// Its tiles in the view.
    pub visible: Vec<TileKey>,
    /// All tiles to have, most urgent first: the base, then coarser ones, then from the middle outward.
    pub wanted: Vec<TileKey>,
    /// Tiles of views to come, in their order, without those in `wanted`.
    pub ahead: Vec<TileKey>,
}

/// The view as a shape on the slide.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    camera: Camera,
    half: [f64; 2],
    bounds: Rect,
}

impl Window {
    /// Of a camera and a size in physical pixels.
    pub fn new(camera: Camera, viewport: [f64; 2]) -> Self {
        let half = [viewport[0] / 2.0 / camera.zoom, viewport[1] / 2.0 / camera.zoom];
        Self { camera, half, bounds: camera.visible(viewport) }
    }

    /// Does it share an area with `rect`? Exact for turned views: two convex shapes are apart if and only if one
    /// of their sides parts them.
    pub fn shows(&self, rect: &Rect) -> bool {
        if rect.w <= 0.0 || rect.h <= 0.0 || !self.bounds.intersects(rect) {
            return false;
        }
        let (sin, cos) = self.camera.angle.sin_cos();
        let (center, half) = (rect.center(), [rect.w / 2.0, rect.h / 2.0]);
        let (dx, dy) = (center.x - self.camera.center.x, center.y - self.camera.center.y);
        let across = (dx * cos - dy * sin).abs();
        let down = (dx * sin + dy * cos).abs();
        let (reach_x, reach_y) =
            (half[0] * cos.abs() + half[1] * sin.abs(), half[0] * sin.abs() + half[1] * cos.abs());
        across < self.half[0] + reach_x && down < self.half[1] + reach_y
    }
}

/// The level for this many level-0 pixels per screen pixel, and its weight over the next coarser one.
pub fn level_for(grid: &Grid, downsample: f64) -> (usize, f32) {
    // A hair of slack: at a level's own scale the level itself is meant, whatever the rounding.
    let fine = grid.levels.iter().rposition(|l| l.downsample <= downsample * (1.0 + 1e-6)).unwrap_or(0);
    let Some(coarse) = grid.levels.get(fine + 1) else { return (fine, 1.0) };
    let octave = (coarse.downsample / grid.levels[fine].downsample).ln();
    let at = (downsample / grid.levels[fine].downsample).ln() / octave;
    (fine, (1.0 - (at - (1.0 - BLEND)) / BLEND).clamp(0.0, 1.0) as f32)
}

/// The tiles of `level` in a view, from its middle outward.
pub fn visible(grid: &Grid, level: usize, camera: Camera, viewport: [f64; 2]) -> Vec<TileKey> {
    let window = Window::new(camera, viewport);
    let mut tiles: Vec<(f64, TileKey)> = grid
        .tiles(level, &window.bounds)
        .filter_map(|key| {
            let rect = grid.rect(key);
            window.shows(&rect).then(|| (rect.center().distance(camera.center), key))
        })
        .collect();
    tiles.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    tiles.into_iter().map(|(_, key)| key).collect()
}

/// How many tiles of `level` lie in the upright rectangle around the view: a quick upper bound.
fn at_most(grid: &Grid, level: usize, bounds: &Rect) -> usize {
    grid.span(level, bounds).map_or(0, |[columns, rows]| columns.len().saturating_mul(rows.len()))
}

/// Plans a view. Where the view's own level would take more than `max_tiles`, a coarser one is shown.
pub fn plan(grid: &Grid, camera: Camera, viewport: [f64; 2], ahead: &[Camera], max_tiles: usize) -> Plan {
    let base = grid.base_tile();
    let sound = |c: &Camera| {
        c.zoom.is_finite() && c.zoom > 0.0 && c.angle.is_finite() && (c.center.x + c.center.y).is_finite()
    };
    let viewport = viewport.map(|v| if v.is_finite() { v.max(1.0) } else { 1.0 });
    if !sound(&camera) {
        let window = Window::new(Camera::fit(grid.bounds(), viewport, 1.0), viewport);
        return Plan {
            window,
            fine: grid.base(),
            weight: 1.0,
            visible: vec![],
            wanted: vec![base],
            ahead: vec![],
        };
    }
    let window = Window::new(camera, viewport);
    let bounds = window.bounds;
    let (mut fine, mut weight) = level_for(grid, camera.downsample());
    while fine < grid.base() && at_most(grid, fine, &bounds) > max_tiles.max(1) {
        (fine, weight) = (fine + 1, 1.0);
    }
    let shown = visible(grid, fine, camera, viewport);
    let mut wanted = vec![base];
    let mut add = |tiles: &[TileKey]| wanted.extend(tiles.iter().filter(|t| **t != base));
    if !shown.is_empty() {
        // Two levels up is a sixteenth of the tiles: soon there, and far better than the base. Not where they are
        // averaged from the very pixels that the view's own level is read from, which would take as long.
        let bridges = |level: usize| grid.levels[level].source != grid.levels[fine].source;
        if fine + 2 < grid.base() && bridges(fine + 2) {
            add(&visible(grid, fine + 2, camera, viewport));
        }
        if fine + 1 < grid.base() && weight < 1.0 {
            add(&visible(grid, fine + 1, camera, viewport));
        }
        add(&shown);
    }
    let mut coming: Vec<TileKey> = Vec::new();
    let mut known: std::collections::HashSet<TileKey> = wanted.iter().copied().collect();
    for camera in ahead.iter().filter(|c| sound(c)) {
        let (level, _) = level_for(grid, camera.downsample());
        if at_most(grid, level, &camera.visible(viewport)) > max_tiles {
            continue;
        }
        for key in visible(grid, level, *camera, viewport) {
            if coming.len() < AHEAD_MAX && known.insert(key) {
                coming.push(key);
            }
        }
    }
    Plan { window, fine, weight, visible: shown, wanted, ahead: coming }
}

/// The tiles of the next coarser level under `key`.
pub fn parents(grid: &Grid, key: TileKey) -> impl Iterator<Item = TileKey> + use<> {
    let level = usize::from(key.level) + 1;
    let rect = grid.rect(key);
    // A hair less than the tile: neighbours that only touch it through rounding are not under it.
    let within = rect.grown(-1e-6 * rect.w.min(rect.h));
    grid.tiles(level.min(grid.base()), &within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ScreenPx, SlidePx};
    use crate::slide::SlideSource as _;
    use crate::slide::testing::Checker;
    use proptest::prelude::*;
    use std::collections::HashSet;

    const VIEWPORT: [f64; 2] = [1280.0, 800.0];

    fn grid() -> Grid {
        Grid::new(Checker::new(46_003, 32_914).facts())
    }

    fn cameras() -> impl Strategy<Value = Camera> {
        (-5000.0..51_000.0, -5000.0..38_000.0, -9.0..3.0, 0.0..std::f64::consts::TAU, any::<bool>()).prop_map(
            |(x, y, zoom, angle, upright): (f64, f64, f64, f64, bool)| Camera {
                center: SlidePx::new(x, y),
                zoom: zoom.exp2(),
                angle: if upright { 0.0 } else { angle },
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn visible_tiles_cover_the_view_and_no_more(camera in cameras()) {
            let grid = grid();
            let plan = plan(&grid, camera, VIEWPORT, &[], 1000);
            let tiles: HashSet<TileKey> = plan.visible.iter().copied().collect();
            prop_assert_eq!(tiles.len(), plan.visible.len(), "a tile twice");
            let mut hit = HashSet::new();
            // Every place of the view that is on the slide lies in exactly one tile.
            for i in 0..=64 {
                for j in 0..=40 {
                    let p = camera.to_slide(ScreenPx::new(20.0 * f64::from(i), 20.0 * f64::from(j)), VIEWPORT);
                    let here: Vec<TileKey> = tiles.iter().copied().filter(|&t| grid.rect(t).contains(p)).collect();
                    prop_assert!(here.len() <= 1);
                    let edge = i % 64 == 0 || j % 40 == 0;
                    prop_assert!(here.len() == 1 || !grid.bounds().contains(p) || edge, "{:?} is bare", p);
                    hit.extend(here);
                }
            }
            // A tile that no sample hit must at least come near the view's edge or be small on the screen.
            for tile in tiles.difference(&hit) {
                let window = Window::new(camera, VIEWPORT);
                prop_assert!(window.shows(&grid.rect(*tile)));
            }
            // At the level's scale a tile has 128 screen pixels or more: columns and rows are few.
            prop_assert!(tiles.len() <= 200, "{} tiles", tiles.len());
        }

        #[test]
        fn turned_views_want_no_tile_outside(camera in cameras()) {
            let grid = grid();
            let window = Window::new(camera, VIEWPORT);
            for key in plan(&grid, camera, VIEWPORT, &[], 1000).visible {
                // By another road: some point of the tile, on a fine lattice, is seen, or a corner of the view is in it.
                let rect = grid.rect(key);
                let n = 24;
                let seen = (0..=n).any(|i| (0..=n).any(|j| {
                    let f = |k: i32| f64::from(k) / f64::from(n);
                    let p = camera.to_screen(SlidePx::new(rect.x + rect.w * f(i), rect.y + rect.h * f(j)), VIEWPORT);
                    let slack = 0.05 * rect.w.max(rect.h) * camera.zoom;
                    (-slack..=1280.0 + slack).contains(&p.x) && (-slack..=800.0 + slack).contains(&p.y)
                }));
                prop_assert!(seen, "{:?} is not in {:?}", rect, window);
            }
        }

        #[test]
        fn wishes_start_with_the_base_and_hold_each_tile_once(camera in cameras(), next in cameras(), most in 1usize..400) {
            let grid = grid();
            let plan = plan(&grid, camera, VIEWPORT, &[next], most);
            prop_assert_eq!(plan.wanted[0], grid.base_tile());
            let all: HashSet<TileKey> = plan.wanted.iter().chain(&plan.ahead).copied().collect();
            prop_assert_eq!(all.len(), plan.wanted.len() + plan.ahead.len());
            prop_assert!(plan.wanted.windows(2).skip(1).all(|w| w[0].level >= w[1].level), "coarser first");
            prop_assert!(plan.visible.len() <= most && plan.ahead.len() <= AHEAD_MAX);
            prop_assert!(plan.visible.iter().all(|t| plan.wanted.contains(t)));
            let fine: Vec<f64> =
                plan.visible.iter().map(|&t| grid.rect(t).center().distance(camera.center)).collect();
            prop_assert!(fine.is_sorted(), "from the middle outward");
        }

        #[test]
        fn tiles_of_a_level_part_the_slide(w in 1u32..3000, h in 1u32..3000, x in 0.0..1.0, y in 0.0..1.0) {
            let grid = Grid::new(Checker::new(w, h).facts());
            let p = SlidePx::new(x * f64::from(w), y * f64::from(h));
            for level in 0..grid.levels.len() {
                let n = grid.tiles(level, &grid.bounds()).filter(|&t| grid.rect(t).contains(p)).count();
                prop_assert_eq!(n, 1, "level {}", level);
            }
        }
    }

    #[test]
    fn the_level_and_its_weight_change_without_a_step() {
        let grid = grid();
        let mean = |downsample: f64| {
            let (fine, weight) = level_for(&grid, downsample);
            fine as f64 + 1.0 - f64::from(weight)
        };
        let mut last = 0.0;
        for i in 0..4000 {
            let now = mean((f64::from(i) / 400.0 - 1.0).exp2());
            assert!(now >= last - 1e-9 && now - last < 0.02, "from {last} to {now}");
            last = now;
        }
        assert_eq!(level_for(&grid, 0.3), (0, 1.0));
        assert_eq!(level_for(&grid, 1.5), (0, 1.0), "no blur in the first 70 % of an octave");
    }

    #[test]
    fn a_camera_of_nonsense_wants_the_base_alone() {
        for zoom in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let plan = plan(&grid(), Camera::new(SlidePx::default(), zoom), VIEWPORT, &[], 100);
            assert_eq!((plan.wanted.len(), plan.visible.len()), (1, 0));
        }
    }
}
