//! `ports` for people: one line a class, each of which can be asked with `explain`.

use std::io::{self, Write};

use portolan::record::{Audience, Certainty, Clients, Coverage, Open, PortClass};

use super::coverage::write_coverage;
use super::{Columns, Fit, Look, Paint, shortened};
use crate::untrusted::Untrusted;
use crate::words::{self, count, shell_word};

/// How many peers stand below each other in one cell.
const PEERS: usize = 6;

/// What `ports` found.
#[derive(Clone, Debug)]
pub struct PortsReport<'a> {
    /// The classes, in the order of the contract.
    pub classes: &'a [PortClass],
    /// The audience that was asked for; `None`: internet and network, and how many in the estate.
    pub audience: Option<Audience>,
    /// The source as it was given, for the commands to paste.
    pub source: &'a str,
    /// What was judged.
    pub coverage: &'a Coverage,
}

/// Writes what is open, and to whom.
pub fn write_ports(out: &mut impl Write, look: Look, report: &PortsReport<'_>) -> io::Result<()> {
    let classes = merged(report.classes);
    let of = |audience: Audience| -> Vec<&PortClass> {
        let mut lines: Vec<&PortClass> =
            classes.iter().filter(|class| class.open.audience == audience).collect();
        lines.sort_by_key(|class| class.open.breadth);
        lines
    };
    let shown = match report.audience {
        Some(audience) => vec![audience],
        None => vec![Audience::Internet, Audience::Network],
    };
    let mut first = None;
    for &audience in &shown {
        let lines = of(audience);
        if lines.is_empty() {
            continue;
        }
        if first.is_some() {
            writeln!(out)?;
        }
        first = first.or(lines.first().copied());
        writeln!(out, "{}", look.paint(Paint::Bold, heading(audience, &lines)))?;
        write!(out, "{}", table(look, &lines))?;
    }
    if first.is_none() {
        writeln!(out, "{}", nothing(report.audience, report.coverage))?;
    }
    writeln!(out)?;
    let inside = of(Audience::Estate).len();
    if report.audience.is_none() && inside > 0 {
        writeln!(out, "inside the estate: {inside} more (`--audience estate`)")?;
    }
    if let Some(class) = first {
        let question = asked(class);
        writeln!(
            out,
            "why: portolan explain {} {}",
            shell_shown(report.source),
            Untrusted(&question)
        )?;
    }
    write_coverage(out, look, report.coverage)
}

pub(crate) fn heading(audience: Audience, lines: &[&PortClass]) -> &'static str {
    let outbound = lines.iter().any(|class| class.open.destinations.is_some());
    match (audience, outbound) {
        (Audience::Internet, false) => "open from the internet",
        (Audience::Network, false) => "open from other networks (on-premises, VPN, peers not seen)",
        (Audience::Estate, false) => "open inside the estate",
        (Audience::Internet, true) => "can open connections to the internet",
        (Audience::Network, true) => "can open connections to other networks",
        (Audience::Estate, true) => "can open connections inside the estate",
    }
}

/// What is said when no line is shown: never more than what was judged.
pub(crate) fn nothing(audience: Option<Audience>, coverage: &Coverage) -> &'static str {
    if coverage.interfaces == 0 {
        return "no network interface was judged, so nothing can be said";
    }
    match audience {
        Some(_) => "nothing that was asked for is open",
        None => "nothing is open from the internet or from other networks",
    }
}

fn table(look: Look, lines: &[&PortClass]) -> String {
    let mut columns = Columns::new(
        look,
        Some(&["FROM", "TO", "PORT", "NAME", "BY"]),
        &[Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped, Fit::Wrapped],
    );
    for class in lines {
        columns.row_of_lines(&line(class));
    }
    columns.render()
}

/// FROM, TO, PORT, NAME, BY: the lines of each cell.
pub(crate) fn line(class: &PortClass) -> [Vec<String>; 5] {
    let (from, to) = ends(class);
    [from, to, vec![port(&class.open)], vec![name(class)], vec![note(&class.open)]]
}

/// Both ends of a line, in the order in which `explain` takes them.
fn ends(class: &PortClass) -> (Vec<String>, Vec<String>) {
    let own = vec![class.interfaces.first().cloned().unwrap_or_default()];
    match &class.open.destinations {
        Some(destinations) => (own, peers(&class.open, destinations)),
        None => (peers(&class.open, class.open.sources.as_deref().unwrap_or_default()), own),
    }
}

fn peers(open: &Open, addresses: &[String]) -> Vec<String> {
    if open.audience == Audience::Internet && addresses == ["0.0.0.0/0", "::/0"] {
        return vec!["internet".to_owned()];
    }
    let mut peers: Vec<String> = open.source_groups.iter().chain(addresses).cloned().collect();
    let more = peers.len().saturating_sub(PEERS);
    if more > 0 {
        peers.truncate(PEERS);
        peers.push(format!("and {more} more"));
    }
    peers
}

/// The port as a question names it.
pub(crate) fn port(open: &Open) -> String {
    match (open.protocol.as_str(), open.ports.as_str()) {
        // All protocols in one line, or those that no rule names: there is no narrower question.
        ("any" | "other", _) => "any".to_owned(),
        (protocol, "any") => protocol.to_owned(),
        (protocol, ports) => format!("{protocol}/{ports}"),
    }
}

/// Whose it is: a name, and how many are alike.
pub(crate) fn name(class: &PortClass) -> String {
    let name = class.names.iter().find(|name| !name.is_empty());
    let name = name.map_or_else(String::new, |name| shortened(name, 40));
    let alike = words::length(&class.interfaces).saturating_sub(1);
    match (name.is_empty(), alike) {
        (_, 0) => name,
        (true, alike) => format!("and {alike} alike"),
        (false, alike) => format!("{name} and {alike} alike"),
    }
}

/// The rules that open it, and whatever restricts it.
fn note(open: &Open) -> String {
    let mut notes = Vec::new();
    let rules: Vec<String> = open
        .because
        .iter()
        .map(|cause| match (cause.of.as_str(), cause.id.as_str()) {
            ("", "") => cause.at.clone(),
            ("", id) | (id, "") => id.to_owned(),
            (of, id) => format!("{of} {id}"),
        })
        .collect();
    if !rules.is_empty() {
        notes.push(words::some_of(&rules, 2));
    }
    if open.certainty == Certainty::Possible {
        notes.push("possible only: it depends on what was not seen".to_owned());
    }
    if open.protocol == "other" {
        notes.push("protocols that no rule names".to_owned());
    }
    notes.extend(words::clients(open.clients, &open.client_ports));
    if let Some(through) = &open.through {
        notes.push(format!("through {} at {}", through.load_balancer, through.port));
    }
    notes.join("; ")
}

/// The line as a question to `explain`.
pub(crate) fn asked(class: &PortClass) -> String {
    let (from, to) = ends(class);
    let word = |ends: &[String]| shell_word(ends.first().map_or("", |end| end));
    format!("{} {} {}", word(&from), word(&to), shell_word(&port(&class.open)))
}

/// The source as a word of a shell command.
pub(crate) fn shell_shown(source: &str) -> String {
    Untrusted(&shell_word(source)).to_string()
}

/// The classes, with all protocols of a rule for everything in one line.
fn merged(classes: &[PortClass]) -> Vec<PortClass> {
    let mut lines: Vec<PortClass> = Vec::with_capacity(classes.len());
    let mut rest = classes;
    while let Some((class, tail)) = rest.split_first() {
        let alike = |other: &&PortClass| {
            other.interfaces == class.interfaces && other.open.audience == class.open.audience
        };
        let of_class = 1 + tail.iter().take_while(alike).count();
        let (same, others) = rest.split_at(of_class);
        merge(same, &mut lines);
        rest = others;
    }
    lines
}

/// The records of one class for one audience: if they open everything alike, one line.
fn merge(same: &[PortClass], lines: &mut Vec<PortClass>) {
    let find = |protocol: &str, ports: &str| {
        same.iter().position(|class| class.open.protocol == protocol && class.open.ports == ports)
    };
    let all = (find("tcp", "0-65535"), find("udp", "0-65535"), find("other", "any"));
    let (Some(tcp), Some(udp), Some(other)) = all else {
        lines.extend_from_slice(same);
        return;
    };
    let line = |index: usize| same.get(index).map(|class| &class.open);
    let (Some(open), Some(udp_open), Some(other_open)) = (line(tcp), line(udp), line(other)) else {
        return;
    };
    let unrestricted = [open, udp_open].iter().all(|open| open.clients == Clients::All);
    let icmp =
        find("icmp", "any").filter(|&at| line(at).is_some_and(|icmp| family(icmp, open, '.')));
    let icmpv6 =
        find("icmpv6", "any").filter(|&at| line(at).is_some_and(|icmp| family(icmp, open, ':')));
    let covered = covers(icmp.is_some(), open, '.') && covers(icmpv6.is_some(), open, ':');
    if !(unrestricted && equal(open, udp_open) && equal(open, other_open) && covered) {
        lines.extend_from_slice(same);
        return;
    }
    let merged = [Some(tcp), Some(udp), Some(other), icmp, icmpv6];
    for (index, class) in same.iter().enumerate() {
        if index == tcp {
            let mut line = class.clone();
            line.open.protocol = "any".to_owned();
            line.open.ports = "any".to_owned();
            lines.push(line);
        } else if !merged.contains(&Some(index)) {
            lines.push(class.clone());
        }
    }
}

fn peer_addresses(open: &Open) -> &[String] {
    open.sources.as_deref().or(open.destinations.as_deref()).unwrap_or_default()
}

fn equal(one: &Open, other: &Open) -> bool {
    peer_addresses(one) == peer_addresses(other)
        && one.source_groups == other.source_groups
        && one.certainty == other.certainty
        && one.through == other.through
}

/// Whether `icmp` has exactly the peers of `open` in the family whose addresses hold `mark`.
fn family(icmp: &Open, open: &Open, mark: char) -> bool {
    let of_family = |address: &&String| address.contains(mark);
    peer_addresses(icmp).iter().eq(peer_addresses(open).iter().filter(of_family))
        && icmp.certainty == open.certainty
}

/// Whether no peer of the family is left without ICMP.
fn covers(found: bool, open: &Open, mark: char) -> bool {
    found || !peer_addresses(open).iter().any(|address| address.contains(mark))
}

/// `3 interfaces`, for the story.
pub(crate) fn interfaces(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), "interface", "interfaces")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples;

    fn report(classes: &[PortClass]) -> String {
        let coverage = samples::coverage();
        let report = PortsReport { classes, audience: None, source: "dump", coverage: &coverage };
        let mut out = Vec::new();
        write_ports(&mut out, Look { color: false, width: Some(100) }, &report).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn equal_servers_are_one_line() {
        let mut inside = samples::port_class();
        inside.open.audience = Audience::Estate;
        let mut office = samples::port_class();
        office.open.ports = "22".into();
        office.open.breadth = portolan::record::Breadth::Some;
        office.open.sources = Some(vec!["198.51.100.0/24".into(), "203.0.113.7/32".into()]);
        office.open.clients = Clients::Some;
        office.open.client_ports = "32768-60999".into();
        expect![[r#"
            open from the internet
              FROM             TO      PORT     NAME               BY
              internet         eni-0a  tcp/443  web-1 and 2 alike  sg-1 sgr-1
              198.51.100.0/24  eni-0a  tcp/22   web-1 and 2 alike  sg-1 sgr-1; answers reach client ports
              203.0.113.7/32                                       32768-60999 only: Linux (32768-60999)
                                                                   always, Windows (49152-65535) 72% of the
                                                                   time, NAT gateways, load balancers and
                                                                   Lambda (1024-65535) 43% of the time

            inside the estate: 1 more (`--audience estate`)
            why: portolan explain dump internet eni-0a tcp/443
            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&report(&[office, samples::port_class(), inside]));
    }

    #[test]
    fn a_rule_for_all_protocols_is_one_line() {
        let class = |protocol: &str, ports: &str, sources: &[&str]| {
            let mut class = samples::port_class();
            class.open.protocol = protocol.into();
            class.open.ports = ports.into();
            class.open.sources = Some(sources.iter().map(|&source| source.into()).collect());
            class
        };
        let both = ["0.0.0.0/0", "::/0"];
        let all = [
            class("tcp", "0-65535", &both),
            class("udp", "0-65535", &both),
            class("icmp", "any", &["0.0.0.0/0"]),
            class("icmpv6", "any", &["::/0"]),
            class("other", "any", &both),
        ];
        expect![[r#"
            open from the internet
              FROM      TO      PORT  NAME               BY
              internet  eni-0a  any   web-1 and 2 alike  sg-1 sgr-1

            why: portolan explain dump internet eni-0a any
            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&report(&all));
    }

    #[test]
    fn nothing_judged_is_not_nothing_open() {
        let coverage = Coverage::default();
        assert!(nothing(None, &coverage).contains("nothing can be said"));
    }
}
