//! Rules of Suricata as far as their headers decide (Suricata user guide, "Rules format").
//!
//! `action protocol source port -> destination port (options)`, one rule a line. What is
//! not understood is a rule that may match anything.

use std::collections::BTreeMap;

use portolan::model::{Asked, FirewallAction, FirewallRule};
use portolan::net::{Cidr, PortRange, PortSet};

use super::firewall::anything;

/// Sets of addresses and ports that rules name (`$HOME_NET`).
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub(super) addresses: BTreeMap<String, Vec<String>>,
    pub(super) ports: BTreeMap<String, Vec<String>>,
}

/// The header of a rule.
pub(super) struct Header<'h> {
    pub(super) protocol: &'h str,
    pub(super) source: &'h str,
    pub(super) source_port: &'h str,
    /// `FORWARD` and `ANY` in the API, `->` and `<>` in the text.
    pub(super) direction: &'h str,
    pub(super) destination: &'h str,
    pub(super) destination_port: &'h str,
}

pub(super) fn action(word: &str) -> FirewallAction {
    match word.to_ascii_lowercase().as_str() {
        "pass" => FirewallAction::Pass,
        "drop" => FirewallAction::Drop,
        "reject" | "rejectsrc" | "rejectdst" | "rejectboth" => FirewallAction::Reject,
        "alert" => FirewallAction::Alert,
        _ => FirewallAction::Unknown,
    }
}

/// A rule by its header alone.
pub(super) fn rule(action: FirewallAction, header: &Header<'_>, known: &Variables) -> FirewallRule {
    const TCP: u8 = 6;
    const UDP: u8 = 17;
    let (protocols, is_application) = match header.protocol.to_ascii_lowercase().as_str() {
        "ip" | "any" => (Asked::Anything, false),
        "tcp" | "tcp-pkt" => (Asked::Only(vec![TCP]), false),
        // Of what was sent alone: the handshake is no part of it.
        "tcp-stream" => (Asked::Only(vec![TCP]), true),
        "udp" => (Asked::Only(vec![UDP]), false),
        "icmp" => (Asked::Only(vec![1, 58]), false),
        "http" | "http1" | "http2" | "tls" | "ssl" | "ssh" | "smb" | "ftp" | "smtp" | "imap"
        | "dcerpc" | "msn" => (Asked::Only(vec![TCP]), true),
        "dns" | "ntp" | "dhcp" | "tftp" | "ikev2" | "ike" | "krb5" | "quic" | "sip" | "nfs"
        | "snmp" => (Asked::Only(vec![TCP, UDP]), true),
        _ => (Asked::Anything, true),
    };
    let both_ways = !matches!(header.direction, "FORWARD" | "->");
    FirewallRule {
        number: 0,
        ordinal: 0,
        protocols,
        sources: addresses(header.source, known, 0),
        source_ports: ports(header.source_port, known, 0),
        destinations: addresses(header.destination, known, 0),
        destination_ports: ports(header.destination_port, known, 0),
        both_ways,
        doubtful: is_application || !matches!(header.direction, "FORWARD" | "->" | "ANY" | "<>"),
        action,
    }
}

/// What an option means for what a rule matches.
pub(super) fn option(rule: &mut FirewallRule, keyword: &str, value: &str) {
    match keyword.trim().to_ascii_lowercase().as_str() {
        "sid" => rule.number = value.trim().parse().unwrap_or(0),
        "msg" | "rev" | "gid" | "classtype" | "metadata" | "priority" | "reference" | "noalert" => {
        }
        // The client's packets are those that a rule is asked about.
        "flow" if matches!(value.trim(), "to_server" | "from_client") => {}
        _ => rule.doubtful = true,
    }
}

/// How deep variables may name variables.
const DEPTH: u32 = 4;

/// The items of `[a, b]`, or the one item.
fn items(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let inner = match text.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?,
        None => text,
    };
    if inner.contains(['[', ']', '!']) {
        return None;
    }
    Some(inner.split(',').map(str::trim).collect())
}

fn is_any(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("any")
}

fn addresses(text: &str, known: &Variables, depth: u32) -> Asked<Vec<Cidr>> {
    if is_any(text) {
        return Asked::Anything;
    }
    let Some(items) = items(text).filter(|_| depth < DEPTH) else { return Asked::Unknown };
    let mut blocks = Vec::new();
    for item in items {
        let named = item.strip_prefix('$').map(|name| known.addresses.get(name));
        let all: Vec<&str> = match named {
            Some(Some(definition)) => definition.iter().map(String::as_str).collect(),
            Some(None) => return Asked::Unknown,
            None => {
                let Some(block) = block(item) else { return Asked::Unknown };
                blocks.push(block);
                continue;
            }
        };
        for definition in all {
            match addresses(definition, known, depth + 1) {
                Asked::Only(more) => blocks.extend(more),
                Asked::Anything => return Asked::Anything,
                Asked::Unknown => return Asked::Unknown,
            }
        }
    }
    Asked::Only(blocks)
}

fn ports(text: &str, known: &Variables, depth: u32) -> Asked<PortSet> {
    if is_any(text) {
        return Asked::Anything;
    }
    let Some(items) = items(text).filter(|_| depth < DEPTH) else { return Asked::Unknown };
    let mut ranges = Vec::new();
    for item in items {
        if let Some(name) = item.strip_prefix('$') {
            let Some(definition) = known.ports.get(name) else { return Asked::Unknown };
            for definition in definition {
                match ports(definition, known, depth + 1) {
                    Asked::Only(more) => ranges.extend(more.ranges()),
                    Asked::Anything => return Asked::Anything,
                    Asked::Unknown => return Asked::Unknown,
                }
            }
            continue;
        }
        let Some(range) = range(item) else { return Asked::Unknown };
        ranges.push(range);
    }
    Asked::Only(ranges.into_iter().collect())
}

/// A block, or one address.
pub(super) fn block(text: &str) -> Option<Cidr> {
    let length = match text.parse() {
        Ok(std::net::IpAddr::V4(_)) => "/32",
        Ok(std::net::IpAddr::V6(_)) => "/128",
        Err(_) => "",
    };
    Cidr::parse(&format!("{text}{length}")).ok().map(|(block, _)| block)
}

/// `80`, `1024:`, `:1023`, `8000:8080`.
fn range(text: &str) -> Option<PortRange> {
    let Some((first, last)) = text.split_once(':') else {
        return text.parse().ok().map(PortRange::single);
    };
    let first = if first.is_empty() { 0 } else { first.parse().ok()? };
    let last = if last.is_empty() { u16::MAX } else { last.parse().ok()? };
    PortRange::new(first, last).ok()
}

/// The rules of a text.
pub(super) fn rules(text: &str, known: &Variables) -> Vec<FirewallRule> {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line_rule(line, known).unwrap_or_else(anything)).collect()
}

fn line_rule(line: &str, known: &Variables) -> Option<FirewallRule> {
    let (head, options) = line.split_once('(')?;
    let options = options.trim_end().strip_suffix(')')?;
    let words = head_words(head);
    let [word, protocol, source, source_port, direction, destination, destination_port] =
        words.as_slice()
    else {
        return None;
    };
    let header = Header { protocol, source, source_port, direction, destination, destination_port };
    let mut rule = rule(action(word), &header, known);
    for given in split_options(options) {
        let (keyword, value) = given.split_once(':').unwrap_or((given.as_str(), ""));
        option(&mut rule, keyword, value);
    }
    Some(rule)
}

/// The words of a header; a list in brackets is one, spaces and all.
fn head_words(head: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut depth) = (String::new(), 0_u32);
    for letter in head.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if letter.is_whitespace() && depth == 0 {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        } else {
            word.push(letter);
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Options end with a semicolon that is neither quoted nor escaped.
fn split_options(options: &str) -> Vec<String> {
    let mut all = Vec::new();
    let (mut option, mut quoted, mut escaped) = (String::new(), false, false);
    for letter in options.chars() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                all.push(std::mem::take(&mut option));
                continue;
            }
            _ => {}
        }
        option.push(letter);
    }
    all.push(option);
    all.iter().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<FirewallRule> {
        let mut known = Variables::default();
        known.addresses.insert("HOME_NET".to_owned(), vec!["10.0.0.0/16".to_owned()]);
        known.ports.insert("WEB".to_owned(), vec!["80".to_owned(), "443".to_owned()]);
        rules(text, &known)
    }

    fn only(text: &str) -> FirewallRule {
        let mut rules = read(text);
        assert_eq!(rules.len(), 1, "{text}");
        rules.remove(0)
    }

    fn blocks(text: &[&str]) -> Asked<Vec<Cidr>> {
        Asked::Only(text.iter().map(|it| block(it).unwrap()).collect())
    }

    #[test]
    fn a_header_decides_where_options_only_name_the_rule() {
        let rule = only(
            "pass tcp $HOME_NET any -> [192.0.2.1, 198.51.100.0/24] $WEB (msg:\"a; b\"; flow:to_server; sid:7; rev:1;)",
        );
        assert!(!rule.doubtful && !rule.both_ways);
        assert_eq!(rule.number, 7);
        assert_eq!(rule.action, FirewallAction::Pass);
        assert_eq!(rule.protocols, Asked::Only(vec![6]));
        assert_eq!(rule.sources, blocks(&["10.0.0.0/16"]));
        assert_eq!(rule.destinations, blocks(&["192.0.2.1", "198.51.100.0/24"]));
        let web: PortSet = [80, 443].map(PortRange::single).into_iter().collect();
        assert_eq!(rule.destination_ports, Asked::Only(web));
        assert_eq!(rule.source_ports, Asked::Anything);
    }

    #[test]
    fn what_looks_into_packets_is_doubtful() {
        for text in [
            "pass tls any any -> any any (sid:1;)",
            "pass tcp any any -> any any (content:\"x\"; sid:1;)",
            "pass tcp any any -> any any (flow:established; sid:1;)",
            "drop tcp any any -> any any (flow:to_client; sid:1;)",
            "drop carp any any -> any any (sid:1;)",
            "drop tcp-stream any any -> any any (sid:1;)",
        ] {
            assert!(only(text).doubtful, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_known() {
        assert_eq!(only("drop tcp !10.0.0.0/8 any -> any any (sid:1;)").sources, Asked::Unknown);
        assert_eq!(only("drop tcp $OTHER any -> any any (sid:1;)").sources, Asked::Unknown);
        assert_eq!(only("drop tcp any 1:x -> any any (sid:1;)").source_ports, Asked::Unknown);
        let line = only("this is no rule");
        assert!(line.doubtful && line.both_ways);
        assert_eq!(line.action, FirewallAction::Unknown);
    }

    #[test]
    fn comments_are_no_rules_and_a_line_may_go_on() {
        let rules = read(
            "# pass ip any any -> any any (sid:1;)\n\ndrop udp any any <> \\\n any 53: (sid:2;)\n",
        );
        let [rule] = rules.as_slice() else { panic!("{rules:?}") };
        assert!(rule.both_ways && rule.number == 2);
        let ports: PortSet = [PortRange::new(53, u16::MAX).unwrap()].into_iter().collect();
        assert_eq!(rule.destination_ports, Asked::Only(ports));
    }
}
