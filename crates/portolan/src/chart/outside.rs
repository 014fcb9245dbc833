//! Who is no interface of the estate: everyone, addresses of the internet that
//! rules name, and the networks behind gateways.

use std::collections::BTreeSet;

use super::seen::addresses;
use crate::model::{
    Component, Network, RouteState, RouteTarget, VpcPeeringConnection, VpnConnection, VpnEnd,
};
use crate::net::IpSet;
use crate::reach::engine::World;
use crate::reach::place::{Selector, Zones};
use crate::record::Blocks;
use crate::record::chart::BoxKind;

/// Somebody outside.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Outside {
    /// Everyone on the internet.
    Everyone,
    /// A zone of the configuration.
    Zone(String),
    /// Blocks that rules name.
    Blocks(String),
    /// What is behind a gateway.
    Gateway {
        /// What kind of gateway it is.
        kind: BoxKind,
        /// Its id, empty if that is not known.
        id: String,
    },
}

impl Outside {
    /// As `explain` is asked about it; `first` is the first of a record's senders.
    pub(super) fn asking(&self, first: &str) -> String {
        match self {
            Self::Everyone => "internet".to_owned(),
            Self::Zone(zone) => format!("zone:{zone}"),
            Self::Blocks(blocks) => blocks.split(' ').next().unwrap_or(first).to_owned(),
            Self::Gateway { .. } => first.to_owned(),
        }
    }
}

/// Knows strangers.
pub(super) struct Strangers {
    /// The zones that hold addresses of the internet.
    zones: Vec<(String, IpSet)>,
    /// Peering connections with VPCs that the source does not hold.
    strange: BTreeSet<String>,
}

impl Strangers {
    pub(super) fn of(network: &Network, zones: &Zones) -> Self {
        let internet = World::of(network).internet;
        let named = zones.zones.keys().map(|name| {
            let all = Selector::Zone(name.clone()).addresses(network, zones);
            (name.clone(), all.intersection(&internet))
        });
        let zones = named.filter(|(_, set)| !set.is_empty()).collect();
        let strange = network.components.iter().flat_map(|component| {
            let all =
                component.peerings.iter().filter(|it| !it.seen || has_stranger(component, it));
            all.map(|it| network.text(it.id).to_owned())
        });
        Self { zones, strange: strange.collect() }
    }

    /// The zones that are among the addresses, or of which these are a part, and
    /// what is left.
    pub(super) fn named(&self, sources: &Blocks) -> Vec<Outside> {
        let set = addresses(sources);
        let (mut named, mut rest) = (Vec::new(), set.clone());
        for (name, zone) in &self.zones {
            if zone.is_subset(&set) || set.is_subset(zone) {
                named.push(Outside::Zone(name.clone()));
                rest = rest.difference(zone);
            }
        }
        if named.is_empty() {
            return vec![Outside::Blocks(sources.joined())];
        }
        if !rest.is_empty() {
            let blocks: Vec<String> = rest.cidrs().iter().map(ToString::to_string).collect();
            named.push(Outside::Blocks(blocks.join(" ")));
        }
        named
    }

    /// What is behind the gateways of a record.
    pub(super) fn networks(&self, via: &[String]) -> Vec<Outside> {
        let behind = |id: &String| {
            let kind = match id.split('-').next() {
                Some("tgw") => BoxKind::TransitGateway,
                Some("vgw") => BoxKind::VpnGateway,
                _ if self.strange.contains(id) => BoxKind::Peer,
                _ => return None,
            };
            Some(Outside::Gateway { kind, id: id.clone() })
        };
        let mut found: Vec<Outside> = via.iter().filter_map(behind).collect();
        if found.is_empty() {
            found.push(Outside::Gateway { kind: BoxKind::Network, id: String::new() });
        }
        found
    }

    /// All gateways to which a route leads that works.
    pub(super) fn gateways(&self, network: &Network) -> BTreeSet<Outside> {
        let mut found = BTreeSet::new();
        for component in network.components.iter() {
            let routes = component.route_tables.iter().flat_map(|table| &table.routes);
            for route in routes.filter(|route| route.state != RouteState::Blackhole) {
                let (kind, id) = match route.target {
                    RouteTarget::TransitGateway(id) => {
                        (BoxKind::TransitGateway, component.transit_gateways[id].id)
                    }
                    RouteTarget::VpnGateway(id) => (BoxKind::VpnGateway, id),
                    RouteTarget::VpcPeeringConnection(id) => {
                        let peering = &component.peerings[id];
                        if peering.seen && !has_stranger(component, peering) {
                            continue;
                        }
                        (BoxKind::Peer, peering.id)
                    }
                    RouteTarget::Local
                    | RouteTarget::InternetGateway(_)
                    | RouteTarget::EgressOnlyInternetGateway(_)
                    | RouteTarget::NatGateway(_)
                    | RouteTarget::NetworkInterface(_)
                    | RouteTarget::VpcEndpoint(_)
                    | RouteTarget::Other(_) => continue,
                };
                found.insert(Outside::Gateway { kind, id: network.text(id).to_owned() });
            }
        }
        found
    }
}

/// Whether a side of a peering connection is a VPC that the source does not hold.
fn has_stranger(component: &Component, peering: &VpcPeeringConnection) -> bool {
    let sides = [&peering.requester, &peering.accepter];
    sides.iter().any(|side| side.vpc.is_none_or(|vpc| !component.vpcs[vpc].seen))
}

/// The VPC behind a peering connection that the source does not hold.
pub(super) fn peer(network: &Network, id: &str) -> String {
    let peerings = network.components.iter().flat_map(|component| {
        let all = component.peerings.iter().filter(|it| network.text(it.id) == id);
        all.map(move |peering| (component, peering))
    });
    let sides = peerings.flat_map(|(component, peering)| {
        let vpcs = [peering.requester.vpc, peering.accepter.vpc].into_iter().flatten();
        vpcs.map(|vpc| &component.vpcs[vpc])
    });
    let mut strangers = sides.filter(|vpc| !vpc.seen);
    strangers.next().map_or_else(String::new, |vpc| network.text(vpc.id).to_owned())
}

/// What a virtual private gateway leads to, if that has a name: its one VPN connection, else
/// the gateway.
pub(super) fn vpn(network: &Network, id: &str) -> String {
    let remote = &network.remote_access;
    let ours = |it: &&VpnConnection| {
        let here = matches!(it.end, VpnEnd::VpnGateway(gateway) if network.text(gateway) == id);
        here && it.available != Some(false)
    };
    let mut connections = remote.vpn_connections.iter().filter(ours);
    let only = connections.next().filter(|_| connections.next().is_none());
    let gateways = remote.vpn_gateways.iter().filter(|it| network.text(it.id) == id);
    let names = only.map(|it| it.name).into_iter().chain(gateways.map(|it| it.name));
    let name = names.map(|name| network.text(name)).find(|name| !name.is_empty());
    name.map_or_else(String::new, |name| format!("VPN {name}"))
}
