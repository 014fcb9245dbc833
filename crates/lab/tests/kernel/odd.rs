//! The odd estates by which the engine is held against the specification, in the kernel:
//! small ones with everything that AWS can be asked to build, and much that is not known.

use portolan_lab::probe::Patience;

use crate::estate::Estate;
use crate::trial::{Tally, Trial, rights};

/// Probes of one estate.
const PROBES_OF_AN_ESTATE: usize = 400;

#[test]
fn odd_estates_go_as_the_specification_says() {
    let Some(rights) = rights() else { return };
    let wanted = if std::env::var_os("PORTOLAN_PROVE").is_some() { 20_000 } else { 900 };
    let mut total = Tally::default();
    for seed in (crate::difference::first_seed()..).take(1_000) {
        let Some(network) = Estate::random(seed).network() else { continue };
        let trial = Trial::new(&network, !seed, PROBES_OF_AN_ESTATE);
        let tally = trial.run(rights, Patience::default());
        if !tally.wrong.is_empty() {
            println!("not compiled: {:?}", trial.plan.not_compiled);
            let some: Vec<&String> = tally.wrong.iter().take(10).collect();
            panic!("seed {seed}: {} of {} wrong: {some:#?}", tally.wrong.len(), tally.probes());
        }
        total.add(tally);
        if total.probes() >= wanted {
            break;
        }
    }
    total.print();
    assert!(total.arrived() >= 30, "too few probes arrive");
}
