//! The same resource seen twice: equal is one; from its owner's account and
//! from another's, the owner's; otherwise both, and nothing that only one of
//! them says is certain. What decides nothing (descriptions, what a subnet gives to
//! those who will be launched) makes no difference, and is taken from where it is said.

use std::collections::BTreeMap;

use super::{Chunks, Given, NetworkBuilder};
use crate::model::{
    BlockMode, Direction, EgressOnlyInternetGateway, Instance, InstanceState, InterfaceFacts,
    InternetGateway, LimitationCode, NatConnectivity, NatGateway, NatState, NetworkAcl, Peer,
    PeeringStatus, Place, PrefixList, RouteTable, SecurityGroup, SecurityGroupRule, Service,
    Subnet, Text, TextId, Vpc, VpcEndpoint, VpcPeeringConnection,
};
use crate::net::Match;

/// A resource that can be seen twice.
pub(super) trait Resource: Sized {
    fn id(&self) -> TextId;
    fn place(&self) -> Place;
    /// The account that owns it; empty where the listing does not say.
    fn owner(&self) -> TextId;
    /// Puts lists whose order means nothing in order, so that equal is equal.
    fn canonical(&self) -> Self;
    /// Joins what differs.
    fn contest(&mut self, other: &Self);
    /// Takes over what decides nothing and this listing does not say.
    fn complete(&mut self, _other: &Self) {}
}

macro_rules! resource {
    (
        $fact:ty, $owner:expr, |$canonical:ident| $order:block,
        |$one:ident, $other:ident| $contest:block
        $(, |$whole:ident, $more:ident| $complete:block)?
    ) => {
        impl Resource for $fact {
            fn id(&self) -> TextId {
                self.id
            }
            fn place(&self) -> Place {
                self.place
            }
            fn owner(&self) -> TextId {
                let owner: fn(&Self) -> TextId = $owner;
                owner(self)
            }
            fn canonical(&self) -> Self {
                let mut $canonical = self.clone();
                $canonical.place = Place::default();
                $order
                $canonical
            }
            fn contest(&mut self, $other: &Self) {
                let $one = self;
                $contest
            }
            $(fn complete(&mut self, $more: &Self) {
                let $whole = self;
                $complete
            })?
        }
    };
}

resource!(
    Vpc,
    |vpc| vpc.owner,
    |vpc| {
        vpc.tags.sort_unstable();
    },
    |one, other| {
        one.contested = true;
        one.ipv4.extend(
            other
                .ipv4
                .iter()
                .filter(|block| !one.ipv4.contains(block))
                .copied()
                .collect::<Vec<_>>(),
        );
        one.ipv6.extend(
            other
                .ipv6
                .iter()
                .filter(|block| !one.ipv6.contains(block))
                .copied()
                .collect::<Vec<_>>(),
        );
    }
);
resource!(
    Subnet,
    |subnet| subnet.owner,
    |subnet| {
        subnet.tags.sort_unstable();
        // Each account has a name of its own for a zone.
        if !subnet.zone_id.is_empty() {
            subnet.zone = TextId::EMPTY;
        }
        subnet.assigns_public_ipv4 = None;
        subnet.assigns_ipv6 = None;
    },
    |one, _other| {
        one.contested = true;
    },
    |one, other| {
        // What was so when one of them was taken is worth telling.
        one.assigns_public_ipv4 = one.assigns_public_ipv4.max(other.assigns_public_ipv4);
        one.assigns_ipv6 = one.assigns_ipv6.max(other.assigns_ipv6);
    }
);
resource!(
    InterfaceFacts,
    |interface| interface.owner,
    |interface| {
        interface.tags.sort_unstable();
        interface.groups.sort_unstable();
        // A name is a tag or the description, and its kind says what the words decide.
        for words in [
            &mut interface.name,
            &mut interface.description,
            &mut interface.interface_type,
            &mut interface.requester,
        ] {
            *words = TextId::EMPTY;
        }
        interface.requester_managed = None;
    },
    |one, other| {
        one.contested = true;
        for group in &other.groups {
            if !one.groups.contains(group) {
                one.groups.push(*group);
            }
        }
        for held in &other.ipv4 {
            if !one.ipv4.contains(held) {
                one.ipv4.push(*held);
            }
        }
        for held in &other.ipv6 {
            if !one.ipv6.contains(held) {
                one.ipv6.push(*held);
            }
        }
    },
    |one, other| {
        said(&mut one.name, other.name);
        said(&mut one.description, other.description);
        said(&mut one.interface_type, other.interface_type);
        said(&mut one.requester, other.requester);
        one.requester_managed = one.requester_managed.or(other.requester_managed);
    }
);
resource!(
    Instance,
    |_| TextId::EMPTY,
    |instance| {
        instance.tags.sort_unstable();
    },
    |one, other| {
        if one.state != other.state {
            one.state = InstanceState::Unknown;
        }
    }
);
resource!(
    NetworkAcl,
    |_| TextId::EMPTY,
    |acl| {
        acl.subnets.sort_unstable();
        acl.entries.iter_mut().for_each(|entry| entry.ordinal = 0);
        acl.entries.sort_by_key(|entry| {
            (entry.egress, entry.number, entry.cidr.is_some_and(|cidr| cidr.is_v4()))
        });
    },
    |one, other| {
        one.contested = true;
        for subnet in &other.subnets {
            if !one.subnets.contains(subnet) {
                one.subnets.push(*subnet);
            }
        }
    }
);
resource!(
    RouteTable,
    |_| TextId::EMPTY,
    |table| {
        table.subnets.sort_unstable();
        table.routes.iter_mut().for_each(|route| route.ordinal = 0);
        table.routes.sort_by_key(|route| (route.destination, route.target));
    },
    |one, other| {
        one.contested = true;
        for subnet in &other.subnets {
            if !one.subnets.contains(subnet) {
                one.subnets.push(*subnet);
            }
        }
        one.routes.extend(other.routes.iter().cloned());
    }
);
resource!(
    SecurityGroup,
    |group| group.owner,
    |group| {
        group.description = TextId::EMPTY;
        group.rules.iter_mut().for_each(|rule| {
            rule.ordinal = 0;
            rule.id = TextId::EMPTY;
            rule.description = TextId::EMPTY;
        });
        group.rules.sort_unstable();
        group.rules.dedup();
    },
    |one, other| {
        for rule in &mut one.rules {
            rule.contested |= !other.rules.iter().any(|twin| key(twin) == key(rule));
        }
        let missing: Vec<SecurityGroupRule> = other
            .rules
            .iter()
            .filter(|rule| !one.rules.iter().any(|twin| key(twin) == key(rule)))
            .map(|rule| SecurityGroupRule { contested: true, ..rule.clone() })
            .collect();
        one.rules.extend(missing);
    },
    |one, other| {
        said(&mut one.description, other.description);
        for rule in one.rules.iter_mut().filter(|rule| rule.description.is_empty()) {
            let twin = other
                .rules
                .iter()
                .find(|twin| !twin.description.is_empty() && key(twin) == key(rule));
            rule.description = twin.map_or(TextId::EMPTY, |twin| twin.description);
        }
    }
);
resource!(
    InternetGateway,
    |_| TextId::EMPTY,
    |gateway| {
        gateway.attachments.sort_unstable();
    },
    |one, _other| {
        one.seen = false;
    }
);
resource!(
    EgressOnlyInternetGateway,
    |_| TextId::EMPTY,
    |gateway| {
        gateway.attachments.sort_unstable();
    },
    |one, _other| {
        one.seen = false;
    }
);
resource!(NatGateway, |_| TextId::EMPTY, |gateway| {}, |one, other| {
    one.state = NatState::Unknown;
    one.connectivity = NatConnectivity::Unknown;
    one.addresses.extend(other.addresses.iter().copied());
});
resource!(VpcPeeringConnection, |_| TextId::EMPTY, |peering| {}, |one, _other| {
    one.status = PeeringStatus::Unknown;
});
resource!(
    VpcEndpoint,
    |_| TextId::EMPTY,
    |endpoint| {
        endpoint.subnets.sort_unstable();
        endpoint.interfaces.sort_unstable();
        endpoint.security_groups.sort_unstable();
    },
    |one, other| {
        one.seen = false;
        one.available = None;
        for group in &other.security_groups {
            if !one.security_groups.contains(group) {
                one.security_groups.push(*group);
            }
        }
        for interface in &other.interfaces {
            if !one.interfaces.contains(interface) {
                one.interfaces.push(*interface);
            }
        }
        for subnet in &other.subnets {
            if !one.subnets.contains(subnet) {
                one.subnets.push(*subnet);
            }
        }
    }
);
resource!(
    Service,
    |_| TextId::EMPTY,
    |service| {
        service.subnets.sort_unstable();
        service.security_groups.sort_unstable();
        service.interfaces.sort_unstable();
        service.addresses.sort_unstable();
        service.zones.sort_unstable();
        // Several calls tell of one thing, each something else.
        service.engine = TextId::EMPTY;
        service.ports.clear();
    },
    |one, other| {
        join(&mut one.subnets, &other.subnets);
        join(&mut one.security_groups, &other.security_groups);
        join(&mut one.interfaces, &other.interfaces);
        join(&mut one.addresses, &other.addresses);
        // Nobody knows in which zones it is now.
        one.zones.clear();
        one.only_ipv4 &= other.only_ipv4;
        if one.publicly_accessible != other.publicly_accessible {
            one.publicly_accessible = None;
        }
    },
    |one, other| {
        said(&mut one.engine, other.engine);
        join(&mut one.ports, &other.ports);
        one.ports.sort_unstable();
    }
);
// Versions of a prefix list that differ: nobody knows which is current.
resource!(PrefixList, |_| TextId::EMPTY, |list| {}, |one, _other| {
    one.entries = None;
});

/// Adds what is not there yet.
fn join<T: Copy + PartialEq>(all: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !all.contains(item) {
            all.push(*item);
        }
    }
}

/// What a rule decides.
fn key(rule: &SecurityGroupRule) -> (Direction, Option<Match>, Peer) {
    (rule.direction, rule.traffic, rule.peer)
}

/// Words of another listing, where there are none so far.
pub(super) fn said(words: &mut TextId, other: TextId) {
    if words.is_empty() {
        *words = other;
    }
}

impl NetworkBuilder {
    pub(super) fn merge(&mut self) {
        let mut conflicts = Vec::new();
        let text = &self.text;
        merge_kind(&mut self.vpcs, text, &mut conflicts);
        merge_kind(&mut self.subnets, text, &mut conflicts);
        merge_kind(&mut self.interfaces, text, &mut conflicts);
        merge_kind(&mut self.instances, text, &mut conflicts);
        merge_kind(&mut self.security_groups, text, &mut conflicts);
        merge_kind(&mut self.network_acls, text, &mut conflicts);
        merge_kind(&mut self.route_tables, text, &mut conflicts);
        merge_kind(&mut self.internet_gateways, text, &mut conflicts);
        merge_kind(&mut self.egress_only_internet_gateways, text, &mut conflicts);
        merge_kind(&mut self.nat_gateways, text, &mut conflicts);
        complete_peerings(&mut self.peerings);
        merge_kind(&mut self.peerings, text, &mut conflicts);
        merge_kind(&mut self.vpc_endpoints, text, &mut conflicts);
        self.merge_transit_gateways(&mut conflicts);
        let text = &self.text;
        complete_prefix_lists(&mut self.prefix_lists);
        merge_kind(&mut self.prefix_lists, text, &mut conflicts);
        self.load_balancing.merge(text, &mut conflicts);
        self.merge_rules(&mut conflicts);
        self.merge_block_public_access();
        self.find_services(&mut conflicts);
        self.merge_remote_access(&mut conflicts);
        for (id, place) in conflicts {
            self.limit(LimitationCode::ConflictingListings, id, Some(place));
        }
    }

    /// Gives the rules of `describe-security-groups` the ids of
    /// `describe-security-group-rules`. A rule that only the latter has is not
    /// certain: the group changed between the two calls.
    fn merge_rules(&mut self, conflicts: &mut Vec<(TextId, Place)>) {
        let mut listed: BTreeMap<TextId, Vec<SecurityGroupRule>> = BTreeMap::new();
        for (group, rule) in std::mem::take(&mut self.rules) {
            listed.entry(group).or_default().push(rule);
        }
        for Given { fact: group, .. } in self.security_groups.iter_mut() {
            let Some(rules) = listed.remove(&group.id) else { continue };
            let mut additional = Vec::new();
            for rule in rules {
                let known = group.rules.iter().any(|own| own.id == rule.id);
                let twin =
                    group.rules.iter_mut().find(|own| own.id.is_empty() && key(own) == key(&rule));
                match twin {
                    Some(own) => {
                        own.id = rule.id;
                        said(&mut own.description, rule.description);
                    }
                    None if known => {}
                    None if !group.seen => additional.push(rule),
                    None => additional.push(SecurityGroupRule { contested: true, ..rule }),
                }
            }
            if group.seen && !additional.is_empty() {
                conflicts.push((group.id, group.place));
            }
            group.rules.extend(additional);
            group.seen = true;
        }
    }

    fn merge_block_public_access(&mut self) {
        let mut merged: Vec<Given<super::BlockPublicAccess>> = Vec::new();
        for Given { fact, origin } in std::mem::take(&mut self.block_public_access) {
            let Some(Given { fact: known, .. }) =
                merged.iter_mut().find(|known| known.origin == origin)
            else {
                merged.push(Given { fact, origin });
                continue;
            };
            known.mode = match (known.mode, fact.mode) {
                (mode, BlockMode::Off) | (BlockMode::Off, mode) => mode,
                (one, other) if one == other => one,
                _ => BlockMode::Unknown,
            };
            match (&mut known.exclusions, fact.exclusions) {
                (Some(exclusions), Some(more)) => exclusions.extend(more),
                (none @ None, some) => *none = some,
                (Some(_), None) => {}
            }
        }
        self.block_public_access = merged.into();
    }
}

/// Joins what was seen twice.
pub(super) fn merge_kind<T: Resource + Eq>(
    chunks: &mut Chunks<Given<T>>,
    text: &Text,
    conflicts: &mut Vec<(TextId, Place)>,
) {
    let mut seen = vec![false; text.len()];
    let is_twice = |given: &Given<T>| {
        seen.get_mut(given.fact.id().index()).is_some_and(|seen| std::mem::replace(seen, true))
    };
    if !chunks.iter().any(is_twice) {
        return;
    }
    let mut facts: Vec<Given<T>> = std::mem::take(chunks).into_iter().collect();
    // Those of the same resource stay in the order in which they came.
    facts.sort_by(|one, other| text.get(one.fact.id()).cmp(text.get(other.fact.id())));
    facts.dedup_by(|next, kept| {
        if next.fact.id() != kept.fact.id() {
            return false;
        }
        if next.fact.canonical() == kept.fact.canonical() {
            kept.fact.complete(&next.fact);
            return true;
        }
        let of_owner = |given: &Given<T>| {
            !given.origin.account.is_empty() && given.origin.account == given.fact.owner()
        };
        match (of_owner(kept), of_owner(next)) {
            (true, false) => {}
            (false, true) => std::mem::swap(kept, next),
            (true, true) | (false, false) => {
                kept.fact.contest(&next.fact);
                kept.fact.complete(&next.fact);
                conflicts.push((kept.fact.id(), next.fact.place()));
            }
        }
        true
    });
    *chunks = facts.into();
}

/// A list is named by several calls, and only some give its entries.
fn complete_prefix_lists(lists: &mut Chunks<Given<PrefixList>>) {
    let mut entries = BTreeMap::new();
    let mut names = BTreeMap::new();
    for Given { fact, .. } in lists.iter() {
        if let Some(known) = &fact.entries {
            entries.entry(fact.id).or_insert_with(|| known.clone());
        }
        if !fact.name.is_empty() {
            names.insert(fact.id, fact.name);
        }
    }
    for Given { fact, .. } in lists.iter_mut() {
        if fact.entries.is_none() {
            fact.entries = entries.get(&fact.id).cloned();
        }
        if let Some(&name) = names.get(&fact.id) {
            fact.name = name;
        }
    }
}

/// The two sides of a peering list it alike, but the blocks of a side may be
/// given to only one of them.
fn complete_peerings(peerings: &mut Chunks<Given<VpcPeeringConnection>>) {
    let mut blocks = BTreeMap::new();
    for Given { fact, .. } in peerings.iter() {
        for (side, facts) in [(0, &fact.requester), (1, &fact.accepter)] {
            if !facts.ipv4.is_empty() || !facts.ipv6.is_empty() {
                blocks
                    .entry((fact.id, side))
                    .or_insert_with(|| (facts.ipv4.clone(), facts.ipv6.clone()));
            }
        }
    }
    for Given { fact, .. } in peerings.iter_mut() {
        let id = fact.id;
        for (side, facts) in [(0, &mut fact.requester), (1, &mut fact.accepter)] {
            if facts.ipv4.is_empty()
                && facts.ipv6.is_empty()
                && let Some((ipv4, ipv6)) = blocks.get(&(id, side))
            {
                facts.ipv4.clone_from(ipv4);
                facts.ipv6.clone_from(ipv6);
            }
        }
    }
}
