//! Lines of firewalls and their rules.

use std::collections::BTreeMap;

use super::{Reader, Said, setting, take, unknown};
use crate::model::{
    Asked, FileId, FirewallAction, FirewallFact, FirewallRule, Place, PolicyFacts, ReferenceFacts,
    StatefulDefault,
};
use crate::net::{Cidr, PortRange, PortSet};

/// What lines say of one firewall.
pub(super) struct OfFirewall {
    endpoints: Vec<String>,
    policy: Option<PolicyFacts>,
    stateless: Vec<FirewallRule>,
    stateful: Vec<FirewallRule>,
}

/// By name.
pub(super) type Firewalls = BTreeMap<String, OfFirewall>;

impl Reader {
    /// `firewall fw vpce-1,vpce-2 strict default=drop stateless=pass`
    pub(super) fn firewall(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let endpoints = take(&mut words, "an endpoint")?.split(',').map(str::to_owned).collect();
        let mut policy = PolicyFacts {
            stateless: Vec::new(),
            stateless_default: FirewallAction::Forward,
            stateful: Vec::new(),
            strict_order: Some(false),
            stateful_default: StatefulDefault::Pass,
        };
        let mut has_policy = true;
        for &word in words {
            if let Some(action) = setting(word, "stateless") {
                policy.stateless_default = self::action(action)?;
                continue;
            }
            match word {
                "strict" => policy.strict_order = Some(true),
                "default=pass" => policy.stateful_default = StatefulDefault::Pass,
                "default=drop" => policy.stateful_default = StatefulDefault::Drop,
                "default=established" => policy.stateful_default = StatefulDefault::Unknown,
                "managed" => {
                    let arn = "arn:managed".to_owned();
                    policy.stateful.push(ReferenceFacts { arn, priority: 0, alert_only: false });
                }
                "no-policy" => has_policy = false,
                _ => return unknown(word),
            }
        }
        let policy = has_policy.then_some(policy);
        let said = OfFirewall { endpoints, policy, stateless: Vec::new(), stateful: Vec::new() };
        self.firewalls.insert(name.to_owned(), said);
        Ok(())
    }

    /// `stateful fw 1 pass tcp 10.0.0.0/8 any -> any 443`, `<>` and `doubtful` behind it.
    pub(super) fn firewall_rule(
        &mut self,
        kind: &str,
        name: &str,
        mut words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let number = take(&mut words, "a number")?;
        let number = number.parse().map_err(|_| format!("`{number}` is no number"))?;
        let action = action(take(&mut words, "an action")?)?;
        let protocols = match take(&mut words, "a protocol")? {
            "ip" => Asked::Anything,
            "tcp" => Asked::Only(vec![6]),
            "udp" => Asked::Only(vec![17]),
            "icmp" => Asked::Only(vec![1]),
            word => return unknown(word),
        };
        let sources = addresses(take(&mut words, "a source")?)?;
        let source_ports = ports(take(&mut words, "a source port")?)?;
        let both_ways = take(&mut words, "an arrow")? == "<>";
        let destinations = addresses(take(&mut words, "a destination")?)?;
        let destination_ports = ports(take(&mut words, "a destination port")?)?;
        let doubtful = words.next() == Some(&"doubtful");
        let firewall = self.firewalls.get_mut(name);
        let firewall = firewall.ok_or_else(|| format!("`{name}` is no firewall"))?;
        let rules =
            if kind == "stateless" { &mut firewall.stateless } else { &mut firewall.stateful };
        let ordinal = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        rules.push(FirewallRule {
            number,
            ordinal,
            protocols,
            sources,
            source_ports,
            destinations,
            destination_ports,
            both_ways,
            doubtful,
            action,
        });
        Ok(())
    }

    /// Each reply is a file of its own.
    pub(super) fn finish_firewalls(&mut self) {
        let mut files = 1;
        for (name, said) in std::mem::take(&mut self.firewalls) {
            let arn = |kind: &str| format!("arn:{kind}/{name}");
            let mut reply = |builder: &mut crate::model::NetworkBuilder,
                             facts: Vec<FirewallFact>| {
                for fact in facts {
                    builder.add_firewall_fact(Place::new(FileId(files), 1), fact);
                }
                files += 1;
            };
            let firewall = FirewallFact::Firewall {
                arn: arn("firewall"),
                name: name.clone(),
                policy: arn("policy"),
            };
            let endpoints = FirewallFact::Endpoints(said.endpoints);
            reply(&mut self.builder, vec![firewall, endpoints]);
            let Some(mut policy) = said.policy else { continue };
            for (kind, rules) in [("stateless", said.stateless), ("stateful", said.stateful)] {
                if rules.is_empty() {
                    continue;
                }
                let reference = ReferenceFacts { arn: arn(kind), priority: 1, alert_only: false };
                if kind == "stateless" {
                    policy.stateless.push(reference);
                } else {
                    policy.stateful.push(reference);
                }
                let named = FirewallFact::Name { arn: arn(kind), name: name.clone() };
                reply(&mut self.builder, vec![FirewallFact::RuleGroup(rules), named]);
            }
            let named = FirewallFact::Name { arn: arn("policy"), name: name.clone() };
            reply(&mut self.builder, vec![FirewallFact::Policy(policy), named]);
        }
    }
}

fn action(word: &str) -> Said<FirewallAction> {
    Ok(match word {
        "pass" => FirewallAction::Pass,
        "drop" => FirewallAction::Drop,
        "reject" => FirewallAction::Reject,
        "alert" => FirewallAction::Alert,
        "forward" => FirewallAction::Forward,
        _ => return unknown(word),
    })
}

fn addresses(word: &str) -> Said<Asked<Vec<Cidr>>> {
    match word {
        "any" => Ok(Asked::Anything),
        "?" => Ok(Asked::Unknown),
        _ => {
            let blocks = word.split(',').map(|it| Cidr::parse(it).map(|(cidr, _)| cidr));
            let blocks: Result<Vec<Cidr>, _> = blocks.collect();
            blocks.map(Asked::Only).map_err(|error| error.to_string())
        }
    }
}

fn ports(word: &str) -> Said<Asked<PortSet>> {
    let port = |text: &str| text.parse().map_err(|_| format!("`{text}` is no port"));
    Ok(match (word, word.split_once('-')) {
        ("any", _) => Asked::Anything,
        (_, Some((first, last))) => {
            let range = PortRange::new(port(first)?, port(last)?);
            Asked::Only(range.map_err(|error| error.to_string())?.into())
        }
        (one, None) => Asked::Only(PortRange::single(port(one)?).into()),
    })
}
