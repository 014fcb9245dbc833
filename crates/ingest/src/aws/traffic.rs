//! Protocol and ports as the API encodes them, into a [`Match`].
//!
//! `None` is what can't be read: the rule may then match anything. The rules are
//! those of the API reference: `IpPermission`, `CreateNetworkAclEntry`.

use portolan::net::{Cidr, IcmpType, Match, PortRange, Protocol};

use super::field::{Field, Str};
use super::words::{PortSpan, TypeCode};

enum Word {
    All,
    One(Protocol),
}

fn word(text: &Str<'_>) -> Option<Word> {
    Some(match text.as_str() {
        "-1" => Word::All,
        "tcp" => Word::One(Protocol::Tcp),
        "udp" => Word::One(Protocol::Udp),
        "icmp" => Word::One(Protocol::Icmp),
        "icmpv6" => Word::One(Protocol::Icmpv6),
        // `u8::from_str` takes a sign.
        number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            Word::One(Protocol::from_number(number.parse().ok()?))
        }
        _ => return None,
    })
}

/// The traffic of a security group rule.
pub(crate) fn of_group_rule(
    protocol: &Str<'_>,
    from: &Field<i64>,
    to: &Field<i64>,
) -> Option<Match> {
    let protocol = match word(protocol)? {
        Word::All => return Some(Match::All),
        Word::One(protocol) => protocol,
    };
    let ports = match protocol {
        // The API refuses a TCP or UDP rule without both ports.
        Protocol::Tcp | Protocol::Udp => ports(from, to)?,
        Protocol::Icmp => icmp(from, to)?,
        Protocol::Icmpv6 if from.is_absent() && to.is_absent() => PortRange::ALL,
        Protocol::Icmpv6 => icmp(from, to)?,
        // "A protocol number other than these opens all ports, whatever you say".
        Protocol::Other(_) => PortRange::ALL,
    };
    Some(Match::Ports(protocol, ports))
}

/// The traffic of a network ACL entry.
pub(crate) fn of_acl_entry(
    protocol: &Str<'_>,
    ports_given: &Field<PortSpan<'_>>,
    icmp_given: &Field<TypeCode<'_>>,
    cidr: Option<Cidr>,
) -> Option<Match> {
    let protocol = match word(protocol)? {
        Word::All => return Some(Match::All),
        Word::One(protocol) => protocol,
    };
    let selectors = match protocol {
        Protocol::Tcp | Protocol::Udp => {
            let given = ports_given.get()?;
            ports(&given.from, &given.to)?
        }
        // With an IPv4 block "traffic for all ICMP types and codes" is meant.
        Protocol::Icmpv6 if cidr.is_some_and(Cidr::is_v4) => PortRange::ALL,
        Protocol::Icmp | Protocol::Icmpv6 => {
            let given = icmp_given.get()?;
            icmp(&given.kind, &given.code)?
        }
        Protocol::Other(_) => PortRange::ALL,
    };
    Some(Match::Ports(protocol, selectors))
}

fn ports(from: &Field<i64>, to: &Field<i64>) -> Option<PortRange> {
    let port = |field: &Field<i64>| field.get().and_then(|&port| u16::try_from(port).ok());
    PortRange::new(port(from)?, port(to)?).ok()
}

fn icmp(kind: &Field<i64>, code: &Field<i64>) -> Option<PortRange> {
    match (*kind.get()?, *code.get()?) {
        (-1, -1) => Some(PortRange::ALL),
        // All types and one code: the API refuses it.
        (-1, _) => None,
        (kind, -1) => Some(IcmpType::any_code(u8::try_from(kind).ok()?)),
        (kind, code) => {
            let kind = u8::try_from(kind).ok()?;
            let code = u8::try_from(code).ok()?;
            Some(PortRange::single(IcmpType { kind, code }.key()))
        }
    }
}
