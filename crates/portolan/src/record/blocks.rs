//! Lists of addresses and blocks, written once where they have pieces in common.
//!
//! Records of a large estate list gigabytes of blocks, and the lists of one VPC
//! differ in places only. So the pieces of all lists of a component stand in one
//! [`Book`], each once, and a list is where its pieces stand there.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::FixedState;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::net::{IpAddress, Prefix};

/// Addresses and blocks as text: an array of strings in JSON.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    written: Arc<Written>,
    /// Which runs of the book they are.
    runs: Range<usize>,
}

#[derive(Debug)]
enum Written {
    /// Addresses and blocks, which need no escaping anywhere.
    Addresses(Book),
    /// Anything else, one after the other, a blank between two.
    Words(String),
}

impl Default for Written {
    fn default() -> Self {
        Self::Addresses(Book::default())
    }
}

/// The text of many lists.
#[derive(Debug, Default)]
pub struct Book {
    /// `,"10.0.0.0/24","10.0.2.0/24"`: a comma before each, so that pieces can be
    /// put together.
    pages: Vec<String>,
    /// The pieces of all lists, one list after the other.
    runs: Vec<Run>,
    /// Lists by a hash of their pieces: equal ones are kept once, and called the same.
    known: BTreeMap<u64, Vec<Range<usize>>>,
    /// Where text is made.
    scratch: Vec<u8>,
}

/// A piece of a list: a part of a page.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Run {
    page: usize,
    part: Range<usize>,
}

impl Book {
    /// From here on a page is full: small enough that growing is cheap, large
    /// enough that there are few.
    const PAGE: usize = 1 << 18;

    /// Writes blocks, to be used in any number of lists; none if there are none.
    pub fn write<A: IpAddress>(&mut self, blocks: &[Prefix<A>]) -> Option<Run> {
        self.scratch.clear();
        for block in blocks {
            self.scratch.extend_from_slice(b",\"");
            block.push_text(&mut self.scratch);
            self.scratch.push(b'"');
        }
        let scratch = std::mem::take(&mut self.scratch);
        let run = self.put(&String::from_utf8_lossy(&scratch));
        self.scratch = scratch;
        run
    }

    fn put(&mut self, text: &str) -> Option<Run> {
        if text.is_empty() {
            return None;
        }
        if self.pages.last().is_none_or(|page| page.len() >= Self::PAGE) {
            self.pages.last_mut().into_iter().for_each(String::shrink_to_fit);
            self.pages.push(String::new());
        }
        let number = self.pages.len().saturating_sub(1);
        let page = self.pages.last_mut()?;
        let start = page.len();
        page.push_str(text);
        Some(Run { page: number, part: start..page.len() })
    }

    /// Makes a list of what was written, in this order; what it is called here.
    pub fn list(&mut self, pieces: impl IntoIterator<Item = Run>) -> Range<usize> {
        let start = self.runs.len();
        for piece in pieces {
            // What stands together is one run.
            match self.runs.get_mut(start..).and_then(<[Run]>::last_mut) {
                Some(last) if (last.page, last.part.end) == (piece.page, piece.part.start) => {
                    last.part.end = piece.part.end;
                }
                _ => self.runs.push(piece),
            }
        }
        let new = self.runs.get(start..).unwrap_or_default();
        let hash = FixedState::default().hash_one(new);
        let alike = self.known.entry(hash).or_default();
        let same = |range: &&Range<usize>| self.runs.get((*range).clone()) == Some(new);
        if let Some(known) = alike.iter().find(same).cloned() {
            self.runs.truncate(start);
            return known;
        }
        alike.push(start..self.runs.len());
        start..self.runs.len()
    }

    /// Ends the writing.
    #[must_use]
    pub fn closed(mut self) -> Blocks {
        self.pages.last_mut().into_iter().for_each(String::shrink_to_fit);
        self.runs.shrink_to_fit();
        self.scratch = Vec::new();
        self.known = BTreeMap::new();
        Blocks { runs: 0..self.runs.len(), written: Arc::new(Written::Addresses(self)) }
    }

    fn text(&self, run: &Run) -> &str {
        self.pages.get(run.page).and_then(|page| page.get(run.part.clone())).unwrap_or_default()
    }
}

impl Blocks {
    /// The list of a closed book that is called so.
    #[must_use]
    pub fn list(&self, runs: Range<usize>) -> Self {
        Self { written: Arc::clone(&self.written), runs }
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let words = match &*self.written {
            Written::Addresses(_) => "",
            Written::Words(words) => words.as_str(),
        };
        // `,"a","b"`: every other piece between quotes.
        self.runs()
            .flat_map(|run| run.split('"').skip(1).step_by(2))
            .chain(words.split(' ').filter(|word| !word.is_empty()))
    }

    /// Runs of blocks as JSON has them, each with a comma before it; none if they
    /// would have to be escaped.
    pub fn json(&self) -> Option<impl Iterator<Item = &str>> {
        match &*self.written {
            Written::Addresses(_) => Some(self.runs()),
            Written::Words(_) => None,
        }
    }

    fn runs(&self) -> impl Iterator<Item = &str> {
        let book = match &*self.written {
            Written::Addresses(book) => Some(book),
            Written::Words(_) => None,
        };
        let runs = book.and_then(|book| Some((book, book.runs.get(self.runs.clone())?)));
        runs.into_iter().flat_map(|(book, runs)| runs.iter().map(|run| book.text(run)))
    }

    /// Tells lists apart without reading them: lists of one book with equal names
    /// are equal, as long as one of them is there.
    pub(crate) fn called(&self) -> (usize, usize, usize) {
        (Arc::as_ptr(&self.written).addr(), self.runs.start, self.runs.end)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// CIDR blocks, in this order.
    #[must_use]
    pub fn of(v4: &[Prefix<u32>], v6: &[Prefix<u128>]) -> Self {
        let mut book = Book::default();
        let pieces = [book.write(v4), book.write(v6)];
        let runs = book.list(pieces.into_iter().flatten());
        book.closed().list(runs)
    }

    /// One after the other, a blank between two.
    #[must_use]
    pub fn joined(&self) -> String {
        self.iter().collect::<Vec<_>>().join(" ")
    }
}

impl PartialEq for Blocks {
    fn eq(&self, other: &Self) -> bool {
        // Lists of one book are mostly compared with themselves.
        self.called() == other.called() || self.iter().eq(other.iter())
    }
}

impl Eq for Blocks {}

impl PartialOrd for Blocks {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Blocks {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.called() == other.called() {
            return Ordering::Equal;
        }
        self.iter().cmp(other.iter())
    }
}

impl<S: AsRef<str>> FromIterator<S> for Blocks {
    fn from_iter<I: IntoIterator<Item = S>>(blocks: I) -> Self {
        let (mut json, mut words) = (String::new(), String::new());
        let mut plain = true;
        for block in blocks {
            let block = block.as_ref();
            plain &=
                block.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/".contains(&byte));
            if !words.is_empty() {
                words.push(' ');
            }
            json.push_str(",\"");
            json.push_str(block);
            json.push('"');
            words.push_str(block);
        }
        if !plain {
            return Self { written: Arc::new(Written::Words(words)), runs: 0..0 };
        }
        let mut book = Book::default();
        let piece = book.put(&json);
        let runs = book.list(piece);
        book.closed().list(runs)
    }
}

impl Serialize for Blocks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Blocks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<String>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes(numbers: Range<u32>) -> Vec<Prefix<u32>> {
        numbers.map(Prefix::single).collect()
    }

    #[test]
    fn lists_share_what_they_have_in_common() {
        let mut book = Book::default();
        let [a, b, c] = [0..2, 2..3, 3..4].map(|numbers| book.write(&prefixes(numbers)).unwrap());
        let all = book.list([a.clone(), b, c.clone()]);
        let some = book.list([a, c]);
        let book = book.closed();
        let (all, some) = (book.list(all), book.list(some));
        assert_eq!(all.joined(), "0.0.0.0/32 0.0.0.1/32 0.0.0.2/32 0.0.0.3/32");
        assert_eq!(some.joined(), "0.0.0.0/32 0.0.0.1/32 0.0.0.3/32");
        assert_eq!((all.json().unwrap().count(), some.json().unwrap().count()), (1, 2));
        let read: Blocks = serde_json::from_str(&serde_json::to_string(&some).unwrap()).unwrap();
        assert_eq!(read, some);
    }

    #[test]
    fn a_list_goes_on_on_the_next_page() {
        let mut book = Book::default();
        let many = 0..u32::try_from(Book::PAGE).unwrap() / 8;
        let pieces: Vec<Run> =
            many.clone().map(|number| book.write(&[Prefix::single(number)]).unwrap()).collect();
        let runs = book.list(pieces);
        let list = book.closed().list(runs);
        assert!(list.json().unwrap().count() > 1);
        assert!(list.iter().eq(prefixes(many).iter().map(ToString::to_string)));
    }

    #[test]
    fn nothing_is_lost_of_what_is_no_address() {
        let words: Blocks = ["a\"b", "10.0.0.0/8"].iter().collect();
        assert!(words.json().is_none());
        assert_eq!(words.joined(), "a\"b 10.0.0.0/8");
        assert!(Blocks::default().is_empty() && Blocks::of(&[], &[]).is_empty());
    }
}
