//! What can come in, as rules look at it.

use std::collections::BTreeMap;

use super::layout::{addresses, is_host};
use super::traffic::Traffic;
use crate::model::{ComponentId, Network, NetworkInterfaceId, SubnetId};
use crate::net::IpSet;
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
        self.port.open.audience == Audience::Internet && self.port.open.breadth == Breadth::Everyone
    }

    /// Whether it is surely so.
    pub(super) fn certain(&self) -> bool {
        self.port.open.certainty == Certainty::Certain
    }

    /// The far side's blocks.
    pub(super) fn blocks(&self) -> Blocks {
        far_side(&self.port.open)
    }
}

/// Who is at the other end, whatever the direction.
pub(super) fn far_side(open: &Open) -> Blocks {
    open.sources.clone().or_else(|| open.destinations.clone()).unwrap_or_default()
}

/// What everyone on the internet can reach, by interface id: only interfaces
/// with something that everyone can reach are in it.
#[derive(Debug, Default)]
pub(super) struct Reached {
    by_interface: BTreeMap<String, Vec<Traffic>>,
    /// The addresses of hosts with something that everyone surely reaches.
    facing: BTreeMap<ComponentId, IpSet>,
    /// Subnets with hosts that surely open HTTPS connections to the internet, and
    /// one of these.
    online: BTreeMap<(ComponentId, SubnetId), NetworkInterfaceId>,
}

impl Reached {
    pub(super) fn add(&mut self, interface: &str, traffic: Vec<Traffic>) {
        if !traffic.is_empty() {
            self.by_interface.entry(interface.to_owned()).or_default().extend(traffic);
        }
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
            let subnet = network.components[component].interface(interface).subnet();
            self.online.entry((component, subnet)).or_insert(interface);
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
        self.by_interface.get(interface).map_or(&[], Vec::as_slice)
    }
}
