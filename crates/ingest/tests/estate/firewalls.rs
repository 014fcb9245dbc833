//! VPCs whose traffic goes through AWS Network Firewall, and what its rules say.

use serde_json::{Value, json};

use super::layout::Plan;
use super::routes::{locals, to};
use super::v4;

/// A VPC of which one subnet has a firewall's endpoint and the others lead to it, mostly.
/// Whether there is room for that.
pub(crate) fn inspected(plan: &mut Plan, vpc: usize) -> bool {
    let Some(igw) = plan.vpcs[vpc].internet_gateway.clone() else { return false };
    let mut subnets = plan.subnets_of(vpc);
    if subnets.len() < 2 {
        return false;
    }
    plan.random.shuffle(&mut subnets);
    let own = subnets.remove(0);
    let endpoint = plan.id("vpce");
    let state = plan.random.weighted(&[(95, "available"), (5, "odd")]);
    let home = plan.vpcs[vpc].home;
    let element = json!({
        "VpcEndpointId": endpoint,
        "VpcEndpointType": "GatewayLoadBalancer",
        "VpcId": plan.vpcs[vpc].id,
        "OwnerId": home.account,
        "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0f1e2d3c",
        "State": state,
        "SubnetIds": [plan.subnets[own].id],
    });
    plan.estate.push(home, "VpcEndpoints", element);
    firewall(plan, vpc, &endpoint);

    let block = |plan: &Plan, subnet: usize| {
        let (first, length) = plan.subnets[subnet].v4;
        format!("{}/{length}", v4(first))
    };
    let mut routes = locals(plan, vpc);
    if plan.random.chance(93) {
        routes.push(to("0.0.0.0/0", ("GatewayId", &igw)));
    }
    let associations = vec![json!({"Main": false, "SubnetId": plan.subnets[own].id})];
    table(plan, vpc, associations, routes);
    for &subnet in &subnets {
        let mut routes = locals(plan, vpc);
        match plan.random.below(100) {
            0..85 => routes.push(to("0.0.0.0/0", ("GatewayId", &endpoint))),
            85..93 => {
                routes.push(to("0.0.0.0/0", ("GatewayId", &igw)));
                routes.push(to("8.0.0.0/8", ("GatewayId", &endpoint)));
            }
            _ => routes.push(to("0.0.0.0/0", ("GatewayId", &igw))),
        }
        if plan.random.chance(50) {
            routes.push(to("::/0", ("GatewayId", &igw)));
        }
        for &other in &subnets {
            if other != subnet && plan.random.chance(75) {
                let block = block(plan, other);
                routes.push(to(&block, ("GatewayId", &endpoint)));
            }
        }
        let associations = vec![json!({"Main": false, "SubnetId": plan.subnets[subnet].id})];
        table(plan, vpc, associations, routes);
    }
    if plan.random.chance(92) {
        let mut routes = locals(plan, vpc);
        for &subnet in &subnets {
            if plan.random.chance(92) {
                let block = block(plan, subnet);
                routes.push(to(&block, ("GatewayId", &endpoint)));
            }
        }
        let associations = vec![json!({"Main": false, "GatewayId": igw})];
        table(plan, vpc, associations, routes);
    }
    true
}

fn table(plan: &mut Plan, vpc: usize, associations: Vec<Value>, routes: Vec<Value>) {
    let id = plan.id("rtb");
    let home = plan.vpcs[vpc].home;
    let element = json!({
        "RouteTableId": id,
        "VpcId": plan.vpcs[vpc].id,
        "OwnerId": home.account,
        "Associations": associations,
        "Routes": routes,
    });
    plan.estate.push(home, "RouteTables", element);
}

/// The replies of `describe-firewall`, `describe-firewall-policy`, `describe-rule-group`.
fn firewall(plan: &mut Plan, vpc: usize, endpoint: &str) {
    let home = plan.vpcs[vpc].home;
    let arn = |kind: &str, id: &str| {
        format!("arn:aws:network-firewall:{}:{}:{kind}/{id}", home.region, home.account)
    };
    let name = plan.id("firewall");
    let (own, policy) = (arn("firewall", &name), arn("firewall-policy", &name));
    let reply = json!({
        "Firewall": {"FirewallArn": own, "FirewallName": name, "FirewallPolicyArn": policy},
        "FirewallStatus": {
            "Status": "READY",
            "SyncStates": {"us-east-1a": {"Attachment": {
                "EndpointId": endpoint, "Status": "READY",
            }}},
        },
    });
    put(plan, vpc, &format!("Firewalls/{name}"), reply);
    let mut stateless = Vec::new();
    let mut stateful = Vec::new();
    if plan.random.chance(45) {
        let name = plan.id("group");
        stateless.push(json!({"ResourceArn": arn("stateless-rulegroup", &name), "Priority": 10}));
        let rules: Vec<Value> =
            (0..plan.random.between(1, 3)).map(|_| stateless_rule(plan, vpc)).collect();
        let source = json!({"StatelessRulesAndCustomActions": {"StatelessRules": rules}});
        rule_group(plan, vpc, &arn("stateless-rulegroup", &name), &name, source);
    }
    for priority in 1..=plan.random.between(1, 2) {
        let name = plan.id("group");
        let mut reference =
            json!({"ResourceArn": arn("stateful-rulegroup", &name), "Priority": priority});
        if plan.random.chance(8) {
            reference["Override"] = json!({"Action": "DROP_TO_ALERT"});
        }
        stateful.push(reference);
        let source = match plan.random.below(100) {
            0..12 => json!({"RulesSourceList": {
                "Targets": [".example.com"],
                "TargetTypes": ["TLS_SNI"],
                "GeneratedRulesType": plan.random.weighted(&[(50, "ALLOWLIST"), (50, "DENYLIST")]),
            }}),
            12..40 => {
                let lines: Vec<String> =
                    (0..plan.random.between(1, 3)).map(|at| text_rule(plan, vpc, at)).collect();
                json!({"RulesString": lines.join("\n")})
            }
            40..44 => continue,
            _ => {
                let rules: Vec<Value> =
                    (0..plan.random.between(1, 4)).map(|at| stateful_rule(plan, vpc, at)).collect();
                json!({"StatefulRules": rules})
            }
        };
        rule_group(plan, vpc, &arn("stateful-rulegroup", &name), &name, source);
    }
    let strict = plan.random.chance(50);
    let order = if strict { "STRICT_ORDER" } else { "DEFAULT_ACTION_ORDER" };
    let mut facts = json!({
        "StatelessRuleGroupReferences": stateless,
        "StatelessDefaultActions": [default_action(plan)],
        "StatelessFragmentDefaultActions": ["aws:drop"],
        "StatefulRuleGroupReferences": stateful,
        "StatefulEngineOptions": {"RuleOrder": order},
    });
    if strict {
        let default = plan.random.weighted(&[
            (40, "aws:drop_strict"),
            (40, "aws:alert_strict"),
            (20, "aws:drop_established"),
        ]);
        facts["StatefulDefaultActions"] = json!([default]);
    }
    if plan.random.chance(95) {
        let reply = json!({
            "FirewallPolicyResponse": {
                "FirewallPolicyArn": policy, "FirewallPolicyName": name,
            },
            "FirewallPolicy": facts,
        });
        put(plan, vpc, &format!("FirewallPolicies/{name}"), reply);
    }
}

fn put(plan: &mut Plan, vpc: usize, file: &str, reply: Value) {
    let path = plan.vpcs[vpc].home.path(file);
    plan.estate.files.insert(path, reply);
}

fn rule_group(plan: &mut Plan, vpc: usize, arn: &str, name: &str, source: Value) {
    let reply = json!({
        "RuleGroup": {"RulesSource": source},
        "RuleGroupResponse": {"RuleGroupArn": arn, "RuleGroupName": name},
    });
    put(plan, vpc, &format!("RuleGroups/{name}"), reply);
}

fn default_action(plan: &mut Plan) -> &'static str {
    plan.random.weighted(&[(75, "aws:forward_to_sfe"), (15, "aws:pass"), (10, "aws:drop")])
}

/// A block that flows of the VPC may have at an end.
fn block(plan: &mut Plan, vpc: usize) -> Option<String> {
    Some(match plan.random.below(100) {
        0..40 => return None,
        40..65 => {
            let subnet = *plan.random.pick(&plan.subnets_of(vpc));
            let (first, length) = plan.subnets[subnet].v4;
            format!("{}/{length}", v4(first))
        }
        65..80 => "10.0.0.0/8".to_owned(),
        80..92 => "0.0.0.0/1".to_owned(),
        _ => "203.0.113.0/24".to_owned(),
    })
}

fn ports(plan: &mut Plan) -> Option<(u16, u16)> {
    plan.random.weighted(&[
        (45, None),
        (15, Some((443, 443))),
        (15, Some((22, 80))),
        (10, Some((0, 1023))),
        (10, Some((1024, 65535))),
        (5, Some((32768, 60999))),
    ])
}

fn stateless_rule(plan: &mut Plan, vpc: usize) -> Value {
    let mut attributes = json!({});
    for (addresses, named) in [("Sources", "SourcePorts"), ("Destinations", "DestinationPorts")] {
        if let Some(block) = block(plan, vpc) {
            attributes[addresses] = json!([{"AddressDefinition": block}]);
        }
        if plan.random.chance(40)
            && let Some((first, last)) = ports(plan)
        {
            attributes[named] = json!([{"FromPort": first, "ToPort": last}]);
        }
    }
    if plan.random.chance(60) {
        attributes["Protocols"] =
            plan.random.pick(&[json!([6]), json!([6, 17]), json!([1])]).clone();
    }
    if plan.random.chance(10) {
        attributes["TCPFlags"] = json!([{"Flags": ["SYN"], "Masks": ["SYN", "ACK"]}]);
    }
    let action =
        plan.random.weighted(&[(35, "aws:pass"), (25, "aws:drop"), (40, "aws:forward_to_sfe")]);
    json!({
        "Priority": plan.random.between(1, 100),
        "RuleDefinition": {"MatchAttributes": attributes, "Actions": [action]},
    })
}

fn word(ports: Option<(u16, u16)>, any: &str) -> String {
    match ports {
        None => any.to_owned(),
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first}:{last}"),
    }
}

fn stateful_rule(plan: &mut Plan, vpc: usize, at: usize) -> Value {
    let source_ports = if plan.random.chance(15) { ports(plan) } else { None };
    let ports = ports(plan);
    let mut options = vec![json!({"Keyword": "sid", "Settings": [(at + 1).to_string()]})];
    if plan.random.chance(12) {
        options.push(json!({"Keyword": "flow", "Settings": ["established"]}));
    }
    json!({
        "Action": plan.random.weighted(&[(50, "PASS"), (30, "DROP"), (10, "REJECT"), (10, "ALERT")]),
        "Header": {
            "Protocol": plan.random.weighted(&[(50, "TCP"), (30, "IP"), (10, "UDP"), (5, "ICMP"), (5, "TLS")]),
            "Source": block(plan, vpc).unwrap_or("ANY".to_owned()),
            "SourcePort": word(source_ports, "ANY"),
            "Direction": plan.random.weighted(&[(80, "FORWARD"), (20, "ANY")]),
            "Destination": block(plan, vpc).unwrap_or("ANY".to_owned()),
            "DestinationPort": word(ports, "ANY"),
        },
        "RuleOptions": options,
    })
}

fn text_rule(plan: &mut Plan, vpc: usize, at: usize) -> String {
    let action = plan.random.weighted(&[(50, "pass"), (35, "drop"), (10, "alert"), (5, "odd")]);
    let protocol = plan.random.weighted(&[(50, "tcp"), (30, "ip"), (10, "udp"), (10, "tls")]);
    let source = block(plan, vpc).unwrap_or("any".to_owned());
    let destination = block(plan, vpc).unwrap_or("$ELSEWHERE".to_owned());
    let destination = if plan.random.chance(70) { "any".to_owned() } else { destination };
    let port = word(ports(plan), "any");
    format!("{action} {protocol} {source} any -> {destination} {port} (msg:\"m\"; sid:{};)", at + 1)
}
