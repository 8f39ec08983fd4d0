//! Fat: hardly any stain, but a net of thin walls on the glass.

use super::pieces::Bits;

/// A net's walls lie at most so many mask pixels apart (72 um at 8 um: a fat cell).
const WINDOW: usize = 4;
/// Differences of brightness (0 to 255) that glass does not have within a window.
const CONTRAST: u8 = 7;
/// A net has this many pixels to all sides; a speck, a scratch or the blurred rim of tissue has not.
const WIDE: usize = 6;

/// Where `brightness` has a net, among the pixels that are not `known` to be something else.
pub(super) fn nets(brightness: &[u8], known: Bits<'_>) -> Vec<bool> {
    let (w, h) = (known.width, known.height);
    let values = |other: u8| -> Vec<u8> {
        brightness.iter().zip(known.bits).map(|(v, known)| if *known { other } else { *v }).collect()
    };
    let brightest = spread(&values(0), w, h, u8::max);
    let darkest = spread(&values(255), w, h, u8::min);
    let rough: Vec<bool> = brightest
        .iter()
        .zip(&darkest)
        .zip(known.bits)
        .map(|((b, d), known)| !known && b.saturating_sub(*d) >= CONTRAST)
        .collect();
    // Shrunk and grown again: what is narrow is gone.
    let smooth: Vec<bool> = rough.iter().map(|b| !b).collect();
    let mut wide = Bits { bits: &smooth, ..known }.grown(WIDE, WIDE);
    wide.iter_mut().for_each(|b| *b = !*b);
    Bits { bits: &wide, ..known }.grown(WIDE, WIDE)
}

/// The extreme value within a window around each pixel.
fn spread(values: &[u8], w: usize, h: usize, pick: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let mut across = values.to_vec();
    for (from, to) in values.chunks_exact(w.max(1)).zip(across.chunks_exact_mut(w.max(1))) {
        for by in 1..=WINDOW.min(w.saturating_sub(1)) {
            to[by..].iter_mut().zip(from).for_each(|(t, f)| *t = pick(*t, *f));
            to[..w - by].iter_mut().zip(&from[by..]).for_each(|(t, f)| *t = pick(*t, *f));
        }
    }
    let mut out = across.clone();
    for by in 1..=WINDOW.min(h.saturating_sub(1)) {
        out[by * w..].iter_mut().zip(&across).for_each(|(t, f)| *t = pick(*t, *f));
        out[..(h - by) * w].iter_mut().zip(&across[by * w..]).for_each(|(t, f)| *t = pick(*t, *f));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_extreme_of_a_window_is_found(w in 1..15_usize, h in 1..15_usize, seed in prop::collection::vec(any::<u8>(), 225)) {
            let values = seed[..w * h].to_vec();
            let got = spread(&values, w, h, u8::max);
            for (i, most) in got.iter().enumerate() {
                let near = |j: &usize| (i % w).abs_diff(j % w) <= WINDOW && (i / w).abs_diff(j / w) <= WINDOW;
                prop_assert_eq!(Some(*most), (0..w * h).filter(near).map(|j| values[j]).max());
            }
        }
    }
}
