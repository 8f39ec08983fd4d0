//! Laying fields over tissue: rows over a piece of tissue, fields over what each row has of it.

use super::tissue::Mask;
use crate::model::Rect;

/// Slack of comparisons in level-0 pixels; rounding is far below it.
const HAIR: f64 = 1e-6;
/// Where the rows of a piece may begin, as a share of their spare height; the first of the best is taken.
const TRIALS: [f64; 7] = [0.5, 0.25, 0.75, 0.0, 1.0, 0.125, 0.875];

/// Fields along one axis.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    /// Side of a field in level-0 pixels.
    pub side: f64,
    /// Way from one to the next neighbour, at most.
    pub step: f64,
    /// Length of the slide.
    pub slide: f64,
    /// Level-0 pixels per mask pixel.
    pub scale: f64,
}

/// Neighbours that cover one stretch of tissue.
#[derive(Clone, Copy)]
struct Run {
    /// The number of its first field.
    first: usize,
    /// Where the stretch begins, in level-0 pixels.
    low: f64,
    /// Where it ends.
    high: f64,
}

impl Axis {
    /// Where fields that are no neighbours begin at the earliest: there is a gap between them.
    fn apart(&self) -> f64 {
        self.side.max(1.2 * self.step) * 1.001
    }

    fn edges(&self, pixel: usize) -> (f64, f64) {
        (pixel as f64 * self.scale, (pixel + 1) as f64 * self.scale)
    }

    /// Does a field at `at` hold all of a mask pixel?
    fn holds(&self, at: f64, pixel: usize) -> bool {
        let (low, high) = self.edges(pixel);
        low >= at - HAIR && high <= at + self.side + HAIR
    }

    /// Does a field at `at` hold any of a mask pixel?
    fn touches(&self, at: f64, pixel: usize) -> bool {
        let (low, high) = self.edges(pixel);
        high > at + HAIR && low < at + self.side - HAIR
    }

    /// Mask pixels of `n` that a field at `at` may touch.
    fn reach(&self, at: f64, n: usize) -> std::ops::Range<usize> {
        let low = (at / self.scale).floor().max(0.0) as usize;
        let high = ((at + self.side) / self.scale).ceil().max(0.0) as usize;
        low.min(n)..high.min(n)
    }

    /// Fields that cover all mask pixels which are `needed`, `first` being the number of the first of them. Neighbours
    /// lie a step apart at most; where there is a gap wider than a field, a new run of fields begins. Of what a run is
    /// too long, `share` hangs over before it, the rest behind it, as far as the slide reaches.
    pub fn cover(&self, needed: &[bool], first: usize, share: f64) -> Vec<f64> {
        let mut places: Vec<f64> = Vec::new();
        let mut runs: Vec<Run> = Vec::new();
        for pixel in (0..needed.len()).filter(|i| needed[*i]).map(|i| i + first) {
            let (low, high) = self.edges(pixel);
            loop {
                let last = places.last().copied();
                if last.is_some_and(|at| self.holds(at, pixel)) {
                    break;
                }
                let mut begins = last.is_none();
                let mut next = low;
                if let Some(at) = last {
                    let inside = |v: f64| v.min(self.slide - self.side);
                    begins = low - at >= self.apart() && inside(low) - at >= self.apart();
                    next = if begins { low } else { low.min(at + self.step) };
                }
                next = if self.slide >= self.side {
                    next.min(self.slide - self.side).max(0.0)
                } else {
                    (self.slide - self.side) / 2.0
                };
                if last.is_some_and(|at| next <= at) {
                    break;
                }
                if begins {
                    runs.push(Run { first: places.len(), low, high });
                }
                places.push(next);
            }
            if let Some(run) = runs.last_mut() {
                run.high = high;
            }
        }
        for (i, run) in runs.iter().enumerate() {
            let end = runs.get(i + 1).map_or(places.len(), |r| r.first);
            let before = run.first.checked_sub(1).map(|k| places[k]);
            self.set_evenly(&mut places[run.first..end], *run, before, share);
        }
        places
    }

    /// Sets the fields of a run a step apart over what it must cover: `share` of the spare length before it.
    fn set_evenly(&self, places: &mut [f64], run: Run, before: Option<f64>, share: f64) {
        let more = (places.len() - 1) as f64;
        // A long run is pressed together, so that it fits the slide.
        let step = if more > 0.0 { self.step.min((self.slide - self.side) / more) } else { 0.0 };
        let length = more * step + self.side;
        let spare = length - (run.high - run.low);
        let earliest = before.map_or(0.0, |b| b + self.apart());
        let start = (run.low - share * spare).max(earliest).min(self.slide - length);
        let enough = start <= run.low + HAIR && start + length >= run.high - HAIR;
        if enough && start >= earliest - HAIR {
            for (i, place) in places.iter_mut().enumerate() {
                *place = start + i as f64 * step;
            }
        }
    }

    /// Fields of a rigid grid over the slide.
    fn grid(&self) -> Vec<f64> {
        if self.slide <= self.side {
            return vec![(self.slide - self.side) / 2.0];
        }
        let more = ((self.slide - self.side) / self.step).ceil() as usize;
        (0..=more).map(|i| (i as f64 * self.step).min(self.slide - self.side)).collect()
    }
}

/// A mask, and how fields are laid along both axes.
pub(super) struct Layer<'a> {
    pub mask: &'a Mask,
    pub x: Axis,
    pub y: Axis,
}

/// A field, and the fragment that it was laid for; 0 for a rigid grid's.
#[derive(Clone, Copy)]
pub(super) struct Laid {
    pub rect: Rect,
    pub fragment: u32,
}

/// Mask pixels from `left` to before `right`, `top` to before `bottom`.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub left: usize,
    pub right: usize,
    pub top: usize,
    pub bottom: usize,
}

impl Layer<'_> {
    fn width(&self) -> usize {
        self.mask.width as usize
    }

    fn rect(&self, x: f64, y: f64) -> Rect {
        Rect::new(x, y, self.x.side, self.y.side)
    }

    /// Fields over the open pixels of one piece of tissue, in few rows.
    pub fn over(&self, part: Part, open: impl Fn(usize) -> bool) -> Vec<Rect> {
        let (w, h) = (part.right - part.left, part.bottom - part.top);
        let mut local = Vec::with_capacity(w * h);
        for row in part.top..part.bottom {
            local.extend((part.left..part.right).map(|column| open(row * self.width() + column)));
        }
        let rows: Vec<bool> = local.chunks_exact(w.max(1)).map(|line| line.contains(&true)).collect();
        let mut best: Option<Vec<Rect>> = None;
        for share in TRIALS {
            let mut tops = self.y.cover(&rows, part.top, share);
            // What two rows share is the upper one's or the lower one's.
            for _ in 0..2 {
                let fields = self.in_rows(&tops, part, &local);
                if best.as_ref().is_none_or(|b| fields.len() < b.len()) {
                    best = Some(fields);
                }
                tops.reverse();
            }
            // One row, or one field: no other beginning does better.
            if tops.len() <= 1 {
                break;
            }
        }
        best.unwrap_or_default()
    }

    /// Fields of the rows at `tops` over the pixels of a part.
    fn in_rows(&self, tops: &[f64], part: Part, local: &[bool]) -> Vec<Rect> {
        let w = part.right - part.left;
        let mut fields = Vec::new();
        // A row of pixels is looked at in the first row of fields that holds all of it; where none does, in all that
        // it touches.
        let mut done = vec![false; part.bottom - part.top];
        let whole: Vec<bool> =
            (part.top..part.bottom).map(|row| tops.iter().any(|top| self.y.holds(*top, row))).collect();
        for top in tops {
            let mut columns = vec![false; w];
            for row in self.y.reach(*top, part.bottom).filter(|r| *r >= part.top) {
                let i = row - part.top;
                let now = if whole[i] { self.y.holds(*top, row) } else { self.y.touches(*top, row) };
                if done[i] || !now {
                    continue;
                }
                done[i] = whole[i];
                for (column, open) in columns.iter_mut().zip(&local[i * w..(i + 1) * w]) {
                    *column |= *open;
                }
            }
            fields.extend(self.x.cover(&columns, part.left, 0.5).into_iter().map(|x| self.rect(x, *top)));
        }
        fields
    }

    /// Fields of a rigid grid over the whole slide that hold tissue.
    pub fn grid(&self) -> Vec<Laid> {
        let mut fields = Vec::new();
        for y in self.y.grid() {
            let columns = self.x.grid().into_iter().map(|x| self.rect(x, y));
            let held = columns.filter(|f| self.pixels(f, false).next().is_some());
            fields.extend(held.map(|rect| Laid { rect, fragment: 0 }));
        }
        fields
    }

    /// Tissue pixels that a field holds: all of them, or all that it touches.
    pub fn pixels<'b>(&'b self, field: &'b Rect, whole: bool) -> impl Iterator<Item = usize> + 'b {
        let holds = move |axis: &Axis, at: f64, pixel: usize| {
            if whole { axis.holds(at, pixel) } else { axis.touches(at, pixel) }
        };
        let rows = self.y.reach(field.y, self.mask.height as usize);
        rows.filter(move |row| holds(&self.y, field.y, *row)).flat_map(move |row| {
            let columns = self.x.reach(field.x, self.width());
            columns
                .filter(move |column| holds(&self.x, field.x, *column))
                .map(move |column| row * self.width() + column)
                .filter(|i| self.mask.bits[*i])
        })
    }

    /// Without this field, would the next ones of its row and fragment touch and yet share too little?
    fn parts_neighbours<'b>(&self, field: &Laid, others: impl Iterator<Item = &'b Laid>) -> bool {
        let (mut left, mut right) = (f64::NEG_INFINITY, f64::INFINITY);
        for other in others.filter(|o| o.rect.y == field.rect.y && o.fragment == field.fragment) {
            if other.rect.x < field.rect.x {
                left = left.max(other.rect.x);
            } else {
                right = right.min(other.rect.x);
            }
        }
        let apart = right - left;
        apart > self.x.step + HAIR && apart < self.x.side + HAIR
    }

    /// Takes out fields whose tissue others hold, those with the least tissue first.
    pub fn without_idle(&self, fields: &mut Vec<Laid>) {
        let mut held = vec![0_u16; self.mask.bits.len()];
        for field in fields.iter() {
            self.pixels(&field.rect, true).for_each(|i| held[i] = held[i].saturating_add(1));
        }
        let mut order: Vec<(usize, usize)> =
            fields.iter().enumerate().map(|(i, f)| (self.pixels(&f.rect, false).count(), i)).collect();
        order.sort_unstable();
        let mut keep = vec![true; fields.len()];
        for (touched, i) in order {
            let field = fields[i];
            let inside: Vec<usize> = self.pixels(&field.rect, true).collect();
            inside.iter().for_each(|p| held[*p] -= 1);
            let kept = || {
                fields.iter().zip(&keep).enumerate().filter(|(j, (_, k))| *j != i && **k).map(|(_, f)| f.0)
            };
            // Between fields without tissue in common there is nothing to overlap on.
            let idle = self.pixels(&field.rect, false).all(|p| held[p] > 0);
            if touched == 0 || (idle && !self.parts_neighbours(&field, kept())) {
                keep[i] = false;
            } else {
                inside.iter().for_each(|p| held[*p] += 1);
            }
        }
        let mut kept = keep.iter();
        fields.retain(|_| kept.next().copied().unwrap_or(true));
    }
}
