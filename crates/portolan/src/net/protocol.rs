//! Protocols, and what is told apart under each.
//!
//! Under TCP and UDP packets differ by destination port, under ICMP by type and
//! code; under any other protocol security groups and network ACLs see no
//! difference. One 16-bit *selector* serves all: the port, `type * 256 + code`,
//! or 0. So "ICMP type 8, any code" is the range of selectors 2048-2303, and
//! every filter is made of ranges of selectors.

use std::fmt;
use std::str::FromStr;

use super::PortRange;

/// An IP protocol, as far as rules tell them apart.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Protocol {
    /// TCP, number 6.
    Tcp,
    /// UDP, number 17.
    Udp,
    /// ICMP for IPv4, number 1.
    Icmp,
    /// ICMP for IPv6, number 58.
    Icmpv6,
    /// One other number: never 1, 6, 17 or 58. [`Protocol::from_number`] makes it.
    Other(u8),
}

impl Protocol {
    /// The protocol of a number of IANA's list.
    ///
    /// ```
    /// use portolan::net::Protocol;
    ///
    /// assert_eq!(Protocol::from_number(6), Protocol::Tcp);
    /// assert_eq!(Protocol::from_number(50).to_string(), "proto/50");
    /// ```
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Icmp,
            6 => Self::Tcp,
            17 => Self::Udp,
            58 => Self::Icmpv6,
            number => Self::Other(number),
        }
    }

    /// The number in the IP header.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::Icmp => 1,
            Self::Icmpv6 => 58,
            Self::Other(number) => number,
        }
    }

    /// Whether the selector is a destination port, and there is a source port.
    #[must_use]
    pub const fn has_ports(self) -> bool {
        match self {
            Self::Tcp | Self::Udp => true,
            Self::Icmp | Self::Icmpv6 | Self::Other(_) => false,
        }
    }

    /// Whether the selector is a type and a code.
    #[must_use]
    pub const fn is_icmp(self) -> bool {
        match self {
            Self::Icmp | Self::Icmpv6 => true,
            Self::Tcp | Self::Udp | Self::Other(_) => false,
        }
    }

    /// The requests that this protocol answers with a message of another kind,
    /// and the answers: selectors both. Empty for all but ICMP.
    ///
    /// Echo and timestamp (RFC 792), and echo (RFC 4443). ICMP of any other kind
    /// is one-way.
    #[must_use]
    pub const fn icmp_replies(self) -> &'static [(u16, u16)] {
        match self {
            Self::Icmp => &[(8 << 8, 0), (13 << 8, 14 << 8)],
            Self::Icmpv6 => &[(128 << 8, 129 << 8)],
            Self::Tcp | Self::Udp | Self::Other(_) => &[],
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp => f.write_str("tcp"),
            Self::Udp => f.write_str("udp"),
            Self::Icmp => f.write_str("icmp"),
            Self::Icmpv6 => f.write_str("icmpv6"),
            Self::Other(number) => write!(f, "proto/{number}"),
        }
    }
}

impl FromStr for Protocol {
    type Err = ProtocolError;

    /// Reads what [`Display`](fmt::Display) writes; `proto/6` is TCP.
    fn from_str(text: &str) -> Result<Self, ProtocolError> {
        match text {
            "tcp" => return Ok(Self::Tcp),
            "udp" => return Ok(Self::Udp),
            "icmp" => return Ok(Self::Icmp),
            "icmpv6" => return Ok(Self::Icmpv6),
            _ => {}
        }
        text.strip_prefix("proto/")
            .filter(|number| number.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|number| number.parse().ok())
            .map(Self::from_number)
            .ok_or_else(|| ProtocolError(text.to_owned()))
    }
}

/// The text is not the name of a protocol.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{0}` is not a protocol: tcp, udp, icmp, icmpv6 or proto/N with N from 0 to 255")]
pub struct ProtocolError(
    /// The text.
    pub String,
);

/// What an ICMP message is: its type and its code.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IcmpType {
    /// The type; 8 is an IPv4 echo request.
    pub kind: u8,
    /// The code, a type's variant.
    pub code: u8,
}

impl IcmpType {
    /// The selector: `type * 256 + code`.
    ///
    /// ```
    /// use portolan::net::IcmpType;
    ///
    /// assert_eq!(IcmpType { kind: 3, code: 4 }.key(), 772);
    /// assert_eq!(IcmpType::from_key(772), IcmpType { kind: 3, code: 4 });
    /// ```
    #[must_use]
    pub const fn key(self) -> u16 {
        u16::from_be_bytes([self.kind, self.code])
    }

    /// The type and code of a selector.
    #[must_use]
    pub const fn from_key(key: u16) -> Self {
        let [kind, code] = key.to_be_bytes();
        Self { kind, code }
    }

    /// The selectors of a type with any code.
    #[must_use]
    pub fn any_code(kind: u8) -> PortRange {
        let (first, last) = (Self { kind, code: 0 }.key(), Self { kind, code: u8::MAX }.key());
        // In order, so the fallback is never taken.
        PortRange::new(first, last).unwrap_or(PortRange::single(first))
    }
}

/// A range of selectors as the JSON contract's `ports` writes it.
///
/// One text for TCP and UDP; one or more for ICMP, since a range of keys need not
/// begin and end with a type: `8`, `0-7` are types with all their codes, `8/0`,
/// `8/1-255` are codes of one type. `any` is every type, and for other protocols
/// all there is.
///
/// ```
/// use portolan::net::{PortRange, Protocol, selector_display};
///
/// let keys = PortRange::new(8 * 256 + 1, 11 * 256)?;
/// assert_eq!(selector_display(Protocol::Icmp, keys), ["8/1-255", "9-10", "11/0"]);
/// assert_eq!(selector_display(Protocol::Tcp, PortRange::ALL), ["0-65535"]);
/// # Ok::<(), portolan::net::PortError>(())
/// ```
#[must_use]
pub fn selector_display(protocol: Protocol, selectors: PortRange) -> Vec<String> {
    match protocol {
        Protocol::Tcp | Protocol::Udp => vec![selectors.to_string()],
        Protocol::Icmp | Protocol::Icmpv6 if selectors == PortRange::ALL => vec!["any".to_owned()],
        Protocol::Icmp | Protocol::Icmpv6 => icmp_display(selectors),
        Protocol::Other(_) => vec!["any".to_owned()],
    }
}

fn icmp_display(keys: PortRange) -> Vec<String> {
    let first = IcmpType::from_key(keys.first());
    let last = IcmpType::from_key(keys.last());
    if first.kind == last.kind && (first.code, last.code) != (0, u8::MAX) {
        return vec![codes(first.kind, first.code, last.code)];
    }
    let mut texts = Vec::new();
    let (mut first_kind, mut last_kind) = (Some(first.kind), Some(last.kind));
    if first.code != 0 {
        texts.push(codes(first.kind, first.code, u8::MAX));
        first_kind = first.kind.checked_add(1);
    }
    if last.code != u8::MAX {
        last_kind = last.kind.checked_sub(1);
    }
    if let (Some(first), Some(last)) = (first_kind, last_kind)
        && first <= last
    {
        texts.push(span(first, last));
    }
    if last.code != u8::MAX {
        texts.push(codes(last.kind, 0, last.code));
    }
    texts
}

fn codes(kind: u8, first: u8, last: u8) -> String {
    format!("{kind}/{}", span(first, last))
}

fn span(first: u8, last: u8) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_one_protocol() {
        for number in 0..=u8::MAX {
            let protocol = Protocol::from_number(number);
            assert_eq!(protocol.number(), number);
            assert_eq!(protocol.to_string().parse(), Ok(protocol));
        }
        for text in ["TCP", "proto/", "proto/256", "proto/+1", "6", "-1", ""] {
            assert!(text.parse::<Protocol>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_type_is_256_selectors() {
        let echo = IcmpType::any_code(8);
        assert_eq!((echo.first(), echo.last()), (2048, 2303));
        assert_eq!(IcmpType::any_code(255).last(), u16::MAX);
    }

    #[test]
    fn icmp_ranges_are_written_as_types_and_codes() {
        let shown = |first: [u8; 2], last: [u8; 2]| {
            let keys = PortRange::new(u16::from_be_bytes(first), u16::from_be_bytes(last)).unwrap();
            selector_display(Protocol::Icmp, keys).join(" ")
        };
        assert_eq!(shown([0, 0], [255, 255]), "any");
        assert_eq!(shown([8, 0], [8, 255]), "8");
        assert_eq!(shown([0, 0], [7, 255]), "0-7");
        assert_eq!(shown([8, 0], [8, 0]), "8/0");
        assert_eq!(shown([8, 1], [8, 255]), "8/1-255");
        assert_eq!(shown([7, 255], [8, 0]), "7/255 8/0");
        assert_eq!(shown([0, 0], [8, 0]), "0-7 8/0");
        assert_eq!(shown([8, 1], [255, 255]), "8/1-255 9-255");
        assert_eq!(shown([255, 0], [255, 254]), "255/0-254");
        assert_eq!(shown([0, 0], [0, 3]), "0/0-3");
    }
}
