//! Routes to a peering connection that cover the whole peer.

use crate::audit::Context;
use crate::audit::reached::Reached;
use crate::audit::rule::{Check, Rule};
use crate::model::{
    Component, Destination, Direction, PeeringStatus, Route, RouteState, RouteTable, RouteTarget,
    VpcPeeringConnectionId,
};
use crate::net::{Cidr, IpSet};
use crate::reach::exposure::Reason;
use crate::record::{About, Finding, Severity};

pub(in crate::audit) const RULE: Rule = Rule {
    code: "peering-route-broad",
    title: "A route leads to the whole of a peer VPC",
    why: "A route to a peering connection that covers all of the peer's block, or more, lets every \
          subnet of the table talk to every subnet of the peer, as far as groups and ACLs let them. \
          A route to the subnets that are needed would keep the rest apart whatever the groups \
          say. It is how most peerings are made, so this is information.",
    fix: "Replace the route by routes to the subnets, or the addresses, that are needed.",
    severity: Severity::Info,
    check: Check::Network(check),
};

fn check(context: &Context<'_>, rule: &Rule, _: &Reached) -> Vec<Finding> {
    let mut found = Vec::new();
    for component in context.network.components.iter() {
        for (id, table) in component.route_tables.entries() {
            let broad: Vec<(usize, VpcPeeringConnectionId)> = table
                .routes
                .iter()
                .enumerate()
                .filter_map(|(at, route)| Some((at, broad(component, table, route)?)))
                .collect();
            let Some(&(_, peering)) = broad.first() else { continue };
            let peering = context.network.text(component.peerings[peering].id);
            let mut finding = context.finding(rule, &about(context, component, table));
            finding.title = match broad.as_slice() {
                [_] => format!("{} leads to the whole of a peer, over {peering}", finding.about.id),
                all => format!(
                    "{} leads to the whole of peers by {} routes, over {peering} and others",
                    finding.about.id,
                    all.len()
                ),
            };
            let reasons = broad.iter().map(|&(at, _)| Reason::Route(id, at));
            context.because(&mut finding, component, Direction::Egress, reasons);
            found.push(finding);
        }
    }
    found
}

fn about(context: &Context<'_>, component: &Component, table: &RouteTable) -> About {
    let vpc = &component.vpcs[table.vpc];
    let text = |id| context.network.text(id).to_owned();
    let mut about = About {
        kind: "route-table".to_owned(),
        id: text(table.id),
        account: text(vpc.owner),
        region: text(vpc.region),
        vpc: text(vpc.id),
        ..About::default()
    };
    context.stands(&mut about, table.place);
    about
}

/// The peering connection of a route that covers one of the peer's blocks.
fn broad(
    component: &Component,
    table: &RouteTable,
    route: &Route,
) -> Option<VpcPeeringConnectionId> {
    let RouteTarget::VpcPeeringConnection(id) = route.target else { return None };
    let peering = &component.peerings[id];
    if route.state == RouteState::Blackhole || peering.status == PeeringStatus::Inactive {
        return None;
    }
    let sides = [&peering.requester, &peering.accepter];
    let peer = sides.into_iter().find(|side| side.vpc != Some(table.vpc))?;
    let destination: IpSet = match route.destination? {
        Destination::Ipv4(prefix) => Cidr::V4(prefix).into(),
        Destination::Ipv6(prefix) => Cidr::V6(prefix).into(),
        Destination::PrefixList(list) => {
            component.prefix_lists[list].entries.as_ref()?.iter().copied().collect()
        }
    };
    let v4 = peer.ipv4.iter().map(|&prefix| IpSet::from(Cidr::V4(prefix)));
    let v6 = peer.ipv6.iter().map(|&prefix| IpSet::from(Cidr::V6(prefix)));
    v4.chain(v6).any(|block| block.is_subset(&destination)).then_some(id)
}

#[cfg(test)]
mod tests {
    use crate::audit::tests::codes;

    fn found(route: &str) -> Vec<String> {
        let mut found = codes(&format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             peering p v1 v2
             subnet s v1 10.0.1.0/24 route {route}->pcx:p"
        ));
        found.retain(|line| line.contains("peering"));
        found
    }

    #[test]
    fn the_whole_block_or_more_is_broad() {
        assert_eq!(found("10.1.0.0/16"), ["info peering-route-broad rtb-s"]);
        assert_eq!(found("10.0.0.0/8"), ["info peering-route-broad rtb-s"]);
        assert!(found("10.1.1.0/24").is_empty());
    }
}
