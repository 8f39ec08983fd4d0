//! A detector's boxes as the published code pickles them: a dict of slide names to rows of x1, y1, x2, y2, class, score.
//!
//! A pickle is a program. This one knows the few words that data needs, and of all that can be called the five functions
//! that numpy's numbers and arrays are made by, as facts and not as calls; at any other word it stops. Values lie in
//! lists by their numbers, so that nothing is nested in memory, however deep the file nests.

mod boxes;

use super::Reading;

/// Values of one file; each takes 16 bytes.
const MOST_VALUES: usize = 10_000_000;
/// Most numbers of one array.
const MOST_NUMBERS: usize = 6_000_000;

/// A value; what has parts is known by its place in [`Machine::parts`], a text or bytes by its place in the file.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Nothing,
    Number(f64),
    Text(u32, u32),
    Bytes(u32, u32),
    /// A tuple, list or dict (keys and values by turns).
    Parts(Kind, u32),
    Call(Callable),
    /// By its place in [`Machine::dtypes`].
    Dtype(u32),
    /// By its place in [`Machine::arrays`].
    Array(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Tuple,
    List,
    Dict,
}

/// What may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Callable {
    Dtype,
    Scalar,
    NewArray,
    ArrayType,
    Encode,
}

impl Callable {
    fn named(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("numpy", "dtype") => Some(Self::Dtype),
            ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => Some(Self::Scalar),
            ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => Some(Self::NewArray),
            ("numpy", "ndarray") => Some(Self::ArrayType),
            ("_codecs", "encode") => Some(Self::Encode),
            _ => None,
        }
    }
}

/// A kind of number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Dtype {
    letter: u8,
    bytes: usize,
    big: bool,
}

#[derive(Debug, Clone, Default)]
struct Array {
    shape: Vec<usize>,
    numbers: Vec<f64>,
}

const BROKEN: &str = "is cut short or damaged; fetch it again";

struct Machine<'a> {
    data: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    marks: Vec<usize>,
    memo: Vec<Value>,
    parts: Vec<Vec<Value>>,
    dtypes: Vec<Dtype>,
    arrays: Vec<Array>,
    made: usize,
    /// Bytes that protocol 2 writes as text: each a list of its own.
    recoded: Vec<Vec<u8>>,
}

/// Reads such a file.
///
/// # Errors
/// Half a sentence that follows the file's name.
pub(super) fn parse(bytes: &[u8]) -> Result<Reading, String> {
    if u32::try_from(bytes.len()).is_err() {
        return Err("is too large".into());
    }
    let mut machine = Machine {
        data: bytes,
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: Vec::new(),
        parts: Vec::new(),
        dtypes: Vec::new(),
        arrays: Vec::new(),
        made: 0,
        recoded: Vec::new(),
    };
    let whole = machine.run()?;
    machine.reading(whole)
}

impl Machine<'_> {
    fn take(&mut self, n: usize) -> Result<(u32, u32), String> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.data.len()).ok_or(BROKEN)?;
        // A file's length fits: it was looked at first.
        let span = (self.at as u32, end as u32);
        self.at = end;
        Ok(span)
    }

    fn bytes(&self, span: (u32, u32)) -> &[u8] {
        &self.data[span.0 as usize..span.1 as usize]
    }

    /// An unsigned number of `n` bytes, the lowest first.
    fn number(&mut self, n: usize) -> Result<u64, String> {
        let span = self.take(n)?;
        Ok(self.bytes(span).iter().rev().fold(0, |v, b| v << 8 | u64::from(*b)))
    }

    fn length(&mut self, n: usize) -> Result<usize, String> {
        usize::try_from(self.number(n)?).map_err(|_| BROKEN.into())
    }

    fn line(&mut self) -> Result<String, String> {
        let rest = &self.data[self.at..];
        let end = rest.iter().take(200).position(|b| *b == b'\n').ok_or(BROKEN)?;
        let line = String::from_utf8_lossy(&rest[..end]).into_owned();
        self.at += end + 1;
        Ok(line)
    }

    fn push(&mut self, value: Value) -> Result<(), String> {
        self.made += 1;
        if self.made > MOST_VALUES {
            return Err("holds more than a detector's boxes; split it".into());
        }
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, String> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err(BROKEN.into());
        }
        self.stack.pop().ok_or_else(|| BROKEN.into())
    }

    fn since_mark(&mut self) -> Result<Vec<Value>, String> {
        let mark = self.marks.pop().ok_or(BROKEN)?;
        Ok(self.stack.split_off(mark))
    }

    fn gather(&mut self, kind: Kind, values: Vec<Value>) -> Result<(), String> {
        self.parts.push(values);
        self.push(Value::Parts(kind, (self.parts.len() - 1) as u32))
    }

    fn append(&mut self, kind: Kind, values: Vec<Value>) -> Result<(), String> {
        match self.stack.last() {
            Some(Value::Parts(k, at)) if *k == kind => {
                self.parts[*at as usize].extend(values);
                Ok(())
            }
            _ => Err(BROKEN.into()),
        }
    }

    fn remember(&mut self, at: usize) -> Result<(), String> {
        let value = *self.stack.last().ok_or(BROKEN)?;
        if at >= MOST_VALUES {
            return Err(BROKEN.into());
        }
        if at >= self.memo.len() {
            self.memo.resize(at + 1, Value::Nothing);
        }
        self.memo[at] = value;
        Ok(())
    }

    fn recall(&mut self, at: usize) -> Result<(), String> {
        let value = *self.memo.get(at).ok_or(BROKEN)?;
        self.push(value)
    }

    fn text(&mut self, n: usize) -> Result<(), String> {
        let (from, to) = self.take(n)?;
        self.push(Value::Text(from, to))
    }

    fn blob(&mut self, n: usize) -> Result<(), String> {
        let (from, to) = self.take(n)?;
        self.push(Value::Bytes(from, to))
    }

    fn named(&mut self, module: &str, name: &str) -> Result<(), String> {
        match Callable::named(module, name) {
            Some(callable) => self.push(Value::Call(callable)),
            None => {
                let what: String =
                    format!("{module}.{name}").chars().filter(|c| !c.is_control()).take(80).collect();
                Err(format!("would run a program ({what}); only data are read"))
            }
        }
    }

    /// Works through the file; the value that it is.
    fn run(&mut self) -> Result<Value, String> {
        loop {
            let op = self.number(1)? as u8;
            match op {
                0x80 => drop(self.number(1)?),
                0x95 => drop(self.number(8)?),
                b'.' => return self.pop(),
                b'(' => self.marks.push(self.stack.len()),
                b'N' => self.push(Value::Nothing)?,
                0x88 => self.push(Value::Number(1.0))?,
                0x89 => self.push(Value::Number(0.0))?,
                b'J' => {
                    let v = self.number(4)? as u32;
                    self.push(Value::Number(f64::from(v.cast_signed())))?;
                }
                b'K' => {
                    let v = self.number(1)?;
                    self.push(Value::Number(v as f64))?;
                }
                b'M' => {
                    let v = self.number(2)?;
                    self.push(Value::Number(v as f64))?;
                }
                b'G' => {
                    let v = self.number(8)?.swap_bytes();
                    self.push(Value::Number(f64::from_bits(v)))?;
                }
                b'X' => {
                    let n = self.length(4)?;
                    self.text(n)?;
                }
                0x8c => {
                    let n = self.length(1)?;
                    self.text(n)?;
                }
                0x8d => {
                    let n = self.length(8)?;
                    self.text(n)?;
                }
                b'B' => {
                    let n = self.length(4)?;
                    self.blob(n)?;
                }
                b'C' => {
                    let n = self.length(1)?;
                    self.blob(n)?;
                }
                0x8e => {
                    let n = self.length(8)?;
                    self.blob(n)?;
                }
                b'}' => self.gather(Kind::Dict, Vec::new())?,
                b']' => self.gather(Kind::List, Vec::new())?,
                b')' => self.gather(Kind::Tuple, Vec::new())?,
                b't' => {
                    let values = self.since_mark()?;
                    self.gather(Kind::Tuple, values)?;
                }
                0x85..=0x87 => {
                    let mut values = Vec::new();
                    for _ in 0x84..op {
                        values.push(self.pop()?);
                    }
                    values.reverse();
                    self.gather(Kind::Tuple, values)?;
                }
                b'a' => {
                    let value = self.pop()?;
                    self.append(Kind::List, vec![value])?;
                }
                b'e' => {
                    let values = self.since_mark()?;
                    self.append(Kind::List, values)?;
                }
                b's' => {
                    let (value, key) = (self.pop()?, self.pop()?);
                    self.append(Kind::Dict, vec![key, value])?;
                }
                b'u' => {
                    let values = self.since_mark()?;
                    self.append(Kind::Dict, values)?;
                }
                b'q' => {
                    let at = self.length(1)?;
                    self.remember(at)?;
                }
                b'r' => {
                    let at = self.length(4)?;
                    self.remember(at)?;
                }
                0x94 => self.remember(self.memo.len())?,
                b'h' => {
                    let at = self.length(1)?;
                    self.recall(at)?;
                }
                b'j' => {
                    let at = self.length(4)?;
                    self.recall(at)?;
                }
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.named(&module, &name)?;
                }
                0x93 => {
                    let (name, module) = (self.pop()?, self.pop()?);
                    let (module, name) = (self.word(module)?, self.word(name)?);
                    self.named(&module, &name)?;
                }
                b'R' => {
                    let (words, function) = (self.pop()?, self.pop()?);
                    self.call(function, words)?;
                }
                b'b' => {
                    let state = self.pop()?;
                    self.build(state)?;
                }
                other => {
                    return Err(format!(
                        "is no pickle of a detector's boxes (the word 0x{other:02x} at byte {}); give its CSV file",
                        self.at - 1
                    ));
                }
            }
        }
    }

    fn word(&self, value: Value) -> Result<String, String> {
        match value {
            Value::Text(from, to) if to - from <= 200 => {
                Ok(String::from_utf8_lossy(self.bytes((from, to))).into_owned())
            }
            _ => Err(BROKEN.into()),
        }
    }

    fn parts_of(&self, value: Value) -> Result<&[Value], String> {
        match value {
            Value::Parts(_, at) => Ok(&self.parts[at as usize]),
            _ => Err(BROKEN.into()),
        }
    }

    fn raw(&self, value: Value) -> Result<&[u8], String> {
        match value {
            Value::Bytes(from, u32::MAX) => {
                self.recoded.get(from as usize).map(Vec::as_slice).ok_or(BROKEN.into())
            }
            Value::Bytes(from, to) => Ok(self.bytes((from, to))),
            _ => Err(BROKEN.into()),
        }
    }

    fn call(&mut self, function: Value, words: Value) -> Result<(), String> {
        let Value::Call(function) = function else { return Err(BROKEN.into()) };
        let words = self.parts_of(words)?.to_vec();
        match (function, words.as_slice()) {
            (Callable::Dtype, [name, ..]) => {
                let name = self.word(*name)?;
                let (letter, size) = name.split_at_checked(1).ok_or(BROKEN)?;
                let bytes = size.parse().ok().filter(|b| [1, 2, 4, 8].contains(b));
                let letter = letter.as_bytes()[0];
                let known = matches!(
                    (letter, bytes),
                    (b'f', Some(4 | 8)) | (b'i' | b'u', Some(1..)) | (b'b', Some(1))
                );
                let Some(bytes) = bytes.filter(|_| known) else {
                    return Err(format!("holds numbers of a kind that boxes don't have ({name:?})"));
                };
                self.dtypes.push(Dtype { letter, bytes, big: false });
                self.push(Value::Dtype((self.dtypes.len() - 1) as u32))
            }
            (Callable::Scalar, [Value::Dtype(dtype), bytes]) => {
                let numbers = self.numbers(*dtype, *bytes, 1)?;
                self.push(Value::Number(numbers[0]))
            }
            (Callable::NewArray, [Value::Call(Callable::ArrayType), ..]) => {
                self.arrays.push(Array::default());
                self.push(Value::Array((self.arrays.len() - 1) as u32))
            }
            // Protocol 2 writes bytes as text, each character a byte.
            (Callable::Encode, [Value::Text(from, to), _]) => {
                let text = std::str::from_utf8(self.bytes((*from, *to))).map_err(|_| BROKEN)?;
                let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
                self.recoded.push(bytes.ok_or(BROKEN)?);
                self.push(Value::Bytes((self.recoded.len() - 1) as u32, u32::MAX))
            }
            _ => Err(BROKEN.into()),
        }
    }

    /// So many numbers out of bytes.
    fn numbers(&self, dtype: u32, bytes: Value, n: usize) -> Result<Vec<f64>, String> {
        let Dtype { letter, bytes: size, big } = self.dtypes[dtype as usize];
        let raw = self.raw(bytes)?;
        if n > MOST_NUMBERS || raw.len() != n * size {
            return Err(BROKEN.into());
        }
        let number = |chunk: &[u8]| {
            let fold = |v: u64, b: &u8| v << 8 | u64::from(*b);
            let bits = if big { chunk.iter().fold(0, fold) } else { chunk.iter().rev().fold(0, fold) };
            match (letter, size) {
                (b'f', 4) => f64::from(f32::from_bits(bits as u32)),
                (b'f', _) => f64::from_bits(bits),
                // Shifted up and down again: the sign comes along.
                (b'i', _) => ((bits << (64 - 8 * size)).cast_signed() >> (64 - 8 * size)) as f64,
                _ => bits as f64,
            }
        };
        Ok(raw.chunks_exact(size).map(number).collect())
    }

    /// Fills in a kind of number's order of bytes, or an array.
    fn build(&mut self, state: Value) -> Result<(), String> {
        let state = self.parts_of(state)?.to_vec();
        match (self.stack.last().copied(), state.as_slice()) {
            (Some(Value::Dtype(at)), [_, order, ..]) => {
                self.dtypes[at as usize].big = self.word(*order)? == ">";
                Ok(())
            }
            (Some(Value::Array(at)), [_, shape, Value::Dtype(dtype), _, bytes]) => {
                let mut sides = Vec::new();
                for side in self.parts_of(*shape)? {
                    match side {
                        Value::Number(n) if *n >= 0.0 && *n <= MOST_NUMBERS as f64 => sides.push(*n as usize),
                        _ => return Err(BROKEN.into()),
                    }
                }
                let n = sides.iter().try_fold(1usize, |n, s| n.checked_mul(*s)).filter(|_| sides.len() <= 2);
                let numbers = self.numbers(*dtype, *bytes, n.ok_or(BROKEN)?)?;
                self.made += numbers.len();
                if self.made > MOST_VALUES {
                    return Err("holds more than a detector's boxes; split it".into());
                }
                self.arrays[at as usize] = Array { shape: sides, numbers };
                Ok(())
            }
            _ => Err(BROKEN.into()),
        }
    }
}
