//! Load balancers and target groups: put together from up to nine calls, placed in
//! components, resolved.
//!
//! What a call says of a load balancer, listener or target group that no other call
//! describes is left alone: nobody knows which VPC it is of. The interfaces of such a
//! load balancer stay what they are, a limitation.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble::Facts;
use super::merge::{Resource, merge_kind, said};
use super::partition::{Partition, Union};
use super::renumber::{Renumber, Renumbering};
use super::resolve::Assembly;
use super::{Chunks, Given, NetworkBuilder, Origin};
use crate::model::id::Id;
use crate::model::load_balancer::{described, resource_of};
use crate::model::lookup::Lookup;
use crate::model::{
    FileId, HealthCheck, HealthCheckPort, InstanceId, InterfaceKind, IpAddressType, LimitationCode,
    Listener, ListenerAction, ListenerRule, LoadBalancer, LoadBalancerAttributes, LoadBalancerId,
    LoadBalancerKind, LoadBalancerState, NetworkInterfaceId, Place, Scheme, Target, TargetGroup,
    TargetGroupAttributes, TargetGroupId, TargetHealth, TargetId, TargetKind, Text, TextId, VpcId,
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

    /// Joins what was seen twice, and puts together what belongs together.
    pub(super) fn merge(&mut self, text: &Text, conflicts: &mut Vec<(TextId, Place)>) {
        merge_kind(&mut self.load_balancers, text, conflicts);
        merge_kind(&mut self.target_groups, text, conflicts);
        self.merge_attributes(text);
        self.merge_listeners(conflicts);
        self.merge_targets(text, conflicts);
    }

    fn merge_attributes(&mut self, text: &Text) {
        let balancers = self.load_balancers.iter().map(|given| {
            let name = match given.fact.kind {
                LoadBalancerKind::Classic => text.get(given.fact.name),
                LoadBalancerKind::Application
                | LoadBalancerKind::Network
                | LoadBalancerKind::Gateway
                | LoadBalancerKind::Unknown => resource_of(text.get(given.fact.id)),
            };
            (given.fact.id, name)
        });
        let names = Names::of(balancers);
        let mut known: BTreeMap<TextId, Vec<LoadBalancerAttributes>> = BTreeMap::new();
        for (of, attributes) in std::mem::take(&mut self.attributes) {
            if let Some(id) = names.find(of, text) {
                known.entry(id).or_default().push(attributes);
            }
        }
        for Given { fact, .. } in self.load_balancers.iter_mut() {
            fact.attributes = known.get(&fact.id).map(|all| LoadBalancerAttributes {
                cross_zone: agreed(all, |one| one.cross_zone),
                deny_all_igw_traffic: agreed(all, |one| one.deny_all_igw_traffic),
            });
        }
        let groups = self.target_groups.iter();
        let names =
            Names::of(groups.map(|given| (given.fact.id, resource_of(text.get(given.fact.id)))));
        let mut known: BTreeMap<TextId, Vec<TargetGroupAttributes>> = BTreeMap::new();
        for (of, attributes) in std::mem::take(&mut self.group_attributes) {
            if let Some(id) = names.find(of, text) {
                known.entry(id).or_default().push(attributes);
            }
        }
        for Given { fact, .. } in self.target_groups.iter_mut() {
            fact.attributes = known.get(&fact.id).map(|all| TargetGroupAttributes {
                preserve_client_ip: agreed(all, |one| one.preserve_client_ip),
                cross_zone: agreed(all, |one| one.cross_zone),
            });
        }
    }

    fn merge_listeners(&mut self, conflicts: &mut Vec<(TextId, Place)>) {
        let mut rules = together(std::mem::take(&mut self.rules), conflicts);
        let mut listeners = together(std::mem::take(&mut self.listeners), conflicts);
        for Given { fact, .. } in self.load_balancers.iter_mut() {
            if let Some(given) = listeners.remove(&fact.id) {
                fact.listeners = Some(given);
            }
            for listener in fact.listeners.iter_mut().flatten() {
                if let Some(given) = rules.remove(&listener.id) {
                    listener.rules = Some(given);
                }
                if let Some(rules) = &mut listener.rules {
                    rules.sort_by_key(|rule| (rule.priority.is_none(), rule.priority));
                }
            }
            if let Some(listeners) = &mut fact.listeners {
                listeners.sort_by_key(|listener| (listener.port, listener.protocol));
            }
        }
    }

    fn merge_targets(&mut self, text: &Text, conflicts: &mut Vec<(TextId, Place)>) {
        let groups = self.target_groups.iter();
        let names =
            Names::of(groups.map(|given| (given.fact.id, resource_of(text.get(given.fact.id)))));
        let targets = std::mem::take(&mut self.targets).into_iter();
        let named = targets.filter_map(|(of, targets)| Some((names.find(of, text)?, targets)));
        let mut targets = together(named.collect(), conflicts);
        for Given { fact, .. } in self.target_groups.iter_mut() {
            fact.targets = targets.remove(&fact.id);
            if let Some(targets) = &mut fact.targets {
                fact.contested |= targets.iter().any(|target| target.contested);
                targets.sort_by_key(|target| (target.id, target.port));
            }
        }
    }
}

/// The ids of things by what else they are called.
struct Names {
    ids: BTreeSet<TextId>,
    /// `None`: several are called so.
    by_name: BTreeMap<String, Option<TextId>>,
}

impl Names {
    fn of<'t>(things: impl Iterator<Item = (TextId, &'t str)>) -> Self {
        let (mut ids, mut by_name) = (BTreeSet::new(), BTreeMap::new());
        for (id, name) in things {
            ids.insert(id);
            let by_name = by_name.entry(name.to_owned()).or_insert(Some(id));
            if *by_name != Some(id) {
                *by_name = None;
            }
        }
        Self { ids, by_name }
    }

    fn find(&self, named: TextId, text: &Text) -> Option<TextId> {
        match self.ids.contains(&named) {
            true => Some(named),
            false => self.by_name.get(text.get(named)).copied().flatten(),
        }
    }
}

/// What all that say something of an attribute say; where they differ there is none.
fn agreed<A, T: PartialEq>(all: &[A], of: impl Fn(&A) -> Option<T>) -> Option<T> {
    let mut said = all.iter().filter_map(of);
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}

/// What one call lists of a thing.
trait Listed: Clone + PartialEq {
    type Key: Ord;
    fn key(&self) -> Self::Key;
    fn about(&self) -> TextId;
    fn place(&self) -> Place;
    /// Without where it stands.
    fn bare(&self) -> Self;
    fn contest(&mut self, other: Option<&Self>);
}

impl Listed for Listener {
    type Key = TextId;
    fn key(&self) -> TextId {
        self.id
    }
    fn about(&self) -> TextId {
        self.id
    }
    fn place(&self) -> Place {
        self.place
    }
    fn bare(&self) -> Self {
        Self { place: Place::default(), ordinal: None, ..self.clone() }
    }
    fn contest(&mut self, other: Option<&Self>) {
        self.contested = true;
        let Some(other) = other else { return };
        if self.port != other.port {
            self.port = None;
        }
        if self.protocol != other.protocol {
            self.protocol = None;
        }
        self.default_actions.extend(other.default_actions.iter().cloned());
    }
}

impl Listed for ListenerRule {
    type Key = TextId;
    fn key(&self) -> TextId {
        self.id
    }
    fn about(&self) -> TextId {
        self.id
    }
    fn place(&self) -> Place {
        self.place
    }
    fn bare(&self) -> Self {
        Self { place: Place::default(), ordinal: None, ..self.clone() }
    }
    fn contest(&mut self, other: Option<&Self>) {
        self.contested = true;
        let Some(other) = other else { return };
        // What only one of them asks for may not be asked for.
        self.conditions.retain(|condition| other.conditions.contains(condition));
        self.actions.extend(other.actions.iter().cloned());
    }
}

impl Listed for Target {
    type Key = (TargetId, Option<u16>);
    fn key(&self) -> Self::Key {
        (self.id, self.port)
    }
    fn about(&self) -> TextId {
        TextId::EMPTY
    }
    fn place(&self) -> Place {
        self.place
    }
    fn bare(&self) -> Self {
        Self { place: Place::default(), ordinal: None, ..self.clone() }
    }
    fn contest(&mut self, other: Option<&Self>) {
        self.contested = true;
        if other.is_some_and(|other| other.health != self.health) {
            self.health = TargetHealth::Unknown;
        }
    }
}

/// The lists of each thing in one. An element that is not in all files that list any,
/// or that they give differently, is not certain.
fn together<T: Listed>(
    given: Vec<(TextId, Vec<T>)>,
    conflicts: &mut Vec<(TextId, Place)>,
) -> BTreeMap<TextId, Vec<T>> {
    let mut all: BTreeMap<TextId, Vec<T>> = BTreeMap::new();
    for (of, list) in given {
        all.entry(of).or_default().extend(list);
    }
    for (&of, list) in &mut all {
        let files: BTreeSet<FileId> = list.iter().map(|item| item.place().file).collect();
        // By key, and among equal ones in the order in which they came.
        let mut by_key: BTreeMap<T::Key, (T, BTreeSet<FileId>)> = BTreeMap::new();
        for item in std::mem::take(list) {
            let file = item.place().file;
            let Some((known, seen)) = by_key.get_mut(&item.key()) else {
                by_key.insert(item.key(), (item, BTreeSet::from([file])));
                continue;
            };
            seen.insert(file);
            if known.bare() != item.bare() {
                known.contest(Some(&item));
                let about = if item.about().is_empty() { of } else { item.about() };
                conflicts.push((about, item.place()));
            }
        }
        list.extend(by_key.into_values().map(|(mut item, seen)| {
            if seen.len() < files.len() {
                item.contest(None);
                let about = if item.about().is_empty() { of } else { item.about() };
                conflicts.push((about, item.place()));
            }
            item
        }));
    }
    all
}

impl Resource for LoadBalancer {
    fn id(&self) -> TextId {
        self.id
    }
    fn place(&self) -> Place {
        self.place
    }
    fn owner(&self) -> TextId {
        TextId::EMPTY
    }
    fn canonical(&self) -> Self {
        let mut canonical = Self { place: Place::default(), ..self.clone() };
        canonical.security_groups.sort_unstable();
        canonical.instances.sort_unstable();
        canonical.zones.iter_mut().for_each(|zone| zone.addresses.sort_unstable());
        canonical.zones.sort_unstable();
        for listener in canonical.listeners.iter_mut().flatten() {
            *listener = listener.bare();
        }
        canonical
    }
    fn contest(&mut self, other: &Self) {
        self.contested = true;
        if self.scheme != other.scheme {
            self.scheme = Scheme::Unknown;
        }
        if self.ip_address_type != other.ip_address_type {
            self.ip_address_type = IpAddressType::Unknown;
        }
        if self.state != other.state {
            self.state = LoadBalancerState::Unknown;
        }
        if self.filters_private_link != other.filters_private_link {
            self.filters_private_link = None;
        }
        add_missing(&mut self.security_groups, &other.security_groups);
        add_missing(&mut self.zones, &other.zones);
        add_missing(&mut self.instances, &other.instances);
        if let (Some(listeners), Some(more)) = (&mut self.listeners, &other.listeners) {
            for listener in more {
                if !listeners.iter().any(|known| known.bare() == listener.bare()) {
                    listeners.push(listener.clone());
                }
            }
            listeners.iter_mut().for_each(|listener| listener.contested = true);
        }
    }
}

impl Resource for TargetGroup {
    fn id(&self) -> TextId {
        self.id
    }
    fn place(&self) -> Place {
        self.place
    }
    fn owner(&self) -> TextId {
        TextId::EMPTY
    }
    fn canonical(&self) -> Self {
        let mut canonical = Self { place: Place::default(), ..self.clone() };
        canonical.load_balancers.sort_unstable();
        canonical
    }
    fn contest(&mut self, other: &Self) {
        self.contested = true;
        if self.kind != other.kind {
            self.kind = TargetKind::Unknown;
        }
        if self.port != other.port {
            self.port = None;
        }
        add_missing(&mut self.load_balancers, &other.load_balancers);
    }
    fn complete(&mut self, other: &Self) {
        said(&mut self.name, other.name);
    }
}

fn add_missing<T: Clone + PartialEq>(known: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !known.contains(item) {
            known.push(item.clone());
        }
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
                | ListenerAction::Redirect
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

impl Assembly<'_> {
    pub(super) fn resolve_load_balancing(&mut self) {
        let mut groups = std::mem::take(&mut self.target_groups.items);
        for group in &mut groups {
            let place = group.place;
            group.vpc = group.vpc.map(|vpc| self.vpc(vpc, place));
            let vpc = group.vpc;
            for balancer in &mut group.load_balancers {
                *balancer = self.load_balancer(*balancer, vpc, place);
            }
            for target in group.targets.iter_mut().flatten() {
                target.id = match target.id {
                    TargetId::Instance(named) => {
                        TargetId::Instance(self.target_instance(named, vpc, target.place))
                    }
                    TargetId::LoadBalancer(named) => {
                        TargetId::LoadBalancer(self.load_balancer(named, vpc, target.place))
                    }
                    known @ (TargetId::Ipv4(_)
                    | TargetId::Ipv6(_)
                    | TargetId::Function(_)
                    | TargetId::Unknown(_)) => known,
                };
            }
        }
        self.target_groups.items = groups;
        let seen = self.load_balancers.items.iter().filter(|balancer| balancer.seen).count();
        for number in 0..seen {
            let Some(item) = self.load_balancers.items.get_mut(number) else { continue };
            let mut balancer = item.clone();
            self.resolve_load_balancer(&mut balancer);
            if let Some(item) = self.load_balancers.items.get_mut(number) {
                *item = balancer;
            }
        }
        self.join_interfaces();
    }

    fn resolve_load_balancer(&mut self, balancer: &mut LoadBalancer) {
        let place = balancer.place;
        balancer.vpc = self.vpc(balancer.vpc, place);
        let vpc = balancer.vpc;
        for group in &mut balancer.security_groups {
            *group = self.group(*group, vpc, place);
        }
        balancer.security_groups.sort_unstable();
        balancer.security_groups.dedup();
        for zone in &mut balancer.zones {
            zone.subnet = self.subnet(zone.subnet, vpc, place);
        }
        for instance in &mut balancer.instances {
            *instance = self.target_instance(*instance, Some(vpc), place);
        }
        for listener in balancer.listeners.iter_mut().flatten() {
            for action in &mut listener.default_actions {
                self.resolve_action(action, vpc, listener.place);
            }
            for rule in listener.rules.iter_mut().flatten() {
                for action in &mut rule.actions {
                    self.resolve_action(action, vpc, rule.place);
                }
            }
        }
    }

    fn resolve_action(&mut self, action: &mut ListenerAction, vpc: VpcId, place: Place) {
        let ListenerAction::Forward(groups) = action else { return };
        for group in groups {
            let id = group.target_group.as_text();
            if !self.target_groups.number.contains_key(&id) {
                self.limit(LimitationCode::UnknownTargetGroup, id, place);
            }
            let number = self.target_groups.number_or(id, || TargetGroup {
                id,
                place,
                name: TextId::EMPTY,
                kind: TargetKind::Unknown,
                protocol: None,
                port: None,
                vpc: Some(vpc),
                ip_address_type: IpAddressType::Unknown,
                health_check: HealthCheck { enabled: None, port: HealthCheckPort::Unknown },
                load_balancers: Vec::new(),
                attributes: None,
                targets: None,
                seen: false,
                contested: true,
            });
            group.target_group = TargetGroupId::from_index(number);
        }
    }

    /// An instance that is a target.
    fn target_instance(
        &mut self,
        named: InstanceId,
        vpc: Option<VpcId>,
        place: Place,
    ) -> InstanceId {
        let home = vpc.and_then(|vpc| self.vpcs.items.get(vpc.index()));
        let home = home.map(|vpc| (vpc.owner, vpc.region)).unwrap_or_default();
        self.instance(named, place, home)
    }

    fn load_balancer(
        &mut self,
        named: LoadBalancerId,
        vpc: Option<VpcId>,
        place: Place,
    ) -> LoadBalancerId {
        let id = named.as_text();
        if !self.load_balancers.number.contains_key(&id) {
            self.limit(LimitationCode::UnknownLoadBalancer, id, place);
        }
        // A group of functions has no VPC: neither has a load balancer that only it names.
        let vpc = match vpc {
            Some(vpc) => vpc,
            None if self.load_balancers.number.contains_key(&id) => VpcId::from_index(0),
            None => self.vpc(VpcId::named(TextId::EMPTY), place),
        };
        let kind = match resource_of(self.text(id)).split('/').nth(1) {
            Some("app") => LoadBalancerKind::Application,
            Some("net") => LoadBalancerKind::Network,
            Some("gwy") => LoadBalancerKind::Gateway,
            Some(_) | None => LoadBalancerKind::Unknown,
        };
        let number = self.load_balancers.number_or(id, || LoadBalancer {
            id,
            place,
            name: TextId::EMPTY,
            dns_name: TextId::EMPTY,
            kind,
            scheme: Scheme::Unknown,
            vpc,
            security_groups: Vec::new(),
            zones: Vec::new(),
            ip_address_type: IpAddressType::Unknown,
            state: LoadBalancerState::Unknown,
            filters_private_link: None,
            attributes: None,
            listeners: None,
            instances: Vec::new(),
            interfaces: Vec::new(),
            seen: false,
            contested: true,
        });
        LoadBalancerId::from_index(number)
    }

    /// An interface belongs to the load balancer of its VPC that its description names.
    fn join_interfaces(&mut self) {
        if self.load_balancers.items.is_empty() {
            return;
        }
        let mut called: Lookup<(VpcId, String), usize> = Lookup::default();
        for (number, balancer) in self.load_balancers.items.iter().enumerate() {
            let name = described(self.text(balancer.id), balancer.kind, self.text(balancer.name));
            if !name.is_empty() {
                called.insert((balancer.vpc, name), number);
            }
        }
        let mut joined = Vec::new();
        for (number, interface) in self.interfaces.items.iter().enumerate() {
            if interface.kind != InterfaceKind::LoadBalancer {
                continue;
            }
            let Some(name) = self.text(interface.description).strip_prefix("ELB ") else {
                continue;
            };
            if let Some(&balancer) = called.get(&(interface.vpc, name.to_owned())) {
                joined.push((NetworkInterfaceId::from_index(number), balancer));
            }
        }
        for (interface, balancer) in joined {
            if let Some(balancer) = self.load_balancers.items.get_mut(balancer) {
                balancer.interfaces.push(interface);
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
            | Self::Redirect
            | Self::FixedResponse
            | Self::Authenticate => {}
        }
    }
}

impl Renumber for crate::model::RuleCondition {
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
