//! Groups that nothing wears and network ACLs without a subnet, judged by themselves.
//!
//! What they would open to everyone has the codes of what is open to everyone,
//! `attached: false`: one click attaches it, and it hides what is in use. An ACL
//! is judged by its inbound entries, and by its outbound ones as far as they let
//! answers go; a group by its inbound rules, since it lets answers go by itself.
//! An ACL opens nothing by itself: it is low at most.
//!
//! Where not all interfaces are listed that may wear a group, nobody can say
//! that nothing does: then it is possibly open, as if in use. What such a group
//! lets *out* is told of nobody: AWS's default is everything, which each new
//! group has, and nobody sends anything through a group that nothing wears.

use super::alone::{Alone, wearers, wearers_are_known};
use super::traffic::{Kind, Traffic};
use super::{Context, open};
use crate::model::{Component, ComponentId, Listing, NetworkAclId};
use crate::net::{CLIENT_PORTS, IpSets, PortSet, Protocol};
use crate::reach::engine::Engine;
use crate::record::{About, Certainty, Finding, Severity};

/// The findings about everything that is not in use.
pub(super) fn findings(context: &Context<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, component) in context.network.components.entries() {
        groups(context, component, &mut found);
        acls(context, id, component, &mut found);
    }
    found
}

fn groups(context: &Context<'_>, component: &Component, found: &mut Vec<Finding>) {
    let worn = wearers(component);
    // Of a component without interfaces that lacks their listing, the records
    // of `ports` tell what its groups admit.
    let told = component.interfaces.iter().all(|interface| !interface.seen());
    let mut sets = IpSets::new();
    for (id, group) in component.security_groups.entries() {
        if !group.seen || worn.contains_key(&id) {
            continue;
        }
        let known = wearers_are_known(component, id);
        let scope = &component.scopes[component.vpcs[group.vpc].scope];
        if !known && told && !scope.listings.contains(Listing::NetworkInterfaces) {
            continue;
        }
        let mut alone = context.groups_alone(component, &[id], &mut sets);
        if !known {
            alone.iter_mut().for_each(|it| it.certainty = Certainty::Possible);
        }
        found.extend(about(context, &context.about_group(component, id), &alone, !known));
    }
}

fn acls(context: &Context<'_>, id: ComponentId, component: &Component, found: &mut Vec<Finding>) {
    let unused: Vec<NetworkAclId> =
        component.network_acls.ids().filter(|&acl| has_no_subnet(component, acl)).collect();
    if unused.is_empty() {
        return;
    }
    let mut engine = Engine::new(context.network, &context.world, id);
    for acl in unused {
        let alone = context.acl_alone(&mut engine, component, acl);
        let mut open = about(context, &context.about_acl(component, acl), &alone, false);
        for finding in &mut open {
            // An ACL needs such an entry for the replies to its hosts' own connections,
            // and nobody can delete the default ACL, which AWS makes so.
            let replies = is_for_replies(Traffic::read(&finding.protocol, &finding.ports));
            let usual = replies || component.network_acls[acl].is_default;
            // It opens nothing by itself, in use or not.
            let most = if usual { Severity::Info } else { Severity::Low };
            finding.severity = finding.severity.min(most);
        }
        found.extend(open);
    }
}

fn about(context: &Context<'_>, about: &About, alone: &[Alone], attached: bool) -> Vec<Finding> {
    let open: Vec<_> = alone.iter().map(|it| it.open(context)).collect();
    open::findings(context, about, &open, attached, &PortSet::empty())
}

/// Whether it is what ACLs let in so that replies arrive, and nothing else.
fn is_for_replies(traffic: Traffic) -> bool {
    let ports = matches!(traffic.kind, Kind::Of(Protocol::Tcp | Protocol::Udp));
    ports && traffic.ports.first() >= CLIENT_PORTS.first() && traffic.ports.last() == u16::MAX
}

/// Whether an ACL surely filters no subnet. AWS lists the default ACL's subnets
/// like those of others; where a source does not, those without an ACL have it.
fn has_no_subnet(component: &Component, id: NetworkAclId) -> bool {
    let acl = &component.network_acls[id];
    if !acl.subnets.is_empty() {
        return false;
    }
    if !acl.is_default {
        return true;
    }
    let listed =
        |listing| component.scopes[component.vpcs[acl.vpc].scope].listings.contains(listing);
    let has_one = |subnet| component.network_acls.iter().any(|acl| acl.subnets.contains(&subnet));
    let mut subnets = component.subnets.entries().filter(|(_, subnet)| subnet.vpc == acl.vpc);
    listed(Listing::Subnets) && subnets.all(|(subnet, _)| has_one(subnet))
}

#[cfg(test)]
mod tests {
    use crate::audit::AuditOptions;
    use crate::audit::tests::{check, check_declared, web};

    /// Next to a host that has nothing open.
    fn beside(lines: &str) -> String {
        web(&format!("group g v1 in tcp/22 203.0.113.0/24\n{lines}"))
    }

    #[test]
    fn a_group_that_nothing_wears_is_low() {
        let text = beside("group spare v1 in tcp/5432 any4; in tcp/80 any");
        check(
            &text,
            "low database-open-to-internet spare ingress tcp/5432 0.0.0.0/0 unattached
             info port-open-to-internet spare ingress tcp/80 0.0.0.0/0 ::/0 unattached",
        );
        check_declared(
            &text,
            "critical database-open-to-internet spare ingress tcp/5432 0.0.0.0/0 unattached
             info port-open-to-internet spare ingress tcp/80 0.0.0.0/0 ::/0 unattached",
        );
        assert!(!AuditOptions::default().declared);
    }

    #[test]
    fn halves_and_lists_count_in_a_group_that_nothing_wears() {
        check(
            &beside(
                "list all 0.0.0.0/0
                 group spare v1 in tcp/22 0.0.0.0/1,128.0.0.0/1; in tcp/3389 list:all; in udp/53 list:gone",
            ),
            "low administration-open-to-internet spare ingress tcp/22 0.0.0.0/0 unattached
             low administration-open-to-internet spare ingress tcp/3389 0.0.0.0/0 unattached
             low port-open-to-internet spare ingress udp/53 0.0.0.0/0 ::/0 unattached",
        );
    }

    #[test]
    fn everything_is_one_finding_and_a_default_way_out_is_none() {
        check(
            &beside("group spare v1 in all any; out all any"),
            "low all-ports-open-to-internet spare ingress any/any 0.0.0.0/0 ::/0 unattached",
        );
        check(&beside("group spare v1 in all group:spare; out all any"), "");
    }

    #[test]
    fn nobody_knows_who_wears_a_group_if_interfaces_are_not_listed() {
        // Only the other account lists its interfaces.
        check(
            &beside(
                "scope 444455556666/us-east-1
                 missing describe-network-interfaces
                 vpc v2 10.1.0.0/16
                 subnet t v2 10.1.1.0/24
                 group spare v2 in tcp/22 any4; in tcp/23 group:g
                 peering p v1 v2",
            ),
            "high administration-open-to-internet spare ingress tcp/22 0.0.0.0/0",
        );
    }

    #[test]
    fn an_acl_without_a_subnet_is_judged_with_its_answers() {
        check(
            &beside(
                "acl spare v1 in 100 allow tcp/22 0.0.0.0/0; out 100 allow tcp/1024-65535 0.0.0.0/0",
            ),
            "low administration-open-to-internet spare ingress tcp/22 0.0.0.0/0 unattached",
        );
        // A group must let in what an ACL lets in, also in a source that says what will be.
        check_declared(
            &beside("acl spare v1 in 100 allow tcp/22 any4; out 100 allow all any4"),
            "low administration-open-to-internet spare ingress tcp/22 0.0.0.0/0 unattached",
        );
        // Nobody's answers get out, or a lower number denies.
        check(&beside("acl spare v1 in 100 allow tcp/22 any; out 100 allow tcp/443 any"), "");
        check(
            &beside(
                "acl spare v1 in 90 deny tcp/22 any; in 100 allow tcp/20-30 any; out 1 allow all any",
            ),
            "low plaintext-service-open-to-internet spare ingress tcp/20-21 0.0.0.0/0 ::/0 unattached
             low plaintext-service-open-to-internet spare ingress tcp/23 0.0.0.0/0 ::/0 unattached
             low internal-service-open-to-internet spare ingress tcp/25 0.0.0.0/0 ::/0 unattached
             low port-open-to-internet spare ingress tcp/24 0.0.0.0/0 ::/0 unattached
             low port-open-to-internet spare ingress tcp/26-30 0.0.0.0/0 ::/0 unattached",
        );
    }

    #[test]
    fn replies_to_the_hosts_of_an_acl_without_a_subnet_are_information() {
        check(
            &beside("acl spare v1 in 100 allow tcp/1024-65535 any4; out 100 allow all any4"),
            "info port-range-open-to-internet spare ingress tcp/1024-65535 0.0.0.0/0 unattached",
        );
    }

    #[test]
    fn a_default_acl_is_in_use_if_a_subnet_has_no_other() {
        check(
            "vpc v1 10.0.0.0/16
             acl own v1
             subnet s v1 10.0.1.0/24 acl=own",
            "info all-ports-open-to-internet acl-v1 ingress any/any 0.0.0.0/0 ::/0 unattached",
        );
        check(
            "vpc v1 10.0.0.0/16
             acl own v1
             subnet s v1 10.0.1.0/24
             subnet t v1 10.0.2.0/24 acl=own",
            "",
        );
    }
}
