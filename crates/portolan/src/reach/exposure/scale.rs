//! How evaluation grows with one VPC: run by hand, in release.
//!
//! `cargo test --release -p portolan --lib scale -- --ignored --nocapture`

use std::fmt::Write;

use super::draft::View;
use super::{PortsOptions, evaluate};
use crate::model::Network;
use crate::reach::engine::World;

/// Numbers that look random and are always the same.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }
}

/// One VPC of `count` interfaces, as large estates look.
fn vpc(count: usize, seed: u64) -> Network {
    let mut dice = Dice(seed);
    let mut text = String::from(
        "vpc v1 10.0.0.0/16 10.1.0.0/16 10.2.0.0/16 10.3.0.0/16 10.4.0.0/16 10.5.0.0/16 2001:db8::/56 igw\n",
    );
    let subnets = 192;
    let address = |subnet: usize, host: usize| {
        let at = (10_usize << 24) + subnet * 2048 + 16 + host;
        std::net::Ipv4Addr::from(u32::try_from(at).unwrap())
    };
    let per_subnet = count.div_ceil(subnets);
    writeln!(text, "acl public v1 in 90 deny all 198.51.100.0/24; in 100 allow tcp/443 any; in 110 allow tcp/80 any; in 120 allow all 10.0.0.0/8; in 130 allow tcp/1024-65535 any; out 100 allow tcp/1024-65535 any; out 110 allow tcp/443 any; out 120 allow all 10.0.0.0/8").unwrap();
    writeln!(text, "acl db v1 in 100 allow tcp/5432 10.0.0.0/13; in 110 allow tcp/1024-65535 10.0.0.0/8; in 120 allow tcp/22 10.0.0.0/16; out 100 allow tcp/32768-61000 10.0.0.0/8; out 110 allow tcp/443 any").unwrap();
    for subnet in 0..subnets {
        let acl = ["", "", "", "acl=public", "acl=db"][subnet % 5];
        let route = if subnet % 5 == 3 { "route 0.0.0.0/0->igw" } else { "route 0.0.0.0/0->nat:n" };
        writeln!(text, "subnet s{subnet} v1 {}/21 {acl} {route}", address(subnet, 0)).unwrap();
    }
    writeln!(text, "nat n s3 private=10.0.24.5 public=198.51.100.9").unwrap();
    let groups = (count / 10).max(4);
    for group in 0..groups {
        write!(text, "group g{group} v1").unwrap();
        for _ in 0..(3 + dice.below(12)) {
            let port = [22, 80, 443, 5432, 6379, 8080, 9090, 9200][dice.below(8)];
            let peer = match dice.below(10) {
                0..3 => format!("group:g{}", dice.below(groups)),
                3 => "any4".to_owned(),
                4 => "10.0.0.0/8".to_owned(),
                5..8 => format!("10.{}.{}.0/24", dice.below(6), dice.below(256)),
                _ => format!("{}/32", address(dice.below(subnets), dice.below(per_subnet))),
            };
            write!(text, " in tcp/{port} {peer}").unwrap();
        }
        if dice.percent(15) {
            for _ in 0..4 {
                let to = address(dice.below(subnets), dice.below(per_subnet));
                write!(text, " out tcp/443 {to}/32").unwrap();
            }
        } else {
            text.push_str(" out all any4");
        }
        text.push('\n');
    }
    let wear = |dice: &mut Dice| {
        let worn = 1 + dice.below(3);
        let all: Vec<String> = (0..worn).map(|_| format!("g{}", dice.below(groups))).collect();
        all.join(",")
    };
    let mut service = String::new();
    let mut places = [0; 3];
    let mut used = vec![0; subnets];
    for interface in 0..count {
        // Services of about fifteen interfaces in three subnets; five of a
        // hundred interfaces wear a set of their own.
        if interface % 15 == 0 {
            service = wear(&mut dice);
            places = [0; 3].map(|_| dice.below(subnets));
        }
        let set = if dice.percent(5) { wear(&mut dice) } else { service.clone() };
        let mut subnet = places[interface % 3];
        while used[subnet] >= 2000 {
            subnet = (subnet + 1) % subnets;
        }
        let host = used[subnet];
        used[subnet] += 1;
        let public = if subnet % 5 == 3 {
            format!(
                "public={}",
                std::net::Ipv4Addr::from(0x2c00_0000 + u32::try_from(interface).unwrap())
            )
        } else {
            String::new()
        };
        writeln!(
            text,
            "interface eni-{interface:07} s{subnet} {} {public} groups={set}",
            address(subnet, host)
        )
        .unwrap();
    }
    crate::testing::network(&text).unwrap()
}

#[test]
#[ignore = "takes half a minute in release"]
#[expect(clippy::disallowed_methods, reason = "it measures")]
fn one_vpc_grows() {
    for count in [4_000, 16_000, 64_000] {
        let network = vpc(count, 7);
        let options = PortsOptions::default();
        let start = std::time::Instant::now();
        let world = World::of(&network);
        let all = evaluate(&network, &world, &options, View::Classes);
        let took = start.elapsed();
        let classes: usize = all.iter().map(|component| component.classes().len()).sum();
        let drafts = all.iter().flat_map(|component| component.interfaces.iter());
        let records: usize = drafts.map(|interface| interface.drafts.len()).sum();
        println!("{count}: {took:?}, {classes} classes, {records} records");
    }
}
