//! HTTP open to everyone on a host that has no HTTPS.

use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::{Kind, Traffic};
use crate::audit::{Context, called};
use crate::net::{PortRange, Protocol};
use crate::record::{Audience, Breadth, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "http-without-https",
    title: "HTTP is open to the internet and HTTPS is not",
    why: "A host with 80 and without 443 serves its pages in the clear: whoever is on the way \
          reads and changes them. With both, 80 is there to send people to 443. Load balancers \
          whose listeners are in the source have findings of their own.",
    fix: "Open 443, serve with a certificate, and let 80 answer with redirects only; or put the \
          host behind a load balancer that does.",
    severity: Severity::Low,
    check: Check::Inbound(check),
};

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let holds = |it: &Exposed<'_>, port: u16| {
        it.everyone()
            && it.traffic.kind == Kind::Of(Protocol::Tcp)
            && it.traffic.ports.intersection(PortRange::single(port)).is_some()
    };
    // A load balancer's listeners say by themselves what they do with HTTP.
    let told = |it: &Exposed<'_>| context.has_listeners(&it.port.interface);
    if exposed.iter().any(|it| holds(it, 443)) || exposed.first().is_some_and(told) {
        return Vec::new();
    }
    let http = exposed.iter().filter(|it| holds(it, 80));
    let found = http.map(|it| {
        let traffic = Traffic { ports: PortRange::single(80), ..it.traffic };
        let open = &it.port.open;
        let mut finding = context.finding(rule, &context.about(it.port));
        finding.direction = "ingress".to_owned();
        finding.protocol = traffic.protocol_text();
        finding.ports = traffic.ports_text();
        finding.audience = Some(Audience::Internet);
        finding.breadth = Some(Breadth::Everyone);
        finding.sources = it.blocks();
        finding.clients = Some(open.clients);
        finding.client_ports.clone_from(&open.client_ports);
        finding.certainty = open.certainty;
        finding.because.clone_from(&open.because);
        if open.certainty == Certainty::Certain {
            finding.witness = context.witness(&finding.sources, &finding.about.id, traffic);
        }
        finding.title = format!("{} serves HTTP without HTTPS", called(&finding.about));
        finding
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn http_alone_is_found() {
        check(
            &web("group g v1 in tcp/80 any4"),
            "low http-without-https a ingress tcp/80 0.0.0.0/0
             info port-open-to-internet a ingress tcp/80 0.0.0.0/0",
        );
    }

    #[test]
    fn a_load_balancer_has_findings_of_its_own() {
        let front = "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_front groups=lb
             group lb v1 in tcp/80 any4; out none
             balancer front classic v1 internet-facing groups=lb";
        let found =
            |more: &str| crate::audit::tests::of_code(&format!("{front}{more}"), super::RULE.code);
        assert_eq!(found(" unlisted").len(), 1);
        assert!(found("\nlistener front http/80 instances=80").is_empty());
    }

    #[test]
    fn http_beside_https_is_not() {
        check(
            &web("group g v1 in tcp/80 any4; in tcp/443 any4"),
            "info port-open-to-internet a ingress tcp/443 0.0.0.0/0
             info port-open-to-internet a ingress tcp/80 0.0.0.0/0",
        );
    }
}
