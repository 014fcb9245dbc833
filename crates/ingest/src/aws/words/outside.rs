//! The words of certificates, and of who makes endpoints of the estate's services.

use super::super::field::{Field, Shape, Str};
use super::super::outside::Moment;
use crate::document::Cursor;
use crate::json::{self, Malformed, are_distinct};

words! {
    /// An element of `acm list-certificates`, or what `acm describe-certificate` tells.
    Certificate {
        certificate_arn: Str<'a> = "CertificateArn",
        domain_name: Str<'a> = "DomainName",
        status: Str<'a> = "Status",
        not_after: Field<Moment> = "NotAfter",
    }
    /// An element of `iam list-server-certificates`.
    ServerCertificate {
        arn: Str<'a> = "Arn",
        name: Str<'a> = "ServerCertificateName",
        expiration: Field<Moment> = "Expiration",
    }
    /// An element of `describe-vpc-endpoint-connections`.
    EndpointConnection {
        service_id: Str<'a> = "ServiceId",
        vpc_endpoint_id: Str<'a> = "VpcEndpointId",
        vpc_endpoint_owner: Str<'a> = "VpcEndpointOwner",
        vpc_endpoint_state: Str<'a> = "VpcEndpointState",
    }
    /// An element of `describe-vpc-endpoint-service-permissions`.
    AllowedPrincipal { service_id: Str<'a> = "ServiceId", principal: Str<'a> = "Principal", }
}
