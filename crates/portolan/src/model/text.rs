//! All strings of a network, each stored once.
//!
//! A large estate has several strings an interface (ids, names, tags), so they
//! stand one behind the other in one buffer, and the table that finds them
//! holds numbers only.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

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
    /// The strings' hashes (above) and numbers (below), [`FREE`] where there is
    /// none: open addressing, a power of two long and at most three quarters full.
    slots: Vec<u64>,
}

const FREE: u64 = u64::MAX;

impl Default for Text {
    fn default() -> Self {
        let mut text = Self { all: String::new(), ends: Vec::new(), slots: vec![FREE; 16] };
        text.intern("");
        text
    }
}

impl Text {
    /// The id of `string`, which is stored if it is new.
    pub fn intern(&mut self, string: &str) -> TextId {
        let hash = hash(string);
        let slot = match self.slot(hash, string) {
            Ok(known) => return known,
            Err(free) => free,
        };
        let number = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.all.push_str(string);
        self.ends.push(self.all.len());
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = hash | u64::from(number);
        }
        if self.ends.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        TextId(number)
    }

    /// The id of `string`, if it is stored.
    #[must_use]
    pub fn find(&self, string: &str) -> Option<TextId> {
        self.slot(hash(string), string).ok()
    }

    /// The string of an id (empty for an id of another network).
    #[must_use]
    #[inline]
    pub fn get(&self, id: TextId) -> &str {
        let index = id.index();
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before));
        let start = start.copied().unwrap_or(0);
        self.ends.get(index).and_then(|&end| self.all.get(start..end)).unwrap_or("")
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

    /// The id of `string`, or the slot where its number belongs.
    #[inline]
    fn slot(&self, hash: u64, string: &str) -> Result<TextId, usize> {
        let mask = self.slots.len() - 1;
        let mut at = home(hash) & mask;
        loop {
            match self.slots.get(at) {
                None | Some(&FREE) => return Err(at),
                // Another string is seldom looked at: its hash is another.
                Some(&slot) if slot & HASH == hash => {
                    let id = TextId(number(slot));
                    if self.get(id) == string {
                        return Ok(id);
                    }
                }
                Some(_) => {}
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        let mut slots = vec![FREE; mask + 1];
        for &slot in self.slots.iter().filter(|&&slot| slot != FREE) {
            let mut at = home(slot) & mask;
            while slots.get(at).is_some_and(|&taken| taken != FREE) {
                at = (at + 1) & mask;
            }
            if let Some(free) = slots.get_mut(at) {
                *free = slot;
            }
        }
        self.slots = slots;
    }
}

/// The half of a slot that is the string's hash.
const HASH: u64 = u64::MAX << 32;

/// The hash of a string. The seed is fixed: the same input takes the same steps.
fn hash(string: &str) -> u64 {
    FixedState::with_seed(0).hash_one(string.as_bytes()) & HASH
}

/// Where the search for a string begins.
fn home(slot: u64) -> usize {
    usize::try_from(slot >> 32).unwrap_or(0)
}

/// The half of a slot that is the string's number.
fn number(slot: u64) -> u32 {
    u32::try_from(slot & !HASH).unwrap_or(u32::MAX)
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
