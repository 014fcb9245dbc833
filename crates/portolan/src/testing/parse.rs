//! The small words: traffic, blocks, peers.

use std::net::IpAddr;

use crate::net::{Cidr, IcmpType, IpAddress, Match, PortRange, Prefix, Protocol};

/// `any` is both families.
pub(super) fn blocks(word: &str) -> Result<Vec<Cidr>, String> {
    match word {
        "any" => Ok(vec![Cidr::ALL_V4, Cidr::ALL_V6]),
        "any4" => Ok(vec![Cidr::ALL_V4]),
        "any6" => Ok(vec![Cidr::ALL_V6]),
        _ => block(word).map(|block| vec![block]),
    }
}

/// A block, or an address as the block of itself.
pub(super) fn block(word: &str) -> Result<Cidr, String> {
    if let Ok(address) = word.parse::<IpAddr>() {
        return Ok(Cidr::single(address));
    }
    Cidr::parse(word).map(|(block, _)| block).map_err(|error| error.to_string())
}

pub(super) fn address_v4(word: &str) -> Result<u32, String> {
    let address: std::net::Ipv4Addr =
        word.parse().map_err(|_| format!("`{word}` is no IPv4 address"))?;
    Ok(u32::from_ip(address))
}

/// `None`: can't be read.
pub(super) fn traffic(word: &str) -> Result<Option<Match>, String> {
    let (name, rest) = word.split_once('/').map_or((word, None), |(name, rest)| (name, Some(rest)));
    let ports = match (name, rest) {
        ("?", None) => return Ok(None),
        ("all", None) => return Ok(Some(Match::All)),
        ("proto", Some(_)) => {
            let protocol = word.parse().map_err(|_| format!("`{word}` is no protocol"))?;
            return Ok(Some(Match::Ports(protocol, PortRange::ALL)));
        }
        (_, None) => PortRange::ALL,
        ("icmp" | "icmpv6", Some(rest)) => icmp(rest)?,
        (_, Some(rest)) => rest.parse().map_err(|_| format!("`{rest}` are no ports"))?,
    };
    let protocol: Protocol = name.parse().map_err(|_| format!("`{name}` is no protocol"))?;
    Ok(Some(Match::Ports(protocol, ports)))
}

fn icmp(word: &str) -> Result<PortRange, String> {
    let number = |word: &str| word.parse::<u8>().map_err(|_| format!("`{word}` is no ICMP type"));
    match word.split_once('/') {
        None => Ok(IcmpType::any_code(number(word)?)),
        Some((kind, code)) => {
            let code = number(code)?;
            Ok(PortRange::single(IcmpType { kind: number(kind)?, code }.key()))
        }
    }
}

/// What a subnet gives to those who are launched in it: `ipv4`, `ipv6`, both, or `?`, which is not said.
pub(super) fn assigns(words: &str) -> Result<(Option<bool>, Option<bool>), String> {
    if words == "?" {
        return Ok((None, None));
    }
    let (mut ipv4, mut ipv6) = (false, false);
    for word in words.split(',') {
        match word {
            "ipv4" => ipv4 = true,
            "ipv6" => ipv6 = true,
            _ => return Err(format!("`{word}` is no family")),
        }
    }
    Ok((Some(ipv4), Some(ipv6)))
}

/// Blocks of both families.
pub(super) type Blocks = (Vec<Prefix<u32>>, Vec<Prefix<u128>>);

/// Blocks by family.
pub(super) fn families(words: &str) -> Result<Blocks, String> {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for word in words.split(',').filter(|word| !word.is_empty()) {
        match block(word)? {
            Cidr::V4(prefix) => v4.push(prefix),
            Cidr::V6(prefix) => v6.push(prefix),
        }
    }
    Ok((v4, v6))
}
