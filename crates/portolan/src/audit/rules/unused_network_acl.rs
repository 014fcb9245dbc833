//! Network ACLs that no subnet uses.

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "unused-network-acl",
    title: "A network ACL is used by no subnet",
    why: "It filters nothing. Whoever reads it may think that it does. The default ACL of a VPC, \
          which can't be removed, is not found.",
    fix: "Remove it, or associate the subnets that it was made for.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let unused = context.acls().filter(|(component, _, id, acl)| {
        !acl.is_default
            && !acl.contested
            && acl.subnets.is_empty()
            && !context.is_used(*component, *id)
    });
    let found = unused.map(|(_, component, id, _)| {
        let mut finding = context.finding(rule, &context.about_acl(component, id));
        finding.title = format!("No subnet uses {}", finding.about.id);
        finding.attached = false;
        finding
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::check_code;

    #[test]
    fn an_acl_without_a_subnet_is_found_but_not_the_default() {
        check_code(
            "vpc v1 10.0.0.0/16
             acl x v1 in 100 allow tcp/443 any4
             acl y v1 in 100 allow tcp/443 any4
             subnet s v1 10.0.1.0/24 acl=y",
            "unused-network-acl",
            "low unused-network-acl x unattached",
        );
    }
}
