//! Accounts and regions in which nothing blocks public access as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{
    BlockMode, BlockPublicAccess, Component, ComponentId, NetworkInterfaceId, Place, Scope,
    ScopeId, TextId,
};
use crate::reach::exposure::{PortsOptions, SourcesMode, ports};
use crate::record::{About, Audience, Certainty, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "block-public-access-off",
    title: "Block Public Access of VPCs is off",
    why: "VPC Block Public Access closes all internet gateways of an account in a region, whatever \
          groups, ACLs and routes say; what is meant to be public is excluded by VPC or subnet. So \
          no mistake opens anything elsewhere. The title says what turning it on would close today, \
          judged in a copy of the estate in which it is on (bidirectional, with the exclusions that \
          are known).\n\n\
          It is possible only where the source does not show whether it is on.",
    fix: "Exclude the VPCs and subnets that are meant to be public, then turn it on. In mode \
          `block-bidirectional` it closes the way out through NAT gateways and egress-only gateways \
          too; `block-ingress` leaves it open.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, reached: &Reached) -> Vec<Finding> {
    let off = off(context);
    if off.is_empty() {
        return Vec::new();
    }
    let closing = closing(context, &off, reached);
    let found = off.into_iter().map(|((account, region), of)| {
        let text = |id| context.network.text(id).to_owned();
        let mut about = About {
            kind: "account".to_owned(),
            id: format!("{}/{}", text(account), text(region)),
            account: text(account),
            region: text(region),
            ..About::default()
        };
        if let Some(place) = of.place {
            context.stands(&mut about, place);
        }
        let mut finding = context.finding(rule, &about);
        let count = |number: usize, one: &str, many: &str| match number {
            0 => format!("no {one}"),
            1 => format!("1 {one}"),
            _ => format!("{number} {many}"),
        };
        let (mut ports, mut interfaces) = (0_usize, 0_usize);
        for (at, closed) in &closing {
            if of.scopes.contains(at) {
                ports = ports.saturating_add(closed.0);
                interfaces = interfaces.saturating_add(closed.1);
            }
        }
        let state = if of.known { "is off" } else { "may be off" };
        finding.certainty = if of.known { Certainty::Certain } else { Certainty::Possible };
        finding.title = format!(
            "Block Public Access {state} in {}: turning it on would close {} of {}",
            about.id,
            count(ports, "open port range", "open port ranges"),
            count(interfaces, "interface", "interfaces"),
        );
        finding
    });
    found.collect()
}

/// An account in a region that does not block.
#[derive(Default)]
struct Off {
    scopes: BTreeSet<(ComponentId, ScopeId)>,
    /// Whether it is surely off.
    known: bool,
    place: Option<Place>,
}

/// Accounts in regions that have VPCs with internet gateways and do not block.
fn off(context: &Context<'_>) -> BTreeMap<(TextId, TextId), Off> {
    let mut all: BTreeMap<(TextId, TextId), Off> = BTreeMap::new();
    for (id, component) in context.network.components.entries() {
        let mut online = BTreeSet::new();
        for gateway in component.internet_gateways.iter() {
            let attached = gateway.attachments.iter().filter(|at| at.attached);
            online.extend(attached.map(|at| component.vpcs[at.vpc].scope));
        }
        for scope in online {
            let facts = &component.scopes[scope];
            let Some(known) = is_off(facts) else { continue };
            let off = all.entry((facts.account, facts.region)).or_default();
            off.known = known;
            off.place = facts.block_public_access.as_ref().map(|it| it.place);
            off.scopes.insert((id, scope));
        }
    }
    all
}

/// Whether it is surely off; none if it is on.
fn is_off(scope: &Scope) -> Option<bool> {
    match scope.block_public_access.as_ref().map(|it| it.mode) {
        Some(BlockMode::Off) => Some(true),
        Some(BlockMode::Unknown) | None => Some(false),
        Some(BlockMode::Bidirectional | BlockMode::Ingress) => None,
    }
}

type Closing = BTreeMap<(ComponentId, ScopeId), (usize, usize)>;

/// How many port ranges of how many interfaces would close, by the scope of
/// the subnet.
fn closing(
    context: &Context<'_>,
    off: &BTreeMap<(TextId, TextId), Off>,
    reached: &Reached,
) -> Closing {
    let scopes: BTreeSet<(ComponentId, ScopeId)> =
        off.values().flat_map(|off| off.scopes.iter().copied()).collect();
    let mut open: BTreeMap<String, (ComponentId, ScopeId, usize)> = BTreeMap::new();
    let mut asked: BTreeSet<(ComponentId, NetworkInterfaceId)> = BTreeSet::new();
    let mut network = context.network.clone();
    let components: BTreeSet<ComponentId> = scopes.iter().map(|&(id, _)| id).collect();
    for id in components {
        let component = &context.network.components[id];
        let nothing_left = closes_all((id, component), &scopes);
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            let name = context.network.text(interface.id());
            let scope = component.subnets[interface.subnet()].scope;
            let anyone = reached.get(name).map_or(0, |at| at.anyone.len());
            if anyone > 0 && scopes.contains(&(id, scope)) {
                if !nothing_left {
                    asked.insert((id, interface.index()));
                }
                open.insert(name.to_owned(), (id, scope, anyone));
            }
        }
        if nothing_left {
            continue;
        }
        let copy = Arc::make_mut(&mut network.components[id]);
        for (_, scope) in scopes.iter().filter(|(of, _)| *of == id) {
            let scope = &mut copy.scopes[*scope];
            scope.block_public_access = Some(BlockPublicAccess {
                mode: BlockMode::Bidirectional,
                place: Place::default(),
                // Where they are not known, none is the measure.
                exclusions: scope
                    .block_public_access
                    .as_ref()
                    .and_then(|it| it.exclusions.clone())
                    .or_else(|| Some(Vec::new())),
            });
        }
    }
    let options = PortsOptions {
        to: Some(asked),
        audiences: Some(BTreeSet::from([Audience::Internet])),
        sources: SourcesMode::Rules,
        ..PortsOptions::default()
    };
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    let of = |records: Vec<crate::record::Port>| {
        records.first().map(|first| (first.interface.clone(), records.len()))
    };
    ports(&network, context.locate, &options, &of, &mut |some| left.extend(some));
    let mut closing = Closing::new();
    for (name, (component, scope, before)) in open {
        let closed = before.saturating_sub(left.get(&name).copied().unwrap_or(0));
        if closed > 0 {
            let (ports, interfaces) = closing.entry((component, scope)).or_default();
            *ports = ports.saturating_add(closed);
            *interfaces = interfaces.saturating_add(1);
        }
    }
    closing
}

/// Whether Block Public Access would close all internet gateways to a component: it is
/// off in all scopes of its subnets, and excludes none of these.
fn closes_all(
    (id, component): (ComponentId, &Component),
    scopes: &BTreeSet<(ComponentId, ScopeId)>,
) -> bool {
    component.subnets.iter().all(|subnet| {
        let block = component.scopes[subnet.scope].block_public_access.as_ref();
        let mut excluded = block.into_iter().flat_map(|block| block.exclusions.iter().flatten());
        let vpc = component.vpcs[subnet.vpc].id;
        scopes.contains(&(id, subnet.scope))
            && !excluded.any(|it| it.resource == subnet.id || it.resource == vpc)
    })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::audit::tests::of_code;

    fn titles(bpa: &str) -> Vec<String> {
        let text = format!(
            "{bpa}
             vpc v1 10.0.0.0/16 igw
             vpc v2 10.1.0.0/16 igw
             subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
             subnet t v2 10.1.1.0/24 route 0.0.0.0/0->igw
             group g v1 in tcp/443 any4; in tcp/22 203.0.113.0/24; in tcp/5432 10.0.0.0/8
             group h v2 in tcp/443 any4
             interface a s 10.0.1.10 public=198.51.100.7 groups=g
             interface b t 10.1.1.10 public=198.51.100.8 groups=h
             interface c t 10.1.1.11 groups=h"
        );
        of_code(&text, RULE.code).into_iter().map(|it| it.title).collect()
    }

    #[test]
    fn what_turning_it_on_would_close_is_told() {
        let off = "Block Public Access is off in 111122223333/us-east-1: turning it on would close";
        assert_eq!(titles("bpa off"), [format!("{off} 3 open port ranges of 2 interfaces")]);
        assert_eq!(
            titles("bpa off exclude=v1:bidirectional"),
            [format!("{off} 1 open port range of 1 interface")]
        );
        let may = off.replace("is off", "may be off");
        assert_eq!(titles(""), [format!("{may} 3 open port ranges of 2 interfaces")]);
        assert_eq!(
            titles("bpa off exclusions-unknown"),
            [format!("{off} 3 open port ranges of 2 interfaces")]
        );
        assert_eq!(titles("bpa unknown"), [format!("{may} 3 open port ranges of 2 interfaces")]);
    }

    #[test]
    fn where_it_is_on_nothing_is_told() {
        assert_eq!(titles("bpa ingress"), Vec::<String>::new());
        assert_eq!(titles("bpa bidirectional exclude=v1:bidirectional"), Vec::<String>::new());
    }
}
