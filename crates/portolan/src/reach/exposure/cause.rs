//! Why a record is so: the rules, ACL entries and routes that admit its peers,
//! found again from the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::draft::{Named, permissions};
use crate::model::{Component, Route};
use crate::model::{
    Destination, Direction, GroupSetId, Locate, Network, NetworkAclId, Peer, Place, RouteTableId,
    RouteTarget, SecurityGroupId, SubnetId, TextId,
};
use crate::net::{Cidr, IpSet, IpSetId, IpSets, PortRange};
use crate::reach::engine::{Engine, prefix_list};
use crate::record::{Cause, Shared};

/// Something that admits peers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Reason {
    /// A rule of a group, by its place among the group's rules.
    Rule(SecurityGroupId, usize),
    /// An entry of an ACL.
    Entry(NetworkAclId, usize),
    /// A route of a table.
    Route(RouteTableId, usize),
}

/// The number of a reason within its component.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct CauseId(u32);

/// The reasons of a component's records. Each is found in its file once, when
/// the first record that it admits is printed.
#[derive(Default)]
pub(super) struct Causes {
    numbers: BTreeMap<Reason, CauseId>,
    all: Vec<(Reason, OnceLock<Shared<Cause>>)>,
}

impl Causes {
    fn number(&mut self, reason: Reason) -> CauseId {
        let next = CauseId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        *self.numbers.entry(reason).or_insert_with(|| {
            self.all.push((reason, OnceLock::new()));
            next
        })
    }

    /// Ends the numbering.
    pub(super) fn numbered(self) -> Self {
        Self { numbers: BTreeMap::new(), ..self }
    }

    /// As the contract has it.
    pub(super) fn cause(
        &self,
        id: CauseId,
        find: impl FnOnce(Reason) -> Cause,
    ) -> Option<Shared<Cause>> {
        let (reason, known) = self.all.get(usize::try_from(id.0).ok()?)?;
        Some(known.get_or_init(|| find(*reason).into()).clone())
    }
}

/// A rule, entry or route, with its addresses as a set.
struct Known<R> {
    fact: R,
    cause: CauseId,
    peers: IpSetId,
}

/// What a rule is about, and the group that it names.
type Rule = (Option<crate::net::Match>, Option<SecurityGroupId>);

/// Everything that may be a reason for interfaces of one subnet with the same
/// groups. Entries and routes are named by their place in their table.
pub(super) struct Reasons {
    rules: Vec<Known<Rule>>,
    acl: Option<NetworkAclId>,
    egress: bool,
    entries: Vec<Known<usize>>,
    table: Option<RouteTableId>,
    routes: Vec<Known<usize>>,
    beside: IpSetId,
}

impl Reasons {
    pub(super) fn of(
        engine: &mut Engine<'_>,
        causes: &mut Causes,
        direction: Direction,
        (subnet, groups): (SubnetId, GroupSetId),
    ) -> Self {
        let component = engine.ground.component;
        let site = engine.ground.sites[subnet];
        let mut rules = Vec::new();
        for &group in &component.group_sets[groups] {
            for (at, rule) in component.security_groups[group].rules.iter().enumerate() {
                if rule.direction != direction {
                    continue;
                }
                let (peers, named) = match rule.peer {
                    Peer::Ipv4(prefix) => (engine.sets.intern(Cidr::V4(prefix).into()), None),
                    Peer::Ipv6(prefix) => (engine.sets.intern(Cidr::V6(prefix).into()), None),
                    Peer::PrefixList(list) => {
                        let list = prefix_list(&component.prefix_lists[list], &mut engine.sets);
                        (list.unwrap_or(IpSetId::ALL), None)
                    }
                    Peer::SecurityGroup { stale: true, .. } => continue,
                    Peer::SecurityGroup { group, .. } => (engine.members_of(group), Some(group)),
                    Peer::Unknown(_) => (IpSetId::ALL, None),
                };
                let cause = causes.number(Reason::Rule(group, at));
                rules.push(Known { fact: (rule.traffic, named), cause, peers });
            }
        }
        let egress = direction == Direction::Egress;
        let mut entries = Vec::new();
        if let Some(acl) = site.acl {
            for (at, entry) in component.network_acls[acl].entries.iter().enumerate() {
                if entry.egress == egress {
                    let peers =
                        entry.cidr.map_or(IpSetId::ALL, |cidr| engine.sets.intern(cidr.into()));
                    let cause = causes.number(Reason::Entry(acl, at));
                    entries.push(Known { fact: at, cause, peers });
                }
            }
            let numbers = &component.network_acls[acl].entries;
            entries.sort_by_key(|known| numbers.get(known.fact).map(|entry| entry.number));
        }
        let mut routes = Vec::new();
        if let Some(table) = site.table {
            for (at, route) in component.route_tables[table].routes.iter().enumerate() {
                let cause = causes.number(Reason::Route(table, at));
                let peers = destination(component, route, &mut engine.sets);
                routes.push(Known { fact: at, cause, peers });
            }
        }
        let beside = engine.beside(subnet);
        Self { rules, acl: site.acl, egress, entries, table: site.table, routes, beside }
    }

    /// The groups that rules name, the reasons, and the gateways of a record.
    pub(super) fn of_record(
        &self,
        engine: &mut Engine<'_>,
        protocol: Named,
        ports: PortRange,
        peers: IpSetId,
    ) -> (Vec<SecurityGroupId>, Vec<CauseId>, Vec<TextId>) {
        let component = engine.ground.component;
        let mut groups = BTreeSet::new();
        let mut reasons = Vec::new();
        for rule in &self.rules {
            let (traffic, named) = rule.fact;
            let meant = traffic.is_none_or(|traffic| protocol.meets(ports, traffic));
            if meant && engine.sets.intersects(rule.peers, peers) {
                reasons.push(rule.cause);
                groups.extend(named);
            }
        }
        // Within the subnet there is no ACL and no route.
        let mut left = engine.sets.difference(peers, self.beside);
        if left.is_empty() {
            return (groups.into_iter().collect(), reasons, Vec::new());
        }
        let routed = left;
        if let Some(acl) = self.acl {
            for &Known { fact: at, cause, peers: cidr } in &self.entries {
                let Some(entry) = component.network_acls[acl].entries.get(at) else { continue };
                let meant = entry.traffic.is_none_or(|traffic| protocol.meets(ports, traffic));
                if !meant || !engine.sets.intersects(cidr, left) {
                    continue;
                }
                if entry.allow != Some(false) {
                    reasons.push(cause);
                }
                let covers = entry.traffic.is_some_and(|traffic| covers(traffic, protocol, ports));
                if covers && entry.allow.is_some() && entry.cidr.is_some() {
                    left = engine.sets.difference(left, cidr);
                }
            }
        }
        let mut via = Vec::new();
        if let Some(table) = self.table {
            let used = engine.targets(table, routed);
            for &Known { fact: at, cause, peers: destination } in &self.routes {
                let Some(route) = component.route_tables[table].routes.get(at) else { continue };
                let taken = used.iter().find(|(target, _)| *target == route.target);
                if route.target != RouteTarget::Local
                    && taken.is_some_and(|&(_, region)| engine.sets.intersects(destination, region))
                {
                    reasons.push(cause);
                }
            }
            for &(target, region) in &used {
                gateways(engine, target, region, self.egress, &mut via);
            }
        }
        (groups.into_iter().collect(), reasons, via)
    }
}

fn covers(traffic: crate::net::Match, protocol: Named, ports: PortRange) -> bool {
    match traffic {
        crate::net::Match::All => true,
        crate::net::Match::Ports(_, theirs) => {
            protocol.meets(ports, traffic)
                && (matches!(protocol, Named::Number(_)) || theirs.contains_range(ports))
        }
    }
}

fn destination(component: &Component, route: &Route, sets: &mut IpSets) -> IpSetId {
    match route.destination {
        Some(Destination::Ipv4(prefix)) => sets.intern(Cidr::V4(prefix).into()),
        Some(Destination::Ipv6(prefix)) => sets.intern(Cidr::V6(prefix).into()),
        Some(Destination::PrefixList(list)) => {
            prefix_list(&component.prefix_lists[list], sets).unwrap_or(IpSetId::ALL)
        }
        None => sets.intern(IpSet::all()),
    }
}

/// The gateways behind a route's target, sender first.
fn gateways(
    engine: &mut Engine<'_>,
    target: RouteTarget,
    region: IpSetId,
    egress: bool,
    via: &mut Vec<TextId>,
) {
    let component = engine.ground.component;
    let mut push = |id: TextId| {
        if !via.contains(&id) {
            via.push(id);
        }
    };
    match target {
        RouteTarget::Local => {}
        RouteTarget::InternetGateway(id) => push(component.internet_gateways[id].id),
        RouteTarget::EgressOnlyInternetGateway(id) => {
            // Nothing comes in through it.
            if egress {
                push(component.egress_only_internet_gateways[id].id);
            }
        }
        RouteTarget::NatGateway(id) if egress => {
            let nat = &component.nat_gateways[id];
            push(nat.id);
            let table = nat.subnet.and_then(|subnet| engine.ground.sites[subnet].table);
            for (target, _) in table.map(|table| engine.targets(table, region)).unwrap_or_default()
            {
                if let RouteTarget::InternetGateway(id) = target {
                    push(component.internet_gateways[id].id);
                }
            }
        }
        RouteTarget::NatGateway(_) => {}
        RouteTarget::VpcPeeringConnection(id) => push(component.peerings[id].id),
        RouteTarget::NetworkInterface(id) => push(component.interface(id).id()),
        RouteTarget::VpcEndpoint(id) => push(component.vpc_endpoints[id].id),
        RouteTarget::TransitGateway(id) | RouteTarget::VpnGateway(id) | RouteTarget::Other(id) => {
            push(id);
        }
    }
}

impl Reason {
    /// As the contract has it.
    pub(super) fn cause(
        self,
        network: &Network,
        component: &Component,
        direction: Direction,
        locate: &dyn Locate,
    ) -> Cause {
        let at = |place: Place, list: &str, ordinal: u32| {
            locate.locate_part(place, &format!("/{list}/{ordinal}"))
        };
        let (kind, id, of, located) = match self {
            Self::Rule(group, number) => {
                let group = &component.security_groups[group];
                let rule = group.rules.get(number);
                let ordinal = rule.map_or(0, |rule| rule.ordinal);
                (
                    "security-group-rule",
                    rule.map_or("", |rule| network.text(rule.id)).to_owned(),
                    group.id,
                    at(group.place, permissions(direction), ordinal),
                )
            }
            Self::Entry(acl, number) => {
                let acl = &component.network_acls[acl];
                let entry = acl.entries.get(number);
                (
                    "network-acl-entry",
                    entry.map_or_else(String::new, |entry| entry.number.to_string()),
                    acl.id,
                    at(acl.place, "Entries", entry.map_or(0, |entry| entry.ordinal)),
                )
            }
            Self::Route(table, number) => {
                let table = &component.route_tables[table];
                let route = table.routes.get(number);
                let destination = match route.and_then(|route| route.destination) {
                    Some(Destination::Ipv4(prefix)) => prefix.to_string(),
                    Some(Destination::Ipv6(prefix)) => prefix.to_string(),
                    Some(Destination::PrefixList(list)) => {
                        network.text(component.prefix_lists[list].id).to_owned()
                    }
                    None => String::new(),
                };
                (
                    "route",
                    destination,
                    table.id,
                    at(table.place, "Routes", route.map_or(0, |route| route.ordinal)),
                )
            }
        };
        Cause {
            kind: kind.to_owned(),
            id,
            of: network.text(of).to_owned(),
            at: located.at,
            address: String::new(),
            file: located.file,
            line: located.line,
        }
    }
}
