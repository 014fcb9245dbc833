//! The words of `aws ec2 describe-*`, as far as they decide anything.
//!
//! Names are AWS's; what is not named here is passed over.

use serde::Deserialize;

use super::field::{Field, List, Str, objects};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty $(as $rename:literal)?,)+ })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default, Deserialize)]
            #[serde(default, rename_all = "PascalCase", bound(deserialize = "'de: 'a"))]
            pub(crate) struct $name<'a> {
                $($(#[serde(rename = $rename)])? pub(crate) $field: $kind,)+
                #[serde(skip)]
                pub(crate) text: std::marker::PhantomData<&'a str>,
            }
        )+
        objects!($($name<'a>),+);
    };
}

words! {
    Tag { key: Str<'a>, value: Str<'a>, }

    Vpc {
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        cidr_block: Str<'a>,
        cidr_block_association_set: List<CidrAssociation<'a>>,
        ipv6_cidr_block_association_set: List<Ipv6CidrAssociation<'a>>,
        tags: List<Tag<'a>>,
    }
    CidrAssociation { cidr_block: Str<'a>, cidr_block_state: Field<BlockState<'a>>, }
    Ipv6CidrAssociation { ipv6_cidr_block: Str<'a>, ipv6_cidr_block_state: Field<BlockState<'a>>, }
    BlockState { state: Str<'a>, }

    Subnet {
        subnet_id: Str<'a>,
        subnet_arn: Str<'a>,
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        availability_zone: Str<'a>,
        cidr_block: Str<'a>,
        ipv6_cidr_block_association_set: List<Ipv6CidrAssociation<'a>>,
        tags: List<Tag<'a>>,
    }

    NetworkInterface {
        network_interface_id: Str<'a>,
        owner_id: Str<'a>,
        availability_zone: Str<'a>,
        vpc_id: Str<'a>,
        subnet_id: Str<'a>,
        description: Str<'a>,
        interface_type: Str<'a>,
        requester_id: Str<'a>,
        status: Str<'a>,
        attachment: Field<Attachment<'a>>,
        source_dest_check: Field<bool>,
        deny_all_igw_traffic: Field<bool>,
        groups: List<GroupName<'a>>,
        private_ip_address: Str<'a>,
        association: Field<Association<'a>>,
        private_ip_addresses: List<PrivateAddress<'a>>,
        ipv6_addresses: List<Ipv6Address<'a>>,
        ipv4_prefixes: List<Ipv4Prefix<'a>>,
        ipv6_prefixes: List<Ipv6Prefix<'a>>,
        tag_set: List<Tag<'a>>,
    }
    Attachment { instance_id: Str<'a>, instance_owner_id: Str<'a>, }
    GroupName { group_id: Str<'a>, }
    Association { public_ip: Str<'a>, }
    PrivateAddress {
        private_ip_address: Str<'a>,
        primary: Field<bool>,
        association: Field<Association<'a>>,
    }
    Ipv6Address { ipv6_address: Str<'a>, }
    Ipv4Prefix { ipv4_prefix: Str<'a>, }
    Ipv6Prefix { ipv6_prefix: Str<'a>, }

    Reservation { owner_id: Str<'a>, instances: List<Instance<'a>>, }
    Instance {
        instance_id: Str<'a>,
        state: Field<InstanceState<'a>>,
        placement: Field<Placement<'a>>,
        network_interfaces: List<NetworkInterface<'a>>,
        tags: List<Tag<'a>>,
    }
    InstanceState { name: Str<'a>, }
    Placement { availability_zone: Str<'a>, }

    SecurityGroup {
        group_id: Str<'a>,
        group_name: Str<'a>,
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        security_group_arn: Str<'a>,
        ip_permissions: List<IpPermission<'a>>,
        ip_permissions_egress: List<IpPermission<'a>>,
    }
    IpPermission {
        ip_protocol: Str<'a>,
        from_port: Field<i64>,
        to_port: Field<i64>,
        ip_ranges: List<IpRange<'a>>,
        ipv6_ranges: List<Ipv6Range<'a>>,
        prefix_list_ids: List<PrefixListName<'a>>,
        user_id_group_pairs: List<GroupPair<'a>>,
    }
    IpRange { cidr_ip: Str<'a>, }
    Ipv6Range { cidr_ipv6: Str<'a>, }
    PrefixListName { prefix_list_id: Str<'a>, }
    GroupPair { group_id: Str<'a>, group_name: Str<'a>, peering_status: Str<'a>, }
    SecurityGroupRule {
        security_group_rule_id: Str<'a>,
        security_group_rule_arn: Str<'a>,
        group_id: Str<'a>,
        group_owner_id: Str<'a>,
        is_egress: Field<bool>,
        ip_protocol: Str<'a>,
        from_port: Field<i64>,
        to_port: Field<i64>,
        cidr_ipv4: Str<'a>,
        cidr_ipv6: Str<'a>,
        prefix_list_id: Str<'a>,
        referenced_group_info: Field<GroupPair<'a>>,
    }
    SecurityGroupVpcAssociation { group_id: Str<'a>, vpc_id: Str<'a>, state: Str<'a>, }

    NetworkAcl {
        network_acl_id: Str<'a>,
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        is_default: Field<bool>,
        associations: List<AclAssociation<'a>>,
        entries: List<AclEntry<'a>>,
    }
    AclAssociation { subnet_id: Str<'a>, }
    AclEntry {
        rule_number: Field<i64>,
        egress: Field<bool>,
        protocol: Str<'a>,
        rule_action: Str<'a>,
        cidr_block: Str<'a>,
        ipv6_cidr_block: Str<'a>,
        port_range: Field<PortSpan>,
        icmp_type_code: Field<TypeCode>,
    }

    RouteTable {
        route_table_id: Str<'a>,
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        associations: List<RouteTableAssociation<'a>>,
        routes: List<Route<'a>>,
    }
    RouteTableAssociation {
        main: Field<bool>,
        subnet_id: Str<'a>,
        gateway_id: Str<'a>,
        association_state: Field<BlockState<'a>>,
    }
    Route {
        destination_cidr_block: Str<'a>,
        destination_ipv6_cidr_block: Str<'a>,
        destination_prefix_list_id: Str<'a>,
        gateway_id: Str<'a>,
        nat_gateway_id: Str<'a>,
        transit_gateway_id: Str<'a>,
        vpc_peering_connection_id: Str<'a>,
        network_interface_id: Str<'a>,
        instance_id: Str<'a>,
        egress_only_internet_gateway_id: Str<'a>,
        carrier_gateway_id: Str<'a>,
        local_gateway_id: Str<'a>,
        core_network_arn: Str<'a>,
        odb_network_arn: Str<'a>,
        ip_address: Str<'a>,
        origin: Str<'a>,
        state: Str<'a>,
    }

    InternetGateway {
        internet_gateway_id: Str<'a>,
        egress_only_internet_gateway_id: Str<'a>,
        owner_id: Str<'a>,
        attachments: List<GatewayAttachment<'a>>,
    }
    GatewayAttachment { vpc_id: Str<'a>, state: Str<'a>, }

    NatGateway {
        nat_gateway_id: Str<'a>,
        vpc_id: Str<'a>,
        subnet_id: Str<'a>,
        availability_mode: Str<'a>,
        connectivity_type: Str<'a>,
        state: Str<'a>,
        nat_gateway_addresses: List<NatGatewayAddress<'a>>,
    }
    NatGatewayAddress { private_ip: Str<'a>, public_ip: Str<'a>, network_interface_id: Str<'a>, }

    Address {
        public_ip: Str<'a>,
        private_ip_address: Str<'a>,
        network_interface_id: Str<'a>,
        instance_id: Str<'a>,
    }

    VpcPeeringConnection {
        vpc_peering_connection_id: Str<'a>,
        status: Field<StatusCode<'a>>,
        requester_vpc_info: Field<VpcInfo<'a>>,
        accepter_vpc_info: Field<VpcInfo<'a>>,
    }
    StatusCode { code: Str<'a>, }
    VpcInfo {
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        region: Str<'a>,
        cidr_block: Str<'a>,
        cidr_block_set: List<CidrBlock<'a>>,
        ipv6_cidr_block_set: List<Ipv6CidrBlock<'a>>,
    }
    CidrBlock { cidr_block: Str<'a>, }
    Ipv6CidrBlock { ipv6_cidr_block: Str<'a>, }

    VpcEndpoint {
        vpc_endpoint_id: Str<'a>,
        vpc_id: Str<'a>,
        owner_id: Str<'a>,
        vpc_endpoint_type: Str<'a>,
        service_name: Str<'a>,
        state: Str<'a>,
    }

    PrefixList {
        prefix_list_id: Str<'a>,
        prefix_list_arn: Str<'a>,
        prefix_list_name: Str<'a>,
        cidrs: Field<Vec<Str<'a>>>,
        entries: List<PrefixListEntry<'a>>,
    }
    PrefixListEntry { cidr: Str<'a>, }

    BlockPublicAccessOptions {
        aws_account_id: Str<'a>,
        aws_region: Str<'a>,
        internet_gateway_block_mode: Str<'a>,
        state: Str<'a>,
    }
    BlockPublicAccessExclusion {
        exclusion_id: Str<'a>,
        internet_gateway_exclusion_mode: Str<'a>,
        resource_arn: Str<'a>,
        state: Str<'a>,
    }

    LoadBalancer {
        load_balancer_arn: Str<'a>,
        load_balancer_name: Str<'a>,
        availability_zones: List<LoadBalancerZone<'a>>,
    }
    LoadBalancerZone { load_balancer_addresses: List<LoadBalancerAddress<'a>>, }
    LoadBalancerAddress {
        ip_address: Str<'a>,
        private_address: Str<'a> as "PrivateIPv4Address",
    }
}

/// `PortRange` of an ACL entry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PortSpan {
    pub(crate) from: Field<i64>,
    pub(crate) to: Field<i64>,
}

/// `IcmpTypeCode` of an ACL entry.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TypeCode {
    #[serde(rename = "Type")]
    pub(crate) kind: Field<i64>,
    #[serde(rename = "Code")]
    pub(crate) code: Field<i64>,
}

objects!(PortSpan, TypeCode);
