//! Whose addresses are, in estates of a few lines.

use proptest::prelude::*;

use super::*;
use crate::net::Cidr;
use crate::reach::exposure::{PortsOptions, SourcesMode, ports};
use crate::reach::place::Zones;
use crate::record::Port;
use crate::testing::{Lines, network};

fn ranges(lines: &str) -> AwsRanges {
    let prefixes = lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        AwsPrefix {
            block: Cidr::parse(words[0]).unwrap().0,
            service: words[1].into(),
            region: words[2].into(),
        }
    });
    AwsRanges { created: String::new(), prefixes: prefixes.collect() }
}

fn aws() -> AwsRanges {
    ranges(
        "18.200.0.0/16 AMAZON eu-west-1
         18.200.0.0/16 EC2 eu-west-1
         18.200.7.8/29 EC2_INSTANCE_CONNECT eu-west-1
         3.80.0.0/12 AMAZON us-east-1
         3.80.0.0/12 EC2 us-east-1
         3.5.140.0/22 AMAZON ap-northeast-2
         3.5.140.0/22 S3 ap-northeast-2
         13.32.0.0/15 AMAZON GLOBAL
         13.32.0.0/15 CLOUDFRONT GLOBAL
         15.230.0.0/16 AMAZON us-east-1
         2600:1f18::/33 AMAZON us-east-1
         2600:1f18::/33 EC2 us-east-1",
    )
}

const ESTATE: &str = "
    vpc v1 10.0.0.0/16 2600:1f18:1::/56 igw
    subnet s v1 10.0.1.0/24 2600:1f18:1::/64 route 0.0.0.0/0->igw route 192.168.0.0/16->tgw:tgw-1
    subnet t v1 10.0.2.0/24
    interface a s 10.0.1.10 public=3.80.0.10 2600:1f18:1::a
    interface b s 10.0.1.11
    nat n s private=10.0.1.5 public=3.80.0.5
    peering p v1 v9 accepter=10.9.0.0/16
    vpc v2 172.31.0.0/16
    subnet u v2 172.31.0.0/24
    interface c u 172.31.0.10
    address 3.80.0.20 allocation=eipalloc-1
    address 3.80.0.21 holder=eni-elsewhere";

fn set(blocks: &str) -> IpSet {
    let cidr = |block: &str| match Cidr::parse(block) {
        Ok((cidr, _)) => cidr,
        Err(_) => Cidr::single(block.parse().unwrap()),
    };
    blocks.split_whitespace().map(cidr).collect()
}

/// The labels of some addresses, as hosts of `v1` see them.
#[track_caller]
fn check(estate: &str, zones: &[(&str, &str)], blocks: &str, expected: &str) {
    let network = network(estate).unwrap();
    let mut named = Zones::default();
    for &(name, selector) in zones {
        let selectors = selector.split_whitespace().map(|it| it.parse().unwrap());
        named.zones.insert(name.to_owned(), selectors.collect());
    }
    let book = AddressBook::of(&network, &named, Some(&aws()));
    let from = network.vpcs_of("v1").next().map(|(at, _)| at);
    assert_eq!(few(book.labels(&set(blocks), from)).join("; "), expected);
}

#[test]
fn things_of_the_estate_are_named() {
    let named = |blocks, expected| check(ESTATE, &[], blocks, expected);
    named("10.0.1.10", "a");
    named("3.80.0.10", "a");
    named("2600:1f18:1::a", "a");
    named("10.0.1.5", "NAT gateway n");
    named("3.80.0.5", "NAT gateway n");
    named("3.80.0.20", "the Elastic IP address 3.80.0.20, which leads nowhere");
    named("3.80.0.21", "the Elastic IP address 3.80.0.21 of eni-elsewhere");
    named("10.0.1.10/31", "a; b");
    named("10.0.1.0/24", "a; b; NAT gateway n; subnet s");
    named("10.0.3.0/24", "VPC v1");
    named("172.31.0.0/24", "VPC v2");
}

#[test]
fn networks_beyond_the_estate_are_those_that_routes_lead_to() {
    check(ESTATE, &[], "192.168.7.0/24", "the network behind tgw-1");
    check(ESTATE, &[], "10.9.1.0/24", "the peer v9 over p");
    check(ESTATE, &[], "10.200.0.0/24", "private addresses");
}

#[test]
fn the_most_specific_service_counts() {
    let named = |blocks, expected| check(ESTATE, &[], blocks, expected);
    named("18.200.7.8/29", "the AWS service EC2_INSTANCE_CONNECT (eu-west-1)");
    named("3.5.140.0/24", "the AWS service S3 (ap-northeast-2)");
    named("13.32.0.0/15", "the AWS service CLOUDFRONT (global)");
    named("15.230.1.0/24", "AWS (us-east-1)");
    named("3.80.1.1", "an AWS address (EC2, us-east-1) that this estate doesn't hold");
    named("2600:1f18::1", "an AWS address (EC2, us-east-1) that this estate doesn't hold");
    named("3.80.0.8/30", "a; AWS addresses (EC2, us-east-1) that this estate doesn't hold");
}

#[test]
fn what_was_not_listed_may_be_held() {
    // Nothing of that region is in the source.
    let unseen = "an AWS address (EC2, eu-west-1); whether this estate holds it was not seen";
    check(ESTATE, &[], "18.200.1.1", unseen);
    // Its region is, and a listing that would name it is not.
    let unseen = "an AWS address (EC2, us-east-1); whether this estate holds it was not seen";
    for call in ["describe-addresses", "describe-network-interfaces"] {
        check(&format!("missing {call}\n{ESTATE}"), &[], "3.80.1.1", unseen);
    }
    // Of one account it is, of another one not.
    let other = "scope 444455556666/eu-west-1\nvpc w 10.7.0.0/16";
    check(&format!("{ESTATE}\n{other}"), &[], "3.80.1.1", unseen);
    let both = "scope 444455556666/us-east-1\nvpc w 10.7.0.0/16";
    let elsewhere = "an AWS address (EC2, us-east-1) that this estate doesn't hold";
    check(&format!("{ESTATE}\n{both}"), &[], "3.80.1.1", elsewhere);
}

#[test]
fn an_address_of_a_gateway_that_is_gone_is_held_only_if_it_is_listed() {
    let gone = "nat n s private=10.0.1.5 public=3.80.0.5 gone";
    let estate = ESTATE.replace("nat n s private=10.0.1.5 public=3.80.0.5", gone);
    let elsewhere = "an AWS address (EC2, us-east-1) that this estate doesn't hold";
    check(&estate, &[], "3.80.0.5", elsewhere);
    check(&format!("{estate}\naddress 3.80.0.5"), &[], "3.80.0.5", "NAT gateway n");
}

#[test]
fn zones_go_before_all_else_and_the_smallest_before_others() {
    let zones = [
        ("bastion", "a"),
        ("office", "203.0.113.0/24 10.0.1.11"),
        ("staff", "203.0.113.128/25 198.51.100.0/24 192.0.2.0/24"),
    ];
    let named = |blocks, expected| check(ESTATE, &zones, blocks, expected);
    named("203.0.113.0/24", "zone office");
    named("198.51.100.0/24", "zone staff");
    named("10.0.1.10", "zone bastion");
    named("3.80.0.10", "zone bastion");
    named("10.0.1.11", "zone office");
    // Hosts of another VPC that have the address of the bastion are not the bastion.
    let other = "vpc w 10.0.0.0/16\nsubnet x w 10.0.1.0/24\ninterface d x 10.0.1.10";
    let network = network(&format!("{ESTATE}\n{other}")).unwrap();
    let mut named = Zones::default();
    named.zones.insert("bastion".to_owned(), vec!["a".parse().unwrap()]);
    let book = AddressBook::of(&network, &named, None);
    let label = |vpc| {
        let (at, _) = network.vpcs_of(vpc).next().unwrap();
        book.labels(&set("10.0.1.10"), Some(at))
    };
    assert_eq!((label("v1"), label("w")), (vec!["zone bastion".into()], vec!["d".into()]));
    // To somebody else it is one of several.
    assert_eq!(book.labels(&set("10.0.1.10"), None), ["VPCs of this estate"]);
}

#[test]
fn so_many_that_nobody_knows_are_everyone() {
    let named = |blocks, expected| check(ESTATE, &[], blocks, expected);
    named(
        "0.0.0.0/0",
        "everyone on the internet; VPCs of this estate; networks beyond this estate; \
         private addresses; addresses shared by carriers; link-local addresses; \
         loopback addresses; a documentation range; and 3 more",
    );
    named("64.0.0.0/8", "everyone on the internet");
    named("64.0.0.0/9", "addresses that nothing here names");
    named("2000::/3", "everyone on the internet");
    // All of it is AWS's, however much.
    named(
        "3.80.0.0/12",
        "a; NAT gateway n; the Elastic IP address 3.80.0.20, which leads nowhere; \
         the Elastic IP address 3.80.0.21 of eni-elsewhere; \
         AWS addresses (EC2, us-east-1) that this estate doesn't hold",
    );
}

#[test]
fn ranges_that_are_set_aside_are_named() {
    let named = |blocks, expected| check(ESTATE, &[], blocks, expected);
    named("192.0.2.0/24", "a documentation range");
    named("2001:db8::1", "a documentation range");
    named("100.64.0.0/24", "addresses shared by carriers");
    named("169.254.169.254", "a link-local address");
    named("239.1.2.3", "a multicast address");
    named("8.8.8.8", "an address that nothing here names");
}

#[test]
fn many_things_are_told_by_their_subnets() {
    use std::fmt::Write;
    let mut estate = ESTATE.to_owned();
    for host in 20..60 {
        write!(estate, "\ninterface h{host} s 10.0.1.{host}").unwrap();
    }
    check(&estate, &[], "10.0.1.0/24", "subnet s");
    check(&estate, &[], "10.0.1.0/24 10.0.2.0/24", "subnet s; subnet t");
    check(&estate, &[], "10.0.0.0/16", "subnet s; subnet t; VPC v1");
}

#[test]
fn what_two_vpcs_of_a_component_hold_is_of_neither() {
    let estate = "vpc v1 10.0.0.0/16
                  vpc v2 10.1.0.0/16
                  vpc v3 10.1.0.0/16
                  subnet s v2 10.1.0.0/24
                  interface a s 10.1.0.10
                  peering p v1 v2
                  peering q v1 v3";
    check(estate, &[], "10.1.0.10", "VPCs of this estate");
}

#[test]
fn of_many_labels_the_first_are_given() {
    let labels: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    let few = few(labels);
    assert_eq!(few.len(), 9);
    assert_eq!(few.last().unwrap(), "and 2 more");
}

proptest! {
    #[test]
    fn parts_are_disjoint_and_together_all(
        v4 in prop::collection::vec((any::<u32>(), 0_u8..=32), 0..6),
        near in prop::collection::vec((0_u32..0x400, 22_u8..=32), 0..6),
        v6 in prop::collection::vec((any::<u128>(), 0_u8..=128), 0..3),
        seen in any::<bool>(),
    ) {
        let network = network(ESTATE).unwrap();
        let mut zones = Zones::default();
        zones.zones.insert("office".to_owned(), vec!["10.0.1.0/28".parse().unwrap()]);
        zones.zones.insert("hosts".to_owned(), vec!["a".parse().unwrap()]);
        let book = AddressBook::of(&network, &zones, Some(&aws()));
        let from = network.vpcs_of("v1").next().map(|(at, _)| at).filter(|_| seen);
        let v4 = v4.into_iter().chain(near.into_iter().map(|(low, length)| {
            let first = if low % 2 == 0 { 0x0a00_0000 } else { 0x0350_0000 };
            (first + low, length)
        }));
        let cidrs = v4
            .map(|(first, length)| Cidr::V4(crate::net::Prefix::new(first, length).unwrap()))
            .chain(v6.into_iter().map(|(first, length)| {
                Cidr::V6(crate::net::Prefix::new(first, length).unwrap())
            }));
        let all: IpSet = cidrs.collect();
        let mut told: Vec<Vec<Portion>> =
            Detail::ALL.iter().map(|&detail| book.portions(&all, from, detail)).collect();
        told.push(book.who(&all, from));
        for portions in told {
            let mut joined = IpSet::empty();
            for portion in portions {
                prop_assert!(!portion.addresses.is_empty());
                prop_assert!(!joined.intersects(&portion.addresses));
                joined = joined.union(&portion.addresses);
            }
            prop_assert_eq!(&joined, &all);
        }
    }
}

#[test]
fn those_are_told_who_are_somebody() {
    let network = network(
        "vpc v1 10.0.0.0/16 igw
         subnet s v1 10.0.1.0/24 route 0.0.0.0/0->igw
         group g v1 in tcp/22 group:h,10.0.1.11,203.0.113.9; in tcp/80 any
         group h v1 name=bastion
         interface a s 10.0.1.10 public=198.51.100.7 groups=g
         interface b s 10.0.1.11 groups=h",
    )
    .unwrap();
    let book = AddressBook::of(&network, &Zones::default(), None);
    let mut told = Vec::new();
    let options = PortsOptions { sources: SourcesMode::Rules, ..PortsOptions::default() };
    let who = |records: Vec<Port>| -> Vec<String> {
        let line =
            |it: &Port| format!("{}: {}", it.open.ports, book.somebody(&it.open, "v1").join("; "));
        records.iter().map(line).collect()
    };
    ports(&network, &Lines, &options, &who, &mut |lines| told.extend(lines));
    let estate = "80: a; b; subnet s; VPC v1";
    assert_eq!(told, ["22: ", "80: ", "22: members of bastion (h)", estate]);
}
