//! VPCs, subnets, and what the other parts of the generator have to know of each other.

use serde_json::json;

use super::random::Random;
use super::transit::Transit;
use super::{Estate, Home, KEYS, v4, v6};

pub(super) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// On the other side of a virtual private or transit gateway.
pub(crate) const ON_PREMISES: &[&str] = &["192.168.50.0/24", "172.20.0.0/16", "192.168.50.128/25"];
/// Blocks of the internet, nested, so that edges lie inside edges.
pub(crate) const INTERNET: &[&str] = &[
    "203.0.113.0/24",
    "203.0.113.64/26",
    "203.0.113.7/32",
    "203.0.113.128/25",
    "8.8.8.0/24",
    "2001:db8::/32",
    "2001:db8:1::/48",
    "2a00::/16",
];
/// The block of a VPC that is in no listing.
pub(crate) const UNSEEN: &str = "10.99.0.0/16";

/// What has been decided so far, and the estate as it grows.
pub(crate) struct Plan {
    pub(crate) random: Random,
    pub(crate) estate: Estate,
    pub(crate) vpcs: Vec<Vpc>,
    pub(crate) subnets: Vec<Subnet>,
    pub(crate) groups: Vec<Group>,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) peerings: Vec<Peering>,
    pub(crate) nat_gateways: Vec<Nat>,
    pub(crate) transits: Vec<Transit>,
    /// Prefix lists, by home.
    pub(crate) lists: Vec<(Home, String)>,
    next: u32,
}

pub(crate) struct Vpc {
    pub(crate) id: String,
    pub(crate) home: Home,
    /// First address and length; the primary block first.
    pub(crate) v4: Vec<(u32, u8)>,
    /// The first address of a /56.
    pub(crate) v6: Option<u128>,
    pub(crate) internet_gateway: Option<String>,
    pub(crate) egress_only: Option<String>,
    pub(crate) gateway_endpoint: Option<String>,
    pub(crate) firewall_endpoint: Option<String>,
}

pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc: usize,
    pub(crate) v4: (u32, u8),
    /// The first address of a /64.
    pub(crate) v6: Option<u128>,
    pub(crate) zone: String,
    /// Offsets of addresses that are given away.
    pub(crate) used: u32,
}

pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) vpc: usize,
}

pub(crate) struct Interface {
    pub(crate) id: String,
    pub(crate) vpc: usize,
    pub(crate) v4: Vec<u32>,
    pub(crate) v6: Option<u128>,
    /// The source/destination check is off.
    pub(crate) forwards: bool,
}

pub(crate) struct Peering {
    pub(crate) id: String,
    pub(crate) one: usize,
    /// `None`: a VPC that is in no listing.
    pub(crate) other: Option<usize>,
}

pub(crate) struct Nat {
    pub(crate) id: String,
    pub(crate) vpc: usize,
}

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            estate: Estate { seed, ..Estate::default() },
            vpcs: Vec::new(),
            subnets: Vec::new(),
            groups: Vec::new(),
            interfaces: Vec::new(),
            peerings: Vec::new(),
            nat_gateways: Vec::new(),
            transits: Vec::new(),
            lists: Vec::new(),
            next: 0x1000,
        }
    }

    /// An id that nothing else has.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}-{:08x}", self.next)
    }

    pub(crate) fn homes(&self) -> Vec<Home> {
        let mut homes: Vec<Home> = self.vpcs.iter().map(|vpc| vpc.home).collect();
        homes.sort_unstable();
        homes.dedup();
        homes
    }

    pub(crate) fn subnets_of(&self, vpc: usize) -> Vec<usize> {
        (0..self.subnets.len()).filter(|&subnet| self.subnets[subnet].vpc == vpc).collect()
    }

    pub(crate) fn lay_out(&mut self) {
        let count = self.random.weighted(&[(20, 1), (40, 2), (25, 3), (15, 4)]);
        for number in 0..count {
            self.vpc(number);
        }
        // A collector writes every listing, also those that are empty.
        for home in self.homes() {
            for &key in KEYS.iter().filter(|&&key| key != "VpcBlockPublicAccessOptions") {
                self.estate.files.entry(home.path(key)).or_insert_with(|| json!({ key: [] }));
            }
        }
    }

    fn vpc(&mut self, number: usize) {
        let id = self.id("vpc");
        let account = ACCOUNTS[usize::from(number > 0 && self.random.chance(25))];
        let region = REGIONS[usize::from(number > 0 && self.random.chance(30))];
        let home = Home { account, region };
        // Two VPCs with the same block are possible while nothing joins them.
        let third = if number > 0 && self.random.chance(15) { 0 } else { number };
        let base = (10 << 24) | (u32::try_from(third).unwrap() << 16);
        let mut blocks = vec![(base, 20)];
        match self.random.below(100) {
            0..12 => blocks.push((base + (1 << 14), 24)),
            // A VPC may have public addresses for its own.
            12..20 => {
                let third = u32::try_from(number).unwrap();
                blocks.push((0xc633_6400 + (third << 6), 26));
            }
            _ => {}
        }
        let high = u128::try_from(number).unwrap();
        let ipv6 = self.random.chance(70).then_some((0x2600_1f18_u128 << 96) | (high << 80));
        let associations: Vec<_> = blocks
            .iter()
            .map(|&(first, length)| {
                json!({"CidrBlock": format!("{}/{length}", v4(first)), "CidrBlockState": {"State": "associated"}})
            })
            .collect();
        let v6_associations: Vec<_> = ipv6
            .iter()
            .map(|&first| json!({"Ipv6CidrBlock": format!("{}/56", v6(first)), "Ipv6CidrBlockState": {"State": "associated"}}))
            .collect();
        let element = json!({
            "VpcId": id,
            "OwnerId": account,
            "CidrBlock": format!("{}/20", v4(base)),
            "CidrBlockAssociationSet": associations,
            "Ipv6CidrBlockAssociationSet": v6_associations,
            "Tags": [{"Key": "Name", "Value": format!("vpc {number}")}],
        });
        self.estate.push(home, "Vpcs", element);
        let vpc = self.vpcs.len();
        self.vpcs.push(Vpc {
            id,
            home,
            v4: blocks,
            v6: ipv6,
            internet_gateway: None,
            egress_only: None,
            gateway_endpoint: None,
            firewall_endpoint: None,
        });
        for number in 0..self.random.between(1, 3) {
            self.subnet(vpc, number);
        }
    }

    fn subnet(&mut self, vpc: usize, number: usize) {
        let id = self.id("subnet");
        let home = self.vpcs[vpc].home;
        let blocks = &self.vpcs[vpc].v4;
        let step = u32::try_from(number).unwrap();
        // The second subnet lies in the second block, if there is one.
        let (first, length) = match blocks.get(1) {
            Some(&(first, 26)) if number == 1 => (first, 28),
            Some(&(first, _)) if number == 1 => (first, 26),
            _ => (blocks[0].0 + (step << 8), self.random.weighted(&[(1, 24), (1, 26), (1, 28)])),
        };
        let ipv6 = self.vpcs[vpc]
            .v6
            .filter(|_| self.random.chance(85))
            .map(|first| first | (u128::from(step) << 64));
        let v6_associations: Vec<_> = ipv6
            .iter()
            .map(|&first| json!({"Ipv6CidrBlock": format!("{}/64", v6(first)), "Ipv6CidrBlockState": {"State": "associated"}}))
            .collect();
        let letter = self.random.weighted(&[(55, "a"), (35, "b"), (8, "c"), (2, "")]);
        let zone =
            if letter.is_empty() { String::new() } else { format!("{}{letter}", home.region) };
        let element = json!({
            "SubnetId": id,
            "VpcId": self.vpcs[vpc].id,
            "OwnerId": home.account,
            "AvailabilityZone": zone,
            "CidrBlock": format!("{}/{length}", v4(first)),
            "Ipv6CidrBlockAssociationSet": v6_associations,
        });
        let mut element = element;
        // Zones have the same ids for all accounts, and names of each account's own.
        if self.estate.seed.is_multiple_of(2) && !letter.is_empty() {
            let ids = match home.account == ACCOUNTS[0] {
                true => [("a", 1), ("b", 2), ("c", 3)],
                false => [("a", 2), ("b", 3), ("c", 1)],
            };
            let number = ids.iter().find(|(name, _)| *name == letter).map_or(0, |(_, id)| *id);
            element["AvailabilityZoneId"] = json!(format!("{}-az{number}", &home.region[..4]));
        }
        self.estate.push(home, "Subnets", element);
        self.subnets.push(Subnet { id, vpc, v4: (first, length), v6: ipv6, zone, used: 3 });
    }
}
