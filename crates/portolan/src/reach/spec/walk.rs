//! The ends of a flow and the private ways between them.

use std::net::IpAddr;

use super::balancer::{Onward, target_of};
use super::filter::{self, Headers, Identity};
use super::nat::translated_elsewhere;
use super::route::{self, Hop};
use super::trace::{Part, Stage, Step};
use super::{End, Flow, Ternary, Trace};
use crate::model::{
    Assumption, Attachment, Component, ComponentId, Direction, InstanceState, Interface,
    InterfaceKind, LimitationCode, Listing, Network, NetworkInterfaceId, Place, PublicOwner,
    SubnetId, TextId, VpcId,
};
use crate::net::{Packet, Protocol};
use crate::record::Way;

/// One packet, or its reply, on its way.
pub(super) struct Walk<'n> {
    pub(super) network: &'n Network,
    pub(super) flow: &'n Flow,
    client_port: u16,
    /// How the receiver, a load balancer, hands the packet on.
    pub(super) onward: Option<Onward<'n>>,
    pub(super) trace: Trace,
}

/// An interface at one of its addresses.
#[derive(Clone, Copy)]
pub(super) struct Side<'n> {
    pub(super) at: ComponentId,
    pub(super) component: &'n Component,
    pub(super) interface: Interface<'n>,
    pub(super) address: IpAddr,
}

impl<'n> Side<'n> {
    pub(super) fn of(
        network: &'n Network,
        at: ComponentId,
        interface: NetworkInterfaceId,
        address: IpAddr,
    ) -> Self {
        let component: &Component = &network.components[at];
        Self { at, component, interface: component.interface(interface), address }
    }

    pub(super) fn subnet(self) -> SubnetId {
        self.interface.subnet()
    }

    pub(super) fn vpc(self) -> VpcId {
        self.interface.vpc()
    }

    pub(super) fn same_vpc(self, other: Self) -> bool {
        self.at == other.at && self.vpc() == other.vpc()
    }

    pub(super) fn same_subnet(self, other: Self) -> bool {
        self.at == other.at && self.subnet() == other.subnet()
    }

    pub(super) fn step(self, component: &'static str, action: &'static str, stage: Stage) -> Step {
        Step {
            component,
            id: self.interface.id(),
            part: Part::Whole,
            action,
            stage,
            place: Some(self.interface.place()),
            towards: TextId::EMPTY,
        }
    }
}

impl<'n> Walk<'n> {
    pub(super) fn new(network: &'n Network, flow: &'n Flow, client_port: u16) -> Self {
        Self { network, flow, client_port, onward: None, trace: Trace::default() }
    }

    /// What a filter sees of the packet (or the reply), with this far side.
    pub(super) fn headers(&self, far: IpAddr) -> Headers {
        let packet = Packet {
            source: self.flow.from.address(),
            destination: self.flow.to.address(),
            protocol: self.flow.protocol,
            selector: self.flow.selector,
            source_port: self.client_port,
        };
        let selector = match self.trace.way {
            Way::Forward => packet.selector,
            Way::Reply => packet.reply().selector,
        };
        Headers { protocol: packet.protocol, selector, far }
    }

    /// Whether the packet arrives.
    pub(super) fn forward(&mut self) -> Ternary {
        let (from, to) = (self.flow.from, self.flow.to);
        if let Some(refused) = self.wrong_family(from.address(), to.address()) {
            return refused;
        }
        match (self.sender(from), self.receiver(to)) {
            (Some(x), Some(y)) => match to {
                End::Public(_) => self.hairpin(x, Some(y), to.address()),
                End::Interface { .. }
                | End::NatGateway { .. }
                | End::Vpc { .. }
                | End::Internet(_)
                | End::Network(_)
                | End::AmazonService(_) => self.pair(x, y),
            },
            (Some(x), None) => self.outward(x, to),
            (None, Some(y)) => self.inward(from, y, to),
            (None, None) => self.neither(from, to),
        }
    }

    /// Whether the reply comes home.
    pub(super) fn reply(&mut self) -> Ternary {
        let (from, to) = (self.flow.from, self.flow.to);
        match (self.sender(from), self.receiver(to)) {
            (Some(x), Some(y)) => match to {
                End::Public(_) => self.hairpin_reply(x, Some(y), to.address()),
                End::Interface { .. }
                | End::NatGateway { .. }
                | End::Vpc { .. }
                | End::Internet(_)
                | End::Network(_)
                | End::AmazonService(_) => {
                    self.pair_reply(x, y).and(self.handed_back(y, x.address))
                }
            },
            (Some(x), None) => self.outward_reply(x, to),
            (None, Some(y)) => self.inward_reply(from, y).and(self.handed_back(y, from.address())),
            (None, None) => Ternary::Yes,
        }
    }

    fn sender(&self, end: End) -> Option<Side<'n>> {
        match end {
            End::Interface { component, interface, address } => {
                Some(Side::of(self.network, component, interface, address))
            }
            End::Public(_)
            | End::NatGateway { .. }
            | End::Vpc { .. }
            | End::Internet(_)
            | End::Network(_)
            | End::AmazonService(_) => None,
        }
    }

    /// The interface that receives, also behind a public address.
    pub(super) fn receiver(&self, end: End) -> Option<Side<'n>> {
        match end {
            End::Public(public) => {
                self.network.public_owners(public).find_map(|owner| match owner {
                    PublicOwner::Interface { component, interface, private } => {
                        let address = IpAddr::V4(std::net::Ipv4Addr::from_bits(private));
                        Some(Side::of(self.network, component, interface, address))
                    }
                    PublicOwner::NatGateway { .. }
                    | PublicOwner::LoadBalancer { .. }
                    | PublicOwner::Unassociated
                    | PublicOwner::Elsewhere { .. } => None,
                })
            }
            End::Interface { .. }
            | End::NatGateway { .. }
            | End::Vpc { .. }
            | End::Internet(_)
            | End::Network(_)
            | End::AmazonService(_) => self.sender(end),
        }
    }

    /// ICMP belongs to IPv4 and ICMPv6 to IPv6, and no packet changes its family.
    fn wrong_family(&mut self, from: IpAddr, to: IpAddr) -> Option<Ternary> {
        let wrong = match self.flow.protocol {
            Protocol::Icmp => from.is_ipv6() || to.is_ipv6(),
            Protocol::Icmpv6 => from.is_ipv4() || to.is_ipv4(),
            Protocol::Tcp | Protocol::Udp | Protocol::Other(_) => from.is_ipv4() != to.is_ipv4(),
        };
        wrong.then(|| {
            let step = nothing("packet", "deny", Stage::Egress);
            self.trace.refuse("PROTOCOL_FAMILY_MISMATCH", step)
        })
    }

    // ---- hosts ----

    /// Whether a host is there: attached, and running.
    pub(super) fn host(&mut self, side: Side<'n>, stage: Stage) -> Ternary {
        let interface = side.interface;
        if interface.contested() {
            return self.trace.unknown(filter::contested(interface), interface.id());
        }
        let attached = match interface.attachment() {
            Attachment::Attached => Ternary::Yes,
            Attachment::Detached => self
                .trace
                .refuse("INTERFACE_NOT_ATTACHED", side.step("network-interface", "deny", stage)),
            Attachment::Unknown if interface.unlisted().is_some() => {
                self.trace.unknown(LimitationCode::UnlistedService, interface.id())
            }
            Attachment::Unknown => {
                self.trace.unknown(LimitationCode::UnreadableValue, interface.id())
            }
        };
        // What is certain needs the blocks of the VPC.
        let vpc = &side.component.vpcs[side.vpc()];
        let attached = if vpc.seen {
            attached
        } else {
            attached.and(self.trace.unknown(LimitationCode::UnknownVpc, vpc.id))
        };
        let Some(instance) = interface.instance() else { return attached };
        let instance = &side.component.instances[instance];
        let running = match instance.state {
            InstanceState::Running => Ternary::Yes,
            InstanceState::NotCollected => {
                self.trace.assumptions.insert(Assumption::InstancesRunning);
                Ternary::Yes
            }
            InstanceState::Stopped => {
                let step = Step {
                    id: instance.id,
                    place: Some(instance.place),
                    ..side.step("instance", "deny", stage)
                };
                self.trace.refuse("HOST_STOPPED", step)
            }
            InstanceState::Unknown => {
                self.trace.unknown(LimitationCode::UnreadableValue, instance.id)
            }
        };
        attached.and(running)
    }

    /// Whether packets may begin or end at an interface of this kind.
    pub(super) fn kind(&mut self, side: Side<'n>, stage: Stage) -> Ternary {
        let id = side.interface.id();
        match side.interface.kind() {
            InterfaceKind::Host => Ternary::Yes,
            // It takes part only in connections that it translates.
            InterfaceKind::NatGateway => self
                .trace
                .refuse("NAT_GATEWAY_UNSOLICITED", side.step("nat-gateway", "deny", stage)),
            InterfaceKind::LoadBalancer => self.trace.unknown(LimitationCode::LoadBalancer, id),
            // It passes on what is routed to its transit gateway and has no ports.
            InterfaceKind::TransitGateway => self
                .trace
                .refuse("TGW_ATTACHMENT_UNSOLICITED", side.step("transit-gateway", "deny", stage)),
            // It answers, and begins nothing.
            InterfaceKind::VpcEndpoint
                if stage == Stage::Egress
                    && side.component.endpoint_of(side.interface.index()).is_some() =>
            {
                self.trace
                    .refuse("VPC_ENDPOINT_UNSOLICITED", side.step("vpc-endpoint", "deny", stage))
            }
            InterfaceKind::VpcEndpoint => self.trace.unknown(LimitationCode::EndpointService, id),
            InterfaceKind::Managed => self.trace.unknown(LimitationCode::ManagedInterface, id),
            // It takes part only in connections that people open through it.
            InterfaceKind::RemoteAccess if stage == Stage::Ingress => self
                .trace
                .refuse("REMOTE_ACCESS_UNSOLICITED", side.step("network-interface", "deny", stage)),
            InterfaceKind::RemoteAccess => {
                match side.component.remote_endpoint_of(side.interface.index()) {
                    Some(_) => Ternary::Yes,
                    None => self.trace.unknown(LimitationCode::RemoteAccess, id),
                }
            }
        }
    }

    /// What every packet from an interface must pass before it is routed.
    pub(super) fn leave(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        identity: Identity,
        crosses: bool,
    ) -> Ternary {
        let mut verdict = self.host(x, Stage::Egress).and(self.kind(x, Stage::Egress));
        verdict = verdict.and(self.admits_people(x, far));
        let headers = self.headers(far);
        let groups = filter::groups(
            x.component,
            x.interface,
            Direction::Egress,
            headers,
            identity,
            &mut self.trace,
        );
        verdict = verdict.and(groups);
        if crosses {
            verdict = verdict.and(self.acl(x.component, x.subnet(), Stage::Egress, far));
        }
        verdict
    }

    /// What every packet to an interface must pass once it has come.
    pub(super) fn arrive(
        &mut self,
        y: Side<'n>,
        far: IpAddr,
        identity: Identity,
        crosses: bool,
    ) -> Ternary {
        let mut verdict = Ternary::Yes;
        if crosses {
            verdict = self.acl(y.component, y.subnet(), Stage::Ingress, far);
        }
        let headers = self.headers(far);
        let groups = filter::groups(
            y.component,
            y.interface,
            Direction::Ingress,
            headers,
            identity,
            &mut self.trace,
        );
        let there = self.host(y, Stage::Ingress);
        let answered = match self.onward {
            Some(onward) => self.hand_on(y, far, onward),
            None => self.kind(y, Stage::Ingress),
        };
        verdict.and(groups).and(there).and(answered)
    }

    pub(super) fn acl(
        &mut self,
        component: &Component,
        subnet: SubnetId,
        stage: Stage,
        far: IpAddr,
    ) -> Ternary {
        filter::acl(component, subnet, stage, self.headers(far), &mut self.trace)
    }

    /// Evaluates without noting hops and refusals; what could not be known is kept.
    pub(super) fn unnoted(&mut self, evaluate: impl FnOnce(&mut Self) -> Ternary) -> Ternary {
        let before = self.trace.clone();
        let verdict = evaluate(self);
        let after = std::mem::replace(&mut self.trace, before);
        if verdict != Ternary::No {
            self.trace.limitations.extend(after.limitations);
        }
        verdict
    }

    /// Notes why a way is dark; whether it is.
    pub(super) fn dark(&mut self, component: &Component, hop: Hop) -> bool {
        match route::dark(component, hop) {
            Some((code, about)) => {
                if !matches!(hop, Hop::Anywhere | Hop::Beyond) {
                    self.trace.unknown(code, about);
                }
                true
            }
            None => false,
        }
    }

    pub(super) fn hidden_unnoted(&self, component: &Component, hop: Hop, far: IpAddr) -> bool {
        route::dark(component, hop).is_some() || translated_elsewhere(component, hop, far).is_some()
    }

    /// The route leads, but not to there.
    pub(super) fn refuse_route(&mut self, code: &'static str, at: Side<'n>) -> Ternary {
        let subnet = &at.component.subnets[at.subnet()];
        let step = Step {
            component: "subnet",
            id: subnet.id,
            part: Part::Whole,
            action: "deny",
            stage: Stage::Egress,
            place: Some(subnet.place),
            towards: TextId::EMPTY,
        };
        self.trace.refuse(code, step)
    }

    /// What `public_access` and hosts need: nothing is known of this listing.
    pub(super) fn listing_missing(
        &self,
        component: &Component,
        vpc: VpcId,
        listing: Listing,
    ) -> bool {
        !component.scopes[component.vpcs[vpc].scope].listings.contains(listing)
    }
}

/// Whether the address is one of the interface's.
pub(super) fn holds(interface: Interface<'_>, address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let address = address.to_bits();
            interface.ipv4().iter().any(|held| held.first <= address && address <= held.last)
        }
        IpAddr::V6(address) => {
            let address = address.to_bits();
            interface.ipv6().iter().any(|held| held.first <= address && address <= held.last)
        }
    }
}

/// A step at no resource.
pub(super) fn nothing(component: &'static str, action: &'static str, stage: Stage) -> Step {
    let place: Option<Place> = None;
    Step {
        component,
        id: TextId::EMPTY,
        part: Part::Whole,
        action,
        stage,
        place,
        towards: TextId::EMPTY,
    }
}

/// Where the ACLs that the flow's replies meet change their answers.
pub(super) fn client_cuts<'n>(
    network: &'n Network,
    flow: &'n Flow,
    onward: Option<Onward<'n>>,
) -> Vec<u16> {
    let unnoted = Walk::new(network, flow, 0);
    let mut cuts = Vec::new();
    if let Some(node) = onward.and_then(|onward| onward.node) {
        cuts.extend(filter::client_cuts(node.side.component, node.side.subnet(), flow.protocol));
    }
    if let Some(target) = onward.and_then(target_of) {
        cuts.extend(filter::client_cuts(target.component, target.subnet(), flow.protocol));
    }
    for side in [unnoted.sender(flow.from), unnoted.receiver(flow.to)].into_iter().flatten() {
        cuts.extend(filter::client_cuts(side.component, side.subnet(), flow.protocol));
        let endpoints = side.component.vpc_endpoints.iter();
        let firewalls = endpoints.filter(|it| it.firewall.is_some() && it.vpc == side.vpc());
        for subnet in firewalls.flat_map(|it| it.subnets.iter().copied()) {
            cuts.extend(filter::client_cuts(side.component, subnet, flow.protocol));
        }
        let attachments = &side.component.transit_gateway_attachments;
        let attached = attachments.iter().flat_map(|it| it.subnets.iter().flatten()).copied();
        // Behind a transit gateway the NAT gateways of others serve too.
        let far = attachments.iter().next().is_some();
        let nat_gateways = side.component.nat_gateways.iter();
        let nat_gateways = nat_gateways.filter(|nat| far || nat.vpc == side.vpc());
        for subnet in nat_gateways.filter_map(|nat| nat.subnet).chain(attached) {
            cuts.extend(filter::client_cuts(side.component, subnet, flow.protocol));
        }
    }
    cuts
}
