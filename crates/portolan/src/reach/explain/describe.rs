//! Steps, refusals and limitations as records, with the places they stand at.

use super::firewall;
use crate::model::{
    Component, Destination, Limitation, LimitationCode, Listing, Locate, Located, Network, Peer,
    Place, TextId,
};
use crate::net::{Match, Protocol, selector_display};
use crate::reach::spec::{Block, Part, Step};
use crate::record::{Blocker, Hop, LimitationRecord};

/// Turns notes into records.
pub(crate) struct Describe<'a> {
    pub(crate) network: &'a Network,
    pub(crate) locate: &'a dyn Locate,
}

impl Describe<'_> {
    fn text(&self, id: TextId) -> String {
        self.network.text(id).to_owned()
    }

    fn located(&self, place: Option<Place>, part: Part) -> Located {
        let Some(place) = place else { return Located::default() };
        let inside = match part {
            Part::Whole | Part::Default | Part::FirewallRule { .. } => {
                return self.locate.locate(place);
            }
            Part::Rule { egress: false, ordinal, .. } => format!("/IpPermissions/{ordinal}"),
            Part::Rule { egress: true, ordinal, .. } => format!("/IpPermissionsEgress/{ordinal}"),
            Part::Entry { ordinal, .. } => format!("/Entries/{ordinal}"),
            Part::Route { ordinal } => format!("/Routes/{ordinal}"),
        };
        // A route of a reply that is nothing but routes stands there by itself.
        let whole = self.locate.locate(place);
        if matches!(part, Part::Route { .. }) && whole.at.ends_with(&inside) {
            return whole;
        }
        self.locate.locate_part(place, &inside)
    }

    fn rule(&self, step: &Step) -> String {
        match step.part {
            Part::Whole => String::new(),
            Part::Default => "*".to_owned(),
            Part::Rule { id, .. } => self.text(id),
            // 32767 (IPv4) and 32768 (IPv6) are how the API numbers the entry
            // that the console shows as `*`.
            Part::Entry { number: 32767.., .. } => "*".to_owned(),
            Part::Entry { number, .. } => number.to_string(),
            Part::FirewallRule { number: 0, ordinal } => format!("#{ordinal}"),
            Part::FirewallRule { number, .. } => number.to_string(),
            Part::Route { ordinal } => self.route(step, ordinal).unwrap_or_default(),
        }
    }

    pub(crate) fn hop(&self, step: &Step) -> Hop {
        let located = self.located(step.place, step.part);
        Hop {
            component: step.component.to_owned(),
            id: self.text(step.id),
            action: step.action.to_owned(),
            rule: self.rule(step),
            stage: step.stage.as_str().to_owned(),
            detail: self.detail(step),
            at: located.at,
            address: String::new(),
            file: located.file,
            line: located.line,
        }
    }

    pub(crate) fn blocker(&self, block: &Block) -> Blocker {
        let located = self.located(block.step.place, block.step.part);
        Blocker {
            code: block.code.to_owned(),
            kind: block.step.component.to_owned(),
            id: self.text(block.step.id),
            rule: self.rule(&block.step),
            direction: block.way,
            stage: block.step.stage.as_str().to_owned(),
            at: located.at,
            address: String::new(),
            file: located.file,
            line: located.line,
        }
    }

    pub(crate) fn limitation(&self, limitation: &Limitation) -> LimitationRecord {
        let about = self.text(limitation.about);
        let scope = self.text(limitation.scope);
        let located = limitation.place.map(|place| self.locate.locate(place)).unwrap_or_default();
        let collect = collect(limitation.code, &about, &scope);
        LimitationRecord {
            code: limitation.code.as_str().to_owned(),
            about,
            scope,
            at: located.at,
            collect,
        }
    }

    /// A listing that is missing.
    pub(crate) fn not_collected(
        &self,
        listing: Listing,
        account: TextId,
        region: TextId,
    ) -> LimitationRecord {
        let code = LimitationCode::NotCollected;
        let about = listing.command().to_owned();
        let scope = format!("{}/{}", self.text(account), self.text(region));
        let collect = collect(code, &about, &scope);
        LimitationRecord {
            code: code.as_str().to_owned(),
            about,
            scope,
            at: String::new(),
            collect,
        }
    }

    /// What the deciding part says, in words.
    fn detail(&self, step: &Step) -> String {
        match step.part {
            Part::Rule { egress, ordinal, id } => self
                .network
                .security_groups_of(step.id)
                .find_map(|(component, group)| {
                    let rule = group.rules.iter().find(|rule| {
                        (rule.direction == crate::model::Direction::Egress) == egress
                            && rule.ordinal == ordinal
                            && rule.id == id
                    })?;
                    let preposition = if egress { "to" } else { "from" };
                    let peer = self.peer(component, rule.peer);
                    Some(format!("{} {preposition} {peer}", traffic(rule.traffic)))
                })
                .unwrap_or_default(),
            Part::Entry { ordinal, .. } => self
                .network
                .network_acls_of(step.id)
                .find_map(|acl| {
                    let egress = step.stage == crate::reach::spec::Stage::Egress;
                    let entry = acl
                        .entries
                        .iter()
                        .find(|entry| entry.ordinal == ordinal && entry.egress == egress)?;
                    let preposition = if egress { "to" } else { "from" };
                    let cidr = entry.cidr.map_or_else(|| "?".to_owned(), |cidr| cidr.to_string());
                    Some(format!("{} {preposition} {cidr}", traffic(entry.traffic)))
                })
                .unwrap_or_default(),
            Part::FirewallRule { ordinal, .. } => self.firewall_rule(step.id, ordinal),
            Part::Route { .. } => {
                let towards = self.network.text(step.towards);
                format!("to {}", if towards.is_empty() { "local" } else { towards })
            }
            Part::Default => match step.component {
                "security-group" => "no rule admits it".to_owned(),
                "network-acl" => "no entry allows it".to_owned(),
                "firewall-policy" => "no rule decides: by default".to_owned(),
                "route-table" | "transit-gateway-route-table" => "no route leads there".to_owned(),
                _ => String::new(),
            },
            Part::Whole if step.component == "transit-gateway-route-table" => {
                format!("propagated: to {}", self.network.text(step.towards))
            }
            Part::Whole => String::new(),
        }
    }

    /// A rule of a firewall's rule group: `pass tcp 10.0.0.0/16 any -> any 443`.
    fn firewall_rule(&self, group: TextId, ordinal: u32) -> String {
        let components = self.network.components.iter();
        let endpoints = components.flat_map(|component| component.vpc_endpoints.iter());
        let policies = endpoints.filter_map(|it| it.firewall.as_ref()?.policy.as_ref());
        let groups = policies.flat_map(|it| it.stateless.iter().chain(&it.stateful));
        let mut groups = groups.filter_map(|it| it.group.as_ref());
        let rule = groups.find(|it| it.id == group);
        let rule = rule.and_then(|it| it.rules.iter().find(|rule| rule.ordinal == ordinal));
        rule.map(firewall::words).unwrap_or_default()
    }

    fn peer(&self, component: &Component, peer: Peer) -> String {
        match peer {
            Peer::Ipv4(prefix) => prefix.to_string(),
            Peer::Ipv6(prefix) => prefix.to_string(),
            Peer::PrefixList(list) => self.text(component.prefix_lists[list].id),
            Peer::SecurityGroup { group, .. } => self.text(component.security_groups[group].id),
            Peer::Unknown(text) => self.text(text),
        }
    }

    /// The destination of a route: what people call it by.
    fn route(&self, step: &Step, ordinal: u32) -> Option<String> {
        let said = |component: &Component, destination: Option<Destination>| {
            Some(match destination? {
                Destination::Ipv4(prefix) => prefix.to_string(),
                Destination::Ipv6(prefix) => prefix.to_string(),
                Destination::PrefixList(list) => self.text(component.prefix_lists[list].id),
            })
        };
        let of_subnet = self.network.route_tables_of(step.id).find_map(|(component, table)| {
            let route = table.routes.iter().find(|route| route.ordinal == ordinal)?;
            said(component, route.destination)
        });
        if of_subnet.is_some() || step.component == "route-table" {
            return of_subnet;
        }
        self.network.components.iter().find_map(|component| {
            let tables = component.transit_gateway_route_tables.iter();
            let table = tables.into_iter().find(|table| table.id == step.id)?;
            let mut routes = table.routes.iter();
            let here = |place: Place| step.place == Some(place);
            let route = routes.find(|it| it.ordinal == ordinal && here(it.place))?;
            said(component, route.destination)
        })
    }
}

/// `tcp/443`, `all traffic`.
fn traffic(traffic: Option<Match>) -> String {
    match traffic {
        None => "unreadable traffic".to_owned(),
        Some(Match::All) => "all traffic".to_owned(),
        Some(Match::Ports(protocol @ Protocol::Other(_), _)) => protocol.to_string(),
        Some(Match::Ports(protocol, ports)) => {
            format!("{protocol}/{}", selector_display(protocol, ports).join(","))
        }
    }
}

/// The command that collects what is missing.
fn collect(code: LimitationCode, about: &str, scope: &str) -> String {
    let region = match scope.split_once('/') {
        Some((_, region)) if !region.is_empty() => format!(" --region {}", shell_word(region)),
        _ => String::new(),
    };
    // Calls of other services than EC2 name theirs.
    let (service, call) = about.split_once(' ').unwrap_or(("ec2", about));
    let (service, call, about) = (shell_word(service), shell_word(call), shell_word(about));
    match code {
        LimitationCode::NotCollected => format!("aws {service} {call}{region}"),
        LimitationCode::UnknownLoadBalancer => {
            format!("aws elbv2 describe-load-balancers --load-balancer-arns {about}{region}")
        }
        LimitationCode::UnknownTargetGroup => {
            format!("aws elbv2 describe-target-groups --target-group-arns {about}{region}")
        }
        LimitationCode::UnknownSecurityGroup => {
            format!("aws ec2 describe-security-groups --group-ids {about}{region}")
        }
        LimitationCode::UnknownPrefixList => {
            format!("aws ec2 get-managed-prefix-list-entries --prefix-list-id {about}{region}")
        }
        LimitationCode::UnknownVpc => format!("aws ec2 describe-vpcs --vpc-ids {about}{region}"),
        LimitationCode::UnknownSubnet => {
            format!("aws ec2 describe-subnets --subnet-ids {about}{region}")
        }
        LimitationCode::UnknownNetworkInterface => {
            format!("aws ec2 describe-network-interfaces --network-interface-ids {about}{region}")
        }
        LimitationCode::UnlistedService => {
            format!("aws ec2 describe-network-interfaces{region}")
        }
        LimitationCode::UnknownRouteTarget => {
            let call = match about.split_once('-').map_or("", |(kind, _)| kind) {
                "igw" => "describe-internet-gateways --internet-gateway-ids",
                "eigw" => {
                    "describe-egress-only-internet-gateways --egress-only-internet-gateway-ids"
                }
                "nat" => "describe-nat-gateways --nat-gateway-ids",
                "pcx" => "describe-vpc-peering-connections --vpc-peering-connection-ids",
                "vpce" => "describe-vpc-endpoints --vpc-endpoint-ids",
                _ => return String::new(),
            };
            format!("aws ec2 {call} {about}{region}")
        }
        LimitationCode::TransitGateway => {
            let call = match about.rsplit_once('-').map_or("", |(kind, _)| kind) {
                "tgw-attach" => {
                    "describe-transit-gateway-vpc-attachments --transit-gateway-attachment-ids"
                }
                "tgw-rtb" => {
                    "search-transit-gateway-routes --filters Name=state,Values=active,blackhole \
                     --transit-gateway-route-table-id"
                }
                "tgw" => "describe-transit-gateways --transit-gateway-ids",
                _ => return String::new(),
            };
            format!("aws ec2 {call} {about}{region}")
        }
        LimitationCode::VpnGateway => {
            format!("aws ec2 describe-vpn-gateways --vpn-gateway-ids {about}{region}")
        }
        LimitationCode::NoRouteTable => format!("aws ec2 describe-route-tables{region}"),
        LimitationCode::NoNetworkAcl => format!("aws ec2 describe-network-acls{region}"),
        LimitationCode::UnknownExclusions => {
            format!("aws ec2 describe-vpc-block-public-access-exclusions{region}")
        }
        LimitationCode::ContradictoryAssociation
        | LimitationCode::ConflictingListings
        | LimitationCode::UnreadableValue
        | LimitationCode::AmbiguousRoute
        | LimitationCode::AmbiguousAddress
        | LimitationCode::NoSuchPlace
        | LimitationCode::OutsideEstate
        | LimitationCode::UnattributedFile
        | LimitationCode::NetworkBeyond
        | LimitationCode::TransitGatewayPolicyTable
        | LimitationCode::RemoteAccess
        | LimitationCode::LoadBalancer
        | LimitationCode::EndpointService
        | LimitationCode::ManagedInterface
        | LimitationCode::GatewayLoadBalancerEndpoint
        | LimitationCode::FirewallRules
        | LimitationCode::RegionalNatGateway
        | LimitationCode::PrivateNatGateway
        | LimitationCode::UnmodelledRouteTarget
        | LimitationCode::Middlebox
        | LimitationCode::HostRouting
        | LimitationCode::AmazonService
        | LimitationCode::GroupOverInternet
        | LimitationCode::UnheldAddress => String::new(),
    }
}

/// Text from the source in a command to paste: only what can't mean anything to a shell.
fn shell_word(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_ascii_alphanumeric() || "-_./:".contains(c) { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_collected_by_the_call_that_lists_it() {
        let command = |code, about| collect(code, about, "111122223333/eu-west-1");
        for (about, call) in [
            ("igw-1", "describe-internet-gateways --internet-gateway-ids igw-1"),
            (
                "eigw-1",
                "describe-egress-only-internet-gateways \
                 --egress-only-internet-gateway-ids eigw-1",
            ),
            ("nat-1", "describe-nat-gateways --nat-gateway-ids nat-1"),
            ("pcx-1", "describe-vpc-peering-connections --vpc-peering-connection-ids pcx-1"),
            ("vpce-1", "describe-vpc-endpoints --vpc-endpoint-ids vpce-1"),
        ] {
            let wanted = format!("aws ec2 {call} --region eu-west-1");
            assert_eq!(command(LimitationCode::UnknownRouteTarget, about), wanted);
        }
        assert_eq!(command(LimitationCode::UnknownRouteTarget, "x-1"), "");
        let anywhere = collect(LimitationCode::UnknownVpc, "vpc-1", "111122223333/");
        assert_eq!(anywhere, "aws ec2 describe-vpcs --vpc-ids vpc-1");
        assert_eq!(shell_word("a; rm -rf $HOME"), "a??rm?-rf??HOME");
    }
}
