//! Hosts: attached, running, and of a kind that answers.

use super::check;

fn host(words: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group g v1 in tcp/443 any
         interface a web 10.0.1.10 public=198.51.100.7 groups=g {words}
         interface b web 10.0.1.11 public=198.51.100.8 groups=g"
    )
}

#[test]
fn a_running_instance_answers() {
    check(&host("running"), "8.8.8.8 -> a tcp/443 = open");
}

#[test]
fn a_stopped_instance_keeps_its_address_and_answers_nobody() {
    check(
        &host("stopped"),
        "8.8.8.8 -> a tcp/443 = closed by HOST_STOPPED
         b -> a tcp/443 = closed by HOST_STOPPED
         a -> b tcp/443 = closed by HOST_STOPPED",
    );
}

#[test]
fn a_detached_interface_keeps_its_address_and_answers_nobody() {
    check(
        &host("detached"),
        "8.8.8.8 -> a tcp/443 = closed by INTERFACE_NOT_ATTACHED
         a -> b tcp/443 = closed by INTERFACE_NOT_ATTACHED",
    );
}

#[test]
fn a_state_that_can_not_be_read_is_not_known() {
    check(&host("instance-unknown"), "8.8.8.8 -> a tcp/443 = unknown for unreadable-value");
    check(&host("attachment-unknown"), "8.8.8.8 -> a tcp/443 = unknown for unreadable-value");
}

#[test]
fn an_instance_that_was_not_collected_counts_as_running() {
    check(
        &format!("missing describe-instances\n{}", host("instance=i-1")),
        "8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn an_interface_without_groups_admits_nothing() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group g v1 in all any
         interface a s 10.0.1.10
         interface b s 10.0.1.11 groups=g",
        "b -> a tcp/443 = closed by SG_HAS_NO_RULES
         a -> b tcp/443 = closed by SG_HAS_NO_RULES",
    );
}

#[test]
fn a_host_reaches_itself_unfiltered() {
    check(
        &host(""),
        "10.0.1.10 -> 10.0.1.10 tcp/22 = open
         10.0.1.10 -> 10.0.1.11 tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn two_interfaces_of_a_host_reach_each_other_unfiltered() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         group g v1
         interface a s 10.0.1.10 groups=g instance=i-1
         interface b t 10.0.2.10 groups=g instance=i-1",
        "10.0.1.10 -> 10.0.2.10 tcp/22 = open",
    );
}

#[test]
fn an_interface_that_was_seen_twice_differently_is_not_known() {
    check(&host("contested"), "8.8.8.8 -> a tcp/443 = unknown for conflicting-listings");
}

#[test]
fn a_rule_that_was_seen_in_one_listing_only_is_not_known() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group g v1 in tcp/443 any; in tcp/22 any contested
         interface a web 10.0.1.10 public=198.51.100.7 groups=g",
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = unknown for conflicting-listings",
    );
}

#[test]
fn a_rule_that_can_not_be_read_may_admit() {
    check(
        "vpc v1 10.0.0.0/16 igw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group g v1 in tcp/443 ?; in ? 8.8.8.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g",
        "9.9.9.9 -> a tcp/443 = unknown for unreadable-value
         9.9.9.9 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> a tcp/22 = unknown for unreadable-value",
    );
}

#[test]
fn an_address_that_two_vpcs_hold_must_be_named_with_its_vpc() {
    check(
        "vpc vpc-1 10.0.0.0/16
         vpc vpc-2 10.0.0.0/16
         subnet s vpc-1 10.0.1.0/24
         subnet t vpc-2 10.0.1.0/24
         group g vpc-1 in all any
         group h vpc-2
         interface a s 10.0.1.10 groups=g
         interface b t 10.0.1.10 groups=h
         interface c s 10.0.1.11 groups=g
         interface d t 10.0.1.11 groups=h",
        "10.0.1.11 -> 10.0.1.10 tcp/443 = unknown for ambiguous-address
         vpc-1/10.0.1.11 -> 10.0.1.10 tcp/443 = open
         10.0.1.11 -> vpc-2/10.0.1.10 tcp/443 = closed by SG_HAS_NO_RULES",
    );
}

#[test]
fn in_a_shared_subnet_the_owner_s_acl_and_table_decide() {
    // The participant lists its interfaces and groups, and nothing else.
    let participant = "scope 444455556666/us-east-1
         missing describe-network-acls describe-route-tables describe-vpcs describe-subnets
         group g v1 in tcp any; in udp group:h
         interface a s 10.0.1.10 public=198.51.100.7 groups=g";
    check(
        &format!(
            "vpc v1 10.0.0.0/16 igw
             acl x v1 in 100 allow tcp/443 any; out 100 allow tcp any
             subnet s v1 10.0.1.0/24 acl=x route any->igw
             group h v1
             interface b s 10.0.1.11 groups=h
             {participant}"
        ),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.8 -> a tcp/22 = closed by SUBNET_ACL_RESTRICTION
         b -> a udp/53 = open",
    );
    check(
        &format!(
            "missing describe-network-acls describe-route-tables
             vpc v1 10.0.0.0/16 igw bare
             subnet s v1 10.0.1.0/24
             {participant}"
        ),
        "8.8.8.8 -> a tcp/443 = unknown for no-network-acl, no-route-table",
    );
}
