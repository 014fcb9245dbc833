//! File systems of AWS's in a subnet with a route to an internet gateway.

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{Direction, ServiceKind};
use crate::reach::exposure::Reason;
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "file-system-in-public-subnet",
    title: "A file system is in a public subnet",
    why: "A mount target of EFS has no public address by itself, and the hosts around it in a \
          public subnet have: whoever takes one of them over stands beside the files, and the \
          subnet's ACL has to let strangers in for their sake. Found for EFS and FSx in subnets \
          whose route table leads to an internet gateway.",
    fix: "Make the mount target in a subnet whose table has no route to an internet gateway; hosts \
          of the same zone use it from there as well.",
    severity: Severity::Low,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        for interface in component.interfaces.iter().filter(|it| it.seen()) {
            let mut services = component.services_of(interface.index());
            let of_files = |kind| matches!(kind, ServiceKind::Efs | ServiceKind::Fsx);
            let Some(service) = services.find(|it| of_files(it.kind)) else { continue };
            let ground = context.layout.component(id).subnets[interface.subnet()];
            let (Some(table), Some(route)) = (ground.table, ground.public) else { continue };
            let subnet = &component.subnets[interface.subnet()];
            let subnet = super::called(&About {
                id: context.network.text(subnet.id).to_owned(),
                name: context.network.text(subnet.name).to_owned(),
                ..About::default()
            });
            let about = context.about_interface(id, interface.index());
            let mut finding = context.finding(rule, &about);
            finding.title = format!(
                "{} ({}) is in a public subnet, {subnet}",
                about.id,
                service.label(&context.network.text)
            );
            let route = Reason::Route(table, route);
            context.because(&mut finding, component, Direction::Egress, [route]);
            found.push(finding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::check_all;

    #[test]
    fn a_route_to_an_internet_gateway_makes_it_public() {
        let estate = |route: &str| {
            format!(
                "vpc v1 10.0.0.0/16 igw
                 subnet s v1 10.0.1.0/24 {route}
                 interface m s 10.0.1.10 groups=nfs type=efs description=EFS_mount_target_for_fs-0a1b
                 group nfs v1 in tcp/2049 10.0.0.0/16; out none"
            )
        };
        check_all(
            &estate("route 0.0.0.0/0->igw"),
            RULE.code,
            "low file-system-in-public-subnet m: m (EFS fs-0a1b) is in a public subnet, s",
        );
        check_all(&estate("route 0.0.0.0/0->nat:n"), RULE.code, "");
    }
}
