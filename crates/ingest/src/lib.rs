//! Untrusted bytes into the network model.
//!
//! [`load`] reads what `aws ec2 describe-*` prints, in directories of any depth,
//! and gives a [`Network`](portolan::model::Network). Listings are known by their
//! top-level key, not by the file's name; all other files are counted and left
//! alone. Only bytes that are not JSON are an error: what a listing says that we
//! can't read becomes a limitation of the network, and widens what is possible.
//!
//! ```
//! let vpcs = br#"{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}]}"#;
//! let files = vec![("us-east-1/Vpcs.json".to_owned(), vpcs.to_vec())];
//! let loaded = portolan_ingest::load_bytes(files)?;
//! assert_eq!(loaded.network.components.len(), 1);
//! # Ok::<(), portolan_ingest::LoadError>(())
//! ```
#![forbid(unsafe_code)]

mod aws;
pub mod collect;
mod detect;
mod document;
mod error;
mod files;
mod ip_ranges;
mod json;
mod load;
mod observed;
mod queue;
mod sources;
mod stream;
mod window;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;

pub use error::LoadError;
pub use ip_ranges::{IpRangesError, load_ip_ranges, read_ip_ranges};
pub use observed::{
    ObservedError, ScanFormat, load_listeners, load_scan, read_listeners, read_scan,
};
pub use sources::Sources;

/// A network and where it came from.
#[derive(Debug)]
pub struct Loaded {
    /// The network.
    pub network: portolan::model::Network,
    /// The files: where a fact stands.
    pub sources: Sources,
    /// What was read.
    pub report: LoadReport,
}

/// What was read, and what was not.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LoadReport {
    /// Files that hold at least one listing.
    pub files_read: u64,
    /// Files that hold none.
    pub files_left_alone: u64,
    /// Bytes of the files that were looked into, decompressed.
    pub bytes: u64,
    /// Elements by the listing's top-level key: `SecurityGroups`.
    pub elements: BTreeMap<&'static str, u64>,
    /// The same of listings that are known and not modelled yet.
    pub not_modelled: BTreeMap<&'static str, u64>,
}

/// How far loading got.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Progress {
    /// Files that are done.
    pub files: u64,
    /// Of how many.
    pub of_files: u64,
    /// Bytes (as they lie on disk) that are done.
    pub bytes: u64,
    /// Of how many.
    pub of_bytes: u64,
}

/// Limits of what is read, since nobody vouches for the bytes.
#[derive(Clone, Copy)]
pub struct LoadOptions<'a> {
    /// The most bytes of one file, decompressed (8 GiB).
    pub max_file_bytes: u64,
    /// The most folders in each other (32).
    pub max_depth: usize,
    /// Files longer than this are read in windows of about this length, in parallel (4 MiB).
    pub window_bytes: usize,
    /// Threads; `None`: as many as the machine offers.
    pub threads: Option<NonZeroUsize>,
    /// Called after each file.
    pub progress: Option<&'a dyn Fn(Progress)>,
}

impl Default for LoadOptions<'_> {
    fn default() -> Self {
        Self {
            max_file_bytes: 8 << 30,
            max_depth: 32,
            window_bytes: 4 << 20,
            threads: None,
            progress: None,
        }
    }
}

impl std::fmt::Debug for LoadOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LoadOptions")
            .field("max_file_bytes", &self.max_file_bytes)
            .field("max_depth", &self.max_depth)
            .field("window_bytes", &self.window_bytes)
            .field("threads", &self.threads)
            .finish_non_exhaustive()
    }
}

/// Loads directories of any depth and single files (`.json`, `.json.gz`).
///
/// # Errors
///
/// If something can't be read, is no JSON though its name says so, breaks a
/// limit, or if there is no listing at all.
pub fn load(paths: &[&Path], options: &LoadOptions<'_>) -> Result<Loaded, LoadError> {
    load::load(paths, options)
}

/// Loads files from memory: their paths relative to a root that is not there, and bytes.
///
/// # Errors
///
/// As [`load`].
pub fn load_bytes(files: Vec<(String, Vec<u8>)>) -> Result<Loaded, LoadError> {
    load::load_bytes(files, &LoadOptions::default())
}

/// The same with other limits.
///
/// # Errors
///
/// As [`load`].
pub fn load_bytes_with(
    files: Vec<(String, Vec<u8>)>,
    options: &LoadOptions<'_>,
) -> Result<Loaded, LoadError> {
    load::load_bytes(files, options)
}

/// What fuzzers call: any bytes, no panic.
pub fn fuzz_entry(data: &[u8]) {
    drop(read_ip_ranges("ip-ranges.json", data));
    if let Ok(loaded) = load_bytes(vec![("pl-0abc.json".to_owned(), data.to_vec())]) {
        for warning in &loaded.network.warnings {
            if let Some(place) = warning.place {
                portolan::model::Locate::locate(&loaded.sources, place);
            }
        }
    }
}
