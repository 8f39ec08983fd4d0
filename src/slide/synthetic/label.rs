//! The picture of the glass slide's label, in a small font of its own.

/// Side of the label in pixels.
pub(super) const SIDE: usize = 384;
const INK: [u8; 3] = [30, 34, 48];
const PAPER: [u8; 3] = [250, 249, 244];

/// Letters of 5 by 7 dots, a row a number, the highest of its five bits to the left.
const LETTERS: &[(char, [u8; 7])] = &[
    ('A', [14, 17, 17, 31, 17, 17, 17]),
    ('B', [30, 17, 17, 30, 17, 17, 30]),
    ('C', [14, 17, 16, 16, 16, 17, 14]),
    ('D', [30, 17, 17, 17, 17, 17, 30]),
    ('E', [31, 16, 16, 30, 16, 16, 31]),
    ('F', [31, 16, 16, 30, 16, 16, 16]),
    ('I', [14, 4, 4, 4, 4, 4, 14]),
    ('L', [16, 16, 16, 16, 16, 16, 31]),
    ('M', [17, 27, 21, 21, 17, 17, 17]),
    ('N', [17, 25, 21, 19, 17, 17, 17]),
    ('O', [14, 17, 17, 17, 17, 17, 14]),
    ('P', [30, 17, 17, 30, 16, 16, 16]),
    ('R', [30, 17, 17, 30, 20, 18, 17]),
    ('S', [15, 16, 16, 14, 1, 1, 30]),
    ('T', [31, 4, 4, 4, 4, 4, 4]),
    ('U', [17, 17, 17, 17, 17, 17, 14]),
    ('X', [17, 10, 4, 4, 4, 10, 17]),
    ('0', [14, 17, 19, 21, 25, 17, 14]),
    ('1', [4, 12, 4, 4, 4, 4, 14]),
    ('2', [14, 17, 1, 6, 8, 16, 31]),
    ('3', [30, 1, 1, 14, 1, 1, 30]),
    ('4', [2, 6, 10, 18, 31, 2, 2]),
    ('5', [31, 16, 30, 1, 1, 17, 14]),
    ('6', [6, 8, 16, 30, 17, 17, 14]),
    ('7', [31, 1, 2, 4, 8, 8, 8]),
    ('8', [14, 17, 17, 14, 17, 17, 14]),
    ('9', [14, 17, 17, 15, 1, 2, 12]),
];

/// The label's pixels, red, green, blue, [`SIDE`] by [`SIDE`].
pub(super) fn draw(seed: u64, width: u32, height: u32) -> Vec<u8> {
    let mut rgb = PAPER.repeat(SIDE * SIDE);
    let mut dot = |x: usize, y: usize, side: usize| {
        for row in y..(y + side).min(SIDE) {
            for column in x..(x + side).min(SIDE) {
                rgb[3 * (row * SIDE + column)..][..3].copy_from_slice(&INK);
            }
        }
    };
    for along in (8..SIDE - 8).step_by(2) {
        for across in [8, SIDE - 10] {
            dot(along, across, 2);
            dot(across, along, 2);
        }
    }
    let lines = [
        ("MITOSCOPE".to_owned(), 6, 40),
        ("DEMO".to_owned(), 6, 96),
        ("ARTIFICIAL TISSUE".to_owned(), 3, 176),
        (format!("SEED {seed}"), 3, 226),
        (format!("{width} X {height}"), 3, 266),
        ("NOT A PATIENT".to_owned(), 3, 326),
    ];
    for (text, dots, top) in lines {
        for (k, letter) in text.chars().enumerate() {
            let Some((_, rows)) = LETTERS.iter().find(|(c, _)| *c == letter) else { continue };
            for (j, row) in rows.iter().enumerate() {
                for i in (0..5).filter(|i| row >> (4 - i) & 1 == 1) {
                    dot(30 + dots * (6 * k + i), top + dots * j, dots);
                }
            }
        }
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_of_the_label_is_in_the_font() {
        for text in ["MITOSCOPE", "DEMO", "ARTIFICIAL", "TISSUE", "SEED", "NOTAPATIENT", "0123456789X"] {
            for c in text.chars() {
                assert!(LETTERS.iter().any(|(l, _)| *l == c), "{c}");
            }
        }
    }

    #[test]
    fn labels_differ_by_seed_and_survive_the_longest_numbers() {
        let long = draw(u64::MAX, 262_144, 262_144);
        assert_eq!(long.len(), 3 * SIDE * SIDE);
        assert!(draw(1, 10, 10) != draw(2, 10, 10));
    }
}
