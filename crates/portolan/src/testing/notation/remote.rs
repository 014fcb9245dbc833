//! Ways in from outside of AWS.

use super::{Reader, Said, setting, take, unknown};
use crate::model::{
    ClientVpnEndpoint, ClientVpnRoute, ClientVpnRule, DirectConnect, InstanceConnectEndpoint,
    TextId, VpnConnection, VpnEnd, VpnGateway, VpnGatewayAttachment,
};
use crate::net::Cidr;
use crate::testing::parse;

impl Reader {
    pub(super) fn vpn_gateway(&mut self, name: &str, words: std::slice::Iter<'_, &str>) -> Said {
        let id = self.text(name);
        let mut gateway = VpnGateway {
            id,
            place: self.place,
            name: TextId::EMPTY,
            available: Some(true),
            attachments: Vec::new(),
            contested: false,
        };
        let mut asked = true;
        for &word in words {
            let last = gateway.attachments.last_mut();
            match (word, last) {
                ("gone", _) => gateway.available = Some(false),
                ("state-unknown", _) => gateway.available = None,
                ("contested", _) => gateway.contested = true,
                ("dx?", _) => asked = false,
                ("detached", Some(last)) => last.attached = Some(false),
                ("detaching", Some(last)) => last.attached = None,
                _ => match setting(word, "dx") {
                    Some(by) => {
                        let id_of = self.text(by);
                        self.builder.add_direct_connect(DirectConnect {
                            id: id_of,
                            place: self.place,
                            name: TextId::EMPTY,
                            gateways: vec![id],
                        });
                    }
                    None => {
                        let vpc = self.text(word);
                        let attached = Some(true);
                        gateway.attachments.push(VpnGatewayAttachment { vpc, attached });
                    }
                },
            }
        }
        if asked {
            self.builder.add_asked_for_direct_connect(id);
        }
        self.builder.add_vpn_gateway(gateway);
        Ok(())
    }

    pub(super) fn vpn_connection(
        &mut self,
        name: &str,
        mut words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let end = take(&mut words, "a gateway")?;
        let end = match end.split_once(':') {
            Some(("vgw", id)) => VpnEnd::VpnGateway(self.text(id)),
            Some(("tgw", id)) => VpnEnd::TransitGateway(self.text(id)),
            _ => return unknown(end),
        };
        let id = self.text(name);
        let mut connection = VpnConnection {
            id,
            place: self.place,
            name: TextId::EMPTY,
            end,
            customer_gateway: TextId::EMPTY,
            available: Some(true),
            static_routes_only: Some(true),
            routes: Vec::new(),
            customer_block: None,
            tunnels: vec![true, true],
            contested: false,
        };
        for &word in words {
            match word {
                "bgp" => connection.static_routes_only = Some(false),
                "static?" => connection.static_routes_only = None,
                "down" => connection.tunnels = vec![false, false],
                "half" => connection.tunnels = vec![true, false],
                "gone" => connection.available = Some(false),
                "state-unknown" => connection.available = None,
                "contested" => connection.contested = true,
                _ => match (setting(word, "customer"), setting(word, "name")) {
                    (Some(block), _) => {
                        connection.customer_block = parse::families(block)?.0.first().copied();
                    }
                    (_, Some(name)) => connection.name = self.words(name),
                    _ => connection.routes.extend(parse::families(word)?.0),
                },
            }
        }
        self.builder.add_vpn_connection(connection);
        Ok(())
    }

    pub(super) fn client_vpn(&mut self, name: &str, mut words: std::slice::Iter<'_, &str>) -> Said {
        let vpc = take(&mut words, "a VPC")?;
        let id = self.text(name);
        let mut endpoint = ClientVpnEndpoint {
            id,
            place: self.place,
            name: TextId::EMPTY,
            available: Some(true),
            vpc: self.text(vpc),
            security_groups: Vec::new(),
            networks: Vec::new(),
            authorization_rules: Vec::new(),
            routes: Vec::new(),
            seen: true,
            contested: false,
        };
        let block = |text: &str| match Cidr::parse(text) {
            Ok((block, _)) => Ok(block),
            Err(error) => Err(error.to_string()),
        };
        let mut sure = true;
        for &word in words {
            match word {
                "gone" => endpoint.available = Some(false),
                "state-unknown" => endpoint.available = None,
                "contested" => endpoint.contested = true,
                "unsure" => sure = false,
                _ => match word.split_once('=') {
                    Some(("subnets", names)) => {
                        endpoint.networks = names.split(',').map(|it| self.text(it)).collect();
                    }
                    Some(("groups", names)) => {
                        endpoint.security_groups =
                            names.split(',').map(|it| self.text(it)).collect();
                    }
                    Some(("name", name)) => endpoint.name = self.words(name),
                    Some(("allow", blocks)) => {
                        for destination in blocks.split(',') {
                            let destination = block(destination)?;
                            endpoint.authorization_rules.push(ClientVpnRule { destination, sure });
                        }
                    }
                    Some(("route", route)) => {
                        let (destination, subnet) =
                            route.split_once("->").ok_or_else(|| format!("`{word}`: no route"))?;
                        let (destination, subnet) = (block(destination)?, self.text(subnet));
                        endpoint.routes.push(ClientVpnRoute { destination, subnet, sure });
                    }
                    Some(_) | None => return unknown(word),
                },
            }
        }
        self.builder.add_client_vpn_endpoint(endpoint);
        Ok(())
    }

    pub(super) fn instance_connect(
        &mut self,
        name: &str,
        words: std::slice::Iter<'_, &str>,
    ) -> Said {
        let id = self.text(name);
        let mut endpoint = InstanceConnectEndpoint {
            id,
            place: self.place,
            name: TextId::EMPTY,
            available: Some(true),
            preserves_client: Some(false),
            interfaces: Vec::new(),
            contested: false,
        };
        for &word in words {
            match word {
                "gone" => endpoint.available = Some(false),
                "state-unknown" => endpoint.available = None,
                "contested" => endpoint.contested = true,
                "preserves" => endpoint.preserves_client = Some(true),
                "preserves?" => endpoint.preserves_client = None,
                _ => match word.split_once('=') {
                    Some(("interfaces", names)) => {
                        endpoint.interfaces = names.split(',').map(|it| self.text(it)).collect();
                    }
                    Some(("name", name)) => endpoint.name = self.words(name),
                    Some(_) | None => return unknown(word),
                },
            }
        }
        self.builder.add_instance_connect_endpoint(endpoint);
        Ok(())
    }
}
