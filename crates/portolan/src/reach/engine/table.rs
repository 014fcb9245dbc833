//! Who may send to an address: tables turned inside out.
//!
//! A sender's filters say to which addresses it may send. Here the same is kept
//! by address: for each set of own addresses (a *cut*) the packets and the peers
//! that send them. Nearly all senders may reach a whole VPC, so most of it is
//! one row, and only the cuts that really divide the addresses make a
//! difference between two of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::net::{
    Address, Bounds, HeaderSpace, IpSetId, IpSets, Match, PortRange, Protocol, SetId, Sets, SpaceId,
};

/// Packets by own address: rows of (own addresses, packets by peer).
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    rows: BTreeMap<IpSetId, Bounds<SpaceId>>,
}

impl Table {
    /// A table of what holds for sets of own addresses.
    pub(crate) fn of(
        rows: Vec<(IpSetId, Bounds<SpaceId>)>,
        own: IpSetId,
        sets: &mut IpSets,
    ) -> Self {
        let mut table = Self::default();
        for (at, row) in rows {
            let cut = within(at, own, sets);
            if !cut.is_empty() {
                table.rows.insert(cut, row);
            }
        }
        table
    }

    /// The rows that hold for an address of this signature.
    pub(crate) fn rows<'t>(
        &'t self,
        signature: &'t Signature,
    ) -> impl Iterator<Item = &'t Bounds<SpaceId>> {
        let few = self.rows.len() <= signature.0.len();
        let by_row = few.then(|| {
            self.rows.iter().filter(|(cut, _)| signature.holds(**cut)).map(|(_, row)| row)
        });
        let by_cut = (!few).then(|| signature.0.iter().filter_map(|cut| self.rows.get(cut)));
        by_row.into_iter().flatten().chain(by_cut.into_iter().flatten())
    }

    /// What of each row is in a space too.
    pub(crate) fn met(mut self, space: Bounds<SpaceId>, sets: &mut IpSets) -> Self {
        if space == Bounds::exact(SpaceId::EVERYTHING) {
            return self;
        }
        for row in self.rows.values_mut() {
            *row = row.intersection(&space, sets);
        }
        self.rows.retain(|_, row| !row.is_empty());
        self
    }

    /// Takes the rows of another table over.
    pub(crate) fn merge(&mut self, other: Self, sets: &mut IpSets) {
        for (cut, row) in other.rows {
            let known = self.rows.entry(cut).or_insert(Bounds::exact(SpaceId::EMPTY));
            *known = known.union(&row, sets);
        }
    }

    /// The sets of own addresses.
    pub(crate) fn cuts(&self) -> impl Iterator<Item = IpSetId> {
        self.rows.keys().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// The cuts that hold an address, ascending.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Signature(Arc<[IpSetId]>);

impl Signature {
    pub(crate) fn holds(&self, cut: IpSetId) -> bool {
        self.0.binary_search(&cut).is_ok()
    }
}

/// The number of a signature within its [`Regions`].
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct SignatureId(usize);

/// Collects what peers may do, then turns it inside out.
#[derive(Debug, Default)]
pub(crate) struct TableBuilder {
    /// Packets by *own* address, and the peers of whom this holds.
    terms: Vec<(Bounds<SpaceId>, Bounds)>,
}

/// One modality of a table while it is built: by cut and slot, the peers.
type Slots = BTreeMap<(Slot, u16, u16), Vec<IpSetId>>;

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Slot {
    Ports(u8),
    Other,
    Numbered(u8),
}

impl TableBuilder {
    pub(crate) fn add(&mut self, packets: Bounds<SpaceId>, peers: Bounds) {
        if !packets.is_empty() && !peers.is_empty() {
            self.terms.push((packets, peers));
        }
    }

    /// The table for own addresses within `own`.
    pub(crate) fn finish(self, own: IpSetId, sets: &mut IpSets) -> Table {
        let mut names = BTreeSet::new();
        for (packets, _) in &self.terms {
            for space in [packets.possible(), packets.certain()] {
                names.extend(sets.space(space).numbered.iter().map(|&(number, _)| number));
            }
        }
        let exact =
            self.terms.iter().all(|(packets, peers)| packets.is_exact() && peers.is_exact());
        let possible =
            self.terms.iter().map(|(packets, peers)| (packets.possible(), peers.possible()));
        let possible = transpose(possible, &names, own, sets);
        if exact {
            let rows = possible.into_iter().map(|(cut, row)| (cut, Bounds::exact(row)));
            return Table { rows: rows.collect() };
        }
        let certain =
            self.terms.iter().map(|(packets, peers)| (packets.certain(), peers.certain()));
        let mut certain = transpose(certain, &names, own, sets);
        let mut rows = BTreeMap::new();
        for (cut, row) in possible {
            let sure = certain.remove(&cut).unwrap_or_default();
            rows.insert(cut, Bounds::between(sure, row, sets));
        }
        rows.extend(certain.into_iter().map(|(cut, row)| (cut, Bounds::exact(row))));
        Table { rows }
    }
}

fn transpose(
    terms: impl Iterator<Item = (SpaceId, IpSetId)>,
    names: &BTreeSet<u8>,
    own: IpSetId,
    sets: &mut IpSets,
) -> BTreeMap<IpSetId, SpaceId> {
    let mut cuts: BTreeMap<IpSetId, Slots> = BTreeMap::new();
    for (packets, peers) in terms {
        if peers.is_empty() {
            continue;
        }
        let packets = sets.shared_space(packets);
        let mut put = |at: IpSetId, slot: Slot, first: u16, last: u16| {
            let cut = within(at, own, sets);
            if !cut.is_empty() {
                cuts.entry(cut).or_default().entry((slot, first, last)).or_default().push(peers);
            }
        };
        for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Icmpv6] {
            for segment in packets.segments(protocol) {
                let slot = Slot::Ports(protocol.number());
                put(segment.peers, slot, segment.ports.first(), segment.ports.last());
            }
        }
        put(packets.other, Slot::Other, 0, 0);
        for &number in names {
            put(packets.lookup(Protocol::Other(number), 0), Slot::Numbered(number), 0, 0);
        }
    }
    cuts.into_iter().map(|(cut, slots)| (cut, space(slots, names, sets))).collect()
}

/// The meet; `own` itself where nothing is left out.
fn within(at: IpSetId, own: IpSetId, sets: &mut IpSets) -> IpSetId {
    let mut cut = IpSetId::EMPTY;
    cut.v4 =
        if sets.v4.is_subset(own.v4, at.v4) { own.v4 } else { sets.v4.intersection(at.v4, own.v4) };
    cut.v6 =
        if sets.v6.is_subset(own.v6, at.v6) { own.v6 } else { sets.v6.intersection(at.v6, own.v6) };
    cut
}

fn space(slots: Slots, names: &BTreeSet<u8>, sets: &mut IpSets) -> SpaceId {
    let mut space = HeaderSpace::empty();
    let mut numbered = BTreeMap::new();
    for ((slot, first, last), peers) in slots {
        let peers = sets.union_all(peers);
        match slot {
            Slot::Ports(number) => {
                if let Ok(ports) = PortRange::new(first, last) {
                    let traffic = Match::Ports(Protocol::from_number(number), ports);
                    space.add(sets, &traffic, peers);
                }
            }
            Slot::Other => space.other = peers,
            Slot::Numbered(number) => {
                numbered.insert(number, peers);
            }
        }
    }
    space.numbered = names
        .iter()
        .map(|&number| (number, numbered.get(&number).copied().unwrap_or(IpSetId::EMPTY)))
        .collect();
    sets.intern_space(space)
}

/// The own addresses by signature: between two boundaries of a cut all
/// addresses are alike.
#[derive(Clone, Debug, Default)]
pub(crate) struct Regions {
    v4: Vec<(u32, SignatureId)>,
    v6: Vec<(u128, SignatureId)>,
    signatures: Vec<Signature>,
}

impl Regions {
    pub(crate) fn of(cuts: &BTreeSet<IpSetId>, own: IpSetId, sets: &IpSets) -> Self {
        let mut known = BTreeMap::new();
        let v4: Vec<_> = cuts.iter().map(|&cut| (cut, cut.v4 == own.v4, cut.v4)).collect();
        let v6: Vec<_> = cuts.iter().map(|&cut| (cut, cut.v6 == own.v6, cut.v6)).collect();
        let v4 = sweep(&v4, &sets.v4, &mut known);
        let v6 = sweep(&v6, &sets.v6, &mut known);
        let mut signatures = vec![Signature::default(); known.len()];
        for (signature, SignatureId(number)) in known {
            if let Some(slot) = signatures.get_mut(number) {
                *slot = signature;
            }
        }
        Self { v4, v6, signatures }
    }

    /// The signature of a number.
    pub(crate) fn signature(&self, SignatureId(number): SignatureId) -> Signature {
        self.signatures.get(number).cloned().unwrap_or_default()
    }

    /// The pieces of a range that are alike.
    pub(crate) fn pieces_v4(&self, first: u32, last: u32) -> Pieces<'_, u32> {
        pieces(&self.v4, first, last)
    }

    pub(crate) fn pieces_v6(&self, first: u128, last: u128) -> Pieces<'_, u128> {
        pieces(&self.v6, first, last)
    }
}

/// Where each signature begins, ascending from the lowest address.
fn sweep<A: Address>(
    cuts: &[(IpSetId, bool, SetId)],
    sets: &Sets<A>,
    known: &mut BTreeMap<Signature, SignatureId>,
) -> Vec<(A, SignatureId)> {
    let whole = cuts.iter().filter(|(_, whole, _)| *whole).map(|&(cut, ..)| cut);
    let mut active: BTreeSet<IpSetId> = whole.collect();
    let mut events: Vec<(A, bool, IpSetId)> = Vec::new();
    for (cut, _, set) in cuts.iter().filter(|(_, whole, _)| !whole) {
        for (first, last) in sets.ranges(*set) {
            events.push((first, true, *cut));
            events.extend(last.successor().map(|next| (next, false, *cut)));
        }
    }
    // Ends before beginnings, so that a cut that touches itself stays.
    events.sort_unstable();
    let mut share = |active: &BTreeSet<IpSetId>| {
        let next = SignatureId(known.len());
        *known.entry(Signature(active.iter().copied().collect())).or_insert(next)
    };
    let mut starts = vec![(A::MIN, share(&active))];
    let mut rest = events.as_slice();
    while let Some(&(point, ..)) = rest.first() {
        let here = rest.partition_point(|&(at, ..)| at == point);
        let (now, later) = rest.split_at(here);
        rest = later;
        for &(_, begins, cut) in now {
            if begins {
                active.insert(cut);
            } else {
                active.remove(&cut);
            }
        }
        let signature = share(&active);
        match starts.last_mut() {
            Some((at, last)) if *at == point => *last = signature,
            Some((_, last)) if *last == signature => {}
            Some(_) | None => starts.push((point, signature)),
        }
    }
    starts
}

/// The pieces of a range of addresses that are alike, ascending.
pub(crate) struct Pieces<'r, A> {
    /// Where the next signatures begin.
    rest: &'r [(A, SignatureId)],
    /// The address that comes next, none behind the last.
    at: Option<A>,
    last: A,
}

fn pieces<A: Address>(starts: &[(A, SignatureId)], first: A, last: A) -> Pieces<'_, A> {
    let begin = starts.partition_point(|&(at, _)| at <= first).saturating_sub(1);
    Pieces { rest: starts.get(begin..).unwrap_or_default(), at: Some(first), last }
}

impl<A: Address> Iterator for Pieces<'_, A> {
    type Item = (A, A, SignatureId);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at?;
        let (&(_, signature), later) = self.rest.split_first()?;
        let end = later.first().and_then(|(next, _)| next.predecessor());
        let end = end.map_or(self.last, |end| end.min(self.last));
        self.rest = later;
        self.at = end.successor().filter(|next| *next <= self.last);
        Some((at, end, signature))
    }
}
