//! What is certain, and what is possible.
//!
//! Where the input lacks something (a prefix list that was not listed, a group of
//! another account), a set is known only between two bounds. Unknown is never
//! empty: it widens what is possible. All arithmetic on such sets is here, so
//! that there is one place where a subtraction has to cross the bounds, and no
//! caller that could forget to.

use super::{HeaderSpace, IpSetId, IpSets};

/// Sets that [`Bounds`] can be put on.
pub trait Algebra: Clone + Eq {
    /// What is in either set.
    #[must_use]
    fn union_in(&self, other: &Self, sets: &mut IpSets) -> Self;

    /// What is in both sets.
    #[must_use]
    fn intersection_in(&self, other: &Self, sets: &mut IpSets) -> Self;

    /// The set without members.
    #[must_use]
    fn nothing() -> Self;

    /// Whether there are no members.
    fn has_no_members(&self) -> bool;
}

impl Algebra for IpSetId {
    fn union_in(&self, other: &Self, sets: &mut IpSets) -> Self {
        sets.union(*self, *other)
    }

    fn intersection_in(&self, other: &Self, sets: &mut IpSets) -> Self {
        sets.intersection(*self, *other)
    }

    fn nothing() -> Self {
        Self::EMPTY
    }

    fn has_no_members(&self) -> bool {
        self.is_empty()
    }
}

impl Algebra for HeaderSpace {
    fn union_in(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.union(other, sets)
    }

    fn intersection_in(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.intersection(other, sets)
    }

    fn nothing() -> Self {
        Self::empty()
    }

    fn has_no_members(&self) -> bool {
        self.is_empty()
    }
}

/// A set of which only this is known: it holds at least what is certain, and at
/// most what is possible.
///
/// Every member of `certain` is one of `possible`; the two are equal when nothing
/// is missing.
///
/// ```
/// use portolan::net::{Bounds, Cidr, IpSet, IpSetId, IpSets};
///
/// let mut sets = IpSets::new();
/// let office = sets.intern(IpSet::from(Cidr::parse("198.51.100.0/24")?.0));
/// // A deny entry of which nothing is known but that it is within the office.
/// let denied = Bounds::between(IpSetId::EMPTY, office, &mut sets);
/// let allowed = Bounds::exact(office).minus(&denied, &mut sets);
/// assert_eq!(allowed.certain(), IpSetId::EMPTY);
/// assert_eq!(allowed.possible(), office);
/// # Ok::<(), portolan::net::CidrError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Bounds<T = IpSetId> {
    certain: T,
    possible: T,
}

impl Bounds<IpSetId> {
    /// Certainly no address.
    pub const EMPTY: Self = Self { certain: IpSetId::EMPTY, possible: IpSetId::EMPTY };
    /// Certainly every address.
    pub const ALL: Self = Self { certain: IpSetId::ALL, possible: IpSetId::ALL };
    /// Nothing is known: any address may be a member.
    pub const UNKNOWN: Self = Self { certain: IpSetId::EMPTY, possible: IpSetId::ALL };

    /// What is in this set and not in the other.
    ///
    /// Certain is what is certain here and not even possible there; possible what
    /// is possible here and not certain there.
    #[must_use]
    pub fn minus(&self, other: &Self, sets: &mut IpSets) -> Self {
        let certain = sets.difference(self.certain, other.possible);
        if self.is_exact() && other.is_exact() {
            return Self::exact(certain);
        }
        Self { certain, possible: sets.difference(self.possible, other.certain) }
    }
}

impl<T: Algebra> Bounds<T> {
    /// A set that is known.
    #[must_use]
    pub fn exact(set: T) -> Self {
        Self { certain: set.clone(), possible: set }
    }

    /// At least `certain`, at most `possible`; what is certain is possible even if
    /// `possible` leaves it out.
    #[must_use]
    pub fn between(certain: T, possible: T, sets: &mut IpSets) -> Self {
        if certain == possible {
            return Self { certain, possible };
        }
        let possible = possible.union_in(&certain, sets);
        Self { certain, possible }
    }

    /// At most this set, and perhaps nothing of it.
    #[must_use]
    pub fn at_most(possible: T) -> Self {
        Self { certain: T::nothing(), possible }
    }

    /// What is certainly in the set.
    #[must_use]
    pub fn certain_ref(&self) -> &T {
        &self.certain
    }

    /// What may be in the set, the certain included.
    #[must_use]
    pub fn possible_ref(&self) -> &T {
        &self.possible
    }

    /// Whether the set is known.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.certain == self.possible
    }

    /// Whether the set certainly has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.possible.has_no_members()
    }

    /// What is in either set.
    #[must_use]
    pub fn union(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.each(other, sets, T::union_in)
    }

    /// What is in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self, sets: &mut IpSets) -> Self {
        self.each(other, sets, T::intersection_in)
    }

    /// An operation that grows with either operand, so each bound has its own.
    fn each(
        &self,
        other: &Self,
        sets: &mut IpSets,
        operation: impl Fn(&T, &T, &mut IpSets) -> T,
    ) -> Self {
        let certain = operation(&self.certain, &other.certain, sets);
        if self.is_exact() && other.is_exact() {
            return Self::exact(certain);
        }
        Self { certain, possible: operation(&self.possible, &other.possible, sets) }
    }
}

impl<T: Algebra + Copy> Bounds<T> {
    /// What is certainly in the set.
    #[must_use]
    pub fn certain(&self) -> T {
        self.certain
    }

    /// What may be in the set, the certain included.
    #[must_use]
    pub fn possible(&self) -> T {
        self.possible
    }
}
