//! SSH, RDP and other ways to command a host, open to more than those who administer it.

use std::borrow::Cow;

use crate::audit::Context;
use crate::audit::alike::{Ajar, Alike};
use crate::audit::apart::Whom;
use crate::audit::rule::{Check, Rule};
use crate::audit::service::{MANY, Use, of_use};
use crate::audit::traffic::Traffic;
use crate::net::{Cidr, IpSet, PortRange};
use crate::record::{Audience, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "administration-open-beyond-office",
    title: "A way to administer the host is open beyond the office, the bastion and the VPN",
    why: "Who can reach an administration port can try passwords, keys and flaws. Zones of the \
          configuration whose names begin with `office`, `bastion`, `vpn` or `admin` say who \
          administers; what is open beyond them is named exactly. Without such zones a source \
          counts if it is a network of more than 256 IPv4 addresses (a /24) or wider than a /48 of \
          IPv6. Networks behind VPN connections of the source and behind Direct Connect are a VPN, \
          as far as static or propagated routes say which addresses they have. High: more than 65,536 addresses of the internet; medium: fewer; from networks \
          behind a VPN, a transit gateway or a peer medium if zones say otherwise, else low. \
          Inside the estate it is low, and found where rules name blocks that hold more than half \
          of a VPC (its own, if that has several subnets, or another): then whatever host is taken \
          over can try the next one. A rule that names a security group, such as the bastion's, is \
          fine. A range of more than 100 ports is one finding, or one of \
          `security-group-opens-everything`.",
    fix: "Name the addresses of the office or the VPN, or the bastion's security group, and nothing \
          else. Session Manager and EC2 Instance Connect Endpoint need no open port.",
    severity: Severity::High,
    check: Check::Alike(check),
};

/// As many blocks as a title names.
const FEW: usize = 2;

fn check(context: &Context<'_>, rule: &Rule, alike: &Alike<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for record in &alike.records {
        let inside = record.open().audience == Audience::Estate;
        let ports = ports(record.traffic, inside);
        if ports.is_empty() {
            continue;
        }
        found.extend(if inside {
            within(context, rule, alike, record, &ports)
        } else {
            beyond(context, rule, alike, record, &ports)
        });
    }
    found
}

/// The ports of a record that findings are about.
fn ports(traffic: Traffic, inside: bool) -> Vec<Traffic> {
    let ports = of_use(traffic, Use::Administration);
    let ports: Vec<PortRange> = match (traffic.ports.size() > MANY, inside) {
        (false, _) => ports,
        (true, true) => Vec::new(),
        (true, false) => ports.first().map(|_| traffic.ports).into_iter().collect(),
    };
    ports.into_iter().map(|ports| Traffic { ports, ..traffic }).collect()
}

fn beyond(
    context: &Context<'_>,
    rule: &Rule,
    alike: &Alike<'_>,
    record: &Ajar<'_>,
    ports: &[Traffic],
) -> Vec<Finding> {
    let Some(outside) = context.outside(record) else { return Vec::new() };
    let internet = record.open().audience == Audience::Internet;
    let zones = context.office.administrators.as_ref();
    // Who comes privately from the network behind a VPN connection comes by a VPN.
    let outside = match internet {
        true => outside,
        false => Cow::Owned(outside.difference(&context.office.vpn)),
    };
    let far: IpSet = match zones {
        Some(administrators) => outside.difference(administrators),
        None => outside.cidrs().into_iter().filter(|block| is_wide(*block)).collect(),
    };
    if far.is_empty() {
        return Vec::new();
    }
    let severity = match (internet, zones) {
        (true, _) if is_large(&far) => Severity::High,
        (true, _) | (false, Some(_)) => Severity::Medium,
        (false, None) => Severity::Low,
    };
    let few = Some(far.cidrs()).filter(|blocks| blocks.len() <= FEW && zones.is_some());
    let few = few.map(|blocks| {
        let blocks: Vec<String> = blocks.iter().map(Cidr::to_string).collect();
        let none = if blocks.len() == 1 { "which is not" } else { "which are not" };
        format!("{}, {none} of the office, bastion or VPN", blocks.join(" and "))
    });
    let words = match (internet, zones) {
        (true, Some(_)) => "internet addresses that are not those of the office, bastion or VPN",
        (true, None) => "internet networks of more than 256 addresses",
        (false, Some(_)) => "networks that are not those of the office, bastion or VPN",
        (false, None) => "whole networks beyond the estate",
    };
    let words = few.as_deref().unwrap_or(words);
    let sources = context.listed(&far, record.open().audience);
    let whom = Whom { ports, sources, others: &[], severity, words };
    context.open_to(rule, alike, record, &whom)
}

fn within(
    context: &Context<'_>,
    rule: &Rule,
    alike: &Alike<'_>,
    record: &Ajar<'_>,
    ports: &[Traffic],
) -> Vec<Finding> {
    let meant = context.office.administrators.as_ref();
    let Some(inside) = context.inside(alike, record, meant) else { return Vec::new() };
    let Some(vpc) = inside.most_of else { return Vec::new() };
    let others = inside.hosts_among(&inside.far);
    let (severity, words) = (Severity::Low, format!("most of {vpc}"));
    let whom = Whom { ports, sources: inside.sources, others: &others, severity, words: &words };
    context.open_to(rule, alike, record, &whom)
}

/// Whether a block is more than an office has.
fn is_wide(block: Cidr) -> bool {
    if block.is_v4() { block.length() < 24 } else { block.length() < 48 }
}

/// Whether it is more than any one company's.
fn is_large(far: &IpSet) -> bool {
    far.v4.size() > 1 << 16 || far.v6.size() > 1 << 96
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, check_with_zones, web};

    #[test]
    fn a_bastion_may_come_with_its_public_address() {
        let text = web("group g v1 in tcp/22 198.51.100.8,198.51.100.9
             interface b s 10.0.1.11 public=198.51.100.8 groups=h
             group h v1");
        check_with_zones(
            &text,
            &[("bastion", "b")],
            "medium administration-open-beyond-office a ingress tcp/22 198.51.100.9/32",
        );
    }

    #[test]
    fn a_provider_s_network_is_no_office() {
        check(
            &web("group g v1 in tcp/22 52.0.0.0/14,203.0.113.0/24; in tcp/3389 203.0.112.0/22"),
            "high administration-open-beyond-office a ingress tcp/22 52.0.0.0/14
             medium administration-open-beyond-office a ingress tcp/3389 203.0.112.0/22",
        );
    }

    #[test]
    fn the_network_behind_a_vpn_connection_is_a_vpn() {
        let estate = |rest: &str| {
            format!(
                "vpc v1 10.0.0.0/16
                 subnet s v1 10.0.1.0/24 route 192.168.0.0/16->vgw:vgw-1
                 interface a s 10.0.1.10 groups=g
                 group g v1 in tcp/22 192.168.0.0/16; out none
                 {rest}"
            )
        };
        check(&estate("vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 192.168.0.0/16"), "");
        check(&estate("vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 bgp"), "");
        // Whose addresses these are is not known.
        check(
            &estate("vgw vgw-1 v1 dx?"),
            "info administration-open-beyond-office a ingress tcp/22 192.168.0.0/16",
        );
    }

    #[test]
    fn an_office_of_a_24_is_fine() {
        check(&web("group g v1 in tcp/22 203.0.113.0/24; in tcp/22 2001:db8:ff::/48"), "");
    }

    #[test]
    fn zones_say_who_administers() {
        check_with_zones(
            &web("group g v1 in tcp/22 203.0.113.0/24"),
            &[("office", "203.0.113.0/25"), ("vpn", "203.0.113.128/26")],
            "medium administration-open-beyond-office a ingress tcp/22 203.0.113.192/26",
        );
        check_with_zones(
            &web("group g v1 in tcp/22 203.0.113.0/25"),
            &[("office", "203.0.113.0/25")],
            "",
        );
    }

    #[test]
    fn all_ports_open_to_a_network_are_one_finding() {
        check(
            &web("group g v1 in tcp 198.51.0.0/20"),
            "medium administration-open-beyond-office a ingress tcp/0-65535 198.51.0.0/20
             low security-group-opens-everything g ingress tcp/0-65535 198.51.0.0/20",
        );
    }

    const ESTATE: &str = "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         interface a s 10.0.1.10 groups=g
         interface b t 10.0.2.10 groups=h
         group h v1 out tcp/22 10.0.0.0/16";

    #[test]
    fn a_whole_vpc_is_too_much() {
        check(
            &format!("{ESTATE}\ngroup g v1 in tcp/22 10.0.0.0/16; out none"),
            "low administration-open-beyond-office a ingress tcp/22 10.0.0.0/16",
        );
    }

    #[test]
    fn a_group_or_one_of_two_subnets_is_not() {
        check(&format!("{ESTATE}\ngroup g v1 in tcp/22 group:h; out none"), "");
        check(&format!("{ESTATE}\ngroup g v1 in tcp/22 10.0.2.0/24; out none"), "");
    }

    #[test]
    fn what_the_acl_refuses_is_not_open() {
        let found = crate::audit::tests::codes(
            "vpc v1 10.0.0.0/16
             acl x v1 in 100 deny tcp/22 10.0.2.0/24; in 200 allow all any; out 100 allow all any
             subnet s v1 10.0.1.0/24 acl=x
             subnet t v1 10.0.2.0/24
             interface a s 10.0.1.10 groups=g
             group g v1 in tcp/22 10.0.1.0/24,10.0.2.0/24; out none",
        );
        assert!(!found.iter().any(|it| it.contains("beyond-office")), "{found:?}");
    }

    #[test]
    fn another_vpc_is_too_much() {
        let peers = "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             subnet s v1 10.0.1.0/24 route 10.1.0.0/16->pcx:p
             subnet u v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
             peering p v1 v2
             interface a s 10.0.1.10 groups=g
             interface c u 10.1.1.10 groups=h
             group h v2 out tcp/22 10.0.0.0/16";
        let found = crate::audit::tests::codes(&format!(
            "{peers}\ngroup g v1 in tcp/22 10.1.0.0/16; out none"
        ));
        assert!(found.contains(&"low administration-open-beyond-office a c>a tcp/22".to_owned()));
        let found = crate::audit::tests::codes(&format!(
            "{peers}\ngroup g v1 in tcp/22 10.1.1.10; out none"
        ));
        assert!(!found.iter().any(|it| it.contains("administration")), "{found:?}");
    }
}
