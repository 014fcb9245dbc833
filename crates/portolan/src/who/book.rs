//! Whose each address is: the book, and how it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::aws::{self, AwsRanges};
use super::key::{Family, Inside, Key, details, split};
use super::layer::Claim;
use super::own::{self, Claims, Listed};
use super::{Beyond, Detail, Own, OwnNetwork, Portion, Who, special};
use crate::model::{ComponentId, IdVec, Interface, Listing, Network, TextId};
use crate::net::{IpSet, internet_v4, internet_v6};
use crate::reach::place::{Selector, Zones, networks};

/// Whose each address is.
#[derive(Debug)]
pub struct AddressBook<'n> {
    pub(super) network: &'n Network,
    zones: Vec<String>,
    /// Services in their regions.
    services: Vec<(Arc<str>, Arc<str>)>,
    regions: Vec<Arc<str>>,
    ec2: IpSet,
    v4: Family<u32>,
    v6: Family<u128>,
    /// The names of what leads to networks beyond.
    beyond: BTreeMap<TextId, TextId>,
    /// Made when somebody asks.
    inside: IdVec<ComponentId, OnceLock<Inside>>,
}

/// So many parts are told apart; where there are more, they are told less exactly.
const FEW: usize = 8;

/// So many ranges are looked at to tell parts apart.
const RANGES: usize = 4096;

/// So many IPv4 addresses of which nothing is known are everyone: see `breadth` of records.
const EVERYONE_V4: u128 = 1 << 24;

/// The same of IPv6.
const EVERYONE_V6: u128 = 1 << 108;

impl<'n> AddressBook<'n> {
    /// What a network, zones and AWS's ranges say of addresses.
    #[must_use]
    pub fn of(network: &'n Network, zones: &Zones, aws: Option<&AwsRanges>) -> Self {
        let mut claims = own::outside(network);
        for (prefix, what) in special::v4() {
            claims.v4.push(Claim::new(prefix.first(), prefix.last(), 7, Key::Special(what)));
        }
        for (prefix, what) in special::v6() {
            claims.v6.push(Claim::new(prefix.first(), prefix.last(), 7, Key::Special(what)));
        }
        claims.add(&IpSet::all(), 8, None, Key::Unknown);
        let (services, regions) = services(network, aws, &mut claims);
        let named = named(network, zones);
        Self {
            network,
            zones: zones.zones.keys().cloned().collect(),
            services,
            regions,
            ec2: aws.map_or_else(IpSet::empty, AwsRanges::ec2),
            v4: Family::of(network, claims.v4, &named, |claims| &claims.v4),
            v6: Family::of(network, claims.v6, &named, |claims| &claims.v6),
            beyond: networks(network).into_iter().map(|it| (it.id, it.name)).collect(),
            inside: network.components.iter().map(|_| OnceLock::new()).collect(),
        }
    }

    /// Whether all of some addresses may be hosts of AWS's customers, by AWS's ranges.
    #[must_use]
    pub fn is_ec2(&self, addresses: &IpSet) -> bool {
        !addresses.is_empty() && addresses.is_subset(&self.ec2)
    }

    /// Whose some addresses are, as hosts of a component see them: parts that are
    /// disjoint and together are all of them.
    #[must_use]
    pub fn portions(
        &self,
        addresses: &IpSet,
        seen_from: Option<ComponentId>,
        detail: Detail,
    ) -> Vec<Portion> {
        self.put(&self.parts(addresses, seen_from, detail))
    }

    /// The same, as exactly as few parts can tell; of so many addresses that nobody
    /// knows whose they are, everyone.
    #[must_use]
    pub fn who(&self, addresses: &IpSet, seen_from: Option<ComponentId>) -> Vec<Portion> {
        let internet = || IpSet { v4: internet_v4(), v6: internet_v6() };
        if addresses.v4.size() >= EVERYONE_V4 || addresses.v6.size() >= EVERYONE_V6 {
            let internet = addresses.intersection(&internet());
            let kinds = self.parts(&internet, seen_from, Detail::Kinds);
            let unknown = kinds.get(&Key::Unknown).map(|set| (set.v4.size(), set.v6.size()));
            if unknown.is_some_and(|(v4, v6)| v4 >= EVERYONE_V4 || v6 >= EVERYONE_V6) {
                let rest = addresses.difference(&internet);
                let mut all = vec![Portion { who: Who::Everyone, addresses: internet }];
                all.extend(self.told(&rest, seen_from));
                return all;
            }
        }
        self.told(addresses, seen_from)
    }

    fn told(&self, addresses: &IpSet, seen_from: Option<ComponentId>) -> Vec<Portion> {
        for detail in Detail::ALL {
            if detail == Detail::Kinds
                || self.are_few(addresses, seen_from, detail)
                    && self.ranges(addresses, seen_from, detail) <= RANGES
            {
                return self.put(&self.parts(addresses, seen_from, detail));
            }
        }
        Vec::new()
    }

    /// Whether few parts are told apart; as soon as there are too many, nothing more is
    /// looked at.
    fn are_few(&self, addresses: &IpSet, seen_from: Option<ComponentId>, detail: Detail) -> bool {
        const AT_ONCE: usize = 64;
        let inside = seen_from.map(|at| self.inside(at));
        let mut keys = BTreeSet::new();
        let few = |keys: &BTreeSet<Key>| keys.len() <= FEW;
        addresses.v4.ranges().chunks(AT_ONCE).all(|some| {
            let layers = self.v4.layers(seen_from, inside.map(|it| &it.v4), detail);
            keys.extend(split(layers, some).into_keys());
            few(&keys)
        }) && addresses.v6.ranges().chunks(AT_ONCE).all(|some| {
            let layers = self.v6.layers(seen_from, inside.map(|it| &it.v6), detail);
            keys.extend(split(layers, some).into_keys());
            few(&keys)
        })
    }

    fn inside(&self, at: ComponentId) -> &Inside {
        self.inside[at].get_or_init(|| {
            let claims = own::inside(self.network, at);
            Inside { v4: details(self.network, claims.v4), v6: details(self.network, claims.v6) }
        })
    }

    /// How many ranges are looked at to tell whose some addresses are.
    fn ranges(&self, addresses: &IpSet, seen_from: Option<ComponentId>, detail: Detail) -> usize {
        let inside = seen_from.map(|at| self.inside(at));
        let v4 = self.v4.layers(seen_from, inside.map(|it| &it.v4), detail);
        let v6 = self.v6.layers(seen_from, inside.map(|it| &it.v6), detail);
        let v4 = v4.map(|layer| layer.count(addresses.v4.ranges()));
        v4.chain(v6.map(|layer| layer.count(addresses.v6.ranges()))).sum()
    }

    fn parts(
        &self,
        addresses: &IpSet,
        seen_from: Option<ComponentId>,
        detail: Detail,
    ) -> BTreeMap<Key, IpSet> {
        let inside = seen_from.map(|at| self.inside(at));
        let v4 = self.v4.layers(seen_from, inside.map(|it| &it.v4), detail);
        let v6 = self.v6.layers(seen_from, inside.map(|it| &it.v6), detail);
        let v4 = split(v4, addresses.v4.ranges());
        let mut v6 = split(v6, addresses.v6.ranges());
        let mut all = BTreeMap::new();
        for (key, v4) in v4 {
            all.insert(key, IpSet { v4, v6: v6.remove(&key).unwrap_or_default() });
        }
        all.extend(v6.into_iter().map(|(key, v6)| (key, IpSet { v6, ..IpSet::empty() })));
        all
    }

    fn put(&self, parts: &BTreeMap<Key, IpSet>) -> Vec<Portion> {
        let portion = |(&key, addresses): (&Key, &IpSet)| Portion {
            who: self.name(key),
            addresses: addresses.clone(),
        };
        parts.iter().map(portion).collect()
    }

    fn name(&self, key: Key) -> Who {
        let text = |id| self.network.text(id).to_owned();
        let region = |id: Option<usize>| Some(self.regions.get(id?)?.to_string());
        match key {
            Key::Zone(zone) => Who::Zone(self.zones.get(zone).cloned().unwrap_or_default()),
            Key::Interface(at, id) | Key::PublicInterface(at, id) => {
                let interface = self.network.components[at].interface(id);
                let name = called(self.network, at, interface);
                Who::Own(Own::NetworkInterface { id: text(interface.id()), name: text(name) })
            }
            Key::Nat(at, id) | Key::PublicNat(at, id) => {
                let nat = &self.network.components[at].nat_gateways[id];
                Who::Own(Own::NatGateway(text(nat.id)))
            }
            Key::LoadBalancer(name) => Who::Own(Own::LoadBalancer(text(name))),
            Key::Elastic(holder, address) => Who::Own(Own::ElasticAddress {
                address: std::net::Ipv4Addr::from_bits(address),
                holder: text(holder),
            }),
            Key::Public => Who::Own(Own::Several),
            Key::Subnet(at, id) => {
                let subnet = &self.network.components[at].subnets[id];
                let (id, name) = (text(subnet.id), text(subnet.name));
                Who::OwnNetwork(OwnNetwork::Subnet { id, name })
            }
            Key::Vpc(at, id) => {
                let vpc = &self.network.components[at].vpcs[id];
                Who::OwnNetwork(OwnNetwork::Vpc { id: text(vpc.id), name: text(vpc.name) })
            }
            Key::Networks => Who::OwnNetwork(OwnNetwork::Several),
            Key::Peer(at, id) => {
                let component = &self.network.components[at];
                let peering = &component.peerings[id];
                let sides = [&peering.requester, &peering.accepter].into_iter();
                let mut far = sides.filter_map(|side| side.vpc).map(|vpc| &component.vpcs[vpc]);
                let vpc = far.find(|vpc| !vpc.seen).map_or_else(String::new, |vpc| text(vpc.id));
                Who::Beyond(Beyond::Peer { peering: text(peering.id), vpc })
            }
            Key::Behind(gateway) => {
                let name = self.beyond.get(&gateway).copied().unwrap_or_default();
                Who::Beyond(Beyond::Gateway { id: text(gateway), name: text(name) })
            }
            Key::Beyond => Who::Beyond(Beyond::Several),
            Key::Service(service) => {
                let (service, region) = match self.services.get(service) {
                    Some((service, region)) => (service.to_string(), region.to_string()),
                    None => return Who::Aws { service: None, region: None },
                };
                let service = (service != aws::AMAZON).then_some(service);
                Who::Aws { service, region: Some(region) }
            }
            Key::Aws => Who::Aws { service: None, region: None },
            Key::Elsewhere(id) => Who::Ec2Elsewhere { region: region(id) },
            Key::Unseen(id) => Who::Ec2Unseen { region: region(id) },
            Key::Special(special) => Who::Special(special),
            Key::Unknown => Who::Unknown,
        }
    }
}

/// All addresses of a zone, also those with which its hosts come over the internet.
pub(crate) fn zone(network: &Network, zones: &Zones, name: &str) -> IpSet {
    let members = own::members(&Selector::Zone(name.to_owned()), network, zones);
    members.iter().fold(IpSet::empty(), |all, (_, set)| all.union(set))
}

/// The name of an interface: its instance's, else its own.
fn called(network: &Network, at: ComponentId, interface: Interface<'_>) -> TextId {
    let instance = interface.instance().map(|id| network.components[at].instances[id].name);
    instance.filter(|name| !name.is_empty()).unwrap_or(interface.name())
}

/// Claims for AWS's services: these in their regions, and the regions of EC2.
#[expect(clippy::type_complexity, reason = "two lists that are named where they are kept")]
fn services(
    network: &Network,
    aws: Option<&AwsRanges>,
    claims: &mut Claims,
) -> (Vec<(Arc<str>, Arc<str>)>, Vec<Arc<str>>) {
    let (mut services, mut regions) = (Vec::new(), Vec::new());
    let (mut known, mut ec2) = (BTreeMap::new(), BTreeMap::new());
    let listed = Listed::of(network);
    for prefix in aws.iter().flat_map(|aws| &aws.prefixes) {
        let v4 = prefix.block.is_v4();
        let key = if prefix.is_ec2() {
            *ec2.entry((prefix.region.clone(), v4)).or_insert_with(|| {
                regions.push(prefix.region.clone());
                let region = Some(regions.len().saturating_sub(1));
                let needed = if v4 { Listing::Addresses } else { Listing::Vpcs };
                match listed.all(&prefix.region, &[Listing::NetworkInterfaces, needed]) {
                    true => Key::Elsewhere(region),
                    false => Key::Unseen(region),
                }
            })
        } else {
            let service = (prefix.service.clone(), prefix.region.clone());
            *known.entry(service).or_insert_with_key(|service| {
                services.push(service.clone());
                Key::Service(services.len().saturating_sub(1))
            })
        };
        let rank = 4_u8.saturating_add(prefix.rank());
        claims.add(&IpSet::from_cidr(prefix.block), rank, None, key);
    }
    (services, regions)
}

/// The claims of zones, everywhere and where they name hosts of a component. Of zones
/// that overlap the smallest is the best word.
fn named(network: &Network, zones: &Zones) -> BTreeMap<Option<ComponentId>, Claims> {
    let mut all: BTreeMap<Option<ComponentId>, Claims> = BTreeMap::new();
    for (number, name) in zones.zones.keys().enumerate() {
        let members = own::members(&Selector::Zone(name.clone()), network, zones);
        let size = members.iter().map(|(_, set)| set.v4.size().saturating_add(set.v6.size()));
        let size = size.fold(0, u128::saturating_add);
        for (at, set) in members {
            all.entry(at).or_default().add(&set, 0, Some(size), Key::Zone(number));
        }
    }
    all
}
