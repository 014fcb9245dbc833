//! The words of `aws ec2 describe-*`, as far as they decide anything.
//!
//! Names are AWS's; what is not named here is passed over.

use super::field::{Field, List, Shape, Str};
use crate::document::Cursor;
use crate::json::{self, Malformed, are_distinct};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $kind:ty = $key:literal,)+ })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name<'a> {
            $(pub(crate) $field: $kind,)+
            /// Some have no text.
            text: std::marker::PhantomData<&'a str>,
        }

        impl<'a> Shape<'a> for $name<'a> {
            fn of_object(cursor: &mut Cursor<'a>) -> Result<Option<Self>, Malformed> {
                const { assert!(are_distinct(&[$(json::tag($key)),+])) };
                let mut given = Self::default();
                let mut seen = 0_u32;
                let mut more = cursor.enter(b'}')?;
                while more {
                    let key = cursor.key()?;
                    let tag = json::tag(&key);
                    let mut bit = 1_u32;
                    'member: {
                        $(
                            if tag == const { json::tag($key) } {
                                if key != $key {
                                    cursor.colon()?;
                                    cursor.pass()?;
                                    break 'member;
                                }
                                if seen & bit != 0 {
                                    return Err(Malformed::Twice(concat!("`", $key, "` once")));
                                }
                                seen |= bit;
                                cursor.colon()?;
                                given.$field = cursor.field()?;
                                break 'member;
                            }
                            bit <<= 1;
                        )+
                        // What is not named is passed over.
                        let _ = bit;
                        cursor.colon()?;
                        cursor.pass()?;
                    }
                    more = cursor.another(b'}')?;
                }
                Ok(Some(given))
            }
        }
    )+};
}

pub(crate) mod firewall;
pub(crate) mod load_balancer;
pub(crate) mod outside;
pub(crate) mod remote;
pub(crate) mod service;

words! {
    Tag { key: Str<'a> = "Key", value: Str<'a> = "Value", }

    Vpc {
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        cidr_block: Str<'a> = "CidrBlock",
        cidr_block_association_set: List<CidrAssociation<'a>> = "CidrBlockAssociationSet",
        ipv6_cidr_block_association_set: List<Ipv6CidrAssociation<'a>> = "Ipv6CidrBlockAssociationSet",
        tags: List<Tag<'a>> = "Tags",
    }
    CidrAssociation { cidr_block: Str<'a> = "CidrBlock", cidr_block_state: Field<BlockState<'a>> = "CidrBlockState", }
    Ipv6CidrAssociation { ipv6_cidr_block: Str<'a> = "Ipv6CidrBlock", ipv6_cidr_block_state: Field<BlockState<'a>> = "Ipv6CidrBlockState", }
    BlockState { state: Str<'a> = "State", }

    Subnet {
        subnet_id: Str<'a> = "SubnetId",
        subnet_arn: Str<'a> = "SubnetArn",
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        availability_zone_id: Str<'a> = "AvailabilityZoneId",
        availability_zone: Str<'a> = "AvailabilityZone",
        cidr_block: Str<'a> = "CidrBlock",
        ipv6_cidr_block_association_set: List<Ipv6CidrAssociation<'a>> = "Ipv6CidrBlockAssociationSet",
        map_public_ip_on_launch: Field<bool> = "MapPublicIpOnLaunch",
        assign_ipv6_address_on_creation: Field<bool> = "AssignIpv6AddressOnCreation",
        tags: List<Tag<'a>> = "Tags",
    }

    NetworkInterface {
        network_interface_id: Str<'a> = "NetworkInterfaceId",
        owner_id: Str<'a> = "OwnerId",
        availability_zone: Str<'a> = "AvailabilityZone",
        vpc_id: Str<'a> = "VpcId",
        subnet_id: Str<'a> = "SubnetId",
        description: Str<'a> = "Description",
        interface_type: Str<'a> = "InterfaceType",
        requester_id: Str<'a> = "RequesterId",
        requester_managed: Field<bool> = "RequesterManaged",
        status: Str<'a> = "Status",
        attachment: Field<Attachment<'a>> = "Attachment",
        source_dest_check: Field<bool> = "SourceDestCheck",
        deny_all_igw_traffic: Field<bool> = "DenyAllIgwTraffic",
        groups: List<GroupName<'a>> = "Groups",
        private_ip_address: Str<'a> = "PrivateIpAddress",
        association: Field<Association<'a>> = "Association",
        private_ip_addresses: List<PrivateAddress<'a>> = "PrivateIpAddresses",
        ipv6_addresses: List<Ipv6Address<'a>> = "Ipv6Addresses",
        ipv4_prefixes: List<Ipv4Prefix<'a>> = "Ipv4Prefixes",
        ipv6_prefixes: List<Ipv6Prefix<'a>> = "Ipv6Prefixes",
        tag_set: List<Tag<'a>> = "TagSet",
    }
    Attachment { instance_id: Str<'a> = "InstanceId", instance_owner_id: Str<'a> = "InstanceOwnerId", }
    GroupName { group_id: Str<'a> = "GroupId", }
    Association { public_ip: Str<'a> = "PublicIp", }
    PrivateAddress {
        private_ip_address: Str<'a> = "PrivateIpAddress",
        primary: Field<bool> = "Primary",
        association: Field<Association<'a>> = "Association",
    }
    Ipv6Address { ipv6_address: Str<'a> = "Ipv6Address", }
    Ipv4Prefix { ipv4_prefix: Str<'a> = "Ipv4Prefix", }
    Ipv6Prefix { ipv6_prefix: Str<'a> = "Ipv6Prefix", }

    Reservation { owner_id: Str<'a> = "OwnerId", instances: List<Instance<'a>> = "Instances", }
    Instance {
        instance_id: Str<'a> = "InstanceId",
        state: Field<InstanceState<'a>> = "State",
        placement: Field<Placement<'a>> = "Placement",
        network_interfaces: List<NetworkInterface<'a>> = "NetworkInterfaces",
        tags: List<Tag<'a>> = "Tags",
    }
    InstanceState { name: Str<'a> = "Name", }
    Placement { availability_zone: Str<'a> = "AvailabilityZone", }

    SecurityGroup {
        group_id: Str<'a> = "GroupId",
        group_name: Str<'a> = "GroupName",
        description: Str<'a> = "Description",
        group_description: Str<'a> = "GroupDescription",
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        security_group_arn: Str<'a> = "SecurityGroupArn",
        ip_permissions: List<IpPermission<'a>> = "IpPermissions",
        ip_permissions_egress: List<IpPermission<'a>> = "IpPermissionsEgress",
    }
    IpPermission {
        ip_protocol: Str<'a> = "IpProtocol",
        from_port: Field<i64> = "FromPort",
        to_port: Field<i64> = "ToPort",
        ip_ranges: List<IpRange<'a>> = "IpRanges",
        ipv6_ranges: List<Ipv6Range<'a>> = "Ipv6Ranges",
        prefix_list_ids: List<PrefixListName<'a>> = "PrefixListIds",
        user_id_group_pairs: List<GroupPair<'a>> = "UserIdGroupPairs",
    }
    IpRange { cidr_ip: Str<'a> = "CidrIp", description: Str<'a> = "Description", }
    Ipv6Range { cidr_ipv6: Str<'a> = "CidrIpv6", description: Str<'a> = "Description", }
    PrefixListName { prefix_list_id: Str<'a> = "PrefixListId", description: Str<'a> = "Description", }
    GroupPair {
        group_id: Str<'a> = "GroupId",
        group_name: Str<'a> = "GroupName",
        peering_status: Str<'a> = "PeeringStatus",
        description: Str<'a> = "Description",
    }
    SecurityGroupRule {
        security_group_rule_id: Str<'a> = "SecurityGroupRuleId",
        security_group_rule_arn: Str<'a> = "SecurityGroupRuleArn",
        group_id: Str<'a> = "GroupId",
        group_owner_id: Str<'a> = "GroupOwnerId",
        description: Str<'a> = "Description",
        is_egress: Field<bool> = "IsEgress",
        ip_protocol: Str<'a> = "IpProtocol",
        from_port: Field<i64> = "FromPort",
        to_port: Field<i64> = "ToPort",
        cidr_ipv4: Str<'a> = "CidrIpv4",
        cidr_ipv6: Str<'a> = "CidrIpv6",
        prefix_list_id: Str<'a> = "PrefixListId",
        referenced_group_info: Field<GroupPair<'a>> = "ReferencedGroupInfo",
    }
    SecurityGroupVpcAssociation { group_id: Str<'a> = "GroupId", vpc_id: Str<'a> = "VpcId", state: Str<'a> = "State", }

    NetworkAcl {
        network_acl_id: Str<'a> = "NetworkAclId",
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        is_default: Field<bool> = "IsDefault",
        associations: List<AclAssociation<'a>> = "Associations",
        entries: List<AclEntry<'a>> = "Entries",
    }
    AclAssociation { subnet_id: Str<'a> = "SubnetId", }
    AclEntry {
        rule_number: Field<i64> = "RuleNumber",
        egress: Field<bool> = "Egress",
        protocol: Str<'a> = "Protocol",
        rule_action: Str<'a> = "RuleAction",
        cidr_block: Str<'a> = "CidrBlock",
        ipv6_cidr_block: Str<'a> = "Ipv6CidrBlock",
        port_range: Field<PortSpan<'a>> = "PortRange",
        icmp_type_code: Field<TypeCode<'a>> = "IcmpTypeCode",
    }

    RouteTable {
        route_table_id: Str<'a> = "RouteTableId",
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        associations: List<RouteTableAssociation<'a>> = "Associations",
        routes: List<Route<'a>> = "Routes",
    }
    RouteTableAssociation {
        main: Field<bool> = "Main",
        subnet_id: Str<'a> = "SubnetId",
        gateway_id: Str<'a> = "GatewayId",
        association_state: Field<BlockState<'a>> = "AssociationState",
    }
    TransitGateway {
        transit_gateway_id: Str<'a> = "TransitGatewayId",
        transit_gateway_arn: Str<'a> = "TransitGatewayArn",
        owner_id: Str<'a> = "OwnerId",
        state: Str<'a> = "State",
        options: Field<TransitGatewayOptions<'a>> = "Options",
    }
    TransitGatewayOptions {
        references: Str<'a> = "SecurityGroupReferencingSupport",
        auto_accept_shared_attachments: Str<'a> = "AutoAcceptSharedAttachments",
        appliance_mode: Str<'a> = "ApplianceModeSupport",
        ipv6: Str<'a> = "Ipv6Support",
    }
    TransitGatewayAttachment {
        transit_gateway_attachment_id: Str<'a> = "TransitGatewayAttachmentId",
        transit_gateway_id: Str<'a> = "TransitGatewayId",
        transit_gateway_owner_id: Str<'a> = "TransitGatewayOwnerId",
        resource_id: Str<'a> = "ResourceId",
        resource_type: Str<'a> = "ResourceType",
        resource_owner_id: Str<'a> = "ResourceOwnerId",
        state: Str<'a> = "State",
        association: Field<TransitGatewayAssociation<'a>> = "Association",
    }
    TransitGatewayAssociation {
        route_table_id: Str<'a> = "TransitGatewayRouteTableId",
        policy_table_id: Str<'a> = "TransitGatewayPolicyTableId",
        state: Str<'a> = "State",
    }
    TransitGatewayVpcAttachment {
        transit_gateway_attachment_id: Str<'a> = "TransitGatewayAttachmentId",
        transit_gateway_id: Str<'a> = "TransitGatewayId",
        vpc_id: Str<'a> = "VpcId",
        subnet_ids: List<std::borrow::Cow<'a, str>> = "SubnetIds",
        state: Str<'a> = "State",
        options: Field<TransitGatewayOptions<'a>> = "Options",
    }
    TransitGatewayRouteTable {
        transit_gateway_route_table_id: Str<'a> = "TransitGatewayRouteTableId",
        transit_gateway_id: Str<'a> = "TransitGatewayId",
    }
    TransitGatewayRoutes {
        transit_gateway_route_table_id: Str<'a> = "TransitGatewayRouteTableId",
        routes: List<TransitGatewayRoute<'a>> = "Routes",
        additional_routes_available: Field<bool> = "AdditionalRoutesAvailable",
    }
    TransitGatewayRoute {
        destination_cidr_block: Str<'a> = "DestinationCidrBlock",
        prefix_list_id: Str<'a> = "PrefixListId",
        attachments: List<AttachmentOfRoute<'a>> = "TransitGatewayAttachments",
        kind: Str<'a> = "Type",
        state: Str<'a> = "State",
        client_vpn_endpoint_id: Str<'a> = "ClientVpnEndpointId",
        destination_cidr: Str<'a> = "DestinationCidr",
        target_subnet: Str<'a> = "TargetSubnet",
        status: Field<StatusCode<'a>> = "Status",
    }
    AttachmentOfRoute { transit_gateway_attachment_id: Str<'a> = "TransitGatewayAttachmentId", }
    TransitGatewayPropagations {
        transit_gateway_route_table_id: Str<'a> = "TransitGatewayRouteTableId",
        propagations: List<TransitGatewayPropagation<'a>> = "TransitGatewayRouteTablePropagations",
    }
    TransitGatewayPropagation {
        transit_gateway_attachment_id: Str<'a> = "TransitGatewayAttachmentId",
        state: Str<'a> = "State",
    }
    Route {
        destination_cidr_block: Str<'a> = "DestinationCidrBlock",
        destination_ipv6_cidr_block: Str<'a> = "DestinationIpv6CidrBlock",
        destination_prefix_list_id: Str<'a> = "DestinationPrefixListId",
        gateway_id: Str<'a> = "GatewayId",
        nat_gateway_id: Str<'a> = "NatGatewayId",
        transit_gateway_id: Str<'a> = "TransitGatewayId",
        vpc_peering_connection_id: Str<'a> = "VpcPeeringConnectionId",
        network_interface_id: Str<'a> = "NetworkInterfaceId",
        instance_id: Str<'a> = "InstanceId",
        egress_only_internet_gateway_id: Str<'a> = "EgressOnlyInternetGatewayId",
        carrier_gateway_id: Str<'a> = "CarrierGatewayId",
        local_gateway_id: Str<'a> = "LocalGatewayId",
        core_network_arn: Str<'a> = "CoreNetworkArn",
        odb_network_arn: Str<'a> = "OdbNetworkArn",
        ip_address: Str<'a> = "IpAddress",
        origin: Str<'a> = "Origin",
        state: Str<'a> = "State",
    }

    InternetGateway {
        internet_gateway_id: Str<'a> = "InternetGatewayId",
        egress_only_internet_gateway_id: Str<'a> = "EgressOnlyInternetGatewayId",
        owner_id: Str<'a> = "OwnerId",
        attachments: List<GatewayAttachment<'a>> = "Attachments",
    }
    GatewayAttachment { vpc_id: Str<'a> = "VpcId", state: Str<'a> = "State", }

    NatGateway {
        nat_gateway_id: Str<'a> = "NatGatewayId",
        vpc_id: Str<'a> = "VpcId",
        subnet_id: Str<'a> = "SubnetId",
        availability_mode: Str<'a> = "AvailabilityMode",
        connectivity_type: Str<'a> = "ConnectivityType",
        state: Str<'a> = "State",
        nat_gateway_addresses: List<NatGatewayAddress<'a>> = "NatGatewayAddresses",
    }
    NatGatewayAddress { private_ip: Str<'a> = "PrivateIp", public_ip: Str<'a> = "PublicIp", network_interface_id: Str<'a> = "NetworkInterfaceId", }

    Address {
        public_ip: Str<'a> = "PublicIp",
        allocation_id: Str<'a> = "AllocationId",
        private_ip_address: Str<'a> = "PrivateIpAddress",
        network_interface_id: Str<'a> = "NetworkInterfaceId",
        instance_id: Str<'a> = "InstanceId",
    }

    VpcPeeringConnection {
        vpc_peering_connection_id: Str<'a> = "VpcPeeringConnectionId",
        status: Field<StatusCode<'a>> = "Status",
        requester_vpc_info: Field<VpcInfo<'a>> = "RequesterVpcInfo",
        accepter_vpc_info: Field<VpcInfo<'a>> = "AccepterVpcInfo",
    }
    StatusCode { code: Str<'a> = "Code", }
    VpcInfo {
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        region: Str<'a> = "Region",
        cidr_block: Str<'a> = "CidrBlock",
        cidr_block_set: List<CidrBlock<'a>> = "CidrBlockSet",
        ipv6_cidr_block_set: List<Ipv6CidrBlock<'a>> = "Ipv6CidrBlockSet",
    }
    CidrBlock { cidr_block: Str<'a> = "CidrBlock", }
    Ipv6CidrBlock { ipv6_cidr_block: Str<'a> = "Ipv6CidrBlock", }

    VpcEndpoint {
        vpc_endpoint_id: Str<'a> = "VpcEndpointId",
        vpc_id: Str<'a> = "VpcId",
        owner_id: Str<'a> = "OwnerId",
        vpc_endpoint_type: Str<'a> = "VpcEndpointType",
        service_name: Str<'a> = "ServiceName",
        state: Str<'a> = "State",
        subnet_ids: List<std::borrow::Cow<'a, str>> = "SubnetIds",
        network_interface_ids: List<std::borrow::Cow<'a, str>> = "NetworkInterfaceIds",
        groups: List<GroupName<'a>> = "Groups",
        ip_address_type: Str<'a> = "IpAddressType",
        private_dns_enabled: Field<bool> = "PrivateDnsEnabled",
        policy_document: Str<'a> = "PolicyDocument",
    }

    /// An element of `describe-vpc-endpoint-service-configurations`.
    EndpointService {
        acceptance_required: Field<bool> = "AcceptanceRequired",
        service_id: Str<'a> = "ServiceId",
        service_name: Str<'a> = "ServiceName",
        service_state: Str<'a> = "ServiceState",
        network_load_balancer_arns: List<std::borrow::Cow<'a, str>> = "NetworkLoadBalancerArns",
    }

    PrefixList {
        prefix_list_id: Str<'a> = "PrefixListId",
        prefix_list_arn: Str<'a> = "PrefixListArn",
        prefix_list_name: Str<'a> = "PrefixListName",
        cidrs: Field<Vec<Str<'a>>> = "Cidrs",
        entries: List<PrefixListEntry<'a>> = "Entries",
    }
    PrefixListEntry { cidr: Str<'a> = "Cidr", }

    BlockPublicAccessOptions {
        aws_account_id: Str<'a> = "AwsAccountId",
        aws_region: Str<'a> = "AwsRegion",
        internet_gateway_block_mode: Str<'a> = "InternetGatewayBlockMode",
        state: Str<'a> = "State",
    }
    BlockPublicAccessExclusion {
        exclusion_id: Str<'a> = "ExclusionId",
        internet_gateway_exclusion_mode: Str<'a> = "InternetGatewayExclusionMode",
        resource_arn: Str<'a> = "ResourceArn",
        state: Str<'a> = "State",
    }

    /// `PortRange` of an ACL entry.
    PortSpan { from: Field<i64> = "From", to: Field<i64> = "To", }
    /// `IcmpTypeCode` of an ACL entry.
    TypeCode { kind: Field<i64> = "Type", code: Field<i64> = "Code", }
}
