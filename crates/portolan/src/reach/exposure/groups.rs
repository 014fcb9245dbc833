//! Sources that hold security groups and no interfaces: who could, by the
//! groups alone.

use std::collections::BTreeMap;

use super::PortsOptions;
use super::draft::{Named, permissions};
use super::lists::{breadth, cover};
use crate::model::{
    Component, Listing, Locate, Network, Peer, SecurityGroup, SecurityGroupId, SecurityGroupRule,
};
use crate::net::{
    Cidr, HeaderSpace, IpSet, IpSetId, IpSets, Match, PortRange, Protocol, selector_display,
};
use crate::reach::engine::World;
use crate::record::{Audience, Blocks, Cause, Certainty, Clients, Open, Port, Shared};

/// The records of all groups of components without interfaces.
pub(super) fn ports(
    network: &Network,
    world: &World,
    locate: &dyn Locate,
    options: &PortsOptions,
) -> Vec<Port> {
    if options.to.is_some() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for component in network.components.iter() {
        if component.interfaces.iter().any(|interface| interface.seen()) {
            continue;
        }
        for group in component.security_groups.iter().filter(|group| group.seen) {
            let scope = &component.scopes[component.vpcs[group.vpc].scope];
            if !scope.listings.contains(Listing::NetworkInterfaces) {
                all.extend(group_ports(network, component, group, (world, locate, options)));
            }
        }
    }
    all
}

fn group_ports(
    network: &Network,
    component: &Component,
    group: &SecurityGroup,
    (world, locate, options): (&World, &dyn Locate, &PortsOptions),
) -> Vec<Port> {
    let mut sets = IpSets::new();
    let (mut by_address, mut by_group) =
        (HeaderSpace::empty(), BTreeMap::<(SecurityGroupId, Match), ()>::new());
    let rules = || group.rules.iter().filter(|rule| rule.direction == options.direction);
    for rule in rules() {
        let traffic = rule.traffic.unwrap_or(Match::All);
        let Some(peers) = peers(component, rule.peer, &mut sets) else {
            if let Peer::SecurityGroup { group, stale: false } = rule.peer {
                by_group.insert((group, traffic), ());
            }
            continue;
        };
        by_address.add(&mut sets, &traffic, peers);
    }
    // IPv4 has its ICMP and IPv6 its own.
    let v4 = HeaderSpace { icmpv6: Vec::new(), ..by_address.restrict(IpSetId::ALL_V4, &mut sets) };
    let v6 = HeaderSpace { icmp: Vec::new(), ..by_address.restrict(IpSetId::ALL_V6, &mut sets) };
    by_address = v4.union(&v6, &mut sets);
    if let Some(from) = &options.from {
        let from = sets.intern(from.clone());
        by_address = by_address.restrict(from, &mut sets);
        by_group.clear();
    }
    if let Some(wanted) = &options.ports {
        let mut space = HeaderSpace::empty();
        for traffic in wanted {
            space.add(&mut sets, traffic, IpSetId::ALL);
        }
        by_address = by_address.intersection(&space, &mut sets);
    }
    let mut found: Vec<(Audience, Named, PortRange, IpSet, Vec<String>)> = Vec::new();
    for (audience, space) in audiences(world, &mut sets) {
        let space = by_address.restrict(space, &mut sets);
        for (protocol, ports, peers) in rows(&space) {
            found.push((audience, protocol, ports, sets.to_set(peers), Vec::new()));
        }
    }
    for (named, traffic) in by_group.into_keys() {
        let id = network.text(component.security_groups[named].id).to_owned();
        for (protocol, ports, _) in rows(&HeaderSpace::of(&traffic, IpSetId::ALL)) {
            found.push((Audience::Estate, protocol, ports, IpSet::empty(), vec![id.clone()]));
        }
    }
    let audiences = options.audiences.as_ref();
    found.retain(|(audience, ..)| audiences.is_none_or(|asked| asked.contains(audience)));
    found.sort_by_key(|(audience, protocol, ports, ..)| (*audience, *protocol, *ports));
    let scope = &component.scopes[component.vpcs[group.vpc].scope];
    let text = |id| network.text(id).to_owned();
    let mut records = Vec::new();
    for (audience, protocol, ports, peers, source_groups) in found {
        let number = match protocol {
            Named::Tcp => Protocol::Tcp,
            Named::Udp => Protocol::Udp,
            Named::Icmp => Protocol::Icmp,
            Named::Icmpv6 => Protocol::Icmpv6,
            Named::Number(_) | Named::Other => Protocol::Other(u8::MAX),
        };
        let mut admits = |rule: &SecurityGroupRule| match rule.peer {
            Peer::SecurityGroup { group, .. } => {
                source_groups.contains(&text(component.security_groups[group].id))
            }
            Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::PrefixList(_) | Peer::Unknown(_) => {
                let set = self::peers(component, rule.peer, &mut sets);
                set.is_some_and(|set| sets.to_set(set).intersects(&peers))
            }
        };
        let because: Vec<Shared<Cause>> = rules()
            .filter(|rule| rule.traffic.is_none_or(|traffic| protocol.meets(ports, traffic)))
            .filter(|rule| admits(rule))
            .map(|rule| {
                let list = permissions(options.direction);
                let located = locate.locate_part(group.place, &format!("/{list}/{}", rule.ordinal));
                Cause {
                    kind: "security-group-rule".to_owned(),
                    id: text(rule.id),
                    of: text(group.id),
                    at: located.at,
                    address: String::new(),
                    file: located.file,
                    line: located.line,
                }
                .into()
            })
            .collect();
        let v4 = cover(&peers.v4, &world.internet.v4, audience);
        let written = Blocks::of(&v4, &cover(&peers.v6, &world.internet.v6, audience));
        let (sources, destinations) = match options.direction {
            crate::model::Direction::Ingress => (Some(written), None),
            crate::model::Direction::Egress => (None, Some(written)),
        };
        for ports in selector_display(number, ports) {
            records.push(Port {
                format: "portolan.port/1".to_owned(),
                interface: String::new(),
                account: text(if group.owner.is_empty() { scope.account } else { group.owner }),
                region: text(scope.region),
                vpc: text(component.vpcs[group.vpc].id),
                subnet: String::new(),
                instance: String::new(),
                name: text(group.name),
                addresses: Vec::new(),
                public_addresses: Vec::new(),
                services: Vec::new(),
                open: Open {
                    audience,
                    breadth: breadth(&peers, world),
                    protocol: protocol.text(),
                    ports,
                    sources: sources.clone(),
                    destinations: destinations.clone(),
                    source_groups: source_groups.clone(),
                    clients: Clients::All,
                    client_ports: String::new(),
                    certainty: Certainty::Possible,
                    because: because.clone(),
                    via: Vec::new(),
                    through: None,
                },
            });
        }
    }
    records
}

/// The addresses of a peer, none if it is a group.
fn peers(component: &Component, peer: Peer, sets: &mut IpSets) -> Option<IpSetId> {
    match peer {
        Peer::Ipv4(prefix) => Some(sets.intern(Cidr::V4(prefix).into())),
        Peer::Ipv6(prefix) => Some(sets.intern(Cidr::V6(prefix).into())),
        Peer::PrefixList(list) => {
            let list = crate::reach::engine::prefix_list(&component.prefix_lists[list], sets);
            Some(list.unwrap_or(IpSetId::ALL))
        }
        Peer::SecurityGroup { .. } => None,
        Peer::Unknown(_) => Some(IpSetId::ALL),
    }
}

/// The audiences by address alone: the internet, blocks that were seen, and
/// what private networks use.
fn audiences(world: &World, sets: &mut IpSets) -> Vec<(Audience, IpSetId)> {
    let private = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];
    let private: IpSet =
        private.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0)).collect();
    let network = private.difference(&world.blocks);
    vec![
        (Audience::Internet, sets.intern(world.internet.clone())),
        (Audience::Network, sets.intern(network)),
        (Audience::Estate, sets.intern(world.blocks.clone())),
    ]
}

fn rows(space: &HeaderSpace) -> Vec<(Named, PortRange, IpSetId)> {
    let slots = [
        (Named::Tcp, &space.tcp),
        (Named::Udp, &space.udp),
        (Named::Icmp, &space.icmp),
        (Named::Icmpv6, &space.icmpv6),
    ];
    let mut rows: Vec<_> = slots
        .into_iter()
        .flat_map(|(protocol, segments)| {
            segments.iter().map(move |segment| (protocol, segment.ports, segment.peers))
        })
        .collect();
    let numbered = space.numbered.iter().map(|&(number, peers)| (Named::Number(number), peers));
    for (protocol, peers) in numbered.chain([(Named::Other, space.other)]) {
        if !peers.is_empty() {
            rows.push((protocol, PortRange::ALL, peers));
        }
    }
    rows
}
