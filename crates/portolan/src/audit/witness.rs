//! A packet that proves a finding.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Context;
use super::traffic::Traffic;
use crate::model::{Component, ComponentId, NetworkInterfaceId};
use crate::net::{Cidr, IpSet};
use crate::reach::explain::{self, Answer};
use crate::reach::spec::{End, Flow};
use crate::record::{Blocks, Witness};

/// Addresses that are reserved for documentation, which people know to be
/// examples: <https://www.rfc-editor.org/rfc/rfc5737>,
/// <https://www.rfc-editor.org/rfc/rfc3849>.
const EXAMPLES: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)),
    IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, 1)),
];

/// So many blocks are tried.
const FEW: usize = 16;

impl Context<'_> {
    /// One of the internet's addresses in `sources`, sending to a thing.
    pub(super) fn witness(&self, sources: &Blocks, to: &str, traffic: Traffic) -> Option<Witness> {
        let port = traffic.question()?;
        let from = self.stranger(sources)?.to_string();
        Some(Witness { from, to: to.to_owned(), port })
    }

    /// One of the internet's addresses in `sources`.
    pub(super) fn stranger(&self, sources: &Blocks) -> Option<IpAddr> {
        self.strangers(sources).next()
    }

    /// A few of the internet's addresses in `sources`: of each family examples that
    /// people know, else the first of each block.
    pub(super) fn strangers(&self, sources: &Blocks) -> impl Iterator<Item = IpAddr> {
        let blocks: Vec<Cidr> =
            sources.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0)).collect();
        let strange =
            |address: &IpAddr| self.world.internet.contains(*address) && !self.is_ours(*address);
        let mut all: Vec<IpAddr> = EXAMPLES
            .into_iter()
            .filter(|address| blocks.iter().any(|block| block.contains(*address)))
            .filter(strange)
            .collect();
        for v4 in [true, false] {
            if !all.iter().any(|address| address.is_ipv4() == v4) {
                let of_family = blocks.iter().filter(|block| block.first().is_ipv4() == v4);
                let public =
                    |&block| IpSet::from_cidr(block).intersection(&self.world.internet).first();
                all.extend(of_family.take(FEW).filter_map(public).filter(strange));
            }
        }
        all.into_iter()
    }

    /// What becomes of a stranger's packet to an interface: addressed to its
    /// public address, where it has one. None if there is no such packet.
    pub(super) fn ask(
        &self,
        from: IpAddr,
        (component, interface): (ComponentId, NetworkInterfaceId),
        traffic: Traffic,
    ) -> Option<Answer> {
        let (protocol, selector) = traffic.packet()?;
        let facts: &Component = &self.network.components[component];
        let held = facts.interface(interface);
        let at = |address| End::Interface { component, interface, address };
        let to = match from {
            IpAddr::V4(_) => {
                let public = held.ipv4().iter().find_map(|held| held.public).map(End::Public);
                let private =
                    held.ipv4().first().map(|it| at(Ipv4Addr::from_bits(it.first).into()));
                public.or(private)?
            }
            IpAddr::V6(_) => at(Ipv6Addr::from_bits(held.ipv6().first()?.first).into()),
        };
        let flow = Flow { from: End::Internet(from), to, protocol, selector };
        Some(explain::answer(self.network, self.locate, &flow))
    }

    /// One of the addresses beyond the estate in `sources`, sending.
    pub(super) fn neighbour(&self, sources: &Blocks, traffic: Traffic) -> Option<Witness> {
        let from = sources.iter().find_map(|block| Some(Cidr::parse(block).ok()?.0.first()))?;
        Some(Witness { from: from.to_string(), to: String::new(), port: traffic.question()? })
    }

    /// Whether a public address leads into the estate: such a sender is judged
    /// by its own rules too.
    fn is_ours(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(v4) => self.network.public_owners(u32::from(v4)).next().is_some(),
            IpAddr::V6(_) => false,
        }
    }
}
