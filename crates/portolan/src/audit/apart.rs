//! Who can reach what is meant for a few, apart from those: what rules about
//! administration and databases have in common.

use std::borrow::Cow;

use super::Context;
use super::alike::{Ajar, Alike, Found};
use super::layout::Grounds;
use super::reached::far_side;
use super::rule::Rule;
use super::traffic::Traffic;
use crate::model::{Component, NetworkInterfaceId, VpcId};
use crate::net::IpSet;
use crate::record::{Audience, Blocks, Breadth, Finding, Severity};

/// Addresses inside the estate that can reach something, apart from those it is meant for.
pub(super) struct Inside<'a> {
    /// The addresses, without the members of groups that rules name.
    pub(super) far: Cow<'a, IpSet>,
    /// As records list them.
    pub(super) sources: Blocks,
    /// The VPC of which they are most of the addresses, its own first.
    pub(super) most_of: Option<&'a str>,
    component: &'a Component,
    grounds: &'a Grounds,
    own: VpcId,
}

impl Inside<'_> {
    /// Hosts among some of the addresses: see [`Grounds::hosts_among`].
    pub(super) fn hosts_among(&self, addresses: &IpSet) -> Vec<NetworkInterfaceId> {
        self.grounds.hosts_among(self.component, addresses, self.own)
    }
}

impl Context<'_> {
    /// Who is let in from beyond the estate; none where that is everyone, which is worse and
    /// said elsewhere.
    pub(super) fn outside<'r>(&self, record: &'r Ajar<'_>) -> Option<Cow<'r, IpSet>> {
        let open = record.open();
        match (open.audience, open.breadth) {
            (Audience::Internet, Breadth::Everyone) => None,
            (Audience::Internet, Breadth::Some) => {
                Some(Cow::Owned(record.far().intersection(&self.world.internet)))
            }
            (Audience::Network | Audience::Estate, _) => Some(Cow::Borrowed(record.far())),
        }
    }

    /// Who of the estate is let in, apart from those it is meant for.
    pub(super) fn inside<'a>(
        &'a self,
        alike: &Alike<'_>,
        record: &'a Ajar<'_>,
        meant: Option<&IpSet>,
    ) -> Option<Inside<'a>> {
        let (id, component, interface) = alike.first(self)?;
        let grounds = self.layout.component(id);
        let own = interface.vpc();
        let (far, sources) = match meant {
            Some(meant) => {
                let left = record.far().difference(meant);
                let sources = self.listed(&left, Audience::Estate);
                (Cow::Owned(left), sources)
            }
            None => (Cow::Borrowed(record.far()), far_side(record.open())),
        };
        let most_of = grounds.mostly_within(&far, own).first().copied();
        let most_of = most_of.map(|vpc| self.network.text(component.vpcs[vpc].id));
        Some(Inside { far, sources, most_of, component, grounds, own })
    }

    /// The findings that say so: `SSH (tcp/22) of web is open to` whom.
    pub(super) fn open_to(
        &self,
        rule: &Rule,
        alike: &Alike<'_>,
        record: &Ajar<'_>,
        whom: &Whom<'_>,
    ) -> Vec<Finding> {
        let title = |ports: &str, thing: &str, _: Option<&str>| {
            let possibly = record.possibly();
            Some((whom.severity, format!("{ports} of {thing} is {possibly}open to {}", whom.words)))
        };
        let Whom { ports, others, .. } = *whom;
        let sources = whom.sources.clone();
        let found = Found { ports, sources, senders: &[], others, judge: &title };
        self.about_each(rule, alike, record, &found)
    }
}

/// Who can reach what, and how bad that is.
pub(super) struct Whom<'a> {
    /// The ports, each a finding of its own.
    pub(super) ports: &'a [Traffic],
    /// The far side.
    pub(super) sources: Blocks,
    /// Hosts among them, for the witness.
    pub(super) others: &'a [NetworkInterfaceId],
    /// How bad it is if it is certain.
    pub(super) severity: Severity,
    /// Who they are.
    pub(super) words: &'a str,
}
