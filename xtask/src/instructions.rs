//! How many instructions the hot paths take, held against stored figures.
//!
//! Times of one machine say nothing on another, and on a busy one nothing at all;
//! instructions are the same in every run of the same program. They depend on
//! the compiler, the target and the C library, which the stored figures name: with
//! others nothing is compared. Counted by valgrind's callgrind, since one small
//! program under it costs the checks no further library.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::generate::{self, GenerateArgs, Shape};

/// Where the figures are stored, from the root of the tree.
const STORED: &str = "xtask/instructions.toml";

/// What the program in crates/report/examples/instructions.rs knows.
const WORKLOADS: [&str; 6] =
    ["sets", "group-set", "interfaces", "evaluation", "records", "explain"];

/// By how much a figure may grow, in parts of itself.
const TOLERANCE: f64 = 0.03;

/// Written above the figures.
const HEADER: &str = "\
# Instructions of the hot paths, counted by valgrind (crates/report/examples/instructions.rs).
# `make instructions` fails when one grows by more than 3 %. Written by
# `cargo xtask instructions --store`: store them with the change that explains them.
";

/// What to do with what is counted
#[derive(Args, Debug)]
pub(crate) struct InstructionsArgs {
    /// Write the figures down instead of comparing them
    #[arg(long)]
    store: bool,
}

/// The stored figures and what they depend on.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Figures {
    built_by: BuiltBy,
    instructions: BTreeMap<String, u64>,
}

/// With others of these the same program takes other instructions.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct BuiltBy {
    rustc: String,
    target: String,
    libc: String,
}

/// Counts, and compares or stores.
pub(crate) fn run(tree: &Path, args: &InstructionsArgs) -> Outcome {
    let stored = tree.join(STORED);
    let built_by = built_by()?;
    let known: Option<Figures> =
        fs::read_to_string(&stored).ok().map(|text| toml::from_str(&text)).transpose()?;
    if !args.store {
        let Some(known) = &known else {
            return Err(format!("there is no {STORED}: `cargo xtask instructions --store`").into());
        };
        if known.built_by != built_by {
            println!(
                "instructions: NOTHING IS COMPARED: the figures are those of {}, this is {}",
                known.built_by.show(),
                built_by.show()
            );
            return Ok(true);
        }
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: SKIPPED, nothing is counted: there is no valgrind");
        return Ok(!args.store);
    }
    let instructions = count_all(tree)?;
    if args.store {
        let figures = Figures { built_by, instructions };
        fs::write(&stored, format!("{HEADER}\n{}", toml::to_string(&figures)?))?;
        println!("instructions: {} figures stored in {STORED}", figures.instructions.len());
        return Ok(true);
    }
    let known = known.map(|known| known.instructions).unwrap_or_default();
    let verdicts: Vec<(String, bool)> = instructions
        .iter()
        .map(|(name, &counted)| judge(name, counted, known.get(name).copied()))
        .collect();
    for (line, _) in &verdicts {
        println!("{line}");
    }
    Ok(verdicts.iter().all(|(_, holds)| *holds))
}

/// One line about one workload, and whether all is well with it.
fn judge(name: &str, counted: u64, known: Option<u64>) -> (String, bool) {
    let Some(known) = known.filter(|known| *known > 0) else {
        return (format!("{name:<12}{counted:>14}  not stored: --store"), false);
    };
    let change = float(counted) / float(known) - 1.0;
    let (verdict, holds) = match change {
        worse if worse > TOLERANCE => ("WORSE: make it faster, or --store and say why", false),
        better if better < -TOLERANCE => ("better: --store, so that it stays so", true),
        _ => ("holds", true),
    };
    let percent = 100.0 * change;
    (format!("{name:<12}{counted:>14}{percent:>+9.2} %  {verdict}"), holds)
}

fn count_all(tree: &Path) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let program = build(tree)?;
    let folder = std::env::temp_dir().join(format!("portolan-instructions-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let counted = count_in(&program, &folder);
    fs::remove_dir_all(&folder)?;
    counted
}

fn count_in(program: &Path, folder: &Path) -> Result<BTreeMap<String, u64>, Box<dyn Error>> {
    let estate = folder.join("estate");
    let shape = Shape { one_vpc: true, ..Shape::default() };
    generate::run(&GenerateArgs { interfaces: 500, seed: 7, out: estate.clone(), shape })?;
    on_one_processor()?;
    let mut instructions = BTreeMap::new();
    for workload in WORKLOADS {
        let out = folder.join(workload);
        let mut to: OsString = "--callgrind-out-file=".into();
        to.push(&out);
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--toggle-collect=*measured_region*"])
            .arg(to)
            .arg(program)
            .arg(workload)
            .arg(&estate)
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("counting `{workload}` failed: {}", said.trim()).into());
        }
        let counted = summary(&fs::read_to_string(&out)?)
            .filter(|counted| *counted > 0)
            .ok_or_else(|| format!("nothing was counted of `{workload}`"))?;
        instructions.insert(workload.to_owned(), counted);
    }
    Ok(instructions)
}

/// The `summary:` (or `totals:`) line of a file of callgrind.
fn summary(text: &str) -> Option<u64> {
    let of = |key: &str| {
        let figure = text.lines().find_map(|line| line.strip_prefix(key))?;
        figure.split_whitespace().next()?.parse::<u64>().ok()
    };
    of("summary:").into_iter().chain(of("totals:")).max()
}

/// Work is spread over as many threads as there are processors; only that of the
/// first thread is counted, so there must be no other.
fn on_one_processor() -> Result<(), Box<dyn Error>> {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this)?;
    let first = (0..CpuSet::count()).find(|&number| allowed.is_set(number) == Ok(true));
    let mut one = CpuSet::new();
    one.set(first.ok_or("no processor")?)?;
    Ok(sched_setaffinity(this, &one)?)
}

/// Builds the program, optimised, and says where it is.
fn build(tree: &Path) -> Result<PathBuf, Box<dyn Error>> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--profile",
            "demo",
            "--package",
            "portolan-report",
            "--example",
            "instructions",
        ])
        .args(["--quiet", "--message-format", "json"])
        .args(std::env::var_os("CI").map(|_| "--locked"))
        .current_dir(tree)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the program of the workloads can't be built".into());
    }
    let executable = |line: &str| serde_json::from_str::<Message>(line).ok()?.executable;
    let built = String::from_utf8(output.stdout)?.lines().filter_map(executable).next_back();
    built.ok_or_else(|| "cargo did not say what it built".into())
}

/// This compiler, this target, this C library.
fn built_by() -> Result<BuiltBy, Box<dyn Error>> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let of = |key: &str| {
        text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned()
    };
    let libc = Command::new("getconf").arg("GNU_LIBC_VERSION").output();
    let libc = libc.ok().and_then(|output| String::from_utf8(output.stdout).ok());
    Ok(BuiltBy {
        rustc: of("release:"),
        target: of("host:"),
        libc: libc.map(|text| text.trim().to_owned()).unwrap_or_default(),
    })
}

impl BuiltBy {
    fn show(&self) -> String {
        format!("rustc {} for {} with {}", self.rustc, self.target, self.libc)
    }
}

#[expect(
    clippy::as_conversions,
    reason = "a count below 2^53, for a ratio; there is no From for it"
)]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_beyond_the_tolerance_fails() {
        assert!(judge("sets", 1_029, Some(1_000)).1);
        assert!(!judge("sets", 1_031, Some(1_000)).1);
        let (line, holds) = judge("sets", 900, Some(1_000));
        assert!(holds && line.contains("better"), "{line}");
        assert!(!judge("sets", 900, None).1);
    }

    #[test]
    fn the_summary_is_read() {
        assert_eq!(summary("events: Ir\nsummary: 12\n\ntotals: 12345\n"), Some(12_345));
        assert_eq!(summary("events: Ir\n"), None);
    }
}
