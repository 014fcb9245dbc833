//! Listeners with certificates that nobody renews by himself.

use crate::audit::Context;
use crate::audit::balancing::{called, ends_tls, port_of};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "certificate-not-renewed",
    title: "A listener's certificate is kept in IAM, where nothing renews it",
    why: "A certificate in IAM was put there by hand and has to be put there again before it ends, \
          with a private key that lay in somebody's files. ACM makes keys that nobody sees, and \
          renews what it issued.",
    fix: "Request a certificate of ACM for the same names and give it to the listener.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        let of_iam = balancer.listeners().filter(|it| ends_tls(it)).find_map(|listener| {
            let names = listener.certificates.iter().map(|&it| context.network.text(it));
            let mut kept = names.filter(|arn| is_of_iam(arn));
            kept.next().map(|arn| (listener, arn))
        });
        let Some((listener, arn)) = of_iam else { continue };
        let mut finding =
            context.finding(rule, &context.about_load_balancer(&balancer, Some(listener)));
        finding.title = format!(
            "{} has a certificate of IAM at {}: {}",
            called(&balancer, &finding.about),
            port_of(listener),
            arn.rsplit('/').next().unwrap_or(arn),
        );
        found.push(finding);
    }
    found
}

fn is_of_iam(arn: &str) -> bool {
    arn.starts_with("arn:") && arn.split(':').nth(2) == Some("iam")
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    #[test]
    fn a_certificate_of_iam_is_named() {
        let front = |arn: &str| {
            format!(
                "vpc v1 10.0.0.0/16
                 balancer front classic v1
                 listener front https/443 instances=80 certificate={arn}"
            )
        };
        check_all(
            &front("arn:aws:iam::111122223333:server-certificate/shop"),
            RULE.code,
            "info certificate-not-renewed front: front (Classic Load Balancer) has a certificate of \
             IAM at tcp/443: shop",
        );
        check_all(&front("arn:aws:acm:us-east-1:111122223333:certificate/0a"), RULE.code, "");
    }
}
