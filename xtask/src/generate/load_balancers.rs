//! Load balancers: one for about 150 interfaces, half of them facing the internet.
//!
//! Their nodes are interfaces in one to three zones and are counted with them; their
//! targets are instances of the VPC, named as such or by address.

use std::io;

use serde_json::{Value, json};

use super::Site;
use super::layout::{Subnet, Tier, has_internet_gateway};
use super::listing::Listings;
use super::random::Random;
use super::shapes::NetworkInterface;

/// Load balancers of one VPC; the quota is 50 of each kind a region, and often raised.
const MOST: u32 = 200;

/// A load balancer, before its VPC is written and after.
#[derive(Debug)]
pub(super) struct LoadBalancer {
    number: u32,
    pub(super) is_network: bool,
    pub(super) faces_the_internet: bool,
    /// The numbers of its subnets, one a zone.
    subnets: Vec<u32>,
    /// The numbers of its groups.
    pub(super) groups: Vec<u32>,
    /// What describe-load-balancers says of its zones, as nodes are placed.
    zones: Vec<Value>,
}

/// An instance that may be a target.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) private: String,
}

impl LoadBalancer {
    /// `net/lb-3/00112233aabbccdd`: what is common to ARN and description.
    fn path(&self, site: &Site<'_>) -> String {
        let kind = if self.is_network { "net" } else { "app" };
        format!("{kind}/lb-{}/{}", self.number, hash(site, "lb", self.number))
    }

    fn arn(&self, site: &Site<'_>, what: &str, path: &str) -> String {
        let (region, account) = (site.vpc.region, site.account);
        format!("arn:aws:elasticloadbalancing:{region}:{account}:{what}/{path}")
    }

    /// What its interfaces say of themselves.
    pub(super) fn description(&self, site: &Site<'_>) -> String {
        format!("ELB {}", self.path(site))
    }

    /// Whether a node of it stands in this subnet.
    pub(super) fn is_in(&self, subnet: &Subnet) -> bool {
        self.subnets.contains(&subnet.number)
    }

    /// Keeps what is said of the zone of a node.
    pub(super) fn place(&mut self, subnet: &Subnet, node: &NetworkInterface) {
        let public = node.association.as_ref().filter(|_| self.is_network);
        let addresses: Vec<Value> =
            public.map(|it| json!({"IpAddress": it.public_ip})).into_iter().collect();
        self.zones.push(json!({
            "ZoneName": subnet.zone, "SubnetId": subnet.id, "LoadBalancerAddresses": addresses,
        }));
    }
}

fn hash(site: &Site<'_>, prefix: &str, number: u32) -> String {
    let id = site.id(prefix, number);
    id.chars().rev().take(16).collect()
}

/// The load balancers of a VPC; `groups` makes a set of groups.
pub(super) fn plan(
    site: &Site<'_>,
    mut groups: impl FnMut(&mut Random) -> Vec<u32>,
) -> Vec<LoadBalancer> {
    let mut random = site.random(0x1b);
    let connected = has_internet_gateway(site.estate, site.vpc);
    let count = match site.vpc.interfaces {
        0..30 => 0,
        interfaces => (interfaces / 150).clamp(1, MOST),
    };
    let mut load_balancers = Vec::new();
    for number in 0..count {
        let faces_the_internet = connected && random.chance(50);
        let is_network = random.chance(40);
        let fits = |subnet: &&Subnet| {
            (subnet.tier == Tier::Public) == faces_the_internet && subnet.interfaces > 0
        };
        let fitting: Vec<&Subnet> = site.subnets.iter().filter(fits).collect();
        let mut chosen: Vec<&Subnet> = Vec::new();
        for _ in 0..6 {
            let length = u32::try_from(fitting.len()).unwrap_or_default();
            let at = usize::try_from(random.below(length.max(1))).unwrap_or_default();
            let Some(subnet) = fitting.get(at) else { break };
            if chosen.len() < 3 && chosen.iter().all(|it| it.zone != subnet.zone) {
                chosen.push(subnet);
            }
        }
        // Half of the network load balancers are from before these could have groups.
        let bare = is_network && random.chance(50);
        load_balancers.push(LoadBalancer {
            number,
            is_network,
            faces_the_internet,
            subnets: chosen.into_iter().map(|subnet| subnet.number).collect(),
            groups: if bare { Vec::new() } else { groups(&mut random) },
            zones: Vec::new(),
        });
    }
    load_balancers
}

/// Writes a load balancer with its listeners, target groups and targets; gives
/// the number of its targets.
pub(super) fn write(
    site: &Site<'_>,
    it: &LoadBalancer,
    candidates: &[Candidate],
    listings: &mut Listings,
) -> io::Result<u32> {
    let mut random = site.random(0x1b_0000_0000 + u64::from(it.number));
    let path = it.path(site);
    let arn = it.arn(site, "loadbalancer", &path);
    let group_id = |group: &u32| site.estate.group_id(site.vpc.number, *group);
    listings.load_balancers.push(&json!({
        "LoadBalancerArn": arn,
        "DNSName": format!("lb-{}-{}.{}.elb.amazonaws.com",
            it.number, hash(site, "lb", it.number), site.vpc.region),
        "CanonicalHostedZoneId": "Z35SXDOTRQ7X7K",
        "CreatedTime": "2026-03-01T08:00:00+00:00",
        "LoadBalancerName": format!("lb-{}", it.number),
        "Scheme": if it.faces_the_internet { "internet-facing" } else { "internal" },
        "VpcId": site.vpc_id(),
        "State": {"Code": "active"},
        "Type": if it.is_network { "network" } else { "application" },
        "AvailabilityZones": it.zones,
        "SecurityGroups": it.groups.iter().map(group_id).collect::<Vec<_>>(),
        "IpAddressType": "ipv4",
        "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": "on",
    }))?;
    let crosses = (!it.is_network || random.chance(50)).to_string();
    listings.load_balancer_attributes.push(&json!({
        "LoadBalancerArn": arn,
        "Attributes": [
            {"Key": "deletion_protection.enabled", "Value": "true"},
            {"Key": "load_balancing.cross_zone.enabled", "Value": crosses},
        ],
    }))?;

    let (protocol, port) = match it.is_network {
        false => random.weighted(&[(85, ("HTTPS", 443)), (15, ("HTTP", 80))]),
        true => random.weighted(&[(50, ("TCP", 443)), (30, ("TLS", 443)), (20, ("TCP", 5432))]),
    };
    let target_port = random.pick(&[80, 443, 3000, 5432, 8080, 8443]);
    let group = format!("targets-{}/{}", it.number, hash(site, "tg", it.number));
    let group = it.arn(site, "targetgroup", &group);
    let forward = json!([{
        "Type": "forward", "TargetGroupArn": group,
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1}]},
    }]);
    let listener = |place: u32, protocol: &str, port: u32, actions: &Value| {
        json!({
            "ListenerArn": it.arn(site, "listener", &format!("{path}/{place:016x}")),
            "LoadBalancerArn": arn, "Port": port, "Protocol": protocol,
            "DefaultActions": actions,
        })
    };
    let mut listeners = vec![listener(0, protocol, port, &forward)];
    if protocol == "HTTPS" && random.chance(70) {
        let redirect = json!([{"Type": "redirect", "RedirectConfig": {
            "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301",
        }}]);
        listeners.push(listener(1, "HTTP", 80, &redirect));
    }
    if !it.is_network {
        for listener in &listeners {
            let arn = listener.get("ListenerArn");
            let default = json!({
                "RuleArn": format!("{}/default", path), "Priority": "default",
                "IsDefault": true, "Conditions": [], "Actions": listener.get("DefaultActions"),
            });
            let mut rules = vec![default];
            if random.chance(20) {
                let offices = json!({"Values": ["203.0.113.0/24", "198.51.100.0/25"]});
                rules.insert(
                    0,
                    json!({
                        "RuleArn": format!("{path}/1"), "Priority": "1", "IsDefault": false,
                        "Conditions": [{"Field": "source-ip", "SourceIpConfig": offices}],
                        "Actions": forward,
                    }),
                );
            }
            listings.listener_rules.push(&json!({"ListenerArn": arn, "Rules": rules}))?;
        }
    }
    listings
        .load_balancer_listeners
        .push(&json!({"LoadBalancerArn": arn, "Listeners": listeners}))?;

    let by_address = random.chance(30);
    listings.target_groups.push(&json!({
        "TargetGroupArn": group,
        "TargetGroupName": format!("targets-{}", it.number),
        "Protocol": if it.is_network { "TCP" } else { "HTTP" },
        "Port": target_port,
        "VpcId": site.vpc_id(),
        "HealthCheckEnabled": true,
        "HealthCheckPort": "traffic-port",
        "LoadBalancerArns": [arn],
        "TargetType": if by_address { "ip" } else { "instance" },
        "IpAddressType": "ipv4",
    }))?;
    let mut attributes = vec![json!({"Key": "stickiness.enabled", "Value": "false"})];
    if it.is_network {
        let preserved = (!by_address).to_string();
        attributes.push(json!({"Key": "preserve_client_ip.enabled", "Value": preserved}));
    }
    listings
        .target_group_attributes
        .push(&json!({"TargetGroupArn": group, "Attributes": attributes}))?;
    let targets = targets(candidates, by_address, target_port, &mut random);
    let count = u32::try_from(targets.len()).unwrap_or(u32::MAX);
    listings.target_health.push(&json!({
        "TargetGroupArn": group, "TargetHealthDescriptions": targets,
    }))?;
    Ok(count)
}

/// Two to twelve instances that follow one another, as those of a group that scales do.
fn targets(
    candidates: &[Candidate],
    by_address: bool,
    port: u32,
    random: &mut Random,
) -> Vec<Value> {
    let length = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
    let first = usize::try_from(random.below(length.max(1))).unwrap_or_default();
    let count = usize::try_from(random.between(2, 12)).unwrap_or_default();
    candidates
        .iter()
        .skip(first)
        .take(count)
        .map(|candidate| {
            let id = if by_address { &candidate.private } else { &candidate.id };
            let state = random.weighted(&[(92, "healthy"), (8, "unhealthy")]);
            json!({
                "Target": {"Id": id, "Port": port},
                "HealthCheckPort": port.to_string(),
                "TargetHealth": {"State": state},
            })
        })
        .collect()
}
