//! The kernel against the specification: random networks are built out of namespaces
//! and nftables, and real packets decide who is right.
//!
//! With `PORTOLAN_PROVE=1` as many packets are sent as `PROBES` says (100,000). `SEED` is
//! the first network's seed: a failure prints the seed of its own. Without the right to
//! make namespaces everything here says that it is skipped.
#![forbid(unsafe_code)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "what a helper of a test can't do fails the test, and what was sent is printed"
)]

mod difference;
#[path = "../../../ingest/tests/estate/mod.rs"]
#[expect(
    dead_code,
    clippy::needless_pass_by_value,
    clippy::wildcard_enum_match_arm,
    reason = "its laws are asked elsewhere"
)]
mod estate;
mod estates;
mod mutants;
mod odd;
mod rounds;
mod speed;
mod story;
mod trial;
