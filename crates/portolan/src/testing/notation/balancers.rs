//! Load balancers, listeners and target groups.
//!
//! ```text
//! balancer front network v1 groups=lb cross=on private-link=off internet-facing
//! listener front tls/443 web certificate=ARN policy=ELBSecurityPolicy-2016-08
//! rule front source=192.0.2.0/24 path forward:web
//! targets web v1 instance tcp/8443 preserve=off i-a i-b@8080!unhealthy~us-east-1b
//! ```
//!
//! An interface is a node by its description: `description=ELB_net/front`.

use super::{Reader, Said, setting, take, unknown};
use crate::model::{
    CrossZone, HealthCheck, HealthCheckPort, InstanceId, IpAddressType, Listener, ListenerAction,
    ListenerProtocol, ListenerRule, LoadBalancer, LoadBalancerAttributes, LoadBalancerId,
    LoadBalancerKind, LoadBalancerState, RuleCondition, Scheme, SecurityGroupId, Target,
    TargetGroup, TargetGroupAttributes, TargetGroupId, TargetHealth, TargetId, TargetKind, TextId,
    VpcId, WeightedTargetGroup,
};
use crate::testing::parse;

/// `tcp/443`.
fn port(word: &str) -> Said<(ListenerProtocol, u16)> {
    let (protocol, port) = word.split_once('/').ok_or_else(|| format!("`{word}` is no port"))?;
    let protocol = match protocol {
        "http" => ListenerProtocol::Http,
        "https" => ListenerProtocol::Https,
        "tcp" => ListenerProtocol::Tcp,
        "tls" => ListenerProtocol::Tls,
        "udp" => ListenerProtocol::Udp,
        "tcp_udp" => ListenerProtocol::TcpUdp,
        other => return unknown(other),
    };
    Ok((protocol, port.parse().map_err(|_| format!("`{port}` is no port"))?))
}

fn to_https() -> ListenerAction {
    ListenerAction::Redirect { protocol: Some(ListenerProtocol::Https) }
}

fn on(word: &str) -> Said<bool> {
    match word {
        "on" => Ok(true),
        "off" => Ok(false),
        other => unknown(other),
    }
}

impl Reader {
    pub(super) fn balancer(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let (kind, path) = match take(&mut words, "a kind")? {
            "network" => (LoadBalancerKind::Network, format!("loadbalancer/net/{name}")),
            "application" => (LoadBalancerKind::Application, format!("loadbalancer/app/{name}")),
            "classic" => (LoadBalancerKind::Classic, name.to_owned()),
            other => return unknown(other),
        };
        let vpc = take(&mut words, "a VPC")?;
        let mut balancer = LoadBalancer {
            id: self.text(&path),
            place: self.place,
            name: self.text(name),
            dns_name: TextId::EMPTY,
            kind,
            scheme: Scheme::Unknown,
            vpc: VpcId::named(self.text(vpc)),
            security_groups: Vec::new(),
            zones: Vec::new(),
            ip_address_type: IpAddressType::Ipv4,
            state: LoadBalancerState::Active,
            filters_private_link: None,
            attributes: None,
            listeners: None,
            instances: Vec::new(),
            interfaces: Vec::new(),
            seen: true,
            contested: false,
        };
        let mut listed = true;
        for &word in words {
            if let Some(names) = setting(word, "groups") {
                let groups = names.split(',');
                balancer.security_groups =
                    groups.map(|group| SecurityGroupId::named(self.text(group))).collect();
            } else if let Some(said) = setting(word, "cross") {
                let cross_zone = Some(on(said)?);
                let attributes =
                    LoadBalancerAttributes { cross_zone, ..LoadBalancerAttributes::default() };
                self.builder.add_load_balancer_attributes(balancer.id, attributes);
            } else if let Some(said) = setting(word, "private-link") {
                balancer.filters_private_link = Some(on(said)?);
            } else if let Some(names) = setting(word, "instances") {
                let names = names.split(',');
                balancer.instances = names.map(|name| InstanceId::named(self.text(name))).collect();
            } else {
                match word {
                    "internet-facing" => balancer.scheme = Scheme::InternetFacing,
                    "internal" => balancer.scheme = Scheme::Internal,
                    "failed" => balancer.state = LoadBalancerState::Failed,
                    "unlisted" => listed = false,
                    other => return unknown(other),
                }
            }
        }
        if listed {
            self.listeners.insert(name.to_owned(), (balancer.id, Vec::new()));
        }
        self.builder.add_load_balancer(balancer, self.origin);
        Ok(())
    }

    pub(super) fn listener(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let (protocol, port) = port(take(&mut words, "a port")?)?;
        let mut groups = Vec::new();
        let (mut rules, mut actions) = (None, Vec::new());
        let (mut certificates, mut ssl_policy) = (Vec::new(), TextId::EMPTY);
        for &word in words {
            if let Some(port) = setting(word, "instances") {
                let port = Some(port.parse().map_err(|_| format!("`{port}` is no port"))?);
                actions.push(ListenerAction::ForwardToInstances { port, protocol });
            } else if let Some(arn) = setting(word, "certificate") {
                certificates.push(self.text(arn));
            } else if let Some(policy) = setting(word, "policy") {
                ssl_policy = self.text(policy);
            } else if word == "redirect" {
                actions.push(to_https());
            } else if word == "rules" {
                rules = Some(Vec::new());
            } else {
                let target_group = TargetGroupId::named(self.text(word));
                groups.push(WeightedTargetGroup { target_group, weight: None });
            }
        }
        if actions.is_empty() {
            actions.push(ListenerAction::Forward(groups));
        }
        let listener = Listener {
            id: self.text(&format!("{name}/{port}")),
            place: self.place,
            ordinal: None,
            port: Some(port),
            protocol: Some(protocol),
            ssl_policy,
            certificates,
            default_actions: actions,
            rules,
            contested: false,
        };
        let known = self.listeners.get_mut(name);
        let (_, all) = known.ok_or_else(|| format!("`{name}` has no line before this"))?;
        all.push(listener);
        Ok(())
    }

    /// A rule of the listener that was given last, after its other rules.
    pub(super) fn rule(&mut self, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let (mut conditions, mut actions, mut contested) = (Vec::new(), Vec::new(), false);
        for &word in words {
            if let Some(blocks) = setting(word, "source") {
                let blocks = blocks.split(',').map(parse::block).collect::<Result<_, _>>()?;
                conditions.push(RuleCondition::SourceIp(blocks));
            } else if let Some(group) = word.strip_prefix("forward:") {
                let target_group = TargetGroupId::named(self.text(group));
                actions.push(ListenerAction::Forward(vec![WeightedTargetGroup {
                    target_group,
                    weight: None,
                }]));
            } else {
                match word {
                    "path" => conditions.push(RuleCondition::Other(self.text("path-pattern"))),
                    "login" => actions.push(ListenerAction::Authenticate),
                    "redirect" => actions.push(to_https()),
                    "contested" => contested = true,
                    other => return unknown(other),
                }
            }
        }
        let place = self.place;
        let known = self.listeners.get_mut(name).and_then(|(_, all)| all.last_mut());
        let listener = known.ok_or_else(|| format!("`{name}` has no listener before this"))?;
        let rules = listener.rules.get_or_insert_default();
        let number = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        rules.push(ListenerRule {
            id: listener.id,
            place,
            ordinal: None,
            priority: Some(number),
            conditions,
            actions,
            contested,
        });
        Ok(())
    }

    pub(super) fn targets(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let kind = match take(&mut words, "a kind")? {
            "instance" => TargetKind::Instance,
            "ip" => TargetKind::Ip,
            "alb" => TargetKind::LoadBalancer,
            other => return unknown(other),
        };
        let (protocol, port) = port(take(&mut words, "a port")?)?;
        let id = self.text(name);
        let group = TargetGroup {
            id,
            place: self.place,
            name: id,
            kind,
            protocol: Some(protocol),
            port: Some(port),
            vpc: Some(VpcId::named(self.text(vpc))),
            ip_address_type: IpAddressType::Ipv4,
            health_check: HealthCheck { enabled: None, port: HealthCheckPort::Unknown },
            load_balancers: Vec::new(),
            attributes: None,
            targets: None,
            seen: true,
            contested: false,
        };
        self.builder.add_target_group(group, self.origin);
        let mut attributes = TargetGroupAttributes::default();
        let (mut listed, mut told) = (true, true);
        let mut targets = Vec::new();
        for &word in words {
            if let Some(said) = setting(word, "preserve") {
                attributes.preserve_client_ip = Some(on(said)?);
            } else if let Some(said) = setting(word, "cross") {
                let crosses = if on(said)? { CrossZone::On } else { CrossZone::Off };
                attributes.cross_zone = Some(crosses);
            } else {
                match word {
                    "unlisted" => listed = false,
                    "no-attributes" => told = false,
                    target => targets.push(self.target_of_group(target)?),
                }
            }
        }
        if told {
            self.builder.add_target_group_attributes(id, attributes);
        }
        if listed {
            self.builder.add_targets(id, targets);
        }
        Ok(())
    }

    /// `i-a`, `10.0.0.5@8080!unhealthy~us-east-1b`, `lb:NAME`.
    fn target_of_group(&mut self, word: &str) -> Said<Target> {
        let (word, zone) = word.split_once('~').unwrap_or((word, ""));
        let (word, health) = word.split_once('!').unwrap_or((word, "healthy"));
        let (word, at) = word.split_once('@').unwrap_or((word, ""));
        let id = match word.strip_prefix("lb:") {
            Some(name) => {
                let id = self.text(&format!("loadbalancer/app/{name}"));
                TargetId::LoadBalancer(LoadBalancerId::named(id))
            }
            None if word.starts_with("i-") => {
                TargetId::Instance(InstanceId::named(self.text(word)))
            }
            None => TargetId::Ipv4(parse::address_v4(word)?),
        };
        let health = match health {
            "healthy" => TargetHealth::Healthy,
            "unhealthy" => TargetHealth::Unhealthy,
            "initial" => TargetHealth::Initial,
            other => return unknown(other),
        };
        let port = match at {
            "" => None,
            at => Some(at.parse().map_err(|_| format!("`{at}` is no port"))?),
        };
        let zone = self.text(zone);
        let place = self.place;
        Ok(Target { place, ordinal: None, id, port, zone, health, contested: false })
    }

    pub(super) fn finish_balancers(&mut self) {
        for (balancer, listeners) in std::mem::take(&mut self.listeners).into_values() {
            self.builder.add_listeners(balancer, listeners);
        }
    }
}
