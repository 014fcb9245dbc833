//! What the estate consists of before anything is written: its VPCs, their
//! places, sizes and address ranges, and which of them are peers.
//!
//! This is all that is held in memory. Everything inside a VPC follows from the
//! seed and the VPC's number, so that a VPC can name a group of its peer
//! without looking at it.

use std::fmt;
use std::net::Ipv4Addr;

use super::Shape;
use super::random::{Random, scatter_all};
use super::transit_gateways::{self, TransitGateway};

/// The regions of the estate.
const REGIONS: [(u32, &str); 4] =
    [(50, "us-east-1"), (20, "us-west-2"), (20, "eu-central-1"), (10, "ap-southeast-2")];

/// Interfaces of the largest VPC: 200 subnets (the quota) of this size hold no more.
const LARGEST_VPC: u32 = 16_000;

/// Interfaces of a VPC that is alone: the quota of network address usage.
pub(crate) const LARGEST_OF_ALL: u32 = 256_000;

/// The quota of subnets in a VPC.
const SUBNETS: u32 = 200;

/// An IPv4 range as AWS writes it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Range {
    pub(super) first: u32,
    pub(super) length: u32,
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.first), self.length)
    }
}

/// The whole estate.
#[derive(Debug)]
pub(super) struct Estate {
    pub(super) seed: u64,
    pub(super) shape: Shape,
    /// By number.
    pub(super) vpcs: Vec<Vpc>,
    pub(super) transit_gateways: Vec<TransitGateway>,
}

/// A VPC, as others see it.
#[derive(Debug)]
pub(super) struct Vpc {
    pub(super) number: u32,
    pub(super) account: u32,
    pub(super) region: &'static str,
    /// All that it holds but for the second range: its primary range, unless the
    /// VPC is so large that several blocks make it up.
    pub(super) range: Range,
    /// Its blocks of that range, each at most a /16.
    pub(super) blocks: Vec<Range>,
    /// How long the prefixes of its subnets are.
    pub(super) subnet_length: u32,
    /// A second range, which peers often forget in their routes.
    pub(super) second: Option<Range>,
    /// Whether it has an IPv6 range.
    pub(super) dual_stack: bool,
    pub(super) interfaces: u32,
    pub(super) subnets: u32,
    /// Security groups; number 0 is the default group.
    pub(super) groups: u32,
    pub(super) peerings: Vec<Peering>,
    /// The place of its transit gateway.
    pub(super) transit_gateway: Option<usize>,
}

/// A peering, as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peering {
    /// The number of the VPC that asked for it.
    pub(super) requester: u32,
    /// The number of the VPC that agreed.
    pub(super) accepter: u32,
    /// Deleted peerings linger in listings and leave blackhole routes.
    pub(super) active: bool,
}

impl Vpc {
    /// Where the subnet of this number begins, if it lies in the first range.
    pub(super) fn subnet_first(&self, number: u32) -> u32 {
        self.range.first + (number << (32 - self.subnet_length))
    }

    /// All blocks, the second range last.
    pub(super) fn all_blocks(&self) -> impl Iterator<Item = Range> + '_ {
        self.blocks.iter().copied().chain(self.second)
    }
}

impl Peering {
    /// The other end, seen from `number`.
    pub(super) fn other(&self, number: u32) -> u32 {
        if self.requester == number { self.accepter } else { self.requester }
    }
}

impl Estate {
    /// Plans VPCs until they hold `interfaces` interfaces in all.
    pub(super) fn plan(seed: u64, interfaces: u32, shape: Shape) -> Self {
        let mut random = Random::of(&[seed, 0]);
        let accounts = match shape.accounts {
            _ if shape.one_file => 1,
            Some(accounts) => accounts,
            None => (interfaces / 8_000).clamp(2, 100),
        };
        let mut estate = Self { seed, shape, vpcs: Vec::new(), transit_gateways: Vec::new() };
        if shape.one_vpc {
            estate.plan_giant(interfaces);
            return estate;
        }
        let mut left = interfaces;
        while left > 0 {
            left -= estate.plan_neighbours(&mut random, accounts, left);
        }
        estate
    }

    /// Plans VPCs of one region that may be peers, so that their ranges differ;
    /// other neighbourhoods use the same ranges again. Gives their interfaces.
    fn plan_neighbours(&mut self, random: &mut Random, accounts: u32, left: u32) -> u32 {
        let mut region = random.weighted(&REGIONS);
        if self.shape.one_file {
            region = "us-east-1";
        }
        let count = random.weighted(&[(45, 1), (20, 2), (15, 3), (10, 4), (6, 6), (4, 9)]);
        let first_block = random.below(240);
        let first = self.vpcs.len();
        let mut planned = 0;
        for block in 0..count {
            let interfaces = random.lognormal(200.0, 1.5, LARGEST_VPC).min(left - planned);
            if interfaces == 0 {
                break;
            }
            planned += interfaces;
            let number = u32::try_from(self.vpcs.len()).unwrap_or(u32::MAX);
            let subnets = (interfaces / 80 + 3).min(SUBNETS);
            // Room for all subnets as /24, and at least as many again.
            let length = 24 - (2 * subnets).next_power_of_two().trailing_zeros().min(8);
            let range = Range { first: (10 << 24) | ((first_block + block) << 16), length };
            self.vpcs.push(Vpc {
                number,
                account: random.below(accounts),
                region,
                range,
                blocks: vec![range],
                subnet_length: 24,
                second: random
                    .chance(10)
                    .then_some(Range { first: (172 << 24) | ((16 + block) << 16), length: 20 }),
                // Its isolated subnets have no IPv6: three of ten interfaces in all.
                dual_stack: random.chance(43),
                interfaces,
                subnets,
                groups: (interfaces / 10).max(3),
                peerings: Vec::new(),
                transit_gateway: None,
            });
        }
        let place = self.transit_gateways.len();
        let together = self.vpcs.get(first..).unwrap_or_default();
        let attached = transit_gateways::plan(random, place, together);
        let often = if attached.is_some() { (25, 10) } else { (100, 30) };
        if let Some(gateway) = attached {
            self.transit_gateways.push(gateway);
            self.vpcs.iter_mut().skip(first).for_each(|vpc| vpc.transit_gateway = Some(place));
        }
        self.plan_peerings(random, first, often);
        planned
    }

    /// Plans one VPC for all interfaces: 10.0.0.0/12 in thirteen blocks, subnets
    /// of 4,096 addresses.
    fn plan_giant(&mut self, interfaces: u32) {
        let subnets = (interfaces / 1_280 + 3).min(SUBNETS);
        let first = 10 << 24;
        let count = (subnets << 12).div_ceil(1 << 16);
        let block = |number: u32| Range { first: first + (number << 16), length: 16 };
        self.vpcs.push(Vpc {
            number: 0,
            account: 0,
            region: "us-east-1",
            range: Range { first, length: 16 - count.next_power_of_two().trailing_zeros() },
            blocks: (0..count).map(block).collect(),
            subnet_length: 20,
            second: None,
            dual_stack: true,
            interfaces,
            subnets,
            groups: (interfaces / 10).max(3),
            peerings: Vec::new(),
            transit_gateway: None,
        });
    }

    /// Peers the VPCs from number `first` on, so many percent with the first of
    /// them, and so many of the others with one another.
    fn plan_peerings(&mut self, random: &mut Random, first: usize, often: (u32, u32)) {
        let numbers: Vec<u32> = self.vpcs.iter().skip(first).map(|vpc| vpc.number).collect();
        for (at, requester) in numbers.iter().enumerate() {
            for accepter in numbers.iter().skip(at + 1) {
                if random.chance(if at == 0 { often.0 } else { often.1 }) {
                    let active = !random.chance(5);
                    let peering = Peering { requester: *requester, accepter: *accepter, active };
                    for vpc in self.vpcs.iter_mut().skip(first) {
                        if vpc.number == *requester || vpc.number == *accepter {
                            vpc.peerings.push(peering);
                        }
                    }
                }
            }
        }
    }

    /// The VPC of this number.
    pub(super) fn vpc(&self, number: u32) -> Option<&Vpc> {
        self.vpcs.get(usize::try_from(number).ok()?)
    }

    /// The transit gateway that a VPC is attached to.
    pub(super) fn transit_gateway(&self, vpc: &Vpc) -> Option<&TransitGateway> {
        self.transit_gateways.get(vpc.transit_gateway?)
    }

    /// An id as AWS gives them, made of what it is the id of.
    pub(super) fn id(&self, prefix: &str, numbers: &[u32]) -> String {
        let mut parts = vec![self.seed];
        parts.extend(prefix.bytes().map(u64::from));
        parts.extend(numbers.iter().map(|number| u64::from(*number) + 256));
        format!("{prefix}-0{:016x}", scatter_all(&parts))
    }

    /// The id of a VPC.
    pub(super) fn vpc_id(&self, vpc: u32) -> String {
        self.id("vpc", &[vpc])
    }

    /// The id of a security group.
    pub(super) fn group_id(&self, vpc: u32, group: u32) -> String {
        self.id("sg", &[vpc, group])
    }

    /// The id of a peering.
    pub(super) fn peering_id(&self, peering: &Peering) -> String {
        self.id("pcx", &[peering.requester, peering.accepter])
    }

    /// The twelve digits of an account.
    pub(super) fn account_id(&self, account: u32) -> String {
        let number = scatter_all(&[self.seed, 0xacc0, u64::from(account)]) % 900_000_000_000;
        (number + 100_000_000_000).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vpcs_hold_as_many_interfaces_as_asked_for() {
        for interfaces in [1, 100, 20_000] {
            let estate = Estate::plan(3, interfaces, Shape::default());
            assert_eq!(estate.vpcs.iter().map(|vpc| vpc.interfaces).sum::<u32>(), interfaces);
        }
    }

    #[test]
    fn peers_are_in_one_region_and_their_ranges_differ() {
        let estate = Estate::plan(3, 50_000, Shape::default());
        let mut peerings = 0;
        for vpc in &estate.vpcs {
            for peering in &vpc.peerings {
                let peer = estate.vpc(peering.other(vpc.number)).unwrap();
                assert_eq!(peer.region, vpc.region);
                assert_ne!(peer.range.first >> 16, vpc.range.first >> 16);
                peerings += 1;
            }
        }
        assert!(peerings > 0);
    }
}
