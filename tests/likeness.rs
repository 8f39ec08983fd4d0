//! Is the artificial slide like a real one? Stain vectors and nuclear sizes beside the case slide, at 0.25 um per
//! pixel both.
#![cfg(feature = "detector")]

use mitoscope::detect::stain::{Stains, angle, nuclei};
use mitoscope::slide::synthetic::{self, Recipe};
use mitoscope::slide::{self, Pixels};
use std::path::Path;

const GROUND: [u8; 3] = [243, 243, 243];
const UM: f64 = 4.0;
/// Stain vectors may differ by so many degrees; between laboratories it is 10 and more.
const DEGREES: f64 = 8.0;
/// Median nuclear diameters may differ by this factor.
const FACTOR: f64 = 1.2;

fn median_diameter(pixels: &Pixels, stains: &Stains) -> (f64, usize) {
    // 3.5 to 13 um across.
    let disc = |d: f64| std::f64::consts::PI * (d * UM / 2.0).powi(2);
    let mut d: Vec<f64> =
        nuclei(pixels, stains, GROUND, [disc(3.5), disc(13.0)]).iter().map(|b| b.diameter() / UM).collect();
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
    let real_tissue = real.region(1000, 4300, 0, 1800, 1100).unwrap();
    let real_nests = real.region(1650, 5100, 0, 1100, 312).unwrap();
    let recipe = Recipe { width: 6000, height: 5000, seed: 8, sparse: false };
    let cells = synthetic::truth(&recipe).unwrap();
    // Around the cells of the truth there are nests.
    let middle = &cells[cells.len() / 2];
    let at = |w: u32, h: u32| {
        let (x, y) = (middle.x as i64 - i64::from(w / 2), middle.y as i64 - i64::from(h / 2));
        synthetic::region(&recipe, x, y, w, h).unwrap()
    };
    let (tissue, nests) = (at(1800, 1100), at(1100, 312));

    let real_stains = Stains::estimate(&real_tissue, GROUND).unwrap();
    let stains = Stains::estimate(&tissue, GROUND).unwrap();
    let h = angle(stains.haematoxylin, real_stains.haematoxylin);
    let e = angle(stains.eosin, real_stains.eosin);
    println!(
        "real {real_stains:.3?}\nartificial {stains:.3?}\nhaematoxylin {h:.1} degrees apart, eosin {e:.1}"
    );
    let (real_size, real_n) = median_diameter(&real_nests, &real_stains);
    let (size, n) = median_diameter(&nests, &stains);
    println!("nuclei: real {real_size:.2} um (of {real_n}), artificial {size:.2} um (of {n})");
    assert!(h < DEGREES && e < DEGREES, "haematoxylin {h:.1} degrees apart, eosin {e:.1}");
    assert!(real_n > 30 && n > 30, "{real_n} and {n} nuclei");
    let factor = (size / real_size).max(real_size / size);
    assert!(factor < FACTOR, "nuclei of {size:.2} um, real ones {real_size:.2} um");
}
