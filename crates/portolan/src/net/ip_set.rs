//! Sets of IP addresses of both families, kept apart.

use std::net::IpAddr;

use super::{Cidr, IpAddress, Ipv4Set, Ipv6Set, exact_cover};

/// A set of addresses: one of IPv4, one of IPv6.
///
/// No operation looks across the families. In particular an IPv4-mapped IPv6
/// address is an IPv6 address.
///
/// ```
/// use portolan::net::{Cidr, IpSet};
///
/// let (private, _) = Cidr::parse("10.0.0.0/8")?;
/// let set = IpSet::from(private);
/// assert!(set.contains([10, 1, 2, 3].into()));
/// assert!(set.complement().contains("::1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct IpSet {
    /// The IPv4 addresses.
    pub v4: Ipv4Set,
    /// The IPv6 addresses.
    pub v6: Ipv6Set,
}

impl IpSet {
    /// The set without members.
    #[must_use]
    pub const fn empty() -> Self {
        Self { v4: Ipv4Set::empty(), v6: Ipv6Set::empty() }
    }

    /// Every address of both families.
    #[must_use]
    pub fn all() -> Self {
        Self { v4: Ipv4Set::all(), v6: Ipv6Set::all() }
    }

    /// The addresses of a CIDR block.
    #[must_use]
    pub fn from_cidr(cidr: Cidr) -> Self {
        match cidr {
            Cidr::V4(prefix) => Self { v4: Ipv4Set::from_prefix(prefix), v6: Ipv6Set::empty() },
            Cidr::V6(prefix) => Self { v4: Ipv4Set::empty(), v6: Ipv6Set::from_prefix(prefix) },
        }
    }

    /// The set of one address.
    #[must_use]
    pub fn single(address: IpAddr) -> Self {
        Self::from_cidr(Cidr::single(address))
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether the address is a member.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => self.v4.contains(u32::from_ip(address)),
            IpAddr::V6(address) => self.v6.contains(u128::from_ip(address)),
        }
    }

    /// What is in either set.
    ///
    /// ```
    /// use portolan::net::IpSet;
    ///
    /// let (a, b) = (IpSet::single([10, 0, 0, 1].into()), IpSet::single([10, 0, 0, 2].into()));
    /// assert!(a.union(&b).contains([10, 0, 0, 2].into()));
    /// ```
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self { v4: self.v4.union(&other.v4), v6: self.v6.union(&other.v6) }
    }

    /// What is in both sets.
    ///
    /// ```
    /// use portolan::net::IpSet;
    ///
    /// let one = IpSet::single([10, 0, 0, 1].into());
    /// assert_eq!(one.intersection(&IpSet::all()), one);
    /// ```
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self { v4: self.v4.intersection(&other.v4), v6: self.v6.intersection(&other.v6) }
    }

    /// What is in this set and not in the other.
    ///
    /// ```
    /// use portolan::net::IpSet;
    ///
    /// let one = IpSet::single([10, 0, 0, 1].into());
    /// assert!(!IpSet::all().difference(&one).contains([10, 0, 0, 1].into()));
    /// ```
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self { v4: self.v4.difference(&other.v4), v6: self.v6.difference(&other.v6) }
    }

    /// Every address of either family that is not in the set.
    ///
    /// ```
    /// use portolan::net::IpSet;
    ///
    /// assert_eq!(IpSet::empty().complement(), IpSet::all());
    /// ```
    #[must_use]
    pub fn complement(&self) -> Self {
        Self { v4: self.v4.complement(), v6: self.v6.complement() }
    }

    /// Whether every member is in the other set too.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.v4.is_subset(&other.v4) && self.v6.is_subset(&other.v6)
    }

    /// Whether the sets share a member.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        self.v4.intersects(&other.v4) || self.v6.intersects(&other.v6)
    }

    /// A member, IPv4 before IPv6, the lowest.
    #[must_use]
    pub fn first(&self) -> Option<IpAddr> {
        let v4 = self.v4.first().map(|address| IpAddr::V4(address.to_ip()));
        v4.or_else(|| self.v6.first().map(|address| IpAddr::V6(address.to_ip())))
    }

    /// The shortest list of CIDR blocks with exactly these members, IPv4 before
    /// IPv6, in address order.
    #[must_use]
    pub fn cidrs(&self) -> Vec<Cidr> {
        let v4 = exact_cover(&self.v4).into_iter().map(Cidr::V4);
        v4.chain(exact_cover(&self.v6).into_iter().map(Cidr::V6)).collect()
    }
}

impl From<Cidr> for IpSet {
    fn from(cidr: Cidr) -> Self {
        Self::from_cidr(cidr)
    }
}

impl From<IpAddr> for IpSet {
    fn from(address: IpAddr) -> Self {
        Self::single(address)
    }
}

impl FromIterator<Cidr> for IpSet {
    fn from_iter<I: IntoIterator<Item = Cidr>>(cidrs: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for cidr in cidrs {
            match cidr {
                Cidr::V4(prefix) => v4.push((prefix.first(), prefix.last())),
                Cidr::V6(prefix) => v6.push((prefix.first(), prefix.last())),
            }
        }
        Self { v4: Ipv4Set::from_ranges(v4), v6: Ipv6Set::from_ranges(v6) }
    }
}

impl FromIterator<IpAddr> for IpSet {
    fn from_iter<I: IntoIterator<Item = IpAddr>>(addresses: I) -> Self {
        addresses.into_iter().map(Cidr::single).collect()
    }
}
