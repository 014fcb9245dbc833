//! Ways in from outside of AWS, as sets: where virtual private gateways lead, and where
//! people get who come in by a Client VPN or an Instance Connect Endpoint.

use std::sync::Arc;

use super::Engine;
use super::balancer::{numbered, packets};
use super::route::Hop;
use super::sea::{FilterKey, restrict};
use super::truth::Truth;
use crate::model::{
    ClientVpnEndpoint, Component, Direction, Interface, Listing, RemoteEndpoint, RouteTarget,
    TextId, VpcId, VpnEnd,
};
use crate::net::SpaceId;
use crate::net::{
    Bounds, Cidr, HeaderSpace, IpSet, IpSetId, IpSets, PortRange, Protocol, RangeSet,
};

/// The addresses that a virtual private gateway may carry packets for from a VPC.
fn carried(component: &Component, vpc: VpcId, id: TextId) -> IpSet {
    let remote = &component.remote_access;
    let vpc = &component.vpcs[vpc];
    let Some(gateway) = remote.vpn_gateways.iter().find(|it| it.id == id && !it.contested) else {
        return IpSet::all();
    };
    let attached =
        |it: &crate::model::VpnGatewayAttachment| it.vpc == vpc.id && it.attached.unwrap_or(true);
    if gateway.available == Some(false) || !gateway.attachments.iter().any(attached) {
        return IpSet::empty();
    }
    let listings = component.scopes[vpc.scope].listings;
    let learns = remote.direct_connects.iter().any(|it| it.gateways.contains(&id))
        || !remote.asked_for_direct_connect.contains(&id)
        || !listings.contains(Listing::VirtualInterfaces);
    if learns {
        return IpSet::all();
    }
    if !listings.contains(Listing::VpnConnections) {
        return IpSet { v4: RangeSet::all(), ..IpSet::empty() };
    }
    let mut all = IpSet::empty();
    for connection in remote.vpn_connections.iter().filter(|it| it.available != Some(false)) {
        if connection.contested {
            return IpSet { v4: RangeSet::all(), ..IpSet::empty() };
        }
        if connection.end != VpnEnd::VpnGateway(id) {
            continue;
        }
        let block = match connection.customer_block {
            Some(block) => [block].into_iter().collect(),
            None => RangeSet::all(),
        };
        let known = match connection.static_routes_only {
            Some(true) => connection.routes.iter().copied().collect(),
            Some(false) | None => RangeSet::all(),
        };
        let v4 = block.intersection(&known);
        all = all.union(&IpSet { v4, ..IpSet::empty() });
    }
    all
}

/// A region of a table, divided by what the virtual private gateways carry that it leads to.
pub(super) fn divided(
    component: &Component,
    vpc: VpcId,
    (hops, region): (Vec<Hop>, IpSetId),
    sets: &mut IpSets,
) -> Vec<(Vec<Hop>, IpSetId)> {
    let mut gateways: Vec<TextId> = Vec::new();
    for hop in &hops {
        if let Hop::To { target: RouteTarget::VpnGateway(id), .. } = *hop
            && !gateways.contains(&id)
        {
            gateways.push(id);
        }
    }
    let mut parts = vec![(hops, region)];
    for id in gateways {
        let carried = sets.intern(carried(component, vpc, id));
        let mut next = Vec::new();
        for (hops, region) in parts {
            let inside = sets.intersection(region, carried);
            let outside = sets.difference(region, carried);
            if !outside.is_empty() {
                let mut dropped: Vec<Hop> = hops
                    .iter()
                    .map(|hop| match hop {
                        Hop::To { target: RouteTarget::VpnGateway(at), .. } if *at == id => {
                            Hop::Dropped
                        }
                        Hop::To { .. }
                        | Hop::Over { .. }
                        | Hop::Inspected { .. }
                        | Hop::Nowhere
                        | Hop::Dropped => *hop,
                    })
                    .collect();
                dropped.sort();
                dropped.dedup();
                next.push((dropped, outside));
            }
            if !inside.is_empty() {
                next.push((hops, inside));
            }
        }
        parts = next;
    }
    parts
}

impl Engine {
    /// How an interface is filtered, met with where people get who come in by it.
    pub(super) fn met_by_people(
        &mut self,
        key: FilterKey,
        direction: Direction,
        interface: Interface<'_>,
    ) -> FilterKey {
        if direction == Direction::Ingress {
            return key;
        }
        let component = Arc::clone(&self.ground.component);
        let let_through = match component.remote_endpoint_of(interface.index()) {
            Some(RemoteEndpoint::ClientVpn(endpoint)) => {
                let subnet = component.subnets[interface.subnet()].id;
                self.of_clients(endpoint, subnet)
            }
            Some(RemoteEndpoint::InstanceConnect(endpoint)) => {
                // Targets see addresses that nobody knows, or their groups see the endpoint's.
                let shows = endpoint.preserves_client != Some(false);
                let truth = if shows { Truth::Maybe } else { Truth::Yes };
                self.of_tunnels(available(endpoint.available).and(truth))
            }
            None => return key,
        };
        key.handed(numbered(&mut self.handed, let_through))
    }

    /// What clients of a Client VPN endpoint may send by its interface in a subnet.
    fn of_clients(&mut self, endpoint: &ClientVpnEndpoint, subnet: TextId) -> Bounds<SpaceId> {
        let sets = &mut self.sets;
        let mut set = |blocks: &mut dyn Iterator<Item = Cidr>| sets.intern(blocks.collect());
        let rules = &endpoint.authorization_rules;
        let authorized = (
            set(&mut rules.iter().filter(|it| it.sure).map(|it| it.destination)),
            set(&mut rules.iter().map(|it| it.destination)),
        );
        let authorized = match rules.is_empty() {
            true => Bounds::UNKNOWN,
            false => Bounds::between(authorized.0, authorized.1, sets),
        };
        let mut lengths: Vec<u8> =
            endpoint.routes.iter().map(|it| it.destination.length()).collect();
        lengths.sort_unstable();
        lengths.dedup();
        // The longest first: what a longer route has, a shorter one does not get surely.
        let (mut taken, mut sure) = (IpSetId::EMPTY, IpSetId::EMPTY);
        for length in lengths.into_iter().rev() {
            let level = endpoint.routes.iter().filter(|it| it.destination.length() == length);
            let here = level.clone().filter(|it| it.sure && it.subnet == subnet);
            let here = sets.intern(here.map(|it| it.destination).collect());
            let mine = sets.difference(here, taken);
            sure = sets.union(sure, mine);
            let all = sets.intern(level.map(|it| it.destination).collect());
            taken = sets.union(taken, all);
        }
        let here = endpoint.routes.iter().filter(|it| it.subnet == subnet);
        let possible = sets.intern(here.map(|it| it.destination).collect());
        let routed = match endpoint.routes.is_empty() {
            true => Bounds::UNKNOWN,
            false => Bounds::between(sure, possible, sets),
        };
        let at = authorized.intersection(&routed, sets);
        let all = restrict(Bounds::exact(SpaceId::EVERYTHING), at, sets);
        available(endpoint.available).of(&all)
    }

    /// What comes out of tunnels of an Instance Connect Endpoint.
    fn of_tunnels(&mut self, there: Truth) -> Bounds<SpaceId> {
        let ports = [22, 3389].map(|port| packets(Protocol::Tcp, PortRange::single(port)));
        let rules = ports.map(|rule| (rule, IpSetId::ALL));
        let space = HeaderSpace::union_of(rules, &mut self.sets);
        let space = self.sets.intern_space(space);
        there.of(&Bounds::exact(space))
    }
}

fn available(given: Option<bool>) -> Truth {
    given.map_or(Truth::Maybe, Truth::from)
}
