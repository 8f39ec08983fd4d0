//! Pictures by the GPU, from outside: the verb `render` on real slides, marks on a real case.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![cfg(feature = "gui")]

use mitoscope::model::people::DEFAULT_CLASSES;
use mitoscope::model::{
    Camera, Class, ClassId, Edit, Label, Object, ObjectId, Rater, RaterId, Rect, Shape, SlideId, SlidePx,
};
use mitoscope::render::gpu::Gpu;
use mitoscope::render::overlay::{OverlayInput, scene};
use mitoscope::render::scene::Scene;
use mitoscope::render::view::{Options, SlideView};
use mitoscope::render::{gpu, offscreen};
use mitoscope::slide;
use mitoscope::store::Database;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.exists() {
        eprintln!("skipped: {test}: no shared data");
    }
    path.exists().then_some(path)
}

fn adapter(test: &str) -> Option<Gpu> {
    Gpu::headless().map_err(|e: gpu::RenderError| eprintln!("skipped: {test}: {e}")).ok()
}

fn mitoscope(slide: &Path, more: &str, out: &Path) -> Output {
    let home = std::env::temp_dir();
    Command::new(env!("CARGO_BIN_EXE_mitoscope"))
        .args(["render".as_ref(), slide.as_os_str()])
        .args(more.split(' '))
        .args(["-o".as_ref(), out.as_os_str()])
        .env("XDG_CONFIG_HOME", &home)
        .env("XDG_STATE_HOME", &home)
        .env_remove("RUST_LOG")
        .output()
        .unwrap()
}

#[test]
fn at_its_own_scale_the_picture_is_the_slides_pixels() {
    let test = "at_its_own_scale_the_picture_is_the_slides_pixels";
    let (Some(path), Some(_)) = (shared(test, "cases/cmc-2191a7aa-region.svs"), adapter(test)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("view.png");
    let answer = mitoscope(&path, "--center 5000,2600 --objective 40 --size 640x400", &out);
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let drawn = image::open(&out).unwrap().to_rgba8();
    let region = slide::open(&path).unwrap().region(5000 - 320, 2600 - 200, 0, 640, 400).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (640, 400));
    // The resolution in the file is a hair off 0.25, so the scale is a hair off 1.
    let sum: u64 = drawn.as_raw().iter().zip(&region.rgba).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = sum as f64 / region.rgba.len() as f64;
    assert!(mean < 1.0, "{mean}");
}

#[test]
fn nonsense_is_refused_and_leaves_no_file() {
    let test = "nonsense_is_refused_and_leaves_no_file";
    let Some(path) = shared(test, "slides/CMU-1-Small-Region.svs") else { return };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("view.png");
    for (more, code) in [
        ("--center 5 --objective 20", 2),
        ("--center nan,5 --objective 20", 2),
        ("--center 5,5 --objective 0", 2),
        ("--center 5,5 --objective 20 --size 0x0", 2),
        ("--center 5,5 --objective 20 --size 99999x5", 2),
        ("--center 5,5 --objective 20 --overlays marks", 2),
        ("--center 5,5 --objective 20 --db no-such.sqlite --overlays marks", 1),
    ] {
        let answer = mitoscope(&path, more, &out);
        let text = String::from_utf8_lossy(&answer.stderr).into_owned();
        assert_eq!(answer.status.code(), Some(code), "{more}: {text}");
        assert!(!text.contains("panicked") && !text.is_empty() && !out.exists(), "{more}: {text}");
    }
}

#[test]
fn a_picture_without_a_scale_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, out) = (folder.path().join("plain.png"), folder.path().join("view.png"));
    image::RgbImage::from_pixel(300, 200, image::Rgb([200, 100, 150])).save(&plain).unwrap();
    let answer = mitoscope(&plain, "--center 5,5 --objective 20", &out);
    let text = String::from_utf8_lossy(&answer.stderr).into_owned();
    assert_eq!(answer.status.code(), Some(1), "{text}");
    assert!(text.contains("plain.png") && text.contains("resolution") && !out.exists(), "{text}");
}

#[test]
fn overlays_come_from_the_database() {
    let test = "overlays_come_from_the_database";
    let (Some(path), Some(_)) = (shared(test, "slides/CMU-1-Small-Region.svs"), adapter(test)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("study.sqlite");
    let middle = SlidePx::new(1000.0, 1500.0);
    {
        let mut database = Database::create(&db).unwrap();
        let add = Edit::AddSlide {
            slide: None,
            filename: "CMU-1-Small-Region.svs".into(),
            directory: String::new(),
            size: None,
            mpp: None,
            case: None,
        };
        database.apply(RaterId(0), add).unwrap();
        let slide = database.slide_named("CMU-1-Small-Region.svs").unwrap().id;
        let rater = Edit::AddRater { rater: Rater { id: RaterId(0), name: "A".into() } };
        database.apply(RaterId(0), rater).unwrap();
        let rater = database.raters().unwrap()[0].id;
        let class = database.classes().unwrap().first().map_or(ClassId::UNKNOWN, |c| c.id);
        let object = Edit::AddObject {
            object: None,
            slide,
            shape: Shape::Spot(middle),
            class,
            description: String::new(),
        };
        database.apply(rater, object).unwrap();
    }
    let draw = |name: &str, overlays: &str| {
        let out = folder.path().join(name);
        let place = "--center 1000,1500 --objective 20 --size 200x160";
        let more = format!("{place} --db {} --overlays {overlays}", db.display());
        let answer = mitoscope(&path, &more, &out);
        let text = String::from_utf8_lossy(&answer.stderr).into_owned();
        (answer.status.code(), text, image::open(&out).ok().map(|p| p.to_rgba8()))
    };
    let (code, text, bare) = draw("bare.png", "coverage");
    assert_eq!(code, Some(0), "{text}");
    let (code, text, marked) = draw("marked.png", "marks,coverage");
    assert_eq!(code, Some(0), "{text}");
    let (bare, marked) = (bare.unwrap(), marked.unwrap());
    // 6.25 um are 12.5 pixels here.
    assert_ne!(bare.get_pixel(100 - 13, 80), marked.get_pixel(100 - 13, 80), "no ring");
    for (x, y) in [(100, 80), (100, 40), (10, 10)] {
        assert_eq!(bare.get_pixel(x, y), marked.get_pixel(x, y), "{x},{y}");
    }
    let (code, text, none) = draw("none.png", "detections");
    assert!(code == Some(1) && none.is_none() && text.contains("study.sqlite"), "{text}");
}

/// The case's labels as objects: MF, look-alikes, and a few without an agreed class.
fn labels(path: &Path) -> Vec<Object> {
    let object = |(i, line): (usize, &str)| {
        let mut parts = line.split(',');
        let mut number = || parts.next().unwrap().parse::<f64>().unwrap();
        let at = SlidePx::new(number(), number());
        let class = if parts.next().unwrap().starts_with("non") { ClassId(2) } else { ClassId(1) };
        Object {
            id: ObjectId(i as i64),
            guid: String::new(),
            slide: SlideId(1),
            shape: Shape::Spot(at),
            z: 0,
            agreed: if i % 7 == 0 { ClassId::UNKNOWN } else { class },
            labels: vec![Label { uid: 1, rater: RaterId(1), class }],
            deleted: false,
            description: String::new(),
            modified: 0.0,
        }
    };
    std::fs::read_to_string(path).unwrap().lines().skip(1).enumerate().map(object).collect()
}

#[test]
fn marks_of_a_real_case_ring_their_cells() {
    let test = "marks_of_a_real_case_ring_their_cells";
    let (Some(path), Some(table), Some(gpu)) = (
        shared(test, "cases/cmc-2191a7aa-region.svs"),
        shared(test, "cases/cmc-2191a7aa-region.labels.csv"),
        adapter(test),
    ) else {
        return;
    };
    let (source, objects) = (slide::open(&path).unwrap(), labels(&table));
    let class = |(i, (name, color, role)): (usize, (&str, _, _))| Class {
        id: ClassId(i as i64 + 1),
        name: name.into(),
        color,
        role,
    };
    let classes: Vec<Class> = DEFAULT_CLASSES.into_iter().enumerate().map(class).collect();
    let middle = objects[0].shape.center().unwrap();
    let count = Rect::around(middle, 900.0, 600.0);
    let over = scene(&OverlayInput {
        objects: &objects,
        classes: &classes,
        resolution: source.facts().resolution,
        selected: Some(objects[0].id),
        show_marks: true,
        count: Some(count),
        field: Some(Rect::around(middle, 1800.0, 1100.0)),
        fields_done: &[Rect::around(SlidePx::new(middle.x - 900.0, middle.y), 600.0, 400.0)],
        dim_outside: true,
        version: 1,
    });
    let mut view = SlideView::new(&gpu, source, Options::default(), Box::new(|| {}));
    let size = [1280, 800];
    for (name, zoom) in [("case-40x.png", 1.0), ("case-20x.png", 0.5), ("case-2x.png", 0.05)] {
        let camera = Camera::new(middle, zoom);
        let bare = Scene { fills: over.fills.clone(), version: 2, ..Scene::default() };
        let plain = offscreen::render(&gpu, &mut view, camera, size, &bare, [27, 29, 33]).unwrap();
        let drawn = offscreen::render(&gpu, &mut view, camera, size, &over, [27, 29, 33]).unwrap();
        if let Some(folder) = std::env::var_os("MITOSCOPE_PICTURES") {
            let file = Path::new(&folder).join(name);
            image::save_buffer(file, &drawn.rgba, drawn.width, drawn.height, image::ColorType::Rgba8)
                .unwrap();
        }
        let at = camera.to_screen(middle, size.map(f64::from));
        let (x, y) = (at.x as u32, at.y as u32);
        assert_eq!(drawn.at(x, y), plain.at(x, y), "{name}: the selected cell is covered");
        let radius = (25.0 * zoom).max(8.0);
        assert_ne!(
            drawn.at((at.x - radius) as u32, y),
            plain.at((at.x - radius) as u32, y),
            "{name}: no ring"
        );
    }
}
