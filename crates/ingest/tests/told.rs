//! What listings tell that decides no packet: descriptions, what a subnet gives at
//! launch, what an interface is for, whose an address is. It is kept for people, and
//! two listings that differ only in it do not contradict each other.

use expect_test::{Expect, expect};
use portolan::model::Network;
use portolan_ingest::LoadError;

const VPCS: (&str, &str) =
    ("Vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#);

fn load(files: &[(&str, &str)]) -> Result<Network, LoadError> {
    let files =
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    portolan_ingest::load_bytes(files).map(|loaded| loaded.network)
}

fn check(files: &[(&str, &str)], expected: &Expect) {
    let network = match load(files) {
        Ok(network) => network,
        Err(error) => return expected.assert_eq(&error.to_string()),
    };
    let mut lines = Vec::new();
    for component in network.components.iter() {
        for subnet in component.subnets.iter() {
            lines.push(format!(
                "{} public IPv4 {:?}, IPv6 {:?}, contested {}",
                network.text(subnet.id),
                subnet.assigns_public_ipv4,
                subnet.assigns_ipv6,
                subnet.contested
            ));
        }
        for interface in component.interfaces.iter() {
            lines.push(format!(
                "{} {} | {} | {} | {} {:?}, contested {}",
                network.text(interface.id()),
                network.text(interface.name()),
                network.text(interface.description()),
                network.text(interface.interface_type()),
                network.text(interface.requester()),
                interface.requester_managed(),
                interface.contested()
            ));
        }
        for group in component.security_groups.iter() {
            lines.push(format!("{} {}", network.text(group.id), network.text(group.description)));
            for rule in &group.rules {
                let description = network.text(rule.description);
                let contested = if rule.contested { ", contested" } else { "" };
                lines.push(format!(
                    "  {} {} {description}{contested}",
                    network.text(rule.id),
                    rule.ordinal
                ));
            }
        }
        for endpoint in component.vpc_endpoints.iter() {
            lines.push(format!("{} {}", network.text(endpoint.id), network.text(endpoint.service)));
        }
    }
    let conflicts = network.limitations.iter().filter(|it| it.code.as_str().contains("conflict"));
    lines.extend(conflicts.map(|it| format!("conflict about {}", network.text(it.about))));
    let text: String = lines.iter().map(|line| format!("{}\n", line.trim())).collect();
    expected.assert_eq(&text);
}

#[test]
fn groups_and_each_peer_of_a_rule_have_their_description() {
    check(
        &[
            VPCS,
            (
                "sg.json",
                r#"{"SecurityGroups": [
                {"GroupId": "sg-1", "VpcId": "vpc-1", "Description": "web servers", "IpPermissionsEgress": [],
                 "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                   "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "office"}, {"CidrIp": "198.51.100.0/24"}],
                   "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "office, IPv6"}],
                   "PrefixListIds": [{"PrefixListId": "pl-1", "Description": "partners"}],
                   "UserIdGroupPairs": [{"GroupId": "sg-1", "Description": "each other"}]}]},
                {"GroupId": "sg-2", "VpcId": "vpc-1", "GroupDescription": "as libraries say it",
                 "IpPermissionsEgress": [], "IpPermissions": [{"IpProtocol": "-1",
                   "IpRanges": [{"CidrIp": "192.0.2.1/32", "Description": 7}, {"CidrIp": "192.0.2.2/32", "Description": ["?"]}]}]}]}"#,
            ),
        ],
        &expect![[r#"
            sg-1 web servers
            0 office
            0
            0 office, IPv6
            0 partners
            0 each other
            sg-2 as libraries say it
            0 7
            0
        "#]],
    );
}

#[test]
fn a_description_is_taken_from_the_listing_that_has_it_and_contradicts_none() {
    let group = |words: &str, rule: &str| {
        format!(
            r#"{{"SecurityGroups": [{{"GroupId": "sg-1", "VpcId": "vpc-1", {words} "IpPermissionsEgress": [],
            "IpPermissions": [{{"IpProtocol": "-1", "IpRanges": [{{"CidrIp": "192.0.2.0/24" {rule}}}]}}]}}]}}"#
        )
    };
    let silent = group("", "");
    let first = group(r#""Description": "first","#, r#", "Description": "office""#);
    let second = group(r#""Description": "second","#, r#", "Description": "the office""#);
    check(
        &[VPCS, ("a.json", &silent), ("b.json", &first), ("c.json", &second)],
        &expect![[r#"
        sg-1 first
        0 office
    "#]],
    );
}

#[test]
fn the_listing_of_rules_describes_those_of_the_group() {
    check(
        &[
            VPCS,
            (
                "sg.json",
                r#"{"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissionsEgress": [],
                "IpPermissions": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}]}]}"#,
            ),
            (
                "rules.json",
                r#"{"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false,
                "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "192.0.2.0/24", "Description": "office"}]}"#,
            ),
        ],
        &expect![[r#"
            sg-1
            sgr-1 0 office
        "#]],
    );
    // Without the groups' own listing, too.
    check(
        &[
            VPCS,
            (
                "rules.json",
                r#"{"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false,
                "IpProtocol": "-1", "FromPort": -1, "ToPort": -1, "CidrIpv4": "192.0.2.0/24", "Description": "office"}]}"#,
            ),
        ],
        &expect![[r#"
            sg-1
            sgr-1 0 office
        "#]],
    );
}

#[test]
fn a_subnet_says_what_it_gives_at_launch_or_does_not() {
    let subnet = |id: &str, words: &str| {
        format!(r#"{{"SubnetId": "{id}", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24" {words}}}"#)
    };
    let first = format!(
        r#"{{"Subnets": [{}, {}, {}]}}"#,
        subnet(
            "subnet-1",
            r#", "MapPublicIpOnLaunch": true, "AssignIpv6AddressOnCreation": false"#
        ),
        subnet("subnet-2", ""),
        subnet("subnet-3", r#", "MapPublicIpOnLaunch": "true""#),
    );
    let later = format!(
        r#"{{"Subnets": [{}, {}]}}"#,
        subnet(
            "subnet-1",
            r#", "MapPublicIpOnLaunch": false, "AssignIpv6AddressOnCreation": true"#
        ),
        subnet("subnet-2", r#", "MapPublicIpOnLaunch": false"#),
    );
    check(
        &[VPCS, ("a.json", &first)],
        &expect![[r#"
        subnet-1 public IPv4 Some(true), IPv6 Some(false), contested false
        subnet-2 public IPv4 None, IPv6 None, contested false
        subnet-3 public IPv4 None, IPv6 None, contested false
    "#]],
    );
    check(
        &[VPCS, ("a.json", &first), ("b.json", &later)],
        &expect![[r#"
        subnet-1 public IPv4 Some(true), IPv6 Some(true), contested false
        subnet-2 public IPv4 Some(false), IPv6 None, contested false
        subnet-3 public IPv4 None, IPv6 None, contested false
    "#]],
    );
}

#[test]
fn an_interface_says_what_it_is_for_and_who_made_it() {
    let interface = |words: &str| {
        format!(
            r#"{{"NetworkInterfaces": [{{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1",
            "Status": "in-use", "Groups": [], "PrivateIpAddress": "10.0.1.4" {words}}}]}}"#
        )
    };
    let database = interface(
        r#", "Description": "RDSNetworkInterface", "InterfaceType": "interface",
        "RequesterId": "amazon-rds", "RequesterManaged": true"#,
    );
    let renamed = interface(r#", "Description": "renamed""#);
    let silent = interface("");
    check(
        &[VPCS, ("a.json", &database)],
        &expect![[r#"
            subnet-1 public IPv4 None, IPv6 None, contested false
            eni-1 RDS | RDSNetworkInterface | interface | amazon-rds Some(true), contested false
        "#]],
    );
    check(
        &[VPCS, ("a.json", &silent), ("b.json", &database), ("c.json", &renamed)],
        &expect![[r#"
            subnet-1 public IPv4 None, IPv6 None, contested false
            eni-1 RDS | RDSNetworkInterface | interface | amazon-rds Some(true), contested false
        "#]],
    );
}

#[test]
fn an_endpoint_names_its_service() {
    check(
        &[
            VPCS,
            (
                "vpce.json",
                r#"{"VpcEndpoints": [{"VpcEndpointId": "vpce-1", "VpcId": "vpc-1", "VpcEndpointType": "Gateway",
                "ServiceName": "com.amazonaws.us-east-1.s3", "State": "available"}]}"#,
            ),
        ],
        &expect![[r#"
            vpce-1 com.amazonaws.us-east-1.s3
        "#]],
    );
}

fn addresses(network: &Network) -> Vec<String> {
    let addresses = network.unassociated_addresses().map(|address| {
        format!(
            "{} {} {}/{}",
            std::net::Ipv4Addr::from(address.public),
            network.text(address.allocation),
            network.text(address.account),
            network.text(address.region)
        )
    });
    addresses.collect()
}

#[test]
fn addresses_that_lead_nowhere_are_known_by_allocation_account_and_region() {
    let eips = r#"{"Addresses": [
        {"PublicIp": "198.51.100.4", "AllocationId": "eipalloc-4"},
        {"PublicIp": "198.51.100.3", "AllocationId": "eipalloc-3", "NetworkInterfaceId": "eni-9"},
        {"PublicIp": "198.51.100.2", "AllocationId": "eipalloc-2"},
        {"PublicIp": "198.51.100.1", "AllocationId": "eipalloc-1"}]}"#;
    // The interface's own listing is the better word: 198.51.100.2 leads to it.
    let interfaces = r#"{"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1",
        "Status": "in-use", "Groups": [], "PrivateIpAddress": "10.0.1.4", "Association": {"PublicIp": "198.51.100.2"}}]}"#;
    let folder = "accounts/111122223333/eu-west-1";
    for files in [
        [
            ("Vpcs.json".to_owned(), VPCS.1),
            ("a.json".to_owned(), eips),
            ("b.json".to_owned(), interfaces),
        ],
        [
            (format!("{folder}/Vpcs.json"), VPCS.1),
            (format!("{folder}/Addresses.json"), eips),
            (format!("{folder}/NetworkInterfaces.json"), interfaces),
        ],
    ] {
        let named = files[0].0.contains('/');
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, *text)).collect();
        let network = load(&files).unwrap();
        let place = if named { "111122223333/eu-west-1" } else { "/" };
        assert_eq!(
            addresses(&network),
            [
                format!("198.51.100.1 eipalloc-1 {place}"),
                format!("198.51.100.4 eipalloc-4 {place}"),
            ]
        );
        assert_eq!(network.elastic_addresses.len(), 4);
        for (last, held) in [(0, false), (1, true), (2, true), (3, true), (4, true), (5, false)] {
            assert_eq!(network.holds_public(0xc633_6400 | last), held, "{last}");
        }
    }
}
