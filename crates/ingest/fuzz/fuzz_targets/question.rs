//! Any text, asked as FROM, TO and PORT of a small network, never panics.
//!
//! `cargo +nightly fuzz run question` in `crates/ingest`. The text's first three
//! lines are the question.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portolan::model::Network;
use portolan::reach::explain::explain;
use portolan::reach::place::{PortFilter, Zones};

static NETWORK: LazyLock<Network> = LazyLock::new(|| {
    let text = "vpc v 10.0.0.0/16 2001:db8::/56 igw
        subnet s v 10.0.1.0/24 2001:db8::/64 route any->igw
        group g v in tcp/443 any; in icmp/8 any4; in tcp/22 group:g
        interface a s 10.0.1.10 public=198.51.100.7 2001:db8::a groups=g
        interface b s 10.0.1.11 groups=g";
    portolan::testing::network(text).unwrap_or_default()
});

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let mut next = || lines.next().unwrap_or_default();
    let (from, to, port) = (next(), next(), next());
    drop(explain(&NETWORK, &Zones::default(), &(), from, to, port));
    drop(PortFilter::filter(port));
});
