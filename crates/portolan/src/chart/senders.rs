//! Whose addresses are in a list of senders: classes, and whole VPCs.

use std::collections::{BTreeMap, BTreeSet};

use super::classes::{Classes, Kin};
use super::{ClassId, TerritoryId};
use crate::model::{IdVec, Network, NetworkInterfaceId};
use crate::net::{Address, IpSet, RangeSet};

/// So many holders are looked at together.
const CHUNK: usize = 64;

/// A VPC of fewer other classes is not a crowd: its classes are named one by one.
pub(super) const CROWD: usize = 4;

/// The addresses of each VPC, by class.
pub(super) struct Senders {
    v4: IdVec<TerritoryId, Holders<u32>>,
    v6: IdVec<TerritoryId, Holders<u128>>,
}

/// The addresses of a family in a VPC, ascending.
struct Holders<A> {
    all: Vec<Holder<A>>,
    /// The distinct classes of every [`CHUNK`] holders, each with one that holds.
    chunks: Vec<Vec<(ClassId, NetworkInterfaceId)>>,
}

struct Holder<A> {
    first: A,
    last: A,
    /// The highest `last` so far: ascending, whatever contradictions there are.
    reach: A,
    class: ClassId,
    interface: NetworkInterfaceId,
}

/// Classes, each with an interface that is among the senders.
pub(super) type Among = BTreeMap<ClassId, NetworkInterfaceId>;

/// Which VPCs a list may speak of.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Reach {
    /// Those of the receiver's component, and others for addresses that it has not.
    Component,
    /// All: the way leads over a gateway whose routes are not known.
    Estate,
}

impl Senders {
    pub(super) fn of(network: &Network, classes: &Classes) -> Self {
        let (mut v4, mut v6) = (IdVec::default(), IdVec::default());
        for territory in classes.territories.iter() {
            let component = &network.components[territory.component];
            let (mut held4, mut held6) = (Vec::new(), Vec::new());
            for &class in &territory.classes {
                for &member in &classes.all[class].members {
                    let interface = component.interface(member);
                    held4.extend(
                        interface.ipv4().iter().map(|it| (it.first, it.last, class, member)),
                    );
                    held6.extend(
                        interface.ipv6().iter().map(|it| (it.first, it.last, class, member)),
                    );
                }
            }
            v4.push(Holders::of(held4));
            v6.push(Holders::of(held6));
        }
        Self { v4, v6 }
    }

    /// The classes that hold some of the addresses, as seen from a VPC: an address
    /// of its own blocks is its own, whoever else has the same.
    pub(super) fn among(
        &self,
        classes: &Classes,
        home: TerritoryId,
        sources: &IpSet,
        reach: Reach,
    ) -> Among {
        let mut found = Among::new();
        self.add(home, sources, &mut found);
        let mut strange = sources.difference(&classes.territories[home].blocks);
        let own = classes.territories[home].component;
        let near = |(id, territory): &(TerritoryId, &super::classes::Territory)| {
            *id != home && territory.component == own
        };
        for (id, _) in classes.territories.entries().filter(near) {
            self.add(id, &strange, &mut found);
        }
        if reach == Reach::Component {
            for (_, territory) in classes.territories.entries().filter(near) {
                strange = strange.difference(&territory.blocks);
            }
        }
        if strange.is_empty() {
            return found;
        }
        for (id, territory) in classes.territories.entries() {
            if territory.component != own {
                self.add(id, &strange, &mut found);
            }
        }
        found
    }

    fn add(&self, territory: TerritoryId, sources: &IpSet, found: &mut Among) {
        self.v4[territory].add(&sources.v4, found);
        self.v6[territory].add(&sources.v6, found);
    }
}

impl<A: Address> Holders<A> {
    fn of(mut held: Vec<(A, A, ClassId, NetworkInterfaceId)>) -> Self {
        held.sort_unstable();
        let mut all: Vec<Holder<A>> = Vec::with_capacity(held.len());
        for (first, last, class, interface) in held {
            let reach = all.last().map_or(last, |before| before.reach.max(last));
            all.push(Holder { first, last, reach, class, interface });
        }
        let distinct = |chunk: &[Holder<A>]| {
            let mut classes = Among::new();
            for holder in chunk {
                classes.entry(holder.class).or_insert(holder.interface);
            }
            classes.into_iter().collect()
        };
        let chunks = all.chunks(CHUNK).map(distinct).collect();
        Self { all, chunks }
    }

    fn add(&self, sources: &RangeSet<A>, found: &mut Among) {
        for &(first, last) in sources.ranges() {
            // A delegated prefix may begin before the range and reach into it.
            let start = self.all.partition_point(|holder| holder.reach < first);
            let inside = self.all.partition_point(|holder| holder.first < first);
            let end = self.all.partition_point(|holder| holder.first <= last);
            let mut at = start;
            while at < end {
                if at >= inside && at % CHUNK == 0 && at.saturating_add(CHUNK) <= end {
                    for &(class, interface) in self.chunks.get(at / CHUNK).into_iter().flatten() {
                        found.entry(class).or_insert(interface);
                    }
                    at = at.saturating_add(CHUNK);
                    continue;
                }
                if let Some(holder) = self.all.get(at).filter(|holder| holder.last >= first) {
                    found.entry(holder.class).or_insert(holder.interface);
                }
                at = at.saturating_add(1);
            }
        }
    }
}

/// VPCs of which everybody else is among the senders, taken out of them: they are
/// drawn as one sender.
pub(super) fn whole(classes: &Classes, to: ClassId, senders: &mut Among) -> Vec<TerritoryId> {
    let territories: BTreeSet<TerritoryId> =
        senders.keys().map(|&class| classes.all[class].territory).collect();
    let mut found = Vec::new();
    for territory in territories {
        let others = || {
            let all = classes.territories[territory].classes.iter().copied();
            all.filter(|&class| class != to && sends(classes, class))
        };
        if others().count() >= CROWD && others().all(|class| senders.contains_key(&class)) {
            senders.retain(|&class, _| classes.all[class].territory != territory || class == to);
            found.push(territory);
        }
    }
    found
}

/// Whether a class can be a sender: groups by themselves hold no addresses.
fn sends(classes: &Classes, class: ClassId) -> bool {
    !matches!(classes.all[class].kin, Kin::Group(_))
}
