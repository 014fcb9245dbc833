//! The observed view: what answers, as a scanner saw it from somewhere.
//!
//! An observation is evidence of one moment and one vantage point. It is kept as it
//! was made: a port that answered is open, one that refused is closed, one that said
//! nothing is filtered, and what a scanner could not tell apart stays apart from all
//! three. What it means for the configured view is decided by
//! [`verify`](crate::verify).

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::net::{PortRange, Protocol};

/// What a port did when it was probed; nmap's words and meanings.
///
/// In ascending order of what they prove about the way being open.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortState {
    /// The scanner did not say, or what it said can't be laid to this port.
    Unknown,
    /// Nothing came back, though asked more than once; or a router refused.
    Filtered,
    /// It is not open; whether the host refused or nothing came back was not said.
    ClosedOrFiltered,
    /// Nothing came back, and an open port may say nothing either (UDP).
    OpenOrFiltered,
    /// The host answered; whether the port is open was not asked (ACK scan).
    Unfiltered,
    /// The host refused: the way is open and nobody listens.
    Closed,
    /// It answered as an open port does.
    Open,
}

impl PortState {
    /// Whether something came back from the host: the network let both ways pass.
    #[must_use]
    pub fn answered(self) -> bool {
        match self {
            Self::Open | Self::Closed | Self::Unfiltered => true,
            Self::Unknown | Self::Filtered | Self::ClosedOrFiltered | Self::OpenOrFiltered => false,
        }
    }

    /// The word as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Filtered => "filtered",
            Self::ClosedOrFiltered => "closed-or-filtered",
            Self::OpenOrFiltered => "open-or-filtered",
            Self::Unfiltered => "unfiltered",
            Self::Closed => "closed",
            Self::Open => "open",
        }
    }
}

/// What a TLS server showed of itself.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Tls {
    /// `TLS 1.3`, `TLS 1.2`; empty if no handshake was possible.
    pub version: String,
    /// The names of the certificate, ascending.
    pub names: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// Its first day and time, RFC 3339.
    pub not_before: String,
    /// Its last day and time, RFC 3339.
    pub not_after: String,
    /// Whether it had ended when it was seen.
    pub expired: bool,
    /// Whether it signed itself.
    pub self_signed: bool,
    /// What speaks instead of TLS: `plain HTTP`, `only versions before TLS 1.2`; empty if it is TLS.
    pub instead: String,
}

/// What was seen of some ports of one address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Observation {
    /// The address that was probed.
    pub address: IpAddr,
    /// The protocol.
    pub protocol: Protocol,
    /// The ports; of ICMP the types and codes.
    pub ports: PortRange,
    /// What they did.
    pub state: PortState,
    /// How that was known: `syn-ack`, `reset`, `no-response`, …
    pub reason: Arc<str>,
    /// What the scanner took the service for.
    pub service: Arc<str>,
    /// What a TLS server showed.
    pub tls: Option<Arc<Tls>>,
    /// The number of the file in [`Scan::files`].
    pub file: usize,
    /// The line there, where it has lines.
    pub line: Option<u64>,
}

/// What a scanner said of a host as a whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ScannedHost {
    /// The address.
    pub address: IpAddr,
    /// Whether it took the host for up. If not, its ports were not probed.
    pub up: bool,
    /// How that was known.
    pub reason: String,
}

/// A socket that listens on a host, as the host says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listener {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// The port.
    pub port: u16,
    /// Where it is bound: the IPv4 "any" address, one of the host's own, or everywhere.
    pub address: Option<IpAddr>,
    /// The line of the file.
    pub line: Option<u64>,
}

impl Listener {
    /// Whether packets to an address of the host come to it.
    #[must_use]
    pub fn hears(&self, address: IpAddr) -> bool {
        match self.address {
            None => true,
            Some(bound) if bound.is_unspecified() => bound.is_ipv4() == address.is_ipv4(),
            Some(bound) => bound == address,
        }
    }
}

/// Everything that one or more scans saw.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Scan {
    /// Where it comes from: names of files, or what made it.
    pub files: Vec<String>,
    /// `nmap 7.93`, `masscan`, `portolan`; one for each file.
    pub scanners: Vec<String>,
    /// When the first probe was sent, in seconds since 1970.
    pub started: Option<i64>,
    /// When the last was.
    pub ended: Option<i64>,
    /// What was seen.
    pub observations: Vec<Observation>,
    /// The hosts.
    pub hosts: Vec<ScannedHost>,
    /// What was odd: `file:line: …`.
    pub warnings: Vec<String>,
}

impl Scan {
    /// Adds what another scan saw.
    pub fn merge(&mut self, other: Self) {
        let Self { files, scanners, started, ended, observations, hosts, warnings } = other;
        let before = self.files.len();
        self.files.extend(files);
        self.scanners.extend(scanners);
        self.started = match (self.started, started) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.ended = self.ended.max(ended);
        let renumbered =
            observations.into_iter().map(|seen| Observation { file: seen.file + before, ..seen });
        self.observations.extend(renumbered);
        self.hosts.extend(hosts);
        self.warnings.extend(warnings);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merged_scans_keep_their_files_and_the_whole_time() {
        let scan = |file: &str, started| Scan {
            files: vec![file.to_owned()],
            scanners: vec!["nmap".to_owned()],
            started: Some(started),
            ended: Some(started + 5),
            observations: vec![Observation {
                address: "192.0.2.1".parse().unwrap(),
                protocol: Protocol::Tcp,
                ports: PortRange::single(22),
                state: PortState::Open,
                reason: "syn-ack".into(),
                service: "".into(),
                tls: None,
                file: 0,
                line: Some(3),
            }],
            ..Scan::default()
        };
        let mut both = scan("b.xml", 100);
        both.merge(scan("a.xml", 50));
        assert_eq!((both.started, both.ended), (Some(50), Some(105)));
        let named: Vec<&str> =
            both.observations.iter().map(|seen| both.files[seen.file].as_str()).collect();
        assert_eq!(named, ["b.xml", "a.xml"]);
    }

    #[test]
    fn an_answer_of_any_kind_proves_the_way_open() {
        assert!(PortState::Closed.answered() && PortState::Unfiltered.answered());
        assert!(!PortState::OpenOrFiltered.answered() && !PortState::ClosedOrFiltered.answered());
    }
}
