//! Ports that are open, or closed, however the rule is spelled: cases that
//! comparing strings gets wrong.

use super::{check, web};

#[test]
fn two_halves_of_ipv4_are_the_whole_internet() {
    check(
        &web("group g v1 in tcp/22 0.0.0.0/1,128.0.0.0/1"),
        "8.8.8.8 -> a tcp/22 = open
         200.1.2.3 -> a tcp/22 = open
         2600::1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn two_halves_of_ipv6_are_the_whole_internet() {
    check(
        &web("group g v1 in tcp/22 ::/1,8000::/1"),
        "2600::1 -> a tcp/22 = open
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn global_unicast_is_the_whole_ipv6_internet() {
    check(&web("group g v1 in tcp/22 2000::/3"), "2a00:1450::1 -> a tcp/22 = open");
}

#[test]
fn a_prefix_list_may_hold_the_whole_internet() {
    check(
        &web("list pl 0.0.0.0/0
              group g v1 in tcp/22 list:pl"),
        "8.8.8.8 -> a tcp/22 = open
         2600::1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_prefix_list_beside_the_whole_internet_narrows_nothing() {
    check(
        &web("list pl 192.0.2.0/24
              group g v1 in tcp/22 0.0.0.0/0,list:pl"),
        "8.8.8.8 -> a tcp/22 = open",
    );
}

#[test]
fn a_rule_for_the_group_itself_narrows_nothing() {
    check(&web("group g v1 in tcp/22 group:g; in tcp/22 0.0.0.0/0"), "8.8.8.8 -> a tcp/22 = open");
}

#[test]
fn a_rule_for_all_protocols_opens_every_port() {
    check(
        &web("group g v1 in all 0.0.0.0/0"),
        "8.8.8.8 -> a tcp/22 = open
         8.8.8.8 -> a udp/53 = open
         8.8.8.8 -> a icmp/8 = open
         8.8.8.8 -> a proto/50 = open",
    );
}

#[test]
fn a_rule_for_another_group_is_closed_to_the_internet() {
    check(
        &web("group g v1 in tcp/22 group:bastion
              group bastion v1"),
        "8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn udp_22_is_not_ssh() {
    check(
        &web("group g v1 in udp/22 0.0.0.0/0"),
        "8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a udp/22 = open",
    );
}

/// `web` with an ACL for its subnet.
fn behind(acl: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         acl tight v1 {acl}
         subnet web v1 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any"
    )
}

#[test]
fn an_acl_that_denies_both_halves_denies_everybody() {
    check(
        &behind(
            "in 90 deny tcp/22 0.0.0.0/1; in 91 deny tcp/22 128.0.0.0/1; in 100 allow all any
             out 100 allow all any"
                .replace('\n', ";")
                .as_str(),
        ),
        "8.8.8.8 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION
         200.1.2.3 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION
         8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn an_acl_that_allows_both_halves_allows_everybody() {
    check(
        &behind(
            "in 90 allow tcp/22 0.0.0.0/1; in 91 allow tcp/22 128.0.0.0/1; out 100 allow all any",
        ),
        "8.8.8.8 -> a tcp/22 = open
         200.1.2.3 -> a tcp/22 = open
         8.8.8.8 -> a tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}
