//! A rule of a firewall in words, as Suricata writes it.

use crate::model::{Asked, FirewallAction, FirewallRule};
use crate::net::{PortSet, Protocol};

/// `pass tcp 10.0.0.0/16 any -> any 443`.
pub(super) fn words(rule: &FirewallRule) -> String {
    let action = match rule.action {
        FirewallAction::Pass => "pass",
        FirewallAction::Drop => "drop",
        FirewallAction::Reject => "reject",
        FirewallAction::Alert => "alert",
        FirewallAction::Forward => "forward",
        FirewallAction::Unknown => "?",
    };
    let protocols = asked(&rule.protocols, |numbers| {
        let names = numbers.iter().map(|&number| Protocol::from_number(number).to_string());
        names.collect::<Vec<_>>().join(",")
    });
    let blocks = |blocks: &Vec<crate::net::Cidr>| {
        blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    };
    let (sources, destinations) = (asked(&rule.sources, blocks), asked(&rule.destinations, blocks));
    let source_ports = asked(&rule.source_ports, ports);
    let destination_ports = asked(&rule.destination_ports, ports);
    let arrow = if rule.both_ways { "<>" } else { "->" };
    let more = if rule.doubtful { " (and more)" } else { "" };
    format!(
        "{action} {protocols} {sources} {source_ports} {arrow} {destinations} \
         {destination_ports}{more}"
    )
}

fn asked<T>(asked: &Asked<T>, words: impl Fn(&T) -> String) -> String {
    match asked {
        Asked::Anything => "any".to_owned(),
        Asked::Only(these) => words(these),
        Asked::Unknown => "?".to_owned(),
    }
}

fn ports(ports: &PortSet) -> String {
    let range = |range: crate::net::PortRange| match range.first() == range.last() {
        true => range.first().to_string(),
        false => format!("{}:{}", range.first(), range.last()),
    };
    ports.ranges().map(range).collect::<Vec<_>>().join(",")
}
