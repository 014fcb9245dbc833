//! All kinds of findings, one file each.

mod administration_open_beyond_office;
mod administration_open_to_internet;
mod all_ports_open_to_internet;
mod api_over_internet;
mod block_public_access_off;
mod certificate_not_renewed;
mod classic_listener_without_tls;
mod database_in_public_subnet;
mod database_in_reach_of_internet;
mod database_open_beyond_application;
pub(super) mod database_open_to_internet;
mod default_group_in_use;
mod default_group_with_rules;
mod egress_open_to_internet;
mod endpoint_service_accepts_endpoints;
mod endpoint_service_open_to_strangers;
pub(super) mod expired_exception;
mod file_sharing_open_to_internet;
mod file_system_in_public_subnet;
mod group_with_many_rules;
mod hole_for_foreign_address;
mod http_listener_without_redirect;
mod http_without_https;
mod icmp_open_to_internet;
mod idle_interface_would_open;
mod instance_with_public_address;
mod internal_service_open_to_internet;
mod internet_in_pieces;
mod ipv6_open_while_ipv4_closed;
mod launch_wizard_group;
mod listener_certificate;
mod listener_tls_outdated;
mod load_balancer_open_to_internet;
mod load_balancer_without_listener;
mod network_acl_admits_administration;
mod network_acl_deny_ineffective;
mod network_acl_entry_shadowed;
mod network_listener_without_tls;
mod open_group_unreachable;
mod peering_route_broad;
mod plaintext_service_open_to_internet;
mod port_open_to_internet;
mod port_range_open_to_internet;
mod prefix_list_holds_internet;
mod public_address_without_use;
mod redundant_rule;
mod reference_to_nobody;
mod replies_reach_some_clients;
mod reply_blocked;
mod rule_without_description;
mod security_group_opens_everything;
mod service_over_internet;
mod service_publicly_accessible;
mod service_with_public_endpoint;
mod several_interfaces;
mod source_destination_check_off;
mod subnet_assigns_public_addresses;
mod transit_gateway_accepts_attachments;
mod unused_address;
pub(super) mod unused_exception;
mod unused_network_acl;
mod unused_security_group;
mod vpn_tunnel_down;

use super::Rule;
use super::called;

/// All kinds. Of traffic that is open to everyone the first one takes its part,
/// and the last of them what is left.
pub const RULES: &[Rule] = &[
    all_ports_open_to_internet::RULE,
    port_range_open_to_internet::RULE,
    administration_open_to_internet::RULE,
    database_open_to_internet::RULE,
    file_sharing_open_to_internet::RULE,
    plaintext_service_open_to_internet::RULE,
    internal_service_open_to_internet::RULE,
    icmp_open_to_internet::RULE,
    port_open_to_internet::RULE,
    http_without_https::RULE,
    load_balancer_open_to_internet::RULE,
    http_listener_without_redirect::RULE,
    classic_listener_without_tls::RULE,
    network_listener_without_tls::RULE,
    listener_certificate::RULE,
    listener_tls_outdated::RULE,
    certificate_not_renewed::RULE,
    load_balancer_without_listener::RULE,
    egress_open_to_internet::RULE,
    default_group_with_rules::RULE,
    default_group_in_use::RULE,
    launch_wizard_group::RULE,
    unused_security_group::RULE,
    reference_to_nobody::RULE,
    redundant_rule::RULE,
    unused_address::RULE,
    hole_for_foreign_address::RULE,
    rule_without_description::RULE,
    group_with_many_rules::RULE,
    open_group_unreachable::RULE,
    idle_interface_would_open::RULE,
    reply_blocked::RULE,
    replies_reach_some_clients::RULE,
    ipv6_open_while_ipv4_closed::RULE,
    internet_in_pieces::RULE,
    prefix_list_holds_internet::RULE,
    public_address_without_use::RULE,
    instance_with_public_address::RULE,
    subnet_assigns_public_addresses::RULE,
    several_interfaces::RULE,
    source_destination_check_off::RULE,
    block_public_access_off::RULE,
    administration_open_beyond_office::RULE,
    database_open_beyond_application::RULE,
    database_in_reach_of_internet::RULE,
    database_in_public_subnet::RULE,
    file_system_in_public_subnet::RULE,
    service_publicly_accessible::RULE,
    service_with_public_endpoint::RULE,
    security_group_opens_everything::RULE,
    network_acl_deny_ineffective::RULE,
    network_acl_admits_administration::RULE,
    network_acl_entry_shadowed::RULE,
    unused_network_acl::RULE,
    peering_route_broad::RULE,
    service_over_internet::RULE,
    api_over_internet::RULE,
    endpoint_service_accepts_endpoints::RULE,
    endpoint_service_open_to_strangers::RULE,
    transit_gateway_accepts_attachments::RULE,
    vpn_tunnel_down::RULE,
    expired_exception::RULE,
    unused_exception::RULE,
];
