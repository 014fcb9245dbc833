//! Endpoints and endpoint services as facts, from the replies of two accounts.
#![expect(clippy::unwrap_used, reason = "what a helper of a test can't do fails the test")]

use portolan::model::{EndpointService, Network, VpcEndpoint, VpcEndpointKind};

const CONSUMER: &str = r#"{
    "Vpcs": [{"VpcId": "vpc-1", "OwnerId": "111122223333", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"}],
    "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissions": [], "IpPermissionsEgress": []}],
    "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1",
        "InterfaceType": "vpc_endpoint", "Status": "in-use", "Groups": [{"GroupId": "sg-1"}],
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.10", "Primary": true}]}]}"#;

const PROVIDER: &str = r#"{
    "Vpcs": [{"VpcId": "vpc-2", "OwnerId": "444455556666", "CidrBlock": "10.2.0.0/16"}],
    "LoadBalancers": [{"LoadBalancerArn": "arn:aws:elasticloadbalancing:eu-west-1:444455556666:loadbalancer/net/front/1",
        "LoadBalancerName": "front", "Type": "network", "Scheme": "internal", "VpcId": "vpc-2", "State": {"Code": "active"}}]}"#;

fn endpoint(service: &str, more: &str) -> String {
    format!(
        r#"{{"VpcEndpoints": [{{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "VpcEndpointType": "Interface",
        "ServiceName": "{service}", "State": "Available", "SubnetIds": ["subnet-1"],
        "NetworkInterfaceIds": ["eni-1", "eni-2"], "Groups": [{{"GroupId": "sg-1", "GroupName": "x"}}],
        "IpAddressType": "ipv4", "PrivateDnsEnabled": true, "PolicyDocument": "{{}}"{more}}}]}}"#
    )
}

fn service(state: &str, arns: &str) -> String {
    format!(
        r#"{{"ServiceConfigurations": [{{"ServiceId": "vpce-svc-1", "ServiceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
        "ServiceType": [{{"ServiceType": "Interface"}}], "ServiceState": "{state}", "AcceptanceRequired": true,
        "NetworkLoadBalancerArns": [{arns}]}}]}}"#
    )
}

const ARN: &str =
    r#""arn:aws:elasticloadbalancing:eu-west-1:444455556666:loadbalancer/net/front/1""#;
const NAME: &str = "com.amazonaws.vpce.eu-west-1.vpce-svc-1";

fn load(files: &[(&str, &str)]) -> Network {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()));
    portolan_ingest::load_bytes(files.collect()).unwrap().network
}

/// Both accounts, with one endpoint.
fn both(endpoint: &str, service: &str) -> Network {
    load(&[
        ("accounts/111122223333/eu-west-1/all.json", CONSUMER),
        ("accounts/111122223333/eu-west-1/endpoints.json", endpoint),
        ("accounts/444455556666/eu-west-1/all.json", PROVIDER),
        ("accounts/444455556666/eu-west-1/services.json", service),
    ])
}

fn the_endpoint(network: &Network) -> &VpcEndpoint {
    let mut all = network.components.iter().flat_map(|it| it.vpc_endpoints.iter());
    all.next().unwrap()
}

#[test]
fn an_endpoint_says_where_it_is_and_what_it_wears() {
    let network =
        both(&endpoint("com.amazonaws.eu-west-1.ec2", ""), r#"{"ServiceConfigurations": []}"#);
    let endpoint = the_endpoint(&network);
    assert_eq!((endpoint.kind, endpoint.available), (VpcEndpointKind::Interface, Some(true)));
    let component = network.components.iter().find(|it| !it.vpc_endpoints.is_empty()).unwrap();
    let ids: Vec<&str> =
        endpoint.subnets.iter().map(|&it| network.text(component.subnets[it].id)).collect();
    assert_eq!(ids, ["subnet-1"]);
    let &[interface] = endpoint.interfaces.as_slice() else { panic!("{endpoint:?}") };
    assert_eq!(network.text(component.interface(interface).id()), "eni-1");
    assert!(component.endpoint_of(interface).is_some());
    let unseen: Vec<&str> = endpoint.unseen_interfaces.iter().map(|&it| network.text(it)).collect();
    assert_eq!(unseen, ["eni-2"]);
    assert_eq!((endpoint.private_dns, endpoint.has_policy), (Some(true), true));
    assert_eq!(endpoint.behind, EndpointService::Api);
}

#[test]
fn a_service_of_another_account_joins_both_sides() {
    let network = both(&endpoint(NAME, ""), &service("Available", ARN));
    assert_eq!(network.components.iter().count(), 1);
    let EndpointService::Provided(provider) = &the_endpoint(&network).behind else {
        panic!("{:?}", the_endpoint(&network))
    };
    assert_eq!((provider.available, provider.contested), (Some(true), false));
    let component = network.components.iter().next().unwrap();
    let balancers: Vec<&str> = provider
        .load_balancers
        .iter()
        .map(|&it| network.text(component.load_balancers[it].name))
        .collect();
    assert_eq!(balancers, ["front"]);
}

#[test]
fn of_an_endpoint_that_is_gone_nothing_is_joined() {
    let gone = endpoint(NAME, "").replace("Available", "deleted");
    let network = both(&gone, &service("Available", ARN));
    assert_eq!(network.components.iter().count(), 2);
    assert_eq!(the_endpoint(&network).behind, EndpointService::Unknown);
}

#[test]
fn what_two_listings_say_differently_of_a_service_is_not_certain() {
    let network = load(&[
        ("all.json", CONSUMER),
        ("endpoints.json", &endpoint(NAME, "")),
        ("services-1.json", &service("Available", ARN)),
        ("services-2.json", &service("Deleting", ARN)),
    ]);
    let EndpointService::Provided(provider) = &the_endpoint(&network).behind else {
        panic!("{:?}", the_endpoint(&network))
    };
    assert!(provider.contested);
    assert_eq!(provider.load_balancers.len(), 1);
}

#[test]
fn what_answers_is_missing_where_no_listing_says_it() {
    for (service_name, missed) in [
        ("com.amazonaws.eu-west-1.ec2", false),
        ("com.amazonaws.eu-west-1.email-smtp", true),
        (NAME, true),
    ] {
        let network =
            load(&[("all.json", CONSUMER), ("endpoints.json", &endpoint(service_name, ""))]);
        let codes: Vec<&str> = network.limitations.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes.contains(&"endpoint-service"), missed, "{service_name}: {codes:?}");
    }
}
