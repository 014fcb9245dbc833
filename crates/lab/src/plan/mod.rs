//! What is to be built: namespaces, the links between them, their routes and rulesets.
//!
//! A plan is data. [`compile`] makes it of a network's facts and reads AWS's
//! documentation for itself: it shares no meaning with the specification, which
//! the lab is there to check.
//!
//! ```text
//! host       one for each instance; ethN holds the addresses of one interface
//!   |
//! VPC        the router, the ACLs of its subnets, the groups of its interfaces
//!   |   \
//!   |    NAT gateway, peering connection to another VPC, transit gateway
//!   |
//! internet   internet gateways: public addresses become private ones and back
//!   |
//! vantage    a host on the internet
//! ```
//!
//! All ends of links have one MAC address and need no ARP: a packet is always for
//! whom it reaches.

mod balancer;
mod compile;
mod gateways;
mod host;
mod internet;
mod nat;
mod routes;
mod transit;
mod vpc;

use std::collections::BTreeSet;
use std::net::IpAddr;

pub use compile::compile;

use portolan::model::{ComponentId, NetworkInterfaceId, TextId};
use portolan::net::Cidr;

use crate::ruleset::Ruleset;

/// Which namespace of a plan.
pub type SpaceId = usize;

/// What is asked of the compiler.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The interfaces to build; `None`: all.
    pub only: Option<BTreeSet<(ComponentId, NetworkInterfaceId)>>,
    /// Hosts on the internet.
    pub vantages: Vec<Vantage>,
}

/// A host on the internet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Vantage {
    /// Its name.
    pub name: String,
    /// Its addresses, public ones.
    pub addresses: Vec<IpAddr>,
}

/// What is to be built.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The namespaces.
    pub spaces: Vec<Space>,
    /// The links between them.
    pub links: Vec<Link>,
    /// The hosts, in the order of their namespaces.
    pub hosts: Vec<Host>,
    /// What the network holds and the lab does not.
    pub not_compiled: Vec<NotCompiled>,
}

/// A namespace.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Space {
    /// Its name, unique within the plan.
    pub name: String,
    /// Whether it passes packets on.
    pub forwards: bool,
    /// Whether it holds whole blocks of addresses, to which its sockets are bound.
    pub holds_blocks: bool,
    /// Addresses of its devices.
    pub addresses: Vec<DeviceAddress>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Which table is asked for which packet.
    pub rules: Vec<Rule>,
    /// What nftables does.
    pub ruleset: Ruleset,
}

/// An address of a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeviceAddress {
    /// The index of the device.
    pub device: u32,
    /// The address.
    pub address: IpAddr,
}

/// A route.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Route {
    /// The routing table.
    pub table: u32,
    /// Where to.
    pub destination: Cidr,
    /// What becomes of the packet.
    pub action: Action,
}

/// What a route does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// Out of the device of this index.
    Device(u32),
    /// To this namespace itself.
    Here,
    /// Ask the next rule.
    NextRule,
    /// Nowhere, and nobody is told.
    Drop,
}

/// Which table is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rule {
    /// The lower goes first.
    pub priority: u32,
    /// Which packets.
    pub packets: Packets,
    /// The routing table.
    pub table: u32,
}

/// Packets that a rule is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packets {
    /// Those with this mark, as far as the mask goes; of both families.
    Marked {
        /// The mark.
        mark: u32,
        /// The mask.
        mask: u32,
    },
    /// Those from this block.
    From(Cidr),
}

/// A pair of devices.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// One end.
    pub near: Plug,
    /// The other.
    pub far: Plug,
}

/// One end of a link.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Plug {
    /// In which namespace.
    pub space: SpaceId,
    /// The name of the device.
    pub name: String,
    /// The index of the device.
    pub index: u32,
    /// The group of the device: in a VPC the number of the subnet.
    pub group: u32,
}

/// Somebody who sends and receives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Host {
    /// The name by which it is called.
    pub name: String,
    /// `i-…` or `eni-…`; empty for a host on the internet.
    pub id: String,
    /// Its namespace.
    pub space: SpaceId,
    /// Its interfaces; none: it is on the internet.
    pub interfaces: Vec<(ComponentId, NetworkInterfaceId)>,
    /// Its addresses: private and IPv6 ones, or those on the internet.
    pub addresses: Vec<IpAddr>,
    /// Its public addresses.
    pub public: Vec<IpAddr>,
}

/// Something that the network holds and the lab does not.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NotCompiled {
    /// Its id.
    pub id: TextId,
    /// Why, in words.
    pub reason: &'static str,
}

impl Plan {
    /// The host of this name, id or address.
    #[must_use]
    pub fn host(&self, wanted: &str) -> Option<&Host> {
        let address: Option<IpAddr> = wanted.parse().ok();
        let by_name = self.hosts.iter().find(|host| host.name == wanted || host.id == wanted);
        by_name.or_else(|| {
            let held = |host: &&Host| {
                address.is_some_and(|address| {
                    host.addresses.contains(&address) || host.public.contains(&address)
                })
            };
            self.hosts.iter().find(held)
        })
    }

    /// Appends a namespace.
    fn push_space(&mut self, space: Space) -> SpaceId {
        self.spaces.push(space);
        self.spaces.len().saturating_sub(1)
    }

    /// Notes what is not built.
    fn leave_out(&mut self, id: TextId, reason: &'static str) {
        let note = NotCompiled { id, reason };
        if !self.not_compiled.contains(&note) {
            self.not_compiled.push(note);
        }
    }
}
