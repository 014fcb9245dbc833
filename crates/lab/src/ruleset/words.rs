//! Matches in the words of nftables.

use std::net::{Ipv4Addr, Ipv6Addr};

use portolan::net::{Cidr, IcmpType, Ipv4Set, Ipv6Set, Match, PortRange, Protocol, RangeSet};

/// Which packets a rule or entry is about, but for addresses; empty: all.
#[must_use]
pub fn traffic(traffic: Match) -> String {
    match traffic {
        Match::All => String::new(),
        Match::Ports(Protocol::Tcp, ports) => ports_of("tcp", ports),
        Match::Ports(Protocol::Udp, ports) => ports_of("udp", ports),
        Match::Ports(Protocol::Icmp, keys) => icmp("icmp", keys),
        Match::Ports(Protocol::Icmpv6, keys) => icmp("ipv6-icmp", keys),
        Match::Ports(Protocol::Other(number), _) => format!("meta l4proto {number}"),
    }
}

fn ports_of(protocol: &str, ports: PortRange) -> String {
    if ports == PortRange::ALL {
        format!("meta l4proto {protocol}")
    } else {
        format!("{protocol} dport {}", range(ports.first(), ports.last()))
    }
}

/// The type and the code are the first two bytes of an ICMP message, which nftables
/// compares as one number: so any range of keys is one match.
fn icmp(protocol: &str, keys: PortRange) -> String {
    if keys == PortRange::ALL {
        return format!("meta l4proto {protocol}");
    }
    let kind = IcmpType::from_key(keys.first()).kind;
    if keys == IcmpType::any_code(kind) {
        let word = if protocol == "icmp" { "icmp" } else { "icmpv6" };
        return format!("{word} type {kind}");
    }
    format!("meta l4proto {protocol} @th,0,16 {}", range(keys.first(), keys.last()))
}

fn range<T: Copy + PartialEq + std::fmt::Display>(first: T, last: T) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// `ip` or `ip6`.
#[must_use]
pub fn family(ipv4: bool) -> &'static str {
    if ipv4 { "ip" } else { "ip6" }
}

/// `saddr` or `daddr` in a block.
#[must_use]
pub fn address_in(end: &str, block: Cidr) -> String {
    match (block.is_v4(), block.length()) {
        (true, 0) => "meta nfproto ipv4".to_owned(),
        (false, 0) => "meta nfproto ipv6".to_owned(),
        (ipv4, _) => format!("{} {end} {block}", family(ipv4)),
    }
}

/// `saddr` or `daddr` in any of several blocks: one match for each family that has some.
#[must_use]
pub fn address_in_any(end: &str, blocks: &[Cidr]) -> Vec<String> {
    let (v4, v6) = families(blocks);
    let v4: Vec<String> = v4
        .ranges()
        .iter()
        .map(|&(first, last)| range(Ipv4Addr::from_bits(first), Ipv4Addr::from_bits(last)))
        .collect();
    let v6: Vec<String> = v6
        .ranges()
        .iter()
        .map(|&(first, last)| range(Ipv6Addr::from_bits(first), Ipv6Addr::from_bits(last)))
        .collect();
    [("ip", v4), ("ip6", v6)]
        .into_iter()
        .filter(|(_, ranges)| !ranges.is_empty())
        .map(|(family, ranges)| format!("{family} {end} {{ {} }}", ranges.join(", ")))
        .collect()
}

/// Disjoint ranges of each family.
fn families(blocks: &[Cidr]) -> (Ipv4Set, Ipv6Set) {
    let v4 = blocks.iter().filter_map(|block| match block {
        Cidr::V4(block) => Some((block.first(), block.last())),
        Cidr::V6(_) => None,
    });
    let v6 = blocks.iter().filter_map(|block| match block {
        Cidr::V4(_) => None,
        Cidr::V6(block) => Some((block.first(), block.last())),
    });
    (RangeSet::from_ranges(v4), RangeSet::from_ranges(v6))
}

/// An address, or a block as the range that sets hold.
#[must_use]
pub fn element(block: Cidr) -> String {
    match block {
        Cidr::V4(block) => {
            range(Ipv4Addr::from_bits(block.first()), Ipv4Addr::from_bits(block.last()))
        }
        Cidr::V6(block) => {
            range(Ipv6Addr::from_bits(block.first()), Ipv6Addr::from_bits(block.last()))
        }
    }
}

/// The name of a device as nftables reads it.
#[must_use]
pub fn device(name: &str) -> String {
    format!("\"{name}\"")
}

/// Whether a block is one address.
#[must_use]
pub fn is_single(block: Cidr) -> bool {
    block == Cidr::single(block.first())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_types_and_codes_is_one_match() {
        let shown = |first, last| {
            let keys = PortRange::new(first, last).unwrap();
            [Protocol::Icmp, Protocol::Icmpv6].map(|protocol| traffic(Match::Ports(protocol, keys)))
        };
        assert_eq!(shown(2048, 2303), ["icmp type 8", "icmpv6 type 8"]);
        assert_eq!(shown(0, 65535), ["meta l4proto icmp", "meta l4proto ipv6-icmp"]);
        assert_eq!(
            shown(2048, 2048),
            ["meta l4proto icmp @th,0,16 2048", "meta l4proto ipv6-icmp @th,0,16 2048"]
        );
        assert_eq!(shown(1, 2400).first().unwrap(), "meta l4proto icmp @th,0,16 1-2400");
    }

    #[test]
    fn overlapping_blocks_become_disjoint_ranges() {
        let blocks: Vec<Cidr> = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "9.9.9.9/32"]
            .iter()
            .map(|text| Cidr::parse(text).unwrap().0)
            .collect();
        assert_eq!(
            address_in_any("saddr", &blocks),
            [
                "ip saddr { 9.9.9.9, 10.0.0.0-10.255.255.255 }",
                "ip6 saddr { 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff }"
            ]
        );
    }
}
