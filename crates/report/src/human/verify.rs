//! `verify` for people: the differences, what they mean and what to look at; then how
//! much agrees and what was not compared.

use std::io::{self, Write};

use portolan::record::{Compared, Outcome, Verification};

use super::coverage::write_coverage;
use super::ports::shell_shown;
use super::{Columns, Fit, Look, Paint};
use crate::untrusted::{Untrusted, visible};
use crate::verify::{VerifyReport, first_port, outcome_words, port, seen, why};
use crate::words::{count, length, shell_word, some_of};

/// So many lines of one kind are shown.
const SHOWN: usize = 40;

/// Writes a report.
pub fn write_verify(out: &mut impl Write, look: Look, report: &VerifyReport<'_>) -> io::Result<()> {
    for outcome in Outcome::ALL {
        let of: Vec<&Verification> =
            report.records.iter().filter(|record| record.outcome == outcome).collect();
        if outcome == Outcome::Agrees {
            proven(out, look, &of)?;
        } else if !of.is_empty() {
            group(out, look, report, outcome, &of)?;
        }
    }
    about(out, look, report)?;
    write_coverage(out, look, report.coverage)
}

/// How bad it is.
fn paint(outcome: Outcome) -> Paint {
    if outcome.is_alarm() {
        Paint::Red
    } else if outcome.differs() {
        Paint::Yellow
    } else {
        Paint::Bold
    }
}

fn group(
    out: &mut impl Write,
    look: Look,
    report: &VerifyReport<'_>,
    outcome: Outcome,
    of: &[&Verification],
) -> io::Result<()> {
    let ports: u64 = of.iter().map(|record| record.count).sum();
    let title = format!("{ports} {}", outcome_words(outcome));
    writeln!(out, "{}", look.paint(paint(outcome), &title))?;
    let mut columns = Columns::new(
        look,
        Some(&["PORT", "TO", "NAME", "SEEN", "CONFIGURED"]),
        &[Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped, Fit::Wrapped],
    );
    for record in of.iter().take(SHOWN) {
        let why = why(record);
        let configured = match (outcome, why.is_empty()) {
            (Outcome::NotInSource, _) => String::new(),
            (_, true) => record.expected.as_str().to_owned(),
            (_, false) => format!("{}: {why}", record.expected.as_str()),
        };
        let seen = if outcome == Outcome::NotScanned { String::new() } else { seen(record) };
        let name = if record.name.is_empty() { &record.interface } else { &record.name };
        columns.row(&[port(record), record.to.clone(), name.clone(), seen, configured]);
    }
    write!(out, "{}", columns.render())?;
    if let Some(more) = of.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        writeln!(out, "  and {more} more lines (`--format jsonl`)")?;
    }
    let Some(first) = of.first() else { return writeln!(out) };
    if outcome != Outcome::NotInSource {
        writeln!(out, "  means: {}", Untrusted(&first.means))?;
    }
    for (check, number) in first.check.iter().zip(1..) {
        let label = if number == 1 { "check:" } else { "      " };
        writeln!(out, "  {label} {}", Untrusted(check))?;
    }
    if outcome.differs() && first.from != "any" {
        let asked = [first.from.clone(), first.to.clone(), first_port(first)];
        let asked = asked.map(|word| shell_word(&word)).join(" ");
        let source = shell_shown(report.source);
        writeln!(out, "  ask:   portolan explain {source} {}", Untrusted(&asked))?;
    }
    writeln!(out)
}

/// What is open as configured, with what it showed.
fn proven(out: &mut impl Write, look: Look, of: &[&Verification]) -> io::Result<()> {
    let told: Vec<&&Verification> = of
        .iter()
        .filter(|it| it.expected != portolan::record::Expected::Closed && it.from != "any")
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", look.paint(Paint::Green, "open, as configured"))?;
    let fits = [Fit::Whole, Fit::Whole, Fit::Whole, Fit::Wrapped];
    let mut columns = Columns::new(look, None, &fits);
    for record in told.iter().take(SHOWN) {
        let name = if record.name.is_empty() { &record.interface } else { &record.name };
        columns.row(&[port(record), record.to.clone(), name.clone(), seen(record)]);
    }
    write!(out, "{}", columns.render())?;
    if let Some(more) = told.len().checked_sub(SHOWN).filter(|&more| more > 0) {
        writeln!(out, "  and {more} more lines (`--format jsonl`)")?;
    }
    writeln!(out)
}

fn about(out: &mut impl Write, look: Look, report: &VerifyReport<'_>) -> io::Result<()> {
    let Compared { scanners, started, ended, down, not_scanned, tallies, .. } = report.compared;
    let summary = report.summary();
    let bad = tallies.iter().any(|it| it.outcome.differs());
    let shade = if bad { Paint::Bold } else { Paint::Green };
    writeln!(out, "{}", look.paint(shade, &visible(&summary)))?;
    let by = some_of(scanners, 3);
    match (by.is_empty(), started.is_empty()) {
        (true, _) => {}
        (false, true) => writeln!(out, "seen by {}", Untrusted(&by))?,
        (false, false) if ended.is_empty() || ended == started => {
            writeln!(out, "seen by {} at {}", Untrusted(&by), visible(started))?;
        }
        (false, false) => {
            let (started, ended) = (visible(started), visible(ended));
            writeln!(out, "seen by {} from {started} to {ended}", Untrusted(&by))?;
        }
    }
    if !down.is_empty() {
        let hosts = count(length(down), "address was", "addresses were");
        writeln!(
            out,
            "{hosts} taken for down and not probed (nmap: -Pn probes them too): {}",
            Untrusted(&some_of(down, 5))
        )?;
    }
    if !not_scanned.is_empty() {
        let hosts = count(length(not_scanned), "address that has", "addresses that have");
        writeln!(
            out,
            "{hosts} ports open from there by configuration, and not probed: {}",
            Untrusted(&some_of(not_scanned, 5))
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::samples;

    #[test]
    fn a_difference_says_what_to_look_at() {
        let (records, compared) = samples::verifications();
        let coverage = samples::coverage();
        let report = VerifyReport {
            source: "dump",
            records: &records,
            compared: &compared,
            coverage: &coverage,
            limitations: &[],
        };
        let mut out = Vec::new();
        write_verify(&mut out, Look::default(), &report).unwrap();
        expect![[r#"
            1 open that should be closed
              PORT    TO            NAME   SEEN                 CONFIGURED
              tcp/25  198.51.100.7  web-1  open, syn-ack, smtp  closed: no rule of network ACL acl-1 lets the reply leave the subnet (SUBNET_ACL_RESTRICTION), dump/NetworkAcls.json:30
              means: what it means
              check: this
                     that
              ask:   portolan explain dump internet 198.51.100.7 tcp/25

            1 open as configured from which nothing comes back
              PORT    TO            NAME   SEEN                   CONFIGURED
              tcp/80  198.51.100.7  web-1  filtered, no-response  open: admitted by sg-1 sgr-1 dump/SecurityGroups.json:14
              means: what it means
              check: this
                     that
              ask:   portolan explain dump internet 198.51.100.7 tcp/80

            open, as configured
              tcp/443  198.51.100.7  web-1  open, syn-ack, smtp, TLS 1.3 for www.example.org signed by itself ends 2026-12-31

            compared 3 ports of 1 address from internet: 1 open that should be closed, 1 open as configured from which nothing comes back, 1 as configured
            seen by nmap 7.93 from 2026-11-01T12:00:00Z to 2026-11-01T12:05:00Z
            1 address was taken for down and not probed (nmap: -Pn probes them too): 198.51.100.9
            1 address that has ports open from there by configuration, and not probed: 198.51.100.8
            judged: 21 interfaces and 87 rules in 2 VPCs (111122223333; eu-west-1); not collected: describe-instances (111122223333/eu-west-1); 1 limitation; assumed: instances-running
        "#]].assert_eq(&String::from_utf8(out).unwrap());
    }
}
