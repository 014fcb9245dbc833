//! Network interfaces, in columns.

use super::id::Id;
use super::{
    GroupSetId, IdVec, InstanceId, NetworkInterfaceId, Place, SecurityGroupId, SubnetId, TextId,
    VpcId,
};

/// What an interface is, as far as it decides who answers behind it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum InterfaceKind {
    /// An instance, a task, a function, a database: a host whose packets the
    /// groups and ACLs filter.
    Host,
    /// A NAT gateway: accepts nothing unasked.
    NatGateway,
    /// A node of a load balancer.
    LoadBalancer,
    /// A transit gateway attachment.
    TransitGateway,
    /// An interface endpoint.
    VpcEndpoint,
    /// Where people come in by a Client VPN or an Instance Connect Endpoint.
    RemoteAccess,
    /// A Gateway Load Balancer endpoint or another interface that AWS manages: not
    /// modelled yet.
    Managed,
}

/// Whether something is at the interface.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Attachment {
    /// In use.
    Attached,
    /// `available`: nothing is behind it.
    Detached,
    /// A status that we do not know.
    Unknown,
}

/// An interface that a service's own listing tells of, and that of the interfaces does
/// not: its addresses are those that it may have.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Unlisted {
    /// It has no public address.
    Private,
    /// It may have one, which nobody knows.
    MaybePublic,
}

/// IPv4 addresses that an interface holds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct HeldV4 {
    /// The first private address.
    pub first: u32,
    /// The last private address (the first, but for a delegated prefix).
    pub last: u32,
    /// The public address that leads to it.
    pub public: Option<u32>,
}

/// IPv6 addresses that an interface holds.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct HeldV6 {
    /// The first address.
    pub first: u128,
    /// The last address (the first, but for a delegated prefix).
    pub last: u128,
}

/// One interface as a source gives it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InterfaceFacts {
    /// `eni-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `OwnerId`.
    pub owner: TextId,
    /// The region, where known.
    pub region: TextId,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// `Attachment.InstanceId`.
    pub instance: Option<InstanceId>,
    /// `TagSet` Name, else the description.
    pub name: TextId,
    /// `Description`: services write what they made it for.
    pub description: TextId,
    /// `InterfaceType` as given; empty where it is not said.
    pub interface_type: TextId,
    /// `RequesterId`: the service or account that had it made; empty where it is not said.
    pub requester: TextId,
    /// `RequesterManaged`: a service looks after it; `None`: not said.
    pub requester_managed: Option<bool>,
    /// What it is.
    pub kind: InterfaceKind,
    /// Whether something is there.
    pub attachment: Attachment,
    /// `SourceDestCheck`; `None`: not said.
    pub source_dest_check: Option<bool>,
    /// `DenyAllIgwTraffic`; `None`: `describe-instances` does not say.
    pub deny_all_igw_traffic: Option<bool>,
    /// `Groups`, in any order.
    pub groups: Vec<SecurityGroupId>,
    /// The primary private address first, then secondary ones and delegated prefixes.
    pub ipv4: Vec<HeldV4>,
    /// IPv6 addresses and delegated prefixes.
    pub ipv6: Vec<HeldV6>,
    /// `TagSet`.
    pub tags: Vec<(TextId, TextId)>,
    /// Seen twice with different content: nothing about it is certain.
    pub contested: bool,
    /// `false`: a route, a gateway or a service's listing names it, the source does not hold it.
    pub seen: bool,
    /// A service must have it, and nobody listed it; then `seen` is `false`.
    pub unlisted: Option<Unlisted>,
}

/// All interfaces of a component: a vector for each field.
#[derive(Clone, Debug, Default)]
pub struct Interfaces {
    id: IdVec<NetworkInterfaceId, TextId>,
    place: IdVec<NetworkInterfaceId, Place>,
    owner: IdVec<NetworkInterfaceId, TextId>,
    vpc: IdVec<NetworkInterfaceId, VpcId>,
    subnet: IdVec<NetworkInterfaceId, SubnetId>,
    instance: IdVec<NetworkInterfaceId, Option<InstanceId>>,
    name: IdVec<NetworkInterfaceId, TextId>,
    description: IdVec<NetworkInterfaceId, TextId>,
    interface_type: IdVec<NetworkInterfaceId, TextId>,
    requester: IdVec<NetworkInterfaceId, TextId>,
    group_set: IdVec<NetworkInterfaceId, GroupSetId>,
    flags: IdVec<NetworkInterfaceId, Flags>,
    ipv4_end: IdVec<NetworkInterfaceId, u32>,
    ipv6_end: IdVec<NetworkInterfaceId, u32>,
    tags_end: IdVec<NetworkInterfaceId, u32>,
    ipv4: Vec<HeldV4>,
    ipv6: Vec<HeldV6>,
    tags: Vec<(TextId, TextId)>,
}

#[derive(Clone, Copy, Debug)]
struct Flags {
    requester_managed: Option<bool>,
    kind: InterfaceKind,
    attachment: Attachment,
    source_dest_check: Option<bool>,
    deny_all_igw_traffic: Option<bool>,
    contested: bool,
    seen: bool,
    unlisted: Option<Unlisted>,
}

impl Interfaces {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// All ids, ascending.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NetworkInterfaceId> + use<> {
        self.id.ids()
    }

    /// One interface.
    #[must_use]
    pub fn get(&self, id: NetworkInterfaceId) -> Interface<'_> {
        Interface { all: self, index: id }
    }

    /// All interfaces, in the order of their ids.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Interface<'_>> {
        self.ids().map(|id| self.get(id))
    }

    /// Gives an interface another set of groups.
    pub(crate) fn wear(&mut self, id: NetworkInterfaceId, group_set: GroupSetId) {
        self.group_set[id] = group_set;
    }

    /// Attaches an interface to whatever it was detached from.
    pub(crate) fn attach(&mut self, id: NetworkInterfaceId) {
        self.flags[id].attachment = Attachment::Attached;
    }

    /// Appends an interface whose references are resolved.
    pub(super) fn push(
        &mut self,
        facts: &InterfaceFacts,
        group_set: GroupSetId,
    ) -> NetworkInterfaceId {
        let index = self.id.push(facts.id);
        self.place.push(facts.place);
        self.owner.push(facts.owner);
        self.vpc.push(facts.vpc);
        self.subnet.push(facts.subnet);
        self.instance.push(facts.instance);
        self.name.push(facts.name);
        self.description.push(facts.description);
        self.interface_type.push(facts.interface_type);
        self.requester.push(facts.requester);
        self.group_set.push(group_set);
        self.flags.push(Flags {
            requester_managed: facts.requester_managed,
            kind: facts.kind,
            attachment: facts.attachment,
            source_dest_check: facts.source_dest_check,
            deny_all_igw_traffic: facts.deny_all_igw_traffic,
            contested: facts.contested,
            seen: facts.seen,
            unlisted: facts.unlisted,
        });
        self.ipv4.extend_from_slice(&facts.ipv4);
        self.ipv6.extend_from_slice(&facts.ipv6);
        self.tags.extend_from_slice(&facts.tags);
        self.ipv4_end.push(u32::try_from(self.ipv4.len()).unwrap_or(u32::MAX));
        self.ipv6_end.push(u32::try_from(self.ipv6.len()).unwrap_or(u32::MAX));
        self.tags_end.push(u32::try_from(self.tags.len()).unwrap_or(u32::MAX));
        index
    }
}

/// The slice of `items` that belongs to `index`, given where each one's slice ends.
fn slice_of<'a, T>(
    items: &'a [T],
    ends: &IdVec<NetworkInterfaceId, u32>,
    index: NetworkInterfaceId,
) -> &'a [T] {
    let before = index
        .index()
        .checked_sub(1)
        .map_or(0, |before| ends[NetworkInterfaceId::from_index(before)]);
    let start = usize::try_from(before).unwrap_or(0);
    let end = usize::try_from(ends[index]).unwrap_or(0);
    items.get(start..end).unwrap_or(&[])
}

/// One interface of a component.
#[derive(Clone, Copy, Debug)]
pub struct Interface<'a> {
    all: &'a Interfaces,
    index: NetworkInterfaceId,
}

impl<'a> Interface<'a> {
    /// Its place among the component's interfaces.
    #[must_use]
    pub fn index(self) -> NetworkInterfaceId {
        self.index
    }

    /// `eni-…`.
    #[must_use]
    pub fn id(self) -> TextId {
        self.all.id[self.index]
    }

    /// Where it stands.
    #[must_use]
    pub fn place(self) -> Place {
        self.all.place[self.index]
    }

    /// `OwnerId`.
    #[must_use]
    pub fn owner(self) -> TextId {
        self.all.owner[self.index]
    }

    /// Its VPC.
    #[must_use]
    pub fn vpc(self) -> VpcId {
        self.all.vpc[self.index]
    }

    /// Its subnet.
    #[must_use]
    pub fn subnet(self) -> SubnetId {
        self.all.subnet[self.index]
    }

    /// The instance that it is attached to.
    #[must_use]
    pub fn instance(self) -> Option<InstanceId> {
        self.all.instance[self.index]
    }

    /// Its own name (not its instance's).
    #[must_use]
    pub fn name(self) -> TextId {
        self.all.name[self.index]
    }

    /// `Description`: services write what they made it for.
    #[must_use]
    pub fn description(self) -> TextId {
        self.all.description[self.index]
    }

    /// `InterfaceType` as given; empty where it is not said.
    #[must_use]
    pub fn interface_type(self) -> TextId {
        self.all.interface_type[self.index]
    }

    /// `RequesterId`: the service or account that had it made; empty where it is not said.
    #[must_use]
    pub fn requester(self) -> TextId {
        self.all.requester[self.index]
    }

    /// `RequesterManaged`: a service looks after it; `None`: not said.
    #[must_use]
    pub fn requester_managed(self) -> Option<bool> {
        self.all.flags[self.index].requester_managed
    }

    /// The groups that it wears.
    #[must_use]
    pub fn group_set(self) -> GroupSetId {
        self.all.group_set[self.index]
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> InterfaceKind {
        self.all.flags[self.index].kind
    }

    /// Whether something is there.
    #[must_use]
    pub fn attachment(self) -> Attachment {
        self.all.flags[self.index].attachment
    }

    /// `SourceDestCheck`; `None`: not said.
    #[must_use]
    pub fn source_dest_check(self) -> Option<bool> {
        self.all.flags[self.index].source_dest_check
    }

    /// `DenyAllIgwTraffic`; `None`: not said.
    #[must_use]
    pub fn deny_all_igw_traffic(self) -> Option<bool> {
        self.all.flags[self.index].deny_all_igw_traffic
    }

    /// Seen twice with different content.
    #[must_use]
    pub fn contested(self) -> bool {
        self.all.flags[self.index].contested
    }

    /// Whether the source holds it.
    #[must_use]
    pub fn seen(self) -> bool {
        self.all.flags[self.index].seen
    }

    /// Whether a service must have it and nobody listed it: at one of its addresses, if at all.
    #[must_use]
    pub fn unlisted(self) -> Option<Unlisted> {
        self.all.flags[self.index].unlisted
    }

    /// Its IPv4 addresses, the primary one first.
    #[must_use]
    pub fn ipv4(self) -> &'a [HeldV4] {
        slice_of(&self.all.ipv4, &self.all.ipv4_end, self.index)
    }

    /// Its IPv6 addresses.
    #[must_use]
    pub fn ipv6(self) -> &'a [HeldV6] {
        slice_of(&self.all.ipv6, &self.all.ipv6_end, self.index)
    }

    /// Its tags.
    #[must_use]
    pub fn tags(self) -> &'a [(TextId, TextId)] {
        slice_of(&self.all.tags, &self.all.tags_end, self.index)
    }
}
