//! Interface endpoints: who gets to them, and what answers behind them.

use super::check;

/// A client `c` and an endpoint `e` with the interface `n` to the service `SERVICE`.
fn to(service: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         subnet near v1 10.0.1.0/24
         subnet far v1 10.0.2.0/24
         interface c near 10.0.1.10 groups=client
         interface n far 10.0.2.20 kind=endpoint groups=open
         group client v1 in all any; out all any
         group open v1 in all any; out all any
         endpoint e v1 interface service={service} interfaces=n {rest}"
    )
}

#[test]
fn an_api_of_aws_answers_https() {
    check(
        &to("com.amazonaws.us-east-1.ec2", ""),
        "c -> n tcp/443 = open
         c -> n tcp/80 = unknown for endpoint-service
         c -> n tcp/22 = closed by VPCE_SERVICE_PORT_RESTRICTION",
    );
}

#[test]
fn an_endpoint_carries_tcp_and_perhaps_udp() {
    check(
        &to("com.amazonaws.us-east-1.ec2", ""),
        "c -> n udp/443 = closed by VPCE_INTERFACE_PROTOCOL_RESTRICTION
         c -> n icmp/8 = closed by VPCE_INTERFACE_PROTOCOL_RESTRICTION
         c -> n icmp/3 = unknown for endpoint-service
         c -> n proto/50 = closed by VPCE_INTERFACE_PROTOCOL_RESTRICTION",
    );
    check(
        &to("com.amazonaws.vpce.us-east-1.vpce-svc-1", ""),
        "c -> n udp/443 = unknown for endpoint-service
         c -> n icmp/8 = closed by VPCE_INTERFACE_PROTOCOL_RESTRICTION",
    );
}

#[test]
fn the_group_and_the_acl_of_an_endpoint_are_asked() {
    check(
        "vpc v1 10.0.0.0/16
         subnet near v1 10.0.1.0/24
         subnet far v1 10.0.2.0/24 acl=tight
         acl tight v1 in 1 allow tcp 10.0.1.0/28 out 1 allow all any
         interface c near 10.0.1.10 groups=client
         interface d near 10.0.1.20 groups=client
         interface n far 10.0.2.20 kind=endpoint groups=g
         group client v1
         group g v1 in tcp/443 group:client
         endpoint e v1 interface service=com.amazonaws.us-east-1.ec2 interfaces=n",
        "c -> n tcp/443 = open
         d -> n tcp/443 = closed by SUBNET_ACL_RESTRICTION
         c -> n tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn peers_reach_an_endpoint() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         peering p v1 v2
         subnet near v1 10.0.1.0/24 route 10.1.0.0/16->pcx:p
         subnet far v2 10.1.2.0/24 route 10.0.0.0/16->pcx:p
         interface c near 10.0.1.10 groups=client
         interface n far 10.1.2.20 kind=endpoint groups=g
         group client v1
         group g v2 in all 10.0.0.0/8
         endpoint e v2 interface service=com.amazonaws.us-east-1.ec2 interfaces=n",
        "c -> n tcp/443 = open",
    );
}

#[test]
fn an_endpoint_begins_nothing() {
    check(
        &to("com.amazonaws.us-east-1.ec2", ""),
        "n -> c tcp/443 = closed by VPC_ENDPOINT_UNSOLICITED",
    );
}

#[test]
fn an_endpoint_that_is_not_available_answers_nobody() {
    check(
        &to("com.amazonaws.us-east-1.ec2", "unavailable"),
        "c -> n tcp/443 = closed by VPC_ENDPOINT_NOT_AVAILABLE",
    );
    check(
        &to("com.amazonaws.us-east-1.ec2", "state-unknown"),
        "c -> n tcp/443 = unknown for endpoint-service
         c -> n tcp/22 = closed by VPCE_SERVICE_PORT_RESTRICTION",
    );
}

#[test]
fn which_ports_another_service_has_is_not_known() {
    check(
        &to("com.amazonaws.us-east-1.email-smtp", ""),
        "c -> n tcp/587 = unknown for endpoint-service",
    );
    check(
        &to("com.amazonaws.vpce.us-east-1.vpce-svc-1", ""),
        "c -> n tcp/443 = unknown for endpoint-service",
    );
}

#[test]
fn an_interface_of_an_endpoint_that_nobody_describes_is_not_known() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group e v1 in tcp/443 10.0.0.0/16
         group g v1
         interface n s 10.0.1.20 kind=endpoint groups=e
         interface a s 10.0.1.10 groups=g",
        "a -> n tcp/443 = unknown for endpoint-service
         a -> n tcp/80 = closed by ENI_SG_RULES_MISMATCH",
    );
}

/// A client `c` of VPC `v1`, whose endpoint leads to the load balancer `front` of VPC
/// `v2` with the node `b` and the target `t`. `groups` are worn by the load balancer,
/// of which `words` are said; `rules` are those of the target's group.
fn linked(groups: &str, words: &str, rules: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         subnet near v1 10.0.1.0/24 zone=a
         subnet theirs v2 10.1.1.0/24 zone=a
         interface c near 10.0.1.10 groups=client
         interface n near 10.0.1.20 kind=endpoint groups=open
         interface b theirs 10.1.1.30 kind=lb description=ELB_net/front {groups}
         interface t theirs 10.1.1.40 instance=i-t running groups=g
         group client v1
         group open v1 in all any
         group g v2 {rules}
         endpoint e v1 interface service=svc interfaces=n
         service svc balancers=front
         balancer front network v2 cross=on {groups} {words}
         listener front tcp/443 web
         targets web v2 instance tcp/8443 i-t
         {rest}"
    )
}

#[test]
fn behind_an_endpoint_service_the_targets_of_its_load_balancer_answer() {
    check(
        &linked("", "", "in tcp/8443 any", ""),
        "c -> n tcp/443 = open
         c -> n tcp/8443 = closed by ELBV2_LISTENER_PORT_RESTRICTION
         c -> n udp/443 = closed by ELBV2_LISTENER_PORT_RESTRICTION",
    );
    check(&linked("", "", "in tcp/22 any", ""), "c -> n tcp/443 = closed by ENI_SG_RULES_MISMATCH");
}

#[test]
fn the_targets_see_the_load_balancer_whatever_their_group_says_of_client_addresses() {
    check(
        &linked("", "", "in tcp/8443 10.1.1.30", "").replace("i-t\n", "i-t preserve=on\n"),
        "c -> n tcp/443 = open",
    );
    check(
        &linked("", "", "in tcp/8443 10.0.1.10", "").replace("i-t\n", "i-t preserve=on\n"),
        "c -> n tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn the_load_balancer_s_groups_see_the_client_unless_it_does_not_ask_them() {
    let lb = |client: &str, words: &str| {
        let group = format!("group lb v2 in tcp/443 {client}");
        linked("groups=lb", words, "in tcp/8443 any", &group)
    };
    check(&lb("10.0.1.10", "private-link=on"), "c -> n tcp/443 = open");
    check(&lb("10.0.1.11", "private-link=on"), "c -> n tcp/443 = closed by ENI_SG_RULES_MISMATCH");
    check(&lb("10.0.1.11", "private-link=off"), "c -> n tcp/443 = open");
    check(&lb("10.0.1.11", ""), "c -> n tcp/443 = unknown for endpoint-service");
    check(&lb("group:lb", "private-link=on"), "c -> n tcp/443 = unknown for endpoint-service");
}

#[test]
fn whether_the_acl_of_the_load_balancer_s_subnet_is_asked_is_not_known() {
    let acl = |entries: &str| {
        linked("", "", "in tcp/8443 any", &format!("acl tight v2 subnets=theirs {entries}"))
    };
    check(&acl("in 1 allow all any out 1 allow all any"), "c -> n tcp/443 = open");
    check(&acl("out 1 allow all any"), "c -> n tcp/443 = unknown for endpoint-service");
    check(&acl("in 1 allow all any"), "c -> n tcp/443 = unknown for endpoint-service");
}

#[test]
fn an_endpoint_uses_the_node_of_its_own_zone() {
    let other = "subnet other v2 10.1.2.0/24 zone=b
         interface b2 other 10.1.2.30 kind=lb description=ELB_net/front";
    check(&linked("", "", "in tcp/8443 10.1.1.30", other), "c -> n tcp/443 = open");
    check(
        &linked("", "", "in tcp/8443 10.1.2.30", other),
        "c -> n tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
    check(
        &linked("", "", "in tcp/8443 any", "").replace(
            "10.0.1.0/24 zone=a\n         subnet theirs",
            "10.0.1.0/24 zone=b\n         subnet theirs",
        ),
        "c -> n tcp/443 = unknown for endpoint-service",
    );
}

#[test]
fn zones_of_two_accounts_are_told_apart_by_their_ids() {
    let two = |own: &str, first: &str, second: &str| {
        let other = format!(
            "subnet other v2 10.1.2.0/24 zone=a {second}
             interface b2 other 10.1.2.30 kind=lb description=ELB_net/front"
        );
        let text = linked("", "", "in tcp/8443 10.1.2.30", &other);
        let text = text.replace("10.0.1.0/24 zone=a", &format!("10.0.1.0/24 zone=a {own}"));
        let text = text.replace("10.1.1.0/24 zone=a", &format!("10.1.1.0/24 zone=a {first}"));
        // From here on it is another account's.
        text.replacen("vpc v2", "scope 444455556666/us-east-1\n vpc v2", 1)
    };
    check(&two("zone-id=az1", "zone-id=az2", "zone-id=az1"), "c -> n tcp/443 = open");
    check(
        &two("zone-id=az1", "zone-id=az1", "zone-id=az2"),
        "c -> n tcp/443 = closed by ENI_SG_RULES_MISMATCH",
    );
    check(&two("", "", ""), "c -> n tcp/443 = unknown for endpoint-service");
}

#[test]
fn what_the_source_does_not_show_of_a_service_is_not_known() {
    let all = linked("", "", "in tcp/8443 any", "");
    for (known, other) in [
        ("service svc balancers=front", "service svc balancers=elsewhere"),
        ("service svc balancers=front", "service svc balancers=front state-unknown"),
        ("service svc balancers=front", "service other balancers=front"),
        ("10.0.1.20 kind=endpoint", "10.0.1.20 kind=managed"),
    ] {
        let network = all.replace(known, other);
        assert_ne!(network, all);
        let code =
            if other.ends_with("managed") { "managed-interface" } else { "endpoint-service" };
        check(&network, &format!("c -> n tcp/443 = unknown for {code}"));
    }
}
