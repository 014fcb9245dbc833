//! Network ACLs: the default one, and custom ones for a third of the subnets.
//!
//! Custom ACLs are stateless rules that people wrote by hand: some forget the
//! reply, some know only the client ports of one operating system.

use std::io;

use super::layout::{Subnet, Tier, ipv6_range};
use super::listing::Listings;
use super::random::Random;
use super::shapes::{IcmpTypeCode, NetworkAcl, NetworkAclAssociation, NetworkAclEntry, PortRange};
use super::{Counts, Site, name_tag, prefix_lists};

const ANYONE: &str = "0.0.0.0/0";

/// Writes the default ACL of a VPC and its custom ones.
pub(super) fn write(
    site: &Site<'_>,
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    let mut acl = |number: u32, is_default: bool, subnets: Vec<&Subnet>, entries: Vec<_>| {
        let id = site.id("acl", number);
        counts.network_acls += 1;
        counts.acl_entries += u32::try_from(entries.len()).unwrap_or(u32::MAX);
        listings.network_acls.push(&NetworkAcl {
            associations: subnets
                .into_iter()
                .map(|subnet| NetworkAclAssociation {
                    network_acl_association_id: site.id("aclassoc", subnet.number),
                    network_acl_id: id.clone(),
                    subnet_id: subnet.id.clone(),
                })
                .collect(),
            entries,
            is_default,
            network_acl_id: id.clone(),
            owner_id: site.account.to_owned(),
            tags: name_tag(if is_default { "default" } else { "custom" }),
            vpc_id: site.vpc_id(),
        })
    };

    let without = site.subnets.iter().filter(|subnet| subnet.acl.is_none());
    let mut all = Entries::default();
    for egress in [true, false] {
        all.begin(egress);
        all.allow(ANYONE, "-1", None);
        if site.vpc.dual_stack {
            all.allow("::/0", "-1", None);
        }
    }
    acl(0, true, without.collect(), all.finish(site.vpc.dual_stack))?;

    for tier in Tier::ALL {
        for part in 0..=site.vpc.subnets / 30 {
            let subnets: Vec<&Subnet> = site
                .subnets
                .iter()
                .filter(|subnet| subnet.tier == tier && subnet.acl == Some(part))
                .collect();
            if !subnets.is_empty() {
                let number = 1 + part * 3 + tier.number();
                let entries = custom(site, tier, &mut site.random(0xac_0000 + u64::from(number)));
                acl(number, false, subnets, entries)?;
            }
        }
    }
    Ok(())
}

/// The entries of a custom ACL.
fn custom(site: &Site<'_>, tier: Tier, random: &mut Random) -> Vec<NetworkAclEntry> {
    let vpc = site.vpc.range.to_string();
    let second = site.vpc.second.map(|range| range.to_string());
    let ipv6 = ipv6_range(site.vpc);
    let mut entries = Entries::default();
    for egress in [true, false] {
        entries.begin(egress);
        for _ in 0..random.below(3) {
            entries.deny(&prefix_lists::outside(random, false), "-1", None);
        }
        entries.allow(&vpc, "-1", None);
        // The second range came later; two of three ACLs learned of it.
        if let Some(second) = second.as_ref().filter(|_| !random.chance(33)) {
            entries.allow(second, "-1", None);
        }
        if let Some(ipv6) = &ipv6 {
            entries.allow(ipv6, "-1", None);
        }
        for peering in &site.vpc.peerings {
            if let Some(peer) = site.estate.vpc(peering.other(site.vpc.number))
                && random.chance(80)
                && entries.in_direction < 16
            {
                entries.allow(&peer.range.to_string(), "6", Some(random.pick(&SERVICES)));
            }
        }
        let to_anyone = egress || tier == Tier::Public;
        for ports in [(80, 80), (443, 443)] {
            if to_anyone {
                entries.allow(ANYONE, "6", Some(ports));
                if ipv6.is_some() {
                    entries.allow("::/0", "6", Some(ports));
                }
            }
        }
        for _ in 0..random.between(3, 10) {
            let protocol = random.weighted(&[(85, "6"), (15, "17")]);
            entries.allow(
                &prefix_lists::outside(random, false),
                protocol,
                Some(random.pick(&SERVICES)),
            );
        }
        let clients = random.weighted(&[
            (70, Some((1024, 65535))),
            (15, Some((32768, 61000))),
            (10, Some((49152, 65535))),
            (5, None),
        ]);
        if let Some(ports) = clients {
            entries.allow(ANYONE, "6", Some(ports));
            if random.chance(60) {
                entries.allow(ANYONE, "17", Some(ports));
            }
            if ipv6.is_some() {
                entries.allow("::/0", "6", Some(ports));
            }
        }
        if random.chance(50) {
            entries.icmp(random.pick(&[(8, 0), (3, 4), (-1, -1)]));
        }
    }
    entries.finish(site.vpc.dual_stack)
}

/// Ports that ACLs speak of.
const SERVICES: [(u16, u16); 9] = [
    (22, 22),
    (443, 443),
    (5432, 5432),
    (3306, 3306),
    (8080, 8080),
    (9090, 9100),
    (53, 53),
    (123, 123),
    (3389, 3389),
];

/// Entries in the order in which they are written down, numbered by tens.
#[derive(Debug, Default)]
struct Entries {
    entries: Vec<NetworkAclEntry>,
    egress: bool,
    in_direction: u32,
}

impl Entries {
    fn begin(&mut self, egress: bool) {
        self.egress = egress;
        self.in_direction = 0;
    }

    fn allow(&mut self, range: &str, protocol: &'static str, ports: Option<(u16, u16)>) {
        self.push("allow", range, protocol, ports);
    }

    fn deny(&mut self, range: &str, protocol: &'static str, ports: Option<(u16, u16)>) {
        self.push("deny", range, protocol, ports);
    }

    fn icmp(&mut self, (r#type, code): (i16, i16)) {
        self.push("allow", ANYONE, "1", None);
        if let Some(entry) = self.entries.last_mut() {
            entry.icmp_type_code = Some(IcmpTypeCode { r#type, code });
        }
    }

    fn push(
        &mut self,
        action: &'static str,
        range: &str,
        protocol: &'static str,
        ports: Option<(u16, u16)>,
    ) {
        self.in_direction += 1;
        self.entries.push(entry(
            self.egress,
            action,
            range,
            protocol,
            ports,
            self.in_direction * 10,
        ));
    }

    /// Adds what AWS adds: the last word of each direction and family.
    fn finish(mut self, dual_stack: bool) -> Vec<NetworkAclEntry> {
        for egress in [true, false] {
            self.entries.push(entry(egress, "deny", ANYONE, "-1", None, 32767));
            if dual_stack {
                self.entries.push(entry(egress, "deny", "::/0", "-1", None, 32768));
            }
        }
        self.entries
    }
}

fn entry(
    egress: bool,
    action: &'static str,
    range: &str,
    protocol: &'static str,
    ports: Option<(u16, u16)>,
    number: u32,
) -> NetworkAclEntry {
    let ipv6 = range.contains(':');
    NetworkAclEntry {
        cidr_block: (!ipv6).then(|| range.to_owned()),
        ipv6_cidr_block: ipv6.then(|| range.to_owned()),
        egress,
        icmp_type_code: None,
        port_range: ports.map(|(from, to)| PortRange { from, to }),
        protocol,
        rule_action: action,
        rule_number: number,
    }
}
