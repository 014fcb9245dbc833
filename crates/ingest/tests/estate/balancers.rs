//! Load balancers with their interfaces, listeners, target groups and targets.

use serde_json::{Value, json};

use super::layout::Plan;
use super::{Home, v4, v6};

/// The ports that questions ask about most.
const PORTS: &[u16] = &[22, 80, 443, 53];

pub(crate) fn load_balancers(plan: &mut Plan) {
    for number in 0..plan.random.weighted(&[(40, 0), (35, 1), (25, 2)]) {
        let vpc = plan.random.below(plan.vpcs.len());
        load_balancer(plan, vpc, number);
    }
}

fn load_balancer(plan: &mut Plan, vpc: usize, number: u32) {
    let home = plan.vpcs[vpc].home;
    let kind =
        plan.random.weighted(&[(60, "network"), (26, "application"), (10, "classic"), (4, "odd")]);
    let path = if kind == "network" { "net" } else { "app" };
    let arn = format!(
        "arn:aws:elasticloadbalancing:{}:{}:loadbalancer/{path}/lb{number}/{number}",
        home.region, home.account
    );
    let described = match kind {
        "classic" => format!("ELB lb{number}"),
        _ => format!("ELB {path}/lb{number}/{number}"),
    };
    let facing = plan.random.chance(65);
    let own: Vec<String> =
        plan.groups.iter().filter(|group| group.vpc == vpc).map(|group| group.id.clone()).collect();
    let bare = kind == "network" && plan.random.chance(50);
    let groups: Vec<String> = match bare {
        true => Vec::new(),
        false if plan.random.chance(75) => vec![open_group(plan, vpc)],
        false => vec![plan.random.pick(&own).clone()],
    };
    let mut zones = Vec::new();
    let mut subnets = plan.subnets_of(vpc);
    plan.random.shuffle(&mut subnets);
    subnets.truncate(plan.random.between(1, 2));
    for (place, &subnet) in subnets.iter().enumerate() {
        let public = 0x3404_0000 + number * 8 + u32::try_from(place).unwrap();
        let zone = node(plan, subnet, (kind, &described), &groups, facing.then_some(public));
        zones.extend(zone);
    }
    let (listeners, target_groups) = listeners(plan, vpc, &arn, kind, number);
    if kind == "classic" {
        let element = json!({
            "LoadBalancerName": format!("lb{number}"), "DNSName": format!("lb{number}-{}", plan.id("dns")),
            "VPCId": plan.vpcs[vpc].id, "Scheme": "internal", "SecurityGroups": groups,
            "Subnets": subnets.iter().map(|&it| plan.subnets[it].id.clone()).collect::<Vec<_>>(),
            "ListenerDescriptions": [{"Listener": {
                "Protocol": "TCP", "LoadBalancerPort": *plan.random.pick(PORTS),
                "InstanceProtocol": "TCP", "InstancePort": 80,
            }}],
            "Instances": [{"InstanceId": instance(plan, vpc, home)}],
        });
        if plan.random.chance(60) {
            let crosses = plan.random.chance(50);
            let attributes = json!({"CrossZoneLoadBalancing": {"Enabled": crosses}});
            let of = json!({
                "LoadBalancerName": format!("lb{number}"), "LoadBalancerAttributes": attributes,
            });
            plan.estate.push(home, "ClassicLoadBalancerAttributes", of);
        }
        plan.estate.push(home, "LoadBalancerDescriptions", element);
        return;
    }
    let asked = plan.random.weighted(&[(50, "on"), (30, "off"), (20, "")]);
    let state = plan.random.weighted(&[(92, "active"), (4, "provisioning"), (4, "failed")]);
    let element = json!({
        "LoadBalancerArn": arn, "LoadBalancerName": format!("lb{number}"), "Type": kind,
        "DNSName": format!("lb{number}.elb.amazonaws.com"), "VpcId": plan.vpcs[vpc].id,
        "Scheme": if facing { "internet-facing" } else { "internal" },
        "State": {"Code": state}, "IpAddressType": "dualstack", "SecurityGroups": groups,
        "AvailabilityZones": zones,
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": asked,
    });
    if plan.random.chance(95) {
        plan.estate.push(home, "LoadBalancers", element);
    }
    if plan.random.chance(95) {
        let element = json!({"LoadBalancerArn": arn, "Listeners": listeners});
        plan.estate.push(home, "LoadBalancerListeners", element);
    }
    if plan.random.chance(80) {
        let crosses = plan.random.chance(45).to_string();
        let element = json!({"LoadBalancerArn": arn, "Attributes": [
            {"Key": "load_balancing.cross_zone.enabled", "Value": crosses},
        ]});
        plan.estate.push(home, "LoadBalancerAttributes", element);
    }
    for group in target_groups {
        target_group(plan, vpc, &arn, &group);
    }
}

/// A group that lets everybody in and out.
fn open_group(plan: &mut Plan, vpc: usize) -> String {
    let (home, id) = (plan.vpcs[vpc].home, plan.id("sg"));
    let all = json!([{
        "IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": [], "UserIdGroupPairs": [],
    }]);
    let element = json!({
        "GroupId": id, "GroupName": "open", "OwnerId": home.account, "VpcId": plan.vpcs[vpc].id,
        "IpPermissions": all, "IpPermissionsEgress": all,
    });
    plan.estate.push(home, "SecurityGroups", element);
    id
}

/// The interface of a node, and what the load balancer says of its zone.
fn node(
    plan: &mut Plan,
    subnet: usize,
    (kind, described): (&str, &str),
    groups: &[String],
    public: Option<u32>,
) -> Option<Value> {
    let vpc = plan.subnets[subnet].vpc;
    let home = plan.vpcs[vpc].home;
    let offset = plan.subnets[subnet].used + 1;
    if offset > 13 {
        return None;
    }
    plan.subnets[subnet].used = offset;
    let private = v4(plan.subnets[subnet].v4.0 + offset);
    let own = plan.subnets[subnet].v6.filter(|_| plan.random.chance(60));
    let ipv6: Vec<Value> = own
        .iter()
        .map(|first| json!({"Ipv6Address": v6(first + 0x100 + u128::from(offset))}))
        .collect();
    // Some listings give the public address of a node, some only the load balancer's.
    let told = plan.random.chance(70);
    let association = public.filter(|_| told).map(|it| json!({"PublicIp": v4(it)}));
    let worn: Vec<Value> = groups.iter().map(|id| json!({"GroupId": id})).collect();
    let id = plan.id("eni");
    let mut element = json!({
        "NetworkInterfaceId": id, "OwnerId": home.account, "VpcId": plan.vpcs[vpc].id,
        "SubnetId": plan.subnets[subnet].id, "AvailabilityZone": plan.subnets[subnet].zone,
        "Description": described, "RequesterId": "amazon-elb", "Status": "in-use",
        "InterfaceType": if kind == "network" { "network_load_balancer" } else { "interface" },
        "SourceDestCheck": kind != "network", "Groups": worn,
        "Attachment": {"InstanceOwnerId": "amazon-aws", "Status": "attached"},
        "PrivateIpAddress": private,
        "PrivateIpAddresses": [
            {"PrivateIpAddress": private, "Primary": true, "Association": association},
        ],
        "Ipv6Addresses": ipv6,
    });
    if plan.random.chance(10) {
        element["DenyAllIgwTraffic"] = json!(true);
    }
    if plan.random.chance(96) {
        plan.estate.push(home, "NetworkInterfaces", element);
    }
    let addresses: Vec<Value> = public.iter().map(|&it| json!({"IpAddress": v4(it)})).collect();
    Some(json!({
        "SubnetId": plan.subnets[subnet].id, "ZoneName": plan.subnets[subnet].zone,
        "LoadBalancerAddresses": addresses,
    }))
}

/// Listeners, and the target groups that they forward to.
fn listeners(
    plan: &mut Plan,
    vpc: usize,
    arn: &str,
    kind: &str,
    number: u32,
) -> (Vec<Value>, Vec<String>) {
    let home = plan.vpcs[vpc].home;
    let (mut listeners, mut groups) = (Vec::new(), Vec::new());
    let mut ports = PORTS.to_vec();
    plan.random.shuffle(&mut ports);
    ports.truncate(plan.random.weighted(&[(5, 0), (40, 1), (40, 2), (15, 3)]));
    for (place, port) in ports.into_iter().enumerate() {
        let protocol = match kind {
            "network" => plan.random.weighted(&[
                (60, "TCP"),
                (10, "TLS"),
                (12, "UDP"),
                (12, "TCP_UDP"),
                (3, "TCP_QUIC"),
                (3, "ODD"),
            ]),
            _ => plan.random.weighted(&[(50, "HTTP"), (50, "HTTPS")]),
        };
        let mut forwards = Vec::new();
        for more in 0..plan.random.weighted(&[(8, 0), (77, 1), (15, 2)]) {
            let name = format!("{number}{place}{more}");
            let group = format!(
                "arn:aws:elasticloadbalancing:{}:{}:targetgroup/tg{name}/{name}",
                home.region, home.account
            );
            let weight = plan.random.weighted(&[(90, 1), (10, 0)]);
            forwards.push(json!({"TargetGroupArn": group, "Weight": weight}));
            groups.push(group);
        }
        let mut listener = json!({
            "ListenerArn": format!("{arn}/{place}"), "LoadBalancerArn": arn,
            "Port": port, "Protocol": protocol,
            "DefaultActions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": forwards}}],
        });
        if plan.random.chance(3) {
            listener.as_object_mut().unwrap().remove("Port");
        }
        if kind == "application" && plan.random.chance(85) {
            let rules = rules(plan, &forwards);
            let element = json!({"ListenerArn": listener["ListenerArn"], "Rules": rules});
            plan.estate.push(home, "ListenerRules", element);
        }
        listeners.push(listener);
    }
    (listeners, groups)
}

/// Rules of a listener, whose default actions are the same.
fn rules(plan: &mut Plan, forwards: &[Value]) -> Vec<Value> {
    let mut rules = Vec::new();
    for priority in 1..=plan.random.weighted(&[(30, 0), (40, 1), (30, 2)]) {
        let mut conditions = Vec::new();
        if plan.random.chance(70) {
            let block = plan.random.weighted(&[
                (40, "10.0.0.0/8"),
                (20, "10.0.0.0/25"),
                (20, "0.0.0.0/1"),
                (10, "::/0"),
                (10, "not-a-block"),
            ]);
            let values = json!({"Values": [block]});
            conditions.push(json!({"Field": "source-ip", "SourceIpConfig": values}));
        }
        if plan.random.chance(30) {
            conditions.push(json!({"Field": "path-pattern", "Values": ["/admin*"]}));
        }
        let forward =
            json!({"Type": "forward", "ForwardConfig": {"TargetGroups": forwards}, "Order": 2});
        let actions = match plan.random.below(5) {
            0 => vec![json!({"Type": "redirect", "Order": 1})],
            1 => vec![json!({"Type": "authenticate-oidc", "Order": 1}), forward],
            _ => vec![forward],
        };
        rules.push(json!({
            "RuleArn": plan.id("rule"), "Priority": priority.to_string(),
            "Conditions": conditions, "Actions": actions, "IsDefault": false,
        }));
    }
    rules
}

fn target_group(plan: &mut Plan, vpc: usize, balancer: &str, arn: &str) {
    let home = plan.vpcs[vpc].home;
    let kind = plan.random.weighted(&[(52, "instance"), (38, "ip"), (8, "alb"), (2, "odd")]);
    let family = plan.random.weighted(&[(85, "ipv4"), (15, "ipv6")]);
    let protocol =
        plan.random.weighted(&[(62, "TCP"), (10, "TLS"), (12, "UDP"), (14, "TCP_UDP"), (2, "ODD")]);
    let mut element = json!({
        "TargetGroupArn": arn, "TargetGroupName": "targets", "TargetType": kind,
        "Protocol": protocol, "Port": *plan.random.pick(PORTS), "IpAddressType": family,
        "LoadBalancerArns": [balancer], "VpcId": plan.vpcs[vpc].id,
    });
    if plan.random.chance(2) {
        element.as_object_mut().unwrap().remove("Port");
    }
    if plan.random.chance(95) {
        plan.estate.push(home, "TargetGroups", element);
    }
    if plan.random.chance(80) {
        let mut attributes = Vec::new();
        if plan.random.chance(60) {
            let preserved = plan.random.chance(60).to_string();
            attributes.push(json!({"Key": "preserve_client_ip.enabled", "Value": preserved}));
        }
        let across = plan.random.weighted(&[
            (60, "use_load_balancer_configuration"),
            (20, "true"),
            (20, "false"),
        ]);
        attributes.push(json!({"Key": "load_balancing.cross_zone.enabled", "Value": across}));
        let element = json!({"TargetGroupArn": arn, "Attributes": attributes});
        plan.estate.push(home, "TargetGroupAttributes", element);
    }
    let mut targets = Vec::new();
    for _ in 0..plan.random.weighted(&[(8, 0), (42, 1), (35, 2), (15, 3)]) {
        targets.extend(target(plan, vpc, home, (kind, family)));
    }
    if plan.random.chance(94) {
        let element = json!({"TargetGroupArn": arn, "TargetHealthDescriptions": targets});
        plan.estate.push(home, "LoadBalancerTargetHealth", element);
    }
}

/// An instance of a VPC, or one that nobody saw.
fn instance(plan: &mut Plan, vpc: usize, home: Home) -> String {
    let listed = plan.estate.elements(&home.path("NetworkInterfaces"), "NetworkInterfaces");
    let vpc_id = json!(plan.vpcs[vpc].id);
    let all: Vec<String> = listed
        .unwrap()
        .iter()
        .filter(|it| it["VpcId"] == vpc_id)
        .filter_map(|it| it["Attachment"]["InstanceId"].as_str())
        .map(str::to_owned)
        .collect();
    let chosen = all.get(plan.random.below(all.len().max(1))).cloned();
    chosen.unwrap_or_else(|| "i-0fffffff".to_owned())
}

fn target(plan: &mut Plan, vpc: usize, home: Home, (kind, family): (&str, &str)) -> Option<Value> {
    let id = match kind {
        "instance" => instance(plan, vpc, home),
        "alb" => {
            let number = plan.random.below(2);
            format!(
                "arn:aws:elasticloadbalancing:{}:{}:loadbalancer/app/lb{number}/{number}",
                home.region, home.account
            )
        }
        _ => {
            let near = plan.random.chance(85);
            let own = plan.interfaces.iter().filter(|it| it.vpc == vpc || !near);
            let held: Vec<String> = match family {
                "ipv6" => own.filter_map(|it| it.v6).map(v6).collect(),
                _ => own.flat_map(|it| it.v4.clone()).map(v4).collect(),
            };
            plan.random.pick_maybe(&held)?.clone()
        }
    };
    let state = plan.random.weighted(&[
        (62, "healthy"),
        (20, "unhealthy"),
        (4, "initial"),
        (4, "draining"),
        (4, "unused"),
        (4, "unavailable"),
        (2, "odd"),
    ]);
    let mut target = json!({"Id": id});
    if plan.random.chance(80) {
        target["Port"] = json!(*plan.random.pick(PORTS));
    }
    let zone = plan.random.weighted(&[(60, ""), (15, "a"), (15, "b"), (10, "all")]);
    match zone {
        "" => {}
        "all" => target["AvailabilityZone"] = json!("all"),
        letter => target["AvailabilityZone"] = json!(format!("{}{letter}", home.region)),
    }
    Some(json!({"Target": target, "TargetHealth": {"State": state}}))
}
