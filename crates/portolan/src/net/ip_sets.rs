//! Arenas of both families under one id.
//!
//! The engine speaks of addresses, not of families: an [`IpSetId`] is a set of
//! each, and every operation is done in both arenas. What comes of it is as little
//! mixed as the arenas are.

use std::net::IpAddr;

use super::spaces::Spaces;
use super::{IpSet, SetId, Sets};

/// The name of a set of addresses within one [`IpSets`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IpSetId {
    /// The IPv4 addresses.
    pub v4: SetId,
    /// The IPv6 addresses.
    pub v6: SetId,
}

impl IpSetId {
    /// The set without members.
    pub const EMPTY: Self = Self { v4: SetId::EMPTY, v6: SetId::EMPTY };
    /// Every address of both families.
    pub const ALL: Self = Self { v4: SetId::ALL, v6: SetId::ALL };
    /// Every IPv4 address.
    pub const ALL_V4: Self = Self { v4: SetId::ALL, v6: SetId::EMPTY };
    /// Every IPv6 address.
    pub const ALL_V6: Self = Self { v4: SetId::EMPTY, v6: SetId::ALL };

    /// Whether the set has no members.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    /// The IPv4 addresses alone.
    #[must_use]
    pub const fn only_v4(self) -> Self {
        Self { v4: self.v4, v6: SetId::EMPTY }
    }

    /// The IPv6 addresses alone.
    #[must_use]
    pub const fn only_v6(self) -> Self {
        Self { v4: SetId::EMPTY, v6: self.v6 }
    }
}

/// The sets of addresses that have come up so far, by family.
///
/// ```
/// use portolan::net::{Cidr, IpSet, IpSetId, IpSets};
///
/// let mut sets = IpSets::new();
/// let private = sets.intern(IpSet::from(Cidr::parse("10.0.0.0/8")?.0));
/// let public = sets.difference(IpSetId::ALL, private);
/// assert_eq!(sets.union(private, public), IpSetId::ALL);
/// # Ok::<(), portolan::net::CidrError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct IpSets {
    /// The sets of IPv4 addresses.
    pub v4: Sets<u32>,
    /// The sets of IPv6 addresses.
    pub v6: Sets<u128>,
    /// The header spaces made of them.
    pub(super) spaces: Spaces,
}

impl IpSets {
    /// How many sets of addresses, and header spaces, have come up.
    #[must_use]
    pub fn count(&self) -> usize {
        let sets = self.v4.count().saturating_add(self.v6.count());
        sets.saturating_add(self.spaces.count())
    }

    /// Arenas that know the empty set and the whole line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of a set, a new one if the set has not come up before.
    pub fn intern(&mut self, set: IpSet) -> IpSetId {
        IpSetId { v4: self.v4.intern(set.v4), v6: self.v6.intern(set.v6) }
    }

    /// The set of an id.
    #[must_use]
    pub fn to_set(&self, id: IpSetId) -> IpSet {
        IpSet { v4: self.v4.get(id.v4), v6: self.v6.get(id.v6) }
    }

    /// Whether the address is in the set of this id.
    #[must_use]
    pub fn contains(&self, id: IpSetId, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(id.v4, address.to_bits()),
            IpAddr::V6(address) => self.v6.contains(id.v6, address.to_bits()),
        }
    }

    /// What is in either set.
    pub fn union(&mut self, a: IpSetId, b: IpSetId) -> IpSetId {
        IpSetId { v4: self.v4.union(a.v4, b.v4), v6: self.v6.union(a.v6, b.v6) }
    }

    /// What is in both sets.
    pub fn intersection(&mut self, a: IpSetId, b: IpSetId) -> IpSetId {
        IpSetId { v4: self.v4.intersection(a.v4, b.v4), v6: self.v6.intersection(a.v6, b.v6) }
    }

    /// What is in the first set and not in the second.
    pub fn difference(&mut self, a: IpSetId, b: IpSetId) -> IpSetId {
        IpSetId { v4: self.v4.difference(a.v4, b.v4), v6: self.v6.difference(a.v6, b.v6) }
    }

    /// Every address of either family that is not in the set.
    pub fn complement(&mut self, id: IpSetId) -> IpSetId {
        self.difference(IpSetId::ALL, id)
    }

    /// What is in any of the sets, joined in one step.
    pub fn union_all(&mut self, ids: impl IntoIterator<Item = IpSetId>) -> IpSetId {
        let (v4, v6): (Vec<_>, Vec<_>) = ids.into_iter().map(|id| (id.v4, id.v6)).unzip();
        IpSetId { v4: self.v4.union_all(v4), v6: self.v6.union_all(v6) }
    }

    /// Whether the sets share a member; no set is made.
    #[must_use]
    pub fn intersects(&self, a: IpSetId, b: IpSetId) -> bool {
        self.v4.intersects(a.v4, b.v4) || self.v6.intersects(a.v6, b.v6)
    }

    /// Whether every member of the first set is in the second; no set is made.
    #[must_use]
    pub fn is_subset(&self, a: IpSetId, b: IpSetId) -> bool {
        self.v4.is_subset(a.v4, b.v4) && self.v6.is_subset(a.v6, b.v6)
    }
}
