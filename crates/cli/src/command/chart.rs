//! `portolan chart`.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use portolan_report::{chart, json};

use crate::args::{Common, Global};
use crate::error::Error;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};

/// Draw the estate: zones, classes of interfaces, and which ports are open between them
///
/// Zones stand in columns, from the internet to databases; interfaces of one tier
/// that wear the same security groups are one box. What is open to everyone is red
/// and thick. A chart has at most 300 boxes and edges: of a large estate a box is a
/// tier of a VPC, of the most open ones, all others stand together, and --focus looks
/// closely.
///
///   portolan chart DIR -o chart.svg
///   portolan chart DIR --focus 'name:web-*' -o web.svg
///
/// Ends with 3 if part of the source was not seen.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ChartArgs {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// Look closely at these and at what they talk to: `i-…`, `eni-…`, `sg-…`, `subnet-…`,
    /// `vpc-…`, an address, `tag:Key=value`, `name:web-*`, `zone:app` (can be repeated)
    #[arg(long, value_name = "SELECTOR")]
    focus: Vec<String>,

    /// What to write [default: as the file's name ends, else text]
    #[arg(long, short, value_enum)]
    format: Option<Kind>,

    /// Write to a file (.svg, .mmd, .dot, .json, .txt), which appears when it is complete
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Merge more files or folders into the source (can be repeated)
    #[arg(long, value_name = "PATH")]
    with: Vec<PathBuf>,

    /// Limitations that don't count for the exit code: their codes, or `unmodelled` for all that
    /// Portolan knows but does not model; they stay in the report
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    accept: Vec<String>,
}

/// What a chart can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Kind {
    /// A picture for browsers, documents and print
    Svg,
    /// A diagram in Markdown: GitHub, GitLab
    Mermaid,
    /// Graphviz
    Dot,
    /// The record, for programs
    Json,
    /// A table of edges, for terminals
    Text,
}

impl Kind {
    /// As a file of this name is expected to be.
    fn of(file: &Path) -> Option<Self> {
        let extension = file.extension()?.to_str()?.to_ascii_lowercase();
        Some(match extension.as_str() {
            "svg" => Self::Svg,
            "mmd" | "mermaid" => Self::Mermaid,
            "dot" | "gv" => Self::Dot,
            "json" => Self::Json,
            "txt" => Self::Text,
            _ => return None,
        })
    }
}

pub(crate) fn run(args: &ChartArgs, global: &Global) -> Result<Outcome, Error> {
    let common = Common {
        with: args.with.clone(),
        format: None,
        output: args.output.clone(),
        accept: args.accept.clone(),
        ip_ranges: None,
    };
    let session = Session::begin(&args.source, &common, global)?;
    let named = args.output.as_deref().and_then(Kind::of);
    let kind = args.format.or(named).unwrap_or(Kind::Text);
    let estate = session.estate()?;
    let working = session.progress("judging every port");
    let drawn = estate.chart(&args.focus)?;
    drop(working);
    let outcome = session.limited(&drawn.limitations);
    let source = args.source.given();
    let mut out = session.output()?;
    match kind {
        Kind::Svg => chart::write_svg(&mut out, &drawn, &source),
        Kind::Mermaid => chart::write_mermaid(&mut out, &drawn),
        Kind::Dot => chart::write_dot(&mut out, &drawn),
        Kind::Json => json::line(&mut out, &drawn),
        Kind::Text => {
            let look = out.look(session.color());
            chart::write_text(&mut out, look, &drawn)
        }
    }
    .map_err(Error::Output)?;
    out.finish()?;
    Ok(outcome)
}
