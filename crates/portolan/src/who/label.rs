//! Whose addresses are, in words.

use super::{AddressBook, Beyond, Own, OwnNetwork, Portion, Special, Who};
use crate::model::ComponentId;
use crate::net::{Cidr, IpSet};
use crate::record::{Blocks, Breadth, Open};

/// So many are named; of more, how many.
const NAMED: usize = 8;

impl AddressBook<'_> {
    /// Whose some addresses are, in a few words each, each once: [`few`] makes them fit.
    pub(crate) fn labels(&self, addresses: &IpSet, seen_from: Option<ComponentId>) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in self.who(addresses, seen_from).iter().map(Portion::label) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }
}

impl AddressBook<'_> {
    /// Who in particular is at the other end of what is open in a VPC, in a few words each:
    /// nothing of everyone, and of those of whom nothing is known.
    #[must_use]
    pub fn somebody(&self, open: &Open, vpc: &str) -> Vec<String> {
        let seen_from = self.network.vpcs_of(vpc).next().map(|(at, _)| at);
        let blocks = open.sources.iter().chain(&open.destinations).flat_map(Blocks::iter);
        let set: IpSet = blocks.filter_map(|block| Some(Cidr::parse(block).ok()?.0)).collect();
        let all = open.breadth == Breadth::Everyone;
        let portions = if all { Vec::new() } else { self.who(&set, seen_from) };
        let known = portions.iter().filter(|portion| portion.who.is_somebody());
        let mut labels: Vec<String> = Vec::new();
        let groups = open.source_groups.iter().map(|id| self.members(id));
        for label in groups.chain(known.map(Portion::label)) {
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        labels
    }

    /// The members of a group.
    pub(crate) fn members(&self, id: &str) -> String {
        let network = self.network;
        let group = network.text.find(id).and_then(|id| network.security_groups_of(id).next());
        match group.map(|(_, group)| network.text(group.name)) {
            Some(name) if !name.is_empty() && name != id => format!("members of {name} ({id})"),
            Some(_) | None => format!("members of {id}"),
        }
    }
}

/// The first of some labels, and how many more there are.
pub(crate) fn few(mut labels: Vec<String>) -> Vec<String> {
    let more = labels.len().saturating_sub(NAMED);
    if more > 0 {
        labels.truncate(NAMED);
        labels.push(format!("and {more} more"));
    }
    labels
}

impl Portion {
    /// Whose it is, in a few words.
    #[must_use]
    pub fn label(&self) -> String {
        let one = self.addresses.v4.size().saturating_add(self.addresses.v6.size()) <= 1;
        let address = |what: &str| match one {
            true if what.is_empty() => "an address".to_owned(),
            true if what.starts_with('A') => format!("an {what} address"),
            true => format!("a {what} address"),
            false if what.is_empty() => "addresses".to_owned(),
            false => format!("{what} addresses"),
        };
        match &self.who {
            Who::Everyone => "everyone on the internet".to_owned(),
            Who::Zone(name) => format!("zone {name}"),
            Who::Own(own) => own.label(),
            Who::OwnNetwork(network) => network.label(),
            Who::Beyond(beyond) => beyond.label(),
            Who::Aws { service, region } => {
                let service = service.as_ref().map_or_else(
                    || "AWS".to_owned(),
                    |service| format!("the AWS service {service}"),
                );
                format!("{service}{}", brackets(region.as_deref().unwrap_or_default()))
            }
            Who::Ec2Elsewhere { region } => {
                let ec2 = ec2(region.as_deref());
                format!("{} {ec2} that this estate doesn't hold", address("AWS"))
            }
            Who::Ec2Unseen { region } => {
                let (ec2, it) = (ec2(region.as_deref()), if one { "it" } else { "them" });
                format!("{} {ec2}; whether this estate holds {it} was not seen", address("AWS"))
            }
            Who::Special(Special::Documentation) => "a documentation range".to_owned(),
            Who::Special(Special::Shared) => format!("{} shared by carriers", address("")),
            Who::Special(special) => address(special.as_str()),
            Who::Unknown => format!("{} that nothing here names", address("")),
        }
    }
}

impl Own {
    fn label(&self) -> String {
        match self {
            Self::NetworkInterface { id, name } => called(id, name),
            Self::NatGateway(id) => format!("NAT gateway {id}"),
            Self::LoadBalancer(name) => format!("load balancer {name}"),
            Self::ElasticAddress { address, holder } if holder.is_empty() => {
                format!("the Elastic IP address {address}, which leads nowhere")
            }
            Self::ElasticAddress { address, holder } => {
                format!("the Elastic IP address {address} of {holder}")
            }
            Self::Several => "public addresses of this estate".to_owned(),
        }
    }
}

impl OwnNetwork {
    fn label(&self) -> String {
        match self {
            Self::Subnet { id, name } => format!("subnet {}", called(id, name)),
            Self::Vpc { id, name } => format!("VPC {}", called(id, name)),
            Self::Several => "VPCs of this estate".to_owned(),
        }
    }
}

impl Beyond {
    fn label(&self) -> String {
        match self {
            Self::Peer { peering, vpc } if vpc.is_empty() => format!("the peer over {peering}"),
            Self::Peer { peering, vpc } => format!("the peer {vpc} over {peering}"),
            Self::Gateway { id, name } => format!("the network behind {}", called(id, name)),
            Self::Several => "networks beyond this estate".to_owned(),
        }
    }
}

/// `(EC2, eu-west-1)`.
fn ec2(region: Option<&str>) -> String {
    match region {
        Some(region) => format!("(EC2, {region})"),
        None => "(EC2)".to_owned(),
    }
}

fn brackets(text: &str) -> String {
    match text {
        "" => String::new(),
        "GLOBAL" => " (global)".to_owned(),
        text => format!(" ({text})"),
    }
}

fn called(id: &str, name: &str) -> String {
    if name.is_empty() || name == id { id.to_owned() } else { format!("{name} ({id})") }
}
