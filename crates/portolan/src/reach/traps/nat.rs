//! NAT gateways.

use super::check;

/// A private host behind a NAT gateway: the ACLs of both subnets, the gateway's words.
fn nat(private_acl: &str, public_acl: &str, words: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         acl private v1 {private_acl}
         acl public v1 {public_acl}
         subnet public v1 10.0.0.0/24 acl=public route 0.0.0.0/0->igw
         subnet private v1 10.0.1.0/24 acl=private route 0.0.0.0/0->nat:n
         nat n public private=10.0.0.5 public=198.51.100.1 {words}
         group g v1
         interface a private 10.0.1.10 groups=g"
    )
}

const ALL: &str = "in 100 allow all any; out 100 allow all any";

#[test]
fn a_nat_gateway_leads_out_and_not_in() {
    check(
        &nat(ALL, ALL, ""),
        "a -> 8.8.8.8 tcp/443 = open
         a -> 8.8.8.8 udp/53 = open
         a -> 8.8.8.8 icmp/8 = open
         8.8.8.8 -> 198.51.100.1 tcp/443 = closed by NAT_GATEWAY_UNSOLICITED
         a -> 10.0.0.5 tcp/443 = closed by NAT_GATEWAY_UNSOLICITED",
    );
}

#[test]
fn a_nat_gateway_carries_tcp_udp_and_icmp_only() {
    check(
        &nat(ALL, ALL, ""),
        "a -> 8.8.8.8 proto/50 = closed by NGW_PROTOCOL_RESTRICTION
         a -> 8.8.8.8 proto/47 = closed by NGW_PROTOCOL_RESTRICTION",
    );
}

#[test]
fn the_nat_gateway_s_acl_sees_the_private_source() {
    check(
        &nat(
            ALL,
            "in 100 allow tcp/443 10.0.1.0/24; in 200 allow tcp/1024-65535 0.0.0.0/0; out 100 allow all any",
            "",
        ),
        "a -> 8.8.8.8 tcp/443 = open
         a -> 8.8.8.8 tcp/80 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &nat(ALL, "in 90 deny all 10.0.1.0/24; in 100 allow all any; out 100 allow all any", ""),
        "a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn the_nat_gateway_s_acl_is_asked_on_the_way_out_and_for_the_reply() {
    check(
        &nat(
            ALL,
            "in 100 allow all any; out 100 allow tcp/443 8.8.8.0/24; out 200 allow all 10.0.0.0/16",
            "",
        ),
        "a -> 8.8.8.8 tcp/443 = open
         a -> 9.9.9.9 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    // No answer from the internet.
    check(
        &nat(ALL, "in 100 allow all 10.0.0.0/16; out 100 allow all any", ""),
        "a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    // No answer to the sender.
    check(
        &nat(ALL, "in 100 allow all any; out 90 deny all 10.0.0.0/16; out 100 allow all any", ""),
        "a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn the_sender_s_acl_sees_the_far_address_not_the_nat_gateway() {
    check(
        &nat("out 100 allow tcp/443 8.8.8.0/24; in 100 allow tcp/1024-65535 8.8.8.0/24", ALL, ""),
        "a -> 8.8.8.8 tcp/443 = open
         a -> 9.9.9.9 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &nat("out 100 allow all any; in 100 allow all 10.0.0.0/16", ALL, ""),
        "a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn a_nat_gateway_chooses_its_own_port_for_the_answer() {
    check(
        &nat(
            ALL,
            "in 100 allow all 10.0.0.0/16; in 200 allow tcp/32768-60999 any; out 100 allow all any",
            "",
        ),
        "a -> 8.8.8.8 tcp/443 = open to clients 1024-65535",
    );
}

#[test]
fn a_nat_gateway_in_the_sender_s_own_subnet_is_a_loop() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet public v1 10.0.0.0/24 route 0.0.0.0/0->nat:n
         nat n public public=198.51.100.1
         group g v1
         interface a public 10.0.0.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = closed by NGW_IN_SOURCE_SUBNET",
    );
}

#[test]
fn a_nat_gateway_s_answers_go_where_the_table_of_its_own_subnet_leads() {
    let network = |route: &str| {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet public v1 10.0.0.0/24 route 0.0.0.0/0->igw {route}
             subnet private v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
             nat n public private=10.0.0.5 public=198.51.100.1
             group g v1
             interface a private 10.0.1.10 groups=g
             interface b private 10.0.1.200 groups=g
             interface firewall public 10.0.0.9 groups=g forwards"
        )
    };
    check(
        &network("; route 10.0.1.0/25->igw blackhole"),
        "a -> 8.8.8.8 tcp/443 = closed by BAD_STATE_ROUTE
         b -> 8.8.8.8 tcp/443 = open",
    );
    check(&network("; route 10.0.1.0/24->igw"), "a -> 8.8.8.8 tcp/443 = closed by CANNOT_ROUTE");
    check(
        &network("; route 10.0.1.0/24->eni:firewall"),
        "a -> 8.8.8.8 tcp/443 = unknown for middlebox",
    );
}

#[test]
fn a_nat_gateway_without_a_way_to_an_internet_gateway_leads_nowhere() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet public v1 10.0.0.0/24
         subnet private v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
         nat n public public=198.51.100.1
         group g v1
         interface a private 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_private_nat_gateway_does_not_pass_an_internet_gateway() {
    check(
        &nat(ALL, ALL, "private-only"),
        "a -> 8.8.8.8 tcp/443 = closed by IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    );
}

#[test]
fn a_private_nat_gateway_to_elsewhere_is_not_modelled() {
    check(
        "vpc v1 10.0.0.0/16
         subnet public v1 10.0.0.0/24 route 0.0.0.0/0->tgw:t
         subnet private v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
         nat n public private-only
         group g v1
         interface a private 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = unknown for private-nat-gateway",
    );
}

/// A host behind a NAT gateway whose own subnet leads to another VPC and to a network.
fn translated(connectivity: &str, beyond: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         vpc v2 10.1.0.0/16
         subnet outer v1 10.0.0.0/24 route 0.0.0.0/0->igw {beyond}
         subnet inner v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
         subnet far v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
         peering p v1 v2
         nat n outer private=10.0.0.5 public=198.51.100.1 {connectivity}
         group g v1
         group h v2 in tcp/443 10.0.0.0/8
         interface a inner 10.0.1.10 groups=g
         interface b far 10.1.1.10 groups=h"
    )
}

#[test]
fn what_a_nat_gateway_hands_on_to_other_networks_is_not_modelled() {
    for connectivity in ["private-only", ""] {
        check(
            &translated(connectivity, "; route 192.168.0.0/16->vgw:w"),
            "a -> 192.168.1.1 tcp/443 = unknown for private-nat-gateway
             a -> 172.16.0.1 tcp/443 = closed by CANNOT_ROUTE
             192.168.1.1 -> a tcp/443 = closed by CANNOT_ROUTE, SG_HAS_NO_RULES",
        );
    }
}

#[test]
fn what_a_nat_gateway_hands_on_to_other_vpcs_is_not_modelled() {
    for connectivity in ["private-only", ""] {
        check(
            &translated(connectivity, "; route 10.1.0.0/16->pcx:p"),
            "a -> b tcp/443 = unknown for private-nat-gateway
             a -> b tcp/22 = closed by ENI_SG_RULES_MISMATCH",
        );
        check(&translated(connectivity, ""), "a -> b tcp/443 = closed by CANNOT_ROUTE");
        check(
            &translated(&format!("{connectivity} gone"), "; route 10.1.0.0/16->pcx:p"),
            "a -> b tcp/443 = closed by CANNOT_ROUTE",
        );
    }
}

#[test]
fn an_answer_by_a_nat_gateway_to_a_vpc_that_nothing_known_joins_is_not_modelled() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         subnet outer v1 10.0.0.0/24 route 10.1.0.0/16->vgw:w
         subnet inner v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
         subnet far v2 10.1.1.0/24 route 10.0.0.0/16->vgw:u
         nat n outer private=10.0.0.5 private-only
         group g v1 in tcp/443 10.0.0.0/8
         group h v2
         interface a inner 10.0.1.10 groups=g
         interface b far 10.1.1.10 groups=h",
        "b -> a tcp/443 = unknown for private-nat-gateway, vpn-gateway
         10.1.2.3 -> a tcp/443 = unknown for private-nat-gateway
         b -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_deleted_nat_gateway_leads_nowhere() {
    check(&nat(ALL, ALL, "gone"), "a -> 8.8.8.8 tcp/443 = closed by BAD_STATE_ROUTE");
}

#[test]
fn a_nat_gateway_in_an_unreadable_state_is_not_known() {
    check(
        &nat(ALL, ALL, "state-unknown"),
        "a -> 8.8.8.8 tcp/443 = unknown for unknown-route-target",
    );
    check(
        &nat(ALL, ALL, "connectivity-unknown"),
        "a -> 8.8.8.8 tcp/443 = unknown for unreadable-value",
    );
}

#[test]
fn a_regional_nat_gateway_is_not_modelled() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet private v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
         nat n regional:v1 public=198.51.100.1
         group g v1
         interface a private 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = unknown for regional-nat-gateway",
    );
}

#[test]
fn a_nat_gateway_translates_no_ipv6() {
    check(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         subnet public v1 10.0.0.0/24 route any->igw
         subnet private v1 2001:db8:0:1::/64 route ::/0->nat:n
         nat n public public=198.51.100.1
         group g v1
         interface a private 2001:db8:0:1::a groups=g",
        "a -> 2600::1 tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn nat64_is_not_modelled() {
    check(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         subnet public v1 10.0.0.0/24 route any->igw
         subnet private v1 2001:db8:0:1::/64 route 64:ff9b::/96->nat:n
         nat n public public=198.51.100.1
         group g v1
         interface a private 2001:db8:0:1::a groups=g",
        "a -> 64:ff9b::808:808 tcp/443 = unknown for unmodelled-route-target",
    );
}

#[test]
fn an_interface_of_a_nat_gateway_answers_nobody() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet public v1 10.0.0.0/24 route 0.0.0.0/0->igw
         nat n public private=10.0.0.5 public=198.51.100.1 interface=eni-nat
         interface eni-nat public 10.0.0.5 public=198.51.100.1 kind=nat forwards
         group g v1
         interface a public 10.0.0.10 groups=g",
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by NAT_GATEWAY_UNSOLICITED
         a -> 10.0.0.5 tcp/443 = closed by NAT_GATEWAY_UNSOLICITED
         10.0.0.5 -> 10.0.0.10 tcp/443 = closed by NAT_GATEWAY_UNSOLICITED, SG_HAS_NO_RULES",
    );
}
