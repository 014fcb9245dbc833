//! Transit gateways, their attachments and route tables.

use super::{Reader, Said, setting, take, unknown};
use crate::model::{
    AttachedResource, AttachmentEnd, AttachmentState, Destination, PrefixListId, RouteOrigin,
    RouteState, RoutesGiven, SubnetId, TransitGateway, TransitGatewayAssociation,
    TransitGatewayAttachment, TransitGatewayAttachmentId, TransitGatewayId, TransitGatewayRoute,
    TransitGatewayRouteTable, TransitGatewayRouteTableId, VpcId,
};
use crate::net::Cidr;

impl Reader {
    pub(super) fn transit_gateway(
        &mut self,
        name: &str,
        words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let (mut group_references, mut auto_accept) = (Some(false), Some(false));
        for &word in words {
            match word {
                "references" => group_references = Some(true),
                "references?" => group_references = None,
                "accepts" => auto_accept = Some(true),
                _ => return unknown(word),
            }
        }
        let id = self.text(name);
        let gateway =
            TransitGateway { id, place: self.place, group_references, auto_accept, seen: true };
        self.builder.add_transit_gateway(gateway, self.origin);
        Ok(())
    }

    fn association(&mut self, word: &str) -> TransitGatewayAssociation {
        match word {
            "none" => TransitGatewayAssociation::None,
            "?" => TransitGatewayAssociation::Unknown,
            word => match word.strip_prefix("policy:") {
                Some(table) => TransitGatewayAssociation::PolicyTable(self.text(table)),
                None => {
                    let table = TransitGatewayRouteTableId::named(self.text(word));
                    TransitGatewayAssociation::RouteTable(table)
                }
            },
        }
    }

    /// `attachment NAME GATEWAY WHAT TABLE`.
    pub(super) fn attachment(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let gateway = TransitGatewayId::named(self.text(take(&mut words, "a transit gateway")?));
        let what = take(&mut words, "what is attached")?;
        let association = self.association(take(&mut words, "a table")?);
        let mut ends = vec![AttachmentEnd { gateway, association }];
        let mut subnets = None;
        let resource = match what.split_once(':') {
            Some(("subnets", all)) => {
                let all: Vec<&str> = all.split(',').collect();
                let vpc = all.first().and_then(|subnet| self.vpc_of_subnet.get(*subnet)).cloned();
                let vpc = vpc.ok_or_else(|| format!("`{what}` has no line before this"))?;
                subnets = Some(all.iter().map(|it| SubnetId::named(self.text(it))).collect());
                AttachedResource::Vpc(VpcId::named(self.text(&vpc)))
            }
            Some(("vpc", vpc)) => AttachedResource::Vpc(VpcId::named(self.text(vpc))),
            Some(("vpn", name)) => AttachedResource::Network(self.text(name)),
            Some(("tgw", far)) => {
                let gateway = TransitGatewayId::named(self.text(far));
                let association = TransitGatewayAssociation::Unknown;
                ends.push(AttachmentEnd { gateway, association });
                AttachedResource::TransitGateway
            }
            _ => return unknown(what),
        };
        let mut attachment = TransitGatewayAttachment {
            id: self.text(name),
            place: self.place,
            resource,
            state: AttachmentState::Available,
            ends,
            subnets,
            ipv6: Some(true),
            appliance_mode: Some(false),
            group_references: Some(true),
            seen: true,
        };
        for &word in words {
            match word {
                "gone" => attachment.state = AttachmentState::Gone,
                "state-unknown" => attachment.state = AttachmentState::Unknown,
                "no-ipv6" => attachment.ipv6 = Some(false),
                "ipv6?" => attachment.ipv6 = None,
                "appliance" => attachment.appliance_mode = Some(true),
                "no-references" => attachment.group_references = Some(false),
                _ => return unknown(word),
            }
        }
        self.builder.add_transit_gateway_attachment(attachment, self.origin);
        Ok(())
    }

    /// `attachments NAME GATEWAY [static|none] ROUTES`.
    pub(super) fn transit_table(
        &mut self,
        name: &str,
        mut words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let gateway = TransitGatewayId::named(self.text(take(&mut words, "a transit gateway")?));
        let mut table = TransitGatewayRouteTable {
            id: self.text(name),
            place: self.place,
            gateway: Some(gateway),
            routes: Vec::new(),
            given: RoutesGiven::All,
            propagations: None,
            contested: false,
        };
        for &word in words {
            match word {
                "static" => table.given = RoutesGiven::Static,
                "unknown" => table.given = RoutesGiven::None,
                "propagated" | "state-unknown" => {
                    let route = table.routes.last_mut().ok_or("there is no route before this")?;
                    match word {
                        "propagated" => route.origin = RouteOrigin::Propagated,
                        _ => route.state = RouteState::Unknown,
                    }
                }
                _ => match (setting(word, "propagate"), word.split_once("->")) {
                    (Some("none"), _) => table.propagations = Some(Vec::new()),
                    (Some(all), _) => {
                        let named = |reader: &mut Self, it: &str| {
                            TransitGatewayAttachmentId::named(reader.text(it))
                        };
                        table.propagations =
                            Some(all.split(',').map(|it| named(self, it)).collect());
                    }
                    (None, Some((destination, targets))) => {
                        let ordinal = u32::try_from(table.routes.len()).unwrap_or(u32::MAX);
                        table.routes.push(self.transit_route(destination, targets, ordinal)?);
                    }
                    (None, None) => return unknown(word),
                },
            }
        }
        self.builder.add_transit_gateway_route_table(table, self.origin);
        Ok(())
    }

    fn transit_route(
        &mut self,
        destination: &str,
        targets: &str,
        ordinal: u32,
    ) -> Said<TransitGatewayRoute> {
        let destination = match destination.strip_prefix("list:") {
            Some(list) => Destination::PrefixList(PrefixListId::named(self.text(list))),
            None => match Cidr::parse(destination).map_err(|error| error.to_string())? {
                (Cidr::V4(prefix), _) => Destination::Ipv4(prefix),
                (Cidr::V6(prefix), _) => Destination::Ipv6(prefix),
            },
        };
        let blackhole = targets == "blackhole";
        let attachments = match blackhole {
            true => Vec::new(),
            false => targets
                .split(',')
                .map(|it| TransitGatewayAttachmentId::named(self.text(it)))
                .collect(),
        };
        Ok(TransitGatewayRoute {
            destination: Some(destination),
            attachments,
            state: if blackhole { RouteState::Blackhole } else { RouteState::Active },
            origin: RouteOrigin::Static,
            place: self.place,
            ordinal,
        })
    }
}
