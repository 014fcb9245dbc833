//! Data stores and other services, from their own listings and from the interfaces
//! that AWS made for them.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a helper of a test can't do fails the test")]

use expect_test::{Expect, expect};
use portolan::model::Network;
use std::fmt::Write as _;

const VPC: (&str, &str) = (
    "net.json",
    r#"{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16"}],
     "Subnets": [
       {"SubnetId": "subnet-a", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/28", "AvailabilityZone": "eu-west-1a"},
       {"SubnetId": "subnet-b", "VpcId": "vpc-1", "CidrBlock": "10.0.2.0/28", "AvailabilityZone": "eu-west-1b"}],
     "SecurityGroups": [{"GroupId": "sg-db", "VpcId": "vpc-1", "OwnerId": "111122223333", "IpPermissions": [], "IpPermissionsEgress": []}]}"#,
);

/// Interfaces with their descriptions and requesters, in `subnet-a`, from 10.0.1.4 on.
fn interfaces(of: &[(&str, &str)]) -> String {
    let elements = of.iter().zip(4..).map(|((description, requester), last)| {
        format!(
            r#"{{"NetworkInterfaceId": "eni-{last}", "VpcId": "vpc-1", "SubnetId": "subnet-a", "Status": "in-use",
            "InterfaceType": "interface", "Description": "{description}", "RequesterId": "{requester}",
            "Groups": [{{"GroupId": "sg-db"}}], "PrivateIpAddress": "10.0.1.{last}"}}"#
        )
    });
    format!(r#"{{"NetworkInterfaces": [{}]}}"#, elements.collect::<Vec<_>>().join(","))
}

fn load(files: &[(&str, &str)]) -> Network {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    portolan_ingest::load_bytes(files.collect()).unwrap().network
}

/// Every interface with what it is, and the services of which nobody listed one.
fn told(network: &Network) -> String {
    let text = |id| network.text(id);
    let mut told = String::new();
    for component in network.components.iter() {
        for interface in component.interfaces.iter() {
            write!(told, "{}: {}", text(interface.id()), text(interface.name())).unwrap();
            for service in component.services_of(interface.index()) {
                write!(told, " {:?}", service.ports).unwrap();
            }
            if let Some(unlisted) = interface.unlisted() {
                let held = interface.ipv4().iter();
                let held = held.map(|held| (held.first & 255, held.last & 255));
                write!(told, " {unlisted:?} at {:?}", held.collect::<Vec<_>>()).unwrap();
            }
            told.push('\n');
        }
    }
    for limitation in &network.limitations {
        if limitation.code == portolan::model::LimitationCode::UnlistedService {
            writeln!(told, "{}: {}", limitation.code.as_str(), text(limitation.about)).unwrap();
        }
    }
    told
}

fn check(files: &[(&str, &str)], expected: &Expect) {
    let mut all = vec![VPC];
    all.extend(files);
    expected.assert_eq(&told(&load(&all)));
}

const DATABASES: &str = r#"{"DBInstances": [
  {"DBInstanceIdentifier": "orders-db", "DBInstanceArn": "arn:aws:rds:eu-west-1:111122223333:db:orders-db",
   "Engine": "postgres", "Endpoint": {"Address": "orders-db.x.rds.amazonaws.com", "Port": 6543}, "DbInstancePort": 0,
   "DBSubnetGroup": {"DBSubnetGroupName": "db", "VpcId": "vpc-1",
     "Subnets": [{"SubnetIdentifier": "subnet-a"}, {"SubnetIdentifier": "subnet-b"}]},
   "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db", "Status": "active"}],
   "PubliclyAccessible": true, "AvailabilityZone": "eu-west-1a", "NetworkType": "IPV4"}]}"#;

#[test]
fn a_database_is_called_by_its_name_and_engine() {
    let listed = interfaces(&[("RDSNetworkInterface", "amazon-rds"), ("bastion", "")]);
    check(
        &[("rds.json", DATABASES), ("eni.json", &listed)],
        &expect![[r#"
            eni-4: RDS orders-db (PostgreSQL) [6543]
            eni-5: bastion
        "#]],
    );
}

#[test]
fn a_database_without_an_interface_in_the_source_is_not_absent() {
    let listed = interfaces(&[("bastion", "")]);
    check(
        &[("rds.json", DATABASES), ("eni.json", &listed)],
        &expect![[r#"
            eni-4: bastion
            rds/orders-db/subnet-a: RDS orders-db (PostgreSQL) [6543] MaybePublic at [(5, 14)]
            rds/orders-db/subnet-b: RDS orders-db (PostgreSQL) [6543] MaybePublic at [(4, 14)]
            unlisted-service: arn:aws:rds:eu-west-1:111122223333:db:orders-db
        "#]],
    );
}

#[test]
fn a_cluster_stands_for_instances_that_nobody_listed() {
    let cluster = r#"{"DBClusters": [
      {"DBClusterIdentifier": "shop", "DBClusterArn": "arn:aws:rds:eu-west-1:111122223333:cluster:shop",
       "Engine": "aurora-postgresql", "Port": 5432, "DBSubnetGroup": "db",
       "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db"}],
       "DBClusterMembers": [{"DBInstanceIdentifier": "orders-db"}, {"DBInstanceIdentifier": "shop-2"}]}],
      "DBSubnetGroups": [{"DBSubnetGroupName": "db", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-b"}]}]}"#;
    let listed = interfaces(&[("RDSNetworkInterface", "amazon-rds")]);
    check(
        &[("rds.json", DATABASES), ("clusters.json", cluster), ("eni.json", &listed)],
        &expect![[r#"
            eni-4: RDS orders-db (PostgreSQL) [6543]
            rds/shop-2/subnet-b: RDS shop-2 (Aurora PostgreSQL) [5432] MaybePublic at [(4, 14)]
            unlisted-service: arn:aws:rds:eu-west-1:111122223333:db:shop-2
        "#]],
    );
}

#[test]
fn each_service_is_known_by_what_its_listing_and_its_interface_say() {
    let uuid = "8b35f2a1-8b35-4f36-a046-0123456789ab";
    let listed = interfaces(&[
        ("ElastiCache carts-001", "amazon-elasticache"),
        ("RedshiftNetworkInterface", "amazon-redshift"),
        ("ES search", "amazon-elasticsearch"),
        (
            "DO NOT DELETE - Amazon MSK network interface for cluster arn:aws:kafka:eu-west-1:111122223333:cluster/events/1",
            "amazon-kafka",
        ),
        ("EFS mount target for fs-0a (fsmt-0b)", "111122223333"),
        (&format!("AWS Lambda VPC ENI-resize-{uuid}"), "AROA:111122223333"),
        ("Amazon EKS shop", "111122223333"),
        ("aws-k8s-branch-eni", "111122223333"),
        ("DMSNetworkInterface", "amazon-dms"),
    ]);
    let services = r#"{
      "CacheClusters": [{"CacheClusterId": "carts-001", "ARN": "arn:aws:elasticache:eu-west-1:111122223333:cluster:carts-001",
        "Engine": "valkey", "CacheSubnetGroupName": "cache", "SecurityGroups": [{"SecurityGroupId": "sg-db", "Status": "active"}],
        "CacheNodes": [{"Endpoint": {"Address": "x", "Port": 6390}}]}],
      "CacheSubnetGroups": [{"CacheSubnetGroupName": "cache", "VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-a"}]}],
      "Clusters": [{"ClusterIdentifier": "dwh", "NodeType": "ra3.large", "Endpoint": {"Port": 5439}, "VpcId": "vpc-1",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-db"}], "PubliclyAccessible": false,
        "ClusterNodes": [{"NodeRole": "SHARED", "PrivateIPAddress": "10.0.1.5"}]}],
      "DomainStatusList": [{"DomainName": "search", "ARN": "arn:aws:es:eu-west-1:111122223333:domain/search",
        "VPCOptions": {"VPCId": "vpc-1", "SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-db"]}}],
      "ClusterInfoList": [{"ClusterName": "events", "ClusterArn": "arn:aws:kafka:eu-west-1:111122223333:cluster/events/1",
        "ClusterType": "PROVISIONED", "Provisioned": {"BrokerNodeGroupInfo": {"ClientSubnets": ["subnet-a"], "SecurityGroups": ["sg-db"]}}}],
      "MountTargets": [{"MountTargetId": "fsmt-0b", "FileSystemId": "fs-0a", "SubnetId": "subnet-a", "VpcId": "vpc-1",
        "NetworkInterfaceId": "eni-8", "IpAddress": "10.0.1.8", "LifeCycleState": "available"}],
      "Functions": [
        {"FunctionName": "resize", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:resize",
         "VpcConfig": {"VpcId": "vpc-1", "SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-db"]}},
        {"FunctionName": "outside", "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:outside"}],
      "cluster": {"name": "shop", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/shop",
        "resourcesVpcConfig": {"vpcId": "vpc-1", "subnetIds": ["subnet-a"], "securityGroupIds": [], "clusterSecurityGroupId": "sg-db"}}}"#;
    check(
        &[("services.json", services), ("eni.json", &listed)],
        &expect![[r#"
            eni-10: EKS shop [443]
            eni-11: EKS pods []
            eni-12: DMS []
            eni-4: ElastiCache carts-001 (Valkey) [6390]
            eni-5: Redshift dwh [5439]
            eni-6: OpenSearch search [80, 443]
            eni-7: MSK events [9092, 9094, 9096, 9098, 9194, 9196, 9198]
            eni-8: EFS fs-0a [2049]
            eni-9: Lambda resize []
        "#]],
    );
    // The descriptions alone tell less.
    check(
        &[("eni.json", &listed)],
        &expect![[r#"
        eni-10: EKS shop [443]
        eni-11: EKS pods []
        eni-12: DMS []
        eni-4: ElastiCache carts-001 []
        eni-5: Redshift [5439]
        eni-6: OpenSearch search [80, 443]
        eni-7: MSK events []
        eni-8: EFS fs-0a [2049]
        eni-9: Lambda resize []
    "#]],
    );
    // And the listings alone tell where they may be.
    check(
        &[("services.json", services), ("eni.json", r#"{"NetworkInterfaces": []}"#)],
        &expect![[r#"
            efs/fs-0a/subnet-a: EFS fs-0a [2049] Private at [(8, 8)]
            eks/shop/subnet-a: EKS shop [443] Private at [(4, 14)]
            elasticache/carts-001/subnet-a: ElastiCache carts-001 (Valkey) [6390] Private at [(4, 14)]
            lambda/resize/subnet-a: Lambda resize [] Private at [(4, 14)]
            msk/events/subnet-a: MSK events [9092, 9094, 9096, 9098, 9194, 9196, 9198] MaybePublic at [(4, 14)]
            opensearch/search/subnet-a: OpenSearch search [80, 443] Private at [(4, 14)]
            redshift/dwh/subnet-a: Redshift dwh [5439] Private at [(5, 5)]
            unlisted-service: arn:aws:elasticache:eu-west-1:111122223333:cluster:carts-001
            unlisted-service: redshift/dwh
            unlisted-service: arn:aws:es:eu-west-1:111122223333:domain/search
            unlisted-service: arn:aws:kafka:eu-west-1:111122223333:cluster/events/1
            unlisted-service: fsmt-0b
            unlisted-service: arn:aws:lambda:eu-west-1:111122223333:function:resize
            unlisted-service: arn:aws:eks:eu-west-1:111122223333:cluster/shop
        "#]],
    );
}

#[test]
fn lists_of_other_services_by_the_same_name_are_left_alone() {
    let others = r#"{"Clusters": [{"ClusterName": "dax", "TotalNodes": 3}, {"Name": "memory"}], "Functions": [{"Name": "of CloudFront"}],
      "cluster": {"id": "j-1"}}"#;
    check(&[("eni.json", &interfaces(&[])), ("x.json", others)], &expect![[r#""#]]);
}
