//! `ports` for people: one line a class, each of which can be asked with `explain`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use portolan::record::{Audience, Certainty, Clients, Coverage, Open, PortClass};
use portolan::who::AddressBook;

use super::coverage::write_coverage;
use super::{Columns, Fit, Look, Paint, shortened};
use crate::untrusted::Untrusted;
use crate::words::{self, count, shell_word};

/// How many peers stand below each other in one cell.
const PEERS: usize = 4;

/// How many of those who are known are named.
const WHO: usize = 2;

/// A terminal on which there is room for the groups beside each line.
const WITH_RULES: u16 = 110;

/// What `ports` found.
#[derive(Clone, Debug)]
pub struct PortsReport<'a> {
    /// The classes, in the order of the contract.
    pub classes: &'a [PortClass],
    /// The audience that was asked for; `None`: internet and network, and how many in the estate.
    pub audience: Option<Audience>,
    /// Whether less than everything was asked for.
    pub filtered: bool,
    /// The source as it was given, for the commands to paste.
    pub source: &'a str,
    /// What was judged.
    pub coverage: &'a Coverage,
    /// Whose addresses are, to say who is at the other end.
    pub book: Option<&'a AddressBook<'a>>,
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
    let mut footnotes = Vec::new();
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
        write!(out, "{}", table(look, &lines, report.book, &mut footnotes))?;
    }
    if first.is_none() {
        writeln!(out, "{}", nothing(report.filtered, report.coverage))?;
    }
    writeln!(out)?;
    for (footnote, number) in footnotes.iter().zip(1_u64..) {
        writeln!(out, "[{number}] {}", Untrusted(footnote))?;
    }
    let inside = of(Audience::Estate).len();
    if report.audience.is_none() && inside > 0 {
        writeln!(out, "inside the estate: {inside} more (`--audience estate`)")?;
    }
    if let Some(question) = first.and_then(asked) {
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
pub(crate) fn nothing(filtered: bool, coverage: &Coverage) -> &'static str {
    match (coverage.interfaces, filtered) {
        (0, _) => "no network interface was judged, so nothing can be said",
        (_, true) => "nothing that was asked for is open",
        (_, false) => "nothing is open from the internet or from other networks",
    }
}

fn table(
    look: Look,
    classes: &[&PortClass],
    book: Option<&AddressBook<'_>>,
    footnotes: &mut Vec<String>,
) -> String {
    let lines: Vec<Line> = classes.iter().map(|class| Line::of(class)).collect();
    let who: Vec<String> = classes.iter().map(|class| somebody(class, book)).collect();
    let known = who.iter().any(|who| !who.is_empty());
    let noted = lines.iter().any(|line| !line.notes.is_empty());
    let by = look.width.is_none_or(|width| width >= WITH_RULES);
    let mut header = vec!["FROM", "TO", "PORT", "NAME"];
    let mut fits = vec![Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped];
    if noted {
        header.push("NOTE");
        fits.push(Fit::Wrapped);
    }
    if by {
        header.push("BY");
        fits.push(Fit::Whole);
    }
    if known {
        header.push("WHO");
        fits.push(Fit::Wrapped);
    }
    let mut columns = Columns::new(look, Some(&header), &fits);
    // Nodes of a load balancer differ in an address that is not shown.
    let mut shown = BTreeSet::new();
    for (line, who) in lines.into_iter().zip(who) {
        let mut cells = vec![line.from, line.to, vec![line.port], vec![line.name]];
        if noted {
            cells.push(vec![marked(line.notes, footnotes)]);
        }
        if by {
            cells.push(vec![line.by]);
        }
        if known {
            cells.push(vec![who]);
        }
        if shown.insert(cells.clone()) {
            columns.row_of_lines(&cells);
        }
    }
    columns.render()
}

/// Who in particular is at the other end.
fn somebody(class: &PortClass, book: Option<&AddressBook<'_>>) -> String {
    let labels = book.map_or_else(Vec::new, |book| book.somebody(&class.open, &class.vpc));
    words::some_of(&labels, WHO)
}

/// The notes of a line; what is long stands once below the table.
fn marked(notes: Vec<Note>, footnotes: &mut Vec<String>) -> String {
    let mut words = Vec::new();
    for note in notes {
        words.push(match note.below {
            None => note.word,
            Some(below) => {
                let known = footnotes.iter().position(|footnote| *footnote == below);
                let at = known.unwrap_or_else(|| {
                    footnotes.push(below);
                    footnotes.len() - 1
                });
                format!("{} [{}]", note.word, at + 1)
            }
        });
    }
    words.join("; ")
}

/// One line of what is open.
pub(crate) struct Line {
    pub(crate) from: Vec<String>,
    pub(crate) to: Vec<String>,
    pub(crate) port: String,
    pub(crate) name: String,
    pub(crate) notes: Vec<Note>,
    pub(crate) by: String,
}

/// Something that restricts what a line says: a word or two, and if need be more below.
pub(crate) struct Note {
    pub(crate) word: String,
    pub(crate) below: Option<String>,
}

impl Line {
    pub(crate) fn of(class: &PortClass) -> Self {
        let (from, to) = ends(class);
        let open = &class.open;
        Self { from, to, port: port(open), name: name(class), notes: notes(open), by: by(open) }
    }
}

/// Both ends of a line, in the order in which `explain` takes them.
fn ends(class: &PortClass) -> (Vec<String>, Vec<String>) {
    let own = vec![owner(class).to_owned()];
    if class.open.destinations.is_some() {
        (own, peers(&class.open))
    } else {
        (peers(&class.open), own)
    }
}

/// The first interface, if any is known.
fn interface(class: &PortClass) -> Option<&str> {
    class.interfaces.first().map(String::as_str).filter(|id| !id.is_empty())
}

/// Whose port it is; where only groups were seen, the group that opens it.
pub(crate) fn owner(class: &PortClass) -> &str {
    let group = || class.open.because.first().map_or("", |cause| cause.of.as_str());
    interface(class).unwrap_or_else(group)
}

fn peers(open: &Open) -> Vec<String> {
    if open.audience == Audience::Internet && peer_addresses(open).eq(["0.0.0.0/0", "::/0"]) {
        return vec!["internet".to_owned()];
    }
    let groups = open.source_groups.iter().map(String::as_str);
    let mut peers: Vec<String> = groups.chain(peer_addresses(open)).map(str::to_owned).collect();
    let more = peers.len().saturating_sub(PEERS);
    if more > 0 {
        peers.truncate(PEERS);
        peers.push(format!("and {more} more"));
    }
    peers
}

/// The port as a question names it: of several kinds of ICMP the first, since no
/// question is about several.
fn port(open: &Open) -> String {
    match kinds(open) {
        Some(kinds) => kinds.split('-').next().unwrap_or_default().to_owned(),
        None => exact(open),
    }
}

/// All that is open.
pub(crate) fn exact(open: &Open) -> String {
    match (open.protocol.as_str(), open.ports.as_str()) {
        // All protocols in one line, or those that no rule names: there is no narrower question.
        ("any" | "other", _) => "any".to_owned(),
        (protocol, "any") => protocol.to_owned(),
        (protocol, ports) => format!("{protocol}/{ports}"),
    }
}

/// Several kinds of ICMP in one record.
fn kinds(open: &Open) -> Option<String> {
    let icmp = open.protocol == "icmp" || open.protocol == "icmpv6";
    (icmp && open.ports.contains('-')).then(|| exact(open))
}

/// Whose it is: a name, and how many are alike.
pub(crate) fn name(class: &PortClass) -> String {
    let name = class.names.iter().find(|name| !name.is_empty());
    let service = class.services.first().map(|service| &service.label);
    let name = name.or(service).map_or_else(String::new, |name| shortened(name, 40));
    let alike = words::length(&class.interfaces).saturating_sub(1);
    match (name.is_empty(), alike) {
        (_, 0) => name,
        (true, alike) => format!("and {alike} alike"),
        (false, alike) => format!("{name} and {alike} alike"),
    }
}

/// The groups whose rules admit it; `explain` names the rules and all else that passes it.
fn by(open: &Open) -> String {
    let mut groups: Vec<String> = Vec::new();
    for cause in open.because.iter().filter(|cause| cause.kind == "security-group-rule") {
        if !groups.contains(&cause.of) {
            groups.push(cause.of.clone());
        }
    }
    words::some_of(&groups, 2)
}

fn notes(open: &Open) -> Vec<Note> {
    let short = |word: &str| Note { word: word.to_owned(), below: None };
    let mut notes = Vec::new();
    if open.certainty == Certainty::Possible {
        let below = "possible: open unless something that was not seen forbids it".to_owned();
        notes.push(Note { word: "possible".to_owned(), below: Some(below) });
    }
    notes.extend(kinds(open).map(|kinds| short(&format!("all of {kinds}"))));
    if open.protocol == "other" {
        notes.push(short("protocols that no rule names"));
    }
    match open.clients {
        Clients::All | Clients::None => {}
        Clients::Some => {
            let below = words::client_ports(&open.client_ports);
            notes.push(Note { word: "some clients".to_owned(), below: Some(below) });
        }
        Clients::Unknown => notes.push(short("clients unknown")),
    }
    if let Some(through) = &open.through {
        let name = balancer_name(&through.load_balancer);
        notes.push(short(&format!("through {name} at {}", through.port)));
    }
    notes
}

/// The name of a load balancer in its ARN, or what is there instead.
fn balancer_name(id: &str) -> &str {
    let resource = id.split_once(":loadbalancer/").map(|(_, resource)| resource);
    resource.and_then(|resource| resource.split('/').nth(1)).unwrap_or(id)
}

/// The line as a question to `explain`, if there is somebody to ask about.
pub(crate) fn asked(class: &PortClass) -> Option<String> {
    interface(class)?;
    let (from, to) = ends(class);
    let word = |ends: &[String]| shell_word(ends.first().map_or("", |end| end));
    Some(format!("{} {} {}", word(&from), word(&to), shell_word(&port(&class.open))))
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

fn peer_addresses(open: &Open) -> impl Iterator<Item = &str> {
    open.sources.iter().chain(&open.destinations).flat_map(|blocks| blocks.iter())
}

fn equal(one: &Open, other: &Open) -> bool {
    peer_addresses(one).eq(peer_addresses(other))
        && one.source_groups == other.source_groups
        && one.certainty == other.certainty
        && one.through == other.through
}

/// Whether `icmp` has exactly the peers of `open` in the family whose addresses hold `mark`.
fn family(icmp: &Open, open: &Open, mark: char) -> bool {
    let of_family = |address: &&str| address.contains(mark);
    peer_addresses(icmp).eq(peer_addresses(open).filter(of_family))
        && icmp.certainty == open.certainty
}

/// Whether no peer of the family is left without ICMP.
fn covers(found: bool, open: &Open, mark: char) -> bool {
    found || !peer_addresses(open).any(|address| address.contains(mark))
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
        let report = PortsReport {
            classes,
            audience: None,
            filtered: false,
            source: "dump",
            coverage: &coverage,
            book: None,
        };
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
        office.open.sources = Some(["198.51.100.0/24", "203.0.113.7/32"].into_iter().collect());
        office.open.clients = Clients::Some;
        office.open.client_ports = "32768-60999".into();
        expect![[r#"
            open from the internet
              FROM             TO      PORT     NAME               NOTE
              internet         eni-0a  tcp/443  web-1 and 2 alike
              198.51.100.0/24  eni-0a  tcp/22   web-1 and 2 alike  some clients [1]
              203.0.113.7/32

            [1] answers reach client ports 32768-60999 only: Linux (32768-60999) always, Windows (49152-65535) 72% of the time, NAT gateways, load balancers and Lambda (1024-65535) 43% of the time
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
            class.open.sources = Some(sources.iter().collect());
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
              FROM      TO      PORT  NAME
              internet  eni-0a  any   web-1 and 2 alike

            why: portolan explain dump internet eni-0a any
            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&report(&all));
    }

    #[test]
    fn nothing_judged_is_not_nothing_open() {
        let coverage = Coverage::default();
        assert!(nothing(false, &coverage).contains("nothing can be said"));
    }
}
