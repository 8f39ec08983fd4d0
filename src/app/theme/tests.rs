use super::tokens::{DARK, GREY, LIGHT, rgb};
use super::*;

fn looks() -> impl Iterator<Item = (Theme, Tokens)> {
    [
        (Theme::Dark, true),
        (Theme::Light, false),
        (Theme::Grey, false),
        (Theme::System, true),
        (Theme::System, false),
    ]
    .into_iter()
    .map(|(theme, dark)| (theme, theme.tokens(dark)))
}

#[test]
fn contrast_is_that_of_the_standard() {
    assert!((contrast(Color32::WHITE, Color32::BLACK) - 21.0).abs() < 0.01);
    // Published example: #767676 is the lightest grey that passes AA on white.
    assert!((contrast(rgb(0x767676), Color32::WHITE) - 4.54).abs() < 0.01);
}

#[test]
fn words_can_be_read_in_every_look() {
    for (theme, t) in looks() {
        for (place, back) in [
            ("panel", t.panel),
            ("ground", t.ground),
            ("field", t.field),
            ("control", t.control),
            ("hover", t.hover),
            ("pressed", t.pressed),
            ("selection", t.selection),
        ] {
            let of = |colour| contrast(colour, back);
            assert!(of(t.text) >= 4.5, "{theme:?}: text on {place} {}", of(t.text));
            assert!(of(t.quiet) >= 3.0 || place != "panel", "{theme:?}: quiet on {place} {}", of(t.quiet));
        }
        for (name, colour) in [("warning", t.warning), ("error", t.error)] {
            assert!(contrast(colour, t.panel) >= 4.0, "{theme:?}: {name} {}", contrast(colour, t.panel));
        }
    }
}

#[test]
fn quiet_words_are_65_percent_of_the_text() {
    for (theme, t) in looks() {
        let mix = |a: u8, b: u8| (0.65 * f32::from(a) + 0.35 * f32::from(b)).round() as i32;
        for i in 0..3 {
            let (text, panel, quiet) = (t.text.to_array()[i], t.panel.to_array()[i], t.quiet.to_array()[i]);
            assert!((mix(text, panel) - i32::from(quiet)).abs() <= 2, "{theme:?}");
        }
    }
}

#[test]
fn greys_carry_no_tint() {
    for (theme, t) in looks() {
        for colour in [t.line, t.field, t.control, t.hover, t.pressed, t.text] {
            let [r, g, b, _] = colour.to_array();
            assert!(r == g && g == b, "{theme:?}: {colour:?}");
        }
    }
}

#[test]
fn the_applied_look_is_found_again() {
    let ctx = Context::default();
    install_fonts(&ctx);
    assert_eq!(tokens(&ctx), DARK);
    for (theme, wanted) in [(Theme::Light, LIGHT), (Theme::Grey, GREY), (Theme::Dark, DARK)] {
        apply(&ctx, theme);
        ctx.run_ui(egui::RawInput::default(), |_| {}).drop_without_applying_deltas();
        assert_eq!(tokens(&ctx), wanted);
        assert_eq!(ctx.global_style().visuals.panel_fill, wanted.panel);
        assert_eq!(TextStyle::Body.resolve(&ctx.global_style()).size, 13.0);
    }
    reduce_motion(&ctx, true);
    assert_eq!(ctx.global_style().animation_time, 0.0);
}

#[test]
fn both_palettes_tell_every_mark_from_the_others() {
    for m in [Marks::PUBLISHED, Marks::COLOUR_BLIND] {
        assert_ne!(m.mitotic, m.look_alike);
        assert_ne!(m.mitotic, m.count);
        assert_ne!(m.mitotic, m.candidate);
    }
    assert_ne!(Marks::of(true), Marks::of(false));
}
