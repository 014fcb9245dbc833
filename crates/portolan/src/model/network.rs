//! The whole network: its components, texts, limitations.

use std::sync::Arc;

use super::index::ById;
use super::{
    Assumption, Component, ComponentId, ElasticAddress, IdVec, Limitation, Listings, NatGatewayId,
    NetworkInterfaceId, Origin, Outside, RemoteAccess, Text, TextId, VpcId, Warning,
};

/// A network of any number of accounts and regions.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The components, in the order of their first VPC's id.
    pub components: IdVec<ComponentId, Arc<Component>>,
    /// All strings.
    pub text: Text,
    /// Public IPv4 addresses of the estate and whose they are, ascending.
    pub public_ipv4: Vec<(u32, PublicOwner)>,
    /// The Elastic IP addresses of `describe-addresses`, ascending, each once.
    pub elastic_addresses: Vec<ElasticAddress>,
    /// What stands in no VPC.
    pub outside: Outside,
    /// Ways in for networks and people that are not of AWS.
    pub remote_access: Arc<RemoteAccess>,
    /// Which listings the source holds of each account and region, also where these have
    /// no VPC, ascending.
    pub listings: Vec<(Origin, Listings)>,
    /// What the answers can't know, sorted.
    pub limitations: Vec<Limitation>,
    /// What is taken at AWS's default, sorted.
    pub assumptions: Vec<Assumption>,
    /// What was odd, in the order in which it was read.
    pub warnings: Vec<Warning>,
    /// What is looked up.
    pub(super) by_id: ById,
}

/// Whose a public IPv4 address of the estate is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum PublicOwner {
    /// It leads to a private address of an interface.
    Interface {
        /// The component.
        component: ComponentId,
        /// The interface.
        interface: NetworkInterfaceId,
        /// The private address behind it.
        private: u32,
    },
    /// It belongs to a NAT gateway, whose interface may be missing from the source.
    NatGateway {
        /// The component.
        component: ComponentId,
        /// The NAT gateway.
        nat_gateway: NatGatewayId,
    },
    /// It belongs to a load balancer.
    LoadBalancer {
        /// Its name or ARN.
        name: TextId,
    },
    /// An Elastic IP address that leads nowhere.
    Unassociated,
    /// An Elastic IP address of an interface that the source does not hold.
    Elsewhere {
        /// The interface or instance.
        id: TextId,
    },
}

/// Who holds a private or IPv6 address.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum AddressHolder {
    /// An interface.
    Interface(ComponentId, NetworkInterfaceId),
    /// A NAT gateway whose interface is missing from the source.
    NatGateway(ComponentId, NatGatewayId),
    /// A VPC whose blocks hold the address, and no interface does.
    Vpc(ComponentId, VpcId),
}

impl Network {
    /// Whose a public IPv4 address is; several owners if the source contradicts itself.
    pub fn public_owners(&self, address: u32) -> impl Iterator<Item = PublicOwner> {
        let start = self.public_ipv4.partition_point(|&(at, _)| at < address);
        self.public_ipv4
            .get(start..)
            .unwrap_or(&[])
            .iter()
            .take_while(move |&&(at, _)| at == address)
            .map(|&(_, owner)| owner)
    }

    /// Whether any listing gives the estate this public IPv4 address: an interface's or a
    /// NAT gateway's (also of one that is gone, until its listing forgets it), an Elastic
    /// IP address's or a load balancer's.
    #[must_use]
    pub fn holds_public(&self, address: u32) -> bool {
        self.public_owners(address).next().is_some()
    }

    /// The Elastic IP addresses that lead nowhere: associated with nothing by their own
    /// listing and by all others.
    pub fn unassociated_addresses(&self) -> impl Iterator<Item = &ElasticAddress> {
        self.elastic_addresses.iter().filter(|address| {
            self.public_owners(address.public).all(|owner| owner == PublicOwner::Unassociated)
        })
    }

    /// The string of an id.
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.text.get(id)
    }
}
