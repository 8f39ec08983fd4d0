//! The slide as a file: level-0 tiles drawn row by row, coarser levels averaged from them on the way.

use super::colour::GROUND;
use super::tiff::{Page, TiffWriter};
use super::{Cell, Painter, Recipe, SynthesisError, TILE, label};
use crate::files::beside;
use rayon::prelude::*;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// From one level to the next.
const STEP: usize = 4;
/// Longest side of the coarsest level that needs no coarser one.
const COARSEST: u32 = 2048;
const QUALITY: i32 = 82;
/// Longest side of the thumbnail.
const THUMBNAIL: usize = 1024;
/// No JPEG tile is longer; decides whether a file may need BigTIFF.
const LARGEST_TILE: u64 = 64 * 1024;

/// Writes the slide at `path`, whole or not at all: into a file beside it, which then gets its name. `progress` is
/// called with tiles done and tiles in all after each row of tiles; when it answers false the work ends.
///
/// The file is a tiled TIFF as Aperio's scanners write it: JPEG tiles of 256 x 256 at quality 82, levels of 1, 4, 16,
/// …, a thumbnail as the second page and a label as the last. All empty tiles of the file are one tile. Memory holds a
/// row of tiles of each level, never the slide.
///
/// # Errors
/// When the recipe's size is out of bounds, the file can't be written, or `progress` says stop.
pub fn write(
    path: &Path,
    recipe: &Recipe,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<Vec<Cell>, SynthesisError> {
    recipe.check()?;
    let wrong = |e: Wrong| match e {
        Wrong::Io(source) => SynthesisError::Write { path: path.to_owned(), source },
        Wrong::Jpeg(why) => SynthesisError::Jpeg { path: path.to_owned(), why },
        Wrong::Cancelled => SynthesisError::Cancelled { path: path.to_owned() },
    };
    let file = beside(path).map_err(|e| wrong(e.into()))?;
    let painter = Painter::new(recipe);
    let out = file.reopen().map_err(|e| wrong(e.into()))?;
    stream(out, &painter, recipe, progress).map_err(wrong)?;
    file.as_file().sync_all().map_err(|e| wrong(e.into()))?;
    file.persist(path).map_err(|e| wrong(e.error.into()))?;
    Ok(painter.tissue.truth())
}

/// What can go wrong, before it has the file's name.
enum Wrong {
    Io(std::io::Error),
    Jpeg(String),
    Cancelled,
}

impl From<std::io::Error> for Wrong {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e)
    }
}

impl From<turbojpeg::Error> for Wrong {
    fn from(e: turbojpeg::Error) -> Self {
        Self::Jpeg(e.to_string())
    }
}

/// JPEG of `w` x `h` pixels.
fn jpeg(compressor: &mut Compressor, rgb: &[u8], w: usize, h: usize) -> Result<Vec<u8>, Wrong> {
    let image = Image { pixels: rgb, width: w, pitch: 3 * w, height: h, format: PixelFormat::RGB };
    Ok(compressor.compress_to_vec(image)?)
}

fn compressor() -> Result<Compressor, Wrong> {
    let mut compressor = Compressor::new()?;
    compressor.set_quality(QUALITY)?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    Ok(compressor)
}

/// Sizes of the levels, the finest first. As in Aperio's files a level ends with the last whole pixel.
fn levels(width: u32, height: u32) -> Vec<[u32; 2]> {
    let mut levels = vec![[width, height]];
    let (mut w, mut h) = (width, height);
    while w.min(h) >= 64 && (levels.len() == 1 || w.max(h) > COARSEST) {
        (w, h) = (w / STEP as u32, h / STEP as u32);
        levels.push([w, h]);
    }
    levels
}

/// A level that is being averaged together: one row of its tiles.
struct Level {
    size: [u32; 2],
    /// Red, green, blue; as many tiles wide as the level, one high.
    strip: Vec<u8>,
    /// Which of the strip's tiles hold tissue.
    used: Vec<bool>,
    /// Rows of the strip that are filled.
    filled: usize,
    parts: Vec<(u64, u32)>,
}

/// A tile that holds tissue: its JPEG, and itself made smaller by [`STEP`].
type Tile = (Vec<u8>, Vec<u8>);

impl Level {
    fn new(size: [u32; 2]) -> Self {
        let across = (size[0] as usize).div_ceil(TILE);
        Self {
            size,
            strip: ground(across * TILE * TILE),
            used: vec![false; across],
            filled: 0,
            parts: Vec::new(),
        }
    }

    fn rows(&self) -> usize {
        (self.size[1] as usize).div_ceil(TILE)
    }

    /// Takes a row of the finer level's tiles, made smaller.
    fn take(&mut self, row: &[Option<Tile>]) {
        let side = TILE / STEP;
        let pitch = 3 * self.used.len() * TILE;
        for (k, tile) in row.iter().enumerate() {
            let (Some((_, small)), true) = (tile, k / STEP < self.used.len()) else { continue };
            self.used[k / STEP] = true;
            for (j, line) in small.chunks_exact(3 * side).enumerate() {
                let at = (self.filled + j) * pitch + 3 * k * side;
                self.strip[at..at + line.len()].copy_from_slice(line);
            }
        }
        self.filled += side;
    }

    /// The strip's tiles; the strip is empty afterwards.
    fn release(&mut self) -> Result<Vec<Option<Tile>>, Wrong> {
        self.filled = 0;
        if !self.used.contains(&true) {
            return Ok(vec![None; self.used.len()]);
        }
        let pitch = 3 * self.used.len() * TILE;
        let tiles = self
            .used
            .par_iter()
            .enumerate()
            .map_init(compressor, |compressor, (k, &used)| {
                if !used {
                    return Ok(None);
                }
                let rgb: Vec<u8> = self
                    .strip
                    .chunks_exact(pitch)
                    .flat_map(|line| &line[3 * k * TILE..3 * (k + 1) * TILE])
                    .copied()
                    .collect();
                tile(compressor, &rgb).map(Some)
            })
            .collect::<Result<_, Wrong>>()?;
        for (value, ground) in self.strip.iter_mut().zip(GROUND.into_iter().cycle()) {
            *value = ground;
        }
        self.used.fill(false);
        Ok(tiles)
    }

    /// Writes a row of tiles; the empty ones are all the same.
    fn put(
        &mut self,
        tiff: &mut TiffWriter<BufWriter<File>>,
        row: &[Option<Tile>],
        empty: (u64, u32),
    ) -> Result<(), Wrong> {
        for tile in row {
            let part = match tile {
                Some((jpeg, _)) => tiff.append(jpeg)?,
                None => empty,
            };
            self.parts.push(part);
        }
        Ok(())
    }
}

fn ground(pixels: usize) -> Vec<u8> {
    GROUND.repeat(pixels)
}

/// A tile as it is kept: encoded and smaller.
fn tile(compressor: &mut Result<Compressor, Wrong>, rgb: &[u8]) -> Result<Tile, Wrong> {
    let Ok(compressor) = compressor else {
        return Err(Wrong::Jpeg("the JPEG library can't be started".into()));
    };
    Ok((jpeg(compressor, rgb, TILE, TILE)?, smaller(rgb, [TILE, TILE], STEP)))
}

/// The mean of each `by` x `by` pixels; what is left over at the edges is left out.
fn smaller(rgb: &[u8], [w, h]: [usize; 2], by: usize) -> Vec<u8> {
    let (to_w, to_h) = (w / by, h / by);
    let n = (by * by) as u32;
    let mut out = Vec::with_capacity(3 * to_w * to_h);
    let mut sums = vec![0u32; 3 * to_w];
    for rows in rgb.chunks_exact(3 * w * by).take(to_h) {
        sums.fill(0);
        for row in rows.chunks_exact(3 * w) {
            for (sum, block) in sums.chunks_exact_mut(3).zip(row.chunks_exact(3 * by)) {
                for p in block.chunks_exact(3) {
                    sum.iter_mut().zip(p).for_each(|(s, &v)| *s += u32::from(v));
                }
            }
        }
        out.extend(sums.iter().map(|s| ((s + n / 2) / n) as u8));
    }
    out
}

/// Writes the whole file.
fn stream(
    file: File,
    painter: &Painter,
    recipe: &Recipe,
    progress: &mut dyn FnMut(u64, u64) -> bool,
) -> Result<(), Wrong> {
    let mut levels: Vec<Level> = levels(recipe.width, recipe.height).into_iter().map(Level::new).collect();
    // The finest level is never averaged together.
    levels[0].strip = Vec::new();
    let (across, rows) = (levels[0].used.len(), levels[0].rows());
    let total = (across * rows) as u64;
    let used = |row: usize| (0..across).filter(move |&k| !painter.is_empty(k, row)).count() as u64;
    let tissue: u64 = (0..rows).map(used).sum();
    let big = (tissue * 9 / 8 + 64) * LARGEST_TILE + 16 * total > u64::from(u32::MAX);
    let mut tiff = TiffWriter::new(BufWriter::with_capacity(1 << 20, file), big)?;
    let mut encoder = compressor()?;
    let empty = tiff.append(&jpeg(&mut encoder, &ground(TILE * TILE), TILE, TILE)?)?;
    let mut overview = Overview::new(&levels);
    for row in 0..rows {
        let tiles = (0..across)
            .into_par_iter()
            .map_init(compressor, |compressor, k| {
                let rgb = painter.tile(k, row);
                rgb.map(|rgb| tile(compressor, &rgb)).transpose()
            })
            .collect::<Result<Vec<_>, Wrong>>()?;
        pass_on(&mut levels, tiles, row + 1 == rows, &mut tiff, empty, &mut overview)?;
        if !progress(((row + 1) * across) as u64, total) {
            return Err(Wrong::Cancelled);
        }
    }
    let (thumbnail, size) = overview.finish(painter, recipe);
    let thumbnail = (tiff.append(&jpeg(&mut encoder, &thumbnail, size[0], size[1])?)?, size);
    let label = label::draw(recipe.seed, recipe.width, recipe.height);
    let label = tiff.append(&jpeg(&mut encoder, &label, label::SIDE, label::SIDE)?)?;
    tiff.finish(pages(levels, thumbnail, label))?;
    Ok(())
}

/// Puts a row of level-0 tiles and whatever coarser rows it completes; at the slide's end all that is left.
fn pass_on(
    levels: &mut [Level],
    mut row: Vec<Option<Tile>>,
    last: bool,
    tiff: &mut TiffWriter<BufWriter<File>>,
    empty: (u64, u32),
    overview: &mut Overview,
) -> Result<(), Wrong> {
    let coarsest = levels.len() - 1;
    for k in 0..=coarsest {
        let (here, coarser) = levels.split_at_mut(k + 1);
        // A level that ends with the last whole pixel may have no room for the last row of the finer one.
        if here[k].parts.len() < here[k].rows() * here[k].used.len() {
            here[k].put(tiff, &row, empty)?;
        }
        let Some(next) = coarser.first_mut() else { break };
        next.take(&row);
        if next.filled < TILE && !last {
            break;
        }
        if k + 1 == coarsest {
            overview.take(&next.strip);
        }
        row = next.release()?;
    }
    Ok(())
}

/// The coarsest level as one picture, for the thumbnail.
struct Overview {
    /// Width with padding, size.
    pitch: usize,
    size: [usize; 2],
    rgb: Vec<u8>,
}

impl Overview {
    fn new(levels: &[Level]) -> Self {
        let coarsest = &levels[levels.len() - 1];
        let size = coarsest.size.map(|v| v as usize);
        Self { pitch: coarsest.used.len() * TILE, size, rgb: Vec::new() }
    }

    fn take(&mut self, strip: &[u8]) {
        self.rgb.extend(strip);
    }

    /// The thumbnail and its size. A slide too narrow for coarser levels is drawn again.
    fn finish(self, painter: &Painter, recipe: &Recipe) -> (Vec<u8>, [usize; 2]) {
        let [w, h] = self.size;
        let rgb: Vec<u8> = if [w, h] == [recipe.width as usize, recipe.height as usize] {
            painter.rgb(0, 0, w, h).unwrap_or_else(|| ground(w * h))
        } else {
            self.rgb.chunks_exact(3 * self.pitch).take(h).flat_map(|row| &row[..3 * w]).copied().collect()
        };
        // Averages of squares; of a very narrow slide, every so many pixels.
        let by = w.max(h).div_ceil(THUMBNAIL);
        if w / by > 0 && h / by > 0 {
            return (smaller(&rgb, [w, h], by), [w / by, h / by]);
        }
        let (to_w, to_h) = ((w / by).max(1), (h / by).max(1));
        let pick = |i: usize| &rgb[3 * ((i / to_w * by) * w + i % to_w * by)..][..3];
        ((0..to_w * to_h).flat_map(pick).copied().collect(), [to_w, to_h])
    }
}

/// The pages in Aperio's order: the slide, a thumbnail, the coarser levels, the label.
fn pages(levels: Vec<Level>, thumbnail: ((u64, u32), [usize; 2]), label: (u64, u32)) -> Vec<Page> {
    const LIBRARY: &str = "Aperio Image Library v12.0.15 (artificial tissue by Mitoscope)";
    let [w, h] = levels[0].size;
    let whole = format!("{w}x{h} [0,0 {w}x{h}] ({TILE}x{TILE})");
    let facts = "|AppMag = 40|MPP = 0.2500";
    let beside = |part, size: [usize; 2], description| Page {
        width: size[0] as u32,
        height: size[1] as u32,
        tile: None,
        parts: vec![part],
        description,
        subfile: 0,
    };
    let mut pages: Vec<Page> = levels
        .into_iter()
        .enumerate()
        .map(|(k, level)| {
            let [lw, lh] = level.size;
            let scaled = if k == 0 { String::new() } else { format!(" -> {lw}x{lh}") };
            let description = format!("{LIBRARY}\r\n{whole}{scaled} JPEG/YCC Q={QUALITY}{facts}");
            Page {
                width: lw,
                height: lh,
                tile: Some(TILE as u32),
                parts: level.parts,
                description,
                subfile: 0,
            }
        })
        .collect();
    let (part, size) = thumbnail;
    let text = format!("{LIBRARY}\r\n{w}x{h} -> {}x{} - {facts}", size[0], size[1]);
    pages.insert(1, beside(part, size, text));
    let side = label::SIDE;
    pages.push(Page { subfile: 1, ..beside(label, [side, side], format!("{LIBRARY}\nlabel {side}x{side}")) });
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_shrink_by_four_until_a_screen_shows_the_last() {
        assert_eq!(levels(12000, 9000), [[12000, 9000], [3000, 2250], [750, 562]]);
        assert_eq!(levels(512, 512), [[512, 512], [128, 128]]);
        assert_eq!(levels(1, 1), [[1, 1]]);
        assert_eq!(levels(200_000, 10), [[200_000, 10]]);
        assert_eq!(levels(200_000, 200_000).last(), Some(&[781, 781]));
    }

    #[test]
    fn smaller_is_the_mean_and_leaves_out_what_is_over() {
        let rgb: Vec<u8> = (0..5 * 3).flat_map(|i| [i as u8 * 10, 0, 255]).collect();
        assert_eq!(smaller(&rgb, [5, 3], 2), [30, 0, 255, 50, 0, 255]);
    }
}
