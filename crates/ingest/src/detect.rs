//! What names give away: listings by their top-level key, regions and accounts
//! by the folder, prefix lists by the file.

/// Listings of AWS that hold nothing the model knows yet.
const NOT_MODELLED: &[&str] = &[
    "AvailabilityZones",
    "CarrierGateways",
    "DhcpOptions",
    "DirectConnectGateways",
    "DomainNames",
    "FirewallPolicies",
    "Firewalls",
    "FlowLogs",
    "LocalGateways",
    "PropagatedRoutes",
    "Regions",
    "RuleGroups",
    "SecurityGroupReferenceSet",
    "StaleSecurityGroupSet",
    "TransitGatewayPeeringAttachments",
    "TransitGatewayRouteTableAssociations",
    "TransitGatewayRouteTablePropagations",
    "VirtualInterfaces",
];

/// The key, if it is one of a listing that is not modelled yet.
pub(crate) fn not_modelled(key: &str) -> Option<&'static str> {
    NOT_MODELLED.binary_search(&key).ok().and_then(|index| NOT_MODELLED.get(index)).copied()
}

/// Whether this is the name of a region: `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
pub(crate) fn is_region(name: &str) -> bool {
    region_of(name) == Some(name)
}

/// The region that a zone's name begins with: `us-east-1` of `us-east-1a` and of
/// `us-east-1-wl1-bos-wlz-1`.
pub(crate) fn region_of(zone: &str) -> Option<&str> {
    let mut parts = zone.split('-');
    let first = parts.next()?;
    let lower = |part: &str| part.bytes().all(|byte| byte.is_ascii_lowercase());
    if !(2..=4).contains(&first.len()) || !lower(first) {
        return None;
    }
    let mut length = first.len();
    for words in 0..2 {
        let word = parts.next()?;
        length += 1 + word.len();
        if is_direction(word) {
            let number = parts.next()?;
            let digits = number.bytes().take_while(u8::is_ascii_digit).count();
            // A zone's letter follows, or nothing.
            let rest = number.len() - digits;
            return ((1..=2).contains(&digits) && rest <= 1)
                .then(|| zone.get(..length + 1 + digits))
                .flatten();
        }
        if words > 0 || word.is_empty() || !lower(word) {
            return None;
        }
    }
    None
}

fn is_direction(word: &str) -> bool {
    matches!(
        word,
        "north"
            | "south"
            | "east"
            | "west"
            | "central"
            | "northeast"
            | "northwest"
            | "southeast"
            | "southwest"
    )
}

/// Whether this is an account's id.
pub(crate) fn is_account(name: &str) -> bool {
    name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Region and account of an ARN, where it has them.
pub(crate) fn of_arn(arn: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = arn.split(':');
    if parts.next() != Some("arn") {
        return (None, None);
    }
    let region = parts.nth(2).filter(|region| is_region(region));
    (region, parts.next().filter(|account| is_account(account)))
}

/// The prefix list that a path names: `pl-0abc` of `lists/pl-0abc.json` or `pl-0abc/page-1.json`.
pub(crate) fn prefix_list_of(path: &str) -> Option<&str> {
    id_in(path, "pl-")
}

/// The route table of a transit gateway that a path names: `tgw-rtb-0abc` of
/// `TransitGatewayRoutes/tgw-rtb-0abc.json`.
pub(crate) fn transit_gateway_route_table_of(path: &str) -> Option<&str> {
    id_in(path, "tgw-rtb-")
}

/// The endpoint service that a path names: `vpce-svc-0abc` of
/// `EndpointServicePermissions/vpce-svc-0abc.json`.
pub(crate) fn endpoint_service_of(path: &str) -> Option<&str> {
    id_in(path, "vpce-svc-")
}

/// The last id with this beginning that a path names.
fn id_in<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.rsplit('/').find_map(|part| {
        part.match_indices(prefix).find_map(|(start, _)| {
            let inside = part.get(..start).and_then(|before| before.chars().next_back());
            if inside.is_some_and(|before| before.is_ascii_alphanumeric()) {
                return None;
            }
            let end = start + prefix.len();
            let digits = part.get(end..)?;
            let length = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
            (length >= 4).then(|| part.get(start..end + length)).flatten()
        })
    })
}

/// The load balancer or target group that a path names, where a reply about one of them
/// lies that does not say which: the ARN, percent-encoded, as CloudMapper does it; what an
/// ARN ends with, with `_` for `/` (`targetgroup_web_73e2d6bc24d8a067.json`); or the name of
/// a Classic Load Balancer in a folder of that call.
pub(crate) fn balancing_of(path: &str) -> Option<String> {
    let mut parts = path.rsplit('/');
    let name = parts.next()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let name = name.replace("%3A", ":").replace("%3a", ":");
    let name = name.replace("%2F", "/").replace("%2f", "/");
    let is_ours = |arn: &str| arn.contains(":loadbalancer/") || arn.contains(":targetgroup/");
    if name.starts_with("arn:") {
        return (name.contains(":elasticloadbalancing:") && is_ours(&name)).then_some(name);
    }
    if name.starts_with("loadbalancer_") || name.starts_with("targetgroup_") {
        // Names of load balancers and target groups have no `_`.
        return Some(name.replace('_', "/"));
    }
    let of_classic = parts.next() == Some("elb-describe-load-balancer-attributes");
    (of_classic && !name.is_empty()).then_some(name)
}

/// Whether the name is that of a file of CloudMapper which holds a reply about one load
/// balancer or target group, and no ending says that it is JSON.
pub(crate) fn is_named_after_balancing(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    !name.contains('.') && balancing_of(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(NOT_MODELLED.is_sorted());
    }

    #[test]
    fn regions_are_known_by_their_pattern() {
        for region in [
            "us-east-1",
            "eu-central-2",
            "us-gov-west-1",
            "cn-north-1",
            "ap-southeast-4",
            "il-central-1",
            "us-isob-east-1",
            "eusc-de-east-1",
            "mx-central-1",
        ] {
            assert!(is_region(region), "{region}");
        }
        for other in ["us-east-1a", "us-east", "prod", "web-east-1-old", "us-east-123", "", "-"] {
            assert!(!is_region(other), "{other}");
        }
        assert_eq!(region_of("us-east-1a"), Some("us-east-1"));
        assert_eq!(region_of("us-east-1-wl1-bos-wlz-1"), Some("us-east-1"));
        assert_eq!(region_of("us-gov-west-1b"), Some("us-gov-west-1"));
    }

    #[test]
    fn arns_name_region_and_account() {
        let arn = "arn:aws:ec2:eu-west-1:123456789012:subnet/subnet-1";
        assert_eq!(of_arn(arn), (Some("eu-west-1"), Some("123456789012")));
        assert_eq!(of_arn("arn:aws:iam::123456789012:role/x"), (None, Some("123456789012")));
        assert_eq!(of_arn("subnet-1"), (None, None));
    }

    #[test]
    fn a_path_names_a_prefix_list() {
        assert_eq!(prefix_list_of("a/pl-0abc12.json"), Some("pl-0abc12"));
        assert_eq!(prefix_list_of("entries-pl-63a5400a_2.json.gz"), Some("pl-63a5400a"));
        assert_eq!(prefix_list_of("pl-63a5400a/page1.json"), Some("pl-63a5400a"));
        assert_eq!(prefix_list_of("cpl-63a5400a/tmpl-x.json"), None);
    }

    #[test]
    fn a_path_names_a_load_balancer_or_target_group() {
        let of = |path: &str| balancing_of(path).unwrap_or_default();
        let arn = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/0f";
        let encoded = "arn%3Aaws%3Aelasticloadbalancing%3Aus-east-1%3A111122223333%3Aloadbalancer%2Fapp%2Fa%2F0f";
        assert_eq!(of(&format!("elbv2-describe-load-balancer-attributes/{encoded}")), arn);
        assert_eq!(of(&format!("x/{encoded}.json.gz")), arn);
        assert_eq!(of("TargetHealth/targetgroup_web_0f.json"), "targetgroup/web/0f");
        assert_eq!(of("elb-describe-load-balancer-attributes/web"), "web");
        assert_eq!(of("elb-describe-load-balancer-policies/web"), "");
        assert_eq!(of("arn%3Aaws%3Aecs%3Aus-east-1%3A111122223333%3Acluster%2Fa"), "");
        assert_eq!(of("TargetHealth.json"), "");
        assert!(is_named_after_balancing(&format!("a/{encoded}")));
        assert!(!is_named_after_balancing("a/loadbalancer_app_a_0f.txt"));
    }
}
