//! AWS Foundational Security Best Practices (Security Hub).

use super::Control;

/// Ports of EC2.19.
const HIGH_RISK: &[u16] = &[
    20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500,
    5601, 8080, 8088, 8888, 9200, 9300,
];
const OPEN: &[&str] = &[
    "administration-open-to-internet",
    "all-ports-open-to-internet",
    "port-range-open-to-internet",
    "open-group-unreachable",
];
const RISKY: &[&str] = &[
    "administration-open-to-internet",
    "all-ports-open-to-internet",
    "database-open-to-internet",
    "file-sharing-open-to-internet",
    "internal-service-open-to-internet",
    "open-group-unreachable",
    "plaintext-service-open-to-internet",
    "port-range-open-to-internet",
];
const UNAUTHORIZED: &[&str] = &[
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
const PUBLIC: &[&str] = &["instance-with-public-address"];

const LOGS: &str = "whether traffic is logged does not decide who reaches a port";
const METADATA: &str = "the instance metadata service is not reached over the network";
const CONTENT: &str = "about what is inside a connection (certificates, headers, encryption), not \
                       about who reaches a port";
const RELIABLE: &str = "about staying available, not about who reaches a port";
const TEMPLATE: &str = "about what will be launched: for the views of declared resources";
const STORAGE: &str = "about who may read stored data, not about a port";
const LOAD_BALANCERS: &str = "load balancers and their listeners";
const GATEWAYS: &str = "transit gateways";
const VPN: &str = "VPN connections";
const FIREWALL: &str = "Network Firewall";
const ENDPOINTS: &str = "interface endpoints";
const SERVICES: &str = "the describe output of the service itself";

/// All of them.
pub(super) const CONTROLS: &[Control] = &[
    Control::found("FSBP/EC2.2", &["default-group-with-rules"]),
    Control::not_ours("FSBP/EC2.6", LOGS),
    Control::not_ours("FSBP/EC2.8", METADATA),
    Control::found("FSBP/EC2.9", PUBLIC),
    Control::waits("FSBP/EC2.10", ENDPOINTS),
    Control::found("FSBP/EC2.12", &["unused-address"]),
    Control::of_ports("FSBP/EC2.13", &[22], OPEN),
    Control::of_ports("FSBP/EC2.14", &[3389], OPEN),
    Control::found("FSBP/EC2.15", &["subnet-assigns-public-addresses"]),
    Control::found("FSBP/EC2.16", &["unused-network-acl"]),
    Control::found("FSBP/EC2.17", &["several-interfaces"]),
    Control::found("FSBP/EC2.18", UNAUTHORIZED),
    Control::of_ports("FSBP/EC2.19", HIGH_RISK, RISKY),
    Control::waits("FSBP/EC2.20", VPN),
    Control::found("FSBP/EC2.21", &["network-acl-admits-administration"]),
    Control::found("FSBP/EC2.22", &["unused-security-group"]),
    Control::waits("FSBP/EC2.23", GATEWAYS),
    Control::not_ours("FSBP/EC2.25", TEMPLATE),
    Control::not_ours("FSBP/EC2.29", "EC2-Classic is gone: every instance is in a VPC"),
    Control::not_ours("FSBP/EC2.51", LOGS),
    Control::of_ports("FSBP/EC2.53", &[22, 3389], OPEN).over(super::Family::V4),
    Control::of_ports("FSBP/EC2.54", &[22, 3389], OPEN).over(super::Family::V6),
    Control::waits("FSBP/EC2.55", ENDPOINTS),
    Control::waits("FSBP/EC2.56", ENDPOINTS),
    Control::waits("FSBP/EC2.57", ENDPOINTS),
    Control::waits("FSBP/EC2.58", ENDPOINTS),
    Control::waits("FSBP/EC2.60", ENDPOINTS),
    Control::not_ours("FSBP/EC2.170", METADATA),
    Control::not_ours("FSBP/EC2.171", LOGS),
    Control::found("FSBP/EC2.172", &["block-public-access-off"]),
    Control::not_ours("FSBP/EC2.173", CONTENT),
    Control::found("FSBP/EC2.180", &["source-destination-check-off"]),
    Control::not_ours("FSBP/EC2.181", CONTENT),
    Control::waits("FSBP/ELB.1", LOAD_BALANCERS),
    Control::waits("FSBP/ELB.2", LOAD_BALANCERS),
    Control::waits("FSBP/ELB.3", LOAD_BALANCERS),
    Control::not_ours("FSBP/ELB.4", CONTENT),
    Control::not_ours("FSBP/ELB.5", LOGS),
    Control::not_ours("FSBP/ELB.9", RELIABLE),
    Control::not_ours("FSBP/ELB.10", RELIABLE),
    Control::not_ours("FSBP/ELB.12", CONTENT),
    Control::not_ours("FSBP/ELB.13", RELIABLE),
    Control::not_ours("FSBP/ELB.14", CONTENT),
    Control::waits("FSBP/ELB.16", LOAD_BALANCERS),
    Control::waits("FSBP/ELB.17", LOAD_BALANCERS),
    Control::waits("FSBP/ELB.18", LOAD_BALANCERS),
    Control::not_ours("FSBP/RDS.1", STORAGE),
    Control::waits("FSBP/RDS.2", SERVICES),
    Control::waits("FSBP/RDS.18", SERVICES),
    Control::not_ours("FSBP/RDS.22", "event subscriptions tell of changes; they open nothing"),
    Control::waits("FSBP/RDS.23", SERVICES),
    Control::not_ours("FSBP/NetworkFirewall.2", LOGS),
    Control::waits("FSBP/NetworkFirewall.3", FIREWALL),
    Control::waits("FSBP/NetworkFirewall.4", FIREWALL),
    Control::waits("FSBP/NetworkFirewall.5", FIREWALL),
    Control::waits("FSBP/NetworkFirewall.6", FIREWALL),
    Control::not_ours("FSBP/NetworkFirewall.9", RELIABLE),
    Control::not_ours("FSBP/NetworkFirewall.10", RELIABLE),
    Control::not_ours("FSBP/AutoScaling.5", TEMPLATE),
    Control::not_ours("FSBP/ECS.1", "about host networking and users inside a task definition"),
    Control::waits("FSBP/ECS.2", SERVICES),
    Control::waits("FSBP/EKS.1", SERVICES),
    Control::waits("FSBP/EMR.1", SERVICES),
    Control::waits("FSBP/EMR.2", SERVICES),
    Control::waits("FSBP/Redshift.1", SERVICES),
    Control::waits("FSBP/Redshift.7", SERVICES),
    Control::waits("FSBP/Redshift.15", SERVICES),
    Control::waits("FSBP/RedshiftServerless.1", SERVICES),
    Control::waits("FSBP/RedshiftServerless.3", SERVICES),
    Control::waits("FSBP/OpenSearch.2", SERVICES),
    Control::waits("FSBP/ES.2", SERVICES),
    Control::waits("FSBP/DMS.1", SERVICES),
    Control::waits("FSBP/MSK.4", SERVICES),
    Control::not_ours("FSBP/Lambda.1", "about the policy of a function, not about a port"),
    Control::waits("FSBP/Lambda.3", SERVICES),
    Control::waits("FSBP/SageMaker.1", SERVICES),
    Control::waits("FSBP/SageMaker.2", SERVICES),
    Control::waits("FSBP/SageMaker.5", SERVICES),
    Control::waits("FSBP/EFS.6", SERVICES),
    Control::waits("FSBP/ElastiCache.7", SERVICES),
    Control::not_ours("FSBP/CloudFront.6", CONTENT),
    Control::not_ours("FSBP/APIGateway.4", CONTENT),
    Control::not_ours("FSBP/APIGateway.8", "about the authorisation of requests"),
];
