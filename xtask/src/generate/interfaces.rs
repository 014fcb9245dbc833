//! Network interfaces with what hangs on them: instances, NAT gateways, public addresses.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::layout::{Addresses, Subnet, Tier};
use super::listing::Listings;
use super::load_balancers::{self, Candidate, LoadBalancer};
use super::random::Random;
use super::routing::nat_gateways;
use super::shapes::{
    Address, Association, Attachment, Group, Instance, InstanceNetworkInterface, InstanceState,
    Ipv4Prefix, Ipv6Address, MetadataOptions, NatGateway, NatGatewayAddress, NetworkInterface,
    Placement, PrivateIpAddress, Reservation, Tag,
};
use super::{Counts, Site, groups, name_tag};

/// What made an interface.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum Owner {
    #[default]
    Instance,
    Lambda,
    Database,
    NatGateway,
    /// A node of an application or a network load balancer that faces the internet, or does not.
    LoadBalancer {
        is_network: bool,
        faces_the_internet: bool,
    },
    /// Attached to nothing.
    Nobody,
}

/// Writes the interfaces of a VPC.
pub(super) fn write(
    site: &Site<'_>,
    listings: &mut Listings,
    counts: &mut Counts,
) -> io::Result<()> {
    let nats = nat_gateways(site);
    let groups = |random: &mut Random| group_set(site, Egress::Open, random);
    let mut load_balancers = load_balancers::plan(site, groups);
    let mut candidates = Vec::new();
    let mut writer = Writer {
        site,
        listings,
        counts,
        candidates: &mut candidates,
        number: 0,
        nats,
        nats_placed: 0,
    };
    for subnet in site.subnets {
        writer.subnet(subnet, &mut load_balancers)?;
    }
    for load_balancer in &load_balancers {
        let targets = load_balancers::write(site, load_balancer, &candidates, listings)?;
        counts.load_balancers += 1;
        counts.targets += targets;
    }
    Ok(())
}

struct Writer<'a> {
    site: &'a Site<'a>,
    listings: &'a mut Listings,
    counts: &'a mut Counts,
    /// The instances so far.
    candidates: &'a mut Vec<Candidate>,
    /// Interfaces of the VPC so far: the number of the next one.
    number: u32,
    nats: u32,
    nats_placed: u32,
}

/// A subnet while it is filled.
struct Filling<'a> {
    subnet: &'a Subnet,
    random: Random,
    addresses: Addresses,
    /// The sets of groups that are worn here.
    roles: Vec<Vec<u32>>,
    /// Those that an interface wears: the classes of the subnet.
    worn: BTreeSet<Vec<u32>>,
    /// The groups that whoever made the next interface gave it.
    given: Vec<u32>,
    /// Interfaces still to come.
    left: u32,
}

impl Writer<'_> {
    fn subnet(&mut self, subnet: &Subnet, load_balancers: &mut [LoadBalancer]) -> io::Result<()> {
        let mut random = self.site.random(0x1f_0000_0000 + u64::from(subnet.number));
        let mut filling = Filling {
            subnet,
            addresses: Addresses::of(subnet.range),
            roles: roles(self.site, subnet, &mut random),
            worn: BTreeSet::new(),
            given: Vec::new(),
            left: subnet.interfaces,
            random,
        };
        if subnet.tier == Tier::Public && self.nats_placed < self.nats && filling.left > 0 {
            self.nat_gateway(&mut filling)?;
        }
        for load_balancer in load_balancers.iter_mut().filter(|it| it.is_in(subnet)) {
            // Half of a subnet at most.
            if 2 * filling.left > subnet.interfaces {
                self.node(&mut filling, load_balancer)?;
            }
        }
        while filling.left > 0 {
            let owner = filling.random.weighted(&[
                (88, Owner::Instance),
                (5, Owner::Lambda),
                (5, Owner::Database),
                (2, Owner::Nobody),
            ]);
            match owner {
                Owner::Instance => self.instance(&mut filling)?,
                Owner::Lambda
                | Owner::Database
                | Owner::NatGateway
                | Owner::LoadBalancer { .. }
                | Owner::Nobody => {
                    let interface = self.interface(&mut filling, owner);
                    self.push(&interface)?;
                }
            }
        }
        self.counts.classes += u32::try_from(filling.worn.len()).unwrap_or(u32::MAX);
        Ok(())
    }

    /// Writes an interface and its Elastic IP addresses.
    fn push(&mut self, interface: &NetworkInterface) -> io::Result<()> {
        self.counts.interfaces += 1;
        self.counts.with_ipv6 += u32::from(!interface.ipv6_addresses.is_empty());
        for address in &interface.private_ip_addresses {
            let Some(association) = &address.association else { continue };
            if let (Some(allocation), Some(id)) =
                (&association.allocation_id, &association.association_id)
            {
                let attachment = interface.attachment.as_ref();
                self.listings.addresses.push(&Address {
                    allocation_id: allocation.clone(),
                    association_id: id.clone(),
                    domain: "vpc",
                    instance_id: attachment.and_then(|it| it.instance_id.clone()),
                    network_border_group: self.site.vpc.region,
                    network_interface_id: interface.network_interface_id.clone(),
                    network_interface_owner_id: interface.owner_id.clone(),
                    private_ip_address: address.private_ip_address.clone(),
                    public_ip: association.public_ip.clone(),
                    public_ipv4_pool: "amazon",
                    tags: Vec::new(),
                })?;
            }
        }
        self.listings.network_interfaces.push(interface)
    }

    /// Makes the next interface of a subnet.
    fn interface(&mut self, filling: &mut Filling<'_>, owner: Owner) -> NetworkInterface {
        let site = self.site;
        let number = self.number;
        self.number += 1;
        filling.left -= 1;

        let mut addresses = vec![self.address(filling, owner, 0)];
        // What is beyond the interfaces still to come may be given away.
        if filling.addresses.left() > filling.left + 4 && filling.random.chance(4) {
            for ordinal in 1..=filling.random.between(1, 3) {
                addresses.push(self.address(filling, owner, ordinal));
            }
        }
        let delegated = filling.addresses.left() > filling.left + 36 && filling.random.chance(5);
        let range = delegated.then(|| filling.addresses.take_range().to_string());
        let ipv6 = filling.subnet.ipv6.map(|first| {
            let host = u128::from(filling.random.any() | 1);
            Ipv6Addr::from(first.to_bits() | host).to_string()
        });

        let first = addresses.first().cloned();
        let (description, interface_type, requester_id) = match owner {
            Owner::Instance | Owner::Nobody => ("", "interface", None),
            Owner::Lambda => ("AWS Lambda VPC ENI", "lambda", Some("amazon-lambda")),
            Owner::Database => ("RDSNetworkInterface", "interface", Some("amazon-rds")),
            Owner::NatGateway => ("Interface for NAT Gateway", "nat_gateway", Some("amazon-nat")),
            Owner::LoadBalancer { is_network: true, .. } => {
                ("", "network_load_balancer", Some("amazon-elb"))
            }
            Owner::LoadBalancer { .. } => ("", "interface", Some("amazon-elb")),
        };
        NetworkInterface {
            association: first.as_ref().and_then(|it| it.association.clone()),
            attachment: match owner {
                Owner::Nobody => None,
                Owner::Instance => Some(attachment(site, number, None, site.account)),
                Owner::Lambda
                | Owner::Database
                | Owner::NatGateway
                | Owner::LoadBalancer { .. } => Some(attachment(site, number, None, "amazon-aws")),
            },
            availability_zone: filling.subnet.zone.clone(),
            description: description.to_owned(),
            groups: self.groups(filling, owner),
            interface_type,
            ipv4_prefixes: range.map(|ipv4_prefix| vec![Ipv4Prefix { ipv4_prefix }]),
            ipv6_addresses: ipv6
                .into_iter()
                .map(|ipv6_address| Ipv6Address { ipv6_address })
                .collect(),
            mac_address: mac_address(&mut filling.random),
            network_interface_id: site.id("eni", number),
            owner_id: site.account.to_owned(),
            private_dns_name: first
                .as_ref()
                .map(|it| it.private_dns_name.clone())
                .unwrap_or_default(),
            private_ip_address: first.map(|it| it.private_ip_address).unwrap_or_default(),
            private_ip_addresses: addresses,
            requester_id,
            requester_managed: requester_id.is_some(),
            source_dest_check: !matches!(
                owner,
                Owner::NatGateway | Owner::LoadBalancer { is_network: true, .. }
            ),
            status: if owner == Owner::Nobody { "available" } else { "in-use" },
            subnet_id: filling.subnet.id.clone(),
            tag_set: Vec::new(),
            vpc_id: site.vpc_id(),
        }
    }

    /// The next private address, in public subnets mostly with a public one.
    fn address(
        &mut self,
        filling: &mut Filling<'_>,
        owner: Owner,
        ordinal: u32,
    ) -> PrivateIpAddress {
        let private = filling.addresses.take();
        let often = match (owner, filling.subnet.tier) {
            (Owner::NatGateway | Owner::LoadBalancer { faces_the_internet: true, .. }, _) => 100,
            (Owner::Instance, Tier::Public) => 80,
            _ => 0,
        };
        let name = private.to_string().replace('.', "-");
        PrivateIpAddress {
            association: filling.random.chance(often).then(|| {
                // NAT gateways and secondary addresses have an Elastic IP, no other kind.
                let elastic =
                    owner == Owner::NatGateway || ordinal > 0 || filling.random.chance(50);
                self.counts.public_addresses += 1;
                association(self.site, self.counts.public_addresses, elastic)
            }),
            primary: ordinal == 0,
            private_dns_name: format!("ip-{name}.{}.compute.internal", self.site.vpc.region),
            private_ip_address: private.to_string(),
        }
    }

    /// The groups that an interface wears: those of a role, rarely a set of its own.
    fn groups(&mut self, filling: &mut Filling<'_>, owner: Owner) -> Vec<Group> {
        let set = if matches!(owner, Owner::NatGateway | Owner::LoadBalancer { .. }) {
            filling.given.clone()
        } else if filling.random.chance(5) {
            self.counts.one_off_sets += 1;
            let egress = Egress::of(filling.subnet.tier, &mut filling.random);
            group_set(self.site, egress, &mut filling.random)
        } else {
            let count = u32::try_from(filling.roles.len()).unwrap_or(u32::MAX);
            let at = usize::try_from(filling.random.below(count)).unwrap_or_default();
            filling.roles.get(at).cloned().unwrap_or_default()
        };
        let restricted = |group: &u32| groups::is_restricted(self.site, *group);
        self.counts.restricted_egress += u32::from(!set.is_empty() && set.iter().all(restricted));
        if !filling.worn.contains(&set) {
            filling.worn.insert(set.clone());
        }
        set.into_iter()
            .map(|group| Group {
                group_id: self.site.estate.group_id(self.site.vpc.number, group),
                group_name: groups::name(group),
            })
            .collect()
    }

    /// Writes a node of a load balancer.
    fn node(
        &mut self,
        filling: &mut Filling<'_>,
        load_balancer: &mut LoadBalancer,
    ) -> io::Result<()> {
        let LoadBalancer { is_network, faces_the_internet, .. } = *load_balancer;
        filling.given.clone_from(&load_balancer.groups);
        let owner = Owner::LoadBalancer { is_network, faces_the_internet };
        let mut interface = self.interface(filling, owner);
        interface.description = load_balancer.description(self.site);
        // All are of the address type `ipv4`.
        interface.ipv6_addresses.clear();
        load_balancer.place(filling.subnet, &interface);
        self.push(&interface)
    }

    fn nat_gateway(&mut self, filling: &mut Filling<'_>) -> io::Result<()> {
        filling.given.clear();
        let interface = self.interface(filling, Owner::NatGateway);
        let association = interface.association.clone();
        let text = |part: fn(&Association) -> Option<String>| {
            association.as_ref().and_then(part).unwrap_or_default()
        };
        self.listings.nat_gateways.push(&NatGateway {
            connectivity_type: "public",
            create_time: time(&mut filling.random),
            nat_gateway_addresses: vec![NatGatewayAddress {
                allocation_id: text(|it| it.allocation_id.clone()),
                association_id: text(|it| it.association_id.clone()),
                is_primary: true,
                network_interface_id: interface.network_interface_id.clone(),
                private_ip: interface.private_ip_address.clone(),
                public_ip: text(|it| Some(it.public_ip.clone())),
                status: "succeeded",
            }],
            nat_gateway_id: self.site.id("nat", self.nats_placed),
            state: "available",
            subnet_id: filling.subnet.id.clone(),
            tags: name_tag("out"),
            vpc_id: self.site.vpc_id(),
        })?;
        self.nats_placed += 1;
        self.push(&interface)
    }

    /// Writes an instance with its interface, sometimes with a second one.
    fn instance(&mut self, filling: &mut Filling<'_>) -> io::Result<()> {
        let site = self.site;
        let id = site.id("i", self.number);
        let reservation_id = site.id("r", self.number);
        let count = if filling.left > 1 && filling.random.chance(8) { 2 } else { 1 };
        let mut interfaces = Vec::new();
        for index in 0..count {
            let mut interface = self.interface(filling, Owner::Instance);
            if let Some(attachment) = &mut interface.attachment {
                attachment.instance_id = Some(id.clone());
                attachment.device_index = index;
            }
            self.push(&interface)?;
            interfaces.push(interface);
        }
        let Some(first) = interfaces.first() else { return Ok(()) };
        self.candidates
            .push(Candidate { id: id.clone(), private: first.private_ip_address.clone() });

        let random = &mut filling.random;
        let (code, name) = random.weighted(&[(97, (16, "running")), (3, (80, "stopped"))]);
        let public = first.association.as_ref();
        self.counts.instances += 1;
        self.listings.reservations.push(&Reservation {
            groups: [],
            instances: vec![Instance {
                ami_launch_index: 0,
                architecture: "x86_64",
                ebs_optimized: true,
                hypervisor: "xen",
                image_id: site.estate.id("ami", &[random.below(40)]),
                instance_id: id,
                instance_type: random.pick(&[
                    "m6i.large",
                    "c6i.xlarge",
                    "t3.medium",
                    "r6i.2xlarge",
                ]),
                launch_time: time(random),
                metadata_options: MetadataOptions {
                    http_endpoint: "enabled",
                    http_put_response_hop_limit: 1,
                    http_tokens: random.pick(&["required", "optional"]),
                    state: "applied",
                },
                network_interfaces: interfaces.iter().map(repeated).collect(),
                placement: Placement {
                    availability_zone: filling.subnet.zone.clone(),
                    group_name: "",
                    tenancy: "default",
                },
                private_dns_name: first.private_dns_name.clone(),
                private_ip_address: first.private_ip_address.clone(),
                public_dns_name: public.map(|it| it.public_dns_name.clone()).unwrap_or_default(),
                public_ip_address: public.map(|it| it.public_ip.clone()),
                root_device_name: "/dev/xvda",
                security_groups: first.groups.clone(),
                source_dest_check: true,
                state: InstanceState { code, name },
                subnet_id: filling.subnet.id.clone(),
                tags: tags(filling.subnet, self.number, random, &mut self.counts.tags),
                virtualization_type: "hvm",
                vpc_id: first.vpc_id.clone(),
            }],
            owner_id: site.account.to_owned(),
            reservation_id,
        })
    }
}

/// An interface as its instance repeats it.
fn repeated(interface: &NetworkInterface) -> InstanceNetworkInterface {
    InstanceNetworkInterface {
        groups: interface.groups.clone(),
        network_interface_id: interface.network_interface_id.clone(),
        private_ip_address: interface.private_ip_address.clone(),
        status: "in-use",
        subnet_id: interface.subnet_id.clone(),
        vpc_id: interface.vpc_id.clone(),
    }
}

/// Whether a set of groups leaves egress open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Egress {
    Open,
    Restricted,
}

impl Egress {
    /// Half of what stands in isolated subnets (three of ten) may send only to
    /// what it needs, and hardly anything elsewhere.
    fn of(tier: Tier, random: &mut Random) -> Self {
        let often = if tier == Tier::Isolated { 48 } else { 1 };
        if random.chance(often) { Self::Restricted } else { Self::Open }
    }
}

/// The sets of groups worn in a subnet, one for about six interfaces. Half of
/// them are those of the whole VPC, so that a role spans subnets.
fn roles(site: &Site<'_>, subnet: &Subnet, random: &mut Random) -> Vec<Vec<u32>> {
    let shared = site.vpc.interfaces / 20 + 1;
    (0..=subnet.interfaces / 6)
        .map(|_| {
            let egress = Egress::of(subnet.tier, random);
            if random.chance(50) {
                let role = random.below(shared);
                let mut random = site.random(0x401e_0000_0000 + u64::from(role));
                group_set(site, egress, &mut random)
            } else {
                group_set(site, egress, random)
            }
        })
        .collect()
}

/// One to five groups; those with low numbers are worn more often. One that
/// leaves egress open is enough to open it.
fn group_set(site: &Site<'_>, egress: Egress, random: &mut Random) -> Vec<u32> {
    let groups = site.vpc.groups;
    let count = random.weighted(&[(35, 1), (30, 2), (20, 3), (10, 4), (5, 5)]);
    let restricted = |group: &u32| groups::is_restricted(site, *group);
    let mut set: Vec<u32> =
        (0..count).map(|_| random.below(groups).min(random.below(groups))).collect();
    match egress {
        Egress::Open if set.iter().all(restricted) => {
            // The nearest that does; the default group at the latest.
            let first = set.first().copied().unwrap_or_default();
            set.extend((0..=first).rev().find(|group| !restricted(group)));
        }
        Egress::Open => {}
        Egress::Restricted => {
            for group in &mut set {
                let next = (*group..groups).chain(0..*group).find(restricted);
                *group = next.unwrap_or(*group);
            }
        }
    }
    set.sort_unstable();
    set.dedup();
    set
}

fn attachment(site: &Site<'_>, number: u32, instance: Option<String>, owner: &str) -> Attachment {
    Attachment {
        attach_time: "2026-03-01T08:00:00+00:00".to_owned(),
        attachment_id: site.id("eni-attach", number),
        delete_on_termination: true,
        device_index: 0,
        instance_id: instance,
        instance_owner_id: owner.to_owned(),
        status: "attached",
    }
}

/// The association of a private address with the public one of this number.
fn association(site: &Site<'_>, number: u32, elastic: bool) -> Association {
    // An odd factor scatters numbers over 18.0.0.0/7 without meeting itself.
    let scattered = number.wrapping_mul(0x9e37_79b1) & 0x01ff_ffff;
    let public = Ipv4Addr::from(0x1200_0000 | scattered).to_string();
    let name = public.replace('.', "-");
    Association {
        allocation_id: elastic.then(|| site.estate.id("eipalloc", &[number])),
        association_id: elastic.then(|| site.estate.id("eipassoc", &[number])),
        ip_owner_id: if elastic { site.account.to_owned() } else { "amazon".to_owned() },
        public_dns_name: format!("ec2-{name}.{}.compute.amazonaws.com", site.vpc.region),
        public_ip: public,
    }
}

fn mac_address(random: &mut Random) -> String {
    let [_, _, _, a, b, c, d, e] = random.any().to_be_bytes();
    format!("12:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
}

/// A time of the year before the estate was dumped.
fn time(random: &mut Random) -> String {
    let (month, day) = (random.between(1, 12), random.between(1, 28));
    let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
    format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+00:00")
}

/// Eight tags, as cost allocation wants them, counted.
fn tags(subnet: &Subnet, number: u32, random: &mut Random, counted: &mut u32) -> Vec<Tag> {
    let service = random.pick(&["web", "api", "worker", "cache", "queue", "search", "batch"]);
    let team = random.pick(&["payments", "orders", "identity", "platform", "data"]);
    let tags = [
        ("Name", format!("{service}-{number}")),
        ("Environment", random.pick(&["production", "staging", "development"]).to_owned()),
        ("Team", team.to_owned()),
        ("Service", service.to_owned()),
        ("CostCenter", random.between(1_000, 9_999).to_string()),
        ("Owner", format!("{team}@example.com")),
        ("ManagedBy", "terraform".to_owned()),
        ("Tier", subnet.tier.name().to_owned()),
    ];
    *counted += u32::try_from(tags.len()).unwrap_or(u32::MAX);
    tags.into_iter().map(|(key, value)| Tag { key: key.to_owned(), value }).collect()
}
