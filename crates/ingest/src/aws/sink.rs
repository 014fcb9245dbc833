//! Where facts go: into a part of their own while a file or window is read, and
//! from there into the network, in the order of the files: at once if the folder
//! says whose they are, else when all of the folder is read and its contents have
//! said so.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use portolan::model::{
    BlockPublicAccess, EgressOnlyInternetGateway, ElasticAddress, FileId, Instance, InterfaceFacts,
    InternetGateway, Limitation, LimitationCode, Listing, LoadBalancer, NatGateway, Network,
    NetworkAcl, NetworkBuilder, Origin, Place, PrefixList, PrefixListId, Renumber, RouteTable,
    SecurityGroup, SecurityGroupRule, Service, Subnet, SubnetGroup, TargetGroup, TextId,
    TransitGateway, TransitGatewayAttachment, TransitGatewayRoute, TransitGatewayRouteTable, Vpc,
    VpcEndpoint, VpcId, VpcPeeringConnection, Warning,
};
use portolan::net::Cidr;

use super::Listed;
use super::field::{Field, List, Str};
use super::words::Tag;
use crate::detect;
use crate::files::File;

/// A fact whose origin is known when its folder is.
pub(crate) trait Fact {
    fn add(self, builder: &mut NetworkBuilder);
}

macro_rules! facts {
    ($($kind:ident => $add:ident,)+) => {$(
        impl Fact for $kind {
            fn add(self, builder: &mut NetworkBuilder) {
                builder.$add(self, Origin::default());
            }
        }
    )+};
}

facts! {
    Vpc => add_vpc,
    Subnet => add_subnet,
    InterfaceFacts => add_interface,
    Instance => add_instance,
    SecurityGroup => add_security_group,
    NetworkAcl => add_network_acl,
    RouteTable => add_route_table,
    InternetGateway => add_internet_gateway,
    EgressOnlyInternetGateway => add_egress_only_internet_gateway,
    NatGateway => add_nat_gateway,
    VpcPeeringConnection => add_peering,
    VpcEndpoint => add_vpc_endpoint,
    TransitGateway => add_transit_gateway,
    TransitGatewayAttachment => add_transit_gateway_attachment,
    TransitGatewayRouteTable => add_transit_gateway_route_table,
    PrefixList => add_prefix_list,
    LoadBalancer => add_load_balancer,
    TargetGroup => add_target_group,
    Service => add_service,
    SubnetGroup => add_subnet_group,
    BlockPublicAccess => add_block_public_access,
    ElasticAddress => add_address,
}

/// Entries of a prefix list; `None`: not all of them are known.
type Entries = Option<Vec<Cidr>>;

/// The facts of a file, or of a window of one. Its strings have ids of its own.
#[derive(Debug, Default)]
pub(crate) struct Part {
    builder: NetworkBuilder,
    regions: BTreeSet<TextId>,
    accounts: BTreeSet<TextId>,
    own_accounts: BTreeSet<TextId>,
    of_instances: Vec<InterfaceFacts>,
    rules: BTreeMap<TextId, Place>,
    entries: Vec<(TextId, Place, Entries)>,
    /// The replies that were there, and whether each said that more follows.
    replies: Vec<(Listed, bool, Place)>,
}

impl Part {
    /// Counts the elements of the part, which is a window, from `first`.
    pub(crate) fn count_from(&mut self, first: u32) {
        self.builder.count_elements_from(first);
    }
}

/// What is known of a folder, and what waits for more to be known.
#[derive(Debug, Default)]
struct Folder {
    /// By the folder's name, empty where it has none.
    named: Origin,
    regions: BTreeSet<TextId>,
    accounts: BTreeSet<TextId>,
    /// Accounts that are certainly the caller's own.
    own_accounts: BTreeSet<TextId>,
    pending: Vec<NetworkBuilder>,
    /// Interfaces as describe-instances gives them: only if nothing better is there.
    of_instances: Vec<InterfaceFacts>,
    /// Rules of describe-security-group-rules, by group.
    rules: BTreeMap<TextId, Place>,
    /// Entries of prefix lists that came in files of their own.
    entries: BTreeMap<TextId, (Place, Entries)>,
    listings: BTreeSet<Listing>,
    /// For each listing how many replies there were, and how many said that more follows.
    pages: BTreeMap<Listed, Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    replies: u64,
    continued: u64,
    last: Option<Place>,
}

impl Folder {
    fn origin(&self) -> Origin {
        let only = |set: &BTreeSet<TextId>| match set.len() {
            1 => set.first().copied().unwrap_or_default(),
            _ => TextId::EMPTY,
        };
        let known = |named: TextId, others: &[&BTreeSet<TextId>]| {
            let found = others.iter().map(|set| only(set)).find(|one| !one.is_empty());
            if named.is_empty() { found.unwrap_or_default() } else { named }
        };
        Origin {
            account: known(self.named.account, &[&self.own_accounts, &self.accounts]),
            region: known(self.named.region, &[&self.regions]),
        }
    }

    fn is_named(&self) -> bool {
        !self.named.account.is_empty() && !self.named.region.is_empty()
    }
}

/// Collects the facts of all files, in their order.
#[derive(Debug, Default)]
pub(crate) struct Sink {
    builder: NetworkBuilder,
    folders: Vec<Folder>,
    numbers: BTreeMap<String, usize>,
}

impl Sink {
    /// The number of the folder of a file; `place` is its path with the names
    /// above the root, `key` tells folders of different roots apart.
    pub(crate) fn folder(&mut self, key: &str, place: &str) -> usize {
        if let Some(&number) = self.numbers.get(key) {
            return number;
        }
        let number = self.folders.len();
        self.numbers.insert(key.to_owned(), number);
        let find = |is: fn(&str) -> bool| place.rsplit('/').find(|name| is(name)).unwrap_or("");
        let account = self.builder.text.intern(find(detect::is_account));
        let region = self.builder.text.intern(find(detect::is_region));
        self.folders.push(Folder { named: Origin { account, region }, ..Folder::default() });
        number
    }

    /// Adds the facts of a part of a file in this folder.
    pub(crate) fn absorb(&mut self, folder: usize, mut part: Part) {
        let new = self.builder.adopt(&mut part.builder);
        let Some(folder) = self.folders.get_mut(folder) else { return };
        folder.regions.extend(part.regions.iter().map(|&region| new.of(region)));
        folder.accounts.extend(part.accounts.iter().map(|&account| new.of(account)));
        folder.own_accounts.extend(part.own_accounts.iter().map(|&account| new.of(account)));
        for (listed, continued, place) in part.replies {
            let pages = folder.pages.entry(listed).or_default();
            pages.replies += 1;
            pages.continued += u64::from(continued);
            pages.last = Some(place);
            if let Some(listing) = listed.listing()
                && folder.listings.insert(listing)
            {
                part.builder.add_listing(Origin::default(), listing);
            }
        }
        // What describe-network-interfaces says of the same folder is the better word.
        if folder.pages.contains_key(&Listed::NetworkInterfaces) {
            folder.of_instances = Vec::new();
        } else {
            folder.of_instances.extend(part.of_instances.into_iter().map(|mut interface| {
                interface.renumber(&new);
                interface
            }));
        }
        for (group, place) in part.rules {
            folder.rules.entry(new.of(group)).or_insert(place);
        }
        for (list, place, entries) in part.entries {
            let known =
                folder.entries.entry(new.of(list)).or_insert_with(|| (place, Some(Vec::new())));
            match (&mut known.1, entries) {
                (Some(all), Some(more)) => all.extend(more),
                (all, _) => *all = None,
            }
        }
        if folder.is_named() {
            self.builder.append(part.builder, folder.named);
        } else {
            folder.pending.push(part.builder);
        }
    }

    /// The network of all facts.
    pub(crate) fn finish(mut self, threads: NonZeroUsize) -> Network {
        let origins: Vec<Origin> = self.folders.iter().map(Folder::origin).collect();
        let mut listed: Vec<(Origin, Listed)> = Vec::new();
        for (folder, &origin) in self.folders.iter_mut().zip(&origins) {
            for part in std::mem::take(&mut folder.pending) {
                self.builder.append(part, origin);
            }
            for (list, (place, entries)) in std::mem::take(&mut folder.entries) {
                let entries = entries.map(Into::into);
                let list = PrefixList { id: list, place, name: TextId::EMPTY, entries };
                self.builder.add_prefix_list(list, origin);
            }
            listed.extend(folder.pages.keys().map(|&listed| (origin, listed)));
            for (listed, pages) in &folder.pages {
                if pages.replies == pages.continued {
                    let about = self.builder.text.intern(listed.command());
                    self.builder.add_limitation(Limitation {
                        code: LimitationCode::NotCollected,
                        about,
                        scope: TextId::EMPTY,
                        place: pages.last,
                    });
                }
            }
        }
        let fits = |one: TextId, other: TextId| one.is_empty() || other.is_empty() || one == other;
        let is_listed = |origin: Origin, asked: Listed| {
            listed.iter().any(|&(at, listed)| {
                listed == asked
                    && fits(at.account, origin.account)
                    && fits(at.region, origin.region)
            })
        };
        for (folder, &origin) in self.folders.iter_mut().zip(&origins) {
            if !is_listed(origin, Listed::NetworkInterfaces) {
                let mut part = NetworkBuilder::default();
                for interface in std::mem::take(&mut folder.of_instances) {
                    interface.add(&mut part);
                }
                self.builder.append(part, origin);
            }
            if !is_listed(origin, Listed::SecurityGroups) {
                for (&group, &place) in &folder.rules {
                    let group = SecurityGroup {
                        id: group,
                        place,
                        name: TextId::EMPTY,
                        description: TextId::EMPTY,
                        vpc: VpcId::named(TextId::EMPTY),
                        owner: TextId::EMPTY,
                        associated: Vec::new(),
                        rules: Vec::new(),
                        // The network's builder turns this when it puts the rules in.
                        seen: false,
                    };
                    self.builder.add_security_group(group, origin);
                }
            }
        }
        self.builder.build_on(threads)
    }
}

/// The part of the facts that is being read, at one resource of one file.
pub(crate) struct Cx<'f> {
    pub(crate) part: Part,
    interfaces: &'f AtomicBool,
    file: FileId,
    /// The file as it is shown.
    pub(crate) name: &'f str,
    /// Where the resource stands.
    pub(crate) place: Place,
    /// Its id.
    pub(crate) about: TextId,
    /// Which element of its listing it is, from 0 in this part.
    pub(crate) ordinal: u32,
    /// From which byte of the text that is being read on how many are to be added
    /// for the place in the file, ascending.
    shifts: Vec<(usize, usize)>,
    /// The entries of a prefix list that a reply consists of: see `prefix_list`.
    pub(crate) entries: Option<super::prefix_list::Loose>,
    /// An element of the listing is what the listing's name says: see `Listed::is_shared`.
    pub(crate) recognised: bool,
    /// One of them is no object.
    pub(crate) damaged: bool,
}

impl<'f> Cx<'f> {
    pub(crate) fn new(id: FileId, file: &'f File, shifts: Vec<(usize, usize)>) -> Self {
        Self {
            part: Part::default(),
            interfaces: &file.interfaces,
            file: id,
            name: &file.name,
            place: Place::new(id, 0),
            about: TextId::EMPTY,
            ordinal: 0,
            shifts,
            entries: None,
            recognised: false,
            damaged: false,
        }
    }

    /// The byte of the file at `offset` of the text that is being read.
    pub(crate) fn byte_at(&self, offset: usize) -> usize {
        let shift = self.shifts.iter().rev().find(|&&(from, _)| from <= offset);
        offset.saturating_add(shift.map_or(0, |&(_, shift)| shift))
    }

    fn place_at(&self, offset: usize) -> Place {
        Place::new(self.file, crate::error::count(self.byte_at(offset)))
    }

    /// Goes to what stands at a byte of the file.
    pub(crate) fn at_byte(&mut self, byte: usize) {
        self.place = Place::new(self.file, crate::error::count(byte));
    }

    /// Goes to the resource at `offset`.
    pub(crate) fn at(&mut self, offset: usize, about: &Str<'_>) {
        self.place = self.place_at(offset);
        self.about = self.intern(about.as_str());
    }

    pub(crate) fn add(&mut self, fact: impl Fact) {
        fact.add(&mut self.part.builder);
    }

    /// What is put together when all files are read.
    pub(crate) fn builder(&mut self) -> &mut NetworkBuilder {
        &mut self.part.builder
    }

    /// Says that a reply of this call was there.
    pub(crate) fn saw(&mut self, listed: Listed, continued: bool, offset: usize) {
        let place = self.place_at(offset);
        self.part.replies.push((listed, continued, place));
    }

    pub(crate) fn add_interface_of_instance(&mut self, interface: InterfaceFacts) {
        // They would be dropped when the parts are put together: see `Sink::absorb`.
        if !self.interfaces.load(Ordering::Relaxed) {
            self.part.of_instances.push(interface);
        }
    }

    pub(crate) fn add_rule(&mut self, group: TextId, rule: SecurityGroupRule) {
        self.part.rules.entry(group).or_insert(self.place);
        self.part.builder.add_security_group_rule(group, rule);
    }

    pub(crate) fn add_transit_gateway_route(&mut self, table: TextId, route: TransitGatewayRoute) {
        self.part.builder.add_transit_gateway_route(table, route);
    }

    /// Says that a listing of the folder's interfaces is there.
    pub(crate) fn saw_interfaces(&self) {
        self.interfaces.store(true, Ordering::Relaxed);
    }

    pub(crate) fn add_association(&mut self, group: TextId, vpc: TextId) {
        self.part.builder.add_security_group_vpc_association(group, vpc);
    }

    /// Adds entries of a list whose pages may lie in several files.
    pub(crate) fn add_entries(&mut self, list: TextId, entries: Entries) {
        self.part.entries.push((list, self.place, entries));
    }

    pub(crate) fn intern(&mut self, text: &str) -> TextId {
        self.part.builder.text.intern(text)
    }

    /// A text that decides: an id, a name.
    pub(crate) fn text(&mut self, field: &'static str, value: &Str<'_>) -> TextId {
        if value.is_wrong() {
            self.unreadable(field);
        }
        self.intern(value.as_str())
    }

    /// The account that owns the resource: perhaps of whom the whole folder is.
    pub(crate) fn owner(&mut self, value: &Str<'_>) -> TextId {
        let owner = self.intern(value.as_str());
        if detect::is_account(value.as_str()) {
            self.part.accounts.insert(owner);
        }
        owner
    }

    /// An account that is certainly the one that was asked.
    pub(crate) fn own_account(&mut self, account: &str) {
        let owner = self.intern(account);
        if detect::is_account(account) {
            self.part.own_accounts.insert(owner);
        }
    }

    /// The region of a zone or an ARN of this region's things, empty if it has none.
    pub(crate) fn region(&mut self, zone: &Str<'_>, arn: &Str<'_>) -> TextId {
        let region = detect::region_of(zone.as_str()).or_else(|| detect::of_arn(arn.as_str()).0);
        let Some(region) = region else { return TextId::EMPTY };
        let region = self.intern(region);
        self.part.regions.insert(region);
        region
    }

    /// Reports a field that decides and can't be read.
    pub(crate) fn unreadable(&mut self, field: &str) {
        self.limit(LimitationCode::UnreadableValue, self.about);
        self.warn(format!("`{field}` can't be read"));
    }

    /// Reports a value that decides and that we don't know.
    pub(crate) fn unknown(&mut self, field: &str, value: &str) {
        self.limit(LimitationCode::UnreadableValue, self.about);
        self.warn(match value {
            "" => format!("`{field}` is missing"),
            _ => format!("`{field}` is `{value}`, which we do not know"),
        });
    }

    pub(crate) fn limit(&mut self, code: LimitationCode, about: TextId) {
        self.part.builder.add_limitation(Limitation {
            code,
            about,
            scope: TextId::EMPTY,
            place: Some(self.place),
        });
    }

    pub(crate) fn warn(&mut self, message: String) {
        self.part.builder.add_warning(Warning {
            place: Some(self.place),
            about: self.about,
            message,
        });
    }

    /// A CIDR block that decides; `None` and a limitation if it can't be read.
    pub(crate) fn cidr(&mut self, field: &str, value: &Str<'_>) -> Option<Cidr> {
        let Field::Given(text) = value else {
            self.unreadable(field);
            return None;
        };
        match Cidr::parse(text) {
            Ok((cidr, host_bits)) => {
                if host_bits {
                    self.warn(format!("`{text}` has host bits set: taken as {cidr}"));
                }
                Some(cidr)
            }
            Err(error) => {
                self.limit(LimitationCode::UnreadableValue, self.about);
                self.warn(format!("`{field}`: {error}"));
                None
            }
        }
    }

    /// An IPv4 address; `None` where there is none, and with a limitation if it can't be read.
    pub(crate) fn address(&mut self, field: &str, value: &Str<'_>) -> Option<u32> {
        match value {
            Field::Absent => None,
            Field::Given(text) if text.is_empty() => None,
            Field::Given(text) => {
                let address: Option<std::net::Ipv4Addr> = text.parse().ok();
                if address.is_none() {
                    self.unknown(field, text);
                }
                address.map(u32::from)
            }
            Field::Wrong => {
                self.unreadable(field);
                None
            }
        }
    }

    /// Tags and the Name among them.
    pub(crate) fn tags(&mut self, tags: &List<Tag<'_>>) -> (TextId, Vec<(TextId, TextId)>) {
        if tags.is_damaged() {
            self.warn("a tag can't be read".to_owned());
        }
        let mut name = TextId::EMPTY;
        let mut all = Vec::new();
        for tag in tags.items() {
            let key = self.intern(tag.key.as_str());
            let value = self.intern(tag.value.as_str());
            if tag.key.as_str() == "Name" {
                name = value;
            }
            all.push((key, value));
        }
        (name, all)
    }

    pub(crate) fn prefix_list(&mut self, value: &str) -> PrefixListId {
        PrefixListId::named(self.intern(value))
    }
}
