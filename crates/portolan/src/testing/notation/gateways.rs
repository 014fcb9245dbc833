//! Gateways, peering connections and endpoints.

use super::{Reader, Said, setting, take, unknown};
use crate::model::{
    EgressOnlyInternetGateway, EndpointConnection, EndpointPrincipal, EndpointProvider,
    EndpointService, GatewayAttachment, InternetGateway, IpAddressType, LoadBalancerId, NatAddress,
    NatConnectivity, NatGateway, NatState, NetworkInterfaceId, OfferedService, PeeringSide,
    PeeringStatus, SubnetId, TextId, VpcEndpoint, VpcEndpointKind, VpcId, VpcPeeringConnection,
};
use crate::testing::parse;

impl Reader {
    pub(super) fn add_gateway(&mut self, name: &str, vpc: Option<&str>, attached: bool) {
        let id = self.text(name);
        let attachments = self.attachments(vpc, attached);
        let gateway = InternetGateway { id, place: self.place, attachments, seen: true };
        self.builder.add_internet_gateway(gateway, self.origin);
    }

    pub(super) fn add_egress_only(&mut self, name: &str, vpc: Option<&str>, attached: bool) {
        let id = self.text(name);
        let attachments = self.attachments(vpc, attached);
        let gateway = EgressOnlyInternetGateway { id, place: self.place, attachments, seen: true };
        self.builder.add_egress_only_internet_gateway(gateway, self.origin);
    }

    fn attachments(&mut self, vpc: Option<&str>, attached: bool) -> Vec<GatewayAttachment> {
        let vpc = vpc.map(|vpc| VpcId::named(self.text(vpc)));
        vpc.map(|vpc| GatewayAttachment { vpc, attached }).into_iter().collect()
    }

    pub(super) fn gateway(
        &mut self,
        kind: &str,
        name: &str,
        words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let (mut vpc, mut attached) = (None, true);
        for &word in words {
            match word {
                "detached" => attached = false,
                word => vpc = Some(word),
            }
        }
        if kind == "igw" {
            self.add_gateway(name, vpc, attached);
        } else {
            self.add_egress_only(name, vpc, attached);
        }
        Ok(())
    }

    pub(super) fn nat(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let place = take(&mut words, "a subnet")?;
        let (vpc, subnet) = match place.strip_prefix("regional:") {
            Some(vpc) => (vpc.to_owned(), None),
            None => {
                let vpc = self.vpc_of_subnet.get(place).cloned();
                let vpc =
                    vpc.ok_or_else(|| format!("the subnet `{place}` has no line before this"))?;
                (vpc, Some(place))
            }
        };
        let mut nat = NatGateway {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(&vpc)),
            subnet: subnet.map(|subnet| SubnetId::named(self.text(subnet))),
            connectivity: NatConnectivity::Public,
            state: NatState::Available,
            addresses: Vec::new(),
            seen: true,
        };
        let empty = NatAddress { private: None, public: None, interface: None };
        for &word in words {
            match word.split_once('=') {
                None => match word {
                    "private-only" => nat.connectivity = NatConnectivity::Private,
                    "connectivity-unknown" => nat.connectivity = NatConnectivity::Unknown,
                    "gone" => nat.state = NatState::Gone,
                    "state-unknown" => nat.state = NatState::Unknown,
                    _ => return unknown(word),
                },
                Some((key, value)) => {
                    let last = nat.addresses.last();
                    let taken = last.is_none_or(|last| match key {
                        "private" => last.private.is_some(),
                        "public" => last.public.is_some(),
                        _ => last.interface.is_some(),
                    });
                    if taken {
                        nat.addresses.push(empty);
                    }
                    let Some(last) = nat.addresses.last_mut() else { continue };
                    match key {
                        "private" => last.private = Some(parse::address_v4(value)?),
                        "public" => last.public = Some(parse::address_v4(value)?),
                        "interface" => {
                            let id = self.builder.text.intern(value);
                            last.interface = Some(NetworkInterfaceId::named(id));
                        }
                        _ => return unknown(word),
                    }
                }
            }
        }
        self.builder.add_nat_gateway(nat, self.origin);
        Ok(())
    }

    fn side(&mut self, vpc: &str) -> PeeringSide {
        let (ipv4, ipv6) = self.blocks.get(vpc).cloned().unwrap_or_default();
        let region = self.region_of_vpc.get(vpc).copied().unwrap_or(self.origin.region);
        PeeringSide {
            vpc: Some(VpcId::named(self.text(vpc))),
            owner: self.origin.account,
            region,
            ipv4,
            ipv6,
        }
    }

    pub(super) fn peering(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let requester = take(&mut words, "a requester")?;
        let accepter = take(&mut words, "an accepter")?;
        let mut peering = VpcPeeringConnection {
            id: self.text(name),
            place: self.place,
            status: PeeringStatus::Active,
            requester: self.side(requester),
            accepter: self.side(accepter),
            seen: true,
        };
        for &word in words {
            match word.split_once('=') {
                None => match word {
                    "inactive" => peering.status = PeeringStatus::Inactive,
                    "state-unknown" => peering.status = PeeringStatus::Unknown,
                    "no-blocks" => {
                        for side in [&mut peering.requester, &mut peering.accepter] {
                            (side.ipv4, side.ipv6) = Default::default();
                        }
                    }
                    _ => return unknown(word),
                },
                Some(("requester", blocks)) => {
                    let (ipv4, ipv6) = parse::families(blocks)?;
                    (peering.requester.ipv4, peering.requester.ipv6) = (ipv4, ipv6);
                }
                Some(("accepter", blocks)) => {
                    let (ipv4, ipv6) = parse::families(blocks)?;
                    (peering.accepter.ipv4, peering.accepter.ipv6) = (ipv4, ipv6);
                }
                Some(("regions", regions)) => {
                    let (one, other) = regions.split_once(',').unwrap_or((regions, ""));
                    peering.requester.region = self.text(one);
                    peering.accepter.region = self.text(other);
                }
                Some(_) => return unknown(word),
            }
        }
        self.builder.add_peering(peering, self.origin);
        Ok(())
    }

    pub(super) fn endpoint(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let mut endpoint = VpcEndpoint {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(vpc)),
            kind: VpcEndpointKind::Unknown,
            available: Some(true),
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
            seen: true,
        };
        for &word in words {
            match word {
                "gateway" => endpoint.kind = VpcEndpointKind::Gateway,
                "interface" => endpoint.kind = VpcEndpointKind::Interface,
                "gwlb" => endpoint.kind = VpcEndpointKind::GatewayLoadBalancer,
                "unknown" => endpoint.kind = VpcEndpointKind::Unknown,
                "unavailable" => endpoint.available = Some(false),
                "state-unknown" => endpoint.available = None,
                _ => match word.split_once('=') {
                    Some(("service", service)) => endpoint.service = self.text(service),
                    Some(("subnets", names)) => {
                        let names = names.split(',');
                        endpoint.subnets =
                            names.map(|name| SubnetId::named(self.text(name))).collect();
                    }
                    Some(("interfaces", names)) => {
                        let names = names.split(',');
                        endpoint.interfaces =
                            names.map(|name| NetworkInterfaceId::named(self.text(name))).collect();
                    }
                    Some(_) | None => return unknown(word),
                },
            }
        }
        self.builder.add_vpc_endpoint(endpoint, self.origin);
        Ok(())
    }

    pub(super) fn endpoint_service(
        &mut self,
        name: &str,
        words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let name = self.text(name);
        let mut offered = OfferedService {
            id: name,
            place: self.place,
            name,
            acceptance_required: Some(true),
            origin: self.origin,
        };
        let mut provider = EndpointProvider {
            id: name,
            place: self.place,
            available: Some(true),
            load_balancers: Vec::new(),
            contested: false,
        };
        for &word in words {
            match word {
                "unavailable" => provider.available = Some(false),
                "state-unknown" => provider.available = None,
                "accepts" => offered.acceptance_required = Some(false),
                _ if word.starts_with("principal=") => {
                    let principal = self.text(setting(word, "principal").unwrap_or_default());
                    let principal = EndpointPrincipal { service: name, principal };
                    self.builder.add_endpoint_principal(principal);
                }
                _ if word.starts_with("connected=") => {
                    let owner = self.text(setting(word, "connected").unwrap_or_default());
                    let endpoint = self.text("vpce-other");
                    let connection =
                        EndpointConnection { service: name, endpoint, owner, available: true };
                    self.builder.add_endpoint_connection(connection);
                }
                _ => {
                    let Some(names) = setting(word, "balancers") else { return unknown(word) };
                    for name in names.split(',') {
                        let id = self.text(&format!("loadbalancer/net/{name}"));
                        provider.load_balancers.push(LoadBalancerId::named(id));
                    }
                }
            }
        }
        self.builder.add_offered_service(offered, self.origin);
        self.builder.add_endpoint_service(name, provider);
        Ok(())
    }
}
