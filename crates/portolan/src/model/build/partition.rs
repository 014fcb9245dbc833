//! Which VPCs belong to one component.

use std::collections::{BTreeMap, BTreeSet};

use super::NetworkBuilder;
use crate::model::{NatState, Peer, PeeringStatus, TextId, VpcId, VpcPeeringConnection};

/// The component of each VPC (by the VPC's text), counted in the order of VPC ids.
pub(super) struct Partition {
    pub(super) component_of: BTreeMap<TextId, usize>,
    pub(super) components: usize,
}

/// Union-find over texts.
#[derive(Default)]
struct Union {
    parent: BTreeMap<TextId, TextId>,
}

impl Union {
    fn root(&mut self, of: TextId) -> TextId {
        let mut root = of;
        while let Some(&parent) = self.parent.get(&root) {
            if parent == root {
                break;
            }
            root = parent;
        }
        // Shorten the way for the next time.
        let mut at = of;
        while let Some(&parent) = self.parent.get(&at) {
            if parent == root {
                break;
            }
            self.parent.insert(at, root);
            at = parent;
        }
        self.parent.entry(root).or_insert(root);
        root
    }

    fn join(&mut self, one: TextId, other: TextId) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.parent.insert(other, one);
        }
    }
}

impl NetworkBuilder {
    pub(super) fn partition(&self) -> Partition {
        let mut union = Union::default();
        let mut vpcs: BTreeSet<TextId> = self.vpcs.iter().map(|given| given.fact.id).collect();
        let mut note = |vpc: VpcId| {
            vpcs.insert(vpc.as_text());
            vpc.as_text()
        };

        // A group ties its VPC to those of its wearers and of the rules that name it.
        // A group that nobody here wears and that is not here ties nothing.
        let mut present: BTreeSet<TextId> = BTreeSet::new();
        for given in &self.interfaces {
            let vpc = note(given.fact.vpc);
            if let Some(instance) = given.fact.instance {
                union.join(vpc, instance.as_text());
            }
            for group in &given.fact.groups {
                present.insert(group.as_text());
                union.join(vpc, group.as_text());
            }
        }
        for given in &self.security_groups {
            present.insert(given.fact.id);
            let vpc = note(given.fact.vpc);
            union.join(vpc, given.fact.id);
        }
        for given in &self.security_groups {
            for rule in &given.fact.rules {
                if let Peer::SecurityGroup { group, .. } = rule.peer
                    && present.contains(&group.as_text())
                {
                    union.join(given.fact.id, group.as_text());
                }
            }
        }
        for &(group, vpc) in &self.associations {
            let vpc = note(VpcId::named(vpc));
            if present.contains(&group) {
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
        for given in &self.subnets {
            note(given.fact.vpc);
        }
        for given in &self.network_acls {
            note(given.fact.vpc);
        }
        for given in &self.route_tables {
            note(given.fact.vpc);
        }
        // Deleted gateways and peerings are listed for a while, perhaps longer than
        // their VPC is there: they do not make it known.
        for given in self.nat_gateways.iter().filter(|given| given.fact.state != NatState::Gone) {
            note(given.fact.vpc);
        }
        for given in &self.vpc_endpoints {
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
        let mut numbers: BTreeMap<TextId, usize> = BTreeMap::new();
        let mut component_of = BTreeMap::new();
        for vpc in ordered {
            let next = numbers.len();
            let number = *numbers.entry(union.root(vpc)).or_insert(next);
            component_of.insert(vpc, number);
        }
        Partition { component_of, components: numbers.len() }
    }
}
