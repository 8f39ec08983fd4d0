//! Plans against brute force: nothing left out, neighbours overlap, few fields, a short walk.

use super::fields::{Field, Plan, Settings, plan, shares};
use super::tissue::Mask;
use crate::model::{Rect, Resolution, SlidePx};
use proptest::prelude::*;

/// A mask of patches on a slide of any size, 16 level-0 pixels to a mask pixel or a little off it.
fn masks() -> impl Strategy<Value = (Mask, (u32, u32))> {
    let patch = (0.0..1.0_f64, 0.0..1.0_f64, 1..14_usize, 1..14_usize);
    (3..70_u32, 3..70_u32, 0..16_u32, prop::collection::vec(patch, 0..12)).prop_map(
        |(w, h, more, patches)| {
            let size = (w * 16 + more, h * 16 + more / 2);
            let mut mask = Mask::empty(w, h, size);
            for (x, y, wide, high) in patches {
                let (left, top) = ((x * f64::from(w)) as usize, (y * f64::from(h)) as usize);
                for row in top..(top + high).min(h as usize) {
                    for column in left..(left + wide).min(w as usize) {
                        mask.bits[row * w as usize + column] = true;
                    }
                }
            }
            (mask, size)
        },
    )
}

fn settings() -> impl Strategy<Value = Settings> {
    let overlap = prop_oneof![Just(0.0), Just(0.1), 0.0..0.6_f64];
    (0.004..0.05_f64, 0.5..2.0_f64, overlap).prop_map(|(field_mm2, aspect, overlap)| Settings {
        field_mm2,
        aspect,
        overlap,
    })
}

fn resolution() -> Resolution {
    Resolution::new(0.5, 0.5).unwrap()
}

/// Is all of a mask pixel held by fields together? Looked at on a grid of points within it.
fn covered(plan: &Plan, mask: &Mask, i: usize) -> bool {
    let (x, y) = ((i % mask.width as usize) as f64, (i / mask.width as usize) as f64);
    [0.001, 0.25, 0.5, 0.75, 0.999].iter().all(|dy| {
        [0.001, 0.25, 0.5, 0.75, 0.999].iter().all(|dx| {
            let p = SlidePx::new((x + dx) * mask.scale_x, (y + dy) * mask.scale_y);
            plan.fields.iter().any(|f| f.rect.contains(p))
        })
    })
}

/// Fields of a grid laid from the slide's corner that touch tissue, the last ones moved inside.
fn rigid(mask: &Mask, size: (u32, u32), [w, h]: [f64; 2], overlap: f64) -> usize {
    let places = |slide: u32, side: f64| {
        let slide = f64::from(slide);
        let mut out = vec![0.0];
        while out.last().is_some_and(|last| last + side < slide - 1e-6) {
            let next: f64 = out.last().unwrap() + side * (1.0 - overlap);
            out.push(next.min(slide - side));
        }
        out
    };
    let mut n = 0;
    for y in places(size.1, h) {
        for x in places(size.0, w) {
            let field = Rect::new(x, y, w, h);
            n += usize::from(mask.bits.iter().enumerate().any(|(i, bit)| {
                let (column, row) = (i % mask.width as usize, i / mask.width as usize);
                let pixel = Rect::new(
                    column as f64 * mask.scale_x,
                    row as f64 * mask.scale_y,
                    mask.scale_x,
                    mask.scale_y,
                );
                *bit && field.intersects(&pixel)
            }));
        }
    }
    n
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nothing_is_left_out_and_nothing_in_vain((mask, size) in masks(), settings in settings()) {
        let got = plan(&mask, size, resolution(), settings);
        for i in (0..mask.bits.len()).filter(|i| mask.bits[*i]) {
            prop_assert!(covered(&got, &mask, i), "pixel {} of {} columns, {:?}", i, mask.width, got);
        }
        let (w, h) = resolution().rectangle_px(settings.field_mm2, settings.aspect);
        for f in &got.fields {
            prop_assert!((f.rect.w - w).abs() < 1e-6 && (f.rect.h - h).abs() < 1e-6);
            let held = |i: &usize| {
                let (x, y) = ((i % mask.width as usize) as f64, (i / mask.width as usize) as f64);
                f.rect.intersects(&Rect::new(x * mask.scale_x, y * mask.scale_y, mask.scale_x, mask.scale_y))
            };
            prop_assert!((0..mask.bits.len()).filter(|i| mask.bits[*i]).any(|i| held(&i)), "{:?} is empty", f);
            // On the slide; a field larger than the slide lies around it.
            let inside = |at: f64, side: f64, slide: u32| {
                let room = f64::from(slide) - side;
                at >= room.min(0.0) - 1e-6 && at <= room.max(0.0) + 1e-6
            };
            prop_assert!(inside(f.rect.x, w, size.0) && inside(f.rect.y, h, size.1), "{:?} on {:?}", f, size);
        }
        let area = mask.count() as f64 * mask.scale_x * mask.scale_y * 0.25e-6;
        prop_assert!((got.tissue_mm2 - area).abs() < 1e-9);
    }

    #[test]
    fn never_more_fields_than_a_rigid_grid((mask, size) in masks(), settings in settings()) {
        let (w, h) = resolution().rectangle_px(settings.field_mm2, settings.aspect);
        let got = plan(&mask, size, resolution(), settings);
        let grid = rigid(&mask, size, [w, h], settings.overlap);
        prop_assert!(got.fields.len() <= grid, "{} fields, the grid has {}", got.fields.len(), grid);
    }

    #[test]
    fn neighbours_of_a_row_overlap((mask, size) in masks(), settings in settings()) {
        let got = plan(&mask, size, resolution(), settings);
        let shows = |f: &Field, i: usize| {
            let (x, y) = ((i % mask.width as usize) as f64, (i / mask.width as usize) as f64);
            f.rect.intersects(&Rect::new(x * mask.scale_x, y * mask.scale_y, mask.scale_x, mask.scale_y))
        };
        for a in &got.fields {
            // The next one to the right: where the two have tissue in common, they share the overlap.
            let right = got.fields.iter().filter(|b| {
                b.fragment == a.fragment && b.rect.y == a.rect.y && b.rect.x > a.rect.x
            });
            let Some(b) = right.min_by(|a, b| a.rect.x.total_cmp(&b.rect.x)) else { continue };
            let (apart, most) = (b.rect.x - a.rect.x, (1.0 - settings.overlap) * a.rect.w);
            let common = (0..mask.bits.len()).any(|i| mask.bits[i] && shows(a, i) && shows(b, i));
            let touch = apart <= a.rect.w && common;
            prop_assert!(!touch || apart <= most + 1e-6, "{} beside {:?}, {}", apart, a, most);
        }
    }

    #[test]
    fn numbers_fragments_and_the_way_are_in_order((mask, size) in masks(), settings in settings()) {
        let got = plan(&mask, size, resolution(), settings);
        for (i, f) in got.fields.iter().enumerate() {
            prop_assert_eq!(f.index as usize, i);
        }
        // One fragment after the other, from 0.
        let mut fragments: Vec<u32> = got.fields.iter().map(|f| f.fragment).collect();
        fragments.dedup();
        prop_assert_eq!(&fragments, &(0..fragments.len() as u32).collect::<Vec<_>>());
        let way: f64 =
            got.fields.windows(2).map(|f| f[0].rect.center().distance(f[1].rect.center())).sum();
        prop_assert!((way - got.travel_px).abs() < 1e-6 * way.max(1.0));
        prop_assert_eq!(plan(&mask, size, resolution(), settings), got);
    }
}

/// Fields of any size, anywhere on the slide and around it, many of them with edges on centres of mask pixels (8 level-0
/// pixels off their edges, where the mask has no odd scale).
fn anywhere() -> impl Strategy<Value = Vec<Rect>> {
    let place = || prop_oneof![-400.0..1600.0_f64, (-20..160_i32).prop_map(|v| f64::from(v) * 8.0)];
    let side = || prop_oneof![0.0..900.0_f64, (0..90_i32).prop_map(|v| f64::from(v) * 8.0)];
    prop::collection::vec((place(), place(), side(), side()), 0..12)
        .prop_map(|rects| rects.into_iter().map(|(x, y, w, h)| Rect::new(x, y, w, h)).collect())
}

fn with_fields(rects: Vec<Rect>) -> Plan {
    let field = |(index, rect)| Field { index, rect, fragment: 0 };
    let fields = (0..).zip(rects).map(field).collect();
    Plan { fields, tissue_mm2: 0.0, travel_px: 0.0, settings: Settings::default() }
}

/// The same by asking every field for every pixel.
fn shares_by_force(plan: &Plan, mask: &Mask) -> Vec<f64> {
    let mut out = vec![0.0; plan.fields.len()];
    for i in (0..mask.bits.len()).filter(|i| mask.bits[*i]) {
        let (column, row) = ((i % mask.width as usize) as f64, (i / mask.width as usize) as f64);
        let centre = SlidePx::new((column + 0.5) * mask.scale_x, (row + 0.5) * mask.scale_y);
        if let Some(first) = plan.fields.iter().position(|f| f.rect.contains(centre)) {
            out[first] += mask.scale_x * mask.scale_y * 0.25e-6;
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn each_bit_of_tissue_is_shared_out_once((mask, size) in masks(), settings in settings(), rects in anywhere()) {
        let near = |a: &[f64], b: &[f64]| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9);
        let (laid, loose) = (plan(&mask, size, resolution(), settings), with_fields(rects));
        for plan in [&laid, &loose] {
            let (got, wanted) = (shares(plan, &mask, resolution()), shares_by_force(plan, &mask));
            prop_assert!(near(&got, &wanted), "{:?} for {:?}: {:?}", got, wanted, plan);
        }
        let sum: f64 = shares(&laid, &mask, resolution()).iter().sum();
        prop_assert!((sum - laid.tissue_mm2).abs() < 1e-9, "{} of {}", sum, laid.tissue_mm2);
    }

    #[test]
    fn any_other_field_is_another_fingerprint(
        rects in anywhere(),
        more in (0.0..9.0_f64, 0.0..9.0_f64),
        pick in any::<prop::sample::Index>(),
        side in 0..4_usize,
    ) {
        let number = with_fields(rects.clone()).fingerprint();
        let mut bytes = (rects.len() as u64).to_le_bytes().to_vec();
        for v in rects.iter().flat_map(|r| [r.x, r.y, r.w, r.h]) {
            bytes.extend(v.to_le_bytes());
        }
        let hash = blake3::hash(&bytes);
        prop_assert_eq!(&number.to_le_bytes()[..], &hash.as_bytes()[..8]);
        let mut longer = rects.clone();
        longer.push(Rect::new(more.0, more.1, 1.0, 1.0));
        prop_assert_ne!(with_fields(longer).fingerprint(), number);
        if !rects.is_empty() {
            let mut moved = rects.clone();
            let r = &mut moved[pick.index(rects.len())];
            let value = [&mut r.x, &mut r.y, &mut r.w, &mut r.h].into_iter().nth(side).unwrap();
            *value = value.next_up();
            prop_assert_ne!(with_fields(moved).fingerprint(), number);
        }
        // Numbers of fragments, tissue and settings are not what field numbers depend on.
        let same = Plan { tissue_mm2: 3.0, ..with_fields(rects) };
        prop_assert_eq!(same.fingerprint(), number);
        prop_assert_ne!(number, 0);
    }
}

#[test]
fn fields_without_sense_share_nothing() {
    let mut mask = Mask::empty(40, 30, (640, 480));
    mask.bits.fill(true);
    let whole = Rect::new(f64::MIN, f64::MIN, f64::INFINITY, f64::INFINITY);
    let wrong = [
        Rect::new(f64::NAN, 0.0, 100.0, 100.0),
        Rect::new(0.0, 0.0, f64::NAN, 100.0),
        Rect::new(100.0, 100.0, -50.0, 50.0),
        Rect::new(1e300, 0.0, 100.0, 100.0),
        Rect::new(-1e300, 0.0, 100.0, 100.0),
    ];
    let plan = with_fields(wrong.into_iter().chain([whole]).collect());
    let got = shares(&plan, &mask, resolution());
    assert_eq!(got[..wrong.len()], [0.0; 5]);
    assert!((got[5] - mask.mm2(resolution())).abs() < 1e-12, "{got:?}");
    assert_eq!(shares(&plan, &Mask::empty(0, 0, (0, 0)), resolution()), [0.0; 6]);
}

#[test]
fn a_solid_piece_is_walked_to_and_fro() {
    let size = (8000, 6000);
    let mut mask = Mask::empty(500, 375, size);
    mask.bits.fill(true);
    let settings = Settings::default();
    let got = plan(&mask, size, resolution(), settings);
    let (w, h) = resolution().rectangle_px(settings.field_mm2, settings.aspect);
    let along = |slide: f64, side: f64| ((slide - side) / (side * 0.9)).ceil() as usize + 1;
    let (columns, rows) = (along(8000.0, w), along(6000.0, h));
    assert_eq!(got.fields.len(), columns * rows);
    for (i, f) in got.fields.iter().enumerate() {
        let (row, column) = (i / columns, i % columns);
        let column = if row % 2 == 0 { column } else { columns - 1 - column };
        let at = |n: usize, of: usize, slide: f64, side: f64| n as f64 * (slide - side) / (of - 1) as f64;
        assert!((f.rect.x - at(column, columns, 8000.0, w)).abs() < 1e-6, "{i}: {f:?}");
        assert!((f.rect.y - at(row, rows, 6000.0, h)).abs() < 1e-6, "{i}: {f:?}");
    }
}

#[test]
fn a_slide_smaller_than_a_field_gets_one() {
    let mut mask = Mask::empty(40, 30, (640, 480));
    mask.bits[5] = true;
    mask.bits[1190] = true;
    let got = plan(&mask, (640, 480), resolution(), Settings::default());
    assert_eq!(got.fields.len(), 1);
    let rect = got.fields[0].rect;
    assert!(rect.x < 0.0 && rect.right() > 640.0 && rect.y < 0.0 && rect.bottom() > 480.0, "{rect:?}");
}

#[test]
fn no_tissue_no_fields() {
    let got = plan(&Mask::empty(40, 30, (640, 480)), (640, 480), resolution(), Settings::default());
    assert_eq!((got.fields.len(), got.tissue_mm2, got.travel_px), (0, 0.0, 0.0));
}

#[test]
fn senseless_settings_are_named_and_end_all_the_same() {
    let mut mask = Mask::empty(40, 30, (640, 480));
    mask.bits.fill(true);
    let good = Settings::default();
    for wrong in [
        Settings { overlap: 1.5, ..good },
        Settings { overlap: -0.1, ..good },
        Settings { overlap: f64::NAN, ..good },
        Settings { field_mm2: 0.0, ..good },
        Settings { field_mm2: f64::INFINITY, ..good },
        Settings { aspect: 0.0, ..good },
        Settings { aspect: f64::NAN, ..good },
    ] {
        let why = wrong.check().unwrap_err();
        assert!(why.contains("for example"), "{why}");
        assert!(!plan(&mask, (640, 480), resolution(), wrong).fields.is_empty());
    }
    assert_eq!(good.check(), Ok(()));
}
