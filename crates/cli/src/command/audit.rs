//! `portolan audit`.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;
use portolan::audit::{Excuses, Known, RULES};
use portolan::record::{Explanation, Finding, Severity, Witness};
use portolan_report::human::{coverage_sentence, write_audit};
use portolan_report::{AuditReport, csv, json, junit, markdown, sarif};

use crate::args::{Common, Format, Global};
use crate::error::{Error, nearest};
use crate::estate::Estate;
use crate::excuses::{Day, baseline, exceptions};
use crate::output::Output;
use crate::session::{Outcome, Session};
use crate::source::{self, Source};

/// How many findings are printed at a time: the whole text is as long as all of them.
const PART: usize = 64;

/// Say what should not be as it is: findings, the worst first
///
/// Each finding says what is wrong, where, why it matters and how to mend it, names
/// the rules that cause it with file and line, and gives a question to `explain`
/// that proves it. docs/findings.md lists all kinds, with the controls of CIS,
/// Security Hub, Prowler and others that they answer.
///
/// Exceptions and baselines allow exactly what they say, for as long as they say.
/// For people, what they allow is counted; other formats hold it, marked.
///
/// `portolan audit SOURCE --fail-on high`
#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    /// A folder or file of `aws ec2 describe-*` answers, or `-` for stdin
    #[arg(value_parser = source::parser())]
    source: Source,

    /// End with 1 if something this bad or worse is found
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<Level>,

    /// Tell only what is this bad or worse; `--fail-on` counts everything
    #[arg(long, value_enum, value_name = "SEVERITY")]
    min_severity: Option<Level>,

    /// Only findings with this code, all of them in full (can be repeated)
    #[arg(long, value_name = "CODE")]
    code: Vec<String>,

    /// What may be as it is, why, who says so and until when: a TOML file of `[[exception]]`
    /// (can be repeated)
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,

    /// Findings that were there before and are allowed until its last day, unless they got worse
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Write what is found as a baseline; over the one of `--baseline` it only gets shorter
    #[arg(long, value_name = "FILE", requires = "until", conflicts_with_all = ["code", "min_severity"])]
    write_baseline: Option<PathBuf>,

    /// The last day on which the baseline that is written allows anything: 2026-12-31
    #[arg(long, value_name = "DATE", requires = "write_baseline")]
    until: Option<String>,

    /// List, for people, what exceptions and the baseline allow as well
    #[arg(long)]
    show_excepted: bool,

    #[command(flatten)]
    common: Common,
}

/// How bad.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Level {
    fn severity(self) -> Severity {
        match self {
            Self::Info => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

pub(crate) fn run(args: &AuditArgs, global: &Global) -> Result<Outcome, Error> {
    let session = Session::begin(&args.source, &args.common, global)?;
    args.codes_are_known()?;
    let until = args.until.as_deref().map(Day::to_come).transpose()?;
    args.may_be_written()?;
    let excuses = args.excuses(&session)?;
    let estate = session.estate()?;
    let working = session.progress("auditing");
    let mut findings = estate.audit();
    let mut mended = estate.except(&excuses, &mut findings);
    drop(working);
    let limitations = estate.limitations();
    let limited = session.limited(&limitations);
    if !args.code.is_empty() {
        findings.retain(|finding| args.code.contains(&finding.code));
        mended.retain(|known| args.code.contains(&known.code));
    }
    let failing = args.fail_on.map(|level| failing(&findings, level.severity()));
    let all = findings.len();
    if let Some(level) = args.min_severity {
        findings.retain(|finding| finding.severity >= level.severity());
    }
    let report = AuditReport {
        source: &args.source.given(),
        findings: &findings,
        narrowed: !args.code.is_empty(),
        less_bad: all - findings.len(),
        show_excepted: args.show_excepted,
        fail_on: args.fail_on.map(Level::severity),
        mended: excuses.baseline.is_some().then_some(mended.len()),
        coverage: &estate.coverage(),
        limitations: &limitations,
    };
    let mut out = session.output()?;
    write(&session, &estate, &report, &mut out)?;
    out.finish()?;
    if !matches!(session.format(), Format::Human | Format::Markdown) {
        say(&session, &report, &mended);
    }
    if let (Some(path), Some(until)) = (&args.write_baseline, until) {
        let kept = baseline::kept(&findings, excuses.baseline.as_ref());
        baseline::write(path, until, &kept)?;
        let (path, kept) = (path.display(), kept.len());
        session.say(&format!("`{path}` allows {kept} findings until {}", until.text()));
    }
    Ok(match (failing, args.fail_on) {
        (Some(failing), Some(level)) if failing > 0 => {
            let bar = level.severity().as_str();
            let are = if failing == 1 { "finding is" } else { "findings are" };
            session.say(&format!("--fail-on {bar}: {failing} {are} {bar} or worse"));
            Outcome::Differs
        }
        (Some(_) | None, _) => limited,
    })
}

/// How many findings that nothing allows are this bad or worse.
fn failing(findings: &[Finding], bar: Severity) -> usize {
    findings.iter().filter(|it| it.exception.is_none() && it.severity >= bar).count()
}

fn write(
    session: &Session<'_>,
    estate: &Estate,
    report: &AuditReport<'_>,
    out: &mut Output,
) -> Result<(), Error> {
    let findings = report.findings;
    match session.format() {
        Format::Human => {
            let look = out.look(session.color());
            write_audit(out, look, report)
        }
        Format::Json => {
            json::Document::begin(&mut *out, "portolan.findings/1").and_then(|mut document| {
                findings
                    .chunks(PART)
                    .try_for_each(|part| document.printed(&json::Printed::elements(part)?))?;
                document.end(report.coverage, report.limitations)
            })
        }
        Format::Jsonl => {
            findings.chunks(PART).try_for_each(|part| json::Printed::lines(part)?.write(out))
        }
        Format::Csv => csv::header::<Finding>().and_then(|header| {
            out.write_all(&header)?;
            findings.chunks(PART).try_for_each(|part| out.write_all(&csv::rows(part)?))
        }),
        Format::Markdown => markdown::write_audit(out, report),
        Format::Sarif => {
            let explain = |witness: &Witness| -> Option<Explanation> {
                estate.explain(&witness.from, &witness.to, &witness.port).ok()
            };
            sarif::write(out, report, &explain)
        }
        Format::Junit => junit::write(out, report),
    }
    .map_err(Error::Output)
}

/// Says beside records what people are told within the report.
fn say(session: &Session<'_>, report: &AuditReport<'_>, mended: &[Known]) {
    session.say(&report.summary());
    for known in mended.iter().take(20) {
        session.say(&format!("mended since the baseline: {} of {}", known.code, known.thing));
    }
    session.say(&coverage_sentence(report.coverage));
}

impl AuditArgs {
    fn codes_are_known(&self) -> Result<(), Error> {
        for code in &self.code {
            if !RULES.iter().any(|rule| rule.code == code) {
                let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
                return Err(Error::NoSuchFinding(code.clone(), nearest(code, &codes)));
            }
        }
        Ok(())
    }

    /// A baseline only gets shorter: it is written over itself, or where there is none.
    fn may_be_written(&self) -> Result<(), Error> {
        let Some(path) = &self.write_baseline else { return Ok(()) };
        let same =
            |other: &PathBuf| std::fs::canonicalize(other).ok() == std::fs::canonicalize(path).ok();
        let over = self.baseline.as_ref().is_some_and(same);
        if over || !path.is_file() { Ok(()) } else { Err(Error::Ratchet(path.clone())) }
    }

    fn excuses(&self, session: &Session<'_>) -> Result<Excuses, Error> {
        let zones = session.zones()?;
        let mut excuses = Excuses { zones, ..Excuses::default() };
        for path in &self.exceptions {
            excuses.exceptions.extend(exceptions::read(path, &excuses.zones)?);
        }
        excuses.baseline = self.baseline.as_deref().map(baseline::read).transpose()?;
        Ok(excuses)
    }
}
