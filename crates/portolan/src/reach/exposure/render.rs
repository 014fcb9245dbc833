//! Drafts as records: addresses, names and lists written out.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::PortsOptions;
use super::cause::Reason;
use super::draft::{Door, Draft, Evaluated};
use super::roll::Judged;
use crate::model::{Component, Direction, Interface, Locate, Network};
use crate::net::{IpAddress, IpSet, Ipv4Set, RangeSet, exact_cover};
use crate::record::{Audience, Open, Port, PortClass, Through};

/// The records of one interface.
pub(super) fn ports(
    network: &Network,
    locate: &dyn Locate,
    options: &PortsOptions,
    evaluated: &Evaluated,
    at: usize,
) -> Vec<Port> {
    let Some(judged) = evaluated.interfaces.get(at) else { return Vec::new() };
    let component = &network.components[evaluated.component];
    let interface = component.interface(judged.id);
    let text = |id| network.text(id).to_owned();
    let instance = interface.instance().map(|id| &component.instances[id]);
    let name = instance.map(|instance| network.text(instance.name)).filter(|name| !name.is_empty());
    let (account, region) = home(network, evaluated, interface);
    let mut records: Vec<(usize, Vec<IpAddr>, Port)> = Vec::new();
    for (number, draft) in judged.drafts.iter().enumerate() {
        let Some(open) = open(network, locate, options, evaluated, draft) else { continue };
        let holds = Addresses::of([judged].into_iter(), draft);
        let port = Port {
            format: "portolan.port/1".to_owned(),
            interface: text(interface.id()),
            account: account.clone(),
            region: region.clone(),
            vpc: text(component.vpcs[interface.vpc()].id),
            subnet: text(component.subnets[interface.subnet()].id),
            instance: instance.map_or_else(String::new, |instance| text(instance.id)),
            name: name.map_or_else(|| text(interface.name()), str::to_owned),
            addresses: holds.private(),
            public_addresses: holds.public(),
            open,
        };
        records.push((number, holds.order(), port));
    }
    // Drafts are in order but for the addresses, which only this interface knows.
    records.sort_by(|(one, first, _), (other, second, _)| {
        match (judged.drafts.get(*one), judged.drafts.get(*other)) {
            (Some(one), Some(other)) => one.order(other).then_with(|| first.cmp(second)),
            _ => one.cmp(other),
        }
    });
    records.into_iter().map(|(_, _, port)| port).collect()
}

/// The records of interfaces that are alike.
pub(super) fn port_classes(
    network: &Network,
    locate: &dyn Locate,
    options: &PortsOptions,
    evaluated: &Evaluated,
    members: &[usize],
) -> Vec<PortClass> {
    let component = &network.components[evaluated.component];
    let members: Vec<&Judged> =
        members.iter().filter_map(|&at| evaluated.interfaces.get(at)).collect();
    let Some(&first) = members.first() else { return Vec::new() };
    let drafts = &first.drafts;
    let interface = component.interface(first.id);
    let (account, region) = home(network, evaluated, interface);
    let text = |id| network.text(id).to_owned();
    let mut ids: Vec<String> =
        members.iter().map(|member| text(component.interface(member.id).id())).collect();
    ids.sort_unstable();
    let names: BTreeSet<String> = members
        .iter()
        .filter_map(|member| component.interface(member.id).instance())
        .map(|instance| text(component.instances[instance].name))
        .filter(|name| !name.is_empty())
        .collect();
    let mut records = Vec::new();
    for draft in drafts.iter() {
        let Some(open) = open(network, locate, options, evaluated, draft) else { continue };
        let holds = Addresses::of(members.iter().copied(), draft);
        let record = PortClass {
            format: "portolan.port-class/1".to_owned(),
            interfaces: ids.clone(),
            names: names.iter().cloned().collect(),
            account: account.clone(),
            region: region.clone(),
            vpc: text(component.vpcs[interface.vpc()].id),
            subnet: text(component.subnets[interface.subnet()].id),
            addresses: holds.private(),
            public_addresses: holds.public(),
            open,
        };
        records.push((draft, holds.order(), record));
    }
    records.sort_by(|(one, first, _), (other, second, _)| {
        one.order(other).then_with(|| first.cmp(second))
    });
    records.into_iter().map(|(_, _, record)| record).collect()
}

fn home(network: &Network, evaluated: &Evaluated, interface: Interface<'_>) -> (String, String) {
    let component = &network.components[evaluated.component];
    let scope = &component.scopes[component.vpcs[interface.vpc()].scope];
    let owner = if interface.owner().is_empty() { scope.account } else { interface.owner() };
    (network.text(owner).to_owned(), network.text(scope.region).to_owned())
}

/// The addresses at which a record holds.
struct Addresses {
    private: IpSet,
    public: Ipv4Set,
}

impl Addresses {
    fn of<'j>(members: impl Iterator<Item = &'j Judged>, draft: &Draft) -> Self {
        let (mut v4, mut v6, mut public) = (Vec::new(), Vec::new(), Vec::new());
        for held in members.flat_map(|member| &member.held) {
            if !draft.places.contains(&held.place) {
                continue;
            }
            match (held.first, held.last) {
                (IpAddr::V4(first), IpAddr::V4(last)) => v4.push((first.to_bits(), last.to_bits())),
                (IpAddr::V6(first), IpAddr::V6(last)) => v6.push((first.to_bits(), last.to_bits())),
                _ => {}
            }
            public.extend(held.public.map(|public| (public, public)));
        }
        let private = IpSet { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() };
        Self { private, public: public.into_iter().collect() }
    }

    fn private(&self) -> Vec<String> {
        let mut all = texts(&self.private.v4);
        all.extend(texts(&self.private.v6));
        all
    }

    fn public(&self) -> Vec<String> {
        texts(&self.public)
    }

    fn order(&self) -> Vec<IpAddr> {
        let v4 = self.private.v4.ranges().iter().map(|&(first, _)| IpAddr::V4(first.to_ip()));
        let v6 = self.private.v6.ranges().iter().map(|&(first, _)| IpAddr::V6(first.to_ip()));
        v4.chain(v6).collect()
    }
}

/// Addresses one by one; blocks (delegated prefixes) as blocks.
fn texts<A: IpAddress>(set: &RangeSet<A>) -> Vec<String> {
    /// Up to which a run of addresses is written out.
    const RUN: u128 = 16;
    let mut all = Vec::new();
    for &(first, last) in set.ranges() {
        let width = last.to_u128().saturating_sub(first.to_u128());
        if width < RUN {
            let mut at = Some(first);
            while let Some(address) = at.filter(|at| *at <= last) {
                all.push(address.to_ip().to_string());
                at = address.successor();
            }
        } else {
            let run = RangeSet::range(first, last);
            all.extend(exact_cover(&run).iter().map(ToString::to_string));
        }
    }
    all
}

fn through(network: &Network, component: &Component, audience: Audience, door: Door) -> Through {
    let public = door.public.filter(|_| audience == Audience::Internet);
    let address = public.map_or(door.address, |public| IpAddr::V4(Ipv4Addr::from_bits(public)));
    Through {
        load_balancer: network.text(component.load_balancers[door.balancer].id).to_owned(),
        address: address.to_string(),
        port: format!("{}/{}", door.protocol.text(), door.port),
    }
}

fn open(
    network: &Network,
    locate: &dyn Locate,
    options: &PortsOptions,
    evaluated: &Evaluated,
    draft: &Draft,
) -> Option<Open> {
    let component = &network.components[evaluated.component];
    let (breadth, written) = evaluated.lists.get(draft.peers)?;
    let (sources, destinations) = match options.direction {
        Direction::Ingress => (Some(written), None),
        Direction::Egress => (None, Some(written)),
    };
    let mut groups: Vec<String> = draft
        .why
        .groups
        .iter()
        .map(|&group| network.text(component.security_groups[group].id).to_owned())
        .collect();
    groups.sort_unstable();
    Some(Open {
        audience: draft.audience,
        breadth,
        protocol: draft.protocol.text(),
        ports: draft.text.to_string(),
        sources,
        destinations,
        source_groups: groups,
        clients: draft.clients,
        client_ports: draft.client_ports.to_string(),
        certainty: draft.certainty,
        because: draft
            .why
            .causes
            .iter()
            .filter_map(|&id| {
                let find =
                    |reason: Reason| reason.cause(network, component, options.direction, locate);
                evaluated.causes.cause(id, find)
            })
            .collect(),
        via: draft.why.via.iter().map(|&id| network.text(id).to_owned()).collect(),
        through: draft.why.through.map(|door| through(network, component, draft.audience, door)),
    })
}
