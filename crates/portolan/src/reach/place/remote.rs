//! Networks that are not of AWS, by the ids and names of what leads to them: VPN
//! connections, customer gateways, virtual private gateways, Direct Connect.

use std::collections::BTreeMap;

use crate::model::{
    AttachedResource, Component, Destination, Network, RouteState, RouteTarget, TextId,
    VpnConnection, VpnEnd,
};
use crate::net::{Cidr, IpSet};

/// A network beyond, as far as it is known which addresses it has.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Beyond {
    /// The id of what leads to it.
    pub(crate) id: TextId,
    /// The name, or empty.
    pub(crate) name: TextId,
    /// The addresses that it may have.
    pub(crate) addresses: IpSet,
    /// Those of them that static routes, or routes to something, give it: a default route
    /// does not.
    pub(crate) known: IpSet,
}

/// Addresses that routes lead to, and those of them that do so by more than a default route.
#[derive(Clone, Debug, Default)]
struct Routed {
    all: IpSet,
    known: IpSet,
}

impl Routed {
    fn add(&mut self, component: &Component, destination: Option<Destination>) {
        match destination {
            Some(Destination::Ipv4(prefix)) => self.block(Cidr::V4(prefix)),
            Some(Destination::Ipv6(prefix)) => self.block(Cidr::V6(prefix)),
            Some(Destination::PrefixList(list)) => match &component.prefix_lists[list].entries {
                Some(entries) => entries.iter().for_each(|&entry| self.block(entry)),
                None => self.all = IpSet::all(),
            },
            None => self.all = IpSet::all(),
        }
    }

    fn block(&mut self, block: Cidr) {
        let set = IpSet::from_cidr(block);
        if block.length() > 0 {
            self.known = self.known.union(&set);
        }
        self.all = self.all.union(&set);
    }

    fn join(&mut self, other: &Self) {
        self.all = self.all.union(&other.all);
        self.known = self.known.union(&other.known);
    }

    fn within(&self, set: &IpSet) -> Self {
        Self { all: self.all.intersection(set), known: self.known.intersection(set) }
    }
}

/// Where routes lead, by the id of what they lead to.
struct Routes {
    /// Of subnets, by gateway.
    gateways: BTreeMap<TextId, Routed>,
    /// Of transit gateways, by what is attached.
    attached: BTreeMap<TextId, Routed>,
}

impl Routes {
    fn of(network: &Network) -> Self {
        let mut routes = Self { gateways: BTreeMap::new(), attached: BTreeMap::new() };
        for component in network.components.iter() {
            routes.subnets(component);
            routes.transit(component);
        }
        routes
    }

    fn subnets(&mut self, component: &Component) {
        for route in component.route_tables.iter().flat_map(|table| &table.routes) {
            let gateway = match route.target {
                RouteTarget::VpnGateway(gateway) => gateway,
                RouteTarget::TransitGateway(gateway) => component.transit_gateways[gateway].id,
                RouteTarget::Local
                | RouteTarget::InternetGateway(_)
                | RouteTarget::EgressOnlyInternetGateway(_)
                | RouteTarget::NatGateway(_)
                | RouteTarget::VpcPeeringConnection(_)
                | RouteTarget::NetworkInterface(_)
                | RouteTarget::VpcEndpoint(_)
                | RouteTarget::Other(_) => continue,
            };
            if route.state != RouteState::Blackhole {
                self.gateways.entry(gateway).or_default().add(component, route.destination);
            }
        }
    }

    /// What the tables of transit gateways lead to what is attached. Where one may learn
    /// what no listing tells, whatever leads to the transit gateway may lead there.
    fn transit(&mut self, component: &Component) {
        for attachment in component.transit_gateway_attachments.iter() {
            let AttachedResource::Network(resource) = attachment.resource else { continue };
            let mut routed = Routed::default();
            for end in &attachment.ends {
                let gateway = component.transit_gateways[end.gateway].id;
                if let Some(all) = self.gateways.get(&gateway) {
                    routed.all = routed.all.union(&all.all);
                }
            }
            let named =
                component.transit_gateway_route_tables.iter().flat_map(|table| &table.routes);
            for route in named.filter(|route| {
                let mut through = route.attachments.iter();
                through.any(|&at| component.transit_gateway_attachments[at].id == attachment.id)
            }) {
                routed.add(component, route.destination);
            }
            self.attached.entry(resource).or_default().join(&routed);
        }
    }

    fn to(&self, id: TextId) -> Routed {
        self.gateways.get(&id).cloned().unwrap_or_default()
    }

    fn behind(&self, connection: &VpnConnection) -> Routed {
        let block = match connection.customer_block {
            Some(block) if !connection.contested => IpSet::from_cidr(Cidr::V4(block)),
            Some(_) | None => IpSet::all(),
        };
        let statics: IpSet = connection.routes.iter().map(|&route| Cidr::V4(route)).collect();
        let mut routed = match connection.end {
            VpnEnd::VpnGateway(_)
                if connection.static_routes_only == Some(true) && !connection.contested =>
            {
                Routed { all: statics.clone(), known: statics }
            }
            VpnEnd::VpnGateway(gateway) => {
                let mut routed = self.to(gateway);
                routed.join(&Routed { all: statics.clone(), known: statics });
                routed
            }
            VpnEnd::TransitGateway(gateway) => match self.attached.get(&connection.id) {
                Some(routed) => routed.clone(),
                // Its attachment was not seen.
                None => Routed { known: IpSet::empty(), ..self.to(gateway) },
            },
            VpnEnd::Other => Routed::default(),
        };
        routed = routed.within(&block);
        routed
    }
}

/// All networks beyond that something leads to, each with an id of its own.
pub(crate) fn networks(network: &Network) -> Vec<Beyond> {
    let remote = &network.remote_access;
    let routes = Routes::of(network);
    let mut all: BTreeMap<TextId, (TextId, Routed)> = BTreeMap::new();
    let mut add = |id: TextId, name: TextId, routed: Routed| {
        let known = all.entry(id).or_default();
        if known.0.is_empty() {
            known.0 = name;
        }
        known.1.join(&routed);
    };
    for connection in remote.vpn_connections.iter().filter(|it| it.available != Some(false)) {
        let routed = routes.behind(connection);
        let customer = remote.customer_gateways.iter();
        let customer = customer.clone().find(|it| it.id == connection.customer_gateway);
        let customer_name = customer.map_or(TextId::EMPTY, |it| it.name);
        let name = if connection.name.is_empty() { customer_name } else { connection.name };
        add(connection.id, name, routed.clone());
        if !connection.customer_gateway.is_empty() {
            add(connection.customer_gateway, customer_name, routed);
        }
    }
    for gateway in &remote.vpn_gateways {
        add(gateway.id, gateway.name, routes.to(gateway.id));
    }
    for (&id, routed) in &routes.gateways {
        if network.text(id).starts_with("vgw-") {
            add(id, TextId::EMPTY, routed.clone());
        }
    }
    for joined in &remote.direct_connects {
        let mut routed = routes.attached.get(&joined.id).cloned().unwrap_or_default();
        for &gateway in &joined.gateways {
            if network.text(gateway).starts_with("vgw-") {
                routed.join(&routes.to(gateway));
            }
        }
        add(joined.id, joined.name, routed);
    }
    for (&id, routed) in &routes.attached {
        let listed = remote.vpn_connections.iter().any(|it| it.id == id);
        if !listed {
            add(id, TextId::EMPTY, routed.clone());
        }
    }
    all.remove(&TextId::EMPTY);
    let beyond = |(id, (name, routed)): (TextId, (TextId, Routed))| Beyond {
        id,
        name,
        addresses: routed.all,
        known: routed.known,
    };
    all.into_iter().map(beyond).collect()
}

#[cfg(test)]
mod tests {
    use super::networks;

    /// Id, name, all addresses and those that are known.
    #[track_caller]
    fn check(lines: &str, expected: &[&str]) {
        let network = crate::testing::network(lines).unwrap();
        let told = |it: &super::Beyond| {
            let blocks = |set: &crate::net::IpSet| {
                let all: Vec<String> = set.cidrs().iter().map(ToString::to_string).collect();
                all.join(",")
            };
            let (id, name) = (network.text(it.id), network.text(it.name));
            format!("{id} {name}: {} known {}", blocks(&it.addresses), blocks(&it.known))
        };
        let mut found: Vec<String> = networks(&network).iter().map(told).collect();
        found.sort();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_connection_with_static_routes_has_those() {
        check(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24 route 192.168.0.0/16->vgw:vgw-1
             vgw vgw-1 v1
             vpn vpn-1 vgw:vgw-1 192.168.50.0/24 name=office",
            &[
                "vgw-1 : 192.168.0.0/16 known 192.168.0.0/16",
                "vpn-1 office: 192.168.50.0/24 known 192.168.50.0/24",
            ],
        );
    }

    #[test]
    fn one_that_learns_may_have_whatever_leads_to_its_gateway() {
        check(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24 route 192.168.0.0/16->vgw:vgw-1; route 0.0.0.0/0->vgw:vgw-1
             vgw vgw-1 v1 dx=dxvif-1
             vpn vpn-1 vgw:vgw-1 bgp customer=192.168.0.0/20",
            &[
                "dxvif-1 : 0.0.0.0/0 known 192.168.0.0/16",
                "vgw-1 : 0.0.0.0/0 known 192.168.0.0/16",
                "vpn-1 : 192.168.0.0/20 known 192.168.0.0/20",
            ],
        );
    }

    #[test]
    fn behind_a_transit_gateway_its_routes_say_it() {
        check(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24 route 192.168.0.0/16->tgw:t
             tgw t
             attachment mine t subnets:s r
             attachment far t vpn:vpn-1 r
             tgw-table r t 192.168.50.0/24->far 10.0.0.0/16->mine
             vpn vpn-1 tgw:t",
            &["vpn-1 : 192.168.0.0/16 known 192.168.50.0/24"],
        );
    }
}
