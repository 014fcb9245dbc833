//! A large file as parts that fit into memory: windows of a listing's elements,
//! and the frame that is left when they are taken out (`{"Subnets": [], …}`).
//!
//! Where an element ends is guessed, since looking at every byte for it would
//! cost as much as reading: behind a key that stands once in each element, at
//! the bracket that closes it. The guess is proven by whoever reads the window:
//! it begins where an element does, so if whole elements fill it to its end, the
//! next one does too. If they do not, the file is cut again, by its brackets.

use crate::aws::Listed;
use crate::error::{LoadError, count};
use crate::files::{self, File, Limits, Reading};
use crate::window::{self, Cut};

/// How far from the end of a window the key is first looked for.
const TAIL: usize = 64 << 10;

/// A part of a file.
#[derive(Debug)]
pub(crate) enum Piece {
    Window(Window),
    /// The last part.
    Frame(Frame),
}

/// Whole elements of a listing.
#[derive(Debug)]
pub(crate) struct Window {
    pub(crate) bytes: Vec<u8>,
    /// Where it begins in the file.
    pub(crate) base: usize,
    pub(crate) listed: Listed,
    /// Where the listing stands in the file.
    pub(crate) listing: usize,
    /// Its end is no guess.
    pub(crate) exact: bool,
}

/// A file without its windows.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    /// From which byte of the frame on how many are to be added for the place in the file.
    pub(crate) shifts: Vec<(usize, usize)>,
    /// Bytes of the whole file.
    pub(crate) length: u64,
}

/// A file that is being cut.
pub(crate) struct Stream<'f> {
    reading: Reading<'f>,
    window: usize,
    /// What was read and not handed out; `at` bytes of it are in the frame.
    buffer: Vec<u8>,
    at: usize,
    /// Where the buffer begins in the file.
    base: usize,
    ended: bool,
    frame: Frame,
    outer: Outer,
    /// The listing whose elements come next, where it stands, whether windows of it were cut.
    inside: Option<(Listed, usize, bool)>,
    exact: bool,
    /// Windows before this byte of the file are passed over.
    from: usize,
}

/// Where the outer shape of a file is.
#[derive(Default)]
struct Outer {
    depth: usize,
    /// `{"data": {…}}`: listings stand one level deeper.
    data: bool,
    string: Vec<u8>,
    /// The last string was the key of what comes now.
    is_key: bool,
}

impl<'f> Stream<'f> {
    pub(crate) fn open(file: &'f File, limits: Limits) -> Result<Self, LoadError> {
        Ok(Self {
            reading: files::open(file, limits.file_bytes)?,
            window: limits.window_bytes,
            buffer: Vec::new(),
            at: 0,
            base: 0,
            ended: false,
            frame: Frame { bytes: Vec::new(), shifts: vec![(0, 0)], length: 0 },
            outer: Outer::default(),
            inside: None,
            exact: false,
            from: 0,
        })
    }

    /// The same without guesses, from the window that begins at `from`.
    pub(crate) fn again(file: &'f File, limits: Limits, from: usize) -> Result<Self, LoadError> {
        Ok(Self { exact: true, from, ..Self::open(file, limits)? })
    }

    /// The next part; `spare` is room for the bytes after it.
    pub(crate) fn next(&mut self, mut spare: Vec<u8>) -> Result<Piece, LoadError> {
        loop {
            let Some((listed, listing, _)) = self.inside else {
                if self.frame()? {
                    let length = count(self.base + self.buffer.len());
                    let frame = Frame { bytes: Vec::new(), shifts: Vec::new(), length };
                    return Ok(Piece::Frame(Frame {
                        length,
                        ..std::mem::replace(&mut self.frame, frame)
                    }));
                }
                continue;
            };
            let base = self.base;
            let Some(bytes) = self.cut(listed, &mut spare)? else { continue };
            if base >= self.from {
                let exact = self.exact;
                return Ok(Piece::Window(Window { bytes, base, listed, listing, exact }));
            }
            spare = bytes;
        }
    }

    /// Reads until so many bytes are there, or the file ends.
    fn fill(&mut self, length: usize) -> Result<(), LoadError> {
        let missing = length.saturating_sub(self.buffer.len());
        if missing > 0 && !self.ended {
            self.buffer.reserve_exact(missing);
            self.ended = self.reading.read(missing, &mut self.buffer)? < missing;
        }
        Ok(())
    }

    /// Goes on to the next listing, or to the end of the file (then `true`).
    fn frame(&mut self) -> Result<bool, LoadError> {
        loop {
            if self.at == self.buffer.len() {
                self.base += self.buffer.len();
                self.buffer.clear();
                self.at = 0;
                self.fill(self.window.max(1))?;
            }
            let Some(&byte) = self.buffer.get(self.at) else { return Ok(true) };
            let mut end = self.at + 1;
            match byte {
                b'"' => {
                    while window::string_end(&self.buffer, end).is_none() {
                        if self.ended {
                            break;
                        }
                        self.fill(self.buffer.len() * 2 + 1)?;
                    }
                    let closing = window::string_end(&self.buffer, end);
                    let string = self.buffer.get(end..closing.unwrap_or(end)).unwrap_or_default();
                    self.outer.string.clear();
                    self.outer.string.extend_from_slice(string);
                    end = closing.map_or(self.buffer.len(), |closing| closing + 1);
                }
                b':' => self.outer.is_key = true,
                b',' => self.outer.is_key = false,
                b'{' | b'[' => {
                    if byte == b'['
                        && let Some(listed) = self.outer.listing()
                    {
                        self.frame.bytes.push(byte);
                        self.inside = Some((listed, self.base + self.at, false));
                        self.buffer.drain(..end);
                        self.base += end;
                        self.at = 0;
                        return Ok(false);
                    }
                    self.outer.open();
                }
                b'}' | b']' => self.outer.close(),
                _ => {}
            }
            let passed = self.buffer.get(self.at..end).unwrap_or_default();
            self.frame.bytes.extend_from_slice(passed);
            self.at = end;
        }
    }

    /// Takes the next window from the elements that the buffer begins with.
    fn cut(&mut self, listed: Listed, spare: &mut Vec<u8>) -> Result<Option<Vec<u8>>, LoadError> {
        // The window before the first one that is wanted ends where that begins.
        let wanted = match self.from.checked_sub(self.base + 1) {
            Some(before) => before.min(self.window),
            None => self.window,
        };
        self.fill(wanted.max(1))?;
        let guess = match listed.key_of_element() {
            Some(key) if !self.exact && !self.ended => guess(&self.buffer, key),
            _ => None,
        };
        let cut = match guess {
            Some(comma) => Cut::Comma(comma),
            None => loop {
                match window::cut(&self.buffer, wanted) {
                    Cut::Nowhere if !self.ended => self.fill(self.buffer.len() * 2 + 1)?,
                    cut @ (Cut::Comma(_) | Cut::End(_) | Cut::Nowhere) => break cut,
                }
            },
        };
        let (length, behind) = match cut {
            Cut::Comma(comma) => (comma, comma + 1),
            Cut::End(bracket) => (bracket, bracket),
            // It does not end: the frame will not be JSON.
            Cut::Nowhere => (self.buffer.len(), self.buffer.len()),
        };
        let is_first = matches!(self.inside, Some((_, _, false)));
        spare.clear();
        spare.extend_from_slice(self.buffer.get(behind..).unwrap_or_default());
        let mut bytes = std::mem::replace(&mut self.buffer, std::mem::take(spare));
        bytes.truncate(length);
        self.base += behind;
        match cut {
            Cut::Comma(_) => {
                if let Some((_, _, begun)) = &mut self.inside {
                    *begun = true;
                }
            }
            Cut::End(_) | Cut::Nowhere => {
                self.inside = None;
                let here = self.frame.bytes.len();
                self.frame.shifts.push((here, self.base - here));
            }
        }
        // Nothing but white space in an empty array is no window, and nothing
        // behind a comma is for the reader to complain about.
        let is_empty =
            is_first && !matches!(cut, Cut::Comma(_)) && bytes.iter().all(u8::is_ascii_whitespace);
        Ok((!is_empty).then_some(bytes))
    }
}

impl Outer {
    /// The listing whose array opens here.
    fn listing(&self) -> Option<Listed> {
        if !self.is_key || self.depth != 1 + usize::from(self.data) {
            return None;
        }
        Listed::of_key(std::str::from_utf8(&self.string).ok()?)
    }

    fn open(&mut self) {
        self.data |= self.depth == 1 && self.is_key && self.string == b"data";
        self.depth += 1;
        self.is_key = false;
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.data &= self.depth > 1;
        self.is_key = false;
    }
}

/// Where the comma behind an element near the end of `bytes` might be.
fn guess(bytes: &[u8], key: &str) -> Option<usize> {
    let mut tail = TAIL.min(bytes.len());
    loop {
        let start = bytes.len() - tail;
        let found = memchr::memmem::find_iter(bytes.get(start..)?, key.as_bytes())
            .find_map(|found| window::element_end(bytes, start + found + key.len()));
        if found.is_some() || start == 0 {
            return found;
        }
        tail = (tail * 8).min(bytes.len());
    }
}
