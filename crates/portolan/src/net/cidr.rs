//! CIDR blocks.
//!
//! A [`Prefix`] is canonical: bits behind the prefix are cleared, so that equal
//! blocks are equal values. [`Cidr::parse`] is strict about the text but accepts
//! host bits, as some AWS fields do, and says that it met them; the caller
//! decides whether that is worth a word. A bare address is not a CIDR here:
//! where one may stand for a /32, the caller says so.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Address, IpAddress};

/// All addresses that share their first `length` bits.
///
/// Host bits of `first` are clear, and `length` is at most [`Address::BITS`].
/// Ordered by first address, then the larger block first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Prefix<A> {
    first: A,
    length: u8,
}

impl<A: Address> Prefix<A> {
    /// The block of this length around an address, none if there is no such
    /// length in the family.
    ///
    /// ```
    /// use portolan::net::Prefix;
    ///
    /// let prefix = Prefix::new(0x0a01_0203_u32, 8).ok_or("no such length")?;
    /// assert_eq!(prefix.first(), 0x0a00_0000);
    /// assert_eq!(prefix.last(), 0x0aff_ffff);
    /// assert_eq!(Prefix::new(0_u32, 33), None);
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn new(address: A, length: u8) -> Option<Self> {
        (length <= A::BITS).then(|| Self { first: address.block_first(length), length })
    }

    /// The block of one address.
    #[must_use]
    pub fn single(address: A) -> Self {
        Self { first: address, length: A::BITS }
    }

    /// The smallest block that holds both addresses.
    #[must_use]
    pub fn around(a: A, b: A) -> Self {
        let length = a.common_length(b);
        Self { first: a.block_first(length), length }
    }

    /// The lowest address.
    #[must_use]
    pub fn first(self) -> A {
        self.first
    }

    /// The highest address.
    #[must_use]
    pub fn last(self) -> A {
        self.first.block_last(self.length)
    }

    /// How many leading bits are fixed.
    #[must_use]
    pub fn length(self) -> u8 {
        self.length
    }

    /// Whether the address is in the block.
    #[must_use]
    pub fn contains(self, address: A) -> bool {
        address.block_first(self.length) == self.first
    }

    /// The lower and the upper half, none if the block is a single address.
    #[must_use]
    pub fn halves(self) -> Option<(Self, Self)> {
        if self.length >= A::BITS {
            return None;
        }
        let length = self.length.saturating_add(1);
        let upper = Self { first: self.last().block_first(length), length };
        Some((Self { first: self.first, length }, upper))
    }
}

impl<A: IpAddress> Prefix<A> {
    /// Appends the block as it is displayed: see [`IpAddress::push_text`].
    pub fn push_text(self, text: &mut Vec<u8>) {
        self.first.push_text(text);
        text.push(b'/');
        super::text::push_decimal(self.length, text);
    }
}

impl<A: IpAddress> fmt::Display for Prefix<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first.to_ip(), self.length)
    }
}

/// A CIDR block of either family, IPv4 ordered before IPv6.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cidr {
    /// A block of IPv4 addresses.
    V4(Prefix<u32>),
    /// A block of IPv6 addresses.
    V6(Prefix<u128>),
}

impl Cidr {
    /// All of IPv4, `0.0.0.0/0`.
    pub const ALL_V4: Self = Self::V4(Prefix { first: 0, length: 0 });
    /// All of IPv6, `::/0`.
    pub const ALL_V6: Self = Self::V6(Prefix { first: 0, length: 0 });

    /// Reads `address/length`; true if host bits were set and have been cleared.
    ///
    /// ```
    /// use portolan::net::Cidr;
    ///
    /// let (cidr, host_bits) = Cidr::parse("10.1.2.3/8")?;
    /// assert_eq!((cidr.to_string().as_str(), host_bits), ("10.0.0.0/8", true));
    /// assert!(Cidr::parse("10.1.2.3").is_err());
    /// # Ok::<(), portolan::net::CidrError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the text is not a CIDR block, a bare address included.
    pub fn parse(text: &str) -> Result<(Self, bool), CidrError> {
        let (address, length) =
            text.split_once('/').ok_or_else(|| CidrError::NoLength(text.to_owned()))?;
        let address: IpAddr =
            address.parse().map_err(|_| CidrError::NotAnAddress(text.to_owned()))?;
        let length = parse_length(length).ok_or_else(|| CidrError::NotALength(text.to_owned()))?;
        let too_long = || CidrError::TooLong { text: text.to_owned(), length };
        match address {
            IpAddr::V4(address) => {
                let address = u32::from_ip(address);
                let prefix = Prefix::new(address, length).ok_or_else(too_long)?;
                Ok((Self::V4(prefix), prefix.first != address))
            }
            IpAddr::V6(address) => {
                let address = u128::from_ip(address);
                let prefix = Prefix::new(address, length).ok_or_else(too_long)?;
                Ok((Self::V6(prefix), prefix.first != address))
            }
        }
    }

    /// The block of one address.
    #[must_use]
    pub fn single(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(Prefix::single(u32::from_ip(address))),
            IpAddr::V6(address) => Self::V6(Prefix::single(u128::from_ip(address))),
        }
    }

    /// Whether this is a block of IPv4 addresses.
    #[must_use]
    pub fn is_v4(self) -> bool {
        match self {
            Self::V4(_) => true,
            Self::V6(_) => false,
        }
    }

    /// Whether the address is in the block; never for one of the other family,
    /// IPv4-mapped IPv6 addresses (`::ffff:10.0.0.1`) included.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4(prefix), IpAddr::V4(address)) => prefix.contains(u32::from_ip(address)),
            (Self::V6(prefix), IpAddr::V6(address)) => prefix.contains(u128::from_ip(address)),
            (Self::V4(_), IpAddr::V6(_)) | (Self::V6(_), IpAddr::V4(_)) => false,
        }
    }

    /// How many leading bits are fixed.
    #[must_use]
    pub fn length(self) -> u8 {
        match self {
            Self::V4(prefix) => prefix.length,
            Self::V6(prefix) => prefix.length,
        }
    }

    /// The lowest address.
    #[must_use]
    pub fn first(self) -> IpAddr {
        match self {
            Self::V4(prefix) => IpAddr::V4(prefix.first.to_ip()),
            Self::V6(prefix) => IpAddr::V6(prefix.first.to_ip()),
        }
    }
}

impl From<Ipv4Addr> for Cidr {
    fn from(address: Ipv4Addr) -> Self {
        Self::single(IpAddr::V4(address))
    }
}

impl From<Ipv6Addr> for Cidr {
    fn from(address: Ipv6Addr) -> Self {
        Self::single(IpAddr::V6(address))
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::V4(prefix) => prefix.fmt(f),
            Self::V6(prefix) => prefix.fmt(f),
        }
    }
}

/// Why a text is not a CIDR block.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CidrError {
    /// No slash: a bare address, or something else altogether.
    #[error("`{0}` has no prefix length")]
    NoLength(String),
    /// What stands before the slash is no IP address.
    #[error("`{0}` does not begin with an IP address")]
    NotAnAddress(String),
    /// What stands behind the slash is no number as CIDR writes it.
    #[error("`{0}` does not end in a prefix length")]
    NotALength(String),
    /// The family has fewer bits.
    #[error("the prefix length {length} of `{text}` is more than its address has bits")]
    TooLong {
        /// The whole text.
        text: String,
        /// The length it asked for.
        length: u8,
    },
}

fn parse_length(text: &str) -> Option<u8> {
    // `u8::from_str` takes `+8` and `08`; the first is no CIDR, the second octal
    // to some readers.
    let canonical = text == "0" || !text.starts_with('0');
    (canonical && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match Cidr::parse(text) {
            Ok((cidr, false)) => cidr.to_string(),
            Ok((cidr, true)) => format!("{cidr} (host bits)"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn cidrs_are_read_strictly_and_printed_canonically() {
        expect_test::expect![[r#"
            0.0.0.0/0
            10.0.0.0/8 (host bits)
            198.51.100.7/32
            2001:db8::/32
            2001:db8::/32 (host bits)
            ::ffff:10.0.0.0/104
            `10.0.0.1` has no prefix length
            `10.0.0/8` does not begin with an IP address
            `010.0.0.0/8` does not begin with an IP address
            ` 10.0.0.0/8` does not begin with an IP address
            `fe80::1%eth0/64` does not begin with an IP address
            `10.0.0.0/` does not end in a prefix length
            `10.0.0.0/+8` does not end in a prefix length
            `10.0.0.0/08` does not end in a prefix length
            `10.0.0.0/8/8` does not end in a prefix length
            `10.0.0.0/999` does not end in a prefix length
            the prefix length 33 of `10.0.0.0/33` is more than its address has bits
            the prefix length 129 of `::/129` is more than its address has bits
        "#]]
        .assert_eq(
            &[
                "0.0.0.0/0",
                "10.1.2.3/8",
                "198.51.100.7/32",
                "2001:0db8:0::/32",
                "2001:db8::1/32",
                "::ffff:10.0.0.0/104",
                "10.0.0.1",
                "10.0.0/8",
                "010.0.0.0/8",
                " 10.0.0.0/8",
                "fe80::1%eth0/64",
                "10.0.0.0/",
                "10.0.0.0/+8",
                "10.0.0.0/08",
                "10.0.0.0/8/8",
                "10.0.0.0/999",
                "10.0.0.0/33",
                "::/129",
            ]
            .map(|text| shown(text) + "\n")
            .concat(),
        );
    }

    #[test]
    fn families_do_not_mix() {
        let (v4, _) = Cidr::parse("0.0.0.0/0").unwrap();
        let (v6, _) = Cidr::parse("::/0").unwrap();
        assert!(!v4.contains("::ffff:10.0.0.1".parse().unwrap()));
        assert!(!v6.contains("10.0.0.1".parse().unwrap()));
        assert!(v4 < v6);
        assert_eq!((v4, v6), (Cidr::ALL_V4, Cidr::ALL_V6));
    }
}
