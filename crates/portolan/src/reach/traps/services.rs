//! Data stores and other services of AWS's: interfaces that nobody listed.

use super::check;
use crate::testing::network;

/// A database in the subnet `s` of which only its own listing tells; `a` wears the
/// group that it lets in, and lets in its group.
const DATABASE: &str = "vpc v1 10.0.0.0/16 2001:db8::/56 igw
     subnet s v1 10.0.1.0/28 2001:db8:0:1::/64 route any->igw
     subnet t v1 10.0.2.0/24 2001:db8:0:2::/64
     group db v1 in tcp/5432 group:app; in tcp/5433 10.0.0.0/8; out none
     group app v1 in tcp/8080 group:db; in tcp/8081 10.0.0.0/16; out all any
     group other v1 in tcp/8080 group:db; in tcp/9000 group:app; out none
     interface a t 10.0.2.10 2001:db8:0:2::a groups=app
     interface b s 10.0.1.5 groups=other
     store orders rds v1 subnets=s groups=db port=5432 engine=postgres";

#[test]
fn a_database_that_nobody_listed_may_be_at_any_free_address_of_its_subnets() {
    check(
        DATABASE,
        "a -> 10.0.1.9 tcp/5432 = unknown for unlisted-service
         a -> 10.0.1.9 tcp/5433 = unknown for unlisted-service
         a -> 10.0.1.9 tcp/22 = closed by ENI_SG_RULES_MISMATCH
         b -> 10.0.1.9 tcp/5433 = closed by SG_HAS_NO_RULES
         a -> 10.0.1.5 tcp/5432 = closed by ENI_SG_RULES_MISMATCH
         a -> 10.0.1.2 tcp/5432 = closed by NO_SUCH_ADDRESS
         a -> 10.0.2.77 tcp/5432 = closed by NO_SUCH_ADDRESS
         a -> orders tcp/5432 = unknown for unlisted-service
         a -> orders tcp/443 = closed by ENI_SG_RULES_MISMATCH
         8.8.8.8 -> orders tcp/5432 = closed by ENI_SG_RULES_MISMATCH, IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS",
    );
}

#[test]
fn what_it_may_send_is_not_known() {
    check(
        DATABASE,
        "10.0.1.9 -> a tcp/8080 = unknown for unlisted-service
         10.0.1.9 -> b tcp/8080 = unknown for unlisted-service
         10.0.1.9 -> a tcp/8081 = open
         10.0.1.9 -> b tcp/9000 = closed by ENI_SG_RULES_MISMATCH
         10.0.2.77 -> a tcp/8080 = closed by ENI_SG_RULES_MISMATCH
         10.0.1.5 -> a tcp/8080 = closed by ENI_SG_RULES_MISMATCH, SG_HAS_NO_RULES",
    );
}

#[test]
fn its_public_address_is_not_known_either() {
    let open = DATABASE.replace("in tcp/5433 10.0.0.0/8", "in tcp/5433 any");
    check(&open, "8.8.8.8 -> orders tcp/5433 = closed by IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS");
    check(
        &format!("{open} public"),
        "8.8.8.8 -> orders tcp/5433 = unknown for unlisted-service
         8.8.8.8 -> orders tcp/5432 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn it_may_stand_beside_the_interface_of_a_transit_gateway() {
    // Nothing lets packets into its subnet, but what comes out there is not asked.
    check(
        "vpc v1 10.0.0.0/16
         vpc v2 10.1.0.0/16
         acl far v2 out 100 allow tcp/1024-65535 10.0.0.0/16 in 100 allow tcp/1024-65535 10.1.0.0/16
         subnet s v1 10.0.1.0/24 zone=a route 10.1.0.0/16->tgw:t
         subnet u v2 10.1.1.0/28 zone=a acl=far route 10.0.0.0/16->tgw:t
         group g v1 in all any
         group db v2 in tcp/443 any; out none
         interface a s 10.0.1.10 groups=g
         tgw t
         attachment x t subnets:s r
         attachment y t subnets:u r
         tgw-table r t 10.0.0.0/16->x propagated 10.1.0.0/16->y propagated
         store orders rds v2 subnets=u groups=db port=443 engine=postgres",
        "a -> 10.1.1.9 tcp/443 = unknown for unlisted-service
         a -> 10.1.1.9 tcp/22 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn it_may_ask_a_node_in_its_own_subnet() {
    // Answers of the target pass the ACL of the node's subnet at some ports only.
    check(
        "vpc v1 10.0.0.0/16
         acl near v1 in 100 allow tcp/1024-8080 0.0.0.0/0 out 100 allow tcp/443 0.0.0.0/0
         subnet near v1 10.0.1.0/28 acl=near
         subnet far v1 10.0.2.0/24
         interface n near 10.0.1.4 kind=lb description=ELB_net/front
         interface t far 10.0.2.10 instance=i-t running groups=g
         group g v1 in tcp/443 any
         group db v1 in tcp/5432 any
         store orders rds v1 subnets=near groups=db port=5432 engine=postgres
         balancer front network v1 cross=on
         listener front tcp/443 web
         targets web v1 instance tcp/443 i-t",
        "10.0.1.9 -> 10.0.1.4 tcp/443 = open to clients 1024-8080",
    );
}

#[test]
fn it_may_have_ipv6_addresses() {
    check(
        &format!("{DATABASE} ipv6"),
        "a -> 2001:db8:0:1::77 tcp/5432 = unknown for unlisted-service
         2001:db8:0:1::77 -> a tcp/8080 = unknown for unlisted-service
         2001:db8:0:2::77 -> a tcp/8080 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn which_groups_it_wears_may_not_be_known() {
    check(
        &DATABASE.replace("groups=db port", "port"),
        "a -> orders tcp/22 = unknown for unlisted-service
         10.0.1.9 -> a tcp/8080 = unknown for unlisted-service
         10.0.1.9 -> b tcp/9000 = unknown for unlisted-service",
    );
}

#[test]
fn two_databases_that_nobody_listed_may_be_at_the_same_address() {
    check(
        &format!(
            "{DATABASE}
             group rest v1 in tcp/3306 any; out none
             store users rds v1 subnets=s,t groups=rest port=3306"
        ),
        "a -> orders tcp/5432 = unknown for unlisted-service
         a -> users tcp/3306 = unknown for unlisted-service
         a -> users tcp/5432 = closed by ENI_SG_RULES_MISMATCH
         10.0.1.9 -> a tcp/8080 = unknown for unlisted-service
         10.0.2.9 -> a tcp/8080 = closed by ENI_SG_RULES_MISMATCH",
    );
}

#[test]
fn a_database_whose_interface_is_listed_is_nowhere_else() {
    check(
        &format!("{DATABASE} interface=d\ninterface d s 10.0.1.6 groups=db"),
        "a -> orders tcp/5432 = open
         a -> 10.0.1.9 tcp/5432 = closed by NO_SUCH_ADDRESS
         10.0.1.9 -> a tcp/8080 = closed by ENI_SG_RULES_MISMATCH",
    );
}

/// What an interface is, and whether it is listed.
fn told(text: &str, id: &str) -> String {
    let network = network(text).unwrap();
    let Some((at, interface)) = network.interfaces_of(id).next() else { return String::new() };
    let component = &network.components[at];
    let labels = component.services_of(interface).map(|it| it.label(&network.text));
    labels.collect::<Vec<_>>().join(" or ")
}

#[test]
fn an_interface_that_names_no_service_is_that_of_one_with_its_groups_and_subnet() {
    let of_rds = "requester=amazon-rds description=RDSNetworkInterface";
    let listed = format!("{DATABASE}\ninterface d s 10.0.1.6 groups=db {of_rds}");
    assert_eq!(told(DATABASE, "rds/orders/s"), "RDS orders (PostgreSQL)");
    assert_eq!(told(&listed, "d"), "RDS orders (PostgreSQL)");
    assert_eq!(told(&listed, "rds/orders/s"), "");
    let two = format!("{listed}\nstore users rds v1 subnets=s groups=db port=3306");
    assert_eq!(told(&two, "d"), "RDS orders (PostgreSQL) or RDS users");
    // One interface is not two databases'.
    assert_eq!(told(&two, "rds/orders/s"), "RDS orders (PostgreSQL)");
    assert_eq!(told(&two, "rds/users/s"), "RDS users");
    let both = format!("{two}\ninterface e s 10.0.1.7 groups=db {of_rds}");
    assert_eq!(told(&both, "rds/orders/s") + &told(&both, "rds/users/s"), "");
    let other = listed.replace("groups=db requester", "groups=app requester");
    assert_eq!(told(&other, "d"), "RDS");
    assert_eq!(told(&other, "rds/orders/s"), "RDS orders (PostgreSQL)");
}

#[test]
fn functions_with_the_same_groups_share_an_interface() {
    let functions = "vpc v1 10.0.0.0/16
         subnet s v1 10.0.1.0/24
         group fn v1 out all any
         interface l s 10.0.1.9 groups=fn type=lambda
         store resize lambda v1 subnets=s groups=fn
         store upload lambda v1 subnets=s groups=fn";
    assert_eq!(told(functions, "l"), "Lambda resize or Lambda upload");
    assert_eq!(told(functions, "lambda/resize/s"), "");
    let idle = functions
        .replace("upload lambda v1 subnets=s groups=fn", "upload lambda v1 subnets=s groups=other");
    assert_eq!(told(&idle, "l"), "Lambda resize");
    assert_eq!(told(&idle, "lambda/upload/s"), "Lambda upload");
}
