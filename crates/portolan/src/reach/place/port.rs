//! How ports are written: `tcp/443`, `443`, `443/tcp`, `tcp:443`,
//! `tcp/8000-8080`, `icmp/8`, `icmp/8/9`, `icmpv6/128`, `proto/50`, `any`, `ssh`.

use std::fmt;

use crate::net::{IcmpType, Match, PortRange, Protocol};

/// Which ports a question or filter is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PortFilter {
    /// The protocol; `None`: any.
    pub protocol: Option<Protocol>,
    /// Ports, or ICMP keys; everything for protocols without.
    pub selectors: PortRange,
}

/// Why a port can't be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PortFilterError {
    /// Not one of the forms.
    #[error(
        "`{0}` is no port: expected tcp/443, 443/tcp, tcp/8000-8080, icmp/8, proto/50, any or a service name"
    )]
    Unreadable(String),
    /// A protocol that has a name was given by number.
    #[error("`proto/{0}` must be said by name: 1 is icmp, 6 tcp, 17 udp, 58 icmpv6")]
    Named(u8),
    /// The last port is before the first.
    #[error("the port range `{0}` ends before it starts")]
    Reversed(String),
}

impl PortFilter {
    /// Every port of every protocol.
    pub const ANY: Self = Self { protocol: None, selectors: PortRange::ALL };

    /// Reads a port as a *question*: `icmp/8` is type 8 code 0.
    ///
    /// # Errors
    /// The text has none of the forms.
    pub fn question(text: &str) -> Result<Self, PortFilterError> {
        parse(text, false)
    }

    /// Reads a port as a *filter*: `icmp/8` is type 8 with any code.
    ///
    /// # Errors
    /// The text has none of the forms.
    pub fn filter(text: &str) -> Result<Self, PortFilterError> {
        parse(text, true)
    }

    /// The one packet kind that it asks for, if it is one.
    #[must_use]
    pub fn single(self) -> Option<(Protocol, u16)> {
        let protocol = self.protocol?;
        match protocol {
            Protocol::Other(_) => Some((protocol, 0)),
            _ if self.selectors.first() == self.selectors.last() => {
                Some((protocol, self.selectors.first()))
            }
            Protocol::Tcp | Protocol::Udp | Protocol::Icmp | Protocol::Icmpv6 => None,
        }
    }

    /// The packets that it means; `None`: all.
    #[must_use]
    pub fn matches(self) -> Option<Vec<Match>> {
        self.protocol.map(|protocol| vec![Match::Ports(protocol, self.selectors)])
    }
}

impl fmt::Display for PortFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.protocol {
            None => f.write_str("any"),
            Some(protocol @ (Protocol::Tcp | Protocol::Udp)) => {
                write!(f, "{protocol}/{}", self.selectors)
            }
            Some(protocol @ (Protocol::Icmp | Protocol::Icmpv6)) => {
                let [first, last] =
                    [self.selectors.first(), self.selectors.last()].map(IcmpType::from_key);
                if first == last {
                    write!(f, "{protocol}/{}/{}", first.kind, first.code)
                } else if first.kind == last.kind {
                    write!(f, "{protocol}/{}", first.kind)
                } else {
                    write!(f, "{protocol}/any")
                }
            }
            Some(protocol @ Protocol::Other(_)) => write!(f, "{protocol}"),
        }
    }
}

fn parse(text: &str, any_code: bool) -> Result<PortFilter, PortFilterError> {
    let unreadable = || PortFilterError::Unreadable(text.to_owned());
    let word = text.trim().to_ascii_lowercase();
    if word == "any" || word == "all" {
        return Ok(PortFilter::ANY);
    }
    let Some((left, right)) = word.split_once(['/', ':']) else {
        return match word.chars().next() {
            Some(first) if first.is_ascii_digit() => ports(Protocol::Tcp, &word, text),
            _ => whole_protocol(&word).or_else(|| service(&word, None)).ok_or_else(unreadable),
        };
    };
    // `443/tcp` as well as `tcp/443`.
    let (protocol, rest) = if left.starts_with(|first: char| first.is_ascii_digit()) {
        (right, left)
    } else {
        (left, right)
    };
    match protocol {
        "tcp" | "udp" => {
            let protocol = if protocol == "tcp" { Protocol::Tcp } else { Protocol::Udp };
            if rest == "any" || rest == "all" {
                return Ok(PortFilter { protocol: Some(protocol), selectors: PortRange::ALL });
            }
            if !rest.starts_with(|first: char| first.is_ascii_digit()) {
                return service(rest, Some(protocol)).ok_or_else(unreadable);
            }
            ports(protocol, rest, text)
        }
        "icmp" | "icmpv6" | "icmp6" => {
            let protocol = if protocol == "icmp" { Protocol::Icmp } else { Protocol::Icmpv6 };
            if rest == "any" || rest == "all" {
                return Ok(PortFilter { protocol: Some(protocol), selectors: PortRange::ALL });
            }
            let (kind, code) =
                rest.split_once('/').map_or((rest, None), |(kind, code)| (kind, Some(code)));
            let kind: u8 = kind.parse().map_err(|_| unreadable())?;
            let selectors = match code {
                Some(code) => {
                    let code: u8 = code.parse().map_err(|_| unreadable())?;
                    PortRange::single(IcmpType { kind, code }.key())
                }
                None if any_code => IcmpType::any_code(kind),
                None => PortRange::single(IcmpType { kind, code: 0 }.key()),
            };
            Ok(PortFilter { protocol: Some(protocol), selectors })
        }
        "proto" => {
            let number: u8 = rest.parse().map_err(|_| unreadable())?;
            match Protocol::from_number(number) {
                protocol @ Protocol::Other(_) => {
                    Ok(PortFilter { protocol: Some(protocol), selectors: PortRange::ALL })
                }
                Protocol::Tcp | Protocol::Udp | Protocol::Icmp | Protocol::Icmpv6 => {
                    Err(PortFilterError::Named(number))
                }
            }
        }
        _ => Err(unreadable()),
    }
}

fn ports(protocol: Protocol, text: &str, whole: &str) -> Result<PortFilter, PortFilterError> {
    let unreadable = || PortFilterError::Unreadable(whole.to_owned());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let first: u16 = first.parse().map_err(|_| unreadable())?;
    let last: u16 = last.parse().map_err(|_| unreadable())?;
    let selectors =
        PortRange::new(first, last).map_err(|_| PortFilterError::Reversed(whole.to_owned()))?;
    Ok(PortFilter { protocol: Some(protocol), selectors })
}

fn whole_protocol(word: &str) -> Option<PortFilter> {
    let protocol = match word {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "icmp" => Protocol::Icmp,
        "icmpv6" => Protocol::Icmpv6,
        _ => return None,
    };
    Some(PortFilter { protocol: Some(protocol), selectors: PortRange::ALL })
}

/// A service by its IANA name; TCP where the registry has it for both.
fn service(name: &str, protocol: Option<Protocol>) -> Option<PortFilter> {
    let mut found = include_str!("services.txt").lines().filter_map(|line| {
        let (service, port) = line.split_once(' ')?;
        let (transport, port) = port.split_once('/')?;
        let transport = if transport == "tcp" { Protocol::Tcp } else { Protocol::Udp };
        let wanted = service.eq_ignore_ascii_case(name)
            && protocol.is_none_or(|protocol| protocol == transport);
        wanted.then(|| port.parse().ok().map(|port| (transport, PortRange::single(port))))?
    });
    found.next().map(|(protocol, selectors)| PortFilter { protocol: Some(protocol), selectors })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        match PortFilter::question(text) {
            Ok(filter) => assert_eq!(filter.to_string(), expected),
            Err(error) => assert_eq!(error.to_string(), expected),
        }
    }

    #[test]
    fn a_protocol_alone_means_all_its_ports() {
        for protocol in ["tcp", "udp", "icmp", "icmpv6"] {
            let filter = PortFilter::question(protocol).unwrap();
            assert_eq!(filter.protocol, protocol.parse().ok());
            assert_eq!((filter.selectors, filter.single()), (PortRange::ALL, None));
        }
    }

    #[test]
    fn every_form_is_read() {
        check("tcp/443", "tcp/443");
        check("443", "tcp/443");
        check("443/tcp", "tcp/443");
        check("tcp:443", "tcp/443");
        check("UDP/53", "udp/53");
        check("tcp/8000-8080", "tcp/8000-8080");
        check("ssh", "tcp/22");
        check("postgresql", "tcp/5432");
        check("udp/domain", "udp/53");
        check("icmp/8", "icmp/8/0");
        check("icmp/8/9", "icmp/8/9");
        check("icmpv6/128", "icmpv6/128/0");
        check("proto/50", "proto/50");
        check("any", "any");
        assert_eq!(PortFilter::filter("icmp/8").unwrap().to_string(), "icmp/8");
    }

    #[test]
    fn what_is_no_port_is_an_error() {
        check("proto/6", "`proto/6` must be said by name: 1 is icmp, 6 tcp, 17 udp, 58 icmpv6");
        check("tcp/9-8", "the port range `tcp/9-8` ends before it starts");
        check(
            "tcp/70000",
            "`tcp/70000` is no port: expected tcp/443, 443/tcp, tcp/8000-8080, icmp/8, proto/50, any or a service name",
        );
    }
}
