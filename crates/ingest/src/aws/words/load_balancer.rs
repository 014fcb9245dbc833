//! The words of `aws elbv2 describe-*` and `aws elb describe-load-balancers`.
//!
//! Calls that are made for one thing each do not say which: their replies are read
//! from lists of `{"LoadBalancerArn": …, "Attributes": […]}`, as Batfish's collector
//! and ours write them, or from files whose names say it.

use super::super::field::{Field, List, Shape, Str};
use crate::document::Cursor;
use crate::json::{self, Malformed, are_distinct};

words! {
    LoadBalancer {
        load_balancer_arn: Str<'a> = "LoadBalancerArn",
        load_balancer_name: Str<'a> = "LoadBalancerName",
        dns_name: Str<'a> = "DNSName",
        kind: Str<'a> = "Type",
        scheme: Str<'a> = "Scheme",
        vpc_id: Str<'a> = "VpcId",
        state: Field<LoadBalancerState<'a>> = "State",
        ip_address_type: Str<'a> = "IpAddressType",
        security_groups: List<std::borrow::Cow<'a, str>> = "SecurityGroups",
        availability_zones: List<LoadBalancerZone<'a>> = "AvailabilityZones",
        enforce_on_private_link: Str<'a> = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
    }
    LoadBalancerState { code: Str<'a> = "Code", }
    LoadBalancerZone {
        subnet_id: Str<'a> = "SubnetId",
        zone_name: Str<'a> = "ZoneName",
        load_balancer_addresses: List<LoadBalancerAddress<'a>> = "LoadBalancerAddresses",
    }
    LoadBalancerAddress {
        ip_address: Str<'a> = "IpAddress",
        private_address: Str<'a> = "PrivateIPv4Address",
        ipv6_address: Str<'a> = "IPv6Address",
    }

    /// An element of `LoadBalancerAttributes` and `TargetGroupAttributes`.
    AttributesOf {
        load_balancer_arn: Str<'a> = "LoadBalancerArn",
        target_group_arn: Str<'a> = "TargetGroupArn",
        attributes: List<Attribute<'a>> = "Attributes",
    }
    Attribute { key: Str<'a> = "Key", value: Str<'a> = "Value", }

    /// An element of `LoadBalancerListeners`.
    ListenersOf {
        load_balancer_arn: Str<'a> = "LoadBalancerArn",
        listeners: List<Listener<'a>> = "Listeners",
    }
    Listener {
        listener_arn: Str<'a> = "ListenerArn",
        load_balancer_arn: Str<'a> = "LoadBalancerArn",
        port: Field<i64> = "Port",
        protocol: Str<'a> = "Protocol",
        ssl_policy: Str<'a> = "SslPolicy",
        certificates: List<Certificate<'a>> = "Certificates",
        default_actions: List<Action<'a>> = "DefaultActions",
    }
    Certificate { certificate_arn: Str<'a> = "CertificateArn", }
    Action {
        kind: Str<'a> = "Type",
        target_group_arn: Str<'a> = "TargetGroupArn",
        forward_config: Field<ForwardConfig<'a>> = "ForwardConfig",
        redirect_config: Field<RedirectConfig<'a>> = "RedirectConfig",
    }
    RedirectConfig { protocol: Str<'a> = "Protocol", }
    ForwardConfig { target_groups: List<WeightedTargetGroup<'a>> = "TargetGroups", }
    WeightedTargetGroup {
        target_group_arn: Str<'a> = "TargetGroupArn",
        weight: Field<i64> = "Weight",
    }

    /// An element of `ListenerRules`.
    RulesOf { listener_arn: Str<'a> = "ListenerArn", rules: List<Rule<'a>> = "Rules", }
    Rule {
        rule_arn: Str<'a> = "RuleArn",
        priority: Str<'a> = "Priority",
        is_default: Field<bool> = "IsDefault",
        conditions: List<Condition<'a>> = "Conditions",
        actions: List<Action<'a>> = "Actions",
    }
    Condition {
        field: Str<'a> = "Field",
        values: List<std::borrow::Cow<'a, str>> = "Values",
        source_ip_config: Field<Values<'a>> = "SourceIpConfig",
    }
    Values { values: List<std::borrow::Cow<'a, str>> = "Values", }

    TargetGroup {
        target_group_arn: Str<'a> = "TargetGroupArn",
        target_group_name: Str<'a> = "TargetGroupName",
        target_type: Str<'a> = "TargetType",
        protocol: Str<'a> = "Protocol",
        port: Field<i64> = "Port",
        vpc_id: Str<'a> = "VpcId",
        ip_address_type: Str<'a> = "IpAddressType",
        health_check_enabled: Field<bool> = "HealthCheckEnabled",
        health_check_port: Str<'a> = "HealthCheckPort",
        load_balancer_arns: List<std::borrow::Cow<'a, str>> = "LoadBalancerArns",
    }
    /// An element of `LoadBalancerTargetHealth`.
    TargetsOf {
        target_group_arn: Str<'a> = "TargetGroupArn",
        target_health_descriptions: List<TargetHealth<'a>> = "TargetHealthDescriptions",
    }
    TargetHealth {
        target: Field<Target<'a>> = "Target",
        target_health: Field<Health<'a>> = "TargetHealth",
    }
    Target {
        id: Str<'a> = "Id",
        port: Field<i64> = "Port",
        availability_zone: Str<'a> = "AvailabilityZone",
    }
    Health { state: Str<'a> = "State", }

    /// An element of `LoadBalancerDescriptions`.
    ClassicLoadBalancer {
        load_balancer_name: Str<'a> = "LoadBalancerName",
        dns_name: Str<'a> = "DNSName",
        scheme: Str<'a> = "Scheme",
        vpc_id: Str<'a> = "VPCId",
        security_groups: List<std::borrow::Cow<'a, str>> = "SecurityGroups",
        subnets: List<std::borrow::Cow<'a, str>> = "Subnets",
        instances: List<ClassicInstance<'a>> = "Instances",
        listener_descriptions: List<ListenerDescription<'a>> = "ListenerDescriptions",
    }
    ClassicInstance { instance_id: Str<'a> = "InstanceId", }
    ListenerDescription {
        listener: Field<ClassicListener<'a>> = "Listener",
        policy_names: List<std::borrow::Cow<'a, str>> = "PolicyNames",
    }
    ClassicListener {
        protocol: Str<'a> = "Protocol",
        load_balancer_port: Field<i64> = "LoadBalancerPort",
        instance_protocol: Str<'a> = "InstanceProtocol",
        instance_port: Field<i64> = "InstancePort",
        ssl_certificate_id: Str<'a> = "SSLCertificateId",
    }
    /// An element of `ClassicLoadBalancerAttributes`.
    ClassicAttributesOf {
        load_balancer_name: Str<'a> = "LoadBalancerName",
        load_balancer_attributes: Field<ClassicAttributes<'a>> = "LoadBalancerAttributes",
    }
    ClassicAttributes { cross_zone: Field<Enabled<'a>> = "CrossZoneLoadBalancing", }
    Enabled { enabled: Field<bool> = "Enabled", }
}
