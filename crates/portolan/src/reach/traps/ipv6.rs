//! IPv6: every address is public, and the gateway decides the direction.

use super::check;

fn routed(route: &str, interface: &str) -> String {
    format!(
        "vpc v1 2001:db8::/56 10.0.0.0/16 igw eigw
         subnet web v1 10.0.1.0/24 2001:db8:0:1::/64 {route}
         group g v1 in tcp/443 any
         interface a web 2001:db8:0:1::a groups=g {interface}"
    )
}

#[test]
fn an_ipv6_address_is_public_without_an_elastic_ip() {
    check(
        &routed("route ::/0->igw", ""),
        "2600::1 -> a tcp/443 = open
         a -> 2600::1 tcp/443 = open",
    );
}

#[test]
fn an_ipv4_route_leads_no_ipv6() {
    check(
        &routed("route 0.0.0.0/0->igw", ""),
        "2600::1 -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn an_egress_only_gateway_leads_out_and_not_in() {
    check(
        &routed("route ::/0->eigw", ""),
        "a -> 2600::1 tcp/443 = open
         2600::1 -> a tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn an_egress_only_gateway_leads_no_ipv4() {
    check(
        "vpc v1 10.0.0.0/16 eigw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->eigw
         group g v1
         interface a web 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn a_narrow_ipv6_route_opens_to_those_it_names() {
    check(
        &routed("route 2600::/16->igw", ""),
        "2600::1 -> a tcp/443 = open
         2a00::1 -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn an_interface_may_deny_all_that_comes_through_the_internet_gateway() {
    check(
        &routed("route ::/0->igw", "deny-igw"),
        "2600::1 -> a tcp/443 = closed by DENY_ALL_IGW_TRAFFIC
         a -> 2600::1 tcp/443 = open",
    );
}

#[test]
fn whether_an_interface_denies_the_internet_gateway_is_unknown_if_only_its_instance_names_it() {
    check(
        &routed("route ::/0->igw", "deny-igw?"),
        "2600::1 -> a tcp/443 = unknown for not-collected
         a -> 2600::1 tcp/443 = open",
    );
}

#[test]
fn denying_the_internet_gateway_denies_no_peer() {
    check(
        "vpc v1 2001:db8::/56 igw
         vpc v2 2001:db8:1::/56
         peering p v1 v2
         subnet s v1 2001:db8:0:1::/64 route ::/0->igw; route 2001:db8:1::/56->pcx:p
         subnet t v2 2001:db8:1:1::/64 route 2001:db8::/56->pcx:p
         group g v1 in all any
         group h v2 in all any
         interface a s 2001:db8:0:1::a groups=g deny-igw
         interface b t 2001:db8:1:1::b groups=h",
        "b -> a tcp/443 = open",
    );
}

#[test]
fn delegated_prefixes_are_addresses_of_their_interface() {
    check(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 route any->igw
         group g v1 in tcp/443 any
         interface a s 10.0.1.10 10.0.1.64/28 2001:db8:0:1:8000::/80 groups=g
         interface b s 10.0.1.11 groups=g",
        "2600::1 -> 2001:db8:0:1:8000::7 tcp/443 = open
         10.0.1.11 -> 10.0.1.79 tcp/443 = open
         10.0.1.11 -> 10.0.1.80 tcp/443 = closed by NO_SUCH_ADDRESS",
    );
}

/// Two VPCs that reach each other's IPv6 addresses over the internet.
fn over_the_internet(group: &str, more: &str) -> String {
    format!(
        "vpc v1 2001:db8::/56 igw
         vpc v2 2001:db8:1::/56 igw
         subnet s v1 2001:db8:0:1::/64 route ::/0->igw
         subnet t v2 2001:db8:1:1::/64 route ::/0->igw
         group g v1 {group}
         group h v2 in all any
         interface a s 2001:db8:0:1::a groups=g {more}
         interface b t 2001:db8:1:1::b groups=h"
    )
}

#[test]
fn between_vpcs_ipv6_goes_over_the_internet() {
    check(
        &over_the_internet("in tcp/443 2001:db8:1::/56", ""),
        "b -> a tcp/443 = open
         b -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
    check(
        &over_the_internet("in tcp/443 any", "deny-igw"),
        "b -> a tcp/443 = closed by DENY_ALL_IGW_TRAFFIC",
    );
}

#[test]
fn between_vpcs_over_the_internet_replies_leave_as_packets_came() {
    let network = |one: &str, other: &str| {
        format!(
            "vpc v1 2001:db8::/56 igw eigw
             vpc v2 2001:db8:1::/56 igw eigw
             subnet s v1 2001:db8:0:1::/64 {one}
             subnet t v2 2001:db8:1:1::/64 {other}
             group g v1 in all any
             group h v2 in all any
             interface a s 2001:db8:0:1::a groups=g
             interface b t 2001:db8:1:1::b groups=h"
        )
    };
    check(
        &network("route ::/0->eigw", "route ::/0->igw"),
        "a -> b tcp/443 = open
         b -> a tcp/443 = closed by CANNOT_ROUTE",
    );
    check(&network("route ::/0->igw", ""), "a -> b tcp/443 = closed by NO_ROUTE_TO_DESTINATION");
}

#[test]
fn whether_a_group_is_known_over_the_ipv6_internet_is_not_documented() {
    let network = |groups: &str| {
        over_the_internet("in tcp/443 group:g2", "\ngroup g2 v1")
            .replace("groups=h", &format!("groups={groups}"))
    };
    check(&network("h,g2"), "b -> a tcp/443 = unknown for group-over-internet");
    // Who does not wear the group is no member on any way.
    check(&network("h"), "b -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH");
}

#[test]
fn over_the_ipv6_internet_a_receiver_may_be_known_by_its_group_if_it_wears_it() {
    let network = |groups: &str| {
        over_the_internet("in all any", "\ngroup g2 v2")
            .replace("group h v2 in all any", "group h v2 in all any out tcp/443 group:g2")
            .replace(
                "interface a s 2001:db8:0:1::a groups=g",
                &format!("interface a s 2001:db8:0:1::a groups={groups}"),
            )
    };
    check(&network("g,g2"), "b -> a tcp/443 = unknown for group-over-internet");
    check(&network("g"), "b -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH");
}

/// `a` in v1, which is joined to v2 by what `joined` says, and to v3 by nothing.
fn neighbours(route: &str, group: &str, joined: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 2001:db8::/56 igw
         vpc v2 10.1.0.0/16 2001:db8:1::/56
         vpc v3 10.2.0.0/16 2001:db8:2::/56
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 {route}
         subnet t v2 10.1.1.0/24 2001:db8:1:1::/64
         subnet u v3 10.2.1.0/24 2001:db8:2:1::/64
         group g v1 {group}
         group h v2
         interface a s 10.0.1.10 2001:db8:0:1::a groups=g
         interface b t 10.1.1.10 2001:db8:1:1::b groups=h
         interface c u 10.2.1.10 2001:db8:2:1::c
         {joined}"
    )
}

const PEERED: &str = "peering p v1 v2";

#[test]
fn an_ipv6_address_of_another_vpc_that_nobody_holds_may_come_over_the_internet() {
    let open = "route ::/0->igw";
    for joined in [PEERED, "", "group k v1 in tcp/1 group:h"] {
        check(
            &neighbours(open, "in tcp/443 any", joined),
            "2001:db8:1:1::99 -> a tcp/443 = unknown for unheld-address
             2001:db8:2:1::99 -> a tcp/443 = unknown for unheld-address
             2001:db8:2:1::99 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
             b -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION
             c -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION, SG_HAS_NO_RULES
             10.1.1.99 -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
        );
    }
    let reference = neighbours(open, "in tcp/443 group:h", PEERED);
    check(&reference, "2001:db8:1:1::99 -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH");
}

#[test]
fn what_nobody_holds_comes_over_the_internet_only_as_others_do() {
    let question = |code: &str| format!("2001:db8:1:1::99 -> a tcp/443 = closed by {code}");
    for joined in [PEERED, ""] {
        let open = |route: &str| neighbours(route, "in all any", joined);
        check(&open(""), &question("NO_ROUTE_TO_DESTINATION"));
        check(
            &open("route ::/0->eigw:e").replace("igw\n", "igw eigw\n"),
            &question("CANNOT_ROUTE"),
        );
        let igw = open("route ::/0->igw");
        let detached = open("route ::/0->igw:x").replace("56 igw\n", "56\n");
        check(&format!("{detached}\nigw x v1 detached"), &question("CANNOT_ROUTE"));
        check(
            &igw.replace("::a groups=g", "::a groups=g deny-igw"),
            &question("DENY_ALL_IGW_TRAFFIC"),
        );
        check(&format!("bpa ingress\n{igw}"), &question("VPC_BLOCK_PUBLIC_ACCESS_ENABLED"));
    }
    // Within the VPC nothing takes the internet gateway.
    check(
        &neighbours("route ::/0->igw", "in all any", ""),
        "2001:db8:0:1::99 -> a tcp/443 = open
         2001:db8:0:2::99 -> a tcp/443 = open",
    );
}

#[test]
fn an_ipv6_address_of_a_peer_that_nobody_holds_comes_privately_where_the_route_says_so() {
    let network = |words: &str| {
        let route = "route 2001:db8:1::/56->pcx:p; route ::/0->igw";
        neighbours(route, "in tcp/443 any", &format!("{PEERED} {words}"))
    };
    check(&network(""), "2001:db8:1:1::99 -> a tcp/443 = open");
    check(&network("inactive"), "2001:db8:1:1::99 -> a tcp/443 = closed by BAD_STATE_ROUTE");
}

#[test]
fn to_an_ipv6_address_that_nobody_holds_nothing_is_open() {
    for joined in [PEERED, ""] {
        let network = neighbours("route ::/0->igw", "in all any", joined);
        check(
            &network,
            "2001:db8:0:1::a -> 2001:db8:1:1::99 tcp/443 = closed by NO_SUCH_ADDRESS
             2001:db8:0:1::a -> 2001:db8:2:1::99 tcp/443 = closed by NO_SUCH_ADDRESS",
        );
        // Unless the interfaces were not listed.
        let unlisted = network.replace("interface b t 10.1.1.10 2001:db8:1:1::b groups=h", "");
        let unlisted = unlisted.replace("interface c u 10.2.1.10 2001:db8:2:1::c", "");
        check(
            &format!("missing describe-network-interfaces\n{unlisted}"),
            "2001:db8:0:1::a -> 2001:db8:1:1::99 tcp/443 = unknown for not-collected
             2001:db8:0:1::a -> 2001:db8:2:1::99 tcp/443 = unknown for not-collected",
        );
    }
}
