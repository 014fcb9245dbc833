//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

#[cfg(target_os = "linux")]
use crate::command::lab;
use crate::command::{
    audit, blast_radius, chart, completion, explain, man, ports, snapshot, story, verify,
};

/// The five questions, each with those of its commands that exist.
pub(crate) const QUESTIONS: &str = "\
Which ports of an AWS estate are open, to whom, and why

1. Which ports are open, and to whom?           portolan ports SOURCE
   The same as a picture                        portolan chart SOURCE -o chart.svg
2. Why, or why not?                             portolan explain SOURCE FROM TO PORT
3. Should they be?                              portolan audit SOURCE
   What can an attacker on a host open next?    portolan blast-radius SOURCE FROM
4. What changed, would change, and who did it?  (no command yet)
5. Is it really so, and how do I make it so?    portolan verify SOURCE --nmap-xml scan.xml

`portolan SOURCE` tells the story of a source in a few lines. A source is a folder
or file of `aws ec2 describe-*` answers; `portolan snapshot --script` collects one.";

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 something was found, or differs from what was expected; 2 could not be done;
3 done, but the source has limitations in the scope that was asked.";

const SETTINGS: &str = "\
Exit codes: 0 done; 1 something was found, or differs from what was expected; 2 could not be done;
3 done, but the source has limitations in the scope that was asked.

Settings: a flag goes before PORTOLAN_FORMAT, PORTOLAN_COLOR, PORTOLAN_SOURCES, PORTOLAN_QUIET,
PORTOLAN_ACCEPT and PORTOLAN_IP_RANGES; these before portolan.toml, which is looked for from the
source's folder upward and then from the working directory upward; that before
portolan/portolan.toml in $XDG_CONFIG_HOME or ~/.config. The files may hold format, color, sources,
ip_ranges (a path from the file's folder) and [zones]:

  ip_ranges = \"ip-ranges.json\"

  [zones]
  office = [\"203.0.113.0/24\"]";

/// Which ports of an AWS estate are open, to whom, and why
#[derive(Debug, Parser)]
#[command(
    name = "portolan",
    version,
    before_help = QUESTIONS,
    help_template = "{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}",
    max_term_width = 100,
    after_help = EXIT_CODES,
    after_long_help = SETTINGS
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) story: story::StoryArgs,

    #[command(flatten)]
    pub(crate) global: Global,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ports(ports::PortsArgs),
    Chart(chart::ChartArgs),
    Explain(explain::ExplainArgs),
    Audit(audit::AuditArgs),
    BlastRadius(blast_radius::BlastRadiusArgs),
    Verify(verify::VerifyArgs),
    #[cfg(target_os = "linux")]
    Lab(lab::LabArgs),
    Snapshot(snapshot::SnapshotArgs),
    Completion(completion::CompletionArgs),
    Man(man::ManArgs),
}

impl Command {
    /// The command as it is typed.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Ports(_) => "ports",
            Self::Chart(_) => "chart",
            Self::Explain(_) => "explain",
            Self::Audit(_) => "audit",
            Self::BlastRadius(_) => "blast-radius",
            Self::Verify(_) => "verify",
            #[cfg(target_os = "linux")]
            Self::Lab(_) => "lab",
            Self::Snapshot(_) => "snapshot",
            Self::Completion(_) => "completion",
            Self::Man(_) => "man",
        }
    }
}

/// What every command takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Global {
    /// Whether to use colour; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<Color>,

    /// Say nothing on stderr but errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// What every command with a SOURCE takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Common {
    /// Merge more files or folders into the source (can be repeated)
    #[arg(long, value_name = "PATH")]
    pub(crate) with: Vec<PathBuf>,

    /// What to print: for people, for pipelines (json is one document, jsonl one record a line),
    /// for spreadsheets, for pull requests; sarif and junit are of `audit` alone
    #[arg(long, short, value_enum)]
    pub(crate) format: Option<Format>,

    /// Write to a file, which appears when it is complete
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// AWS's own ranges, to know whose addresses are: its file
    /// <https://ip-ranges.amazonaws.com/ip-ranges.json>
    #[arg(long, value_name = "FILE")]
    pub(crate) ip_ranges: Option<PathBuf>,

    /// Limitations that don't count for the exit code: their codes, or `unmodelled` for all that
    /// Portolan knows but does not model; they stay in the report
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) accept: Vec<String>,
}

/// Whether to use colour.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// How records are printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
    Jsonl,
    Csv,
    Markdown,
    Sarif,
    Junit,
}

impl Format {
    /// The format as it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
