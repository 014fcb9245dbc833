//! A port whose answers reach some of those who are let in, by the port they came from.

use crate::audit::open::{OpenTo, families, what, whole};
use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::net::{PortRange, PortSet};
use crate::record::{Breadth, Certainty, Clients, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "replies-reach-some-clients",
    title: "Answers reach only some clients",
    why: "An answer goes to the port that the client chose, and the network ACL lets answers go to \
          some of those ports only. Linux chooses 32768-60999, Windows and macOS 49152-65535, NAT \
          gateways and load balancers 1024-65535. Connections from other ports hang: now and then, \
          for some people, which is hard to find.\n\n\
          It is low where only some addresses are let in.",
    fix: "Allow outbound 1024-65535 of the protocol in the network ACL: it remembers no connections, \
          so it can't know better.",
    severity: Severity::Medium,
    check: Check::Inbound(check),
};

/// Who chooses which ports.
const SYSTEMS: [(&str, u16, u16); 3] =
    [("Linux", 32768, 60999), ("Windows and macOS", 49152, 65535), ("NAT gateways", 1024, 65535)];

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let Some(first) = exposed.first() else { return Vec::new() };
    let about = context.about(first.port);
    let mut found = Vec::new();
    for breadth in [Breadth::Everyone, Breadth::Some] {
        let of = exposed.iter().filter(|it| {
            let open = &it.port.open;
            it.internet()
                && (open.breadth, open.clients, open.certainty)
                    == (breadth, Clients::Some, Certainty::Certain)
        });
        let open: Vec<OpenTo<'_>> = of.map(OpenTo::of).collect();
        for open in whole(&open) {
            let Ok(ports) = open.client_ports.parse::<PortSet>() else { continue };
            let mut finding = context.about_packets(rule, &about, &open);
            finding.breadth = Some(breadth);
            if breadth == Breadth::Some {
                finding.severity = Severity::Low;
            }
            finding.witness = None;
            finding.title = format!(
                "{} of {} answers only clients that come from {}{}: {}",
                what(open.traffic),
                called(&about),
                open.client_ports,
                families(&open.sources),
                losers(&ports),
            );
            found.push(finding);
        }
    }
    found
}

/// Which systems lose how many of their connections.
fn losers(served: &PortSet) -> String {
    let lost = SYSTEMS.iter().filter_map(|&(name, first, last)| {
        let own = PortSet::from(PortRange::new(first, last).ok()?);
        let lost = u64::from(own.difference(served).size());
        let percent = lost.saturating_mul(100).div_ceil(u64::from(own.size()).max(1));
        (lost > 0)
            .then(|| format!("{name} lose{} {percent} %", if name == "Linux" { "s" } else { "" }))
    });
    let lost: Vec<String> = lost.collect();
    if lost.is_empty() { "others lose".to_owned() } else { lost.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{RULE, losers};
    use crate::audit::tests::{check_code, of_code, web};

    #[test]
    fn an_acl_that_knows_linux_only() {
        let text = web("acl linux v1 in 100 allow all any; out 100 allow tcp/32768-60999 any
             subnet t v1 10.0.3.0/24 acl=linux route 0.0.0.0/0->igw
             group h v1 in tcp/443 any4; in tcp/8443 203.0.113.0/24
             group g v1
             interface b t 10.0.3.10 public=198.51.100.9 groups=h");
        check_code(
            &text,
            RULE.code,
            "medium replies-reach-some-clients b ingress tcp/443 0.0.0.0/0
             low replies-reach-some-clients b ingress tcp/8443 203.0.113.0/24",
        );
        assert_eq!(
            of_code(&text, RULE.code)[0].title,
            "tcp/443 of b answers only clients that come from 32768-60999 over IPv4: \
             Windows and macOS lose 28 %, NAT gateways lose 57 %"
        );
    }

    #[test]
    fn all_lose_or_none() {
        assert_eq!(
            losers(&"1024-2047".parse().unwrap()),
            "Linux loses 100 %, Windows and macOS lose 100 %, NAT gateways lose 99 %"
        );
        assert_eq!(losers(&"1024-65535".parse().unwrap()), "others lose");
    }
}
