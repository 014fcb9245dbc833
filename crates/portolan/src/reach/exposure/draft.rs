//! Records without their interface: what one class, or one mix of classes, has open.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use super::cause::{Candidates, CauseId, Causes};
use super::lists::{ListId, Lists, Written};
use super::{PortsOptions, SourcesMode};
use crate::model::{
    ComponentId, Direction, InstanceId, Interface, Network, NetworkInterfaceId, SecurityGroupId,
    TextId,
};
use crate::net::{
    HeaderSpace, IpSetId, IpSets, Match, PortRange, PortSet, Protocol, SpaceId, selector_display,
};
use crate::reach::engine::{Class, Engine, Held, Lane, OwnAddresses, Part, World};
use crate::record::{Audience, Certainty, Clients};

/// A protocol in the order of records.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Named {
    Tcp,
    Udp,
    Icmp,
    Icmpv6,
    Number(u8),
    Other,
}

impl Named {
    pub(super) fn text(self) -> String {
        match self {
            Self::Tcp => "tcp".to_owned(),
            Self::Udp => "udp".to_owned(),
            Self::Icmp => "icmp".to_owned(),
            Self::Icmpv6 => "icmpv6".to_owned(),
            Self::Number(number) => format!("proto/{number}"),
            Self::Other => "other".to_owned(),
        }
    }

    /// Whether a rule's traffic is, in part, this protocol's ports.
    pub(super) fn meets(self, ports: PortRange, traffic: Match) -> bool {
        let (protocol, theirs) = match traffic {
            Match::All => return true,
            Match::Ports(protocol, theirs) => (protocol, theirs),
        };
        let same = match (self, protocol) {
            (Self::Tcp, Protocol::Tcp)
            | (Self::Udp, Protocol::Udp)
            | (Self::Icmp, Protocol::Icmp)
            | (Self::Icmpv6, Protocol::Icmpv6) => true,
            (Self::Number(number), Protocol::Other(other)) => return number == other,
            _ => false,
        };
        same && ports.intersection(theirs).is_some()
    }
}

/// What a record says, without its interface.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) audience: Audience,
    pub(super) protocol: Named,
    pub(super) ports: PortRange,
    /// The ports as they are printed.
    pub(super) text: Box<str>,
    pub(super) certainty: Certainty,
    pub(super) clients: Clients,
    pub(super) client_ports: Arc<PortSet>,
    pub(super) peers: ListId,
    /// The classes of addresses at which it holds: places in the mix.
    pub(super) places: Arc<[usize]>,
    pub(super) why: Arc<Why>,
}

/// Why a record is so: the same for many.
#[derive(Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Why {
    pub(super) groups: Box<[SecurityGroupId]>,
    pub(super) causes: Box<[CauseId]>,
    pub(super) via: Box<[TextId]>,
}

impl Draft {
    /// The contract's order, addresses aside.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let key = |draft: &Self| {
            (draft.audience, draft.protocol, draft.ports.first(), draft.certainty, draft.clients)
        };
        key(self).cmp(&key(other)).then_with(|| self.client_ports.cmp(&other.client_ports))
    }
}

/// Addresses of an interface that are alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Which class of the mix they are.
    pub(super) place: usize,
    /// The lowest.
    pub(super) first: IpAddr,
    /// The highest.
    pub(super) last: IpAddr,
    /// The public address that leads to them.
    pub(super) public: Option<u32>,
}

/// One interface, and what it has open.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) id: NetworkInterfaceId,
    pub(super) host: Option<InstanceId>,
    /// Its addresses, by place in the mix.
    pub(super) held: Vec<Place>,
    /// What it has open, its own addresses taken for no one's.
    pub(super) drafts: Arc<[Draft]>,
    /// The mix of classes.
    pub(super) mix: usize,
}

/// A component with everything that its interfaces have open.
pub(super) struct Evaluated {
    pub(super) component: ComponentId,
    pub(super) interfaces: Vec<Judged>,
    pub(super) lists: Written,
    pub(super) causes: Causes,
}

impl Evaluated {
    pub(super) fn of(
        network: &Network,
        world: &World,
        component: ComponentId,
        options: &PortsOptions,
        view: View,
    ) -> Self {
        let engine = Engine::new(network, world, component);
        Evaluation {
            engine,
            world,
            component,
            options,
            view,
            classes: BTreeMap::new(),
            known: Vec::new(),
            numbers: BTreeMap::new(),
            mixes: Vec::new(),
            lists: Lists::default(),
            candidates: Candidates::new(options.direction),
            shared: Shared::default(),
        }
        .run()
    }

    /// The interfaces by class: of one subnet, with the same ports open.
    pub(super) fn classes(&self) -> Vec<Vec<usize>> {
        classes(&self.interfaces)
    }
}

fn classes(interfaces: &[Judged]) -> Vec<Vec<usize>> {
    // A class has its subnet, so that those of one mix are of one subnet.
    let mut classes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, interface) in interfaces.iter().enumerate() {
        classes.entry(interface.mix).or_default().push(at);
    }
    classes.into_values().collect()
}

/// Whether interfaces are of several hosts.
fn several(members: &[usize], interfaces: &[Judged]) -> bool {
    let mut hosts = members.iter().filter_map(|&at| interfaces.get(at));
    let Some(first) = hosts.next() else { return false };
    hosts.any(|next| first.host.is_none() || next.host != first.host)
}

/// Who looks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum View {
    /// Each interface, apart from its own host's addresses.
    Interfaces,
    /// Classes of interfaces.
    Classes,
    /// Each interface, with what arrives and has no answer.
    Arriving,
}

type Parts = Arc<Vec<(Audience, Vec<Part>)>>;

/// A class, and what was found of it so far.
struct KnownClass {
    class: Class,
    lanes: Option<Rc<Vec<Lane>>>,
    parts: Option<Parts>,
}

/// The classes of an interface's addresses, and what they have open together.
struct Mix {
    classes: Rc<[usize]>,
    drafts: Option<Arc<[Draft]>>,
}

struct Evaluation<'o> {
    engine: Engine,
    world: &'o World,
    component: ComponentId,
    options: &'o PortsOptions,
    view: View,
    classes: BTreeMap<Class, usize>,
    /// By number.
    known: Vec<KnownClass>,
    numbers: BTreeMap<Rc<[usize]>, usize>,
    /// By number.
    mixes: Vec<Mix>,
    /// The peers of records, written out: of the many sets that an evaluation
    /// makes nothing else lasts.
    lists: Lists,
    candidates: Candidates,
    shared: Shared,
}

impl Evaluation<'_> {
    fn run(mut self) -> Evaluated {
        let component = Arc::clone(&self.engine.ground.component);
        let mut interfaces = Vec::new();
        for interface in component.interfaces.iter() {
            let wanted = self
                .options
                .to
                .as_ref()
                .is_none_or(|to| to.contains(&(self.component, interface.index())));
            if wanted {
                interfaces.extend(self.interface(interface));
            }
        }
        for members in classes(&interfaces) {
            // A class of one host is as that host sees it; of several, each sees
            // the others' addresses.
            let together = self.view == View::Classes && several(&members, &interfaces);
            let mut last: Option<(Option<InstanceId>, Arc<[Draft]>)> = None;
            for at in members {
                let Some(judged) = interfaces.get_mut(at) else { continue };
                let interface = component.interface(judged.id);
                let same = |(host, _): &&(Option<InstanceId>, _)| {
                    together || host.is_some() && *host == judged.host
                };
                judged.drafts = match last.as_ref().filter(same) {
                    Some((_, drafts)) => Arc::clone(drafts),
                    None if together => self.together(judged.mix, interface),
                    None => self.apart(judged.mix, interface),
                };
                last = Some((judged.host, Arc::clone(&judged.drafts)));
            }
        }
        interfaces.shrink_to_fit();
        Evaluated {
            component: self.component,
            interfaces,
            lists: self.lists.written(),
            causes: self.candidates.causes,
        }
    }

    /// An interface and its classes; none if nothing is there.
    fn interface(&mut self, interface: Interface<'_>) -> Option<Judged> {
        let all = self.engine.held(self.options.direction, interface);
        if all.is_empty() {
            return None;
        }
        // The distinct classes of its addresses, IPv4 before IPv6.
        let mut mix: Vec<usize> = Vec::new();
        let mut held = Vec::with_capacity(all.len());
        for Held { class, first, last, public } in all {
            let class = self.class(class);
            let place = mix.iter().position(|&known| known == class).unwrap_or_else(|| {
                mix.push(class);
                mix.len().saturating_sub(1)
            });
            held.push(Place { place, first, last, public });
        }
        Some(Judged {
            id: interface.index(),
            host: interface.instance(),
            held,
            drafts: Arc::from([]),
            mix: self.mix(mix),
        })
    }

    /// The number of a class.
    fn class(&mut self, class: Class) -> usize {
        let next = self.known.len();
        let number = *self.classes.entry(class).or_insert(next);
        if number == next {
            self.known.push(KnownClass { class, lanes: None, parts: None });
        }
        number
    }

    /// The number of a mix.
    fn mix(&mut self, mix: Vec<usize>) -> usize {
        if let Some(&known) = self.numbers.get(mix.as_slice()) {
            return known;
        }
        let number = self.mixes.len();
        let classes: Rc<[usize]> = mix.into();
        self.numbers.insert(Rc::clone(&classes), number);
        self.mixes.push(Mix { classes, drafts: None });
        number
    }

    fn mix_classes(&self, number: usize) -> Rc<[usize]> {
        self.mixes.get(number).map_or_else(|| Rc::from([]), |mix| Rc::clone(&mix.classes))
    }

    /// The lanes of a class, and whether its addresses are IPv4.
    fn lanes(&mut self, number: usize) -> (bool, Rc<Vec<Lane>>) {
        let Some(known) = self.known.get_mut(number) else { return (true, Rc::default()) };
        let class = known.class;
        if let Some(lanes) = &known.lanes {
            return (class.v4, Rc::clone(lanes));
        }
        let mut lanes = self.engine.lanes(self.options.direction, &class);
        // Where interfaces hold addresses outside the blocks that were seen, peers
        // of the estate may turn out to be of another audience.
        if let Some(asked) = self.options.audiences.as_ref().filter(|_| !self.engine.ground.strays)
        {
            lanes.retain(|lane| asked.contains(&lane.audience));
        }
        let lanes = Rc::new(lanes);
        known.lanes = Some(Rc::clone(&lanes));
        (class.v4, lanes)
    }

    /// What a class has open for everyone.
    fn parts(&mut self, number: usize) -> (bool, Parts) {
        let (v4, lanes) = self.lanes(number);
        if let Some(parts) = self.known.get(number).and_then(|known| known.parts.as_ref()) {
            return (v4, Arc::clone(parts));
        }
        let parts = Arc::new(self.judged_parts(number, &lanes, &OwnAddresses::default()));
        if let Some(known) = self.known.get_mut(number) {
            known.parts = Some(Arc::clone(&parts));
        }
        (v4, parts)
    }

    /// What the lanes of a class let through, as far as it is asked for.
    fn judged_parts(
        &mut self,
        number: usize,
        lanes: &[Lane],
        own: &OwnAddresses,
    ) -> Vec<(Audience, Vec<Part>)> {
        let mut parts = self.engine.parts(lanes, own);
        let class = self.known.get(number).map(|known| known.class);
        if let Some(class) = class.filter(|_| self.view == View::Arriving) {
            let space = self.engine.unanswered(&class, lanes, &parts);
            if !space.is_empty() {
                let part = Part {
                    certainty: Certainty::Certain,
                    clients: Clients::None,
                    client_ports: PortSet::empty(),
                    space,
                };
                parts.push((Audience::Internet, vec![part]));
            }
        }
        self.filtered(parts)
    }

    /// What interfaces of one mix have open, seen by strangers.
    fn together(&mut self, number: usize, interface: Interface<'_>) -> Arc<[Draft]> {
        if let Some(known) = self.mixes.get(number).and_then(|mix| mix.drafts.as_ref()) {
            return Arc::clone(known);
        }
        let places: Vec<(bool, Parts)> =
            self.mix_classes(number).iter().map(|&class| self.parts(class)).collect();
        let drafts = self.compose(&places, interface);
        if let Some(mix) = self.mixes.get_mut(number) {
            mix.drafts = Some(Arc::clone(&drafts));
        }
        drafts
    }

    /// What an interface has open, its own host's addresses taken for no one's.
    fn apart(&mut self, number: usize, interface: Interface<'_>) -> Arc<[Draft]> {
        let own = self.engine.own_address_sets(interface);
        let classes = self.mix_classes(number);
        let known: Vec<(bool, Rc<Vec<Lane>>)> =
            classes.iter().map(|&class| self.lanes(class)).collect();
        if known.iter().all(|(_, lanes)| self.engine.own_addresses_do_not_matter(lanes, &own)) {
            return self.together(number, interface);
        }
        let mut places: Vec<(bool, Parts)> = Vec::new();
        for (&class, (v4, lanes)) in classes.iter().zip(known) {
            places.push((v4, Arc::new(self.judged_parts(class, &lanes, &own))));
        }
        self.compose(&places, interface)
    }

    /// Only what is asked for.
    fn filtered(&mut self, parts: Vec<(Audience, Vec<Part>)>) -> Vec<(Audience, Vec<Part>)> {
        let sets = &mut self.engine.sets;
        let from = self.options.from.clone().map(|from| sets.intern(from));
        let ports = self.options.ports.as_ref().map(|wanted| {
            let mut space = HeaderSpace::empty();
            for traffic in wanted {
                space.add(sets, traffic, IpSetId::ALL);
            }
            sets.intern_space(space)
        });
        let audiences = self.options.audiences.as_ref();
        let asked = |audience| audiences.is_none_or(|asked| asked.contains(&audience));
        let mut left = Vec::new();
        for (audience, mut parts) in parts {
            if !asked(audience) {
                continue;
            }
            for part in &mut parts {
                if let Some(from) = from {
                    part.space = sets.restrict_space(part.space, from);
                }
                if let Some(ports) = ports {
                    part.space = sets.meet_spaces(part.space, ports);
                }
            }
            parts.retain(|part| !part.space.is_empty());
            left.push((audience, parts));
        }
        left
    }

    /// The records of a mix of classes.
    fn compose(&mut self, places: &[(bool, Parts)], interface: Interface<'_>) -> Arc<[Draft]> {
        type Family = Vec<(Vec<usize>, SpaceId)>;
        let mut groups: BTreeMap<(Audience, Certainty, Clients, PortSet), [Family; 2]> =
            BTreeMap::new();
        let sets = &mut self.engine.sets;
        for (place, (v4, parts)) in places.iter().enumerate() {
            for (audience, part) in parts
                .iter()
                .flat_map(|(audience, parts)| parts.iter().map(|part| (*audience, part)))
            {
                let key = (audience, part.certainty, part.clients, part.client_ports.clone());
                let [first, second] = groups.entry(key).or_default();
                add_place(if *v4 { first } else { second }, place, part.space, sets);
            }
        }
        let mut drafts = Vec::new();
        let reasons = self.candidates.of(&mut self.engine, interface);
        for ((audience, certainty, clients, client_ports), families) in groups {
            let client_ports = once(&mut self.shared.client_ports, client_ports.into());
            let [v4, v6] = families.map(|family| rows(&family, &self.engine.sets));
            let mut all: Vec<Row> = Vec::new();
            let alone = |row: &Row, rows: &[Row]| {
                rows.iter().filter(|other| other.key() == row.key()).count() == 1
            };
            let mut joined = vec![false; v6.len()];
            for mut row in v4.iter().cloned() {
                let twin = v6.iter().position(|other| other.key() == row.key());
                if let Some(at) = twin
                    && let (Some(other), Some(done)) = (v6.get(at), joined.get_mut(at))
                    && alone(&row, &v4)
                    && alone(other, &v6)
                {
                    row.peers = self.engine.sets.union(row.peers, other.peers);
                    row.places.extend(&other.places);
                    *done = true;
                }
                all.push(row);
            }
            all.extend(v6.into_iter().zip(joined).filter(|(_, done)| !done).map(|(row, _)| row));
            for row in all {
                let (groups, because, via) =
                    reasons.of_record(&mut self.engine, row.protocol, row.ports, row.peers);
                let protocol = match row.protocol {
                    Named::Icmp => Protocol::Icmp,
                    Named::Icmpv6 => Protocol::Icmpv6,
                    Named::Tcp => Protocol::Tcp,
                    Named::Udp => Protocol::Udp,
                    Named::Number(_) | Named::Other => Protocol::Other(255),
                };
                let members = match self.options.sources {
                    SourcesMode::Addresses => Vec::new(),
                    SourcesMode::Rules => {
                        groups.iter().map(|&group| self.engine.members_of(group)).collect()
                    }
                };
                let sets = &self.engine.sets;
                let peers = self.lists.list(self.world, sets, audience, row.peers, members);
                let why = Why { groups: groups.into(), causes: because.into(), via: via.into() };
                let why = once(&mut self.shared.whys, why.into());
                let places = once(&mut self.shared.places, row.places.into());
                for text in selector_display(protocol, row.ports) {
                    drafts.push(Draft {
                        audience,
                        protocol: row.protocol,
                        ports: row.ports,
                        text: text.into(),
                        certainty,
                        clients,
                        client_ports: Arc::clone(&client_ports),
                        peers,
                        places: Arc::clone(&places),
                        why: Arc::clone(&why),
                    });
                }
            }
        }
        drafts.sort_by(Draft::order);
        drafts.into()
    }
}

/// What drafts have in common, each once.
#[derive(Default)]
struct Shared {
    client_ports: BTreeSet<Arc<PortSet>>,
    places: BTreeSet<Arc<[usize]>>,
    whys: BTreeSet<Arc<Why>>,
}

/// The value as it is known, so that equal values are kept once.
fn once<T: Ord + ?Sized>(known: &mut BTreeSet<Arc<T>>, value: Arc<T>) -> Arc<T> {
    if let Some(known) = known.get(&value) {
        return Arc::clone(known);
    }
    known.insert(Arc::clone(&value));
    value
}

/// Ports with the same peers.
#[derive(Clone, Debug)]
struct Row {
    protocol: Named,
    ports: PortRange,
    peers: IpSetId,
    places: Vec<usize>,
}

impl Row {
    fn key(&self) -> (Named, PortRange) {
        (self.protocol, self.ports)
    }
}

fn rows(family: &[(Vec<usize>, SpaceId)], sets: &IpSets) -> Vec<Row> {
    let mut rows = Vec::new();
    for (places, space) in family {
        let space = sets.space(*space);
        let slots = [
            (Named::Tcp, &space.tcp),
            (Named::Udp, &space.udp),
            (Named::Icmp, &space.icmp),
            (Named::Icmpv6, &space.icmpv6),
        ];
        for (protocol, segments) in slots {
            rows.extend(segments.iter().map(|segment| Row {
                protocol,
                ports: segment.ports,
                peers: segment.peers,
                places: places.clone(),
            }));
        }
        let numbered = space.numbered.iter().map(|&(number, peers)| (Named::Number(number), peers));
        for (protocol, peers) in numbered.chain([(Named::Other, space.other)]) {
            if !peers.is_empty() {
                rows.push(Row { protocol, ports: PortRange::ALL, peers, places: places.clone() });
            }
        }
    }
    rows
}

/// Adds a place to spaces that are kept apart by the places at which they hold.
fn add_place(
    family: &mut Vec<(Vec<usize>, SpaceId)>,
    place: usize,
    mut space: SpaceId,
    sets: &mut IpSets,
) {
    let mut next: Vec<(Vec<usize>, SpaceId)> = Vec::new();
    for (places, known) in family.drain(..) {
        let both = sets.meet_spaces(known, space);
        if both.is_empty() {
            next.push((places, known));
            continue;
        }
        let without = sets.subtract_spaces(known, both);
        space = sets.subtract_spaces(space, both);
        let mut joint = places.clone();
        joint.push(place);
        next.push((joint, both));
        if !without.is_empty() {
            next.push((places, without));
        }
    }
    if !space.is_empty() {
        next.push((vec![place], space));
    }
    *family = next;
}

/// The direction's word in a group's listing.
pub(super) fn permissions(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "IpPermissions",
        Direction::Egress => "IpPermissionsEgress",
    }
}
