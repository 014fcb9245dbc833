//! Gateway endpoints: S3 and DynamoDB without the internet.

use super::check;

/// A private host whose route to S3 is a gateway endpoint.
fn s3(group: &str, words: &str, more: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         list s3 52.216.0.0/15
         endpoint e v1 gateway {words}
         {more}
         subnet s v1 10.0.1.0/24 route list:s3->vpce:e
         group g v1 {group}
         interface a s 10.0.1.10 groups=g"
    )
}

#[test]
fn a_gateway_endpoint_needs_no_public_address() {
    check(
        &s3("", "", ""),
        "a -> 52.216.1.1 tcp/443 = open
         a -> 8.8.8.8 tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_gateway_endpoint_carries_tcp_and_echo_requests_only() {
    check(
        &s3("", "", ""),
        "a -> 52.216.1.1 icmp/8 = open
         a -> 52.216.1.1 icmp/13 = closed by VPCE_GATEWAY_PROTOCOL_RESTRICTION
         a -> 52.216.1.1 udp/443 = closed by VPCE_GATEWAY_PROTOCOL_RESTRICTION
         a -> 52.216.1.1 proto/50 = closed by VPCE_GATEWAY_PROTOCOL_RESTRICTION",
    );
}

#[test]
fn the_sender_s_group_must_allow_the_prefix_list() {
    check(
        &s3("out tcp/443 list:s3", "", ""),
        "a -> 52.216.1.1 tcp/443 = open
         a -> 52.216.1.1 tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
    check(
        &s3("out tcp/443 10.0.0.0/8", "", ""),
        "a -> 52.216.1.1 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn the_acl_of_the_sender_is_asked_both_ways() {
    let network = |acl: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             list s3 52.216.0.0/15
             endpoint e v1 gateway
             acl tight v1 {acl}
             subnet s v1 10.0.1.0/24 acl=tight route list:s3->vpce:e
             group g v1
             interface a s 10.0.1.10 groups=g"
        )
    };
    check(
        &network("out 100 allow tcp/443 52.216.0.0/15; in 100 allow tcp/1024-65535 52.216.0.0/15"),
        "a -> 52.216.1.1 tcp/443 = open",
    );
    check(
        &network("out 100 allow tcp/443 52.216.0.0/15; in 100 allow all 10.0.0.0/8"),
        "a -> 52.216.1.1 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn the_prefix_list_precedes_the_default_route() {
    check(
        "vpc v1 10.0.0.0/16 igw
         list s3 52.216.0.0/15
         endpoint e v1 gateway
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw; route list:s3->vpce:e
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 52.216.1.1 tcp/443 = open
         a -> 8.8.8.8 tcp/443 = closed by IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    );
}

#[test]
fn an_endpoint_that_is_not_available_leads_nowhere() {
    check(&s3("", "unavailable", ""), "a -> 52.216.1.1 tcp/443 = closed by BAD_STATE_ROUTE");
    check(&s3("", "state-unknown", ""), "a -> 52.216.1.1 tcp/443 = unknown for unreadable-value");
}

#[test]
fn a_vpce_target_is_read_by_the_type_of_the_endpoint() {
    let network = |kind: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             list s3 52.216.0.0/15
             endpoint e v1 {kind}
             subnet s v1 10.0.1.0/24 route list:s3->vpce:e
             group g v1
             interface a s 10.0.1.10 groups=g"
        )
    };
    check(&network("gateway"), "a -> 52.216.1.1 tcp/443 = open");
    check(&network("gwlb"), "a -> 52.216.1.1 tcp/443 = unknown for gateway-load-balancer-endpoint");
    check(&network("unknown"), "a -> 52.216.1.1 tcp/443 = unknown for unknown-route-target");
}

#[test]
fn an_endpoint_that_was_not_collected_is_unknown_not_absent() {
    check(
        "vpc v1 10.0.0.0/16
         list s3 52.216.0.0/15
         subnet s v1 10.0.1.0/24 route list:s3->vpce:unseen
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 52.216.1.1 tcp/443 = unknown for unknown-route-target",
    );
}

#[test]
fn a_prefix_list_that_was_not_collected_may_lead_to_the_endpoint() {
    check(
        "vpc v1 10.0.0.0/16 igw
         endpoint e v1 gateway
         subnet s v1 10.0.1.0/24 route list:pl-unseen->vpce:e
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 52.216.1.1 tcp/443 = unknown for unknown-prefix-list",
    );
}

#[test]
fn a_gateway_endpoint_behind_a_transit_gateway_is_not_used() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         list s3 52.216.0.0/15
         endpoint e v2 gateway
         subnet s v1 10.0.1.0/24 zone=z route 52.216.0.0/15->tgw:t
         subnet u v2 10.1.1.0/24 zone=z route list:s3->vpce:e; route 10.0.0.0/16->tgw:t
         tgw t
         attachment x t subnets:s r
         attachment y t subnets:u r
         tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y 52.216.0.0/15->y
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 52.216.1.1 tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn what_passes_a_gateway_load_balancer_endpoint_may_be_dropped() {
    let network = |rules: &str| {
        format!(
            "vpc v1 10.0.0.0/16 igw
             endpoint w v1 gwlb
             subnet near v1 10.0.1.0/24 route 10.0.2.0/24->vpce:w
             subnet far v1 10.0.2.0/24 route 10.0.1.0/24->vpce:w; route 0.0.0.0/0->vpce:w
             table edge v1 gateways=igw-v1 route 10.0.2.0/24->vpce:w
             group client v1
             group g v1 {rules}
             interface a near 10.0.1.10 groups=client
             interface b far 10.0.2.10 public=198.51.100.7 groups=g"
        )
    };
    check(
        &network("in tcp/443 any"),
        "a -> b tcp/443 = unknown for gateway-load-balancer-endpoint
         8.8.8.8 -> 198.51.100.7 tcp/443 = unknown for gateway-load-balancer-endpoint
         b -> 8.8.8.8 tcp/443 = unknown for gateway-load-balancer-endpoint
         a -> b tcp/22 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> 198.51.100.7 tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn one_direction_through_a_gateway_load_balancer_endpoint_is_enough_for_doubt() {
    check(
        "vpc v1 10.0.0.0/16
         endpoint w v1 gwlb
         subnet near v1 10.0.1.0/24
         subnet far v1 10.0.2.0/24 route 10.0.1.0/24->vpce:w
         group g v1 in all any; out all any
         interface a near 10.0.1.10 groups=g
         interface b far 10.0.2.10 groups=g",
        "a -> b tcp/443 = unknown for gateway-load-balancer-endpoint
         b -> a tcp/443 = unknown for gateway-load-balancer-endpoint",
    );
}
