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
use serde::{Deserialize, Serialize};
use std::sync::Arc;

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

/// The looks to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Theme {
    /// Light words on dark panels.
    #[default]
    Dark,
    /// Dark words on light panels.
    Light,
    /// Neutral mid-grey, for calibrated viewing.
    Grey,
    /// Dark or light, as the desktop asks.
    System,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::Grey, Self::System];

    /// Its name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "Dark",
            Self::Light => "Light",
            Self::Grey => "Mid-grey (calibrated viewing)",
            Self::System => "As the system",
        }
    }

    /// Its colours; `dark` says what the desktop asks for, which only [`Theme::System`] heeds.
    pub const fn tokens(self, dark: bool) -> Tokens {
        match self {
            Self::Light => LIGHT,
            Self::Grey => GREY,
            Self::System if !dark => LIGHT,
            Self::Dark | Self::System => DARK,
        }
    }
}

/// The colours of one look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tokens {
    /// Is it light on dark?
    pub dark: bool,
    /// Behind panels, bars and dialogs.
    pub panel: Color32,
    /// Around the slide.
    pub ground: Color32,
    /// Words.
    pub text: Color32,
    /// Words that step back: 65 % of the text over the panel.
    pub quiet: Color32,
    /// Hairlines between areas.
    pub line: Color32,
    /// Inside text fields, and the trough of a progress line.
    pub field: Color32,
    /// A button at rest.
    pub control: Color32,
    /// What the pointer is over.
    pub hover: Color32,
    /// What is held down.
    pub pressed: Color32,
    /// Behind what is chosen in a list.
    pub selection: Color32,
    /// What is active.
    pub accent: Color32,
    /// A warning, always with a word.
    pub warning: Color32,
    /// An error, always with a word.
    pub error: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Tokens = Tokens {
    dark: true,
    panel: rgb(0x1d1f21),
    ground: rgb(0x121314),
    text: rgb(0xe6e6e6),
    quiet: rgb(0xa0a0a1),
    line: rgb(0x343434),
    field: rgb(0x141414),
    control: rgb(0x2b2b2b),
    hover: rgb(0x383838),
    pressed: rgb(0x484848),
    selection: rgb(0x1f454b),
    accent: rgb(0x2fb6c6),
    warning: rgb(0xf0b23e),
    error: rgb(0xff7b72),
};

const LIGHT: Tokens = Tokens {
    dark: false,
    panel: rgb(0xf4f4f2),
    ground: rgb(0xe3e3e0),
    text: rgb(0x1b1b1b),
    quiet: rgb(0x676766),
    line: rgb(0xcfcfcf),
    field: rgb(0xffffff),
    control: rgb(0xe4e4e4),
    hover: rgb(0xd8d8d8),
    pressed: rgb(0xc6c6c6),
    selection: rgb(0xbfe3e8),
    accent: rgb(0x2fb6c6),
    warning: rgb(0x8a5a00),
    error: rgb(0xb3261e),
};

// Words are nearly black here: on a mid-grey nothing else reaches 4.5 to 1.
const GREY: Tokens = Tokens {
    dark: false,
    panel: rgb(0x8e8e8e),
    ground: rgb(0x808080),
    text: rgb(0x0a0a0a),
    quiet: rgb(0x383838),
    line: rgb(0x767676),
    field: rgb(0x9e9e9e),
    control: rgb(0x9b9b9b),
    hover: rgb(0xa6a6a6),
    pressed: rgb(0xb4b4b4),
    selection: rgb(0x7cb3ba),
    accent: rgb(0x2fb6c6),
    warning: rgb(0x452b00),
    error: rgb(0x610000),
};

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
        ("IBM Plex Sans", include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf")),
        ("IBM Plex Sans SemiBold", include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf")),
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
    visuals.selection =
        Selection { bg_fill: t.selection, stroke: Stroke::new(1.0, t.text), ..base.selection };
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

/// Colours of the marks on the slide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// Mitotic figure.
    pub mitotic: Color32,
    /// Non-mitotic look-alike.
    pub look_alike: Color32,
    /// Outline of the tumour.
    pub tumour: Color32,
    /// Rectangle of the count.
    pub count: Color32,
    /// Candidate of a detector.
    pub candidate: Color32,
}

impl Marks {
    /// As published.
    pub const PUBLISHED: Self = Self {
        mitotic: rgb(0xe5383b),
        look_alike: rgb(0x3a86ff),
        tumour: rgb(0xe5383b),
        count: rgb(0x2dc653),
        candidate: rgb(0xffb000),
    };

    /// For those who don't tell red from green (after Okabe and Ito).
    pub const COLOUR_BLIND: Self = Self {
        mitotic: rgb(0xd55e00),
        look_alike: rgb(0x0072b2),
        tumour: rgb(0xcc79a7),
        count: rgb(0x009e73),
        candidate: rgb(0xf0e442),
    };

    /// The one or the other.
    pub const fn of(colour_blind: bool) -> Self {
        if colour_blind { Self::COLOUR_BLIND } else { Self::PUBLISHED }
    }
}

/// Contrast of two opaque colours as WCAG defines it: 1 to 21.
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |c: Color32| {
        let linear = egui::Rgba::from(c);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
