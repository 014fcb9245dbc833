//! The records of `ports`: what is open, at which interface, to whom.
//!
//! Components are evaluated apart, in parallel; records come out in the order
//! of interface ids. What a record says is computed once for all interfaces
//! that are alike; who they are is filled in for each.

mod cause;
mod draft;
mod groups;
mod line;
mod lists;
mod render;
mod roll;
#[cfg(test)]
mod tests;
mod through;

use std::collections::BTreeSet;
use std::num::NonZeroUsize;

use crate::model::{ComponentId, Direction, Id, Listing, Locate, Network, NetworkInterfaceId};
use crate::net::{IpSet, Match};
use crate::parallel;
use crate::reach::engine::World;
use crate::record::{Audience, Coverage, Port, PortClass};
use draft::{Evaluated, View};
use line::in_order;

pub(crate) use cause::Reason;
pub(crate) use lists::{breadth, cover};

/// Listings that every answer depends on. The others matter only where
/// something refers to what they hold, and are limitations then.
const ALWAYS_NEEDED: [Listing; 7] = [
    Listing::Vpcs,
    Listing::Subnets,
    Listing::NetworkInterfaces,
    Listing::Instances,
    Listing::SecurityGroups,
    Listing::NetworkAcls,
    Listing::RouteTables,
];

/// Whether members of groups that rules name are listed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SourcesMode {
    /// As their groups only.
    Rules,
    /// As addresses too.
    #[default]
    Addresses,
}

/// Which ports are asked for.
#[derive(Clone, Debug)]
pub struct PortsOptions {
    /// Who can reach the interfaces, or whom they can reach.
    pub direction: Direction,
    /// Only these peers.
    pub from: Option<IpSet>,
    /// Only these interfaces.
    pub to: Option<BTreeSet<(ComponentId, NetworkInterfaceId)>>,
    /// Only these ports.
    pub ports: Option<Vec<Match>>,
    /// Only peers who come one of these ways.
    pub audiences: Option<BTreeSet<Audience>>,
    /// How sources are listed.
    pub sources: SourcesMode,
    /// Whether targets of load balancers have records of what gets to them that way.
    pub through: bool,
}

impl Default for PortsOptions {
    fn default() -> Self {
        Self {
            direction: Direction::Ingress,
            from: None,
            to: None,
            ports: None,
            audiences: None,
            sources: SourcesMode::Addresses,
            through: false,
        }
    }
}

/// The open ports, one record for each interface and range.
///
/// The records of an interface are given to `print` on any thread, what it makes
/// of them to `take` in order.
pub fn ports<R: Send>(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &PortsOptions,
    print: &(dyn Fn(Vec<Port>) -> R + Sync),
    take: &mut dyn FnMut(R),
) {
    seen(network, locate, options, View::Interfaces, print, take);
}

/// The open ports, and what the internet sends that arrives and has no answer:
/// records whose `clients` are `none`.
pub(crate) fn arriving<R: Send>(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &PortsOptions,
    print: &(dyn Fn(Vec<Port>) -> R + Sync),
    take: &mut dyn FnMut(R),
) {
    seen(network, locate, options, View::Arriving, print, take);
}

/// What gets to targets by way of load balancers alone.
pub(crate) fn behind<R: Send>(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &PortsOptions,
    print: &(dyn Fn(Vec<Port>) -> R + Sync),
    take: &mut dyn FnMut(R),
) {
    let options = PortsOptions { through: true, ..options.clone() };
    seen(network, locate, &options, View::Behind, print, take);
}

fn seen<R: Send>(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &PortsOptions,
    view: View,
    print: &(dyn Fn(Vec<Port>) -> R + Sync),
    take: &mut dyn FnMut(R),
) {
    let world = World::of(network);
    if view != View::Behind {
        take(print(groups::ports(network, &world, locate, options)));
    }
    let all = evaluate(network, &world, options, view);
    let mut order: Vec<(&str, &Evaluated, usize)> = Vec::new();
    for evaluated in &all {
        for (at, interface) in evaluated.interfaces.iter().enumerate() {
            let id = network.components[evaluated.component].interface(interface.id).id();
            order.push((network.text(id), evaluated, at));
        }
    }
    order.sort_by_key(|&(id, evaluated, _)| (id, evaluated.component));
    in_order(
        &order,
        &|&(_, evaluated, at)| print(render::ports(network, locate, options, evaluated, at)),
        take,
    );
}

/// The open ports, one record for all interfaces that are alike: see [`ports()`].
pub fn port_classes<R: Send>(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &PortsOptions,
    print: &(dyn Fn(Vec<PortClass>) -> R + Sync),
    take: &mut dyn FnMut(R),
) {
    let world = World::of(network);
    let of_groups = groups::ports(network, &world, locate, options);
    take(print(of_groups.into_iter().map(PortClass::from).collect()));
    let all = evaluate(network, &world, options, View::Classes);
    let mut order: Vec<(&str, &Evaluated, Vec<usize>)> = Vec::new();
    for evaluated in &all {
        for members in evaluated.classes() {
            let first = members.first().and_then(|&at| evaluated.interfaces.get(at));
            let Some(first) = first else { continue };
            let id = network.components[evaluated.component].interface(first.id).id();
            order.push((network.text(id), evaluated, members));
        }
    }
    order.sort_by_key(|(id, evaluated, _)| (*id, evaluated.component));
    in_order(
        &order,
        &|(_, evaluated, members)| {
            print(render::port_classes(network, locate, options, evaluated, members))
        },
        take,
    );
}

/// What was evaluated and what was not.
#[must_use]
pub fn coverage(network: &Network) -> Coverage {
    let mut coverage = Coverage::default();
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let (mut accounts, mut regions) = (BTreeSet::new(), BTreeSet::new());
    let mut not_collected = BTreeSet::new();
    for component in network.components.iter() {
        let seen = component.interfaces.iter().filter(|interface| interface.seen()).count();
        coverage.interfaces += count(seen);
        let rules: usize = component.security_groups.iter().map(|group| group.rules.len()).sum();
        let entries: usize = component.network_acls.iter().map(|acl| acl.entries.len()).sum();
        coverage.rules += count(rules.saturating_add(entries));
        coverage.vpcs += count(component.vpcs.iter().filter(|vpc| vpc.seen).count());
        for scope in component.scopes.iter() {
            let (account, region) = (network.text(scope.account), network.text(scope.region));
            accounts.insert(account.to_owned());
            regions.insert(region.to_owned());
            for listing in ALWAYS_NEEDED {
                if !scope.listings.contains(listing) {
                    not_collected.insert(format!("{} ({account}/{region})", listing.command()));
                }
            }
        }
    }
    accounts.remove("");
    regions.remove("");
    coverage.accounts = accounts.into_iter().collect();
    coverage.regions = regions.into_iter().collect();
    coverage.not_collected = not_collected.into_iter().collect();
    coverage.limitations = count(network.limitations.len());
    coverage.assumptions =
        network.assumptions.iter().map(|assumption| assumption.as_str().to_owned()).collect();
    coverage.warnings = count(network.warnings.len());
    coverage
}

/// Every component that is asked for, in order.
fn evaluate(
    network: &Network,
    world: &World,
    options: &PortsOptions,
    view: View,
) -> Vec<Evaluated> {
    let wanted = |id: &ComponentId| {
        let first = (*id, NetworkInterfaceId::from_index(0));
        let within = |to: &BTreeSet<_>| {
            to.range(first..)
                .next()
                .is_some_and(|next: &(ComponentId, NetworkInterfaceId)| next.0 == *id)
        };
        options.to.as_ref().is_none_or(within)
    };
    let cores = parallel::all_cores();
    let wanted: Vec<ComponentId> = network.components.ids().filter(wanted).collect();
    let size = |id: ComponentId| network.components[id].interfaces.len();
    let total = wanted.iter().map(|&id| size(id)).sum();
    let evaluated = parallel::each(
        cores,
        wanted,
        |&id| size(id),
        |id| {
            let workers = workers(cores, size(id), total);
            Evaluated::of(network, world, (id, workers), options, view)
        },
    );
    evaluated.into_iter().flatten().collect()
}

/// How many workers judge a component of so many interfaces, of so many that the
/// estate has: as many as there are cores if the others would stand still before
/// it is done.
fn workers(cores: NonZeroUsize, interfaces: usize, total: usize) -> NonZeroUsize {
    // Less is done before a second engine has what it needs.
    const LARGE: usize = 1_000;
    let share = interfaces.saturating_mul(cores.get()).saturating_mul(2);
    if interfaces >= LARGE && share > total { cores } else { NonZeroUsize::MIN }
}
