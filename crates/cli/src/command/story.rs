//! `portolan SOURCE`.

use std::collections::BTreeSet;

use portolan::record::{Audience, PortClass};
use portolan_report::human::{Story, write_story};

use crate::args::{Common, Format, Global};
use crate::error::Error;
use crate::estate::PortsQuery;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};

/// What `portolan SOURCE` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct StoryArgs {
    /// Tell the story of this source: a folder, a file, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Option<Source>,

    #[command(flatten)]
    common: Common,
}

impl StoryArgs {
    /// The first thing that was said, for those who say it before a command.
    pub(crate) fn given(&self) -> Option<String> {
        if let Some(source) = &self.source {
            return Some(source.given());
        }
        let Common { with, format, output, ip_ranges, accept } = &self.common;
        let path = |flag: &str, path: &std::path::PathBuf| format!("{flag} {}", path.display());
        with.first()
            .map(|with| path("--with", with))
            .or(format.map(|format| format!("--format {}", format.name())))
            .or(output.as_ref().map(|output| path("--output", output)))
            .or(ip_ranges.as_ref().map(|ranges| path("--ip-ranges", ranges)))
            .or(accept.first().map(|code| format!("--accept {code}")))
    }
}

pub(crate) fn run(args: &StoryArgs, global: &Global) -> Result<Outcome, Error> {
    let Some(source) = &args.source else { return Err(Error::NoSource) };
    let session = Session::begin(source, &args.common, global)?;
    match session.format_asked() {
        None | Some(Format::Human) => {}
        Some(
            format @ (Format::Json
            | Format::Jsonl
            | Format::Csv
            | Format::Markdown
            | Format::Sarif
            | Format::Junit),
        ) => {
            return Err(Error::NoSuchFormat {
                command: "the story of a source",
                format: format.name(),
                hint: "the story is for people; `portolan ports SOURCE` has all formats",
            });
        }
    }
    let estate = session.estate()?;
    let working = session.progress("judging every port");
    let mut classes = Vec::new();
    let mut take = |some: Vec<PortClass>| classes.extend(some);
    // The story is about what comes from outside: the lists of senders within a large
    // VPC are not even made.
    let audiences = BTreeSet::from([Audience::Internet, Audience::Network]);
    let query = PortsQuery { audiences, ..PortsQuery::default() };
    estate.port_classes(&query, &|some| some, &mut take)?;
    drop(working);
    let limitations = estate.limitations();
    let outcome = session.limited(&limitations);
    let mut out = session.output()?;
    let look = out.look(session.color());
    let story = Story {
        source: &source.given(),
        classes: &classes,
        coverage: &estate.coverage(),
        limitations: &limitations,
    };
    write_story(&mut out, look, &story).map_err(Error::Output)?;
    out.finish()?;
    Ok(outcome)
}
