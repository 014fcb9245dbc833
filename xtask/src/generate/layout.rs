//! The subnets of a VPC: tier, zone, range, and how many interfaces each holds.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::plan::{Estate, Range, Vpc};
use super::random::Random;

/// Interfaces of one subnet: of a /24, with room for delegated ranges.
const FULL: u32 = 130;

/// The same of a subnet of this size.
fn full(vpc: &Vpc) -> u32 {
    FULL << (24 - vpc.subnet_length)
}

/// What a subnet is for, which decides its routes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Tier {
    /// Routes to the internet gateway.
    Public,
    /// Out through a NAT gateway.
    Private,
    /// No way to the internet.
    Isolated,
}

impl Tier {
    pub(super) const ALL: [Self; 3] = [Self::Public, Self::Private, Self::Isolated];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::Isolated => "isolated",
        }
    }

    /// A number for ids and streams.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Public => 0,
            Self::Private => 1,
            Self::Isolated => 2,
        }
    }
}

/// A subnet.
#[derive(Debug)]
pub(super) struct Subnet {
    /// Within its VPC.
    pub(super) number: u32,
    pub(super) id: String,
    pub(super) tier: Tier,
    pub(super) zone: String,
    pub(super) range: Range,
    /// The first address of its IPv6 /64.
    pub(super) ipv6: Option<Ipv6Addr>,
    pub(super) interfaces: u32,
    /// Number of its custom ACL within the tier; none: the default ACL.
    pub(super) acl: Option<u32>,
}

/// Whether a VPC has an internet gateway; one of ten is purely internal.
pub(super) fn has_internet_gateway(estate: &Estate, vpc: &Vpc) -> bool {
    !Random::of(&[estate.seed, u64::from(vpc.number), 0x160]).chance(10)
}

/// The first address of a VPC's IPv6 /56; no two VPCs share one.
pub(super) fn ipv6_first(vpc: &Vpc) -> u128 {
    (0x2600_1f00_0000_0000_u128 + (u128::from(vpc.number) << 8)) << 64
}

/// A VPC's IPv6 range, if it has one.
pub(super) fn ipv6_range(vpc: &Vpc) -> Option<String> {
    vpc.dual_stack.then(|| format!("{}/56", Ipv6Addr::from(ipv6_first(vpc))))
}

/// Lays out the subnets of a VPC.
pub(super) fn subnets(estate: &Estate, vpc: &Vpc) -> Vec<Subnet> {
    let mut random = Random::of(&[estate.seed, u64::from(vpc.number), 0x5b]);
    let connected = has_internet_gateway(estate, vpc);
    // The last few lie in the second range, if there is one: 16 blocks of /24.
    let in_second = if vpc.second.is_some() { (vpc.subnets / 4).clamp(1, 16) } else { 0 };
    let mut left = vpc.interfaces;
    (0..vpc.subnets)
        .map(|number| {
            let after = vpc.subnets - number - 1;
            let mean = left / (after + 1);
            let wanted =
                if after == 0 { left } else { random.between(mean / 2, mean + mean / 2 + 1) };
            let interfaces =
                wanted.max(left.saturating_sub(after * full(vpc))).min(left).min(full(vpc));
            left -= interfaces;

            let in_first = vpc.subnets - in_second;
            let first = match vpc.second {
                Some(second) if number >= in_first => second.first + ((number - in_first) << 8),
                _ => vpc.subnet_first(number),
            };
            let length = match interfaces {
                0..=25 => 26,
                26..=60 => 25,
                _ => vpc.subnet_length,
            };
            let tier = match number % 10 {
                _ if !connected => Tier::Isolated,
                0 | 5 => Tier::Public,
                4 | 8 | 9 => Tier::Isolated,
                _ => Tier::Private,
            };
            let zone = random.pick(&["a", "b", "c"]);
            Subnet {
                number,
                id: estate.id("subnet", &[vpc.number, number]),
                tier,
                zone: format!("{}{zone}", vpc.region),
                range: Range { first, length },
                // Databases and the like are seldom given IPv6.
                ipv6: (vpc.dual_stack && tier != Tier::Isolated)
                    .then(|| Ipv6Addr::from(ipv6_first(vpc) + (u128::from(number) << 64))),
                interfaces,
                acl: random.chance(33).then_some(number / 30),
            }
        })
        .collect()
}

/// The addresses of one subnet: single ones from below, delegated /28 from above.
#[derive(Debug)]
pub(super) struct Addresses {
    next: u32,
    /// The first that is taken at the upper end.
    end: u32,
}

impl Addresses {
    /// AWS keeps the first four and the last address of every subnet.
    pub(super) fn of(range: Range) -> Self {
        let size = 1 << (32 - range.length);
        Self { next: range.first + 4, end: range.first + size - 1 }
    }

    /// The next address.
    pub(super) fn take(&mut self) -> Ipv4Addr {
        let taken = self.next;
        self.next += 1;
        Ipv4Addr::from(taken)
    }

    /// How many are left.
    pub(super) fn left(&self) -> u32 {
        self.end.saturating_sub(self.next)
    }

    /// The next /28 from above.
    pub(super) fn take_range(&mut self) -> Range {
        let first = (self.end - 16) & !15;
        self.end = first;
        Range { first, length: 28 }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Shape;
    use super::*;

    #[test]
    fn subnets_hold_all_interfaces_and_do_not_overlap() {
        let many = Estate::plan(11, 60_000, Shape::default());
        let one = Estate::plan(11, 256_000, Shape { one_vpc: true, ..Shape::default() });
        for (estate, vpc) in
            [&many, &one].into_iter().flat_map(|it| it.vpcs.iter().map(move |vpc| (it, vpc)))
        {
            let mut subnets = subnets(estate, vpc);
            assert_eq!(subnets.iter().map(|it| it.interfaces).sum::<u32>(), vpc.interfaces);
            assert!(subnets.iter().all(|it| it.interfaces <= full(vpc)));
            subnets.sort_by_key(|subnet| subnet.range.first);
            let size = (1 << (32 - vpc.subnet_length)) - 1;
            assert!(subnets.is_sorted_by(|a, b| a.range.first + size < b.range.first));
            let inside = |range: Range| {
                vpc.all_blocks().any(|block| {
                    range.first >> (32 - block.length) == block.first >> (32 - block.length)
                })
            };
            assert!(subnets.iter().all(|subnet| inside(subnet.range)));
        }
    }

    #[test]
    fn delegated_ranges_never_meet_single_addresses() {
        let mut addresses = Addresses::of(Range { first: 0x0a00_0000, length: 26 });
        assert_eq!(addresses.take().to_string(), "10.0.0.4");
        assert_eq!(addresses.take_range().to_string(), "10.0.0.32/28");
        assert_eq!(addresses.take_range().to_string(), "10.0.0.16/28");
        assert_eq!(addresses.left(), 11);
    }
}
