//! Where the AWS console shows a thing.
//!
//! Regions tell the partition, and each partition has a domain of its own (AWS
//! General Reference, "Amazon Resource Names (ARNs)"; the console's addresses are
//! those that it shows itself). Ids come from strangers: one that is not spelled
//! as AWS spells ids gets no address.

use portolan::record::About;

/// The address of a thing in the console, where it has a page.
pub(crate) fn link(about: &About) -> Option<String> {
    let region = about.region.as_str();
    let domain = domain(region)?;
    if !is_id(&about.id) {
        return None;
    }
    let (service, page) = match about.kind.as_str() {
        "network-interface" => ("ec2", "NetworkInterface:networkInterfaceId="),
        "security-group" => ("ec2", "SecurityGroup:groupId="),
        "instance" => ("ec2", "InstanceDetails:instanceId="),
        "address" => ("ec2", "Addresses:search="),
        "network-acl" => ("vpcconsole", "NetworkAclDetails:networkAclId="),
        "route-table" => ("vpcconsole", "RouteTableDetails:RouteTableId="),
        "subnet" => ("vpcconsole", "SubnetDetails:subnetId="),
        "vpc" => ("vpcconsole", "VpcDetails:VpcId="),
        "prefix-list" => ("vpcconsole", "ManagedPrefixLists:search="),
        _ => return None,
    };
    let id = &about.id;
    Some(format!("https://{region}.{domain}/{service}/home?region={region}#{page}{id}"))
}

/// The domain of a region's console, if it is spelled as regions are.
fn domain(region: &str) -> Option<&'static str> {
    let spelled = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !region.chars().all(spelled) || !region.starts_with(|c: char| c.is_ascii_lowercase()) {
        return None;
    }
    // The partitions for the intelligence services have consoles that nobody else sees.
    match region.split('-').collect::<Vec<_>>().as_slice() {
        ["cn", _, _] => Some("console.amazonaws.cn"),
        ["us", "gov", _, _] => Some("console.amazonaws-us-gov.com"),
        [_, "iso" | "isob" | "isoe" | "isof", ..] => None,
        [_, _, number] if number.chars().all(|c| c.is_ascii_digit()) => {
            Some("console.aws.amazon.com")
        }
        _ => None,
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-.:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, id: &str, region: &str) -> Option<String> {
        let about = About {
            kind: kind.to_owned(),
            id: id.to_owned(),
            region: region.to_owned(),
            ..About::default()
        };
        link(&about)
    }

    #[test]
    fn each_partition_has_its_console() {
        let interface = |region| of("network-interface", "eni-1", region).unwrap_or_default();
        let page = "ec2/home?region=eu-west-1#NetworkInterface:networkInterfaceId=eni-1";
        assert_eq!(
            interface("eu-west-1"),
            format!("https://eu-west-1.console.aws.amazon.com/{page}")
        );
        assert!(interface("cn-north-1").starts_with("https://cn-north-1.console.amazonaws.cn/"));
        let gov = "https://us-gov-west-1.console.amazonaws-us-gov.com/";
        assert!(interface("us-gov-west-1").starts_with(gov));
        assert_eq!(interface("us-iso-east-1"), "");
    }

    #[test]
    fn what_is_no_id_or_region_gets_no_address() {
        assert_eq!(of("vpc", "vpc-1&x=<b>", "eu-west-1"), None);
        assert_eq!(of("vpc", "vpc-1", "evil.example/x-y-1"), None);
        assert_eq!(of("vpc", "vpc-1", ""), None);
        assert_eq!(of("exception", "e", "eu-west-1"), None);
    }
}
