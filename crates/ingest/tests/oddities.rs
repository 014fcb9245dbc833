//! What listings say that nobody expects: it widens what is possible, is
//! reported, and costs neither the file nor the rule.

mod common;

use common::{load, summary};
use expect_test::{Expect, expect};

fn check(files: &[(&str, &str)], expected: &Expect) {
    match load(files) {
        Ok(loaded) => expected.assert_eq(&summary(&loaded)),
        Err(error) => expected.assert_eq(&error.to_string()),
    }
}

fn group(permissions: &str) -> String {
    format!(
        r#"{{"SecurityGroups": [{{"GroupId": "sg-1", "VpcId": "vpc-1", "IpPermissionsEgress": [],
        "IpPermissions": [{permissions}]}}]}}"#
    )
}

const VPCS: (&str, &str) =
    ("Vpcs.json", r#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#);

#[test]
fn protocols_and_ports_of_groups() {
    let mut permissions = Vec::new();
    for traffic in [
        r#""IpProtocol": "-1""#,
        r#""IpProtocol": "-1", "FromPort": 0, "ToPort": 0"#,
        r#""IpProtocol": "tcp", "FromPort": 0, "ToPort": 0"#,
        r#""IpProtocol": "6", "FromPort": 22, "ToPort": 80"#,
        r#""IpProtocol": 17, "FromPort": 53, "ToPort": 53"#,
        r#""IpProtocol": "tcp""#,
        r#""IpProtocol": "tcp", "FromPort": -1, "ToPort": -1"#,
        r#""IpProtocol": "tcp", "FromPort": 80, "ToPort": 22"#,
        r#""IpProtocol": "tcp", "FromPort": "22", "ToPort": 22"#,
        r#""IpProtocol": "tcp", "FromPort": 0, "ToPort": 65536"#,
        r#""IpProtocol": "icmp", "FromPort": 8, "ToPort": -1"#,
        r#""IpProtocol": "icmp", "FromPort": -1, "ToPort": -1"#,
        r#""IpProtocol": "icmp", "FromPort": -1, "ToPort": 9"#,
        r#""IpProtocol": "1", "FromPort": 3, "ToPort": 4"#,
        r#""IpProtocol": "icmp""#,
        r#""IpProtocol": "icmpv6""#,
        r#""IpProtocol": "58", "FromPort": 128, "ToPort": 0"#,
        r#""IpProtocol": "50", "FromPort": 1, "ToPort": 2"#,
        r#""IpProtocol": "256""#,
        r#""IpProtocol": "+6", "FromPort": 1, "ToPort": 2"#,
        r#""IpProtocol": "sctp""#,
        r#""FromPort": 1"#,
    ] {
        permissions.push(format!(r#"{{{traffic}, "IpRanges": [{{"CidrIp": "0.0.0.0/0"}}]}}"#));
    }
    let groups = group(&permissions.join(","));
    let loaded = load(&[VPCS, ("g.json", &groups)]).unwrap();
    let text = summary(&loaded);
    let rules: Vec<&str> =
        text.lines().filter(|line| line.contains("Ingress")).map(str::trim).collect();
    expect![[r#"
            Ingress all 0.0.0.0/0
            Ingress all 0.0.0.0/0
            Ingress tcp/0 0.0.0.0/0
            Ingress tcp/22-80 0.0.0.0/0
            Ingress udp/53 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress icmp/8 0.0.0.0/0
            Ingress icmp/any 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress icmp/3/4 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress icmpv6/any 0.0.0.0/0
            Ingress icmpv6/128/0 0.0.0.0/0
            Ingress proto/50/any 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
            Ingress ? 0.0.0.0/0
    "#]]
    .assert_eq(&(rules.join("\n") + "\n"));
}

#[test]
fn peers_that_can_not_be_read_may_be_anyone() {
    let groups = group(
        r#"{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.1/8"}, {"CidrIp": "10.0.0.1"}, {}, 5],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}], "PrefixListIds": [{"PrefixListId": "pl-1"}, {}],
        "UserIdGroupPairs": [{"GroupId": "sg-2", "PeeringStatus": "deleted"}, {"GroupName": "web"},
        {"GroupId": "sg-1", "PeeringStatus": "active"}]}, 7, null"#,
    );
    check(
        &[VPCS, ("g.json", &groups)],
        &expect![[r#"
        read 2, left alone 0
        component /
          vpc-1 10.0.0.0/16
          sg-1
            Ingress all 10.0.0.0/8
            Ingress all ?10.0.0.1
            Ingress all ?
            Ingress all ::/0
            Ingress all pl-1
            Ingress all ?
            Ingress all sg-2 stale
            Ingress all ?web
            Ingress all sg-1
            Ingress all ?
            Ingress ? ?
          sg-2 unseen
          pl-1 ?
        limitation unknown-prefix-list pl-1 g.json#/SecurityGroups/0
        limitation unreadable-value sg-1 g.json#/SecurityGroups/0
        warning sg-1: `10.0.0.1/8` has host bits set: taken as 10.0.0.0/8
        warning sg-1: `CidrIp`: `10.0.0.1` has no prefix length
        warning sg-1: `CidrIp` can't be read
        warning sg-1: `PrefixListId` can't be read
        warning sg-1: `GroupId` can't be read
        warning sg-1: `IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs` can't be read
        warning sg-1: `IpPermissions` can't be read
    "#]],
    );
}

#[test]
fn rules_that_were_cut_off_may_be_anything() {
    let groups = r#"{"SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1"}, {"VpcId": "vpc-1"}, 4,
        {"GroupId": "sg-3", "VpcId": "vpc-1", "IpPermissions": 3, "IpPermissionsEgress": []}]}"#;
    check(
        &[VPCS, ("g.json", groups)],
        &expect![[r#"
            read 2, left alone 0
            component /
              vpc-1 10.0.0.0/16
              (no id)
                Ingress ? ?
                Egress ? ?
              sg-1
                Ingress ? ?
                Egress ? ?
              sg-3
                Ingress ? ?
            limitation unreadable-value  g.json#/SecurityGroups/1
            limitation unreadable-value sg-1 g.json#/SecurityGroups/0
            limitation unreadable-value SecurityGroups g.json#/SecurityGroups/2
            limitation unreadable-value sg-3 g.json#/SecurityGroups/3
            warning sg-1: `IpPermissions` can't be read
            warning sg-1: `IpPermissionsEgress` can't be read
            warning : `GroupId` can't be read
            warning : `IpPermissions` can't be read
            warning : `IpPermissionsEgress` can't be read
            warning SecurityGroups: `element` can't be read
            warning sg-3: `IpPermissions` can't be read
        "#]],
    );
}

#[test]
fn rules_have_ids_from_their_own_listing_which_also_stands_alone() {
    let rules = r#"{"SecurityGroupRules": [
        {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp",
         "FromPort": 22, "ToPort": 22, "CidrIpv4": "10.0.0.0/8"},
        {"SecurityGroupRuleId": "sgr-2", "GroupId": "sg-1", "IsEgress": true, "IpProtocol": "-1",
         "FromPort": -1, "ToPort": -1, "ReferencedGroupInfo": {"GroupId": "sg-1"}},
        {"SecurityGroupRuleId": "sgr-3", "GroupId": "sg-1", "IpProtocol": "-1"}]}"#;
    check(
        &[VPCS, ("r.json", rules)],
        &expect![[r#"
        read 2, left alone 0
        component /
          sg-1
            Ingress tcp/22 10.0.0.0/8 sgr-1
            Egress all sg-1 sgr-2
            Ingress all ? sgr-3 contested
            Egress all ? sgr-3 contested
        component /
          vpc-1 10.0.0.0/16
        limitation unreadable-value sgr-3 r.json#/SecurityGroupRules/2
        warning sgr-3: `CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupInfo` can't be read
        warning sgr-3: `IsEgress` can't be read
    "#]],
    );
    let groups = group(
        r#"{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}"#,
    );
    let one = r#"{"SecurityGroupRules": [
        {"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1", "IsEgress": false, "IpProtocol": "tcp",
         "FromPort": 22, "ToPort": 22, "CidrIpv4": "10.0.0.0/8"}]}"#;
    check(
        &[VPCS, ("g.json", &groups), ("r.json", one)],
        &expect![[r#"
        read 3, left alone 0
        component /
          vpc-1 10.0.0.0/16
          sg-1
            Ingress tcp/22 10.0.0.0/8 sgr-1
    "#]],
    );
}

#[test]
fn entries_of_acls() {
    let mut entries = Vec::new();
    for (number, traffic) in [
        r#""Protocol": "-1", "CidrBlock": "0.0.0.0/0""#,
        r#""Protocol": "6", "PortRange": {"From": 22, "To": 22}, "CidrBlock": "10.0.0.1/8""#,
        r#""Protocol": "6", "CidrBlock": "0.0.0.0/0""#,
        r#""Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}, "CidrBlock": "0.0.0.0/0""#,
        r#""Protocol": "1", "CidrBlock": "0.0.0.0/0""#,
        r#""Protocol": "58", "IcmpTypeCode": {"Type": 128, "Code": 0}, "CidrBlock": "0.0.0.0/0""#,
        r#""Protocol": "58", "IcmpTypeCode": {"Type": 128, "Code": 0}, "Ipv6CidrBlock": "::/0""#,
        r#""Protocol": "50", "PortRange": {"From": 1, "To": 2}, "Ipv6CidrBlock": "::/0""#,
        r#""Protocol": "6", "PortRange": {"From": 1, "To": 2}, "CidrBlock": "here""#,
        r#""Protocol": "6", "PortRange": 4, "CidrBlock": "0.0.0.0/0""#,
    ]
    .iter()
    .enumerate()
    {
        entries.push(format!(
            r#"{{"RuleNumber": {number}, "Egress": false, "RuleAction": "allow", {traffic}}}"#
        ));
    }
    entries.push(r#"{"RuleNumber": 90, "Egress": true, "RuleAction": "maybe", "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}"#.to_owned());
    let acl = |id: &str, entries: &str| {
        format!(
            r#"{{"NetworkAclId": "{id}", "VpcId": "vpc-1", "IsDefault": true, "Associations": [], "Entries": {entries}}}"#
        )
    };
    let acls = format!(
        r#"{{"NetworkAcls": [{}, {}, {}]}}"#,
        acl("acl-1", &format!("[{}]", entries.join(","))),
        acl("acl-2", "[{\"Egress\": true}]"),
        acl("acl-3", "null"),
    );
    check(
        &[VPCS, ("acls.json", &acls)],
        &expect![[r#"
        read 2, left alone 0
        component /
          vpc-1 10.0.0.0/16
          acl-1
            0 in allow all 0.0.0.0/0
            1 in allow tcp/22 10.0.0.0/8
            2 in allow ? 0.0.0.0/0
            3 in allow icmp/8 0.0.0.0/0
            4 in allow ? 0.0.0.0/0
            5 in allow icmpv6/any 0.0.0.0/0
            6 in allow icmpv6/128/0 ::/0
            7 in allow proto/50/any ::/0
            8 in allow tcp/1-2 ?
            9 in allow ? 0.0.0.0/0
            90 out ? all 0.0.0.0/0
          acl-2 contested
          acl-3 contested
        limitation unreadable-value acl-1 acls.json#/NetworkAcls/0
        limitation unreadable-value acl-2 acls.json#/NetworkAcls/1
        limitation unreadable-value acl-3 acls.json#/NetworkAcls/2
        warning acl-1: `10.0.0.1/8` has host bits set: taken as 10.0.0.0/8
        warning acl-1: `Protocol, PortRange, IcmpTypeCode` can't be read
        warning acl-1: `Protocol, PortRange, IcmpTypeCode` can't be read
        warning acl-1: `CidrBlock`: `here` has no prefix length
        warning acl-1: `Protocol, PortRange, IcmpTypeCode` can't be read
        warning acl-1: `RuleAction` is `maybe`, which we do not know
        warning acl-2: `RuleNumber, Egress` can't be read
        warning acl-3: `Entries` can't be read
    "#]],
    );
}

#[test]
fn routes_and_their_targets() {
    let mut routes = Vec::new();
    for route in [
        r#""DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "Origin": "CreateRouteTable""#,
        r#""DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1""#,
        r#""DestinationIpv6CidrBlock": "::/0", "EgressOnlyInternetGatewayId": "eigw-1""#,
        r#""DestinationPrefixListId": "pl-1", "GatewayId": "vpce-1""#,
        r#""DestinationCidrBlock": "10.1.0.0/16", "VpcPeeringConnectionId": "pcx-1""#,
        r#""DestinationCidrBlock": "10.2.0.0/16", "InstanceId": "i-1", "NetworkInterfaceId": "eni-1""#,
        r#""DestinationCidrBlock": "10.3.0.0/16", "InstanceId": "i-1""#,
        r#""DestinationCidrBlock": "10.4.0.0/16", "TransitGatewayId": "tgw-1""#,
        r#""DestinationCidrBlock": "10.5.0.0/16", "GatewayId": "vgw-1", "Origin": "EnableVgwRoutePropagation""#,
        r#""DestinationCidrBlock": "10.6.0.0/16", "NatGatewayId": "nat-1", "State": "blackhole""#,
        r#""DestinationCidrBlock": "10.7.0.0/16", "CoreNetworkArn": "arn:x", "State": "filtered""#,
        r#""DestinationCidrBlock": "10.8.0.0/16""#,
        r#""DestinationCidrBlock": "nowhere", "GatewayId": "igw-1""#,
        r#""GatewayId": "local""#,
    ] {
        let state = if route.contains("State") { "" } else { r#", "State": "active""# };
        routes.push(format!("{{{route}{state}}}"));
    }
    let tables = format!(
        r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "vpc-1", "Associations": [
        {{"Main": true, "AssociationState": {{"State": "associated"}}}},
        {{"SubnetId": "subnet-9", "AssociationState": {{"State": "disassociated"}}}}], "Routes": [{}]}},
        {{"RouteTableId": "rtb-2", "VpcId": "vpc-1", "Associations": []}}]}}"#,
        routes.join(",")
    );
    check(
        &[VPCS, ("r.json", &tables)],
        &expect![[r#"
            read 2, left alone 0
            component /
              vpc-1 10.0.0.0/16
              eni-1 Host Unknown  contested
              rtb-1
                Some(Ipv4(Prefix { first: 167772160, length: 16 })) Local Active Static
                Some(Ipv4(Prefix { first: 0, length: 0 })) InternetGateway(InternetGatewayId(0)) Active Static
                Some(Ipv6(Prefix { first: 0, length: 0 })) EgressOnlyInternetGateway(EgressOnlyInternetGatewayId(0)) Active Static
                Some(PrefixList(PrefixListId(0))) VpcEndpoint(VpcEndpointId(0)) Active Static
                Some(Ipv4(Prefix { first: 167837696, length: 16 })) VpcPeeringConnection(VpcPeeringConnectionId(0)) Active Static
                Some(Ipv4(Prefix { first: 167903232, length: 16 })) NetworkInterface(NetworkInterfaceId(0)) Active Static
                Some(Ipv4(Prefix { first: 167968768, length: 16 })) Other(TextId(10)) Active Static
                Some(Ipv4(Prefix { first: 168034304, length: 16 })) TransitGateway(TransitGatewayId(0)) Active Static
                Some(Ipv4(Prefix { first: 168099840, length: 16 })) VpnGateway(TextId(12)) Active Propagated
                Some(Ipv4(Prefix { first: 168165376, length: 16 })) NatGateway(NatGatewayId(0)) Blackhole Static
                Some(Ipv4(Prefix { first: 168230912, length: 16 })) Other(TextId(14)) Unknown Static
                Some(Ipv4(Prefix { first: 168296448, length: 16 })) Other(TextId(0)) Active Static
                None InternetGateway(InternetGatewayId(0)) Active Static
                None Local Active Static
              rtb-2 contested
              pl-1 ?
            limitation unknown-prefix-list pl-1 r.json#/RouteTables/0
            limitation unknown-network-interface eni-1 r.json#/RouteTables/0
            limitation unknown-route-target igw-1 r.json#/RouteTables/0
            limitation unknown-route-target eigw-1 r.json#/RouteTables/0
            limitation unknown-route-target vpce-1 r.json#/RouteTables/0
            limitation unknown-route-target pcx-1 r.json#/RouteTables/0
            limitation unknown-route-target nat-1 r.json#/RouteTables/0
            limitation unreadable-value rtb-1 r.json#/RouteTables/0
            limitation unreadable-value rtb-2 r.json#/RouteTables/1
            limitation transit-gateway tgw-1 r.json#/RouteTables/0
            limitation vpn-gateway vgw-1 r.json#/RouteTables/0
            limitation unmodelled-route-target  r.json#/RouteTables/0
            limitation unmodelled-route-target i-1 r.json#/RouteTables/0
            limitation unmodelled-route-target arn:x r.json#/RouteTables/0
            warning rtb-1: `State` is `filtered`, which we do not know
            warning rtb-1: `GatewayId` can't be read
            warning rtb-1: `DestinationCidrBlock`: `nowhere` has no prefix length
            warning rtb-1: `DestinationCidrBlock` can't be read
            warning rtb-2: `Routes` can't be read
        "#]],
    );
}

const INSTANCES: &str = r#"{"Reservations": [{"OwnerId": "111122223333", "Instances": [
    {"InstanceId": "i-1", "State": {"Name": "running"}, "NetworkInterfaces": [
      {"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Status": "in-use",
       "Groups": [], "PrivateIpAddresses": [
         {"PrivateIpAddress": "10.0.0.5", "Primary": false},
         {"PrivateIpAddress": "10.0.0.4", "Primary": true, "Association": {"PublicIp": "198.51.100.4"}}]}]},
    {"InstanceId": "i-2", "State": {"Name": "stopped"}}, {"InstanceId": "i-3"}]}]}"#;

#[test]
fn interfaces_of_instances_stand_in_for_a_listing_that_is_not_there() {
    check(
        &[VPCS, ("i.json", INSTANCES)],
        &expect![[r#"
        read 2, left alone 0
        component 111122223333/
          vpc-1 10.0.0.0/16
          eni-1 Host Attached 10.0.0.4=198.51.100.4 10.0.0.5
          i-1 Running
        public 198.51.100.4 Interface { component: ComponentId(0), interface: NetworkInterfaceId(0), private: 167772164 }
        limitation unknown-subnet subnet-1 i.json#/Reservations/0
        limitation unreadable-value i-3 i.json#/Reservations/0
        warning i-3: `State` is missing
    "#]],
    );
    // An empty listing is not an absent one: it decides.
    check(
        &[VPCS, ("i.json", INSTANCES), ("n.json", r#"{"NetworkInterfaces": []}"#)],
        &expect![[r#"
            read 3, left alone 0
            component 111122223333/
              vpc-1 10.0.0.0/16
            limitation unreadable-value i-3 i.json#/Reservations/0
            warning i-3: `State` is missing
        "#]],
    );
}

#[test]
fn interfaces_are_what_they_are_by_type_else_by_who_made_them() {
    let mut all = Vec::new();
    for (number, words) in [
        r#""InterfaceType": "interface""#,
        r#""InterfaceType": "natGateway""#,
        r#""InterfaceType": "network_load_balancer""#,
        r#""InterfaceType": "interface", "RequesterId": "amazon-elb", "Description": "ELB app/x/1""#,
        r#""InterfaceType": "interface", "Description": "ELB app/x/1""#,
        r#""InterfaceType": "vpc_endpoint""#,
        r#""InterfaceType": "transit_gateway""#,
        r#""InterfaceType": "lambda", "Status": "available""#,
        r#""InterfaceType": "warp_drive", "Status": "attaching""#,
        r#""PrivateIpAddress": "10.0.0.300""#,
        r#""Status": "in-use", "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.3.0/28"}], "Association": {"PublicIp": "198.51.100.9"}, "PrivateIpAddress": "10.0.2.1""#,
    ]
    .iter()
    .enumerate()
    {
        let status = if words.contains("Status") { "" } else { r#", "Status": "in-use""# };
        all.push(format!(
            r#"{{"NetworkInterfaceId": "eni-{number:02}", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Groups": [], {words}{status}}}"#
        ));
    }
    all.push(r#"{"NetworkInterfaceId": "eni-99", "VpcId": "vpc-1", "SubnetId": "subnet-1", "Status": "in-use"}"#.to_owned());
    let all = format!(r#"{{"NetworkInterfaces": [{}]}}"#, all.join(","));
    let loaded = load(&[VPCS, ("n.json", &all)]).unwrap();
    expect![[r#"
        read 2, left alone 0
        component /
          vpc-1 10.0.0.0/16
          eni-00 Host Attached
          eni-01 NatGateway Attached
          eni-02 LoadBalancer Attached
          eni-03 LoadBalancer Attached
          eni-04 Host Attached
          eni-05 VpcEndpoint Attached
          eni-06 TransitGateway Attached
          eni-07 Host Detached
          eni-08 Host Unknown
          eni-09 Host Attached  contested
          eni-10 Host Attached 10.0.2.1=198.51.100.9 10.0.3.0
          eni-99 Host Attached  contested
        public 198.51.100.9 Interface { component: ComponentId(0), interface: NetworkInterfaceId(10), private: 167772673 }
        limitation unknown-subnet subnet-1 n.json#/NetworkInterfaces/0
        limitation unreadable-value eni-09 n.json#/NetworkInterfaces/9
        limitation unreadable-value eni-99 n.json#/NetworkInterfaces/11
        limitation load-balancer eni-02 n.json#/NetworkInterfaces/2
        limitation load-balancer eni-03 n.json#/NetworkInterfaces/3
        limitation endpoint-service eni-05 n.json#/NetworkInterfaces/5
        warning eni-08: `InterfaceType` is `warp_drive`, which we do not know: taken as a host
        warning eni-09: `PrivateIpAddress` is `10.0.0.300`, which we do not know
        warning eni-99: `Groups` can't be read
    "#]].assert_eq(&summary(&loaded));
}

#[test]
fn entries_of_prefix_lists_come_from_four_calls() {
    let groups = group(
        r#"{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-00aa"}, {"PrefixListId": "pl-00bb"},
        {"PrefixListId": "pl-00cc"}, {"PrefixListId": "pl-00dd"}, {"PrefixListId": "pl-00ee"}]}"#,
    );
    check(
        &[
            VPCS,
            ("g.json", &groups),
            (
                "a.json",
                r#"{"PrefixLists": [{"PrefixListId": "pl-00aa", "Cidrs": ["10.0.0.0/8"]},
                {"PrefixListId": "pl-00bb", "MaxEntries": 3}, {"PrefixListId": "pl-00ee", "Cidrs": ["x"]}]}"#,
            ),
            (
                "b.json",
                r#"{"ManagedPrefixListEntries": [{"PrefixListId": "pl-00bb", "Entries": [{"Cidr": "10.1.0.0/16"}]}]}"#,
            ),
            ("lists/pl-00cc_1.json", r#"{"Entries": [{"Cidr": "10.2.0.0/16"}], "NextToken": "x"}"#),
            ("lists/pl-00cc_2.json", r#"{"Entries": [{"Cidr": "10.3.0.0/16"}]}"#),
            ("lists/which.json", r#"{"Entries": [{"Cidr": "10.4.0.0/16"}]}"#),
            ("lists/other.json", r#"{"Entries": [{"Name": "x"}]}"#),
        ],
        &expect![[r#"
            read 7, left alone 1
            component /
              vpc-1 10.0.0.0/16
              sg-1
                Ingress all pl-00aa
                Ingress all pl-00bb
                Ingress all pl-00cc
                Ingress all pl-00dd
                Ingress all pl-00ee
              pl-00aa 10.0.0.0/8
              pl-00bb 10.1.0.0/16
              pl-00cc 10.2.0.0/16 10.3.0.0/16
              pl-00dd ?
              pl-00ee ?
            limitation unknown-prefix-list pl-00dd g.json#/SecurityGroups/0
            limitation unknown-prefix-list pl-00ee g.json#/SecurityGroups/0
            limitation unreadable-value pl-00ee a.json#/PrefixLists/2
            limitation unattributed-file lists/which.json lists/which.json#/Entries
            warning pl-00ee: `Cidrs`: `x` has no prefix length
        "#]],
    );
}

#[test]
fn gateways_peerings_and_what_is_gone() {
    check(
        &[
            VPCS,
            (
                "igw.json",
                r#"{"InternetGateways": [{"InternetGatewayId": "igw-1", "Attachments": [{"VpcId": "vpc-1", "State": "available"}]},
                {"InternetGatewayId": "igw-2", "Attachments": [{"VpcId": "vpc-1", "State": "odd"}]}]}"#,
            ),
            (
                "nat.json",
                r#"{"NatGateways": [
                {"NatGatewayId": "nat-1", "VpcId": "vpc-9", "SubnetId": "subnet-9", "State": "deleted",
                 "NatGatewayAddresses": [{"PublicIp": "198.51.100.1"}]},
                {"NatGatewayId": "nat-2", "VpcId": "vpc-1", "AvailabilityMode": "regional", "State": "available",
                 "NatGatewayAddresses": [{"PublicIp": "198.51.100.2"}]}]}"#,
            ),
            (
                "pcx.json",
                r#"{"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-1", "Status": {"Code": "deleted"},
                "RequesterVpcInfo": {"VpcId": "vpc-7"}, "AccepterVpcInfo": {"VpcId": "vpc-8"}}]}"#,
            ),
            (
                "eip.json",
                r#"{"Addresses": [{"PublicIp": "198.51.100.3", "NetworkInterfaceId": "eni-lb"}, {"PublicIp": "198.51.100.4"},
                {"CarrierIp": "198.51.100.5"}, {"PublicIp": "?"}]}"#,
            ),
            (
                "lb.json",
                r#"{"LoadBalancers": [{"LoadBalancerArn": "arn:lb", "AvailabilityZones": [
                {"LoadBalancerAddresses": [{"IpAddress": "198.51.100.3"}]}]}]}"#,
            ),
            (
                "bpa.json",
                r#"{"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": "block-ingress", "State": "update-complete"}}"#,
            ),
            (
                "ex.json",
                r#"{"VpcBlockPublicAccessExclusions": [{"ExclusionId": "e-1", "State": "create-complete",
                "InternetGatewayExclusionMode": "allow-egress", "ResourceArn": "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"}]}"#,
            ),
        ],
        &expect![[r#"
            read 8, left alone 0
            component /us-east-1
              vpc-1 10.0.0.0/16
              block Ingress Some(1)
            public 198.51.100.1 Unassociated
            public 198.51.100.2 NatGateway { component: ComponentId(0), nat_gateway: NatGatewayId(0) }
            public 198.51.100.3 LoadBalancer { name: TextId(15) }
            public 198.51.100.4 Unassociated
            limitation unreadable-value igw-2 igw.json#/InternetGateways/1
            limitation unreadable-value ? eip.json#/Addresses/3
            warning igw-2: `State` is `odd`, which we do not know
            warning ?: `PublicIp` is `?`, which we do not know
        "#]],
    );
}

#[test]
fn a_listing_that_is_no_list_is_not_there() {
    let odd = r#"{"Vpcs": {"VpcId": "vpc-1"}, "Subnets": null, "RouteTables": 4}"#;
    check(
        &[("a.json", odd)],
        &expect![[r#"
        read 1, left alone 0
        limitation unreadable-value Vpcs a.json#/Vpcs
        limitation unreadable-value RouteTables a.json#/RouteTables
        warning Vpcs: `Vpcs` can't be read
        warning RouteTables: `RouteTables` can't be read
    "#]],
    );
}
