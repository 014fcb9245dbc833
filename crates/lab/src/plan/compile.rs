//! From a network to a plan.

use std::collections::{BTreeMap, BTreeSet};

use portolan::model::{
    AttachedResource, ComponentId, Network, PeeringSide, PeeringStatus, SubnetId,
    TransitGatewayAttachment, VpcId, VpcPeeringConnectionId,
};
use portolan::net::Cidr;

use super::host::{self, FIRST_DEVICE};
use super::internet::{self, Shore};
use super::routes::{Nat, Peering};
use super::vpc::{Draft, EGRESS_ONLY, INTERNET_GATEWAY, Peers};
use super::{Link, Options, Plan, Plug, Space, SpaceId, nat};

/// Compiles a network, or a part of it.
#[must_use]
pub fn compile(network: &Network, options: &Options) -> Plan {
    let mut plan = Plan::default();
    let chosen = host::choose(network, options, &mut plan);
    let mut peers = Peers::new();
    for (at, _, interfaces) in &chosen {
        let component = &network.components[*at];
        for &id in interfaces {
            peers.entry((*at, component.interface(id).vpc())).or_default().push(id);
        }
    }
    for (at, vpc) in shared_exits(network, &peers) {
        peers.entry((at, vpc)).or_default();
    }
    let mut drafts: Vec<Draft<'_>> = peers
        .keys()
        .map(|&(at, vpc)| {
            let component = &network.components[at];
            let name = network.text(component.vpcs[vpc].id).to_owned();
            let space = plan.push_space(Space { name, ..Space::default() });
            Draft::new(at, component, vpc, space)
        })
        .collect();
    let mut compiler = Compiler { network, plan: &mut plan };
    compiler.hosts(&chosen, &mut drafts);
    compiler.nat_gateways(&mut drafts);
    compiler.peerings(&mut drafts);
    compiler.transit_gateways(&mut drafts);
    compiler.internet(&mut drafts, options);
    for draft in drafts {
        let number = draft.space;
        let Some(mut space) = plan.spaces.get_mut(number).map(std::mem::take) else { continue };
        let notes = draft.finish(&mut space, &peers);
        if let Some(place) = plan.spaces.get_mut(number) {
            *place = space;
        }
        for (id, reason) in notes.open {
            plan.leave_out(id, reason);
        }
    }
    plan.not_compiled.sort_unstable();
    plan
}

pub(super) struct Compiler<'n, 'p> {
    pub(super) network: &'n Network,
    pub(super) plan: &'p mut Plan,
}

impl Compiler<'_, '_> {
    pub(super) fn link(
        &mut self,
        near: (SpaceId, String, u32),
        group: u32,
        far: (SpaceId, String, u32),
    ) {
        let plug = |(space, name, index), group| Plug { space, name, index, group };
        self.plan.links.push(Link { near: plug(near, group), far: plug(far, 0) });
    }

    fn hosts(&mut self, chosen: &host::Hosts, drafts: &mut [Draft<'_>]) {
        let mut taken = BTreeSet::new();
        for one in chosen {
            let (space, mut host) = host::host(self.network, one, &mut taken);
            host.space = self.plan.push_space(space);
            for ((number, index), &(at, id)) in (0..).zip(FIRST_DEVICE..).zip(&host.interfaces) {
                let number: u32 = number;
                let interface = self.network.components[at].interface(id);
                let vpc = interface.vpc();
                let Some(draft) =
                    drafts.iter_mut().find(|draft| (draft.at, draft.vpc) == (at, vpc))
                else {
                    continue;
                };
                let group = draft.subnet(interface.subnet());
                let device = draft.device(format!("e{}", id.number()));
                let near = (draft.space, device.name.clone(), device.index);
                draft.interfaces.insert(id, device);
                self.link(near, group, (host.space, format!("eth{number}"), index));
            }
            self.plan.hosts.push(host);
        }
    }

    fn nat_gateways(&mut self, drafts: &mut [Draft<'_>]) {
        for draft in drafts {
            let (component, vpc) = (draft.component, draft.vpc);
            for (id, nat) in component.nat_gateways.entries().filter(|(_, nat)| nat.vpc == vpc) {
                let subnet: Option<SubnetId> = nat.subnet;
                let (private, public) = match (nat::addresses(draft.component, nat), subnet) {
                    (Ok(addresses), Some(_)) => addresses,
                    (Err(Some(reason)), _) => {
                        self.plan.leave_out(nat.id, reason);
                        continue;
                    }
                    (Err(None) | Ok(_), _) => continue,
                };
                let Some(subnet) = subnet else { continue };
                let name = self.network.text(nat.id).to_owned();
                let space = self.plan.push_space(nat::space(name, private));
                let group = draft.subnet(subnet);
                let device = draft.device(format!("n{}", id.number()));
                let near = (draft.space, device.name.clone(), device.index);
                self.link(near, group, (space, "eth0".to_owned(), FIRST_DEVICE));
                draft.ways.nat_gateways.insert(id, Nat { device, private, public });
            }
        }
    }

    fn peerings(&mut self, drafts: &mut [Draft<'_>]) {
        let mut wanted: Vec<(ComponentId, VpcPeeringConnectionId, [VpcId; 2])> = Vec::new();
        for (at, component) in self.network.components.entries() {
            for (id, peering) in component.peerings.entries() {
                let sides = [peering.requester.vpc, peering.accepter.vpc];
                let built = |vpc: Option<VpcId>| {
                    vpc.is_some_and(|vpc| {
                        drafts.iter().any(|draft| (draft.at, draft.vpc) == (at, vpc))
                    })
                };
                if !sides.iter().any(|&side| built(side)) {
                    continue;
                }
                match (peering.seen, peering.status, sides) {
                    (true, PeeringStatus::Active, [Some(one), Some(other)])
                        if one != other && built(Some(one)) && built(Some(other)) =>
                    {
                        wanted.push((at, id, [one, other]));
                    }
                    (true, PeeringStatus::Active, [Some(one), Some(other)])
                        if component.vpcs[one].seen && component.vpcs[other].seen => {}
                    (true, PeeringStatus::Inactive, _) => {}
                    (true, PeeringStatus::Active, _) => {
                        self.plan.leave_out(
                            peering.id,
                            "the VPC behind this peering connection was not seen",
                        );
                    }
                    (true, PeeringStatus::Unknown, _) | (false, ..) => {
                        self.plan.leave_out(
                            peering.id,
                            "whether this peering connection works is not known",
                        );
                    }
                }
            }
        }
        for (at, id, [one, other]) in wanted {
            let peering = &self.network.components[at].peerings[id];
            let mut plug = |vpc: VpcId, far: VpcId, side: &PeeringSide| {
                let draft = drafts.iter_mut().find(|draft| (draft.at, draft.vpc) == (at, vpc))?;
                let device = draft.device(format!("p{}", id.number()));
                let near = (draft.space, device.name.clone(), device.index);
                let here = blocks(draft, side);
                draft.ways.peerings.insert(id, Peering { device, far, here });
                Some(near)
            };
            let near = plug(one, other, &peering.requester);
            let far = plug(other, one, &peering.accepter);
            if let (Some(near), Some(far)) = (near, far) {
                self.link(near, 0, far);
            }
        }
    }

    fn internet(&mut self, drafts: &mut [Draft<'_>], options: &Options) {
        let space = self.plan.push_space(Space::default());
        let mut next = FIRST_DEVICE;
        let mut index = || {
            next = next.saturating_add(1);
            next
        };
        let mut shores: BTreeMap<usize, Shore> = BTreeMap::new();
        for (number, draft) in drafts.iter_mut().enumerate() {
            let component = draft.component;
            let internet_gateway = component
                .internet_gateways
                .iter()
                .any(|gateway| gateway.seen && draft.attached(&gateway.attachments));
            let egress_only = component
                .egress_only_internet_gateways
                .iter()
                .any(|gateway| gateway.seen && draft.attached(&gateway.attachments));
            let mut devices = Vec::new();
            for (there, near, far) in
                [(internet_gateway, INTERNET_GATEWAY, "igw"), (egress_only, EGRESS_ONLY, "eigw")]
            {
                if !there {
                    continue;
                }
                let device = draft.device(near.to_owned());
                let (name, index) = (format!("{far}{number}"), index());
                let plug = (draft.space, device.name.clone(), device.index);
                self.link(plug, 0, (space, name.clone(), index));
                devices.push((name, index));
                if near == INTERNET_GATEWAY {
                    draft.ways.internet_gateway = Some(device);
                } else {
                    draft.ways.egress_only = Some(device);
                }
            }
            shores.insert(number, Shore { devices });
        }
        let mut vantages = Vec::new();
        for wanted in &options.vantages {
            let (outside, mut host) = host::vantage(wanted);
            host.space = self.plan.push_space(outside);
            let index = index();
            let name = format!("host{}", vantages.len());
            self.link((space, name, index), 0, (host.space, "eth0".to_owned(), FIRST_DEVICE));
            vantages.push((index, wanted.addresses.clone()));
            self.plan.hosts.push(host);
        }
        let filled = internet::finish(self.network, drafts, &shores, &vantages, self.plan);
        if let Some(place) = self.plan.spaces.get_mut(space) {
            *place = filled;
        }
    }
}

/// VPCs that have nothing but NAT gateways which others use over a transit gateway.
fn shared_exits(network: &Network, peers: &Peers) -> Vec<(ComponentId, VpcId)> {
    let components: BTreeSet<ComponentId> = peers.keys().map(|&(at, _)| at).collect();
    let attached = |&(_, attachment): &(_, &TransitGatewayAttachment)| match attachment.resource {
        AttachedResource::Vpc(vpc) => Some(vpc),
        AttachedResource::TransitGateway
        | AttachedResource::Network(_)
        | AttachedResource::Unknown(_) => None,
    };
    let of_component = |at: ComponentId| {
        let component = &network.components[at];
        let vpcs = component.transit_gateway_attachments.entries();
        let vpcs = vpcs.filter_map(|entry| attached(&entry));
        let exits = vpcs.filter(|&vpc| component.nat_gateways.iter().any(|nat| nat.vpc == vpc));
        exits.filter(|&vpc| component.vpcs[vpc].seen).map(move |vpc| (at, vpc)).collect::<Vec<_>>()
    };
    components.into_iter().flat_map(of_component).collect()
}

/// The blocks of one side of a peering connection; where it lists none, its VPC's.
fn blocks(draft: &Draft<'_>, side: &PeeringSide) -> Vec<Cidr> {
    let listed: Vec<Cidr> = side
        .ipv4
        .iter()
        .map(|&block| Cidr::V4(block))
        .chain(side.ipv6.iter().map(|&block| Cidr::V6(block)))
        .collect();
    if listed.is_empty() { internet::blocks(draft) } else { listed }
}
