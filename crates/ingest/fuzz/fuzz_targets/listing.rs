//! Any bytes, read as a listing of `aws ec2 describe-*`, never panic.
//!
//! `cargo +nightly fuzz run listing` in `crates/ingest`. The entry point,
//! `portolan_ingest::fuzz_listing(&[u8])`, reads the bytes as one file of a
//! snapshot and drops what it gives; a crash is kept in `tests/crashes/`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| portolan_ingest::fuzz_listing(data));
