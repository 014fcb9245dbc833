//! What the answers can't know, what they assume, and what was odd.

use super::{Place, TextId};

/// Something that was referred to and not seen, contradicts itself, or is not
/// modelled, so that an answer may depend on it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Limitation {
    /// What kind.
    pub code: LimitationCode,
    /// The thing that was not seen or is not modelled: an id, or for
    /// [`LimitationCode::NotCollected`] the command (`describe-route-tables`).
    pub about: TextId,
    /// The account and region that it concerns, where known (`account/region`), else empty.
    pub scope: TextId,
    /// What refers to it.
    pub place: Option<Place>,
}

macro_rules! limitation_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $unmodelled:literal;)+) => {
        /// The closed list of limitations.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum LimitationCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl LimitationCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it is printed.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Whether the thing is known but not modelled (`--accept unmodelled`).
            #[must_use]
            pub fn is_unmodelled(self) -> bool {
                match self { $(Self::$name => $unmodelled),+ }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn description(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii()),+ }
            }
        }
    };
}

limitation_codes! {
    /// A listing that answers depend on is not in the source.
    NotCollected = "not-collected", false;
    /// A security group that something refers to is not in the source.
    UnknownSecurityGroup = "unknown-security-group", false;
    /// The entries of a prefix list that something refers to are not in the source.
    UnknownPrefixList = "unknown-prefix-list", false;
    /// A VPC that something refers to is not in the source.
    UnknownVpc = "unknown-vpc", false;
    /// A subnet that something refers to is not in the source.
    UnknownSubnet = "unknown-subnet", false;
    /// A network interface that something refers to is not in the source.
    UnknownNetworkInterface = "unknown-network-interface", false;
    /// A data store or service whose own listing tells of it has interfaces that are not in the source.
    UnlistedService = "unlisted-service", false;
    /// A gateway, endpoint or peering connection that a route refers to is not in the source.
    UnknownRouteTarget = "unknown-route-target", false;
    /// A load balancer that a target group refers to is not in the source.
    UnknownLoadBalancer = "unknown-load-balancer", false;
    /// A target group that a listener refers to is not in the source.
    UnknownTargetGroup = "unknown-target-group", false;
    /// A subnet has no route table: no association, and its VPC has no main table in the source.
    NoRouteTable = "no-route-table", false;
    /// A subnet has no network ACL: no association, and its VPC has no default ACL in the source.
    NoNetworkAcl = "no-network-acl", false;
    /// A subnet is associated with two tables or ACLs, or a VPC has two main tables or default ACLs.
    ContradictoryAssociation = "contradictory-association", false;
    /// The same resource was seen twice with different content.
    ConflictingListings = "conflicting-listings", false;
    /// A value of a field that decides can't be read.
    UnreadableValue = "unreadable-value", false;
    /// Routes of equal length through prefix lists lead to different targets.
    AmbiguousRoute = "ambiguous-route", false;
    /// Several VPCs hold the address.
    AmbiguousAddress = "ambiguous-address", false;
    /// Nothing in the source has this id or name.
    NoSuchPlace = "no-such-place", false;
    /// Both ends are outside the estate.
    OutsideEstate = "outside-estate", false;
    /// Block Public Access is on and its exclusions are not in the source.
    UnknownExclusions = "unknown-exclusions", false;
    /// Files that do not say which resource they belong to.
    UnattributedFile = "unattributed-file", false;
    /// A transit gateway of which attachments, associations or routes are not in the source.
    TransitGateway = "transit-gateway", false;
    /// What lies behind a virtual private gateway, or a VPN, Direct Connect, Connect or Client VPN attachment of a transit gateway, is not in the source.
    NetworkBeyond = "network-beyond", false;
    /// A policy table of a transit gateway: not modelled yet.
    TransitGatewayPolicyTable = "transit-gateway-policy-table", true;
    /// A virtual private gateway that a route refers to is not in the source.
    VpnGateway = "vpn-gateway", false;
    /// A Client VPN or Instance Connect Endpoint of which not all is in the source.
    RemoteAccess = "remote-access", false;
    /// A load balancer of which listeners, targets or what answers behind them is not known.
    LoadBalancer = "load-balancer", true;
    /// What answers behind an interface endpoint is not known, or not at this port.
    EndpointService = "endpoint-service", true;
    /// An interface that AWS manages: not modelled yet.
    ManagedInterface = "managed-interface", true;
    /// A Gateway Load Balancer endpoint: what passes it is inspected and may be dropped.
    GatewayLoadBalancerEndpoint = "gateway-load-balancer-endpoint", true;
    /// The policy or a rule group of a firewall is not in the source, or its rules can't be decided for the packet.
    FirewallRules = "firewall-rules", true;
    /// A regional NAT gateway: not modelled yet.
    RegionalNatGateway = "regional-nat-gateway", true;
    /// A private NAT gateway, or a NAT gateway whose way does not lead to an internet gateway: not modelled.
    PrivateNatGateway = "private-nat-gateway", true;
    /// A route target that is not modelled.
    UnmodelledRouteTarget = "unmodelled-route-target", true;
    /// An interface that forwards packets (source/destination check off): what it does with them is not known.
    Middlebox = "middlebox", true;
    /// A host with several interfaces chooses by itself which one it sends from.
    HostRouting = "host-routing", true;
    /// An address that Amazon itself answers, which no group or ACL filters.
    AmazonService = "amazon-service", true;
    /// A group reference over IPv6 through an internet gateway: AWS does not say whether it matches.
    GroupOverInternet = "group-over-internet", true;
    /// An address of another VPC that no interface holds may send over the IPv6 internet: its own side is not judged.
    UnheldAddress = "unheld-address", true;
}

/// A feature that nothing in the source refers to, taken at AWS's default.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Assumption {
    /// Without describe-instances an attached interface counts as running.
    InstancesRunning,
    /// Without its listing, VPC Block Public Access counts as off.
    BlockPublicAccessOff,
    /// Without its listing, security groups count as worn only in their own VPC.
    NoSecurityGroupVpcAssociations,
    /// Traffic within a host is not filtered.
    WithinTheHost,
    /// On-premises hosts behind a route that was seen are taken to send.
    OnPremisesHostsSend,
    /// A NAT gateway picks the port that the far side sees.
    NatGatewayPort,
    /// What a load balancer does by attributes that are not in the source, it does by default.
    LoadBalancerDefaults,
    /// Somebody may come in by a Client VPN or Instance Connect Endpoint: who may, its certificates and IAM say.
    RemoteUsers,
    /// A client may write a request that a listener's rule asks for and no earlier one takes.
    ListenerRules,
}

impl Assumption {
    /// The assumption as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InstancesRunning => "instances-running",
            Self::BlockPublicAccessOff => "block-public-access-off",
            Self::NoSecurityGroupVpcAssociations => "no-security-group-vpc-associations",
            Self::WithinTheHost => "within-the-host",
            Self::OnPremisesHostsSend => "on-premises-hosts-send",
            Self::NatGatewayPort => "nat-gateway-port",
            Self::LoadBalancerDefaults => "load-balancer-defaults",
            Self::RemoteUsers => "remote-users",
            Self::ListenerRules => "listener-rules",
        }
    }
}

/// Something odd that changes no answer.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Warning {
    /// Where.
    pub place: Option<Place>,
    /// The thing that it is about, or empty.
    pub about: TextId,
    /// What, in words: lower case, no final period.
    pub message: String,
}
