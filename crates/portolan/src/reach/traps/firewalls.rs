//! AWS Network Firewall: which way packets go through one, and what its rules decide.

use super::check;

/// `a`, public, behind a firewall that stands between its subnet and the internet.
fn front(rest: &str) -> String {
    front_by("route 10.0.1.0/24->vpce:e", rest)
}

/// The same; `gate` is the route of the internet gateway's table.
fn front_by(gate: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet fw v1 10.0.9.0/24 route 0.0.0.0/0->igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->vpce:e
         table gate v1 gateways=igw-v1 {gate}
         endpoint e v1 gwlb subnets=fw
         group g v1 in tcp/0-65535 any in icmp any in udp/0-65535 any out all any
         interface a web 10.0.1.10 public=198.51.100.7 groups=g running
         {rest}"
    )
}

/// `a` and `b` of different subnets, between which a firewall stands.
fn between(rest: &str) -> String {
    between_by("route 10.0.1.0/24->vpce:e", "in all any", rest)
}

fn between_by(back: &str, group: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         subnet fw v1 10.0.9.0/24
         subnet one v1 10.0.1.0/24 route 10.0.2.0/24->vpce:e
         subnet two v1 10.0.2.0/24 {back}
         endpoint e v1 gwlb subnets=fw
         group wide v1 in all any out all any
         group g v1 {group}
         interface a one 10.0.1.10 groups=wide running
         interface b two 10.0.2.10 groups=g running
         {rest}"
    )
}

#[test]
fn what_a_firewall_passes_goes_on_by_the_table_of_its_subnet() {
    check(
        &front("firewall f e strict default=drop\nstateful f 1 pass tcp any any -> any 443"),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = closed by FIREWALL_RULES_RESTRICTION
         a -> 8.8.8.8 tcp/443 = open
         a -> 8.8.8.8 tcp/80 = closed by FIREWALL_RULES_RESTRICTION",
    );
}

#[test]
fn a_firewall_may_stand_between_two_subnets() {
    check(
        &between("firewall f e\nstateful f 1 drop tcp 10.0.1.0/24 any -> any 22"),
        "a -> b tcp/443 = open
         a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION
         b -> a tcp/22 = open",
    );
}

#[test]
fn behind_a_firewall_no_reference_to_a_group_holds() {
    check(
        &between_by("route 10.0.1.0/24->vpce:e", "in all group:wide", "firewall f e"),
        "a -> b tcp/443 = closed by SG_REFERENCES_NOT_PRESERVED",
    );
}

#[test]
fn the_acl_of_a_firewall_s_subnet_is_asked_as_packets_come_in_and_leave() {
    let acl = |entries: &str| {
        let network = between("firewall f e");
        format!("acl strict v1 {entries}\n{}", network.replace("fw v1", "fw v1 acl=strict"))
    };
    check(
        &acl("in 100 allow all any out 100 deny tcp/22 any out 110 allow all any"),
        "a -> b tcp/443 = open
         a -> b tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &acl("in 100 allow tcp/443 any in 110 allow tcp/32768-65535 any out 100 allow all any"),
        "a -> b tcp/443 = open to clients 32768-65535",
    );
}

#[test]
fn both_directions_must_pass_the_same_firewall() {
    check(
        &between_by("", "in all any", "firewall f e"),
        "a -> b tcp/443 = unknown for firewall-rules
         b -> a tcp/443 = unknown for firewall-rules",
    );
    check(
        &front_by("", "firewall f e"),
        "8.8.8.8 -> a tcp/443 = unknown for firewall-rules
         a -> 8.8.8.8 tcp/443 = unknown for firewall-rules",
    );
}

#[test]
fn stateless_rules_are_read_by_priority_and_the_first_that_matches_decides() {
    check(
        &between(
            "firewall f e stateless=drop
             stateless f 10 drop tcp any any -> any 22
             stateless f 20 pass tcp any any -> any any",
        ),
        "a -> b tcp/443 = open
         a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION
         a -> b udp/53 = closed by FIREWALL_RULES_RESTRICTION",
    );
}

#[test]
fn stateless_rules_are_asked_of_replies_too() {
    check(
        &between(
            "firewall f e stateless=drop
             stateless f 10 pass tcp any any -> any 443
             stateless f 11 pass tcp any 443 -> any 1024-65535
             stateless f 20 pass tcp any any -> any 80",
        ),
        "a -> b tcp/443 = open
         a -> b tcp/80 = closed by FIREWALL_RULES_RESTRICTION",
    );
}

#[test]
fn a_stateless_rule_for_some_ports_of_clients_decides_for_some() {
    check(
        &between("firewall f e stateless=pass\nstateless f 10 drop tcp any 1024-4999 -> any any"),
        "a -> b tcp/443 = unknown for firewall-rules",
    );
}

#[test]
fn what_the_stateful_rules_see_of_one_direction_only_is_not_known() {
    check(
        &between("firewall f e\nstateless f 10 pass tcp any any -> any 443"),
        "a -> b tcp/443 = unknown for firewall-rules
         a -> b tcp/80 = open",
    );
}

#[test]
fn by_default_rules_that_pass_come_before_those_that_drop() {
    let rules = "stateful f 1 drop tcp any any -> any any
                 stateful f 2 pass tcp any any -> any 443";
    let open = "a -> b tcp/443 = open
                a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION";
    check(&between(&format!("firewall f e\n{rules}")), open);
    check(
        &between(&format!("firewall f e strict\n{rules}")),
        "a -> b tcp/443 = closed by FIREWALL_RULES_RESTRICTION",
    );
}

#[test]
fn what_rejects_refuses_as_what_drops() {
    check(
        &between("firewall f e\nstateful f 1 reject tcp any any -> any 22"),
        "a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION
         a -> b tcp/23 = open",
    );
}

#[test]
fn an_alert_decides_nothing() {
    check(
        &between(
            "firewall f e strict default=drop
             stateful f 1 alert tcp any any -> any any
             stateful f 2 pass tcp any any -> any 443",
        ),
        "a -> b tcp/443 = open
         a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION",
    );
}

#[test]
fn what_no_stateful_rule_matches_passes_unless_the_policy_drops_it() {
    check(&between("firewall f e"), "a -> b tcp/443 = open");
    check(&between("firewall f e strict"), "a -> b tcp/443 = open");
    check(
        &between("firewall f e strict default=drop"),
        "a -> b tcp/443 = closed by FIREWALL_RULES_RESTRICTION",
    );
    check(
        &between("firewall f e strict default=established"),
        "a -> b tcp/443 = unknown for firewall-rules",
    );
}

#[test]
fn a_rule_that_passes_a_connection_passes_its_replies() {
    let rules = "stateful f 1 pass tcp 10.0.1.0/24 any -> any 443
                 stateful f 2 drop tcp 10.0.2.0/24 any -> any any";
    check(
        &between(&format!("firewall f e\n{rules}")),
        "a -> b tcp/443 = open
         a -> b tcp/80 = unknown for firewall-rules",
    );
}

#[test]
fn a_rule_for_both_directions_matches_either() {
    check(
        &between("firewall f e\nstateful f 1 drop tcp any 22 <> any any"),
        "a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION
         a -> b tcp/80 = open",
    );
}

#[test]
fn what_looks_into_packets_may_match_what_its_header_does() {
    check(
        &between("firewall f e\nstateful f 1 drop tcp any any -> any 443 doubtful"),
        "a -> b tcp/443 = unknown for firewall-rules
         a -> b tcp/22 = open
         a -> b udp/443 = open",
    );
    check(
        &between(
            "firewall f e strict default=drop\nstateful f 1 pass tcp any any -> any 443 doubtful",
        ),
        "a -> b tcp/443 = unknown for firewall-rules
         a -> b tcp/22 = closed by FIREWALL_RULES_RESTRICTION",
    );
}

#[test]
fn rules_that_the_source_does_not_hold_may_pass_and_drop() {
    check(&between("firewall f e no-policy"), "a -> b tcp/443 = unknown for firewall-rules");
    check(&between("firewall f e managed"), "a -> b tcp/443 = unknown for firewall-rules");
    check(
        &between("firewall f e\nstateful f 1 drop tcp ? any -> any 443"),
        "a -> b tcp/443 = unknown for firewall-rules
         a -> b tcp/22 = open",
    );
}

#[test]
fn a_rule_with_ports_may_match_what_has_none() {
    check(
        &between("firewall f e\nstateful f 1 drop ip any any -> any 22"),
        "a -> b icmp/8 = unknown for firewall-rules
         a -> b tcp/23 = open",
    );
}

#[test]
fn a_firewall_of_which_the_way_on_is_not_known_may_drop() {
    let beyond = "vpc v1 10.0.0.0/16 igw
         subnet fw v1 10.0.9.0/24 route 0.0.0.0/0->tgw:t
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->vpce:e
         endpoint e v1 gwlb subnets=fw
         group g v1 in all any out all any
         interface a web 10.0.1.10 public=198.51.100.7 groups=g running
         firewall f e";
    check(beyond, "a -> 8.8.8.8 tcp/443 = unknown for gateway-load-balancer-endpoint");
    check(
        &front("").replace("endpoint e v1 gwlb subnets=fw", "endpoint e v1 gwlb"),
        "8.8.8.8 -> a tcp/443 = unknown for gateway-load-balancer-endpoint",
    );
}
