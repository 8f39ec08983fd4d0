use super::store::{FILE, load};
use super::*;
use crate::model::SlidePx;
use proptest::prelude::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_was_changed_is_there_the_next_time() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("not/there/yet");
    let mut store = Store::at(&folder);
    assert_eq!(store.get(), &Settings::default());
    store.change(|s| {
        s.theme = Theme::Grey;
        s.rater = "C.B.".to_owned();
        s.opened_slide("/slides/a.svs".into());
        s.left_view("a", Camera::new(SlidePx::new(1.0, 2.0), 0.5));
    });
    let kept = store.get().clone();
    drop(store);
    let mut again = Store::at(&folder);
    assert_eq!(again.get(), &kept);
    assert_eq!(again.get().view_of("a"), Some(Camera::new(SlidePx::new(1.0, 2.0), 0.5)));
    assert!(again.warning().is_none());
    assert_eq!(names(&folder), [FILE], "no half-written file stays behind");
}

#[test]
fn many_changes_end_as_the_last_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::at(folder.path());
    for width in 130..400u16 {
        store.change(|s| s.left_width = f32::from(width));
    }
    store.flush();
    assert_eq!(load(&folder.path().join(FILE)).unwrap().left_width, 399.0);
}

#[test]
fn a_broken_file_is_set_aside_and_said() {
    for broken in [&b"{\"theme\": 7}"[..], b"\xff\xfe\x00", b"", b"[1,2"] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), broken).unwrap();
        let mut store = Store::at(folder.path());
        assert_eq!(store.get(), &Settings::default());
        let words = store.warning().unwrap().to_string();
        assert!(words.contains("defaults are used") && words.contains("settings.broken.json"), "{words}");
        assert!(store.warning().is_none(), "said once");
        assert_eq!(std::fs::read(folder.path().join("settings.broken.json")).unwrap(), broken);
    }
}

#[test]
fn a_folder_that_can_not_be_made_is_said() {
    let home = tempfile::tempdir().unwrap();
    let blocked = home.path().join("file");
    std::fs::write(&blocked, "").unwrap();
    let mut store = Store::memory();
    store.change(|s| s.colour_blind = true);
    assert!(store.get().colour_blind && store.warning().is_none());
    let mut store = Store::at(&blocked.join("inside"));
    store.warning();
    store.change(|s| s.colour_blind = true);
    store.flush();
    assert!(store.warning().unwrap().to_string().contains("could not be saved"));
}

#[test]
fn unknown_and_missing_fields_do_no_harm() {
    let read: Settings = serde_json::from_str(r#"{"rater": "R.K.", "of_a_later_version": [1, 2]}"#).unwrap();
    assert_eq!(read, Settings { rater: "R.K.".to_owned(), ..Settings::default() });
}

#[test]
fn folders_lie_where_the_system_wants_them() {
    if let (Some(config), Some(state)) = (config_dir(), crate::logs::folder()) {
        assert!(config.is_absolute() && state.is_absolute());
        assert_ne!(config, state);
        assert!(config.to_string_lossy().to_lowercase().contains("mitoscope"));
    }
}

proptest! {
    #[test]
    fn lists_stay_bounded_and_newest_first(opened in prop::collection::vec(0u16..400, 1..600)) {
        let mut settings = Settings::default();
        for n in &opened {
            settings.opened_slide(format!("{n}.svs").into());
            settings.left_view(&n.to_string(), Camera::new(SlidePx::new(f64::from(*n), 0.0), 1.0));
        }
        let mut newest: Vec<u16> = Vec::new();
        for n in opened.iter().rev() {
            if !newest.contains(n) {
                newest.push(*n);
            }
        }
        let recent: Vec<PathBuf> = newest.iter().take(RECENT).map(|n| format!("{n}.svs").into()).collect();
        prop_assert_eq!(&settings.recent_slides, &recent);
        let views: Vec<String> = newest.iter().take(VIEWS).map(u16::to_string).collect();
        prop_assert_eq!(settings.views.iter().map(|v| v.slide.clone()).collect::<Vec<_>>(), views);
    }

    #[test]
    fn bounds_hold_for_any_number(w in any::<f32>(), l in any::<f32>(), zoom in any::<f64>(), mib in any::<u32>()) {
        let settings = Settings {
            window: [w, w],
            left_width: l,
            memory_mib: mib,
            views: vec![SavedView { slide: "x".into(), camera: Camera::new(SlidePx::default(), zoom) }],
            ..Settings::default()
        };
        let settings = settings.bounded();
        prop_assert!(settings.window.iter().all(|v| (480.0..=16_384.0).contains(v)));
        prop_assert!((120.0..=600.0).contains(&settings.left_width));
        prop_assert!(settings.memory_mib >= 64);
        prop_assert!(settings.views.iter().all(|v| v.camera.zoom.is_finite() && v.camera.zoom > 0.0));
        prop_assert_eq!(settings.clone().bounded(), settings);
    }
}
