//! Where what lies on the slide: fragments of tissue, tumour and stroma, fat, necrosis, a fold, the hot spot.
//!
//! All of it is smooth, so that a lattice of a few pixels stands for it. Lengths are level-0 pixels (0.25 um).

use super::Recipe;
use super::fragment::{Fragment, islands, pieces};
use super::noise::{Noise, bump, mix, step};

/// Pixels per micrometre.
pub(super) const UM: f32 = 4.0;

/// What the slide is made of at one place.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// Distance to the tissue's outline, positive inside.
    pub(super) edge: f32,
    /// About the distance to the border of a tumour nest, positive inside.
    pub(super) nest: f32,
    /// About the distance to the border of the tumour as a whole, positive inside.
    pub(super) mass: f32,
    /// Positive where the tumour makes glands.
    pub(super) gland: f32,
    /// About the distance into fat.
    pub(super) fat: f32,
    /// 0 to 1: dead tissue.
    pub(super) dead: f32,
    /// 0 to 1: crowd of lymphocytes.
    pub(super) lymph: f32,
    /// 0 to 1: loose stroma with clefts.
    pub(super) loose: f32,
    /// Position across the fibres.
    pub(super) across: f32,
    /// Position along the fibres.
    pub(super) along: f32,
    /// Layers of tissue: 1, in a fold up to 2.
    pub(super) layers: f32,
    /// Strength of the stain, about 1.
    pub(super) stain: f32,
}

impl Place {
    pub(super) const FIELDS: usize = 12;

    pub(super) fn to_array(self) -> [f32; Self::FIELDS] {
        let Self { edge, nest, mass, gland, fat, dead, lymph, loose, across, along, layers, stain } = self;
        [edge, nest, mass, gland, fat, dead, lymph, loose, across, along, layers, stain]
    }

    pub(super) fn from_array(v: &[f32; Self::FIELDS]) -> Self {
        let [edge, nest, mass, gland, fat, dead, lymph, loose, across, along, layers, stain] = *v;
        Self { edge, nest, mass, gland, fat, dead, lymph, loose, across, along, layers, stain }
    }
}

/// The whole slide's plan.
pub(super) struct Layout {
    pub(super) seed: u64,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) fragments: Vec<Fragment>,
    /// Centre and reach of the place with most mitotic figures.
    pub(super) hot: ([f32; 2], f32),
    wide: Noise,
    fine: Noise,
}

impl Layout {
    /// The plan of a slide.
    pub(super) fn new(recipe: &Recipe) -> Self {
        let (w, h) = (recipe.width as f32, recipe.height as f32);
        let fragments = if recipe.sparse { islands(recipe.seed, w, h) } else { pieces(recipe.seed, w, h) };
        let hot = fragments
            .iter()
            .max_by(|a, b| a.size().total_cmp(&b.size()))
            .map_or(([0.0, 0.0], 1.0), |f| (f.tumour, (0.75 * f.size()).clamp(200.0, 3200.0)));
        Self {
            seed: recipe.seed,
            width: recipe.width,
            height: recipe.height,
            fragments,
            hot,
            wide: Noise::new(recipe.seed, 1),
            fine: Noise::new(recipe.seed, 2),
        }
    }

    /// 0 to 1: how near the middle of the hot spot.
    pub(super) fn heat(&self, x: f32, y: f32) -> f32 {
        let (at, reach) = self.hot;
        let d2 = ((x - at[0]).powi(2) + (y - at[1]).powi(2)) / (reach * reach);
        (-d2).exp()
    }

    /// The place itself and the fragment that it belongs to, shifted as the outline wanders.
    fn fragment(&self, x: f32, y: f32) -> Option<(&Fragment, f32)> {
        let mut best: Option<(&Fragment, f32)> = None;
        for f in &self.fragments {
            let (dx, dy) = (x - f.at[0], y - f.at[1]);
            let reach = f.reach() + 300.0;
            if dx.abs() > reach || dy.abs() > reach {
                continue;
            }
            let (wx, wy) = self.wander(x, y, f.size());
            let edge = f.edge(wx, wy);
            if best.is_none_or(|(_, e)| edge > e) {
                best = Some((f, edge));
            }
        }
        best
    }

    /// The outline's irregularity: octaves from half the fragment's size down to 25 um.
    fn wander(&self, x: f32, y: f32, size: f32) -> (f32, f32) {
        let (mut wx, mut wy) = (x, y);
        let mut scale = 0.5 * size;
        while scale > 60.0 {
            wx += 0.2 * scale * self.wide.at(x / scale + 3.7, y / scale);
            wy += 0.2 * scale * self.wide.at(x / scale, y / scale + 51.3);
            scale *= 0.4;
        }
        (wx, wy)
    }

    /// Distance to the tissue's outline, positive inside; far outside -1000.
    pub(super) fn edge(&self, x: f32, y: f32) -> f32 {
        self.fragment(x, y).map_or(-1000.0, |(_, e)| e)
    }

    /// Everything about a place.
    pub(super) fn place(&self, x: f32, y: f32) -> Place {
        let Some((f, edge)) = self.fragment(x, y) else {
            return Place { edge: -1000.0, ..Place::default() };
        };
        if edge < -60.0 {
            return Place { edge, ..Place::default() };
        }
        let n = &self.wide;
        let size = f.size();
        let from = |p: [f32; 2]| ((x - p[0]).powi(2) + (y - p[1]).powi(2)).sqrt();
        let slow = n.at(x / 900.0 + 11.0, y / 900.0);
        let mid = n.at(x / 330.0, y / 330.0 + 23.0);

        let mass = size
            * (1.08 - from(f.tumour) / size + 0.3 * n.at(x / (0.4 * size), y / (0.4 * size) + 7.0))
            + 150.0 * slow
            + 60.0 * mid;
        let mass = smooth_min(mass, edge - 60.0 - 120.0 * (1.0 + 1.5 * slow).max(0.0), 80.0);
        let heat = self.heat(x, y);
        let gland = n.at(x / 1900.0 + 5.0, y / 1900.0 + 5.0) + 0.25 * slow + 0.02 - 1.3 * heat;
        // Septa of stroma run where two fields of noise cross zero.
        let (bx, by) = (x + 90.0 * mid, y + 90.0 * n.at(x / 330.0 + 71.0, y / 330.0));
        let septum = |noise: f32, wide: f32, thick: f32| (noise.hypot(0.035) - 0.035) * wide - thick;
        let septa = smooth_min(
            septum(n.at(bx / 1250.0, by / 1250.0 + 31.0), 1000.0, 26.0),
            septum(n.at(bx / 520.0 + 13.0, by / 520.0), 440.0, 5.0),
            12.0,
        );
        let nest = smooth_min(mass, septa, 30.0) + 8.0 * self.fine.at(x / 60.0, y / 60.0);

        let side = ((x - f.at[0]) * f.fat[0] / f.radii[0]) + ((y - f.at[1]) * f.fat[1] / f.radii[1]);
        let fat = size * 0.55 * (side - 0.55 + 0.3 * n.at(x / (0.3 * size) + 2.0, y / (0.3 * size)))
            + 130.0 * slow
            + 70.0 * mid;
        let fat = fat.min(-mass - 60.0);

        let dead_size = (0.17 * size).max(90.0);
        let dead = step(-0.35, 0.25, 1.0 - from(f.dead) / dead_size + 0.5 * slow + 0.3 * mid)
            * step(0.0, 60.0, mass);

        let margin = bump(mass + 40.0, 330.0);
        let lymph = step(0.12, 0.5, n.at(x / 430.0 + 91.0, y / 430.0) + 0.35 * margin - 0.12)
            * (0.25 + 0.75 * margin);
        let loose = step(
            -0.35,
            0.6,
            n.at(x / 700.0, y / 700.0 + 83.0) + 0.4 * bump(edge, 420.0) - 0.25 * bump(mass, 300.0),
        );

        let (along, across) = self.fibres(f, x, y, nest);
        let (place, [dx, dy], half) = f.fold;
        let (rx, ry) = (x - place[0], y - place[1]);
        let t = rx * dx + ry * dy;
        let d = ry * dx - rx * dy
            + 70.0 * n.at(x / 420.0, y / 420.0 + 43.0)
            + 12.0 * self.fine.at(x / 90.0, y / 90.0);
        let width = 105.0 * (1.0 - (t / half).powi(2)).max(0.0).sqrt() * step(300.0, 900.0, size);
        let layers = 1.0 + step(0.0, 9.0, d) * step(0.0, 60.0, width - d);
        Place {
            edge,
            nest,
            mass,
            gland: gland * 1000.0,
            fat,
            dead,
            lymph,
            loose,
            across,
            along,
            layers,
            stain: 1.0 + 0.1 * slow + 0.05 * mid,
        }
    }

    /// Coordinates along and across the fibres: wavy on three scales, bent around the nests.
    fn fibres(&self, f: &Fragment, x: f32, y: f32, nest: f32) -> (f32, f32) {
        let n = &self.wide;
        let (dx, dy) = (-f.fat[1], f.fat[0]);
        let (x, y) = (x - f.at[0], y - f.at[1]);
        let bend = 330.0 * n.at(x / 1500.0, y / 1500.0 + 3.0)
            + 42.0 * n.at(x / 300.0 + 37.0, y / 300.0)
            + 9.0 * self.fine.at(x / 95.0, y / 95.0 + 19.0)
            + 3.4 * self.fine.at(x / 39.0 + 29.0, y / 39.0);
        let round = nest / (1.0 + nest.abs() / 220.0);
        let along = x * dx + y * dy + 120.0 * n.at(x / 700.0 + 57.0, y / 700.0);
        (along, y * dx - x * dy + bend - 0.65 * round)
    }

    /// A slow shift that hides the grid of what is laid on one.
    pub(super) fn drift(&self, x: f32, y: f32) -> (f32, f32) {
        let n = &self.wide;
        (150.0 * n.at(x / 1300.0 + 61.0, y / 1300.0), 150.0 * n.at(x / 1300.0, y / 1300.0 + 61.0))
    }

    /// Direction of the fibres at a place, in radians.
    pub(super) fn grain(&self, x: f32, y: f32) -> f32 {
        let at = |x: f32, y: f32| self.place(x, y).across;
        let (gx, gy) = (at(x + 8.0, y) - at(x - 8.0, y), at(x, y + 8.0) - at(x, y - 8.0));
        gx.atan2(-gy)
    }

    /// Is there surely nothing but ground in the square of `side` pixels at `x`, `y`?
    pub(super) fn is_empty(&self, x: f32, y: f32, side: f32) -> bool {
        let near = self.fragments.iter().any(|f| {
            let (dx, dy) = (x + side / 2.0 - f.at[0], y + side / 2.0 - f.at[1]);
            dx.hypot(dy) < f.reach() + 0.75 * side
        });
        if !near {
            return true;
        }
        // The outline's distance changes by less than twice the way.
        (0..=4).all(|j| {
            (0..=4).all(|i| self.edge(x + side * i as f32 / 4.0, y + side * j as f32 / 4.0) < -0.36 * side)
        })
    }
}

/// The lesser of two values, without a crease where they are equal: there it is half of `round` less.
fn smooth_min(a: f32, b: f32, round: f32) -> f32 {
    0.5 * (a + b - (a - b).hypot(round))
}

/// A lattice of places over a window, from which those of all pixels are interpolated.
pub(super) struct Lattice {
    x0: i64,
    y0: i64,
    columns: usize,
    places: Vec<[f32; Place::FIELDS]>,
}

impl Lattice {
    /// Pixels from one lattice point to the next.
    pub(super) const STEP: i64 = 8;

    /// The lattice over `w` by `h` pixels at `x`, `y`.
    pub(super) fn new(layout: &Layout, x: i64, y: i64, w: usize, h: usize) -> Self {
        let s = Self::STEP;
        let (x0, y0) = (x.div_euclid(s), y.div_euclid(s));
        let columns = ((x + w as i64).div_euclid(s) - x0 + 2) as usize;
        let rows = ((y + h as i64).div_euclid(s) - y0 + 2) as usize;
        let mut places = Vec::with_capacity(columns * rows);
        for j in 0..rows as i64 {
            for i in 0..columns as i64 {
                let place = layout.place(((x0 + i) * s) as f32, ((y0 + j) * s) as f32);
                places.push(place.to_array());
            }
        }
        Self { x0, y0, columns, places }
    }

    /// Is all of it far outside the tissue?
    pub(super) fn is_empty(&self) -> bool {
        self.places.iter().all(|p| Place::from_array(p).edge < -45.0)
    }

    /// The places of a row of pixels from `x` on.
    pub(super) fn row(&self, x: i64, y: i64, out: &mut [Place]) {
        let s = Self::STEP;
        let row = (y.div_euclid(s) - self.y0) as usize * self.columns;
        let ty = y.rem_euclid(s) as f32 / s as f32;
        let line = |c: usize| {
            let (a, b) = (&self.places[row + c], &self.places[row + self.columns + c]);
            std::array::from_fn(|k| mix(a[k], b[k], ty))
        };
        let mut column = usize::MAX;
        let (mut a, mut b) = ([0.0; Place::FIELDS], [0.0; Place::FIELDS]);
        for (i, place) in out.iter_mut().enumerate() {
            let px = x + i as i64;
            let c = (px.div_euclid(s) - self.x0) as usize;
            if c != column {
                column = c;
                a = line(c);
                b = line(c + 1);
            }
            let tx = px.rem_euclid(s) as f32 / s as f32;
            *place = Place::from_array(&std::array::from_fn(|k| mix(a[k], b[k], tx)));
        }
    }
}
