//! Which firewall inspects what passes an endpoint.
//!
//! Three calls tell of a firewall, its policy and its rule groups, in a file each; what a
//! reply is about and what it says of it are two objects beside each other, which the
//! file joins. Endpoints are found by the firewall's status, policies and groups by ARN.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::NetworkBuilder;
use crate::model::lookup::Lookup;
use crate::model::{
    FileId, Firewall, FirewallAction, FirewallPolicy, FirewallRule, LimitationCode, Place,
    RuleGroup, RuleGroupReference, StatefulDefault, TextId, VpcEndpointKind,
};

/// One object of a reply. Names are strings: they become ids when the objects are joined.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FirewallFact {
    /// `Firewall` of `describe-firewall`.
    Firewall {
        /// `FirewallArn`.
        arn: String,
        /// `FirewallName`.
        name: String,
        /// `FirewallPolicyArn`.
        policy: String,
    },
    /// `FirewallStatus` of the same reply: endpoints (`vpce-…`) that are ready.
    Endpoints(Vec<String>),
    /// `FirewallPolicyResponse` of `describe-firewall-policy`, `RuleGroupResponse` of
    /// `describe-rule-group`.
    Name {
        /// The ARN.
        arn: String,
        /// The name.
        name: String,
    },
    /// `FirewallPolicy`.
    Policy(PolicyFacts),
    /// `RuleGroup`.
    RuleGroup(Vec<FirewallRule>),
}

/// What a policy says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PolicyFacts {
    /// Stateless rule groups.
    pub stateless: Vec<ReferenceFacts>,
    /// `StatelessDefaultActions`.
    pub stateless_default: FirewallAction,
    /// Stateful rule groups.
    pub stateful: Vec<ReferenceFacts>,
    /// See [`FirewallPolicy`].
    pub strict_order: Option<bool>,
    /// `StatefulDefaultActions`.
    pub stateful_default: StatefulDefault,
}

/// A rule group as a policy names it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReferenceFacts {
    /// `ResourceArn`.
    pub arn: String,
    /// `Priority`.
    pub priority: u32,
    /// `Override.Action` is `DROP_TO_ALERT`.
    pub alert_only: bool,
}

/// What one file says.
#[derive(Default)]
struct Reply<'f> {
    facts: Vec<(Place, &'f FirewallFact)>,
}

impl<'f> Reply<'f> {
    /// The one fact of a kind; `None` where there is none, or several.
    fn one<T>(&self, pick: impl Fn(&'f FirewallFact) -> Option<T>) -> Option<(Place, T)> {
        let mut found = self.facts.iter().filter_map(|&(place, fact)| Some((place, pick(fact)?)));
        found.next().filter(|_| found.next().is_none())
    }
}

/// Things by their ARN; `None`: two replies say different things of it.
type ByArn<T> = Lookup<String, Option<T>>;

fn put<T: Clone>(all: &mut ByArn<T>, arn: &str, thing: T, alike: impl Fn(&T, &T) -> bool) {
    match all.get_mut(arn) {
        None => {
            all.insert(arn.to_owned(), Some(thing));
        }
        Some(known) if known.as_ref().is_some_and(|known| alike(known, &thing)) => {}
        Some(known) => *known = None,
    }
}

impl NetworkBuilder {
    /// Adds what a reply of AWS Network Firewall says.
    pub fn add_firewall_fact(&mut self, place: Place, fact: FirewallFact) {
        self.firewalls.push((place, fact));
    }

    /// Finds the firewall of each endpoint that is one's.
    pub(super) fn attach_firewalls(&mut self) {
        let facts = std::mem::take(&mut self.firewalls);
        let mut replies: BTreeMap<FileId, Reply<'_>> = BTreeMap::new();
        for (place, fact) in &facts {
            replies.entry(place.file).or_default().facts.push((*place, fact));
        }
        let groups = self.rule_groups(&replies);
        let policies = self.firewall_policies(&replies, &groups);
        let mut by_endpoint: Lookup<TextId, Option<Arc<Firewall>>> = Lookup::default();
        for reply in replies.values() {
            let firewall = reply.one(|fact| {
                let FirewallFact::Firewall { arn, name, policy } = fact else { return None };
                Some((arn, name, policy))
            });
            let endpoints = reply.one(|fact| {
                let FirewallFact::Endpoints(endpoints) = fact else { return None };
                Some(endpoints)
            });
            let (Some((place, (arn, name, policy))), Some((_, endpoints))) = (firewall, endpoints)
            else {
                continue;
            };
            let id = self.text.intern(arn);
            let named = self.text.intern(policy);
            let policy = policies.get(policy).cloned().flatten();
            if policy.is_none() {
                self.limit(LimitationCode::FirewallRules, named, Some(place));
            }
            let name = self.text.intern(name);
            let firewall = Arc::new(Firewall { id, name, place, policy });
            for endpoint in endpoints {
                let endpoint = self.text.intern(endpoint);
                match by_endpoint.get_mut(&endpoint) {
                    None => {
                        by_endpoint.insert(endpoint, Some(Arc::clone(&firewall)));
                    }
                    Some(known) if known.as_ref().is_some_and(|known| same(known, &firewall)) => {}
                    Some(known) => *known = None,
                }
            }
        }
        for given in self.vpc_endpoints.iter_mut() {
            let endpoint = &mut given.fact;
            if endpoint.kind == VpcEndpointKind::GatewayLoadBalancer {
                endpoint.firewall = by_endpoint.get(&endpoint.id).cloned().flatten();
            }
        }
    }

    fn rule_groups(&mut self, replies: &BTreeMap<FileId, Reply<'_>>) -> ByArn<Arc<RuleGroup>> {
        let mut all = ByArn::default();
        for reply in replies.values() {
            let rules = reply.one(|fact| {
                let FirewallFact::RuleGroup(rules) = fact else { return None };
                Some(rules)
            });
            let (Some((place, rules)), Some((_, (arn, name)))) = (rules, reply.one(named)) else {
                continue;
            };
            let (id, name) = (self.text.intern(arn), self.text.intern(name));
            let group = Arc::new(RuleGroup { id, name, place, rules: rules.clone() });
            put(&mut all, arn, group, |one, other| one.rules == other.rules);
        }
        all
    }

    fn firewall_policies(
        &mut self,
        replies: &BTreeMap<FileId, Reply<'_>>,
        groups: &ByArn<Arc<RuleGroup>>,
    ) -> ByArn<Arc<FirewallPolicy>> {
        let mut all = ByArn::default();
        for reply in replies.values() {
            let policy = reply.one(|fact| {
                let FirewallFact::Policy(policy) = fact else { return None };
                Some(policy)
            });
            let (Some((place, facts)), Some((_, (arn, name)))) = (policy, reply.one(named)) else {
                continue;
            };
            let references = |given: &[ReferenceFacts], builder: &mut Self| {
                let mut all = Vec::new();
                for reference in given {
                    let id = builder.text.intern(&reference.arn);
                    let group = groups.get(&reference.arn).cloned().flatten();
                    if group.is_none() {
                        builder.limit(LimitationCode::FirewallRules, id, Some(place));
                    }
                    let ReferenceFacts { priority, alert_only, .. } = *reference;
                    all.push(RuleGroupReference { id, priority, alert_only, group });
                }
                all.sort_by_key(|reference| reference.priority);
                all
            };
            let stateless = references(&facts.stateless, self);
            let stateful = references(&facts.stateful, self);
            let policy = Arc::new(FirewallPolicy {
                id: self.text.intern(arn),
                name: self.text.intern(name),
                place,
                stateless,
                stateless_default: facts.stateless_default,
                stateful,
                strict_order: facts.strict_order,
                stateful_default: facts.stateful_default,
            });
            let alike = |one: &Arc<FirewallPolicy>, other: &Arc<FirewallPolicy>| {
                FirewallPolicy { place, ..(**one).clone() }
                    == FirewallPolicy { place, ..(**other).clone() }
            };
            put(&mut all, arn, policy, alike);
        }
        all
    }
}

fn named(fact: &FirewallFact) -> Option<(&String, &String)> {
    let FirewallFact::Name { arn, name } = fact else { return None };
    Some((arn, name))
}

/// Whether two replies say the same of a firewall.
fn same(one: &Firewall, other: &Firewall) -> bool {
    one.id == other.id && one.policy == other.policy
}
