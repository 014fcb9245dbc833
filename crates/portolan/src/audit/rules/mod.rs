//! All kinds of findings, one file each.

mod administration_open_to_internet;
mod all_ports_open_to_internet;
mod database_open_to_internet;
mod egress_open_to_internet;
pub(super) mod expired_exception;
mod file_sharing_open_to_internet;
mod http_without_https;
mod icmp_open_to_internet;
mod internal_service_open_to_internet;
mod plaintext_service_open_to_internet;
mod port_open_to_internet;
mod port_range_open_to_internet;
pub(super) mod unused_exception;

use super::Rule;

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
    expired_exception::RULE,
    unused_exception::RULE,
];
