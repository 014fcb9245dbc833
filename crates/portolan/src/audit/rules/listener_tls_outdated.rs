//! Listeners that still speak TLS 1.0 or 1.1.

use crate::audit::Context;
use crate::audit::balancing::{called, ends_tls, port_of};
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::Listener;
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "listener-tls-outdated",
    title: "A listener still speaks TLS 1.0 or 1.1",
    why: "Both are deprecated (RFC 8996): their hashes and ciphers are weak, and whoever is on the \
          way can make clients use them. The policies that AWS's own names say nothing else of are \
          judged by their names; what is in a policy that you made is not listed. Medium where \
          everyone on the internet reaches the listener, else less.",
    fix: "Set `ELBSecurityPolicy-TLS13-1-2-2021-06` or a later one; for a Classic Load Balancer \
          `ELBSecurityPolicy-TLS-1-2-2017-01`. Clients since 2014 speak TLS 1.2.",
    severity: Severity::Medium,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for balancer in context.load_balancers() {
        let outdated: Vec<&Listener> = balancer
            .listeners()
            .filter(|it| ends_tls(it) && is_outdated(context.network.text(it.ssl_policy)))
            .collect();
        let crowd = outdated.iter().map(|it| balancer.crowd(context, reached, it)).max();
        let (Some(first), Some(crowd)) = (outdated.first(), crowd) else { continue };
        let mut finding =
            context.finding(rule, &context.about_load_balancer(&balancer, Some(first)));
        finding.severity = crowd.severity(rule.severity);
        let policies: Vec<String> = outdated
            .iter()
            .map(|it| format!("{} ({})", port_of(it), context.network.text(it.ssl_policy)))
            .collect();
        finding.title = format!(
            "{} speaks TLS 1.0 or 1.1 at {}{}",
            called(&balancer, &finding.about),
            policies.join(", "),
            crowd.words(),
        );
        found.push(finding);
    }
    found
}

/// Whether a policy of AWS's has TLS 1.0 or 1.1, by the tables of "Security policies for
/// your Application Load Balancer", "… Network Load Balancer" and "Predefined SSL security
/// policies for Classic Load Balancers": the year alone says so for the oldest, the lowest
/// version for the others.
fn is_outdated(policy: &str) -> bool {
    let Some(name) = policy.strip_prefix("ELBSecurityPolicy-") else { return false };
    if name.starts_with("TLS13-") {
        return name.starts_with("TLS13-1-0-") || name.starts_with("TLS13-1-1-");
    }
    match name {
        "2011-08" | "2014-01" | "2014-10" | "2015-02" | "2015-03" | "2015-05" | "2016-08" => true,
        "FS-2018-06" => true,
        _ => ["TLS-1-0-", "TLS-1-1-", "FS-1-1-"].iter().any(|before| name.starts_with(before)),
    }
}

#[cfg(test)]
mod tests {
    use super::{RULE, is_outdated};
    use crate::audit::tests::check_all;

    #[test]
    fn policies_are_told_by_their_names() {
        for policy in [
            "2016-08",
            "2015-05",
            "FS-2018-06",
            "FS-1-1-2019-08",
            "TLS-1-0-2015-04",
            "TLS-1-1-2017-01",
            "TLS13-1-0-2021-06",
            "TLS13-1-1-2021-06",
            "TLS13-1-0-FIPS-2023-04",
        ] {
            assert!(is_outdated(&format!("ELBSecurityPolicy-{policy}")), "{policy}");
        }
        for policy in [
            "TLS-1-2-2017-01",
            "TLS-1-2-Ext-2018-06",
            "FS-1-2-2019-08",
            "FS-1-2-Res-2020-10",
            "TLS13-1-2-2021-06",
            "TLS13-1-2-Res-2021-06",
            "TLS13-1-2-Ext1-2021-06",
            "TLS13-1-3-2021-06",
            "TLS13-1-2-PQ-2025-09",
        ] {
            assert!(!is_outdated(&format!("ELBSecurityPolicy-{policy}")), "{policy}");
        }
        assert!(!is_outdated("my-own-policy-2016-08"));
    }

    #[test]
    fn who_reaches_the_listener_decides() {
        let front = |from: &str| {
            format!(
                "vpc v1 10.0.0.0/16 igw
                 subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
                 interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_app/front groups=lb
                 group lb v1 in tcp/443 {from}; out none
                 balancer front application v1 groups=lb internet-facing
                 listener front https/443 redirect policy=ELBSecurityPolicy-2016-08 certificate=arn:c"
            )
        };
        check_all(
            &front("any4"),
            RULE.code,
            "medium listener-tls-outdated loadbalancer/app/front: front (Application Load Balancer) \
             speaks TLS 1.0 or 1.1 at tcp/443 (ELBSecurityPolicy-2016-08), and everyone on the \
             internet reaches it",
        );
        check_all(
            &front("10.0.0.0/8"),
            RULE.code,
            "info listener-tls-outdated loadbalancer/app/front: front (Application Load Balancer) \
             speaks TLS 1.0 or 1.1 at tcp/443 (ELBSecurityPolicy-2016-08)",
        );
    }
}
