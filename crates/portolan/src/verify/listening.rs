//! What hosts say of themselves, as an observed view.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use crate::model::{Component, Network};
use crate::net::{PortRange, Protocol};
use crate::observed::{Listener, Observation, PortState, Scan};
use crate::reach::explain::ExplainError;
use crate::reach::place::{self, Selector, Zones};

/// What a host's listening sockets are at each address of the interfaces that `host`
/// names: open where one listens, closed elsewhere.
///
/// # Errors
///
/// If `host` can't be read, or names no interface.
pub fn listening(
    network: &Network,
    zones: &Zones,
    host: &str,
    file: &str,
    listeners: &[Listener],
) -> Result<Scan, ExplainError> {
    let selector = Selector::parse(host)?;
    let interfaces = selector.interfaces(network, zones);
    if interfaces.is_empty() {
        let nearest = place::nearest(network, zones, host);
        return Err(ExplainError::NoSuchPlace { text: host.to_owned(), nearest });
    }
    let mut addresses: BTreeSet<IpAddr> = BTreeSet::new();
    for (component, interface) in interfaces {
        let component: &Component = &network.components[component];
        let interface = component.interface(interface);
        let v4 = interface.ipv4().iter().map(|it| IpAddr::V4(Ipv4Addr::from_bits(it.first)));
        addresses.extend(v4);
        addresses.extend(interface.ipv6().iter().map(|it| IpAddr::V6(it.first.into())));
    }
    let mut scan =
        Scan { files: vec![file.to_owned()], scanners: vec![String::new()], ..Scan::default() };
    for address in addresses {
        for protocol in [Protocol::Tcp, Protocol::Udp] {
            let seen = |ports, state, reason: &str, line| Observation {
                address,
                protocol,
                ports,
                state,
                reason: reason.into(),
                service: "".into(),
                tls: None,
                file: 0,
                line,
            };
            scan.observations.push(seen(PortRange::ALL, PortState::Closed, "no-listener", None));
            let here = listeners.iter().filter(|it| it.protocol == protocol && it.hears(address));
            scan.observations.extend(
                here.map(|it| {
                    seen(PortRange::single(it.port), PortState::Open, "listener", it.line)
                }),
            );
        }
    }
    Ok(scan)
}
