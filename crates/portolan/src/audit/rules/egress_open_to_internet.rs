//! Where a host can open connections to: the whole internet.

use crate::audit::open::{OpenTo, families, what, whole};
use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::Kind;
use crate::audit::{Context, called};
use crate::net::{PortRange, Protocol};
use crate::record::{Audience, Breadth, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "egress-open-to-internet",
    title: "A host may open connections to the whole internet",
    why: "Whoever takes over a host sends out what it finds and fetches what it needs. AWS's \
          default lets a host send anywhere, and most estates leave it so: it is information, and \
          low where every port is open.",
    fix: "Allow the ports and destinations that the host needs: HTTPS, prefix lists of AWS \
          services, endpoints. Databases need none.",
    severity: Severity::Low,
    check: Check::Outbound(check),
};

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let Some(first) = exposed.first() else { return Vec::new() };
    let about = context.about(first.port);
    let everyone: Vec<OpenTo<'_>> =
        exposed.iter().filter(|it| it.everyone()).map(OpenTo::of).collect();
    let found = whole(&everyone).into_iter().map(|open| {
        let traffic = open.traffic;
        let all = match traffic.kind {
            Kind::Any => true,
            Kind::Of(Protocol::Tcp | Protocol::Udp) => traffic.ports == PortRange::ALL,
            Kind::Of(_) | Kind::Other => false,
        };
        let mut finding = context.finding(rule, &about);
        finding.severity = if all { Severity::Low } else { Severity::Info };
        if open.certainty == Certainty::Possible {
            finding.severity = Severity::Info;
        }
        finding.direction = "egress".to_owned();
        finding.protocol = traffic.protocol_text();
        finding.ports = traffic.ports_text();
        finding.audience = Some(Audience::Internet);
        finding.breadth = Some(Breadth::Everyone);
        finding.title = format!(
            "{} may open {} to the whole internet{}",
            called(&about),
            what(traffic),
            families(&open.sources),
        );
        finding.sources = open.sources;
        finding.clients = Some(open.clients);
        finding.client_ports = open.client_ports.to_owned();
        finding.certainty = open.certainty;
        finding.because = open.because;
        if finding.certainty == Certainty::Certain {
            let witness = context.witness(&finding.sources, "", traffic);
            finding.witness = witness.map(|witness| crate::record::Witness {
                to: witness.from,
                from: about.id.clone(),
                port: witness.port,
            });
        }
        finding
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn the_default_is_low_and_one_port_is_information() {
        check(
            &web("group g v1 out all any4"),
            "low egress-open-to-internet a egress any/any 0.0.0.0/0",
        );
        check(
            &web("group g v1 out tcp/443 any4"),
            "info egress-open-to-internet a egress tcp/443 0.0.0.0/0",
        );
    }
}
