//! What Portolan asks AWS, and nothing else: one table of read-only calls.
//!
//! The table is the only place that names a call. [`script`] turns it into a shell script of `aws`
//! commands, [`policy`] into the IAM policy that allows exactly these calls.

mod policy;
mod script;

pub use policy::policy;
pub use script::{Regions, ScriptError, ScriptOptions, script};

/// One read-only call of the AWS CLI and what becomes of its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Call {
    /// The service as the AWS CLI names it: `ec2`, `elbv2`.
    pub service: &'static str,
    /// The operation as the AWS CLI names it: `describe-vpcs`.
    pub operation: &'static str,
    /// What the call is always given besides region and output format.
    pub options: &'static [&'static str],
    /// The IAM action that allows it: `ec2:DescribeVpcs`.
    pub action: &'static str,
    /// The key that every complete answer has.
    pub top_key: &'static str,
    /// What can't be told without the answer.
    pub need: Need,
    /// Where the answer goes.
    pub output: Output,
}

/// What can't be told without the answer to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// Where and as whom the collector runs.
    Position,
    /// Which ports are open in any estate, and which rule opens them.
    Ports,
    /// Ports behind something that not every estate has, such as a transit gateway.
    WhereUsed,
    /// No port: what findings tell beside, such as when a certificate ends.
    Findings,
}

/// Where the answer to a call goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Output {
    /// Nowhere: the collector reads it itself.
    Asked,
    /// Into one file of the region's folder.
    File(&'static str),
    /// The call is made for each thing that a listing names, each answer a file of its own.
    ///
    /// The file is named after the id, because some of these answers don't say what they are about.
    FileEach {
        /// The folder inside the region's folder.
        folder: &'static str,
        /// The file or files, collected earlier, that name the things: `Listeners/*.json`.
        listing: &'static str,
        /// The key whose values are the ids.
        id: &'static str,
        /// The option that takes an id.
        option: &'static str,
        /// The key of the list that the answer becomes the one element of, with the id beside
        /// it: `{"LoadBalancerAttributes": [{"LoadBalancerArn": …, "Attributes": […]}]}`, which
        /// is how Batfish's collector tells of what such an answer is. `None`: as it is.
        within: Option<&'static str>,
    },
}

/// A VPN connection without its pre-shared keys and without the customer gateway's configuration,
/// which holds them.
const VPN_CONNECTION_WITHOUT_KEYS: &str = "{VpnConnections: VpnConnections[].{\
     VpnConnectionId: VpnConnectionId, State: State, Type: Type, Category: Category, \
     CustomerGatewayId: CustomerGatewayId, VpnGatewayId: VpnGatewayId, \
     TransitGatewayId: TransitGatewayId, CoreNetworkArn: CoreNetworkArn, \
     Routes: Routes, VgwTelemetry: VgwTelemetry, Tags: Tags, \
     Options: Options.{StaticRoutesOnly: StaticRoutesOnly, \
     LocalIpv4NetworkCidr: LocalIpv4NetworkCidr, RemoteIpv4NetworkCidr: RemoteIpv4NetworkCidr, \
     LocalIpv6NetworkCidr: LocalIpv6NetworkCidr, RemoteIpv6NetworkCidr: RemoteIpv6NetworkCidr, \
     TunnelInsideIpVersion: TunnelInsideIpVersion}}}";

/// A virtual interface without the keys of its BGP sessions and the router's configuration, which
/// holds them.
const VIRTUAL_INTERFACE_WITHOUT_KEYS: &str = "{virtualInterfaces: virtualInterfaces[].{\
     virtualInterfaceId: virtualInterfaceId, virtualInterfaceName: virtualInterfaceName, \
     virtualInterfaceType: virtualInterfaceType, virtualInterfaceState: virtualInterfaceState, \
     virtualGatewayId: virtualGatewayId, directConnectGatewayId: directConnectGatewayId}}";

/// Databases without what is nobody's business here: who administers them, how they are backed up.
const DB_INSTANCE: &str = "{DBInstances: DBInstances[].{\
     DBInstanceIdentifier: DBInstanceIdentifier, DBInstanceArn: DBInstanceArn, \
     DBInstanceStatus: DBInstanceStatus, Engine: Engine, Endpoint: Endpoint, \
     DbInstancePort: DbInstancePort, DBSubnetGroup: DBSubnetGroup, \
     VpcSecurityGroups: VpcSecurityGroups, PubliclyAccessible: PubliclyAccessible, \
     AvailabilityZone: AvailabilityZone, SecondaryAvailabilityZone: SecondaryAvailabilityZone, \
     NetworkType: NetworkType}}";

/// Clusters of databases, likewise.
const DB_CLUSTER: &str = "{DBClusters: DBClusters[].{\
     DBClusterIdentifier: DBClusterIdentifier, DBClusterArn: DBClusterArn, Status: Status, \
     Engine: Engine, Port: Port, DBSubnetGroup: DBSubnetGroup, \
     VpcSecurityGroups: VpcSecurityGroups, PubliclyAccessible: PubliclyAccessible, \
     NetworkType: NetworkType, DBClusterMembers: DBClusterMembers}}";

/// Functions without their environment, which often holds secrets.
const FUNCTION_WITHOUT_ENVIRONMENT: &str = "{Functions: Functions[].{\
     FunctionName: FunctionName, FunctionArn: FunctionArn, VpcConfig: VpcConfig}}";

/// The names of clusters as objects, as other listings have them.
const CLUSTER_NAMES: &str = "{clusters: clusters[].{name: @}}";

/// A cluster of Kubernetes without its certificates.
const CLUSTER_WITHOUT_CERTIFICATES: &str = "{cluster: cluster.{\
     name: name, arn: arn, status: status, resourcesVpcConfig: resourcesVpcConfig}}";

/// A listener without the secrets that its actions may carry for signing users in.
const LISTENER_WITHOUT_SECRETS: &str = "{Listeners: Listeners[].{\
     ListenerArn: ListenerArn, LoadBalancerArn: LoadBalancerArn, Port: Port, Protocol: Protocol, \
     SslPolicy: SslPolicy, Certificates: Certificates, \
     DefaultActions: DefaultActions[].{Type: Type, Order: Order, TargetGroupArn: TargetGroupArn, \
     ForwardConfig: ForwardConfig, RedirectConfig: RedirectConfig}}}";

/// A listener's rule, likewise.
const RULE_WITHOUT_SECRETS: &str = "{Rules: Rules[].{\
     RuleArn: RuleArn, Priority: Priority, IsDefault: IsDefault, Conditions: Conditions, \
     Actions: Actions[].{Type: Type, Order: Order, TargetGroupArn: TargetGroupArn, \
     ForwardConfig: ForwardConfig, RedirectConfig: RedirectConfig}}}";

/// A call about the whole region that needs no options.
const fn listing(
    need: Need,
    service: &'static str,
    operation: &'static str,
    action: &'static str,
    file: &'static str,
    top_key: &'static str,
) -> Call {
    Call { service, operation, options: &[], action, top_key, need, output: Output::File(file) }
}

/// A call of EC2 about the whole region.
const fn ec2(
    need: Need,
    operation: &'static str,
    action: &'static str,
    file: &'static str,
    top_key: &'static str,
) -> Call {
    listing(need, "ec2", operation, action, file, top_key)
}

/// A call of AWS Network Firewall about each thing that a listing names.
const fn firewall_each(
    operation: &'static str,
    action: &'static str,
    top_key: &'static str,
    (folder, listing, id, option): (&'static str, &'static str, &'static str, &'static str),
) -> Call {
    Call {
        service: "network-firewall",
        operation,
        options: &[],
        action,
        top_key,
        need: Need::WhereUsed,
        output: Output::FileEach { folder, listing, id, option, within: None },
    }
}

/// Every call, in the order in which they are made.
pub const CALLS: &[Call] = &[
    Call {
        service: "sts",
        operation: "get-caller-identity",
        options: &[],
        action: "sts:GetCallerIdentity",
        top_key: "Account",
        need: Need::Position,
        output: Output::Asked,
    },
    Call {
        service: "ec2",
        operation: "describe-regions",
        options: &[],
        action: "ec2:DescribeRegions",
        top_key: "Regions",
        need: Need::Position,
        output: Output::Asked,
    },
    ec2(Need::Ports, "describe-vpcs", "ec2:DescribeVpcs", "Vpcs.json", "Vpcs"),
    ec2(Need::Ports, "describe-subnets", "ec2:DescribeSubnets", "Subnets.json", "Subnets"),
    ec2(
        Need::Ports,
        "describe-security-groups",
        "ec2:DescribeSecurityGroups",
        "SecurityGroups.json",
        "SecurityGroups",
    ),
    ec2(
        Need::Ports,
        "describe-security-group-rules",
        "ec2:DescribeSecurityGroupRules",
        "SecurityGroupRules.json",
        "SecurityGroupRules",
    ),
    ec2(
        Need::Ports,
        "describe-security-group-vpc-associations",
        "ec2:DescribeSecurityGroupVpcAssociations",
        "SecurityGroupVpcAssociations.json",
        "SecurityGroupVpcAssociations",
    ),
    ec2(
        Need::Ports,
        "describe-network-acls",
        "ec2:DescribeNetworkAcls",
        "NetworkAcls.json",
        "NetworkAcls",
    ),
    ec2(
        Need::Ports,
        "describe-route-tables",
        "ec2:DescribeRouteTables",
        "RouteTables.json",
        "RouteTables",
    ),
    ec2(
        Need::Ports,
        "describe-network-interfaces",
        "ec2:DescribeNetworkInterfaces",
        "NetworkInterfaces.json",
        "NetworkInterfaces",
    ),
    ec2(
        Need::Ports,
        "describe-instances",
        "ec2:DescribeInstances",
        "Instances.json",
        "Reservations",
    ),
    ec2(
        Need::Ports,
        "describe-internet-gateways",
        "ec2:DescribeInternetGateways",
        "InternetGateways.json",
        "InternetGateways",
    ),
    ec2(
        Need::Ports,
        "describe-egress-only-internet-gateways",
        "ec2:DescribeEgressOnlyInternetGateways",
        "EgressOnlyInternetGateways.json",
        "EgressOnlyInternetGateways",
    ),
    ec2(
        Need::Ports,
        "describe-nat-gateways",
        "ec2:DescribeNatGateways",
        "NatGateways.json",
        "NatGateways",
    ),
    ec2(Need::Ports, "describe-addresses", "ec2:DescribeAddresses", "Addresses.json", "Addresses"),
    ec2(
        Need::Ports,
        "describe-vpc-peering-connections",
        "ec2:DescribeVpcPeeringConnections",
        "VpcPeeringConnections.json",
        "VpcPeeringConnections",
    ),
    ec2(
        Need::Ports,
        "describe-managed-prefix-lists",
        "ec2:DescribeManagedPrefixLists",
        "ManagedPrefixLists.json",
        "PrefixLists",
    ),
    Call {
        service: "ec2",
        operation: "get-managed-prefix-list-entries",
        options: &[],
        action: "ec2:GetManagedPrefixListEntries",
        top_key: "Entries",
        need: Need::Ports,
        output: Output::FileEach {
            folder: "PrefixListEntries",
            listing: "ManagedPrefixLists.json",
            id: "PrefixListId",
            option: "--prefix-list-id",
            within: None,
        },
    },
    ec2(
        Need::Ports,
        "describe-vpc-endpoints",
        "ec2:DescribeVpcEndpoints",
        "VpcEndpoints.json",
        "VpcEndpoints",
    ),
    ec2(
        Need::Ports,
        "describe-vpc-block-public-access-options",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "VpcBlockPublicAccessOptions.json",
        "VpcBlockPublicAccessOptions",
    ),
    ec2(
        Need::Ports,
        "describe-vpc-block-public-access-exclusions",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "VpcBlockPublicAccessExclusions.json",
        "VpcBlockPublicAccessExclusions",
    ),
    ec2(
        Need::WhereUsed,
        "describe-vpc-endpoint-service-configurations",
        "ec2:DescribeVpcEndpointServiceConfigurations",
        "VpcEndpointServiceConfigurations.json",
        "ServiceConfigurations",
    ),
    ec2(
        Need::WhereUsed,
        "describe-vpc-endpoint-connections",
        "ec2:DescribeVpcEndpointConnections",
        "VpcEndpointConnections.json",
        "VpcEndpointConnections",
    ),
    Call {
        service: "ec2",
        operation: "describe-vpc-endpoint-service-permissions",
        options: &[],
        action: "ec2:DescribeVpcEndpointServicePermissions",
        top_key: "AllowedPrincipals",
        need: Need::Findings,
        output: Output::FileEach {
            folder: "VpcEndpointServicePermissions",
            listing: "VpcEndpointServiceConfigurations.json",
            id: "ServiceId",
            option: "--service-id",
            within: None,
        },
    },
    ec2(
        Need::WhereUsed,
        "describe-carrier-gateways",
        "ec2:DescribeCarrierGateways",
        "CarrierGateways.json",
        "CarrierGateways",
    ),
    ec2(
        Need::WhereUsed,
        "describe-transit-gateways",
        "ec2:DescribeTransitGateways",
        "TransitGateways.json",
        "TransitGateways",
    ),
    ec2(
        Need::WhereUsed,
        "describe-transit-gateway-attachments",
        "ec2:DescribeTransitGatewayAttachments",
        "TransitGatewayAttachments.json",
        "TransitGatewayAttachments",
    ),
    ec2(
        Need::WhereUsed,
        "describe-transit-gateway-vpc-attachments",
        "ec2:DescribeTransitGatewayVpcAttachments",
        "TransitGatewayVpcAttachments.json",
        "TransitGatewayVpcAttachments",
    ),
    ec2(
        Need::WhereUsed,
        "describe-transit-gateway-peering-attachments",
        "ec2:DescribeTransitGatewayPeeringAttachments",
        "TransitGatewayPeeringAttachments.json",
        "TransitGatewayPeeringAttachments",
    ),
    ec2(
        Need::WhereUsed,
        "describe-transit-gateway-route-tables",
        "ec2:DescribeTransitGatewayRouteTables",
        "TransitGatewayRouteTables.json",
        "TransitGatewayRouteTables",
    ),
    Call {
        service: "ec2",
        operation: "search-transit-gateway-routes",
        options: &["--filters", "Name=state,Values=active,blackhole"],
        action: "ec2:SearchTransitGatewayRoutes",
        top_key: "Routes",
        need: Need::WhereUsed,
        output: of_transit_gateway_route_table("TransitGatewayRoutes"),
    },
    Call {
        service: "ec2",
        operation: "get-transit-gateway-route-table-associations",
        options: &[],
        action: "ec2:GetTransitGatewayRouteTableAssociations",
        top_key: "Associations",
        need: Need::WhereUsed,
        output: of_transit_gateway_route_table("TransitGatewayRouteTableAssociations"),
    },
    Call {
        service: "ec2",
        operation: "get-transit-gateway-route-table-propagations",
        options: &[],
        action: "ec2:GetTransitGatewayRouteTablePropagations",
        top_key: "TransitGatewayRouteTablePropagations",
        need: Need::WhereUsed,
        output: of_transit_gateway_route_table("TransitGatewayRouteTablePropagations"),
    },
    Call {
        service: "ec2",
        operation: "get-transit-gateway-prefix-list-references",
        options: &[],
        action: "ec2:GetTransitGatewayPrefixListReferences",
        top_key: "TransitGatewayPrefixListReferences",
        need: Need::WhereUsed,
        output: of_transit_gateway_route_table("TransitGatewayPrefixListReferences"),
    },
    ec2(
        Need::WhereUsed,
        "describe-vpn-gateways",
        "ec2:DescribeVpnGateways",
        "VpnGateways.json",
        "VpnGateways",
    ),
    Call {
        service: "ec2",
        operation: "describe-vpn-connections",
        options: &["--query", VPN_CONNECTION_WITHOUT_KEYS],
        action: "ec2:DescribeVpnConnections",
        top_key: "VpnConnections",
        need: Need::WhereUsed,
        output: Output::File("VpnConnections.json"),
    },
    ec2(
        Need::WhereUsed,
        "describe-customer-gateways",
        "ec2:DescribeCustomerGateways",
        "CustomerGateways.json",
        "CustomerGateways",
    ),
    listing(
        Need::WhereUsed,
        "directconnect",
        "describe-direct-connect-gateways",
        "directconnect:DescribeDirectConnectGateways",
        "DirectConnectGateways.json",
        "directConnectGateways",
    ),
    Call {
        service: "directconnect",
        operation: "describe-direct-connect-gateway-associations",
        options: &[],
        action: "directconnect:DescribeDirectConnectGatewayAssociations",
        top_key: "directConnectGatewayAssociations",
        need: Need::WhereUsed,
        output: Output::FileEach {
            folder: "DirectConnectGatewayAssociations",
            listing: "VpnGateways.json",
            id: "VpnGatewayId",
            option: "--virtual-gateway-id",
            within: Some("DirectConnectGatewayAssociations"),
        },
    },
    Call {
        service: "directconnect",
        operation: "describe-virtual-interfaces",
        options: &["--query", VIRTUAL_INTERFACE_WITHOUT_KEYS],
        action: "directconnect:DescribeVirtualInterfaces",
        top_key: "virtualInterfaces",
        need: Need::WhereUsed,
        output: Output::File("VirtualInterfaces.json"),
    },
    ec2(
        Need::WhereUsed,
        "describe-client-vpn-endpoints",
        "ec2:DescribeClientVpnEndpoints",
        "ClientVpnEndpoints.json",
        "ClientVpnEndpoints",
    ),
    Call {
        service: "ec2",
        operation: "describe-client-vpn-target-networks",
        options: &[],
        action: "ec2:DescribeClientVpnTargetNetworks",
        top_key: "ClientVpnTargetNetworks",
        need: Need::WhereUsed,
        output: of_client_vpn_endpoint("ClientVpnTargetNetworks"),
    },
    Call {
        service: "ec2",
        operation: "describe-client-vpn-authorization-rules",
        options: &[],
        action: "ec2:DescribeClientVpnAuthorizationRules",
        top_key: "AuthorizationRules",
        need: Need::WhereUsed,
        output: of_client_vpn_endpoint("ClientVpnAuthorizationRules"),
    },
    Call {
        service: "ec2",
        operation: "describe-client-vpn-routes",
        options: &[],
        action: "ec2:DescribeClientVpnRoutes",
        top_key: "Routes",
        need: Need::WhereUsed,
        output: of_client_vpn_endpoint("ClientVpnRoutes"),
    },
    ec2(
        Need::WhereUsed,
        "describe-instance-connect-endpoints",
        "ec2:DescribeInstanceConnectEndpoints",
        "InstanceConnectEndpoints.json",
        "InstanceConnectEndpoints",
    ),
    listing(
        Need::WhereUsed,
        "elbv2",
        "describe-load-balancers",
        "elasticloadbalancing:DescribeLoadBalancers",
        "LoadBalancers.json",
        "LoadBalancers",
    ),
    Call {
        service: "elbv2",
        operation: "describe-load-balancer-attributes",
        options: &[],
        action: "elasticloadbalancing:DescribeLoadBalancerAttributes",
        top_key: "Attributes",
        need: Need::WhereUsed,
        output: of_load_balancer("LoadBalancerAttributes", "LoadBalancerAttributes"),
    },
    Call {
        service: "elbv2",
        operation: "describe-listeners",
        options: &["--query", LISTENER_WITHOUT_SECRETS],
        action: "elasticloadbalancing:DescribeListeners",
        top_key: "Listeners",
        need: Need::WhereUsed,
        output: of_load_balancer("Listeners", "LoadBalancerListeners"),
    },
    Call {
        service: "elbv2",
        operation: "describe-rules",
        options: &["--query", RULE_WITHOUT_SECRETS],
        action: "elasticloadbalancing:DescribeRules",
        top_key: "Rules",
        need: Need::WhereUsed,
        output: Output::FileEach {
            folder: "ListenerRules",
            listing: "Listeners/*.json",
            id: "ListenerArn",
            option: "--listener-arn",
            within: Some("ListenerRules"),
        },
    },
    listing(
        Need::WhereUsed,
        "elbv2",
        "describe-target-groups",
        "elasticloadbalancing:DescribeTargetGroups",
        "TargetGroups.json",
        "TargetGroups",
    ),
    Call {
        service: "elbv2",
        operation: "describe-target-group-attributes",
        options: &[],
        action: "elasticloadbalancing:DescribeTargetGroupAttributes",
        top_key: "Attributes",
        need: Need::WhereUsed,
        output: of_target_group("TargetGroupAttributes", "TargetGroupAttributes"),
    },
    Call {
        service: "elbv2",
        operation: "describe-target-health",
        options: &[],
        action: "elasticloadbalancing:DescribeTargetHealth",
        top_key: "TargetHealthDescriptions",
        need: Need::WhereUsed,
        output: of_target_group("TargetHealth", "LoadBalancerTargetHealth"),
    },
    listing(
        Need::WhereUsed,
        "elb",
        "describe-load-balancers",
        "elasticloadbalancing:DescribeLoadBalancers",
        "ClassicLoadBalancers.json",
        "LoadBalancerDescriptions",
    ),
    Call {
        service: "elb",
        operation: "describe-load-balancer-attributes",
        options: &[],
        action: "elasticloadbalancing:DescribeLoadBalancerAttributes",
        top_key: "LoadBalancerAttributes",
        need: Need::WhereUsed,
        output: Output::FileEach {
            folder: "ClassicLoadBalancerAttributes",
            listing: "ClassicLoadBalancers.json",
            id: "LoadBalancerName",
            option: "--load-balancer-name",
            within: Some("ClassicLoadBalancerAttributes"),
        },
    },
    Call {
        service: "acm",
        operation: "list-certificates",
        // Without this AWS lists those with RSA keys of 1024 and 2048 bits only.
        options: &[
            "--includes",
            "keyTypes=RSA_1024,RSA_2048,RSA_3072,RSA_4096,EC_prime256v1,EC_secp384r1,EC_secp521r1",
        ],
        action: "acm:ListCertificates",
        top_key: "CertificateSummaryList",
        need: Need::Findings,
        output: Output::File("Certificates.json"),
    },
    listing(
        Need::Findings,
        "iam",
        "list-server-certificates",
        "iam:ListServerCertificates",
        "ServerCertificates.json",
        "ServerCertificateMetadataList",
    ),
    Call {
        service: "rds",
        operation: "describe-db-instances",
        options: &["--query", DB_INSTANCE],
        action: "rds:DescribeDBInstances",
        top_key: "DBInstances",
        need: Need::WhereUsed,
        output: Output::File("DBInstances.json"),
    },
    Call {
        service: "rds",
        operation: "describe-db-clusters",
        options: &["--query", DB_CLUSTER],
        action: "rds:DescribeDBClusters",
        top_key: "DBClusters",
        need: Need::WhereUsed,
        output: Output::File("DBClusters.json"),
    },
    listing(
        Need::WhereUsed,
        "rds",
        "describe-db-subnet-groups",
        "rds:DescribeDBSubnetGroups",
        "DBSubnetGroups.json",
        "DBSubnetGroups",
    ),
    Call {
        service: "elasticache",
        operation: "describe-cache-clusters",
        options: &["--show-cache-node-info"],
        action: "elasticache:DescribeCacheClusters",
        top_key: "CacheClusters",
        need: Need::WhereUsed,
        output: Output::File("CacheClusters.json"),
    },
    listing(
        Need::WhereUsed,
        "elasticache",
        "describe-cache-subnet-groups",
        "elasticache:DescribeCacheSubnetGroups",
        "CacheSubnetGroups.json",
        "CacheSubnetGroups",
    ),
    listing(
        Need::WhereUsed,
        "redshift",
        "describe-clusters",
        "redshift:DescribeClusters",
        "RedshiftClusters.json",
        "Clusters",
    ),
    listing(
        Need::WhereUsed,
        "redshift",
        "describe-cluster-subnet-groups",
        "redshift:DescribeClusterSubnetGroups",
        "RedshiftSubnetGroups.json",
        "ClusterSubnetGroups",
    ),
    listing(
        Need::WhereUsed,
        "redshift-serverless",
        "list-workgroups",
        "redshift-serverless:ListWorkgroups",
        "Workgroups.json",
        "workgroups",
    ),
    listing(
        Need::WhereUsed,
        "dms",
        "describe-replication-instances",
        "dms:DescribeReplicationInstances",
        "ReplicationInstances.json",
        "ReplicationInstances",
    ),
    listing(
        Need::WhereUsed,
        "opensearch",
        "list-domain-names",
        "es:ListDomainNames",
        "DomainNames.json",
        "DomainNames",
    ),
    Call {
        service: "opensearch",
        operation: "describe-domains",
        options: &[],
        action: "es:DescribeDomains",
        top_key: "DomainStatusList",
        need: Need::WhereUsed,
        output: Output::FileEach {
            folder: "Domains",
            listing: "DomainNames.json",
            id: "DomainName",
            option: "--domain-names",
            within: None,
        },
    },
    listing(
        Need::WhereUsed,
        "kafka",
        "list-clusters-v2",
        "kafka:ListClustersV2",
        "KafkaClusters.json",
        "ClusterInfoList",
    ),
    listing(
        Need::WhereUsed,
        "efs",
        "describe-file-systems",
        "elasticfilesystem:DescribeFileSystems",
        "FileSystems.json",
        "FileSystems",
    ),
    Call {
        service: "efs",
        operation: "describe-mount-targets",
        options: &[],
        action: "elasticfilesystem:DescribeMountTargets",
        top_key: "MountTargets",
        need: Need::WhereUsed,
        output: Output::FileEach {
            folder: "MountTargets",
            listing: "FileSystems.json",
            id: "FileSystemId",
            option: "--file-system-id",
            within: None,
        },
    },
    Call {
        service: "lambda",
        operation: "list-functions",
        options: &["--query", FUNCTION_WITHOUT_ENVIRONMENT],
        action: "lambda:ListFunctions",
        top_key: "Functions",
        need: Need::WhereUsed,
        output: Output::File("Functions.json"),
    },
    Call {
        service: "eks",
        operation: "list-clusters",
        options: &["--query", CLUSTER_NAMES],
        action: "eks:ListClusters",
        top_key: "clusters",
        need: Need::WhereUsed,
        output: Output::File("EksClusters.json"),
    },
    Call {
        service: "eks",
        operation: "describe-cluster",
        options: &["--query", CLUSTER_WITHOUT_CERTIFICATES],
        action: "eks:DescribeCluster",
        top_key: "cluster",
        need: Need::WhereUsed,
        output: Output::FileEach {
            folder: "EksClusters",
            listing: "EksClusters.json",
            id: "name",
            option: "--name",
            within: None,
        },
    },
    listing(
        Need::WhereUsed,
        "network-firewall",
        "list-firewalls",
        "network-firewall:ListFirewalls",
        "Firewalls.json",
        "Firewalls",
    ),
    firewall_each(
        "describe-firewall",
        "network-firewall:DescribeFirewall",
        "Firewall",
        ("Firewalls", "Firewalls.json", "FirewallArn", "--firewall-arn"),
    ),
    listing(
        Need::WhereUsed,
        "network-firewall",
        "list-firewall-policies",
        "network-firewall:ListFirewallPolicies",
        "FirewallPolicies.json",
        "FirewallPolicies",
    ),
    firewall_each(
        "describe-firewall-policy",
        "network-firewall:DescribeFirewallPolicy",
        "FirewallPolicy",
        ("FirewallPolicies", "FirewallPolicies.json", "Arn", "--firewall-policy-arn"),
    ),
    listing(
        Need::WhereUsed,
        "network-firewall",
        "list-rule-groups",
        "network-firewall:ListRuleGroups",
        "RuleGroups.json",
        "RuleGroups",
    ),
    firewall_each(
        "describe-rule-group",
        "network-firewall:DescribeRuleGroup",
        "RuleGroup",
        ("RuleGroups", "RuleGroups.json", "Arn", "--rule-group-arn"),
    ),
];

const fn of_transit_gateway_route_table(folder: &'static str) -> Output {
    Output::FileEach {
        folder,
        listing: "TransitGatewayRouteTables.json",
        id: "TransitGatewayRouteTableId",
        option: "--transit-gateway-route-table-id",
        within: None,
    }
}

const fn of_client_vpn_endpoint(folder: &'static str) -> Output {
    Output::FileEach {
        folder,
        listing: "ClientVpnEndpoints.json",
        id: "ClientVpnEndpointId",
        option: "--client-vpn-endpoint-id",
        within: None,
    }
}

const fn of_load_balancer(folder: &'static str, within: &'static str) -> Output {
    Output::FileEach {
        folder,
        listing: "LoadBalancers.json",
        id: "LoadBalancerArn",
        option: "--load-balancer-arn",
        within: Some(within),
    }
}

const fn of_target_group(folder: &'static str, within: &'static str) -> Output {
    Output::FileEach {
        folder,
        listing: "TargetGroups.json",
        id: "TargetGroupArn",
        option: "--target-group-arn",
        within: Some(within),
    }
}
