//! Which VPCs belong to one component.

use std::collections::BTreeSet;

use super::NetworkBuilder;
use crate::model::lookup::Lookup;
use crate::model::{
    AttachedResource, AttachmentState, EndpointService, NatState, Peer, PeeringStatus, RouteTarget,
    Text, TextId, VpcId, VpcPeeringConnection,
};

/// The component of each VPC, counted in the order of VPC ids.
pub(super) struct Partition {
    /// By the number of the text.
    component_of: Vec<Option<u32>>,
    pub(super) components: usize,
}

impl Partition {
    /// The component of a VPC, transit gateway, load balancer or target group; `None`: nothing makes the
    /// VPC known.
    pub(super) fn component_of(&self, id: TextId) -> Option<usize> {
        let number = self.component_of.get(id.index()).copied().flatten()?;
        usize::try_from(number).ok()
    }
}

/// Union-find over texts.
pub(super) struct Union {
    /// By the number of the text: another text of the same component; itself at its root.
    parent: Vec<TextId>,
}

impl Union {
    fn of(text: &Text) -> Self {
        let numbers = 0..u32::try_from(text.len()).unwrap_or(u32::MAX);
        Self { parent: numbers.map(TextId::from_number).collect() }
    }

    fn parent(&self, of: TextId) -> TextId {
        self.parent.get(of.index()).copied().unwrap_or(of)
    }

    fn root(&mut self, of: TextId) -> TextId {
        let mut root = of;
        while self.parent(root) != root {
            root = self.parent(root);
        }
        // Shorten the way for the next time.
        let mut at = of;
        while let Some(parent) = self.parent.get_mut(at.index())
            && *parent != root
        {
            at = std::mem::replace(parent, root);
        }
        root
    }

    pub(super) fn join(&mut self, one: TextId, other: TextId) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(parent) = self.parent.get_mut(other.index()) {
            *parent = one;
        }
    }
}

impl NetworkBuilder {
    pub(super) fn partition(&self) -> Partition {
        let mut union = Union::of(&self.text);
        let mut vpcs: BTreeSet<TextId> = self.vpcs.iter().map(|given| given.fact.id).collect();
        let mut note = |vpc: VpcId| {
            vpcs.insert(vpc.as_text());
            vpc.as_text()
        };

        // A group ties its VPC to those of its wearers and of the rules that name it.
        // A group that nobody here wears and that is not here ties nothing.
        let mut present = vec![false; self.text.len()];
        let mut see = |group: TextId| {
            if let Some(present) = present.get_mut(group.index()) {
                *present = true;
            }
        };
        for given in self.interfaces.iter() {
            let vpc = note(given.fact.vpc);
            if let Some(instance) = given.fact.instance {
                union.join(vpc, instance.as_text());
            }
            for group in &given.fact.groups {
                see(group.as_text());
                union.join(vpc, group.as_text());
            }
        }
        for given in self.security_groups.iter() {
            see(given.fact.id);
            let vpc = note(given.fact.vpc);
            union.join(vpc, given.fact.id);
        }
        for given in self.vpc_endpoints.iter().filter(|it| it.fact.available != Some(false)) {
            let vpc = note(given.fact.vpc);
            for group in &given.fact.security_groups {
                see(group.as_text());
                union.join(vpc, group.as_text());
            }
            if let EndpointService::Provided(provider) = &given.fact.behind {
                provider.load_balancers.iter().for_each(|it| union.join(vpc, it.as_text()));
            }
        }
        self.load_balancing.tie(&mut union, &mut note, &mut see);
        let is_present = |group: TextId| present.get(group.index()).is_some_and(|&there| there);
        for given in self.security_groups.iter() {
            for rule in &given.fact.rules {
                if let Peer::SecurityGroup { group, .. } = rule.peer
                    && is_present(group.as_text())
                {
                    union.join(given.fact.id, group.as_text());
                }
            }
        }
        for &(group, vpc) in &self.associations {
            let vpc = note(VpcId::named(vpc));
            if is_present(group) {
                union.join(vpc, group);
            }
        }
        let sides = |peering: &VpcPeeringConnection| [peering.requester.vpc, peering.accepter.vpc];
        let is_over = |peering: &VpcPeeringConnection| peering.status == PeeringStatus::Inactive;
        for given in self.peerings.iter().filter(|given| !is_over(&given.fact)) {
            if let [Some(one), Some(other)] = sides(&given.fact).map(|vpc| vpc.map(&mut note)) {
                union.join(one, other);
            }
        }
        // A transit gateway ties what is attached to it, and the VPCs whose routes name it.
        for given in self.transit_gateway_attachments.iter() {
            let attachment = &given.fact;
            if attachment.state == AttachmentState::Gone {
                continue;
            }
            let mut ends = attachment.ends.iter().map(|end| end.gateway.as_text());
            let Some(gateway) = ends.next() else { continue };
            ends.for_each(|other| union.join(gateway, other));
            if let AttachedResource::Vpc(vpc) = attachment.resource {
                union.join(note(vpc), gateway);
            }
        }
        for given in self.route_tables.iter() {
            for route in &given.fact.routes {
                if let RouteTarget::TransitGateway(gateway) = route.target {
                    union.join(note(given.fact.vpc), gateway.as_text());
                }
            }
        }
        for given in self.subnets.iter() {
            note(given.fact.vpc);
        }
        for given in self.network_acls.iter() {
            note(given.fact.vpc);
        }
        for given in self.route_tables.iter() {
            note(given.fact.vpc);
        }
        // Deleted gateways and peerings are listed for a while, perhaps longer than
        // their VPC is there: they do not make it known.
        for given in self.nat_gateways.iter().filter(|given| given.fact.state != NatState::Gone) {
            note(given.fact.vpc);
        }
        for given in self.vpc_endpoints.iter() {
            note(given.fact.vpc);
        }
        for given in self.peerings.iter().filter(|given| is_over(&given.fact)) {
            if let [Some(one), Some(other)] = sides(&given.fact).map(|vpc| vpc.map(VpcId::as_text))
                && vpcs.contains(&one)
                && vpcs.contains(&other)
            {
                union.join(one, other);
            }
        }

        let mut ordered: Vec<TextId> = vpcs.into_iter().collect();
        ordered.sort_by(|one, other| self.text.get(*one).cmp(self.text.get(*other)));
        let mut numbers: Lookup<TextId, u32> = Lookup::default();
        let mut components = 0;
        let mut component_of = vec![None; self.text.len()];
        for vpc in ordered {
            let number = *numbers.entry(union.root(vpc)).or_insert_with(|| {
                components += 1;
                components - 1
            });
            if let Some(component) = component_of.get_mut(vpc.index()) {
                *component = Some(number);
            }
        }
        let gateways = self.transit_gateways.iter().map(|given| given.fact.id);
        let ends = self.transit_gateway_attachments.iter().flat_map(|given| &given.fact.ends);
        let gateways: Vec<TextId> = gateways.chain(ends.map(|end| end.gateway.as_text())).collect();
        for id in self.load_balancing.ids().chain(gateways) {
            let number = numbers.get(&union.root(id)).copied();
            if let Some(component) = component_of.get_mut(id.index()) {
                *component = number;
            }
        }
        Partition { component_of, components: numbers.len() }
    }
}
