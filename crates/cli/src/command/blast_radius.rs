//! `portolan blast-radius`.

use clap::ValueEnum;
use portolan::record::{Reached, Within};
use portolan_report::human::{coverage_sentence, write_blast_radius};
use portolan_report::{BlastReport, csv, json, markdown};

use crate::args::{Common, Format, Global};
use crate::error::Error;
use crate::estate::BlastQuery;
use crate::output::Output;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};

/// Say what an attacker who holds a host can open next, hop by hop
///
/// Whoever holds a host may use every interface of it, any protocol and any client port. A host
/// at which he can open a port is held next, until nobody new is within reach. What is certain and
/// what is only possible are kept apart: what is reached over a possible hop is possible. TCP and
/// UDP ports count; echo requests and protocols without ports take no host, unless `--port` names
/// them. Credentials and the AWS API are not part of the answer.
///
/// With `--to` it says whether these are within reach, with the way there, or what keeps the
/// nearest hosts away. `--expect closed` makes a test of it: "even if the web application is
/// compromised, the database is protected".
///
/// Ends with 1 if `--expect` is given and is not so, with 3 if part of the source was not seen.
///
/// `portolan blast-radius SOURCE web-1`,
/// `portolan blast-radius SOURCE web-1 --to 'name:mysql-*' --expect closed`
#[derive(Debug, clap::Args)]
pub(crate) struct BlastRadiusArgs {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// Who is in the attacker's hands: `i-…`, `eni-…`, `sg-…`, `subnet-…`, `vpc-…`, an address or
    /// CIDR, `tag:Key=value`, `name:web-*`, `zone:office`, a name; `internet` for somebody on the
    /// internet who holds nothing yet
    #[arg(required = true, value_name = "FROM")]
    from: Vec<String>,

    /// Say of these whether they are within reach (can be repeated)
    #[arg(long, value_name = "SELECTOR")]
    to: Vec<String>,

    /// The ports by which a host is taken, for all hops: tcp/22, 3389, ssh, any (can be repeated)
    /// [default: all of TCP and UDP]
    #[arg(long, short, value_name = "PORT", value_delimiter = ',')]
    port: Vec<String>,

    /// Go so many hops and no further
    #[arg(long, value_name = "N")]
    hops: Option<u32>,

    /// End with 1 unless what `--to` names is within reach (`open`: one of it surely is), or out
    /// of reach (`closed`: all of it surely is)
    #[arg(long, value_enum, value_name = "VERDICT")]
    expect: Option<Expected>,

    #[command(flatten)]
    common: Common,
}

/// What is expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Expected {
    /// Within reach
    Open,
    /// Out of reach
    Closed,
}

pub(crate) fn run(args: &BlastRadiusArgs, global: &Global) -> Result<Outcome, Error> {
    let session = Session::begin(&args.source, &args.common, global)?;
    if let format @ (Format::Sarif | Format::Junit) = session.format() {
        return Err(Error::findings_only("blast-radius", format));
    }
    if args.expect.is_some() && args.to.is_empty() {
        return Err(Error::ExpectOfWhom);
    }
    let estate = session.estate()?;
    let query = BlastQuery {
        from: args.from.clone(),
        to: args.to.clone(),
        ports: args.port.clone(),
        hops: args.hops,
    };
    let working = session.progress("going from host to host");
    let blast = estate.blast_radius(&query)?;
    drop(working);
    let limitations = estate.limitations();
    let limited = session.limited(&limitations);
    let coverage = estate.coverage();
    let source = args.source.given();
    let report = BlastReport {
        source: &source,
        from: &args.from,
        to: &args.to,
        summary: &blast.summary,
        records: &blast.reached,
        coverage: &coverage,
        limitations: &limitations,
    };
    let mut out = session.output()?;
    write(&session, &report, &mut out)?;
    out.finish()?;
    if matches!(session.format(), Format::Jsonl | Format::Csv) {
        session.say(&report.sentence());
        session.say(&coverage_sentence(&coverage));
    }
    Ok(match args.expect {
        Some(expected) if !is_so(expected, report.verdict()) => {
            session.say(&difference(expected, &report));
            Outcome::Differs
        }
        Some(_) | None => limited,
    })
}

fn is_so(expected: Expected, verdict: Within) -> bool {
    match expected {
        Expected::Open => matches!(verdict, Within::Held | Within::Certain),
        Expected::Closed => verdict == Within::No,
    }
}

fn difference(expected: Expected, report: &BlastReport<'_>) -> String {
    let expected = match expected {
        Expected::Open => "open",
        Expected::Closed => "closed",
    };
    let is = match report.verdict() {
        Within::Held => "held from the start",
        Within::Certain => "within reach",
        Within::Possible => "perhaps within reach",
        Within::No => "out of reach",
    };
    let (from, to) = (report.from.join(", "), report.to.join(", "));
    format!("expected {expected}, is {is}: {to} from {from}")
}

fn write(session: &Session<'_>, report: &BlastReport<'_>, out: &mut Output) -> Result<(), Error> {
    let records = report.records;
    match session.format() {
        Format::Human => {
            let look = out.look(session.color());
            write_blast_radius(out, look, report)
        }
        Format::Json => {
            json::Document::begin(&mut *out, "portolan.blast-radius/1").and_then(|mut document| {
                records.iter().try_for_each(|record| document.record(record))?;
                document.end_summed(report.summary, report.coverage, report.limitations)
            })
        }
        Format::Jsonl => records.iter().try_for_each(|record| json::line(&mut *out, record)),
        Format::Csv => csv::header::<Reached>().and_then(|header| {
            std::io::Write::write_all(out, &header)?;
            std::io::Write::write_all(out, &csv::rows(records)?)
        }),
        Format::Markdown => markdown::write_blast_radius(out, report),
        format @ (Format::Sarif | Format::Junit) => {
            return Err(Error::findings_only("blast-radius", format));
        }
    }
    .map_err(Error::Output)
}
