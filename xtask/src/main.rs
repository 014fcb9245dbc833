//! The project's own tasks: `cargo xtask <task>`.
//!
//! `tidy` holds the rules of the tree that no compiler knows, `docs` writes the
//! manual from the command's own help and the pages of findings from the rules,
//! `twin` the example estate with its mistakes mended, `generate` makes estates of any size,
//! `floor` measures what merely reading one costs, `bench` holds the command
//! against that floor and all other budgets of speed, `instructions` counts what
//! the hot paths execute.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to who runs it")]

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod docs;
mod floor;
mod generate;
mod instructions;
mod tidy;
mod twin;

/// What a task gives: whether all is well, or why it could not be done.
type Outcome = Result<bool, Box<dyn Error>>;

/// Portolan's own tasks
#[derive(Debug, Parser)]
#[command(name = "xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Check the rules of the tree: dependencies, headers, sizes, marks, links
    Tidy,
    /// Write docs/cli.md and docs/findings.md (PORTOLAN_BIN says which binary, else cargo builds it)
    Docs {
        /// Write nothing; fail when a page is stale
        #[arg(long)]
        check: bool,
    },
    /// Write examples/harbour-clean: examples/harbour with its mistakes mended
    Twin {
        /// Write nothing; fail when it is stale
        #[arg(long)]
        check: bool,
    },
    /// Write a made-up estate as `aws ec2 describe-*` prints it
    Generate(generate::GenerateArgs),
    /// Read every .json file below a directory and validate it, as fast as can be
    Floor {
        /// Directory of an estate
        dir: PathBuf,
    },
    /// Measure everything that is promised of speed, on generated estates
    Bench(bench::BenchArgs),
    /// Run a command and print its time, peak memory and records as JSON
    Measure(bench::MeasureArgs),
    /// Count the instructions of the hot paths and compare them with xtask/instructions.toml
    Instructions(instructions::InstructionsArgs),
}

fn main() -> ExitCode {
    let outcome = match Xtask::parse().task {
        Task::Tidy => tidy::run(&tree()),
        Task::Docs { check } => docs::run(&tree(), check),
        Task::Twin { check } => twin::run(&tree(), check),
        Task::Generate(args) => generate::run(&args),
        Task::Floor { dir } => floor::run(&dir),
        Task::Bench(args) => bench::run(&args),
        Task::Measure(args) => bench::measure(&args),
        Task::Instructions(args) => instructions::run(&tree(), &args),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

/// The root of the tree: the folder above this crate's. Cargo says at run time
/// where that is; a binary that is run by itself remembers where it was built.
fn tree() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent().map_or_else(|| here.clone(), PathBuf::from)
}
