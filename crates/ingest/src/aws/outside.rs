//! What stands in no VPC: certificates, and who makes endpoints of the estate's services.

use std::borrow::Cow;

use portolan::model::{Certificate, EndpointConnection, EndpointPrincipal};

use super::Listed;
use super::field::{Field, Shape, Str};
use super::network::id;
use super::sink::Cx;
use super::words::outside as words;
use crate::detect;

/// A point in time, in seconds since 1970: the AWS CLI prints it as a text, and its first
/// version as a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Moment(i64);

impl<'a> Shape<'a> for Moment {
    fn of_text(text: Cow<'a, str>) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|at| Self(at.as_second()))
    }

    fn of_integer(number: i64) -> Option<Self> {
        Some(Self(number))
    }

    fn of_decimal(number: &str) -> Option<Self> {
        let (whole, _) = number.split_once('.')?;
        whole.parse().ok().map(Self)
    }
}

/// The call that gives a listing of these.
pub(super) fn command(listed: Listed) -> Option<&'static str> {
    let all = [
        (Listed::VpcEndpointConnections, "describe-vpc-endpoint-connections"),
        (Listed::EndpointServicePermissions, "describe-vpc-endpoint-service-permissions"),
        (Listed::Certificates, "acm list-certificates"),
        (Listed::Certificate, "acm describe-certificate"),
        (Listed::ServerCertificates, "iam list-server-certificates"),
    ];
    all.into_iter().find(|&(known, _)| known == listed).map(|(_, command)| command)
}

/// An element of `acm list-certificates`.
pub(crate) fn certificate(cx: &mut Cx<'_>, given: &words::Certificate<'_>) {
    let id = id(cx, "CertificateArn");
    add_certificate(cx, id, (&given.domain_name, &given.status), &given.not_after);
}

/// The certificate of `acm describe-certificate`; other services have one too.
pub(crate) fn one_certificate(cx: &mut Cx<'_>, given: &words::Certificate<'_>) {
    if given.certificate_arn.as_str().contains(":acm:") {
        cx.recognised = true;
        certificate(cx, given);
    }
}

/// An element of `iam list-server-certificates`.
pub(crate) fn server_certificate(cx: &mut Cx<'_>, given: &words::ServerCertificate<'_>) {
    let id = id(cx, "Arn");
    add_certificate(cx, id, (&given.name, &Str::Absent), &given.expiration);
}

fn add_certificate(
    cx: &mut Cx<'_>,
    id: portolan::model::TextId,
    (name, status): (&Str<'_>, &Str<'_>),
    not_after: &Field<Moment>,
) {
    if not_after.is_wrong() {
        cx.warn("the end of the certificate's time can't be read".to_owned());
    }
    let certificate = Certificate {
        id,
        place: cx.place,
        name: cx.intern(name.as_str()),
        status: cx.intern(status.as_str()),
        not_after: not_after.get().map(|&Moment(at)| at),
    };
    cx.builder().add_certificate(certificate);
}

/// An element of `describe-vpc-endpoint-connections`.
pub(crate) fn connection(cx: &mut Cx<'_>, given: &words::EndpointConnection<'_>) {
    let connection = EndpointConnection {
        service: cx.about,
        endpoint: cx.intern(given.vpc_endpoint_id.as_str()),
        owner: cx.intern(given.vpc_endpoint_owner.as_str()),
        available: given.vpc_endpoint_state.as_str().eq_ignore_ascii_case("available"),
    };
    cx.builder().add_endpoint_connection(connection);
}

/// An element of `describe-vpc-endpoint-service-permissions`.
pub(crate) fn principal(cx: &mut Cx<'_>, given: &words::AllowedPrincipal<'_>) {
    // Older answers do not say of which service they are; our script's files do.
    let service = match given.service_id.as_str() {
        "" => detect::endpoint_service_of(cx.name).unwrap_or_default().to_owned(),
        service => service.to_owned(),
    };
    let service = cx.intern(&service);
    let principal = cx.intern(given.principal.as_str());
    cx.builder().add_endpoint_principal(EndpointPrincipal { service, principal });
}
