//! Load balancers, their listeners and rules, and the target groups behind them.
//!
//! Facts of `elbv2 describe-*` and of `elb describe-load-balancers`, which names what
//! Elastic Load Balancing calls Classic Load Balancers. Which packets get from a
//! listener to a target, and whose address they have then, is decided in `reach`.

use super::{
    InstanceId, LoadBalancerId, NetworkInterfaceId, Place, SecurityGroupId, SubnetId,
    TargetGroupId, TextId, VpcId,
};
use crate::net::Cidr;

/// `Type` of a load balancer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LoadBalancerKind {
    /// `application`: answers by itself and asks a target.
    Application,
    /// `network`: passes connections on.
    Network,
    /// `gateway`: passes whole packets on to appliances.
    Gateway,
    /// Of the first generation: `elb describe-load-balancers`.
    Classic,
    /// A word that we do not know, or none.
    Unknown,
}

/// `Scheme` of a load balancer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scheme {
    /// `internet-facing`: its name leads to public addresses.
    InternetFacing,
    /// `internal`: its name leads to private addresses.
    Internal,
    /// A word that we do not know, or none: a Gateway Load Balancer has no scheme.
    Unknown,
}

/// `IpAddressType` of a load balancer or target group.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum IpAddressType {
    /// `ipv4`.
    Ipv4,
    /// `ipv6`, of a target group.
    Ipv6,
    /// `dualstack`.
    DualStack,
    /// `dualstack-without-public-ipv4`: of the internet only IPv6 gets in.
    DualStackWithoutPublicIpv4,
    /// A word that we do not know, or none.
    Unknown,
}

/// `State.Code` of a load balancer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum LoadBalancerState {
    /// `active` or `active_impaired`; a Classic Load Balancer has no state and is always this.
    Active,
    /// `provisioning`.
    Provisioning,
    /// `failed`.
    Failed,
    /// A word that we do not know, or none.
    Unknown,
}

/// A load balancer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoadBalancer {
    /// Its ARN. A Classic Load Balancer has none in its listing: its DNS name, which is
    /// as unique (its name, where that is missing too).
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `LoadBalancerName`.
    pub name: TextId,
    /// `DNSName`.
    pub dns_name: TextId,
    /// What it is.
    pub kind: LoadBalancerKind,
    /// Whom its name is for.
    pub scheme: Scheme,
    /// Its VPC.
    pub vpc: VpcId,
    /// `SecurityGroups`: none of a Network Load Balancer that was made without, which no
    /// group filters then; none of a Gateway Load Balancer.
    pub security_groups: Vec<SecurityGroupId>,
    /// `AvailabilityZones`: where it has a node.
    pub zones: Vec<LoadBalancerZone>,
    /// Which families it speaks.
    pub ip_address_type: IpAddressType,
    /// Whether it works.
    pub state: LoadBalancerState,
    /// `EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic`: whether inbound rules
    /// filter what comes through an endpoint; `None`: not said.
    pub filters_private_link: Option<bool>,
    /// Its attributes; `None`: not in the source.
    pub attributes: Option<LoadBalancerAttributes>,
    /// Its listeners, by port; `None`: not in the source.
    pub listeners: Option<Vec<Listener>>,
    /// `Instances` of a Classic Load Balancer: its targets.
    pub instances: Vec<InstanceId>,
    /// Its interfaces, ascending (set when the network is built): those whose
    /// description names it.
    pub interfaces: Vec<NetworkInterfaceId>,
    /// `false`: something refers to it, the source does not hold it.
    pub seen: bool,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// A zone that a load balancer has a node in.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct LoadBalancerZone {
    /// `SubnetId`.
    pub subnet: SubnetId,
    /// `ZoneName`, or empty.
    pub zone: TextId,
    /// `LoadBalancerAddresses`: those that were chosen for it. None are listed where
    /// AWS chose them.
    pub addresses: Vec<LoadBalancerAddress>,
}

/// An address of a Network Load Balancer's node.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct LoadBalancerAddress {
    /// `IpAddress`: an Elastic IP address.
    pub public: Option<u32>,
    /// `PrivateIPv4Address`.
    pub private: Option<u32>,
    /// `IPv6Address`.
    pub ipv6: Option<u128>,
}

/// What `describe-load-balancer-attributes` says, as far as it decides.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct LoadBalancerAttributes {
    /// `load_balancing.cross_zone.enabled`: nodes use the targets of all zones, unless a
    /// target group says otherwise; `None`: not said.
    pub cross_zone: Option<bool>,
    /// `ipv6.deny_all_igw_traffic`: no internet gateway leads to its IPv6 addresses;
    /// `None`: not said.
    pub deny_all_igw_traffic: Option<bool>,
}

/// `Protocol` of a listener or target group.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ListenerProtocol {
    /// `HTTP`.
    Http,
    /// `HTTPS`.
    Https,
    /// `TCP`.
    Tcp,
    /// `TLS`, which Classic Load Balancers call `SSL`.
    Tls,
    /// `UDP`.
    Udp,
    /// `TCP_UDP`.
    TcpUdp,
    /// `QUIC`.
    Quic,
    /// `TCP_QUIC`.
    TcpQuic,
    /// `GENEVE`: of target groups of a Gateway Load Balancer.
    Geneve,
    /// A word that we do not know.
    Unknown,
}

/// A listener (`describe-listeners`, or of a Classic Load Balancer).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listener {
    /// Its ARN, or empty.
    pub id: TextId,
    /// Where it stands, or the list that it is in.
    pub place: Place,
    /// Which element of the list at that place it is; `None`: the place is its own.
    pub ordinal: Option<u32>,
    /// `Port`; `None`: can't be read, or a Gateway Load Balancer, which takes all.
    pub port: Option<u16>,
    /// `Protocol`; `None`: a Gateway Load Balancer, which takes all.
    pub protocol: Option<ListenerProtocol>,
    /// `SslPolicy`, or empty.
    pub ssl_policy: TextId,
    /// `Certificates`: the ARN of the default one.
    pub certificates: Vec<TextId>,
    /// `DefaultActions`: what becomes of what no rule takes.
    pub default_actions: Vec<ListenerAction>,
    /// Its rules, by priority, without the default one; `None`: not in the source. The
    /// listeners of an Application Load Balancer alone have any.
    pub rules: Option<Vec<ListenerRule>>,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// A rule of a listener (`describe-rules`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListenerRule {
    /// Its ARN.
    pub id: TextId,
    /// Where it stands, or the list that it is in.
    pub place: Place,
    /// Which element of the list at that place it is; `None`: the place is its own.
    pub ordinal: Option<u32>,
    /// `Priority`, the lowest first; `None`: can't be read.
    pub priority: Option<u32>,
    /// `Conditions`: all must hold.
    pub conditions: Vec<RuleCondition>,
    /// `Actions`.
    pub actions: Vec<ListenerAction>,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// A condition of a listener's rule.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum RuleCondition {
    /// `source-ip`: the client's address is in one of these.
    SourceIp(Vec<Cidr>),
    /// About what the request says, so that any client may meet it: its `Field`.
    Other(TextId),
}

/// What a listener or rule does with a request.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum ListenerAction {
    /// `forward`: to one of these.
    Forward(Vec<WeightedTargetGroup>),
    /// To an instance of the Classic Load Balancer, at this port (`None`: can't be read).
    ForwardToInstances {
        /// `InstancePort`.
        port: Option<u16>,
        /// `InstanceProtocol`.
        protocol: ListenerProtocol,
    },
    /// `redirect`: answers where else to ask.
    Redirect {
        /// `RedirectConfig.Protocol`; `None`: `#{protocol}`, that which was asked by.
        protocol: Option<ListenerProtocol>,
    },
    /// `fixed-response`: answers by itself.
    FixedResponse,
    /// `authenticate-oidc`, `authenticate-cognito` or `jwt-validation`: the next action
    /// is for those who prove who they are.
    Authenticate,
    /// A word that we do not know.
    Unknown(TextId),
}

/// A target group of a `forward` action.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct WeightedTargetGroup {
    /// The group.
    pub target_group: TargetGroupId,
    /// `Weight`: with 0 it gets nothing; `None`: not said, there is only one.
    pub weight: Option<u32>,
}

/// `TargetType` of a target group.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TargetKind {
    /// `instance`.
    Instance,
    /// `ip`.
    Ip,
    /// `lambda`: not reached over the network.
    Lambda,
    /// `alb`: an Application Load Balancer behind a Network Load Balancer.
    LoadBalancer,
    /// A word that we do not know, or none.
    Unknown,
}

/// A target group (`describe-target-groups`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TargetGroup {
    /// Its ARN.
    pub id: TextId,
    /// Where it stands.
    pub place: Place,
    /// `TargetGroupName`.
    pub name: TextId,
    /// What its targets are.
    pub kind: TargetKind,
    /// `Protocol` to the targets; `None`: of functions.
    pub protocol: Option<ListenerProtocol>,
    /// `Port`, unless a target has one of its own; `None`: of functions, or can't be read.
    pub port: Option<u16>,
    /// Its VPC; `None`: of functions.
    pub vpc: Option<VpcId>,
    /// `IpAddressType`.
    pub ip_address_type: IpAddressType,
    /// How targets are probed.
    pub health_check: HealthCheck,
    /// `LoadBalancerArns`: who uses it.
    pub load_balancers: Vec<LoadBalancerId>,
    /// Its attributes; `None`: not in the source.
    pub attributes: Option<TargetGroupAttributes>,
    /// Its targets (`describe-target-health`); `None`: not in the source.
    pub targets: Option<Vec<Target>>,
    /// `false`: something refers to it, the source does not hold it.
    pub seen: bool,
    /// Seen twice with different content, or partly unreadable.
    pub contested: bool,
}

/// How a target group's targets are probed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HealthCheck {
    /// `HealthCheckEnabled`; `None`: not said.
    pub enabled: Option<bool>,
    /// `HealthCheckPort`.
    pub port: HealthCheckPort,
}

/// `HealthCheckPort` of a target group.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HealthCheckPort {
    /// `traffic-port`: each target's own.
    OfTraffic,
    /// This one.
    Port(u16),
    /// Can't be read, or not said.
    Unknown,
}

/// What `describe-target-group-attributes` says, as far as it decides.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TargetGroupAttributes {
    /// `preserve_client_ip.enabled`; `None`: not said.
    pub preserve_client_ip: Option<bool>,
    /// `load_balancing.cross_zone.enabled`; `None`: not said.
    pub cross_zone: Option<CrossZone>,
}

/// Whether a target group's targets get requests from nodes of other zones.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CrossZone {
    /// `true`.
    On,
    /// `false`.
    Off,
    /// `use_load_balancer_configuration`.
    OfLoadBalancer,
}

/// A target that is registered with a group (`describe-target-health`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Where it stands, or the list that it is in.
    pub place: Place,
    /// Which element of the list at that place it is; `None`: the place is its own.
    pub ordinal: Option<u32>,
    /// Who it is.
    pub id: TargetId,
    /// `Port`; `None`: of functions, or can't be read.
    pub port: Option<u16>,
    /// `AvailabilityZone`: `all` of an address outside of the VPC; empty where not said.
    pub zone: TextId,
    /// What the health check says.
    pub health: TargetHealth,
    /// Seen twice with different content, or not in all listings of its group.
    pub contested: bool,
}

/// Who a target is.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TargetId {
    /// An instance: the primary address of its primary interface.
    Instance(InstanceId),
    /// An address in the group's VPC, in one that it is joined with, or at home.
    Ipv4(u32),
    /// The same of IPv6.
    Ipv6(u128),
    /// An Application Load Balancer.
    LoadBalancer(LoadBalancerId),
    /// A function: its ARN.
    Function(TextId),
    /// What we do not know: its id.
    Unknown(TextId),
}

/// `TargetHealth.State` of a target.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TargetHealth {
    /// `healthy`.
    Healthy,
    /// `unhealthy` or `unhealthy.draining`: gets requests only if no target is healthy.
    Unhealthy,
    /// `initial`: being registered.
    Initial,
    /// `draining`: being deregistered, and finishing what it has.
    Draining,
    /// `unused`: no listener leads here, its zone is off, or the instance is stopped.
    Unused,
    /// `unavailable`: health is not checked.
    Unavailable,
    /// A word that we do not know, or none.
    Unknown,
}

/// The resource of an ARN, without its prefix up to the account: `loadbalancer/app/web/50dc6c495c0c9188`.
pub(super) fn resource_of(arn: &str) -> &str {
    match arn.strip_prefix("arn:") {
        Some(rest) => rest.splitn(5, ':').nth(4).unwrap_or(arn),
        None => arn,
    }
}

/// The name that the descriptions of a load balancer's interfaces have behind `ELB `.
pub(super) fn described(id: &str, kind: LoadBalancerKind, name: &str) -> String {
    match kind {
        LoadBalancerKind::Classic => name.to_owned(),
        LoadBalancerKind::Application
        | LoadBalancerKind::Network
        | LoadBalancerKind::Gateway
        | LoadBalancerKind::Unknown => {
            resource_of(id).strip_prefix("loadbalancer/").unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_what_the_interfaces_are_called_after() {
        let arn = "arn:aws-cn:elasticloadbalancing:cn-north-1:111122223333:loadbalancer/net/a/0f";
        assert_eq!(resource_of(arn), "loadbalancer/net/a/0f");
        assert_eq!(resource_of("targetgroup/a/0f"), "targetgroup/a/0f");
        assert_eq!(resource_of("arn:short"), "arn:short");
        assert_eq!(described(arn, LoadBalancerKind::Network, "a"), "net/a/0f");
        assert_eq!(described("a-1.elb.amazonaws.com", LoadBalancerKind::Classic, "a"), "a");
        assert_eq!(described("a", LoadBalancerKind::Unknown, "a"), "");
    }
}
