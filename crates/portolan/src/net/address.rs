//! Number lines: what ranges, prefixes and sets are made of.
//!
//! The set operations need an order, two ends and neighbours; the CIDR covers
//! need blocks as well. Ports are such a line too ([`u16`]), so that one
//! implementation of the set algebra, and one set of tests, serves them all.

use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A point of a number line: `u32` for IPv4, `u128` for IPv6, `u16` for ports.
///
/// A *block* of length `n` is the set of all points that share their first `n`
/// bits, as in CIDR notation.
pub trait Address: Copy + Ord + Eq + Hash + Debug + Send + Sync + 'static {
    /// The lowest point.
    const MIN: Self;
    /// The highest point.
    const MAX: Self;
    /// How many bits a point has; a block of this length is a single point.
    const BITS: u8;
    /// The length of the blocks that are the cells of long sets: see
    /// [`Sets`](super::Sets).
    const CELL_LENGTH: u8;
    /// Sets of up to so many ranges are kept as ranges, longer ones in cells.
    const FEW: usize = 32;

    /// The next higher point, none after [`MAX`](Self::MAX).
    fn successor(self) -> Option<Self>;

    /// The next lower point, none before [`MIN`](Self::MIN).
    fn predecessor(self) -> Option<Self>;

    /// The lowest point of the block of this length around `self`.
    ///
    /// A length above [`BITS`](Self::BITS) counts as `BITS`.
    fn block_first(self, length: u8) -> Self;

    /// The highest point of the block of this length around `self`.
    fn block_last(self, length: u8) -> Self;

    /// How many leading bits the two points share: the length of the smallest
    /// block that holds both.
    fn common_length(self, other: Self) -> u8;

    /// The point as a number.
    fn to_u128(self) -> u128;
}

macro_rules! address {
    ($type:ty, $bits:literal, $cell:literal) => {
        impl Address for $type {
            const MIN: Self = Self::MIN;
            const MAX: Self = Self::MAX;
            const BITS: u8 = $bits;
            const CELL_LENGTH: u8 = $cell;

            fn successor(self) -> Option<Self> {
                self.checked_add(1)
            }

            fn predecessor(self) -> Option<Self> {
                self.checked_sub(1)
            }

            fn block_first(self, length: u8) -> Self {
                self & !host_bits::<$type>(length, $bits)
            }

            fn block_last(self, length: u8) -> Self {
                self | host_bits::<$type>(length, $bits)
            }

            fn common_length(self, other: Self) -> u8 {
                // At most 128 leading zeros, so the fallback is never taken.
                u8::try_from((self ^ other).leading_zeros()).unwrap_or($bits)
            }

            fn to_u128(self) -> u128 {
                u128::from(self)
            }
        }

        impl HostBits for $type {
            fn all_shifted_right(by: u32) -> Self {
                // A shift by the full width is the /BITS block: no host bits.
                Self::MAX.checked_shr(by).unwrap_or(0)
            }
        }
    };
}

trait HostBits {
    fn all_shifted_right(by: u32) -> Self;
}

fn host_bits<A: HostBits>(length: u8, bits: u8) -> A {
    A::all_shifted_right(u32::from(length.min(bits)))
}

address!(u16, 16, 8);
address!(u32, 32, 24);
// A subnet has a /64.
address!(u128, 128, 64);

/// An [`Address`] of the internet: one of the two families.
pub trait IpAddress: Address {
    /// The standard library's type for this family's addresses.
    type Ip: Copy + Ord + Display + Debug + Into<IpAddr>;

    /// The number as an address.
    fn to_ip(self) -> Self::Ip;

    /// The address as a number.
    fn from_ip(ip: Self::Ip) -> Self;

    /// Appends the address as it is displayed (RFC 5952), without the machinery
    /// of formatting: records of a large estate hold hundreds of millions.
    fn push_text(self, text: &mut Vec<u8>);
}

impl IpAddress for u32 {
    type Ip = Ipv4Addr;

    fn to_ip(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self)
    }

    fn from_ip(ip: Ipv4Addr) -> Self {
        ip.to_bits()
    }

    fn push_text(self, text: &mut Vec<u8>) {
        super::text::push_v4(self.to_ip(), text);
    }
}

impl IpAddress for u128 {
    type Ip = Ipv6Addr;

    fn to_ip(self) -> Ipv6Addr {
        Ipv6Addr::from_bits(self)
    }

    fn from_ip(ip: Ipv6Addr) -> Self {
        ip.to_bits()
    }

    fn push_text(self, text: &mut Vec<u8>) {
        super::text::push_v6(self.to_ip(), text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_every_length_hold_their_point() {
        assert_eq!(0x0a01_0203_u32.block_first(8), 0x0a00_0000);
        assert_eq!(0x0a01_0203_u32.block_last(8), 0x0aff_ffff);
        assert_eq!(7_u32.block_first(32), 7);
        assert_eq!(7_u32.block_last(32), 7);
        assert_eq!(7_u128.block_first(0), 0);
        assert_eq!(7_u128.block_last(0), u128::MAX);
        assert_eq!(7_u32.block_last(200), 7);
    }

    #[test]
    fn two_points_share_a_smallest_block() {
        assert_eq!(0_u32.common_length(u32::MAX), 0);
        assert_eq!(6_u32.common_length(7), 31);
        assert_eq!(7_u128.common_length(7), 128);
    }
}
