//! What stands in no VPC: certificates, doors of services on addresses of AWS's own, and
//! who may make endpoints of the estate's services; and listings beside them that findings
//! are told from.
#![forbid(unsafe_code)]
#![expect(clippy::unwrap_used, reason = "what a helper of a test can't do fails the test")]

use portolan::model::{ListenerAction, ListenerProtocol, Network};

fn load(files: &[(&str, &str)]) -> Network {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    portolan_ingest::load_bytes(files.collect()).unwrap().network
}

/// Each certificate: name, status, end.
fn certificates(files: &[(&str, &str)]) -> Vec<(String, String, Option<i64>)> {
    let network = load(files);
    let text = |id| network.text(id).to_owned();
    let all = network.outside.certificates.iter();
    all.map(|it| (text(it.name), text(it.status), it.not_after)).collect()
}

const LISTED: &str = r#"{"CertificateSummaryList": [
    {"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1", "DomainName": "shop.example.com",
     "Status": "ISSUED", "NotAfter": "2026-03-01T23:59:59+00:00"}]}"#;

#[test]
fn certificates_have_their_dates_in_any_spelling() {
    let end = Some(1_772_409_599);
    let shop = |end| ("shop.example.com".to_owned(), "ISSUED".to_owned(), end);
    assert_eq!(certificates(&[("Certificates.json", LISTED)]), [shop(end)]);
    for spelled in ["\"2026-03-01T18:59:59.000000-05:00\"", "1772409599.0", "1772409599"] {
        let text = LISTED.replace("\"2026-03-01T23:59:59+00:00\"", spelled);
        assert_eq!(certificates(&[("Certificates.json", &text)]), [shop(end)], "{spelled}");
    }
    let odd = LISTED.replace("2026-03-01T", "soon");
    assert_eq!(certificates(&[("Certificates.json", &odd)]), [shop(None)]);
}

#[test]
fn a_description_adds_to_the_list() {
    let without = LISTED.replace(r#", "NotAfter": "2026-03-01T23:59:59+00:00""#, "").replace(
        r#""Status": "ISSUED",
     "#,
        r#""Status": "ISSUED""#,
    );
    let described = r#"{"Certificate": {"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1",
        "DomainName": "shop.example.com", "Status": "ISSUED", "NotAfter": 1772409599}}"#;
    let text = without.replace("\"ISSUED\",", "\"ISSUED\"");
    let both = [("list.json", text.as_str()), ("one.json", described)];
    assert_eq!(
        certificates(&both),
        [("shop.example.com".to_owned(), "ISSUED".to_owned(), Some(1_772_409_599))]
    );
}

#[test]
fn certificates_of_iam_are_read() {
    let text = r#"{"ServerCertificateMetadataList": [{"ServerCertificateName": "old", "ServerCertificateId": "ASCA1",
        "Arn": "arn:aws:iam::111122223333:server-certificate/old", "Expiration": "2020-01-01T00:00:00Z"}]}"#;
    let found = certificates(&[("ServerCertificates.json", text)]);
    assert_eq!(found, [("old".to_owned(), String::new(), Some(1_577_836_800))]);
}

#[test]
fn a_public_api_has_its_blocks_and_a_private_one_is_no_door() {
    let cluster = |access: &str| {
        format!(
            r#"{{"cluster": {{"name": "shop", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/shop",
            "resourcesVpcConfig": {{"vpcId": "vpc-1", "subnetIds": [], {access}}}}}}}"#
        )
    };
    let doors = |access: &str| {
        let network = load(&[("eks.json", &cluster(access))]);
        let all = network.outside.public_endpoints.iter();
        let blocks = |it: &portolan::model::PublicEndpoint| {
            let blocks = it.sources.as_ref()?.iter();
            Some(blocks.map(ToString::to_string).collect::<Vec<_>>().join(" "))
        };
        all.map(blocks).collect::<Vec<_>>()
    };
    assert_eq!(
        doors(
            r#""endpointPublicAccess": true, "publicAccessCidrs": ["203.0.113.0/24", "10.0.0.0/8"]"#
        ),
        [Some("203.0.113.0/24 10.0.0.0/8".to_owned())]
    );
    assert_eq!(doors(r#""endpointPublicAccess": true"#), [None]);
    assert_eq!(doors(r#""endpointPublicAccess": true, "publicAccessCidrs": ["home"]"#), [None]);
    assert!(
        doors(r#""endpointPublicAccess": false, "publicAccessCidrs": ["0.0.0.0/0"]"#).is_empty()
    );
}

#[test]
fn a_domain_outside_of_a_vpc_is_a_door() {
    let text = r#"{"DomainStatusList": [
        {"DomainName": "logs", "ARN": "arn:aws:es:eu-west-1:111122223333:domain/logs"},
        {"DomainName": "inner", "ARN": "arn:aws:es:eu-west-1:111122223333:domain/inner",
         "VPCOptions": {"VPCId": "vpc-1", "SubnetIds": ["subnet-1"], "SecurityGroupIds": []}}]}"#;
    let network = load(&[("domains.json", text)]);
    let names: Vec<&str> =
        network.outside.public_endpoints.iter().map(|it| network.text(it.name)).collect();
    assert_eq!(names, ["logs"]);
}

#[test]
fn who_may_make_endpoints_and_who_has_is_read() {
    let network = load(&[
        (
            "111122223333/eu-west-1/VpcEndpointServiceConfigurations.json",
            r#"{"ServiceConfigurations": [{"ServiceId": "vpce-svc-0abc1", "ServiceState": "Available",
            "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-0abc1", "AcceptanceRequired": false}]}"#,
        ),
        (
            "111122223333/eu-west-1/VpcEndpointServicePermissions/vpce-svc-0abc1.json",
            r#"{"AllowedPrincipals": [{"PrincipalType": "Account", "Principal": "arn:aws:iam::444455556666:root"}]}"#,
        ),
        (
            "111122223333/eu-west-1/VpcEndpointConnections.json",
            r#"{"VpcEndpointConnections": [{"ServiceId": "vpce-svc-0abc1", "VpcEndpointId": "vpce-1",
            "VpcEndpointOwner": "444455556666", "VpcEndpointState": "available"}]}"#,
        ),
    ]);
    let text = |id| network.text(id);
    let outside = &network.outside;
    let service = &outside.offered_services[0];
    assert_eq!(service.acceptance_required, Some(false));
    assert_eq!(
        (text(service.origin.account), text(service.origin.region)),
        ("111122223333", "eu-west-1")
    );
    let principal = outside.principals[0];
    assert_eq!(principal.service, service.id);
    assert_eq!(text(principal.principal), "arn:aws:iam::444455556666:root");
    let connection = outside.connections[0];
    assert_eq!((connection.service, text(connection.owner)), (service.id, "444455556666"));
    assert!(connection.available);
}

const VPC: &str = r#"{"Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "eu-west-1a"}],
    "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "OwnerId": "111122223333", "IpPermissions": [], "IpPermissionsEgress": []}],
    "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Status": "in-use",
      "InterfaceType": "interface", "Groups": [{"GroupId": "sg-1"}], "PrivateIpAddress": "10.0.1.9"}]}"#;

/// What is at `eni-1`, and whether it is publicly accessible.
fn at_the_interface(listing: &str) -> Vec<(String, Option<bool>)> {
    let network = load(&[("net.json", VPC), ("listing.json", listing)]);
    let (component, interface) = network.interfaces_of("eni-1").next().unwrap();
    let services = network.components[component].services_of(interface);
    services.map(|it| (it.label(&network.text), it.publicly_accessible)).collect()
}

#[test]
fn replication_instances_and_workgroups_are_read() {
    let dms = r#"{"ReplicationInstances": [{"ReplicationInstanceIdentifier": "move",
        "ReplicationInstanceArn": "arn:aws:dms:eu-west-1:111122223333:rep:1", "PubliclyAccessible": true,
        "ReplicationSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}]},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}],
        "ReplicationInstancePrivateIpAddresses": ["10.0.1.9"]}]}"#;
    assert_eq!(at_the_interface(dms), [("DMS move".to_owned(), Some(true))]);
    let workgroup = r#"{"workgroups": [{"workgroupName": "sales",
        "workgroupArn": "arn:aws:redshift-serverless:eu-west-1:111122223333:workgroup/1", "port": 5439,
        "publiclyAccessible": true, "subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"],
        "endpoint": {"vpcEndpoints": [{"vpcId": "vpc-1", "networkInterfaces": [{"networkInterfaceId": "eni-1"}]}]}}]}"#;
    assert_eq!(at_the_interface(workgroup), [("Redshift sales".to_owned(), Some(true))]);
    // Athena's have the same key.
    let athena = r#"{"workgroups": [{"Name": "primary", "State": "ENABLED"}]}"#;
    assert!(at_the_interface(athena).is_empty());
}

#[test]
fn redirects_say_where_to_and_gateways_whether_they_accept() {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/front/0a";
    let listeners = |config: &str| {
        let balancer = format!(
            r#"{{"LoadBalancers": [{{"LoadBalancerArn": "{arn}", "LoadBalancerName": "front", "Type": "application",
            "Scheme": "internal", "VpcId": "vpc-1", "State": {{"Code": "active"}}, "AvailabilityZones": []}}]}}"#
        );
        let listener = format!(
            r#"{{"Listeners": [{{"ListenerArn": "{}/1", "LoadBalancerArn": "{arn}", "Port": 80, "Protocol": "HTTP",
            "DefaultActions": [{{"Type": "redirect"{config}}}]}}]}}"#,
            arn.replace("loadbalancer/", "listener/")
        );
        let network = load(&[("net.json", VPC), ("lb.json", &balancer), ("l.json", &listener)]);
        let balancer = network.components.iter().flat_map(|it| it.load_balancers.iter()).next();
        let listener = &balancer.unwrap().listeners.as_ref().unwrap()[0];
        let ListenerAction::Redirect { protocol } = listener.default_actions[0] else {
            unreachable!("it redirects")
        };
        protocol
    };
    let to = |protocol: &str| format!(r#", "RedirectConfig": {{"Protocol": "{protocol}"}}"#);
    assert_eq!(listeners(&to("HTTPS")), Some(ListenerProtocol::Https));
    assert_eq!(listeners(&to("HTTP")), Some(ListenerProtocol::Http));
    assert_eq!(listeners(&to("#{protocol}")), None);
    assert_eq!(listeners(""), Some(ListenerProtocol::Unknown));

    let gateway = |said: &str| {
        let text = format!(
            r#"{{"TransitGateways": [{{"TransitGatewayId": "tgw-1", "State": "available", "OwnerId": "111122223333",
            "Options": {{"AutoAcceptSharedAttachments": "{said}"}}}}],
            "TransitGatewayVpcAttachments": [{{"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1",
            "VpcId": "vpc-1", "VpcOwnerId": "111122223333", "State": "available", "SubnetIds": ["subnet-1"]}}]}}"#
        );
        let network = load(&[("net.json", VPC), ("tgw.json", &text)]);
        network
            .components
            .iter()
            .flat_map(|it| it.transit_gateways.iter())
            .next()
            .unwrap()
            .auto_accept
    };
    assert_eq!(gateway("enable"), Some(true));
    assert_eq!(gateway("disable"), Some(false));
}
