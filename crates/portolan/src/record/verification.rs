//! `verify`: what is configured against what answers.

use serde::{Deserialize, Serialize};

use super::{Blocker, Cause, LimitationRecord};
use crate::observed::{PortState, Tls};

/// What the configured view says of a port, seen from somewhere.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Expected {
    /// Surely closed to all who may have asked.
    Closed,
    /// It depends on what was not seen.
    Unknown,
    /// Open to some of those who may have asked, or for some of their client ports.
    Partly,
    /// Surely open to all of them.
    Open,
}

impl Expected {
    /// The word as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Unknown => "unknown",
            Self::Partly => "partly",
            Self::Open => "open",
        }
    }
}

/// What comes of putting both side by side. In the order in which they are told.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Configured as closed, and it answers as open: an alarm.
    OpenUnexpectedly,
    /// Configured as closed, and the host refused: the packet got there. An alarm.
    AnswersUnexpectedly,
    /// Configured as open, and nothing came back.
    NoAnswer,
    /// Configured as open, and nobody listens.
    NobodyListens,
    /// The configuration leaves it open whether it is open; it is.
    ResolvedOpen,
    /// The configuration leaves it open whether it is open; nothing got through.
    ResolvedClosed,
    /// What was seen proves nothing.
    Unproven,
    /// It should be open, and was not probed though its host was.
    NotScanned,
    /// The address is none of the source's.
    NotInSource,
    /// Both say the same.
    Agrees,
}

impl Outcome {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 10] = [
        Self::OpenUnexpectedly,
        Self::AnswersUnexpectedly,
        Self::NoAnswer,
        Self::NobodyListens,
        Self::ResolvedOpen,
        Self::ResolvedClosed,
        Self::Unproven,
        Self::NotScanned,
        Self::NotInSource,
        Self::Agrees,
    ];

    /// The word as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenUnexpectedly => "open-unexpectedly",
            Self::AnswersUnexpectedly => "answers-unexpectedly",
            Self::NoAnswer => "no-answer",
            Self::NobodyListens => "nobody-listens",
            Self::ResolvedOpen => "resolved-open",
            Self::ResolvedClosed => "resolved-closed",
            Self::Unproven => "unproven",
            Self::NotScanned => "not-scanned",
            Self::NotInSource => "not-in-source",
            Self::Agrees => "agrees",
        }
    }

    /// Whether the two views differ.
    #[must_use]
    pub fn differs(self) -> bool {
        match self {
            Self::OpenUnexpectedly
            | Self::AnswersUnexpectedly
            | Self::NoAnswer
            | Self::NobodyListens => true,
            Self::ResolvedOpen
            | Self::ResolvedClosed
            | Self::Unproven
            | Self::NotScanned
            | Self::NotInSource
            | Self::Agrees => false,
        }
    }

    /// Whether more is open than the configuration says.
    #[must_use]
    pub fn is_alarm(self) -> bool {
        matches!(self, Self::OpenUnexpectedly | Self::AnswersUnexpectedly)
    }
}

/// One line of `verify`: ports of one address that are alike in both views.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Verification {
    /// `portolan.verification/1`.
    pub format: String,
    /// From where it was seen, as asked.
    pub from: String,
    /// The address.
    pub to: String,
    /// `eni-…`; empty if no interface holds the address.
    pub interface: String,
    /// `i-…`.
    pub instance: String,
    /// The instance's name, else the interface's.
    pub name: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `vpc-…`.
    pub vpc: String,
    /// `tcp`, `udp`, `icmp`, …
    pub protocol: String,
    /// `443`, `8000-8080`.
    pub ports: String,
    /// How many ports these are.
    pub count: u64,
    /// The configured view.
    pub expected: Expected,
    /// The observed view.
    pub observed: PortState,
    /// How that was known: `syn-ack`, `reset`, `no-response`, …
    pub reason: String,
    /// What the scanner took the service for.
    pub service: String,
    /// What a TLS server showed.
    pub tls: Option<Tls>,
    /// What comes of it.
    pub outcome: Outcome,
    /// Whether the two views differ.
    pub differs: bool,
    /// What that means, in words.
    pub means: String,
    /// What to look at, the likeliest first.
    pub check: Vec<String>,
    /// Of a difference: the rules that admit it.
    pub because: Vec<Cause>,
    /// Of a difference: everything that should have refused it.
    pub blocked_by: Vec<Blocker>,
    /// What the configured view can't know.
    pub limitations: Vec<LimitationRecord>,
    /// What saw it: `nmap 7.93`.
    pub scanner: String,
    /// The file in which it was found.
    pub file: String,
    /// The line.
    pub line: Option<u64>,
}

/// How many ports came to what.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Tally {
    /// What.
    pub outcome: Outcome,
    /// Ports, of all addresses together.
    pub ports: u64,
    /// Addresses that have such ports.
    pub addresses: u64,
}

/// What was compared, beside the records.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Compared {
    /// From where, as asked.
    pub from: String,
    /// What saw it: `nmap 7.93`.
    pub scanners: Vec<String>,
    /// When the first probe was sent, RFC 3339; empty if that is not known.
    pub started: String,
    /// When the last was.
    pub ended: String,
    /// Addresses of the source that were probed.
    pub addresses: u64,
    /// Those that the scanner took for down, so that none of their ports was probed.
    pub down: Vec<String>,
    /// Addresses of the source that should have open ports from there, and were not probed.
    pub not_scanned: Vec<String>,
    /// How many ports came to what.
    pub tallies: Vec<Tally>,
}

impl Compared {
    /// Adds what else was compared. Where both say from where, the first stays.
    pub fn add(&mut self, other: Self) {
        let Self { from, scanners, started, ended, addresses, down, not_scanned, tallies } = other;
        if self.from.is_empty() {
            self.from = from;
        }
        self.scanners.extend(scanners);
        if self.started.is_empty() {
            self.started = started;
            self.ended = ended;
        }
        self.addresses = self.addresses.saturating_add(addresses);
        self.down.extend(down);
        self.not_scanned.extend(not_scanned);
        for tally in tallies {
            match self.tallies.iter_mut().find(|known| known.outcome == tally.outcome) {
                Some(known) => {
                    known.ports = known.ports.saturating_add(tally.ports);
                    known.addresses = known.addresses.saturating_add(tally.addresses);
                }
                None => self.tallies.push(tally),
            }
        }
        self.tallies.sort_by_key(|tally| tally.outcome);
    }
}
