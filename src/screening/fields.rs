//! The plan: fields of a fixed physical size that cover all tissue, in an order without detours.

use super::pieces::{Bits, Pieces};
use super::route::{Leg, distance, nearest_next, shorten};
use super::rows::{Axis, Laid, Layer, Part};
use super::tissue::Mask;
use crate::model::{Rect, Resolution, SlidePx};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// How fields are laid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Area of a field in mm2.
    pub field_mm2: f64,
    /// Width / height.
    pub aspect: f64,
    /// Shared part of neighbours, 0 <= overlap < 1.
    pub overlap: f64,
}

impl Default for Settings {
    /// One high power field of 0.237 mm2 at 4:3, 10 % overlap.
    fn default() -> Self {
        Self { field_mm2: 0.237, aspect: 4.0 / 3.0, overlap: 0.1 }
    }
}

/// One screening step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// Its number in screening order, from 0.
    pub index: u32,
    /// What it shows, in level-0 pixels.
    pub rect: Rect,
    /// The piece of tissue it belongs to, from 0.
    pub fragment: u32,
}

/// All fields of a slide, in screening order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The fields.
    pub fields: Vec<Field>,
    /// Tissue found, in mm2.
    pub tissue_mm2: f64,
    /// Way between the fields' centres, in level-0 pixels.
    pub travel_px: f64,
    /// How the fields were laid.
    pub settings: Settings,
}

impl Plan {
    /// A number that tells plans apart, never 0: the first 8 bytes (little-endian) of the BLAKE3 hash over the number of
    /// fields as u64, and x, y, w, h of each in their order as f64, all little-endian.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(self.fields.len() as u64).to_le_bytes());
        for Rect { x, y, w, h } in self.fields.iter().map(|f| f.rect) {
            for value in [x, y, w, h] {
                hasher.update(&value.to_le_bytes());
            }
        }
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        // 0 stands for an unknown plan.
        u64::from_le_bytes(first).max(1)
    }
}

/// Changes of the walk that save less than this many of a field's shorter side are left, so that rows stay rows.
const WORTH_IT: f64 = 0.65;

/// Pieces of tissue are close when they lie less than this part of a field apart.
const CLOSE: f64 = 0.25;
/// Small pieces this many fields apart may go together.
const REACH: f64 = 1.5;
/// A piece of so many fields of tissue is large.
const LARGE: f64 = 2.0;

impl Settings {
    /// Do the values make sense?
    ///
    /// # Errors
    /// One sentence that says which does not, and what would.
    pub fn check(&self) -> Result<(), String> {
        let wrong =
            |what: &str, value: f64, right: &str| Err(format!("a field's {what} can't be {value}; {right}"));
        if !(1e-3..=1e3).contains(&self.field_mm2) {
            return wrong("area in mm2", self.field_mm2, "take 0.001 to 1000, for example 0.237");
        }
        if !(0.05..=20.0).contains(&self.aspect) {
            return wrong("width divided by its height", self.aspect, "take 0.05 to 20, for example 4:3");
        }
        if !(0.0..=0.9).contains(&self.overlap) {
            return wrong("overlap", self.overlap, "take a part from 0 to 0.9, for example 0.1");
        }
        Ok(())
    }
}

/// Lays fields over all tissue. The same mask and settings give the same plan everywhere.
///
/// Pieces of tissue that lie close make a fragment, small ones with the nearest large one. Over each fragment lie rows, over what a row has of it
/// lie fields, so that neighbours share `overlap` of their side; at the slide's border they are moved inside. Where a
/// rigid grid needs fewer fields, it is taken. Rows are walked to and fro, with ways back and jumps taken out, one
/// fragment after the other. Settings out of range ([`Settings::check`]) are taken as the nearest that make sense.
pub fn plan(mask: &Mask, slide_size: (u32, u32), resolution: Resolution, settings: Settings) -> Plan {
    let tissue_mm2 = mask.mm2(resolution);
    let mut plan = Plan { fields: Vec::new(), tissue_mm2, travel_px: 0.0, settings };
    if mask.width == 0 || mask.height == 0 || tissue_mm2 == 0.0 {
        return plan;
    }
    let or =
        |v: f64, low: f64, high: f64, default: f64| if v.is_nan() { default } else { v.clamp(low, high) };
    let usual = Settings::default();
    let (w, h) = resolution.rectangle_px(
        or(settings.field_mm2, 1e-3, 1e3, usual.field_mm2),
        or(settings.aspect, 0.05, 20.0, usual.aspect),
    );
    let overlap = or(settings.overlap, 0.0, 0.9, usual.overlap);
    // A step below a mask pixel would only cost time: the mask does not know what lies there.
    let axis = |side: f64, slide: u32, scale: f64| {
        let side = side.max(scale * (1.0 + 1e-9));
        // Without overlap a hair of it: rounding must not leave a slit between neighbours.
        let step = (side * (1.0 - overlap.max(1e-9))).max(scale);
        Axis { side, step, slide: slide.into(), scale }
    };
    let layer =
        Layer { mask, x: axis(w, slide_size.0, mask.scale_x), y: axis(h, slide_size.1, mask.scale_y) };
    let fragment_of = fragments(&layer);
    let mut fields = over_fragments(&layer, &fragment_of);
    layer.without_idle(&mut fields);
    let mut rigid = layer.grid();
    layer.without_idle(&mut rigid);
    if rigid.len() < fields.len() {
        fields = rigid;
    }
    plan.fields = walk(&layer, &fragment_of, &fields);
    let centers: Vec<SlidePx> = plan.fields.iter().map(|f| f.rect.center()).collect();
    plan.travel_px = centers.windows(2).fold(0.0, |way, c| way + distance(c[0], c[1]));
    plan
}

/// For each field the tissue in mm2 that no earlier field shows: a tissue pixel of the mask belongs to the first field,
/// in screening order, that holds its centre. The sum is the tissue that the fields cover.
///
/// A pixel is looked at once for each field that holds it.
pub fn shares(plan: &Plan, mask: &Mask, resolution: Resolution) -> Vec<f64> {
    let pixel_mm2 = mask.scale_x * mask.scale_y * resolution.pixel_mm2();
    let (width, height) = (mask.width as usize, mask.height as usize);
    let mut open = mask.bits.clone();
    let share = |field: &Field| {
        let Rect { x, y, w, h } = field.rect;
        let columns = centres_within(x, x + w, mask.scale_x, width);
        let mut shown = 0_u32;
        for row in centres_within(y, y + h, mask.scale_y, height) {
            let line = open.get_mut(row * width + columns.start..row * width + columns.end);
            for bit in line.into_iter().flatten() {
                shown += u32::from(std::mem::take(bit));
            }
        }
        f64::from(shown) * pixel_mm2
    };
    plan.fields.iter().map(share).collect()
}

/// Mask pixels of `n` along one axis whose centre c has low <= c < high, all in level-0 pixels.
fn centres_within(low: f64, high: f64, scale: f64, n: usize) -> Range<usize> {
    let centre = |pixel: usize| (pixel as f64 + 0.5) * scale;
    // The first pixel whose centre is not before `edge`: a division, and a step where it was rounded over an edge.
    let first = |edge: f64| {
        let near = ((edge / scale - 0.5).ceil().max(0.0) as usize).min(n);
        let from = near.saturating_sub(1);
        (from..(near + 2).min(n)).find(|pixel| centre(*pixel) >= edge).unwrap_or_else(|| (near + 2).min(n))
    };
    // Edges that are no numbers are before none.
    if low < high { first(low)..first(high) } else { 0..0 }
}

/// The fragment of each tissue pixel, from 1. Pieces that lie close are one; small ones go with the nearest large one in
/// reach, or with each other where there is none.
fn fragments(layer: &Layer<'_>) -> Pieces {
    let mask = layer.mask;
    let (w, h) = (mask.width as usize, mask.height as usize);
    let whole = Bits { width: w, height: h, bits: &mask.bits };
    let grown = |fields: f64| {
        let half = |axis: &Axis| (fields * axis.side / axis.scale / 2.0) as usize;
        whole.grown(half(&layer.x), half(&layer.y))
    };
    let within_reach = grown(REACH);
    let close = Bits { bits: &grown(CLOSE), ..whole }.pieces(true);
    let mut tissue = vec![0_u32; close.sizes.len() + 1];
    for (piece, _) in close.of.iter().zip(&mask.bits).filter(|(_, b)| **b) {
        tissue[*piece as usize] += 1;
    }
    let field = layer.x.side / layer.x.scale * layer.y.side / layer.y.scale;
    // Each piece's fragment; 0 where it is not known yet.
    let mut joined: Vec<u32> =
        (0..).zip(&tissue).map(|(i, n)| if f64::from(*n) >= LARGE * field { i } else { 0 }).collect();
    joined[0] = 0;
    // Large pieces spread evenly over what is in reach; a small one goes with the first that comes to it.
    let mut nearest: Vec<u32> = close.of.iter().map(|piece| joined[*piece as usize]).collect();
    let mut open: VecDeque<usize> = (0..w * h).filter(|i| nearest[*i] != 0).collect();
    while let Some(i) = open.pop_front() {
        let (x, y) = (i % w, i / w);
        for row in y.saturating_sub(1)..(y + 2).min(h) {
            for column in x.saturating_sub(1)..(x + 2).min(w) {
                let j = row * w + column;
                if within_reach[j] && nearest[j] == 0 {
                    nearest[j] = nearest[i];
                    let small = &mut joined[close.of[j] as usize];
                    if close.of[j] != 0 && *small == 0 {
                        *small = nearest[i];
                    }
                    open.push_back(j);
                }
            }
        }
    }
    let clusters = Bits { bits: &within_reach, ..whole }.pieces(true);
    let mut of = vec![0; w * h];
    let mut numbers: BTreeMap<(bool, u32), u32> = BTreeMap::new();
    let mut sizes = Vec::new();
    for i in (0..w * h).filter(|i| mask.bits[*i]) {
        let key = match joined[close.of[i] as usize] {
            0 => (false, clusters.of[i]),
            large => (true, large),
        };
        let number = *numbers.entry(key).or_insert_with(|| {
            sizes.push(0);
            sizes.len() as u32
        });
        of[i] = number;
        sizes[number as usize - 1] += 1;
    }
    Pieces { of, sizes }
}

/// Fields over one fragment after the other; what fields of an earlier one hold is not covered again.
fn over_fragments(layer: &Layer<'_>, fragment_of: &Pieces) -> Vec<Laid> {
    let w = layer.mask.width as usize;
    let mut parts =
        vec![Part { left: usize::MAX, right: 0, top: usize::MAX, bottom: 0 }; fragment_of.sizes.len()];
    for (i, piece) in fragment_of.of.iter().enumerate().filter(|(_, p)| **p != 0) {
        let part = &mut parts[*piece as usize - 1];
        let (x, y) = (i % w, i / w);
        *part = Part {
            left: part.left.min(x),
            right: part.right.max(x + 1),
            top: part.top.min(y),
            bottom: part.bottom.max(y + 1),
        };
    }
    let mut open = layer.mask.bits.clone();
    let mut fields = Vec::new();
    for (piece, part) in (1..).zip(parts).filter(|(_, p)| p.left < p.right) {
        let over = layer.over(part, |i| open[i] && fragment_of.of[i] == piece);
        for field in &over {
            layer.pixels(field, true).for_each(|i| open[i] = false);
        }
        fields.extend(over.into_iter().map(|rect| Laid { rect, fragment: piece }));
    }
    fields
}

/// Fields in screening order.
fn walk(layer: &Layer<'_>, fragment_of: &Pieces, fields: &[Laid]) -> Vec<Field> {
    let mut of_fragment: BTreeMap<u32, Vec<Rect>> = BTreeMap::new();
    for field in fields {
        // A field of a grid belongs to the fragment that it shows most of.
        let most = || {
            let mut shown: BTreeMap<u32, u32> = BTreeMap::new();
            for i in layer.pixels(&field.rect, false) {
                *shown.entry(fragment_of.of[i]).or_default() += 1;
            }
            shown.into_iter().max_by_key(|(piece, n)| (*n, Reverse(*piece))).map_or(0, |(piece, _)| piece)
        };
        let fragment = if field.fragment == 0 { most() } else { field.fragment };
        of_fragment.entry(fragment).or_default().push(field.rect);
    }
    let worth_it = WORTH_IT * layer.x.side.min(layer.y.side);
    let mut walks: Vec<Vec<Rect>> = Vec::new();
    for (_, fields) in of_fragment {
        let rows = to_and_fro(fields);
        let mut legs: Vec<Leg> =
            rows.iter().enumerate().map(|(i, f)| Leg::new(i, f.center(), f.center())).collect();
        shorten(&mut legs, worth_it);
        walks.push(legs.iter().map(|l| rows[l.id]).collect());
    }
    let ends = |walk: &[Rect]| Some((walk.first()?.center(), walk.last()?.center()));
    let legs = walks.iter().enumerate().filter_map(|(i, w)| ends(w).map(|(a, b)| Leg::new(i, a, b)));
    let mut legs = nearest_next(legs.collect());
    shorten(&mut legs, 1.0);
    let mut out = Vec::with_capacity(fields.len());
    for (fragment, leg) in (0..).zip(legs) {
        let walk = &mut walks[leg.id];
        if leg.turned {
            walk.reverse();
        }
        out.extend(walk.iter().map(|rect| (*rect, fragment)));
    }
    (0..).zip(out).map(|(index, (rect, fragment))| Field { index, rect, fragment }).collect()
}

/// Rows from the top, every second one from the right to the left.
fn to_and_fro(mut fields: Vec<Rect>) -> Vec<Rect> {
    fields.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
    for (i, row) in fields.chunk_by_mut(|a, b| a.y == b.y).enumerate() {
        if i % 2 == 1 {
            row.reverse();
        }
    }
    fields
}
