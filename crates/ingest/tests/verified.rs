//! What `verify` expects of a port is what `explain` says of it, over random estates
//! written as `describe-*` JSON: the engine's sets on one side, the specification's
//! packets on the other.
//!
//! With `PORTOLAN_PROVE=1` it asks `FLOWS` questions (1,000,000); `SEED` is the first
//! estate's seed.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    dead_code,
    reason = "what a helper of a test can't do fails the test; other tests use the rest of it"
)]

mod estate;

use std::collections::BTreeMap;

use estate::Estate;
use estate::flows::{Edges, sample};
use estate::random::Random;
use portolan::net::{PortRange, Protocol};
use portolan::observed::{Observation, PortState, Scan};
use portolan::reach::explain::explain;
use portolan::reach::place::{PortFilter, Zones};
use portolan::record::{Clients, Expected, Verdict};
use portolan::verify::{Vantage, verify};

#[test]
fn what_is_expected_is_what_is_explained() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let prove = std::env::var_os("PORTOLAN_PROVE").is_some();
    let wanted = if prove { number("FLOWS").unwrap_or(1_000_000) } else { 300_u64 };
    let zones = Zones::default();
    let mut asked = 0;
    let mut mix: BTreeMap<Expected, u64> = BTreeMap::new();
    for seed in number("SEED").unwrap_or(1_u64).. {
        if asked >= wanted {
            break;
        }
        let Some(network) = Estate::random(seed).network() else { continue };
        let mut random = Random::new(!seed);
        let edges = Edges::of(&network);
        for _ in 0..20 {
            let Some(flow) = sample(&network, &edges, &mut random) else { continue };
            if matches!(flow.protocol, Protocol::Other(_)) {
                continue;
            }
            let (from, to) = (flow.from.address().to_string(), flow.to.address());
            let ports = PortRange::single(flow.selector);
            let seen = Observation {
                address: to,
                protocol: flow.protocol,
                ports,
                state: PortState::Open,
                reason: "".into(),
                service: "".into(),
                tls: None,
                file: 0,
                line: None,
            };
            let scan = Scan { observations: vec![seen], ..Scan::default() };
            let vantage = Vantage::parse(&network, &zones, &from).unwrap();
            let (records, _) = verify(&network, &zones, &(), &vantage, &scan);
            let filter = PortFilter { protocol: Some(flow.protocol), selectors: ports };
            let port = filter.to_string();
            let answer = explain(&network, &zones, &(), &from, &to.to_string(), &port).unwrap();
            let explained = match (answer.verdict, answer.clients) {
                (Verdict::Closed, _) => Expected::Closed,
                (Verdict::Unknown, _) => Expected::Unknown,
                (Verdict::Open, Clients::All) => Expected::Open,
                (Verdict::Open, _) => Expected::Partly,
            };
            let Some(record) = records.iter().find(|it| it.observed == PortState::Open) else {
                panic!("seed {seed}: {from} to {to} at {port}: nothing is said");
            };
            // Of a stranger's port nothing is expected.
            if record.outcome != portolan::record::Outcome::NotInSource {
                assert_eq!(
                    record.expected, explained,
                    "seed {seed}: {from} to {to} at {port}: {:?} {:?} {:?}",
                    flow, answer.limitations, answer.forward
                );
                *mix.entry(explained).or_default() += 1;
            }
            asked += 1;
        }
    }
    println!("{mix:?}");
    assert_eq!(mix.len(), 4, "{mix:?}");
}
