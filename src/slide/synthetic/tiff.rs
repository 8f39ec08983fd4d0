//! The part of TIFF and BigTIFF that a slide of JPEG tiles needs: pictures first, directories at the end.

use std::io::{self, Seek, SeekFrom, Write};

/// One picture of the file.
pub(super) struct Page {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Width and height of its tiles; `None` for a single strip.
    pub(super) tile: Option<u32>,
    /// Where each tile (or the strip) lies, and how long it is.
    pub(super) parts: Vec<(u64, u32)>,
    pub(super) description: String,
    /// 0 for the slide itself, 1 for a picture beside it.
    pub(super) subfile: u32,
}

/// Values of one tag.
enum Values {
    Short(Vec<u16>),
    Long(Vec<u32>),
    /// File positions: 32 bits wide in classic TIFF, 64 in BigTIFF.
    Places(Vec<u64>),
    Text(String),
}

/// A TIFF file that grows.
pub(super) struct TiffWriter<W> {
    out: W,
    big: bool,
    at: u64,
}

impl<W: Write + Seek> TiffWriter<W> {
    /// Begins a file at the start of `out`; `big` makes it a BigTIFF, which may be larger than 4 GiB.
    pub(super) fn new(mut out: W, big: bool) -> io::Result<Self> {
        let header: &[u8] =
            if big { &[b'I', b'I', 43, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] } else { b"II\x2a\0\0\0\0\0" };
        out.write_all(header)?;
        Ok(Self { out, big, at: header.len() as u64 })
    }

    /// Appends bytes; where they lie and how many they are.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<(u64, u32)> {
        // Directories and their values lie at even places.
        if self.at % 2 == 1 {
            self.out.write_all(&[0])?;
            self.at += 1;
        }
        let end = self.at + bytes.len() as u64;
        let length = u32::try_from(bytes.len()).map_err(|_| io::Error::other("a part of more than 4 GiB"))?;
        if !self.big && end > u64::from(u32::MAX) {
            return Err(io::Error::other("more than a TIFF of 4 GiB can hold"));
        }
        self.out.write_all(bytes)?;
        let place = (self.at, length);
        self.at = end;
        Ok(place)
    }

    /// Writes the directories of all pages and ends the file.
    pub(super) fn finish(mut self, pages: Vec<Page>) -> io::Result<W> {
        // Where the place of the next directory is to be written.
        let mut link = if self.big { 8 } else { 4 };
        for page in pages {
            let mut entries = Vec::new();
            for (tag, values) in tags(page) {
                entries.push((tag, self.entry(values)?));
            }
            let mut directory = Vec::new();
            self.number(&mut directory, entries.len() as u64, 2);
            for (tag, entry) in &entries {
                directory.extend(tag.to_le_bytes());
                directory.extend(entry);
            }
            let next = directory.len() as u64;
            self.number(&mut directory, 0, 4);
            let (place, _) = self.append(&directory)?;
            self.patch(link, place)?;
            link = place + next;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    /// A number that has `narrow` bytes in a classic file and 8 in a BigTIFF.
    fn number(&self, to: &mut Vec<u8>, value: u64, narrow: usize) {
        let bytes = value.to_le_bytes();
        to.extend(&bytes[..if self.big { 8 } else { narrow }]);
    }

    /// Type, count and value (or its place) of a tag.
    fn entry(&mut self, values: Values) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (kind, count) = match values {
            Values::Short(v) => {
                bytes.extend(v.iter().flat_map(|n| n.to_le_bytes()));
                (3u16, v.len())
            }
            Values::Long(v) => {
                bytes.extend(v.iter().flat_map(|n| n.to_le_bytes()));
                (4, v.len())
            }
            Values::Places(v) => {
                for &n in &v {
                    self.number(&mut bytes, n, 4);
                }
                (if self.big { 16 } else { 4 }, v.len())
            }
            Values::Text(text) => {
                bytes.extend(text.bytes());
                bytes.push(0);
                (2, bytes.len())
            }
        };
        let mut entry = kind.to_le_bytes().to_vec();
        self.number(&mut entry, count as u64, 4);
        let room = if self.big { 8 } else { 4 };
        if bytes.len() <= room {
            bytes.resize(room, 0);
            entry.extend(bytes);
        } else {
            let (place, _) = self.append(&bytes)?;
            self.number(&mut entry, place, 4);
        }
        Ok(entry)
    }

    fn patch(&mut self, at: u64, place: u64) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.number(&mut bytes, place, 4);
        self.out.seek(SeekFrom::Start(at))?;
        self.out.write_all(&bytes)?;
        self.out.seek(SeekFrom::Start(self.at))?;
        Ok(())
    }
}

/// The tags of a page, in rising order as TIFF wants them.
fn tags(page: Page) -> Vec<(u16, Values)> {
    let (places, lengths) = page.parts.into_iter().unzip();
    let (places, lengths) = (Values::Places(places), Values::Long(lengths));
    let mut tags = vec![
        (254, Values::Long(vec![page.subfile])),
        (256, Values::Long(vec![page.width])),
        (257, Values::Long(vec![page.height])),
        (258, Values::Short(vec![8, 8, 8])),
        (259, Values::Short(vec![7])),
        (262, Values::Short(vec![6])),
        (270, Values::Text(page.description)),
        (277, Values::Short(vec![3])),
        (284, Values::Short(vec![1])),
        (530, Values::Short(vec![2, 2])),
    ];
    match page.tile {
        Some(side) => tags.extend([
            (322, Values::Long(vec![side])),
            (323, Values::Long(vec![side])),
            (324, places),
            (325, lengths),
        ]),
        None => tags.extend([(273, places), (278, Values::Long(vec![page.height])), (279, lengths)]),
    }
    tags.sort_by_key(|(tag, _)| *tag);
    tags
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn page(parts: Vec<(u64, u32)>) -> Page {
        Page { width: 300, height: 200, tile: Some(256), parts, description: "a page".into(), subfile: 0 }
    }

    fn number(bytes: &[u8], at: usize, width: usize) -> usize {
        bytes[at..at + width].iter().rev().fold(0, |n, &b| n << 8 | usize::from(b))
    }

    #[test]
    fn classic_and_big_files_chain_their_directories_and_end_the_chain() {
        for big in [false, true] {
            let mut tiff = TiffWriter::new(Cursor::new(Vec::new()), big).unwrap();
            let part = tiff.append(b"odd").unwrap();
            let other = tiff.append(b"tile").unwrap();
            assert_eq!(other.0 % 2, 0);
            let bytes =
                tiff.finish(vec![page(vec![part, other]), page(vec![other, other])]).unwrap().into_inner();
            let (wide, count, entry) = if big { (8, 8, 20) } else { (4, 2, 12) };
            let mut at = number(&bytes, if big { 8 } else { 4 }, wide);
            let mut pages = 0;
            while at != 0 {
                let n = number(&bytes, at, count);
                let tags: Vec<usize> = (0..n).map(|k| number(&bytes, at + count + k * entry, 2)).collect();
                assert!(tags.is_sorted() && tags.contains(&324) && tags.contains(&270), "{tags:?}");
                // The first tile's place lies in a list of its own.
                let k = tags.iter().position(|&t| t == 324).unwrap();
                let list = number(&bytes, at + count + k * entry + entry - wide, wide);
                let place = number(&bytes, list, wide);
                assert_eq!(&bytes[place..place + 3], if pages == 0 { b"odd" } else { b"til" });
                at = number(&bytes, at + count + n * entry, wide);
                pages += 1;
            }
            assert_eq!(pages, 2);
        }
    }

    #[test]
    fn a_classic_file_refuses_to_grow_past_its_offsets() {
        let mut tiff = TiffWriter::new(Cursor::new(Vec::new()), false).unwrap();
        tiff.at = u64::from(u32::MAX) - 2;
        assert!(tiff.append(b"12345").is_err());
    }
}
