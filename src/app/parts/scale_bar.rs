//! A bar of a round length over the slide.

use crate::app::theme;
use eframe::egui::{Color32, Response, Role, Sense, Stroke, Ui, Vec2, pos2, vec2};

/// A bar and the words above it.
#[derive(Debug, Clone, PartialEq)]
pub struct ScaleBar {
    /// Its length in points.
    pub length: f32,
    /// What it measures: `100 µm`, `1 mm`, or `500 px` for a slide that states no resolution.
    pub text: String,
}

/// What one point of the screen measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PerPoint {
    /// Micrometres.
    Um(f64),
    /// Level-0 pixels, on a slide without a resolution.
    Px(f64),
}

/// The longest bar of 1, 2 or 5 times a power of ten that is not wider than `max_width` points; `None` where a
/// value is not finite or not above 0.
pub fn scale_bar(per_point: PerPoint, max_width: f32) -> Option<ScaleBar> {
    let (PerPoint::Um(unit) | PerPoint::Px(unit)) = per_point;
    let room = unit * f64::from(max_width);
    if !(room.is_finite() && room > 0.0 && unit > 0.0) {
        return None;
    }
    let exponent = room.log10().floor() as i32;
    // One decade lower and one higher too: the logarithm of a round number may fall on either side.
    let length = (exponent - 1..=exponent + 1)
        .flat_map(|e| [1.0, 2.0, 5.0].map(|m| if e < 0 { m / 10f64.powi(-e) } else { m * 10f64.powi(e) }))
        .filter(|length| *length <= room * (1.0 + 1e-9))
        .fold(0.0, f64::max);
    let text = match per_point {
        PerPoint::Px(_) => format!("{length} px"),
        PerPoint::Um(_) if length >= 1000.0 => format!("{} mm", length / 1000.0),
        PerPoint::Um(_) => format!("{length} µm"),
    };
    (length > 0.0).then(|| ScaleBar { length: (length / unit) as f32, text })
}

const FONT: f32 = 13.0;
const TICK: f32 = 3.0;

/// Draws the bar on a dark plate: the words above, the bar below.
pub fn show(ui: &mut Ui, bar: &ScaleBar) -> Response {
    let words = ui.painter().layout_no_wrap(bar.text.clone(), theme::semibold(FONT), Color32::WHITE);
    let inside = vec2(bar.length.max(words.size().x), words.size().y + 2.0 * TICK + 2.0);
    let (rect, response) = ui.allocate_exact_size(inside + margin(), Sense::hover());
    super::name(&response, Role::Label, &format!("Scale bar: {}", bar.text));
    let inner = rect.shrink2(margin() / 2.0);
    super::plate(ui.painter(), inner);
    let left = inner.center().x - words.size().x / 2.0;
    ui.painter().galley(pos2(left, inner.top()), words, Color32::WHITE);
    let (from, to) = (inner.center().x - bar.length / 2.0, inner.center().x + bar.length / 2.0);
    let y = inner.bottom() - TICK - 1.0;
    let stroke = Stroke::new(2.0, Color32::WHITE);
    ui.painter().hline(from..=to, y, stroke);
    for x in [from + 1.0, to - 1.0] {
        ui.painter().vline(x, y - TICK..=y + TICK, stroke);
    }
    response
}

fn margin() -> Vec2 {
    vec2(2.0 * super::PLATE, 2.0 * super::PLATE - 6.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::parts::testing;
    use egui_kittest::kittest::Queryable as _;
    use proptest::prelude::*;

    #[test]
    fn words_have_the_unit_people_use() {
        let text = |per_point, width| scale_bar(per_point, width).unwrap().text;
        assert_eq!(text(PerPoint::Um(0.25), 120.0), "20 µm");
        assert_eq!(text(PerPoint::Um(1.0), 100.0), "100 µm");
        assert_eq!(text(PerPoint::Um(10.0), 120.0), "1 mm");
        assert_eq!(text(PerPoint::Um(100.0), 120.0), "10 mm");
        assert_eq!(text(PerPoint::Um(0.005), 120.0), "0.5 µm");
        assert_eq!(text(PerPoint::Px(4.5), 120.0), "500 px");
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(scale_bar(PerPoint::Um(wrong), 120.0), None);
        }
    }

    proptest! {
        #[test]
        fn the_bar_is_round_right_and_the_longest_that_fits(log in -4.0..4.0f64, width in 40.0..300.0f32) {
            let unit = 10f64.powf(log);
            let bar = scale_bar(PerPoint::Px(unit), width).unwrap();
            let length: f64 = bar.text.strip_suffix(" px").unwrap().parse().unwrap();
            prop_assert!((f64::from(bar.length) * unit / length - 1.0).abs() < 1e-5);
            prop_assert!(bar.length <= width * 1.0001);
            let digits: String = format!("{length:e}").chars().take_while(|c| *c != 'e').collect();
            prop_assert!(["1", "2", "5"].contains(&digits.as_str()), "{}", bar.text);
            // The next round length is at most 2.5 times as long, and must not fit.
            let next = if digits == "2" { 2.5 } else { 2.0 };
            prop_assert!(f64::from(bar.length) * next > f64::from(width) * 0.9999);
        }
    }

    #[test]
    fn it_can_be_found_by_its_name() {
        let mut window = testing::window([300.0, 80.0], theme::Theme::Dark).build_ui(|ui| {
            show(ui, &scale_bar(PerPoint::Um(1.0), 120.0).unwrap());
        });
        window.run();
        window.get_by_label("Scale bar: 100 µm");
    }
}
