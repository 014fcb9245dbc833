//! Interface endpoints: what answers behind them.
//!
//! The provider's side of a service stands in another listing, often of another
//! account: the two are joined by the name of the service, which is unique. Of an
//! endpoint that is gone nothing is joined.

use std::collections::BTreeSet;

use super::NetworkBuilder;
use super::resolve::Assembly;
use crate::model::id::Id;
use crate::model::lookup::Lookup;
use crate::model::{
    Component, EndpointProvider, EndpointService, InterfaceKind, LimitationCode,
    NetworkInterfaceId, TextId, VpcEndpoint, VpcEndpointId, VpcEndpointKind,
};

/// Services of AWS that are APIs and nothing else, by what their names end with: all of
/// them are listed with HTTPS, some with HTTP too, and with no other protocol (AWS
/// General Reference, "Service endpoints and quotas").
const APIS: &[&str] = &[
    "access-analyzer",
    "acm",
    "acm-pca",
    "autoscaling",
    "backup",
    "cloudformation",
    "cloudtrail",
    "config",
    "ec2",
    "ec2messages",
    "ecr.api",
    "ecr.dkr",
    "ecs",
    "ecs-agent",
    "ecs-telemetry",
    "eks",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "glue",
    "kinesis-firehose",
    "kinesis-streams",
    "kms",
    "lambda",
    "logs",
    "monitoring",
    "rds",
    "secretsmanager",
    "sns",
    "sqs",
    "ssm",
    "ssmmessages",
    "states",
    "sts",
    "xray",
];

impl NetworkBuilder {
    /// Adds the provider's side of an endpoint service, by the name of the service.
    pub fn add_endpoint_service(&mut self, name: TextId, provider: EndpointProvider) {
        self.endpoint_services.push((name, provider));
    }

    /// Says of each endpoint what is behind it.
    pub(super) fn attach_endpoint_services(&mut self) {
        let mut services: Lookup<TextId, EndpointProvider> = Lookup::default();
        for (name, mut provider) in std::mem::take(&mut self.endpoint_services) {
            provider.load_balancers.sort_unstable();
            provider.load_balancers.dedup();
            match services.get_mut(&name) {
                None => {
                    services.insert(name, provider);
                }
                Some(known) => known.join(provider),
            }
        }
        let text = &self.text;
        for given in self.vpc_endpoints.iter_mut() {
            let endpoint = &mut given.fact;
            if endpoint.kind != VpcEndpointKind::Interface || endpoint.available == Some(false) {
                continue;
            }
            endpoint.behind = match services.get(&endpoint.service) {
                Some(provider) => EndpointService::Provided(provider.clone()),
                None if is_api(text.get(endpoint.service)) => EndpointService::Api,
                None => EndpointService::Unknown,
            };
        }
    }
}

impl EndpointProvider {
    /// The same service seen again.
    fn join(&mut self, other: Self) {
        let alike = (self.id, self.available, &self.load_balancers)
            == (other.id, other.available, &other.load_balancers);
        self.contested |= other.contested || !alike;
        self.load_balancers.extend(other.load_balancers);
        self.load_balancers.sort_unstable();
        self.load_balancers.dedup();
    }
}

/// `com.amazonaws.us-east-1.ec2`, and `com.amazonaws.us-gov-west-1.ec2-fips`.
fn is_api(service: &str) -> bool {
    let Some(rest) = service.strip_prefix("com.amazonaws.") else { return false };
    let Some((region, name)) = rest.split_once('.') else { return false };
    let name = name.strip_suffix("-fips").unwrap_or(name);
    region.contains('-') && APIS.contains(&name)
}

/// Whether it is said what answers at an endpoint's interfaces.
fn is_described(endpoint: &VpcEndpoint) -> bool {
    let known = match endpoint.behind {
        EndpointService::Api | EndpointService::Provided(_) => true,
        EndpointService::Unknown => endpoint.available == Some(false),
    };
    known && endpoint.seen && endpoint.kind == VpcEndpointKind::Interface
}

impl Assembly<'_> {
    /// Interfaces of endpoints of which nobody says what answers there.
    pub(super) fn limit_endpoints(&mut self) {
        let described: BTreeSet<NetworkInterfaceId> = self
            .vpc_endpoints
            .items
            .iter()
            .filter(|endpoint| is_described(endpoint))
            .flat_map(|endpoint| endpoint.interfaces.iter().copied())
            .collect();
        let others: Vec<_> = self
            .interfaces
            .items
            .iter()
            .enumerate()
            .filter(|(_, interface)| interface.kind == InterfaceKind::VpcEndpoint)
            .filter(|&(number, _)| !described.contains(&NetworkInterfaceId::from_index(number)))
            .map(|(_, interface)| (interface.id, interface.place))
            .collect();
        for (interface, place) in others {
            self.limit(LimitationCode::EndpointService, interface, place);
        }
    }
}

impl Component {
    /// Finds the endpoint of each interface. One that two endpoints claim has none.
    pub(super) fn join_endpoints(&mut self) {
        let mut all: Vec<(NetworkInterfaceId, VpcEndpointId)> = Vec::new();
        for (id, endpoint) in self.vpc_endpoints.entries() {
            let is_one = endpoint.seen && endpoint.kind == VpcEndpointKind::Interface;
            for &interface in endpoint.interfaces.iter().filter(|_| is_one) {
                let facts = self.interface(interface);
                if facts.kind() == InterfaceKind::VpcEndpoint && facts.vpc() == endpoint.vpc {
                    all.push((interface, id));
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        let pairs = all.iter().zip(all.iter().skip(1));
        let twice: BTreeSet<NetworkInterfaceId> =
            pairs.filter(|((one, _), (other, _))| one == other).map(|((of, _), _)| *of).collect();
        all.retain(|(of, _)| !twice.contains(of));
        self.behind_endpoints = all;
    }
}

#[cfg(test)]
mod tests {
    use super::is_api;

    #[test]
    fn an_api_is_known_by_the_whole_name_of_its_service() {
        for known in ["com.amazonaws.us-east-1.ec2", "com.amazonaws.us-gov-west-1.kms-fips"] {
            assert!(is_api(known), "{known}");
        }
        for other in [
            "com.amazonaws.us-east-1.email-smtp",
            "com.amazonaws.us-east-1.transfer.server",
            "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d",
            "ec2",
            "com.amazonaws.ec2",
            "",
        ] {
            assert!(!is_api(other), "{other}");
        }
    }
}
