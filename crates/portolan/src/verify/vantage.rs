//! From where a scan was made.

use std::net::IpAddr;

use crate::model::{ComponentId, InterfaceKind, Network};
use crate::net::{IpSet, RangeSet, internet_v4, internet_v6};
use crate::reach::explain::ExplainError;
use crate::reach::place::{self, Selector, Zones};
use crate::reach::spec::End;

/// From where a scan was made: those who may have sent its packets.
#[derive(Clone, Debug)]
pub struct Vantage {
    /// As asked.
    pub text: String,
    /// The addresses that senders have.
    pub addresses: IpSet,
    /// The one address, if it is one, as the receiver sees it.
    pub(super) single: Option<Sender>,
    /// Anyone at all, over all ways.
    pub(super) everybody: bool,
}

/// One sender.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sender {
    /// An address that is not the estate's, or of exactly one interface: then of this
    /// component.
    Known(IpAddr, Option<ComponentId>),
    /// Something else: a NAT gateway, an address of several VPCs.
    Other,
}

impl Vantage {
    /// Reads a selector: `internet`, an address, a zone, an interface.
    ///
    /// # Errors
    ///
    /// If it can't be read, or names nothing in the source.
    pub fn parse(network: &Network, zones: &Zones, text: &str) -> Result<Self, ExplainError> {
        let selector = Selector::parse(text)?;
        if !selector.names_something(network, zones) {
            let nearest = place::nearest(network, zones, text);
            return Err(ExplainError::NoSuchPlace { text: text.to_owned(), nearest });
        }
        let addresses = selector.addresses(network, zones);
        let one = matches!(selector, Selector::Address(_) | Selector::VpcAddress(..));
        let single = one.then(|| match place::senders(network, &selector).as_slice() {
            // The engine knows of hosts only; of a load balancer's address or the like the
            // specification says what it can.
            &[End::Interface { component, interface, address }] => {
                let interface = network.components[component].interface(interface);
                match interface.kind() == InterfaceKind::Host {
                    true => Sender::Known(address, Some(component)),
                    false => Sender::Other,
                }
            }
            &[End::Internet(address) | End::Network(address)] => Sender::Known(address, None),
            [] | [_, ..] => Sender::Other,
        });
        // The owner of a public address sends from the private one behind it.
        let addresses = match single {
            Some(Sender::Known(address, _)) => IpSet::single(address),
            Some(Sender::Other) | None => addresses,
        };
        // An address that several VPCs may hold is not the same sender in each.
        let several = addresses.intersects(&shared(network));
        let single = if several { Some(Sender::Other) } else { single };
        Ok(Self { text: text.to_owned(), addresses, single, everybody: false })
    }

    /// Everybody: what listens on a host may be asked by anyone.
    pub(super) fn anybody() -> Self {
        Self { text: "any".to_owned(), addresses: IpSet::all(), single: None, everybody: true }
    }

    /// Whether senders among them can be on the internet.
    #[must_use]
    pub fn is_outside(&self) -> bool {
        self.addresses.v4.intersects(&internet_v4()) || self.addresses.v6.intersects(&internet_v6())
    }

    /// The senders that come over the internet: public addresses that no VPC of
    /// the source holds.
    pub(super) fn over_internet(&self, network: &Network) -> IpSet {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for component in network.components.iter() {
            for vpc in component.vpcs.iter() {
                v4.extend(vpc.ipv4.iter().map(|block| (block.first(), block.last())));
                v6.extend(vpc.ipv6.iter().map(|block| (block.first(), block.last())));
            }
        }
        let public = IpSet { v4: internet_v4(), v6: internet_v6() };
        let own = IpSet { v4: RangeSet::from_ranges(v4), v6: RangeSet::from_ranges(v6) };
        self.addresses.intersection(&public.difference(&own))
    }
}

/// The addresses that are in the blocks of more than one VPC.
fn shared(network: &Network) -> IpSet {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for component in network.components.iter() {
        for vpc in component.vpcs.iter() {
            v4.extend(vpc.ipv4.iter().map(|block| (block.first(), block.last())));
            v6.extend(vpc.ipv6.iter().map(|block| (block.first(), block.last())));
        }
    }
    IpSet { v4: RangeSet::from_ranges(twice(v4)), v6: RangeSet::from_ranges(twice(v6)) }
}

/// Where ranges lie on each other.
fn twice<A: Copy + Ord>(mut ranges: Vec<(A, A)>) -> Vec<(A, A)> {
    ranges.sort_unstable();
    let mut shared = Vec::new();
    let mut furthest: Option<A> = None;
    for (first, last) in ranges {
        if let Some(end) = furthest.filter(|&end| end >= first) {
            shared.push((first, last.min(end)));
        }
        furthest = furthest.max(Some(last));
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::twice;

    #[test]
    fn ranges_on_each_other_are_found() {
        assert_eq!(twice(vec![(5, 9), (0, 3), (8, 20), (9, 9)]), [(8, 9), (9, 9)]);
        assert!(twice(vec![(0, 3), (4, 9)]).is_empty());
    }
}
