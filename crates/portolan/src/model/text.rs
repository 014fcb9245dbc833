//! All strings of a network, each stored once.
//!
//! A large estate has several strings an interface (ids, names, tags), so they
//! stand one behind the other in one buffer, and the table that finds them
//! holds numbers only.

use std::hash::{BuildHasher, RandomState};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A string of the network's [`Text`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TextId(u32);

impl TextId {
    /// The empty string, which every [`Text`] holds.
    pub const EMPTY: Self = Self(0);

    pub(super) fn number(self) -> u32 {
        self.0
    }

    pub(super) fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The place of what belongs to the string in a vector that has one for each.
    #[expect(
        clippy::as_conversions,
        reason = "u32 always fits usize on the platforms we build for"
    )]
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether this is the empty string.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
}

/// Interned strings: ids count them in the order in which they came.
#[derive(Clone, Debug)]
pub struct Text {
    /// The strings, one behind the other.
    all: String,
    /// Where each one ends.
    ends: Vec<usize>,
    /// The strings' numbers, by hash.
    numbers: HashTable<u32>,
    /// Seeded anew for each network: strings come from strangers, who must not
    /// know which of them meet in the table. Ids don't depend on it.
    hasher: FixedState,
}

impl Default for Text {
    fn default() -> Self {
        let hasher = FixedState::with_seed(RandomState::new().hash_one(0));
        let mut text =
            Self { all: String::new(), ends: Vec::new(), numbers: HashTable::new(), hasher };
        text.intern("");
        text
    }
}

impl Text {
    /// The id of `string`, which is stored if it is new.
    pub fn intern(&mut self, string: &str) -> TextId {
        let hash = self.hasher.hash_one(string.as_bytes());
        if let Some(known) = self.known(hash, string) {
            return known;
        }
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.all.push_str(string);
        self.ends.push(self.all.len());
        let Self { all, ends, numbers, hasher } = self;
        let again = |&number: &u32| hasher.hash_one(get(all, ends, TextId(number)).as_bytes());
        numbers.insert_unique(hash, number, again);
        TextId(number)
    }

    /// The id of `string`, if it is stored.
    #[must_use]
    pub fn find(&self, string: &str) -> Option<TextId> {
        self.known(self.hasher.hash_one(string.as_bytes()), string)
    }

    fn known(&self, hash: u64, string: &str) -> Option<TextId> {
        let found = self.numbers.find(hash, |&number| self.get(TextId(number)) == string);
        found.map(|&number| TextId(number))
    }

    /// The string of an id (empty for an id of another network).
    #[must_use]
    #[inline]
    pub fn get(&self, id: TextId) -> &str {
        get(&self.all, &self.ends, id)
    }

    /// How many strings there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All strings, in the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let string = self.all.get(start..end).unwrap_or("");
            start = end;
            string
        })
    }
}

#[inline]
fn get<'t>(all: &'t str, ends: &[usize], id: TextId) -> &'t str {
    let index = id.index();
    let start = index.checked_sub(1).and_then(|before| ends.get(before));
    let start = start.copied().unwrap_or(0);
    ends.get(index).and_then(|&end| all.get(start..end)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_stored_once_and_counted_in_the_order_in_which_they_came() {
        let mut text = Text::default();
        assert_eq!(text.intern(""), TextId::EMPTY);
        let ids: Vec<TextId> =
            (0..1000).map(|number| text.intern(&format!("eni-{number}"))).collect();
        assert!(ids.is_sorted());
        for (number, &id) in ids.iter().enumerate() {
            let string = format!("eni-{number}");
            assert_eq!((text.get(id), text.find(&string)), (&*string, Some(id)));
            assert_eq!(text.intern(&string), id);
        }
        assert_eq!(text.len(), 1001);
        assert_eq!(text.iter().nth(1000), Some("eni-999"));
        assert_eq!(text.find("eni-1000"), None);
        assert_eq!(text.get(TextId(9999)), "");
    }
}
