//! All strings of a network, each stored once.
#![expect(
    clippy::disallowed_types,
    reason = "lookup only: ids are given in order of creation, never in map order"
)]

use std::collections::HashMap;

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

    /// Whether this is the empty string.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }
}

/// Interned strings: ids count them in the order in which they came.
#[derive(Clone, Debug)]
pub struct Text {
    strings: Vec<std::sync::Arc<str>>,
    known: HashMap<std::sync::Arc<str>, u32>,
}

impl Default for Text {
    fn default() -> Self {
        let mut text = Self { strings: Vec::new(), known: Default::default() };
        text.intern("");
        text
    }
}

impl Text {
    /// The id of `string`, which is stored if it is new.
    pub fn intern(&mut self, string: &str) -> TextId {
        if let Some(&number) = self.known.get(string) {
            return TextId(number);
        }
        let number = u32::try_from(self.strings.len()).unwrap_or(u32::MAX);
        let shared: std::sync::Arc<str> = string.into();
        self.strings.push(shared.clone());
        self.known.insert(shared, number);
        TextId(number)
    }

    /// The id of `string`, if it is stored.
    #[must_use]
    pub fn find(&self, string: &str) -> Option<TextId> {
        self.known.get(string).map(|&number| TextId(number))
    }

    /// The string of an id (empty for an id of another network).
    #[must_use]
    pub fn get(&self, id: TextId) -> &str {
        usize::try_from(id.0)
            .ok()
            .and_then(|index| self.strings.get(index))
            .map_or("", |string| string)
    }
}
