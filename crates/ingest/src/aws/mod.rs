//! `aws ec2 describe-*` into facts.
//!
//! The API's encodings end here: `-1`, absent ports, protocol numbers in texts,
//! ICMP types in port fields. What can't be read widens what is possible and is
//! reported; it never costs a file and never makes anything look closed.

mod field;
mod firewall;
mod gateway;
mod interface;
mod load_balancer;
mod network;
mod network_acl;
mod outside;
mod prefix_list;
mod remote;
mod routing;
mod security;
mod service;
mod sink;
mod suricata;
mod target_group;
mod traffic;
mod transit_gateway;
mod words;

use portolan::model::Listing;

pub(crate) use self::field::{Field, Shape};
pub(crate) use self::sink::{Cx, Part, Sink};

use self::field::Str;
use crate::document::{Cursor, Document, Elements, Section};
use crate::error::Syntax;

macro_rules! listed {
    ($($name:ident = $key:literal, $($word:ident)::+, $listing:expr, $read:path, |$element:ident| $id:expr;)+) => {
        /// A listing that the model knows, by the top-level key of the reply.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub(crate) enum Listed {
            $($name,)+
            /// Of a prefix list that the file's path names.
            Entries,
        }

        impl Listed {
            /// The listing of a top-level key.
            pub(crate) fn of_key(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$name),)+
                    "Entries" => Some(Self::Entries),
                    _ => None,
                }
            }

            /// The top-level key.
            pub(crate) fn key(self) -> &'static str {
                match self { $(Self::$name => $key,)+ Self::Entries => "Entries" }
            }

            /// The same in the model's words.
            pub(crate) fn listing(self) -> Option<Listing> {
                match self { $(Self::$name => $listing,)+ Self::Entries => None }
            }
        }

        impl Listed {
            /// Reads the elements of a listing into facts.
            fn add<'a>(self, elements: &mut Elements<'a>, cx: &mut Cx<'_>) -> Result<(), Syntax> {
                match self {
                    $(Self::$name => elements.for_each(|offset, cursor| {
                        match &cursor.element::<words::$($word)::+<'a>>()? {
                            Field::Given($element) => {
                                let id: &Str<'_> = $id;
                                cx.at(offset, id);
                                $read(cx, $element);
                            }
                            Field::Absent | Field::Wrong if self.is_shared() => {
                                cx.damaged = true;
                            }
                            Field::Absent | Field::Wrong => {
                                cx.at(offset, &Str::Given($key.into()));
                                cx.unreadable("element");
                            }
                        }
                        cx.ordinal = cx.ordinal.saturating_add(1);
                        Ok(())
                    }),)+
                    // They become facts all together.
                    Self::Entries => elements.for_each(|_, cursor| {
                        prefix_list::loose_entry(cx, &cursor.element()?);
                        cx.ordinal = cx.ordinal.saturating_add(1);
                        Ok(())
                    }),
                }
            }
        }
    };
}

listed! {
    Vpcs = "Vpcs", Vpc, Some(Listing::Vpcs), network::vpc, |e| &e.vpc_id;
    Subnets = "Subnets", Subnet, Some(Listing::Subnets), network::subnet, |e| &e.subnet_id;
    SecurityGroups = "SecurityGroups", SecurityGroup, Some(Listing::SecurityGroups), security::group, |e| &e.group_id;
    SecurityGroupRules = "SecurityGroupRules", SecurityGroupRule, None, security::rule, |e| &e.security_group_rule_id;
    SecurityGroupVpcAssociations = "SecurityGroupVpcAssociations", SecurityGroupVpcAssociation, Some(Listing::SecurityGroupVpcAssociations), security::association, |e| &e.group_id;
    NetworkAcls = "NetworkAcls", NetworkAcl, Some(Listing::NetworkAcls), network_acl::acl, |e| &e.network_acl_id;
    RouteTables = "RouteTables", RouteTable, Some(Listing::RouteTables), routing::table, |e| &e.route_table_id;
    NetworkInterfaces = "NetworkInterfaces", NetworkInterface, Some(Listing::NetworkInterfaces), interface::interface, |e| &e.network_interface_id;
    Reservations = "Reservations", Reservation, Some(Listing::Instances), interface::reservation, |_e| &Str::Absent;
    InternetGateways = "InternetGateways", InternetGateway, Some(Listing::InternetGateways), gateway::internet_gateway, |e| &e.internet_gateway_id;
    EgressOnlyInternetGateways = "EgressOnlyInternetGateways", InternetGateway, Some(Listing::EgressOnlyInternetGateways), gateway::egress_only, |e| &e.egress_only_internet_gateway_id;
    NatGateways = "NatGateways", NatGateway, Some(Listing::NatGateways), gateway::nat_gateway, |e| &e.nat_gateway_id;
    Addresses = "Addresses", Address, Some(Listing::Addresses), gateway::address, |e| &e.public_ip;
    VpcPeeringConnections = "VpcPeeringConnections", VpcPeeringConnection, Some(Listing::VpcPeeringConnections), gateway::peering, |e| &e.vpc_peering_connection_id;
    VpcEndpoints = "VpcEndpoints", VpcEndpoint, Some(Listing::VpcEndpoints), gateway::endpoint, |e| &e.vpc_endpoint_id;
    VpcEndpointServiceConfigurations = "ServiceConfigurations", EndpointService, Some(Listing::VpcEndpointServiceConfigurations), gateway::endpoint_service, |e| &e.service_id;
    ManagedPrefixLists = "ManagedPrefixLists", PrefixList, Some(Listing::ManagedPrefixLists), prefix_list::list, |e| &e.prefix_list_id;
    ManagedPrefixListEntries = "ManagedPrefixListEntries", PrefixList, Some(Listing::ManagedPrefixLists), prefix_list::list, |e| &e.prefix_list_id;
    PrefixLists = "PrefixLists", PrefixList, Some(Listing::ManagedPrefixLists), prefix_list::list, |e| &e.prefix_list_id;
    BlockPublicAccessOptions = "VpcBlockPublicAccessOptions", BlockPublicAccessOptions, Some(Listing::BlockPublicAccessOptions), gateway::block_options, |e| &e.aws_account_id;
    BlockPublicAccessExclusions = "VpcBlockPublicAccessExclusions", BlockPublicAccessExclusion, Some(Listing::BlockPublicAccessExclusions), gateway::block_exclusion, |e| &e.exclusion_id;
    TransitGateways = "TransitGateways", TransitGateway, Some(Listing::TransitGateways), transit_gateway::gateway, |e| &e.transit_gateway_id;
    TransitGatewayAttachments = "TransitGatewayAttachments", TransitGatewayAttachment, Some(Listing::TransitGatewayAttachments), transit_gateway::attachment, |e| &e.transit_gateway_attachment_id;
    TransitGatewayVpcAttachments = "TransitGatewayVpcAttachments", TransitGatewayVpcAttachment, Some(Listing::TransitGatewayVpcAttachments), transit_gateway::vpc_attachment, |e| &e.transit_gateway_attachment_id;
    TransitGatewayRouteTables = "TransitGatewayRouteTables", TransitGatewayRouteTable, Some(Listing::TransitGatewayRouteTables), transit_gateway::route_table, |e| &e.transit_gateway_route_table_id;
    TransitGatewayRoutes = "TransitGatewayRoutes", TransitGatewayRoutes, None, transit_gateway::all_routes, |e| &e.transit_gateway_route_table_id;
    TransitGatewayStaticRoutes = "TransitGatewayStaticRoutes", TransitGatewayRoutes, None, transit_gateway::static_routes, |e| &e.transit_gateway_route_table_id;
    TransitGatewayPropagations = "TransitGatewayPropagations", TransitGatewayPropagations, None, transit_gateway::propagations, |e| &e.transit_gateway_route_table_id;
    LooseTransitGatewayRoutes = "Routes", TransitGatewayRoute, None, transit_gateway::loose_route, |_e| &Str::Absent;
    VpnGateways = "VpnGateways", remote::VpnGateway, Some(Listing::VpnGateways), remote::vpn_gateway, |e| &e.vpn_gateway_id;
    VpnConnections = "VpnConnections", remote::VpnConnection, Some(Listing::VpnConnections), remote::vpn_connection, |e| &e.vpn_connection_id;
    CustomerGateways = "CustomerGateways", remote::CustomerGateway, Some(Listing::CustomerGateways), remote::customer_gateway, |e| &e.customer_gateway_id;
    ClientVpnEndpoints = "ClientVpnEndpoints", remote::ClientVpnEndpoint, Some(Listing::ClientVpnEndpoints), remote::client_vpn_endpoint, |e| &e.client_vpn_endpoint_id;
    ClientVpnTargetNetworks = "ClientVpnTargetNetworks", remote::TargetNetwork, Some(Listing::ClientVpnTargetNetworks), remote::target_network, |e| &e.client_vpn_endpoint_id;
    AuthorizationRules = "AuthorizationRules", remote::AuthorizationRule, Some(Listing::ClientVpnAuthorizationRules), remote::authorization_rule, |e| &e.client_vpn_endpoint_id;
    InstanceConnectEndpoints = "InstanceConnectEndpoints", remote::InstanceConnectEndpoint, Some(Listing::InstanceConnectEndpoints), remote::instance_connect_endpoint, |e| &e.id;
    DirectConnectGateways = "directConnectGateways", remote::DirectConnectGateway, Some(Listing::DirectConnectGateways), remote::direct_connect_gateway, |e| &e.id;
    LooseDirectConnectGatewayAssociations = "directConnectGatewayAssociations", remote::Association, Some(Listing::DirectConnectGatewayAssociations), remote::association, |e| &e.direct_connect_gateway_id;
    DirectConnectGatewayAssociations = "DirectConnectGatewayAssociations", remote::AssociationsOf, Some(Listing::DirectConnectGatewayAssociations), remote::associations_of, |e| &e.vpn_gateway_id;
    VirtualInterfaces = "virtualInterfaces", remote::VirtualInterface, Some(Listing::VirtualInterfaces), remote::virtual_interface, |e| &e.id;
    LoadBalancers = "LoadBalancers", load_balancer::LoadBalancer, Some(Listing::LoadBalancers), load_balancer::load_balancer, |e| &e.load_balancer_arn;
    LoadBalancerAttributes = "LoadBalancerAttributes", load_balancer::AttributesOf, Some(Listing::LoadBalancerAttributes), load_balancer::attributes, |e| &e.load_balancer_arn;
    LoadBalancerListeners = "LoadBalancerListeners", load_balancer::ListenersOf, Some(Listing::Listeners), load_balancer::listeners_of, |e| &e.load_balancer_arn;
    Listeners = "Listeners", load_balancer::Listener, Some(Listing::Listeners), load_balancer::listener, |e| &e.listener_arn;
    ListenerRules = "ListenerRules", load_balancer::RulesOf, Some(Listing::ListenerRules), load_balancer::rules_of, |e| &e.listener_arn;
    Rules = "Rules", load_balancer::Rule, Some(Listing::ListenerRules), load_balancer::rule, |e| &e.rule_arn;
    TargetGroups = "TargetGroups", load_balancer::TargetGroup, Some(Listing::TargetGroups), target_group::target_group, |e| &e.target_group_arn;
    TargetGroupAttributes = "TargetGroupAttributes", load_balancer::AttributesOf, Some(Listing::TargetGroupAttributes), target_group::group_attributes, |e| &e.target_group_arn;
    Attributes = "Attributes", load_balancer::Attribute, None, load_balancer::attribute, |e| &e.key;
    LoadBalancerTargetHealth = "LoadBalancerTargetHealth", load_balancer::TargetsOf, Some(Listing::TargetHealth), target_group::targets_of, |e| &e.target_group_arn;
    TargetHealthDescriptions = "TargetHealthDescriptions", load_balancer::TargetHealth, Some(Listing::TargetHealth), target_group::target, |_e| &Str::Absent;
    ClassicLoadBalancers = "LoadBalancerDescriptions", load_balancer::ClassicLoadBalancer, Some(Listing::ClassicLoadBalancers), load_balancer::classic, |e| &e.load_balancer_name;
    ClassicLoadBalancerAttributes = "ClassicLoadBalancerAttributes", load_balancer::ClassicAttributesOf, Some(Listing::ClassicLoadBalancerAttributes), load_balancer::classic_attributes_of, |e| &e.load_balancer_name;
    DbInstances = "DBInstances", service::DbInstance, Some(Listing::DbInstances), service::db_instance, |e| &e.identifier;
    DbClusters = "DBClusters", service::DbCluster, Some(Listing::DbClusters), service::db_cluster, |e| &e.identifier;
    DbSubnetGroups = "DBSubnetGroups", service::DbSubnetGroup, Some(Listing::DbSubnetGroups), service::db_subnet_group, |e| &e.name;
    CacheClusters = "CacheClusters", service::CacheCluster, Some(Listing::CacheClusters), service::cache_cluster, |e| &e.identifier;
    CacheSubnetGroups = "CacheSubnetGroups", service::CacheSubnetGroup, Some(Listing::CacheSubnetGroups), service::cache_subnet_group, |e| &e.name;
    Clusters = "Clusters", service::Cluster, Some(Listing::RedshiftClusters), service::cluster, |e| &e.identifier;
    ClusterSubnetGroups = "ClusterSubnetGroups", service::ClusterSubnetGroup, Some(Listing::RedshiftSubnetGroups), service::cluster_subnet_group, |e| &e.name;
    Domains = "DomainStatusList", service::Domain, Some(Listing::OpenSearchDomains), service::domain, |e| &e.name;
    KafkaClusters = "ClusterInfoList", service::KafkaCluster, Some(Listing::KafkaClusters), service::kafka_cluster, |e| &e.name;
    LowerKafkaClusters = "clusterInfoList", service::KafkaCluster, Some(Listing::KafkaClusters), service::kafka_cluster, |e| &e.name;
    MountTargets = "MountTargets", service::MountTarget, Some(Listing::MountTargets), service::mount_target, |e| &e.id;
    Functions = "Functions", service::Function, Some(Listing::Functions), service::function, |e| &e.name;
    ReplicationInstances = "ReplicationInstances", service::ReplicationInstance, Some(Listing::ReplicationInstances), service::replication_instance, |e| &e.identifier;
    Workgroups = "workgroups", service::Workgroup, Some(Listing::Workgroups), service::workgroup, |e| &e.name;
    VpcEndpointConnections = "VpcEndpointConnections", outside::EndpointConnection, None, outside::connection, |e| &e.service_id;
    EndpointServicePermissions = "AllowedPrincipals", outside::AllowedPrincipal, None, outside::principal, |e| &e.service_id;
    Certificates = "CertificateSummaryList", outside::Certificate, None, outside::certificate, |e| &e.certificate_arn;
    Certificate = "Certificate", outside::Certificate, None, outside::one_certificate, |e| &e.certificate_arn;
    ServerCertificates = "ServerCertificateMetadataList", outside::ServerCertificate, None, outside::server_certificate, |e| &e.arn;
    Firewall = "Firewall", firewall::Firewall, Some(Listing::Firewalls), firewall::firewall, |e| &e.arn;
    FirewallStatus = "FirewallStatus", firewall::FirewallStatus, Some(Listing::Firewalls), firewall::status, |_e| &Str::Absent;
    FirewallPolicyResponse = "FirewallPolicyResponse", firewall::FirewallPolicyResponse, Some(Listing::FirewallPolicies), firewall::policy_name, |e| &e.arn;
    FirewallPolicy = "FirewallPolicy", firewall::FirewallPolicy, Some(Listing::FirewallPolicies), firewall::policy, |_e| &Str::Absent;
    RuleGroupResponse = "RuleGroupResponse", firewall::RuleGroupResponse, Some(Listing::RuleGroups), firewall::rule_group_name, |e| &e.arn;
    RuleGroup = "RuleGroup", firewall::RuleGroup, Some(Listing::RuleGroups), firewall::rule_group, |_e| &Str::Absent;
    EksCluster = "cluster", service::EksCluster, Some(Listing::EksClusters), service::eks_cluster, |e| &e.name;
}

impl Listed {
    /// The command that gives it.
    pub(crate) fn command(self) -> &'static str {
        // No listing of the model's own: and those that it counts with others.
        let routes = [
            Self::TransitGatewayRoutes,
            Self::TransitGatewayStaticRoutes,
            Self::LooseTransitGatewayRoutes,
        ];
        if self == Self::SecurityGroupRules {
            "describe-security-group-rules"
        } else if routes.contains(&self) {
            "search-transit-gateway-routes"
        } else if self == Self::TransitGatewayPropagations {
            "get-transit-gateway-route-table-propagations"
        } else if self == Self::Entries || self == Self::ManagedPrefixListEntries {
            "get-managed-prefix-list-entries"
        } else if let Some(command) = outside::command(self) {
            command
        } else {
            self.listing().map_or("elbv2 describe-load-balancer-attributes", Listing::command)
        }
    }

    /// A key that stands once in each element, in quotes, where the listing grows large
    /// and nothing inside an element has the same one with a comma behind its object.
    pub(crate) fn key_of_element(self) -> Option<&'static str> {
        if self == Self::NetworkInterfaces {
            Some("\"NetworkInterfaceId\"")
        } else if self == Self::Reservations {
            Some("\"ReservationId\"")
        } else {
            None
        }
    }

    /// Whether other services have replies with this key: elements that say nothing of
    /// ours are left alone.
    pub(crate) fn is_shared(self) -> bool {
        matches!(
            self,
            Self::Attributes
                | Self::Listeners
                | Self::Rules
                | Self::TargetHealthDescriptions
                | Self::Clusters
                | Self::Functions
                | Self::EksCluster
                | Self::Certificate
                | Self::Workgroups
                | Self::RuleGroup
        )
    }

    /// Whether the reply holds one object instead of a list.
    pub(crate) fn is_object(self) -> bool {
        matches!(
            self,
            Self::BlockPublicAccessOptions
                | Self::EksCluster
                | Self::Certificate
                | Self::Firewall
                | Self::FirewallStatus
                | Self::FirewallPolicyResponse
                | Self::FirewallPolicy
                | Self::RuleGroupResponse
                | Self::RuleGroup
        )
    }
}

/// Reads elements of a listing into facts; it stands at that byte of the file.
/// Gives how many there were, and whether they are something else than a listing
/// of AWS by the same name.
pub(crate) fn read(
    listed: Listed,
    byte: usize,
    elements: &mut Elements<'_>,
    cx: &mut Cx<'_>,
) -> Result<(u32, bool), Syntax> {
    cx.ordinal = 0;
    if listed == Listed::NetworkInterfaces {
        cx.saw_interfaces();
    }
    if listed != Listed::Entries {
        (cx.recognised, cx.damaged) = (false, false);
        listed.add(elements, cx)?;
        if cx.recognised && cx.damaged {
            cx.at_byte(byte);
            cx.about = cx.intern(listed.key());
            cx.unreadable("element");
        }
        let is_other = listed.is_shared() && cx.ordinal > 0 && !cx.recognised;
        return Ok((cx.ordinal, is_other));
    }
    prefix_list::begin_entries(cx, byte);
    listed.add(elements, cx)?;
    let has_blocks = prefix_list::end_entries(cx);
    Ok((cx.ordinal, !has_blocks))
}

/// Reads the one object of a reply of `elb describe-load-balancer-attributes`, which has
/// the key of a list of ours.
pub(crate) fn read_classic_attributes<'a>(
    offset: usize,
    cursor: &mut Cursor<'a>,
    cx: &mut Cx<'_>,
) -> Result<(), Syntax> {
    cx.at(offset, &Str::Absent);
    if let Field::Given(given) = cursor.element::<words::load_balancer::ClassicAttributes<'a>>()? {
        load_balancer::classic_attributes(cx, &given);
    }
    Ok(())
}

/// Adds what a file says besides the elements of its listings.
pub(crate) fn frame(cx: &mut Cx<'_>, document: &Document<'_>) {
    if let Some(account) = &document.account {
        cx.own_account(account);
    }
    for &(listed, offset) in &document.odd {
        cx.at(offset, &Str::Given(listed.key().into()));
        cx.unreadable(listed.key());
    }
    for Section { listed, offset, continued, .. } in &document.sections {
        if *listed == Listed::Entries {
            prefix_list::attribute_entries(cx, *offset);
        } else {
            cx.saw(*listed, *continued, *offset);
        }
        if *listed == Listed::LooseTransitGatewayRoutes {
            transit_gateway::end_loose_routes(cx, *offset, *continued);
        }
        if *listed == Listed::TargetHealthDescriptions {
            target_group::attribute_targets(cx, *offset);
        }
        if *listed == Listed::BlockPublicAccessExclusions {
            cx.at(*offset, &Str::Absent);
            gateway::no_exclusions(cx);
        }
    }
}
