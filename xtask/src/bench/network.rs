//! Rows 11 to 13: labs and scans, by `crates/lab/examples/network.rs`, which needs the
//! right to make network namespaces.

use std::error::Error;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;

use super::table::Unit::{Count, Seconds};
use super::table::{Budget, Figure, Table, float};

/// The programs that measure.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Programs {
    /// The program that scans and builds labs (crates/lab/examples/network.rs)
    #[arg(long, requires = "probe")]
    network: Option<PathBuf>,
    /// The program that probes (crates/scan/examples/probe.rs)
    #[arg(long)]
    probe: Option<PathBuf>,
}

/// What `network` prints.
#[derive(Debug, Default, Deserialize)]
struct Found {
    rows: Vec<Measured>,
    skipped: Vec<Skipped>,
}

#[derive(Debug, Deserialize)]
struct Measured {
    number: u32,
    name: String,
    seconds: f64,
    budget: Option<f64>,
    /// The least open ports that a run found; `None`: nothing was looked for.
    found: Option<u64>,
    of: u64,
}

#[derive(Debug, Deserialize)]
struct Skipped {
    number: u32,
    name: String,
    why: String,
}

/// Adds its rows to the table.
pub(super) fn measure(
    programs: &Programs,
    quick: bool,
    table: &mut Table,
) -> Result<(), Box<dyn Error>> {
    let (Some(network), Some(probe)) = (&programs.network, &programs.probe) else {
        let why = Figure::Skipped("no `--network` program was given".to_owned());
        table.missing(11, "labs and scans", why, None);
        return Ok(());
    };
    let mut command = Command::new(network);
    command.arg(probe).args(quick.then_some("quick"));
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`network` failed: {}", said.trim()).into());
    }
    fill(serde_json::from_slice(&output.stdout)?, table);
    Ok(())
}

fn fill(found: Found, table: &mut Table) {
    for Measured { number, name, seconds, budget, found, of } in found.rows {
        table.number(number, name.clone(), (seconds, Seconds), budget.map(Budget::AtMost));
        if let Some(found) = found {
            // What others miss is theirs.
            let budget = budget.map(|_| Budget::Exactly(float(of)));
            table.number(
                number,
                format!("{name}: open ports found"),
                (float(found), Count),
                budget,
            );
        }
    }
    for Skipped { number, name, why } in found.skipped {
        eprintln!("bench: {name}: SKIPPED: {why}");
        table.missing(number, name, Figure::Skipped(why), None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_not_found_is_a_miss_and_so_is_a_second_too_many() {
        let text = r#"{"rows":[
            {"number":11,"name":"one host","seconds":1.2,"budget":1.0,"found":9,"of":10},
            {"number":11,"name":"nmap","seconds":9.0,"budget":null,"found":3,"of":10},
            {"number":13,"name":"lab","seconds":1.2,"budget":1.5,"found":null,"of":0}],
            "skipped":[{"number":11,"name":"far","why":"no netem"}]}"#;
        let mut table = Table::default();
        fill(serde_json::from_str(text).unwrap(), &mut table);
        assert_eq!((table.rows.len(), table.misses()), (6, 2));
        assert!(table.print(None).contains("no netem"));
    }
}
