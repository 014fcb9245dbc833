//! Interface endpoints: what answers behind them, as sets of packets.
//!
//! An endpoint's interface is filtered as any, and lets on what its service answers. Of
//! an endpoint service of the estate that is what a Network Load Balancer's node in the
//! same zone passes to its targets with its own address, as far as the load balancer's
//! groups let the client in.

use std::sync::Arc;

use super::Engine;
use super::balancer::{Back, From, Passage, Ways, packets};
use super::filter::replies;
use super::sea::{filter_key, map};
use super::truth::Truth;
use crate::model::{
    Component, Direction, EndpointProvider, EndpointService, Interface, LoadBalancer,
    LoadBalancerId, LoadBalancerKind, NetworkInterfaceId, TextId, VpcEndpointId,
};
use crate::net::{Bounds, HeaderSpace, IpSetId, PortRange, Protocol, SpaceId};

/// Nodes of a load balancer, and whether they are in the zone in question.
type Near<'c> = Vec<(Truth, Interface<'c>)>;

impl Engine {
    /// What an interface of an endpoint lets on.
    pub(super) fn ways_behind(
        &mut self,
        component: &Component,
        endpoint: VpcEndpointId,
        interface: NetworkInterfaceId,
        v4: bool,
    ) -> Ways {
        let mut ways = Ways(Vec::new());
        let endpoint = &component.vpc_endpoints[endpoint];
        let available = match endpoint.available {
            Some(available) => Truth::from(available),
            None => Truth::Maybe,
        };
        if available == Truth::No {
            return ways;
        }
        self.icmp(true, &mut ways);
        let tcp = |ports| packets(Protocol::Tcp, ports);
        match &endpoint.behind {
            EndpointService::Unknown => self.may_answer(&mut ways),
            EndpointService::Api => {
                let https = self.space_of(&tcp(PortRange::single(443)), Bounds::ALL);
                ways.pour(available.of(&https), Back::all(), &mut self.sets);
                let http = self.space_of(&tcp(PortRange::single(80)), Bounds::UNKNOWN);
                ways.pour(http, Back::all(), &mut self.sets);
            }
            EndpointService::Provided(provider) => {
                let interface = component.interface(interface);
                self.provided(component, (provider, available), (interface, v4), &mut ways);
            }
        }
        ways
    }

    /// Anything that an endpoint carries, perhaps.
    fn may_answer(&mut self, ways: &mut Ways) {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let all = self.space_of(&packets(protocol, PortRange::ALL), Bounds::UNKNOWN);
            ways.pour(all, Back::all(), &mut self.sets);
        }
    }

    /// What an endpoint service of the estate answers.
    fn provided(
        &mut self,
        component: &Component,
        (provider, available): (&EndpointProvider, Truth),
        (interface, v4): (Interface<'_>, bool),
        ways: &mut Ways,
    ) {
        let (offered, found) = offered_by(component, (provider, available), interface);
        if found.is_empty() || found.iter().any(|(_, nodes)| nodes.is_empty()) {
            self.may_answer(ways);
        }
        for (id, nodes) in found {
            let balancer = &component.load_balancers[id];
            for (near, node) in nodes {
                let mut passed = Ways(Vec::new());
                let from = From::linked(balancer, node, v4);
                self.listeners(component, from, &mut passed);
                let passed = (offered.and(near), passed);
                self.linked(component, (balancer, node), passed, ways);
            }
        }
    }

    /// The ways on from an endpoint of a service of the estate to the own ports of targets.
    pub(super) fn passages_behind(
        &mut self,
        component: &Component,
        endpoint: VpcEndpointId,
        interface: NetworkInterfaceId,
        v4: bool,
    ) -> Vec<(LoadBalancerId, Passage)> {
        let endpoint = &component.vpc_endpoints[endpoint];
        let available = endpoint.available.map_or(Truth::Maybe, Truth::from);
        let mut passages = Vec::new();
        let EndpointService::Provided(provider) = &endpoint.behind else { return passages };
        if available == Truth::No {
            return passages;
        }
        let interface = component.interface(interface);
        let (offered, found) = offered_by(component, (provider, available), interface);
        for (id, nodes) in found {
            let balancer = &component.load_balancers[id];
            for (near, node) in nodes {
                let from = From::linked(balancer, node, v4);
                for passage in self.passages_on(component, from) {
                    let only = Ways(vec![(passage.back, passage.forward)]);
                    let mut linked = Ways(Vec::new());
                    let passed = (offered.and(near), only);
                    self.linked(component, (balancer, node), passed, &mut linked);
                    let ways = linked.0.into_iter();
                    passages.extend(
                        ways.map(|(back, forward)| (id, Passage { back, forward, ..passage })),
                    );
                }
            }
        }
        passages
    }

    /// What gets from an endpoint to a load balancer's node, and back.
    fn linked(
        &mut self,
        component: &Component,
        (balancer, node): (&LoadBalancer, Interface<'_>),
        (truth, passed): (Truth, Ways),
        ways: &mut Ways,
    ) {
        let gate = self.gate_of_node(component, balancer, node);
        let acl = self.ground.sites[node.subnet()].acl;
        let out = self.acl(acl, Direction::Egress);
        let out = map(out, &mut self.sets, replies);
        // Whether the ACL of the node's subnet is asked is not documented.
        let home = Bounds::between(out.certain(), SpaceId::REPLIES, &mut self.sets);
        let udp = HeaderSpace::of(&packets(Protocol::Udp, PortRange::ALL), IpSetId::ALL);
        let udp = self.sets.intern_space(udp);
        for (back, forward) in passed.0 {
            let forward = truth.of(&forward).intersection(&gate, &mut self.sets);
            // UDP is carried where both sides have IPv6 for it.
            let sure = self.sets.subtract_spaces(forward.certain(), udp);
            let forward = Bounds::between(sure, forward.possible(), &mut self.sets);
            let answers = back.answers.intersection(&home, &mut self.sets);
            ways.pour(forward, Back { answers, ..back }, &mut self.sets);
        }
    }

    /// The packets that a node takes from an endpoint, by its client.
    fn gate_of_node(
        &mut self,
        component: &Component,
        balancer: &LoadBalancer,
        node: Interface<'_>,
    ) -> Bounds<SpaceId> {
        let into = self.ground.sites[node.subnet()].acl;
        let into = self.acl(into, Direction::Ingress);
        let acl = Bounds::between(into.certain(), SpaceId::EVERYTHING, &mut self.sets);
        if balancer.filters_private_link == Some(false) {
            return acl;
        }
        let key = filter_key(component, node, Direction::Ingress);
        let (filter, _) = self.filter(key, Direction::Ingress);
        let mut admitted = filter.fixed;
        // Whether a rule that names a group means anybody there is not documented.
        for reference in &Arc::clone(&filter).references {
            let perhaps = Bounds::at_most(reference.packets.possible());
            admitted = admitted.union(&perhaps, &mut self.sets);
        }
        if balancer.filters_private_link.is_none() {
            admitted = Bounds::between(admitted.certain(), SpaceId::EVERYTHING, &mut self.sets);
        }
        admitted.intersection(&acl, &mut self.sets)
    }
}

/// Whether a service of the estate is offered to an endpoint's interface, and by which
/// nodes of which load balancers.
fn offered_by<'c>(
    component: &'c Component,
    (provider, available): (&EndpointProvider, Truth),
    interface: Interface<'_>,
) -> (Truth, Vec<(LoadBalancerId, Near<'c>)>) {
    let offered = match provider.available {
        Some(true) if !provider.contested => available,
        Some(_) | None => Truth::Maybe,
    };
    let near = |id| nodes_near(component, &component.load_balancers[id], interface);
    let found: Vec<_> = provider.load_balancers.iter().map(|&id| (id, near(id))).collect();
    let count: usize = found.iter().map(|(_, nodes)| nodes.len()).sum();
    let offered = if count > 1 { offered.and(Truth::Maybe) } else { offered };
    (offered, found)
}

/// The nodes of a load balancer in the zone of an endpoint's interface, as far as that is
/// known; none: it is not known what it does.
fn nodes_near<'c>(
    component: &'c Component,
    balancer: &LoadBalancer,
    interface: Interface<'_>,
) -> Near<'c> {
    let told = balancer.kind == LoadBalancerKind::Network
        && balancer.seen
        && !balancer.contested
        && balancer.listeners.is_some();
    if !told {
        return Vec::new();
    }
    let home = |vpc| {
        let vpc = &component.vpcs[vpc];
        vpc.seen.then_some((vpc.owner, vpc.region))
    };
    let zone_of = |subnet| {
        let zone = component.subnets[subnet].zone;
        (!zone.is_empty()).then_some(zone)
    };
    // The names of zones are those of an account in a Region.
    let (here, there) = (home(interface.vpc()), home(balancer.vpc));
    let own = zone_of(interface.subnet()).filter(|_| here.is_some() && here == there);
    let region = |home: Option<(TextId, TextId)>| home.map(|(_, region)| region);
    let same_region =
        region(here).is_some_and(|at| at != TextId::EMPTY) && region(here) == region(there);
    let near = |node: Interface<'_>| {
        let id_of = |subnet| component.subnets[subnet].zone_id;
        let (mine, theirs) = (id_of(interface.subnet()), id_of(node.subnet()));
        // Their ids are everybody's.
        if same_region && mine != TextId::EMPTY && theirs != TextId::EMPTY {
            return Truth::from(mine == theirs);
        }
        match (own, zone_of(node.subnet())) {
            (Some(own), Some(other)) => Truth::from(own == other),
            (None, _) | (_, None) => Truth::Maybe,
        }
    };
    let has_address = |node: &Interface<'_>| !node.ipv4().is_empty() || !node.ipv6().is_empty();
    let nodes = balancer.interfaces.iter().map(|&node| component.interface(node));
    let nodes = nodes.filter(has_address).map(|node| (near(node), node));
    nodes.filter(|(near, _)| *near != Truth::No).collect()
}
