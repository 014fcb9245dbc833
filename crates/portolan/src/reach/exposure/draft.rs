//! Records without their interface: what one class, or one mix of classes, has open.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use super::cause::{Candidates, CauseId, Causes};
use super::lists::{ListId, Lists, Written};
use super::roll::{Judged, Roll, by_mix, several};
use super::{PortsOptions, SourcesMode};
use crate::model::{
    ComponentId, Direction, InstanceId, Interface, LoadBalancerId, Network, SecurityGroupId, TextId,
};
use crate::net::{
    HeaderSpace, IpSetId, IpSets, Match, PortRange, PortSet, Protocol, SpaceId, selector_display,
};
use crate::parallel;
use crate::reach::engine::{Class, Engine, Lane, OwnAddresses, Part, World};
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
    pub(super) through: Option<Door>,
}

/// A load balancer's port that leads to a target.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Door {
    pub(super) balancer: LoadBalancerId,
    /// The node's address, and the public one that leads to it.
    pub(super) address: IpAddr,
    pub(super) public: Option<u32>,
    pub(super) protocol: Named,
    pub(super) port: u16,
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

/// Interfaces of a component with everything that they have open.
pub(super) struct Evaluated {
    pub(super) component: ComponentId,
    pub(super) interfaces: Vec<Judged>,
    pub(super) lists: Written,
    pub(super) causes: Causes,
}

impl Evaluated {
    /// The interfaces of a component, judged by at most so many workers at once.
    pub(super) fn of(
        network: &Network,
        world: &World,
        (component, workers): (ComponentId, NonZeroUsize),
        options: &PortsOptions,
        view: View,
    ) -> Vec<Self> {
        let nobody = BTreeSet::new();
        let (wanted, workers) = match view {
            View::Behind if network.components[component].load_balancers.is_empty() => {
                return Vec::new();
            }
            // Only those behind load balancers are looked at, by one.
            View::Behind => (Some(&nobody), NonZeroUsize::MIN),
            View::Interfaces | View::Classes | View::Arriving => (options.to.as_ref(), workers),
        };
        let mut engine = Engine::new(network, world, component);
        let roll = Roll::call(&mut engine, options.direction, component, wanted);
        let parts = roll.divided(workers);
        let last = parts.len().saturating_sub(1);
        // Whoever looks at the first part looks behind load balancers too.
        let behind = options.through && options.direction == Direction::Ingress;
        let mut engine = Some(engine);
        let parts: Vec<(Engine, Roll, bool)> = parts
            .into_iter()
            .enumerate()
            .filter_map(|(at, roll)| {
                let engine = if at == last { engine.take() } else { engine.clone() };
                Some((engine?, roll, behind && at == 0))
            })
            .collect();
        parallel::each(
            workers,
            parts,
            |(_, roll, _)| roll.interfaces.len(),
            |(engine, roll, behind)| {
                Evaluation::of(engine, &roll, (world, component), options, view)
                    .run(roll.interfaces, behind)
            },
        )
    }

    /// The interfaces by class: of one subnet, with the same ports open.
    pub(super) fn classes(&self) -> Vec<Vec<usize>> {
        by_mix(&self.interfaces)
    }
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
    /// Only targets, by way of their load balancers.
    Behind,
}

type Parts = Arc<Vec<(Audience, Vec<Part>)>>;

/// A class, and what was found of it so far.
struct KnownClass {
    class: Class,
    lanes: Option<Rc<Vec<Lane>>>,
    parts: Option<Parts>,
}

pub(super) struct Evaluation<'o> {
    pub(super) engine: Engine,
    pub(super) world: &'o World,
    pub(super) component: ComponentId,
    pub(super) options: &'o PortsOptions,
    view: View,
    /// By number.
    known: Vec<KnownClass>,
    /// The classes of an interface's addresses, by number of the mix.
    pub(super) mixes: Arc<[Box<[usize]>]>,
    /// What they have open together, of the mix that is judged.
    drafts: Option<(usize, Arc<[Draft]>)>,
    /// The peers of records, written out: of the many sets that an evaluation
    /// makes nothing else lasts.
    pub(super) lists: Lists,
    pub(super) candidates: Candidates,
    pub(super) shared: Shared,
}

impl<'o> Evaluation<'o> {
    fn of(
        engine: Engine,
        roll: &Roll,
        (world, component): (&'o World, ComponentId),
        options: &'o PortsOptions,
        view: View,
    ) -> Self {
        let classes = roll.classes.iter();
        Self {
            engine,
            world,
            component,
            options,
            view,
            known: classes.map(|&class| KnownClass { class, lanes: None, parts: None }).collect(),
            mixes: Arc::clone(&roll.mixes),
            drafts: None,
            lists: Lists::default(),
            candidates: Candidates::new(options.direction),
            shared: Shared::default(),
        }
    }

    fn run(mut self, mut interfaces: Vec<Judged>, behind: bool) -> Evaluated {
        let component = Arc::clone(&self.engine.ground.component);
        for members in by_mix(&interfaces) {
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
        if behind {
            interfaces.extend(self.behind_load_balancers());
        }
        Evaluated {
            component: self.component,
            interfaces,
            lists: self.lists.written(),
            causes: self.candidates.causes,
        }
    }

    fn mix_classes(&self, number: usize) -> Box<[usize]> {
        self.mixes.get(number).cloned().unwrap_or_default()
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
        if let Some((_, known)) = self.drafts.as_ref().filter(|(mix, _)| *mix == number) {
            return Arc::clone(known);
        }
        let places: Vec<(bool, Parts)> =
            self.mix_classes(number).iter().map(|&class| self.parts(class)).collect();
        let drafts = self.compose(&places, interface);
        self.drafts = Some((number, Arc::clone(&drafts)));
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
    pub(super) fn filtered(
        &mut self,
        parts: Vec<(Audience, Vec<Part>)>,
    ) -> Vec<(Audience, Vec<Part>)> {
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
                let sets = &mut self.engine.sets;
                let peers = self.lists.list(self.world, sets, audience, row.peers, members);
                let why = Why {
                    groups: groups.into(),
                    causes: because.into(),
                    via: via.into(),
                    through: None,
                };
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
pub(super) struct Shared {
    pub(super) client_ports: BTreeSet<Arc<PortSet>>,
    pub(super) places: BTreeSet<Arc<[usize]>>,
    pub(super) whys: BTreeSet<Arc<Why>>,
}

/// The value as it is known, so that equal values are kept once.
pub(super) fn once<T: Ord + ?Sized>(known: &mut BTreeSet<Arc<T>>, value: Arc<T>) -> Arc<T> {
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
