//! What is mended, mistake by mistake.

use super::estate::{Edit, Estate, Way};
use super::json::{Json, object};

const INTERFACES: (&str, &str) = ("NetworkInterfaces", "NetworkInterfaces");
const GROUPS: (&str, &str) = ("SecurityGroups", "SecurityGroups");
const ADDRESSES: (&str, &str) = ("Addresses", "Addresses");

const DEFAULT: &str = "sg-0defa000000000001";
const WEB: &str = "sg-0eb00000000000001";
const BASTION: &str = "sg-0ba50000000000001";
const APP: &str = "sg-0a990000000000001";
const MYSQL: &str = "sg-03306000000000001";
const POSTGRES: &str = "sg-05432000000000001";
const REPORTS: &str = "sg-04e90000000000001";
const API: &str = "sg-0a910000000000001";
const TRANSFER: &str = "sg-0f790000000000001";
const MANAGED: &str = "sg-09100000000000001";
const STAGING: &str = "sg-057a9000000000001";
const STATUS: &str = "sg-057a7000000000001";
const LAUNCH_WIZARD_1: &str = "sg-01a10000000000001";
const LAUNCH_WIZARD_2: &str = "sg-01a20000000000001";
const LIGHTHOUSE_DEFAULT: &str = "sg-0defa100000000001";
const PROMETHEUS: &str = "sg-09090000000000001";
const GRAFANA: &str = "sg-03000000000000001";

const S3: &str = "pl-6da54004";
const DYNAMODB: &str = "pl-6fa54006";
const OFFICE_AND_PARTNERS: &str = "pl-0ff1ce00000000001";
const S3_ENDPOINT: &str = "vpce-05300000000000001";
const DYNAMODB_ENDPOINT: &str = "vpce-0dd00000000000001";

const DATA: &str = "rtb-0db00000000000001";
const PUBLIC: &str = "rtb-0ab00000000000001";
const PRIVATE: &str = "rtb-0a990000000000001";
const MONITORING: &str = "rtb-00b50000000000001";

/// Mends everything.
pub(super) fn all(estate: &mut Estate) -> Edit {
    forgotten_ssh(estate)?;
    open_database(estate)?;
    replies(estate)?;
    too_many_let_in(estate)?;
    page_in_the_clear(estate)?;
    things_left_over(estate)?;
    ways_out(estate)?;
    second_lock(estate)?;
    ways_to_the_peer(estate)?;
    addresses_by_default(estate)?;
    block_public_access(estate)
}

/// The launch wizard's groups go; the bastion is the way in.
fn forgotten_ssh(estate: &mut Estate) -> Edit {
    estate.take_off(LAUNCH_WIZARD_1)?;
    for group in [LAUNCH_WIZARD_1, LAUNCH_WIZARD_2] {
        estate.remove(GROUPS, "GroupId", group)?;
        estate.remove(("SecurityGroupRules", "SecurityGroupRules"), "GroupId", group)?;
    }
    Ok(())
}

/// `reports` moves to its replica's neighbours, without a public address, and is
/// for the application servers.
fn open_database(estate: &mut Estate) -> Edit {
    estate.rules(REPORTS, Way::In, &[("tcp/5432", APP, "application servers")])?;
    let own = |it: &Json| {
        it.is("NetworkInterfaceId", "eni-04e90000000000001")
            || it.is("InstanceId", "i-04e90000000000001")
    };
    for file in ["NetworkInterfaces", "Instances"] {
        let Some(json) = estate.files.get_mut(file) else { continue };
        json.each(&mut |it| {
            if own(it) {
                it.each(&mut move_inside);
            }
        });
    }
    Ok(())
}

fn move_inside(it: &mut Json) {
    if let Json::Object(fields) = it {
        fields.retain(|(name, _)| name != "Association" && name != "PublicIpAddress");
    }
    if it.get("PublicDnsName").is_some() {
        it.set("PublicDnsName", "".into());
    }
    if let Json::Text(text) = it {
        for (old, new) in [
            ("10.0.1.54", "10.0.20.55"),
            ("10-0-1-54", "10-0-20-55"),
            ("02:00:0a:00:01:36", "02:00:0a:00:14:37"),
            ("subnet-0ab00000000000001", "subnet-0dba0000000000001"),
            ("eu-west-1b", "eu-west-1a"),
        ] {
            *text = text.replace(old, new);
        }
    }
}

/// The ACLs let replies out to whatever port a client chose, and `transfer-1`
/// offers HTTPS instead of FTP.
fn replies(estate: &mut Estate) -> Edit {
    estate.rules(TRANSFER, Way::In, &[("tcp/443", "0.0.0.0/0", "customers")])?;
    let inside = "10.0.0.0/15";
    estate.entries(
        "acl-0f790000000000001",
        Way::In,
        &[
            (100, "tcp/443", "0.0.0.0/0"),
            (110, "tcp/22", "10.0.0.0/16"),
            (120, "tcp/1024-65535", "0.0.0.0/0"),
        ],
    )?;
    estate.entries(
        "acl-0f790000000000001",
        Way::Out,
        &[(100, "tcp/1024-65535", "0.0.0.0/0"), (110, "tcp/443", "0.0.0.0/0")],
    )?;
    estate.entries(
        "acl-0a910000000000001",
        Way::Out,
        &[
            (100, "tcp/1024-65535", "0.0.0.0/0"),
            (110, "tcp/443", "0.0.0.0/0"),
            (120, "all", inside),
        ],
    )
}

/// Who administers comes from the office, and nobody is let in "to ensure
/// connectivity".
fn too_many_let_in(estate: &mut Estate) -> Edit {
    estate.drop_rules(GRAFANA, &["192.0.2.64/28"])?;
    estate.drop_rules(PROMETHEUS, &["10.0.0.0/8"])?;
    estate.drop_rules(BASTION, &["52.31.98.7/32", "203.0.113.9/32"])?;
    estate.drop_rules(MANAGED, &["sg-00a60000000000001"])?;
    estate.rules(STAGING, Way::In, &[("tcp/8080", OFFICE_AND_PARTNERS, "demo for the customer")])
}

/// The status page has HTTPS, and a group of its own is enough.
fn page_in_the_clear(estate: &mut Estate) -> Edit {
    estate.rules(
        STATUS,
        Way::In,
        &[("tcp/80", "0.0.0.0/0", "everyone, to be sent on"), ("tcp/443", "0.0.0.0/0", "everyone")],
    )?;
    estate.take_off(DEFAULT)?;
    for group in [DEFAULT, LIGHTHOUSE_DEFAULT] {
        estate.rules(group, Way::In, &[])?;
        estate.rules(group, Way::Out, &[])?;
    }
    Ok(())
}

/// What nobody needs goes.
fn things_left_over(estate: &mut Estate) -> Edit {
    estate.remove(INTERFACES, "NetworkInterfaceId", "eni-05ba4e00000000001")?;
    estate.remove(ADDRESSES, "NetworkInterfaceId", "eni-05ba4e00000000001")?;
    estate.remove(ADDRESSES, "PublicIp", "198.51.100.90")?;
    estate.remove(("NetworkAcls", "NetworkAcls"), "NetworkAclId", "acl-0a900000000000001")
}

/// Everybody sends what they need to send, and to S3 and DynamoDB by endpoints.
fn ways_out(estate: &mut Estate) -> Edit {
    let s3 = |why| [("tcp/443", S3, why)];
    estate.rules(WEB, Way::Out, &[("tcp/8080", APP, "application servers")])?;
    estate.rules(
        BASTION,
        Way::Out,
        &[("tcp/22", "10.0.0.0/16", "operators"), ("tcp/22", "10.1.0.0/24", "operators")],
    )?;
    estate.rules(
        APP,
        Way::Out,
        &[
            ("tcp/3306", MYSQL, "orders and customers"),
            ("tcp/5432", POSTGRES, "positions and routes"),
            ("tcp/5432", REPORTS, "reports"),
            ("tcp/443", "0.0.0.0/0", "carriers and harbour masters"),
            ("tcp/443", "::/0", "carriers and harbour masters"),
        ],
    )?;
    estate.rules(REPORTS, Way::Out, &s3("backups to S3"))?;
    estate.rules(TRANSFER, Way::Out, &s3("the customers' files"))?;
    for group in [STAGING, STATUS] {
        estate.rules(group, Way::Out, &[])?;
    }
    estate.rules(API, Way::Out, &[("tcp/8080", "10.0.0.0/16", "application servers")])?;
    estate.rules(GRAFANA, Way::Out, &[("tcp/9090", PROMETHEUS, "dashboards")])?;
    let list = estate.list("ManagedPrefixLists", "PrefixLists")?;
    list.insert(1, prefix_list());
    let entries = estate.list("ManagedPrefixListEntries", "ManagedPrefixListEntries")?;
    let blocks = ["52.94.24.0/23", "52.94.26.0/23", "52.119.240.0/21"];
    let blocks = blocks.iter().map(|&block| object([("Cidr", block.into())])).collect();
    let entry = object([("PrefixListId", DYNAMODB.into()), ("Entries", Json::List(blocks))]);
    entries.insert(1, entry);
    let endpoints = estate.list("VpcEndpoints", "VpcEndpoints")?;
    let tables = |ids: &[&str]| Json::List(ids.iter().map(|&id| id.into()).collect());
    let mut dynamodb = endpoints.first().ok_or("there is no endpoint")?.clone();
    for endpoint in endpoints.iter_mut() {
        endpoint.set("RouteTableIds", tables(&[DATA, PRIVATE, PUBLIC]));
    }
    dynamodb.each(&mut |it| {
        if let Json::Text(text) = it {
            *text = text
                .replace(S3_ENDPOINT, DYNAMODB_ENDPOINT)
                .replace("eu-west-1.s3", "eu-west-1.dynamodb");
            if text == "s3" {
                "dynamodb".clone_into(text);
            }
        }
    });
    dynamodb.set("RouteTableIds", tables(&[PRIVATE]));
    endpoints.push(dynamodb);
    route(estate, PUBLIC, "DestinationPrefixListId", S3, ("GatewayId", S3_ENDPOINT))?;
    route(estate, PRIVATE, "DestinationPrefixListId", DYNAMODB, ("GatewayId", DYNAMODB_ENDPOINT))
}

fn prefix_list() -> Json {
    let arn = format!("arn:aws:ec2:eu-west-1:aws:prefix-list/{DYNAMODB}");
    object([
        ("PrefixListId", DYNAMODB.into()),
        ("AddressFamily", "IPv4".into()),
        ("State", "create-complete".into()),
        ("PrefixListArn", arn.as_str().into()),
        ("PrefixListName", "com.amazonaws.eu-west-1.dynamodb".into()),
        ("Tags", Json::List(Vec::new())),
        ("OwnerId", "AWS".into()),
    ])
}

fn route(
    estate: &mut Estate,
    table: &str,
    field: &str,
    destination: &str,
    (kind, target): (&str, &str),
) -> Edit {
    let table = estate.find(("RouteTables", "RouteTables"), "RouteTableId", table)?;
    let routes = table.list("Routes").ok_or("a table without routes")?;
    routes.push(object([
        (field, destination.into()),
        (kind, target.into()),
        ("Origin", "CreateRoute".into()),
        ("State", "active".into()),
    ]));
    Ok(())
}

/// The default ACLs let in what is meant to come in, and replies.
fn second_lock(estate: &mut Estate) -> Edit {
    estate.entries(
        "acl-0defa000000000001",
        Way::In,
        &[
            (100, "all", "10.0.0.0/15"),
            (101, "all", "2001:db8:10::/56"),
            (110, "tcp/22", "203.0.113.0/24"),
            (120, "tcp/80", "0.0.0.0/0"),
            (121, "tcp/80", "::/0"),
            (130, "tcp/443", "0.0.0.0/0"),
            (131, "tcp/443", "::/0"),
            (140, "tcp/1024-65535", "0.0.0.0/0"),
            (141, "tcp/1024-65535", "::/0"),
        ],
    )?;
    estate.entries(
        "acl-0defa100000000001",
        Way::In,
        &[
            (100, "all", "10.0.0.0/15"),
            (110, "tcp/3000", "203.0.113.0/24"),
            (120, "tcp/3000", "192.0.2.0/24"),
        ],
    )
}

/// Each side has routes to the subnets of the other that it talks to.
fn ways_to_the_peer(estate: &mut Estate) -> Edit {
    let peering = ("VpcPeeringConnectionId", "pcx-0a0a1000000000001");
    let to = "DestinationCidrBlock";
    for table in [DATA, PUBLIC, PRIVATE] {
        drop_route(estate, table, "10.1.0.0/16")?;
        route(estate, table, to, "10.1.0.0/24", peering)?;
    }
    drop_route(estate, MONITORING, "10.0.0.0/16")?;
    for block in ["10.0.0.0/22", "10.0.10.0/23", "10.0.20.0/23"] {
        route(estate, MONITORING, to, block, peering)?;
    }
    Ok(())
}

fn drop_route(estate: &mut Estate, table: &str, destination: &str) -> Edit {
    let table = estate.find(("RouteTables", "RouteTables"), "RouteTableId", table)?;
    let routes = table.list("Routes").ok_or("a table without routes")?;
    let peered = |it: &Json| it.get("VpcPeeringConnectionId").is_some();
    let before = routes.len();
    routes.retain(|it| !(it.is("DestinationCidrBlock", destination) && peered(it)));
    if routes.len() == before { Err(format!("no route to {destination}").into()) } else { Ok(()) }
}

/// A public address is given to a host on purpose.
fn addresses_by_default(estate: &mut Estate) -> Edit {
    for subnet in estate.list("Subnets", "Subnets")? {
        subnet.set("MapPublicIpOnLaunch", false.into());
    }
    Ok(())
}

/// What is meant to be public is excluded; all else is closed, whatever groups say.
fn block_public_access(estate: &mut Estate) -> Edit {
    let options = estate.files.get_mut("VpcBlockPublicAccessOptions").ok_or("no options")?;
    let Json::Object(fields) = options else { return Err("no options".into()) };
    let (_, options) = fields.first_mut().ok_or("no options")?;
    options.set("State", "update-complete".into());
    options.set("InternetGatewayBlockMode", "block-ingress".into());
    let public = ["0aa0", "0ab0", "0a91", "0f79", "00b5"];
    let exclusions = public.map(|subnet| {
        let id = format!("vpcbpa-exclude-{subnet}0000000000001");
        let arn = format!("arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-{subnet}0000000000001");
        object([
            ("ExclusionId", id.as_str().into()),
            ("InternetGatewayExclusionMode", "allow-bidirectional".into()),
            ("ResourceArn", arn.as_str().into()),
            ("State", "create-complete".into()),
            ("CreationTimestamp", "2026-03-02T08:00:00+00:00".into()),
            ("Tags", Json::List(Vec::new())),
        ])
    });
    let name = "VpcBlockPublicAccessExclusions";
    let listing = object([(name, Json::List(exclusions.into()))]);
    estate.files.insert(name.to_owned(), listing);
    Ok(())
}
