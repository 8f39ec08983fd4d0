//! Chance that is a function of the seed and the place: hashes, dice and gradient noise.

use std::f32::consts::TAU;

/// Lattice points before the noise repeats itself.
const PERIOD: usize = 4096;

/// Mixes a seed, a purpose and a grid place into 64 even bits (the finaliser of SplitMix64).
pub(super) fn hash(seed: u64, purpose: u64, i: i64, j: i64) -> u64 {
    let mut z = seed ^ purpose.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for v in [i as u64, j as u64] {
        z = z.wrapping_add(v).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 30)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
    }
    z
}

/// A stream of chance for one object.
pub(super) struct Dice(u64);

impl Dice {
    /// The stream of one object: seed, purpose and place decide all of it.
    pub(super) fn new(seed: u64, purpose: u64, i: i64, j: i64) -> Self {
        Self(hash(seed, purpose, i, j))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 to 1, 1 not included.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1 << 24) as f32
    }

    /// Even between `low` and `high`.
    pub(super) fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// -1 to 1.
    pub(super) fn sign(&mut self) -> f32 {
        2.0 * self.unit() - 1.0
    }

    /// True with this probability.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// 0 to `n - 1`.
    pub(super) fn below(&mut self, n: u32) -> u32 {
        ((self.unit() * n as f32) as u32).min(n.saturating_sub(1))
    }

    /// An angle, 0 to 2 pi.
    pub(super) fn angle(&mut self) -> f32 {
        self.unit() * TAU
    }
}

/// Gradient noise after Perlin (2002) on a lattice of period 4096, about -1 to 1, 0 at the lattice points.
pub(super) struct Noise {
    column: Vec<u16>,
    gradient: Vec<[f32; 2]>,
}

impl Noise {
    /// The tables of one seed and purpose.
    pub(super) fn new(seed: u64, purpose: u64) -> Self {
        let mut dice = Dice::new(seed, purpose, 0, 0);
        let column = (0..PERIOD).map(|_| dice.below(PERIOD as u32) as u16).collect();
        let gradient = (0..PERIOD)
            .map(|_| {
                let (s, c) = dice.angle().sin_cos();
                [c * 1.45, s * 1.45]
            })
            .collect();
        Self { column, gradient }
    }

    /// The noise at a place in lattice units.
    #[inline]
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let (i, j) = (floor(x), floor(y));
        let (fx, fy) = (x - i as f32, y - j as f32);
        let (j0, j1) = (j as usize, (j + 1) as usize);
        let a = usize::from(self.column[i as usize & (PERIOD - 1)]);
        let b = usize::from(self.column[(i + 1) as usize & (PERIOD - 1)]);
        let dot = |column: usize, row: usize, dx: f32, dy: f32| {
            let g = self.gradient[column.wrapping_add(row) & (PERIOD - 1)];
            g[0] * dx + g[1] * dy
        };
        let (u, v) = (fade(fx), fade(fy));
        let upper = mix(dot(a, j0, fx, fy), dot(b, j0, fx - 1.0, fy), u);
        let lower = mix(dot(a, j1, fx, fy - 1.0), dot(b, j1, fx - 1.0, fy - 1.0), u);
        mix(upper, lower, v)
    }

    /// Two octaves.
    #[inline]
    pub(super) fn rough(&self, x: f32, y: f32) -> f32 {
        self.at(x, y) + 0.5 * self.at(2.03 * x + 17.3, 2.03 * y - 9.1)
    }
}

/// Without the call into the system's library that `f32::floor` is on plain x86-64.
#[inline]
fn floor(x: f32) -> i32 {
    let i = x as i32;
    i - i32::from(x < i as f32)
}

#[inline]
fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

/// From `a` to `b` as `t` goes from 0 to 1.
#[inline]
pub(super) fn mix(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}

/// 0 up to `low`, 1 from `high`, smooth between.
#[inline]
pub(super) fn step(low: f32, high: f32, x: f32) -> f32 {
    let t = ((x - low) / (high - low)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A bump of height 1 at 0 that ends at `reach`.
#[inline]
pub(super) fn bump(x: f32, reach: f32) -> f32 {
    let t = 1.0 - (x / reach) * (x / reach);
    if t > 0.0 { t * t } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_bounded_smooth_and_its_seed_s_own() {
        let (a, b) = (Noise::new(1, 2), Noise::new(2, 2));
        let mut differ = 0;
        for i in 0..4000 {
            let (x, y) = (i as f32 * 0.37 - 700.0, i as f32 * 0.11 - 90.0);
            let v = a.at(x, y);
            assert!(v.abs() <= 1.5, "{v} at {x},{y}");
            assert!((a.at(x + 0.01, y) - v).abs() < 0.06);
            differ += usize::from((b.at(x, y) - v).abs() > 0.01);
        }
        assert!(differ > 3500);
    }

    #[test]
    fn dice_stay_within_their_bounds_and_are_even() {
        let mut dice = Dice::new(7, 1, -3, 5);
        let mut counts = [0; 6];
        let mut sum = 0.0;
        for _ in 0..6000 {
            counts[dice.below(6) as usize] += 1;
            let v = dice.between(-2.0, 4.0);
            assert!((-2.0..4.0).contains(&v));
            sum += v;
        }
        assert!(counts.iter().all(|&n| (850..1150).contains(&n)), "{counts:?}");
        assert!((sum / 6000.0 - 1.0).abs() < 0.1);
    }

    #[test]
    fn neighbouring_places_have_unlike_hashes() {
        let mut seen = std::collections::HashSet::new();
        for i in -50..50 {
            for j in -50..50 {
                assert!(seen.insert(hash(1, 1, i, j)));
            }
        }
    }
}
