//! Any bytes, read as a listing of `aws ec2 describe-*`, never panic.
//!
//! `cargo +nightly fuzz run listing` in `crates/ingest`. The bytes are read as
//! one file of a snapshot; a crash is kept in `tests/crashes/`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| portolan_ingest::fuzz_entry(data));
