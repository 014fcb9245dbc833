//! Ranges that are set aside, from IANA's registries
//! (<https://www.iana.org/assignments/iana-ipv4-special-registry>,
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>) and RFC 5771 and
//! RFC 4291 for multicast.

use crate::net::Prefix;

/// What a range is set aside for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Special {
    /// RFC 1918 and unique local IPv6 addresses (RFC 4193).
    Private,
    /// Shared by carriers and their customers: RFC 6598.
    Shared,
    /// Link-local: RFC 3927, RFC 4291. AWS's metadata, DNS and time services are there.
    LinkLocal,
    /// The host itself.
    Loopback,
    /// For examples: RFC 5737, RFC 3849, RFC 9637.
    Documentation,
    /// Groups of hosts.
    Multicast,
    /// For measuring: RFC 2544.
    Benchmark,
    /// IPv4 addresses written as IPv6: NAT64 (RFC 6052, RFC 8215).
    Translated,
    /// Everything else that no host has.
    Reserved,
}

impl Special {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Shared => "shared",
            Self::LinkLocal => "link-local",
            Self::Loopback => "loopback",
            Self::Documentation => "documentation",
            Self::Multicast => "multicast",
            Self::Benchmark => "benchmark",
            Self::Translated => "NAT64",
            Self::Reserved => "reserved",
        }
    }
}

const V4: [([u8; 4], u8, Special); 16] = [
    ([0, 0, 0, 0], 8, Special::Reserved),
    ([10, 0, 0, 0], 8, Special::Private),
    ([100, 64, 0, 0], 10, Special::Shared),
    ([127, 0, 0, 0], 8, Special::Loopback),
    ([169, 254, 0, 0], 16, Special::LinkLocal),
    ([172, 16, 0, 0], 12, Special::Private),
    ([192, 0, 0, 0], 24, Special::Reserved),
    ([192, 0, 2, 0], 24, Special::Documentation),
    // Once the relays of 6to4 (RFC 7526).
    ([192, 88, 99, 0], 24, Special::Reserved),
    ([192, 168, 0, 0], 16, Special::Private),
    ([198, 18, 0, 0], 15, Special::Benchmark),
    ([198, 51, 100, 0], 24, Special::Documentation),
    ([203, 0, 113, 0], 24, Special::Documentation),
    ([224, 0, 0, 0], 4, Special::Multicast),
    ([240, 0, 0, 0], 4, Special::Reserved),
    ([233, 252, 0, 0], 24, Special::Documentation),
];

const V6: [([u16; 8], u8, Special); 12] = [
    ([0, 0, 0, 0, 0, 0, 0, 0], 8, Special::Reserved),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Special::Loopback),
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Special::Translated),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Special::Translated),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 8, Special::Reserved),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Special::Reserved),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Special::Documentation),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Special::Documentation),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Special::Private),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Special::LinkLocal),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Special::Reserved),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Special::Multicast),
];

/// The IPv4 ranges. A range within another is the better word.
pub(super) fn v4() -> impl Iterator<Item = (Prefix<u32>, Special)> {
    let prefix = |octets, length| Prefix::new(u32::from_be_bytes(octets), length);
    V4.into_iter().filter_map(move |(octets, length, what)| Some((prefix(octets, length)?, what)))
}

/// The IPv6 ranges.
pub(super) fn v6() -> impl Iterator<Item = (Prefix<u128>, Special)> {
    let prefix =
        |words: [u16; 8], length| Prefix::new(std::net::Ipv6Addr::from(words).to_bits(), length);
    V6.into_iter().filter_map(move |(words, length, what)| Some((prefix(words, length)?, what)))
}
