//! A packet that proves a finding.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Context;
use super::traffic::Traffic;
use crate::net::{Cidr, IpSet};
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

impl Context<'_> {
    /// One of the internet's addresses in `sources`, sending to a thing.
    pub(super) fn witness(&self, sources: &Blocks, to: &str, traffic: Traffic) -> Option<Witness> {
        let port = traffic.question()?;
        let blocks: Vec<Cidr> =
            sources.iter().filter_map(|block| Some(Cidr::parse(block).ok()?.0)).collect();
        let strange =
            |address: &IpAddr| self.world.internet.contains(*address) && !self.is_ours(*address);
        let example = EXAMPLES
            .into_iter()
            .filter(strange)
            .find(|&address| blocks.iter().any(|block| block.contains(address)));
        let first = || {
            blocks.iter().find_map(|&block| {
                let public = IpSet::from_cidr(block).intersection(&self.world.internet);
                public.first().filter(strange)
            })
        };
        let from = example.or_else(first)?.to_string();
        Some(Witness { from, to: to.to_owned(), port })
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
