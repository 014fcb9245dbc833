//! What refuses a packet or its reply, in the words of people who know AWS.

use portolan::record::{Blocker, Way};

/// Why a packet or its reply does not get through, in one clause; AWS's code stands
/// behind it, since people search for it.
pub(crate) fn clause(by: &Blocker) -> String {
    let what = match by.direction {
        Way::Forward => "it",
        Way::Reply => "the reply",
    };
    let id = by.id.as_str();
    let named = if id.is_empty() { String::new() } else { format!(" {id}") };
    let rule = if by.rule == "*" { "" } else { by.rule.as_str() };
    let route = match (rule, id) {
        ("", "") => "the way".to_owned(),
        ("", id) => id.to_owned(),
        (rule, "") => format!("the route {rule}"),
        (rule, id) => format!("the route {rule} of {id}"),
    };
    let arrives = by.stage == "ingress";
    let words = match by.code.as_str() {
        "HOST_STOPPED" => format!("{id} is stopped or terminated"),
        "INTERFACE_NOT_ATTACHED" => format!("{id} is attached to nothing"),
        "NO_SUCH_ADDRESS" if id.is_empty() => "nobody holds the address".to_owned(),
        "NO_SUCH_ADDRESS" => format!("nobody in {id} holds the address"),
        "SUBNET_ACL_RESTRICTION" | "ELB_ACL_RESTRICTION" => {
            let passes = if arrives { "enter" } else { "leave" };
            match rule {
                "" => format!("no rule of network ACL {id} lets {what} {passes} the subnet"),
                rule => format!(
                    "rule {rule} of network ACL {id} does not let {what} {passes} the subnet"
                ),
            }
        }
        "ENI_SG_RULES_MISMATCH" => {
            let side = if arrives { "inbound" } else { "outbound" };
            format!("no {side} rule of {id} admits {what}")
        }
        "SG_HAS_NO_RULES" => {
            let side = if arrives { "inbound" } else { "outbound" };
            match by.kind.as_str() {
                "security-group" => format!("security group {id} has no {side} rules"),
                _ => format!("{id} wears no security group"),
            }
        }
        "SG_REFERENCES_NOT_PRESERVED" => {
            format!(
                "{id} admits members of a group, but whose member a sender is gets lost on this way"
            )
        }
        "BAD_STATE_ROUTE" => format!("{route} leads to something that is gone"),
        "NO_ROUTE_TO_DESTINATION" => format!("route table{named} has no route for {what}"),
        "CANNOT_ROUTE" => format!("{route} can't carry {what}"),
        "VPC_LOCAL_ROUTE_CIDR_RESTRICTION" => {
            format!("{route} is local and leads to addresses of the VPC only")
        }
        "NO_INTERNET_GATEWAY" => "the VPC has no internet gateway".to_owned(),
        "GATEWAY_REJECTS_SPOOFED_TRAFFIC" => {
            "an internet gateway does not carry traffic from such an address".to_owned()
        }
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS" => {
            format!("{what} can't leave through an internet gateway:{named} has no public address")
        }
        "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" => {
            format!(
                "{what} can't come in through an internet gateway: no public address leads to{named}"
            )
        }
        "VPC_BLOCK_PUBLIC_ACCESS_ENABLED" => {
            format!("VPC Block Public Access does not let {what} pass")
        }
        "ENI_SOURCE_DEST_CHECK_RESTRICTION" | "ENI_ADDRESS_RESTRICTION" => {
            format!("{id} neither takes nor sends what is not of its own address")
        }
        "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR" => {
            format!(
                "a peering carries only what is sent from or to the VPCs that it joins ({route})"
            )
        }
        "NAT_GATEWAY_UNSOLICITED" => {
            format!("NAT gateway{named} takes nothing that it did not ask for")
        }
        "NGW_PROTOCOL_RESTRICTION" => format!("NAT gateway{named} does not carry this protocol"),
        "NGW_IN_SOURCE_SUBNET" => format!("NAT gateway{named} stands in the sender's own subnet"),
        "VPCE_GATEWAY_PROTOCOL_RESTRICTION" => {
            format!("gateway endpoint{named} does not carry this protocol")
        }
        "PROTOCOL_FAMILY_MISMATCH" => "ICMP is for IPv4 and ICMPv6 for IPv6".to_owned(),
        _ => {
            let kind = by.kind.replace('-', " ");
            let rule = if rule.is_empty() { String::new() } else { format!(", {rule}") };
            format!("{what} is refused by {kind}{named}{rule}")
        }
    };
    format!("{words} ({})", by.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn said(code: &str, rule: &str) -> String {
        clause(&Blocker { code: code.to_owned(), rule: rule.to_owned(), ..samples::blocker() })
    }

    #[test]
    fn the_deciding_rule_is_named_or_that_there_is_none() {
        assert_eq!(
            said("SUBNET_ACL_RESTRICTION", "*"),
            "no rule of network ACL acl-1 lets the reply leave the subnet (SUBNET_ACL_RESTRICTION)"
        );
        assert_eq!(
            said("SUBNET_ACL_RESTRICTION", "100"),
            "rule 100 of network ACL acl-1 does not let the reply leave the subnet \
             (SUBNET_ACL_RESTRICTION)"
        );
    }

    #[test]
    fn a_code_without_words_of_its_own_is_still_a_sentence() {
        assert_eq!(
            said("SOMETHING_NEW", "7"),
            "the reply is refused by network acl acl-1, 7 (SOMETHING_NEW)"
        );
    }
}
