//! The JSON contracts: what Portolan says, as serde types.
//!
//! Each record carries its format's name and version. Fields may be added,
//! never change meaning; every field is always there: `null`, `""` or `[]`
//! where there is nothing to say. Texts here are raw: whoever prints them
//! escapes them.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::net::{IpAddress, Prefix};

/// Addresses and blocks as text: an array of strings in JSON. Shared and
/// written out once, since many records of a large estate list the same
/// thousands of blocks.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    written: Arc<Written>,
}

#[derive(Debug)]
enum Written {
    /// As the array that JSON prints: addresses need no escaping.
    Addresses(Box<RawValue>),
    /// Anything else, one after the other, a blank between two.
    Words(String),
}

impl Default for Written {
    fn default() -> Self {
        Self::Words(String::new())
    }
}

impl Blocks {
    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (addresses, words) = match &*self.written {
            Written::Addresses(json) => (json.get(), ""),
            Written::Words(words) => ("", words.as_str()),
        };
        // `["a","b"]`: every other piece between quotes.
        addresses
            .split('"')
            .skip(1)
            .step_by(2)
            .chain(words.split(' ').filter(|word| !word.is_empty()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// CIDR blocks, in this order.
    #[must_use]
    pub fn of(v4: &[Prefix<u32>], v6: &[Prefix<u128>]) -> Self {
        fn push<A: IpAddress>(blocks: &[Prefix<A>], json: &mut Vec<u8>) {
            for block in blocks {
                json.extend_from_slice(if json.len() > 1 { b",\"" } else { b"\"" });
                block.push_text(json);
                json.push(b'"');
            }
        }
        // `"255.255.255.255/32",` and the same of IPv6.
        const LONGEST: (usize, usize) = (21, 46);
        let capacity = v4.len().saturating_mul(LONGEST.0);
        let capacity = capacity.saturating_add(v6.len().saturating_mul(LONGEST.1));
        let mut json = Vec::with_capacity(capacity.saturating_add(2));
        json.push(b'[');
        push(v4, &mut json);
        push(v6, &mut json);
        json.push(b']');
        match String::from_utf8(json).ok().and_then(|json| RawValue::from_string(json).ok()) {
            Some(json) => Self { written: Arc::new(Written::Addresses(json)) },
            // It is JSON; were it not, no block may be lost.
            None => {
                let v4 = v4.iter().map(ToString::to_string);
                v4.chain(v6.iter().map(ToString::to_string)).collect()
            }
        }
    }

    /// One after the other, a blank between two.
    #[must_use]
    pub fn joined(&self) -> String {
        self.iter().collect::<Vec<_>>().join(" ")
    }

    /// About how much memory they take, in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        match &*self.written {
            Written::Addresses(json) => json.get().len(),
            Written::Words(words) => words.len(),
        }
    }
}

impl PartialEq for Blocks {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Blocks {}

impl<S: AsRef<str>> FromIterator<S> for Blocks {
    fn from_iter<I: IntoIterator<Item = S>>(blocks: I) -> Self {
        let (mut json, mut words) = (String::from("["), String::new());
        let mut plain = true;
        for block in blocks {
            let block = block.as_ref();
            plain &=
                block.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/".contains(&byte));
            if json.len() > 1 {
                json.push(',');
                words.push(' ');
            }
            json.push('"');
            json.push_str(block);
            json.push('"');
            words.push_str(block);
        }
        json.push(']');
        let written = match RawValue::from_string(json) {
            Ok(json) if plain => Written::Addresses(json),
            Ok(_) | Err(_) => Written::Words(words),
        };
        Self { written: Arc::new(written) }
    }
}

impl Serialize for Blocks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &*self.written {
            Written::Addresses(json) => json.serialize(serializer),
            Written::Words(_) => serializer.collect_seq(self.iter()),
        }
    }
}

impl<'de> Deserialize<'de> for Blocks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<String>::deserialize(deserializer)?.into_iter().collect())
    }
}

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
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
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
    /// What is open, and to whom.
    #[serde(flatten)]
    pub open: Open,
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
    pub because: Vec<Cause>,
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
