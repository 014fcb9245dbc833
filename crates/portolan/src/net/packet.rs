//! One packet, and the packet that answers it.

use std::net::IpAddr;

use super::Protocol;

/// The headers of the first packet of a flow, as far as filters look at them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Packet {
    /// Who sends it.
    pub source: IpAddr,
    /// Whom it is for.
    pub destination: IpAddr,
    /// The protocol.
    pub protocol: Protocol,
    /// The destination port, the key of [`IcmpType`](super::IcmpType), or 0.
    pub selector: u16,
    /// The source port, 0 where there are no ports.
    pub source_port: u16,
}

impl Packet {
    /// The packet that answers this one.
    ///
    /// Addresses change places, and ports with them; an ICMP request becomes its
    /// reply. Any other ICMP message keeps its type: ask
    /// [`wants_reply`](Self::wants_reply) first.
    ///
    /// ```
    /// use portolan::net::{Packet, Protocol};
    ///
    /// let request = Packet {
    ///     source: [203, 0, 113, 7].into(),
    ///     destination: [10, 0, 1, 10].into(),
    ///     protocol: Protocol::Tcp,
    ///     selector: 443,
    ///     source_port: 50_000,
    /// };
    /// assert_eq!(request.reply().selector, 50_000);
    /// assert_eq!(request.reply().reply(), request);
    /// ```
    #[must_use]
    pub fn reply(&self) -> Self {
        let (selector, source_port) = if self.protocol.has_ports() {
            (self.source_port, self.selector)
        } else {
            (self.icmp_reply().unwrap_or(self.selector), self.source_port)
        };
        Self {
            source: self.destination,
            destination: self.source,
            protocol: self.protocol,
            selector,
            source_port,
        }
    }

    /// Whether the sender needs an answer: always but for ICMP messages that are
    /// not requests. (A request with a code other than 0 is none.)
    #[must_use]
    pub fn wants_reply(&self) -> bool {
        !self.protocol.is_icmp() || self.icmp_reply().is_some()
    }

    fn icmp_reply(&self) -> Option<u16> {
        let replies = self.protocol.icmp_replies().iter();
        replies.copied().find(|&(request, _)| request == self.selector).map(|(_, reply)| reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::IcmpType;

    fn packet(protocol: Protocol, selector: u16, source_port: u16) -> Packet {
        Packet {
            source: [203, 0, 113, 7].into(),
            destination: [10, 0, 1, 10].into(),
            protocol,
            selector,
            source_port,
        }
    }

    fn icmp(protocol: Protocol, kind: u8, code: u8) -> Packet {
        packet(protocol, IcmpType { kind, code }.key(), 0)
    }

    #[test]
    fn a_reply_goes_back_where_the_packet_came_from() {
        let request = packet(Protocol::Udp, 53, 40_000);
        let reply = request.reply();
        assert_eq!((reply.source, reply.destination), (request.destination, request.source));
        assert_eq!((reply.selector, reply.source_port), (40_000, 53));
        assert!(request.wants_reply());
        assert!(packet(Protocol::Other(50), 0, 0).wants_reply());
    }

    #[test]
    fn icmp_requests_have_replies_of_their_own_type() {
        for (protocol, request, reply) in
            [(Protocol::Icmp, 8, 0), (Protocol::Icmp, 13, 14), (Protocol::Icmpv6, 128, 129)]
        {
            assert!(icmp(protocol, request, 0).wants_reply());
            assert!(!icmp(protocol, reply, 0).wants_reply());
            let answered = icmp(protocol, request, 0).reply();
            assert_eq!(IcmpType::from_key(answered.selector), IcmpType { kind: reply, code: 0 });
        }
        assert!(!icmp(Protocol::Icmp, 3, 4).wants_reply());
        assert!(!icmp(Protocol::Icmpv6, 8, 0).wants_reply());
    }
}
