use super::*;
use crate::slide;
use std::collections::BTreeMap;

fn recipe(width: u32, height: u32, seed: u64) -> Recipe {
    Recipe { width, height, seed, sparse: false }
}

fn made(recipe: &Recipe) -> (tempfile::TempDir, PathBuf, Vec<Cell>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slide.svs");
    let cells = write(&path, recipe, &mut |_, _| true).unwrap();
    (folder, path, cells)
}

/// Mean absolute difference of two pictures.
fn apart(a: &Pixels, b: &Pixels) -> f64 {
    let sum: u64 = a.rgba.iter().zip(&b.rgba).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.rgba.len() as f64
}

#[test]
fn openslide_sees_an_aperio_slide_with_its_facts_and_pictures() {
    let (_folder, path, _) = made(&recipe(2600, 1400, 3));
    let source = slide::open(&path).unwrap();
    let f = source.facts();
    assert_eq!((f.vendor.as_str(), f.width, f.height, f.objective), ("aperio", 2600, 1400, Some(40.0)));
    let mpp = f.resolution.unwrap();
    assert!((mpp.x - MPP).abs() < 1e-9 && (mpp.y - MPP).abs() < 1e-9);
    let sizes: Vec<_> = f.levels.iter().map(|l| (l.width, l.height, l.tile_width)).collect();
    assert_eq!(sizes, [(2600, 1400, Some(256)), (650, 350, Some(256))]);
    let label = source.associated("label").unwrap();
    assert_eq!((label.width, label.height), (384, 384));
    let thumbnail = source.associated("thumbnail").unwrap();
    assert_eq!((thumbnail.width, thumbnail.height), (650, 350));
    assert!(!f.icc);
}

#[test]
fn one_seed_is_one_file_and_another_seed_another() {
    let (_a, a, cells) = made(&recipe(1300, 900, 5));
    let (_b, b, same) = made(&recipe(1300, 900, 5));
    let (_c, c, _) = made(&recipe(1300, 900, 6));
    let read = |p| std::fs::read(p).unwrap();
    assert!(read(&a) == read(&b));
    assert_eq!(cells, same);
    assert!(read(&a) != read(&c));
}

#[test]
fn a_region_drawn_alone_is_the_same_place_in_the_file() {
    let recipe = recipe(2000, 1600, 11);
    let (_folder, path, _) = made(&recipe);
    let source = slide::open(&path).unwrap();
    for (x, y, w, h) in [(700, 500, 500, 400), (903, 711, 333, 222), (0, 0, 64, 64)] {
        let file = source.region(x, y, 0, w, h).unwrap();
        let alone = region(&recipe, x, y, w, h).unwrap();
        let d = apart(&file, &alone);
        assert!(d < 6.0, "{d} at {x},{y}");
    }
    // Drawn in two windows or in one: the same but for the rounding of places.
    let whole = region(&recipe, 700, 500, 400, 300).unwrap();
    let right = region(&recipe, 813, 500, 287, 300).unwrap();
    let mut unlike = 0;
    for y in 0..300 {
        for x in 0..287 {
            let (a, b) = (whole.at(x + 113, y), right.at(x, y));
            unlike += usize::from((0..3).any(|k| a[k].abs_diff(b[k]) > 3));
        }
    }
    assert!(unlike < 50, "{unlike} pixels");
}

#[test]
fn coarser_levels_are_means_of_the_finest() {
    let recipe = recipe(2000, 1600, 11);
    let (_folder, path, _) = made(&recipe);
    let source = slide::open(&path).unwrap();
    let coarse = source.region(700, 500, 1, 100, 90).unwrap();
    let fine = region(&recipe, 700, 500, 400, 360).unwrap();
    let mut mean = Pixels::filled(100, 90, [0, 0, 0, 255]);
    for (i, p) in mean.rgba.chunks_exact_mut(4).enumerate() {
        let (x, y) = (4 * (i as u32 % 100), 4 * (i as u32 / 100));
        for (k, value) in p[..3].iter_mut().enumerate() {
            let sum: u32 = (0..16).map(|n| u32::from(fine.at(x + n % 4, y + n / 4)[k])).sum();
            *value = (sum / 16) as u8;
        }
    }
    let d = apart(&coarse, &mean);
    assert!(d < 6.0, "{d}");
}

#[test]
fn the_truth_lies_inside_apart_and_is_dark() {
    let recipe = recipe(4000, 3000, 8);
    let cells = truth(&recipe).unwrap();
    let mitotic = cells.iter().filter(|c| c.mitotic).count();
    assert!(mitotic > 0 && mitotic < cells.len(), "{mitotic} of {}", cells.len());
    for (i, a) in cells.iter().enumerate() {
        assert!(a.x >= 0.0 && a.y >= 0.0 && a.x < 4000.0 && a.y < 3000.0, "{a:?}");
        assert_eq!(figures::PHASES.contains(&a.phase), a.mitotic);
        for b in &cells[..i] {
            assert!((a.x - b.x).hypot(a.y - b.y) > 76.0, "{a:?} {b:?}");
        }
    }
    for cell in cells.iter().step_by(3) {
        let around = region(&recipe, cell.x as i64 - 80, cell.y as i64 - 80, 161, 161).unwrap();
        let grey = |x: u32, y: u32| around.at(x, y)[..3].iter().map(|&v| u32::from(v)).sum::<u32>() / 3;
        let mut all: Vec<u32> = (0..161 * 161).map(|i| grey(i % 161, i / 161)).collect();
        let mut near: Vec<u32> = (0..41 * 41).map(|i| grey(60 + i % 41, 60 + i / 41)).collect();
        all.sort_unstable();
        near.sort_unstable();
        let darkest = near[..near.len() / 5].iter().sum::<u32>() / (near.len() / 5) as u32;
        assert!(darkest + 25 < all[all.len() / 2], "{cell:?}: {darkest} against {}", all[all.len() / 2]);
    }
}

#[test]
fn a_demo_slide_has_its_cells_in_a_hot_spot() {
    for seed in 1..=6 {
        let recipe = recipe(12_000, 9000, seed);
        let cells = truth(&recipe).unwrap();
        let mitotic: Vec<&Cell> = cells.iter().filter(|c| c.mitotic).collect();
        assert!((25..=90).contains(&mitotic.len()), "seed {seed}: {}", mitotic.len());
        assert!(cells.len() > 2 * mitotic.len() * 9 / 10, "seed {seed}: {}", cells.len());
        let ([x, y], reach) = layout::Layout::new(&recipe).hot;
        let near = |c: &&&Cell| (c.x - f64::from(x)).hypot(c.y - f64::from(y)) < f64::from(reach);
        let inside = mitotic.iter().filter(near).count();
        assert!(inside * 2 > mitotic.len(), "seed {seed}: {inside} of {}", mitotic.len());
        for phase in figures::PHASES.iter().chain(&figures::LOOK_ALIKES) {
            assert!(cells.iter().any(|c| c.phase == *phase), "seed {seed}: no {phase}");
        }
    }
}

/// Places of the tiles of each tiled page, and lengths of them, of a classic TIFF.
fn tiles(bytes: &[u8]) -> Vec<Vec<u32>> {
    let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let long = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let mut found = Vec::new();
    let mut at = long(4) as usize;
    while at != 0 {
        let n = usize::from(short(at));
        for entry in (0..n).map(|k| at + 2 + 12 * k).filter(|&e| short(e) == 324) {
            let count = long(entry + 4) as usize;
            let list = if count == 1 { entry + 8 } else { long(entry + 8) as usize };
            found.push((0..count).map(|k| long(list + 4 * k)).collect());
        }
        at = long(at + 2 + 12 * n) as usize;
    }
    found
}

#[test]
fn empty_tiles_are_one_and_a_sparse_slide_is_small() {
    let recipe = Recipe { width: 24_000, height: 20_000, seed: 2, sparse: true };
    let (_folder, path, _) = made(&recipe);
    let bytes = std::fs::read(&path).unwrap();
    assert!(bytes.len() < 12_000_000, "{} bytes", bytes.len());
    let mut counts = BTreeMap::new();
    let pages = tiles(&bytes);
    assert_eq!(pages.len(), 3);
    for place in pages.iter().flatten() {
        *counts.entry(place).or_insert(0) += 1;
    }
    let shared: Vec<_> = counts.values().filter(|&&n| n > 1).collect();
    assert_eq!(shared.len(), 1, "{shared:?}");
    let all = pages.iter().map(Vec::len).sum::<usize>();
    assert!(*shared[0] > all * 3 / 4, "{shared:?} of {all}");
}

#[test]
fn the_coarse_test_for_empty_tiles_is_right() {
    for (seed, sparse) in [(1, false), (2, false), (3, true)] {
        let painter = Painter::new(&Recipe { width: 6000, height: 4000, seed, sparse });
        let mut skipped = 0;
        for row in 0..16 {
            for column in 0..24 {
                if painter.is_empty(column, row) {
                    skipped += 1;
                    // Only tiles beside tissue are worth a look.
                    let beside = (-1..=1).any(|j: i64| {
                        (-1..=1).any(|i: i64| {
                            let (c, r) = (column as i64 + i, row as i64 + j);
                            c >= 0 && r >= 0 && !painter.is_empty(c as usize, r as usize)
                        })
                    });
                    if beside {
                        let rgb = painter.rgb((column * TILE) as i64, (row * TILE) as i64, TILE, TILE);
                        assert!(rgb.is_none_or(|rgb| rgb.iter().all(|&v| v == GROUND[0])), "{column},{row}");
                    }
                }
            }
        }
        assert!(skipped > 50, "{skipped}");
    }
}

#[test]
fn cancelled_or_refused_there_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slide.svs");
    let stopped = write(&path, &recipe(1300, 900, 1), &mut |done, total| done * 2 < total);
    assert!(matches!(stopped, Err(SynthesisError::Cancelled { .. })));
    for (w, h) in [(0, 0), (0, 10), (LARGEST + 1, 10), (10, u32::MAX)] {
        let refused = write(&path, &recipe(w, h, 1), &mut |_, _| true);
        assert!(matches!(refused, Err(SynthesisError::Size { .. })), "{w}x{h}");
        assert!(truth(&recipe(w, h, 1)).is_err());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let nowhere = write(&folder.path().join("no/such/slide.svs"), &recipe(100, 100, 1), &mut |_, _| true);
    let text = nowhere.unwrap_err().to_string();
    assert!(text.contains("slide.svs") && text.contains("check the folder"), "{text}");
}

#[test]
fn a_slide_that_is_there_stays_when_the_new_one_is_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slide.svs");
    std::fs::write(&path, "older").unwrap();
    assert!(write(&path, &recipe(600, 600, 1), &mut |_, _| false).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "older");
}

#[test]
fn odd_sizes_are_slides_as_well() {
    for (w, h) in [(1, 1), (257, 3), (3, 700), (513, 255), (2100, 70)] {
        let (_folder, path, _) = made(&recipe(w, h, 4));
        let source = slide::open(&path).unwrap();
        assert_eq!((source.facts().width, source.facts().height), (w, h));
        for (level, l) in source.facts().levels.iter().enumerate() {
            source.region(0, 0, level, l.width, l.height).unwrap();
        }
        source.associated("thumbnail").unwrap();
    }
}

#[test]
fn regions_are_bounded() {
    let recipe = recipe(1000, 1000, 1);
    for (w, h) in [(0, 5), (5, 0), (u32::MAX, 2)] {
        assert!(matches!(region(&recipe, 0, 0, w, h), Err(SynthesisError::Region { .. })));
    }
    assert!(region(&recipe, i64::MAX, 0, 1, 1).is_err());
    assert!(
        region(&recipe, -300, -300, 20, 20).unwrap().rgba.chunks_exact(4).all(|p| p == [243, 243, 243, 255])
    );
}

#[test]
fn the_truth_is_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("slide.csv");
    let cells = [
        Cell { x: 10.25, y: 20.0, mitotic: true, phase: "metaphase" },
        Cell { x: 1.0, y: 2.0, mitotic: false, phase: "pyknotic" },
    ];
    write_truth(&path, &cells).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "x,y,class,phase\n10.2,20.0,mitotic figure,metaphase\n1.0,2.0,non-mitotic look-alike,pyknotic\n"
    );
}
