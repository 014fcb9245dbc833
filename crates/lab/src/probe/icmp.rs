//! ICMP messages that name the probe that they are of.

use std::net::IpAddr;

use portolan::net::{IcmpType, Protocol};

/// The length of a timestamp message, and of what we send of any other kind.
const LENGTH: usize = 20;

/// A message: type and code, checksum, the number of the probe where echoes have their
/// identifier, and which try it is.
pub(super) fn message(protocol: Protocol, selector: u16, number: u16, again: u16) -> Vec<u8> {
    let IcmpType { kind, code } = IcmpType::from_key(selector);
    let [id_high, id_low] = number.to_be_bytes();
    let [again_high, again_low] = again.to_be_bytes();
    let mut bytes = vec![kind, code, 0, 0, id_high, id_low, again_high, again_low];
    bytes.resize(LENGTH, 0);
    // Of ICMPv6 the kernel knows the addresses and makes it.
    if protocol == Protocol::Icmp {
        let [high, low] = checksum(&bytes).to_be_bytes();
        if let Some(place) = bytes.get_mut(2..4) {
            place.copy_from_slice(&[high, low]);
        }
    }
    bytes
}

/// The checksum of the Internet (RFC 1071).
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| {
        let high = pair.first().copied().unwrap_or(0);
        let low = pair.get(1).copied().unwrap_or(0);
        u32::from(u16::from_be_bytes([high, low]))
    });
    let mut sum: u32 = words.sum();
    while sum > 0xffff {
        sum = (sum & 0xffff).wrapping_add(sum >> 16);
    }
    !u16::try_from(sum).unwrap_or(0)
}

/// The key and the number of a received message; a raw socket of IPv4 gives its header too.
pub(super) fn read(bytes: &[u8], at: IpAddr) -> Option<(u16, u16)> {
    let message = if at.is_ipv4() {
        let header = usize::from(bytes.first()? & 0x0f).checked_mul(4)?;
        bytes.get(header..)?
    } else {
        bytes
    };
    let key = u16::from_be_bytes([*message.first()?, *message.get(1)?]);
    let number = u16::from_be_bytes([*message.get(4)?, *message.get(5)?]);
    Some((key, number))
}

/// The key of the answer that the host itself gives; `None`: it gives none.
pub(super) fn answer(protocol: Protocol, selector: u16) -> Option<u16> {
    let replies = protocol.icmp_replies().iter().copied();
    replies.into_iter().find(|&(request, _)| request == selector).map(|(_, reply)| reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_with_its_checksum_sums_to_nothing() {
        let bytes = message(Protocol::Icmp, 8 << 8, 0xabcd, 1);
        assert_eq!(checksum(&bytes), 0);
        let mut packet = vec![0x45; 20];
        packet.extend(bytes);
        assert_eq!(read(&packet, [10, 0, 0, 1].into()), Some((8 << 8, 0xabcd)));
    }
}
