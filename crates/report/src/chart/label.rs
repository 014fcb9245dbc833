//! The words of a chart: ports in few letters, and what is said of a box or an edge.

use portolan::record::chart::{BoxKind, Chart, ChartBox, Edge};
use portolan::record::{Certainty, Clients};

use crate::untrusted::visible;
use crate::words::{count, shell_word};

/// The ports of an edge for a label: `tcp/22, 80 +3`; what is not certain has a
/// question mark.
pub(crate) fn ports(edge: &Edge, most: usize) -> String {
    told(edge, most, "")
}

/// The same where it is known that ports are TCP's: `22, 80 +3`.
pub(crate) fn numbers(edge: &Edge, most: usize) -> String {
    told(edge, most, "tcp")
}

/// Ports of which the protocol is known to be TCP's: `22, 80 +3`.
pub(crate) fn list(ports: &[String], most: usize) -> String {
    let ports: Vec<(&str, &str)> = ports.iter().map(|port| (port.as_str(), "")).collect();
    written(&ports, most, "tcp")
}

fn told(edge: &Edge, most: usize, known: &str) -> String {
    let certain = edge.ports.iter().map(|port| (port.as_str(), ""));
    let all: Vec<(&str, &str)> =
        certain.chain(edge.possible.iter().map(|port| (port.as_str(), "?"))).collect();
    written(&all, most, known)
}

/// Ports, each with a mark after it.
fn written(all: &[(&str, &str)], most: usize, known: &str) -> String {
    let mut text = String::new();
    let mut before = known;
    for &(port, mark) in all.iter().take(most) {
        let (protocol, number) = port.split_once('/').unwrap_or(("", port));
        if !text.is_empty() {
            text.push_str(", ");
        }
        match (port, number) {
            ("any", _) => text.push_str("all traffic"),
            (_, "0-65535") => {
                text.push_str("all ");
                text.push_str(protocol);
            }
            _ if protocol.is_empty() || protocol != before => text.push_str(port),
            _ => text.push_str(number),
        }
        text.push_str(mark);
        before = protocol;
    }
    match all.len().saturating_sub(most) {
        0 => text,
        more => format!("{text} +{more}"),
    }
}

/// All ports of an edge.
pub(crate) fn all_ports(edge: &Edge) -> String {
    let mut parts = Vec::new();
    if !edge.ports.is_empty() {
        parts.push(edge.ports.join(", "));
    }
    if !edge.possible.is_empty() {
        parts.push(format!("perhaps {}", edge.possible.join(", ")));
    }
    parts.join("; ")
}

/// A box in a sentence: `web (5 interfaces)`.
pub(crate) fn called(one: &ChartBox) -> String {
    match one.kind {
        BoxKind::Interfaces if one.count != 1 => {
            format!("{} ({})", one.title, count(one.count, "interface", "interfaces"))
        }
        BoxKind::Inside => format!("anyone inside {}", one.ids.join(", ")),
        BoxKind::Interfaces
        | BoxKind::Everyone
        | BoxKind::Addresses
        | BoxKind::InternetGateway
        | BoxKind::NatGateway
        | BoxKind::EgressOnlyInternetGateway
        | BoxKind::SecurityGroup
        | BoxKind::Peer
        | BoxKind::TransitGateway
        | BoxKind::VpnGateway
        | BoxKind::Network => one.title.clone(),
    }
}

/// What is said of an edge when it is pointed at.
pub(crate) fn told_of_edge(chart: &Chart, edge: &Edge, source: &str) -> String {
    let name = |id: &str| {
        let found = chart.boxes.iter().find(|one| one.id == id);
        found.map(called).unwrap_or_default()
    };
    let mut lines =
        vec![format!("{} to {}: {}", name(&edge.from), name(&edge.to), all_ports(edge))];
    if edge.everyone {
        lines.push("open to everyone on the internet".to_owned());
    }
    if edge.certainty == Certainty::Possible {
        lines.push("open unless something that was not seen forbids it".to_owned());
    }
    match edge.clients {
        Clients::All => {}
        Clients::Some | Clients::None => {
            lines.push("answers reach some client ports only".to_owned());
        }
        Clients::Unknown => lines.push("which clients get answers can't be told".to_owned()),
    }
    if !edge.via.is_empty() {
        lines.push(format!("through {}", edge.via.join(", ")));
    }
    let ask = &edge.ask;
    if !ask.port.is_empty() && !ask.from.is_empty() {
        let words = [source, &ask.from, &ask.to, &ask.port].map(shell_word);
        lines.push(format!("portolan explain {}", words.join(" ")));
    }
    shown(&lines)
}

/// What is said of a box when it is pointed at.
pub(crate) fn told_of_box(one: &ChartBox) -> String {
    let mut lines = vec![called(one)];
    if !one.detail.is_empty() {
        lines.push(one.detail.clone());
    }
    if one.classes > 1 {
        lines.push(count(one.classes, "class", "classes"));
    }
    let some = |items: &[String]| {
        let rest = usize::try_from(one.count).unwrap_or(usize::MAX).saturating_sub(items.len());
        let more = if rest > 0 { ", …" } else { "" };
        format!("{}{more}", items.join(", "))
    };
    if one.names.len() > 1 {
        lines.push(some(&one.names));
    }
    if !one.ids.is_empty() {
        lines.push(some(&one.ids));
    }
    if one.public {
        lines.push("has public addresses and a route to an internet gateway".to_owned());
    }
    if !one.everyone.is_empty() {
        lines.push(format!("open to everyone: {}", one.everyone.join(", ")));
    }
    if !one.inside.is_empty() {
        lines.push(format!("open among themselves: {}", one.inside.join(", ")));
    }
    shown(&lines)
}

/// What the chart shows, in a sentence.
pub(crate) fn summary(chart: &Chart) -> String {
    let interfaces: u64 =
        chart.boxes.iter().filter(|one| one.kind == BoxKind::Interfaces).map(|one| one.count).sum();
    let open = chart.boxes.iter().filter(|one| !one.everyone.is_empty()).count();
    let mut text = format!(
        "{} in {}",
        count(interfaces, "interface", "interfaces"),
        count(chart.coverage.vpcs, "VPC", "VPCs"),
    );
    text.push_str("; open to everyone: ");
    text.push_str(&match open {
        0 => "nothing that was seen".to_owned(),
        _ => ports_to_everyone(chart),
    });
    text
}

/// The ports that are open to everyone somewhere, in few words.
fn ports_to_everyone(chart: &Chart) -> String {
    let ports: std::collections::BTreeSet<&str> =
        chart.boxes.iter().flat_map(|one| &one.everyone).map(String::as_str).collect();
    let mut ports: Vec<&str> = ports.into_iter().collect();
    ports.sort_by_key(|port| order(port));
    let named = ports.iter().take(6).copied().collect::<Vec<_>>().join(", ");
    match ports.len().saturating_sub(6) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// `tcp/80` before `tcp/443`.
fn order(port: &str) -> (String, u32) {
    let (protocol, number) = port.split_once('/').unwrap_or((port, ""));
    let first: String = number.chars().take_while(char::is_ascii_digit).collect();
    (protocol.to_owned(), first.parse().unwrap_or(0))
}

fn shown(lines: &[String]) -> String {
    lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}
