//! A database port that everyone on the internet can reach.

use crate::audit::rule::{Check, Claim, Rule, Slice, claims};
use crate::audit::service::{Use, of_use};
use crate::record::Severity;

pub(in crate::audit) const RULE: Rule = Rule {
    code: "database-open-to-internet",
    title: "A database port is open to the internet",
    why: "Databases are found by scanners within minutes, their passwords are tried and their \
          flaws used; what they hold is the reason to break in. Only the application servers \
          need to reach a database, and they are inside.",
    fix: "Let the rule name the security group of the application servers instead of addresses, \
          and move the database to a subnet without a route to an internet gateway.",
    severity: Severity::Critical,
    check: Check::Everyone(check),
};

fn check(slice: &Slice) -> Vec<Claim> {
    claims(of_use(slice.left, Use::Database), RULE.severity)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::{check, web};

    #[test]
    fn a_database_that_everyone_reaches_is_critical() {
        check(
            &web("group g v1 in tcp/5432 any4"),
            "critical database-open-to-internet a ingress tcp/5432 0.0.0.0/0",
        );
    }

    #[test]
    fn the_port_among_others_is_named_alone() {
        check(
            &web("group g v1 in tcp/5430-5433 any4"),
            "critical database-open-to-internet a ingress tcp/5432 0.0.0.0/0
             medium port-open-to-internet a ingress tcp/5430-5431 0.0.0.0/0
             medium port-open-to-internet a ingress tcp/5433 0.0.0.0/0",
        );
    }

    #[test]
    fn a_database_of_aws_is_told_at_its_own_port() {
        let rules = "group g v1 in tcp/6540-6550 any4";
        check(
            &web(&format!("{rules}\nstore orders rds v1 groups=g port=6543 interface=a")),
            "critical database-open-to-internet a ingress tcp/6543 0.0.0.0/0
             medium port-open-to-internet a ingress tcp/6540-6542 0.0.0.0/0
             medium port-open-to-internet a ingress tcp/6544-6550 0.0.0.0/0",
        );
    }

    #[test]
    fn an_office_is_not_everyone() {
        check(
            &web("group g v1 in tcp/5432 203.0.113.0/24"),
            "high database-open-beyond-application a ingress tcp/5432 203.0.113.0/24",
        );
    }
}
