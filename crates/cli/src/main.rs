//! The command `portolan`: parse, call, print.
//!
//! Data goes to stdout, all else to stderr. The exit code is 0 when done, 1 when
//! something was found or differs from what was expected, 2 when it could not be done, 3 when
//! the source has limitations in the scope that was asked.
#![forbid(unsafe_code)]

mod accept;
mod args;
mod batch;
mod command;
mod config;
mod error;
mod estate;
mod excuses;
mod output;
mod progress;
mod session;
mod source;
mod stderr;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
#[cfg(target_os = "linux")]
use command::lab;
use command::{
    audit, blast_radius, chart, completion, explain, man, ports, snapshot, story, verify,
};
use error::Error;
use session::Outcome;

/// Sets are many and small: an allocator for that saves a tenth of the time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => return error::usage(&usage),
    };
    match run(&cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            stderr::error(&error);
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli) -> Result<Outcome, Error> {
    let Some(command) = &cli.command else {
        return story::run(&cli.story, &cli.global);
    };
    if let Some(stray) = cli.story.given() {
        return Err(Error::BeforeCommand { given: stray, command: command.name() });
    }
    match command {
        Command::Ports(args) => ports::run(args, &cli.global),
        Command::Chart(args) => chart::run(args, &cli.global),
        Command::Explain(args) => explain::run(args, &cli.global),
        Command::Audit(args) => audit::run(args, &cli.global),
        Command::BlastRadius(args) => blast_radius::run(args, &cli.global),
        Command::Verify(args) => verify::run(args, &cli.global),
        #[cfg(target_os = "linux")]
        Command::Lab(args) => lab::run(args, &cli.global),
        Command::Snapshot(args) => snapshot::run(args),
        Command::Completion(args) => completion::run(args),
        Command::Man(args) => man::run(args),
    }
}
