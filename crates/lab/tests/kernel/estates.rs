//! Random estates of as many hosts as are wanted, in the notation of `portolan::testing`.
//!
//! What is drawn here is what a lab can build: several VPCs, peering, gateways of all
//! kinds, ACLs with holes, groups that refer to each other, hosts with two interfaces.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portolan::model::Network;
use portolan_lab::sample::Random;

/// Blocks of the internet, nested, so that edges lie inside edges.
const OUTSIDE: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.64/26",
    "203.0.113.7/32",
    "8.8.8.0/24",
    "2001:db8::/32",
    "2001:db8:1::/48",
];
const PORTS: &[&str] =
    &["22", "80", "443", "3306", "5432", "8000-8080", "1024-65535", "1-1023", "0-65535"];

/// The estate of a seed.
pub(crate) fn random(seed: u64, hosts: u64) -> Network {
    let text = text(seed, hosts);
    portolan::testing::network(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The same, as text.
pub(crate) fn text(seed: u64, hosts: u64) -> String {
    let mut random = Random::new(seed);
    let transit = random.chance(60);
    Draw { random, text: String::new(), transit, zones: BTreeMap::new() }.estate(hosts)
}

struct Draw {
    random: Random,
    text: String,
    /// Whether the VPCs are attached to a transit gateway.
    transit: bool,
    /// The subnets of each VPC, with their zones.
    zones: BTreeMap<u64, Vec<(u64, &'static str)>>,
}

impl Draw {
    fn line(&mut self, line: &str) {
        writeln!(self.text, "{line}").unwrap();
    }

    fn one<'a>(&mut self, items: &[&'a str]) -> &'a str {
        self.random.pick(items).unwrap()
    }

    fn estate(mut self, hosts: u64) -> String {
        let vpcs = if self.transit { 2 + self.random.below(2) } else { 1 + self.random.below(3) };
        for vpc in 0..vpcs {
            let igw = if self.random.chance(92) { "igw" } else { "" };
            let eigw = if self.random.chance(50) { "eigw" } else { "" };
            self.line(&format!("vpc v{vpc} 10.{vpc}.0.0/16 2600:1f18:0:{vpc}00::/56 {igw} {eigw}"));
        }
        if self.random.chance(20) {
            let mode = self.one(&["ingress", "bidirectional", "off"]);
            let vpc = self.random.below(vpcs);
            let exclude = self.one(&["bidirectional", "egress"]);
            self.line(&format!("bpa {mode} exclude=v{vpc}:{exclude}"));
        }
        let list = format!("list pl-1 {} 10.1.0.0/17 {}", OUTSIDE[1], OUTSIDE[5]);
        self.line(&list);
        for vpc in 1..vpcs {
            let state = if self.random.chance(90) { "" } else { "inactive" };
            self.line(&format!("peering p{vpc} v0 v{vpc} {state}"));
        }
        let mut subnets = Vec::new();
        for vpc in 0..vpcs {
            for number in 0..=1 + self.random.below(4) {
                subnets.push((vpc, number));
                self.subnet(vpc, number, vpcs);
            }
            for number in 0..6 {
                self.group(vpc, number, vpcs);
            }
            if self.random.chance(60) {
                self.load_balancer(vpc);
            }
        }
        if self.transit {
            self.transit_gateway(vpcs);
        }
        for number in 0..hosts {
            let &(vpc, subnet) = self.random.pick(&subnets).unwrap();
            self.host(number, vpc, subnet);
        }
        self.text
    }

    fn subnet(&mut self, vpc: u64, number: u64, vpcs: u64) {
        let acl = if self.random.chance(55) {
            self.acl(vpc, number);
            format!("acl=a{vpc}-{number}")
        } else {
            String::new()
        };
        let mut routes = Vec::new();
        match self.random.below(10) {
            0..6 => routes.push("route any->igw".to_owned()),
            6..8 if number > 0 => {
                routes.push("route 0.0.0.0/0->nat:n".to_owned() + &vpc.to_string());
                routes.push("route ::/0->eigw".to_owned());
            }
            8 => routes.push("route ::/0->eigw route 203.0.113.0/24->igw".to_owned()),
            _ => {}
        }
        for far in 0..vpcs {
            let (one, other) = (far.min(vpc), far.max(vpc));
            if one == 0 && other > 0 && self.random.chance(85) {
                routes.push(format!("route 10.{far}.0.0/16->pcx:p{other}"));
                if self.random.chance(50) {
                    routes.push(format!("route 2600:1f18:0:{far}00::/56->pcx:p{other}"));
                }
            }
        }
        let transit = self.transit;
        for far in (0..vpcs).filter(|&far| far != vpc && transit) {
            // Beside the peering connection's route it is for a part of the far VPC.
            let length = self.one(&["16", "17", "24"]);
            if self.random.chance(70) {
                let state = self.one(&["", "", "", "", "blackhole"]);
                if length != "16" || (far > 0 && vpc > 0) {
                    routes.push(format!("route 10.{far}.0.0/{length}->tgw:t {state}"));
                }
                routes.push(format!("route 2600:1f18:0:{far}00::/57->tgw:t"));
            }
        }
        if self.transit && number > 0 && self.random.chance(20) {
            let elsewhere = ["0.0.0.0/0->", "::/0->", "any->"];
            routes.retain(|route| !elsewhere.iter().any(|way| route.contains(&format!(" {way}"))));
            routes.push("route any->tgw:t".to_owned());
        }
        if self.random.chance(15) {
            let state = self.one(&["", "blackhole"]);
            routes.push(format!("route 10.{vpc}.1.0/26->igw {state}"));
        }
        // Targets that a VPC may lack: such routes lead nowhere.
        let routes: Vec<String> = routes
            .into_iter()
            .map(|route| {
                route
                    .replace("->igw", &format!("->igw:igw-v{vpc}"))
                    .replace("->eigw", &format!("->eigw:eigw-v{vpc}"))
            })
            .collect();
        let zone = self.one(&["a", "a", "b"]);
        self.zones.entry(vpc).or_default().push((number, zone));
        self.line(&format!(
            "subnet s{vpc}-{number} v{vpc} 10.{vpc}.{number}.0/24 2600:1f18:0:{vpc}0{number}::/64 zone={zone} {acl} {}",
            routes.join(" ")
        ));
        if number == 0 {
            let public = format!("public=52.9.{vpc}.1");
            self.line(&format!("nat n{vpc} s{vpc}-0 private=10.{vpc}.0.250 {public}"));
        }
    }

    /// One that ends connections itself, with a node or two.
    fn load_balancer(&mut self, vpc: u64) {
        let (kind, name, listener) = match self.random.chance(70) {
            true => ("application", format!("ELB_app/lb{vpc}"), "http"),
            false => ("classic", format!("ELB_lb{vpc}"), "tcp"),
        };
        let groups = format!("g{vpc}-{}", self.random.below(6));
        for node in 0..=self.random.below(2) {
            let subnet = self.random.below(2);
            let public = match self.random.chance(60) {
                true => format!("public=52.9.{vpc}.{}", 20 + node),
                false => String::new(),
            };
            self.line(&format!(
                "interface lb{vpc}-{node} s{vpc}-{subnet} 10.{vpc}.{subnet}.{} {public} kind=lb description={name} groups={groups}",
                240 + node
            ));
        }
        self.line(&format!("balancer lb{vpc} {kind} v{vpc} groups={groups}"));
        for port in [80, 443] {
            if self.random.chance(80) {
                self.line(&format!("listener lb{vpc} {listener}/{port}"));
            }
        }
    }

    /// One that all VPCs are attached to, with two tables.
    fn transit_gateway(&mut self, vpcs: u64) {
        let references = self.one(&["references", "references", ""]);
        self.line(&format!("tgw t {references}"));
        let mut all = Vec::new();
        for vpc in 0..vpcs {
            let mut served: BTreeMap<&str, u64> = BTreeMap::new();
            for (number, zone) in self.zones[&vpc].clone() {
                // One subnet of each zone, any of them.
                if !served.contains_key(zone) || self.random.chance(40) {
                    served.insert(zone, number);
                }
            }
            if served.len() > 1 && self.random.chance(20) {
                served.pop_last();
            }
            let subnets: Vec<String> =
                served.values().map(|number| format!("s{vpc}-{number}")).collect();
            let subnets = subnets.join(",");
            let table = self.one(&["r", "r", "r", "r", "q", "q", "none"]);
            let options = self.one(&["", "", "", "", "", "no-ipv6", "no-references", "gone"]);
            self.line(&format!("attachment x{vpc} t subnets:{subnets} {table} {options}"));
            all.push(format!("x{vpc}"));
        }
        for table in ["r", "q"] {
            let mut line = format!("tgw-table {table} t");
            if self.random.chance(50) {
                write!(line, " static propagate={}", all.join(",")).unwrap();
            } else {
                for vpc in 0..vpcs {
                    let origin = self.one(&["", "propagated"]);
                    write!(line, " 10.{vpc}.0.0/16->x{vpc} {origin}").unwrap();
                    write!(line, " 2600:1f18:0:{vpc}00::/56->x{vpc}").unwrap();
                }
            }
            let far = self.random.below(vpcs);
            match self.random.below(4) {
                0 => write!(line, " 10.{far}.1.0/25->blackhole").unwrap(),
                1 => write!(line, " 2600:1f18:0:{far}01::/64->blackhole").unwrap(),
                _ => {}
            }
            if self.random.chance(60) {
                write!(line, " 0.0.0.0/0->x{far} ::/0->x{far}").unwrap();
            }
            self.line(&line);
        }
    }

    fn acl(&mut self, vpc: u64, number: u64) {
        let mut line = format!("acl a{vpc}-{number} v{vpc}");
        for direction in ["in", "out"] {
            for entry in 0..self.random.below(3) {
                let action = self.one(&["deny", "deny", "allow"]);
                let traffic = self.traffic();
                let block = self.block();
                write!(line, " {direction} {} {action} {traffic} {block}", 10 + entry).unwrap();
            }
            // Answers: to all clients, to some, or to none.
            let clients = self.one(&["1024-65535", "1024-65535", "32768-60999", "49152-65535"]);
            match self.random.below(10) {
                0..6 => write!(line, " {direction} 100 allow all any").unwrap(),
                6..9 => {
                    for traffic in ["tcp/0-1023", "udp/0-1023", "icmp", "icmpv6"] {
                        write!(line, " {direction} 90 allow {traffic} any").unwrap();
                    }
                    for protocol in ["tcp", "udp"] {
                        write!(line, " {direction} 95 allow {protocol}/{clients} any").unwrap();
                    }
                }
                _ => {}
            }
        }
        // Entries of one number would contradict each other.
        let line = renumbered(&line);
        self.line(&line);
    }

    fn group(&mut self, vpc: u64, number: u64, vpcs: u64) {
        let mut line = format!("group g{vpc}-{number} v{vpc}");
        for _ in 0..1 + self.random.below(4) {
            let traffic = self.traffic();
            let peer = self.peer(vpc, vpcs);
            write!(line, " in {traffic} {peer}").unwrap();
        }
        // Without any it sends anywhere.
        if self.random.chance(35) {
            for _ in 0..=self.random.below(3) {
                let traffic = self.traffic();
                let peer = self.peer(vpc, vpcs);
                write!(line, " out {traffic} {peer}").unwrap();
            }
        }
        self.line(&line);
    }

    fn peer(&mut self, vpc: u64, vpcs: u64) -> String {
        match self.random.below(10) {
            0..4 => "any".to_owned(),
            4..6 => self.block(),
            6 => "list:pl-1".to_owned(),
            7 => format!("group:g{}-{}", self.random.below(vpcs), self.random.below(6)),
            _ => format!("group:g{vpc}-{}", self.random.below(6)),
        }
    }

    fn traffic(&mut self) -> String {
        match self.random.below(20) {
            0..9 => format!("tcp/{}", self.one(PORTS)),
            9..13 => format!("udp/{}", self.one(&["53", "123", "1-65535", "500-4500"])),
            13 => "icmp/8".to_owned(),
            14 => "icmp".to_owned(),
            15 => "icmpv6/128".to_owned(),
            16 => "icmpv6".to_owned(),
            17 => "icmp/3/4".to_owned(),
            _ => "all".to_owned(),
        }
    }

    fn block(&mut self) -> String {
        match self.random.below(10) {
            0..4 => self.one(OUTSIDE).to_owned(),
            4..6 => "any".to_owned(),
            6 => "10.0.0.0/8".to_owned(),
            7 => format!("10.{}.0.0/17", self.random.below(3)),
            8 => format!("10.0.{}.0/25", self.random.below(4)),
            _ => format!("2600:1f18:0:{}00::/57", self.random.below(3)),
        }
    }

    fn host(&mut self, number: u64, vpc: u64, subnet: u64) {
        let address = format!("10.{vpc}.{subnet}.{}", 10 + number);
        let public =
            if self.random.chance(60) { format!("public=52.8.0.{number}") } else { String::new() };
        let ipv6 = if self.random.chance(70) {
            format!("2600:1f18:0:{vpc}0{subnet}::{number:x}")
        } else {
            String::new()
        };
        let mut groups = format!("g{vpc}-{}", self.random.below(6));
        if self.random.chance(40) {
            let more = self.random.below(6);
            if !groups.ends_with(&more.to_string()) {
                write!(groups, ",g{vpc}-{more}").unwrap();
            }
        }
        let state = match self.random.below(30) {
            0 => "stopped",
            1 => "detached",
            _ => "running",
        };
        // A second interface of the host before, and a delegated prefix.
        let instance = if number % 12 == 11 && state == "running" {
            format!("instance=i-{}", number - 1)
        } else if state == "detached" {
            String::new()
        } else {
            format!("instance=i-{number}")
        };
        let prefix = if number.is_multiple_of(17) {
            format!("10.{vpc}.{subnet}.{}/28", 128 + 16 * (number / 17 % 7))
        } else {
            String::new()
        };
        let deny = if self.random.chance(6) { "deny-igw" } else { "" };
        self.line(&format!(
            "interface eni-{number} s{vpc}-{subnet} {address} {public} {prefix} {ipv6} groups={groups} {instance} {state} {deny}"
        ));
    }
}

/// Numbers that ascend in the order of an ACL's text, so that each is there once.
fn renumbered(line: &str) -> String {
    let mut number = 0;
    let mut words = Vec::new();
    let mut after_direction = false;
    for word in line.split(' ') {
        if after_direction {
            number += 10;
            words.push(number.to_string());
        } else {
            words.push(word.to_owned());
        }
        after_direction = word == "in" || word == "out";
    }
    words.join(" ")
}
