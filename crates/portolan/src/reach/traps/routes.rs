//! Route tables: which way a packet goes.

use super::check;

/// A host with a public address whose subnet has these routes.
fn routed(routes: &str, more: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 igw
         {more}
         subnet web v1 10.0.1.0/24 {routes}
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any"
    )
}

#[test]
fn a_subnet_without_a_table_of_its_own_has_the_main_one() {
    check(
        "vpc v1 10.0.0.0/16 igw bare
         acl open v1 default in 100 allow all any; out 100 allow all any
         table m v1 main route 0.0.0.0/0->igw
         subnet web v1 10.0.1.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn a_table_of_its_own_replaces_the_main_one() {
    check(
        "vpc v1 10.0.0.0/16 igw bare
         acl open v1 default in 100 allow all any; out 100 allow all any
         table m v1 main route 0.0.0.0/0->igw
         table own v1 subnets=web
         subnet web v1 10.0.1.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn without_any_table_the_answer_is_not_known() {
    check(
        "vpc v1 10.0.0.0/16 igw bare
         acl open v1 default in 100 allow all any; out 100 allow all any
         subnet web v1 10.0.1.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in tcp/443 any",
        "8.8.8.8 -> a tcp/443 = unknown for no-route-table
         8.8.8.8 -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn two_tables_for_a_subnet_contradict_each_other() {
    check(
        "vpc v1 10.0.0.0/16 igw
         table one v1 subnets=web route 0.0.0.0/0->igw
         table other v1 subnets=web
         subnet web v1 10.0.1.0/24
         interface a web 10.0.1.10 public=198.51.100.7 groups=g
         group g v1 in all any",
        "8.8.8.8 -> a tcp/443 = unknown for contradictory-association",
    );
}

#[test]
fn the_longest_prefix_wins() {
    check(
        &routed(
            "route 0.0.0.0/0->igw; route 8.8.8.0/24->nat:n",
            "subnet p v1 10.0.2.0/24\nnat n p",
        ),
        "8.8.8.8 -> a tcp/443 = closed by CANNOT_ROUTE
         9.9.9.9 -> a tcp/443 = open",
    );
}

#[test]
fn two_halves_are_a_default_route() {
    check(
        &routed("route 0.0.0.0/1->igw; route 128.0.0.0/1->igw", ""),
        "8.8.8.8 -> a tcp/443 = open
         200.1.2.3 -> a tcp/443 = open",
    );
}

#[test]
fn a_route_to_one_address_opens_to_that_address() {
    check(
        &routed("route 8.8.8.8/32->igw", ""),
        "8.8.8.8 -> a tcp/443 = open
         8.8.8.9 -> a tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_default_route_may_be_a_prefix_list() {
    check(&routed("route list:all->igw", "list all 0.0.0.0/0"), "8.8.8.8 -> a tcp/443 = open");
}

#[test]
fn a_blackhole_wins_by_its_length_and_drops() {
    check(
        &routed("route 0.0.0.0/0->igw; route 8.8.8.0/24->nat:gone blackhole", ""),
        "8.8.8.8 -> a tcp/443 = closed by BAD_STATE_ROUTE
         9.9.9.9 -> a tcp/443 = open",
    );
}

#[test]
fn a_static_route_precedes_a_propagated_one_of_its_length() {
    check(
        &routed("route 8.8.8.0/24->igw; route 8.8.8.0/24->vgw:vpn propagated", ""),
        "8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn a_longer_propagated_route_precedes_a_static_one() {
    check(
        &routed("route 0.0.0.0/0->igw; route 8.8.8.0/24->vgw:vpn propagated", ""),
        "8.8.8.8 -> a tcp/443 = unknown for vpn-gateway
         9.9.9.9 -> a tcp/443 = open",
    );
}

#[test]
fn a_block_precedes_a_prefix_list_of_its_length() {
    check(
        &routed("route list:l->tgw:t; route 8.8.8.0/24->igw", "list l 8.8.8.0/24"),
        "8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn a_prefix_list_precedes_a_propagated_route_of_its_length() {
    check(
        &routed("route 8.8.8.0/24->vgw:vpn propagated; route list:l->igw", "list l 8.8.8.0/24"),
        "8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn a_prefix_list_has_the_length_of_its_entry() {
    check(
        &routed(
            "route 0.0.0.0/0->igw; route list:l->nat:n",
            "list l 8.8.0.0/16 9.9.9.9/32\nsubnet p v1 10.0.2.0/24\nnat n p",
        ),
        "8.8.8.8 -> a tcp/443 = closed by CANNOT_ROUTE
         9.9.9.9 -> a tcp/443 = closed by CANNOT_ROUTE
         9.9.9.8 -> a tcp/443 = open",
    );
}

#[test]
fn overlapping_prefix_lists_with_two_targets_are_ambiguous() {
    check(
        &routed(
            "route list:l->igw; route list:m->nat:n",
            "list l 8.8.8.0/24\nlist m 8.8.8.0/24\nsubnet p v1 10.0.2.0/24\nnat n p",
        ),
        "8.8.8.8 -> a tcp/443 = unknown for ambiguous-route",
    );
    check(
        &routed("route list:l->igw; route list:m->igw", "list l 8.8.8.0/24\nlist m 8.8.8.0/24"),
        "8.8.8.8 -> a tcp/443 = open",
    );
}

#[test]
fn a_prefix_list_without_entries_may_win() {
    check(
        &routed(
            "route 0.0.0.0/0->igw; route list:l->nat:n",
            "list l ?\nsubnet p v1 10.0.2.0/24\nnat n p",
        ),
        "8.8.8.8 -> a tcp/443 = unknown for unknown-prefix-list",
    );
    check(
        &routed("route 0.0.0.0/0->igw; route list:l->igw", "list l ?"),
        "8.8.8.8 -> a tcp/443 = open",
    );
}

/// Two hosts in two subnets; the first has these routes.
fn between(routes: &str, more: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         {more}
         subnet s v1 10.0.1.0/24 {routes}
         subnet t v1 10.0.2.0/24
         group g v1 in all any
         interface a s 10.0.1.10 groups=g
         interface b s 10.0.1.11 groups=g
         interface c t 10.0.2.10 groups=g"
    )
}

#[test]
fn a_propagated_route_inside_the_local_one_loses() {
    check(
        &between("route 10.0.2.0/24->vgw:vpn propagated", ""),
        "a -> c tcp/443 = open
         c -> a tcp/443 = open",
    );
}

#[test]
fn a_static_route_to_a_subnet_precedes_the_local_one() {
    check(
        &between("route 10.0.2.0/24->nat:n", "subnet p v1 10.0.3.0/24\nnat n p"),
        "a -> c tcp/443 = unknown for private-nat-gateway
         c -> a tcp/443 = unknown for private-nat-gateway",
    );
}

#[test]
fn within_a_subnet_no_route_is_asked() {
    check(
        &between(
            "route 10.0.1.0/24->eni:fw",
            "subnet m v1 10.0.3.0/24\ninterface fw m 10.0.3.99 groups=g",
        ),
        "a -> b tcp/443 = open",
    );
}

#[test]
fn the_local_route_leads_to_every_block_of_the_vpc() {
    check(
        "vpc v1 10.0.0.0/16 100.64.0.0/16
         subnet s v1 10.0.1.0/24
         subnet t v1 100.64.1.0/24
         group g v1 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 100.64.1.10 groups=g",
        "a -> b tcp/443 = open
         b -> a tcp/443 = open",
    );
}

#[test]
fn vpcs_do_not_reach_each_other_without_a_route() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         subnet s v1 10.0.1.0/24
         subnet t v2 10.1.1.0/24
         group g v1 in all any
         group h v2 in all any
         interface a s 10.0.1.10 groups=g
         interface b t 10.1.1.10 groups=h",
        "a -> b tcp/443 = closed by NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_route_that_can_not_be_read_may_lead_anywhere() {
    check(
        &routed("route 0.0.0.0/0->igw; route ?->nat:n", ""),
        "8.8.8.8 -> a tcp/443 = unknown for unreadable-value",
    );
    check(
        &routed("route 0.0.0.0/0->igw state-unknown", ""),
        "8.8.8.8 -> a tcp/443 = unknown for unreadable-value",
    );
}
