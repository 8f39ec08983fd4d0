//! Which cell sits where: jittered grids of tumour cells, fibroblasts, lymphocytes, fat.

use super::canvas::{Canvas, Mosaic, Nucleus};
use super::figures::{self, Figure};
use super::layout::{Lattice, Layout, UM};
use super::matter::{Cells, Matter};
use super::noise::{Dice, Noise, mix};
use super::rings::{self, Ring, spindle};
use super::{Recipe, places};

/// Grid of the tumour's cells, in pixels.
const TUMOUR: f32 = 45.0;
const STROMA: f32 = 62.0;
const LYMPH: f32 = 33.0;
const FAT: f32 = 175.0;

/// Calls `visit` with each grid place from which something within `reach` may fall into `window` (x, y, w, h).
pub(super) fn sites(window: [f32; 4], pitch: f32, reach: f32, mut visit: impl FnMut(i64, i64)) {
    let [x, y, w, h] = window;
    let range = |from: f32, size: f32| {
        let first = ((from - reach) / pitch).floor() as i64 - 1;
        first..=((from + size + reach) / pitch).floor() as i64 + 1
    };
    for j in range(y, h) {
        for i in range(x, w) {
            visit(i, j);
        }
    }
}

/// The tissue of one slide, drawn window by window.
pub(super) struct Tissue {
    pub(super) layout: Layout,
    matter: Matter,
    chromatin: Noise,
    /// Shares of the places for cells of the truth that are taken where it is hottest.
    pub(super) rates: [f32; 2],
}

impl Tissue {
    /// The tissue of a recipe.
    pub(super) fn new(recipe: &Recipe) -> Self {
        let layout = Layout::new(recipe);
        Self {
            rates: places::rates(&layout),
            layout,
            matter: Matter::new(recipe.seed),
            chromatin: Noise::new(recipe.seed, 41),
        }
    }

    /// Both stains on a window; `None` where there is nothing but ground.
    pub(super) fn draw(&self, x: i64, y: i64, w: usize, h: usize) -> Option<Canvas> {
        // One pixel more on each side for the blur.
        let (x, y, w, h) = (x - 1, y - 1, w + 2, h + 2);
        let lattice = Lattice::new(&self.layout, x, y, w, h);
        if lattice.is_empty() {
            return None;
        }
        let mut canvas = Canvas::new(x, y, w, h);
        let window = [x as f32, y as f32, w as f32, h as f32];
        let rings = rings::rings(&self.layout, window);
        let figures = self.figures(window, 2.0 * figures::REACH);
        let mut nuclei = Vec::new();
        let cells = self.fill(&canvas, window, &figures, &rings, &mut nuclei);
        self.matter.lay(&mut canvas, &lattice, &cells);
        for ring in &rings {
            ring.paint(&mut canvas, &self.matter);
        }
        self.scattered(window, &rings, &mut nuclei);
        for ring in &rings {
            ring.contents(&mut canvas, &mut nuclei);
        }
        for nucleus in &nuclei {
            nucleus.paint(&mut canvas, &self.chromatin);
        }
        for figure in figures {
            figure.paint(&mut canvas, &self.chromatin);
        }
        thicken(&mut canvas, &lattice);
        canvas.blur();
        Some(canvas)
    }

    /// Where a tumour cell of the grid lies.
    fn tumour_site(&self, i: i64, j: i64) -> [f32; 2] {
        let mut dice = Dice::new(self.layout.seed, 61, i, j);
        let shift = if j % 2 == 0 { 0.0 } else { 0.5 };
        [(i as f32 + shift + 0.31 * dice.sign()) * TUMOUR, (j as f32 + 0.31 * dice.sign()) * TUMOUR]
    }

    /// The cells that lie side by side, and the nuclei of the tumour's.
    fn fill(
        &self,
        canvas: &Canvas,
        window: [f32; 4],
        figures: &[Figure],
        rings: &[Ring],
        nuclei: &mut Vec<Nucleus>,
    ) -> Cells {
        let mut cells = Cells::default();
        let mut centres = Vec::new();
        sites(window, TUMOUR, 85.0, |i, j| {
            let at = self.tumour_site(i, j);
            let p = self.layout.place(at[0], at[1]);
            if p.nest < 3.0 || p.gland > 0.0 || p.edge < 14.0 {
                return;
            }
            let taken = figures.iter().any(|f| (f.at[0] - at[0]).hypot(f.at[1] - at[1]) < 43.0);
            if taken || rings.iter().any(|r| r.holds(at, 17.0)) {
                return;
            }
            let mut dice = Dice::new(self.layout.seed, 62, i, j);
            centres.push(at);
            cells.tones.push(dice.sign());
            let mut room = f32::MAX;
            for (di, dj) in [(-1, 0), (1, 0), (-1, -1), (0, -1), (1, -1), (-1, 1), (0, 1), (1, 1)] {
                let other = self.tumour_site(i + di, j + dj);
                room = room.min((other[0] - at[0]).hypot(other[1] - at[1]));
            }
            nuclei.extend(tumour_nucleus(at, room, p.dead, &mut dice));
        });
        if !centres.is_empty() {
            for f in figures {
                centres.push(f.at);
                cells.tones.push(0.0);
            }
            cells.tumour = Some(Mosaic::new(canvas, &centres, 74.0));
        }
        let mut fat = Vec::new();
        sites(window, FAT, 1.6 * FAT, |i, j| {
            let site = |i: i64, j: i64| {
                let mut dice = Dice::new(self.layout.seed, 63, i, j);
                let shift = if j % 2 == 0 { 0.0 } else { 0.5 };
                [(i as f32 + shift + 0.27 * dice.sign()) * FAT, (j as f32 + 0.27 * dice.sign()) * FAT]
            };
            let at = site(i, j);
            let p = self.layout.place(at[0], at[1]);
            if p.fat < -1.5 * FAT || p.edge < -60.0 {
                return;
            }
            fat.push(at);
            let mut dice = Dice::new(self.layout.seed, 64, i, j);
            let next = site(i + 1, j);
            let mid = [0.5 * (at[0] + next[0]), 0.5 * (at[1] + next[1])];
            if p.fat > 10.0 && p.edge > 30.0 && dice.chance(0.4) {
                let across = (next[1] - at[1]).atan2(next[0] - at[0]);
                nuclei.push(spindle(mid, across + 1.57, &mut dice));
            }
        });
        if !fat.is_empty() {
            cells.fat = Some(Mosaic::new(canvas, &fat, 1.6 * FAT));
        }
        cells
    }

    /// The nuclei of the stroma: spindles along the fibres, lymphocytes in crowds.
    fn scattered(&self, window: [f32; 4], rings: &[Ring], nuclei: &mut Vec<Nucleus>) {
        let free = |at: [f32; 2], margin: f32| !rings.iter().any(|r| r.holds(at, margin));
        sites(window, STROMA, 40.0, |i, j| {
            let mut dice = Dice::new(self.layout.seed, 71, i, j);
            let at = [(i as f32 + dice.unit()) * STROMA, (j as f32 + dice.unit()) * STROMA];
            let lot = dice.unit();
            if lot > 0.75 {
                return;
            }
            let p = self.layout.place(at[0], at[1]);
            let stroma = p.nest < -7.0 || p.gland > 4.0;
            let often = if p.mass > 0.0 { 0.7 } else { 0.4 } + 0.25 * p.lymph - 0.12 * p.loose;
            if !stroma || p.fat > -6.0 || p.edge < 12.0 || p.dead > 0.5 || lot > often || !free(at, 8.0) {
                return;
            }
            let turn = self.layout.grain(at[0], at[1]) + 0.15 * dice.sign();
            nuclei.push(spindle(at, turn, &mut dice));
        });
        sites(window, LYMPH, 20.0, |i, j| {
            let mut dice = Dice::new(self.layout.seed, 72, i, j);
            let at = [
                (i as f32 + 0.5 + 0.36 * dice.sign()) * LYMPH,
                (j as f32 + 0.5 + 0.36 * dice.sign()) * LYMPH,
            ];
            let lot = dice.unit();
            if lot > 0.85 {
                return;
            }
            let p = self.layout.place(at[0], at[1]);
            let stroma = p.nest < -3.0 || p.gland > 4.0;
            if !stroma || p.fat > -4.0 || p.edge < 12.0 || p.dead > 0.3 || !free(at, 6.0) {
                return;
            }
            if lot < 0.01 + 0.62 * p.lymph {
                nuclei.push(lymphocyte(at, &mut dice));
            }
        });
    }
}

/// Folds and the stain's unevenness.
fn thicken(canvas: &mut Canvas, lattice: &Lattice) {
    let mut row = vec![Default::default(); canvas.w];
    for (j, line) in canvas.stain.chunks_exact_mut(canvas.w).enumerate() {
        lattice.row(canvas.x, canvas.y + j as i64, &mut row);
        for (s, p) in line.iter_mut().zip(&row) {
            // A fold lays the tissue on itself: what is thin gets thicker than what is dense.
            let fold = p.layers - 1.0;
            let k = p.stain * (1.0 + 0.6 * fold);
            let more = if fold > 0.0 && s[1] > 0.0 { [0.06 * fold, 0.1 * fold] } else { [0.0; 2] };
            *s = [k * s[0] + more[0], k * s[1] + more[1]];
        }
    }
}

/// A tumour cell's nucleus, as large as there is room; in dead tissue a ghost, debris or nothing.
fn tumour_nucleus(at: [f32; 2], room: f32, dead: f32, dice: &mut Dice) -> Option<Nucleus> {
    let radius = dice.between(3.9, 5.7) * UM;
    let long = radius.min(0.6 * room) * dice.between(1.0, 1.18);
    let wide = long * dice.between(0.68, 0.96);
    let kind = dice.unit();
    let turn = dice.angle();
    let nucleolus = |dice: &mut Dice, often: f32| {
        let r = if dice.chance(often) { dice.between(1.8, 4.3) } else { 0.0 };
        [0.4 * dice.sign(), 0.4 * dice.sign(), r]
    };
    let mut n = Nucleus {
        at,
        half: [long, wide],
        turn,
        dark: dice.between(0.11, 0.33),
        clumps: dice.between(0.08, 0.27),
        grain: dice.between(3.4, 6.6),
        rim: dice.between(0.07, 0.17),
        pink: dice.between(0.08, 0.17),
        soft: dice.between(1.7, 3.4),
        bend: 0.0,
        taper: 0.0,
        uneven: 0.19,
        nucleoli: [nucleolus(dice, 0.55), nucleolus(dice, 0.2)],
    };
    if kind < 0.06 {
        return None;
    }
    if kind < 0.2 {
        // Out of focus.
        n.soft = 6.0;
        n.rim *= 0.4;
        n.clumps *= 0.5;
        n.nucleoli = [[0.0; 3]; 2];
    } else if kind < 0.4 {
        // Small and dense.
        n.half = n.half.map(|v| 0.82 * v);
        n.dark = dice.between(0.34, 0.52);
        n.clumps = 0.14;
    }
    if dead > 0.25 {
        let lot = dice.unit();
        if lot < 0.55 * dead {
            return None;
        }
        if lot < 0.8 * dead {
            // A ghost.
            n.dark = 0.1;
            n.clumps = 0.03;
            n.rim = 0.02;
            n.soft = 7.0;
        } else {
            // Debris.
            let r = dice.between(1.0, 2.3) * UM;
            n.half = [r, r * dice.between(0.6, 1.0)];
            n.dark = mix(0.45, 0.7, dice.unit());
            n.soft = 2.5;
        }
        n.nucleoli = [[0.0; 3]; 2];
    }
    Some(n)
}

fn lymphocyte(at: [f32; 2], dice: &mut Dice) -> Nucleus {
    let r = dice.between(2.3, 3.2) * UM;
    Nucleus {
        at,
        half: [r, r * dice.between(0.8, 1.0)],
        turn: dice.angle(),
        dark: dice.between(0.42, 0.62),
        clumps: 0.22,
        grain: 4.2,
        rim: 0.1,
        pink: 0.16,
        soft: dice.between(1.4, 2.4),
        bend: 0.0,
        taper: 0.0,
        uneven: 0.12,
        nucleoli: [[0.0; 3]; 2],
    }
}
