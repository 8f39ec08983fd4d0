//! One picture a state, from the real window, into `screenshots/`. `UPDATE=1` writes them; every run draws them
//! and looks for what no picture of the window may have.

#![cfg(feature = "gui")]

mod support;

use eframe::egui::{Key, Modifiers};
use mitoscope::app::Start;
use mitoscope::app::settings::Store;
use mitoscope::app::theme::Theme;
use mitoscope::model::{Camera, SlidePx};
use std::path::Path;
use support::{Desk, Setup, real_slide};

fn keep(desk: &mut Desk, name: &str) {
    let picture = desk.picture();
    if std::env::var_os("UPDATE").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        picture.save(folder.join(format!("{name}.png"))).unwrap();
    }
    let first = picture.get_pixel(0, 0);
    assert!(picture.pixels().any(|p| p != first), "{name} is blank");
}

fn settings(theme: Theme) -> Store {
    let mut settings = Store::memory();
    settings.change(|s| {
        s.reduced_motion = true;
        s.theme = theme;
        s.rater = "C.B.".into();
    });
    settings
}

fn start(slides: usize, database: Option<&Path>) -> Start {
    Start { slides: vec![real_slide(); slides], database: database.map(Path::to_owned), demo: false }
}

#[test]
fn pictures_of_every_state() {
    let folder = tempfile::tempdir().unwrap();
    let name = "pictures_of_every_state";
    let database = folder.path().join("study.sqlite");
    for (theme, tag) in [(Theme::Dark, "dark"), (Theme::Light, "light"), (Theme::Grey, "grey")] {
        let Some(mut desk) = Desk::open(name, Setup { settings: settings(theme), ..Setup::default() }) else {
            return;
        };
        desk.settle();
        keep(&mut desk, &format!("empty-{tag}"));
        if !database.exists() {
            mitoscope::store::Database::create(&database).unwrap();
        }
        let setup = Setup { settings: settings(theme), start: start(1, Some(&database)), ..Setup::default() };
        let Some(mut desk) = Desk::open(name, setup) else { return };
        desk.settle();
        keep(&mut desk, &format!("view-{tag}"));
        desk.key(Key::F3);
        desk.settle();
        keep(&mut desk, &format!("screen-{tag}"));
        for (x, y, key) in [(0.3, 0.4, Key::Num1), (0.6, 0.6, Key::Num1), (0.45, 0.3, Key::Num2)] {
            let camera: Camera = desk.window().opened().unwrap().motion.camera();
            let seen = camera.visible([820.0, 700.0]);
            desk.point(SlidePx::new(seen.x + x * seen.w, seen.y + y * seen.h));
            desk.key(key);
            desk.settle();
        }
        keep(&mut desk, &format!("labelled-{tag}"));
        desk.key(Key::N);
        desk.settle();
        desk.key(Key::F4);
        desk.settle();
        keep(&mut desk, &format!("count-{tag}"));
        desk.key(Key::F1);
        desk.settle();
        keep(&mut desk, &format!("keys-{tag}"));
        desk.key(Key::Escape);
        desk.key_with(Modifiers::COMMAND, Key::P);
        desk.settle();
        keep(&mut desk, &format!("palette-{tag}"));
        desk.key(Key::Escape);
        desk.key(Key::F11);
        desk.settle();
        keep(&mut desk, &format!("alone-{tag}"));
    }
}
