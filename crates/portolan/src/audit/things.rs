//! What findings are about, and what causes them, as records have it.

use super::Context;
use crate::model::{
    Component, ComponentId, Direction, IdVec, NetworkAclId, NetworkInterfaceId, Place, ScopeId,
    SecurityGroupId, TextId, VpcId,
};
use crate::parallel;
use crate::reach::exposure::Reason;
use crate::record::{About, Cause, Finding, Shared};

impl Context<'_> {
    /// What each component shows, on all cores, in the order of the components.
    pub(super) fn components(
        &self,
        find: impl Fn(&Component) -> Vec<Finding> + Sync,
    ) -> Vec<Finding> {
        let all: Vec<ComponentId> = self.network.components.ids().collect();
        let weight = |&id: &ComponentId| self.network.components[id].interfaces.len();
        let find = |id: ComponentId| find(&self.network.components[id]);
        parallel::each(parallel::all_cores(), all, weight, find).into_iter().flatten().collect()
    }

    /// A security group.
    pub(super) fn about_group(&self, component: &Component, id: SecurityGroupId) -> About {
        let group = &component.security_groups[id];
        let vpc = &component.vpcs[group.vpc];
        let mut about = self.thing(component, "security-group", group.id, vpc.scope, group.place);
        about.name = self.network.text(group.name).to_owned();
        self.network.text(vpc.id).clone_into(&mut about.vpc);
        if !group.owner.is_empty() {
            self.network.text(group.owner).clone_into(&mut about.account);
        }
        about
    }

    /// A thing of a scope.
    pub(super) fn thing(
        &self,
        component: &Component,
        kind: &str,
        id: TextId,
        scope: ScopeId,
        place: Place,
    ) -> About {
        let text = |id: TextId| self.network.text(id).to_owned();
        let scope = &component.scopes[scope];
        let mut about = About {
            kind: kind.to_owned(),
            id: text(id),
            account: text(scope.account),
            region: text(scope.region),
            ..About::default()
        };
        self.stands(&mut about, place);
        about
    }

    /// A VPC, as the thing that a finding is about.
    pub(super) fn about_vpc(&self, component: &Component, vpc: VpcId) -> About {
        let vpc = &component.vpcs[vpc];
        let text = |id| self.network.text(id).to_owned();
        let mut about = About {
            kind: "vpc".to_owned(),
            id: text(vpc.id),
            name: text(vpc.name),
            account: text(vpc.owner),
            region: text(vpc.region),
            vpc: text(vpc.id),
            ..About::default()
        };
        self.stands(&mut about, vpc.place);
        about
    }

    /// An ACL, as the thing that a finding is about.
    pub(super) fn about_acl(&self, component: &Component, acl: NetworkAclId) -> About {
        let facts = &component.network_acls[acl];
        let vpc = &component.vpcs[facts.vpc];
        let scope = &component.scopes[vpc.scope];
        let text = |id| self.network.text(id).to_owned();
        let mut about = About {
            kind: "network-acl".to_owned(),
            id: text(facts.id),
            account: text(scope.account),
            region: text(scope.region),
            vpc: text(vpc.id),
            ..About::default()
        };
        self.stands(&mut about, facts.place);
        about
    }

    /// An interface, as the thing that a finding is about.
    pub(super) fn about_interface(
        &self,
        component: ComponentId,
        interface: NetworkInterfaceId,
    ) -> About {
        let component: &Component = &self.network.components[component];
        let facts = component.interface(interface);
        let text = |id| self.network.text(id).to_owned();
        let instance = facts.instance().map(|id| &component.instances[id]);
        let name = instance.map(|it| text(it.name)).filter(|name| !name.is_empty());
        let vpc = &component.vpcs[facts.vpc()];
        let scope = &component.scopes[vpc.scope];
        let owner = if facts.owner().is_empty() { scope.account } else { facts.owner() };
        let mut about = About {
            kind: "network-interface".to_owned(),
            id: text(facts.id()),
            name: name.unwrap_or_else(|| text(facts.name())),
            instance: instance.map_or_else(String::new, |it| text(it.id)),
            account: text(owner),
            region: text(scope.region),
            vpc: text(vpc.id),
            ..About::default()
        };
        self.stands(&mut about, facts.place());
        about
    }

    /// A rule of a group, by its place among the group's rules.
    pub(super) fn cause_of_rule(
        &self,
        component: &Component,
        group: SecurityGroupId,
        number: usize,
    ) -> Shared<Cause> {
        let rule = component.security_groups[group].rules.get(number);
        let direction = rule.map_or(Direction::Ingress, |rule| rule.direction);
        self.cause(component, Reason::Rule(group, number), direction)
    }

    /// A rule, an entry or a route.
    pub(super) fn cause(
        &self,
        component: &Component,
        reason: Reason,
        direction: Direction,
    ) -> Shared<Cause> {
        reason.cause(self.network, component, direction, self.locate).into()
    }
}

/// How many interfaces wear each group.
pub(super) fn wearer_counts(component: &Component) -> IdVec<SecurityGroupId, usize> {
    let mut wearers: IdVec<_, usize> = component.security_groups.iter().map(|_| 0).collect();
    for interface in component.interfaces.iter().filter(|it| it.seen() || it.unlisted().is_some()) {
        for &group in &component.group_sets[interface.group_set()] {
            wearers[group] = wearers[group].saturating_add(1);
        }
    }
    wearers
}
