//! The JSON contracts: what Portolan says, as serde types.
//!
//! Each record carries its format's name and version. Fields may be added,
//! never change meaning; every field is always there: `null`, `""` or `[]`
//! where there is nothing to say. Texts here are raw: whoever prints them
//! escapes them.

mod blast_radius;
mod blocks;
pub mod chart;
mod finding;
mod shared;
mod verification;

use serde::{Deserialize, Serialize};

pub use blast_radius::{BlastSummary, Outward, OutwardWay, Reached, ReachedKind, Step, Within};
pub use blocks::{Blocks, Book, Run};
pub use finding::{
    About, Beyond, Excepted, Finding, MOST_SOURCES, Severity, Witness, sources_left_out,
};
pub use shared::Shared;
pub use verification::{Compared, Expected, Outcome, Tally, Verification};

/// A rule, entry, route or resource that decides: the same fields in every contract.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Cause {
    /// `security-group-rule`, `network-acl-entry`, `route`, …
    pub kind: String,
    /// `sgr-…`, an entry's number, …; empty where the source gives none (`at` then names it).
    pub id: String,
    /// The resource that it belongs to.
    pub of: String,
    /// `SecurityGroups.json#/SecurityGroups/12/IpPermissions/3`.
    pub at: String,
    /// The Terraform address or CloudFormation logical id, where the source has one.
    pub address: String,
    /// The file.
    pub file: String,
    /// The line, where the file has lines.
    pub line: Option<u64>,
}

/// Which way senders come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Public addresses, through an internet gateway.
    Internet,
    /// All else that a route leads to.
    Network,
    /// Addresses inside the blocks of VPCs that the source holds.
    Estate,
}

/// How many senders there are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Breadth {
    /// At least 2^24 public IPv4 addresses, or 2^108 IPv6 addresses of 2000::/3.
    Everyone,
    /// Fewer.
    Some,
}

/// Whether it is surely so.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// Surely open.
    Certain,
    /// Open unless something that was not seen forbids it.
    Possible,
}

/// How many of the client ports 1024-65535 get answers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Clients {
    /// All of them.
    All,
    /// Some: `client_ports` says which.
    Some,
    /// None (`explain` only: closed).
    None,
    /// It can't be told.
    Unknown,
}

/// A target that is reached by way of a load balancer.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Through {
    /// The load balancer.
    pub load_balancer: String,
    /// Its address.
    pub address: String,
    /// Its port.
    pub port: String,
}

/// A data store or another service of AWS's that stands behind an interface.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Service {
    /// `rds`, `elasticache`, `lambda`, …
    pub kind: String,
    /// What its owner calls it.
    pub name: String,
    /// The engine as AWS gives it: `postgres`.
    pub engine: String,
    /// What people call it: `RDS orders-db (PostgreSQL)`.
    pub label: String,
    /// The TCP ports at which it answers; empty if that is not known.
    pub ports: Vec<u16>,
    /// Whether it has a public address; `None`: not said.
    pub publicly_accessible: Option<bool>,
    /// Whether the interface is in the source.
    pub listed: bool,
}

/// One line of `ports`: an open port of an interface, and to whom.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Port {
    /// `portolan.port/1`.
    pub format: String,
    /// `eni-…`.
    pub interface: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `vpc-…`.
    pub vpc: String,
    /// `subnet-…`.
    pub subnet: String,
    /// `i-…`.
    pub instance: String,
    /// The instance's name, else the interface's.
    pub name: String,
    /// The private IPv4 and the IPv6 addresses at which it holds.
    pub addresses: Vec<String>,
    /// The public IPv4 addresses that lead to those.
    pub public_addresses: Vec<String>,
    /// The services that the interface may be one of.
    pub services: Vec<Service>,
    /// What is open, and to whom.
    #[serde(flatten)]
    pub open: Open,
}

/// One line of `ports --by class`: what equal interfaces have open.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct PortClass {
    /// `portolan.port-class/1`.
    pub format: String,
    /// The interfaces, ascending.
    pub interfaces: Vec<String>,
    /// The names of their instances, ascending, without repetition.
    pub names: Vec<String>,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `vpc-…`.
    pub vpc: String,
    /// `subnet-…`.
    pub subnet: String,
    /// The private IPv4 and IPv6 addresses of all of them at which it holds.
    pub addresses: Vec<String>,
    /// The public IPv4 addresses that lead to those.
    pub public_addresses: Vec<String>,
    /// The services that they may be some of, each once.
    pub services: Vec<Service>,
    /// What is open, and to whom.
    #[serde(flatten)]
    pub open: Open,
}

impl From<Port> for PortClass {
    /// An interface as a class of its own.
    fn from(port: Port) -> Self {
        let Port {
            format: _,
            interface,
            account,
            region,
            vpc,
            subnet,
            instance: _,
            name,
            addresses,
            public_addresses,
            services,
            open,
        } = port;
        Self {
            format: "portolan.port-class/1".to_owned(),
            interfaces: vec![interface],
            names: Vec::from_iter((!name.is_empty()).then_some(name)),
            account,
            region,
            vpc,
            subnet,
            addresses,
            public_addresses,
            services,
            open,
        }
    }
}

/// What is open, and to whom.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Open {
    /// Which way they come.
    pub audience: Audience,
    /// How many they are.
    pub breadth: Breadth,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `proto/N`, `other`.
    pub protocol: String,
    /// `443`, `8000-8080`, `0-65535`; ICMP types; `any`.
    pub ports: String,
    /// Inbound: who can send. Absent outbound.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sources: Option<Blocks>,
    /// Outbound: where to. Absent inbound.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub destinations: Option<Blocks>,
    /// The groups whose members are among the peers because a rule names the group.
    pub source_groups: Vec<String>,
    /// Whether replies reach all client ports.
    pub clients: Clients,
    /// Those that work, if `some`.
    pub client_ports: String,
    /// Whether it is surely so.
    pub certainty: Certainty,
    /// The rules and entries that admit it.
    pub because: Vec<Shared<Cause>>,
    /// Gateways passed, sender first.
    pub via: Vec<String>,
    /// The load balancer that leads to it.
    pub through: Option<Through>,
}

/// The answer of `explain`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Surely open, for some clients at least.
    Open,
    /// Surely closed.
    Closed,
    /// It depends on what was not seen.
    Unknown,
}

/// Which way a packet goes.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// From the sender to the port.
    Forward,
    /// The answer.
    Reply,
}

/// What refuses a packet or its reply.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Blocker {
    /// AWS's explanation code where AWS has one.
    pub code: String,
    /// `network-acl`, `security-group`, `route-table`, …
    pub kind: String,
    /// The resource.
    pub id: String,
    /// The rule, entry number or route; `*` for "none matched".
    pub rule: String,
    /// Whether the packet or its reply is refused.
    pub direction: Way,
    /// `egress` where it leaves, `ingress` where it arrives.
    pub stage: String,
    /// Where it stands.
    pub at: String,
    /// The declared address.
    pub address: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: Option<u64>,
}

/// One step of a packet.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Hop {
    /// `security-group`, `network-acl`, `route-table`, `internet-gateway`, `nat-gateway`, …
    pub component: String,
    /// The resource.
    pub id: String,
    /// `allow`, `deny`, `forward`, `translate`, `deliver`, `unknown`.
    pub action: String,
    /// The rule, entry number or route.
    pub rule: String,
    /// `egress` where the packet leaves, `ingress` where it arrives.
    pub stage: String,
    /// In words, for people.
    pub detail: String,
    /// Where it stands.
    pub at: String,
    /// The declared address.
    pub address: String,
    /// The file.
    pub file: String,
    /// The line.
    pub line: Option<u64>,
}

/// A limitation as a report names it.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct LimitationRecord {
    /// `not-collected`, `unknown-security-group`, …
    pub code: String,
    /// The thing, or the command.
    pub about: String,
    /// `account/region`, where known.
    pub scope: String,
    /// What refers to it.
    pub at: String,
    /// The command that collects what is missing, ready to paste; empty if nothing helps.
    pub collect: String,
}

/// A member of a set that can open the port.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct OpenFor {
    /// A sender: an address.
    pub from: String,
    /// A receiver: an address.
    pub to: String,
    /// The port.
    pub port: String,
    /// How many senders and receivers are alike.
    pub count: u64,
    /// Whether it is surely so.
    pub certainty: Certainty,
}

/// The answer to one question: may FROM reach PORT of TO?
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Explanation {
    /// `portolan.explain/1`.
    pub format: String,
    /// As asked.
    pub from: String,
    /// As asked.
    pub to: String,
    /// As asked.
    pub port: String,
    /// The answer.
    pub verdict: Verdict,
    /// How many clients get answers.
    pub clients: Clients,
    /// Those that do, if some.
    pub client_ports: String,
    /// Everything on the way that refuses the packet or its reply.
    pub blocked_by: Vec<Blocker>,
    /// The packet's way.
    pub forward: Vec<Hop>,
    /// The reply's way.
    pub reply: Vec<Hop>,
    /// What was assumed.
    pub assumptions: Vec<String>,
    /// What the answer can't know.
    pub limitations: Vec<LimitationRecord>,
    /// Of a set: who can.
    pub open_for: Vec<OpenFor>,
    /// What else is so: `open through <load balancer> at tcp/80`.
    pub also: String,
}

/// What was evaluated and what was not: the last line of every report.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Coverage {
    /// Network interfaces judged.
    pub interfaces: u64,
    /// Security group rules and ACL entries judged.
    pub rules: u64,
    /// VPCs in the source.
    pub vpcs: u64,
    /// Accounts in the source.
    pub accounts: Vec<String>,
    /// Regions in the source.
    pub regions: Vec<String>,
    /// Calls that were not in the source: `describe-route-tables (111122223333/eu-west-1)`.
    pub not_collected: Vec<String>,
    /// How many limitations there are.
    pub limitations: u64,
    /// What was assumed.
    pub assumptions: Vec<String>,
    /// How many warnings there are.
    pub warnings: u64,
}

/// `--format json`: everything in one document.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Document<R> {
    /// `portolan.ports/1`, `portolan.explanations/1`, …
    pub format: String,
    /// The records.
    pub records: Vec<R>,
    /// What was evaluated.
    pub coverage: Coverage,
    /// What the answers can't know.
    pub limitations: Vec<LimitationRecord>,
}
