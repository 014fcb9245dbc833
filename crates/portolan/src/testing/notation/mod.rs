//! The lines: networks, subnets and routes, and where the others are read.

mod balancers;
mod filters;
mod firewalls;
mod gateways;
mod hosts;
mod outside;
mod remote;
mod transit;

use std::collections::{BTreeMap, BTreeSet};

use super::{NotationError, parse};
use crate::model::{
    Destination, EgressOnlyInternetGatewayId, FileId, GatewayAssociation, InternetGatewayId,
    Listing, NatGatewayId, Network, NetworkAcl, NetworkBuilder, NetworkInterfaceId, Origin, Place,
    PrefixListId, Route, RouteOrigin, RouteState, RouteTable, RouteTarget, Subnet, SubnetId,
    TextId, TransitGatewayId, Vpc, VpcEndpointId, VpcId, VpcPeeringConnectionId,
};
use crate::net::{Cidr, Prefix};

type Said<T = ()> = Result<T, String>;
type Blocks = (Vec<Prefix<u32>>, Vec<Prefix<u128>>);

pub(super) fn read(text: &str) -> Result<Network, NotationError> {
    let mut reader = Reader::default();
    reader.scope("111122223333/us-east-1");
    for (number, line) in (1_u64..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or("");
        let words: Vec<&str> =
            line.split([' ', '\t', ';']).filter(|word| !word.is_empty()).collect();
        reader.place = Place::new(FileId(0), number);
        reader.line(&words).map_err(|reason| NotationError { line: number, reason })?;
    }
    Ok(reader.finish())
}

#[derive(Default)]
struct Reader {
    builder: NetworkBuilder,
    origin: Origin,
    place: Place,
    blocks: BTreeMap<String, Blocks>,
    vpc_of_subnet: BTreeMap<String, String>,
    region_of_vpc: BTreeMap<String, TextId>,
    origins: Vec<Origin>,
    missing: BTreeSet<(Origin, Listing)>,
    /// Subnets that an `acl` line's subnet names: ACL by name, and tables.
    acls: BTreeMap<String, (NetworkAcl, Origin)>,
    tables: BTreeMap<String, (RouteTable, Origin)>,
    /// Listeners of load balancers.
    listeners: BTreeMap<String, (TextId, Vec<crate::model::Listener>)>,
    /// Firewalls by name.
    firewalls: firewalls::Firewalls,
    wanted_acls: Vec<(String, String)>,
    wanted_tables: Vec<(String, String)>,
}

/// `key=value`, else none.
fn setting<'w>(word: &'w str, key: &str) -> Option<&'w str> {
    word.strip_prefix(key)?.strip_prefix('=')
}

fn unknown<T>(word: &str) -> Said<T> {
    Err(format!("`{word}` has no meaning here"))
}

fn take<'w>(words: &mut std::slice::Iter<'_, &'w str>, what: &str) -> Said<&'w str> {
    words.next().copied().ok_or_else(|| format!("{what} is missing"))
}

impl Reader {
    fn text(&mut self, word: &str) -> TextId {
        self.builder.text.intern(word)
    }

    /// A text of several words: `_` stands for a blank.
    fn words(&mut self, word: &str) -> TextId {
        self.text(&word.replace('_', " "))
    }

    fn scope(&mut self, word: &str) {
        let (account, region) = word.split_once('/').unwrap_or((word, ""));
        self.origin = Origin { account: self.text(account), region: self.text(region) };
        if !self.origins.contains(&self.origin) {
            self.origins.push(self.origin);
        }
    }

    fn line(&mut self, words: &[&str]) -> Said {
        let mut words = words.iter();
        let Some(&kind) = words.next() else { return Ok(()) };
        let name = take(&mut words, "a name")?;
        match kind {
            "scope" => {
                self.scope(name);
                Ok(())
            }
            "missing" => self.missing(std::iter::once(name).chain(words.copied())),
            "vpc" => self.vpc(name, words),
            "acl" => self.acl(name, words),
            "subnet" => self.subnet(name, words),
            "table" => self.table(name, words),
            "group" => self.group(name, words),
            "interface" => self.interface(name, words),
            "instance" => self.instance(name, words),
            "igw" | "eigw" => self.gateway(kind, name, words),
            "nat" => self.nat(name, words),
            "peering" => self.peering(name, words),
            "endpoint" => self.endpoint(name, words),
            "firewall" => self.firewall(name, words),
            "stateless" | "stateful" => self.firewall_rule(kind, name, words),
            "service" => self.endpoint_service(name, words),
            "tgw" => self.transit_gateway(name, words),
            "attachment" => self.attachment(name, words),
            "tgw-table" => self.transit_table(name, words),
            "vgw" => self.vpn_gateway(name, words),
            "vpn" => self.vpn_connection(name, words),
            "cvpn" => self.client_vpn(name, words),
            "eice" => self.instance_connect(name, words),
            "list" => self.list(name, words),
            "bpa" => self.block_public_access(name, words),
            "address" => self.address(name, words),
            "store" => self.service(name, words),
            "certificate" => self.certificate(name, words),
            "public" => self.public_endpoint(name, words),
            "balancer" => self.balancer(name, words),
            "listener" => self.listener(name, words),
            "rule" => self.rule(name, words),
            "targets" => self.targets(name, words),
            _ => Err(format!("`{kind}` is no kind of line")),
        }
    }

    fn missing<'w>(&mut self, calls: impl Iterator<Item = &'w str>) -> Said {
        for call in calls {
            let call = call.replace('_', " ");
            let listing = Listing::ALL.iter().find(|listing| listing.command() == call);
            let &listing = listing.ok_or_else(|| format!("`{call}` is no listing"))?;
            self.missing.insert((self.origin, listing));
        }
        Ok(())
    }

    fn vpc(&mut self, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let (mut blocks, mut bare) = (String::new(), false);
        let id = self.text(name);
        for &word in words {
            match word {
                "igw" => self.add_gateway(&format!("igw-{name}"), Some(name), true),
                "eigw" => self.add_egress_only(&format!("eigw-{name}"), Some(name), true),
                "bare" => bare = true,
                block => blocks = format!("{blocks},{block}"),
            }
        }
        let (ipv4, ipv6) = parse::families(&blocks)?;
        self.blocks.insert(name.to_owned(), (ipv4.clone(), ipv6.clone()));
        self.region_of_vpc.insert(name.to_owned(), self.origin.region);
        self.builder.add_vpc(
            Vpc {
                id,
                place: self.place,
                owner: self.origin.account,
                region: self.origin.region,
                scope: crate::model::ScopeId::named(TextId::EMPTY),
                ipv4,
                ipv6,
                name: id,
                tags: Vec::new(),
                seen: true,
                contested: false,
            },
            self.origin,
        );
        if !bare {
            let open = [
                "default", "in", "100", "allow", "all", "any", "out", "100", "allow", "all", "any",
            ];
            self.acl(&format!("acl-{name}"), [&[name], &open[..]].concat().iter())?;
            self.table(&format!("main-{name}"), [name, "main"].iter())?;
        }
        Ok(())
    }

    fn subnet(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        self.vpc_of_subnet.insert(name.to_owned(), vpc.to_owned());
        let id = self.text(name);
        let mut blocks = String::new();
        let (mut contested, mut seen) = (false, true);
        let mut assigns = (Some(false), Some(false));
        let (mut zone, mut zone_id) = (TextId::EMPTY, TextId::EMPTY);
        while let Some(&word) = words.as_slice().first() {
            if word == "route" {
                break;
            }
            words.next();
            if let Some(acl) = setting(word, "acl") {
                self.wanted_acls.push((acl.to_owned(), name.to_owned()));
            } else if let Some(table) = setting(word, "table") {
                self.wanted_tables.push((table.to_owned(), name.to_owned()));
            } else if let Some(name) = setting(word, "zone") {
                zone = self.text(name);
            } else if let Some(id) = setting(word, "zone-id") {
                zone_id = self.text(id);
            } else if word == "contested" {
                contested = true;
            } else if word == "unseen" {
                seen = false;
            } else if let Some(families) = setting(word, "assigns") {
                assigns = parse::assigns(families)?;
            } else {
                blocks = format!("{blocks},{word}");
            }
        }
        let (ipv4, ipv6) = parse::families(&blocks)?;
        let subnet = Subnet {
            id,
            place: self.place,
            vpc: VpcId::named(self.text(vpc)),
            owner: self.origin.account,
            region: self.origin.region,
            scope: crate::model::ScopeId::named(TextId::EMPTY),
            zone,
            zone_id,
            ipv4: ipv4.first().copied(),
            ipv6,
            assigns_public_ipv4: assigns.0,
            assigns_ipv6: assigns.1,
            name: id,
            tags: Vec::new(),
            seen: true,
            contested,
        };
        if seen {
            self.builder.add_subnet(subnet, self.origin);
        }
        if words.as_slice().is_empty() {
            return Ok(());
        }
        let mine = format!("subnets={name}");
        let all = [&[vpc, mine.as_str()], words.as_slice()].concat();
        self.table(&format!("rtb-{name}"), all.iter())
    }

    fn table(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let mut table = RouteTable {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(vpc)),
            main: false,
            subnets: Vec::new(),
            gateways: Vec::new(),
            routes: Vec::new(),
            contested: false,
        };
        let (mut bare, mut last) = (false, 0);
        while let Some(&word) = words.next() {
            if let Some(names) = setting(word, "subnets") {
                for subnet in names.split(',') {
                    table.subnets.push(SubnetId::named(self.text(subnet)));
                }
            } else if let Some(names) = setting(word, "gateways") {
                for gateway in names.split(',') {
                    let gateway = self.text(gateway);
                    table.gateways.push(GatewayAssociation { gateway });
                }
            } else {
                match word {
                    "main" => table.main = true,
                    "bare" => bare = true,
                    "contested" => table.contested = true,
                    "route" => {
                        let route = take(&mut words, "a route")?;
                        last = table.routes.len();
                        self.routes(&mut table, vpc, route)?;
                    }
                    "blackhole" | "state-unknown" | "propagated" => {
                        amend(table.routes.get_mut(last..).unwrap_or_default(), word);
                    }
                    _ => return unknown(word),
                }
            }
        }
        if !bare && let Some((ipv4, ipv6)) = self.blocks.get(vpc) {
            let v4 = ipv4.iter().map(|&prefix| Destination::Ipv4(prefix));
            let v6 = ipv6.iter().map(|&prefix| Destination::Ipv6(prefix));
            for destination in v4.chain(v6) {
                push_route(&mut table, Some(destination), RouteTarget::Local);
            }
        }
        self.tables.insert(name.to_owned(), (table, self.origin));
        Ok(())
    }

    fn routes(&mut self, table: &mut RouteTable, vpc: &str, word: &str) -> Said {
        let (destination, target) =
            word.split_once("->").ok_or_else(|| format!("`{word}` is no route"))?;
        let target = self.target(vpc, target)?;
        if destination == "?" {
            push_route(table, None, target);
        } else if let Some(list) = destination.strip_prefix("list:") {
            let list = PrefixListId::named(self.text(list));
            push_route(table, Some(Destination::PrefixList(list)), target);
        } else {
            for block in parse::blocks(destination)? {
                let destination = match block {
                    Cidr::V4(prefix) => Destination::Ipv4(prefix),
                    Cidr::V6(prefix) => Destination::Ipv6(prefix),
                };
                push_route(table, Some(destination), target);
            }
        }
        Ok(())
    }

    fn target(&mut self, vpc: &str, word: &str) -> Said<RouteTarget> {
        let own = match word {
            "local" => return Ok(RouteTarget::Local),
            "igw" | "eigw" => format!("{word}:{word}-{vpc}"),
            _ => word.to_owned(),
        };
        let (kind, name) = own.split_once(':').ok_or_else(|| format!("`{word}` is no target"))?;
        let name = self.text(name);
        Ok(match kind {
            "igw" => RouteTarget::InternetGateway(InternetGatewayId::named(name)),
            "eigw" => {
                RouteTarget::EgressOnlyInternetGateway(EgressOnlyInternetGatewayId::named(name))
            }
            "nat" => RouteTarget::NatGateway(NatGatewayId::named(name)),
            "pcx" => RouteTarget::VpcPeeringConnection(VpcPeeringConnectionId::named(name)),
            "eni" => RouteTarget::NetworkInterface(NetworkInterfaceId::named(name)),
            "vpce" => RouteTarget::VpcEndpoint(VpcEndpointId::named(name)),
            "tgw" => RouteTarget::TransitGateway(TransitGatewayId::named(name)),
            "vgw" => RouteTarget::VpnGateway(name),
            "other" => RouteTarget::Other(name),
            _ => return Err(format!("`{word}` is no target")),
        })
    }

    fn finish(mut self) -> Network {
        self.finish_balancers();
        self.finish_firewalls();
        for (acl, subnet) in std::mem::take(&mut self.wanted_acls) {
            let subnet = SubnetId::named(self.text(&subnet));
            if let Some((acl, _)) = self.acls.get_mut(&acl) {
                acl.subnets.push(subnet);
            }
        }
        for (table, subnet) in std::mem::take(&mut self.wanted_tables) {
            let subnet = SubnetId::named(self.text(&subnet));
            if let Some((table, _)) = self.tables.get_mut(&table) {
                table.subnets.push(subnet);
            }
        }
        for (acl, origin) in std::mem::take(&mut self.acls).into_values() {
            self.builder.add_network_acl(acl, origin);
        }
        for (table, origin) in std::mem::take(&mut self.tables).into_values() {
            self.builder.add_route_table(table, origin);
        }
        for &origin in &self.origins {
            for &listing in Listing::ALL {
                if !self.missing.contains(&(origin, listing)) {
                    self.builder.add_listing(origin, listing);
                }
            }
        }
        self.builder.build()
    }
}

fn push_route(table: &mut RouteTable, destination: Option<Destination>, target: RouteTarget) {
    table.routes.push(Route {
        destination,
        target,
        state: RouteState::Active,
        origin: RouteOrigin::Static,
        ordinal: u32::try_from(table.routes.len()).unwrap_or(u32::MAX),
    });
}

/// A word behind a route speaks of it (of both routes that `any` makes).
fn amend(routes: &mut [Route], word: &str) {
    for route in routes {
        match word {
            "blackhole" => route.state = RouteState::Blackhole,
            "state-unknown" => route.state = RouteState::Unknown,
            _ => route.origin = RouteOrigin::Propagated,
        }
    }
}
