//! Checkov, Trivy and ScoutSuite.

use super::answers::{ACL, ANY, LOGS, OPEN, PUBLIC_SERVICE};
use super::{Control, Of};

/// All of them.
pub(super) const CONTROLS: &[Control] = &[
    Control::found("checkov/CKV_AWS_23", &["rule-without-description"]),
    Control::of_ports("checkov/CKV_AWS_24", &[22], OPEN),
    Control::of_ports("checkov/CKV_AWS_25", &[3389], OPEN),
    Control::of_ports(
        "checkov/CKV_AWS_260",
        &[80],
        &[
            "all-ports-open-to-internet",
            "open-group-unreachable",
            "port-open-to-internet",
            "port-range-open-to-internet",
        ],
    ),
    Control::found(
        "checkov/CKV_AWS_277",
        &["all-ports-open-to-internet", "open-group-unreachable"],
    ),
    Control::found("checkov/CKV_AWS_382", &["egress-open-to-internet"]),
    Control::found("checkov/CKV_AWS_229", ACL),
    Control::found("checkov/CKV_AWS_230", ACL),
    Control::found("checkov/CKV_AWS_231", ACL),
    Control::found("checkov/CKV_AWS_232", ACL),
    Control::found("checkov/CKV_AWS_352", ACL),
    Control::found("checkov/CKV_AWS_88", &["instance-with-public-address"]),
    Control::found("checkov/CKV_AWS_130", &["subnet-assigns-public-addresses"]),
    Control::found("checkov/CKV_AWS_123", &["endpoint-service-accepts-endpoints"]),
    Control::not_ours(
        "checkov/CKV_AWS_148",
        "about a declared default VPC; what is in it is judged like the rest",
    ),
    Control::found("checkov/CKV2_AWS_5", &["unused-security-group"]),
    Control::found("checkov/CKV2_AWS_7", ANY),
    Control::not_ours("checkov/CKV2_AWS_11", LOGS),
    Control::found("checkov/CKV2_AWS_12", &["default-group-with-rules"]),
    Control::found("checkov/CKV2_AWS_19", &["unused-address"]),
    Control::found("checkov/CKV2_AWS_44", &["peering-route-broad"]),
    Control::found("trivy/AWS-0102", ACL),
    Control::found("trivy/AWS-0104", &["egress-open-to-internet"]),
    Control::found("trivy/AWS-0105", ACL),
    Control::of_ports("trivy/AWS-0107", &[22, 3389], OPEN),
    Control::found("trivy/alb_not_public", &["load-balancer-open-to-internet"])
        .only(Of::Kind("load-balancer")),
    Control::found("trivy/no_public_ip", &["instance-with-public-address"]),
    Control::found("trivy/no_public_ip_subnet", &["subnet-assigns-public-addresses"]),
    Control::not_ours("trivy/require_vpc_flow_logs_for_all_vpcs", LOGS),
    Control::found("trivy/restrict_all_in_default_sg", &["default-group-with-rules"]),
    Control::found("trivy/rds_disable_public_access", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::found(
        "scoutsuite/ec2-security-group-opens-all-ports",
        &[
            "all-ports-open-to-internet",
            "security-group-opens-everything",
            "open-group-unreachable",
        ],
    ),
    Control::found(
        "scoutsuite/ec2-security-group-opens-all-ports-to-all",
        &["all-ports-open-to-internet", "open-group-unreachable"],
    ),
    Control::found(
        "scoutsuite/ec2-security-group-opens-all-ports-to-self",
        &["security-group-opens-everything"],
    ),
    Control::found("scoutsuite/ec2-security-group-opens-known-port-to-all", OPEN),
    Control::found(
        "scoutsuite/ec2-security-group-opens-plaintext-port",
        &["plaintext-service-open-to-internet"],
    ),
    Control::found(
        "scoutsuite/ec2-security-group-opens-port-range",
        &["port-range-open-to-internet"],
    ),
    Control::found("scoutsuite/ec2-security-group-opens-port-to-all", ANY),
    Control::found(
        "scoutsuite/ec2-security-group-opens-icmp-to-all",
        &["icmp-open-to-internet", "all-ports-open-to-internet"],
    ),
    Control::found("scoutsuite/ec2-security-group-whitelists-aws", &["hole-for-foreign-address"]),
    Control::not_ours(
        "scoutsuite/ec2-security-group-whitelists-aws-ip-from-banned-region",
        "there are no banned regions here; intent says who may come",
    ),
    Control::found(
        "scoutsuite/ec2-security-group-whitelists-non-elastic-ips",
        &["hole-for-foreign-address"],
    ),
    Control::found(
        "scoutsuite/ec2-security-group-whitelists-unknown-aws",
        &["hole-for-foreign-address"],
    ),
    Control::not_ours(
        "scoutsuite/ec2-security-group-whitelists-unknown-cidrs",
        "which blocks are known is a question of intent",
    ),
    Control::found("scoutsuite/ec2-unused-security-group", &["unused-security-group"]),
    Control::found("scoutsuite/ec2-default-security-group-in-use", &["default-group-in-use"]),
    Control::found(
        "scoutsuite/ec2-default-security-group-with-rules",
        &["default-group-with-rules"],
    ),
    Control::found("scoutsuite/vpc-custom-network-acls-allow-all", ACL),
    Control::found("scoutsuite/vpc-default-network-acls-allow-all", ACL),
    Control::found("scoutsuite/vpc-network-acl-not-used", &["unused-network-acl"]),
    Control::found("scoutsuite/vpc-subnet-with-bad-acls", ACL),
    Control::found("scoutsuite/vpc-subnet-with-default-acls", ACL),
    Control::found("scoutsuite/vpc-routing-tables-with-peering", &["peering-route-broad"]),
];
