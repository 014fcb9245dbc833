//! A baseline: the findings that were there on a day, and may be for a while.
//!
//! It is written by `audit --write-baseline` and only ever shrinks: written over
//! itself it keeps of what it holds that which is still there.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use portolan::audit::{Baseline, Known};
use portolan::record::{Finding, Severity};
use toml::Spanned;

use super::{Day, Source};
use crate::error::Error;
use crate::output::Output;

const MEND: &str = "a baseline is written by `portolan audit SOURCE --write-baseline FILE --until \
                    DATE`";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    until: Day,
    #[serde(default)]
    finding: Vec<Spanned<Entry>>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    code: String,
    thing: String,
    severity: Severity,
}

/// Reads a baseline.
pub(crate) fn read(path: &Path) -> Result<Baseline, Error> {
    let source = Source::open(path, MEND)?;
    let file: File = source.read()?;
    let lines = Lines::of(&source);
    let findings = file.finding.into_iter().map(|entry| {
        let line = lines.line(entry.span().start);
        let Entry { fingerprint, code, thing, severity } = entry.into_inner();
        Known { fingerprint, code, thing, severity, line: Some(line) }
    });
    Ok(Baseline {
        findings: findings.collect(),
        until: file.until.text(),
        expired: file.until.is_over(),
        file: source.name,
    })
}

/// Where lines end: a baseline may hold many findings.
struct Lines(Vec<usize>);

impl Lines {
    fn of(source: &Source) -> Self {
        Self(source.text.match_indices('\n').map(|(at, _)| at).collect())
    }

    fn line(&self, at: usize) -> u64 {
        let before = self.0.partition_point(|&end| end < at);
        u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1)
    }
}

/// The findings that a new baseline holds: those that nothing else allows; with an
/// older one only those of it that are there, as bad as it knew them.
pub(crate) fn kept<'a>(findings: &'a [Finding], older: Option<&Baseline>) -> Vec<Kept<'a>> {
    let known: Option<BTreeMap<&str, Severity>> = older.map(|older| {
        older.findings.iter().map(|it| (it.fingerprint.as_str(), it.severity)).collect()
    });
    let by_older = |finding: &Finding| {
        let file = finding.exception.as_ref().map(|by| &by.file);
        file.is_none() || file == older.map(|older| &older.file)
    };
    findings
        .iter()
        .filter(|it| by_older(it) && it.about.kind != "exception" && it.about.kind != "baseline")
        .filter_map(|finding| {
            let was = match &known {
                None => finding.severity,
                Some(known) => *known.get(finding.fingerprint.as_str())?,
            };
            Some(Kept { finding, severity: was.min(finding.severity) })
        })
        .collect()
}

/// A finding that a baseline holds.
pub(crate) struct Kept<'a> {
    finding: &'a Finding,
    severity: Severity,
}

/// Writes a baseline, which appears when it is complete.
pub(crate) fn write(path: &Path, until: Day, kept: &[Kept<'_>]) -> Result<(), Error> {
    let mut out = Output::open(Some(path))?;
    entries(&mut out, until, kept).map_err(Error::Output)?;
    out.finish()
}

fn entries(out: &mut impl Write, until: Day, kept: &[Kept<'_>]) -> io::Result<()> {
    writeln!(
        out,
        "# Findings that may be for a while, each no worse than it was; written by `portolan\n\
         # audit --write-baseline`. After the last day they are found again.\n\
         until = {}",
        until.text()
    )?;
    for Kept { finding, severity } in kept {
        writeln!(out, "\n[[finding]]\nfingerprint = {}", quoted(&finding.fingerprint))?;
        writeln!(out, "code = {}", quoted(&finding.code))?;
        writeln!(out, "thing = {}", quoted(&finding.about.id))?;
        writeln!(out, "severity = {}", quoted(severity.as_str()))?;
    }
    Ok(())
}

/// A basic string of TOML, in plain ASCII: ids come from strangers, and people
/// read the file on terminals.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            ' '..='~' => quoted.push(c),
            other => quoted.push_str(&format!("\\U{:08X}", u32::from(other))),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_reads_back() {
        let text = "a\"\\\u{1b}[2J\u{202e}日\n";
        let written = format!("x = {}\n", quoted(text));
        assert!(written.trim_end().bytes().all(|byte| (b' '..0x7f).contains(&byte)), "{written}");
        let read: toml::Table = toml::from_str(&written).unwrap();
        assert_eq!(read["x"].as_str(), Some(text));
    }

    #[test]
    fn lines_are_counted_from_one() {
        let text = "a\nb\n\nc".to_owned();
        let source = Source { name: String::new(), text, mend: MEND };
        let lines = Lines::of(&source);
        assert_eq!([0, 1, 2, 4, 5].map(|at| lines.line(at)), [1, 1, 2, 3, 4]);
    }
}
