//! Transit gateways, what is attached to them, and their route tables.

use super::{
    Destination, Place, RouteOrigin, RouteState, SubnetId, TextId, TransitGatewayAttachmentId,
    TransitGatewayId, TransitGatewayRouteTableId, VpcId,
};

/// A transit gateway (`describe-transit-gateways`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransitGateway {
    /// `tgw-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `Options.SecurityGroupReferencingSupport`; `None`: not said.
    pub group_references: Option<bool>,
    /// `Options.AutoAcceptSharedAttachments`: whoever it is shared with attaches to it
    /// unasked; `None`: not said.
    pub auto_accept: Option<bool>,
    /// `false`: something names it, no listing of it was seen. What is attached
    /// to it may be known all the same: every account lists its own attachments.
    pub seen: bool,
}

/// What is attached to a transit gateway.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AttachedResource {
    /// `vpc`.
    Vpc(VpcId),
    /// `peering`: another transit gateway, which is the attachment's other end.
    TransitGateway,
    /// `vpn`, `vpn-concentrator`, `direct-connect-gateway`, `connect`, `client-vpn`:
    /// hosts outside of AWS.
    Network(TextId),
    /// A type that we do not know, or none is given.
    Unknown(TextId),
}

/// `State` of an attachment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AttachmentState {
    /// `available`, or `modifying`.
    Available,
    /// `initiating`, `pending…`, `rejected`, `failed`, `deleting`, `deleted`.
    Gone,
    /// A word that we do not know, or the source does not say.
    Unknown,
}

/// Which table routes the packets that come in through an attachment.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TransitGatewayAssociation {
    /// A route table.
    RouteTable(TransitGatewayRouteTableId),
    /// A policy table: rules choose among route tables.
    PolicyTable(TextId),
    /// None: what comes in is dropped.
    None,
    /// The source does not say: the account that owns the transit gateway knows.
    Unknown,
}

/// One transit gateway that an attachment belongs to.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AttachmentEnd {
    /// The transit gateway.
    pub gateway: TransitGatewayId,
    /// What routes packets that come in here.
    pub association: TransitGatewayAssociation,
}

/// An attachment (`describe-transit-gateway-attachments`,
/// `describe-transit-gateway-vpc-attachments`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransitGatewayAttachment {
    /// `tgw-attach-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// What is attached.
    pub resource: AttachedResource,
    /// Whether it works.
    pub state: AttachmentState,
    /// Its transit gateway; a peering has two.
    pub ends: Vec<AttachmentEnd>,
    /// `SubnetIds` of a VPC attachment, one for each zone that it serves;
    /// `None`: not in the source.
    pub subnets: Option<Vec<SubnetId>>,
    /// `Options.Ipv6Support`: whether the IPv6 blocks of a VPC are propagated; `None`: not said.
    pub ipv6: Option<bool>,
    /// `Options.ApplianceModeSupport`; `None`: not said.
    pub appliance_mode: Option<bool>,
    /// `Options.SecurityGroupReferencingSupport`; `None`: not said.
    pub group_references: Option<bool>,
    /// `false`: a route names it, the source does not hold it.
    pub seen: bool,
}

impl TransitGatewayAttachment {
    /// What routes packets that come in at this transit gateway; `None`: it is not attached to it.
    #[must_use]
    pub fn association_at(&self, gateway: TransitGatewayId) -> Option<TransitGatewayAssociation> {
        self.ends.iter().find(|end| end.gateway == gateway).map(|end| end.association)
    }
}

/// Which routes of a table the source gives.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum RoutesGiven {
    /// None: whoever owns the transit gateway knows them.
    #[default]
    None,
    /// The static ones; those that attachments propagate follow from what is attached.
    Static,
    /// All that are in force.
    All,
}

/// A route table of a transit gateway (`describe-transit-gateway-route-tables`,
/// `search-transit-gateway-routes`, `get-transit-gateway-route-table-propagations`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransitGatewayRouteTable {
    /// `tgw-rtb-…`.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// Its transit gateway; `None`: the source does not say.
    pub gateway: Option<TransitGatewayId>,
    /// Its routes.
    pub routes: Vec<TransitGatewayRoute>,
    /// Which routes these are.
    pub given: RoutesGiven,
    /// The attachments that propagate their blocks to it; `None`: not in the source.
    pub propagations: Option<Vec<TransitGatewayAttachmentId>>,
    /// Seen twice with different content: nothing it says is certain.
    pub contested: bool,
}

/// One route of a transit gateway.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransitGatewayRoute {
    /// Where to; `None`: a destination that can't be read.
    pub destination: Option<Destination>,
    /// Through which attachments: one, or several of equal cost; none of a blackhole.
    pub attachments: Vec<TransitGatewayAttachmentId>,
    /// Whether it works.
    pub state: RouteState,
    /// Who made it.
    pub origin: RouteOrigin,
    /// Where it stands: each listing of routes has a place of its own.
    pub place: Place,
    /// Which route of that place it is, from 0.
    pub ordinal: u32,
}
