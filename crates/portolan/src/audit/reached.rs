//! What can come in, as rules look at it.

use std::collections::BTreeMap;

use super::traffic::Traffic;
use crate::net::{Cidr, IpSet};
use crate::record::{Audience, Blocks, Breadth, Open, Port};

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

/// What everyone on the internet can reach, by interface id: only interfaces
/// with something that everyone can reach are in it.
#[derive(Debug, Default)]
pub(super) struct Reached {
    by_interface: BTreeMap<String, Vec<Traffic>>,
}

impl Reached {
    pub(super) fn add(&mut self, interface: &str, traffic: Vec<Traffic>) {
        if !traffic.is_empty() {
            self.by_interface.entry(interface.to_owned()).or_default().extend(traffic);
        }
    }

    /// What everyone can reach at an interface, possibly at least.
    pub(super) fn at(&self, interface: &str) -> &[Traffic] {
        self.by_interface.get(interface).map_or(&[], Vec::as_slice)
    }
}
