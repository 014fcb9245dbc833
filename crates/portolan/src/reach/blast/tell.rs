//! A walk as records: host by host, with the shortest way there.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::doors::{Edge, Land, LeadsTo, Slot, rows};
use super::spread::{Arrival, Came, Opener, Spread, by_vpc, land_of};
use super::{Blast, BlastOptions, Radius, Spot, held};
use crate::model::{
    ComponentId, Direction, InstanceId, Interface, InterfaceKind, Locate, Network,
    NetworkInterfaceId,
};
use crate::net::{IpSetId, PortRange, PortSet, Protocol, selector_display};
use crate::reach::engine::{Class, OwnAddresses, Sender};
use crate::record::{
    Audience, BlastSummary, Certainty, Outward, OutwardWay, Reached, ReachedKind, Step, Through,
    Within,
};

/// Ports of a host, surely and perhaps open.
type Opened = [BTreeMap<Slot, PortSet>; 2];

pub(super) fn tell(
    network: &Network,
    locate: &(dyn Locate + Sync),
    options: &BlastOptions,
    radius: &mut Radius,
) -> Blast {
    let opened = opened(radius);
    let mut teller = Teller { network, radius, outward: BTreeMap::new(), steps: BTreeMap::new() };
    let mut summary = BlastSummary::default();
    let mut reached = Vec::new();
    for host in hosts(network) {
        let within = teller.within(&host);
        let hops = teller.hops(&host);
        let kind = kind(network, &host);
        let outward = match (within, kind) {
            (Within::No, _) | (_, ReachedKind::LoadBalancer | ReachedKind::Endpoint) => None,
            (Within::Held | Within::Certain | Within::Possible, ReachedKind::Host) => {
                Some(teller.outward(&host))
            }
        };
        count(&mut summary, within, kind, hops, outward.as_ref());
        let wanted = match &options.to {
            Some(to) => host.interfaces.iter().any(|&at| to.contains(&(host.component, at))),
            None => within != Within::No,
        };
        if wanted {
            let record = teller.record(&host, (within, hops), outward, &opened);
            let held_by = match within {
                Within::No => held::held_by(network, locate, options, teller.radius, &host),
                Within::Held | Within::Certain | Within::Possible => Vec::new(),
            };
            reached.push(Reached { kind, held_by, ..record });
        }
    }
    reached.sort_by(|one, other| {
        let key = |it: &Reached| (it.hops.is_none(), it.hops, it.within);
        key(one).cmp(&key(other)).then_with(|| name(one).cmp(&name(other)))
    });
    Blast { summary, reached }
}

fn name(reached: &Reached) -> (&str, &str, &[String]) {
    (&reached.name, &reached.instance, &reached.interfaces)
}

/// Interfaces that are taken together.
pub(super) struct Host {
    pub(super) component: ComponentId,
    pub(super) instance: Option<InstanceId>,
    pub(super) interfaces: Vec<NetworkInterfaceId>,
}

/// All that can be reached, or could.
fn hosts(network: &Network) -> Vec<Host> {
    let mut all = Vec::new();
    for (id, component) in network.components.entries() {
        let mut by_instance: BTreeMap<InstanceId, Vec<NetworkInterfaceId>> = BTreeMap::new();
        let told = |it: &Interface<'_>| it.seen() || it.unlisted().is_some();
        for interface in component.interfaces.iter().filter(told) {
            let at = interface.index();
            match (interface.kind(), interface.instance()) {
                (InterfaceKind::NatGateway | InterfaceKind::TransitGateway, _) => {}
                (_, Some(instance)) => by_instance.entry(instance).or_default().push(at),
                (_, None) => {
                    all.push(Host { component: id, instance: None, interfaces: vec![at] });
                }
            }
        }
        all.extend(by_instance.into_iter().map(|(instance, interfaces)| Host {
            component: id,
            instance: Some(instance),
            interfaces,
        }));
    }
    all
}

fn kind(network: &Network, host: &Host) -> ReachedKind {
    let component = &network.components[host.component];
    let kinds: BTreeSet<ReachedKind> = host
        .interfaces
        .iter()
        .map(|&at| match component.interface(at).kind() {
            InterfaceKind::Host | InterfaceKind::NatGateway | InterfaceKind::TransitGateway => {
                ReachedKind::Host
            }
            InterfaceKind::Managed | InterfaceKind::VpcEndpoint | InterfaceKind::RemoteAccess => {
                ReachedKind::Endpoint
            }
            InterfaceKind::LoadBalancer => ReachedKind::LoadBalancer,
        })
        .collect();
    kinds.first().copied().unwrap_or(ReachedKind::Host)
}

fn count(
    summary: &mut BlastSummary,
    within: Within,
    kind: ReachedKind,
    hops: Option<u32>,
    outward: Option<&Outward>,
) {
    let there = u64::from(within != Within::No);
    match kind {
        ReachedKind::Host => {}
        ReachedKind::Endpoint => {
            summary.endpoints += there;
            return;
        }
        ReachedKind::LoadBalancer => {
            summary.load_balancers += there;
            return;
        }
    }
    match within {
        Within::Held => summary.held += 1,
        Within::Certain => summary.certain += 1,
        Within::Possible => summary.possible += 1,
        Within::No => summary.out_of_reach += 1,
    }
    summary.most_hops = summary.most_hops.max(hops.unwrap_or(0));
    match outward.map(|outward| outward.internet) {
        Some(OutwardWay::Certain) => summary.online += 1,
        Some(OutwardWay::Possible) => summary.perhaps_online += 1,
        Some(OutwardWay::No) | None => {}
    }
}

struct Teller<'a> {
    network: &'a Network,
    radius: &'a mut Radius,
    outward: BTreeMap<(ComponentId, Class), Outward>,
    steps: BTreeMap<(ComponentId, usize, NetworkInterfaceId, bool), Vec<String>>,
}

impl Teller<'_> {
    fn within(&self, host: &Host) -> Within {
        let any = |spread: &Spread| {
            let mut spots = host.interfaces.iter().map(|&at| (host.component, at));
            spots.any(|spot| spread.arrivals.contains_key(&spot))
        };
        let held = |at: &NetworkInterfaceId| {
            let arrival = self.radius.certain.arrivals.get(&(host.component, *at));
            arrival.is_some_and(|arrival| arrival.came.is_none())
        };
        if host.interfaces.iter().any(held) {
            Within::Held
        } else if any(&self.radius.certain) {
            Within::Certain
        } else if any(&self.radius.possible) {
            Within::Possible
        } else {
            Within::No
        }
    }

    /// The walk that gets there, and the interface at which it does first.
    fn arrival(&self, host: &Host) -> Option<(bool, Spot)> {
        for (certain, spread) in [(true, &self.radius.certain), (false, &self.radius.possible)] {
            let spots = host.interfaces.iter().map(|&at| (host.component, at));
            let arrived = spots.filter_map(|spot| Some((spread.arrivals.get(&spot)?.hops, spot)));
            if let Some((_, spot)) = arrived.min() {
                return Some((certain, spot));
            }
        }
        None
    }

    fn spread(&self, certain: bool) -> &Spread {
        if certain { &self.radius.certain } else { &self.radius.possible }
    }

    fn hops(&self, host: &Host) -> Option<u32> {
        let (certain, spot) = self.arrival(host)?;
        Some(self.spread(certain).arrivals.get(&spot)?.hops)
    }

    fn record(
        &mut self,
        host: &Host,
        (within, hops): (Within, Option<u32>),
        outward: Option<Outward>,
        opened: &BTreeMap<Spot, Opened>,
    ) -> Reached {
        let network = self.network;
        let component = &network.components[host.component];
        let text = |id| network.text(id).to_owned();
        let interfaces: Vec<Interface<'_>> =
            host.interfaces.iter().map(|&at| component.interface(at)).collect();
        let mut record = Reached {
            format: "portolan.reached/1".to_owned(),
            kind: ReachedKind::Host,
            instance: String::new(),
            interfaces: interfaces.iter().map(|it| text(it.id())).collect(),
            name: called(network, (host.component, first_of(host))).1,
            account: String::new(),
            region: String::new(),
            vpc: String::new(),
            subnet: String::new(),
            groups: Vec::new(),
            addresses: Vec::new(),
            public_addresses: Vec::new(),
            within,
            hops,
            ports: Vec::new(),
            possible_ports: Vec::new(),
            path: Vec::new(),
            outward,
            held_by: Vec::new(),
        };
        record.interfaces.sort_unstable();
        if let Some(instance) = host.instance {
            record.instance = text(component.instances[instance].id);
        }
        let mut groups = BTreeSet::new();
        for interface in &interfaces {
            if record.vpc.is_empty() {
                let scope = &component.scopes[component.vpcs[interface.vpc()].scope];
                let owner =
                    if interface.owner().is_empty() { scope.account } else { interface.owner() };
                record.account = text(owner);
                record.region = text(scope.region);
                record.vpc = text(component.vpcs[interface.vpc()].id);
                record.subnet = text(component.subnets[interface.subnet()].id);
            }
            let worn = component.group_sets[interface.group_set()].iter();
            groups.extend(worn.map(|&group| text(component.security_groups[group].id)));
            for held in interface.ipv4() {
                record.addresses.push(block_v4(held.first, held.last));
                let public = held.public.map(|at| Ipv4Addr::from_bits(at).to_string());
                record.public_addresses.extend(public);
            }
        }
        for held in interfaces.iter().flat_map(|it| it.ipv6()) {
            record.addresses.push(block_v6(held.first, held.last));
        }
        record.groups = groups.into_iter().collect();
        let mut ports = [BTreeMap::new(), BTreeMap::new()];
        for &at in &host.interfaces {
            let Some(opened) = opened.get(&(host.component, at)) else { continue };
            for (all, more) in ports.iter_mut().zip(opened) {
                merge(all, more);
            }
        }
        let [certain, possible] = ports;
        let less = possible.into_iter().map(|(slot, ports)| {
            let known = certain.get(&slot).cloned().unwrap_or_else(PortSet::empty);
            (slot, ports.difference(&known))
        });
        record.possible_ports = words(&less.collect());
        record.ports = words(&certain);
        if let Some((certain, spot)) = self.arrival(host) {
            record.path = self.path(certain, spot);
        }
        record
    }

    /// The hops to an interface, the first one first.
    fn path(&mut self, certain: bool, spot: Spot) -> Vec<Step> {
        let mut path = Vec::new();
        let mut next = Some(spot);
        while let Some(spot) = next {
            let arrival: Option<Arrival> = self.spread(certain).arrivals.get(&spot).cloned();
            let Some(came) = arrival.and_then(|arrival| arrival.came) else { break };
            next = match &came.from {
                Opener::Stranger(_) => None,
                Opener::Inside(from, _) => Some((came.door.0, *from)),
                Opener::Outside(from, _) => Some(*from),
            };
            path.extend(self.step(certain, &came));
        }
        path.reverse();
        path
    }

    fn step(&mut self, certain: bool, came: &Came) -> Option<Step> {
        let network = self.network;
        let (component, number) = came.door;
        let ports = self.ports_of(certain, came);
        let land = land_of(&self.radius.lands, component)?;
        let door = land.doors.get(number)?;
        let (from, from_name) = match &came.from {
            Opener::Stranger(address) => (address.to_string(), String::new()),
            Opener::Inside(from, _) => called(network, (component, *from)),
            Opener::Outside(from, _) => called(network, *from),
        };
        let (to, to_name) = called(network, (component, came.to));
        let outside = matches!(came.from, Opener::Outside(..));
        let place = match &door.leads_to {
            LeadsTo::Itself => door.places.iter().find(|place| place.interface == came.to),
            LeadsTo::Target(_) => door.places.first(),
        };
        let public = place
            .and_then(|place| place.public)
            .filter(|_| outside || matches!(came.from, Opener::Stranger(at) if internet(at)));
        let address = match (public, place) {
            (Some(public), _) => Ipv4Addr::from_bits(public).to_string(),
            (None, Some(place)) => place.first.to_string(),
            (None, None) => String::new(),
        };
        let (mut through, mut requests) = (None, false);
        let mut shown = ports;
        if let LeadsTo::Target(behind) = &door.leads_to {
            requests = behind.requests;
            let entrance = &behind.entrance;
            let node = place.map(|place| place.interface);
            let facts = &network.components[component];
            let balancer = node.and_then(|node| facts.load_balancer_of(node));
            let name = balancer.map(|it| network.text(facts.load_balancers[it].name).to_owned());
            let port = format!("{}/{}", entrance.protocol, entrance.port);
            shown = vec![format!("{}/{}", entrance.protocol, entrance.target.port)];
            through = Some(Through {
                load_balancer: name.unwrap_or_default(),
                address: address.clone(),
                port,
            });
        }
        let certainty = if certain { Certainty::Certain } else { self.certainty(came) };
        Some(Step {
            from,
            from_name,
            to,
            to_name,
            address,
            ports: shown,
            certainty,
            through,
            requests,
            outside,
        })
    }

    /// Whether a hop of the possible walk is sure by itself.
    fn certainty(&self, came: &Came) -> Certainty {
        let sure = || -> Option<bool> {
            let land = land_of(&self.radius.lands, came.door.0)?;
            let door = land.doors.get(came.door.1)?;
            let (vpc, address) = match came.from {
                Opener::Inside(from, address) => {
                    (land.engine.ground.component.interface(from).vpc(), address)
                }
                Opener::Stranger(_) | Opener::Outside(..) => return None,
            };
            let mut edges = door.edges.iter().filter(|edge| edge.from == Sender::Held(vpc));
            Some(edges.any(|edge| {
                edge.certainty == Certainty::Certain
                    && land.engine.sets.contains(edge.peers, address)
            }))
        };
        if sure() == Some(true) { Certainty::Certain } else { Certainty::Possible }
    }

    /// The ports that whoever came opened.
    fn ports_of(&mut self, certain: bool, came: &Came) -> Vec<String> {
        let (component, number) = came.door;
        let Some(land) = land_of(&self.radius.lands, component) else { return Vec::new() };
        let Some(door) = land.doors.get(number) else { return Vec::new() };
        let (wanted, address, key): (&dyn Fn(&Edge) -> bool, IpAddr, _) = match &came.from {
            Opener::Outside(_, ports) => {
                let mut all = BTreeMap::new();
                ports.iter().for_each(|&(slot, ports)| add(&mut all, slot, ports));
                return words(&all);
            }
            Opener::Inside(from, address) => {
                let from = land.engine.ground.component.interface(*from);
                let sender = match from.unlisted() {
                    Some(_) => Sender::Unheld(from.vpc()),
                    None => Sender::Held(from.vpc()),
                };
                (&move |edge: &Edge| edge.from == sender, *address, Some(from.index()))
            }
            Opener::Stranger(address) => {
                (&|edge: &Edge| !matches!(edge.from, Sender::Held(_)), *address, None)
            }
        };
        let key = key.map(|from| (component, number, from, certain));
        if let Some(known) = key.and_then(|key| self.steps.get(&key)) {
            return known.clone();
        }
        let mut all = BTreeMap::new();
        for edge in door.edges.iter().filter(|edge| wanted(edge)) {
            if certain && edge.certainty != Certainty::Certain {
                continue;
            }
            for row in rows(edge.space, &land.engine.sets) {
                if land.engine.sets.contains(row.peers, address) {
                    add(&mut all, row.slot, row.ports);
                }
            }
        }
        let ports = words(&all);
        if let Some(key) = key {
            self.steps.insert(key, ports.clone());
        }
        ports
    }

    /// Whether a host opens connections to what is outside.
    fn outward(&mut self, host: &Host) -> Outward {
        let mut all = Outward {
            internet: OutwardWay::No,
            internet_ports: Vec::new(),
            network: OutwardWay::No,
        };
        let mut ports: BTreeSet<String> = BTreeSet::new();
        let Ok(at) = self.radius.lands.binary_search_by_key(&host.component, |land| land.id) else {
            return all;
        };
        let Some(land) = self.radius.lands.get_mut(at) else { return all };
        let component = std::sync::Arc::clone(&land.engine.ground.component);
        for &interface in &host.interfaces {
            for held in land.engine.held(Direction::Egress, component.interface(interface)) {
                let key = (host.component, held.class);
                let one = match self.outward.get(&key) {
                    Some(known) => known.clone(),
                    None => outward_of(land, &held.class),
                };
                all.internet = all.internet.min(one.internet);
                all.network = all.network.min(one.network);
                ports.extend(one.internet_ports.iter().cloned());
                self.outward.insert(key, one);
            }
        }
        all.internet_ports = ports.into_iter().collect();
        all
    }
}

fn outward_of(land: &mut Land, class: &Class) -> Outward {
    let mut lanes = land.engine.lanes(Direction::Egress, class);
    lanes.retain(|lane| lane.audience != Audience::Estate);
    let mut all =
        Outward { internet: OutwardWay::No, internet_ports: Vec::new(), network: OutwardWay::No };
    let mut ports = BTreeMap::new();
    for (audience, parts) in land.engine.parts(&lanes, &OwnAddresses::default()) {
        for part in parts {
            let way = match part.certainty {
                Certainty::Certain => OutwardWay::Certain,
                Certainty::Possible => OutwardWay::Possible,
            };
            match audience {
                Audience::Internet => {
                    all.internet = all.internet.min(way);
                    for row in rows(part.space, &land.engine.sets) {
                        add(&mut ports, row.slot, row.ports);
                    }
                }
                Audience::Network => all.network = all.network.min(way),
                Audience::Estate => {}
            }
        }
    }
    all.internet_ports = words(&ports);
    all
}

/// The ports that those within reach open at each interface.
fn opened(radius: &mut Radius) -> BTreeMap<Spot, Opened> {
    let mut all: BTreeMap<Spot, Opened> = BTreeMap::new();
    for certain in [true, false] {
        let spread = if certain { &radius.certain } else { &radius.possible };
        let place = usize::from(!certain);
        for land in &mut radius.lands {
            let ids = land.engine.ground.component.interfaces.ids();
            let held = |&id: &NetworkInterfaceId| spread.arrivals.contains_key(&(land.id, id));
            let held: Vec<NetworkInterfaceId> = ids.filter(held).collect();
            let [by_vpc, unlisted] = by_vpc(land, held.into_iter());
            let sets = &mut land.engine.sets;
            let strangers = sets.intern(radius.start.strangers.clone());
            for door in &land.doors {
                let mut ports = BTreeMap::new();
                for edge in &door.edges {
                    if certain && edge.certainty != Certainty::Certain {
                        continue;
                    }
                    let peers = match edge.from {
                        Sender::Held(vpc) => by_vpc.get(&vpc).copied().unwrap_or(IpSetId::EMPTY),
                        Sender::Unheld(vpc) if !certain => {
                            let perhaps = unlisted.get(&vpc).copied().unwrap_or(IpSetId::EMPTY);
                            land.engine.sets.union(strangers, perhaps)
                        }
                        Sender::Unheld(_) | Sender::Outside => strangers,
                    };
                    if !land.engine.sets.intersects(edge.peers, peers) {
                        continue;
                    }
                    for row in rows(edge.space, &land.engine.sets) {
                        if land.engine.sets.intersects(row.peers, peers) {
                            add(&mut ports, row.slot, row.ports);
                        }
                    }
                }
                if ports.is_empty() {
                    continue;
                }
                if let LeadsTo::Target(behind) = &door.leads_to {
                    let own = PortRange::single(behind.entrance.target.port);
                    ports.clear();
                    add(&mut ports, Slot::Of(behind.entrance.protocol), own);
                }
                for to in door.reached() {
                    let opened = all.entry((land.id, to)).or_default();
                    if let Some(known) = opened.get_mut(place) {
                        merge(known, &ports);
                    }
                }
            }
        }
        for (&spot, arrival) in &spread.arrivals {
            if let Some(Came { from: Opener::Outside(_, ports), to, .. }) = &arrival.came
                && *to == spot.1
                && let Some(known) = all.entry(spot).or_default().get_mut(place)
            {
                ports.iter().for_each(|&(slot, ports)| add(known, slot, ports));
            }
        }
    }
    all
}

fn add(all: &mut BTreeMap<Slot, PortSet>, slot: Slot, ports: PortRange) {
    let known = all.entry(slot).or_insert_with(PortSet::empty);
    *known = known.union(&ports.into());
}

fn merge(all: &mut BTreeMap<Slot, PortSet>, more: &BTreeMap<Slot, PortSet>) {
    for (&slot, ports) in more {
        let known = all.entry(slot).or_insert_with(PortSet::empty);
        *known = known.union(ports);
    }
}

/// `tcp/22`, `tcp/8000-8080`, `icmp/8`, `proto/50`, `other`.
fn words(all: &BTreeMap<Slot, PortSet>) -> Vec<String> {
    let mut words = Vec::new();
    for (slot, ports) in all {
        match slot {
            Slot::Other => words.extend((!ports.is_empty()).then(|| "other".to_owned())),
            Slot::Of(protocol @ Protocol::Other(_)) => {
                words.extend((!ports.is_empty()).then(|| protocol.to_string()));
            }
            Slot::Of(protocol) => {
                for range in ports.ranges() {
                    let texts = selector_display(*protocol, range);
                    words.extend(texts.into_iter().map(|text| format!("{protocol}/{text}")));
                }
            }
        }
    }
    words
}

/// The id and the name of the host that has an interface.
pub(super) fn called(network: &Network, (component, interface): Spot) -> (String, String) {
    let component = &network.components[component];
    let interface = component.interface(interface);
    let instance = interface.instance().map(|id| &component.instances[id]);
    let id = instance.map_or(interface.id(), |instance| instance.id);
    let name = instance.map(|it| network.text(it.name)).filter(|name| !name.is_empty());
    (network.text(id).to_owned(), name.unwrap_or(network.text(interface.name())).to_owned())
}

fn first_of(host: &Host) -> NetworkInterfaceId {
    host.interfaces
        .first()
        .copied()
        .unwrap_or(<NetworkInterfaceId as crate::model::Id>::from_index(0))
}

fn internet(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(at) => crate::net::internet_v4().contains(at.to_bits()),
        IpAddr::V6(_) => false,
    }
}

fn block_v4(first: u32, last: u32) -> String {
    let text = Ipv4Addr::from_bits(first).to_string();
    if first == last {
        return text;
    }
    format!("{text}/{}", 32_u32.saturating_sub((last ^ first).count_ones()))
}

fn block_v6(first: u128, last: u128) -> String {
    let text = Ipv6Addr::from_bits(first).to_string();
    if first == last {
        return text;
    }
    format!("{text}/{}", 128_u32.saturating_sub((last ^ first).count_ones()))
}
