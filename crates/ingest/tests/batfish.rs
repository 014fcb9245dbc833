//! What Batfish's own tests expect of its AWS snapshots, asked of Portolan.
//!
//! The inputs are not part of the project; `PORTOLAN_TEST_DATA` names the
//! folder that holds them. Without it this test says so and passes. Snapshots
//! with a transit gateway, a VPN, Direct Connect or a load balancer are left
//! out: Portolan does not model those.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what a helper of a test can't do fails the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use portolan::model::Network;
use portolan::reach::explain::explain;
use portolan::reach::place::Zones;
use portolan::record::Verdict;

/// Rows that Portolan answers otherwise, and why. One that agrees after all
/// must be struck from here.
const DIFFERENCES: [(&str, &str); 4] = [
    (
        "testFromInternetToInvalidPublicIp",
        "Batfish takes an address of AWS that is not in the snapshot for one that nobody has. The \
         snapshot does not say so: it holds one account and one Region.",
    ),
    (
        "testInvalidStartInterval",
        "AWS refuses the rule (EC2 API, IpPermission: \"For tcp, udp, and icmp, you must specify a \
         port range\"; only ICMP has -1), so no account holds it. Portolan can't read its ports and \
         takes them for unknown.",
    ),
    ("testInvalidEndInterval", "As testInvalidStartInterval, for the end of the range."),
    (
        "testIcmpInvalidCodeOnly",
        "AWS refuses the rule (EC2 API, IpPermission: \"If the start port is -1 (all ICMP types), \
         then the end port must be -1 (all ICMP codes)\"). Portolan can't read its types and takes \
         them for unknown; Batfish drops the rule.",
    ),
];

/// Snapshots that need what is not modelled.
const LEFT_OUT: [&str; 4] = [
    "test-public-private-subnet",
    "test-load-balancer",
    "test-transit-gateway",
    "test-transit-gateway-multi-table",
];

#[test]
fn expectations_of_batfish_hold() {
    let Some(data) = std::env::var_os("PORTOLAN_TEST_DATA").map(PathBuf::from) else {
        eprintln!(
            "SKIPPED: PORTOLAN_TEST_DATA is not set, so Batfish's expectations were not compared"
        );
        return;
    };
    let table = std::fs::read_to_string(data.join("expected/A2-batfish-expected.csv")).unwrap();
    let units = data.join("A2-batfish-units");
    let mut snapshots = BTreeMap::new();
    let (mut asked, mut agreed, mut left_out) = (0_usize, BTreeSet::new(), 0_usize);
    let mut disagreed = BTreeMap::new();
    for row in rows(&table) {
        let name = row.get("test").to_owned();
        let snapshot = row.get("snapshot");
        if LEFT_OUT.contains(&snapshot) {
            left_out += 1;
            continue;
        }
        asked += 1;
        let wrong = if row.get("src") == "rule" {
            rule(&units, &row)
        } else {
            let network = snapshots
                .entry(snapshot.to_owned())
                .or_insert_with(|| load(&units.join(snapshot).join("aws_configs")));
            flow(network, &row)
        };
        if wrong.is_empty() {
            agreed.insert(name);
        } else {
            disagreed.insert(name, wrong);
        }
    }
    println!(
        "Batfish: {} of {asked} rows agree, {} differ, {left_out} need what is not modelled",
        agreed.len(),
        disagreed.len()
    );
    for (name, wrong) in &disagreed {
        let why = DIFFERENCES.iter().find(|(known, _)| known == name).map_or("?", |(_, why)| why);
        println!("  {name}: {}\n    {why}", wrong.join("; "));
    }
    let known: BTreeSet<&str> = DIFFERENCES.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<&str> = disagreed.keys().map(String::as_str).collect();
    assert_eq!(found, known, "rows that differ (left), and those that are explained (right)");
    assert_eq!((asked, left_out), (34, 24), "the table has changed");
}

/// A line of the table, by column.
struct Row(BTreeMap<String, String>);

impl Row {
    fn get(&self, column: &str) -> &str {
        &self.0[column]
    }
}

/// Comma-separated, with quotes around cells that hold a comma.
fn rows(table: &str) -> Vec<Row> {
    let mut lines = table.lines().map(cells);
    let header = lines.next().unwrap();
    lines.map(|cells| Row(header.iter().cloned().zip(cells).collect())).collect()
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

fn load(folder: &Path) -> Network {
    portolan_ingest::load(&[folder], &portolan_ingest::LoadOptions::default()).unwrap().network
}

fn verdict(network: &Network, from: &str, to: &str, port: &str) -> Verdict {
    explain(network, &Zones::default(), &(), from, to, port).unwrap().verdict
}

// ---- flows of the snapshots ----

/// What is wrong with the answer about a flow.
fn flow(network: &Network, row: &Row) -> Vec<String> {
    let from = match (row.get("src"), row.get("src_ip")) {
        // Any address of the internet, or of the VPC but not of the subnet.
        ("INTERNET", _) => "8.8.8.8",
        (vpc, "any") if vpc.starts_with("vpc-") => "10.10.0.5",
        (subnet, address) if subnet.starts_with("subnet-") => address,
        (instance, _) => instance,
    };
    let port = match (row.get("proto"), row.get("dst_port")) {
        ("ip-proto-0 (no ports)", _) => "proto/0".to_owned(),
        ("ip-proto 107 (A/N)", _) => "proto/107".to_owned(),
        (protocol, port) => format!("{protocol}/{port}"),
    };
    let expected = match row.get("delivered") {
        "yes" => Verdict::Open,
        "no" => Verdict::Closed,
        _ => Verdict::Unknown,
    };
    let to = row.get("dst_ip");
    let said = verdict(network, from, to, &port);
    let wrong = (said != expected).then(|| format!("{from} -> {to} {port}: said {said:?}"));
    wrong.into_iter().collect()
}

// ---- single rules ----

/// The host that wears the group of a rule.
const HOST: &str = "198.51.100.7";

/// At the edges of what the rule matches: from, to, port, and whether it passes.
type Edges = &'static [(&'static str, &'static str, &'static str, bool)];

/// The edges of each rule, by the number of its group in the file.
const RULES: [Edges; 12] = [
    &[
        ("1.2.3.4", HOST, "tcp/22", true),
        ("1.2.3.4", HOST, "tcp/21", false),
        ("1.2.3.4", HOST, "tcp/23", false),
        ("1.2.3.4", HOST, "udp/22", false),
        ("1.2.3.3", HOST, "tcp/22", false),
        ("1.2.3.5", HOST, "tcp/22", false),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/0", true),
        ("1.2.3.4", HOST, "tcp/22", true),
        ("1.2.3.4", HOST, "tcp/23", false),
        ("1.2.3.5", HOST, "tcp/0", false),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/65529", false),
        ("1.2.3.4", HOST, "tcp/65530", true),
        ("1.2.3.4", HOST, "tcp/65535", true),
        ("1.2.3.5", HOST, "tcp/65535", false),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/0", true),
        ("1.2.3.4", HOST, "tcp/65535", true),
        ("1.2.3.4", HOST, "udp/0", false),
        ("1.2.3.5", HOST, "tcp/80", false),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/0", true),
        ("200.1.2.3", HOST, "udp/65535", true),
        ("200.1.2.3", HOST, "icmp/8", true),
        ("200.1.2.3", HOST, "proto/107", true),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/44", false),
        ("1.2.3.4", HOST, "tcp/45", true),
        ("1.2.3.4", HOST, "tcp/50", true),
        ("1.2.3.4", HOST, "tcp/51", false),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/0", true),
        ("1.2.3.4", HOST, "tcp/50", true),
        ("1.2.3.4", HOST, "tcp/51", false),
    ],
    &[
        ("1.2.3.4", HOST, "tcp/29", false),
        ("1.2.3.4", HOST, "tcp/30", true),
        ("1.2.3.4", HOST, "tcp/65535", true),
    ],
    &[
        // The answer to 1.2.3.4 passes though no outbound rule names it.
        ("1.2.3.4", HOST, "tcp/22", true),
        ("1.2.3.4", HOST, "tcp/23", false),
        ("1.2.3.5", HOST, "tcp/22", false),
        (HOST, "5.6.7.8", "tcp/80", true),
        (HOST, "5.6.7.8", "tcp/81", false),
        (HOST, "1.2.3.4", "tcp/40000", false),
        (HOST, "1.2.3.5", "tcp/80", false),
    ],
    &[
        ("1.2.3.4", HOST, "icmp/8/0", true),
        ("1.2.3.4", HOST, "icmp/8/255", true),
        ("1.2.3.4", HOST, "icmp/7/0", false),
        ("1.2.3.4", HOST, "icmp/9/0", false),
        ("1.2.3.4", HOST, "tcp/8", false),
    ],
    &[
        ("1.2.3.4", HOST, "icmp/8/9", true),
        ("1.2.3.4", HOST, "icmp/8/8", false),
        ("1.2.3.4", HOST, "icmp/8/10", false),
        ("1.2.3.4", HOST, "icmp/9/8", false),
    ],
    &[("1.2.3.4", HOST, "icmp/8/9", false), ("1.2.3.4", HOST, "icmp/0/9", false)],
];

/// What is wrong at the edges of a rule.
fn rule(units: &Path, row: &Row) -> Vec<String> {
    let number = row.get("snapshot").split(['[', ']']).nth(1).unwrap();
    let number: usize = number.parse().unwrap();
    let groups = std::fs::read(units.join("SecurityGroupTest.json")).unwrap();
    let network = around(&groups, number);
    RULES[number]
        .iter()
        .filter_map(|&(from, to, port, passes)| {
            let expected = if passes { Verdict::Open } else { Verdict::Closed };
            let said = verdict(&network, from, to, port);
            (said != expected).then(|| format!("{from} -> {to} {port}: said {said:?}"))
        })
        .collect()
}

/// A host on the internet that wears the group with this number. Some groups of
/// the file have the same id, so it is listed alone.
fn around(groups: &[u8], number: usize) -> Network {
    let listed: serde_json::Value = serde_json::from_slice(groups).unwrap();
    let only = &listed["SecurityGroups"][number];
    let group = only["GroupId"].as_str().unwrap();
    let vpc = only["VpcId"].as_str().unwrap();
    let listings = [
        format!(r#"{{"SecurityGroups": [{only}]}}"#),
        format!(r#"{{"Vpcs": [{{"VpcId": "{vpc}", "CidrBlock": "10.0.0.0/16"}}]}}"#),
        format!(
            r#"{{"Subnets": [{{"SubnetId": "subnet-1", "VpcId": "{vpc}", "CidrBlock": "10.0.1.0/24"}}]}}"#
        ),
        format!(
            r#"{{"InternetGateways": [{{"InternetGatewayId": "igw-1",
                "Attachments": [{{"VpcId": "{vpc}", "State": "available"}}]}}]}}"#
        ),
        format!(
            r#"{{"RouteTables": [{{"RouteTableId": "rtb-1", "VpcId": "{vpc}",
                "Associations": [{{"Main": true}}], "Routes": [
                {{"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local", "State": "active",
                  "Origin": "CreateRouteTable"}},
                {{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "igw-1", "State": "active",
                  "Origin": "CreateRoute"}}]}}]}}"#
        ),
        format!(
            r#"{{"NetworkAcls": [{{"NetworkAclId": "acl-1", "VpcId": "{vpc}", "IsDefault": true,
                "Associations": [], "Entries": [
                {{"RuleNumber": 100, "Egress": false, "Protocol": "-1", "RuleAction": "allow",
                  "CidrBlock": "0.0.0.0/0"}},
                {{"RuleNumber": 100, "Egress": true, "Protocol": "-1", "RuleAction": "allow",
                  "CidrBlock": "0.0.0.0/0"}}]}}]}}"#
        ),
        format!(
            r#"{{"NetworkInterfaces": [{{"NetworkInterfaceId": "eni-1", "VpcId": "{vpc}",
                "SubnetId": "subnet-1", "InterfaceType": "interface", "Status": "in-use",
                "SourceDestCheck": true, "Groups": [{{"GroupId": "{group}"}}],
                "Attachment": {{"InstanceId": "i-1", "Status": "attached"}},
                "PrivateIpAddresses": [{{"PrivateIpAddress": "10.0.1.10", "Primary": true,
                  "Association": {{"PublicIp": "{HOST}"}}}}]}}]}}"#
        ),
        r#"{"Reservations": [{"Instances": [{"InstanceId": "i-1", "State": {"Name": "running"}}]}]}"#
            .to_owned(),
    ];
    let files = (0..).zip(listings).map(|(number, listing): (u8, String)| {
        (format!("us-east-1/{number}.json"), listing.into_bytes())
    });
    portolan_ingest::load_bytes(files.collect()).unwrap().network
}
