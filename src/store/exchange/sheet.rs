//! A table of text: a header, rows with the line on which each starts.

use super::{coordinate, name};

/// Cells of a whole table; each takes a number of memory.
const MOST_CELLS: usize = 40_000_000;

/// What separates cells: as it should be, as a German spreadsheet writes it, and tabs.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// A table that is read row by row.
pub(super) struct Sheet<'a> {
    bytes: &'a [u8],
    reader: ::csv::Reader<&'a [u8]>,
    header: Vec<String>,
    /// How far lines were counted, in bytes, and the line there.
    counted: (usize, u64),
    row: ::csv::ByteRecord,
}

impl<'a> Sheet<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// When there is no text, or so many cells that it is no table of annotations.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        const NO_TABLE: &str = "is not a table of text; give a CSV file whose first line is x,y,class";
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err("is written in UTF-16; save it as CSV UTF-8".into());
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.contains(&0) {
            return Err(NO_TABLE.into());
        }
        let first = bytes.trim_ascii_start().split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
        let times = |separator: u8| first.iter().filter(|b| **b == separator).count();
        // The first of those that are equally frequent.
        let separator = SEPARATORS.into_iter().rev().max_by_key(|s| times(*s)).unwrap_or(b',');
        if bytes.iter().filter(|b| **b == separator).count() > MOST_CELLS {
            return Err("has more cells than a table of annotations; split it".into());
        }
        let reader = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .from_reader(bytes);
        let mut sheet =
            Self { bytes, reader, header: Vec::new(), counted: (0, 1), row: ::csv::ByteRecord::new() };
        if sheet.next().is_none() {
            return Err("is empty; give a CSV file whose first line is x,y,class".into());
        }
        sheet.header =
            sheet.row.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_lowercase()).collect();
        Ok(sheet)
    }

    /// The place of a column, in any letter case.
    pub fn column(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|h| h == column)
    }

    /// The place of a column that must be there, once.
    pub fn needed(&self, column: &str, header: &str) -> Result<usize, String> {
        let mut places = self.header.iter().enumerate().filter(|(_, h)| *h == column).map(|(i, _)| i);
        match (places.next(), places.next()) {
            (Some(at), None) => Ok(at),
            (Some(_), Some(_)) => Err(format!("has two columns {column}; leave one")),
            _ => Err(format!(
                "has no column {column} in its first line; give a CSV file with the header {header}"
            )),
        }
    }

    /// Goes to the next row that is not blank; its line.
    pub fn next(&mut self) -> Option<u64> {
        loop {
            // Reading from memory does not fail, and rows may be of any length.
            if !self.reader.read_byte_record(&mut self.row).unwrap_or(false) {
                return None;
            }
            let start = self.row.position().map_or(0, ::csv::Position::byte);
            let line = self.line_at(usize::try_from(start).unwrap_or(usize::MAX));
            if self.row.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                return Some(line);
            }
        }
    }

    /// The line of a row that is looked for from `start` on: blank lines before it belong to no row.
    fn line_at(&mut self, start: usize) -> u64 {
        let end = |b: &u8| matches!(b, b'\n' | b'\r');
        let start = start.min(self.bytes.len());
        let start = start + self.bytes[start..].iter().take_while(|b| end(b)).count();
        let (from, mut line) = self.counted;
        for at in from.min(start)..start {
            let lone = self.bytes[at] == b'\r' && self.bytes.get(at + 1) != Some(&b'\n');
            line += u64::from(self.bytes[at] == b'\n' || lone);
        }
        self.counted = (start, line);
        line
    }

    /// The text of a cell; empty where the row has none or the column is not there.
    pub fn text(&self, column: Option<usize>, what: &str) -> Result<&str, String> {
        let Some(cell) = column.and_then(|at| self.row.get(at)) else { return Ok("") };
        std::str::from_utf8(cell).map_err(|_| format!("{what} is not written in UTF-8"))
    }

    /// A name in a cell that may be empty.
    pub fn name(&self, column: Option<usize>, what: &str) -> Result<Option<String>, String> {
        name(self.text(column, what)?, what)
    }

    /// The number in a cell.
    pub fn number(&self, column: usize, what: &str) -> Result<f64, String> {
        if column >= self.row.len() {
            return Err(format!("the row is too short, {what} is missing"));
        }
        let text = self.text(Some(column), what)?.trim();
        if text.is_empty() {
            return Err(format!("{what} is empty"));
        }
        let number: Option<f64> = text.parse().ok().filter(|v: &f64| v.is_finite());
        number.ok_or_else(|| {
            let shown: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
            format!("{what} is \"{shown}\", not a number")
        })
    }

    /// A coordinate in level-0 pixels.
    pub fn coordinate(&self, column: usize, what: &str) -> Result<f64, String> {
        self.number(column, what).and_then(|v| coordinate(v, what))
    }
}
