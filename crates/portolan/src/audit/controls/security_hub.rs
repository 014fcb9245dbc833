//! AWS Foundational Security Best Practices (Security Hub).

use super::answers::{
    ADMINISTRATION, ANY, CLASSIC, FIREWALL, LOGS, METADATA, OPEN, PUBLIC, PUBLIC_ENDPOINT,
    PUBLIC_SERVICE, RELIABLE, TEMPLATE, WEB_ACL,
};
use super::{Control, Of};

/// Ports of EC2.19.
const HIGH_RISK: &[u16] = &[
    20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500,
    5601, 8080, 8088, 8888, 9200, 9300,
];

const CONTENT: &str = "about what is inside a connection (certificates, headers, encryption), not \
                       about who reaches a port";
const STORAGE: &str = "about who may read stored data, not about a port";
const COPIES: &str = "about the way that a cluster's own copies take; it opens no port";
const NOTEBOOKS: &str = "about what notebooks and models call from a network of AWS's own; they listen \
                         at no port of the estate";
const API: &[&str] = &["api-over-internet"];

/// All of them.
pub(super) const CONTROLS: &[Control] = &[
    Control::found("FSBP/EC2.2", &["default-group-with-rules"]),
    Control::not_ours("FSBP/EC2.6", LOGS),
    Control::not_ours("FSBP/EC2.8", METADATA),
    Control::found("FSBP/EC2.9", PUBLIC),
    Control::found("FSBP/EC2.10", API).only(Of::Listed("ec2")),
    Control::found("FSBP/EC2.12", &["unused-address"]),
    Control::of_ports("FSBP/EC2.13", &[22], ADMINISTRATION),
    Control::of_ports("FSBP/EC2.14", &[3389], ADMINISTRATION),
    Control::found("FSBP/EC2.15", &["subnet-assigns-public-addresses"]),
    Control::found("FSBP/EC2.16", &["unused-network-acl"]),
    Control::found("FSBP/EC2.17", &["several-interfaces"]),
    Control::found("FSBP/EC2.18", ANY),
    Control::of_ports("FSBP/EC2.19", HIGH_RISK, OPEN),
    Control::found("FSBP/EC2.20", &["vpn-tunnel-down"]),
    Control::found("FSBP/EC2.21", &["network-acl-admits-administration"]),
    Control::found("FSBP/EC2.22", &["unused-security-group"]),
    Control::found("FSBP/EC2.23", &["transit-gateway-accepts-attachments"]),
    Control::not_ours("FSBP/EC2.25", TEMPLATE),
    Control::not_ours("FSBP/EC2.29", CLASSIC),
    Control::not_ours("FSBP/EC2.51", LOGS),
    Control::of_ports("FSBP/EC2.53", &[22, 3389], ADMINISTRATION).over(super::Family::V4),
    Control::of_ports("FSBP/EC2.54", &[22, 3389], ADMINISTRATION).over(super::Family::V6),
    Control::found("FSBP/EC2.55", API).only(Of::Listed("ecr.api")),
    Control::found("FSBP/EC2.56", API).only(Of::Listed("ecr.dkr")),
    Control::found("FSBP/EC2.57", API).only(Of::Listed("ssm")),
    Control::found("FSBP/EC2.58", API).only(Of::Listed("ssm-contacts")),
    Control::found("FSBP/EC2.60", API).only(Of::Listed("ssm-incidents")),
    Control::not_ours("FSBP/EC2.170", METADATA),
    Control::not_ours("FSBP/EC2.171", LOGS),
    Control::found("FSBP/EC2.172", &["block-public-access-off"]),
    Control::not_ours("FSBP/EC2.173", CONTENT),
    Control::found("FSBP/EC2.180", &["source-destination-check-off"]),
    Control::not_ours("FSBP/EC2.181", CONTENT),
    Control::found("FSBP/ELB.1", &["http-listener-without-redirect"]),
    Control::found("FSBP/ELB.2", &["certificate-not-renewed", "listener-certificate"])
        .only(Of::Kind("classic-load-balancer")),
    Control::found("FSBP/ELB.3", &["classic-listener-without-tls"]),
    Control::not_ours("FSBP/ELB.4", CONTENT),
    Control::not_ours("FSBP/ELB.5", LOGS),
    Control::not_ours("FSBP/ELB.9", RELIABLE),
    Control::not_ours("FSBP/ELB.10", RELIABLE),
    Control::not_ours("FSBP/ELB.12", CONTENT),
    Control::not_ours("FSBP/ELB.13", RELIABLE),
    Control::not_ours("FSBP/ELB.14", CONTENT),
    Control::not_ours("FSBP/ELB.16", WEB_ACL),
    Control::found("FSBP/ELB.17", &["listener-tls-outdated"]).only(Of::Kind("load-balancer")),
    Control::found(
        "FSBP/ELB.18",
        &["http-listener-without-redirect", "network-listener-without-tls"],
    ),
    Control::not_ours("FSBP/RDS.1", STORAGE),
    Control::found("FSBP/RDS.2", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::not_ours("FSBP/RDS.18", CLASSIC),
    Control::not_ours("FSBP/RDS.22", "event subscriptions tell of changes; they open nothing"),
    Control::not_ours(
        "FSBP/RDS.23",
        "another number hides a port from nobody who scans; who reaches it is what counts",
    ),
    Control::not_ours("FSBP/NetworkFirewall.2", LOGS),
    Control::waits("FSBP/NetworkFirewall.3", FIREWALL),
    Control::waits("FSBP/NetworkFirewall.4", FIREWALL),
    Control::waits("FSBP/NetworkFirewall.5", FIREWALL),
    Control::waits("FSBP/NetworkFirewall.6", FIREWALL),
    Control::not_ours("FSBP/NetworkFirewall.9", RELIABLE),
    Control::not_ours("FSBP/NetworkFirewall.10", RELIABLE),
    Control::not_ours("FSBP/AutoScaling.5", TEMPLATE),
    Control::not_ours("FSBP/ECS.1", "about host networking and users inside a task definition"),
    Control::found("FSBP/ECS.2", PUBLIC_SERVICE).only(Of::Kind("ecs-task")),
    Control::found("FSBP/EKS.1", PUBLIC_ENDPOINT).only(Of::Kind("eks")),
    Control::found("FSBP/EMR.1", PUBLIC),
    Control::not_ours(
        "FSBP/EMR.2",
        "a setting that keeps EMR from launching behind open groups; the groups are judged",
    ),
    Control::found("FSBP/Redshift.1", PUBLIC_SERVICE).only(Of::Kind("redshift")),
    Control::not_ours("FSBP/Redshift.7", COPIES),
    Control::found(
        "FSBP/Redshift.15",
        &["database-open-beyond-application", "database-open-to-internet"],
    ),
    Control::not_ours("FSBP/RedshiftServerless.1", COPIES),
    Control::found("FSBP/RedshiftServerless.3", PUBLIC_SERVICE).only(Of::Kind("redshift")),
    Control::found("FSBP/OpenSearch.2", PUBLIC_ENDPOINT).only(Of::Kind("opensearch")),
    Control::found("FSBP/ES.2", PUBLIC_ENDPOINT).only(Of::Kind("opensearch")),
    Control::found("FSBP/DMS.1", PUBLIC_SERVICE).only(Of::Kind("dms")),
    Control::found("FSBP/MSK.4", PUBLIC_SERVICE).only(Of::Kind("msk")),
    Control::not_ours("FSBP/Lambda.1", "about the policy of a function, not about a port"),
    Control::not_ours(
        "FSBP/Lambda.3",
        "a function outside of a VPC has no interface that anything could reach",
    ),
    Control::not_ours("FSBP/SageMaker.1", NOTEBOOKS),
    Control::not_ours("FSBP/SageMaker.2", NOTEBOOKS),
    Control::not_ours("FSBP/SageMaker.5", NOTEBOOKS),
    Control::found("FSBP/EFS.6", &["file-system-in-public-subnet"]),
    Control::found("FSBP/ElastiCache.7", &["database-in-public-subnet"]),
    Control::not_ours("FSBP/CloudFront.6", CONTENT),
    Control::not_ours("FSBP/APIGateway.4", CONTENT),
    Control::not_ours("FSBP/APIGateway.8", "about the authorisation of requests"),
];
