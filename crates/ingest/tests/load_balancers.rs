//! Load balancers and target groups as facts, from every layout that they come in.
#![expect(clippy::unwrap_used, reason = "what a helper of a test can't do fails the test")]

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use expect_test::{Expect, expect};
use portolan::model::{
    Component, Listener, ListenerAction, ListenerRule, LoadBalancer, LoadBalancerKind, Network,
    RuleCondition, TargetGroup, TargetId, TextId,
};
use portolan_ingest::{LoadError, Loaded};

const VPC: &str = r#"{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-a", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a"},
                {"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/24", "AvailabilityZone": "eu-west-1b"}],
    "SecurityGroups": [{"GroupId": "sg-web", "VpcId": "vpc-1", "OwnerId": "111122223333", "IpPermissions": [], "IpPermissionsEgress": []}]}"#;

/// Interfaces of an Application, a Network and a Classic Load Balancer, of one that is not
/// described, and of somebody who only says that he is one.
const INTERFACES: &str = r#"{"NetworkInterfaces": [
    {"NetworkInterfaceId": "eni-01", "VpcId": "vpc-1", "SubnetId": "subnet-a", "OwnerId": "111122223333", "Status": "in-use",
     "InterfaceType": "interface", "RequesterId": "amazon-elb", "Description": "ELB app/front/0a", "Groups": [{"GroupId": "sg-web"}],
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.10", "Primary": true}]},
    {"NetworkInterfaceId": "eni-02", "VpcId": "vpc-1", "SubnetId": "subnet-a", "OwnerId": "111122223333", "Status": "in-use",
     "InterfaceType": "network_load_balancer", "Description": "ELB net/pass/0b", "Groups": [],
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.11", "Primary": true}]},
    {"NetworkInterfaceId": "eni-03", "VpcId": "vpc-1", "SubnetId": "subnet-b", "OwnerId": "111122223333", "Status": "in-use",
     "InterfaceType": "load_balancer", "Description": "ELB old", "Groups": [{"GroupId": "sg-web"}],
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.12", "Primary": true}]},
    {"NetworkInterfaceId": "eni-04", "VpcId": "vpc-1", "SubnetId": "subnet-b", "OwnerId": "111122223333", "Status": "in-use",
     "InterfaceType": "load_balancer", "Description": "ELB app/unseen/0c", "Groups": [{"GroupId": "sg-web"}],
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.13", "Primary": true}]},
    {"NetworkInterfaceId": "eni-05", "VpcId": "vpc-1", "SubnetId": "subnet-b", "OwnerId": "111122223333", "Status": "in-use",
     "InterfaceType": "interface", "Description": "ELB net/pass/0b", "Groups": [{"GroupId": "sg-web"}],
     "Attachment": {"InstanceId": "i-1"},
     "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.2.14", "Primary": true}]}]}"#;

const BALANCERS: &str = r#"{"LoadBalancers": [
    {"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a",
     "LoadBalancerName": "front", "DNSName": "front-1.eu-west-1.elb.amazonaws.com", "Scheme": "internet-facing", "Type": "application",
     "VpcId": "vpc-1", "State": {"Code": "active"}, "IpAddressType": "dualstack", "SecurityGroups": ["sg-web"],
     "AvailabilityZones": [{"SubnetId": "subnet-a", "ZoneName": "eu-west-1a"}, {"SubnetId": "subnet-b", "ZoneName": "eu-west-1b"}]},
    {"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/pass/0b",
     "LoadBalancerName": "pass", "DNSName": "pass-0b.elb.eu-west-1.amazonaws.com", "Scheme": "internal", "Type": "network",
     "VpcId": "vpc-1", "State": {"Code": "active_impaired"}, "IpAddressType": "ipv4",
     "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "off",
     "AvailabilityZones": [{"SubnetId": "subnet-a", "ZoneName": "eu-west-1a", "LoadBalancerAddresses": [
        {"IpAddress": "198.51.100.7", "AllocationId": "eipalloc-1", "PrivateIPv4Address": "10.0.1.11", "IPv6Address": "2001:db8::7"}]}]}]}"#;

const GROUPS: &str = r#"{"TargetGroups": [
    {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1a", "TargetGroupName": "web",
     "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-1", "TargetType": "instance", "IpAddressType": "ipv4",
     "HealthCheckEnabled": true, "HealthCheckPort": "traffic-port",
     "LoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a"]},
    {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/pass/1b", "TargetGroupName": "pass",
     "Protocol": "TCP", "Port": 443, "VpcId": "vpc-1", "TargetType": "ip", "IpAddressType": "ipv4",
     "HealthCheckEnabled": true, "HealthCheckPort": "9000",
     "LoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/pass/0b"]},
    {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/fun/1c", "TargetGroupName": "fun",
     "TargetType": "lambda", "HealthCheckEnabled": false,
     "LoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a"]}]}"#;

/// What is asked for one thing each, in the form of Batfish's collector and of ours.
const LISTS: &str = r#"{
    "LoadBalancerAttributes": [{"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a", "Attributes": [
        {"Key": "ipv6.deny_all_igw_traffic", "Value": "false"}, {"Key": "deletion_protection.enabled", "Value": "false"}]}],
    "LoadBalancerListeners": [
        {"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a", "Listeners": [
            {"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/0a/2b", "Port": 443, "Protocol": "HTTPS",
             "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a",
             "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "Certificates": [{"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1"}],
             "DefaultActions": [{"Type": "authenticate-oidc", "Order": 1}, {"Type": "forward", "Order": 2,
                "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1a",
                "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1a", "Weight": 1}]}}]},
            {"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/0a/2a", "Port": 80, "Protocol": "HTTP",
             "DefaultActions": [{"Type": "redirect", "Order": 1}]}]},
        {"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/pass/0b", "Listeners": []}],
    "ListenerRules": [{"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/0a/2b", "Rules": [
        {"RuleArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/front/0a/2b/3b", "Priority": "20", "IsDefault": false,
         "Conditions": [{"Field": "path-pattern", "Values": ["/admin/*"]}],
         "Actions": [{"Type": "fixed-response", "Order": 1}]},
        {"RuleArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/front/0a/2b/3a", "Priority": "5", "IsDefault": false,
         "Conditions": [{"Field": "source-ip", "SourceIpConfig": {"Values": ["192.0.2.0/24", "2001:db8::/32"]}}],
         "Actions": [{"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": [
            {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/fun/1c", "Weight": 0},
            {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/gone/1d", "Weight": 9}]}}]},
        {"RuleArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/front/0a/2b/3c", "Priority": "default", "IsDefault": true,
         "Conditions": [], "Actions": [{"Type": "forward"}]}]}],
    "TargetGroupAttributes": [{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/pass/1b", "Attributes": [
        {"Key": "preserve_client_ip.enabled", "Value": "true"}, {"Key": "load_balancing.cross_zone.enabled", "Value": "use_load_balancer_configuration"}]}],
    "LoadBalancerTargetHealth": [
        {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web/1a", "TargetHealthDescriptions": [
            {"Target": {"Id": "i-1", "Port": 8080}, "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "i-2", "Port": 8081, "AvailabilityZone": "eu-west-1b"}, "TargetHealth": {"State": "unused", "Reason": "Target.InvalidState"}}]},
        {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/pass/1b", "TargetHealthDescriptions": [
            {"Target": {"Id": "192.168.7.8", "Port": 443, "AvailabilityZone": "all"}, "TargetHealth": {"State": "unhealthy"}},
            {"Target": {"Id": "2001:db8::9", "Port": 443}, "TargetHealth": {"State": "initial"}}]},
        {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/fun/1c", "TargetHealthDescriptions": [
            {"Target": {"Id": "arn:aws:lambda:eu-west-1:111122223333:function:fun"}, "TargetHealth": {"State": "unavailable"}}]}]}"#;

const CLASSIC: &str = r#"{"LoadBalancerDescriptions": [{"LoadBalancerName": "old", "DNSName": "old-1.eu-west-1.elb.amazonaws.com",
    "Scheme": "internet-facing", "VPCId": "vpc-1", "SecurityGroups": ["sg-web"], "Subnets": ["subnet-a", "subnet-b"],
    "Instances": [{"InstanceId": "i-1"}],
    "ListenerDescriptions": [
        {"Listener": {"Protocol": "SSL", "LoadBalancerPort": 443, "InstanceProtocol": "TCP", "InstancePort": 8443,
                      "SSLCertificateId": "arn:aws:acm:eu-west-1:111122223333:certificate/2"}, "PolicyNames": []},
        {"Listener": {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}}]}]}"#;

fn load(files: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    portolan_ingest::load_bytes(files.collect())
}

/// The facts as text.
fn facts(files: &[(&str, &str)]) -> String {
    let loaded = load(files).unwrap();
    let network = &loaded.network;
    let mut out = String::new();
    for component in network.components.iter() {
        writeln!(out, "component").unwrap();
        for balancer in component.load_balancers.iter() {
            load_balancer(&mut out, network, component, balancer);
        }
        for group in component.target_groups.iter() {
            target_group(&mut out, network, component, group);
        }
        for interface in component.interfaces.iter() {
            if let Some(of) = component.load_balancer_of(interface.index()) {
                let of = &component.load_balancers[of];
                assert!(of.interfaces.contains(&interface.index()));
                writeln!(out, "  {} of {}", network.text(interface.id()), short(network, of.id))
                    .unwrap();
            }
        }
    }
    for limitation in &network.limitations {
        if limitation.code.as_str() != "not-collected" || limitation.place.is_some() {
            let at = limitation.place.map(|place| loaded.sources.locate_text(place));
            let about = short(network, limitation.about);
            writeln!(out, "{} {about} {}", limitation.code.as_str(), at.unwrap_or_default())
                .unwrap();
        }
    }
    out.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

trait LocateText {
    fn locate_text(&self, place: portolan::model::Place) -> String;
}

impl LocateText for portolan_ingest::Sources {
    fn locate_text(&self, place: portolan::model::Place) -> String {
        portolan::model::Locate::locate(self, place).at
    }
}

/// What an ARN ends with.
fn short(network: &Network, id: TextId) -> &str {
    let text = network.text(id);
    text.strip_prefix("arn:aws:elasticloadbalancing:eu-west-1:111122223333:").unwrap_or(text)
}

fn names(network: &Network, ids: impl IntoIterator<Item = TextId>) -> String {
    ids.into_iter().map(|id| short(network, id)).collect::<Vec<_>>().join(" ")
}

fn marks(seen: bool, contested: bool) -> String {
    format!("{}{}", if seen { "" } else { " unseen" }, if contested { " contested" } else { "" })
}

fn load_balancer(out: &mut String, network: &Network, component: &Component, it: &LoadBalancer) {
    writeln!(
        out,
        "  {} {:?} {:?} {:?} {:?} in {}{}",
        short(network, it.id),
        it.kind,
        it.scheme,
        it.ip_address_type,
        it.state,
        network.text(component.vpcs[it.vpc].id),
        marks(it.seen, it.contested)
    )
    .unwrap();
    let groups =
        names(network, it.security_groups.iter().map(|&group| component.security_groups[group].id));
    writeln!(out, "    groups {groups}; private link {:?}", it.filters_private_link).unwrap();
    for zone in &it.zones {
        let addresses: Vec<String> = zone
            .addresses
            .iter()
            .map(|address| {
                format!(
                    "{:?}/{:?}/{:?}",
                    address.public.map(Ipv4Addr::from),
                    address.private.map(Ipv4Addr::from),
                    address.ipv6.map(Ipv6Addr::from)
                )
            })
            .collect();
        let subnet = network.text(component.subnets[zone.subnet].id);
        let zone = network.text(zone.zone);
        writeln!(out, "    {subnet} {zone} {}", addresses.join(" ")).unwrap();
    }
    match it.attributes {
        None => writeln!(out, "    no attributes").unwrap(),
        Some(it) => writeln!(
            out,
            "    attributes: cross zone {:?}, deny all {:?}",
            it.cross_zone, it.deny_all_igw_traffic
        )
        .unwrap(),
    }
    if it.kind == LoadBalancerKind::Classic {
        let instances =
            names(network, it.instances.iter().map(|&instance| component.instances[instance].id));
        writeln!(out, "    instances {instances}").unwrap();
    }
    match &it.listeners {
        None => writeln!(out, "    no listeners").unwrap(),
        Some(listeners) => {
            listeners.iter().for_each(|it| listener(out, network, component, it));
        }
    }
}

fn listener(out: &mut String, network: &Network, component: &Component, it: &Listener) {
    let certificates = names(network, it.certificates.iter().copied());
    writeln!(
        out,
        "    listener {:?} {:?} {} {certificates}{}",
        it.port,
        it.protocol,
        network.text(it.ssl_policy),
        marks(true, it.contested)
    )
    .unwrap();
    match &it.rules {
        None => writeln!(out, "      no rules").unwrap(),
        Some(rules) => rules.iter().for_each(|it| rule(out, network, component, it)),
    }
    for action in &it.default_actions {
        writeln!(out, "      else {}", self::action(network, component, action)).unwrap();
    }
}

fn rule(out: &mut String, network: &Network, component: &Component, it: &ListenerRule) {
    let conditions: Vec<String> = it
        .conditions
        .iter()
        .map(|condition| match condition {
            RuleCondition::SourceIp(blocks) => {
                let blocks: Vec<String> = blocks.iter().map(ToString::to_string).collect();
                format!("from {}", blocks.join(" "))
            }
            RuleCondition::Other(field) => network.text(*field).to_owned(),
        })
        .collect();
    let actions: Vec<String> =
        it.actions.iter().map(|action| self::action(network, component, action)).collect();
    writeln!(
        out,
        "      rule {:?} {}: {}{}",
        it.priority,
        conditions.join(", "),
        actions.join(", "),
        marks(true, it.contested)
    )
    .unwrap();
}

fn action(network: &Network, component: &Component, it: &ListenerAction) -> String {
    match it {
        ListenerAction::Forward(groups) => {
            let groups: Vec<String> = groups
                .iter()
                .map(|group| {
                    let name = short(network, component.target_groups[group.target_group].id);
                    format!("{name}*{:?}", group.weight)
                })
                .collect();
            format!("forward to {}", groups.join(" "))
        }
        ListenerAction::Unknown(word) => format!("unknown {}", network.text(*word)),
        ListenerAction::ForwardToInstances { .. }
        | ListenerAction::Redirect { .. }
        | ListenerAction::FixedResponse
        | ListenerAction::Authenticate => format!("{it:?}"),
    }
}

fn target_group(out: &mut String, network: &Network, component: &Component, it: &TargetGroup) {
    writeln!(
        out,
        "  {} {:?} {:?} {:?} in {} health {:?}{}",
        short(network, it.id),
        it.kind,
        it.protocol,
        it.port,
        it.vpc.map_or("", |vpc| network.text(component.vpcs[vpc].id)),
        it.health_check.port,
        marks(it.seen, it.contested)
    )
    .unwrap();
    let balancers = it.load_balancers.iter().map(|&balancer| component.load_balancers[balancer].id);
    writeln!(out, "    used by {}", names(network, balancers)).unwrap();
    match it.attributes {
        None => writeln!(out, "    no attributes").unwrap(),
        Some(it) => writeln!(
            out,
            "    attributes: preserve {:?}, cross zone {:?}",
            it.preserve_client_ip, it.cross_zone
        )
        .unwrap(),
    }
    let Some(targets) = &it.targets else {
        writeln!(out, "    no targets").unwrap();
        return;
    };
    for target in targets {
        let id = match target.id {
            TargetId::Instance(id) => {
                let instance = &component.instances[id];
                format!("{} {:?}", network.text(instance.id), instance.state)
            }
            TargetId::Ipv4(address) => Ipv4Addr::from(address).to_string(),
            TargetId::Ipv6(address) => Ipv6Addr::from(address).to_string(),
            TargetId::LoadBalancer(id) => {
                short(network, component.load_balancers[id].id).to_owned()
            }
            TargetId::Function(arn) | TargetId::Unknown(arn) => network.text(arn).to_owned(),
        };
        writeln!(
            out,
            "    target {id} {:?} {} {:?}{}",
            target.port,
            network.text(target.zone),
            target.health,
            marks(true, target.contested)
        )
        .unwrap();
    }
}

fn check(files: &[(&str, &str)], expected: &Expect) {
    expected.assert_eq(&facts(files));
}

#[test]
fn all_facts_come_together_whatever_file_they_stand_in() {
    let files = [
        ("eu-west-1/Lists.json", LISTS),
        ("eu-west-1/LoadBalancers.json", BALANCERS),
        ("eu-west-1/NetworkInterfaces.json", INTERFACES),
        ("eu-west-1/TargetGroups.json", GROUPS),
        ("eu-west-1/Vpcs.json", VPC),
        ("eu-west-1/elb.json", CLASSIC),
    ];
    check(
        &files,
        &expect![[r#"
        component
          loadbalancer/app/front/0a Application InternetFacing DualStack Active in vpc-1
            groups sg-web; private link None
            subnet-a eu-west-1a
            subnet-b eu-west-1b
            attributes: cross zone None, deny all Some(false)
            listener Some(80) Some(Http)
              no rules
              else Redirect { protocol: Some(Unknown) }
            listener Some(443) Some(Https) ELBSecurityPolicy-TLS13-1-2-2021-06 arn:aws:acm:eu-west-1:111122223333:certificate/1
              rule Some(5) from 192.0.2.0/24 2001:db8::/32: forward to targetgroup/fun/1c*Some(0) targetgroup/gone/1d*Some(9)
              rule Some(20) path-pattern: FixedResponse
              else Authenticate
              else forward to targetgroup/web/1a*Some(1)
          loadbalancer/net/pass/0b Network Internal Ipv4 Active in vpc-1
            groups ; private link Some(false)
            subnet-a eu-west-1a Some(198.51.100.7)/Some(10.0.1.11)/Some(2001:db8::7)
            no attributes
          old-1.eu-west-1.elb.amazonaws.com Classic InternetFacing Ipv4 Active in vpc-1
            groups sg-web; private link None
            subnet-a
            subnet-b
            no attributes
            instances i-1
            listener Some(80) Some(Http)
              no rules
              else ForwardToInstances { port: Some(8080), protocol: Http }
            listener Some(443) Some(Tls)  arn:aws:acm:eu-west-1:111122223333:certificate/2
              no rules
              else ForwardToInstances { port: Some(8443), protocol: Tcp }
          targetgroup/fun/1c Lambda None None in  health Unknown
            used by loadbalancer/app/front/0a
            no attributes
            target arn:aws:lambda:eu-west-1:111122223333:function:fun None  Unavailable
          targetgroup/pass/1b Ip Some(Tcp) Some(443) in vpc-1 health Port(9000)
            used by loadbalancer/net/pass/0b
            attributes: preserve Some(true), cross zone Some(OfLoadBalancer)
            target 192.168.7.8 Some(443) all Unhealthy
            target 2001:db8::9 Some(443)  Initial
          targetgroup/web/1a Instance Some(Http) Some(8080) in vpc-1 health OfTraffic
            used by loadbalancer/app/front/0a
            no attributes
            target i-1 NotCollected Some(8080)  Healthy
            target i-2 NotCollected Some(8081) eu-west-1b Unused
          targetgroup/gone/1d Unknown None None in vpc-1 health Unknown unseen contested
            used by
            no attributes
            no targets
          eni-01 of loadbalancer/app/front/0a
          eni-02 of loadbalancer/net/pass/0b
          eni-03 of old-1.eu-west-1.elb.amazonaws.com
        unknown-target-group targetgroup/gone/1d eu-west-1/Lists.json#/ListenerRules/0
        load-balancer eni-04 eu-west-1/NetworkInterfaces.json#/NetworkInterfaces/3
    "#]],
    );
    let mut backwards = files;
    backwards.reverse();
    assert_eq!(facts(&backwards), facts(&files));
}

#[test]
fn plain_replies_are_known_by_their_arns_and_by_their_files() {
    check(
        &[
            ("Vpcs.json", VPC),
            ("LoadBalancers.json", BALANCERS),
            ("TargetGroups.json", GROUPS),
            ("elb.json", CLASSIC),
            (
                "listeners.json",
                r#"{"Listeners": [{"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/pass/0b/2c",
                "LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/pass/0b", "Port": 53, "Protocol": "TCP_UDP",
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/pass/1b"}]},
                {"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/front/0a/2a", "Port": 80, "Protocol": "HTTP",
                "DefaultActions": [{"Type": "wait"}]}]}"#,
            ),
            (
                "rules.json",
                r#"{"Rules": [{"RuleArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/front/0a/2a/3a", "Priority": "1",
                "Conditions": [{"Field": "source-ip", "Values": ["10.0.0.0/8"]}], "Actions": [{"Type": "redirect"}]}]}"#,
            ),
            (
                "TargetHealth/targetgroup_web_1a.json",
                r#"{"TargetHealthDescriptions": [{"Target": {"Id": "i-7", "Port": 80}, "TargetHealth": {"State": "draining"}}]}"#,
            ),
            ("TargetHealth/targetgroup_pass_1b.json", r#"{"TargetHealthDescriptions": []}"#),
            (
                "TargetGroupAttributes/targetgroup_web_1a.json",
                r#"{"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "false"}, {"Key": "preserve_client_ip.enabled", "Value": "maybe"}]}"#,
            ),
            (
                "elbv2-describe-load-balancer-attributes/arn%3Aaws%3Aelasticloadbalancing%3Aeu-west-1%3A111122223333%3Aloadbalancer%2Fnet%2Fpass%2F0b",
                r#"{"Attributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}]}"#,
            ),
            (
                "elb-describe-load-balancer-attributes/old",
                r#"{"LoadBalancerAttributes": {"CrossZoneLoadBalancing": {"Enabled": true}}}"#,
            ),
        ],
        &expect![[r#"
            component
              loadbalancer/app/front/0a Application InternetFacing DualStack Active in vpc-1
                groups sg-web; private link None
                subnet-a eu-west-1a
                subnet-b eu-west-1b
                no attributes
                listener Some(80) Some(Http)   contested
                  rule Some(1) from 10.0.0.0/8: Redirect { protocol: Some(Unknown) }
                  else unknown wait
              loadbalancer/net/pass/0b Network Internal Ipv4 Active in vpc-1
                groups ; private link Some(false)
                subnet-a eu-west-1a Some(198.51.100.7)/Some(10.0.1.11)/Some(2001:db8::7)
                attributes: cross zone Some(true), deny all None
                listener Some(53) Some(TcpUdp)
                  no rules
                  else forward to targetgroup/pass/1b*None
              old-1.eu-west-1.elb.amazonaws.com Classic InternetFacing Ipv4 Active in vpc-1
                groups sg-web; private link None
                subnet-a
                subnet-b
                attributes: cross zone Some(true), deny all None
                instances i-1
                listener Some(80) Some(Http)
                  no rules
                  else ForwardToInstances { port: Some(8080), protocol: Http }
                listener Some(443) Some(Tls)  arn:aws:acm:eu-west-1:111122223333:certificate/2
                  no rules
                  else ForwardToInstances { port: Some(8443), protocol: Tcp }
              targetgroup/fun/1c Lambda None None in  health Unknown
                used by loadbalancer/app/front/0a
                no attributes
                no targets
              targetgroup/pass/1b Ip Some(Tcp) Some(443) in vpc-1 health Port(9000)
                used by loadbalancer/net/pass/0b
                no attributes
              targetgroup/web/1a Instance Some(Http) Some(8080) in vpc-1 health OfTraffic
                used by loadbalancer/app/front/0a
                attributes: preserve None, cross zone Some(Off)
                target i-7 NotCollected Some(80)  Draining
            unreadable-value listener/app/front/0a/2a listeners.json#/Listeners/1
            unreadable-value preserve_client_ip.enabled TargetGroupAttributes/targetgroup_web_1a.json#/Attributes/1
        "#]],
    );
}

#[test]
fn other_things_of_the_same_names_are_left_alone() {
    let loaded = load(&[
        ("Vpcs.json", VPC),
        ("queue.json", r#"{"Attributes": {"QueueArn": "arn:aws:sqs:eu-west-1:111122223333:q"}}"#),
        ("topic.json", r#"{"Attributes": [{"Key": "a", "Value": "b"}, 1]}"#),
        ("events.json", r#"{"Rules": [{"Name": "nightly", "Arn": "arn:aws:events:eu-west-1:111122223333:rule/nightly"}]}"#),
        ("words.json", r#"{"Rules": ["a", "b"]}"#),
        (
            "accelerator.json",
            r#"{"Listeners": [{"ListenerArn": "arn:aws:globalaccelerator::111122223333:accelerator/a/listener/b", "Protocol": "TCP"}]}"#,
        ),
    ])
    .unwrap();
    assert_eq!((loaded.report.files_read, loaded.report.files_left_alone), (1, 5));
    assert!(loaded.network.limitations.iter().all(|it| it.code.as_str() == "not-collected"));
    assert!(load(&[("events.json", r#"{"Rules": [{"Name": "nightly"}]}"#)]).is_err());
}

#[test]
fn what_is_not_known_is_kept_and_said() {
    check(
        &[
            ("Vpcs.json", VPC),
            (
                "LoadBalancers.json",
                r#"{"LoadBalancers": [{"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/gwy/g/0d",
                "LoadBalancerName": "g", "Type": "gateway", "VpcId": "vpc-1", "State": {"Code": "active"}, "IpAddressType": "ipv4",
                "AvailabilityZones": [{"SubnetId": "subnet-a"}]},
                {"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/new/n/0e", "LoadBalancerName": "n",
                "Type": "orbital", "Scheme": "outer", "VpcId": "vpc-9", "State": {"Code": "odd"}, "IpAddressType": "ipv9",
                "SecurityGroups": ["sg-9"], "AvailabilityZones": [{"SubnetId": "subnet-9"}]}]}"#,
            ),
            (
                "LoadBalancerListeners.json",
                r#"{"LoadBalancerListeners": [{"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/gwy/g/0d",
                "Listeners": [{"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/gwy/g/0d/2d", "Port": null,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/fw/1e"}]},
                "odd"]}]}"#,
            ),
            (
                "TargetGroups.json",
                r#"{"TargetGroups": [{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chain/1f", "TargetGroupName": "chain",
                "TargetType": "alb", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-1",
                "LoadBalancerArns": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/unseen/0f"]},
                {"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/orphan/20", "TargetGroupName": "orphan",
                "TargetType": "instance", "Protocol": "TCP", "Port": 80, "VpcId": "vpc-gone", "LoadBalancerArns": []}]}"#,
            ),
            (
                "LoadBalancerTargetHealth.json",
                r#"{"LoadBalancerTargetHealth": [{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/chain/1f",
                "TargetHealthDescriptions": [{"Target": {"Id": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/deep/10", "Port": 80},
                "TargetHealth": {"State": "healthy"}}, {"Target": {"Id": "moon", "Port": "x"}, "TargetHealth": {"State": "sad"}}]}]}"#,
            ),
            (
                "whose.json",
                r#"{"TargetHealthDescriptions": [{"Target": {"Id": "i-1", "Port": 80}}]}"#,
            ),
        ],
        &expect![[r#"
            component
              loadbalancer/gwy/g/0d Gateway Unknown Ipv4 Active in vpc-1
                groups ; private link None
                subnet-a
                no attributes
                listener None None
                  no rules
                  else forward to targetgroup/fw/1e*None
                listener None Some(Unknown)   contested
                  no rules
                  else unknown
              loadbalancer/net/unseen/0f Network Unknown Unknown Unknown in vpc-1 unseen contested
                groups ; private link None
                no attributes
                no listeners
              loadbalancer/app/deep/10 Application Unknown Unknown Unknown in vpc-1 unseen contested
                groups ; private link None
                no attributes
                no listeners
              targetgroup/chain/1f LoadBalancer Some(Tcp) Some(80) in vpc-1 health Unknown
                used by loadbalancer/net/unseen/0f
                no attributes
                target loadbalancer/app/deep/10 Some(80)  Healthy
                target moon None  Unknown
              targetgroup/fw/1e Unknown None None in vpc-1 health Unknown unseen contested
                used by
                no attributes
                no targets
            component
              loadbalancer/new/n/0e Unknown Unknown Unknown Unknown in vpc-9
                groups sg-9; private link None
                subnet-9
                no attributes
                no listeners
            unknown-security-group sg-9 LoadBalancers.json#/LoadBalancers/1
            unknown-vpc vpc-9 LoadBalancers.json#/LoadBalancers/1
            unknown-subnet subnet-9 LoadBalancers.json#/LoadBalancers/1
            unknown-load-balancer loadbalancer/net/unseen/0f TargetGroups.json#/TargetGroups/0
            unknown-load-balancer loadbalancer/app/deep/10 LoadBalancerTargetHealth.json#/LoadBalancerTargetHealth/0
            unknown-target-group targetgroup/fw/1e LoadBalancerListeners.json#/LoadBalancerListeners/0
            unreadable-value loadbalancer/gwy/g/0d LoadBalancerListeners.json#/LoadBalancerListeners/0
            unreadable-value loadbalancer/new/n/0e LoadBalancers.json#/LoadBalancers/1
            unreadable-value targetgroup/chain/1f LoadBalancerTargetHealth.json#/LoadBalancerTargetHealth/0
            unattributed-file whose.json whose.json#/TargetHealthDescriptions
        "#]],
    );
}

#[test]
fn what_two_listings_say_differently_is_not_certain() {
    let listeners = |elements: &str| {
        format!(
            r#"{{"LoadBalancerListeners": [{{"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/pass/0b",
            "Listeners": [{elements}]}}]}}"#
        )
    };
    let listener = |id: &str, port: u16| {
        format!(
            r#"{{"ListenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/pass/0b/{id}", "Port": {port}, "Protocol": "TCP",
            "DefaultActions": [{{"Type": "forward", "TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/pass/1b"}}]}}"#
        )
    };
    let health = |state: &str| {
        format!(
            r#"{{"LoadBalancerTargetHealth": [{{"TargetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/pass/1b",
            "TargetHealthDescriptions": [{{"Target": {{"Id": "10.0.1.5", "Port": 443}}, "TargetHealth": {{"State": "{state}"}}}}]}}]}}"#
        )
    };
    let attributes = |value: &str| {
        format!(
            r#"{{"LoadBalancerAttributes": [{{"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/pass/0b",
            "Attributes": [{{"Key": "load_balancing.cross_zone.enabled", "Value": "{value}"}}]}}]}}"#
        )
    };
    let one = [
        listeners(&[listener("2a", 80), listener("2b", 81), listener("2c", 82)].join(",")),
        health("healthy"),
        attributes("true"),
    ];
    let other = [
        listeners(&[listener("2a", 80), listener("2b", 91)].join(",")),
        health("draining"),
        attributes("false"),
    ];
    check(
        &[
            ("Vpcs.json", VPC),
            ("a/LoadBalancers.json", BALANCERS),
            ("a/TargetGroups.json", GROUPS),
            ("a/Listeners.json", &one[0]),
            ("a/Health.json", &one[1]),
            ("a/Attributes.json", &one[2]),
            ("b/LoadBalancers.json", &BALANCERS.replace("\"internal\"", "\"internet-facing\"")),
            ("b/TargetGroups.json", &GROUPS.replace("\"Port\": 443", "\"Port\": 444")),
            ("b/Listeners.json", &other[0]),
            ("b/Health.json", &other[1]),
            ("b/Attributes.json", &other[2]),
        ],
        &expect![[r#"
            component
              loadbalancer/app/front/0a Application InternetFacing DualStack Active in vpc-1
                groups sg-web; private link None
                subnet-a eu-west-1a
                subnet-b eu-west-1b
                no attributes
                no listeners
              loadbalancer/net/pass/0b Network Unknown Ipv4 Active in vpc-1 contested
                groups ; private link Some(false)
                subnet-a eu-west-1a Some(198.51.100.7)/Some(10.0.1.11)/Some(2001:db8::7)
                attributes: cross zone None, deny all None
                listener None Some(Tcp)   contested
                  no rules
                  else forward to targetgroup/pass/1b*None
                  else forward to targetgroup/pass/1b*None
                listener Some(80) Some(Tcp)
                  no rules
                  else forward to targetgroup/pass/1b*None
                listener Some(82) Some(Tcp)   contested
                  no rules
                  else forward to targetgroup/pass/1b*None
              targetgroup/fun/1c Lambda None None in  health Unknown
                used by loadbalancer/app/front/0a
                no attributes
                no targets
              targetgroup/pass/1b Ip Some(Tcp) None in vpc-1 health Port(9000) contested
                used by loadbalancer/net/pass/0b
                no attributes
                target 10.0.1.5 Some(443)  Unknown contested
              targetgroup/web/1a Instance Some(Http) Some(8080) in vpc-1 health OfTraffic
                used by loadbalancer/app/front/0a
                no attributes
                no targets
            conflicting-listings loadbalancer/net/pass/0b b/LoadBalancers.json#/LoadBalancers/1
            conflicting-listings targetgroup/pass/1b b/TargetGroups.json#/TargetGroups/1
            conflicting-listings listener/net/pass/0b/2b b/Listeners.json#/LoadBalancerListeners/0
            conflicting-listings listener/net/pass/0b/2c a/Listeners.json#/LoadBalancerListeners/0
        "#]],
    );
}

#[test]
fn a_load_balancer_ties_the_vpcs_of_its_targets() {
    let target_vpc = r#"{"Vpcs": [{"VpcId": "vpc-2", "OwnerId": "111122223333", "CidrBlock": "10.2.0.0/16"},
        {"VpcId": "vpc-3", "OwnerId": "111122223333", "CidrBlock": "10.3.0.0/16"}]}"#;
    let listing = GROUPS.replace(
        r#""VpcId": "vpc-1", "TargetType": "ip""#,
        r#""VpcId": "vpc-2", "TargetType": "ip""#,
    );
    let loaded = load(&[
        ("Vpcs.json", VPC),
        ("more.json", target_vpc),
        ("LoadBalancers.json", BALANCERS),
        ("TargetGroups.json", &listing),
    ])
    .unwrap();
    let vpcs: Vec<usize> = loaded.network.components.iter().map(|it| it.vpcs.len()).collect();
    assert_eq!(vpcs, [2, 1]);
}
