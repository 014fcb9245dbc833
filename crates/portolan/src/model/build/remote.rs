//! Ways in from outside of AWS: what several listings say of one thing is put together.

use super::resolve::Table;
use super::{Conflicts, NetworkBuilder};
use crate::model::id::Id;
use crate::model::{
    ClientVpnEndpoint, Component, CustomerGateway, DirectConnect, InstanceConnectEndpoint,
    Interface, InterfaceFacts, InterfaceKind, NetworkInterfaceId, Place, RemoteAccess,
    RemoteEndpoint, Subnet, Text, TextId, VpnConnection, VpnGateway, Warning,
};

/// The Client VPN or Instance Connect Endpoint that an interface belongs to, by its number
/// among those of its kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::model) enum EntryPoint {
    ClientVpn(usize),
    InstanceConnect(usize),
}

impl NetworkBuilder {
    /// Adds a virtual private gateway.
    pub fn add_vpn_gateway(&mut self, gateway: VpnGateway) {
        self.remote.vpn_gateways.push(gateway);
    }

    /// Adds a VPN connection.
    pub fn add_vpn_connection(&mut self, connection: VpnConnection) {
        self.remote.vpn_connections.push(connection);
    }

    /// Adds a customer gateway.
    pub fn add_customer_gateway(&mut self, gateway: CustomerGateway) {
        self.remote.customer_gateways.push(gateway);
    }

    /// Adds what one listing says of a Direct Connect gateway or virtual interface.
    pub fn add_direct_connect(&mut self, gateway: DirectConnect) {
        self.remote.direct_connects.push(gateway);
    }

    /// Says that all Direct Connect gateways of a virtual private gateway were asked for.
    pub fn add_asked_for_direct_connect(&mut self, gateway: TextId) {
        self.remote.asked_for_direct_connect.push(gateway);
    }

    /// Adds what one listing says of a Client VPN endpoint.
    pub fn add_client_vpn_endpoint(&mut self, endpoint: ClientVpnEndpoint) {
        self.remote.client_vpn_endpoints.push(endpoint);
    }

    /// Adds an Instance Connect Endpoint.
    pub fn add_instance_connect_endpoint(&mut self, endpoint: InstanceConnectEndpoint) {
        self.remote.instance_connect_endpoints.push(endpoint);
    }

    pub(super) fn merge_remote_access(&mut self, conflicts: &mut Conflicts) {
        let text = &self.text;
        let remote = &mut self.remote;
        join_all(&mut remote.vpn_gateways, text, conflicts);
        join_all(&mut remote.vpn_connections, text, conflicts);
        join_all(&mut remote.customer_gateways, text, conflicts);
        join_all(&mut remote.direct_connects, text, conflicts);
        join_all(&mut remote.client_vpn_endpoints, text, conflicts);
        join_all(&mut remote.instance_connect_endpoints, text, conflicts);
        for connection in &remote.vpn_connections {
            let down = !connection.tunnels.is_empty() && !connection.tunnels.contains(&true);
            if down && connection.available != Some(false) {
                let message = "no tunnel of the VPN connection is up: what is open through it is \
                               told as if one were, since it may come up at any time";
                self.warnings.push(Warning {
                    place: Some(connection.place),
                    about: connection.id,
                    message: message.to_owned(),
                });
            }
        }
    }
}

/// What several listings may tell of.
trait Told: Clone + PartialEq {
    fn id(&self) -> TextId;
    fn place_mut(&mut self) -> &mut Place;
    /// Takes over what another listing says; whether they agree.
    fn join(&mut self, other: Self) -> bool;
}

/// Joins all facts of one id, in the order of the ids.
fn join_all<T: Told>(all: &mut Vec<T>, text: &Text, conflicts: &mut Conflicts) {
    all.sort_by(|one, other| text.get(one.id()).cmp(text.get(other.id())));
    let mut joined: Vec<T> = Vec::with_capacity(all.len());
    for mut fact in std::mem::take(all) {
        match joined.last_mut().filter(|known| known.id() == fact.id()) {
            Some(known) => {
                let place = *fact.place_mut();
                *fact.place_mut() = *known.place_mut();
                if *known != fact && !known.join(fact) {
                    conflicts.push((known.id(), place));
                }
            }
            None => joined.push(fact),
        }
    }
    *all = joined;
}

/// Takes over a word where there is none.
fn said(one: &mut TextId, other: TextId) {
    if one.is_empty() {
        *one = other;
    }
}

/// Takes over what is not in a list yet.
fn extend<T: PartialEq>(one: &mut Vec<T>, other: Vec<T>) {
    for item in other {
        if !one.contains(&item) {
            one.push(item);
        }
    }
}

impl Told for VpnGateway {
    fn id(&self) -> TextId {
        self.id
    }
    fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
    fn join(&mut self, other: Self) -> bool {
        self.contested = true;
        said(&mut self.name, other.name);
        extend(&mut self.attachments, other.attachments);
        false
    }
}

impl Told for VpnConnection {
    fn id(&self) -> TextId {
        self.id
    }
    fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
    fn join(&mut self, mut other: Self) -> bool {
        // Tunnels come and go: that two listings differ in them is no contradiction.
        let tunnels = std::mem::take(&mut other.tunnels);
        let before = std::mem::take(&mut self.tunnels);
        let agree = *self == other;
        self.tunnels = if before.contains(&true) { before } else { tunnels };
        self.contested |= !agree;
        said(&mut self.name, other.name);
        agree
    }
}

impl Told for CustomerGateway {
    fn id(&self) -> TextId {
        self.id
    }
    fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
    fn join(&mut self, other: Self) -> bool {
        said(&mut self.name, other.name);
        true
    }
}

impl Told for DirectConnect {
    fn id(&self) -> TextId {
        self.id
    }
    fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
    fn join(&mut self, other: Self) -> bool {
        said(&mut self.name, other.name);
        extend(&mut self.gateways, other.gateways);
        true
    }
}

impl Told for ClientVpnEndpoint {
    fn id(&self) -> TextId {
        self.id
    }
    fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
    fn join(&mut self, other: Self) -> bool {
        let agree = !(self.seen && other.seen)
            || (self.available, self.vpc) == (other.available, other.vpc)
                && self.security_groups == other.security_groups;
        self.contested |= other.contested || !agree;
        if other.seen {
            self.available = other.available;
            said(&mut self.vpc, other.vpc);
            extend(&mut self.security_groups, other.security_groups);
        }
        self.seen |= other.seen;
        said(&mut self.name, other.name);
        extend(&mut self.networks, other.networks);
        extend(&mut self.authorization_rules, other.authorization_rules);
        extend(&mut self.routes, other.routes);
        agree
    }
}

impl Told for InstanceConnectEndpoint {
    fn id(&self) -> TextId {
        self.id
    }
    fn place_mut(&mut self) -> &mut Place {
        &mut self.place
    }
    fn join(&mut self, other: Self) -> bool {
        self.contested = true;
        said(&mut self.name, other.name);
        extend(&mut self.interfaces, other.interfaces);
        false
    }
}

impl RemoteAccess {
    /// Takes over all that another has.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.vpn_gateways.append(&mut other.vpn_gateways);
        self.vpn_connections.append(&mut other.vpn_connections);
        self.customer_gateways.append(&mut other.customer_gateways);
        self.direct_connects.append(&mut other.direct_connects);
        self.asked_for_direct_connect.append(&mut other.asked_for_direct_connect);
        self.client_vpn_endpoints.append(&mut other.client_vpn_endpoints);
        self.instance_connect_endpoints.append(&mut other.instance_connect_endpoints);
    }

    /// The endpoint that an interface belongs to: of an Instance Connect Endpoint by the
    /// interface's id. Nothing names the interfaces of a Client VPN endpoint: they are in a
    /// subnet that it is associated with and wear its groups. Where two fit, none does.
    fn entry_point(
        &self,
        (interface, subnet): (TextId, TextId),
        groups: &[TextId],
    ) -> Option<EntryPoint> {
        let connect = self.instance_connect_endpoints.iter().enumerate();
        let connect = connect.filter(|(_, it)| !it.contested && it.interfaces.contains(&interface));
        let connect = connect.map(|(number, _)| EntryPoint::InstanceConnect(number));
        let vpn = self.client_vpn_endpoints.iter().enumerate();
        let vpn = vpn.filter(|(_, it)| {
            let mut worn = it.security_groups.clone();
            worn.sort_unstable();
            worn.dedup();
            it.seen && !it.contested && it.networks.contains(&subnet) && worn == groups
        });
        let mut all = connect.chain(vpn.map(|(number, _)| EntryPoint::ClientVpn(number)));
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether it is described whose the interface is.
    pub(super) fn describes(
        &self,
        interface: &InterfaceFacts,
        groups: Vec<TextId>,
        subnets: &Table<Subnet>,
    ) -> bool {
        let subnet = subnets.items.get(interface.subnet.index()).map(|subnet| subnet.id);
        let subnet = subnet.unwrap_or_default();
        self.entry_point((interface.id, subnet), &in_order(groups)).is_some()
    }
}

fn in_order(mut groups: Vec<TextId>) -> Vec<TextId> {
    groups.sort_unstable();
    groups.dedup();
    groups
}

impl Component {
    /// Finds the Client VPN or Instance Connect Endpoint of each interface.
    pub(super) fn join_remote_access(&mut self) {
        let mut entered = Vec::new();
        for interface in self.interfaces.iter() {
            if interface.kind() != InterfaceKind::RemoteAccess || !interface.seen() {
                continue;
            }
            let groups = &self.group_sets[interface.group_set()];
            let groups = groups.iter().map(|&group| self.security_groups[group].id).collect();
            let at = (interface.id(), self.subnets[interface.subnet()].id);
            if let Some(entry) = self.remote_access.entry_point(at, &in_order(groups)) {
                entered.push((interface.index(), entry));
            }
        }
        self.entered = entered;
    }

    /// The Client VPN or Instance Connect Endpoint that an interface belongs to; `None`: it
    /// is not one of an endpoint that the source describes.
    #[must_use]
    pub fn remote_endpoint_of(&self, interface: NetworkInterfaceId) -> Option<RemoteEndpoint<'_>> {
        let at = self.entered.binary_search_by_key(&interface, |&(of, _)| of).ok()?;
        let remote = &self.remote_access;
        match self.entered.get(at)?.1 {
            EntryPoint::ClientVpn(number) => {
                remote.client_vpn_endpoints.get(number).map(RemoteEndpoint::ClientVpn)
            }
            EntryPoint::InstanceConnect(number) => {
                remote.instance_connect_endpoints.get(number).map(RemoteEndpoint::InstanceConnect)
            }
        }
    }

    /// The interfaces of Client VPN and Instance Connect Endpoints that are described.
    pub fn remote_endpoints(&self) -> impl Iterator<Item = (Interface<'_>, RemoteEndpoint<'_>)> {
        self.entered
            .iter()
            .filter_map(|&(id, _)| Some((self.interface(id), self.remote_endpoint_of(id)?)))
    }
}
