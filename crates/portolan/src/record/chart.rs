//! The contract of `chart`: boxes in columns, and what is open between them.

use serde::{Deserialize, Serialize};

use super::{Certainty, Clients, Coverage, LimitationRecord};

/// `portolan.chart/1`: the estate as a picture that is not drawn yet.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Chart {
    /// `portolan.chart/1`.
    pub format: String,
    /// What a box is, where nothing else is said of it.
    pub level: Level,
    /// What was put together so that the chart can be read, in words; empty if nothing was.
    pub merged: String,
    /// What the chart is about, as asked; empty: everything.
    pub focus: Vec<String>,
    /// The VPCs, regions or accounts that boxes stand in, from the top down.
    pub bands: Vec<Band>,
    /// The boxes, by column and band.
    pub boxes: Vec<ChartBox>,
    /// What is open between boxes: one edge for each pair and direction.
    pub edges: Vec<Edge>,
    /// What was evaluated.
    pub coverage: Coverage,
    /// What the chart can't know.
    pub limitations: Vec<LimitationRecord>,
}

/// How coarse a chart or a box is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Interfaces of one VPC, tier and set of security groups.
    Class,
    /// All interfaces of one tier of a VPC.
    Tier,
    /// Of all VPCs of an account's region.
    Region,
    /// Of all regions of an account.
    Account,
    /// Of the whole estate.
    Estate,
}

/// A row of the chart.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Band {
    /// `r1`, `r2`, …, from the top down.
    pub id: String,
    /// The VPC's name or id, the region, the account.
    pub title: String,
    /// Its blocks, or what it holds.
    pub detail: String,
    /// The account; empty for the whole estate.
    pub account: String,
    /// The region; empty for accounts.
    pub region: String,
    /// The VPCs that it stands for.
    pub vpcs: Vec<String>,
    /// Interfaces that nothing uses (detached, or of stopped instances): they have no box.
    pub idle: u64,
}

/// Where a box stands, from left to right.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Column {
    /// Everyone, and addresses of the internet that rules name.
    Internet,
    /// Gateways and load balancers.
    Edge,
    /// What has a public address and a route to an internet gateway.
    Public,
    /// What has not.
    Private,
    /// What serves databases, wherever it stands.
    Data,
    /// Peers, networks on premises, transit gateways, whole VPCs as senders.
    Networks,
}

/// What a box is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BoxKind {
    /// Everyone on the internet.
    Everyone,
    /// Some addresses of the internet.
    Addresses,
    /// Internet gateways: what comes from the internet passes them.
    InternetGateway,
    /// NAT gateways: a way out, never in.
    NatGateway,
    /// Egress-only internet gateways: a way out, never in.
    EgressOnlyInternetGateway,
    /// Interfaces.
    Interfaces,
    /// A security group of a source that holds no interfaces.
    SecurityGroup,
    /// Every interface of a VPC, as a sender.
    Inside,
    /// A VPC that the source does not hold, behind a peering connection.
    Peer,
    /// What is behind a transit gateway.
    TransitGateway,
    /// What is behind a virtual private gateway.
    VpnGateway,
    /// Any other network outside.
    Network,
}

/// A box of the chart.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ChartBox {
    /// `b1`, `b2`, …
    pub id: String,
    /// What it is.
    pub kind: BoxKind,
    /// Its column.
    pub column: Column,
    /// Its band; empty for what is outside the estate.
    pub band: String,
    /// As people call it.
    pub title: String,
    /// The names of its security groups, its blocks, or what else tells it apart.
    pub detail: String,
    /// How many interfaces, gateways or networks it stands for.
    pub count: u64,
    /// How many classes were put together.
    pub classes: u64,
    /// The names of its hosts, at most 20.
    pub names: Vec<String>,
    /// The ids that it stands for, at most 20.
    pub ids: Vec<String>,
    /// Whether some of it has a public address and a route to an internet gateway.
    pub public: bool,
    /// Ports that are open to everyone: `tcp/443`.
    pub everyone: Vec<String>,
    /// Ports that are open among its own interfaces.
    pub inside: Vec<String>,
    /// Whether the chart is about it.
    pub focused: bool,
}

/// What is open from one box to another.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Edge {
    /// The box of the senders.
    pub from: String,
    /// The box of the open ports.
    pub to: String,
    /// Ports that are surely open: `tcp/443`, `tcp/8000-8080`, `icmp/8`, `any`.
    pub ports: Vec<String>,
    /// Ports that are open unless something that was not seen forbids it.
    pub possible: Vec<String>,
    /// Whether the senders are everyone on the internet.
    pub everyone: bool,
    /// Whether any of it is surely so.
    pub certainty: Certainty,
    /// Whether answers reach all client ports, at the port where they reach most.
    pub clients: Clients,
    /// Gateways that are passed.
    pub via: Vec<String>,
    /// A question to `explain` about one of the ports.
    pub ask: Ask,
}

/// What `explain` can be asked.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Ask {
    /// FROM.
    pub from: String,
    /// TO.
    pub to: String,
    /// PORT.
    pub port: String,
}
