//! Load balancers and target groups: put together from up to nine calls, placed in
//! components, resolved.
//!
//! What a call says of a load balancer, listener or target group that no other call
//! describes is left alone: nobody knows which VPC it is of. The interfaces of such a
//! load balancer stay what they are, a limitation.

mod merge;
mod resolve;

use std::collections::BTreeSet;

use super::assemble::Facts;
use super::partition::{Partition, Union};
use super::renumber::{Renumber, Renumbering};
use super::{Chunks, Given, NetworkBuilder, Origin};
use crate::model::{
    Listener, ListenerAction, ListenerRule, LoadBalancer, LoadBalancerAttributes, RuleCondition,
    Target, TargetGroup, TargetGroupAttributes, TargetGroupId, TargetId, TextId, VpcId,
};

/// What the calls gave, each with the ARN of what it is about.
#[derive(Debug, Default)]
pub(super) struct LoadBalancing {
    pub(super) load_balancers: Chunks<Given<LoadBalancer>>,
    pub(super) target_groups: Chunks<Given<TargetGroup>>,
    attributes: Vec<(TextId, LoadBalancerAttributes)>,
    listeners: Vec<(TextId, Vec<Listener>)>,
    rules: Vec<(TextId, Vec<ListenerRule>)>,
    group_attributes: Vec<(TextId, TargetGroupAttributes)>,
    targets: Vec<(TextId, Vec<Target>)>,
}

impl NetworkBuilder {
    /// Adds a load balancer, without what other calls say of it.
    pub fn add_load_balancer(&mut self, fact: LoadBalancer, origin: Origin) {
        self.load_balancing.load_balancers.push(Given { fact, origin });
    }

    /// Adds a target group, without what other calls say of it.
    pub fn add_target_group(&mut self, fact: TargetGroup, origin: Origin) {
        self.load_balancing.target_groups.push(Given { fact, origin });
    }

    /// Adds attributes of a load balancer, all or some: by ARN, by what an ARN ends with
    /// (`loadbalancer/app/web/50dc6c495c0c9188`), or by the name of a Classic one.
    pub fn add_load_balancer_attributes(&mut self, of: TextId, attributes: LoadBalancerAttributes) {
        self.load_balancing.attributes.push((of, attributes));
    }

    /// Adds listeners of a load balancer, or says that it has none.
    pub fn add_listeners(&mut self, of: TextId, listeners: Vec<Listener>) {
        self.load_balancing.listeners.push((of, listeners));
    }

    /// Adds rules of a listener, or says that it has none but its default one.
    pub fn add_listener_rules(&mut self, of: TextId, rules: Vec<ListenerRule>) {
        self.load_balancing.rules.push((of, rules));
    }

    /// Adds attributes of a target group, all or some: by ARN or by what an ARN ends with.
    pub fn add_target_group_attributes(&mut self, of: TextId, attributes: TargetGroupAttributes) {
        self.load_balancing.group_attributes.push((of, attributes));
    }

    /// Adds targets of a target group, or says that it has none: by ARN or by what an
    /// ARN ends with.
    pub fn add_targets(&mut self, of: TextId, targets: Vec<Target>) {
        self.load_balancing.targets.push((of, targets));
    }
}

impl LoadBalancing {
    /// Takes over what does not depend on account and region.
    pub(super) fn adopt(&mut self, part: &mut Self) {
        self.attributes.append(&mut part.attributes);
        self.listeners.append(&mut part.listeners);
        self.rules.append(&mut part.rules);
        self.group_attributes.append(&mut part.group_attributes);
        self.targets.append(&mut part.targets);
    }

    /// Takes over the rest, now that it is known whose it is.
    pub(super) fn append(&mut self, mut part: Self, origin: Origin) {
        part.load_balancers.iter_mut().for_each(|given| given.origin = origin);
        part.target_groups.iter_mut().for_each(|given| given.origin = origin);
        self.load_balancers.append(part.load_balancers);
        self.target_groups.append(part.target_groups);
    }
}

/// The target groups that a load balancer's listeners name.
fn groups_of(balancer: &LoadBalancer) -> impl Iterator<Item = TargetGroupId> {
    balancer
        .listeners
        .iter()
        .flatten()
        .flat_map(|listener| {
            let of_rules = listener.rules.iter().flatten().flat_map(|rule| &rule.actions);
            listener.default_actions.iter().chain(of_rules).flat_map(|action| match action {
                ListenerAction::Forward(groups) => groups.as_slice(),
                ListenerAction::ForwardToInstances { .. }
                | ListenerAction::Redirect { .. }
                | ListenerAction::FixedResponse
                | ListenerAction::Authenticate
                | ListenerAction::Unknown(_) => &[],
            })
        })
        .map(|group| group.target_group)
}

/// The instances and load balancers among a group's targets.
fn tied(group: &TargetGroup) -> impl Iterator<Item = TextId> {
    group.targets.iter().flatten().filter_map(|target| match target.id {
        TargetId::Instance(instance) => Some(instance.as_text()),
        TargetId::LoadBalancer(balancer) => Some(balancer.as_text()),
        TargetId::Ipv4(_) | TargetId::Ipv6(_) | TargetId::Function(_) | TargetId::Unknown(_) => {
            None
        }
    })
}

impl LoadBalancing {
    /// Ties a load balancer to its VPC, groups and targets: `note` makes a VPC known,
    /// `see` a group.
    pub(super) fn tie(
        &self,
        union: &mut Union,
        mut note: impl FnMut(VpcId) -> TextId,
        mut see: impl FnMut(TextId),
    ) {
        let mut used: BTreeSet<TextId> = BTreeSet::new();
        for Given { fact, .. } in self.load_balancers.iter() {
            union.join(note(fact.vpc), fact.id);
            for group in &fact.security_groups {
                see(group.as_text());
                union.join(fact.id, group.as_text());
            }
            for group in groups_of(fact) {
                used.insert(group.as_text());
                union.join(fact.id, group.as_text());
            }
            for instance in &fact.instances {
                union.join(fact.id, instance.as_text());
            }
        }
        for Given { fact, .. } in self.target_groups.iter() {
            for balancer in &fact.load_balancers {
                union.join(fact.id, balancer.as_text());
            }
            // A group that nobody uses outlives its VPC: it does not make it known.
            if let Some(vpc) = fact.vpc {
                let is_used = !fact.load_balancers.is_empty() || used.contains(&fact.id);
                let vpc = if is_used { note(vpc) } else { vpc.as_text() };
                union.join(vpc, fact.id);
            }
            tied(fact).for_each(|target| union.join(fact.id, target));
        }
    }

    /// Everything that has a component by what it is tied to.
    pub(super) fn ids(&self) -> impl Iterator<Item = TextId> {
        let groups = self.target_groups.iter().map(|given| given.fact.id);
        self.load_balancers.iter().map(|given| given.fact.id).chain(groups)
    }

    /// The instances that are targets, and the component of each.
    pub(super) fn instances(&self, partition: &Partition) -> Vec<(TextId, usize)> {
        let mut all = Vec::new();
        for Given { fact, .. } in self.load_balancers.iter() {
            let Some(number) = partition.component_of(fact.id) else { continue };
            all.extend(fact.instances.iter().map(|instance| (instance.as_text(), number)));
        }
        for Given { fact, .. } in self.target_groups.iter() {
            let Some(number) = partition.component_of(fact.id) else { continue };
            all.extend(tied(fact).map(|instance| (instance, number)));
        }
        all
    }

    /// Gives each component its own. A target group that is tied to no VPC is of nobody.
    pub(super) fn distribute(&mut self, partition: &Partition, all: &mut [Facts]) {
        for given in std::mem::take(&mut self.load_balancers) {
            let number = partition.component_of(given.fact.id);
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.load_balancers.push(given);
            }
        }
        for given in std::mem::take(&mut self.target_groups) {
            let number = partition.component_of(given.fact.id);
            if let Some(facts) = number.and_then(|number| all.get_mut(number)) {
                facts.target_groups.push(given);
            }
        }
    }
}

impl Renumber for LoadBalancing {
    fn renumber(&mut self, new: &Renumbering) {
        let Self {
            load_balancers,
            target_groups,
            attributes,
            listeners,
            rules,
            group_attributes,
            targets,
        } = self;
        load_balancers.renumber(new);
        target_groups.renumber(new);
        attributes.iter_mut().for_each(|(of, _)| of.renumber(new));
        listeners.renumber(new);
        rules.renumber(new);
        group_attributes.iter_mut().for_each(|(of, _)| of.renumber(new));
        targets.renumber(new);
    }
}

impl Renumber for ListenerAction {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::Forward(groups) => groups.renumber(new),
            Self::Unknown(text) => text.renumber(new),
            Self::ForwardToInstances { .. }
            | Self::Redirect { .. }
            | Self::FixedResponse
            | Self::Authenticate => {}
        }
    }
}

impl Renumber for RuleCondition {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::Other(text) => text.renumber(new),
            Self::SourceIp(_) => {}
        }
    }
}

impl Renumber for TargetId {
    fn renumber(&mut self, new: &Renumbering) {
        match self {
            Self::Instance(id) => id.renumber(new),
            Self::LoadBalancer(id) => id.renumber(new),
            Self::Function(text) | Self::Unknown(text) => text.renumber(new),
            Self::Ipv4(_) | Self::Ipv6(_) => {}
        }
    }
}
