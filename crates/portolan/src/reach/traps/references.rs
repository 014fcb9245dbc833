//! Rules that name a group: who is a member, and on which ways that is known.

use super::check;

/// A bastion `b` and a server `a` that admits its group.
const BASTION: &str = "
    vpc v1 10.0.0.0/16 2001:db8::/56 igw
    subnet front v1 10.0.1.0/24 2001:db8:0:1::/64 route any->igw
    subnet back v1 10.0.2.0/24 2001:db8:0:2::/64 route any->igw
    group bastion v1 in tcp/8080 any
    group server v1 in tcp/22 group:bastion
    interface b front 10.0.1.10 public=198.51.100.1 10.0.1.11 10.0.1.64/28 2001:db8:0:1::b groups=bastion
    interface c front 10.0.1.12 groups=other
    group other v1
    interface a back 10.0.2.10 public=198.51.100.2 2001:db8:0:2::a groups=server";

#[test]
fn a_reference_admits_the_private_addresses_of_the_members() {
    check(
        BASTION,
        "10.0.1.10 -> 10.0.2.10 tcp/22 = open
         10.0.1.12 -> 10.0.2.10 tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn secondary_addresses_and_delegated_prefixes_are_members_too() {
    check(
        BASTION,
        "10.0.1.11 -> 10.0.2.10 tcp/22 = open
         10.0.1.70 -> 10.0.2.10 tcp/22 = open
         2001:db8:0:1::b -> 2001:db8:0:2::a tcp/22 = open",
    );
}

#[test]
fn an_address_that_no_interface_holds_is_no_member() {
    check(BASTION, "10.0.1.200 -> 10.0.2.10 tcp/22 = closed by ENI_SG_RULES_MISMATCH");
}

#[test]
fn a_reference_does_not_match_through_a_public_address() {
    check(BASTION, "10.0.1.10 -> 198.51.100.2 tcp/22 = closed by ENI_SG_RULES_MISMATCH");
}

#[test]
fn the_rules_of_a_referenced_group_are_not_imported() {
    check(
        BASTION,
        "10.0.1.10 -> 10.0.2.10 tcp/8080 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> 198.51.100.2 tcp/8080 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn outbound_rules_reference_groups_too() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group client v1 out tcp/5432 group:db
         group db v1 in tcp/5432 any
         interface a s 10.0.1.10 groups=client
         interface b s 10.0.1.11 groups=db
         interface c s 10.0.1.12 groups=wide
         group wide v1 in tcp/5432 any",
        "a -> b tcp/5432 = open
         a -> c tcp/5432 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_stale_reference_matches_nothing() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group gone v1
         group g v1 in tcp/22 stale:gone
         interface a s 10.0.1.10 groups=g
         interface b s 10.0.1.11 groups=gone",
        "b -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_group_is_missed_only_if_more_than_a_stale_reference_names_it() {
    let limitations = |more: &str| {
        let text = format!(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24
             group g v1 in tcp/22 stale:gone
             {more}"
        );
        crate::testing::network(&text).unwrap().limitations.len()
    };
    assert_eq!(limitations(""), 0);
    assert_eq!(limitations("group h v1 in tcp/22 group:gone"), 1);
    assert_eq!(limitations("interface a s 10.0.1.10 groups=gone"), 1);
}

/// Two peered VPCs, of which `v2` is in a Region, `a` admits the group of `b`.
fn peered(region: &str, peering: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         group g v1 in tcp/22 group:h
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->pcx:p
         interface a s 10.0.1.10 groups=g
         scope {region}
         vpc v2 10.1.0.0/16
         group h v2
         subnet t v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
         interface b t 10.1.1.10 groups=h
         peering p v1 v2 {peering}"
    )
}

#[test]
fn a_reference_holds_over_peering_within_a_region() {
    check(&peered("111122223333/us-east-1", ""), "b -> a tcp/22 = open");
}

#[test]
fn a_reference_holds_over_peering_to_another_account() {
    check(&peered("444455556666/us-east-1", ""), "b -> a tcp/22 = open");
}

#[test]
fn a_reference_is_lost_over_peering_to_another_region() {
    check(
        &peered("111122223333/eu-west-1", "regions=us-east-1,eu-west-1"),
        "b -> a tcp/22 = closed by SG_REFERENCES_NOT_PRESERVED",
    );
}

#[test]
fn a_reference_over_peering_that_is_not_active_admits_nobody() {
    check(
        &peered("111122223333/us-east-1", "inactive"),
        "b -> a tcp/22 = closed by BAD_STATE_ROUTE",
    );
}

#[test]
fn members_of_a_group_may_be_in_several_vpcs() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         peering p v1 v2
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->pcx:p
         subnet t v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
         group h v1 worn=v2
         group g v1 in tcp/22 group:h
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h
         interface c s 10.0.1.11 groups=h",
        "b -> a tcp/22 = open
         c -> a tcp/22 = open",
    );
}

#[test]
fn a_foreign_group_is_unknown_where_its_members_are_not_listed() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 10.9.0.0/16->pcx:p
         peering p v1 elsewhere accepter=10.9.0.0/16
         group g v1 in tcp/22 group:foreign
         interface a s 10.0.1.10 groups=g
         interface c s 10.0.1.11 groups=other
         group other v1",
        "10.9.0.5 -> a tcp/22 = unknown for unknown-security-group, unknown-vpc
         10.9.0.5 -> a tcp/80 = closed by ENI_SG_RULES_MISMATCH
         c -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn without_the_listing_of_interfaces_any_address_may_be_a_member() {
    check(
        "missing describe-network-interfaces
         vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group h v1
         group g v1 in tcp/22 group:h
         interface a s 10.0.1.10 groups=g",
        "10.0.1.99 -> a tcp/22 = unknown for not-collected",
    );
}
