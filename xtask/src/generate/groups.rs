//! Security groups and their rules: about nine a group, a few hundred in some.

use std::io;

use super::layout::ipv6_range;
use super::listing::Listings;
use super::plan::{Peering, Vpc};
use super::prefix_lists;
use super::random::Random;
use super::shapes::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, SecurityGroup, UserIdGroupPair,
};
use super::{Counts, Site, name_tag};

/// Protocol and ports of a rule, as the API encodes them.
type Service = (&'static str, Option<(i32, i32)>);

/// What rules are about, by how often.
const SERVICES: [(u32, Service); 22] = [
    (14, ("tcp", Some((443, 443)))),
    (8, ("tcp", Some((80, 80)))),
    (10, ("tcp", Some((22, 22)))),
    (8, ("tcp", Some((5432, 5432)))),
    (5, ("tcp", Some((3306, 3306)))),
    (5, ("tcp", Some((6379, 6379)))),
    (7, ("tcp", Some((8080, 8080)))),
    (5, ("tcp", Some((8443, 8443)))),
    (5, ("tcp", Some((9090, 9100)))),
    (3, ("tcp", Some((9200, 9300)))),
    (3, ("tcp", Some((9092, 9094)))),
    (2, ("tcp", Some((27017, 27019)))),
    (2, ("tcp", Some((3389, 3389)))),
    (3, ("tcp", Some((10250, 10250)))),
    (3, ("tcp", Some((30000, 32767)))),
    (3, ("tcp", Some((0, 65535)))),
    (3, ("tcp", Some((53, 53)))),
    (4, ("udp", Some((53, 53)))),
    (2, ("udp", Some((8125, 8125)))),
    (3, ("icmp", Some((8, -1)))),
    (3, ("-1", None)),
    (1, ("50", None)),
];

/// Whom a rule admits.
enum Source {
    Ipv4(String),
    Ipv6(String),
    List(String),
    Group(UserIdGroupPair),
}

/// The name of a group.
pub(super) fn name(group: u32) -> String {
    if group == 0 { "default".to_owned() } else { format!("service-{group}") }
}

/// Writes the groups of a VPC.
pub(super) fn write(
    site: &Site<'_>,
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    for group in 0..site.vpc.groups {
        let mut random = site.random(0x5600_0000_0000 + u64::from(group));
        let mut inbound = Rules { group, ..Rules::default() };
        let mut outbound = Rules { group, ..Rules::default() };
        if group == 0 {
            inbound.add(("-1", None), Source::Group(pair(site, group)));
        } else {
            // One of two hundred is a group that everybody added to.
            let many = random.below(200) == 0;
            let wanted = if many { 200 } else { random.lognormal(6.0, 0.75, 60) };
            while inbound.count < wanted {
                let service = random.weighted(&SERVICES);
                for _ in 0..random.weighted(&[(60, 1), (25, 2), (15, 4)]) {
                    inbound.add(service, source(site, group, service, &mut random));
                }
            }
        }
        if is_restricted(site, group) {
            restricted(site, &mut outbound, &mut random);
        } else {
            outbound.add(("-1", None), Source::Ipv4("0.0.0.0/0".to_owned()));
            if site.vpc.dual_stack {
                outbound.add(("-1", None), Source::Ipv6("::/0".to_owned()));
            }
        }
        counts.groups += 1;
        counts.rules += inbound.count + outbound.count;
        counts.prefix_list_rules += inbound.of_lists() + outbound.of_lists();
        listings.security_groups.push(&SecurityGroup {
            description: if group == 0 {
                "default VPC security group"
            } else {
                "Managed by Terraform"
            }
            .to_owned(),
            group_id: site.estate.group_id(site.vpc.number, group),
            group_name: name(group),
            ip_permissions: inbound.permissions,
            ip_permissions_egress: outbound.permissions,
            owner_id: site.account.to_owned(),
            tags: if group == 0 { Vec::new() } else { name_tag(name(group)) },
            vpc_id: site.vpc_id(),
        })?;
    }
    Ok(())
}

/// Whether the egress of a group is restricted: of 15 in 100, the default group never.
pub(super) fn is_restricted(site: &Site<'_>, group: u32) -> bool {
    group > 0 && site.random(0x6e57_0000_0000 + u64::from(group)).chance(15)
}

/// Where a group with restricted egress may send: names, the web, its database,
/// and single hosts.
fn restricted(site: &Site<'_>, rules: &mut Rules, random: &mut Random) {
    let anyone = || Source::Ipv4("0.0.0.0/0".to_owned());
    let vpc = || Source::Ipv4(site.vpc.range.to_string());
    rules.add(("udp", Some((53, 53))), vpc());
    if random.chance(60) {
        rules.add(("tcp", Some((443, 443))), anyone());
        if site.vpc.dual_stack {
            rules.add(("tcp", Some((443, 443))), Source::Ipv6("::/0".to_owned()));
        }
    }
    if random.chance(50) {
        let group = random.below(site.vpc.groups);
        rules.add(("tcp", Some((5432, 5432))), Source::Group(pair(site, group)));
    }
    if let Some(list) = site.lists.first().filter(|_| random.chance(30)) {
        rules.add(("tcp", Some((443, 443))), Source::List(list.id.clone()));
    }
    for _ in 0..random.between(1, 6) {
        let service = random.weighted(&SERVICES);
        let host = host_of(site.vpc, random);
        rules.add(service, Source::Ipv4(host));
    }
}

/// Whom a rule of `group` admits.
fn source(site: &Site<'_>, group: u32, service: Service, random: &mut Random) -> Source {
    let public = matches!(service, ("tcp", Some((80 | 443, _))));
    match random.below(100) {
        0..30 => Source::Group(referenced(site, group, random)),
        30..33 => {
            let lists: Vec<_> =
                site.lists.iter().filter(|list| !list.ipv6 || site.vpc.dual_stack).collect();
            let at = usize::try_from(random.below(u32::try_from(lists.len()).unwrap_or(0)));
            match at.ok().and_then(|at| lists.get(at)) {
                Some(list) => Source::List(list.id.clone()),
                None => Source::Ipv4(site.vpc.range.to_string()),
            }
        }
        33..50 if site.vpc.dual_stack => match random.below(10) {
            0..3 if public => Source::Ipv6("::/0".to_owned()),
            0..6 => Source::Ipv6(ipv6_range(site.vpc).unwrap_or_default()),
            _ => Source::Ipv6(prefix_lists::outside(random, true)),
        },
        _ => Source::Ipv4(ipv4_source(site, public, random)),
    }
}

fn ipv4_source(site: &Site<'_>, public: bool, random: &mut Random) -> String {
    // What serves the web is open to all far more often than what does not.
    if random.chance(if public { 40 } else { 4 }) {
        return "0.0.0.0/0".to_owned();
    }
    match random.below(100) {
        0..30 => site.vpc.range.to_string(),
        30..40 => "10.0.0.0/8".to_owned(),
        40..60 => {
            let number = random.below(site.vpc.subnets);
            let subnet = site.subnets.iter().find(|subnet| subnet.number == number);
            subnet.map_or(site.vpc.range, |subnet| subnet.range).to_string()
        }
        60..75 => host_of(site.vpc, random),
        75..80 => match site.vpc.peerings.first().and_then(|it| peer(site, it)) {
            Some(peer) => peer.range.to_string(),
            None => "172.16.0.0/12".to_owned(),
        },
        _ => prefix_lists::outside(random, false),
    }
}

/// A single address in a VPC.
fn host_of(vpc: &Vpc, random: &mut Random) -> String {
    let subnet = random.below(vpc.subnets);
    let host = random.between(4, 60);
    let address = vpc.subnet_first(subnet) + host;
    super::plan::Range { first: address, length: 32 }.to_string()
}

fn peer<'a>(site: &Site<'a>, peering: &Peering) -> Option<&'a Vpc> {
    site.estate.vpc(peering.other(site.vpc.number))
}

/// A group that another may name: mostly of the same VPC, some of a peer.
fn referenced(site: &Site<'_>, group: u32, random: &mut Random) -> UserIdGroupPair {
    let at = random.below(u32::try_from(site.vpc.peerings.len()).unwrap_or_default());
    let peering = usize::try_from(at).ok().and_then(|at| site.vpc.peerings.get(at));
    match (random.below(10), peering) {
        (0, _) => pair(site, group),
        (1, Some(peering)) => match peer(site, peering) {
            Some(peer) => UserIdGroupPair {
                description: None,
                group_id: site.estate.group_id(peer.number, random.below(peer.groups)),
                peering_status: Some(if peering.active { "active" } else { "deleted" }),
                user_id: site.estate.account_id(peer.account),
                vpc_id: Some(site.estate.vpc_id(peer.number)),
                vpc_peering_connection_id: Some(site.estate.peering_id(peering)),
            },
            None => pair(site, group),
        },
        _ => pair(site, random.below(site.vpc.groups)),
    }
}

/// A group of the same VPC.
fn pair(site: &Site<'_>, group: u32) -> UserIdGroupPair {
    UserIdGroupPair {
        description: None,
        group_id: site.estate.group_id(site.vpc.number, group),
        peering_status: None,
        user_id: site.account.to_owned(),
        vpc_id: None,
        vpc_peering_connection_id: None,
    }
}

/// What people write of a rule: nothing of three in ten, the same words of half of
/// the others, of the rest what it is for.
fn description(group: u32, rule: u32, port: Option<i32>) -> Option<String> {
    match (rule % 10, port) {
        (0..=2, _) => None,
        (3..=6, _) | (_, None) => Some("managed by terraform".to_owned()),
        (_, Some(port)) => Some(format!("{}: port {port} for team {}", name(group), rule % 7)),
    }
}

/// Rules, those of the same protocol and ports together as AWS gives them.
#[derive(Default)]
struct Rules {
    group: u32,
    permissions: Vec<IpPermission>,
    count: u32,
}

impl Rules {
    /// How many of them name a prefix list.
    fn of_lists(&self) -> u32 {
        let lists = self.permissions.iter().map(|it| it.prefix_list_ids.len()).sum::<usize>();
        u32::try_from(lists).unwrap_or(u32::MAX)
    }

    fn add(&mut self, (protocol, ports): Service, source: Source) {
        self.count += 1;
        let (from, to) = ports.unzip();
        let same = |it: &IpPermission| {
            it.ip_protocol == protocol && it.from_port == from && it.to_port == to
        };
        let at = match self.permissions.iter().position(same) {
            Some(at) => at,
            None => {
                self.permissions.push(IpPermission {
                    from_port: from,
                    ip_protocol: protocol,
                    ip_ranges: Vec::new(),
                    ipv6_ranges: Vec::new(),
                    prefix_list_ids: Vec::new(),
                    to_port: to,
                    user_id_group_pairs: Vec::new(),
                });
                self.permissions.len() - 1
            }
        };
        let Some(permission) = self.permissions.get_mut(at) else { return };
        let description = description(self.group, self.count, from);
        // AWS refuses the same rule twice.
        let doubled = match source {
            Source::Ipv4(cidr_ip) => {
                let known = permission.ip_ranges.iter().any(|it| it.cidr_ip == cidr_ip);
                if !known {
                    permission.ip_ranges.push(IpRange { cidr_ip, description });
                }
                known
            }
            Source::Ipv6(cidr_ipv6) => {
                let known = permission.ipv6_ranges.iter().any(|it| it.cidr_ipv6 == cidr_ipv6);
                if !known {
                    permission.ipv6_ranges.push(Ipv6Range { cidr_ipv6, description });
                }
                known
            }
            Source::List(prefix_list_id) => {
                let lists = &mut permission.prefix_list_ids;
                let known = lists.iter().any(|it| it.prefix_list_id == prefix_list_id);
                if !known {
                    lists.push(PrefixListId { description, prefix_list_id });
                }
                known
            }
            Source::Group(pair) => {
                let pairs = &mut permission.user_id_group_pairs;
                let known = pairs.iter().any(|it| it.group_id == pair.group_id);
                if !known {
                    pairs.push(UserIdGroupPair { description, ..pair });
                }
                known
            }
        };
        self.count -= u32::from(doubled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_of_the_same_ports_are_one_permission_and_none_is_there_twice() {
        let mut rules = Rules::default();
        let web = ("tcp", Some((443, 443)));
        for range in ["10.0.0.0/8", "192.0.2.0/24", "10.0.0.0/8"] {
            rules.add(web, Source::Ipv4(range.to_owned()));
        }
        rules.add(web, Source::Ipv6("::/0".to_owned()));
        rules.add(("-1", None), Source::List("pl-1".to_owned()));
        assert_eq!(rules.count, 4);
        let ranges: Vec<_> = rules.permissions.iter().map(|it| it.ip_ranges.len()).collect();
        assert_eq!(ranges, [2, 0]);
    }
}
