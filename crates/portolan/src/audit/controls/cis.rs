//! CIS Amazon Web Services Foundations Benchmark, by version.
//!
//! "Remote server administration ports" are 22 and 3389 there. Version 4.0
//! numbers as 5.0 does, and 7.0 as 6.0.

use super::answers::{ACL, ADMINISTRATION, LOGS, METADATA, PUBLIC_SERVICE};
use super::{Control, Family, Of};

const SHARING: &[&str] =
    &["file-sharing-open-to-internet", "all-ports-open-to-internet", "port-range-open-to-internet"];
const DEFAULT: &[&str] = &["default-group-with-rules"];
const PEERING: &[&str] = &["peering-route-broad"];
const ADMIN_PORTS: &[u16] = &[22, 3389];

const ALARMS: &str = "alarms on API calls are set in CloudWatch; who changed a port is a question \
                      to the history";

const fn admin(id: &'static str) -> Control {
    Control::of_ports(id, ADMIN_PORTS, ADMINISTRATION)
}

/// All of them.
pub(super) const CONTROLS: &[Control] = &[
    // Network ACLs: no 0.0.0.0/0 to remote server administration ports.
    Control::found("CIS-AWS-1.4/5.1", ACL),
    Control::found("CIS-AWS-1.5/5.1", ACL),
    Control::found("CIS-AWS-2.0/5.1", ACL),
    Control::found("CIS-AWS-3.0/5.1", ACL),
    Control::found("CIS-AWS-4.0/5.2", ACL),
    Control::found("CIS-AWS-5.0/5.2", ACL),
    Control::found("CIS-AWS-6.0/6.2", ACL),
    Control::found("CIS-AWS-7.0/6.2", ACL),
    // Security groups: no 0.0.0.0/0 to remote server administration ports.
    Control::of_ports("CIS-AWS-1.2/4.1", &[22], ADMINISTRATION),
    Control::of_ports("CIS-AWS-1.2/4.2", &[3389], ADMINISTRATION),
    admin("CIS-AWS-1.4/5.2").over(Family::V4),
    admin("CIS-AWS-1.5/5.2").over(Family::V4),
    admin("CIS-AWS-2.0/5.2").over(Family::V4),
    admin("CIS-AWS-3.0/5.2").over(Family::V4),
    admin("CIS-AWS-4.0/5.3").over(Family::V4),
    admin("CIS-AWS-5.0/5.3").over(Family::V4),
    admin("CIS-AWS-6.0/6.3").over(Family::V4),
    admin("CIS-AWS-7.0/6.3").over(Family::V4),
    // Security groups: no ::/0 to remote server administration ports.
    admin("CIS-AWS-1.5/5.3").over(Family::V6),
    admin("CIS-AWS-2.0/5.3").over(Family::V6),
    admin("CIS-AWS-3.0/5.3").over(Family::V6),
    admin("CIS-AWS-4.0/5.4").over(Family::V6),
    admin("CIS-AWS-5.0/5.4").over(Family::V6),
    admin("CIS-AWS-6.0/6.4").over(Family::V6),
    admin("CIS-AWS-7.0/6.4").over(Family::V6),
    // The default security group of every VPC restricts all traffic.
    Control::found("CIS-AWS-1.2/4.3", DEFAULT),
    Control::found("CIS-AWS-1.4/5.3", DEFAULT),
    Control::found("CIS-AWS-1.5/5.4", DEFAULT),
    Control::found("CIS-AWS-2.0/5.4", DEFAULT),
    Control::found("CIS-AWS-3.0/5.4", DEFAULT),
    Control::found("CIS-AWS-4.0/5.5", DEFAULT),
    Control::found("CIS-AWS-5.0/5.5", DEFAULT),
    Control::found("CIS-AWS-6.0/6.5", DEFAULT),
    Control::found("CIS-AWS-7.0/6.5", DEFAULT),
    // Routing tables for VPC peering are "least access".
    Control::found("CIS-AWS-1.2/4.4", PEERING),
    Control::found("CIS-AWS-1.4/5.4", PEERING),
    Control::found("CIS-AWS-1.5/5.5", PEERING),
    Control::found("CIS-AWS-2.0/5.5", PEERING),
    Control::found("CIS-AWS-3.0/5.5", PEERING),
    Control::found("CIS-AWS-4.0/5.6", PEERING),
    Control::found("CIS-AWS-5.0/5.6", PEERING),
    Control::found("CIS-AWS-6.0/6.6", PEERING),
    Control::found("CIS-AWS-7.0/6.6", PEERING),
    // CIFS access is restricted to trusted networks.
    Control::of_ports("CIS-AWS-4.0/5.1.2", &[139, 445], SHARING),
    Control::of_ports("CIS-AWS-5.0/5.1.2", &[139, 445], SHARING),
    Control::of_ports("CIS-AWS-6.0/6.1.2", &[139, 445], SHARING),
    Control::of_ports("CIS-AWS-7.0/6.1.2", &[139, 445], SHARING),
    // VPC endpoints are used for access to AWS services.
    Control::found("CIS-AWS-7.0/6.8", &["service-over-internet"]),
    // RDS instances are not publicly accessible.
    Control::found("CIS-AWS-1.5/2.3.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found("CIS-AWS-2.0/2.3.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found("CIS-AWS-3.0/2.3.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found("CIS-AWS-4.0/2.2.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found("CIS-AWS-5.0/2.2.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found("CIS-AWS-6.0/3.2.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found("CIS-AWS-7.0/3.2.3", PUBLIC_SERVICE).only(Of::Kind("rds")),
    // The metadata service of instances is IMDSv2.
    Control::not_ours("CIS-AWS-2.0/5.6", METADATA),
    Control::not_ours("CIS-AWS-3.0/5.6", METADATA),
    Control::not_ours("CIS-AWS-4.0/5.7", METADATA),
    Control::not_ours("CIS-AWS-5.0/5.7", METADATA),
    Control::not_ours("CIS-AWS-6.0/6.7", METADATA),
    Control::not_ours("CIS-AWS-7.0/6.7", METADATA),
    // VPC flow logging is on.
    Control::not_ours("CIS-AWS-1.2/2.9", LOGS),
    Control::not_ours("CIS-AWS-1.4/3.9", LOGS),
    Control::not_ours("CIS-AWS-1.5/3.9", LOGS),
    Control::not_ours("CIS-AWS-2.0/3.9", LOGS),
    Control::not_ours("CIS-AWS-3.0/3.7", LOGS),
    Control::not_ours("CIS-AWS-4.0/3.7", LOGS),
    Control::not_ours("CIS-AWS-5.0/3.7", LOGS),
    Control::not_ours("CIS-AWS-6.0/4.7", LOGS),
    Control::not_ours("CIS-AWS-7.0/4.7", LOGS),
    // Changes of groups, ACLs, gateways, route tables and VPCs raise an alarm.
    Control::not_ours("CIS-AWS-1.2/3.10", ALARMS),
    Control::not_ours("CIS-AWS-1.2/3.11", ALARMS),
    Control::not_ours("CIS-AWS-1.2/3.12", ALARMS),
    Control::not_ours("CIS-AWS-1.2/3.13", ALARMS),
    Control::not_ours("CIS-AWS-1.2/3.14", ALARMS),
    Control::not_ours("CIS-AWS-1.4/4.10", ALARMS),
    Control::not_ours("CIS-AWS-1.4/4.11", ALARMS),
    Control::not_ours("CIS-AWS-1.4/4.12", ALARMS),
    Control::not_ours("CIS-AWS-1.4/4.13", ALARMS),
    Control::not_ours("CIS-AWS-1.4/4.14", ALARMS),
    Control::not_ours("CIS-AWS-1.5/4.10", ALARMS),
    Control::not_ours("CIS-AWS-1.5/4.11", ALARMS),
    Control::not_ours("CIS-AWS-1.5/4.12", ALARMS),
    Control::not_ours("CIS-AWS-1.5/4.13", ALARMS),
    Control::not_ours("CIS-AWS-1.5/4.14", ALARMS),
    Control::not_ours("CIS-AWS-2.0/4.10", ALARMS),
    Control::not_ours("CIS-AWS-2.0/4.11", ALARMS),
    Control::not_ours("CIS-AWS-2.0/4.12", ALARMS),
    Control::not_ours("CIS-AWS-2.0/4.13", ALARMS),
    Control::not_ours("CIS-AWS-2.0/4.14", ALARMS),
    Control::not_ours("CIS-AWS-3.0/4.10", ALARMS),
    Control::not_ours("CIS-AWS-3.0/4.11", ALARMS),
    Control::not_ours("CIS-AWS-3.0/4.12", ALARMS),
    Control::not_ours("CIS-AWS-3.0/4.13", ALARMS),
    Control::not_ours("CIS-AWS-3.0/4.14", ALARMS),
    Control::not_ours("CIS-AWS-4.0/4.10", ALARMS),
    Control::not_ours("CIS-AWS-4.0/4.11", ALARMS),
    Control::not_ours("CIS-AWS-4.0/4.12", ALARMS),
    Control::not_ours("CIS-AWS-4.0/4.13", ALARMS),
    Control::not_ours("CIS-AWS-4.0/4.14", ALARMS),
    Control::not_ours("CIS-AWS-5.0/4.10", ALARMS),
    Control::not_ours("CIS-AWS-5.0/4.11", ALARMS),
    Control::not_ours("CIS-AWS-5.0/4.12", ALARMS),
    Control::not_ours("CIS-AWS-5.0/4.13", ALARMS),
    Control::not_ours("CIS-AWS-5.0/4.14", ALARMS),
    Control::not_ours("CIS-AWS-6.0/5.10", ALARMS),
    Control::not_ours("CIS-AWS-6.0/5.11", ALARMS),
    Control::not_ours("CIS-AWS-6.0/5.12", ALARMS),
    Control::not_ours("CIS-AWS-6.0/5.13", ALARMS),
    Control::not_ours("CIS-AWS-6.0/5.14", ALARMS),
    Control::not_ours("CIS-AWS-7.0/5.10", ALARMS),
    Control::not_ours("CIS-AWS-7.0/5.11", ALARMS),
    Control::not_ours("CIS-AWS-7.0/5.12", ALARMS),
    Control::not_ours("CIS-AWS-7.0/5.13", ALARMS),
    Control::not_ours("CIS-AWS-7.0/5.14", ALARMS),
];
