//! The ends of a flow and the private ways between them.

use std::net::IpAddr;

use super::access::Access;
use super::balancer::{Onward, target_of};
use super::filter::{self, Headers, Identity};
use super::route::{self, Hop};
use super::trace::{Part, Stage, Step};
use super::transit::{Crossing, has_attachment};
use super::{End, Flow, Ternary, Trace};
use crate::model::{
    Assumption, Attachment, Component, ComponentId, Direction, InstanceState, Interface,
    InterfaceKind, LimitationCode, Listing, Network, NetworkInterfaceId, Place, PublicOwner,
    RouteTarget, SubnetId, TextId, VpcId,
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

/// How a pair of interfaces reaches each other.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    Private,
    Transit,
    Internet,
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
            InterfaceKind::Managed => self.trace.unknown(LimitationCode::ManagedInterface, id),
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

    // ---- two interfaces of the estate ----

    /// Who `of` is to the other side: references to groups are preserved inside
    /// a VPC and between peered VPCs of one region (VPC peering guide, "Update
    /// your security groups to reference peer security groups").
    pub(super) fn identity(&self, of: Side<'n>, to: Side<'n>) -> Identity {
        if of.at != to.at {
            return Identity::Network;
        }
        let regions = [of, to].map(|side| side.component.vpcs[side.vpc()].region);
        let preserved = match regions {
            _ if of.same_vpc(to) => Ternary::Yes,
            [one, other] if one.is_empty() || other.is_empty() => Ternary::Unknown,
            [one, other] => Ternary::known(one == other),
        };
        Identity::Kept { interface: of.interface.index(), preserved }
    }

    fn pair(&mut self, x: Side<'n>, y: Side<'n>) -> Ternary {
        if x.same_subnet(y) {
            let left = self.leave(x, y.address, self.identity(y, x), false);
            return left.and(self.arrive(y, x.address, self.identity(x, y), false));
        }
        let modes: Vec<Mode> =
            self.roads_unnoted(x, y.address).into_iter().map(|hop| self.mode(x, y, hop)).collect();
        // Over the internet the receiver is not who it is within the estate, and to a
        // transit gateway no rule for what leaves can name its groups.
        let mut left = [Mode::Private, Mode::Transit, Mode::Internet]
            .map(|mode| modes.contains(&mode).then_some((mode, Ternary::No)));
        for (mode, verdict) in left.iter_mut().flatten() {
            let identity = match mode {
                Mode::Private => self.identity(y, x),
                Mode::Transit => Self::identity_over_transit(y, x, Ternary::No),
                Mode::Internet => Self::identity_online(y, x),
            };
            *verdict = self.leave(x, y.address, identity, true);
        }
        let ways = self.roads(x.component, x.subnet(), x.address, y.address);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| {
                let mode = self.mode(x, y, hop);
                let left = left.iter().flatten().find(|(known, _)| *known == mode);
                self.pair_way(x, y, hop, left.map_or(Ternary::No, |&(_, verdict)| verdict))
            })
            .collect();
        // By different kinds of ways it is not the same packet.
        let alike = left.iter().flatten().count() < 2;
        Ternary::whichever(passes).and(if alike { Ternary::Yes } else { Ternary::Unknown })
    }

    /// Where the interface's router sends a packet for the address, without a note.
    fn roads_unnoted(&mut self, from: Side<'n>, destination: IpAddr) -> Vec<Hop> {
        let unnoted = Trace { way: self.trace.way, ..Trace::default() };
        let before = std::mem::replace(&mut self.trace, unnoted);
        let hops = self.roads(from.component, from.subnet(), from.address, destination);
        self.trace = before;
        hops
    }

    /// Who `of` is to the other side across a transit gateway.
    fn identity_over_transit(of: Side<'n>, to: Side<'n>, references: Ternary) -> Identity {
        if of.at != to.at {
            return Identity::Network;
        }
        Identity::Kept { interface: of.interface.index(), preserved: references }
    }

    /// From the sender, if it lets the packet out, to the receiver.
    fn pair_way(&mut self, x: Side<'n>, y: Side<'n>, hop: Hop, left: Ternary) -> Ternary {
        let kept = self.identity(x, y);
        if let Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } = hop {
            return left.and(self.through_relay(x, y, relay)).and(route::certainty(hop));
        }
        if let Hop::Over(crossing) = hop {
            let crossed = left.and(crossing.entered).and(self.delivered(x, y, crossing));
            let identity = Self::identity_over_transit(x, y, crossing.references);
            let arrived = match crossing.subnet {
                // Within the attachment's own subnet no ACL is asked.
                Some(subnet) => self.arrive(y, x.address, identity, subnet != y.subnet()),
                None => self.arrive(y, x.address, identity, false),
            };
            return crossed.and(arrived).and(route::certainty(hop));
        }
        if self.dark(x.component, hop) {
            let privately = self.arrive_somehow(y, x.address, &[Identity::Network, kept]);
            // Of an IPv6 packet on an unknown way the internet is one.
            let publicly = if hop == Hop::Anywhere && x.address.is_ipv6() && !x.same_vpc(y) {
                self.unnoted(|walk| {
                    let identity = Self::identity_online(y, x);
                    let left = walk.leave(x, y.address, identity, true);
                    let access = walk.public_access(x.component, x.subnet(), Access::EgressOnly);
                    left.and(access).and(walk.arrive_from_internet(
                        y,
                        x.address,
                        Self::identity_online(x, y),
                    ))
                })
            } else {
                Ternary::No
            };
            return left.and(privately).or(publicly).and(Ternary::Unknown);
        }
        if self.mode(x, y, hop) == Mode::Internet {
            let left = left.and(self.exit(x, y.address, hop));
            return left.and(self.arrive_from_internet(y, x.address, Self::identity_online(x, y)));
        }
        let passed = left.and(self.private_way(x, y, hop));
        passed.and(self.arrive(y, x.address, kept, true))
    }

    /// Whether a packet from `a` that came out of a transit gateway gets to `b`, and
    /// past the ACL of the subnet where it came out.
    fn delivered(&mut self, a: Side<'n>, b: Side<'n>, crossing: Crossing) -> Ternary {
        let here = a.at == b.at && crossing.vpc == b.vpc();
        if !here || crossing.target != RouteTarget::Local {
            return self.refuse_route("CANNOT_ROUTE", a);
        }
        match crossing.subnet {
            Some(subnet) if subnet == b.subnet() => Ternary::Yes,
            Some(subnet) => self.acl(b.component, subnet, Stage::Egress, b.address),
            None => {
                self.trace.unknown(LimitationCode::TransitGateway, b.component.vpcs[b.vpc()].id)
            }
        }
    }

    /// Whether a route leads from `a` to `b` within the VPC or over a peering connection.
    fn private_way(&mut self, a: Side<'n>, b: Side<'n>, hop: Hop) -> Ternary {
        let Hop::Route { target, .. } = hop else { return Ternary::No };
        let passed = match target {
            RouteTarget::Local if a.same_vpc(b) => Ternary::Yes,
            RouteTarget::Local => self.refuse_route("VPC_LOCAL_ROUTE_CIDR_RESTRICTION", a),
            // One that was not seen may join any two VPCs.
            RouteTarget::VpcPeeringConnection(peering)
                if a.at == b.at || !a.component.peerings[peering].seen =>
            {
                self.peering(peering, a, b)
            }
            RouteTarget::InternetGateway(_)
            | RouteTarget::EgressOnlyInternetGateway(_)
            | RouteTarget::NatGateway(_)
            | RouteTarget::VpcPeeringConnection(_)
            | RouteTarget::NetworkInterface(_)
            | RouteTarget::VpcEndpoint(_)
            | RouteTarget::TransitGateway(_)
            | RouteTarget::VpnGateway(_)
            | RouteTarget::Other(_) => self.refuse_route("CANNOT_ROUTE", a),
        };
        passed.and(route::certainty(hop))
    }

    fn pair_reply(&mut self, x: Side<'n>, y: Side<'n>) -> Ternary {
        if x.same_subnet(y) {
            return Ternary::Yes;
        }
        let left = self.acl(y.component, y.subnet(), Stage::Egress, x.address);
        let over_internet: Vec<bool> = self
            .roads_unnoted(x, y.address)
            .into_iter()
            .map(|hop| self.mode(x, y, hop) == Mode::Internet)
            .collect();
        let ways = self.roads(y.component, y.subnet(), y.address, x.address);
        let over = ways.iter().filter(|hop| matches!(hop, Hop::Over(_))).count();
        // By different kinds of ways it is not the same packet.
        let alike = over == 0 || over == ways.len();
        let mut home = None;
        let mut passes = Vec::new();
        for hop in ways {
            let passed = self.reply_way(x, y, hop);
            // IPv6 keeps its addresses, so a reply may come home another way
            // than the packet took; AWS does not say that it does.
            let back = self.mode(y, x, hop) == Mode::Internet;
            let special = self.dark_unnoted(y.component, hop)
                || matches!(hop, Hop::Route { target: RouteTarget::NetworkInterface(_), .. });
            let sure = special || over_internet.iter().all(|&there| there == back);
            let passed = passed.and(if sure { Ternary::Yes } else { Ternary::Unknown });
            // Where it comes out may not be known.
            let beside = matches!(hop, Hop::Over(crossing)
                if crossing.subnet.is_none_or(|subnet| subnet == x.subnet()));
            // What comes out of a transit gateway in the subnet itself meets no ACL.
            let unseen =
                self.dark_unnoted(y.component, hop) && has_attachment(x.component, x.subnet());
            let admitted = match (beside || unseen, home) {
                (true, _) => Ternary::Yes,
                (false, Some(home)) => home,
                (false, None) => {
                    let verdict = self.acl(x.component, x.subnet(), Stage::Ingress, y.address);
                    *home.insert(verdict)
                }
            };
            passes.push(passed.and(admitted));
        }
        let passed = Ternary::whichever(passes);
        left.and(passed).and(if alike { Ternary::Yes } else { Ternary::Unknown })
    }

    /// Whether an answer of `y` gets as far as the subnet of `x` by this way.
    fn reply_way(&mut self, x: Side<'n>, y: Side<'n>, hop: Hop) -> Ternary {
        if let Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } = hop {
            return self
                .relay(y, x.address, Some(x.interface.index()), relay)
                .and(route::certainty(hop));
        }
        if let Hop::Over(crossing) = hop {
            let delivered = self.delivered(y, x, crossing);
            return crossing.entered.and(delivered).and(route::certainty(hop));
        }
        if self.dark(y.component, hop) {
            return Ternary::Unknown;
        }
        match self.mode(y, x, hop) {
            Mode::Internet => self.answer_over_internet(y, hop),
            Mode::Private | Mode::Transit => self.private_way(y, x, hop),
        }
    }

    /// The answer of `y` through an internet gateway. An egress-only one lets
    /// out what began inside, and nobody began inside.
    fn answer_over_internet(&mut self, y: Side<'n>, hop: Hop) -> Ternary {
        let Hop::Route { target: RouteTarget::InternetGateway(gateway), .. } = hop else {
            return self.refuse_route("CANNOT_ROUTE", y);
        };
        self.internet_gateway(y, gateway).and(route::certainty(hop))
    }

    /// Between VPCs, an IPv6 packet whose route leads to the internet goes there and comes back.
    fn mode(&self, x: Side<'n>, y: Side<'n>, hop: Hop) -> Mode {
        let outward = matches!(
            hop,
            Hop::Route {
                target: RouteTarget::InternetGateway(_) | RouteTarget::EgressOnlyInternetGateway(_),
                ..
            }
        );
        match hop {
            Hop::Over(_) => Mode::Transit,
            _ if outward && x.address.is_ipv6() && !x.same_vpc(y) => Mode::Internet,
            Hop::Route { .. } | Hop::Beyond | Hop::Nowhere | Hop::Anywhere => Mode::Private,
        }
    }

    /// The best that any of several identities gives: nobody knows which one arrives.
    fn arrive_somehow(&mut self, y: Side<'n>, far: IpAddr, identities: &[Identity]) -> Ternary {
        let crosses = !has_attachment(y.component, y.subnet());
        let mut best = Ternary::No;
        for (number, &identity) in identities.iter().enumerate() {
            let verdict = if number + 1 == identities.len() && best == Ternary::No {
                self.arrive(y, far, identity, crosses)
            } else {
                self.unnoted(|walk| walk.arrive(y, far, identity, crosses))
            };
            best = best.or(verdict);
        }
        best
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

    pub(super) fn dark_unnoted(&self, component: &Component, hop: Hop) -> bool {
        route::dark(component, hop).is_some()
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
    if let Some(target) = onward.and_then(target_of) {
        cuts.extend(filter::client_cuts(target.component, target.subnet(), flow.protocol));
    }
    for side in [unnoted.sender(flow.from), unnoted.receiver(flow.to)].into_iter().flatten() {
        cuts.extend(filter::client_cuts(side.component, side.subnet(), flow.protocol));
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
