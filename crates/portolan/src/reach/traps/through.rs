//! Targets behind load balancers: who gets to a port that is closed to packets for it.

use super::check;

/// A target `t` whose group `g` lets in what `rules` say, behind the Application Load
/// Balancer `front`, whose node is `n` and wears `lb`. `listener` follows its port.
fn behind(rules: &str, listener: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
         subnet far v1 10.0.2.0/24
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_app/front groups=lb
         interface t far 10.0.2.10 instance=i-t running groups=g
         group lb v1 in tcp/443 any; out all any
         group g v1 {rules}
         balancer front application v1 groups=lb
         targets web v1 instance http/8080 i-t
         targets other v1 instance http/9090 i-t
         listener front tcp/443 {listener}
         {rest}"
    )
}

const SHUT: &str = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS, NO_ROUTE_TO_DESTINATION";
const BY: &str = "through front at tcp/443";

#[test]
fn a_target_is_open_through_an_application_load_balancer() {
    check(
        &behind("in tcp/8080 group:lb", "web rules", ""),
        &format!(
            "8.8.8.8 -> 10.0.2.10 tcp/8080 = closed by ENI_SG_RULES_MISMATCH, {SHUT}, also open {BY}
             8.8.8.8 -> 10.0.2.10 tcp/443 = closed by ENI_SG_RULES_MISMATCH, {SHUT}"
        ),
    );
}

#[test]
fn its_group_must_admit_the_load_balancer() {
    check(
        &behind("in tcp/8080 8.8.8.0/24", "web rules", ""),
        &format!("8.8.8.8 -> 10.0.2.10 tcp/8080 = closed by {SHUT}"),
    );
}

#[test]
fn a_condition_about_source_addresses_narrows_who_gets_there() {
    let rules = "rule front source=192.0.2.0/24 forward:web";
    check(
        &behind("in tcp/8080 group:lb", "other rules", rules),
        &format!(
            "192.0.2.1 -> 10.0.2.10 tcp/8080 = closed by ENI_SG_RULES_MISMATCH, {SHUT}, also open {BY}
             8.8.8.8 -> 10.0.2.10 tcp/8080 = closed by ENI_SG_RULES_MISMATCH, {SHUT}"
        ),
    );
}

#[test]
fn a_rule_takes_what_an_earlier_one_leaves() {
    let network = |earlier: &str| {
        let rules = format!("rule front {earlier}\n rule front forward:web");
        behind("in tcp/8080 group:lb", "other rules", &rules)
    };
    let closed = format!("closed by ENI_SG_RULES_MISMATCH, {SHUT}");
    check(
        &network("source=8.0.0.0/8 redirect"),
        &format!(
            "8.8.8.8 -> 10.0.2.10 tcp/8080 = {closed}
             9.9.9.9 -> 10.0.2.10 tcp/8080 = {closed}, also open {BY}"
        ),
    );
    // What else a rule asks for a client may write or not, as he likes.
    check(
        &network("source=8.0.0.0/8 path redirect"),
        &format!("8.8.8.8 -> 10.0.2.10 tcp/8080 = {closed}, also open {BY}"),
    );
}

#[test]
fn rules_that_were_not_listed_and_logins_may_keep_clients_out() {
    let open = format!("also perhaps open {BY}");
    let closed = format!("closed by ENI_SG_RULES_MISMATCH, {SHUT}");
    let ask = format!("8.8.8.8 -> 10.0.2.10 tcp/8080 = {closed}, {open}");
    check(&behind("in tcp/8080 group:lb", "web", ""), &ask);
    let login = "rule front path login forward:web";
    check(&behind("in tcp/8080 group:lb", "other rules", login), &ask);
    let contested = "rule front contested path redirect";
    check(&behind("in tcp/8080 group:lb", "web rules", contested), &ask);
}

#[test]
fn a_redirect_leads_to_no_target() {
    check(
        &behind("in tcp/8080 group:lb", "other rules", "rule front redirect"),
        &format!("8.8.8.8 -> 10.0.2.10 tcp/9090 = closed by ENI_SG_RULES_MISMATCH, {SHUT}"),
    );
}

#[test]
fn behind_two_load_balancers_both_are_asked() {
    let rest = "interface m near 10.0.1.30 public=198.51.100.2 kind=lb description=ELB_net/outer
         balancer outer network v1 cross=on
         targets inner v1 alb tcp/443 lb:front
         listener outer tcp/80 inner";
    check(
        &behind("in tcp/8080 group:lb", "web rules", rest).replace("public=198.51.100.1 ", ""),
        &format!(
            "8.8.8.8 -> 10.0.2.10 tcp/8080 = closed by ENI_SG_RULES_MISMATCH, {SHUT}, \
             also open through outer at tcp/80"
        ),
    );
}

#[test]
fn of_several_interfaces_one_that_is_reached_through_it_is_told() {
    let rest = "interface u far 10.0.2.20 instance=i-t running groups=g
         targets second v1 ip http/8080 10.0.2.20";
    check(
        &behind("in tcp/8080 group:lb", "second rules", rest),
        &format!(
            "8.8.8.8 -> i-t tcp/8080 = closed by ENI_SG_RULES_MISMATCH, {SHUT}, also open {BY}"
        ),
    );
}

/// The same behind a Classic Load Balancer with a node in `near` and `t` in the subnet.
fn classic(rules: &str, subnet: &str, more: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet near v1 10.0.1.0/24 zone=us-east-1a {more} route 0.0.0.0/0->igw
         subnet far v1 10.0.2.0/24 zone=us-east-1b
         interface n near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_old groups=lb
         interface t {subnet} instance=i-t running groups=g
         group lb v1 in tcp/80 any; out all any
         group g v1 {rules}
         balancer old classic v1 groups=lb instances=i-t cross=on
         listener old tcp/80 instances=8080"
    )
}

#[test]
fn a_classic_load_balancer_leads_to_its_instances() {
    check(
        &classic("in tcp/8080 group:lb", "far 10.0.2.10", ""),
        &format!(
            "8.8.8.8 -> 10.0.2.10 tcp/8080 = closed by ENI_SG_RULES_MISMATCH, {SHUT}, \
             also open through old at tcp/80"
        ),
    );
}

#[test]
fn a_classic_load_balancer_asks_its_acl_within_the_subnet_too() {
    let network = |acl: &str| {
        let acl = format!("acl tight v1 in 1 allow all any; {acl}");
        format!("{acl}\n{}", classic("in tcp/8080 group:lb", "near 10.0.1.10", "acl=tight"))
    };
    let closed = "closed by ENI_SG_RULES_MISMATCH, IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS";
    check(
        &network("out 100 allow all any"),
        &format!("8.8.8.8 -> 10.0.1.10 tcp/8080 = {closed}, also open through old at tcp/80"),
    );
    check(
        &network("out 100 deny tcp/8080 10.0.1.10/32; out 200 allow all any"),
        &format!("8.8.8.8 -> 10.0.1.10 tcp/8080 = {closed}"),
    );
}

#[test]
fn behind_an_endpoint_the_targets_of_the_service_are_open_through_it() {
    let network = |admitted: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             subnet near v1 10.0.1.0/24 zone=a
             subnet theirs v2 10.1.1.0/24 zone=a
             interface c near 10.0.1.10 groups=client
             interface n near 10.0.1.20 kind=endpoint groups=open
             interface b theirs 10.1.1.30 kind=lb description=ELB_net/front
             interface t theirs 10.1.1.40 instance=i-t running groups=g
             group client v1
             group open v1 in all any
             group g v2 in tcp/8443 {admitted}
             endpoint e v1 interface service=svc interfaces=n
             service svc balancers=front
             balancer front network v2 cross=on
             listener front tcp/443 web
             targets web v2 instance tcp/8443 i-t"
        )
    };
    let ask = "10.0.1.10 -> 10.1.1.40 tcp/8443 = closed by";
    check(
        &network("10.1.1.30/32"),
        &format!(
            "{ask} ENI_SG_RULES_MISMATCH, NO_ROUTE_TO_DESTINATION, \
             also open through front at tcp/443"
        ),
    );
    check(&network("10.0.0.0/16"), &format!("{ask} NO_ROUTE_TO_DESTINATION"));
}
