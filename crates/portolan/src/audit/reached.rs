//! What can come in, as rules look at it.

use std::collections::{BTreeMap, BTreeSet};

use super::inroads::Inroads;
use super::layout::{addresses, is_host};
use super::traffic::Traffic;
use crate::model::{ComponentId, Network, NetworkInterfaceId, SubnetId};
use crate::net::{Cidr, IpSet};
use crate::reach::engine::join;
use crate::record::{Audience, Blocks, Breadth, Certainty, Open, Port};

/// A record of `ports`, read.
#[derive(Debug)]
pub(super) struct Exposed<'a> {
    /// The record.
    pub(super) port: &'a Port,
    /// Its protocol and ports.
    pub(super) traffic: Traffic,
}

impl<'a> Exposed<'a> {
    pub(super) fn of(port: &'a Port) -> Self {
        Self { port, traffic: Traffic::read(&port.open.protocol, &port.open.ports) }
    }

    /// Whether the whole internet is the far side.
    pub(super) fn everyone(&self) -> bool {
        self.internet() && self.port.open.breadth == Breadth::Everyone
    }

    /// Whether addresses of the internet are the far side.
    pub(super) fn internet(&self) -> bool {
        self.port.open.audience == Audience::Internet
    }

    /// Whether it is surely so.
    pub(super) fn certain(&self) -> bool {
        self.port.open.certainty == Certainty::Certain
    }

    /// The far side's blocks.
    pub(super) fn blocks(&self) -> Blocks {
        far_side(&self.port.open)
    }

    /// The far side's addresses. Blocks of the internet may cover addresses that
    /// are none (`0.0.0.0/0` covers `10.0.0.0/8`).
    pub(super) fn addresses(&self) -> IpSet {
        self.blocks().iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0)).collect()
    }
}

/// Who is at the other end, whatever the direction.
pub(super) fn far_side(open: &Open) -> Blocks {
    open.sources.clone().or_else(|| open.destinations.clone()).unwrap_or_default()
}

/// What the internet can do with one interface.
#[derive(Clone, Debug, Default)]
pub(super) struct At {
    /// What everyone can reach, possibly at least.
    pub(super) everyone: Vec<Traffic>,
    /// What everyone can surely reach.
    pub(super) surely: Vec<Traffic>,
    /// What at least some can reach, possibly at least: that of everyone too.
    pub(super) anyone: Vec<Traffic>,
    /// What arrives from everyone and has no answer.
    pub(super) unanswered: Vec<Traffic>,
    /// What everyone could reach if it were attached and running.
    pub(super) idle: Vec<Traffic>,
    /// Whether it may open connections to the internet over IPv4, by whatever way.
    pub(super) connects: bool,
}

/// What the internet can do, by interface id: only interfaces with which it can
/// do anything are in it.
#[derive(Debug, Default)]
pub(super) struct Reached {
    by_interface: BTreeMap<String, At>,
    /// The addresses of hosts with something that everyone surely reaches.
    facing: BTreeMap<ComponentId, IpSet>,
    /// The targets that the internet reaches by way of a load balancer, by its id.
    behind: BTreeMap<String, BTreeSet<String>>,
    /// Those that everyone surely reaches so.
    surely_behind: BTreeSet<String>,
    /// How far one gets from there.
    inroads: Inroads,
    /// Subnets with hosts that surely open HTTPS connections to the internet, and
    /// one of these.
    online: BTreeMap<(ComponentId, SubnetId), NetworkInterfaceId>,
}

impl Reached {
    pub(super) fn add(&mut self, interface: &str, at: At) {
        let nothing = [&at.everyone, &at.anyone, &at.unanswered, &at.idle];
        if at.connects || nothing.iter().any(|all| !all.is_empty()) {
            let known = self.by_interface.entry(interface.to_owned()).or_default();
            known.everyone.extend(at.everyone);
            known.surely.extend(at.surely);
            known.anyone.extend(at.anyone);
            known.unanswered.extend(at.unanswered);
            known.idle.extend(at.idle);
            known.connects |= at.connects;
        }
    }

    /// Notes a target that the internet reaches by way of a load balancer.
    pub(super) fn add_behind(&mut self, load_balancer: &str, target: &str, surely: bool) {
        if surely {
            self.surely_behind.insert(target.to_owned());
        }
        if !load_balancer.is_empty() {
            self.behind.entry(load_balancer.to_owned()).or_default().insert(target.to_owned());
        }
    }

    /// The interfaces of the targets that the internet reaches by way of a load balancer.
    pub(super) fn behind(&self, load_balancer: &str) -> impl Iterator<Item = &str> {
        self.behind.get(load_balancer).into_iter().flatten().map(String::as_str)
    }

    /// The interfaces of the targets that everyone surely reaches by way of a load balancer.
    pub(super) fn all_surely_behind(&self) -> impl Iterator<Item = &str> {
        self.surely_behind.iter().map(String::as_str)
    }

    /// Notes how far whoever takes these hosts over gets.
    pub(super) fn lead_in(&mut self, inroads: Inroads) {
        self.inroads = inroads;
    }

    /// How far whoever takes over a host gets that the internet reaches.
    pub(super) fn inroads(&self) -> &Inroads {
        &self.inroads
    }

    /// What the internet can do with an interface, if anything.
    pub(super) fn get(&self, interface: &str) -> Option<&At> {
        self.by_interface.get(interface)
    }

    /// Notes the hosts that surely face the internet.
    pub(super) fn facing(&mut self, network: &Network, surely: &[String]) {
        let mut all: BTreeMap<ComponentId, Vec<IpSet>> = BTreeMap::new();
        for (component, interface) in surely.iter().flat_map(|id| network.interfaces_of(id)) {
            let interface = network.components[component].interface(interface);
            if is_host(interface) {
                all.entry(component).or_default().push(addresses(interface));
            }
        }
        self.facing = all.into_iter().map(|(id, sets)| (id, join(&sets))).collect();
    }

    /// The addresses of a component's hosts that face the internet.
    pub(super) fn faced(&self, component: ComponentId) -> Option<&IpSet> {
        self.facing.get(&component)
    }

    /// Notes a host that opens HTTPS connections to the internet.
    pub(super) fn online(&mut self, network: &Network, id: &str) {
        for (component, interface) in network.interfaces_of(id) {
            let facts = &network.components[component];
            let subnet = facts.interface(interface).subnet();
            let host = self.online.entry((component, subnet)).or_insert(interface);
            // An instance stands for the subnet, if there is one.
            if facts.interface(*host).instance().is_none() {
                *host = interface;
            }
        }
    }

    /// Subnets with hosts that open HTTPS connections to the internet.
    pub(super) fn subnets_online(
        &self,
    ) -> impl Iterator<Item = (ComponentId, SubnetId, NetworkInterfaceId)> {
        self.online.iter().map(|(&(component, subnet), &host)| (component, subnet, host))
    }

    /// What everyone can reach at an interface, possibly at least.
    pub(super) fn at(&self, interface: &str) -> &[Traffic] {
        self.get(interface).map_or(&[], |at| &at.everyone)
    }
}
