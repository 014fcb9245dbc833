//! The interfaces of a component, by the classes of their addresses, and their
//! division among workers.
//!
//! Who is there is found once, with what interfaces meet. Judging the classes is
//! most of the work, and classes have little to do with each other: a large
//! component is divided by subnet, each worker goes on with a copy of what the
//! engine knows so far, and nobody waits for anybody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::draft::Draft;
use crate::model::{ComponentId, Direction, InstanceId, Interface, NetworkInterfaceId, SubnetId};
use crate::reach::engine::{Class, Engine, Held};

/// Addresses of an interface that are alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Which class of the mix they are.
    pub(super) place: usize,
    /// The lowest.
    pub(super) first: IpAddr,
    /// The highest.
    pub(super) last: IpAddr,
    /// The public address that leads to them.
    pub(super) public: Option<u32>,
}

/// One interface, and what it has open.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) id: NetworkInterfaceId,
    pub(super) host: Option<InstanceId>,
    /// Its addresses, by place in the mix.
    pub(super) held: Vec<Place>,
    /// What it has open, its own addresses taken for no one's.
    pub(super) drafts: Arc<[Draft]>,
    /// The mix of classes.
    pub(super) mix: usize,
}

/// The interfaces that are asked for, and the numbers of their classes.
pub(super) struct Roll {
    pub(super) interfaces: Vec<Judged>,
    /// By number.
    pub(super) classes: Arc<[Class]>,
    /// The distinct classes of an interface's addresses, by number of the mix.
    pub(super) mixes: Arc<[Box<[usize]>]>,
}

impl Roll {
    /// Calls the interfaces of the engine's component.
    pub(super) fn call(
        engine: &mut Engine,
        direction: Direction,
        component: ComponentId,
        wanted: Option<&BTreeSet<(ComponentId, NetworkInterfaceId)>>,
    ) -> Self {
        let facts = Arc::clone(&engine.ground.component);
        let mut numbers = Numbers::default();
        let mut interfaces = Vec::new();
        for interface in facts.interfaces.iter() {
            if wanted.is_none_or(|to| to.contains(&(component, interface.index()))) {
                let held = engine.held(direction, interface);
                interfaces.extend(numbers.interface(interface, &held));
            }
        }
        interfaces.shrink_to_fit();
        Self { interfaces, classes: numbers.all_classes.into(), mixes: numbers.all_mixes.into() }
    }

    /// Divides the interfaces into at most so many parts of about the same work,
    /// those of one subnet in one part.
    pub(super) fn divided(self, parts: NonZeroUsize) -> Vec<Self> {
        if parts == NonZeroUsize::MIN {
            return vec![self];
        }
        let Self { interfaces, classes, mixes } = self;
        // A class has its subnet, so that those of one mix are of one subnet.
        let subnet = |mix: usize| -> Option<SubnetId> {
            let class = *mixes.get(mix)?.first()?;
            classes.get(class).map(|class| class.subnet)
        };
        let mut weights: BTreeMap<Option<SubnetId>, usize> = BTreeMap::new();
        for mix in 0..mixes.len() {
            *weights.entry(subnet(mix)).or_default() += 1;
        }
        let mut heaviest: Vec<(Option<SubnetId>, usize)> = weights.into_iter().collect();
        heaviest.sort_by_key(|&(_, weight)| Reverse(weight));
        let mut loads = vec![0_usize; parts.get().min(heaviest.len())];
        let mut part_of: BTreeMap<Option<SubnetId>, usize> = BTreeMap::new();
        for (subnet, weight) in heaviest {
            let least = loads.iter_mut().enumerate().min_by_key(|(_, load)| **load);
            if let Some((part, load)) = least {
                *load = load.saturating_add(weight);
                part_of.insert(subnet, part);
            }
        }
        let mut divided: Vec<Self> = loads
            .iter()
            .map(|_| Self {
                interfaces: Vec::new(),
                classes: Arc::clone(&classes),
                mixes: Arc::clone(&mixes),
            })
            .collect();
        for judged in interfaces {
            let part = part_of.get(&subnet(judged.mix)).copied().unwrap_or_default();
            if let Some(part) = divided.get_mut(part) {
                part.interfaces.push(judged);
            }
        }
        divided
    }
}

/// The interfaces by mix: of one subnet, with the same ports open.
pub(super) fn by_mix(interfaces: &[Judged]) -> Vec<Vec<usize>> {
    let mut mixes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, interface) in interfaces.iter().enumerate() {
        mixes.entry(interface.mix).or_default().push(at);
    }
    mixes.into_values().collect()
}

/// Whether interfaces are of several hosts.
pub(super) fn several(members: &[usize], interfaces: &[Judged]) -> bool {
    let mut hosts = members.iter().filter_map(|&at| interfaces.get(at));
    let Some(first) = hosts.next() else { return false };
    hosts.any(|next| first.host.is_none() || next.host != first.host)
}

/// Numbers for classes and mixes, in the order in which they come up.
#[derive(Default)]
struct Numbers {
    classes: BTreeMap<Class, usize>,
    all_classes: Vec<Class>,
    mixes: BTreeMap<Box<[usize]>, usize>,
    all_mixes: Vec<Box<[usize]>>,
}

impl Numbers {
    /// An interface and its classes; none if nothing is there.
    fn interface(&mut self, interface: Interface<'_>, all: &[Held]) -> Option<Judged> {
        if all.is_empty() {
            return None;
        }
        // The distinct classes of its addresses, IPv4 before IPv6.
        let mut mix: Vec<usize> = Vec::new();
        let mut held = Vec::with_capacity(all.len());
        for &Held { class, first, last, public } in all {
            let class = self.class(class);
            let place = mix.iter().position(|&known| known == class).unwrap_or_else(|| {
                mix.push(class);
                mix.len().saturating_sub(1)
            });
            held.push(Place { place, first, last, public });
        }
        Some(Judged {
            id: interface.index(),
            host: interface.instance(),
            held,
            drafts: Arc::from([]),
            mix: self.mix(mix.into()),
        })
    }

    fn class(&mut self, class: Class) -> usize {
        let next = self.all_classes.len();
        let number = *self.classes.entry(class).or_insert(next);
        if number == next {
            self.all_classes.push(class);
        }
        number
    }

    fn mix(&mut self, mix: Box<[usize]>) -> usize {
        if let Some(&known) = self.mixes.get(&mix) {
            return known;
        }
        let number = self.all_mixes.len();
        self.all_mixes.push(mix.clone());
        self.mixes.insert(mix, number);
        number
    }
}
