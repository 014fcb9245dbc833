//! What all commands with a SOURCE share: settings, the estate, the way out.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use portolan::reach::place::Zones;
use portolan::record::LimitationRecord;
use portolan::who::AwsRanges;
use portolan_ingest::load_ip_ranges;
use portolan_report::human::limitation_lines;

use crate::accept::Accepted;
use crate::args::{Color, Common, Format, Global};
use crate::config::Config;
use crate::error::{Error, command_near};
use crate::estate::{Estate, read_zones};
use crate::output::Output;
use crate::progress::Progress;
use crate::source::Source;
use crate::stderr;

/// How a command ended that could do what was asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// Nothing to add.
    Done,
    /// Something differs from what was expected.
    Differs,
    /// The answers in scope may depend on what was not seen.
    Limited,
    /// Another process of ours has said why it could not be done.
    Failed,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Differs => 1,
            Outcome::Failed => 2,
            Outcome::Limited => 3,
        })
    }
}

/// The settings of one run, after all that may set them was asked.
pub(crate) struct Session<'a> {
    /// Where the estate is read from.
    pub(crate) source: &'a Source,
    common: &'a Common,
    /// What the files and the environment say.
    pub(crate) config: Config,
    accepted: Accepted,
    color: Color,
    quiet: bool,
}

impl<'a> Session<'a> {
    /// Asks all that may set something.
    pub(crate) fn begin(
        source: &'a Source,
        common: &'a Common,
        global: &Global,
    ) -> Result<Self, Error> {
        for path in source.path().into_iter().chain(common.with.iter().map(AsRef::as_ref)) {
            exists(path)?;
        }
        let config = Config::read(source.path())?;
        let codes = if common.accept.is_empty() { &config.accept } else { &common.accept };
        Ok(Self {
            source,
            common,
            accepted: Accepted::parse(codes)?,
            color: global.color.or(config.color).unwrap_or(Color::Auto),
            quiet: global.quiet || config.quiet.unwrap_or(false),
            config,
        })
    }

    /// The format to print in.
    pub(crate) fn format(&self) -> Format {
        self.common.format.or(self.config.format).unwrap_or(Format::Human)
    }

    /// The format, if it was asked for in this run.
    pub(crate) fn format_asked(&self) -> Option<Format> {
        self.common.format
    }

    /// Whether colour is wanted.
    pub(crate) fn color(&self) -> Color {
        self.color
    }

    /// Reads the estate and says what was odd.
    pub(crate) fn estate(&self) -> Result<Estate, Error> {
        let ranges = self.common.ip_ranges.as_ref().or(self.config.ip_ranges.as_ref());
        let ranges = ranges.map(|path| ip_ranges(path)).transpose()?;
        let progress = Progress::begin(self.quiet, "reading the source");
        let estate = Estate::load(self.source, &self.common.with, &self.config.zones, &progress)?
            .with_ranges(ranges);
        drop(progress);
        if !self.quiet {
            let warnings = estate.warnings();
            stderr::of_kinds(
                warnings
                    .iter()
                    .map(|warning| (warning.kind.as_str(), format!("warning: {}", warning.text))),
            );
        }
        Ok(estate)
    }

    /// The zones that questions and exceptions may name.
    pub(crate) fn zones(&self) -> Result<Zones, Error> {
        read_zones(&self.config.zones)
    }

    /// A sign of life while something long is done.
    pub(crate) fn progress(&self, doing: &'static str) -> Progress {
        Progress::begin(self.quiet, doing)
    }

    /// Opens the way out.
    pub(crate) fn output(&self) -> Result<Output, Error> {
        Output::open(self.common.output.as_deref())
    }

    /// Says the limitations in scope and whether they count.
    pub(crate) fn limited(&self, limitations: &[LimitationRecord]) -> Outcome {
        if !self.quiet {
            limitation_lines(limitations).iter().for_each(|line| stderr::line(line));
        }
        if self.accepted.leaves(limitations) { Outcome::Limited } else { Outcome::Done }
    }

    /// Says something beside the data.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            stderr::line(text);
        }
    }

    /// Whether only errors are said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }
}

/// AWS's own ranges.
fn ip_ranges(path: &Path) -> Result<AwsRanges, Error> {
    load_ip_ranges(path)
        .map_err(|error| Error::IpRanges { reason: error.to_string(), hint: error.hint() })
}

fn exists(path: &Path) -> Result<(), Error> {
    if path.exists() {
        return Ok(());
    }
    let command = path.to_str().and_then(command_near);
    Err(Error::NoSuchSource { path: path.display().to_string(), command })
}

/// Each limitation once, in order.
pub(crate) fn distinct<'a>(
    limitations: impl IntoIterator<Item = &'a LimitationRecord>,
) -> Vec<LimitationRecord> {
    let distinct: BTreeSet<&LimitationRecord> = limitations.into_iter().collect();
    distinct.into_iter().cloned().collect()
}
