//! What stands in no VPC and is found fault with all the same.
//!
//! Facts only: certificates with their dates, the doors of services that AWS keeps on
//! addresses of its own, and what the estate offers others as endpoint services.

use super::{Origin, Place, ServiceKind, TextId};
use crate::net::Cidr;

/// What stands in no VPC, each list by id.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Certificates.
    pub certificates: Vec<Certificate>,
    /// Doors of services on addresses of AWS's own.
    pub public_endpoints: Vec<PublicEndpoint>,
    /// Endpoint services.
    pub offered_services: Vec<OfferedService>,
    /// Who may make endpoints of them.
    pub principals: Vec<EndpointPrincipal>,
    /// Who has made endpoints of them.
    pub connections: Vec<EndpointConnection>,
}

/// A certificate (`acm list-certificates`, `acm describe-certificate`,
/// `iam list-server-certificates`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Certificate {
    /// Its ARN.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `DomainName`, or `ServerCertificateName`.
    pub name: TextId,
    /// `Status` of ACM: `ISSUED`, `EXPIRED`, …; empty where it is not said.
    pub status: TextId,
    /// `NotAfter`, or `Expiration`: in seconds since 1970 (UTC); `None`: not said.
    pub not_after: Option<i64>,
}

/// The door of a service that AWS keeps on addresses of its own: the API of an EKS
/// cluster with public access, an OpenSearch domain outside of a VPC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicEndpoint {
    /// The ARN of the cluster or domain, else kind and name.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Of what it is a door.
    pub kind: ServiceKind,
    /// What its owner calls that.
    pub name: TextId,
    /// `publicAccessCidrs`: from where it is open; `None`: from everywhere, as far as the
    /// network goes.
    pub sources: Option<Vec<Cidr>>,
    /// Whose it is, and where (set when the facts are put together).
    pub origin: Origin,
}

/// A service that the estate offers through endpoints
/// (`describe-vpc-endpoint-service-configurations`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OfferedService {
    /// `ServiceId`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `ServiceName`.
    pub name: TextId,
    /// `AcceptanceRequired`; `None`: not said.
    pub acceptance_required: Option<bool>,
    /// Whose it is, and where (set when the facts are put together).
    pub origin: Origin,
}

/// Who may make endpoints of a service (`describe-vpc-endpoint-service-permissions`).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct EndpointPrincipal {
    /// `ServiceId`.
    pub service: TextId,
    /// `Principal`: an ARN, or `*`.
    pub principal: TextId,
}

/// An endpoint that somebody made of a service (`describe-vpc-endpoint-connections`).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct EndpointConnection {
    /// `ServiceId`.
    pub service: TextId,
    /// `VpcEndpointId`.
    pub endpoint: TextId,
    /// `VpcEndpointOwner`.
    pub owner: TextId,
    /// `VpcEndpointState` is `available`.
    pub available: bool,
}
