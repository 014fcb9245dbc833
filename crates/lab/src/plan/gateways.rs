//! What gateways, peering connections and Block Public Access refuse.
//!
//! All of it is about who begins: an answer passes where its packet did. ICMP that is no
//! request begins nothing that the kernel would track, and is asked too.

use portolan::model::{BlockMode, Exclusion, ExclusionMode, GatewayAttachment, SubnetId};

use super::internet::{blocks, never_from_internet};
use super::vpc::{Draft, EGRESS_ONLY, INTERNET_GATEWAY};
use crate::ruleset::{Hook, Ruleset, words};

/// What Block Public Access is asked about.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Access {
    /// From the internet to an interface.
    Inbound,
    /// From an interface through an internet gateway.
    Outbound,
    /// Through a NAT gateway or an egress-only internet gateway.
    EgressOnly,
}

impl Draft<'_> {
    /// Whether a gateway is attached to this VPC.
    pub(super) fn attached(&self, attachments: &[GatewayAttachment]) -> bool {
        attachments.iter().any(|attachment| attachment.attached && attachment.vpc == self.vpc)
    }

    pub(super) fn gateways(&mut self, rules: &mut Ruleset) {
        rules.base_chain(
            "gateways",
            Hook { kind: "filter", hook: "forward", priority: -15, policy: "accept" },
        );
        let mut outside = Vec::new();
        if self.ways.internet_gateway.is_some() {
            outside.push(INTERNET_GATEWAY);
        }
        if self.ways.egress_only.is_some() {
            outside.push(EGRESS_ONLY);
        }
        if !outside.is_empty() {
            let outside = format!("iifname {{ {} }}", outside.join(", "));
            self.spoofing(rules, &outside);
        }
        if self.ways.egress_only.is_some() {
            // It lets out what began inside, and in what answers that.
            rules.rule("gateways", &format!("oifname {EGRESS_ONLY} ct direction reply drop"));
            rules.rule(
                "gateways",
                &format!("iifname {EGRESS_ONLY} ct state new,invalid,untracked drop"),
            );
        }
        self.nat_gateways(rules);
        for peering in self.ways.peerings.values() {
            let device = words::device(&peering.device.name);
            let here = words::address_in_any("daddr", &peering.here);
            for block in &here {
                rules.rule("gateways", &format!("iifname {device} {block} accept"));
            }
            rules.rule("gateways", &format!("iifname {device} drop"));
        }
        self.transit(rules);
        if !outside.is_empty() {
            self.block_public_access(rules);
        }
    }

    /// What comes from other VPCs goes neither on to the internet, but by a NAT gateway,
    /// nor over a peering connection.
    fn transit(&self, rules: &mut Ruleset) {
        let transit = self.ways.transit_devices();
        let closed = self.ways.internet_gateway.iter().chain(&self.ways.egress_only);
        let closed = closed.chain(self.ways.peerings.values().map(|peering| &peering.device));
        let closed: Vec<String> = closed.map(|device| words::device(&device.name)).collect();
        if !transit.is_empty() && !closed.is_empty() {
            rules.rule(
                "gateways",
                &format!(
                    "iifname {{ {} }} oifname {{ {} }} drop",
                    transit.join(", "),
                    closed.join(", ")
                ),
            );
        }
    }

    /// From the internet come neither private addresses nor the VPC's own.
    fn spoofing(&self, rules: &mut Ruleset, outside: &str) {
        for block in words::address_in_any("saddr", &[never_from_internet(), blocks(self)].concat())
        {
            rules.rule("gateways", &format!("{outside} {block} drop"));
        }
        let denying: Vec<String> = self
            .interfaces
            .iter()
            .filter(|&(&id, _)| self.component.interface(id).deny_all_igw_traffic() == Some(true))
            .map(|(_, device)| words::device(&device.name))
            .collect();
        if !denying.is_empty() {
            rules.rule(
                "gateways",
                &format!(
                    "{outside} oifname {{ {} }} meta nfproto ipv6 ct state new,invalid,untracked drop",
                    denying.join(", ")
                ),
            );
        }
    }

    /// A NAT gateway sends to the internet and nowhere else.
    fn nat_gateways(&self, rules: &mut Ruleset) {
        let nats = self.nat_devices();
        if nats.is_empty() {
            return;
        }
        let elsewhere = match self.ways.internet_gateway {
            Some(_) => format!("oifname != {INTERNET_GATEWAY} "),
            None => String::new(),
        };
        rules.rule(
            "gateways",
            &format!(
                "iifname {{ {} }} {elsewhere}ct state new,invalid,untracked drop",
                nats.join(", ")
            ),
        );
    }

    fn nat_devices(&self) -> Vec<String> {
        let nats = self.ways.nat_gateways.values();
        nats.map(|nat| words::device(&nat.device.name)).collect()
    }

    /// VPC Block Public Access: the subnet's owner decides (VPC user guide, "Block
    /// public access to VPCs and subnets").
    fn block_public_access(&mut self, rules: &mut Ruleset) {
        let nats = self.nat_devices();
        let is_nat = |no: &str| match nats.is_empty() {
            true => String::new(),
            false => format!("iifname {no}{{ {} }} ", nats.join(", ")),
        };
        let mut blocked: Vec<(Access, Vec<String>)> = Vec::new();
        for access in [Access::Inbound, Access::Outbound, Access::EgressOnly] {
            let mut subnets = Vec::new();
            for (subnet, number) in self.subnets.clone() {
                if self.blocks_access(subnet, access) {
                    subnets.push(number.to_string());
                }
            }
            if !subnets.is_empty() {
                blocked.push((access, subnets));
            }
        }
        for (access, subnets) in blocked {
            let subnets =
                format!("{{ {} }} ct state new,invalid,untracked drop", subnets.join(", "));
            match access {
                Access::Inbound => {
                    for gateway in [INTERNET_GATEWAY, EGRESS_ONLY] {
                        rules.rule("gateways", &format!("iifname {gateway} oifgroup {subnets}"));
                    }
                }
                Access::Outbound => rules.rule(
                    "gateways",
                    &format!("oifname {INTERNET_GATEWAY} {}iifgroup {subnets}", is_nat("!= ")),
                ),
                Access::EgressOnly => {
                    rules.rule("gateways", &format!("oifname {EGRESS_ONLY} iifgroup {subnets}"));
                    if !nats.is_empty() {
                        rules.rule(
                            "gateways",
                            &format!("oifname {INTERNET_GATEWAY} {}iifgroup {subnets}", is_nat("")),
                        );
                    }
                }
            }
        }
    }

    /// Whether it surely blocks; what is not known blocks nothing and is named.
    fn blocks_access(&mut self, subnet: SubnetId, access: Access) -> bool {
        let facts = &self.component.subnets[subnet];
        let Some(options) = &self.component.scopes[facts.scope].block_public_access else {
            return false;
        };
        let vpc = self.component.vpcs[facts.vpc].id;
        match (options.mode, access) {
            (BlockMode::Off, _) | (BlockMode::Ingress, Access::EgressOnly) => return false,
            (BlockMode::Unknown, _) => {
                self.notes.open.insert((vpc, "how public access is blocked can't be read"));
                return false;
            }
            (BlockMode::Bidirectional | BlockMode::Ingress, _) => {}
        }
        let Some(exclusions) = &options.exclusions else {
            self.notes
                .open
                .insert((facts.id, "what is excluded from Block Public Access was not seen"));
            return false;
        };
        let concerns = |exclusion: &&Exclusion| [vpc, facts.id].contains(&exclusion.resource);
        !exclusions.iter().filter(concerns).any(|exclusion| match exclusion.mode {
            ExclusionMode::Bidirectional | ExclusionMode::Unknown => true,
            ExclusionMode::Egress => access != Access::Inbound,
        })
    }
}
