//! Is the artificial slide like a real one? Stain vectors and nuclear sizes beside the case slide, at 0.25 um per
//! pixel both.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![cfg(feature = "detector")]

use mitoscope::detect::stain::{Stains, angle, nuclei};
use mitoscope::slide::synthetic::{self, Recipe};
use mitoscope::slide::{self, Pixels};
use std::path::Path;

const GROUND: [u8; 3] = [243, 243, 243];
const UM: f64 = 4.0;
/// Stain vectors may differ by so many degrees; between laboratories it is 10 and more.
const DEGREES: f64 = 6.0;
/// Median nuclear diameters may differ by this factor.
const FACTOR: f64 = 1.2;

/// Median diameter in um, and number, of the nuclei of `least` to `most` um.
fn nuclear_size(pixels: &Pixels, stains: &Stains, [least, most]: [f64; 2]) -> (f64, usize) {
    let disc = |d: f64| std::f64::consts::PI * (d * UM / 2.0).powi(2);
    let mut d: Vec<f64> =
        nuclei(pixels, stains, GROUND, [disc(least), disc(most)]).iter().map(|b| b.diameter() / UM).collect();
    d.sort_by(f64::total_cmp);
    (d.get(d.len() / 2).copied().unwrap_or(0.0), d.len())
}

#[test]
fn stains_and_nuclei_are_those_of_a_real_slide_within_a_stated_range() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/cases/cmc-2191a7aa-region.svs");
    if !path.exists() {
        println!("skipped: stains_and_nuclei_are_those_of_a_real_slide: {} is not here", path.display());
        return;
    }
    let real = slide::open(&path).unwrap();
    let recipe = Recipe { width: 12_000, height: 9000, seed: 2, sparse: false };
    // Stroma with small nuclei, and the tumour's nests with large ones: real, artificial.
    let stroma = (
        real.region(3000, 4300, 0, 1400, 1000).unwrap(),
        synthetic::region(&recipe, 4500, 2900, 1400, 1000).unwrap(),
    );
    let nests = (
        real.region(1650, 5000, 0, 1100, 412).unwrap(),
        synthetic::region(&recipe, 6200, 4700, 1100, 412).unwrap(),
    );
    for (what, (real, artificial), range) in [("stroma", stroma, [3.5, 8.0]), ("nests", nests, [6.0, 13.0])] {
        let real_stains = Stains::estimate(&real, GROUND).unwrap();
        let stains = Stains::estimate(&artificial, GROUND).unwrap();
        let h = angle(stains.haematoxylin, real_stains.haematoxylin);
        let e = angle(stains.eosin, real_stains.eosin);
        println!(
            "{what}: haematoxylin {h:.1} degrees apart, eosin {e:.1}; real {real_stains:.3?}, artificial {stains:.3?}"
        );
        let (real_size, real_n) = nuclear_size(&real, &real_stains, range);
        let (size, n) = nuclear_size(&artificial, &stains, range);
        println!("{what}: nuclei: real {real_size:.2} um (of {real_n}), artificial {size:.2} um (of {n})");
        assert!(h < DEGREES && e < DEGREES, "{what}: haematoxylin {h:.1} degrees apart, eosin {e:.1}");
        assert!(real_n > 20 && n > 20, "{what}: {real_n} and {n} nuclei");
        let factor = (size / real_size).max(real_size / size);
        assert!(factor < FACTOR, "{what}: nuclei of {size:.2} um, real ones {real_size:.2} um");
    }
}
