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

/// Whether enough of a load balancer was seen to say what its ports do.
fn is_described(balancer: &LoadBalancer) -> bool {
    let modelled = match balancer.kind {
        LoadBalancerKind::Application | LoadBalancerKind::Network | LoadBalancerKind::Classic => {
            true
        }
        LoadBalancerKind::Gateway | LoadBalancerKind::Unknown => false,
    };
    modelled && balancer.seen && !balancer.contested && balancer.listeners.is_some()
}

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

    pub(in crate::model::build) fn load_balancer(
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
        let mut called: Lookup<(VpcId, String), usize> = Lookup::default();
        for (number, balancer) in self.load_balancers.items.iter().enumerate() {
            let name = described(self.text(balancer.id), balancer.kind, self.text(balancer.name));
            if !name.is_empty() {
                called.insert((balancer.vpc, name), number);
            }
        }
        let (mut joined, mut unjoined) = (Vec::new(), Vec::new());
        for (number, interface) in self.interfaces.items.iter().enumerate() {
            if interface.kind != InterfaceKind::LoadBalancer {
                continue;
            }
            let name = self.text(interface.description).strip_prefix("ELB ");
            let balancer =
                name.and_then(|name| called.get(&(interface.vpc, name.to_owned())).copied());
            let described = balancer.and_then(|number| self.load_balancers.items.get(number));
            if !described.is_some_and(is_described) {
                unjoined.push((interface.id, interface.place));
            }
            joined.extend(balancer.map(|it| (NetworkInterfaceId::from_index(number), it)));
        }
        for (interface, place) in unjoined {
            self.limit(LimitationCode::LoadBalancer, interface, place);
        }
        for (interface, balancer) in joined {
            if let Some(balancer) = self.load_balancers.items.get_mut(balancer) {
                balancer.interfaces.push(interface);
            }
        }
        self.lead_public_addresses();
    }

    /// A public address that a load balancer has in a subnet leads to its only interface
    /// there, also where the interface's own listing does not say so.
    fn lead_public_addresses(&mut self) {
        for balancer in self.load_balancers.items.iter().filter(|balancer| balancer.seen) {
            for zone in &balancer.zones {
                let publics: Vec<u32> =
                    zone.addresses.iter().filter_map(|address| address.public).collect();
                let items = &self.interfaces.items;
                let mut here = balancer.interfaces.iter().copied().filter(|node| {
                    items.get(node.index()).is_some_and(|it| it.subnet == zone.subnet)
                });
                let (&[public], Some(node), None) = (publics.as_slice(), here.next(), here.next())
                else {
                    continue;
                };
                let node = self.interfaces.items.get_mut(node.index());
                if let Some(held) = node.and_then(|node| node.ipv4.first_mut()) {
                    held.public.get_or_insert(public);
                }
            }
        }
    }
}
