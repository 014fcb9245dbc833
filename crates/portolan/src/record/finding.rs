//! `audit`: what should not be as it is.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, Serializer};

use super::{Audience, Blocker, Blocks, Breadth, Cause, Certainty, Clients, Shared};

/// How bad it is, given what is really reachable. Ascending.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Untidy, or open by rules and closed in fact.
    Low,
    /// To be mended when somebody is there anyway.
    Medium,
    /// To be mended soon.
    High,
    /// To be mended now.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const WORST_FIRST: [Self; 5] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The thing that a finding is about.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct About {
    /// `network-interface`, `security-group`, `network-acl`, `subnet`, `vpc`, `address`, …
    pub kind: String,
    /// `eni-…`, `sg-…`, …
    pub id: String,
    /// The name of the instance, the group, …; empty if it has none.
    pub name: String,
    /// The instance that an interface belongs to, else empty.
    pub instance: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// `vpc-…`, where it is in one.
    pub vpc: String,
    /// The Terraform address or CloudFormation logical id, where the source has one.
    pub address: String,
    /// Where it stands: `SecurityGroups.json#/SecurityGroups/12`.
    pub at: String,
    /// The file.
    pub file: String,
    /// The line, where the file has lines.
    pub line: Option<u64>,
}

/// A packet that proves a finding: a question to `explain` whose answer is open.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Witness {
    /// The sender.
    pub from: String,
    /// The receiver.
    pub to: String,
    /// `tcp/5432`.
    pub port: String,
}

/// The exception that allows what was found.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Excepted {
    /// Why it may be so.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it may: `2026-12-31`.
    pub until: String,
    /// The file that says so.
    pub file: String,
    /// The line in it.
    pub line: Option<u64>,
}

/// As many of the far side's addresses as a finding writes. In a large estate thousands of
/// findings have thousands of senders each; `ports` lists them all.
pub const MOST_SOURCES: usize = 100;

/// How many blocks of a list a finding does not write.
#[must_use]
pub fn sources_left_out(sources: &Blocks) -> u64 {
    u64::try_from(sources.iter().skip(MOST_SOURCES).count()).unwrap_or(u64::MAX)
}

fn first_sources<S: Serializer>(sources: &Blocks, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(sources.iter().take(MOST_SOURCES))
}

/// A part of what was found that its exceptions don't allow.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Beyond {
    /// `tcp/443`, `udp/0-65535`; `any`; `other` for all protocols that the others don't name.
    pub ports: Vec<String>,
    /// The far side's addresses at these ports, as in `ports`. All of them; the first
    /// [`MOST_SOURCES`] are written.
    #[serde(serialize_with = "first_sources")]
    pub sources: Blocks,
    /// How many more there are than are written.
    pub sources_left_out: u64,
    /// The groups whose members are the far side at these ports.
    pub source_groups: Vec<String>,
}

/// One line of `audit`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// `portolan.finding/1`.
    pub format: Cow<'static, str>,
    /// `database-open-to-internet`, …: see docs/findings.md.
    pub code: String,
    /// What is wrong, in one sentence.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it concerns something in use: `false` for rules of a group that
    /// nothing wears and entries of an ACL without a subnet.
    pub attached: bool,
    /// The thing.
    pub about: About,
    /// `ingress`, `egress`; empty where the finding is about no packets.
    pub direction: String,
    /// As in `ports`; `any` for all protocols.
    pub protocol: String,
    /// As in `ports`.
    pub ports: String,
    /// Which way the far side comes.
    pub audience: Option<Audience>,
    /// How many they are.
    pub breadth: Option<Breadth>,
    /// The far side's addresses, as in `ports`. All of them; the first
    /// [`MOST_SOURCES`] are written.
    #[serde(serialize_with = "first_sources")]
    pub sources: Blocks,
    /// How many more there are than are written.
    pub sources_left_out: u64,
    /// The groups whose members are the far side.
    pub source_groups: Vec<String>,
    /// Who the far side is, in words.
    pub who: Vec<String>,
    /// How many of the far side's ports get answers.
    pub clients: Option<Clients>,
    /// Those that do, if `some`.
    pub client_ports: String,
    /// Whether it is surely so.
    pub certainty: Certainty,
    /// A packet that proves it.
    pub witness: Option<Witness>,
    /// The rules and entries that cause it.
    pub because: Vec<Shared<Cause>>,
    /// What refuses it all the same.
    pub blocked_by: Vec<Blocker>,
    /// The controls of other catalogues that it answers.
    pub controls: Shared<Vec<String>>,
    /// Why it matters.
    pub why: Cow<'static, str>,
    /// How to mend it.
    pub fix: Cow<'static, str>,
    /// The same for the same thing, port and peers in every run.
    pub fingerprint: String,
    /// The exception that allows it.
    pub exception: Option<Excepted>,
    /// What goes beyond its exceptions, where they allow a part of it.
    pub beyond: Vec<Beyond>,
}
