//! Interfaces, instances and Elastic IP addresses.

use super::{Reader, Said, take, unknown};
use crate::model::{
    Attachment, ElasticAddress, HeldV4, HeldV6, Instance, InstanceId, InstanceState,
    InterfaceFacts, InterfaceKind, SecurityGroupId, Service, ServiceKind, SubnetId, TextId, VpcId,
};
use crate::net::Cidr;
use crate::testing::parse;

impl Reader {
    pub(super) fn interface(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let subnet = take(&mut words, "a subnet")?;
        let vpc = self.vpc_of_subnet.get(subnet).cloned();
        let vpc = vpc.ok_or_else(|| format!("the subnet `{subnet}` has no line before this"))?;
        let mut facts = InterfaceFacts {
            id: self.text(name),
            place: self.place,
            owner: self.origin.account,
            region: self.origin.region,
            vpc: VpcId::named(self.text(&vpc)),
            subnet: SubnetId::named(self.text(subnet)),
            instance: None,
            name: self.text(name),
            description: TextId::EMPTY,
            interface_type: TextId::EMPTY,
            requester: TextId::EMPTY,
            requester_managed: None,
            kind: InterfaceKind::Host,
            attachment: Attachment::Attached,
            source_dest_check: Some(true),
            deny_all_igw_traffic: Some(false),
            groups: Vec::new(),
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            tags: Vec::new(),
            contested: false,
            seen: true,
            unlisted: None,
        };
        let mut state = None;
        for &word in words {
            self.interface_word(&mut facts, &mut state, word)?;
        }
        if let Some(state) = state {
            let id = match facts.instance {
                Some(instance) => instance.as_text(),
                None => self.text(&format!("i-{name}")),
            };
            facts.instance = Some(InstanceId::named(id));
            self.add_instance(id, state);
        }
        self.builder.add_interface(facts, self.origin);
        Ok(())
    }

    fn interface_word(
        &mut self,
        facts: &mut InterfaceFacts,
        state: &mut Option<InstanceState>,
        word: &str,
    ) -> Said {
        match word {
            "running" => *state = Some(InstanceState::Running),
            "stopped" => *state = Some(InstanceState::Stopped),
            "instance-unknown" => *state = Some(InstanceState::Unknown),
            "detached" => facts.attachment = Attachment::Detached,
            "attachment-unknown" => facts.attachment = Attachment::Unknown,
            "forwards" => facts.source_dest_check = Some(false),
            "check-unknown" => facts.source_dest_check = None,
            "deny-igw" => facts.deny_all_igw_traffic = Some(true),
            "deny-igw?" => facts.deny_all_igw_traffic = None,
            "contested" => facts.contested = true,
            _ => match word.split_once('=') {
                None => match parse::block(word)? {
                    Cidr::V4(prefix) => facts.ipv4.push(HeldV4 {
                        first: prefix.first(),
                        last: prefix.last(),
                        public: None,
                    }),
                    Cidr::V6(prefix) => {
                        facts.ipv6.push(HeldV6 { first: prefix.first(), last: prefix.last() });
                    }
                },
                Some(("public", public)) => {
                    let held = facts.ipv4.last_mut().ok_or("the address goes before `public`")?;
                    held.public = Some(parse::address_v4(public)?);
                }
                Some(("groups", names)) => {
                    for group in names.split(',').filter(|group| !group.is_empty()) {
                        facts.groups.push(SecurityGroupId::named(self.text(group)));
                    }
                }
                Some(("description", said)) => facts.description = self.words(said),
                Some(("type", name)) => facts.interface_type = self.text(name),
                Some(("requester", name)) => {
                    facts.requester = self.text(name);
                    facts.requester_managed = Some(true);
                }
                Some(("instance", name)) => {
                    facts.instance = Some(InstanceId::named(self.text(name)));
                }
                Some(("kind", kind)) => {
                    facts.kind = match kind {
                        "nat" => InterfaceKind::NatGateway,
                        "lb" => InterfaceKind::LoadBalancer,
                        "tgw" => InterfaceKind::TransitGateway,
                        "endpoint" => InterfaceKind::VpcEndpoint,
                        "remote" => InterfaceKind::RemoteAccess,
                        "managed" => InterfaceKind::Managed,
                        other => return unknown(other),
                    }
                }
                Some(_) => return unknown(word),
            },
        }
        Ok(())
    }

    fn add_instance(&mut self, id: TextId, state: InstanceState) {
        let instance =
            Instance { id, place: self.place, state, name: id, tags: Vec::new(), seen: true };
        self.builder.add_instance(instance, self.origin);
    }

    pub(super) fn instance(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let state = match take(&mut words, "a state")? {
            "running" => InstanceState::Running,
            "stopped" => InstanceState::Stopped,
            "unknown" => InstanceState::Unknown,
            other => return unknown(other),
        };
        let id = self.text(name);
        self.add_instance(id, state);
        Ok(())
    }

    /// `service orders rds v1 subnets=s,t groups=db port=5432 engine=postgres public`.
    pub(super) fn service(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let kind = take(&mut words, "a kind")?;
        let kind = ServiceKind::ALL.iter().copied().find(|it| it.as_str() == kind);
        let kind = kind.ok_or("no kind of service")?;
        let vpc = take(&mut words, "a VPC")?;
        let mut fact = Service {
            id: self.text(&format!("{}/{name}", kind.as_str())),
            place: self.place,
            kind,
            name: self.text(name),
            engine: TextId::EMPTY,
            ports: Vec::new(),
            publicly_accessible: Some(false),
            vpc: Some(VpcId::named(self.text(vpc))),
            subnet_group: TextId::EMPTY,
            subnets: Vec::new(),
            zones: Vec::new(),
            security_groups: Vec::new(),
            interfaces: Vec::new(),
            addresses: Vec::new(),
            only_ipv4: true,
        };
        for &word in words {
            match word.split_once('=') {
                None if word == "public" => fact.publicly_accessible = Some(true),
                None if word == "ipv6" => fact.only_ipv4 = false,
                Some(("engine", engine)) => fact.engine = self.text(engine),
                Some(("port", port)) => {
                    fact.ports.push(port.parse().map_err(|_| "no port".to_owned())?);
                }
                Some(("subnets", names)) => {
                    for subnet in names.split(',') {
                        fact.subnets.push(SubnetId::named(self.text(subnet)));
                    }
                }
                Some(("groups", names)) => {
                    for group in names.split(',') {
                        fact.security_groups.push(SecurityGroupId::named(self.text(group)));
                    }
                }
                Some(("interface", id)) => fact.interfaces.push(self.text(id)),
                Some(("address", at)) => fact.addresses.push(parse::address_v4(at)?),
                _ => return unknown(word),
            }
        }
        self.builder.add_service(fact, self.origin);
        Ok(())
    }

    pub(super) fn address(&mut self, public: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let mut address = ElasticAddress {
            public: parse::address_v4(public)?,
            allocation: TextId::EMPTY,
            account: self.origin.account,
            region: self.origin.region,
            holder: TextId::EMPTY,
            private: None,
            load_balancer: TextId::EMPTY,
            place: self.place,
        };
        for &word in words {
            match word.split_once('=') {
                Some(("holder", id)) => address.holder = self.text(id),
                Some(("private", ip)) => address.private = Some(parse::address_v4(ip)?),
                Some(("allocation", id)) => address.allocation = self.text(id),
                Some(("lb", name)) => address.load_balancer = self.text(name),
                _ => return unknown(word),
            }
        }
        self.builder.add_address(address, self.origin);
        Ok(())
    }
}
