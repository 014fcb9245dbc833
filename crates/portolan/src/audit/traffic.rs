//! What a record or a rule is about, as ranges that can be cut.

use crate::net::{IcmpType, Match, PortRange, PortSet, Protocol, selector_display};

/// A protocol as records tell them apart.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Kind {
    /// Every packet.
    Any,
    /// One protocol.
    Of(Protocol),
    /// Every protocol that has no record of its own.
    Other,
}

/// A range of ports of one protocol.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Traffic {
    /// The protocol.
    pub kind: Kind,
    /// Its ports, or ICMP keys ([`IcmpType::key`]); everything for protocols without.
    pub ports: PortRange,
}

impl Traffic {
    /// Reads what records say: `tcp` and `443`, `icmp` and `8/1-255`. What can't
    /// be read is taken to be all of the protocol: nothing may be overlooked.
    #[must_use]
    pub fn read(protocol: &str, ports: &str) -> Self {
        let Ok(protocol) = protocol.parse::<Protocol>() else {
            return Self { kind: Kind::Other, ports: PortRange::ALL };
        };
        let range = match protocol {
            Protocol::Tcp | Protocol::Udp => range(ports),
            Protocol::Icmp | Protocol::Icmpv6 => icmp(ports),
            Protocol::Other(_) => None,
        };
        Self { kind: Kind::Of(protocol), ports: range.unwrap_or(PortRange::ALL) }
    }

    /// What a rule or entry speaks of.
    #[must_use]
    pub fn of(traffic: Match) -> Self {
        match traffic {
            Match::All => Self { kind: Kind::Any, ports: PortRange::ALL },
            Match::Ports(protocol, ports) => Self { kind: Kind::Of(protocol), ports },
        }
    }

    /// Whether some packet is of both.
    #[must_use]
    pub fn meets(self, other: Self) -> bool {
        let any = self.kind == Kind::Any || other.kind == Kind::Any || self.kind == other.kind;
        any && self.ports.intersection(other.ports).is_some()
    }

    /// TCP ports.
    #[must_use]
    pub fn tcp(self) -> Option<PortRange> {
        (self.kind == Kind::Of(Protocol::Tcp)).then_some(self.ports)
    }

    /// UDP ports.
    #[must_use]
    pub fn udp(self) -> Option<PortRange> {
        (self.kind == Kind::Of(Protocol::Udp)).then_some(self.ports)
    }

    /// The protocol as records write it.
    #[must_use]
    pub fn protocol_text(self) -> String {
        match self.kind {
            Kind::Any => "any".to_owned(),
            Kind::Of(protocol) => protocol.to_string(),
            Kind::Other => "other".to_owned(),
        }
    }

    /// The ports as records write them.
    #[must_use]
    pub fn ports_text(self) -> String {
        match self.kind {
            Kind::Of(protocol) => selector_display(protocol, self.ports).join(","),
            Kind::Any | Kind::Other => "any".to_owned(),
        }
    }

    /// One packet of it, as `explain` is asked for it: `tcp/443`, `icmp/8`. There
    /// is none for protocols that nobody names.
    #[must_use]
    pub fn question(self) -> Option<String> {
        match self.kind {
            Kind::Any => Some("tcp/22".to_owned()),
            Kind::Of(protocol @ (Protocol::Tcp | Protocol::Udp)) => {
                Some(format!("{protocol}/{}", self.ports.first()))
            }
            Kind::Of(protocol @ (Protocol::Icmp | Protocol::Icmpv6)) => {
                let asked = IcmpType::from_key(self.icmp_key(protocol));
                Some(format!("{protocol}/{}/{}", asked.kind, asked.code))
            }
            Kind::Of(protocol @ Protocol::Other(_)) => Some(protocol.to_string()),
            Kind::Other => None,
        }
    }

    /// One packet of it, as [`question`](Self::question) has it.
    #[must_use]
    pub(super) fn packet(self) -> Option<(Protocol, u16)> {
        match self.kind {
            Kind::Any => Some((Protocol::Tcp, 22)),
            Kind::Of(protocol @ (Protocol::Tcp | Protocol::Udp)) => {
                Some((protocol, self.ports.first()))
            }
            Kind::Of(protocol @ (Protocol::Icmp | Protocol::Icmpv6)) => {
                Some((protocol, self.icmp_key(protocol)))
            }
            Kind::Of(protocol @ Protocol::Other(_)) => Some((protocol, 0)),
            Kind::Other => None,
        }
    }

    /// An echo request if there is one, else the first type and code.
    fn icmp_key(self, protocol: Protocol) -> u16 {
        let echo = if protocol == Protocol::Icmp { 8 } else { 128 };
        let echo = IcmpType { kind: echo, code: 0 }.key();
        if self.ports.contains(echo) { echo } else { self.ports.first() }
    }

    /// Whether a rule speaks of some of it.
    #[must_use]
    pub(super) fn meets_rule(self, rule: Option<Match>) -> bool {
        let Some(Match::Ports(protocol, ports)) = rule else { return true };
        match self.kind {
            Kind::Any => true,
            Kind::Other => false,
            Kind::Of(own @ Protocol::Other(_)) => own == protocol,
            Kind::Of(own) => own == protocol && ports.intersection(self.ports).is_some(),
        }
    }

    /// Whether a rule speaks of all of it.
    #[must_use]
    pub(super) fn lies_within(self, rule: Match) -> bool {
        let Match::Ports(protocol, ports) = rule else { return true };
        match self.kind {
            Kind::Any | Kind::Other => false,
            Kind::Of(own @ Protocol::Other(_)) => own == protocol,
            Kind::Of(own) => own == protocol && ports.contains_range(self.ports),
        }
    }

    /// The parts that a report prints as records of their own: of ICMP, whole
    /// types and codes of a type.
    #[must_use]
    pub(super) fn printed(self) -> Vec<Self> {
        match self.kind {
            Kind::Of(protocol @ (Protocol::Icmp | Protocol::Icmpv6)) => {
                let texts = selector_display(protocol, self.ports);
                texts.iter().map(|text| Self::read(&protocol.to_string(), text)).collect()
            }
            Kind::Any | Kind::Of(_) | Kind::Other => vec![self],
        }
    }

    /// Whether all of the other is in this.
    #[must_use]
    pub fn covers(self, other: Self) -> bool {
        let kind = self.kind == Kind::Any || self.kind == other.kind;
        kind && self.ports.intersection(other.ports) == Some(other.ports)
    }

    /// The parts of this that are in `wanted`, ascending.
    #[must_use]
    pub fn within(self, wanted: &PortSet) -> Vec<PortRange> {
        wanted.ranges().filter_map(|range| range.intersection(self.ports)).collect()
    }
}

fn range(text: &str) -> Option<PortRange> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    PortRange::new(first.parse().ok()?, last.parse().ok()?).ok()
}

/// `8`, `0-7`, `8/0`, `8/1-255`, `8/1-255,9-10` (one range that begins or ends
/// within a type).
fn icmp(text: &str) -> Option<PortRange> {
    let mut parts = text.split(',').map(icmp_part);
    let whole = parts.next()??;
    parts.try_fold(whole, |whole, part| {
        let part = part?;
        let goes_on = whole.last().checked_add(1) == Some(part.first());
        if goes_on { PortRange::new(whole.first(), part.last()).ok() } else { None }
    })
}

fn icmp_part(text: &str) -> Option<PortRange> {
    let bytes = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse::<u8>().ok()?, last.parse::<u8>().ok()?))
    };
    let (kinds, codes) = match text.split_once('/') {
        Some((kind, codes)) => (bytes(kind)?, bytes(codes)?),
        None => (bytes(text)?, (0, u8::MAX)),
    };
    let first = IcmpType { kind: kinds.0, code: codes.0 }.key();
    PortRange::new(first, IcmpType { kind: kinds.1, code: codes.1 }.key()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_records_write_is_read_again() {
        for (protocol, ports) in [
            ("tcp", "443"),
            ("tcp", "0-65535"),
            ("udp", "8000-8080"),
            ("icmp", "any"),
            ("icmp", "8"),
            ("icmp", "0-7"),
            ("icmp", "8/0"),
            ("icmpv6", "8/1-255"),
            ("icmpv6", "8/1-255,9-10,11/0"),
            ("proto/50", "any"),
            ("other", "any"),
        ] {
            let traffic = Traffic::read(protocol, ports);
            assert_eq!((&*traffic.protocol_text(), &*traffic.ports_text()), (protocol, ports));
        }
    }

    #[test]
    fn what_can_not_be_read_is_everything() {
        assert_eq!(Traffic::read("tcp", "x").ports, PortRange::ALL);
        assert_eq!(Traffic::read("icmp", "3,8").ports, PortRange::ALL);
        assert_eq!(Traffic::read("sctp", "1").kind, Kind::Other);
    }

    #[test]
    fn one_packet_is_asked_for() {
        let question = |protocol, ports| Traffic::read(protocol, ports).question();
        assert_eq!(question("tcp", "22-23").as_deref(), Some("tcp/22"));
        assert_eq!(question("icmp", "any").as_deref(), Some("icmp/8/0"));
        assert_eq!(question("icmp", "3/1-4").as_deref(), Some("icmp/3/1"));
        assert_eq!(question("proto/50", "any").as_deref(), Some("proto/50"));
        assert_eq!(question("other", "any"), None);
    }
}
