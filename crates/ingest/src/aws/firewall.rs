//! AWS Network Firewall: firewalls, policies, and rules as far as their headers decide.
//!
//! A stateful rule is one of Suricata's: a header of protocol, addresses and ports, and
//! options. Where the options say nothing of the packet itself (a name, a number, the
//! direction of the client's packets) the header decides; every other rule is doubtful
//! (Network Firewall developer guide, "Working with stateful rule groups").

use portolan::model::{
    Asked, FirewallAction, FirewallFact, FirewallRule, PolicyFacts, ReferenceFacts, StatefulDefault,
};
use portolan::net::{Cidr, PortRange, PortSet};

use super::field::{Field, List, Str};
use super::sink::Cx;
use super::suricata::{self, Header, Variables};
use super::words::firewall as words;

fn add(cx: &mut Cx<'_>, fact: FirewallFact) {
    let place = cx.place;
    cx.builder().add_firewall_fact(place, fact);
}

/// `Firewall` of `describe-firewall`.
pub(crate) fn firewall(cx: &mut Cx<'_>, given: &words::Firewall<'_>) {
    if given.arn.as_str().is_empty() {
        cx.unreadable("FirewallArn");
        return;
    }
    cx.region(&Str::Absent, &given.arn);
    let fact = FirewallFact::Firewall {
        arn: given.arn.as_str().to_owned(),
        name: given.name.as_str().to_owned(),
        policy: given.policy.as_str().to_owned(),
    };
    add(cx, fact);
}

/// `FirewallStatus`. Endpoints that are not ready are left out: what they do is not known.
pub(crate) fn status(cx: &mut Cx<'_>, given: &words::FirewallStatus<'_>) {
    let states = given.sync_states.get().into_iter().flat_map(|states| &states.0);
    let ready = states
        .filter_map(|(_, state)| state.get()?.attachment.get())
        .filter(|it| given.status.as_str() == "READY" && it.status.as_str() == "READY")
        .map(|it| it.endpoint.as_str().to_owned());
    let fact = FirewallFact::Endpoints(ready.collect());
    add(cx, fact);
}

/// `FirewallPolicyResponse` of `describe-firewall-policy`.
pub(crate) fn policy_name(cx: &mut Cx<'_>, given: &words::FirewallPolicyResponse<'_>) {
    name(cx, &given.arn, &given.name);
}

/// `RuleGroupResponse` of `describe-rule-group`.
pub(crate) fn rule_group_name(cx: &mut Cx<'_>, given: &words::RuleGroupResponse<'_>) {
    name(cx, &given.arn, &given.name);
}

fn name(cx: &mut Cx<'_>, arn: &Str<'_>, name: &Str<'_>) {
    if arn.as_str().is_empty() {
        cx.unreadable("arn");
        return;
    }
    let (arn, name) = (arn.as_str().to_owned(), name.as_str().to_owned());
    add(cx, FirewallFact::Name { arn, name });
}

/// `FirewallPolicy`.
pub(crate) fn policy(cx: &mut Cx<'_>, given: &words::FirewallPolicy<'_>) {
    let damaged = given.stateless.is_damaged() || given.stateful.is_damaged();
    if damaged || given.stateful_default.is_damaged() {
        cx.unreadable("FirewallPolicy");
        return;
    }
    let stateless = given.stateless.items().map(|it| (&it.arn, &it.priority, false));
    let stateful = given.stateful.items().map(|it| {
        let replaced = it.replaced.get().map_or("", |by| by.action.as_str());
        (&it.arn, &it.priority, replaced == "DROP_TO_ALERT")
    });
    let reference = |(arn, priority, alert_only): (&Str<'_>, &Field<i64>, bool)| ReferenceFacts {
        arn: arn.as_str().to_owned(),
        priority: priority.get().map_or(0, |&number| number.try_into().unwrap_or(u32::MAX)),
        alert_only,
    };
    let order = given.options.get().map_or("", |options| options.rule_order.as_str());
    let strict_order = match order {
        "" | "DEFAULT_ACTION_ORDER" if !given.options.is_wrong() => Some(false),
        "STRICT_ORDER" => Some(true),
        _ => None,
    };
    let defaults: Vec<&str> = given.stateful_default.items().map(|it| &**it).collect();
    let quiet = |action: &&str| action.starts_with("aws:alert_");
    let stateful_default = if defaults.contains(&"aws:drop_strict") {
        StatefulDefault::Drop
    } else if defaults.iter().all(quiet) {
        StatefulDefault::Pass
    } else {
        StatefulDefault::Unknown
    };
    let fact = PolicyFacts {
        stateless: stateless.map(reference).collect(),
        stateless_default: stateless_action(&given.stateless_default),
        stateful: stateful.map(reference).collect(),
        strict_order,
        stateful_default,
    };
    add(cx, FirewallFact::Policy(fact));
}

/// The one standard action; custom actions go beside it.
fn stateless_action(given: &words::Texts<'_>) -> FirewallAction {
    let mut standard = given.items().filter_map(|action| match &**action {
        "aws:pass" => Some(FirewallAction::Pass),
        "aws:drop" => Some(FirewallAction::Drop),
        "aws:forward_to_sfe" => Some(FirewallAction::Forward),
        _ => None,
    });
    match (given.is_damaged(), standard.next(), standard.next()) {
        (false, Some(action), None) => action,
        _ => FirewallAction::Unknown,
    }
}

/// `RuleGroup`; AWS WAF has one of that name.
pub(crate) fn rule_group(cx: &mut Cx<'_>, given: &words::RuleGroup<'_>) {
    let Some(source) = given.source.get() else { return };
    cx.recognised = true;
    let variables = variables(given.variables.get());
    let mut rules = Vec::new();
    if let Some(stateless) = source.stateless.get() {
        for rule in fields(&stateless.rules) {
            rules.push(rule.map_or_else(anything, stateless_rule));
        }
        rules.sort_by_key(|rule| rule.number);
    }
    if source.stateless.is_wrong() || source.rules.is_wrong() || source.list.is_wrong() {
        rules.push(anything());
    }
    for rule in fields(&source.stateful) {
        rules.push(rule.map_or_else(anything, |rule| stateful_rule(rule, &variables)));
    }
    if let Some(list) = source.list.get() {
        rules.extend(domains(list, &variables));
    }
    rules.extend(suricata::rules(source.rules.as_str(), &variables));
    for (ordinal, rule) in rules.iter_mut().enumerate() {
        rule.ordinal = ordinal.try_into().unwrap_or(u32::MAX);
    }
    add(cx, FirewallFact::RuleGroup(rules));
}

/// The elements of a list, `None` for those that can't be read.
fn fields<T>(list: &List<T>) -> Vec<Option<&T>> {
    match list {
        Field::Absent => Vec::new(),
        Field::Given(items) => items.iter().map(Field::get).collect(),
        Field::Wrong => vec![None],
    }
}

/// A rule of which nothing is known.
pub(super) fn anything() -> FirewallRule {
    FirewallRule {
        number: 0,
        ordinal: 0,
        protocols: Asked::Anything,
        sources: Asked::Anything,
        source_ports: Asked::Anything,
        destinations: Asked::Anything,
        destination_ports: Asked::Anything,
        both_ways: true,
        doubtful: true,
        action: FirewallAction::Unknown,
    }
}

fn stateless_rule(given: &words::StatelessRule<'_>) -> FirewallRule {
    let number = given.priority.get().map_or(0, |&number| number.try_into().unwrap_or(u32::MAX));
    let Some(definition) = given.definition.get() else {
        return FirewallRule { number, ..anything() };
    };
    let action = stateless_action(&definition.actions);
    let empty = words::MatchAttributes::default();
    let attributes = match &definition.attributes {
        Field::Given(attributes) => attributes,
        Field::Absent => &empty,
        Field::Wrong => return FirewallRule { number, ..anything() },
    };
    let protocols = match fields(&attributes.protocols) {
        all if all.is_empty() => Asked::Anything,
        all => {
            let numbers = all.into_iter().map(|it| u8::try_from(*it?).ok());
            numbers.collect::<Option<Vec<u8>>>().map_or(Asked::Unknown, Asked::Only)
        }
    };
    FirewallRule {
        number,
        ordinal: 0,
        protocols,
        sources: addresses(&attributes.sources),
        source_ports: ports(&attributes.source_ports),
        destinations: addresses(&attributes.destinations),
        destination_ports: ports(&attributes.destination_ports),
        both_ways: false,
        doubtful: !fields(&attributes.flags).is_empty(),
        action,
    }
}

fn addresses(given: &List<words::Address<'_>>) -> Asked<Vec<Cidr>> {
    let all = fields(given);
    if all.is_empty() {
        return Asked::Anything;
    }
    let blocks = all.into_iter().map(|it| Some(Cidr::parse(it?.definition.as_str()).ok()?.0));
    blocks.collect::<Option<Vec<Cidr>>>().map_or(Asked::Unknown, Asked::Only)
}

fn ports(given: &List<words::Ports<'_>>) -> Asked<PortSet> {
    let all = fields(given);
    if all.is_empty() {
        return Asked::Anything;
    }
    let ranges = all.into_iter().map(|it| {
        let it = it?;
        let port = |field: &Field<i64>| u16::try_from(*field.get()?).ok();
        PortRange::new(port(&it.from)?, port(&it.to)?).ok()
    });
    let set: Option<PortSet> =
        ranges.collect::<Option<Vec<_>>>().map(|it| it.into_iter().collect());
    set.map_or(Asked::Unknown, Asked::Only)
}

fn variables(given: Option<&words::RuleVariables<'_>>) -> Variables {
    let mut variables = Variables::default();
    let Some(given) = given else { return variables };
    let sets =
        [(&given.ip_sets, &mut variables.addresses), (&given.port_sets, &mut variables.ports)];
    for (given, into) in sets {
        for (name, variable) in given.get().into_iter().flat_map(|it| &it.0) {
            let definition = variable.get().map(|it| &it.definition);
            let Some(definition) = definition.filter(|it| !it.is_damaged()) else { continue };
            let items = definition.items().map(|it| it.clone().into_owned());
            into.insert(name.clone(), items.collect());
        }
    }
    variables
}

fn stateful_rule(given: &words::StatefulRule<'_>, variables: &Variables) -> FirewallRule {
    let action = suricata::action(given.action.as_str());
    let Some(header) = given.header.get() else { return FirewallRule { action, ..anything() } };
    let header = Header {
        protocol: header.protocol.as_str(),
        source: header.source.as_str(),
        source_port: header.source_port.as_str(),
        direction: header.direction.as_str(),
        destination: header.destination.as_str(),
        destination_port: header.destination_port.as_str(),
    };
    let mut rule = suricata::rule(action, &header, variables);
    for option in fields(&given.options) {
        let Some(option) = option else {
            rule.doubtful = true;
            continue;
        };
        // `sid:1` and the like: some write the value behind the keyword.
        let (keyword, value) = match option.keyword.as_str().split_once(':') {
            Some((keyword, value)) => (keyword, value.to_owned()),
            None => {
                let all: Vec<&str> = option.settings.items().map(|it| &**it).collect();
                (option.keyword.as_str(), all.join(","))
            }
        };
        suricata::option(&mut rule, keyword, &value);
    }
    rule
}

/// The rules that a list of domains becomes: of TCP, where a name is found in what the
/// client says (developer guide, "Stateful domain list rule groups").
fn domains(given: &words::RulesSourceList<'_>, variables: &Variables) -> Vec<FirewallRule> {
    let header = Header {
        protocol: "TCP",
        source: if variables.addresses.contains_key("HOME_NET") { "$HOME_NET" } else { "ANY" },
        source_port: "ANY",
        direction: "FORWARD",
        destination: "ANY",
        destination_port: "ANY",
    };
    let rule = |action: FirewallAction| FirewallRule {
        doubtful: true,
        ..suricata::rule(action, &header, variables)
    };
    match given.kind.as_str() {
        "ALLOWLIST" => vec![rule(FirewallAction::Pass), rule(FirewallAction::Drop)],
        "DENYLIST" => vec![rule(FirewallAction::Drop)],
        "REJECTLIST" => vec![rule(FirewallAction::Reject)],
        "ALERTLIST" => Vec::new(),
        _ => vec![rule(FirewallAction::Unknown)],
    }
}

#[cfg(test)]
mod tests {
    use portolan::model::{Asked, Firewall, FirewallAction, LimitationCode, StatefulDefault};
    use serde_json::{Value, json};

    const ENDPOINT: &str = "vpce-0a1b2c3d4e5f60718";

    fn replies() -> Vec<(&'static str, Value)> {
        vec![
            (
                "VpcEndpoints",
                json!({"VpcEndpoints": [{
                    "VpcEndpointId": ENDPOINT, "VpcEndpointType": "GatewayLoadBalancer",
                    "VpcId": "vpc-1", "State": "available", "SubnetIds": ["subnet-1"],
                }]}),
            ),
            (
                "Firewalls/f",
                json!({
                    "Firewall": {
                        "FirewallArn": "arn:f", "FirewallName": "f", "FirewallPolicyArn": "arn:p",
                    },
                    "FirewallStatus": {"Status": "READY", "SyncStates": {"us-east-1a": {
                        "Attachment": {"EndpointId": ENDPOINT, "Status": "READY"},
                    }}},
                }),
            ),
            (
                "FirewallPolicies/p",
                json!({
                    "FirewallPolicyResponse": {"FirewallPolicyArn": "arn:p", "FirewallPolicyName": "p"},
                    "FirewallPolicy": {
                        "StatelessDefaultActions": ["aws:forward_to_sfe", "count"],
                        "StatefulRuleGroupReferences": [
                            {"ResourceArn": "arn:managed", "Priority": 2},
                            {"ResourceArn": "arn:g", "Priority": 1},
                        ],
                        "StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"},
                        "StatefulDefaultActions": ["aws:alert_strict", "aws:drop_strict"],
                    },
                }),
            ),
            (
                "RuleGroups/g",
                json!({
                    "RuleGroup": {
                        "RuleVariables": {"IPSets": {"HOME": {"Definition": ["10.0.0.0/16"]}}},
                        "RulesSource": {"StatefulRules": [{
                            "Action": "PASS",
                            "Header": {
                                "Protocol": "TCP", "Source": "$HOME", "SourcePort": "ANY",
                                "Direction": "FORWARD", "Destination": "ANY", "DestinationPort": "443",
                            },
                            "RuleOptions": [{"Keyword": "sid:7"}],
                        }]},
                    },
                    "RuleGroupResponse": {"RuleGroupArn": "arn:g", "RuleGroupName": "g"},
                }),
            ),
            // AWS WAF has a reply of that name.
            ("RuleGroups/waf", json!({"RuleGroup": {"Name": "w", "Capacity": 1, "Rules": []}})),
        ]
    }

    /// The firewall of the endpoint, and what the network says that it lacks.
    fn read(replies: Vec<(&str, Value)>) -> (Option<Firewall>, Vec<LimitationCode>) {
        let files = replies
            .into_iter()
            .map(|(name, reply)| (format!("{name}.json"), reply.to_string().into_bytes()));
        let network = crate::load_bytes(files.collect::<Vec<_>>()).unwrap().network;
        let mut endpoints = network.components.iter().flat_map(|it| it.vpc_endpoints.iter());
        let firewall = endpoints.find_map(|it| it.firewall.as_deref().cloned());
        (firewall, network.limitations.iter().map(|it| it.code).collect())
    }

    #[test]
    fn three_replies_make_a_firewall() {
        let (firewall, limitations) = read(replies());
        let policy = firewall.unwrap().policy.unwrap();
        assert_eq!(policy.stateless_default, FirewallAction::Forward);
        assert_eq!(policy.strict_order, Some(true));
        assert_eq!(policy.stateful_default, StatefulDefault::Drop);
        let [own, managed] = policy.stateful.as_slice() else { panic!("{policy:?}") };
        assert!(managed.group.is_none() && limitations.contains(&LimitationCode::FirewallRules));
        let rule = &own.group.as_ref().unwrap().rules[0];
        assert_eq!((rule.number, rule.doubtful), (7, false));
        assert!(matches!(&rule.sources, Asked::Only(blocks) if blocks.len() == 1));
    }

    #[test]
    fn without_its_status_a_firewall_has_no_endpoint() {
        let mut without = replies();
        without[1].1.as_object_mut().unwrap().remove("FirewallStatus");
        assert_eq!(read(without).0, None);
        let mut waiting = replies();
        waiting[1].1["FirewallStatus"]["Status"] = json!("PROVISIONING");
        assert_eq!(read(waiting).0, None);
    }

    #[test]
    fn two_replies_that_contradict_each_other_say_nothing() {
        let mut twice = replies();
        let mut other = twice[3].1.clone();
        other["RuleGroup"]["RulesSource"]["StatefulRules"][0]["Action"] = json!("DROP");
        twice.push(("RuleGroups/again", other));
        let policy = read(twice).0.unwrap().policy.unwrap();
        assert!(policy.stateful.iter().all(|reference| reference.group.is_none()));
        let mut gone = replies();
        gone.remove(2);
        assert_eq!(read(gone).0.unwrap().policy, None);
    }
}
