//! `portolan explain`.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::ValueEnum;
use portolan::record::{Explanation, Verdict};
use portolan_report::human::{coverage_sentence, write_explanation, write_explanations};
use portolan_report::{csv, json, markdown};

use crate::args::{Common, Format, Global};
use crate::batch::{Batch, Cell, Question};
use crate::error::Error;
use crate::estate::{Estate, Unanswered, readable};
use crate::output::Output;
use crate::session::{Outcome, Session, distinct};
use crate::source::{self, Source};
use crate::stderr;

/// Say whether a port can be reached, and why or why not
///
/// The verdict is `open`, `closed`, or `unknown` where it depends on what was
/// not seen; then every hop of the packet and of its reply with the rule that
/// decides, and everything that refuses them, not the first only.
///
/// `portolan explain SOURCE internet web-1 tcp/443`
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// Who sends: `internet`, an address or CIDR, `i-…`, `eni-…`, `sg-…`, `subnet-…`, `vpc-…`,
    /// `vpn-…`, `vgw-…`, `cvpn-endpoint-…`, `eice-…`, `tag:Key=value`, `name:web-*`,
    /// `zone:office`, or a name
    #[arg(required_unless_present = "batch")]
    from: Option<String>,

    /// Who receives
    #[arg(required_unless_present = "batch")]
    to: Option<String>,

    /// Which port: tcp/443, udp/53, tcp/8000-8080, icmp/8, proto/50, ssh, any
    #[arg(required_unless_present = "batch")]
    port: Option<String>,

    /// Answer a file of questions instead: CSV with the columns from,to,port and, if wanted,
    /// expect (open, closed); `-` for stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "to", "port", "expect"])]
    batch: Option<PathBuf>,

    /// End with 1 unless this is the verdict
    #[arg(long, value_enum, value_name = "VERDICT")]
    expect: Option<Expected>,

    #[command(flatten)]
    common: Common,
}

/// A verdict that can be expected.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Expected {
    Open,
    Closed,
}

pub(crate) fn run(args: &ExplainArgs, global: &Global) -> Result<Outcome, Error> {
    if args.source == Source::Stdin
        && args.batch.as_deref().is_some_and(|path| path.as_os_str() == "-")
    {
        return Err(Error::StdinTwice);
    }
    let session = Session::begin(&args.source, &args.common, global)?;
    if let format @ (Format::Sarif | Format::Junit) = session.format() {
        return Err(Error::findings_only("explain", format));
    }
    match (&args.batch, &args.from, &args.to, &args.port) {
        (Some(path), ..) => batch(&session, &Batch::read(path)?),
        (None, Some(from), Some(to), Some(port)) => {
            let expect = args.expect.map(|verdict| match verdict {
                Expected::Open => Verdict::Open,
                Expected::Closed => Verdict::Closed,
            });
            single(&session, [from, to, port], expect)
        }
        // clap requires them.
        (None, ..) => Err(Error::NoSource),
    }
}

fn single(
    session: &Session<'_>,
    [from, to, port]: [&str; 3],
    expect: Option<Verdict>,
) -> Result<Outcome, Error> {
    let unreadable = |cell, reason| {
        let what = match cell {
            Cell::From => "FROM",
            Cell::To => "TO",
            Cell::Port => "PORT",
        };
        Error::Unreadable { what: what.to_owned(), reason }
    };
    let failed = |unanswered| match unanswered {
        Unanswered::Unreadable(cell, reason) => unreadable(cell, reason),
        Unanswered::NoSuchPlace { text, nearest } => Error::NoSuchPlace { text, nearest },
    };
    readable(from, to, port).map_err(failed)?;
    let estate = session.estate()?;
    let answer = estate.explain(from, to, port).map_err(failed)?;
    let limited = session.limited(&distinct(&answer.limitations));
    let mut out = session.output()?;
    match session.format() {
        Format::Human => {
            let look = out.look(session.color());
            let whose = [from, to].map(|text| (text, estate.whose(text)));
            write_explanation(&mut out, look, &answer, &whose, &estate.coverage())
        }
        Format::Json | Format::Jsonl => json::line(&mut out, &answer),
        Format::Csv => table(&mut out, std::slice::from_ref(&answer)),
        Format::Markdown => {
            let answers = std::slice::from_ref(&answer);
            markdown::write_explanations(&mut out, answers, &estate.coverage(), &answer.limitations)
        }
        format @ (Format::Sarif | Format::Junit) => {
            return Err(Error::findings_only("explain", format));
        }
    }
    .map_err(Error::Output)?;
    out.finish()?;
    if matches!(session.format(), Format::Json | Format::Jsonl | Format::Csv) {
        session.say(&coverage_sentence(&estate.coverage()));
    }
    Ok(match expect {
        Some(expected) if expected != answer.verdict => {
            session.say(&difference(expected, &answer));
            Outcome::Differs
        }
        Some(_) | None => limited,
    })
}

fn batch(session: &Session<'_>, batch: &Batch) -> Result<Outcome, Error> {
    for question in &batch.questions {
        if let Err(Unanswered::Unreadable(cell, reason)) =
            readable(&question.from, &question.to, &question.port)
        {
            return Err(batch.unreadable(question, cell, &reason));
        }
    }
    let estate = session.estate()?;
    let working = session.progress("answering");
    let mut answers = Vec::with_capacity(batch.questions.len());
    for question in &batch.questions {
        answers.push(answer(&estate, batch, question)?);
    }
    drop(working);
    let limitations = distinct(answers.iter().flat_map(|answer| &answer.limitations));
    let limited = session.limited(&limitations);
    let mut out = session.output()?;
    let coverage = estate.coverage();
    match session.format() {
        Format::Human => {
            let look = out.look(session.color());
            write_explanations(&mut out, look, &session.source.given(), &answers, &coverage)
        }
        Format::Json => {
            json::Document::begin(&mut out, "portolan.explanations/1").and_then(|mut document| {
                answers.iter().try_for_each(|answer| document.record(answer))?;
                document.end(&coverage, &limitations)
            })
        }
        Format::Jsonl => answers.iter().try_for_each(|answer| json::line(&mut out, answer)),
        Format::Csv => table(&mut out, &answers),
        Format::Markdown => {
            markdown::write_explanations(&mut out, &answers, &coverage, &limitations)
        }
        format @ (Format::Sarif | Format::Junit) => {
            return Err(Error::findings_only("explain", format));
        }
    }
    .map_err(Error::Output)?;
    out.finish()?;
    if matches!(session.format(), Format::Jsonl | Format::Csv) {
        session.say(&coverage_sentence(&coverage));
    }
    let differing: Vec<String> = batch
        .questions
        .iter()
        .zip(&answers)
        .filter_map(|(question, answer)| {
            let expected = question.expect.filter(|&expected| expected != answer.verdict)?;
            Some(format!("{}:{}: {}", batch.name, question.line, difference(expected, answer)))
        })
        .collect();
    if differing.is_empty() {
        return Ok(limited);
    }
    if !session.is_quiet() {
        stderr::of_kinds(differing.iter().map(|line| ("rows that differ", line.clone())));
    }
    Ok(Outcome::Differs)
}

fn answer(estate: &Estate, batch: &Batch, question: &Question) -> Result<Explanation, Error> {
    let Question { from, to, port, .. } = question;
    match estate.explain(from, to, port) {
        Ok(answer) => Ok(answer),
        Err(Unanswered::NoSuchPlace { text, .. }) => Ok(Estate::nowhere(from, to, port, &text)),
        Err(Unanswered::Unreadable(cell, reason)) => Err(batch.unreadable(question, cell, &reason)),
    }
}

fn difference(expected: Verdict, answer: &Explanation) -> String {
    let word = |verdict| match verdict {
        Verdict::Open => "open",
        Verdict::Closed => "closed",
        Verdict::Unknown => "unknown",
    };
    format!(
        "expected {}, is {}: {} to {} at {}",
        word(expected),
        word(answer.verdict),
        answer.from,
        answer.to,
        answer.port
    )
}

fn table(out: &mut Output, answers: &[Explanation]) -> io::Result<()> {
    out.write_all(&csv::header::<Explanation>()?)?;
    out.write_all(&csv::rows(answers)?)
}
