//! Route tables of a component: where routes lead, and what is not known of it.

use super::resolve::Assembly;
use crate::model::id::Id;
use crate::model::{
    Attachment, Destination, EgressOnlyInternetGateway, EndpointService, InterfaceFacts,
    InterfaceKind, InternetGateway, IpAddressType, LimitationCode, NatConnectivity, NatGateway,
    NatState, NetworkInterfaceId, PeeringSide, PeeringStatus, Place, RouteTable, RouteTarget,
    SubnetId, TextId, VpcEndpoint, VpcEndpointKind, VpcId, VpcPeeringConnection,
};

impl Assembly<'_> {
    pub(super) fn resolve_route_tables(&mut self, mut tables: Vec<RouteTable>) -> Vec<RouteTable> {
        for table in &mut tables {
            let place = table.place;
            table.vpc = self.vpc(table.vpc, place);
            for subnet in &mut table.subnets {
                *subnet = self.subnet(*subnet, table.vpc, place);
            }
            let vpc = table.vpc;
            for route in &mut table.routes {
                if let Some(Destination::PrefixList(list)) = route.destination {
                    route.destination =
                        Some(Destination::PrefixList(self.prefix_list(list, place)));
                }
                route.target = self.target(route.target, vpc, place);
                if let Some((code, about)) = self.unmodelled_target(route.target) {
                    self.limit(code, about, place);
                }
            }
        }
        tables
    }

    fn target(&mut self, target: RouteTarget, vpc: VpcId, place: Place) -> RouteTarget {
        match target {
            RouteTarget::InternetGateway(named) => {
                let id = named.as_text();
                let elsewhere = self.shared.internet_gateways.get(&id);
                if elsewhere.is_none() {
                    self.limit(LimitationCode::UnknownRouteTarget, id, place);
                }
                // A gateway that is attached to a VPC elsewhere is not attached to this one.
                let number = self.internet_gateways.number_or(id, || InternetGateway {
                    id,
                    place: elsewhere.map_or(place, |gateway| gateway.place),
                    attachments: Vec::new(),
                    seen: elsewhere.is_some(),
                });
                RouteTarget::InternetGateway(Id::from_index(number))
            }
            RouteTarget::EgressOnlyInternetGateway(named) => {
                let id = named.as_text();
                let elsewhere = self.shared.egress_only.get(&id);
                if elsewhere.is_none() {
                    self.limit(LimitationCode::UnknownRouteTarget, id, place);
                }
                let number = self.egress_only.number_or(id, || EgressOnlyInternetGateway {
                    id,
                    place: elsewhere.map_or(place, |gateway| gateway.place),
                    attachments: Vec::new(),
                    seen: elsewhere.is_some(),
                });
                RouteTarget::EgressOnlyInternetGateway(Id::from_index(number))
            }
            RouteTarget::NatGateway(named) => {
                let id = named.as_text();
                if !self.nat_gateways.number.contains_key(&id) {
                    self.limit(LimitationCode::UnknownRouteTarget, id, place);
                }
                let number = self.nat_gateways.number_or(id, || NatGateway {
                    id,
                    place,
                    vpc,
                    subnet: None,
                    connectivity: NatConnectivity::Unknown,
                    state: NatState::Unknown,
                    addresses: Vec::new(),
                    seen: false,
                });
                RouteTarget::NatGateway(Id::from_index(number))
            }
            RouteTarget::VpcPeeringConnection(named) => {
                let id = named.as_text();
                if !self.peerings.number.contains_key(&id) {
                    self.limit(LimitationCode::UnknownRouteTarget, id, place);
                }
                let side = |vpc| PeeringSide {
                    vpc,
                    owner: TextId::EMPTY,
                    region: TextId::EMPTY,
                    ipv4: Vec::new(),
                    ipv6: Vec::new(),
                };
                let number = self.peerings.number_or(id, || VpcPeeringConnection {
                    id,
                    place,
                    status: PeeringStatus::Unknown,
                    requester: side(Some(vpc)),
                    accepter: side(None),
                    seen: false,
                });
                RouteTarget::VpcPeeringConnection(Id::from_index(number))
            }
            RouteTarget::NetworkInterface(named) => {
                let id = named.as_text();
                if !self.interfaces.number.contains_key(&id) {
                    self.limit(LimitationCode::UnknownNetworkInterface, id, place);
                }
                RouteTarget::NetworkInterface(self.placeholder_interface(id, vpc, place))
            }
            RouteTarget::VpcEndpoint(named) => {
                let id = named.as_text();
                if !self.vpc_endpoints.number.contains_key(&id) {
                    self.limit(LimitationCode::UnknownRouteTarget, id, place);
                }
                let number = self.vpc_endpoints.number_or(id, || VpcEndpoint {
                    id,
                    place,
                    vpc,
                    kind: VpcEndpointKind::Unknown,
                    available: None,
                    service: TextId::EMPTY,
                    subnets: Vec::new(),
                    interfaces: Vec::new(),
                    unseen_interfaces: Vec::new(),
                    security_groups: Vec::new(),
                    ip_address_type: IpAddressType::Unknown,
                    private_dns: None,
                    has_policy: false,
                    behind: EndpointService::Unknown,
                    firewall: None,
                    seen: false,
                });
                RouteTarget::VpcEndpoint(Id::from_index(number))
            }
            RouteTarget::TransitGateway(named) => {
                RouteTarget::TransitGateway(self.transit_gateway(named, place))
            }
            RouteTarget::VpnGateway(id) => {
                let known = self.shared.remote.vpn_gateway(id).is_some_and(|it| !it.contested);
                let code = match known {
                    true => LimitationCode::NetworkBeyond,
                    false => LimitationCode::VpnGateway,
                };
                self.limit(code, id, place);
                target
            }
            RouteTarget::Other(id) => {
                self.limit(LimitationCode::UnmodelledRouteTarget, id, place);
                target
            }
            RouteTarget::Local => target,
        }
    }

    /// What is not modelled of a route's target that the source holds.
    fn unmodelled_target(&self, target: RouteTarget) -> Option<(LimitationCode, TextId)> {
        match target {
            RouteTarget::NetworkInterface(id) => {
                let interface = self.interfaces.items.get(id.index())?;
                let passes_on = interface.seen && interface.source_dest_check != Some(true);
                passes_on.then_some((LimitationCode::Middlebox, interface.id))
            }
            RouteTarget::NatGateway(id) => {
                let nat = self.nat_gateways.items.get(id.index()).filter(|nat| nat.seen)?;
                let code = match (nat.subnet, nat.connectivity) {
                    _ if nat.state == NatState::Gone => return None,
                    (None, _) => LimitationCode::RegionalNatGateway,
                    (Some(_), NatConnectivity::Private) => LimitationCode::PrivateNatGateway,
                    (Some(_), NatConnectivity::Unknown) => LimitationCode::UnreadableValue,
                    (Some(_), NatConnectivity::Public) => return None,
                };
                Some((code, nat.id))
            }
            RouteTarget::VpcEndpoint(id) => {
                let endpoint =
                    self.vpc_endpoints.items.get(id.index()).filter(|endpoint| endpoint.seen)?;
                let code = match endpoint.kind {
                    VpcEndpointKind::Gateway => return None,
                    VpcEndpointKind::GatewayLoadBalancer => {
                        LimitationCode::GatewayLoadBalancerEndpoint
                    }
                    VpcEndpointKind::Interface
                    | VpcEndpointKind::Resource
                    | VpcEndpointKind::ServiceNetwork
                    | VpcEndpointKind::Unknown => LimitationCode::UnknownRouteTarget,
                };
                Some((code, endpoint.id))
            }
            RouteTarget::Local
            | RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => None,
        }
    }

    /// The number of an interface that a route names; a placeholder where the source does not hold it.
    fn placeholder_interface(
        &mut self,
        id: TextId,
        vpc: VpcId,
        place: Place,
    ) -> NetworkInterfaceId {
        // Its subnet is not known either. A placeholder subnet has no name to be found by.
        let subnet = match self.interfaces.number.contains_key(&id) {
            true => SubnetId::from_index(0),
            false => self.subnet(SubnetId::named(TextId::EMPTY), vpc, place),
        };
        let number = self.interfaces.number_or(id, || InterfaceFacts {
            id,
            place,
            owner: TextId::EMPTY,
            region: TextId::EMPTY,
            vpc,
            subnet,
            instance: None,
            name: TextId::EMPTY,
            description: TextId::EMPTY,
            interface_type: TextId::EMPTY,
            requester: TextId::EMPTY,
            requester_managed: None,
            kind: InterfaceKind::Host,
            attachment: Attachment::Unknown,
            source_dest_check: None,
            deny_all_igw_traffic: None,
            groups: Vec::new(),
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            tags: Vec::new(),
            contested: true,
            seen: false,
            unlisted: None,
        });
        NetworkInterfaceId::from_index(number)
    }
}
