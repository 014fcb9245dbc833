//! What a security group or a network ACL opens to everyone by itself, whoever
//! wears it and wherever it stands.

use std::collections::BTreeMap;

use super::Context;
use super::open::OpenTo;
use super::traffic::{Kind, Traffic};
use crate::model::{
    Component, Destination, Direction, Listing, NetworkAclId, NetworkInterfaceId, Peer, Route,
    RouteTable, RouteTarget, SecurityGroupId, SecurityGroupRule, SubnetId, VpcEndpointKind,
};
use crate::net::{Cidr, HeaderSpace, IpSet, IpSetId, IpSets, PortRange, Protocol};
use crate::reach::engine::{Engine, group_filter, in_family, prefix_list};
use crate::reach::exposure::{Reason, breadth, cover};
use crate::record::{Audience, Blocks, Breadth, Cause, Certainty, Clients, Shared};

/// Something that everyone can send, as far as one filter says.
#[derive(Clone, Debug)]
pub(super) struct Alone {
    pub(super) traffic: Traffic,
    pub(super) peers: IpSet,
    pub(super) certainty: Certainty,
    clients: Clients,
    client_ports: String,
    pub(super) because: Vec<Shared<Cause>>,
}

impl Alone {
    /// As findings have it.
    pub(super) fn open(&self, context: &Context<'_>) -> OpenTo<'_> {
        OpenTo {
            traffic: self.traffic,
            sources: context.blocks(&self.peers),
            clients: self.clients,
            client_ports: &self.client_ports,
            certainty: self.certainty,
            because: self.because.clone(),
            only_to_members: false,
        }
    }
}

impl Context<'_> {
    /// Addresses of the internet as reports print them.
    pub(super) fn blocks(&self, peers: &IpSet) -> Blocks {
        let internet = &self.world.internet;
        let v4 = cover(&peers.v4, &internet.v4, Audience::Internet);
        Blocks::of(&v4, &cover(&peers.v6, &internet.v6, Audience::Internet))
    }

    /// Whether the peers are everyone.
    pub(super) fn is_everyone(&self, peers: &IpSet) -> bool {
        breadth(peers, &self.world) == Breadth::Everyone
    }

    /// What the rules of groups, worn together, admit of everyone.
    pub(super) fn groups_alone(
        &self,
        component: &Component,
        groups: &[SecurityGroupId],
        sets: &mut IpSets,
    ) -> Vec<Alone> {
        let mut found = Vec::new();
        let (mut certain, mut possible) = (HeaderSpace::empty(), HeaderSpace::empty());
        for &group in groups {
            let fixed = group_filter(component, group, Direction::Ingress, sets).fixed;
            certain = certain.union(&sets.shared_space(fixed.certain()), sets);
            possible = possible.union(&sets.shared_space(fixed.possible()), sets);
        }
        let unsure = possible.difference(&certain, sets);
        for (certainty, space) in [(Certainty::Certain, certain), (Certainty::Possible, unsure)] {
            for (traffic, peers) in self.everyone(&space, sets) {
                let because = self.rules_of(component, groups, traffic, &peers, sets);
                let (clients, client_ports) = (Clients::All, String::new());
                found.push(Alone { traffic, peers, certainty, clients, client_ports, because });
            }
        }
        found
    }

    /// The rules that admit some of the peers.
    fn rules_of(
        &self,
        component: &Component,
        groups: &[SecurityGroupId],
        traffic: Traffic,
        peers: &IpSet,
        sets: &mut IpSets,
    ) -> Vec<Shared<Cause>> {
        let peers = sets.intern(peers.clone());
        let mut because = Vec::new();
        for (group, number, rule) in inbound_rules(component, groups) {
            let admits = |sets: &mut IpSets| {
                fixed_peers(component, rule, sets).is_some_and(|own| sets.intersects(own, peers))
            };
            if traffic.meets_rule(rule.traffic) && admits(sets) {
                because.push(self.cause_of_rule(component, group, number));
            }
        }
        because
    }

    /// What an ACL lets in of everyone, with answers that it lets out.
    pub(super) fn acl_alone(
        &self,
        engine: &mut Engine,
        component: &Component,
        acl: NetworkAclId,
    ) -> Vec<Alone> {
        let mut found = Vec::new();
        for part in engine.acl_alone(acl) {
            let space = engine.sets.shared_space(part.space);
            for (traffic, peers) in self.everyone(&space, &mut engine.sets) {
                found.push(Alone {
                    traffic,
                    certainty: part.certainty,
                    clients: part.clients,
                    client_ports: part.client_ports.to_string(),
                    because: self.entries_of(component, acl, traffic, &peers),
                    peers,
                });
            }
        }
        found
    }

    /// The inbound entries that allow some of the peers.
    fn entries_of(
        &self,
        component: &Component,
        acl: NetworkAclId,
        traffic: Traffic,
        peers: &IpSet,
    ) -> Vec<Shared<Cause>> {
        let entries = component.network_acls[acl].entries.iter().enumerate();
        let mut inbound: Vec<_> = entries.filter(|(_, entry)| !entry.egress).collect();
        inbound.sort_by_key(|(_, entry)| entry.number);
        let mut left = peers.clone();
        let mut because = Vec::new();
        for (number, entry) in inbound {
            let cidr = entry.cidr.map_or_else(IpSet::all, IpSet::from_cidr);
            if !traffic.meets_rule(entry.traffic) || !cidr.intersects(&left) {
                continue;
            }
            if entry.allow != Some(false) {
                let reason = Reason::Entry(acl, number);
                because.push(self.cause(component, reason, Direction::Ingress));
            }
            // What an entry decides no later one does.
            let decides = entry.allow.is_some() && entry.cidr.is_some();
            if decides && entry.traffic.is_some_and(|rule| traffic.lies_within(rule)) {
                left = left.difference(&cidr);
            }
        }
        because
    }

    /// The parts of a space whose peers are everyone, each family by itself but
    /// where both are alike.
    fn everyone(&self, space: &HeaderSpace, sets: &mut IpSets) -> Vec<(Traffic, IpSet)> {
        let internet = sets.intern(self.world.internet.clone());
        let space = sets.intern_space(space.clone());
        let space = sets.restrict_space(space, internet);
        let mut rows: BTreeMap<(Kind, PortRange), IpSetId> = BTreeMap::new();
        for v4 in [true, false] {
            let family = in_family(space, v4, sets);
            for (kind, ports, peers) in packets(&sets.shared_space(family)) {
                let known = rows.entry((kind, ports)).or_default();
                *known = sets.union(*known, peers);
            }
        }
        let mut found = Vec::new();
        for ((kind, ports), peers) in rows {
            let peers = sets.to_set(peers);
            if self.is_everyone(&peers) {
                let traffic = Traffic { kind, ports };
                found.extend(traffic.printed().into_iter().map(|part| (part, peers.clone())));
            }
        }
        found
    }
}

/// Who wears each group: interfaces that the source holds.
pub(super) fn wearers(component: &Component) -> BTreeMap<SecurityGroupId, Vec<NetworkInterfaceId>> {
    let mut worn: BTreeMap<SecurityGroupId, Vec<NetworkInterfaceId>> = BTreeMap::new();
    for interface in component.interfaces.iter().filter(|it| it.seen() || it.unlisted().is_some()) {
        for &group in &component.group_sets[interface.group_set()] {
            worn.entry(group).or_default().push(interface.index());
        }
    }
    worn
}

/// Whether a route of the subnet may lead IPv4 to an internet gateway, perhaps by
/// way of a middlebox: then connections go out from an interface's own public
/// address, and not from that of a NAT gateway.
pub(super) fn leads_online(component: &Component, subnet: SubnetId) -> bool {
    let vpc = component.subnets[subnet].vpc;
    let mut tables: Vec<&RouteTable> =
        component.route_tables.iter().filter(|table| table.subnets.contains(&subnet)).collect();
    if tables.is_empty() {
        tables = component.route_tables.iter().filter(|it| it.main && it.vpc == vpc).collect();
    }
    let online = |route: &Route| {
        let v6 = matches!(route.destination, Some(Destination::Ipv6(_)));
        !v6 && match route.target {
            RouteTarget::InternetGateway(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::Other(_) => true,
            RouteTarget::VpcEndpoint(id) => {
                component.vpc_endpoints[id].kind != VpcEndpointKind::Gateway
            }
            RouteTarget::Local
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_) => false,
        }
    };
    tables.is_empty()
        || tables.iter().any(|table| table.contested || table.routes.iter().any(online))
}

/// Whether the source lists all interfaces that may wear a group: those of the
/// accounts of its owner and of its VPCs, and of what is said to wear it.
pub(super) fn wearers_are_known(component: &Component, id: SecurityGroupId) -> bool {
    if has_unlisted_wearer(component, id) {
        return false;
    }
    let group = &component.security_groups[id];
    let listed = |scope: &crate::model::Scope| scope.listings.contains(Listing::NetworkInterfaces);
    let vpcs = group.associated.iter().chain([&group.vpc]);
    let all_listed = vpcs.clone().all(|&vpc| {
        let vpc = &component.vpcs[vpc];
        vpc.seen && listed(&component.scopes[vpc.scope])
    });
    let region = component.scopes[component.vpcs[group.vpc].scope].region;
    let owner =
        |scope: &&crate::model::Scope| (scope.account, scope.region) == (group.owner, region);
    all_listed && (group.owner.is_empty() || component.scopes.iter().filter(owner).all(listed))
}

/// Whether a load balancer or an endpoint says that it wears a group, and its interfaces
/// are not in the source.
fn has_unlisted_wearer(component: &Component, group: SecurityGroupId) -> bool {
    let balancers = component.load_balancers.iter().filter(|it| it.seen);
    let balancers = balancers.map(|it| (&it.security_groups, &it.interfaces));
    let endpoints = component.vpc_endpoints.iter();
    let endpoints = endpoints.filter(|it| it.seen && it.available != Some(false));
    let endpoints = endpoints.map(|it| (&it.security_groups, &it.interfaces));
    balancers
        .chain(endpoints)
        .any(|(groups, interfaces)| interfaces.is_empty() && groups.contains(&group))
}

/// The inbound rules of some groups: group, place among its rules, rule.
pub(super) fn inbound_rules<'c>(
    component: &'c Component,
    groups: &'c [SecurityGroupId],
) -> impl Iterator<Item = (SecurityGroupId, usize, &'c SecurityGroupRule)> {
    groups.iter().flat_map(move |&group| {
        let rules = component.security_groups[group].rules.iter().enumerate();
        let inbound = rules.filter(|(_, rule)| rule.direction == Direction::Ingress);
        inbound.map(move |(number, rule)| (group, number, rule))
    })
}

/// The addresses that a rule admits whoever wears what; none if it names a group.
fn fixed_peers(
    component: &Component,
    rule: &SecurityGroupRule,
    sets: &mut IpSets,
) -> Option<IpSetId> {
    match rule.peer {
        Peer::Ipv4(prefix) => Some(sets.intern(Cidr::V4(prefix).into())),
        Peer::Ipv6(prefix) => Some(sets.intern(Cidr::V6(prefix).into())),
        Peer::PrefixList(list) => {
            Some(prefix_list(&component.prefix_lists[list], sets).unwrap_or(IpSetId::ALL))
        }
        Peer::SecurityGroup { .. } => None,
        Peer::Unknown(_) => Some(IpSetId::ALL),
    }
}

/// A space, protocol by protocol.
fn packets(space: &HeaderSpace) -> Vec<(Kind, PortRange, IpSetId)> {
    let mut all = Vec::new();
    for protocol in [Protocol::Tcp, Protocol::Udp, Protocol::Icmp, Protocol::Icmpv6] {
        let segments = space.segments(protocol);
        all.extend(segments.map(|it| (Kind::Of(protocol), it.ports, it.peers)));
    }
    let numbered = space.numbered.iter();
    all.extend(
        numbered.map(|&(number, peers)| (Kind::Of(Protocol::Other(number)), PortRange::ALL, peers)),
    );
    all.push((Kind::Other, PortRange::ALL, space.other));
    all.retain(|(_, _, peers)| !peers.is_empty());
    all
}
