//! Puts together what stands in no VPC.

use super::renumber::{Renumber, Renumbering};
use super::{NetworkBuilder, Origin};
use crate::model::{
    Certificate, EndpointConnection, EndpointPrincipal, OfferedService, Outside, PublicEndpoint,
    Text, TextId,
};

impl NetworkBuilder {
    /// Adds what one listing says of a certificate; the listings are put together.
    pub fn add_certificate(&mut self, fact: Certificate) {
        self.outside.certificates.push(fact);
    }

    /// Adds the door of a service on addresses of AWS's own.
    pub fn add_public_endpoint(&mut self, fact: PublicEndpoint, origin: Origin) {
        self.outside.public_endpoints.push(PublicEndpoint { origin, ..fact });
    }

    /// Adds a service that the estate offers.
    pub fn add_offered_service(&mut self, fact: OfferedService, origin: Origin) {
        self.outside.offered_services.push(OfferedService { origin, ..fact });
    }

    /// Adds one who may make endpoints of a service.
    pub fn add_endpoint_principal(&mut self, fact: EndpointPrincipal) {
        self.outside.principals.push(fact);
    }

    /// Adds an endpoint that somebody made of a service.
    pub fn add_endpoint_connection(&mut self, fact: EndpointConnection) {
        self.outside.connections.push(fact);
    }
}

impl Outside {
    /// Takes over the facts, now that it is known whose they are.
    pub(super) fn append(&mut self, part: Self, origin: Origin) {
        let Self { certificates, public_endpoints, offered_services, principals, connections } =
            part;
        self.certificates.extend(certificates);
        let endpoints = public_endpoints.into_iter();
        self.public_endpoints.extend(endpoints.map(|it| PublicEndpoint { origin, ..it }));
        let services = offered_services.into_iter();
        self.offered_services.extend(services.map(|it| OfferedService { origin, ..it }));
        self.principals.extend(principals);
        self.connections.extend(connections);
    }

    /// Each thing once, by id.
    pub(super) fn finished(mut self, text: &Text) -> Self {
        let by = |id: TextId, other: TextId| text.get(id).cmp(text.get(other));
        self.certificates.sort_by(|one, other| by(one.id, other.id));
        self.certificates.dedup_by(|other, known| {
            let same = other.id == known.id;
            if same {
                known.not_after = match (known.not_after, other.not_after) {
                    (Some(one), Some(more)) => Some(one.min(more)),
                    (one, more) => one.or(more),
                };
                if known.status.is_empty() {
                    known.status = other.status;
                }
                if known.name.is_empty() {
                    known.name = other.name;
                }
            }
            same
        });
        self.public_endpoints.sort_by(|one, other| by(one.id, other.id));
        self.public_endpoints.dedup_by(|other, known| {
            let same = other.id == known.id;
            if same && other.sources != known.sources {
                // Two words on it: it may be open to whom either says.
                let both = known.sources.take().zip(other.sources.take());
                known.sources = both.map(|(one, more)| one.into_iter().chain(more).collect());
            }
            same
        });
        self.offered_services.sort_by(|one, other| by(one.id, other.id));
        self.offered_services.dedup_by(|other, known| {
            let same = other.id == known.id;
            if same && other.acceptance_required != known.acceptance_required {
                known.acceptance_required = None;
            }
            same
        });
        self.principals.sort_by(|one, other| {
            by(one.service, other.service).then_with(|| by(one.principal, other.principal))
        });
        self.principals.dedup();
        self.connections.sort_by(|one, other| {
            by(one.service, other.service).then_with(|| by(one.endpoint, other.endpoint))
        });
        self.connections.dedup();
        self
    }
}

impl Renumber for Outside {
    fn renumber(&mut self, new: &Renumbering) {
        let Self { certificates, public_endpoints, offered_services, principals, connections } =
            self;
        certificates.renumber(new);
        public_endpoints.renumber(new);
        offered_services.renumber(new);
        principals.renumber(new);
        connections.renumber(new);
    }
}
