//! What answers the controls of several catalogues.

/// Open to everyone by the rules of a group, reachable or not.
pub(super) const OPEN: &[&str] = &[
    "administration-open-to-internet",
    "all-ports-open-to-internet",
    "database-open-to-internet",
    "file-sharing-open-to-internet",
    "internal-service-open-to-internet",
    "open-group-unreachable",
    "plaintext-service-open-to-internet",
    "port-range-open-to-internet",
];
/// Whatever is open to everyone.
pub(super) const ANY: &[&str] = &[
    "administration-open-to-internet",
    "all-ports-open-to-internet",
    "database-open-to-internet",
    "file-sharing-open-to-internet",
    "icmp-open-to-internet",
    "internal-service-open-to-internet",
    "open-group-unreachable",
    "plaintext-service-open-to-internet",
    "port-open-to-internet",
    "port-range-open-to-internet",
];
/// Groups that let everyone administer, reachable or not.
pub(super) const ADMINISTRATION: &[&str] = &[
    "administration-open-to-internet",
    "all-ports-open-to-internet",
    "port-range-open-to-internet",
    "open-group-unreachable",
];
pub(super) const ACL: &[&str] = &["network-acl-admits-administration"];
pub(super) const PUBLIC: &[&str] = &["instance-with-public-address"];
pub(super) const PUBLIC_SERVICE: &[&str] = &["service-publicly-accessible"];
pub(super) const PUBLIC_ENDPOINT: &[&str] = &["service-with-public-endpoint"];

pub(super) const LOGS: &str = "whether traffic is logged does not decide who reaches a port";
pub(super) const METADATA: &str = "the instance metadata service is not reached over the network";
pub(super) const RELIABLE: &str = "about staying available, not about who reaches a port";
pub(super) const TEMPLATE: &str =
    "about what will be launched: for the views of declared resources";
pub(super) const WEB_ACL: &str =
    "a web ACL judges what a request says; it does not decide who reaches the listener";
pub(super) const FIREWALL: &str = "Network Firewall";
pub(super) const CLASSIC: &str = "EC2-Classic is gone: every instance is in a VPC";
