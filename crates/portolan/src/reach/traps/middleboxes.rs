//! Middleboxes: interfaces that routes name and that pass packets on, NAT
//! instances among them. What one does with a packet is not known; whether it
//! gets any, and what stands behind it, is.

use super::check;

/// `a` in a private subnet whose default route is `box`, a NAT instance.
fn nat_instance(words: &str, group: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         subnet public v1 10.0.0.0/24 route 0.0.0.0/0->igw
         subnet private v1 10.0.1.0/24 route 0.0.0.0/0->eni:box
         group wide v1 in all any
         group g v1 {group}
         interface box public 10.0.0.10 public=198.51.100.9 groups=wide {words}
         interface a private 10.0.1.10 public=198.51.100.7 groups=g"
    )
}

#[test]
fn what_a_nat_instance_passes_on_is_not_known() {
    check(
        &nat_instance("forwards running", "in tcp/443 any"),
        "a -> 8.8.8.8 tcp/443 = unknown for middlebox
         8.8.8.8 -> a tcp/443 = unknown for middlebox
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn an_interface_that_checks_addresses_passes_nothing_on() {
    check(
        &nat_instance("running", ""),
        "a -> 8.8.8.8 tcp/443 = closed by ENI_SOURCE_DEST_CHECK_RESTRICTION",
    );
}

#[test]
fn whether_addresses_are_checked_may_not_be_known() {
    check(
        &nat_instance("check-unknown running", ""),
        "a -> 8.8.8.8 tcp/443 = unknown for middlebox",
    );
}

#[test]
fn a_stopped_middlebox_passes_nothing_on() {
    check(&nat_instance("forwards stopped", ""), "a -> 8.8.8.8 tcp/443 = closed by HOST_STOPPED");
}

#[test]
fn a_middlebox_that_was_not_collected_is_unknown_not_absent() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->eni:unseen
         group g v1
         interface a s 10.0.1.10 groups=g",
        "a -> 8.8.8.8 tcp/443 = unknown for unknown-network-interface",
    );
}

/// From `a` to `c` past `box`, which stands in a subnet of its own.
fn inspected(group: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 10.0.2.0/24->eni:box
         subnet t v1 10.0.2.0/24
         subnet m v1 10.0.3.0/24
         group wide v1 in all any
         group g v1 {group}
         interface box m 10.0.3.10 groups=wide forwards
         interface a s 10.0.1.10 groups=wide
         interface c t 10.0.2.10 groups=g"
    )
}

#[test]
fn a_route_more_specific_than_local_may_lead_to_a_middlebox() {
    check(&inspected("in all any"), "a -> c tcp/443 = unknown for middlebox");
}

#[test]
fn the_receiver_still_filters_what_a_middlebox_passes_on() {
    check(
        &inspected("in tcp/443 any"),
        "a -> c tcp/22 = closed by ENI_SG_RULES_MISMATCH
         a -> c tcp/443 = unknown for middlebox",
    );
}

#[test]
fn a_middlebox_may_send_from_its_own_address() {
    check(
        &inspected("in tcp/443 10.0.3.10/32"),
        "a -> c tcp/443 = unknown for middlebox
         a -> c tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_route_to_an_interface_leads_to_that_interface() {
    check(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24 route 10.0.2.0/24->eni:c
         subnet t v1 10.0.2.0/24
         group g v1 in all any
         interface a s 10.0.1.10 groups=g
         interface c t 10.0.2.10 groups=g
         interface d t 10.0.2.11 groups=g",
        "a -> c tcp/443 = open
         a -> d tcp/443 = closed by ENI_SOURCE_DEST_CHECK_RESTRICTION",
    );
}

#[test]
fn the_target_of_the_local_route_may_be_a_middlebox() {
    check(
        "vpc v1 10.0.0.0/16
         table r v1 bare subnets=s route 10.0.0.0/16->eni:box
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         group g v1 in all any
         interface box t 10.0.2.99 groups=g forwards
         interface a s 10.0.1.10 groups=g
         interface c t 10.0.2.10 groups=g",
        "a -> c tcp/443 = unknown for middlebox",
    );
}
