//! The words of the listings of data stores and other services that stand in a VPC.
//!
//! Two services spell them with a small first letter (EKS, MSK); the others as EC2 does.

use super::super::field::{Field, List, Shape, Str};
use crate::document::Cursor;
use crate::json::{self, Malformed, are_distinct};

words! {
    /// An element of `rds describe-db-instances`; DocumentDB and Neptune have the same.
    DbInstance {
        identifier: Str<'a> = "DBInstanceIdentifier",
        arn: Str<'a> = "DBInstanceArn",
        status: Str<'a> = "DBInstanceStatus",
        engine: Str<'a> = "Engine",
        endpoint: Field<Endpoint<'a>> = "Endpoint",
        port: Field<i64> = "DbInstancePort",
        subnet_group: Field<DbSubnetGroup<'a>> = "DBSubnetGroup",
        security_groups: List<VpcSecurityGroup<'a>> = "VpcSecurityGroups",
        publicly_accessible: Field<bool> = "PubliclyAccessible",
        availability_zone: Str<'a> = "AvailabilityZone",
        secondary_availability_zone: Str<'a> = "SecondaryAvailabilityZone",
        network_type: Str<'a> = "NetworkType",
    }
    Endpoint { address: Str<'a> = "Address", port: Field<i64> = "Port", }
    /// Of an instance, or an element of `rds describe-db-subnet-groups`.
    DbSubnetGroup {
        name: Str<'a> = "DBSubnetGroupName",
        vpc_id: Str<'a> = "VpcId",
        subnets: List<GroupSubnet<'a>> = "Subnets",
    }
    /// An element of a subnet group's `Subnets`.
    GroupSubnet { identifier: Str<'a> = "SubnetIdentifier", name: Str<'a> = "Name", }
    VpcSecurityGroup { id: Str<'a> = "VpcSecurityGroupId", status: Str<'a> = "Status", }

    /// An element of `rds describe-db-clusters`.
    DbCluster {
        identifier: Str<'a> = "DBClusterIdentifier",
        arn: Str<'a> = "DBClusterArn",
        status: Str<'a> = "Status",
        engine: Str<'a> = "Engine",
        port: Field<i64> = "Port",
        subnet_group: Str<'a> = "DBSubnetGroup",
        security_groups: List<VpcSecurityGroup<'a>> = "VpcSecurityGroups",
        publicly_accessible: Field<bool> = "PubliclyAccessible",
        network_type: Str<'a> = "NetworkType",
        members: List<DbClusterMember<'a>> = "DBClusterMembers",
    }
    DbClusterMember { identifier: Str<'a> = "DBInstanceIdentifier", }

    /// An element of `elasticache describe-cache-clusters`.
    CacheCluster {
        identifier: Str<'a> = "CacheClusterId",
        arn: Str<'a> = "ARN",
        status: Str<'a> = "CacheClusterStatus",
        engine: Str<'a> = "Engine",
        subnet_group: Str<'a> = "CacheSubnetGroupName",
        security_groups: List<CacheSecurityGroup<'a>> = "SecurityGroups",
        configuration_endpoint: Field<Endpoint<'a>> = "ConfigurationEndpoint",
        nodes: List<CacheNode<'a>> = "CacheNodes",
        network_type: Str<'a> = "NetworkType",
    }
    CacheSecurityGroup { id: Str<'a> = "SecurityGroupId", }
    CacheNode { endpoint: Field<Endpoint<'a>> = "Endpoint", }
    /// An element of `elasticache describe-cache-subnet-groups`.
    CacheSubnetGroup {
        name: Str<'a> = "CacheSubnetGroupName",
        vpc_id: Str<'a> = "VpcId",
        subnets: List<GroupSubnet<'a>> = "Subnets",
    }

    /// An element of `redshift describe-clusters`; other services have lists of that name.
    Cluster {
        identifier: Str<'a> = "ClusterIdentifier",
        arn: Str<'a> = "ClusterNamespaceArn",
        status: Str<'a> = "ClusterStatus",
        node_type: Str<'a> = "NodeType",
        endpoint: Field<Endpoint<'a>> = "Endpoint",
        vpc_id: Str<'a> = "VpcId",
        subnet_group: Str<'a> = "ClusterSubnetGroupName",
        security_groups: List<VpcSecurityGroup<'a>> = "VpcSecurityGroups",
        publicly_accessible: Field<bool> = "PubliclyAccessible",
        nodes: List<ClusterNode<'a>> = "ClusterNodes",
    }
    ClusterNode { private_address: Str<'a> = "PrivateIPAddress", }
    /// An element of `redshift describe-cluster-subnet-groups`.
    ClusterSubnetGroup {
        name: Str<'a> = "ClusterSubnetGroupName",
        vpc_id: Str<'a> = "VpcId",
        subnets: List<GroupSubnet<'a>> = "Subnets",
    }

    /// An element of `opensearch describe-domains` and `es describe-elasticsearch-domains`.
    Domain {
        name: Str<'a> = "DomainName",
        arn: Str<'a> = "ARN",
        deleted: Field<bool> = "Deleted",
        engine_version: Str<'a> = "EngineVersion",
        vpc_options: Field<DomainVpc<'a>> = "VPCOptions",
        ip_address_type: Str<'a> = "IPAddressType",
    }
    DomainVpc {
        vpc_id: Str<'a> = "VPCId",
        subnet_ids: List<std::borrow::Cow<'a, str>> = "SubnetIds",
        security_group_ids: List<std::borrow::Cow<'a, str>> = "SecurityGroupIds",
    }

    /// An element of `kafka list-clusters-v2` and `kafka list-clusters`.
    KafkaCluster {
        name: Str<'a> = "clusterName",
        arn: Str<'a> = "clusterArn",
        state: Str<'a> = "state",
        provisioned: Field<KafkaProvisioned<'a>> = "provisioned",
        serverless: Field<KafkaServerless<'a>> = "serverless",
        brokers: Field<KafkaBrokers<'a>> = "brokerNodeGroupInfo",
        upper_name: Str<'a> = "ClusterName",
        upper_arn: Str<'a> = "ClusterArn",
        upper_state: Str<'a> = "State",
        upper_provisioned: Field<KafkaProvisioned<'a>> = "Provisioned",
        upper_serverless: Field<KafkaServerless<'a>> = "Serverless",
        upper_brokers: Field<KafkaBrokers<'a>> = "BrokerNodeGroupInfo",
    }
    KafkaProvisioned {
        brokers: Field<KafkaBrokers<'a>> = "brokerNodeGroupInfo",
        upper_brokers: Field<KafkaBrokers<'a>> = "BrokerNodeGroupInfo",
    }
    KafkaBrokers {
        subnets: List<std::borrow::Cow<'a, str>> = "clientSubnets",
        security_groups: List<std::borrow::Cow<'a, str>> = "securityGroups",
        connectivity: Field<KafkaConnectivity<'a>> = "connectivityInfo",
        upper_subnets: List<std::borrow::Cow<'a, str>> = "ClientSubnets",
        upper_security_groups: List<std::borrow::Cow<'a, str>> = "SecurityGroups",
        upper_connectivity: Field<KafkaConnectivity<'a>> = "ConnectivityInfo",
    }
    KafkaConnectivity {
        public_access: Field<KafkaPublicAccess<'a>> = "publicAccess",
        upper_public_access: Field<KafkaPublicAccess<'a>> = "PublicAccess",
    }
    KafkaPublicAccess { kind: Str<'a> = "type", upper_kind: Str<'a> = "Type", }
    KafkaServerless {
        vpc_configs: List<KafkaVpcConfig<'a>> = "vpcConfigs",
        upper_vpc_configs: List<KafkaVpcConfig<'a>> = "VpcConfigs",
    }
    KafkaVpcConfig {
        subnets: List<std::borrow::Cow<'a, str>> = "subnetIds",
        security_groups: List<std::borrow::Cow<'a, str>> = "securityGroupIds",
        upper_subnets: List<std::borrow::Cow<'a, str>> = "SubnetIds",
        upper_security_groups: List<std::borrow::Cow<'a, str>> = "SecurityGroupIds",
    }

    /// An element of `efs describe-mount-targets`.
    MountTarget {
        id: Str<'a> = "MountTargetId",
        file_system_id: Str<'a> = "FileSystemId",
        state: Str<'a> = "LifeCycleState",
        network_interface_id: Str<'a> = "NetworkInterfaceId",
        ip_address: Str<'a> = "IpAddress",
        subnet_id: Str<'a> = "SubnetId",
        vpc_id: Str<'a> = "VpcId",
    }

    /// An element of `lambda list-functions`.
    Function {
        name: Str<'a> = "FunctionName",
        arn: Str<'a> = "FunctionArn",
        vpc_config: Field<FunctionVpc<'a>> = "VpcConfig",
    }
    FunctionVpc {
        vpc_id: Str<'a> = "VpcId",
        subnet_ids: List<std::borrow::Cow<'a, str>> = "SubnetIds",
        security_group_ids: List<std::borrow::Cow<'a, str>> = "SecurityGroupIds",
        dual_stack: Field<bool> = "Ipv6AllowedForDualStack",
    }

    /// The `cluster` of `eks describe-cluster`.
    EksCluster {
        name: Str<'a> = "name",
        arn: Str<'a> = "arn",
        status: Str<'a> = "status",
        vpc_config: Field<EksVpc<'a>> = "resourcesVpcConfig",
    }
    EksVpc {
        vpc_id: Str<'a> = "vpcId",
        subnet_ids: List<std::borrow::Cow<'a, str>> = "subnetIds",
        security_group_ids: List<std::borrow::Cow<'a, str>> = "securityGroupIds",
        cluster_security_group_id: Str<'a> = "clusterSecurityGroupId",
        public_access: Field<bool> = "endpointPublicAccess",
        public_access_cidrs: List<std::borrow::Cow<'a, str>> = "publicAccessCidrs",
    }

    /// An element of `dms describe-replication-instances`.
    ReplicationInstance {
        identifier: Str<'a> = "ReplicationInstanceIdentifier",
        arn: Str<'a> = "ReplicationInstanceArn",
        publicly_accessible: Field<bool> = "PubliclyAccessible",
        availability_zone: Str<'a> = "AvailabilityZone",
        subnet_group: Field<ReplicationSubnetGroup<'a>> = "ReplicationSubnetGroup",
        security_groups: List<VpcSecurityGroup<'a>> = "VpcSecurityGroups",
        private_addresses: List<std::borrow::Cow<'a, str>> = "ReplicationInstancePrivateIpAddresses",
        network_type: Str<'a> = "NetworkType",
    }
    ReplicationSubnetGroup {
        vpc_id: Str<'a> = "VpcId",
        subnets: List<GroupSubnet<'a>> = "Subnets",
    }

    /// An element of `redshift-serverless list-workgroups`.
    Workgroup {
        name: Str<'a> = "workgroupName",
        arn: Str<'a> = "workgroupArn",
        port: Field<i64> = "port",
        publicly_accessible: Field<bool> = "publiclyAccessible",
        subnet_ids: List<std::borrow::Cow<'a, str>> = "subnetIds",
        security_group_ids: List<std::borrow::Cow<'a, str>> = "securityGroupIds",
        ip_address_type: Str<'a> = "ipAddressType",
        endpoint: Field<WorkgroupEndpoint<'a>> = "endpoint",
    }
    WorkgroupEndpoint { endpoints: List<WorkgroupVpcEndpoint<'a>> = "vpcEndpoints", }
    WorkgroupVpcEndpoint {
        vpc_id: Str<'a> = "vpcId",
        interfaces: List<WorkgroupInterface<'a>> = "networkInterfaces",
    }
    WorkgroupInterface { id: Str<'a> = "networkInterfaceId", }
}
