//! Charts of tiny networks.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::audit::Traffic;
use crate::reach::exposure::ports;
use crate::reach::place::Selector;
use crate::record::chart::{ChartBox, Column, Level};
use crate::record::{Audience, Breadth, Certainty};
use crate::testing::{Lines, network};

fn drawn(text: &str, zones: &[(&str, &str)], focus: &[&str]) -> Chart {
    let network = network(text).unwrap();
    let zones = Zones {
        zones: zones
            .iter()
            .map(|&(name, of)| (name.to_owned(), vec![Selector::parse(of).unwrap()]))
            .collect(),
    };
    let selected = focus
        .iter()
        .flat_map(|text| Selector::parse(text).unwrap().interfaces(&network, &zones))
        .collect();
    let asked = focus.iter().map(|&text| text.to_owned()).collect();
    let focus = (!focus.is_empty()).then_some(selected);
    chart(&network, &Lines, &ChartOptions { zones, focus, asked })
}

fn told(chart: &Chart) -> String {
    let mut text = String::new();
    let title = |id: &str| {
        let found = chart.boxes.iter().find(|one| one.id == id).unwrap();
        format!(
            "{}{}",
            found.title,
            if found.band.is_empty() { String::new() } else { format!("@{}", found.band) }
        )
    };
    for one in &chart.boxes {
        let column = format!("{:?}", one.column).to_lowercase();
        write!(text, "{column}: {} x{}", title(&one.id), one.count).unwrap();
        for (what, ports) in [("open to everyone", &one.everyone), ("inside", &one.inside)] {
            if !ports.is_empty() {
                write!(text, ", {what} {}", ports.join(" ")).unwrap();
            }
        }
        text.push_str(if one.focused { " (focus)\n" } else { "\n" });
    }
    for edge in &chart.edges {
        let arrow = if edge.everyone { "=>" } else { "->" };
        write!(text, "{} {arrow} {}: {}", title(&edge.from), title(&edge.to), edge.ports.join(" "))
            .unwrap();
        if !edge.possible.is_empty() {
            write!(text, " perhaps {}", edge.possible.join(" ")).unwrap();
        }
        let ask = &edge.ask;
        writeln!(text, " | {} {} {}", ask.from, ask.to, ask.port).unwrap();
    }
    text
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&told(&drawn(text, &[], &[])));
}

const SHOP: &str = "
    vpc vpc-1 10.0.0.0/16 igw
    subnet front vpc-1 10.0.1.0/24 route 0.0.0.0/0->igw
    subnet back vpc-1 10.0.2.0/24
    group web vpc-1 in tcp/80 any; in tcp/443 any; in tcp/22 group:bastion
    group bastion vpc-1 in tcp/22 203.0.113.0/24
    group app vpc-1 in tcp/8080 group:web; in tcp/22 group:bastion
    group db vpc-1 in tcp/5432 group:app; in tcp/5432 group:db
    interface eni-1 front 10.0.1.10 public=198.51.100.1 groups=web
    interface eni-2 front 10.0.1.11 public=198.51.100.2 groups=web
    interface eni-3 front 10.0.1.12 public=198.51.100.3 groups=bastion
    interface eni-4 back 10.0.2.10 groups=app
    interface eni-5 back 10.0.2.11 groups=app
    interface eni-6 back 10.0.2.12 groups=db
    interface eni-7 back 10.0.2.13 groups=db
    interface eni-8 back 10.0.2.14 groups=db detached";

#[test]
fn zones_are_columns_and_classes_are_boxes() {
    check(
        SHOP,
        &expect![[r#"
            internet: everyone x1
            internet: 203.0.113.0/24 x1
            edge: internet gateway@r1 x1
            public: web@r1 x2, open to everyone tcp/80 tcp/443
            public: bastion@r1 x1
            private: app@r1 x2
            data: db@r1 x2, inside tcp/5432
            everyone => web@r1: tcp/80 tcp/443 | internet eni-1 tcp/80
            203.0.113.0/24 -> bastion@r1: tcp/22 | 203.0.113.0/24 eni-3 tcp/22
            web@r1 -> app@r1: tcp/8080 | eni-1 eni-4 tcp/8080
            bastion@r1 -> web@r1: tcp/22 | eni-3 eni-1 tcp/22
            bastion@r1 -> app@r1: tcp/22 | eni-3 eni-4 tcp/22
            app@r1 -> db@r1: tcp/5432 | eni-4 eni-6 tcp/5432
        "#]],
    );
}

#[test]
fn zones_of_the_configuration_are_called_by_their_names() {
    let chart = drawn(SHOP, &[("office", "203.0.113.0/24")], &[]);
    let office = chart.boxes.iter().find(|one| one.title == "office").unwrap();
    let edge = chart.edges.iter().find(|edge| edge.from == office.id).unwrap();
    assert_eq!((edge.ask.from.as_str(), edge.ports.join(" ").as_str()), ("zone:office", "tcp/22"));
}

#[test]
fn what_the_whole_vpc_may_open_is_one_edge() {
    check(
        "vpc vpc-1 10.0.0.0/16
         subnet a vpc-1 10.0.1.0/24
         group one vpc-1 in all 10.0.0.0/16
         group two vpc-1
         group three vpc-1
         group four vpc-1
         group five vpc-1
         interface eni-1 a 10.0.1.1 groups=one
         interface eni-2 a 10.0.1.2 groups=two
         interface eni-3 a 10.0.1.3 groups=three
         interface eni-4 a 10.0.1.4 groups=four
         interface eni-5 a 10.0.1.5 groups=five",
        &expect![[r#"
            private: one@r1 x1
            private: two@r1 x1
            private: three@r1 x1
            private: four@r1 x1
            private: five@r1 x1
            networks: anyone inside@r1 x1
            anyone inside@r1 -> one@r1: any | vpc-1 eni-1 tcp/0
        "#]],
    );
}

#[test]
fn networks_behind_gateways_are_boxes() {
    check(
        "missing describe-transit-gateway-vpc-attachments describe-transit-gateway-attachments
         vpc vpc-1 10.0.0.0/16
         subnet a vpc-1 10.0.1.0/24 route 172.16.0.0/12->tgw:tgw-1 route 10.9.0.0/16->pcx:pcx-1
         subnet b vpc-1 10.0.2.0/24 route 192.168.0.0/16->vgw:vgw-1
         peering pcx-1 vpc-1 vpc-9 accepter=10.9.0.0/16
         group g vpc-1 in tcp/22 any4
         interface eni-1 a 10.0.1.1 groups=g
         interface eni-2 b 10.0.2.1 groups=g",
        &expect![[r#"
            private: g@r1 x2, inside tcp/22
            networks: vpc-9 x1
            networks: transit gateway x1
            networks: VPN x1
            vpc-9 -> g@r1:  perhaps tcp/22 | 10.9.0.0/16 eni-1 tcp/22
            transit gateway -> g@r1:  perhaps tcp/22 | 10.9.0.0/16 eni-1 tcp/22
            VPN -> g@r1:  perhaps tcp/22 | 192.168.0.0/16 eni-2 tcp/22
        "#]],
    );
}

#[test]
fn a_source_of_groups_alone_is_drawn_by_group() {
    check(
        "missing describe-network-interfaces
         vpc vpc-1 10.0.0.0/16
         group web vpc-1 in tcp/443 any
         group db vpc-1 in tcp/5432 group:web",
        &expect![[r#"
            internet: everyone x1
            private: web@r1 x1, open to everyone tcp/443
            data: db@r1 x1
            everyone => web@r1:  perhaps tcp/443 | internet web tcp/443
            web@r1 -> db@r1:  perhaps tcp/5432 | web db tcp/5432
        "#]],
    );
}

#[test]
fn a_focus_is_fine_and_all_else_is_coarse() {
    let text = format!(
        "{SHOP}
    interface eni-9 back 10.0.2.20 groups=other
    interface eni-10 back 10.0.2.21 groups=another
    group other vpc-1
    group another vpc-1"
    );
    let chart = drawn(&text, &[], &["eni-6"]);
    expect![[r#"
        internet: everyone x1
        internet: 203.0.113.0/24 x1
        edge: internet gateway@r1 x1
        public: bastion, web@r1 x3, open to everyone tcp/80 tcp/443, inside tcp/22
        private: app@r1 x2
        private: another, other@r1 x2
        data: db@r1 x2, inside tcp/5432 (focus)
        everyone => bastion, web@r1: tcp/80 tcp/443 | internet eni-1 tcp/80
        203.0.113.0/24 -> bastion, web@r1: tcp/22 | 203.0.113.0/24 eni-3 tcp/22
        bastion, web@r1 -> app@r1: tcp/22 tcp/8080 | eni-3 eni-4 tcp/22
        app@r1 -> db@r1: tcp/5432 | eni-4 eni-6 tcp/5432
    "#]]
    .assert_eq(&told(&chart));
    assert_eq!(chart.merged, "beside the focus a box is a tier of a VPC");
}

/// VPCs with five classes each, of which one is open to everyone; one class of
/// the last VPC opens a port that no other does.
fn fleet(vpcs: u8) -> String {
    let mut text = String::new();
    for vpc in 0..vpcs {
        writeln!(text, "vpc vpc-{vpc} 10.{vpc}.0.0/16 igw").unwrap();
        writeln!(text, "subnet s{vpc} vpc-{vpc} 10.{vpc}.1.0/24 route 0.0.0.0/0->igw").unwrap();
        for class in 0..5 {
            let port = if vpc + 1 == vpcs && class == 3 { 3389 } else { 22 };
            let open = if class == 3 { format!("in tcp/{port} any4") } else { String::new() };
            writeln!(text, "group g{vpc}-{class} vpc-{vpc} in tcp/8080 10.{vpc}.0.0/16 {open}")
                .unwrap();
            writeln!(
                text,
                "interface eni-{vpc}{class} s{vpc} 10.{vpc}.1.1{class} public=198.51.{vpc}.{class} groups=g{vpc}-{class}"
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn a_large_estate_is_put_together_and_nothing_open_to_everyone_is_lost() {
    for (vpcs, level) in [(5, Level::Class), (40, Level::Tier), (250, Level::Estate)] {
        let chart = drawn(&fleet(vpcs), &[], &[]);
        assert_eq!(chart.level, level, "{}", told(&chart));
        assert!(chart.boxes.len() + chart.edges.len() <= MARKS);
        assert_eq!(chart.merged.is_empty(), level == Level::Class);
        let red: BTreeSet<&String> =
            chart.edges.iter().filter(|edge| edge.everyone).flat_map(|edge| &edge.ports).collect();
        assert_eq!(red, BTreeSet::from([&"tcp/22".to_owned(), &"tcp/3389".to_owned()]));
        let boxes = chart.boxes.iter().filter(|one| one.column == Column::Public);
        assert_eq!(boxes.map(|one| one.count).sum::<u64>(), u64::from(vpcs) * 5);
    }
}

#[test]
fn of_a_large_estate_the_most_open_vpcs_stand_apart() {
    let mut text = String::new();
    for number in 0..100 {
        let open = if number % 40 == 7 { "any4" } else { "203.0.113.0/24" };
        writeln!(
            text,
            "vpc v{number} 10.{number}.0.0/16 igw
             subnet p{number} v{number} 10.{number}.1.0/24 route 0.0.0.0/0->igw
             group g{number} v{number} in tcp/22 {open}
             group h{number} v{number} in tcp/80 group:g{number}
             interface a{number} p{number} 10.{number}.1.10 public=198.51.100.{number} groups=g{number}
             interface b{number} p{number} 10.{number}.1.11 groups=h{number}"
        )
        .unwrap();
    }
    let chart = drawn(&text, &[], &[]);
    assert!(chart.boxes.len() + chart.edges.len() <= MARKS);
    let bands: Vec<&str> = chart.bands.iter().map(|band| band.title.as_str()).collect();
    for open in ["v7", "v47", "v87"] {
        assert!(bands.contains(&open), "{bands:?}");
    }
    assert!(bands.len() > 20, "{bands:?}");
    let others = chart.bands.last().unwrap();
    assert_eq!(others.title, "all others");
    assert_eq!(others.vpcs.len() + bands.len() - 1, 100);
    assert!(chart.merged.contains("that are most open"), "{}", chart.merged);
    assert_eq!(chart, drawn(&text, &[], &[]));
}

#[test]
fn a_focus_of_a_large_estate_fits_too() {
    let chart = drawn(&fleet(250), &[], &["eni-73"]);
    assert!(chart.boxes.len() + chart.edges.len() <= MARKS);
    let focused: Vec<&ChartBox> = chart.boxes.iter().filter(|one| one.focused).collect();
    assert_eq!(focused.len(), 1);
    assert_eq!(
        (focused[0].ids.join(" ").as_str(), focused[0].everyone.join(" ").as_str()),
        ("eni-73", "tcp/22")
    );
}

/// A random estate: rules of all kinds between a few groups.
fn estates() -> impl Strategy<Value = String> {
    let rule = (0..4_usize, 0..6_usize, 0..6_usize).prop_map(|(traffic, peer, group)| {
        let traffic = ["tcp/22", "tcp/5432", "udp/53", "all"][traffic];
        let peers = ["any4", "any6", "10.0.0.0/8", "203.0.113.0/24", "0.0.0.0/1", ""];
        match peers[peer] {
            "" => format!("in {traffic} group:g{group}"),
            peer => format!("in {traffic} {peer}"),
        }
    });
    let groups = prop::collection::vec(prop::collection::vec(rule, 0..3), 6);
    let interfaces = prop::collection::vec((0..4_usize, 0..6_usize, any::<bool>()), 1..15);
    (groups, interfaces).prop_map(|(groups, interfaces)| {
        let mut text = String::from(
            "vpc vpc-1 10.0.0.0/16 2001:db8::/56 igw
             vpc vpc-2 10.1.0.0/16 igw
             peering pcx-1 vpc-1 vpc-2
             subnet s0 vpc-1 10.0.0.0/24 2001:db8::/64 route any->igw route 10.1.0.0/16->pcx:pcx-1
             subnet s1 vpc-1 10.0.1.0/24 route 10.1.0.0/16->pcx:pcx-1
             subnet s2 vpc-2 10.1.0.0/24 route 0.0.0.0/0->igw route 10.0.0.0/16->pcx:pcx-1
             subnet s3 vpc-2 10.1.1.0/24 route 172.16.0.0/12->tgw:tgw-1\n",
        );
        for (number, rules) in groups.iter().enumerate() {
            writeln!(text, "group g{number} vpc-1 worn=vpc-2 {}", rules.join(" ")).unwrap();
        }
        for (number, &(subnet, group, public)) in interfaces.iter().enumerate() {
            let vpc = subnet / 2;
            let address = format!("10.{vpc}.{}.{}", subnet % 2, number + 10);
            let public =
                if public { format!("public=198.51.100.{}", number + 1) } else { String::new() };
            writeln!(text, "interface eni-{number} s{subnet} {address} {public} groups=g{group}")
                .unwrap();
        }
        text
    })
}

#[test]
fn the_network_behind_a_vpn_has_its_name() {
    let boxed = |lines: &str| {
        let chart = drawn(
            &format!(
                "vpc v1 10.0.0.0/16
                 subnet s v1 10.0.1.0/24 route 192.168.0.0/16->vgw:vgw-1
                 interface a s 10.0.1.10 groups=g
                 group g v1 in tcp/22 192.168.0.0/16
                 vgw vgw-1 v1
                 {lines}"
            ),
            &[],
            &[],
        );
        let one = chart.boxes.iter().find(|one| one.ids.contains(&"vgw-1".to_owned()));
        one.unwrap().title.clone()
    };
    assert_eq!(boxed("vpn vpn-1 vgw:vgw-1 bgp name=office"), "VPN office");
    assert_eq!(boxed("vpn vpn-1 vgw:vgw-1 bgp\nvpn vpn-2 vgw:vgw-1 bgp name=plant"), "VPN");
}

proptest! {
    #[test]
    fn every_open_port_has_an_edge(text in estates()) {
        let chart = drawn(&text, &[], &[]);
        prop_assert_eq!(&chart, &drawn(&text, &[], &[]));
        let network = network(&text).unwrap();
        let mut records = Vec::new();
        ports(&network, &Lines, &PortsOptions::default(), &|some| some, &mut |some| {
            records.extend(some);
        });
        for record in records {
            let home = chart.boxes.iter().find(|one| one.ids.contains(&record.interface)).unwrap();
            let open = &record.open;
            let everyone = open.audience == Audience::Internet && open.breadth == Breadth::Everyone;
            let drawn: Vec<&String> = chart
                .edges
                .iter()
                .filter(|edge| edge.to == home.id && (edge.everyone || !everyone))
                .flat_map(|edge| match open.certainty {
                    Certainty::Certain => edge.ports.iter().chain(&[]),
                    Certainty::Possible => edge.ports.iter().chain(&edge.possible),
                })
                .chain(if everyone { &home.everyone } else { &home.inside })
                .collect();
            let covered = drawn.iter().any(|text| text.as_str() == "any")
                || drawn.iter().any(|text| covers(text, &open.protocol, &open.ports));
            // Addresses of the estate at which nobody is are nobody's.
            let somebody = open.audience != Audience::Estate
                || network.components.iter().any(|component| {
                    component.interfaces.iter().any(|interface| {
                        network.text(interface.id()) != record.interface
                            && interface.ipv4().iter().any(|held| {
                                seen::addresses(open.sources.as_ref().unwrap()).v4.contains(held.first)
                            })
                    })
                });
            prop_assert!(covered || !somebody, "{record:?}\n{}", told(&chart));
            prop_assert!(!everyone || !home.everyone.is_empty());
        }
    }
}

fn covers(selector: &str, protocol: &str, ports: &str) -> bool {
    let Some((of, range)) = selector.split_once('/') else { return selector == protocol };
    let (drawn, asked) = (Traffic::read(of, range), Traffic::read(protocol, ports));
    drawn.kind == asked.kind && drawn.ports.contains_range(asked.ports)
}
