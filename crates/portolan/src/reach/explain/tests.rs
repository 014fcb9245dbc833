//! Questions about sets: who of them can, and one of them with its hops.

use std::fmt::Write;

use expect_test::{Expect, expect};

use super::explain;
use crate::reach::place::{Selector, Zones};
use crate::record::Certainty;
use crate::testing::{Lines, network};

const ESTATE: &str = "
vpc vpc-1 10.0.0.0/16 2001:db8::/56 igw
subnet web vpc-1 10.0.1.0/24 2001:db8:0:1::/64 route any->igw
subnet db vpc-1 10.0.2.0/24 acl=narrow
acl narrow vpc-1 in 100 allow all 10.0.0.0/16 out 100 allow tcp/32768-60999 10.0.0.0/16
group sg-1 vpc-1 in tcp/80 any in tcp/443 any in tcp/22 203.0.113.0/24
group sg-2 vpc-1 in tcp/5432 group:sg-1 in icmp/8 any
interface eni-1 web 10.0.1.10 public=198.51.100.7 2001:db8:0:1::10 groups=sg-1 instance=i-1
interface eni-2 web 10.0.1.11 public=198.51.100.8 groups=sg-1 instance=i-2
interface eni-3 db 10.0.2.10 groups=sg-2 instance=i-3
instance i-1 running
instance i-2 running
instance i-3 running
";

fn answer(estate: &str, from: &str, to: &str, port: &str) -> String {
    let network = network(estate.trim()).unwrap();
    let mut zones = Zones::default();
    zones.zones.insert("office".into(), vec![Selector::parse("203.0.113.0/25").unwrap()]);
    let answer = explain(&network, &zones, &Lines, from, to, port).unwrap();
    let mut text = format!("{:?} {:?} {}\n", answer.verdict, answer.clients, answer.client_ports);
    for can in &answer.open_for {
        let sure = if can.certainty == Certainty::Certain { "" } else { " possible" };
        writeln!(text, "  {} -> {} {} x{}{sure}", can.from, can.to, can.port, can.count).unwrap();
    }
    let hops = answer.forward.iter().map(|hop| format!("{} {}", hop.id, hop.action));
    let hops: Vec<String> = hops.collect();
    writeln!(text, "  hops: {}", hops.join(", ")).unwrap();
    for by in &answer.blocked_by {
        writeln!(text, "  blocked: {} {} {}", by.code, by.id, by.rule).unwrap();
    }
    for limitation in &answer.limitations {
        writeln!(text, "  limitation: {}", limitation.code).unwrap();
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n")).to_lowercase()
}

#[track_caller]
fn check(question: (&str, &str, &str), expect: &Expect) {
    expect.assert_eq(&answer(ESTATE, question.0, question.1, question.2));
}

#[test]
fn the_internet_reaches_what_is_public() {
    check(
        ("internet", "vpc-1", "tcp/443"),
        &expect![[r#"
        open all
          0.0.0.0/0 -> 198.51.100.7 tcp/443 x1
          ::/0 -> 198.51.100.7 tcp/443 x1
          0.0.0.0/0 -> 198.51.100.8 tcp/443 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("internet", "eni-1", "tcp/443"),
        &expect![[r#"
        open all
          0.0.0.0/0 -> 198.51.100.7 tcp/443 x1
          ::/0 -> 198.51.100.7 tcp/443 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("internet", "eni-3", "tcp/5432"),
        &expect![[r#"
        closed none
          hops: narrow deny, sg-2 deny, eni-3 deny
          blocked: subnet_acl_restriction narrow *
          blocked: eni_sg_rules_mismatch sg-2 *
          blocked: igw_private_ip_association_for_ingress eni-3
          blocked: subnet_acl_restriction narrow *
          blocked: no_route_to_destination main-vpc-1 *
    "#]],
    );
}

#[test]
fn members_of_a_block_are_those_that_can() {
    check(
        ("203.0.113.0/24", "eni-2", "tcp/22"),
        &expect![[r#"
        open all
          203.0.113.0/24 -> 198.51.100.8 tcp/22 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("zone:office", "eni-2", "tcp/22"),
        &expect![[r#"
        open all
          203.0.113.0/25 -> 198.51.100.8 tcp/22 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("198.18.0.0/15", "eni-2", "tcp/22"),
        &expect![[r#"
        closed none
          hops: acl-vpc-1 allow, sg-1 deny
          blocked: eni_sg_rules_mismatch sg-1 *
          blocked: cannot_route web
    "#]],
    );
    check(
        ("192.0.2.0/24", "eni-2", "tcp/22"),
        &expect![[r#"
        closed none
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 deny
          blocked: eni_sg_rules_mismatch sg-1 *
    "#]],
    );
}

#[test]
fn groups_are_asked_pair_by_pair() {
    check(
        ("sg-1", "eni-3", "tcp/5432"),
        &expect![[r#"
        open some 32768-60999
          10.0.1.10 -> 10.0.2.10 tcp/5432 x1
          10.0.1.11 -> 10.0.2.10 tcp/5432 x1
          hops: sg-1 allow, acl-vpc-1 allow, rtb-web forward, narrow allow, sg-2 allow
    "#]],
    );
    check(
        ("sg-1", "sg-2", "tcp/22"),
        &expect![[r#"
        closed none
          hops: sg-1 allow, acl-vpc-1 allow, rtb-web forward, narrow allow, sg-2 deny
          blocked: eni_sg_rules_mismatch sg-2 *
    "#]],
    );
    check(
        ("eni-3", "eni-1", "tcp/443"),
        &expect![[r#"
        closed none
          hops: sg-2 allow, narrow deny, main-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
          blocked: subnet_acl_restriction narrow *
    "#]],
    );
}

#[test]
fn several_ports_are_told_apart() {
    check(
        ("internet", "eni-2", "tcp/0-1023"),
        &expect![[r#"
        open all
          203.0.113.0/24 -> 198.51.100.8 tcp/22 x1
          0.0.0.0/0 -> 198.51.100.8 tcp/80 x1
          0.0.0.0/0 -> 198.51.100.8 tcp/443 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("any", "eni-3", "any"),
        &expect![[r#"
        open some
          10.0.1.10/31 -> 10.0.2.10 tcp/5432 x1
          10.0.2.0/24 -> 10.0.2.10 icmp/8/0 x1
          10.0.0.0/16 -> 10.0.2.10 icmp/8/1-255 x1
          hops: sg-1 allow, acl-vpc-1 allow, rtb-web forward, narrow allow, sg-2 allow
    "#]],
    );
    check(
        ("any", "eni-3", "icmp/8"),
        &expect![[r#"
        open all
          10.0.2.0/24 -> 10.0.2.10 icmp/8/0 x1
          hops: sg-2 allow
    "#]],
    );
}

#[test]
fn what_an_interface_opens_to_the_outside_is_told_by_its_own_rules() {
    check(
        ("eni-1", "internet", "tcp/443"),
        &expect![[r#"
        open all
          10.0.1.10 -> 0.0.0.0/0 tcp/443 x1
          10.0.1.10 -> ::/0 tcp/443 x1
          hops: sg-1 allow, acl-vpc-1 allow, rtb-web forward, igw-vpc-1 forward
    "#]],
    );
    check(
        ("eni-3", "internet", "tcp/443"),
        &expect![[r#"
            closed none
              hops: sg-2 allow, narrow deny, main-vpc-1 deny
              blocked: subnet_acl_restriction narrow *
              blocked: no_route_to_destination main-vpc-1 *
              blocked: no_route_to_destination main-vpc-1 *
              blocked: subnet_acl_restriction narrow *
        "#]],
    );
    check(
        ("eni-1", "192.0.2.0/24", "udp/53"),
        &expect![[r#"
        open all
          10.0.1.10 -> 192.0.2.0/24 udp/53 x1
          hops: sg-1 allow, acl-vpc-1 allow, rtb-web forward, igw-vpc-1 forward
    "#]],
    );
}

#[test]
fn only_the_addresses_of_a_block_are_meant() {
    check(
        ("internet", "10.0.1.8/30", "tcp/443"),
        &expect![[r#"
        open all
          0.0.0.0/0 -> 198.51.100.7 tcp/443 x1
          ::/0 -> 198.51.100.7 tcp/443 x1
          0.0.0.0/0 -> 198.51.100.8 tcp/443 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("internet", "198.51.100.8/32", "tcp/443"),
        &expect![[r#"
        open all
          0.0.0.0/0 -> 198.51.100.8 tcp/443 x1
          hops: igw-vpc-1 forward, acl-vpc-1 allow, sg-1 allow
    "#]],
    );
    check(
        ("192.0.2.0/24", "192.0.2.0/24", "tcp/443"),
        &expect![[r#"
        unknown unknown
          hops:
          limitation: outside-estate
    "#]],
    );
}

#[test]
fn an_address_that_several_vpcs_hold_is_the_one_in_the_vpc_of_the_other_end() {
    let estate = "vpc vpc-1 10.0.0.0/16
         vpc vpc-2 10.0.0.0/16
         subnet s vpc-1 10.0.1.0/24
         subnet t vpc-2 10.0.1.0/24
         group sg-1 vpc-1 in tcp/443 any
         group sg-2 vpc-2
         interface a s 10.0.1.10 groups=sg-1
         interface b t 10.0.1.20 groups=sg-2
         interface c s 10.0.1.30 groups=sg-1
         interface d t 10.0.1.30 groups=sg-2";
    let verdict = |from, to| {
        let answer = answer(estate, from, to, "tcp/443");
        answer.split(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!(verdict("vpc-1/10.0.1.10", "10.0.1.30"), "open");
    assert_eq!(verdict("vpc-2/10.0.1.20", "10.0.1.30"), "closed");
    assert_eq!(verdict("10.0.1.30", "vpc-1/10.0.1.10"), "open");
    assert_eq!(verdict("10.0.1.30", "vpc-2/10.0.1.20"), "closed");
}
