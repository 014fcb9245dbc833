//! Route tables of AWS as tables of the kernel.
//!
//! Both take the longest prefix, so a route is a route. What is `local` is no way but
//! "ask the next rule", at the end of which stands the VPC's own table with the
//! addresses of its interfaces; a longer prefix goes before it, as AWS has it (VPC
//! user guide, "Route priority"). A table ends in a route that drops.

use std::collections::{BTreeMap, BTreeSet};

use portolan::model::{
    Destination, NatGatewayId, NetworkInterfaceId, RouteOrigin, RouteState, RouteTable,
    RouteTableId, RouteTarget, SubnetId, TransitGatewayAttachmentId, TransitGatewayId,
    VpcEndpointId, VpcId, VpcPeeringConnectionId,
};
use portolan::net::Cidr;

use super::transit::{self, Attached};
use super::vpc::{Device, Draft};
use super::{Action, Route};
use crate::ruleset::words;

/// Routing tables that stand for AWS's: this and a number from 1.
pub(super) const TABLES: u32 = 20_000;

/// The ways out of a VPC that are built.
#[derive(Debug, Default)]
pub(super) struct Ways {
    pub(super) internet_gateway: Option<Device>,
    pub(super) egress_only: Option<Device>,
    pub(super) nat_gateways: BTreeMap<NatGatewayId, Nat>,
    pub(super) peerings: BTreeMap<VpcPeeringConnectionId, Peering>,
    pub(super) attachments: BTreeMap<TransitGatewayAttachmentId, Attached>,
    /// Interfaces that routes name.
    pub(super) relays: BTreeSet<NetworkInterfaceId>,
}

/// A NAT gateway.
#[derive(Debug)]
pub(super) struct Nat {
    pub(super) device: Device,
    pub(super) private: u32,
    pub(super) public: Option<u32>,
}

/// A peering connection, seen from one side.
#[derive(Debug)]
pub(super) struct Peering {
    pub(super) device: Device,
    /// The VPC on the other side.
    pub(super) far: VpcId,
    /// What it brings here: addresses of this VPC, as the connection lists them.
    pub(super) here: Vec<Cidr>,
}

impl Ways {
    /// All devices that are no interface's, as nftables names them.
    pub(super) fn devices(&self) -> Vec<String> {
        let gateways = self.internet_gateway.iter().chain(&self.egress_only);
        let nats = self.nat_gateways.values().map(|nat| &nat.device);
        let peerings = self.peerings.values().map(|peering| &peering.device);
        let devices = gateways.chain(nats).chain(peerings);
        devices.map(|device| words::device(&device.name)).chain(self.transit_devices()).collect()
    }

    /// The devices of transit gateways, as nftables names them.
    pub(super) fn transit_devices(&self) -> Vec<String> {
        let devices = self.attachments.values().flat_map(|attached| attached.devices.values());
        devices.map(|device| words::device(&device.name)).collect()
    }
}

/// The route tables of a VPC.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// The number of each subnet's table, from 1.
    pub(super) of_subnet: BTreeMap<SubnetId, u32>,
    /// The number of the internet gateway's own table.
    pub(super) of_gateway: Option<u32>,
    /// The routes of each, the first is number 1.
    pub(super) routes: Vec<Vec<Route>>,
}

impl Tables {
    fn push(&mut self, routes: impl FnOnce(u32) -> Vec<Route>) -> u32 {
        let number = u32::try_from(self.routes.len()).unwrap_or(u32::MAX).saturating_add(1);
        self.routes.push(routes(TABLES.saturating_add(number)));
        number
    }
}

/// Compiles the tables of all subnets of a draft, and of its internet gateway.
pub(super) fn tables(draft: &mut Draft<'_>) -> Tables {
    let mut tables = Tables::default();
    let mut numbers: BTreeMap<(Option<RouteTableId>, Entries), u32> = BTreeMap::new();
    for subnet in draft.subnets.keys().copied().collect::<Vec<_>>() {
        let table = table_of(draft, subnet);
        let entries = table.map(|id| entries(draft, subnet, id)).unwrap_or_default();
        let key = (table, entries);
        let number = match numbers.get(&key) {
            Some(&number) => number,
            None => {
                let number = tables.push(|kernel| match table {
                    Some(id) => of_table(draft, (id, &key.1), kernel),
                    None => of_nothing(kernel),
                });
                numbers.insert(key, number);
                number
            }
        };
        tables.of_subnet.insert(subnet, number);
    }
    let edge = gateway_tables(draft);
    if !edge.is_empty() {
        let number = tables.push(|kernel| {
            edge.iter()
                .map(|&(destination, action)| Route { table: kernel, destination, action })
                .collect()
        });
        tables.of_gateway = Some(number);
    }
    tables
}

/// The table of a subnet: the one that names it, else its VPC's main table.
fn table_of(draft: &mut Draft<'_>, subnet: SubnetId) -> Option<RouteTableId> {
    let component = draft.component;
    let mut named = component.tables_naming(subnet);
    let found = match named.next() {
        Some(table) => named.next().is_none().then_some(table),
        None => {
            let mut mains = component.main_tables(component.subnets[subnet].vpc);
            mains.next().filter(|_| mains.next().is_none())
        }
    };
    let found = found.filter(|&table| !component.route_tables[table].contested);
    if found.is_none() {
        draft
            .leave_out(component.subnets[subnet].id, "the route table of this subnet is not known");
    }
    found
}

fn of_nothing(table: u32) -> Vec<Route> {
    [Cidr::ALL_V4, Cidr::ALL_V6]
        .map(|destination| Route { table, destination, action: Action::Drop })
        .to_vec()
}

/// Where what is for a transit gateway is handed over, which depends on the zone of the
/// sender's subnet.
type Entries = BTreeMap<TransitGatewayId, Option<u32>>;

fn entries(draft: &mut Draft<'_>, subnet: SubnetId, table: RouteTableId) -> Entries {
    let mut entries = Entries::new();
    for route in &draft.component.route_tables[table].routes {
        if let RouteTarget::TransitGateway(gateway) = route.target
            && route.state != RouteState::Blackhole
        {
            let device = transit::entry(draft, subnet, gateway);
            entries.insert(gateway, device);
        }
    }
    entries
}

fn of_table(
    draft: &mut Draft<'_>,
    (table, entries): (RouteTableId, &Entries),
    kernel: u32,
) -> Vec<Route> {
    let table = &draft.component.route_tables[table];
    let mut routes = of_nothing(kernel);
    for (destination, route) in chosen(draft, table) {
        let action = match route.state {
            RouteState::Blackhole => Action::Drop,
            RouteState::Active => action(draft, (destination, route.target), entries),
            RouteState::Unknown => {
                draft.leave_out(table.id, "whether a route of this table works is not known");
                action(draft, (destination, route.target), entries)
            }
        };
        routes.retain(|other| other.destination != destination);
        routes.push(Route { table: kernel, destination, action });
    }
    routes
}

/// The route that is in force for each prefix of a table.
fn chosen<'n>(
    draft: &mut Draft<'n>,
    table: &'n RouteTable,
) -> BTreeMap<Cidr, &'n portolan::model::Route> {
    let locals: Vec<Cidr> = table
        .routes
        .iter()
        .filter(|route| route.target == RouteTarget::Local)
        .flat_map(|route| prefixes(draft, route).unwrap_or_default())
        .collect();
    let mut chosen: BTreeMap<Cidr, &portolan::model::Route> = BTreeMap::new();
    for route in &table.routes {
        let Some(prefixes) = prefixes(draft, route) else {
            draft.leave_out(table.id, "the destination of a route of this table is not known");
            continue;
        };
        for prefix in prefixes {
            // What is propagated never overrides the local route, however long it is.
            let inside =
                |local: &Cidr| local.length() <= prefix.length() && local.contains(prefix.first());
            if route.origin == RouteOrigin::Propagated && locals.iter().any(inside) {
                continue;
            }
            match chosen.get(&prefix) {
                Some(other) if rank(other) > rank(route) => {}
                Some(other) if rank(other) == rank(route) => {
                    if other.target != route.target {
                        draft.leave_out(table.id, "two routes of this table are equally good");
                    }
                }
                Some(_) | None => {
                    chosen.insert(prefix, route);
                }
            }
        }
    }
    chosen
}

/// The prefixes of a route; `None`: not known.
fn prefixes(draft: &Draft<'_>, route: &portolan::model::Route) -> Option<Vec<Cidr>> {
    match route.destination? {
        Destination::Ipv4(prefix) => Some(vec![Cidr::V4(prefix)]),
        Destination::Ipv6(prefix) => Some(vec![Cidr::V6(prefix)]),
        Destination::PrefixList(list) => {
            draft.component.prefix_lists[list].entries.as_ref().map(|entries| entries.to_vec())
        }
    }
}

/// Among equal prefixes: the local route, static ones, those of prefix lists, propagated ones.
fn rank(route: &portolan::model::Route) -> u8 {
    match (route.target, route.origin, route.destination) {
        (RouteTarget::Local, ..) => 3,
        (_, RouteOrigin::Propagated, _) => 0,
        (_, RouteOrigin::Static, Some(Destination::PrefixList(_))) => 1,
        (_, RouteOrigin::Static, _) => 2,
    }
}

fn action(
    draft: &mut Draft<'_>,
    (destination, target): (Cidr, RouteTarget),
    entries: &Entries,
) -> Action {
    let component = draft.component;
    let ipv4 = destination.is_v4();
    let device = match target {
        RouteTarget::Local => return Action::NextRule,
        RouteTarget::InternetGateway(id) => {
            let gateway = &component.internet_gateways[id];
            if !gateway.seen {
                draft.leave_out(gateway.id, "this internet gateway was not seen");
            }
            let attached = draft.attached(&gateway.attachments);
            draft.ways.internet_gateway.as_ref().filter(|_| gateway.seen && attached)
        }
        RouteTarget::EgressOnlyInternetGateway(id) => {
            let gateway = &component.egress_only_internet_gateways[id];
            if !gateway.seen {
                draft.leave_out(gateway.id, "this egress-only internet gateway was not seen");
            }
            let attached = draft.attached(&gateway.attachments);
            draft.ways.egress_only.as_ref().filter(|_| gateway.seen && attached && !ipv4)
        }
        RouteTarget::NatGateway(id) => {
            if !ipv4 {
                let id = component.nat_gateways[id].id;
                draft.leave_out(id, "NAT64 is not compiled");
            }
            draft.ways.nat_gateways.get(&id).map(|nat| &nat.device).filter(|_| ipv4)
        }
        RouteTarget::VpcPeeringConnection(id) => {
            draft.ways.peerings.get(&id).map(|peering| &peering.device)
        }
        RouteTarget::NetworkInterface(id) => {
            let interface = component.interface(id);
            draft.ways.relays.insert(id);
            if interface.source_dest_check() != Some(true) {
                let reason = "what this interface forwards is its host's affair; in the lab it forwards nothing";
                draft.leave_out(interface.id(), reason);
            }
            draft.interfaces.get(&id)
        }
        RouteTarget::VpcEndpoint(id) => {
            leave_out_endpoint(draft, id);
            None
        }
        RouteTarget::TransitGateway(id) => {
            let entry = entries.get(&id).copied().flatten();
            return entry.map_or(Action::Drop, Action::Device);
        }
        RouteTarget::VpnGateway(id) => {
            draft.leave_out(id, "virtual private gateways are not compiled");
            None
        }
        RouteTarget::Other(id) => {
            draft.leave_out(id, "this route target is not compiled");
            None
        }
    };
    device.map_or(Action::Drop, |device| Action::Device(device.index))
}

fn leave_out_endpoint(draft: &mut Draft<'_>, id: VpcEndpointId) {
    draft.leave_out(draft.component.vpc_endpoints[id].id, "VPC endpoints are not compiled");
}

/// What the internet gateway's own tables say, where they lead to an interface.
fn gateway_tables(draft: &mut Draft<'_>) -> Vec<(Cidr, Action)> {
    let component = draft.component;
    let gateways: Vec<_> = component
        .internet_gateways
        .iter()
        .filter(|gateway| gateway.seen && draft.attached(&gateway.attachments))
        .map(|gateway| gateway.id)
        .collect();
    let mut actions: BTreeMap<Cidr, Action> = BTreeMap::new();
    for table in gateways.iter().flat_map(|&id| component.tables_naming_gateway(id)) {
        let table = &component.route_tables[table];
        for (destination, route) in chosen(draft, table) {
            let to_interface = matches!(route.target, RouteTarget::NetworkInterface(_));
            if !to_interface && route.target != RouteTarget::Local {
                draft.leave_out(table.id, "where this gateway's table leads is not compiled");
            }
            let works = route.state != RouteState::Blackhole;
            let action = if to_interface && works {
                action(draft, (destination, route.target), &Entries::new())
            } else {
                Action::NextRule
            };
            actions.insert(destination, action);
        }
    }
    actions.into_iter().collect()
}
