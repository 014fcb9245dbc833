//! What the flows of a law were like, so that a law can't pass by asking little.

use std::collections::BTreeMap;

use portolan::net::{CLIENT_PORTS, PortSet, Protocol};
use portolan::reach::spec::{Flow, Judgement};

use super::features::{self, Features};

#[derive(Clone, Debug, Default)]
pub(crate) struct Mix {
    pub(crate) flows: u64,
    pub(crate) open: u64,
    pub(crate) unknown: u64,
    pub(crate) some: u64,
    features: BTreeMap<&'static str, u64>,
}

impl Mix {
    pub(crate) fn add(&mut self, flow: &Flow, judgement: &Judgement, features: &Features) {
        self.flows += 1;
        if judgement.certain() {
            self.open += 1;
        } else if judgement.possible() {
            self.unknown += 1;
        }
        let every = PortSet::from(CLIENT_PORTS);
        let part = |clients: &PortSet| !clients.is_empty() && *clients != every;
        let ports = matches!(flow.protocol, Protocol::Tcp | Protocol::Udp);
        let some = part(&judgement.certain_clients) || part(&judgement.possible_clients);
        if ports && judgement.possible() && some {
            self.some += 1;
        }
        for feature in features {
            *self.features.entry(feature).or_default() += 1;
        }
    }

    /// In tenths of a percent.
    fn share(&self, count: u64) -> u64 {
        count * 1000 / self.flows.max(1)
    }

    pub(crate) fn print(&self) {
        let percent = |count| {
            let share = self.share(count);
            format!("{}.{} %", share / 10, share % 10)
        };
        println!("{} flows", self.flows);
        let closed = self.flows - self.open - self.unknown;
        for (name, count) in [
            ("open", self.open),
            ("unknown", self.unknown),
            ("closed", closed),
            ("not for all clients", self.some),
        ] {
            println!("  {name:<40} {}", percent(count));
        }
        for &feature in features::ALL {
            let count = self.features.get(feature).copied().unwrap_or(0);
            println!("  {feature:<40} {}", percent(count));
        }
    }

    /// At least 30 % open, 5 % open to some clients only, half a percent for each feature.
    pub(crate) fn check(&self) {
        assert!(self.share(self.open) >= 300, "too few flows are open");
        assert!(self.share(self.some) >= 50, "too few flows are open to some clients only");
        for &feature in features::ALL {
            let share = self.share(self.features.get(feature).copied().unwrap_or(0));
            assert!(share >= 5, "too few flows touch `{feature}`: {share} in a thousand");
        }
    }
}
