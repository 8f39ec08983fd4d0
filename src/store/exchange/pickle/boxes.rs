//! The rows of a dict of slides.

use super::{Array, Kind, Machine, Value};
use crate::model::{Shape, SlidePx};
use crate::store::exchange::{Reading, Record, coordinate};
use crate::store::rows::LONGEST_NAME;

impl Machine<'_> {
    /// What the dict says.
    pub(super) fn reading(&self, whole: Value) -> Result<Reading, String> {
        const NO_BOXES: &str = "holds something else than a detector's boxes (a dict of slide names to rows of x1, y1, x2, y2, class, score)";
        let Value::Parts(Kind::Dict, at) = whole else { return Err(NO_BOXES.into()) };
        let mut reading = Reading { detections: true, by_element: true, ..Reading::default() };
        let mut element = 0;
        for pair in self.parts[at as usize].chunks(2) {
            let [Value::Text(from, to), rows] = pair else { return Err(NO_BOXES.into()) };
            let slide = String::from_utf8_lossy(self.bytes((*from, *to))).into_owned();
            if slide.len() > LONGEST_NAME || slide.chars().any(char::is_control) || slide.trim().is_empty() {
                return Err("names a slide in a way that no file has".into());
            }
            self.each_row(*rows, &mut |row| {
                element += 1;
                reading.take(element, record(element, &slide, row))
            })?;
        }
        Ok(reading)
    }

    /// Calls `take` with the six numbers of each row.
    fn each_row(
        &self,
        rows: Value,
        take: &mut dyn FnMut(Option<[f64; 6]>) -> Result<(), String>,
    ) -> Result<(), String> {
        let six = |numbers: &[f64]| <[f64; 6]>::try_from(numbers).ok();
        let table = |array: &Array, take: &mut dyn FnMut(Option<[f64; 6]>) -> Result<(), String>| match array
            .shape
            .as_slice()
        {
            [_, 6] => array.numbers.chunks_exact(6).try_for_each(|row| take(six(row))),
            [0] | [0, _] => Ok(()),
            _ => take(None),
        };
        match rows {
            Value::Array(at) => table(&self.arrays[at as usize], take),
            Value::Parts(Kind::List | Kind::Tuple, at) => {
                for row in &self.parts[at as usize] {
                    match row {
                        Value::Array(at) => {
                            let array = &self.arrays[*at as usize];
                            if array.shape.len() == 1 {
                                take(six(&array.numbers))?;
                            } else {
                                table(array, take)?;
                            }
                        }
                        Value::Parts(Kind::List | Kind::Tuple, at) => {
                            let cells = &self.parts[*at as usize];
                            let numbers: Option<Vec<f64>> = match cells.len() {
                                6 => cells.iter().map(|c| self.single(*c)).collect(),
                                _ => None,
                            };
                            take(numbers.and_then(|n| six(&n)))?;
                        }
                        _ => take(None)?,
                    }
                }
                Ok(())
            }
            _ => take(None),
        }
    }

    /// A number, or an array of one.
    fn single(&self, value: Value) -> Option<f64> {
        match value {
            Value::Number(n) => Some(n),
            Value::Array(at) => match self.arrays[at as usize].numbers.as_slice() {
                [one] => Some(*one),
                _ => None,
            },
            _ => None,
        }
    }
}

/// A box as a spot at its centre.
fn record(element: u64, slide: &str, row: Option<[f64; 6]>) -> Result<Record, String> {
    let Some([x1, y1, x2, y2, class, score]) = row else {
        return Err("is no row of six numbers".into());
    };
    let (x1, y1) = (coordinate(x1, "x1")?, coordinate(y1, "y1")?);
    let (x2, y2) = (coordinate(x2, "x2")?, coordinate(y2, "y2")?);
    if x2 < x1 || y2 < y1 {
        return Err("the box ends before it begins".into());
    }
    if !score.is_finite() || !class.is_finite() {
        return Err("class or score is no number".into());
    }
    Ok(Record {
        line: element,
        slide: Some(slide.to_owned()),
        shape: Shape::Spot(SlidePx::new(f64::midpoint(x1, x2), f64::midpoint(y1, y2))),
        class: class.to_string(),
        rater: None,
        description: String::new(),
        guid: None,
        score: Some(score),
    })
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use proptest::prelude::*;

    /// `{"a.svs": [[10, 20, 60, 70, 0, 0.5], array([1., 2., 3., 4., 1., 0.25])], "b.svs": array of no row}`, as Python
    /// 3.11 with numpy 1.24 writes it in protocol 3.
    fn honest() -> Vec<u8> {
        let mut out =
            b"\x80\x03}q\x00(X\x05\x00\x00\x00a.svsq\x01]q\x02(]q\x03(K\x0aK\x14K<KFK\x00G?\xe0\0\0\0\0\0\0e"
                .to_vec();
        out.extend(b"cnumpy.core.multiarray\n_reconstruct\nq\x04cnumpy\nndarray\nq\x05K\x00\x85q\x06C\x01bq\x07\x87q\x08Rq\x09");
        out.extend(b"(K\x01K\x06\x85q\x0acnumpy\ndtype\nq\x0bX\x02\x00\x00\x00f8q\x0c\x89\x88\x87q\x0dRq\x0e(K\x03X\x01\x00\x00\x00<q\x0fNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tq\x10b\x89C\x30");
        for v in [1.0f64, 2.0, 3.0, 4.0, 1.0, 0.25] {
            out.extend(v.to_le_bytes());
        }
        out.extend(b"q\x11tq\x12beX\x05\x00\x00\x00b.svsq\x13]q\x14u.");
        out
    }

    #[test]
    fn rows_of_numbers_and_arrays_are_read() {
        let reading = parse(&honest()).unwrap();
        assert!(reading.detections && reading.skipped.is_empty(), "{:?}", reading.skipped);
        let rows: Vec<_> = reading
            .records
            .iter()
            .map(|r| (r.shape.center().unwrap(), r.class.as_str(), r.score.unwrap()))
            .map(|(p, class, score)| (p.x, p.y, class.to_owned(), score))
            .collect();
        assert_eq!(rows, [(35.0, 45.0, "0".into(), 0.5), (2.0, 3.0, "1".into(), 0.25)]);
    }

    #[test]
    fn a_pickle_that_would_run_something_is_refused() {
        for evil in [
            &b"cos\nsystem\n(S'touch x'\ntR."[..],
            b"\x80\x02cposix\nsystem\nX\x01\x00\x00\x00x\x85R.",
            b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x01x\x85R.",
            b"(S'x'\nios\nsystem\n.",
            b"\x80\x02cnumpy\nload\nX\x01\x00\x00\x00x\x85R.",
        ] {
            assert!(parse(evil).is_err());
        }
    }

    proptest! {
        #[test]
        fn whatever_is_changed_it_ends_in_an_answer(at in 0usize..400, to in any::<u8>(), cut in 0usize..400) {
            let mut bytes = honest();
            let n = bytes.len();
            bytes[at % n] = to;
            let _ = parse(&bytes);
            let _ = parse(&bytes[..cut.min(n)]);
        }

        #[test]
        fn noise_ends_in_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }
    }
}
