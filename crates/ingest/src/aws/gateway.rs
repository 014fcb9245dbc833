//! Gateways, addresses, peering connections, endpoints, Block Public Access.

use portolan::model::{
    BlockMode, BlockPublicAccess, EgressOnlyInternetGateway, ElasticAddress, EndpointProvider,
    EndpointService, Exclusion, ExclusionMode, GatewayAttachment, InternetGateway, LoadBalancerId,
    NatAddress, NatConnectivity, NatGateway, NatState, NetworkInterfaceId, OfferedService, Origin,
    PeeringSide, PeeringStatus, SecurityGroupId, SubnetId, TextId, VpcEndpoint, VpcEndpointKind,
    VpcId, VpcPeeringConnection,
};
use portolan::net::Cidr;

use super::field::{Field, List, Str};
use super::load_balancer::ip_address_type;
use super::network::{id, vpc_id};
use super::sink::Cx;
use super::words;

pub(crate) fn internet_gateway(cx: &mut Cx<'_>, given: &words::InternetGateway<'_>) {
    let id = id(cx, "InternetGatewayId");
    cx.owner(&given.owner_id);
    let (attachments, seen) = attachments(cx, &given.attachments);
    cx.add(InternetGateway { id, place: cx.place, attachments, seen });
}

pub(crate) fn egress_only(cx: &mut Cx<'_>, given: &words::InternetGateway<'_>) {
    let id = id(cx, "EgressOnlyInternetGatewayId");
    let (attachments, seen) = attachments(cx, &given.attachments);
    cx.add(EgressOnlyInternetGateway { id, place: cx.place, attachments, seen });
}

/// The attachments, and whether they are known for certain.
fn attachments(
    cx: &mut Cx<'_>,
    given: &List<words::GatewayAttachment<'_>>,
) -> (Vec<GatewayAttachment>, bool) {
    let mut known = true;
    if given.get().is_none() || given.is_damaged() {
        cx.unreadable("Attachments");
        known = false;
    }
    let mut attachments = Vec::new();
    for attachment in given.items() {
        let vpc = vpc_id(cx, &attachment.vpc_id);
        // Answers say `available`, the reference `attached`.
        let attached = match attachment.state.as_str() {
            "available" | "attached" => true,
            "attaching" | "detaching" | "detached" => false,
            other => {
                cx.unknown("State", other);
                known = false;
                true
            }
        };
        attachments.push(GatewayAttachment { vpc, attached });
    }
    (attachments, known)
}

pub(crate) fn nat_gateway(cx: &mut Cx<'_>, given: &words::NatGateway<'_>) {
    let id = id(cx, "NatGatewayId");
    let vpc = vpc_id(cx, &given.vpc_id);
    let regional = given.availability_mode.as_str() == "regional";
    let subnet = match given.subnet_id.as_str() {
        "" => None,
        _ if regional => None,
        subnet => Some(SubnetId::named(cx.intern(subnet))),
    };
    let connectivity = match given.connectivity_type.as_str() {
        // Older answers do not say: there were only public ones.
        "public" | "" => NatConnectivity::Public,
        "private" => NatConnectivity::Private,
        other => {
            cx.unknown("ConnectivityType", other);
            NatConnectivity::Unknown
        }
    };
    let state = match given.state.as_str() {
        "available" => NatState::Available,
        "pending" | "failed" | "deleting" | "deleted" => NatState::Gone,
        other => {
            cx.unknown("State", other);
            NatState::Unknown
        }
    };
    if given.nat_gateway_addresses.is_damaged() {
        cx.unreadable("NatGatewayAddresses");
    }
    let mut addresses = Vec::new();
    // A deleted gateway is listed for an hour: its addresses are still told, since
    // nothing of the estate answers at them.
    for address in given.nat_gateway_addresses.items() {
        let interface = cx.text("NetworkInterfaceId", &address.network_interface_id);
        addresses.push(NatAddress {
            private: cx.address("PrivateIp", &address.private_ip),
            public: cx.address("PublicIp", &address.public_ip),
            interface: (!interface.is_empty()).then(|| NetworkInterfaceId::named(interface)),
        });
    }
    cx.add(NatGateway {
        id,
        place: cx.place,
        vpc,
        subnet,
        connectivity,
        state,
        addresses,
        seen: true,
    });
}

pub(crate) fn address(cx: &mut Cx<'_>, given: &words::Address<'_>) {
    // A carrier's or customer's address has no public one.
    let Some(public) = cx.address("PublicIp", &given.public_ip) else { return };
    let private = cx.address("PrivateIpAddress", &given.private_ip_address);
    let holder = match given.network_interface_id.as_str() {
        "" => given.instance_id.as_str(),
        interface => interface,
    };
    let holder = cx.intern(holder);
    let allocation = cx.intern(given.allocation_id.as_str());
    cx.add(ElasticAddress {
        public,
        allocation,
        account: TextId::EMPTY,
        region: TextId::EMPTY,
        holder,
        private,
        load_balancer: TextId::EMPTY,
        place: cx.place,
    });
}

pub(crate) fn peering(cx: &mut Cx<'_>, given: &words::VpcPeeringConnection<'_>) {
    let id = id(cx, "VpcPeeringConnectionId");
    let status = given.status.get().map_or("", |status| status.code.as_str());
    let status = match status {
        "active" => PeeringStatus::Active,
        "initiating-request" | "pending-acceptance" | "provisioning" | "rejected" | "failed"
        | "expired" | "deleted" => PeeringStatus::Inactive,
        // `deleting` may still let packets pass.
        other => {
            cx.unknown("Status", other);
            PeeringStatus::Unknown
        }
    };
    let requester = side(cx, "RequesterVpcInfo", &given.requester_vpc_info);
    let accepter = side(cx, "AccepterVpcInfo", &given.accepter_vpc_info);
    cx.add(VpcPeeringConnection { id, place: cx.place, status, requester, accepter, seen: true });
}

fn side(cx: &mut Cx<'_>, field: &str, given: &Field<words::VpcInfo<'_>>) -> PeeringSide {
    let Field::Given(given) = given else {
        cx.unreadable(field);
        return PeeringSide {
            vpc: None,
            owner: TextId::EMPTY,
            region: TextId::EMPTY,
            ipv4: Vec::new(),
            ipv6: Vec::new(),
        };
    };
    let vpc = cx.text("VpcId", &given.vpc_id);
    let owner = cx.intern(given.owner_id.as_str());
    let region = cx.intern(given.region.as_str());
    if given.cidr_block_set.is_damaged() || given.ipv6_cidr_block_set.is_damaged() {
        cx.unreadable("CidrBlockSet");
    }
    let blocks: Vec<&Str<'_>> = std::iter::once(&given.cidr_block)
        .filter(|block| !block.is_absent())
        .chain(given.cidr_block_set.items().map(|block| &block.cidr_block))
        .chain(given.ipv6_cidr_block_set.items().map(|block| &block.ipv6_cidr_block))
        .collect();
    let (mut ipv4, mut ipv6) = (Vec::new(), Vec::new());
    for block in blocks {
        match cx.cidr("CidrBlock", block) {
            Some(Cidr::V4(prefix)) if !ipv4.contains(&prefix) => ipv4.push(prefix),
            Some(Cidr::V6(prefix)) if !ipv6.contains(&prefix) => ipv6.push(prefix),
            Some(Cidr::V4(_) | Cidr::V6(_)) | None => {}
        }
    }
    PeeringSide { vpc: (!vpc.is_empty()).then(|| VpcId::named(vpc)), owner, region, ipv4, ipv6 }
}

pub(crate) fn endpoint(cx: &mut Cx<'_>, given: &words::VpcEndpoint<'_>) {
    let id = id(cx, "VpcEndpointId");
    let vpc = vpc_id(cx, &given.vpc_id);
    cx.owner(&given.owner_id);
    let kind = match given.vpc_endpoint_type.as_str() {
        "Gateway" => VpcEndpointKind::Gateway,
        "Interface" => VpcEndpointKind::Interface,
        "GatewayLoadBalancer" => VpcEndpointKind::GatewayLoadBalancer,
        "Resource" => VpcEndpointKind::Resource,
        "ServiceNetwork" => VpcEndpointKind::ServiceNetwork,
        _ => VpcEndpointKind::Unknown,
    };
    // Lower case in answers, capitals in the reference.
    let state = given.state.as_str().to_ascii_lowercase();
    let available = match &*state {
        "available" => Some(true),
        "pending" | "pendingacceptance" | "deleting" | "deleted" | "rejected" | "failed"
        | "expired" => Some(false),
        // Not everywhere.
        "partial" if kind == VpcEndpointKind::Interface => None,
        "partial" => Some(false),
        other => {
            cx.unknown("State", other);
            None
        }
    };
    let service = cx.intern(given.service_name.as_str());
    for (field, is_damaged) in [
        ("SubnetIds", given.subnet_ids.is_damaged()),
        ("NetworkInterfaceIds", given.network_interface_ids.is_damaged()),
        ("Groups", given.groups.is_damaged()),
    ] {
        if is_damaged {
            cx.unreadable(field);
        }
    }
    let subnets = given.subnet_ids.items().map(|id| SubnetId::named(cx.intern(id))).collect();
    let interfaces = given.network_interface_ids.items();
    let interfaces = interfaces.map(|id| NetworkInterfaceId::named(cx.intern(id))).collect();
    let mut security_groups = Vec::new();
    for group in given.groups.items() {
        security_groups.push(SecurityGroupId::named(cx.text("GroupId", &group.group_id)));
    }
    let ip_address_type = ip_address_type(cx, &given.ip_address_type);
    cx.add(VpcEndpoint {
        id,
        place: cx.place,
        vpc,
        kind,
        available,
        service,
        subnets,
        interfaces,
        unseen_interfaces: Vec::new(),
        security_groups,
        ip_address_type,
        private_dns: given.private_dns_enabled.get().copied(),
        has_policy: !given.policy_document.as_str().is_empty(),
        behind: EndpointService::Unknown,
        firewall: None,
        seen: true,
    });
}

/// The provider's side of an endpoint service.
pub(crate) fn endpoint_service(cx: &mut Cx<'_>, given: &words::EndpointService<'_>) {
    let id = id(cx, "ServiceId");
    let name = cx.text("ServiceName", &given.service_name);
    if name.is_empty() {
        return;
    }
    let contested = given.network_load_balancer_arns.is_damaged();
    if contested {
        cx.unreadable("NetworkLoadBalancerArns");
    }
    let available = match &*given.service_state.as_str().to_ascii_lowercase() {
        "available" => Some(true),
        "pending" | "deleting" | "deleted" | "failed" => Some(false),
        other => {
            cx.unknown("ServiceState", other);
            None
        }
    };
    let place = cx.place;
    let arns = given.network_load_balancer_arns.items();
    let load_balancers = arns.map(|arn| LoadBalancerId::named(cx.intern(arn))).collect();
    cx.builder().add_offered_service(
        OfferedService {
            id,
            place,
            name,
            acceptance_required: given.acceptance_required.get().copied(),
            origin: Origin::default(),
        },
        Origin::default(),
    );
    let provider = EndpointProvider { id, place, available, load_balancers, contested };
    cx.builder().add_endpoint_service(name, provider);
}

pub(crate) fn block_options(cx: &mut Cx<'_>, given: &words::BlockPublicAccessOptions<'_>) {
    cx.own_account(given.aws_account_id.as_str());
    cx.region(&given.aws_region, &Str::Absent);
    let mode = match (given.internet_gateway_block_mode.as_str(), given.state.as_str()) {
        (mode, state @ "update-in-progress") => {
            cx.unknown("State", &format!("{state} ({mode})"));
            BlockMode::Unknown
        }
        ("off", _) => BlockMode::Off,
        ("block-bidirectional", _) => BlockMode::Bidirectional,
        ("block-ingress", _) => BlockMode::Ingress,
        (other, _) => {
            cx.unknown("InternetGatewayBlockMode", other);
            BlockMode::Unknown
        }
    };
    cx.add(BlockPublicAccess { mode, place: cx.place, exclusions: None });
}

/// A listing of exclusions was there, perhaps an empty one.
pub(super) fn no_exclusions(cx: &mut Cx<'_>) {
    let exclusions = Some(Vec::new());
    cx.add(BlockPublicAccess { mode: BlockMode::Off, place: cx.place, exclusions });
}

pub(crate) fn block_exclusion(cx: &mut Cx<'_>, given: &words::BlockPublicAccessExclusion<'_>) {
    let in_force = match given.state.as_str() {
        "create-complete" | "update-complete" => true,
        "delete-complete" | "disable-complete" | "create-failed" => return,
        _ => false,
    };
    let mode = match given.internet_gateway_exclusion_mode.as_str() {
        "allow-bidirectional" if in_force => ExclusionMode::Bidirectional,
        "allow-egress" if in_force => ExclusionMode::Egress,
        other => {
            cx.unknown("InternetGatewayExclusionMode", other);
            ExclusionMode::Unknown
        }
    };
    let Some((_, resource)) = given.resource_arn.as_str().rsplit_once('/') else {
        cx.unknown("ResourceArn", given.resource_arn.as_str());
        return;
    };
    cx.region(&Str::Absent, &given.resource_arn);
    let resource = cx.intern(resource);
    let exclusions = Some(vec![Exclusion { resource, mode }]);
    cx.add(BlockPublicAccess { mode: BlockMode::Off, place: cx.place, exclusions });
}
