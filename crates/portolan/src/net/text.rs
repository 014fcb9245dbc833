//! Addresses as text, fast.
//!
//! The records of a large estate list hundreds of millions of blocks. What is
//! written here is what the standard library displays, byte for byte; the tests
//! hold the two against each other.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Appends an IPv4 address: `10.0.0.1`.
pub(super) fn push_v4(address: Ipv4Addr, text: &mut Vec<u8>) {
    let [a, b, c, d] = address.octets();
    push_decimal(a, text);
    for octet in [b, c, d] {
        text.push(b'.');
        push_decimal(octet, text);
    }
}

/// Appends an IPv6 address as RFC 5952 writes it: `2001:db8::1`.
pub(super) fn push_v6(address: Ipv6Addr, text: &mut Vec<u8>) {
    if let Some(mapped) = address.to_ipv4_mapped() {
        text.extend_from_slice(b"::ffff:");
        return push_v4(mapped, text);
    }
    let groups = address.segments();
    let (start, length) = longest_run_of_zeros(&groups);
    let end = start.saturating_add(length);
    for (at, group) in groups.into_iter().enumerate() {
        if length > 1 && (start..end).contains(&at) {
            if at == start {
                text.extend_from_slice(b"::");
            }
            continue;
        }
        // After `::` no further colon is needed.
        if at > 0 && !(length > 1 && at == end) {
            text.push(b':');
        }
        push_hexadecimal(group, text);
    }
}

/// Appends a number in decimal.
pub(super) fn push_decimal(number: u8, text: &mut Vec<u8>) {
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    if hundreds > 0 {
        text.push(b'0' | hundreds);
    }
    if number > 9 {
        text.push(b'0' | tens);
    }
    text.push(b'0' | ones);
}

fn push_hexadecimal(group: u16, text: &mut Vec<u8>) {
    let mut begun = false;
    for shift in [12, 8, 4, 0_u32] {
        let digit = u8::try_from(group >> shift & 0xf).unwrap_or(0);
        begun |= digit > 0 || shift == 0;
        if begun {
            text.push(if digit < 10 { b'0' | digit } else { digit.wrapping_add(b'a' - 10) });
        }
    }
}

/// Where the longest run begins, the first of several, and how long it is.
fn longest_run_of_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let (mut best, mut run) = ((0, 0), (0, 0_usize));
    for (at, &group) in groups.iter().enumerate() {
        run = match (group, run) {
            (0, (start, length)) if length > 0 => (start, length.saturating_add(1)),
            (0, _) => (at, 1),
            _ => (0, 0),
        };
        if run.1 > best.1 {
            best = run;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn v6(address: Ipv6Addr) -> String {
        let mut text = Vec::new();
        push_v6(address, &mut text);
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn addresses_with_zeros_are_shortened_as_everywhere() {
        for text in
            ["::", "::1", "1::", "1::2", "1:0:2::", "0:1::", "1:2:3:4:5:6:7:0", "2001:db8::a:0:0:b"]
        {
            let address: Ipv6Addr = text.parse().unwrap();
            assert_eq!(v6(address), address.to_string());
        }
        assert_eq!(v6("::ffff:10.0.0.1".parse().unwrap()), "::ffff:10.0.0.1");
    }

    proptest! {
        #[test]
        fn ipv4_is_written_as_the_standard_library_displays_it(bits: u32) {
            let mut text = Vec::new();
            push_v4(Ipv4Addr::from_bits(bits), &mut text);
            prop_assert_eq!(
                String::from_utf8(text).unwrap(),
                Ipv4Addr::from_bits(bits).to_string()
            );
        }

        #[test]
        fn ipv6_is_written_as_the_standard_library_displays_it(bits: u128, zeros: u8) {
            let zeros = (0..8_u32).filter(|at| zeros >> at & 1 == 1);
            let bits = zeros.fold(bits, |bits, at| bits & !(0xffff_u128 << (16 * at)));
            let address = Ipv6Addr::from_bits(bits);
            prop_assert_eq!(v6(address), address.to_string());
        }
    }
}
