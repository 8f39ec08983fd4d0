//! Classes and raters.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A class' uid in the document; 0 is "unknown" and has no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct ClassId(pub i64);

impl ClassId {
    /// No agreed class.
    pub const UNKNOWN: Self = Self(0);
}

/// A rater's uid in the document (SlideRunner's *person*); 0 is "nobody named".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct RaterId(pub i64);

/// A colour as red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl FromStr for Rgb {
    type Err = String;

    /// `#rrggbb` or `#rgb`, as SlideRunner stores it.
    fn from_str(s: &str) -> Result<Self, String> {
        let wrong = || format!("\"{s}\" is not a colour; write #rrggbb");
        let digits = s.strip_prefix('#').unwrap_or(s);
        if !digits.is_ascii() {
            return Err(wrong());
        }
        let part = |i: usize| match digits.len() {
            6 => u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).map_err(|_| wrong()),
            3 => u8::from_str_radix(&digits[i..i + 1], 16).map(|v| v * 17).map_err(|_| wrong()),
            _ => Err(wrong()),
        };
        Ok(Self(part(0)?, part(1)?, part(2)?))
    }
}

/// What a class stands for. Count, area and evaluation go by role, never by class number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A mitotic figure.
    MitoticFigure,
    /// A non-mitotic look-alike (hard negative).
    LookAlike,
    /// The region in which mitotic figures are counted.
    TumourRegion,
    /// Anything else.
    Other,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 4] = [Self::MitoticFigure, Self::LookAlike, Self::TumourRegion, Self::Other];

    /// The role that a class name tells, until somebody sets one.
    ///
    /// A word of negation or likeness makes a look-alike of a cell; else `mito` is a mitotic figure,
    /// `tumor` or `tumour` the tumour region. A negated region ("no tumour") is other.
    pub fn from_name(name: &str) -> Self {
        const NEGATIONS: [&str; 9] =
            ["non", "not", "no", "nicht", "kein", "look", "alike", "like", "negative"];
        let lower = name.to_lowercase();
        let (mitotic, tumour) = (lower.contains("mito"), lower.contains("tumor") || lower.contains("tumour"));
        let negated = lower.split(|c: char| !c.is_alphanumeric()).any(|word| {
            NEGATIONS.contains(&word) || word.starts_with("imposter") || word.starts_with("lookalike")
        }) || lower.contains("nonmito")
            || lower.contains("keine");
        match (negated, mitotic, tumour) {
            (true, _, true) => Self::Other,
            (true, ..) => Self::LookAlike,
            (false, true, _) => Self::MitoticFigure,
            (false, false, true) => Self::TumourRegion,
            (false, false, false) => Self::Other,
        }
    }

    /// The name used on the command line and in files.
    pub fn id(self) -> &'static str {
        match self {
            Self::MitoticFigure => "mitotic-figure",
            Self::LookAlike => "look-alike",
            Self::TumourRegion => "tumour-region",
            Self::Other => "other",
        }
    }

    /// The name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::MitoticFigure => "mitotic figure",
            Self::LookAlike => "look-alike",
            Self::TumourRegion => "tumour region",
            Self::Other => "other",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|r| r.id() == s).ok_or_else(|| {
            format!("\"{s}\" is not a role; choose mitotic-figure, look-alike, tumour-region or other")
        })
    }
}

/// A class of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Its uid.
    pub id: ClassId,
    /// Its name, free text.
    pub name: String,
    /// Its colour.
    pub color: Rgb,
    /// What it stands for.
    pub role: Role,
}

/// A rater of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rater {
    /// The uid.
    pub id: RaterId,
    /// The name, free text.
    pub name: String,
}

/// Mitotic figures red, look-alikes blue (the published colours), the tumour region dark red.
pub const DEFAULT_CLASSES: [(&str, Rgb, Role); 3] = [
    ("mitotic figure", Rgb(0xe5, 0x38, 0x3b), Role::MitoticFigure),
    ("non-mitotic look-alike", Rgb(0x3a, 0x86, 0xff), Role::LookAlike),
    ("tumour region", Rgb(0xb0, 0x20, 0x30), Role::TumourRegion),
];

/// Colours of classes that have none given and no usual one: far apart, and apart from those of the marks.
const FREE_COLORS: [Rgb; 8] = [
    Rgb(0xff, 0xb7, 0x03),
    Rgb(0x2a, 0x9d, 0x8f),
    Rgb(0x9b, 0x5d, 0xe5),
    Rgb(0xf1, 0x5b, 0xb5),
    Rgb(0x80, 0xb9, 0x18),
    Rgb(0x00, 0xbb, 0xf9),
    Rgb(0xfb, 0x85, 0x00),
    Rgb(0x8d, 0x6e, 0x63),
];

/// The usual colour of a role, or the first of ours that no class has; they repeat when all are taken.
pub fn free_color(known: &[Class], role: Role) -> Rgb {
    let usual = DEFAULT_CLASSES.into_iter().filter(|c| c.2 == role).map(|c| c.1);
    let free = usual.chain(FREE_COLORS).find(|color| known.iter().all(|c| c.color != *color));
    free.unwrap_or(FREE_COLORS[known.len() % FREE_COLORS.len()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_published_data_sets_tell_their_role() {
        for (name, role) in [
            ("mitotic figure", Role::MitoticFigure),
            ("Mitosis", Role::MitoticFigure),
            ("mitotic figures", Role::MitoticFigure),
            ("mitotic cells", Role::MitoticFigure),
            ("Mitose \"sicher\", 1. Wahl", Role::MitoticFigure),
            ("non-mitotic cells", Role::LookAlike),
            ("nonmitotic", Role::LookAlike),
            ("Mitosis-like (non-mitotic)", Role::LookAlike),
            ("mitotic figure look-alike", Role::LookAlike),
            ("hard negative", Role::LookAlike),
            ("Nicht-mitotische Zelle (ähnlich)", Role::LookAlike),
            ("Tumor region", Role::TumourRegion),
            ("tumour", Role::TumourRegion),
            ("no tumor", Role::Other),
            ("Granulocyte", Role::Other),
        ] {
            assert_eq!(Role::from_name(name), role, "{name}");
        }
    }

    #[test]
    fn colours_are_read_as_sliderunner_writes_them() {
        assert_eq!("#e5383b".parse(), Ok(Rgb(0xe5, 0x38, 0x3b)));
        assert_eq!("#fff".parse(), Ok(Rgb(255, 255, 255)));
        for wrong in ["", "#", "red", "#12345", "#ärgr12"] {
            assert!(wrong.parse::<Rgb>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_new_class_gets_a_colour_of_its_own_while_there_is_one() {
        let mut known: Vec<Class> = Vec::new();
        for n in 0..9 {
            let color = free_color(&known, Role::MitoticFigure);
            assert!(known.iter().all(|c| c.color != color), "{n}: {color} is taken");
            known.push(Class { id: ClassId(n), name: String::new(), color, role: Role::MitoticFigure });
        }
        assert_eq!(known[0].color, DEFAULT_CLASSES[0].1, "the usual one first");
        free_color(&known, Role::MitoticFigure);
    }
}
