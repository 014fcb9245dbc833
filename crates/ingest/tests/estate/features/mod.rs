//! What a flow touches: the forms of the rules, entries, routes and things at
//! its two ends. The laws print how often each is met and fail if one never is.

mod names;

use std::collections::BTreeSet;

use portolan::model::{
    AttachedResource, Attachment, AttachmentState, BlockMode, Component, ComponentId, Destination,
    Direction, EndpointService, ExclusionMode, InstanceState, Interface, InterfaceKind, Listing,
    NatConnectivity, NatState, Network, NetworkAcl, NetworkAclEntry, NetworkInterfaceId, Peer,
    PeeringStatus, RemoteEndpoint, Route, RouteOrigin, RouteState, RouteTable, RouteTarget,
    RoutesGiven, SecurityGroupId, SecurityGroupRule, TransitGatewayAssociation, VpcEndpointKind,
    VpcId,
};
use portolan::net::{Match, PortRange, Protocol};
use portolan::reach::spec::{End, Flow};

use super::flows::interface_at;
pub(crate) use names::ALL;

/// Names of features.
pub(crate) type Features = BTreeSet<&'static str>;

/// What a flow touches.
pub(crate) fn of_flow(network: &Network, flow: &Flow) -> Features {
    let mut found = Features::new();
    let ends = [interface_at(network, flow.from), interface_at(network, flow.to)];
    for (at, interface) in ends.into_iter().flatten() {
        Describe { network, at, component: &network.components[at], found: &mut found }
            .interface(interface);
    }
    of_ends(network, flow, ends, &mut found);
    found
}

fn of_ends(
    network: &Network,
    flow: &Flow,
    ends: [Option<(ComponentId, NetworkInterfaceId)>; 2],
    found: &mut Features,
) {
    for end in [flow.from, flow.to] {
        if let End::Vpc { component: at, vpc, .. } = end {
            Describe { network, at, component: &network.components[at], found }.absences(vpc);
        }
    }
    match flow.from {
        End::Internet(_) => found.insert("flow from the internet"),
        End::Network(_) => found.insert("flow from the network"),
        End::Vpc { .. } => found.insert("flow from an unheld address"),
        _ => false,
    };
    match flow.to {
        End::Internet(_) => found.insert("flow to the internet"),
        End::Network(_) => found.insert("flow to the network"),
        End::Vpc { .. } => found.insert("flow to an unheld address"),
        End::Public(_) if ends[0].is_some() => found.insert("flow hairpin"),
        End::Public(_) => found.insert("flow to a public address"),
        _ => false,
    };
    if let (End::Vpc { component, vpc, address }, [None, Some((at, interface))]) = (flow.from, ends)
        && address.is_ipv6()
    {
        found.insert(if component != at {
            "flow from an unheld ipv6 of another component"
        } else if vpc != network.components[at].interface(interface).vpc() {
            "flow from an unheld ipv6 of another vpc"
        } else {
            "flow from an unheld ipv6 of its vpc"
        });
    }
    if matches!(flow.protocol, Protocol::Other(_)) {
        found.insert("flow other protocol");
    }
    if flow.from.address().is_ipv6() {
        found.insert("flow ipv6");
    }
    let [Some((one, from)), Some((other, to))] = ends else { return };
    let [from, to] =
        [network.components[one].interface(from), network.components[other].interface(to)];
    if one == other && from.subnet() == to.subnet() {
        found.insert("flow same subnet");
    } else if (one, from.vpc()) != (other, to.vpc()) {
        found.insert("flow beyond the vpc");
        let component = &network.components[one];
        let joins = component.peerings.iter().any(|peering| {
            let sides = [peering.requester.vpc, peering.accepter.vpc];
            sides.contains(&Some(from.vpc())) && sides.contains(&Some(to.vpc()))
        });
        if one == other && joins {
            found.insert("flow over peering");
        }
        let attached = |vpc: VpcId| {
            component.transit_gateway_attachments.iter().any(|attachment| {
                attachment.resource == AttachedResource::Vpc(vpc)
                    && attachment.state != AttachmentState::Gone
            })
        };
        if one == other && attached(from.vpc()) && attached(to.vpc()) {
            found.insert("flow between attached vpcs");
            transit(component, from.vpc(), found);
            transit(component, to.vpc(), found);
        }
        if flow.from.address().is_ipv6() {
            found.insert("flow over ipv6 between vpcs");
        }
    }
}

/// The forms of what the sender's VPC is attached to. Rarer ones are not counted.
fn transit(component: &Component, vpc: VpcId, found: &mut Features) {
    for attachment in component.transit_gateway_attachments.iter() {
        if attachment.resource != AttachedResource::Vpc(vpc) {
            continue;
        }
        match attachment.subnets.as_deref() {
            None => {}
            Some([_]) => {
                found.insert("tgw attachment in one zone");
            }
            Some(_) => {
                found.insert("tgw attachment in several zones");
            }
        }
        for end in &attachment.ends {
            if let TransitGatewayAssociation::RouteTable(table) = end.association {
                match component.transit_gateway_route_tables[table].given {
                    RoutesGiven::All => {
                        found.insert("tgw all routes");
                    }
                    RoutesGiven::Static => {
                        found.insert("tgw static routes");
                    }
                    RoutesGiven::None => {}
                }
            }
            let gateway = &component.transit_gateways[end.gateway];
            if gateway.group_references == Some(true) && attachment.group_references == Some(true) {
                found.insert("tgw references");
            }
        }
    }
}

struct Describe<'n, 'f> {
    network: &'n Network,
    at: ComponentId,
    component: &'n Component,
    found: &'f mut Features,
}

impl<'n> Describe<'n, '_> {
    fn add(&mut self, feature: &'static str) {
        debug_assert!(ALL.contains(&feature), "`{feature}` is not in the list");
        self.found.insert(feature);
    }

    fn add_if(&mut self, so: bool, feature: &'static str) {
        if so {
            self.add(feature);
        }
    }

    fn interface(&mut self, id: NetworkInterfaceId) {
        let interface = self.component.interface(id);
        self.host(interface);
        self.groups(interface);
        self.acl(interface);
        self.routes(interface);
        self.vpc(interface);
        self.absences(interface.vpc());
        self.public_access(interface);
    }

    fn host(&mut self, interface: Interface<'n>) {
        self.add_if(interface.contested(), "eni contested");
        self.add_if(interface.unlisted().is_some(), "eni unlisted");
        match interface.kind() {
            InterfaceKind::Host => {}
            InterfaceKind::NatGateway => self.add("eni of a nat gateway"),
            InterfaceKind::LoadBalancer => self.add("eni load balancer"),
            InterfaceKind::TransitGateway => self.add("eni transit gateway"),
            InterfaceKind::VpcEndpoint => {
                let endpoint = self.component.endpoint_of(interface.index());
                let behind = endpoint.map(|it| &self.component.vpc_endpoints[it].behind);
                self.add("eni endpoint");
                self.add_if(
                    matches!(behind, Some(EndpointService::Provided(_))),
                    "eni endpoint of a service of the estate",
                );
                self.add_if(behind == Some(&EndpointService::Api), "eni endpoint of an api");
            }
            InterfaceKind::RemoteAccess => {
                match self.component.remote_endpoint_of(interface.index()) {
                    Some(RemoteEndpoint::ClientVpn(_)) => self.add("eni of a client vpn"),
                    Some(RemoteEndpoint::InstanceConnect(_)) => {
                        self.add("eni of an instance connect endpoint");
                    }
                    None => {}
                }
            }
            InterfaceKind::Managed => self.add("eni managed"),
        }
        let host = interface.kind() == InterfaceKind::Host;
        self.add_if(host && interface.source_dest_check() != Some(true), "eni forwards");
        self.add_if(interface.attachment() == Attachment::Detached, "eni detached");
        self.add_if(interface.attachment() == Attachment::Unknown, "eni status unknown");
        match interface.instance() {
            Some(instance) => {
                let state = self.component.instances[instance].state;
                self.add_if(state == InstanceState::Stopped, "eni stopped");
                let all = self.component.interfaces.iter();
                let same = all.filter(|other| other.instance() == Some(instance)).count();
                self.add_if(same > 1, "eni of a host with several");
            }
            None => {
                let attached = interface.attachment() == Attachment::Attached;
                self.add_if(host && attached, "eni without instance");
                self.add_if(host && attached, "eni lambda or branch");
            }
        }
        let ipv4 = interface.ipv4();
        self.add_if(ipv4.first().is_some_and(|held| held.public.is_some()), "eni public address");
        let mut further = ipv4.iter().skip(1);
        self.add_if(further.any(|held| held.public.is_some()), "eni secondary public address");
        self.add_if(ipv4.len() > 1, "eni secondary address");
        self.add_if(ipv4.iter().any(|held| held.first != held.last), "eni delegated ipv4 prefix");
        let ipv6 = interface.ipv6();
        self.add_if(ipv6.iter().any(|held| held.first != held.last), "eni delegated ipv6 prefix");
        self.add_if(!ipv6.is_empty(), "eni ipv6");
        self.add_if(interface.deny_all_igw_traffic() == Some(true), "eni denies all igw traffic");
    }

    fn groups(&mut self, interface: Interface<'n>) {
        let set = &self.component.group_sets[interface.group_set()];
        self.add_if(set.is_empty(), "sg no groups");
        self.add_if(set.len() > 1, "sg several");
        for &id in set {
            let group = &self.component.security_groups[id];
            self.add_if(!group.seen, "sg unseen");
            self.add_if(group.seen && group.vpc != interface.vpc(), "sg of another vpc");
            for rule in &group.rules {
                self.rule(id, rule);
            }
            self.halves(&group.rules);
        }
        let rules = || set.iter().flat_map(|&id| &self.component.security_groups[id].rules);
        let of = |direction| rules().filter(move |rule| rule.direction == direction);
        let all_out = of(Direction::Egress).any(|rule| {
            rule.traffic == Some(Match::All)
                && matches!(rule.peer, Peer::Ipv4(block) if block.length() == 0)
        });
        let (no_in, no_out) =
            (of(Direction::Ingress).next().is_none(), of(Direction::Egress).next().is_none());
        self.add_if(no_in, "sg ingress empty");
        self.add_if(no_out, "sg egress empty");
        self.add_if(!no_out && !all_out, "sg egress restricted");
    }

    fn rule(&mut self, of: SecurityGroupId, rule: &SecurityGroupRule) {
        self.add_if(rule.contested, "sg contested");
        match rule.traffic {
            None => self.add("sg unreadable"),
            Some(Match::All) => self.add("sg all protocols"),
            Some(Match::Ports(protocol, ports)) => match protocol {
                Protocol::Tcp if ports == PortRange::single(0) => self.add("sg tcp 0-0"),
                Protocol::Tcp if ports.size() > 1 => self.add("sg port range"),
                Protocol::Tcp => self.add("sg single port"),
                Protocol::Udp => self.add("sg udp"),
                Protocol::Icmp if ports == PortRange::ALL => self.add("sg icmp all"),
                Protocol::Icmp => self.add("sg icmp type"),
                Protocol::Icmpv6 => self.add("sg icmpv6"),
                Protocol::Other(_) => self.add("sg other protocol"),
            },
        }
        match rule.peer {
            Peer::Ipv4(_) | Peer::Ipv6(_) => {}
            Peer::Unknown(_) => self.add("sg unreadable"),
            Peer::PrefixList(list) => {
                self.add("sg prefix list");
                match &self.component.prefix_lists[list].entries {
                    None => self.add("sg prefix list without entries"),
                    Some(entries) => self.add_if(
                        entries.iter().any(|entry| entry.length() == 0),
                        "sg prefix list of everything",
                    ),
                }
            }
            Peer::SecurityGroup { stale: true, .. } => self.add("sg reference stale"),
            Peer::SecurityGroup { group, .. } if group == of => self.add("sg self"),
            Peer::SecurityGroup { group, .. } => self.reference(of, group),
        }
    }

    fn reference(&mut self, of: SecurityGroupId, group: SecurityGroupId) {
        let (own, far) =
            (&self.component.security_groups[of], &self.component.security_groups[group]);
        if !far.seen {
            self.add("sg reference to a stranger");
        } else if own.vpc == far.vpc {
            self.add("sg reference");
        } else {
            let regions = [own, far].map(|group| self.component.vpcs[group.vpc].region);
            self.add_if(regions[0] == regions[1], "sg reference over peering");
            self.add_if(regions[0] != regions[1], "sg reference across regions");
        }
    }

    fn halves(&mut self, rules: &[SecurityGroupRule]) {
        let halves = |ipv6: bool| {
            rules
                .iter()
                .filter(|rule| match rule.peer {
                    Peer::Ipv4(block) => !ipv6 && block.length() == 1,
                    Peer::Ipv6(block) => ipv6 && block.length() == 1,
                    _ => false,
                })
                .count()
        };
        self.add_if(halves(false) > 1, "sg halves of ipv4");
        self.add_if(halves(true) > 1, "sg halves of ipv6");
    }

    fn acl(&mut self, interface: Interface<'n>) {
        let subnet = interface.subnet();
        let named = self.component.network_acls.iter().find(|acl| acl.subnets.contains(&subnet));
        let default = self
            .component
            .network_acls
            .iter()
            .find(|acl| acl.is_default && acl.vpc == interface.vpc());
        let Some(acl) = named.or(default) else {
            self.add("acl none");
            return;
        };
        self.add(if named.is_some() { "acl custom" } else { "acl default" });
        self.add_if(acl.contested, "acl contested");
        for entry in &acl.entries {
            let readable = entry.allow.is_some() && entry.traffic.is_some();
            self.add_if(!readable || entry.cidr.is_none(), "acl unreadable");
            self.add_if(entry.cidr.is_some_and(|cidr| !cidr.is_v4()), "acl ipv6");
            if let Some(Match::Ports(protocol, _)) = entry.traffic {
                let on_v4 = entry.cidr.is_some_and(|cidr| cidr.is_v4());
                self.add_if(protocol == Protocol::Icmpv6 && on_v4, "acl icmpv6 on ipv4");
                self.add_if(matches!(protocol, Protocol::Other(_)), "acl other protocol");
            }
        }
        for egress in [false, true] {
            let entries = acl.entries.iter().filter(|entry| entry.egress == egress);
            self.add_if(!entries.is_sorted_by_key(|entry| entry.number), "acl unsorted");
            self.order(acl, egress);
        }
        self.replies(acl);
    }

    fn order(&mut self, acl: &NetworkAcl, egress: bool) {
        let of = |allow: bool| {
            acl.entries.iter().filter(move |entry| {
                entry.egress == egress && entry.allow == Some(allow) && entry.number < 32767
            })
        };
        let numbers = |entries: Vec<&NetworkAclEntry>| {
            let all: Vec<u32> = entries.iter().map(|entry| entry.number).collect();
            (all.iter().min().copied(), all.iter().max().copied())
        };
        let (first_allow, last_allow) = numbers(of(true).collect());
        let (first_deny, last_deny) = numbers(of(false).collect());
        if let (Some(allow), Some(deny)) = (last_allow, first_deny) {
            self.add_if(deny < allow, "acl deny before allow");
        }
        if let (Some(allow), Some(deny)) = (first_allow, last_deny) {
            self.add_if(allow < deny, "acl deny after allow");
        }
    }

    fn replies(&mut self, acl: &NetworkAcl) {
        let ports: Vec<PortRange> = acl
            .entries
            .iter()
            .filter(|entry| entry.egress && entry.allow == Some(true))
            .filter_map(|entry| match entry.traffic {
                Some(Match::All) => Some(PortRange::ALL),
                Some(Match::Ports(Protocol::Tcp, ports)) => Some(ports),
                _ => None,
            })
            .collect();
        let holds =
            |first, last| ports.iter().any(|ports| (ports.first(), ports.last()) == (first, last));
        self.add_if(holds(1024, 65535), "acl replies to 1024-65535");
        self.add_if(holds(32768, 60999), "acl replies to 32768-60999");
        self.add_if(holds(49152, 65535), "acl replies to 49152-65535");
        self.add_if(ports.iter().all(|ports| ports.last() < 1024), "acl replies to nobody");
    }

    fn routes(&mut self, interface: Interface<'n>) {
        let subnet = interface.subnet();
        let vpc = interface.vpc();
        let tables = &self.component.route_tables;
        let named = tables.iter().find(|table| table.subnets.contains(&subnet));
        let main = tables.iter().find(|table| table.main && table.vpc == vpc);
        for table in tables.iter().filter(|table| table.vpc == vpc && !table.gateways.is_empty()) {
            self.add("route gateway table");
            self.add_if(table.contested, "route table unreadable");
        }
        let Some(table) = named.or(main) else {
            self.add("route table none");
            return;
        };
        self.add(if named.is_some() { "route named table" } else { "route main table" });
        let readable = table.routes.iter().all(|route| route.destination.is_some());
        self.add_if(table.contested || !readable, "route table unreadable");
        for route in &table.routes {
            self.route(interface, table, route);
        }
    }

    fn route(&mut self, interface: Interface<'n>, table: &RouteTable, route: &Route) {
        self.add_if(route.state == RouteState::Blackhole, "route blackhole");
        self.add_if(route.state == RouteState::Unknown, "route state unknown");
        let vpc = &self.component.vpcs[interface.vpc()];
        let within = match route.destination {
            Some(Destination::Ipv4(block)) => vpc
                .ipv4
                .iter()
                .any(|own| own.contains(block.first()) && own.length() < block.length()),
            _ => false,
        };
        if route.origin == RouteOrigin::Propagated {
            self.add("route propagated");
            self.add_if(within, "route propagated inside local");
        } else {
            self.add_if(within, "route more specific than local");
        }
        if let Some(Destination::PrefixList(list)) = route.destination {
            self.add("route prefix list");
            let unknown = self.component.prefix_lists[list].entries.is_none();
            self.add_if(unknown, "route prefix list without entries");
            let rivals = table.routes.iter().filter(|other| {
                matches!(other.destination, Some(Destination::PrefixList(_)))
                    && other.target != route.target
            });
            self.add_if(rivals.count() > 0, "route ambiguous");
        }
        match route.target {
            RouteTarget::Local => {}
            RouteTarget::InternetGateway(id) => {
                let gateway = &self.component.internet_gateways[id];
                let attached =
                    gateway.attachments.iter().any(|at| at.attached && at.vpc == interface.vpc());
                self.add("route igw");
                self.add_if(!gateway.seen, "route igw unseen");
                self.add_if(gateway.seen && !attached, "route igw elsewhere");
                let scoped = matches!(route.destination, Some(Destination::Ipv4(block)) if block.length() > 0);
                self.add_if(scoped, "route igw scoped");
            }
            RouteTarget::EgressOnlyInternetGateway(_) => self.add("route egress-only"),
            RouteTarget::NatGateway(id) => {
                let nat = &self.component.nat_gateways[id];
                self.add("route nat");
                self.add_if(!nat.seen, "route nat unseen");
                self.add_if(nat.seen && nat.subnet.is_none(), "route nat regional");
                self.add_if(nat.subnet == Some(interface.subnet()), "route nat in own subnet");
                self.add_if(
                    nat.subnet.is_some_and(|subnet| subnet != interface.subnet()),
                    "route nat beyond",
                );
                self.add_if(nat.connectivity == NatConnectivity::Private, "route nat private");
                self.add_if(nat.state == NatState::Gone, "route nat gone");
            }
            RouteTarget::VpcPeeringConnection(id) => {
                let peering = &self.component.peerings[id];
                self.add("route peering");
                self.add_if(!peering.seen, "route peering unseen");
                self.add_if(peering.status != PeeringStatus::Active, "route peering inactive");
                let back = self.component.route_tables.iter().any(|other| {
                    other.vpc != table.vpc
                        && other
                            .routes
                            .iter()
                            .any(|route| route.target == RouteTarget::VpcPeeringConnection(id))
                });
                self.add_if(!back, "route peering one way");
            }
            RouteTarget::NetworkInterface(id) => {
                let relay = self.component.interface(id);
                let checked = relay.source_dest_check() == Some(true);
                self.add_if(!relay.seen(), "route middlebox unseen");
                self.add_if(relay.seen() && checked, "route middlebox checked");
                self.add_if(relay.seen() && !checked, "route middlebox");
            }
            RouteTarget::VpcEndpoint(id) => match self.component.vpc_endpoints[id].kind {
                VpcEndpointKind::Gateway => self.add("route endpoint"),
                VpcEndpointKind::GatewayLoadBalancer => {
                    let known = self.component.vpc_endpoints[id].firewall.is_some();
                    self.add_if(known, "route network firewall");
                    self.add_if(!known, "route firewall endpoint");
                }
                VpcEndpointKind::Interface
                | VpcEndpointKind::Resource
                | VpcEndpointKind::ServiceNetwork
                | VpcEndpointKind::Unknown => {
                    self.add("route not modelled");
                }
            },
            RouteTarget::TransitGateway(_) => self.add("route transit gateway"),
            RouteTarget::VpnGateway(_) => self.add("route virtual gateway"),
            RouteTarget::Other(_) => self.add("route not modelled"),
        }
    }

    fn vpc(&mut self, interface: Interface<'n>) {
        let own = &self.component.vpcs[interface.vpc()];
        self.add_if(own.ipv4.len() > 1, "vpc second block");
        let public = own.ipv4.iter().any(|block| block.first() >> 24 == 198);
        self.add_if(public, "vpc block of public addresses");
        let overlaps = self.network.components.entries().any(|(at, component)| {
            component.vpcs.entries().any(|(id, vpc)| {
                (at, id) != (self.at, interface.vpc())
                    && vpc.ipv4.first().is_some_and(|block| own.ipv4.first() == Some(block))
            })
        });
        self.add_if(overlaps, "vpc blocks overlap");
        let unseen = self.component.peerings.iter().any(|peering| {
            let sides = [peering.requester.vpc, peering.accepter.vpc];
            sides.contains(&Some(interface.vpc()))
                && sides.into_iter().flatten().any(|vpc| !self.component.vpcs[vpc].seen)
        });
        self.add_if(unseen, "vpc unseen peer");
    }

    fn public_access(&mut self, interface: Interface<'n>) {
        let subnet = &self.component.subnets[interface.subnet()];
        let Some(options) = &self.component.scopes[subnet.scope].block_public_access else {
            return;
        };
        match options.mode {
            BlockMode::Off => return,
            BlockMode::Bidirectional => self.add("bpa bidirectional"),
            BlockMode::Ingress => self.add("bpa ingress"),
            BlockMode::Unknown => self.add("bpa unknown"),
        }
        let names = [subnet.id, self.component.vpcs[subnet.vpc].id];
        for exclusion in options.exclusions.iter().flatten() {
            if names.contains(&exclusion.resource) {
                let egress = exclusion.mode == ExclusionMode::Egress;
                self.add_if(egress, "bpa exclusion egress");
                self.add_if(!egress, "bpa exclusion bidirectional");
            }
        }
    }

    fn absences(&mut self, vpc: VpcId) {
        let facts = &self.component.vpcs[vpc];
        let listings = self.component.scopes[facts.scope].listings;
        for &listing in Listing::ALL {
            let name = match listing {
                Listing::Vpcs => "absent vpcs",
                Listing::Subnets => "absent subnets",
                Listing::NetworkInterfaces => "absent interfaces",
                Listing::Instances => "absent instances",
                Listing::SecurityGroups => "absent security groups",
                Listing::NetworkAcls => "absent network acls",
                Listing::RouteTables => "absent route tables",
                Listing::InternetGateways => "absent internet gateways",
                Listing::EgressOnlyInternetGateways => "absent egress-only gateways",
                Listing::NatGateways => "absent nat gateways",
                Listing::Addresses => "absent addresses",
                Listing::VpcPeeringConnections => "absent peerings",
                Listing::VpcEndpoints => "absent vpc endpoints",
                Listing::ManagedPrefixLists => "absent prefix lists",
                Listing::SecurityGroupVpcAssociations => "absent group associations",
                Listing::BlockPublicAccessOptions => "absent block public access options",
                Listing::BlockPublicAccessExclusions => "absent block public access exclusions",
                Listing::VpcEndpointServiceConfigurations => continue,
                Listing::TransitGateways => "absent transit gateways",
                Listing::TransitGatewayAttachments => "absent transit gateway attachments",
                Listing::TransitGatewayVpcAttachments => "absent transit gateway vpc attachments",
                Listing::TransitGatewayRouteTables => "absent transit gateway route tables",
                // What they list is known or not by itself, mostly.
                Listing::VpnGateways
                | Listing::VpnConnections
                | Listing::VirtualInterfaces
                | Listing::CustomerGateways
                | Listing::ClientVpnEndpoints
                | Listing::ClientVpnTargetNetworks
                | Listing::ClientVpnAuthorizationRules
                | Listing::InstanceConnectEndpoints
                | Listing::DirectConnectGateways
                | Listing::DirectConnectGatewayAssociations => continue,
                // No answer depends on their facts yet.
                Listing::LoadBalancers
                | Listing::LoadBalancerAttributes
                | Listing::Listeners
                | Listing::ListenerRules
                | Listing::TargetGroups
                | Listing::TargetGroupAttributes
                | Listing::TargetHealth
                | Listing::ClassicLoadBalancers
                | Listing::ClassicLoadBalancerAttributes
                // Without them what passes a firewall is not known, as of other endpoints.
                | Listing::Firewalls
                | Listing::FirewallPolicies
                | Listing::RuleGroups
                // Without them less is known to be there, and nothing else.
                | Listing::DbInstances
                | Listing::DbClusters
                | Listing::DbSubnetGroups
                | Listing::CacheClusters
                | Listing::CacheSubnetGroups
                | Listing::RedshiftClusters
                | Listing::RedshiftSubnetGroups
                | Listing::ReplicationInstances
                | Listing::Workgroups
                | Listing::OpenSearchDomains
                | Listing::KafkaClusters
                | Listing::MountTargets
                | Listing::Functions
                | Listing::EksClusters => continue,
            };
            self.add_if(!listings.contains(listing), name);
        }
    }
}
