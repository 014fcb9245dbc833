//! Through a firewall of AWS Network Firewall: where it stands on the way, and what its
//! rules say of a packet and of its reply.
//!
//! A route to a firewall's endpoint leads into the endpoint's subnet, through the
//! firewall, and on by the route table of that subnet; addresses stay as they are. The
//! subnet's ACL is asked as packets come in and as they leave (AWS PrivateLink, "Gateway
//! Load Balancer endpoints": network ACLs apply, security groups do not). Stateless rules
//! are asked of each packet by itself, by priority; those that they forward meet the
//! stateful rules, which are asked of a connection's first packet and pass its replies
//! (Network Firewall developer guide, "How AWS Network Firewall filters network traffic").
//! Both directions must pass the same endpoint: what becomes of a connection of which it
//! sees one side only is not known ("asymmetric routing").

use std::net::IpAddr;

use super::Ternary;
use super::internet::{in_subnet, is_attached};
use super::route::{self, Hop};
use super::trace::{Part, Stage, Step, Trace};
use super::walk::{Side, Walk};
use crate::model::{
    Asked, BlockMode, Component, Firewall, FirewallAction, FirewallPolicy, FirewallRule,
    LimitationCode, RouteTarget, RuleGroup, RuleGroupReference, StatefulDefault, SubnetId, TextId,
    VpcEndpointId, VpcId,
};
use crate::net::{CLIENT_PORTS, Cidr, PortSet, Protocol};
use crate::record::Way;

/// A way through a firewall that is known, and on by the table of its subnet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Inspection {
    /// Its endpoint.
    pub(super) endpoint: VpcEndpointId,
    /// The endpoint's subnet.
    subnet: SubnetId,
    /// Where that subnet's table leads: within the VPC, or to its internet gateway.
    pub(super) target: RouteTarget,
}

/// The way that a route to an endpoint is, if a known firewall is behind it and it is
/// known where it leads.
pub(super) fn inspection(
    component: &Component,
    vpc: VpcId,
    hop: Hop,
    destination: IpAddr,
) -> Option<Inspection> {
    let Hop::Route { target: RouteTarget::VpcEndpoint(endpoint), sure: true, .. } = hop else {
        return None;
    };
    let facts = &component.vpc_endpoints[endpoint];
    let available = facts.seen && facts.available == Some(true) && facts.vpc == vpc;
    if facts.firewall.is_none() || !available || destination.is_ipv6() {
        return None;
    }
    let [subnet] = *facts.subnets.as_slice() else { return None };
    let place = &component.subnets[subnet];
    if place.vpc != vpc || !component.vpcs[vpc].seen {
        return None;
    }
    // What Block Public Access does to firewalls is not told as it is of subnets.
    let access = &component.scopes[place.scope].block_public_access;
    if access.as_ref().is_some_and(|options| options.mode != BlockMode::Off) {
        return None;
    }
    if in_subnet(component, subnet, destination) != Ternary::No {
        return None;
    }
    let ways = route::ways(component, subnet, destination, &mut Trace::default());
    let [Hop::Route { target, sure: true, .. }] = *ways.as_slice() else { return None };
    let leads = match target {
        RouteTarget::Local => true,
        RouteTarget::InternetGateway(id) => {
            let gateway = &component.internet_gateways[id];
            gateway.seen && is_attached(gateway.attachments.iter(), vpc)
        }
        RouteTarget::EgressOnlyInternetGateway(_)
        | RouteTarget::NatGateway(_)
        | RouteTarget::VpcPeeringConnection(_)
        | RouteTarget::NetworkInterface(_)
        | RouteTarget::VpcEndpoint(_)
        | RouteTarget::TransitGateway(_)
        | RouteTarget::VpnGateway(_)
        | RouteTarget::Other(_) => false,
    };
    leads.then_some(Inspection { endpoint, subnet, target })
}

/// The same for what the router of a subnet does with a packet.
pub(super) fn inspected(
    component: &Component,
    subnet: SubnetId,
    ways: &[Hop],
    destination: IpAddr,
) -> Option<Inspection> {
    let [hop] = *ways else { return None };
    let way = inspection(component, component.subnets[subnet].vpc, hop, destination)?;
    (way.subnet != subnet).then_some(way)
}

impl<'n> Walk<'n> {
    /// The way by which an internet gateway hands in what comes for an interface, if it
    /// leads through a firewall.
    pub(super) fn gate_inspection(&self, y: Side<'n>) -> Option<Inspection> {
        let attached = y
            .component
            .internet_gateways
            .iter()
            .filter(|gateway| gateway.seen && is_attached(gateway.attachments.iter(), y.vpc()));
        let gateways: Vec<TextId> = attached.map(|gateway| gateway.id).collect();
        let [gateway] = *gateways.as_slice() else { return None };
        let tables: Vec<_> = y.component.tables_naming_gateway(gateway).collect();
        let [table] = *tables.as_slice() else { return None };
        let table = &y.component.route_tables[table];
        let ways = route::ways_of(y.component, table, y.address, false, &mut Trace::default());
        let [hop] = *ways.as_slice() else { return None };
        let way = inspection(y.component, y.vpc(), hop, y.address)?;
        (way.target == RouteTarget::Local).then_some(way)
    }

    /// From one router through a firewall to the other: the packet, or a reply that goes
    /// the way that it came.
    pub(super) fn inspect(
        &mut self,
        component: &'n Component,
        way: Inspection,
        source: IpAddr,
        destination: IpAddr,
    ) -> Ternary {
        let endpoint = &component.vpc_endpoints[way.endpoint];
        let Some(firewall) = &endpoint.firewall else { return Ternary::Unknown };
        self.trace.step(Step {
            component: "vpc-endpoint",
            id: endpoint.id,
            part: Part::Whole,
            action: "forward",
            stage: Stage::Ingress,
            place: Some(endpoint.place),
            towards: firewall.id,
        });
        let entered = self.acl(component, way.subnet, Stage::Ingress, source);
        let passed = match self.trace.way {
            Way::Forward => self.firewall(firewall, source, destination),
            // What is said of the reply was said of the packet.
            Way::Reply => {
                self.trace.step(firewall_step(firewall, "allow"));
                Ternary::Yes
            }
        };
        let left = self.acl(component, way.subnet, Stage::Egress, destination);
        route::ways(component, way.subnet, destination, &mut self.trace);
        entered.and(passed).and(left)
    }

    /// One direction of a connection passes a firewall and the other does not, or another.
    pub(super) fn asymmetric(&mut self, component: &Component, endpoint: VpcEndpointId) -> Ternary {
        let endpoint = &component.vpc_endpoints[endpoint];
        let about = endpoint.firewall.as_ref().map_or(endpoint.id, |firewall| firewall.id);
        self.trace.unknown(LimitationCode::FirewallRules, about)
    }

    /// What the rules say of a connection: of its first packet, and of the replies.
    fn firewall(&mut self, firewall: &Firewall, client: IpAddr, server: IpAddr) -> Ternary {
        self.trace.step(firewall_step(firewall, "inspect"));
        let Some(policy) = &firewall.policy else {
            return self.trace.unknown(LimitationCode::FirewallRules, firewall.id);
        };
        let (protocol, port) = (self.flow.protocol, self.flow.selector);
        let packet = Seen {
            protocol,
            source: client,
            source_port: Port::OfClient,
            destination: server,
            destination_port: Port::Is(port),
        };
        let reply = packet.exchanged();
        let there = stateless(policy, packet);
        let back = stateless(policy, reply);
        let kept = stateful(policy, packet, reply);
        let mut verdicts = Vec::new();
        for (there, _) in &there {
            for (back, _) in &back {
                verdicts.push(connection(*there, *back, kept.verdict, protocol));
            }
        }
        let verdict = Ternary::whichever(verdicts);
        // What decides is told: the stateful rules where something may get to them.
        let first = |outcomes: &Outcomes| outcomes.first().map(|&(_, step)| step);
        let meets = |outcomes: &Outcomes, wanted: Stateless| {
            outcomes.iter().find(|(outcome, _)| *outcome == wanted).map(|&(_, step)| step)
        };
        let refused = if verdict == Ternary::No {
            let dropped = meets(&there, Stateless::Drop).filter(|_| there.len() == 1);
            let lost = meets(&back, Stateless::Drop).filter(|_| back.len() == 1);
            dropped.or(lost)
        } else {
            None
        };
        let asked = meets(&there, Stateless::Forward).is_some();
        let told = match refused {
            Some(step) => Some(step),
            None if asked => Some(kept.step),
            None => first(&there),
        };
        let step = told.unwrap_or_else(|| policy_step(policy));
        match verdict {
            Ternary::Yes => self.trace.step(Step { action: "allow", ..step }),
            Ternary::No => {
                self.trace.refuse("FIREWALL_RULES_RESTRICTION", step);
            }
            Ternary::Unknown => {
                self.trace.step(Step { action: "unknown", ..step });
                self.trace.unknown(LimitationCode::FirewallRules, firewall.id);
            }
        }
        verdict
    }
}

/// What the stateless rules do with one packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Stateless {
    Pass,
    Drop,
    Forward,
}

/// All that may happen, and the rule by which it does.
type Outcomes = Vec<(Stateless, Step)>;

/// A connection, by what the stateless rules do with its packets and its replies, and
/// what the stateful ones say of it.
fn connection(there: Stateless, back: Stateless, kept: Ternary, protocol: Protocol) -> Ternary {
    match (there, back) {
        (Stateless::Drop, _) => Ternary::No,
        (_, Stateless::Drop) if protocol.has_ports() => Ternary::No,
        // Not all that has no ports waits for a reply.
        (Stateless::Pass, Stateless::Drop) => Ternary::Unknown,
        (Stateless::Forward, Stateless::Drop) => kept.and(Ternary::Unknown),
        (Stateless::Pass, Stateless::Pass) => Ternary::Yes,
        // The stateful rules see one side only.
        (Stateless::Pass, Stateless::Forward) => Ternary::Unknown,
        (Stateless::Forward, Stateless::Pass) => kept.and(Ternary::Unknown),
        (Stateless::Forward, Stateless::Forward) => kept,
    }
}

/// A port of a packet.
#[derive(Clone, Copy)]
enum Port {
    Is(u16),
    /// Any of those that clients use.
    OfClient,
}

/// A packet as a firewall sees it.
#[derive(Clone, Copy)]
struct Seen {
    protocol: Protocol,
    source: IpAddr,
    source_port: Port,
    destination: IpAddr,
    destination_port: Port,
}

impl Seen {
    fn exchanged(self) -> Self {
        Self {
            source: self.destination,
            source_port: self.destination_port,
            destination: self.source,
            destination_port: self.source_port,
            ..self
        }
    }

    /// Whether the rule matches.
    fn meets(self, rule: &FirewallRule) -> Ternary {
        let mut met = self.meets_header(rule);
        if rule.both_ways {
            met = met.or(self.exchanged().meets_header(rule));
        }
        if rule.doubtful { met.and(Ternary::Unknown) } else { met }
    }

    fn meets_header(self, rule: &FirewallRule) -> Ternary {
        let protocol = match &rule.protocols {
            Asked::Anything => Ternary::Yes,
            Asked::Only(numbers) => Ternary::known(numbers.contains(&self.protocol.number())),
            Asked::Unknown => Ternary::Unknown,
        };
        protocol
            .and(address_is(&rule.sources, self.source))
            .and(address_is(&rule.destinations, self.destination))
            .and(self.port_is(&rule.source_ports, self.source_port))
            .and(self.port_is(&rule.destination_ports, self.destination_port))
    }

    fn port_is(self, asked: &Asked<PortSet>, port: Port) -> Ternary {
        match (asked, port) {
            (Asked::Anything, _) => Ternary::Yes,
            // Whether a rule with ports matches what has none is not documented.
            (Asked::Only(_) | Asked::Unknown, _) if !self.protocol.has_ports() => Ternary::Unknown,
            (Asked::Unknown, _) => Ternary::Unknown,
            (Asked::Only(ports), Port::Is(port)) => Ternary::known(ports.contains(port)),
            // Which one the client has is not known to the rule's reader.
            (Asked::Only(ports), Port::OfClient) => {
                match (ports.contains_range(CLIENT_PORTS), ports.intersects(&CLIENT_PORTS.into())) {
                    (true, _) => Ternary::Yes,
                    (false, true) => Ternary::Unknown,
                    (false, false) => Ternary::No,
                }
            }
        }
    }
}

fn address_is(asked: &Asked<Vec<Cidr>>, address: IpAddr) -> Ternary {
    match asked {
        Asked::Anything => Ternary::Yes,
        Asked::Only(blocks) => Ternary::known(blocks.iter().any(|it| it.contains(address))),
        Asked::Unknown => Ternary::Unknown,
    }
}

/// The stateless rules, group by group and rule by rule: the first that matches decides.
fn stateless(policy: &FirewallPolicy, packet: Seen) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let add = |outcomes: &mut Outcomes, outcome: Stateless, step: Step| {
        if outcomes.iter().all(|&(known, _)| known != outcome) {
            outcomes.push((outcome, step));
        }
    };
    let anything = [Stateless::Pass, Stateless::Drop, Stateless::Forward];
    let may = |action: FirewallAction| match action {
        FirewallAction::Pass => vec![Stateless::Pass],
        FirewallAction::Drop => vec![Stateless::Drop],
        FirewallAction::Forward => vec![Stateless::Forward],
        FirewallAction::Reject | FirewallAction::Alert | FirewallAction::Unknown => {
            anything.to_vec()
        }
    };
    for reference in &policy.stateless {
        let Some(group) = &reference.group else {
            for outcome in anything {
                add(&mut outcomes, outcome, reference_step(policy, reference));
            }
            continue;
        };
        for rule in &group.rules {
            let met = packet.meets(rule);
            if met == Ternary::No {
                continue;
            }
            for outcome in may(rule.action) {
                add(&mut outcomes, outcome, rule_step(group, rule));
            }
            if met == Ternary::Yes {
                return outcomes;
            }
        }
    }
    for outcome in may(policy.stateless_default) {
        add(&mut outcomes, outcome, policy_step(policy));
    }
    outcomes
}

/// What the stateful rules say.
struct Stateful {
    verdict: Ternary,
    step: Step,
}

/// The stateful rules: in strict order the first that matches, else first those that
/// pass, then those that drop, then those that reject.
fn stateful(policy: &FirewallPolicy, packet: Seen, reply: Seen) -> Stateful {
    let unknown = |step: Step| Stateful { verdict: Ternary::Unknown, step };
    let Some(strict) = policy.strict_order else { return unknown(policy_step(policy)) };
    let phases: &[&[FirewallAction]] = if strict {
        &[&[FirewallAction::Pass, FirewallAction::Drop, FirewallAction::Reject]]
    } else {
        &[&[FirewallAction::Pass], &[FirewallAction::Drop], &[FirewallAction::Reject]]
    };
    let (mut may_pass, mut may_drop) = (false, false);
    let mut told: Option<Step> = None;
    for phase in phases {
        for reference in &policy.stateful {
            let Some(group) = &reference.group else {
                may_pass |= phase.contains(&FirewallAction::Pass);
                may_drop |= phase.contains(&FirewallAction::Drop);
                told = told.or(Some(reference_step(policy, reference)));
                continue;
            };
            for rule in &group.rules {
                let Some((passes, drops)) = effect(rule, reference) else { continue };
                let passes = passes && phase.contains(&FirewallAction::Pass);
                // What nobody knows passes with those that pass, drops with those that drop.
                let is_known = rule.action != FirewallAction::Unknown
                    && rule.action != FirewallAction::Forward;
                let action = if is_known { rule.action } else { FirewallAction::Drop };
                let drops = drops && phase.contains(&action);
                if !passes && !drops {
                    continue;
                }
                let mut met = packet.meets(rule);
                if !is_known {
                    met = met.and(Ternary::Unknown);
                }
                if met == Ternary::No {
                    continue;
                }
                may_pass |= passes;
                may_drop |= drops;
                told = told.or(Some(rule_step(group, rule)));
                if met == Ternary::Yes {
                    let verdict = match (may_pass, may_drop) {
                        (true, false) => Ternary::Yes,
                        (false, true) => Ternary::No,
                        _ => Ternary::Unknown,
                    };
                    return Stateful { verdict, step: told.unwrap_or(policy_step(policy)) };
                }
            }
        }
    }
    let default = match (strict, policy.stateful_default) {
        (false, _) | (true, StatefulDefault::Pass) => Ternary::Yes,
        (true, StatefulDefault::Drop) => Ternary::No,
        (true, StatefulDefault::Unknown) => Ternary::Unknown,
    };
    may_pass |= default != Ternary::No;
    may_drop |= default != Ternary::Yes;
    let step = told.unwrap_or(policy_step(policy));
    match (may_pass, may_drop) {
        (false, _) => Stateful { verdict: Ternary::No, step },
        (true, true) => unknown(step),
        // No rule passes the connection, so its replies meet the rules that drop.
        (true, false) => match reply_may_be_dropped(policy, reply) {
            Some(step) => unknown(step),
            None => Stateful { verdict: Ternary::Yes, step },
        },
    }
}

/// Whether a stateful rule may let pass, and may drop; `None`: neither.
fn effect(rule: &FirewallRule, reference: &RuleGroupReference) -> Option<(bool, bool)> {
    match rule.action {
        FirewallAction::Pass => Some((true, false)),
        FirewallAction::Drop | FirewallAction::Reject if !reference.alert_only => {
            Some((false, true))
        }
        FirewallAction::Drop | FirewallAction::Reject | FirewallAction::Alert => None,
        FirewallAction::Forward | FirewallAction::Unknown => Some((true, true)),
    }
}

fn reply_may_be_dropped(policy: &FirewallPolicy, reply: Seen) -> Option<Step> {
    for reference in &policy.stateful {
        let Some(group) = &reference.group else { return Some(reference_step(policy, reference)) };
        for rule in &group.rules {
            let drops = effect(rule, reference).is_some_and(|(_, drops)| drops);
            if drops && reply.meets(rule) != Ternary::No {
                return Some(rule_step(group, rule));
            }
        }
    }
    None
}

fn firewall_step(firewall: &Firewall, action: &'static str) -> Step {
    Step {
        component: "network-firewall",
        id: firewall.id,
        part: Part::Whole,
        action,
        stage: Stage::Ingress,
        place: Some(firewall.place),
        towards: firewall.policy.as_ref().map_or(TextId::EMPTY, |policy| policy.id),
    }
}

fn policy_step(policy: &FirewallPolicy) -> Step {
    Step {
        component: "firewall-policy",
        id: policy.id,
        part: Part::Default,
        action: "unknown",
        stage: Stage::Ingress,
        place: Some(policy.place),
        towards: TextId::EMPTY,
    }
}

fn reference_step(policy: &FirewallPolicy, reference: &RuleGroupReference) -> Step {
    Step {
        component: "firewall-rule-group",
        id: reference.id,
        part: Part::Whole,
        ..policy_step(policy)
    }
}

fn rule_step(group: &RuleGroup, rule: &FirewallRule) -> Step {
    Step {
        component: "firewall-rule-group",
        id: group.id,
        part: Part::FirewallRule { number: rule.number, ordinal: rule.ordinal },
        action: "unknown",
        stage: Stage::Ingress,
        place: Some(group.place),
        towards: TextId::EMPTY,
    }
}
