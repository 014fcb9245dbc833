//! Who that is: what is known of the addresses that somebody sends from.
//!
//! A zone of the configuration, an interface, gateway or network of the estate, a
//! network that its routes lead to, a service of AWS, a range that is set aside. An
//! [`AddressBook`] tells of any set of addresses which parts of it are whose: parts are
//! disjoint, and together they are the set.
//!
//! AWS's own addresses come from its `ip-ranges.json` ([`AwsRanges`]), of which the most
//! specific service counts. An address of EC2 is a customer's: that this estate does not
//! hold it is said only where all its interfaces and addresses of the region, in all
//! accounts of the source, are listed.

mod aws;
mod book;
mod key;
mod label;
mod layer;
mod own;
mod special;
#[cfg(test)]
mod tests;

pub use aws::{AwsPrefix, AwsRanges};
pub use book::AddressBook;
pub(crate) use book::zone;
pub(crate) use label::few;
pub use special::Special;

use crate::net::IpSet;

/// Whose addresses are.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Who {
    /// So many addresses of nobody in particular that it is the internet.
    Everyone,
    /// A zone of the configuration.
    Zone(String),
    /// A thing of the estate.
    Own(Own),
    /// A network of the estate, where no thing of it has the address or there are many.
    OwnNetwork(OwnNetwork),
    /// A network that the estate's routes lead to.
    Beyond(Beyond),
    /// AWS itself.
    Aws {
        /// `S3`, …; `None`: no one service, or several.
        service: Option<String>,
        /// `None`: several.
        region: Option<String>,
    },
    /// A customer of AWS: an EC2 address that this estate doesn't hold.
    Ec2Elsewhere {
        /// `None`: several.
        region: Option<String>,
    },
    /// An EC2 address of which was not seen whether this estate holds it.
    Ec2Unseen {
        /// `None`: several.
        region: Option<String>,
    },
    /// A range that is set aside.
    Special(Special),
    /// Nothing is known.
    Unknown,
}

/// A thing of the estate that has addresses.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Own {
    /// A network interface.
    NetworkInterface {
        /// `eni-…`.
        id: String,
        /// Its instance's name, else its own.
        name: String,
    },
    /// A NAT gateway.
    NatGateway(String),
    /// A load balancer.
    LoadBalancer(String),
    /// An Elastic IP address.
    ElasticAddress {
        /// The address.
        address: std::net::Ipv4Addr,
        /// What it is associated with, which the source does not hold; empty: nothing.
        holder: String,
    },
    /// Public addresses of several things.
    Several,
}

/// A network of the estate.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum OwnNetwork {
    /// A subnet.
    Subnet {
        /// `subnet-…`.
        id: String,
        /// Its name.
        name: String,
    },
    /// A VPC.
    Vpc {
        /// `vpc-…`.
        id: String,
        /// Its name.
        name: String,
    },
    /// Several VPCs, or one of several that have the address.
    Several,
}

/// A network that is not of the estate.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Beyond {
    /// The far side of a peering connection.
    Peer {
        /// `pcx-…`.
        peering: String,
        /// `vpc-…`, where the source says so.
        vpc: String,
    },
    /// What a transit gateway, a virtual private gateway, a VPN connection or Direct Connect
    /// leads to.
    Gateway {
        /// `tgw-…`, `vgw-…`, `vpn-…`, …
        id: String,
        /// Its name, or empty.
        name: String,
    },
    /// Several of them.
    Several,
}

impl Who {
    /// Whether it is somebody in particular: not everyone, nobody, or just a kind of range.
    #[must_use]
    pub fn is_somebody(&self) -> bool {
        match self {
            Self::Zone(_)
            | Self::Own(_)
            | Self::OwnNetwork(_)
            | Self::Beyond(_)
            | Self::Aws { .. }
            | Self::Ec2Elsewhere { .. }
            | Self::Ec2Unseen { .. } => true,
            Self::Everyone | Self::Special(_) | Self::Unknown => false,
        }
    }
}

/// A part of some addresses, and whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Portion {
    /// Whose.
    pub who: Who,
    /// Which.
    pub addresses: IpSet,
}

/// How exactly it is told whose addresses are.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Detail {
    /// Each interface, gateway, service and region.
    Things,
    /// The estate's interfaces by their subnets.
    Subnets,
    /// Subnets by their VPCs.
    Vpcs,
    /// The estate, networks beyond it, AWS, its customers, all others.
    Kinds,
}

impl Detail {
    /// From the most exact one on.
    pub const ALL: [Self; 4] = [Self::Things, Self::Subnets, Self::Vpcs, Self::Kinds];
}
