//! What is no longer so after an edit. Sets and spaces stay, with their ids: what
//! comes out as before is found again.

use super::Engine;
use super::balancer::OnwardId;
use super::ground::{Ground, named_groups};
use super::sea::{FilterKey, opposite};
use super::world::World;
use crate::model::{ComponentId, Direction, GroupSetId, Network, NetworkAclId, SecurityGroupId};

impl Engine {
    /// Looks at a component whose routes or memberships are others.
    pub(crate) fn rebuild(&mut self, network: &Network, world: &World, id: ComponentId) {
        self.ground = Ground::of(network, world, id, &mut self.sets);
        self.passages.clear();
        self.ways_back.clear();
        self.internet_backs.clear();
        self.networks.clear();
        self.parties.clear();
    }

    /// What interfaces meet is no longer so.
    pub(crate) fn forget_waters(&mut self) {
        self.seas.clear();
        self.shores.clear();
        self.lanes.clear();
        self.forget_onwards();
    }

    /// The rules of a group in a direction are others. `worn_in`: the sets that
    /// hold it. Whether one of their filters is another now.
    pub(crate) fn forget_group(
        &mut self,
        group: SecurityGroupId,
        worn_in: &[GroupSetId],
        direction: Direction,
    ) -> bool {
        self.know_members_of_referenced(group);
        self.groups.remove(&(group, direction));
        self.lanes.clear();
        let mut changed = false;
        for &set in worn_in {
            // With what endpoints of theirs let on, which hangs on no rule.
            let handed = FilterKey::HandedSet(set, 0)..=FilterKey::HandedSet(set, OnwardId::MAX);
            let (first, last) = handed.into_inner();
            let ends = (first, Direction::Ingress)..=(last, Direction::Egress);
            let handed = self.filters.range(ends).map(|((key, _), _)| *key);
            let keys: Vec<FilterKey> = handed.chain([FilterKey::Set(set)]).collect();
            for key in keys {
                let Some((before, _)) = self.filters.remove(&(key, direction)) else { continue };
                let (after, _) = self.filter(key, direction);
                changed |= *before != *after;
            }
        }
        changed
    }

    /// The entries of an ACL are others; whether that lets another packet pass.
    pub(crate) fn forget_acl(&mut self, acl: NetworkAclId) -> bool {
        let mut changed = false;
        for direction in [Direction::Ingress, opposite(Direction::Ingress)] {
            let Some(before) = self.acls.remove(&(Some(acl), direction)) else { continue };
            changed |= before != self.acl(Some(acl), direction);
        }
        changed
    }

    /// A rule may name a group that no rule named before.
    fn know_members_of_referenced(&mut self, group: SecurityGroupId) {
        let mut new = named_groups(self.ground.component.security_groups[group].rules.iter());
        new.retain(|group| !self.ground.referenced.contains(group));
        self.ground.find_members(&new, &mut self.sets);
    }
}
