//! Why a record is so: the rules, ACL entries and routes that admit its peers,
//! found again from the facts.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use super::draft::{Named, permissions};
use crate::model::{Component, Route};
use crate::model::{
    Destination, Direction, Interface, Locate, Network, NetworkAclId, Peer, Place, RouteTableId,
    RouteTarget, SecurityGroupId, SubnetId, TextId,
};
use crate::net::{Cidr, IpSet, IpSetId, IpSets, Match, PortRange};
use crate::reach::engine::{Engine, prefix_list};
use crate::record::{Cause, Shared};

/// Something that admits peers.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Reason {
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
    all: Vec<(Reason, OnceLock<Shared<Cause>>)>,
}

impl Causes {
    /// Gives a reason a number; each is numbered once, by whoever lists it.
    fn number(&mut self, reason: Reason) -> CauseId {
        let next = CauseId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push((reason, OnceLock::new()));
        next
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

/// A rule of a group, with its addresses as a set.
#[derive(Clone, Copy, Debug)]
struct Rule {
    cause: CauseId,
    traffic: Option<Match>,
    peers: IpSetId,
    /// The group that it names, if it names one.
    group: Option<SecurityGroupId>,
}

/// An entry or a route, by its place in its list, with its addresses as a set.
#[derive(Clone, Copy, Debug)]
struct Listed {
    at: usize,
    cause: CauseId,
    peers: IpSetId,
}

/// What may be a reason, by where it stands: the same for many interfaces.
pub(super) struct Candidates {
    direction: Direction,
    groups: BTreeMap<SecurityGroupId, Rc<[Rule]>>,
    acls: BTreeMap<NetworkAclId, Rc<[Listed]>>,
    tables: BTreeMap<RouteTableId, Rc<[Listed]>>,
    /// By subnet: all addresses but its own.
    outside: BTreeMap<SubnetId, IpSetId>,
    pub(super) causes: Causes,
}

/// Everything of one interface's that may be a reason.
pub(super) struct Reasons {
    rules: Vec<Rc<[Rule]>>,
    acl: Option<(NetworkAclId, Rc<[Listed]>)>,
    egress: bool,
    table: Option<(RouteTableId, Rc<[Listed]>)>,
    outside: IpSetId,
}

impl Candidates {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            groups: BTreeMap::new(),
            acls: BTreeMap::new(),
            tables: BTreeMap::new(),
            outside: BTreeMap::new(),
            causes: Causes::default(),
        }
    }

    /// What may be a reason at an interface.
    pub(super) fn of(&mut self, engine: &mut Engine, interface: Interface<'_>) -> Reasons {
        let component = Arc::clone(&engine.ground.component);
        let subnet = interface.subnet();
        let site = engine.ground.sites[subnet];
        let groups = &component.group_sets[interface.group_set()];
        let egress = self.direction == Direction::Egress;
        let outside = match self.outside.get(&subnet) {
            Some(&outside) => outside,
            None => {
                let beside = engine.beside(subnet);
                *self.outside.entry(subnet).or_insert(engine.sets.complement(beside))
            }
        };
        Reasons {
            rules: groups.iter().map(|&group| self.group(engine, group)).collect(),
            acl: site.acl.map(|acl| (acl, self.acl(engine, acl))),
            egress,
            table: site.table.map(|table| (table, self.table(engine, table))),
            outside,
        }
    }

    fn group(&mut self, engine: &mut Engine, group: SecurityGroupId) -> Rc<[Rule]> {
        if let Some(known) = self.groups.get(&group) {
            return Rc::clone(known);
        }
        let component = Arc::clone(&engine.ground.component);
        let mut rules = Vec::new();
        for (at, rule) in component.security_groups[group].rules.iter().enumerate() {
            if rule.direction != self.direction {
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
            let cause = self.causes.number(Reason::Rule(group, at));
            rules.push(Rule { cause, traffic: rule.traffic, peers, group: named });
        }
        let rules: Rc<[Rule]> = rules.into();
        self.groups.insert(group, Rc::clone(&rules));
        rules
    }

    /// The entries of a direction, in the order in which they are asked.
    fn acl(&mut self, engine: &mut Engine, acl: NetworkAclId) -> Rc<[Listed]> {
        if let Some(known) = self.acls.get(&acl) {
            return Rc::clone(known);
        }
        let facts = &engine.ground.component.network_acls[acl].entries;
        let egress = self.direction == Direction::Egress;
        let mut entries = Vec::new();
        for (at, entry) in facts.iter().enumerate().filter(|(_, entry)| entry.egress == egress) {
            let peers = entry.cidr.map_or(IpSetId::ALL, |cidr| engine.sets.intern(cidr.into()));
            let cause = self.causes.number(Reason::Entry(acl, at));
            entries.push(Listed { at, cause, peers });
        }
        entries.sort_by_key(|entry| facts.get(entry.at).map(|entry| entry.number));
        let entries: Rc<[Listed]> = entries.into();
        self.acls.insert(acl, Rc::clone(&entries));
        entries
    }

    fn table(&mut self, engine: &mut Engine, table: RouteTableId) -> Rc<[Listed]> {
        if let Some(known) = self.tables.get(&table) {
            return Rc::clone(known);
        }
        let component = Arc::clone(&engine.ground.component);
        let routes = component.route_tables[table].routes.iter().enumerate();
        let routes: Rc<[Listed]> = routes
            .map(|(at, route)| {
                let cause = self.causes.number(Reason::Route(table, at));
                Listed { at, cause, peers: destination(&component, route, &mut engine.sets) }
            })
            .collect();
        self.tables.insert(table, Rc::clone(&routes));
        routes
    }
}

impl Reasons {
    /// The groups that rules name, the reasons, and the gateways of a record.
    ///
    /// Of the peers, of whom there may be thousands of ranges, nothing is cut off:
    /// what decides is met with the addresses outside the subnet, which are few
    /// ranges, and only asked whether it holds a peer.
    pub(super) fn of_record(
        &self,
        engine: &mut Engine,
        protocol: Named,
        ports: PortRange,
        peers: IpSetId,
    ) -> (Vec<SecurityGroupId>, Vec<CauseId>, Vec<TextId>) {
        let component = Arc::clone(&engine.ground.component);
        let mut groups = BTreeSet::new();
        let mut reasons = Vec::new();
        for rule in self.rules.iter().flat_map(|rules| rules.iter()) {
            let meant = rule.traffic.is_none_or(|traffic| protocol.meets(ports, traffic));
            if meant && engine.sets.intersects(rule.peers, peers) {
                reasons.push(rule.cause);
                groups.extend(rule.group);
            }
        }
        // Within the subnet there is no ACL and no route.
        if !engine.sets.intersects(self.outside, peers) {
            return (groups.into_iter().collect(), reasons, Vec::new());
        }
        if let Some((acl, entries)) = &self.acl {
            let mut left = self.outside;
            for &Listed { at, cause, peers: cidr } in entries.iter() {
                let Some(entry) = component.network_acls[*acl].entries.get(at) else { continue };
                let meant = entry.traffic.is_none_or(|traffic| protocol.meets(ports, traffic));
                let decided = engine.sets.intersection(cidr, left);
                if !meant || !engine.sets.intersects(decided, peers) {
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
        if let Some((table, routes)) = &self.table {
            let used = engine.targets(*table, self.outside, peers);
            for &Listed { at, cause, peers: destination } in routes.iter() {
                let Some(route) = component.route_tables[*table].routes.get(at) else { continue };
                let taken = used.iter().find(|(target, _)| *target == route.target);
                let Some(&(_, region)) = taken.filter(|_| route.target != RouteTarget::Local)
                else {
                    continue;
                };
                let region = engine.sets.intersection(destination, region);
                if engine.sets.intersects(region, peers) {
                    reasons.push(cause);
                }
            }
            for &(target, region) in &used {
                gateways(engine, target, (region, peers), self.egress, &mut via);
            }
        }
        (groups.into_iter().collect(), reasons, via)
    }
}

fn covers(traffic: Match, protocol: Named, ports: PortRange) -> bool {
    match traffic {
        Match::All => true,
        Match::Ports(_, theirs) => {
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
    engine: &mut Engine,
    target: RouteTarget,
    (region, peers): (IpSetId, IpSetId),
    egress: bool,
    via: &mut Vec<TextId>,
) {
    let component = Arc::clone(&engine.ground.component);
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
            let targets = table.map(|table| engine.targets(table, region, peers));
            for (target, _) in targets.unwrap_or_default() {
                if let RouteTarget::InternetGateway(id) = target {
                    push(component.internet_gateways[id].id);
                }
            }
        }
        RouteTarget::NatGateway(_) => {}
        RouteTarget::VpcPeeringConnection(id) => push(component.peerings[id].id),
        RouteTarget::NetworkInterface(id) => push(component.interface(id).id()),
        RouteTarget::VpcEndpoint(id) => push(component.vpc_endpoints[id].id),
        RouteTarget::TransitGateway(id) => push(component.transit_gateways[id].id),
        RouteTarget::VpnGateway(id) | RouteTarget::Other(id) => push(id),
    }
}

impl Reason {
    /// As the contract has it.
    pub(crate) fn cause(
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
