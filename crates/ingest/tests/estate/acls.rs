//! Network ACLs: default and custom ones, sorted and not, with every range of
//! client ports that people really write.

use serde_json::{Value, json};

use super::gateways::any_block;
use super::layout::Plan;

pub(crate) fn acls(plan: &mut Plan) {
    for vpc in 0..plan.vpcs.len() {
        let mut free = plan.subnets_of(vpc);
        plan.random.shuffle(&mut free);
        let mut custom = Vec::new();
        while let Some(subnet) = free.pop() {
            if plan.random.chance(80) {
                custom.push(vec![subnet]);
            } else if let Some(last) = custom.last_mut() {
                last.push(subnet);
            }
        }
        for subnets in custom {
            let entries = entries(plan, vpc);
            acl(plan, vpc, false, &subnets, entries);
        }
        if plan.random.chance(97) {
            let entries = if plan.random.chance(80) {
                let mut all = Vec::new();
                for egress in [false, true] {
                    all.push(entry(100, egress, "-1", "allow", "0.0.0.0/0"));
                    all.push(entry(101, egress, "-1", "allow", "::/0"));
                    all.push(entry(32767, egress, "-1", "deny", "0.0.0.0/0"));
                    all.push(entry(32768, egress, "-1", "deny", "::/0"));
                }
                all
            } else {
                entries(plan, vpc)
            };
            acl(plan, vpc, true, &[], entries);
        }
    }
}

fn acl(plan: &mut Plan, vpc: usize, default: bool, subnets: &[usize], entries: Vec<Value>) {
    let id = plan.id("acl");
    let home = plan.vpcs[vpc].home;
    let associations: Vec<Value> =
        subnets.iter().map(|&subnet| json!({"SubnetId": plan.subnets[subnet].id})).collect();
    let element = json!({
        "NetworkAclId": id,
        "VpcId": plan.vpcs[vpc].id,
        "OwnerId": home.account,
        "IsDefault": default,
        "Associations": associations,
        "Entries": entries,
    });
    if plan.random.chance(2) {
        let mut again = element.clone();
        again["Entries"].as_array_mut().unwrap().push(entry(7, false, "-1", "deny", "8.8.8.0/24"));
        plan.estate.push(home, "NetworkAcls", again);
    }
    plan.estate.push(home, "NetworkAcls", element);
}

fn entry(number: u32, egress: bool, protocol: &str, action: &str, block: &str) -> Value {
    let mut entry = json!({
        "RuleNumber": number, "Egress": egress, "Protocol": protocol, "RuleAction": action,
    });
    let key = if block.contains(':') { "Ipv6CidrBlock" } else { "CidrBlock" };
    entry[key] = json!(block);
    entry
}

fn ports(mut entry: Value, from: u16, to: u16) -> Value {
    entry["PortRange"] = json!({"From": from, "To": to});
    entry
}

/// The client ports that somebody thought of.
fn ephemeral(plan: &mut Plan) -> Option<(u16, u16)> {
    plan.random.weighted(&[
        (18, Some((1024, 65535))),
        (30, Some((32768, 60999))),
        (18, Some((49152, 65535))),
        (12, Some((1024, 32767))),
        (6, None),
        (12, Some((40000, 50000))),
    ])
}

fn entries(plan: &mut Plan, vpc: usize) -> Vec<Value> {
    let mut all = match plan.random.below(100) {
        // Open, but for what is denied before or behind.
        0..28 => {
            let mut all = Vec::new();
            for egress in [false, true] {
                all.push(entry(100, egress, "-1", "allow", "0.0.0.0/0"));
                all.push(entry(110, egress, "-1", "allow", "::/0"));
                let number = plan.random.weighted(&[(50, 50), (50, 150)]);
                if plan.random.chance(40) {
                    let ipv6 = plan.random.chance(25);
                    let block = any_block(plan, vpc, ipv6);
                    let denied = entry(number, egress, "6", "deny", &block);
                    let port = plan.random.weighted(&[(1, 22), (1, 443), (1, 1024)]);
                    let last = plan.random.weighted(&[(1, port), (1, 40000), (1, 65535)]);
                    all.push(ports(denied, port, last.max(port)));
                }
            }
            all
        }
        // A web server's.
        28..88 => served(plan, vpc),
        _ => {
            let mut all = Vec::new();
            for number in 0..plan.random.between(3, 7) {
                let egress = number % 2 == 1;
                let entry = any_entry(plan, vpc, egress, 10 * u32::try_from(number).unwrap() + 5);
                all.push(entry);
            }
            if plan.random.chance(90) {
                for egress in [false, true] {
                    all.push(entry(200, egress, "-1", "allow", "0.0.0.0/0"));
                    all.push(entry(201, egress, "-1", "allow", "::/0"));
                }
            }
            all
        }
    };
    if plan.random.chance(60) {
        for egress in [false, true] {
            all.push(entry(32767, egress, "-1", "deny", "0.0.0.0/0"));
            all.push(entry(32768, egress, "-1", "deny", "::/0"));
        }
    }
    if plan.random.chance(5) {
        let mut odd = entry(90, plan.random.chance(50), "-1", "allow", "203.0.113.0/24");
        match plan.random.below(3) {
            0 => odd["RuleAction"] = json!("odd"),
            1 => odd["Protocol"] = json!("odd"),
            _ => odd["CidrBlock"] = json!("odd"),
        }
        all.push(odd);
    }
    // AWS gives them in any order.
    if plan.random.chance(45) {
        plan.random.shuffle(&mut all);
    }
    all
}

/// Services in, client ports out; and the same for what it opens itself.
fn served(plan: &mut Plan, vpc: usize) -> Vec<Value> {
    let mut all = Vec::new();
    let out = ephemeral(plan);
    let back = ephemeral(plan);
    for (offset, all_of) in [(0, "0.0.0.0/0"), (1, "::/0")] {
        all.push(ports(entry(100 + offset, false, "6", "allow", all_of), 22, 22));
        all.push(ports(entry(102 + offset, false, "6", "allow", all_of), 80, 8080));
        all.push(ports(entry(104 + offset, false, "17", "allow", all_of), 53, 53));
        if let Some((from, to)) = back {
            all.push(ports(entry(110 + offset, false, "6", "allow", all_of), from, to));
            all.push(ports(entry(112 + offset, false, "17", "allow", all_of), from, to));
        }
        if let Some((from, to)) = out {
            all.push(ports(entry(110 + offset, true, "6", "allow", all_of), from, to));
            all.push(ports(entry(112 + offset, true, "17", "allow", all_of), from, to));
        }
        all.push(ports(entry(120 + offset, true, "6", "allow", all_of), 0, 1023));
        all.push(ports(entry(122 + offset, true, "17", "allow", all_of), 53, 53));
        for egress in [false, true] {
            let (protocol, number) = if offset == 0 { ("1", 130) } else { ("58", 131) };
            let mut icmp = entry(number, egress, protocol, "allow", all_of);
            let kinds: &[(i32, i32)] =
                if offset == 0 { &[(-1, -1), (8, -1), (0, 0)] } else { &[(-1, -1), (128, 0)] };
            let (kind, code) = *plan.random.pick(kinds);
            icmp["IcmpTypeCode"] = json!({"Type": kind, "Code": code});
            all.push(icmp);
        }
    }
    if plan.random.chance(40) {
        let block = any_block(plan, vpc, false);
        all.push(entry(60, plan.random.chance(50), "-1", "deny", &block));
    }
    all
}

fn any_entry(plan: &mut Plan, vpc: usize, egress: bool, number: u32) -> Value {
    let action = if plan.random.chance(65) { "allow" } else { "deny" };
    let ipv6 = plan.random.chance(30);
    let block = any_block(plan, vpc, ipv6);
    let protocol = plan.random.weighted(&[
        (40, "6"),
        (14, "17"),
        (12, "1"),
        (14, "58"),
        (8, "-1"),
        (6, "50"),
        (4, "47"),
        (2, "tcp"),
    ]);
    let mut entry = entry(number, egress, protocol, action, &block);
    match protocol {
        "6" | "17" | "tcp" => {
            let ranges: &[(u16, u16)] = &[
                (0, 65535),
                (22, 22),
                (443, 443),
                (0, 1023),
                (1024, 65535),
                (32768, 60999),
                (49152, 65535),
                (1024, 40000),
            ];
            let (from, to) = *plan.random.pick(ranges);
            entry = ports(entry, from, to);
        }
        "1" | "58" => {
            let (kind, code) =
                *plan.random.pick(&[(-1, -1), (8, -1), (0, 0), (128, 0), (129, -1), (3, 4)]);
            entry["IcmpTypeCode"] = json!({"Type": kind, "Code": code});
        }
        "50" => entry = ports(entry, 1, 2),
        _ => {}
    }
    entry
}
