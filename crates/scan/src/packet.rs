//! TCP segments and ICMP messages as bytes, and what comes back of them
//! (RFC 9293, 792, 4443).

use std::net::IpAddr;

/// A TCP segment that came, as far as it matters here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Segment {
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) acknowledged: u32,
    pub(crate) flags: u8,
}

pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const ACK: u8 = 0x10;

/// An ICMP error that came, and the packet that it is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Unreachable {
    pub(crate) destination: IpAddr,
    /// 6 or 17.
    pub(crate) protocol: u8,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    /// Whether the port itself refused (UDP), else something on the way.
    pub(crate) port: bool,
    pub(crate) reason: &'static str,
}

/// A SYN, with the one option that everybody sends: the largest segment.
pub(crate) fn syn(source: (IpAddr, u16), destination: (IpAddr, u16), sequence: u32) -> [u8; 24] {
    let mut segment = [0_u8; 24];
    let mut put = |at: usize, bytes: &[u8]| {
        if let Some(place) = segment.get_mut(at..at + bytes.len()) {
            place.copy_from_slice(bytes);
        }
    };
    put(0, &source.1.to_be_bytes());
    put(2, &destination.1.to_be_bytes());
    put(4, &sequence.to_be_bytes());
    put(12, &[6 << 4, SYN]);
    put(14, &64_240_u16.to_be_bytes());
    put(20, &[2, 4]);
    put(22, &1_460_u16.to_be_bytes());
    let sum = checksum(source.0, destination.0, 6, &segment);
    if let Some(place) = segment.get_mut(16..18) {
        place.copy_from_slice(&sum.to_be_bytes());
    }
    segment
}

/// The checksum of a segment under its pseudo-header.
fn checksum(source: IpAddr, destination: IpAddr, protocol: u8, segment: &[u8]) -> u16 {
    let mut sum = 0_u32;
    let mut add = |bytes: &[u8]| {
        for pair in bytes.chunks(2) {
            let high = pair.first().copied().unwrap_or(0);
            let low = pair.get(1).copied().unwrap_or(0);
            sum += u32::from(u16::from_be_bytes([high, low]));
        }
    };
    for address in [source, destination] {
        match address {
            IpAddr::V4(address) => add(&address.octets()),
            IpAddr::V6(address) => add(&address.octets()),
        }
    }
    let length = u16::try_from(segment.len()).unwrap_or(u16::MAX);
    add(&length.to_be_bytes());
    add(&[0, protocol]);
    add(segment);
    while let carry @ 1.. = sum >> 16 {
        sum = (sum & 0xffff) + carry;
    }
    !u16::try_from(sum).unwrap_or(u16::MAX)
}

/// Reads a TCP header.
pub(crate) fn segment(bytes: &[u8]) -> Option<Segment> {
    Some(Segment {
        source_port: u16_at(bytes, 0)?,
        destination_port: u16_at(bytes, 2)?,
        acknowledged: u32::from_be_bytes(bytes.get(8..12)?.try_into().ok()?),
        flags: *bytes.get(13)?,
    })
}

/// The sender of an IPv4 packet, and what is in it.
pub(crate) fn ipv4(bytes: &[u8]) -> Option<(IpAddr, &[u8])> {
    let length = usize::from(*bytes.first()? & 0x0f) * 4;
    let source: [u8; 4] = bytes.get(12..16)?.try_into().ok()?;
    Some((IpAddr::from(source), bytes.get(length..)?))
}

/// Reads an ICMP error for IPv4.
pub(crate) fn unreachable_v4(message: &[u8]) -> Option<Unreachable> {
    let (kind, code) = (*message.first()?, *message.get(1)?);
    let reason = match (kind, code) {
        (3, 0) => "net-unreach",
        (3, 1 | 7) => "host-unreach",
        (3, 2) => "proto-unreach",
        (3, 3) => "port-unreach",
        (3, 9 | 10 | 13) => "admin-prohibited",
        (3, _) => "unreach",
        (11, _) => "time-exceeded",
        _ => return None,
    };
    let quoted = message.get(8..)?;
    let length = usize::from(*quoted.first()? & 0x0f) * 4;
    let destination: [u8; 4] = quoted.get(16..20)?.try_into().ok()?;
    let ports = quoted.get(length..)?;
    Some(Unreachable {
        destination: IpAddr::from(destination),
        protocol: *quoted.get(9)?,
        source_port: u16_at(ports, 0)?,
        destination_port: u16_at(ports, 2)?,
        port: (kind, code) == (3, 3),
        reason,
    })
}

/// Reads an ICMP error for IPv6, of a packet without extension headers: such as we send.
pub(crate) fn unreachable_v6(message: &[u8]) -> Option<Unreachable> {
    let (kind, code) = (*message.first()?, *message.get(1)?);
    let reason = match (kind, code) {
        (1, 0) => "no-route",
        (1, 1 | 5 | 6) => "admin-prohibited",
        (1, 3) => "addr-unreach",
        (1, 4) => "port-unreach",
        (1, _) => "unreach",
        (3, _) => "time-exceeded",
        _ => return None,
    };
    let quoted = message.get(8..)?;
    let destination: [u8; 16] = quoted.get(24..40)?.try_into().ok()?;
    let ports = quoted.get(40..)?;
    Some(Unreachable {
        destination: IpAddr::from(destination),
        protocol: *quoted.get(6)?,
        source_port: u16_at(ports, 0)?,
        destination_port: u16_at(ports, 2)?,
        port: (kind, code) == (1, 4),
        reason,
    })
}

/// An echo request (type 8 or 128) with a number to know it by.
pub(crate) fn echo(address: IpAddr, number: u16) -> [u8; 16] {
    let kind = if address.is_ipv4() { 8 } else { 128 };
    let [high, low] = number.to_be_bytes();
    let mut message =
        [kind, 0, 0, 0, high, low, 0, 1, b'p', b'o', b'r', b't', b'o', b'l', b'a', b'n'];
    if address.is_ipv4() {
        let mut sum = 0_u32;
        for pair in message.chunks(2) {
            let high = pair.first().copied().unwrap_or(0);
            let low = pair.get(1).copied().unwrap_or(0);
            sum += u32::from(u16::from_be_bytes([high, low]));
        }
        while let carry @ 1.. = sum >> 16 {
            sum = (sum & 0xffff) + carry;
        }
        let sum = !u16::try_from(sum).unwrap_or(u16::MAX);
        if let Some(place) = message.get_mut(2..4) {
            place.copy_from_slice(&sum.to_be_bytes());
        }
    }
    message
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_syn_says_what_it_is_and_sums_up() {
        let source: IpAddr = "10.0.0.1".parse().unwrap();
        let destination: IpAddr = "10.0.0.2".parse().unwrap();
        let bytes = syn((source, 40_000), (destination, 443), 7);
        let read = segment(&bytes).unwrap();
        assert_eq!((read.source_port, read.destination_port, read.flags), (40_000, 443, SYN));
        // Summing a segment that holds its checksum gives nothing.
        assert_eq!(checksum(source, destination, 6, &bytes), 0);
        let v6: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(checksum(v6, v6, 6, &syn((v6, 1), (v6, 2), 3)), 0);
    }

    #[test]
    fn an_error_is_laid_to_the_probe_that_it_quotes() {
        let mut message = vec![3, 13, 0, 0, 0, 0, 0, 0];
        let mut quoted = vec![0x45; 1];
        quoted.extend([0; 8]);
        quoted.push(6);
        quoted.extend([0; 2]);
        quoted.extend([10, 0, 0, 1, 10, 0, 0, 2]);
        quoted.extend([0x9c, 0x40, 1, 187, 0, 0, 0, 7]);
        message.extend(&quoted);
        let read = unreachable_v4(&message).unwrap();
        assert_eq!(read.destination, "10.0.0.2".parse::<IpAddr>().unwrap());
        assert_eq!((read.protocol, read.source_port, read.destination_port), (6, 40_000, 443));
        assert_eq!((read.port, read.reason), (false, "admin-prohibited"));
    }

    #[test]
    fn what_is_cut_off_or_nonsense_is_nothing() {
        let whole = [0x45_u8; 60];
        for length in 0..whole.len() {
            let bytes = &whole[..length];
            _ = ipv4(bytes);
            _ = segment(bytes);
            for kind in [1, 3, 11] {
                let mut message = bytes.to_vec();
                if let Some(first) = message.first_mut() {
                    *first = kind;
                }
                _ = unreachable_v4(&message);
                _ = unreachable_v6(&message);
            }
        }
        assert_eq!(segment(&whole[..13]), None);
    }
}
