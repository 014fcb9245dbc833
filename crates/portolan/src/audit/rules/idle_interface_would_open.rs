//! A stopped host or a detached interface that everyone could reach once it is used.

use crate::audit::idle::stopped;
use crate::audit::open::{OpenTo, families, what, whole, worst};
use crate::audit::reached::Exposed;
use crate::audit::rule::{Check, Rule};
use crate::audit::{Context, called};
use crate::reach::explain::Answer;
use crate::record::{Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "idle-interface-would-open",
    title: "A stopped host or a detached interface would open a port to everyone",
    why: "Nothing answers there now. Its groups, its network ACL, its routes and its public address \
          wait: whoever starts the host, or attaches the interface, opens the port to the world and \
          need not know. It is information where only HTTP and HTTPS would be open.",
    fix: "Close the rule now, or give up what is not needed any more: release the Elastic IP \
          address, delete the interface, terminate the host.",
    severity: Severity::Low,
    check: Check::Idle(check),
};

fn check(context: &Context<'_>, rule: &Rule, exposed: &[Exposed<'_>]) -> Vec<Finding> {
    let Some(first) = exposed.first() else { return Vec::new() };
    let Some(at) = context.network.interfaces_of(&first.port.interface).next() else {
        return Vec::new();
    };
    let about = context.about_interface(at.0, at.1);
    let component = &context.network.components[at.0];
    let once = if stopped(component, component.interface(at.1)) { "started" } else { "attached" };
    let open: Vec<OpenTo<'_>> = exposed.iter().map(OpenTo::of).collect();
    let found = whole(&open).into_iter().map(|open| {
        let mut finding = context.about_packets(rule, &about, &open);
        let bad = worst(open.traffic) >= Severity::Medium;
        finding.severity = if bad { rule.severity } else { Severity::Info };
        finding.attached = false;
        let possibly = if open.certainty == Certainty::Certain { "" } else { "possibly " };
        finding.title = format!(
            "{} of {} would {possibly}be open to everyone on the internet{} once it is {once}",
            what(open.traffic),
            called(&about),
            families(&open.sources),
        );
        let from = context.stranger(&open.sources);
        if let Some(Answer::Closed(blockers)) =
            from.and_then(|from| context.ask(from, at, open.traffic))
        {
            finding.blocked_by = blockers;
        }
        finding
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check, of_code};

    fn network(interface: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             subnet p v1 10.0.2.0/24
             group g v1 in tcp/22 any4; in tcp/443 any4; out none
             {interface}"
        )
    }

    #[test]
    fn a_stopped_host_opens_its_ports_once_it_is_started() {
        let text = network("interface a s 10.0.1.10 public=198.51.100.7 groups=g stopped");
        check(
            &text,
            "low idle-interface-would-open a ingress tcp/22 0.0.0.0/0 unattached
             info idle-interface-would-open a ingress tcp/443 0.0.0.0/0 unattached",
        );
        let found = of_code(&text, RULE.code);
        assert!(found[0].title.ends_with("over IPv4 once it is started"), "{}", found[0].title);
        assert_eq!(found[0].blocked_by[0].code, "HOST_STOPPED");
    }

    #[test]
    fn a_detached_interface_opens_its_ports_once_it_is_attached() {
        let text = network("interface a s 10.0.1.10 public=198.51.100.7 groups=g detached");
        let found = of_code(&text, RULE.code);
        assert!(found[0].title.ends_with("once it is attached"), "{}", found[0].title);
        assert_eq!(found[0].blocked_by[0].code, "INTERFACE_NOT_ATTACHED");
    }

    #[test]
    fn where_the_world_is_kept_out_starting_opens_nothing() {
        check(
            &network("interface a p 10.0.2.10 groups=g stopped"),
            "low open-group-unreachable g ingress tcp/22 0.0.0.0/0
             low open-group-unreachable g ingress tcp/443 0.0.0.0/0",
        );
    }
}
