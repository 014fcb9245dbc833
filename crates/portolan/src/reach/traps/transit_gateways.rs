//! Transit gateways: who may enter, which table routes, where packets come out.

use super::check;

/// Two VPCs in zones that the lines say, on a transit gateway `t` with a table `r` that
/// both use: `a` in 10.0.1.0/24, `b` in 10.1.1.0/24, both open to all.
fn two(zones: (&str, &str), rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         subnet s v1 10.0.1.0/24 zone={} route 10.1.0.0/16->tgw:t
         subnet u v2 10.1.1.0/24 zone={} route 10.0.0.0/16->tgw:t
         group g v1 in all any
         group h v2 in all any
         interface a s 10.0.1.10 groups=g
         interface b u 10.1.1.10 groups=h
         tgw t
         {rest}",
        zones.0, zones.1
    )
}

/// Both attached in their own subnets.
const ATTACHED: &str = "attachment x t subnets:s r
         attachment y t subnets:u r
         tgw-table r t 10.0.0.0/16->x propagated 10.1.0.0/16->y propagated";

#[test]
fn packets_and_answers_are_routed_by_the_table_of_the_attachment() {
    check(&two(("a", "a"), ATTACHED), "a -> b tcp/443 = open\n b -> a tcp/22 = open");
    // One table for the way, another for the way back.
    check(
        &two(
            ("a", "a"),
            "attachment x t subnets:s r
             attachment y t subnets:u back
             tgw-table r t 10.1.0.0/16->y
             tgw-table back t 10.9.0.0/16->x",
        ),
        "a -> b tcp/443 = closed by TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
    );
    check(
        &two(
            ("a", "a"),
            "attachment x t subnets:s none
             attachment y t subnets:u r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y",
        ),
        "a -> b tcp/443 = closed by TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION",
    );
}

#[test]
fn a_blackhole_and_a_longer_route_win() {
    let table = |routes: &str| {
        two(
            ("a", "a"),
            &format!(
                "attachment x t subnets:s r
                 attachment y t subnets:u r
                 tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y {routes}"
            ),
        )
    };
    check(&table("10.1.1.0/24->blackhole"), "a -> b tcp/443 = closed by TGW_RTB_BAD_STATE_ROUTE");
    // Back into the VPC whose route leads here again.
    check(&table("10.1.1.0/24->x"), "a -> b tcp/443 = unknown for transit-gateway");
    // Static before propagated, whatever the order.
    check(&table("10.1.0.0/16->blackhole propagated"), "a -> b tcp/443 = open");
}

#[test]
fn a_zone_without_an_attachment_receives_and_can_not_answer() {
    let both = "subnet w v2 10.1.2.0/24 zone=b
         attachment x t subnets:s r
         attachment y t subnets:w r
         tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y";
    check(
        &two(("a", "a"), both),
        "a -> b tcp/443 = closed by TGW_ROUTE_AZ_RESTRICTION
         a -> b icmp/3 = open
         b -> a tcp/443 = closed by TGW_ROUTE_AZ_RESTRICTION",
    );
    // Where no zone is named nobody knows.
    check(
        &two(("a", "a"), &both.replace(" zone=b", "")),
        "a -> b tcp/443 = unknown for transit-gateway",
    );
}

#[test]
fn the_acl_where_packets_go_in_sees_the_source_and_where_they_come_out_the_destination() {
    let acls = |near: &str, far: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             acl near v1 {near}
             acl far v2 {far}
             subnet s v1 10.0.1.0/24 zone=a route 10.1.0.0/16->tgw:t
             subnet u v2 10.1.1.0/24 zone=a route 10.0.0.0/16->tgw:t
             subnet into v1 10.0.9.0/24 zone=a acl=near
             subnet out v2 10.1.9.0/24 zone=a acl=far
             group g v1 in all any
             group h v2 in all any
             interface a s 10.0.1.10 groups=g
             interface b u 10.1.1.10 groups=h
             tgw t
             attachment x t subnets:into r
             attachment y t subnets:out r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y"
        )
    };
    let open = "in 100 allow all 0.0.0.0/0 out 100 allow all 0.0.0.0/0";
    check(&acls(open, open), "a -> b tcp/443 = open");
    check(
        &acls("in 100 allow tcp/443 10.0.1.10/32 out 100 allow all 0.0.0.0/0", open),
        "a -> b tcp/443 = open
         a -> b tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
    check(
        &acls(open, "in 100 allow all 0.0.0.0/0 out 100 allow tcp/443 10.1.1.0/24"),
        "a -> b tcp/443 = open
         a -> b tcp/22 = closed by SUBNET_ACL_RESTRICTION",
    );
    // Nothing else of those ACLs is asked: what leaves by the near one, what comes in
    // by the far one is the transit gateway's own business; but answers go the same way back.
    check(
        &acls(open, "in 100 allow tcp/49152-65535 10.1.0.0/16 out 100 allow all 0.0.0.0/0"),
        "a -> b tcp/443 = open to clients 49152-65535",
    );
    check(
        &acls("in 100 allow all 0.0.0.0/0 out 100 allow tcp/49152-65535 10.0.0.0/16", open),
        "a -> b tcp/443 = open to clients 49152-65535",
    );
}

#[test]
fn in_the_attachment_s_own_subnet_what_leaves_is_asked_twice_and_what_arrives_never() {
    let acls = |near: &str, far: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             acl near v1 {near}
             acl far v2 {far}
             subnet s v1 10.0.1.0/24 zone=a acl=near route 10.1.0.0/16->tgw:t
             subnet u v2 10.1.1.0/24 zone=a acl=far route 10.0.0.0/16->tgw:t
             group g v1 in all any
             group h v2 in all any
             interface a s 10.0.1.10 groups=g
             interface b u 10.1.1.10 groups=h
             tgw t
             {ATTACHED}"
        )
    };
    // Nothing lets packets to tcp/443 into the far subnet, nor answers out of the near one.
    check(
        &acls(
            "in 100 allow tcp/443 10.0.0.0/16 out 100 allow tcp/443 10.1.0.0/16",
            "in 100 allow tcp/1024-65535 10.1.0.0/16 out 100 allow tcp/1024-65535 10.0.0.0/16",
        ),
        "a -> b tcp/443 = open",
    );
    check(
        &acls(
            "in 100 allow tcp/22 0.0.0.0/0 out 100 allow all 0.0.0.0/0",
            "in 100 allow all 0.0.0.0/0 out 100 allow all 0.0.0.0/0",
        ),
        "a -> b tcp/443 = closed by SUBNET_ACL_RESTRICTION
         a -> b tcp/22 = open",
    );
}

#[test]
fn a_reference_holds_for_what_comes_in_where_all_three_allow_it() {
    let network = |options: (&str, &str), ingress: &str, egress: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             subnet s v1 10.0.1.0/24 zone=a route 10.1.0.0/16->tgw:t
             subnet u v2 10.1.1.0/24 zone=a route 10.0.0.0/16->tgw:t
             group g v1 {egress}
             group h v2 {ingress}
             interface a s 10.0.1.10 groups=g
             interface b u 10.1.1.10 groups=h
             tgw t {}
             attachment x t subnets:s r {}
             attachment y t subnets:u r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y",
            options.0, options.1
        )
    };
    let named = "in tcp/443 group:g";
    check(&network(("references", ""), named, ""), "a -> b tcp/443 = open");
    check(&network(("", ""), named, ""), "a -> b tcp/443 = closed by SG_REFERENCES_NOT_PRESERVED");
    check(
        &network(("references", "no-references"), named, ""),
        "a -> b tcp/443 = closed by SG_REFERENCES_NOT_PRESERVED",
    );
    check(&network(("references?", ""), named, ""), "a -> b tcp/443 = unknown for unknown-vpc");
    check(
        &network(("references", ""), "in tcp/443 any", "out tcp/443 group:h"),
        "a -> b tcp/443 = closed by SG_REFERENCES_NOT_PRESERVED",
    );
}

#[test]
fn between_transit_gateways_routes_are_static_and_no_reference_holds() {
    let network = |near: &str, ingress: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             subnet s v1 10.0.1.0/24 zone=a route 10.1.0.0/16->tgw:t
             subnet u v2 10.1.1.0/24 zone=b route 10.0.0.0/16->tgw:far
             group g v1 in all any
             group h v2 in {ingress}
             interface a s 10.0.1.10 groups=g
             interface b u 10.1.1.10 groups=h
             tgw t references
             tgw far references
             attachment x t subnets:s r
             attachment p t tgw:far r
             attachment p far tgw:t q
             attachment y far subnets:u q
             tgw-table r t static propagate=x,p {near}
             tgw-table q far 10.0.0.0/16->p 10.1.0.0/16->y"
        )
    };
    check(&network("10.1.0.0/16->p", "all any"), "a -> b tcp/443 = open\n b -> a tcp/22 = open");
    check(&network("", "all any"), "a -> b tcp/443 = closed by TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT");
    check(
        &network("10.1.0.0/16->p", "tcp/443 group:g"),
        "a -> b tcp/443 = closed by SG_REFERENCES_NOT_PRESERVED",
    );
}

#[test]
fn what_is_propagated_follows_from_what_is_attached() {
    let network = |ipv6: &str| {
        format!(
            "vpc v1 10.0.0.0/16 2001:db8::/56
             vpc v2 10.1.0.0/16 2001:db8:1::/56
             subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 zone=a route 10.1.0.0/16->tgw:t; route 2001:db8:1::/56->tgw:t
             subnet u v2 10.1.1.0/24 2001:db8:1:1::/64 zone=a route 10.0.0.0/16->tgw:t; route 2001:db8::/56->tgw:t
             group g v1 in all any
             group h v2 in all any
             interface a s 10.0.1.10 2001:db8:0:1::a groups=g
             interface b u 10.1.1.10 2001:db8:1:1::b groups=h
             tgw t
             attachment x t subnets:s r
             attachment y t subnets:u r {ipv6}
             tgw-table r t static propagate=x,y"
        )
    };
    check(
        &network(""),
        "10.0.1.10 -> 10.1.1.10 tcp/443 = open
         2001:db8:0:1::a -> 2001:db8:1:1::b tcp/443 = open",
    );
    check(
        &network("no-ipv6"),
        "10.0.1.10 -> 10.1.1.10 tcp/443 = open
         2001:db8:0:1::a -> 2001:db8:1:1::b tcp/443 = closed by TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
    );
    check(
        &network("ipv6?"),
        "2001:db8:0:1::a -> 2001:db8:1:1::b tcp/443 = unknown for transit-gateway",
    );
}

#[test]
fn with_appliance_mode_packets_may_come_out_in_any_zone() {
    let network = |options: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16
             acl shut v2 in 100 allow all 0.0.0.0/0
             subnet s v1 10.0.1.0/24 zone=a route 10.1.0.0/16->tgw:t
             subnet u v2 10.1.1.0/24 zone=a route 10.0.0.0/16->tgw:t
             subnet out-a v2 10.1.8.0/24 zone=a
             subnet out-b v2 10.1.9.0/24 zone=b acl=shut
             group g v1 in all any
             group h v2 in all any
             interface a s 10.0.1.10 groups=g
             interface b u 10.1.1.10 groups=h
             tgw t
             attachment x t subnets:s r
             attachment y t subnets:out-a,out-b r {options}
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y"
        )
    };
    check(&network(""), "a -> b tcp/443 = open");
    check(&network("appliance"), "a -> b tcp/443 = unknown for nothing");
}

#[test]
fn zones_of_another_account_can_not_be_compared() {
    // Each account has names of its own for zones.
    let network = |account: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24 zone=a route 10.1.0.0/16->tgw:t
             group g v1 in all any
             interface a s 10.0.1.10 groups=g
             tgw t
             attachment x t subnets:s r
             scope {account}/us-east-1
             vpc v2 10.1.0.0/16
             acl shut v2 in 100 allow all 0.0.0.0/0
             subnet u v2 10.1.1.0/24 zone=a route 10.0.0.0/16->tgw:t
             subnet out-a v2 10.1.8.0/24 zone=a acl=shut
             subnet out-b v2 10.1.9.0/24 zone=b
             group h v2 in all any
             interface b u 10.1.1.10 groups=h
             attachment y t subnets:out-a,out-b r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y"
        )
    };
    check(&network("111122223333"), "a -> b tcp/443 = closed by SUBNET_ACL_RESTRICTION");
    check(&network("444455556666"), "a -> b tcp/443 = unknown for nothing");
}

#[test]
fn zones_of_two_accounts_are_compared_by_their_ids() {
    // What one account calls `a` the other calls `b`.
    let network = |id: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             subnet s v1 10.0.1.0/24 zone=a zone-id=az1 route 10.1.0.0/16->tgw:t
             group g v1 in all any
             interface a s 10.0.1.10 groups=g
             tgw t
             attachment x t subnets:s r
             scope 444455556666/us-east-1
             vpc v2 10.1.0.0/16
             acl shut v2 in 100 allow all 0.0.0.0/0
             subnet u v2 10.1.1.0/24 zone=b route 10.0.0.0/16->tgw:t
             subnet out-a v2 10.1.8.0/24 zone=b zone-id=az1 acl=shut
             subnet out-b v2 10.1.9.0/24 zone=a {id}
             group h v2 in all any
             interface b u 10.1.1.10 groups=h
             attachment y t subnets:out-a,out-b r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y"
        )
    };
    check(&network("zone-id=az2"), "a -> b tcp/443 = closed by SUBNET_ACL_RESTRICTION");
    check(&network(""), "a -> b tcp/443 = unknown for nothing");
}

#[test]
fn one_nat_gateway_may_serve_many_vpcs() {
    let network = |home: &str, into: &str| {
        format!(
            "vpc v1 10.0.0.0/16
             vpc v2 10.1.0.0/16 igw
             acl inner v2 {into}
             subnet s v1 10.0.1.0/24 zone=a route 0.0.0.0/0->tgw:t
             subnet public v2 10.1.1.0/24 zone=a acl=inner route 0.0.0.0/0->igw:igw-v2 {home}
             subnet inside v2 10.1.2.0/24 zone=a route 0.0.0.0/0->nat:n
             group g v1
             interface a s 10.0.1.10 groups=g
             nat n public private=10.1.1.5 public=198.51.100.9
             tgw t
             attachment x t subnets:s r
             attachment y t subnets:inside r
             tgw-table r t 0.0.0.0/0->y 10.0.0.0/16->x"
        )
    };
    let open = "in 100 allow all 0.0.0.0/0 out 100 allow all 0.0.0.0/0";
    let home = "; route 10.0.0.0/16->tgw:t";
    // The NAT gateway answers by the interface of the attachment in its own zone.
    check(&network(home, open), "a -> 8.8.8.8 tcp/443 = open");
    check(&network("", open), "a -> 8.8.8.8 tcp/443 = closed by CANNOT_ROUTE");
    check(
        &network(home, "in 100 allow tcp/1024-65535 0.0.0.0/0 out 100 allow all 0.0.0.0/0"),
        "a -> 8.8.8.8 tcp/443 = closed by SUBNET_ACL_RESTRICTION",
    );
}

#[test]
fn an_internet_gateway_behind_a_transit_gateway_takes_nothing() {
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16 igw
         subnet s v1 10.0.1.0/24 zone=a route 0.0.0.0/0->tgw:t
         subnet inside v2 10.1.2.0/24 zone=a route any->igw
         group g v1
         interface a s 10.0.1.10 groups=g
         tgw t
         attachment x t subnets:s r
         attachment y t subnets:inside r
         tgw-table r t 0.0.0.0/0->y 10.0.0.0/16->x",
        "a -> 8.8.8.8 tcp/443 = closed by CANNOT_ROUTE",
    );
}

#[test]
fn what_lies_behind_a_vpn_is_not_known() {
    check(
        &two(
            ("a", "a"),
            "attachment x t subnets:s r
             attachment y t subnets:u r
             attachment o t vpn:office r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->o",
        ),
        "a -> b tcp/443 = unknown for network-beyond
         b -> a tcp/443 = unknown for network-beyond",
    );
}

#[test]
fn where_something_is_not_in_the_source_nobody_knows() {
    check(
        &two(
            ("a", "a"),
            "attachment x t subnets:s ?\n attachment y t subnets:u r\n tgw-table r t 10.0.0.0/16->x",
        ),
        "a -> b tcp/443 = unknown for transit-gateway",
    );
    check(
        &two(
            ("a", "a"),
            "attachment x t subnets:s r\n attachment y t subnets:u r\n tgw-table r t unknown",
        ),
        "a -> b tcp/443 = unknown for transit-gateway",
    );
    check(
        &two(
            ("a", "a"),
            "attachment x t subnets:s r
             attachment y t vpc:v2 r
             tgw-table r t 10.0.0.0/16->x 10.1.0.0/16->y",
        ),
        "a -> b tcp/443 = unknown for transit-gateway",
    );
    check(
        &two(("a", "a"), &ATTACHED.replace("subnets:s r", "subnets:s policy:p")),
        "a -> b tcp/443 = unknown for transit-gateway-policy-table",
    );
    // Two listings that contradict each other about what is attached.
    check(
        &two(("a", "a"), &format!("{ATTACHED}\n attachment x t vpc:v2 r")),
        "a -> b tcp/443 = unknown for transit-gateway",
    );
    // Listed, and not attached.
    check(
        &two(("a", "a"), "attachment y t subnets:u r\n tgw-table r t 10.1.0.0/16->y"),
        "a -> b tcp/443 = closed by TGW_NO_VPC_ATTACHMENT, TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
    );
}

#[test]
fn an_attachment_that_was_deleted_is_none() {
    check(
        &two(("a", "a"), &ATTACHED.replace("subnets:s r", "subnets:s r gone")),
        "a -> b tcp/443 = closed by BAD_STATE_ROUTE, TGW_RTB_BAD_STATE_ROUTE",
    );
    check(
        &two(("a", "a"), &format!("{ATTACHED}\n attachment z t subnets:s r gone")),
        "a -> b tcp/443 = open",
    );
}

#[test]
fn the_interface_of_an_attachment_has_no_ports() {
    check(
        &two(("a", "a"), &format!("{ATTACHED}\n interface e u 10.1.1.99 kind=tgw")),
        "a -> e tcp/443 = closed by TGW_ATTACHMENT_UNSOLICITED",
    );
}

#[test]
fn an_attachment_without_ipv6_propagates_none_whatever_blocks_its_vpc_has() {
    check(
        "vpc v1 10.0.0.0/16 2001:db8::/56 bare
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64
         subnet u v2 10.1.1.0/24 2001:db8:0:101::/64 route any->tgw:t
         group g v1 in all any; out all any
         group h v2 in all any; out all any
         interface a s 10.0.1.10 2001:db8:0:1::a groups=g
         interface b u 10.1.1.10 2001:db8:0:101::b groups=h
         tgw t
         attachment x t vpc:v1 r no-ipv6
         attachment y t vpc:v2 r no-ipv6
         tgw-table r t static propagate=y",
        "2001:db8:0:1::a -> 2001:db8:0:101::b tcp/443 = closed by TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT",
    );
}
