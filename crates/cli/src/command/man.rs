//! `portolan man`.

use std::io::Write;
use std::path::PathBuf;

use clap::CommandFactory;

use crate::args::Cli;
use crate::error::Error;
use crate::output::Output;
use crate::session::Outcome;

/// Print the manual page, or write one for each command
///
/// `portolan man -o ~/.local/share/man/man1`
#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Write the pages of all commands into this folder
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: &ManArgs) -> Result<Outcome, Error> {
    if let Some(folder) = &args.output {
        let failed = |error| Error::File { path: folder.clone(), done: "written", error };
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
        return Ok(Outcome::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(Error::Output)?;
    let mut out = Output::open(None)?;
    out.write_all(&page).map_err(Error::Output)?;
    out.finish()?;
    Ok(Outcome::Done)
}
