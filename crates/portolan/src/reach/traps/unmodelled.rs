//! What is known to exist and not modelled: never closed for that reason, and
//! never open.

use super::check;

/// Two VPCs on a transit gateway; a group of one may name a group of the other.
fn transit(ingress: &str, egress: &str) -> String {
    format!(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->tgw:t
         subnet t v2 10.1.1.0/24 route 10.0.0.0/16->tgw:t
         group g v1 {egress}
         group h v2 {ingress}
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h"
    )
}

#[test]
fn a_way_over_a_transit_gateway_is_not_known() {
    check(
        &transit("in tcp/443 any", ""),
        "a -> b tcp/443 = unknown for not-collected, transit-gateway
         a -> b tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_reference_over_a_transit_gateway_is_never_called_closed() {
    check(
        &transit("in tcp/443 group:g", ""),
        "a -> b tcp/443 = unknown for not-collected, transit-gateway",
    );
    check(
        &transit("in tcp/443 any", "out tcp/443 group:h"),
        "a -> b tcp/443 = unknown for not-collected, transit-gateway",
    );
}

#[test]
fn hosts_behind_a_transit_gateway_are_not_known() {
    check(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc v1 10.0.0.0/16 2001:db8::/56
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 route any->tgw:t
         group g v1 in tcp/443 any
         interface a s 10.0.1.10 2001:db8:0:1::a groups=g",
        "192.168.1.1 -> a tcp/443 = unknown for not-collected, transit-gateway
         192.168.1.1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
         a -> 192.168.1.1 tcp/22 = unknown for not-collected, transit-gateway
         a -> 8.8.8.8 tcp/443 = unknown for not-collected, transit-gateway
         a -> 2600::1 tcp/443 = unknown for not-collected, transit-gateway",
    );
}

#[test]
fn a_public_address_may_be_a_host_behind_a_private_way() {
    check(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc v1 10.0.0.0/16 2001:db8::/56
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 route 130.0.0.0/8->vgw:v; route 2600::/16->tgw:t
         group g v1 in tcp/443 any
         interface a s 10.0.1.10 2001:db8:0:1::a groups=g",
        "130.1.1.1 -> 10.0.1.10 tcp/443 = unknown for vpn-gateway
         130.1.1.1 -> a tcp/443 = unknown for vpn-gateway
         130.1.1.1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH, IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS
         2600::1 -> a tcp/443 = unknown for not-collected, transit-gateway
         a -> 130.1.1.1 tcp/443 = unknown for vpn-gateway
         a -> 2600::1 tcp/443 = unknown for not-collected, transit-gateway",
    );
}

#[test]
fn the_acl_of_a_transit_gateway_s_subnet_is_never_called_closed() {
    // The attachment stands in the sender's own subnet.
    check(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->tgw:t
         subnet t v2 10.1.1.0/24 route 10.0.0.0/16->tgw:t
         group g v1
         group h v2 in all any
         interface attachment s 10.0.1.99 kind=tgw
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h",
        "a -> b tcp/443 = unknown for not-collected, transit-gateway",
    );
}

#[test]
fn hosts_behind_a_vpn_gateway_are_not_known() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 192.168.0.0/16->vgw:v propagated
         group g v1 in tcp/22 192.168.0.0/16
         interface a s 10.0.1.10 groups=g",
        "192.168.1.1 -> a tcp/22 = unknown for vpn-gateway
         192.168.1.1 -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH
         172.16.1.1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH, NO_ROUTE_TO_DESTINATION
         a -> 192.168.1.1 tcp/443 = unknown for vpn-gateway",
    );
}

#[test]
fn a_target_of_another_kind_is_not_known() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 192.168.0.0/16->other:lgw-1
         group g v1 in tcp/22 any
         interface a s 10.0.1.10 groups=g",
        "192.168.1.1 -> a tcp/22 = unknown for unmodelled-route-target
         a -> 192.168.1.1 tcp/22 = unknown for unmodelled-route-target",
    );
}

/// A load balancer's interface, with these words, and a target in its subnet
/// and in another.
fn balanced(words: &str, target: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         acl tight v1 in 100 allow tcp/443 any; out 100 allow tcp/1024-65535 any
         subnet front v1 10.0.0.0/24 acl=tight route 0.0.0.0/0->igw
         subnet back v1 10.0.1.0/24
         group lb v1 in tcp/443 any
         group g v1 {target}
         interface balancer front 10.0.0.10 public=198.51.100.1 kind=lb {words}
         interface a back 10.0.1.10 groups=g
         interface b front 10.0.0.11 groups=g"
    )
}

#[test]
fn a_port_of_a_load_balancer_is_not_known() {
    check(
        &balanced("groups=lb", "in tcp/8080 group:lb"),
        "8.8.8.8 -> balancer tcp/443 = unknown for load-balancer
         8.8.8.8 -> balancer tcp/22 = closed by ENI_SG_RULES_MISMATCH, SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn a_load_balancer_without_groups_is_not_filtered_by_any() {
    check(
        &balanced("", "in all any"),
        "8.8.8.8 -> balancer tcp/443 = unknown for load-balancer
         8.8.8.8 -> balancer tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn a_load_balancer_in_a_subnet_without_a_way_out_is_closed_to_the_internet() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet front v1 10.0.0.0/24
         interface balancer front 10.0.0.10 public=198.51.100.1 kind=lb groups=lb
         group lb v1 in all any",
        "8.8.8.8 -> balancer tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn what_a_load_balancer_sends_to_its_targets_is_not_known() {
    check(
        &balanced("groups=lb", "in tcp/443 group:lb"),
        "balancer -> b tcp/443 = unknown for load-balancer
         balancer -> b tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_classic_load_balancer_beside_its_target_is_never_called_closed() {
    check(
        &balanced("groups=lb", "in all any"),
        "balancer -> b tcp/8080 = unknown for load-balancer",
    );
}

#[test]
fn the_side_of_a_load_balancer_under_block_public_access_is_closed() {
    check(
        &format!("bpa bidirectional\n{}", balanced("groups=lb", "")),
        "8.8.8.8 -> balancer tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
    );
    check(
        &format!("bpa bidirectional exclude=front:bidirectional\n{}", balanced("groups=lb", "")),
        "8.8.8.8 -> balancer tcp/443 = unknown for load-balancer",
    );
}

#[test]
fn a_port_of_an_interface_that_aws_manages_is_not_known() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group e v1 in tcp/443 10.0.0.0/16
         group g v1
         interface other s 10.0.1.20 kind=managed groups=e
         interface a s 10.0.1.10 groups=g",
        "a -> other tcp/443 = unknown for managed-interface
         a -> other tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn both_ends_outside_are_not_known() {
    check("vpc v1 10.0.0.0/16", "8.8.8.8 -> 9.9.9.9 tcp/443 = unknown for outside-estate");
}

#[test]
fn a_public_destination_behind_a_transit_gateway_may_be_a_member_of_an_unseen_group() {
    check(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->tgw:t
         group g v1 out tcp/443 group:elsewhere
         interface a s 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = unknown for not-collected, transit-gateway, unknown-security-group",
    );
}

#[test]
fn who_shares_the_subnet_of_an_unseen_vpc_meets_no_acl() {
    check(
        "subnet t v2 10.9.1.0/24
         acl x v2 subnets=t
         group h v2 in tcp/22 any
         interface b t 10.9.1.10 groups=h",
        "10.9.1.99 -> b tcp/22 = unknown for no-route-table, unknown-vpc",
    );
}

#[test]
fn an_address_of_a_vpc_apart_may_be_one_of_an_unseen_peer() {
    let network = |words: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v3 10.5.0.0/16
             peering p v1 stranger accepter=10.5.0.0/16 {words}
             subnet s v1 10.0.1.0/24 route 10.5.0.0/16->pcx:p
             group g v1 in tcp/443 any
             interface a s 10.0.1.10 groups=g"
        )
    };
    check(
        &network(""),
        "10.5.1.1 -> a tcp/443 = unknown for unknown-vpc
         10.5.1.1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
         a -> 10.5.1.1 tcp/443 = closed by NO_SUCH_ADDRESS",
    );
    check(&network("inactive"), "10.5.1.1 -> a tcp/443 = closed by BAD_STATE_ROUTE");
}
