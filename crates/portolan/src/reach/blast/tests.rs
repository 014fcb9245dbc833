//! Small estates, each with the hops that an attacker takes.

use super::*;
use crate::reach::place::PortFilter;
use crate::record::Within;
use crate::testing;

/// Who is reached, in how many hops, by which ports: one line each.
fn reached(network: &str, from: &str) -> String {
    with(network, from, |_| {})
}

fn with(network: &str, from: &str, change: impl Fn(&mut BlastOptions)) -> String {
    let network = testing::network(network).unwrap();
    let from = from.split(' ').map(|text| Selector::parse(text).unwrap()).collect();
    let mut options = BlastOptions { from, ..BlastOptions::default() };
    change(&mut options);
    let blast = blast_radius(&network, &testing::Lines, &options);
    let line = |it: &Reached| {
        let hops = it.hops.map_or("-".to_owned(), |hops| hops.to_string());
        let name = it.interfaces.join("+");
        let steps = it.path.iter().map(|step| {
            let through = step.through.as_ref();
            let through = through.map_or(String::new(), |it| format!("({})", it.load_balancer));
            let requests = if step.requests { " requests" } else { "" };
            format!("{} -{}{through}{requests}-> ", step.from, step.ports.join(","))
        });
        let steps: String = steps.collect();
        let within = match it.within {
            Within::Held => "held",
            Within::Certain => "certain",
            Within::Possible => "possible",
            Within::No => "no",
        };
        format!("{hops} {within} {steps}{name}")
    };
    blast.reached.iter().map(line).collect::<Vec<_>>().join("\n")
}

const TIERS: &str = "vpc v 10.0.0.0/16 igw
     subnet front v 10.0.1.0/24 route 0.0.0.0/0->igw
     subnet back v 10.0.2.0/24
     group web v in tcp/443 any
     group app v in tcp/8080 group:web
     group db v in tcp/5432 group:app
     group admin v in tcp/22 203.0.113.0/24
     group managed v in tcp/22 group:admin
     interface bastion front 10.0.1.9 public=198.51.100.9 groups=admin
     interface web front 10.0.1.10 public=198.51.100.10 groups=web,managed
     interface app back 10.0.2.10 groups=app,managed
     interface db back 10.0.2.20 groups=db,managed";

/// A database that nobody listed, and a host that lets in its subnet.
#[test]
fn from_a_service_that_nobody_listed_the_way_goes_on_perhaps() {
    let network = "vpc v 10.0.0.0/16
         subnet front v 10.0.1.0/24
         subnet back v 10.0.2.0/24
         group web v in none; out all any
         group db v in tcp/5432 group:web; out all any
         group app v in tcp/22 10.0.2.0/24
         group named v in tcp/22 group:db
         interface web front 10.0.1.10 groups=web
         interface app front 10.0.1.20 groups=app
         interface named front 10.0.1.30 groups=named
         store orders rds v subnets=back groups=db port=5432";
    assert_eq!(
        reached(network, "web"),
        "0 held web\n\
         1 possible web -tcp/5432-> rds/orders/back\n\
         2 possible web -tcp/5432-> rds/orders/back -tcp/22-> app\n\
         2 possible web -tcp/5432-> rds/orders/back -tcp/22-> named"
    );
}

#[test]
fn nobody_starts_from_what_is_no_host() {
    let network = testing::network(
        "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         group g v
         interface a s 10.0.1.10 groups=g
         interface n s 10.0.1.20 kind=lb groups=g",
    )
    .unwrap();
    let starts =
        |text: &str| can_start(&network, &Selector::parse(text).unwrap(), &Zones::default());
    for text in ["a", "10.0.1.10", "10.0.1.99", "internet", "8.8.8.8"] {
        assert!(starts(text), "{text}");
    }
    for text in ["n", "10.0.1.20"] {
        assert!(!starts(text), "{text}");
    }
}

#[test]
fn the_database_is_two_hops_behind_the_web_host() {
    assert_eq!(
        reached(TIERS, "web"),
        "0 held web\n\
         1 certain web -tcp/8080-> app\n\
         2 certain web -tcp/8080-> app -tcp/5432-> db"
    );
    assert_eq!(
        with(TIERS, "web", |options| options.hops = Some(1)),
        "0 held web\n1 certain web -tcp/8080-> app"
    );
}

#[test]
fn whoever_holds_the_bastion_holds_what_it_manages() {
    let ssh = |options: &mut BlastOptions| {
        options.ports = PortFilter::filter("ssh").unwrap().matches();
    };
    assert_eq!(
        with(TIERS, "bastion", ssh),
        "0 held bastion\n\
         1 certain bastion -tcp/22-> app\n\
         1 certain bastion -tcp/22-> db\n\
         1 certain bastion -tcp/22-> web"
    );
    assert_eq!(with(TIERS, "web", ssh), "0 held web");
}

#[test]
fn from_the_internet_the_first_hop_is_what_is_open_to_it() {
    assert_eq!(
        reached(TIERS, "internet"),
        "1 certain 203.0.113.0 -tcp/22-> bastion\n\
         1 certain 1.0.0.0 -tcp/443-> web\n\
         2 certain 203.0.113.0 -tcp/22-> bastion -tcp/22-> app\n\
         2 certain 203.0.113.0 -tcp/22-> bastion -tcp/22-> db"
    );
    assert_eq!(
        reached(TIERS, "203.0.114.1"),
        "1 certain 203.0.114.1 -tcp/443-> web\n\
         2 certain 203.0.114.1 -tcp/443-> web -tcp/8080-> app\n\
         3 certain 203.0.114.1 -tcp/443-> web -tcp/8080-> app -tcp/5432-> db"
    );
}

#[test]
fn what_is_out_of_reach_says_what_holds_it() {
    let held = "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         subnet t v 10.0.2.0/24
         group web v in tcp/443 any
         group app v in tcp/8080 group:web
         group db v in tcp/5432 10.0.9.0/24
         interface web s 10.0.1.10 groups=web
         interface app s 10.0.1.11 groups=app
         interface db t 10.0.2.20 groups=db";
    assert_eq!(reached(held, "web"), "0 held web\n1 certain web -tcp/8080-> app");
    let network = testing::network(held).unwrap();
    let (component, db) = testing::interface(&network, "db").unwrap();
    let options = BlastOptions {
        from: vec![Selector::Word("web".into()), Selector::Any],
        to: Some([(component, db)].into()),
        ..BlastOptions::default()
    };
    let options = BlastOptions { from: vec![Selector::NetworkInterface("web".into())], ..options };
    let blast = blast_radius(&network, &testing::Lines, &options);
    let [db] = blast.reached.as_slice() else { panic!("{:?}", blast.reached) };
    assert_eq!((db.within, db.hops, db.path.len()), (Within::No, None, 0));
    let [blocker] = db.held_by.as_slice() else { panic!("{:?}", db.held_by) };
    assert_eq!((blocker.code.as_str(), blocker.id.as_str()), ("ENI_SG_RULES_MISMATCH", "db"));
    assert_eq!((blast.summary.held, blast.summary.certain, blast.summary.out_of_reach), (1, 1, 1));
}

#[test]
fn a_group_that_admits_itself_lets_one_go_from_member_to_member() {
    let network = "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         group all v in all group:all
         interface a s 10.0.1.10 groups=all
         interface b s 10.0.1.11 groups=all
         interface c s 10.0.1.12";
    assert_eq!(reached(network, "a"), "0 held a\n1 certain a -tcp/0-65535,udp/0-65535-> b");
}

#[test]
fn all_interfaces_of_a_host_are_held_with_it() {
    let network = "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         group a v in tcp/1 10.0.1.10
         group b v in tcp/2 group:second
         group second v
         interface one s 10.0.1.10 instance=i
         instance i running
         interface two s 10.0.1.11 instance=i groups=second
         interface x s 10.0.1.20 groups=b";
    assert_eq!(reached(network, "one"), "0 held one+two\n1 certain i -tcp/2-> x");
}

#[test]
fn nobody_gets_in_through_a_nat_gateway_and_out_by_it_one_is_seen_as_it() {
    let network = "vpc v 10.0.0.0/16 igw
         subnet out v 10.0.0.0/24 route 0.0.0.0/0->igw
         subnet in v 10.0.1.0/24 route 0.0.0.0/0->nat:n
         nat n out private=10.0.0.5 public=198.51.100.5
         vpc w 10.9.0.0/16 igw
         subnet far w 10.9.1.0/24 route 0.0.0.0/0->igw
         group partner w in tcp/443 198.51.100.5
         group stranger w in tcp/443 198.51.100.6
         interface a in 10.0.1.10 groups=any
         group any v
         interface p far 10.9.1.10 public=203.0.113.10 groups=partner
         interface q far 10.9.1.11 public=203.0.113.11 groups=stranger";
    assert_eq!(reached(network, "a"), "0 held a\n1 certain a -tcp/443-> p");
    assert_eq!(reached(network, "p"), "0 held p");
}

#[test]
fn a_public_address_is_asked_from_within_the_vpc_too() {
    let network = "vpc v 10.0.0.0/16 igw
         subnet s v 10.0.1.0/24 route 0.0.0.0/0->igw
         group web v in tcp/443 198.51.100.1
         interface a s 10.0.1.10 public=198.51.100.1 groups=any
         group any v
         interface b s 10.0.1.11 public=198.51.100.2 groups=web
         interface c s 10.0.1.12 groups=web";
    assert_eq!(reached(network, "a"), "0 held a\n1 certain a -tcp/443-> b");
}

#[test]
fn a_peering_is_a_hop_like_any_other() {
    let network = "vpc v 10.0.0.0/16
         vpc w 10.1.0.0/16
         peering p v w
         subnet s v 10.0.1.0/24 route 10.1.0.0/16->pcx:p
         subnet t w 10.1.1.0/24 route 10.0.0.0/16->pcx:p
         group db w in tcp/5432 10.0.1.0/24
         interface a s 10.0.1.10 groups=any
         group any v
         interface b t 10.1.1.10 groups=db";
    assert_eq!(reached(network, "a"), "0 held a\n1 certain a -tcp/5432-> b");
}

#[test]
fn over_ipv6_alone_it_is_within_reach_too() {
    let network = "vpc v 10.0.0.0/16 2001:db8::/56
         subnet s v 10.0.1.0/24 2001:db8::/64
         group db v in tcp/5432 2001:db8::/64
         interface a s 10.0.1.10 2001:db8::10 groups=any
         group any v
         interface b s 10.0.1.11 2001:db8::11 groups=db
         interface c s 10.0.1.12 groups=db";
    assert_eq!(reached(network, "a"), "0 held a\n1 certain a -tcp/5432-> b");
}

#[test]
fn an_echo_request_takes_no_host_unless_it_is_asked_for() {
    let network = "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         group pinged v in icmp/8 10.0.0.0/16
         group named v in udp/53 10.0.0.0/16
         interface a s 10.0.1.10 groups=any
         group any v
         interface b s 10.0.1.11 groups=pinged
         interface c s 10.0.1.12 groups=named";
    assert_eq!(reached(network, "a"), "0 held a\n1 certain a -udp/53-> c");
    let any = |options: &mut BlastOptions| options.ports = Some(vec![Match::All]);
    assert_eq!(
        with(network, "a", any),
        "0 held a\n1 certain a -icmp/8-> b\n1 certain a -udp/53-> c"
    );
}

#[test]
fn what_is_only_possible_makes_everything_after_it_possible() {
    let network = "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         group app v in tcp/8080 ?
         group db v in tcp/5432 group:app
         interface a s 10.0.1.10 groups=any
         group any v
         interface b s 10.0.1.11 groups=app
         interface c s 10.0.1.12 groups=db";
    assert_eq!(
        reached(network, "a"),
        "0 held a\n1 possible a -tcp/8080-> b\n2 possible a -tcp/8080-> b -tcp/5432-> c"
    );
}

#[test]
fn what_is_stopped_is_no_way() {
    let network = "vpc v 10.0.0.0/16
         subnet s v 10.0.1.0/24
         group app v in tcp/8080 10.0.1.10
         group db v in tcp/5432 group:app
         interface a s 10.0.1.10 groups=any
         group any v
         interface b s 10.0.1.11 groups=app stopped
         interface c s 10.0.1.12 groups=db";
    assert_eq!(reached(network, "a"), "0 held a");
}

#[test]
fn it_is_said_whether_a_host_gets_out() {
    let network = testing::network(TIERS).unwrap();
    let from = vec![Selector::NetworkInterface("web".into())];
    let options = BlastOptions { from: vec![Selector::Word("web".into())], ..Default::default() };
    let options = BlastOptions { from, ..options };
    let blast = blast_radius(&network, &testing::Lines, &options);
    let online: Vec<_> = blast
        .reached
        .iter()
        .map(|it| (it.interfaces.join(""), it.outward.as_ref().map(|it| it.internet)))
        .collect();
    use crate::record::OutwardWay::{Certain, No};
    let wanted = [("web", Certain), ("app", No), ("db", No)];
    let wanted: Vec<_> = wanted.into_iter().map(|(id, way)| (id.to_owned(), Some(way))).collect();
    assert_eq!(online, wanted);
    assert_eq!((blast.summary.online, blast.summary.most_hops), (1, 2));
}

/// A node `n` of a load balancer, its target `t`, and `d` behind that.
fn balanced(kind: &str, described: &str, listener: &str) -> String {
    format!(
        "vpc v 10.0.0.0/16 igw
         subnet s v 10.0.1.0/24 zone=z route 0.0.0.0/0->igw
         group any v in tcp/443 any
         group lb v in tcp/443 any
         group web v in tcp/8443 group:lb
         group db v in tcp/5432 group:web
         interface a s 10.0.1.5 groups=any
         interface n s 10.0.1.10 public=198.51.100.7 kind=lb description=ELB_{described} groups=lb
         interface t s 10.0.1.20 groups=web instance=i-t
         instance i-t running
         interface d s 10.0.1.30 groups=db
         balancer front {kind} v groups=lb cross=on
         targets web v instance {listener} preserve=off i-t
         listener front {} web",
        listener.replace("8443", "443"),
    )
}

#[test]
fn a_network_load_balancer_passes_one_on_to_its_targets() {
    let network = balanced("network", "net/front", "tcp/8443");
    assert_eq!(
        reached(&network, "a"),
        "0 held a\n\
         1 certain a -tcp/8443(front)-> t\n\
         1 certain a -tcp/443-> n\n\
         2 certain a -tcp/8443(front)-> i-t -tcp/5432-> d"
    );
}

/// Its rules were not collected: whose requests it passes on is not known.
#[test]
fn the_targets_of_an_application_load_balancer_get_requests() {
    let network = balanced("application", "app/front", "http/8443");
    assert_eq!(
        reached(&network, "a"),
        "0 held a\n\
         1 certain a -tcp/443-> n\n\
         1 possible a -tcp/8443(front) requests-> t\n\
         2 possible a -tcp/8443(front) requests-> i-t -tcp/5432-> d"
    );
}
