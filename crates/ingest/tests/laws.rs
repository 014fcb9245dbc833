//! The laws of reachability, over random estates written as `describe-*` JSON.
//!
//! Each law asks a few thousand questions; with `PORTOLAN_PROVE=1` it asks as
//! many as `FLOWS` says (1,000,000). `SEED` is the first estate's seed: a failure
//! prints the seed of its own.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    reason = "what a helper of a test can't do fails the test, and the mix is printed"
)]

mod estate;

use estate::ask::{Answer, Question, answer};
use estate::flows::{Edges, sample};
use estate::mix::Mix;
use estate::random::Random;
use estate::{Estate, features, forget, shrink};
use portolan::model::Network;
use portolan::reach::spec::{self, Flow};

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
