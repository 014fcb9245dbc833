//! What the facts of a component mean, packet aside: which ACL and table a
//! subnet has, who holds which addresses, what gateways are there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::route::{self, Hop, RoadId, Routes};
use super::transit::Leg;
use super::truth::Truth;
use super::world::World;
use crate::model::{
    Attachment, BlockMode, Component, ComponentId, Direction, EgressOnlyInternetGatewayId,
    ExclusionMode, IdVec, InstanceId, InstanceState, Interface, InterfaceKind, InternetGatewayId,
    Listing, Network, NetworkAclId, NetworkInterfaceId, Peer, RouteTableId, RouteTarget,
    SecurityGroupId, SecurityGroupRule, SubnetId, TextId, VpcEndpointId, VpcId,
};
use crate::net::{Bounds, IpSet, IpSetId, IpSets};

/// What subnets have in common that behave alike.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Site {
    /// The VPC.
    pub(crate) vpc: VpcId,
    /// The network ACL, none if it is not known.
    pub(crate) acl: Option<NetworkAclId>,
    /// The route table, none if it is not known.
    pub(crate) table: Option<RouteTableId>,
    /// The same with what lies behind transit gateways.
    pub(crate) road: Option<RoadId>,
    /// Whether a transit gateway has an interface in the subnet.
    pub(crate) attached: bool,
    /// Whether a relay stands in the subnet.
    pub(crate) relay: bool,
    /// Whether Block Public Access lets connections in from the internet.
    pub(crate) inbound: Truth,
    /// Whether it lets connections out through an internet gateway.
    pub(crate) outbound: Truth,
    /// Whether it lets connections out of a NAT gateway or an egress-only
    /// internet gateway.
    pub(crate) translated: Truth,
}

/// The meaning of a component's facts.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) component: Arc<Component>,
    pub(crate) sites: IdVec<SubnetId, Site>,
    pub(crate) routes: IdVec<RouteTableId, Routes>,
    /// Tables, with what lies behind transit gateways.
    roads: Vec<Routes>,
    /// Tables that lead to transit gateways, as they stand.
    pub(super) bare_roads: BTreeMap<RouteTableId, RoadId>,
    /// Whether any road leads through transit gateways, or some subnet has an interface of one.
    pub(crate) far: bool,
    /// The groups that a rule names, or named before an edit.
    pub(crate) referenced: BTreeSet<SecurityGroupId>,
    /// The members of groups that a rule names, by group and VPC.
    pub(crate) members: BTreeMap<(SecurityGroupId, VpcId), Bounds>,
    /// The addresses at which members may be whose interfaces nobody listed.
    pub(crate) unlisted_members: BTreeMap<(SecurityGroupId, VpcId), IpSetId>,
    /// Addresses in the blocks of a seen VPC that no interface holds.
    pub(crate) unheld: IdVec<VpcId, IpSetId>,
    /// The blocks of a VPC as the source gives them.
    pub(crate) blocks: IdVec<VpcId, IpSetId>,
    /// Addresses that two interfaces hold: nothing about them is certain.
    pub(crate) doubtful: IdVec<VpcId, IpSetId>,
    /// The addresses of a subnet's interfaces.
    pub(crate) held_in_subnet: IdVec<SubnetId, IpSetId>,
    /// The addresses that interfaces which nobody listed may have in a subnet.
    pub(crate) unlisted_in_subnet: BTreeMap<SubnetId, IpSetId>,
    /// Whether packets from the internet arrive in the VPC.
    pub(crate) arrival: IdVec<VpcId, Truth>,
    /// The addresses to which the VPC's gateways hand packets from the internet.
    pub(crate) gate: IdVec<VpcId, Bounds>,
    /// The addresses to which they hand packets through a firewall, by VPC and endpoint.
    pub(crate) inspected_gate: BTreeMap<(VpcId, VpcEndpointId), IpSetId>,
    /// Interfaces that forward packets and that a route names.
    pub(crate) relays: Vec<NetworkInterfaceId>,
    /// The interfaces of hosts with several.
    pub(crate) hosts: BTreeMap<InstanceId, Vec<NetworkInterfaceId>>,
    /// The interfaces of instances, where load balancers may have them as targets.
    pub(crate) by_instance: BTreeMap<InstanceId, Vec<NetworkInterfaceId>>,
    /// The blocks of peerings' sides.
    pub(crate) side_blocks: BTreeMap<IpSet, IpSetId>,
    pub(crate) internet: IpSetId,
    pub(crate) seen_blocks: IpSetId,
    /// Blocks of seen VPCs of other components, and what hosts there hold.
    pub(crate) elsewhere: IpSetId,
    /// The IPv6 addresses of those who may be members of a group, in any VPC.
    pub(crate) members_online: BTreeMap<SecurityGroupId, IpSetId>,
    /// What the listings call a target's zone that all nodes use.
    pub(crate) all_zones: Option<TextId>,
    /// Whether interfaces hold addresses outside the blocks that were seen.
    pub(crate) strays: bool,
}

impl Ground {
    pub(crate) fn of(network: &Network, world: &World, id: ComponentId, sets: &mut IpSets) -> Self {
        let component = Arc::clone(&network.components[id]);
        let routes: IdVec<RouteTableId, Routes> = component
            .route_tables
            .iter()
            .map(|table| route::compile(&component, table, sets))
            .collect();
        let relays = relays(&component);
        let mut ground = Self {
            component: Arc::clone(&component),
            sites: IdVec::default(),
            routes,
            roads: Vec::new(),
            bare_roads: BTreeMap::new(),
            far: false,
            referenced: BTreeSet::new(),
            members: BTreeMap::new(),
            unlisted_members: BTreeMap::new(),
            unheld: IdVec::default(),
            blocks: IdVec::default(),
            doubtful: IdVec::default(),
            held_in_subnet: IdVec::default(),
            unlisted_in_subnet: BTreeMap::new(),
            arrival: IdVec::default(),
            gate: IdVec::default(),
            inspected_gate: BTreeMap::new(),
            relays,
            hosts: BTreeMap::new(),
            by_instance: BTreeMap::new(),
            side_blocks: BTreeMap::new(),
            internet: sets.intern(world.internet.clone()),
            seen_blocks: sets.intern(world.blocks.clone()),
            elsewhere: sets.intern(world.elsewhere(id)),
            members_online: BTreeMap::new(),
            all_zones: network.text.find("all"),
            strays: false,
        };
        ground.find_side_blocks(sets);
        ground.find_sites();
        ground.find_roads(sets);
        ground.find_holders(sets);
        let held = sets.union_all(ground.held_in_subnet.iter().copied());
        let held = sets.union(held, ground.elsewhere);
        ground.strays = !sets.is_subset(held, ground.seen_blocks);
        let referenced = named_groups(component.security_groups.iter().flat_map(|it| &it.rules));
        ground.find_members(&referenced, sets);
        ground.find_gates(sets);
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            if let Some(instance) = interface.instance() {
                ground.hosts.entry(instance).or_default().push(interface.index());
            }
        }
        if !component.load_balancers.is_empty() {
            ground.by_instance.clone_from(&ground.hosts);
        }
        ground.hosts.retain(|_, interfaces| interfaces.len() > 1);
        ground
    }

    /// All addresses of the interface's host.
    pub(crate) fn own_addresses(&self, interface: Interface<'_>) -> Vec<Interface<'_>> {
        // Any of the addresses that it may have is as likely somebody else's.
        if interface.unlisted().is_some() {
            return Vec::new();
        }
        let own = vec![self.component.interface(interface.index())];
        let Some(instance) = interface.instance() else { return own };
        match self.hosts.get(&instance) {
            Some(all) => all.iter().map(|&id| self.component.interface(id)).collect(),
            None => own,
        }
    }

    fn find_sites(&mut self) {
        let component = Arc::clone(&self.component);
        let mut tables: BTreeMap<SubnetId, Vec<RouteTableId>> = BTreeMap::new();
        let mut mains: BTreeMap<VpcId, Vec<RouteTableId>> = BTreeMap::new();
        for (id, table) in component.route_tables.entries() {
            for subnet in table.subnets.iter().copied().collect::<BTreeSet<_>>() {
                tables.entry(subnet).or_default().push(id);
            }
            if table.main {
                mains.entry(table.vpc).or_default().push(id);
            }
        }
        let mut acls: BTreeMap<SubnetId, Vec<NetworkAclId>> = BTreeMap::new();
        let mut defaults: BTreeMap<VpcId, Vec<NetworkAclId>> = BTreeMap::new();
        for (id, acl) in component.network_acls.entries() {
            for subnet in acl.subnets.iter().copied().collect::<BTreeSet<_>>() {
                acls.entry(subnet).or_default().push(id);
            }
            if acl.is_default {
                defaults.entry(acl.vpc).or_default().push(id);
            }
        }
        let attached = self.find_attached();
        self.far = !attached.is_empty();
        let with_relay: BTreeSet<SubnetId> = self
            .relays
            .iter()
            .map(|&relay| component.interface(relay))
            .filter(|relay| relay.seen())
            .map(Interface::subnet)
            .collect();
        for (id, subnet) in component.subnets.entries() {
            let acl = only(acls.get(&id).or_else(|| defaults.get(&subnet.vpc)));
            let table = only(tables.get(&id).or_else(|| mains.get(&subnet.vpc)));
            let (inbound, outbound, translated) = self.block_public_access(id);
            let site = Site {
                vpc: subnet.vpc,
                acl: acl.filter(|&acl| !component.network_acls[acl].contested),
                table: table.filter(|&table| matches!(self.routes[table], Routes::Known(_))),
                road: None,
                attached: attached.contains(&id),
                relay: with_relay.contains(&id),
                inbound,
                outbound,
                translated,
            };
            self.sites.push(site);
        }
    }

    /// Finds where roads lead: one for each table, or for each table and zone where
    /// it leads to a transit gateway.
    fn find_roads(&mut self, sets: &mut IpSets) {
        let over: IdVec<RouteTableId, bool> = self.routes.iter().map(Self::leads_over).collect();
        for (table, _) in over.entries().filter(|(_, over)| **over) {
            self.far = true;
            self.bare_roads.insert(table, RoadId(self.roads.len()));
            self.roads.push(self.routes[table].clone());
        }
        let inspected: IdVec<RouteTableId, bool> =
            self.routes.iter().map(|routes| self.leads_inspected(routes)).collect();
        let with_firewall = self.firewall_subnets();
        let mut known = BTreeMap::new();
        let subnets: Vec<SubnetId> = self.sites.ids().collect();
        for subnet in subnets {
            let Site { table: Some(table), attached, .. } = self.sites[subnet] else { continue };
            let vpc = self.sites[subnet].vpc;
            let key = match over[table] || inspected[table] {
                true => {
                    let zone = self.component.subnets[subnet].zone;
                    let itself = attached || with_firewall.contains(&subnet);
                    (table, Some((vpc, zone, itself.then_some(subnet))))
                }
                false => (table, None),
            };
            let road = match known.get(&key) {
                Some(&road) => road,
                None => {
                    let routes = match over[table] {
                        true => self.road(subnet, &self.routes[table], sets),
                        false => self.routes[table].clone(),
                    };
                    let routes = match inspected[table] {
                        true => self.inspected_road((vpc, Some(subnet)), routes, sets),
                        false => routes,
                    };
                    let road = RoadId(self.roads.len());
                    self.roads.push(routes);
                    known.insert(key, road);
                    road
                }
            };
            self.sites[subnet].road = Some(road);
        }
    }

    /// Whether a road leads through transit gateways.
    pub(super) fn leads_far(&self, road: Option<RoadId>) -> bool {
        let regions = self.road_regions(road).unwrap_or_default();
        regions.iter().any(|(hops, _)| hops.iter().any(|hop| matches!(hop, Hop::Over { .. })))
    }

    /// The ways through transit gateways to NAT gateways.
    pub(super) fn exits_over(&self, road: Option<RoadId>) -> BTreeSet<Leg> {
        let regions = self.road_regions(road).unwrap_or_default();
        let exit = |hop: &Hop| match *hop {
            Hop::Over { leg, target: RouteTarget::NatGateway(_), .. } => Some(leg),
            Hop::Over { .. }
            | Hop::To { .. }
            | Hop::Inspected { .. }
            | Hop::Nowhere
            | Hop::Dropped => None,
        };
        regions.iter().flat_map(|(hops, _)| hops).filter_map(exit).collect()
    }

    /// The regions of a road; `None`: nothing is known of it.
    pub(super) fn road_regions(&self, road: Option<RoadId>) -> Option<&[(Vec<Hop>, IpSetId)]> {
        match self.roads.get(road?.0) {
            Some(Routes::Known(regions)) => Some(regions),
            Some(Routes::Unknown) | None => None,
        }
    }

    /// What Block Public Access lets in, out through an internet gateway, and
    /// out otherwise.
    fn block_public_access(&self, id: SubnetId) -> (Truth, Truth, Truth) {
        let subnet = &self.component.subnets[id];
        let Some(block) = &self.component.scopes[subnet.scope].block_public_access else {
            return (Truth::Yes, Truth::Yes, Truth::Yes);
        };
        let vpc = self.component.vpcs[subnet.vpc].id;
        let excluded: Vec<ExclusionMode> = block
            .exclusions
            .iter()
            .flatten()
            .filter(|exclusion| exclusion.resource == subnet.id || exclusion.resource == vpc)
            .map(|exclusion| exclusion.mode)
            .collect();
        let has = |mode: ExclusionMode| excluded.contains(&mode);
        let both = has(ExclusionMode::Bidirectional);
        let egress = has(ExclusionMode::Egress);
        let blocked = match block.exclusions {
            Some(_) if !has(ExclusionMode::Unknown) => Truth::No,
            Some(_) | None => Truth::Maybe,
        };
        let unless = |excluded: bool, otherwise: Truth| {
            if excluded { Truth::Yes } else { otherwise }
        };
        match block.mode {
            BlockMode::Off => (Truth::Yes, Truth::Yes, Truth::Yes),
            BlockMode::Bidirectional => {
                let out = unless(both || egress, blocked);
                (unless(both, blocked), out, out)
            }
            BlockMode::Ingress => {
                let out = if egress { Truth::Maybe } else { blocked };
                (unless(both, blocked), unless(both, out), Truth::Yes)
            }
            BlockMode::Unknown => {
                let unless = |excluded: bool| unless(excluded, Truth::Maybe);
                (unless(both), unless(both), unless(both || egress))
            }
        }
    }

    fn find_holders(&mut self, sets: &mut IpSets) {
        let component = Arc::clone(&self.component);
        let mut held: IdVec<VpcId, Vec<IpSet>> =
            component.vpcs.iter().map(|_| Vec::new()).collect();
        let mut by_subnet: IdVec<SubnetId, Ranges> =
            component.subnets.iter().map(|_| Ranges::default()).collect();
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            held[interface.vpc()].push(addresses(interface));
            let subnet = &mut by_subnet[interface.subnet()];
            subnet.0.extend(interface.ipv4().iter().map(|held| (held.first, held.last)));
            subnet.1.extend(interface.ipv6().iter().map(|held| (held.first, held.last)));
        }
        for (v4, v6) in by_subnet.iter_mut() {
            let set = IpSet {
                v4: std::mem::take(v4).into_iter().collect(),
                v6: std::mem::take(v6).into_iter().collect(),
            };
            self.held_in_subnet.push(sets.intern(set));
        }
        for interface in component.unlisted() {
            let more = sets.intern(addresses(interface));
            let known = self.unlisted_in_subnet.entry(interface.subnet()).or_insert(IpSetId::EMPTY);
            *known = sets.union(*known, more);
        }
        let mut translators: BTreeMap<VpcId, Vec<(u32, u32)>> = BTreeMap::new();
        for nat in component.nat_gateways.iter() {
            let private = nat.addresses.iter().filter_map(|address| address.private);
            translators.entry(nat.vpc).or_default().extend(private.map(|at| (at, at)));
        }
        for (id, vpc) in component.vpcs.entries() {
            let blocks = IpSet {
                v4: vpc.ipv4.iter().copied().collect(),
                v6: vpc.ipv6.iter().copied().collect(),
            };
            let all = &held[id];
            let mut v4: Vec<_> =
                all.iter().flat_map(|set| set.v4.ranges().iter().copied()).collect();
            let mut v6: Vec<_> =
                all.iter().flat_map(|set| set.v6.ranges().iter().copied()).collect();
            let twice = IpSet { v4: twice(&mut v4), v6: twice(&mut v6) };
            v4.extend(translators.remove(&id).unwrap_or_default());
            let taken = IpSet { v4: v4.into_iter().collect(), v6: v6.into_iter().collect() };
            let free = if vpc.seen { blocks.difference(&taken) } else { IpSet::empty() };
            self.blocks.push(sets.intern(blocks));
            self.unheld.push(sets.intern(free));
            self.doubtful.push(sets.intern(twice));
        }
    }

    /// Finds the members of groups that rules name.
    pub(crate) fn find_members(
        &mut self,
        referenced: &BTreeSet<SecurityGroupId>,
        sets: &mut IpSets,
    ) {
        if referenced.is_empty() {
            return;
        }
        self.referenced.extend(referenced);
        let component = Arc::clone(&self.component);
        let mut sure: BTreeMap<(SecurityGroupId, VpcId), Vec<IpSet>> = BTreeMap::new();
        let mut contested: BTreeMap<VpcId, Vec<IpSet>> = BTreeMap::new();
        let mut perhaps: BTreeMap<(SecurityGroupId, VpcId), Vec<IpSet>> = BTreeMap::new();
        for interface in component.unlisted() {
            let worn = component.group_sets[interface.group_set()].iter();
            let of: Vec<SecurityGroupId> = match interface.contested() {
                true => referenced.iter().copied().collect(),
                false => worn.filter(|group| referenced.contains(group)).copied().collect(),
            };
            for group in of {
                let key = (group, interface.vpc());
                perhaps.entry(key).or_default().push(addresses(interface));
                sure.entry(key).or_default();
            }
        }
        for interface in component.interfaces.iter().filter(|interface| interface.seen()) {
            if interface.contested() {
                contested.entry(interface.vpc()).or_default().push(addresses(interface));
                continue;
            }
            for &group in &component.group_sets[interface.group_set()] {
                if referenced.contains(&group) {
                    sure.entry((group, interface.vpc())).or_default().push(addresses(interface));
                }
            }
        }
        // Whether a contested interface is a member is not known.
        for &vpc in contested.keys() {
            for &group in referenced {
                sure.entry((group, vpc)).or_default();
            }
        }
        for ((group, vpc), members) in sure {
            let members = sets.intern(join(&members));
            let certain = sets.difference(members, self.doubtful[vpc]);
            let doubted = contested.get(&vpc).map_or(IpSetId::EMPTY, |all| sets.intern(join(all)));
            let certain = sets.difference(certain, doubted);
            let unlisted = perhaps.get(&(group, vpc));
            let unlisted = unlisted.map_or(IpSetId::EMPTY, |all| sets.intern(join(all)));
            if !unlisted.is_empty() {
                self.unlisted_members.insert((group, vpc), unlisted);
            }
            let possible = sets.union(members, doubted);
            let possible = sets.union(possible, unlisted);
            let bounds = Bounds::between(certain, possible, sets);
            self.members.insert((group, vpc), bounds);
            let online = sets.intersection(possible, IpSetId::ALL_V6);
            let all = self.members_online.entry(group).or_default();
            *all = sets.union(*all, online);
        }
    }

    fn find_gates(&mut self, sets: &mut IpSets) {
        let component = Arc::clone(&self.component);
        let mut attached: BTreeMap<VpcId, BTreeSet<TextId>> = BTreeMap::new();
        for gateway in component.internet_gateways.iter().filter(|gateway| gateway.seen) {
            for attachment in gateway.attachments.iter().filter(|attachment| attachment.attached) {
                attached.entry(attachment.vpc).or_default().insert(gateway.id);
            }
        }
        // One that was not seen may be attached to any VPC.
        let unseen = component.internet_gateways.iter().any(|gateway| !gateway.seen);
        for (id, vpc) in component.vpcs.entries() {
            let listings = component.scopes[vpc.scope].listings;
            let listed = !unseen && listings.contains(Listing::InternetGateways);
            let arrival = match attached.get(&id) {
                Some(_) => Truth::Yes,
                None if listed => Truth::No,
                None => Truth::Maybe,
            };
            self.arrival.push(arrival);
            let tables: Vec<RouteTableId> = component
                .route_tables
                .entries()
                .filter(|(_, table)| {
                    let at =
                        |gateway: &TextId| attached.get(&id).is_some_and(|at| at.contains(gateway));
                    table.gateways.iter().any(|association| at(&association.gateway))
                })
                .map(|(table, _)| table)
                .collect();
            let gate = match *tables.as_slice() {
                [] => Bounds::ALL,
                [table] => self.gate_of(table, sets),
                _ => Bounds::UNKNOWN,
            };
            self.gate.push(gate);
            let alone = attached.get(&id).is_some_and(|gateways| gateways.len() == 1);
            if let ([table], true) = (tables.as_slice(), alone) {
                let routes = self.routes[*table].clone();
                self.find_inspected_gate(id, &routes, sets);
            }
        }
    }

    fn gate_of(&self, table: RouteTableId, sets: &mut IpSets) -> Bounds {
        let Routes::Known(regions) = &self.routes[table] else { return Bounds::UNKNOWN };
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for (hops, region) in regions {
            let passes = |hop: &Hop, sets: &mut IpSets| match *hop {
                Hop::Nowhere => Bounds::ALL,
                Hop::Dropped => Bounds::EMPTY,
                Hop::To { target: RouteTarget::Local, sure, .. } => {
                    if sure {
                        Bounds::ALL
                    } else {
                        Bounds::UNKNOWN
                    }
                }
                Hop::To { target: RouteTarget::NetworkInterface(relay), .. } => {
                    let passed = Bounds::at_most(self.relayed(relay));
                    let own = sets.intern(addresses(self.component.interface(relay)));
                    passed.union(&Bounds::exact(own), sets)
                }
                Hop::To { .. } | Hop::Over { .. } | Hop::Inspected { .. } => Bounds::UNKNOWN,
            };
            let (mut all, mut any) = (*region, IpSetId::EMPTY);
            for hop in hops {
                let passes = passes(hop, sets);
                all = sets.intersection(all, passes.certain());
                any = sets.union(any, passes.possible());
            }
            certain.push(all);
            possible.push(sets.intersection(any, *region));
        }
        let certain = sets.union_all(certain);
        let possible = sets.union_all(possible);
        Bounds::between(certain, possible, sets)
    }

    /// The destinations that a relay may pass on.
    pub(crate) fn relayed(&self, relay: NetworkInterfaceId) -> IpSetId {
        let relay = self.component.interface(relay);
        match relay.source_dest_check() {
            _ if !relay.seen() => IpSetId::ALL,
            Some(true) if !relay.contested() => IpSetId::EMPTY,
            Some(_) | None if self.host(relay) == Truth::No => IpSetId::EMPTY,
            Some(_) | None => IpSetId::ALL,
        }
    }

    /// Whether something is there to answer.
    pub(crate) fn host(&self, interface: Interface<'_>) -> Truth {
        let attached = match interface.attachment() {
            Attachment::Attached => Truth::Yes,
            Attachment::Detached => Truth::No,
            Attachment::Unknown => Truth::Maybe,
        };
        let runs = match interface.instance().map(|id| self.component.instances[id].state) {
            Some(InstanceState::Stopped) => Truth::No,
            Some(InstanceState::Unknown) => Truth::Maybe,
            Some(InstanceState::Running | InstanceState::NotCollected) | None => Truth::Yes,
        };
        let host = attached.and(runs);
        if interface.contested() { host_contested() } else { host }
    }

    /// Whether internet gateways may hand IPv6 to the interface.
    pub(crate) fn online(interface: Interface<'_>) -> Truth {
        interface.deny_all_igw_traffic().map_or(Truth::Maybe, |deny| Truth::from(!deny))
    }

    /// Whether packets of an interface of this kind are judged.
    pub(crate) fn kind(&self, direction: Direction, interface: Interface<'_>) -> Truth {
        match interface.kind() {
            InterfaceKind::Host => Truth::Yes,
            InterfaceKind::NatGateway | InterfaceKind::TransitGateway => Truth::No,
            // It answers, and begins nothing.
            InterfaceKind::VpcEndpoint
                if direction == Direction::Egress
                    && self.component.endpoint_of(interface.index()).is_some() =>
            {
                Truth::No
            }
            // It takes part only in connections that people open through it.
            InterfaceKind::RemoteAccess => match direction {
                Direction::Ingress => Truth::No,
                Direction::Egress => match self.component.remote_endpoint_of(interface.index()) {
                    Some(_) => Truth::Yes,
                    None => Truth::Maybe,
                },
            },
            InterfaceKind::LoadBalancer | InterfaceKind::VpcEndpoint | InterfaceKind::Managed => {
                Truth::Maybe
            }
        }
    }

    /// Whether the egress-only gateway is attached to the VPC.
    pub(crate) fn egress_only_at(&self, id: EgressOnlyInternetGatewayId, vpc: VpcId) -> Truth {
        let gateway = &self.component.egress_only_internet_gateways[id];
        let at = gateway.attachments.iter().any(|at| at.attached && at.vpc == vpc);
        if gateway.seen { at.into() } else { Truth::Maybe }
    }

    /// Whether the gateway is attached to the VPC.
    pub(crate) fn gateway_at(&self, gateway: InternetGatewayId, vpc: VpcId) -> Truth {
        let gateway = &self.component.internet_gateways[gateway];
        let at = gateway.attachments.iter().any(|at| at.attached && at.vpc == vpc);
        if gateway.seen { at.into() } else { Truth::Maybe }
    }

    /// Whether interfaces of the VPC may be missing from the source.
    pub(crate) fn may_miss_interfaces(&self, vpc: VpcId) -> bool {
        let scope = &self.component.scopes[self.component.vpcs[vpc].scope];
        !scope.listings.contains(Listing::NetworkInterfaces)
    }
}

/// The groups that rules name.
pub(crate) fn named_groups<'r>(
    rules: impl Iterator<Item = &'r SecurityGroupRule>,
) -> BTreeSet<SecurityGroupId> {
    rules
        .filter_map(|rule| match rule.peer {
            Peer::SecurityGroup { group, stale: false } => Some(group),
            Peer::SecurityGroup { stale: true, .. }
            | Peer::Ipv4(_)
            | Peer::Ipv6(_)
            | Peer::PrefixList(_)
            | Peer::Unknown(_) => None,
        })
        .collect()
}

/// Ranges of both families.
type Ranges = (Vec<(u32, u32)>, Vec<(u128, u128)>);

/// Nothing about a contested interface is certain, not even that it is off.
fn host_contested() -> Truth {
    Truth::Maybe
}

/// What is in any of the sets, joined in one step.
pub(crate) fn join(all: &[IpSet]) -> IpSet {
    IpSet {
        v4: all.iter().flat_map(|set| set.v4.ranges().iter().copied()).collect(),
        v6: all.iter().flat_map(|set| set.v6.ranges().iter().copied()).collect(),
    }
}

/// The addresses that an interface holds.
pub(crate) fn addresses(interface: Interface<'_>) -> IpSet {
    IpSet {
        v4: interface.ipv4().iter().map(|held| (held.first, held.last)).collect(),
        v6: interface.ipv6().iter().map(|held| (held.first, held.last)).collect(),
    }
}

/// The one id, none if there are several or none.
fn only<T: Copy>(ids: Option<&Vec<T>>) -> Option<T> {
    match ids.map(Vec::as_slice) {
        Some(&[id]) => Some(id),
        Some(_) | None => None,
    }
}

/// What two of the ranges share; sorts them.
pub(crate) fn twice<A: crate::net::Address>(ranges: &mut [(A, A)]) -> crate::net::RangeSet<A> {
    ranges.sort_unstable();
    let mut reach: Option<A> = None;
    let mut found = Vec::new();
    for &(first, last) in ranges.iter() {
        if let Some(end) = reach.filter(|end| *end >= first) {
            found.push((first, end.min(last)));
        }
        reach = Some(reach.map_or(last, |end| end.max(last)));
    }
    crate::net::RangeSet::from_ranges(found)
}

/// Interfaces that may forward packets and that some route names.
fn relays(component: &Component) -> Vec<NetworkInterfaceId> {
    let mut named = BTreeSet::new();
    for route in component.route_tables.iter().flat_map(|table| &table.routes) {
        if let RouteTarget::NetworkInterface(interface) = route.target
            && let relay = component.interface(interface)
            && relay.seen()
            && (relay.source_dest_check() != Some(true) || relay.contested())
        {
            named.insert(interface);
        }
    }
    named.into_iter().collect()
}
