//! What equal interfaces have open: the records of a class, read once for all of
//! them, since lists of addresses inside the estate are long.

use std::cell::OnceCell;
use std::sync::Arc;

use super::far::{FarSide, FarSides};
use super::layout::same_host;
use super::open::what;
use super::reached::{Reached, far_side};
use super::rule::Rule;
use super::traffic::Traffic;
use super::{Context, less};
use crate::model::{Component, ComponentId, Interface, NetworkInterfaceId};
use crate::net::{IpSet, cover_within, exact_cover};
use crate::record::{
    About, Audience, Blocks, Certainty, Finding, Open, PortClass, Severity, Witness,
};

/// A record of a class, read.
pub(super) struct Ajar<'a> {
    /// The record.
    pub(super) class: &'a PortClass,
    /// Its protocol and ports.
    pub(super) traffic: Traffic,
    far_sides: &'a FarSides,
    far: OnceCell<Arc<FarSide>>,
}

/// Interfaces of one subnet that have the same ports open, or a group in a
/// source that holds no interfaces.
pub(super) struct Alike<'a> {
    /// The records.
    pub(super) records: Vec<Ajar<'a>>,
    /// The interfaces; none of a group by itself.
    pub(super) members: Vec<NetworkInterfaceId>,
    /// Where they are.
    pub(super) component: Option<ComponentId>,
    /// What everyone reaches, anywhere.
    pub(super) reached: &'a Reached,
}

impl<'a> Ajar<'a> {
    fn of(class: &'a PortClass, far_sides: &'a FarSides) -> Self {
        let traffic = Traffic::read(&class.open.protocol, &class.open.ports);
        Self { class, traffic, far_sides, far: OnceCell::new() }
    }

    pub(super) fn open(&self) -> &'a Open {
        &self.class.open
    }

    /// The word before what is not certain.
    pub(super) fn possibly(&self) -> &'static str {
        match self.open().certainty {
            Certainty::Certain => "",
            Certainty::Possible => "possibly ",
        }
    }

    /// The far side's addresses, without the members of groups that rules name.
    pub(super) fn far(&self) -> &IpSet {
        self.far.get_or_init(|| self.far_sides.of(&far_side(self.open()))).set()
    }
}

impl<'a> Alike<'a> {
    pub(super) fn of(
        context: &'a Context<'_>,
        records: &'a [PortClass],
        reached: &'a Reached,
    ) -> Self {
        let ids = records.first().map_or(&[][..], |it| &it.interfaces);
        let found: Vec<_> = ids.iter().flat_map(|id| context.network.interfaces_of(id)).collect();
        Self {
            records: records.iter().map(|it| Ajar::of(it, &context.far_sides)).collect(),
            component: found.first().map(|(component, _)| *component),
            members: found.into_iter().map(|(_, interface)| interface).collect(),
            reached,
        }
    }

    /// The interfaces, and the first of them.
    pub(super) fn first<'c>(
        &self,
        context: &Context<'c>,
    ) -> Option<(ComponentId, &'c Component, Interface<'c>)> {
        let id = self.component?;
        let component: &'c Component = &context.network.components[id];
        Some((id, component, component.interface(*self.members.first()?)))
    }
}

/// How bad it is and the sentence, given the ports' words, the thing's, and the
/// sender that matters.
type Judge<'f> = dyn Fn(&str, &str, Option<&str>) -> Option<(Severity, String)> + 'f;

/// What of a record a finding is about.
pub(super) struct Found<'f> {
    /// The ports, each a finding of its own.
    pub(super) ports: &'f [Traffic],
    /// The far side.
    pub(super) sources: Blocks,
    /// Hosts of the estate that matter as senders.
    pub(super) senders: &'f [NetworkInterfaceId],
    /// Other hosts of the estate that can send, for the witness.
    pub(super) others: &'f [NetworkInterfaceId],
    /// How bad it is if it is certain, and the sentence, given the ports' words,
    /// the thing's, and the sender that matters; none if it is nothing.
    pub(super) judge: &'f Judge<'f>,
}

impl Context<'_> {
    /// The same findings about each of the interfaces; not about those at which
    /// everyone on the internet reaches the ports, which is worse and said elsewhere.
    pub(super) fn about_each(
        &self,
        rule: &Rule,
        alike: &Alike<'_>,
        record: &Ajar<'_>,
        found: &Found<'_>,
    ) -> Vec<Finding> {
        let of_ports = |&traffic: &Traffic| self.about_ports(rule, alike, record, traffic, found);
        found.ports.iter().flat_map(of_ports).collect()
    }

    fn about_ports(
        &self,
        rule: &Rule,
        alike: &Alike<'_>,
        record: &Ajar<'_>,
        traffic: Traffic,
        found: &Found<'_>,
    ) -> Vec<Finding> {
        let open = record.open();
        let certain = open.certainty == Certainty::Certain;
        let mut template = self.finding(rule, &About::default());
        template.direction = "ingress".to_owned();
        template.protocol = traffic.protocol_text();
        template.ports = traffic.ports_text();
        template.audience = Some(open.audience);
        template.breadth = Some(open.breadth);
        template.sources = found.sources.clone();
        template.clients = Some(open.clients);
        template.client_ports.clone_from(&open.client_ports);
        template.certainty = open.certainty;
        template.because.clone_from(&open.because);
        let outside = match open.audience {
            Audience::Internet => self.witness(&found.sources, "", traffic),
            Audience::Network => self.neighbour(&found.sources, traffic),
            Audience::Estate => None,
        };
        let ports = what(traffic);
        let abouts = self.abouts(alike, record.class);
        let all = abouts
            .into_iter()
            .filter(|(about, _)| !alike.reached.at(&about.id).iter().any(|it| it.covers(traffic)));
        let all = all.filter_map(|(about, interface)| {
            let sender = interface.and_then(|to| self.other(alike, to, found.senders));
            let called = sender.map(|it| self.sender(it));
            let thing = super::called(&about);
            let (severity, title) = (found.judge)(&ports, &thing, called.as_deref())?;
            let mut finding = Finding { title, about, ..template.clone() };
            finding.severity = if certain { severity } else { less(severity) };
            if certain {
                let inside = || {
                    let other = || self.other(alike, interface?, found.others);
                    let from = sender.or_else(other).filter(|it| self.is_told_apart(alike, *it))?;
                    let from = self.network.text(from.id()).to_owned();
                    let port = traffic.question()?;
                    Some(Witness { from, to: String::new(), port })
                };
                finding.witness = match open.audience {
                    Audience::Estate => inside(),
                    Audience::Internet | Audience::Network => outside.clone(),
                };
                if let Some(witness) = &mut finding.witness {
                    witness.to.clone_from(&finding.about.id);
                }
            }
            Some(finding)
        });
        all.collect()
    }

    /// Whether no other VPC of the component has the host's address too: one of those may
    /// be the sender that is meant.
    fn is_told_apart(&self, alike: &Alike<'_>, host: Interface<'_>) -> bool {
        host.ipv4().iter().all(|held| {
            let vpcs = self.network.vpcs_with_ipv4(held.first);
            vpcs.iter().filter(|(at, _)| Some(*at) == alike.component).count() < 2
        })
    }

    /// The things of a class.
    pub(super) fn abouts(
        &self,
        alike: &Alike<'_>,
        class: &PortClass,
    ) -> Vec<(About, Option<NetworkInterfaceId>)> {
        let Some(id) = alike.component else {
            return vec![(self.about_class_of_group(class), None)];
        };
        let abouts = alike.members.iter();
        let abouts = abouts.map(|&member| (self.about_interface(id, member), Some(member)));
        abouts.collect()
    }

    fn about_class_of_group(&self, class: &PortClass) -> About {
        About {
            kind: "security-group".to_owned(),
            id: class.open.because.first().map_or_else(String::new, |cause| cause.of.clone()),
            name: class.names.first().cloned().unwrap_or_default(),
            account: class.account.clone(),
            region: class.region.clone(),
            vpc: class.vpc.clone(),
            ..About::default()
        }
    }

    /// The first of some hosts that is another than an interface's.
    fn other(
        &self,
        alike: &Alike<'_>,
        to: NetworkInterfaceId,
        senders: &[NetworkInterfaceId],
    ) -> Option<Interface<'_>> {
        let component = &self.network.components[alike.component?];
        let to = component.interface(to);
        senders.iter().map(|&it| component.interface(it)).find(|from| !same_host(*from, to))
    }

    /// How people call a sender.
    fn sender(&self, interface: Interface<'_>) -> String {
        let id = self.network.text(interface.id());
        match self.network.interfaces_of(id).next() {
            Some((component, _)) => {
                let component = &self.network.components[component];
                let instance = interface.instance().map(|it| component.instances[it].name);
                let name = instance.filter(|name| !name.is_empty()).unwrap_or(interface.name());
                match self.network.text(name) {
                    "" => id.to_owned(),
                    name => format!("{name} ({id})"),
                }
            }
            None => id.to_owned(),
        }
    }

    /// Addresses as an audience's records list them.
    pub(super) fn listed(&self, set: &IpSet, audience: Audience) -> Blocks {
        match audience {
            Audience::Internet => Blocks::of(
                &cover_within(&set.v4, &self.world.internet.v4),
                &cover_within(&set.v6, &self.world.internet.v6),
            ),
            Audience::Network | Audience::Estate => {
                Blocks::of(&exact_cover(&set.v4), &exact_cover(&set.v6))
            }
        }
    }
}
