//! Networks and people that are not of AWS: virtual private gateways, Client VPN and
//! Instance Connect Endpoints.

use super::check;

/// A host whose table leads to a virtual private gateway, and these lines.
fn behind(route: &str, rest: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16 2001:db8::/56
         subnet s v1 10.0.1.0/24 2001:db8:0:1::/64 {route}
         group g v1 in tcp/22 any
         interface a s 10.0.1.10 2001:db8:0:1::a groups=g
         {rest}"
    )
}

#[test]
fn a_virtual_private_gateway_knows_the_static_routes_of_its_connections() {
    check(
        &behind(
            "route 192.168.0.0/16->vgw:vgw-1; route 172.16.0.0/12->vgw:vgw-1",
            "vgw vgw-1 v1
             vpn vpn-1 vgw:vgw-1 192.168.50.0/24
             vpn vpn-2 vgw:vgw-1 172.16.0.0/12 gone
             vpn vpn-3 vgw:vgw-2 172.16.0.0/12",
        ),
        "192.168.50.1 -> a tcp/22 = unknown for network-beyond
         a -> 192.168.50.1 tcp/22 = unknown for network-beyond
         192.168.50.1 -> a tcp/443 = closed by ENI_SG_RULES_MISMATCH
         192.168.51.1 -> a tcp/22 = closed by VGW_NO_ROUTE_TO_DESTINATION
         a -> 192.168.51.1 tcp/22 = closed by VGW_NO_ROUTE_TO_DESTINATION
         172.16.0.1 -> a tcp/22 = closed by VGW_NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn what_it_learns_by_bgp_may_be_any_address() {
    let route = "route 192.168.0.0/16->vgw:vgw-1";
    for learning in [
        "vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 192.168.50.0/24 bgp",
        "vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 192.168.50.0/24 static?",
        "vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 192.168.50.0/24 contested",
        "vgw vgw-1 v1 dx=dxvif-1\nvpn vpn-1 vgw:vgw-1 192.168.50.0/24",
        "vgw vgw-1 v1 dx?\nvpn vpn-1 vgw:vgw-1 192.168.50.0/24",
        "missing describe-vpn-connections\nvgw vgw-1 v1",
        "missing directconnect_describe-virtual-interfaces\nvgw vgw-1 v1",
    ] {
        check(
            &behind(route, learning),
            "192.168.51.1 -> a tcp/22 = unknown for network-beyond
             a -> 192.168.51.1 tcp/22 = unknown for network-beyond",
        );
    }
}

#[test]
fn a_connection_carries_the_customer_s_block_only() {
    check(
        &behind(
            "route 192.168.0.0/16->vgw:vgw-1",
            "vgw vgw-1 v1
             vpn vpn-1 vgw:vgw-1 bgp customer=192.168.50.0/24",
        ),
        "192.168.50.1 -> a tcp/22 = unknown for network-beyond
         192.168.51.1 -> a tcp/22 = closed by VGW_NO_ROUTE_TO_DESTINATION",
    );
}

#[test]
fn a_vpn_at_a_virtual_private_gateway_carries_no_ipv6() {
    let route = "route 2600::/16->vgw:vgw-1";
    check(
        &behind(route, "vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 bgp"),
        "2600::1 -> a tcp/22 = closed by NO_INTERNET_GATEWAY, VGW_VPN_CARRIES_NO_IPV6
         2001:db8:0:1::a -> 2600::1 tcp/22 = closed by VGW_VPN_CARRIES_NO_IPV6",
    );
    check(
        &behind(route, "vgw vgw-1 v1 dx=dxvif-1"),
        "2001:db8:0:1::a -> 2600::1 tcp/22 = unknown for network-beyond",
    );
}

#[test]
fn it_carries_for_the_vpc_that_it_is_attached_to() {
    let route = "route 192.168.0.0/16->vgw:vgw-1";
    for detached in ["vgw vgw-1", "vgw vgw-1 v2", "vgw vgw-1 v1 detached", "vgw vgw-1 v1 gone"] {
        check(
            &behind(route, &format!("{detached}\nvpn vpn-1 vgw:vgw-1 bgp")),
            "192.168.50.1 -> a tcp/22 = closed by VGW_NOT_ATTACHED",
        );
    }
    check(
        &behind(route, "vgw vgw-1 v1 detaching\nvpn vpn-1 vgw:vgw-1 bgp"),
        "192.168.50.1 -> a tcp/22 = unknown for network-beyond",
    );
}

#[test]
fn a_virtual_private_gateway_that_contradicts_itself_is_not_known() {
    check(
        &behind("route 192.168.0.0/16->vgw:vgw-1", "vgw vgw-1 v2 contested"),
        "192.168.50.1 -> a tcp/22 = unknown for vpn-gateway",
    );
}

#[test]
fn tunnels_that_are_down_may_come_up() {
    check(
        &behind(
            "route 192.168.0.0/16->vgw:vgw-1",
            "vgw vgw-1 v1\nvpn vpn-1 vgw:vgw-1 192.168.50.0/24 down",
        ),
        "192.168.50.1 -> a tcp/22 = unknown for network-beyond",
    );
}

/// An endpoint for clients in the subnet `s`, and hosts `a` beside it and `b` elsewhere.
fn clients(endpoint: &str) -> String {
    format!(
        "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         subnet t v1 10.0.2.0/24
         group vpn v1
         group g v1 in tcp/22 group:vpn; out none
         group h v1 in tcp/22 any
         interface e s 10.0.1.5 kind=remote groups=vpn
         interface a s 10.0.1.10 groups=g
         interface b t 10.0.2.10 groups=g
         interface c t 10.0.2.11 groups=h
         {endpoint}"
    )
}

#[test]
fn clients_come_from_the_interface_of_their_endpoint_and_wear_its_groups() {
    check(
        &clients("cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.0.0/16 route=10.0.0.0/16->s"),
        "e -> a tcp/22 = open
         e -> b tcp/22 = open
         e -> b tcp/443 = closed by ENI_SG_RULES_MISMATCH
         10.0.1.5 -> b tcp/22 = open
         10.0.1.6 -> b tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn nobody_reaches_a_client_unasked() {
    check(
        &clients("cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.0.0/16 route=10.0.0.0/16->s"),
        "c -> e tcp/22 = closed by REMOTE_ACCESS_UNSOLICITED, SG_HAS_NO_RULES",
    );
}

#[test]
fn authorization_rules_say_where_clients_get() {
    check(
        &clients("cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.2.10/32 route=10.0.0.0/16->s"),
        "e -> b tcp/22 = open
         e -> a tcp/22 = closed by CLIENT_VPN_NOT_AUTHORIZED
         e -> c tcp/22 = closed by CLIENT_VPN_NOT_AUTHORIZED",
    );
}

#[test]
fn routes_of_the_endpoint_say_by_which_interface() {
    check(
        &clients(
            "cvpn cvpn-1 v1 subnets=s,t groups=vpn allow=10.0.0.0/16 \
             route=10.0.0.0/16->s route=10.0.2.10/32->t
             interface f t 10.0.2.5 kind=remote groups=vpn",
        ),
        "e -> c tcp/22 = open
         e -> a tcp/22 = open
         f -> a tcp/22 = closed by CLIENT_VPN_NO_ROUTE
         f -> b tcp/22 = open
         e -> b tcp/22 = unknown for remote-access",
    );
}

#[test]
fn what_was_not_listed_of_a_client_vpn_is_not_known() {
    for endpoint in [
        "cvpn cvpn-1 v1 subnets=s groups=vpn route=10.0.0.0/16->s",
        "cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.0.0/16",
        "cvpn cvpn-1 v1 subnets=s groups=vpn unsure allow=10.0.0.0/16 route=10.0.0.0/16->s",
        "cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.0.0/16 route=10.0.0.0/16->s state-unknown",
        "cvpn cvpn-1 v1 subnets=s groups=g allow=10.0.0.0/16 route=10.0.0.0/16->s",
        "cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.0.0/16 route=10.0.0.0/16->s
         cvpn cvpn-2 v1 subnets=s groups=vpn allow=10.0.2.10/32 route=10.0.0.0/16->s",
    ] {
        check(&clients(endpoint), "e -> b tcp/22 = unknown for remote-access");
    }
    check(
        &clients("cvpn cvpn-1 v1 subnets=s groups=vpn allow=10.0.0.0/16 route=10.0.0.0/16->s gone"),
        "e -> b tcp/22 = closed by BAD_STATE_ROUTE",
    );
}

#[test]
fn tunnels_of_an_instance_connect_endpoint_lead_to_two_ports() {
    let tunnel =
        "eice eice-1 interfaces=e\ngroup k v1 in tcp any\ninterface d t 10.0.2.12 groups=k";
    check(
        &clients(tunnel),
        "e -> a tcp/22 = open
         e -> b tcp/22 = open
         e -> d tcp/3389 = open
         e -> d tcp/443 = closed by INSTANCE_CONNECT_PORT_RESTRICTION
         c -> e tcp/22 = closed by REMOTE_ACCESS_UNSOLICITED, SG_HAS_NO_RULES",
    );
    check(&clients("eice eice-1 interfaces=e gone"), "e -> b tcp/22 = closed by BAD_STATE_ROUTE");
    check(
        &clients("eice eice-1 interfaces=e state-unknown"),
        "e -> b tcp/22 = unknown for remote-access",
    );
}

#[test]
fn whom_tunnels_that_show_the_client_s_address_reach_is_not_known() {
    for preserving in ["preserves", "preserves?"] {
        check(
            &clients(&format!("eice eice-1 interfaces=e {preserving}")),
            "e -> b tcp/22 = unknown for remote-access
             e -> b tcp/443 = closed by ENI_SG_RULES_MISMATCH, INSTANCE_CONNECT_PORT_RESTRICTION",
        );
    }
}

#[test]
fn the_groups_of_an_instance_connect_endpoint_must_let_its_tunnels_out() {
    let tight = clients("eice eice-1 interfaces=e")
        .replace("group vpn v1", "group vpn v1 out tcp/22 10.0.2.0/24");
    check(
        &tight,
        "e -> b tcp/22 = open
         e -> a tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}
