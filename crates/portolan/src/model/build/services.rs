//! Which interfaces are which service's, and which interfaces of a service nobody listed.
//!
//! A listing that gives interfaces or addresses says it by itself; the description of an
//! interface names the service, or its kind only (`RDSNetworkInterface`): then it may be
//! that of any of the kind's services in the same subnets which wears the same groups.
//!
//! A service of which no interface is listed has one all the same. It is added as
//! unlisted, in each subnet that it may be in, at the addresses there that nobody else has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::merge::merge_kind;
use super::renumber::{Renumber, Renumbering};
use super::{Chunks, Given, NetworkBuilder, Origin};
use crate::model::lookup::Lookup;
use crate::model::service::{Made, told};
use crate::model::{
    Attachment, HeldV4, HeldV6, InterfaceFacts, InterfaceKind, LimitationCode, Place, Service,
    ServiceKind, SubnetGroup, SubnetId, TextId, Unlisted, VpcId,
};
use crate::net::{IpSet, Ipv4Set, RangeSet};

/// What the calls gave, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Services {
    pub(super) services: Chunks<Given<Service>>,
    /// Members of clusters, as far as the clusters' listing tells of them.
    members: Chunks<Given<Service>>,
    subnet_groups: Chunks<Given<SubnetGroup>>,
    /// The services of each interface that has one, by the interface's id.
    pub(super) of: Lookup<TextId, Vec<Arc<Service>>>,
}

impl NetworkBuilder {
    /// Adds a service as its own listing gives it.
    pub fn add_service(&mut self, fact: Service, origin: Origin) {
        self.services.services.push(Given { fact, origin });
    }

    /// Adds what the listing of its cluster says of a service: it counts where the service's
    /// own listing says nothing.
    pub fn add_member_of_cluster(&mut self, fact: Service, origin: Origin) {
        self.services.members.push(Given { fact, origin });
    }

    /// Adds subnets under a name.
    pub fn add_subnet_group(&mut self, fact: SubnetGroup, origin: Origin) {
        self.services.subnet_groups.push(Given { fact, origin });
    }
}

impl Services {
    /// Takes over the facts, now that it is known whose they are.
    pub(super) fn append(&mut self, mut part: Self, origin: Origin) {
        part.services.iter_mut().for_each(|given| given.origin = origin);
        part.members.iter_mut().for_each(|given| given.origin = origin);
        part.subnet_groups.iter_mut().for_each(|given| given.origin = origin);
        self.services.append(part.services);
        self.members.append(part.members);
        self.subnet_groups.append(part.subnet_groups);
    }
}

impl Renumber for Services {
    fn renumber(&mut self, new: &Renumbering) {
        // What came of them is made when all is there.
        let Self { services, members, subnet_groups, of: _ } = self;
        services.renumber(new);
        members.renumber(new);
        subnet_groups.renumber(new);
    }
}

/// The kinds that share the listings and the descriptions of RDS.
fn family(kind: ServiceKind) -> ServiceKind {
    let of_rds = matches!(kind, ServiceKind::DocumentDb | ServiceKind::Neptune);
    if of_rds { ServiceKind::Rds } else { kind }
}

/// One interface as far as it tells whose it is.
struct Seen {
    number: usize,
    id: TextId,
    kind: ServiceKind,
    name: String,
}

impl NetworkBuilder {
    /// Finds the services of all interfaces, names the interfaces after them, and adds
    /// those interfaces that a service must have and nobody listed.
    pub(super) fn find_services(&mut self, conflicts: &mut Vec<(TextId, Place)>) {
        let mut services = std::mem::take(&mut self.services);
        let known: BTreeSet<TextId> = services.services.iter().map(|given| given.fact.id).collect();
        for given in std::mem::take(&mut services.members) {
            if !known.contains(&given.fact.id) {
                services.services.push(given);
            }
        }
        merge_kind(&mut services.services, &self.text, conflicts);
        let mut all: Vec<Given<Service>> = services.services.into_iter().collect();
        all.sort_by(|one, other| self.text.get(one.fact.id).cmp(self.text.get(other.fact.id)));
        self.complete_services(&mut all, &services.subnet_groups);
        let seen = self.told_interfaces();
        if all.is_empty() && seen.is_empty() {
            return;
        }
        let origins: Vec<Origin> = all.iter().map(|given| given.origin).collect();
        let all: Vec<Arc<Service>> = all.into_iter().map(|given| Arc::new(given.fact)).collect();
        let (mut of, listed) = self.match_services(&all, &seen);
        self.name_interfaces(&mut of);
        let mut taken = BTreeMap::new();
        for ((service, &origin), _) in
            all.iter().zip(&origins).zip(&listed).filter(|(_, listed)| !**listed)
        {
            self.add_unlisted(service, origin, &mut taken, &mut of);
        }
        self.services.of = of;
    }

    /// Subnets of subnet groups, and the VPC of subnets or groups.
    fn complete_services(
        &self,
        all: &mut [Given<Service>],
        subnet_groups: &Chunks<Given<SubnetGroup>>,
    ) {
        let vpc_of_subnet: Lookup<TextId, VpcId> =
            self.subnets.iter().map(|given| (given.fact.id, given.fact.vpc)).collect();
        let vpc_of_group: Lookup<TextId, VpcId> =
            self.security_groups.iter().map(|given| (given.fact.id, given.fact.vpc)).collect();
        for Given { fact: service, origin } in all {
            let named = subnet_groups.iter().find(|given| {
                given.origin == *origin
                    && given.fact.kind == family(service.kind)
                    && given.fact.name == service.subnet_group
            });
            if let Some(Given { fact: named, .. }) = named {
                service.vpc = service.vpc.or(Some(named.vpc));
                if service.subnets.is_empty() {
                    service.subnets.clone_from(&named.subnets);
                }
            }
            let of_subnet = service.subnets.iter().map(|subnet| subnet.as_text());
            let of_subnet = of_subnet.filter_map(|id| vpc_of_subnet.get(&id).copied()).next();
            let of_group = service.security_groups.iter().map(|group| group.as_text());
            let of_group = of_group.filter_map(|id| vpc_of_group.get(&id).copied()).next();
            service.vpc = service.vpc.or(of_subnet).or(of_group);
        }
    }

    /// The interfaces whose words tell that a service has them.
    fn told_interfaces(&self) -> Vec<Seen> {
        let mut seen = Vec::new();
        for (number, given) in self.interfaces.iter().enumerate() {
            let facts = &given.fact;
            let made = Made {
                description: self.text.get(facts.description),
                interface_type: self.text.get(facts.interface_type),
                requester: self.text.get(facts.requester),
                of_instance: facts.instance.is_some(),
            };
            if let Some((kind, name)) = told(made) {
                seen.push(Seen { number, id: facts.id, kind, name: name.to_owned() });
            }
        }
        seen
    }

    /// The services of each interface, and of each service whether all its interfaces are
    /// listed.
    fn match_services(
        &mut self,
        all: &[Arc<Service>],
        seen: &[Seen],
    ) -> (Lookup<TextId, Vec<Arc<Service>>>, Vec<bool>) {
        let mut of: Lookup<TextId, Vec<Arc<Service>>> = Lookup::default();
        let mut listed = vec![false; all.len()];
        let mut by_id: Lookup<TextId, usize> = Lookup::default();
        let mut by_address: Lookup<(TextId, u32), usize> = Lookup::default();
        let mut by_name: BTreeMap<(ServiceKind, &str), Vec<usize>> = BTreeMap::new();
        let mut by_kind: BTreeMap<ServiceKind, Vec<usize>> = BTreeMap::new();
        for (number, service) in all.iter().enumerate() {
            by_id.extend(service.interfaces.iter().map(|&interface| (interface, number)));
            if let Some(vpc) = service.vpc {
                let vpc = vpc.as_text();
                by_address.extend(service.addresses.iter().map(|&at| ((vpc, at), number)));
            }
            let kind = family(service.kind);
            by_name.entry((kind, self.text.get(service.name))).or_default().push(number);
            by_kind.entry(kind).or_default().push(number);
        }
        // What a listing says of an interface goes before all words.
        let said: Vec<Option<usize>> = if by_id.is_empty() && by_address.is_empty() {
            Vec::new()
        } else {
            let by = self.interfaces.iter().map(|given| {
                let facts = &given.fact;
                let vpc = facts.vpc.as_text();
                let at = |held: &HeldV4| by_address.get(&(vpc, held.first)).copied();
                by_id.get(&facts.id).copied().or_else(|| facts.ipv4.iter().find_map(at))
            });
            by.collect()
        };
        let ids: Vec<TextId> = self.interfaces.iter().map(|given| given.fact.id).collect();
        for (number, &id) in ids.iter().enumerate() {
            if let Some(service) = said.get(number).copied().flatten()
                && let (Some(found), Some(listed)) = (all.get(service), listed.get_mut(service))
            {
                of.insert(id, vec![Arc::clone(found)]);
                *listed = true;
            }
        }
        let zones: Lookup<TextId, TextId> =
            self.subnets.iter().map(|given| (given.fact.id, given.fact.zone)).collect();
        let facts: Vec<&InterfaceFacts> = self.interfaces.iter().map(|given| &given.fact).collect();
        let mut unnamed: Vec<(&Seen, Vec<usize>)> = Vec::new();
        let mut strangers: Vec<&Seen> = Vec::new();
        for interface in seen {
            let Some(facts) = facts.get(interface.number).copied() else { continue };
            if of.contains_key(&interface.id) {
                continue;
            }
            let kind = family(interface.kind);
            let here = |number: &usize| {
                all.get(*number).is_some_and(|service| {
                    service.vpc.is_none_or(|vpc| vpc == facts.vpc)
                        && (service.subnets.is_empty() || service.subnets.contains(&facts.subnet))
                })
            };
            let named = by_name.get(&(kind, interface.name.as_str()));
            let named: Vec<usize> = match interface.name.is_empty() {
                true => Vec::new(),
                false => named.into_iter().flatten().copied().filter(here).collect(),
            };
            if !named.is_empty() {
                for &number in &named {
                    if let Some(listed) = listed.get_mut(number) {
                        *listed = true;
                    }
                }
                let found = named.iter().filter_map(|&number| all.get(number).cloned());
                of.insert(interface.id, found.collect());
            }
            // Functions that wear the same groups in a subnet share an interface, which is
            // called after the one that came first.
            let shares = kind == ServiceKind::Lambda;
            if !named.is_empty() && !shares {
                continue;
            }
            let mut candidates: Vec<usize> = match interface.name.is_empty() || shares {
                true => by_kind.get(&kind).cloned().unwrap_or_default(),
                false => Vec::new(),
            };
            candidates.retain(|&number| {
                !named.contains(&number)
                    && all.get(number).is_some_and(|service| may_be(service, facts))
            });
            let zone = zones.get(&facts.subnet.as_text()).copied().unwrap_or_default();
            let in_zone = |number: &usize| {
                all.get(*number).is_some_and(|it| it.zones.is_empty() || it.zones.contains(&zone))
            };
            if candidates.iter().any(in_zone) {
                candidates.retain(in_zone);
            }
            if shares {
                for &number in &candidates {
                    if let (Some(found), Some(listed)) = (all.get(number), listed.get_mut(number)) {
                        of.entry(interface.id).or_default().push(Arc::clone(found));
                        *listed = true;
                    }
                }
                if !of.contains_key(&interface.id) {
                    strangers.push(interface);
                }
            } else if candidates.is_empty() {
                strangers.push(interface);
            } else {
                unnamed.push((interface, candidates));
            }
        }
        // Of services that can't be told apart each has its interface only if there are
        // as many interfaces.
        for group in alike(&unnamed, all.len()) {
            let interfaces =
                unnamed.iter().filter(|(_, of)| of.iter().any(|it| group.contains(it)));
            let enough = interfaces.count() >= group.len();
            for &number in &group {
                if let Some(listed) = listed.get_mut(number) {
                    *listed |= enough;
                }
            }
        }
        for (interface, candidates) in unnamed {
            let found = candidates.iter().filter_map(|&number| all.get(number).cloned());
            of.insert(interface.id, found.collect());
        }
        let strangers: Vec<(TextId, ServiceKind, String, Place)> = strangers
            .into_iter()
            .filter_map(|it| {
                let place = facts.get(it.number)?.place;
                Some((it.id, it.kind, it.name.clone(), place))
            })
            .collect();
        // What only its interfaces tell of, with the ports that the kind always has.
        for (id, kind, name, place) in strangers {
            let service = Service {
                id: TextId::EMPTY,
                place,
                kind,
                name: self.text.intern(&name),
                engine: TextId::EMPTY,
                ports: usual_ports(kind).to_vec(),
                publicly_accessible: None,
                vpc: None,
                subnet_group: TextId::EMPTY,
                subnets: Vec::new(),
                zones: Vec::new(),
                security_groups: Vec::new(),
                interfaces: Vec::new(),
                addresses: Vec::new(),
                only_ipv4: false,
            };
            of.insert(id, vec![Arc::new(service)]);
        }
        (of, listed)
    }

    /// An interface that has no name of its own is called after its service.
    fn name_interfaces(&mut self, of: &mut Lookup<TextId, Vec<Arc<Service>>>) {
        for Given { fact, .. } in self.interfaces.iter_mut() {
            let Some(services) = of.get(&fact.id) else { continue };
            if fact.name == fact.description {
                let label = several(services, &self.text);
                fact.name = self.text.intern(&label);
            }
        }
    }

    /// Adds the interfaces of a service that nobody listed; `taken`: addresses that
    /// somebody has, by VPC, as far as they were asked for.
    fn add_unlisted(
        &mut self,
        service: &Arc<Service>,
        origin: Origin,
        taken: &mut BTreeMap<VpcId, IpSet>,
        of: &mut Lookup<TextId, Vec<Arc<Service>>>,
    ) {
        let Some(vpc) = service.vpc else {
            // Outside a VPC nothing is to be missed.
            if !service.subnets.is_empty() || !service.security_groups.is_empty() {
                self.limit(LimitationCode::UnlistedService, service.id, Some(service.place));
            }
            return;
        };
        self.limit(LimitationCode::UnlistedService, service.id, Some(service.place));
        let mut subnets: Vec<SubnetId> = service.subnets.clone();
        if subnets.is_empty() {
            let inside = self.subnets.iter().filter(|given| given.fact.vpc == vpc);
            subnets = inside.map(|given| SubnetId::named(given.fact.id)).collect();
        }
        let known: BTreeSet<TextId> = subnets.iter().map(|subnet| subnet.as_text()).collect();
        let taken = taken.entry(vpc).or_insert_with(|| self.taken(vpc));
        let label = service.label(&self.text);
        let name = self.text.intern(&label);
        let mut found = Vec::new();
        for Given { fact: subnet, .. } in self.subnets.iter() {
            if !known.contains(&subnet.id) {
                continue;
            }
            let free = subnet.ipv4.map_or_else(Ipv4Set::empty, |block| {
                // The first four addresses and the last one are AWS's own.
                let usable = Ipv4Set::range(
                    block.first().saturating_add(4).min(block.last()),
                    block.last().saturating_sub(1).max(block.first()),
                );
                usable.difference(&taken.v4)
            });
            let addresses: Vec<u32> =
                service.addresses.iter().copied().filter(|&at| free.contains(at)).collect();
            let ipv4: Vec<(u32, u32)> = match service.addresses.is_empty() {
                true => free.ranges().to_vec(),
                false => addresses.into_iter().map(|at| (at, at)).collect(),
            };
            if ipv4.is_empty() && !service.addresses.is_empty() {
                continue;
            }
            let ipv6 = match service.only_ipv4 {
                true => Vec::new(),
                false => {
                    let blocks = subnet.ipv6.iter().map(|it| (it.first(), it.last()));
                    let blocks = RangeSet::from_ranges(blocks.collect::<Vec<_>>());
                    blocks.difference(&taken.v6).ranges().to_vec()
                }
            };
            found.push((subnet.id, subnet.owner, subnet.region, ipv4, ipv6));
        }
        for (subnet, owner, region, ipv4, ipv6) in found {
            let id = format!(
                "{}/{}/{}",
                service.kind.as_str(),
                self.text.get(service.name),
                self.text.get(subnet)
            );
            let id = self.text.intern(&id);
            let facts = InterfaceFacts {
                id,
                place: service.place,
                owner,
                region,
                vpc,
                subnet: SubnetId::named(subnet),
                instance: None,
                name,
                description: TextId::EMPTY,
                interface_type: TextId::EMPTY,
                requester: TextId::EMPTY,
                requester_managed: Some(true),
                kind: InterfaceKind::Host,
                attachment: Attachment::Unknown,
                source_dest_check: Some(true),
                deny_all_igw_traffic: None,
                groups: service.security_groups.clone(),
                ipv4: ipv4
                    .into_iter()
                    .map(|(first, last)| HeldV4 { first, last, public: None })
                    .collect(),
                ipv6: ipv6.into_iter().map(|(first, last)| HeldV6 { first, last }).collect(),
                tags: Vec::new(),
                // Some listings do not say which groups are worn.
                contested: service.security_groups.is_empty(),
                seen: false,
                unlisted: Some(match service.publicly_accessible {
                    Some(false) => Unlisted::Private,
                    Some(true) => Unlisted::MaybePublic,
                    None if may_be_public(service.kind) => Unlisted::MaybePublic,
                    None => Unlisted::Private,
                }),
            };
            of.insert(id, vec![Arc::clone(service)]);
            self.interfaces.push(Given { fact: facts, origin });
        }
    }

    /// The addresses of a VPC that somebody has.
    fn taken(&self, vpc: VpcId) -> IpSet {
        let listed = || {
            let all = self.interfaces.iter().map(|given| &given.fact);
            all.filter(|fact| fact.vpc == vpc && fact.unlisted.is_none())
        };
        let held = listed().flat_map(|it| it.ipv4.iter().map(|held| (held.first, held.last)));
        let v6 = listed().flat_map(|it| it.ipv6.iter().map(|held| (held.first, held.last)));
        let translated = self.nat_gateways.iter().filter(|given| given.fact.vpc == vpc);
        let translated = translated.flat_map(|given| &given.fact.addresses);
        let translated = translated.filter_map(|it| it.private).map(|at| (at, at));
        IpSet {
            v4: RangeSet::from_ranges(held.chain(translated).collect::<Vec<_>>()),
            v6: RangeSet::from_ranges(v6.collect::<Vec<_>>()),
        }
    }
}

/// Whether the interface may be one of the service's: in its VPC and subnets, with its groups.
fn may_be(service: &Service, facts: &InterfaceFacts) -> bool {
    let groups = |groups: &[_]| groups.iter().copied().collect::<BTreeSet<_>>();
    service.vpc.is_none_or(|vpc| vpc == facts.vpc)
        && (service.subnets.is_empty() || service.subnets.contains(&facts.subnet))
        && groups(&service.security_groups) == groups(&facts.groups)
}

/// Services that interfaces tie together, since they may be either's.
fn alike(unnamed: &[(&Seen, Vec<usize>)], count: usize) -> Vec<BTreeSet<usize>> {
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    for (_, candidates) in unnamed {
        let mut joined: BTreeSet<usize> =
            candidates.iter().copied().filter(|&it| it < count).collect();
        groups.retain(|group| {
            let apart = group.is_disjoint(&joined);
            if !apart {
                joined.extend(group);
            }
            apart
        });
        groups.push(joined);
    }
    groups
}

/// What an interface is called that may be one of several services'.
fn several(services: &[Arc<Service>], text: &crate::model::Text) -> String {
    /// So many are named.
    const NAMED: usize = 3;
    let mut labels: Vec<String> =
        services.iter().take(NAMED).map(|service| service.label(text)).collect();
    let more = services.len().saturating_sub(NAMED);
    if more > 0 {
        labels.push(format!("{more} more"));
    }
    labels.join(" or ")
}

/// Whether services of the kind may have public addresses at all.
fn may_be_public(kind: ServiceKind) -> bool {
    matches!(kind, ServiceKind::Rds | ServiceKind::Redshift | ServiceKind::Dms | ServiceKind::Msk)
}

/// The TCP ports that a service has where its listing names none.
pub(super) fn usual_ports(kind: ServiceKind) -> &'static [u16] {
    match kind {
        ServiceKind::OpenSearch => &[80, 443],
        ServiceKind::Efs => &[2049],
        ServiceKind::Eks => &[443],
        ServiceKind::DocumentDb => &[27017],
        ServiceKind::Neptune => &[8182],
        ServiceKind::Redshift => &[5439],
        ServiceKind::Dax => &[8111, 9111],
        ServiceKind::Rds
        | ServiceKind::ElastiCache
        | ServiceKind::MemoryDb
        | ServiceKind::Dms
        | ServiceKind::Msk
        | ServiceKind::Mq
        | ServiceKind::Fsx
        | ServiceKind::Lambda
        | ServiceKind::EksPods
        | ServiceKind::EcsTask
        | ServiceKind::Directory
        | ServiceKind::WorkSpaces
        | ServiceKind::Resolver
        | ServiceKind::ClientVpn
        | ServiceKind::InstanceConnect
        | ServiceKind::GlobalAccelerator
        | ServiceKind::ApiGateway
        | ServiceKind::Glue
        | ServiceKind::SageMaker
        | ServiceKind::CodeBuild
        | ServiceKind::QuickSight => &[],
    }
}
