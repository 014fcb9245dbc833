//! Services of AWS's in a VPC that have public addresses.

use std::collections::BTreeMap;

use crate::audit::Context;
use crate::audit::balancing::Crowd;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::audit::traffic::{Kind, Traffic};
use crate::model::{
    Component, ComponentId, Interface, NetworkInterfaceId, Service, ServiceKind, TextId,
};
use crate::net::{PortRange, Protocol};
use crate::reach::explain::Answer;
use crate::record::{Blocker, Blocks, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "service-publicly-accessible",
    title: "A service of AWS's in a VPC has a public address",
    why: "`PubliclyAccessible`, or whatever the service calls it, gives it addresses on the \
          internet; its security groups and routes are then all that is between. What is really \
          reachable decides. Where data is kept: high if everyone on the internet reaches it, \
          medium if some do or everyone may, low if nobody does, and `blocked_by` says what refuses them now; one \
          rule or route later nothing does. Of tasks, functions and desktops: low if everyone \
          reaches them, else information.",
    fix: "Turn public access off: clients in the VPC and in networks that are joined with it lose \
          nothing. Those outside come by a VPN, a bastion or an endpoint.",
    severity: Severity::High,
    check: Check::Network(check),
};

/// A service and its interfaces.
struct Public<'a> {
    component: &'a Component,
    service: &'a Service,
    interfaces: Vec<NetworkInterfaceId>,
}

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let mut all: BTreeMap<(ComponentId, TextId), Public<'_>> = BTreeMap::new();
    for (id, component) in context.network.components.entries() {
        for interface in component.interfaces.iter() {
            let services: Vec<&Service> = component.services_of(interface.index()).collect();
            // Nodes of Kubernetes are instances, which have a finding of their own.
            if interface.instance().is_some() {
                continue;
            }
            // Of several that an interface may be of, those that are said to be public.
            let flagged = |it: &&&Service| it.publicly_accessible == Some(true);
            let mut which: Vec<&Service> = services.iter().filter(flagged).copied().collect();
            if which.is_empty() && public_address(interface).is_some() {
                which.extend(services.first());
            }
            for service in which {
                let key = if service.id.is_empty() { interface.id() } else { service.id };
                let public = all.entry((id, key)).or_insert_with(|| Public {
                    component,
                    service,
                    interfaces: Vec::new(),
                });
                public.interfaces.push(interface.index());
            }
        }
    }
    all.iter()
        .filter_map(|(&(id, key), public)| finding(context, rule, reached, id, key, public))
        .collect()
}

fn finding(
    context: &Context<'_>,
    rule: &Rule,
    reached: &Reached,
    id: ComponentId,
    key: TextId,
    public: &Public<'_>,
) -> Option<Finding> {
    let Public { component, service, interfaces } = public;
    let &first = interfaces.first()?;
    let crowd = interfaces.iter().map(|&it| crowd(context, component, reached, it)).max()?;
    let mut about = context.about_interface(id, first);
    about.kind = service.kind.as_str().to_owned();
    context.network.text(key).clone_into(&mut about.id);
    context.network.text(service.name).clone_into(&mut about.name);
    context.stands(&mut about, service.place);
    let mut finding = context.finding(rule, &about);
    finding.severity = match (keeps_data(service.kind), crowd) {
        (true, Crowd::Everyone) => rule.severity,
        (true, Crowd::Perhaps | Crowd::Some) => Severity::Medium,
        (true, Crowd::Nobody) | (false, Crowd::Everyone) => Severity::Low,
        (false, Crowd::Perhaps | Crowd::Some | Crowd::Nobody) => Severity::Info,
    };
    if crowd == Crowd::Perhaps {
        finding.certainty = Certainty::Possible;
    }
    let address = interfaces.iter().find_map(|&it| public_address(component.interface(it)));
    let what = match address {
        Some(address) => format!("has the public address {address}"),
        None => "is set to be publicly accessible".to_owned(),
    };
    let whom = match crowd {
        Crowd::Everyone => "everyone on the internet reaches it",
        Crowd::Perhaps => "everyone on the internet may reach it",
        Crowd::Some => "some addresses of the internet may reach it",
        Crowd::Nobody => "nobody on the internet reaches it",
    };
    finding.title = format!("{} {what}, and {whom}", service.label(&context.network.text));
    if crowd == Crowd::Nobody {
        finding.blocked_by = proof(context, id, public).unwrap_or_default();
    }
    Some(finding)
}

/// What refuses a stranger's packet.
fn proof(context: &Context<'_>, id: ComponentId, public: &Public<'_>) -> Option<Vec<Blocker>> {
    let everyone: Blocks = ["0.0.0.0/0"].into_iter().collect();
    let from = context.stranger(&everyone)?;
    let port = public.service.ports.first().copied().unwrap_or(443);
    let traffic = Traffic { kind: Kind::Of(Protocol::Tcp), ports: PortRange::single(port) };
    public.interfaces.iter().find_map(|&it| match context.ask(from, (id, it), traffic)? {
        Answer::Closed(blockers) => Some(blockers),
        Answer::Open | Answer::Unknown => None,
    })
}

fn public_address(interface: Interface<'_>) -> Option<std::net::Ipv4Addr> {
    interface.ipv4().iter().find_map(|held| held.public).map(std::net::Ipv4Addr::from_bits)
}

fn crowd(
    context: &Context<'_>,
    component: &Component,
    reached: &Reached,
    interface: NetworkInterfaceId,
) -> Crowd {
    let id = context.network.text(component.interface(interface).id());
    match reached.get(id) {
        Some(at) if !at.surely.is_empty() => Crowd::Everyone,
        Some(at) if !at.everyone.is_empty() => Crowd::Perhaps,
        Some(at) if !at.anyone.is_empty() => Crowd::Some,
        Some(_) | None => Crowd::Nobody,
    }
}

/// Whether what is behind it is data, or the way of data.
fn keeps_data(kind: ServiceKind) -> bool {
    let carries = matches!(
        kind,
        ServiceKind::Msk
            | ServiceKind::Mq
            | ServiceKind::Efs
            | ServiceKind::Fsx
            | ServiceKind::Directory
    );
    kind.is_database() || carries
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::{check_all, of_code};

    fn database(from: &str, address: &str, words: &str) -> String {
        format!(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface d s 10.0.1.10 {address} groups=db description=RDSNetworkInterface requester=amazon-rds
             store orders rds v1 subnets=s groups=db port=5432 engine=postgres {words}
             group db v1 in tcp/5432 {from}; out none"
        )
    }

    #[test]
    fn what_is_reached_decides() {
        let public = "public=198.51.100.7";
        let found = "service-publicly-accessible rds/orders: RDS orders (PostgreSQL) has the public \
                     address 198.51.100.7, and";
        check_all(
            &database("any4", public, "public"),
            RULE.code,
            &format!("high {found} everyone on the internet reaches it"),
        );
        check_all(
            &database("203.0.113.0/24", public, "public"),
            RULE.code,
            &format!("medium {found} some addresses of the internet may reach it"),
        );
        check_all(
            &database("10.0.0.0/16", public, "public"),
            RULE.code,
            &format!("low {found} nobody on the internet reaches it"),
        );
    }

    #[test]
    fn a_flag_that_nobody_can_use_says_what_refuses() {
        let found = of_code(&database("10.0.0.0/16", "public=198.51.100.7", "public"), RULE.code);
        assert!(!found[0].blocked_by.is_empty(), "{found:?}");
    }

    #[test]
    fn without_flag_and_address_there_is_nothing() {
        check_all(&database("any4", "", ""), RULE.code, "");
    }

    #[test]
    fn a_task_with_an_address_is_told() {
        check_all(
            "vpc v1 10.0.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             interface t s 10.0.1.10 public=198.51.100.7 groups=g requester=578734482556 description=arn:aws:ecs:us-east-1:111122223333:attachment/8b35
             group g v1 in tcp/80 any4; out none",
            RULE.code,
            "low service-publicly-accessible t: ECS task has the public address 198.51.100.7, and \
             everyone on the internet reaches it",
        );
    }
}
