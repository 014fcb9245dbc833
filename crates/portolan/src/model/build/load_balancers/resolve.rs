//! References of load balancers and target groups become numbers.

use crate::model::build::resolve::Assembly;
use crate::model::id::Id;
use crate::model::load_balancer::{described, resource_of};
use crate::model::lookup::Lookup;
use crate::model::{
    HealthCheck, HealthCheckPort, InstanceId, InterfaceKind, IpAddressType, LimitationCode,
    ListenerAction, LoadBalancer, LoadBalancerId, LoadBalancerKind, LoadBalancerState,
    NetworkInterfaceId, Place, Scheme, TargetGroup, TargetGroupId, TargetId, TargetKind, TextId,
    VpcId,
};

impl Assembly<'_> {
    pub(in crate::model::build) fn resolve_load_balancing(&mut self) {
        let mut groups = std::mem::take(&mut self.target_groups.items);
        for group in &mut groups {
            let place = group.place;
            group.vpc = group.vpc.map(|vpc| self.vpc(vpc, place));
            let vpc = group.vpc;
            for balancer in &mut group.load_balancers {
                *balancer = self.load_balancer(*balancer, vpc, place);
            }
            for target in group.targets.iter_mut().flatten() {
                target.id = match target.id {
                    TargetId::Instance(named) => {
                        TargetId::Instance(self.target_instance(named, vpc, target.place))
                    }
                    TargetId::LoadBalancer(named) => {
                        TargetId::LoadBalancer(self.load_balancer(named, vpc, target.place))
                    }
                    known @ (TargetId::Ipv4(_)
                    | TargetId::Ipv6(_)
                    | TargetId::Function(_)
                    | TargetId::Unknown(_)) => known,
                };
            }
        }
        self.target_groups.items = groups;
        let seen = self.load_balancers.items.iter().filter(|balancer| balancer.seen).count();
        for number in 0..seen {
            let Some(item) = self.load_balancers.items.get_mut(number) else { continue };
            let mut balancer = item.clone();
            self.resolve_load_balancer(&mut balancer);
            if let Some(item) = self.load_balancers.items.get_mut(number) {
                *item = balancer;
            }
        }
        self.join_interfaces();
    }

    fn resolve_load_balancer(&mut self, balancer: &mut LoadBalancer) {
        let place = balancer.place;
        balancer.vpc = self.vpc(balancer.vpc, place);
        let vpc = balancer.vpc;
        for group in &mut balancer.security_groups {
            *group = self.group(*group, vpc, place);
        }
        balancer.security_groups.sort_unstable();
        balancer.security_groups.dedup();
        for zone in &mut balancer.zones {
            zone.subnet = self.subnet(zone.subnet, vpc, place);
        }
        for instance in &mut balancer.instances {
            *instance = self.target_instance(*instance, Some(vpc), place);
        }
        for listener in balancer.listeners.iter_mut().flatten() {
            for action in &mut listener.default_actions {
                self.resolve_action(action, vpc, listener.place);
            }
            for rule in listener.rules.iter_mut().flatten() {
                for action in &mut rule.actions {
                    self.resolve_action(action, vpc, rule.place);
                }
            }
        }
    }

    fn resolve_action(&mut self, action: &mut ListenerAction, vpc: VpcId, place: Place) {
        let ListenerAction::Forward(groups) = action else { return };
        for group in groups {
            let id = group.target_group.as_text();
            if !self.target_groups.number.contains_key(&id) {
                self.limit(LimitationCode::UnknownTargetGroup, id, place);
            }
            let number = self.target_groups.number_or(id, || TargetGroup {
                id,
                place,
                name: TextId::EMPTY,
                kind: TargetKind::Unknown,
                protocol: None,
                port: None,
                vpc: Some(vpc),
                ip_address_type: IpAddressType::Unknown,
                health_check: HealthCheck { enabled: None, port: HealthCheckPort::Unknown },
                load_balancers: Vec::new(),
                attributes: None,
                targets: None,
                seen: false,
                contested: true,
            });
            group.target_group = TargetGroupId::from_index(number);
        }
    }

    /// An instance that is a target.
    fn target_instance(
        &mut self,
        named: InstanceId,
        vpc: Option<VpcId>,
        place: Place,
    ) -> InstanceId {
        let home = vpc.and_then(|vpc| self.vpcs.items.get(vpc.index()));
        let home = home.map(|vpc| (vpc.owner, vpc.region)).unwrap_or_default();
        self.instance(named, place, home)
    }

    fn load_balancer(
        &mut self,
        named: LoadBalancerId,
        vpc: Option<VpcId>,
        place: Place,
    ) -> LoadBalancerId {
        let id = named.as_text();
        if !self.load_balancers.number.contains_key(&id) {
            self.limit(LimitationCode::UnknownLoadBalancer, id, place);
        }
        // A group of functions has no VPC: neither has a load balancer that only it names.
        let vpc = match vpc {
            Some(vpc) => vpc,
            None if self.load_balancers.number.contains_key(&id) => VpcId::from_index(0),
            None => self.vpc(VpcId::named(TextId::EMPTY), place),
        };
        let kind = match resource_of(self.text(id)).split('/').nth(1) {
            Some("app") => LoadBalancerKind::Application,
            Some("net") => LoadBalancerKind::Network,
            Some("gwy") => LoadBalancerKind::Gateway,
            Some(_) | None => LoadBalancerKind::Unknown,
        };
        let number = self.load_balancers.number_or(id, || LoadBalancer {
            id,
            place,
            name: TextId::EMPTY,
            dns_name: TextId::EMPTY,
            kind,
            scheme: Scheme::Unknown,
            vpc,
            security_groups: Vec::new(),
            zones: Vec::new(),
            ip_address_type: IpAddressType::Unknown,
            state: LoadBalancerState::Unknown,
            filters_private_link: None,
            attributes: None,
            listeners: None,
            instances: Vec::new(),
            interfaces: Vec::new(),
            seen: false,
            contested: true,
        });
        LoadBalancerId::from_index(number)
    }

    /// An interface belongs to the load balancer of its VPC that its description names.
    fn join_interfaces(&mut self) {
        if self.load_balancers.items.is_empty() {
            return;
        }
        let mut called: Lookup<(VpcId, String), usize> = Lookup::default();
        for (number, balancer) in self.load_balancers.items.iter().enumerate() {
            let name = described(self.text(balancer.id), balancer.kind, self.text(balancer.name));
            if !name.is_empty() {
                called.insert((balancer.vpc, name), number);
            }
        }
        let mut joined = Vec::new();
        for (number, interface) in self.interfaces.items.iter().enumerate() {
            if interface.kind != InterfaceKind::LoadBalancer {
                continue;
            }
            let Some(name) = self.text(interface.description).strip_prefix("ELB ") else {
                continue;
            };
            if let Some(&balancer) = called.get(&(interface.vpc, name.to_owned())) {
                joined.push((NetworkInterfaceId::from_index(number), balancer));
            }
        }
        for (interface, balancer) in joined {
            if let Some(balancer) = self.load_balancers.items.get_mut(balancer) {
                balancer.interfaces.push(interface);
            }
        }
    }
}
