//! The words of `aws ec2 describe-*`, as far as the estate uses them.
//!
//! Names, nesting and what is left out when absent are AWS's, so that a
//! generated estate costs a parser about what a real one does.

use serde::Serialize;

/// A tag.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    pub(super) key: String,
    pub(super) value: String,
}

/// `describe-vpcs`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Vpc {
    pub(super) cidr_block: String,
    pub(super) cidr_block_association_set: Vec<CidrAssociation>,
    pub(super) dhcp_options_id: String,
    pub(super) instance_tenancy: &'static str,
    pub(super) ipv6_cidr_block_association_set: Vec<Ipv6CidrAssociation>,
    pub(super) is_default: bool,
    pub(super) owner_id: String,
    pub(super) state: &'static str,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// One IPv4 range of a VPC.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CidrAssociation {
    pub(super) association_id: String,
    pub(super) cidr_block: String,
    pub(super) cidr_block_state: State,
}

/// One IPv6 range of a VPC or subnet.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ipv6CidrAssociation {
    pub(super) association_id: String,
    pub(super) ipv6_cidr_block: String,
    pub(super) ipv6_cidr_block_state: State,
}

/// A state by itself.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct State {
    pub(super) state: &'static str,
}

/// `describe-subnets`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Subnet {
    pub(super) assign_ipv6_address_on_creation: bool,
    pub(super) availability_zone: String,
    pub(super) availability_zone_id: String,
    pub(super) available_ip_address_count: u32,
    pub(super) cidr_block: String,
    pub(super) default_for_az: bool,
    pub(super) ipv6_cidr_block_association_set: Vec<Ipv6CidrAssociation>,
    pub(super) map_public_ip_on_launch: bool,
    pub(super) owner_id: String,
    pub(super) state: &'static str,
    pub(super) subnet_arn: String,
    pub(super) subnet_id: String,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// `describe-route-tables`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteTable {
    pub(super) associations: Vec<RouteTableAssociation>,
    pub(super) owner_id: String,
    pub(super) propagating_vgws: [u8; 0],
    pub(super) route_table_id: String,
    pub(super) routes: Vec<Route>,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// Who uses a route table.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RouteTableAssociation {
    pub(super) association_state: State,
    pub(super) main: bool,
    pub(super) route_table_association_id: String,
    pub(super) route_table_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subnet_id: Option<String>,
}

/// A route; exactly one destination and one target are set.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Route {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_ipv6_cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) destination_prefix_list_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) egress_only_internet_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nat_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transit_gateway_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vpc_peering_connection_id: Option<String>,
    pub(super) origin: &'static str,
    pub(super) state: &'static str,
}

/// `describe-network-acls`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkAcl {
    pub(super) associations: Vec<NetworkAclAssociation>,
    pub(super) entries: Vec<NetworkAclEntry>,
    pub(super) is_default: bool,
    pub(super) network_acl_id: String,
    pub(super) owner_id: String,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// A subnet that uses an ACL.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkAclAssociation {
    pub(super) network_acl_association_id: String,
    pub(super) network_acl_id: String,
    pub(super) subnet_id: String,
}

/// A rule of an ACL.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkAclEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv6_cidr_block: Option<String>,
    pub(super) egress: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) icmp_type_code: Option<IcmpTypeCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port_range: Option<PortRange>,
    pub(super) protocol: &'static str,
    pub(super) rule_action: &'static str,
    pub(super) rule_number: u32,
}

/// Ports of an ACL entry.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PortRange {
    pub(super) from: u16,
    pub(super) to: u16,
}

/// ICMP type and code of an ACL entry; -1 is any.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IcmpTypeCode {
    pub(super) r#type: i16,
    pub(super) code: i16,
}

/// `describe-security-groups`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SecurityGroup {
    pub(super) description: String,
    pub(super) group_id: String,
    pub(super) group_name: String,
    pub(super) ip_permissions: Vec<IpPermission>,
    pub(super) ip_permissions_egress: Vec<IpPermission>,
    pub(super) owner_id: String,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// Rules of a group that share protocol and ports.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IpPermission {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_port: Option<i32>,
    pub(super) ip_protocol: &'static str,
    pub(super) ip_ranges: Vec<IpRange>,
    pub(super) ipv6_ranges: Vec<Ipv6Range>,
    pub(super) prefix_list_ids: Vec<PrefixListId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_port: Option<i32>,
    pub(super) user_id_group_pairs: Vec<UserIdGroupPair>,
}

/// An IPv4 source.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct IpRange {
    pub(super) cidr_ip: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// An IPv6 source.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ipv6Range {
    pub(super) cidr_ipv6: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
}

/// A prefix list as source.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrefixListId {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) prefix_list_id: String,
}

/// A group as source.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UserIdGroupPair {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) group_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) peering_status: Option<&'static str>,
    pub(super) user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vpc_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) vpc_peering_connection_id: Option<String>,
}

/// `describe-network-interfaces`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NetworkInterface {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) association: Option<Association>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attachment: Option<Attachment>,
    pub(super) availability_zone: String,
    pub(super) description: String,
    pub(super) groups: Vec<Group>,
    pub(super) interface_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv4_prefixes: Option<Vec<Ipv4Prefix>>,
    pub(super) ipv6_addresses: Vec<Ipv6Address>,
    pub(super) mac_address: String,
    pub(super) network_interface_id: String,
    pub(super) owner_id: String,
    pub(super) private_dns_name: String,
    pub(super) private_ip_address: String,
    pub(super) private_ip_addresses: Vec<PrivateIpAddress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requester_id: Option<&'static str>,
    pub(super) requester_managed: bool,
    pub(super) source_dest_check: bool,
    pub(super) status: &'static str,
    pub(super) subnet_id: String,
    pub(super) tag_set: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// A public address of a private one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Association {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) allocation_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) association_id: Option<String>,
    pub(super) ip_owner_id: String,
    pub(super) public_dns_name: String,
    pub(super) public_ip: String,
}

/// What an interface is attached to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attachment {
    pub(super) attach_time: String,
    pub(super) attachment_id: String,
    pub(super) delete_on_termination: bool,
    pub(super) device_index: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) instance_id: Option<String>,
    pub(super) instance_owner_id: String,
    pub(super) status: &'static str,
}

/// A group that an interface wears.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Group {
    pub(super) group_id: String,
    pub(super) group_name: String,
}

/// A delegated range.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ipv4Prefix {
    pub(super) ipv4_prefix: String,
}

/// An IPv6 address of an interface.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ipv6Address {
    pub(super) ipv6_address: String,
}

/// A private address of an interface.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrivateIpAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) association: Option<Association>,
    pub(super) primary: bool,
    pub(super) private_dns_name: String,
    pub(super) private_ip_address: String,
}

/// `describe-instances`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Reservation {
    pub(super) groups: [u8; 0],
    pub(super) instances: Vec<Instance>,
    pub(super) owner_id: String,
    pub(super) reservation_id: String,
}

/// An instance, with the parts of its interfaces that AWS repeats.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Instance {
    pub(super) ami_launch_index: u32,
    pub(super) architecture: &'static str,
    pub(super) ebs_optimized: bool,
    pub(super) hypervisor: &'static str,
    pub(super) image_id: String,
    pub(super) instance_id: String,
    pub(super) instance_type: &'static str,
    pub(super) launch_time: String,
    pub(super) metadata_options: MetadataOptions,
    pub(super) network_interfaces: Vec<InstanceNetworkInterface>,
    pub(super) placement: Placement,
    pub(super) private_dns_name: String,
    pub(super) private_ip_address: String,
    pub(super) public_dns_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) public_ip_address: Option<String>,
    pub(super) root_device_name: &'static str,
    pub(super) security_groups: Vec<Group>,
    pub(super) source_dest_check: bool,
    pub(super) state: InstanceState,
    pub(super) subnet_id: String,
    pub(super) tags: Vec<Tag>,
    pub(super) virtualization_type: &'static str,
    pub(super) vpc_id: String,
}

/// An interface, as its instance repeats it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstanceNetworkInterface {
    pub(super) groups: Vec<Group>,
    pub(super) network_interface_id: String,
    pub(super) private_ip_address: String,
    pub(super) status: &'static str,
    pub(super) subnet_id: String,
    pub(super) vpc_id: String,
}

/// How the instance metadata service is reached.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetadataOptions {
    pub(super) http_endpoint: &'static str,
    pub(super) http_put_response_hop_limit: u32,
    pub(super) http_tokens: &'static str,
    pub(super) state: &'static str,
}

/// Where an instance runs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Placement {
    pub(super) availability_zone: String,
    pub(super) group_name: &'static str,
    pub(super) tenancy: &'static str,
}

/// Whether an instance runs.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InstanceState {
    pub(super) code: u32,
    pub(super) name: &'static str,
}

/// `describe-internet-gateways`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct InternetGateway {
    pub(super) attachments: Vec<GatewayAttachment>,
    pub(super) internet_gateway_id: String,
    pub(super) owner_id: String,
    pub(super) tags: Vec<Tag>,
}

/// `describe-egress-only-internet-gateways`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct EgressOnlyInternetGateway {
    pub(super) attachments: Vec<GatewayAttachment>,
    pub(super) egress_only_internet_gateway_id: String,
    pub(super) tags: Vec<Tag>,
}

/// The VPC of a gateway.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GatewayAttachment {
    pub(super) state: &'static str,
    pub(super) vpc_id: String,
}

/// `describe-nat-gateways`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NatGateway {
    pub(super) connectivity_type: &'static str,
    pub(super) create_time: String,
    pub(super) nat_gateway_addresses: Vec<NatGatewayAddress>,
    pub(super) nat_gateway_id: String,
    pub(super) state: &'static str,
    pub(super) subnet_id: String,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_id: String,
}

/// An address of a NAT gateway.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NatGatewayAddress {
    pub(super) allocation_id: String,
    pub(super) association_id: String,
    pub(super) is_primary: bool,
    pub(super) network_interface_id: String,
    pub(super) private_ip: String,
    pub(super) public_ip: String,
    pub(super) status: &'static str,
}

/// `describe-addresses`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Address {
    pub(super) allocation_id: String,
    pub(super) association_id: String,
    pub(super) domain: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) instance_id: Option<String>,
    pub(super) network_border_group: &'static str,
    pub(super) network_interface_id: String,
    pub(super) network_interface_owner_id: String,
    pub(super) private_ip_address: String,
    pub(super) public_ip: String,
    pub(super) public_ipv4_pool: &'static str,
    pub(super) tags: Vec<Tag>,
}

/// `describe-vpc-peering-connections`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VpcPeeringConnection {
    pub(super) accepter_vpc_info: PeeringVpcInfo,
    pub(super) requester_vpc_info: PeeringVpcInfo,
    pub(super) status: PeeringStatus,
    pub(super) tags: Vec<Tag>,
    pub(super) vpc_peering_connection_id: String,
}

/// One end of a peering; its ranges are told while it is active.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PeeringVpcInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cidr_block: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cidr_block_set: Option<Vec<CidrBlock>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ipv6_cidr_block_set: Option<Vec<Ipv6CidrBlock>>,
    pub(super) owner_id: String,
    pub(super) region: &'static str,
    pub(super) vpc_id: String,
}

/// An IPv4 range of one end.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CidrBlock {
    pub(super) cidr_block: String,
}

/// An IPv6 range of one end.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Ipv6CidrBlock {
    pub(super) ipv6_cidr_block: String,
}

/// Whether a peering carries traffic.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PeeringStatus {
    pub(super) code: &'static str,
    pub(super) message: &'static str,
}

/// `describe-managed-prefix-lists`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManagedPrefixList {
    pub(super) address_family: &'static str,
    pub(super) max_entries: u32,
    pub(super) owner_id: String,
    pub(super) prefix_list_arn: String,
    pub(super) prefix_list_id: String,
    pub(super) prefix_list_name: String,
    pub(super) state: &'static str,
    pub(super) tags: Vec<Tag>,
    pub(super) version: u32,
}

/// What `get-managed-prefix-list-entries` gives for one list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManagedPrefixListEntries {
    pub(super) prefix_list_id: String,
    pub(super) entries: Vec<PrefixListEntry>,
}

/// A range of a prefix list.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PrefixListEntry {
    pub(super) cidr: String,
    pub(super) description: &'static str,
}
