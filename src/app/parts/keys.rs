//! Keys drawn as small boxes.

use crate::app::theme;
use eframe::egui::{
    Color32, CornerRadius, Painter, Pos2, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2, vec2,
};

const SIZE: f32 = 11.0;
const HEIGHT: f32 = 18.0;
const PAD: f32 = 5.0;
const GAP: f32 = 3.0;

/// One thing to draw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A key in its box.
    Cap(String),
    /// A word between keys.
    Word(String),
}

/// `Ctrl+Shift+Z` as three keys; alternatives stand apart with `, `, ` / ` or ` or `. The plus key is `+` or `Ctrl++`.
pub fn pieces(keys: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let keys = keys.replace(" / ", ", ").replace(" or ", ", ");
    for alternative in keys.split(", ").map(str::trim).filter(|a| !a.is_empty()) {
        if !out.is_empty() {
            out.push(Piece::Word("or".to_owned()));
        }
        let (held, last) = match alternative.strip_suffix('+') {
            Some(held) => (held, "+"),
            None => alternative.rsplit_once('+').unwrap_or(("", alternative)),
        };
        let held = held.split('+').filter(|key| !key.is_empty());
        out.extend(held.chain([last]).map(|key| Piece::Cap(key.trim().to_owned())));
    }
    out
}

/// Width and height that `keys` take in points.
pub fn size(painter: &Painter, keys: &str) -> Vec2 {
    let mut width = 0.0;
    for piece in pieces(keys) {
        width += width_of(painter, &piece) + GAP;
    }
    vec2((width - GAP).max(0.0), HEIGHT)
}

fn width_of(painter: &Painter, piece: &Piece) -> f32 {
    let (text, pad) = match piece {
        Piece::Cap(text) => (text, 2.0 * PAD),
        Piece::Word(text) => (text, 0.0),
    };
    let text = painter.layout_no_wrap(text.clone(), theme::font(SIZE), Color32::WHITE).size().x;
    (text + pad).max(if pad > 0.0 { HEIGHT } else { 0.0 })
}

/// Draws `keys` from their left edge, centred on `left.y`.
pub fn paint(painter: &Painter, left: Pos2, keys: &str) {
    let t = theme::tokens(painter.ctx());
    let mut x = left.x;
    for piece in pieces(keys) {
        let rect =
            Rect::from_min_size(Pos2::new(x, left.y - HEIGHT / 2.0), vec2(width_of(painter, &piece), HEIGHT));
        let (text, colour) = match &piece {
            Piece::Cap(text) => {
                let edge = Stroke::new(1.0, t.quiet.gamma_multiply(0.5));
                painter.rect(rect, CornerRadius::same(3), t.control, edge, StrokeKind::Inside);
                (text, t.text)
            }
            Piece::Word(text) => (text, t.quiet),
        };
        painter.text(rect.center(), eframe::egui::Align2::CENTER_CENTER, text, theme::font(SIZE), colour);
        x = rect.right() + GAP;
    }
}

/// `keys` as a widget.
pub fn show(ui: &mut Ui, keys: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(size(ui.painter(), keys), Sense::hover());
    super::name(&response, Role::Label, keys);
    paint(ui.painter(), rect.left_center(), keys);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart_even_the_plus() {
        let caps = |keys: &str| {
            let text = |p: Piece| match p {
                Piece::Cap(text) => format!("[{text}]"),
                Piece::Word(text) => text,
            };
            pieces(keys).into_iter().map(text).collect::<String>()
        };
        assert_eq!(caps("Ctrl+Shift+Z"), "[Ctrl][Shift][Z]");
        assert_eq!(caps("N, Space"), "[N]or[Space]");
        assert_eq!(caps("F1 / ?"), "[F1]or[?]");
        assert_eq!(caps("+"), "[+]");
        assert_eq!(caps("Ctrl++"), "[Ctrl][+]");
        assert_eq!(caps("-"), "[-]");
        assert_eq!(caps(", / ."), "[,]or[.]");
        assert_eq!(caps(""), "");
    }
}
