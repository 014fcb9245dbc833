//! The figures of `xtask/examples/loaded.rs`: a process that loads an estate
//! and asks the libraries, so that what it measures holds neither start nor output.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// What `loaded` prints.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Inside {
    pub(super) interfaces: u64,
    pub(super) limitations: u64,
    pub(super) evaluation: Evaluation,
    /// Of one record for each interface and range.
    pub(super) records: u64,
    pub(super) flows: Flows,
    pub(super) explain_by_address: Delays,
    pub(super) explain_by_id: Delays,
    /// Rules edited, answers updated: from the edit to the new answers.
    pub(super) what_if: Delays,
}

/// All ports of all classes, computed and dropped.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Evaluation {
    pub(super) processor_seconds: f64,
}

/// Flows that the engine and the specification were asked about.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Flows {
    pub(super) asked: u64,
    pub(super) open: u64,
    pub(super) wrong: u64,
    /// The first that differs.
    pub(super) first_wrong: Option<String>,
}

/// How long single questions took.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Delays {
    pub(super) asked: u64,
    pub(super) median_ms: f64,
    pub(super) p99_ms: f64,
}

/// Runs `loaded` with these arguments.
pub(super) fn ask(
    loaded: &Path,
    estate: &Path,
    arguments: &[String],
) -> Result<Inside, Box<dyn Error>> {
    let output = Command::new(loaded).arg(estate).args(arguments).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`loaded` failed: {}", said.trim()).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
