//! Random networks: no packet goes otherwise than the specification says.

use crate::estates;
use crate::trial::{Tally, Trial, rights};
use portolan_lab::probe::Patience;

/// Probes of one network.
const PROBES_OF_A_NETWORK: usize = 2_000;

fn wanted() -> u64 {
    if std::env::var_os("PORTOLAN_PROVE").is_none() {
        return 8_000;
    }
    std::env::var("PROBES").ok().and_then(|probes| probes.parse().ok()).unwrap_or(100_000)
}

pub(crate) fn first_seed() -> u64 {
    std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

#[test]
fn the_kernel_agrees_with_the_specification() {
    let Some(rights) = rights() else { return };
    let mut total = Tally::default();
    // Few seeds give small networks; a sampler that asks nothing shall not go on for ever.
    for seed in (first_seed()..).take(1_000) {
        let network = estates::random(seed, 20 + seed % 4 * 10);
        let trial = Trial::new(&network, !seed, PROBES_OF_A_NETWORK);
        let tally = trial.run(rights, Patience::default());
        if !tally.wrong.is_empty() {
            println!("{}", estates::text(seed, 20 + seed % 4 * 10));
            println!("not compiled: {:?}", trial.plan.not_compiled);
            let some: Vec<&String> = tally.wrong.iter().take(10).collect();
            panic!("seed {seed}: {} of {} wrong: {some:#?}", tally.wrong.len(), tally.probes());
        }
        total.add(tally);
        if total.probes() >= wanted() {
            break;
        }
    }
    total.print();
    assert!(total.arrived() >= 30, "too few probes arrive");
    for way in ["transit gateway", "NAT gateway"] {
        let arrived = total.features.get(&format!("over a {way} arrived")).copied().unwrap_or(0);
        assert!(arrived > 20, "over a {way}: only {arrived} arrive");
    }
    for family in ["IPv4 tcp", "IPv4 udp", "IPv4 icmp", "IPv6 tcp", "IPv6 udp", "IPv6 icmpv6"] {
        let arrived = total.features.get(&format!("{family} arrived")).copied().unwrap_or(0);
        assert!(arrived > 20, "{family}: only {arrived} arrive");
    }
}
