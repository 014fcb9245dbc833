//! Certificates of listeners that are missing, over, or about to end.

use std::collections::BTreeMap;

use crate::audit::Context;
use crate::audit::balancing::{Balancer, Crowd, called, ends_tls, port_of};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{Certificate, Listener, TextId};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "listener-certificate",
    title: "A listener's certificate is missing, over or about to end",
    why: "Without a certificate that is good today clients turn away, or learn to click warnings \
          away, which is what whoever stands between them and the listener needs. Medium: the \
          certificate is gone, its time is over, or ACM says that it is not issued. Low: it ends \
          within 30 days, or none is listed. A certificate that the source does not hold is not \
          judged; a default certificate alone is looked at.",
    fix: "Issue one with ACM, which renews what it issued as long as its DNS record is there, and \
          give it to the listener.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

const DAY: i64 = 24 * 60 * 60;
/// So long before its end nobody renews a certificate by itself any more: ACM begins 60
/// days before.
const SOON: i64 = 30 * DAY;

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let certificates: BTreeMap<TextId, &Certificate> =
        context.network.outside.certificates.iter().map(|it| (it.id, it)).collect();
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        let mut faults: Vec<(Severity, Crowd, &Listener, String)> = Vec::new();
        for listener in balancer.listeners().filter(|it| ends_tls(it)) {
            let crowd = balancer.crowd(context, reached, listener);
            for (severity, fault) in faults_of(context, listener, &certificates) {
                let fault = format!("at {} {fault}", port_of(listener));
                faults.push((severity, crowd, listener, fault));
            }
        }
        found.extend(finding(context, rule, &balancer, &faults));
    }
    found
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    balancer: &Balancer<'_>,
    faults: &[(Severity, Crowd, &Listener, String)],
) -> Option<Finding> {
    let (severity, crowd, listener, _) = faults.iter().max_by_key(|(severity, ..)| *severity)?;
    let mut finding = context.finding(rule, &context.about_load_balancer(balancer, Some(listener)));
    // Clients inside an estate turn away as those outside do.
    finding.severity =
        if *crowd == Crowd::Nobody { (*severity).min(Severity::Low) } else { *severity };
    let words: Vec<&str> = faults.iter().map(|(.., words)| words.as_str()).collect();
    finding.title = format!("{}: {}", called(balancer, &finding.about), words.join("; "));
    Some(finding)
}

fn faults_of(
    context: &Context<'_>,
    listener: &Listener,
    certificates: &BTreeMap<TextId, &Certificate>,
) -> Vec<(Severity, String)> {
    let text = |id| context.network.text(id);
    // AWS makes no such listener: somebody may have left the certificates out of the file.
    if listener.certificates.is_empty() {
        return vec![(Severity::Low, "no certificate is listed".to_owned())];
    }
    // A Classic Load Balancer says so that its certificate was deleted.
    if listener.certificates.iter().any(|&id| text(id) == "Invalid-Certificate") {
        return vec![(RULE.severity, "the certificate is gone".to_owned())];
    }
    let known = listener.certificates.iter().filter_map(|id| certificates.get(id));
    known.filter_map(|certificate| fault(context, certificate)).collect()
}

fn fault(context: &Context<'_>, certificate: &Certificate) -> Option<(Severity, String)> {
    let text = |id| context.network.text(id);
    let name = match text(certificate.name) {
        "" => text(certificate.id),
        name => name,
    };
    let status = text(certificate.status);
    let good = matches!(status, "" | "ISSUED" | "EXPIRED");
    if !good {
        return Some((RULE.severity, format!("the certificate of {name} is {status}")));
    }
    let left = certificate.not_after.zip(context.options.now).map(|(end, now)| end - now);
    match left {
        Some(left) if left < 0 => Some((
            RULE.severity,
            format!("the certificate of {name} is over for {} days", -left / DAY),
        )),
        _ if status == "EXPIRED" => {
            Some((RULE.severity, format!("the certificate of {name} is over")))
        }
        Some(left) if left < SOON => {
            Some((Severity::Low, format!("the certificate of {name} ends in {} days", left / DAY)))
        }
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, RULE};
    use crate::audit::AuditOptions;
    use crate::audit::tests::findings;
    use crate::testing::network;

    /// 100 days after 1970 began.
    const NOW: i64 = 100 * DAY;

    fn told(certificate: &str, listener: &str) -> Vec<String> {
        let network = network(&format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_app/front groups=lb
             group lb v1 in tcp/443 any4; out none
             targets web v1 ip tcp/8080 10.0.1.20
             balancer front application v1 groups=lb internet-facing
             listener front https/443 web {listener}
             {certificate}"
        ));
        let options = AuditOptions { now: Some(NOW), ..AuditOptions::default() };
        let mut found = findings(&network.unwrap(), &options);
        found.retain(|it| it.code == RULE.code);
        found.into_iter().map(|it| format!("{} {}", it.severity.as_str(), it.title)).collect()
    }

    #[test]
    fn a_certificate_that_is_over_or_soon_is() {
        let at = |days: i64| format!("certificate arn:c ends={}", NOW + days * DAY);
        let front = "front (Application Load Balancer): at tcp/443 the certificate of arn:c";
        assert_eq!(
            told(&at(-3), "certificate=arn:c"),
            [format!("medium {front} is over for 3 days")]
        );
        assert_eq!(told(&at(29), "certificate=arn:c"), [format!("low {front} ends in 29 days")]);
        assert!(told(&at(30), "certificate=arn:c").is_empty());
        assert!(told("", "certificate=arn:c").is_empty(), "nobody knows");
    }

    #[test]
    fn one_that_is_missing_or_not_issued() {
        let front = "medium front (Application Load Balancer): at tcp/443";
        let low = front.replace("medium", "low");
        assert_eq!(told("", ""), [format!("{low} no certificate is listed")]);
        assert_eq!(
            told("", "certificate=Invalid-Certificate"),
            [format!("{front} the certificate is gone")]
        );
        assert_eq!(
            told("certificate arn:c status=REVOKED", "certificate=arn:c"),
            [format!("{front} the certificate of arn:c is REVOKED")]
        );
    }
}
