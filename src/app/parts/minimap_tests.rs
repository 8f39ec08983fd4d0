use super::*;
use crate::app::parts::testing;
use crate::app::theme::Theme;
use crate::model::Camera;
use eframe::egui;
use egui_kittest::kittest::Queryable as _;
use proptest::prelude::*;

fn plain(slide: [f64; 2]) -> Minimap<'static> {
    Minimap {
        slide,
        thumbnail: None,
        view: None,
        fields: &[],
        count: None,
        seen: 0,
        palette: Marks::PUBLISHED,
    }
}

proptest! {
    #[test]
    fn a_place_on_the_map_is_the_place_on_the_slide(w in 10.0..2e5f64, h in 10.0..2e5f64, x in 0.0..1.0f64, y in 0.0..1.0f64) {
        let (size, scale) = Fit::size([w, h], Vec2::splat(CORNER)).unwrap();
        prop_assert!(size.x <= CORNER * 1.001 && size.y <= CORNER * 1.001);
        let fit = Fit { rect: Rect::from_min_size(pos2(20.0, 30.0), size), scale };
        let p = SlidePx::new(x * w, y * h);
        let back = fit.to_slide(fit.to_map(p), [w, h]);
        // Half a thousandth of a point on the map.
        prop_assert!(back.distance(p) <= 5e-4 / scale, "{p:?} {back:?}");
    }
}

#[test]
fn hostile_sizes_draw_nothing() {
    for slide in [[0.0, 10.0], [10.0, 0.0], [f64::NAN, 1.0], [f64::INFINITY, 1.0], [-5.0, 3.0]] {
        let drawn = Fit::size(slide, Vec2::splat(CORNER)).is_some();
        assert!(!drawn, "{slide:?}");
    }
}

#[test]
fn a_click_and_a_drag_give_the_place_and_stay_on_the_slide() {
    let mut window = testing::window([400.0, 400.0], Theme::Dark).build_ui_state(
        |ui, to: &mut Option<SlidePx>| {
            *to = plain([10_000.0, 10_000.0]).corner(ui).or(*to);
        },
        None,
    );
    window.run();
    let rect = window.get_by_label("Minimap").rect();
    window.drag_at(rect.center());
    window.drop_at(rect.center());
    window.run();
    let to = window.state().unwrap();
    assert!(to.distance(SlidePx::new(5000.0, 5000.0)) < 60.0, "{to:?}");
    window.drag_at(rect.center());
    window.run();
    window.hover_at(rect.max + vec2(100.0, 50.0));
    window.run();
    assert_eq!(*window.state(), Some(SlidePx::new(10_000.0, 10_000.0)));
}

#[test]
fn the_name_says_how_much_was_seen() {
    let fields = [
        (SlideRect::new(0.0, 0.0, 10.0, 10.0), FieldState::Done),
        (SlideRect::new(10.0, 0.0, 10.0, 10.0), FieldState::Open),
    ];
    assert_eq!(
        Minimap { fields: &fields, seen: 1, ..plain([20.0, 10.0]) }.words(),
        "Minimap: 1 of 2 fields seen"
    );
}

#[test]
fn pictures() {
    let mut fields = Vec::new();
    for n in 0..88 {
        let state = match n {
            40 => FieldState::Current,
            12 | 31 | 32 => FieldState::Skipped,
            0..40 => FieldState::Done,
            _ => FieldState::Open,
        };
        let (x, y) = (f64::from(n % 11), f64::from(n / 11));
        fields.push((SlideRect::new(4000.0 + x * 2000.0, 3000.0 + y * 1500.0, 2100.0, 1600.0), state));
    }
    testing::pictures("minimap", [480.0, 300.0], |ui| {
        let id = egui::Id::unique("thumbnail");
        let known = ui.data(|data| data.get_temp::<TextureHandle>(id));
        let thumbnail = known.unwrap_or_else(|| {
            let colour = |x: usize, y: usize| {
                let inside = ((x as f32 - 48.0) / 40.0).powi(2) + ((y as f32 - 28.0) / 22.0).powi(2) < 1.0;
                if inside { Color32::from_rgb(214, 150, 190) } else { Color32::from_gray(242) }
            };
            let pixels = (0..96 * 60).map(|i| colour(i % 96, i / 96)).collect();
            let image = egui::ColorImage::new([96, 60], pixels);
            ui.ctx().load_texture("thumbnail", image, egui::TextureOptions::LINEAR)
        });
        ui.data_mut(|data| data.insert_temp(id, thumbnail.clone()));
        let camera = Camera { center: SlidePx::new(14_000.0, 9000.0), zoom: 0.1, angle: 0.4 };
        let corner = |x, y| camera.to_slide(crate::model::ScreenPx::new(x, y), [900.0, 500.0]);
        let map = Minimap {
            thumbnail: Some(&thumbnail),
            view: Some([corner(0.0, 0.0), corner(900.0, 0.0), corner(900.0, 500.0), corner(0.0, 500.0)]),
            fields: &fields,
            count: Some(SlideRect::new(20_000.0, 6000.0, 7110.0, 5332.0)),
            seen: 0,
            ..plain([32_000.0, 20_000.0])
        };
        ui.horizontal_top(|ui| {
            ui.vertical(|ui| {
                ui.set_width(230.0);
                map.large(ui, 220.0);
            });
            let deep = SlideRect::around(SlidePx::new(9000.0, 14_000.0), 300.0, 200.0).corners();
            Minimap { view: Some(deep), fields: &[], ..map }.corner(ui);
        });
    });
}
