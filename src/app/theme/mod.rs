//! Colours, type and spacing of the window, and the palettes of the marks.
//!
//! Greys carry no tint of their own, so that stain colours are judged fairly; the accent marks what is active
//! and nothing else.

use eframe::egui;
use eframe::egui::epaint::text::{FontData, FontDefinitions};
use eframe::egui::style::{Selection, WidgetVisuals};
use eframe::egui::{
    Color32, Context, CornerRadius, FontFamily, FontId, Margin, Stroke, Style, TextStyle, Visuals, vec2,
};
use std::sync::Arc;

mod tokens;

pub use tokens::{Marks, Theme, Tokens, contrast};

/// Spacing goes in steps of this many points.
pub const STEP: f32 = 4.0;
/// Height of a button or field in points.
pub const CONTROL: f32 = 28.0;
/// Height of a control that a gloved or tired hand aims at, in points.
pub const CONTROL_LARGE: f32 = 44.0;
/// How long a fade takes in seconds, unless the system asks for less motion.
pub const FADE: f32 = 0.08;
/// How long a glide of the view takes in seconds, unless the system asks for less motion.
pub const GLIDE: f32 = 0.12;
/// Dark line around marks and words that lie on the slide.
pub const HALO: Color32 = Color32::from_black_alpha(170);

const SEMIBOLD: &str = "semibold";
const BIG: &str = "big";

/// Which theme was applied, kept in the context so that every part finds its colours.
#[derive(Clone, Copy, Default)]
struct Applied(Theme);

/// The colours in force.
pub fn tokens(ctx: &Context) -> Tokens {
    let Applied(theme) = ctx.data(|data| data.get_temp(egui::Id::NULL)).unwrap_or_default();
    theme.tokens(ctx.theme() == egui::Theme::Dark)
}

/// Gives the context its fonts. Once, at the start.
pub fn install_fonts(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let faces: [(&str, &'static [u8]); 2] = [
        ("IBM Plex Sans", include_bytes!("../../../assets/fonts/IBMPlexSans-Regular.ttf")),
        ("IBM Plex Sans SemiBold", include_bytes!("../../../assets/fonts/IBMPlexSans-SemiBold.ttf")),
    ];
    // What Plex lacks (symbols, emoji) comes from the fonts that egui brings.
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    let families = [FontFamily::Proportional, FontFamily::Name(SEMIBOLD.into())];
    for ((name, bytes), family) in faces.into_iter().zip(families) {
        fonts.font_data.insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let names = std::iter::once(name.to_owned()).chain(fallback.iter().cloned()).collect();
        fonts.families.insert(family, names);
    }
    ctx.set_fonts(fonts);
}

/// Puts a look in force, from the next pass on. Fonts must have been given by [`install_fonts`].
pub fn apply(ctx: &Context, theme: Theme) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::NULL, Applied(theme)));
    for (of, dark) in [(egui::Theme::Dark, true), (egui::Theme::Light, false)] {
        let tokens = theme.tokens(dark);
        ctx.style_mut_of(of, |style| dress(style, &tokens));
    }
    ctx.set_theme(match theme {
        Theme::System => egui::ThemePreference::System,
        Theme::Dark => egui::ThemePreference::Dark,
        Theme::Light | Theme::Grey => egui::ThemePreference::Light,
    });
}

/// Turns fades off, or on again.
pub fn reduce_motion(ctx: &Context, reduced: bool) {
    ctx.all_styles_mut(|style| {
        style.animation_time = if reduced { 0.0 } else { FADE };
        if reduced {
            style.scroll_animation = egui::style::ScrollAnimation::none();
        } else {
            style.scroll_animation = egui::style::ScrollAnimation::default();
        }
    });
}

/// A font of this size in points.
pub const fn font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// The semibold font of this size in points.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// 28 points: the one big number of a mode.
pub fn big() -> TextStyle {
    TextStyle::Name(BIG.into())
}

/// Frames the text field that has the focus in the accent, within this `ui`.
pub fn accent_focus(ui: &mut egui::Ui) {
    let accent = tokens(ui.ctx()).accent;
    ui.visuals_mut().selection.stroke = Stroke::new(1.5, accent);
}

/// A frame for a dialog or an overlay.
pub fn sheet(ctx: &Context) -> egui::Frame {
    let t = tokens(ctx);
    egui::Frame::new()
        .fill(t.panel)
        .stroke(Stroke::new(1.0, t.line))
        .corner_radius(CornerRadius::same(6))
        .inner_margin(Margin::same(16))
        .shadow(ctx.global_style().visuals.popup_shadow)
}

fn dress(style: &mut Style, t: &Tokens) {
    style.text_styles = [
        (TextStyle::Body, font(13.0)),
        (TextStyle::Button, font(13.0)),
        (TextStyle::Small, font(11.0)),
        (TextStyle::Heading, semibold(16.0)),
        (TextStyle::Monospace, FontId::monospace(12.0)),
        (big(), semibold(28.0)),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(2.0 * STEP, STEP);
    spacing.button_padding = vec2(2.0 * STEP, STEP);
    spacing.interact_size = vec2(40.0, CONTROL);
    spacing.window_margin = Margin::same(12);
    spacing.menu_margin = Margin::same(4);
    spacing.tooltip_width = 320.0;
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.visuals = visuals(t);
}

fn visuals(t: &Tokens) -> Visuals {
    let base = if t.dark { Visuals::dark() } else { Visuals::light() };
    let widget = |fill: Color32, edge: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, edge),
        corner_radius: CornerRadius::same(4),
        fg_stroke: Stroke::new(1.0, t.text),
        expansion: 0.0,
    };
    let mut visuals = base.clone();
    visuals.widgets.noninteractive = widget(t.panel, t.line);
    visuals.widgets.inactive = widget(t.control, t.control);
    visuals.widgets.hovered = widget(t.hover, t.hover);
    visuals.widgets.active = widget(t.pressed, t.pressed);
    visuals.widgets.open = widget(t.hover, t.line);
    visuals.selection = Selection { bg_fill: t.selection, stroke: Stroke::new(1.0, t.text) };
    visuals.weak_text_color = Some(t.quiet);
    visuals.hyperlink_color = t.text;
    visuals.faint_bg_color = t.control;
    visuals.extreme_bg_color = t.field;
    visuals.code_bg_color = t.control;
    visuals.warn_fg_color = t.warning;
    visuals.error_fg_color = t.error;
    visuals.panel_fill = t.panel;
    visuals.window_fill = t.panel;
    visuals.window_stroke = Stroke::new(1.0, t.line);
    visuals.text_cursor.stroke = Stroke::new(2.0, t.text);
    visuals.window_shadow.color = Color32::from_black_alpha(if t.dark { 120 } else { 40 });
    visuals.popup_shadow.color = visuals.window_shadow.color;
    visuals
}

#[cfg(test)]
mod tests;
