//! Small random estates, written as `aws ec2 describe-*` prints them.
//!
//! An [`Estate`] is files of JSON and nothing else, so that a law may delete an
//! element, split a listing into pages or take a file away, and load it again.
//! The generator knows what AWS can be asked to build, not what any of it
//! means: it shares nothing with `reach` but what [`flows`] reads from the model
//! to ask questions that lie on edges.

pub(crate) mod ask;
pub(crate) mod blast;
pub(crate) mod edits;
pub(crate) mod features;
pub(crate) mod findings;
pub(crate) mod flows;
pub(crate) mod forget;
pub(crate) mod mix;
pub(crate) mod random;
pub(crate) mod records;
pub(crate) mod shrink;
pub(crate) mod twice;

mod acls;
mod balancers;
mod endpoints;
mod firewalls;
mod gateways;
mod groups;
mod interfaces;
mod layout;
mod remote;
mod routes;
mod services;
mod shared;
mod transit;

use std::collections::BTreeMap;

use portolan::model::Network;
use serde_json::{Value, json};

pub(crate) use layout::Plan;

/// The listings that a collector writes for each account and region.
pub(crate) const KEYS: &[&str] = &[
    "Vpcs",
    "Subnets",
    "NetworkInterfaces",
    "Reservations",
    "SecurityGroups",
    "NetworkAcls",
    "RouteTables",
    "InternetGateways",
    "EgressOnlyInternetGateways",
    "NatGateways",
    "Addresses",
    "VpcPeeringConnections",
    "VpcEndpoints",
    "ServiceConfigurations",
    "ManagedPrefixLists",
    "ManagedPrefixListEntries",
    "SecurityGroupVpcAssociations",
    "VpcBlockPublicAccessOptions",
    "VpcBlockPublicAccessExclusions",
    "LoadBalancers",
    "LoadBalancerDescriptions",
    "LoadBalancerAttributes",
    "ClassicLoadBalancerAttributes",
    "LoadBalancerListeners",
    "ListenerRules",
    "TargetGroups",
    "TargetGroupAttributes",
    "LoadBalancerTargetHealth",
    "TransitGateways",
    "TransitGatewayAttachments",
    "TransitGatewayVpcAttachments",
    "TransitGatewayRouteTables",
    "TransitGatewayRoutes",
    "TransitGatewayStaticRoutes",
    "TransitGatewayPropagations",
    "DBInstances",
    "VpnGateways",
    "VpnConnections",
    "DirectConnectGatewayAssociations",
    "virtualInterfaces",
    "ClientVpnEndpoints",
    "ClientVpnTargetNetworks",
    "AuthorizationRules",
    "InstanceConnectEndpoints",
];

/// Files of listings, by path.
#[derive(Clone, Debug, Default)]
pub(crate) struct Estate {
    pub(crate) seed: u64,
    /// One reply each.
    pub(crate) files: BTreeMap<String, Value>,
}

/// An account in a region.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Home {
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
}

impl Home {
    pub(crate) fn path(self, key: &str) -> String {
        format!("accounts/{}/{}/{key}.json", self.account, self.region)
    }
}

impl Estate {
    /// The estate of a seed: always the same.
    pub(crate) fn random(seed: u64) -> Self {
        let mut plan = Plan::new(seed);
        plan.lay_out();
        gateways::prefix_lists(&mut plan);
        gateways::gateways(&mut plan);
        gateways::peerings(&mut plan);
        transit::transit_gateways(&mut plan);
        groups::name(&mut plan);
        interfaces::interfaces(&mut plan);
        balancers::load_balancers(&mut plan);
        endpoints::endpoints(&mut plan);
        services::services(&mut plan);
        remote::remote_access(&mut plan);
        shared::participants(&mut plan);
        groups::rules(&mut plan);
        acls::acls(&mut plan);
        routes::routes(&mut plan);
        gateways::block_public_access(&mut plan);
        forget::absences(&mut plan);
        plan.estate
    }

    /// The listing, if the estate has it.
    pub(crate) fn elements(&mut self, path: &str, key: &str) -> Option<&mut Vec<Value>> {
        self.files.get_mut(path)?.get_mut(key)?.as_array_mut()
    }

    /// Adds an element to a listing.
    pub(crate) fn push(&mut self, home: Home, key: &str, element: Value) {
        let file = self.files.entry(home.path(key)).or_insert_with(|| json!({ key: [] }));
        file[key].as_array_mut().unwrap().push(element);
    }

    /// The files as bytes, each written by `write`.
    pub(crate) fn bytes(&self, write: impl Fn(&Value) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
        self.files.iter().map(|(path, reply)| (path.clone(), write(reply))).collect()
    }

    /// The network, if there is anything to read.
    pub(crate) fn network(&self) -> Option<Network> {
        let files = self.bytes(|reply| serde_json::to_vec(reply).unwrap());
        portolan_ingest::load_bytes(files).ok().map(|loaded| loaded.network)
    }
}

/// IPv4 in text.
pub(crate) fn v4(address: u32) -> String {
    std::net::Ipv4Addr::from_bits(address).to_string()
}

/// IPv6 in text.
pub(crate) fn v6(address: u128) -> String {
    std::net::Ipv6Addr::from_bits(address).to_string()
}
