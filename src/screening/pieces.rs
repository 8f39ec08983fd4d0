//! Connected pieces of a picture of yes and no, and their growing and closing.

/// A picture of yes and no: `width * height` values, rows from the top.
#[derive(Clone, Copy)]
pub(super) struct Bits<'a> {
    pub width: usize,
    pub height: usize,
    pub bits: &'a [bool],
}

/// Pieces of a picture: each pixel's piece, and how many pixels each has.
pub(super) struct Pieces {
    /// The piece from 1, in the order of the pieces' first pixels; 0 where the picture says no.
    pub of: Vec<u32>,
    /// Pixels of each piece; piece 1 is at 0.
    pub sizes: Vec<u32>,
}

impl Pieces {
    /// How many pixels the piece has that a pixel belongs to; 0 where the picture says no.
    pub fn size_at(&self, i: usize) -> u32 {
        match self.of[i] {
            0 => 0,
            piece => self.sizes[piece as usize - 1],
        }
    }
}

impl Bits<'_> {
    /// Pieces that hang together, over corners too if `corners`.
    pub fn pieces(self, corners: bool) -> Pieces {
        let (w, h) = (self.width, self.height);
        let mut of = vec![0_u32; w * h];
        // Provisional numbers, and which of them are one piece; a number's root is never larger than it.
        let mut parent: Vec<u32> = vec![0];
        for y in 0..h {
            for x in 0..w {
                let i = y * w + x;
                if !self.bits[i] {
                    continue;
                }
                let mut own = 0;
                let mut join = |other: u32| {
                    if other != 0 {
                        own =
                            if own == 0 { root(&mut parent, other) } else { united(&mut parent, own, other) };
                    }
                };
                if x > 0 {
                    join(of[i - 1]);
                }
                if y > 0 {
                    join(of[i - w]);
                    if corners && x > 0 {
                        join(of[i - w - 1]);
                    }
                    if corners && x + 1 < w {
                        join(of[i - w + 1]);
                    }
                }
                if own == 0 {
                    own = parent.len() as u32;
                    parent.push(own);
                }
                of[i] = own;
            }
        }
        let mut number = vec![0_u32; parent.len()];
        let mut sizes = Vec::new();
        for piece in of.iter_mut().filter(|p| **p != 0) {
            let r = root(&mut parent, *piece) as usize;
            if number[r] == 0 {
                sizes.push(0);
                number[r] = sizes.len() as u32;
            }
            *piece = number[r];
            sizes[*piece as usize - 1] += 1;
        }
        Pieces { of, sizes }
    }

    /// Yes wherever a yes is at most `by_x` columns and `by_y` rows away.
    pub fn grown(self, by_x: usize, by_y: usize) -> Vec<bool> {
        let (w, h) = (self.width, self.height);
        let mut wide = vec![false; w * h];
        for (line, out) in self.bits.chunks_exact(w.max(1)).zip(wide.chunks_exact_mut(w.max(1))) {
            // The first column that no yes has reached yet.
            let mut reached = 0;
            for x in (0..w).filter(|x| line[*x]) {
                let (from, to) = (x.saturating_sub(by_x).max(reached), (x + by_x + 1).min(w));
                out[from.min(to)..to].fill(true);
                reached = to;
            }
        }
        let mut out = vec![false; w * h];
        let mut reached = vec![0; w];
        for y in 0..h {
            for x in 0..w {
                if wide[y * w + x] {
                    let to = (y + by_y + 1).min(h);
                    for row in y.saturating_sub(by_y).max(reached[x])..to {
                        out[row * w + x] = true;
                    }
                    reached[x] = to;
                }
            }
        }
        out
    }

    /// Grown and shrunk again: gaps of up to `2 * by` pixels close, the outline stays where it was.
    pub fn closed(self, by: usize) -> Vec<bool> {
        let mut out = self.grown(by, by);
        out.iter_mut().for_each(|b| *b = !*b);
        let mut back = Bits { bits: &out, ..self }.grown(by, by);
        back.iter_mut().for_each(|b| *b = !*b);
        back
    }
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        parent[i as usize] = parent[parent[i as usize] as usize];
        i = parent[i as usize];
    }
    i
}

fn united(parent: &mut [u32], a: u32, b: u32) -> u32 {
    let (a, b) = (root(parent, a), root(parent, b));
    let (low, high) = (a.min(b), a.max(b));
    parent[high as usize] = low;
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pictures() -> impl Strategy<Value = (usize, usize, Vec<bool>)> {
        (1..14_usize, 1..14_usize)
            .prop_flat_map(|(w, h)| (Just(w), Just(h), prop::collection::vec(any::<bool>(), w * h)))
    }

    proptest! {
        #[test]
        fn pieces_are_what_a_walk_reaches((w, h, bits) in pictures(), corners in any::<bool>()) {
            let got = Bits { width: w, height: h, bits: &bits }.pieces(corners);
            let mut seen = vec![0_u32; w * h];
            let mut sizes = Vec::new();
            for start in 0..w * h {
                if !bits[start] || seen[start] != 0 {
                    continue;
                }
                sizes.push(0);
                let mut open = vec![start];
                seen[start] = sizes.len() as u32;
                while let Some(i) = open.pop() {
                    sizes[seen[start] as usize - 1] += 1;
                    for j in 0..w * h {
                        let (dx, dy) = ((i % w).abs_diff(j % w), (i / w).abs_diff(j / w));
                        let near = if corners { dx.max(dy) == 1 } else { dx + dy == 1 };
                        if near && bits[j] && seen[j] == 0 {
                            seen[j] = seen[start];
                            open.push(j);
                        }
                    }
                }
            }
            prop_assert_eq!(got.of, seen);
            prop_assert_eq!(got.sizes, sizes);
        }

        #[test]
        fn growing_reaches_as_far_as_it_should((w, h, bits) in pictures(), x in 0..5_usize, y in 0..5_usize) {
            let picture = Bits { width: w, height: h, bits: &bits };
            let grown = picture.grown(x, y);
            for (i, got) in grown.iter().enumerate() {
                let near = |j: &usize| (i % w).abs_diff(j % w) <= x && (i / w).abs_diff(j / w) <= y;
                prop_assert_eq!(*got, (0..w * h).filter(|j| bits[*j]).any(|j| near(&j)));
            }
            let closed = picture.closed(x);
            prop_assert!((0..w * h).all(|i| closed[i] || !bits[i]));
        }
    }
}
