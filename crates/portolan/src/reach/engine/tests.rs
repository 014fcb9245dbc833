//! The engine's pieces against what they are made of, one address at a time.

use std::net::IpAddr;

use proptest::prelude::*;

use super::route::{Hop, Routes};
use super::{Engine, World};
use crate::model::{ComponentId, Direction, Id, RouteTarget};
use crate::net::{Bounds, IpSets, Protocol, SpaceId};
use crate::record::Audience;
use crate::testing::{interface, network};

fn routes() -> impl Strategy<Value = Vec<(u32, u8, usize, bool)>> {
    // Few bits, so that prefixes nest and meet.
    prop::collection::vec((0..16_u32, 0..5_u8, 0..4_usize, any::<bool>()), 0..8)
}

proptest! {
    #[test]
    fn regions_are_the_longest_prefix_of_each_address(routes in routes()) {
        let targets = ["local", "tgw:a", "tgw:b", "vgw:c"];
        let mut text = String::from("vpc v1 10.0.0.0/8 bare\ntable t v1 bare");
        for &(bits, length, target, propagated) in &routes {
            let at = std::net::Ipv4Addr::from(bits << 28);
            let target = if propagated && target == 0 { "tgw:d" } else { targets[target] };
            text += &format!(" route {at}/{length}->{target}");
            if propagated {
                text += " propagated";
            }
        }
        let network = network(&text).unwrap();
        let component = &network.components[ComponentId::from_index(0)];
        let table = component.route_tables.iter().next().unwrap();
        let mut sets = IpSets::new();
        let Routes::Known(regions) = super::route::compile(component, table, &mut sets) else {
            panic!("nothing is unknown here");
        };
        for bits in 0..16_u32 {
            let address = IpAddr::V4((bits << 28).into());
            let here: Vec<_> =
                regions.iter().filter(|(_, region)| sets.contains(*region, address)).collect();
            prop_assert_eq!(here.len(), 1, "regions are disjoint and everything");
            // By hand: the longest, local before static before propagated.
            let mut matching: Vec<(u8, u8, RouteTarget)> = Vec::new();
            for route in &table.routes {
                let Some(crate::model::Destination::Ipv4(prefix)) = route.destination else { continue };
                if prefix.contains(bits << 28) {
                    let rank = match (route.target, route.origin) {
                        (RouteTarget::Local, _) => 2,
                        (_, crate::model::RouteOrigin::Static) => 1,
                        (_, crate::model::RouteOrigin::Propagated) => 0,
                    };
                    matching.push((prefix.length(), rank, route.target));
                }
            }
            if matching.iter().any(|&(_, rank, _)| rank == 2) {
                matching.retain(|&(_, rank, _)| rank > 0);
            }
            let best = matching.iter().map(|&(length, rank, _)| (length, rank)).max();
            let mut hops: Vec<Hop> = matching
                .iter()
                .filter(|&&(length, rank, _)| Some((length, rank)) == best)
                .map(|&(.., target)| Hop::To { target, sure: true, listed: false })
                .collect();
            hops.sort();
            hops.dedup();
            if hops.is_empty() {
                hops.push(Hop::Nowhere);
            }
            prop_assert_eq!(&here[0].0, &hops);
        }
    }

    #[test]
    fn an_acl_is_its_first_match(entries in prop::collection::vec((0..6_u32, 0..3_usize, 0..3_usize, 0..3_usize), 0..8)) {
        let actions = ["allow", "deny", "unknown"];
        let traffic = ["tcp/0-99", "tcp/50-150", "?"];
        let blocks = ["0.0.0.0/1", "64.0.0.0/2", "?"];
        let mut text = String::from("vpc v1 10.0.0.0/8 bare\nacl a v1");
        for &(number, action, packets, block) in &entries {
            text += &format!(" in {number} {} {} {}", actions[action], traffic[packets], blocks[block]);
        }
        let network = network(&text).unwrap();
        let component = &network.components[ComponentId::from_index(0)];
        let acl = component.network_acls.iter().next().unwrap();
        let mut sets = IpSets::new();
        let space = super::filter::network_acl(Some(acl), Direction::Ingress, &mut sets);
        let mut sorted: Vec<_> = acl.entries.iter().collect();
        sorted.sort_by_key(|entry| entry.number);
        for (port, first) in [(0, 0_u32), (75, 1 << 30), (120, 1 << 31), (120, 1 << 30), (200, 0)] {
            let address = IpAddr::V4(first.into());
            // Some(true): passes; None: not known.
            let mut verdict = Some(false);
            for entry in &sorted {
                let there = entry.cidr.map(|cidr| cidr.contains(address));
                let meant = entry.traffic.map(|traffic| traffic.matches(Protocol::Tcp, port));
                if there == Some(false) || meant == Some(false) {
                    continue;
                }
                verdict = if there.is_some() && meant.is_some() { entry.allow } else { None };
                break;
            }
            let has = |space: SpaceId| {
                sets.contains(sets.space(space).lookup(Protocol::Tcp, port), address)
            };
            prop_assert_eq!(has(space.certain()), verdict == Some(true));
            prop_assert_eq!(has(space.possible()), verdict != Some(false));
        }
    }
}

/// Records and single answers come from the same lanes by different ways.
#[test]
fn parts_hold_what_single_answers_say() {
    let network = network(
        "vpc v1 10.0.0.0/16 igw
         vpc v2 10.1.0.0/16
         peering p v1 v2
         acl tight v1 in 90 unknown tcp/25 any; in 100 allow tcp/0-1023 any; out 100 allow tcp/1024-40000 10.0.0.0/8; out 110 allow tcp/1024-65535 0.0.0.0/0
         subnet web v1 10.0.1.0/24 acl=tight route 0.0.0.0/0->igw route 10.1.0.0/16->pcx:p route 10.0.0.0/8->tgw:t
         subnet app v1 10.0.2.0/24
         subnet far v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
         group front v1 in tcp/443 any4; in tcp/20-30 group:back; in udp/53 10.0.0.0/8
         group back v1 out tcp/0-500 10.0.1.10/32; out tcp/443 10.0.0.0/8
         interface a web 10.0.1.10 public=198.51.100.7 groups=front
         interface b app 10.0.2.10 groups=back
         interface c far 10.1.1.10 groups=back,lost
         interface d web 10.0.1.11 groups=back",
    )
    .unwrap();
    let (component, a) = interface(&network, "a").unwrap();
    let mut engine = Engine::new(&network, &World::of(&network), component);
    let subject = network.components[component].interface(a);
    let at: IpAddr = "10.0.1.10".parse().unwrap();
    for direction in [Direction::Ingress, Direction::Egress] {
        let class = engine.class_at(direction, subject, at).unwrap();
        let lanes = engine.lanes(direction, &class);
        let own = engine.own_address_sets(subject);
        let parts = engine.parts(&lanes, &own);
        for peer in [
            "10.0.1.10",
            "10.0.1.11",
            "10.0.1.12",
            "10.0.2.10",
            "10.0.3.1",
            "10.1.1.10",
            "10.1.1.11",
            "10.9.0.1",
            "8.8.8.8",
            "192.168.0.1",
        ] {
            let peer: IpAddr = peer.parse().unwrap();
            for audience in [Audience::Internet, Audience::Network, Audience::Estate] {
                for (protocol, selector) in [
                    (Protocol::Tcp, 22),
                    (Protocol::Tcp, 25),
                    (Protocol::Tcp, 443),
                    (Protocol::Udp, 53),
                    (Protocol::Icmp, 2048),
                    (Protocol::Other(50), 0),
                ] {
                    let judged =
                        engine.judge(direction, (a, at), peer, audience, (protocol, selector));
                    let found: Vec<_> = parts
                        .iter()
                        .filter(|(of, _)| *of == audience)
                        .flat_map(|(_, parts)| parts)
                        .filter(|part| {
                            let space = engine.sets.space(part.space);
                            engine.sets.contains(space.lookup(protocol, selector), peer)
                        })
                        .collect();
                    let about = format!("{direction:?} {peer} {audience:?} {protocol} {selector}");
                    assert!(found.len() <= 1, "{about}: parts are disjoint");
                    assert_eq!(!found.is_empty(), judged.possible, "{about}");
                    let certain = found
                        .iter()
                        .any(|part| part.certainty == crate::record::Certainty::Certain);
                    assert_eq!(certain, judged.certain, "{about}");
                }
            }
        }
    }
}

#[test]
fn bounds_of_an_unknown_acl_are_nothing_and_everything() {
    let mut sets = IpSets::new();
    let space = super::filter::network_acl(None, Direction::Egress, &mut sets);
    assert_eq!(space, Bounds::at_most(SpaceId::EVERYTHING));
}

/// Two VPCs that nothing joins, both on the IPv6 internet: components of their own.
fn apart(route: &str, more: &str) -> crate::model::Network {
    network(&format!(
        "vpc v1 2001:db8::/56 igw
         vpc v2 2001:db8:1::/56 igw
         subnet s v1 2001:db8:0:1::/64 {route}
         subnet t v2 2001:db8:1:1::/64 route ::/0->igw
         group g v1 in all any
         group h v2 in all any
         interface a s 2001:db8:0:1::a groups=g {more}
         interface b t 2001:db8:1:1::b groups=h"
    ))
    .unwrap()
}

/// Whether tcp/443 between `a` and `b`'s address is surely, and possibly, open.
fn between(network: &crate::model::Network, direction: Direction) -> (bool, bool) {
    let (component, a) = interface(network, "a").unwrap();
    let at = "2001:db8:0:1::a".parse().unwrap();
    let peer = "2001:db8:1:1::b".parse().unwrap();
    let mut chart = super::Chart::of(network, component);
    let judged = chart.judge(direction, (a, at), peer, Audience::Estate, (Protocol::Tcp, 443));
    (judged.certain, judged.possible)
}

#[test]
fn hosts_of_other_components_may_meet_over_the_ipv6_internet() {
    let online = apart("route ::/0->igw", "");
    assert_eq!(between(&online, Direction::Ingress), (false, true));
    assert_eq!(between(&online, Direction::Egress), (false, true));
    let no_route = apart("", "");
    assert_eq!(between(&no_route, Direction::Ingress), (false, false), "no reply leaves");
    assert_eq!(between(&no_route, Direction::Egress), (false, false));
    let one_way = apart("route ::/0->eigw:e", "\neigw e v1");
    assert_eq!(between(&one_way, Direction::Egress), (false, true));
    let shut = apart("route ::/0->igw", "deny-igw");
    assert_eq!(between(&shut, Direction::Ingress), (false, false));
    assert_eq!(between(&shut, Direction::Egress), (false, true), "it may send all the same");
}
