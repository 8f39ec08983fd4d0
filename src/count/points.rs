//! Points from a CSV file.

use crate::model::SlidePx;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

/// A file of points is no larger; a line of a point is short.
const LARGEST: u64 = 256 << 20;
/// No slide reaches farther, in level-0 pixels.
const FARTHEST: f64 = 1e9;

/// Why a file gives no points. The message names the file, and the line where there is one.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct PointsError {
    path: PathBuf,
    why: String,
}

/// Reads the columns `x` and `y` (level-0 pixels) of a CSV file with a header; other columns are passed over.
///
/// # Errors
/// When the file can't be read, is not a CSV file with these columns, is larger than 256 MiB, or a line has no two
/// finite numbers up to a billion; the header is line 1.
pub fn read(path: &Path) -> Result<Vec<SlidePx>, PointsError> {
    let wrong = |why: String| PointsError { path: path.to_owned(), why };
    let unreadable =
        |e: std::io::Error| wrong(format!("can't be read ({e}); check the name and your rights"));
    let file = File::open(path).map_err(unreadable)?;
    let facts = file.metadata().map_err(unreadable)?;
    if !facts.is_file() {
        return Err(wrong("is not a file; give a CSV file with columns x and y".into()));
    }
    if facts.len() > LARGEST {
        return Err(wrong("is larger than 256 MiB; that is no list of points".into()));
    }
    parse(BufReader::new(file.take(LARGEST))).map_err(wrong)
}

fn parse(mut from: BufReader<impl Read>) -> Result<Vec<SlidePx>, String> {
    let broken = |e: std::io::Error| format!("can't be read to its end ({e}); copy it again");
    if from.fill_buf().map_err(broken)?.contains(&0) {
        return Err("is not a CSV file; give one with columns x and y".into());
    }
    let mut line = Vec::new();
    from.read_until(b'\n', &mut line).map_err(broken)?;
    let header = cells(&line);
    let column = |name: &str| {
        header
            .iter()
            .position(|h| h.trim_start_matches('\u{feff}').trim_matches('"').eq_ignore_ascii_case(name))
    };
    let (Some(x), Some(y)) = (column("x"), column("y")) else {
        return Err("has no columns x and y in its first line; give a CSV file with the header x,y".into());
    };
    let mut points = Vec::new();
    let mut number = 1_u64;
    loop {
        line.clear();
        number += 1;
        if from.read_until(b'\n', &mut line).map_err(broken)? == 0 {
            return Ok(points);
        }
        let cells = cells(&line);
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let value = |i: usize| cells.get(i)?.parse::<f64>().ok().filter(|v| v.abs() <= FARTHEST);
        let (Some(x), Some(y)) = (value(x), value(y)) else {
            return Err(format!(
                "line {number} has no x and y that are numbers of level-0 pixels, up to a billion; correct it"
            ));
        };
        points.push(SlidePx::new(x, y));
    }
}

/// The cells of a line, without the blanks around them.
fn cells(line: &[u8]) -> Vec<String> {
    let owned = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
    if !line.contains(&b'"') {
        return line.split(|b| *b == b',').map(owned).collect();
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(line);
    let record = reader.byte_records().next().and_then(Result::ok).unwrap_or_default();
    record.iter().map(owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Result<Vec<SlidePx>, String> {
        parse(BufReader::new(bytes))
    }

    #[test]
    fn columns_are_found_by_name() {
        let wanted = vec![SlidePx::new(1.5, -2.0), SlidePx::new(30.0, 4e3)];
        for text in [
            "x,y\n1.5,-2\n30,4e3\n",
            "\u{feff}X, Y\r\n1.5, -2\r\n\r\n30,4e3",
            "class,y,x\nmitosis,-2,1.5\n\"a, b\",4000,30.0\n",
        ] {
            assert_eq!(parsed(text.as_bytes()), Ok(wanted.clone()), "{text}");
        }
        assert_eq!(parsed(b"x,y\n"), Ok(Vec::new()));
    }

    #[test]
    fn wrong_lines_are_named() {
        for (text, says) in [
            (&b""[..], "no columns"),
            (b"a,b\n1,2\n", "no columns"),
            (b"x,y\n1,2\n3,nan\n", "line 3 "),
            (b"x,y\ninf,2\n", "line 2 "),
            (b"x,y\n1,2\n\n1e12,2\n", "line 4 "),
            (b"x,y\n1,2\n5\n", "line 3 "),
            (b"x,y\n1,2\n\xff\xfe,5\n", "line 3 "),
            (b"II*\0\x10\0\0\0x,y", "not a CSV"),
        ] {
            let why = parsed(text).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let why = read(Path::new("/nowhere/points.csv")).unwrap_err().to_string();
        assert!(why.starts_with("/nowhere/points.csv: can't be read"), "{why}");
        assert!(read(Path::new("/")).unwrap_err().to_string().contains("not a file"));
    }
}
