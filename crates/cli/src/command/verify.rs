//! `portolan verify`.

mod scanning;

use std::path::PathBuf;

use portolan::observed::Scan;
use portolan::record::{Compared, Verification};
use portolan_ingest::{ObservedError, ScanFormat, load_listeners, load_scan};
use portolan_report::human::{coverage_sentence, write_verify};
use portolan_report::{VerifyReport, csv, json, markdown};
use portolan_scan::Journal;

use crate::args::{Common, Format, Global};
use crate::error::Error;
use crate::estate::Estate;
use crate::output::Output;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};
use crate::stderr;
use scanning::ScanArgs;

/// Say whether what is configured is what answers
///
/// Puts what a scan saw beside what the source says of the same ports from where the
/// scan was made: what answers and should not, what should answer and does not, where
/// nobody listens; each with the rules that admit or refuse it, and what to look at.
/// What the source does not show is settled by what was seen.
///
/// Ends with 1 if something differs.
///
/// `portolan verify SOURCE --nmap-xml scan.xml --from 203.0.113.9`
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// What `nmap -oX FILE` wrote (can be repeated)
    #[arg(long, value_name = "FILE")]
    nmap_xml: Vec<PathBuf>,

    /// What `masscan -oJ FILE` wrote (can be repeated)
    #[arg(long, value_name = "FILE")]
    masscan: Vec<PathBuf>,

    /// What listens on a host, as the host says: HOST is an instance, an interface, an address
    /// or a name, FILE what `ss -Htuln` printed there, or osquery's `listening_ports` as JSON
    /// (can be repeated)
    #[arg(long, value_name = "HOST=FILE")]
    listeners: Vec<String>,

    /// From where the scans were made: `internet`, an address or CIDR, `i-…`, `eni-…`,
    /// `zone:office`, a name [default: internet]
    #[arg(long, value_name = "SELECTOR")]
    from: Option<String>,

    #[command(flatten)]
    common: Common,

    // Last: what follows a heading stands under it.
    #[command(flatten)]
    scan: ScanArgs,
}

pub(crate) fn run(args: &VerifyArgs, global: &Global) -> Result<Outcome, Error> {
    let session = Session::begin(&args.source, &args.common, global)?;
    if let format @ (Format::Sarif | Format::Junit) = session.format() {
        return Err(Error::findings_only("verify", format));
    }
    let probes = args.scan.scan;
    let kept = args.scan.scan_file.is_some() && !probes;
    if args.nmap_xml.is_empty() && args.masscan.is_empty() && args.listeners.is_empty() {
        if !probes && !kept {
            return Err(Error::NothingObserved);
        }
    } else if probes {
        return Err(Error::TwoScans);
    }
    let mut imported = args.imported()?;
    let estate = session.estate()?;
    let (mut records, mut compared) = (Vec::new(), None);
    if probes {
        let from = args.from.as_deref().unwrap_or("internet");
        imported = Some((args.scan.run(&session, &estate, from)?, Some(from.to_owned())));
    }
    if let Some((scan, made_from)) = &imported {
        let from = match made_from {
            Some(from) => from,
            None => args.from(scan)?,
        };
        say_warnings(&session, scan);
        let working = session.progress("comparing");
        let (more, about) = estate.verify(from, scan)?;
        drop(working);
        records.extend(more);
        compared = Some(about);
    }
    for text in &args.listeners {
        let (more, about) = listeners(&estate, text)?;
        records.extend(more);
        match &mut compared {
            Some(compared) => Compared::add(compared, about),
            None => compared = Some(about),
        }
    }
    let compared = compared.unwrap_or_default();
    records.sort_by_key(|record| record.outcome);
    print(&session, &estate, &records, &compared)
}

fn print(
    session: &Session<'_>,
    estate: &Estate,
    records: &[Verification],
    compared: &Compared,
) -> Result<Outcome, Error> {
    let limitations = estate.limitations();
    let limited = session.limited(&limitations);
    let coverage = estate.coverage();
    let source = session.source.given();
    let report = VerifyReport {
        source: &source,
        records,
        compared,
        coverage: &coverage,
        limitations: &limitations,
    };
    let mut out = session.output()?;
    write(session, &report, &mut out)?;
    out.finish()?;
    if matches!(session.format(), Format::Json | Format::Jsonl | Format::Csv) {
        session.say(&report.summary());
        session.say(&coverage_sentence(&coverage));
    }
    let differs = records.iter().any(|record| record.differs);
    Ok(if differs { Outcome::Differs } else { limited })
}

fn write(session: &Session<'_>, report: &VerifyReport<'_>, out: &mut Output) -> Result<(), Error> {
    let records = report.records;
    match session.format() {
        Format::Human => {
            let look = out.look(session.color());
            write_verify(out, look, report)
        }
        Format::Json => {
            json::Document::begin(&mut *out, "portolan.verifications/1").and_then(|mut document| {
                records.iter().try_for_each(|record| document.record(record))?;
                document.end_compared(report.compared, report.coverage, report.limitations)
            })
        }
        Format::Jsonl => records.iter().try_for_each(|record| json::line(&mut *out, record)),
        Format::Csv => csv::header::<Verification>().and_then(|header| {
            std::io::Write::write_all(out, &header)?;
            std::io::Write::write_all(out, &csv::rows(records)?)
        }),
        Format::Markdown => markdown::write_verify(out, report),
        format @ (Format::Sarif | Format::Junit) => {
            return Err(Error::findings_only("verify", format));
        }
    }
    .map_err(Error::Output)
}

/// What was odd in files of observations.
fn say_warnings(session: &Session<'_>, scan: &Scan) {
    if !session.is_quiet() {
        let lines = scan.warnings.iter().map(|text| ("scans", format!("warning: {text}")));
        stderr::of_kinds(lines);
    }
}

/// What listens on a host beside what is open to anyone.
fn listeners(estate: &Estate, text: &str) -> Result<(Vec<Verification>, Compared), Error> {
    let Some((host, file)) = text.split_once('=').filter(|(host, _)| !host.is_empty()) else {
        return Err(Error::ListenersOfWhom(text.to_owned()));
    };
    // `tag:Key=value=FILE`: the file is what follows the last sign.
    let (host, file) = text.rsplit_once('=').unwrap_or((host, file));
    let listeners = load_listeners(file.as_ref()).map_err(|error| observed(&error))?;
    estate.verify_listeners(host, file, &listeners)
}

fn observed(error: &ObservedError) -> Error {
    Error::Observed { reason: error.to_string(), hint: error.hint() }
}

impl VerifyArgs {
    /// What other programs saw.
    fn imported(&self) -> Result<Option<(Scan, Option<String>)>, Error> {
        if let Some(path) = self.scan.scan_file.as_ref().filter(|_| !self.scan.scan) {
            let (scan, from) =
                Journal::load(path).map_err(|error| Error::Scan(error.to_string()))?;
            return Ok(Some((scan, Some(from))));
        }
        let xml = self.nmap_xml.iter().map(|path| (path, ScanFormat::NmapXml));
        let json = self.masscan.iter().map(|path| (path, ScanFormat::MasscanJson));
        let mut all: Option<Scan> = None;
        for (path, format) in xml.chain(json) {
            let scan = load_scan(path, format).map_err(|error| observed(&error))?;
            match &mut all {
                Some(all) => all.merge(scan),
                None => all = Some(scan),
            }
        }
        Ok(all.map(|all| (all, None)))
    }

    /// From where it was seen. Nobody on the internet can probe a private address, so
    /// whoever did says where they were.
    fn from(&self, scan: &Scan) -> Result<&str, Error> {
        if let Some(from) = &self.from {
            return Ok(from);
        }
        let seen = scan.observations.iter().map(|observation| observation.address);
        match seen.into_iter().find(|&address| portolan::verify::is_private(address)) {
            Some(private) => Err(Error::FromWhere(private.to_string())),
            None => Ok("internet"),
        }
    }
}
