//! Yes, no, and what was not seen.

use crate::net::{Algebra, Bounds};

/// Three values, ordered: `and` is the lower one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Truth {
    /// Surely not.
    No,
    /// It depends on what was not seen.
    Maybe,
    /// Surely.
    Yes,
}

impl From<bool> for Truth {
    fn from(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }
}

impl Truth {
    pub(crate) fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// The set, if this is so.
    pub(crate) fn of<T: Algebra>(self, set: &Bounds<T>) -> Bounds<T> {
        match self {
            Self::Yes => set.clone(),
            Self::Maybe => Bounds::at_most(set.possible_ref().clone()),
            Self::No => Bounds::exact(T::nothing()),
        }
    }
}
