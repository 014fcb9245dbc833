//! One sentence of AWS's documentation, one test.

use std::fmt::Write;
use std::num::NonZeroUsize;

use expect_test::{Expect, expect};

use super::draft::{Evaluated, View};
use super::{PortsOptions, SourcesMode, port_classes, ports, render};
use crate::model::Direction;
use crate::net::{Cidr, IpSet};
use crate::reach::engine::World;
use crate::reach::place::PortFilter;
use crate::record::{Certainty, Open, Port, PortClass, Through};
use crate::testing::{Lines, network};

fn line(open: &Open, at: &str, lead: &str) -> String {
    let lead = if lead.is_empty() { "-" } else { lead };
    let mut line =
        format!("{lead} {:?} {}/{}", open.audience, open.protocol, open.ports).to_lowercase();
    let peers = open.sources.as_ref().or(open.destinations.as_ref()).unwrap();
    write!(line, " {}", peers.joined().replace(' ', ",")).unwrap();
    if !open.source_groups.is_empty() {
        write!(line, " ({})", open.source_groups.join(",")).unwrap();
    }
    if open.certainty == Certainty::Possible {
        line.push_str(" possible");
    }
    let clients = format!("{:?}", open.clients).to_lowercase();
    if clients != "all" {
        write!(line, " clients={clients}:{}", open.client_ports).unwrap();
    }
    if !open.via.is_empty() {
        write!(line, " via {}", open.via.join(",")).unwrap();
    }
    if let Some(through) = &open.through {
        let Through { load_balancer, address, port } = through;
        write!(line, " through {load_balancer} {address} {port}").unwrap();
    }
    let at = if at.is_empty() { "-" } else { at };
    writeln!(line, " at {at}").unwrap();
    line
}

fn text(network_text: &str, options: &PortsOptions) -> String {
    let network = network(network_text).unwrap();
    let mut all = String::new();
    let print = |ports: Vec<Port>| {
        let line = |port: &Port| line(&port.open, &port.addresses.join(","), &port.interface);
        ports.iter().map(line).collect::<String>()
    };
    ports(&network, &Lines, options, &print, &mut |lines| all += &lines);
    all
}

#[track_caller]
fn check(network_text: &str, expect: &Expect) {
    expect.assert_eq(&text(network_text, &PortsOptions::default()));
}

#[track_caller]
fn check_out(network_text: &str, expect: &Expect) {
    let options = PortsOptions { direction: Direction::Egress, ..PortsOptions::default() };
    expect.assert_eq(&text(network_text, &options));
}

const WEB: &str = "
vpc v1 10.0.0.0/16 2001:db8::/56 igw
subnet web v1 10.0.1.0/24 2001:db8:0:1::/64 route any->igw
group front v1 in tcp/443 any
interface a web 10.0.1.10 public=198.51.100.7 2001:db8:0:1::10 groups=front
";

/// Who holds an address there is not looked at: an interface that was not listed
/// would be left out, and addresses of a /64 one by one are a list without end.
#[test]
fn ipv6_of_a_vpc_apart_is_told_by_its_blocks() {
    let apart = "
        vpc v2 10.1.0.0/16 2001:db8:0:200::/56 igw
        subnet far v2 10.1.1.0/24 2001:db8:0:201::/64 route any->igw
        group f v2 in tcp/22 10.1.0.0/16
        interface b far 10.1.1.10 2001:db8:0:201::10 groups=f";
    let all = text(&format!("{WEB}{apart}"), &PortsOptions::default());
    let of_v2: Vec<&str> = all.lines().filter(|line| line.contains("2001:db8:0:200")).collect();
    assert_eq!(
        of_v2,
        ["a estate tcp/443 2001:db8:0:200::/56 possible via igw-v1 at 2001:db8:0:1::10"],
    );
}

#[test]
fn a_public_address_and_an_open_group_are_open_to_everyone() {
    check(
        WEB,
        &expect![[r#"
        a internet tcp/443 0.0.0.0/0,::/0 via igw-v1 at 10.0.1.10,2001:db8:0:1::10
        a estate tcp/443 10.0.0.0/16,2001:db8::/56 at 10.0.1.10,2001:db8:0:1::10
    "#]],
    );
}

#[test]
fn what_goes_out_needs_no_inbound_rule() {
    check_out(
        WEB,
        &expect![[r#"
        a internet tcp/0-65535 0.0.0.0/0,::/0 via igw-v1 at 10.0.1.10,2001:db8:0:1::10
        a internet udp/0-65535 0.0.0.0/0,::/0 via igw-v1 at 10.0.1.10,2001:db8:0:1::10
        a internet icmp/any 0.0.0.0/0 via igw-v1 at 10.0.1.10
        a internet icmpv6/any ::/0 via igw-v1 at 2001:db8:0:1::10
        a internet other/any 0.0.0.0/0,::/0 via igw-v1 at 10.0.1.10,2001:db8:0:1::10
    "#]],
    );
}

#[test]
fn an_acl_that_drops_some_replies_serves_some_clients() {
    check(
        "vpc v1 10.0.0.0/16 igw
         acl tight v1 in 100 allow tcp/443 any; out 100 allow tcp/1024-61000 any
         subnet web v1 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw
         group front v1 in tcp/443 any4
         interface a web 10.0.1.10 public=198.51.100.7 groups=front",
        &expect![[r#"
            a internet tcp/443 0.0.0.0/0 clients=some:1024-61000 via igw-v1 at 10.0.1.10
            a estate tcp/443 10.0.1.0/24 at 10.0.1.10
            a estate tcp/443 10.0.0.0/24,10.0.2.0/23,10.0.4.0/22,10.0.8.0/21,10.0.16.0/20,10.0.32.0/19,10.0.64.0/18,10.0.128.0/17 clients=some:1024-61000 at 10.0.1.10
        "#]],
    );
}

#[test]
fn a_group_reference_admits_members_only() {
    check(
        "vpc v1 10.0.0.0/16
         subnet app v1 10.0.1.0/24
         subnet db v1 10.0.2.0/24
         group web v1 in tcp/443 10.0.0.0/8
         group data v1 in tcp/5432 group:web; in tcp/5432 group:data
         interface a app 10.0.1.10 groups=web
         interface b app 10.0.1.11 groups=web detached
         interface c db 10.0.2.10 groups=data
         interface d db 10.0.2.11 groups=data",
        &expect![[r#"
            a estate tcp/443 10.0.0.0/24,10.0.1.0/29,10.0.1.8/31,10.0.1.10/32,10.0.1.12/30,10.0.1.16/28,10.0.1.32/27,10.0.1.64/26,10.0.1.128/25,10.0.2.0/23,10.0.4.0/22,10.0.8.0/21,10.0.16.0/20,10.0.32.0/19,10.0.64.0/18,10.0.128.0/17 at 10.0.1.10
            c estate tcp/5432 10.0.1.10/32,10.0.2.11/32 (data,web) at 10.0.2.10
            d estate tcp/5432 10.0.1.10/32,10.0.2.10/32 (data,web) at 10.0.2.11
        "#]],
    );
}

#[test]
fn an_unknown_group_is_possible() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group front v1 in tcp/22 10.0.1.0/24; out tcp/443 any4
         interface a web 10.0.1.10 public=198.51.100.7 groups=front,lost",
        &expect![[r#"
            a internet tcp/0-65535 0.0.0.0/0 possible via igw-v1 at 10.0.1.10
            a internet udp/0-65535 0.0.0.0/0 possible via igw-v1 at 10.0.1.10
            a internet icmp/any 0.0.0.0/0 possible via igw-v1 at 10.0.1.10
            a internet other/any 0.0.0.0/0 possible via igw-v1 at 10.0.1.10
            a estate tcp/0-21 10.0.0.0/16 possible at 10.0.1.10
            a estate tcp/22 10.0.1.0/24 at 10.0.1.10
            a estate tcp/22 10.0.0.0/24,10.0.2.0/23,10.0.4.0/22,10.0.8.0/21,10.0.16.0/20,10.0.32.0/19,10.0.64.0/18,10.0.128.0/17 possible at 10.0.1.10
            a estate tcp/23-65535 10.0.0.0/16 possible at 10.0.1.10
            a estate udp/0-65535 10.0.0.0/16 possible at 10.0.1.10
            a estate icmp/any 10.0.0.0/16 possible at 10.0.1.10
            a estate other/any 10.0.0.0/16 possible at 10.0.1.10
        "#]],
    );
}

#[test]
fn peering_needs_routes_both_ways() {
    check(
        "vpc v1 10.1.0.0/16
         vpc v2 10.2.0.0/16
         peering p v1 v2
         subnet one v1 10.1.1.0/24 route 10.2.0.0/16->pcx:p
         subnet two v2 10.2.1.0/24 route 10.1.1.0/25->pcx:p
         subnet nowhere v2 10.2.2.0/24
         group all v1 in tcp/80 any4
         interface a one 10.1.1.10 groups=all
         interface b two 10.2.1.10 groups=all
         interface c nowhere 10.2.2.10 groups=all
         interface d one 10.1.1.200 groups=all",
        &expect![[r#"
            a estate tcp/80 10.1.0.0/16,10.2.0.0/23,10.2.2.0/29,10.2.2.8/31,10.2.2.11/32,10.2.2.12/30,10.2.2.16/28,10.2.2.32/27,10.2.2.64/26,10.2.2.128/25,10.2.3.0/24,10.2.4.0/22,10.2.8.0/21,10.2.16.0/20,10.2.32.0/19,10.2.64.0/18,10.2.128.0/17 via p at 10.1.1.10
            b estate tcp/80 10.1.1.0/25,10.2.0.0/16 via p at 10.2.1.10
            c estate tcp/80 10.2.0.0/16 at 10.2.2.10
            d estate tcp/80 10.1.0.0/16,10.2.0.0/24,10.2.1.0/29,10.2.1.8/31,10.2.1.11/32,10.2.1.12/30,10.2.1.16/28,10.2.1.32/27,10.2.1.64/26,10.2.1.128/25,10.2.2.0/29,10.2.2.8/31,10.2.2.11/32,10.2.2.12/30,10.2.2.16/28,10.2.2.32/27,10.2.2.64/26,10.2.2.128/25,10.2.3.0/24,10.2.4.0/22,10.2.8.0/21,10.2.16.0/20,10.2.32.0/19,10.2.64.0/18,10.2.128.0/17 via p at 10.1.1.200
        "#]],
    );
}

#[test]
fn a_nat_gateway_lets_out_and_not_in() {
    let text = "
        vpc v1 10.0.0.0/16 igw
        subnet public v1 10.0.0.0/24 route 0.0.0.0/0->igw
        subnet private v1 10.0.1.0/24 route 0.0.0.0/0->nat:n
        nat n public private=10.0.0.5 public=198.51.100.9
        group g v1 in tcp/22 any4; out tcp/443 any4
        interface a private 10.0.1.10 public=198.51.100.10 groups=g";
    check(
        text,
        &expect![[r#"
        a estate tcp/22 10.0.0.0/30,10.0.0.4/32,10.0.0.6/31,10.0.0.8/29,10.0.0.16/28,10.0.0.32/27,10.0.0.64/26,10.0.0.128/25,10.0.1.0/24,10.0.2.0/23,10.0.4.0/22,10.0.8.0/21,10.0.16.0/20,10.0.32.0/19,10.0.64.0/18,10.0.128.0/17 at 10.0.1.10
    "#]],
    );
    check_out(
        text,
        &expect![[r#"
        a internet tcp/443 0.0.0.0/0 via n,igw-v1 at 10.0.1.10
    "#]],
    );
}

#[test]
fn a_transit_gateway_leads_to_the_network() {
    check(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 10.0.0.0/8->tgw:t
         group g v1 in tcp/22 any4
         interface a s 10.0.1.10 groups=g",
        &expect![[r#"
            a network tcp/22 10.1.0.0/16,10.2.0.0/15,10.4.0.0/14,10.8.0.0/13,10.16.0.0/12,10.32.0.0/11,10.64.0.0/10,10.128.0.0/9 possible via t at 10.0.1.10
            a estate tcp/22 10.0.0.0/16 at 10.0.1.10
        "#]],
    );
}

#[test]
fn protocols_that_rules_name_have_their_own_record() {
    check(
        "vpc v1 10.0.0.0/16 igw
         acl a1 v1 in 100 deny proto/50 any; in 200 allow all any; out 100 allow all any
         subnet s v1 10.0.1.0/24 acl=a1 route 0.0.0.0/0->igw
         group g v1 in all 198.51.100.0/24; in proto/51 198.51.100.0/25; in icmp/8 any4
         interface a s 10.0.1.10 public=198.51.100.7 groups=g",
        &expect![[r#"
            a internet tcp/0-65535 198.51.100.0/24 via igw-v1 at 10.0.1.10
            a internet udp/0-65535 198.51.100.0/24 via igw-v1 at 10.0.1.10
            a internet icmp/0-7 198.51.100.0/24 via igw-v1 at 10.0.1.10
            a internet icmp/8 0.0.0.0/0 via igw-v1 at 10.0.1.10
            a internet icmp/9-255 198.51.100.0/24 via igw-v1 at 10.0.1.10
            a internet proto/51/any 198.51.100.0/24 via igw-v1 at 10.0.1.10
            a internet other/any 198.51.100.0/24 via igw-v1 at 10.0.1.10
            a estate icmp/8 10.0.0.0/16 at 10.0.1.10
        "#]],
    );
}

#[test]
fn groups_alone_say_who_could() {
    check(
        "missing describe-network-interfaces describe-vpcs describe-subnets
         group g v1 in tcp/22 any; in tcp/5432 group:h; in tcp/80 10.0.0.0/8
         group h v1 in all group:h",
        &expect![[r#"
            - internet tcp/22 0.0.0.0/0,::/0 possible at -
            - network tcp/22 10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fc00::/7 possible at -
            - network tcp/80 10.0.0.0/8 possible at -
            - estate tcp/5432  (h) possible at -
            - estate tcp/0-65535  (h) possible at -
            - estate udp/0-65535  (h) possible at -
            - estate icmp/any  (h) possible at -
            - estate icmpv6/any  (h) possible at -
            - estate other/any  (h) possible at -
        "#]],
    );
}

#[test]
fn interfaces_that_are_alike_are_one_class() {
    let network = network(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group front v1 in tcp/443 any4; in tcp/80 group:front
         interface a web 10.0.1.10 public=198.51.100.7 groups=front
         interface b web 10.0.1.11 public=198.51.100.8 groups=front",
    )
    .unwrap();
    let mut all = String::new();
    let options = PortsOptions { sources: SourcesMode::Rules, ..PortsOptions::default() };
    port_classes(&network, &Lines, &options, &|classes| classes, &mut |classes| {
        for class in classes {
            all += &line(&class.open, &class.addresses.join(","), &class.interfaces.join(","));
        }
    });
    expect![[r#"
        a,b internet tcp/443 0.0.0.0/0 via igw-v1 at 10.0.1.10,10.0.1.11
        a,b estate tcp/80  (front) at 10.0.1.10,10.0.1.11
        a,b estate tcp/443 10.0.0.0/16 at 10.0.1.10,10.0.1.11
    "#]]
    .assert_eq(&all);
}

/// A peer VPC that the source does not hold, with an interface that it does.
fn strays(address: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         peering p v1 v2 accepter=10.9.0.0/16,198.51.0.0/16
         subnet s v1 10.0.1.0/24 route 10.9.0.0/16->pcx:p; route 198.51.0.0/16->pcx:p
         subnet t v2 10.9.1.0/24 route 10.0.0.0/16->pcx:p
         group g v1 in tcp/443 any
         group h v2 in tcp/22 10.9.1.99
         interface a s 10.0.1.10 groups=g
         interface b t {address} groups=h"
    )
}

#[test]
fn interfaces_outside_the_blocks_that_were_seen_count_by_their_address() {
    check(
        &strays("10.9.1.10"),
        &expect![[r#"
        a network tcp/443 10.9.0.0/16,198.51.0.0/16 possible via p at 10.0.1.10
        a estate tcp/443 10.0.0.0/16 at 10.0.1.10
        b network tcp/22 10.9.1.99/32 possible at 10.9.1.10
    "#]],
    );
    check(
        &strays("198.51.100.10"),
        &expect![[r#"
        a internet tcp/443 198.51.100.10/32 possible via p at 10.0.1.10
        a network tcp/443 10.9.0.0/16,198.51.0.0/16 possible via p at 10.0.1.10
        a estate tcp/443 10.0.0.0/16 at 10.0.1.10
        b network tcp/22 10.9.1.99/32 possible at 198.51.100.10
    "#]],
    );
}

#[test]
fn workers_that_share_a_component_say_together_what_one_says() {
    let network = network(
        "vpc v1 10.0.0.0/16 igw
         acl tight v1 in 100 allow tcp/443 any; out 100 allow all any
         subnet a v1 10.0.1.0/24 route any->igw
         subnet b v1 10.0.2.0/24 acl=tight
         subnet c v1 10.0.3.0/24
         group web v1 in tcp/443 any
         group data v1 in tcp/5432 group:web
         interface a1 a 10.0.1.5 public=198.51.100.7 groups=web
         interface b1 b 10.0.2.5 groups=web,data
         interface b2 b 10.0.2.6 groups=web,data
         interface c1 c 10.0.3.5 groups=data",
    )
    .unwrap();
    let (world, options) = (World::of(&network), PortsOptions::default());
    let component = network.components.ids().next().unwrap();
    let said = |workers: usize| {
        let workers = NonZeroUsize::new(workers).unwrap();
        let all = Evaluated::of(&network, &world, (component, workers), &options, View::Classes);
        let mut lines: Vec<String> = Vec::new();
        for evaluated in &all {
            for members in evaluated.classes() {
                let classes = render::port_classes(&network, &Lines, &options, evaluated, &members);
                lines.extend(classes.iter().map(|class| serde_json::to_string(class).unwrap()));
            }
        }
        lines.sort();
        (all.len(), lines)
    };
    let (_, alone) = said(1);
    assert!(!alone.is_empty());
    for (workers, parts) in [(2, 2), (3, 3), (8, 3)] {
        assert_eq!(said(workers), (parts, alone.clone()));
    }
}

/// Two targets of one group, behind a Network and an Application Load Balancer.
const BEHIND: &str = "vpc v1 10.0.0.0/16 igw
     subnet near v1 10.0.1.0/24 route 0.0.0.0/0->igw
     subnet far v1 10.0.2.0/24
     interface m near 10.0.1.20 public=198.51.100.1 kind=lb description=ELB_net/outer
     interface n near 10.0.1.30 public=198.51.100.2 kind=lb description=ELB_app/front groups=lb
     interface t far 10.0.2.10 instance=i-t running groups=g
     interface u far 10.0.2.11 instance=i-u running groups=g
     group lb v1 in tcp/443 192.0.2.0/24; out all any
     group g v1 in tcp/5432 8.8.0.0/16; in tcp/8080 group:lb
     balancer outer network v1 cross=on
     listener outer tcp/80 base
     targets base v1 instance tcp/5432 i-t i-u
     balancer front application v1 groups=lb
     targets web v1 instance http/8080 i-t i-u
     listener front tcp/443 web rules";

#[test]
fn what_is_open_through_load_balancers_is_told_of_the_target() {
    let options = PortsOptions { through: true, ..PortsOptions::default() };
    let network = network(BEHIND).unwrap();
    let mut all = String::new();
    let print = |classes: Vec<PortClass>| {
        let line = |class: &PortClass| {
            line(&class.open, &class.addresses.join(","), &class.interfaces.join(","))
        };
        classes.iter().filter(|class| class.open.through.is_some()).map(line).collect::<String>()
    };
    port_classes(&network, &Lines, &options, &print, &mut |lines| all += &lines);
    expect![[r#"
        t,u internet tcp/5432 8.8.0.0/16 via igw-v1 through loadbalancer/net/outer 198.51.100.1 tcp/80 at 10.0.2.10,10.0.2.11
        t,u internet tcp/8080 192.0.2.0/24 via igw-v1 through loadbalancer/app/front 198.51.100.2 tcp/443 at 10.0.2.10,10.0.2.11
    "#]].assert_eq(&all);
}

#[test]
fn only_the_target_s_own_ports_and_peers_are_asked_for() {
    let options = |ports: &str, from: &str| PortsOptions {
        through: true,
        ports: PortFilter::filter(ports).unwrap().matches(),
        from: Some(IpSet::from_cidr(Cidr::parse(from).unwrap().0)),
        ..PortsOptions::default()
    };
    expect![[r#"
        t internet tcp/5432 8.8.8.0/24 via igw-v1 through loadbalancer/net/outer 198.51.100.1 tcp/80 at 10.0.2.10
        u internet tcp/5432 8.8.8.0/24 via igw-v1 through loadbalancer/net/outer 198.51.100.1 tcp/80 at 10.0.2.11
    "#]].assert_eq(&text(BEHIND, &options("5432", "8.8.8.0/24")));
    expect![[""]].assert_eq(&text(BEHIND, &options("80", "9.0.0.0/8")));
}
