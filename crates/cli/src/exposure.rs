//! Stands in for `portolan::reach::exposure` until that is there.
#![expect(dead_code, reason = "nothing reads the options yet")]

use std::collections::BTreeSet;

use portolan::model::{ComponentId, Locate, Network, NetworkInterfaceId};
use portolan::net::IpSet;
use portolan::reach::place::PortFilter;
use portolan::record::{Audience, Coverage, Port, PortClass};

#[derive(Clone, Copy, Debug)]
pub(crate) enum SourcesMode {
    Rules,
    Addresses,
}

#[derive(Clone, Debug)]
pub(crate) struct PortsOptions {
    pub(crate) outbound: bool,
    pub(crate) peers: Option<IpSet>,
    pub(crate) interfaces: Option<BTreeSet<(ComponentId, NetworkInterfaceId)>>,
    pub(crate) port: Option<PortFilter>,
    pub(crate) audience: Option<Audience>,
    pub(crate) sources: SourcesMode,
}

pub(crate) fn ports(_: &Network, _: &dyn Locate, _: &PortsOptions, _: &mut dyn FnMut(Port)) {}

pub(crate) fn port_classes(
    _: &Network,
    _: &dyn Locate,
    _: &PortsOptions,
    _: &mut dyn FnMut(PortClass),
) {
}

pub(crate) fn coverage(network: &Network) -> Coverage {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    Coverage {
        interfaces: network.components.iter().map(|c| count(c.interfaces.len())).sum(),
        vpcs: network.components.iter().map(|c| count(c.vpcs.len())).sum(),
        limitations: count(network.limitations.len()),
        assumptions: network.assumptions.iter().map(|a| a.as_str().to_owned()).collect(),
        warnings: count(network.warnings.len()),
        ..Coverage::default()
    }
}
