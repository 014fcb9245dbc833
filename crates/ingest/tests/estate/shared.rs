//! Shared VPCs: another account has an interface and a group in a subnet of the owner's,
//! and lists the subnet by its own names of zones.
//!
//! Random numbers are the module's own, so that everything else of a seed stays as it is.

use serde_json::{Value, json};

use super::layout::{ACCOUNTS, Plan};
use super::random::Random;
use super::{Home, v4};

pub(crate) fn participants(plan: &mut Plan) {
    let mut random = Random::new(plan.estate.seed ^ 0x5a7e_d0c5);
    if !random.chance(25) {
        return;
    }
    let wide: Vec<usize> =
        (0..plan.subnets.len()).filter(|&subnet| plan.subnets[subnet].v4.1 <= 24).collect();
    let Some(&subnet) = random.pick_maybe(&wide) else { return };
    let vpc = plan.subnets[subnet].vpc;
    let owner = plan.vpcs[vpc].home;
    let other = ACCOUNTS.iter().find(|account| **account != owner.account);
    let Some(&account) = other else { return };
    let participant = Home { account, region: owner.region };
    let (vpc_id, subnet_id) = (plan.vpcs[vpc].id.clone(), plan.subnets[subnet].id.clone());

    let own: Vec<String> =
        plan.groups.iter().filter(|group| group.vpc == vpc).map(|group| group.id.clone()).collect();
    let group = "sg-0participant".to_owned();
    let peers: Value = match random.below(3) {
        0 => json!({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}),
        1 => json!({"UserIdGroupPairs": [{"GroupId": random.pick(&own), "UserId": owner.account}]}),
        _ => json!({"UserIdGroupPairs": [{"GroupId": group, "UserId": account}]}),
    };
    let mut rule = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443});
    for (key, value) in peers.as_object().into_iter().flatten() {
        rule[key] = value.clone();
    }
    plan.estate.push(
        participant,
        "SecurityGroups",
        json!({
            "GroupId": group, "GroupName": "participant", "VpcId": vpc_id, "OwnerId": account,
            "IpPermissions": [rule],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        }),
    );
    let address = v4(plan.subnets[subnet].v4.0 + 220);
    let interface = json!({
        "NetworkInterfaceId": "eni-0participant", "OwnerId": account, "VpcId": vpc_id,
        "SubnetId": subnet_id, "InterfaceType": "interface", "Status": "in-use",
        "SourceDestCheck": true, "Groups": [{"GroupId": group}], "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": true}],
    });
    // The owner of a shared subnet sees what participants have there.
    plan.estate.push(owner, "NetworkInterfaces", interface.clone());
    plan.estate.push(participant, "NetworkInterfaces", interface);
    let listed = plan.estate.elements(&owner.path("Subnets"), "Subnets");
    let listed = listed.and_then(|all| all.iter().find(|it| it["SubnetId"] == subnet_id.as_str()));
    if let Some(mut seen) = listed.cloned() {
        seen["AvailabilityZone"] = json!(format!("{}c", owner.region));
        plan.estate.push(participant, "Subnets", seen);
    }
}
