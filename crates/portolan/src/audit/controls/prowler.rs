//! Prowler's checks for AWS.

use super::answers::{
    ACL, ANY, CLASSIC, FIREWALL, LOGS, OPEN, PUBLIC, PUBLIC_ENDPOINT, PUBLIC_SERVICE, RELIABLE,
    TEMPLATE, WEB_ACL,
};
use super::{Control, Of};

/// The same, but really reachable.
const REACHED: &[&str] = &[
    "administration-open-to-internet",
    "all-ports-open-to-internet",
    "database-open-to-internet",
    "file-sharing-open-to-internet",
    "internal-service-open-to-internet",
    "plaintext-service-open-to-internet",
    "port-range-open-to-internet",
];

const LIGHTSAIL: &str = "Lightsail's hosts stand in a network of AWS's own, behind its own firewall, \
                         and have no interface in a VPC";

/// All of them.
pub(super) const CONTROLS: &[Control] = &[
    Control::found(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_all_ports",
        &["all-ports-open-to-internet", "open-group-unreachable"],
    ),
    Control::found("prowler/ec2_securitygroup_allow_ingress_from_internet_to_any_port", ANY),
    Control::found(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_any_port_from_ip",
        ANY,
    ),
    Control::found(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_high_risk_tcp_ports",
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_22",
        &[22],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_3389",
        &[3389],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_cassandra_7199_9160_8888",
        &[7199, 9160, 8888],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_elasticsearch_kibana_9200_9300_5601",
        &[9200, 9300, 5601],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_ftp_20_21",
        &[20, 21],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_kafka_9092",
        &[9092],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_memcached_11211",
        &[11211],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mongodb_27017_27018",
        &[27017, 27018],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_mysql_3306",
        &[3306],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_oracle_1521_2483",
        &[1521, 2483],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432",
        &[5432],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379",
        &[6379],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_sql_server_1433_1434",
        &[1433, 1434],
        OPEN,
    ),
    Control::of_ports(
        "prowler/ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_telnet_23",
        &[23],
        OPEN,
    ),
    Control::found(
        "prowler/ec2_securitygroup_allow_wide_open_public_ipv4",
        &["internet-in-pieces"],
    ),
    Control::found(
        "prowler/ec2_securitygroup_default_restrict_traffic",
        &["default-group-with-rules"],
    ),
    Control::found("prowler/ec2_securitygroup_from_launch_wizard", &["launch-wizard-group"]),
    Control::found("prowler/ec2_securitygroup_not_used", &["unused-security-group"]),
    Control::found(
        "prowler/ec2_securitygroup_with_many_ingress_egress_rules",
        &["group-with-many-rules"],
    ),
    Control::of_ports(
        "prowler/ec2_instance_port_cassandra_exposed_to_internet",
        &[7000, 7001, 7199, 9042, 9160],
        REACHED,
    ),
    Control::of_ports("prowler/ec2_instance_port_cifs_exposed_to_internet", &[139, 445], REACHED),
    Control::of_ports(
        "prowler/ec2_instance_port_elasticsearch_kibana_exposed_to_internet",
        &[9200, 9300, 5601],
        REACHED,
    ),
    Control::of_ports("prowler/ec2_instance_port_ftp_exposed_to_internet", &[20, 21], REACHED),
    Control::of_ports("prowler/ec2_instance_port_kafka_exposed_to_internet", &[9092], REACHED),
    Control::of_ports(
        "prowler/ec2_instance_port_kerberos_exposed_to_internet",
        &[88, 464, 749, 750],
        REACHED,
    ),
    Control::of_ports("prowler/ec2_instance_port_ldap_exposed_to_internet", &[389, 636], REACHED),
    Control::of_ports("prowler/ec2_instance_port_memcached_exposed_to_internet", &[11211], REACHED),
    Control::of_ports(
        "prowler/ec2_instance_port_mongodb_exposed_to_internet",
        &[27017, 27018],
        REACHED,
    ),
    Control::of_ports("prowler/ec2_instance_port_mysql_exposed_to_internet", &[3306], REACHED),
    Control::of_ports(
        "prowler/ec2_instance_port_oracle_exposed_to_internet",
        &[1521, 2483, 2484],
        REACHED,
    ),
    Control::of_ports("prowler/ec2_instance_port_postgresql_exposed_to_internet", &[5432], REACHED),
    Control::of_ports("prowler/ec2_instance_port_rdp_exposed_to_internet", &[3389], REACHED),
    Control::of_ports("prowler/ec2_instance_port_redis_exposed_to_internet", &[6379], REACHED),
    Control::of_ports(
        "prowler/ec2_instance_port_sqlserver_exposed_to_internet",
        &[1433, 1434],
        REACHED,
    ),
    Control::of_ports("prowler/ec2_instance_port_ssh_exposed_to_internet", &[22], REACHED),
    Control::of_ports("prowler/ec2_instance_port_telnet_exposed_to_internet", &[23], REACHED),
    Control::found("prowler/ec2_instance_public_ip", PUBLIC),
    Control::not_ours(
        "prowler/ec2_instance_internet_facing_with_instance_profile",
        "about the role of a host; what faces the internet is found",
    ),
    Control::found("prowler/ec2_instance_uses_single_eni", &["several-interfaces"]),
    Control::not_ours("prowler/ec2_launch_template_no_public_ip", TEMPLATE),
    Control::not_ours(
        "prowler/ec2_elastic_ip_shodan",
        "asks a service on the internet; a scan of our own says more",
    ),
    Control::found("prowler/ec2_elastic_ip_unassigned", &["unused-address"]),
    Control::found("prowler/ec2_confidential_workload_host_public_ip", PUBLIC),
    Control::found("prowler/ec2_confidential_workload_host_unrestricted_ingress", ANY),
    Control::not_ours(
        "prowler/ec2_confidential_workload_host_vsock_proxy_exposed",
        "about a proxy inside a host",
    ),
    Control::not_ours("prowler/ec2_client_vpn_endpoint_connection_logging_enabled", LOGS),
    Control::found(
        "prowler/ec2_transitgateway_auto_accept_vpc_attachments",
        &["transit-gateway-accepts-attachments"],
    ),
    Control::found("prowler/ec2_networkacl_allow_ingress_any_port", ACL),
    Control::found("prowler/ec2_networkacl_allow_ingress_tcp_port_22", ACL),
    Control::found("prowler/ec2_networkacl_allow_ingress_tcp_port_3389", ACL),
    Control::found("prowler/ec2_networkacl_unused", &["unused-network-acl"]),
    Control::not_ours("prowler/vpc_flow_logs_enabled", LOGS),
    Control::not_ours(
        "prowler/vpc_endpoint_connections_trust_boundaries",
        "an endpoint's policy judges who asks for what; it does not decide who reaches a port",
    ),
    Control::found("prowler/vpc_endpoint_for_ec2_enabled", &["api-over-internet"])
        .only(Of::Listed("ec2")),
    Control::not_ours("prowler/vpc_endpoint_multi_az_enabled", RELIABLE),
    Control::found(
        "prowler/vpc_endpoint_services_allowed_principals_trust_boundaries",
        &["endpoint-service-open-to-strangers"],
    ),
    Control::found(
        "prowler/vpc_peering_routing_tables_with_least_privilege",
        &["peering-route-broad"],
    ),
    Control::not_ours("prowler/vpc_subnet_different_az", RELIABLE),
    Control::found(
        "prowler/vpc_subnet_no_public_ip_by_default",
        &["subnet-assigns-public-addresses"],
    ),
    Control::not_ours(
        "prowler/vpc_subnet_separate_private_public",
        "about having both kinds of subnets; what is in the wrong one is found",
    ),
    Control::found("prowler/vpc_vpn_connection_tunnels_up", &["vpn-tunnel-down"]),
    Control::not_ours("prowler/vpc_different_regions", RELIABLE),
    Control::found("prowler/elb_internet_facing", &["load-balancer-open-to-internet"])
        .only(Of::Kind("classic-load-balancer")),
    Control::found("prowler/elbv2_internet_facing", &["load-balancer-open-to-internet"])
        .only(Of::Kind("load-balancer")),
    Control::found("prowler/elb_ssl_listeners", &["classic-listener-without-tls"]),
    Control::found("prowler/elbv2_ssl_listeners", &["http-listener-without-redirect"]),
    Control::found("prowler/elbv2_listeners_underneath", &["load-balancer-without-listener"])
        .only(Of::Kind("load-balancer")),
    Control::not_ours("prowler/elbv2_waf_acl_attached", WEB_ACL),
    Control::found("prowler/elbv2_nlb_tls_termination_enabled", &["network-listener-without-tls"]),
    Control::waits("prowler/networkfirewall_in_all_vpc", FIREWALL),
    Control::waits("prowler/networkfirewall_policy_default_action_full_packets", FIREWALL),
    Control::waits("prowler/networkfirewall_policy_default_action_fragmented_packets", FIREWALL),
    Control::waits("prowler/networkfirewall_policy_rule_group_associated", FIREWALL),
    Control::not_ours("prowler/networkfirewall_multi_az", RELIABLE),
    Control::not_ours("prowler/networkfirewall_logging_enabled", LOGS),
    Control::not_ours("prowler/networkfirewall_deletion_protection", RELIABLE),
    Control::not_ours(
        "prowler/fms_policy_compliant",
        "about policies of Firewall Manager, which are judged where they act",
    ),
    Control::found("prowler/rds_instance_no_public_access", PUBLIC_SERVICE).only(Of::Kind("rds")),
    Control::not_ours("prowler/rds_instance_inside_vpc", CLASSIC),
    Control::found("prowler/redshift_cluster_public_access", PUBLIC_SERVICE)
        .only(Of::Kind("redshift")),
    Control::found("prowler/dms_instance_no_public_access", PUBLIC_SERVICE).only(Of::Kind("dms")),
    Control::found("prowler/opensearch_service_domains_not_publicly_accessible", PUBLIC_ENDPOINT)
        .only(Of::Kind("opensearch")),
    Control::found("prowler/eks_cluster_not_publicly_accessible", PUBLIC_ENDPOINT)
        .only(Of::Kind("eks")),
    Control::found(
        "prowler/elasticache_cluster_uses_public_subnet",
        &["database-in-public-subnet"],
    ),
    Control::found("prowler/neptune_cluster_uses_public_subnet", &["database-in-public-subnet"]),
    Control::found("prowler/kafka_cluster_is_public", PUBLIC_SERVICE).only(Of::Kind("msk")),
    Control::found("prowler/mq_broker_not_publicly_accessible", PUBLIC_SERVICE)
        .only(Of::Kind("mq")),
    Control::found("prowler/emr_cluster_publicly_accesible", PUBLIC),
    Control::found(
        "prowler/efs_mount_target_not_publicly_accessible",
        &["file-system-in-public-subnet"],
    ),
    Control::not_ours("prowler/lightsail_instance_public", LIGHTSAIL),
    Control::not_ours("prowler/lightsail_database_public", LIGHTSAIL),
    Control::found("prowler/ecs_service_no_assign_public_ip", PUBLIC_SERVICE)
        .only(Of::Kind("ecs-task")),
    Control::not_ours(
        "prowler/workspaces_vpc_2private_1public_subnets_nat",
        "about having subnets in two zones and a NAT gateway; desktops with public addresses are \
         found",
    ),
    Control::not_ours("prowler/autoscaling_group_launch_configuration_no_public_ip", TEMPLATE),
];
