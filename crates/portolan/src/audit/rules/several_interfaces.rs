//! Instances with several network interfaces.

use std::collections::BTreeMap;

use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::model::{InstanceId, NetworkInterfaceId};
use crate::record::{Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "several-interfaces",
    title: "An instance has several network interfaces",
    why: "Each interface has its own groups, subnet and routes, and the host joins them: it can \
          pass on what the network keeps apart, and answers may leave through another interface \
          than the question came in by. Appliances and container hosts need it, others seldom.",
    fix: "Detach what is not needed.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        let mut hosts: BTreeMap<InstanceId, Vec<NetworkInterfaceId>> = BTreeMap::new();
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            if let Some(instance) = interface.instance() {
                hosts.entry(instance).or_default().push(interface.index());
            }
        }
        for (instance, interfaces) in hosts {
            let (Some(&first), true) = (interfaces.first(), interfaces.len() > 1) else { continue };
            let facts = &component.instances[instance];
            let mut about = context.about_interface(id, first);
            about.kind = "instance".to_owned();
            about.id = context.network.text(facts.id).to_owned();
            context.stands(&mut about, facts.place);
            let mut subnets: Vec<_> =
                interfaces.iter().map(|&it| component.interface(it).subnet()).collect();
            subnets.sort_unstable();
            subnets.dedup();
            let mut finding = context.finding(rule, &about);
            finding.title = format!(
                "{} has {} network interfaces in {} {}",
                called(&about),
                interfaces.len(),
                subnets.len(),
                if subnets.len() == 1 { "subnet" } else { "subnets" },
            );
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_code, of_code};

    #[test]
    fn two_interfaces_of_one_host_are_told_of_the_host() {
        let text = "vpc v1 10.0.0.0/16
            subnet s v1 10.0.1.0/24
            subnet t v1 10.0.2.0/24
            instance i running
            interface a s 10.0.1.10 instance=i
            interface b t 10.0.2.10 instance=i
            interface c t 10.0.2.11 running";
        check_code(text, RULE.code, "info several-interfaces i");
        assert!(
            of_code(text, RULE.code)[0].title.ends_with("has 2 network interfaces in 2 subnets")
        );
    }
}
