//! What several calls say of the same load balancer, listener or target group, in one.

use std::collections::{BTreeMap, BTreeSet};

use super::LoadBalancing;
use crate::model::build::Given;
use crate::model::build::merge::{Resource, merge_kind, said};
use crate::model::load_balancer::resource_of;
use crate::model::{
    FileId, IpAddressType, Listener, ListenerRule, LoadBalancer, LoadBalancerAttributes,
    LoadBalancerKind, LoadBalancerState, Place, Scheme, Target, TargetGroup, TargetGroupAttributes,
    TargetHealth, TargetId, TargetKind, Text, TextId,
};

impl LoadBalancing {
    /// Joins what was seen twice, and puts together what belongs together.
    pub(in crate::model::build) fn merge(
        &mut self,
        text: &Text,
        conflicts: &mut Vec<(TextId, Place)>,
    ) {
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
