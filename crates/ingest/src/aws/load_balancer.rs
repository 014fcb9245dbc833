//! Load balancers, their listeners and rules.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use portolan::model::{
    ElasticAddress, InstanceId, IpAddressType, Listener, ListenerAction, ListenerProtocol,
    ListenerRule, LoadBalancer, LoadBalancerAddress, LoadBalancerAttributes, LoadBalancerKind,
    LoadBalancerState, LoadBalancerZone, RuleCondition, Scheme, SecurityGroupId, SubnetId,
    TargetGroupAttributes, TargetGroupId, TextId, VpcId, WeightedTargetGroup,
};
use portolan::net::Cidr;

use super::field::{Field, List, Str};
use super::network::id;
use super::sink::Cx;
use super::target_group::group_attribute;
use super::words::load_balancer as words;
use crate::detect;

/// An element of `elbv2 describe-load-balancers`.
pub(crate) fn load_balancer(cx: &mut Cx<'_>, given: &words::LoadBalancer<'_>) {
    cx.region(&Str::Absent, &given.load_balancer_arn);
    let called = match given.load_balancer_arn.as_str() {
        "" => cx.intern(given.load_balancer_name.as_str()),
        arn => cx.intern(arn),
    };
    let mut contested = given.availability_zones.is_damaged();
    if contested {
        cx.unreadable("AvailabilityZones");
    }
    let mut zones = Vec::new();
    for zone in given.availability_zones.items() {
        let mut addresses = Vec::new();
        for address in zone.load_balancer_addresses.items() {
            let public = cx.address("IpAddress", &address.ip_address);
            let private = cx.address("PrivateIPv4Address", &address.private_address);
            let ipv6 = ipv6(cx, "IPv6Address", &address.ipv6_address);
            addresses.push(LoadBalancerAddress { public, private, ipv6 });
            if let Some(public) = public {
                add_address(cx, called, public, private);
            }
        }
        let subnet = SubnetId::named(cx.text("SubnetId", &zone.subnet_id));
        let name = cx.intern(zone.zone_name.as_str());
        zones.push(LoadBalancerZone { subnet, zone: name, addresses });
    }
    let vpc = cx.text("VpcId", &given.vpc_id);
    if vpc.is_empty() {
        // Nobody knows where it is: its addresses are told all the same.
        return;
    }
    let id = id(cx, "LoadBalancerArn");
    let kind = match given.kind.as_str() {
        "application" => LoadBalancerKind::Application,
        "network" => LoadBalancerKind::Network,
        "gateway" => LoadBalancerKind::Gateway,
        other => {
            cx.unknown("Type", other);
            LoadBalancerKind::Unknown
        }
    };
    let scheme = match given.scheme.as_str() {
        "" if kind == LoadBalancerKind::Gateway => Scheme::Unknown,
        other => scheme(cx, other),
    };
    let state = given.state.get().map_or("", |state| state.code.as_str());
    let state = match state {
        "active" | "active_impaired" => LoadBalancerState::Active,
        "provisioning" => LoadBalancerState::Provisioning,
        "failed" => LoadBalancerState::Failed,
        "" => LoadBalancerState::Unknown,
        other => {
            cx.unknown("State", other);
            LoadBalancerState::Unknown
        }
    };
    let filters_private_link = match given.enforce_on_private_link.as_str() {
        "on" => Some(true),
        "off" => Some(false),
        "" => None,
        other => {
            cx.unknown("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", other);
            None
        }
    };
    let (security_groups, readable) = groups(cx, &given.security_groups);
    contested |= !readable;
    let name = cx.intern(given.load_balancer_name.as_str());
    let dns_name = cx.intern(given.dns_name.as_str());
    let ip_address_type = ip_address_type(cx, &given.ip_address_type);
    cx.add(LoadBalancer {
        id,
        place: cx.place,
        name,
        dns_name,
        kind,
        scheme,
        vpc: VpcId::named(vpc),
        security_groups,
        zones,
        ip_address_type,
        state,
        filters_private_link,
        attributes: None,
        listeners: None,
        instances: Vec::new(),
        interfaces: Vec::new(),
        seen: true,
        contested,
    });
}

/// An element of `elb describe-load-balancers`.
pub(crate) fn classic(cx: &mut Cx<'_>, given: &words::ClassicLoadBalancer<'_>) {
    let name = cx.intern(given.load_balancer_name.as_str());
    let dns_name = cx.intern(given.dns_name.as_str());
    let id = if dns_name.is_empty() { name } else { dns_name };
    cx.about = id;
    if id.is_empty() {
        cx.unreadable("LoadBalancerName");
    }
    let vpc = cx.text("VPCId", &given.vpc_id);
    if vpc.is_empty() {
        // Of EC2-Classic, which is gone.
        cx.unreadable("VPCId");
        return;
    }
    let scheme = scheme(cx, given.scheme.as_str());
    let (security_groups, readable) = groups(cx, &given.security_groups);
    let mut contested = !readable;
    for (field, is_damaged) in [
        ("Subnets", given.subnets.is_damaged()),
        ("Instances", given.instances.is_damaged()),
        ("ListenerDescriptions", given.listener_descriptions.is_damaged()),
    ] {
        if is_damaged {
            cx.unreadable(field);
            contested = true;
        }
    }
    let mut zones = Vec::new();
    for subnet in given.subnets.items() {
        let subnet = SubnetId::named(cx.intern(subnet));
        zones.push(LoadBalancerZone { subnet, zone: TextId::EMPTY, addresses: Vec::new() });
    }
    let mut instances = Vec::new();
    for instance in given.instances.items() {
        instances.push(InstanceId::named(cx.text("InstanceId", &instance.instance_id)));
    }
    let listeners = given.listener_descriptions.get().is_some().then(|| {
        let mut listeners = Vec::new();
        for (ordinal, description) in given.listener_descriptions.items().enumerate() {
            if let Some(listener) = description.listener.get() {
                listeners.push(classic_listener(cx, description, listener, ordinal));
            } else {
                cx.unreadable("Listener");
                contested = true;
            }
        }
        listeners
    });
    cx.add(LoadBalancer {
        id,
        place: cx.place,
        name,
        dns_name,
        kind: LoadBalancerKind::Classic,
        scheme,
        vpc: VpcId::named(vpc),
        security_groups,
        zones,
        ip_address_type: IpAddressType::Ipv4,
        state: LoadBalancerState::Active,
        filters_private_link: None,
        attributes: None,
        listeners,
        instances,
        interfaces: Vec::new(),
        seen: true,
        contested,
    });
}

fn classic_listener(
    cx: &mut Cx<'_>,
    description: &words::ListenerDescription<'_>,
    given: &words::ClassicListener<'_>,
    ordinal: usize,
) -> Listener {
    let to_port = port(cx, "InstancePort", &given.instance_port);
    let to_protocol = match given.instance_protocol.as_str() {
        // The default is that of the listener.
        "" => protocol(cx, "Protocol", given.protocol.as_str()),
        other => protocol(cx, "InstanceProtocol", other),
    };
    let mut certificates = Vec::new();
    if !given.ssl_certificate_id.as_str().is_empty() {
        certificates.push(cx.intern(given.ssl_certificate_id.as_str()));
    }
    // Policies of its own making have other names, and nobody lists what is in them.
    let mut policies = description.policy_names.items();
    let ssl_policy = policies.find(|name| name.starts_with("ELBSecurityPolicy-"));
    let ssl_policy = ssl_policy.map_or(TextId::EMPTY, |name| cx.intern(name));
    Listener {
        id: TextId::EMPTY,
        place: cx.place,
        ordinal: u32::try_from(ordinal).ok(),
        port: port(cx, "LoadBalancerPort", &given.load_balancer_port),
        protocol: Some(protocol(cx, "Protocol", given.protocol.as_str())),
        ssl_policy,
        certificates,
        default_actions: vec![ListenerAction::ForwardToInstances {
            port: to_port,
            protocol: to_protocol,
        }],
        rules: None,
        contested: false,
    }
}

/// An element of `LoadBalancerAttributes`.
pub(crate) fn attributes(cx: &mut Cx<'_>, given: &words::AttributesOf<'_>) {
    let of = id(cx, "LoadBalancerArn");
    if given.attributes.get().is_none() || given.attributes.is_damaged() {
        cx.unreadable("Attributes");
        return;
    }
    let mut all = LoadBalancerAttributes::default();
    for attribute in given.attributes.items() {
        balancer_attribute(cx, &mut all, attribute);
    }
    cx.builder().add_load_balancer_attributes(of, all);
}

/// An element of a reply that does not say whose attributes they are.
pub(crate) fn attribute(cx: &mut Cx<'_>, given: &words::Attribute<'_>) {
    let Some(whose) = detect::balancing_of(cx.name) else { return };
    cx.recognised = true;
    let of = cx.intern(&whose);
    if whose.contains("targetgroup/") {
        let mut one = TargetGroupAttributes::default();
        group_attribute(cx, &mut one, given);
        cx.builder().add_target_group_attributes(of, one);
    } else {
        let mut one = LoadBalancerAttributes::default();
        balancer_attribute(cx, &mut one, given);
        cx.builder().add_load_balancer_attributes(of, one);
    }
}

fn balancer_attribute(
    cx: &mut Cx<'_>,
    all: &mut LoadBalancerAttributes,
    given: &words::Attribute<'_>,
) {
    let value = given.value.as_str();
    match given.key.as_str() {
        "load_balancing.cross_zone.enabled" => all.cross_zone = truth(cx, &given.key, value),
        "ipv6.deny_all_igw_traffic" => all.deny_all_igw_traffic = truth(cx, &given.key, value),
        _ => {}
    }
}

pub(super) fn truth(cx: &mut Cx<'_>, field: &Str<'_>, value: &str) -> Option<bool> {
    match value {
        "true" => Some(true),
        "false" => Some(false),
        other => {
            cx.unknown(field.as_str(), other);
            None
        }
    }
}

/// An element of `ClassicLoadBalancerAttributes`.
pub(crate) fn classic_attributes_of(cx: &mut Cx<'_>, given: &words::ClassicAttributesOf<'_>) {
    let of = id(cx, "LoadBalancerName");
    match given.load_balancer_attributes.get() {
        Some(given) => add_classic_attributes(cx, of, given),
        None => cx.unreadable("LoadBalancerAttributes"),
    }
}

/// A reply of `elb describe-load-balancer-attributes`, which does not say of what.
pub(crate) fn classic_attributes(cx: &mut Cx<'_>, given: &words::ClassicAttributes<'_>) {
    if let Some(whose) = detect::balancing_of(cx.name) {
        let of = cx.intern(&whose);
        add_classic_attributes(cx, of, given);
    }
}

fn add_classic_attributes(cx: &mut Cx<'_>, of: TextId, given: &words::ClassicAttributes<'_>) {
    let cross_zone = given.cross_zone.get().and_then(|given| given.enabled.get().copied());
    let attributes = LoadBalancerAttributes { cross_zone, deny_all_igw_traffic: None };
    cx.builder().add_load_balancer_attributes(of, attributes);
}

/// An element of `LoadBalancerListeners`.
pub(crate) fn listeners_of(cx: &mut Cx<'_>, given: &words::ListenersOf<'_>) {
    let of = id(cx, "LoadBalancerArn");
    if given.listeners.get().is_none() {
        cx.unreadable("Listeners");
        return;
    }
    let mut listeners = Vec::new();
    if given.listeners.is_damaged() {
        cx.unreadable("Listeners");
        // One of them may listen anywhere, and lead anywhere.
        listeners.push(unreadable_listener(cx));
    }
    for (ordinal, listener) in given.listeners.items().enumerate() {
        listeners.push(read_listener(cx, listener, u32::try_from(ordinal).ok()));
    }
    cx.builder().add_listeners(of, listeners);
}

fn unreadable_listener(cx: &mut Cx<'_>) -> Listener {
    Listener {
        id: TextId::EMPTY,
        place: cx.place,
        ordinal: None,
        port: None,
        protocol: Some(ListenerProtocol::Unknown),
        ssl_policy: TextId::EMPTY,
        certificates: Vec::new(),
        default_actions: vec![ListenerAction::Unknown(TextId::EMPTY)],
        rules: None,
        contested: true,
    }
}

/// An element of a reply of `describe-listeners`.
pub(crate) fn listener(cx: &mut Cx<'_>, given: &words::Listener<'_>) {
    // Global Accelerator has listeners too.
    if !given.listener_arn.as_str().contains(":elasticloadbalancing:")
        && given.load_balancer_arn.as_str().is_empty()
    {
        return;
    }
    cx.recognised = true;
    let listener = read_listener(cx, given, None);
    let of = match given.load_balancer_arn.as_str() {
        "" => balancer_of_listener(given.listener_arn.as_str()),
        arn => Some(Cow::Borrowed(arn)),
    };
    match of {
        Some(of) => {
            let of = cx.intern(&of);
            cx.builder().add_listeners(of, vec![listener]);
        }
        None => cx.unreadable("LoadBalancerArn"),
    }
}

/// `…:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2` is of
/// `…:loadbalancer/app/web/50dc6c495c0c9188`.
fn balancer_of_listener(arn: &str) -> Option<Cow<'static, str>> {
    let (whole, _) = arn.rsplit_once('/')?;
    let (account, resource) = whole.split_once(":listener/")?;
    Some(Cow::Owned(format!("{account}:loadbalancer/{resource}")))
}

/// `…:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee` is of
/// `…:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2`.
fn listener_of_rule(arn: &str) -> Option<String> {
    let (whole, _) = arn.rsplit_once('/')?;
    let (account, resource) = whole.split_once(":listener-rule/")?;
    Some(format!("{account}:listener/{resource}"))
}

fn read_listener(cx: &mut Cx<'_>, given: &words::Listener<'_>, ordinal: Option<u32>) -> Listener {
    let id = cx.text("ListenerArn", &given.listener_arn);
    let outer = std::mem::replace(&mut cx.about, id);
    // A Gateway Load Balancer's has neither protocol nor port.
    let (protocol, port, mut contested) = match (&given.protocol, &given.port) {
        (Field::Absent, Field::Absent) => (None, None, false),
        (given_protocol, given_port) => {
            let port = port(cx, "Port", given_port);
            (Some(protocol(cx, "Protocol", given_protocol.as_str())), port, port.is_none())
        }
    };
    let (default_actions, readable) = actions(cx, "DefaultActions", &given.default_actions);
    contested |= !readable;
    let ssl_policy = cx.intern(given.ssl_policy.as_str());
    let mut certificates = Vec::new();
    for certificate in given.certificates.items() {
        certificates.push(cx.intern(certificate.certificate_arn.as_str()));
    }
    cx.about = outer;
    Listener {
        id,
        place: cx.place,
        ordinal,
        port,
        protocol,
        ssl_policy,
        certificates,
        default_actions,
        rules: None,
        contested,
    }
}

fn actions(
    cx: &mut Cx<'_>,
    field: &str,
    given: &List<words::Action<'_>>,
) -> (Vec<ListenerAction>, bool) {
    let mut actions = Vec::new();
    let mut readable = given.get().is_some() && !given.is_damaged();
    if !readable {
        cx.unreadable(field);
        actions.push(ListenerAction::Unknown(TextId::EMPTY));
    }
    for action in given.items() {
        let (action, is_readable) = self::action(cx, action);
        readable &= is_readable;
        actions.push(action);
    }
    (actions, readable)
}

fn action(cx: &mut Cx<'_>, given: &words::Action<'_>) -> (ListenerAction, bool) {
    let action = match given.kind.as_str() {
        "forward" => return forward(cx, given),
        "redirect" => ListenerAction::Redirect { protocol: redirected_to(given) },
        "fixed-response" => ListenerAction::FixedResponse,
        "authenticate-oidc" | "authenticate-cognito" | "jwt-validation" => {
            ListenerAction::Authenticate
        }
        other => {
            cx.unknown("Type", other);
            return (ListenerAction::Unknown(cx.intern(other)), false);
        }
    };
    (action, true)
}

/// By which protocol clients are to ask again; `None`: as they asked.
fn redirected_to(given: &words::Action<'_>) -> Option<ListenerProtocol> {
    // Old files lack the configuration: nobody knows where to.
    let Some(config) = given.redirect_config.get() else { return Some(ListenerProtocol::Unknown) };
    match config.protocol.as_str() {
        "" | "#{protocol}" => None,
        "HTTP" => Some(ListenerProtocol::Http),
        "HTTPS" => Some(ListenerProtocol::Https),
        _ => Some(ListenerProtocol::Unknown),
    }
}

fn forward(cx: &mut Cx<'_>, given: &words::Action<'_>) -> (ListenerAction, bool) {
    let mut groups: Vec<WeightedTargetGroup> = Vec::new();
    let mut readable = !given.forward_config.is_wrong();
    if let Some(config) = given.forward_config.get() {
        readable &= !config.target_groups.is_damaged();
        for group in config.target_groups.items() {
            let named = cx.text("TargetGroupArn", &group.target_group_arn);
            readable &= !named.is_empty();
            let weight = group.weight.get().and_then(|&weight| u32::try_from(weight).ok());
            groups.push(WeightedTargetGroup { target_group: TargetGroupId::named(named), weight });
        }
    }
    let named = TargetGroupId::named(cx.text("TargetGroupArn", &given.target_group_arn));
    if !named.as_text().is_empty() && !groups.iter().any(|group| group.target_group == named) {
        groups.push(WeightedTargetGroup { target_group: named, weight: None });
    }
    groups.retain(|group| !group.target_group.as_text().is_empty());
    if !readable || groups.is_empty() {
        cx.unreadable("ForwardConfig, TargetGroupArn");
        readable = false;
    }
    (ListenerAction::Forward(groups), readable)
}

/// An element of `ListenerRules`.
pub(crate) fn rules_of(cx: &mut Cx<'_>, given: &words::RulesOf<'_>) {
    let of = id(cx, "ListenerArn");
    if given.rules.get().is_none() || given.rules.is_damaged() {
        cx.unreadable("Rules");
        return;
    }
    let mut rules = Vec::new();
    for (ordinal, rule) in given.rules.items().enumerate() {
        rules.extend(read_rule(cx, rule, u32::try_from(ordinal).ok()));
    }
    cx.builder().add_listener_rules(of, rules);
}

/// An element of a reply of `describe-rules`; other services have rules too.
pub(crate) fn rule(cx: &mut Cx<'_>, given: &words::Rule<'_>) {
    let Some(listener) = listener_of_rule(given.rule_arn.as_str()) else { return };
    cx.recognised = true;
    let of = cx.intern(&listener);
    let rules = read_rule(cx, given, None).into_iter().collect();
    cx.builder().add_listener_rules(of, rules);
}

/// A rule; `None`: the default one, which the listener says itself.
fn read_rule(
    cx: &mut Cx<'_>,
    given: &words::Rule<'_>,
    ordinal: Option<u32>,
) -> Option<ListenerRule> {
    if given.is_default == Field::Given(true) || given.priority.as_str() == "default" {
        return None;
    }
    let id = cx.text("RuleArn", &given.rule_arn);
    let outer = std::mem::replace(&mut cx.about, id);
    let priority = given.priority.as_str().parse().ok();
    if priority.is_none() {
        cx.unknown("Priority", given.priority.as_str());
    }
    let mut conditions = Vec::new();
    let mut contested = priority.is_none() || given.conditions.is_damaged();
    if given.conditions.is_damaged() {
        cx.unreadable("Conditions");
    }
    for condition in given.conditions.items() {
        let condition = self::condition(cx, condition);
        contested |= condition.is_none();
        conditions.extend(condition);
    }
    let (actions, readable) = actions(cx, "Actions", &given.actions);
    contested |= !readable;
    cx.about = outer;
    Some(ListenerRule { id, place: cx.place, ordinal, priority, conditions, actions, contested })
}

/// `None`: which clients meet it can't be read.
fn condition(cx: &mut Cx<'_>, given: &words::Condition<'_>) -> Option<RuleCondition> {
    let field = given.field.as_str();
    if field != "source-ip" {
        return Some(RuleCondition::Other(cx.intern(field)));
    }
    let values = given.source_ip_config.get().map(|config| &config.values);
    let values = values.filter(|values| !values.is_absent()).unwrap_or(&given.values);
    let mut blocks: Option<Vec<Cidr>> = (!values.is_damaged()).then(Vec::new);
    for value in values.items() {
        let block = cx.cidr("SourceIpConfig", &Field::Given(Cow::Borrowed(value)));
        match (&mut blocks, block) {
            (Some(blocks), Some(block)) => blocks.push(block),
            (blocks, _) => *blocks = None,
        }
    }
    let blocks = blocks.filter(|blocks| !blocks.is_empty());
    if blocks.is_none() {
        cx.unreadable("SourceIpConfig");
    }
    blocks.map(RuleCondition::SourceIp)
}

fn add_address(cx: &mut Cx<'_>, load_balancer: TextId, public: u32, private: Option<u32>) {
    cx.add(ElasticAddress {
        public,
        allocation: TextId::EMPTY,
        account: TextId::EMPTY,
        region: TextId::EMPTY,
        holder: TextId::EMPTY,
        private,
        load_balancer,
        place: cx.place,
    });
}

fn scheme(cx: &mut Cx<'_>, word: &str) -> Scheme {
    match word {
        "internet-facing" => Scheme::InternetFacing,
        "internal" => Scheme::Internal,
        other => {
            cx.unknown("Scheme", other);
            Scheme::Unknown
        }
    }
}

pub(super) fn ip_address_type(cx: &mut Cx<'_>, given: &Str<'_>) -> IpAddressType {
    match given.as_str() {
        "ipv4" => IpAddressType::Ipv4,
        "ipv6" => IpAddressType::Ipv6,
        "dualstack" => IpAddressType::DualStack,
        "dualstack-without-public-ipv4" => IpAddressType::DualStackWithoutPublicIpv4,
        // Answers that do not say are older than IPv6.
        "" => IpAddressType::Unknown,
        other => {
            cx.unknown("IpAddressType", other);
            IpAddressType::Unknown
        }
    }
}

pub(super) fn protocol(cx: &mut Cx<'_>, field: &str, word: &str) -> ListenerProtocol {
    match word {
        "HTTP" => ListenerProtocol::Http,
        "HTTPS" => ListenerProtocol::Https,
        "TCP" => ListenerProtocol::Tcp,
        "TLS" | "SSL" => ListenerProtocol::Tls,
        "UDP" => ListenerProtocol::Udp,
        "TCP_UDP" => ListenerProtocol::TcpUdp,
        "QUIC" => ListenerProtocol::Quic,
        "TCP_QUIC" => ListenerProtocol::TcpQuic,
        "GENEVE" => ListenerProtocol::Geneve,
        other => {
            cx.unknown(field, other);
            ListenerProtocol::Unknown
        }
    }
}

pub(super) fn port(cx: &mut Cx<'_>, field: &str, given: &Field<i64>) -> Option<u16> {
    let port = given.get().and_then(|&port| u16::try_from(port).ok());
    if port.is_none() {
        cx.unreadable(field);
    }
    port
}

fn ipv6(cx: &mut Cx<'_>, field: &str, given: &Str<'_>) -> Option<u128> {
    if given.as_str().is_empty() {
        return None;
    }
    let address: Option<Ipv6Addr> = given.as_str().parse().ok();
    if address.is_none() {
        cx.unknown(field, given.as_str());
    }
    address.map(u128::from)
}

fn groups(cx: &mut Cx<'_>, given: &List<Cow<'_, str>>) -> (Vec<SecurityGroupId>, bool) {
    let readable = !given.is_damaged();
    if !readable {
        cx.unreadable("SecurityGroups");
    }
    let groups = given.items().map(|group| SecurityGroupId::named(cx.intern(group))).collect();
    (groups, readable)
}
