//! Managed prefix lists: offices, partners, monitoring, and AWS's own for S3.

use std::io;

use super::listing::Listings;
use super::name_tag;
use super::plan::{Estate, Range};
use super::random::Random;
use super::shapes::{ManagedPrefixList, ManagedPrefixListEntries, PrefixListEntry};

/// A prefix list with its entries.
#[derive(Debug)]
pub(super) struct PrefixList {
    pub(super) id: String,
    name: String,
    /// AWS's own lists belong to `AWS`, not to an account.
    by_aws: bool,
    pub(super) ipv6: bool,
    entries: Vec<String>,
}

/// The lists of an account in a region.
pub(super) fn of(estate: &Estate, account: u32, region: &str) -> Vec<PrefixList> {
    let place = region.bytes().fold(account, |sum, byte| sum.wrapping_mul(31) + u32::from(byte));
    let mut random = Random::of(&[estate.seed, u64::from(place), 0x91]);
    let mut lists = vec![PrefixList {
        id: estate.id("pl", &[place, 0]),
        name: format!("com.amazonaws.{region}.s3"),
        by_aws: true,
        ipv6: false,
        entries: (0..4)
            .map(|block| Range { first: 0x34d8_0000 + (block << 17), length: 15 }.to_string())
            .collect(),
    }];
    for (number, name) in
        (1..).zip(["offices", "partners", "monitoring", "contractors", "offices-v6"])
    {
        let ipv6 = name.ends_with("v6");
        let count = random.lognormal(12.0, 1.0, 200);
        lists.push(PrefixList {
            id: estate.id("pl", &[place, number]),
            name: name.to_owned(),
            by_aws: false,
            ipv6,
            entries: (0..count).map(|_| outside(&mut random, ipv6)).collect(),
        });
    }
    for list in &mut lists {
        list.entries.sort();
        list.entries.dedup();
    }
    lists
}

/// A range of somebody on the internet: an office, a partner, a single host.
pub(super) fn outside(random: &mut Random, ipv6: bool) -> String {
    if ipv6 {
        let (site, length) = (random.below(1 << 16), random.weighted(&[(3, 48), (1, 56)]));
        return format!("2a02:{:x}:{site:x}::/{length}", random.below(1 << 12) + 1);
    }
    let length = random.weighted(&[(50, 32), (10, 30), (10, 29), (20, 24), (10, 22)]);
    // Public addresses that no cloud uses: 81.0.0.0 to 94.255.255.255.
    let first = (random.between(81, 94) << 24) | random.below(1 << 24);
    Range { first: first & (u32::MAX << (32 - length)), length }.to_string()
}

/// Writes the lists and, beside them, their entries.
pub(super) fn write(
    lists: &[PrefixList],
    account: &str,
    region: &str,
    listings: &mut Listings,
) -> io::Result<()> {
    for list in lists {
        let owner = if list.by_aws { "AWS" } else { account };
        let owner_in_arn = if list.by_aws { "aws" } else { account };
        let count = u32::try_from(list.entries.len()).unwrap_or(u32::MAX);
        listings.managed_prefix_lists.push(&ManagedPrefixList {
            address_family: if list.ipv6 { "IPv6" } else { "IPv4" },
            max_entries: count.next_multiple_of(20),
            owner_id: owner.to_owned(),
            prefix_list_arn: format!("arn:aws:ec2:{region}:{owner_in_arn}:prefix-list/{}", list.id),
            prefix_list_id: list.id.clone(),
            prefix_list_name: list.name.clone(),
            state: "create-complete",
            tags: name_tag(&list.name),
            version: 1,
        })?;
        let entry = |cidr: &String| PrefixListEntry { cidr: cidr.clone(), description: "" };
        listings.managed_prefix_list_entries.push(&ManagedPrefixListEntries {
            prefix_list_id: list.id.clone(),
            entries: list.entries.iter().map(entry).collect(),
        })?;
    }
    Ok(())
}
