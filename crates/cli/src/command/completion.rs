//! `portolan completion`.

use std::io::Write;

use clap::CommandFactory;

use crate::args::Cli;
use crate::error::Error;
use crate::output::Output;
use crate::session::Outcome;

/// Print a completion script for a shell
///
/// `portolan completion bash > ~/.local/share/bash-completion/completions/portolan`
#[derive(Debug, clap::Args)]
pub(crate) struct CompletionArgs {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &CompletionArgs) -> Result<Outcome, Error> {
    // Into memory first: the generator panics where writing fails.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "portolan", &mut script);
    let mut out = Output::open(None)?;
    out.write_all(&script).map_err(Error::Output)?;
    out.finish()?;
    Ok(Outcome::Done)
}
