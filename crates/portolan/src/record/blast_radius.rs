//! `blast-radius`: what somebody who holds a host can open next.

use serde::{Deserialize, Serialize};

use super::{Blocker, Certainty, Through};

/// What was reached.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReachedKind {
    /// A host: whoever gets there goes on from there.
    Host,
    /// An endpoint, or another interface that AWS manages: nobody goes on from there.
    Endpoint,
    /// A load balancer's node: nobody goes on from there but to its targets.
    LoadBalancer,
}

/// Whether somebody gets there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// In the attacker's hands from the start.
    Held,
    /// Surely within reach.
    Certain,
    /// Within reach unless something that was not seen forbids it.
    Possible,
    /// Out of reach.
    No,
}

/// One host that is, or is not, within reach.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reached {
    /// `portolan.reached/1`.
    pub format: String,
    /// What it is.
    pub kind: ReachedKind,
    /// `i-…`, or empty.
    pub instance: String,
    /// `eni-…`: those of the host that are reached with it.
    pub interfaces: Vec<String>,
    /// The instance's name, else the interface's.
    pub name: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `vpc-…`.
    pub vpc: String,
    /// `subnet-…`.
    pub subnet: String,
    /// The groups that its interfaces wear.
    pub groups: Vec<String>,
    /// Its private IPv4 and its IPv6 addresses.
    pub addresses: Vec<String>,
    /// Its public IPv4 addresses.
    pub public_addresses: Vec<String>,
    /// Whether somebody gets there.
    pub within: Within,
    /// After how many hops; `null`: never.
    pub hops: Option<u32>,
    /// The ports that hosts within reach surely open there.
    pub ports: Vec<String>,
    /// Those that they open perhaps.
    pub possible_ports: Vec<String>,
    /// The shortest way there.
    pub path: Vec<Step>,
    /// Whether it opens connections to what is outside; `null` where it is not within reach.
    pub outward: Option<Outward>,
    /// What keeps the nearest hosts within reach away, where it is out of reach.
    pub held_by: Vec<Blocker>,
}

/// One hop.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Step {
    /// From: `i-…`, `eni-…`, or an address of somebody outside.
    pub from: String,
    /// Its name.
    pub from_name: String,
    /// To: `i-…`, or `eni-…`.
    pub to: String,
    /// Its name.
    pub to_name: String,
    /// The address that is asked; a load balancer's where one stands between.
    pub address: String,
    /// The ports that are open there for whoever is at `from`.
    pub ports: Vec<String>,
    /// Whether this hop is sure.
    pub certainty: Certainty,
    /// The load balancer that hands it on.
    pub through: Option<Through>,
    /// Whether that asks by itself: the target gets requests, and no packet of the client.
    pub requests: bool,
    /// Whether the way leads out of the component and back in: over the internet, or by a
    /// gateway whose routes are not known.
    pub outside: bool,
}

/// Whether a host opens connections to what is outside the estate.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Outward {
    /// To the internet.
    pub internet: OutwardWay,
    /// At these ports, surely or perhaps.
    pub internet_ports: Vec<String>,
    /// To networks beyond gateways.
    pub network: OutwardWay,
}

/// Whether connections get out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OutwardWay {
    /// Surely.
    Certain,
    /// Unless something that was not seen forbids it.
    Possible,
    /// No.
    No,
}

/// A blast radius in numbers: hosts, not interfaces.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct BlastSummary {
    /// In the attacker's hands from the start.
    pub held: u64,
    /// Surely within reach.
    pub certain: u64,
    /// Within reach perhaps, beside those.
    pub possible: u64,
    /// All other hosts.
    pub out_of_reach: u64,
    /// The most hops that lead to a host.
    pub most_hops: u32,
    /// Hosts within reach that surely open connections to the internet.
    pub online: u64,
    /// The rest that do perhaps.
    pub perhaps_online: u64,
    /// Load balancers' nodes within reach.
    pub load_balancers: u64,
    /// Endpoints and the like within reach.
    pub endpoints: u64,
}
