//! Internet gateways and public IPv4 addresses.

use super::{check, web};

#[test]
fn a_public_host_is_reached_at_its_public_address_only() {
    check(
        &web("group g v1 in tcp/443 any"),
        "8.8.8.8 -> 198.51.100.7 tcp/443 = open
         8.8.8.8 -> 10.0.1.10 tcp/443 = closed by IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    );
}

#[test]
fn a_host_without_a_public_address_is_not_reached() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface a web 10.0.1.10 groups=g
         group g v1 in all any",
        "8.8.8.8 -> 10.0.1.10 tcp/443 = closed by IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS
         a -> 8.8.8.8 tcp/443 = closed by IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    );
}

#[test]
fn a_vpc_without_an_internet_gateway_is_not_reached() {
    check(
        "vpc v1 10.0.0.0/16
         subnet web v1 10.0.1.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = closed by NO_INTERNET_GATEWAY, NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_detached_internet_gateway_leads_nowhere() {
    check(
        "vpc v1 10.0.0.0/16
         igw old v1 detached
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw:old
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = closed by CANNOT_ROUTE, NO_INTERNET_GATEWAY
         a -> 8.8.8.8 tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn an_internet_gateway_that_was_not_collected_is_unknown_not_absent() {
    check(
        "missing describe-internet-gateways
         vpc v1 10.0.0.0/16
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw:unseen
         subnet back v1 10.0.2.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         interface b back 10.0.2.10 public=198.51.100.8 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = unknown for unknown-route-target
         a -> 8.8.8.8 tcp/443 = unknown for unknown-route-target
         8.8.8.8 -> b tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_public_address_in_a_subnet_without_a_way_out_is_closed() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn what_came_through_the_internet_gateway_does_not_leave_through_a_nat_gateway() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet public v1 10.0.0.0/24 route 0.0.0.0/0->igw
         nat n public public=198.51.100.1
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = closed by CANNOT_ROUTE
         a -> 8.8.8.8 tcp/443 = open",
    );
}

#[test]
fn a_secondary_address_is_public_by_an_address_of_its_own() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface a web 10.0.1.10 10.0.1.11 public=198.51.100.8 groups=g
         group g v1 in tcp/443 any",
        "8.8.8.8 -> 198.51.100.8 tcp/443 = open
         10.0.1.11 -> 8.8.8.8 tcp/443 = open
         10.0.1.10 -> 8.8.8.8 tcp/443 = closed by IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    );
}

#[test]
fn private_and_shared_addresses_never_come_through_an_internet_gateway() {
    check(
        &web("group g v1 in all any"),
        "192.168.1.1 -> 198.51.100.7 tcp/443 = closed by CANNOT_ROUTE, GATEWAY_REJECTS_SPOOFED_TRAFFIC
         100.64.1.1 -> 198.51.100.7 tcp/443 = closed by CANNOT_ROUTE, GATEWAY_REJECTS_SPOOFED_TRAFFIC
         192.168.1.1 -> 10.0.1.10 tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn a_source_inside_the_vpc_s_own_blocks_is_spoofed() {
    check(
        "vpc v1 8.8.0.0/16 igw
         subnet web v1 8.8.1.0/24 route 0.0.0.0/0->igw
         interface a web 8.8.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "9.9.9.9 -> 198.51.100.7 tcp/443 = open
         8.8.9.9 -> 198.51.100.7 tcp/443 = closed by GATEWAY_REJECTS_SPOOFED_TRAFFIC",
    );
}

/// Two public hosts of a VPC and a private one.
fn hairpin(group: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         subnet other v1 10.0.2.0/24 route 0.0.0.0/0->igw
         group open v1 in all any
         group g v1 {group}
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         interface b other 10.0.2.10 public=198.51.100.8 groups=open
         interface c other 10.0.2.11 groups=open"
    )
}

#[test]
fn within_a_vpc_a_public_address_is_reached_over_the_internet_gateway() {
    check(
        &hairpin("in tcp/443 any"),
        "10.0.2.10 -> 198.51.100.7 tcp/443 = open
         10.0.2.11 -> 198.51.100.7 tcp/443 = closed by IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
    );
}

#[test]
fn who_asks_for_a_public_address_comes_from_a_public_one() {
    check(
        &hairpin("in tcp/443 198.51.100.8/32; in tcp/22 10.0.0.0/16"),
        "10.0.2.10 -> 198.51.100.7 tcp/443 = open
         10.0.2.10 -> 198.51.100.7 tcp/22 = closed by ENI_SG_RULES_MISMATCH
         10.0.2.10 -> 10.0.1.10 tcp/22 = open
         10.0.2.10 -> 10.0.1.10 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn one_s_own_public_address_is_reached_over_the_internet_gateway_too() {
    check(
        &hairpin("in tcp/443 198.51.100.7/32"),
        "10.0.1.10 -> 198.51.100.7 tcp/443 = open
         10.0.1.10 -> 198.51.100.7 tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn over_the_internet_gateway_and_back_every_filter_of_both_is_asked() {
    let network = |sender: &str, client: &str, server: &str, back: &str| {
        format!(
            "vpc v1 10.0.0.0/16 igw
             acl client v1 {client}
             acl server v1 {server}
             subnet s v1 10.0.1.0/24 acl=client route 0.0.0.0/0->igw
             subnet t v1 10.0.2.0/24 acl=server {back}
             group g v1 {sender}
             group h v1 in tcp/443 198.51.100.8/32
             interface a t 10.0.2.10 public=198.51.100.7 groups=h
             interface b s 10.0.1.10 public=198.51.100.8 groups=g"
        )
    };
    let all = "in 100 allow all any; out 100 allow all any";
    let igw = "route 0.0.0.0/0->igw";
    let ask = |sender: &str, client: &str, server: &str, back: &str, answer: &str| {
        let question = format!("10.0.1.10 -> 198.51.100.7 tcp/443 = {answer}");
        check(&network(sender, client, server, back), &question);
    };
    ask("", all, all, igw, "open");
    ask("out none", all, all, igw, "closed by SG_HAS_NO_RULES");
    // The ACLs see public addresses.
    let client =
        "out 100 allow tcp/443 198.51.100.7/32; in 100 allow tcp/1024-65535 198.51.100.7/32";
    let server =
        "in 100 allow tcp/443 198.51.100.8/32; out 100 allow tcp/1024-65535 198.51.100.8/32";
    ask("", client, server, igw, "open");
    let refused = "closed by SUBNET_ACL_RESTRICTION";
    ask("", "out 100 allow all any", all, igw, refused);
    ask("", "in 100 allow all any; out 100 allow all 10.0.0.0/8", all, igw, refused);
    ask("", all, "in 100 allow all any", igw, refused);
    ask("", all, "in 100 allow all 10.0.0.0/8; out 100 allow all any", igw, refused);
    ask("", all, all, "", "closed by NO_ROUTE_TO_DESTINATION");
}

#[test]
fn behind_a_nat_gateway_one_comes_from_its_public_address() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet public v1 10.0.0.0/24 route 0.0.0.0/0->igw
         subnet private v1 10.0.2.0/24 route 0.0.0.0/0->nat:n
         nat n public public=198.51.100.1
         group open v1 in all any
         group g v1 in tcp/443 198.51.100.1/32
         group h v1 in tcp/443 10.0.0.0/16
         interface a public 10.0.0.10 public=198.51.100.7 groups=g
         interface b public 10.0.0.11 public=198.51.100.8 groups=h
         interface c private 10.0.2.10 groups=open",
        "10.0.2.10 -> 198.51.100.7 tcp/443 = open
         10.0.2.10 -> 198.51.100.8 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn an_address_that_nothing_holds_answers_nobody() {
    check(
        &format!("{}\naddress 198.51.100.99", web("group g v1 in all any")),
        "8.8.8.8 -> 198.51.100.99 tcp/443 = closed by NO_SUCH_ADDRESS
         10.0.1.10 -> 10.0.1.200 tcp/443 = closed by NO_SUCH_ADDRESS",
    );
}

#[test]
fn an_address_of_a_load_balancer_is_not_known() {
    check(
        &format!("{}\naddress 198.51.100.99 lb=front", web("group g v1 in all any")),
        "8.8.8.8 -> 198.51.100.99 tcp/443 = unknown for load-balancer",
    );
}

#[test]
fn the_route_table_of_a_gateway_may_send_what_comes_in_to_a_middlebox() {
    let network = |routes: &str| {
        format!(
            "vpc v1 10.0.0.0/16 igw
             table edge v1 gateways=igw-v1 {routes}
             subnet fw v1 10.0.9.0/24 route 0.0.0.0/0->igw
             subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
             endpoint gwlbe v1 gwlb
             interface box fw 10.0.9.10 public=198.51.100.9 groups=g forwards
             interface a web 10.0.1.10 public=198.51.100.7 groups=g
             group g v1 in tcp/443 any"
        )
    };
    check(&network(""), "8.8.8.8 -> a tcp/443 = open");
    check(
        &network("route 10.0.1.0/24->eni:box"),
        "8.8.8.8 -> a tcp/443 = unknown for middlebox
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> box tcp/443 = open",
    );
    check(
        &network("route 10.0.1.0/24->vpce:gwlbe"),
        "8.8.8.8 -> a tcp/443 = unknown for gateway-load-balancer-endpoint",
    );
}
