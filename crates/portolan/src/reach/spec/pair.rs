//! Two interfaces of the estate: the ways between them, and the way back.

use std::net::IpAddr;

use super::access::Access;
use super::filter::Identity;
use super::nat::translated_elsewhere;
use super::route::{self, Hop};
use super::trace::Stage;
use super::transit::{Crossing, has_attachment};
use super::walk::{Side, Walk};
use super::{Ternary, Trace};
use crate::model::{LimitationCode, RouteTarget, VpcEndpointId};

/// How a pair of interfaces reaches each other.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Mode {
    Private,
    Transit,
    Internet,
}

impl<'n> Walk<'n> {
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

    pub(super) fn pair(&mut self, x: Side<'n>, y: Side<'n>) -> Ternary {
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
    pub(super) fn roads_unnoted(&mut self, from: Side<'n>, destination: IpAddr) -> Vec<Hop> {
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
        if let Hop::Inspected(way) = hop {
            if way.target != RouteTarget::Local || !x.same_vpc(y) {
                return self.refuse_route("CANNOT_ROUTE", x);
            }
            let passed = left.and(self.inspect(x.component, way, x.address, y.address));
            // Through a middlebox no reference to a group holds.
            let identity = Self::identity_over_transit(x, y, Ternary::No);
            return passed.and(self.arrive(y, x.address, identity, true));
        }
        let hidden = self.hidden(x.component, hop, y.address);
        if let Hop::Over(crossing) = hop
            && !hidden
        {
            let crossed = left.and(crossing.entered).and(self.delivered(x, y, crossing));
            let identity = Self::identity_over_transit(x, y, crossing.references);
            let arrived = match crossing.subnet {
                // Within the attachment's own subnet no ACL is asked.
                Some(subnet) => self.arrive(y, x.address, identity, subnet != y.subnet()),
                None => self.arrive(y, x.address, identity, false),
            };
            return crossed.and(arrived).and(route::certainty(hop));
        }
        if hidden {
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

    pub(super) fn pair_reply(&mut self, x: Side<'n>, y: Side<'n>) -> Ternary {
        if x.same_subnet(y) {
            return Ternary::Yes;
        }
        let left = self.acl(y.component, y.subnet(), Stage::Egress, x.address);
        let went = self.roads_unnoted(x, y.address);
        let by_firewall = match *went.as_slice() {
            [Hop::Inspected(way)] => Some(way.endpoint),
            _ => None,
        };
        let over_internet: Vec<bool> =
            went.into_iter().map(|hop| self.mode(x, y, hop) == Mode::Internet).collect();
        let ways = self.roads(y.component, y.subnet(), y.address, x.address);
        let over = ways.iter().filter(|hop| matches!(hop, Hop::Over(_))).count();
        // By different kinds of ways it is not the same packet.
        let alike = over == 0 || over == ways.len();
        let mut home = None;
        let mut passes = Vec::new();
        for hop in ways {
            let passed = self.reply_way(x, y, hop, by_firewall);
            // IPv6 keeps its addresses, so a reply may come home another way
            // than the packet took; AWS does not say that it does.
            let back = self.mode(y, x, hop) == Mode::Internet;
            let hidden = self.hidden_unnoted(y.component, hop, x.address);
            let special = hidden
                || matches!(hop, Hop::Route { target: RouteTarget::NetworkInterface(_), .. });
            let sure = special || over_internet.iter().all(|&there| there == back);
            let passed = passed.and(if sure { Ternary::Yes } else { Ternary::Unknown });
            // Where it comes out may not be known.
            let beside = matches!(hop, Hop::Over(crossing)
                if !hidden && crossing.subnet.is_none_or(|subnet| subnet == x.subnet()));
            // What comes out of a transit gateway in the subnet itself meets no ACL.
            let unseen = hidden && has_attachment(x.component, x.subnet());
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
    /// `by`: the firewall that the packet passed.
    fn reply_way(
        &mut self,
        x: Side<'n>,
        y: Side<'n>,
        hop: Hop,
        by: Option<VpcEndpointId>,
    ) -> Ternary {
        if let Hop::Inspected(way) = hop {
            if way.target != RouteTarget::Local || !x.same_vpc(y) {
                return self.refuse_route("CANNOT_ROUTE", y);
            }
            if by != Some(way.endpoint) {
                return self.asymmetric(y.component, way.endpoint);
            }
            return self.inspect(y.component, way, y.address, x.address);
        }
        let passed = self.reply_way_beside(x, y, hop);
        match by {
            Some(endpoint) => passed.and(self.asymmetric(x.component, endpoint)),
            None => passed,
        }
    }

    fn reply_way_beside(&mut self, x: Side<'n>, y: Side<'n>, hop: Hop) -> Ternary {
        if let Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } = hop {
            return self
                .relay(y, x.address, Some(x.interface.index()), relay)
                .and(route::certainty(hop));
        }
        if self.hidden(y.component, hop, x.address) {
            return Ternary::Unknown;
        }
        if let Hop::Over(crossing) = hop {
            let delivered = self.delivered(y, x, crossing);
            return crossing.entered.and(delivered).and(route::certainty(hop));
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
            Hop::Over(_) if translated_elsewhere(x.component, hop, y.address).is_some() => {
                Mode::Private
            }
            Hop::Over(_) | Hop::Inspected(_) => Mode::Transit,
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
}
