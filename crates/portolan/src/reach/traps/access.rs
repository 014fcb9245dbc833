//! VPC Block Public Access.

use super::check;

/// A public host, a private one behind a NAT gateway, an IPv6 one behind an
/// egress-only gateway, under this line of Block Public Access.
fn blocked(line: &str) -> String {
    format!(
        "{line}
         vpc v1 10.0.0.0/16 2001:db8::/56 igw eigw
         subnet web v1 10.0.1.0/24 route 0.0.0.0/0->igw
         subnet private v1 10.0.2.0/24 route 0.0.0.0/0->nat:n
         subnet six v1 2001:db8:0:3::/64 route ::/0->eigw
         subnet wide v1 2001:db8:0:4::/64 route ::/0->igw
         nat n web private=10.0.1.5 public=198.51.100.1
         group g v1 in all any
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         interface b private 10.0.2.10 groups=g
         interface c six 2001:db8:0:3::c groups=g
         interface d wide 2001:db8:0:4::d groups=g"
    )
}

#[test]
fn off_blocks_nothing() {
    check(
        &blocked("bpa off"),
        "8.8.8.8 -> a tcp/443 = open
         a -> 8.8.8.8 tcp/443 = open
         2600::1 -> d tcp/443 = open",
    );
}

#[test]
fn bidirectional_blocks_every_way_to_and_from_the_internet() {
    check(
        &blocked("bpa bidirectional"),
        "8.8.8.8 -> a tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         2600::1 -> d tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         a -> 8.8.8.8 tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         b -> 8.8.8.8 tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         c -> 2600::1 tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         a -> b tcp/443 = open",
    );
}

#[test]
fn ingress_leaves_nat_and_egress_only_gateways() {
    check(
        &blocked("bpa ingress"),
        "8.8.8.8 -> a tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         2600::1 -> d tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         a -> 8.8.8.8 tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         b -> 8.8.8.8 tcp/443 = open
         c -> 2600::1 tcp/443 = open",
    );
}

#[test]
fn a_bidirectional_exclusion_frees_a_subnet_or_its_vpc() {
    check(
        &blocked("bpa bidirectional exclude=web:bidirectional"),
        "8.8.8.8 -> a tcp/443 = open
         a -> 8.8.8.8 tcp/443 = open
         b -> 8.8.8.8 tcp/443 = open
         2600::1 -> d tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED",
    );
    check(
        &blocked("bpa bidirectional exclude=v1:bidirectional"),
        "8.8.8.8 -> a tcp/443 = open
         2600::1 -> d tcp/443 = open
         c -> 2600::1 tcp/443 = open",
    );
    check(&blocked("bpa ingress exclude=web:bidirectional"), "8.8.8.8 -> a tcp/443 = open");
}

#[test]
fn an_egress_exclusion_frees_the_way_out_only() {
    check(
        &blocked("bpa bidirectional exclude=v1:egress"),
        "8.8.8.8 -> a tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         a -> 8.8.8.8 tcp/443 = open
         b -> 8.8.8.8 tcp/443 = open
         c -> 2600::1 tcp/443 = open",
    );
}

#[test]
fn an_egress_exclusion_under_ingress_is_left_unknown() {
    check(
        &blocked("bpa ingress exclude=v1:egress"),
        "8.8.8.8 -> a tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         a -> 8.8.8.8 tcp/443 = unknown for unreadable-value",
    );
}

#[test]
fn without_its_exclusions_a_block_is_not_known() {
    check(
        &blocked("bpa bidirectional exclusions-unknown"),
        "8.8.8.8 -> a tcp/443 = unknown for unknown-exclusions",
    );
    check(
        &blocked("bpa bidirectional exclude=web:unknown"),
        "8.8.8.8 -> a tcp/443 = unknown for unreadable-value",
    );
}

#[test]
fn a_mode_that_can_not_be_read_is_not_known() {
    check(&blocked("bpa unknown"), "8.8.8.8 -> a tcp/443 = unknown for unreadable-value");
}

#[test]
fn it_holds_in_its_account_and_region_and_the_subnet_s_owner_decides() {
    check(
        "bpa bidirectional
         vpc v1 10.0.0.0/16 igw
         table out v1 subnets=mine,shared route 0.0.0.0/0->igw
         subnet mine v1 10.0.1.0/24
         group g v1 in all any
         interface a mine 10.0.1.10 public=198.51.100.7 groups=g
         scope 444455556666/us-east-1
         subnet shared v1 10.0.2.0/24
         group h v1 in all any
         interface b shared 10.0.2.10 public=198.51.100.8 groups=h",
        "8.8.8.8 -> a tcp/443 = closed by VPC_BLOCK_PUBLIC_ACCESS_ENABLED
         8.8.8.8 -> b tcp/443 = open",
    );
}

#[test]
fn peering_is_not_touched() {
    check(
        "bpa bidirectional
         vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         peering p v1 v2
         subnet s v1 10.0.1.0/24 route 10.1.0.0/16->pcx:p
         subnet t v2 10.1.1.0/24 route 10.0.0.0/16->pcx:p
         group g v1 in all any
         group h v2 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h",
        "a -> b tcp/443 = open",
    );
}
