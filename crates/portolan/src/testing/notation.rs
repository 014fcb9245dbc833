//! The lines.

use std::collections::{BTreeMap, BTreeSet};

use super::{NotationError, parse};
use crate::model::{
    Attachment, BlockMode, BlockPublicAccess, Destination, EgressOnlyInternetGateway,
    EgressOnlyInternetGatewayId, ElasticAddress, Exclusion, ExclusionMode, FileId,
    GatewayAssociation, GatewayAttachment, HeldV4, HeldV6, Instance, InstanceId, InstanceState,
    InterfaceFacts, InterfaceKind, InternetGateway, InternetGatewayId, Listing, NatAddress,
    NatConnectivity, NatGateway, NatGatewayId, NatState, Network, NetworkAcl, NetworkAclEntry,
    NetworkBuilder, NetworkInterfaceId, Origin, Peer, PeeringSide, PeeringStatus, Place,
    PrefixList, PrefixListId, Route, RouteOrigin, RouteState, RouteTable, RouteTarget,
    SecurityGroup, SecurityGroupId, SecurityGroupRule, Subnet, SubnetId, TextId, TransitGatewayId,
    Vpc, VpcEndpoint, VpcEndpointId, VpcEndpointKind, VpcId, VpcPeeringConnection,
    VpcPeeringConnectionId,
};
use crate::net::{Cidr, Match, Prefix};

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
            "list" => self.list(name, words),
            "bpa" => self.block_public_access(name, words),
            "address" => self.address(name, words),
            _ => Err(format!("`{kind}` is no kind of line")),
        }
    }

    fn missing<'w>(&mut self, calls: impl Iterator<Item = &'w str>) -> Said {
        for call in calls {
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

    fn add_gateway(&mut self, name: &str, vpc: Option<&str>, attached: bool) {
        let id = self.text(name);
        let attachments = self.attachments(vpc, attached);
        let gateway = InternetGateway { id, place: self.place, attachments, seen: true };
        self.builder.add_internet_gateway(gateway, self.origin);
    }

    fn add_egress_only(&mut self, name: &str, vpc: Option<&str>, attached: bool) {
        let id = self.text(name);
        let attachments = self.attachments(vpc, attached);
        let gateway = EgressOnlyInternetGateway { id, place: self.place, attachments, seen: true };
        self.builder.add_egress_only_internet_gateway(gateway, self.origin);
    }

    fn attachments(&mut self, vpc: Option<&str>, attached: bool) -> Vec<GatewayAttachment> {
        let vpc = vpc.map(|vpc| VpcId::named(self.text(vpc)));
        vpc.map(|vpc| GatewayAttachment { vpc, attached }).into_iter().collect()
    }

    fn gateway(&mut self, kind: &str, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let (mut vpc, mut attached) = (None, true);
        for &word in words {
            match word {
                "detached" => attached = false,
                word => vpc = Some(word),
            }
        }
        if kind == "igw" {
            self.add_gateway(name, vpc, attached);
        } else {
            self.add_egress_only(name, vpc, attached);
        }
        Ok(())
    }

    fn acl(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let mut acl = NetworkAcl {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(vpc)),
            is_default: false,
            subnets: Vec::new(),
            entries: Vec::new(),
            contested: false,
        };
        while let Some(&word) = words.next() {
            match word {
                "default" => acl.is_default = true,
                "contested" => acl.contested = true,
                "in" | "out" => {
                    let number = take(&mut words, "a number")?;
                    let number = number.parse().map_err(|_| format!("`{number}` is no number"))?;
                    let allow = match take(&mut words, "allow or deny")? {
                        "allow" => Some(true),
                        "deny" => Some(false),
                        "unknown" => None,
                        other => return unknown(other),
                    };
                    let traffic = parse::traffic(take(&mut words, "traffic")?)?;
                    let cidrs = match take(&mut words, "a block")? {
                        "?" => vec![None],
                        word => parse::blocks(word)?.into_iter().map(Some).collect(),
                    };
                    for cidr in cidrs {
                        let ordinal = u32::try_from(acl.entries.len()).unwrap_or(u32::MAX);
                        let egress = word == "out";
                        acl.entries.push(NetworkAclEntry {
                            number,
                            egress,
                            allow,
                            traffic,
                            cidr,
                            ordinal,
                        });
                    }
                }
                _ => match setting(word, "subnets") {
                    Some(names) => {
                        for subnet in names.split(',') {
                            acl.subnets.push(SubnetId::named(self.text(subnet)));
                        }
                    }
                    None => return unknown(word),
                },
            }
        }
        self.acls.insert(name.to_owned(), (acl, self.origin));
        Ok(())
    }

    fn subnet(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        self.vpc_of_subnet.insert(name.to_owned(), vpc.to_owned());
        let id = self.text(name);
        let mut blocks = String::new();
        let (mut contested, mut seen) = (false, true);
        let mut assigns = (Some(false), Some(false));
        while let Some(&word) = words.as_slice().first() {
            if word == "route" {
                break;
            }
            words.next();
            if let Some(acl) = setting(word, "acl") {
                self.wanted_acls.push((acl.to_owned(), name.to_owned()));
            } else if let Some(table) = setting(word, "table") {
                self.wanted_tables.push((table.to_owned(), name.to_owned()));
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
            zone: TextId::EMPTY,
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

    fn group(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let id = self.text(name);
        let mut rules: Vec<SecurityGroupRule> = Vec::new();
        let mut description = TextId::EMPTY;
        let mut called = id;
        let mut default_egress = true;
        while let Some(&word) = words.next() {
            let direction = match word {
                "in" => crate::model::Direction::Ingress,
                "out" => {
                    default_egress = false;
                    crate::model::Direction::Egress
                }
                "contested" => {
                    // All rules that the words before it made.
                    let last = rules.last().ok_or("there is no rule to contest")?.ordinal;
                    for rule in rules.iter_mut().filter(|rule| rule.ordinal == last) {
                        rule.contested = true;
                    }
                    continue;
                }
                _ => {
                    if let Some(said) = setting(word, "description") {
                        let said = self.words(said);
                        match rules.last().map(|rule| rule.ordinal) {
                            None => description = said,
                            Some(last) => rules
                                .iter_mut()
                                .filter(|rule| rule.ordinal == last)
                                .for_each(|rule| rule.description = said),
                        }
                        continue;
                    }
                    if let Some(said) = setting(word, "name") {
                        called = self.words(said);
                        continue;
                    }
                    let names = setting(word, "worn").ok_or(format!("`{word}` is no rule"))?;
                    for vpc in names.split(',') {
                        let vpc = self.text(vpc);
                        self.builder.add_security_group_vpc_association(id, vpc);
                    }
                    continue;
                }
            };
            let traffic = take(&mut words, "traffic")?;
            if traffic == "none" {
                continue;
            }
            let traffic = parse::traffic(traffic)?;
            let ordinal = u32::try_from(rules.len()).unwrap_or(u32::MAX);
            for peer in take(&mut words, "a peer")?.split(',') {
                for peer in self.peers(peer)? {
                    let rule = SecurityGroupRule {
                        direction,
                        traffic,
                        peer,
                        id: TextId::EMPTY,
                        description: TextId::EMPTY,
                        ordinal,
                        contested: false,
                    };
                    rules.push(rule);
                }
            }
        }
        if default_egress {
            for peer in self.peers("any")? {
                rules.push(SecurityGroupRule {
                    direction: crate::model::Direction::Egress,
                    traffic: Some(Match::All),
                    peer,
                    id: TextId::EMPTY,
                    description: TextId::EMPTY,
                    ordinal: 0,
                    contested: false,
                });
            }
        }
        for (number, rule) in rules.iter_mut().enumerate() {
            rule.id = self.builder.text.intern(&format!("{name}.{}", number.saturating_add(1)));
        }
        let group = SecurityGroup {
            id,
            place: self.place,
            name: called,
            description,
            vpc: VpcId::named(self.text(vpc)),
            owner: self.origin.account,
            associated: Vec::new(),
            rules,
            seen: true,
        };
        self.builder.add_security_group(group, self.origin);
        Ok(())
    }

    fn peers(&mut self, word: &str) -> Said<Vec<Peer>> {
        if word == "?" {
            return Ok(vec![Peer::Unknown(self.text("?"))]);
        }
        if let Some(list) = word.strip_prefix("list:") {
            return Ok(vec![Peer::PrefixList(PrefixListId::named(self.text(list)))]);
        }
        for (prefix, stale) in [("group:", false), ("stale:", true)] {
            if let Some(group) = word.strip_prefix(prefix) {
                let group = SecurityGroupId::named(self.text(group));
                return Ok(vec![Peer::SecurityGroup { group, stale }]);
            }
        }
        Ok(parse::blocks(word)?
            .into_iter()
            .map(|block| match block {
                Cidr::V4(prefix) => Peer::Ipv4(prefix),
                Cidr::V6(prefix) => Peer::Ipv6(prefix),
            })
            .collect())
    }

    fn interface(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let subnet = take(&mut words, "a subnet")?;
        let vpc = self.vpc_of_subnet.get(subnet).cloned();
        let vpc = vpc.ok_or_else(|| format!("the subnet `{subnet}` has no line before this"))?;
        let mut facts = InterfaceFacts {
            id: self.text(name),
            place: self.place,
            owner: self.origin.account,
            region: self.origin.region,
            vpc: VpcId::named(self.text(&vpc)),
            subnet: SubnetId::named(self.text(subnet)),
            instance: None,
            name: self.text(name),
            description: TextId::EMPTY,
            interface_type: TextId::EMPTY,
            requester: TextId::EMPTY,
            requester_managed: None,
            kind: InterfaceKind::Host,
            attachment: Attachment::Attached,
            source_dest_check: Some(true),
            deny_all_igw_traffic: Some(false),
            groups: Vec::new(),
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            tags: Vec::new(),
            contested: false,
            seen: true,
        };
        let mut state = None;
        for &word in words {
            self.interface_word(&mut facts, &mut state, word)?;
        }
        if let Some(state) = state {
            let id = match facts.instance {
                Some(instance) => instance.as_text(),
                None => self.text(&format!("i-{name}")),
            };
            facts.instance = Some(InstanceId::named(id));
            self.add_instance(id, state);
        }
        self.builder.add_interface(facts, self.origin);
        Ok(())
    }

    fn interface_word(
        &mut self,
        facts: &mut InterfaceFacts,
        state: &mut Option<InstanceState>,
        word: &str,
    ) -> Said {
        match word {
            "running" => *state = Some(InstanceState::Running),
            "stopped" => *state = Some(InstanceState::Stopped),
            "instance-unknown" => *state = Some(InstanceState::Unknown),
            "detached" => facts.attachment = Attachment::Detached,
            "attachment-unknown" => facts.attachment = Attachment::Unknown,
            "forwards" => facts.source_dest_check = Some(false),
            "check-unknown" => facts.source_dest_check = None,
            "deny-igw" => facts.deny_all_igw_traffic = Some(true),
            "deny-igw?" => facts.deny_all_igw_traffic = None,
            "contested" => facts.contested = true,
            _ => match word.split_once('=') {
                None => match parse::block(word)? {
                    Cidr::V4(prefix) => facts.ipv4.push(HeldV4 {
                        first: prefix.first(),
                        last: prefix.last(),
                        public: None,
                    }),
                    Cidr::V6(prefix) => {
                        facts.ipv6.push(HeldV6 { first: prefix.first(), last: prefix.last() });
                    }
                },
                Some(("public", public)) => {
                    let held = facts.ipv4.last_mut().ok_or("the address goes before `public`")?;
                    held.public = Some(parse::address_v4(public)?);
                }
                Some(("groups", names)) => {
                    for group in names.split(',').filter(|group| !group.is_empty()) {
                        facts.groups.push(SecurityGroupId::named(self.text(group)));
                    }
                }
                Some(("description", said)) => facts.description = self.words(said),
                Some(("type", name)) => facts.interface_type = self.text(name),
                Some(("requester", name)) => {
                    facts.requester = self.text(name);
                    facts.requester_managed = Some(true);
                }
                Some(("instance", name)) => {
                    facts.instance = Some(InstanceId::named(self.text(name)));
                }
                Some(("kind", kind)) => {
                    facts.kind = match kind {
                        "nat" => InterfaceKind::NatGateway,
                        "lb" => InterfaceKind::LoadBalancer,
                        "tgw" => InterfaceKind::TransitGateway,
                        "managed" => InterfaceKind::Managed,
                        other => return unknown(other),
                    }
                }
                Some(_) => return unknown(word),
            },
        }
        Ok(())
    }

    fn add_instance(&mut self, id: TextId, state: InstanceState) {
        let instance =
            Instance { id, place: self.place, state, name: id, tags: Vec::new(), seen: true };
        self.builder.add_instance(instance, self.origin);
    }

    fn instance(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let state = match take(&mut words, "a state")? {
            "running" => InstanceState::Running,
            "stopped" => InstanceState::Stopped,
            "unknown" => InstanceState::Unknown,
            other => return unknown(other),
        };
        let id = self.text(name);
        self.add_instance(id, state);
        Ok(())
    }

    fn nat(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let place = take(&mut words, "a subnet")?;
        let (vpc, subnet) = match place.strip_prefix("regional:") {
            Some(vpc) => (vpc.to_owned(), None),
            None => {
                let vpc = self.vpc_of_subnet.get(place).cloned();
                let vpc =
                    vpc.ok_or_else(|| format!("the subnet `{place}` has no line before this"))?;
                (vpc, Some(place))
            }
        };
        let mut nat = NatGateway {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(&vpc)),
            subnet: subnet.map(|subnet| SubnetId::named(self.text(subnet))),
            connectivity: NatConnectivity::Public,
            state: NatState::Available,
            addresses: Vec::new(),
            seen: true,
        };
        let empty = NatAddress { private: None, public: None, interface: None };
        for &word in words {
            match word.split_once('=') {
                None => match word {
                    "private-only" => nat.connectivity = NatConnectivity::Private,
                    "connectivity-unknown" => nat.connectivity = NatConnectivity::Unknown,
                    "gone" => nat.state = NatState::Gone,
                    "state-unknown" => nat.state = NatState::Unknown,
                    _ => return unknown(word),
                },
                Some((key, value)) => {
                    let last = nat.addresses.last();
                    let taken = last.is_none_or(|last| match key {
                        "private" => last.private.is_some(),
                        "public" => last.public.is_some(),
                        _ => last.interface.is_some(),
                    });
                    if taken {
                        nat.addresses.push(empty);
                    }
                    let Some(last) = nat.addresses.last_mut() else { continue };
                    match key {
                        "private" => last.private = Some(parse::address_v4(value)?),
                        "public" => last.public = Some(parse::address_v4(value)?),
                        "interface" => {
                            let id = self.builder.text.intern(value);
                            last.interface = Some(NetworkInterfaceId::named(id));
                        }
                        _ => return unknown(word),
                    }
                }
            }
        }
        self.builder.add_nat_gateway(nat, self.origin);
        Ok(())
    }

    fn side(&mut self, vpc: &str) -> PeeringSide {
        let (ipv4, ipv6) = self.blocks.get(vpc).cloned().unwrap_or_default();
        let region = self.region_of_vpc.get(vpc).copied().unwrap_or(self.origin.region);
        PeeringSide {
            vpc: Some(VpcId::named(self.text(vpc))),
            owner: self.origin.account,
            region,
            ipv4,
            ipv6,
        }
    }

    fn peering(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let requester = take(&mut words, "a requester")?;
        let accepter = take(&mut words, "an accepter")?;
        let mut peering = VpcPeeringConnection {
            id: self.text(name),
            place: self.place,
            status: PeeringStatus::Active,
            requester: self.side(requester),
            accepter: self.side(accepter),
            seen: true,
        };
        for &word in words {
            match word.split_once('=') {
                None => match word {
                    "inactive" => peering.status = PeeringStatus::Inactive,
                    "state-unknown" => peering.status = PeeringStatus::Unknown,
                    "no-blocks" => {
                        for side in [&mut peering.requester, &mut peering.accepter] {
                            (side.ipv4, side.ipv6) = Default::default();
                        }
                    }
                    _ => return unknown(word),
                },
                Some(("requester", blocks)) => {
                    let (ipv4, ipv6) = parse::families(blocks)?;
                    (peering.requester.ipv4, peering.requester.ipv6) = (ipv4, ipv6);
                }
                Some(("accepter", blocks)) => {
                    let (ipv4, ipv6) = parse::families(blocks)?;
                    (peering.accepter.ipv4, peering.accepter.ipv6) = (ipv4, ipv6);
                }
                Some(("regions", regions)) => {
                    let (one, other) = regions.split_once(',').unwrap_or((regions, ""));
                    peering.requester.region = self.text(one);
                    peering.accepter.region = self.text(other);
                }
                Some(_) => return unknown(word),
            }
        }
        self.builder.add_peering(peering, self.origin);
        Ok(())
    }

    fn endpoint(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let mut endpoint = VpcEndpoint {
            id: self.text(name),
            place: self.place,
            vpc: VpcId::named(self.text(vpc)),
            kind: VpcEndpointKind::Unknown,
            available: Some(true),
            service: TextId::EMPTY,
            seen: true,
        };
        for &word in words {
            match word {
                "gateway" => endpoint.kind = VpcEndpointKind::Gateway,
                "interface" => endpoint.kind = VpcEndpointKind::Interface,
                "gwlb" => endpoint.kind = VpcEndpointKind::GatewayLoadBalancer,
                "unknown" => endpoint.kind = VpcEndpointKind::Unknown,
                "unavailable" => endpoint.available = Some(false),
                "state-unknown" => endpoint.available = None,
                _ => match setting(word, "service") {
                    Some(service) => endpoint.service = self.text(service),
                    None => return unknown(word),
                },
            }
        }
        self.builder.add_vpc_endpoint(endpoint, self.origin);
        Ok(())
    }

    fn list(&mut self, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let id = self.text(name);
        let mut entries = Some(Vec::new());
        for &word in words {
            match (word, &mut entries) {
                ("?", _) => entries = None,
                (word, Some(entries)) => entries.extend(parse::blocks(word)?),
                (word, None) => return unknown(word),
            }
        }
        let entries = entries.map(Into::into);
        let list = PrefixList { id, place: self.place, name: id, entries };
        self.builder.add_prefix_list(list, self.origin);
        Ok(())
    }

    fn block_public_access(&mut self, mode: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let mode = match mode {
            "off" => BlockMode::Off,
            "bidirectional" => BlockMode::Bidirectional,
            "ingress" => BlockMode::Ingress,
            "unknown" => BlockMode::Unknown,
            other => return unknown(other),
        };
        let mut exclusions = Vec::new();
        let mut known = true;
        for &word in words {
            if word == "exclusions-unknown" {
                known = false;
                continue;
            }
            let said = setting(word, "exclude").and_then(|said| said.split_once(':'));
            let Some((resource, mode)) = said else { return unknown(word) };
            let mode = match mode {
                "bidirectional" => ExclusionMode::Bidirectional,
                "egress" => ExclusionMode::Egress,
                "unknown" => ExclusionMode::Unknown,
                other => return unknown(other),
            };
            exclusions.push(Exclusion { resource: self.text(resource), mode });
        }
        let exclusions = known.then_some(exclusions);
        let block = BlockPublicAccess { mode, place: self.place, exclusions };
        self.builder.add_block_public_access(block, self.origin);
        Ok(())
    }

    fn address(&mut self, public: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let mut address = ElasticAddress {
            public: parse::address_v4(public)?,
            allocation: TextId::EMPTY,
            account: self.origin.account,
            region: self.origin.region,
            holder: TextId::EMPTY,
            private: None,
            load_balancer: TextId::EMPTY,
            place: self.place,
        };
        for &word in words {
            match word.split_once('=') {
                Some(("holder", id)) => address.holder = self.text(id),
                Some(("private", ip)) => address.private = Some(parse::address_v4(ip)?),
                Some(("allocation", id)) => address.allocation = self.text(id),
                Some(("lb", name)) => address.load_balancer = self.text(name),
                _ => return unknown(word),
            }
        }
        self.builder.add_address(address, self.origin);
        Ok(())
    }

    fn finish(mut self) -> Network {
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
