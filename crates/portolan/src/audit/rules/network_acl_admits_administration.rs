//! Network ACLs that let everyone on the internet in to SSH or RDP.

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::{Kind, Traffic};
use crate::model::Direction;
use crate::net::{CLIENT_PORTS, Cidr, IpSet, IpSets, PortRange, Protocol, Segment};
use crate::reach::engine::network_acl;
use crate::reach::exposure::Reason;
use crate::record::{Audience, Breadth, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "network-acl-admits-administration",
    title: "A network ACL lets everyone in to SSH or RDP",
    // "Remote administration" is 22 and 3389 in the controls of CIS and Security
    // Hub (EC2.21).
    why: "The ACL is the second lock: one security group too wide opens the host where it lets \
          everyone in on 22 or 3389. It is judged with all its entries in order, so halves of the \
          internet count and denies before an allow do too. Low if a public subnet with a host \
          uses it; information else, since then nobody on the internet gets as far as the ACL, \
          and where only the ports from 1024 up are open, as replies to the hosts' own \
          connections need it. Hosts that are really open have a finding of their own.",
    fix: "Deny 22 and 3389 from 0.0.0.0/0 and ::/0 before the allow, after allows for the office, \
          the bastion's subnet and the VPN.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (component_id, component, id, acl) in context.acls().filter(|(.., acl)| !acl.contested) {
        let grounds = context.layout.component(component_id);
        let mut subnets = grounds.subnets.iter().filter(|it| it.acl == Some(id)).peekable();
        if subnets.peek().is_none() {
            continue;
        }
        let exposed = subnets.any(|it| it.public.is_some() && it.inhabited);
        let mut sets = IpSets::new();
        let space = network_acl(Some(acl), Direction::Ingress, &mut sets).certain();
        let space = sets.shared_space(space);
        for (ports, peers) in runs(&space.tcp, &context.world.internet, &sets) {
            let services = [("SSH", 22), ("RDP", 3389)].into_iter();
            let names: Vec<&str> = services
                .filter(|(_, port)| ports.intersection(PortRange::single(*port)).is_some())
                .map(|(name, _)| name)
                .collect();
            if names.is_empty() {
                continue;
            }
            let traffic = Traffic { kind: Kind::Of(Protocol::Tcp), ports };
            let mut finding = context.finding(rule, &context.about_acl(component, id));
            // An entry for replies to the hosts' own connections holds 3389 too.
            let replies = ports.first() >= CLIENT_PORTS.first();
            let low = exposed && !replies;
            finding.severity = if low { Severity::Low } else { Severity::Info };
            finding.direction = "ingress".to_owned();
            finding.protocol = traffic.protocol_text();
            finding.ports = traffic.ports_text();
            finding.audience = Some(Audience::Internet);
            finding.breadth = Some(Breadth::Everyone);
            finding.sources = context.listed(&peers, Audience::Internet);
            let among = if replies { ", among the ports of replies" } else { "" };
            finding.title =
                format!("{} lets everyone in to {}{among}", finding.about.id, names.join(" and "));
            let reasons = acl.entries.iter().enumerate().filter(|(_, entry)| {
                let meets = entry.traffic.is_none_or(|it| Traffic::of(it).meets(traffic));
                let from = |cidr: Cidr| IpSet::from(cidr).intersects(&peers);
                !entry.egress && entry.allow == Some(true) && meets && entry.cidr.is_some_and(from)
            });
            let reasons = reasons.map(|(at, _)| Reason::Entry(id, at));
            context.because(&mut finding, component, Direction::Ingress, reasons);
            found.push(finding);
        }
    }
    found
}

/// Runs of ports that everyone on the internet may send to, with who may to all of
/// a run.
fn runs(all: &[Segment], internet: &IpSet, sets: &IpSets) -> Vec<(PortRange, IpSet)> {
    let mut runs: Vec<(PortRange, IpSet)> = Vec::new();
    for segment in all {
        let peers = sets.to_set(segment.peers).intersection(internet);
        if !everyone(&peers) {
            continue;
        }
        if let Some((ports, known)) = runs.last_mut()
            && ports.last().checked_add(1) == Some(segment.ports.first())
        {
            let both = known.intersection(&peers);
            let joined = PortRange::new(ports.first(), segment.ports.last());
            if let (true, Ok(joined)) = (everyone(&both), joined) {
                (*ports, *known) = (joined, both);
                continue;
            }
        }
        runs.push((segment.ports, peers));
    }
    runs
}

/// Whether that is the whole internet, by the measure of records.
fn everyone(peers: &IpSet) -> bool {
    peers.v4.size() >= 1 << 24 || peers.v6.size() >= 1 << 108
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::codes;

    fn found(route: &str, entries: &str) -> Vec<String> {
        let mut found = codes(&format!(
            "vpc v1 10.0.0.0/16 igw
             acl x v1 {entries}
             subnet s v1 10.0.1.0/24 acl=x {route}
             interface a s 10.0.1.10 groups=g
             group g v1 out none"
        ));
        found.retain(|line| line.contains("admits"));
        found
    }

    const IGW: &str = "route 0.0.0.0/0->igw";

    #[test]
    fn halves_count_and_denies_before_them_do() {
        let low = ["low network-acl-admits-administration x"];
        assert_eq!(found(IGW, "in 100 allow all any"), low);
        assert_eq!(
            found(IGW, "in 100 allow tcp/22 0.0.0.0/1; in 110 allow tcp/22 128.0.0.0/1"),
            low
        );
        assert!(
            found(
                IGW,
                "in 90 deny tcp/22 0.0.0.0/1; in 91 deny tcp/22 128.0.0.0/1; in 92 deny tcp/3389 any4; in 100 allow all any4"
            )
            .is_empty()
        );
        assert!(found(IGW, "in 100 allow tcp/22 203.0.113.0/24").is_empty());
    }

    #[test]
    fn a_hole_for_one_network_is_not_two_findings() {
        assert_eq!(
            found(IGW, "in 90 deny tcp/22 203.0.113.0/24; in 100 allow all any4"),
            ["low network-acl-admits-administration x"]
        );
    }

    #[test]
    fn ports_for_replies_are_information() {
        assert_eq!(
            found(IGW, "in 100 allow tcp/1024-65535 any4"),
            ["info network-acl-admits-administration x"]
        );
    }

    #[test]
    fn behind_no_gateway_it_is_information() {
        assert_eq!(found("", "in 100 allow all any"), ["info network-acl-admits-administration x"]);
    }
}
