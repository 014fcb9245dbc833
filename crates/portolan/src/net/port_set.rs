//! Ports, alone and in sets.
//!
//! The numbers are 16-bit *selectors*: the destination port of TCP and UDP, and
//! type and code of ICMP (see [`Protocol`](super::Protocol)), so that ranges of
//! either are one type.

use std::fmt;
use std::str::FromStr;

use super::RangeSet;

/// The ports that clients open connections from: 1024 to 65535.
///
/// Wider than most systems' own (Linux 32768-60999, Windows 49152-65535), but NAT
/// gateways and load balancers use all of it, and AWS names it for "different
/// types of clients" (VPC user guide, network ACLs, "Ephemeral ports").
pub const CLIENT_PORTS: PortRange = PortRange { first: 1024, last: u16::MAX };

/// Ports `first` to `last`, both included.
///
/// Never empty: `first <= last` holds for every value.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// Every port.
    pub const ALL: Self = Self { first: 0, last: u16::MAX };

    /// The ports `first` to `last`.
    ///
    /// ```
    /// use portolan::net::PortRange;
    ///
    /// assert_eq!(PortRange::new(8000, 8080)?.to_string(), "8000-8080");
    /// # Ok::<(), portolan::net::PortError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the range ends before it starts.
    pub fn new(first: u16, last: u16) -> Result<Self, PortError> {
        if last < first {
            Err(PortError::Reversed { first, last })
        } else {
            Ok(Self { first, last })
        }
    }

    /// The range of one port.
    #[must_use]
    pub const fn single(port: u16) -> Self {
        Self { first: port, last: port }
    }

    /// The lowest port.
    #[must_use]
    pub const fn first(self) -> u16 {
        self.first
    }

    /// The highest port.
    #[must_use]
    pub const fn last(self) -> u16 {
        self.last
    }

    /// Whether the port is in the range.
    #[must_use]
    pub const fn contains(self, port: u16) -> bool {
        self.first <= port && port <= self.last
    }

    /// Whether every port of the other range is in this one.
    #[must_use]
    pub const fn contains_range(self, other: Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// The ports in both ranges, none if there are none.
    ///
    /// ```
    /// use portolan::net::{CLIENT_PORTS, PortRange};
    ///
    /// let both = PortRange::ALL.intersection(CLIENT_PORTS);
    /// assert_eq!(both, Some(CLIENT_PORTS));
    /// assert_eq!(PortRange::single(443).intersection(CLIENT_PORTS), None);
    /// ```
    #[must_use]
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::new(self.first.max(other.first), self.last.min(other.last)).ok()
    }

    /// How many ports there are, at least one.
    #[must_use]
    pub fn size(self) -> u32 {
        u32::from(self.last).saturating_sub(u32::from(self.first)).saturating_add(1)
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{}", self.first)
        } else {
            write!(f, "{}-{}", self.first, self.last)
        }
    }
}

impl FromStr for PortRange {
    type Err = PortError;

    /// Reads `443` or `8000-8080`.
    fn from_str(text: &str) -> Result<Self, PortError> {
        match text.split_once('-') {
            Some((first, last)) => Self::new(parse_port(first)?, parse_port(last)?),
            None => parse_port(text).map(Self::single),
        }
    }
}

/// Why a text, or a pair of numbers, is not a range of ports.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PortError {
    /// The last port is below the first.
    #[error("the port range starts at {first} and ends before it, at {last}")]
    Reversed {
        /// Where it starts.
        first: u16,
        /// Where it ends.
        last: u16,
    },
    /// Something else than a number from 0 to 65535.
    #[error("`{0}` is not a port from 0 to 65535")]
    NotAPort(String),
}

/// A set of ports.
///
/// Printed as the JSON contract writes `client_ports`: ascending ranges, comma,
/// no blanks; the empty set is the empty text.
///
/// ```
/// use portolan::net::PortSet;
///
/// let ports: PortSet = "8000-8080,443,8081".parse()?;
/// assert_eq!(ports.to_string(), "443,8000-8081");
/// # Ok::<(), portolan::net::PortError>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PortSet(RangeSet<u16>);

impl PortSet {
    /// The set without members.
    #[must_use]
    pub const fn empty() -> Self {
        Self(RangeSet::empty())
    }

    /// Every port.
    #[must_use]
    pub fn all() -> Self {
        Self(RangeSet::all())
    }

    /// The ranges, ascending.
    pub fn ranges(&self) -> impl DoubleEndedIterator<Item = PortRange> + ExactSizeIterator + '_ {
        self.0.ranges().iter().map(|&(first, last)| PortRange { first, last })
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the port is a member.
    #[must_use]
    pub fn contains(&self, port: u16) -> bool {
        self.0.contains(port)
    }

    /// Whether every port of the range is a member.
    #[must_use]
    pub fn contains_range(&self, range: PortRange) -> bool {
        Self::from(range).is_subset(self)
    }

    /// How many members there are.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.ranges().map(PortRange::size).sum()
    }

    /// The lowest member.
    #[must_use]
    pub fn first(&self) -> Option<u16> {
        self.0.first()
    }

    /// What is in either set.
    ///
    /// ```
    /// use portolan::net::{CLIENT_PORTS, PortRange, PortSet};
    ///
    /// let ports = PortSet::from(CLIENT_PORTS).union(&PortRange::single(443).into());
    /// assert_eq!(ports.to_string(), "443,1024-65535");
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0))
    }

    /// What is in both sets.
    ///
    /// ```
    /// use portolan::net::{CLIENT_PORTS, PortSet};
    ///
    /// let ports = PortSet::all().intersection(&CLIENT_PORTS.into());
    /// assert_eq!(ports.to_string(), "1024-65535");
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0))
    }

    /// What is in this set and not in the other.
    ///
    /// ```
    /// use portolan::net::{CLIENT_PORTS, PortRange, PortSet};
    ///
    /// let ports = PortSet::from(CLIENT_PORTS).difference(&PortRange::single(3389).into());
    /// assert_eq!(ports.to_string(), "1024-3388,3390-65535");
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0))
    }

    /// Every port that is not in the set.
    ///
    /// ```
    /// use portolan::net::{CLIENT_PORTS, PortSet};
    ///
    /// assert_eq!(PortSet::from(CLIENT_PORTS).complement().to_string(), "0-1023");
    /// ```
    #[must_use]
    pub fn complement(&self) -> Self {
        Self(self.0.complement())
    }

    /// Whether every member is in the other set too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// Whether the sets share a member.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.0.intersects(&other.0)
    }
}

impl From<PortRange> for PortSet {
    fn from(range: PortRange) -> Self {
        Self(RangeSet::range(range.first, range.last))
    }
}

impl FromIterator<PortRange> for PortSet {
    fn from_iter<I: IntoIterator<Item = PortRange>>(ranges: I) -> Self {
        Self(ranges.into_iter().map(|range| (range.first, range.last)).collect())
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.ranges().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            range.fmt(f)?;
        }
        Ok(())
    }
}

impl FromStr for PortSet {
    type Err = PortError;

    /// Reads ranges with commas between, in any order.
    fn from_str(text: &str) -> Result<Self, PortError> {
        if text.is_empty() {
            return Ok(Self::empty());
        }
        text.split(',').map(str::parse::<PortRange>).collect()
    }
}

fn parse_port(text: &str) -> Result<u16, PortError> {
    // `u16::from_str` takes a plus sign, which no port is written with.
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let port = digits.then(|| text.parse().ok()).flatten();
    port.ok_or_else(|| PortError::NotAPort(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reversed_range_is_an_error_not_an_empty_set() {
        let error = PortRange::new(2, 1).unwrap_err();
        assert_eq!(error.to_string(), "the port range starts at 2 and ends before it, at 1");
    }

    #[test]
    fn ports_are_read_strictly() {
        for text in ["", "+1", "-1", "1-", "65536", "1 ", "http", "1-2-3", "2-1"] {
            assert!(text.parse::<PortRange>().is_err(), "{text}");
        }
        for text in [",", "1,", "1,,2", "1, 2"] {
            assert!(text.parse::<PortSet>().is_err(), "{text}");
        }
    }

    #[test]
    fn sets_print_as_they_are_read() {
        for text in ["", "0", "0-65535", "22,80,443,1024-65535"] {
            assert_eq!(text.parse::<PortSet>().unwrap().to_string(), text);
        }
    }
}
