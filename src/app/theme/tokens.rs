//! The looks, their colours, and the palettes of the marks.

use eframe::egui::{Color32, Rgba};
use serde::{Deserialize, Serialize};

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

pub(super) const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub(super) const DARK: Tokens = Tokens {
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

pub(super) const LIGHT: Tokens = Tokens {
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
pub(super) const GREY: Tokens = Tokens {
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
        let linear = Rgba::from(c);
        0.2126 * linear.r() + 0.7152 * linear.g() + 0.0722 * linear.b()
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}
