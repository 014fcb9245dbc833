//! Load balancers: which ports listen, who answers behind them, and whose address he sees.

use super::check;

/// A client `c`, and a target `t` of the Network Load Balancer `front`, whose node is `n`.
/// `words` are said of the target group, `rules` of the target's group.
fn passed(words: &str, rules: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
         subnet far v1 10.0.2.0/24
         interface c near 10.0.1.10 groups=client
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_net/front
         interface t far 10.0.2.10 instance=i-t running groups=g
         group client v1 out all any
         group g v1 {rules}
         balancer front network v1 cross=on
         listener front tcp/443 web
         targets web v1 {words}
         {rest}"
    )
}

#[test]
fn only_a_listener_s_port_is_open() {
    check(
        &passed("instance tcp/8443 i-t", "in tcp/8443 any", ""),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open
         8.8.8.8 -> 198.51.100.1 udp/443 = closed by ELBV2_LISTENER_PORT_RESTRICTION
         8.8.8.8 -> 198.51.100.1 tcp/8443 = closed by ELBV2_LISTENER_PORT_RESTRICTION
         8.8.8.8 -> 198.51.100.1 icmp/8 = closed by ELBV2_LISTENER_PORT_RESTRICTION
         10.0.1.10 -> 10.0.1.20 tcp/443 = open
         10.0.1.10 -> 10.0.1.20 tcp/22 = closed by ELBV2_LISTENER_PORT_RESTRICTION",
    );
}

#[test]
fn an_application_load_balancer_answers_by_itself() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_app/front groups=lb
         group lb v1 in tcp/80-443 192.0.2.0/24
         balancer front application v1 groups=lb
         listener front http/80",
        "192.0.2.1 -> 198.51.100.1 tcp/80 = open
         192.0.2.1 -> 198.51.100.1 tcp/443 = closed by ELBV2_LISTENER_PORT_RESTRICTION
         8.8.8.8 -> 198.51.100.1 tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_classic_load_balancer_answers_by_itself() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_old groups=lb
         group lb v1 in all any
         balancer old classic v1 groups=lb
         listener old tcp/80",
        "8.8.8.8 -> 198.51.100.1 tcp/80 = open
         8.8.8.8 -> 198.51.100.1 tcp/81 = closed by ELB_LISTENERS_PORT_RESTRICTION",
    );
}

#[test]
fn an_internet_facing_load_balancer_in_a_private_subnet_is_not_reached() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_app/front groups=lb
         group lb v1 in all any
         balancer front application v1 groups=lb
         listener front http/80",
        "8.8.8.8 -> 198.51.100.1 tcp/80 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn the_target_of_an_instance_group_sees_its_client_by_default() {
    let network = passed("instance tcp/443 i-t", "in tcp/443 10.0.1.10/32", "");
    check(
        &network,
        "10.0.1.10 -> 10.0.1.20 tcp/443 = open
         8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn the_target_of_an_ip_group_sees_the_load_balancer_by_default() {
    let network = passed("ip tcp/443 10.0.2.10", "in tcp/443 10.0.1.20/32", "");
    check(&network, "8.8.8.8 -> 198.51.100.1 tcp/443 = open");
}

#[test]
fn client_addresses_are_shown_or_hidden_by_an_attribute() {
    let hidden = passed("instance tcp/443 preserve=off i-t", "in tcp/443 10.0.1.20/32", "");
    check(&hidden, "8.8.8.8 -> 198.51.100.1 tcp/443 = open");
    let shown = passed("ip tcp/443 preserve=on 10.0.2.10", "in tcp/443 10.0.1.20/32", "");
    check(&shown, "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ENI_SG_RULES_MISMATCH");
}

#[test]
fn without_attributes_a_closed_port_needs_both_ways_to_be_closed() {
    let network = |rules| passed("instance tcp/443 no-attributes i-t", rules, "");
    check(&network("in tcp/443 8.8.8.8/32"), "8.8.8.8 -> 198.51.100.1 tcp/443 = open");
    check(
        &network("in tcp/443 10.0.1.20/32"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = unknown for load-balancer",
    );
    check(
        &network("in tcp/443 10.9.9.9/32"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn the_group_of_a_load_balancer_matches_at_its_targets_whoever_the_client_is() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_net/front groups=lb
         interface t near 10.0.1.30 instance=i-t running groups=g
         group lb v1 in tcp/443 any; out tcp/443 any
         group g v1 in tcp/443 group:lb
         balancer front network v1 groups=lb cross=on
         listener front tcp/443 web
         targets web v1 instance tcp/443 i-t",
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open",
    );
}

#[test]
fn outbound_rules_of_a_load_balancer_are_asked() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_net/front groups=lb
         interface t near 10.0.1.30 instance=i-t running groups=g
         group lb v1 in tcp/443 any; out tcp/80 any
         group g v1 in tcp/443 any
         balancer front network v1 groups=lb cross=on
         listener front tcp/443 web
         targets web v1 instance tcp/443 i-t",
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_node_uses_the_targets_of_its_own_zone() {
    let network = |words| {
        passed(&format!("instance tcp/443 {words} i-t~us-east-1b"), "in tcp/443 any", "")
            .replace("subnet near v1 10.0.1.0/24", "subnet near v1 10.0.1.0/24 zone=us-east-1a")
    };
    check(&network("cross=on"), "8.8.8.8 -> 198.51.100.1 tcp/443 = open");
    check(
        &network("cross=off"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ELBV2_NO_TARGETS_IN_AZ",
    );
}

#[test]
fn unhealthy_targets_are_used_if_there_is_no_other() {
    check(
        &passed("instance tcp/443 i-t!unhealthy", "in tcp/443 any", ""),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open",
    );
    check(
        &passed(
            "instance tcp/443 i-t!unhealthy i-u",
            "in tcp/443 any",
            "interface u far 10.0.2.20 instance=i-u running groups=shut
             group shut v1 out all any",
        ),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by SG_HAS_NO_RULES",
    );
}

#[test]
fn one_target_that_answers_is_enough() {
    check(
        &passed(
            "instance tcp/443 i-t i-u",
            "in tcp/443 any",
            "interface u far 10.0.2.20 instance=i-u running groups=shut
             group shut v1 out all any",
        ),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open",
    );
}

#[test]
fn a_stopped_target_answers_nothing() {
    let network = passed("instance tcp/443 i-t", "in tcp/443 any", "");
    check(
        &network.replace("instance=i-t running", "instance=i-t stopped"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by HOST_STOPPED",
    );
}

#[test]
fn replies_return_through_the_load_balancer_whatever_the_target_s_routes() {
    // The target's subnet has no way out.
    check(
        &passed("instance tcp/443 i-t", "in tcp/443 8.8.8.8/32", ""),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open
         8.8.8.8 -> 10.0.2.10 tcp/443 = closed by IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS, NO_ROUTE_TO_DESTINATION, \
         also open through loadbalancer/net/front at tcp/443",
    );
}

#[test]
fn the_acls_of_both_subnets_are_asked_both_ways() {
    let network = |acl: &str| {
        passed("instance tcp/443 i-t", "in tcp/443 any", "").replace(
            "subnet far v1 10.0.2.0/24",
            &format!("acl tight v1 {acl}\n subnet far v1 10.0.2.0/24 acl=tight"),
        )
    };
    check(
        &network("in 100 allow tcp/443 8.8.8.0/24; out 100 allow tcp/1024-65535 any"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open
         9.9.9.9 -> 198.51.100.1 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &network("in 100 allow tcp/443 any; out 100 allow tcp/49152-65535 any"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open to clients 49152-65535",
    );
}

#[test]
fn a_target_does_not_reach_itself_through_its_load_balancer() {
    check(
        &passed("instance tcp/443 i-t", "in tcp/443 any; out all any", ""),
        "10.0.2.10 -> 10.0.1.20 tcp/443 = closed by ELBV2_SOURCE_ADDRESS_PRESERVATION",
    );
    check(
        &passed("instance tcp/443 preserve=off i-t", "in tcp/443 any; out all any", ""),
        "10.0.2.10 -> 10.0.1.20 tcp/443 = open",
    );
}

#[test]
fn a_listener_without_targets_is_closed() {
    check(
        &passed("instance tcp/443", "in tcp/443 any", "listener front tcp/80"),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ELBV2_NO_TARGETS_IN_AZ
         8.8.8.8 -> 198.51.100.1 tcp/80 = closed by ELBV2_LISTENER_HAS_NO_TG",
    );
}

#[test]
fn what_was_not_listed_of_a_load_balancer_is_not_known() {
    check(
        &passed("instance tcp/443 unlisted", "in tcp/443 any", ""),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = unknown for load-balancer
         8.8.8.8 -> 198.51.100.1 tcp/22 = closed by ELBV2_LISTENER_PORT_RESTRICTION",
    );
    check(
        &passed("ip tcp/443 192.168.0.5", "in tcp/443 any", ""),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = unknown for load-balancer",
    );
}

#[test]
fn an_application_load_balancer_may_be_a_target() {
    let network = |port| {
        passed(
            "alb tcp/80 lb:inner",
            "in tcp/80 8.8.8.0/24",
            &format!(
                "balancer inner application v1 groups=g
                 listener inner http/{port}
                 interface m far 10.0.2.30 kind=lb description=ELB_app/inner groups=g"
            ),
        )
    };
    check(
        &network(80),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = open
         9.9.9.9 -> 198.51.100.1 tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
    check(
        &network(81),
        "8.8.8.8 -> 198.51.100.1 tcp/443 = closed by ELBV2_LISTENER_PORT_RESTRICTION",
    );
}
