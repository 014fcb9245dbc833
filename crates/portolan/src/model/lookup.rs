//! A map that is asked and never walked.
#![expect(
    clippy::disallowed_types,
    reason = "lookup only: nothing here goes through a map in its own order"
)]

/// Values by key. Whoever needs an order keeps it beside the map.
pub(super) type Lookup<K, V> = std::collections::HashMap<K, V, foldhash::fast::FixedState>;
