//! Rules for every port, made "to ensure connectivity".

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::Context;
use crate::audit::open::what;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::{Kind, Traffic};
use crate::model::{Component, Direction, Peer, SecurityGroupId, SecurityGroupRule};
use crate::net::{Cidr, IpSet, PortRange, Protocol};
use crate::reach::exposure::Reason;
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "security-group-opens-everything",
    title: "A security group opens every port",
    why: "A rule for all protocols, or for every port of TCP or UDP, says that nobody knew which \
          ports are needed. It opens whatever listens on the hosts, now or later, to all that it \
          names: the whole VPC or more, or any network of more than 256 addresses, is low; \
          members of the group itself, and smaller blocks, are information. What everyone on the \
          internet reaches by such a rule is `all-ports-open-to-internet`. Rules that name \
          another group are not found.",
    fix: "Replace the rule by one for each port that is needed, from the groups that need it. Flow \
          logs tell which those are.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for component in context.network.components.iter() {
        let worn: BTreeSet<SecurityGroupId> = component
            .interfaces
            .iter()
            .filter(|interface| interface.seen())
            .flat_map(|interface| component.group_sets[interface.group_set()].iter().copied())
            .collect();
        for (id, group) in component.security_groups.entries().filter(|(_, it)| it.seen) {
            let mut wide: BTreeMap<Traffic, Vec<(usize, Severity)>> = BTreeMap::new();
            for (at, facts) in group.rules.iter().enumerate() {
                if let Some((traffic, severity)) = opens(context, component, id, facts) {
                    wide.entry(traffic).or_default().push((at, severity));
                }
            }
            for (traffic, rules) in wide {
                let attached = worn.contains(&id);
                found.push(finding(context, rule, component, id, traffic, &rules, attached));
            }
        }
    }
    found
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    component: &Component,
    id: SecurityGroupId,
    traffic: Traffic,
    rules: &[(usize, Severity)],
    attached: bool,
) -> Finding {
    let group = &component.security_groups[id];
    let vpc = &component.vpcs[group.vpc];
    let text = |id| context.network.text(id).to_owned();
    let mut about = About {
        kind: "security-group".to_owned(),
        id: text(group.id),
        name: text(group.name),
        account: text(if group.owner.is_empty() { vpc.owner } else { group.owner }),
        region: text(vpc.region),
        vpc: text(vpc.id),
        ..About::default()
    };
    context.stands(&mut about, group.place);
    let mut finding = context.finding(rule, &about);
    finding.severity = rules.iter().map(|(_, severity)| *severity).max().unwrap_or(Severity::Info);
    finding.attached = attached;
    if !attached {
        finding.severity = finding.severity.min(context.options.unattached());
    }
    finding.direction = "ingress".to_owned();
    finding.protocol = traffic.protocol_text();
    finding.ports = traffic.ports_text();
    let (mut peers, mut itself) = (IpSet::empty(), false);
    for facts in rules.iter().filter_map(|&(at, _)| group.rules.get(at)) {
        match addresses(component, facts.peer) {
            Some(set) => peers = peers.union(&set),
            None => itself = true,
        }
    }
    finding.sources = peers.cidrs().iter().map(ToString::to_string).collect();
    finding.source_groups = Vec::from_iter(itself.then(|| text(group.id)));
    let mut whom: Vec<String> = finding.sources.iter().take(3).map(str::to_owned).collect();
    if finding.sources.iter().nth(3).is_some() {
        whom.push("others".to_owned());
    }
    whom.extend(itself.then(|| "its own members".to_owned()));
    finding.title =
        format!("{} opens {} to {}", super::called(&about), what(traffic), whom.join(", "));
    let reasons = rules.iter().map(|&(at, _)| Reason::Rule(id, at));
    context.because(&mut finding, component, Direction::Ingress, reasons);
    finding
}

/// Whether a rule opens everything, and how bad that is.
fn opens(
    context: &Context<'_>,
    component: &Component,
    group: SecurityGroupId,
    rule: &SecurityGroupRule,
) -> Option<(Traffic, Severity)> {
    if rule.direction != Direction::Ingress {
        return None;
    }
    let traffic = Traffic::of(rule.traffic?);
    let every = match traffic.kind {
        Kind::Any => true,
        // Some leave port 0 out, and mean the same.
        Kind::Of(Protocol::Tcp | Protocol::Udp) => {
            traffic.ports.first() <= 1 && traffic.ports.last() == PortRange::ALL.last()
        }
        Kind::Of(_) | Kind::Other => false,
    };
    if !every {
        return None;
    }
    match rule.peer {
        Peer::SecurityGroup { group: named, stale: false } => {
            (named == group).then_some((traffic, Severity::Info))
        }
        Peer::SecurityGroup { stale: true, .. } | Peer::Unknown(_) => None,
        Peer::Ipv4(_) | Peer::Ipv6(_) | Peer::PrefixList(_) => {
            let peers = addresses(component, rule.peer)?;
            let strangers = peers.intersection(&context.world.internet);
            if strangers.v4.size() >= 1 << 24 || strangers.v6.size() >= 1 << 108 {
                return None;
            }
            let vpc = &component.vpcs[component.security_groups[group].vpc];
            let mut blocks = vpc.ipv4.iter().map(|&prefix| IpSet::from(Cidr::V4(prefix)));
            let mut more = vpc.ipv6.iter().map(|&prefix| IpSet::from(Cidr::V6(prefix)));
            let whole =
                blocks.any(|it| it.is_subset(&peers)) || more.any(|it| it.is_subset(&peers));
            let large =
                peers.difference(&context.world.blocks).cidrs().iter().any(|block| {
                    if block.is_v4() { block.length() < 24 } else { block.length() < 48 }
                });
            let severity = if whole || large { Severity::Low } else { Severity::Info };
            Some((traffic, severity))
        }
    }
}

/// The addresses of a peer, none of a group or of what can't be read.
fn addresses(component: &Component, peer: Peer) -> Option<IpSet> {
    match peer {
        Peer::Ipv4(prefix) => Some(Cidr::V4(prefix).into()),
        Peer::Ipv6(prefix) => Some(Cidr::V6(prefix).into()),
        Peer::PrefixList(list) => {
            Some(component.prefix_lists[list].entries.as_ref()?.iter().copied().collect())
        }
        Peer::SecurityGroup { .. } | Peer::Unknown(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, codes, web};

    #[test]
    fn the_whole_vpc_is_low_and_itself_is_information() {
        check(
            &web("group g v1 in all 10.0.0.0/8"),
            "low security-group-opens-everything g ingress any/any 10.0.0.0/8",
        );
        check(
            &web("group g v1 in all group:g"),
            "info security-group-opens-everything g ingress any/any",
        );
        check(
            &web("group g v1 in udp/1-65535 10.0.1.0/24"),
            "info security-group-opens-everything g ingress udp/1-65535 10.0.1.0/24",
        );
    }

    #[test]
    fn a_group_that_nothing_wears_is_found_too() {
        let found = codes(&web("group g v1 out none\ngroup h v1 in all group:h"));
        assert_eq!(found, ["info security-group-opens-everything h unattached"]);
    }

    #[test]
    fn everyone_is_told_of_elsewhere() {
        check(
            &web("group g v1 in all 0.0.0.0/1"),
            "critical all-ports-open-to-internet a ingress any/any 0.0.0.0/1",
        );
    }
}
