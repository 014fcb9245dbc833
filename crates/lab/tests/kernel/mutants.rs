//! Rulesets with one mistake each: the packets notice every one of them.

use portolan_lab::kernel::Rights;
use portolan_lab::plan::{Action, Plan, Space};
use portolan_lab::probe::Patience;
use std::time::Duration;

use crate::estates;
use crate::trial::{Trial, rights};

/// Networks that a mistake may take to be noticed.
const NETWORKS: u64 = 12;
const PROBES_OF_A_NETWORK: usize = 1_500;

/// How many packets notice a mistake that is made in every ruleset; panics if it changes
/// nothing in any of them.
fn noticed(rights: Rights, mistake: impl Fn(&mut Space), enough: usize) -> usize {
    let mut wrong = 0;
    let mut made = false;
    for seed in 1..=NETWORKS {
        let network = estates::random(seed, 40);
        let mut trial = Trial::new(&network, !seed, PROBES_OF_A_NETWORK);
        let before = trial.plan.clone();
        for space in &mut trial.plan.spaces {
            mistake(space);
        }
        made |= is_changed(&before, &trial.plan);
        let patience =
            Patience { first: Duration::from_millis(60), again: Duration::from_millis(250) };
        wrong += trial.run(rights, patience).wrong.len();
        if wrong >= enough {
            break;
        }
    }
    assert!(made, "the mistake was not made");
    wrong
}

fn is_changed(before: &Plan, after: &Plan) -> bool {
    before.spaces.iter().zip(&after.spaces).any(|(one, other)| one != other)
}

fn is_noticed(mistake: impl Fn(&mut Vec<String>)) {
    is_noticed_of(|space| mistake(&mut space.ruleset.lines));
}

fn is_noticed_of(mistake: impl Fn(&mut Space)) {
    let Some(rights) = rights() else { return };
    let wrong = noticed(rights, mistake, 3);
    println!("noticed by {wrong} packets");
    assert!(wrong > 0, "nobody noticed");
}

/// Puts a rule at the head of a base chain.
fn first_in(lines: &mut Vec<String>, chain: &str, rule: &str) {
    let head = format!("add chain inet lab {chain} {{");
    if let Some(at) = lines.iter().position(|line| line.starts_with(&head)) {
        lines.insert(at + 1, format!("add rule inet lab {chain} {rule}"));
    }
}

#[test]
fn a_stateful_acl() {
    is_noticed(|lines| first_in(lines, "acls", "ct state established,related accept"));
}

#[test]
fn groups_without_state() {
    is_noticed(|lines| {
        lines.retain(|line| line != "add rule inet lab groups ct state established,related accept");
    });
}

#[test]
fn connections_that_are_not_tracked() {
    is_noticed(|lines| {
        if lines.iter().any(|line| line.contains("chain inet lab groups ")) {
            lines.push(
                "add chain inet lab raw { type filter hook prerouting priority -300; policy accept; }"
                    .to_owned(),
            );
            lines.push("add rule inet lab raw notrack".to_owned());
        }
    });
}

#[test]
fn an_acl_that_accepts_instead_of_returning() {
    is_noticed(|lines| {
        for line in lines.iter_mut().filter(|line| line.starts_with("add rule inet lab acl")) {
            if let Some(rule) = line.strip_suffix("return") {
                *line = format!("{rule}accept");
            }
        }
    });
}

#[test]
fn an_acl_within_the_subnet() {
    is_noticed(|lines| lines.retain(|line| !line.contains("iifgroup . oifgroup")));
}

#[test]
fn an_acl_whose_entries_are_read_backwards() {
    is_noticed(|lines| {
        let is_entry = |line: &String| {
            line.starts_with("add rule inet lab acl")
                && !line.starts_with("add rule inet lab acls")
                && !line.ends_with(" drop") | line.contains("dport")
        };
        let places: Vec<usize> = (0..lines.len()).filter(|&at| is_entry(&lines[at])).collect();
        let mut chains: std::collections::BTreeMap<String, Vec<usize>> = Default::default();
        for at in places {
            let chain = lines[at].split(' ').nth(4).unwrap().to_owned();
            chains.entry(chain).or_default().push(at);
        }
        for places in chains.values() {
            let turned: Vec<String> = places.iter().rev().map(|&at| lines[at].clone()).collect();
            for (&at, line) in places.iter().zip(turned) {
                lines[at] = line;
            }
        }
    });
}

#[test]
fn an_egress_only_gateway_that_lets_everybody_in() {
    is_noticed(|lines| lines.retain(|line| !(line.contains("eigw") && line.contains(" ct "))));
}

#[test]
fn groups_that_take_strangers_for_members() {
    is_noticed(|lines| {
        for line in lines.iter_mut().filter(|line| line.contains("@members")) {
            *line = line.replace(" @members", " != @members");
        }
    });
}

#[test]
fn a_subnet_that_is_not_asked_for_what_goes_into_its_own_attachment() {
    is_noticed(|lines| {
        for line in lines.iter_mut().filter(|line| line.contains("iifgroup . oifgroup")) {
            if let Some((head, tail)) = line.split_once(" oifname != ") {
                let (_, tail) = tail.split_once("} ").unwrap();
                *line = format!("{head} {tail}");
            }
        }
    });
}

#[test]
fn attachments_that_serve_every_zone() {
    is_noticed_of(|space| {
        let routes = space.routes.clone();
        for route in space.routes.iter_mut().filter(|route| route.destination.length() > 0) {
            let mut others = routes.iter().filter(|it| it.destination == route.destination);
            if route.action == Action::Drop
                && let Some(other) = others.find(|it| matches!(it.action, Action::Device(_)))
            {
                route.action = other.action;
            }
        }
    });
}

#[test]
fn a_vpc_that_takes_others_to_the_internet() {
    is_noticed(|lines| {
        lines.retain(|line| !(line.contains("iifname { \"t") && line.ends_with(" drop")));
    });
}

/// Two base chains on one hook are an AND, which commutes: the one mutant that changes
/// nothing, and so must not be noticed.
#[test]
fn acls_after_groups_are_the_same() {
    let Some(rights) = rights() else { return };
    let turned = |lines: &mut Vec<String>| {
        for line in lines.iter_mut().filter(|line| line.contains("chain inet lab acls ")) {
            *line = line.replace("priority -10", "priority 10");
        }
    };
    let seed = 3;
    let network = estates::random(seed, 40);
    let mut trial = Trial::new(&network, !seed, PROBES_OF_A_NETWORK);
    for space in &mut trial.plan.spaces {
        turned(&mut space.ruleset.lines);
    }
    let tally = trial.run(rights, Patience::default());
    assert!(tally.wrong.is_empty(), "{:#?}", tally.wrong);
}
