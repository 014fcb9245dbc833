//! Network ACLs: ordered, stateless, at the border of the subnet.

use super::check;

/// A host on the internet behind an ACL; its group admits everything.
fn behind(acl: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         acl tight v1 {acl}
         subnet web v1 10.0.1.0/24 2001:db8:0:1::/64 acl=tight route any->igw
         interface a web 10.0.1.10 public=198.51.100.7 2001:db8:0:1::a groups=g
         group g v1 in all any"
    )
}

#[test]
fn the_lowest_number_decides_whatever_the_order() {
    check(
        &behind("in 200 deny all any; in 100 allow tcp/443 any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &behind("in 300 allow all any; in 200 deny tcp/22 any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn a_deny_after_an_allow_is_never_reached() {
    check(
        &behind("in 100 allow all any; in 200 deny tcp/22 any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/22 = open",
    );
}

#[test]
fn a_deny_of_a_part_closes_that_part() {
    check(
        &behind("in 50 deny tcp/22 8.8.8.0/24; in 100 allow all any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION
         9.9.9.9 -> a tcp/22 = open",
    );
}

#[test]
fn a_custom_acl_begins_by_denying_all() {
    check(
        &behind(""),
        "8.8.8.8 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION
         a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn the_last_entries_of_both_families_deny() {
    check(
        &behind(
            "in 100 allow tcp/443 0.0.0.0/0; in 101 allow tcp/443 ::/0; \
             in 32767 deny all 0.0.0.0/0; in 32768 deny all ::/0; out 100 allow all any",
        ),
        "8.8.8.8 -> a tcp/443 = open
         2600::1 -> a tcp/443 = open
         2600::1 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn families_are_independent() {
    check(
        &behind("in 50 deny all ::/0; in 100 allow all any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/443 = open
         2600::1 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &behind("in 100 allow all 0.0.0.0/0; out 100 allow all 0.0.0.0/0"),
        "2600::1 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn replies_need_an_outbound_entry() {
    check(
        &behind("in 100 allow tcp/443 any"),
        "8.8.8.8 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn replies_of_one_s_own_connections_need_an_inbound_entry() {
    check(
        &behind("out 100 allow tcp/443 any"),
        "a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &behind("out 100 allow tcp/443 any; in 100 allow tcp/1024-65535 any"),
        "a -> 8.8.8.8 tcp/443 = open",
    );
}

#[test]
fn the_ports_of_an_entry_are_the_destination_s() {
    check(
        &behind("in 100 allow tcp/443 any; out 100 allow tcp/443 any"),
        "8.8.8.8 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn an_acl_for_the_ports_of_windows_serves_windows_clients_only() {
    check(
        &behind("in 100 allow tcp/443 any; out 100 allow tcp/49152-65535 any"),
        "8.8.8.8 -> a tcp/443 = open to clients 49152-65535",
    );
}

#[test]
fn an_acl_for_the_ports_of_linux_serves_linux_clients_only() {
    check(
        &behind("in 100 allow tcp/443 any; out 100 allow tcp/32768-60999 any"),
        "8.8.8.8 -> a tcp/443 = open to clients 32768-60999",
    );
}

#[test]
fn a_denied_range_of_client_ports_leaves_a_hole() {
    check(
        &behind("in 100 allow all any; out 90 deny tcp/3389 any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/443 = open to clients 1024-3388,3390-65535",
    );
}

#[test]
fn replies_go_to_the_address_that_asked() {
    check(
        &behind("in 100 allow all any; out 100 allow all 8.8.8.0/24"),
        "8.8.8.8 -> a tcp/443 = open
         9.9.9.9 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn the_answer_to_a_ping_is_an_echo_reply() {
    check(
        &behind("in 100 allow icmp/8 any; out 100 allow icmp/0 any"),
        "8.8.8.8 -> a icmp/8 = open",
    );
    check(
        &behind("in 100 allow icmp/8 any; out 100 allow icmp/8 any"),
        "8.8.8.8 -> a icmp/8 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn a_message_that_is_no_request_needs_no_way_back() {
    check(&behind("in 100 allow icmp/3 any"), "8.8.8.8 -> a icmp/3/4 = open");
}

#[test]
fn an_entry_for_icmpv6_says_nothing_of_ipv4() {
    check(
        &behind("in 50 deny icmpv6 0.0.0.0/0; in 100 allow all any; out 100 allow all any"),
        "8.8.8.8 -> a icmp/8 = open
         8.8.8.8 -> a tcp/443 = open
         2600::1 -> a icmpv6/128 = open",
    );
}

#[test]
fn an_entry_for_icmpv6_reads_its_type() {
    check(
        &behind("in 100 allow icmpv6/128 ::/0; out 100 allow icmpv6/129 ::/0"),
        "2600::1 -> a icmpv6/128 = open
         2600::1 -> a icmpv6/2 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn an_entry_for_another_protocol_is_all_or_nothing() {
    check(
        &behind("in 100 allow proto/50 any; out 100 allow proto/50 any"),
        "8.8.8.8 -> a proto/50 = open
         8.8.8.8 -> a proto/51 = closed by SUBNET_ACL_RESTRICTION
         8.8.8.8 -> a tcp/50 = closed by SUBNET_ACL_RESTRICTION",
    );
}

/// Two hosts, in one subnet and in another, all behind ACLs.
fn neighbours(front: &str, back: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         acl front v1 {front}
         acl back v1 {back}
         subnet s v1 10.0.1.0/24 acl=front
         subnet t v1 10.0.2.0/24 acl=back
         group g v1 in all any
         interface a s 10.0.1.10 groups=g
         interface b s 10.0.1.11 groups=g
         interface c t 10.0.2.10 groups=g"
    )
}

const ALL: &str = "in 100 allow all any; out 100 allow all any";

#[test]
fn an_acl_is_not_asked_within_its_subnet() {
    check(
        &neighbours("", ALL),
        "a -> b tcp/443 = open
         a -> c tcp/443 = closed by SUBNET_ACL_RESTRICTION
         c -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn between_subnets_both_acls_are_asked_both_ways() {
    check(&neighbours(ALL, ALL), "a -> c tcp/443 = open");
    let client = "out 100 allow tcp/443 10.0.2.0/24; in 100 allow tcp/1024-65535 10.0.2.0/24";
    let server = "in 100 allow tcp/443 10.0.1.0/24; out 100 allow tcp/1024-65535 10.0.1.0/24";
    check(
        &neighbours(client, server),
        "a -> c tcp/443 = open
         a -> c tcp/80 = closed by SUBNET_ACL_RESTRICTION
         c -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    for (front, back) in [
        ("in 100 allow all any", ALL),
        ("out 100 allow all any", ALL),
        (ALL, "in 100 allow all any"),
        (ALL, "out 100 allow all any"),
    ] {
        check(&neighbours(front, back), "a -> c tcp/443 = closed by SUBNET_ACL_RESTRICTION");
    }
}

#[test]
fn client_ports_must_pass_both_acls() {
    check(
        &neighbours(
            "out 100 allow all any; in 100 allow tcp/1024-50000 any",
            "in 100 allow all any; out 100 allow tcp/40000-65535 any",
        ),
        "a -> c tcp/443 = open to clients 40000-50000",
    );
}

#[test]
fn a_subnet_without_an_acl_of_its_own_has_the_default_one() {
    check(
        "vpc v1 10.0.0.0/16 bare
         acl closed v1 default
         table main v1 main
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         group g v1 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.0.2.10 groups=g",
        "a -> b tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn without_any_acl_the_answer_is_not_known() {
    check(
        "vpc v1 10.0.0.0/16 bare
         table main v1 main
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         group g v1 in tcp/443 any
         interface a s 10.0.1.10 groups=g
         interface b t 10.0.2.10 groups=g",
        "a -> b tcp/443 = unknown for no-network-acl
         a -> b tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn two_acls_for_a_subnet_contradict_each_other() {
    check(
        "vpc v1 10.0.0.0/16
         acl one v1 in 100 allow all any; out 100 allow all any; subnets=s
         acl other v1 subnets=s
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         group g v1 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.0.2.10 groups=g",
        "a -> b tcp/443 = unknown for contradictory-association",
    );
}

#[test]
fn an_entry_that_can_not_be_read_hides_what_follows_it() {
    check(
        &behind(
            "in 100 allow tcp/443 any; in 200 deny ? any; in 300 allow all any; out 100 allow all any",
        ),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = unknown for unreadable-value",
    );
    check(
        &behind("in 100 deny tcp/22 ?; in 300 allow all any; out 100 allow all any"),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = unknown for unreadable-value",
    );
}
