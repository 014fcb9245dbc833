//! A port that everyone reaches over IPv6 and nobody of the internet over IPv4.

use crate::audit::open::{OpenTo, what, whole, worst};
use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::{Kind, Traffic};
use crate::audit::traffic_set::TrafficSet;
use crate::audit::{Context, called};
use crate::model::{ComponentId, NetworkInterfaceId};
use crate::net::{IpSet, Protocol};
use crate::reach::explain::Answer;
use crate::record::{Blocker, Blocks, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "ipv6-open-while-ipv4-closed",
    title: "A port is open over IPv6 and closed over IPv4",
    why: "The interface has a public IPv4 and an IPv6 address, and the way to both is there. Over \
          IPv4 a security group or a network ACL refuses what everyone may send over IPv6: mostly \
          because somebody closed the IPv4 rule and forgot its twin. Scanners find IPv6 hosts too, \
          in DNS and in certificates.",
    fix: "Say for both families what is meant: close the IPv6 rule too, or open both.",
    severity: Severity::Medium,
    check: Check::Inbound(check),
};

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    let Some(first) = exposed.first() else { return found };
    let at = context.network.interfaces_of(&first.port.interface).next();
    let Some(at) = at.filter(|&at| has_both(context, at)) else { return found };
    let v4 = exposed.iter().filter(|it| it.internet() && has_v4(&it.blocks()));
    let v4 = TrafficSet::of(v4.map(|it| &it.traffic));
    let certain = |it: &&Exposed<'_>| it.port.open.certainty == Certainty::Certain;
    let mut open: Vec<OpenTo<'_>> = Vec::new();
    for it in exposed.iter().filter(|it| it.internet()).filter(certain) {
        let six = IpSet { v6: it.addresses().v6, ..IpSet::empty() };
        let six = six.intersection(&context.world.internet);
        // ICMP is another protocol in each family.
        if it.traffic.kind == Kind::Of(Protocol::Icmpv6) || !context.is_everyone(&six) {
            continue;
        }
        let sources = context.blocks(&six);
        let left = v4.without(it.traffic).into_iter();
        let part = |traffic| OpenTo { traffic, sources: sources.clone(), ..OpenTo::of(it) };
        open.extend(left.map(part));
    }
    for open in whole(&open) {
        // What routes refuse over IPv4 is no forgotten rule.
        let Some(blocked_by) = refused(context, at, open.traffic) else { continue };
        let mut finding = context.about_packets(rule, &context.about(first.port), &open);
        finding.severity = worst(open.traffic).min(rule.severity);
        finding.witness = context.witness(&open.sources, &finding.about.id, open.traffic);
        finding.blocked_by = blocked_by;
        finding.title = format!(
            "{} of {} is open to everyone over IPv6, and closed over IPv4",
            what(open.traffic),
            called(&finding.about),
        );
        found.push(finding);
    }
    found
}

fn has_v4(blocks: &Blocks) -> bool {
    blocks.iter().any(|block| !block.contains(':'))
}

/// Whether an interface has addresses of both families that the internet knows.
fn has_both(
    context: &Context<'_>,
    (component, interface): (ComponentId, NetworkInterfaceId),
) -> bool {
    let interface = context.network.components[component].interface(interface);
    !interface.ipv6().is_empty() && interface.ipv4().iter().any(|held| held.public.is_some())
}

/// What refuses the same over IPv4, if nothing but groups and ACLs do.
fn refused(
    context: &Context<'_>,
    at: (ComponentId, NetworkInterfaceId),
    traffic: Traffic,
) -> Option<Vec<Blocker>> {
    let all = IpSet { v4: context.world.internet.v4.clone(), ..IpSet::empty() };
    let from = context.stranger(&context.blocks(&all))?;
    let Some(Answer::Closed(blockers)) = context.ask(from, at, traffic) else { return None };
    let filters = |it: &Blocker| it.kind == "security-group" || it.kind == "network-acl";
    blockers.iter().all(filters).then_some(blockers)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check, check_code, of_code, web};

    #[test]
    fn a_forgotten_twin_is_found() {
        let text = web("group g v1 in tcp/22 any6; in tcp/22 203.0.113.0/24; in tcp/23 any6");
        check(
            &web("group g v1 in tcp/22 any6; in tcp/443 any6; in icmpv6/128 any6"),
            "critical administration-open-to-internet a ingress tcp/22 ::/0
             info port-open-to-internet a ingress tcp/443 ::/0
             info icmp-open-to-internet a ingress icmpv6/128 ::/0
             medium ipv6-open-while-ipv4-closed a ingress tcp/22 ::/0
             info ipv6-open-while-ipv4-closed a ingress tcp/443 ::/0",
        );
        // An office that comes over IPv4 is meant to come.
        check_code(&text, RULE.code, "medium ipv6-open-while-ipv4-closed a ingress tcp/23 ::/0");
        let found = &of_code(&text, RULE.code)[0];
        assert_eq!(found.blocked_by[0].code, "ENI_SG_RULES_MISMATCH");
        assert_eq!(found.witness.as_ref().unwrap().from, "2001:db8:ffff::1");
    }

    #[test]
    fn where_ipv4_has_no_way_nothing_was_forgotten() {
        check_code(
            "vpc v1 10.0.0.0/16 2001:db8::/56 igw
             subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 route ::/0->igw
             group g v1 in tcp/22 any6; out none
             interface a s 10.0.1.10 public=198.51.100.7 2001:db8:0:1::a groups=g",
            RULE.code,
            "",
        );
        check_code(&web("group g v1 in tcp/22 any"), RULE.code, "");
    }
}
