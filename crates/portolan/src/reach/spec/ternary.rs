//! Three-valued logic: what is not known is neither yes nor no.

/// Kleene's three values. Ordered: the higher, the more open.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Ternary {
    /// Surely not.
    No,
    /// It depends on something that was not seen or is not modelled.
    Unknown,
    /// Surely.
    Yes,
}

impl Ternary {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// One of several ways is taken, and nobody knows which: sure only if all agree.
    pub fn whichever(ways: impl IntoIterator<Item = Self>) -> Self {
        ways.into_iter()
            .reduce(|one, other| if one == other { one } else { Self::Unknown })
            .unwrap_or(Self::Unknown)
    }

    /// Yes or no.
    #[must_use]
    pub fn known(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Ternary::{No, Unknown, Yes};
    use super::*;

    #[test]
    fn nothing_unknown_becomes_a_refusal() {
        assert_eq!(Unknown.or(No), Unknown);
        assert_eq!(Unknown.and(Yes), Unknown);
        assert_eq!(Unknown.or(Yes), Yes);
        assert_eq!(Unknown.and(No), No);
    }

    #[test]
    fn ways_that_differ_leave_it_open() {
        assert_eq!(Ternary::whichever([Yes, Yes]), Yes);
        assert_eq!(Ternary::whichever([No, No]), No);
        assert_eq!(Ternary::whichever([Yes, No]), Unknown);
        assert_eq!(Ternary::whichever([]), Unknown);
    }
}
