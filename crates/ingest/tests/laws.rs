//! The laws of reachability, over random estates written as `describe-*` JSON.
//!
//! Each law asks a few thousand questions; with `PORTOLAN_PROVE=1` it asks as
//! many as `FLOWS` says (1,000,000). `SEED` is the first estate's seed: a failure
//! prints the seed of its own.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "what a helper of a test can't do fails the test, and the mix is printed"
)]

mod estate;

use estate::ask::{Answer, Question, answer};
use estate::blast;
use estate::findings::Audited;
use estate::flows::{Edges, sample};
use estate::mix::Mix;
use estate::random::Random;
use estate::records::Records;
use estate::twice::{self, Asked, Engines, Verdict};
use estate::{Estate, edits, features, forget, shrink};
use portolan::model::{ComponentId, Direction, Network, NetworkInterfaceId};
use portolan::reach::spec::{self, Flow};
use portolan::reach::what_if::{Open, WhatIf};
use serde_json::Value;

/// How many flows are asked of one estate.
const FLOWS_OF_AN_ESTATE: u64 = 50;

/// How many flows a law asks: `quick`, or many.
fn flows(quick: u64) -> u64 {
    if std::env::var_os("PORTOLAN_PROVE").is_none() {
        return quick;
    }
    std::env::var("FLOWS").ok().and_then(|flows| flows.parse().ok()).unwrap_or(1_000_000)
}

fn first_seed() -> u64 {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// Estates, each with its network and the random numbers of its questions.
fn estates() -> impl Iterator<Item = (Estate, Network, Random)> {
    (first_seed()..).filter_map(|seed| {
        let estate = Estate::random(seed);
        let network = estate.network()?;
        Some((estate, network, Random::new(!seed)))
    })
}

#[test]
fn the_questions_are_worth_asking() {
    let wanted = flows(20_000);
    let mut mix = Mix::default();
    for (_, network, mut random) in estates() {
        let edges = Edges::of(&network);
        for _ in 0..FLOWS_OF_AN_ESTATE {
            let Some(flow) = sample(&network, &edges, &mut random) else { continue };
            let judgement = spec::judge(&network, &flow);
            mix.add(&flow, &judgement, &features::of_flow(&network, &flow));
        }
        if mix.flows >= wanted {
            break;
        }
    }
    mix.print();
    mix.check();
}

/// Prints an estate that breaks a law, as small as it gets, and fails.
fn broken(law: &str, estate: &Estate, question: &Question, breaks: impl Fn(&Estate) -> bool) -> ! {
    let least = shrink::shrink(estate, breaks);
    println!("{}", shrink::show(&least));
    panic!("{law}: seed {}, {question:?}", estate.seed);
}

#[test]
fn forgetting_opens_nothing_and_closes_nothing() {
    let wanted = flows(5_000);
    let mut asked = 0;
    for (estate, network, mut random) in estates() {
        let Some((poorer, what)) = forget::forget(&estate, &mut random) else { continue };
        let Some(less) = poorer.network() else { continue };
        let edges = Edges::of(&network);
        for _ in 0..FLOWS_OF_AN_ESTATE {
            let Some(flow) = sample(&network, &edges, &mut random) else { continue };
            let question = Question::of(&network, &flow);
            let before = answer(&network, &flow);
            let after = question.answer(&less);
            asked += 1;
            let turned = before != after && ![before, after].contains(&Answer::Unknown);
            if turned && question.is_known(&less) {
                let law = format!("without {what} {before:?} becomes {after:?}");
                broken(&law, &estate, &question, |estate| {
                    let poorer = forget::again(estate, &poorer);
                    let (Some(network), Some(less)) = (estate.network(), poorer.network()) else {
                        return false;
                    };
                    let Some(flow) = question.flow(&network) else { return false };
                    answer(&network, &flow) == before && question.answer(&less) == after
                });
            }
        }
        if asked >= wanted {
            break;
        }
    }
}

#[test]
fn removing_a_rule_opens_nothing() {
    let wanted = flows(5_000);
    let mut asked = 0;
    for (estate, network, mut random) in estates() {
        let poorer = without_a_rule(&estate, &mut random);
        let Some(less) = poorer.network() else { continue };
        let edges = Edges::of(&network);
        for _ in 0..FLOWS_OF_AN_ESTATE {
            let Some(flow) = sample(&network, &edges, &mut random) else { continue };
            let question = Question::of(&network, &flow);
            let Some(same) = question.flow(&less) else { continue };
            let (before, after) = (answer(&network, &flow), answer(&less, &same));
            asked += 1;
            assert!(
                after <= before,
                "seed {}: {before:?} becomes {after:?}, {question:?}",
                estate.seed
            );
        }
        if asked >= wanted {
            break;
        }
    }
}

/// Every listing of some group has one permission less.
fn without_a_rule(estate: &Estate, random: &mut Random) -> Estate {
    let mut poorer = estate.clone();
    let key = if random.chance(60) { "IpPermissions" } else { "IpPermissionsEgress" };
    let mut places: Vec<(String, usize, usize)> = Vec::new();
    for (path, reply) in &estate.files {
        for (group, element) in reply["SecurityGroups"].as_array().into_iter().flatten().enumerate()
        {
            let rules = element[key].as_array().map_or(0, Vec::len);
            places.extend((0..rules).map(|rule| (path.clone(), group, rule)));
        }
    }
    if let Some((path, group, rule)) = random.pick_maybe(&places) {
        let groups = poorer.elements(path, "SecurityGroups").unwrap();
        let gone = groups[*group][key].as_array_mut().unwrap().remove(*rule);
        let id = groups[*group]["GroupId"].clone();
        // A group that is listed twice loses it twice.
        for element in groups.iter_mut().filter(|element| element["GroupId"] == id) {
            element[key].as_array_mut().unwrap().retain(|rule| *rule != gone);
        }
    }
    poorer
}

#[test]
fn how_an_estate_is_written_does_not_matter() {
    let wanted = flows(5_000);
    let mut asked = 0;
    for (estate, network, mut random) in estates() {
        let written = rewritten(&estate, &mut random);
        let again = portolan_ingest::load_bytes(written).unwrap().network;
        let edges = Edges::of(&network);
        for _ in 0..FLOWS_OF_AN_ESTATE {
            let Some(flow) = sample(&network, &edges, &mut random) else { continue };
            let question = Question::of(&network, &flow);
            let same = question.flow(&again).unwrap();
            let (one, other) = (spec::judge(&network, &flow), spec::judge(&again, &same));
            asked += 1;
            assert_eq!(
                (one.forward, one.certain_clients, one.possible_clients),
                (other.forward, other.certain_clients, other.possible_clients),
                "seed {}, {question:?}",
                estate.seed,
            );
        }
        if asked >= wanted {
            break;
        }
    }
}

/// The same replies, some in pages, indented or not, in files of other names.
fn rewritten(estate: &Estate, random: &mut Random) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for (path, reply) in &estate.files {
        let folder = path.rsplit_once('/').unwrap().0;
        for (page, reply) in pages(reply, random).into_iter().enumerate() {
            let bytes = if random.chance(50) {
                serde_json::to_vec_pretty(&reply).unwrap()
            } else {
                serde_json::to_vec(&reply).unwrap()
            };
            let number = random.below(1_000_000);
            files.push((format!("{folder}/reply-{number}-{}-{page}.json", files.len()), bytes));
        }
    }
    random.shuffle(&mut files);
    files
}

/// A reply as several, each but the last with a `NextToken`; elements in any order.
fn pages(reply: &Value, random: &mut Random) -> Vec<Value> {
    let (key, elements) = reply.as_object().unwrap().iter().next().unwrap();
    let Some(elements) = elements.as_array().filter(|elements| elements.len() > 1) else {
        return vec![reply.clone()];
    };
    let mut elements = elements.clone();
    random.shuffle(&mut elements);
    let first = random.between(1, elements.len());
    let rest = elements.split_off(first);
    if rest.is_empty() {
        return vec![serde_json::json!({ key: elements })];
    }
    vec![
        serde_json::json!({ key: elements, "NextToken": "more" }),
        serde_json::json!({ key: rest }),
    ]
}

#[test]
fn the_engine_says_what_the_specification_says() {
    let wanted = flows(10_000);
    let (mut asked, mut behind, mut open) = (0, 0_u64, 0_u64);
    for (estate, network, mut random) in estates() {
        let edges = Edges::of(&network);
        let mut engines = Engines::of(&network);
        let sampled = (0..FLOWS_OF_AN_ESTATE).filter_map(|_| sample(&network, &edges, &mut random));
        let mut flows: Vec<Flow> = sampled.collect();
        // Few of those meet a load balancer: everybody asks for its ports too.
        flows.extend(twice::to_listeners(&network));
        for flow in flows {
            for about in questions(&network, &flow) {
                asked += u64::from(about.through.is_none());
                behind += u64::from(about.through.is_some());
                let (specified, loose) = twice::specified(&network, &about);
                let engine = engines.judge(&about);
                open += u64::from(about.through.is_some() && !specified.possible.is_empty());
                if !twice::agree(&about, &specified, &engine, loose) {
                    differs(&estate, &network, &flow, &about, (&specified, &engine));
                }
            }
        }
        if asked >= wanted {
            break;
        }
    }
    println!("{asked} questions, {behind} about targets behind load balancers, {open} open");
    assert!(open > 0, "nothing is open through load balancers");
}

/// The questions that a flow is, also about the targets behind a load balancer.
fn questions(network: &Network, flow: &Flow) -> Vec<Asked> {
    let mut all = twice::questions(network, flow);
    for at in 0..all.len() {
        all.extend(twice::through(network, &all[at]));
    }
    all
}

#[test]
fn the_records_say_what_the_specification_says() {
    let wanted = flows(3_000);
    let mut asked = 0;
    for (estate, network, mut random) in estates() {
        let edges = Edges::of(&network);
        let records = Records::of(&network);
        for _ in 0..FLOWS_OF_AN_ESTATE {
            let Some(flow) = sample(&network, &edges, &mut random) else { continue };
            for about in twice::questions(&network, &flow) {
                let (specified, loose) = twice::specified(&network, &about);
                let Some(told) = records.told(&network, &about).filter(|_| !loose) else {
                    continue;
                };
                asked += 1;
                if !told.agrees(&specified) {
                    let question = Question::of(&network, &flow);
                    let law = format!(
                        "{:?}, {:?}: specification {specified:?}, records {told:?}",
                        about.direction, about.audiences,
                    );
                    broken(&law, &estate, &question, |estate| {
                        let Some(network) = estate.network() else { return false };
                        let Some(flow) = question.flow(&network) else { return false };
                        twice::questions(&network, &flow)
                            .into_iter()
                            .filter(|found| found.direction == about.direction)
                            .any(|found| {
                                let (again, loose) = twice::specified(&network, &found);
                                let told = Records::of(&network).told(&network, &found);
                                let closed =
                                    again.possible.is_empty() == specified.possible.is_empty();
                                !loose && closed && told.is_some_and(|told| !told.agrees(&again))
                            })
                    });
                }
            }
        }
        if asked >= wanted {
            break;
        }
    }
    println!("{asked} questions");
}

#[test]
fn an_edited_estate_is_as_if_it_had_been_judged_from_nothing() {
    let wanted = flows(1_000);
    let mut asked = 0;
    for (estate, network, mut random) in estates() {
        let direction = [Direction::Ingress, Direction::Egress][random.below(2)];
        let mut edited = WhatIf::of(network, direction);
        for _ in 0..4 {
            let before = opened(&edited);
            let Some((component, edit)) = edits::any(edited.network(), &mut random) else {
                continue;
            };
            let what = format!("seed {}, {direction:?}, {edit:?}", estate.seed);
            let done = edited.edit(component, edit).unwrap();
            asked += 1;
            let after = opened(&edited);
            assert_eq!(after, opened(&WhatIf::of(edited.network().clone(), direction)), "{what}");
            let others = before.iter().zip(&after).filter(|(before, after)| before != after);
            let others: Vec<_> = others.map(|((_, id, _), _)| *id).collect();
            assert_eq!(done.changed, others, "{what}");
            if random.chance(50) {
                edited.edit(component, done.before).unwrap();
                assert_eq!(opened(&edited), before, "{what}, taken back");
            }
        }
        if asked >= wanted {
            break;
        }
    }
    println!("{asked} edits");
}

/// What every interface has open.
fn opened(estate: &WhatIf) -> Vec<(ComponentId, NetworkInterfaceId, Vec<Open>)> {
    let components = estate.network().components.entries();
    components
        .flat_map(|(id, component)| component.interfaces.ids().map(move |it| (id, it)))
        .map(|(component, interface)| (component, interface, estate.open(component, interface)))
        .collect()
}

/// Prints the least estate about which the two still differ in the same way.
fn differs(
    estate: &Estate,
    network: &Network,
    flow: &Flow,
    about: &Asked,
    (specified, engine): (&Verdict, &Verdict),
) -> ! {
    let question = Question::of(network, flow);
    let way = |one: &Verdict, other: &Verdict| {
        let signs = |verdict: &Verdict| (verdict.certain.is_empty(), verdict.possible.is_empty());
        (signs(one), signs(other), one.certain == other.certain, one.possible == other.possible)
    };
    let law = format!(
        "{:?}, {:?}: specification {specified:?}, engine {engine:?}",
        about.direction, about.audiences,
    );
    broken(&law, estate, &question, |estate| {
        let Some(network) = estate.network() else { return false };
        let Some(flow) = question.flow(&network) else { return false };
        questions(&network, &flow)
            .into_iter()
            .filter(|found| found.direction == about.direction)
            .filter(|found| found.through.is_some() == about.through.is_some())
            .any(|found| {
                let (again, loose) = twice::specified(&network, &found);
                let other = Engines::of(&network).judge(&found);
                !twice::agree(&found, &again, &other, loose)
                    && way(&again, &other) == way(specified, engine)
            })
    })
}

/// Everything that is open to everyone has one finding, witnesses are open, and
/// what is said to be closed is.
#[test]
fn findings_are_what_is_reachable() {
    let wanted = flows(250);
    let mut codes = std::collections::BTreeMap::new();
    for (audited, (estate, network, _)) in (0..).zip(estates()) {
        if audited >= wanted {
            break;
        }
        let found = Audited::of(&network);
        found.count(&mut codes);
        if let Some(broken) = found.broken() {
            let law = |broken: &str| broken.split(':').next().unwrap_or_default().to_owned();
            let breaks = |estate: &Estate| {
                let again = estate.network().and_then(|network| Audited::of(&network).broken());
                again.is_some_and(|again| law(&again) == law(&broken))
            };
            let least = shrink::shrink(&estate, breaks);
            println!("{}", shrink::show(&least));
            if let Some(network) = least.network() {
                println!("{}", Audited::of(&network).broken().unwrap_or_default());
            }
            panic!("seed {}: {broken}", estate.seed);
        }
    }
    println!("{codes:#?}");
}

/// What an attacker reaches from a host is the closure of what is open between hosts.
///
/// Between components, and through the internet, the engine may leave more open than the
/// specification does; and which target of a load balancer gets something no pair says.
#[test]
fn a_blast_radius_is_the_closure_of_the_specification() {
    let wanted = flows(20);
    let (mut asked, mut exact, mut far) = (0, 0, 0);
    for (estate, network, mut random) in estates() {
        let Some((start, reached)) = blast::one(&network, &mut random) else { continue };
        asked += 1;
        exact += u64::from(reached.is_exact());
        far += u64::from(reached.farthest() > 1);
        if let Some(broken) = reached.broken() {
            println!("{}", shrink::show(&estate));
            panic!("seed {}: from {start}: {broken}", estate.seed);
        }
        if asked >= wanted {
            break;
        }
    }
    println!("{asked} blast radii, {exact} of them exact, {far} of several hops");
    assert!(exact > 0 && far > 0);
}
