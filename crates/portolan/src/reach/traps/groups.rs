//! Security groups: what a rule admits.

use super::{check, web};

#[test]
fn every_rule_of_every_group_admits() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface a web 10.0.1.10 public=198.51.100.7 groups=g,h
         group g v1 in tcp/80 any; in tcp/443 8.8.8.8
         group h v1 in tcp/22 9.9.9.9",
        "8.8.8.8 -> a tcp/80 = open
         8.8.8.8 -> a tcp/443 = open
         9.9.9.9 -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH
         9.9.9.9 -> a tcp/22 = open
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_new_group_admits_nothing_in_and_everything_out() {
    check(
        &web("group g v1"),
        "8.8.8.8 -> a tcp/443 = closed by SG_HAS_NO_RULES
         a -> 8.8.8.8 tcp/443 = open
         a -> 2600::1 tcp/443 = open",
    );
}

#[test]
fn a_default_group_admits_its_own_members_only() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group default v1 in all group:default
         group other v1
         interface a s 10.0.1.10 groups=default
         interface b s 10.0.1.11 groups=default
         interface c s 10.0.1.12 groups=other",
        "a -> b tcp/5432 = open
         b -> a icmp/8 = open
         c -> a tcp/5432 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn replies_pass_a_group_without_outbound_rules() {
    check(
        &web("group g v1 in tcp/443 any; out none"),
        "8.8.8.8 -> a tcp/443 = open
         a -> 8.8.8.8 tcp/443 = closed by SG_HAS_NO_RULES",
    );
}

#[test]
fn replies_pass_a_group_without_inbound_rules() {
    check(
        &web("group g v1 out tcp/443 any4"),
        "a -> 8.8.8.8 tcp/443 = open
         a -> 8.8.8.8 tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn outbound_rules_are_asked_of_the_sender() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group open v1 in all any
         group quiet v1 out udp/53 any
         interface a s 10.0.1.10 groups=open
         interface b s 10.0.1.11 groups=quiet",
        "b -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH
         b -> a udp/53 = open
         a -> b tcp/443 = closed by SG_HAS_NO_RULES",
    );
}

#[test]
fn an_all_protocols_rule_covers_the_family_of_its_range_only() {
    check(
        &web("group g v1 in all ::/0"),
        "2600::1 -> a tcp/22 = open
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
    check(
        &web("group g v1 in all 0.0.0.0/0"),
        "8.8.8.8 -> a tcp/22 = open
         2600::1 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn tcp_0_is_port_0_only() {
    check(
        &web("group g v1 in tcp/0-0 any"),
        "8.8.8.8 -> a tcp/0 = open
         8.8.8.8 -> a tcp/1 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn another_protocol_is_all_or_nothing() {
    check(
        &web("group g v1 in proto/50 any"),
        "8.8.8.8 -> a proto/50 = open
         8.8.8.8 -> a proto/51 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a tcp/50 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn port_ranges_hold_both_their_ends() {
    check(
        &web("group g v1 in tcp/8000-8080 any"),
        "8.8.8.8 -> a tcp/7999 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a tcp/8000 = open
         8.8.8.8 -> a tcp/8080 = open
         8.8.8.8 -> a tcp/8081 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn an_icmp_type_is_no_port() {
    check(
        &web("group g v1 in icmp/8 any"),
        "8.8.8.8 -> a icmp/8 = open
         8.8.8.8 -> a icmp/8/9 = open
         8.8.8.8 -> a icmp/13 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a tcp/8 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a udp/8 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn an_icmp_code_narrows_its_type() {
    check(
        &web("group g v1 in icmp/3/4 any"),
        "8.8.8.8 -> a icmp/3/4 = open
         8.8.8.8 -> a icmp/3/1 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn icmpv6_belongs_to_ipv6() {
    check(
        &web("group g v1 in icmpv6 0.0.0.0/0; in icmp ::/0"),
        "8.8.8.8 -> a icmp/8 = closed by ENI_SG_RULES_MISMATCH
         2600::1 -> a icmpv6/128 = closed by ENI_SG_RULES_MISMATCH
         2600::1 -> a icmp/8 = closed by PROTOCOL_FAMILY_MISMATCH
         8.8.8.8 -> a icmpv6/128 = closed by PROTOCOL_FAMILY_MISMATCH",
    );
    check(&web("group g v1 in icmpv6 ::/0"), "2600::1 -> a icmpv6/128 = open");
}

#[test]
fn a_prefix_list_is_its_current_entries() {
    check(
        &web("list office 203.0.113.0/24 8.8.8.0/24
              group g v1 in tcp/22 list:office"),
        "8.8.8.8 -> a tcp/22 = open
         9.9.9.9 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_prefix_list_without_entries_is_unknown_not_empty() {
    check(
        &web("list office ?
              group g v1 in tcp/22 list:office"),
        "8.8.8.8 -> a tcp/22 = unknown for unknown-prefix-list
         8.8.8.8 -> a tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn outbound_rules_name_prefix_lists_too() {
    check(
        &web("list office 8.8.8.0/24
              group g v1 out tcp/443 list:office"),
        "a -> 8.8.8.8 tcp/443 = open
         a -> 9.9.9.9 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_group_that_was_not_collected_is_unknown_not_empty() {
    check(
        &web(""),
        "8.8.8.8 -> a tcp/22 = unknown for unknown-security-group
         a -> 8.8.8.8 tcp/22 = unknown for unknown-security-group",
    );
}

#[test]
fn a_seen_group_decides_beside_one_that_was_not_collected() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface a web 10.0.1.10 public=198.51.100.7 groups=g,elsewhere
         group g v1 in tcp/443 any",
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = unknown for unknown-security-group",
    );
}

#[test]
fn a_group_associated_with_another_vpc_works_there() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16 igw
         subnet s v2 10.1.1.0/24 route 0.0.0.0/0->igw
         interface a s 10.1.1.10 public=198.51.100.7 groups=g
         group g v1 in tcp/443 any; worn=v2",
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn what_amazon_answers_itself_is_never_judged_by_a_group() {
    check(
        "vpc v1 10.0.0.0/16 fd00:db8::/56
         subnet s v1 10.0.1.0/24
         group quiet v1 out none
         interface a s 10.0.1.10 fd00:db8::a groups=quiet",
        "a -> 10.0.0.2 udp/53 = unknown for amazon-service
         a -> 169.254.169.253 udp/53 = unknown for amazon-service
         a -> 169.254.169.254 tcp/80 = unknown for amazon-service
         a -> 169.254.169.123 udp/123 = unknown for amazon-service
         a -> fd00:ec2::254 tcp/80 = unknown for amazon-service",
    );
}
