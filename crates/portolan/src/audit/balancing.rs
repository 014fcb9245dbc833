//! Load balancers and their listeners, as findings look at them.

use super::Context;
use super::reached::Reached;
use super::traffic::{Kind, Traffic};
use crate::model::{Component, Listener, ListenerProtocol, LoadBalancer, LoadBalancerKind, Scheme};
use crate::net::{PortRange, Protocol};
use crate::record::{About, Severity};

/// A load balancer that the source describes.
#[derive(Clone, Copy)]
pub(super) struct Balancer<'a> {
    pub(super) component: &'a Component,
    pub(super) facts: &'a LoadBalancer,
}

/// Who of the internet reaches a listener, possibly at least.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Crowd {
    /// Nobody.
    Nobody,
    /// Some addresses, or nobody knows: no interface of the load balancer is listed.
    Some,
    /// Everyone, or nobody: it depends on what is not known.
    Perhaps,
    /// Everyone.
    Everyone,
}

impl Crowd {
    /// How bad something is that everyone reaches, or fewer.
    pub(super) fn severity(self, everyone: Severity) -> Severity {
        match self {
            Self::Everyone => everyone,
            Self::Some | Self::Perhaps => super::less(everyone),
            Self::Nobody => Severity::Info,
        }
    }

    /// What a title says of it, with a blank before it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Everyone => ", and everyone on the internet reaches it",
            Self::Perhaps => ", and everyone on the internet may reach it",
            Self::Some => ", and some addresses of the internet may reach it",
            Self::Nobody => "",
        }
    }
}

impl<'a> Balancer<'a> {
    /// Its listeners, as far as they are known for certain.
    pub(super) fn listeners(&self) -> impl Iterator<Item = &'a Listener> {
        let all = self.facts.listeners.as_deref().unwrap_or_default();
        all.iter().filter(|listener| !listener.contested)
    }

    /// Who of the internet reaches one of its listeners.
    pub(super) fn crowd(
        &self,
        context: &Context<'_>,
        reached: &Reached,
        listener: &Listener,
    ) -> Crowd {
        if self.facts.interfaces.is_empty() {
            let internal = self.facts.scheme == Scheme::Internal;
            return if internal { Crowd::Nobody } else { Crowd::Some };
        }
        let Some(traffic) = traffic(listener) else { return Crowd::Nobody };
        let meets = |all: &[Traffic]| all.iter().any(|it| it.covers(traffic));
        let of = self.facts.interfaces.iter().map(|&interface| {
            let id = context.network.text(self.component.interface(interface).id());
            match reached.get(id) {
                Some(at) if meets(&at.surely) => Crowd::Everyone,
                Some(at) if meets(&at.everyone) => Crowd::Perhaps,
                Some(at) if meets(&at.anyone) => Crowd::Some,
                Some(_) | None => Crowd::Nobody,
            }
        });
        of.max().unwrap_or(Crowd::Some)
    }
}

/// What a listener takes; `None`: all, or that can't be told.
pub(super) fn traffic(listener: &Listener) -> Option<Traffic> {
    let protocol = match listener.protocol? {
        ListenerProtocol::Http
        | ListenerProtocol::Https
        | ListenerProtocol::Tcp
        | ListenerProtocol::Tls
        | ListenerProtocol::TcpUdp
        | ListenerProtocol::TcpQuic => Protocol::Tcp,
        ListenerProtocol::Udp | ListenerProtocol::Quic => Protocol::Udp,
        ListenerProtocol::Geneve | ListenerProtocol::Unknown => return None,
    };
    Some(Traffic { kind: Kind::Of(protocol), ports: PortRange::single(listener.port?) })
}

/// Whether a listener ends TLS.
pub(super) fn ends_tls(listener: &Listener) -> bool {
    matches!(listener.protocol, Some(ListenerProtocol::Https | ListenerProtocol::Tls))
}

/// `tcp/80`, or what stands for it where the port can't be read.
pub(super) fn port_of(listener: &Listener) -> String {
    traffic(listener)
        .and_then(Traffic::question)
        .unwrap_or_else(|| "a port that can't be read".to_owned())
}

/// `tcp/80, tcp/8080` of some listeners.
pub(super) fn ports_of(listeners: &[&Listener]) -> String {
    let mut all = listeners.to_vec();
    all.sort_by_key(|listener| listener.port);
    let ports: Vec<String> = all.into_iter().map(port_of).collect();
    ports.join(", ")
}

/// What people call a load balancer of its kind.
pub(super) fn kind(kind: LoadBalancerKind) -> &'static str {
    match kind {
        LoadBalancerKind::Application => "Application Load Balancer",
        LoadBalancerKind::Network => "Network Load Balancer",
        LoadBalancerKind::Gateway => "Gateway Load Balancer",
        LoadBalancerKind::Classic => "Classic Load Balancer",
        LoadBalancerKind::Unknown => "load balancer",
    }
}

impl Context<'_> {
    /// The load balancers that the source describes.
    pub(super) fn load_balancers(&self) -> impl Iterator<Item = Balancer<'_>> {
        self.network.components.iter().flat_map(|component| {
            let described = component.load_balancers.iter().filter(|it| it.seen);
            described.map(move |facts| Balancer { component, facts })
        })
    }

    /// Whether an interface is a node of a load balancer whose listeners are known, and
    /// which judges requests by itself.
    pub(super) fn has_listeners(&self, interface: &str) -> bool {
        self.network.interfaces_of(interface).any(|(component, interface)| {
            let component = &self.network.components[component];
            let of = component.load_balancer_of(interface);
            of.map(|it| &component.load_balancers[it]).is_some_and(|it| {
                let asks =
                    matches!(it.kind, LoadBalancerKind::Application | LoadBalancerKind::Classic);
                asks && it.listeners.is_some()
            })
        })
    }

    /// A load balancer, as the thing that a finding is about; with a listener it stands
    /// where that stands.
    pub(super) fn about_load_balancer(
        &self,
        balancer: &Balancer<'_>,
        listener: Option<&Listener>,
    ) -> About {
        let facts = balancer.facts;
        let classic = facts.kind == LoadBalancerKind::Classic;
        let kind = if classic { "classic-load-balancer" } else { "load-balancer" };
        let vpc = &balancer.component.vpcs[facts.vpc];
        let mut about = self.thing(balancer.component, kind, facts.id, vpc.scope, facts.place);
        about.name = self.network.text(facts.name).to_owned();
        self.network.text(vpc.id).clone_into(&mut about.vpc);
        if let Some(listener) = listener {
            self.stands(&mut about, listener.place);
        }
        about
    }
}

/// How a title calls a load balancer: `web (Application Load Balancer)`.
pub(super) fn called(balancer: &Balancer<'_>, about: &About) -> String {
    let name = if about.name.is_empty() { &about.id } else { &about.name };
    format!("{name} ({})", kind(balancer.facts.kind))
}
