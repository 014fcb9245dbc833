//! Out to the internet by NAT gateways behind transit gateways, and the way home.

use std::net::IpAddr;

use super::{Crossing, has_attachment, leads_over};
use crate::model::{RouteTarget, VpcId};
use crate::reach::spec::Ternary;
use crate::reach::spec::firewall::inspected;
use crate::reach::spec::route::{self, Hop};
use crate::reach::spec::trace::Stage;
use crate::reach::spec::walk::{Side, Walk};
use crate::record::Way;

impl<'n> Walk<'n> {
    /// Where the router of an interface's subnet sent a packet that is being answered.
    pub(in crate::reach::spec) fn roads_of_packet(&mut self, x: Side<'n>, far: IpAddr) -> Vec<Hop> {
        let ways = route::ways(x.component, x.subnet(), far, &mut self.trace);
        if let Some(way) = inspected(x.component, x.subnet(), &ways, far) {
            return vec![Hop::Inspected(way)];
        }
        if !ways.iter().any(leads_over) {
            return ways;
        }
        let way = std::mem::replace(&mut self.trace.way, Way::Forward);
        let steps = self.trace.forward.len();
        let hops = self.roads(x.component, x.subnet(), x.address, far);
        self.trace.forward.truncate(steps);
        self.trace.way = way;
        hops
    }

    /// Out to the internet by a NAT gateway behind a transit gateway.
    pub(in crate::reach::spec) fn exit_over(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        crossing: Crossing,
    ) -> Ternary {
        let (RouteTarget::NatGateway(nat), Some(subnet)) = (crossing.target, crossing.subnet)
        else {
            return self.refuse_route("CANNOT_ROUTE", x);
        };
        let left = self.acl(x.component, subnet, Stage::Egress, far);
        crossing.entered.and(left).and(self.nat_gateway(x, subnet, far, nat))
    }

    /// The way of an answer from such a NAT gateway back to the sender's subnet.
    pub(in crate::reach::spec) fn exit_over_reply(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        crossing: Crossing,
    ) -> Ternary {
        let RouteTarget::NatGateway(nat) = crossing.target else { return Ternary::Yes };
        if x.component.nat_gateways[nat].vpc == x.vpc() {
            let admitted = self.acl(x.component, x.subnet(), Stage::Ingress, far);
            return self.nat_gateway_home(x, far, nat).and(admitted);
        }
        let translated = self.nat_gateway_reply(x, far, nat);
        let Some(subnet) = x.component.nat_gateways[nat].subnet else { return Ternary::Unknown };
        let ways = self.roads(x.component, subnet, far, x.address);
        let passes: Vec<Ternary> = ways
            .into_iter()
            .map(|hop| match hop {
                Hop::Over(back) if back.vpc == x.vpc() && back.target == RouteTarget::Local => {
                    let left = match back.subnet {
                        Some(subnet) if subnet == x.subnet() => Ternary::Yes,
                        Some(subnet) => {
                            let left = self.acl(x.component, subnet, Stage::Egress, x.address);
                            left.and(self.acl(x.component, x.subnet(), Stage::Ingress, far))
                        }
                        None => Ternary::Unknown,
                    };
                    back.entered.and(left).and(route::certainty(hop))
                }
                hop if self.dark(x.component, hop) => Ternary::Unknown,
                Hop::Route { target: RouteTarget::NetworkInterface(relay), .. } => {
                    self.relay(x, x.address, None, relay).and(Ternary::Unknown)
                }
                // Another direction than that of the answer is not inspected.
                Hop::Inspected(way) => self.asymmetric(x.component, way.endpoint),
                Hop::Over(_) | Hop::Route { .. } => self.refuse_route("CANNOT_ROUTE", x),
                Hop::Beyond | Hop::Nowhere | Hop::Anywhere => Ternary::No,
            })
            .collect();
        translated.and(Ternary::whichever(passes))
    }

    /// Whether the ACL of the sender's subnet admits an answer from the internet; that
    /// of a NAT gateway behind a transit gateway was asked on its way home.
    pub(in crate::reach::spec) fn admitted_home(
        &mut self,
        x: Side<'n>,
        far: IpAddr,
        hop: Hop,
    ) -> Ternary {
        if matches!(hop, Hop::Over(Crossing { target: RouteTarget::NatGateway(_), .. })) {
            return Ternary::Yes;
        }
        let admitted = self.acl(x.component, x.subnet(), Stage::Ingress, far);
        let beside = has_attachment(x.component, x.subnet());
        let unseen = beside && route::dark(x.component, hop).is_some();
        if unseen { admitted.or(Ternary::Unknown) } else { admitted }
    }

    /// Whether an answer gets to an address of a VPC that no interface holds.
    pub(in crate::reach::spec) fn over_to_unheld(
        &mut self,
        y: Side<'n>,
        vpc: VpcId,
        address: IpAddr,
        crossing: Crossing,
    ) -> Ternary {
        if crossing.vpc != vpc || crossing.target != RouteTarget::Local {
            return self.refuse_route("CANNOT_ROUTE", y);
        }
        // Whether there is a way at all is no matter of ACLs.
        if self.trace.way == Way::Forward {
            return Ternary::Yes;
        }
        let left = match crossing.subnet {
            Some(subnet) => self.acl(y.component, subnet, Stage::Egress, address),
            None => Ternary::Unknown,
        };
        crossing.entered.and(left)
    }
}
