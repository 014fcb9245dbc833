//! Equal header spaces are one id.
//!
//! What a group set admits, what an ACL lets pass, which answers come back: an
//! engine meets the same few spaces over and over, in each class of a subnet and
//! each lane of a class. So they are kept once, like sets of addresses, and each
//! operation on two of them is computed once.
#![expect(
    clippy::disallowed_types,
    reason = "lookup only: ids are given in order of creation, never in map order"
)]

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::interner::IdHasher;
use super::{Algebra, HeaderSpace, IpSetId, IpSets, Match};

/// The name of a header space within one [`IpSets`].
///
/// Two spaces of the same packets are one id if they name the same protocol
/// numbers: see [`HeaderSpace`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SpaceId(u32);

impl SpaceId {
    /// No packets, no numbers named.
    pub const EMPTY: Self = Self(Self::HAS_NO_PACKETS);
    /// Every packet, no numbers named.
    pub const EVERYTHING: Self = Self(1);
    /// Every IPv4 packet.
    pub const IPV4: Self = Self(2);
    /// Every IPv6 packet.
    pub const IPV6: Self = Self(3);
    /// Every packet that answers something: see [`HeaderSpace::replies`].
    pub const REPLIES: Self = Self(4);

    /// Set in the ids of spaces without packets (which may name numbers), so that
    /// an id alone says so.
    const HAS_NO_PACKETS: u32 = 1 << 31;

    /// Whether no packet is in the space.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 & Self::HAS_NO_PACKETS != 0
    }

    fn index(self) -> Option<usize> {
        usize::try_from(self.0 & !Self::HAS_NO_PACKETS).ok()
    }
}

impl Default for SpaceId {
    fn default() -> Self {
        Self::EMPTY
    }
}

/// The header spaces that have come up so far.
#[derive(Clone, Debug)]
pub(super) struct Spaces {
    /// By id.
    spaces: Vec<Arc<HeaderSpace>>,
    ids: HashMap<Arc<HeaderSpace>, SpaceId, FixedState>,
    unions: Memo<SpaceId>,
    intersections: Memo<SpaceId>,
    differences: Memo<SpaceId>,
    restrictions: Memo<IpSetId>,
    nothing: Arc<HeaderSpace>,
}

type Memo<Other> = HashMap<(SpaceId, Other), SpaceId, BuildHasherDefault<IdHasher>>;

impl Default for Spaces {
    fn default() -> Self {
        let mut spaces = Self {
            spaces: Vec::new(),
            ids: HashMap::with_hasher(FixedState::default()),
            unions: Memo::default(),
            intersections: Memo::default(),
            differences: Memo::default(),
            restrictions: Memo::default(),
            nothing: Arc::new(HeaderSpace::empty()),
        };
        let mut ipv4 = HeaderSpace::of(&Match::All, IpSetId::ALL_V4);
        ipv4.icmpv6.clear();
        let mut ipv6 = HeaderSpace::of(&Match::All, IpSetId::ALL_V6);
        ipv6.icmp.clear();
        for (id, space) in [
            (SpaceId::EMPTY, HeaderSpace::empty()),
            (SpaceId::EVERYTHING, HeaderSpace::everything()),
            (SpaceId::IPV4, ipv4),
            (SpaceId::IPV6, ipv6),
            (SpaceId::REPLIES, HeaderSpace::replies()),
        ] {
            let given = spaces.intern(space);
            debug_assert_eq!(given, id);
        }
        spaces
    }
}

impl Spaces {
    fn intern(&mut self, space: HeaderSpace) -> SpaceId {
        if let Some(&id) = self.ids.get(&space) {
            return id;
        }
        // Two billion spaces do not fit a machine that this runs on.
        let number = u32::try_from(self.spaces.len()).unwrap_or(u32::MAX);
        let flag = if space.is_empty() { SpaceId::HAS_NO_PACKETS } else { 0 };
        let id = SpaceId((number & !SpaceId::HAS_NO_PACKETS) | flag);
        let space = Arc::new(space);
        self.spaces.push(Arc::clone(&space));
        self.ids.insert(space, id);
        id
    }

    pub(super) fn count(&self) -> usize {
        self.spaces.len()
    }

    fn get(&self, id: SpaceId) -> &Arc<HeaderSpace> {
        let space = id.index().and_then(|index| self.spaces.get(index));
        debug_assert!(space.is_some(), "{id:?} is of another arena");
        space.unwrap_or(&self.nothing)
    }
}

impl IpSets {
    /// The id of a header space, a new one if it has not come up before.
    ///
    /// ```
    /// use portolan::net::{HeaderSpace, IpSetId, IpSets, SpaceId};
    ///
    /// let mut sets = IpSets::new();
    /// let v4 = sets.restrict_space(SpaceId::EVERYTHING, IpSetId::ALL_V4);
    /// let v6 = sets.restrict_space(SpaceId::EVERYTHING, IpSetId::ALL_V6);
    /// assert_eq!(sets.unite_spaces(v4, v6), SpaceId::EVERYTHING);
    /// assert_eq!(sets.intern_space(HeaderSpace::everything()), SpaceId::EVERYTHING);
    /// ```
    pub fn intern_space(&mut self, space: HeaderSpace) -> SpaceId {
        self.spaces.intern(space)
    }

    /// The header space of an id.
    #[must_use]
    pub fn space(&self, id: SpaceId) -> &HeaderSpace {
        self.spaces.get(id)
    }

    /// The header space of an id, to be held while sets are made.
    #[must_use]
    pub fn shared_space(&self, id: SpaceId) -> Arc<HeaderSpace> {
        Arc::clone(self.spaces.get(id))
    }

    /// What is in either space.
    pub fn unite_spaces(&mut self, a: SpaceId, b: SpaceId) -> SpaceId {
        if a == b || b == SpaceId::EMPTY {
            return a;
        }
        if a == SpaceId::EMPTY {
            return b;
        }
        let key = (a.min(b), a.max(b));
        if let Some(&id) = self.spaces.unions.get(&key) {
            return id;
        }
        let (one, other) = (self.shared_space(a), self.shared_space(b));
        let union = one.union(&other, self);
        let id = self.spaces.intern(union);
        self.spaces.unions.insert(key, id);
        id
    }

    /// What is in any of the spaces, without those between.
    pub fn unite_all_spaces(&mut self, mut ids: Vec<SpaceId>) -> SpaceId {
        ids.retain(|&id| id != SpaceId::EMPTY);
        ids.sort_unstable();
        ids.dedup();
        match *ids.as_slice() {
            [] => SpaceId::EMPTY,
            [id] => id,
            [a, b] => self.unite_spaces(a, b),
            _ => {
                let spaces: Vec<Arc<HeaderSpace>> =
                    ids.iter().map(|&id| self.shared_space(id)).collect();
                let spaces: Vec<&HeaderSpace> = spaces.iter().map(|space| &**space).collect();
                let union = HeaderSpace::union_all(&spaces, self);
                self.spaces.intern(union)
            }
        }
    }

    /// What is in both spaces.
    pub fn meet_spaces(&mut self, a: SpaceId, b: SpaceId) -> SpaceId {
        // Of two equal spaces, or of one and everything, nothing is left out, the
        // numbers that are named included.
        if a == b || b == SpaceId::EVERYTHING {
            return a;
        }
        if a == SpaceId::EVERYTHING {
            return b;
        }
        let key = (a.min(b), a.max(b));
        if let Some(&id) = self.spaces.intersections.get(&key) {
            return id;
        }
        let (one, other) = (self.shared_space(a), self.shared_space(b));
        let both = one.intersection(&other, self);
        let id = self.spaces.intern(both);
        self.spaces.intersections.insert(key, id);
        id
    }

    /// What is in the first space and not in the second.
    pub fn subtract_spaces(&mut self, a: SpaceId, b: SpaceId) -> SpaceId {
        if b == SpaceId::EMPTY {
            return a;
        }
        if let Some(&id) = self.spaces.differences.get(&(a, b)) {
            return id;
        }
        let (one, other) = (self.shared_space(a), self.shared_space(b));
        let left = one.difference(&other, self);
        let id = self.spaces.intern(left);
        self.spaces.differences.insert((a, b), id);
        id
    }

    /// The packets whose peer is in a set.
    pub fn restrict_space(&mut self, space: SpaceId, peers: IpSetId) -> SpaceId {
        if peers == IpSetId::ALL || space == SpaceId::EMPTY {
            return space;
        }
        if let Some(&id) = self.spaces.restrictions.get(&(space, peers)) {
            return id;
        }
        let restricted = self.shared_space(space).restrict(peers, self);
        let id = self.spaces.intern(restricted);
        self.spaces.restrictions.insert((space, peers), id);
        id
    }
}

impl Algebra for SpaceId {
    fn union_in(&self, other: &Self, sets: &mut IpSets) -> Self {
        sets.unite_spaces(*self, *other)
    }

    fn intersection_in(&self, other: &Self, sets: &mut IpSets) -> Self {
        sets.meet_spaces(*self, *other)
    }

    fn nothing() -> Self {
        Self::EMPTY
    }

    fn has_no_members(&self) -> bool {
        self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{PortRange, Protocol};

    #[test]
    fn an_id_says_whether_there_are_packets_even_if_numbers_are_named() {
        let mut sets = IpSets::new();
        let esp = Match::Ports(Protocol::Other(50), PortRange::ALL);
        let named = sets.intern_space(HeaderSpace::of(&esp, IpSetId::EMPTY));
        assert_ne!(named, SpaceId::EMPTY);
        assert!(named.is_empty());
        assert!(!SpaceId::EVERYTHING.is_empty());
        // The name outlives the meet with nothing, as it does in spaces themselves.
        let everywhere = sets.intern_space(HeaderSpace::of(&esp, IpSetId::ALL));
        assert_eq!(sets.meet_spaces(everywhere, SpaceId::EMPTY), named);
        assert_eq!(sets.unite_spaces(named, SpaceId::EMPTY), named);
    }

    #[test]
    fn operations_on_ids_are_those_on_spaces() {
        let mut sets = IpSets::new();
        let rule = |port| Match::Ports(Protocol::Tcp, PortRange::single(port));
        let a = HeaderSpace::of(&rule(22), IpSetId::ALL_V4);
        let mut b = HeaderSpace::of(&rule(22), IpSetId::ALL);
        b.add(&mut sets, &rule(80), IpSetId::ALL_V6);
        let (one, other) = (sets.intern_space(a.clone()), sets.intern_space(b.clone()));
        for _ in 0..2 {
            let union = sets.unite_spaces(one, other);
            assert_eq!(*sets.shared_space(union), a.union(&b, &mut sets));
            let more = sets.restrict_space(SpaceId::IPV6, IpSetId::ALL);
            let many = sets.unite_all_spaces(vec![other, more, SpaceId::EMPTY, one]);
            assert_eq!(many, sets.unite_spaces(union, more));
            let both = sets.meet_spaces(other, one);
            assert_eq!(*sets.shared_space(both), a.intersection(&b, &mut sets));
            let left = sets.subtract_spaces(other, one);
            assert_eq!(*sets.shared_space(left), b.difference(&a, &mut sets));
            let some = sets.restrict_space(other, IpSetId::ALL_V6);
            assert_eq!(*sets.shared_space(some), b.restrict(IpSetId::ALL_V6, &mut sets));
        }
    }
}
