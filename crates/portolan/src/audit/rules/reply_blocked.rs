//! What comes in from the internet and has no answer.

use crate::audit::open::{OpenTo, families, what, whole};
use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::Kind;
use crate::audit::{Context, called};
use crate::net::Protocol;
use crate::reach::explain::Answer;
use crate::record::{Breadth, Clients, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "reply-blocked",
    title: "Packets of the internet come in, and no answer gets out",
    why: "Groups, the inbound network ACL and the gateway let the packet in, and the answer is \
          dropped: a network ACL remembers no connections, and needs outbound entries for the \
          ports that clients chose (1024-65535); or the route of the answer leads another way than \
          through the internet gateway. So the service is broken for those whom the rules let in. \
          It is no protection: a single UDP packet does its work without an answer, and whoever \
          mends the way out opens the port.\n\n\
          It is medium if a network ACL refuses answers to everyone, and low if routes do (a host \
          with a public address behind a NAT gateway) or if only some addresses are let in. Over \
          IPv6 only hosts are told of that have a way to answer: without one the subnet is private.",
    fix: "If the service is meant for them, allow answers: outbound TCP or UDP 1024-65535 in the \
          network ACL, a route through the internet gateway. If not, take the inbound rule away.",
    severity: Severity::Medium,
    check: Check::Unanswered(check),
};

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let Some(first) = exposed.first() else { return Vec::new() };
    let Some(at) = context.network.interfaces_of(&first.port.interface).next() else {
        return Vec::new();
    };
    let about = context.about_interface(at.0, at.1);
    let mut found = Vec::new();
    for breadth in [Breadth::Everyone, Breadth::Some] {
        let of = exposed.iter().filter(|it| it.internet() && it.port.open.breadth == breadth);
        let open: Vec<OpenTo<'_>> = of.map(OpenTo::of).collect();
        for open in whole(&open) {
            let mut finding = context.about_packets(rule, &about, &open);
            finding.breadth = Some(breadth);
            finding.clients = Some(Clients::None);
            let from = context.stranger(&open.sources);
            if let Some(Answer::Closed(blockers)) =
                from.and_then(|from| context.ask(from, at, open.traffic))
            {
                finding.blocked_by = blockers;
            }
            let filtered = finding.blocked_by.iter().any(|it| it.kind == "network-acl");
            finding.severity = match open.traffic.kind {
                Kind::Of(Protocol::Icmp | Protocol::Icmpv6) => Severity::Info,
                Kind::Any | Kind::Of(_) | Kind::Other => {
                    let everyone = filtered && breadth == Breadth::Everyone;
                    if everyone { rule.severity } else { Severity::Low }
                }
            };
            let whom = match breadth {
                Breadth::Everyone => "everyone on the internet",
                Breadth::Some => "some addresses of the internet",
            };
            finding.title = format!(
                "{} of {} lets in {whom}{}, and nobody gets an answer",
                what(open.traffic),
                called(&about),
                families(&open.sources),
            );
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check, of_code};

    fn network(acl: &str, route: &str, address: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 2001:db8::/56 igw eigw
             acl own v1 in 100 allow all any; {acl}
             subnet n v1 10.0.9.0/24 route 0.0.0.0/0->igw
             nat nat n private=10.0.9.9 public=198.51.100.99
             subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 acl=own {route}
             group g v1 in tcp/443 any; in udp/161 203.0.113.0/24; out none
             interface a s {address} groups=g"
        )
    }

    #[test]
    fn an_acl_that_lets_no_answer_out() {
        let text = network(
            "out 100 allow tcp/443 any",
            "route 0.0.0.0/0->igw",
            "10.0.1.10 public=198.51.100.7",
        );
        check(
            &text,
            "medium reply-blocked a ingress tcp/443 0.0.0.0/0
             low reply-blocked a ingress udp/161 203.0.113.0/24",
        );
        let found = &of_code(&text, RULE.code)[0];
        assert_eq!(found.blocked_by[0].code, "SUBNET_ACL_RESTRICTION");
        assert!(found.witness.is_none());
    }

    #[test]
    fn a_public_host_whose_answers_go_through_a_nat_gateway() {
        let open = "out 100 allow all any";
        let address = "10.0.1.10 public=198.51.100.7";
        check(
            &network(open, "route 0.0.0.0/0->nat:nat", address),
            "low reply-blocked a ingress tcp/443 0.0.0.0/0
             low reply-blocked a ingress udp/161 203.0.113.0/24",
        );
        check(
            &network(open, "route ::/0->eigw", "10.0.1.10 2001:db8:0:1::a"),
            "low open-group-unreachable g ingress tcp/443 0.0.0.0/0 ::/0",
        );
        check(
            &network("out 100 allow udp any", "route ::/0->igw", "10.0.1.10 2001:db8:0:1::a"),
            "medium reply-blocked a ingress tcp/443 ::/0",
        );
    }

    #[test]
    fn what_has_an_answer_is_not_told() {
        check(
            &network(
                "out 100 allow all any",
                "route 0.0.0.0/0->igw",
                "10.0.1.10 public=198.51.100.7",
            ),
            "info port-open-to-internet a ingress tcp/443 0.0.0.0/0",
        );
    }
}
