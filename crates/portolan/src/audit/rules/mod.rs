//! All kinds of findings, one file each.

mod administration_open_beyond_office;
mod administration_open_to_internet;
mod all_ports_open_to_internet;
mod database_in_public_subnet;
mod database_open_beyond_application;
mod database_open_to_internet;
mod egress_open_to_internet;
mod file_sharing_open_to_internet;
mod http_without_https;
mod icmp_open_to_internet;
mod internal_service_open_to_internet;
mod network_acl_admits_administration;
mod network_acl_deny_ineffective;
mod network_acl_entry_shadowed;
mod peering_route_broad;
mod plaintext_service_open_to_internet;
mod port_open_to_internet;
mod port_range_open_to_internet;
mod security_group_opens_everything;
mod service_over_internet;
mod unused_network_acl;

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
    egress_open_to_internet::RULE,
    administration_open_beyond_office::RULE,
    database_open_beyond_application::RULE,
    database_in_public_subnet::RULE,
    security_group_opens_everything::RULE,
    network_acl_deny_ineffective::RULE,
    network_acl_admits_administration::RULE,
    network_acl_entry_shadowed::RULE,
    unused_network_acl::RULE,
    peering_route_broad::RULE,
    service_over_internet::RULE,
];
