//! Any bytes: an error or a network, never a panic, and the same network
//! whatever was cut where.

mod common;

use common::{load, summary};
use portolan_ingest::{LoadOptions, load_bytes_with};
use proptest::prelude::*;

/// A source with something of every listing.
const ALL: &str = include_str!("all.json");

#[test]
fn every_crash_stays_fixed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/crashes");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        portolan_ingest::fuzz_entry(&std::fs::read(entry.unwrap().path()).unwrap());
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn everything_is_in_the_sample() {
    let loaded = load(&[("pl-0abc.json", ALL)]).unwrap();
    assert_eq!(loaded.report.elements.len(), 30, "{:?}", loaded.report.elements);
    assert!(loaded.network.components.len() == 1);
}

fn shown(window_bytes: usize, text: &[u8]) -> String {
    let options = LoadOptions { window_bytes, ..LoadOptions::default() };
    match load_bytes_with(vec![("pl-0abc.json".to_owned(), text.to_vec())], &options) {
        Ok(loaded) => {
            // What a file says besides its listings comes first or last.
            let summary = summary(&loaded);
            let mut lines: Vec<&str> = summary.lines().collect();
            lines.sort_unstable();
            format!("{lines:?}{:?}", loaded.report)
        }
        Err(error) => error.to_string(),
    }
}

proptest! {
    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        portolan_ingest::fuzz_entry(&bytes);
    }

    #[test]
    fn a_sample_with_bytes_changed(
        changes in proptest::collection::vec((0..ALL.len(), proptest::sample::select(b"\"{}[],:0-\\nx \xff".to_vec())), 1..4)
    ) {
        let mut bytes = ALL.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        portolan_ingest::fuzz_entry(&bytes);
        prop_assert_eq!(shown(40, &bytes), shown(usize::MAX, &bytes));
    }

    #[test]
    fn a_sample_with_values_exchanged(
        at in 0_usize..400,
        value in proptest::sample::select(vec!["null", "5", "-1", "\"x\"", "[]", "{}", "[5]", "true", "1e999", "[{}]"])
    ) {
        // The value after the at-th colon, if it is a simple one.
        let colon = ALL.match_indices(": ").nth(at).map_or(0, |(place, _)| place + 2);
        let end = ALL[colon..].find([',', '}', ']', '{', '[']).map_or(colon, |end| colon + end);
        let text = format!("{}{value}{}", &ALL[..colon], &ALL[end..]);
        portolan_ingest::fuzz_entry(text.as_bytes());
        prop_assert_eq!(shown(1, text.as_bytes()), shown(usize::MAX, text.as_bytes()));
    }

    #[test]
    fn windows_of_any_size(window in 0_usize..4000) {
        prop_assert_eq!(shown(window, ALL.as_bytes()), shown(usize::MAX, ALL.as_bytes()));
    }
}
