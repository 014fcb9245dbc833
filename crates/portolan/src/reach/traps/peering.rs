//! VPC peering connections.

use super::check;

/// Two peered VPCs: routes of either side, words of the connection.
fn peered(one: &str, other: &str, words: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16 igw
         peering p v1 v2 {words}
         subnet s v1 10.0.1.0/24 {one}
         subnet t v2 10.1.1.0/24 {other}
         group g v1 in all any
         group h v2 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h"
    )
}

const TO_V2: &str = "route 10.1.0.0/16->pcx:p";
const TO_V1: &str = "route 10.0.0.0/16->pcx:p";

#[test]
fn peering_needs_routes_both_ways() {
    check(
        &peered(TO_V2, TO_V1, ""),
        "a -> b tcp/443 = open
         b -> a tcp/443 = open",
    );
    check(
        &peered(TO_V2, "", ""),
        "a -> b tcp/443 = closed by NO_ROUTE_TO_DESTINATION
         b -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_route_to_a_part_of_the_peer_leads_to_that_part() {
    check(
        &peered("route 10.1.2.0/24->pcx:p", TO_V1, ""),
        "a -> b tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_connection_that_is_not_active_leads_nowhere() {
    check(&peered(TO_V2, TO_V1, "inactive"), "a -> b tcp/443 = closed by BAD_STATE_ROUTE");
    check(&peered(TO_V2, TO_V1, "state-unknown"), "a -> b tcp/443 = unknown for unreadable-value");
}

#[test]
fn the_blocks_of_the_vpc_stand_in_for_those_that_are_not_given() {
    check(&peered(TO_V2, TO_V1, "no-blocks"), "a -> b tcp/443 = open");
}

#[test]
fn peering_leads_no_further_than_the_peer() {
    // v1 and v3 are both peers of v2.
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         vpc v3 10.2.0.0/16
         peering p v1 v2
         peering q v2 v3
         subnet s v1 10.0.1.0/24 route 10.2.0.0/16->pcx:p
         subnet t v2 10.1.1.0/24 route 10.2.0.0/16->pcx:q; route 10.0.0.0/16->pcx:p
         subnet u v3 10.2.1.0/24 route 10.0.0.0/16->pcx:q
         group g v1 in all any
         group h v3 in all any
         interface a s 10.0.1.10 groups=g
         interface c u 10.2.1.10 groups=h",
        "a -> c tcp/443 = closed by PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    );
}

#[test]
fn a_peer_s_internet_gateway_is_not_used() {
    check(
        &peered("route 0.0.0.0/0->pcx:p", "route 0.0.0.0/0->igw; route 10.0.0.0/16->pcx:p", ""),
        "a -> 8.8.8.8 tcp/443 = closed by PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    );
}

#[test]
fn a_peer_s_nat_gateway_is_not_used() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16 igw
         peering p v1 v2
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->pcx:p
         subnet t v2 10.1.1.0/24 route 0.0.0.0/0->igw
         nat n t private=10.1.1.5 public=198.51.100.1
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = closed by PCX_REQUIRES_ADDRESS_IN_VPC_CIDR
         a -> 10.1.1.5 tcp/443 = closed by NAT_GATEWAY_UNSOLICITED",
    );
}

#[test]
fn a_peer_s_gateway_endpoint_is_not_used() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         peering p v1 v2
         list s3 52.216.0.0/15
         endpoint e v2 gateway
         subnet s v1 10.0.1.0/24 route list:s3->pcx:p
         subnet t v2 10.1.1.0/24 route list:s3->vpce:e
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 52.216.1.1 tcp/443 = closed by PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    );
}

#[test]
fn a_peer_that_was_not_collected_is_unknown_not_absent() {
    check(
        "vpc v1 10.0.0.0/16
         peering p v1 elsewhere accepter=10.9.0.0/16
         subnet s v1 10.0.1.0/24 route 10.0.0.0/8->pcx:p
         group g v1 in tcp/443 any
         interface a s 10.0.1.10 groups=g",
        "10.9.0.5 -> a tcp/443 = unknown for unknown-vpc
         a -> 10.9.0.5 tcp/443 = unknown for unknown-vpc
         10.9.0.5 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
         10.8.0.5 -> a tcp/443 = closed by PCX_REQUIRES_ADDRESS_IN_VPC_CIDR",
    );
}

#[test]
fn a_connection_that_was_not_collected_is_unknown_not_absent() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         peering q v1 v2 inactive
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->pcx:unseen
         subnet t v2 10.1.1.0/24 route 10.0.0.0/16->pcx:unseen
         group g v1 in all any
         group h v2 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h",
        "a -> b tcp/443 = unknown for unknown-route-target",
    );
}

#[test]
fn peered_acls_are_asked_as_between_subnets() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         peering p v1 v2
         acl tight v2 in 100 allow tcp/443 10.0.1.0/24; out 100 allow tcp/1024-65535 10.0.1.0/24
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->pcx:p
         subnet t v2 10.1.1.0/24 acl=tight route 10.0.0.0/16->pcx:p
         group g v1 in all any
         group h v2 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h",
        "a -> b tcp/443 = open
         a -> b tcp/80 = closed by SUBNET_ACL_RESTRICTION
         b -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}
